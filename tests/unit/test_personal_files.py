"""Before anything of a file is landed it is looked into, whatever it is made of: what is found stops it, and is quoted
nowhere. All people here are made up."""

from __future__ import annotations

import gzip
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fault_cases import source as described
from openpyxl.comments import Comment

from ingestion import connectors
from ingestion.errors import PersonalData, SourceChanged
from ingestion.landing import Fetched, land
from ingestion.personal import Unlanded, hits, refuse_personal
from promise.catalogue import sources as catalogue
from promise.catalogue.sources import Source, sources
from promise.settings import settings

CHI = "0101101007"
NAME = "Zzyzx Testchild"
POSTCODE = "EH99 1SP"
LIVE = {"transport": "file_drop", "pattern": r"figures(.*)"}
Write = Callable[[Path, str], None]


def text(path: Path, value: str) -> None:
    path.write_text(f"year,value\n2022,12\n2023,{value}\n")


def zipped_text(path: Path, value: str) -> None:
    path.write_bytes(gzip.compress(f"year,value\n2022,12\n2023,{value}\n".encode()))


def wide_text(path: Path, value: str) -> None:
    path.write_bytes(f"year,value\n2022,12\n2023,{value}\n".encode("utf-16"))


def records(path: Path, value: str) -> None:
    path.write_text(json.dumps({"result": {"records": [{"year": "2022"}, {"year": "2023", "value": value}]}}))


def escaped_records(path: Path, value: str) -> None:
    escaped = "".join(f"\\u{ord(each):04x}" for each in value)
    path.write_text(f'{{"result": {{"records": [{{"year": "2022"}}, {{"value": "{escaped}"}}]}}}}')


def features(path: Path, value: str) -> None:
    feature = {"type": "Feature", "properties": {"value": value}, "geometry": None}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))


def workbook(path: Path, value: str | int, sheet: str = "Table", state: str = "visible") -> None:
    book = openpyxl.Workbook()
    book.active.append(["a table of its own"])
    page = book.create_sheet(sheet)
    page.sheet_state = state
    for row in (["year", "value", "rate"], [2022, 12, 1.5], [2023, value, 1.5]):
        page.append(row)
    book.save(path)


def hidden_sheet(path: Path, value: str) -> None:
    workbook(path, value, sheet="Table", state="veryHidden")


def name_of_a_sheet(path: Path, value: str) -> None:
    workbook(path, "12", sheet=value)


def number_in_a_workbook(path: Path, value: str) -> None:
    workbook(path, int(value))


def comment(path: Path, value: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "year"
    book.active["A1"].comment = Comment(f"see {value}", "somebody")
    book.save(path)


def footer(path: Path, value: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "year"
    book.active.oddFooter.center.text = f"from {value}"
    book.save(path)


def unused_text(path: Path, value: str) -> None:
    """A text that was once in a cell."""
    workbook(path, "12")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst><si><r><t>{value}</t></r></si></sst>")


def runs_of_one_text(path: Path, value: str) -> None:
    """A text of which a part is bold."""
    unused_text(path, f"{value[:4]}</t></r><r><rPr><b/></rPr><t>{value[4:]}")


def name_of_a_sheet_in_an_open_document(path: Path, value: str) -> None:
    open_document(path, "12", sheet=value)


def open_document(path: Path, value: str, sheet: str = "Table") -> None:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{each}</text:p></table:table-cell>'
        for each in ("year", value, "rate")
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="{sheet}"><table:table-row>{cells}</table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )


FILES: list[tuple[Write, str, str]] = [
    (text, CHI, "line 3:value"),
    (text, POSTCODE, "line 3:value"),
    (text, f"child: {NAME}", "line 3:value"),
    (text, "zzyzx@mail.example", "line 3:value"),
    (text, "tests@gov.scot", "line 3:value"),
    (text, "Telephone: 0131 496 0000", "line 3:value"),
    (text, "DOB 01/02/2010", "line 3:value"),
    (text, "SCN 123456789", "line 3:value"),
    (zipped_text, CHI, "line 3:value"),
    (wide_text, POSTCODE, "line 3:value"),
    (records, CHI, "result.records[1].value"),
    (escaped_records, "zzyzx@mail.example", "result.records[1].value"),
    (features, POSTCODE, "features[0].properties.value"),
    (workbook, CHI, "Table!B3"),
    (workbook, f"child: {NAME}", "Table!B3"),
    (workbook, "tests@gov.scot", "Table!B3"),
    (hidden_sheet, POSTCODE, "Table!B3"),
    (number_in_a_workbook, "1001101006", "Table!B3"),
    (comment, CHI, "xl/comments/comment1.xml"),
    (footer, POSTCODE, "xl/worksheets/sheet1.xml"),
    (unused_text, CHI, "xl/sharedStrings.xml"),
    (runs_of_one_text, CHI, "xl/sharedStrings.xml"),
    (open_document, CHI, "Table!B1"),
    (name_of_a_sheet, CHI, "the name of sheet 2"),
    (name_of_a_sheet_in_an_open_document, POSTCODE, "the name of sheet 1"),
]


@pytest.fixture
def inbox(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Outside of PROMISE_HOME: what lies there is not ours."""
    folder = tmp_path / "elsewhere" / "figures"
    folder.mkdir(parents=True)
    monkeypatch.setenv("PROMISE_INBOX", str(folder.parent))
    return folder


def source_of(**given: Any) -> Source:
    return Source.model_validate(described("figures", {}) | {"live": LIVE} | given)


def test_there_are_files_of_each_kind() -> None:
    assert len(FILES) > 20


@pytest.mark.parametrize(
    "written", FILES, ids=[f"{write.__name__} {place} {len(value)}" for write, value, place in FILES]
)
def test_a_file_with_something_personal_is_refused_by_its_place_and_nothing_of_it_is_kept(
    inbox: Path, kept: Callable[[], str], monkeypatch: pytest.MonkeyPatch, written: tuple[Write, str, str]
) -> None:
    monkeypatch.setattr(catalogue, "sources", lambda: {"figures": source_of()})
    write, value, place = written
    write(inbox / "figures.dat", value)
    os.utime(inbox / "figures.dat", (time.time() - 3600,) * 2)
    (fetched,) = connectors.fetch(source_of())
    with pytest.raises(PersonalData) as refused:
        land("figures", fetched)
    message = str(refused.value)
    assert message.startswith(f"figures: figures.dat, {place}")
    for part in ("characters long", "Nothing of the file was kept", "Ask the publisher", "`not_personal`"):
        assert part in message
    for part in value.split():
        assert part in ("child:", "Telephone:") or part not in message
    assert [path for path in settings().landing.rglob("*") if path.is_file()] == []
    assert value not in kept()


def test_what_is_looked_for_is_there_to_be_found(inbox: Path, kept: Callable[[], str], home: Path) -> None:
    """The test above must be able to fail."""
    text(inbox / "figures.dat", "12")
    os.utime(inbox / "figures.dat", (time.time() - 3600,) * 2)
    (fetched,) = connectors.fetch(source_of())
    land("figures", fetched)
    assert "2022,12" in kept()


def test_a_file_that_is_named_after_somebody_is_refused(
    inbox: Path, kept: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "sources", lambda: {"figures": source_of()})
    text(inbox / f"figures {CHI}.csv", "12")
    os.utime(inbox / f"figures {CHI}.csv", (time.time() - 3600,) * 2)
    (fetched,) = connectors.fetch(source_of())
    with pytest.raises(PersonalData, match="in its name: a CHI number, 10 characters long") as refused:
        land("figures", fetched)
    assert CHI not in f"{refused.value}{kept()}"
    assert list(settings().home.rglob(f"*{CHI}*")) == []


@pytest.mark.parametrize(
    ("heading", "value"),
    [("Date of birth", "2010-02-01"), ("Scottish Candidate Number", "123456789"), ("Child name", "Zzyzx")],
)
def test_a_declared_heading_does_not_let_its_values_pass(tmp_path: Path, heading: str, value: str) -> None:
    """Somebody looked at the heading; that the values are persons' they can be told by it."""
    given = described("figures", {}) | {"live": LIVE}
    given["table"]["columns"] = {"year": "year", "value": heading}
    path = tmp_path / "figures.csv"
    path.write_text(f"year,{heading}\n2023,12\n2024,{value}\n")
    with pytest.raises(PersonalData, match=f"line 3:{heading}") as refused:
        refuse_personal("figures", Unlanded(path, path.name, "inbox:"), Source.model_validate(given))
    assert value not in str(refused.value)


def test_an_undeclared_heading_that_is_suspected_is_refused_before_it_is_landed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "sources", lambda: {"figures": source_of()})
    path = tmp_path / "figures.csv"
    path.write_text("year,value,Manager_Name\n2023,1,Zzyzx\n")
    with pytest.raises(PersonalData, match="'Manager_Name' is not described and may be about a person"):
        land("figures", Fetched(path, path.name, "inbox:", "inbox:", "text/csv", None))
    assert not list(settings().landing.rglob("content"))


def test_another_heading_that_nobody_described_is_for_the_load_to_refuse(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "sources", lambda: {"figures": source_of()})
    path = tmp_path / "figures.csv"
    path.write_text("year,value,rate\n2023,1,2\n")
    assert land("figures", Fetched(path, path.name, "inbox:", "inbox:", "text/csv", None)).content.exists()


def exception(**given: str) -> dict[str, Any]:
    entry = {"kind": "unit_postcode", "column": "value", "why": "the offices of councils, which are no homes"}
    return {"not_personal": [entry | given]}


def test_a_column_of_which_its_source_says_that_it_is_about_no_person_passes(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    text(path, POSTCODE)
    refuse_personal("figures", Unlanded(path, path.name, "inbox:"), source_of(**exception()))


@pytest.mark.parametrize("given", [{"kind": "phone_number"}, {"column": "year"}])
def test_an_exception_is_of_its_kind_and_its_column_alone(tmp_path: Path, given: dict[str, str]) -> None:
    path = tmp_path / "figures.csv"
    text(path, POSTCODE)
    with pytest.raises(PersonalData):
        refuse_personal("figures", Unlanded(path, path.name, "inbox:"), source_of(**exception(**given)))


@pytest.mark.parametrize("given", [{"kind": "postcode"}, {"column": "postcode"}, {"why": ""}])
def test_an_exception_without_a_kind_a_column_or_a_reason_is_none(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not_personal"):
        source_of(**exception(**given))


def test_what_a_cover_sheet_says_of_the_publisher_passes_and_what_a_person_wrote_does_not(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Contact", "tests@gov.scot"], ["Telephone: 0131 496 0000"], ["Victoria Quay, Edinburgh EH6 6QQ"]):
        book.active.append(row)
    path = tmp_path / "figures.xlsx"
    book.save(path)
    refuse_personal("figures", Unlanded(path, path.name, "inbox:"), None)
    book.active.append(["Zzyzx Testchild", "0131 496 0000"])
    book.save(path)
    with pytest.raises(PersonalData, match="Sheet!B4: a telephone number, 13 characters long"):
        refuse_personal("figures", Unlanded(path, path.name, "inbox:"), None)


def test_a_line_of_a_pages_words_is_around_its_table_and_a_record_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "pages.json"
    path.write_text(json.dumps({"pages": [{"lines": ["Write to tests@gov.scot"]}]}))
    refuse_personal("figures", Unlanded(path, path.name, "inbox:"), None)
    path.write_text(json.dumps({"pages": [{"line": "Write to tests@gov.scot"}]}))
    with pytest.raises(PersonalData, match=r"pages\[0\]\.line: an e-mail address"):
        refuse_personal("figures", Unlanded(path, path.name, "inbox:"), None)


def test_a_label_with_a_colon_tells_what_the_cell_beside_it_is(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Child:", NAME])
    path = tmp_path / "figures.xlsx"
    book.save(path)
    with pytest.raises(PersonalData, match="Sheet!B1: a name beside a role, 15 characters long"):
        refuse_personal("figures", Unlanded(path, path.name, "inbox:"), None)


@pytest.mark.parametrize("far", [0, 1 << 20, (1 << 20) - 9, (1 << 17) - 4])
def test_a_value_is_found_wherever_the_blocks_of_a_long_file_end(tmp_path: Path, far: int) -> None:
    path = tmp_path / "figures.csv"
    before = "2022,123456\n" * (far // 12)
    path.write_text(f"year,value\n{before}2023,{CHI}\n")
    with pytest.raises(PersonalData, match=f"line {far // 12 + 2}:"):
        refuse_personal("figures", Unlanded(path, path.name, "inbox:"), None)


def test_a_value_is_found_in_a_text_that_is_one_long_line(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("1,2,3;" * 400_000 + CHI)
    with pytest.raises(PersonalData, match="a CHI number"):
        refuse_personal("figures", Unlanded(path, path.name, "inbox:"), None)


def test_damaged_json_is_refused_for_what_is_seen_in_it(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    path.write_text(f'[{{"value": "{POSTCODE}"}}, {{"val')
    with pytest.raises(PersonalData, match="near byte 16: a unit postcode"):
        refuse_personal("figures", Unlanded(path, path.name, "inbox:"), None)


def test_a_workbook_that_cannot_be_looked_into_is_not_kept(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "figures.xlsx"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(SourceChanged, match="is damaged"):
        land("figures", Fetched(path, path.name, "inbox:", "inbox:", "text/csv", None))
    assert not list(settings().landing.rglob("content"))


SHIPPED = [(source, edition) for source in sources().values() for edition in source.bundle]


def test_files_ship() -> None:
    assert len(SHIPPED) > 25


@pytest.mark.parametrize(("source", "edition"), SHIPPED, ids=lambda each: getattr(each, "file", None))
def test_no_real_file_is_stopped_and_none_needs_an_exception(source: Source, edition: Any) -> None:
    path = settings().bundle / source.id / edition.file
    file = Unlanded(path, edition.file, source.address(edition))
    refuse_personal(source.id, file, source)
    assert list(hits(source.id, file, source)) == []
