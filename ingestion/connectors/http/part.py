"""A file on its way: what is there of it, and whether the next attempt can go on from there."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

from ingestion import landing
from ingestion.connectors.http.ahead import Ahead
from ingestion.errors import SourceUnavailable
from ingestion.landing import Fetched
from ingestion.readers import archive

log = logging.getLogger(__name__)

OVERLAP = 4096  # bytes asked for a second time when going on, to see that it is still the same file
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
        self._ahead: Ahead | None = None
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
        self._open("wb")

    def go_on(self, received: Iterator[bytes], start: int) -> Iterator[bytes]:
        """What is new in the bytes from `start` on. Raises Moved when those that we have already are other ones."""
        with self._path.open("rb") as have:
            for left in range(self.size, 0, -archive.CHUNK):
                self._hash.update(have.read(min(left, archive.CHUNK)))
            have.seek(start)
            overlap = have.read(self.size - start)
        self._open("ab")
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
        assert self._handle is not None and self._ahead is not None
        self._handle.write(piece)
        self._ahead.wrote(len(piece))
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
                "to do unless it lasts"
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

    def _open(self, mode: Literal["wb", "ab"]) -> None:
        self._handle = self._path.open(mode)
        self._ahead = Ahead(self._handle)

    def _close(self) -> None:
        handle, self._handle = self._handle, None
        ahead, self._ahead = self._ahead, None
        if handle is not None and ahead is not None:
            try:
                ahead.close()
            finally:
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
            f"{source_id}: the disk with {landing.incoming(source_id)} takes no more ({error.strerror}), while "
            f"fetching {shown}. Make room there; the next attempt goes on by itself",
            final=True,
        ) from error


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(2) == archive.GZIP


def _sweep(folder: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > KEEP_PARTS:
                path.unlink()
