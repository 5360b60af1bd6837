"""A file to disk: only if it changed, going on where an earlier attempt stopped, hashed while it comes.

What is on its way lies in `landing/<source>/.incoming/`, where nobody reads. Landing renames it into place.
"""

from __future__ import annotations

import contextlib
import email.utils
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import httpx

from ingestion import landing
from ingestion.connectors.http.body import decoded, length
from ingestion.connectors.http.part import OVERLAP, Begun, Moved, Part, disk_full
from ingestion.connectors.http.session import Answer, Session
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.landing import Fetched

log = logging.getLogger(__name__)

TELL_EVERY = 10  # seconds
SHORT = 2000  # bytes; what a server says instead of a file is no longer


def download(
    session: Session,
    url: httpx.URL | str,
    *,
    file_name: str | None = None,
    key: str | None = None,
    publication_id: str | None = None,
    origin: Mapping[str, Any] | None = None,
    judge: Callable[[Answer], None] | None = None,
    **request: Any,
) -> Fetched:
    """The file at an address, on disk; the landed one again when the server says that it has not changed.

    `key` tells requests to one address apart, such as posted queries. `judge` sees short answers and those that are no
    success, and raises for what is none; then the status decides. `request` goes to `Session.exchange`.
    """
    shown = session.shown(url)
    key = session.redacted.text(key or shown)
    known = landing.last_seen(session.source_id, key, session.limits.trust_days)

    def once() -> Fetched:
        with disk_full(session.source_id, shown), Part(session.source_id, key) as part:
            for _ in range(2):
                with contextlib.suppress(Moved):
                    return _attempt(
                        *(session, httpx.URL(url), part), known=known, file_name=file_name, judge=judge, request=request
                    )
                log.info("%s: %s is another file than before; from the beginning", session.source_id, shown)
                part.discard()
            raise SourceUnavailable(
                f"{session.source_id}: {shown} was replaced twice while it was fetched. Nothing to do: it is fetched "
                "again"
            )

    fetched = session.again(once)
    return landing.described(
        fetched, requested_url=shown, key=key, publication_id=publication_id, origin=dict(origin or {})
    )


def _attempt(
    session: Session,
    url: httpx.URL,
    part: Part,
    *,
    known: landing.Seen | None,
    file_name: str | None,
    judge: Callable[[Answer], None] | None,
    request: Mapping[str, Any],
) -> Fetched:
    headers = dict(request.get("headers") or {})
    begun = part.begun
    start = 0
    if begun and begun.validator:
        start = part.size - OVERLAP
        headers |= {"Range": f"bytes={start}-", "If-Range": begun.validator}
    elif known:
        headers |= {"If-None-Match": known.etag} if known.etag else {}
        headers |= {"If-Modified-Since": known.last_modified} if known.last_modified else {}
    with session.exchange(url, **{**request, "headers": headers}) as response:
        shown = session.shown(response.url)
        if response.status_code == 304 and known:
            if _contradicts(response, known):
                log.warning("%s: %s says not modified, with another date than before", session.source_id, shown)
                return _attempt(session, url, part, known=None, file_name=file_name, judge=judge, request=request)
            return landing.seen_again(session.source_id, known, shown)
        if response.status_code == 416 and start:
            raise Moved
        if judge and not 200 <= response.status_code < 300:
            body = b"".join(decoded(response, session.source_id, shown, session.limits.answer_bytes))
            judge(Answer(response.status_code, response.headers, body, response.url, shown))
        session.judge_status(response.status_code, response.headers, shown)
        if response.status_code == 206:
            if not start or not begun:
                raise SourceChanged(
                    f"{session.source_id}: {shown} sent a part of a file (HTTP 206) where the whole was asked for; "
                    "expected HTTP 200. Look at the publisher's server, or fetch the file by hand"
                )
            _refuse_another_file(response, begun, start)
            received = decoded(response, session.source_id, shown, session.limits.max_bytes, start)
            received = part.go_on(received, start)
        else:
            part.begin(_said(response, session.shown(url)))
            received = decoded(response, session.source_id, shown, session.limits.max_bytes)
        total = part.begun.total if part.begun else None
        for piece in _telling(received, session.source_id, file_name or shown, part.size, total):
            part.write(piece)
        if judge and part.size <= SHORT:
            judge(Answer(response.status_code, response.headers, part.so_far(), response.url, shown))
        return part.finished(
            final_url=shown,
            file_name=file_name or _name(response),
            media_type=response.headers.get("content-type", "application/octet-stream").partition(";")[0].strip(),
        )


def _said(response: httpx.Response, url: str) -> Begun:
    packed = response.headers.get("content-encoding", "identity") not in ("identity", "")
    return Begun(
        url=url,
        # Of a packed answer we keep the unpacked bytes, of which the server cannot give us a range.
        etag=None if packed else response.headers.get("etag"),
        last_modified=None if packed else response.headers.get("last-modified"),
        total=None if packed else length(response),
    )


def _refuse_another_file(response: httpx.Response, begun: Begun, start: int) -> None:
    """Whether the rest is of the same file, by all that the server says of it. Some ignore If-Range."""
    said = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("content-range", "").strip())
    etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
    if (
        not said
        or int(said[1]) != start
        or (said[3] != "*" and begun.total is not None and int(said[3]) != begun.total)
        or (etag and begun.etag and etag != begun.etag)
        or (modified and begun.last_modified and modified != begun.last_modified)
    ):
        raise Moved


def _contradicts(response: httpx.Response, known: landing.Seen) -> bool:
    """An answer "not modified" that names another date than the file we have."""
    said = response.headers.get("last-modified")
    return bool(said and known.last_modified and said != known.last_modified)


def _telling(received: Iterator[bytes], source_id: str, name: str, have: int, total: int | None) -> Iterator[bytes]:
    """The same pieces; a line in the log now and then, for who waits."""
    began = told = time.monotonic()
    new = 0
    for piece in received:
        yield piece
        new += len(piece)
        now = time.monotonic()
        if now - told >= TELL_EVERY:
            told, rate = now, new / (now - began)
            done = have + new
            of = f" of {total / 1e6:.0f} MB, {done / total:.0%}" if total else " MB"
            left = f", {(total - done) / rate:.0f} s to go" if total and rate else ""
            log.info("%s: %s: %.0f%s, %.1f MB/s%s", source_id, name, done / 1e6, of, rate / 1e6, left)


def _name(response: httpx.Response) -> str:
    """What the publisher calls the file: its header, else the end of the address."""
    header = email.message_from_string(f"Content-Disposition: {response.headers.get('content-disposition', '')}")
    given = header.get_filename() or unquote(PurePosixPath(response.url.path).name)
    return re.sub(r"[^\w .()+-]", "_", given).strip(" .")[:150] or "file"
