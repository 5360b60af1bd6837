"""Airflow's processes as one thing that is up or down: api server, scheduler and dag processor.

There is no triggerer, because no task of ours defers, and no log server, because the logs are files beside us. The
processes outlive the command that started them and are found again by their records in PROMISE_HOME.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.metadata
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg

from orchestration import config, names
from orchestration.client import ACTIVE, Airflow
from orchestration.processes import Detached, free_port
from orchestration.processes import stop as stop_processes
from promise import database
from promise.catalogue.sources import asked, sources
from promise.errors import PromiseError

COMMANDS = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
}
PATIENCE = 180.0  # seconds; 10 on two idle cores, 40 when three test suites share them
GRACE = 10.0  # seconds that a running task is given to end
Say = Callable[[str], None]


class PlatformError(PromiseError):
    """Airflow could not be started. The message ends with what the failing process said last."""


def dag_ids() -> list[str]:
    """Every DAG that this project has, ingests first."""
    return [*map(names.ingest, sources()), names.WAREHOUSE, names.BI, names.CALENDAR]


def ingest_ids() -> list[str]:
    """The DAG of each source for which there is somewhere to look in this mode."""
    return [*map(names.ingest, asked())]


def url() -> str:
    """Where this PROMISE_HOME's Airflow listens, or listened last."""
    return f"http://{config.HOST}:{recorded_port()}"


def client() -> Airflow:
    """A client of the running Airflow. The caller closes it."""
    return Airflow(url(), config.USER, config.password())


def is_up() -> bool:
    """Whether all components run and the API answers."""
    if not all(child.is_running() for child in _children()):
        return False
    with contextlib.closing(Airflow(url(), config.USER, "")) as airflow:
        try:
            return airflow.health().metadatabase
        except httpx.HTTPError:
            return False


def is_at_work() -> bool:
    """Whether any component runs."""
    return any(child.is_running() for child in _children())


def is_prepared() -> bool:
    """Whether Airflow has a database of its own that commands can ask. The server must be running."""
    return _schema_head() is not None


def require_running() -> None:
    """Raise PlatformError, with the end of its log, when a component has ended that should not have."""
    for child in _children():
        if not child.is_running():
            raise PlatformError(
                f"Airflow's {child.name} has ended; start afresh with `make down` and run again. "
                f"{child.log} ends with:\n{child.tail()}"
            )


def start(say: Say = lambda _: None) -> bool:
    """Start Airflow and return when it takes runs. Returns False when it was up already.

    The database must be running. Runs that were cut off when Airflow last stopped are marked failed. Raises
    PlatformError when a component ends, when a DAG file cannot be read, or when it takes too long; nothing that was
    started is left behind then.
    """
    with _one_at_a_time():
        if is_up():
            return False
        _stop(GRACE)  # what a crash left
        port = free_port(recorded_port())
        (config.airflow_home() / "port").write_text(str(port))
        environment = config.environment(port)
        try:
            if _needs_migration():
                say("preparing Airflow's own database")
                _migrate(environment)
            say("starting Airflow")
            _start(environment)
        except BaseException:  # also when a person interrupts
            _stop(grace=2)
            raise
    return True


def stop(grace: float = GRACE) -> list[str]:
    """Stop the components that are ours and running. Returns their names."""
    with _one_at_a_time():
        return _stop(grace)


def _stop(grace: float) -> list[str]:
    # Tasks that are given time to end still need the API; the API itself has nothing to finish and is slow to go.
    children = {child.name: child for child in _children()}
    api = children.pop("api-server")
    return stop_processes(children.values(), grace) + stop_processes([api], grace=0.3)


def _start(environment: dict[str, str]) -> None:
    since = datetime.now(UTC)
    running = {
        child: child.start((sys.executable, "-m", "airflow", *COMMANDS[child.name]), environment, config.airflow_home())
        for child in _children()
    }
    with contextlib.closing(client()) as airflow:
        waiting = _wait_for(running, airflow, since)
        if waiting:
            raise PlatformError(
                f"Airflow was not ready after {PATIENCE:.0f} s; still waiting for {waiting}.\n"
                + "\n".join(f"--- {child.log} ends with:\n{child.tail()}" for child in running)
            )
        for run in airflow.runs(dag_ids(), states=ACTIVE):
            if run.queued and run.queued < since:
                airflow.end(run)


def _wait_for(running: dict[Detached, subprocess.Popen[bytes]], airflow: Airflow, since: datetime) -> str:
    """Wait until everything is ready; returns what was still missing when the time was up, else an empty string."""
    deadline = time.monotonic() + PATIENCE
    steps = _steps(airflow, since)
    waiting = next(steps, "")
    while waiting and time.monotonic() < deadline:
        for child, process in running.items():
            if process.poll() is not None:
                raise PlatformError(
                    f"Airflow's {child.name} ended with code {process.returncode} while starting. "
                    f"{child.log} ends with:\n{child.tail()}"
                )
        time.sleep(0.2)
        waiting = next(steps, "")
    return waiting


def _steps(airflow: Airflow, since: datetime) -> Iterator[str]:
    """Yields what is being waited for, each time it is asked; ends when Airflow takes runs."""
    while True:
        try:
            airflow.health()
            break
        except httpx.HTTPError:
            yield "the api server"
    warming = threading.Thread(target=_warm, args=(airflow,), daemon=True)
    warming.start()
    while True:
        health = airflow.health()
        late = {"the scheduler": health.scheduler, "the dag processor": health.dag_processor}
        missing = [name for name, seen in late.items() if seen is None or seen < since]
        if not missing:
            break
        yield " and ".join(missing)
    while True:
        _refuse_faulty_files(airflow, since)
        known = airflow.dags()
        unread = [
            dag_id
            for dag_id in dag_ids()
            if dag_id not in known or (known[dag_id].parsed_at or datetime.min.replace(tzinfo=UTC)) < since
        ]
        if not unread:
            break
        yield f"the DAGs {', '.join(unread)}"
    while warming.is_alive():
        yield "the API that tasks use"


def _warm(airflow: Airflow) -> None:
    with contextlib.suppress(httpx.HTTPError):  # only to save time; what is wrong will show elsewhere
        airflow.warm()


def _refuse_faulty_files(airflow: Airflow, since: datetime) -> None:
    if errors := airflow.import_errors(since):
        told = "\n".join(f"{name}: {text.splitlines()[-1]}\n{text}" for name, text in errors.items())
        raise PlatformError(f"Airflow cannot read {len(errors)} DAG file(s); correct them and run again.\n{told}")


def _needs_migration() -> bool:
    """Whether Airflow's database is new, another, or of another version than the Airflow that is installed.

    Asking Airflow costs 2 s, so the answer to the last migration is kept beside it and compared with the database.
    """
    head = _schema_head()
    kept = _migrated()
    return head is None or not kept.exists() or json.loads(kept.read_text()) != _migration(head)


def _migrate(environment: dict[str, str]) -> None:
    log = config.airflow_home() / "migrate.log"
    with log.open("wb") as out:
        done = subprocess.run(
            (sys.executable, "-m", "airflow", "db", "migrate"),
            env=environment,
            cwd=config.airflow_home(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    head = _schema_head()
    if done.returncode or head is None:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise PlatformError(
            f"Airflow could not prepare its database (code {done.returncode}). {log} ends with:\n{last}"
        )
    _migrated().write_text(json.dumps(_migration(head)))


def _migrated() -> Path:
    return config.airflow_home() / "migrated.json"


def _migration(head: str) -> dict[str, str]:
    return {"airflow": importlib.metadata.version("apache-airflow-core"), "head": head}


def _schema_head() -> str | None:
    """The state of the schema of Airflow's database, in Airflow's words; None before there is one."""
    url = re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", database.airflow_url())
    try:
        with psycopg.connect(url, connect_timeout=10) as conn:
            if conn.execute("select to_regclass('alembic_version')").fetchone() == (None,):
                return None
            row = conn.execute("select version_num from alembic_version").fetchone()
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise PlatformError(
            f"Airflow's database cannot be reached: {str(error).strip()}\nStart the database with `promise db url`, or "
            "check PROMISE_AIRFLOW_DATABASE_URL (postgresql+psycopg2://…)"
        ) from error
    return str(row[0]) if row else None


def _children() -> list[Detached]:
    return [Detached(name, config.airflow_home() / "processes") for name in COMMANDS]


def recorded_port() -> int:
    """The port that Airflow's API listens on, or listened on last; 0 before the first time."""
    try:
        return int((config.airflow_home() / "port").read_text())
    except (FileNotFoundError, ValueError):
        return 0


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two commands in one checkout must not start or stop Airflow at once."""
    config.ensure_secrets()
    with (config.airflow_home() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
