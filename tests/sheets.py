"""Sheets as rows of texts, for the tests of how tables are found in them. `_` is an empty cell."""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.readers.grid import Grid
from ingestion.readers.sheet_tables import find_tables
from ingestion.readers.tables import Table, cell_name, cell_position

_ = ""


def grid(rows: Sequence[Sequence[str]], merged: Sequence[str] = ()) -> Grid:
    areas = []
    for area in merged:
        first, last = area.split(":")
        areas.append((*cell_position(first), *cell_position(last)))
    return Grid("S", rows, areas, lambda row, column: f"S!{cell_name(row, column)}")


def found(rows: Sequence[Sequence[str]], merged: Sequence[str] = ()) -> list[Table]:
    return find_tables(grid(rows, merged))[0]


def headings(table: Table) -> list[str]:
    return [heading.text for heading in table.headings]


def body(table: Table) -> list[tuple[str, ...]]:
    return [row.texts for row in table.rows()]
