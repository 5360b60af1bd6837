"""A PROMISE_HOME of an earlier revision goes on: what it holds stays, and what is added to it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, sql
from rich.console import Console

from expectations import arrival, publication
from ingestion import pipeline
from promise import database as db
from promise.catalogue.sources import asked
from warehouse import releases, runs, transform
from workbench.commands.progress import Lines
from workbench.commands.run import start_database

BEFORE = Path(__file__).parents[1] / "fixtures" / "revision_before.sql"


@pytest.fixture
def before(database: Connection[Any]) -> Connection[Any]:
    """The database that the revision before left, in place of the empty one."""
    database.execute(sql.SQL("drop schema {} cascade").format(sql.SQL(", ").join(map(sql.Identifier, db.SCHEMAS))))
    database.execute(BEFORE.read_bytes())
    database.execute("select set_config('search_path', 'public', false)")  # a dump leaves none
    return database


def held(conn: Connection[Any]) -> list[tuple[Any, ...]]:
    """Every vintage as the ledger had it, with all of its rows in `raw`."""
    vintages = conn.execute(
        "select vintage, source_id, snapshot_id, file_name, requested_url, retrieved_at, loaded_at, row_count, arrival"
        " from ops.vintage where vintage <= 29 order by vintage"
    ).fetchall()
    tables = {"promise_dashboard": "promise_dashboard__figure", "lgbf_family_groups": "lgbf_family_groups__council"}
    return [
        (
            vintage,
            conn.execute(
                sql.SQL("select to_jsonb(line) - '_vintage' from {} as line where _vintage = %s order by _row").format(
                    sql.Identifier("raw", tables[vintage[1]])
                ),
                vintage[:1],
            ).fetchall(),
        )
        for vintage in vintages
    ]


def columns(conn: Connection[Any]) -> set[tuple[str, str]]:
    return set(
        conn.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'ops'"
        ).fetchall()
    )


def test_it_ends_released_and_loses_no_vintage(before: Connection[Any]) -> None:
    vintages, known = held(before), columns(before)
    assert [(len(rows), vintage[1]) for vintage, rows in vintages] == [
        (32, "lgbf_family_groups"), (8, "promise_dashboard"), (60, "promise_dashboard"),
    ]  # fmt: skip

    added = db.ensure_running()
    assert {name.partition(".")[0] for name in added} == {table for table, _ in columns(before) - known}
    for source_id in asked():
        pipeline.load(source_id, pipeline.take(source_id))
    run_id = runs.open_run(before)
    assert not arrival.judge(run_id)["rejected"]
    for stage in transform.SELECT:
        transform.build(run_id, stage)
    publication.judge(run_id)
    release_id = releases.publish(run_id)

    assert held(before) == vintages
    assert before.execute(
        "select source_id, count(*) from ops.vintage where source_id = any(%s) group by 1 order by 1",
        (["lgbf_family_groups", "promise_dashboard"],),
    ).fetchall() == [("lgbf_family_groups", 1), ("promise_dashboard", 2)], "nothing was landed a second time"
    assert before.execute("select release_id from marts.release_info").fetchall() == [(release_id,)]
    assert [(each.release_id, each.state) for each in releases.listing(before)] == [
        (release_id, "current"), (1, "superseded"),
    ]  # fmt: skip
    with db.connect("reader") as conn:
        shown = conn.execute(
            "select count(*), count(distinct snapshot_id) from marts.fct_observation_vintage where source_id = %s",
            ("promise_dashboard",),
        ).fetchone()
    assert shown is not None
    assert shown[0] > 60
    assert shown[1] == 2, "figures of both files are shown, with when they were printed"


def test_a_run_says_what_was_added(database: Connection[Any], tmp_path: Path) -> None:
    database.execute("alter table ops.vintage drop column cells_hash, drop column held_since")
    database.execute("drop table ops.late_source")
    database.execute("comment on schema ops is null")
    with (tmp_path / "said").open("w") as file:
        start_database(Lines(Console(file=file, width=200)))
        start_database(Lines(Console(file=file, width=200)))
    assert [line.partition("] ")[2] for line in (tmp_path / "said").read_text().splitlines()] == [
        "starting the database",
        "carried over from the revision before; its ledger was given late_source, vintage.cells_hash,"
        " vintage.held_since",
        "starting the database",
    ]
