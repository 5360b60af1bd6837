"""Small files with the habits of published ones: workbooks made here, text files of `tests/fixtures/readers`."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "readers"
Rows = Sequence[Sequence[Any]]


@pytest.fixture
def fixture() -> Callable[[str], Path]:
    """A hand-made file by its name."""
    return lambda name: FIXTURES / name


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """A workbook of the sheets given, each as rows from A1; None is an empty cell."""

    def make(sheets: dict[str, Rows], merged: dict[str, list[str]] | None = None, hidden: Sequence[str] = ()) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(list(row))
            for area in (merged or {}).get(name, []):
                sheet.merge_cells(area)
            if name in hidden:
                sheet.sheet_state = "hidden"
        path = tmp_path / "made.xlsx"
        book.save(path)
        return path

    return make


@pytest.fixture
def changed() -> Callable[[Path, str, Callable[[str], str]], Path]:
    """A workbook with one of its parts rewritten, for what no library would write."""

    def change(path: Path, part: str, how: Callable[[str], str]) -> Path:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts[part] = how(parts[part].decode()).encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return path

    return change


@pytest.fixture
def ods(tmp_path: Path) -> Callable[..., Path]:
    """An OpenDocument spreadsheet of one sheet; a cell is a text, a number, or raw XML."""

    def make(rows: Rows, manifest: str = "") -> Path:
        lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        spaces = " ".join(
            f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
        )
        content = (
            f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
            f'<table:table table:name="Sheet 8">{lines}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>"
        )
        path = tmp_path / "made.ods"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", content)
            archive.writestr("META-INF/manifest.xml", manifest or '<?xml version="1.0"?><manifest/>')
        return path

    return make


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str) and value.startswith("<"):
        return value
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    number = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {number}><text:p>{value}</text:p></table:table-cell>"
