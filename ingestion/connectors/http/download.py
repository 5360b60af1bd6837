"""A file to disk: only if it changed, going on where an earlier attempt stopped, hashed while it comes.

What is on its way lies in `landing/<source>/.incoming/`, where nobody reads. Landing renames it into place.
"""

from __future__ import annotations

import contextlib
import email.utils
import errno
import hashlib
import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Any
from urllib.parse import unquote

import httpx

from ingestion import landing
from ingestion.connectors.http.body import decoded, length
from ingestion.connectors.http.session import Answer, Session
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.landing import Fetched
from ingestion.readers import archive

log = logging.getLogger(__name__)

OVERLAP = 4096  # bytes asked for a second time when going on, to see that it is still the same file
TELL_EVERY = 10  # seconds
SHORT = 2000  # bytes; what a server says instead of a file is no longer
KEEP_PARTS = 7 * 86_400  # seconds; a part that nobody came back for


class Moved(Exception):
    """The file on the server is another one than the part on disk."""


@dataclass(frozen=True)
class Begun:
    """What the server said of a file when its first bytes came."""

    url: str
    etag: str | None
    last_modified: str | None
    total: int | None

    @property
    def validator(self) -> str | None:
        """What If-Range takes: a strong ETag, else a date."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


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
                    "expected "
                    "HTTP 200. Look at the publisher's server, or fetch the file by hand"
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


class Part:
    """A file on its way. What is left of it when the block ends badly stays for the next attempt, if one can go on."""

    def __init__(self, source_id: str, key: str) -> None:
        self._source_id = source_id
        folder = landing.incoming(source_id)
        name = hashlib.sha256(key.encode()).hexdigest()[:16]
        self._path = folder / f"{name}.part"
        self._note = folder / f"{name}.json"
        self._hash = hashlib.sha256()
        self._handle: IO[bytes] | None = None
        self.begun: Begun | None = None
        self.size = 0

    def __enter__(self) -> Part:
        _sweep(self._path.parent)
        with contextlib.suppress(OSError, ValueError, TypeError):
            self.begun = Begun(**json.loads(self._note.read_text()))
            self.size = self._path.stat().st_size
        if self.size <= OVERLAP or not self.begun or not self.begun.validator:
            self.discard()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._close()
        may_go_on = isinstance(error, SourceUnavailable) or not isinstance(error, Exception)
        if error is not None and not (may_go_on and self.begun and self.begun.validator):
            self.discard()

    def begin(self, begun: Begun) -> None:
        """From the first byte. The note comes before the bytes: a part without one is of no use."""
        self.discard()
        self.begun = begun
        self._note.write_text(json.dumps(asdict(begun)))
        self._handle = self._path.open("wb")

    def go_on(self, received: Iterator[bytes], start: int) -> Iterator[bytes]:
        """What is new in the bytes from `start` on. Raises Moved when those that we have already are other ones."""
        with self._path.open("rb") as have:
            for left in range(self.size, 0, -archive.CHUNK):
                self._hash.update(have.read(min(left, archive.CHUNK)))
            have.seek(start)
            overlap = have.read(self.size - start)
        self._handle = self._path.open("ab")
        log.info("%s: goes on after %s bytes", self._source_id, f"{self.size:,}")
        again = b""
        for piece in received:
            if len(again) < len(overlap):
                again += piece
                if len(again) < len(overlap):
                    continue
                if again[: len(overlap)] != overlap:
                    raise Moved
                if new := again[len(overlap) :]:
                    yield new
            else:
                yield piece
        if len(again) < len(overlap):
            raise Moved  # it is shorter now

    def write(self, piece: bytes) -> None:
        assert self._handle is not None
        self._handle.write(piece)
        self._hash.update(piece)
        self.size += len(piece)

    def so_far(self) -> bytes:
        """The bytes that are there; for short files."""
        assert self._handle is not None
        self._handle.flush()
        return self._path.read_bytes()

    def finished(self, *, final_url: str, file_name: str, media_type: str) -> Fetched:
        """The whole file. Raises SourceUnavailable when it is shorter than announced, SourceChanged for a bomb."""
        self._close()
        begun = self.begun
        assert begun is not None
        if begun.total is not None and self.size != begun.total:
            self.begun = None
            raise SourceUnavailable(
                f"{self._source_id}: {final_url} came as {self.size:,} bytes, {begun.total:,} were announced. Nothing "
                "to do "
                "unless it lasts"
            )
        for _ in archive.chunks(self._path, f"{self._source_id}: {file_name}") if _is_gzip(self._path) else ():
            pass  # counted while it is unpacked: a bomb is refused before anything else opens it
        self._note.unlink()
        return Fetched(
            path=self._path, file_name=file_name, requested_url=final_url, final_url=final_url, media_type=media_type,
            publication_id=None, snapshot_id=self._hash.hexdigest(), owned=True,
            etag=begun.etag, last_modified=begun.last_modified,
        )  # fmt: skip

    def discard(self) -> None:
        """Nothing of it is left."""
        with contextlib.suppress(OSError):
            self._close()
        self._path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self.begun, self.size, self._hash = None, 0, hashlib.sha256()

    def _close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()


@contextlib.contextmanager
def disk_full(source_id: str, shown: str) -> Iterator[None]:
    """A disk that takes no more is nobody's fault but ours, and passes when somebody makes room."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise SourceUnavailable(
            f"{source_id}: the disk with {landing.incoming(source_id)} takes no more ({error.strerror}), "
            "while fetching "
            f"{shown}. Make room there; the next attempt goes on by itself",
            final=True,
        ) from error


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


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(2) == archive.GZIP


def _sweep(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > KEEP_PARTS:
                path.unlink()
