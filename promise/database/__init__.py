"""The warehouse's PostgreSQL: embedded by default, or the server that PROMISE_DATABASE_URL names.

Each part of the work signs in as a role of its own, made by `promise.database.roles`; none of them is a superuser:

* `promise_loader` fills `raw` and writes the ledger;
* `promise_transformer` builds `staging`, `intermediate` and the candidate, and judges what arrived and what was built;
* `promise_releaser` writes what is shown, and the state of runs and releases;
* `promise_owner` may do what these three may, and is what a person's tools sign in as;
* `promise_reader` may select from `marts` and execute `methods`, nothing else: the site, the exports and Metabase;
* `promise_staff` may read `restricted` too: what is said of councils to people at work with them (docs/signals.md);
* `promise_airflow` has Airflow's own database, and nothing of the warehouse.

`promise_analyst` reads everything and makes schemas of its own: each person who writes dbt models signs in as a member
of it (`promise.database.analysts`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.abc import Buffer
from psycopg.types.datetime import TimestamptzLoader

from promise.database import outside, roles
from promise.database.embedded import DatabaseUnavailable, Server
from promise.database.patience import in_short_attempts
from promise.database.roles import (
    ANALYSTS,
    SCHEMAS,
    WAREHOUSE,
    Parts,
    Role,
    administrator,
    airflow_database,
    lock,
    parts,
    passwords,
    prepares,
    url_of,
)
from promise.settings import settings

__all__ = [
    "ANALYSTS",
    "SCHEMAS",
    "WAREHOUSE",
    "DatabaseUnavailable",
    "Parts",
    "Role",
    "administrator",
    "airflow_url",
    "connect",
    "ensure_running",
    "is_running",
    "lock",
    "parts",
    "passwords",
    "prepares",
    "script",
    "stop",
    "url",
    "url_of",
]

# Tables and functions, said again only when the text of these has changed: it takes locks on what is read.
DEFINITIONS = ("lock.sql", "ops.sql", "analysts.sql")
# Whose things are and who may do what with them, asked at every start: it takes locks only where that is not so.
RIGHTS = ("ownership.sql", "grants.sql")
PATIENCE = 60.0  # seconds that people who read `ops` may hold up its preparation


def is_running() -> bool:
    """Whether the warehouse's server answers now."""
    if not settings().database_url:
        return Server(settings().home).is_running()
    try:
        connect().close()
    except DatabaseUnavailable:
        return False
    return True


def ensure_running() -> list[str]:
    """Start the embedded server if there is no outside one, and prepare databases, roles, schemas and ops tables.

    Returns what an earlier revision's `ops` lacked and was given: tables and columns, by name. Raises
    DatabaseUnavailable when the server cannot be started, reached or prepared, or is too old. Idempotent; quick when
    all is in place.
    """
    current = settings()
    if not current.database_url:
        Server(current.home).ensure_running()
    try:
        with connect() as conn:
            if current.database_url:
                outside.check(conn)
            if roles.is_prepared(conn) and prepares(conn):
                return _prepare(conn)
    except (DatabaseUnavailable, psycopg.errors.InsufficientPrivilege):
        # There are no roles yet, or something of ours is a superuser's, who made it by hand.
        pass
    roles.prepare()
    with connect() as conn:
        return _prepare(conn)


def stop() -> bool:
    """Stop the embedded server. Returns False when there was nothing of ours to stop."""
    current = settings()
    return False if current.database_url else Server(current.home).stop()


def url(role: Role = "owner") -> str:
    """A libpq URL of the warehouse database."""
    return url_of(parts(role))


def airflow_url() -> str:
    """The SQLAlchemy URL of Airflow's metadata database: the same server, another database, unless one was named."""
    if given := settings().airflow_database_url:
        return given
    return url_of({**parts("airflow"), "dbname": airflow_database()}, "postgresql+psycopg2")


def connect(role: Role = "owner", autocommit: bool = False) -> psycopg.Connection[Any]:
    """A connection to the warehouse. Does not start the server; raises DatabaseUnavailable when it is down."""
    return roles.connect(parts(role), autocommit)


class _InUTC(TimestamptzLoader):
    """Moments come in UTC, as they are shown, whatever time zone a server from outside and its sessions keep."""

    def load(self, data: Buffer) -> datetime:
        return super().load(data).astimezone(UTC)


psycopg.adapters.register_loader("timestamptz", _InUTC)


def script() -> str:
    """What prepares `ops` and the rights in our schemas: SQL that may be run again at any time."""
    return _text(DEFINITIONS) + _text(RIGHTS)


def _prepare(conn: psycopg.Connection[Any]) -> list[str]:
    if not prepares(conn):
        return []
    conn.execute("set local role promise_owner")  # an administrator's login makes nothing that is its own
    roles.one_at_a_time(conn)
    before = _tables_and_columns(conn)
    _define(conn)
    conn.execute(_text(RIGHTS).encode())
    added = _tables_and_columns(conn) - before if "vintage" in before else set()
    return sorted(name for name in added if name.rpartition(".")[0] not in added)


def _define(conn: psycopg.Connection[Any]) -> None:
    text = _text(DEFINITIONS)
    done = f"Prepared by {hashlib.sha256(text.encode()).hexdigest()}"
    found = conn.execute(
        "select obj_description(to_regnamespace('ops'), 'pg_namespace'),"
        " (select count(*) from pg_namespace where nspname = any(%s))",
        ([*SCHEMAS],),
    ).fetchone()
    if found == (done, len(SCHEMAS)):
        return

    def define() -> None:
        conn.execute(text.encode())
        conn.execute(sql.SQL("comment on schema ops is {}").format(sql.Literal(done)))

    in_short_attempts(conn, define, limit=PATIENCE, schemas=SCHEMAS, what="the database was not prepared")


def _text(names: Iterable[str]) -> str:
    return "".join((Path(__file__).parent / name).read_text() for name in names)


def _tables_and_columns(conn: psycopg.Connection[Any]) -> set[str]:
    """Those of `ops`: `vintage`, `vintage.source_id` and so on."""
    columns = conn.execute("select table_name, column_name from information_schema.columns where table_schema = 'ops'")
    return {name for table, column in columns for name in (table, f"{table}.{column}")}
