"""A publisher renames a heading: editions of before and after stay in use together, each cell by its own heading."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from entries import write_entry
from fault_cases import source as of_two_columns
from psycopg.rows import dict_row
from rehosted import Catalogue

from expectations import arrival, publication
from ingestion import load as loading
from ingestion import pipeline
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched, folder, land, read_sidecar
from promise import ledger
from promise.catalogue.sources import source
from warehouse import releases, runs, transform
from workbench.commands.explain import with_proof
from workbench.commands.verify import rebuild

SERIES = "published_series"
OLD, NEW = "value", "Published value"
FIGURES = b"""
    select measure_id, area_code, period_start, period_end, breakdown, breakdown_value, obs_value, obs_status
    from marts.fct_observation order by 1, 2, 3, 4, 5, 6
"""


@pytest.fixture
def renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalogue after a person has written down the new heading, at the front; an edition may have one row less."""

    def write_down(entry: dict[str, Any]) -> None:
        entry["table"]["columns"]["obs_value"] = [NEW, OLD]
        entry["table"]["checks"]["at_least_rows"] -= 1
        entry["replaces"] = "nothing"  # so that the row that is left out still stands, as the older file has it

    catalogue = Catalogue(tmp_path / "sources")
    catalogue.change(SERIES, write_down)
    monkeypatch.setenv("PROMISE_SOURCES", str(catalogue.folder))


def edition(before: Path, path: Path, without: int) -> Path:
    """The file before with its heading renamed and one of its lines left out."""
    with before.open(newline="") as file:
        header, *rows = csv.reader(file)
    del rows[without - 2]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([[NEW if heading == OLD else heading for heading in header], *rows])
    return path


def provenance(conn: psycopg.Connection[Any], vintage: int) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select * from marts.provenance where source_id = %s and vintage = %s order by raw_row", (SERIES, vintage)
        ).fetchall()


def test_old_and_new_editions_are_built_and_rebuilt_to_the_same_figures_and_lead_back_to_their_own_files(
    copy_of_warehouse: psycopg.Connection[Any], tmp_path: Path, renamed: None
) -> None:
    conn = copy_of_warehouse
    figures = conn.execute(FIGURES).fetchall()
    (old,) = ledger.vintages(conn, SERIES)
    left_out = provenance(conn, old.vintage)[-1]
    path = edition(read_sidecar(SERIES, old.snapshot_id).content, tmp_path / "second.csv", left_out["raw_row"])
    snapshot = land(SERIES, Fetched(path, path.name, "bundle:second", "bundle:second", "text/csv", None))
    (loaded,) = pipeline.load(SERIES, [snapshot.snapshot_id])
    # As a home of the revision before has it, whose ledger knew no headings.
    conn.execute("update ops.vintage set headings = null")

    run_id = runs.open_run(conn)
    assert arrival.judge(run_id)["rejected"] == {}
    for stage in transform.SELECT:
        transform.build(run_id, stage)
    publication.judge(run_id)
    releases.publish(run_id)

    def is_whole() -> None:
        assert conn.execute(FIGURES).fetchall() == figures
        (kept,) = provenance(conn, old.vintage)
        assert kept["source_cell"] == left_out["source_cell"] == f"line {left_out['raw_row']}:{OLD}"
        (newer, *others) = provenance(conn, loaded["vintage"])
        assert {each["source_cell"] for each in (newer, *others)} == {
            f"line {each['raw_row']}:{NEW}" for each in (newer, *others)
        }
        for figure in (kept, newer):
            told = with_proof(conn, figure)
            assert told["agrees"], told["checks"]
            assert told["checks"][-1]["detail"] == f"obs_value: {figure['value_published']!r}"
        named = {each.vintage: each.headings for each in ledger.vintages(conn, SERIES)}
        assert [each and each["obs_value"] for each in named.values()] == [OLD, NEW]

    is_whole()
    raw = b"select * from raw.published_series__figure order by _vintage, _row"
    rows = conn.execute(raw).fetchall()
    assert len({row[1] for row in rows}) == 2
    rebuild()
    assert conn.execute(raw).fetchall() == rows
    is_whole()


def test_a_cell_under_a_heading_that_its_file_does_not_have_is_not_explained(
    copy_of_warehouse: psycopg.Connection[Any], renamed: None
) -> None:
    (old,) = ledger.vintages(copy_of_warehouse, SERIES)
    figure = provenance(copy_of_warehouse, old.vintage)[0]
    told = with_proof(copy_of_warehouse, figure | {"source_cell": figure["source_cell"].replace(OLD, NEW)})
    assert not told["agrees"]


def test_before_the_ledger_knew_headings_a_cell_is_read_again_by_any_that_its_column_has_had(
    copy_of_warehouse: psycopg.Connection[Any], renamed: None
) -> None:
    """The release of the revision before is shown, and nothing was built since; its staging wrote headings out."""
    (old,) = ledger.vintages(copy_of_warehouse, SERIES)
    figure = provenance(copy_of_warehouse, old.vintage)[0]
    copy_of_warehouse.execute("update ops.vintage set headings = null")
    told = with_proof(copy_of_warehouse, figure)
    assert [each["check"] for each in told["checks"] if not each["holds"]] == ["staging gives the same cell"]


def test_the_arrival_gate_names_a_cell_by_the_heading_of_its_own_file(
    landed: psycopg.Connection[Any], renamed: None
) -> None:
    landed.execute("update raw.published_series__figure set obs_value = 'low' where _row = 2")
    landed.execute("update ops.vintage set arrival = 'pending' where source_id = 'published_series'")
    reason = arrival.judge(runs.open_run(landed))["rejected"][SERIES]
    assert reason.startswith(f"{SERIES}: published_series.csv, line 2:{OLD}: found 'low'")


# ------------------------------------------------------------------------------------------------------- the ledger


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """Load a text of a source whose value was once called otherwise; gives its vintage."""
    entry = of_two_columns("figures", {"address": "https://publisher.example/", "hosts": ["publisher.example"]})
    entry["table"]["columns"]["value"] = ["Value", "value"]
    (tmp_path / "sources").mkdir()
    write_entry(tmp_path / "sources", "figures", entry)
    monkeypatch.setenv("PROMISE_SOURCES", str(tmp_path / "sources"))

    def load(text: str) -> int:
        path = tmp_path / "figures.csv"
        path.write_text(text)
        snapshot = land("figures", Fetched(path, path.name, "https://publisher.example/", "", "text/csv", None))
        return int(pipeline.load("figures", [snapshot.snapshot_id])[0]["vintage"])

    return load


@pytest.mark.parametrize("way", ["quick", "by row"])
def test_the_ledger_has_what_each_file_s_columns_are_headed_by(
    database: psycopg.Connection[Any], trial: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "by row":
        monkeypatch.setattr(loading, "_copy_stream", lambda *_: None)
    trial("year,value\n2019,1\n")
    trial("Value,year\n2,2020\n")
    assert [each.headings for each in ledger.vintages(database)] == [
        {"year": "year", "value": "value"},
        {"year": "year", "value": "Value"},
    ]
    assert database.execute("select year, value from raw.figures__figure order by 1").fetchall() == [
        ("2019", "1"),
        ("2020", "2"),
    ]


def test_a_ledger_of_before_learns_the_headings_from_the_landed_files(
    database: psycopg.Connection[Any], trial: Any
) -> None:
    trial("year,value\n2019,1\n")
    trial("year,Value\n2020,2\n")
    trial("year,value\n2021,3\n")
    gone = ledger.vintages(database)[-1]
    (folder("figures", gone.snapshot_id) / "content").unlink()
    database.execute("update ops.vintage set headings = null")
    loading.ensure_tables(database)
    assert [each.headings and each.headings["value"] for each in ledger.vintages(database)] == [
        *("value", "Value"),
        "Value",  # the file is gone: what the column is headed by now
    ]


def test_a_file_with_both_headings_of_a_column_is_no_vintage(database: psycopg.Connection[Any], trial: Any) -> None:
    with pytest.raises(SourceChanged, match="the headings 'value' and 'Value' are both there"):
        trial("year,value,Value\n2019,1,2\n")
    assert ledger.vintages(database) == []
    assert source("figures").table.newest["value"] == "Value"
