"""A workbook of a gov.scot publication: the collection's page, the newest edition, its documents page, the one file.

Addresses of files are made anew with each edition and are found each time. In them `%2B` stands for a space of the file
name: they are asked for to the letter, because decoding and encoding them again gives another address.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import httpx

from ingestion.connectors import html
from ingestion.connectors.http import Answer, Session, download
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched
from promise.catalogue.live import GovscotPublication
from promise.catalogue.sources import Source

PUBLICATION = re.compile(r"/publications/([^/?#]+)/?")
FILE = re.compile(r"\.(xlsx?|xlsm|ods|csv|zip)$", re.IGNORECASE)


def fetch(source: Source, live: GovscotPublication, session: Session) -> list[Fetched]:
    address, origin = locate(source, live, session)
    return [download(session, address, origin=origin)]


def locate(source: Source, live: GovscotPublication, session: Session) -> tuple[httpx.URL, dict[str, str]]:
    """The address of the newest edition's file, and how it was found."""
    collection = session.ask(live.address)
    slug, order = _newest(source, live, html.read(collection.text), collection)
    documents = session.ask(collection.url.join(f"/publications/{slug}/documents/"))
    link = _document(source, live, html.read(documents.text), documents.shown)
    return documents.url.join(link.href), {
        "publication": slug, "edition": order, "document": link.text, "documents_page": documents.shown,
    }  # fmt: skip


def _newest(source: Source, live: GovscotPublication, page: html.Page, collection: Answer) -> tuple[str, str]:
    """The slug of the newest edition and what it is ordered by. Other sites have publications, too."""
    links = [collection.url.join(link.href) for link in page.links]
    here = [url.path for url in links if url.host == collection.url.host]
    slugs = {found[1] for path in here if (found := PUBLICATION.match(path))}
    editions = {slug: found[1] for slug in slugs if (found := re.fullmatch(live.edition, slug))}
    if not editions:
        raise SourceChanged(
            f"{source.id}: no publication on {collection.shown} fits {live.edition!r}; it links to {len(slugs)} "
            f"others. Look at the page and correct `live: edition` in ingestion/sources/{source.id}/source.yml"
        )
    newest = max(editions, key=lambda slug: (editions[slug], slug))
    return newest, editions[newest]


def _document(source: Source, live: GovscotPublication, page: html.Page, shown: str) -> html.Link:
    files = {link.href: link for link in page.links if FILE.search(urlsplit(link.href).path)}
    fitting = [
        link for link in files.values()
        if re.search(live.document, link.text) or re.search(live.document, _file_name(link.href))
    ]  # fmt: skip
    if len(fitting) != 1:
        names = ", ".join(sorted(_file_name(href) for href in files)) or "no file"
        found = f"{len(fitting)} files" if fitting else "no file"
        raise SourceChanged(
            f"{source.id}: {found} on {shown} fit {live.document!r}, expected one; the page has {names}. Correct "
            f"`live: document` in ingestion/sources/{source.id}/source.yml"
        )
    return fitting[0]


def _file_name(href: str) -> str:
    """As people know it: the publisher encodes names twice."""
    return unquote(unquote(PurePosixPath(urlsplit(href).path).name)).replace("+", " ")
