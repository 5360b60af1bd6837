"""The Care Inspectorate's register: how many services of each kind, and how many places, by council.

The register has a row a service, with names, telephone numbers and addresses of managers, and for childminders
those of their homes. No row of it is kept: it is counted in memory, and the counts are all that is written to disk. A
column or a row about a person that nobody foresaw stays out with the others. The sidecar has the hash of both files.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import unquote

import httpx

from ingestion.connectors import html
from ingestion.connectors.http import Made, Session
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched
from promise.catalogue.live import CareInspectorate
from promise.catalogue.sources import Source

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
AREA, SERVICE, SUBTYPE, PLACES = "Council_Area_Name", "CareService", "Subtype", "Registered_Places"
HEADINGS = ("day", "area", "kind", "counted", "number")  # of what is landed
SCOTLAND = "Scotland"  # the services of its councils, added up here
OUTSIDE = "outside scotland"  # what the register calls the place of a service elsewhere; it is in no count
Row = tuple[str, str, str, str, str]


def fetch(source: Source, live: CareInspectorate, session: Session) -> list[Fetched]:
    address, name = locate(source, live, session)
    day = _day(source, f"{name} {unquote(str(address))}", session.shown(address))
    answer = session.ask(address)
    header, *rows = _rows(source, answer.body, answer.shown)
    counts = [*counted(source, live, day, [dict(zip(header, row, strict=True)) for row in rows])]
    with Made(session, str(answer.url), "register.csv", "text/csv") as made:
        for line in (HEADINGS, *counts):
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerow(line)
            made.write(text.getvalue().encode())
        return [made.fetched({"link": name}, publisher_sha256=hashlib.sha256(answer.body).hexdigest())]


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


def counted(source: Source, live: CareInspectorate, day: date, services: list[dict[str, str]]) -> Iterator[Row]:
    """For each kind: how many services there are, and places in them, in Scotland and in each area of the register.

    The register is complete, so an area of which it has none of a kind has 0 of it.
    """
    if missing := [
        heading for heading in (AREA, SERVICE, SUBTYPE, PLACES) if not services or heading not in services[0]
    ]:
        raise SourceChanged(
            f"{source.id}: the heading {missing[0]!r} of the register is missing. Nothing of the file was kept. If "
            "it was renamed, correct it in ingestion/connectors/care_inspectorate.py"
        )
    inside = [service for service in services if service[AREA].strip().casefold() != OUTSIDE]
    areas = sorted({service[AREA].strip() for service in inside})
    for kind, what in live.kinds.items():
        of_kind = [service for service in inside if _kind(service) == kind]
        if not of_kind:
            raise SourceChanged(
                f"{source.id}: the register has no service of the kind {kind!r}. Nothing of the file was kept. If it "
                f"is called otherwise now, correct `live: kinds` in ingestion/sources/{source.id}/source.yml"
            )
        sums = {"services": Counter(service[AREA].strip() for service in of_kind)}
        if what.places:
            sums["registered places"] = Counter()
            for service in of_kind:
                sums["registered places"][service[AREA].strip()] += _places(source, kind, service[PLACES].strip())
        for name, numbers in sums.items():
            yield day.isoformat(), SCOTLAND, kind, name, str(numbers.total())
            for area in areas if what.by_council else ():
                yield day.isoformat(), area, kind, name, str(numbers[area])


def _kind(service: dict[str, str]) -> str:
    """What the register calls it. It writes a dot, or nothing, where there is no subtype."""
    subtype = service[SUBTYPE].strip().strip(".")
    return f"{service[SERVICE].strip()}, {subtype}" if subtype else service[SERVICE].strip()


def _places(source: Source, kind: str, text: str) -> int:
    if not text.isdecimal():
        raise SourceChanged(
            f"{source.id}: {PLACES} of a service of the kind {kind!r} is no whole number, so places cannot be added "
            "up. Nothing of the file was kept. Ask the publisher, or count its services alone: `live: kinds` in "
            f"ingestion/sources/{source.id}/source.yml"
        )
    return int(text)


def _day(source: Source, words: str, shown: str) -> date:
    """The day of which the register is: no column has it."""
    for found in re.finditer(r"\b(\d{1,2}) ([A-Z][a-z]+) (20\d\d)\b", words.replace("_", " ")):
        try:
            return datetime.strptime(" ".join(found.groups()), "%d %B %Y").date()
        except ValueError:
            continue
    raise SourceChanged(
        f"{source.id}: neither the link to {shown} nor its address has a day such as 31 May 2026. Nothing of the file "
        "was kept. Look at the publisher's page"
    )


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
    return [[heading.strip() for heading in rows[0]], *rows[1:]]
