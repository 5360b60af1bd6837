"""Every check of the publication gate has been seen to fail: the candidate is broken once for each."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from expectations import gx
from expectations.publication_suite import suites
from expectations.verdicts import Entry
from promise.catalogue.sources import asked
from warehouse import runs

GLASGOW = "S12000049"
LOADED = frozenset(asked())
# One row of a table, with whatever makes it one that the check looks at.
ONE = "ctid = (select ctid from {table} where {condition} limit 1)"
SOUND = {
    ("expect_column_values_to_be_in_set", "conf_status"): (
        "update {table} set conf_status = 'suppressed_by_publisher' where " + ONE,
        "obs_value is not null",
    ),
    ("expect_column_values_to_not_be_null", "snapshot_id"): (
        "update {table} set snapshot_id = 'feed' where " + ONE,
        "true",
    ),
    ("expect_column_values_to_be_null", "source_cell"): (
        "update {table} set source_cell = 'somewhere' where " + ONE,
        "true",
    ),
}
# By table, kind of check and column: what breaks it.
BREAKS: dict[tuple[str, str, str | None], str] = {
    ("fct_observation", "expect_column_distinct_values_to_equal_set", "indicator_id"): (
        "delete from candidate.fct_observation where indicator_id = 'attendance_rate'"
    ),
    ("fct_observation", "expect_column_distinct_values_to_equal_set", "measure_id"): (
        "update candidate.fct_observation set measure_id = 'happiness' where measure_id = 'secure_care__average'"
    ),
    ("fct_observation", "expect_table_row_count_to_be_between", None): (
        "delete from candidate.fct_observation where " + ONE.format(table="candidate.fct_observation", condition="true")
    ),
    ("dim_vision_statement", "expect_column_distinct_values_to_equal_set", "vision_statement_id"): (
        "delete from candidate.dim_vision_statement where vision_statement_id = 'vs08'"
    ),
    ("dim_area_boundary", "expect_column_values_to_not_be_null", "area_code"): (
        f"delete from candidate.dim_area_boundary where area_code = '{GLASGOW}'"
    ),
    ("dim_area_boundary", "expect_column_distinct_values_to_equal_set", "area_code"): (
        f"update candidate.dim_area_boundary set area_code = 'S12000046' where area_code = '{GLASGOW}'"
    ),
    ("council_coverage", "expect_column_values_to_not_be_null", "area_code"): (
        "delete from candidate.fct_observation where measure_id = 'exclusion_rate__looked_after_lgbf'"
        f" and area_code = '{GLASGOW}' and period_start = '2018-08-01'"
    ),
} | {
    (name, *check): statement.format(table=f"candidate.{name}", condition=condition)
    for name in ("fct_observation", "fct_observation_vintage")
    for check, (statement, condition) in SOUND.items()
}
BETWEEN = "expect_column_values_to_be_between"


def key(suite: str, expectation: Any) -> tuple[str, str, str | None]:
    column = expectation.meta["column"] or getattr(expectation, "column", None)
    return suite, expectation.expectation_type, column


def breaks(suite: str, expectation: Any) -> str:
    """The statement that breaks the candidate for this check."""
    if expectation.expectation_type != BETWEEN:
        return BREAKS[key(suite, expectation)]
    outside = expectation.min_value - 1 if expectation.min_value is not None else expectation.max_value + 1
    measures = ", ".join(f"'{measure}'" for measure in expectation.row_condition.parameter)
    one = ONE.format(table=f"candidate.{suite}", condition=f"obs_value is not null and measure_id in ({measures})")
    return f"update candidate.{suite} set obs_value = {outside} where {one}"


CHECKS = [
    pytest.param(suite.name, number, id="-".join(filter(None, (*key(suite.name, expectation), str(number)))))
    for suite in suites(LOADED, rows_before=1)
    for number, expectation in enumerate(suite.expectations)
]


def test_no_check_is_left_out_and_no_break_is_of_a_check_that_is_gone() -> None:
    asked_for = {
        key(suite.name, expectation)
        for suite in suites(LOADED, rows_before=1)
        for expectation in suite.expectations
        if expectation.expectation_type != BETWEEN
    }
    assert asked_for == set(BREAKS)
    assert len(CHECKS) > len(BREAKS), "and those of the bounds, whose breaks follow from them"


@pytest.mark.parametrize(("name", "number"), CHECKS)
def test_a_check_is_seen_to_fail(copy_of_warehouse: Connection[Any], name: str, number: int) -> None:
    (rows,) = copy_of_warehouse.execute("select count(*) from marts.fct_observation").fetchone() or (0,)
    (suite,) = (each for each in suites(LOADED, rows_before=rows) if each.name == name)
    expectation = suite.expectations[number]
    broken = copy_of_warehouse.execute(breaks(name, expectation).encode()).rowcount
    assert broken, "something was broken"
    run_id = runs.open_run(copy_of_warehouse)
    entry = Entry(run_id, "publication", suite.name)
    with gx.session() as session:
        (verdict,) = session.run(suite.name, suite.query, [expectation], suite.address, entry)
    assert copy_of_warehouse.execute(
        "select success, severity from ops.expectation_result where run_id = %s", (run_id,)
    ).fetchall() == [(False, verdict.severity)]
    assert not verdict.success
    assert verdict.trouble is None, "it failed by what it looks at, and not because it could not look"
    assert verdict.unexpected
    assert verdict.rows
    assert verdict.severity in ("critical", "warning")
