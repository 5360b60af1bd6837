"""`promise status` passes on what people have to look at."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from orchestration import platform
from orchestration.processes import Detached, stop
from promise import database as db
from promise import ledger
from promise.catalogue.framework import framework
from warehouse import runs
from workbench.commands import status


@pytest.mark.parametrize("said", ["the dashboard [of 1 May] differs", None], ids=["differs", "nothing to say"])
def test_the_status_says_when_there_is_something_to_review(
    said: str | None,
    database: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(status, "to_review", lambda: said)
    status.show_status()
    assert ("to review: the dashboard [of 1 May] differs" in capsys.readouterr().out) == bool(said)
    status.show_status(as_json=True)
    assert json.loads(capsys.readouterr().out)["to_review"] == said


def test_what_stopped_a_source_is_told_to_the_letter(
    database: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, the source once, and nothing of it taken for markup."""
    said = "lgbf: LGBF 2024.xlsx, Raw Data!B2: found '[c]', a marker that nobody described; expected a number. " * 2
    ledger.record_attempt(database, "lgbf", "changed", started_at=datetime.now(UTC), message=said.strip())
    status.show_status()
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("lgbf: "))
    assert line == said.strip()


def airflows_database() -> str:
    return db.airflow_url().replace("+psycopg2", "")


@pytest.fixture
def airflow(tmp_path: Path, database: psycopg.Connection[Any]) -> Iterator[Detached]:
    """What is seen of an Airflow that is at work on the warehouse: a process, and what its scheduler writes down."""
    (scheduler,) = (child for child in platform._children() if child.name == "scheduler")
    with psycopg.connect(airflows_database(), autocommit=True) as conn:
        conn.execute("create table alembic_version as select 'head' as version_num")
        conn.execute("create table dag_run as select 'warehouse' as dag_id, 'running' as state")
        conn.execute(
            "create table job as select 'SchedulerJob' as job_type, 'running' as state, now() as latest_heartbeat"
        )
        scheduler.start((sys.executable, "-c", "import time; time.sleep(600)"), dict(os.environ), tmp_path)
        yield scheduler
        stop([scheduler], grace=0)
        conn.execute("drop table alembic_version, dag_run, job")


def opened_run() -> int:
    with db.connect() as conn:
        return runs.open_run(conn)


def last_run(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """As a program reads it, and as a person does."""
    status.show_status(as_json=True)
    state = json.loads(capsys.readouterr().out)["last_run"]["state"]
    status.show_status()
    return state, next(line for line in capsys.readouterr().out.splitlines() if line.startswith("Last warehouse run"))


def ask_airflows_database(statement: str) -> None:
    with psycopg.connect(airflows_database(), autocommit=True) as conn:
        conn.execute(statement.encode())


def test_a_run_is_running_while_airflow_is_at_work_on_it(
    database: psycopg.Connection[Any], airflow: Detached, capsys: pytest.CaptureFixture[str]
) -> None:
    opened_run()
    state, line = last_run(capsys)
    assert state == "running" and ", running, started " in line


def the_process_is_gone(airflow: Detached) -> None:
    stop([airflow], grace=0)


def the_run_has_ended_in_airflow(_: Detached) -> None:
    ask_airflows_database("update dag_run set state = 'failed'")


def its_scheduler_has_been_silent(_: Detached) -> None:
    ask_airflows_database("update job set latest_heartbeat = now() - interval '2 minutes'")


@pytest.mark.parametrize(
    "happens",
    [the_process_is_gone, the_run_has_ended_in_airflow, its_scheduler_has_been_silent],
    ids=lambda it: it.__name__,
)
def test_a_run_on_which_nothing_is_at_work_did_not_end(
    happens: Callable[[Detached], None],
    database: psycopg.Connection[Any],
    airflow: Detached,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Such as after a power cut, or a kill: nobody was left to write down how it ended."""
    opened_run()
    happens(airflow)
    state, line = last_run(capsys)
    assert state == "did not end" and "`promise run` builds again" in line and "running" not in line


def test_a_rebuild_is_running_as_long_as_its_own_connection(
    database: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with db.connect() as conn:
        runs.open_run(conn, maker="rebuild")
        assert last_run(capsys)[0] == "running"
    deadline = time.monotonic() + 10  # the server takes a moment to see that a connection is gone
    while (state := last_run(capsys)[0]) == "running" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert state == "did not end"


def test_what_cannot_be_known_is_not_denied(
    database: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a machine whose people have the warehouse, and nothing of the Airflow that builds it."""
    opened_run()
    monkeypatch.setenv("PROMISE_DATABASE_URL", db.url())
    monkeypatch.setenv("PROMISE_AIRFLOW_DATABASE_URL", "postgresql+psycopg2://somebody@127.0.0.1:1/airflow")
    assert last_run(capsys)[0] == "running"


def test_figures_that_no_series_names_are_no_secret(
    landed: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A source may be loaded before it is used: a notice, which reference data and what feeds a measure are not in."""
    series = [each for each in framework().series() if each[2].source != "reconvictions"]
    monkeypatch.setattr(status, "framework", lambda: SimpleNamespace(series=lambda: series))
    status.show_status()
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "no series in framework/ names" in line)
    assert "reconvictions" in line
    assert not [word for word in ("lgbf", "children_in_relative_poverty", "phs_geography") if f" {word}," in line]
    status.show_status(as_json=True)
    assert "reconvictions" in json.loads(capsys.readouterr().out)["feeds_no_measure"]


def test_moments_are_told_in_utc_also_by_a_server_that_keeps_another_time(
    database: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as one from outside, which keeps the time of whoever installed it."""
    run_id = opened_run()
    database.execute("update ops.warehouse_run set started_at = '2026-07-01 23:30+00' where run_id = %s", (run_id,))
    with psycopg.connect(db.url_of(db.administrator())) as administrator:
        administrator.execute("alter database promise set timezone = 'Pacific/Auckland'")
    status.show_status()
    assert "started 01 Jul 2026 23:30 UTC" in capsys.readouterr().out
    status.show_status(as_json=True)
    assert json.loads(capsys.readouterr().out)["last_run"]["started_at"] == "2026-07-01 23:30:00+00:00"
