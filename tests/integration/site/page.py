"""A page of the site as its readers have it: its words, links and tables."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "link", "input", "br", "col", "wbr", "img"}


class Page(HTMLParser):
    """A page as flat text by element, with ids, links, table cells and what it fetches. Fails on unbalanced tags."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.cells: list[str] = []
        self.rows: dict[str, list[str]] = {}
        self.open: list[str] = []
        self._cell: list[str] | None = None
        self._row: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert not self.open, f"{path}: left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        if tag in ("script", "img", "iframe") and "src" in given:
            self.fetched.append(given["src"])
        if tag == "link":
            self.fetched.append(given["href"])
        if tag == "tr":
            self._row = []
        if tag in ("td", "th"):
            self._cell = []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"
        if tag in ("td", "th") and self._cell is not None:
            text = " ".join("".join(self._cell).split())
            self.cells.append(text)
            self._row.append(text)
            self._cell = None
        if tag == "tr" and self._row:
            self.rows.setdefault(self._row[0], self._row[1:])

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def text_of(path: Path) -> str:
    """The words of a page, as a reader sees them."""
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", path.read_text(encoding="utf-8"), flags=re.S)
    words = re.sub(r"<[^>]+>", "", html.replace("<br>", " "))
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        words = words.replace(code, sign)
    return " ".join(words.split())
