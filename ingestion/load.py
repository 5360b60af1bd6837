"""A landed file becomes a vintage in `raw`: its own partition, loaded by one COPY, attached with its ledger row.

One transaction: half a vintage is never visible, and a crash leaves nothing behind.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection, sql

from ingestion.landing import Snapshot
from ingestion.readers import read
from promise.catalogue.sources import Source, sources

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
        " retrieved_at, media_type, size_bytes, row_count) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(vintage, source.id, snapshot.snapshot_id, snapshot.publication_id, snapshot.file_name),
            *(snapshot.requested_url, snapshot.final_url, snapshot.retrieved_at, snapshot.media_type),
            *(snapshot.size_bytes, rows),
        ),
    )
    return vintage, rows


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
    names = sql.SQL(", ").join(sql.Identifier(name) for name in (*_columns(source), "_row"))
    rows = 0
    # FREEZE is allowed because this transaction made the table; it saves the later rewrite of every row's header.
    with conn.cursor() as cursor, cursor.copy(sql.SQL("copy {} ({}) from stdin (freeze)").format(child, names)) as copy:
        for address, texts in read(source, snapshot):
            copy.write_row((*texts, address))
            rows += 1
    # The check lets ATTACH skip its scan.
    conn.execute(sql.SQL("alter table {} add check (_vintage = {})").format(child, number))
    conn.execute(sql.SQL("alter table {} attach partition {} for values in ({})").format(parent, child, number))
    conn.execute(sql.SQL("analyze {}").format(child))
    return rows


def _columns(source: Source) -> list[str]:
    return list(source.table.columns.values())
