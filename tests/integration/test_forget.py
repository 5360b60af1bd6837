"""What slipped through goes from every place at one command, which says where it was and never what it was."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from canaries import CANARIES, Canary, csv, plant
from click.testing import CliRunner, Result
from entries import write_entry
from fault_cases import source
from psycopg import Connection
from small_releases import judged, release

from ingestion import landing, pipeline
from ingestion.errors import PersonalData
from ingestion.landing import Fetched
from promise import database as db
from promise import ledger
from promise.errors import PromiseError
from promise.settings import settings
from warehouse import kept, releases, runs
from workbench import traces
from workbench.cli import main
from workbench.commands import forget as words
from workbench.commands.backup import BackupError, backup, restore
from workbench.commands.verify import verify

WHY = "a name stood in a note"
NAME = CANARIES[0].text


@dataclass
class House:
    """A warehouse into which somebody came round the scan, and has been released with the second of two releases."""

    conn: Connection[Any]
    folder: Path
    snapshot: str = ""
    before: int = 0
    now: int = 0

    def take(self, content: bytes, name: str = "figures.csv") -> list[str]:
        path = self.folder / name
        path.write_bytes(content)
        brought = Fetched(path, name, "file:own", "file:own", "text/csv", None)
        new = pipeline.take("figures", lambda source: [brought])
        pipeline.load("figures", new)
        return new

    @property
    def vintages(self) -> list[ledger.Vintage]:
        return ledger.vintages(self.conn)

    def shown(self) -> kept.Release | None:
        with db.connect() as conn:
            return kept.current(conn)


def forget(*arguments: str, **given: Any) -> Result:
    return CliRunner().invoke(main, ["forget", *arguments], **given)


def found(text: str) -> list[str]:
    """Every place in which the text still stands. PostgreSQL's own files are looked at as tables."""
    home = settings().home
    files = [str(path) for path, _ in traces.in_folder(home, [text], leave_out=[home / "postgres"])]
    logs = [str(path) for path in (home / "postgres").glob("*.log") if traces.in_file(path, [text])]
    with db.connect() as conn:
        tables = [f"{each.schema}.{each.table}.{each.name}" for each in traces.in_tables(conn, [text])]
    return files + logs + tables


@pytest.fixture
def house(database: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    write_entry(
        tmp_path / "described",
        "figures",
        source("figures", {"address": "https://publisher.example/f", "hosts": ["publisher.example"]}),
    )
    monkeypatch.setenv("PROMISE_SOURCES", str(tmp_path / "described"))
    monkeypatch.setenv("PROMISE_USER", "ann")
    monkeypatch.setattr(words.shown, "drawn", lambda: iter(["the site was drawn"]))
    monkeypatch.setattr(words, "build_and_show", lambda run_id: releases.publish(judged(3, in_run=run_id)))
    made = House(database, tmp_path)
    made.take(csv("18"))
    made.before = release(1, ", 'nobody'::text as words")
    with monkeypatch.context() as round_the_scan:
        round_the_scan.setattr(landing, "refuse_personal", lambda *_: None)
        (made.snapshot,) = made.take(csv(f"Child: {NAME}"))
    database.execute("update ops.vintage set arrival = 'accepted'")
    made.now = release(2, f", '{NAME}'::text as words")
    yield made
    settings().site.unlink(missing_ok=True)
    for place in ("airflow", "dbt", "checks", "fetching", ".site-versions", "inbox", "proposals"):
        with contextlib.suppress(FileNotFoundError):
            words.shutil.rmtree(settings().home / place)


def scatter(house: House, text: str) -> None:
    """Everywhere that something of a file can be copied to."""
    home = settings().home
    for place in (
        "dbt/target",
        "airflow/logs/dag_id=ingest_figures",
        "checks",
        "proposals",
        "landing/figures/.incoming",
    ):
        plant(home / place, text)
    (home / "dbt" / "logs").mkdir(exist_ok=True)
    (home / "dbt" / "logs" / "dbt.log").write_text(f"Got {text.upper()}")
    with db.connect() as conn:
        run_id = conn.execute("select max(run_id) from ops.warehouse_run").fetchone()[0]  # type: ignore[index]
        newest = house.vintages[-1].vintage
        conn.execute("update ops.warehouse_run set message = %s", (f"refused: {text}",))
        conn.execute("update ops.vintage set arrival_reason = %s where vintage = %s", (text, newest))
        conn.execute("insert into ops.ingest_attempt (source_id, started_at, outcome, message)"
                     " values ('figures', now(), 'failed', %s)", (text,))  # fmt: skip
        conn.execute("insert into ops.decision (vintage, decision, decided_by, why) values (%s, 'accept', 'ann', %s)",
                     (newest, f"{text} agreed"))  # fmt: skip
        conn.execute("insert into ops.dbt_result values (%s, 'staging', 'model.x', 'model', 'fail', 1, 1, 1, %s)",
                     (run_id, text))  # fmt: skip
        conn.execute("insert into ops.dbt_manifest values (%s, %s)", (run_id, words_packed(text)))
        conn.execute(
            "insert into ops.expectation_result (run_id, gate, suite, expectation, severity, success, sample, why,"
            " trouble) values (%s, 'arrival', 'figures', 'e', 'hold', false, %s, 'why', %s)",
            (run_id, json.dumps([{"cell": f'a "{text}"'}]), text),
        )
        conn.execute("create table intermediate.somewhere as select %s::text as words", (text,))


def words_packed(text: str) -> bytes:
    import gzip

    return gzip.compress(json.dumps({"nodes": text}).encode())


@pytest.fixture
def airflows() -> Iterator[Connection[Any]]:
    """Airflow's own database, with what tasks told each other."""
    from orchestration import platform

    with platform.airflows_database() as conn:
        conn.execute("create table xcom (dag_id text, value jsonb)")
        conn.commit()
        yield conn
        conn.rollback()
        conn.execute("drop table xcom")


def test_a_value_goes_from_every_place_and_readers_see_a_release_without_it(
    house: House, airflows: Connection[Any]
) -> None:
    scatter(house, NAME)
    airflows.execute("insert into xcom values ('ingest_figures', %s)", (json.dumps({"return_value": NAME}),))
    airflows.commit()
    places = found(NAME)
    assert len(places) > 20, "there must be something to remove"

    done = forget("--value", "-", "--why", WHY, input=f"{NAME}\n")
    assert done.exit_code == 0, done.output
    assert NAME not in done.output
    for place in ("landing", "raw.", "ops.expectation_result", "airflow/", "dbt/", "Airflow: public.xcom", "backup"):
        assert place in done.output, done.output

    assert found(NAME) == []
    assert airflows.execute("select value from xcom").fetchall() == [({"return_value": "[forgotten]"},)]
    shown = house.shown()
    assert shown is not None
    assert shown.release_id > house.now
    assert [each.is_kept for each in kept.listing(house.conn) if each.release_id == house.now] == [False]
    assert [each.arrival for each in house.vintages] == ["accepted", "forgotten"]
    (note,) = house.conn.execute("select snapshot_id, forgotten_by, why, removed from ops.forgotten").fetchall()
    assert note[:3] == (house.snapshot, "ann", WHY)
    assert note[3]["landing, files"] == 1
    assert house.conn.execute("select count(*) from ops.warehouse_run where state = 'running'").fetchone() == (0,)


def test_a_file_goes_by_its_hash_with_what_is_kept_about_it(house: House) -> None:
    house.conn.execute(
        "insert into ops.ingest_attempt (source_id, started_at, outcome, snapshot_id, message)"
        " values ('figures', now(), 'failed', %s, 'said something')", (house.snapshot,),
    )  # fmt: skip
    done = forget(house.snapshot[:12], "--why", WHY)
    assert done.exit_code == 0, done.output
    assert found(NAME) == []
    assert verify(house.conn).problems == ()
    assert house.conn.execute("select count(*) from ops.ingest_attempt where snapshot_id = %s",
                              (house.snapshot,)).fetchone() == (0,)  # fmt: skip


def test_a_forgotten_file_is_refused_in_a_sentence_until_somebody_allows_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(house.snapshot, "--why", WHY)
    monkeypatch.setattr(landing, "refuse_personal", lambda *_: None)
    with pytest.raises(PersonalData, match=f"{house.snapshot[:12]}, which was forgotten here"):
        house.take(csv(f"Child: {NAME}"))
    assert found(NAME) == []
    assert len(house.take(csv("19"))) == 1, "another file of the source goes on"
    assert forget("--allow", house.snapshot[:12], "--why", "it was a place").exit_code == 0
    assert house.take(csv(f"Child: {NAME}")) == [house.snapshot]


def fails(run_id: int) -> int:
    raise PromiseError("a mart lost all its figures")


def test_where_no_release_can_be_made_readers_go_back_to_the_one_before_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "build_and_show", fails)
    done = forget("--value", NAME, "--why", WHY)
    assert done.exit_code == 1
    assert "a mart lost all its figures" in done.output
    assert found(NAME) == []
    shown = house.shown()
    assert shown is not None
    assert shown.release_id == house.before


def test_where_every_kept_release_shows_it_readers_see_an_error_and_never_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(4, f", '{NAME}'::text as words")
    version = settings().home / ".site-versions" / "1"
    plant(version, NAME)
    settings().site.symlink_to(Path(".site-versions") / "1")
    monkeypatch.setattr(words, "build_and_show", fails)
    done = forget("--value", NAME, "--why", WHY)
    assert done.exit_code == 1
    assert "readers see none" in done.output
    assert found(NAME) == []
    assert house.shown() is None
    assert not settings().site.exists()
    with db.connect("reader") as reader, pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        reader.execute("select * from marts.one")
    release(5)
    assert house.shown() is not None, "the next run shows another"


def test_a_dry_run_counts_and_changes_nothing(house: House) -> None:
    before = found(NAME)
    done = forget("--value", NAME, "--why", WHY, "--dry-run")
    assert done.exit_code == 0
    assert "landing, files" in done.output
    assert found(NAME) == before
    assert house.conn.execute("select count(*) from ops.forgotten").fetchone() == (0,)


def test_it_is_refused_while_a_run_is_at_work(house: House) -> None:
    with db.connect("releaser") as at_work:
        run_id = runs.open_run(at_work, maker="rebuild")
        before = found(NAME)
        done = forget("--value", NAME, "--why", WHY)
        runs.close_run(at_work, run_id, "failed")
    assert done.exit_code == 1
    assert f"run {run_id} (rebuild) is at work" in done.output
    assert found(NAME) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--value", "abc", "--why", WHY), "fewer than 4 signs"),
        (("--value", NAME, "--why", f"{NAME.lower()} was there"), "--why holds the value"),
        (("--value", NAME, "--why", " "), "--why is empty"),
        (("0123456789ab", "--why", WHY), "0 landed files"),
        (("--why", WHY), "name a landed file by its hash, or a value"),
    ],
)
def test_what_cannot_be_meant_is_refused(database: Connection[Any], arguments: tuple[str, ...], says: str) -> None:
    done = forget(*arguments)
    assert done.exit_code == 1
    assert says in done.output


def test_a_backup_of_before_does_not_bring_it_back_and_one_of_after_remembers(house: House, tmp_path: Path) -> None:
    backup(tmp_path / "before.tar")
    forget(house.snapshot, "--why", WHY)
    with pytest.raises(BackupError, match="forgotten here since"):
        restore(tmp_path / "before.tar", replace=True)
    backup(tmp_path / "after.tar")
    house.conn.execute(
        "insert into ops.forgotten (snapshot_id, forgotten_by, why, removed) values ('f', 'b', 'c', '{}')"
    )
    restore(tmp_path / "after.tar", replace=True)
    with db.connect() as conn:
        assert ledger.forgotten(conn) == {house.snapshot, "f"}
        assert conn.execute("select count(*) from ops.forgotten").fetchone() == (2,)


def test_what_is_not_reached_is_said_plainly_and_is_still_there(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_INBOX", "s3://drops@returns/inbox")
    before = tmp_path / "before.tar"
    backup(before)
    done = forget("--value", NAME, "--why", WHY)
    assert done.exit_code == 0, done.output
    assert "s3://drops@returns/inbox is a bucket, in which nothing was looked for and nothing removed" in done.output
    assert "backups that were made before hold it" in done.output
    assert "what people downloaded" in done.output
    assert found(NAME) == []
    assert traces.in_file(before, [NAME]) == {NAME}, "or the words would not be true"


def test_what_was_landed_before_a_rule_knew_it_is_found_and_goes(house: House) -> None:
    def verified() -> list[str]:
        said = CliRunner().invoke(main, ["verify", "--json"])
        assert said.exit_code == 1
        assert NAME not in said.output
        found: list[str] = json.loads(said.output)["personal"]
        return found

    (said,) = verified()
    assert said.startswith(
        f"figures: figures.csv, line 3:value: a name beside a role, {len(NAME)} characters long, landed on "
    )
    assert f"promise forget {house.snapshot[:12]} --why" in said
    for_people = CliRunner().invoke(main, ["verify"]).output
    assert said in for_people
    assert NAME not in for_people
    forget(house.snapshot[:12], "--why", WHY)
    assert verified() == [], "that nobody gave up the table of this test's source is another matter"


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
def test_the_search_finds_each_kind_in_each_kind_of_file(tmp_path: Path, canary: Canary) -> None:
    planted = plant(tmp_path / "a", canary.in_a_cell)
    (tmp_path / "a" / "nothing.csv").write_bytes(csv("17"))
    assert len(planted) >= 5
    assert sorted(path for path, _ in traces.in_folder(tmp_path, [canary.text])) == sorted(planted)


def test_the_search_finds_each_kind_in_each_kind_of_column(database: Connection[Any]) -> None:
    kinds = {"text": "%s", "jsonb": "to_jsonb(%s::text)", "text[]": "array['a', %s]", "bytea": "convert_to(%s, 'utf8')"}
    assert CANARIES
    columns = ", ".join(f"{expression}::{kind} as c{n}" for n, (kind, expression) in enumerate(kinds.items()))
    for number, canary in enumerate(CANARIES):
        database.execute(f"create table raw.t{number} as select {columns}".encode(), [canary.in_a_cell] * len(kinds))
        there = traces.in_tables(database, [canary.text], "^raw$")
        assert [each.table for each in there] == [f"t{number}"] * len(kinds)
