"""What a workbook says besides its values: errors, formulas without a result, formats, merged and hidden cells.

calamine gives the values and loses these: a cell `#N/A` comes as an empty one, a formula that was never calculated too.
So the parts of an xlsx or ods file are read once more, for these alone. The pass comes before calamine and refuses what
would fill the machine: calamine sets aside a place for each cell between the first and the last.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from ingestion.errors import SourceChanged
from ingestion.readers.archive import MOST_BYTES, pieces
from ingestion.readers.tables import cell_name, cell_position

Position = tuple[int, int]
Area = tuple[int, int, int, int]  # first row, first column, last row, last column, from 0
MOST_CELLS = 6_000_000  # between the first and the last filled cell; the largest table known here has 1.9 million
MOST_NAMED = 10_000  # errors and formulas without a result that are kept by position
PERCENT_FORMATS = {9: True, 10: True}  # `0%` and `0.00%`, which no workbook spells out
# What in a number format is no instruction: words between quotes, a character after a backslash, a width, a fill, and
# what stands in brackets (a colour, a condition, a currency).
LITERAL = re.compile(r'"[^"]*"?|[\\_*].|\[[^\]]*\]')


def shows_percent(code: str) -> bool:
    """Whether a number format shows a number a hundred times as large, in any of its sections.

    One section speaks for all: what a cell holds is a fraction also where another of them shows a word in its place.
    """
    return "%" in LITERAL.sub("", code)


@dataclass
class Facts:
    """Of one sheet. Positions count from 0."""

    first: Position | None = None
    last: Position | None = None
    filled: int = 0
    characters: int = 0  # of all texts, as often as they stand there
    errors: dict[Position, str] = field(default_factory=dict)
    uncached: list[Position] = field(default_factory=list)
    percents: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # column -> runs of rows, ends included
    merged: list[Area] = field(default_factory=list)
    links: list[Area] = field(default_factory=list)  # that lead to another place in the workbook
    indents: dict[Position, int] = field(default_factory=dict)  # steps by which a cell's format moves its text right
    hidden_rows: int = 0
    hidden_columns: list[int] = field(default_factory=list)
    complete: bool = True  # false where the format keeps some of these from us

    @property
    def cells(self) -> int:
        """How many places there are between the first and the last filled cell."""
        if not self.first or not self.last:
            return 0
        return (self.last[0] - self.first[0] + 1) * (self.last[1] - self.first[1] + 1)

    def fill(self, row: int, column: int, times: int = 1, rows: int = 1, characters: int = 0) -> None:
        self.filled += times * rows
        self.characters += times * rows * characters
        last = (row + rows - 1, column + times - 1)
        self.first = (row, column) if not self.first else (min(self.first[0], row), min(self.first[1], column))
        self.last = last if not self.last else (max(self.last[0], last[0]), max(self.last[1], last[1]))

    def note_percent(self, row: int, column: int, times: int = 1, rows: int = 1) -> None:
        """Numbers that are shown as percentages, in so many columns and rows from there. Filled they are already."""
        if self.filled > MOST_CELLS:
            return  # the sheet will be refused
        last = row + rows - 1
        for each in range(column, column + times):
            runs = self.percents.setdefault(each, [])
            if runs and runs[-1][1] == row - 1:
                runs[-1] = (runs[-1][0], last)
            else:
                runs.append((row, last))

    def refuse_too_many(self, where: str) -> None:
        """Raises SourceChanged, naming the last filled cell, when the cells in between would be too many."""
        if not self.first or not self.last:
            return
        if self.cells > MOST_CELLS:
            raise SourceChanged(
                f"{where}!{cell_name(*self.last)}: the last filled cell; from {cell_name(*self.first)} these are "
                f"{self.cells:,} cells of which {self.filled:,} are filled, expected at most {MOST_CELLS:,}. Delete "
                "the stray cell, or ask the publisher for a delimited file"
            )


def refuse_too_much(sheets: Iterable[Facts], where: str) -> None:
    """Raises SourceChanged when all sheets together would fill the machine, though each is within its limit.

    Many sheets can stand in one part, and many cells can have one text: both make much of few bytes.
    """
    cells = characters = 0
    for facts in sheets:
        cells, characters = cells + facts.cells, characters + facts.characters
    if cells > MOST_CELLS or characters > MOST_BYTES:
        raise SourceChanged(
            f"{where}: {cells:,} cells and {characters:,} characters in all its sheets, expected at most "
            f"{MOST_CELLS:,} and {MOST_BYTES:,}. Look at it, or ask the publisher for a delimited file"
        )


@dataclass(frozen=True)
class SheetPart:
    """A sheet as the workbook lists it."""

    name: str
    part: str | None
    visible: bool


def parse(archive: zipfile.ZipFile, part: str, where: str, begin: Any, *, end: Any = None, text: Any = None) -> None:
    """Stream a part through the handlers. Raises SourceChanged for XML that is damaged or declares entities."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    if end:
        parser.EndElementHandler = end
    if text:
        parser.CharacterDataHandler = text
    parser.buffer_text = True
    parser.ordered_attributes = False

    def doctype(*_: Any) -> None:
        raise SourceChanged(f"{where}, part {part}: declares a document type, which no workbook does. Do not open it")

    parser.StartDoctypeDeclHandler = doctype
    try:
        for piece in pieces(archive, part, where):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # LookupError: an encoding nobody knows
        raise SourceChanged(f"{where}, part {part}: damaged ({error}). Fetch it again") from error


def local(name: str) -> str:
    """An element's or attribute's name without its namespace."""
    return name.rpartition(" ")[2]


def xlsx_sheets(archive: zipfile.ZipFile, where: str) -> list[SheetPart]:
    """The sheets in their order, with the part each stands in."""
    targets: dict[str, str] = {}
    listed: list[tuple[str, str, str]] = []

    def relation(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "sheet":
            plain = {local(key): value for key, value in attributes.items()}
            listed.append((plain.get("name", ""), plain.get("id", ""), plain.get("state", "visible")))

    names = set(archive.namelist())
    for part, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        if part not in names:
            raise SourceChanged(f"{where} is a zip file without {part}; expected a workbook. Fetch it again")
        parse(archive, part, where, handler)
    found = []
    for title, relation_id, state in listed:
        target = targets.get(relation_id, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found.append(SheetPart(title, part if part in names else None, state == "visible"))
    return found


@dataclass(frozen=True)
class Styles:
    """What of the cells' styles changes what a person reads, by the number of the style."""

    percent: frozenset[int] = frozenset()  # shows a number a hundred times as large, with a percent sign
    indents: dict[int, int] = field(default_factory=dict)


def cell_styles(archive: zipfile.ZipFile, where: str) -> Styles:
    """The styles that show a percentage, and those that move a text to the right."""
    if "xl/styles.xml" not in archive.namelist():
        return Styles()
    shown = dict(PERCENT_FORMATS)
    styles: list[int] = []
    indents: dict[int, int] = {}
    inside = False

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        kind = local(name)
        if kind == "cellXfs":
            inside = True
        elif kind == "numFmt":
            shown[integer(attributes.get("numFmtId"))] = shows_percent(attributes.get("formatCode", ""))
        elif kind == "xf" and inside:
            styles.append(integer(attributes.get("numFmtId")))
        elif kind == "alignment" and inside and (steps := integer(attributes.get("indent", "0"))) > 0:
            indents[len(styles) - 1] = steps

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and local(name) != "cellXfs"

    parse(archive, "xl/styles.xml", where, begin, end=end)
    return Styles(frozenset(place for place, number in enumerate(styles) if shown.get(number)), indents)


def shared_lengths(archive: zipfile.ZipFile, where: str) -> list[int]:
    """How long each text is that cells refer to by number, phonetic help and formats included."""
    part = next((name for name in archive.namelist() if name.lower() == "xl/sharedstrings.xml"), None)
    lengths: list[int] = []

    def begin(name: str, _: dict[str, str]) -> None:
        if local(name) == "si":
            lengths.append(0)

    def text(text: str) -> None:
        if lengths:
            lengths[-1] += len(text)

    if part:
        parse(archive, part, where, begin, text=text)
    return lengths


def xlsx_facts(archive: zipfile.ZipFile, part: str, where: str, *, styles: Styles, shared: Sequence[int] = ()) -> Facts:
    """Everything about one sheet's cells that is not their value; `shared` has the lengths of the workbook's texts."""
    scan = _XlsxScan(where, styles, shared)
    parse(archive, part, where, scan.begin, end=scan.end, text=scan.text)
    scan.facts.refuse_too_many(where)
    return scan.facts


class _XlsxScan:
    """Handlers for one sheet. Attributes of cells are looked up by plain name, as they have no namespace."""

    def __init__(self, where: str, styles: Styles, shared: Sequence[int]) -> None:
        self.facts, self._where, self._styles, self._shared = Facts(), where, styles, shared
        self._row = self._column = -1
        self._kind = self._style = ""
        self._formula = self._in_value = False
        self._value: list[str] = []
        self._begins: dict[str, Callable[[dict[str, str]], None]] = {
            "c": self._cell,
            "row": self._next_row,
            "f": self._has_formula,
            "v": self._begin_value,
            "t": self._begin_value,
            "mergeCell": self._merge,
            "hyperlink": self._link,
            "col": self._column_format,
        }

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        handler = self._begins.get(name[name.rfind(" ") + 1 :])
        if handler:
            handler(attributes)

    def end(self, name: str) -> None:
        kind = name[name.rfind(" ") + 1 :]
        if kind in ("v", "t"):
            self._in_value = False
        elif kind == "c":
            self._close_cell()

    def text(self, text: str) -> None:
        if self._in_value:
            self._value.append(text)

    def _next_row(self, attributes: dict[str, str]) -> None:
        self._row = integer(attributes["r"]) - 1 if "r" in attributes else self._row + 1
        self._column = -1
        self.facts.hidden_rows += attributes.get("hidden") in ("1", "true")

    def _cell(self, attributes: dict[str, str]) -> None:
        if "r" in attributes:
            try:
                self._row, self._column = cell_position(attributes["r"])
            except ValueError as error:
                raise SourceChanged(f"{self._where}: damaged, {error}. Fetch it again") from None
        else:
            self._column += 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._formula = self._in_value = False
        self._value.clear()

    def _has_formula(self, _: dict[str, str]) -> None:
        self._formula = True

    def _begin_value(self, _: dict[str, str]) -> None:
        self._in_value = True

    def _close_cell(self) -> None:
        value = "".join(self._value)
        if not value and not self._formula:
            return
        place = (self._row, self._column)
        self.facts.fill(*place, characters=self._length(value))
        if self._formula and not value and self._kind != "str" and len(self.facts.uncached) < MOST_NAMED:
            self.facts.uncached.append(place)
        elif self._kind == "e" and len(self.facts.errors) < MOST_NAMED:
            self.facts.errors[place] = value
        elif self._kind == "n" and integer(self._style) in self._styles.percent:
            self.facts.note_percent(*place)
        if self._kind != "n" and (steps := self._styles.indents.get(integer(self._style))):
            self.facts.indents[place] = steps

    def _length(self, value: str) -> int:
        if self._kind != "s":
            return len(value)
        number = integer(value)
        return self._shared[number] if 0 <= number < len(self._shared) else 0

    def _merge(self, attributes: dict[str, str]) -> None:
        if area := _area(attributes.get("ref", "")):
            self.facts.merged.append(area)

    def _link(self, attributes: dict[str, str]) -> None:
        outside = any(local(key) == "id" for key in attributes)
        if "location" in attributes and not outside and (area := _area(attributes.get("ref", ""))):
            self.facts.links.append(area)

    def _column_format(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true"):
            first, last = integer(attributes.get("min")), integer(attributes.get("max"))
            self.facts.hidden_columns += range(first - 1, min(last, first + 200))


def _area(reference: str) -> Area | None:
    """The cells of `B2:C4` or `B2`; none where the text names no cells."""
    first, _, last = reference.partition(":")
    try:
        return (*cell_position(first), *cell_position(last or first))
    except ValueError:
        return None


def integer(text: str | None) -> int:
    """The number, or -1: an attribute that is damaged describes nothing that we need."""
    try:
        return int(text or "")
    except ValueError:
        return -1
