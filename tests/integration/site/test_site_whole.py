"""What is true of the site as a whole: when it is built, what it leaves, and what every page of it says."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit
from xml.etree import ElementTree

import psycopg
import pytest
from integration.site.page import Page, pages, text_of

from bi.marts import released
from bi.site.build import render
from bi.site.pages import PAGES, PageKind
from bi.site.queries import QUERIES, Marts, read
from bi.site.view.common import Content
from bi.site.view.revised import changes
from promise import database
from promise.errors import PromiseError


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


def test_every_cell_of_every_table_says_something(site: Path) -> None:
    cells = [(path.name, cell) for path in pages(site) for cell in Page(path).cells]
    assert len(cells) > 100
    assert not [name for name, cell in cells if not cell]


def test_text_from_the_warehouse_cannot_become_markup(site: Path) -> None:
    for path in pages(site):
        html = path.read_text()
        assert "<script>alert" not in html and "<b>without" not in html and "<more>" not in html
    assert 'Children must thrive <script>alert("statement")</script> & be heard.' in text_of(
        site / "statements/vs01.html"
    )


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


def test_what_changed_is_told_with_both_figures_and_a_withheld_one_without(site: Path) -> None:
    words = text_of(site / "changed.html")
    assert "Revised, 7 June 2025: Share in school Scotland, 2019/20: 88.6% became 87.9%" in words
    assert "Middle, 2021/22: a figure became withheld" in words
    assert "A series <that> feeds nothing." in words
    assert "Share in school: Worsening now; Improving by the figures as first published." in words


def test_of_many_figures_that_changed_in_a_day_scotland_comes_first_and_others_are_counted(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute(
        "insert into marts.fct_history_event (event_id, kind, certainty, indicator_id, measure_id, area_code,"
        " period_label, breakdown, breakdown_value, value_before, value_after, known_from, description)"
        " select 'd' || n, 'revision', 'certain', 'in_school', 'in_school__share',"
        "  case n when 20 then 'S92000003' else 'S12000901' end, '20' || n || '/' || n + 1, 'total', 'total', n, n + 1,"
        "  date '2025-07-08', 'Revised.' from generate_series(10, 24) as n"
        " union all select 'b', 'break', 'certain', 'in_school', 'in_school__share', null, null, null, null, null,"
        "  null, date '2025-07-09', 'A new definition.'"
    )
    (page, *_) = [each for each in changes(Content(read(owner))) if each.measure == "Share in school"]
    assert (page.many, len(page.cells), page.more, page.kind) == (15, 12, 3, "revision")
    assert [cell.place for cell in page.cells] == ["Scotland", *["Council of A & B"] * 11]
    assert [cell.period for cell in page.cells][:2] == ["2020/21", "2010/11"]
    render(owner, tmp_path / "site")
    assert "and 3 more, in every figure ever published" in text_of(tmp_path / "site/changed.html")


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
