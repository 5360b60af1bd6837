"""What connectors need of a web page: its links, its headings, its tables and its words, in their order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(frozen=True)
class Link:
    """An address to the letter as the page has it, and the words that one clicks on."""

    href: str
    text: str


@dataclass
class Page:
    """A page, read leniently: what is not closed ends where its parent ends."""

    links: list[Link] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)  # (level, words)
    tables: list[list[list[str]]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # the words of each paragraph, list item, heading or cell


def read(html: str) -> Page:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    parser.end_line()
    return parser.page


def words(text: str) -> str:
    """With single spaces, and none around."""
    return re.sub(r"\s+", " ", text.replace("\xa0", " ")).strip()


SILENT = {"script", "style", "template", "noscript"}
BLOCKS = {
    "p",
    "li",
    "td",
    "th",
    "tr",
    "div",
    "section",
    "dt",
    "dd",
    "br",
    "table",
    "ul",
    "ol",
    "main",
    "body",
    "span-block",
}
LEVELS = {f"h{level}": level for level in range(1, 7)}


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._silent = 0
        self._line: list[str] = []
        self._link: tuple[str, list[str]] | None = None
        self._cell: list[str] | None = None
        self._tables: list[list[list[str]]] = []  # those that are open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        if tag in BLOCKS or tag in LEVELS:
            self.end_line()
        if tag == "a" and (href := dict(attrs).get("href")):
            self._end_link()
            self._link = (href, [])
        elif tag == "table":
            self._tables.append([])
        elif tag == "tr" and self._tables:
            self._end_cell()
            self._tables[-1].append([])
        elif tag in ("td", "th") and self._tables:
            self._end_cell()
            if not self._tables[-1]:
                self._tables[-1].append([])
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(self._silent - 1, 0)
        if tag == "a":
            self._end_link()
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "table" and self._tables:
            self._end_cell()
            self.page.tables.append([row for row in self._tables.pop() if row])
        if tag in LEVELS:
            self.page.headings.append((LEVELS[tag], words("".join(self._line))))
        if tag in BLOCKS or tag in LEVELS:
            self.end_line()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self._line.append(data)
        if self._link is not None:
            self._link[1].append(data)
        if self._cell is not None:
            self._cell.append(data)

    def end_line(self) -> None:
        if line := words("".join(self._line)):
            self.page.lines.append(line)
        self._line = []

    def _end_link(self) -> None:
        if self._link is not None:
            self.page.links.append(Link(self._link[0].strip(), words("".join(self._link[1]))))
        self._link = None

    def _end_cell(self) -> None:
        if self._cell is not None and self._tables:
            self._tables[-1][-1].append(words("".join(self._cell)))
        self._cell = None
