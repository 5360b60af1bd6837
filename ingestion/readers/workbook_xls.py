"""What must be known about an old .xls workbook before calamine opens it: is it locked, how far do its cells reach,
which numbers are shown as percentages, which cells are links, how far texts are moved to the right.

An .xls file is a small file system (a "compound file") with one stream of records. Only cells' places, error values,
links and formats are taken from it. Merged cells are left to calamine.
"""

from __future__ import annotations

import struct

from ingestion.errors import SourceChanged, damaged, locked
from ingestion.readers.formats import BY_STREAM
from ingestion.readers.workbook_facts import PERCENT_FORMATS, Facts, shows_percent

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
END_OF_CHAIN = 0xFFFFFFFE
LOCKED = "EncryptedPackage"
WORKBOOK_STREAMS = ("Workbook", "Book")
BOF, EOF, FILEPASS, BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0085
ONE_CELL = {
    0x0006,
    0x0203,
    0x0204,
    0x0205,
    0x027E,
    0x00FD,
    0x00D6,
}  # formula, number, label, boolerr, rk, labelsst, rstring
MULRK, BOOLERR, FORMULA = 0x00BD, 0x0205, 0x0006
NUMBERS = {FORMULA, 0x0203, 0x027E}
FORMAT, XF = 0x041E, 0x00E0  # a number format's code; a cell's style, which names its format
TEXTS = {0x0204, 0x00FD, 0x00D6}
HLINK, AWAY, PLACE = 0x01B8, 0x1, 0x8  # a link; whether it leads out of the workbook, and whether to a place in it
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


class Compound:
    """A compound file, read whole: .xls files are limited to 65,536 rows by their format."""

    def __init__(self, content: bytes, where: str) -> None:
        self._content, self._where = content, where
        try:
            self._open()
        except (struct.error, IndexError) as error:
            raise self._damaged(str(error)) from None

    def _damaged(self, why: str) -> SourceChanged:
        return damaged(self._where, f"an old workbook whose directory cannot be read: {why}")

    def _open(self) -> None:
        header = self._content[:512]
        power, small_power = struct.unpack_from("<HH", header, 30)
        if power not in (9, 12) or small_power != 6:
            raise self._damaged(f"sectors of 2 to the power of {power} bytes")
        self._size = 1 << power
        tables, directory, _, cutoff, small, _, extra, extras = struct.unpack_from("<IIIIIIII", header, 44)
        self._cutoff = cutoff
        places = list(struct.unpack_from("<109I", header, 76))
        seen = 0
        while extra < END_OF_CHAIN and seen < extras:
            more = list(struct.unpack_from(f"<{self._size // 4}I", self._sector(extra)))
            places, extra, seen = places + more[:-1], more[-1], seen + 1
        self._next: list[int] = []
        for place in places[:tables]:
            if place < END_OF_CHAIN:
                self._next += struct.unpack_from(f"<{self._size // 4}I", self._sector(place))
        self.entries: dict[str, tuple[int, int]] = {}
        root = (0, 0)
        listing = self._chain(directory)
        for start in range(0, len(listing) - 127, 128):
            length = struct.unpack_from("<H", listing, start + 64)[0]
            name = listing[start : start + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            first, size = struct.unpack_from("<II", listing, start + 116)
            if listing[start + 66] == 5:
                root = (first, size)
            elif listing[start + 66] == 2:
                self.entries[name] = (first, size)
        self._small = self._chain(root[0])[: root[1]] if root[1] else b""
        chained = self._chain(small) if small < END_OF_CHAIN else b""
        self._small_next = list(struct.unpack(f"<{len(chained) // 4}I", chained[: len(chained) // 4 * 4]))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        sector = self._content[start : start + self._size]
        # calamine breaks off in the middle of a sector that is not whole.
        if len(sector) < self._size:
            raise self._damaged(f"sector {number} is not whole")
        return sector

    def _chain(self, first: int) -> bytes:
        found: list[bytes] = []
        seen = 0
        while first < END_OF_CHAIN and seen <= len(self._next):
            found.append(self._sector(first))
            first, seen = self._next[first], seen + 1
        return b"".join(found)

    def stream(self, name: str) -> bytes:
        """A stream's bytes. Raises SourceChanged for one that does not hang together."""
        first, size = self.entries[name]
        try:
            if size >= self._cutoff:
                return self._chain(first)[:size]
            found: list[bytes] = []
            while first < END_OF_CHAIN and len(found) <= len(self._small_next):
                found.append(self._small[first * 64 : first * 64 + 64])
                first = self._small_next[first]
            return b"".join(found)[:size]
        except IndexError as error:
            raise self._damaged(str(error)) from None


def xls_facts(content: bytes, where: str) -> list[tuple[str, Facts]]:
    """Each sheet's name and facts, in the order of the file. Raises SourceChanged for a locked or damaged workbook."""
    compound = Compound(content, where)
    if LOCKED in compound.entries:
        raise locked(where)
    stream = next((name for name in WORKBOOK_STREAMS if name in compound.entries), None)
    if stream is None:
        if known := next((known for name, known in BY_STREAM.items() if name in compound.entries), None):
            raise known.refusal(where)
        held = ", ".join(sorted(compound.entries)) or "nothing"
        raise SourceChanged(f"{where} is an old Office file that holds {held}, expected a workbook. Fetch the workbook")
    try:
        return scan(compound.stream(stream), where)
    except (struct.error, IndexError) as error:
        raise damaged(where, error) from error


def scan(records: bytes, where: str) -> list[tuple[str, Facts]]:
    """The sheets of a stream of records."""
    sheets: dict[int, tuple[str, Facts]] = {}
    facts: Facts | None = None
    formats, styles = dict(PERCENT_FORMATS), list[int]()  # all formats and styles stand before the first sheet
    percent: set[int] = set()
    indents: list[int] = []
    wide = False  # since Excel 97 texts say how wide their characters are
    place = 0
    while place + 4 <= len(records):
        kind, length = struct.unpack_from("<HH", records, place)
        body = records[place + 4 : place + 4 + length]
        if kind == FILEPASS:
            raise locked(where)
        if kind == BOUNDSHEET:
            name = _name(body)
            begins = struct.unpack_from("<I", body)[0]
            if begins in sheets:
                raise damaged(where, f"the sheets {sheets[begins][0]} and {name} are one")
            sheets[begins] = (name, Facts(complete=False))
        elif kind == BOF:
            wide = body[:2] == b"\x00\x06"
            facts = sheets[place][1] if place in sheets else None
            percent = {style for style, number in enumerate(styles) if formats.get(number)}
        elif kind == FORMAT:
            formats[struct.unpack_from("<H", body)[0]] = shows_percent(_code(body, wide))
        elif kind == XF:
            styles.append(struct.unpack_from("<H", body, 2)[0])
            indents.append(body[8] & 0x0F if wide and len(body) > 8 else 0)
        elif facts is not None and kind == HLINK and len(body) >= 32:
            top, bottom, left, right = struct.unpack_from("<HHHH", body)
            if struct.unpack_from("<I", body, 28)[0] & (AWAY | PLACE) == PLACE:
                facts.links.append((top, left, bottom, right))
        elif facts is not None and (kind in ONE_CELL or kind == MULRK):
            _cell(facts, kind, body, percent)
            if kind in TEXTS and (style := struct.unpack_from("<H", body, 4)[0]) < len(indents) and indents[style]:
                facts.indents[struct.unpack_from("<HH", body)] = indents[style]
        place += 4 + length
    for name, each in sheets.values():
        each.refuse_too_many(f"{where}, {name}")
    return list(sheets.values())


def _name(body: bytes) -> str:
    length, wide = body[6], body[7] & 1 if len(body) > 7 else 0
    return body[8 : 8 + length * 2].decode("utf-16-le", "replace") if wide else body[8 : 8 + length].decode("latin-1")


def _code(body: bytes, wide: bool) -> str:
    """The code of a FORMAT record. Of its characters only those matter that every code page has."""
    if not wide:
        return body[3:].decode("latin-1")
    return body[5:].decode("utf-16-le", "replace") if body[4] & 1 else body[5:].decode("latin-1")


def _cell(facts: Facts, kind: int, body: bytes, percent: set[int]) -> None:
    row, column = struct.unpack_from("<HH", body)
    if kind == MULRK:
        times = max(1, (len(body) - 6) // 6)
        facts.fill(row, column, times=times)
        for each in range(times):
            if struct.unpack_from("<H", body, 4 + 6 * each)[0] in percent:
                facts.note_percent(row, column + each)
        return
    facts.fill(row, column)
    if kind in NUMBERS and struct.unpack_from("<H", body, 4)[0] in percent:
        facts.note_percent(row, column)
    if kind == BOOLERR and body[7] == 1:
        facts.errors[row, column] = ERRORS.get(body[6], "#ERROR!")
    elif kind == FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
        facts.errors[row, column] = ERRORS.get(body[8], "#ERROR!")
