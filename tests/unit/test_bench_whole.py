"""A run by Airflow is measured beside the same steps in one process, and only where both show the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from promise.errors import PromiseError
from workbench.bench import whole

ROWS = {"fct_observation": [3, "17"], "dim_area": [1, "4"]}


@pytest.mark.parametrize("other", [{"fct_observation": [3, "18"], "dim_area": [1, "4"]}, {"dim_area": [1, "4"]}])
def test_two_runs_that_show_different_rows_are_no_measurement(other: dict[str, list[object]]) -> None:
    with pytest.raises(PromiseError, match="show different rows: fct_observation"):
        whole.require_same(json.dumps(ROWS), json.dumps(other))


def test_two_runs_that_show_nothing_are_none_either() -> None:
    with pytest.raises(PromiseError, match="none"):
        whole.require_same("{}", "{}")


def test_a_run_that_did_not_end_well_is_none_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(PromiseError, match=r"ended with 3:\nthe disk is full"):
        whole._ended(["sh", "-c", "echo the disk is full; exit 3"], tmp_path)


def test_each_begins_in_an_empty_home_and_both_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Path]] = []

    def ended(command: list[str], home: Path) -> str:
        assert asked or not [*home.iterdir()]
        asked.append((command[-1], home))
        return json.dumps(ROWS)

    monkeypatch.setattr(whole, "_ended", ended)
    first, again = whole.measure()
    one, other = asked[0][1], asked[2][1]
    assert asked == [
        ("all", one), ("ask", one), ("run", other), ("seen", one), ("seen", other), ("run", other),
        ("down", other), ("down", one),
    ]  # fmt: skip
    assert one != other and first.limit and again.limit
