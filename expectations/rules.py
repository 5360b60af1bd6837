"""A rule of a gate: what must hold of each row of a relation. PostgreSQL counts, and shows the rows where it does not.

One pass over a relation answers every rule that is about it; rows are looked at again only where a rule found fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from expectations.verdicts import SAMPLE, Severity, Verdict

EVERY = "true"


@dataclass(frozen=True)
class Rule:
    """What is asked of the rows of a relation, and the words for a row that fails.

    `asked` and `fault` are SQL conditions over a row, which is at fault where both are true. `column` is the one that
    the fault is in, under our name, and `heading` under the publisher's.
    """

    id: str
    relation: str
    severity: Severity
    fault: str
    why: str
    expected: str
    remedy: str
    asked: str = EVERY
    column: str | None = None
    heading: str | None = None
    share: float = 0.0  # of the rows that are asked, how many may be at fault
    needs_rows: bool = True  # whether it has failed when there was no row to ask it of
    observed: str | None = None  # SQL over the rows: what was found, where no single row is at fault


def judge(
    conn: Connection[Any], relation: str, rules: Sequence[Rule], shown: Sequence[str], order: str | None = None
) -> list[Verdict]:
    """What a relation comes to under each of its rules. `shown` are the columns that the sample of a fault has."""
    if not rules:
        return []
    counts = _counts(conn, relation, rules)
    return [
        _verdict(rule, *count, rows=_sample(conn, rule, shown, order) if count[1] > rule.share * count[0] else ())
        for rule, count in zip(rules, counts, strict=True)
    ]


def _counts(conn: Connection[Any], relation: str, rules: Sequence[Rule]) -> list[tuple[int, int, Any]]:
    """For each rule: of how many rows it was asked, how many are at fault, and what was observed."""
    each = ", ".join(
        f"count(*) filter (where {rule.asked}), count(*) filter (where ({rule.asked}) and ({rule.fault})),"
        f" {rule.observed or 'null::bigint'}"
        for rule in rules
    )
    row = conn.execute(f"select {each} from {relation}".encode()).fetchone()
    assert row is not None
    return [(row[at], row[at + 1], row[at + 2]) for at in range(0, 3 * len(rules), 3)]


def _sample(conn: Connection[Any], rule: Rule, shown: Sequence[str], order: str | None) -> tuple[dict[str, Any], ...]:
    columns = sql.SQL(", ").join(map(sql.Identifier, shown)).as_string() if shown else "*"
    statement = (
        f"select {columns} from {rule.relation} where ({rule.asked}) and ({rule.fault})"
        f"{f' order by {order}' if order else ''} limit {SAMPLE}"
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        return tuple(cursor.execute(statement.encode()).fetchall())


def _verdict(rule: Rule, checked: int, faults: int, observed: Any, *, rows: tuple[dict[str, Any], ...]) -> Verdict:
    vacuous = rule.needs_rows and not checked
    return Verdict(
        expectation=rule.id,
        column=rule.column,
        severity=rule.severity,
        success=faults <= rule.share * checked and not vacuous,
        checked=checked,
        unexpected=faults,
        rows=rows,
        observed=observed,
        why=rule.why,
        expected=rule.expected,
        remedy=rule.remedy,
        heading=rule.heading,
        vacuous=vacuous,
        error=None,
    )
