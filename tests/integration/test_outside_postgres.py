"""A PostgreSQL that we did not make: Debian's does all that ours does; one that is too old or too small is named."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import ingest_everything
from days import day_of, hold

from expectations import arrival, publication
from promise import database as db
from promise.database import embedded, outside
from warehouse import releases, runs, transform

SEALED = "select mart, row_count, content_hash from ops.sealed_mart where run_id = %s and mart <> 'release_info'"

SAY_WHEN = {
    "dim_dataset",
    "dim_source",
    "fct_publication_calendar",
    "provenance",
}  # a file was taken or looked for: no two are the same


def debians() -> Path | None:
    """The programs of the newest PostgreSQL of this machine that we support."""
    found = {
        int(path.parent.parent.name): path.parent for path in Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb")
    }
    return max(((version, path) for version, path in found.items() if version >= outside.OLDEST), default=(0, None))[1]


@contextlib.contextmanager
def cluster(programs: Path, folder: Path) -> Iterator[str]:
    """A cluster with the server's own settings, but for where it listens; gives its URL without a database."""
    data, log, password = folder / "data", folder / "log", folder / "password"
    data.mkdir(parents=True)
    log.touch()
    password.write_text("secret")
    if (server := embedded._server_uid()) is not None:
        for path in (folder, data, log, password):
            shutil.chown(path, server, server)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        command = [*embedded._as_server_user(folder), str(programs / program), f"--pgdata={data}", *arguments]
        # pg_ctl's child keeps our output open for ever, so it gets none of it.
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run("initdb", "--username=owner", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync")
    settings = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run("pg_ctl", "start", "--wait", f"--log={log}", f"--options={settings}")
    try:
        yield f"postgresql://owner:secret@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "stop", "--wait", "--mode=fast")


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty database of Debian's PostgreSQL, which is the one in force."""
    programs = debians()
    if programs is None:
        assert "PROMISE_REQUIRE_POSTGRESQL" not in os.environ, "Debian's PostgreSQL is to be installed here"
        pytest.skip(f"needs Debian's PostgreSQL, {outside.OLDEST} or later: apt-get install postgresql")
    with cluster(programs, tmp_path / "cluster") as server:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as conn:
            conn.execute("create database warehouse")
        monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("PROMISE_DATABASE_URL", f"{server}/warehouse")
        yield f"{server}/warehouse"


def built(day: datetime) -> int:
    """The whole way from the bundle to a release that is of that day; returns the run."""
    db.ensure_running()
    with db.connect() as conn:
        hold(conn, day)
    ingest_everything()
    with db.connect() as conn:
        run_id = runs.open_run(conn)
    assert not arrival.judge(run_id)["rejected"]
    for stage in transform.SELECT:
        transform.build(run_id, stage)
    publication.judge(run_id)
    releases.publish(run_id)
    return run_id


def test_debians_postgresql_makes_the_same_marts_as_ours(warehouse: Any, debian: str, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(warehouse.home))
        patch.delenv("PROMISE_DATABASE_URL")
        with db.connect() as conn:
            ours = conn.execute(SEALED, (warehouse.run_id,)).fetchall()
            day = day_of(conn, warehouse.run_id)
    run_id = built(day)
    with db.connect() as conn:
        here = conn.execute(SEALED, (run_id,)).fetchall()
        assert day_of(conn, run_id) == day
        assert not runs.plan(conn).needed
    assert len(ours) > 50
    assert {mart for mart, *_ in set(here) ^ set(ours)} == SAY_WHEN
    assert {mart: rows for mart, rows, _ in here} == {mart: rows for mart, rows, _ in ours}
    with db.connect("reader") as reader:
        assert reader.execute("select count(*) > 1000 from marts.fct_observation").fetchone() == (True,)
        assert reader.execute("select count(*) > 1000 from methods.observation_as_of('2026-01-01')").fetchone() == (
            True,
        )


def test_an_older_server_is_refused_in_a_sentence(
    database: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "OLDEST", 99)
    monkeypatch.setenv("PROMISE_DATABASE_URL", db.url())
    with pytest.raises(db.DatabaseUnavailable, match=r"is PostgreSQL \d+; 99 or later is needed.* unset") as refused:
        db.ensure_running()
    assert "\n" not in str(refused.value) and "password" not in str(refused.value)


def test_what_a_server_is_short_of_is_said_once_with_the_remedy(
    database: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outside, "LOCKS", 1000)
    monkeypatch.setattr(outside, "CONNECTIONS", 1000)
    monkeypatch.setenv("PROMISE_DATABASE_URL", db.url())
    outside.warn.cache_clear()
    with caplog.at_level(logging.WARNING, logger=outside.__name__):
        db.ensure_running()
        db.ensure_running()
    locks, connections = (record.getMessage() for record in caplog.records)
    assert re.search(r"has max_locks_per_transaction = \d+: .* set max_locks_per_transaction = 1000\)", locks)
    assert re.search(r"has max_connections = \d+: .* set max_connections = 1000\)", connections)
