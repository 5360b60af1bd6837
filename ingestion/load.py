"""A landed file becomes a vintage in `raw`: its own partition, loaded by one COPY, attached with its ledger row.

One transaction: half a vintage is never visible, and a crash leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import gzip
import zlib
from typing import Any

import psycopg
from psycopg import Connection, sql

from ingestion.identity import cells_hash
from ingestion.landing import Snapshot
from ingestion.readers import read
from ingestion.readers.delimited import Stream
from promise.catalogue.sources import Delimited, Source, sources

PROVENANCE = ("_vintage", "_row")


def load_vintage(conn: Connection[Any], source: Source, snapshot: Snapshot) -> tuple[int, int]:
    """Load a snapshot; returns (vintage, rows). The caller commits. Raises SourceChanged for what cannot be read."""
    # Two loads of one source at once would both create its table.
    conn.execute("select pg_advisory_xact_lock(hashtext('ingest ' || %s))", (source.id,))
    _ensure_table(conn, source)
    row = conn.execute("select nextval('ops.vintage_number')").fetchone()
    assert row is not None
    vintage = int(row[0])
    rows = _copy_partition(conn, source, snapshot, vintage)
    conn.execute(
        "insert into ops.vintage (vintage, source_id, snapshot_id, publication_id, file_name, requested_url, final_url,"
        " retrieved_at, media_type, size_bytes, row_count, not_before, held_since, cells_hash)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(vintage, source.id, snapshot.snapshot_id, snapshot.publication_id, snapshot.file_name),
            *(snapshot.requested_url, snapshot.final_url, snapshot.retrieved_at, snapshot.media_type),
            *(snapshot.size_bytes, rows, snapshot.not_before, snapshot.held_since),
            cells_hash(source, snapshot) if source.identity == "cells" else None,
        ),
    )
    return vintage, rows


def load_again(conn: Connection[Any], source: Source, snapshot: Snapshot, vintage: int) -> int:
    """Load a vintage that the ledger has and `raw` has not; returns its rows. The caller commits."""
    conn.execute("select pg_advisory_xact_lock(hashtext('ingest ' || %s))", (source.id,))
    _ensure_table(conn, source)
    return _copy_partition(conn, source, snapshot, vintage)


def ensure_tables(conn: Connection[Any]) -> None:
    """An empty raw table for every described source that has none: one that never arrived must not stop the others."""
    for source in sources().values():
        _ensure_table(conn, source)
    conn.commit()


def partition_name(source: Source, vintage: int) -> str:
    """The name of a vintage's partition in schema `raw`, within PostgreSQL's 63 characters."""
    return f"{source.raw_table}__v{vintage}"


def _ensure_table(conn: Connection[Any], source: Source) -> None:
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in _columns(source))
    parent = sql.Identifier("raw", source.raw_table)
    conn.execute(
        sql.SQL(
            "create table if not exists {} ({}, _vintage integer not null, _row bigint not null)"
            " partition by list (_vintage)"
        ).format(parent, columns)
    )
    # A publisher that adds a column does not lose us the vintages before it.
    for name in _columns(source):
        conn.execute(sql.SQL("alter table {} add column if not exists {} text").format(parent, sql.Identifier(name)))


def _copy_partition(conn: Connection[Any], source: Source, snapshot: Snapshot, vintage: int) -> int:
    parent = sql.Identifier("raw", source.raw_table)
    child = sql.Identifier("raw", partition_name(source, vintage))
    conn.execute(sql.SQL("create table {} (like {} including defaults)").format(child, parent))
    number = sql.Literal(vintage)
    conn.execute(sql.SQL("alter table {} alter column _vintage set default {}").format(child, number))
    rows = _stream(conn, source, snapshot, child)
    if rows is None:
        rows = _copy_rows(conn, source, snapshot, child)
    # The check lets ATTACH skip its scan.
    conn.execute(sql.SQL("alter table {} add check (_vintage = {})").format(child, number))
    conn.execute(sql.SQL("alter table {} attach partition {} for values in ({})").format(parent, child, number))
    conn.execute(sql.SQL("analyze {}").format(child))
    return rows


def _copy_rows(conn: Connection[Any], source: Source, snapshot: Snapshot, child: sql.Identifier) -> int:
    """Row by row through the reader, which knows every fault by its place."""
    names = sql.SQL(", ").join(sql.Identifier(name) for name in (*_columns(source), "_row"))
    rows = 0
    # FREEZE is allowed because this transaction made the table; it saves the later rewrite of every row's header.
    with conn.cursor() as cursor, cursor.copy(sql.SQL("copy {} ({}) from stdin (freeze)").format(child, names)) as copy:
        for address, texts in read(source, snapshot):
            copy.write_row((*texts, address))
            rows += 1
    return rows


def _stream(conn: Connection[Any], source: Source, snapshot: Snapshot, child: sql.Identifier) -> int | None:
    """The bytes of a clean text file straight into COPY; None when it has to be read row by row.

    Several times as fast, and with no row of it in memory. PostgreSQL numbers the rows, which gives their lines.
    """
    if not isinstance(source.table.reader, Delimited):
        return None
    stream = Stream(source, snapshot, source.table.reader)
    counter = sql.Identifier("raw", f"lines_of_{snapshot.snapshot_id[:32]}")
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in stream.columns)
    statement = sql.SQL("copy {} ({}) from stdin (format csv, freeze, delimiter {}, force_not_null ({}))")
    with contextlib.suppress(psycopg.DataError, EOFError, zlib.error, gzip.BadGzipFile), conn.transaction():
        # The partition is made afresh inside this savepoint: FREEZE asks for a table of the same subtransaction.
        conn.execute(sql.SQL("create sequence {} as bigint start {} cache 10000").format(
            counter, sql.Literal(stream.HEADER_LINES + 1)))  # fmt: skip
        conn.execute(
            sql.SQL("alter table {} alter column _row set default nextval({})").format(
                child, sql.Literal(f"raw.lines_of_{snapshot.snapshot_id[:32]}")
            )
        )
        conn.execute(sql.SQL("truncate {}").format(child))
        with conn.cursor() as cursor:
            with cursor.copy(statement.format(child, columns, sql.Literal(stream.delimiter), columns)) as copy:
                for chunk in stream.chunks():
                    copy.write(chunk)
            rows = cursor.rowcount
        if not stream.is_faithful(rows):
            raise psycopg.Rollback
        conn.execute(sql.SQL("alter table {} alter column _row drop default").format(child))
        conn.execute(sql.SQL("drop sequence {}").format(counter))
        return rows
    return None


def _columns(source: Source) -> list[str]:
    return list(source.table.columns.values())
