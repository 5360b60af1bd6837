"""The landing area: published files as they came, addressed by their content, each with a sidecar that says from where.

`landing/<source>/<sha256>/{content,snapshot.json}`. A snapshot appears whole or not at all, and is never changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingestion.errors import SourceChanged
from promise.settings import settings


@dataclass(frozen=True)
class Fetched:
    """What a connector brought: the bytes on disk and where they are from."""

    path: Path
    file_name: str
    requested_url: str
    final_url: str
    media_type: str
    publication_id: str | None
    not_before: str | None = None  # the publisher's embargo, as an ISO time with its offset
    held_since: str | None = None  # since when the project certainly held these bytes, an ISO date


@dataclass(frozen=True)
class Snapshot:
    """A landed file's sidecar."""

    source_id: str
    snapshot_id: str
    file_name: str
    requested_url: str
    final_url: str
    media_type: str
    size_bytes: int
    publication_id: str | None
    retrieved_at: str
    not_before: str | None = None
    held_since: str | None = None

    @property
    def content(self) -> Path:
        return folder(self.source_id, self.snapshot_id) / "content"


def folder(source_id: str, snapshot_id: str) -> Path:
    return settings().landing / source_id / snapshot_id


def land(source_id: str, fetched: Fetched) -> Snapshot:
    """Copy a fetched file into the landing area, unless the same bytes are there already.

    Raises SourceChanged for an empty file and for a web page where a file was promised.
    """
    with fetched.path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        handle.seek(0)
        refuse_what_is_no_data(source_id, fetched, handle.read(1024))
    place = folder(source_id, digest)
    if not (place / "snapshot.json").exists():
        snapshot = Snapshot(
            source_id=source_id,
            snapshot_id=digest,
            file_name=fetched.file_name,
            requested_url=fetched.requested_url,
            final_url=fetched.final_url,
            media_type=fetched.media_type,
            size_bytes=fetched.path.stat().st_size,
            publication_id=fetched.publication_id,
            retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
            not_before=fetched.not_before,
            held_since=fetched.held_since,
        )
        _put(place, fetched.path, snapshot)
    return read_sidecar(source_id, digest)


def read_sidecar(source_id: str, snapshot_id: str) -> Snapshot:
    """The sidecar of a landed file. Raises SourceChanged when it is gone from disk."""
    path = folder(source_id, snapshot_id) / "snapshot.json"
    try:
        return Snapshot(**json.loads(path.read_text()))
    except FileNotFoundError:
        raise SourceChanged(
            f"{source_id}: the landed file {snapshot_id[:12]} is missing from {path.parent}; run the ingest again"
        ) from None


def refuse_what_is_no_data(source_id: str, fetched: Fetched, head: bytes) -> None:
    """An empty file or an error page dressed as success is not a vintage."""
    if not head:
        raise SourceChanged(f"{source_id}: {fetched.file_name} from {fetched.final_url} is empty; expected a table")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")):
        raise SourceChanged(
            f"{source_id}: {fetched.file_name} from {fetched.final_url} is an HTML page, line 1, where a "
            f"{fetched.media_type} file was expected; has the file moved? Look at the publisher's page and correct "
            "the address"
        )


def _put(place: Path, content: Path, snapshot: Snapshot) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(prefix=".half-", dir=place.parent))
    try:
        shutil.copyfile(content, half / "content")
        (half / "snapshot.json").write_text(json.dumps(asdict(snapshot), indent=2) + "\n")
        for name in ("content", "snapshot.json"):
            with (half / name).open("rb") as handle:
                os.fsync(handle.fileno())
        half.rename(place)
    except OSError:
        if not (place / "snapshot.json").exists():  # else another process landed the same bytes first
            raise
    finally:
        shutil.rmtree(half, ignore_errors=True)
