"""Whatever stands on a page stays text: it is quoted where it is shown, to the letter, and breaks no Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stand_ins.dashboard import Dashboard, Page

from workbench.commands.propose import propose
from workbench.propose.review import address, code

NASTY = [
    "a \"quoted\" 'name': with colons, - dashes # and a comment",
    "<script>alert('x')</script> & <b>bold</b>",
    "`code` ``` and [a link](javascript:alert(1)) | a pipe | *stars* ![](x)",
    "../../../etc/passwd",
    "key: {a: [1, 2]} &anchor *alias !tag %directive @at",
    "several\nlines\n---\n+++ b/elsewhere\n@@ -1 +1 @@\n-of a patch",
    "null",
    "2024-01-01",
    "WRITE: a question that nobody asked",
    "a bell \x07 a right-to-left mark \u202e and a line \u2028 separator",
    "long " * 60,
]


def test_there_is_something_nasty() -> None:
    assert len(NASTY) > 5


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_texts_of_pages_come_through_as_texts(
    text: str, dashboard: Dashboard, ingest: Callable[..., Any], checkout: Path
) -> None:
    nasty = dashboard.pages["education/outcome-two/nasty"] = Page(f"New {text}", lines=[f"Last updated: {text}"])
    nasty.print(f"Number {text}", f"2024 {text}", f"1 {text}")
    dashboard.pages["aftercare/outcome-one"].words = text
    dashboard.pages["education"].title = text
    dashboard.pages["mental-health-and-wellbeing/outcome-one"].lines = [f"There is an evidence gap: {text}"]
    ingest()
    review = propose(root=checkout)[0]

    shown = re.sub(r"\s+", " ", text).strip()  # as a reader of HTML sees it
    after = {(Path(each.file).stem, key): to for each in review.changes for key, (_, to) in each.values.items()}
    assert after["indicators", "name"] == f"New {shown}"
    assert after["indicators", "last_updated"] == shown
    assert after["vs09_aftercare", "text"] == shown
    assert after["vs03_education", "name"] == shown
    assert after["vs06_mental_health_and_wellbeing", "description"] == f"There is an evidence gap: {shown}"
    page = review.text()
    for quoted in (*after.values(), f"Number {shown}", f"2024 {shown}", f"1 {shown}"):
        assert code(quoted) in page
    outside = re.sub(r"(`+).*?(?<!`)\1(?!`)", "", page)
    assert "<script" not in outside and "javascript:" not in outside and "\u202e" not in page
    assert not [line for line in page.splitlines() if line in text.splitlines()], "no line is a page's alone"


@pytest.mark.parametrize(
    "slug", ["..%2F..%2Fetc", "%2e%2e", "a%20b;rm", "UPPER-case", "123", "x" * 90, "b](javascript:x)%3Cscript%3E"]
)
def test_an_address_stays_an_address_and_names_no_file(
    slug: str, dashboard: Dashboard, ingest: Callable[..., Any], checkout: Path
) -> None:
    page = dashboard.pages[f"education/outcome-two/{slug}"] = Page("New")
    page.print("Number", "2024", "1")
    ingest()
    review = propose(root=checkout)[0]
    assert review.changes
    for each in review.changes:
        assert (checkout / each.file).resolve().is_relative_to(checkout / "framework"), (
            "no file follows from an address"
        )
        assert (checkout / each.file).exists()
        assert f"    * page: {address(each.page)}\n" in review.text()


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain", "`plain`"),
        ("a `b` c", "``a `b` c``"),
        ("`", "`` ` ``"),
        ("``", "``` `` ```"),
        ("a\u202eb", "`a\\u202eb`"),
        ("", "`  `"),
    ],
)
def test_quoting_holds_whatever_it_quotes(text: str, quoted: str) -> None:
    assert code(text) == quoted


def test_only_an_address_is_a_link() -> None:
    assert address("https://publisher.example/a?b=c") == "<https://publisher.example/a?b=c>"
    assert address("https://publisher.example/> <script>") == "`https://publisher.example/> <script>`"
    assert address("javascript:alert(1)") == "`javascript:alert(1)`"
