"""What a gate found, and how it is written down in `ops.expectation_result`."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import Connection
from psycopg.types.json import Jsonb

from promise.catalogue.sources import sources
from promise.vocabulary.quoting import masked, of_database, quoted

Gate = Literal["arrival", "publication"]
# As `ops.expectation_result` has them: what nobody can accept, what a person decides, and what is only said.
Severity = Literal["critical", "hold", "warning", "info"]
SAMPLE = 20  # offending rows that are kept of one expectation
# What of an offending row is no cell of a publisher's: where it stands, and what a figure is of in our own words.
OURS: Mapping[Gate, frozenset[str]] = {
    "arrival": frozenset({"address", "twin"}),
    "publication": frozenset(
        {
            "measure_id", "indicator_id", "vision_statement_id", "breakdown", "breakdown_value", "conf_status",
            "publication_id", "source_id", "snapshot_id", "source_cell", "missing", "unknown", "unknown_heading",
        }
    ),
}  # fmt: skip
# What is said of a whole series or file, where no row of it is at fault: a source may have columns of these names.
WHOLE = frozenset({"label", "heading", "heading_now", "observed"})


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
    def trouble(self) -> str | None:
        """What kept it from judging, if something did."""
        if self.error:
            return f"could not be checked: {of_database(self.error.strip())}"
        return "there was nothing to check" if self.vacuous else None

    @property
    def reason(self) -> str:
        """Why the expectation is there; for one that could not judge, what kept it from judging."""
        if self.vacuous and not self.error:
            return f"{self.trouble}; it is there because {self.why}"
        return self.trouble or self.why


@dataclass(frozen=True)
class Entry:
    """Where the verdicts of a suite are written down: under which run, gate and name, and of which vintage."""

    run_id: int
    gate: Gate
    suite: str
    vintage: int | None = None


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
            " success, element_count, unexpected_count, sample, why, expected, remedy, trouble)"
            " values (%(run_id)s, %(gate)s, %(suite)s, %(vintage)s, %(expectation)s, %(column)s, %(severity)s,"
            " %(success)s, %(checked)s, %(unexpected)s, %(sample)s, %(why)s, %(expected)s, %(remedy)s, %(trouble)s)",
            [
                {
                    "run_id": run_id,
                    "gate": gate,
                    "suite": suite,
                    "vintage": vintage,
                    "expectation": each.expectation,
                    "column": each.column,
                    "severity": each.severity,
                    "success": each.success,
                    "checked": each.checked,
                    "unexpected": each.unexpected,
                    "sample": Jsonb(quotable(gate, suite, each.rows), dumps=_dumps) if each.rows else None,
                    "why": each.why,
                    "expected": each.expected,
                    "remedy": each.remedy,
                    "trouble": each.trouble,
                }
                for each in verdicts
            ],
        )


def quotable(gate: Gate, suite: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Offending rows as they may be kept and shown: addresses and names of ours, and of cells what may be quoted."""
    described = sources().get(suite) if gate == "arrival" else None
    markers = described.markers if described else {}

    def shown(row: Mapping[str, Any]) -> dict[str, Any]:
        ours = OURS[gate] if "address" in row else OURS[gate] | WHOLE
        return {name: _of_ours(value) if name in ours else quoted(value, markers) for name, value in row.items()}

    return [shown(row) for row in rows]


def _of_ours(value: Any) -> Any:
    """An address names a heading or a sheet, and a breakdown is called as the file calls it."""
    return masked(value) if isinstance(value, str) else value


_dumps = functools.partial(json.dumps, ensure_ascii=False, default=str)
