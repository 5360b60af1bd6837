"""What is tried again, and what is not."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from airflow.sdk import RetryAction

from bi.metabase.client import MetabaseError, NotReady
from expectations.publication import GateRefused
from ingestion.errors import SourceUnavailable
from orchestration import limits, names
from orchestration.limits import OnlyWhatPasses
from promise.errors import PromiseError
from warehouse import transform
from warehouse.releases import ReleaseError
from warehouse.transform import BuildBlocked, BuildFailed, DatabaseLost


def raised(error: Exception, cause: Exception | None) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(psycopg.OperationalError("server closed the connection"), id="the database was restarted"),
        pytest.param(psycopg.errors.LockNotAvailable("lock timeout"), id="somebody held a lock"),
        pytest.param(
            raised(PromiseError("readers hold it"), psycopg.errors.LockNotAvailable()), id="the same, told to people"
        ),
        pytest.param(DatabaseLost("dbt lost its database"), id="the database went away under dbt"),
        pytest.param(BuildBlocked("an analyst reads it"), id="an analyst read what a model has to replace"),
        pytest.param(NotReady("503"), id="Metabase is not up yet"),
    ],
)
def test_what_may_pass_by_itself_is_tried_again(error: Exception) -> None:
    assert OnlyWhatPasses().evaluate(error, 1, 3).action == RetryAction.RETRY


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(BuildFailed("a test found rows"), id="a model or a test failed"),
        pytest.param(GateRefused("obs_value 183.7"), id="the gate refused"),
        pytest.param(ReleaseError("there is no candidate"), id="there is nothing to release"),
        pytest.param(MetabaseError("404"), id="Metabase refused"),
        pytest.param(psycopg.errors.UndefinedTable("no such table"), id="our own SQL is wrong"),
        pytest.param(KeyError("x"), id="a fault of ours"),
    ],
)
def test_what_would_come_again_is_not(error: Exception) -> None:
    assert OnlyWhatPasses().evaluate(error, 1, 3).action == RetryAction.FAIL


class Waiting:
    """The running task, as far as it says that it waits."""

    def __init__(self) -> None:
        self.said: dict[str, object] = {}

    def xcom_push(self, *, key: str, value: object) -> None:
        self.said[key] = value


def decided(error: Exception, *, asking: bool, number: int = 1) -> tuple[RetryAction, timedelta | None, bool]:
    """What becomes of an ingest's failure, after how long, and whether its run is then left to Airflow."""
    if asking:
        error.add_note(limits.ASKING)
    ti = Waiting()
    decision = limits.WhatPassesOrIsAsked().evaluate(error, number, 3, {"ti": ti})
    return decision.action, decision.retry_delay, bool(ti.said.get(names.WAITS))


@pytest.mark.parametrize("error", [SourceUnavailable("503"), KeyError("an answer that nobody expected")])
def test_a_publisher_is_asked_again_after_minutes_and_then_an_hour(error: Exception) -> None:
    pauses = [decided(error, asking=True, number=number) for number in (1, 2, 3, 9)]
    assert pauses == [(RetryAction.RETRY, timedelta(minutes=minutes), True) for minutes in (5, 10, 20, 60)]


@pytest.mark.parametrize("asking", [True, False])
def test_a_database_that_was_away_is_tried_again_within_seconds_and_the_run_is_at_work(asking: bool) -> None:
    assert decided(psycopg.OperationalError("gone"), asking=asking) == (RetryAction.RETRY, None, False)
    assert limits.INGEST_LIVE.pause < timedelta(minutes=1)


def test_a_landed_file_that_cannot_be_read_now_cannot_be_read_in_five_minutes() -> None:
    assert decided(KeyError("x"), asking=False) == (RetryAction.FAIL, None, False)


def test_a_file_that_is_not_in_the_bundle_is_not_waited_for() -> None:
    missing = SourceUnavailable("the bundle has no file")
    missing.add_note(limits.ASKING)
    assert limits.INGEST_BUNDLE.policy().evaluate(missing, 1, 3).action == RetryAction.FAIL


@pytest.mark.parametrize(
    ("message", "lost"),
    [
        ("server closed the connection unexpectedly\n\tThis probably means", True),
        ("terminating connection due to administrator command", True),
        ('connection to server at "127.0.0.1", port 1 failed: Connection refused', True),
        ("FATAL:  the database system is shutting down", True),
        ("FATAL:  sorry, too many clients already", True),
        ('column "server" does not exist', False),
        ("Got 3 results, configured to fail if != 0", False),
    ],
)
def test_a_database_that_went_away_is_told_from_a_model_that_is_wrong(message: str, lost: bool) -> None:
    assert bool(transform.LOST.search(message)) is lost


def test_the_stages_of_a_run_end_before_it_is_taken_for_dead() -> None:
    stages = [limits.GATE, limits.BUILD, limits.GATE, limits.RELEASE]
    assert sum((stage.longest for stage in stages), timedelta()) < timedelta(hours=6)
