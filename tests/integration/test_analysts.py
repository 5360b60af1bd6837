"""People who write models: where their rights end, and dbt after a release, which reads it and changes nothing."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql
from small_releases import release

from promise import database as db
from promise.database import analysts
from promise.errors import PromiseError
from promise.settings import ROOT, settings
from warehouse import candidate, documentation, releases, runs, state
from workbench.commands import compare, dbt, preview, tools

MART = "indicator__attendance_rate"


@pytest.fixture(autouse=True)
def ann(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMISE_USER", "ann")


def someone(name: str, monkeypatch: pytest.MonkeyPatch) -> Connection[Any]:
    """A connection with that person's rights."""
    monkeypatch.setenv("PROMISE_USER", name)
    return analysts.ensure().connect(autocommit=True)


def run(*arguments: str) -> int:
    return dbt.run(arguments)


# ------------------------------------------------------------------------------------------------------------ rights


def test_an_analyst_reads_everything_also_what_is_made_later(
    database: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with someone("ann", monkeypatch) as conn:
        release(1)
        for schema in ("raw", "staging", "intermediate"):
            database.execute(f"create table {schema}.made_later as select 1 as one".encode())
        candidate.clear(database)
        database.execute("create table candidate.two as select 2 as one")
        for table in ("raw.made_later", "staging.made_later", "intermediate.made_later", "candidate.two",
                      "marts.one", "ops.vintage"):  # fmt: skip
            conn.execute(f"select * from {table}".encode())


DENIED = [
    "create table marts.mine (one integer)",
    "create table candidate.mine (one integer)",
    "create table staging.mine (one integer)",
    "create table intermediate.mine (one integer)",
    "create table public.mine (one integer)",
    "insert into staging.theirs values (1)",
    "delete from ops.vintage",
    "update ops.release set state = 'refused'",
    "drop table staging.theirs",
    "create schema mine",
    "create schema dev_ann_marts",
    "drop schema dev_bob_marts cascade",
    "create table dev_bob_marts.mine (one integer)",
    "select * from dev_bob_marts.theirs",
    "select ops.create_dev_schema('marts')",
    "select ops.create_dev_schema('dev_bob_marts')",
    "select ops.create_dev_schema('dev_ann')",
    "set role promise",
    "set session authorization promise_analyst_bob",
    "update ops.lock set name = 'another'",
    "do $$ begin lock table ops.lock in exclusive mode; end $$",
    "select * from ops.lock for update",
    "select pg_advisory_lock(1)",
    "create role more",
    "grant promise_analyst to promise_reader",
]


def test_an_analyst_writes_nothing_but_schemas_of_their_own(
    database: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute("create table staging.theirs (one integer)")
    candidate.clear(database)
    with someone("bob", monkeypatch) as bob:
        bob.execute("select ops.create_dev_schema('dev_bob_marts')")
        bob.execute("create table dev_bob_marts.theirs as select 1 as one")
    with someone("ann", monkeypatch) as conn:
        conn.execute("select ops.create_dev_schema('dev_ann_marts')")
        conn.execute("create table dev_ann_marts.mine as select 1 as one")
        for statement in DENIED:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement.encode())
        assert analysts.drop(conn) == ["dev_ann_marts"]
    assert database.execute("select * from dev_bob_marts.theirs").fetchall() == [(1,)]


def test_anothers_schema_is_refused_in_a_sentence(database: Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    database.execute("create schema dev_ann_marts")
    with someone("ann", monkeypatch) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"is there and is another's.*PROMISE_USER"):
            conn.execute("select ops.create_dev_schema('dev_ann_marts')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"makes schemas that begin with dev_ann_"):
            conn.execute("select ops.create_dev_schema('dev_bob_marts')")
    monkeypatch.setenv("PROMISE_USER", "a.n.n")
    with pytest.raises(PromiseError, match="are another's, ann: set PROMISE_USER"):
        analysts.ensure()


def test_a_login_of_ones_own_is_used_as_it_is(database: Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    administrator = psycopg.connect(db.url_of(db.administrator()), autocommit=True)
    administrator.execute("drop role if exists eve")
    administrator.execute("create role eve login password 'her own'")
    monkeypatch.delenv("PROMISE_USER")
    here = db.parts() | db.Parts(user="eve", password="her own")  # type: ignore[typeddict-item]
    monkeypatch.setenv("PROMISE_DATABASE_URL", db.url_of(here))
    with pytest.raises(PromiseError, match='grant promise_analyst to "eve"'):
        analysts.ensure()
    with administrator:
        administrator.execute("grant promise_analyst to eve")
    with analysts.ensure().connect(autocommit=True) as conn:
        conn.execute("select ops.create_dev_schema('dev_eve_marts')")
        assert [name for name, *_ in analysts.schemas(conn)] == ["dev_eve_marts"]
    monkeypatch.setenv("PROMISE_USER", "bob")
    with pytest.raises(PromiseError, match="yours are dev_eve_"):
        analysts.ensure()


def test_a_view_of_an_analyst_holds_no_release_up(database: Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    answer = "create function candidate.answer() returns integer language sql as 'select 1'"
    release(1, function=answer)
    with someone("ann", monkeypatch) as conn:
        conn.execute("select ops.create_dev_schema('dev_ann_marts')")
        conn.execute("create view dev_ann_marts.mine as select * from marts.one")
        conn.execute("create view dev_ann_marts.asked as select methods.answer()")
        release(2, function=answer)
        assert conn.execute("select made from marts.one").fetchone() == (2,)
        assert conn.execute("select made from dev_ann_marts.mine").fetchone() == (2,)


# ------------------------------------------------------------------------------------------------- after a release


def another_release(conn: Connection[Any]) -> int:
    """The candidate of the copy as the next release, with what dbt knew when it built the one before."""
    run_id = runs.open_run(conn)
    conn.execute("insert into ops.dbt_manifest select %s, manifest from ops.dbt_manifest", (run_id,))
    for table in releases.OWN:  # the copy has them of the release that it was
        conn.execute(sql.SQL("drop table candidate.{}").format(sql.Identifier(table)))
    candidate.seal(conn, run_id)
    candidate.pass_gate(conn, run_id)
    return releases.publish(run_id)


def of_others(conn: Connection[Any]) -> list[tuple[Any, ...]]:
    """Every table and view that is nobody's own, and its file on disk."""
    return conn.execute(
        "select nspname, relname, relfilenode from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname !~ '^(dev_|pg_)' and relkind in ('r', 'v', 'p') order by 1, 2"
    ).fetchall()


def test_after_each_release_a_mart_and_what_reads_it_are_built_and_tested_and_nothing_of_others_changes(
    copy_of_warehouse: Connection[Any], capfd: pytest.CaptureFixture[str]
) -> None:
    before = of_others(copy_of_warehouse)
    assert run("build", "--select", f"{MART}+") == 0
    assert run("build", "--select", f"{MART}+") == 0
    assert of_others(copy_of_warehouse) == before
    built = copy_of_warehouse.execute(
        "select relname from pg_class where relnamespace = 'dev_ann_marts'::regnamespace and relkind = 'r' order by 1"
    ).fetchall()
    assert built == [("fct_reconciliation",), (MART,)]
    first = capfd.readouterr().err
    assert "though your schemas" not in first
    another_release(copy_of_warehouse)
    before = of_others(copy_of_warehouse)
    assert run("run", "build", "--select", f"{MART}+") == 0
    assert "is now `promise dbt build" in capfd.readouterr().err
    assert run("seed", "--select", "framework__target") == 0
    assert run("show", "--select", "fct_progress", "--limit", "2") == 0
    assert "Previewing node 'fct_progress'" in capfd.readouterr().out
    assert of_others(copy_of_warehouse) == before


def test_what_is_left_in_ones_schemas_is_passed_over_for_the_release_and_named(
    copy_of_warehouse: Connection[Any], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run("run", "--select", MART) == 0
    copy_of_warehouse.execute(f"delete from dev_ann_marts.{MART}".encode())
    capfd.readouterr()
    assert run("run", "--select", "fct_reconciliation") == 0
    assert f"though your schemas have them too: {MART}" in capfd.readouterr().err
    same = copy_of_warehouse.execute(
        "select (select count(*) from dev_ann_marts.fct_reconciliation),"
        " (select count(*) from marts.fct_reconciliation)"
    ).fetchone()
    assert same and same[0] == same[1] > 0
    assert run("test", "--select", "fct_reconciliation") == 0
    assert "read as you built them, not from release" in capfd.readouterr().err


def test_a_ref_that_no_release_has_is_named_with_what_to_do(
    copy_of_warehouse: Connection[Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """As for a model that was written since: neither the release's manifest nor one's own schema has it."""
    with_manifest(copy_of_warehouse, lambda manifest: manifest["nodes"].pop("model.promise.int_observation_current"))
    assert run("run", "--select", "fct_observation") != 0
    assert (
        "fct_observation reads int_observation_current, which neither release" in (said := capfd.readouterr().err)
        and "--select +fct_observation" in said
    )


def test_a_later_build_than_the_release_is_said(
    copy_of_warehouse: Connection[Any], capfd: pytest.CaptureFixture[str]
) -> None:
    with db.connect() as conn:
        runs.open_run(conn)
    with analysts.ensure().connect() as conn:
        notes = state.prepare(conn).notes
    assert len(notes) == 1 and "later than release" in notes[0]


def test_a_release_of_an_earlier_version_is_read_by_todays_code(copy_of_warehouse: Connection[Any]) -> None:
    copy_of_warehouse.execute("delete from ops.dbt_manifest")
    copy_of_warehouse.execute("drop table intermediate.int_publications cascade")
    with analysts.ensure().connect() as conn:
        found = state.prepare(conn)
    assert not found.is_the_releases
    assert len(found.notes) == 1 and "before releases kept what they were built from" in found.notes[0]
    nodes = json.loads((state.folder() / "manifest.json").read_text())["nodes"]
    assert nodes["model.promise.fct_progress"]["relation_name"] == '"copy"."marts"."fct_progress"'
    assert "model.promise.int_publications" not in nodes, "what the database does not have is not deferred to"
    with pytest.raises(PromiseError, match="nothing to compare with"):
        compare.compare(dbt.session())


def with_manifest(conn: Connection[Any], change: Callable[[dict[str, Any]], object]) -> None:
    """The release as if its models had been otherwise."""
    row = conn.execute("select manifest from ops.dbt_manifest").fetchone()
    assert row
    manifest = json.loads(gzip.decompress(row[0]))
    change(manifest)
    conn.execute("update ops.dbt_manifest set manifest = %s", (gzip.compress(json.dumps(manifest).encode()),))


def test_a_change_is_shown_beside_the_release_before_there_is_another(
    copy_of_warehouse: Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """As if the working tree had another fct_progress than the release, whose judgement of one measure is another."""
    same = compare.compare(dbt.session())
    assert same.changed == () and "No model" in same.heading

    def otherwise(manifest: dict[str, Any]) -> None:
        manifest["nodes"]["model.promise.fct_progress"]["raw_code"] = "select 1"
        manifest["nodes"]["model.promise.fct_gone"] = {
            **manifest["nodes"]["model.promise.fct_gap"],
            "unique_id": "model.promise.fct_gone", "name": "fct_gone", "alias": "fct_gone",
        }  # fmt: skip

    with_manifest(copy_of_warehouse, otherwise)
    copy_of_warehouse.execute("create view marts.fct_gone as select 1 as one")
    current = releases.current(copy_of_warehouse)
    assert current
    copy_of_warehouse.execute(
        "update published.fct_progress set judgement = 'improving' where measure_id = 'attendance_rate__looked_after'"
    )
    compare.show(as_markdown=True)
    said = capsys.readouterr().out
    assert "2 changed (fct_progress, fct_gone)" in said
    assert re.search(r"\| attendance_rate__looked_after \| S92000003 \| improving \| worsening \| .+ \|", said)
    assert "| fct_gone | 1 | – |" in said

    preview.show("attendance_rate")
    said = capsys.readouterr().out
    assert "worsening" in said and "not_available" in said
    page = settings().home / "preview" / "indicators" / "attendance_rate.html"
    assert "Attendance" in page.read_text()
    with pytest.raises(PromiseError, match="did you mean attendance_rate"):
        preview.show("attendance")
    assert copy_of_warehouse.execute("select to_regnamespace('dev_ann_preview')").fetchone() == (None,)


# --------------------------------------------------------------------------------------------------- the other tools


def test_a_shell_that_was_told_of_it_has_plain_dbt_which_reads_the_project_without_a_database(
    copy_of_warehouse: Connection[Any],
) -> None:
    exports = tools.exports()
    ours = ("PROMISE_", "DBT_", "PG", "AIRFLOW_")
    shell = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    line = "dbt --version | head -1; psql -Atc 'select current_user'; PROMISE_DB_PORT=1 dbt parse --no-use-colors"
    done = subprocess.run(
        ["bash", "-c", f"set -e; {exports}\n{line}"], env=shell, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "promise_analyst_ann" in done.stdout


def test_the_documentation_is_one_page_that_loads_nothing_from_elsewhere(copy_of_warehouse: Connection[Any]) -> None:
    page = documentation.write() / "index.html"
    text = page.read_text()
    assert "Content-Security-Policy\" content=\"default-src 'self'" in text
    assert '"send_anonymous_usage_stats": false' in text
    assert re.search(r'"type": "VIEW", "schema": "marts", "name": "fct_progress"', text)
    assert db.parts()["password"] not in text
    made = page.stat().st_mtime_ns
    documentation.write()
    assert page.stat().st_mtime_ns == made, "it is written again only after a release or a change"


def test_generated_files_are_there_after_an_install() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^install: .*\.venv/\.generated", makefile, flags=re.MULTILINE)
    assert "dbt generate" in makefile.split(".venv/.generated:")[1].split("\n\n")[0]
