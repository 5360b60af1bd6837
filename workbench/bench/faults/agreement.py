"""What must agree, whatever was broken: ledger, raw partitions, rows, hashes, releases, landed files, and readers."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import Connection, sql

from ingestion.load import partition_name
from promise import database, ledger
from promise.catalogue.sources import sources
from promise.settings import settings
from warehouse import published, releases, runs
from warehouse.published import Content

LEVELS = ("read committed", "repeatable read", "serializable")
READ = ("fct_observation", "national_summary")  # what readers look at, each time beside the release
PAUSE = 2.5  # seconds between two looks, of which each keeps a core busy for some tenths of one


def faults(conn: Connection[Any], *, at_rest: bool) -> list[str]:
    """What does not agree, in sentences. `at_rest`: a run has ended well since, so that nothing may be open."""
    conn.execute("set transaction isolation level repeatable read")  # somebody may be at work
    published.plain_text(conn)
    found = [*_vintages(conn), *_releases(conn, at_rest), *_landed(at_rest)]
    return [*found, *_rest(conn)] if at_rest else found


def _vintages(conn: Connection[Any]) -> Iterator[str]:
    held = ledger.vintages(conn)
    for vintage in held:
        name = partition_name(sources()[vintage.source_id], vintage.vintage)
        if conn.execute("select to_regclass(%s)", (f"raw.{name}",)).fetchone() == (None,):
            yield f"vintage {vintage.vintage} has no partition raw.{name}"
            continue
        rows = conn.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("raw", name))).fetchone()
        if rows != (vintage.row_count,):
            yield f"vintage {vintage.vintage}: raw.{name} has {rows} rows, the ledger says {vintage.row_count}"
    known = {partition_name(sources()[each.source_id], each.vintage) for each in held}
    there = conn.execute(
        "select relname from pg_class where relnamespace = 'raw'::regnamespace and relkind = 'r'"
    ).fetchall()
    yield from (f"raw.{name} is of no vintage" for (name,) in there if name not in known)


def _releases(conn: Connection[Any], at_rest: bool) -> Iterator[str]:
    kept = conn.execute(
        "select state, release_id, mart, parent, slot, row_count, content_hash from ops.release_mart"
        " join ops.release using (release_id) where state <> 'dropped'"
    ).fetchall()
    if "current" not in {state for state, *_ in kept}:
        yield "no release is current"
    for state, release_id, mart, parent, slot, *content in kept:
        columns = published.shape(conn, published.SCHEMA, parent).columns[1:]
        partition = published.partition_of(parent, slot)
        there = published.content(conn, published.SCHEMA, partition, [name for name, *_ in columns])
        if there != Content(*content):
            yield f"release {release_id}: {published.SCHEMA}.{partition} has {there}, the release {Content(*content)}"
        if state != "current":
            continue
        # A view is given the columns of the next release, where it has others, a moment before that is shown.
        schema = published.shown_in(conn, parent)
        view = {name: kind for name, kind, _ in published.shape(conn, schema, mart).columns}
        both = [name for name, kind, _ in columns if view.get(name) == kind]
        if at_rest and len(both) != len(columns):
            yield f"release {release_id}: {schema}.{mart} has other columns than the release"
        shown = published.content(conn, schema, mart, both)
        expected = published.content(conn, published.SCHEMA, partition, both)
        if shown != expected:
            yield f"release {release_id}: {schema}.{mart} has {shown}, the release {expected}"


def _landed(at_rest: bool) -> Iterator[str]:
    for place in settings().landing.glob("*/*"):
        if place.name.startswith(".half-"):
            if at_rest:
                yield f"{place} is left over"
        elif not place.name.startswith("."):
            with (place / "content").open("rb") as handle:
                if hashlib.file_digest(handle, "sha256").hexdigest() != place.name:
                    yield f"{place / 'content'} is not what its name says"
            if not (place / "snapshot.json").exists():
                yield f"{place} has no sidecar"


def _rest(conn: Connection[Any]) -> Iterator[str]:
    for run_id, maker in conn.execute("select run_id, maker from ops.warehouse_run where state = 'running'"):
        yield f"run {run_id} ({maker}) says that it runs"
    plan = runs.plan(conn)
    yield from (f"not released: {reason}" for reason in plan.reasons if plan.needed)
    if not releases.is_drawn(conn, "site"):
        yield "the site is not of the release that readers see"
    yield from (
        f"release {release.release_id} is half made"
        for release in releases.listing(conn)
        if release.state == "candidate"
    )
    yield from (
        f"vintage {each.vintage} of {each.source_id} is {each.arrival}"
        for each in ledger.vintages(conn)
        if each.arrival != "accepted"
    )


class Readers:
    """One reader of each isolation level, at work from beginning to end of a block."""

    def __init__(self, *, may_lose_the_server: bool) -> None:
        self._may_lose_the_server = may_lose_the_server  # a lost connection is no fault of ours then
        self._faults: list[str] = []
        self._looks = 0
        self._seen: dict[int, tuple[Any, ...]] = {}
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._read, args=(level,), daemon=True) for level in LEVELS]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def found(self) -> list[str]:
        """What they saw that they should not have."""
        return self._faults or ([] if self._looks else ["no reader could read"])

    def _read(self, level: str) -> None:
        query = sql.SQL("select (select release_id from marts.release_info), {}").format(
            sql.SQL(", ").join(
                sql.SQL("(select array[count(*), sum(hashtextextended(mart::text, 0))] from {} as mart)").format(
                    sql.Identifier("marts", mart)
                )
                for mart in READ
            )
        )
        while not self._stop.is_set():
            try:
                with psycopg.connect(database.url("reader"), connect_timeout=5) as conn:
                    while not self._stop.is_set():
                        conn.execute(f"set transaction isolation level {level}".encode())
                        first = conn.execute(query).fetchone()
                        self._stop.wait(PAUSE)
                        second = conn.execute(query).fetchone()
                        conn.commit()
                        assert first and second
                        self._note(level, first, second)
            except psycopg.OperationalError as error:
                if not self._may_lose_the_server:
                    self._faults.append(f"a reader ({level}) failed: {str(error).strip()}")
                time.sleep(PAUSE)
            except psycopg.Error as error:
                self._faults.append(f"a reader ({level}) failed: {str(error).strip()}")
                time.sleep(PAUSE)

    def _note(self, level: str, first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
        with self._lock:
            self._looks += 2
            if level != "read committed" and first != second:
                self._faults.append(f"one transaction ({level}) saw {first}, then {second}")
            for release_id, *seen in (first, second):
                if not all(rows for rows, _ in seen):
                    self._faults.append(f"a reader ({level}) saw an empty mart of release {release_id}: {seen}")
                if self._seen.setdefault(release_id, tuple(map(tuple, seen))) != tuple(map(tuple, seen)):
                    self._faults.append(f"a reader ({level}) saw release {release_id} in two states: {seen}")
