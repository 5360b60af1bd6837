"""The day of a build, held still. What is late or overdue is judged as at that day, so two builds with midnight between
them differ although both are right: whoever compares two lets the second be as at the moment of the first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection, sql


def day_of(conn: Connection[Any], run_id: int) -> datetime:
    """The moment as at which a run built, as `ops.as_at()` gave it to the models."""
    row = conn.execute("select started_at from ops.warehouse_run where run_id = %s", (run_id,)).fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def hold(conn: Connection[Any], moment: datetime) -> None:
    """Let every run that is opened in this database, from here on, build as at that moment."""
    conn.execute(
        sql.SQL(
            "create function ops.hold_day() returns trigger language plpgsql"
            " as $$ begin new.started_at = {}; return new; end $$"
        ).format(sql.Literal(moment))
    )
    conn.execute(
        "create trigger hold_day before insert on ops.warehouse_run for each row execute function ops.hold_day()"
    )
