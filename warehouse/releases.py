"""Releases: a candidate is built where nobody reads, judged and sealed there, written beside what is shown, and shown.

Only the candidate of a run that is at work, whose gate was passed, and which holds what was judged, can be shown. It is
written into free slots of `published` (`warehouse.writing`); showing it changes the state of two rows
(`warehouse.pointer`), so that no reader waits or is waited for, and going back does the same. Two releases are kept
(`warehouse.kept`); what neither needs is cleared away (`warehouse.clearing`). This module is what people, runs and
readers do with them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Literal

from psycopg import Connection, sql

from promise import database
from warehouse import changes, pointer, published
from warehouse.clearing import tidy
from warehouse.kept import (
    Held,
    Release,
    ReleaseError,
    alone,
    already_released,
    current,
    forget,
    held,
    last_two,
    listing,
    places_of,
    words_of_hold,
)
from warehouse.pointer import point, show, swap
from warehouse.writing import OWN, NotAsJudged, write

__all__ = [
    "OWN",
    "Consumer",
    "Held",
    "NotAsJudged",
    "Release",
    "ReleaseError",
    "allow",
    "compare",
    "current",
    "drop",
    "held",
    "is_drawn",
    "listing",
    "note_drawn",
    "publish",
    "reader_address",
    "reading",
    "rollback",
    "show",
    "tidy",
    "words_of_hold",
    "write",
]

Consumer = Literal["site", "metabase"]


def publish(run_id: int) -> int:
    """Make the candidate of a run the current release; returns its number. Asked twice, it does it once.

    Raises ReleaseError when the run is not at work or its gate was not passed, NotAsJudged when the candidate was
    changed since, Held while a rollback holds, and Blocked when readers hold a mart whose shape changes for longer than
    we wait: then what was written stays, and asking again goes on from there.
    """
    with database.connect("releaser") as conn:
        done = already_released(conn, run_id)
    if done is not None:
        return done
    release_id = write(run_id)
    with database.connect("releaser", autocommit=True) as conn:
        show(conn, run_id, release_id)
        tidy(conn)
    return release_id


def rollback(reason: str) -> Release:
    """Show the release before the current one again, until somebody allows another.

    Raises ReleaseError when none is kept.
    """
    what = "the release was not rolled back"
    with database.connect("releaser", autocommit=True) as conn:
        _, earlier = last_two(conn)

        def exchange() -> Release:
            alone(conn)
            now, earlier = last_two(conn)
            point(conn, earlier.release_id)
            conn.execute(
                "update ops.release set state = 'refused', reason = %s, refused_at = clock_timestamp(),"
                " allowed_at = null where release_id = %s",
                (reason, now.release_id),
            )
            return earlier

        target = swap(conn, exchange, earlier.release_id, limit=pointer.SWAP_PATIENCE, what=what)
        tidy(conn)
    return target


def allow() -> Release | None:
    """Let the next run be released in place of the release that was gone back to; None when no rollback holds."""
    with database.connect("releaser") as conn:
        alone(conn)
        refused = held(conn)
        conn.execute(
            "update ops.release set allowed_at = clock_timestamp() where refused_at is not null and allowed_at is null"
        )
    return refused


def compare(conn: Connection[Any], before: int, now: int) -> list[changes.Change]:
    """What changed from one kept release to another. Raises ReleaseError for one that is not kept."""

    def relations(number: int) -> changes.Relations:
        places = places_of(conn, number)
        if not {changes.FIGURES, changes.JUDGEMENTS} <= {*places}:
            kept = ", ".join(str(release.release_id) for release in listing(conn) if release.is_kept)
            raise ReleaseError(f"release {number} is not kept, so its figures are gone; kept are {kept or 'none'}")
        return changes.Relations(
            *(
                sql.Identifier(published.SCHEMA, published.partition_of(places[mart].parent, places[mart].slot))
                for mart in (changes.FIGURES, changes.JUDGEMENTS)
            )
        )

    return changes.between(conn, relations(before), relations(now), before)


def drop(release_id: int) -> None:
    """Give up a release that is kept beside the current one. Raises ReleaseError for any other."""
    with database.connect("releaser", autocommit=True) as conn:
        with conn.transaction():
            alone(conn)
            kept = {release.release_id: release for release in listing(conn) if release.is_kept}
            if release_id not in kept or kept[release_id].state == "current":
                others = [str(number) for number, release in kept.items() if release.state != "current"]
                raise ReleaseError(
                    f"release {release_id} is "
                    + ("what readers see" if release_id in kept else "not kept")
                    + f"; what can be dropped is {', '.join(others) or 'nothing'} (`promise release list`)"
                )
            forget(conn, release_id)
        tidy(conn)


@contextlib.contextmanager
def reading(role: Literal["reader", "staff"] = "reader") -> Iterator[Connection[Any]]:
    """A reader's connection to which every statement shows the same release. Raises ReleaseError before the first."""
    with database.connect(role) as conn:
        conn.execute("set transaction isolation level repeatable read, read only")
        found = conn.execute("select to_regclass('marts.release_info')").fetchone()
        if found is None or found[0] is None:
            raise ReleaseError("nothing has been released yet: run `make run`")
        yield conn
        conn.rollback()


def note_drawn(consumer: Consumer, release_id: int) -> None:
    """Write down of which release the site, or Metabase, was drawn."""
    with database.connect("releaser") as conn:
        conn.execute(
            "insert into ops.drawn (consumer, release_id) values (%s, %s) on conflict (consumer) do update"
            " set release_id = excluded.release_id, drawn_at = clock_timestamp()",
            (consumer, release_id),
        )


def is_drawn(conn: Connection[Any], consumer: Consumer) -> bool:
    """Whether it was last drawn of the release that is shown; true before the first."""
    row = conn.execute(
        "select release_id from ops.release where state = 'current' and release_id not in"
        " (select release_id from ops.drawn where consumer = %s)",
        (consumer,),
    ).fetchone()
    return row is None


def reader_address() -> database.Parts:
    """Where somebody who may read releases, and nothing else, connects."""
    return database.parts("reader")
