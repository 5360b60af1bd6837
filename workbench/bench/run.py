"""`promise bench`: how fast we are, each time beside the limit of the same machine in the same minute.

Synthetic rows exist only here and in tests, in a database of their own that is dropped afterwards.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from promise import database
from promise.settings import settings
from workbench.bench.figure import Figure, Sizes, timed

DATABASE = "promise_bench"


def bench(sizes: Sizes, scheduler: bool = False, parts: Collection[str] = ()) -> dict[str, list[Figure]]:
    """Measure each of the parts, by default all; the figures by part.

    Medians of some rounds, ours and the limit in turn. `scheduler`: also connectors through an Airflow of their own.
    """
    database.ensure_running()
    return {part: measured(sizes, scheduler) for part, measured in PARTS.items() if not parts or part in parts}


def _loading(sizes: Sizes, _: bool) -> list[Figure]:
    from workbench.bench import load

    with _scratch_home() as folder:
        return load.measure(folder, sizes)


def _connectors(sizes: Sizes, scheduler: bool) -> list[Figure]:
    from workbench.bench import connectors

    with _scratch_home() as folder:
        return connectors.measure(folder, sizes, scheduler)


def _commands(sizes: Sizes, _: bool) -> list[Figure]:
    """What people wait for, over the warehouse that is there."""
    from workbench.bench import analyst, dags, history, reads

    return [
        _status(sizes),
        *dags.parsing(sizes),
        analyst.measure(sizes),
        *history.explaining(sizes),
        *reads.reads(sizes),
    ]


def _history(sizes: Sizes, _: bool) -> list[Figure]:
    from workbench.bench import history

    with _scratch_home() as folder:
        return history.measure(folder, sizes)


def _releases(sizes: Sizes, _: bool) -> list[Figure]:
    from workbench.bench import readers, views

    with _scratch_home():
        written = views.measure(sizes)
    with _scratch_home():
        return [*written, *readers.measure(sizes)]


def _builds(sizes: Sizes, _: bool) -> list[Figure]:
    from workbench.bench import builds

    figures = []
    for shape in sizes.built:
        with _scratch_home():
            figures += builds.measure(shape, sizes)
    return figures


def _disclosure(sizes: Sizes, _: bool) -> list[Figure]:
    from workbench.bench import disclosure

    return [disclosure.measure(sizes), disclosure.measure_protection(sizes)]


def _methods(sizes: Sizes, _: bool) -> list[Figure]:
    from workbench.bench import methods

    with _scratch_home():
        return methods.measure(sizes)


def _data_map(sizes: Sizes, _: bool) -> list[Figure]:
    from workbench.bench import data_map

    with _scratch_home():
        return data_map.measure(sizes)


def _site(sizes: Sizes, _: bool) -> list[Figure]:
    from warehouse.releases import reading
    from workbench.bench import site

    with reading() as conn, _scratch_home() as folder:
        return site.measure(conn, folder, sizes)


def _runs(sizes: Sizes, _: bool) -> list[Figure]:
    from workbench.bench import whole

    return [*whole.measure()] if sizes.whole_runs else []


PARTS: dict[str, Callable[[Sizes, bool], list[Figure]]] = {
    "loading": _loading,
    "connectors": _connectors,
    "commands": _commands,
    "history": _history,
    "releases": _releases,
    "builds": _builds,
    "disclosure": _disclosure,
    "methods": _methods,
    "data map": _data_map,
    "site": _site,
    "runs": _runs,
}


def _status(sizes: Sizes) -> Figure:
    command = [sys.executable, "-m", "workbench.cli", "status"]
    environment = {**os.environ, "PROMISE_HOME": str(settings().home)}
    times = [
        timed(lambda: subprocess.run(command, check=True, capture_output=True, env=environment))
        for _ in range(sizes.rounds)
    ]
    return Figure("promise status", statistics.median(times), None, "s", "whole process; wanted: under 2 s")


@contextlib.contextmanager
def _scratch_home() -> Iterator[Path]:
    """An empty installation: its folder, while the settings are those of it."""
    with _scratch_database() as url, tempfile.TemporaryDirectory() as folder, _home(Path(folder), url):
        database.ensure_running()
        yield Path(folder)


@contextlib.contextmanager
def _scratch_database() -> Iterator[str]:
    here = database.administrator()
    with psycopg.connect(database.url_of(here), autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(DATABASE)))
        server.execute(sql.SQL("create database {} template template0").format(sql.Identifier(DATABASE)))
        try:
            yield database.url_of({**here, "dbname": DATABASE})
        finally:
            server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(DATABASE)))
            server.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(f"{DATABASE}_airflow"))
            )


@contextlib.contextmanager
def _home(home: Path, url: str) -> Iterator[None]:
    """The settings of another installation on the same server, for as long as the block runs."""
    given = {**database.passwords(), "PROMISE_HOME": str(home), "PROMISE_DATABASE_URL": url}
    kept = {name: os.environ.get(name) for name in given}
    os.environ |= given
    try:
        yield
    finally:
        for name, content in kept.items():
            if content is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = content
