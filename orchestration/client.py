"""Asking Airflow: a small client of its REST API, in the words of this project."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from orchestration import names
from promise.errors import PromiseError

ACTIVE = ("queued", "running")
PAGE = 100  # what Airflow allows at most


class AirflowRefused(PromiseError):
    """Airflow answered with an error, or not at all."""


@dataclass(frozen=True)
class Health:
    """Which components said that they are alive, and when they last said so."""

    metadatabase: bool
    scheduler: datetime | None
    dag_processor: datetime | None


@dataclass(frozen=True)
class DagState:
    """A DAG as Airflow knows it."""

    dag_id: str
    is_paused: bool
    parsed_at: datetime | None


@dataclass(frozen=True)
class TaskState:
    """One task of one run."""

    task_id: str
    state: str | None
    started: datetime | None
    ended: datetime | None
    try_number: int


@dataclass(frozen=True)
class RunState:
    """One run of one DAG."""

    dag_id: str
    run_id: str
    state: str
    queued: datetime | None
    started: datetime | None
    ended: datetime | None
    tasks: tuple[TaskState, ...] = field(default=())

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def waits_for_publisher(self) -> bool:
        """Whether the run is only waiting for the time of its next attempt, which may be an hour away.

        What is landed already is tried again within seconds.
        """
        return self.is_active and any(
            task.state == "up_for_retry" and task.task_id != names.LAND for task in self.tasks
        )

    @property
    def skipped(self) -> bool:
        """Whether the run ended because there was nothing to do."""
        return self.state == "success" and any(task.state == "skipped" for task in self.tasks)

    @property
    def seconds(self) -> float | None:
        """From the first task's start to the end of the last one that ran; None when none ran."""
        starts = [task.started for task in self.tasks if task.started]
        ends = [task.ended for task in self.tasks if task.ended]
        return (max(ends) - min(starts)).total_seconds() if starts and ends else None


class Airflow:
    """A running Airflow. Logs in at the first question that needs it; every method raises AirflowRefused."""

    def __init__(self, url: str, user: str, password: str, transport: httpx.BaseTransport | None = None) -> None:
        self._login = {"username": user, "password": password}
        # trust_env: a proxy in the environment is not for our own loopback
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False, transport=transport)

    def close(self) -> None:
        self._http.close()

    def health(self) -> Health:
        """What the components last said of themselves. Needs no login."""
        told = self._http.get("/api/v2/monitor/health", timeout=20).raise_for_status().json()
        return Health(
            metadatabase=told["metadatabase"]["status"] == "healthy",
            scheduler=_time(told["scheduler"].get("latest_scheduler_heartbeat")),
            dag_processor=_time((told.get("dag_processor") or {}).get("latest_dag_processor_heartbeat")),
        )

    def warm(self) -> None:
        """Ask the API that tasks use for a sign of life: its first answer takes 3 s, which is better spent waiting
        for the scheduler than in the first task."""
        self._http.get("/execution/health/ping", timeout=60).raise_for_status()

    def dags(self) -> dict[str, DagState]:
        """Every DAG that is not stale, by id."""
        return {
            dag["dag_id"]: DagState(dag["dag_id"], bool(dag["is_paused"]), _time(dag.get("last_parsed_time")))
            for dag in self._pages("/api/v2/dags", "dags")
        }

    def import_errors(self, since: datetime) -> dict[str, str]:
        """DAG files that Airflow could not read since then, with what it said."""
        return {
            str(error["filename"]): str(error["stack_trace"]).strip()
            for error in self._pages("/api/v2/importErrors", "import_errors")
            if datetime.fromisoformat(error["timestamp"]) >= since
        }

    def announcing(self) -> dict[str, list[str]]:
        """Which DAGs announce each asset, by the asset's name."""
        return {
            asset["name"]: sorted({task["dag_id"] for task in asset["producing_tasks"]})
            for asset in self._pages("/api/v2/assets", "assets")
        }

    def trigger(self, dag_id: str, note: str) -> str:
        """Ask for a run; returns its id."""
        body = {"logical_date": None, "note": note}
        return str(self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def runs(self, dag_ids: Sequence[str], since: datetime | None = None, states: Sequence[str] = ()) -> list[RunState]:
        """Runs of these DAGs with their tasks, in the order in which they were asked for."""
        body: dict[str, Any] = {"dag_ids": list(dag_ids), "order_by": "id"}
        if states:
            body["states"] = list(states)
        if since:
            body["run_after_gte"] = since.isoformat()
        found = list(self._search("/api/v2/dags/~/dagRuns/list", "dag_runs", body))
        tasks = self._tasks({str(run["dag_id"]) for run in found}, since) if found else {}
        return [_run(run, tasks.get((run["dag_id"], run["dag_run_id"]), [])) for run in found]

    def last_run(self, dag_id: str) -> RunState | None:
        """The run that was asked for last, or None."""
        answer = self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns", params={"order_by": "-id", "limit": 1})
        runs = answer["dag_runs"]
        return _run(runs[0], []) if runs else None

    def end(self, run: RunState) -> None:
        """Mark a run, and what is left of its tasks, as failed."""
        self._ask("PATCH", f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}", json={"state": "failed"})

    def failure(self, run: RunState, task: TaskState) -> str:
        """The failed task's own message: what its exception said, or the last error in its log."""
        place = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task.task_id}/logs/{task.try_number}"
        answer = self._ask("GET", place, params={"full_content": "true"}, headers={"Accept": "application/json"})
        return own_message(answer.get("content", []))

    def _tasks(self, dag_ids: set[str], since: datetime | None) -> dict[tuple[str, str], list[TaskState]]:
        body: dict[str, Any] = {"dag_ids": sorted(dag_ids)}
        if since:
            body["run_after_gte"] = since.isoformat()
        found: dict[tuple[str, str], list[TaskState]] = {}
        for task in self._search("/api/v2/dags/~/dagRuns/~/taskInstances/list", "task_instances", body):
            found.setdefault((task["dag_id"], task["dag_run_id"]), []).append(
                TaskState(
                    task_id=task["task_id"],
                    state=task["state"],
                    started=_time(task["start_date"]),
                    ended=_time(task["end_date"]),
                    try_number=task["try_number"],
                )
            )
        return found

    def _pages(self, path: str, key: str) -> Iterator[dict[str, Any]]:
        seen = 0
        while True:
            answer = self._ask("GET", path, params={"limit": PAGE, "offset": seen})
            yield from answer[key]
            seen += len(answer[key])
            if seen >= answer["total_entries"] or not answer[key]:
                return

    def _search(self, path: str, key: str, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        seen = 0
        while True:
            answer = self._ask("POST", path, json={**body, "page_limit": PAGE, "page_offset": seen})
            yield from answer[key]
            seen += len(answer[key])
            if seen >= answer["total_entries"] or not answer[key]:
                return

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        if "Authorization" not in self._http.headers:
            self._log_in()
        response = self._send(method, path, **request)
        if response.status_code == httpx.codes.UNAUTHORIZED:  # a token lives for a day
            self._log_in()
            response = self._send(method, path, **request)
        if response.is_error:
            raise AirflowRefused(f"Airflow answered {response.status_code} to {method} {path}: {response.text[:500]}")
        return response.json()

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        last: httpx.HTTPError | None = None
        for _ in range(3):  # two cores under load: a single slow answer is no reason to give up on a run
            try:
                return self._http.request(method, path, **request)
            except httpx.HTTPError as error:
                last = error
                if method not in ("GET", "PATCH") and not path.endswith("/list"):
                    break
                time.sleep(1)
        raise AirflowRefused(
            f"Airflow does not answer at {self._http.base_url}: {last!r}; see `promise status`"
        ) from last

    def _log_in(self) -> None:
        response = self._send("POST", "/auth/token", json=self._login)
        if response.is_error:
            raise AirflowRefused(
                f"Airflow refused the password of {self._login['username']}: "
                f"{response.status_code} {response.text[:200]}"
            )
        self._http.headers["Authorization"] = f"Bearer {response.json()['access_token']}"


def own_message(log: Sequence[Mapping[str, Any]] | str) -> str:
    """What a failed task said, out of its log: the message of its exception, without Airflow's and Python's words.

    An exception raised from another is the one that was meant for people; it comes last in `error_detail`.
    """
    lines = [json.loads(line) for line in log.splitlines()] if isinstance(log, str) else list(log)
    for line in reversed(lines):
        if detail := line.get("error_detail"):
            outermost = detail[0]
            return str(outermost.get("exc_value") or outermost.get("exc_type") or line.get("event"))
    errors = [str(line.get("event")) for line in lines if line.get("level") in ("error", "critical")]
    return errors[-1] if errors else "the task left no message; its log says no more"


def _run(run: Mapping[str, Any], tasks: Sequence[TaskState]) -> RunState:
    return RunState(
        dag_id=run["dag_id"],
        run_id=run["dag_run_id"],
        state=run["state"],
        queued=_time(run["queued_at"]),
        started=_time(run["start_date"]),
        ended=_time(run["end_date"]),
        tasks=tuple(tasks),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
