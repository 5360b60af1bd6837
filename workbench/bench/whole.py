"""The part of `promise bench` that is about a whole run: by Airflow, beside the same steps in one process.

Each begins in an empty PROMISE_HOME, with the figures that ship. What readers see in the end has to be the same, row by
row, or there is no figure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from promise.errors import PromiseError
from workbench.bench.figure import Figure, timed

STEPS = "workbench.bench.steps"
READ = "seen"  # what that module is asked for, to compare


def measure() -> list[Figure]:
    """A first run and one in which nothing is new."""
    with _home() as in_one, _home() as by_airflow:
        limit = timed(lambda: _ended([sys.executable, "-m", STEPS, "all"], in_one))
        asking = timed(lambda: _ended([sys.executable, "-m", STEPS, "ask"], in_one))
        run = [sys.executable, "-m", "workbench.cli", "run"]
        cold = timed(lambda: _ended(run, by_airflow))
        seen = {home: _ended([sys.executable, "-m", STEPS, READ], home) for home in (in_one, by_airflow)}
        again = timed(lambda: _ended(run, by_airflow))
    require_same(seen[in_one], seen[by_airflow])
    return [
        Figure("promise run, first", cold, limit, "s", "limit: the same steps in one process; wanted: 0.77 of it"),
        Figure("promise run, nothing new", again, asking, "s", "limit: asking in one process; wanted: under 3 s"),
    ]


def require_same(one: str, other: str) -> None:
    """Raises PromiseError, naming the marts, where two runs show different rows."""
    here, there = json.loads(one), json.loads(other)
    if not here or here != there:
        different = sorted(mart for mart in here.keys() | there.keys() if here.get(mart) != there.get(mart))
        raise PromiseError(
            f"a run by Airflow and the same steps in one process show different rows: {', '.join(different) or 'none'}"
        )


def _ended(command: list[str], home: Path) -> str:
    """What a command said in that home. Raises PromiseError where it did not end well."""
    own = {name: text for name, text in os.environ.items() if not name.startswith(("PROMISE_", "METABASE_"))}
    done = subprocess.run(
        command, env={**own, "PROMISE_HOME": str(home)}, cwd=home, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PromiseError(f"{' '.join(command[2:])} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def _home() -> Iterator[Path]:
    """An empty PROMISE_HOME, whose server is stopped in the end."""
    with tempfile.TemporaryDirectory(prefix="promise-bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user has to get there
        home = Path(folder) / "home"
        home.mkdir()
        try:
            yield home
        finally:
            _ended([sys.executable, "-m", "workbench.cli", "down"], home)
