"""A landed file becomes a vintage in `raw`: its own partition, loaded by one COPY, attached with its ledger row.

One transaction: half a vintage is never visible, and a crash leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import logging
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import psycopg
from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from ingestion.errors import SourceChanged, SourceFaulty
from ingestion.identity import cells_hash
from ingestion.landing import Snapshot, read_sidecar
from ingestion.readers import damage, place, reading
from ingestion.readers.delimited import Stream, Unfaithful
from ingestion.readers.headings import Row
from promise import database, ledger
from promise.catalogue.shapes import Delimited, revision
from promise.catalogue.sources import Source, is_bundled, sources

log = logging.getLogger(__name__)

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
    ensure_table(conn, source)
    row = conn.execute("select nextval('ops.vintage_number')").fetchone()
    assert row is not None
    vintage = int(row[0])
    rows, headings = _copy_partition(conn, source, snapshot, vintage, seconds)
    conn.execute(
        "insert into ops.vintage (vintage, source_id, snapshot_id, publication_id, file_name, requested_url, final_url,"
        " retrieved_at, media_type, size_bytes, row_count, not_before, held_since, cells_hash, headings,"
        " reader_revision, read_as)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(vintage, source.id, snapshot.snapshot_id, _publication(source, snapshot, vintage), snapshot.file_name),
            *(snapshot.requested_url, snapshot.final_url, snapshot.retrieved_at, snapshot.media_type),
            *(snapshot.size_bytes, rows, snapshot.not_before, snapshot.held_since),
            cells_hash(source, snapshot) if source.identity == "cells" else None,
            Jsonb(headings),
            revision(source.as_landed(snapshot.requested_url).table.reader.shape),
            _read_as(source, snapshot.requested_url),
        ),
    )
    return vintage, rows


def load_aside(conn: Connection[Any], source: Source, snapshot: Snapshot) -> tuple[str, dict[str, str]]:
    """Load a file only to look at it; returns its partition and what each column is headed by in it.

    The caller rolls back. No number is taken from the vintages, and nobody else sees anything of it.
    """
    ensure_table(conn, source)
    _, headings = _copy_partition(conn, source, snapshot, NO_VINTAGE)
    return partition_name(source, NO_VINTAGE), headings


def load_again(conn: Connection[Any], source: Source, snapshot: Snapshot, vintage: ledger.Vintage) -> int:
    """Load a vintage that the ledger has and `raw` has not; returns its rows. The caller commits.

    One that an older revision of its reader read is to be judged anew: what that gave is not there to compare. One that
    must not be used as it stands has no rows.
    """
    database.lock(conn, f"ingest {source.id}")
    ensure_table(conn, source)
    try:
        with conn.transaction():
            rows, headings = _copy_partition(conn, source, snapshot, vintage.vintage)
    except SourceFaulty as fault:
        with _partition(conn, source, vintage.vintage):
            pass
        if vintage.row_count:
            _take_rows_away(conn, source, vintage, fault)
        return 0
    if _is_outdated(source, vintage):
        _judge_anew(conn, source, snapshot, vintage.vintage, rows)
    _note_reading(conn, source, vintage, headings)
    return rows


def ensure_tables(conn: Connection[Any]) -> None:
    """An empty raw table for every described source that has none: one that never arrived must not stop the others.

    Vintages of before the ledger knew headings get theirs, since staging names cells by them. Vintages that an older
    revision of their reader read, or that were read otherwise than their source's entry says by now, are read again
    from landing, each in a transaction of its own.
    """
    for source in sources().values():
        ensure_table(conn, source)
    for vintage in ledger.vintages(conn):
        if vintage.arrival == "forgotten" or vintage.source_id not in sources():
            continue
        if vintage.headings is None:
            _note_headings(conn, vintage.vintage, _headings_of(vintage))
        if vintage.read_as is None:  # as it is described now, since nobody knows better
            _note_description(conn, sources()[vintage.source_id], vintage)
    conn.commit()
    _read_outdated(conn)


def _read_outdated(conn: Connection[Any]) -> None:
    """Read again what was read otherwise than it is now, and say in the log what came of it. Commits."""
    outcomes: Counter[str] = Counter()
    for vintage in ledger.vintages(conn):
        source = sources().get(vintage.source_id)
        if source is None or not _is_outdated(source, vintage) or not _is_loaded(conn, source, vintage):
            continue
        try:
            with conn.transaction():
                outcomes["other texts" if _read_again(conn, source, vintage) else "the same texts"] += 1
        except SourceFaulty as fault:
            with conn.transaction():
                _take_rows_away(conn, source, vintage, fault)
            outcomes["a fault"] += 1
        except (OSError, SourceChanged) as error:
            log.warning(
                "vintage %s of %s stays as it was read, because it cannot be read again: %s",
                *(vintage.vintage, source.id, error),
            )
    conn.commit()
    if outcomes:
        log.info(
            "read %s vintages again that an older reader, or by another entry, had read: %s",
            *(outcomes.total(), ", ".join(f"{times} with {outcome}" for outcome, times in outcomes.items())),
        )


def _is_outdated(source: Source, vintage: ledger.Vintage) -> bool:
    """Whether an older reader read it, or the entry has been corrected since: its reader, or whose a heading is."""
    table = source.as_landed(vintage.requested_url).table
    if (vintage.reader_revision or 1) < revision(table.reader.shape):
        return True
    if vintage.read_as not in (None, _read_as(source, vintage.requested_url)):
        return True
    # A heading that came to be called otherwise is of its column still.
    found = vintage.headings or table.newest
    return found.keys() != table.columns.keys() or any(
        heading not in table.columns[column] for column, heading in found.items()
    )


def _read_as(source: Source, requested_url: str) -> str:
    """What the entry says of how the file that was asked for there is read, but for the headings."""
    reader = source.as_landed(requested_url).table.reader.model_dump(mode="json", exclude_none=True)
    edition = source.edition(requested_url)
    said = json.dumps([reader, edition.period if edition else None], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _is_loaded(conn: Connection[Any], source: Source, vintage: ledger.Vintage) -> bool:
    """Whether `raw` has it; where it was lost, `promise rebuild` loads it."""
    there = sql.Identifier("raw", partition_name(source, vintage.vintage)).as_string(conn)
    return conn.execute("select to_regclass(%s) is not null", (there,)).fetchone() == (True,)


def _read_again(conn: Connection[Any], source: Source, vintage: ledger.Vintage) -> bool:
    """Put the texts of a vintage's landed file in place of those in `raw`, if they differ; whether they did.

    Row by row, and not by another partition: readers of the table go on meanwhile.
    """
    database.lock(conn, f"ingest {source.id}")
    ensure_table(conn, source)
    snapshot = read_sidecar(source.id, vintage.snapshot_id)
    found = reading(source, snapshot)
    there = sql.Identifier("raw", partition_name(source, vintage.vintage))
    again = sql.Identifier("read_again")
    cells = sql.SQL(", ").join(sql.Identifier(name) for name in (*source.table.columns, "_row"))
    conn.execute(sql.SQL("create temporary table {} (like {}) on commit drop").format(again, there))
    conn.execute(sql.SQL("alter table {} alter column _vintage drop not null").format(again))
    rows = _copy_rows(conn, source, found.rows, again)
    described = source.as_landed(snapshot.requested_url)
    _refuse_damage(conn, described, snapshot, there=again, headings=found.headings)
    one_way = sql.SQL("exists (select {cells} from {one} except all select {cells} from {other})")
    differ = conn.execute(
        sql.SQL("select {} or {}").format(
            one_way.format(cells=cells, one=there, other=again), one_way.format(cells=cells, one=again, other=there)
        )
    ).fetchone()
    changed = differ == (True,)
    if changed:
        conn.execute(sql.SQL("delete from {}").format(there))
        conn.execute(sql.SQL("insert into {} ({cells}) select {cells} from {}").format(there, again, cells=cells))
        _judge_anew(conn, source, snapshot, vintage.vintage, rows)
    _note_reading(conn, source, vintage, found.headings)
    return changed


def _take_rows_away(conn: Connection[Any], source: Source, vintage: ledger.Vintage, fault: SourceFaulty) -> None:
    """Leave nothing of a vintage that must not be used; the arrival gate rejects it for that."""
    database.lock(conn, f"ingest {source.id}")
    conn.execute(sql.SQL("delete from {}").format(sql.Identifier("raw", partition_name(source, vintage.vintage))))
    conn.execute("select ops.judge_anew(%s, 0, %s)", (vintage.vintage, vintage.cells_hash))
    _note_reading(conn, source, vintage, vintage.headings or {})
    ledger.record_attempt(
        *(conn, source.id, "changed"),
        started_at=datetime.now(UTC),
        snapshot_id=vintage.snapshot_id,
        vintage=vintage.vintage,
        message=f"vintage {vintage.vintage} was read again, and its rows were taken away: {fault}",
    )


def _judge_anew(conn: Connection[Any], source: Source, snapshot: Snapshot, vintage: int, rows: int) -> None:
    cells = cells_hash(source, snapshot) if source.identity == "cells" else None
    conn.execute("select ops.judge_anew(%s, %s, %s)", (vintage, rows, cells))


def _note_reading(conn: Connection[Any], source: Source, vintage: ledger.Vintage, headings: dict[str, str]) -> None:
    _note_headings(conn, vintage.vintage, headings)
    conn.execute(
        "update ops.vintage set reader_revision = %s where vintage = %s",
        (revision(source.as_landed(vintage.requested_url).table.reader.shape), vintage.vintage),
    )
    _note_description(conn, source, vintage)


def _note_description(conn: Connection[Any], source: Source, vintage: ledger.Vintage) -> None:
    conn.execute(
        "update ops.vintage set read_as = %s where vintage = %s",
        (_read_as(source, vintage.requested_url), vintage.vintage),
    )


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


def ensure_table(conn: Connection[Any], source: Source) -> None:
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
            headings, is_suspect = stream.headings, stream.is_suspect
        else:
            is_suspect = True  # nobody has looked
            found = reading(source, snapshot)
            headings = found.headings
            with _partition(conn, source, vintage) as child:
                rows = _copy_rows(conn, source, found.rows, child)
        if is_suspect:
            there = sql.Identifier("raw", partition_name(source, vintage))
            _refuse_damage(conn, source, snapshot, there=there, headings=headings)
    with _timed(seconds, "analyze"):
        # Staging reads all of a vintage, so the planner needs little more than its size; on a hundred columns the
        # default sample costs as much as the load.
        conn.execute(sql.SQL("set local default_statistics_target = {}").format(sql.Literal(SAMPLE)))
        conn.execute(sql.SQL("analyze {}").format(sql.Identifier("raw", partition_name(source, vintage))))
        conn.execute("set local default_statistics_target to default")
    return rows, headings


def _refuse_damage(
    conn: Connection[Any], source: Source, snapshot: Snapshot, *, there: sql.Identifier, headings: dict[str, str]
) -> None:
    """Raise SourceFaulty, with cells, for a column in which a spreadsheet program has left its traces."""
    columns = [*source.table.columns]
    # A longer text, such as a boundary, is neither a band nor a code.
    look = sql.SQL("bool_or(length({column}) < 200 and {column} ~ {suspect})")
    looks = sql.SQL(", ").join(look.format(column=sql.Identifier(each), suspect=damage.SUSPECT) for each in columns)
    suspects = conn.execute(sql.SQL("select {} from {}").format(looks, there)).fetchone() or ()
    for column in (column for column, is_suspect in zip(columns, suspects, strict=True) if is_suspect):
        texts = sql.SQL("select {column}, count(*), min(_row) from {} where {column} <> '' group by 1 order by 3")
        held = conn.execute(texts.format(there, column=sql.Identifier(column))).fetchall()
        found = damage.find(headings.get(column, ""), {text: times for text, times, _ in held})
        if found:
            rows = {text: row for text, _, row in held}
            cells = [place(source, snapshot, rows[text], headings.get(column, "")) for text in found.texts[:3]]
            more = f" and {len(found.texts) - 3} more" if len(found.texts) > 3 else ""
            raise SourceFaulty(
                f"{source.id}: {snapshot.file_name}, {', '.join(cells)}{more}: {found.words}. {damage.REMEDY}"
            )


@contextlib.contextmanager
def _partition(conn: Connection[Any], source: Source, vintage: int) -> Iterator[sql.Identifier]:
    """An empty table to be filled, and made a partition at the end of the block.

    Each row is checked on its way in, which beats scanning them when they are attached; and readers of the other
    vintages are locked out at no time, as they would be by `create table ... partition of`.
    """
    parent = sql.Identifier("raw", source.raw_table)
    child = sql.Identifier("raw", partition_name(source, vintage))
    number = sql.Literal(vintage)
    conn.execute(sql.SQL("create table {} (like {} including defaults)").format(child, parent))
    conn.execute(
        sql.SQL(
            "alter table {} alter column _vintage set default {}, add constraint here check (_vintage = {})"
        ).format(child, number, number)
    )
    yield child
    conn.execute(sql.SQL("alter table {} attach partition {} for values in ({})").format(parent, child, number))
    conn.execute(sql.SQL("alter table {} drop constraint here").format(child))


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
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in stream.columns)
    dialect = sql.SQL("format text") if stream.plain else sql.SQL("format csv, force_not_null ({})").format(columns)
    # FREEZE asks for a table that was made in this same savepoint.
    with (
        contextlib.suppress(psycopg.DataError, Unfaithful, *DAMAGED),
        conn.transaction(),
        _partition(conn, source, vintage) as child,
    ):
        # By the default `nextval` PostgreSQL would look up for each row which sequence that is and who may use it.
        conn.execute(
            sql.SQL(
                "alter table {} alter column _row add generated by default as identity (start {} cache 10000)"
            ).format(child, sql.Literal(stream.HEADER_LINES + 1))
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
        conn.execute(sql.SQL("alter table {} alter column _row drop identity").format(child))
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
