"""The questions' SQL, run in PostgreSQL as the reader, through the connection that was provisioned.

The tables have the columns of the contract and a few rows made up for this test; that dbt builds such tables is
tested elsewhere.
"""

from __future__ import annotations

import functools
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import contract_tables
import psycopg
import pytest
from psycopg.rows import dict_row
from stand_ins.metabase import StandIn
from stand_ins.metabase_backend import rendered
from stand_ins.metabase_runs import spec as some

from bi.metabase import apply, boundaries
from bi.metabase.apply import offers
from bi.metabase.client import Client
from bi.metabase.provision import Provisioner
from bi.metabase.spec import spec
from bi.metabase.writing import Outcome
from promise import database
from warehouse.provisioned import Item

CARDS = sorted(spec().cards)
KEY = "mb_secret_key"
FILTERS = {
    **{"indicator": "attendance", "measure": "home", "council": "S12000033", "year": "2024"},
    **{"organisation": "sg", "statement": "vs03"},
}
# What shows the few rows of this test; the rest is tried on the release of the bundle.
SHOWN = some()

ROWS = """
insert into marts.dim_vision_statement (vision_statement_id, number, name, outcomes, indicators,
    indicators_with_figures, gap_statement)
values ('vs03', 3, 'Learning', 1, 1, 1, null), ('vs08', 8, 'Voice', 1, 1, 0, 'Nothing is published.');
insert into marts.dim_outcome (outcome_id, vision_statement_id, publication_state)
values ('vs03_o1', 'vs03', 'published'), ('vs08_o1', 'vs08', 'gap'), ('vs08_p1', 'vs08', 'proposed');
insert into marts.dim_indicator (indicator_id, vision_statement_id, name, short_name, headline_measure_id,
    population_marker, publication_state, display_order, has_figures, has_council_figures)
values ('attendance', 'vs03', 'Attendance', 'Attendance', 'attendance_lac', 'care_marker', 'published', 1, true, true),
       ('voice', 'vs08', 'Feeling heard', 'Heard', null, 'care_marker', 'published', 1, false, false),
       ('waits', 'vs08', 'Waiting', 'Waiting', 'waits', 'whole_population', 'proposed', 2, true, true);
insert into marts.dim_measure (measure_id, indicator_id, title, unit, population, geography, display_order)
values ('attendance_lac', 'attendance', 'Looked after children', 'percent', 'looked_after', 'national', 1),
       ('attendance_all', 'attendance', 'All children', 'percent', 'all_pupils', 'national', 2),
       ('attendance_count', 'attendance', 'Number of children', 'count', 'looked_after', 'national', 3),
       ('home', 'attendance', 'Placements at home', 'percent', 'looked_after', 'council', 4),
       ('spend', 'attendance', 'Spend a week', 'per_week_gbp', 'looked_after', 'council', 5),
       ('waits', 'waits', 'Waits', 'percent', 'all_children', 'council', 1);
insert into marts.dim_area (area_code, area_name, area_type, is_current, family_group)
values ('S92000003', 'Scotland', 'country', true, null), ('S12000033', 'Aberdeen City', 'council', true, '3'),
       ('S12000034', 'Aberdeenshire', 'council', true, '1'), ('S12000013', 'Na h-Eileanan Siar', 'council', true, '1'),
       ('S12000024', 'Old Perth', 'council', false, null);
insert into marts.dim_area_boundary (area_code, geometry)
select area_code, '{"type": "Polygon", "coordinates": [[[-2.1234567, 57], [-2, 58], [-3, 57], [-2.1234567, 57]]]}'
from marts.dim_area where area_type = 'council';
insert into marts.dim_publication (publication_id, title, published_on, url)
values ('edu_2024', 'Education outcomes 2023/24', '2025-03-25', 'https://example.org/edu');
insert into marts.dim_organisation (organisation_id, name, kind)
values ('cosla', 'COSLA', 'local_government'), ('sg', 'Scottish Government', 'government');
insert into marts.fct_observation (measure_id, indicator_id, area_code, period_start, period_end, period_label,
    breakdown, breakdown_value, obs_value, obs_status, conf_status, publication_id)
select m, 'attendance', a, make_date(y, 8, 1), make_date(y + 1, 7, 31), y || '/' || right((y + 1)::text, 2),
    b, v, value, status, conf, 'edu_2024'
from (values
    ('attendance_lac', 'S92000003', 2020, 'total', 'total', 87.9, 'final', 'free'),
    ('attendance_lac', 'S92000003', 2021, 'total', 'total', null, 'not_collected', 'free'),
    ('attendance_lac', 'S92000003', 2023, 'total', 'total', 83.7, 'final', 'free'),
    ('attendance_lac', 'S92000003', 2023, 'sex', 'female', 99.9, 'final', 'free'),
    ('attendance_all', 'S92000003', 2023, 'total', 'total', 90.3, 'final', 'free'),
    ('attendance_count', 'S92000003', 2023, 'total', 'total', 12000, 'final', 'free'),
    ('home', 'S92000003', 2023, 'total', 'total', 25.0, 'final', 'free'),
    ('home', 'S12000033', 2022, 'total', 'total', 11.0, 'final', 'free'),
    ('home', 'S12000033', 2023, 'total', 'total', 21.5, 'final', 'free'),
    ('home', 'S12000034', 2023, 'total', 'total', null, 'missing', 'suppressed_by_publisher'),
    ('home', 'S12000013', 2023, 'total', 'total', 30.0, 'final', 'free'),
    ('spend', 'S12000034', 2023, 'total', 'total', 404.5, 'final', 'free'),
    ('waits', 'S12000034', 2023, 'total', 'total', 90.0, 'final', 'free')
) as given (m, a, y, b, v, value, status, conf);
insert into marts.fct_progress (indicator_id, measure_id, area_code, baseline_period_start, baseline_period_label,
    baseline_value, latest_period_start, latest_period_label, latest_value, previous_period_label,
    change_since_previous, change_since_baseline, judgement, reason, judgement_since_previous)
values ('attendance', 'attendance_lac', 'S92000003', '2020-08-01', '2020/21', 87.9, '2023-08-01', '2023/24', 83.7,
    '2022/23', -0.7, -4.2, 'cannot_be_calculated', 'too few periods', 'no_clear_change');
insert into marts.direction_basket
values ('scotland', 'published', 'direction', 'cannot_be_calculated', 2, '{attendance,voice}'),
       ('scotland', 'proposed', 'direction', 'improving', 1, '{waits}'),
       ('vs03', 'published', 'direction', 'cannot_be_calculated', 1, '{attendance}'),
       ('vs08', 'published', 'direction', 'cannot_be_calculated', 1, '{voice}'),
       ('vs08', 'proposed', 'direction', 'improving', 1, '{waits}');
insert into marts.national_trend (indicator_id, measure_id, unit, period_start, period_end, period_label, obs_value,
    stretch, line)
values ('attendance', 'attendance_lac', 'percent', '2020-08-01', '2021-07-31', '2020/21', 87.9, 1, 'Looked after'),
       ('attendance', 'attendance_lac', 'percent', '2023-08-01', '2024-07-31', '2023/24', 83.7, 2, 'Looked after, now'),
       ('attendance', 'attendance_all', 'percent', '2023-08-01', '2024-07-31', '2023/24', 90.3, 1, 'All children'),
       ('attendance', 'attendance_count', 'count', '2023-08-01', '2024-07-31', '2023/24', 12000, 1, 'Children');
insert into marts.national_summary (scope) values ('scotland');
insert into marts.fct_reconciliation (indicator_id, measure_id, area_code, period_start, period_end, period_label,
    breakdown, breakdown_value, kind, published_value, calculated_value, difference, verdict, reason, numerator,
    denominator)
values ('attendance', 'attendance_lac', 'S92000003', '2023-08-01', '2024-07-31', '2023/24', 'total', 'total', 'ratio',
        83.7, 84.2, -0.5, 'differs', 'other publications', 842, 1000),
       ('attendance', 'attendance_lac', 'S92000003', '2020-08-01', '2021-07-31', '2020/21', 'total', 'total', 'ratio',
        87.9, 87.9, 0, 'agrees', 'the same', 879, 1000);
insert into marts.council_matrix (area_code, area_name, family_group, publication_state, measure_id, measure_title,
    population, polarity, period_label, obs_value, status, rank, councils_ranked, quartile, display_order)
values ('S12000033', 'Aberdeen City', 3, 'published', 'home', 'Placements at home', 'looked_after',
        'higher_is_better', '2023/24', 21.5, 'shown', 1, 1, 1, 1),
       ('S12000034', 'Aberdeenshire', 1, 'published', 'home', 'Placements at home', 'looked_after',
        'higher_is_better', '2023/24', null, 'suppressed', null, null, null, 1),
       ('S12000034', 'Aberdeenshire', 1, 'proposed', 'waits', 'Waits', 'all_children', 'higher_is_better', '2023/24',
        90.0, 'shown', 1, 1, 1, 2);
insert into marts.fct_benchmark (indicator_id, measure_id, area_code, period_start, period_end, period_label,
    obs_value, rank, councils_ranked, family_group, family_median, scotland_value)
values ('attendance', 'home', 'S12000033', '2023-08-01', '2024-07-31', '2023/24', 21.5, 1, 1, '3', 21.5, 25.0);
insert into marts.fct_data_gap (data_gap_id, outcome_id, kind, about, description, could_be_filled_by)
values ('g1', 'vs08_o1', 'no_indicator_published', 'evidence', 'No figures on being heard.', '{sg,cosla}'),
       ('g2', 'vs08_o1', 'wording_unknown', 'our_copy', 'Its text is not in our copies.', '{}');
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("PROMISE_DATABASE_URL", "PROMISE_READER_PASSWORD", "PROMISE_GEOJSON_URL", "METABASE_PUBLIC_URL"):
            patch.delenv(name, raising=False)
        for name in ("HOST", "PORT", "DBNAME", "SSL"):
            patch.delenv(f"METABASE_WAREHOUSE_{name}", raising=False)
        yield patch


@pytest.fixture(scope="module")
def warehouse(environment: pytest.MonkeyPatch) -> Iterator[None]:
    """The project's own server with marts of the contract's shape. Empty at first; `filled` puts the rows in."""
    database.ensure_running()
    with database.connect() as conn:
        contract_tables.create(conn)
    yield
    database.stop()


@pytest.fixture(scope="module")
def filled(warehouse: None) -> None:
    with database.connect() as conn:
        conn.execute(ROWS.encode())


@pytest.fixture(scope="module")
def map_folder(filled: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "data"
    with database.connect("reader") as conn:
        boundaries.write(conn, folder)
    return folder


@pytest.fixture(scope="module")
def metabase(map_folder: Path, environment: pytest.MonkeyPatch) -> Iterator[StandIn]:
    handler = functools.partial(QuietFiles, directory=str(map_folder))
    files = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=files.serve_forever, daemon=True).start()
    with StandIn(api_key=KEY).running() as running:
        environment.setenv("METABASE_URL", running.url)
        environment.setenv("METABASE_API_KEY", KEY)
        environment.setenv("PROMISE_GEOJSON_URL", f"http://127.0.0.1:{files.server_port}/council_areas.json")
        yield running
    files.shutdown()
    files.server_close()


class QuietFiles(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def run(metabase: StandIn) -> Callable[[], Outcome]:
    """Provision what is shown here, remembering what was made."""
    state: dict[str, Item] = {}

    def go() -> Outcome:
        with database.connect("reader") as conn:
            offered = offers(conn)
        client = Client(metabase.url, KEY)
        url = os.environ["PROMISE_GEOJSON_URL"]
        return Provisioner(
            client, SHOWN, connection=apply.warehouse(), state=state, offers=offered, geojson_url=url
        ).run()

    return go


@pytest.fixture(scope="module")
def applied(run: Callable[[], Outcome]) -> Outcome:
    return run()


@pytest.fixture
def ask(metabase: StandIn, applied: Outcome) -> Any:
    """The rows of a question as Metabase returns them, by column name."""

    def rows(card: str, **values: str) -> list[dict[str, Any]]:
        number = metabase.named(metabase.cards, spec().cards[card].name)["id"]
        parameters = [
            {"type": "category", "target": ["variable", ["template-tag", name]], "value": value}
            for name, value in values.items()
        ]
        answer = Client(metabase.url, KEY).post(f"/api/card/{number}/query", {"parameters": parameters})
        assert answer["status"] == "completed", answer
        names = [column["name"] for column in answer["data"]["cols"]]
        return [dict(zip(names, row, strict=True)) for row in answer["data"]["rows"]]

    return rows


@pytest.mark.parametrize("name", CARDS)
def test_every_question_runs_on_the_contracts_columns_with_and_without_a_choice(warehouse: None, name: str) -> None:
    card = spec().cards[name]
    chosen = {item.id: FILTERS[item.id] for item in card.filters}
    for values in ({}, chosen):
        with database.connect("reader") as conn:
            cursor = conn.execute(rendered(card.sql, values).encode(), values)
            assert card.display.needs <= {column.name for column in cursor.description or []}


def test_everything_is_provisioned_and_drawn_as_regions(applied: Outcome) -> None:
    assert applied.map == "regions"
    assert applied.questions_run > len(SHOWN.cards)
    assert applied.notes == []


def test_a_second_apply_writes_nothing(metabase: StandIn, applied: Outcome, run: Callable[[], Outcome]) -> None:
    metabase.forget_calls()
    assert run().writes == 0
    assert metabase.writes() == []


def test_metabase_gets_a_role_that_sees_marts_and_nothing_else(metabase: StandIn, applied: Outcome) -> None:
    (stored,) = metabase.databases.values()
    details = {key: stored["details"][key] for key in ("host", "port", "dbname", "user", "password")}
    with psycopg.connect(**details) as conn:
        assert conn.execute("select count(*) from marts.dim_area").fetchone() == (5,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("select * from ops.vintage")


def test_a_statement_with_nothing_published_shows_its_gap(ask: Any) -> None:
    learning, voice = ask("ten_statements")
    assert (learning["indicators_with_figures"], learning["data_gaps"], learning["gap_statement"]) == (1, 0, None)
    assert (voice["indicators_with_figures"], voice["data_gaps"], voice["copy_gaps"]) == (0, 1, 1)
    assert (voice["outcomes"], voice["indicators"], voice["proposed"]) == (1, 1, 1), "ours is counted apart"
    assert voice["gap_statement"] == "Nothing is published."


def test_the_headline_says_then_now_change_judgement_and_where_from(ask: Any) -> None:
    attendance, heard, waiting = ask("headline_indicators")
    assert attendance == {
        "statement_number": 3, "indicator": "Attendance", "whose": "the framework",
        "measure": "Looked after children", "unit": "percent",
        "baseline_period": "2020/21", "baseline_value": 87.9, "latest_period": "2023/24", "latest_value": 83.7,
        "change_since_baseline": -4.2, "judgement": "cannot be calculated", "reason": "too few periods",
        "change_since_previous": -0.7, "previous_period": "2022/23", "judgement_since_previous": "no clear change",
        "population": "looked after",
        "published_in": "Education outcomes 2023/24", "published_on": "2025-03-25",
        "published_at": "https://example.org/edu",
    }  # fmt: skip
    assert heard["judgement"] == "no figure held"
    assert heard["latest_value"] is None
    assert waiting["whose"] == "proposed by this project, not part of the framework"
    assert waiting["population"] == "everyone, not only care experienced people"


def test_judgements_are_counted_with_their_lists_and_proposals_apart(ask: Any) -> None:
    assert ask("judgements") == [{"judgement": "cannot be calculated", "indicators": 2}]
    assert ask("judgements_proposed") == [{"judgement": "improving", "indicators": 1}]
    assert ask("indicators_proposed") == [{"indicators_proposed": 1}]
    lists = [(row["statement_number"], row["whose"], row["judgement"], row["which"]) for row in ask("judgement_lists")]
    assert lists == [
        (3, "the framework", "cannot be calculated", "Attendance"),
        (8, "the framework", "cannot be calculated", "Heard"),
        (8, "proposed by this project, not part of the framework", "improving", "Waiting"),
    ]


def test_the_matrix_has_every_council_with_its_quarter_or_why_it_has_no_figure(ask: Any) -> None:
    shire, city, proposed = ask("council_matrix")  # by family group
    assert (city["area_name"], city["quartile"], city["rank"], city["no_figure_because"]) == (
        "Aberdeen City", 1, 1, None,
    )  # fmt: skip
    assert (shire["obs_value"], shire["no_figure_because"], shire["quartile"]) == (None, "suppressed", None)
    assert proposed["whose"] == "proposed by this project, not part of the framework"
    assert ask("council_matrix", council="S12000033") == [city]
    assert ask("council_matrix", measure="waits") == [proposed]


def test_a_council_is_shown_in_all_that_it_measures_and_beside_its_family(ask: Any) -> None:
    assert [row["measure"] for row in ask("council_profile", council="S12000034")] == ["Placements at home", "Waits"]
    assert ask("council_profile")[0]["compared"] is None, "without a choice the first council by name"
    assert [row["area_name"] for row in ask("council_family", council="S12000034", measure="waits")] == [
        "Aberdeenshire"
    ]
    lines = {row["line"]: row["obs_value"] for row in ask("council_trend", council="S12000033", measure="home")}
    assert lines == {"Aberdeen City": 21.5, "Median of its family group": 21.5, "Scotland": 25.0}


def test_what_does_not_add_up_shows_both_figures_and_why(filled: None) -> None:
    with database.connect("reader") as conn, conn.cursor(row_factory=dict_row) as cursor:
        (found,) = cursor.execute(spec().cards["reconciliation"].sql.encode()).fetchall()
    assert [float(found[each]) for each in ("published_value", "calculated_value")] == [83.7, 84.2]
    assert found["verdict"] == "differs"
    assert found["checked_against"] == "its two counts, 842 of 1000"
    assert (found["area_name"], found["part"], found["reason"]) == ("Scotland", "everyone", "other publications")


def test_the_trend_has_no_point_where_nothing_was_published_and_no_measure_of_another_unit(ask: Any) -> None:
    points = [(row["period_end"], row["line"], row["obs_value"]) for row in ask("indicator_trend")]
    assert points == [
        ("2021-07-31", "Looked after", 87.9),
        ("2024-07-31", "All children", 90.3),
        ("2024-07-31", "Looked after, now", 83.7),
    ]
    assert ask("indicator_trend", indicator="attendance") == ask("indicator_trend")
    assert ask("indicator_trend", indicator="voice") == []


def test_a_gap_names_its_statement_and_who_could_fill_it(ask: Any) -> None:
    gap, of_ours = ask("data_gaps")
    assert (gap["about"], of_ours["about"]) == ("Scotland's evidence", "our copies of the pages")
    assert (gap["statement_number"], gap["could_be_filled_by"]) == (8, "COSLA, Scottish Government")
    assert ask("data_gaps_recorded") == [{"data_gaps": 1}]
    assert ask("indicators_with_figures") == [{"indicators_with_figures": 1}]


def test_the_map_shows_the_latest_period_of_half_the_councils_and_says_which_it_is(ask: Any) -> None:
    """Of `home` two of three councils have a figure in 2023, and one in 2022; `spend` and `waits` are one council's."""
    assert {row["area_code"]: row["obs_value"] for row in ask("council_map")} == {"S12000033": 21.5, "S12000013": 30.0}
    (shown,) = ask("council_map_shows")
    assert (shown["measure"], shown["unit"], shown["period_label"]) == ("Placements at home", "percent", "2023/24")
    assert (shown["councils"], shown["withheld"], shown["scotland_value"]) == (2, 1, 25.0)
    assert ask("council_map", measure="spend") == ask("council_map", measure="home", year="2023") == []


def test_the_table_beside_the_map_has_every_council_and_says_why_there_is_no_figure(ask: Any) -> None:
    rows = {row["area_name"]: row for row in ask("council_table")}
    city, shire = rows["Aberdeen City"], rows["Aberdeenshire"]
    assert (city["obs_value"], city["scotland_value"], city["rank"]) == (21.5, 25.0, 1)
    assert (shire["obs_value"], shire["no_figure_because"]) == (None, "suppressed by publisher")
    assert set(rows) == {"Aberdeen City", "Aberdeenshire", "Na h-Eileanan Siar"}


def test_filters_offer_what_has_enough_to_show_by_ids_that_stay(applied: Outcome) -> None:
    with database.connect("reader") as conn:
        offered = offers(conn)
    assert offered["indicators"] == [("attendance", "Attendance")], "one point is no line"
    assert offered["council_measures"] == [("home", "Placements at home")], "of the others one council has a figure"
    assert offered["matrix_measures"] == [("home", "Placements at home"), ("waits", "Waits (proposed by this project)")]
    assert offered["councils"] == [("S12000033", "Aberdeen City"), ("S12000034", "Aberdeenshire")]
    assert offered["council_years"] == [("2024", "2024"), ("2023", "2023")]


def test_the_map_file_has_every_current_council_and_the_properties_that_the_map_names(map_folder: Path) -> None:
    shapes = json.loads((map_folder / boundaries.FILE_NAME).read_text())["features"]
    place = spec().general.map
    assert [shape["properties"][place.region_key] for shape in shapes] == ["S12000013", "S12000033", "S12000034"]
    assert shapes[1]["properties"][place.region_name] == "Aberdeen City"
    assert shapes[0]["geometry"]["coordinates"][0][0] == [-2.12346, 57]
