"""Sources, their publications, areas and cell markers as seeds, beside those of the framework."""

from __future__ import annotations

from promise.catalogue.framework import framework
from promise.catalogue.sources import Marker, Publication, sources
from promise.vocabulary.area_list import areas
from promise.vocabulary.areas import spellings
from warehouse.dbt_files.seeds import Records, Rows, seed, seed_of


@seed(
    "catalogue__source",
    "source_id title description publisher_organisation_id landing_page licence licence_url attribution cadence"
    " raw_table warn_after_days error_after_days publication_series replaces source_kind is_of_returns",
)
def source_rows() -> Rows:
    for each in sources().values():
        yield (
            *(each.id, each.title, each.description, each.publisher, each.landing_page),
            *(each.licence.name, each.licence.url, each.licence.attribution, each.cadence, each.raw_table),
            *((each.freshness.warn_after_days, each.freshness.error_after_days) if each.freshness else (None, None)),
            each.live.publication_series if each.live else None,
            *(each.replaces, each.kind, each.returns is not None),
        )


@seed("catalogue__printed_update", "source_id indicator_id next_update_due")
def printed_update_rows() -> Rows:
    """When the pages that a source transcribes say that they are updated next: of sources that have a column for it."""
    for each in sources().values():
        if "next_update_due" not in each.table.columns:
            continue
        for indicator in framework().by_id.values():
            if indicator.next_update_due and any(
                series.source == each.id for measure in indicator.measures for series in measure.series
            ):
                yield each.id, indicator.id, indicator.next_update_due


@seed_of(Publication, "catalogue__publication", key="publication_id", also="source_id")
def publications() -> Records:
    for each in sources().values():
        yield from ((edition.publication, {"source_id": each.id}) for edition in each.bundle if edition.publication)


@seed("vocabulary__area_alias", "area_code area_name area_type alias valid_to")
def area_alias_rows() -> Rows:
    for kind, area in areas():
        for word in (*area.names, *area.codes):
            yield area.code, area.name, kind, word, area.ended(word)


@seed("vocabulary__area_spelling", "spelling area_code")
def area_spelling_rows() -> Rows:
    yield from sorted(spellings().items())


@seed("catalogue__area_outside", "source_id code_begins")
def area_outside_rows() -> Rows:
    for each in sources().values():
        if each.table.checks.area:
            for prefix in each.table.checks.area.outside:
                yield each.id, prefix


@seed_of(Marker, "vocabulary__cell_marker", also="source_id marker")
def cell_markers() -> Records:
    for each in sources().values():
        yield from ((says, {"source_id": each.id, "marker": marker}) for marker, says in each.markers.items())
