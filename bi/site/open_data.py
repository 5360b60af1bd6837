"""The tables of a release and the figures of each indicator as CSV files, described as the database describes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bi.metabase import boundaries
from bi.site import files as named
from bi.site import rows
from bi.site.queries import Marts
from promise.spreadsheets import write_csv

# Files of open data: table, and the order that makes them the same every time.
TABLES = {
    "fct_observation": "indicator_id, measure_id, area_code, period_start, period_end, breakdown, breakdown_value",
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
    "bridge_dataset_link": "dataset_id, target_id",
    "fct_data_gap": "data_gap_id",
    "fct_dataset_duplicate": "dataset_id, other_dataset_id",
    "fct_dataset_link": "dataset_id, other_dataset_id",
    "dim_route_map_outcome": "route_map_outcome_id",
    "fct_question_answer": "question_id",
    "fct_reporting_requirement": "requirement_id",
    "outcome_strands": "outcome_id",
    "fct_change": "indicator_id, measure_id, area_code, from_period_start",
    "fct_reconciliation": (
        "indicator_id, measure_id, area_code, period_start, period_end, breakdown, breakdown_value, kind"
    ),
    "council_matrix": "area_code, display_order, measure_id",
    "direction_basket": "scope, publication_state, counted_as, judgement",
    "direction_by_rule": "rule, scope, publication_state, counted_as, judgement",
    "judgement_coverage": "rule, area_type, judgement",
    "judgement_disagreement": "indicator_id",
}
# The order in each indicator's own file; an indicator's mart is what is downloaded.
OF_AN_INDICATOR = "measure_id, area_code, period_start, period_end, breakdown, breakdown_value"
# How the database's types are called in the data package specification.
TYPES = {
    "integer": "integer",
    "bigint": "integer",
    "smallint": "integer",
    "numeric": "number",
    "double precision": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp with time zone": "datetime",
}


@dataclass(frozen=True)
class Column:
    """A column of an exported table, as the database describes it."""

    name: str
    type: str
    description: str | None


@dataclass(frozen=True)
class Table:
    """A table of marts, as the database describes it."""

    name: str
    description: str
    columns: list[Column]


@dataclass(frozen=True)
class File:
    """One file of open data."""

    table: Table
    indicator: rows.Indicator | None  # whose figures these are, when they are those of one indicator
    rows: int
    size: str


def queries() -> dict[str, str]:
    """What each file is made of, by its name."""
    orders = {**TABLES, "indicator__*": OF_AN_INDICATOR}
    files = {f"{table}.csv": f"select * from marts.{table} order by {order}" for table, order in orders.items()}
    return files | {boundaries.FILE_NAME: boundaries.QUERY, "indicators/*, councils/*": named.QUERY}


def write(marts: Marts, folder: Path) -> list[File]:
    """Writes one CSV for each table and each indicator into the folder, and the council boundaries.

    Returns what is in the CSV files. The boundaries are for people who draw maps, and are what Metabase's map fetches.
    """
    folder.mkdir()
    boundaries.write(marts.conn, folder)
    tables = described(marts.conn)
    indicators = {f"indicator__{each.indicator_id}": each for each in marts.indicators}
    orders = TABLES | {name: OF_AN_INDICATOR for name in indicators if name in tables}
    files = []
    for name, order in orders.items():
        path = folder / f"{name}.csv"
        count = write_csv(
            marts.conn,
            sql.Identifier("marts", name),
            path,
            order=sql.SQL(order),  # type: ignore[arg-type]  # a constant of this module
        )
        files.append(File(tables[name], indicators.get(name), rows=count, size=size(path.stat().st_size)))
    return files


def described(conn: psycopg.Connection[Any]) -> dict[str, Table]:
    """Every table of marts by its name, with the descriptions that the database carries."""
    tables: dict[str, Table] = {}
    for name, description, *column in conn.execute(
        """
        select c.relname, obj_description(c.oid, 'pg_class'), a.attname, format_type(a.atttypid, null),
               col_description(a.attrelid, a.attnum)
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'marts'::regnamespace and c.relkind in ('r', 'v')
        order by c.relname, a.attnum"""
    ):
        tables.setdefault(name, Table(name, description or "", [])).columns.append(Column(*column))
    return tables


def size(number: int) -> str:
    """A file size as people say it."""
    if number < 1000:
        return f"{number} bytes"
    if number < 1_000_000:
        return f"{number / 1000:.0f} kB"
    return f"{number / 1_000_000:.1f} MB"


def package(files: list[File], release: rows.Release) -> str:
    """A `datapackage.json`, for programs."""
    described = {
        "name": "promise-data-warehouse",
        "title": "Scotland's promise: open data",
        "version": str(release.release_id),
        "created": release.released_at.astimezone(UTC).isoformat(timespec="seconds"),
        "resources": [
            {
                "name": file.table.name.replace("_", "-"),
                "path": f"{file.table.name}.csv",
                "description": file.table.description,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [
                        {"name": c.name, "type": TYPES.get(c.type, "string")}
                        | ({"description": c.description} if c.description else {})
                        for c in file.table.columns
                    ],
                    "missingValues": [""],
                },
            }
            for file in files
        ],
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"
