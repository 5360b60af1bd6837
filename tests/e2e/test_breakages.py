"""The real parts are killed at seeded moments of real runs, in one house; the last run finishes all.

`promise bench faults` breaks every part that docs/faults.md names, at more moments, each with a next run of its own.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fault_cases import KILLED_IN_RUNS

from promise.settings import ROOT
from workbench.bench.faults import agreement, run
from workbench.bench.faults import house as here
from workbench.bench.faults.house import ASKED, House
from workbench.bench.faults.parts import PARTS, Moment, Part

pytestmark = pytest.mark.e2e

BY_NAME = {part.name: part for part in PARTS}
# Where a moment lies: within as many seconds of the task's beginning, and of the run's where there is no task.
LENGTHS = {
    "": 15.0,
    "ingest_published_series.land": 0.4,
    "ingest_promise_dashboard.land": 0.4,
    "warehouse.dbt_build": 20.0,
    "warehouse.release": 4.0,
}


@pytest.fixture(scope="module")
def house(built_to_break: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    bundle = tmp_path_factory.mktemp("bundle") / "bundle"
    shutil.copytree(ROOT / "ingestion" / "sources", bundle)
    made = House(built_to_break.home, bundle)
    with made.lived_in():
        yield made
        here.end_all()


@pytest.fixture(scope="module")
def readers(house: House) -> Iterator[agreement.Readers]:
    """At work from the first fault to the last run."""
    with agreement.Readers(may_lose_the_server=True) as at_work:
        yield at_work


def in_one_run(first: Part, *later: Part) -> Part:
    """What is struck one after another while one run is at work: a whole run takes long."""

    def strike(moment: Moment) -> None:
        first.strike(moment)
        for part in later:
            if part.during:
                moment.task_id = moment.chance.choice(part.during)
                here.until(lambda: has_ended(moment) or here.task_at_work(moment.task_id), run.PATIENCE)
            time.sleep(moment.chance.uniform(0, LENGTHS[moment.task_id if part.during else ""]))
            part.strike(moment)

    return replace(first, name=", ".join(part.name for part in (first, *later)), strike=strike)


def has_ended(moment: Moment) -> bool:
    return moment.client is None or moment.client.poll() is not None


TOGETHER = [in_one_run(*(BY_NAME[name] for name in names)) for names in KILLED_IN_RUNS]


@pytest.mark.parametrize("part", TOGETHER, ids=lambda part: part.name)
def test_everything_agrees_after(part: Part, house: House, readers: agreement.Readers, tmp_path: Path) -> None:
    here.start()
    chance = random.Random(part.name)
    for _ in range(run.TRIES):
        for source_id in ASKED:
            house.republish(source_id, chance)
        with contextlib.ExitStack() as afterwards:
            hit, faults = run.struck(Moment(house, part, chance, tmp_path, afterwards), LENGTHS)
        assert not faults
        if hit:
            return
    pytest.fail(f"{part.name} had ended each time before it could be killed")


def test_the_next_run_finishes_by_itself_and_readers_saw_only_whole_releases(
    house: House, readers: agreement.Readers, tmp_path: Path
) -> None:
    _, faults = run.recovered(house, tmp_path)
    assert not faults
    assert not readers.found()


def test_every_part_is_described_once() -> None:
    assert len(BY_NAME) == len(PARTS) >= len(KILLED_IN_RUNS) > 1
