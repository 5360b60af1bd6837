"""Every figure that readers see leads back to the cell that it was read from, and a broken chain is noticed."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.rows import dict_row

from ingestion.landing import folder, read_sidecar
from ingestion.readers import read
from promise import database
from promise.catalogue.framework import framework
from promise.catalogue.sources import source
from workbench.cli import main
from workbench.commands import explain as explaining
from workbench.commands.explain import NotFound, cell_column, explain

Row = dict[str, Any]


def rows_of(statement: str) -> list[Row]:
    with database.connect("reader") as conn, conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement.encode()).fetchall()


def in_unit(figure: Row, text: str) -> Decimal:
    """A printed number as its series says that it is meant."""
    key = figure["source_id"], figure["series_label"], figure["series_heading"] or ""
    (series,) = [each for _, _, each in framework().series() if each.key == key]
    if series.decimals is None:
        return Decimal(text)
    return (Decimal(text) * (series.times or 1)).quantize(Decimal(1).scaleb(-series.decimals), ROUND_HALF_UP)


def test_every_figure_that_stands_has_a_way_back_to_the_cell_it_was_read_from(warehouse: object) -> None:
    figures = rows_of("select * from marts.provenance")
    shown = rows_of("select count(*) as figures from marts.fct_observation")[0]["figures"]
    assert len(figures) == shown > 1000
    files: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for figure in figures:
        files[figure["source_id"], figure["snapshot_id"]].append(figure)
    for (source_id, snapshot_id), held in files.items():
        described = source(source_id)
        columns = list(described.table.columns)
        cells = {
            number: dict(zip(columns, texts, strict=True))
            for number, texts in read(described, read_sidecar(source_id, snapshot_id))
        }
        for figure in held:
            column = cell_column(described, figure["source_cell"])
            row = cells[figure["raw_row"]]
            text = row[column]
            assert text is not None
            if not text.strip() and described.figures and column in described.figures.qualifiers:
                text = row[described.figures.qualifiers[column]] or ""  # why there is none stands beside it
            if figure["conf_status"] == "suppressed_by_us":
                assert figure["value_published"] is None, figure
                assert "withheld by us" in figure["what_was_done"], figure
                continue
            if figure["is_rounded"]:
                shown = Decimal(figure["value_published"])
                assert in_unit(figure, text).quantize(shown, ROUND_HALF_UP) == shown == figure["obs_value"], figure
                continue
            assert text.strip() == figure["value_published"], figure
            if figure["obs_value"] is not None:
                number = in_unit(figure, text.replace(",", "").replace(" ", "").rstrip("%"))
                assert float(number) == float(figure["obs_value"]), figure
            else:
                assert "means:" in figure["what_was_done"], figure


def test_every_figure_can_be_explained_and_every_step_agrees(warehouse: object) -> None:
    with database.connect() as conn, conn.cursor(row_factory=dict_row) as cursor:
        # One in each file, breakdown and kind of value; the test above goes through all of them.
        chosen = cursor.execute(
            "select distinct on (snapshot_id, measure_id, breakdown_value, obs_status, conf_status) *"
            " from marts.provenance order by snapshot_id, measure_id, breakdown_value, obs_status, conf_status,"
            " area_code"
        ).fetchall()
        assert len(chosen) > 40
        for figure in chosen:
            told = explaining.with_proof(conn, figure)
            assert told["agrees"], [check for check in told["checks"] if not check["holds"]]


def test_the_chain_is_told_from_the_mart_to_the_cell(warehouse: object) -> None:
    done = CliRunner().invoke(
        main, ["explain", "attendance_rate", "--area", "S92000003", "--period", "2023/24", "--json"]
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    (figure,) = told["figures"]
    assert figure["measure_id"] == "attendance_rate__looked_after"
    assert figure["obs_value"] == "83.7"
    assert figure["chain"][0] == "marts.fct_observation"
    assert (
        figure["chain"][-1] == f"{folder(figure['source_id'], figure['snapshot_id'])}/content, {figure['source_cell']}"
    )
    assert figure["raw"]["value_as_published"] == figure["staged"]["value_published"] == "83.7%"
    assert figure["publication_title"].startswith("Promise Progress Framework dashboard")
    assert figure["publication_url"].startswith("https://")
    assert "licence" not in figure["licence"] or figure["licence"]
    assert [(each["obs_value"], each["publication_id"]) for each in figure["earlier"]] == [(83.7, "eolac_2023_24")]
    assert told["release"]["release_id"] >= 1


def test_the_same_in_words(warehouse: object) -> None:
    done = CliRunner().invoke(main, ["explain", "in_care_rate", "--area", "scotland", "--period", "2019-07-31"])
    assert done.exit_code == 0, done.output
    assert "14262" in done.output
    assert "certainly out on 29 March 2022" in done.output
    assert "14015 in csws_2018_19, out by 2020-03-31" in done.output
    assert "does not hold" not in done.output


def test_a_withheld_figure_says_what_its_marker_means(warehouse: object) -> None:
    done = CliRunner().invoke(
        main, ["explain", "exclusion_rate__looked_after_lgbf", "--area", "Clackmannanshire", "--period", "2018/19"]
    )
    assert "suppressed_by_publisher" in done.output
    assert '"*" means: withheld by the publisher' in done.output


@pytest.mark.parametrize(
    ("asked", "offers"),
    [
        pytest.param(("attendence_rate",), "did you mean attendance_rate", id="an indicator misspelt"),
        pytest.param(("zzzz",), "there is adopted_from_care", id="an indicator like none"),
        pytest.param(("attendance_rate", "Glasgow Cty"), "did you mean Glasgow City?", id="an area misspelt"),
        pytest.param(("attendance_rate", None, "2023/25"), "did you mean 2023/24", id="a period that is not there"),
        pytest.param(("entering_care", "Fife"), "there is one for Scotland", id="an area without a figure"),
        pytest.param(("attendance_rate", None, None, "secondry"), "school_sector=secondary", id="a breakdown misspelt"),
        pytest.param(
            ("cp_registration__per_1000_0_15",), "has no figure in the sources", id="a measure without figures"
        ),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest_that_is(
    warehouse: object, asked: tuple[str | None, ...], offers: str
) -> None:
    with database.connect() as conn, pytest.raises(NotFound, match=offers):
        explain(conn, *asked)  # type: ignore[arg-type]


def test_an_indicator_without_a_headline_figure_there_is_explained_by_its_other_measures(warehouse: object) -> None:
    with database.connect() as conn:
        told = explain(conn, "attendance_rate", "Glasgow City", "2018-19")
    assert [figure["measure_id"] for figure in told["figures"]] == [
        "attendance_rate__looked_after_lgbf",
        "attendance_rate__all_pupils_lgbf",
    ]


def test_a_file_altered_on_disk_breaks_the_chain_and_is_named(
    copy_of_warehouse: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.connect() as conn:
        figure = explain(conn, "attendance_rate", None, "2023/24")["figures"][0]
    content = folder(figure["source_id"], figure["snapshot_id"]) / "content"
    original = content.read_bytes()
    try:
        content.write_bytes(original.replace(b"83.7%", b"93.7%"))
        done = CliRunner().invoke(main, ["explain", "attendance_rate", "--period", "2023/24"])
        assert done.exit_code == 1
        assert "does not hold: the landed file has the hash in the ledger" in done.output
        assert "does not hold: its cell, read again, is the same (value_as_published: '93.7%')" in done.output
    finally:
        content.write_bytes(original)


def test_a_raw_cell_that_was_changed_breaks_the_chain(copy_of_warehouse: psycopg.Connection[Any]) -> None:
    copy_of_warehouse.execute(
        "update raw.promise_dashboard__figure set value_as_published = '93.7%' where value_as_published = '83.7%'"
    )
    with database.connect() as conn:
        figure = explain(conn, "attendance_rate", None, "2023/24")["figures"][0]
    broken = {check["check"] for check in figure["checks"] if not check["holds"]}
    assert "its cell is what was read" in broken
    assert "its cell, read again, is the same" in broken


def test_before_the_first_release_it_is_said_what_to_do(database: psycopg.Connection[Any]) -> None:
    with pytest.raises(Exception, match="make run"):
        explain(database, "attendance_rate")
