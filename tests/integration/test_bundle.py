"""What the bundled reference data say once they are staged: figures that a person read in the files."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from promise import database
from promise.catalogue.sources import sources

Query = Callable[[str], list[tuple[Any, ...]]]

ROWS = {
    "average_household_size__figure": 627,
    "children_in_relative_poverty__figure": 2472,
    "council_populations__council": 32 * 18,
    "cpop__figure": 6897,
    "data_zone_councils__data_zone": 6976,
    "data_zone_health_boards__data_zone": 6976,
    "data_zone_populations__data_zone_sex": 20928,
    "female_healthy_life_expectancy__cell": 141,
    "health_board_boundaries__feature": 14,
    "household_size_sparql__result": 576,
    "lgbf_children__figure": 10312 + 10411 + 10931,
    "limited_resources__figure": 414 // 3,  # the ends of an interval are rows in the file
    "phs_ae_waiting_times__site_month": 14584 * 11,
    "population_slice_female__cell": 165851,
    "poverty_children__figure": 1224,
    "reconvictions__figure": 6916,
    "registered_services__count": 12 * 136,
    "scotpho_geography__area": 1514,
    "scotpho_indicators__definition": 233,
    "simd_indicators__data_zone": 6976,
    "simd_ranks__data_zone": 6976,
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
            "select obs_value from stg_average_household_size__figure where area_published = 'S92000003'"
            " and period_published = '2019'",
            "2.15",
            id="people per household in Scotland, 2019",
        ),
        pytest.param(
            "select obs_value from stg_household_size_sparql__result where area_published = 'S12000049'"
            " and period_published ~ '/2018$' and series_label = 'ratio'",
            "2.09",
            id="people per household in Glasgow, 2018, written 2.09E0",
        ),
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
            "select obs_value from stg_phs_ae_waiting_times__site_month where breakdown_value ~ '^A111H'"
            " and series_label = 'NumberMeetingTargetAggregate' and period_published = '200707'",
            "5290",
            id="attendances within four hours at one site, July 2007",
        ),
        pytest.param(
            "select obs_value from stg_children_in_relative_poverty__figure where area_published = 'S12000049'"
            " and series_label = 'Children in relative poverty after housing costs'"
            " and period_published = '2024-04-01/P1Y'",
            "23.28494107",
            id="children in relative poverty in Glasgow, year ending March 2025",
        ),
        pytest.param(
            "select obs_value from stg_female_healthy_life_expectancy__cell where area_published = 'S12000050'"
            " and period_published ~ '/2017-01-01T00:00:00/P3Y$' and source_cell = 'line 34:2017-2019'",
            "57.77",
            id="healthy years of girls in North Lanarkshire, 2017-2019, and their cell",
        ),
        pytest.param(
            "select obs_value from stg_population_slice_female__cell where area_published = 'S01006984'"
            " and period_published ~ '/2019$' and source_cell = 'line 8738:2019'",
            "468",
            id="women and girls in one data zone, 2019, and their cell",
        ),
        pytest.param(
            "select obs_value from stg_cpop__figure where area_published = 'Glasgow City'"
            " and series_label = 'Child Poverty' and period_published = '2021/22'",
            "25.07784263273295",
            id="child poverty in Glasgow, labelled 2021/22",
        ),
        pytest.param(
            "select employment_rank from stg_simd_ranks__data_zone where imd_rank = 1 and data_zone_code = 'S01010891'",
            "4",
            id="the zone that is most deprived",
        ),
        pytest.param(
            "select attendance from stg_simd_indicators__data_zone where data_zone_code = 'S01006507'",
            "0.84745999999999999",
            id="attendance in one zone",
        ),
        pytest.param(
            "select obs_value from stg_council_populations__council where area_published = 'S12000049'"
            " and breakdown_value = 'Age 3'",
            "6107",
            id="children of three in Glasgow, mid-2022",
        ),
        pytest.param(
            "select people_by_age[2] from stg_data_zone_populations__data_zone_sex"
            " where data_zone_code = 'S01006506' and sex = 'Male'",
            "8",
            id="boys of one in one zone, mid-2020",
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


def test_women_and_girls_of_each_kind_of_area_sum_to_scotland(query: Query) -> None:
    sums = query(
        "select left(area_published, 3), count(distinct area_published), sum(obs_value)"
        " from stg_population_slice_female__cell"
        " where period_published ~ '/2019$' and left(area_published, 3) in ('S01', 'S02', 'S08', 'S12', 'S92')"
        " group by 1 order by 1"
    )
    assert sums == [(kind, areas, 2_800_297) for kind, areas in (
        ("S01", 6976), ("S02", 1279), ("S08", 14), ("S12", 32), ("S92", 1))]  # fmt: skip


def test_the_two_exports_of_household_size_agree(query: Query) -> None:
    joined = query(
        "select cube.obs_value = answer.obs_value, count(*) from stg_average_household_size__figure as cube"
        " join stg_household_size_sparql__result as answer"
        " on cube.area_published = answer.area_published and answer.period_published ~ ('/' || cube.period_published)"
        " group by 1"
    )
    assert joined == [(True, 576)]


def test_a_blank_of_a_site_that_reports_totals_only_is_one_that_the_source_explains(query: Query) -> None:
    found = query(
        "select value_published = 'z', obs_value is null, series_label ~ 'Aggregate$', count(*)"
        " from stg_phs_ae_waiting_times__site_month group by 1, 2, 3 order by 1, 2, 3"
    )
    assert found == [(False, False, False, 7343 * 9), (False, False, True, 14584 * 2), (True, True, False, 7241 * 9)]
    assert sources()["phs_ae_waiting_times"].markers["z"].obs_status == "not_applicable"


def test_what_simd_withholds_is_null_and_says_so(query: Query) -> None:
    ((attendance, attainment, crimes, crime_rate),) = query(
        "select count(*) filter (where attendance is null and attendance_conf_status != 'free'),"
        " count(*) filter (where attainment is null and attainment_conf_status != 'free'),"
        " count(*) filter (where crime_count is null and crime_count_conf_status != 'free'),"
        " count(*) filter (where crime_rate is null and crime_rate_conf_status != 'free')"
        " from stg_simd_indicators__data_zone"
    )
    assert (attendance, attainment, crimes, crime_rate) == (567, 189, 500, 501)


def test_cpop_holds_no_projection_and_two_figures_that_the_publisher_lacks(query: Query) -> None:
    assert query(
        "select area_published, series_label, period_published from stg_cpop__figure where obs_value is null order by 1"
    ) == [("Inverclyde", "Primary 1 Body Mass Index", "2010/11"), ("Orkney Islands", "Well-being", "2021/22")]
    assert one(query, "select max(period_published) from stg_cpop__figure") == "2021/22", (
        "what is projected goes on to 2024/25"
    )


def test_the_lookups_of_data_zones_agree_and_lead_to_known_areas(query: Query) -> None:
    ((zones, councils, boards, agreeing),) = query(
        "select count(*), count(distinct board.council_code), count(distinct health_board_code),"
        " count(*) filter (where council.council_code = board.council_code)"
        " from stg_data_zone_councils__data_zone as council"
        " join stg_data_zone_health_boards__data_zone as board using (data_zone_code)"
        " join stg_simd_ranks__data_zone using (data_zone_code)"
        " join stg_simd_indicators__data_zone using (data_zone_code)"
    )
    assert (zones, councils, boards, agreeing) == (6976, 32, 14, 6976)


def test_ages_sum_to_all_people_and_the_sexes_to_both(query: Query) -> None:
    ages = "(select sum(age) from unnest(people_by_age) as age)"
    for table in ("data_zone_populations__data_zone_sex",):
        assert (
            one(query, f"select count(*) from stg_{table} where people != {ages} or cardinality(people_by_age) != 91")
            == 0
        )
    differing = query(
        "select data_zone_code from stg_data_zone_populations__data_zone_sex group by 1"
        " having sum(people) filter (where sex != 'All') != sum(people) filter (where sex = 'All')"
    )
    assert differing == []
    national = "select sum(people) from stg_data_zone_populations__data_zone_sex where sex = 'All'"
    assert one(query, national) == 5_466_000, "as National Records of Scotland give it for mid-2020"


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


def test_scotlands_own_code_in_scotpho_is_kept(query: Query) -> None:
    assert query("select area_name from stg_scotpho_geography__area where area_code = 'S00000001'") == [("Scotland",)]


def test_boundaries_of_boards_are_polygons_of_known_boards(query: Query) -> None:
    found = query(
        "select boundary.area_code from stg_health_board_boundaries__feature as boundary"
        " join stg_phs_geography__council_area as board on board.health_board_code = boundary.area_code"
        " where geometry ->> 'type' in ('Polygon', 'MultiPolygon') and board.health_board_valid_to is null group by 1"
    )
    assert len(found) == 14
