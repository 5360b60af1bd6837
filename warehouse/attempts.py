"""A part of a run that a source's new file makes fail is done once more without that file."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.types.json import Jsonb

from promise import database
from warehouse import transform
from warehouse.at_fault import ASKED, AtFault, CheckFailed

Result = TypeVar("Result")
IN_USE = (
    "(select coalesce(array_agg(vintage order by vintage), '{}') from ops.vintage"
    " where arrival = 'accepted' and (not_before is null or not_before <= ops.as_at()))"
)
SAMPLE = 20  # failing rows that are kept, as of any check
_dumps = functools.partial(json.dumps, default=str)
log = logging.getLogger("warehouse.attempts")


def build(run_id: int, stage: transform.Stage) -> dict[str, int]:
    """Build and test a stage, without the new vintages that its checks find wrong. Raises BuildFailed otherwise."""
    before: tuple[transform.Stage, ...] = () if stage == "staging" else ("staging",)
    counts = with_what_passes(run_id, lambda: transform.build(run_id, stage), before=before)
    if stage == "staging":
        with database.connect("transformer") as conn:
            _note_in_use(conn, run_id)
    return counts


def with_what_passes(run_id: int, work: Callable[[], Result], *, before: Sequence[transform.Stage]) -> Result:
    """What the work gives. A new vintage that is at fault for its failure is rejected, as arrival rejects, and the
    stages before the work and the work are done again.

    One such failure is borne in a run, apart from vintages that an earlier run has rejected so: they are known. The
    next, or one that is nobody's, is raised.
    """
    # A process that was killed may have rejected, and not have built without it.
    todo = before if _is_of_other_vintages(run_id) else ()
    while True:
        try:
            for stage in todo:
                transform.build(run_id, stage)
            if todo:
                with database.connect("transformer") as conn:
                    _note_in_use(conn, run_id)
            return work()
        except CheckFailed as failed:
            if not _reject(run_id, failed.at_fault):
                raise
            todo = before


def rejected_anew(conn: Connection[Any], run_id: int) -> set[int]:
    """The vintages that this run rejected for what was built of them, and none before it."""
    own, known = _rejected(conn, run_id)
    return own - known


def _reject(run_id: int, at_fault: Sequence[AtFault]) -> bool:
    """Reject these vintages; whether there were any, and this run may do so."""
    with database.connect("transformer") as conn:
        has_rejected, known = _rejected(conn, run_id)
        new = {each.vintage for each in at_fault} - known
        if not at_fault or (new and has_rejected - known):
            return False
        for each in at_fault:
            conn.execute(
                "update ops.vintage set arrival = 'rejected', arrival_reason = %s, judged_at = clock_timestamp()"
                " where vintage = %s",
                (each.reason, each.vintage),
            )
            sample = [{name: row[name] for name in ASKED if row.get(name) is not None} for row in each.rows[:SAMPLE]]
            conn.execute(
                "insert into ops.expectation_result (run_id, gate, suite, vintage, expectation, severity, success,"
                " unexpected_count, sample, why) values (%s, 'publication', %s, %s, %s, 'critical', false, %s, %s, %s)",
                (run_id, each.source_id, each.vintage, each.check, len(each.rows), Jsonb(sample, _dumps), each.reason),
            )
            log.error("Vintage %s of %s is rejected: %s", each.vintage, each.source_id, each.reason)
        conn.execute(
            "update ops.warehouse_run set rejected = rejected || %s, built_of = '{}' where run_id = %s",
            ([each.vintage for each in at_fault], run_id),
        )
        conn.commit()
    return True


def _rejected(conn: Connection[Any], run_id: int) -> tuple[set[int], set[int]]:
    """What this run has rejected so, and what those before it had."""
    own: set[int] = set()
    known: set[int] = set()
    for run, rejected in conn.execute("select run_id, rejected from ops.warehouse_run where run_id <= %s", (run_id,)):
        (own if run == run_id else known).update(rejected)
    return own, known


def _is_of_other_vintages(run_id: int) -> bool:
    """Whether what staging holds is known to be of other vintages than those in use."""
    with database.connect("transformer") as conn:
        row = conn.execute(
            f"select built_of <> {IN_USE} from ops.warehouse_run where run_id = %s".encode(), (run_id,)
        ).fetchone()
    return bool(row and row[0])


def _note_in_use(conn: Connection[Any], run_id: int) -> None:
    conn.execute(f"update ops.warehouse_run set built_of = {IN_USE} where run_id = %s".encode(), (run_id,))
    conn.commit()
