"""The specs are complete, fit together, and read `marts` alone; a slip in them stops before Metabase is asked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bi.marts import tables
from bi.metabase import sql
from bi.metabase.spec import FOLDER, load, spec
from promise.catalogue.framework import framework
from promise.strict import CatalogueError

CARDS = sorted(spec().cards)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "specs"
    shutil.copytree(FOLDER, folder)
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, "the fault must be put where there was something"
    path.write_text(text.replace(old, new))


def test_there_is_a_dashboard_for_each_question_that_people_come_with_and_for_each_statement() -> None:
    statements = {f"statement_{each.id}" for each in framework().vision_statements}
    written = {"national_picture", "council_map", "council_matrix", "council_profile", "data_map", "data_quality"}
    assert set(spec().dashboards) == written | statements
    assert CARDS, "there are questions"


def test_each_outcome_has_a_tab_and_asks_only_what_it_can_show() -> None:
    for statement in framework().vision_statements:
        board = spec().dashboards[f"statement_{statement.id}"]
        assert len(board.tabs) == 1 + len(statement.outcomes)
    questions = {key.partition("_")[0] + "_" + key.split("_")[1]: key for key in CARDS if key.endswith("_trend")}
    with_measures = {each.outcome for each in framework().by_id.values()}
    assert {key for key in questions if key in with_measures}, "some outcome has a trend"
    assert "vs03_o1_councils" in spec().cards and "vs08_o1_councils" not in spec().cards


def test_outcome_and_indicator_marts_are_what_statements_are_read_from() -> None:
    read = set().union(*(tables(spec().cards[key].sql) for key in CARDS))
    assert {f"outcome__{each.outcome}" for each in framework().by_id.values()} <= read


@pytest.mark.parametrize("name", CARDS)
def test_every_question_stands_on_a_dashboard(name: str) -> None:
    boards = spec().dashboards.values()
    placed = {place.card for board in boards for place in board.cards}
    assert name in placed


def test_everything_that_is_offered_is_offered_by_a_filter() -> None:
    assert {item.choices for board in spec().dashboards.values() for item in board.filters} == set(spec().choices)


@pytest.mark.parametrize("name", CARDS)
def test_every_question_explains_itself_in_its_own_file(name: str) -> None:
    card = spec().cards[name]
    assert len(card.description.split()) >= 5
    assert "marts." in card.sql and "release" not in card.sql


def test_every_table_of_a_query_is_found_also_in_subqueries() -> None:
    query = "with a as (select 1 from marts.x) select * from a join marts.y on true where exists (select from marts.z)"
    assert tables(query) == {"x", "y", "z"}
    assert sql.faults(query) == []


def test_a_query_runs_with_and_without_a_choice_and_keeps_its_per_cent_signs() -> None:
    query = "select '%' from marts.a where true [[and b = {{one}}]] [[and c = {{ two }}]]"
    assert sql.parametrised(query, {}) == "select '%%' from marts.a where true  "
    assert sql.parametrised(query, {"two": 2}) == "select '%%' from marts.a where true  and c = %(two)s"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param("select * from release_7.dim_area", "reads release_7.dim_area", id="a release's own schema"),
        pytest.param("select * from raw.lgbf__cell", "reads raw.lgbf__cell", id="another layer"),
        pytest.param("select * from dim_area", "reads dim_area", id="whatever the search path finds"),
        pytest.param("select 1 from marts.a, ops.release", "names the schema ops", id="another layer after a comma"),
        pytest.param("select 1", "reads no table", id="nothing"),
        pytest.param("select 1 from marts.a;", "semicolon", id="more than one statement"),
        pytest.param("select d ? 'x' from marts.a", "question mark", id="an operator the driver takes for a parameter"),
        pytest.param("select 1 from marts.a where b = {{x}}", "outside", id="a filter that must be chosen"),
        pytest.param("select 1 from marts.a where [[b = 1]] {{x}} [[c]]", "outside", id="a filter between two options"),
    ],
)
def test_a_query_that_is_not_ours_is_refused(query: str, words: str) -> None:
    assert any(words in fault for fault in sql.faults(query))


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("cards/ten_statements.yml", "may_be_empty:", "may_be_emty:", "may_be_emty"),
        ("cards/ten_statements.yml", "id: ten_statements", "id: eleven_statements", "must agree"),
        ("cards/ten_statements.yml", "marts.dim_vision_statement", "release_3.dim_vision_statement", "release_3"),
        ("cards/council_map.yml", "- {id: measure, name: Measure}", "- {id: measures, name: Measure}", "declares"),
        ("cards/data_gaps.yml", "kind: table", "kind: tabel", "tabel"),
        ("cards/data_gaps.yml", "name: What is missing", "name: Council map", "two questions are called Council map"),
        ("dashboards/council_map.yml", "card: council_table", "card: council_tabel", "no file in cards/"),
        ("dashboards/council_map.yml", "column: 12", "column: 11", "overlaps"),
        ("dashboards/council_map.yml", "column: 12", "column: 13", "beyond the 24 columns"),
        ("dashboards/council_map.yml", "filters: {measure: measure, year: year}", "filters: {}", "takes the filters"),
        (
            "dashboards/council_map.yml",
            "{measure: measure, year: year}",
            "{measure: size, year: year}",
            "does not offer",
        ),
        ("dashboards/council_map.yml", "choices: council_years", "choices: years", "no file in choices/"),
        ("dashboards/council_map.yml", "dashboard: council_profile", "dashboard: profile", "leads to 'profile'"),
        (
            "dashboards/council_map.yml",
            "{area_code: council}",
            "{area_code: councils}",
            "council_profile does not have",
        ),
        ("dashboards/council_map.yml", "{area_code: council}", "{code: council}", "the question does not have"),
        ("choices/council_years.yml", "marts.dim_area", "raw.dim_area", "reads raw.dim_area"),
        ("choices/councils.yml", "where c", "where {{c}} c", "depends on no other"),
        ("cards/council_matrix.yml", "palette: quarter", "palette: quarters", "a palette that metabase.yml has not"),
        (
            "families/statements.yml",
            "where s.vision_statement_id = '$statement'",
            "where s.id = '$stament'",
            "known here are",
        ),
        ("families/statements.yml", "needs: councils", "needs: towns", "needs"),
        ("families/statements.yml", "order by d.about", "order by d.about;", "semicolon.*as made for vs01_gaps"),
        ("metabase.yml", "region_key: area_code", "region_keys: area_code", "region_key"),
    ],
)
def test_a_slip_in_a_file_is_named(copied: Path, file: str, old: str, new: str, words: str) -> None:
    change(copied / file, old, new)
    with pytest.raises(CatalogueError, match=words):
        load(copied)


def test_a_filter_that_no_question_takes_is_refused(copied: Path) -> None:
    change(
        copied / "dashboards" / "council_map.yml",
        "tabs:",
        "  - {id: size, name: Size, choices: council_measures, opens_on: null}\ntabs:",
    )
    with pytest.raises(CatalogueError, match="no question on it takes"):
        load(copied)


def test_an_empty_folder_is_not_an_empty_spec(copied: Path) -> None:
    shutil.rmtree(copied / "cards")
    with pytest.raises(CatalogueError, match="complete"):
        load(copied)
