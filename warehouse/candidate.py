"""The candidate: the schema in which dbt builds a run's marts, where no reader reads, and the seal on it.

Whether it may be released is judged on what it held at one moment. The seal says what that was, so that nothing that
was built, cleared or changed since can be released in its place.
"""

from __future__ import annotations

import hashlib
from typing import Any

from psycopg import Connection, sql

from promise.database.patience import in_short_attempts
from warehouse import methods, published
from warehouse.published import Content

SCHEMA = "candidate"
PATIENCE = 60.0  # seconds that analysts may hold up a build by what they read of the last one


def clear(conn: Connection[Any]) -> None:
    """An empty schema for dbt to build into. What an earlier, refused run left there goes. Commits.

    Raises Blocked when an analyst has been reading what is there for too long.
    """
    conn.commit()
    name = sql.Identifier(SCHEMA)

    def exchange() -> None:
        conn.execute(sql.SQL("drop schema if exists {} cascade").format(name))
        conn.execute(sql.SQL("create schema {} authorization promise_transformer").format(name))
        # What describes the release is put beside what was judged.
        conn.execute(sql.SQL("grant create on schema {} to promise_releaser").format(name))

    in_short_attempts(conn, exchange, limit=PATIENCE, schemas=[SCHEMA], what="the candidate was not cleared")
    conn.commit()


def contents(conn: Connection[Any]) -> dict[str, Content]:
    """What each mart of the candidate holds, by its name; and each function, as one row of text."""
    published.plain_text(conn)
    marts = {
        mart: published.content(conn, SCHEMA, mart, published.shape(conn, SCHEMA, mart).names)
        for mart in published.relations(conn, SCHEMA)
    }
    return marts | functions(conn)


def functions(conn: Connection[Any]) -> dict[str, Content]:
    """The functions of the candidate, named with their brackets, each as one row of text."""
    return {
        f"{method.name}()": Content(1, hashlib.sha256(f"{method.definition}{method.comment}".encode()).hexdigest())
        for method in methods.of(conn, SCHEMA)
    }


def seal(conn: Connection[Any], run_id: int) -> None:
    """Write down what the candidate holds, before it is judged. Takes back an earlier verdict. Commits."""
    conn.commit()
    with conn.transaction(), conn.cursor() as cursor:
        conn.execute("set transaction isolation level repeatable read")
        found = contents(conn)
        conn.execute("update ops.warehouse_run set gate_passed_at = null where run_id = %s", (run_id,))
        conn.execute("delete from ops.sealed_mart where run_id = %s", (run_id,))
        cursor.executemany(
            "insert into ops.sealed_mart values (%s, %s, %s, %s)",
            [(run_id, mart, each.row_count, each.content_hash) for mart, each in found.items()],
        )


def pass_gate(conn: Connection[Any], run_id: int) -> None:
    """Write down that what was sealed may be released. Commits."""
    conn.execute("update ops.warehouse_run set gate_passed_at = clock_timestamp() where run_id = %s", (run_id,))
    conn.commit()


def sealed(conn: Connection[Any], run_id: int) -> dict[str, Content]:
    """What was judged; nothing for a run whose gate was not passed."""
    rows = conn.execute(
        "select mart, row_count, content_hash from ops.sealed_mart join ops.warehouse_run using (run_id)"
        " where run_id = %s and gate_passed_at is not null",
        (run_id,),
    ).fetchall()
    return {mart: Content(row_count, content_hash) for mart, row_count, content_hash in rows}
