"""The publication gate on the release that the bundle builds, and on candidates that somebody broke."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import dict_row

from expectations import publication
from expectations.publication import GateRefused
from promise import database
from promise.catalogue.framework import framework
from warehouse import releases, runs

GLASGOW = "S12000049"

# Each breaks a candidate in one way; the message must name the check and the rows.
BROKEN = {
    "an indicator lost its figures": (
        "delete from candidate.fct_observation where indicator_id = 'attendance_rate'",
        ["fct_observation.indicator_id: found missing attendance_rate", "promise status"],
    ),
    "figures of an indicator that nobody knows": (
        "update candidate.fct_observation set indicator_id = 'happiness' where indicator_id = 'entering_care'",
        ["fct_observation.indicator_id: found missing entering_care; unknown happiness"],
    ),
    "a measure whose series match nothing": (
        "delete from candidate.fct_observation where measure_id = 'attendance_rate__secondary_council'",
        ["fct_observation.measure_id: found missing attendance_rate__secondary_council", "framework/indicators/"],
    ),
    "a percentage above 100": (
        "update candidate.fct_observation set obs_value = 837 where measure_id = 'attendance_rate__looked_after'"
        " and period_start = '2023-08-01'",
        [
            "fct_observation.obs_value: found measure_id attendance_rate__looked_after, area_code S92000003",
            "obs_value 837", "source_cell line ", "expected between 0 and 100", "`bounds`",
        ],
    ),
    "a negative count in an earlier publication": (
        "update candidate.fct_observation_vintage set obs_value = -14015"
        " where measure_id = 'in_care__count' and obs_value = 14015",
        ["fct_observation_vintage.obs_value: found measure_id in_care__count", "obs_value -14015", "0 or more"],
    ),
    "a figure that is withheld and shown": (
        "update candidate.fct_observation set obs_value = 3 where (measure_id, area_code, period_start) in"
        " (select measure_id, area_code, period_start from candidate.fct_observation"
        "  where conf_status = 'suppressed_by_publisher' limit 1)",
        ["fct_observation.conf_status: found measure_id", "conf_status suppressed_by_publisher", "no value where"],
    ),
    "a file that the ledger does not know": (
        "update candidate.fct_observation set snapshot_id = 'feed' where measure_id = 'secure_care__average'",
        ["fct_observation.snapshot_id: found measure_id secure_care__average", "snapshot_id feed", "and 10 more"],
    ),
    "a file that was refused on arrival": (
        "update ops.vintage set arrival = 'rejected' where source_id = 'published_series'",
        ["fct_observation.snapshot_id: found", "accepted vintage"],
    ),
    "a cell that cannot be found": (
        "update candidate.fct_observation set source_cell = 'somewhere'"
        " where measure_id = 'in_care__per_1000_children'",
        ["fct_observation.source_cell: found measure_id in_care__per_1000_children", "source_cell somewhere"],
    ),
    "a heading that the file does not have": (
        "update candidate.fct_observation_vintage set source_cell = replace(source_cell, ':text', ':value')"
        " where source_id = 'lgbf'",
        ["fct_observation_vintage.source_cell: found", "lgbf value", "`line N:heading`"],
    ),
    "a council that is missing where it should be withheld": (
        f"delete from candidate.fct_observation where measure_id = 'exclusion_rate__looked_after_lgbf'"
        f" and area_code = '{GLASGOW}' and period_start = '2018-08-01'",
        [
            "council_coverage.area_code: found measure_id exclusion_rate__looked_after_lgbf, period_start 2018-08-01, "
            f"area_code {GLASGOW}",
            "all 32 councils",
        ],
    ),
    "a vision statement that is not shown": (
        "delete from candidate.dim_vision_statement where vision_statement_id = 'vs08'",
        ["dim_vision_statement.vision_statement_id: found missing vs08", "all 10 vision statements"],
    ),
    "a council without a polygon": (
        f"delete from candidate.dim_area_boundary where area_code = '{GLASGOW}'",
        [
            f"dim_area_boundary.area_code: found area_code {GLASGOW}",
            f"dim_area_boundary.area_code: found missing {GLASGOW}",
        ],
    ),
    "a polygon under a council's earlier code": (
        f"update candidate.dim_area_boundary set area_code = 'S12000046' where area_code = '{GLASGOW}'",
        [f"dim_area_boundary.area_code: found missing {GLASGOW}; unknown S12000046"],
    ),
    "an empty table": (
        "truncate candidate.dim_vision_statement",
        ["dim_vision_statement.vision_statement_id: there was nothing to check"],
    ),
    "percentages that are all gone": (
        "update candidate.fct_observation set obs_value = null where unit = 'percent'",
        ["fct_observation.obs_value: there was nothing to check", "expected between 0 and 100"],
    ),
    "a column that is gone": (
        "alter table candidate.dim_area_boundary rename area_code to code",
        ["area_code", "build the marts first"],
    ),
    "no candidate at all": (
        "drop schema candidate cascade",
        ["there is no whole candidate to judge", "build the marts first"],
    ),
}  # fmt: skip


# Broken at once and judged once, because judging takes long: none of a group hides what another is to show.
TOGETHER = {
    "rows": (
        "an indicator lost its figures",
        "a negative count in an earlier publication",
        "a figure that is withheld and shown",
        "a file that the ledger does not know",
        "a council that is missing where it should be withheld",
        "a vision statement that is not shown",
        "a council without a polygon",
    ),
    "names": (
        "figures of an indicator that nobody knows",
        "a measure whose series match nothing",
        "a percentage above 100",
        "a cell that cannot be found",
        "a heading that the file does not have",
        "a polygon under a council's earlier code",
    ),
    "a refused file and an empty table": ("a file that was refused on arrival", "an empty table"),
    "no percentages": ("percentages that are all gone",),
    "no column": ("a column that is gone",),
    "no candidate": ("no candidate at all",),
}


def open_run() -> int:
    with database.connect() as conn:
        return runs.open_run(conn)


def results(conn: Connection[Any], run_id: int) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select * from ops.expectation_result where run_id = %s and gate = 'publication'", (run_id,)
        ).fetchall()


def test_the_bundle_s_release_passed_and_every_expectation_had_something_to_check(warehouse: Any) -> None:
    with database.connect() as conn:
        recorded = results(conn, warehouse.run_id)
    assert warehouse.publication == {"expectations": len(recorded), "warnings": []}
    assert {each["suite"] for each in recorded} == {
        *("fct_observation", "fct_observation_vintage", "dim_vision_statement", "dim_area_boundary", "council_coverage")
    }
    assert all(each["success"] and each["element_count"] > 0 and each["why"] for each in recorded)


def test_every_measure_with_bounds_is_held_to_them(warehouse: Any) -> None:
    """The groups of measures that share bounds are together all measures that have figures."""
    with database.connect() as conn:
        checked = sum(
            each["element_count"]
            for each in results(conn, warehouse.run_id)
            if (each["suite"], each["expectation"]) == ("fct_observation", "expect_column_values_to_be_between")
        )
        shown = conn.execute(
            "select count(obs_value) from marts.fct_observation join marts.dim_measure using (measure_id)"
            " where num_nonnulls(lower_bound, upper_bound) > 0"
        ).fetchone()
    boundless = {measure.id for _, measure in framework().measures() if measure.bounds == (None, None)}
    assert all(measure.endswith("__change") for measure in boundless), "only a change can be anything"
    assert (checked,) == shown


def test_an_unchanged_candidate_passes_and_is_compared_with_the_release_before(
    copy_of_warehouse: Connection[Any],
) -> None:
    run_id = open_run()
    assert publication.judge(run_id)["warnings"] == []
    recorded = results(copy_of_warehouse, run_id)
    assert [each["severity"] for each in recorded].count("warning") == 1
    assert publication.judge(run_id)["warnings"] == []
    assert len(results(copy_of_warehouse, run_id)) == len(recorded), "judging again replaces what was written"


def test_fewer_figures_than_before_are_a_warning_and_no_more(copy_of_warehouse: Connection[Any]) -> None:
    lost = copy_of_warehouse.execute(
        "delete from candidate.fct_observation"
        " where measure_id = 'secure_care__average' and period_start > '2020-01-01'"
    ).rowcount
    (shown,) = copy_of_warehouse.execute("select count(*) from marts.fct_observation").fetchone() or (0,)
    assert lost
    run_id = open_run()
    (warning,) = publication.judge(run_id)["warnings"]
    assert f"fct_observation: found {shown - lost}; expected at least the {shown}" in warning
    assert "figures of the current release" in warning
    assert [each["success"] for each in results(copy_of_warehouse, run_id) if each["severity"] == "warning"] == [False]


def test_every_way_to_break_a_candidate_is_tried_once() -> None:
    assert len(BROKEN) > 15
    assert sorted(name for names in TOGETHER.values() for name in names) == sorted(BROKEN)


@pytest.mark.parametrize("names", TOGETHER.values(), ids=TOGETHER)
def test_a_broken_candidate_is_refused_with_each_check_and_its_rows(
    copy_of_warehouse: Connection[Any], names: tuple[str, ...]
) -> None:
    before = seen(copy_of_warehouse)
    for statement, _ in (BROKEN[name] for name in names):
        broken = copy_of_warehouse.execute(statement.encode())
        assert broken.rowcount != 0, statement
    run_id = open_run()
    with pytest.raises(GateRefused) as refused:
        publication.judge(run_id)
    for name in names:
        for part in BROKEN[name][1]:
            assert part in str(refused.value), name
    if "build the marts first" not in str(refused.value):
        current = releases.current(copy_of_warehouse)
        assert current is not None
        assert f"Readers still see release {current.release_id}" in str(refused.value)
        failed = [each for each in results(copy_of_warehouse, run_id) if not each["success"]]
        assert "critical" in {each["severity"] for each in failed}
        assert str(refused.value).count("\n- ") == len([each for each in failed if each["severity"] == "critical"])
    assert seen(copy_of_warehouse) == before, "readers see what they saw"
    assert copy_of_warehouse.execute("select relname from pg_class where relname ~ 'judged'").fetchall() == []


def seen(conn: Connection[Any]) -> Any:
    return conn.execute(
        "select release_id, (select md5(string_agg(figure::text, '' order by figure::text))"
        " from marts.fct_observation as figure) from marts.release_info"
    ).fetchone()


def test_a_cell_may_have_a_name_of_its_own_where_its_file_is_read_cell_by_cell(
    copy_of_warehouse: Connection[Any],
) -> None:
    """The publisher's own workbook of LGBF, whose bundled file lists its cells on lines."""
    for table in ("fct_observation", "fct_observation_vintage"):
        copy_of_warehouse.execute(
            f"update candidate.{table} set source_cell = 'Raw Data!C2' where source_id = 'lgbf'".encode()
        )
    with pytest.raises(GateRefused, match="lgbf cell Raw Data!C2"):
        publication.judge(open_run())
    copy_of_warehouse.execute("""update ops.vintage set headings = headings || '{"cell": "@cell"}'""")
    assert publication.judge(open_run())["warnings"] == []


def test_a_source_that_never_arrived_does_not_hold_up_the_others(copy_of_warehouse: Connection[Any]) -> None:
    """The arrival gate has said why it is missing; its measures are then not expected, and councils have no grid."""
    copy_of_warehouse.execute("delete from ops.vintage where source_id = 'lgbf'")
    for table in ("fct_observation", "fct_observation_vintage"):
        copy_of_warehouse.execute(f"delete from candidate.{table} where source_id = 'lgbf'".encode())
    run_id = open_run()
    (warning,) = publication.judge(run_id)["warnings"]
    assert "figures of the current release" in warning
    assert "council_coverage" not in {each["suite"] for each in results(copy_of_warehouse, run_id)}


def test_what_was_being_judged_when_a_process_died_is_in_nobody_s_way(copy_of_warehouse: Connection[Any]) -> None:
    copy_of_warehouse.execute("create unlogged table staging.rows_being_judged_1 as select 1 as left_over")
    publication.judge(open_run())
    with pytest.raises(psycopg.errors.UndefinedTable):
        copy_of_warehouse.execute("select * from staging.rows_being_judged_1")
