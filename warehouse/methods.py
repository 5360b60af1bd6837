"""The functions of schema `methods`: what readers may ask beside the tables.

dbt makes them beside the marts of a candidate (`dbt/functions/methods/`), where no reader executes them. A release
keeps their text, and showing it makes them in `methods`, in the same transaction, because they answer in the shape of
its tables. Their text names the views of `marts`, which PostgreSQL looks up when they are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

SCHEMA = "methods"
OBSERVED = f"{SCHEMA}.observation_as_of(as_of)"


@dataclass(frozen=True)
class Method:
    """A function: its definition as PostgreSQL writes it, under the schema of `methods`, and what describes it."""

    name: str
    definition: str
    comment: str | None


def of(conn: Connection[Any], schema: str) -> list[Method]:
    """The functions of a schema, as they would be shown: what they call of each other is shown beside them."""
    rows = conn.execute(
        "select proname, pg_get_functiondef(oid), obj_description(oid, 'pg_proc') from pg_proc"
        " where pronamespace = to_regnamespace(%s) order by proname",
        (schema,),
    ).fetchall()
    return [
        Method(
            name,
            definition.replace(f"FUNCTION {schema}.{name}(", f"FUNCTION {SCHEMA}.{name}(", 1).replace(
                f'"{schema}".', f'"{SCHEMA}".'
            ),
            comment,
        )
        for name, definition, comment in rows
    ]


def show(conn: Connection[Any], wanted: Sequence[Method]) -> None:
    """Put the functions of a release in place of those shown before that differ, in the caller's transaction.

    Those shown stay where the release has none: one of before dbt made them can be gone back to.
    """
    there = of(conn, SCHEMA)
    if not wanted or [*wanted] == there:
        return
    gone, new = [each for each in there if each not in wanted], [each for each in wanted if each not in there]
    # They need not find each other, nor the tables, until somebody calls them.
    conn.execute("set local check_function_bodies = off")
    for method in gone:
        # With what analysts made of it: a function of another shape cannot be replaced under it.
        conn.execute(sql.SQL("drop function {} cascade").format(sql.Identifier(SCHEMA, method.name)))
    for method in new:
        conn.execute(method.definition.encode())
        conn.execute(
            sql.SQL("comment on function {} is {}").format(
                sql.Identifier(SCHEMA, method.name), sql.Literal(method.comment)
            )
        )


def progress_of(conn: Connection[Any], figures: str) -> str:
    """The SELECT that judges a set of figures, by the rules of the release that readers see."""
    row = conn.execute(
        "select prosrc from pg_proc where oid = 'intermediate.progress_of_observed(date)'::regprocedure"
    ).fetchone()
    assert row is not None and OBSERVED in row[0], "progress_of_observed judges what observation_as_of gives"
    return str(row[0]).replace(OBSERVED, figures)
