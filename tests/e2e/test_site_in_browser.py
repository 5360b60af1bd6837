"""A browser opens the site that the pipeline built and reads it as people do.

Needs Chromium and its driver. Without them the tests are skipped, loudly; with PROMISE_REQUIRE_BROWSER=1, as in
`.ci/run`, their absence is a failure.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from bi.site.build import build
from workbench.serving import Pages

pytestmark = pytest.mark.e2e

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A browser that asked for anything outside would find nothing, and the page would show it.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--window-size=1280,1400",
    # The page is long: what is clicked must not still be gliding into sight.
    "--force-prefers-reduced-motion",
)


class QuietPages(Pages):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder, on loopback, served as `make up` serves it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietPages, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def address(built_site: Path) -> Iterator[str]:
    """Where the built site is served."""
    with served(built_site) as address:
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        missing = "Chromium" if chromium is None else "chromedriver"
        message = f"NOT TESTED IN A BROWSER: {missing} is not installed (apt-get install chromium chromium-driver)"
        if os.environ.get("PROMISE_REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    opened.set_page_load_timeout(60)
    yield opened
    opened.quit()


def asked(browser: webdriver.Chrome) -> list[str]:
    """The address of every request since somebody asked this last, also of those that the browser then refused."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [each for each in addresses if not each.startswith(("chrome:", "data:", "about:"))]


@pytest.fixture(autouse=True)
def quiet(browser: webdriver.Chrome, address: str) -> Iterator[None]:
    """Whatever a test does, no request leaves for another host, and the console stays empty: no script error, nothing
    that could not be fetched, nothing that the policy of a page had to forbid."""
    yield
    assert [each for each in asked(browser) if not each.startswith((address, "file:"))] == []
    assert browser.get_log("browser") == []


def words(element: WebElement) -> str:
    """Also of what is folded away or off screen."""
    return " ".join((element.get_attribute("textContent") or "").split())


def figure(browser: webdriver.Chrome, row: str, column: str) -> str:
    """The figure in a cell of a table, without the period and the remarks beside it."""
    return words(browser.find_element(By.CSS_SELECTOR, f"{row} [data-{column}] .figure"))


def test_the_first_page_shows_the_ten_statements_in_order(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "index.html")
    numbers = [words(e) for e in browser.find_elements(By.CSS_SELECTOR, ".tiles .n")]
    assert numbers == [str(n) for n in range(1, 11)]
    browser.find_element(By.CSS_SELECTOR, "#vs04 a").click()
    WebDriverWait(browser, 10).until(lambda b: b.current_url.endswith("statements/vs04.html"))
    gap = browser.find_element(By.ID, "vs04")
    assert gap.find_elements(By.CSS_SELECTOR, ".gap"), "a statement with nothing published shows its gap"
    assert not gap.find_elements(By.CSS_SELECTOR, "article.indicator:not(.proposed)"), "what we propose fills no gap"


def test_real_figures_can_be_read_off_the_pages_of_statements(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "statements/vs03.html")
    attendance = "#attendance_rate tr"
    assert figure(browser, f"{attendance}.headline", "latest") == "83.7%"
    assert figure(browser, f"{attendance}.comparator", "latest") == "90.3%"
    latest = browser.find_element(By.CSS_SELECTOR, f"{attendance}.headline [data-latest] .period")
    assert words(latest) == "2023/24"
    assert figure(browser, "#positive_destination_9_months tr.headline", "baseline") == "75.0%"
    judged = words(browser.find_element(By.CSS_SELECTOR, f"{attendance}.headline .judgement"))
    assert judged == "Worsening"
    assert words(browser.find_element(By.CSS_SELECTOR, "#attendance_rate .hero-figure .figure")) == "83.7%"
    sources = browser.find_elements(By.CSS_SELECTOR, "#attendance_rate .sources a[href^='http']")
    assert sources, "each figure says where it was published"
    browser.get(address + "statements/vs01.html")
    assert figure(browser, "#living_in_community tr.headline", "baseline") == "90.1%"
    assert figure(browser, "#living_in_community tr.headline", "latest") == "89.0%"


def test_an_indicators_page_has_the_series_and_its_revisions(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "statements/vs01.html")
    browser.find_element(By.CSS_SELECTOR, "#in_care_rate h4 a").click()
    WebDriverWait(browser, 10).until(lambda b: b.current_url.endswith("indicators/in_care_rate.html"))
    assert figure(browser, "tr[data-period='2019-07-31']", "value") == "14,262"
    page = words(browser.find_element(By.TAG_NAME, "main"))
    assert "14,015" in page[page.index("What was published before") :], "the figure first published is still there"
    assert browser.find_elements(By.CSS_SELECTOR, ".chart svg polyline")


def test_the_earlier_positive_destination_is_kept_beside_the_current_one(
    browser: webdriver.Chrome, address: str
) -> None:
    browser.get(address + "indicators/positive_destination_9_months.html")
    assert figure(browser, "tr[data-period='2019-08-01']", "value") == "75.0%"
    page = words(browser.find_element(By.TAG_NAME, "main"))
    assert "75.3%" in page[page.index("What was published before") :]


def test_the_map_changes_with_measure_and_period(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "map.html")
    areas = browser.find_elements(By.CSS_SELECTOR, "#map [data-area]")
    assert len(areas) == 32
    measure = Select(browser.find_element(By.ID, "measure"))
    (exclusions,) = [o for o in measure.options if "CHN20b" in (o.get_attribute("textContent") or "")]
    measure.select_by_value(exclusions.get_attribute("value"))
    Select(browser.find_element(By.ID, "period")).select_by_visible_text("2018/19")

    clackmannanshire = browser.find_element(By.CSS_SELECTOR, "#map [data-area='S12000005']")
    assert clackmannanshire.get_attribute("aria-label") == "Clackmannanshire: suppressed by the publisher"
    assert clackmannanshire.get_attribute("class") == "area is-suppressed"
    eilean_siar = browser.find_element(By.CSS_SELECTOR, "#map [data-area='S12000013']")
    assert eilean_siar.get_attribute("class") == "area band-0", "a published zero is not a missing figure"
    row = words(browser.find_element(By.CSS_SELECTOR, "#map-rows [data-row='S12000005'] td"))
    assert row == "suppressed by the publisher", "the table says the same"
    assert "2018/19" in words(browser.find_element(By.ID, "map-caption"))

    browser.get("about:blank")
    browser.get(f"{address}map.html#measure={exclusions_id(browser, address)}&period=2010-08-01")
    assert words(browser.find_element(By.ID, "map-title")).endswith("2010/11"), "a choice can be sent as a link"


def exclusions_id(browser: webdriver.Chrome, address: str) -> str:
    browser.get(address + "map.html")
    options = browser.find_elements(By.CSS_SELECTOR, "#measure option")
    value = next(o.get_attribute("value") for o in options if "CHN20b" in (o.get_attribute("textContent") or ""))
    assert value
    browser.get("about:blank")
    return value


def test_the_map_can_be_read_with_the_keyboard(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "map.html")
    browser.execute_script("document.querySelector('#map [data-area]').focus()")
    first = browser.switch_to.active_element.get_attribute("data-name")
    assert first and words(browser.find_element(By.ID, "map-chosen")).startswith(first)
    browser.switch_to.active_element.send_keys(Keys.TAB)
    second = browser.switch_to.active_element.get_attribute("data-name")
    assert second and second != first
    assert words(browser.find_element(By.ID, "map-chosen")).startswith(second)


def test_councils_are_ordered_by_family_by_name_and_by_a_measure(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "councils.html")

    def councils() -> list[str]:
        rows = browser.find_elements(By.CSS_SELECTOR, "#framework tr[data-council] th")
        return [words(row) for row in rows]

    by_family = councils()
    assert len(by_family) == 32 and by_family != sorted(by_family)
    assert len(browser.find_elements(By.CSS_SELECTOR, "#framework tr.family")) == 4
    order = Select(browser.find_element(By.ID, "framework-order"))
    order.select_by_value("name")
    assert councils() == sorted(by_family)
    exclusions = next(o for o in order.options if "CHN20b" in (o.get_attribute("textContent") or ""))
    number = int(exclusions.get_attribute("value") or "")
    order.select_by_value(str(number))
    cells = browser.find_elements(By.CSS_SELECTOR, f"#framework tr[data-council] td:nth-of-type({number + 1})")
    figures = [cell.get_attribute("data-order") for cell in cells]
    known = [float(figure) for figure in figures if figure]
    assert known == sorted(known, reverse=True) and len(known) == 26
    assert figures[-6:] == [""] * 6, "councils without a figure come last and keep their reason"
    assert [words(cell) for cell in cells[-6:]] == ["not available"] * 6
    assert "CHN20b" in words(browser.find_element(By.CSS_SELECTOR, "#framework caption"))
    order.select_by_value("family")
    assert councils() == by_family


def test_the_table_of_councils_can_be_moved_with_the_keyboard(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "councils.html")
    frame = browser.find_element(By.CSS_SELECTOR, ".rug-frame")
    browser.execute_script("arguments[0].focus()", frame)
    frame.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    WebDriverWait(browser, 10).until(lambda b: b.execute_script("return arguments[0].scrollLeft", frame) > 0)
    first = browser.find_element(By.CSS_SELECTOR, "#framework tr[data-council] th")
    shift = browser.execute_script(
        "return arguments[0].getBoundingClientRect().left - arguments[1].getBoundingClientRect().left", first, frame
    )
    assert 0 <= shift < 3, "the council's name stays in sight"


def test_the_data_map_is_searched_and_filtered(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "data-map.html")

    def shown() -> list[str]:
        items = browser.find_elements(By.CSS_SELECTOR, "#dataset-list > li:not([hidden]) h3")
        return [words(item) for item in items]

    everything = shown()
    assert len(everything) > 100, "what speaks to a statement, a question or a child"
    browser.find_element(By.ID, "q").send_keys("looked after")
    found = shown()
    assert 0 < len(found) < len(everything)
    assert words(browser.find_element(By.ID, "count")) == f"{len(found)} of {len(everything)} datasets"

    browser.find_element(By.CSS_SELECTOR, "#filters button[type=reset]").click()
    WebDriverWait(browser, 10).until(lambda _: len(shown()) == len(everything))
    Select(browser.find_element(By.ID, "organisation")).select_by_value("Care Inspectorate")
    held = shown()
    assert 0 < len(held) < len(everything) / 2
    Select(browser.find_element(By.ID, "statement")).select_by_value("vs05")
    assert 0 < len(shown()) < len(held)
    browser.find_element(By.ID, "q").send_keys("zzzz")
    assert shown() == []
    assert browser.find_element(By.ID, "nothing").is_displayed()


def test_who_holds_data_on_brothers_and_sisters_is_answered_as_one_types(
    browser: webdriver.Chrome, address: str
) -> None:
    browser.get(address + "data-map.html")
    box, answer = browser.find_element(By.ID, "q"), browser.find_element(By.ID, "answer")
    box.send_keys("Who holds data on brothers and sisters?")
    assert answer.is_displayed() and "Care Inspectorate" in words(answer)
    said = words(answer)
    box.clear()
    box.send_keys("sibling")
    assert words(answer) == said, "another word for the same"
    assert "#q=sibling" in browser.current_url, "and it can be sent to somebody"


OF_EACH_KIND = (
    "index.html", "statements/vs03.html", "indicators/attendance_rate.html", "figures/attendance_rate.html",
    "councils/S12000047.html", "councils.html", "compare.html", "map.html", "data-map.html", "calendar.html",
    "changed.html",
    "answers.html", "unmeasured.html", "directions.html", "methods.html", "about.html", "find.html", "404.html",
    "data/index.html",
)  # fmt: skip


@pytest.mark.parametrize("page", OF_EACH_KIND)
def test_a_page_fits_a_narrow_screen(browser: webdriver.Chrome, address: str, page: str) -> None:
    narrow = {"width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
    try:
        browser.get(address + page)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 320
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("page", OF_EACH_KIND)
def test_without_scripts_everything_is_still_there_to_read(browser: webdriver.Chrome, address: str, page: str) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(address + page)
        assert browser.find_element(By.TAG_NAME, "h1").is_displayed()
        assert not [e for e in browser.find_elements(By.CSS_SELECTOR, ".js-only") if e.is_displayed()]
        if page == "data-map.html":
            assert len(browser.find_elements(By.CSS_SELECTOR, "#dataset-list > li")) > 100
        if page == "councils.html":
            assert len(browser.find_elements(By.CSS_SELECTOR, "#framework tr[data-council]")) == 32
        if page == "map.html":
            assert len(browser.find_elements(By.CSS_SELECTOR, "#map-rows tr")) == 32
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def clicked(browser: webdriver.Chrome, *links: str) -> WebElement:
    """From the first page, each link by the beginning of its words, at most two; the content of where that leads."""
    assert len(links) <= 2
    for text in links:
        found = next(
            link
            for link in browser.find_elements(By.CSS_SELECTOR, "a[href]")
            if words(link).startswith(text) and link.is_displayed()
        )
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()
    return browser.find_element(By.TAG_NAME, "main")


def within_two_screens(browser: webdriver.Chrome, selector: str) -> WebElement:
    """The first of what is selected and seen, no further down than two screens of 1,000 points."""
    found = next(each for each in browser.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed())
    place = browser.execute_script("return arguments[0].getBoundingClientRect().top + scrollY", found)
    assert place < 2000, f"{selector} stands at {place}"
    return found


@pytest.fixture
def home(browser: webdriver.Chrome, address: str) -> webdriver.Chrome:
    browser.get(address + "index.html")
    return browser


def test_how_is_attendance_in_fife_beside_its_family(home: webdriver.Chrome) -> None:
    clicked(home, "Councils", "Fife")
    row = within_two_screens(home, "tr[data-measure='attendance_rate__looked_after_lgbf']")
    said = [words(row.find_element(By.CSS_SELECTOR, f"[data-{what}]")) for what in ("figure", "family", "scotland")]
    assert said == ["89.7%", "88.4%", "87.9%"]


def test_two_councils_stand_side_by_side_at_an_address_that_can_be_sent(
    browser: webdriver.Chrome, address: str
) -> None:
    def shown(selector: str) -> list[str]:
        return [words(each) for each in browser.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()]

    browser.get(address + "compare.html")
    assert not shown("table.compare"), "a page of 32 columns is no comparison"
    browser.get(address + "compare.html#councils=S12000047,S12000049,nobody")
    assert shown("#framework-title + .scroll thead th") == ["Measure", "Fife", "Glasgow City", "Scotland"]
    assert len(shown("#framework-title + .scroll tbody tr")) > 5
    assert shown("#compared") == ["Fife, Glasgow City: every measure."]
    Select(browser.find_element(By.ID, "indicator-1")).select_by_value("attendance_rate")
    assert browser.current_url.endswith("#councils=S12000047,S12000049&indicators=attendance_rate")
    rows = browser.find_elements(By.CSS_SELECTOR, "tr[data-indicator]")
    assert {row.get_attribute("data-indicator") for row in rows if row.is_displayed()} == {"attendance_rate"}
    Select(browser.find_element(By.ID, "council-2")).select_by_value("")
    assert shown("#framework-title + .scroll thead th") == ["Measure", "Fife", "Scotland"]


def test_what_changed_since_2020_under_statement_9(home: webdriver.Chrome) -> None:
    clicked(home, "Aftercare")
    said = words(within_two_screens(home, ".hero"))
    assert "the baseline" in said and "Worsening" in said


def test_which_figures_were_revised(home: webdriver.Chrome) -> None:
    assert "11,969 became 11,933" in words(clicked(home, "What changed"))
    within_two_screens(home, "#changes")


def test_what_is_due_and_what_is_late(home: webdriver.Chrome) -> None:
    clicked(home, "Calendar")
    assert words(within_two_screens(home, ".dues li")).startswith("Overdue")
    within_two_screens(home, "#next")


def test_where_nothing_is_measured(home: webdriver.Chrome) -> None:
    clicked(home, "Where nothing is measured")
    row = within_two_screens(home, "tr[data-statement='vs06']")
    assert {words(cell) for cell in row.find_elements(By.TAG_NAME, "td")} == {"none"}


def test_where_a_figure_comes_from_and_how_to_cite_it(home: webdriver.Chrome) -> None:
    clicked(home, "Education", "Where 83.7% comes from")
    said = words(within_two_screens(home, ".way[open]"))
    assert "83.7%" in said and "Typed by this project from a page" in said and "To cite it" in said


def test_who_holds_data_on_brothers_and_sisters(home: webdriver.Chrome) -> None:
    clicked(home, "Search")
    home.find_element(By.ID, "q").send_keys("sibling")
    found = [words(each) for each in home.find_elements(By.CSS_SELECTOR, "[data-words]") if each.is_displayed()]
    assert found and any("rothers and sisters" in each for each in found)


def test_how_is_glasgow_doing_on_all_it_measures(home: webdriver.Chrome) -> None:
    clicked(home, "Councils", "Glasgow City")
    assert len(home.find_elements(By.CSS_SELECTOR, "tr[data-measure]")) > 25
    assert not home.find_elements(By.CSS_SELECTOR, "tr[data-measure] [data-figure]:empty")


def test_which_councils_are_worth_a_conversation_for_staff_alone(
    browser: webdriver.Chrome, warehouse: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_SITE", "staff")
    build(tmp_path / "site")
    assert not (tmp_path / "site/signals").exists()
    browser.get((tmp_path / "site-staff").resolve().as_uri() + "/index.html")
    clicked(browser, "Signals")
    council = within_two_screens(browser, "table.data tbody tr:has(td.number) a")
    name = words(council)
    council.click()
    assert words(browser.find_element(By.TAG_NAME, "h1")) == f"{name}: worth a conversation"
    assert words(within_two_screens(browser, "main li, main p:not(.intro)"))


def test_one_indicator_as_csv(home: webdriver.Chrome, built_site: Path) -> None:
    clicked(home, "Education", "Rate of attendance")
    links = [link.get_attribute("href") or "" for link in home.find_elements(By.CSS_SELECTOR, "main a[href$='.csv']")]
    assert [each for each in links if each.endswith("data/indicators/attendance_rate.csv")]
    assert "83.7" in (built_site / "data/indicators/attendance_rate.csv").read_text()


def test_a_chart_can_be_read_on_a_phone_and_two_are_never_shown(browser: webdriver.Chrome, address: str) -> None:
    try:
        for width, shown in ((360, "narrow"), (1280, "wide")):
            size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            browser.get(address + "indicators/attendance_rate.html")
            drawings = browser.find_elements(By.CSS_SELECTOR, "figure.chart > svg")
            seen = [each for each in drawings if each.is_displayed()]
            assert seen and {each.get_attribute("class") for each in seen} == {shown}
            for each in seen:
                drawn = float((each.get_dom_attribute("viewBox") or "").split()[2])
                assert each.rect["width"] / drawn * 14 >= 12, "text of 14 px in the drawing"
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_no_page_but_those_of_all_councils_and_datasets_is_longer_than_six_screens(
    browser: webdriver.Chrome, address: str
) -> None:
    for page in (*OF_EACH_KIND, *(f"statements/vs{number:02}.html" for number in range(1, 11))):
        if page not in ("data-map.html", "councils.html"):
            browser.get(address + page)
            height = browser.execute_script("return document.documentElement.scrollHeight")
            assert height <= 6 * 900, (page, height)
    browser.get(address + "index.html")
    assert browser.execute_script("return document.querySelector('footer').offsetTop") <= 1.6 * 900


def test_every_column_of_the_open_data_is_described(browser: webdriver.Chrome, address: str) -> None:
    browser.get(address + "data/index.html")
    assert "not described" not in words(browser.find_element(By.TAG_NAME, "main"))
    links = browser.find_elements(By.CSS_SELECTOR, "main a[href$='.csv']")
    assert "fct_observation.csv" in {words(link) for link in links}


def test_a_page_asks_its_own_host_and_that_is_seen(browser: webdriver.Chrome, address: str) -> None:
    asked(browser)
    browser.get(address + "map.html")
    found = asked(browser)
    assert {f"{address}{file}" for file in ("map.html", "static/site.css", "static/map.js")} <= set(found)


def test_from_the_disk_the_site_works_as_well(browser: webdriver.Chrome, built_site: Path) -> None:
    browser.get((built_site / "map.html").resolve().as_uri())
    assert browser.find_element(By.ID, "map-controls").is_displayed(), "the script ran"


PLANTED = (
    "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
    '<img src="http://elsewhere.example/pixel.png"><script src="http://elsewhere.example/tracker.js"></script>'
    '<p id="planted" style="color: rgb(1, 2, 3)">text</p><a id="link" href="javascript:document.title=1">a link</a>'
)


def test_what_somebody_gets_into_a_page_neither_runs_nor_asks_anybody(
    browser: webdriver.Chrome, built_site: Path, tmp_path: Path
) -> None:
    page = (built_site / "index.html").read_text()
    (tmp_path / "planted.html").write_text(page.replace("</main>", f"{PLANTED}</main>"))
    with served(tmp_path) as address:
        browser.get(address + "planted.html")
        title = browser.title
        browser.execute_script("document.getElementById('link').click()")
        planted = browser.find_element(By.ID, "planted")
        assert browser.title == title and "taken" not in title
        assert browser.execute_script("return getComputedStyle(arguments[0]).color", planted) != "rgb(1, 2, 3)"
    refused = [
        entry["message"] for entry in browser.get_log("browser") if "Content Security Policy" in entry["message"]
    ]
    for word in ("inline script", "inline event handler", "pixel.png", "tracker.js", "inline style", "javascript"):
        assert any(word in message for message in refused), (word, refused)
    assert "http://elsewhere.example/tracker.js" in asked(browser), "it would have been seen"
