"""dbt knows who reads the marts: every kind of page, the open data and every dashboard, by the SQL they run."""

from __future__ import annotations

from typing import Any

import pytest

from bi.exposures import exposures
from bi.metabase.spec import spec
from bi.site.pages import PAGES

EXPOSURES = {exposure.name: exposure for exposure in exposures()}


def test_there_is_one_for_each_kind_of_page_the_downloads_and_each_dashboard() -> None:
    pages = {f"site_{kind.name.replace('-', '_')}" for kind in PAGES}
    boards = {f"metabase_{board}" for board in spec().dashboards}
    assert pages and boards
    assert set(EXPOSURES) == pages | boards | {"open_data"}


@pytest.mark.parametrize("name", EXPOSURES)
def test_dbt_has_it_with_every_mart_that_its_queries_read(manifest: dict[str, Any], name: str) -> None:
    known = manifest["exposures"][f"exposure.promise.{name}"]
    assert EXPOSURES[name].marts
    assert known["depends_on"]["nodes"] == [f"model.promise.{mart}" for mart in EXPOSURES[name].marts]
    assert known["owner"]["name"] == manifest["groups"]["group.promise.warehouse"]["owner"]["name"]


def test_what_a_query_reads_is_seen_in_its_sql_also_the_marts_of_each_indicator_and_outcome() -> None:
    assert {"dim_area_boundary", "fct_observation_vintage", "indicator__attendance_rate"} <= set(
        EXPOSURES["open_data"].marts
    )
    assert {"outcome__vs03_o1", "direction_by_rule"} <= set(EXPOSURES["site_statement"].marts)
    assert "council_matrix" in EXPOSURES["metabase_council_matrix"].marts
    shown = {mart for exposure in EXPOSURES.values() for mart in exposure.marts}
    assert not shown & {"release_info", "release_change"}
