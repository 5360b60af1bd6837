"""Releases: a candidate is built where nobody reads, judged and sealed there, written beside what is shown, and shown.

Only the candidate of a run that is at work, whose gate was passed, and which holds what was judged, can be shown. It is
written into free slots of `published` (`warehouse.published`); showing it changes the state of two rows, so that no
reader waits or is waited for, and going back does the same. Two releases are kept: the one that is shown and the one
shown before it, or, while a rollback holds, the one that was taken back.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from promise import database
from promise.database.patience import Blocked, in_short_attempts, oldest_snapshot_is_younger
from promise.errors import PromiseError
from warehouse import candidate, changes, methods, published
from warehouse.published import Content, Place

SWAP_PATIENCE = 60.0  # seconds; only a mart whose shape changes waits for readers at all
AT_ONCE = 3.0  # seconds of it in which all is exchanged in one transaction or not at all
Result = TypeVar("Result")
INFO = "release_info"
OWN = {INFO, changes.MART}  # made with the release, beside what was judged
SMALL = 1_000_000  # bytes; a free slot of less is not worth the lock that emptying takes
Consumer = Literal["site", "metabase"]
_OWN_SCHEMA = re.compile(r"release_\d+")


class ReleaseError(PromiseError):
    """A release could not be made, shown or gone back to."""


class NotAsJudged(ReleaseError):
    """What would be released is not what the publication gate judged."""


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


def publish(run_id: int) -> int:
    """Make the candidate of a run the current release; returns its number. Asked twice, it does it once.

    Raises ReleaseError when the run is not at work or its gate was not passed, NotAsJudged when the candidate was
    changed since, Held while a rollback holds, and Blocked when readers hold a mart whose shape changes for longer than
    we wait: then what was written stays, and asking again goes on from there.
    """
    with database.connect("releaser") as conn:
        done = _already_released(conn, run_id)
    if done is not None:
        return done
    release_id = write(run_id)
    with database.connect("releaser", autocommit=True) as conn:
        show(conn, run_id, release_id)
        tidy(conn)
    return release_id


def write(run_id: int) -> int:
    """The longer part of `publish`: write the candidate of a run beside what is shown; returns the release's number."""
    with database.connect("releaser", autocommit=True) as conn:
        tidy(conn)  # what somebody held when the last release was shown, they may hold no more
    with database.connect("releaser") as conn:
        release_id, filled = _written(conn, run_id)
    with database.connect("releaser", autocommit=True) as conn:
        published.describe_for_planner(conn, filled)
    return release_id


def show(conn: Connection[Any], run_id: int, release_id: int, patience: float | None = None) -> None:
    """The swap: show what was written. The connection is in autocommit."""
    limit = SWAP_PATIENCE if patience is None else patience
    what = f"release {release_id} changes the shape of a mart and was not shown, readers see the one before"

    def exchange() -> None:
        _alone(conn)
        _refuse_while_held(conn, run_id)
        _already_released(conn, run_id)
        _point(conn, release_id)
        conn.execute(
            "update ops.warehouse_run set state = 'released', release_id = %s, ended_at = clock_timestamp()"
            " where run_id = %s",
            (release_id, run_id),
        )

    _swap(conn, exchange, release_id, limit=limit, what=what, run_id=run_id)


def rollback(reason: str) -> Release:
    """Show the release before the current one again, until somebody allows another.

    Raises ReleaseError when none is kept.
    """
    what = "the release was not rolled back"
    with database.connect("releaser", autocommit=True) as conn:
        _, earlier = _last_two(conn)

        def exchange() -> Release:
            _alone(conn)
            now, earlier = _last_two(conn)
            _point(conn, earlier.release_id)
            conn.execute(
                "update ops.release set state = 'refused', reason = %s, refused_at = clock_timestamp(),"
                " allowed_at = null where release_id = %s",
                (reason, now.release_id),
            )
            return earlier

        target = _swap(conn, exchange, earlier.release_id, limit=SWAP_PATIENCE, what=what)
        tidy(conn)
    return target


def allow() -> Release | None:
    """Let the next run be released in place of the release that was gone back to; None when no rollback holds."""
    with database.connect("releaser") as conn:
        _alone(conn)
        refused = held(conn)
        conn.execute(
            "update ops.release set allowed_at = clock_timestamp() where refused_at is not null and allowed_at is null"
        )
    return refused


def compare(conn: Connection[Any], before: int, now: int) -> list[changes.Change]:
    """What changed from one kept release to another. Raises ReleaseError for one that is not kept."""

    def relations(number: int) -> changes.Relations:
        places = _places(conn, number)
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
            _alone(conn)
            kept = {release.release_id: release for release in listing(conn) if release.is_kept}
            if release_id not in kept or kept[release_id].state == "current":
                others = [str(number) for number, release in kept.items() if release.state != "current"]
                raise ReleaseError(
                    f"release {release_id} is "
                    + ("what readers see" if release_id in kept else "not kept")
                    + f"; what can be dropped is {', '.join(others) or 'nothing'} (`promise release list`)"
                )
            _forget(conn, release_id)
        tidy(conn)


@contextlib.contextmanager
def reading() -> Iterator[Connection[Any]]:
    """A reader's connection to which every statement shows the same release. Raises ReleaseError before the first."""
    with database.connect("reader") as conn:
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


def tidy(conn: Connection[Any]) -> None:
    """Clear away what no release needs and nobody reads any more; what somebody holds stays until the next time.

    Also what need not wait for a swap is done here: the words that describe the views.

    The connection is in autocommit. A slot of which a snapshot might still see the rows is left alone.
    """
    row = conn.execute("select release_id, shown_by::text from ops.release where state = 'current'").fetchone()
    if row:
        _take_over_words(conn, row[0], source=published.SCHEMA, target=published.MARTS)
    if row and row[1] and oldest_snapshot_is_younger(conn, row[1]):
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


# ------------------------------------------------------------------------------------------------------ the parts


def _already_released(conn: Connection[Any], run_id: int) -> int | None:
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


def _written(conn: Connection[Any], run_id: int) -> tuple[int, list[Place]]:
    """Write the candidate into free slots, in one transaction; returns its number and the slots that were written."""
    _alone_with_slots(conn)
    _refuse_while_held(conn, run_id)
    sealed = candidate.sealed(conn, run_id)
    if not sealed:
        raise ReleaseError(f"run {run_id} left no candidate that was judged fit to release; `promise run` builds one")
    made, judged_marts = candidate.functions(conn), {name: each for name, each in sealed.items() if name[-2:] != "()"}
    if waiting := _written_before(conn, run_id, judged_marts):
        return waiting, [*_places(conn, waiting).values()]
    if made.items() != {(name, each) for name, each in sealed.items() if name not in judged_marts}:
        raise NotAsJudged(_not_as_judged(run_id, "has other functions"))
    for release in listing(conn):
        if release.state == "candidate":
            _forget(conn, release.release_id)
    row = conn.execute("select nextval('ops.release_number')").fetchone()
    assert row is not None
    release_id = int(row[0])
    conn.execute(
        "insert into ops.release (release_id, run_id, methods) values (%s, %s, %s)",
        (release_id, run_id, Jsonb([asdict(method) for method in methods.of(conn, candidate.SCHEMA)])),
    )
    published.plain_text(conn)
    if {*published.relations(conn, candidate.SCHEMA)} - OWN != {*judged_marts}:
        raise NotAsJudged(_not_as_judged(run_id, "has other tables"))
    filled = _carry_over(conn, judged_marts)
    own = _describe_release(conn, run_id, release_id)
    for mart, judged in [*judged_marts.items(), *((name, None) for name in own)]:
        place, count, is_new = _place(conn, mart, judged, release_id, candidate.SCHEMA)
        if judged is not None and count != judged:
            raise NotAsJudged(_not_as_judged(run_id, f"has other rows in {mart}"))
        if is_new:
            filled.append(place)
    _take_over_words(conn, release_id, source=candidate.SCHEMA, target=published.SCHEMA)
    conn.commit()
    return release_id, filled


def _place(
    conn: Connection[Any], mart: str, judged: Content | None, release_id: int, schema: str
) -> tuple[Place, Content, bool]:
    """Where a release has a mart: where a kept release has the same, else in a free slot, which is filled.

    Returns the place, what is in it, and whether it was filled.
    """
    shape = published.shape(conn, schema, mart)
    parent = published.parent_for(conn, mart, shape, schema, release_id)
    kept = conn.execute(
        "select slot, row_count, content_hash from ops.release_mart where parent = %s and mart = %s", (parent, mart)
    ).fetchall()
    same = [slot for slot, *content in kept if judged is not None and Content(*content) == judged]
    place = Place(
        parent,
        same[0] if same else min(set(published.SLOTS) - {slot for slot, _, _ in kept}, key=published.SLOTS.index),
    )
    if same and judged is not None:
        count = judged
    else:
        count = published.fill(conn, place, source=schema, mart=mart, shape=shape)
    conn.execute(
        "insert into ops.release_mart values (%s, %s, %s, %s, %s, %s)",
        (release_id, mart, place.parent, place.slot, count.row_count, count.content_hash),
    )
    return place, count, not same


def _written_before(conn: Connection[Any], run_id: int, sealed: dict[str, Content]) -> int | None:
    """The release that an earlier attempt of this run wrote and could not show, if it holds what was judged."""
    row = conn.execute(
        "select release_id from ops.release where run_id = %s and state = 'candidate'", (run_id,)
    ).fetchone()
    if row is None:
        return None
    there = conn.execute(
        "select mart, row_count, content_hash from ops.release_mart where release_id = %s and mart <> %s",
        (row[0], INFO),
    ).fetchall()
    return int(row[0]) if {mart: Content(*content) for mart, *content in there} == sealed else None


def _describe_release(conn: Connection[Any], run_id: int, release_id: int) -> list[str]:
    """Beside the marts, what they are a release of and what changed with it; returns the names of these tables."""
    own: dict[str, tuple[sql.Composable, dict[str | None, str]]] = {
        INFO: (
            sql.SQL(
                "select {}::integer as release_id, clock_timestamp() as released_at, run_id, fingerprint"
                " from ops.warehouse_run where run_id = {}"
            ).format(sql.Literal(release_id), sql.Literal(run_id)),
            {None: "The release that is shown: its number, when it was made, and of what."},
        )
    }
    before = current(conn)
    names = {changes.FIGURES, changes.JUDGEMENTS}
    if names <= {*published.relations(conn, candidate.SCHEMA)}:
        is_first = before is None or not names <= {*published.relations(conn, published.MARTS)}
        since = changes.in_schema(candidate.SCHEMA if is_first else published.MARTS)
        own[changes.MART] = (
            changes.query(since, changes.in_schema(candidate.SCHEMA), before.release_id if before else 0),
            changes.COMMENTS,
        )
    for name, (query, comments) in own.items():
        table = sql.Identifier(candidate.SCHEMA, name)
        conn.execute(sql.SQL("drop table if exists {}").format(table))
        conn.execute(sql.SQL("create table {} as {}").format(table, query))
        for column, words in comments.items():
            target = sql.SQL("column {}.{}").format(table, sql.Identifier(column)) if column else table
            kind = sql.SQL("") if column else sql.SQL("table ")
            conn.execute(sql.SQL("comment on {}{} is {}").format(kind, target, sql.Literal(words)))
    return [*own]


def _swap(
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
        return in_short_attempts(conn, exchange, limit=min(limit, AT_ONCE), schemas=[published.MARTS], what=what)
    except Blocked:
        _bridge_views(conn, release_id, limit=limit, what=what, run_id=run_id)
        return in_short_attempts(conn, exchange, limit=limit, schemas=[published.MARTS], what=what)


def _bridge_views(
    conn: Connection[Any], release_id: int, *, limit: float, what: str, run_id: int | None = None
) -> None:
    """Let each view that is to have another shape read the release that is shown and the one that is to be shown.

    One after the other: whoever holds one and waits for the next waits for readers who wait for the first. Until the
    swap, readers see the columns of the one with the rows of the other; what is new is null.
    """
    parents = _parents(conn, release_id)
    there = published.relations(conn, published.MARTS, "v")

    def bridge(mart: str) -> None:
        _alone(conn)
        if run_id is not None:
            _refuse_while_held(conn, run_id)
            _already_released(conn, run_id)
        published.replace_view(conn, mart, parents[mart], release_id)

    for mart in published.views_to_replace(conn, parents):
        # One of before there were slots shows what it shows until the swap.
        if mart in parents and mart in there and published.read_by(conn, mart):
            deed = functools.partial(bridge, mart)
            in_short_attempts(conn, deed, limit=limit, schemas=[published.MARTS], what=what)


def _last_two(conn: Connection[Any]) -> tuple[Release, Release]:
    """The current release and the one to go back to. Raises ReleaseError when there is none."""
    now = current(conn)
    earlier = [release for release in listing(conn) if release.state == "superseded" and _places(conn, release)]
    if now is None or not earlier:
        raise ReleaseError("there is no earlier release to go back to; `promise release list` shows what is kept")
    return now, earlier[0]


def _point(conn: Connection[Any], release_id: int) -> None:
    """Make a release the current one in the caller's transaction, and forget what is kept beyond it and the last."""
    if not _places(conn, release_id):
        raise ReleaseError(f"release {release_id} is no longer kept; `promise release list` shows what is")
    parents = _parents(conn, release_id)
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
        if release.is_kept and release.release_id not in (release_id, before and before.release_id):
            _forget(conn, release.release_id)
    if before and not before.is_kept:
        _forget(conn, before.release_id)
    for mart in views:
        published.replace_view(conn, mart, parents.get(mart), release_id)
    row = conn.execute("select methods from ops.release where release_id = %s", (release_id,)).fetchone()
    methods.show(conn, [methods.Method(**each) for each in (row and row[0]) or []])


def _places(conn: Connection[Any], release: Release | int) -> dict[str, Place]:
    number = release if isinstance(release, int) else release.release_id
    rows = conn.execute("select mart, parent, slot from ops.release_mart where release_id = %s", (number,)).fetchall()
    return {mart: Place(parent, slot) for mart, parent, slot in rows}


def _parents(conn: Connection[Any], release_id: int) -> dict[str, str]:
    return {mart: place.parent for mart, place in _places(conn, release_id).items()}


def _take_over_words(conn: Connection[Any], release_id: int, *, source: str, target: str) -> None:
    """Describe the tables of a release as its candidate is described, or its views as its tables are."""
    there = {schema: {*published.relations(conn, schema)} for schema in (source, target)}
    names = [
        {candidate.SCHEMA: mart, published.SCHEMA: parent, published.MARTS: mart}
        for mart, parent in _parents(conn, release_id).items()
    ]
    published.take_over_words(
        conn,
        [
            (published.qualified(conn, source, each[source]), published.qualified(conn, target, each[target]))
            for each in names
            if each[source] in there[source] and each[target] in there[target]
        ],
    )


def _forget(conn: Connection[Any], release_id: int) -> None:
    """Give up the slots of a release."""
    conn.execute("delete from ops.release_mart where release_id = %s", (release_id,))
    conn.execute("update ops.release set state = 'dropped' where release_id = %s", (release_id,))


def _alone(conn: Connection[Any]) -> None:
    """Whoever moves the pointer is alone in that, in the caller's transaction. Readers do not notice."""
    conn.execute("lock table ops.release in share row exclusive mode")


def _alone_with_slots(conn: Connection[Any]) -> None:
    """Whoever writes into slots is alone, in the caller's transaction. Readers never read this table."""
    conn.execute("lock table ops.published_table in exclusive mode")


def _refuse_while_held(conn: Connection[Any], run_id: int) -> None:
    if words := words_of_hold(conn):
        raise Held(f"run {run_id} is not released: {words}")


def _not_as_judged(run_id: int, what: str) -> str:
    return (
        f"the candidate of run {run_id} {what} than when it was judged: somebody has built or changed it since. Nothing"
        " was released; run again"
    )


def _carry_over(conn: Connection[Any], sealed: dict[str, Content]) -> list[Place]:
    """Releases of before there were slots: the current one is written into slots, so that it can be gone back to.

    That needs marts of the shape that they have now. Every other is named as no longer offered.
    """
    filled = []
    for release_id, schema, state in conn.execute(
        "select release_id, schema_name, state from ops.release where schema_name is not null and state <> 'dropped'"
    ).fetchall():
        marts = published.relations(conn, schema)
        agrees = all(
            mart in OWN
            or (mart in sealed and published.shape(conn, schema, mart) == published.shape(conn, candidate.SCHEMA, mart))
            for mart in marts
        )
        if state == "current" and marts and agrees:
            filled += [_place(conn, mart, None, release_id, schema)[0] for mart in marts]
        else:
            conn.execute(
                # The current one stays what readers see until the swap.
                "update ops.release set state = case state when 'current' then state else 'dropped' end,"
                " reason = coalesce(reason || '; ', '') || 'no longer offered: it was made before releases had slots'"
                " where release_id = %s",
                (release_id,),
            )
    return filled


# ----------------------------------------------------------------------------------------------------- clearing away


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
        " and pg_relation_size(to_regclass(format('published.%%I', parent || '__s' || slot))) > %s",
        ([*published.SLOTS], SMALL),
    ).fetchall()
    return [Place(parent, slot) for parent, slot in rows]


def _empty(conn: Connection[Any], place: Place) -> None:
    """Empty a slot in the caller's transaction, unless somebody has filled it since."""
    _alone_with_slots(conn)
    if place in _free(conn):
        published.empty(conn, place)


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
