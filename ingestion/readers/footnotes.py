"""Footnote marks: taken apart from the words they hang on, and kept.

Published so: `[note 3]`, `[notes 1, 2]`, `Year.[note.19][note.20]` (a heading that R has been through), `[p]` and
`[r]`, superscripts, digits in round brackets (`2014(2)`, `Grant aided (4)`), and bare digits behind a word
(`Scotland2`). The last two are taken for marks only where the digits cannot be part of the name: in brackets, where
they hang on a word or where a note of that number stands beside the table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from promise.vocabulary.areas import find_area

SPACE = re.compile(r"[\s\u00a0]+")
BRACKETED = re.compile(
    r"[\s.]*[\[(]\s*(notes?(?:[\s.]*[0-9]+(?:[\s,.&-]+(?:and[\s.]*)?[0-9]+)*)?|footnote[\s.]*[0-9]+|[a-z]|[0-9]{1,2})\s*[\])]",
    re.IGNORECASE,
)
SUPERSCRIPT = re.compile(
    r"\s*([\u00b9\u00b2\u00b3\u2070\u2074-\u2079](?:[,\u02d2]?[\u00b9\u00b2\u00b3\u2070\u2074-\u2079])*)"
)
SUPER_DIGITS = str.maketrans("\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079", "1230456789")
LISTED = re.compile(r"^\s*\(([0-9]{1,2})\)\s*\S")  # how a note begins: "(2) Revised."
TRAILING = re.compile(r"^(.*[^\W\d_][)]?)\s?([0-9]{1,2}(?:,\s?[0-9]{1,2})*|\*{1,3}|[†‡])$")
LONG_WORD = re.compile(r"[a-z)]{4}$")
# Marks in brackets that stand for a whole cell are markers, not footnotes; a label is never one of these alone.
UNIT_IN_BRACKETS = {"n"}


class Marked(NamedTuple):
    """A text without its footnote marks, the marks, and what was printed."""

    text: str
    marks: tuple[str, ...]
    published: str


def tidy(text: str) -> str:
    """One line, single spaces, none at the ends."""
    return SPACE.sub(" ", text).strip()


def listed_notes(texts: Iterable[str]) -> frozenset[str]:
    """The numbers in round brackets with which notes begin."""
    return frozenset(found.group(1) for text in texts if (found := LISTED.match(text)))


def split_brackets(text: str, listed: Collection[str] = ()) -> Marked:
    """Marks in brackets and superscripts, wherever they stand. A text that is nothing but a mark stays as it is.

    `listed` are the numbers of notes that begin in round brackets beside the table.
    """
    marks: list[str] = []

    def take(found: re.Match[str]) -> str:
        inside = found.group(1)
        round_brackets = found.group(0).lstrip(" .\t\n").startswith("(")
        # "(3)" and "(a)" in round brackets are as likely a unit or an item; only what says "note" is surely a mark.
        hangs = found.start() > 0 and found.group(0)[0] == "(" and found.string[found.start() - 1].isalnum()
        a_number = inside.isdigit() and (inside in listed or (hangs and found.end() == len(found.string.rstrip())))
        if round_brackets and not a_number and not inside.lower().startswith(("note", "footnote")):
            return found.group(0)
        if inside.lower() in UNIT_IN_BRACKETS:
            return found.group(0)
        marks.append(tidy(inside.replace(".", " ")).lower())
        return " "

    def take_raised(found: re.Match[str]) -> str:
        # "km²" and "m³" are units.
        if re.search(r"(?:^|[^a-z])[ck]?m$", found.string[: found.start()]):
            return found.group(0)
        marks.extend(found.group(1).translate(SUPER_DIGITS).replace("\u02d2", ",").split(","))
        return " "

    bare = tidy(SUPERSCRIPT.sub(take_raised, BRACKETED.sub(take, text)))
    return Marked(bare.rstrip(". ") if marks else bare, tuple(marks), text) if bare else Marked(tidy(text), (), text)


def without_marks(text: str) -> str:
    """The text alone: `2014` of `2014(2)`."""
    return split_brackets(text).text


def split_label(text: str, listed: Collection[str] = ()) -> Marked:
    """A row's label. Digits behind a name are a mark when what is before them is an area: `Fife1`, `Scotland2,3`."""
    marked = split_brackets(text, listed)
    found = TRAILING.match(marked.text)
    if found and not find_area(marked.text) and find_area(found.group(1)):
        return Marked(tidy(found.group(1)), (*re.split(r",\s?", found.group(2)), *marked.marks), text)
    return marked


def split_headings(texts: Sequence[str], listed: Collection[str] = ()) -> list[Marked]:
    """A row of headings.

    Digits behind a long word are a mark, unless they tell it from its neighbours (`quintile1`).
    """
    marked = [split_brackets(text, listed) for text in texts]
    candidates = [TRAILING.match(each.text) for each in marked]
    stems = Counter(tidy(found.group(1)) for found in candidates if found)
    return [_without_digits(each, found, stems) for each, found in zip(marked, candidates, strict=True)]


def _without_digits(each: Marked, found: re.Match[str] | None, stems: Counter[str]) -> Marked:
    """The heading without digits that hang on its last word and tell it from no neighbour."""
    if not found:
        return each
    stem = tidy(found.group(1))
    apart = each.text[len(found.group(1))].isspace()
    if apart or stems[stem] > 1 or not LONG_WORD.search(stem):
        return each
    return Marked(stem, (*re.split(r",\s?", found.group(2)), *each.marks), each.published)
