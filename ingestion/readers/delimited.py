"""Text with one header row: CSV and its relatives, perhaps gzipped.

The headings must be exactly those that the source describes, in any order: one that is missing was renamed, one that
nobody mapped may be new, or may be about a person, and neither may pass unread.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import IO, cast

from ingestion.errors import SourceChanged
from ingestion.landing import Snapshot
from ingestion.readers.text import examine
from ingestion.values.personal import suspicion
from promise.catalogue.sources import Delimited, Source

GZIP = b"\x1f\x8b"
STRAY_QUOTE = re.compile(rb'[^",;\t|\r\n]"[^",;\t|\r\n]')


def read(source: Source, snapshot: Snapshot, shape: Delimited) -> Iterator[tuple[int, list[str | None]]]:
    """Rows as (line of the file, texts in the order of `table.columns`). An empty cell is an empty text, not null."""
    where = f"{source.id}: {snapshot.file_name}"
    with _opened(snapshot) as content, io.TextIOWrapper(content, encoding=shape.encoding, newline="") as text:
        try:
            yield from _rows(source, shape, text, where)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceChanged(
                f"{where} is truncated or damaged ({error}); expected a whole gzip file. Fetch it again"
            ) from error
        except UnicodeDecodeError as error:
            raise SourceChanged(
                f"{where}, {_where_it_is_not(snapshot, where)}; expected {shape.encoding} throughout. Fetch it again; "
                f"if the publisher changed the encoding, correct `encoding` in ingestion/sources/{source.id}.yml"
            ) from error


def _where_it_is_not(snapshot: Snapshot, where: str) -> str:
    """The first line whose bytes are not of the encoding, and what they are instead."""
    findings = [each for each in examine(snapshot.content, where).findings if each.address]
    return str(findings[0]) if findings else "somewhere: bytes that are no text in the encoding that is described"


@contextlib.contextmanager
def _opened(snapshot: Snapshot) -> Iterator[IO[bytes]]:
    """The landed bytes, unpacked if they are gzipped."""
    with snapshot.content.open("rb") as binary:
        zipped = binary.read(2) == GZIP
        binary.seek(0)
        yield cast(IO[bytes], gzip.GzipFile(fileobj=binary)) if zipped else binary


class Stream:
    """The rows of a clean file as bytes, for a database that reads CSV itself: one pass, whatever the size.

    It judges nothing. `is_faithful(rows)` says afterwards whether the database must have seen what `read` would give;
    when it did not, or refused, the caller uses `read`, whose messages name the place.
    """

    HEADER_LINES = 1

    def __init__(self, source: Source, snapshot: Snapshot, shape: Delimited) -> None:
        self._snapshot = snapshot
        self._lines = 0
        self._suspect = shape.encoding == "cp1252"
        self._ended = True
        with _opened(snapshot) as content:
            self._header = content.readline()
        header = next(csv.reader([self._header.decode("utf-8-sig", "replace")], delimiter=shape.delimiter), [])
        order = _column_order(source, header, f"{source.id}: {snapshot.file_name}")
        ours = list(source.table.columns.values())
        self.columns = [ours[order.index(position)] for position in range(len(header))]
        self.delimiter = shape.delimiter

    def chunks(self) -> Iterator[bytes]:
        """Everything after the header, 256 KiB at a time."""
        before = b"\n"
        with _opened(self._snapshot) as content:
            content.readline()
            while chunk := content.read(1 << 18):
                self._lines += chunk.count(b"\n")
                # A quote inside an unquoted cell means one thing to PostgreSQL and another to us.
                if b'"' in chunk and STRAY_QUOTE.search(before + chunk):
                    self._suspect = True
                before = chunk[-1:]
                yield chunk
        self._ended = before == b"\n"

    def is_faithful(self, rows: int) -> bool:
        """Whether each row was one line, so that the n-th row stands on line n + 1."""
        return not self._suspect and self._ended and rows == self._lines


def _rows(source: Source, shape: Delimited, text: IO[str], where: str) -> Iterator[tuple[int, list[str | None]]]:
    watched = _LastCharacter(text)
    records = csv.reader(watched, delimiter=shape.delimiter, strict=True)
    line = 1
    try:
        order = _column_order(source, next(records, []), where)
        width = len(order)
        line = records.line_num + 1
        for record in records:
            if len(record) != width:
                raise SourceChanged(
                    f"{where}, line {line}: {len(record)} cells where the header has {width}; the file is truncated "
                    "there or a cell holds an unquoted delimiter. Fetch it again, or look at that line"
                )
            yield line, [_storable(record[position], where, line) for position in order]
            line = records.line_num + 1
    except csv.Error as error:
        raise SourceChanged(
            f"{where}, line {line}: not readable as delimited text ({error}); expected quoted cells to be closed. "
            "The file may be truncated: fetch it again"
        ) from error
    if not watched.ended_with_newline:
        raise SourceChanged(
            f"{where}, line {line - 1}: the last line has no end; the file was cut short. Fetch it again"
        )


def _column_order(source: Source, header: list[str], where: str) -> list[int]:
    """Where each described column stands in the file."""
    described = source.table.columns
    headings = [heading.strip() for heading in header]
    doubled = [heading for heading, times in Counter(headings).items() if times > 1]
    missing = [heading for heading in described if heading not in headings]
    unknown = [heading for heading in headings if heading not in described]
    if doubled or missing or unknown:
        found = [
            *(f"the heading {heading!r} stands there more than once" for heading in doubled),
            *(f"the heading {heading!r} is missing" for heading in missing),
            *(f"the heading {heading!r} is not described{suspicion(heading)}" for heading in unknown),
        ]
        raise SourceChanged(
            f"{where}, line 1: {'; '.join(found)}. Expected exactly: {', '.join(described)}. If the publisher changed "
            f"its headings, map them under `columns` in ingestion/sources/{source.id}.yml"
        )
    return [headings.index(heading) for heading in described]


def _storable(cell: str, where: str, line: int) -> str:
    if "\x00" in cell:
        raise SourceChanged(f"{where}, line {line}: a NUL byte inside a cell; expected text. Fetch it again")
    return cell


class _LastCharacter:
    """Lines of a text, remembering whether the last one was ended: a file cut short usually is not."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self.ended_with_newline = True

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.ended_with_newline = line.endswith(("\n", "\r"))
            yield line
