"""A database that goes away or fills up while a command is at work is told in a sentence."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import psycopg
import pytest


def begin(*arguments: str) -> subprocess.Popen[str]:
    command = (sys.executable, "-m", "workbench.cli", *arguments)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def said(command: subprocess.Popen[str]) -> str:
    out, err = command.communicate(timeout=60)
    assert command.returncode == 1 and "Traceback" not in out + err, out + err
    return " ".join(err.split())


@pytest.mark.parametrize("arguments", [("status",), ("plan",), ("verify",)], ids=" ".join)
def test_a_server_that_is_stopped_while_a_command_waits_for_it(
    database: psycopg.Connection[Any], arguments: tuple[str, ...]
) -> None:
    with database.transaction():
        database.execute("lock table ops.vintage in access exclusive mode")
        command = begin(*arguments)
        waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'promise'"
        deadline = time.monotonic() + 60
        while not (pids := database.execute(waiting).fetchall()):
            assert command.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
            database.execute("select pg_stat_clear_snapshot()")
        for (pid,) in pids:
            database.execute("select pg_terminate_backend(%s)", (pid,))
    assert "the database said: terminating connection due to administrator command" in (text := said(command))
    assert "Start it (`promise db url`) and run again" in text


def test_a_full_disk_of_the_database(database: psycopg.Connection[Any]) -> None:
    database.execute(
        """
        create function ops.full() returns bigint language plpgsql as $$ begin
            raise 'could not extend file "base/1/2": No space left on device' using errcode = 'disk_full';
        end $$
        """
    )
    database.execute("alter table ops.ingest_attempt rename to kept")
    database.execute("create view ops.ingest_attempt as select * from ops.kept offset ops.full()")
    text = said(begin("status"))
    assert 'could not extend file "base/1/2": No space left on device' in text
    assert "Its disk is full. Free some space where it keeps its data and run again" in text


def test_a_database_that_was_never_prepared(database: psycopg.Connection[Any]) -> None:
    database.execute("alter table ops.ingest_attempt rename to kept")
    assert "not as this revision of the project has it. `promise db url` prepares it" in said(begin("status"))
