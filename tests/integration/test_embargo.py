"""A file can be landed and checked before its publication time, and is in no release before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from expectations import arrival, publication
from ingestion import pipeline
from ingestion.landing import Fetched, land
from promise import database, ledger
from promise.catalogue.sources import source
from promise.settings import settings
from warehouse import releases, runs, transform
from workbench.commands.status import show_plan

DASHBOARD = "promise_dashboard"
WHERE = "measure_id = 'positive_destination__looked_after' and period_label = '2019/20'"


def shown() -> list[tuple[Any, ...]]:
    with database.connect("reader") as conn:
        return conn.execute(
            f"select obs_value::text, snapshot_id from marts.fct_observation where {WHERE}".encode()
        ).fetchall()


def run_the_warehouse() -> None:
    with database.connect() as conn:
        run_id = runs.open_run(conn)
    for stage in transform.SELECT:
        transform.build(run_id, stage)
    publication.judge(run_id)
    releases.publish(run_id)


def land_under_embargo(folder: Path, until: datetime) -> str:
    """The December state of the dashboard with one figure changed, as it would come ahead of its time."""
    original = settings().bundle / DASHBOARD / source(DASHBOARD).bundle[-1].file
    path = folder / original.name
    path.write_text(original.read_text().replace("2019/20,75.0%", "2019/20,74.4%"))
    assert "74.4%" in path.read_text()
    return land(
        DASHBOARD,
        Fetched(path, path.name, "bundle:", "https://example.invalid", "text/csv", None, not_before=until.isoformat()),
    ).snapshot_id


def test_until_its_time_it_is_landed_and_checked_and_in_no_release(
    copy_of_warehouse: psycopg.Connection[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conn = copy_of_warehouse
    before = shown()
    snapshot_id = land_under_embargo(tmp_path, datetime.now(UTC) + timedelta(days=2))
    (loaded,) = pipeline.load(DASHBOARD, [snapshot_id])
    judged = arrival.judge(1)
    assert judged["accepted"] == [loaded["vintage"]], "it is checked as any other"

    plan = runs.plan()
    news = f"vintage {loaded['vintage']} of {DASHBOARD}"
    assert not any(news in reason for reason in plan.reasons), plan.reasons
    assert plan.waiting[0].startswith(f"{news} is held back until ")
    show_plan()
    assert "is held back until" in capsys.readouterr().out

    run_the_warehouse()
    assert shown() == before
    leaks = [
        (schema, table)
        for schema, table in conn.execute(
            "select table_schema, table_name from information_schema.columns where column_name = 'snapshot_id'"
            " and table_schema in ('marts', 'intermediate', 'staging')"
        ).fetchall()
        if conn.execute(
            f"select 1 from {schema}.{table} where snapshot_id = '{snapshot_id}' limit 1".encode()
        ).fetchone()
    ]
    assert leaks == []
    assert conn.execute(
        "select latest_snapshot_id = %s from marts.dim_source where source_id = %s", (snapshot_id, DASHBOARD)
    ).fetchall() == [(False,)]

    # The time comes: nothing new arrived, and there is work.
    conn.execute(
        "update ops.vintage set not_before = now() - interval '1 second' where vintage = %s", (loaded["vintage"],)
    )
    plan = runs.plan()
    assert plan.needed
    assert plan.waiting == ()
    assert news in plan.reasons[0]
    run_the_warehouse()
    assert shown() == [("74.4", snapshot_id)]
    assert not any(news in reason for reason in runs.plan().reasons)


def test_a_publisher_that_moves_its_time_moves_the_embargo(database: psycopg.Connection[Any], monkeypatch: Any) -> None:
    described = source("council_boundaries")
    pipeline.load(described.id, pipeline.take(described.id))
    later = datetime(2999, 1, 1, 9, 30, tzinfo=UTC)
    edition = described.bundle[0].model_copy(update={"not_before": later})
    monkeypatch.setattr(pipeline, "described", lambda _: described.model_copy(update={"bundle": (edition,)}))
    assert pipeline.take(described.id) == [], "the file is the same"
    (held,) = ledger.vintages(database)
    assert held.not_before == later
    assert not held.is_due(datetime.now(UTC))
    assert held.is_due(later)
