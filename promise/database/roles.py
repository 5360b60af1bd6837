"""Our roles: their passwords, what each signs in as, and how a server and a database are made ready for them.

Whoever administers the server makes them: the superuser of the embedded one, else PROMISE_DATABASE_URL's own user.
After that nobody works as the administrator.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any, Literal, TypedDict, get_args
from urllib.parse import quote

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from promise.database import outside
from promise.database.embedded import SUPERUSER, DatabaseUnavailable, Server
from promise.settings import settings

Role = Literal["owner", "loader", "transformer", "releaser", "reader", "staff", "airflow"]
ROLES: tuple[Role, ...] = get_args(Role)
READERS: tuple[Role, ...] = ("reader", "staff")
ANALYSTS = "promise_analyst"
WAREHOUSE = "promise"
SCHEMAS = ("raw", "ops", "staging", "intermediate", "published", "marts", "methods", "restricted")
SCRIPTS = {name: Path(__file__).parent / name for name in ("lock.sql", "roles.sql", "ownership.sql")}


class Parts(TypedDict):
    """Where a role connects, in pieces, for tools that do not take a URL."""

    host: str
    port: int
    dbname: str
    user: str
    password: str


def parts(role: Role = "owner") -> Parts:
    """Host, port, database, user and password of a role.

    On a server from outside whose roles were made from another PROMISE_HOME, this one knows no passwords but its URL's:
    it works as that user. Raises DatabaseUnavailable for a database that is not prepared, and for the reader there,
    whose password goes to others.
    """
    here, password = administrator(), _known_password(role)
    if password is not None:
        return {**here, "user": f"promise_{role}", "password": password}
    if not settings().database_url:
        raise DatabaseUnavailable(
            "the database is there, and is not prepared for this version yet: `promise db url` or `make run` does it"
        )
    if role in READERS:
        raise DatabaseUnavailable(
            f"this PROMISE_HOME does not know the password of promise_{role} on {here['host']}: set"
            f" {_setting(role)}, or copy {_password_file(role).name} from the PROMISE_HOME that made the role"
        )
    return here


def administrator() -> Parts:
    """Who makes roles and databases on this server, and where."""
    current = settings()
    if not current.database_url:
        server = Server(current.home)
        return Parts(host="127.0.0.1", port=server.port, dbname=WAREHOUSE, user=SUPERUSER, password=server.password)
    known: dict[str, Any] = conninfo_to_dict(current.database_url)
    return Parts(
        host=str(known.get("host") or "localhost"),
        port=int(known.get("port") or 5432),
        dbname=str(known.get("dbname") or known.get("user") or "postgres"),
        user=str(known.get("user") or ""),
        password=str(known.get("password") or ""),
    )


def passwords() -> dict[str, str]:
    """The settings by which another PROMISE_HOME signs in to this server with the same roles."""
    return {_setting(role): password for role in ROLES if (password := _known_password(role)) is not None}


def airflow_database() -> str:
    """The name of Airflow's own database, beside the warehouse."""
    return f"{administrator()['dbname']}_airflow" if settings().database_url else "airflow"


def url_of(here: Parts, scheme: str = "postgresql") -> str:
    """The pieces as a URL."""
    who = f"{quote(here['user'], safe='')}:{quote(here['password'], safe='')}"
    return f"{scheme}://{who}@{here['host']}:{here['port']}/{quote(here['dbname'], safe='')}"


def connect(here: Parts, autocommit: bool = False) -> Connection[Any]:
    """A connection. Raises DatabaseUnavailable, with what to do, when there is none to be had."""
    try:
        return psycopg.connect(url_of(here), autocommit=autocommit, connect_timeout=10, application_name="promise")
    except psycopg.OperationalError as error:
        if not settings().database_url:
            trouble, remedy = "database does not answer", "Start it with `promise db url` or `make up`"
        elif error.pgconn and (error.pgconn.used_password or error.pgconn.needs_password):
            # To a role that is not there PostgreSQL says what it says to a wrong password.
            trouble = f"server that PROMISE_DATABASE_URL names does not let {here['user']} in"
            remedy = (
                "Correct the password or, where the role is new with this version, start once (`promise db url`) with"
                " the URL of an administrator as PROMISE_DATABASE_URL, which makes it with the password kept here"
            )
        else:
            trouble = "server that PROMISE_DATABASE_URL names does not answer"
            remedy = "Start it, or correct the address"
        raise DatabaseUnavailable(f"the {trouble}: {str(error).strip()}\n{remedy}") from error


def kept_password(kept: Path) -> str:
    """A password of a role that we make: generated once and kept in that file, which only its owner may read."""
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        descriptor, half = tempfile.mkstemp(prefix=f".{kept.name}-", dir=kept.parent)  # which is private, too
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(half, kept)
        Path(half).unlink()
    return kept.read_text().strip()


def set_password(conn: Connection[Any], user: str, password: str) -> None:
    """Give a role this password. The server sees only what it verifies it by, so that none gets into its log."""
    verifier = conn.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256").decode()
    conn.execute(sql.SQL("alter role {} login password {}").format(sql.Identifier(user), sql.Literal(verifier)))


def lock(conn: Connection[Any], name: str) -> None:
    """Wait until nobody else holds that name, and hold it until the transaction ends."""
    conn.execute("insert into ops.lock values (%s) on conflict (name) do update set name = excluded.name", (name,))


def one_at_a_time(conn: Connection[Any]) -> None:
    """Wait until no other process prepares this database, and keep others from it until the transaction ends."""
    if conn.execute("select to_regclass('ops.lock')").fetchone() == (None,):
        with contextlib.suppress(psycopg.errors.UniqueViolation), conn.transaction():  # another process was first
            conn.execute(SCRIPTS["lock.sql"].read_bytes())
    lock(conn, "prepare")


def prepares(conn: Connection[Any]) -> bool:
    """Whether this connection's role prepares the database: the owner, or whoever comes to it first.

    Anybody else finds it prepared, such as an analyst with a login of their own on a server from outside.
    """
    row = conn.execute(
        "select pg_has_role(current_user, nspowner, 'member') from pg_namespace where nspname = 'ops'"
    ).fetchone()
    return row is None or bool(row[0])


def is_prepared(conn: Connection[Any]) -> bool:
    """Whether `prepare` has nothing to do in this connection's database."""
    found = conn.execute("select obj_description(to_regclass('ops.lock'), 'pg_class')").fetchone()
    return found == (_mark(conn),)


def prepare() -> None:
    """As the administrator: make the databases and the roles, say what they may, and give them what an earlier revision
    left to the superuser. Raises DatabaseUnavailable, with what to do, where this user may not.
    """
    here, embedded = administrator(), not settings().database_url
    if embedded:
        with connect({**here, "dbname": "postgres"}, autocommit=True) as server:
            _ensure_database(server, WAREHOUSE)
    with connect(here) as conn:
        if not embedded:
            outside.check(conn)
        if not prepares(conn):
            return
        _require_rights(conn)
        one_at_a_time(conn)
        for role in ROLES:
            _ensure_role(conn, role, generate=embedded)
        if not _exists(conn, ANALYSTS):
            conn.execute(sql.SQL("create role {}").format(sql.Identifier(ANALYSTS)))
        for name in ("roles.sql", "ownership.sql"):
            conn.execute(SCRIPTS[name].read_bytes())
    with connect(here) as conn:
        one_at_a_time(conn)
        if not settings().airflow_database_url:
            with connect(here, autocommit=True) as server:
                _ensure_database(server, airflow_database(), owner="promise_airflow")
            with connect({**here, "dbname": airflow_database()}) as its_own:
                its_own.execute(
                    sql.SQL("revoke all on database {} from public").format(sql.Identifier(airflow_database()))
                )
                its_own.execute(SCRIPTS["ownership.sql"].read_bytes())
        conn.execute(sql.SQL("comment on table ops.lock is {}").format(sql.Literal(_mark(conn))))


def _mark(conn: Connection[Any]) -> str:
    """Which text prepared which database: one that is copied, or restored from another, lacks the rights in it."""
    version = hashlib.sha256(b"".join(path.read_bytes() for path in SCRIPTS.values())).hexdigest()
    row = conn.execute("select oid from pg_database where datname = current_database()").fetchone()
    return f"Roles are prepared by {version[:16]} in database {row and row[0]}"


def _setting(role: Role) -> str:
    return f"PROMISE_{role.upper()}_PASSWORD"


def _password_file(role: Role) -> Path:
    """Beside the embedded server, whose roles they are. Those of who reads go to others, who keep them for longer."""
    home = settings().home
    return (home if settings().database_url or role in READERS else Server(home).folder) / f"{role}_password"


def _known_password(role: Role) -> str | None:
    kept = _password_file(role)
    return os.environ.get(_setting(role)) or (kept.read_text().strip() if kept.exists() else None)


def _ensure_role(conn: Connection[Any], role: Role, *, generate: bool) -> None:
    """The role, with the password that is known here. One that another PROMISE_HOME made keeps the password it has."""
    user = f"promise_{role}"
    is_new = not _exists(conn, user)
    if is_new:
        conn.execute(sql.SQL("create role {}").format(sql.Identifier(user)))
    if not _is_superuser(conn):
        # PostgreSQL lets nobody else make what belongs to a role than a member of it.
        conn.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(user)))
    password = _known_password(role) or (kept_password(_password_file(role)) if is_new or generate else None)
    if password is not None:
        set_password(conn, user, password)


def _exists(conn: Connection[Any], user: str) -> bool:
    return conn.execute("select to_regrole(%s)", (user,)).fetchone() != (None,)


def _is_superuser(conn: Connection[Any]) -> bool:
    return conn.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (True,)


def _require_rights(conn: Connection[Any]) -> None:
    lacking = conn.execute(
        "select format(remedy, rolname, current_database()) from pg_roles cross join lateral (values"
        "  (rolcreaterole, 'alter role %1$I createrole'),"
        "  (has_database_privilege(current_database(), 'create with grant option'),"
        "   'alter database %2$I owner to %1$I')"
        " ) as needed (is_there, remedy) where rolname = current_user and not rolsuper and not is_there"
    ).fetchall()
    if lacking:
        raise DatabaseUnavailable(
            f"{conn.info.user}, who signs in by PROMISE_DATABASE_URL, may not prepare this database; an administrator"
            f" of the server says: {'; '.join(words for (words,) in lacking)}"
        )


def _ensure_database(server: Connection[Any], name: str, owner: str | None = None) -> None:
    known = server.execute("select datdba::regrole::text from pg_database where datname = %s", (name,)).fetchone()
    database = sql.Identifier(name)
    try:
        if known is None:
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                server.execute(sql.SQL("create database {} template template0 encoding 'UTF8'").format(database))
        if owner is not None and known != (owner,):
            server.execute(sql.SQL("alter database {} owner to {}").format(database, sql.Identifier(owner)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseUnavailable(
            f"the server's database {name!r} is not there, or not {owner}'s, and this user may not see to it ({error});"
            " create it, or set PROMISE_AIRFLOW_DATABASE_URL"
        ) from error
