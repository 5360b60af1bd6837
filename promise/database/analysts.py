"""Who writes dbt models here: one person's login, and the schemas that are theirs.

On the embedded server, and with the administrator's URL of another, the login is made on the spot. On a server from
outside it can also be a person's own, given to the group `promise_analyst` by an administrator.
"""

from __future__ import annotations

import getpass
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from promise import database
from promise.database.roles import connect, kept_password, one_at_a_time, set_password
from promise.errors import PromiseError
from promise.settings import settings

# A session that was left open in a transaction would hold up the scheduler, which makes the same tables anew.
IDLE_IN_TRANSACTION = "5min"
CONNECTIONS = 20  # dbt has four threads, and people have several windows


class AnalystError(PromiseError):
    """A person cannot be given schemas of their own. The message says which name and what to do."""


@dataclass(frozen=True)
class Analyst:
    """One person: the part of their name that their schemas carry, and where they connect."""

    user: str
    here: database.Parts

    @property
    def schema(self) -> str:
        """What their schemas begin with; dbt adds the layer."""
        return f"dev_{self.user}"

    def connect(self, autocommit: bool = False) -> Connection[Any]:
        """A connection with this person's rights."""
        return psycopg.connect(database.url_of(self.here), autocommit=autocommit, application_name="promise")


def ensure() -> Analyst:
    """Whoever works here, with a login that works; starts the embedded database if it is down."""
    database.ensure_running()
    with database.connect() as conn:
        if not database.prepares(conn):
            return _with_own_login(conn)
        name = name_of_person()
        analyst = _with_login_made_here(plain(name))
        known = conn.execute(
            "select shobj_description(oid, 'pg_authid') from pg_roles where rolname = %s", (analyst.here["user"],)
        ).fetchone()
    if known and known[0] and known[0].lower() != name.lower():
        raise AnalystError(
            f"the schemas {analyst.schema}_… are another's, {known[0]}: set PROMISE_USER to a name that is not taken"
        )
    if known is None or not _signs_in(analyst):
        _ensure_login(analyst, name)
    return analyst


def schemas(conn: Connection[Any]) -> list[tuple[str, int, str]]:
    """The schemas of whoever this connection is of, with how many tables and views are in each, and their size."""
    return conn.execute(
        "select nspname, count(pg_class.oid), pg_size_pretty(coalesce(sum(pg_total_relation_size(pg_class.oid)), 0))"
        " from pg_namespace left join pg_class on relnamespace = pg_namespace.oid and relkind in ('r', 'v')"
        " where starts_with(nspname, ops.dev_prefix()) and has_schema_privilege(pg_namespace.oid, 'create')"
        " group by nspname order by nspname"
    ).fetchall()


def drop(conn: Connection[Any]) -> list[str]:
    """Drop the schemas of whoever this connection is of; returns their names."""
    return [name for (name,) in conn.execute("select * from ops.drop_dev_schemas()").fetchall()]


def remove(analyst: Analyst) -> None:
    """As the administrator: a person whose login was made here is gone, with their schemas."""
    with analyst.connect(autocommit=True) as conn:
        drop(conn)
    with connect(database.administrator()) as conn:
        conn.execute(sql.SQL("drop role {}").format(sql.Identifier(analyst.here["user"])))
    _password_file(analyst.user).unlink(missing_ok=True)


def name_of_person() -> str:
    try:
        return os.environ.get("PROMISE_USER") or getpass.getuser()
    except (KeyError, OSError) as error:
        raise AnalystError("nobody says who you are, so you have no schemas: set PROMISE_USER to your name") from error


def plain(name: str) -> str:
    """Letters and digits of the name, in small letters: without an underscore no name begins with another's."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if not plain or len(plain) > 30:
        raise AnalystError(
            f"{name!r} makes no name for your schemas (1 to 30 letters a to z and digits are left of it):"
            " set PROMISE_USER to another"
        )
    return plain


def _with_own_login(conn: Connection[Any]) -> Analyst:
    here = database.parts()
    if not conn.execute(
        "select 1 from pg_roles where rolname = %s and pg_has_role(oid, 'member')", (database.ANALYSTS,)
    ).fetchone():
        raise AnalystError(
            f"{here['user']}, who signs in by PROMISE_DATABASE_URL, is no analyst here; an administrator says"
            f' `grant {database.ANALYSTS} to "{here["user"]}"`'
        )
    # As ops.dev_prefix() has it.
    user, asked = plain(here["user"].lower().removeprefix(f"{database.ANALYSTS}_")), os.environ.get("PROMISE_USER")
    if asked and plain(asked) != user:
        raise AnalystError(
            f"you sign in as {here['user']}, so dev_{plain(asked)}_… are another's schemas and yours are dev_{user}_…;"
            " unset PROMISE_USER"
        )
    return Analyst(user, here)


def _with_login_made_here(user: str) -> Analyst:
    password = kept_password(_password_file(user))
    return Analyst(user, {**database.parts(), "user": f"{database.ANALYSTS}_{user}", "password": password})


def _password_file(user: str) -> Path:
    return settings().home / f"analyst_{user}_password"


def _signs_in(analyst: Analyst) -> bool:
    try:
        analyst.connect().close()
    except psycopg.OperationalError:
        return False
    return True


def _ensure_login(analyst: Analyst, name: str) -> None:
    """As the administrator: make the login, or give one of another PROMISE_HOME the password that is kept in this."""
    user = analyst.here["user"]
    role = sql.Identifier(user)
    with connect(database.administrator()) as conn:
        one_at_a_time(conn)
        if conn.execute("select to_regrole(%s)", (user,)).fetchone() == (None,):
            conn.execute(sql.SQL("create role {} in role {}").format(role, sql.Identifier(database.ANALYSTS)))
            conn.execute(sql.SQL("grant {} to promise_owner").format(role))  # who sees what analysts made
            conn.execute(sql.SQL("comment on role {} is {}").format(role, sql.Literal(name)))
        conn.execute(sql.SQL("alter role {} connection limit {}").format(role, sql.Literal(CONNECTIONS)))
        conn.execute(
            sql.SQL("alter role {} set idle_in_transaction_session_timeout = {}").format(
                role, sql.Literal(IDLE_IN_TRANSACTION)
            )
        )
        set_password(conn, user, analyst.here["password"])
