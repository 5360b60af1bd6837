"""The dashboard's pages: every figure as printed, in the columns of the transcriptions; a gap is told, not lost."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from stand_ins.dialects import promise_dashboard
from stand_ins.publisher import Publisher

from ingestion.errors import SourceChanged
from promise.catalogue.sources import source

LIVE = {"transport": "promise_dashboard", "publication_id": "ppf_dashboard_capture_c"}
BASE = promise_dashboard.BASE
INDICATOR = promise_dashboard.Indicator(
    slug="attendance",
    title="Attendance of pupils who\n experienced care",
    table=[["Year", "Number", "Percentage"], ["2023/24", "10, 518", "84.4%"], ["2022/23", "10, 798", "84.0%"]],
    notes={
        "Reporting period": "1 August 2023 - 31 July 2024", "Last updated": "August 2025",
        "Next Update due": "August 2026",
    },
)  # fmt: skip
GAP = f"{BASE}/health/outcome-two"


@pytest.fixture(autouse=True)
def dashboard(publisher: Publisher) -> None:
    promise_dashboard.speak(publisher, [INDICATOR], {GAP: "There is an evidence gap here."})


def test_every_figure_is_taken_as_printed(publisher: Publisher, take: Any) -> None:
    (snapshot,) = take(BASE, **LIVE)
    rows = list(csv.DictReader(snapshot.content.read_text().splitlines()))
    assert [(row["period_as_published"], row["column_heading"], row["value_as_published"]) for row in rows] == [
        ("2022/23", "Number", "10, 798"), ("2023/24", "Number", "10, 518"),
        ("2022/23", "Percentage", "84.0%"), ("2023/24", "Percentage", "84.4%"),
    ]  # fmt: skip
    assert {key: rows[0][key] for key in list(rows[0])[:3] + list(rows[0])[6:]} == {
        "vision_statement": "3",
        "outcome": "1",
        "indicator_short_label": "Attendance of pupils who experienced care",
        "reporting_period_note": "1 August 2023 - 31 July 2024",
        "last_updated": "August 2025",
        "next_update_due": "August 2026",
        "page_url": publisher.url(INDICATOR.path),
        "publication_id": "ppf_dashboard_capture_c",
    }


def test_the_columns_are_those_of_the_transcriptions(take: Any) -> None:
    header = take(BASE, **LIVE)[0].content.read_text().splitlines()[0].split(",")
    assert header == list(source("promise_dashboard").table.columns)


def test_each_page_is_asked_once_and_none_elsewhere(publisher: Publisher, take: Any) -> None:
    take(BASE, **LIVE)
    assert len(publisher.requests) == 6 == len({each.path for each in publisher.requests})


def test_the_statement_of_an_evidence_gap_is_kept(publisher: Publisher, take: Any) -> None:
    (snapshot,) = take(BASE, **LIVE)
    gap = {"page_url": publisher.url(GAP), "statement": "There is an evidence gap here."}
    assert snapshot.origin == {"pages": 6, "evidence_gaps": [gap]}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param("<th>Year</th>", "<th>When</th>", "has no table of years", id="another table"),
        pytest.param("<td>84.4%</td>", "", "the row '2023/24' of its table has 2 cells", id="a row cut short"),
        pytest.param("h1>", "h3>", "has no heading", id="no title"),
    ],
)
def test_a_page_that_was_rebuilt_is_for_a_person(
    publisher: Publisher, take: Any, before: str, after: str, words: str
) -> None:
    publisher.page(INDICATOR.path, INDICATOR.page().replace(before, after), media_type="text/html")
    with pytest.raises(SourceChanged, match=words):
        take(BASE, **LIVE)


def test_links_that_go_round_in_circles_end(publisher: Publisher, take: Any) -> None:
    with pytest.raises(SourceChanged, match="more than 3 pages"):
        take(BASE, **LIVE, max_pages=3)
