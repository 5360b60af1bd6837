"""Workbooks: every sheet, hidden ones too, and what stands beside the sheets: comments, properties, unused texts.

The parts of the archive are looked at as text first. Only where something is in doubt is the workbook read by cells.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ingestion.personal.hits import Hit, Rows
from ingestion.personal.suspects import suspects
from ingestion.personal.texts import decoded
from ingestion.readers.archive import open_zip, pieces
from ingestion.readers.tables import cell_name
from ingestion.readers.workbook import ZIP, Sheet, read_workbook
from promise.vocabulary.personal import LONGEST_HEADING, find_personal, tells_what_follows

TAG = re.compile(rb"<[^>]*>")
WITHIN = re.compile(
    rb"<(?:\w+:)?rPr>.*?</(?:\w+:)?rPr>|</?(?:\w+:)?(?:r|t|span|a|s)\b[^>]*>", re.DOTALL
)  # of a cell's text: it goes on behind these
APPEARANCE = re.compile(r"styles?\.xml$|/theme/|calcChain|\.rels$|\[Content_Types\]")
OF_CELLS = re.compile(r"sharedStrings\.xml$|^content\.xml$|/worksheets/[^/]*\.xml$")
NAMES_OF_SHEETS = {
    "xl/workbook.xml": re.compile(rb'<(?:\w+:)?sheet\b[^>]*?\bname="([^"]*)"'),
    "content.xml": re.compile(rb'<table:table\b[^>]*?\btable:name="([^"]*)"'),
}
CELL = "\x1f"


def in_workbook(path: Path, where: str) -> Iterator[Hit]:
    """Everything in a workbook that a rule knows. Raises SourceChanged for one that cannot be looked into."""
    with path.open("rb") as handle:
        zipped = handle.read(4) == ZIP
    texts: list[tuple[str, str]] = []
    if zipped:
        with open_zip(path, where) as archive:
            texts = _texts_of_parts(archive, where)
            named = any(find_personal(name) for name in _names_of_sheets(archive, where))
        if not texts and not named and not any(map(tells_what_follows, short_texts(path, where))):
            return
    shown: set[str] = set()
    for number, sheet in enumerate(read_workbook(path, where), start=1):
        yield from (Hit(found, f"the name of sheet {number}") for found in find_personal(sheet.name))
        for hit in _in_sheet(sheet):
            shown.add(hit.found.text)
            yield hit
    for part, text in texts:
        for found in find_personal(text):
            if found.text not in shown:
                yield Hit(found, f"{part}, which is no cell", None, around=True, beside=text)


def _in_sheet(sheet: Sheet) -> Iterator[Hit]:
    rows = Rows()
    lines = [CELL.join(cells).replace("\n", " ") for cells in sheet.rows]
    text = "\n".join(lines).encode()
    doubtful = {text.count(b"\n", 0, place) for place in suspects(text)} if text else set()
    for row, cells in enumerate(sheet.rows):
        stripped = [cell.strip() for cell in cells]
        for place, found in rows.by_headings(stripped):
            yield rows.hit(stripped, place, found, f"{sheet.name}!{cell_name(row, place)}")
        if row in doubtful:
            for place, found in rows.by_itself(stripped):
                yield rows.hit(stripped, place, found, f"{sheet.name}!{cell_name(row, place)}")


def _texts_of_parts(archive: zipfile.ZipFile, where: str) -> list[tuple[str, str]]:
    """(part, text) of each in which something is found."""
    found: list[tuple[str, str]] = []
    for name in archive.namelist():
        if not name.endswith(".xml") or APPEARANCE.search(name):
            continue
        for piece in _whole_tags(archive, name, where):
            plain = _plain(piece)
            for place in suspects(plain):
                line = _line(plain, place)
                if find_personal(line):
                    found.append((name, line))
    return found


def _names_of_sheets(archive: zipfile.ZipFile, where: str) -> Iterator[str]:
    """Which stand in tags, and not between them."""
    for part, tag in NAMES_OF_SHEETS.items():
        if part in archive.namelist():
            for piece in _whole_tags(archive, part, where):
                yield from (html.unescape(decoded(name)) for name in tag.findall(piece))


def short_texts(path: Path, where: str) -> set[str]:
    """What may be a heading in a zipped workbook, each text once."""
    found: set[str] = set()
    with open_zip(path, where) as archive:
        for name in archive.namelist():
            if not OF_CELLS.search(name):
                continue
            for piece in _whole_tags(archive, name, where):
                if b"<t" in piece or b"text:p" in piece:  # a sheet of numbers has neither
                    found.update(
                        html.unescape(decoded(line))
                        for line in set(_plain(piece).split(b"\n"))
                        if 2 < len(line) < LONGEST_HEADING
                    )
    return found


def _whole_tags(archive: zipfile.ZipFile, name: str, where: str) -> Iterator[bytes]:
    """A part in pieces of which none ends inside a tag."""
    rest = b""
    for piece in pieces(archive, name, where):
        text = rest + piece
        end = text.rfind(b">") + 1
        rest, text = text[end:], text[:end]
        yield text


def _plain(piece: bytes) -> bytes:
    """The texts, one a line."""
    return TAG.sub(b"\n", WITHIN.sub(b"", piece))


def _line(text: bytes, place: int) -> str:
    start = text.rfind(b"\n", 0, place) + 1
    end = text.find(b"\n", place)
    return html.unescape(decoded(text[start : len(text) if end < 0 else end]))
