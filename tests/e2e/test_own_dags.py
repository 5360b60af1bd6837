"""The real scheduler with DAGs of somebody's own: found, waited for, told of when they fail, written down when killed.

Two sources that have no marts: the warehouse begins, and fails at the first of its gates. That is told too.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from e2e.house import House, runs, until
from entries import write_entry
from fault_cases import source
from own_dags import add_examples
from stand_ins.post import SECRET, Post, posting

from orchestration import follow, limits, names, platform
from orchestration.client import RunState
from orchestration.processes import free_port
from promise import database

pytestmark = pytest.mark.e2e

OWN = "letters_from_the_folder"


@dataclass
class Office:
    """A house with an example's DAGs, what its two sources show, and who is told."""

    house: House
    letter: Path
    post: Post
    first: follow.Pass

    def attempts(self, source_id: str) -> list[tuple[str, str | None]]:
        found: list[tuple[str, str | None]] = self.house.ask(
            f"select outcome, message from ops.ingest_attempt where source_id = '{source_id}' order by attempt_id"
        )
        return found

    def told(self, subject: str) -> list[str]:
        """What the webhook was told under a subject."""
        return [text for _, text in self.post.hooks if text.startswith(f"Promise: {subject}\n")]


class Silent:
    """Nobody looks."""

    def say(self, text: str) -> None: ...

    def show(self, runs: object) -> None: ...


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    sources = folder / "sources"
    edition = {"file": "figures.csv", "origin_url": "https://publisher.example/", "publication": None}
    write_entry(sources, "figures", source("figures", {}) | {"live": None, "bundle": [edition]})
    write_entry(sources, "letters", source("letters", {}) | {"live": None, "own_dag": True})
    figures, letter = sources / "figures" / "figures.csv", folder / "letters" / "2023.csv"
    letter.parent.mkdir()
    figures.write_text("year,value\n2023,17\n")
    letter.write_text("year,value\n2023,1\n2023,2\n")  # two figures for one year: nothing to be used
    add_examples(folder / "dags")
    with posting() as post, contextlib.ExitStack() as stack:
        nobody = f"http://127.0.0.1:{free_port()}{SECRET}"
        house = House(
            tmp_path_factory.mktemp("home"),
            {
                "PROMISE_SOURCES": str(sources), "PROMISE_BUNDLE": str(sources), "PROMISE_DAGS": str(folder / "dags"),
                "PROMISE_NOTIFY": f"{nobody} {post.setting}", "LETTERS": str(letter.parent),
            },
        )  # fmt: skip
        stack.enter_context(house.lived_in())
        stack.callback(house.promise, "down")
        database.ensure_running()
        platform.start()
        with contextlib.closing(platform.client()) as airflow, database.connect(autocommit=True) as conn:
            first = follow.Follower(airflow, conn, Silent(), platform.Upkeep()).follow()
        yield Office(house, letter, post, first)


def states(found: tuple[RunState, ...]) -> dict[str, str]:
    return {run.dag_id: run.state for run in found}


@pytest.fixture(scope="module")
def killed(office: Office) -> datetime:
    """A task of each ingest is killed at its work, ours as often as it is tried. Gives when they were asked for."""
    tasks = {"figures": ("ingest_figures", names.LAND), "letters": (OWN, "look")}
    tries = {"figures": 1 + limits.INGEST_BUNDLE.retries, "letters": 1}
    since = datetime.now(UTC)
    office.letter.write_text("year,value\n2023,1\n2024,2\n")
    with contextlib.closing(platform.client()) as airflow, database.connect() as conn:
        conn.execute("lock table ops.vintage in access exclusive mode")  # which an attempt reads first
        for source_id, (dag_id, task_id) in tasks.items():
            airflow.trigger(dag_id, "a test")
            at_work = f"select pid from task_instance where dag_id = '{dag_id}' and task_id = '{task_id}'"
            begun = office.house.home / "fetching" / f"{source_id}.attempt"
            for _ in range(tries[source_id]):
                before = begun.read_text()
                until(lambda: begun.read_text() not in ("", before), f"{task_id} of {dag_id} to begin")  # noqa: B023
                ((pid,),) = office.house.ask_airflow(f"{at_work} and state = 'running'")
                os.kill(pid, signal.SIGKILL)
    return since


def test_ones_own_ingest_is_found_asked_for_and_waited_for(office: Office) -> None:
    assert states(office.first.ingests) == {"ingest_figures": "success", OWN: "success"}
    assert [office.first.source_id(run) for run in office.first.ingests] == ["figures", "letters"]
    assert office.house.ask("select source_id, row_count from ops.vintage order by 1") == [
        ("figures", 1),
        ("letters", 2),
    ]


def test_the_warehouse_waited_for_both_and_its_failure_is_written_down_and_told_once(office: Office) -> None:
    ((vintages, state, message),) = office.house.ask("select vintages, state, message from ops.warehouse_run")
    assert (len(vintages), state) == (2, "failed") and message.startswith("dbt_build: ")
    (mail,) = [mail for mail in office.post.mails if mail.subject == "Promise: warehouse failed"]
    (text,) = office.told("warehouse failed")
    assert {path for path, _ in office.post.hooks} == {SECRET}
    for told in (mail.text, text):
        assert message[:80].replace("dbt_build:", "dbt_build of warehouse failed:") in told
        assert f"{platform.url()}/dags/warehouse/runs/" in told


def test_what_the_arrival_gate_keeps_out_is_told(office: Office) -> None:
    (text,) = office.told("letters is in quarantine")
    assert "was rejected: letters: " in text
    assert office.house.ask("select arrival from ops.vintage where source_id = 'letters'") == [("rejected",)]


def test_a_task_that_is_killed_is_written_down_and_told_of(office: Office, killed: datetime) -> None:
    """Each time, so that it is not tried again: the run's end is all that shows the last."""
    until(lambda: len(office.attempts("figures")) == 2 + limits.INGEST_BUNDLE.retries, "the last to be on record")
    outcome, message = office.attempts("figures")[-1]
    assert outcome == "failed" and "its process was killed" in (message or "")
    until(lambda: office.told("ingest_figures failed"), "somebody to be told")
    assert "land of ingest_figures failed: its process was killed" in office.told("ingest_figures failed")[0]
    assert [run.state for run in runs(killed, "ingest_figures")] == ["failed"]


def test_a_task_that_is_killed_and_may_be_tried_again_is_and_its_first_attempt_is_on_record(
    office: Office, killed: datetime
) -> None:
    until(lambda: [run.state for run in runs(killed, OWN)] == ["success"], "the second attempt")
    assert [outcome for outcome, _ in office.attempts("letters")] == ["new", "failed", "new"]
    assert "was killed" in (office.attempts("letters")[1][1] or "")


def test_a_webhook_that_is_gone_is_a_warning_and_its_address_is_in_no_log(office: Office, killed: datetime) -> None:
    logs = [path for path in (office.house.home / "airflow").rglob("*") if path.is_file()]
    assert len(logs) > 10
    assert any(b"http://127.0.0.1 could not be told of" in path.read_bytes() for path in logs)
    lines = [line for path in logs for line in path.read_bytes().splitlines() if SECRET.encode() in line]
    assert lines == []
