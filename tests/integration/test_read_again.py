"""What an older reader read, or by another entry, is read again from landing: the same vintage, its texts as they are
read now."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from entries import write_entry
from fault_cases import source as of_two_columns

from ingestion import load as loading
from ingestion import pipeline
from ingestion.landing import Fetched, folder, land
from promise import ledger
from promise.catalogue import shapes
from promise.catalogue.sources import source

ROWS = b"select year, value from raw.shares__figure order by _vintage, _row"


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Load a workbook of years and shares, of which some cells are shown as percentages; gives its vintage."""
    entry = of_two_columns("shares", {"address": "https://publisher.example/", "hosts": ["publisher.example"]})
    entry["table"]["reader"] = {"shape": "workbook", "headings": ["^year$"]}
    (tmp_path / "sources").mkdir()
    write_entry(tmp_path / "sources", "shares", entry)
    monkeypatch.setenv("PROMISE_SOURCES", str(tmp_path / "sources"))

    def take_in(values: list[Any], *percent: str) -> int:
        book = openpyxl.Workbook()
        sheet: Any = book.active
        for row in [["year", "value"], *([f"{2019 + place}/20", value] for place, value in enumerate(values))]:
            sheet.append(row)
        for cell in percent:
            sheet[cell].number_format = "0.0%"
        path = tmp_path / "shares.xlsx"
        book.save(path)
        snapshot = land("shares", Fetched(path, path.name, "https://publisher.example/", "", "text/csv", None))
        return int(pipeline.load("shares", [snapshot.snapshot_id])[0]["vintage"])

    return take_in


@pytest.fixture
def before(database: psycopg.Connection[Any], load: Callable[..., int]) -> Iterator[Callable[..., int]]:
    """Load one as the revision before did, which dropped formats, and let it be accepted."""

    def take_in(values: list[Any], *percent: str) -> int:
        vintage = load(values)
        # The file with its formats in place of the one without, under the name that the ledger knows.
        (held,) = [each for each in ledger.vintages(database) if each.vintage == vintage]
        content = folder("shares", held.snapshot_id) / "content"
        book = openpyxl.load_workbook(io.BytesIO(content.read_bytes()))
        for cell in percent:
            book.active[cell].number_format = "0.0%"  # type: ignore[index]
        with content.open("wb") as file:
            book.save(file)
        database.execute(
            "update ops.vintage set reader_revision = null, arrival = 'accepted', judged_at = now() where vintage = %s",
            (vintage,),
        )
        return vintage

    return take_in


def test_texts_that_come_out_otherwise_replace_the_old_ones_and_are_judged_anew(
    database: psycopg.Connection[Any], before: Callable[..., int], caplog: pytest.LogCaptureFixture
) -> None:
    changed = before([0.8944, 0.57], "B2", "B3")
    same = before([88.5, 89])
    loaded = ledger.vintages(database)
    assert database.execute(ROWS).fetchall()[:2] == [("2019/20", "0.8944"), ("2020/20", "0.57")]
    with caplog.at_level(logging.INFO):
        loading.ensure_tables(database)
    assert database.execute(ROWS).fetchall() == [
        ("2019/20", "89.44%"), ("2020/20", "57%"), ("2019/20", "88.5"), ("2020/20", "89"),
    ]  # fmt: skip
    first, second = ledger.vintages(database)
    assert (first.vintage, second.vintage) == (changed, same), "no new vintage came of it"
    assert (first.arrival, first.judged_at, first.row_count) == ("pending", None, 2)
    assert (second.arrival, second.judged_at, second.loaded_at) == (
        "accepted",
        loaded[1].judged_at,
        loaded[1].loaded_at,
    )
    assert {first.reader_revision, second.reader_revision} == {shapes.revision("workbook")}
    assert "read 2 vintages again" in caplog.text
    assert "1 with other texts, 1 with the same texts" in caplog.text

    caplog.clear()
    with caplog.at_level(logging.INFO):
        loading.ensure_tables(database)
    assert ledger.vintages(database) == [first, second], "what was read by this reader is not read again"
    assert not caplog.text


TWO = "select {} from raw.pairs__figure order by _vintage, _row"


@pytest.fixture
def pairs(database: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Describe a source of two tables with two columns of figures, and, the first time, load and accept its file."""
    path = tmp_path / "pairs.xlsx"
    book = openpyxl.Workbook()
    for place, sheet in enumerate((book.active, book.create_sheet())):
        sheet.title = f"Table {place}"  # type: ignore[union-attr]
        for row in (["year", "boys", "girls"], ["2023", 10 + place, 20 + place]):
            sheet.append(row)  # type: ignore[union-attr]
    book.save(path)
    editions = iter(range(10))

    def describe(columns: dict[str, Any], sheet: str = "^Table 0$") -> None:
        entry = of_two_columns("pairs", {"address": "https://publisher.example/", "hosts": ["publisher.example"]})
        entry["table"]["reader"] = {"shape": "workbook", "headings": ["^year$"], "sheet": sheet}
        entry["table"]["columns"] = {"year": "year", **columns}
        entry["table"]["checks"] = {"at_least_rows": 1, "key": ["year"]}
        entry["figures"] = None
        folder_of_entries = tmp_path / f"sources{next(editions)}"
        folder_of_entries.mkdir()
        write_entry(folder_of_entries, "pairs", entry)
        monkeypatch.setenv("PROMISE_SOURCES", str(folder_of_entries))
        if not ledger.vintages(database):
            snapshot = land("pairs", Fetched(path, path.name, "https://publisher.example/", "", "", None))
            pipeline.load("pairs", [snapshot.snapshot_id])
            database.execute("update ops.vintage set arrival = 'accepted', judged_at = now()")
            database.commit()

    return describe


def test_correcting_whose_a_heading_is_corrects_what_is_held(
    database: psycopg.Connection[Any], pairs: Callable[..., None]
) -> None:
    """Somebody had mistaken one column for the other."""
    pairs({"male": "girls", "female": "boys"})
    assert database.execute(TWO.format("male, female").encode()).fetchall() == [("20", "10")]
    pairs({"male": "boys", "female": "girls"})
    loading.ensure_tables(database)
    assert database.execute(TWO.format("male, female").encode()).fetchall() == [("10", "20")]
    (held,) = ledger.vintages(database)
    assert (held.arrival, held.headings) == ("pending", {"year": "year", "male": "boys", "female": "girls"})


def test_correcting_which_table_is_read_corrects_what_is_held(
    database: psycopg.Connection[Any], pairs: Callable[..., None]
) -> None:
    pairs({"male": "boys", "female": "girls"})
    pairs({"male": "boys", "female": "girls"}, sheet="^Table 1$")
    loading.ensure_tables(database)
    assert database.execute(TWO.format("male, female").encode()).fetchall() == [("11", "21")]
    assert [each.arrival for each in ledger.vintages(database)] == ["pending"]


def test_a_column_that_is_described_later_is_read_of_what_is_held(
    database: psycopg.Connection[Any], pairs: Callable[..., None]
) -> None:
    pairs({"male": "boys", "female": "girls"})
    pairs({"male": "boys", "female": "girls", "sheet": "@sheet"})
    loading.ensure_tables(database)
    assert database.execute(TWO.format("male, female, sheet").encode()).fetchall() == [("10", "20", "Table 0")]


def test_what_a_heading_came_to_be_called_is_no_correction_of_what_is_held(
    database: psycopg.Connection[Any], pairs: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    pairs({"male": "boys", "female": "girls"})
    (held,) = ledger.vintages(database)
    pairs({"male": ["young men", "boys"], "female": "girls"})
    with caplog.at_level(logging.INFO):
        loading.ensure_tables(database)
    assert ledger.vintages(database) == [held]
    assert "read" not in caplog.text


def test_a_correction_by_which_what_is_held_cannot_be_read_loses_nothing(
    database: psycopg.Connection[Any], pairs: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    pairs({"male": "boys", "female": "girls"})
    pairs({"male": "boys", "female": "girls"}, sheet="^Table 9$")
    loading.ensure_tables(database)
    assert database.execute(TWO.format("male, female").encode()).fetchall() == [("10", "20")]
    assert [each.arrival for each in ledger.vintages(database)] == ["accepted"]
    assert "stays as it was read, because it cannot be read again: pairs: pairs.xlsx: no sheet like" in caplog.text


def test_a_ledger_of_before_takes_what_is_described_for_what_was(
    database: psycopg.Connection[Any], pairs: Callable[..., None]
) -> None:
    pairs({"male": "boys", "female": "girls"})
    database.execute("update ops.vintage set read_as = null")
    loading.ensure_tables(database)
    (held,) = ledger.vintages(database)
    assert held.read_as and held.arrival == "accepted"


def test_a_file_that_must_not_be_used_as_it_stands_leaves_no_rows(
    database: psycopg.Connection[Any], before: Callable[..., int]
) -> None:
    before([0.8944, 0.57], "B3")
    loading.ensure_tables(database)
    (held,) = ledger.vintages(database)
    assert database.execute(ROWS).fetchall() == []
    assert (held.row_count, held.arrival) == (0, "pending")
    outcome, message = database.execute(
        "select outcome, message from ops.ingest_attempt order by attempt_id desc limit 1"
    ).fetchall()[0]
    assert outcome == "changed"
    assert "was read again, and its rows were taken away" in message
    assert "plain numbers (B2)" in message
    database.execute("drop table raw.shares__figure")
    snapshot = loading.read_sidecar("shares", held.snapshot_id)
    assert loading.load_again(database, source("shares"), snapshot, held) == 0, "nor does a rebuild bring them back"


def test_a_file_that_is_gone_stays_as_it_was_read_and_is_named(
    database: psycopg.Connection[Any], before: Callable[..., int], caplog: pytest.LogCaptureFixture
) -> None:
    vintage = before([0.8944], "B2")
    (held,) = ledger.vintages(database)
    (folder("shares", held.snapshot_id) / "content").unlink()
    loading.ensure_tables(database)
    assert ledger.vintages(database) == [held]
    assert database.execute(ROWS).fetchall() == [("2019/20", "0.8944")]
    assert f"vintage {vintage} of shares stays as it was read" in caplog.text


def test_the_loader_reads_again_and_may_not_accept(
    database: psycopg.Connection[Any], before: Callable[..., int]
) -> None:
    before([0.8944], "B2")
    with loading.database.connect("loader") as conn:
        loading.ensure_tables(conn)
        assert [each.arrival for each in ledger.vintages(conn)] == ["pending"]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("update ops.vintage set arrival = 'accepted'")


def test_a_rebuild_has_what_an_older_reader_read_judged_anew(
    database: psycopg.Connection[Any], before: Callable[..., int]
) -> None:
    before([0.8944], "B2")
    (held,) = ledger.vintages(database)
    database.execute("drop table raw.shares__figure")
    snapshot = loading.read_sidecar("shares", held.snapshot_id)
    assert loading.load_again(database, source("shares"), snapshot, held) == 1
    assert database.execute(ROWS).fetchall() == [("2019/20", "89.44%")]
    assert [each.arrival for each in ledger.vintages(database)] == ["pending"]


def test_a_vintage_is_of_the_revision_that_read_it(database: psycopg.Connection[Any], load: Callable[..., int]) -> None:
    load([0.5], "B2")
    assert [each.reader_revision for each in ledger.vintages(database)] == [shapes.revision("workbook")]
