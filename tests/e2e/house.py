"""A checkout's state in a folder of its own, and the few things that tests ask of the Airflow in it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from orchestration import platform
from orchestration.client import RunState
from promise import database

OURS = ("PROMISE_", "METABASE_")


@dataclass(frozen=True)
class House:
    """A PROMISE_HOME, and the settings that it is lived in with."""

    home: Path
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        return {"PROMISE_HOME": str(self.home), "COLUMNS": "160", **self.given}

    @property
    def environment(self) -> dict[str, str]:
        """What our commands see: this house, and nothing of a developer's own settings."""
        return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | self.variables

    @contextlib.contextmanager
    def lived_in(self) -> Iterator[None]:
        """For the length of a block this process sees the same."""
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith(OURS)]:
                patch.delenv(name)
            for name, value in self.variables.items():
                patch.setenv(name, value)
            yield

    def command(self, name: str) -> list[str]:
        return [sys.executable, "-m", "workbench.cli", name]

    def promise(self, name: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(name),
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )

    def ask(self, query: str) -> Any:
        """The rows of a query as the warehouse's owner."""
        with database.connect(autocommit=True) as conn:
            return conn.execute(query).fetchall()  # type: ignore[call-overload]

    def ask_airflow(self, query: str) -> Any:
        """The rows of a query from Airflow's own database."""
        with psycopg.connect(database.airflow_url().replace("+psycopg2", "")) as conn:
            return conn.execute(query.encode()).fetchall()


def until(condition: Callable[[], object], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.3)


def runs(since: datetime | None = None, dag_id: str | None = None, states: tuple[str, ...] = ()) -> list[RunState]:
    """The runs that somebody or something asked for. One of the clock's own, where a test goes on past seven o'clock or
    half past eight, is nobody's."""
    with contextlib.closing(platform.client()) as airflow:
        found = airflow.runs([dag_id] if dag_id else platform.dag_ids(), since=since, states=states)
    return [run for run in found if not run.run_id.startswith("scheduled__")]


def trigger(source_id: str) -> None:
    with contextlib.closing(platform.client()) as airflow:
        airflow.trigger(f"ingest_{source_id}", "a test")
