"""An installation to break: a PROMISE_HOME with everything released, of whose sources two are asked.

The others are paused in Airflow, as a person would pause them: whatever breaks is then met often in little time, and
what is built stays the whole warehouse.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped,unused-ignore]
import psycopg
from psycopg import sql

from ingestion import pipeline
from orchestration import config, names, platform
from orchestration.processes import Detached
from promise import database
from promise.catalogue.sources import asked, sources
from promise.database import roles
from promise.settings import ROOT, settings
from warehouse import attempts, releases, runs, transform

ASKED = ("published_series", "promise_dashboard")  # small, and in the figures that readers see
OURS = ("PROMISE_", "METABASE_", "AIRFLOW_", "DBT_")


@dataclass(frozen=True)
class House:
    """A PROMISE_HOME, the files that publishers show it, and the environment that its commands see."""

    home: Path
    bundle: Path
    given: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    umask: int = -1  # as it is
    user: int | None = None  # an ordinary user's number; None: whoever we are

    @property
    def environment(self) -> dict[str, str]:
        """What commands see: this house, and nothing of a developer's own settings."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        here = {"PROMISE_HOME": str(self.home), "PROMISE_BUNDLE": str(self.bundle), "COLUMNS": "160"}
        return {name: value for name, value in (own | here | {**self.given}).items() if name not in self.without}

    @contextlib.contextmanager
    def lived_in(self) -> Iterator[None]:
        """For the length of a block this process sees the same house."""
        before = dict(os.environ)
        for name in [name for name in before if name.startswith(OURS)]:
            del os.environ[name]
        os.environ.update(PROMISE_HOME=str(self.home), PROMISE_BUNDLE=str(self.bundle))
        os.environ.update({name: value for name, value in self.given.items() if name.startswith(OURS)})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def begin(self, command: str, log: Path) -> subprocess.Popen[bytes]:
        """Start a command of ours, as a person would at a terminal of their own."""
        with log.open("wb") as out:
            return subprocess.Popen(
                # Where we run in the background, a shell has us ignore Ctrl-C, and children inherit that.
                ["env", "--default-signal=INT", sys.executable, "-m", "workbench.cli", command],
                env=self.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=self.umask,
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            )

    def republish(self, source_id: str, chance: random.Random) -> None:
        """The publisher shows the same figures in another order: new bytes, nothing to object to."""
        path = self.file(source_id)
        heading, *rows = path.read_text().splitlines(keepends=True)
        chance.shuffle(rows)
        path.write_text("".join([heading, *rows]))

    def file(self, source_id: str) -> Path:
        """What the publisher of the source shows last."""
        return self.bundle / source_id / sources()[source_id].bundle[-1].file


def make(home: Path) -> House:
    """A house with one release, made without Airflow. Its server runs."""
    from expectations import arrival, publication

    bundle = home.parent / f"{home.name}.bundle"
    shutil.copytree(ROOT / "ingestion" / "sources", bundle)
    house = House(home, bundle)
    with house.lived_in():
        database.ensure_running()
        for source_id in asked():
            pipeline.load(source_id, pipeline.take(source_id))
        with database.connect() as conn:
            run_id = runs.open_run(conn)
        arrival.judge(run_id)
        for stage in transform.SELECT:
            attempts.build(run_id, stage)
        publication.judge(run_id)
        releases.publish(run_id)
    return house


def copied(house: House, to: Path) -> House:
    """Another house that begins where this one stands, which must be down. Owners stay, which PostgreSQL minds."""
    bundle = to.parent / f"{to.name}.bundle"
    for original, copy in ((house.home, to), (house.bundle, bundle)):
        subprocess.run(["cp", "--archive", str(original), str(copy)], check=True)
    return House(to, bundle)


# --------------------------------------------------------------------- what is asked of the house that is lived in


def start() -> None:
    """Let its Airflow run, with all but two sources paused."""
    database.ensure_running()
    platform.start()
    ask_airflow(
        "update dag set is_paused = (dag_id <> all(%s)) where dag_id like 'ingest%%'",
        [names.ingest(source_id) for source_id in ASKED],
    )


def ask(query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """The rows of a query as the warehouse's owner."""
    with database.connect(autocommit=True) as conn:
        return conn.execute(query.encode(), parameters).fetchall()


def order(statement: str, *parts: sql.Composable) -> None:
    """Something that gives no rows, as whoever administers the server."""
    with roles.connect(roles.administrator(), autocommit=True) as conn:
        conn.execute(sql.SQL(statement).format(*parts))  # type: ignore[arg-type]  # constants of this package


def ask_airflow(query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """The rows of a query of Airflow's own database; none for a statement that gives none."""
    with psycopg.connect(database.airflow_url().replace("+psycopg2", ""), autocommit=True) as conn:
        cursor = conn.execute(query.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


def task_at_work(task_id: str) -> psutil.Process | None:
    """The process of this task, `<dag>.<task>`, if it runs now."""
    rows = ask_airflow(
        "select pid from task_instance where state = 'running' and dag_id || '.' || task_id = %s and pid > 0", task_id
    )
    ours = {process.pid: process for child in components() for process in child.members()}
    return next((ours[pid] for (pid,) in rows if pid in ours), None)


def seconds_of_tasks() -> dict[str, float]:
    """How long each task took the last time it ended well."""
    rows = ask_airflow(
        "select distinct on (dag_id, task_id) dag_id || '.' || task_id,"
        " extract(epoch from end_date - start_date)::float8 from task_instance"
        " where state = 'success' order by dag_id, task_id, end_date desc"
    )
    return dict(rows)


def components() -> list[Detached]:
    """Airflow's components, whether they run or not."""
    return [component(name) for name in platform.COMMANDS]


def component(name: str) -> Detached:
    return Detached(name, config.airflow_home() / "processes")


def postmaster() -> psutil.Process:
    """The embedded server's first process. Raises psutil.NoSuchProcess when it is gone."""
    return psutil.Process(int((settings().home / "postgres" / "data" / "postmaster.pid").read_text().split()[0]))


def end_all() -> None:
    """Stop whatever of the house still runs."""
    platform.stop(grace=2)
    database.stop()


def until(condition: Callable[[], object], seconds: float, pause: float = 0.1) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
