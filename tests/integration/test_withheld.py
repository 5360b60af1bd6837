"""A figure that its publisher withholds by now is shown nowhere: in no mart, page, file, comparison or kept release."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from psycopg import Connection, sql

from bi.site.build import build as build_site
from expectations import publication
from ingestion import pipeline
from promise import ledger
from promise.settings import ROOT
from warehouse import releases, runs, transform
from workbench.commands.diff import between, since

BUNDLED = ROOT / "ingestion" / "sources" / "lgbf" / "lgbf_children_cells.csv.gz"
MEASURED, UNMEASURED = ("Angus", "CHN9 2019-20"), ("Angus", "CHN1 2018-19")  # of the second no measure is made
FIGURE = (
    "measure_id = 'living_in_community__percent_lgbf' and area_code = 'S12000041' and period_label = '31 July 2020'"
)
EDITIONS = [
    {MEASURED: "89.31907", UNMEASURED: "4411.27531"},
    {MEASURED: "88.64213", UNMEASURED: "4411.38642"},
    {MEASURED: "*", UNMEASURED: "*"},
]
BUNDLED_THERE = ["89.811320754717", "5060.111148916865"]
DATA_TABLES = ["2023_08", "2024_01", "2024_03"]
GIVEN = [*BUNDLED_THERE, *(text for edition in EDITIONS[:2] for text in edition.values())]


def extract(path: Path, changed: dict[tuple[str, str], str]) -> None:
    """The publisher's own workbook, with the cells that are bundled, and some of them changed."""
    with gzip.open(BUNDLED, "rt", encoding="utf-8", newline="") as bundled:
        cells = {(row["council"], row["heading"]): row["text"] for row in csv.DictReader(bundled)} | changed
    headings = list(dict.fromkeys(heading for _, heading in cells))
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Raw Data"
    sheet.append(["Local Authority", *headings])
    for council in dict.fromkeys(council for council, _ in cells):
        sheet.append([council, *(cells.get((council, heading)) for heading in headings)])
    book.save(path)


@dataclass(frozen=True)
class Two:
    """Two releases: one shows what two editions give, the next has a third edition that withholds it."""

    conn: Connection[Any]
    vintages: list[int]
    shown: int
    withholding: int
    found_before: dict[str, set[str]]  # by what was searched: which of the numbers were there in the first release
    site: Path


@pytest.fixture(scope="module")
def two(landed_for_module: Connection[Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    landed, folder = landed_for_module, tmp_path_factory.mktemp("withheld")
    inbox = folder / "inbox" / "lgbf"
    inbox.mkdir(parents=True)

    def arrive(number: int) -> int:
        path = inbox / f"LGBF 202{number}-2{number + 1}.xlsx"
        extract(path, EDITIONS[number])
        os.utime(path, (time.time() - 3600, time.time() - 3600))
        (made,) = pipeline.load("lgbf", pipeline.take("lgbf"))
        return int(made["vintage"])

    def release() -> int:
        run_id = runs.open_run(landed)
        landed.execute("update ops.vintage set arrival = 'accepted' where arrival = 'pending'")
        transform.build(run_id, "staging")
        transform.build(run_id, "marts")
        publication.judge(run_id)
        return releases.publish(run_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_MODE", "live")
        patch.setenv("PROMISE_INBOX", str(inbox.parent))
        vintages = [arrive(0), arrive(1)]
        shown = release()
        build_site(folder / "site")
        found = everywhere(landed, folder / "site", vintages)
        vintages.append(arrive(2))
        withholding = release()
        build_site(folder / "site")
        yield Two(landed, vintages, shown, withholding, found, folder / "site")


def everywhere(conn: Connection[Any], site: Path, vintages: list[int]) -> dict[str, set[str]]:
    """Every place in which somebody may read a figure, and which of the numbers stand there."""
    relations = conn.execute(
        b"select format('%I.%I', relnamespace::regnamespace::text, relname) from pg_class where relkind in ('v', 'r')"
        b" and relnamespace::regnamespace::text in ('marts', 'published', 'candidate')"
    ).fetchall()
    today = date.today()
    asked = [name for (name,) in relations] + [
        f"methods.{function}(date '{day}')"
        for function in ("observation_as_of", "progress_as_of")
        for day in (today, today + timedelta(days=1))
    ]
    assert len(asked) > 100
    found: dict[str, set[str]] = {}
    for name in asked:
        # A row is made a text once, and not once for each of the numbers.
        query = sql.SQL(
            "select distinct number from (select anything::text as line from {} as anything offset 0) as lines"
            " join unnest(%s::text[]) as number on strpos(line, number) > 0"
        )
        if there := {number for (number,) in conn.execute(query.format(sql.SQL(name)), [GIVEN])}:  # type: ignore[arg-type]
            found[name] = there
    files = [path for path in site.rglob("*") if path.is_file() and path.suffix in (".csv", ".html", ".json")]
    assert len(files) > 30
    compared = [json.dumps(between(conn, one, other), default=str) for one, other in itertools.pairwise(vintages)]
    compared.append(json.dumps(since(conn, today - timedelta(days=1)), default=str))
    texts = {path.name: path.read_text(encoding="utf-8") for path in files} | {"promise diff": " ".join(compared)}
    for name, text in texts.items():
        if there := {number for number in GIVEN if number in text}:
            found[name] = there
    return found


def test_what_is_withheld_by_now_is_read_nowhere(two: Two) -> None:
    before = {number for numbers in two.found_before.values() for number in numbers}
    assert before == set(GIVEN), "the search finds them where they are"
    assert {"marts.fct_observation", "marts.fct_history_event", "fct_observation_vintage.csv", "promise diff"} <= set(
        two.found_before
    )
    assert everywhere(two.conn, two.site, two.vintages) == {}, "withheld by now, and read all the same"

    rows = two.conn.execute(
        f"select obs_value, conf_status, withheld_from, publication_id, num_nonnulls(numerator, denominator, lci_95,"
        f" uci_95) from marts.fct_observation_vintage where {FIGURE} order by position".encode()
    ).fetchall()
    hidden, day = "suppressed_by_publisher", date.today()
    one, other, last = (f"lgbf_v{vintage}" for vintage in two.vintages)
    # The editions that ship, in whichever layout; the first says of this figure that there is none.
    given = ["lgbf_app_2021_05", "lgbf_2020_21_extract", *(f"lgbf_tables_{day}" for day in DATA_TABLES), one, other]
    assert rows == [
        (None, "free", None, "lgbf_2019_20_extract", 0),
        *((None, hidden, day, publication, 0) for publication in given),
        (None, hidden, None, last, 0),
    ]
    events = two.conn.execute(
        b"select kind, value_before, value_after from marts.fct_history_event where area_code = 'S12000041'"
        b" and publication_after = %s order by measure_id",
        (last,),
    ).fetchall()
    assert events == [("withheld", None, None)] * 2, "that it happened is told, of what a measure is made of and not"
    assert two.conn.execute(f"select direction, size from marts.fct_revision where {FIGURE}".encode()).fetchall() == [
        ("withheld", None)
    ]


def test_more_is_withheld_before_a_new_file_is_rejected(two: Two) -> None:
    """With Scotland's count and the other councils' the one that the newest edition withholds could be worked out."""
    rows = two.conn.execute(
        b"select distinct measure_id, protection.run_id = release.run_id, conf_status, obs_value, numerator"
        b" from ops.protection join marts.fct_observation using (measure_id, area_code, period_start, period_end,"
        b" breakdown, breakdown_value) cross join ops.release"
        b" where period_label = '31 July 2020' and release_id = %s",
        (two.withholding,),
    ).fetchall()
    assert rows == [("living_in_community__count_lgbf", True, "suppressed_by_us", None, None)]
    assert ledger.vintages(two.conn, "lgbf")[-1].arrival == "accepted"


def test_a_kept_release_that_shows_it_is_emptied_and_cannot_be_gone_back_to(two: Two) -> None:
    kept = {each.release_id: (each.state, each.is_kept) for each in releases.listing(two.conn)}
    assert kept == {two.withholding: ("current", True), two.shown: ("dropped", False)}
    # Of two measures, and of another council each, without which Scotland's count would give Angus's back.
    with pytest.raises(releases.ReleaseError, match=f"release {two.shown}: emptied, because of 4 of the figures"):
        releases.rollback("somebody wants the old one")
    assert ledger.vintages(two.conn, "lgbf")[-1].arrival == "accepted"


def test_what_is_declared_to_be_disclosed_is_shown_and_a_slip_in_it_is_told(two: Two) -> None:
    """One of the two that were printed, by its publication."""

    def declare(disclosure_id: str, area: str) -> None:
        two.conn.execute(
            b"insert into staging.catalogue__disclosure (disclosure_id, source_id, publication_id, series_label,"
            b" area_published, period_published) values (%s, 'lgbf', %s, 'CHN9', %s, '2019-20')",
            (disclosure_id, f"lgbf_v{two.vintages[0]}", area),
        )

    def matches() -> bool:
        return bool(transform.invoke(["test", "--select", "disclosures_match_a_figure"]).success)

    declare("disc_trial", "Angus")
    with transform.environment():
        selected = ["int_observation_history", "int_observation_contest", "fct_observation_vintage"]
        transform.invoke(["build", "--select", *selected, "--exclude-resource-type", "unit_test", "seed"])
        assert matches()
        declare("disc_slip", "Angsu")
        assert not matches()
    shown = f"select obs_value::text from candidate.fct_observation_vintage where {FIGURE} and obs_value is not null"
    assert two.conn.execute(shown.encode()).fetchall() == [("89.31907",)]
