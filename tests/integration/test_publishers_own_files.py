"""A publisher's own file that is not laid out as the bundled one: the same rows, its own publication, the way back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from psycopg import Connection
from psycopg.rows import dict_row
from rehosted import Catalogue
from stand_ins.dialects import promise_dashboard
from stand_ins.publisher import Publisher, publishing

from expectations import arrival
from ingestion import pipeline
from promise import ledger
from promise.catalogue.sources import ENTRY, source
from promise.settings import settings
from promise.vocabulary.area_list import areas
from warehouse import runs, transform
from workbench.commands.explain import with_proof
from workbench.commands.status import source_states

COUNCILS = ["Scotland", *(area.name for kind, area in areas() if kind == "council")]
HEADINGS = 420  # as many as the extract has: the arrival gate wants no fewer cells than there were


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a file into an inbox, as if it had been there for an hour, and ask for live files from here on."""
    monkeypatch.setenv("PROMISE_MODE", "live")
    monkeypatch.setenv("PROMISE_INBOX", str(tmp_path / "inbox"))

    def put(source_id: str, name: str, write: Callable[[Path], object]) -> None:
        path = tmp_path / "inbox" / source_id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
        os.utime(path, (time.time() - 3600, time.time() - 3600))

    return put


def workbook(path: Path, looked_after_in_community: float = 88.5) -> None:
    """A made-up extract of LGBF: its sheets and headings, and numbers that nobody published."""
    book = openpyxl.Workbook()
    book.active.title = "Deflators"  # type: ignore[union-attr]
    book.active.append(["Year", "Deflator"])  # type: ignore[union-attr]
    sheet = book.create_sheet("Raw Data")
    sheet.append(["Local Authority", "CORP1 2021-22", "CHN9 2021-22", *(f"CHN90{n} 2021-22" for n in range(HEADINGS))])
    for number, council in enumerate(COUNCILS):
        sheet.append([council, 7, looked_after_in_community + number / 100, *[number] * HEADINGS])
    book.save(path)


def build(models: str) -> None:
    transform.write_generated()
    with transform.environment():
        transform.invoke(["build", "--select", f"catalogue__source {models}", "--exclude-resource-type", "unit_test"])


def test_a_workbook_in_the_inbox_becomes_figures_of_a_publication_of_its_own(
    landed: Connection[Any], drop: Callable[..., None]
) -> None:
    drop("lgbf", "LGBF 2021-22.xlsx", workbook)
    (made,) = pipeline.load("lgbf", pipeline.take("lgbf"))
    assert made["rows"] == len(COUNCILS) * (HEADINGS + 1), "the children's columns, and no other"
    assert pipeline.take("lgbf") == []
    judged = arrival.judge(runs.open_run(landed))
    assert (judged["accepted"], judged["rejected"]) == ([made["vintage"]], {})

    build("stg_lgbf__cell int_publications int_published_figures int_figures")
    publication = f"lgbf_v{made['vintage']}"
    assert landed.execute(
        b"select series, precision, rank > (select rank from intermediate.int_publications"
        b" where publication_id = 'lgbf_2020_21_extract'), date_basis, publisher,"
        b" known_from = (select retrieved_at::date from ops.vintage where vintage = %s),"
        b" title ~ '^Local Government .*, as given on [0-9]{1,2} [A-Z][a-z]+ 20[0-9]{2}$'"
        b" from intermediate.int_publications where publication_id = %s",
        (made["vintage"], publication),
    ).fetchone() == (
        "Local Government Benchmarking Framework", "unknown", True, "held", "Improvement Service", True, True,
    )  # fmt: skip
    with landed.cursor(row_factory=dict_row) as cursor:
        figures = cursor.execute(
            b"select *, 'lgbf__cell' as raw_table, 'stg_lgbf__cell' as staging_model, source_row as raw_row"
            b" from intermediate.int_figures where vintage = %s order by source_row",
            (made["vintage"],),
        ).fetchall()
    assert len(figures) == len(COUNCILS)
    assert {figure["publication_id"] for figure in figures} == {publication}
    assert [figure["source_cell"] for figure in figures[:2]] == ["Raw Data!C2", "Raw Data!C3"]
    told = with_proof(landed, figures[1])
    assert told["agrees"], told["checks"]
    assert told["raw"]["cell_text"] == "88.51"


def test_the_bundled_file_is_still_read_as_it_is_laid_out(landed: Connection[Any], drop: Callable[..., None]) -> None:
    """A workbook after the bundled list of cells: each keeps its own way back, also when everything is loaded again."""
    _, bundled = ledger.vintages(landed, "lgbf")
    drop("lgbf", "LGBF 2021-22.xlsx", workbook)
    pipeline.load("lgbf", pipeline.take("lgbf"))
    rows = b"select council, heading, cell, cell_text from raw.lgbf__cell where _vintage = %s order by 1, 2 limit 1"
    assert landed.execute(rows, (bundled.vintage,)).fetchone() == (
        "Aberdeen City", "CHN1 2010-11", "B2", "4960.336134453782",
    )  # fmt: skip
    assert ledger.vintages(landed, "lgbf")[1].publication_id == "lgbf_2020_21_extract"


def test_a_file_put_back_is_a_publication_again(landed: Connection[Any], drop: Callable[..., None]) -> None:
    """A, then B, then A once more: what is shown last is the latest of its series."""
    drop("lgbf", "LGBF 2021-22.xlsx", workbook)
    pipeline.load("lgbf", pipeline.take("lgbf"))
    *_, first = ledger.vintages(landed, "lgbf")
    content = pipeline.read_sidecar("lgbf", first.snapshot_id).content.read_bytes()
    drop("lgbf", "LGBF 2021-22.xlsx", lambda path: workbook(path, 70))
    pipeline.load("lgbf", pipeline.take("lgbf"))
    drop("lgbf", "LGBF 2021-22.xlsx", lambda path: path.write_bytes(content))
    pipeline.load("lgbf", pipeline.take("lgbf"))
    *_, one, two, three = ledger.vintages(landed, "lgbf")
    assert one.snapshot_id == three.snapshot_id != two.snapshot_id
    assert [each.publication_id for each in (one, two, three)] == [
        f"lgbf_v{each.vintage}" for each in (one, two, three)
    ]


def test_a_state_of_the_dashboard_follows_the_captures_and_revises_them(
    landed: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry as it ships but for the host; the attendance page prints 83.9 where the captures have 83.7."""
    title = "Attendance rate of pupils who experienced care within the school year"
    earlier = [[f"{year}/{year % 100 + 1}", "80.1%"] for year in range(2011, 2018)]
    page = promise_dashboard.Indicator("attendance", title, [["Year", "Rate"], ["2023/24", "83.9%"], *earlier])

    def speak(publisher: Publisher, _: object) -> str:
        promise_dashboard.speak(publisher, [page])
        return promise_dashboard.BASE

    catalogue = Catalogue(tmp_path / "sources")
    monkeypatch.setenv("PROMISE_MODE", "live")
    monkeypatch.setenv("PROMISE_SOURCES", str(catalogue.folder))
    with publishing() as publisher:
        catalogue.host("promise_dashboard", publisher, speak)
        (made,) = pipeline.load("promise_dashboard", pipeline.take("promise_dashboard"))
    judged = arrival.judge(runs.open_run(landed))
    assert (judged["accepted"], judged["rejected"]) == ([made["vintage"]], {})
    build("stg_promise_dashboard__figure int_publications int_published_figures int_figures int_observation_history")
    history = landed.execute(
        b"select publication_id, obs_value::text, is_latest from intermediate.int_observation_history"
        b" where measure_id = 'attendance_rate__looked_after' and period_label = '2023/24' and breakdown = 'total'"
        b" order by position"
    ).fetchall()
    assert history[-1] == (f"promise_dashboard_v{made['vintage']}", "83.9", True)
    assert ("ppf_dashboard_capture_b", "83.7", False) in history
    ranks = landed.execute(
        b"select publication_id from intermediate.int_publications"
        b" where series = 'Promise Progress Framework dashboard' order by rank"
    ).fetchall()
    assert [name for (name,) in ranks] == [
        "ppf_dashboard_capture_a", "ppf_dashboard_capture_b", f"promise_dashboard_v{made['vintage']}",
    ]  # fmt: skip


def test_before_anybody_drops_a_file_the_bundle_is_what_there_is(
    database: Connection[Any], drop: Callable[..., None]
) -> None:
    pipeline.load("lgbf", pipeline.take("lgbf"))
    assert pipeline.take("lgbf") == [], "an empty inbox is no failure where something ships"
    drop("lgbf", "LGBF 2021-22.xlsx", workbook)
    pipeline.load("lgbf", pipeline.take("lgbf"))
    assert pipeline.take("lgbf") == []
    assert [each.file_name for each in ledger.vintages(database, "lgbf")] == [
        "lgbf_children_cells_2021-02.csv.gz",
        "lgbf_children_cells.csv.gz",
        "LGBF 2021-22.xlsx",
    ]


def test_what_the_bundle_says_of_a_file_holds_when_the_publisher_gives_the_same_file(
    database: Connection[Any], drop: Callable[..., None]
) -> None:
    """Since when it was held, and an embargo, are said by the edition; the publisher's copy says nothing of either."""
    pipeline.load("scotpho_profiles", pipeline.take("scotpho_profiles"))
    (shipped,) = ledger.vintages(database, "scotpho_profiles")
    assert shipped.held_since is not None
    content = pipeline.read_sidecar("scotpho_profiles", shipped.snapshot_id).content.read_bytes()
    drop("scotpho_profiles", "scotpho 2026-11-02.csv", lambda path: path.write_bytes(content))
    assert pipeline.take("scotpho_profiles") == []
    assert ledger.vintages(database, "scotpho_profiles") == [shipped]


def test_a_file_that_ships_and_that_the_publisher_still_shows_is_one_vintage(
    database: Connection[Any], drop: Callable[..., None]
) -> None:
    """In an installation that begins in live mode both are new at once."""
    edition = source("scotpho_profiles").bundle[-1].file
    content = (settings().bundle / "scotpho_profiles" / edition).read_bytes()
    drop("scotpho_profiles", "scotpho 2026-11-02.csv", lambda path: path.write_bytes(content))
    pipeline.load("scotpho_profiles", pipeline.take("scotpho_profiles"))
    assert len(ledger.vintages(database, "scotpho_profiles")) == 1
    assert pipeline.take("scotpho_profiles") == []


def test_a_file_is_the_publication_that_somebody_found_out_it_is_after_it_was_landed(
    database: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warehouse whose entry knew of no figures goes on under the entry that does, and loads nothing twice."""
    source_id = "children_in_relative_poverty"
    shipped = (settings().bundle / source_id / source(source_id).bundle[0].file).read_bytes()
    monkeypatch.setenv("PROMISE_MODE", "live")
    with publishing() as publisher:
        publisher.page("/poverty.csv", b"".join(shipped.splitlines(keepends=True)[:100]))
        for known in (False, True):
            catalogue = Catalogue(tmp_path / str(known))
            catalogue.host(source_id, publisher, lambda *_: "/poverty.csv")
            entry = catalogue.folder / source_id / ENTRY
            if not known:
                told = yaml.safe_load(entry.read_text())
                told["bundle"][0]["publication"], told["live"]["publication_series"] = None, None
                told["figures"] = None
                entry.write_text(yaml.safe_dump(told))
            monkeypatch.setenv("PROMISE_SOURCES", str(catalogue.folder))
            pipeline.load(source_id, pipeline.take(source_id))
            named = [each.publication_id for each in ledger.vintages(database, source_id)]
            assert named == (["ons_child_poverty_2024_25", f"{source_id}_v2"] if known else [None, None])


def test_a_source_that_is_not_asked_leaves_no_attempt_behind(database: Connection[Any]) -> None:
    """In bundle mode nobody asks for what is in no bundle, and nobody is told that it failed or was unchanged."""
    assert pipeline.take("child_populations") == []
    assert database.execute("select count(*) from ops.ingest_attempt").fetchone() == (0,)


@pytest.mark.parametrize(("mode", "status"), [("bundle", "live only"), ("live", "never landed")])
def test_the_status_says_where_a_source_is(
    database: Connection[Any], monkeypatch: pytest.MonkeyPatch, mode: str, status: str
) -> None:
    monkeypatch.setenv("PROMISE_MODE", mode)
    states = {state.source_id: state.status for state in source_states(database)}
    assert (states["child_populations"], states["lgbf_family_groups"]) == (status, "never landed")
