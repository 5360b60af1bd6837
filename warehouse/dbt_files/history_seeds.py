"""What is declared about the history of figures, as seeds."""

from __future__ import annotations

from promise.catalogue import history
from warehouse.dbt_files.seeds import Records, Rows, seed, seed_of


@seed("catalogue__restatement", "series restates position reason source_url")
def restatements() -> Rows:
    for each in history.publication_series():
        for position, other in enumerate(each.restates, start=1):
            yield each.name, other, position, each.reason, each.source_url


@seed_of(
    history.Correction,
    "catalogue__correction",
    key="correction_id",
    named={
        "area": "area_published",
        "period": "period_published",
        "printed": "value_published",
        "corrected": "value_corrected",
    },
    also="source_id",
)
def corrections() -> Records:
    return [(each, {"source_id": source_id}) for source_id, each in history.corrections()]


@seed_of(
    history.Disclosure,
    "catalogue__disclosure",
    key="disclosure_id",
    named={"area": "area_published", "period": "period_published"},
    also="source_id",
)
def disclosures() -> Records:
    return [(each, {"source_id": source_id}) for source_id, each in history.disclosures()]


@seed_of(
    history.Break,
    "catalogue__break",
    key="break_id",
    named={"series_source": "source_id"},
)
def breaks() -> Records:
    return [(each, {}) for each in history.breaks()]


@seed_of(
    history.KnownConflict,
    "catalogue__known_conflict",
    key="known_conflict_id",
    leave_out="figures",
    also="publisher value other_publisher other_value",
)
def known_conflicts() -> Records:
    for each in history.known_conflicts():
        one, other = each.figures
        yield (
            each,
            {
                "publisher": one.publisher,
                "value": one.value,
                "other_publisher": other.publisher,
                "other_value": other.value,
            },
        )
