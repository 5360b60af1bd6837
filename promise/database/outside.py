"""What a PostgreSQL that we did not make must be, and what it had better be: each said in a sentence with a remedy."""

from __future__ import annotations

import functools
import logging
from typing import Any

from psycopg import Connection

from promise.database.embedded import DatabaseUnavailable

log = logging.getLogger(__name__)

OLDEST = 15  # the oldest major version whose SQL is what we write, and that we are tried with
# As on the server that we make. All marts of a release take about 1,100 locks; the default of 64 has room for 6,400.
LOCKS = 256
CONNECTIONS = 100  # PostgreSQL's default, with which we are tried


def check(conn: Connection[Any]) -> None:
    """Look at a connection's server; what is merely short is logged as a warning, once in a process.

    Raises DatabaseUnavailable for one that is too old.
    """
    version = conn.info.server_version // 10_000
    where = f"{conn.info.host}:{conn.info.port}"
    if version < OLDEST:
        raise DatabaseUnavailable(
            f"the server at {where}, which PROMISE_DATABASE_URL names, is PostgreSQL {version}; {OLDEST} or later is "
            "needed. Upgrade it (pg_upgrade), name another, or unset PROMISE_DATABASE_URL to have one made for you"
        )
    locks, connections = (
        int(conn.execute(f"show {name}".encode()).fetchone()[0])  # type: ignore[index]
        for name in ("max_locks_per_transaction", "max_connections")
    )
    warn(where, locks, connections)


@functools.cache
def warn(where: str, locks: int, connections: int) -> None:
    """Say what a server is short of."""
    if locks < LOCKS:
        log.warning(
            "the server at %s has max_locks_per_transaction = %s: several sessions that read all marts at once can "
            "fill its table of locks. Set it to %s (alter system set max_locks_per_transaction = %s) and restart it",
            *(where, locks, LOCKS, LOCKS),
        )
    if connections < CONNECTIONS:
        log.warning(
            "the server at %s has max_connections = %s: Airflow, dbt and people together can run out of them. Set it "
            "to %s or more (alter system set max_connections = %s) and restart it",
            *(where, connections, CONNECTIONS, CONNECTIONS),
        )
