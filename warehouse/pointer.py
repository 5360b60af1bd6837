"""The swap: which release is shown is the state of two rows, so that no reader waits or is waited for.

Only a mart whose shape changes needs a lock on its view, which is asked for in short attempts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from psycopg import Connection

from promise.database.patience import Blocked, in_short_attempts, unhurried
from warehouse import methods, published, withholding
from warehouse.clearing import empty_what_is_free
from warehouse.kept import (
    ReleaseError,
    alone,
    already_released,
    current,
    forget,
    listing,
    parents_of,
    places_of,
    refuse_while_held,
)

SWAP_PATIENCE = 60.0  # seconds; only a mart whose shape changes waits for readers at all
AT_ONCE = 3.0  # seconds of it in which all is exchanged in one transaction or not at all
Result = TypeVar("Result")


def show(conn: Connection[Any], run_id: int, release_id: int, patience: float | None = None) -> None:
    """The swap: show what was written. The connection is in autocommit."""
    limit = SWAP_PATIENCE if patience is None else patience
    what = f"release {release_id} changes the shape of a mart and was not shown, readers see the one before"

    def exchange() -> None:
        alone(conn)
        refuse_while_held(conn, run_id)
        already_released(conn, run_id)
        point(conn, release_id)
        conn.execute(
            "update ops.warehouse_run set state = 'released', release_id = %s, ended_at = clock_timestamp()"
            " where run_id = %s",
            (release_id, run_id),
        )

    swap(conn, exchange, release_id, limit=limit, what=what, run_id=run_id)


def swap(
    conn: Connection[Any],
    exchange: Callable[[], Result],
    release_id: int,
    *,
    limit: float,
    what: str,
    run_id: int | None = None,
) -> Result:
    """Exchange the pointer and every view that is to have another shape, all at once where readers let us.

    Among many readers there may be no moment in which all these views are free: then they are made ready one by one.
    """
    try:
        return in_short_attempts(conn, exchange, limit=min(limit, AT_ONCE), schemas=published.VIEWS, what=what)
    except Blocked:
        _bridge_views(conn, release_id, limit=limit, what=what, run_id=run_id)
        return in_short_attempts(conn, exchange, limit=limit, schemas=published.VIEWS, what=what)


def _bridge_views(
    conn: Connection[Any], release_id: int, *, limit: float, what: str, run_id: int | None = None
) -> None:
    """Let each view that is to have another shape read the release that is shown and the one that is to be shown.

    One after the other: whoever holds one and waits for the next waits for readers who wait for the first. Until the
    swap, readers see the columns of the one with the rows of the other; what is new is null.
    """
    parents = parents_of(conn, release_id)
    there = published.views(conn)

    def bridge(mart: str) -> None:
        alone(conn)
        if run_id is not None:
            refuse_while_held(conn, run_id)
            already_released(conn, run_id)
        published.replace_view(conn, mart, parents[mart], release_id)

    for mart in published.views_to_replace(conn, parents):
        # One of before there were slots shows what it shows until the swap.
        if mart in parents and mart in there and published.read_by(conn, mart):
            deed = functools.partial(bridge, mart)
            in_short_attempts(conn, deed, limit=limit, schemas=published.VIEWS, what=what)


def point(conn: Connection[Any], release_id: int) -> None:
    """Make a release the current one in the caller's transaction, and forget what is kept beyond it and the last.

    Also the last, where it shows what this one withholds: nobody can go back to that, and nothing of it stays.
    """
    if not places_of(conn, release_id):
        raise ReleaseError(f"release {release_id} is no longer kept; `promise release list` shows what is")
    parents = parents_of(conn, release_id)
    with unhurried(conn):  # nobody has to wait for us yet
        revealing = withholding.revealing(conn, release_id)
    views = published.views_to_replace(conn, parents)
    published.lock_views(conn, views)
    before = current(conn)
    conn.execute("update ops.release set state = 'superseded' where state = 'current'")
    conn.execute(
        "update ops.release set state = 'current', released_at = clock_timestamp(),"
        " shown_by = pg_current_xact_id() where release_id = %s",
        (release_id,),
    )
    for release in listing(conn):
        is_needed = release.release_id in (release_id, before and before.release_id)
        if release.is_kept and (release.release_id in revealing or not is_needed):
            forget(conn, release.release_id, revealing.get(release.release_id))
    if before and not before.is_kept:
        forget(conn, before.release_id)
    if revealing:
        empty_what_is_free(conn)
    for mart in views:
        published.replace_view(conn, mart, parents.get(mart), release_id)
    row = conn.execute("select methods from ops.release where release_id = %s", (release_id,)).fetchone()
    methods.show(conn, [methods.Method(**each) for each in (row and row[0]) or []])
