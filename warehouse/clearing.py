"""Clears away what no release needs and nobody reads any more."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import Connection, sql

from promise.database.patience import Blocked, in_short_attempts, oldest_snapshot_is_younger
from warehouse import published
from warehouse.kept import alone, alone_with_slots, forget, take_over_words
from warehouse.published import Place

SMALL = 1_000_000  # bytes; a free slot of less is not worth the lock that emptying takes
_OWN_SCHEMA = re.compile(r"release_\d+")


def tidy(conn: Connection[Any]) -> None:
    """Clear away what no release needs and nobody reads any more; what somebody holds stays until the next time.

    Also what need not wait for a swap is done here: the words that describe the views.

    The connection is in autocommit. A slot of which a snapshot might still see the rows is left alone.
    """
    row = conn.execute("select release_id from ops.release where state = 'current'").fetchone()
    if row:
        take_over_words(conn, row[0], source=published.SCHEMA, target=published.MARTS)
    # By the current release or, where it was taken away, by what took it.
    moved = conn.execute(
        "select shown_by::text from ops.release where shown_by is not null order by shown_by desc limit 1"
    ).fetchone()
    if moved and oldest_snapshot_is_younger(conn, moved[0]):
        for view in published.bridging_views(conn):
            _if_free(conn, functools.partial(published.simplify_view, conn, view))
        emptied = [place for place in _free(conn) if _if_free(conn, functools.partial(_empty, conn, place))]
        published.describe_for_planner(conn, [], emptied)
        for partition in published.half_vacuumed(conn):
            conn.execute(sql.SQL("vacuum (truncate off) {}").format(sql.Identifier(published.SCHEMA, partition)))
    for leftover in _leftovers(conn):
        _if_free(conn, functools.partial(conn.execute, leftover))
    conn.execute(
        "delete from ops.published_table where to_regclass(format('%I.%I', 'published', parent)) is null"
        " and parent not in (select parent from ops.release_mart)"
    )


def empty_what_is_free(conn: Connection[Any]) -> None:
    """Have every slot that no kept release needs emptied, also a small one: what it shows is withheld by now.

    In the caller's transaction; `tidy` does it as soon as nobody's snapshot is of before.
    """
    conn.execute(
        "insert into ops.slot_to_empty select parent, slot from ops.published_table"
        " cross join unnest(%s::smallint[]) as any_of_them (slot)"
        " where (parent, slot) not in (select parent, slot from ops.release_mart) on conflict do nothing",
        ([*published.SLOTS],),
    )


def not_yet_empty(conn: Connection[Any]) -> list[Place]:
    """The slots that `empty_what_is_free` asked for and that somebody's snapshot may still be of."""
    return _free(conn)


def take_away(conn: Connection[Any], release_ids: Sequence[int], reason: str) -> None:
    """Give up releases, also the one that is shown, with all that they hold. In the caller's transaction.

    Where the one that is shown goes, `marts` answers with an error until another is shown.
    """
    alone(conn)
    for release_id in release_ids:
        conn.execute(
            "update ops.release set shown_by = pg_current_xact_id() where release_id = %s and state = 'current'",
            (release_id,),
        )
        forget(conn, release_id, reason)
    empty_what_is_free(conn)


def _if_free(conn: Connection[Any], deed: Callable[[], object]) -> bool:
    """Do it if nobody is in the way: one short attempt. Returns whether it was done."""
    try:
        in_short_attempts(conn, deed, limit=0, schemas=[], what="not cleared away")
    except Blocked:
        return False
    return True


def _free(conn: Connection[Any]) -> list[Place]:
    """Slots that hold what no kept release has: rows of the release before, and dead ones that a long snapshot kept."""
    rows = conn.execute(
        "select parent, slot from ops.published_table cross join unnest(%s::smallint[]) as any_of_them (slot)"
        " where (parent, slot) not in (select parent, slot from ops.release_mart)"
        " and pg_relation_size(to_regclass(format('published.%%I', parent || '__s' || slot)))"
        " > case when (parent, slot) in (select parent, slot from ops.slot_to_empty) then 0 else %s end",
        ([*published.SLOTS], SMALL),
    ).fetchall()
    return [Place(parent, slot) for parent, slot in rows]


def _empty(conn: Connection[Any], place: Place) -> None:
    """Empty a slot in the caller's transaction, unless somebody has filled it since."""
    alone_with_slots(conn)
    if place in _free(conn):
        published.empty(conn, place)
        conn.execute("delete from ops.slot_to_empty where parent = %s and slot = %s", (place.parent, place.slot))


def _leftovers(conn: Connection[Any]) -> list[sql.Composable]:
    """Statements that drop what no kept release has and no view reads: tables, views set aside, schemas of before."""
    statements: list[sql.Composable] = [
        sql.SQL("drop view {}").format(sql.Identifier(published.SCHEMA, view))
        for view in published.relations(conn, published.SCHEMA, "v")
        if not published.has_dependents(conn, published.SCHEMA, view)
    ]
    unused = conn.execute(
        "select parent from ops.published_table where parent not in (select parent from ops.release_mart)"
    ).fetchall()
    statements += [
        sql.SQL("drop table if exists {}").format(sql.Identifier(published.SCHEMA, parent))
        for (parent,) in unused
        if not published.has_dependents(conn, published.SCHEMA, parent)
    ]
    schemas = conn.execute(
        "select schema_name from ops.release join pg_namespace on nspname = schema_name where not exists"
        " (select from pg_depend join pg_rewrite on pg_rewrite.oid = objid"
        "  join pg_class as read on read.oid = refobjid join pg_class as view on view.oid = ev_class"
        "  where pg_depend.classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass"
        "  and read.relnamespace = pg_namespace.oid and view.relnamespace = 'marts'::regnamespace)"
    ).fetchall()
    statements += [
        sql.SQL("drop schema {} cascade").format(sql.Identifier(name))
        for (name,) in schemas
        if _OWN_SCHEMA.fullmatch(name)
    ]
    return statements
