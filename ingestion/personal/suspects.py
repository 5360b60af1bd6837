"""Where in bytes something may stand that a rule about values knows: fast, and never past one.

The rules' own patterns take ten milliseconds a megabyte each. What they ask for at least (ten digits in a row, a digit
and two letters, a colon after a letter) is found by comparing all bytes of a block at once, in a tenth of that; the
patterns see the lines that are left.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 17  # bytes; what is made of them stays in the processor's cache
EDGE = 64  # bytes of which two blocks share: longer than anything that is asked for here
LONGEST_PHONE = 18  # characters, with brackets and blanks
Mask = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]
LABELS = (b"dob", b"birth", b"me of")
SEPARATES: Mask = np.isin(np.arange(256), list(b' ",;\t|\x1f'))  # between a label and a name in another cell


def suspects(text: bytes) -> list[int]:
    """Positions in the text, of which each value that a rule knows has at least one within it or its label.

    The text is UTF-8, or any encoding in which ASCII stands for itself.
    """
    found: set[int] = set()
    for start in range(0, len(text), BLOCK):
        first = max(0, start - EDGE)
        # A line end before and after: what begins or ends the text is bounded.
        block = b"\n" + text[first : start + BLOCK + EDGE] + b"\n" * EDGE
        found.update(first - 1 + int(place) for place in _in_block(block))
    return sorted(each for each in found if 0 <= each < len(text))


def _in_block(block: bytes) -> Places:
    raw = np.frombuffer(block, np.uint8)
    lower: Bytes = raw | np.uint8(0x20)
    words = lower.tobytes()
    digit = (raw - 48) < 10
    letter = (lower - 97) < 26
    found = [
        *_numbers(raw, digit, words),
        _postcodes(raw, digit, letter),
        *_labels(raw, words, letter),
        _phones(raw, digit, letter),
    ]
    if b"@" in block:
        known = digit | letter
        found.append(1 + np.flatnonzero(known[:-2] & (raw[1:-1] == ord("@")) & known[2:]))
    return np.concatenate(found)


def _numbers(raw: Bytes, digit: Mask, words: bytes) -> list[Places]:
    """Runs of ten digits and of six and four; of nine, which some word may name."""
    two = digit[:-1] & digit[1:]
    four = two[:-2] & two[2:]
    size = len(digit) - 12
    begins = ~digit[:size]  # at i: a run may begin at i + 1
    long = np.flatnonzero(begins & four[1 : size + 1] & four[5 : size + 5])
    long = long[(raw[long] != ord(".")) & digit[long + 9] & ~digit[long + 11]]  # no decimals
    is_ten = digit[long + 10]
    apart = np.flatnonzero(begins & four[1 : size + 1] & ~digit[7 : size + 7] & four[8 : size + 8])
    apart = apart[two[apart + 5] & ~digit[apart + 12] & (raw[apart + 7] <= ord("-"))]
    found = [1 + long[is_ten], 1 + apart]
    if not is_ten.all() and (b"scn" in words or b"candidate n" in words):
        found.append(1 + long[~is_ten])
    return found


def _postcodes(raw: Bytes, digit: Mask, letter: Mask) -> Places:
    """A digit and two letters that end a word, after a digit, a letter or a blank."""
    end = digit[1:-3] & letter[2:-2] & letter[3:-1]
    places = np.flatnonzero(end)
    if not len(places):
        return places
    known = digit | letter
    before = known[places] | ((raw[places] == ord(" ")) & known[places - 1])
    ends: Places = places[before & ~known[places + 4]]
    return ends


def _phones(raw: Bytes, digit: Mask, letter: Mask) -> Places:
    """A zero that begins a number, or +44, with enough digits after it."""
    begins = (raw[1:-2] == ord("0")) & digit[2:-1] & digit[3:] & ~digit[:-3]
    plus = (raw[1:-2] == ord("+")) & (raw[2:-1] == ord("4")) & (raw[3:] == ord("4"))
    places = 1 + np.flatnonzero(begins | plus)
    places = places[places < len(raw) - LONGEST_PHONE]
    if not len(places):
        return places
    bound = raw[places - 1]
    free = ~(letter[places - 1] | (bound == ord(".")) | (bound == ord("-")) | (bound == ord("/")))
    places = places[free]
    enough = digit[places[:, None] + np.arange(LONGEST_PHONE)].sum(axis=1) >= 10
    found: Places = places[enough]
    return found


def _labels(raw: Bytes, words: bytes, letter: Mask) -> list[Places]:
    """The words beside a name or a day of birth: a label with a colon, "name of", "date of birth", "DOB"."""
    places = 1 + np.flatnonzero((raw[1:-4] == ord(":")) & letter[:-5])
    after = raw[places + 1]
    begins = ((after - 65) < 26) | SEPARATES[after]
    named = [found.start() for word in LABELS if word in words for found in re.finditer(word, words)]
    return [places[begins], np.array(named, np.intp)]
