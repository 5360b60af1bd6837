"""The catalogue as CSV: columns that SQL relies on, the same bytes every time, nothing touched without need."""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from promise.strict import Strict
from warehouse.dbt_files import seeds
from warehouse.dbt_files.seeds import SEEDS, Records, Rows, Seed, as_csv, seed, seed_of, write

FRAMEWORK = sorted(name for name in SEEDS if name.startswith("framework__"))
NOT_YET = {"framework__target", "framework__qualifier"}  # nobody has agreed one
KEYS = {
    "framework__series": ("source_id", "series_label", "series_heading"),
    "framework__period_exception": ("source_id", "series_label", "series_heading", "period_as_published"),
    "framework__people": ("measure_id", "counted_by_measure_id"),
    "framework__organisation_role": ("organisation_role_id",),
    "framework__recommendation_response": ("response_id",),
    "framework__organisation_site": ("site",),
    "framework__responsibility": ("indicator_id",),
    "framework__indicator_organisation": ("indicator_id", "organisation_id", "role"),
    "framework__dataset_link": ("dataset_id", "target_id"),
    "framework__report_organisation": ("report_id", "organisation_id", "role"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds")
    assert write(folder), "the first time everything is new"
    return folder


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_framework_has_its_seeds() -> None:
    assert len(FRAMEWORK) > 15


@pytest.mark.parametrize("name", FRAMEWORK)
def test_a_seed_has_rows_and_a_key_that_is_unique(folder: Path, name: str) -> None:
    found = rows(folder, name)
    assert found or name in NOT_YET
    key = KEYS.get(name, (SEEDS[name].columns[0],))
    twice = [
        value for value, times in Counter(tuple(row[column] for column in key) for row in found).items() if times > 1
    ]
    assert not twice


@pytest.mark.parametrize(
    ("child", "column", "parent"),
    [
        ("framework__outcome", "vision_statement_id", "framework__vision_statement"),
        ("framework__indicator", "outcome_id", "framework__outcome"),
        ("framework__indicator", "headline_measure_id", "framework__measure"),
        ("framework__indicator", "producer_organisation_id", "framework__organisation"),
        ("framework__measure", "indicator_id", "framework__indicator"),
        ("framework__measure", "comparator_measure_id", "framework__measure"),
        ("framework__series", "measure_id", "framework__measure"),
        ("framework__people", "measure_id", "framework__measure"),
        ("framework__people", "counted_by_measure_id", "framework__measure"),
        ("framework__data_gap", "indicator_id", "framework__indicator"),
        ("framework__data_gap", "could_be_filled_by", "framework__organisation"),
        ("framework__evidence", "question_id", "framework__question"),
        ("framework__route_map", "vision_statement_ids", "framework__vision_statement"),
        ("framework__organisation_role", "organisation_id", "framework__organisation"),
        ("framework__indicator_organisation", "organisation_id", "framework__organisation"),
        ("framework__responsibility", "indicator_id", "framework__indicator"),
        ("framework__report", "vision_statement_ids", "framework__vision_statement"),
        ("framework__report", "made_from", "framework__report"),
        ("framework__report_organisation", "organisation_id", "framework__organisation"),
        ("framework__report_organisation", "report_id", "framework__report"),
        ("framework__report_indicator", "report_id", "framework__report"),
        ("framework__recommendation", "report_id", "framework__report"),
        ("framework__recommendation", "made_by", "framework__organisation"),
        ("framework__recommendation_response", "recommendation_id", "framework__recommendation"),
    ],
)
def test_what_a_seed_refers_to_is_a_row_of_another(folder: Path, child: str, column: str, parent: str) -> None:
    known = {row[SEEDS[parent].columns[0]] for row in rows(folder, parent)}
    named = {word for row in rows(folder, child) for word in row[column].split()}
    if (child, column) != ("framework__evidence", "question_id"):  # no evidence is tied to a question yet
        assert named
    assert named <= known


def test_an_unknown_is_blank_and_never_a_word_for_it(folder: Path) -> None:
    unknown = next(row for row in rows(folder, "framework__outcome") if row["outcome_id"] == "vs06_o1")
    assert (unknown["text"], unknown["publication_state"]) == ("", "gap")
    words = {value for name in FRAMEWORK for row in rows(folder, name) for value in row.values()}
    assert not words & {"None", "null", "NULL", "nan"}


def test_a_threshold_travels_with_author_and_reason(folder: Path) -> None:
    judged = [row for row in rows(folder, "framework__measure") if row["threshold_value"]]
    assert judged
    for row in judged:
        assert row["threshold_unit"] in ("percentage_point", "percent_a_year", "people")
        assert (row["threshold_author"], bool(row["threshold_reason"])) == ("this project", True)
    assert len(judged) == len(rows(folder, "framework__measure"))


def test_writing_again_changes_nothing_and_touches_no_file(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(before) == len(SEEDS)
    assert write(folder) == []
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_only_the_file_whose_content_differs_is_rewritten(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "framework__question.csv"
    good = path.read_bytes()
    path.write_text("spoilt\n")
    assert write(tmp_path) == [path]
    assert path.read_bytes() == good


def test_a_file_that_is_no_longer_a_seed_is_removed_and_others_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path)
    renamed = tmp_path / "framework__old_name.csv"
    not_ours = [tmp_path / "elsewhere__table.csv", tmp_path / "notes.csv", tmp_path / "_seeds.yml"]
    for path in (renamed, *not_ours):
        path.write_text("x\n")
    assert write(tmp_path) == [renamed]
    assert all(path.exists() for path in not_ours)


def test_what_a_killed_writer_left_is_swept_and_what_another_writes_now_is_not(tmp_path: Path) -> None:
    left, at_work = tmp_path / "framework__outcome.1.tmp", tmp_path / "framework__outcome.2.tmp"
    for path in (left, at_work):
        path.write_text("outcome_id,ti")
    os.utime(left, (0, 0))
    write(tmp_path)
    assert at_work.exists() and not left.exists()


def test_cells_are_written_so_that_sql_can_read_them() -> None:
    written = as_csv("x", Seed(("a", "b", "c", "d"), lambda: [(None, True, 100.0, 'a "b",\nc')]))
    assert written == b'a,b,c,d\n,true,100,"a ""b"",\nc"\n'


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="seed x: a row has 1 cells for 2 columns"):
        as_csv("x", Seed(("a", "b"), lambda: [("only one",)]))


class Shade(Strict):
    """A mapping in a mapping."""

    name: str
    light: float


class Colour(Strict):
    """Something to be seeded."""

    id: str
    indicator: str | None
    words: tuple[str, ...]
    shade: Shade | None
    parts: tuple[Shade, ...] = ()


RED = Colour(id="red", indicator=None, words=("warm", "loud"), shade=Shade(name="deep", light=0.1))
BLUE = Colour(id="blue", indicator="x", words=(), shade=None)


def test_the_columns_of_a_models_seed_are_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "SEEDS", {})

    @seed_of(
        Colour,
        "vocabulary__colour",
        key="colour_id",
        named={"shade_light": "brightness"},
        leave_out="parts",
        also="place",
    )
    def colours() -> Records:
        return [(RED, {"place": 1}), (BLUE, {"place": 2})]

    made = seeds.SEEDS["vocabulary__colour"]
    assert as_csv("vocabulary__colour", made).decode().splitlines() == [
        "colour_id,indicator_id,words,shade_name,brightness,place",
        "red,,warm loud,deep,0.1,1",
        "blue,x,,,,2",
    ]


def test_what_fits_no_cell_must_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "SEEDS", {})
    seed_of(Colour, "vocabulary__colour")(lambda: [(RED.model_copy(update={"parts": (RED.shade,)}), {})])
    with pytest.raises(ValueError, match="fits no cell; leave it out, or give it a seed of its own"):
        as_csv("vocabulary__colour", seeds.SEEDS["vocabulary__colour"])


def test_a_key_that_the_model_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="names colour, weight, which Colour has not; correct it"):
        seed_of(Colour, "vocabulary__colour", leave_out="colour", named={"weight": "kilograms"})


def test_a_value_keeps_all_its_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "SEEDS", {})
    seed_of(Shade, "vocabulary__shade")(lambda: [(Shade(name="exact", light=1234567.25), {})])
    assert as_csv("vocabulary__shade", seeds.SEEDS["vocabulary__shade"]) == b"name,light\nexact,1234567.25\n"


def test_a_seed_can_be_added_from_elsewhere_but_a_name_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "SEEDS", {})

    def colours() -> Rows:
        return [("red",)]

    assert seed("vocabulary__colour", "colour")(colours) is colours
    assert as_csv("vocabulary__colour", seeds.SEEDS["vocabulary__colour"]) == b"colour\nred\n"
    with pytest.raises(ValueError, match="defined twice"):
        seed("vocabulary__colour", "colour")(colours)
