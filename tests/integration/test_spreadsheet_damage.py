"""A table that was opened and saved in a spreadsheet program is not loaded, in whatever shape it comes."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from entries import write_entry
from fault_cases import source as of_two_columns

from ingestion import load as loading
from ingestion import pipeline
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched, land
from promise import ledger
from promise.catalogue.sources import source

FIXTURES = Path(__file__).parents[1] / "fixtures" / "readers"
BANDS: list[list[Any]] = [["band", "value"], ["0-4", 12], ["05-Sep", 31], ["10-14", 20]]
CODES = [["code", "value"], ["0123", 12], ["0234", 31], ["345", 20]]
MONTHS = [["month", "value"], ["Aug-05", 12], ["Sep-05", 31], ["Oct-05", 20]]
DAYS = "days stand in a column of bands, such as 05-Sep for 5-9"
Write = Callable[[Path, Sequence[Sequence[Any]]], object]


def text(delimiter: str, quote: str = "", above: str = "") -> Write:
    lines = lambda rows: [delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in rows]  # noqa: E731
    return lambda path, rows: path.write_text(above + "\n".join(lines(rows)) + "\n")


def xlsx(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "S"
    for row in rows:
        sheet.append([date(2024, 9, 5) if cell == "05-Sep" else cell for cell in row])
    with path.open("wb") as file:
        book.save(file)


def ods_cell(text: str) -> str:
    kind = 'date" office:date-value="2024-09-05' if text == "05-Sep" else "string"
    return f'<table:table-cell office:value-type="{kind}"><text:p>{text}</text:p></table:table-cell>'


def ods(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    cells = ["".join(ods_cell(str(cell)) for cell in row) for row in rows]
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    lines = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
            f'<table:table table:name="S">{lines}</table:table></office:spreadsheet></office:body>'
            "</office:document-content>",
        )


def ckan(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    header, *body = rows
    records = [dict(zip(header, row, strict=True)) for row in body]
    path.write_text(json.dumps({"success": True, "result": {"records": records, "total": len(records)}}))


def features(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    header, *body = rows
    found = [{"type": "Feature", "properties": dict(zip(header, row, strict=True))} for row in body]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": found}))


SEARCHED = {"headings": ["^value$"]}
SHAPES: list[Any] = [
    pytest.param({"shape": "delimited"}, text(","), "line 3:{}", id="csv"),
    pytest.param({"shape": "delimited"}, text(",", '"'), "line 3:{}", id="quoted csv"),
    pytest.param({"shape": "delimited", "delimiter": "~"}, text("~"), "line 3:{}", id="another delimiter"),
    pytest.param({"shape": "delimited", "encoding": "cp1252"}, text(","), "line 3:{}", id="row by row"),
    pytest.param({"shape": "text_table"} | SEARCHED, text(",", above="A title\n\n"), "line 5:{}", id="text table"),
    pytest.param({"shape": "workbook"} | SEARCHED, xlsx, "S!A3", id="xlsx"),
    pytest.param({"shape": "workbook"} | SEARCHED, ods, "S!A3", id="ods"),
    pytest.param({"shape": "ckan"}, ckan, "result.records[1].{}", id="ckan"),
    pytest.param({"shape": "geojson"}, features, "features[1].{}", id="geojson"),
]


@pytest.fixture
def load(database: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Load rows under headings of their own, written in a shape; gives the vintage."""

    def take_in(reader: dict[str, Any], write: Write, rows: Sequence[Sequence[Any]]) -> int:
        entry = of_two_columns("figures", {"address": "https://publisher.example/", "hosts": ["publisher.example"]})
        entry["table"] |= {"reader": reader, "columns": {"year": rows[0][0], "value": rows[0][1]}}
        folder = tmp_path / "sources"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write_entry(folder, "figures", entry)
        monkeypatch.setenv("PROMISE_SOURCES", str(folder))
        path = tmp_path / "made"
        write(path, rows)
        snapshot = land("figures", Fetched(path, path.name, "https://publisher.example/", "", "text/csv", None))
        return int(pipeline.load("figures", [snapshot.snapshot_id])[0]["vintage"])

    return take_in


@pytest.mark.parametrize(("reader", "write", "cell"), SHAPES)
def test_a_day_among_bands_stops_the_load_with_its_cell(
    database: psycopg.Connection[Any], load: Any, reader: dict[str, Any], write: Write, cell: str
) -> None:
    with pytest.raises(SourceChanged) as refused:
        load(reader, write, BANDS)
    assert f"figures: made, {cell.format('band')}: {DAYS}" in str(refused.value)
    assert "Ask the publisher for the file as it was" in str(refused.value)
    assert ledger.vintages(database) == []
    outcomes = database.execute("select outcome from ops.ingest_attempt").fetchall()
    assert outcomes == [("changed",)]


def test_codes_without_their_noughts_stop_the_load(database: psycopg.Connection[Any], load: Any) -> None:
    with pytest.raises(
        SourceChanged, match="made, line 4:code: numbers of fewer digits stand in a column of codes of 4"
    ):
        load({"shape": "delimited"}, text(","), CODES)
    assert ledger.vintages(database) == []


def test_a_part_that_the_quick_way_did_not_read_is_looked_at(load: Any) -> None:
    """A quote inside a cell sends a file the careful way before its last lines were seen."""
    rows = [["band", "value"], ['5" pipe', 1], *(["0-4", place] for place in range(100_000)), ["05-Sep", 2]]
    with pytest.raises(SourceChanged, match="line 100003:band: days stand in a column of bands"):
        load({"shape": "delimited"}, text(","), rows)


def test_a_rebuild_leaves_out_what_was_loaded_before_anybody_looked(
    database: psycopg.Connection[Any], load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(loading, "_refuse_damage", lambda *_, **__: None)
        load({"shape": "delimited"}, text(","), BANDS)
    (held,) = ledger.vintages(database)
    assert held.row_count == 3
    database.execute("update ops.vintage set arrival = 'accepted'")
    database.execute("drop table raw.figures__figure")
    assert loading.load_again(database, source("figures"), loading.read_sidecar("figures", held.snapshot_id), held) == 0
    (held,) = ledger.vintages(database)
    assert (held.row_count, held.arrival) == (0, "pending")


def test_months_are_months(database: psycopg.Connection[Any], load: Any) -> None:
    load({"shape": "delimited"}, text(","), MONTHS)
    assert [each.row_count for each in ledger.vintages(database)] == [3]


def test_an_old_workbook_is_looked_at_too(load: Any) -> None:
    old = FIXTURES / "old_workbook_with_days_for_bands.xls"
    with pytest.raises(SourceChanged, match="Table 1!A3: days stand in a column of bands"):
        load({"shape": "workbook"} | SEARCHED, lambda path, _: shutil.copyfile(old, path), BANDS)
