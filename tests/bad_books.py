"""A small workbook with the habits of a published one, and one like it for each way in which workbooks go wrong."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

TITLE = "Table 3.2: Children looked after, by council"
YEARS = ["Local authority", "2022", None, "2023", None]
HEADINGS = [None, "Number", "Rate", "Number", "Rate"]
MERGED = ("A3:A4", "B3:C3", "D3:E3")
ROWS = [["Fife", 1210, 12.5, 1198, 12.25], ["Glasgow City", 3012, 14.5, "[c]", 13.5], ["Moray", 231, 7.5, 228, 7.25]]
SHEET = "xl/worksheets/sheet1.xml"
FIXTURES = Path(__file__).parent / "fixtures" / "readers"
Rows = Sequence[Sequence[Any]]


def whole(path: Path) -> None:
    _book(path, [[TITLE], [], YEARS, HEADINGS, *ROWS])


def sheet_renamed(path: Path) -> None:
    _book(path, [[TITLE], [], YEARS, HEADINGS, *ROWS], sheet="Children, councils")


def header_row_moved(path: Path) -> None:
    lines = [[TITLE], ["Published again on 1 May"], [], ["Figures are rounded"], []]
    _book(path, [*lines, YEARS, HEADINGS, *ROWS], merged=("A6:A7", "B6:C6", "D6:E6"))


def merged_header_shifted(path: Path) -> None:
    _book(path, [[TITLE], [], ["Local authority", None, "2022", None, "2023"], HEADINGS, *ROWS], merged=("C3:D3",))


def notes_row_inside(path: Path) -> None:
    _book(path, [[TITLE], [], YEARS, HEADINGS, ROWS[0], ["Figures below are provisional"], *ROWS[1:]])


def unknown_marker(path: Path) -> None:
    _book(path, [[TITLE], [], YEARS, HEADINGS, ROWS[0], ["Glasgow City", 3012, "[low]", "[c]", 13.5], ROWS[2]])


def formula_without_a_result(path: Path) -> None:
    _book(path, [[TITLE], [], YEARS, HEADINGS, ROWS[0], ["Glasgow City", "=1+1", 14.5, 2990, 13.5], ROWS[2]])


def a_million_empty_rows(path: Path) -> None:
    """Rows that somebody formatted down to the end of the sheet."""
    whole(path)
    empty = "".join(f'<row r="{row}" s="1" customFormat="1"/>' for row in range(8, 1_000_008))
    _changed(path, lambda xml: xml.replace("</sheetData>", f"{empty}</sheetData>"))


def personal_heading(path: Path) -> None:
    named = [[*YEARS, "Social worker name"], [*HEADINGS, None], *([*row, "A Person"] for row in ROWS)]
    _book(path, [[TITLE], [], *named], merged=(*MERGED, "F3:F4"))


def encrypted(path: Path) -> None:
    """Excel keeps a locked workbook in a container of the old kind, under this name."""
    content = bytearray((FIXTURES / "old_workbook.xls").read_bytes())
    place = content.index("Workbook".encode("utf-16-le"))
    content[place : place + 32] = "EncryptedPackage".encode("utf-16-le")
    content[place + 64 : place + 66] = (34).to_bytes(2, "little")
    path.write_bytes(bytes(content))


def corrupt(path: Path) -> None:
    whole(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"0" * 40_000_000)


def _book(path: Path, rows: Rows, sheet: str = "Table 3.2", merged: Sequence[str] = MERGED) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for area in merged:
        page.merge_cells(area)
    book.save(path)


def _changed(path: Path, how: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[SHEET] = how(parts[SHEET].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
