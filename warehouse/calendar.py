"""The publication calendar at any moment, and what is late by it.

The rule is dbt's function `publication_calendar`, which builds `fct_publication_calendar` too. It is asked here of the
ledger and the attempts as they are now; of sources and publications it knows what was built last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from promise.errors import PromiseError

LATE = ("late", "overdue")


@dataclass(frozen=True)
class Entry:
    """One source on one day. The fields are the columns of fct_publication_calendar."""

    source_id: str
    title: str
    publisher_organisation_id: str
    cadence: str
    latest_vintage: int | None
    last_landed_on: date | None
    latest_publication_id: str | None
    last_published_on: date | None
    last_published_precision: str | None
    expected_from: date | None
    expected_until: date | None
    overdue_from: date | None
    expected_basis: str | None
    state: str
    last_asked_at: datetime | None
    failing_since: datetime | None
    failed_attempts: int
    failing_days: int | None
    basis: str
    as_at: date

    @property
    def is_late(self) -> bool:
        return self.state in LATE


class NotBuilt(PromiseError):
    """There is no calendar yet."""


def calendar(conn: Connection[Any], moment: datetime | None = None) -> list[Entry]:
    """Every source of the last build, by id, as at the moment: now unless given. Raises NotBuilt before the first."""
    function = "intermediate.publication_calendar"
    if conn.execute("select to_regproc(%s)", (function,)).fetchone() == (None,):
        raise NotBuilt("nothing has been built yet, so there is nothing to expect and nothing late: run `make run`")
    with conn.cursor(row_factory=class_row(Entry)) as cursor:
        asked = f"select * from {function}(%s) order by source_id"
        return cursor.execute(asked.encode(), (moment or datetime.now(UTC),)).fetchall()


def news(conn: Connection[Any], entries: Sequence[Entry]) -> list[Entry]:
    """What is late, and was not when that was last written down, or has become overdue since."""
    known = {
        (source_id, expected_until): state
        for source_id, expected_until, state in conn.execute(
            "select source_id, expected_until, state from ops.late_source where ended_at is null"
        )
    }
    return [
        entry
        for entry in entries
        if entry.is_late and known.get((entry.source_id, entry.expected_until)) != entry.state
    ]


def record(conn: Connection[Any], entries: Sequence[Entry]) -> list[Entry]:
    """Write down what is late, and since when; what is late no more is closed. Returns the news. Commits."""
    late = [entry for entry in entries if entry.is_late]
    new = news(conn, entries)
    for entry in late:
        conn.execute(
            "insert into ops.late_source (source_id, expected_until, state, basis) values (%s, %s, %s, %s)"
            " on conflict (source_id, expected_until) do update set state = excluded.state, basis = excluded.basis,"
            " seen_at = clock_timestamp(), ended_at = null",
            (entry.source_id, entry.expected_until, entry.state, entry.basis),
        )
    conn.execute(
        "update ops.late_source as was set ended_at = clock_timestamp() where ended_at is null and not exists ("
        " select 1 from unnest(%s::text[], %s::date[]) as late (source_id, expected_until)"
        " where late.source_id = was.source_id and late.expected_until = was.expected_until)",
        ([entry.source_id for entry in late], [entry.expected_until for entry in late]),
    )
    conn.commit()
    return new
