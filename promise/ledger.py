"""The ledger: which landed files are in the warehouse, and what every attempt to get one came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

Outcome = Literal["new", "unchanged", "unavailable", "changed", "failed"]
Arrival = Literal["pending", "accepted", "held", "rejected", "forgotten"]
Decided = Literal["accept", "reject"]


@dataclass(frozen=True)
class Vintage:
    """One landed file that is loaded in raw."""

    vintage: int
    source_id: str
    snapshot_id: str
    publication_id: str | None
    file_name: str
    requested_url: str
    final_url: str
    retrieved_at: datetime
    media_type: str
    size_bytes: int
    row_count: int
    loaded_at: datetime
    arrival: Arrival
    arrival_reason: str | None
    judged_at: datetime | None
    not_before: datetime | None = None
    held_since: date | None = None
    cells_hash: str | None = None
    headings: dict[str, str] | None = None  # our column -> what it is headed by in this file
    reader_revision: int | None = None  # of the reader that gave its texts; null: of before they were counted
    read_as: str | None = None  # what its source's entry said of how it is read; null: of before that was kept

    @property
    def identity(self) -> str:
        """What says whether another file is the same: its cells where the source says so, else its bytes."""
        return self.cells_hash or self.snapshot_id

    def is_due(self, moment: datetime) -> bool:
        """Whether a release made at that moment may hold it."""
        return self.not_before is None or self.not_before <= moment


@dataclass(frozen=True)
class Decision:
    """What a person decided of a vintage that was held, and why."""

    decision_id: int
    vintage: int
    decision: Decided
    decided_by: str
    decided_at: datetime
    why: str


def vintages(conn: Connection[Any], source_id: str | None = None) -> list[Vintage]:
    """Every vintage, oldest first; of one source if named."""
    with conn.cursor(row_factory=class_row(Vintage)) as cursor:
        cursor.execute(
            "select * from ops.vintage where %(source)s::text is null or source_id = %(source)s order by vintage",
            {"source": source_id},
        )
        return cursor.fetchall()


def decisions(conn: Connection[Any]) -> dict[int, Decision]:
    """What people decided, by vintage: the last decision on each, which is the one that counts."""
    with conn.cursor(row_factory=class_row(Decision)) as cursor:
        cursor.execute("select distinct on (vintage) * from ops.decision order by vintage, decision_id desc")
        return {each.vintage: each for each in cursor}


def decide(conn: Connection[Any], vintage: int, decision: Decided, *, decided_by: str, why: str) -> None:
    """Write down what a person decided of a vintage, and let it count. Commits nothing.

    Which vintages people may decide on is the caller's to know.
    """
    conn.execute(
        "insert into ops.decision (vintage, decision, decided_by, why) values (%s, %s, %s, %s)",
        (vintage, decision, decided_by, why),
    )
    arrival: Arrival = "accepted" if decision == "accept" else "rejected"
    reason = None if decision == "accept" else f"rejected by {decided_by}: {why}"
    conn.execute(
        "update ops.vintage set arrival = %s, arrival_reason = %s where vintage = %s", (arrival, reason, vintage)
    )


def forgotten(conn: Connection[Any]) -> frozenset[str]:
    """The files that were forgotten, by their hash, and that nobody has allowed since."""
    rows = conn.execute("select snapshot_id from ops.forgotten where snapshot_id is not null and allowed_at is null")
    return frozenset(snapshot_id for (snapshot_id,) in rows)


def latest(conn: Connection[Any], source_id: str) -> Vintage | None:
    """The vintage loaded last, also when it was held or rejected on arrival: what the publisher showed last."""
    found = vintages(conn, source_id)
    return found[-1] if found else None


def describe_again(
    conn: Connection[Any],
    source_id: str,
    snapshot_id: str,
    *,
    not_before: str | None,
    held_since: str | None,
    publication_id: str | None,
) -> bool:
    """Take over what the source's entry says now of a file that is held already; whether that was news.

    A publisher moves its publication time, or somebody finds out which publication a file is, and the file stays the
    same. An entry that names no publication takes none away. Commits nothing.
    """
    said = {"not_before": not_before, "held_since": held_since, "publication": publication_id}
    return bool(
        conn.execute(
            "update ops.vintage set not_before = %(not_before)s::timestamptz, held_since = %(held_since)s::date,"
            " publication_id = coalesce(%(publication)s, publication_id)"
            " where source_id = %(source)s and snapshot_id = %(snapshot)s"
            " and (not_before, held_since, publication_id) is distinct from"
            " (%(not_before)s::timestamptz, %(held_since)s::date, coalesce(%(publication)s, publication_id))",
            {"source": source_id, "snapshot": snapshot_id} | said,
        ).rowcount
    )


def name_publications(conn: Connection[Any], source_id: str, bundle: str) -> None:
    """Call each of a source's files that is a publication as a whole, and was loaded before anybody said so, by its
    vintage. `bundle` is how the address begins of a file that ships: its edition says what it is. Commits nothing.
    """
    conn.execute(
        "update ops.vintage set publication_id = source_id || '_v' || vintage"
        " where source_id = %s and publication_id is null and not starts_with(requested_url, %s)",
        (source_id, bundle),
    )


def is_on_record(conn: Connection[Any], source_id: str, started_at: datetime) -> bool:
    """Whether it is written down what the attempt at a source that began then came to."""
    return bool(
        conn.execute(
            "select from ops.ingest_attempt where source_id = %s and started_at = %s", (source_id, started_at)
        ).fetchall()
    )


def record_attempt(
    conn: Connection[Any],
    source_id: str,
    outcome: Outcome,
    *,
    started_at: datetime,
    snapshot_id: str | None = None,
    vintage: int | None = None,
    message: str | None = None,
) -> None:
    """Write down what one attempt came to. Commits nothing: the caller's transaction decides."""
    conn.execute(
        "insert into ops.ingest_attempt (source_id, started_at, outcome, snapshot_id, vintage, message)"
        " values (%s, %s, %s, %s, %s, %s)",
        (source_id, started_at, outcome, snapshot_id, vintage, message),
    )
