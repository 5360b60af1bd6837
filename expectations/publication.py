"""The publication gate: whether the candidate may become what readers see.

It looks at the whole, against the catalogue and against last time. Until it passes, readers see the release before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import Connection

from expectations import disclosure, gx, page
from expectations.publication_suite import suites
from expectations.verdicts import Entry, Verdict, quotable
from promise import database, ledger
from warehouse import attempts, candidate, releases, transform
from warehouse.at_fault import CheckFailed, Finding, at_fault

SHOWN = 3  # offending rows that a message quotes; more are in ops.expectation_result


class GateRefused(CheckFailed):
    """A critical expectation failed. The message names each, with offending rows and what to do."""


def judge(run_id: int) -> dict[str, Any]:
    """Judge the candidate, write every result down, and seal it when it passes.

    Returns {"expectations": n, "warnings": [words…]}. When what failed is the fault of a source's new vintage, that is
    rejected and the candidate built and judged again. Raises GateRefused when anything else critical failed.
    """
    return attempts.with_what_passes(run_id, lambda: _judge(run_id), before=("staging", "marts"))


def _judge(run_id: int) -> dict[str, Any]:
    with database.connect("releaser") as conn:
        loaded = frozenset(each.source_id for each in ledger.vintages(conn) if each.arrival == "accepted")
        asked = suites(loaded, _rows_before(conn))
        candidate.seal(conn, run_id)
    found: dict[str, list[Verdict]] = {}
    with gx.session() as session:
        for suite in asked:
            try:
                entry = Entry(run_id, "publication", suite.name)
                found[suite.name] = session.run(suite.name, suite.query, suite.expectations, suite.address, entry)
            except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
                raise GateRefused(
                    f"there is no whole candidate to judge ({str(error).splitlines()[0]}); build the marts first"
                ) from error
    page.write()
    failed = [(name, verdict) for name, verdicts in found.items() for verdict in verdicts if not verdict.success]
    with database.connect("transformer") as conn:
        known = transform.kept_manifest(conn, run_id) if failed else None
        refusing = [
            (_said(name, verdict), _finding(name, verdict, known)) for name, verdict in failed if verdict.refuses
        ]
        # What shows a withheld figure outright needs no attack.
        refusing = refusing or [*disclosure.attack(conn)]
        if refusing:
            raise GateRefused(
                _refusal([words for words, _ in refusing]), at_fault(conn, [each for _, each in refusing])
            )
    with database.connect("releaser") as conn:
        candidate.pass_gate(conn, run_id)
    return {
        "expectations": sum(map(len, found.values())),
        "warnings": [_said(name, verdict) for name, verdict in failed],
    }


def _rows_before(conn: Connection[Any]) -> int | None:
    if conn.execute("select to_regclass('marts.fct_observation')").fetchone() == (None,):
        return None
    row = conn.execute("select count(*) from marts.fct_observation").fetchone()
    return int(row[0]) if row else None


def _refusal(said: Sequence[str]) -> str:
    with database.connect("releaser") as conn:
        current = releases.current(conn)
    still = f"Readers still see release {current.release_id}." if current else "Nothing has been released yet."
    count = f"{len(said)} critical {'check' if len(said) == 1 else 'checks'}"
    return f"the publication gate refused the candidate: {count} failed. {still}\n" + "\n".join(
        f"- {each}" for each in said
    )


def _said(suite: str, verdict: Verdict) -> str:
    """Which check, which rows, what was expected, what to do."""
    where = f"{suite}.{verdict.column}" if verdict.column else suite
    if verdict.error or verdict.vacuous:
        return f"{where}: {verdict.reason}; expected {verdict.expected}. To do: {verdict.remedy}"
    rows = (
        [str(verdict.observed)]
        if verdict.observed is not None
        else [_quoted(suite, row) for row in verdict.rows[:SHOWN]]
    )
    more = [f"and {verdict.unexpected - SHOWN} more"] if verdict.unexpected > SHOWN else []
    return f"{where}: found {'; '.join(rows + more)}; expected {verdict.expected}. To do: {verdict.remedy}"


def _finding(suite: str, verdict: Verdict, known: Mapping[str, Any] | None) -> Finding:
    """The same as it is traced to a source, by what dbt knew when it built the candidate. A set names its values; they
    are those of the column."""
    rows = [
        {verdict.column: row.get("missing", row.get("unknown"))} if {"missing", "unknown"} & {*row} else row
        for row in verdict.rows
    ]
    return Finding(
        check=f"the check of {suite}.{verdict.column} (expected {verdict.expected})",
        rows=[] if verdict.error else [{str(name): value for name, value in row.items()} for row in rows],
        reads=transform.sources_read(suite, known or {}),
        remedy=verdict.remedy,
    )


def _quoted(suite: str, row: dict[str, Any]) -> str:
    """An offending row in few words: 12 characters of a hash are enough to find it, and total is no breakdown."""
    return ", ".join(
        f"{name} {str(value)[:12] if name == 'snapshot_id' else value}"
        for name, value in quotable("publication", suite, [row])[0].items()
        if not (name.startswith("breakdown") and value == "total")
    )
