"""Files that hold more than they weigh: zip and gzip, opened with limits that are checked while reading.

A workbook is a zip of XML. What it declares about its size is its own word, so the bytes are counted as they come.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ingestion.errors import SourceChanged, damaged, locked

# The largest real workbook here unpacks to 15 MB, ten times its size; sheets of a million rows reach some 600 MB.
MOST_BYTES = 1_000_000_000
MOST_PARTS = 5_000
# XML packs some twenty times; deflate at its best about a thousand. Small parts may pack well for good reasons.
MOST_RATIO = 200
RATIO_MATTERS_FROM = 20_000_000
CHUNK = 1 << 20
GZIP = b"\x1f\x8b"
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    KeyError,
)


def open_zip(path: Path, where: str) -> zipfile.ZipFile:
    """The archive, after its directory was held against the limits.

    Raises SourceChanged for a damaged or greedy one.
    """
    try:
        archive = zipfile.ZipFile(path)
        parts = archive.infolist()
    except ZIP_ERRORS as error:
        raise damaged(where, f"it begins like a zip file and cannot be opened as one: {error}") from error
    try:
        _refuse_greed(where, len(parts), sum(part.file_size for part in parts), path.stat().st_size)
        if any(part.flag_bits & 0x1 for part in parts):
            raise locked(where)
    except SourceChanged:
        archive.close()
        raise
    return archive


def _refuse_greed(where: str, parts: int, unpacked: int, packed: int) -> None:
    if parts > MOST_PARTS:
        raise SourceChanged(
            f"{where} holds {parts} parts, expected at most {MOST_PARTS}; it is not a workbook. Look at it"
        )
    if unpacked > MOST_BYTES or (unpacked > RATIO_MATTERS_FROM and unpacked > MOST_RATIO * max(packed, 1)):
        raise SourceChanged(
            f"{where} would unpack from {packed:,} to {unpacked:,} bytes; expected at most {MOST_BYTES:,} and at most "
            f"{MOST_RATIO} times its size. It is made to fill the machine, or not a workbook: do not open it"
        )


def pieces(archive: zipfile.ZipFile, name: str, where: str) -> Iterator[bytes]:
    """A part's bytes, counted. Raises SourceChanged when it holds more than it declared, or is damaged."""
    info = archive.getinfo(name)
    counted = 0
    try:
        with archive.open(info) as part:
            while piece := part.read(CHUNK):
                counted += len(piece)
                if counted > info.file_size:
                    break
                yield piece
    except ZIP_ERRORS as error:
        raise SourceChanged(f"{where}, part {name}: damaged ({error}). Fetch it again") from error
    if counted > info.file_size:
        raise SourceChanged(
            f"{where}, part {name}: holds more than the {info.file_size:,} bytes that it declares; it is damaged or "
            "made to deceive. Do not open it"
        )


def verify(archive: zipfile.ZipFile, where: str) -> None:
    """Read every part once, so that a program which trusts the declared sizes may open the file afterwards."""
    for name in archive.namelist():
        for _ in pieces(archive, name, where):
            pass


class Counted:
    """A gzip stream that stops when it unpacks to more than the limits allow."""

    def __init__(self, path: Path, where: str, stream: IO[bytes]) -> None:
        self._where, self._stream, self._packed = where, stream, path.stat().st_size
        self._unpacked = 0

    def read(self, size: int) -> bytes:
        try:
            piece = self._stream.read(size)
        except (EOFError, zlib.error, OSError) as error:
            raise SourceChanged(
                f"{self._where} is truncated or damaged ({error}); expected a whole gzip file. Fetch it again"
            ) from error
        self._unpacked += len(piece)
        # A clean table of text packs some fifty times at most; there is no limit for one that does not pack.
        if self._unpacked > RATIO_MATTERS_FROM and self._unpacked > MOST_RATIO * max(self._packed, 1):
            _refuse_greed(self._where, 1, self._unpacked, self._packed)
        return piece


def chunks(path: Path, where: str) -> Iterator[bytes]:
    """The bytes of a file, unpacked when it is gzip."""
    with path.open("rb") as raw:
        zipped = raw.read(2) == GZIP
        raw.seek(0)
        stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if zipped else raw  # type: ignore[assignment]
        counted = Counted(path, where, stream)
        while piece := counted.read(CHUNK):
            yield piece
