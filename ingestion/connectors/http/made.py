"""A file made of several answers: pages of a table, parts of a query that was too large."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import TracebackType
from typing import IO, Any

from ingestion import landing
from ingestion.connectors.http.part import disk_full
from ingestion.connectors.http.session import Session
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched


class Made:
    """Written piece by piece; `fetched()` gives the whole. What was not finished is gone when the block ends."""

    def __init__(self, session: Session, requested_url: str, file_name: str, media_type: str) -> None:
        self._session = session
        self._url = session.shown(requested_url)
        self._file_name, self._media_type = file_name, media_type
        name = hashlib.sha256(f"{self._url} {file_name}".encode()).hexdigest()[:16]
        self._path = landing.incoming(session.source_id) / f"{name}.made"
        self._hash = hashlib.sha256()
        self._size = 0
        self._handle: IO[bytes] | None = None
        self._done = False

    def __enter__(self) -> Made:
        with disk_full(self._session.source_id, self._url):
            self._handle = self._path.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._handle.close()
        if not self._done:
            self._path.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Raises SourceChanged when all pieces together are more than the source's limit."""
        assert self._handle is not None
        self._size += len(piece)
        if self._size > self._session.limits.max_bytes:
            raise SourceChanged(
                f"{self._session.source_id}: {self._url}, all answers together, is over "
                f"{self._session.limits.max_bytes:,} bytes. Nothing was kept. If the table has grown so far, raise "
                f"`live: limits: max_bytes` in ingestion/sources/{self._session.source_id}/source.yml"
            )
        with disk_full(self._session.source_id, self._url):
            self._handle.write(piece)
        self._hash.update(piece)

    def fetched(self, origin: Mapping[str, Any] | None = None, publisher_sha256: str | None = None) -> Fetched:
        """The whole file, to be landed. `publisher_sha256`: of what the publisher gave, where the file is not that."""
        assert self._handle is not None
        with disk_full(self._session.source_id, self._url):
            self._handle.close()
        self._done = True
        return Fetched(
            path=self._path, file_name=self._file_name, requested_url=self._url, final_url=self._url,
            media_type=self._media_type, publication_id=None, snapshot_id=self._hash.hexdigest(), owned=True,
            origin=dict(origin or {}), publisher_sha256=publisher_sha256,
        )  # fmt: skip
