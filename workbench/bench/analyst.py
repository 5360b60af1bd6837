"""The part of `promise bench` that is about whoever writes models: how long they wait for one mart.

By a person of the bench's own, who is gone afterwards: schemas, login, and what dbt kept for them.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from promise.database import analysts
from promise.settings import settings
from workbench.bench.figure import Figure, Sizes, timed
from workbench.commands import dbt

PERSON = "promisebench"
MART = "indicator__attendance_rate"  # that docs/analysts.md builds


def measure(sizes: Sizes) -> Figure:
    """`promise dbt build` of one indicator's mart, beside dbt's own command with the same settings.

    Raises RuntimeError if what was built is not what is released.
    """
    with _a_person() as mine:
        here = {**os.environ, "PROMISE_HOME": str(settings().home)}
        ours = [sys.executable, "-m", "workbench.cli", "dbt", "build", "--select", MART]
        bare = [str(Path(sys.executable).with_name("dbt")), *ours[-3:]]
        times, limits = [], []
        for _ in range(sizes.rounds):
            times.append(timed(lambda: subprocess.run(ours, check=True, capture_output=True, env=here)))
            limits.append(
                timed(lambda: subprocess.run(bare, check=True, capture_output=True, env=here | mine.environment))
            )
        _check(mine.analyst)
    return Figure(
        f"promise dbt build of {MART}",
        statistics.median(times),
        statistics.median(limits),
        "s",
        "whole process; limit: dbt's own command, with the same settings; its rows are those of the release;"
        " wanted: under 8 s",
    )


@contextmanager
def _a_person() -> Iterator[dbt.Session]:
    with dbt.inside({"PROMISE_USER": PERSON}):
        mine = dbt.session()
        try:
            yield mine
        finally:
            analysts.remove(mine.analyst)
            shutil.rmtree(mine.target_path, ignore_errors=True)


def _check(analyst: analysts.Analyst) -> None:
    with analyst.connect() as conn:
        row = conn.execute(
            "select nspname from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
            " where relname = %s and starts_with(nspname, %s)",
            (MART, f"{analyst.schema}_"),
        ).fetchone()
        if row is None:
            raise RuntimeError(f"{MART} was not built in the schemas of {analyst.user}")
        built, released = (sql.Identifier(schema, MART) for schema in (row[0], "marts"))
        differ = conn.execute(
            sql.SQL(
                "select (select count(*) from ((table {0} except all table {1}) union all"
                " (table {1} except all table {0})) as differing), (select count(*) from {0})"
            ).format(built, released)
        ).fetchone()
    if differ is None or differ[0] or not differ[1]:
        raise RuntimeError(f"{MART} as an analyst builds it is not as it is released: rows that differ, rows: {differ}")
