"""The site of the real, bundled figures, read without a browser."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from bi.site.build import build
from promise.catalogue.framework import framework
from promise.settings import ROOT


@pytest.fixture(scope="module")
def site(warehouse: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    built = build(out)
    indicators = len(list(framework().indicators()))
    assert indicators >= 16
    written = len([*out.rglob("*.html")])
    assert written > indicators + 32 + 10
    assert built.pop("changed") > written
    assert built == {"pages": written, "release_id": warehouse.release_id, "folder": str(out)}
    return out


def cell(site: Path, page: str, row: str, column: str) -> str:
    """The words of one table cell, named by its attributes."""
    html = (site / page).read_text(encoding="utf-8")
    found = re.search(rf"<tr[^>]*{row}.*?data-{column}>(.*?)</td>", html, re.S)
    assert found, f"{page} has no {row} {column}"
    return " ".join(re.sub(r"<[^>]+>", " ", found.group(1)).split())


@pytest.mark.parametrize(
    ("measure", "column", "said"),
    [
        ("attendance_rate__looked_after", "latest", "83.7% 2023/24"),
        ("attendance_rate__all_pupils", "latest", "90.3% 2023/24"),
        ("living_in_community__percent", "baseline", "90.1% 31 July 2020"),
    ],
)
def test_published_figures_stand_on_the_page_of_their_statement(
    site: Path, measure: str, column: str, said: str
) -> None:
    page = "statements/vs03.html" if measure.startswith("attendance") else "statements/vs01.html"
    assert cell(site, page, f'data-measure="{measure}"', column) == said


def test_a_revised_figure_shows_what_is_current_and_what_came_before(site: Path) -> None:
    page = "indicators/in_care_rate.html"
    assert cell(site, page, 'data-period="2019-07-31"', "value") == "14,262 revised"
    html = (site / page).read_text(encoding="utf-8")
    assert "14,015" in html[html.index("What was published before") :]
    page = "indicators/positive_destination_9_months.html"
    assert cell(site, page, 'data-period="2019-08-01"', "value") == "75.0% revised"
    assert "75.3%" in (site / page).read_text(encoding="utf-8")


def test_all_ten_statements_and_32_councils_are_there(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    ten = [f"vs{n:02}" for n in range(1, 11)]
    assert re.findall(r'data-statement="(vs\d\d)"', index) == ten
    assert sorted(path.stem for path in (site / "statements").iterdir()) == ten
    assert len([*(site / "councils").iterdir()]) == 32
    drawn = re.findall(r'<path id="shape-(S12\d+)" d="M', (site / "map.html").read_text(encoding="utf-8"))
    assert len(set(drawn)) == 32


def test_every_exported_column_is_described_and_every_absence_has_a_reason(site: Path) -> None:
    assert "not described" not in (site / "data/README.md").read_text(encoding="utf-8")
    with (site / "data/fct_observation.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    absent = [row for row in rows if not row["obs_value"]]
    assert len(rows) > 1000 and len(absent) > 100
    explained = ("missing", "not_available", "not_applicable", "not_collected", "low")
    assert all(row["obs_status"] in explained or row["conf_status"] != "free" for row in absent)


def test_what_is_proposed_is_marked_on_every_page_that_shows_it_and_counted_nowhere_else(site: Path) -> None:
    proposed = [each for _, _, each in framework().indicators() if each.publication_state == "proposed"]
    published = [each for _, _, each in framework().indicators() if each.publication_state == "published"]
    assert proposed and published
    mark = "Proposed by this project, not part of the framework."
    for each in proposed:
        assert mark in (site / f"indicators/{each.id}.html").read_text(encoding="utf-8"), each.id
    for each in published:
        assert mark not in (site / f"indicators/{each.id}.html").read_text(encoding="utf-8"), each.id
    ten = "".join(path.read_text(encoding="utf-8") for path in (site / "statements").iterdir())
    assert ten.count('<article class="indicator') == len(proposed) + len(published)
    assert len(re.findall(r'<article class="indicator[^"]* proposed"', ten)) == len(proposed)
    index = (site / "directions.html").read_text(encoding="utf-8")
    national = index[index.index('id="national-title"') : index.index('class="proposals"')]
    assert f"<p>{len(published)} indicators of the framework are known here." in national
    # Two are named beside the lists: the other side of one that is counted, and what is about everyone.
    assert "Not counted again" in national and "Not counted, because it is about everyone" in national
    assert sum(map(int, re.findall(r'class="many">(\d+)<', national))) == len(published) - 2
    assert not [each.id for each in proposed if f"indicators/{each.id}.html" in national]


def test_a_share_that_its_counts_do_not_give_says_so_and_stands(site: Path) -> None:
    said = cell(site, "statements/vs01.html", 'data-measure="living_in_community__percent"', "latest")
    assert said.startswith("89.0% 31 July 2024")
    assert said.endswith("Does not add up: the published counts, 10,518 of 11,844, give 88.80%.")
    page = (site / "indicators/aftercare_eligible_receiving.html").read_text(encoding="utf-8")
    assert "Share and number go opposite ways: from 31 July 2020 to 31 July 2024" in page


def test_a_share_of_the_sum_of_the_parts_asks_whether_the_total_is_superseded(site: Path) -> None:
    share = (site / "indicators/living_in_community.html").read_text(encoding="utf-8")
    assert share.count("Total superseded?") == 2
    for parts, published in (("12,447", "12,596"), ("13,200", "13,255")):
        assert (
            f"Total superseded? It is a share of {parts}, the sum of published parts, not of the published {published}."
            in share
        )
    total = (site / "indicators/in_care_rate.html").read_text(encoding="utf-8")
    for parts in ("12,447", "13,200"):
        assert f"Total superseded? Its published parts sum to {parts}, and a published share is of that." in total
    assert "which leaves 149" not in total and "which leaves 55" not in total


def test_all_32_councils_stand_in_each_table_and_a_suppressed_one_says_so(site: Path) -> None:
    html = (site / "councils.html").read_text(encoding="utf-8")
    tables = re.findall(r'<table class="rug" id="(\w+)">(.*?)</table>', html, re.S)
    assert [name for name, _ in tables] == ["framework", "proposed"]
    for _, table in tables:
        assert len(set(re.findall(r'data-council="(S12\d+)"', table))) == 32
        assert all(place in table for place in ("1st quarter, 1 of 32", "4th quarter, 32 of 32"))
    assert '<td class="is-suppressed" data-order=""><span class="absent">suppressed</span></td>' in tables[0][1]


def test_poverty_by_council_stands_on_its_indicators_page_as_provisional(site: Path) -> None:
    html = (site / "indicators" / "child_poverty.html").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "after housing costs, by council (ONS), 2024/25" in text
    assert re.search(r"Glasgow City 23\.3% provisional", text)
    assert re.search(r"Glasgow City 19\.8% provisional", text), "before housing costs, in a table of its own"


def test_the_first_page_is_short_and_says_what_this_project_knows_and_what_is_overdue(site: Path) -> None:
    html = (site / "index.html").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert len(text.split()) < 1200
    assert "nearly 50 indicators are known to this project" in text
    assert len(gzip.compress(html.encode())) < 60_000
    assert "Overdue" in text


def test_attendance_in_fife_stands_beside_its_family_and_scotland(site: Path) -> None:
    html = (site / "councils/S12000047.html").read_text(encoding="utf-8")
    row = html[html.index('data-measure="attendance_rate__looked_after_lgbf"') :].split("</tr>")[0]
    text = " ".join(re.sub(r"<[^>]+>", " ", row).split())
    assert "89.7%" in text and "88.4%" in text and "87.9%" in text
    assert html.index("looked_after_lgbf") < html.index('class="everybody'), "looked after children before everybody"


def test_a_typed_figure_is_called_a_transcription_and_linked_to_its_page(site: Path) -> None:
    html = (site / "figures/attendance_rate.html").read_text(encoding="utf-8")
    way = html[html.index('id="attendance_rate__looked_after-2023-08-01-2024-07-31"') :].split("</dl>")[0]
    text = " ".join(re.sub(r"<[^>]+>", " ", way).split())
    assert "83.7%" in text and "Typed by this project from a page" in text and "a copy typed by this project" in text
    assert re.search(r'<a href="https?://[^"]+">the page it was read from</a>', way)


def test_what_was_typed_lies_beside_the_figures_as_it_was_read(site: Path) -> None:
    folder = site / "data/sources"
    typed = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    assert len(typed) >= 3
    for name, path in typed.items():
        assert path.read_bytes() == (ROOT / "ingestion/sources" / name).read_bytes()
    pages = "".join(path.read_text(encoding="utf-8") for path in (site / "figures").glob("*.html"))
    assert {f"../data/sources/{name}" for name in typed} == set(re.findall(r'"(\.\./data/sources/[^"]+)"', pages))


def test_the_map_opens_on_looked_after_children_beside_a_figure_for_scotland(site: Path) -> None:
    page = (site / "map.html").read_text(encoding="utf-8")
    opened = re.search(r'<option value="([a-z0-9_]+)" selected>([^<]+)<', page)
    assert opened and "looked after" in opened[2].lower() and "proposed" not in opened[2]
    assert re.search(r'id="map-scotland">[0-9]', page)
