"""The tables that keep what was read of vintages (dbt/macros/by_vintage.sql), beside what reading all of them gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from warehouse import transform

KEPT = "config.materialized:by_vintage"  # as dbt selects those tables


@dataclass(frozen=True)
class Difference:
    """Rows of a vintage that stand and are not what reading it gives, or are missing."""

    table: str
    vintage: int
    rows: int


def kept() -> list[Any]:
    """Those models, as dbt compiles them: their queries read every vintage."""
    transform.write_generated()
    with transform.environment():
        outcome = transform.invoke(["compile", "--select", KEPT, "--indirect-selection", "empty", "--no-introspect"])
    if not outcome.success:
        raise transform.BuildFailed(f"dbt could not compile the models: {outcome.exception}")
    return [result.node for result in outcome.result.results]


def differences(conn: Connection[Any], nodes: Iterable[Any]) -> Iterator[Difference]:
    """Where these tables, as they were built last, do not hold what reading every vintage in use gives now."""
    for node in nodes:
        with conn.transaction(force_rollback=True):
            conn.execute(f"create temporary table whole as {node.compiled_code}".encode())
            one, other = (
                f"select vintage, each::text as line from {relation} as each"
                for relation in (node.relation_name, "pg_temp.whole")
            )
            rows = conn.execute(
                f"select vintage, count(*) from (({one} except all {other}) union all ({other} except all {one}))"
                " as differing group by vintage order by vintage".encode()
            ).fetchall()
        for vintage, count in rows:
            yield Difference(node.name, vintage, count)
