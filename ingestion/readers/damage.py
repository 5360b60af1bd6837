"""What a spreadsheet program does to a table that is opened and saved in it: bands that became days (`5-9` is `05-Sep`
then, `10-14` is `Oct-14`), and codes that lost their leading zeros.

What was there cannot be told from what is left, so nothing is put right: a person must have the file as it was.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from promise.vocabulary.markers import known_markers

# What the damage may look like, in the syntax that Python's re and PostgreSQL share: a day with or without its year, or
# a number that begins with nought. Most columns hold neither and need no second look.
MONTH = "([Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec)"
DAY = f"([0-9]{{1,2}}-{MONTH}|{MONTH}-[0-9]{{2}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}})"
ZEROS = "0[0-9]+"
SUSPECT = rf"(^|[|] ) *({DAY}|{ZEROS}) *( [|]|$)"

BAND = re.compile(r"([0-9]{1,3}) ?(?:-|–|to) ?([0-9]{1,3})")
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
OF_BANDS = {"age", "ages", "aged", "band", "bands"}
OF_TIME = {"date", "dates", "day", "month", "period", "quarter"}

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Damage:
    """What was done to a column, in words, and the texts that show it."""

    words: str
    texts: tuple[str, ...]


REMEDY = (
    "A spreadsheet program does that to a file that is saved in it. Ask the publisher for the file as it was, or take "
    "it again without opening it"
)


def in_text(delimiter: str) -> Callable[[bytes], bool]:
    """Whether whole lines of text, in UTF-8, that something delimits hold the same.

    All bytes are compared at once, in a third of the time in which a pattern finds where it may begin; only the lines
    that have a dash, a stroke or a nought at the right place are read as cells.
    """
    ends = re.escape(delimiter)
    cell = re.compile(rf'(?:\A|["\n |]|{ends}) *({DAY}|{ZEROS}) *(?:\Z|["\r\n |]|{ends})'.encode())
    ends_cell = _among(b'"\n |' + delimiter.encode()[-1:])

    def holds(lines: bytes) -> bool:
        seen = 0
        for place in sorted(_remarkable(lines, ends_cell)):
            if place >= seen:
                begin, seen = max(lines.rfind(b"\n", 0, place), 0), lines.find(b"\n", place + 1) + 1 or len(lines)
                if cell.search(lines, begin, seen):
                    return True
        return False

    return holds


def _among(these: bytes) -> Mask:
    return np.isin(np.arange(256), list(these))


DIGIT, LETTER = _among(b"0123456789"), _among(string.ascii_letters.encode())


def _remarkable(lines: bytes, ends_cell: Mask) -> set[int]:
    """Where a day may have its dash or its first stroke, or a number a nought before it."""
    raw = np.frombuffer(b"\n" + lines + b"\n", np.uint8)  # each has something before and after it
    found: set[int] = set()
    noughts, dashes, strokes = (np.flatnonzero(raw == ord(each)) for each in "0-/")
    found.update(noughts[ends_cell[raw[noughts - 1]] & DIGIT[raw[noughts + 1]]])
    before, after = raw[dashes - 1], raw[dashes + 1]
    found.update(dashes[(DIGIT[before] & LETTER[after]) | (LETTER[before] & DIGIT[after])])
    for each in (dashes, strokes):  # with one digit or two before the next
        found.update(each[:-1][np.diff(each) < 4])
    return {int(place) - 1 for place in found}


def find(heading: str, times: Mapping[str, int]) -> Damage | None:
    """What was done to a column of these texts, each as often as it stands there; None where nothing can be seen."""
    return _days_among_bands(heading, times) or _zeros_lost(times)


def _days_among_bands(heading: str, times: Mapping[str, int]) -> Damage | None:
    """Days in a column of bands: by the bands that are left in it, or by what it is called."""
    days = tuple(text for text in times if any(re.fullmatch(DAY, part) for part in _parts(text)))
    words = {word.lower() for word in WORD.findall(heading)}
    called = bool(words & OF_BANDS) and not words & OF_TIME
    if not days or not (called or any(_is_band(part) for text in times for part in _parts(text))):
        return None
    return Damage("days stand in a column of bands, such as 05-Sep for 5-9", days)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(" | ")]


def _is_band(text: str) -> bool:
    found = BAND.fullmatch(text)
    return bool(found and int(found[1]) < int(found[2]))


def _zeros_lost(times: Mapping[str, int]) -> Damage | None:
    """Codes of one width that begin with nought, and beside them shorter ones that do not: these had that width too."""
    bare = {text.strip(): text for text in times if text.strip() and text.strip() not in known_markers()}
    if not all(text.isascii() and text.isdigit() for text in bare):
        return None
    widths = {len(text) for text in bare if len(text) > 1 and text.startswith("0")}
    if len(widths) != 1 or max(map(len, bare)) not in widths:
        return None
    short = tuple(published for text, published in bare.items() if len(text) not in widths)
    if not short or 2 * sum(times[text] for text in short) > sum(times[text] for text in bare.values()):
        return None
    return Damage(
        f"numbers of fewer digits stand in a column of codes of {max(widths)} digits with leading zeros", short
    )
