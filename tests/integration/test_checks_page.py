"""The checks over time are a page: what was checked, when, on how many rows, with what result, on which cells."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import time
import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from click.testing import CliRunner
from psycopg import Connection

from expectations import page
from expectations.verdicts import Verdict, record
from orchestration.processes import stop
from promise import database as db
from promise.settings import settings
from warehouse import runs
from workbench.cli import main
from workbench.commands import run

PASSED = Verdict(
    expectation="expect_column_values_to_be_between", column="obs_value", severity="critical", success=True,
    checked=1234, unexpected=0, rows=(), observed=None, why="a figure <is> possible", expected="between 0 and 100",
    remedy="look at the cell", heading=None, vacuous=False, error=None,
)  # fmt: skip
CELL = {"measure_id": "in_care", "source_cell": "line 7:<b>text</b>", "obs_value": 837}
FAILED = dataclasses.replace(PASSED, success=False, unexpected=2, rows=(CELL,))
OTHER = dataclasses.replace(PASSED, expected="0 or more", checked=9)
ARRIVED = dataclasses.replace(
    PASSED, severity="hold", success=False, unexpected=1, column="cell_text", expected="a number",
    rows=({"address": "line 9:text", "council": "Aberdeen City", "cell_text": "Jamie & co"},),
)  # fmt: skip


def judged(*verdicts: Verdict, gate: Any = "publication", suite: str = "fct_observation", vintage: Any = None) -> int:
    with db.connect() as conn:
        run_id = runs.open_run(conn)
        record(conn, run_id, gate, suite, verdicts, vintage=vintage)
        runs.close_run(conn, run_id, "failed", "for a test")
    return run_id


class Tree(HTMLParser):
    """A page as a tree of elements. Fails on tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._builder, self._open = ElementTree.TreeBuilder(), list[str]()
        self.feed(text)
        self.close()
        assert not self._open, f"left open: {self._open}"
        self.root = self._builder.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._builder.start(tag, {name: value or "" for name, value in attrs})
        self._open.append(tag)
        if tag in ("meta", "br"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        self._builder.end(tag)

    def handle_data(self, data: str) -> None:
        if self._open:
            self._builder.data(data)


def written() -> Element:
    return Tree(page.write().read_text()).root


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def attributes(document: Element, name: str) -> list[str]:
    return [value for each in document.iter() if (value := each.get(name)) is not None]


def lines(document: Element, suite: str) -> list[list[str]]:
    """The lines of a suite's table, without the column that says what is checked."""
    return [
        [text_of(cell) for cell in row.findall("td")]
        for row in document.findall(f".//details[@id='{suite}']//tbody/tr")
    ]


@pytest.mark.usefixtures("database")
def test_a_house_in_which_nothing_was_checked_has_a_page_that_says_so() -> None:
    assert "Nothing was checked yet." in text_of(written())


@pytest.mark.usefixtures("database")
def test_each_check_says_when_on_how_many_rows_and_with_what_result() -> None:
    first, second, third = judged(PASSED, OTHER), judged(PASSED, OTHER), judged(FAILED, OTHER)
    document = written()
    heads = [text_of(head) for head in document.findall(".//tbody/tr/th")]
    assert heads == [
        "obs_value: between 0 and 100 a figure <is> possible", "obs_value: 0 or more a figure <is> possible",
    ]  # fmt: skip
    failed, passed, other = lines(document, "publication-fct_observation")
    assert failed[-1].startswith("failed: 2 wrong ")
    cell = {"measure_id in_care", "source_cell line 7:<b>text</b>", "obs_value 837"}
    assert set(failed[-1].removeprefix("failed: 2 wrong ").split(", ")) == cell
    assert failed[2:5] == [str(third), "", "1,234"]
    assert passed[2:] == [str(second), "", "1,234", "passed"], "what came to the same is told once"
    assert "the same 2 times since" in passed[1]
    assert "the same 3 times since" in other[1]
    assert first < second < third
    (listed,) = document.findall(".//section[@aria-labelledby='failing']//li")
    assert "fct_observation, stop: obs_value: between 0 and 100" in text_of(listed)
    assert "1 of 2 checks" in text_of(document)


@pytest.mark.usefixtures("database")
def test_a_check_that_passes_again_is_failing_no_longer_and_its_failure_is_remembered() -> None:
    judged(FAILED)
    judged(PASSED)
    document = written()
    assert "None of 1 checks." in text_of(document)
    assert [line[-1][:6] for line in lines(document, "publication-fct_observation")] == ["passed", "failed"]


def test_of_a_cell_only_what_may_be_quoted_is_shown(database: Connection[Any]) -> None:
    judged(ARRIVED, gate="arrival", suite="lgbf", vintage=7)
    database.execute("update ops.expectation_result set sample = %s", (json.dumps(list(ARRIVED.rows)),))
    text = page.write().read_text()
    assert "Aberdeen City" in text
    assert "cell_text a text of 10 characters" in text
    assert "line 9:text" in text
    assert "Jamie" not in text


def test_the_cells_of_a_file_under_embargo_are_not_shown(database: Connection[Any]) -> None:
    judged(ARRIVED, gate="arrival", suite="lgbf", vintage=7)
    database.execute(
        "insert into ops.vintage (vintage, source_id, snapshot_id, file_name, requested_url, final_url, retrieved_at,"
        " media_type, size_bytes, row_count, not_before) values (7, 'lgbf', 'a', 'a', 'a', 'a', now(), 'a', 1, 1,"
        " now() + interval '1 day')"
    )
    text = page.write().read_text()
    assert "under embargo" in text
    assert "Aberdeen City" not in text


@pytest.mark.usefixtures("database")
def test_the_page_is_strict_and_can_be_used_without_seeing_it() -> None:
    judged(FAILED)
    judged(ARRIVED, gate="arrival", suite="lgbf", vintage=7)
    document = written()
    assert document.get("lang") == "en-GB"
    assert document.findtext(".//title")
    assert not {each.tag for each in document.iter()} & {"script", "link", "img", "iframe", "b"}, "no cell is HTML"
    assert not [name for each in document.iter() for name in each.attrib if name.startswith("on")]
    policy = document.find(".//meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    style = document.findtext(".//style") or ""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.get("content") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert not attributes(document, "style")
    links, ids = attributes(document, "href"), attributes(document, "id")
    assert links
    assert all(each.startswith("#") for each in links), "it links to itself alone"
    assert len(ids) == len(set(ids))
    assert {each[1:] for each in links} | set(attributes(document, "aria-labelledby")) <= set(ids)
    assert len(document.findall(".//main")) == len(document.findall(".//h1")) == 1
    tables = document.findall(".//table")
    assert len(tables) == 2
    for table in tables:
        assert table.findtext("caption")
        assert {head.get("scope") for head in table.iter("th")} == {"col", "rowgroup"}


@pytest.mark.usefixtures("database")
def test_it_is_written_on_demand_served_beside_the_site_and_linked_by_the_status() -> None:
    said = CliRunner().invoke(main, ["checks"])
    assert said.exit_code == 0, said.output
    file = Path(said.output.strip())
    assert file == settings().checks / "index.html"
    assert settings().site not in file.parents
    assert f"Checks over time: {file}" in CliRunner().invoke(main, ["status"]).output
    server = run._server("checks")
    try:
        address = run.serve("checks", settings().checks)
        assert f"Checks over time: {address}" in CliRunner().invoke(main, ["status"]).output
        for _ in range(100):  # until it listens
            try:
                with urllib.request.urlopen(address) as answer:
                    assert "Checks over time" in answer.read().decode()
                    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
                break
            except urllib.error.URLError:
                assert server.is_running(), server.tail()
                time.sleep(0.05)
        else:
            raise AssertionError(server.tail())
    finally:
        assert stop([run._server(name) for name in run.SERVED], grace=1) == ["checks"]
