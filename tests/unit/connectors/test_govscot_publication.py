"""gov.scot: the newest edition from the collection's page, the one workbook, its address to the letter."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from stand_ins.dialects import govscot
from stand_ins.publisher import Publisher

from ingestion.errors import SourceChanged

SLUG = "childrens-social-work-statistics-looked-after-children-2023-24"


def archive(text: str) -> bytes:
    """As much of a workbook as is looked into before it is landed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("xl/sharedStrings.xml", f"<t>{text}</t>")
    return content.getvalue()


TABLES = govscot.Document("Looked after children tables & charts", "Looked After Children.xlsx", archive("a workbook"))
OTHERS = [
    govscot.Document("Methods", "Methods.pdf", b"%PDF"),
    govscot.Document("Child protection tables", "Child Protection.xlsx", b"PK"),
]
LIVE = {
    "transport": "govscot_publication",
    "edition": r"childrens-social-work-statistics-.*?(20\d\d-\d\d).*",
    "document": "(?i)looked.after",
}


@pytest.fixture(autouse=True)
def editions(publisher: Publisher) -> dict[str, list[govscot.Document]]:
    editions = {
        "childrens-social-work-statistics-2022-23-looked-after-children": [TABLES],
        SLUG: [TABLES, *OTHERS],
        "an-entirely-different-matter-2025-26": [],
    }
    govscot.speak(publisher, editions)
    return editions


def test_the_newest_editions_workbook_is_asked_for_to_the_letter(publisher: Publisher, take: Any) -> None:
    (snapshot,) = take(govscot.COLLECTION, **LIVE)
    assert publisher.requests[-1].target == TABLES.address(SLUG)
    assert publisher.requests[-1].target.endswith("govscot%3Adocument/Looked%2BAfter%2BChildren.xlsx")
    assert snapshot.content.read_bytes() == TABLES.content
    assert snapshot.file_name == "Looked+After+Children.xlsx"
    assert snapshot.origin["publication"] == SLUG
    assert (snapshot.origin["edition"], snapshot.origin["document"]) == (
        "2023-24",
        "Looked after children tables & charts",
    )


def test_a_publication_of_another_site_is_no_edition(
    publisher: Publisher, editions: dict[str, list[govscot.Document]], take: Any
) -> None:
    later = "childrens-social-work-statistics-looked-after-children-2030-31"
    publisher.routes.clear()
    govscot.speak(publisher, editions, elsewhere=f"https://elsewhere.example/publications/{later}/")
    (snapshot,) = take(govscot.COLLECTION, **LIVE)
    assert snapshot.origin["publication"] == SLUG


def test_a_new_edition_is_found_without_a_change_of_ours(
    editions: dict[str, list[govscot.Document]], take: Any
) -> None:
    take(govscot.COLLECTION, **LIVE)
    another = govscot.Document("Looked after", "Looked After (V2).xlsx", archive("another"))
    editions["childrens-social-work-statistics-looked-after-children-2024-25"] = [another]
    (snapshot,) = take(govscot.COLLECTION, **LIVE)
    assert (snapshot.origin["edition"], snapshot.content.read_bytes()) == ("2024-25", another.content)


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
        take(govscot.COLLECTION, **LIVE | changes)


def test_an_edition_without_an_order_is_refused(take: Any) -> None:
    with pytest.raises(ValueError, match="one group"):
        take(govscot.COLLECTION, **LIVE | {"edition": "no-group"})
