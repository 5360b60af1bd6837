"""A sheet, or a text file with a story above its table, as a grid of texts, and what can be told by looking at them.

Nothing here decides what a value means; only whether a text looks like a figure, a heading of figures or words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingestion.readers.tables import Finding
from ingestion.readers.workbook_facts import Area
from promise.vocabulary.areas import find_area
from promise.vocabulary.markers import known_markers
from promise.vocabulary.numbers import find_number

YEAR = re.compile(r"(?:19|20)\d\d")
NOTE = re.compile(
    r"^(?:\[?notes?\b|sources?\b|footnotes?\b|key\b|symbols?\b|\*+\s|\[[a-z]\]|[†‡©]|\(?\d{1,2}[).:]?\s+\S"
    r"|crown copyright|this (?:table|work)|last updated|contents|back to)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Grid:
    """Texts by row and column from 0. Rows may be of different lengths; what lies beyond their end is empty."""

    name: str
    rows: Sequence[Sequence[str]]
    merged: Sequence[Area]
    address: Callable[[int, int], str]
    findings: tuple[Finding, ...] = ()
    visible: bool = True
    percents: Collection[int] = ()  # columns in which the workbook shows numbers as percentages

    def text(self, row: int, column: int) -> str:
        line = self.rows[row]
        return line[column] if column < len(line) else ""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a grid; the ends are not included."""

    top: int
    left: int
    bottom: int
    right: int


def is_value(text: str) -> bool:
    """A figure, or a word that publishers put in the place of one."""
    return find_number(text) is not None or text.strip() in known_markers()


def filled(grid: Grid, row: int, box: Box) -> list[int]:
    """The columns of the box that hold something in a row."""
    line = grid.rows[row]
    return [column for column in range(box.left, min(box.right, len(line))) if line[column].strip()]


def counts_up(texts: Sequence[str]) -> bool:
    """Headings that are numbers: years, or ages 0, 1, 2 ... in steps of one. Three are needed, or two years."""
    numbers = [find_number(text) for text in texts]
    values = [int(number.value) for number in numbers if number and number.value == int(number.value)]
    if len(values) != len(texts) or len(values) < 2:
        return False
    steps = {later - earlier for earlier, later in pairwise(values)}
    if all(1900 <= value <= 2100 for value in values):
        # A run of years, forwards or backwards, or the same run again for each group of columns.
        return all(abs(step) <= 10 or step < 0 for step in steps) and (0 not in steps or len(set(values)) < len(values))
    return len(values) >= 3 and steps == {1}


def looks_like_headings(grid: Grid, row: int, box: Box, above: Sequence[int], below: Sequence[int]) -> bool:
    """Whether a row under the headings `above` is one more of them: words, years or ages, but not an area's figures."""
    columns = filled(grid, row, box)
    texts = [grid.text(row, column) for column in columns]
    figures = [column for column in columns if is_value(grid.text(row, column))]
    if above and find_area(texts[0]):
        return False
    if not figures:
        return bool(texts)
    if counts_up([grid.text(row, column) for column in figures]):
        # Under words of their own, figures that happen to count up are figures: "Number, Rate" over "1, 2".
        named = [grid.text(above[-1], column).strip() for column in figures] if above else []
        return not all(named) or not named or len(set(named)) < len(named)
    if above or len(figures) > len(texts) - len(figures):
        return False
    if len(figures) == 1 and figures[0] != columns[0] and _a_year_over_figures(grid, row, figures[0], below):
        return not find_area(texts[0])
    return len(figures) == 1 and len(texts) > 2 and _words_over_figures(grid, row, columns, below)


def _a_year_over_figures(grid: Grid, row: int, column: int, below: Sequence[int]) -> bool:
    """Whether a number is a year that heads its column: what stands under it are figures, and not all of them years."""
    under = [text for each in below[:20] if (text := grid.text(each, column).strip())]
    years = [bool(YEAR.fullmatch(text)) for text in under]
    return bool(YEAR.fullmatch(grid.text(row, column).strip())) and bool(under) and not all(years)


def _words_over_figures(grid: Grid, row: int, columns: Sequence[int], below: Sequence[int]) -> bool:
    """Whether some word of the row stands over a column of figures."""
    for column in columns:
        under = [text for each in below[:20] if (text := grid.text(each, column).strip())]
        if under and not is_value(grid.text(row, column)) and 2 * sum(map(is_value, under)) > len(under):
            return True
    return False


def is_note_rows(grid: Grid, rows: Sequence[int], box: Box) -> bool:
    """Lines of footnotes in two columns, such as `[note 1]` and its text: not a table of figures."""
    lines = [[grid.text(row, column) for column in filled(grid, row, box)] for row in rows]
    return all(len(line) <= 2 and line and NOTE.match(line[0].strip()) for line in lines)
