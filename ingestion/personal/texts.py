"""Text of any size, a block at a time: delimited tables, and lines of which nobody says what they are."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from ingestion.personal.hits import Hit, Rows
from ingestion.personal.suspects import suspects
from ingestion.readers.archive import chunks
from ingestion.readers.text import find_delimiter
from promise.vocabulary.personal import names_personal_values
from promise.vocabulary.quoting import masked

LONG_LINE = 4096  # bytes; of a longer one what is around the place is looked at
AROUND = 200  # bytes on either side, longer than anything that a rule knows
SAMPLE = 300  # lines
WIDE = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def in_text(path: Path, where: str, delimiter: str | None, header_is_first: bool) -> Iterator[Hit]:
    """Everything in a text that a rule knows. `delimiter`: where the source says it; else it is found."""
    layout = _Layout.of(path, where, delimiter, header_is_first)
    if layout.rows.header and any(map(names_personal_values, layout.sample_cells)):
        yield from layout.by_headings(path, where)
    number = 1
    for block in _blocks(_ascii_compatible(chunks(path, where))):
        for start, line in _lines_in_doubt(block):
            for place, found in layout.rows.by_itself(cells := layout.cells(line)):
                address = layout.address(number + block.count(b"\n", 0, start), cells, place)
                yield layout.rows.hit(cells, place, found, address)
        number += block.count(b"\n")


class _Layout:
    """How lines are cut into cells, and which heading each cell has."""

    def __init__(self, delimiter: str, header: list[str] | None, sample: list[list[str]], notes: bool) -> None:
        self._delimiter = delimiter
        self.rows = Rows(header, notes)
        self.sample_cells = header or [] if not notes else [cell for record in sample for cell in record]

    @classmethod
    def of(cls, path: Path, where: str, delimiter: str | None, header_is_first: bool) -> _Layout:
        head = next(_ascii_compatible(chunks(path, where)), b"")
        sample = [decoded(line) + "\n" for line in islice(head.removeprefix(codecs.BOM_UTF8).splitlines(), SAMPLE)]
        delimiter = delimiter or find_delimiter(sample).delimiter
        records = [_cut(line, delimiter) for line in sample]
        wide = max(map(len, records), default=0)
        first = records[:1] if header_is_first else [record for record in records if len(record) == wide > 1]
        header = [cell.strip() for cell in first[0]] if first else None
        return cls(delimiter, header, records, not header_is_first)

    def cells(self, line: bytes) -> list[str]:
        return _cut(decoded(line), self._delimiter)

    def address(self, line: int, cells: list[str], place: int) -> str:
        header = self.rows.header
        return f"line {line}:{masked(header[place])}" if header and len(header) == len(cells) else f"line {line}"

    def by_headings(self, path: Path, where: str) -> Iterator[Hit]:
        """The columns under headings that tell; the file is read once more for them."""
        number = 0
        for block in _blocks(_ascii_compatible(chunks(path, where))):
            for line in block.split(b"\n"):
                number += 1
                cells = self.cells(line)
                for place, found in self.rows.by_headings([cell.strip() for cell in cells]):
                    yield self.rows.hit(cells, place, found, self.address(number, cells, place))
            number -= 1  # what is after the last line end is no line


def decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _cut(line: str, delimiter: str) -> list[str]:
    """A line's cells; the whole line where its quotes belong to lines before or after it."""
    try:
        cells = next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return [line.strip()]
    return cells or [line.strip()]


def _ascii_compatible(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes; those of UTF-16 as UTF-8."""
    decoder: codecs.IncrementalDecoder | None = None
    for count, piece in enumerate(pieces):
        if count == 0:
            wide = next((name for mark, name in WIDE if piece.startswith(mark)), None)
            if wide is None and piece[1:400:2].count(0) > len(piece[1:400:2]) // 2:
                wide = "utf-16-le"
            elif wide is None and piece[0:400:2].count(0) > len(piece[0:400:2]) // 2:
                wide = "utf-16-be"
            decoder = codecs.getincrementaldecoder(wide)("replace") if wide else None
        yield decoder.decode(piece).encode("utf-8", "replace") if decoder else piece


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same in whole lines; of a line that is longer than a piece, with what was around its cut seen twice."""
    rest = b""
    for piece in pieces:
        text = rest + piece
        end = text.rfind(b"\n") + 1
        if end:
            yield text[:end]
            rest = text[end:]
        elif len(text) > LONG_LINE:
            yield text
            rest = text[-AROUND:]
        else:
            rest = text
    if rest:
        yield rest


def _lines_in_doubt(block: bytes) -> Iterator[tuple[int, bytes]]:
    """(where it begins, the line) of each in which something may be; of a long line what is around that."""
    last = -1
    for place in suspects(block):
        if place < last:
            continue
        start = block.rfind(b"\n", 0, place) + 1
        end = block.find(b"\n", place)
        end = len(block) if end < 0 else end
        if end - start > LONG_LINE:
            start, end = max(start, place - AROUND), min(end, place + AROUND)
        last = end
        yield start, block[start:end]
