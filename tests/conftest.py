"""Real PostgreSQL for tests: an empty warehouse, one with everything landed, and one that is built and released.

Each of these states is made once, however many workers pytest has, and from the one before. It stays as a stopped
PROMISE_HOME in the folder of the session, of which every worker that needs it starts a copy of its own: no worker is
in another's way, whatever a test does to its server, its roles and its files.

Nothing here touches the state of the checkout.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import hypothesis
import psycopg
import pytest
from asked import Query
from psycopg import sql

from ingestion import pipeline
from promise import database as db
from promise.catalogue.sources import sources
from promise.settings import ROOT, settings
from warehouse import candidate, releases, runs, transform
from warehouse import methods as shown_methods

SETTINGS = (
    "PROMISE_DATABASE_URL", "PROMISE_AIRFLOW_DATABASE_URL", "PROMISE_OWNER_PASSWORD", "PROMISE_LOADER_PASSWORD",
    "PROMISE_TRANSFORMER_PASSWORD", "PROMISE_RELEASER_PASSWORD", "PROMISE_READER_PASSWORD", "PROMISE_STAFF_PASSWORD",
    "PROMISE_AIRFLOW_PASSWORD",
    "PROMISE_BUNDLE", "PROMISE_MODE",
    "METABASE_URL", "METABASE_API_KEY", "METABASE_PUBLIC_URL", "METABASE_PUBLIC_LINKS", "METABASE_MAPS",
    "METABASE_ADMIN_EMAIL", "METABASE_ADMIN_PASSWORD", "METABASE_WAREHOUSE_HOST", "METABASE_WAREHOUSE_PORT",
    "METABASE_WAREHOUSE_DBNAME", "METABASE_WAREHOUSE_SSL", "PROMISE_GEOJSON_URL",
    "PROMISE_SOURCES", "PROMISE_INBOX", "PROMISE_CONTACT", "PROMISE_USER", "PROMISE_NOTIFY", "PROMISE_SITE",
    "PROMISE_SITE_URL", "PROMISE_SITE_CONTACT",
    "PROMISE_DAGS",
)  # fmt: skip

# How long an example takes depends on what else the machine does, and says nothing of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def nothing_of_yours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """No test sees the checkout's own state or a developer's settings, not even one that asks for no fixture."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(tmp_path_factory.mktemp("nothing")))
        for name in SETTINGS:
            patch.delenv(name, raising=False)
        # A sixth of what dbt computes is the 7,000 lines that a build writes into a log that no test reads.
        patch.setenv("DBT_LOG_LEVEL_FILE", "error")
        yield patch


# ------------------------------------------------------------------------------------------------ the three states

Name = Literal["empty", "landed", "built"]
KEPT = "kept"  # the database beside the one that tests use, in which a state stays as it was made
RELEASE = "release.json"


def make_empty() -> None:
    """As after the very first start. No test's database outlives a power cut, so none waits for the disk."""
    with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
        conn.execute("alter system set fsync = off")
        conn.execute("alter system set full_page_writes = off")
        conn.execute("select pg_reload_conf()")
        _copy_database(conn, db.WAREHOUSE, KEPT)


def make_landed() -> None:
    """Every bundled source landed, loaded and accepted, and staged by dbt, so that tests can ask what that makes."""
    from expectations import arrival

    ingest_everything()
    with db.connect() as conn:
        run_id = runs.open_run(conn)
        judged = arrival.judge(run_id)
        assert not judged["rejected"], judged["rejected"]
        transform.build(run_id, "staging")
        runs.close_run(conn, run_id, "failed", "landed for tests, not released")
    with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
        _copy_database(conn, db.WAREHOUSE, KEPT)


def make_built() -> None:
    """The marts built, judged and released; they are in the schema `candidate` too, to be broken."""
    from expectations import publication

    with db.connect() as conn:
        run_id = runs.open_run(conn)
    transform.build(run_id, "marts")
    passed = publication.judge(run_id)
    release_id = releases.publish(run_id)
    made = {"run_id": run_id, "release_id": release_id, "publication": passed}
    (settings().home / RELEASE).write_text(json.dumps(made))
    with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
        _copy_database(conn, db.WAREHOUSE, KEPT)


# What each begins from, and what is done then.
STATES: dict[Name, tuple[Name | None, Callable[[], None]]] = {
    "empty": (None, make_empty),
    "landed": ("empty", make_landed),
    "built": ("landed", make_built),
}


def prepared(name: Name, shared: Path) -> Path:
    """The stopped PROMISE_HOME of a state: whoever asks first makes it, and whoever asks meanwhile waits."""
    home, half = shared / name, shared / f"{name}.half"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            before, make = STATES[name]
            shutil.rmtree(half, ignore_errors=True)
            if before:
                _copy_home(prepared(before, shared), half)
            with _in_force(half), contextlib.ExitStack() as server:
                db.ensure_running()
                server.callback(db.stop)
                make()
            half.rename(home)
    return home


@dataclass(frozen=True)
class State:
    """A worker's own copy of a state: a PROMISE_HOME whose server runs, and the landed files that it began with."""

    home: Path
    landing: Path


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    yield from _copy("empty", tmp_path_factory)


@pytest.fixture(scope="session")
def landed_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    yield from _copy("landed", tmp_path_factory)


@pytest.fixture(scope="session")
def built_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    yield from _copy("built", tmp_path_factory)


@pytest.fixture(scope="session")
def built_to_break(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """Another copy of the built state, for tests that kill its server."""
    yield from _copy("built", tmp_path_factory)


# -------------------------------------------------------------------------------------------------- to play with


@pytest.fixture
def database(empty_state: State, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection[Any]]:
    """An empty, prepared warehouse, as after the very first start. Gives the owner's connection, autocommit."""
    with _afresh(empty_state, monkeypatch) as conn:
        yield conn


@pytest.fixture
def landed(landed_state: State, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection[Any]]:
    """Every bundled source landed, loaded, accepted and staged; nothing built or released. As `database` otherwise."""
    with _afresh(landed_state, monkeypatch) as conn:
        yield conn


@pytest.fixture(scope="module")
def landed_for_module(landed_state: State) -> Iterator[psycopg.Connection[Any]]:
    """As `landed`, for all tests of a file together: what they look at takes long to make."""
    with pytest.MonkeyPatch.context() as patch, _afresh(landed_state, patch) as conn:
        yield conn


@pytest.fixture(scope="session")
def methods(empty_state: State) -> Iterator[psycopg.Connection[Any]]:
    """A database of its own with the functions of `methods` as a release shows them, and nothing else: dbt makes those
    of a candidate. Gives a reader's connection, autocommit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(empty_state.home))
        with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
            _copy_database(conn, KEPT, "methods")
        for name, value in {**db.passwords(), "PROMISE_DATABASE_URL": _url("methods")}.items():
            patch.setenv(name, value)
        db.ensure_running()
        transform.write_generated()
        with db.connect("transformer") as conn:
            candidate.clear(conn)
        with transform.environment():
            assert transform.invoke(["build", "--select", "path:functions/methods"]).success
        with db.connect("releaser") as conn, conn.transaction():
            shown_methods.show(conn, shown_methods.of(conn, candidate.SCHEMA))
        reader = db.connect("reader", autocommit=True)
    with reader:
        yield reader


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bundle that the connector reads, to put faulty files in (see `faults`)."""
    copy = tmp_path / "bundle"
    shutil.copytree(ROOT / "ingestion" / "sources", copy)
    monkeypatch.setenv("PROMISE_BUNDLE", str(copy))
    return copy


# ---------------------------------------------------------------------------------------- one that is built, to read


@dataclass(frozen=True)
class Warehouse:
    """A warehouse built from the real bundle, its release, and what the publication gate said of it."""

    home: Path
    run_id: int
    release_id: int
    publication: dict[str, Any]


@pytest.fixture(scope="session")
def warehouse(nothing_of_yours: pytest.MonkeyPatch, built_state: State) -> Warehouse:
    """The whole way from the bundle to a release, without Airflow, in a PROMISE_HOME that is set from here on.

    Shared by all tests of a worker: read it, never change it. `copy_of_warehouse` is there to be broken.
    """
    nothing_of_yours.setenv("PROMISE_HOME", str(built_state.home))
    return Warehouse(built_state.home, **json.loads((built_state.home / RELEASE).read_text()))


@pytest.fixture
def query(warehouse: Warehouse) -> Query:
    """Ask the built warehouse as a reader: `query(statement, *parameters)` gives the rows."""

    def ask(statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with db.connect("reader") as conn:
            return conn.execute(statement.encode(), parameters).fetchall()

    return ask


@pytest.fixture
def copy_of_warehouse(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection[Any]]:
    """A copy of the built warehouse, with its release also in the schema `candidate`: to be broken and judged again."""
    monkeypatch.setenv("PROMISE_HOME", str(warehouse.home))
    with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
        _copy_database(conn, KEPT, "copy")
    for name, value in {**db.passwords(), "PROMISE_DATABASE_URL": _url("copy")}.items():
        monkeypatch.setenv(name, value)
    db.ensure_running()  # roles are the server's; what they may do is each database's own
    with db.connect(autocommit=True) as conn:
        yield conn


# ------------------------------------------------------------------------------------------------------- by hand


def ingest_everything() -> None:
    """What the ingest DAGs do when all sources are new."""
    for source_id in sources():
        pipeline.load(source_id, pipeline.take(source_id))


@contextlib.contextmanager
def _afresh(state: State, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection[Any]]:
    """The state as it was made, whatever the test before did to it."""
    monkeypatch.setenv("PROMISE_HOME", str(state.home))
    with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
        _copy_database(conn, KEPT, db.WAREHOUSE)
    db.ensure_running()
    shutil.rmtree(settings().landing, ignore_errors=True)
    if state.landing.exists():
        shutil.copytree(state.landing, settings().landing)
    with db.connect(autocommit=True) as conn:
        yield conn


def _copy(name: Name, folders: pytest.TempPathFactory) -> Iterator[State]:
    """This worker's copy of a state. Where xdist gives each worker a folder, the one around it is the session's."""
    own = folders.getbasetemp()
    original = prepared(name, own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)
    home = folders.mktemp(f"{name}_copy") / "home"
    _copy_home(original, home)
    with _in_force(home):
        db.ensure_running()
    yield State(home, original / "landing")
    with _in_force(home):
        db.stop()


@contextlib.contextmanager
def _in_force(home: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(home))
        yield


def _copy_home(original: Path, copy: Path) -> None:
    """With owners and modes, which PostgreSQL minds; to a port of its own."""
    subprocess.run(["cp", "--archive", str(original), str(copy)], check=True)
    (copy / "postgres" / "port").unlink()


def _copy_database(conn: psycopg.Connection[Any], original: str, copy: str) -> None:
    """Whoever is still connected to either is sent away: PostgreSQL copies only what nobody uses."""
    conn.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(copy)))
    conn.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (original,))
    statement = "create database {} template {} strategy file_copy"  # the other writes all of it to the log too
    conn.execute(sql.SQL(statement).format(sql.Identifier(copy), sql.Identifier(original)))


def _url(database: str) -> str:
    """Of the server's administrator, who alone may make databases."""
    return db.url_of(db.administrator() | db.Parts(dbname=database))  # type: ignore[typeddict-item]


def _maintenance_url() -> str:
    return _url("postgres")
