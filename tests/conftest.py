"""Real PostgreSQL for tests: an empty warehouse, one with everything landed, and one that is built and released.

Nothing here touches the state of the checkout: every PROMISE_HOME is a temporary folder with a server of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from asked import Query
from psycopg import sql

from ingestion import pipeline
from promise import database as db
from promise.catalogue.sources import sources
from promise.settings import ROOT, settings
from warehouse import releases, runs, transform

SETTINGS = (
    "PROMISE_DATABASE_URL", "PROMISE_AIRFLOW_DATABASE_URL", "PROMISE_READER_PASSWORD", "PROMISE_BUNDLE", "PROMISE_MODE",
    "METABASE_URL", "METABASE_API_KEY", "METABASE_PUBLIC_URL",
    "PROMISE_SOURCES", "PROMISE_INBOX", "PROMISE_CONTACT", "PROMISE_USER",
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
        yield patch


# ---------------------------------------------------------------------------------------------- one to play with


@dataclass(frozen=True)
class Prepared:
    """A state of the warehouse to start tests from: a template database and the landed files that belong to it."""

    template: str
    landing: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The PROMISE_HOME of a running embedded server that `database` and `landed` work on. Stopped at the end."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(home))
        db.ensure_running()
        _never_wait_for_the_disk()
    yield home
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(home))
        db.stop()


@pytest.fixture(scope="session")
def empty_state(server: Path) -> Prepared:
    """The state of `database`: prepared, with nothing in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(server))
        return _keep("empty", server)


@pytest.fixture(scope="session")
def landed_state(empty_state: Prepared, server: Path) -> Prepared:
    """The state of `landed`. Its staging views are dbt's own, so that tests can ask what staging makes of a vintage."""
    from expectations import arrival

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(server))
        _recreate(empty_state, server)
        ingest_everything()
        with db.connect() as conn:
            run_id = runs.open_run(conn)
        judged = arrival.judge(run_id)
        assert not judged["rejected"], judged["rejected"]
        transform.build(run_id, "staging")
        with db.connect() as conn:
            runs.close_run(conn, run_id, "failed", "landed for tests, not released")
        return _keep("landed", server)


@pytest.fixture
def database(empty_state: Prepared, server: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection[Any]]:
    """An empty, prepared warehouse, as after the very first start. Gives the owner's connection, autocommit."""
    monkeypatch.setenv("PROMISE_HOME", str(server))
    _recreate(empty_state, server)
    with db.connect(autocommit=True) as conn:
        yield conn


@pytest.fixture
def landed(landed_state: Prepared, server: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection[Any]]:
    """Every bundled source landed, loaded, accepted and staged; nothing built or released. As `database` otherwise."""
    monkeypatch.setenv("PROMISE_HOME", str(server))
    _recreate(landed_state, server)
    with db.connect(autocommit=True) as conn:
        yield conn


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
    """A warehouse built from the real bundle, and what building it came to."""

    home: Path
    run_id: int
    release_id: int
    arrival: dict[str, Any]
    nodes: dict[str, dict[str, int]]
    publication: dict[str, Any]


@pytest.fixture(scope="session")
def warehouse(nothing_of_yours: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The whole way from the bundle to a release, without Airflow, in a PROMISE_HOME that is set from here on.

    Built once and shared: read it, never change it. `copy_of_warehouse` is there to be broken.
    """
    from expectations import arrival, publication

    home = tmp_path_factory.mktemp("built")
    nothing_of_yours.setenv("PROMISE_HOME", str(home))
    db.ensure_running()
    _never_wait_for_the_disk()
    try:
        ingest_everything()
        with db.connect() as conn:
            run_id = runs.open_run(conn)
        judged = arrival.judge(run_id)
        assert not judged["rejected"], judged["rejected"]
        nodes = {stage: transform.build(run_id, stage) for stage in transform.SELECT}
        passed = publication.judge(run_id)
        release_id = releases.publish(run_id)
        yield Warehouse(home, run_id, release_id, judged, nodes, passed)
    finally:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PROMISE_HOME", str(home))
            db.stop()


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
    original = db.parts()["dbname"]
    with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
        _copy_database(conn, original, "copy")
    monkeypatch.setenv("PROMISE_DATABASE_URL", db.url().rsplit("/", 1)[0] + "/copy")
    with db.connect(autocommit=True) as conn:
        releases.clear_candidate(conn)
        for (table,) in conn.execute(
            "select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r'",
            (f"release_{warehouse.release_id}",),
        ).fetchall():
            source = sql.Identifier(f"release_{warehouse.release_id}", table)
            conn.execute(
                sql.SQL("create table {} as table {}").format(sql.Identifier(releases.CANDIDATE, table), source)
            )
        yield conn


# ------------------------------------------------------------------------------------------------------- by hand


def ingest_everything() -> None:
    """What the ingest DAGs do when all sources are new."""
    for source_id in sources():
        pipeline.load(source_id, pipeline.take(source_id))


def _never_wait_for_the_disk() -> None:
    """No test's database outlives a power cut. A copy of the built warehouse takes a third less time this way."""
    with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
        conn.execute("alter system set fsync = off")
        conn.execute("select pg_reload_conf()")


def _keep(template: str, home: Path) -> Prepared:
    with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
        _copy_database(conn, db.WAREHOUSE, template)
    kept = home / f"landing_{template}"
    if settings().landing.exists():
        shutil.copytree(settings().landing, kept)
    return Prepared(template, kept)


def _recreate(state: Prepared, home: Path) -> None:
    with psycopg.connect(_maintenance_url(), autocommit=True) as conn:
        _copy_database(conn, state.template, db.WAREHOUSE)
    shutil.rmtree(settings().landing, ignore_errors=True)
    if state.landing.exists():
        shutil.copytree(state.landing, settings().landing)


def _copy_database(conn: psycopg.Connection[Any], original: str, copy: str) -> None:
    """Whoever is still connected to either is sent away: PostgreSQL copies only what nobody uses."""
    conn.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(copy)))
    conn.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (original,))
    conn.execute(sql.SQL("create database {} template {}").format(sql.Identifier(copy), sql.Identifier(original)))


def _maintenance_url() -> str:
    return db.url().rsplit("/", 1)[0] + "/postgres"
