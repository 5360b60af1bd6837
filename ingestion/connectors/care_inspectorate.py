"""The Care Inspectorate's register: the file of the month, without what it says of persons.

Names of managers, telephone numbers and e-mail addresses, and the rows of childminders, whose service is a person's
name and home, are taken out in memory. Only what is left is written to disk. The sidecar has the hash of both.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re

import httpx

from ingestion.connectors import html
from ingestion.connectors.http import Made, Session
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched
from ingestion.readers.headings import named
from promise.catalogue.live import CareInspectorate
from promise.catalogue.sources import Source

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def fetch(source: Source, live: CareInspectorate, session: Session) -> list[Fetched]:
    address, name = locate(source, live, session)
    answer = session.ask(address)
    with Made(session, str(answer.url), "register.csv", "text/csv") as made:
        header, *rows = _rows(source, answer.body, answer.shown)
        kept = _kept(source, live, header, answer.shown)
        dropped = _dropped_rows(source, live, header, answer.shown)
        made.write(_line([header[place] for place in kept]))
        left_out = 0
        for row in rows:
            if any(re.search(pattern, row[place]) for place, pattern in dropped):
                left_out += 1
            else:
                made.write(_line([row[place] for place in kept]))
        return [
            made.fetched(
                {"link": name, "columns_left_out": len(header) - len(kept), "rows_left_out": left_out},
                publisher_sha256=hashlib.sha256(answer.body).hexdigest(),
            )
        ]


def locate(source: Source, live: CareInspectorate, session: Session) -> tuple[httpx.URL, str]:
    """The address of the month's file, and what the page calls it."""
    page = session.ask(live.address)
    links = {link.href: link for link in html.read(page.text).links}
    fitting = [link for link in links.values() if re.search(live.link, link.href) or re.search(live.link, link.text)]
    if len(fitting) != 1:
        raise SourceChanged(
            f"{source.id}: {len(fitting)} of the {len(links)} links on {page.shown} fit {live.link!r}, expected one. "
            f"Correct `live: link` in ingestion/sources/{source.id}/source.yml"
        )
    return page.url.join(fitting[0].href), html.words(fitting[0].text) or "register"


def _rows(source: Source, body: bytes, shown: str) -> list[list[str]]:
    """The rows, each as wide as the header. What is said of a fault never quotes a cell: it may be about a person."""
    if body[:200].lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise SourceChanged(
            f"{source.id}: {shown} is a web page where the register was expected; look at the publisher's page and "
            f"correct `live: link` in ingestion/sources/{source.id}/source.yml"
        )
    encoding = "utf-8-sig" if body.startswith(BYTE_ORDER_MARK) else "cp1252"
    try:
        rows = list(csv.reader(io.StringIO(body.decode(encoding), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        where = f"near byte {error.start}" if isinstance(error, UnicodeDecodeError) else "in its quotes"
        raise SourceChanged(
            f"{source.id}: {shown} is not readable, {where}; expected {encoding} text with commas. Nothing of it was "
            "kept. Ask the publisher"
        ) from None
    width = len(rows[0]) if rows else 0
    if not width or len(rows) == 1:
        raise SourceChanged(f"{source.id}: {shown} has no rows; expected the register. Look at the publisher's page")
    if wrong := [number for number, row in enumerate(rows, 1) if len(row) != width]:
        raise SourceChanged(
            f"{source.id}: {shown}, row {wrong[0]}: another number of cells than the header's {width}; the file is "
            "cut, or its columns have slipped, and nothing of it was kept. Look at it at the publisher's"
        )
    return rows


def _kept(source: Source, live: CareInspectorate, header: list[str], shown: str) -> list[int]:
    """Where the columns stand that are taken. A heading that nobody judged may be about a person."""
    unjudged = [
        heading for heading in header
        if not any(re.fullmatch(pattern, heading.strip()) for pattern in (*live.keep, *live.drop))
    ]  # fmt: skip
    if unjudged:
        words = ", ".join(named(each, beside_ours=len(unjudged) < len(header)) for each in unjudged)
        raise SourceChanged(
            f"{source.id}: {shown}, line 1: nobody said whether {words} may be kept. Nothing of the file was kept. "
            "Put each under `live: keep` or `live: drop` in "
            f"ingestion/sources/{source.id}/source.yml"
        )
    return [
        place for place, heading in enumerate(header)
        if not any(re.fullmatch(pattern, heading.strip()) for pattern in live.drop)
    ]  # fmt: skip


def _dropped_rows(source: Source, live: CareInspectorate, header: list[str], shown: str) -> list[tuple[int, str]]:
    headings = [heading.strip() for heading in header]
    if missing := [heading for heading in live.drop_rows if heading not in headings]:
        raise SourceChanged(
            f"{source.id}: {shown}, line 1: the heading {missing[0]!r}, by which rows about persons are known, is "
            f"missing. Nothing of the file was kept. Correct `live: drop_rows` in "
            f"ingestion/sources/{source.id}/source.yml"
        )
    return [(headings.index(heading), pattern) for heading, pattern in live.drop_rows.items()]


def _line(cells: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()
