"""Councils on the site: side by side, each by itself, and on the map of Scotland."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from integration.site.page import Page, text_of

from bi.site.build import render
from promise.errors import PromiseError


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


def test_councils_stand_beside_their_peers(site: Path) -> None:
    rows = Page(site / "indicators/in_school.html").rows
    assert rows["Western"][2:] == ["2 of 2", "4", "2", "0.0%"]
    assert rows["Middle"][2:] == ["not ranked", "not ranked", "1", "not shown"]
    assert "No council has a figure for 2023/24." in text_of(site / "indicators/in_school.html")


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


def test_councils_can_be_compared_by_their_codes_and_without_a_script_all_stand_there(site: Path) -> None:
    page = (site / "compare.html").read_text()
    assert page.count('<th scope="col" class="number" data-council="S12000901"') == page.count("<table")
    row = re.search(r'<tr data-indicator="in_school">(.*?)</tr>', page, re.S)
    assert row and 'data-council="S12000901"' in row[1] and "Scotland" in text_of(site / "compare.html")
    assert 'href="../compare.html#councils=S12000901"' in (site / "councils/S12000901.html").read_text()
