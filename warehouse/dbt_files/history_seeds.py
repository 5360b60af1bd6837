"""What is declared about the history of figures, as seeds."""

from __future__ import annotations

from promise.catalogue import history
from warehouse.dbt_files.seeds import Rows, seed


@seed("catalogue__restatement", "series restates position reason source_url")
def restatement_rows() -> Rows:
    for each in history.publication_series():
        for position, other in enumerate(each.restates, start=1):
            yield each.name, other, position, each.reason.strip(), each.source_url


@seed(
    "catalogue__correction",
    "correction_id source_id publication_id series_label series_heading area_published period_published"
    " value_published value_corrected reason declared_by declared_on source_url",
)
def correction_rows() -> Rows:
    for source_id, each in history.corrections():
        yield (
            *(each.id, source_id, each.publication, each.label, each.heading or None, each.area, each.period),
            *(each.printed, each.corrected, each.reason.strip(), each.declared_by, each.declared_on, each.source_url),
        )


@seed(
    "catalogue__break",
    "break_id measure_id continued_by source_id series_label series_heading old_until new_from certainty reason"
    " source_url",
)
def break_rows() -> Rows:
    for each in history.breaks():
        series = (each.series.source, each.series.label, each.series.heading or None) if each.series else (None,) * 3
        yield (
            *(each.id, each.measure, each.continued_by, *series, each.old_until, each.new_from),
            *(each.certainty, each.reason.strip(), each.source_url),
        )


@seed(
    "catalogue__known_conflict",
    "known_conflict_id subject area_code period_label unit publisher value other_publisher other_value note source_url",
)
def known_conflict_rows() -> Rows:
    for each in history.known_conflicts():
        one, other = each.figures
        yield (
            *(each.id, each.subject, each.area_code, each.period_label, each.unit),
            *(one.publisher, one.value, other.publisher, other.value, each.note.strip(), each.source_url),
        )
