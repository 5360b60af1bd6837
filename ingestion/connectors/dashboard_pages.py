"""What a page of the dashboard says in words: whose page it is, and the statement and the outcome that it prints.

Nothing is recognised here: which statement, outcome or indicator of ours a page is about is for `promise framework
propose` and a person to say. Words are read where the page itself says what they are ("Outcome two", and then the
words); a page that says it otherwise has none.
"""

from __future__ import annotations

import itertools
import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace

import httpx

from ingestion import landing
from ingestion.connectors import html
from ingestion.connectors.http import Made, Session

NUMBERS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
           "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10"}  # fmt: skip
NUMBER = r"(\d+|" + "|".join(NUMBERS) + r")\b"
LABEL = re.compile(rf"(?i)(?P<kind>vision statement|outcome) {NUMBER}\s*[:.–-]?\s*(?P<rest>.*)")
GAP = re.compile(r"(?i)evidence gap|gaps? in (the )?evidence")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Link:
    """Where a page leads below the dashboard, and the words that one clicks on."""

    url: str
    text: str


@dataclass(frozen=True)
class PageWords:
    """A page in words, each as printed; empty where the page does not say it."""

    url: str
    level: int  # 0 the dashboard's own page, 1 a vision, 2 an outcome, 3 an indicator
    title: str
    statement_number: str
    statement: str
    outcome: str
    gaps: tuple[str, ...]  # statements that evidence is missing
    links: tuple[Link, ...]  # to pages of the dashboard
    lines: tuple[str, ...]  # all words, but of an indicator's page: its story changes with every figure


def depth(base: str, path: str) -> int:
    """How far below the dashboard's page: 1 a vision, 2 an outcome, 3 an indicator; 0 elsewhere."""
    path = path.rstrip("/")
    return path.removeprefix(f"{base}/").count("/") + 1 if path.startswith(f"{base}/") else 0


def title(page: html.Page) -> str:
    """The page's main heading, empty where it has none."""
    return next((text for level, text in page.headings if level == 1), "")


def gaps(page: html.Page) -> list[str]:
    """The lines that say that evidence is missing."""
    return [line for line in page.lines if GAP.search(line)]


def words(page: html.Page, url: httpx.URL, level: int, below: Iterable[Link]) -> PageWords:
    """What a page says in words."""
    said = list(_labelled(page))
    own = outcome_number(url.path.rstrip("/").split("/")[-1 if level == 2 else -2])
    numbers = {number for kind, number, _ in said if kind == "vision statement"}
    return PageWords(
        url=str(url.copy_with(query=None, fragment=None)),
        level=level,
        title=title(page),
        statement_number=numbers.pop() if len(numbers) == 1 else "",
        statement=_one(text for kind, _, text in said if kind == "vision statement"),
        outcome=_one(text for kind, each, text in said if kind == "outcome" and each == own),
        gaps=tuple(gaps(page)),
        links=tuple(sorted(below, key=lambda link: (link.url, link.text))),
        lines=tuple(page.lines) if level < 3 else (),
    )


def land(session: Session, address: str, figures: str, pages: Iterable[PageWords]) -> None:
    """Land the words beside the figures, as a file of their own: words change when no figure does.

    They are no vintage: nothing of them is loaded. `figures` is the SHA-256 of the figures that the same pages show.
    """
    source_id = beside(session.source_id)
    content = {"address": address, "figures": figures, "pages": [asdict(each) for each in sorted(pages, key=_url)]}
    with Made(session, address, "promise_dashboard_pages.json", "application/json") as made:
        made.write(json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
        fetched = made.fetched()
    known = landing.folder(source_id, fetched.snapshot_id or "").exists()
    landing.land(source_id, replace(fetched, key=address))
    if not known:
        log.info("%s: the pages say something new; `promise framework propose` writes it down", session.source_id)


def beside(source_id: str) -> str:
    """Under which name the words of a source's pages are landed."""
    return f"{source_id}_pages"


def read(content: bytes) -> tuple[str, str, tuple[PageWords, ...]]:
    """What `land` wrote: the dashboard's address, the SHA-256 of the figures, the pages."""
    said = json.loads(content)
    pages = [
        PageWords(
            **{
                **page,
                "gaps": tuple(page["gaps"]),
                "lines": tuple(page["lines"]),
                "links": tuple(Link(**link) for link in page["links"]),
            }
        )
        for page in said["pages"]
    ]
    return said["address"], said["figures"], tuple(pages)


def number(word: str) -> str:
    """`two` as `2`; anything else as it is."""
    return NUMBERS.get(word.lower(), word)


def outcome_number(part: str) -> str:
    """Which outcome a part of an address means: `2` for `outcome-two`. Empty where it says none."""
    found = number(part.removeprefix("outcome-"))
    return found if part.startswith("outcome-") and re.fullmatch("[1-9][0-9]?", found) else ""


def _labelled(page: html.Page) -> Iterator[tuple[str, str, str]]:
    """Kind, number and words of everything that the page labels, in its line or in the next. Menus are left out."""
    clicked = {link.text for link in page.links}
    lines = [line for line in page.lines if line not in clicked]
    for line, following in itertools.zip_longest(lines, lines[1:], fillvalue=""):
        if said := LABEL.fullmatch(line):
            after = "" if LABEL.fullmatch(following) or GAP.search(following) else following
            yield said["kind"].lower(), number(said[2]), said["rest"] or after


def _one(found: Iterable[str]) -> str:
    """The words, if the page does not label several."""
    different = {text for text in found if text}
    return different.pop() if len(different) == 1 else ""


def _url(page: PageWords) -> str:
    return page.url
