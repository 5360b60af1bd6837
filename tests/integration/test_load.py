"""Landing to raw: vintages, the ledger, and what a crash leaves behind. A real PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingestion import load as loading
from ingestion import pipeline
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.landing import Fetched, folder, land, read_sidecar
from promise import database, ledger
from promise.catalogue.sources import Source, source, sources

pytestmark = pytest.mark.usefixtures("database")
BOUNDARIES = "council_boundaries"
DASHBOARD = "promise_dashboard"


def query(statement: str) -> list[tuple[Any, ...]]:
    with database.connect() as conn:
        return conn.execute(statement.encode()).fetchall()


def take_and_load(source_id: str) -> list[dict[str, Any]]:
    return pipeline.load(source_id, pipeline.take(source_id))


def test_two_captures_become_two_vintages_and_a_second_look_finds_nothing() -> None:
    loaded = take_and_load(DASHBOARD)
    assert [each["rows"] for each in loaded] == [8, 60]
    assert pipeline.take(DASHBOARD) == []
    assert query("select _vintage, count(*) from raw.promise_dashboard__figure group by 1 order by 1") == [
        (loaded[0]["vintage"], 8),
        (loaded[1]["vintage"], 60),
    ]
    outcomes = query("select outcome from ops.ingest_attempt order by attempt_id")
    assert outcomes == [("new",), ("new",), ("unchanged",)]


def test_raw_is_text_as_published_with_the_line_it_stands_on() -> None:
    take_and_load(DASHBOARD)
    found = query(
        "select value_as_published, _row, snapshot_id from raw.promise_dashboard__figure"
        " join ops.vintage on vintage = _vintage where value_as_published = '10, 518'"
    )
    assert len(found) == 1
    text, line, snapshot_id = found[0]
    landed = read_sidecar(DASHBOARD, snapshot_id).content.read_text().splitlines()
    assert text in landed[line - 1]


def test_a_load_that_breaks_leaves_nothing_and_is_still_new(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = pipeline.take(BOUNDARIES)

    def breaks(*_: object) -> Any:
        yield 1, ["S12000047", "Fife", "{}"]
        raise RuntimeError("the machine went away")

    with monkeypatch.context() as broken:
        broken.setattr(loading, "read", breaks)
        with pytest.raises(RuntimeError):
            pipeline.load(BOUNDARIES, waiting)
    assert query("select count(*) from ops.vintage") == [(0,)]
    partitions = "select count(*) from pg_class where relname ~ '^council_boundaries__feature__v'"
    assert query(partitions) == [(0,)]
    assert query("select outcome, message from ops.ingest_attempt") == [("failed", "the machine went away")]
    assert pipeline.take(BOUNDARIES) == waiting, "a file on disk proves a download, not a load"


def test_a_publisher_that_goes_back_to_an_old_file_has_published_again(bundle: Path) -> None:
    path = bundle / BOUNDARIES / source(BOUNDARIES).bundle[0].file
    original = path.read_bytes()
    first = take_and_load(BOUNDARIES)
    path.write_bytes(original + b"\n")
    second = take_and_load(BOUNDARIES)
    path.write_bytes(original)
    third = take_and_load(BOUNDARIES)
    assert third[0]["snapshot_id"] == first[0]["snapshot_id"] != second[0]["snapshot_id"]
    with database.connect() as conn:
        assert [each.vintage for each in ledger.vintages(conn, BOUNDARIES)] == [
            each[0]["vintage"] for each in (first, second, third)
        ]


def test_a_missing_bundle_file_says_which_and_what_to_do(bundle: Path) -> None:
    (bundle / BOUNDARIES / source(BOUNDARIES).bundle[0].file).unlink()
    with pytest.raises(SourceUnavailable, match="restore it from version control"):
        pipeline.take(BOUNDARIES)
    assert query("select outcome from ops.ingest_attempt") == [("unavailable",)]


def test_a_landed_file_that_was_removed_is_named() -> None:
    (waiting,) = pipeline.take(BOUNDARIES)
    (folder(BOUNDARIES, waiting) / "snapshot.json").unlink()
    with pytest.raises(SourceChanged, match="missing from"):
        pipeline.load(BOUNDARIES, [waiting])


def test_a_source_that_never_arrived_has_an_empty_table() -> None:
    with database.connect() as conn:
        loading.ensure_tables(conn)
    assert query("select count(*) from raw.lgbf__cell") == [(0,)]


DELIMITED = [each.id for each in sources().values() if each.table.reader.shape == "delimited"]


@pytest.mark.parametrize("source_id", DELIMITED)
def test_the_quick_way_and_the_careful_way_load_the_same(source_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = ", ".join(source(source_id).table.columns.values())
    rows = f"select {columns}, _row from raw.{source(source_id).raw_table} order by _vintage, _row"
    take_and_load(source_id)
    quick = query(rows)
    assert quick
    with database.connect() as conn:
        conn.execute("truncate ops.vintage cascade")
        conn.execute(f"drop table raw.{source(source_id).raw_table}".encode())
    monkeypatch.setattr(loading, "_stream", lambda *_: None)
    take_and_load(source_id)
    assert query(rows) == quick


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        pytest.param("Fife,Moray\n", [(2, "Fife", "Moray")], id="plain"),
        pytest.param('"Fife, Kingdom of",\n', [(2, "Fife, Kingdom of", "")], id="quoted, and empty is not null"),
        pytest.param('a,"two\nlines"\nb,c\n', [(2, "a", "two\nlines"), (4, "b", "c")], id="a line break in a cell"),
        pytest.param('a,5" pipe\nb,6" pipe\n', [(2, "a", '5" pipe'), (3, "b", '6" pipe')], id="quotes inside a cell"),
        pytest.param("\\.,\\N\n", [(2, "\\.", "\\N")], id="what PostgreSQL's own format would take for a mark"),
    ],
)
def test_a_cell_is_loaded_as_it_stands_in_the_file(bundle: Path, content: str, cells: list[tuple[Any, ...]]) -> None:
    file = bundle / BOUNDARIES / source(BOUNDARIES).bundle[0].file
    described = source(BOUNDARIES).model_dump(mode="json")
    described["table"] |= {"reader": {"shape": "delimited"}, "columns": {"code": "area_code", "name": "area_name"}}
    described["table"]["checks"] = {"at_least_rows": 1, "key": ["area_code"]}
    trial = Source.model_validate(described)
    file.write_text("code,name\n" + content)
    snapshot = land(BOUNDARIES, Fetched(file, file.name, "bundle:", "bundle:", "text/csv", None))
    with database.connect() as conn:
        loading.load_vintage(conn, trial, snapshot)
        found = conn.execute("select _row, area_code, area_name from raw.council_boundaries__feature order by _row")
        assert found.fetchall() == cells


@pytest.mark.parametrize("content", ["Fife\n", "a,b\nc,d", 'a,"b\n', "a,b\x00\n"], ids=["ragged", "cut", "open", "NUL"])
def test_what_the_quick_way_refuses_is_refused_by_the_reader_with_its_place(bundle: Path, content: str) -> None:
    file = bundle / "lgbf_family_groups" / "lgbf_family_groups.csv"
    file.write_text(file.read_text().splitlines()[0] + "\n" + content)
    waiting = pipeline.take("lgbf_family_groups")
    with pytest.raises(SourceChanged, match="line 2"):
        pipeline.load("lgbf_family_groups", waiting)
    assert query("select count(*) from ops.vintage") == [(0,)]
