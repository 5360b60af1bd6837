"""A stand-in for the framework's dashboard: what we hold of it, as pages, for tests to change."""

from __future__ import annotations

import csv
import html
from dataclasses import dataclass, field

from stand_ins.publisher import Publisher

from ingestion.connectors.dashboard_pages import NUMBERS
from promise.catalogue.framework import framework
from promise.catalogue.sources import source
from promise.settings import ROOT
from workbench.propose.state import below

ROOT_PAGE = "/the-promise-story-of-progress/promise-progress-framework-dashboard"
CAPTURES = ROOT / "ingestion" / "sources" / "promise_dashboard"
WORDS = {int(number): word for word, number in NUMBERS.items()}
Table = list[list[str]]


@dataclass
class Page:
    """A page of any level. Everything on it is put there as text, never as markup."""

    title: str
    label: str = ""  # such as "Outcome two"
    words: str = ""  # what the label is of
    lines: list[str] = field(default_factory=list)
    table: Table = field(default_factory=list)

    def print(self, heading: str, period: str, value: str) -> None:
        """Put a figure into the table, over another one if need be."""
        if not self.table:
            self.table.append(["Year"])
        if heading not in self.table[0]:
            for number, row in enumerate(self.table):
                row.append("" if number else heading)
        if period not in (row[0] for row in self.table):
            self.table.append([period, *[""] * (len(self.table[0]) - 1)])
        next(row for row in self.table if row[0] == period)[self.table[0].index(heading)] = value

    def html(self, below: list[str]) -> str:
        escape = html.escape
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.table)
        labelled = f"<p>{escape(self.label)}</p><p>{escape(self.words)}</p>" if self.words else ""
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.lines)
        links = "".join(f'<li><a href="{escape(each)}">{escape(each.rsplit("/", 1)[1])}</a></li>' for each in below)
        return (
            f'<!doctype html><html><body><nav><a href="{ROOT_PAGE}">Dashboard</a></nav><h1>{escape(self.title)}</h1>'
            f"{labelled}<table>{rows}</table><ul>{lines}</ul><ul>{links}</ul></body></html>"
        )


@dataclass
class Dashboard:
    """Pages by their address below the dashboard's own."""

    pages: dict[str, Page]

    def publish(self, publisher: Publisher) -> str:
        """Put the pages there, each with links to those below it. Gives the path of the dashboard's own page."""
        for path in [path for path in publisher.pages if path.startswith(ROOT_PAGE)]:
            del publisher.pages[path]
        for place, page in ({"": Page("The dashboard")} | self.pages).items():
            depth = place.count("/") + 1 if place else 0
            prefix = f"{place}/" if place else ""
            inside = [each for each in self.pages if each.startswith(prefix) and each.count("/") == depth]
            links = [f"{ROOT_PAGE}/{each}" for each in inside]
            publisher.page(f"{ROOT_PAGE}/{place}".rstrip("/"), page.html(links), media_type="text/html")
        return ROOT_PAGE


def as_we_hold_it() -> Dashboard:
    """The dashboard on which nothing differs from what we hold but how its figures are labelled."""
    base = source("promise_dashboard").landing_page
    pages: dict[str, Page] = {}
    for statement in framework().vision_statements:
        if statement.dashboard_slug:
            label = f"Vision statement {WORDS[statement.number]}"
            pages[statement.dashboard_slug] = Page(statement.name, label, statement.statement)
    for _, outcome in framework().outcomes():
        if place := below(outcome.source_url or "", base):
            pages[place] = Page(
                f"Outcome {WORDS[outcome.number]}", f"Outcome {WORDS[outcome.number]}", outcome.text or ""
            )
    for _, _, indicator in framework().indicators():
        if place := below(indicator.source_url, base):
            notes = {"Last updated": indicator.last_updated, "Next update due": indicator.next_update_due}
            lines = [f"{name}: {said}" for name, said in notes.items() if said]
            pages[place] = Page(indicator.name, lines=lines)
    for capture in sorted(CAPTURES.glob("*.csv")):  # a later capture prints another figure in the same cell
        with capture.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                page = pages[below(row["page_url"], base)]
                page.print(row["column_heading"], row["period_as_published"], row["value_as_published"])
    return Dashboard({place: page for place, page in pages.items() if page.table or place.count("/") < 2})
