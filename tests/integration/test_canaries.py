"""Synthetic people are sent down every way in, and nothing of them is anywhere afterwards.

That the search itself would find them, in every kind of file and column, is tested in `test_forget`.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from canaries import CANARIES, TEXTS, Canary, csv, workbook
from click.testing import CliRunner
from entries import write_entry
from fault_cases import LIMITS, source
from psycopg import Connection
from stand_ins.publisher import publishing

from ingestion import landing, pipeline
from ingestion.errors import PersonalData
from ingestion.landing import Fetched
from promise import database as db
from promise.database.embedded import binaries
from promise.settings import settings
from workbench import traces
from workbench.cli import main
from workbench.commands.backup import backup

NAMES = ("dropped", "fetched", "brought")


def anywhere(*more: Path) -> list[str]:
    """Every place in which something of a canary stands: files, tables of both databases, and these folders."""
    home = settings().home
    found = [str(path) for path, _ in traces.in_folder(home, TEXTS, leave_out=[home / "postgres"])]
    found += [str(path) for path in (home / "postgres").glob("*.log") if traces.in_file(path, TEXTS)]
    found += [str(path) for folder in more for path, _ in traces.in_folder(folder, TEXTS)]
    url = db.url_of(db.administrator())
    for name in (db.WAREHOUSE, "airflow"):
        with psycopg.connect(url, dbname=name) as conn:
            found += [f"{name}: {each.schema}.{each.table}.{each.name}" for each in traces.in_tables(conn, TEXTS)]
    return found


@pytest.fixture
def ways(database: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A source for each way in: an inbox, a publisher's address, and somebody's own `take`."""
    monkeypatch.setenv("PROMISE_MODE", "live")
    monkeypatch.setenv("PROMISE_INBOX", str(tmp_path / "inbox"))
    described = tmp_path / "described"
    monkeypatch.setenv("PROMISE_SOURCES", str(described))
    with publishing() as publisher:
        publisher.page("/figures", csv("17"))
        address = {"address": publisher.url("/figures"), "hosts": [publisher.host], "limits": LIMITS}
        for name in ("fetched", "brought"):
            write_entry(described, name, source(name, address))
        inbox = source("dropped", {}) | {
            "live": {"transport": "file_drop", "pattern": r"(.*)\.csv", "settled_seconds": 0}
        }
        write_entry(described, "dropped", inbox)
        yield {"publisher": publisher, "inbox": tmp_path / "inbox" / "dropped", "own": tmp_path / "own"}


def send(ways: dict[str, Any], way: str, content: bytes) -> list[str]:
    """Let the file come in, as its DAG would; returns what of it was landed."""
    if way == "fetched":
        ways["publisher"].page("/figures", content)
        return pipeline.take(way)
    folder = ways["inbox"] if way == "dropped" else ways["own"]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "figures.csv"
    path.write_bytes(content)
    if way == "dropped":
        return pipeline.take(way)
    brought = Fetched(path, path.name, "file:own", "file:own", "text/csv", None)
    return pipeline.take(way, lambda source: [brought])


def test_no_way_in_keeps_anything_about_a_person(
    ways: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for way in NAMES:
        assert send(ways, way, csv("17")), "what is about nobody comes in"
        for canary in CANARIES:
            for content in (csv(canary.in_a_cell), workbook(canary.in_a_cell)):
                with pytest.raises(PersonalData) as refused:
                    send(ways, way, content)
                assert canary.text not in str(refused.value)
                caplog.messages.append(str(refused.value))
    with db.connect() as conn:
        attempts = conn.execute("select count(*) from ops.ingest_attempt where outcome = 'changed'").fetchone()
    assert attempts == (len(NAMES) * len(CANARIES) * 2,)
    file = tmp_path / "people.csv"
    for canary in CANARIES:
        file.write_bytes(csv(canary.in_a_cell))
        for command in (["try", "fetched", str(file)], ["peek", str(file)], ["quarantine", "list"], ["status"]):
            said = CliRunner().invoke(main, command)
            assert said.output, command
            assert canary.text not in said.output, (canary.kind, command)
    backup(tmp_path / "made" / "all.tar")
    assert anywhere(tmp_path / "made") == []
    assert in_dump(tmp_path / "made" / "all.tar", tmp_path) == []
    out = capfd.readouterr()
    assert [each for each in TEXTS if each in caplog.text + out.out + out.err] == []


def in_dump(file: Path, folder: Path) -> list[str]:
    """What of a canary stands in the database dump of a backup, which is compressed in a way of its own."""
    subprocess.run(["tar", "-xf", str(file), "-C", str(folder), "database.dump"], check=True)
    written = subprocess.run(
        [str(binaries() / "pg_restore"), "--file=-", str(folder / "database.dump")], check=True, capture_output=True
    )
    return [text for text in TEXTS if text.lower().encode() in written.stdout.lower()]


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
def test_whatever_comes_round_the_scan_is_found_by_the_search(
    ways: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, canary: Canary
) -> None:
    monkeypatch.setattr(landing, "refuse_personal", lambda *_: None)
    pipeline.load("brought", send(ways, "brought", csv(canary.in_a_cell)))
    found = anywhere()
    assert any("raw.brought__figure" in place for place in found)
    assert any("landing" in place for place in found)
    backup(tmp_path / "all.tar")
    assert in_dump(tmp_path / "all.tar", tmp_path) == [canary.text]


def test_there_is_something_to_send() -> None:
    assert len(CANARIES) == len({each.kind for each in CANARIES}) >= 7
    assert len(NAMES) == 3
