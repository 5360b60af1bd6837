"""Asking the functions of `methods` many questions at once, as a model does: beside a table, one row of it a call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from psycopg import Connection, sql

# What a case has, and PostgreSQL's type of it.
Shape = dict[str, str]


def answers(conn: Connection[Any], call: str, shape: Shape, cases: Sequence[Sequence[object]]) -> list[tuple[Any, ...]]:
    """What a function gives for each case, in their order. `call` names the columns of the cases: one row for each."""
    rows = [dict(zip(shape, case, strict=True)) for case in cases]
    columns = sql.SQL(", ".join(f"{name} {kind}" for name, kind in shape.items()))
    given = conn.execute(
        sql.SQL(
            "select answer.* from rows from (json_to_recordset(%s) as ({})) with ordinality as asked ({}, place)"
            " cross join {} as answer order by place"
        ).format(columns, sql.SQL(", ".join(shape)), sql.SQL(call)),  # type: ignore[arg-type]
        (json.dumps(rows, default=str),),
    ).fetchall()
    assert len(given) == len(cases), "one row for each"
    return given


def plan(conn: Connection[Any], query: str) -> str:
    """How PostgreSQL goes about it."""
    return "\n".join(row[0] for row in conn.execute(f"explain (verbose) {query}".encode()))
