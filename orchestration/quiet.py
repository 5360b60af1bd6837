"""When the warehouse should build: once no ingest is at work, and only if there is something to build.

Tasks ask about other DAGs through the Task SDK, never through Airflow's database.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

from psycopg import Connection

from promise.errors import PromiseError
from warehouse import runs

PATIENCE = 1800.0  # seconds; the slowest publisher's download took minutes, none half an hour
PAUSE = 0.5


class StillBusy(PromiseError):
    """An ingest did not come to an end."""


class TaskInstance(Protocol):
    """The two questions that a running task may ask about other DAGs."""

    def get_dr_count(self, dag_id: str, *, states: list[str]) -> int: ...

    def get_ti_count(self, dag_id: str, *, states: list[str]) -> int: ...


def wait_until_quiet(
    ti: TaskInstance, dag_ids: Sequence[str], patience: float = PATIENCE, pause: float = PAUSE
) -> None:
    """Return once none of the DAGs has a run that is queued or at work.

    A run that waits for its next attempt at a publisher is not at work: what it brings, it announces itself. Raises
    StillBusy, naming the DAGs, when the patience is used up.
    """
    deadline = time.monotonic() + patience
    # Each question costs Airflow 20 ms of a core that the ingests need, so ask until one says that it is busy.
    while any(at_work(ti, dag_id) for dag_id in dag_ids):
        if time.monotonic() >= deadline:
            busy = [dag_id for dag_id in dag_ids if at_work(ti, dag_id)]
            raise StillBusy(
                f"still at work after {patience / 60:.0f} minutes: {', '.join(busy)}. "
                "Nothing was built; look at these runs in Airflow, end them if they hang, and run again"
            )
        time.sleep(pause)


def at_work(ti: TaskInstance, dag_id: str) -> bool:
    """Whether a run of the DAG is queued or running, and not just waiting for its next attempt."""
    if not ti.get_dr_count(dag_id, states=["queued", "running"]):
        return False
    return not ti.get_ti_count(dag_id, states=["up_for_retry"])


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
