"""A catalogue file that is wrong stops a run before any table is touched; readers keep what they had."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from expectations import arrival
from promise import database
from promise.catalogue import framework as catalogue
from promise.strict import CatalogueError
from warehouse import runs
from workbench.commands.verify import rebuild

FAULTS: dict[str, Callable[[Path], object]] = {
    "a target without an owner": lambda folder: (folder / "targets.yml").write_text(
        "targets:\n  - {id: tgt_one, indicator: attendance_rate}\n"
    ),
    "an organisation nobody defined": lambda folder: replace(folder / "reports.yml", "made_by: [nes]", "made_by: [x]"),
    "a recommendation without a date": lambda folder: replace(
        folder / "recommendations.yml", "    made_on: 2025-10-08\n", ""
    ),
    "a direction missing": lambda folder: replace(
        folder / "indicators" / "attendance_rate.yml", "direction: increase\n", ""
    ),
}
EXPECTED = {
    "a target without an owner": ("targets.yml: targets[tgt_one].agreed_by: missing", "add it"),
    "an organisation nobody defined": (
        "reports.yml: reports[rep_camhs_workforce].made_by:",
        "add it to organisations.yml",
    ),
    "a recommendation without a date": (
        "recommendations.yml: recommendations[rec_identify_resources].made_on:",
        "add it",
    ),
    "a direction missing": ("attendance_rate.yml: direction: missing", "add it"),
}


def replace(path: Path, old: str, new: str) -> None:
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new, 1))


def everything(conn: psycopg.Connection[Any]) -> dict[str, tuple[Any, ...] | None]:
    """Every table that a run makes or judges, by a hash of its rows."""
    tables = conn.execute(
        "select nspname, relname from pg_class join pg_namespace as namespace on namespace.oid = relnamespace"
        " where relkind = 'r' and (nspname in ('raw', 'staging', 'intermediate', 'candidate') or nspname ~ '^release_'"
        " or (nspname, relname) in (('ops', 'vintage'), ('ops', 'release'))) order by 1, 2"
    ).fetchall()
    return {
        f"{schema}.{table}": conn.execute(
            sql.SQL(
                "select count(*), md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) from {} as t"
            ).format(sql.Identifier(schema, table))
        ).fetchone()
        for schema, table in tables
    }


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the framework that is read from here on have the fault of that name, and no other."""
    read = catalogue.framework

    def make(name: str) -> None:
        folder = Path(shutil.copytree(catalogue.FOLDER, tmp_path / name / "framework"))
        FAULTS[name](folder)
        monkeypatch.setattr(catalogue, "framework", lambda: read(folder, catalogue.SOURCES))

    return make


def test_the_first_task_refuses_it_and_nothing_is_touched(
    copy_of_warehouse: psycopg.Connection[Any], faulty: Callable[[str], None]
) -> None:
    conn = copy_of_warehouse
    conn.execute("update ops.vintage set arrival = 'pending' where source_id = 'lgbf'")  # something to judge
    before = everything(conn)
    assert len(before) > 50
    for name in FAULTS:
        faulty(name)
        with database.connect() as own:
            run_id = runs.open_run(own)
        with pytest.raises(CatalogueError) as raised:
            arrival.judge(run_id)
        assert all(words in str(raised.value) for words in EXPECTED[name]), str(raised.value)
    assert everything(conn) == before
    with database.connect("reader") as reader:
        assert reader.execute("select count(*) > 1000 from marts.fct_observation").fetchone() == (True,)


def test_a_rebuild_refuses_it_before_it_loads_anything(
    copy_of_warehouse: psycopg.Connection[Any], faulty: Callable[[str], None]
) -> None:
    copy_of_warehouse.execute("delete from raw.lgbf__cell where _row = 2")  # what loading would bring back
    faulty("a target without an owner")
    with pytest.raises(CatalogueError, match="agreed_by: missing"):
        rebuild()
    assert copy_of_warehouse.execute("select count(*) from raw.lgbf__cell where _row = 2").fetchone() == (0,)


def test_every_fault_has_its_message() -> None:
    assert set(FAULTS) == set(EXPECTED)
