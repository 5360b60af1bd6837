"""How long each task may take and when it is tried again, in one place, each number with its reason.

A limit is for a task that hangs, not for one that is slow: each is more than sixty times what the task took with the
figures that ship, on two cores in November 2026 (the longest, a stage of dbt, 19 s). A task that reaches it fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.sdk import RetryAction, RetryDecision, RetryPolicy

from orchestration import names

# A database that was restarted, a lock that somebody held, a Metabase that is not up yet. By name, because importing
# them costs seconds that each look at a DAG file would pay.
PASSING = {
    "psycopg.OperationalError",
    "psycopg2.OperationalError",
    "warehouse.transform.DatabaseLost",
    "warehouse.transform.BuildBlocked",
    "bi.metabase.client.NotReady",
}


class OnlyWhatPasses(RetryPolicy):  # type: ignore[misc,unused-ignore]
    """Another attempt for what may pass by itself, and for nothing else: a test that fails does so again in a minute.

    Airflow does not ask about a process that was killed: that is tried again as often as `retries` says.
    """

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """Retry when the exception, or one that it was raised from, is of a kind that passes."""
        if any(_name(kind) in PASSING for each in _with_causes(exception) for kind in type(each).__mro__):
            return RetryDecision.retry(reason=f"{type(exception).__name__} may pass by itself")
        return RetryDecision.fail(reason=f"{type(exception).__name__} would come again")


ASKING = "while its publisher was asked"  # a note at an exception


class WhatPassesOrIsAsked(OnlyWhatPasses):
    """Of an ingest, whose two halves fail in different ways. A publisher that is down may be up in five minutes, or in
    an hour, and whatever goes wrong while it is asked may be well then. What is landed is as anything else.

    Which it was is a note at the exception. That the task waits for its publisher it says itself.
    """

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """As any other, but for what went wrong while the publisher was asked."""
        decision = super().evaluate(exception, try_number, max_tries, context)
        if decision.action == RetryAction.RETRY or ASKING not in getattr(exception, "__notes__", ()):
            return decision
        if context is not None:
            context["ti"].xcom_push(key=names.WAITS, value=True)
        pause = min(FIRST_PAUSE * 2 ** (try_number - 1), LONGEST_PAUSE)
        return RetryDecision.retry(delay=pause, reason="the publisher may answer later")


@dataclass(frozen=True)
class Limit:
    """The limits of one task. `arguments` is what Airflow calls them."""

    longest: timedelta
    retries: int = 2
    pause: timedelta = timedelta(seconds=10)  # a restart of PostgreSQL takes about as long; doubled each time
    longest_pause: timedelta = timedelta(minutes=5)
    policy: type[RetryPolicy] = OnlyWhatPasses

    @property
    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of `@task`, or `default_args` of a DAG."""
        return {
            "execution_timeout": self.longest,
            "retries": self.retries,
            "retry_delay": self.pause,
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": self.longest_pause,
            "retry_policy": self.policy(),
        }


# A publisher that is down may be up in five minutes, or in an hour.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=1)
# One answer may take an hour (`limits: total_seconds` of a source), and a source asks for several; what came is loaded
# in seconds, half a gigabyte in minutes.
INGEST_LIVE = Limit(longest=timedelta(hours=7), retries=3, policy=WhatPassesOrIsAsked)
# A file in the bundle is there or it is not. The largest that ships is loaded in seconds.
INGEST_BUNDLE = Limit(longest=timedelta(hours=1))
# Of one look, which gives its place to others after half a minute (orchestration/quiet.py).
WAIT = Limit(longest=timedelta(minutes=10))
# The stages of a run stay together under the six hours after which `warehouse.runs` takes it for dead. What a new
# vintage makes fail is built again in the same task, and the publication gate builds everything again.
GATE = Limit(longest=timedelta(hours=1, minutes=30))
BUILD = Limit(longest=timedelta(hours=2))
# Readers may hold what a release has to exchange. It waits for them by itself, says who they are, and is tried again
# with its candidate kept: five times in ten minutes, by when somebody who is told can have ended a session.
RELEASE = Limit(longest=timedelta(minutes=30), retries=5, pause=timedelta(seconds=30))
# It reads what is written down already.
VERDICT = Limit(longest=timedelta(minutes=10))
DRAW = Limit(longest=timedelta(hours=1))
# Metabase takes minutes to start, and longer after an upgrade: it migrates its own database first.
METABASE = Limit(longest=timedelta(hours=1), retries=6, pause=timedelta(seconds=30))
CALENDAR = Limit(longest=timedelta(minutes=10))
# For a DAG of somebody's own, until they know better.
OWN = Limit(longest=timedelta(hours=6))


def _with_causes(exception: BaseException | None) -> Iterator[BaseException]:
    while exception is not None:
        yield exception
        exception = exception.__cause__ or exception.__context__


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
