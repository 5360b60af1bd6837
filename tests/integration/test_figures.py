"""The built warehouse shows what was published, knows what it said before, and leads back to the cell."""

from __future__ import annotations

import csv
import gzip
import io
import shlex
import subprocess
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asked import Query
from documented import commands_in

from ingestion.landing import read_sidecar
from promise import database
from promise.catalogue.sources import Source, source, sources
from promise.database.embedded import binaries
from promise.settings import ROOT
from warehouse import transform

SCOTLAND = "S92000003"


def test_looked_after_children_2019_has_two_publications_and_one_current_figure(query: Query) -> None:
    where = "measure_id = 'in_care__count' and area_code = %s and period_start = '2019-07-31'"
    history = query(
        f"select obs_value, publication_id from marts.fct_observation_vintage where {where} order by position", SCOTLAND
    )
    assert [(int(value), publication) for value, publication in history] == [
        (14015, "csws_2018_19"),
        (14262, "csws_2019_20"),
    ]
    assert query(f"select obs_value, is_revised from marts.fct_observation where {where}", SCOTLAND) == [(14262, True)]


def test_the_positive_destination_of_2019_20_is_75_0_and_was_75_3(query: Query) -> None:
    where = "measure_id = 'positive_destination__looked_after' and period_label = '2019/20' and breakdown = 'total'"
    history = query(f"select obs_value::text from marts.fct_observation_vintage where {where} order by position")
    assert history == [("75",), ("75.3",), ("75.0",)], "in words first, then twice on the dashboard"
    assert query(f"select obs_value::text, is_revised from marts.fct_observation where {where}") == [("75.0", True)]


def test_attendance_stands_beside_its_comparator(query: Query) -> None:
    assert query(
        "select obs_value::text, comparator_value::text from marts.indicator__attendance_rate"
        " where measure_id = 'attendance_rate__looked_after' and period_label = '2023/24' and breakdown = 'total'"
    ) == [("83.7", "90.3")]


def test_a_label_that_means_another_year_is_put_in_that_year(query: Query) -> None:
    found = query(
        "select period_label, obs_value::integer from marts.fct_observation"
        " where measure_id = 'exclusion_rate__looked_after' and source_id = 'promise_dashboard' order by 1"
    )
    assert found == [("2020/21", 78), ("2022/23", 97)]


def test_poverty_by_council_joined_its_indicator_by_what_the_framework_says(query: Query) -> None:
    """Areas by code, those outside Scotland left; provisional, as the publisher says; two definitions, two measures."""
    assert query(
        "select measure_id, period_label, count(*), count(distinct obs_status), min(obs_status)"
        " from marts.indicator__child_poverty where source_id = 'children_in_relative_poverty'"
        " and area_type = 'council' and period_label = '2024/25' group by 1, 2 order by 1"
    ) == [
        ("child_poverty__after_housing_council", "2024/25", 32, 1, "provisional"),
        ("child_poverty__before_housing_council", "2024/25", 32, 1, "provisional"),
    ]
    where = "area_code = 'S12000049' and period_label = '2024/25' and source_id = 'children_in_relative_poverty'"
    assert query(f"select obs_value::text from marts.fct_observation where {where} order by 1") == [
        ("19.79361627",),
        ("23.28494107",),
    ]


def test_series_of_a_loaded_source_that_were_idle_have_their_measures(query: Query) -> None:
    assert query(
        "select measure_id, obs_value::text from marts.fct_observation where source_id ~ '^lgbf' and area_code = %s"
        " and period_label = '2018/19' and measure_id = any(%s) order by 1",
        SCOTLAND,
        ["scqf5_leavers__five_awards_lgbf", "scqf6_leavers__five_awards_lgbf", "positive_destination__lgbf"],
    ) == [
        ("positive_destination__lgbf", "95.0"),
        ("scqf5_leavers__five_awards_lgbf", "63"),
        ("scqf6_leavers__five_awards_lgbf", "35"),
    ]


def test_an_area_that_nobody_knows_is_shown_by_its_code(copy_of_warehouse: psycopg.Connection[Any]) -> None:
    copy_of_warehouse.execute(
        "update intermediate.int_figures set area_code = null, area_published = 'X12000001' where ctid ="
        " (select ctid from intermediate.int_figures where source_id = 'children_in_relative_poverty' limit 1)"
    )
    with transform.environment():
        outcome = transform.invoke(["test", "--select", "every_figure_is_placed_int_figures_"])
    (result,) = outcome.result.results
    assert str(result.status) == "fail"
    (row,) = copy_of_warehouse.execute(result.node.compiled_code.encode()).fetchall()
    assert "X12000001" in row
    assert "children_in_relative_poverty" in row


def test_a_figure_of_an_area_that_is_none_of_ours_is_dropped_by_no_mart_silently(
    copy_of_warehouse: psycopg.Connection[Any],
) -> None:
    data_zone = "S01006506"
    checks = ("every_figure_is_in_its_indicators_mart", "every_figure_has_its_way_back")
    copy_of_warehouse.execute(
        "create temporary table figure as select * from intermediate.int_observation_current"
        " where indicator_id = 'attendance_rate' and choice = 1 limit 1"
    )
    copy_of_warehouse.execute("update figure set area_code = %s", (data_zone,))
    copy_of_warehouse.execute("insert into intermediate.int_observation_current select * from figure")
    with transform.environment():
        made = transform.invoke(["run", "--select", "fct_observation", "indicator__attendance_rate", "provenance"])
        assert made.success, "the marts are made without it"
        checked = transform.invoke(["test", "--select", *checks])
    assert {result.node.name: str(result.status) for result in checked.result.results} == dict.fromkeys(checks, "fail")


def test_suppressed_figures_are_null_and_say_so(query: Query) -> None:
    suppressed = query(
        "select area_name, obs_value, obs_status from marts.indicator__exclusion_rate"
        " where conf_status = 'suppressed_by_publisher' and period_label = '2018/19' order by 1"
    )
    assert ("Clackmannanshire", None, "final") in suppressed
    assert ("Orkney Islands", None, "final") in suppressed
    zero = query(
        "select obs_value from marts.indicator__exclusion_rate where area_name = 'Na h-Eileanan Siar'"
        " and period_label = '2018/19' and measure_id = 'exclusion_rate__looked_after_lgbf'"
    )
    assert zero == [(0,)], "a published zero stays a zero"


def test_editions_in_three_layouts_are_one_line_of_publications(query: Query) -> None:
    """A percentage, then the same as a fraction with two of its decimals: one figure, and no revision."""
    history = query(
        "select source_id, obs_value::text, is_revised, publication_series from marts.fct_observation_vintage"
        " where measure_id = 'living_in_community__percent_lgbf' and area_code = %s and period_start = '2018-07-31'"
        " order by position",
        SCOTLAND,
    )
    assert {source_id for source_id, *_ in history} == {"lgbf_app", "lgbf", "lgbf_children"}
    assert {series for *_, series in history} == {"Local Government Benchmarking Framework"}
    revised = [value for _, value, is_revised, _ in history if is_revised]
    assert revised == ["89.6111034767074"], "once, in the table of May 2021, and not where the layout changed"
    first, *_, last = (value for _, value, *_ in history)
    assert len(first) > len(last) == len("89.81")
    assert query("select 1 from marts.fct_source_conflict where other_source_id ~ '^lgbf'") == []


def test_what_a_layout_leaves_out_is_neither_withdrawn_nor_shown_again(query: Query) -> None:
    """The extracts withhold the two figures; one table before them had a zero there, and none after them has a row."""
    rows = query(
        "select distinct area_code, obs_value, conf_status, is_latest, withdrawn_from"
        " from marts.fct_observation_vintage where measure_id = 'exclusion_rate__looked_after_lgbf'"
        " and (area_code, period_label) in (('S12000005', '2018/19'), ('S12000027', '2010/11'))"
    )
    assert {row[0] for row in rows if row[3]} == {"S12000005", "S12000027"}
    assert all(row[1:3] == (None, "suppressed_by_publisher") and row[4] is None for row in rows)


def test_no_family_median_is_built_from_a_suppressed_member(query: Query) -> None:
    leaks = query(
        "select benchmark.measure_id, benchmark.family_group from marts.fct_benchmark as benchmark"
        " join marts.dim_area as area using (family_group) join marts.fct_observation as figure"
        " on figure.area_code = area.area_code and figure.measure_id = benchmark.measure_id"
        " and figure.period_start = benchmark.period_start"
        " where figure.conf_status <> 'free' and benchmark.family_median is not null"
    )
    assert leaks == []
    shown = query("select count(*) from marts.fct_benchmark where family_median is not null")
    assert shown[0][0] > 500, "there were medians to leak"


def test_the_dashboard_restates_what_a_release_gave_first_so_another_figure_is_a_revision(query: Query) -> None:
    where = "measure_id = 'residential_care__count' and period_start = '2023-07-31'"
    assert query(
        f"select obs_value::integer, source_id from marts.fct_observation_vintage where {where} order by position"
    ) == [(1320, "published_series"), (1285, "promise_dashboard")]
    assert query(f"select is_revised from marts.fct_observation where {where}") == [(True,)]
    assert query(f"select 1 from marts.fct_source_conflict where {where}") == []


def test_the_ten_statements_are_there_and_what_is_not_published_is_a_gap(query: Query) -> None:
    statements = query("select vision_statement_id, publication_state, gap_statement from marts.dim_vision_statement")
    assert len(statements) == 10
    for statement, state, words in statements:
        assert (state == "gap") == (words is not None), statement
        if state == "gap":
            assert query("select 1 from marts.fct_data_gap where vision_statement_id = %s limit 1", statement)
    assert query("select count(*) from marts.dim_indicator where publication_state = 'published'") == [(16,)]
    theirs = "outcome_text is not null and publication_state != 'proposed'"
    assert query(f"select count(*) from marts.dim_outcome where {theirs}") == [(7,)]


def test_nine_indicators_have_the_dashboards_national_figures(query: Query) -> None:
    found = query("select distinct indicator_id from marts.fct_observation where source_id = 'promise_dashboard'")
    assert len(found) == 9


@pytest.mark.parametrize("table", ["dim_area", "dim_dataset", "dim_organisation", "fct_evidence", "fct_milestone"])
def test_the_tables_of_the_contract_are_filled(query: Query, table: str) -> None:
    assert query(f"select count(*) from marts.{table}")[0][0] > 0


def test_the_data_map_lists_the_portal_and_our_own_sources(query: Query) -> None:
    listed = dict(query("select entry, count(*) from marts.dim_dataset group by 1"))
    # 285 lines, of which one dataset stands twice because it has two publishers. Returns are no dataset themselves.
    own = sum(source.returns is None for source in sources().values())
    assert listed == {"catalogue": 284, "source": own, "described": 233, "holding": 37}
    assert query("select indicator_ids <> '{}' from marts.dim_dataset where source_id = 'lgbf'") == [(True,)]


def test_councils_renumbered_in_2018_and_2019_point_at_their_successors(query: Query) -> None:
    found = query(
        "select area_code, successor_area_code from marts.dim_area where not is_current and area_type = 'council'"
    )
    assert dict(found) == {
        "S12000015": "S12000047",
        "S12000024": "S12000048",
        "S12000044": "S12000050",
        "S12000046": "S12000049",
    }


def test_every_figure_stands_in_the_landed_file_where_its_row_says(query: Query) -> None:
    """All of them, not a sample: the file is opened, the line and heading found, the published text compared."""
    with database.connect() as conn:
        figures = conn.execute(
            "select figure.source_id, figure.snapshot_id, figure.source_cell, figure.obs_value, int.value_published,"
            " int.is_rounded, series.times::integer from marts.fct_observation as figure"
            " join intermediate.int_observation_current as int"
            " using (measure_id, area_code, period_start, period_end, breakdown, breakdown_value)"
            " join staging.framework__series as series on series.measure_id = int.measure_id"
            "   and series.source_id = int.source_id and series.series_label = int.series_label"
            "   and coalesce(series.series_heading, '') = int.series_heading"
            " where int.choice = 1 and figure.conf_status <> 'suppressed_by_us'"
        ).fetchall()
    assert len(figures) > 1000
    files: dict[tuple[str, str], list[dict[str, str]]] = {}
    for source_id, snapshot_id, cell, obs_value, published, is_rounded, times in figures:
        key = (source_id, snapshot_id)
        if key not in files:
            files[key] = _lines(read_sidecar(source_id, snapshot_id).content)
        place, heading = cell.removeprefix("line ").split(":", 1)
        text = files[key][int(place)][heading]
        if not text.strip() and (beside := _qualifier_of(source(source_id), heading)):
            text = files[key][int(place)][beside]  # why it is blank
        if is_rounded:
            # As PostgreSQL rounds: half a unit away from zero.
            number = (times or 1) * Decimal(text)
            assert number.quantize(Decimal(published), ROUND_HALF_UP) == Decimal(published)
        else:
            assert text.strip() == published
        if obs_value is None:
            assert text.strip() in source(source_id).markers


def _qualifier_of(described: Source, heading: str) -> str | None:
    """The heading of the column that says of the cells below a heading why they are blank."""
    headings = described.table.newest
    beside = described.figures.qualifiers if described.figures else {}
    return next((headings[beside[column]] for column in beside if headings[column] == heading), None)


def _lines(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()
    records = csv.reader(io.StringIO(text))
    header = next(records)
    lines: list[dict[str, str]] = [{}] * (text.count("\n") + 2)
    line = records.line_num + 1
    for record in records:
        lines[line] = dict(zip(header, record, strict=True))
        line = records.line_num + 1
    return lines


def test_the_sql_keeps_its_unit_tests(copy_of_warehouse: object) -> None:
    # dbt asks the tables for their columns, and those of marts stand in `candidate` in the copy only.
    with transform.environment():
        outcome = transform.invoke(["test", "--select", "test_type:unit"])
    assert outcome.success
    assert len(outcome.result.results) >= 19


@pytest.mark.parametrize(
    "command",
    commands_in("README.md", "docs/sources.md", "docs/history.md", "docs/marts.md", "docs/analysts.md"),
)
def test_the_commands_of_the_docs_run(warehouse: object, command: str) -> None:
    done = subprocess.run(
        # A machine without a psql of its own has the one that came with the server.
        ["bash", "-c", f'PATH="{ROOT}/.venv/bin:$PATH:{binaries()}"; {command}'],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, f"{shlex.quote(command)}\n{done.stdout}\n{done.stderr}"
