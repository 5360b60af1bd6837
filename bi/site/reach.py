"""What programs ask a site for: a feed of what changed, and where the pages are for those who search.

Whoever serves a site knows its address (PROMISE_SITE_URL). Without one the feed's links are relative, which readers of
feeds take as of the feed itself, and there is no list of pages, whose addresses must be whole.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, time
from xml.etree import ElementTree as ET

from bi.site.view.common import Content
from bi.site.view.revised import Change, changes

FEED, PAGES, ROBOTS = "feed.xml", "sitemap.xml", "robots.txt"
SHOWN = 60  # entries of the feed: what is older is on the page
ATOM, SITEMAP = "http://www.w3.org/2005/Atom", "http://www.sitemaps.org/schemas/sitemap/0.9"


def feed(content: Content, title: str, address: str | None) -> bytes:
    """An Atom feed (RFC 4287): an entry for each day and measure whose figures were changed, and one for the release.

    An entry keeps its id as long as it is of the same day, kind and measure, so that nobody is told of it twice.
    """
    release = content.marts.release
    at = address or ""
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "en-GB"})
    _text(root, "id", address or _id("feed"))
    _text(root, "title", f"{title}: what changed")
    _text(root, "updated", _moment(release.released_at))
    _text(ET.SubElement(root, "author"), "name", title)
    ET.SubElement(root, "link", {"rel": "self", "href": f"{at}{FEED}"})
    ET.SubElement(root, "link", {"href": f"{at}changed.html"})
    released = ET.SubElement(root, "entry")
    _text(released, "id", _id(f"release {release.release_id} {_moment(release.released_at)}"))
    _text(released, "title", f"Release {release.release_id}")
    _text(released, "updated", _moment(release.released_at))
    ET.SubElement(released, "link", {"href": f"{at}index.html"})
    _text(released, "summary", "The site and its data are of another release than before.")
    for change in [each for each in changes(content) if each.known_from is not None][:SHOWN]:
        _entry(root, change, at)
    return _written(root)


def site_map(paths: Iterable[str], address: str) -> bytes:
    """Every page with its whole address, for search engines (sitemaps.org)."""
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for path in sorted(paths):
        _text(ET.SubElement(root, "url"), "loc", whole(path, address))
    return _written(root)


def robots(address: str) -> str:
    """Who searches may read all of it, and finds the list of pages."""
    return f"User-agent: *\nAllow: /\nSitemap: {address}{PAGES}\n"


def whole(path: str, address: str) -> str:
    """The address of a page; the first page's is the site's own."""
    return address + ("" if path == "index.html" else path)


def _entry(root: ET.Element, change: Change, at: str) -> None:
    assert change.known_from is not None
    day = datetime.combine(change.known_from, time(), UTC)
    entry = ET.SubElement(root, "entry")
    _text(entry, "id", _id(f"{change.kind} {change.known_from} {change.measure}"))
    _text(entry, "title", f"{change.word}: {change.measure}")
    _text(entry, "updated", _moment(day))
    page = f"indicators/{change.indicator.id}.html" if change.indicator is not None else "changed.html"
    ET.SubElement(entry, "link", {"href": f"{at}{page}"})
    cells = [f"{cell.place}, {cell.period}: {cell.before}, now {cell.after}" for cell in change.cells]
    more = [f"and {change.more:,} more"] if change.more else []
    _text(entry, "summary", change.what or "; ".join(cells + more) or f"{change.many:,} figures")


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _id(what: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"promise-data-warehouse/{what}").urn


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _written(root: ET.Element) -> bytes:
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
