"""The warehouse's PostgreSQL: embedded by default, or the server that PROMISE_DATABASE_URL names.

Three roles. The owner builds everything. `promise_reader` may select from `marts` and execute `methods`, nothing else;
it is what the site, the exports and Metabase use. `promise_analyst` reads everything and makes schemas of its own: each
person who writes dbt models signs in as a member of it (`promise.database.analysts`).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypedDict
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.abc import Buffer
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.datetime import TimestamptzLoader

from promise.database.embedded import SUPERUSER, DatabaseUnavailable, Server
from promise.database.patience import in_short_attempts
from promise.settings import settings

__all__ = [
    "ANALYSTS",
    "DatabaseUnavailable",
    "Role",
    "airflow_url",
    "connect",
    "ensure_running",
    "is_running",
    "kept_password",
    "parts",
    "prepares",
    "stop",
    "url",
    "url_of",
]

Role = Literal["owner", "reader"]
READER = "promise_reader"
ANALYSTS = "promise_analyst"
WAREHOUSE = "promise"
SCHEMAS = ("raw", "ops", "staging", "intermediate", "published", "marts", "methods")
SCRIPTS = ("ops.sql", "analysts.sql")
PATIENCE = 60.0  # seconds that people who read `ops` may hold up its preparation
PREPARE_LOCK = 20_300_101  # any constant: two processes must not prepare one server at once


class Parts(TypedDict):
    """Where a role connects, in pieces, for tools that do not take a URL."""

    host: str
    port: int
    dbname: str
    user: str
    password: str


def is_running() -> bool:
    """Whether the warehouse's server answers now."""
    current = settings()
    if current.database_url:
        try:
            psycopg.connect(current.database_url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True
    return Server(current.home).is_running()


def ensure_running() -> list[str]:
    """Start the embedded server if there is no outside one, and prepare databases, roles, schemas and ops tables.

    Returns what an earlier revision's `ops` lacked and was given: tables and columns, by name. Raises
    DatabaseUnavailable when the server cannot be started or reached. Idempotent; quick when all is in place.
    """
    current = settings()
    if not current.database_url:
        Server(current.home).ensure_running()
    return _prepare()


def stop() -> bool:
    """Stop the embedded server. Returns False when there was nothing of ours to stop."""
    current = settings()
    return False if current.database_url else Server(current.home).stop()


def parts(role: Role = "owner") -> Parts:
    """Host, port, database, user and password of a role."""
    current = settings()
    if current.database_url:
        known: dict[str, Any] = conninfo_to_dict(current.database_url)
        given = Parts(
            host=str(known.get("host") or "localhost"),
            port=int(known.get("port") or 5432),
            dbname=str(known.get("dbname") or known.get("user") or "postgres"),
            user=str(known.get("user") or ""),
            password=str(known.get("password") or ""),
        )
    else:
        server = Server(current.home)
        given = Parts(host="127.0.0.1", port=server.port, dbname=WAREHOUSE, user=SUPERUSER, password=server.password)
    if role == "reader":
        password = os.environ.get("PROMISE_READER_PASSWORD") or kept_password("reader_password")
        given = given | Parts(user=READER, password=password)  # type: ignore[typeddict-item]
    return given


def url(role: Role = "owner") -> str:
    """A libpq URL of the warehouse database."""
    return url_of(parts(role))


def url_of(here: Parts, scheme: str = "postgresql") -> str:
    """The pieces as a URL."""
    who = f"{quote(here['user'], safe='')}:{quote(here['password'], safe='')}"
    return f"{scheme}://{who}@{here['host']}:{here['port']}/{quote(here['dbname'], safe='')}"


def airflow_url() -> str:
    """The SQLAlchemy URL of Airflow's metadata database: the same server, another database, unless one was named."""
    given = settings().airflow_database_url
    if given:
        return given
    here = parts()
    return url_of(here | Parts(dbname=_airflow_database(here)), "postgresql+psycopg2")  # type: ignore[typeddict-item]


def connect(role: Role = "owner", autocommit: bool = False) -> psycopg.Connection[Any]:
    """A connection to the warehouse. Does not start the server; raises DatabaseUnavailable when it is down."""
    try:
        return psycopg.connect(url(role), autocommit=autocommit, connect_timeout=10, application_name="promise")
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"the database does not answer: {str(error).strip()}\nStart it with `promise db url` or `make up`, "
            "or check PROMISE_DATABASE_URL."
        ) from error


class _InUTC(TimestamptzLoader):
    """Moments come in UTC, as they are shown, whatever time zone a server from outside and its sessions keep."""

    def load(self, data: Buffer) -> datetime:
        return super().load(data).astimezone(UTC)


psycopg.adapters.register_loader("timestamptz", _InUTC)


def _airflow_database(here: Parts) -> str:
    return "airflow" if not settings().database_url else f"{here['dbname']}_airflow"


def kept_password(name: str) -> str:
    """A password of a role that we make: generated once and kept in that file, beside the rest of the state."""
    kept = settings().home / name
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(24))
    return kept.read_text().strip()


def prepares(conn: psycopg.Connection[Any]) -> bool:
    """Whether this connection's role prepares the database: the owner, or whoever comes to it first.

    Anybody else finds it prepared, such as an analyst with a login of their own on a server from outside.
    """
    row = conn.execute(
        "select pg_has_role(current_user, nspowner, 'member') from pg_namespace where nspname = 'ops'"
    ).fetchone()
    return row is None or bool(row[0])


def _prepare() -> list[str]:
    here = parts()
    if not settings().database_url:
        with psycopg.connect(url_of(here | Parts(dbname="postgres")), autocommit=True) as server:  # type: ignore[typeddict-item]
            _ensure_database(server, WAREHOUSE)
            _ensure_database(server, _airflow_database(here))
    with connect() as conn:
        if not prepares(conn):
            return []
        if not settings().airflow_database_url and settings().database_url:
            with connect(autocommit=True) as server:
                _ensure_database(server, _airflow_database(here))
        conn.execute("select pg_advisory_xact_lock(%s)", (PREPARE_LOCK,))
        before = _tables_and_columns(conn)
        _run_scripts(conn)
        _ensure_reader(conn)
        added = _tables_and_columns(conn) - before if before else set()
    return sorted(name for name in added if name.rpartition(".")[0] not in added)


def _run_scripts(conn: psycopg.Connection[Any]) -> None:
    """Say what `ops` and analysts are to have, unless this database has been told: it takes locks on what is read."""
    script = "".join((Path(__file__).parent / name).read_text() for name in SCRIPTS)
    done = f"Prepared by {hashlib.sha256(script.encode()).hexdigest()}"
    if conn.execute("select obj_description(to_regnamespace('ops'), 'pg_namespace')").fetchone() == (done,):
        return

    def prepare() -> None:
        conn.execute(script.encode())
        conn.execute(sql.SQL("comment on schema ops is {}").format(sql.Literal(done)))

    in_short_attempts(conn, prepare, limit=PATIENCE, schemas=SCHEMAS, what="the database was not prepared")


def _tables_and_columns(conn: psycopg.Connection[Any]) -> set[str]:
    """Those of `ops`: `vintage`, `vintage.source_id` and so on."""
    columns = conn.execute("select table_name, column_name from information_schema.columns where table_schema = 'ops'")
    return {name for table, column in columns for name in (table, f"{table}.{column}")}


def _ensure_database(server: psycopg.Connection[Any], name: str) -> None:
    if not server.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
        try:
            server.execute(
                sql.SQL("create database {} template template0 encoding 'UTF8'").format(sql.Identifier(name))
            )
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return  # another process was first
        except psycopg.errors.InsufficientPrivilege as error:
            raise DatabaseUnavailable(
                f"the server has no database {name!r} and this role may not create it; "
                "create it, or set PROMISE_AIRFLOW_DATABASE_URL"
            ) from error


def _ensure_reader(conn: psycopg.Connection[Any]) -> None:
    exists = conn.execute("select 1 from pg_roles where rolname = %s", (READER,)).fetchone()
    verb = "alter" if exists else "create"
    conn.execute(
        sql.SQL(verb + " role {} login password {}").format(
            sql.Identifier(READER), sql.Literal(parts("reader")["password"])
        )
    )
    reader = sql.Identifier(READER)
    # Everyone may use `public` and the catalogues by default; of ours the reader gets exactly two schemas.
    conn.execute(sql.SQL("revoke create on schema public from public"))
    conn.execute(sql.SQL("grant usage on schema marts, methods to {}").format(reader))
    conn.execute(sql.SQL("grant select on all tables in schema marts to {}").format(reader))
    conn.execute(sql.SQL("grant execute on all functions in schema methods to {}").format(reader))
    conn.execute(sql.SQL("alter default privileges in schema marts grant select on tables to {}").format(reader))
    conn.execute(sql.SQL("alter default privileges in schema methods grant execute on functions to {}").format(reader))
