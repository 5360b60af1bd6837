"""The dashboard's pages: every figure as printed, in the columns of the transcriptions; a gap is told, not lost."""

from __future__ import annotations

import csv
import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from stand_ins.dialects import promise_dashboard
from stand_ins.publisher import Publisher

from ingestion.connectors import dashboard_pages
from ingestion.errors import SourceChanged
from ingestion.landing import shown_last
from promise.catalogue.sources import source

LIVE = {"transport": "promise_dashboard"}
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
        "publication_id": "",
    }


def test_the_columns_are_those_of_the_transcriptions(take: Any) -> None:
    header = take(BASE, **LIVE)[0].content.read_text().splitlines()[0].split(",")
    assert header == list(source("promise_dashboard").table.newest.values())


def test_each_page_is_asked_once_and_none_elsewhere(publisher: Publisher, take: Any) -> None:
    take(BASE, **LIVE)
    assert len(publisher.requests) == 6 == len({each.path for each in publisher.requests})


def test_a_link_that_says_another_scheme_is_followed_where_the_dashboard_is(publisher: Publisher, take: Any) -> None:
    """As pages that were written before a site was encrypted have it."""
    publisher.routes.clear()
    promise_dashboard.speak(publisher, [replace(INDICATOR, vision="x")], elsewhere="https://127.0.0.1")
    (snapshot,) = take(BASE, **LIVE)
    assert snapshot.origin["pages"] == 4
    assert len(publisher.requests) == 4


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


OUTCOME = """
<!doctype html><html><body><nav><ul><li><a href="/story/dashboard/education/outcome-one">Outcome one</a></li>
<li>Education</li></ul></nav><h1>Outcome one</h1><h2>Vision statement three</h2><p>Schools must be ambitious.</p>
<p>Outcome one: More time in&nbsp;school</p><p>Outcome two</p><p>Of another page</p>
<a href="/story/dashboard/education/outcome-one/attendance">Attendance</a></body></html>
"""


def words() -> dict[str, dict[str, Any]]:
    """What was landed last of the pages' words, by the end of their addresses."""
    content = json.loads(shown_last("figures_pages")[0].content.read_bytes())
    return {each["url"].split(BASE, 1)[1]: each for each in content["pages"]}


def test_what_the_pages_say_in_words_is_landed_beside_the_figures(publisher: Publisher, take: Any) -> None:
    publisher.page(f"{BASE}/education/outcome-one", OUTCOME, media_type="text/html")
    (figures,) = take(BASE, **LIVE)
    (landed,) = shown_last("figures_pages")
    address, snapshot, pages = dashboard_pages.read(landed.content.read_bytes())
    assert (address, snapshot, len(pages)) == (publisher.url(BASE), figures.snapshot_id, 6)
    outcome = words()["/education/outcome-one"]
    assert (outcome["level"], outcome["title"], outcome["statement_number"]) == (2, "Outcome one", "3")
    assert (outcome["statement"], outcome["outcome"]) == ("Schools must be ambitious.", "More time in school")
    assert {each["text"] for each in outcome["links"]} == {"Outcome one", "Attendance"}
    assert words()["/health/outcome-two"]["gaps"] == ["There is an evidence gap here."]
    assert words()["/education/outcome-one/attendance"]["lines"] == []


def test_words_that_change_when_no_figure_does_are_landed_and_people_are_told(
    publisher: Publisher, take: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ingestion.connectors.dashboard_pages")
    (before,) = take(BASE, **LIVE)
    take(BASE, **LIVE)
    assert [each.getMessage() for each in caplog.records] == [
        "figures: the pages say something new; `promise framework propose` writes it down"
    ], "said once, not again of the same words"
    publisher.page(f"{BASE}/health/outcome-two", "<p>The evidence gap is closed.</p>", media_type="text/html")
    (after,) = take(BASE, **LIVE)
    assert after.snapshot_id == before.snapshot_id
    assert len(shown_last("figures_pages")) == 2 == len(caplog.records)
    assert words()["/health/outcome-two"]["gaps"] == ["The evidence gap is closed."]


def test_words_that_are_put_back_are_those_shown_last(publisher: Publisher, take: Any) -> None:
    for said in ("an evidence gap", "another evidence gap", "an evidence gap"):
        publisher.page(f"{BASE}/health/outcome-two", f"<p>{said}</p>", media_type="text/html")
        take(BASE, **LIVE)
        assert words()["/health/outcome-two"]["gaps"] == [said]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("<p>Outcome two</p><p>Outcome three</p>", id="a label behind the label"),
        pytest.param("<p>Outcome two</p><p>There is an evidence gap.</p>", id="a gap where the words would be"),
        pytest.param("<p>Outcome two: one</p><p>Outcome two: another</p>", id="two wordings"),
        pytest.param("<ul><li><a href='/story/dashboard/health'>Outcome two</a></li><li>Other</li></ul>", id="a menu"),
        pytest.param("<p>Outcome one: of another page</p>", id="another outcome's"),
        pytest.param("", id="nothing"),
    ],
)
def test_words_are_not_guessed(publisher: Publisher, take: Any, content: str) -> None:
    publisher.page(f"{BASE}/health/outcome-two", content, media_type="text/html")
    take(BASE, **LIVE)
    assert words()["/health/outcome-two"]["outcome"] == ""
