"""Statements, outcomes and indicators on the site: what is said of a figure, and of one that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psycopg
import pytest
from integration.site.page import Page, text_of

from bi.site.build import render
from bi.site.queries import read
from bi.site.view.common import Content
from promise.errors import PromiseError


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


@pytest.mark.parametrize(("column", "code"), [("judgement", "stalled"), ("publication_state", "draft")])
def test_a_basket_of_an_unknown_kind_is_not_left_out_of_the_count(
    owner: psycopg.Connection[Any], tmp_path: Path, column: str, code: str
) -> None:
    owner.execute(f"update marts.direction_by_rule set {column} = %s where scope = 'vs01'".encode(), [code])
    with pytest.raises(PromiseError, match=code):
        render(owner, tmp_path / "site")


def test_an_absent_figure_gives_its_reason_and_zero_is_a_figure(site: Path) -> None:
    rows = Page(site / "indicators/in_school.html").rows
    tables = (site / "indicators/in_school.html").read_text().split('<h2 id="tables"')[1]
    assert re.search(r'data-period="2021-08-01".*?<span class="absent">not collected</span>', tables, re.S)
    assert rows["Council of A & B"][:2] == ["80.0% estimated", "77.5% to 82.5%"]
    assert rows["Middle"][0] == "suppressed by the publisher"
    assert rows["Western"][0] == "0.0%"
    assert rows["Absent"][0] == "no figure held"


def test_a_revision_shows_the_earlier_figure_and_a_repetition_or_another_series_is_none(site: Path) -> None:
    words = text_of(site / "indicators/in_school.html")
    revised = words[words.index("Revised figures") : words.index("Sources that disagree")]
    assert "88.6% Early figures, Nobody (May 2024)" in revised
    assert "87.9% Late figures" in revised
    assert "83.7%" not in revised and "11.1%" not in revised


def test_a_figure_that_was_printed_with_other_decimals_is_not_revised_and_a_councils_changed_one_is(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    before = {(row.area_code, row.period_label) for row in read(owner).editions}
    owner.execute(
        "insert into marts.fct_observation_vintage (indicator_id, measure_id, area_code, period_start, period_end,"
        " period_label, breakdown, breakdown_value, obs_value, unit, obs_status, conf_status, publication_id,"
        " source_id, snapshot_id, source_cell, is_revised, publication_series, position, is_latest, entry, source_kind)"
        " select 'in_school', 'in_school__share', area, make_date(year, 8, 1), make_date(year + 1, 7, 31),"
        "  year || '/' || (year - 1999), 'total', 'total', value, 'percent', 'final', 'free', p, 'made_up',"
        "  repeat('5', 64), 'Sheet!F' || n, is_revised, 's', n, n = 2, 'published', 'published_file'"
        " from (values ('S12000901', 2019, 70.04, 'early', false, 1), ('S12000901', 2019, 70.0, 'late', false, 2),"
        "  ('S92000003', 2022, 85.04, 'early', false, 1), ('S92000003', 2022, 85.0, 'late', false, 2),"
        "  ('S12000901', 2021, 79.0, 'early', false, 1), ('S12000901', 2021, 80.0, 'late', true, 2))"
        " as given (area, year, value, p, is_revised, n)"
    )
    held = {(row.area_code, row.period_label) for row in read(owner).editions}
    assert held == {("S12000901", "2021/22"), ("S92000003", "2022/23"), *before}, "no more than pages show"
    render(owner, tmp_path / "site")
    words = text_of(tmp_path / "site/indicators/in_school.html")
    revised = words[words.index("Revised figures") : words.index("Sources that disagree")]
    assert "Council of A & B2021/22 79.0%" in revised
    assert "70.0%" not in revised and "85.0%" not in revised


def test_sources_that_disagree_are_shown_as_a_conflict(site: Path) -> None:
    words = text_of(site / "indicators/in_school.html")
    assert "11.1% Undated figures" in words[words.index("Sources that disagree") :]


def test_groups_are_kept_apart_from_everyone(site: Path) -> None:
    assert "Sex: female" in text_of(site / "indicators/in_school.html")
    assert "Sex: female" not in text_of(site / "statements/vs01.html")


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
