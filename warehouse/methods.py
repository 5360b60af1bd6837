"""The functions of schema `methods`: what readers may ask beside the tables.

dbt makes them beside the marts of a candidate (`dbt/functions/methods/`), and they stay in the schema of its release,
where no reader executes them. Showing a release copies them to `methods`, in the same transaction, because they answer
in the shape of its tables. Their text names the views of `marts`, which PostgreSQL looks up when they are called.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection, sql

SCHEMA = "methods"
OBSERVED = f"{SCHEMA}.observation_as_of(as_of)"


def show(conn: Connection[Any], release_schema: str) -> None:
    """Put the functions of a release in place of those shown before, in the caller's transaction.

    Those shown stay where the release has none: one of before dbt made them can be gone back to.
    """
    made = _functions(conn, release_schema)
    if not made:
        return
    # They need not find each other, nor the tables, until somebody calls them.
    conn.execute("set local check_function_bodies = off")
    for name, _, _ in _functions(conn, SCHEMA):
        # With what analysts made of it, as with the views of `marts`.
        conn.execute(sql.SQL("drop function {} cascade").format(sql.Identifier(SCHEMA, name)))
    for name, definition, words in made:
        there, here = (f"FUNCTION {schema}.{name}(" for schema in (release_schema, SCHEMA))
        conn.execute(definition.replace(there, here, 1).encode())
        conn.execute(sql.SQL("comment on function {} is {}").format(sql.Identifier(SCHEMA, name), sql.Literal(words)))


def progress_of(conn: Connection[Any], figures: str) -> str:
    """The SELECT that judges a set of figures, by the rules of the release that readers see."""
    row = conn.execute("select prosrc from pg_proc where oid = 'methods.progress_as_of(date)'::regprocedure").fetchone()
    assert row is not None and OBSERVED in row[0], "methods.progress_as_of judges what observation_as_of gives"
    return str(row[0]).replace(OBSERVED, figures)


def _functions(conn: Connection[Any], schema: str) -> list[tuple[str, str, str | None]]:
    """Name, definition and description of each function in a schema."""
    return conn.execute(
        "select proname, pg_get_functiondef(oid), obj_description(oid, 'pg_proc') from pg_proc"
        " where pronamespace = %s::regnamespace order by proname",
        (schema,),
    ).fetchall()
