"""Up to four councils, or two indicators, side by side: every council measure, a line each, with a column a council."""

from __future__ import annotations

from dataclasses import dataclass

from bi.site.view.common import Content
from bi.site.view.matrix import Cell, Column, matrix


@dataclass(frozen=True)
class Line:
    """A measure, and its cell for each council in the order of the page."""

    measure: Column
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Measures of the framework's indicators, or of those that this project proposes."""

    id: str
    title: str
    proposed: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Page:
    """The page."""

    councils: tuple[tuple[str, str], ...]  # code and name, by name
    choices: tuple[tuple[str, str], ...]  # id and name of each indicator, by name
    tables: tuple[Table, ...]


def compare(content: Content) -> Page:
    """The cells of the matrix, turned round: what is compared with what is the reader's choice, in the address."""
    page = matrix(content)
    names = sorted((c.area_name, c.area_code) for c in content.marts.councils)
    tables = []
    for rug in page.rugs:
        of = {council.area: council.cells for family in rug.families for council in family.councils}
        lines = tuple(
            Line(column, tuple(of[code][number] for _, code in names)) for number, column in enumerate(rug.columns)
        )
        tables.append(Table(rug.id, rug.title, rug.proposed, lines))
    indicators = {line.measure.indicator.name: line.measure.indicator.id for table in tables for line in table.lines}
    return Page(
        councils=tuple((code, name) for name, code in names),
        choices=tuple((indicator_id, name) for name, indicator_id in sorted(indicators.items())),
        tables=tuple(tables),
    )
