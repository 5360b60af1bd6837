"""What the gates wrote down in `ops.expectation_result`, read back for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from expectations.verdicts import Gate, quotable

KINDS = {"critical": "stop", "hold": "hold", "warning": "note", "info": "note"}  # severities, in words for people
COLUMNS = (
    "select run_id, gate, suite, vintage, expectation, column_name, severity, success, element_count as checked,"
    " unexpected_count as unexpected, sample as rows, why, expected, remedy, trouble, checked_at"
    " from ops.expectation_result"
)


@dataclass(frozen=True)
class Result:
    """What one check came to. The rows hold addresses, and of cells only what may be quoted."""

    run_id: int
    gate: Gate
    suite: str
    vintage: int | None
    expectation: str
    column_name: str | None
    severity: str
    success: bool
    checked: int | None
    unexpected: int | None
    rows: list[dict[str, Any]]
    why: str
    expected: str | None
    remedy: str | None
    trouble: str | None
    checked_at: datetime

    @property
    def kind(self) -> str:
        """stop, hold or note."""
        return KINDS[self.severity]

    @property
    def rule(self) -> str:
        """The check in few words: on what it looks, and what would be right there."""
        where = f"{self.column_name}: " if self.column_name else ""
        return where + (self.expected or self.expectation)


def results(conn: Connection[Any]) -> list[Result]:
    """Everything that was ever checked, oldest first."""
    return _read(conn, f"{COLUMNS} order by result_id")


def failures(conn: Connection[Any], vintage: int) -> list[Result]:
    """What was wrong with a vintage when it was judged last."""
    return _read(
        conn,
        f"{COLUMNS} where vintage = %(vintage)s and not success and run_id ="
        " (select max(run_id) from ops.expectation_result where vintage = %(vintage)s) order by result_id",
        {"vintage": vintage},
    )


def _read(conn: Connection[Any], statement: str, parameters: dict[str, Any] | None = None) -> list[Result]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [
            # What an earlier revision wrote down may quote more than may be shown.
            Result(**{**row, "rows": quotable(row["gate"], row["suite"], row["rows"] or ())})
            for row in cursor.execute(statement.encode(), parameters)
        ]


def in_words(row: dict[str, Any]) -> str:
    """An offending row: where it stands, and what stands there."""
    place = row.get("address")
    values = ", ".join(
        f"{name} {'an empty cell' if value is None else value}" for name, value in row.items() if name != "address"
    )
    return ": ".join(filter(None, [str(place) if place else "", values]))
