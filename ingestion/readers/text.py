"""Text files: which encoding, how lines are cut into cells, and where each record begins.

An encoding is found from the bytes alone and the evidence is given. A file that is valid UTF-8 is UTF-8; one that is
not is Windows-1252 only when no line of it is UTF-8 beyond ASCII, because then two encodings were mixed.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import SourceChanged
from ingestion.readers.archive import GZIP, chunks
from ingestion.readers.tables import Finding

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
NOT_CP1252 = b"\x81\x8d\x8f\x90\x9d"
DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
LONGEST_LINE = 4_000_000
SAMPLE = 300


@dataclass(frozen=True)
class TextFacts:
    """How a file's bytes are to be read as text."""

    encoding: str
    bom: bool
    zipped: bool
    size: int  # bytes, unpacked
    evidence: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.weight == "fault")


def examine(path: Path, where: str) -> TextFacts:
    """Read the whole file once for its encoding.

    Raises SourceChanged for damaged gzip only; other faults are findings.
    """
    with path.open("rb") as raw:
        zipped = raw.read(2) == GZIP
    decoder = codecs.getincrementaldecoder("utf-8")()
    head, size, nul, ascii_only, valid = b"", 0, False, True, True
    for piece in chunks(path, where):
        head = head or piece[:65536]
        size += len(piece)
        nul = nul or b"\x00" in piece
        if valid:
            ascii_only = ascii_only and piece.isascii()
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                valid = False
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        valid = False
    made = f"gzip of {size:,} bytes" if zipped else f"{size:,} bytes"
    for mark, encoding in BOMS:
        if head.startswith(mark):
            broken = () if encoding != "utf-8" or valid else _lines_in_doubt(path, where)[1]
            findings = (*broken, *(_nul_lines(path, where) if nul and encoding == "utf-8" else ()))
            return TextFacts(encoding, True, zipped, size, (made, f"a byte order mark says {encoding}"), findings)
    if nul and (wide := _wide_without_mark(head)):
        return TextFacts(wide, False, zipped, size, (made, f"every second byte is zero, so {wide} without a mark"), ())
    findings = tuple(_nul_lines(path, where)) if nul else ()
    if valid:
        why = "plain ASCII" if ascii_only else "every byte is valid UTF-8"
        return TextFacts("utf-8", False, zipped, size, (made, why), findings)
    encoding, doubts, why = _lines_in_doubt(path, where)
    return TextFacts(encoding, False, zipped, size, (made, why), (*findings, *doubts))


def _wide_without_mark(head: bytes) -> str | None:
    zeros = [place % 2 for place, byte in enumerate(head[:4096]) if byte == 0]
    if len(zeros) < len(head[:4096]) // 3 or len(set(zeros)) != 1:
        return None
    return "utf-16-le" if zeros[0] == 1 else "utf-16-be"


def _byte_lines(path: Path, where: str) -> Iterator[tuple[int, bytes]]:
    rest, number = b"", 0
    for piece in chunks(path, where):
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        if len(rest) > LONGEST_LINE:
            lines.append(rest)
            rest = b""
        for line in lines:
            number += 1
            yield number, line
    if rest:
        yield number + 1, rest


def _nul_lines(path: Path, where: str) -> list[Finding]:
    lines = [number for number, line in _byte_lines(path, where) if b"\x00" in line]
    return [Finding("fault", f"a NUL byte, in {len(lines)} lines; expected text. Fetch it again", f"line {lines[0]}")]


def _lines_in_doubt(path: Path, where: str) -> tuple[str, list[Finding], str]:
    """For a file that is not UTF-8: the encoding, what to say about it, and why."""
    wide: list[int] = []
    narrow: list[tuple[int, bytes]] = []
    undefined = 0
    for number, line in _byte_lines(path, where):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            wide.append(number)
        except UnicodeDecodeError:
            narrow.append((number, line))
            undefined += any(byte in NOT_CP1252 for byte in line)
    if not narrow:
        return "utf-8", [], "every line is valid UTF-8"
    number, line = narrow[0]
    shown = _around(line)
    if wide:
        fault = Finding(
            "fault",
            f"mixed encodings: line {wide[0]} is UTF-8 and line {number} is not ({shown!r}); expected one encoding. "
            "Ask the publisher for the file again",
            f"line {number}",
        )
        return "cp1252", [fault], f"not UTF-8: line {number}"
    if undefined:
        fault = Finding(
            "fault", "bytes that are neither UTF-8 nor Windows-1252; is this a text file?", f"line {number}"
        )
        return "cp1252", [fault], f"not UTF-8: line {number}"
    notice = Finding(
        "notice", f"not UTF-8; read as Windows-1252 it says {shown!r}. Look whether that is right", f"line {number}"
    )
    return "cp1252", [notice], f"not UTF-8 in {len(narrow)} lines, none of which is UTF-8; read as Windows-1252"


def _around(line: bytes) -> str:
    """The first characters that are not ASCII, without the word in which they stand: it may be a name."""
    found = re.search(rb"[^\x00-\x7f]+", line)
    return found[0].decode("cp1252", "replace") if found else ""


def lines(path: Path, facts: TextFacts, where: str) -> Iterator[str]:
    """The file's text by lines with their ends. NUL bytes and undecodable ones were reported by `examine`."""
    decoder = codecs.getincrementaldecoder(facts.encoding)("replace")
    rest, first = "", True
    for piece in chunks(path, where):
        text = decoder.decode(piece)
        if first:
            text, first = text.removeprefix("\ufeff"), False
        text = rest + text
        cut = text.rfind("\n") + 1
        if not cut and len(text) > LONGEST_LINE:
            raise SourceChanged(
                f"{where}: a line of more than {LONGEST_LINE:,} characters; expected text in lines. Look at it"
            )
        yield from io.StringIO(text[:cut], newline="")
        rest = text[cut:]
    rest += decoder.decode(b"", True)
    yield from io.StringIO(rest, newline="")


def records(path: Path, facts: TextFacts, delimiter: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """(line on which the record begins, its cells). Raises SourceChanged where the quoting does not hold together."""
    yield from cut(lines(path, facts, where), delimiter, where)


def cut(text: Iterator[str], delimiter: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Lines to records."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceChanged(
            f"{where}, line {line}: not readable as delimited text ({error}); expected quoted cells to be closed. "
            "The file may be cut short: fetch it again, or look at that line"
        ) from error


@dataclass(frozen=True)
class Dialect:
    """Which character cuts cells. More than one candidate means that it could not be told."""

    delimiter: str
    why: str
    candidates: tuple[str, ...]


def find_delimiter(sample: Sequence[str]) -> Dialect:
    """The delimiter that cuts most records into the same number of cells, more than one."""
    scores: dict[str, tuple[float, int, int]] = {}
    for delimiter in DELIMITERS:
        try:
            found = [record for _, record in cut(iter(sample), delimiter, "sample")]
        except SourceChanged:
            # The sample may end inside quotes; its last lines are left out.
            try:
                found = [record for _, record in cut(iter(sample[: len(sample) // 2]), delimiter, "sample")]
            except SourceChanged:
                continue
        widths = Counter(len(record) for record in found if record)
        wide = {width: times for width, times in widths.items() if width > 1}
        if wide:
            width, times = max(wide.items(), key=lambda item: (item[1] * item[0], item[0]))
            scores[delimiter] = (times / sum(widths.values()), width, times)
    if not scores:
        return Dialect(",", "no delimiter cuts the lines; one column", (",",))
    best = max(scores, key=lambda each: (round(scores[each][0], 1), scores[each][1]))
    share, width, times = scores[best]
    rivals = tuple(each for each in scores if each != best and scores[each][0] >= max(0.9, share))
    names = " or ".join(DELIMITERS[each] for each in (best, *rivals))
    return Dialect(best, f"{names}: {times} of the first records have {width} cells", (best, *rivals))


def sample_lines(path: Path, facts: TextFacts, where: str, most: int = SAMPLE) -> list[str]:
    """The first lines of the file."""
    found: list[str] = []
    for line in lines(path, facts, where):
        found.append(line)
        if len(found) >= most:
            break
    return found
