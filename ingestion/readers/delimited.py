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
from collections.abc import Iterator
from typing import IO, cast

from ingestion.errors import PersonalData, SourceChanged
from ingestion.readers import damage
from ingestion.readers.headings import File, Match, Printed, Reading, Row, match, named, renamed
from ingestion.readers.text import examine
from promise.catalogue.shapes import Delimited
from promise.catalogue.sources import Source
from promise.vocabulary.personal import may_be_personal, suspicion

GZIP = b"\x1f\x8b"
PIECE = 1 << 18  # bytes that are read at a time
LONG_LINE = 1 << 16
LONG_HEADER = 1 << 20
PLAIN_DELIMITERS = (",", ";", "\t", "|")


def reading(source: Source, snapshot: File, shape: Delimited) -> Reading:
    """Rows as (line of the file, texts in the order of `table.columns`). An empty cell is an empty text, not null."""
    where = f"{source.id}: {snapshot.file_name}"
    records = _records(source, snapshot, shape)
    _, header = next(records, (1, []))
    found = _match(source, header, where)
    return Reading(found.headings, _rows(records, len(header), list(found.places.values()), where))


def _records(source: Source, snapshot: File, shape: Delimited) -> Iterator[tuple[int, list[str]]]:
    """(line on which the record begins, its cells), the header first."""
    where = f"{source.id}: {snapshot.file_name}"
    with _opened(snapshot) as content, io.TextIOWrapper(content, encoding=_decoded(shape), newline="") as text:
        try:
            yield from _cut(text, shape, where)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceChanged(
                f"{where} is truncated or damaged ({error}); expected a whole gzip file. Fetch it again"
            ) from error
        except UnicodeDecodeError as error:
            raise SourceChanged(
                f"{where}, {_where_it_is_not(snapshot, where)}; expected {shape.encoding} throughout. Fetch it again; "
                f"if the publisher changed the encoding, correct `encoding` in ingestion/sources/{source.id}/source.yml"
            ) from error


def _where_it_is_not(snapshot: File, where: str) -> str:
    """The first line whose bytes are not of the encoding, and what they are instead."""
    findings = [each for each in examine(snapshot.content, where).findings if each.address]
    return str(findings[0]) if findings else "somewhere: bytes that are no text in the encoding that is described"


@contextlib.contextmanager
def _opened(snapshot: File) -> Iterator[IO[bytes]]:
    """The landed bytes, unpacked if they are gzipped."""
    with snapshot.content.open("rb") as binary:
        zipped = binary.read(2) == GZIP
        binary.seek(0)
        yield cast(IO[bytes], gzip.GzipFile(fileobj=binary)) if zipped else binary


class Unfaithful(Exception):
    """PostgreSQL could understand these bytes otherwise than `read` does."""


class Stream:
    """The rows of a clean file as bytes, for a database that reads CSV itself: whatever the size, nothing is kept.

    It refuses nothing. Where the database might see anything but what `read` gives, there is no stream, or `chunks`
    raises Unfaithful, and the caller uses `read`, whose messages name the place.
    """

    HEADER_LINES = 1

    @classmethod
    def of(cls, source: Source, snapshot: File, shape: Delimited) -> Stream | None:
        """The file's stream; None when its encoding or its header rules one out. Reads a file that is not zipped."""
        if shape.encoding == "cp1252":
            return None
        try:
            with _opened(snapshot) as content:
                line = content.readline(LONG_HEADER)
                plain = shape.delimiter in PLAIN_DELIMITERS and _is_plain(content)
            # `_decoded` and strict parsing, as in `read`, so that both see the same headings.
            header = next(csv.reader([line.decode(_decoded(shape))], delimiter=shape.delimiter, strict=True), [])
            found = _match(source, header, snapshot.file_name)
        except (SourceChanged, UnicodeDecodeError, csv.Error, EOFError, zlib.error, gzip.BadGzipFile):
            return None
        # In one column an empty line is an empty cell to PostgreSQL and no row at all to us.
        if not line.endswith(b"\n") or len(header) < 2:
            return None
        return cls(snapshot, shape, found, plain)

    def __init__(self, snapshot: File, shape: Delimited, found: Match, plain: bool) -> None:
        self._snapshot = snapshot
        self.headings = found.headings
        self.columns = sorted(found.places, key=found.places.__getitem__)  # as they stand in the file
        self.delimiter = shape.delimiter
        self.plain = plain
        self.lines = 0  # that `chunks` has given so far
        self.is_suspect = False  # whether some cell of them may have been damaged by a spreadsheet program
        self._is_damaged = damage.in_text(shape.delimiter)
        ends = re.escape(shape.delimiter.encode())
        # Every other quote opens a cell, at its beginning; the one after it closes the cell, at its end. Where one
        # follows straight on another inside a cell, the two stand for one.
        self._well_quoted = re.compile(
            rb'(?:[^"]*+(?<![^"\n%b])"[^"]*+"(?=["\r\n%b]))*+[^"]*+' % (ends, ends)
        ).fullmatch

    def chunks(self) -> Iterator[bytes]:
        """Everything after the header, in whole lines. Raises Unfaithful at the first that is not beyond doubt."""
        self.lines = 0
        rest = b""
        with _opened(self._snapshot) as content:
            content.readline()
            for piece in _pieces(content):
                end = piece.rfind(b"\n") + 1
                if not end:
                    raise Unfaithful("a very long line, or a last one without an end")
                chunk, rest = rest + piece[:end], piece[end:]
                self._examine(chunk)
                self.is_suspect = self.is_suspect or self._is_damaged(chunk)
                self.lines += chunk.count(b"\n")
                yield chunk
        if rest:
            raise Unfaithful("the last line has no end")

    def _examine(self, chunk: bytes) -> None:
        # Python's csv module refuses a cell of 128 Ki characters, which takes a line that fills half of that here.
        if any(chunk.find(b"\n", start, start + LONG_LINE) < 0 for start in range(0, len(chunk), LONG_LINE)):
            raise Unfaithful("a very long line")
        # To us it ends a line wherever it stands, and the lines are counted.
        if b"\r" in chunk and chunk.count(b"\r") != chunk.count(b"\r\n"):
            raise Unfaithful("a carriage return that ends no line")
        if b'"' in chunk and not self._well_quoted(chunk):
            raise Unfaithful("a quote inside an unquoted cell, or text after a quoted one")


def _is_plain(content: IO[bytes]) -> bool:
    """Whether no cell is quoted and nothing is escaped, so that COPY's quicker text format reads the same.

    A zipped file is taken to be quoted: unpacking it twice would cost more than it saves.
    """
    if isinstance(content, gzip.GzipFile):
        return False
    return not any(b'"' in piece or b"\\" in piece for piece in _pieces(content))


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(PIECE):
        yield piece


def _decoded(shape: Delimited) -> str:
    """Python's name of the encoding. A byte order mark is no part of the first heading, announced or not."""
    return "utf-8-sig" if shape.encoding == "utf-8" else shape.encoding


def _cut(text: IO[str], shape: Delimited, where: str) -> Iterator[tuple[int, list[str]]]:
    watched = _LastCharacter(text)
    records = csv.reader(watched, delimiter=shape.delimiter, strict=True)
    line = 1
    try:
        for record in records:
            yield line, record
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


def _rows(records: Iterator[tuple[int, list[str]]], width: int, order: list[int], where: str) -> Iterator[Row]:
    for line, record in records:
        if len(record) != width:
            raise SourceChanged(
                f"{where}, line {line}: {len(record)} cells where the header has {width}; the file is truncated "
                "there or a cell holds an unquoted delimiter. Fetch it again, or look at that line"
            )
        yield line, [_storable(record[position], where, line) for position in order]


def _match(source: Source, header: list[str], where: str) -> Match:
    """Where each column stands in the file. Raises SourceChanged unless every heading is described and there once."""
    headings = [heading.strip() for heading in header]
    found = match(source.table.columns, list(map(Printed, headings)))
    if found.faults or found.unknown:
        unknown = dict.fromkeys(headings[place] for place in found.unknown)
        faults = [
            *found.faults,
            *(
                f"the heading {named(each, beside_ours=bool(found.places))} is not described{suspicion(each)}"
                for each in unknown
            ),
        ]
        raise (PersonalData if any(map(may_be_personal, unknown)) else SourceChanged)(
            f"{where}, line 1: {'; '.join(faults)}. Expected exactly: {', '.join(source.table.newest.values())}. "
            f"{renamed(f'ingestion/sources/{source.id}/source.yml')}"
        )
    return found


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
