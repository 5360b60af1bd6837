"""Writes the candidate of a run into free slots, beside what is shown: the longer part of a release."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from promise import database
from warehouse import candidate, changes, methods, published
from warehouse.clearing import tidy
from warehouse.kept import (
    ReleaseError,
    alone_with_slots,
    current,
    forget,
    listing,
    places_of,
    refuse_while_held,
    take_over_words,
)
from warehouse.published import Content, Place

INFO = "release_info"
OWN = {INFO, changes.MART}  # made with the release, beside what was judged


class NotAsJudged(ReleaseError):
    """What would be released is not what the publication gate judged."""


def write(run_id: int) -> int:
    """The longer part of `publish`: write the candidate of a run beside what is shown; returns the release's number."""
    with database.connect("releaser", autocommit=True) as conn:
        tidy(conn)  # what somebody held when the last release was shown, they may hold no more
    with database.connect("releaser") as conn:
        release_id, filled = _written(conn, run_id)
    with database.connect("releaser", autocommit=True) as conn:
        published.describe_for_planner(conn, filled)
    return release_id


def _written(conn: Connection[Any], run_id: int) -> tuple[int, list[Place]]:
    """Write the candidate into free slots, in one transaction; returns its number and the slots that were written."""
    alone_with_slots(conn)
    refuse_while_held(conn, run_id)
    sealed = candidate.sealed(conn, run_id)
    if not sealed:
        raise ReleaseError(f"run {run_id} left no candidate that was judged fit to release; `promise run` builds one")
    made, judged_marts = candidate.functions(conn), {name: each for name, each in sealed.items() if name[-2:] != "()"}
    if waiting := _written_before(conn, run_id, judged_marts):
        return waiting, [*places_of(conn, waiting).values()]
    if made.items() != {(name, each) for name, each in sealed.items() if name not in judged_marts}:
        raise NotAsJudged(_not_as_judged(run_id, "has other functions"))
    for release in listing(conn):
        if release.state == "candidate":
            forget(conn, release.release_id)
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
    take_over_words(conn, release_id, source=candidate.SCHEMA, target=published.SCHEMA)
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
