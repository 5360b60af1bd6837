"""What changed from one release to the next: the mart `release_change`, and the same between any two kept releases.

One row for each measure of an area of which a figure or the judgement is another, with how many figures were added, are
gone or have another value, and the judgement before and now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row

MART = "release_change"
FIGURES, JUDGEMENTS = "fct_observation", "fct_progress"
COMMENTS = {
    None: "What changed with the release that is shown: one row for each measure of an area of which a figure or the"
    " judgement is another than in the release before.",
    "since_release_id": "The release before, with which it is compared.",
    "indicator_id": "Indicator.",
    "measure_id": "Measure of the indicator.",
    "area_code": "Area.",
    "figures_added": "How many figures are there that were not there before, breakdowns included.",
    "figures_gone": "How many figures are no longer there.",
    "figures_changed": "How many figures have another value or status, or are withheld or shown where they were not.",
    "judgement_before": "The judgement in the release before; null where there was none.",
    "judgement_now": "The judgement in this release; null where there is none.",
    "is_flipped": "Whether the judgement is another.",
}


@dataclass(frozen=True)
class Change:
    """What changed of one measure of one area."""

    since_release_id: int
    indicator_id: str
    measure_id: str
    area_code: str
    figures_added: int
    figures_gone: int
    figures_changed: int
    judgement_before: str | None
    judgement_now: str | None
    is_flipped: bool


@dataclass(frozen=True)
class Relations:
    """Where the figures and judgements of a release are read."""

    figures: sql.Composable
    judgements: sql.Composable


def query(before: Relations, now: Relations, since: int) -> sql.Composed:
    """The SELECT of all that changed from one release, of that number, to the other."""
    return sql.SQL("""
        with figures as (
            select indicator_id, measure_id, area_code,
                count(*) filter (where not was) as added, count(*) filter (where not is_now) as gone,
                count(*) filter (where was and is_now and before is distinct from now) as changed
            from (
                select indicator_id, measure_id, area_code, before is not null as was, now is not null as is_now,
                    before.figure as before, now.figure as now
                from (select indicator_id, measure_id, area_code, period_start, period_end, breakdown, breakdown_value,
                    row(obs_value, obs_status, conf_status) as figure from {figures_before}) as before
                full join (select indicator_id, measure_id, area_code, period_start, period_end, breakdown,
                    breakdown_value, row(obs_value, obs_status, conf_status) as figure from {figures_now}) as now
                using (indicator_id, measure_id, area_code, period_start, period_end, breakdown, breakdown_value)
            ) as both_of_them
            group by indicator_id, measure_id, area_code
        ),
        judgements as (
            select indicator_id, measure_id, area_code, before.judgement as before, now.judgement as now
            from {judgements_before} as before full join {judgements_now} as now
            using (indicator_id, measure_id, area_code)
        )
        select {since}::integer as since_release_id, indicator_id, measure_id, area_code,
            coalesce(added, 0)::integer as figures_added, coalesce(gone, 0)::integer as figures_gone,
            coalesce(changed, 0)::integer as figures_changed,
            before as judgement_before, now as judgement_now, before is distinct from now as is_flipped
        from figures full join judgements using (indicator_id, measure_id, area_code)
        where added > 0 or gone > 0 or changed > 0 or before is distinct from now
        order by indicator_id, measure_id, area_code
    """).format(
        figures_before=before.figures, figures_now=now.figures,
        judgements_before=before.judgements, judgements_now=now.judgements, since=sql.Literal(since),
    )  # fmt: skip


def between(conn: Connection[Any], before: Relations, now: Relations, since: int) -> list[Change]:
    """All that changed from one release, of that number, to the other."""
    with conn.cursor(row_factory=class_row(Change)) as cursor:
        cursor.execute(query(before, now, since))
        return cursor.fetchall()


def in_schema(schema: str) -> Relations:
    """The figures and judgements of whatever has them under their own names in a schema."""
    return Relations(sql.Identifier(schema, FIGURES), sql.Identifier(schema, JUDGEMENTS))
