"""Seeds, functions and views stand as long as the files that they are made of, and are made again where they do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from promise import database
from promise.settings import ROOT
from warehouse import runs, staged, transform

Warehouse = psycopg.Connection[Any]
FILES = "the files, which no other test writes to"


@pytest.fixture
def noted(landed_for_module: Warehouse) -> Iterator[Warehouse]:
    """What was staged is known to be of these files, until the test ends."""
    with landed_for_module.transaction(force_rollback=True):
        staged.forget(landed_for_module)
        staged.note(landed_for_module, FILES, now=FILES)
        yield landed_for_module


def test_what_was_staged_stands(noted: Warehouse) -> None:
    assert staged.why_again(noted, FILES) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("update staging.framework__measure set unit = unit", id="rows of a seed were written since"),
        pytest.param("delete from staging.catalogue__break", id="rows of a seed are gone"),
        pytest.param("drop table staging.catalogue__correction cascade", id="a seed is gone"),
        pytest.param("drop view staging.stg_lgbf__cell cascade", id="a view is gone"),
        pytest.param(
            "create or replace view staging.stg_lgbf__cell as select * from staging.stg_lgbf_app__cell",
            id="a view is another",
        ),
        pytest.param("drop function staging.published_number cascade", id="a function is gone"),
        pytest.param("alter function staging.published_number volatile", id="a function is another"),
        pytest.param("drop function intermediate.publication_calendar cascade", id="the calendar is gone"),
        pytest.param("create table staging.another as select 1", id="there is something that dbt did not make"),
    ],
)
def test_what_somebody_touched_does_not_stand(noted: Warehouse, change: str) -> None:
    noted.execute(change.encode())
    assert staged.why_again(noted, FILES) == "what is in the database is not what dbt left there"


def test_what_nobody_noted_does_not_stand(noted: Warehouse) -> None:
    staged.forget(noted)
    assert staged.why_again(noted, FILES) == "of which files they were made is not known"


def test_what_is_made_of_other_files_does_not_stand(noted: Warehouse) -> None:
    assert staged.why_again(noted, "other files") == "dbt's files are not those of which they were made"


def test_files_that_changed_while_dbt_was_at_work_leave_nothing_known(noted: Warehouse) -> None:
    staged.forget(noted)
    staged.note(noted, FILES, now="what somebody wrote meanwhile")
    assert staged.why_again(noted, FILES)


def test_a_run_makes_what_arrived_and_leaves_what_stands(
    landed_for_module: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staged, "files", lambda project, libraries: FILES)
    with landed_for_module.transaction():
        staged.forget(landed_for_module)
        staged.note(landed_for_module, FILES, now=FILES)
    with database.connect() as conn:
        run_id = runs.open_run(conn, airflow_is_gone=True)
    transform.build(run_id, "staging")
    made = dict(
        landed_for_module.execute(
            "select unique_id, resource_type from ops.dbt_result where run_id = %s", (run_id,)
        ).fetchall()
    )
    assert not set(made.values()) - {"model", "test"}
    assert {name for name, kind in made.items() if kind == "model"} == {
        f"model.promise.{path.stem}" for path in (ROOT / "dbt" / "models" / "intermediate").glob("*.sql")
    }
    tested = {name.split(".")[2] for name, kind in made.items() if kind == "test"}
    assert any("stg_council_boundaries__feature" in name for name in tested), (
        "what arrived is tested where it is staged"
    )
    assert any("int_figures" in name for name in tested)
    assert staged.why_again(landed_for_module, FILES) is None
