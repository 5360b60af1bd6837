"""The tables of a release as CSV files, with a description of every column taken from the database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bi.metabase import boundaries

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
    "fct_data_gap": "data_gap_id",
    "fct_change": "indicator_id, measure_id, area_code, from_period_start",
    "fct_reconciliation": (
        "indicator_id, measure_id, area_code, period_start, period_end, breakdown, breakdown_value, kind"
    ),
    "council_matrix": "area_code, display_order, measure_id",
    "direction_basket": "scope, publication_state, judgement",
}
ABOUT = {
    "fct_observation": "The current figure of every indicator, measure, area, period and breakdown.",
    "fct_observation_vintage": "Every figure that was ever published for them, with the time it held.",
    "fct_progress": "Baseline, latest figure, change and judgement of every indicator, measure and area.",
    "dim_indicator": "The indicators: definition, source, direction, baseline.",
    "dim_measure": "The measures of the indicators: unit, population, polarity, threshold and its author.",
    "dim_area": "Areas with their codes and the dates for which the codes were valid.",
    "dim_publication": "The publications that figures come from.",
    "dim_dataset": "The datasets of the Data Map.",
    "fct_data_gap": "What is missing from the published evidence, and who could supply it.",
    "fct_change": "The change from every earlier period to the latest, with the chosen baseline marked.",
    "fct_reconciliation": "Published figures checked against other published figures, and what does not add up.",
    "council_matrix": "Councils by council measures in the latest period: figure or why none, place and quarter.",
    "direction_basket": (
        "How many indicators improve, hold or worsen, with the list of each; what is proposed counted apart."
    ),
}
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


# COPY writes booleans as t and f, and lists in PostgreSQL's own braces; most readers would take both for text.
READABLE = {
    "boolean": sql.SQL("{0}::text as {0}"),
    "text[]": sql.SQL("array_to_string({0}, '; ') as {0}"),
}


@dataclass(frozen=True)
class Column:
    """A column of an exported table, as the database describes it."""

    name: str
    type: str
    description: str | None


@dataclass(frozen=True)
class File:
    """One file of open data."""

    name: str
    description: str
    columns: list[Column]
    rows: int
    size: str


def write(conn: psycopg.Connection[Any], folder: Path) -> list[File]:
    """Writes one CSV for each table into the folder, and the council boundaries; says what is in the tables.

    The boundaries are there for people who draw maps, and are what Metabase's map fetches.
    """
    folder.mkdir()
    boundaries.write(conn, folder)
    columns = described(conn)
    return [_file(conn, folder, table=table, columns=columns[table], order=order) for table, order in TABLES.items()]


def _file(conn: psycopg.Connection[Any], folder: Path, *, table: str, columns: list[Column], order: str) -> File:
    """A table of marts as CSV with headings, always in the same order."""
    selected = sql.SQL(", ").join(READABLE.get(c.type, sql.SQL("{}")).format(sql.Identifier(c.name)) for c in columns)
    query = sql.SQL("copy (select {} from {} order by {}) to stdout (format csv, header true)").format(
        selected,
        sql.Identifier("marts", table),
        sql.SQL(order),  # type: ignore[arg-type]  # a constant of this module
    )
    path = folder / f"{table}.csv"
    with path.open("wb") as out, conn.cursor() as cursor:
        with cursor.copy(query) as copy:
            for piece in copy:
                out.write(piece)
        rows = cursor.rowcount
    return File(name=table, description=ABOUT[table], columns=columns, rows=rows, size=size(path.stat().st_size))


def described(conn: psycopg.Connection[Any]) -> dict[str, list[Column]]:
    """The columns of every table of marts, with the descriptions that the database carries."""
    columns: dict[str, list[Column]] = {}
    for table, *column in conn.execute(
        """
        select c.relname, a.attname, format_type(a.atttypid, null), col_description(a.attrelid, a.attnum)
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'marts'::regnamespace and c.relkind in ('r', 'v')
        order by c.relname, a.attnum"""
    ):
        columns.setdefault(table, []).append(Column(*column))
    return columns


def size(number: int) -> str:
    """A file size as people say it."""
    if number < 1000:
        return f"{number} bytes"
    if number < 1_000_000:
        return f"{number / 1000:.0f} kB"
    return f"{number / 1_000_000:.1f} MB"


def package(files: list[File], release_id: int, released_at: str) -> str:
    """A `datapackage.json`, for programs."""
    described = {
        "name": "promise-data-warehouse",
        "title": "Scotland's promise: open data",
        "version": str(release_id),
        "created": released_at,
        "resources": [
            {
                "name": file.name.replace("_", "-"),
                "path": f"{file.name}.csv",
                "description": file.description,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [
                        {"name": c.name, "type": TYPES.get(c.type, "string")}
                        | ({"description": c.description} if c.description else {})
                        for c in file.columns
                    ],
                    "missingValues": [""],
                },
            }
            for file in files
        ],
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"
