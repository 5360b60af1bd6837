"""The Promise Progress Framework's dashboard: vision pages, outcome pages, and a table on each indicator's page.

All figures become one file with the columns of the transcriptions in the bundle, each as printed. That there is no
evidence yet is in its sidecar, for people to read; what else the pages say is landed beside it (`dashboard_pages`).
What a page calls an indicator is its heading: whether that is an indicator we know is for a person to say. No page says
which publication it is: each file is one, and the column of that name stays empty.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import dataclass, field

import httpx

from ingestion.connectors import dashboard_pages, html
from ingestion.connectors.dashboard_pages import NUMBER, PageWords, depth
from ingestion.connectors.http import Made, Session
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched
from promise.catalogue.live import PromiseDashboard
from promise.catalogue.sources import Source
from promise.vocabulary.quoting import found as quoted

COLUMNS = (
    "vision_statement", "outcome", "indicator_short_label", "column_heading", "period_as_published",
    "value_as_published", "reporting_period_note", "last_updated", "next_update_due", "page_url", "publication_id",
)  # fmt: skip
NOTES = {
    "reporting_period_note": "reporting period",
    "last_updated": "last updated",
    "next_update_due": "next update due",
}


@dataclass
class Found:
    """What the pages hold."""

    rows: list[list[str]] = field(default_factory=list)
    gaps: list[dict[str, str]] = field(default_factory=list)
    pages: list[PageWords] = field(default_factory=list)


def fetch(source: Source, live: PromiseDashboard, session: Session) -> list[Fetched]:
    start = session.url(live.address)
    base = start.path.rstrip("/")
    found = Found()
    waiting, known = [start], {start.path.rstrip("/")}
    while waiting:
        url = waiting.pop(0)
        if len(found.pages) == live.max_pages:
            raise SourceChanged(
                f"{source.id}: the dashboard at {live.address} has more than {live.max_pages} pages; expected fewer. "
                "Look whether its links go round in circles, or raise `live: max_pages` in "
                f"ingestion/sources/{source.id}/source.yml"
            )
        answer = session.ask(url)
        page = html.read(answer.text)
        links = [(answer.url.join(link.href), link.text) for link in page.links]
        # Asked for where the dashboard's own page is, also where a link to one of its pages says http.
        inside = [
            (start.copy_with(raw_path=each.raw_path.partition(b"?")[0]), text)
            for each, text in links if depth(base, each.path) and each.host == start.host
        ]  # fmt: skip
        below = sorted({each.path.rstrip("/"): each for each, _ in inside}.items())
        new = [each for path, each in below if path not in known]
        known |= {path for path, _ in below}
        waiting += new
        level = depth(base, answer.url.path)
        clicked = {dashboard_pages.Link(str(each), text) for each, text in inside}
        found.pages.append(dashboard_pages.words(page, answer.url, level, clicked))
        _read(page, answer.url, found, source=source, level=level)
    if not found.rows:
        raise SourceChanged(
            f"{source.id}: none of the {len(found.pages)} pages under {live.address} has a table of years; expected "
            "one on each indicator's page. The dashboard was rebuilt: look at it"
        )
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *sorted(found.rows)])
    content = text.getvalue().encode()
    dashboard_pages.land(session, live.address, hashlib.sha256(content).hexdigest(), found.pages)
    with Made(session, live.address, "promise_dashboard.csv", "text/csv") as made:
        made.write(content)
        return [made.fetched({"pages": len(found.pages), "evidence_gaps": found.gaps})]


def _read(page: html.Page, url: httpx.URL, found: Found, *, source: Source, level: int) -> None:
    gaps = dashboard_pages.gaps(page)
    if level >= 2:
        found.gaps += [{"page_url": str(url), "statement": line} for line in gaps]
    if level != 3:
        return
    title = dashboard_pages.title(page)
    table = next((table for table in page.tables if table and table[0] and table[0][0].lower() == "year"), None)
    if table is None and gaps:
        return
    if table is None or not title:
        missing = "table of years" if table is None else "heading"
        raise SourceChanged(
            f"{source.id}: {url} has no {missing}; expected the page of an indicator. Look at the page: was the "
            "dashboard rebuilt?"
        )
    outcome = url.path.rstrip("/").split("/")[-2].removeprefix("outcome-")
    about = [_vision(page), dashboard_pages.number(outcome), title]
    notes = [_note(page, label) for label in NOTES.values()]
    header, *rows = table
    for row in rows:
        if len(row) != len(header):
            raise SourceChanged(
                f"{source.id}: {url}, the row {quoted(row[0])} of its table has {len(row)} cells, its header "
                f"{len(header)}. Look at the page"
            )
        for heading, value in zip(header[1:], row[1:], strict=True):
            found.rows.append([*about, heading, row[0], value, *notes, str(url), ""])


def _vision(page: html.Page) -> str:
    """The statement's number where the page prints it; empty where it does not."""
    for line in page.lines:
        if said := re.search(rf"(?i)vision statement {NUMBER}", line):
            return dashboard_pages.number(said[1])
    return ""


def _note(page: html.Page, label: str) -> str:
    """What stands behind a label, in its line or in the next one."""
    for line, following in zip(page.lines, [*page.lines[1:], ""], strict=True):
        if said := re.fullmatch(rf"(?i){label}\s*:?\s*(.*)", line):
            return said[1] or following
    return ""
