"""A GeoJSON FeatureCollection: one row a feature."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ingestion.errors import SourceChanged
from ingestion.landing import Snapshot
from promise.catalogue.sources import Source

GEOMETRY = "geometry"


def read(source: Source, snapshot: Snapshot) -> Iterator[tuple[int, list[str | None]]]:
    """Rows as (position of the feature, from 1; its properties and its geometry as JSON text)."""
    where = f"{source.id}: {snapshot.file_name}"
    try:
        features = json.loads(snapshot.content.read_bytes())["features"]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceChanged(
            f"{where} is not a GeoJSON FeatureCollection ({error}); the file is truncated or another file was put in "
            "its place. Fetch it again"
        ) from error
    for position, feature in enumerate(features, start=1):
        texts: list[str | None] = []
        for published in source.table.columns:
            holder = feature if published == GEOMETRY else feature.get("properties", {})
            if published not in holder:
                raise SourceChanged(
                    f"{where}, features[{position - 1}]: no {published!r}; expected {', '.join(source.table.columns)}. "
                    f"Correct `columns` in ingestion/sources/{source.id}/source.yml if the publisher renamed it"
                )
            content = holder[published]
            texts.append(
                json.dumps(content, separators=(",", ":")) if isinstance(content, dict | list) else str(content)
            )
        yield position, texts
