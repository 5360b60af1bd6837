"""A landed file becomes a vintage in `raw`: its own partition, loaded by one COPY, attached with its ledger row.

One transaction: half a vintage is never visible, and a crash leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import gzip
import time
import zlib
from collections.abc import Iterator
from typing import Any, Literal

import psycopg
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from ingestion.errors import SourceChanged
from ingestion.identity import cells_hash
from ingestion.landing import Snapshot, read_sidecar
from ingestion.readers import reading
from ingestion.readers.delimited import Stream, Unfaithful
from ingestion.readers.headings import Row
from promise import database, ledger
from promise.catalogue.shapes import Delimited
from promise.catalogue.sources import Source, is_bundled, sources

DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)
NO_VINTAGE = 0  # the number of what is only looked at
SAMPLE = 10  # of ANALYZE; PostgreSQL takes three hundred times as many rows
Part = Literal["scan", "copy", "analyze"]
Seconds = dict[Part, float]


def load_vintage(
    conn: Connection[Any], source: Source, snapshot: Snapshot, seconds: Seconds | None = None
) -> tuple[int, int]:
    """Load a snapshot; returns (vintage, rows). The caller commits. Raises SourceChanged for what cannot be read.

    `seconds` receives how long the parts took.
    """
    # Two loads of one source at once would both create its table.
    database.lock(conn, f"ingest {source.id}")
    _ensure_table(conn, source)
    row = conn.execute("select nextval('ops.vintage_number')").fetchone()
    assert row is not None
    vintage = int(row[0])
    rows, headings = _copy_partition(conn, source, snapshot, vintage, seconds)
    conn.execute(
        "insert into ops.vintage (vintage, source_id, snapshot_id, publication_id, file_name, requested_url, final_url,"
        " retrieved_at, media_type, size_bytes, row_count, not_before, held_since, cells_hash, headings)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(vintage, source.id, snapshot.snapshot_id, _publication(source, snapshot, vintage), snapshot.file_name),
            *(snapshot.requested_url, snapshot.final_url, snapshot.retrieved_at, snapshot.media_type),
            *(snapshot.size_bytes, rows, snapshot.not_before, snapshot.held_since),
            cells_hash(source, snapshot) if source.identity == "cells" else None,
            Jsonb(headings),
        ),
    )
    return vintage, rows


def load_aside(conn: Connection[Any], source: Source, snapshot: Snapshot) -> tuple[str, dict[str, str]]:
    """Load a file only to look at it; returns its partition and what each column is headed by in it.

    The caller rolls back. No number is taken from the vintages, and nobody else sees anything of it.
    """
    _ensure_table(conn, source)
    _, headings = _copy_partition(conn, source, snapshot, NO_VINTAGE)
    return partition_name(source, NO_VINTAGE), headings


def load_again(conn: Connection[Any], source: Source, snapshot: Snapshot, vintage: int) -> int:
    """Load a vintage that the ledger has and `raw` has not; returns its rows. The caller commits."""
    database.lock(conn, f"ingest {source.id}")
    _ensure_table(conn, source)
    rows, headings = _copy_partition(conn, source, snapshot, vintage)
    _note_headings(conn, vintage, headings)
    return rows


def ensure_tables(conn: Connection[Any]) -> None:
    """An empty raw table for every described source that has none: one that never arrived must not stop the others.

    Vintages of before the ledger knew headings get theirs, since staging names cells by them.
    """
    for source in sources().values():
        _ensure_table(conn, source)
    for vintage in ledger.vintages(conn):
        if vintage.headings is None and vintage.source_id in sources():
            _note_headings(conn, vintage.vintage, _headings_of(vintage))
    conn.commit()


def _headings_of(vintage: ledger.Vintage) -> dict[str, str]:
    """From the landed file; where that is gone, or no longer read as described, what the columns are headed by now."""
    source = sources()[vintage.source_id]
    try:
        return reading(source, read_sidecar(vintage.source_id, vintage.snapshot_id)).headings
    except (OSError, SourceChanged):
        return source.as_landed(vintage.requested_url).table.newest


def _note_headings(conn: Connection[Any], vintage: int, headings: dict[str, str]) -> None:
    conn.execute("update ops.vintage set headings = %s where vintage = %s", (Jsonb(headings), vintage))


def partition_name(source: Source, vintage: int) -> str:
    """The name of a vintage's partition in schema `raw`, within PostgreSQL's 63 characters."""
    return f"{source.raw_table}__v{vintage}"


def _ensure_table(conn: Connection[Any], source: Source) -> None:
    parent = sql.Identifier("raw", source.raw_table)
    # Provenance stands first: columns of a fixed width are stored closest there.
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in source.table.columns)
    conn.execute(
        sql.SQL(
            "create table if not exists {} (_row bigint not null, _vintage integer not null, {})"
            " partition by list (_vintage)"
        ).format(parent, columns)
    )
    known = conn.execute(
        "select attname from pg_attribute where attrelid = to_regclass(%s) and not attisdropped", (parent.as_string(),)
    )
    present = {name for (name,) in known}
    # A publisher that adds a column does not lose us the vintages before it. Only then are readers locked out.
    for name in source.table.columns:
        if name not in present:
            conn.execute(sql.SQL("alter table {} add column {} text").format(parent, sql.Identifier(name)))


def _copy_partition(
    conn: Connection[Any], source: Source, snapshot: Snapshot, vintage: int, seconds: Seconds | None = None
) -> tuple[int, dict[str, str]]:
    """Load a snapshot; returns how many rows it has, and what each column is headed by in it."""
    source = source.as_landed(snapshot.requested_url)
    with _timed(seconds, "scan"):
        reader = source.table.reader
        stream = Stream.of(source, snapshot, reader) if isinstance(reader, Delimited) else None
    with _timed(seconds, "copy"):
        rows = _copy_stream(conn, source, vintage, stream) if stream else None
        if stream and rows is not None:
            headings = stream.headings
        else:
            found = reading(source, snapshot)
            headings = found.headings
            rows = _copy_rows(conn, source, found.rows, _attach_partition(conn, source, vintage))
    with _timed(seconds, "analyze"):
        # Staging reads all of a vintage, so the planner needs little more than its size; on a hundred columns the
        # default sample costs as much as the load.
        conn.execute(sql.SQL("set local default_statistics_target = {}").format(sql.Literal(SAMPLE)))
        conn.execute(sql.SQL("analyze {}").format(sql.Identifier("raw", partition_name(source, vintage))))
        conn.execute("set local default_statistics_target to default")
    return rows, headings


def _attach_partition(conn: Connection[Any], source: Source, vintage: int) -> sql.Identifier:
    """An empty partition. Attached before it is filled: checking each row on its way in beats scanning them after."""
    parent = sql.Identifier("raw", source.raw_table)
    child = sql.Identifier("raw", partition_name(source, vintage))
    number = sql.Literal(vintage)
    conn.execute(sql.SQL("create table {} (like {} including defaults)").format(child, parent))
    conn.execute(sql.SQL("alter table {} alter column _vintage set default {}").format(child, number))
    # Not `create table ... partition of`, which would lock readers out of the other vintages.
    conn.execute(sql.SQL("alter table {} attach partition {} for values in ({})").format(parent, child, number))
    return child


def _copy_rows(conn: Connection[Any], source: Source, found: Iterator[Row], child: sql.Identifier) -> int:
    """Row by row through the reader, which knows every fault by its place."""
    names = sql.SQL(", ").join(sql.Identifier(name) for name in (*source.table.columns, "_row"))
    rows = 0
    # FREEZE is allowed because this transaction made the table; it saves the later rewrite of every row's header.
    with conn.cursor() as cursor, cursor.copy(sql.SQL("copy {} ({}) from stdin (freeze)").format(child, names)) as copy:
        for address, texts in found:
            copy.write_row((*texts, address))
            rows += 1
    return rows


def _copy_stream(conn: Connection[Any], source: Source, vintage: int, stream: Stream) -> int | None:
    """The bytes of a clean text file straight into COPY; None when it has to be read row by row.

    Several times as fast, and with no row of it in memory. PostgreSQL numbers the rows, which gives their lines.
    """
    counter = f"lines_of_v{vintage}"
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in stream.columns)
    dialect = sql.SQL("format text") if stream.plain else sql.SQL("format csv, force_not_null ({})").format(columns)
    # FREEZE asks for a table that was made in this same savepoint.
    with contextlib.suppress(psycopg.DataError, Unfaithful, *DAMAGED), conn.transaction():
        child = _attach_partition(conn, source, vintage)
        conn.execute(
            sql.SQL("create sequence {} as bigint start {} cache 10000").format(
                sql.Identifier("raw", counter), sql.Literal(stream.HEADER_LINES + 1)
            )
        )
        conn.execute(
            sql.SQL("alter table {} alter column _row set default nextval({})").format(
                child, sql.Literal(f"raw.{counter}")
            )
        )
        statement = sql.SQL("copy {} ({}) from stdin ({}, freeze, encoding 'UTF8', delimiter {})").format(
            child, columns, dialect, sql.Literal(stream.delimiter)
        )
        with conn.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for chunk in stream.chunks():
                    copy.write(chunk)
            rows = cursor.rowcount
        if rows != stream.lines:  # a row of several lines: those after it do not stand where they are counted
            raise Unfaithful("a line break inside a cell")
        conn.execute(sql.SQL("alter table {} alter column _row drop default").format(child))
        conn.execute(sql.SQL("drop sequence {}").format(sql.Identifier("raw", counter)))
        return rows
    return None


@contextlib.contextmanager
def _timed(seconds: Seconds | None, part: Part) -> Iterator[None]:
    started = time.perf_counter()
    yield
    if seconds is not None:
        seconds[part] = time.perf_counter() - started


def _publication(source: Source, snapshot: Snapshot, vintage: int) -> str | None:
    """What the publication that the file is as a whole is called: as its source says, else by its vintage."""
    by_file = source.live is not None and source.live.publication_series is not None
    if snapshot.publication_id or not by_file or is_bundled(snapshot.requested_url):
        return snapshot.publication_id
    return f"{source.id}_v{vintage}"
