"""What the bundled reference data say once they are staged: figures that a person read in the files."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from promise import database

Query = Callable[[str], list[tuple[Any, ...]]]

ROWS = {
    "camhs_referrals__board_month": 2295 * 2,
    "children_in_relative_poverty__figure": 2472,
    "council_populations__council": 32 * 18,
    "data_zone_councils__data_zone": 6976,
    "health_board_boundaries__feature": 14,
    "lgbf_children__figure": 10312 + 10411 + 10931,
    "limited_resources__figure": 414 // 3,  # the ends of an interval are rows in the file
    "poverty_children__figure": 1224,
    "reconvictions__figure": 6916,
    "registered_services__count": 12 * 136,
    "scotpho_indicators__definition": 233,
    "six_in_one_immunisation__result": 1056,
}


@pytest.fixture
def query(warehouse: object) -> Query:
    def staged(statement: str) -> list[tuple[Any, ...]]:
        with database.connect() as conn:
            conn.execute("set search_path to staging")
            return conn.execute(statement.encode()).fetchall()

    return staged


def one(query: Query, statement: str) -> Any:
    """The only value of the only row."""
    ((value,),) = query(statement)
    return value


@pytest.mark.parametrize("table", ROWS)
def test_every_row_of_the_file_is_staged(query: Query, table: str) -> None:
    assert one(query, f"select count(*) from stg_{table}") == ROWS[table]


@pytest.mark.parametrize(
    ("statement", "figure"),
    [
        pytest.param(
            "select obs_value from stg_limited_resources__figure where area_published = 'S12000033'"
            " and series_label = 'After Housing Costs' and period_published = '2014-2017'",
            "20.6",
            id="children with limited resources in Aberdeen after housing costs",
        ),
        pytest.param(
            "select obs_value from stg_reconvictions__figure where area_published = 'S92000003'"
            " and series_label = 'Under 21 years'"
            " and series_heading = 'Percent reconvicted' and breakdown is null and period_published = '2017/2018'",
            "31.3",
            id="reconvicted under 21, 2017/18",
        ),
        pytest.param(
            "select obs_value from stg_six_in_one_immunisation__result where area_published = 'S12000047'"
            " and period_published ~ '/2018$' and series_heading = 'ratio'",
            "97.3",
            id="immunised in Fife, 2018, written 9.73E1",
        ),
        pytest.param(
            "select obs_value from stg_children_in_relative_poverty__figure where area_published = 'S12000049'"
            " and series_label = 'Children in relative poverty after housing costs'"
            " and period_published = '2024-04-01/P1Y'",
            "23.28494107",
            id="children in relative poverty in Glasgow, year ending March 2025",
        ),
        pytest.param(
            "select obs_value from stg_council_populations__council where area_published = 'S12000049'"
            " and breakdown_value = 'Age 3'",
            "6107",
            id="children of three in Glasgow, mid-2022",
        ),
    ],
)
def test_a_figure_stands_as_it_was_published(query: Query, statement: str, figure: str) -> None:
    assert one(query, statement) == Decimal(figure)


def test_intervals_of_limited_resources_enclose_their_figure(query: Query) -> None:
    assert query(
        "select lci_95 < obs_value and obs_value < uci_95, count(*) from stg_limited_resources__figure group by 1"
    ) == [(True, 414 // 3)]


def test_which_part_a_figure_is_of_stands_beside_it_and_everyone_is_no_part(query: Query) -> None:
    found = query(
        "select breakdown, count(distinct breakdown_value), count(distinct series_label) from stg_reconvictions__figure"
        " group by 1 order by 1"
    )
    assert found == [("sex", 2, 6), (None, 0, 6)]
    assert query("select 1 from stg_reconvictions__figure where (breakdown is null) != (breakdown_value is null)") == []


def test_data_zones_lie_in_known_councils(query: Query) -> None:
    assert query(
        "select count(*), count(distinct zone.council_code) from stg_data_zone_councils__data_zone as zone"
        " where zone.council_code in (select area_code from stg_phs_geography__council_area where valid_to is null)"
    ) == [(6976, 32)]


def test_what_is_said_of_referrals_to_camhs_stands_with_their_numbers(query: Query) -> None:
    found = query("select obs_value is null, obs_status, count(*) from stg_camhs_referrals__board_month group by 1, 2")
    assert {(is_blank, status): count for is_blank, status, count in found} == {
        (False, None): 2056 + 86 + 35 + 2051 + 86 + 35, (False, "revised"): 64 + 62, (False, "low_reliability"): 7,
        (True, None): 54 + 54,
    }  # fmt: skip
    assert query("select distinct value_published from stg_camhs_referrals__board_month where obs_value is null") == [
        (":",)
    ]


def test_most_indicators_of_the_profiles_download_can_be_looked_up(query: Query) -> None:
    known = one(
        query,
        "select count(distinct series_label) from stg_scotpho_profiles__indicator as figure"
        " join stg_scotpho_indicators__definition as definition on figure.series_label = definition.indicator_name",
    )
    assert known > 200


def test_the_description_of_indicators_names_nobody(query: Query) -> None:
    """The published table names the people who work on the profiles, and gives addresses of others; ours may not."""
    assert (
        query("select indicator_number from stg_scotpho_indicators__definition as row where row::text ~ '[[:alnum:]]@'")
        == []
    )
    columns = query(
        "select attname from pg_attribute where attnum > 0"
        " and attrelid = 'stg_scotpho_indicators__definition'::regclass"
    )
    assert not {"indicator_author", "analyst_notes", "source_details"} & {name for (name,) in columns}


def test_councils_and_boards_have_polygons_in_the_marts(warehouse: object) -> None:
    with database.connect() as conn:
        kinds = conn.execute(
            "select area_type, count(*) from candidate.dim_area_boundary"
            " inner join candidate.dim_area using (area_code) group by 1 order by 1"
        ).fetchall()
    assert kinds == [("council", 32), ("health_board", 14)]


def test_boundaries_of_boards_are_polygons_of_known_boards(query: Query) -> None:
    found = query(
        "select boundary.area_code from stg_health_board_boundaries__feature as boundary"
        " join stg_phs_geography__council_area as board on board.health_board_code = boundary.area_code"
        " where geometry ->> 'type' in ('Polygon', 'MultiPolygon') and board.health_board_valid_to is null group by 1"
    )
    assert len(found) == 14
