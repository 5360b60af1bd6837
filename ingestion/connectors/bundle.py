"""The figures that ship with the project, so that everything works with no network."""

from __future__ import annotations

from ingestion.errors import SourceUnavailable
from ingestion.landing import Fetched
from promise.catalogue.sources import Source
from promise.settings import settings

MEDIA_TYPES = {".csv": "text/csv", ".gz": "application/gzip", ".geojson": "application/geo+json"}


def fetch(source: Source) -> list[Fetched]:
    """The source's bundled files in the order in which the publisher showed them."""
    found = []
    for edition in source.bundle:
        path = settings().bundle / source.id / edition.file
        if not path.is_file():
            raise SourceUnavailable(
                f"{source.id}: the bundle has no file {path}; restore it from version control, "
                f"or correct `bundle` in ingestion/sources/{source.id}/source.yml"
            )
        found.append(
            Fetched(
                path=path,
                file_name=edition.file,
                requested_url=source.address(edition),
                final_url=edition.origin_url,
                media_type=MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
                publication_id=edition.publication.id if edition.publication else None,
                not_before=edition.not_before.isoformat() if edition.not_before else None,
                held_since=edition.held_since.isoformat() if edition.held_since else None,
            )
        )
    return found
