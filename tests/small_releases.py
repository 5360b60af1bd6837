"""Releases of two small tables that carry a number, for tests of how a release is shown."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from promise import database
from warehouse import candidate, releases, runs


def judged(number: int, columns: str = "", function: str = "", of_both: str = "", *, in_run: int | None = None) -> int:
    """Build a candidate and let it pass; returns its run, which may be one that is at work."""
    with database.connect() as conn:
        run_id = in_run or runs.open_run(conn)
        candidate.clear(conn)
        conn.execute(f"create table candidate.one as select {number} as made {columns} {of_both}".encode())
        conn.execute(f"create table candidate.two as select {number} as made {of_both}".encode())
        conn.execute("create unique index on candidate.two (made)")
        conn.execute("comment on column candidate.one.made is 'Which release made it.'")
        conn.execute("set local check_function_bodies = off")
        conn.execute(function.encode())
        conn.commit()
        candidate.seal(conn, run_id)
        candidate.pass_gate(conn, run_id)
    return run_id


def release(number: int, columns: str = "", function: str = "") -> int:
    """Make and show a release; returns its own number. The columns of `one`, and a function, can differ."""
    return releases.publish(judged(number, columns, function))


def query(statement: str, role: database.Role = "reader") -> list[tuple[Any, ...]]:
    with database.connect(role) as conn:
        return conn.execute(statement.encode()).fetchall()


@contextlib.contextmanager
def transaction(level: str = "read committed") -> Iterator[Connection[Any]]:
    """A reader's open transaction."""
    with database.connect("reader") as conn:
        conn.execute(f"set transaction isolation level {level}".encode())
        yield conn


def made_by_both(conn: Connection[Any]) -> tuple[Any, ...] | None:
    """Which release made each of the two tables, as that connection sees them."""
    return conn.execute("select (select made from marts.one), (select made from marts.two)").fetchone()
