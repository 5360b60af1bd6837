"""What a gate found, and how it is written down in `ops.expectation_result`."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import Connection
from psycopg.types.json import Jsonb

Gate = Literal["arrival", "publication"]
# As `ops.expectation_result` has them: what nobody can accept, what a person decides, and what is only said.
Severity = Literal["critical", "hold", "warning", "info"]
SAMPLE = 20  # offending rows that are kept of one expectation
LONGEST_VALUE = 120  # characters of a cell that are kept in a sample: a geometry has thousands


@dataclass(frozen=True)
class Verdict:
    """What one expectation came to. One that had nothing to check has not passed."""

    expectation: str
    column: str | None
    severity: str
    success: bool
    checked: int | None
    unexpected: int
    rows: tuple[dict[str, Any], ...]
    observed: Any
    why: str
    expected: str
    remedy: str
    heading: str | None
    vacuous: bool
    error: str | None

    @property
    def refuses(self) -> bool:
        """Whether this alone closes the gate."""
        return not self.success and self.severity == "critical"

    @property
    def reason(self) -> str:
        """Why the expectation is there; for one that could not judge, what kept it from judging."""
        if self.error:
            return f"could not be checked: {self.error.strip()}"
        return f"there was nothing to check; it is there because {self.why}" if self.vacuous else self.why


def record(
    conn: Connection[Any],
    run_id: int,
    gate: Gate,
    suite: str,
    verdicts: Sequence[Verdict],
    *,
    vintage: int | None = None,
) -> None:
    """Write down every verdict, in the place of those that an earlier attempt of the same run left. Commits nothing."""
    conn.execute(
        "delete from ops.expectation_result where run_id = %s and gate = %s and suite = %s"
        " and vintage is not distinct from %s",
        (run_id, gate, suite, vintage),
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into ops.expectation_result (run_id, gate, suite, vintage, expectation, column_name, severity,"
            " success, element_count, unexpected_count, sample, why)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    *(run_id, gate, suite, vintage, each.expectation, each.column, each.severity, each.success),
                    *(each.checked, each.unexpected, Jsonb(list(each.rows), dumps=_dumps) if each.rows else None),
                    each.reason,
                )
                for each in verdicts
            ],
        )


def short(value: Any) -> Any:
    """A value as it can be shown: text cut where nobody reads on."""
    return f"{value[:LONGEST_VALUE]}…" if isinstance(value, str) and len(value) > LONGEST_VALUE else value


_dumps = functools.partial(json.dumps, ensure_ascii=False, default=str)
