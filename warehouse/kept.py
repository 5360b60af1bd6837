"""Which releases there are, where each has its marts, and what stands in the way of another.

Two are kept: the one that is shown and the one shown before it, or, while a rollback holds, the one that was taken
back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from promise.errors import PromiseError
from warehouse import candidate, published
from warehouse.published import Place


class ReleaseError(PromiseError):
    """A release could not be made, shown or gone back to."""


class Held(ReleaseError):
    """A rollback holds: nothing is shown in place of the release that somebody went back to."""


@dataclass(frozen=True)
class Release:
    """One release and where it stands."""

    release_id: int
    run_id: int
    state: str
    created_at: datetime
    released_at: datetime | None
    reason: str | None
    refused_at: datetime | None
    allowed_at: datetime | None
    is_kept: bool  # whether its tables are there, so that it can be shown

    @property
    def holds(self) -> bool:
        """Whether it was rolled back from, and nobody has allowed another release since."""
        return self.refused_at is not None and self.allowed_at is None


def listing(conn: Connection[Any]) -> list[Release]:
    """Every release ever made, newest first."""
    with conn.cursor(row_factory=class_row(Release)) as cursor:
        cursor.execute(
            "select release_id, run_id, state, created_at, released_at, reason, refused_at, allowed_at,"
            " exists (select from ops.release_mart where release_mart.release_id = release.release_id) as is_kept"
            " from ops.release order by release_id desc"
        )
        return cursor.fetchall()


def current(conn: Connection[Any]) -> Release | None:
    """The release that readers see, or None before the first."""
    return next((release for release in listing(conn) if release.state == "current"), None)


def held(conn: Connection[Any]) -> Release | None:
    """The release that was rolled back from, while that holds."""
    return next((release for release in listing(conn) if release.holds), None)


def words_of_hold(conn: Connection[Any]) -> str | None:
    """That a rollback holds, since when, why and how it ends; None when none does."""
    refused = held(conn)
    if refused is None:
        return None
    shown = current(conn)
    return (
        f"release {refused.release_id} was rolled back from on {refused.refused_at:%d %B %Y %H:%M} UTC"
        f" ({refused.reason}), and readers see release {shown.release_id if shown else 'none'} until somebody allows"
        " another: `promise release allow`"
    )


def refuse_while_held(conn: Connection[Any], run_id: int) -> None:
    if words := words_of_hold(conn):
        raise Held(f"run {run_id} is not released: {words}")


def already_released(conn: Connection[Any], run_id: int) -> int | None:
    """The release that the run came to; None while it is at work. Raises ReleaseError when it ended otherwise."""
    row = conn.execute("select state, release_id from ops.warehouse_run where run_id = %s", (run_id,)).fetchone()
    if row is None:
        raise ReleaseError(f"there was no run {run_id}")
    state, release_id = row
    if state == "released":
        return int(release_id)
    if state != "running":
        raise ReleaseError(
            f"run {run_id} was {state}: what it left is not released. `promise run` builds what can be released"
        )
    return None


def last_two(conn: Connection[Any]) -> tuple[Release, Release]:
    """The current release and the one to go back to. Raises ReleaseError when there is none."""
    now = current(conn)
    earlier = [release for release in listing(conn) if release.state == "superseded" and places_of(conn, release)]
    if now is None or not earlier:
        before = [each for each in listing(conn) if now and each.released_at and each.release_id < now.release_id]
        why = f" (release {before[0].release_id}: {before[0].reason})" if before and before[0].reason else ""
        raise ReleaseError(f"there is no earlier release to go back to{why}; `promise release list` shows what is kept")
    return now, earlier[0]


def places_of(conn: Connection[Any], release: Release | int) -> dict[str, Place]:
    number = release if isinstance(release, int) else release.release_id
    rows = conn.execute("select mart, parent, slot from ops.release_mart where release_id = %s", (number,)).fetchall()
    return {mart: Place(parent, slot) for mart, parent, slot in rows}


def parents_of(conn: Connection[Any], release_id: int) -> dict[str, str]:
    return {mart: place.parent for mart, place in places_of(conn, release_id).items()}


def forget(conn: Connection[Any], release_id: int, reason: str | None = None) -> None:
    """Give up the slots of a release."""
    conn.execute("delete from ops.release_mart where release_id = %s", (release_id,))
    conn.execute(
        "update ops.release set state = 'dropped', reason = coalesce(%s, reason) where release_id = %s",
        (reason, release_id),
    )


def alone(conn: Connection[Any]) -> None:
    """Whoever moves the pointer is alone in that, in the caller's transaction. Readers do not notice."""
    conn.execute("lock table ops.release in share row exclusive mode")


def alone_with_slots(conn: Connection[Any]) -> None:
    """Whoever writes into slots is alone, in the caller's transaction. Readers never read this table."""
    conn.execute("lock table ops.published_table in exclusive mode")


def take_over_words(conn: Connection[Any], release_id: int, *, source: str, target: str) -> None:
    """Describe the tables of a release as its candidate is described, or its views as its tables are."""

    def named(schema: str, mart: str, parent: str) -> tuple[str, str]:
        if schema == published.MARTS:
            return published.shown_in(conn, parent), mart
        return schema, parent if schema == published.SCHEMA else mart

    schemas = {candidate.SCHEMA, published.SCHEMA, *published.VIEWS}
    there = {(schema, name) for schema in schemas for name in published.relations(conn, schema)}
    pairs = [
        (named(source, mart, parent), named(target, mart, parent))
        for mart, parent in parents_of(conn, release_id).items()
    ]
    published.take_over_words(
        conn,
        [
            (published.qualified(conn, *before), published.qualified(conn, *now))
            for before, now in pairs
            if before in there and now in there
        ],
    )
