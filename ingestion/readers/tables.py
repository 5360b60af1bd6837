"""What every reader gives: tables of text, where each text stands, and what was found that a person should know.

A table keeps what the publisher printed. Headings are spread over what they cover and their footnote marks are taken
apart, but nothing is dropped: titles, notes and marks stay beside the figures. What a text means is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ingestion.readers.footnotes import Marked, split_label

Place = Literal["above", "inside", "below", "beside"]
Weight = Literal["fault", "notice"]


@dataclass(frozen=True, slots=True)
class Note:
    """A text that belongs to a table without being one of its cells: its title, a footnote, a source line."""

    text: str
    address: str
    where: Place


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know. A *fault* is a cell or a file that must not be read as it stands."""

    weight: Weight
    text: str
    address: str | None = None
    position: int | None = None  # of the heading, where it is about that column alone: nothing to who does not take it

    def __str__(self) -> str:
        return f"{self.address}: {self.text}" if self.address else self.text


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: one part a header row, from the top, equal ones written once."""

    parts: tuple[str, ...]
    marks: tuple[str, ...]
    published: tuple[str, ...]
    address: str

    @property
    def text(self) -> str:
        return " | ".join(self.parts)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of texts, one a heading; an empty cell is an empty text.

    The number is the line of a text file, the row of a sheet or the place in a list, as a person counts: from 1.
    `section` is the last line inside the table before it. `parent` are the labels further up under which its own is
    indented, from the outermost, written like the parts of a heading.
    """

    number: int
    texts: tuple[str, ...]
    section: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a cross-tab, long: the labels of its row, the heading of its column, its text, where it stands."""

    labels: tuple[Marked, ...]
    heading: Heading
    text: str
    address: str
    row: int
    section: str | None
    parent: str | None


@dataclass(frozen=True)
class Table:
    """A table as found. `rows()` may be called again and reads again; a large file is never held whole."""

    name: str  # the sheet, or what the file calls itself
    place: str  # "Table 3.2!A5:F40", "lines 11 to 57"
    headings: tuple[Heading, ...]
    labels: int  # how many leading columns say what a row is about
    rows: Callable[[], Iterator[Row]]
    address: Callable[[int, int], str]  # of (row number, position of the heading)
    notes: tuple[Note, ...] = ()
    context: tuple[tuple[str, str], ...] = ()  # what is the same for every cell: locked dimensions, dataset, measure
    findings: tuple[Finding, ...] = ()
    tidy: bool = False  # one row an observation: nothing to unfold
    first_row: int = field(default=0, compare=False)
    hidden: bool = False
    listed: frozenset[str] = frozenset()  # numbers of notes in round brackets that stand beside it

    @property
    def titles(self) -> tuple[Note, ...]:
        return tuple(note for note in self.notes if note.where == "above")

    @property
    def faults(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.weight == "fault")

    def cells(self) -> Iterator[Cell]:
        """The cells beside the labels, one by one, row by row. Empty cells come too: empty is not missing."""
        for row in self.rows():
            labels = tuple(split_label(text, self.listed) for text in row.texts[: self.labels])
            for position in range(self.labels, len(self.headings)):
                yield Cell(
                    labels,
                    self.headings[position],
                    row.texts[position],
                    self.address(row.number, position),
                    row.number,
                    row.section,
                    row.parent,
                )


def column_letters(column: int) -> str:
    """The letters of a column counted from 0: A, Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """`B7` for row 6 and column 1, both counted from 0."""
    return f"{column_letters(column)}{row + 1}"


def cell_position(name: str) -> tuple[int, int]:
    """Row and column, counted from 0, of a name such as `B7`. Raises ValueError for another text."""
    letters = name.rstrip("0123456789")
    if not letters or not letters.isascii() or not letters.isalpha() or letters == name:
        raise ValueError(f"{name!r} is no cell name")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(name[len(letters) :]) - 1, column - 1


def listed(texts: Sequence[str], most: int = 8) -> str:
    """The texts between quotes with commas, the rest counted."""
    quoted = ", ".join(repr(text) for text in texts[:most])
    return f"{quoted} and {len(texts) - most} more" if len(texts) > most else quoted or "nothing"
