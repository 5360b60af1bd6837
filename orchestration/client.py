"""Asking Airflow: a small client of its REST API, in the words of this project.

On a busy machine an answer may take a minute, and a component that has ended may be on its way back. So each question
is asked until its patience is at an end, and each may be asked again: a run is asked for under an id of our own.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from orchestration import names
from promise.errors import PromiseError

ACTIVE = ("queued", "running")
PAGE = 100  # what Airflow allows at most
LONGEST_NOTE = 1000  # characters; the same
# Seconds for one question. An api server with a fifth of its time on one core took 64 s to be there and 18 s for its
# slowest answer; a restart beside other work takes as long again.
PATIENCE = 300.0
FIRST = 15.0  # seconds for the first attempt; the next after a silence is given twice as long, and so on
PAUSE = 0.2  # seconds between two attempts


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
    file: str | None = None  # that defines it, inside the folder of DAGs


@dataclass(frozen=True)
class TaskState:
    """One task of one run."""

    task_id: str
    state: str | None
    started: datetime | None
    ended: datetime | None
    try_number: int
    square: str | None = None  # of a mapped task: what that one is of
    waits: bool = True  # of one that is to be tried again: for its publisher, which may be in an hour


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
        return self.is_active and any(task.state == "up_for_retry" and task.waits for task in self.tasks)

    @property
    def skipped(self) -> bool:
        """Whether the run ended because there was nothing to do. Beside the line there mostly is nothing."""
        line = [task for task in self.tasks if task.task_id not in names.BESIDE_THE_LINE]
        return self.state == "success" and any(task.state == "skipped" for task in line)

    @property
    def seconds(self) -> float | None:
        """From the first task's start to the end of the last one that ran; None when none ran."""
        starts = [task.started for task in self.tasks if task.started]
        ends = [task.ended for task in self.tasks if task.ended]
        return (max(ends) - min(starts)).total_seconds() if starts and ends else None


class Airflow:
    """A running Airflow. Logs in at the first question that needs it; every method raises AirflowRefused."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        transport: httpx.BaseTransport | None = None,
        patience: float = PATIENCE,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """`meanwhile` is called between two attempts: it may start again what has ended, or raise where it cannot."""
        self._login = {"username": user, "password": password}
        self._patience = patience
        self._meanwhile = meanwhile
        # trust_env: a proxy in the environment is not for our own loopback
        self._http = httpx.Client(base_url=url, trust_env=False, transport=transport)

    def close(self) -> None:
        self._http.close()

    def health(self) -> Health:
        """What the components last said of themselves. Needs no login."""
        seen = self._read(self._send("GET", "/api/v2/monitor/health"))
        return Health(
            metadatabase=seen["metadatabase"]["status"] == "healthy",
            scheduler=_time(seen["scheduler"].get("latest_scheduler_heartbeat")),
            dag_processor=_time((seen.get("dag_processor") or {}).get("latest_dag_processor_heartbeat")),
        )

    def warm(self) -> None:
        """Ask the API that tasks use for a sign of life: its first answer takes 3 s, which is better spent waiting
        for the scheduler than in the first task."""
        self._send("GET", "/execution/health/ping")

    def dags(self) -> dict[str, DagState]:
        """Every DAG that is not stale, by id."""
        return {
            dag["dag_id"]: DagState(
                dag_id=dag["dag_id"],
                is_paused=bool(dag["is_paused"]),
                parsed_at=_time(dag.get("last_parsed_time")),
                file=dag.get("relative_fileloc"),
            )
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

    def trigger(self, dag_id: str, note: str, conf: Mapping[str, Any] | None = None) -> str:
        """Ask for a run, with this configuration; returns its id."""
        path, run_id = f"/api/v2/dags/{dag_id}/dagRuns", f"manual__{uuid.uuid4()}"
        body = {"dag_run_id": run_id, "logical_date": None, "note": note, "conf": dict(conf or {})}
        response = self._authorised("POST", path, json=body)
        if response.status_code == httpx.codes.CONFLICT:  # an earlier attempt, whose answer was lost, has made it
            response = self._authorised("GET", f"{path}/{run_id}")
        return str(self._read(response)["dag_run_id"])

    def runs(
        self, dag_ids: Sequence[str] | None = None, since: datetime | None = None, states: Sequence[str] = ()
    ) -> list[RunState]:
        """Runs of these DAGs, or of all, with their tasks, in the order in which they were asked for."""
        body: dict[str, Any] = {"order_by": "id"}
        if dag_ids is not None:
            body["dag_ids"] = list(dag_ids)
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

    def note(self, dag_id: str, run_id: str, words: str) -> None:
        """Write a note at a run, behind the one that is there."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"
        there = self._ask("GET", path).get("note")
        self._ask("PATCH", path, json={"note": "; ".join(filter(None, [there, words]))[:LONGEST_NOTE]})

    def failure(self, run: RunState, task: TaskState) -> str:
        """The failed task's own message: what its exception said, or the last error in its log."""
        place = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/{task.task_id}/logs/{task.try_number}"
        try:
            answer = self._ask("GET", place, params={"full_content": "true"}, headers={"Accept": "application/json"})
        except AirflowRefused as error:  # what else is known of the pass is still worth telling
            return f"its log cannot be read: {error}"
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
                    square=task.get("rendered_map_index"),
                    waits=task["task_id"] != names.LAND or (task["state"] == "up_for_retry" and self._waits(task)),
                )
            )
        return found

    def _waits(self, task: Mapping[str, Any]) -> bool:
        """Whether the task said of itself that it waits for its publisher (orchestration/limits.py)."""
        place = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        response = self._authorised("GET", f"{place}/xcomEntries/{names.WAITS}")
        return response.status_code != httpx.codes.NOT_FOUND and bool(self._read(response))

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

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        return self._read(self._authorised(method, path, **request))

    def _authorised(self, method: str, path: str, **request: Any) -> httpx.Response:
        if "Authorization" not in self._http.headers:
            self._log_in()
        response = self._send(method, path, **request)
        if response.status_code == httpx.codes.UNAUTHORIZED:  # a token lives for a day
            self._log_in()
            response = self._send(method, path, **request)
        return response

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer. Silence, a broken connection and an error of the server are tried again while patience lasts."""
        deadline, limit = time.monotonic() + self._patience, FIRST
        while True:
            left = deadline - time.monotonic()
            try:
                response = self._http.request(method, path, timeout=min(limit, max(left, 1)), **request)
                if left <= 0 or not response.is_server_error:
                    return response
            except httpx.HTTPError as error:
                if left <= 0:
                    raise AirflowRefused(
                        f"Airflow does not answer at {self._http.base_url}, asked for {self._patience:.0f} s: "
                        f"{error!r}; see `promise status`, or start afresh with `make down` and run again"
                    ) from error
                if isinstance(error, httpx.TimeoutException):
                    limit *= 2
            self._meanwhile()
            time.sleep(PAUSE)

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        asked = f"{response.request.method} {response.request.url.path}"
        if response.is_error:
            raise AirflowRefused(f"Airflow answered {response.status_code} to {asked}: {response.text[:500]}")
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise AirflowRefused(
                f"what answers at {self._http.base_url} is not the Airflow of this project: to {asked} it said "
                f"{response.text[:100]!r}. Start afresh with `make down` and run again; another port is found then"
            )
        return answer

    def _log_in(self) -> None:
        response = self._send("POST", "/auth/token", json=self._login)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise AirflowRefused(f"Airflow refused the password of {self._login['username']}: {response.text[:200]}")
        self._http.headers["Authorization"] = f"Bearer {self._read(response)['access_token']}"


def own_message(log: Sequence[Mapping[str, Any] | str] | str) -> str:
    """What a failed task said, out of its log: the message of its exception, without Airflow's and Python's words.

    An exception raised from another is the one that was meant for people; it comes last in `error_detail`. A log that
    Airflow could not read to its end comes as plain lines.
    """
    lines = [_logged(line) for line in (log.splitlines() if isinstance(log, str) else log)]
    for line in reversed(lines):
        if detail := line.get("error_detail"):
            outermost = detail[0]
            return str(outermost.get("exc_value") or outermost.get("exc_type") or line.get("event"))
    errors = [str(line.get("event")) for line in lines if line.get("level") in ("error", "critical")]
    return errors[-1] if errors else "the task left no message; its log says no more"


def _logged(line: Mapping[str, Any] | str) -> Mapping[str, Any]:
    if isinstance(line, Mapping):
        return line
    try:
        parsed = json.loads(line)
    except ValueError:
        parsed = None
    return parsed if isinstance(parsed, dict) else {"event": line}


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
