"""The site, built from tables of the contract's shape with a few rows made up for this test (see site_rows.sql)."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit
from xml.etree import ElementTree

import contract_tables
import hypothesis
import psycopg
import pyshacl
import pytest
import rdflib
from psycopg import sql

from bi.marts import released
from bi.site import files, open_data, transcriptions
from bi.site.build import render
from bi.site.pages import PAGES, PageKind
from bi.site.queries import QUERIES, Marts, read
from bi.site.view.common import Content
from promise import database, spreadsheets
from promise.errors import PromiseError

HERE = Path(__file__).parent
VOID = {"meta", "link", "input", "br", "col", "wbr", "img"}


class Page(HTMLParser):
    """A page as flat text by element, with ids, links, table cells and what it fetches. Fails on unbalanced tags."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.cells: list[str] = []
        self.rows: dict[str, list[str]] = {}
        self.open: list[str] = []
        self._cell: list[str] | None = None
        self._row: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert not self.open, f"{path}: left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        if tag in ("script", "img", "iframe") and "src" in given:
            self.fetched.append(given["src"])
        if tag == "link":
            self.fetched.append(given["href"])
        if tag == "tr":
            self._row = []
        if tag in ("td", "th"):
            self._cell = []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"
        if tag in ("td", "th") and self._cell is not None:
            text = " ".join("".join(self._cell).split())
            self.cells.append(text)
            self._row.append(text)
            self._cell = None
        if tag == "tr" and self._row:
            self.rows.setdefault(self._row[0], self._row[1:])

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The project's own server, with nothing released."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("PROMISE_DATABASE_URL", raising=False)
        database.ensure_running()
        yield
        database.stop()


@pytest.fixture(scope="module")
def filled(empty: None) -> None:
    with database.connect() as conn:
        contract_tables.create(conn)
        conn.execute((HERE / "site_rows.sql").read_text().encode())


@pytest.fixture
def conn(filled: None) -> Iterator[psycopg.Connection[Any]]:
    """A reader's connection. Nothing that a test does through `owner` stays."""
    with database.connect("reader") as connection:
        yield connection


@pytest.fixture
def owner(filled: None) -> Iterator[psycopg.Connection[Any]]:
    with database.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def site(filled: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "site"
    with database.connect("reader") as connection:
        built = render(connection, out)
    assert built.pop("changed") == len([path for path in out.rglob("*") if path.is_file()]), "all of it is new"
    assert built == {"pages": 32, "release_id": 7, "folder": str(out)}
    return out


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def text_of(path: Path) -> str:
    """The words of a page, as a reader sees them."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", path.read_text(encoding="utf-8"), flags=re.S)
    words = re.sub(r"<[^>]+>", "", html.replace("<br>", " "))
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        words = words.replace(code, sign)
    return " ".join(words.split())


def test_before_the_first_release_it_says_what_to_do_and_leaves_nothing_behind(empty: None, tmp_path: Path) -> None:
    with database.connect() as connection:
        connection.execute("drop table if exists marts.release_info")  # whichever test ran first; never committed
        with pytest.raises(PromiseError, match=r"nothing has been released yet.*make run"):
            render(connection, tmp_path / "site")
        connection.rollback()
    assert not (tmp_path / "site").exists()


def test_a_release_of_another_revision_says_which_column_it_lacks_and_what_to_do(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute("alter table marts.dim_measure drop column caveat cascade")
    with pytest.raises(PromiseError, match=r"release 7 was made by another revision.*caveat.*promise run"):
        render(owner, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_there_is_a_page_for_each_purpose_and_each_indicator(site: Path) -> None:
    found = {str(path.relative_to(site)) for path in pages(site)}
    assert found == {
        "404.html",
        "about.html",
        "answers.html",
        "calendar.html",
        "compare.html",
        "changed.html",
        "councils.html",
        "councils/S12000901.html",
        "councils/S12000902.html",
        "councils/S12000903.html",
        "councils/S12000904.html",
        "data-map.html",
        "data-map-catalogue.html",
        "data-map-gaps.html",
        "data-map-links.html",
        "data-map-reporting.html",
        "datasets/holding-two.html",
        "datasets/warehouse-one.html",
        "organisations/middle.html",
        "organisations/nobody.html",
        "data/index.html",
        "directions.html",
        "figures/in_school.html",
        "find.html",
        "index.html",
        "indicators/in_school.html",
        "indicators/unheard.html",
        "map.html",
        "methods.html",
        "statements/vs01.html",
        "statements/vs02.html",
        "unmeasured.html",
    }


def test_then_and_now_stand_beside_each_other_with_change_and_judgement(site: Path) -> None:
    rows = Page(site / "statements/vs01.html").rows
    then, now, change, judgement = rows["Share in school"]
    assert then == "87.9%2019/20"
    assert now.startswith("83.7% provisional2023/24")
    assert change == "−4.2 percentage points"
    assert judgement.startswith("Worsening") and "set by this project" in judgement


def test_count_and_share_are_both_there(site: Path) -> None:
    rows = Page(site / "statements/vs01.html").rows
    assert rows["Number in school"][:3] == ["12,0002019/20", "13,5002023/24", "+1,500"]


def test_the_comparator_stands_beside_the_headline_at_the_same_periods(site: Path) -> None:
    rows = Page(site / "statements/vs01.html").rows
    then, now, *_ = rows["Share in school, everyonefor comparison: all pupils"]
    assert (then, now) == ("no figure held", "90.3%2023/24")
    assert "In 2023/24 this was 6.6 percentage points below the figure for all pupils." in text_of(
        site / "statements/vs01.html"
    )


def test_each_figure_says_where_it_comes_from(site: Path) -> None:
    html = (site / "statements/vs01.html").read_text()
    assert '<a href="https://example.org/late">Late figures</a>, Nobody (7 June 2025)' in html
    assert "Undated figures, Nobody (date of publication not known)" in html
    way = (site / "figures/in_school.html").read_text()
    assert "Sheet!A3" in way and "5" * 12 in way
    assert "figures/in_school.html#in_school__share-2023-08-01-2024-07-31" in html
    assert 'id="in_school__share-2023-08-01-2024-07-31"' in way


def test_a_figure_that_was_typed_says_from_which_page_and_who_quotes_it_there(site: Path) -> None:
    page = (site / "indicators" / "in_school.html").read_text()
    quoted = '<a href="https://www.news.example/a?b=1&amp;c=2">news.example, which quotes it</a>'
    own = '<a href="https://nobody.example/a">its page</a>'
    assert page.count(f"typed by this project from {quoted}") == 2, "the two counts"
    assert f"typed by this project from {own}" in page
    assert page.count("typed by this project") < page.count("where from<"), "of others nothing is said"


def test_a_statement_with_nothing_published_shows_its_gap_and_who_could_fill_it(site: Path) -> None:
    words = text_of(site / "statements/vs02.html")
    assert "Synthetic gap: nothing was found." in words
    assert "Nobody measures this. Could be filled by Nobody." in words
    assert "Nobody measures that either." in text_of(site / "unmeasured.html")


def test_evidence_and_milestones_are_listed_not_scored_under_each_statement_that_they_name(site: Path) -> None:
    for statement in ("vs01", "vs02"):
        words = text_of(site / f"statements/{statement}.html")
        assert "What was said Experience, page In our words." in words
    assert "What was done" not in text_of(site / "statements/vs01.html") and "What was done" in words
    assert "Begin to measure Nobody, due 2027" in words


def test_a_proposed_indicator_says_so_and_has_a_page_that_explains_its_emptiness(site: Path) -> None:
    for page in ("statements/vs01.html", "indicators/unheard.html"):
        words = text_of(site / page)
        assert "Proposed by this project, not part of the framework." in words
        assert "No figure of it is loaded." in words


def test_a_missing_baseline_says_whose_gap_it_is_and_what_would_fill_it(site: Path) -> None:
    words = text_of(site / "indicators/unheard.html")
    assert "Not in our copies of what is published. It would be filled by a made-up table." in words


def test_what_is_proposed_gives_its_reason_wherever_it_is_shown(site: Path) -> None:
    for page in ("statements/vs01.html", "indicators/unheard.html", "data/index.html", "data/README.md"):
        assert "Made up, and it does not say much." in text_of(site / page), page


def test_indicators_are_counted_with_their_lists_and_proposals_apart(site: Path) -> None:
    html = (site / "directions.html").read_text()
    words = text_of(site / "directions.html")
    national = words[words.index("Since each indicator's baseline") :]
    assert "1 indicators of the framework" not in national and "1 indicator of the framework" in national
    assert "0 Improving no indicator" in national and "1 Worsening In school" in national
    assert "1 more, proposed by this project and not part of the framework, counted apart" in national
    assert national.index("Unheard") > national.index("counted apart")
    assert '<a href="indicators/in_school.html">In school</a>' in html
    tiles = text_of(site / "index.html")
    assert "1 Synthetic learning 1 of 1 indicator of the framework known here has figures. 1 worsening" in tiles
    assert "2 Synthetic silence No indicator of the framework known here; 1 gap in the evidence." in tiles


def test_a_proposed_outcome_has_no_number_of_the_frameworks_and_fills_no_gap(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute(
        "insert into marts.dim_outcome (outcome_id, vision_statement_id, number, outcome_text, publication_state,"
        " proposed_because) values ('vs02_p1', 'vs02', 1, 'Somebody listens.', 'proposed', 'Nobody else says it.')"
    )
    owner.execute(
        "update marts.dim_indicator set outcome_id = 'vs02_p1', vision_statement_id = 'vs02', has_figures = true"
        " where indicator_id = 'unheard'"
    )
    owner.execute(
        "update marts.direction_by_rule set scope = 'vs02' where scope = 'vs01' and publication_state = 'proposed'"
    )
    render(owner, tmp_path / "site")
    words = text_of(tmp_path / "site/statements/vs02.html")
    silence = words[words.rindex("Synthetic silence") :]
    assert "No figure of the framework to show yet Synthetic gap: nothing was found." in silence
    assert (
        "Proposed outcome Somebody listens. Proposed by this project, not part of the framework. Nobody else" in silence
    )
    assert "Outcome 1 Somebody listens" not in silence
    assert "Proposed outcome" in text_of(tmp_path / "site/indicators/unheard.html")


def test_scotlands_gaps_are_told_apart_from_those_of_our_copies(site: Path) -> None:
    words = text_of(site / "data-map-gaps.html")
    evidence = words[
        words.rindex("Gaps in Scotland's evidence (2)") : words.rindex("Gaps in our copies of what is published (1)")
    ]
    assert "Nobody measures this." in evidence and "No figure of it is loaded." not in evidence
    for page in ("statements/vs01.html", "indicators/unheard.html"):
        assert "Gaps in our copies of what is published No figure loaded. No figure of it is loaded." in text_of(
            site / page
        )


def test_the_change_is_given_since_the_baseline_and_since_the_figure_before(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute(
        "update marts.fct_progress set previous_period_label = '2022/23', previous_value = 83.0,"
        " change_since_previous = 0.7, judgement_since_previous = 'no_clear_change',"
        " reason_since_previous = 'rose by 0.7' where measure_id = 'in_school__share'"
    )
    render(owner, tmp_path / "site")
    rows = Page(tmp_path / "site/indicators/in_school.html").rows
    assert rows["The baseline, 2019/20"][:2] == ["87.9%", "−4.2 percentage points"]
    assert rows["The baseline, 2019/20"][2].startswith("Worsening threshold of 1")
    assert rows["The figure before, 2022/23"] == ["83.0%", "+0.7 percentage points", "No clear change rose by 0.7"]


def test_without_a_figure_before_the_second_judgement_says_so(site: Path) -> None:
    rows = Page(site / "indicators/in_school.html").rows
    assert rows["The figure before"] == [
        "no figure held", "cannot be calculated", "Cannot be calculated a figure is missing",
    ]  # fmt: skip


def test_every_earlier_period_can_be_the_baseline_and_the_chosen_one_is_named_with_its_reason(site: Path) -> None:
    rows = Page(site / "indicators/in_school.html").rows
    assert rows["2018/19"] == ["88.0%", "−4.3 percentage points"]
    assert rows["2019/20 the chosen baseline"] == ["87.9%", "−4.2 percentage points"]
    assert rows["2017/18"] == ["86.0%", "Not calculated across a break: The form changed."]
    assert "The baseline that was chosen: 2019/20, the nearest to 2020." in text_of(site / "indicators/in_school.html")


def test_a_figure_that_does_not_add_up_says_so_where_it_stands(site: Path) -> None:
    note = "Does not add up: the published counts, 8,412 of 10,000, give 84.12%."
    assert note in text_of(site / "statements/vs01.html")
    words = text_of(site / "indicators/in_school.html")
    assert words.count(note) == 1, "at the figure, not at its group nor at an earlier edition"
    assert "The reason: counts of other publications." in words


def test_an_earlier_edition_of_a_figure_is_not_what_was_checked(owner: psycopg.Connection[Any]) -> None:
    owner.execute("update marts.fct_observation_vintage set obs_value = 80 where source_cell = 'Sheet!E3'")
    content = Content(read(owner))
    earlier, now = [v for v in content.marts.editions if v.period_label == "2023/24"]
    assert content.figure(earlier).text == "80.0%" and not content.figure(earlier).doubts
    assert content.figure(now).doubts


def test_what_parts_leave_over_is_given_unless_it_would_give_a_suppressed_part_away(site: Path) -> None:
    words = text_of(site / "indicators/in_school.html")
    assert "13,500 Its published parts sum to 13,400, which leaves 100." in words
    assert "12,000 What is in none of its parts is not given: a part is suppressed." in words


def test_where_share_and_number_go_opposite_ways_both_are_named(site: Path) -> None:
    for page in ("statements/vs01.html", "indicators/in_school.html"):
        assert (
            "Share and number go opposite ways: from 2019/20 to 2023/24, “Share in school” went down and “Number in "
            "school” went up."
        ) in text_of(site / page)


def test_figures_about_everyone_say_so_beside_the_number_and_a_comparator_need_not(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute(
        "update marts.dim_indicator set population_marker = 'whole_population' where indicator_id = 'in_school'"
    )
    render(owner, tmp_path / "site")
    rows = Page(tmp_path / "site/statements/vs01.html").rows
    assert "Share in schoolAbout everyone, not only care experienced people" in rows
    assert "Share in school, everyonefor comparison: all pupils" in rows
    assert "About everyone, not only care experienced people" in text_of(tmp_path / "site/councils.html")


def test_the_comparator_stands_beside_each_council(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    owner.execute("update marts.dim_measure set comparator_measure_id = 'in_school__all' where role = 'local'")
    owner.execute(
        "insert into marts.fct_observation (measure_id, area_code, period_start, period_end, period_label, breakdown,"
        " breakdown_value, obs_value, obs_status, conf_status, publication_id, snapshot_id, source_cell, is_revised)"
        " values ('in_school__all', 'S12000901', '2021-08-01', '2022-07-31', '2021/22', 'total', 'total', 93.2,"
        " 'final', 'free', 'late', 'x', 'y', false)"
    )
    render(owner, tmp_path / "site")
    html = (tmp_path / "site/indicators/in_school.html").read_text()
    local = html[html.index('id="in_school__council"') :]
    cells = re.findall(r'<th scope="row"><a [^>]*>Council of A &amp; B</a></th>.*?</tr>', local, re.S)[0]
    assert re.findall(r'class="(?:figure|beside)">([^<]+)', cells)[:2] == ["80.0%", "93.2%"]
    assert "All pupils, for comparison" in local


def test_councils_stand_side_by_side_in_family_groups_with_their_place_in_words(site: Path) -> None:
    page = Page(site / "councils.html")
    assert list(page.rows)[1:] == [
        "Scotland", "Family group 1", "Council of A & B", "Middle", "Family group 2", "Absent", "Western",
    ]  # fmt: skip
    assert page.rows["Scotland"] == ["85.0%"]
    assert page.rows["Council of A & B"] == ["80.0% 1st quarter, 1 of 2 +10.0 since 2019/20"]
    assert page.rows["Western"] == ["0.0% 4th quarter, 2 of 2"]
    assert page.rows["Middle"] == ["suppressed"]
    assert page.rows["Absent"] == ["no figure held"]
    assert "councils.html" in Page(site / "index.html").links


def test_measures_of_proposals_have_a_table_of_their_own(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    owner.execute("update marts.dim_indicator set publication_state = 'proposed' where indicator_id = 'in_school'")
    render(owner, tmp_path / "site")
    html = (tmp_path / "site/councils.html").read_text()
    assert 'id="framework"' not in html and 'id="proposed"' in html
    assert "Proposed by this project, not part of the framework." in text_of(tmp_path / "site/councils.html")
    assert "(proposed by this project)" in text_of(tmp_path / "site/map.html")


def test_a_measure_without_a_direction_has_no_places(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    owner.execute("update marts.dim_measure set polarity = 'neutral' where role = 'local'")
    owner.execute("update marts.council_matrix set rank = null, quartile = null")
    render(owner, tmp_path / "site")
    assert Page(tmp_path / "site/councils.html").rows["Western"] == ["0.0%"]
    assert "no direction, so no places" in text_of(tmp_path / "site/councils.html")
    assert 'class="quarter-' not in (tmp_path / "site/councils.html").read_text()


def test_a_council_without_a_place_says_why_in_words(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    for mart in ("council_matrix", "fct_benchmark"):
        owner.execute(
            f"update marts.{mart} set rank = null, quartile = null, rank_reason = 'small_numbers', people = 31"
            " where area_code = 'S12000903'".encode()
        )
        owner.execute(
            f"update marts.{mart} set tied_with = 1, place_from = 1, place_to = 2"
            " where area_code = 'S12000901'".encode()
        )
    render(owner, tmp_path / "site")
    rug, table = Page(tmp_path / "site/councils.html").rows, Page(tmp_path / "site/indicators/in_school.html").rows
    assert rug["Western"] == ["0.0% too few people for a place (31)"]
    assert table["Western"][2:4] == ["too few people for a place (31)", "not ranked"]
    assert rug["Council of A & B"] == [
        "80.0% 1st quarter, 1 of 2, shared with 1 other (may be 1 to 2) +10.0 since 2019/20"
    ]
    owner.execute(b"update marts.council_matrix set rank_reason = 'sleepy' where area_code = 'S12000903'")
    with pytest.raises(PromiseError, match=r"'sleepy'.*bi/site/words\.py"):
        render(owner, tmp_path / "site")


def test_a_status_of_the_matrix_without_words_stops_the_build(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    owner.execute("update marts.council_matrix set status = 'mislaid' where area_code = 'S12000904'")
    with pytest.raises(PromiseError, match=r"'mislaid'.*bi/site/words\.py"):
        render(owner, tmp_path / "site")


@pytest.mark.parametrize(("column", "code"), [("judgement", "stalled"), ("publication_state", "draft")])
def test_a_basket_of_an_unknown_kind_is_not_left_out_of_the_count(
    owner: psycopg.Connection[Any], tmp_path: Path, column: str, code: str
) -> None:
    owner.execute(f"update marts.direction_by_rule set {column} = %s where scope = 'vs01'".encode(), [code])
    with pytest.raises(PromiseError, match=code):
        render(owner, tmp_path / "site")


def test_every_cell_of_every_table_says_something(site: Path) -> None:
    cells = [(path.name, cell) for path in pages(site) for cell in Page(path).cells]
    assert len(cells) > 100
    assert not [name for name, cell in cells if not cell]


def test_an_absent_figure_gives_its_reason_and_zero_is_a_figure(site: Path) -> None:
    rows = Page(site / "indicators/in_school.html").rows
    tables = (site / "indicators/in_school.html").read_text().split('<h2 id="tables"')[1]
    assert re.search(r'data-period="2021-08-01".*?<span class="absent">not collected</span>', tables, re.S)
    assert rows["Council of A & B"][:2] == ["80.0% estimated", "77.5% to 82.5%"]
    assert rows["Middle"][0] == "suppressed by the publisher"
    assert rows["Western"][0] == "0.0%"
    assert rows["Absent"][0] == "no figure held"


def test_councils_stand_beside_their_peers(site: Path) -> None:
    rows = Page(site / "indicators/in_school.html").rows
    assert rows["Western"][2:] == ["2 of 2", "4", "2", "0.0%"]
    assert rows["Middle"][2:] == ["not ranked", "not ranked", "1", "not shown"]
    assert "No council has a figure for 2023/24." in text_of(site / "indicators/in_school.html")


def test_a_revision_shows_the_earlier_figure_and_a_repetition_or_another_series_is_none(site: Path) -> None:
    words = text_of(site / "indicators/in_school.html")
    revised = words[words.index("Revised figures") : words.index("Sources that disagree")]
    assert "88.6% Early figures, Nobody (May 2024)" in revised
    assert "87.9% Late figures" in revised
    assert "83.7%" not in revised and "11.1%" not in revised


def test_sources_that_disagree_are_shown_as_a_conflict(site: Path) -> None:
    words = text_of(site / "indicators/in_school.html")
    assert "11.1% Undated figures" in words[words.index("Sources that disagree") :]


def test_groups_are_kept_apart_from_everyone(site: Path) -> None:
    assert "Sex: female" in text_of(site / "indicators/in_school.html")
    assert "Sex: female" not in text_of(site / "statements/vs01.html")


def test_text_from_the_warehouse_cannot_become_markup(site: Path) -> None:
    for path in pages(site):
        html = path.read_text()
        assert "<script>alert" not in html and "<b>without" not in html and "<more>" not in html
    assert 'Children must thrive <script>alert("statement")</script> & be heard.' in text_of(
        site / "statements/vs01.html"
    )


def test_the_map_tells_suppressed_from_missing_from_low(site: Path) -> None:
    html = (site / "map.html").read_text()
    drawn = dict(re.findall(r'class="area (\S+)" data-area="(S\d+)" data-name="[^"]*" tabindex="0"', html))
    styles = {area: style for style, area in drawn.items()}
    assert styles["S12000902"] == "is-suppressed"
    assert styles["S12000904"] == "is-missing"
    assert styles["S12000903"] == "band-0", "a published zero is a low figure, not a missing one"
    assert 'aria-label="Middle: suppressed by the publisher"' in html
    assert "S12000800" not in html, "an archived code is no council"


def test_the_maps_data_has_every_period_and_council(site: Path) -> None:
    held = re.search(r'id="map-data">(.*?)</script>', (site / "map.html").read_text(), re.S)
    assert held
    data = json.loads(held.group(1))
    (measure,) = data["measures"]
    assert [p["label"] for p in measure["periods"]] == ["2019/20", "2021/22", "2023/24"]
    assert measure["shown"] == "2021-08-01", "the latest period with a figure"
    assert all(len(p["cells"]) == len(data["areas"]) == 4 for p in measure["periods"])
    assert measure["periods"][2]["figures"] == 0


def test_the_map_is_also_a_table(site: Path) -> None:
    assert Page(site / "map.html").rows["Western"] == ["0.0%"]


def test_the_data_map_begins_with_what_speaks_to_a_statement_and_lists_the_rest_apart(site: Path) -> None:
    front, rest = (text_of(site / f"{name}.html") for name in ("data-map", "data-map-catalogue"))
    assert 'Attendance "and" <more>' in front and "Where brothers live" in front and "Bus stops" not in front
    assert "Figures for In school" in front and "Nobody; All councils" in front
    assert "Bus stops" in rest and "Where brothers live" not in rest


def test_the_search_of_the_map_knows_words_that_mean_the_same_and_what_a_dataset_speaks_to(site: Path) -> None:
    html = (site / "data-map.html").read_text()
    assert 'data-synonyms="brother,sibling,sister"' in html
    (entry,) = re.findall(r'data-search="([^"]*where brothers live[^"]*)"', html)
    assert "synthetic learning" in entry and "am i with my family?" in entry
    assert 'data-question="wm_asked"' in html and 'data-geography="Scotland"' in html


def test_a_datasets_page_says_what_is_known_and_names_what_nobody_has_said(site: Path) -> None:
    words = text_of(site / "datasets/holding-two.html")
    assert "Held by Nobody and All councils." in words
    assert "It can answer in part 1. Synthetic learning (statement). It says who lives where." in words
    assert "Judged by somebody, 1 January 2026." in words
    assert "Looked after children (“children & young people”)" in words
    assert "Not known here:" in words and "lawful basis" in words and "agreements on sharing" in words
    assert "nobody has said what identifies their records" in words
    measured = text_of(site / "datasets/warehouse-one.html")
    assert "Without a figure 25.0% of its cells" in measured and "Councils covered 3" in measured


def test_an_organisations_page_has_what_it_holds_must_report_and_could_fill(site: Path) -> None:
    words = text_of(site / "organisations/nobody.html")
    assert "Where brothers live: children & young people" in words
    assert "A return & more" in words and "An Act, section 1" in words
    unknown = Page(site / "organisations/nobody.html").rows["A reportReport"]
    assert unknown[:3] == ["published, or not said", "unknown", "unknown"]
    assert "No figure by age." in words


def test_what_is_asked_of_organisations_says_unknown_where_no_page_says(site: Path) -> None:
    words = text_of(site / "data-map-reporting.html")
    assert "Requirements (2)" in words and "duty, how often and when" in words
    assert "A return & more (Nobody) and A report" in words, "two dates about one thing"


def test_a_question_shows_what_answers_it_and_strands_show_which_is_missing(site: Path) -> None:
    words = text_of(site / "data-map-gaps.html")
    assert "Am I with my family? Answered in part." in words
    assert "More time in school." in words and "what was heard and what organisations do" in words


def of_the_map(site: Path) -> rdflib.Graph:
    text = (site / "data/dcat-ap.jsonld").read_text()
    return rdflib.Graph().parse(data=text, format="json-ld", publicID="https://data.example/data/dcat-ap.jsonld")


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    """SEMIC's shapes of DCAT-AP 3.0.0, without what they import by address."""
    held = HERE.parent / "fixtures" / "dcat_ap" / "dcat-ap-3.0.0-shacl.jsonld"
    return rdflib.Graph().parse(held, format="json-ld")


def test_the_map_is_valid_dcat_ap_3(site: Path, shapes: rdflib.Graph) -> None:
    graph = of_the_map(site)
    assert len(list(graph.subjects(rdflib.RDF.type, rdflib.DCAT.Dataset))) == 2, "what the map begins with"
    conforms, _, report = pyshacl.validate(graph, shacl_graph=shapes, do_owl_imports=False)
    assert conforms, report


@pytest.mark.parametrize(
    ("kind", "prop"),
    [
        pytest.param(rdflib.DCAT.Dataset, rdflib.DCTERMS.title, id="a dataset without a title"),
        pytest.param(rdflib.DCAT.Dataset, rdflib.DCTERMS.description, id="a dataset without a description"),
        pytest.param(rdflib.DCAT.Catalog, rdflib.DCTERMS.publisher, id="a catalogue without a publisher"),
    ],
)
def test_what_dcat_ap_demands_is_really_looked_at(
    site: Path, shapes: rdflib.Graph, kind: rdflib.URIRef, prop: rdflib.URIRef
) -> None:
    graph = of_the_map(site)
    one = next(iter(graph.subjects(rdflib.RDF.type, kind)))
    graph.remove((one, prop, None))
    assert not pyshacl.validate(graph, shacl_graph=shapes, do_owl_imports=False)[0]


def test_every_page_says_which_release_it_shows(site: Path) -> None:
    for path in pages(site):
        assert "Release 7, published 2 January 2026, 03:04 UTC" in text_of(path), path


def test_every_link_within_the_site_leads_somewhere_and_ids_are_unique(site: Path) -> None:
    read = {path: Page(path) for path in pages(site)}
    checked = 0
    for path, page in read.items():
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            if urlsplit(link).scheme:
                continue
            target, fragment = urldefrag(link)
            there = (path.parent / target).resolve() if target else path.resolve()
            assert there.is_file(), f"{path}: {link}"
            if fragment and "=" not in fragment:
                (found,) = [p for p in read if p.resolve() == there]
                assert fragment in read[found].ids, f"{path}: {link}"
            checked += 1
    assert checked > 50


def test_nothing_is_fetched_from_outside_the_site(site: Path) -> None:
    for path in pages(site):
        fetched = Page(path).fetched
        assert fetched
        for address in fetched:
            assert not urlsplit(address).netloc
            assert (path.parent / address).is_file()


def test_open_data_is_the_table_with_its_columns_described(site: Path, conn: psycopg.Connection[Any]) -> None:
    with (site / "data/fct_observation.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counted = conn.execute("select count(*) from marts.fct_observation").fetchone()
    assert counted == (len(rows),)
    assert {row["is_revised"] for row in rows} == {"true", "false"}
    missing = [row for row in rows if row["conf_status"] == "suppressed_by_publisher"]
    assert [row["obs_value"] for row in missing] == [""]
    readme = (site / "data/README.md").read_text()
    assert "| `obs_value` | numeric | The figure \\| in its unit. |" in readme
    package = json.loads((site / "data/datapackage.json").read_text())
    fields = {f["name"]: f["type"] for f in package["resources"][0]["schema"]["fields"]}
    assert fields["obs_value"] == "number" and fields["period_start"] == "date"
    assert all((site / "data" / r["path"]).is_file() for r in package["resources"])


def test_a_text_that_a_spreadsheet_would_compute_is_written_as_text_and_numbers_as_they_are(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    texts = ["=1+1", "+44", "-2.5%", "-", "@SUM(A1)", "\t=1", "\r=1", "'=1", "＝1", "'plain", "a=b", "- none"]
    owner.execute("delete from marts.dim_dataset")
    for number, text in enumerate(texts):
        owner.execute(
            "insert into marts.dim_dataset (dataset_id, entry, title, catalogue, vision_statement_ids, indicator_ids,"
            " in_warehouse) values (%s, 'catalogue', %s, 'made up', '{}', %s, false)",
            (f"d{number:02}", text, [text]),
        )
    owner.execute("update marts.fct_observation set lci_95 = -1.5")
    files = open_data.write(Marts(owner), tmp_path / "data")
    assert "dim_dataset" in {file.table.name for file in files}

    with (tmp_path / "data/dim_dataset.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    written = [row["title"] for row in rows]
    assert written == [row["indicator_ids"] for row in rows]
    assert written == [
        "'=1+1", "+44", "-2.5%", "'-", "'@SUM(A1)", "'\t=1", "'\r=1", "''=1", "'＝1", "'plain", "a=b", "'- none",
    ]  # fmt: skip
    assert [re.sub(spreadsheets.BACK, r"\1", text) for text in written] == texts
    with (tmp_path / "data/fct_observation.csv").open(encoding="utf-8", newline="") as file:
        assert {row["lci_95"] for row in csv.DictReader(file)} == {"-1.5"}


TEXTS = hypothesis.strategies.text(hypothesis.strategies.sampled_from("'=+-@\t\r\n＝1.,% aé"), max_size=8)


@hypothesis.given(hypothesis.strategies.lists(TEXTS, max_size=100))
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture], max_examples=50)
def test_no_text_is_a_formula_in_a_file_and_every_text_can_be_had_back(
    conn: psycopg.Connection[Any], texts: list[str]
) -> None:
    query = sql.SQL("select {} from unnest({}::text[]) with ordinality as t (cell, n) order by n").format(
        spreadsheets.text_cell(sql.Identifier("cell")), sql.Literal(texts)
    )
    written = [cell for (cell,) in conn.execute(query)]
    assert written == [spreadsheets.as_text(text) for text in texts]
    assert [re.sub(spreadsheets.BACK, r"\1", cell) for cell in written] == texts
    for cell in written:
        assert (
            cell[:1] not in tuple("=+-@\t\r\n＝") or not cell or re.fullmatch(r"[-+]\d[\d,]*(\.\d+)?%?", cell, re.ASCII)
        )


def test_an_indicators_mart_is_its_open_data_file_and_its_page_leads_there(
    site: Path, conn: psycopg.Connection[Any]
) -> None:
    with (site / "data/indicator__in_school.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert conn.execute("select count(*) from marts.indicator__in_school").fetchone() == (len(rows),)
    assert "../data/indicator__in_school.csv" in Page(site / "indicators/in_school.html").links
    assert {"indicator__in_school.csv", "../indicators/in_school.html"} <= set(Page(site / "data/index.html").links)
    package = json.loads((site / "data/datapackage.json").read_text())
    assert "indicator__in_school.csv" in [resource["path"] for resource in package["resources"]]
    assert f"- `indicator__in_school.csv`: Time in school, {len(rows)} rows" in (site / "data/README.md").read_text()


def test_an_indicator_without_a_mart_offers_no_file(site: Path) -> None:
    assert not [link for link in Page(site / "indicators/unheard.html").links if link.endswith(".csv")]
    assert not list(site.glob("data/indicator__unheard*"))


def test_a_release_without_marts_of_outcomes_says_what_to_do(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    for name in released(owner):
        if name.startswith("outcome__"):
            owner.execute(f"drop table marts.{name}".encode())
    with pytest.raises(PromiseError, match=r"no mart outcome__<id>.*make run"):
        render(owner, tmp_path / "site")


class Watched(Marts):
    """Marts that keep a record of which of their queries were asked for."""

    asked: set[str]

    def __getattribute__(self, name: str) -> Any:
        if name in QUERIES:
            self.__dict__.setdefault("asked", set()).add(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize("kind", PAGES, ids=[kind.name for kind in PAGES])
def test_a_page_reads_what_it_says_it_reads(conn: psycopg.Connection[Any], kind: PageKind) -> None:
    marts = Watched(conn)
    assert list(kind.pages(Content(marts)))
    assert marts.asked == {query.name for query in kind.reads}


def test_lists_are_exported_as_people_write_them(site: Path, owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    owner.execute("update marts.direction_basket set indicator_ids = '{in_school,unheard}' where scope = 'scotland'")
    render(owner, tmp_path / "site")
    with (tmp_path / "site/data/direction_basket.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["indicator_ids"] for row in rows if row["scope"] == "scotland"} == {"in_school; unheard"}
    for table in ("fct_change", "fct_reconciliation", "council_matrix"):
        assert (site / f"data/{table}.csv").read_text().count("\n") > 1


def test_the_same_release_gives_the_same_bytes(site: Path, conn: psycopg.Connection[Any], tmp_path: Path) -> None:
    render(conn, tmp_path / "again")
    first = {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    again = tmp_path / "again"
    assert first == {p.relative_to(again): p.read_bytes() for p in again.rglob("*") if p.is_file()}
    assert len(first) > 15


def test_what_is_as_it_was_keeps_its_file_and_its_time(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    out = tmp_path / "site"
    render(owner, out)
    before = {path.relative_to(out.resolve()): path.stat() for path in out.resolve().rglob("*") if path.is_file()}
    assert render(owner, out)["changed"] == 0
    owner.execute("update marts.fct_milestone set title = 'Begin to count'")
    changed = render(owner, out)["changed"]
    others = [name for name, stat in before.items() if (out / name).stat().st_ino != stat.st_ino]
    assert Path("statements/vs02.html") in others and Path("statements/vs01.html") not in others
    assert 0 < changed == len(others) < len(before) / 2
    kept = Path("indicators/in_school.html")
    assert (out / kept).stat().st_mtime_ns == before[kept].st_mtime_ns


def test_where_a_file_cannot_have_two_names_the_site_is_whole_all_the_same(
    conn: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, "not here")

    render(conn, tmp_path / "site")
    before = {p.relative_to(tmp_path / "site"): p.read_bytes() for p in (tmp_path / "site").rglob("*") if p.is_file()}
    monkeypatch.setattr(os, "link", refuse)
    render(conn, tmp_path / "site")
    assert before == {
        p.relative_to(tmp_path / "site"): p.read_bytes() for p in (tmp_path / "site").rglob("*") if p.is_file()
    }


def test_a_site_that_cannot_be_built_leaves_the_one_before(
    conn: psycopg.Connection[Any], owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    out = tmp_path / "site"
    render(conn, out)
    before = (out / "index.html").read_bytes()
    owner.execute("update marts.dim_measure set unit = 'furlongs' where measure_id = 'in_school__count'")
    with pytest.raises(PromiseError, match="furlongs"):
        render(owner, out)
    assert (out / "index.html").read_bytes() == before
    assert len([p for p in (tmp_path / ".site-versions").iterdir() if p.is_dir()]) == 1


def test_the_new_site_takes_the_place_of_the_old_one_in_one_step(
    conn: psycopg.Connection[Any], owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    out = tmp_path / "site"
    out.mkdir()  # an empty folder may be there already, as a volume is
    render(conn, out)
    old = out.resolve()
    owner.execute("update marts.release_info set release_id = 8")
    render(owner, out)
    assert "Release 8" in (out / "index.html").read_text()
    assert out.is_symlink() and not old.exists()
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith(".")] == ["site"]


def test_a_folder_of_somebody_elses_is_left_alone(conn: psycopg.Connection[Any], tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/thesis.txt").write_text("precious")
    with pytest.raises(PromiseError, match="left alone"):
        render(conn, tmp_path / "site")
    assert (tmp_path / "site/thesis.txt").read_text() == "precious"


def test_without_council_figures_the_map_page_says_so(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    owner.execute("delete from marts.fct_observation where area_code != 'S92000003'")
    render(owner, tmp_path / "site")
    assert "No indicator has figures for councils in this release." in text_of(tmp_path / "site/map.html")


def test_a_lone_figure_is_not_compared_with_itself(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    owner.execute(
        "update marts.outcome__vs01_o1 set baseline_period_start = '2023-08-01', change_since_baseline = 0,"
        " judgement = 'cannot_be_calculated', reason = 'one figure only' where measure_id = 'in_school__count'"
    )
    render(owner, tmp_path / "site")
    then, now, change, judgement = Page(tmp_path / "site/statements/vs01.html").rows["Number in school"]
    assert (then, now, change) == ("the latest figure is the baseline", "13,5002023/24", "cannot be calculated")
    assert judgement == "Cannot be calculatedone figure only"


def test_the_change_since_the_figure_before_stands_beside_the_change_since_the_baseline(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute(
        "update marts.outcome__vs01_o1 set previous_period_label = '2022/23', previous_value = 13400,"
        " change_since_previous = 100 where measure_id = 'in_school__count'"
    )
    render(owner, tmp_path / "site")
    assert (
        Page(tmp_path / "site/statements/vs01.html").rows["Number in school"][2]
        == "+1,500+100 since 2022/23: rose, no agreed direction"
    )


def test_a_statement_has_its_figures_large_with_a_sentence_and_their_way_back(site: Path) -> None:
    words = text_of(site / "statements/vs01.html")
    assert "83.7% " in words and "Care experienced children and young people, Scotland, 2023/24, provisional" in words
    assert "Worsening 4.2 percentage points lower than in 2019/20, the baseline." in words
    assert "Councils keep schools." not in words, "what that is taken from stands on the page of who answers"
    assert Page(site / "statements/vs01.html").rows["In school"] == ["Nobody", "Nobody", "the 32 councils"]


def test_an_indicators_page_begins_with_the_figure_then_the_picture_then_the_councils(site: Path) -> None:
    html = (site / "indicators/in_school.html").read_text()
    order = [
        'class="hero"', 'id="in_school__share-chart-wide-title"', 'class="comparison"', 'id="councils"', 'id="tables"',
        'id="more"', 'id="history"', 'id="about"',
    ]  # fmt: skip
    places = [html.index(each) for each in order]
    assert places == sorted(places)
    assert "Overdue The yearbook: overdue, expected by 30 June 2025" in text_of(site / "indicators/in_school.html")


def test_no_line_is_drawn_over_what_is_not_held_and_the_break_and_the_baseline_are_marked(site: Path) -> None:
    html = (site / "indicators/in_school.html").read_text()
    chart = html.split('id="in_school__share-chart-wide-title"')[1].split("</svg>")[0]
    assert "<polyline" not in chart, "2021/22 is not collected, so 2019/20 and 2023/24 are joined by nothing"
    assert chart.count("<circle") == 2
    assert '<g class="mark baseline">' in chart and "baseline 2019/20" in chart
    assert "Break, 1 August 2018: The form changed." in text_of(site / "indicators/in_school.html")


def test_every_chart_is_laid_out_for_two_widths_and_is_a_file_of_its_own(site: Path) -> None:
    html = (site / "indicators/in_school.html").read_text()
    assert html.count('<svg class="wide"') == html.count('<svg class="narrow"') > 1
    for name in ("in_school__share", "in_school__council-councils"):
        drawing = (site / f"charts/{name}.svg").read_text()
        assert "<style>" in drawing and "Council of A & B" not in drawing
        ElementTree.fromstring(drawing)


def test_the_strip_has_every_council_by_family_with_its_interval_or_why_there_is_no_figure(site: Path) -> None:
    html = (site / "charts/in_school__council-councils.svg").read_text()
    assert html.count('<g class="peer">') == 4 and html.count('class="interval"') == 1
    assert "Family group 1" in html and "suppressed by the publisher" in html and "no figure held" in html
    assert "Scotland 85.0%" in html


def test_a_council_has_its_measures_beside_its_family_and_scotland_and_what_it_owes(site: Path) -> None:
    western, middle = Page(site / "councils/S12000903.html"), text_of(site / "councils/S12000902.html")
    (row,) = (cells for name, cells in western.rows.items() if name.startswith("Share in school by council"))
    assert row[:3] == ["0.0%", "0.0%", "85.0%"] and row[3].startswith("2 of 2")
    assert "Share in school by council: suppressed" in middle
    assert Page(site / "councils/S12000902.html").rows["The return"] == ["Annual", "not known here", "no date known"]
    assert "../data/councils/S12000903.csv" in western.links


def test_the_calendar_says_overdue_and_the_first_page_too(site: Path) -> None:
    for page in ("calendar.html", "index.html"):
        assert "Overdue The yearbook, expected June 2025" in text_of(site / page), page
    words = text_of(site / "calendar.html")
    assert words.index("Due next") < words.index("A made-up source") < words.index("No date known")
    assert "The return" in words[words.index("No date known") :]


def test_what_changed_is_told_with_both_figures_and_a_withheld_one_without(site: Path) -> None:
    words = text_of(site / "changed.html")
    assert "Revised, 7 June 2025: Share in school Scotland, 2019/20: 88.6% became 87.9%" in words
    assert "Middle, 2021/22: a figure became withheld" in words
    assert "A series <that> feeds nothing." in words
    assert "Share in school: Worsening now; Improving by the figures as first published." in words


def test_a_release_that_changed_nothing_says_so(site: Path) -> None:
    words = text_of(site / "changed.html")
    assert "Since the release before No figure and no judgement of this release is another than before" in words


def test_what_a_release_changed_is_told_by_indicator_with_each_judgement_of_scotland(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute(
        "insert into marts.release_change values"
        " (5, 'in_school', 'in_school__share', 'S92000003', 1, 0, 2, 'no_clear_change', 'worsening', true),"
        " (5, 'in_school', 'in_school__share', 'S12000901', 0, 1, 0, 'improving', null, true),"
        " (5, 'in_school', 'in_school__count', 'S12000902', 1200, 0, 0, null, null, false)"
    )
    render(owner, tmp_path / "site")
    words = text_of(tmp_path / "site/changed.html")
    assert (
        "Since release 5: 1,204 figures new, changed or gone in 1 indicator; 1 judgement of Scotland came out"
        " otherwise. Share in school: Worsening now; No clear change in release 5." in words
    )
    assert (
        "In school: 1,201 figures new, 2 figures with another value or status and 1 figure gone, of Scotland and"
        " 2 other areas; 1 judgement of councils and other areas came out otherwise." in words
    )


def test_what_a_release_changed_of_what_is_gone_or_hostile_is_shown_as_text_without_a_link(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute(
        "insert into marts.release_change values"
        " (5, '<script>gone', '<b>measure', 'S92000003', 0, 0, 0, 'a_word_of_before', null, true),"
        " (5, 'away', 'away__count', 'S12000901', 0, 3, 0, null, null, false),"
        " (5, 'away', 'away__count', '<i>nowhere', 0, 0, 0, 'fell', 'rose', true)"
    )
    render(owner, tmp_path / "site")
    html = (tmp_path / "site/changed.html").read_text()
    section = html[html.index('id="since"') : html.index('id="flips"')]
    assert "<script" not in section and "<b>" not in section and "<i>" not in section and "<a " not in section
    words = text_of(tmp_path / "site/changed.html")
    assert "<b>measure: not judged now; A word of before in release 5." in words
    assert "<script>gone: only a judgement for Scotland is another." in words
    assert "Away: 3 figures gone, of 1 area; 1 judgement of councils and other areas came out otherwise." in words
    Page(tmp_path / "site/changed.html")


def test_who_answers_and_where_nothing_is_measured(site: Path) -> None:
    words = text_of(site / "answers.html")
    assert "How is Scotland doing? Nobody leads nothing." in words
    assert "within six months, which has passed. Answer: no answer known here" in words
    assert "No page says." in words
    rows = Page(site / "unmeasured.html").rows
    assert rows["1. Synthetic learning"] == ["1", "1", "1", "1", "1", "none"]
    assert rows["2. Synthetic silence"] == ["none", "none", "none", "none", "1", "1"], "a proposal fills no square"


def test_a_figures_way_back_says_what_was_written_how_it_was_read_and_what_came_before(site: Path) -> None:
    words = text_of(site / "figures/in_school.html")
    share = words[words.index("2019/20: 87.9%") : words.index("Number in school")]
    for said in (
        "What was written87.94 under In school, 2019/20, All <Scotland>", "How it was readread as printed",
        "File and cellfigures.csv, Sheet!A1", "Taken1 January 2026, 09:08 UTC", "88.6% Early figures, Nobody",
        "To cite itNobody: Late figures (7 June 2025). Share in school, Scotland, 2019/20: 87.9%. Sheet!A1 of",
    ):  # fmt: skip
        assert said in share, said
    assert "Quoted" not in share and "seen through news.example" in words
    assert "were typed by this project from a page" in words


def test_the_files_of_an_indicator_and_of_a_council_have_names_in_them(site: Path) -> None:
    with (site / "data/councils/S12000901.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["area"], row["measure"]) for row in rows} == {("Council of A & B", "Share in school by council")}
    assert [row["figure"] for row in rows] == ["70.0", "80.0", ""]
    held = json.loads((site / "data/indicators/in_school.json").read_text())
    assert held["areas"]["S12000901"] == "Council of A & B" and held["release"] == 7
    assert held["measures"]["in_school__share"] == {
        "title": "Share in school",
        "unit": "percent",
        "counts": "care_experienced",
    }
    assert {"figure": "83.7", "period": "2023/24"}.items() <= next(
        each
        for each in held["figures"]
        if (each["measure_id"], each["period"], each["breakdown"]) == ("in_school__share", "2023/24", "total")
    ).items()


def test_every_csv_file_is_described_for_programs_in_its_folder(site: Path) -> None:
    """As CSV on the Web: each file by its name, with its columns in their order."""
    folders = [site / "data", site / "data/indicators", site / "data/councils"]
    for folder in folders:
        described = json.loads((folder / "csv-metadata.json").read_text())
        assert described["@context"][0] == "http://www.w3.org/ns/csvw"
        columns = {table["url"]: table["tableSchema"]["columns"] for table in described["tables"]}
        files = {path.name for path in folder.glob("*.csv")}
        assert files == {*columns} != set()
        for name in files:
            with (folder / name).open(encoding="utf-8", newline="") as file:
                assert next(csv.reader(file)) == [column["name"] for column in columns[name]], name
    kinds = {column["name"]: column["datatype"] for column in columns["S12000901.csv"]}
    assert (kinds["figure"], kinds["period_start"], kinds["area"]) == ("decimal", "date", "string")
    said = {column["name"]: column.get("dc:description") for column in columns["S12000901.csv"]}
    assert said["figure"] == "The figure | in its unit."


def test_all_csv_files_are_in_one_that_is_the_same_each_time(site: Path, tmp_path: Path) -> None:
    folder = site / "data"
    with zipfile.ZipFile(folder / "promise-data.zip") as archive:
        held = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {"README.md", "csv-metadata.json", "fct_observation.csv", "indicators/in_school.csv"} <= {*held}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.csv")} <= {*held}
    assert all(content == (folder / name).read_bytes() for name, content in held.items())
    assert "indicators/in_school.json" not in held, "it says the same once more"


def readers(site: Path, language: str) -> str:
    """The only example in that language of the README."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", (site / "data/README.md").read_text(), re.S)
    return str(code)


def test_the_reader_that_the_readme_shows_reads_an_indicator(site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", readers(site, "python")], cwd=site / "data", capture_output=True, text=True, check=True
    )
    assert re.search(r"2023/24 .*83\.7", done.stdout), done.stdout


def test_the_reader_in_r_reads_the_same(site: Path) -> None:
    program = shutil.which("Rscript")
    if program is None:
        message = "NOT TESTED IN R: it is not installed (apt-get install r-base-core)"
        if os.environ.get("PROMISE_REQUIRE_R") == "1":
            pytest.fail(message)
        pytest.skip(message)
    done = subprocess.run(
        [program, "--vanilla", "-e", readers(site, "r")], cwd=site / "data", capture_output=True, text=True, check=True
    )
    assert re.search(r"2023/24 .*83\.7", done.stdout), done.stdout


def feed_of(site: Path) -> list[dict[str, str]]:
    """The entries of a site's feed, with their links."""
    names = {"atom": "http://www.w3.org/2005/Atom"}
    root = ElementTree.parse(site / "feed.xml").getroot()
    for needed in ("id", "title", "updated", "author/atom:name"):
        assert root.findtext(f"atom:{needed}", namespaces=names), needed
    found = []
    for entry in root.findall("atom:entry", names):
        texts = {name: entry.findtext(f"atom:{name}", "", names) for name in ("id", "title", "updated", "summary")}
        link = entry.find("atom:link", names)
        assert link is not None
        found.append(texts | {"link": link.attrib["href"]})
    return found


def test_the_feed_tells_of_the_release_and_of_each_day_and_measure_that_changed(site: Path) -> None:
    entries = feed_of(site)
    assert entries[0]["title"] == "Release 7"
    revised = next(each for each in entries if each["title"] == "Revised: Share in school")
    assert revised["updated"] == "2025-06-07T00:00:00+00:00" and revised["link"] == "indicators/in_school.html"
    assert revised["summary"] == "Scotland, 2019/20: 88.6%, now 87.9%"
    withheld = next(each for each in entries if each["title"].startswith("Withheld"))
    assert "a figure, now withheld" in withheld["summary"], "what was withheld is not told again"
    assert len({each["id"] for each in entries}) == len(entries)
    assert all((site / each["link"]).is_file() for each in entries)


def test_without_an_address_no_page_claims_one(site: Path) -> None:
    assert not (site / "sitemap.xml").exists() and not (site / "robots.txt").exists()
    assert "canonical" not in (site / "index.html").read_text()


def test_with_an_address_every_page_has_one_place_and_all_are_listed(
    conn: psycopg.Connection[Any], tmp_path: Path
) -> None:
    out, address = tmp_path / "site", "https://promise.example.org/figures/"
    render(conn, out, address=address)
    listed = {
        each.text
        for each in ElementTree.parse(out / "sitemap.xml").iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    }
    pages_there = {str(page.relative_to(out.resolve())) for page in pages(out.resolve())} - {"404.html"}
    assert listed == {address + page.removesuffix("index.html") if page == "index.html" else address + page
                      for page in pages_there}  # fmt: skip
    assert f'<link rel="canonical" href="{address}">' in (out / "index.html").read_text()
    assert f'<link rel="canonical" href="{address}councils.html">' in (out / "councils.html").read_text()
    assert "canonical" not in (out / "404.html").read_text()
    assert f"Sitemap: {address}sitemap.xml" in (out / "robots.txt").read_text()
    assert all(each["link"].startswith(address) for each in feed_of(out))


def test_readers_can_say_that_a_figure_is_wrong_where_somebody_listens(
    conn: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Path
) -> None:
    assert "Say so" not in text_of(site / "figures/in_school.html")
    monkeypatch.setenv("PROMISE_SITE_CONTACT", "figures@example.org")
    render(conn, tmp_path / "site")
    page = (tmp_path / "site/figures/in_school.html").read_text()
    assert 'href="mailto:figures@example.org?subject=Release%207%2C%20Nobody%3A%20Late%20figures' in page
    assert "Say that something here is wrong" in text_of(tmp_path / "site/index.html")


def test_councils_can_be_compared_by_their_codes_and_without_a_script_all_stand_there(site: Path) -> None:
    page = (site / "compare.html").read_text()
    assert page.count('<th scope="col" class="number" data-council="S12000901"') == page.count("<table")
    row = re.search(r'<tr data-indicator="in_school">(.*?)</tr>', page, re.S)
    assert row and 'data-council="S12000901"' in row[1] and "Scotland" in text_of(site / "compare.html")
    assert 'href="../compare.html#councils=S12000901"' in (site / "councils/S12000901.html").read_text()


def test_what_a_spreadsheet_would_compute_is_a_text_in_csv_and_itself_in_json(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute("update marts.fct_observation set source_cell = '=1+1' where indicator_id = 'in_school'")
    files.write(Marts(owner), tmp_path)
    with (tmp_path / "indicators/in_school.csv").open(encoding="utf-8", newline="") as file:
        assert {row["source_cell"] for row in csv.DictReader(file)} == {"'=1+1"}
    held = json.loads((tmp_path / "indicators/in_school.json").read_text())
    assert {figure["source_cell"] for figure in held["figures"]} == {"=1+1"}


def test_a_typed_file_lies_beside_the_figures_unless_one_of_its_source_is_suppressed(
    owner: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_BUNDLE", str(tmp_path / "bundle"))
    typed = tmp_path / "bundle" / "made_up" / "typed.csv"
    typed.parent.mkdir(parents=True)
    typed.write_text("year,value\n2020,4\n")
    owner.execute(
        "update marts.provenance set source_kind = 'transcription', source_id = 'made_up', file_name = 'typed.csv',"
        " snapshot_id = %s",
        (hashlib.sha256(typed.read_bytes()).hexdigest(),),
    )
    changed = owner.execute("update marts.fct_observation_vintage set source_id = 'made_up', conf_status = 'free'")
    assert changed.rowcount > 1
    assert transcriptions.write(Marts(owner), tmp_path / "shown") == {"sources/made_up/typed.csv"}
    owner.execute(
        "update marts.fct_observation_vintage set obs_value = null, conf_status = 'suppressed_by_us'"
        " where ctid = (select min(ctid) from marts.fct_observation_vintage)"
    )
    assert transcriptions.write(Marts(owner), tmp_path / "silent") == frozenset()
    assert not (tmp_path / "silent").exists()


def test_what_is_searched_for_is_found_by_another_word_for_it(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    title = "Brothers and sisters placed apart"
    owner.execute("update marts.dim_dataset set title = %s where dataset_id = 'holding:two'", (title,))
    render(owner, tmp_path / "site")
    found = re.findall(r'data-words="([^"]*)"><a [^>]*>Brothers and sisters', (tmp_path / "site/find.html").read_text())
    assert len(found) == 1 and "sibling" in found[0]


EMPTY = (
    "fct_observation",
    "fct_observation_vintage",
    "fct_progress",
    "fct_gap",
    "fct_benchmark",
    "council_matrix",
    "fct_change",
)


def test_without_a_single_figure_every_page_still_says_so(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    for mart in (*EMPTY, "outcome__vs01_o1", "fct_evidence", "fct_reporting_status", "fct_history_event", "provenance"):
        owner.execute(f"delete from marts.{mart}".encode())
    render(owner, tmp_path / "site")
    assert "No figure of this indicator is in this warehouse yet." in text_of(
        tmp_path / "site/indicators/in_school.html"
    )
    assert "No council measure in this release has a figure for Western." in text_of(
        tmp_path / "site/councils/S12000903.html"
    )
    assert "Nothing that has a date is overdue." in text_of(tmp_path / "site/calendar.html")
    assert not [cell for path in pages(tmp_path / "site") for cell in Page(path).cells if not cell]


@pytest.mark.parametrize(
    "value", ["0", "-12.5", "123456789012.3", None], ids=["all zero", "negative", "huge", "none at all"]
)
def test_figures_that_are_all_alike_are_drawn_and_printed(
    owner: psycopg.Connection[Any], tmp_path: Path, value: str | None
) -> None:
    status = "final" if value is not None else "missing"
    owner.execute(
        "update marts.fct_observation set obs_value = %s, obs_status = %s, conf_status = 'free'", [value, status]
    )
    owner.execute("update marts.dim_area set area_name = %s where area_code = 'S12000903'", ["Comhairle " * 12 + "<i>"])
    render(owner, tmp_path / "site")
    for path in (tmp_path / "site/charts").glob("*.svg"):
        ElementTree.fromstring(path.read_text())
    assert "<i>" not in (tmp_path / "site/councils/S12000903.html").read_text()
