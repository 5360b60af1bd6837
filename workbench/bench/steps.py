"""The steps of a whole run, one after another in one process, without Airflow: python -m workbench.bench.steps all."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from psycopg import sql

from ingestion import pipeline
from promise import database
from promise.catalogue.sources import asked
from warehouse import releases

# In which order files happened to come, as the columns are named that say it; when something was done, by their type.
ORDER = ["latest_vintage", "vintage"]
MOMENT = "timestamp with time zone"


def everything() -> dict[str, float]:
    """From nothing to a site; returns the seconds of each step."""
    seconds: dict[str, float] = {}

    def step(name: str, work: Callable[[], object]) -> None:
        began = time.monotonic()
        work()
        seconds[name] = round(time.monotonic() - began, 2)

    step("database", database.ensure_running)
    new: dict[str, list[str]] = {}
    step("ask", lambda: new.update({source_id: pipeline.take(source_id) for source_id in asked()}))
    step("load", lambda: [pipeline.load(source_id, snapshots) for source_id, snapshots in new.items()])
    run_id = _open_run()
    step("arrival gate", lambda: _judge(run_id))
    step("staging", lambda: _build(run_id, "staging"))
    step("marts", lambda: _build(run_id, "marts"))
    step("publication gate", lambda: _judge_candidate(run_id))
    step("release", lambda: releases.publish(run_id))
    step("site", _draw)
    return seconds


def seen() -> dict[str, list[object]]:
    """Of each mart that readers see, how many rows, and a hash of them in whatever order."""
    with releases.reading() as conn:
        marts = conn.execute(
            "select table_name, coalesce(array_agg(column_name::text) filter (where data_type = %s), '{}')"
            " from information_schema.columns where table_schema = 'marts' group by table_name order by table_name",
            (MOMENT,),
        ).fetchall()
        return {mart: list(conn.execute(_content(mart, moments)).fetchone() or ()) for mart, moments in marts}


def _content(mart: str, moments: list[str]) -> sql.Composed:
    return sql.SQL(
        "select count(*),"
        " coalesce(sum(('x' || left(md5((to_jsonb(line.*) - {}::text[])::text), 15))::bit(60)::bigint), 0)::text"
        " from {} as line"
    ).format(sql.Literal([*ORDER, *moments]), sql.Identifier("marts", mart))


def _open_run() -> int:
    from warehouse import runs

    with database.connect("releaser") as conn:
        return runs.open_run(conn)


def _judge(run_id: int) -> None:
    from expectations import arrival

    arrival.judge(run_id)


def _build(run_id: int, stage: str) -> None:
    from warehouse import attempts

    attempts.build(run_id, stage)  # type: ignore[arg-type]


def _judge_candidate(run_id: int) -> None:
    from expectations import publication

    publication.judge(run_id)


def _draw() -> None:
    from bi.site.build import build

    build()


if __name__ == "__main__":
    if sys.argv[1] == "all":
        sys.stdout.write(json.dumps(everything()))
    elif sys.argv[1] == "ask":
        for source_id in asked():
            pipeline.take(source_id)
    else:
        sys.stdout.write(json.dumps(seen()))
