"""The questions' SQL, run in PostgreSQL as the reader, through the connection that was provisioned.

The tables have the columns of the contract and a few rows made up for this test; that dbt builds such tables is
tested elsewhere.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import contract_tables
import psycopg
import pytest
from click.testing import CliRunner
from stand_ins.metabase import StandIn
from stand_ins.metabase_backend import MapRules, rendered

from bi.metabase import boundaries, keys
from bi.metabase.apply import address, plan, provisioner
from bi.metabase.client import Client
from bi.metabase.spec import spec
from bi.metabase.writing import Outcome
from promise import database
from promise.settings import ROOT, settings
from warehouse.provisioned import alone
from workbench.cli import main

CARDS = sorted(spec().cards)
KEY = "mb_secret_key"
FILTERS = {"indicator": "Attendance", "measure": "Placements at home", "council": "Aberdeen City"}

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
def applied(metabase: StandIn) -> Outcome:
    with alone(metabase.url) as state:
        return provisioner(*address(), state).run()


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
    assert applied.questions_run == len(CARDS) + sum(len(card.filters) > 0 for card in spec().cards.values())
    assert applied.notes == []


def test_a_second_apply_writes_nothing(metabase: StandIn, applied: Outcome) -> None:
    assert plan()["writes"] == 0
    metabase.forget_calls()
    with alone(metabase.url) as state:
        assert provisioner(*address(), state).run().writes == 0
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
    assert ask("council_matrix", council="Aberdeen City") == [city]
    assert ask("council_matrix", measure="Waits") == [proposed]
    assert ask("council_choices") == [{"council": "Aberdeen City"}, {"council": "Aberdeenshire"}]


def test_what_does_not_add_up_shows_both_figures_and_why(ask: Any) -> None:
    (found,) = ask("reconciliation")
    assert (found["published_value"], found["calculated_value"], found["verdict"]) == (83.7, 84.2, "differs")
    assert found["checked_against"] == "its two counts, 842 of 1000"
    assert (found["area_name"], found["part"], found["reason"]) == ("Scotland", "everyone", "other publications")


def test_the_trend_has_no_point_where_nothing_was_published_and_no_measure_of_another_unit(ask: Any) -> None:
    points = [(row["period_end"], row["measure"], row["obs_value"]) for row in ask("indicator_trend")]
    assert points == [
        ("2021-07-31", "Looked after children", 87.9),
        ("2024-07-31", "Looked after children", 83.7),
        ("2024-07-31", "All children", 90.3),
    ]
    assert ask("indicator_trend", indicator="Attendance") == ask("indicator_trend")
    assert ask("indicator_trend", indicator="Feeling heard") == []


def test_a_gap_names_its_statement_and_who_could_fill_it(ask: Any) -> None:
    gap, of_ours = ask("data_gaps")
    assert (gap["about"], of_ours["about"]) == ("Scotland's evidence", "our copies of the pages")
    assert (gap["statement_number"], gap["could_be_filled_by"]) == (8, "COSLA, Scottish Government")
    assert ask("data_gaps_recorded") == [{"data_gaps": 1}]
    assert ask("indicators_with_figures") == [{"indicators_with_figures": 1}]


def test_the_map_shows_the_latest_period_and_leaves_out_what_was_suppressed(ask: Any) -> None:
    assert [(row["area_code"], row["obs_value"]) for row in ask("council_map")] == [("S12000033", 21.5)]
    (spend,) = ask("council_map", measure="Spend a week")
    assert (spend["area_name"], spend["obs_value"]) == ("Aberdeenshire", 404.5)


def test_the_table_beside_the_map_has_every_council_and_says_why_there_is_no_figure(ask: Any) -> None:
    city, western_isles, shire = sorted(ask("council_table"), key=lambda row: str(row["no_figure_because"]))
    assert (city["area_name"], city["obs_value"], city["scotland_value"], city["rank"]) == (
        "Aberdeen City",
        21.5,
        25.0,
        1,
    )
    assert (western_isles["area_name"], western_isles["no_figure_because"]) == ("Na h-Eileanan Siar", "no figure held")
    assert (shire["area_name"], shire["no_figure_because"]) == ("Aberdeenshire", "suppressed by publisher")
    assert shire["obs_value"] is None and western_isles["obs_value"] is None


def test_choices_are_what_has_figures(ask: Any) -> None:
    assert ask("indicator_choices") == [
        {"indicator": "Attendance"},
        {"indicator": "Waiting (proposed by this project)"},
    ]
    assert ask("council_measure_choices") == [
        {"measure": "Placements at home"},
        {"measure": "Spend a week"},
        {"measure": "Waits (proposed by this project)"},
    ]
    (waits,) = ask("council_map", measure="Waits (proposed by this project)")
    assert waits["obs_value"] == 90.0


def test_the_map_file_has_every_current_council_and_the_properties_that_the_map_names(map_folder: Path) -> None:
    shapes = json.loads((map_folder / boundaries.FILE_NAME).read_text())["features"]
    place = spec().general.map
    assert [shape["properties"][place.region_key] for shape in shapes] == ["S12000013", "S12000033", "S12000034"]
    assert shapes[1]["properties"][place.region_name] == "Aberdeen City"
    assert shapes[0]["geometry"]["coordinates"][0][0] == [-2.12346, 57]


# --- the commands -------------------------------------------------------------------------------------------------

COMMANDS = re.findall(r"^promise (bi .+?)(?:  #.*)?$", (ROOT / "docs" / "metabase.md").read_text(), flags=re.MULTILINE)


@pytest.fixture
def released(filled: None) -> None:
    with database.connect() as conn:
        conn.execute("insert into marts.release_info (release_id) select 7 where not exists (table marts.release_info)")


def test_every_command_of_the_docs_does_what_they_say(
    released: None, environment: pytest.MonkeyPatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a Metabase that nobody has touched, by the class path, in the order of the page."""
    assert [command.split()[1] for command in COMMANDS] == ["setup", "plan", "apply", "smoke", "prune"]
    with StandIn().running() as new:
        new.forget_setup()
        new.map_rules = MapRules(external_only=True, class_path=tmp_path, allow_class_path=True)
        for name, value in {
            "METABASE_URL": new.url,
            "METABASE_ADMIN_EMAIL": "promise@example.org",
            "METABASE_ADMIN_PASSWORD": "long enough and not common",
            "METABASE_MAPS": str(tmp_path),
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("METABASE_API_KEY", "PROMISE_GEOJSON_URL"):
            monkeypatch.delenv(name, raising=False)
        said = {}
        for command in COMMANDS:
            done = CliRunner().invoke(main, command.split(), catch_exceptions=False)
            assert done.exit_code == 0, done.output
            said[command.split()[1]] = json.loads(done.output)
        again = json.loads(CliRunner().invoke(main, ["bi", "apply"], catch_exceptions=False).output)
    assert said["setup"]["done"] == ["administrator made", "tracking switched off", "key made"]
    assert said["plan"]["writes"] == said["apply"]["writes"] > len(CARDS)
    assert (said["apply"]["map"], said["apply"]["release_id"]) == ("regions", 7)
    assert said["smoke"]["questions_run"] == said["apply"]["questions_run"] >= len(CARDS)
    assert said["smoke"]["notes"] == []
    assert said["prune"]["writes"] == again["writes"] == 0


def file_of_keys() -> dict[str, str]:
    path = settings().home / keys.FILE_NAME
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def test_a_real_server_is_tried_with_one_command(
    released: None, environment: pytest.MonkeyPatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real but for the server: what is started as `java` is the stand-in."""
    java = tmp_path / "java"
    java.write_text(f'#!/bin/sh\nexec {sys.executable} -m stand_ins.metabase_as_java "$@"\n')
    java.chmod(0o755)
    jar = tmp_path / "metabase.jar"
    command = [sys.executable, "-m", "workbench.commands.bi_live", str(jar)]
    surroundings = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
    }
    missing = subprocess.run(command, env=surroundings, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (missing.returncode, "set METABASE_JAR" in missing.stderr) == (1, True)
    jar.touch()
    before = file_of_keys()
    done = subprocess.run(command, env=surroundings, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    version, first, second, smoke = done.stdout.splitlines()
    assert version == "set up Metabase v0.58.28: administrator made, tracking switched off, key made"
    assert first.startswith("first apply: ") and first.endswith("map as regions")
    assert second.startswith("second apply: 0 writes")
    assert smoke.startswith("smoke: ")
    assert file_of_keys() == before, "no key is left to a server that is gone"
