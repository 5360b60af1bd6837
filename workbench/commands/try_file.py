"""`promise try`: whether a file would be accepted as the next edition of a source. Changes nothing, needs no Airflow.

It is read and judged by the code that loads and judges every file, in one transaction that is rolled back.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row
from rich.console import Console
from rich.markup import escape

from expectations.arrival import edition_before, examine, later_editions, of_an_older_edition
from expectations.arrival_rows import AREA, BEGINS, KEY, figures_of
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched, Snapshot, refuse_what_is_no_data
from ingestion.load import load_aside, partition_name
from ingestion.personal import refuse_personal
from promise import database, ledger
from promise.catalogue.sources import BUNDLE, Source
from promise.catalogue.sources import source as described
from promise.errors import PromiseError


@dataclass(frozen=True)
class Unlanded(Snapshot):
    """A file where it lies, described as a landed one is."""

    path: Path = field(default_factory=Path)

    @property
    def content(self) -> Path:
        return self.path


@dataclass(frozen=True)
class Tried:
    """What would become of a file."""

    source_id: str
    file: str
    arrival: str  # accepted, held or rejected
    findings: tuple[str, ...] = ()
    rows: int | None = None
    areas: int | None = None
    periods: tuple[str, ...] = ()
    markers: dict[str, int] = field(default_factory=dict)
    compared_with: int | None = None  # the vintage in use
    difference: dict[str, int] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        return self.arrival == "accepted"


def attempt(source_id: str, file: Path) -> Tried:
    """Read and judge a file as the next edition of a source. Raises PromiseError for no such source or file."""
    source = described(source_id)
    if not file.is_file():
        raise PromiseError(f"{file} is no file; name the published file as it was downloaded")
    database.ensure_running()
    try:
        refuse_what_is_no_data(source_id, _fetched(file), file.open("rb").read(1024))
        with database.connect("loader") as conn, conn.transaction(force_rollback=True):
            return _tried(conn, source, file)
    except SourceChanged as error:
        return Tried(source_id, str(file), "rejected", (str(error),))


def show(source_id: str, file: Path, console: Console) -> bool:
    """The same, in words; returns whether it would be accepted."""
    tried = attempt(source_id, file)
    for line in _lines(tried):
        console.print(escape(line), highlight=False, soft_wrap=True)
    return tried.is_accepted


def _tried(conn: Connection[Any], source: Source, file: Path) -> Tried:
    snapshot, partition, headings = _loaded(conn, source, file)
    asked = source.as_landed(snapshot.requested_url, headings)
    in_use = [each for each in ledger.vintages(conn, source.id) if each.arrival == "accepted"]
    edition = source.edition(snapshot.requested_url)
    publication_id = edition.publication.id if edition and edition.publication else None
    later = later_editions(source, in_use, publication_id)
    before = edition_before([each for each in in_use if each not in later], file.name)
    judgement = examine(
        conn,
        asked,
        _as_vintage(snapshot, headings),
        partition=partition,
        before=partition_name(source, before.vintage) if before else None,
        content=file,
    )
    return Tried(
        source_id=source.id,
        file=str(file),
        arrival=judgement.arrival,
        findings=(*of_an_older_edition(source.id, file.name, later), *judgement.findings),
        compared_with=before.vintage if before else None,
        **_contents(conn, asked, compared=before is not None),
    )


def _loaded(conn: Connection[Any], source: Source, file: Path) -> tuple[Snapshot, str, dict[str, str]]:
    """Read as the bundled files are; where the publisher's own have another shape, as that where the first fails."""
    with file.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    edition = next((each for each in source.bundle if each.file == file.name), None)  # it may say more of its file
    snapshot = Unlanded(
        source_id=source.id,
        snapshot_id=digest,
        file_name=file.name,
        requested_url=source.address(edition) if edition else f"{BUNDLE}{file.name}",
        final_url=str(file),
        media_type="",
        size_bytes=file.stat().st_size,
        publication_id=None,
        retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
        path=file,
    )
    # The publisher's own file is one that did not come out of the bundle: any other address says so.
    addresses = [snapshot.requested_url, *([""] if source.live is not None and source.live.reads is not None else [])]
    faults: list[str] = []
    for address in addresses:
        as_asked = dataclasses.replace(snapshot, requested_url=address)
        try:
            refuse_personal(source.id, as_asked, source)
            with conn.transaction():
                return (as_asked, *load_aside(conn, source, as_asked))
        except SourceChanged as error:
            faults.append(str(error))
    raise SourceChanged(" Read as the publisher's own file: ".join(dict.fromkeys(faults)))


def _contents(conn: Connection[Any], source: Source, *, compared: bool) -> dict[str, Any]:
    """What the tables of the gate show of a file, and what is other than in the edition before."""
    checks = source.table.checks
    period = sql.Identifier(checks.period.column) if checks.period else sql.SQL("null::text")
    row = conn.execute(
        sql.SQL("select count(*), nullif(count(distinct {}), 0) from judged").format(sql.Identifier(AREA))
    ).fetchone()
    assert row is not None
    periods = conn.execute(
        sql.SQL("select min({}) from judged where {begins} is not null group by {begins} order by {begins}").format(
            period, begins=sql.Identifier(BEGINS)
        )
    ).fetchall()
    return {
        "rows": row[0],
        "areas": row[1],
        "periods": tuple(text for (text,) in periods),
        "markers": dict(_markers(conn, source)),
        "difference": _difference(conn, source) if compared else {},
    }


def _markers(conn: Connection[Any], source: Source) -> Iterator[tuple[str, int]]:
    for marker in source.markers:
        counts = sql.SQL(" + ").join(
            sql.SQL("count(*) filter (where {} is not distinct from nullif({}, ''))").format(
                sql.Identifier(column), sql.Literal(marker)
            )
            for column in source.table.checks.numbers
        )
        if source.table.checks.numbers:
            found = conn.execute(sql.SQL("select {} from judged").format(counts)).fetchone()
            if found and found[0]:
                yield marker, found[0]


def _difference(conn: Connection[Any], source: Source) -> dict[str, int]:
    with conn.cursor(row_factory=dict_row) as cursor:
        statement = sql.SQL(
            "select (select count(*) from judged where not exists (select from earlier where {key} = judged.{key}))"
            " as rows_added, (select count(*) from earlier where not exists"
            " (select from judged where {key} = earlier.{key})) as rows_gone,"
            " (select count(*) from pair where now <> earlier) as figures_revised,"
            " (select count(*) from pair) as figures_compared"
        ).format(key=sql.Identifier(KEY))
        found = cursor.execute(statement).fetchone() or {}
    if not figures_of(source):
        found = {name: count for name, count in found.items() if not name.startswith("figures")}
    return found


def _as_vintage(snapshot: Snapshot, headings: dict[str, str]) -> ledger.Vintage:
    now = datetime.now(UTC)
    return ledger.Vintage(
        vintage=0,
        source_id=snapshot.source_id,
        snapshot_id=snapshot.snapshot_id,
        publication_id=None,
        file_name=snapshot.file_name,
        requested_url=snapshot.requested_url,
        final_url=snapshot.final_url,
        retrieved_at=now,
        media_type=snapshot.media_type,
        size_bytes=snapshot.size_bytes,
        row_count=0,
        loaded_at=now,
        arrival="pending",
        arrival_reason=None,
        judged_at=None,
        headings=headings,
    )


def _fetched(file: Path) -> Fetched:
    return Fetched(
        path=file,
        file_name=file.name,
        requested_url=str(file),
        final_url=str(file),
        media_type="",
        publication_id=None,
    )


def _lines(tried: Tried) -> Iterator[str]:
    if tried.rows is not None:
        yield f"{tried.rows:,} rows" + (f", {tried.areas} areas" if tried.areas else "")
        if tried.periods:
            several = len(tried.periods) > 1
            yield f"{len(tried.periods)} periods: {tried.periods[0]}" + (f" to {tried.periods[-1]}" if several else "")
        if tried.markers:
            yield "markers: " + ", ".join(f"{marker!r} {count:,}" for marker, count in tried.markers.items())
        if tried.difference:
            told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in tried.difference.items())
            yield f"beside vintage {tried.compared_with}, which is in use: {told}"
        elif tried.compared_with is None:
            yield "no edition is in use that it could be compared with"
    for finding in tried.findings:
        yield f"- {finding}"
    yield {
        "accepted": "It would be accepted.",
        "held": "It would be held until a person accepts it (`promise quarantine`).",
        "rejected": "It would be rejected; nothing was changed.",
    }[tried.arrival]
