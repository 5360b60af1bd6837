"""A PROMISE_HOME of an earlier revision goes on: what it holds stays, and what is added to it is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql
from rich.console import Console

from expectations import arrival, publication
from ingestion import pipeline
from ingestion.load import ensure_tables
from promise import database as db
from promise.catalogue.sources import asked
from warehouse import releases, runs, transform
from workbench.commands.progress import Lines
from workbench.commands.run import start_database

FIXTURES = Path(__file__).parents[1] / "fixtures"
BEFORE = FIXTURES / "revision_before.sql"
WITH_SLOTS = FIXTURES / "revision_with_slots.sql"


@pytest.fixture
def before(database: Connection[Any]) -> Iterator[Connection[Any]]:
    """The database that the revision before left, in place of the empty one: all of it the superuser's.

    Gives that superuser's connection, autocommit.
    """
    database.execute(sql.SQL("drop schema {} cascade").format(sql.SQL(", ").join(map(sql.Identifier, db.SCHEMAS))))
    with psycopg.connect(db.url_of(db.administrator()), autocommit=True) as conn:
        conn.execute(BEFORE.read_bytes())
        conn.execute("select set_config('search_path', 'public', false)")  # a dump leaves none
        conn.execute("create schema dev_ann_marts")
        with airflows(conn) as its_own:
            its_own.execute("create type its_state as enum ('queued', 'running')")
            its_own.execute("create table its_task (task_id serial primary key, state its_state)")
        yield conn
        with airflows(conn) as its_own:
            its_own.execute("drop table its_task")
            its_own.execute("drop type its_state")


def airflows(conn: Connection[Any]) -> Connection[Any]:
    """A connection of the same superuser to Airflow's own database."""
    return psycopg.connect(conn.info.dsn, password=conn.info.password, dbname="airflow")


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


def owners(conn: Connection[Any]) -> set[tuple[str, str]]:
    """Of every schema that is not PostgreSQL's own, and of every table, view, sequence and function in it."""
    return set(
        conn.execute(
            "select nspname, pg_get_userbyid(owner) from pg_namespace join ("
            " select oid as namespace, nspowner as owner from pg_namespace"
            " union select relnamespace, relowner from pg_class union select pronamespace, proowner from pg_proc"
            ") as thing on namespace = oid where nspname !~ '^(pg_|information_schema$|public$)'"
        ).fetchall()
    )


def released() -> int:
    """What a run does: everything landed, judged, built and shown; returns the release."""
    for source_id in asked():
        pipeline.load(source_id, pipeline.take(source_id))
    with db.connect("loader") as conn:
        ensure_tables(conn)
    with db.connect() as conn:
        run_id = runs.open_run(conn)
    judged = arrival.judge(run_id)
    assert not judged["rejected"]
    assert not judged["held"]
    for stage in transform.SELECT:
        transform.build(run_id, stage)
    publication.judge(run_id)
    return releases.publish(run_id)


def test_it_ends_released_and_loses_no_vintage(before: Connection[Any]) -> None:
    vintages, known = held(before), columns(before)
    assert [(len(rows), vintage[1]) for vintage, rows in vintages] == [
        (32, "lgbf_family_groups"), (8, "promise_dashboard"), (60, "promise_dashboard"),
    ]  # fmt: skip

    added = db.ensure_running()
    assert {name.partition(".")[0] for name in added} == {table for table, _ in columns(before) - known} - {"lock"}
    assert owners(before) == {
        ("raw", "promise_loader"), ("staging", "promise_transformer"), ("intermediate", "promise_transformer"),
        ("marts", "promise_releaser"), ("methods", "promise_releaser"), ("release_1", "promise_releaser"),
        ("published", "promise_releaser"), ("ops", "promise_owner"), ("dev_ann_marts", "promise_owner"),
        ("restricted", "promise_releaser"),
    }  # fmt: skip
    with airflows(before) as conn:
        assert conn.execute(
            "select tableowner, pg_get_userbyid(typowner) from pg_tables, pg_type"
            " where tablename = 'its_task' and typname = 'its_state'"
        ).fetchone() == ("promise_airflow", "promise_airflow")
    release_id = released()

    assert held(before) == vintages
    assert before.execute(
        "select source_id, count(*) from ops.vintage where source_id = any(%s) group by 1 order by 1",
        (["lgbf_family_groups", "promise_dashboard"],),
    ).fetchall() == [("lgbf_family_groups", 1), ("promise_dashboard", 2)], "nothing was landed a second time"
    assert before.execute("select release_id from marts.release_info").fetchall() == [(release_id,)]
    assert [(each.release_id, each.state) for each in releases.listing(before)] == [
        (release_id, "current"), (1, "dropped"),
    ], "its history has another shape: what a publisher withholds has a column of its own since"  # fmt: skip
    assert "no longer offered" in (releases.listing(before)[1].reason or "")
    with db.connect("reader") as conn:
        shown = conn.execute(
            "select count(*), count(distinct snapshot_id) from marts.fct_observation_vintage where source_id = %s",
            ("promise_dashboard",),
        ).fetchone()
    assert shown is not None
    assert shown[0] > 60
    assert shown[1] == 2, "figures of both files are shown, with when they were printed"


def test_one_with_slots_ends_released_and_its_release_can_be_gone_back_to(database: Connection[Any]) -> None:
    database.execute(sql.SQL("drop schema {} cascade").format(sql.SQL(", ").join(map(sql.Identifier, db.SCHEMAS))))
    database.execute("drop schema if exists published cascade")
    database.commit()
    with psycopg.connect(db.url_of(db.administrator()), autocommit=True) as conn:
        conn.execute(WITH_SLOTS.read_bytes())
        conn.execute("select set_config('search_path', 'public', false)")
        vintages, known = held(conn), columns(conn)
        assert len(vintages) == 3

        added = db.ensure_running()
        assert {name.partition(".")[0] for name in added} == {table for table, _ in columns(conn) - known}
        assert {"decision", "vintage.reader_revision", "vintage.read_as"} <= {*added}
        release_id = released()

        assert held(conn) == vintages
        assert [(each.release_id, each.state, each.is_kept) for each in releases.listing(conn)] == [
            (release_id, "current", True), (1, "superseded", True),
        ]  # fmt: skip
        assert releases.rollback("to see that it is there").release_id == 1
        figures = "select count(*) from marts.fct_observation where source_id = 'promise_dashboard'"
        before = conn.execute(figures).fetchone()
        releases.allow()
        assert before is not None
        assert before[0] > 0


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
