"""Every query of the site, over `marts` and nothing else.

All of them run on one connection that holds the release still (`warehouse.releases.reading`), so they see one release.
Every query has an order, because the same release must give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row

from promise.errors import PromiseError

Row = Any  # a named tuple with the columns of its query

NATION = "S92000003"

# Files of open data: table, and the order that makes them the same every time.
EXPORTS = {
    "fct_observation": ("indicator_id, measure_id, area_code, period_start, period_end, breakdown, breakdown_value"),
    "fct_observation_vintage": (
        "indicator_id, measure_id, area_code, period_start, period_end, breakdown, breakdown_value,"
        " publication_series, position, publication_id, source_id, source_cell"
    ),
    "fct_progress": "indicator_id, measure_id, area_code",
    "dim_indicator": "indicator_id",
    "dim_measure": "measure_id",
    "dim_area": "area_code",
    "dim_publication": "publication_id",
    "dim_dataset": "dataset_id",
    "fct_data_gap": "data_gap_id",
    "fct_change": "indicator_id, measure_id, area_code, from_period_start",
    "fct_reconciliation": (
        "indicator_id, measure_id, area_code, period_start, period_end, breakdown, breakdown_value, kind"
    ),
    "council_matrix": "area_code, display_order, measure_id",
    "direction_basket": "scope, publication_state, judgement",
}

READ = {
    "vision_statements": """
        select vision_statement_id, number, name, earlier_name, statement, statement_source_url, earlier_statement,
               earlier_statement_source_url, wording_note, promise_report_page, publication_state, gap_statement,
               outcomes, indicators, indicators_with_figures
        from marts.dim_vision_statement order by number""",
    "outcomes": """
        select outcome_id, vision_statement_id, number, outcome_text, earlier_text, source_url, publication_state,
               proposed_because, note
        from marts.dim_outcome order by vision_statement_id, number, outcome_id""",
    "indicators": """
        select indicator_id, outcome_id, vision_statement_id, name, short_name, kind, definition, source_publication,
               producer_organisation_id, frequency, publication_month, population_marker, population_marker_words,
               direction, direction_basis, publication_state, proposed_because, baseline_note, headline_measure_id,
               source_preference, minimum_periods, method, last_updated, next_update_due, source_url, has_figures,
               has_council_figures
        from marts.dim_indicator order by vision_statement_id, outcome_id, display_order, indicator_id""",
    "measures": """
        select measure_id, indicator_id, title, unit, population, decimals, polarity, role, comparator_measure_id,
               geography, definition, threshold_value, threshold_unit, threshold_author, threshold_reason, caveat
        from marts.dim_measure
        order by indicator_id,
                 case role when 'headline' then 1 when 'companion' then 2 when 'comparator' then 3 else 4 end,
                 display_order, measure_id""",
    "councils": """
        select area_code, area_name, family_group
        from marts.dim_area where area_type = 'council' and is_current order by area_name, area_code""",
    "boundaries": """
        select area_code, geometry from marts.dim_area_boundary order by area_code""",
    "sources": """
        select source_id, title, publisher, landing_page, licence, licence_url, attribution, description
        from marts.dim_source order by title, source_id""",
    "publications": """
        select publication_id, title, publisher, url, published_on, precision, note
        from marts.dim_publication order by publication_id""",
    "organisations": """
        select organisation_id, name, kind, answers_for, url, datasets, indicators
        from marts.dim_organisation order by name, organisation_id""",
    "datasets": """
        select dataset_id, title, publisher, organisation_id, url, held_by, catalogue, source_id,
               coalesce(vision_statement_ids, '{}') as vision_statement_ids,
               coalesce(indicator_ids, '{}') as indicator_ids, in_warehouse, licence
        from marts.dim_dataset
        order by in_warehouse desc, cardinality(coalesce(vision_statement_ids, '{}')) = 0, lower(title), dataset_id""",
    "observations": """
        select measure_id, area_code, period_start, period_end, period_label, breakdown, breakdown_value, obs_value,
               obs_status, conf_status, lci_95, uci_95, publication_id, snapshot_id, source_cell, is_revised
        from marts.fct_observation
        order by measure_id, area_code, period_start, period_end, breakdown, breakdown_value""",
    # Only cells that were published more than once in a series can have been revised. Another series that gives another
    # figure is a conflict of sources.
    "vintages": """
        select measure_id, area_code, period_start, period_end, period_label, breakdown, breakdown_value, obs_value,
               obs_status, conf_status, publication_id, publication_series, source_cell, snapshot_id
        from (
            select *, count(*) over (
                partition by measure_id, area_code, period_start, period_end, breakdown, breakdown_value,
                             publication_series
            ) as editions
            from marts.fct_observation_vintage
        ) as every_edition
        where editions > 1
        order by measure_id, area_code, period_start, period_end, breakdown, breakdown_value, publication_series,
                 position, publication_id, source_cell""",
    "conflicts": """
        select measure_id, area_code, period_start, period_end, breakdown, breakdown_value, chosen_publication_id,
               chosen_value, other_publication_id, other_value, difference
        from marts.fct_source_conflict
        order by measure_id, area_code, period_start, period_end, breakdown, breakdown_value, other_publication_id""",
    "progress": """
        select measure_id, baseline_period_start, baseline_period_label, baseline_value,
               latest_period_start, latest_period_label, latest_value, previous_period_label, previous_value,
               change_since_baseline, change_since_previous, moves, points, judgement, reason,
               judgement_since_previous, method
        from marts.fct_progress where area_code = 'S92000003' order by measure_id""",
    "gaps_to_comparator": """
        select measure_id, comparator_measure_id, period_start, period_label, care_value, comparator_value, absolute_gap
        from marts.fct_gap where area_code = 'S92000003' and breakdown = 'total'
        order by measure_id, period_start, period_end""",
    "benchmarks": """
        select measure_id, area_code, period_start, period_end, rank, councils_ranked, quartile, family_group,
               family_median, scotland_value
        from marts.fct_benchmark order by measure_id, period_start, period_end, area_code""",
    "data_gaps": """
        select data_gap_id, vision_statement_id, outcome_id, indicator_id, kind, about, description, since,
               coalesce(could_be_filled_by, '{}') as could_be_filled_by, source_url
        from marts.fct_data_gap order by vision_statement_id nulls first, outcome_id nulls first, data_gap_id""",
    # Every earlier period is a baseline that somebody may prefer.
    "changes": """
        select c.measure_id, c.from_period_start, c.from_period_label, c.from_value, c.change, c.is_baseline,
               b.reason as break_reason
        from marts.fct_change as c
        left join marts.fct_break as b on b.break_id = c.break_id
        where c.area_code = 'S92000003' order by c.measure_id, c.from_period_start""",
    "reconciliation": """
        select measure_id, area_code, period_start, period_end, breakdown, breakdown_value, kind, published_value,
               calculated_value, difference, verdict, reason, numerator, denominator
        from marts.fct_reconciliation where verdict != 'agrees'
        order by measure_id, area_code, period_start, period_end, breakdown, breakdown_value, kind""",
    "matrix": """
        select area_code, measure_id, period_label, obs_value, status, rank, councils_ranked, quartile, scotland_value,
               previous_period_label, change_since_previous
        from marts.council_matrix order by display_order, measure_id, area_code""",
    "basket": """
        select scope, publication_state, judgement, indicators, indicator_ids
        from marts.direction_basket order by scope, publication_state, judgement""",
    "evidence": """
        select evidence_id, vision_statement_id, strand, kind, title, summary, url, published_on
        from marts.fct_evidence order by vision_statement_id, strand, title, evidence_id""",
    "milestones": """
        select milestone_id, vision_statement_id, title, organisation_id, due_on, due_precision, status, source_url
        from marts.fct_milestone order by vision_statement_id, due_on nulls last, title, milestone_id""",
}


@dataclass(frozen=True)
class Marts:
    """Everything the pages are made of, as one release has it."""

    release: Row
    vision_statements: list[Row]
    outcomes: list[Row]
    indicators: list[Row]
    measures: list[Row]
    councils: list[Row]
    boundaries: list[Row]
    sources: list[Row]
    publications: list[Row]
    organisations: list[Row]
    datasets: list[Row]
    observations: list[Row]
    vintages: list[Row]
    conflicts: list[Row]
    progress: list[Row]
    gaps_to_comparator: list[Row]
    benchmarks: list[Row]
    data_gaps: list[Row]
    changes: list[Row]
    reconciliation: list[Row]
    matrix: list[Row]
    basket: list[Row]
    evidence: list[Row]
    milestones: list[Row]


def read(conn: psycopg.Connection[Any]) -> Marts:
    """The whole content of the site. Raises PromiseError when nothing has been released."""
    with conn.cursor(row_factory=namedtuple_row) as cursor:
        release: Row = None
        if cursor.execute("select 1 as there where to_regclass('marts.release_info') is not null").fetchone():
            release = cursor.execute("select release_id, released_at from marts.release_info").fetchone()
        if release is None:
            raise PromiseError("site: nothing has been released yet, so there is nothing to show: run make run")
        found = {name: cursor.execute(query.encode()).fetchall() for name, query in READ.items()}
    return Marts(release=release, **found)


@dataclass(frozen=True)
class Column:
    """A column of an exported table, as the database describes it."""

    name: str
    type: str
    description: str | None


def columns(conn: psycopg.Connection[Any], table: str) -> list[Column]:
    """The columns of a table of marts with the descriptions that the database carries."""
    rows = conn.execute(
        """
        select a.attname, format_type(a.atttypid, null), col_description(a.attrelid, a.attnum)
        from pg_attribute as a
        where a.attrelid = ('marts.' || quote_ident(%s))::regclass and a.attnum > 0 and not a.attisdropped
        order by a.attnum""",
        [table],
    ).fetchall()
    return [Column(*row) for row in rows]


# COPY writes booleans as t and f, and lists in PostgreSQL's own braces; most readers would take both for text.
READABLE = {
    "boolean": sql.SQL("{0}::text as {0}"),
    "text[]": sql.SQL("array_to_string({0}, '; ') as {0}"),
}


def export(conn: psycopg.Connection[Any], table: str, names: list[Column]) -> Iterator[bytes]:
    """A table of marts as CSV with headings, in pieces, always in the same order."""
    wanted = sql.SQL(", ").join(READABLE.get(c.type, sql.SQL("{}")).format(sql.Identifier(c.name)) for c in names)
    query = sql.SQL("copy (select {} from {} order by {}) to stdout (format csv, header true)").format(
        wanted,
        sql.Identifier("marts", table),
        sql.SQL(EXPORTS[table]),  # type: ignore[arg-type]  # a constant of this module
    )
    with conn.cursor() as cursor, cursor.copy(query) as copy:
        for piece in copy:
            yield bytes(piece)


def count(conn: psycopg.Connection[Any], table: str) -> int:
    """How many rows a table of marts has."""
    row = conn.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("marts", table))).fetchone()
    return int(row[0]) if row else 0
