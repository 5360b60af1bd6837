"""Releases: a candidate is built where nobody reads, checked there, and shown by repointing the views of `marts`.

dbt always builds into the schema `candidate`, so its compiled project never changes between runs. A candidate that
passed becomes `release_<n>` (a rename that no reader can notice) and then current, in one short transaction that
repoints the views. Each statement of a reader sees one release whole; readers that need several statements hold a
shared lock that the swap waits for.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.rows import class_row

from promise import database
from promise.errors import PromiseError
from warehouse import methods

CANDIDATE = "candidate"
READ_LOCK = 20_300_102  # shared by readers of several statements, exclusive for the swap
SWAP_TIMEOUT = 30.0  # seconds
KEPT = 3  # releases whose tables stay, the current one among them


class ReleaseError(PromiseError):
    """A release could not be made, shown or gone back to."""


@dataclass(frozen=True)
class Release:
    """One release and where it stands."""

    release_id: int
    run_id: int
    schema_name: str
    state: str
    created_at: datetime
    released_at: datetime | None
    reason: str | None


def listing(conn: Connection[Any]) -> list[Release]:
    """Every release ever made, newest first."""
    with conn.cursor(row_factory=class_row(Release)) as cursor:
        cursor.execute("select * from ops.release order by release_id desc")
        return cursor.fetchall()


def current(conn: Connection[Any]) -> Release | None:
    """The release that readers see, or None before the first."""
    return next((release for release in listing(conn) if release.state == "current"), None)


def clear_candidate(conn: Connection[Any]) -> None:
    """An empty schema for dbt to build into. What an earlier, refused run left there goes."""
    conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(CANDIDATE)))
    conn.execute(sql.SQL("create schema {}").format(sql.Identifier(CANDIDATE)))
    # Analysts may read it, then and when it is a release.
    analysts = sql.Identifier(database.ANALYSTS)
    conn.execute(sql.SQL("grant usage on schema {} to {}").format(sql.Identifier(CANDIDATE), analysts))
    conn.execute(
        sql.SQL("alter default privileges in schema {} grant select on tables to {}").format(
            sql.Identifier(CANDIDATE), analysts
        )
    )
    conn.commit()


def publish(run_id: int) -> int:
    """Make the candidate of a run the current release; returns its number.

    Raises ReleaseError when there is no candidate, or when readers hold the old release for longer than the limit.
    """
    with database.connect() as conn:
        release_id = _number(conn, run_id)
        _show(conn, release_id)
        conn.execute(
            "update ops.warehouse_run set state = 'released', release_id = %s, ended_at = clock_timestamp()"
            " where run_id = %s",
            (release_id, run_id),
        )
        conn.commit()
        drop_old(conn)
    return release_id


def rollback(reason: str) -> Release:
    """Show the release before the current one again. Raises ReleaseError when none is kept."""
    with database.connect() as conn:
        now = current(conn)
        earlier = [release for release in listing(conn) if release.state == "superseded"]
        if now is None or not earlier:
            raise ReleaseError("there is no earlier release to go back to; `promise release list` shows what is kept")
        target = earlier[0]
        _show(conn, target.release_id)
        conn.execute(
            "update ops.release set state = 'refused', reason = %s where release_id = %s", (reason, now.release_id)
        )
        conn.commit()
        return target


@contextlib.contextmanager
def reading() -> Iterator[Connection[Any]]:
    """A reader's connection to which every statement shows the same release. Raises ReleaseError before the first."""
    with database.connect("reader", autocommit=True) as conn:
        conn.execute("select pg_advisory_lock_shared(%s)", (READ_LOCK,))
        found = conn.execute(
            "select 1 from pg_views where schemaname = 'marts' and viewname = 'release_info'"
        ).fetchone()
        if found is None:
            raise ReleaseError("nothing has been released yet: run `make run`")
        yield conn


def reader_address() -> database.Parts:
    """Where somebody who may read releases, and nothing else, connects."""
    return database.parts("reader")


def drop_old(conn: Connection[Any]) -> list[str]:
    """Drop the tables of releases beyond those kept. One that somebody is reading stays until the next time."""
    kept = [release for release in listing(conn) if release.state in ("current", "superseded", "refused")]
    dropped = []
    for release in kept[KEPT:]:
        if release.state == "current":
            continue
        try:
            conn.execute("set local lock_timeout = '2s'")
            conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(release.schema_name)))
            conn.execute("update ops.release set state = 'dropped' where release_id = %s", (release.release_id,))
            conn.commit()
            dropped.append(release.schema_name)
        except psycopg.errors.LockNotAvailable:
            conn.rollback()
    return dropped


def _number(conn: Connection[Any], run_id: int) -> int:
    """Turn the candidate into release_<n>, not yet shown."""
    if not _relations(conn, CANDIDATE):
        raise ReleaseError(f"run {run_id} left no candidate to release; build it first (`promise run`)")
    row = conn.execute("select nextval('ops.release_number')").fetchone()
    assert row is not None
    release_id = int(row[0])
    schema = f"release_{release_id}"
    conn.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(CANDIDATE), sql.Identifier(schema)))
    conn.execute(
        "insert into ops.release (release_id, run_id, schema_name) values (%s, %s, %s)", (release_id, run_id, schema)
    )
    conn.execute(
        sql.SQL("create table {} as select %s::integer as release_id, clock_timestamp() as released_at, run_id,"
                " fingerprint from ops.warehouse_run where run_id = %s").format(sql.Identifier(schema, "release_info")),
        (release_id, run_id),
    )  # fmt: skip
    conn.execute(
        sql.SQL(
            "comment on table {} is 'The release that is shown: its number, when it was made, and of what.'"
        ).format(sql.Identifier(schema, "release_info"))
    )
    return release_id


def _show(conn: Connection[Any], release_id: int) -> None:
    """Repoint every view of `marts`, with the words that describe it, in the caller's transaction."""
    schema = f"release_{release_id}"
    tables = _relations(conn, schema)
    if not tables:
        raise ReleaseError(f"release {release_id} is no longer kept; `promise release list` shows what is")
    comments = conn.execute(
        "select class.relname, attribute.attname, words.description from pg_description as words"
        " join pg_class as class on class.oid = words.objoid and words.classoid = 'pg_class'::regclass"
        " left join pg_attribute as attribute"
        "   on attribute.attrelid = class.oid and attribute.attnum = words.objsubid and words.objsubid > 0"
        " where class.relnamespace = %s::regnamespace and class.relkind = 'r'",
        (schema,),
    ).fetchall()
    _hold_readers_back(conn, release_id)
    for old in _relations(conn, "marts"):
        # With the views that analysts made of it: theirs must not hold a release up, and are made again in a moment.
        conn.execute(sql.SQL("drop view {} cascade").format(sql.Identifier("marts", old)))
    for table in tables:
        conn.execute(
            sql.SQL("create view {} as select * from {}").format(
                sql.Identifier("marts", table), sql.Identifier(schema, table)
            )
        )
    for table, column, words in comments:
        target = sql.Identifier("marts", table, column) if column else sql.Identifier("marts", table)
        kind = sql.SQL("column" if column else "view")
        conn.execute(sql.SQL("comment on {} {} is {}").format(kind, target, sql.Literal(words)))
    methods.show(conn, schema)
    conn.execute("update ops.release set state = 'superseded' where state = 'current'")
    conn.execute(
        "update ops.release set state = 'current', released_at = clock_timestamp() where release_id = %s", (release_id,)
    )


def _hold_readers_back(conn: Connection[Any], release_id: int) -> None:
    """Lock the readers' lock and every view at once, giving up and trying again rather than waiting with half of them.

    A reader that joins two views locks them in an order of its own. Waiting for one while holding the other would be a
    deadlock, and PostgreSQL may end the reader for it; a wait this short ends before PostgreSQL looks for deadlocks.
    """
    views = sql.SQL(", ").join(sql.Identifier("marts", view) for view in _relations(conn, "marts"))
    give_up = time.monotonic() + SWAP_TIMEOUT
    while True:
        try:
            with conn.transaction():
                conn.execute("select set_config('lock_timeout', '100ms', true)")
                conn.execute("select pg_advisory_xact_lock(%s)", (READ_LOCK,))
                if _relations(conn, "marts"):
                    conn.execute(sql.SQL("lock table {} in access exclusive mode").format(views))
            return
        except psycopg.errors.LockNotAvailable as error:
            if time.monotonic() > give_up:
                raise ReleaseError(
                    f"release {release_id} was not shown: a reader has held the current one for more than "
                    f"{SWAP_TIMEOUT:g} s. Readers still see the release before; run again when they are done"
                ) from error
            time.sleep(random.uniform(0.01, 0.1))


def _relations(conn: Connection[Any], schema: str) -> list[str]:
    rows = conn.execute(
        "select relname from pg_class join pg_namespace as namespace on namespace.oid = relnamespace"
        " where nspname = %s and relkind in ('r', 'v', 'p') order by relname",
        (schema,),
    ).fetchall()
    return [name for (name,) in rows]
