"""The tables of a release as CSV files, with a description of every column taken from the database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bi.metabase import boundaries
from bi.site import queries
from bi.site.queries import Column

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
    files = []
    for table in queries.EXPORTS:
        columns = queries.columns(conn, table)
        path = folder / f"{table}.csv"
        with path.open("wb") as out:
            for piece in queries.export(conn, table, columns):
                out.write(piece)
        rows = queries.count(conn, table)
        files.append(File(table, ABOUT[table], columns, rows, size(path.stat().st_size)))
    return files


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
