"""The gates without a database: what they ask, in which words, and what they make of an answer."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from canaries import CANARIES, Canary

from expectations import arrival_rows, arrival_rules, gx, publication_suite, results
from expectations.verdicts import Gate, Verdict, quotable
from promise.catalogue.framework import framework
from promise.catalogue.sources import Source, sources
from promise.vocabulary import sql as values
from warehouse import dbt_files

SOURCES = sources()
LOADED = frozenset(SOURCES)


def test_importing_the_gates_does_not_import_great_expectations() -> None:
    """A DAG file and the command line import them; three seconds are paid only where something is judged."""
    script = (
        "import sys, expectations.arrival, expectations.publication;"
        " sys.exit('great_expectations' in sys.modules or 'airflow' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_there_are_sources_to_judge() -> None:
    assert len(SOURCES) >= 9


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_rule_of_a_source_says_why_what_is_right_and_what_to_do(source: Source) -> None:
    rules = arrival_rules.rules(source)
    assert len(rules) >= 4
    for rule in rules:
        assert rule.relation in arrival_rows.TABLES
        assert rule.why
        assert rule.expected
        assert rule.remedy


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_check_of_a_source_is_a_rule(source: Source) -> None:
    columns = {rule.column for rule in arrival_rules.rules(source)}
    checks = source.table.checks
    wanted = {*checks.not_null, *checks.numbers, *([checks.area.column] if checks.area else []), ", ".join(checks.key)}
    wanted |= {checks.period.column} if checks.period else set()
    assert wanted <= columns


def test_the_grammar_of_numbers_is_that_of_staging() -> None:
    """The models ask the SQL that the vocabulary of numbers makes, and so does the gate."""
    assert values.number("published") in dbt_files.value_functions()["published_number"]


def test_the_publication_gate_follows_the_catalogue() -> None:
    asked = {suite.name: suite.expectations for suite in publication_suite.suites(LOADED, None)}
    whole = [each for each in asked["fct_observation"] if hasattr(each, "value_set") and hasattr(each, "column")]
    sets = {each.column: each.value_set for each in whole}
    assert set(sets["measure_id"]) == {measure.id for _, measure in framework().measures() if measure.series}
    assert set(sets["indicator_id"]) == set(framework().by_id)
    (statements,) = asked["dim_vision_statement"]
    assert len(statements.value_set) == 10


def test_every_measure_with_bounds_is_in_exactly_one_group() -> None:
    (suite, *_) = publication_suite.suites(LOADED, None)
    grouped = [
        measure
        for expectation in suite.expectations
        if hasattr(expectation, "min_value") and hasattr(expectation, "column")
        for measure in expectation.row_condition.parameter
    ]
    bounded = [
        measure.id
        for _, measure in framework().measures()
        if measure.series and any(b is not None for b in measure.bounds)
    ]
    assert sorted(grouped) == sorted(bounded)
    assert len(bounded) > 30


def test_what_a_source_alone_feeds_is_not_expected_before_it_ever_arrived() -> None:
    without = publication_suite.measures_of(LOADED - {"lgbf"})
    lost = {measure.id for measure in publication_suite.measures_of(LOADED)} - {measure.id for measure in without}
    assert lost == {
        measure.id for _, measure, each in framework().series() if each.source == "lgbf" and len(measure.series) == 1
    }
    names = [suite.name for suite in publication_suite.suites(LOADED - {"lgbf"}, None)]
    assert "council_coverage" not in names


def answer(
    result: dict[str, Any], *, success: bool = True, error: dict[str, Any] | None = None, **kwargs: Any
) -> Verdict:
    """What the gate makes of one answer of Great Expectations."""
    config = SimpleNamespace(
        type="expect_something",
        kwargs={"column": "obs_value", **kwargs},
        meta={"number": 0, **gx.say("it matters", "something", "do that")},
        severity=SimpleNamespace(value="critical"),
    )
    nothing = {"raised_exception": False, "exception_message": None, "exception_traceback": None}
    item = SimpleNamespace(expectation_config=config, result=result, success=success, exception_info=error or nothing)
    return results.verdicts(SimpleNamespace(results=[item]))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("result", "kwargs"),
    [
        pytest.param({"element_count": 0, "unexpected_count": None}, {}, id="no row met the condition"),
        pytest.param({"element_count": 9, "missing_count": 9, "unexpected_count": 0}, {}, id="every value was null"),
        pytest.param({"observed_value": 0}, {}, id="an empty table"),
        pytest.param({"observed_value": None}, {}, id="nothing was observed"),
        pytest.param({}, {}, id="nothing is said of how much was checked"),
        pytest.param(
            {"observed_value": None, "missing_count": 0, "unexpected_count": 0}, {"value_set": []}, id="an empty set"
        ),
    ],
)
def test_what_passes_on_nothing_has_failed(result: dict[str, Any], kwargs: dict[str, Any]) -> None:
    verdict = answer(result, **kwargs)
    assert verdict.vacuous
    assert not verdict.success
    assert verdict.refuses
    assert "nothing to check" in verdict.reason


@pytest.mark.parametrize(
    ("result", "kwargs", "checked"),
    [
        ({"element_count": 9, "missing_count": 2, "unexpected_count": 0}, {}, 7),
        ({"element_count": 9, "unexpected_count": 0}, {}, 9),
        ({"observed_value": 33}, {}, 33),
        ({"observed_value": None, "missing_count": 0, "unexpected_count": 0}, {"value_set": ["a", "b"]}, 2),
    ],
)
def test_what_passes_on_something_has_passed(result: dict[str, Any], kwargs: dict[str, Any], checked: int) -> None:
    verdict = answer(result, **kwargs)
    assert verdict.success
    assert verdict.checked == checked
    assert verdict.reason == "it matters"


@pytest.mark.parametrize(
    "error",
    [
        {"raised_exception": True, "exception_message": "no such column", "exception_traceback": "…"},
        {"('column.max', …)": {"raised_exception": True, "exception_message": "no such column"}},
    ],
)
def test_what_could_not_be_checked_has_failed_and_says_what_kept_it(error: dict[str, Any]) -> None:
    verdict = answer({}, success=False, error=error)
    assert verdict.refuses
    assert verdict.reason == "could not be checked: no such column"


def test_a_set_says_what_is_missing_and_what_is_unknown() -> None:
    result = {
        "observed_value": None, "missing_count": 2, "unexpected_count": 1,
        "partial_missing_list": ["a", "b"], "partial_unexpected_list": ["z"],
    }  # fmt: skip
    verdict = answer(result, success=False, value_set=["a", "b", "c"])
    assert verdict.unexpected == 3
    assert verdict.rows == ({"missing": "a"}, {"missing": "b"}, {"unknown": "z"})
    assert verdict.checked == 2


def test_a_series_is_named_and_a_cell_in_a_column_of_that_name_is_not_quoted() -> None:
    rows = [
        {"label": "Exclusions", "observed": "57 rows"},
        {"address": "line 7", "label": "Jamie", "observed": "Jamie"},
    ]
    hidden = "a text of 5 characters"
    assert quotable("arrival", "lgbf", rows) == [rows[0], {"address": "line 7", "label": hidden, "observed": hidden}]


def test_a_declared_marker_of_the_source_is_quoted() -> None:
    source = next(each for each in SOURCES.values() if each.markers)
    rows = [{"address": "line 7", "cell": marker} for marker in source.markers]
    assert quotable("arrival", source.id, rows) == rows


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
def test_neither_an_address_nor_a_breakdown_of_a_sample_says_who_stands_there(canary: Canary) -> None:
    rows = [{"address": f"line 3:{canary.in_a_cell}", "breakdown_value": canary.in_a_cell, "obs_value": 7}]
    for gate in get_args(Gate):
        (kept,) = quotable(gate, "no_source", rows)
        assert canary.text not in str(kept)
        assert kept["obs_value"] == 7
    assert quotable("publication", "fct", [{"breakdown_value": "sex|female"}]) == [{"breakdown_value": "sex|female"}]
