"""A source that is no longer described: what an installation holds of it stays, and one line says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from entries import write_entry
from psycopg import Connection

from expectations import arrival
from ingestion import pipeline
from ingestion.load import ensure_tables
from promise import ledger
from promise.catalogue.sources import ENTRY, read_folder
from warehouse import runs
from workbench.cli import main
from workbench.commands import status, verify

GONE = "average_household_size"  # as ingestion/retired.yml has it
FILE = "average_household_size.csv"
HEADER = "FeatureCode,DateCode,Measurement,Units,Value,Gender,Age\n"


def figure(value: str) -> str:
    return f"{HEADER}S92000003,2017/2018,Ratio,Percent,{value},All,All\n"


@pytest.fixture
def older(database: Connection[Any], bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Connection[Any]:
    """As a revision left it that described the source: one file of it is in use, another waits to be judged."""
    entry = yaml.safe_load((bundle / "reconvictions" / ENTRY).read_text()) | {"id": GONE, "live": None}
    entry["bundle"][0] |= {"file": FILE}
    entry["bundle"][0]["publication"] |= {"id": "household_size", "series": "Household size"}
    entry["table"]["checks"] |= {"at_least_rows": 1, "distinct_areas": 1, "absent": {}}
    write_entry(bundle, GONE, entry)
    with monkeypatch.context() as then:
        then.setenv("PROMISE_SOURCES", str(bundle))
        (bundle / GONE / FILE).write_text(figure("2.1"))
        pipeline.load(GONE, pipeline.take(GONE))
        ensure_tables(database)
        assert arrival.judge(runs.open_run(database))["accepted"]
        (bundle / GONE / FILE).write_text(figure("2.2"))
        pipeline.load(GONE, pipeline.take(GONE))
    read_folder.cache_clear()
    return database


def test_what_is_held_of_a_source_that_is_no_longer_described_stays_and_one_line_says_so(
    older: Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_tables(older)
    judged = arrival.judge(runs.open_run(older))
    assert judged["accepted"] == []
    (reason,) = judged["rejected"].values()
    assert f"{GONE}: {FILE} was landed, and it is no longer loaded since 29 November 2026" in reason
    assert "ingestion/retired.yml" in reason and "\n" not in reason

    assert [each.arrival for each in ledger.vintages(older, GONE)] == ["accepted", "rejected"]
    rows = older.execute(f"select value from raw.{GONE}__figure order by _vintage".encode()).fetchall()
    assert rows == [("2.1",), ("2.2",)]
    found = verify.verify(older)
    assert (found.files, found.problems, found.tables, found.not_loaded) == (2, (), (), ())

    capsys.readouterr()
    status.show_status()
    (line,) = (line for line in capsys.readouterr().out.splitlines() if GONE in line)
    assert line == (
        f"no longer described in ingestion/sources/, and kept as it was landed: {GONE}; ingestion/retired.yml says why"
    )
    status.show_status(as_json=True)
    assert json.loads(capsys.readouterr().out)["no_longer_described"] == [GONE]
    status.show_plan()
    assert GONE not in capsys.readouterr().out, "nobody asks for it"


def test_a_file_of_it_can_still_be_forgotten(older: Connection[Any]) -> None:
    first, _ = ledger.vintages(older, GONE)
    assert CliRunner().invoke(main, ["forget", first.snapshot_id[:12], "--why", "A test."]).exit_code == 0
    assert [each.arrival for each in ledger.vintages(older, GONE)] == ["forgotten", "pending"]
    assert older.execute(f"select value from raw.{GONE}__figure".encode()).fetchall() == [("2.2",)]
