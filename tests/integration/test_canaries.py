"""Synthetic people, and the keys of publishers, are sent down every way in, and nothing of them is anywhere afterwards.

That the search itself would find them, in every kind of file and column, is tested in `test_forget`; that it finds what
comes round the scan here, below. The same walk through a running Airflow is in `e2e/test_connectors_dags`.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import subprocess
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from canaries import CANARIES, TEXTS, UNKNOWN, Canary, csv, workbook
from click.testing import CliRunner
from entries import write_entry
from fault_cases import LIMITS, source
from psycopg import Connection
from speakers import KEY, SPEAKERS, spoken, transports
from stand_ins import bucket
from stand_ins.publisher import Publisher, publishing, redirect, status

from bi.site.build import build
from expectations import arrival, page
from ingestion import landing, pipeline
from ingestion.errors import PersonalData, SourceChanged, SourceUnavailable
from ingestion.landing import Fetched
from promise import database as db
from promise import ledger
from promise.catalogue import history
from promise.catalogue.sources import read_folder
from promise.database.embedded import binaries
from promise.settings import settings
from warehouse import runs, transform
from workbench import traces
from workbench.cli import main
from workbench.commands.backup import backup

KEY_OF_NOMIS = "0xkey-of-nomis/+="
SECRETS = (KEY, KEY_OF_NOMIS, bucket.SECRET)
EVERYTHING = (*TEXTS, *SECRETS)
Send = Callable[[bytes], list[str]]
NOBODY = {"address": "https://publisher.example/", "hosts": ["publisher.example"]}


def anywhere(*more: Path, texts: Sequence[str] = EVERYTHING, leave_out: Sequence[Path] = ()) -> list[str]:
    """Every place in which something of a canary stands: files, tables of both databases, and these folders."""
    home = settings().home
    found = [str(path) for path, _ in traces.in_folder(home, texts, leave_out=[home / "postgres", *leave_out])]
    found += [str(path) for path in (home / "postgres").glob("*.log") if traces.in_file(path, texts)]
    found += [str(path) for folder in more for path, _ in traces.in_folder(folder, texts)]
    url = db.url_of(db.administrator())
    for name in (db.WAREHOUSE, "airflow"):
        with psycopg.connect(url, dbname=name) as conn:
            found += [f"{name}: {each.schema}.{each.table}.{each.name}" for each in traces.in_tables(conn, texts)]
    return found


@dataclass
class Ways:
    """A source for each way in, and how a file is sent down it; what was refused, as a log would have it."""

    described: Path
    send: dict[str, Send] = field(default_factory=dict)
    publishers: dict[str, Publisher] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def refuse(self, name: str, send: Callable[[], object], error: type[Exception]) -> str:
        """Let something come in that is refused, and keep all that is said of it."""
        with pytest.raises(error) as refused:
            send()
        self.said += traceback.format_exception(refused.value)
        return str(refused.value)


@pytest.fixture
def ways(database: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ways]:
    """An inbox in a folder and one in a bucket, a folder of files that ship, somebody's own `take`, and an address."""
    made = Ways(tmp_path / "described")
    for name, value in {
        "PROMISE_MODE": "live", "PROMISE_SOURCES": str(made.described), "PROMISE_BUNDLE": str(tmp_path / "bundle"),
        "PROMISE_CREDENTIAL_STAT_XPLORE": KEY, "PROMISE_CREDENTIAL_NOMIS": KEY_OF_NOMIS,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    inbox = {"live": {"transport": "file_drop", "pattern": r"(.*)\.csv", "settled_seconds": 0}}
    edition = {"file": "figures.csv", "origin_url": "https://publisher.example/", "publication": None}
    for name, also in {
        "dropped": inbox, "in_a_bucket": inbox, "shipped": {"live": None, "bundle": [edition]}, "brought": {},
    }.items():  # fmt: skip
        write_entry(made.described, name, source(name, NOBODY) | also)

    def put(folder: Path, content: bytes) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "figures.csv").write_bytes(content)
        return folder / "figures.csv"

    def dropped(content: bytes) -> list[str]:
        put(tmp_path / "inbox" / "dropped", content)
        monkeypatch.setenv("PROMISE_INBOX", str(tmp_path / "inbox"))
        return pipeline.take("dropped")

    def shipped(content: bytes) -> list[str]:
        put(tmp_path / "bundle" / "shipped", content)
        return pipeline.take("shipped")

    def brought(content: bytes) -> list[str]:
        path = put(tmp_path / "own", content)
        return pipeline.take("brought", lambda _: [Fetched(path, path.name, "file:own", "file:own", "text/csv", None)])

    with contextlib.ExitStack() as open_now:
        endpoint, put_there = open_now.enter_context(bucket.keeping())

        def in_a_bucket(content: bytes) -> list[str]:
            put_there("in_a_bucket/figures.csv", content)
            for name, value in bucket.settings(endpoint).items():
                monkeypatch.setenv(name, value)
            return pipeline.take("in_a_bucket")

        made.send = {"dropped": dropped, "in_a_bucket": in_a_bucket, "shipped": shipped, "brought": brought}
        for speak in SPEAKERS:
            name = speak.__name__
            publisher = made.publishers[name] = open_now.enter_context(publishing())
            path, live = speak(publisher, "12")
            given = {"address": publisher.url(path), "hosts": [publisher.host], "limits": LIMITS} | live
            given |= {"credential": "nomis"} if live["transport"] == "nomis" else {}
            write_entry(made.described, name, source(name, given))
        yield made


def take(ways: Ways, name: str, value: str) -> list[str]:
    """Let a publisher of each dialect show a value, and ask it as its DAG would."""
    speak = next(each for each in SPEAKERS if each.__name__ == name)
    publisher = ways.publishers[name]
    publisher.pages.clear()
    publisher.routes.clear()
    speak(publisher, value)
    return pipeline.take(name)


def canaries_for(place: int) -> list[Canary]:
    """Two for each dialect, and all in all: how a file came says nothing of what is found in it."""
    return [CANARIES[place % len(CANARIES)], CANARIES[(place + 3) % len(CANARIES)]]


def test_no_way_in_keeps_anything_about_a_person_nor_a_key(
    ways: Ways, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    tried = 0
    for send in ways.send.values():
        assert send(csv("17")), "what is about nobody comes in"
        for canary in CANARIES:
            for content in (csv(canary.in_a_cell), workbook(canary.in_a_cell)):
                ways.refuse("", lambda send=send, content=content: send(content), PersonalData)  # type: ignore[misc]
                tried += 1
    for place, speak in enumerate(SPEAKERS):
        name = speak.__name__
        assert take(ways, name, "12"), f"{name}: what is about nobody comes in"
        for canary in canaries_for(place):
            ways.refuse(name, lambda n=name, c=canary: take(ways, n, c.in_a_cell), PersonalData)  # type: ignore[misc]
            tried += 1
    with db.connect() as conn:
        attempts = conn.execute("select count(*) from ops.ingest_attempt where outcome = 'changed'").fetchone()
    assert attempts == (tried,)
    refused_with_the_key(ways)
    commands(ways, tmp_path)
    page.write()
    backup(tmp_path / "made" / "all.tar")
    assert anywhere(tmp_path / "made") == []
    assert in_dump(tmp_path / "made" / "all.tar", tmp_path) == []
    out = capfd.readouterr()
    said = "\n".join([caplog.text, out.out, out.err, *ways.said])
    assert "characters long" in said
    assert [each for each in EVERYTHING if each in said] == []


def refused_with_the_key(ways: Ways) -> None:
    """Publishers that say our own key back to us: in the words of a refusal, in a fault, in a redirect."""
    for name, key in (("query", KEY), ("table", KEY_OF_NOMIS)):
        publisher = ways.publishers[name]
        take(ways, name, "13")
        path = publisher.requests[-1].path
        words = f"no table for {key}".encode()
        for behaviour in (status(400, words), status(503, words), status(404, words), redirect(f"/there?key={key}")):
            publisher.page(path, behaviour=behaviour)
            for pause in (settings().home / "fetching" / "hosts").glob("*"):
                pause.unlink()
            ways.refuse(name, lambda n=name: pipeline.take(n), Exception)  # type: ignore[misc]


def commands(ways: Ways, tmp_path: Path) -> None:
    """What a person is told of a file that holds somebody."""
    file = tmp_path / "people.csv"
    for canary in CANARIES:
        file.write_bytes(csv(canary.in_a_cell))
        for command in (["try", "brought", str(file)], ["peek", str(file)]):
            said = CliRunner().invoke(main, command)
            assert said.output, command
            ways.said.append(said.output)
    for command in (["quarantine", "list"], ["status"], ["plan"], ["verify"]):
        ways.said.append(CliRunner().invoke(main, command).output)


def in_dump(file: Path, folder: Path) -> list[str]:
    """What of a canary stands in the database dump of a backup, which is compressed in a way of its own."""
    subprocess.run(["tar", "-xf", str(file), "-C", str(folder), "database.dump"], check=True)
    written = subprocess.run(
        [str(binaries() / "pg_restore"), "--file=-", str(folder / "database.dump")], check=True, capture_output=True
    )
    return [text for text in EVERYTHING if text.lower().encode() in written.stdout.lower()]


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
def test_whatever_comes_round_the_scan_is_found_by_the_search(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, canary: Canary
) -> None:
    monkeypatch.setattr(landing, "refuse_personal", lambda *_: None)
    pipeline.load("brought", ways.send["brought"](csv(canary.in_a_cell)))
    found = anywhere()
    assert any("raw.brought__figure" in place for place in found)
    assert any("landing" in place for place in found)
    backup(tmp_path / "all.tar")
    assert in_dump(tmp_path / "all.tar", tmp_path) == [canary.text]


def test_by_whatever_way_somebody_comes_round_the_scan_the_search_finds_it(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "refuse_personal", lambda *_: None)
    canary = CANARIES[0]
    for send in ways.send.values():
        assert send(csv(canary.in_a_cell))
    for speak in SPEAKERS:
        assert take(ways, speak.__name__, canary.in_a_cell)
    logs = settings().home / "airflow" / "logs"
    logs.mkdir(parents=True)
    (logs / "a.log").write_text(f"GET https://publisher.example/?uid={KEY}")
    found = anywhere()
    shutil.rmtree(logs)  # the home is that of the tests that follow, too
    for name in (*ways.send, *ways.publishers):
        assert any(f"/landing/{name}" in place for place in found), name
    assert len([place for place in found if place.endswith("a.log")]) == 1


def test_there_is_something_to_send_and_every_way_to_send_it_down(ways: Ways) -> None:
    assert len(CANARIES) == len({each.kind for each in CANARIES}) >= 7
    assert {each for place in range(len(SPEAKERS)) for each in canaries_for(place)} == {*CANARIES}
    assert spoken(next(iter(ways.publishers.values()))) == transports()
    assert {*ways.send} == {"dropped", "in_a_bucket", "shipped", "brought"}


# ------------------------------------------------------------------------------------ of whom no rule can know


HELD = {
    "where a figure is expected": "council,year,value\nFife,2023,{0}\n",
    "where an area is expected": "council,year,value\nFife,2023,1\n{0},2023,2\n",
    "where a period is expected": "council,year,value\nFife,2023,1\nMoray,{0},2\n",
    "twice, as a key": "council,year,value\n{0},2023,1\n{0},2023,2\n",
    "where the headings should be": "{0},2023,1\nFife,2023,2\n",
    "with a letter that no encoding has": "council,year,value\nFife,2023,1\n{0}\udcff,2023,2\n",
    "in a row that is too long": "council,year,value\nFife,2023,1\n{0},2023,2,{0}\n",
}


def test_what_is_said_of_a_file_that_is_not_used_names_nobody_of_whom_it_speaks(
    ways: Ways, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A name in a column of texts is landed and loaded, as all that a file says; what is said of it is its place."""
    caplog.set_level(logging.DEBUG)
    entry = source("brought", NOBODY)
    entry["table"]["columns"] = {"council": "council", "year": "year", "value": "value"}
    entry["table"]["checks"] = {
        "at_least_rows": 1, "key": ["council", "year"], "not_null": ["council"], "numbers": ["value"],
        "area": {"column": "council", "by": "name"}, "period": {"column": "year", "style": "calendar_year"},
    }  # fmt: skip
    write_entry(ways.described, "brought", entry)
    read_folder.cache_clear()
    for words, text in HELD.items():
        content = text.format(UNKNOWN.text).encode("utf-8", "surrogateescape")
        new = ways.send["brought"](content)
        try:
            pipeline.load("brought", new)
        except (SourceChanged, SourceUnavailable) as error:
            ways.said += [words, *traceback.format_exception(error)]
    with db.connect() as conn:
        run_id = runs.open_run(conn)
        judged = arrival.judge(run_id)
        runs.close_run(conn, run_id, "failed", "for a test")
    with db.connect() as conn:
        kept_out = [each.arrival_reason for each in ledger.vintages(conn) if each.arrival != "accepted"]
    assert len(kept_out) >= 3
    ways.said += map(str, kept_out)
    page.write()
    for command in (["quarantine", "list"], ["quarantine", "list", "--json"], ["quarantine", "show", "brought"],
                    ["quarantine", "show", "brought", "--json"], ["status"], ["plan"]):  # fmt: skip
        said = CliRunner().invoke(main, command)
        assert said.output
        ways.said.append(said.output)
    places = anywhere(texts=[UNKNOWN.text], leave_out=[settings().landing])
    assert places, "what the file says is in raw"
    assert [each for each in places if ": raw." not in each] == []
    out = capfd.readouterr()
    said = "\n".join([caplog.text, out.out, out.err, str(judged), *ways.said])
    assert f"a text of {len(UNKNOWN.text)} characters" in said
    assert UNKNOWN.text not in said


# ------------------------------------------------------------------------------------------------ what people write


def test_a_declaration_that_holds_somebody_stops_a_build_and_is_written_nowhere(
    ways: Ways, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = {name: getattr(history, name) for name in ("corrections", "disclosures")}
    for name, of in read.items():
        monkeypatch.setattr(history, name, lambda of=of: of(tmp_path / "entries"))
    path = tmp_path / "entries" / "brought" / "corrections.yml"
    path.parent.mkdir(parents=True)
    entry = (
        '{{id: c_one, publication: p, label: A, heading: "", area: Orkney, period: "2021", reason: "{0}",'
        ' declared_by: "{0}", declared_on: 2026-01-01, source_url: null, {1}}}'
    )
    of_kind = {"corrections": 'printed: "{0}", corrected: "1"', "disclosed": "breakdown_value: null"}
    for canary in CANARIES:
        for key, rest in of_kind.items():
            path.write_text(f"{key}: [{entry.format(canary.in_a_cell, rest.format(canary.in_a_cell))}]")
            for each in read.values():
                each.cache_clear()
            ways.refuse(key, transform.write_generated, Exception)
            done = CliRunner().invoke(main, ["rebuild"])
            assert done.exit_code == 1
            ways.said.append(done.output)
    assert anywhere() == []
    said = "\n".join(ways.said)
    assert "say it without" in said
    assert [each for each in TEXTS if each in said] == []


# ------------------------------------------------------------------------------------------- what the public is given


def test_no_page_and_no_download_is_made_of_anybody_who_was_sent(
    copy_of_warehouse: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "figures.csv"
    for canary in CANARIES:
        path.write_bytes(csv(canary.in_a_cell))
        sent = Fetched(path, path.name, "file:own", "file:own", "text/csv", None)
        with pytest.raises(PersonalData):
            pipeline.take("promise_dashboard", lambda _, sent=sent: [sent])  # type: ignore[misc]
    attempts = copy_of_warehouse.execute("select count(*) from ops.ingest_attempt where outcome = 'changed'").fetchone()
    assert attempts == (len(CANARIES),)
    built = build(tmp_path / "site")
    assert built["pages"] > 16
    assert len(list((tmp_path / "site" / "data").rglob("*.csv"))) > 10
    assert [*traces.in_folder(tmp_path / "site", TEXTS)] == []
    assert traces.in_tables(copy_of_warehouse, TEXTS, "^(ops|staging)$") == {}
    (tmp_path / "site" / "data" / "planted.csv").write_bytes(csv(CANARIES[0].in_a_cell))
    assert len([*traces.in_folder(tmp_path / "site", TEXTS)]) == 1
