"""What makes two files the same: their bytes, or their cells where the publisher makes the file afresh on each request.

A workbook that is regenerated carries another time stamp inside, so its bytes differ although nothing in it does.
Such a source says `identity: cells`; everything else is compared by its bytes, which is quicker and trusts nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.landing import Fetched, Snapshot
from ingestion.readers import read
from promise.catalogue.sources import Source
from promise.ledger import Vintage


@dataclass(frozen=True)
class NotLanded(Snapshot):
    """A file that lies where the connector found it: for asking what it is without landing it."""

    path: Path = Path()

    @property
    def content(self) -> Path:
        return self.path


def not_landed(source_id: str, fetched: Fetched) -> NotLanded:
    """A fetched file as its snapshot would be. Touches nothing but the file."""
    with fetched.path.open("rb") as handle:
        digest = fetched.snapshot_id or hashlib.file_digest(handle, "sha256").hexdigest()
    return NotLanded(
        source_id=source_id, snapshot_id=digest, file_name=fetched.file_name, requested_url=fetched.requested_url,
        final_url=fetched.final_url, media_type=fetched.media_type, size_bytes=fetched.path.stat().st_size,
        publication_id=fetched.publication_id, retrieved_at="", path=fetched.path,
    )  # fmt: skip


def identities(source: Source, shown: Sequence[Snapshot], held: Sequence[Vintage]) -> list[str]:
    """The identity of each file shown. What is held has been identified before; it is not read again for nothing."""
    known = {vintage.snapshot_id: vintage.identity for vintage in held}
    return [known.get(snapshot.snapshot_id) or identity(source, snapshot) for snapshot in shown]


def identity(source: Source, snapshot: Snapshot) -> str:
    """The hash by which the ledger knows the file. Raises SourceChanged when its cells are asked for and unreadable."""
    return cells_hash(source, snapshot) if source.identity == "cells" else snapshot.snapshot_id


def cells_hash(source: Source, snapshot: Snapshot) -> str:
    """The hash of the cells in their order. Where a row stands is no part of it: an empty line above is no news."""
    digest = hashlib.sha256()
    for _, texts in read(source, snapshot):
        digest.update(json.dumps(texts, ensure_ascii=False).encode())
        digest.update(b"\n")
    return digest.hexdigest()
