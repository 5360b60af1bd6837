"""A file as somebody filled it in: a workbook or a CSV file to rows of texts under the fields of its kind.

Columns are found by their headings, in any order. What cannot be read at all is raised; what is merely wrong is found
by `judged`.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

from ingestion.errors import SourceChanged
from ingestion.readers import archive
from ingestion.readers.tables import cell_name, column_letters
from ingestion.readers.workbook import ZIP, Sheet, read_workbook
from ingestion.returns.layout import CONFIRMED, CONFIRMED_ID, COVER, ON_THE_COVER, ROW_ID, TABLE
from promise.catalogue.returns import ReturnField, ReturnKind, return_kinds

SCANNED = 30  # rows from the top in which the headings may stand
MOST_BYTES = 50_000_000
FORMULA = re.compile(rb'<c\b[^>]*\br="([A-Z]+[0-9]+)"[^>]*>\s*<f[\s/>]')
TABLE_OF_ODS = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


@dataclass(frozen=True)
class Line:
    """A row as it was filled in."""

    number: int  # in the sheet or file; the first is 1
    cells: dict[str, str]  # by field, without the empty ones
    confirmed: str


@dataclass(frozen=True)
class Opened:
    """A return as it was filled in. Nothing of it has been judged but that it can be read."""

    file_name: str
    said: dict[str, tuple[str, ...]]  # return_of, template_edition, returned_by: each different text, in their order
    kind: ReturnKind | None  # the one that it says it is of
    sheet: str | None  # None: a CSV file
    columns: dict[str, int] = field(default_factory=dict)  # field -> column, from 0
    strange: tuple[tuple[int, str], ...] = ()  # columns whose headings no field has
    twice: tuple[str, ...] = ()  # headings that stand there twice
    heading_row: int | None = None  # None: no row of headings was found
    lines: tuple[Line, ...] = ()
    formulas: tuple[str, ...] = ()  # their cells

    def address(self, row: int | None, field_id: str | None) -> str | None:
        """A cell as its sender would look for it."""
        column = self.columns.get(field_id) if field_id else None
        if row is None:
            return None
        if self.sheet is None:
            return f"line {row}"
        return cell_name(row - 1, column) if column is not None else f"row {row}"


def opened(path: Path, kind: ReturnKind | None = None, name: str | None = None) -> Opened:
    """The file, by its own headings. `kind` is the one that is expected, where somebody knows.

    Raises SourceChanged for what is no workbook or CSV file, is locked, damaged, too large, or holds macros.
    """
    name = name or path.name
    size = path.stat().st_size
    if not size:
        raise SourceChanged(f"{name} is empty; fill in the template and save it as .xlsx, .ods or .csv")
    if size > MOST_BYTES:
        raise SourceChanged(f"{name} has {size:,} bytes, expected at most {MOST_BYTES:,}. Is it the right file?")
    with path.open("rb") as handle:
        first = handle.read(8)
    if not first.startswith(ZIP):
        if first.startswith(b"\xd0\xcf\x11\xe0"):
            raise SourceChanged(f"{name} is a workbook of the old kind (.xls) or locked; save it as .xlsx or .ods")
        return _of_csv(path, kind, name)
    with archive.open_zip(path, name) as parts:
        _refuse_macros(name, parts)
        formulas = tuple(_formulas(parts, name))
    return _of_workbook(path, kind, name, formulas)


def _refuse_macros(name: str, parts: zipfile.ZipFile) -> None:
    with_macros = [each for each in parts.namelist() if each.endswith("vbaProject.bin") or each.startswith("Basic/")]
    if with_macros or Path(name).suffix.lower() in (".xlsm", ".xltm", ".xlsb"):
        raise SourceChanged(f"{name} holds macros, which nothing here runs or keeps; save it as .xlsx or .ods")


def _formulas(parts: zipfile.ZipFile, where: str) -> Iterator[str]:
    """The cells of the sheets that hold a formula. Of a spreadsheet's text nothing is run, so they are told."""
    for name in sorted(parts.namelist()):
        if re.search(r"xl/worksheets/[^/]*\.xml$", name):
            text = b"".join(archive.pieces(parts, name, where))
            yield from (found.decode() for found in FORMULA.findall(text))
    if "content.xml" in parts.namelist():
        yield from _formulas_of_ods(b"".join(archive.pieces(parts, "content.xml", where)))


def _formulas_of_ods(content: bytes) -> Iterator[str]:
    if b"table:formula" not in content or b"<!DOCTYPE" in content:
        return
    for sheet in ElementTree.fromstring(content).iter(f"{TABLE_OF_ODS}table"):  # noqa: S314  (no DTD; sizes are held)
        row = 0
        for line in sheet.iter(f"{TABLE_OF_ODS}table-row"):
            column = 0
            for cell in line:
                if cell.get(f"{TABLE_OF_ODS}formula"):
                    yield cell_name(row, column)
                column += int(cell.get(f"{TABLE_OF_ODS}number-columns-repeated", "1"))
            row += int(line.get(f"{TABLE_OF_ODS}number-rows-repeated", "1"))


def _of_workbook(path: Path, kind: ReturnKind | None, name: str, formulas: tuple[str, ...]) -> Opened:
    sheets = {each.name: each for each in read_workbook(path, name)}
    said = _said_on_the_cover(sheets.get(COVER))
    kind = kind or _kind(said)
    table = sheets.get(TABLE) or next((each for each in sheets.values() if _heading_row(each.rows, kind)), None)
    if table is None:
        return Opened(name, said, kind, TABLE, formulas=formulas)
    return _table(Opened(name, said, kind, table.name, formulas=formulas), table.rows)


def _said_on_the_cover(cover: Sheet | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {each: [] for each in ON_THE_COVER.values()}
    for row in cover.rows if cover else ():
        filled = [cell.strip() for cell in row if cell.strip()]
        if filled and (column := ON_THE_COVER.get(filled[0].rstrip(":"))):
            found[column] += filled[1:2]
    return {column: tuple(dict.fromkeys(texts)) for column, texts in found.items()}


def _of_csv(path: Path, kind: ReturnKind | None, name: str) -> Opened:
    content = path.read_bytes()
    if b"\x00" in content[:4096]:
        raise SourceChanged(f"{name} is no workbook and no CSV file; save it as .xlsx, .ods or .csv")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what a spreadsheet program on Windows saves
    head = text.split("\n", 1)[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    try:
        rows: list[tuple[str, ...]] = [
            tuple(row) for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise SourceChanged(f"{name} is no CSV file ({error}); save it as .xlsx, .ods or .csv") from None
    above = [each.strip().casefold() for each in rows[0]] if rows else []
    said: dict[str, tuple[str, ...]] = {}
    for title, column in ON_THE_COVER.items():
        place = next((above.index(each) for each in (column, title.casefold()) if each in above), None)
        texts = [row[place].strip() for row in rows[1:] if place is not None and place < len(row)]
        said[column] = tuple(dict.fromkeys(each for each in texts if each))
    return _table(Opened(name, said, kind or _kind(said), sheet=None), rows)


def _kind(said: dict[str, tuple[str, ...]]) -> ReturnKind | None:
    words = {word.casefold(): each for each in return_kinds().values() for word in (each.id, each.title)}
    return next((words[each.casefold()] for each in said["return_of"] if each.casefold() in words), None)


def _heading_row(rows: Sequence[Sequence[str]], kind: ReturnKind | None) -> int | None:
    """The row that has the most of the fields' headings, if it has any two."""
    known = _headings(kind) if kind else {each for one in return_kinds().values() for each in _headings(one)}
    counts = [sum(cell.strip().casefold() in known for cell in row) for row in rows[:SCANNED]]
    return counts.index(max(counts)) if counts and max(counts) >= 2 else None


def _headings(kind: ReturnKind) -> dict[str, str]:
    return {word.casefold(): each.id for each in kind.fields for word in (each.title, each.id)}


def _table(found: Opened, rows: Sequence[Sequence[str]]) -> Opened:
    kind, top = found.kind, _heading_row(rows, found.kind)
    if kind is None or top is None:
        return found
    known = _headings(kind)
    beside = {*ON_THE_COVER.values(), *(each.casefold() for each in ON_THE_COVER), ROW_ID}
    columns: dict[str, int] = {}
    strange, twice, confirmed, numbered = [], [], None, None
    for place, heading in enumerate(cell.strip() for cell in rows[top]):
        word = heading.casefold()
        if word in known and known[word] not in columns:
            columns[known[word]] = place
        elif word in known:
            twice.append(heading)
        elif word in (CONFIRMED.casefold(), CONFIRMED_ID):
            confirmed = place
        elif word == ROW_ID:
            numbered = place
        elif heading and word not in beside:
            strange.append((place, heading))
    example = {each.id: each.example for each in kind.fields if each.example}
    lines = []
    for number, row in enumerate(rows[top + 1 :], start=top + 2):
        cells = {each: row[place].strip() for each, place in columns.items() if place < len(row) and row[place].strip()}
        if not cells or cells == example:
            continue
        known_number = row[numbered].strip() if numbered is not None and numbered < len(row) else ""
        lines.append(
            Line(
                number=int(known_number) if known_number.isdigit() else number,
                cells=cells,
                confirmed=row[confirmed].strip() if confirmed is not None and confirmed < len(row) else "",
            )
        )
    return replace(
        found, columns=columns, strange=tuple(strange), twice=tuple(twice), heading_row=top + 1, lines=tuple(lines)
    )


def column_of(opened: Opened, place: int) -> str:
    """A column by the letters of a sheet, or its number in a CSV file."""
    return f"column {column_letters(place)}" if opened.sheet is not None else f"column {place + 1}"


def missing(opened: Opened) -> tuple[ReturnField, ...]:
    """The fields that have no column."""
    return tuple(each for each in (opened.kind.fields if opened.kind else ()) if each.id not in opened.columns)
