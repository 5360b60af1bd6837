"""What changed between two landed files, or since a day, down to the judgements."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import faults
import psycopg
import pytest
from click.testing import CliRunner

from ingestion import pipeline
from promise import ledger
from promise.catalogue.sources import source
from promise.errors import PromiseError
from workbench.cli import main
from workbench.commands.diff import between, since

DASHBOARD = "promise_dashboard"


def numbers(conn: psycopg.Connection[Any], source_id: str) -> list[int]:
    return [vintage.vintage for vintage in ledger.vintages(conn, source_id)]


@pytest.fixture
def conn(copy_of_warehouse: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    return copy_of_warehouse


def test_two_states_of_the_dashboard_are_compared_by_figure_not_by_publication(conn: psycopg.Connection[Any]) -> None:
    told = between(conn, *numbers(conn, DASHBOARD), limit=100)
    assert told["matched_by"] == ["indicator_short_label", "column_heading", "period_as_published"]
    assert told["cells"] == {"added": 54, "removed": 2, "revised": 1, "rewritten": 0}
    (revised,) = [change for change in told["changes"] if change["kind"] == "revised"]
    assert (revised["before"], revised["after"]) == ("75.3%", "75.0%")
    assert revised["place"].endswith("· Percentage · 2019/20")
    national = told["effect"]["national"]
    assert {(each["measure_id"], str(each["before"]), str(each["after"])) for each in national["largest"]} == {
        ("positive_destination__looked_after", "75.3", "75.0"),
        # Before the dashboard showed it, the figure of the release stood.
        ("residential_care__count", "1320", "1285"),
        ("residential_care__count", "1286", "1267"),
        ("living_in_community__count", "11969", "11933"),
        # As the releases print them, and with the decimals of the dashboard.
        ("living_in_community__percent", "90", "90.4"),
        ("positive_destination__looked_after", "71", "71.3"),
    }
    assert set(told["effect"]["council"]) == {"largest"}
    flips = {each["measure_id"]: (each["before"], each["after"]) for each in told["flips"]}
    assert flips["scqf6_leavers__looked_after"] == ("no_baseline_in_our_copy", "no_clear_change")
    # Since 2019/20, which the later file revised: to 2022/23, and to 2023/24.
    assert flips["positive_destination__looked_after"] == ("worsening", "no_clear_change")


def test_the_other_way_round_is_the_opposite(conn: psycopg.Connection[Any]) -> None:
    first, second = numbers(conn, DASHBOARD)
    told = between(conn, second, first)
    assert told["cells"] == {"added": 2, "removed": 54, "revised": 1, "rewritten": 0}
    flips = {each["measure_id"]: each["after"] for each in told["flips"]}
    assert flips["scqf6_leavers__looked_after"] == "no_baseline_in_our_copy"


def test_every_kind_of_change_to_a_councils_figures_is_told_apart(conn: psycopg.Connection[Any], bundle: Path) -> None:
    path = bundle / "lgbf" / source("lgbf").bundle[-1].file
    rows = faults.read(path)
    at = {(row[0], row[1]): line for line, row in enumerate(rows, start=1)}
    glasgow, fife = at["Glasgow City", "CHN19b 2018-19"], at["Fife", "CHN19b 2018-19"]
    faults.changed_cell(path, glasgow, "text", "1.5")
    faults.changed_cell(path, fife, "text", f"{rows[fife - 1][3]}0%")  # the same number, written otherwise
    rows = faults.read(path)
    del rows[at["Moray", "CHN19b 2018-19"] - 1]
    faults.write(path, [*rows, ["Moray", "CHN19b 2031-32", "A1", "50"]])
    (loaded,) = pipeline.load("lgbf", pipeline.take("lgbf"))
    told = between(conn, *numbers(conn, "lgbf")[-2:])
    assert told["cells"] == {"added": 1, "removed": 1, "revised": 1, "rewritten": 1}
    assert {(each["kind"], each["place"]) for each in told["changes"]} == {
        ("added", "Moray · CHN19b 2031-32"),
        ("removed", "Moray · CHN19b 2018-19"),
        ("revised", "Glasgow City · CHN19b 2018-19"),
        ("rewritten", "Fife · CHN19b 2018-19"),
    }
    # A vintage that has not passed the gate changes no figure yet, and it is said why.
    assert told["effect"] is None
    assert told["no_effect_because"] == f"vintage {loaded['vintage']} is pending"


def test_a_file_compared_with_itself_changes_nothing(conn: psycopg.Connection[Any]) -> None:
    *_, number = numbers(conn, "lgbf")
    told = between(conn, number, number)
    assert set(told["cells"].values()) == {0}
    assert told["changes"] == told["flips"] == []


def test_a_file_in_which_figures_stand_twice_keeps_its_whole_key(conn: psycopg.Connection[Any]) -> None:
    (number,) = numbers(conn, "published_series")
    assert "publication_id" in between(conn, number, number)["matched_by"]


def test_since_a_day_is_what_was_not_known_then(conn: psycopg.Connection[Any]) -> None:
    told = since(conn, date(2025, 10, 1))
    revised = {each["measure_id"] for each in told["effect"]["national"]["largest"]}
    assert revised == {
        "positive_destination__looked_after", "residential_care__count", "living_in_community__count",
        "living_in_community__percent",
    }  # fmt: skip
    assert told["effect"]["national"]["added"]["figures"] > 50
    assert "removed" not in told["effect"]["national"], "nothing that was known is forgotten"
    assert ("scqf6_leavers__looked_after", "no_baseline_in_our_copy", "no_clear_change") in {
        (each["measure_id"], each["before"], each["after"]) for each in told["flips"]
    }
    today = since(conn, date.today())
    assert today["effect"]["national"] == {"largest": []}
    assert today["flips"] == []


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        pytest.param(["5", "99"], "there is no vintage 99", id="unknown"),
        pytest.param(["1", "2"], "compare two of one source", id="two sources"),
        pytest.param(["1"], "give two vintages", id="one alone"),
        pytest.param(["1", "2", "--since", "2025-01-01"], "give two vintages", id="both at once"),
    ],
)
def test_what_cannot_be_compared_is_said(conn: psycopg.Connection[Any], asked: list[str], says: str) -> None:
    done = CliRunner().invoke(main, ["diff", *asked])
    assert done.exit_code == 1
    assert says in done.output


def test_in_words_and_for_programs(conn: psycopg.Connection[Any]) -> None:
    first, second = map(str, numbers(conn, DASHBOARD))
    words = CliRunner().invoke(main, ["diff", first, second])
    assert words.exit_code == 0, words.output
    assert "cells: 54 added, 2 removed, 1 revised, 0 rewritten" in words.output
    done = CliRunner().invoke(main, ["diff", first, second, "--json", "--limit", "1"])
    assert len(json.loads(done.output)["changes"]) == 1
    assert CliRunner().invoke(main, ["diff", "--since", "2025-10-01"]).exit_code == 0


def test_nothing_of_a_comparison_stays_behind(conn: psycopg.Connection[Any]) -> None:
    between(conn, *numbers(conn, DASHBOARD))
    since(conn, date(2025, 10, 1))
    left = conn.execute("select relname from pg_class where relpersistence = 't' and relkind = 'r'").fetchall()
    assert left == []


def test_two_sources_is_an_error_of_ours_to_name(conn: psycopg.Connection[Any]) -> None:
    with pytest.raises(PromiseError):
        between(conn, numbers(conn, "lgbf")[0], numbers(conn, DASHBOARD)[0])
