"""Each transport through its real DAG, against a publisher on loopback that speaks the dialect that is documented.

One platform and one burst of runs a phase: first look, nothing new, faults, hosts that asked for a pause, recovery. The
warehouse stands still meanwhile, paused as a person would pause it: these sources have no marts.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import psycopg
import pytest
from canaries import TEXTS, UNKNOWN
from e2e.case import Case, Desk, Rows
from e2e.house import House
from e2e.publishers import CASES, DROPPED, KEYS
from entries import write_entry
from stand_ins.publisher import publishing

from orchestration import platform
from orchestration.client import RunState, TaskState
from orchestration.follow import ask_for
from promise import database
from promise.catalogue.live import Transport
from workbench import traces

pytestmark = pytest.mark.e2e

FAULTY = ["file", "ckan", "govscot_publication", "nomis", "statxplore", "care_inspectorate"]
UNREAD = "bundle"  # another file lands, and cannot be read
HOLDING = ["govscot_publication", "statxplore"]
PATIENCE = timedelta(minutes=3)  # before the first of Airflow's own retries, which come after five
BESIDE = ["statistics_gov_scot_cube", "arcgis", "file_drop"]


@dataclass(frozen=True)
class Seen:
    """What one run of a source came to, by all that keeps a record of it."""

    run: RunState
    tasks: dict[str, TaskState]
    said: str | None  # the failed task's own message
    asked: list[str]
    attempts: list[tuple[str, str | None]]
    announced: list[Any]  # what each event of the source's asset carries
    snapshots: list[str]  # of all vintages, oldest first
    rows: Rows  # of the last vintage


@dataclass(frozen=True)
class Town:
    """The sources, their publishers, and the house whose Airflow asks them."""

    house: House
    desks: dict[str, Desk]
    cases: dict[str, Case]

    def burst(self, names: Sequence[str]) -> dict[str, Seen]:
        """Ask for one run of each of these sources at once, and see what they came to."""
        ((attempt,),) = self.house.ask("select coalesce(max(attempt_id), 0) from ops.ingest_attempt")
        ((event,),) = self.house.ask_airflow("select coalesce(max(id), 0) from asset_event")
        for name in names:
            self.cases[name].told(self.desks[name].publisher)
        since, dag_ids = datetime.now(UTC), [f"ingest_{name}" for name in names]

        def look() -> list[RunState]:
            assert datetime.now(UTC) - since < PATIENCE, f"{', '.join(dag_ids)} did not come to an end"
            return airflow.runs(dag_ids, since=since)

        with contextlib.closing(platform.client()) as airflow:
            runs = ask_for(airflow, dag_ids, look)
            said = {run.dag_id: airflow.failure(run, task) for run in runs for task in run.tasks if failed(task)}
        return {name: self._seen(name, run, said.get(run.dag_id), attempt, event)
                for run in runs for name in [run.dag_id.removeprefix("ingest_")]}  # fmt: skip

    def _seen(self, name: str, run: RunState, said: str | None, attempt: int, event: int) -> Seen:
        raw, columns = f"raw.{name}__figure", ", ".join(self.cases[name].entry["table"]["columns"])
        announced = self.house.ask_airflow(
            "select asset_event.extra from asset_event join asset on asset.id = asset_id"
            f" where asset.name = 'raw_{name}' and asset_event.id > {event} order by asset_event.id"
        )
        vintages = self.house.ask(f"select snapshot_id from ops.vintage where source_id = '{name}' order by vintage")
        return Seen(
            run=run,
            tasks={task.task_id: task for task in run.tasks},
            said=said,
            asked=self.cases[name].told(self.desks[name].publisher),
            attempts=self.house.ask(
                f"select outcome, message from ops.ingest_attempt where source_id = '{name}' and attempt_id > {attempt}"
            ),
            announced=[extra for (extra,) in announced],
            snapshots=[snapshot for (snapshot,) in vintages],
            rows=self.house.ask(
                f"select {columns} from {raw} where _vintage = (select max(_vintage) from {raw}) order by _row"
            ),
        )


def failed(task: TaskState) -> bool:
    return task.state in ("failed", "up_for_retry")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with contextlib.ExitStack() as stack:
        elsewhere = stack.enter_context(publishing(address="127.0.0.2"))
        desks = {
            name: Desk(name, stack.enter_context(publishing()), elsewhere.url(""), folder / "inbox", folder / "bundle")
            for name in CASES
        }
        cases = {name: make(desks[name]) for name, make in CASES.items()}
        for name, case in cases.items():
            write_entry(folder / "sources", name, case.entry)
        house = House(
            tmp_path_factory.mktemp("home"),
            {
                "PROMISE_MODE": "live", "PROMISE_SOURCES": str(folder / "sources"),
                "PROMISE_INBOX": str(folder / "inbox"), "PROMISE_BUNDLE": str(folder / "bundle"),
                "PROMISE_CREDENTIAL_NOMIS": KEYS["nomis"],
            },
        )  # fmt: skip
        stack.enter_context(house.lived_in())
        stack.callback(house.promise, "down")
        database.ensure_running()
        platform.start()
        with contextlib.closing(platform.client()) as airflow:
            airflow._ask("PATCH", "/api/v2/dags/warehouse", json={"is_paused": True})
            key = {"connection_id": "stat_xplore", "conn_type": "http", "password": KEYS["stat_xplore"]}
            airflow._ask("POST", "/api/v2/connections", json=key)
        yield Town(house, desks, cases)
        assert elsewhere.requests == [], "three sites link there, and it is on nobody's list of hosts"


@pytest.fixture(scope="module")
def first(town: Town) -> dict[str, Seen]:
    """Everything is new."""
    return town.burst(list(CASES))


@pytest.fixture(scope="module")
def again(town: Town, first: dict[str, Seen]) -> dict[str, Seen]:
    """Nothing is new."""
    return town.burst(list(CASES))


@pytest.fixture(scope="module")
def faulty(town: Town, again: dict[str, Seen]) -> tuple[dict[str, Seen], dict[str, Rows]]:
    """Publishers fail, each in its own way, while others have news: what came of it, and the news."""
    for name in (*FAULTY, UNREAD):
        town.cases[name].fault.begin()  # type: ignore[union-attr]
    news = {name: town.cases[name].news() for name in BESIDE}  # type: ignore[misc]
    return town.burst([*FAULTY, UNREAD, *BESIDE]), news


@pytest.fixture(scope="module")
def recovered(town: Town, faulty: object) -> tuple[dict[str, Seen], dict[str, Rows]]:
    """The publishers are well and have news. Two had asked for an hour's pause, of which minutes have passed."""
    news = {name: town.cases[name].news() for name in FAULTY}  # type: ignore[misc]
    return town.burst(FAULTY), news


@pytest.fixture(scope="module")
def after_the_pause(town: Town, recovered: object) -> dict[str, Seen]:
    """The hour is over."""
    for path in (town.house.home / "fetching" / "hosts").iterdir():
        path.unlink()
    return town.burst(HOLDING)


def test_every_transport_has_a_publisher_here_and_the_faults_are_those_of_the_cases(town: Town) -> None:
    known = {get_args(each.model_fields["transport"].annotation)[0] for each in get_args(get_args(Transport)[0])}
    here = [(case.entry["live"] or {"transport": "bundle"})["transport"] for case in town.cases.values()]
    assert set(here) == known | {"bundle"}
    assert here.count("statistics_gov_scot") == 3, "a cube, a slice, a query"
    assert [name for name, case in town.cases.items() if case.fault] == [*FAULTY, UNREAD]
    assert [name for name, case in town.cases.items() if case.fault and case.fault.holds] == HOLDING
    assert BESIDE and set(BESIDE).isdisjoint(FAULTY)


@pytest.mark.parametrize("name", CASES)
def test_what_is_new_is_asked_for_in_the_publishers_way_lands_and_is_announced(
    town: Town, first: dict[str, Seen], name: str
) -> None:
    case, seen = town.cases[name], first[name]
    assert (seen.run.state, seen.said) == ("success", None)
    assert seen.asked == case.asks
    assert seen.rows == case.rows
    assert seen.attempts == [("new", None)]
    (snapshot,) = seen.snapshots
    (event,) = seen.announced
    (vintage,) = event["vintages"]
    assert (vintage["snapshot_id"], vintage["rows"]) == (snapshot, len(case.rows))


@pytest.mark.parametrize("name", CASES)
def test_what_is_known_is_asked_about_lands_no_more_and_is_not_announced(
    town: Town, first: dict[str, Seen], again: dict[str, Seen], name: str
) -> None:
    case, seen = town.cases[name], again[name]
    assert {task_id: task.state for task_id, task in seen.tasks.items()} == {"snapshot": "skipped", "land": "skipped"}
    assert seen.asked == case.asks_again
    ((outcome, message),) = seen.attempts
    assert outcome == "unchanged"
    assert re.match(case.says_again, message or "") if case.says_again else message is None
    assert (seen.announced, seen.snapshots, seen.rows) == ([], first[name].snapshots, case.rows)


@pytest.mark.parametrize("name", [*FAULTY, UNREAD])
def test_a_fault_is_left_to_a_person_at_once_or_tried_again_later(
    town: Town, again: dict[str, Seen], faulty: tuple[dict[str, Seen], object], name: str
) -> None:
    fault, seen = town.cases[name].fault, faulty[0][name]
    assert fault is not None
    state = {"changed": "failed", "unavailable": "up_for_retry"}[fault.outcome]
    assert (seen.tasks[fault.at].state, seen.tasks[fault.at].try_number) == (state, 1)
    assert seen.run.state == ("failed" if fault.outcome == "changed" else "running")
    assert seen.attempts == [(fault.outcome, seen.said)], "the ledger has what the task says"
    assert re.match(f"{name}: .*{fault.says}", seen.said or "")
    assert (seen.announced, seen.snapshots, seen.rows) == ([], again[name].snapshots, town.cases[name].rows)


@pytest.mark.parametrize("name", BESIDE)
def test_other_sources_land_their_news_beside_the_faults(
    again: dict[str, Seen], faulty: tuple[dict[str, Seen], dict[str, Rows]], name: str
) -> None:
    seen, news = faulty[0][name], faulty[1][name]
    assert (seen.run.state, seen.rows) == ("success", news)
    assert seen.snapshots[:-1] == again[name].snapshots
    assert [vintage["snapshot_id"] for event in seen.announced for vintage in event["vintages"]] == seen.snapshots[-1:]


@pytest.mark.parametrize("name", HOLDING)
def test_a_host_that_asked_for_a_pause_is_not_asked_before_it_is_over(
    faulty: tuple[dict[str, Seen], object], recovered: tuple[dict[str, Seen], object], name: str
) -> None:
    assert len(faulty[0][name].asked) == 1, "it said so once"
    seen = recovered[0][name]
    assert (seen.tasks["snapshot"].state, seen.asked) == ("up_for_retry", [])
    assert "was not asked" in (seen.said or "")


@pytest.mark.parametrize("name", FAULTY)
def test_once_the_publisher_is_well_the_next_run_lands_its_news(
    again: dict[str, Seen], recovered: tuple[dict[str, Seen], dict[str, Rows]], after_the_pause: dict[str, Seen],
    name: str,
) -> None:  # fmt: skip
    seen = (recovered[0] | after_the_pause)[name]
    assert (seen.run.state, seen.attempts, seen.rows) == ("success", [("new", None)], recovered[1][name])
    assert seen.snapshots[:-1] == again[name].snapshots
    assert len(seen.announced) == 1


def test_a_key_is_in_no_log_sidecar_or_table(town: Town, after_the_pause: object) -> None:
    """The one came from an Airflow connection, the other from the environment, and stands in addresses."""
    kept = {path: path.read_bytes() for path in town.house.home.rglob("*") if path.is_file()}
    logs = town.house.home / "airflow" / "logs"
    assert any(
        b"no table for ***" in content or b"HTTP 503" in content
        for path, content in kept.items()
        if logs in path.parents
    )
    for key in KEYS.values():
        part = re.findall(r"[\w-]+", key)[0].encode()  # what is the same however an address spells the rest
        assert [path for path, content in kept.items() if part in content] == []


@pytest.mark.parametrize(
    ("texts", "may_be_in"),
    [
        pytest.param(TEXTS, (), id="who was refused before landing"),
        pytest.param(DROPPED, (), id="whom a register names in what is not taken"),
        pytest.param((UNKNOWN.text,), ("landing",), id="who stands in a file that was landed and cannot be read"),
    ],
)
def test_nobody_is_in_a_log_a_note_or_a_table_of_the_house(
    town: Town, after_the_pause: object, texts: Sequence[str], may_be_in: Sequence[str]
) -> None:
    """Logs, XCom, rendered fields, import errors, notes of runs, what events carry: all of Airflow, and all of ours."""
    home = town.house.home
    of_the_server = home / "postgres"
    left_out = [of_the_server, *(home / each for each in may_be_in)]
    assert [path for path, _ in traces.in_folder(home, texts, leave_out=left_out)] == []
    assert [path for path in of_the_server.glob("*.log") if traces.in_file(path, texts)] == []
    for name in ("airflow", database.WAREHOUSE):
        with psycopg.connect(database.url_of(database.administrator()), dbname=name) as conn:
            assert len(traces.columns(conn)) > 100
            assert traces.in_tables(conn, texts) == {}


def test_what_is_looked_for_there_is_found(town: Town, after_the_pause: object) -> None:
    """The words that stand in place of somebody are in a log, in what a task said, and in the ledger."""
    logs = [path for path, _ in traces.in_folder(town.house.home / "airflow" / "logs", ["characters long"])]
    assert any("care_inspectorate" in str(path) for path in logs)
    with psycopg.connect(database.url_of(database.administrator()), dbname=database.WAREHOUSE) as conn:
        assert ("ingest_attempt", "message") in {
            (each.table, each.name) for each in traces.in_tables(conn, ["characters long"])
        }


def test_nothing_was_built_of_these_sources(town: Town, after_the_pause: object) -> None:
    assert town.house.ask("select 1 from ops.warehouse_run") == []
