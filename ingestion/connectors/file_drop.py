"""Files that people put into a folder, for publishers that give no address: a download by hand, a file sent to us.

`PROMISE_INBOX/<source>/`, in PROMISE_HOME unless set; it may be a bucket (`object_storage`). What lies there stays
there: landing copies, and the ledger knows what it has.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion import landing
from ingestion.connectors.http.part import disk_full
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.landing import Fetched
from promise.catalogue.live import FileDrop
from promise.catalogue.sources import Source
from promise.settings import settings

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".json": "application/json",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def fetch(source: Source, live: FileDrop) -> list[Fetched]:
    """Every file of the inbox whose name fits, in the order of the pattern's group.

    Raises SourceUnavailable while one is still being written, or where there is none and nothing ships; SourceChanged
    for a name that does not fit: a file that somebody put there is never passed over in silence.
    """
    with _inbox(source.id) as inbox:
        return _shown(source, live, inbox)


def put(source: Source, file_name: str, content: bytes) -> Fetched:
    """Put a file into the inbox, in place of one of the same name, and give it as `fetch` would: settled."""
    assert isinstance(source.live, FileDrop)
    with _inbox(source.id) as inbox:
        inbox.mkdir(parents=True, exist_ok=True)
        with disk_full(source.id, f"{inbox}/{file_name}"):
            beside = inbox / f".{file_name}.part"
            beside.write_bytes(content)
            beside.replace(inbox / file_name)
        return _taken(source, source.live.model_copy(update={"settled_seconds": 0}), inbox, inbox / file_name)


@contextlib.contextmanager
def _inbox(source_id: str) -> Iterator[Any]:
    """A source's folder, on this disk or in a bucket."""
    given = os.environ.get("PROMISE_INBOX")
    if given and "://" in given:
        from ingestion.connectors import object_storage

        inbox = object_storage.folder(source_id, given) / source_id
        with object_storage.told(source_id, inbox):
            yield inbox
    else:
        yield Path(given or settings().home / "inbox") / source_id


def _shown(source: Source, live: FileDrop, inbox: Any) -> list[Fetched]:
    found = _files(inbox)
    if not found and (source.bundle or source.returns):
        return []  # nobody has anything later than what ships, or handed anything in
    if not found:
        raise SourceUnavailable(
            f"{source.id}: the inbox {inbox} is empty. Put the publisher's file there; its whole name fits "
            f"{live.pattern}",
            final=True,
        )
    fits = {path: re.fullmatch(live.pattern, path.name) for path in found}
    if strange := sorted(path.name for path, match in fits.items() if match is None):
        raise SourceChanged(
            f"{source.id}: {inbox} holds {', '.join(strange)}; expected names that fit {live.pattern}. Rename it, "
            f"take it away, or correct `live: pattern` in ingestion/sources/{source.id}/source.yml"
        )
    ordered = sorted(found, key=lambda path: (str(fits[path][1] or ""), path.name))  # type: ignore[index]
    return [_taken(source, live, inbox, path) for path in ordered]


def _files(inbox: Any) -> list[Any]:
    if not inbox.is_dir():
        return []
    entries: Iterable[Any] = inbox.iterdir()
    return [path for path in entries if path.is_file() and not path.name.startswith(".")]


def _taken(source: Source, live: FileDrop, inbox: Any, path: Any) -> Fetched:
    """A copy of our own, so that a file that is exchanged meanwhile is landed as one or the other."""
    before = path.stat()
    if time.time() - before.st_mtime < live.settled_seconds:
        raise SourceUnavailable(
            f"{source.id}: {inbox}/{path.name} was written less than {live.settled_seconds:g} s ago and may still be "
            "on its way. Nothing to do: the next attempt takes it",
            final=True,
        )
    if before.st_size > live.max_bytes:
        raise SourceChanged(
            f"{source.id}: {inbox}/{path.name} has {before.st_size:,} bytes, expected at most {live.max_bytes:,}. Is "
            f"it the right file? If so, raise `live: max_bytes` in ingestion/sources/{source.id}/source.yml"
        )
    copy = landing.incoming(source.id) / f"drop-{path.name}"
    with disk_full(source.id, f"{inbox}/{path.name}"), path.open("rb") as theirs, copy.open("wb") as ours:
        shutil.copyfileobj(theirs, ours, 1 << 20)
    return Fetched(
        path=copy,
        file_name=path.name,
        requested_url=f"inbox:{source.id}/{path.name}",
        final_url=f"inbox:{source.id}/{path.name}",
        media_type=MEDIA_TYPES.get(Path(path.name).suffix.lower(), "application/octet-stream"),
        publication_id=None,
        owned=True,
        origin={"dropped_at": datetime.fromtimestamp(before.st_mtime, UTC).isoformat(timespec="seconds")},
    )
