"""The catalogue as CSV files that dbt can seed: how decisions written in YAML reach SQL.

`SEEDS` says which files there are. To add one, decorate a function that returns its rows:

    @seed("vocabulary__colour", "colour meaning")
    def colours() -> Rows: ...

A blank cell is null. Files are rewritten only when their content changes, so that dbt's and our own fingerprints of
the folder change exactly when a decision changed.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from promise.catalogue.framework import framework

Cell = str | int | float | bool | date | None
Rows = Iterable[tuple[Cell, ...]]


@dataclass(frozen=True)
class Seed:
    """A CSV file: its columns, and a function that gives its rows in an order that does not vary."""

    columns: tuple[str, ...]
    rows: Callable[[], Rows]


SEEDS: dict[str, Seed] = {}


def seed(name: str, columns: str) -> Callable[[Callable[[], Rows]], Callable[[], Rows]]:
    """Make the function's rows the seed `name`, with the columns given as words. A name can be taken once only."""

    def register(rows: Callable[[], Rows]) -> Callable[[], Rows]:
        if name in SEEDS:
            raise ValueError(f"the seed {name} is defined twice; give one of them another name")
        SEEDS[name] = Seed(tuple(columns.split()), rows)
        return rows

    return register


def write(folder: Path) -> list[Path]:
    """Write every seed to the folder and return what was changed; a file that is as it should be is not touched.

    A CSV file of a known family (`framework__…`) that is no longer a seed is removed, or dbt would still load it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    changed: list[Path] = []
    for name, each in sorted(SEEDS.items()):
        path = folder / f"{name}.csv"
        content = as_csv(name, each)
        if path.exists() and path.read_bytes() == content:
            continue
        # Renamed into place: another process that reads the folder sees the old file or the new one, not half of it.
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_bytes(content)
        unfinished.replace(path)
        changed.append(path)
    families = {name.split("__")[0] for name in SEEDS}
    for path in sorted(folder.glob("*__*.csv")):
        if path.stem not in SEEDS and path.stem.split("__")[0] in families:
            path.unlink()
            changed.append(path)
    return changed


def as_csv(name: str, each: Seed) -> bytes:
    """The seed as the bytes of its file. Raises ValueError for a row that does not fit its columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(each.columns)
    for row in each.rows():
        if len(row) != len(each.columns):
            raise ValueError(f"seed {name}: a row has {len(row)} cells for {len(each.columns)} columns: {row!r}")
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode()


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _words(identifiers: Iterable[str]) -> str | None:
    return " ".join(identifiers) or None


@seed(
    "framework__vision_statement",
    "vision_statement_id number name earlier_name statement statement_source_url earlier_statement"
    " earlier_statement_source_url wording_note promise_report_page dashboard_slug publication_state gap_statement",
)
def vision_statements() -> Rows:
    for each in framework().vision_statements:
        yield (
            each.id,
            each.number,
            each.name,
            each.earlier_name,
            each.statement,
            each.statement_source_url,
            each.earlier_statement,
            each.earlier_statement_source_url,
            each.wording_note,
            each.promise_report_page,
            each.dashboard_slug,
            each.publication_state,
            each.gap_statement,
        )


@seed(
    "framework__outcome",
    "outcome_id vision_statement_id number text earlier_text source_url publication_state proposed_because note",
)
def outcomes() -> Rows:
    for statement, each in framework().outcomes():
        yield (
            each.id,
            statement.id,
            each.number,
            each.text,
            each.earlier_text,
            each.source_url,
            each.publication_state,
            each.proposed_because,
            each.note,
        )


@seed(
    "framework__indicator",
    "indicator_id outcome_id vision_statement_id name short_name kind definition source_publication "
    "producer_organisation_id frequency publication_month population_marker population_marker_words geography "
    "direction direction_basis publication_state proposed_because baseline_period_start baseline_note "
    "headline_measure_id source_preference minimum_periods last_updated next_update_due source_url display_order",
)
def indicators() -> Rows:
    for position, (statement, outcome, each) in enumerate(framework().indicators(), start=1):
        yield (
            each.id,
            outcome.id,
            statement.id,
            each.name,
            each.short_name,
            each.kind,
            each.definition,
            each.source_publication,
            each.producer,
            each.frequency,
            each.publication_month,
            each.population_marker,
            each.population_marker_words,
            _words(each.geography),
            each.direction,
            each.direction_basis,
            each.publication_state,
            each.proposed_because,
            each.baseline_period_start,
            each.baseline_note,
            each.headline,
            _words(each.source_preference),
            each.minimum_periods,
            each.last_updated,
            each.next_update_due,
            each.source_url,
            position,
        )


@seed(
    "framework__measure",
    "measure_id indicator_id title unit population decimals polarity role comparator_measure_id geography definition"
    " lower_bound upper_bound threshold_value threshold_unit threshold_author threshold_reason caveat display_order",
)
def measures() -> Rows:
    thresholds = framework().thresholds
    for indicator in framework().by_id.values():
        for position, each in enumerate(indicator.measures, start=1):
            threshold = thresholds[each.threshold] if each.threshold else None
            yield (
                each.id,
                indicator.id,
                each.title,
                each.unit,
                each.population,
                each.decimals,
                each.polarity,
                each.role,
                each.comparator,
                each.geography,
                each.definition,
                *each.bounds,
                threshold.value if threshold else None,
                threshold.unit if threshold else None,
                threshold.author if threshold else None,
                threshold.reason if threshold else None,
                each.caveat,
                position,
            )


@seed(
    "framework__series",
    "measure_id source_id series_label series_heading period_style breakdown breakdown_value",
)
def series() -> Rows:
    for _, measure, each in framework().series():
        yield (
            measure.id,
            each.source,
            each.label,
            each.heading or None,
            each.period_style,
            each.breakdown,
            each.breakdown_value,
        )


@seed(
    "framework__period_exception",
    "source_id series_label series_heading period_as_published period_label period_style reason",
)
def period_exceptions() -> Rows:
    for _, _, each in framework().series():
        for item in each.period_exceptions:
            yield (
                each.source,
                each.label,
                each.heading or None,
                item.label,
                item.means,
                item.period_style,
                item.reason,
            )


@seed(
    "framework__data_gap",
    "data_gap_id vision_statement_id outcome_id indicator_id kind about description since could_be_filled_by"
    " source_url",
)
def data_gaps() -> Rows:
    for statement, each in framework().data_gaps():
        yield (
            each.id,
            statement.id if statement else None,
            each.outcome,
            each.indicator,
            each.kind,
            each.about,
            each.description,
            each.since,
            _words(each.could_be_filled_by),
            each.source_url,
        )


@seed(
    "framework__evidence",
    "evidence_id vision_statement_id strand kind title summary url published_on question_id",
)
def evidence() -> Rows:
    for each in framework().evidence:
        yield (
            each.id,
            each.vision_statement,
            each.strand,
            each.kind,
            each.title,
            each.summary,
            each.url,
            each.published_on,
            each.question,
        )


@seed("framework__question", "question_id text source_url")
def questions() -> Rows:
    for each in framework().what_matters.questions:
        yield each.id, each.text, each.source_url


@seed("framework__route_map", "theme_id foundation theme url vision_statement_ids")
def route_maps() -> Rows:
    for foundation, theme in framework().themes():
        yield theme.id, foundation.name, theme.name, theme.url, _words(theme.vision_statements)


@seed(
    "framework__milestone",
    "milestone_id theme_id vision_statement_id title organisation_id due_on due_precision status source_url",
)
def milestones() -> Rows:
    for _, theme in framework().themes():
        for each in theme.milestones:
            yield (
                each.id,
                theme.id,
                each.vision_statement,
                each.title,
                each.organisation,
                each.due_on,
                each.due_precision,
                each.status,
                each.source_url,
            )
