"""What PostgreSQL does to make each model, when there are many figures and everything has statistics.

Nothing is timed: the plans say how many rows went through each node, and how many the planner expected.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from promise import database as db
from promise.settings import ROOT
from warehouse import candidate
from workbench.bench import builds, plans, synthetic

SHAPE = synthetic.SHAPES[100_000]
FEW = synthetic.Shape(periods=1, editions=1)
LOOKED_AT = ("intermediate", "marts/facts")
OF_TODAY, MANY = "those of today", "a hundred thousand more"
Plans = dict[str, list[str]]


@pytest.fixture(scope="module")
def faults(landed_for_module: psycopg.Connection[Any]) -> dict[str, Plans]:
    """Where the plan of each model does not hold, by its name: of all that are made from figures on."""
    of_today = looked_at()
    figures = synthetic.land(landed_for_module, SHAPE)
    assert figures > 90_000, "a plan that does not hold may show itself with many figures only"
    landed_for_module.execute("analyze")
    return {OF_TODAY: of_today, MANY: looked_at()}


def looked_at() -> Plans:
    """Every model made, of what is staged."""
    found: Plans = {}
    with db.connect("transformer") as conn:
        candidate.clear(conn)
    builds.make_functions()
    with db.connect("transformer", autocommit=True) as conn:
        for model in builds.models():
            ((explained,),) = builds.make(conn, model, plans.EXPLAIN)
            found[f"{model.folder}/{model.name}"] = plans.faults(explained[0]["Plan"])
    return found


def require_none(faults: Plans) -> None:
    found = "\n".join(f"{model}: {fault}" for model, those in faults.items() for fault in those)
    assert not found, f"as figures grow, these would grow faster:\n{found}"


@pytest.mark.parametrize("figures", [OF_TODAY, MANY])
def test_no_plan_goes_through_its_rows_again_and_again(faults: dict[str, Plans], figures: str) -> None:
    require_none(faults[figures])


def test_nor_does_one_of_few_figures_of_which_fewer_are_expected(database: psycopg.Connection[Any]) -> None:
    """Of eight thousand, a judgement's counts were looked for in a loop for each of 4,572, where 18 were expected: for
    twenty seconds, where a hundred thousand take five."""
    assert builds.staged(database, FEW) > 5_000
    require_none(looked_at())


def test_every_model_of_intermediate_and_facts_is_looked_at(faults: dict[str, Plans]) -> None:
    models = ROOT / "dbt" / "models"
    wanted = {f"{folder}/{path.stem}" for folder in LOOKED_AT for path in (models / folder).glob("*.sql")}
    assert len(wanted) > 20
    assert all(wanted <= set(each) for each in faults.values())


@pytest.mark.parametrize(
    ("shape", "fault"),
    [
        pytest.param(
            # A figure beside every other one, to find the one that it follows.
            "select count(*) from numbers as one inner join numbers as other on other.number <= one.number",
            "rows pass through it",
            id="all compared with all",
        ),
        pytest.param(
            # What fct_progress did with counts: joined by the area, and then looked through for the period.
            """
            select count(*) from numbers as one
            inner join numbers as other
                on one.number % 50 = other.number % 50 and one.number / 50 < other.number / 50 - 50
            """,
            "by a part of the key",
            id="a join by a part of the key",
        ),
        pytest.param(
            # What int_figures did with its labels: of conditions that say the same the planner multiplies the odds.
            """
            with label as materialized (select number from numbers where number <= 60)
            select count(*) from numbers inner join label on label.number = numbers.number % 60 + 1
            where numbers.number * 2 = numbers.number + numbers.number and numbers.number * 1 = numbers.number
            """,
            "were expected",
            id="a list gone through for rows that were not expected",
        ),
    ],
)
def test_a_plan_that_does_not_hold_is_seen(database: psycopg.Connection[Any], shape: str, fault: str) -> None:
    database.execute("create temporary table numbers as select number from generate_series(1, 5000) as number")
    database.execute("analyze numbers")
    ((explained,),) = database.execute(f"{plans.EXPLAIN} {shape}".encode()).fetchall()
    assert any(fault in each for each in plans.faults(explained[0]["Plan"]))
