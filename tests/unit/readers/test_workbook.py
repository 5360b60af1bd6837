"""Workbooks: values exactly as stored, and what must not be opened."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.hyperlink import Hyperlink

from ingestion.errors import SourceChanged
from ingestion.readers import archive, workbook_facts, workbook_xls
from ingestion.readers import workbook as workbooks
from ingestion.readers.workbook import read_workbook
from promise.vocabulary.numbers import find_number

SHEET = "xl/worksheets/sheet1.xml"


def only(path: Path) -> Any:
    (sheet,) = read_workbook(path, "trial: made.xlsx")
    return sheet


def test_numbers_are_written_as_they_are_stored(workbook: Any) -> None:
    rows = [
        ["Fife", 7.0, 4960.336134453782, 0.1, 1e-7, 123456789012, date(2024, 7, 31), datetime(2024, 7, 31, 9, 30), True]
    ]
    assert only(workbook({"S": rows})).rows == [
        (
            *("Fife", "7", "4960.336134453782", "0.1", "0.0000001", "123456789012"),
            *("2024-07-31", "2024-07-31 09:30:00", "TRUE"),
        )
    ]


def test_a_text_that_a_spreadsheet_would_run_stays_a_text(workbook: Any) -> None:
    path = workbook({"S": [["council", "text"], ["Fife", "x"]]})
    book = load_workbook(path)
    cell = book["S"]["B2"]
    cell.value, cell.data_type = "=cmd|' /C calc'!A0", "s"
    book.save(path)
    assert only(path).rows[1] == ("Fife", "=cmd|' /C calc'!A0")


def test_a_spreadsheet_error_is_kept_as_the_word_it_is(workbook: Any, changed: Any) -> None:
    path = workbook({"S": [["council", "rate"], ["Fife", 1], ["Moray", 2]]})
    changed(path, SHEET, lambda xml: xml.replace('<c r="B2" t="n"><v>1</v>', '<c r="B2" t="e"><v>#N/A</v>'))
    assert only(path).rows[1] == ("Fife", "#N/A")


def test_a_formula_gives_its_stored_result(workbook: Any, changed: Any) -> None:
    path = workbook({"S": [["council", "rate"], ["Fife", 1]]})
    changed(path, SHEET, lambda xml: xml.replace("<v>1</v>", "<f>2-1</f><v>1</v>"))
    assert only(path).rows[1] == ("Fife", "1")
    assert not only(path).findings


def test_a_formula_without_a_stored_result_is_a_fault_with_its_cell(workbook: Any) -> None:
    sheet = only(workbook({"Table 1": [["council", "rate"], ["Fife", "=1+1"]]}))
    (finding,) = sheet.findings
    assert (finding.weight, finding.address) == ("fault", "Table 1!B2")
    assert "stored result" in finding.text


@pytest.fixture
def formatted(workbook: Any) -> Any:
    """A workbook of councils and rates, in which cells have number formats."""

    def make(rates: list[Any], formats: dict[str, str]) -> Path:
        path: Path = workbook({"S": [["council", "rate"], *(["Fife", rate] for rate in rates)]})
        book = load_workbook(path)
        for cell, code in formats.items():
            book["S"][cell].number_format = code
        book.save(path)
        return path

    return make


PERCENT = [
    "0%",
    "0.0%",
    "0.00%",
    "0.00%;-0.00%",
    "[Red]0.0%",
    '[<0.01]"<1%";0%',
    "#,##0.0\\ %",
    '0.0%;-0.0%;"-"',
    "0.0_-%",
]
NO_PERCENT = ["0.0", "General", '0.0"%"', "0.0\\%", '0" % of all"', "yyyy\\-mm", "0.0_%", "0*%"]


@pytest.mark.parametrize("code", PERCENT)
def test_a_number_shown_as_a_percentage_is_read_as_one(formatted: Any, code: str) -> None:
    sheet = only(formatted([0.8944], {"B2": code}))
    assert sheet.rows[1] == ("Fife", "89.44%")
    assert "shown as percentages" in str(sheet.findings[0])


@pytest.mark.parametrize("code", NO_PERCENT)
def test_a_percent_sign_that_is_only_a_word_makes_no_percentage(formatted: Any, code: str) -> None:
    sheet = only(formatted([12345.5], {"B2": code}))
    assert "%" not in sheet.rows[1][1]
    assert not sheet.findings


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        (0.8944, "89.44%"), (0.57, "57%"), (0.29, "29%"), (1.005, "100.5%"), (0.07, "7%"), (0, "0%"), (0.0, "0%"),
        (1, "100%"), (12, "1200%"), (-0.125, "-12.5%"), (1e-7, "0.00001%"), (2 / 3, "66.66666666666666%"),
    ],
)  # fmt: skip
def test_a_percentage_is_exact(formatted: Any, stored: float, read: str) -> None:
    text = only(formatted([stored], {"B2": "0.0%"})).rows[1][1]
    assert text == read
    number = find_number(text)
    assert number is not None
    assert (number.value, number.percent) == (Decimal(repr(stored)) * 100, True)


def test_only_numbers_are_shown_as_percentages(formatted: Any) -> None:
    cells = ["[c]", True, None, "0.5"]
    sheet = only(formatted(cells, {f"B{row}": "0%" for row in range(2, 6)}))
    assert [row[1] for row in sheet.rows[1:]] == ["[c]", "TRUE", "", "0.5"]


def test_a_cell_that_names_no_style_has_the_first_one(formatted: Any, changed: Any) -> None:
    path = formatted([0.25], {"B2": "0%"})
    changed(path, "xl/styles.xml", lambda xml: re.sub(r'(<cellXfs.*?<xf numFmtId=)"0"', r'\1"10"', xml, count=1))
    changed(path, SHEET, lambda xml: re.sub(r'(<c r="B2") s="\d+"', r"\1", xml))
    assert only(path).rows[1] == ("Fife", "25%")


def test_a_workbook_may_give_a_number_of_excel_s_own_to_another_format(formatted: Any, changed: Any) -> None:
    path = formatted([0.25], {"B2": "0%"})
    own = '<numFmts count="1"><numFmt numFmtId="9" formatCode="0.00" /></numFmts>'
    changed(path, "xl/styles.xml", lambda xml: re.sub(r"<numFmts[^>]*/>", own, xml, count=1))
    assert only(path).rows[1] == ("Fife", "0.25")


def test_percentages_are_found_wherever_a_sheet_begins(formatted: Any) -> None:
    path = formatted([0.25, 0.5], {"B2": "0%", "B3": "0%"})
    book = load_workbook(path)
    book["S"].insert_rows(1, 3)
    book["S"].insert_cols(1, 2)
    for row in (5, 6):
        book["S"].cell(row, 4).number_format = "0%"
    book.save(path)
    assert only(path).rows[4:] == [("", "", "Fife", "25%"), ("", "", "Fife", "50%")]


def test_hidden_sheets_are_read_and_said_to_be_hidden(workbook: Any) -> None:
    shown, hidden = read_workbook(workbook({"A": [["x", 1]], "B": [["y", 2]]}, hidden=["B"]), "trial")
    assert (shown.visible, hidden.visible) == (True, False)
    assert hidden.rows == [("y", "2")]
    assert "hidden" in str(hidden.findings[0])


def test_an_ods_reads_like_an_xlsx(ods: Any) -> None:
    percent = (
        '<table:table-cell office:value-type="percentage" office:value="0.5"><text:p>50%</text:p></table:table-cell>'
    )
    sheet = only(ods([["council", "rate"], ["Fife", 12.5], ["Moray", percent]]))
    assert sheet.name == "Sheet 8"
    assert sheet.rows == [("council", "rate"), ("Fife", "12.5"), ("Moray", "50%")]
    assert "shown as percentages" in str(sheet.findings[0])


def test_repeated_percentages_of_an_ods_are_each_one(ods: Any) -> None:
    many = (
        '<table:table-cell table:number-columns-repeated="2" office:value-type="percentage" office:value="0.8944">'
        "<text:p>89.4%</text:p></table:table-cell>"
    )
    assert only(ods([["council", "a", "b", "c"], ["Fife", many, 7]])).rows[1] == ("Fife", "89.44%", "89.44%", "7")


def test_an_old_workbook_shows_percentages_too(fixture: Any) -> None:
    first, second = read_workbook(fixture("old_workbook_with_percentages.xls"), "trial")
    assert first.rows[1:] == [
        ("Fife", "1210", "89.44%", "0.25"), ("Glasgow City", "3012", "7%", "0.5"), ("Moray", "231", "100%", "0.125"),
    ]  # fmt: skip
    assert second.rows[1:] == [("Fife", "50%", "50%"), ("Moray", "2500%", "3")]


def test_an_ods_formula_without_a_result_is_a_fault(ods: Any) -> None:
    sheet = only(ods([["council", "rate"], ["Fife", '<table:table-cell table:formula="of:=1+1"/>']]))
    assert [(each.weight, each.address) for each in sheet.findings] == [("fault", "Sheet 8!B2")]


def test_an_old_workbook_reads_the_same(fixture: Any) -> None:
    first, second = read_workbook(fixture("old_workbook.xls"), "trial")
    assert first.rows[4] == ("Aberdeen City", "10", "88.5", "12", "89.25")
    assert first.merged
    assert (second.name, second.visible) == ("Working", False)


def refusal(path: Path) -> str:
    with pytest.raises(SourceChanged) as refused:
        read_workbook(path, f"trial: {path.name}")
    return str(refused.value)


def test_a_million_empty_formatted_rows_cost_nothing(workbook: Any, changed: Any) -> None:
    path = workbook({"S": [["council", "rate"], ["Fife", 1]]})
    empty = "".join(f'<row r="{row}" s="1" customFormat="1"/>' for row in range(3, 1_000_003))
    changed(path, SHEET, lambda xml: xml.replace("</sheetData>", f"{empty}</sheetData>"))
    assert only(path).rows == [("council", "rate"), ("Fife", "1")]


def test_a_stray_cell_at_the_end_of_the_sheet_is_refused_by_its_name(workbook: Any, changed: Any) -> None:
    path = workbook({"S": [["council", "rate"], ["Fife", 1]]})
    stray = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    changed(path, SHEET, lambda xml: xml.replace("</sheetData>", stray))
    assert "S!XFD1048576: the last filled cell" in refusal(path)


def test_an_ods_cell_repeated_to_the_end_of_the_sheet_is_refused(ods: Any) -> None:
    many = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell>"
    )
    path = ods([[many]] * 500)
    assert "the last filled cell" in refusal(path)


@pytest.fixture
def with_shared_text(workbook: Any, changed: Any) -> Callable[[str, int], Path]:
    """A workbook whose cells all refer to one text."""

    def make(text: str, rows: int) -> Path:
        path: Path = workbook({"S": [["council", "rate"]]})
        cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(2, rows + 2))
        changed(path, SHEET, lambda xml: xml.replace("</sheetData>", f"{cells}</sheetData>"))
        with zipfile.ZipFile(path, "a") as archived:
            space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            archived.writestr("xl/sharedStrings.xml", f'<sst xmlns="{space}"><si><t>{text}</t></si></sst>')
        return path

    return make


def test_a_text_that_many_cells_share_counts_as_often_as_it_stands_there(
    with_shared_text: Callable[[str, int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_facts, "MOST_BYTES", 100_000)
    assert "characters in all its sheets" in refusal(with_shared_text("long " * 200, 101))


def test_a_repeated_text_of_an_ods_counts_as_often_as_it_is_repeated(ods: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_facts, "MOST_BYTES", 100_000)
    cell = '<table:table-cell table:number-columns-repeated="101" office:value-type="string"><text:p>'
    assert "characters in all its sheets" in refusal(ods([[f"{cell}{'long ' * 200}</text:p></table:table-cell>"]]))


def listed(xml: str, names: Sequence[str]) -> str:
    """The workbook's list of sheets, with its one sheet under each of these names."""
    sheet = re.search(r"<sheet [^>]*/>", xml)
    assert sheet
    several = (
        sheet[0].replace('name="S"', f'name="{name}"').replace('sheetId="1"', f'sheetId="{number}"')
        for number, name in enumerate(names, 1)
    )
    return xml.replace(sheet[0], "".join(several))


def test_many_sheets_of_one_part_are_counted_together(
    workbook: Any, changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_facts, "MOST_CELLS", 100)
    path = workbook({"S": [["council", "rate"]] * 10})
    assert len(read_workbook(path, "trial")) == 1
    changed(path, "xl/workbook.xml", lambda xml: listed(xml, [f"S{number}" for number in range(6)]))
    assert "100 and" in refusal(path)


def test_two_sheets_of_one_name_are_damage(workbook: Any, changed: Any) -> None:
    path = changed(workbook({"S": [["council"]]}), "xl/workbook.xml", lambda xml: listed(xml, ["S", "S"]))
    assert "two sheets are called S" in refusal(path)


@pytest.mark.parametrize("part", ["xl/other/sheet1.xml", "xl/Worksheets/sheet1.xml"])
def test_a_sheet_is_held_against_the_limits_wherever_it_stands(workbook: Any, changed: Any, part: str) -> None:
    """It used to be looked at in `worksheets/` alone, and read from anywhere."""
    path = workbook({"S": [["council", "rate"], ["Fife", 1]]})
    stray = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    changed(path, SHEET, lambda xml: xml.replace("</sheetData>", stray))
    changed(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(SHEET, part))
    with zipfile.ZipFile(path) as archived:
        parts = {name: archived.read(name) for name in archived.namelist()}
    with zipfile.ZipFile(path, "w") as archived:
        for name, content in parts.items():
            archived.writestr(part if name == SHEET else name, content)
    assert "the last filled cell" in refusal(path)


def test_a_dimension_that_claims_the_whole_sheet_costs_nothing(workbook: Any, changed: Any) -> None:
    path = workbook({"S": [["council", "rate"], ["Fife", 1]]})
    changed(path, SHEET, lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', xml))
    assert only(path).rows == [("council", "rate"), ("Fife", "1")]


def test_parts_are_read_by_name_and_never_put_anywhere(workbook: Any, tmp_path: Path) -> None:
    """Neither a name that leads out of the folder nor an archive inside is unpacked."""
    path = workbook({"S": [["council"]]})
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as nested:
        nested.writestr("zeros", b"0" * 30_000_000)
    before = set(tmp_path.rglob("*"))
    with zipfile.ZipFile(path, "a") as archived:
        archived.writestr("../../escaped.txt", b"x")
        archived.writestr(str(tmp_path / "absolute.txt"), b"x")
        archived.writestr("xl/embeddings/nested.zip", inner.read_bytes())
    assert only(path).rows == [("council",)]
    assert set(tmp_path.rglob("*")) == before and not (tmp_path.parent / "escaped.txt").exists()


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"0" * 40_000_000)
    assert "made to fill the machine" in refusal(path)


def test_a_part_that_holds_more_than_it_declares_is_caught_while_reading(workbook: Any) -> None:
    path = workbook({"S": [["council", "rate"], ["Fife", 1]]})
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as opened:
        size = opened.getinfo(SHEET).file_size
        name = SHEET.encode()
    entry = content.rindex(name) - 46
    content[entry + 24 : entry + 28] = (size // 2).to_bytes(4, "little")
    path.write_bytes(bytes(content))
    assert SHEET in refusal(path)


def test_entities_are_not_expanded(workbook: Any, changed: Any) -> None:
    path = workbook({"S": [["council"]]})
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    changed(path, SHEET, lambda xml: laughs + xml)
    assert "document type" in refusal(path)


def test_an_encoding_that_nobody_knows_is_damage(workbook: Any, changed: Any) -> None:
    """Found by fuzzing."""
    path = changed(workbook({"S": [["council"]]}), SHEET, lambda xml: f'<?xml version="1.0" encoding="UTO-8"?>{xml}')
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET])
def test_a_damaged_part_is_refused_by_its_name(workbook: Any, changed: Any, part: str) -> None:
    path = changed(workbook({"S": [["council"]]}), part, lambda xml: xml[: len(xml) // 2])
    assert "damaged" in refusal(path)


def test_a_truncated_workbook_is_refused(workbook: Any) -> None:
    path = workbook({"S": [["council", "rate"]] * 50})
    path.write_bytes(path.read_bytes()[:2000])
    assert "damaged" in refusal(path)


def test_locked_workbooks_are_refused(tmp_path: Path, ods: Any, fixture: Any) -> None:
    old = bytearray(fixture("old_workbook.xls").read_bytes())
    place = old.index("Workbook".encode("utf-16-le"))
    old[place : place + 32] = "EncryptedPackage".encode("utf-16-le")
    old[place + 64 : place + 66] = (34).to_bytes(2, "little")
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(bytes(old))
    assert "locked with a password" in refusal(locked)
    assert "locked with a password" in refusal(ods([["x"]], manifest="<m><encryption-data/></m>"))


def test_another_zip_file_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archived:
        archived.writestr("photo.txt", "x")
    assert "no workbook" in refusal(path)


def test_a_binary_workbook_is_refused_by_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsb"
    with zipfile.ZipFile(path, "w") as archived:
        archived.writestr("xl/workbook.bin", b"x")
    assert "binary workbook (.xlsb), which is known here and not read. Ask for .xlsx, .ods or .xls" in refusal(path)


def test_an_old_office_file_without_a_workbook_is_refused_with_what_it_holds(tmp_path: Path, fixture: Any) -> None:
    old = bytearray(fixture("old_workbook.xls").read_bytes())
    place = old.index("Workbook".encode("utf-16-le"))
    old[place : place + 16] = "Document".encode("utf-16-le")
    letter = tmp_path / "letter.xls"
    letter.write_bytes(bytes(old))
    assert re.search(r"an old Office file that holds .*Document.*, expected a workbook", refusal(letter))


def test_an_old_workbook_that_is_too_large_is_refused_before_it_is_read(
    fixture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_OLD_BYTES", 1000)
    assert "more than an old workbook can need" in refusal(fixture("old_workbook.xls"))


def test_the_limits_leave_room_for_the_largest_real_workbook() -> None:
    # LGBF 2020-21: 15 MB unpacked, 6 times its size, 74,426 cells; populations of data zones by age: 1.9 million cells.
    assert archive.MOST_BYTES > 20 * 15_000_000
    assert workbook_facts.MOST_CELLS > 2 * 1_925_376


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def test_an_old_workbook_has_its_links_and_indents() -> None:
    style = struct.pack("<HHHBBB", 0, 0, 0, 0, 0, 3) + bytes(11)
    start = record(0x0809, b"\x00\x06\x05\x00" + bytes(12))
    link = struct.pack("<HHHH", 0, 0, 3, 4) + bytes(20)
    cells = record(0x00FD, struct.pack("<HHHI", 2, 0, 1, 0)) + record(0x00FD, struct.pack("<HHHI", 3, 0, 0, 0))
    sheet = start + cells + b"".join(record(0x01B8, link + struct.pack("<I", flags)) for flags in (8, 9, 3))
    sheet += record(0x01B8, bytes(8)) + record(0x000A, b"")  # a link that is cut short is none
    plain = record(0x00E0, bytes(20)) + record(0x00E0, style)
    named = struct.pack("<IHBB", 0, 0, 1, 0) + b"T"
    place = len(start + plain + record(0x0085, named))
    records = start + plain + record(0x0085, struct.pack("<I", place) + named[4:]) + sheet
    ((name, facts),) = workbook_xls.scan(records, "trial")
    assert (name, facts.links, facts.indents) == ("T", [(0, 3, 0, 4)], {(2, 0): 3})


def test_an_ods_and_an_xlsx_tell_links_within_the_workbook_from_others(ods: Any, workbook: Any) -> None:
    xlink = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
    linked = [
        f'<table:table-cell office:value-type="string"><text:p><text:a {xlink} xlink:href="{to}">x</text:a></text:p>'
        "</table:table-cell>"
        for to in ("#Contents.A1", "https://publisher.example/")
    ]
    sheet = only(ods([["a", *linked]]))
    assert sheet.facts.links == [(0, 1, 0, 1)]
    path = workbook({"T": [["a", "b", "c"]]})
    book = load_workbook(path)
    book["T"]["B1"].hyperlink = Hyperlink(ref="B1", location="'T'!A1")
    book["T"]["C1"].hyperlink = "https://publisher.example/#part"
    book.save(path)
    assert only(path).facts.links == [(0, 1, 0, 1)]
