"""Locks that conflict with whoever reads: asked for in short attempts, so that nobody waits behind us, and with an end.

A request for an exclusive lock holds up every reader that comes after it, and two requests can be a deadlock for which
PostgreSQL may end the reader. So each attempt is over before PostgreSQL looks for deadlocks, and between two there is
room for readers. When the patience is used up, whoever holds the lock is named.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg import Connection

from promise.errors import PromiseError

Result = TypeVar("Result")

SHORTEST, LONGEST = 0.1, 0.8  # seconds an attempt may take; PostgreSQL looks for deadlocks after 1 s
LATE = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)


class Blocked(PromiseError):
    """Somebody holds a lock for longer than we wait. The message names who."""


def in_short_attempts(
    conn: Connection[Any], deed: Callable[[], Result], *, limit: float, schemas: Sequence[str], what: str
) -> Result:
    """Do what needs locks, inside the caller's transaction if there is one, again and again until it succeeds.

    Raises Blocked after `limit` seconds: `what` was not done, because of who holds locks in these schemas.
    """
    give_up = time.monotonic() + limit
    patience = SHORTEST
    while True:
        try:
            with conn.transaction():
                bound = f"{patience * 1000:.0f}ms"
                conn.execute(
                    "select set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
                    (bound, bound),
                )
                result = deed()
                conn.execute("select set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true)")
            return result
        except LATE as error:
            if time.monotonic() > give_up:
                raise Blocked(
                    f"{what}: for {limit:g} s somebody was reading what has to be exchanged."
                    f" {who_holds_locks(conn, schemas)}"
                ) from error
        time.sleep(random.uniform(0.5, 1.5) * patience)
        patience = min(patience * 1.5, LONGEST)


@contextlib.contextmanager
def unhurried(conn: Connection[Any]) -> Iterator[None]:
    """Within an attempt, before it locks what readers want: what is found out takes as long as there are figures."""
    row = conn.execute("select current_setting('statement_timeout')").fetchone()
    conn.execute("select set_config('statement_timeout', '0', true)")
    yield
    conn.execute("select set_config('statement_timeout', %s, true)", row)


def who_holds_locks(conn: Connection[Any], schemas: Sequence[str]) -> str:
    """Who holds locks on relations of these schemas, in a sentence: process, role, application and since when."""
    found = conn.execute(
        "select distinct activity.pid, activity.usename, activity.application_name,"
        " date_trunc('second', clock_timestamp() - activity.xact_start)::text"
        " from pg_locks join pg_class on pg_class.oid = relation"
        " join pg_namespace on pg_namespace.oid = relnamespace"
        " join pg_stat_activity as activity using (pid)"
        " where granted and nspname = any(%s) and activity.pid <> pg_backend_pid() order by 1",
        ([*schemas],),
    ).fetchall()
    if not found:
        return "Whoever it was is done by now."
    each = [
        f"process {pid} of {role} ({application or 'no application name'}), {f'for {age}' if age else 'idle'}"
        for pid, role, application, age in found
    ]
    return f"At work there: {'; '.join(each)}. `select pg_terminate_backend(<process>)` ends one."


def oldest_snapshot_is_younger(conn: Connection[Any], transaction: str) -> bool:
    """Whether nobody who is connected can still see the database as it was before that transaction (an xid8).

    Raises nothing when other roles' activity is hidden from this one: then the answer is no.
    """
    row = conn.execute(
        # A hidden session has no state; one without a snapshot has a state and no backend_xmin. What a snapshot does
        # not see begins with its xmin.
        "select not exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        " and backend_type in ('client backend', 'parallel worker')"
        " and (state is null or age(backend_xmin) >= age(%s::xid8::xid)))",
        (transaction,),
    ).fetchone()
    return bool(row and row[0])
