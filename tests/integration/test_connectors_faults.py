"""However a publisher fails: nothing half-landed, the vintage before intact, the right one told, the others go on."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fault_cases import BESIDE, CASES, NEW, OLD, PAGE, PATH, Case, Desk, page
from psycopg import Connection
from stand_ins.publisher import publishing

from ingestion import pipeline
from ingestion.errors import SourceChanged, SourceUnavailable
from promise import database as db
from promise import ledger
from promise.settings import settings

OF_THE_ISSUE = [
    "time-out while connecting", "time-out while reading", "slow trickle", "Retry-After in seconds",
    "Retry-After as a date", "500, then fine", "500 for ever", "403", "404", "off the allow-list",
    "to a private address", "in a loop", "HTML for CSV",
    "truncated body", "Content-Length", "gzip bomb", "oversize", "zero bytes", "wrong charset",
    "revised between two ranges", "ETag that lies", "certificate error", "DNS failure", "disk full at landing",
    "killed mid-download",
]  # fmt: skip


def test_every_fault_of_the_promise_is_played() -> None:
    played = [case.name for case in CASES]
    assert len(played) == len(set(played)) >= len(OF_THE_ISSUE)
    assert [each for each in OF_THE_ISSUE if not any(each in name for name in played)] == []


def test_the_page_about_faults_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run `python tests/fault_cases.py`"


@pytest.fixture(scope="module")
def prepared(empty_state: Any) -> Iterator[dict[str, str]]:
    """A database of this module's own; fifty fresh copies would take longer than all faults together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(empty_state.home))
        address = db.url_of(db.administrator()).rsplit("/", 1)[0]
        access = {**db.passwords(), "PROMISE_DATABASE_URL": f"{address}/faults"}
        with psycopg.connect(f"{address}/postgres", autocommit=True) as conn:
            conn.execute("drop database if exists faults with (force)")
            conn.execute("create database faults template kept")
            for name, value in access.items():
                patch.setenv(name, value)
            db.ensure_running()
            yield access
            conn.execute("drop database if exists faults with (force)")


@pytest.fixture
def database(prepared: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection[Any]]:
    """That database, with nothing in it, and a PROMISE_HOME of the test's own."""
    for name, value in {**prepared, "PROMISE_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    with db.connect(autocommit=True) as conn:
        conn.execute("drop table if exists raw.figures__figure, raw.beside__figure")
        conn.execute("delete from ops.vintage")
        conn.execute("delete from ops.ingest_attempt")
        yield conn


@pytest.fixture
def desk(database: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("PROMISE_MODE", "live")
    with contextlib.ExitStack() as stack:
        publisher = stack.enter_context(publishing())
        beside = stack.enter_context(publishing())
        made = Desk(publisher, tmp_path, monkeypatch, stack.enter_context(contextlib.ExitStack()), beside)
        # On a date of its own, so that a later one can be told from it.
        publisher.page(PATH, OLD, last_modified=1_700_000_000)
        beside.page(PATH, BESIDE)
        made.describe()
        yield made
        if made.child is not None:
            made.child.kill()
            made.child.wait()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_a_fault_stops_one_attempt_and_nothing_else(desk: Desk, database: Connection[Any], case: Case) -> None:
    assert ingest("figures") == ingest("beside") == ("new", None)
    (old,) = ledger.vintages(database, "figures")
    before = rows(database, old.vintage)
    asked = desk.page.asked
    # A day passes: what was said about pauses is past.
    forget_pauses()

    with desk.during:
        case.play(desk)
        attempt = finished(desk) if desk.child is not None else ingest("figures")
        if case.name != "killed mid-download":
            assert desk.page.asked - asked == case.asked

        # The right kind of failure, in the words of the page.
        kind = {"unavailable": "try again later", "changed": "a person must look"}.get(attempt[0], "it passes")
        if case.name == "killed mid-download":
            attempt = ("failed", "")
        else:
            assert kind == case.kind
            if case.says is not None:
                assert general(attempt[1] or "", desk) == case.says

        # The vintage before is there, to the row, and nothing stands half beside it.
        assert rows(database, old.vintage) == before
        assert old.snapshot_id in snapshots()
        if attempt[0] not in ("new", "unchanged"):
            assert ledger.vintages(database, "figures") == [old]
            left = 2 if case.name == "wrong charset" else 1  # that file is whole; it is what is in it
            assert len(snapshots()) == left
        assert not list((settings().landing / "figures").glob(".half-*"))
        if case.kind == "a person must look":
            assert leftovers() == []

        # It is on record: this attempt, and how it ended.
        if attempt[0] != "failed":
            last = database.execute(
                "select outcome, message from ops.ingest_attempt where source_id = 'figures' order by attempt_id desc"
            ).fetchone()
            assert last == (attempt[0], attempt[1])

        # The source beside it has news, and they are in.
        desk.beside.page(PATH, BESIDE + "2024,18\n")
        assert ingest("beside") == ("new", None)

    # The publisher is well again, and nobody had to help.
    forget_pauses()
    if case.kind == "it passes":
        case.then(desk)
        expected = OLD if attempt[0] == "unchanged" else NEW
    else:
        desk.page.content, desk.page.behaviour, desk.page.etag = NEW.encode(), None, None
        desk.describe(**{name: value for name, value in (("max_bytes", 300_000),) if name in desk.limits})
        assert ingest("figures") == ("new", None)
        expected = NEW
    fresh = ledger.latest(database, "figures")
    assert fresh is not None
    assert (settings().landing / "figures" / fresh.snapshot_id / "content").read_bytes() == expected.encode()
    assert fresh.row_count == 5000
    assert leftovers() == []
    if case.name == "killed mid-download":
        assert "range" in desk.publisher.asked(PATH)[-1].headers, "what had come is not fetched again"
        told = database.execute(
            "select message from ops.ingest_attempt where source_id = 'figures' and outcome = 'failed'"
        ).fetchall()
        assert [general(message, desk) for (message,) in told] == [case.says]


def test_an_unchanged_file_costs_one_question_and_announces_nothing(desk: Desk, database: Connection[Any]) -> None:
    assert ingest("figures") == ("new", None)
    assert ingest("figures") == ("unchanged", None)
    first, second = desk.publisher.asked(PATH)
    assert "if-none-match" not in first.headers
    assert second.headers["if-none-match"] == desk.page.tag
    assert len(ledger.vintages(database, "figures")) == 1


def test_a_file_whose_load_failed_is_still_new_although_the_publisher_says_not_modified(
    desk: Desk, database: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the machine went away")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "load_vintage", broken)
        with pytest.raises(RuntimeError):
            pipeline.load("figures", pipeline.take("figures"))
    assert ingest("figures") == ("new", None)
    assert "if-none-match" in desk.publisher.asked(PATH)[-1].headers


def test_a_file_that_is_gone_from_disk_is_fetched_whole(desk: Desk, database: Connection[Any]) -> None:
    ingest("figures")
    (vintage,) = ledger.vintages(database, "figures")
    for path in (settings().landing / "figures" / vintage.snapshot_id).iterdir():
        path.unlink()
    (settings().landing / "figures" / vintage.snapshot_id).rmdir()
    assert ingest("figures") == ("unchanged", None)
    assert "if-none-match" not in desk.publisher.asked(PATH)[-1].headers
    assert vintage.snapshot_id in snapshots()


def test_after_a_while_not_modified_is_not_believed(desk: Desk, database: Connection[Any]) -> None:
    ingest("figures")
    desk.describe(trust_days=0)
    desk.page.etag = desk.page.tag  # the same for ever, whatever the content
    desk.page.content = NEW.encode()
    assert ingest("figures") == ("new", None)


def test_how_long_a_source_has_been_failing_is_a_query(desk: Desk, database: Connection[Any]) -> None:
    document = (PAGE.parent / "connectors.md").read_text()
    (query,) = re.findall(r"```sql\n(.*?)```", document, flags=re.DOTALL)
    ingest("figures")
    desk.page.behaviour = lambda exchange: exchange.answer(503)
    ingest("figures")
    ingest("figures")
    ingest("beside")
    failing = database.execute(query).fetchall()
    assert [(row[0], row[2]) for row in failing] == [("figures", 2)]
    first = database.execute("select min(started_at) from ops.ingest_attempt where outcome = 'unavailable'").fetchone()
    assert first is not None
    assert failing[0][1] == first[0]


# ------------------------------------------------------------------------------------------------------------ by hand


def ingest(source_id: str) -> tuple[str, str | None]:
    """What an ingest DAG does, and what it came to."""
    try:
        new = pipeline.take(source_id)
        pipeline.load(source_id, new)
    except SourceUnavailable as error:
        return "unavailable", str(error)
    except SourceChanged as error:
        return "changed", str(error)
    return ("new" if new else "unchanged"), None


def finished(desk: Desk) -> tuple[str, str | None]:
    """The same, by what the child said."""
    assert desk.child is not None
    said, _ = desk.child.communicate(timeout=60)
    kind, _, message = said.strip().partition("|")
    return {"SourceUnavailable": "unavailable", "SourceChanged": "changed"}.get(kind, "failed"), message


def rows(conn: Connection[Any], vintage: int) -> Any:
    counted = "select count(*), md5(string_agg(line::text, '' order by _row)) from raw.figures__figure as line"
    return conn.execute(f"{counted} where _vintage = {vintage}".encode()).fetchone()


def snapshots() -> list[str]:
    return [path.name for path in (settings().landing / "figures").iterdir() if not path.name.startswith(".")]


def leftovers() -> list[str]:
    return [path.name for path in (settings().landing / "figures" / ".incoming").glob("*")]


def forget_pauses() -> None:
    for path in (settings().home / "fetching" / "hosts").glob("*"):
        path.unlink()


def general(message: str, desk: Desk) -> str:
    """A message without what differs from one run to the next."""
    message = message.replace(str(settings().home), "HOME")
    message = re.sub(r"127\.0\.0\.1(:\d+)?", "publisher.example", message)
    message = re.sub(r"\(\[Errno [^)]*\)", "(…)", message)
    message = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+\+00:00|\d\d \w+ \d{4} [\d:]+ UTC", "TIME", message)
    message = re.sub(r"in \d+ s\)", "in N s)", message)
    return re.sub(
        r"(only|has|received|expected|announced|at least|from|than|to|byte) [\d,]+(?= bytes|\)| more|:| to )",
        lambda found: found.group() if found.group().endswith((" 1,000", "300,000")) else f"{found[1]} N",
        message,
    )
