"""A sheet, or a text file with a story above its table, as a grid of texts, and what can be told by looking at them.

Nothing here decides what a value means; only whether a text looks like a figure, a heading of figures or words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ingestion.readers.footnotes import without_marks
from ingestion.readers.tables import Finding
from ingestion.readers.workbook_facts import Area, Position
from promise.vocabulary.areas import find_area
from promise.vocabulary.markers import known_markers
from promise.vocabulary.numbers import find_number

YEAR = re.compile(r"(?:19|20)\d\d")
NOTE = re.compile(
    r"^(?:\[?notes?\b|sources?\b|footnotes?\b|key\b|symbols?\b|\*+\s|\[[a-z]\]|[†‡©]|\(?\d{1,2}[).:]?\s+\S"
    r"|crown copyright|this (?:table|work)|last updated|contents|back to)",
    re.IGNORECASE,
)
BAND = re.compile(r"^[0-9]+\s*(?:[-\u2010-\u2015]|to\b|or\b|and\b)", re.IGNORECASE)  # "1 - 18" is no note 1
TITLE = re.compile(r"^\s*(?:table|chart|figure|annex)\s+[a-z]{0,2}[0-9][0-9a-z.]*\b", re.IGNORECASE)
NAVIGATION = re.compile(
    r"^\s*(?:go |click (?:here )?to )?(?:return|back|go) to (?:the )?(?:table of |list of )?"
    r"(?:contents?|index|cover|front|home|menu|top|notes?|tables)(?: ?(?:page|sheet|list|tab))?\s*\.?\s*$",
    re.IGNORECASE,
)
LONGEST_NAVIGATION = 60
LEAST_INDENT = 2  # blanks: one alone before a name is a slip of the keyboard
BLANKS_IN_A_STEP = 3  # of a cell's format, which moves a text as far as three blanks do
# What a cover sheet says of its workbook, line by line.
FRONT = re.compile(
    r"^(?:.*:|contact|e-?mail|telephone|phone|publi(?:shed|sher|cation date)|date (?:of publication|published)"
    r"|next (?:update|publication|release)|release(?:d| date)?|licen[cs]e|coverage|geograph\w+ coverage|author"
    r"|designation|statistical designation|frequency|last updated|version|theme)$",
    re.IGNORECASE,
)
WHEN = re.compile(r"year|date|period|time|edition|month|quarter|season", re.IGNORECASE)
CHANGED = re.compile(r"\b(?:changes?|revisions?|amendments?|corrections?|updates?)\b", re.IGNORECASE)
WHEN_CHANGED = re.compile(r"\b(?:date|version|edition|release|issue|updated|published)\b", re.IGNORECASE)
A_DAY_OR_VERSION = re.compile(r"^(?:v(?:ersion)?\s*)?[0-9]+(?:\.[0-9]+)*$|^[0-9]{4}-[0-9]{2}-[0-9]{2}", re.IGNORECASE)


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
    links: Collection[Position] = ()  # cells that lead to another place in the workbook
    indents: Mapping[Position, int] = field(default_factory=dict)  # steps by which a format moves a text right

    def indent(self, row: int, column: int) -> int:
        """How far right a text begins in its cell, in blanks."""
        text = self.text(row, column)
        blanks = len(text) - len(text.lstrip())
        return blanks * (blanks >= LEAST_INDENT) + BLANKS_IN_A_STEP * self.indents.get((row, column), 0)

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


def are_years(texts: Sequence[str], heading: str) -> bool:
    """Whether a column of labels is one of years: its heading says so, or they count on without a gap."""
    years = {int(text) for text in texts if YEAR.fullmatch(text)}
    if 2 * sum(bool(YEAR.fullmatch(text)) for text in texts) <= len(texts):
        return False
    return bool(WHEN.search(heading)) or max(years) - min(years) + 1 == len(years)


def filled(grid: Grid, row: int, box: Box) -> list[int]:
    """The columns of the box that hold something in a row."""
    line = grid.rows[row]
    return [column for column in range(box.left, min(box.right, len(line))) if line[column].strip()]


def without_navigation(grid: Grid) -> Grid:
    """The grid without the cells that only lead elsewhere: "Return to contents", or a link beside a title."""
    rows = list(grid.rows)
    linked = {row for row, _ in grid.links}
    for row, line in enumerate(grid.rows):
        if row not in linked and not any(" to " in text for text in line):
            continue
        leading = [column for column, text in enumerate(line) if text and _leads_elsewhere(grid, row, column)]
        if leading:
            rows[row] = tuple("" if column in leading else text for column, text in enumerate(line))
    return replace(grid, rows=rows)


def _leads_elsewhere(grid: Grid, row: int, column: int) -> bool:
    if _says_where_to_go(grid.text(row, column)):
        return True
    if (row, column) not in grid.links:
        return False
    # A link on a heading, an area or a title names what it stands on; one that stands alone to the right of a title,
    # and over nothing, is there to be clicked.
    others = [(place, each) for place, each in enumerate(grid.rows[row]) if each.strip() and place != column]
    before = [place for place, each in others if (row, place) not in grid.links and not _says_where_to_go(each)]
    over = row + 1 < len(grid.rows) and grid.text(row + 1, column).strip()
    return len(before) == 1 and before[0] < column and before[0] + 1 != column and not over


def _says_where_to_go(text: str) -> bool:
    return len(text) <= LONGEST_NAVIGATION and " to " in text and bool(NAVIGATION.match(text))


def is_index(grid: Grid) -> bool:
    """Whether a sheet lists the others: most of its rows are a link to a place in the workbook and no figure."""
    if not grid.links:
        return False
    rows = [columns for row in range(len(grid.rows)) if (columns := _several(grid, row))]
    leading = [
        columns
        for columns in rows
        if (links := [column for row, column in columns if (row, column) in grid.links])
        and not any(find_number(grid.text(row, column)) for row, column in columns if column > max(links))
    ]
    return len(leading) > 1 and 2 * len(leading) > len(rows)


def _several(grid: Grid, row: int) -> list[Position]:
    """The filled cells of a row that has more than one."""
    columns = [column for column, text in enumerate(grid.rows[row]) if text.strip()]
    return [(row, column) for column in columns] if len(columns) > 1 else []


def is_front_matter(grid: Grid, rows: Sequence[int], box: Box) -> bool:
    """What a workbook says of itself in two columns or more: whom to ask and when it appeared, or what was changed."""
    lines = [[grid.text(row, column).strip() for column in filled(grid, row, box)] for row in rows]
    told = [line for line in lines if len(line) == 2 and FRONT.match(line[0]) and not is_value(line[1])]
    if len(told) > 1 and 2 * len(told) > len(lines):
        return True
    header, *entries = lines
    named = any(map(CHANGED.search, header)) and any(map(WHEN_CHANGED.search, header))
    words = [[text for text in entry if not A_DAY_OR_VERSION.match(text)] for entry in entries]
    return named and bool(entries) and all(len(text.split()) > 1 for entry in words for text in entry)


@dataclass(frozen=True, slots=True)
class Counted:
    """Numbers that may be headings. What is `certain` counts on by one; other years may be figures just as well."""

    years: bool
    certain: bool


def counts_up(texts: Sequence[str]) -> Counted | None:
    """Headings that are numbers: years, or ages 0, 1, 2 ... in steps of one. Three are needed, or two years."""
    numbers = [find_number(text) for text in texts]
    values = [int(number.value) for number in numbers if number and number.value == int(number.value)]
    if len(values) != len(texts) or len(values) < 2:
        return None
    if all(1900 <= value <= 2100 for value in values):
        return _years(values)
    return Counted(False, True) if len(values) >= 3 and _steps(values) == {1} else None


def _years(values: Sequence[int]) -> Counted | None:
    """A run of years, forwards or backwards, or the same run again for each group of columns."""
    # A year may stand over several columns in a row; the run begins again where the first year comes back.
    runs = [each for place, each in enumerate(values) if place == 0 or each != values[place - 1]]
    length = runs.index(runs[0], 1) if runs[0] in runs[1:] else len(runs)
    first = runs[:length]
    if any(runs[place : place + length] != first[: len(runs) - place] for place in range(0, len(runs), length)):
        return None
    steps = _steps(first)
    one_way = len(first) > 1 and (min(steps) > 0 or max(steps) < 0) and max(map(abs, steps)) <= 10
    return Counted(True, len(first) > 2 and steps in ({1}, {-1})) if one_way or len(values) > len(first) == 1 else None


def _steps(values: Sequence[int]) -> set[int]:
    return {later - earlier for earlier, later in pairwise(values)}


@dataclass(frozen=True, slots=True)
class Around:
    """The rows around one that may be a row of headings."""

    above: Sequence[int]  # headings straight over it
    below: Sequence[int]
    over: Sequence[int] = ()  # headings further up, over a line or a blank row, under which it may be figures


def looks_like_headings(grid: Grid, row: int, box: Box, around: Around) -> bool:
    """Whether a row is one of headings, or one more: words, years or ages, but not an area's figures."""
    columns = filled(grid, row, box)
    texts = {column: without_marks(grid.text(row, column)) for column in columns}
    figures = [column for column in columns if is_value(texts[column])]
    if (around.above or around.over) and find_area(texts[columns[0]]):
        return False
    if not figures:
        return bool(texts)
    if counted := counts_up([texts[column] for column in figures]):
        # Under words of their own, figures that happen to count up are figures: "Number, Rate" over "1, 2".
        named = [grid.text(around.above[-1], column).strip() for column in figures] if around.above else []
        figures_of_names = bool(named) and all(named) and len(set(named)) == len(named)
        return not figures_of_names and not _figures_under(grid, texts, counted, around.over)
    under_years = around.over and all(_is_year(grid.text(around.over[-1], column)) for column in figures)
    if around.above or under_years or len(figures) > len(texts) - len(figures) or len(figures) > 1:
        return False
    if figures[0] != columns[0] and _a_year_over_figures(grid, row, figures[0], around.below):
        return not find_area(texts[columns[0]])
    return len(texts) > 2 and _words_over_figures(grid, row, columns, around.below)


def _is_year(text: str) -> bool:
    return bool(YEAR.fullmatch(without_marks(text)))


def _figures_under(grid: Grid, texts: Mapping[int, str], counted: Counted, over: Sequence[int]) -> bool:
    """Whether the numbers of a row, which look like headings, are figures under the headings of a row further up."""
    first = min(texts)
    if not over or is_value(texts[first]) or texts[first] == without_marks(grid.text(over[-1], first)):
        return False
    named = [grid.text(over[-1], column) for column, text in texts.items() if is_value(text)]
    if not all(map(str.strip, named)):
        return False
    # Years go on counting from table to table; other numbers under years are figures.
    return not counted.certain or (not counted.years and all(map(_is_year, named)))


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
