"""The landing area: published files as they came, addressed by their content, each with a sidecar that says from where.

`landing/<source>/<sha256>/{content,snapshot.json}`. A snapshot appears whole or not at all, and is never changed. Names
that begin with a dot are no snapshots: `.incoming/` is what is on its way.

`fetching/`, beside it, is what attempts leave for each other: `<source>.attempt` says who is at work,
`<source>.seen.json` what the publisher said last. Nothing in it is worth a backup.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.errors import PersonalData, SourceChanged, SourceUnavailable
from ingestion.personal import Unlanded, refuse_personal
from promise.catalogue import sources as catalogue
from promise.settings import settings

# How a web page begins, perhaps after a declaration and comments.
A_PAGE = re.compile(rb"\s*(<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(!doctype\s+html|html|head)\b", re.IGNORECASE | re.DOTALL)
WAIT_FOR_THE_OTHER = 30  # seconds; two looks at one source at once are a mistake, or a person in a hurry


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
    snapshot_id: str | None = None  # the SHA-256 of the bytes, where it was taken while they came
    owned: bool = False  # the file at `path` was made for landing and may be moved there
    key: str | None = None  # what was asked, for asking "has it changed?" the next time
    etag: str | None = None
    last_modified: str | None = None
    origin: dict[str, Any] = field(default_factory=dict)  # what else the publisher says of the file
    publisher_sha256: str | None = None  # of what the publisher gave, where that is not what is landed


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
    etag: str | None = None
    last_modified: str | None = None
    origin: dict[str, Any] = field(default_factory=dict)
    publisher_sha256: str | None = None

    @property
    def content(self) -> Path:
        return folder(self.source_id, self.snapshot_id) / "content"


@dataclass(frozen=True)
class Seen:
    """What a publisher said when a file was last fetched whole, and which file that was."""

    snapshot_id: str
    etag: str | None
    last_modified: str | None
    fetched_on: float  # seconds since 1970


def folder(source_id: str, snapshot_id: str) -> Path:
    return settings().landing / source_id / snapshot_id


def incoming(source_id: str) -> Path:
    """Where a source's files are put together before they are landed; on the same disk, so that landing is a rename."""
    place = settings().landing / source_id / ".incoming"
    place.mkdir(parents=True, exist_ok=True)
    return place


def land(source_id: str, fetched: Fetched, forgotten: Collection[str] = ()) -> Snapshot:
    """Put a fetched file into the landing area, unless the same bytes are there already.

    Raises SourceChanged for an empty file, for a web page where a file was promised and for what cannot be looked into,
    PersonalData where something may be about a person and for the hashes that were `forgotten`, SourceUnavailable for a
    full disk. A file that was made for landing is gone from where it was, in every case.
    """
    try:
        with fetched.path.open("rb") as handle:
            digest = fetched.snapshot_id or hashlib.file_digest(handle, "sha256").hexdigest()
            handle.seek(0)
            refuse_what_is_no_data(source_id, fetched, handle.read(1024))
        if digest in forgotten:
            raise PersonalData(
                f"{source_id}: the publisher shows file {digest[:12]}, which was forgotten here because of something "
                "personal in it, and nothing of it was kept. Ask the publisher for a file without it; if this one may "
                f"be used after all: promise forget --allow {digest[:12]} --why …"
            )
        place = folder(source_id, digest)
        if not (place / "snapshot.json").exists():
            unlanded = Unlanded(fetched.path, fetched.file_name, fetched.requested_url, fetched.origin)
            refuse_personal(source_id, unlanded, catalogue.sources().get(source_id))
            snapshot = Snapshot(
                source_id=source_id,
                snapshot_id=digest,
                size_bytes=fetched.path.stat().st_size,
                retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
                **{name: getattr(fetched, name) for name in _TAKEN_OVER},
            )
            _put(place, fetched, snapshot)
        _remember(source_id, fetched, digest)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise SourceUnavailable(
            f"{source_id}: the disk with {settings().landing} takes no more ({error.strerror}), while landing "
            f"{fetched.file_name} from {fetched.final_url}. Make room there; the next attempt lands it"
        ) from error
    finally:
        if fetched.owned:
            fetched.path.unlink(missing_ok=True)
    return read_sidecar(source_id, digest)


_TAKEN_OVER = {each.name for each in dataclasses.fields(Fetched)} & {
    each.name for each in dataclasses.fields(Snapshot)
} - {"snapshot_id"}


def read_sidecar(source_id: str, snapshot_id: str) -> Snapshot:
    """The sidecar of a landed file. Raises SourceChanged when it is gone from disk."""
    path = folder(source_id, snapshot_id) / "snapshot.json"
    try:
        return Snapshot(**json.loads(path.read_text()))
    except FileNotFoundError:
        raise SourceChanged(
            f"{source_id}: the landed file {snapshot_id[:12]} is missing from {path.parent}; run the ingest again"
        ) from None


def shown_last(source_id: str) -> list[Snapshot]:
    """Every landed file of a source, the one that the publisher showed last at the front.

    A publisher that puts an old file back has shown that one last; only the notes of attempts know it. Without them
    it is the one that was landed last.
    """
    noted = {each["snapshot_id"]: each["fetched_on"] for each in _notes(source_id).values()}
    landed = [
        read_sidecar(source_id, path.parent.name)
        for path in (settings().landing / source_id).glob("[!.]*/snapshot.json")
    ]
    return sorted(
        landed, key=lambda each: (noted.get(each.snapshot_id, 0), each.retrieved_at, each.snapshot_id), reverse=True
    )


def last_seen(source_id: str, key: str, trust_days: float) -> Seen | None:
    """What to ask with "has it changed since?"; nothing when we have not the file, or trusted the answer for long."""
    said = _notes(source_id).get(key)
    if not said:
        return None
    seen = Seen(**said)
    trusted = time.time() - seen.fetched_on < trust_days * 86_400
    there = (folder(source_id, seen.snapshot_id) / "snapshot.json").exists()
    return seen if trusted and there and (seen.etag or seen.last_modified) else None


def seen_again(source_id: str, seen: Seen, final_url: str) -> Fetched:
    """The landed file as if it had been fetched again."""
    held = read_sidecar(source_id, seen.snapshot_id)
    return Fetched(
        path=held.content, final_url=final_url, **{name: getattr(held, name) for name in _TAKEN_OVER - {"final_url"}},
        snapshot_id=held.snapshot_id,
    )  # fmt: skip


def described(
    fetched: Fetched, *, requested_url: str, key: str, publication_id: str | None, origin: dict[str, Any]
) -> Fetched:
    """The same file, with what the connector knows of it."""
    return dataclasses.replace(
        fetched, requested_url=requested_url, key=key if fetched.owned else None,
        publication_id=publication_id, origin=origin,
    )  # fmt: skip


@contextlib.contextmanager
def one_at_a_time(source_id: str, write_down: Callable[[str], None] = lambda begun: None) -> Iterator[None]:
    """For the length of one attempt. `write_down` is told when an earlier one began that was killed without a word.

    What such an attempt left is gone then, but for what this one can go on with. It is forgotten only when it is
    written down: whoever is killed at that leaves it to the next, who may find it written down already.
    Raises SourceUnavailable when another process is at the same source and does not come to an end.
    """
    path = _fetching(source_id, "attempt")
    path.touch()
    with path.open("r+") as handle:  # not to append: then every write would go to the end
        _lock(handle.fileno(), source_id)
        if left_behind := handle.read().strip():
            write_down(left_behind)
        _sweep(source_id)
        _write(handle.fileno(), datetime.now(UTC).isoformat(timespec="microseconds"))
        try:
            yield
        except Exception:
            _write(handle.fileno(), "")
            raise
        # Also not when the process is killed, or told to stop: what is still in the file then is how we know.
        _write(handle.fileno(), "")


def _sweep(source_id: str) -> None:
    """Under the lock of attempts nobody is at work on these. A part of a download stays, to be gone on with."""
    for half in (settings().landing / source_id).glob(".half-*"):
        shutil.rmtree(half)
    for part in incoming(source_id).glob("*.part"):
        if not part.with_suffix(".json").exists():  # it was whole, and nobody came to look into it
            part.unlink()
    for pattern in ("*.made", "drop-*"):
        for unfinished in incoming(source_id).glob(pattern):
            unfinished.unlink()


def refuse_what_is_no_data(source_id: str, fetched: Fetched, head: bytes) -> None:
    """An empty file or an error page dressed as success is not a vintage."""
    if not head:
        raise SourceChanged(f"{source_id}: {fetched.file_name} from {fetched.final_url} is empty; expected a table")
    if A_PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise SourceChanged(
            f"{source_id}: {fetched.file_name} from {fetched.final_url} is an HTML page, line 1, where a "
            f"{fetched.media_type} file was expected; has the file moved? Look at the publisher's page and correct "
            "the address"
        )


def _put(place: Path, fetched: Fetched, snapshot: Snapshot) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(prefix=".half-", dir=place.parent))
    try:
        if fetched.owned:
            fetched.path.rename(half / "content")
        else:
            shutil.copyfile(fetched.path, half / "content")
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


def _remember(source_id: str, fetched: Fetched, snapshot_id: str) -> None:
    """Note what the publisher said, for asking the next time. Only after landing: we must have what we say we have."""
    if fetched.key is None:
        return
    notes = _notes(source_id)
    notes[fetched.key] = asdict(Seen(snapshot_id, fetched.etag, fetched.last_modified, time.time()))
    path = _notes_path(source_id)
    half = path.with_suffix(".half")
    half.write_text(json.dumps(notes, indent=2) + "\n")
    half.rename(path)


def _notes(source_id: str) -> dict[str, dict[str, Any]]:
    with contextlib.suppress(FileNotFoundError, ValueError):  # losing it costs one download
        found: dict[str, dict[str, Any]] = json.loads(_notes_path(source_id).read_text())
        return found
    return {}


def _notes_path(source_id: str) -> Path:
    return _fetching(source_id, "seen.json")


def _fetching(source_id: str, what: str) -> Path:
    place = settings().home / "fetching"
    place.mkdir(parents=True, exist_ok=True)
    return place / f"{source_id}.{what}"


def _lock(descriptor: int, source_id: str) -> None:
    for _ in range(WAIT_FOR_THE_OTHER * 10 + 1):
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(0.1)
    raise SourceUnavailable(
        f"{source_id}: another process has been fetching this source for {WAIT_FOR_THE_OTHER} s. Nothing to do: wait "
        "for it"
    )


def _write(descriptor: int, text: str) -> None:
    os.pwrite(descriptor, text.encode(), 0)
    os.ftruncate(descriptor, len(text.encode()))  # last: killed between the two, something still says that it began
