"""`promise release …`, as people type it: what is said, and that the site is drawn of whichever release is current."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from psycopg import Connection

from promise.settings import settings
from warehouse import candidate, releases, runs
from workbench.cli import main


def said(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["release", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def two_releases(copy_of_warehouse: Connection[Any]) -> tuple[int, int]:
    """The release of the bundle, and another in which one figure and one judgement are others."""
    first = releases.current(copy_of_warehouse)
    assert first is not None
    run_id = runs.open_run(copy_of_warehouse)
    for table in releases.OWN:
        copy_of_warehouse.execute(f"drop table candidate.{table}".encode())
    changed = copy_of_warehouse.execute(
        "update candidate.fct_observation set obs_value = obs_value + 1 where (measure_id, area_code, period_start,"
        " breakdown_value) = (select measure_id, area_code, period_start, breakdown_value"
        " from candidate.fct_observation"
        " where obs_value is not null and measure_id = 'attendance_rate__looked_after' limit 1)"
    )
    assert changed.rowcount == 1
    copy_of_warehouse.execute(
        "update candidate.fct_progress set judgement = 'improving' where measure_id = 'attendance_rate__looked_after'"
    )
    candidate.seal(copy_of_warehouse, run_id)
    candidate.pass_gate(copy_of_warehouse, run_id)
    return first.release_id, releases.publish(run_id)


def test_what_changed_is_said_per_indicator_with_each_judgement_that_flipped(
    two_releases: tuple[int, int], copy_of_warehouse: Connection[Any]
) -> None:
    first, second = two_releases
    lines = said("diff").splitlines()
    assert lines[0] == f"From release {first} to release {second}:"
    assert lines[1].startswith("attendance_rate: 1 changed, ")
    assert "judgements flipped" in lines[1]
    assert "  attendance_rate, attendance_rate__looked_after, S92000003: worsening → improving" in lines
    rows = json.loads(said("diff", str(first), str(second), "--json"))
    assert {row["indicator_id"] for row in rows} == {"attendance_rate"}
    assert sum(row["figures_changed"] for row in rows) == 1
    with releases.reading() as conn:
        mart = conn.execute("select * from marts.release_change order by 2, 3, 4")
        names = [column.name for column in mart.description or ()]
        assert [dict(zip(names, row, strict=True)) for row in mart] == rows


def test_a_rollback_is_drawn_and_listed_and_holds_until_it_is_lifted(two_releases: tuple[int, int]) -> None:
    first, second = two_releases
    output = said("rollback", "--reason", "a wrong figure for Fife")
    assert f"readers see release {first} again" in output
    assert f"the site is of release {first}" in output
    assert f"elease {first}" in (settings().site / "index.html").read_text()
    assert f"{second}" in said("list")
    assert "refused, holds" in said("list")
    planned = CliRunner().invoke(main, ["plan"]).output
    assert "held: nothing is built: release" in planned and "a wrong figure for Fife" in planned
    assert f"the rollback from release {second} holds no longer" in said("allow")
    assert "no rollback holds" in said("allow")
    assert f"release {second} is no longer kept" in said("drop", str(second))
    assert "nothing to compare it with" in said("diff")
