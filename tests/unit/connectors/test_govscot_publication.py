"""gov.scot: the newest edition from the collection's page, the one workbook, its address to the letter."""

from __future__ import annotations

from typing import Any

import pytest
from stand_ins.publisher import Publisher

from ingestion.errors import SourceChanged

COLLECTION = """
<!doctype html><html><body><h1>Children's social work</h1><ul>
<li><a href="/publications/childrens-social-work-statistics-2022-23-looked-after-children/">2022-23</a>
<li><a href="/publications/childrens-social-work-statistics-looked-after-children-2023-24/">2023-24</a>
<li><a href="/publications/an-entirely-different-matter-2025-26/">Other</a></ul></body></html>
"""
FILE = (
    "/binaries/content/documents/govscot/publications/statistics/2025/04/childrens/documents/tables/tables/"
    "govscot%3Adocument/Looked%2BAfter%2BChildren.xlsx"
)
DOCUMENTS = f"""
<!doctype html><html><body><h2>Supporting documents</h2>
<a href="{FILE}"><span>Looked after children</span> tables &amp; charts</a>
<a href="/binaries/x/govscot%3Adocument/Methods.pdf">Methods</a>
<a href="/binaries/x/govscot%3Adocument/Child%2BProtection.xlsx">Child protection tables</a></body></html>
"""
LIVE = {
    "transport": "govscot_publication",
    "edition": r"childrens-social-work-statistics-.*?(20\d\d-\d\d).*",
    "document": "(?i)looked.after",
}


@pytest.fixture(autouse=True)
def site(publisher: Publisher) -> None:
    newest = "/publications/childrens-social-work-statistics-looked-after-children-2023-24"
    publisher.page("/collections/childrens-social-work/", COLLECTION, media_type="text/html")
    publisher.page(f"{newest}/documents/", DOCUMENTS, media_type="text/html")
    publisher.page(FILE, b"PK\x03\x04 a workbook", media_type="application/vnd.ms-excel")


def test_the_newest_editions_workbook_is_asked_for_to_the_letter(publisher: Publisher, take: Any) -> None:
    (snapshot,) = take("/collections/childrens-social-work/", **LIVE)
    assert publisher.requests[-1].target == FILE
    assert snapshot.content.read_bytes().startswith(b"PK")
    assert snapshot.file_name == "Looked+After+Children.xlsx"
    assert snapshot.origin["publication"] == "childrens-social-work-statistics-looked-after-children-2023-24"
    assert (snapshot.origin["edition"], snapshot.origin["document"]) == (
        "2023-24",
        "Looked after children tables & charts",
    )


def test_a_new_edition_is_found_without_a_change_of_ours(publisher: Publisher, take: Any) -> None:
    take("/collections/childrens-social-work/", **LIVE)
    slug = "/publications/childrens-social-work-statistics-looked-after-children-2024-25/"
    publisher.pages["/collections/childrens-social-work/"].content += f'<a href="{slug}">New</a>'.encode()
    moved = "/binaries/elsewhere/govscot%3Adocument/Looked%2BAfter.xlsx"
    publisher.page(f"{slug}documents/", f'<a href="{moved}">Looked after</a>', media_type="text/html")
    publisher.page(moved, b"PK\x03\x04 another")
    (snapshot,) = take("/collections/childrens-social-work/", **LIVE)
    assert snapshot.origin["edition"] == "2024-25"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"edition": "nothing-like-(it)"}, "it links to 3 others", id="no edition"),
        pytest.param({"document": "Homelessness"}, "no file on .* has Child Protection.xlsx", id="no file"),
        pytest.param({"document": "xlsx"}, "2 files on .* expected one", id="two files"),
    ],
)
def test_what_is_not_found_is_for_a_person(take: Any, changes: dict[str, str], words: str) -> None:
    with pytest.raises(SourceChanged, match=words):
        take("/collections/childrens-social-work/", **LIVE | changes)


def test_an_edition_without_an_order_is_refused(take: Any) -> None:
    with pytest.raises(ValueError, match="one group"):
        take("/collections/childrens-social-work/", **LIVE | {"edition": "no-group"})
