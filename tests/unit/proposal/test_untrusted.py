"""Whatever stands on a page stays text: it is quoted where it is shown, and breaks neither YAML, Markdown nor paths."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stand_ins.dashboard import Dashboard, Page

from promise.strict import read_yaml
from workbench.commands.propose import propose
from workbench.propose.desk import code
from workbench.propose.review import address

from .test_propose import apply

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
    made, folder = propose(root=checkout)
    assert folder is not None
    apply(made, folder, checkout)

    shown = re.sub(r"\s+", " ", text).strip()  # as a reader of HTML sees it
    files = {path.name: read_yaml(path) for path in (checkout / "framework").rglob("*.yml")}
    assert files["nasty.yml"]["name"] == f"New {shown}"
    assert files["nasty.yml"]["last_updated"] == shown
    assert files["nasty.yml"]["measures"][0]["series"][0]["heading"] == f"Number {shown}"
    assert files["vs09_aftercare.yml"]["outcomes"][0]["text"] == shown
    assert files["vs03_education.yml"]["name"] == shown
    gaps = {each["id"]: each for each in files["vs06_mental_health_and_wellbeing.yml"]["data_gaps"]}
    assert gaps["gap_vs06_o1_evidence"]["description"] == f"There is an evidence gap: {shown}"
    outside = re.sub(r"(`+).*?(?<!`)\1(?!`)", "", made.review)
    assert "<script" not in outside and "javascript:" not in outside and "\u202e" not in made.review


@pytest.mark.parametrize("slug", ["..%2F..%2Fetc", "%2e%2e", "a%20b;rm", "UPPER-case", "123", "x" * 90])
def test_an_address_becomes_a_plain_id_inside_the_folder(
    slug: str, dashboard: Dashboard, ingest: Callable[..., Any], checkout: Path
) -> None:
    page = dashboard.pages[f"education/outcome-two/{slug}"] = Page("New")
    page.print("Number", "2024", "1")
    ingest()
    patch = propose(root=checkout)[0].patch
    paths = re.findall(r"^\+\+\+ b/(.*)$", patch, flags=re.MULTILINE)
    assert paths
    for path in paths:
        assert re.fullmatch(r"(framework|ingestion|dbt)/[a-z_/]+/[a-z0-9_]+\.(yml|csv|sql)", path), path


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
