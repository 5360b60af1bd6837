"""When the warehouse should build: once no ingest is at work, and only if there is something to build.

Tasks ask about other DAGs through the Task SDK, never through Airflow's database.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, Protocol

from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException
from psycopg import Connection

from orchestration import config, names
from orchestration.client import ACTIVE, Airflow, AirflowRefused
from promise.catalogue.sources import sources
from promise.errors import PromiseError
from warehouse import runs

PATIENCE = timedelta(minutes=30)  # the slowest publisher's download took minutes, none half an hour
# What ships arrives within a second or two of the first arrival. What takes longer comes from a publisher, and then a
# task that sleeps would keep a place from those it waits for: it gives it up, and is begun again for one look.
ATTENTIVE = timedelta(seconds=30)
AWAY = timedelta(seconds=15)  # beginning a task again costs 2 s of a core
PAUSE = 0.5  # seconds between two looks of the attentive
log = logging.getLogger("orchestration.quiet")


class StillBusy(PromiseError):
    """An ingest did not come to an end."""


class TaskInstance(Protocol):
    """Which run a running task is of, and the two questions that it may ask about other DAGs."""

    dag_id: str
    run_id: str

    def get_dr_count(self, dag_id: str, *, states: list[str]) -> int: ...

    def get_ti_count(self, dag_id: str, *, states: list[str]) -> int: ...


def ingests() -> list[str]:
    """Every DAG that brings vintages: ours, one a source, and those of people's own that announce a source's asset.

    Asked of Airflow's public API inside a task, whose environment says where that is.
    """
    with _airflow() as airflow:
        announcing = airflow.announcing()
    return sorted({dag_id for source_id in sources() for dag_id in announcing.get(names.raw_asset(source_id), ())})


def rest(ti: TaskInstance, reason: str) -> NoReturn:
    """End a run in which there is nothing to do: it skips, and its note says so.

    Airflow has no state of its own for such a run and shows it as a success: the note tells it from one that did
    something, in the list of runs and at the run.
    """
    try:
        with _airflow() as airflow:
            airflow.note(ti.dag_id, ti.run_id, f"nothing to do: {reason}")
    except AirflowRefused as refused:
        log.warning("the run has no note that it did nothing: %s", refused)
    raise AirflowSkipException(reason)


def wait_until_quiet(
    ti: TaskInstance,
    dag_ids: Sequence[str],
    *,
    since: datetime,
    patience: timedelta = PATIENCE,
    attentive: timedelta = ATTENTIVE,
    pause: float = PAUSE,
) -> None:
    """Return once none of the DAGs has a run that is queued or at work. `since`: when the waiting began.

    A run that waits for its next attempt at a publisher is not at work: what it brings, it announces itself. Raises
    AirflowRescheduleException to be begun again later, and StillBusy, naming the DAGs, when the patience is used up.
    """
    # Each question costs Airflow 20 ms of a core that the ingests need, so ask until one says that it is busy.
    while any(at_work(ti, dag_id) for dag_id in dag_ids):
        waited = datetime.now(UTC) - since
        if waited >= patience:
            busy = [dag_id for dag_id in dag_ids if at_work(ti, dag_id)]
            raise StillBusy(
                f"still at work after {patience.total_seconds() / 60:.0f} minutes: {', '.join(busy)}. "
                "Nothing was built; look at these runs in Airflow, end them if they hang, and run again"
            )
        if waited >= attentive:
            raise AirflowRescheduleException(datetime.now(UTC) + AWAY)
        time.sleep(pause)


def at_work(ti: TaskInstance, dag_id: str) -> bool:
    """Whether a run of the DAG is queued or running, and not just waiting for its next attempt at a publisher.

    What is landed already is tried again within seconds, and is work. Which it is only Airflow's public API tells.
    """
    if not ti.get_dr_count(dag_id, states=["queued", "running"]):
        return False
    if not ti.get_ti_count(dag_id, states=["up_for_retry"]):
        return True
    with _airflow() as airflow:
        return not any(run.waits_for_publisher for run in airflow.runs([dag_id], states=ACTIVE))


def open_run(conn: Connection[Any], *, since: datetime) -> int:
    """Open a run of the warehouse. While a person rebuilds or goes back, this waits as for an ingest."""
    try:
        return runs.open_run(conn)
    except runs.AtWork:
        if datetime.now(UTC) - since >= PATIENCE:
            raise
        raise AirflowRescheduleException(datetime.now(UTC) + AWAY) from None


def reason_to_rest(conn: Connection[Any], asked_by_a_person: bool) -> str | None:
    """Why nothing should be built now, or None.

    Each arrival of a burst asks for a run. When the first of them failed, the others would fail in the same way; a
    person who asks again means it.
    """
    plan = runs.plan(conn)
    if plan.held:
        return plan.held
    if not plan.needed:
        return "the current release is of everything that has arrived"
    last = conn.execute("select fingerprint, state from ops.warehouse_run order by run_id desc limit 1").fetchone()
    if last is not None and not asked_by_a_person:
        digest, state = last
        if state in ("failed", "refused") and digest == runs.fingerprint(conn).digest:
            return f"the last run, over exactly this, was {state}; `promise run` tries again"
    return None


@contextlib.contextmanager
def _airflow() -> Iterator[Airflow]:
    """Airflow's public API, inside a task, whose environment says where that is."""
    url = os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].removesuffix("/").removesuffix("/execution")
    with contextlib.closing(Airflow(url, config.USER, config.password())) as airflow:
        yield airflow
