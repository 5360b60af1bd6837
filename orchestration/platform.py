"""Airflow's processes as one thing that is up or down: api server, scheduler and dag processor.

There is no triggerer, because no task of ours defers, and no log server, because the logs are files beside us. The
processes outlive the command that started them and are found again by their records in PROMISE_HOME.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from orchestration import config, names
from orchestration.client import ACTIVE, Airflow, AirflowRefused, DagState
from orchestration.client import PATIENCE as ASKING
from orchestration.processes import Detached, free_port, last_words
from orchestration.processes import stop as stop_processes
from promise import database
from promise.catalogue.sources import asked, sources
from promise.errors import PromiseError
from promise.settings import settings

AIRFLOW = (sys.executable, "-m", "orchestration.airflow_command")
COMMANDS = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
}
PATIENCE = 600.0  # seconds; 10 on two idle cores, 40 when three test suites share them, 64 with a fifth of one core
RESTARTS = 3  # of each component in one pass; what ends more often than that will not stay
READ_OWN = 30.0  # seconds, after ours are read, for DAGs of people's own; a file that only helps others has none
STARTED_WITH = "started_with"  # a file in Airflow's folder
GRACE = 10.0  # seconds that a running task is given to end
Say = Callable[[str], None]


class PlatformError(PromiseError):
    """Airflow could not be started. The message ends with what the failing process said last."""


def dag_ids() -> list[str]:
    """Every DAG that this project brings, ingests first. People add their own to the same folder (docs/dags.md)."""
    ingests = [names.ingest(source.id) for source in sources().values() if not source.own_dag]
    return [*ingests, names.WAREHOUSE, names.BI, names.CALENDAR]


def ingest_ids() -> list[str]:
    """The DAG of each source for which there is somewhere to look in this mode."""
    return [*map(names.ingest, asked())]


def dag_files() -> list[str]:
    """The files in which somebody makes DAGs, as far as can be seen without running them: ours and people's own."""
    folder = settings().dags
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.py") if _makes_dags(path.read_text()))


def own_files() -> list[str]:
    """Those of them that are people's own."""
    return [name for name in dag_files() if name not in names.FILES]


def unread(known: Mapping[str, DagState], since: datetime | None = None) -> tuple[list[str], list[str]]:
    """What Airflow has not read, or not since then: DAGs of ours by id, and files of which it knows no DAG."""
    read = {dag_id: dag for dag_id, dag in known.items() if since is None or (dag.parsed_at and dag.parsed_at >= since)}
    files = {dag.file for dag in read.values()}
    return (
        [dag_id for dag_id in dag_ids() if dag_id not in read],
        [name for name in dag_files() if name not in files],
    )


def url() -> str:
    """Where this PROMISE_HOME's Airflow listens, or listened last."""
    return f"http://{config.HOST}:{recorded_port()}"


def client(meanwhile: Callable[[], None] = lambda: None, patience: float = ASKING) -> Airflow:
    """A client of the running Airflow. The caller closes it. `meanwhile` is called while it waits for an answer."""
    return Airflow(url(), config.USER, config.password(), meanwhile=meanwhile, patience=patience)


def is_running() -> bool:
    """Whether all components run. One that has much to do may yet be slow to answer."""
    return all(child.is_running() for child in _children())


def is_at_work() -> bool:
    """Whether any component runs."""
    return any(child.is_running() for child in _children())


def is_building() -> bool | None:
    """Whether an Airflow is at work on the warehouse: ours or, where a server from outside is shared, somebody's.

    None where that cannot be known, such as on another machine, that may not ask Airflow's database. A scheduler says
    every 5 s that it lives.
    """
    if settings().database_url is None and not is_at_work():
        return False
    try:
        with airflows_database() as conn:
            return _head(conn) is not None and _is_building(conn)
    except PlatformError:
        return None


def _is_building(conn: psycopg.Connection[Any]) -> bool:
    row = conn.execute(
        "select exists (select from dag_run where dag_id = %s and state = any(%s))"
        " and exists (select from job where job_type = 'SchedulerJob' and state = 'running'"
        " and latest_heartbeat > now() - interval '1 minute')",
        (names.WAREHOUSE, list(ACTIVE)),
    ).fetchone()
    return row == (True,)


@dataclass(frozen=True)
class Standing:
    """What Airflow's own database says of its DAGs, whether Airflow is up or not."""

    doubt: str | None = None  # why nothing can be asked but by Airflow
    paused: frozenset[str] = frozenset()
    last_drawing: str | None = None  # how the last run ended that drew what readers see
    bringing: frozenset[str] = frozenset()  # people's own DAGs that bring vintages and are not paused
    read: Mapping[str, datetime] = field(default_factory=dict)  # DAG files, and when Airflow read them last

    def has_read(self, name: str, changed: float) -> bool:
        """Whether Airflow has read a file since it was changed."""
        return name in self.read and self.read[name].timestamp() > changed


def standing() -> Standing:
    """How things stand in Airflow, with one look at its database. Raises PlatformError where it cannot be reached."""
    if is_at_work() and not is_running():
        return Standing("a part of Airflow has ended")
    if is_at_work() and not _is_as_here():
        return Standing("Airflow was started with other settings than those of here")
    with airflows_database() as conn:
        head = _head(conn)
        if head is None:
            return Standing()  # it has done nothing yet
        if not _is_migrated(head):
            return Standing("Airflow's own database is of another Airflow")
        active = conn.execute("select count(*) from dag_run where state = any(%s)", (list(ACTIVE),)).fetchone()
        drawn = conn.execute(
            "select state from dag_run where dag_id = %s order by id desc limit 1", (names.BI,)
        ).fetchone()
        dags = conn.execute(
            "select dag_id, is_paused, relative_fileloc, last_parsed_time from dag where not is_stale"
        ).fetchall()
        announcing = conn.execute(
            "select distinct dag_id from task_outlet_asset_reference join asset on asset.id = asset_id"
            " where asset.name = any(%s)",
            ([names.raw_asset(source_id) for source_id in sources()],),
        ).fetchall()
    paused = frozenset(dag_id for dag_id, is_paused, _, _ in dags if is_paused)
    return Standing(
        doubt="Airflow is at work" if active != (0,) else None,
        paused=paused,
        last_drawing=drawn[0] if drawn else None,
        bringing=frozenset(dag_id for (dag_id,) in announcing) - paused - {*dag_ids()},
        read={file: parsed for _, _, file, parsed in dags if file and parsed},
    )


def note_settings() -> None:
    """Keep with what settings Airflow is started: whoever asks a source in its place must have the same."""
    (config.airflow_home() / STARTED_WITH).write_text(_settings_digest())


def _is_as_here() -> bool:
    """Whether the running Airflow was started with the settings that are in force here."""
    kept = config.airflow_home() / STARTED_WITH
    return kept.is_file() and kept.read_text() == _settings_digest()


def _settings_digest() -> str:
    """Settings may be passwords, so only their hash is kept."""
    ours = {name: text for name, text in os.environ.items() if name.startswith(("PROMISE_", "METABASE_"))}
    current = settings()
    ours |= {"PROMISE_HOME": str(current.home), "PROMISE_MODE": current.mode}
    return hashlib.sha256(json.dumps(sorted(ours.items())).encode()).hexdigest()


def is_up() -> bool:
    """Whether all components run and the API answers, with all the patience that a slow machine asks for."""
    if not is_running():
        return False
    with contextlib.closing(client(meanwhile=_require_running)) as airflow:
        try:
            return airflow.health().metadatabase
        except PromiseError:
            return False


def is_prepared() -> bool:
    """Whether Airflow has a database of its own that commands can ask. The server must be running."""
    return _schema_head() is not None


class Upkeep:
    """Starts again what ends of a running Airflow. Called wherever somebody waits for it.

    Raises PlatformError, with the end of its log, when a component has ended too often; also when somebody stopped
    Airflow, or the database is gone.
    """

    def __init__(self, say: Say = lambda _: None) -> None:
        self._say = say
        self._left = dict.fromkeys(COMMANDS, RESTARTS)

    def __call__(self) -> None:
        if is_running():
            return
        with _one_at_a_time():  # somebody may be stopping it just now, and is waited for
            for child in _children():
                if not child.is_running():
                    self._start_again(child)

    def _start_again(self, child: Detached) -> None:
        if not child.is_recorded():
            raise PlatformError("somebody stopped Airflow while this was at work (`make down`?); run again")
        if not database.is_running():
            raise PlatformError(
                "the database stopped while this was at work, and Airflow with it; run again, which starts it, "
                "or check PROMISE_DATABASE_URL"
            )
        if not self._left[child.name]:
            raise PlatformError(
                f"Airflow's {child.name} has ended, and was started again {RESTARTS} times before; start afresh with "
                f"`make down` and run again. {child.log} ends with:\n{child.tail()}"
            )
        self._left[child.name] -= 1
        self._say(f"Airflow's {child.name} has ended; starting it again")
        # Tasks of a scheduler that is gone go too: the new one starts them again, and none may be at work twice.
        stop_processes([child], grace=0)
        _launch(child, config.environment(recorded_port()))


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
        note_settings()
        environment = config.environment(port)
        try:
            since = datetime.now(UTC)
            if _needs_migration():
                say("preparing Airflow's own database")
                # The api server takes as long to come up as the other parts together, and asks its database last.
                _launch(_child("api-server"), environment)
                _migrate(environment)
            say("starting Airflow")
            _start(environment, since)
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


def _launch(child: Detached, environment: dict[str, str]) -> None:
    child.start(_command(child.name), environment, config.airflow_home())


def _command(name: str) -> tuple[str, ...]:
    return (*AIRFLOW, *COMMANDS[name])


def _start(environment: dict[str, str], since: datetime) -> None:
    for child in _children():
        if not child.is_recorded():
            _launch(child, environment)
    with contextlib.closing(client(meanwhile=_require_running, patience=PATIENCE)) as airflow:
        try:
            _wait_for(airflow, since)
        except AirflowRefused as error:
            raise PlatformError(f"{error}\n{_tails()}") from error
        for run in airflow.runs(states=ACTIVE):
            if run.queued and run.queued < since:
                airflow.end(run)


def _wait_for(airflow: Airflow, since: datetime) -> None:
    """Return once Airflow takes runs."""
    deadline = time.monotonic() + PATIENCE
    for waiting in _steps(airflow, since):
        _require_running()
        if time.monotonic() >= deadline:
            raise PlatformError(
                f"Airflow was not ready after {PATIENCE:.0f} s; still waiting for {waiting}.\n{_tails()}"
            )
        time.sleep(0.2)


def _require_running() -> None:
    for child in _children():
        if not child.is_running():
            raise PlatformError(
                f"Airflow's {child.name} ended while it was started. {child.log} ends with:\n{child.tail()}"
            )


def _tails() -> str:
    return "\n".join(f"--- {child.log} ends with:\n{child.tail()}" for child in _children())


def _steps(airflow: Airflow, since: datetime) -> Iterator[str]:
    """Yields what is being waited for, each time it is asked; ends when Airflow takes runs."""
    airflow.health()  # has the patience of the client
    warming = threading.Thread(target=_warm, args=(airflow,), daemon=True)
    warming.start()
    while True:
        health = airflow.health()
        late = {"the scheduler": health.scheduler, "the dag processor": health.dag_processor}
        missing = [name for name, seen in late.items() if seen is None or seen < since]
        if not missing:
            break
        yield " and ".join(missing)
    deadline = None
    while True:
        _refuse_faulty_files(airflow, since)
        ours, files = unread(airflow.dags(), since)
        if not ours and deadline is None:
            deadline = time.monotonic() + READ_OWN
        if not ours and (not files or time.monotonic() >= (deadline or 0)):
            break
        yield f"the DAGs {', '.join(ours)}" if ours else f"a DAG in {', '.join(files)}"
    while warming.is_alive():
        yield "the API that tasks use"


def _warm(airflow: Airflow) -> None:
    with contextlib.suppress(PromiseError):  # only to save time; what is wrong will show elsewhere
        airflow.warm()


def _refuse_faulty_files(airflow: Airflow, since: datetime) -> None:
    if errors := airflow.import_errors(since):
        told = "\n".join(f"{name}: {text.splitlines()[-1]}\n{text}" for name, text in errors.items())
        raise PlatformError(f"Airflow cannot read {len(errors)} DAG file(s); correct them and run again.\n{told}")


def _makes_dags(text: str) -> bool:
    """Whether a DAG file imports what makes one."""
    try:
        imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    except SyntaxError:
        return True  # Airflow says what is wrong
    return any(
        (node.module or "").startswith("airflow") and {alias.name for alias in node.names} & {"dag", "DAG"}
        for node in imports
    )


def _needs_migration() -> bool:
    """Whether Airflow's database is new, another, or of another version than the Airflow that is installed.

    Asking Airflow costs 2 s, so the answer to the last migration is kept beside it and compared with the database.
    """
    head = _schema_head()
    return head is None or not _is_migrated(head)


def _is_migrated(head: str) -> bool:
    kept = _migrated()
    return kept.exists() and json.loads(kept.read_text()) == _migration(head)


def _migrate(environment: dict[str, str]) -> None:
    log = config.airflow_home() / "migrate.log"
    with log.open("wb") as out:
        done = subprocess.run(
            (*AIRFLOW, "db", "migrate"),
            env=environment,
            cwd=config.airflow_home(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    head = _schema_head()
    if done.returncode or head is None:
        raise PlatformError(
            f"Airflow could not prepare its database (code {done.returncode}). {log} ends with:\n{last_words(log)}"
        )
    _migrated().write_text(json.dumps(_migration(head)))


def _migrated() -> Path:
    return config.airflow_home() / "migrated.json"


def _migration(head: str) -> dict[str, str]:
    return {"airflow": importlib.metadata.version("apache-airflow-core"), "head": head}


def _schema_head() -> str | None:
    """The state of the schema of Airflow's database, in Airflow's words; None before there is one."""
    with airflows_database() as conn:
        return _head(conn)


def _head(conn: psycopg.Connection[Any]) -> str | None:
    if conn.execute("select to_regclass('alembic_version')").fetchone() == (None,):
        return None
    row = conn.execute("select version_num from alembic_version").fetchone()
    return str(row[0]) if row else None


@contextlib.contextmanager
def airflows_database() -> Iterator[psycopg.Connection[Any]]:
    """A connection to Airflow's own database. Raises PlatformError where it cannot be reached."""
    url = re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", database.airflow_url())
    try:
        with psycopg.connect(url, connect_timeout=10) as conn:
            yield conn
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise PlatformError(
            f"Airflow's database cannot be reached: {str(error).strip()}\nStart the database with `promise db url`, or "
            "check PROMISE_AIRFLOW_DATABASE_URL (postgresql+psycopg2://…)"
        ) from error


def _children() -> list[Detached]:
    return [_child(name) for name in COMMANDS]


def _child(name: str) -> Detached:
    return Detached(name, config.airflow_home() / "processes")


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
