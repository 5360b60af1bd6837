"""Periods: from what a publisher printed to two dates and a kind. Both dates are included.

`read_period(text, style)` is for figures: the mapping says the style, and anything else is an error. `recognise(text)`
is for looking at files: it gives every reading there is and chooses none.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import date

from promise.vocabulary.errors import UnknownValue
from promise.vocabulary.period_forms import Combination, Form, Impossible, Kind, vocabulary

LONGEST = 160
PLAIN_FIGURE = re.compile(r"[-+]?[0-9]*[.,]?[0-9]+%?")
SPACE = re.compile(r"[\s\u00a0]+")
# Text behind a period that does not change it: flags and footnotes, "as provided" stays in the label.
FLAGS = re.compile(
    r"(?:\s?(?:\[(?:[a-z]|notes? ?[0-9, ]+)\]|\([rp]\)|[\u00b9\u00b2\u00b3\u2070-\u2079]+))+$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Period:
    """Two dates, both included, what kind of period it is, and which form of the vocabulary said so."""

    start: date
    end: date
    kind: Kind
    form: str
    published: str


def read_period(text: str, style: str) -> Period:
    """The period that a text means in a style.

    Raises UnknownValue naming the text, the style and what it looks like.
    """
    told = vocabulary()
    if style not in told.styles:
        raise UnknownValue(
            "period style",
            style,
            f"one of {', '.join(sorted(told.styles))}",
            "Correct the mapping, or add the style to ingestion/vocabulary/periods.yml",
        )
    forms = told.of_style(style)
    impossible: str | None = None
    for form in forms:
        found = _read(form, text)
        if isinstance(found, Period):
            return found
        impossible = impossible or found
    example = next(iter(forms[0].examples))
    raise UnknownValue(
        f"period in the style {style}",
        text,
        f"something like {example}" + (f"; it has that form, but {impossible}" if impossible else ""),
        "Look at the cell; if the publisher writes periods so, describe the form in ingestion/vocabulary/periods.yml",
    )


def combination(text: str, style: str) -> Combination | None:
    """Whether a figure of this period is the sum or the average of those of its years; None where nothing says so."""
    form = _form(read_period(text, style).form)
    return form.combination(_bare(text))


@functools.lru_cache(maxsize=20_000)
def recognise(text: str) -> tuple[Period, ...]:
    """Every reading of a text as a period: one for a text that says what it is, several for `2022/23`, or none."""
    if not _may_be_one(text):
        return ()
    bare = _bare(text)
    readings = [found for form in vocabulary().forms if isinstance(found := _match(form, bare, text), Period)]
    evident = [each for each in readings if _form(each.form).self_evident]
    return tuple(evident[:1] or readings)


def looks_impossible(text: str) -> str | None:
    """Why a text that has the form of a period cannot be one: `2022/24`, `31 June 2020`. None for other texts."""
    if recognise(text) or not _may_be_one(text):
        return None
    reasons = [found for form in vocabulary().forms if isinstance(found := _read(form, text), str)]
    return reasons[0] if reasons else None


def _may_be_one(text: str) -> bool:
    """A quick no for what fills most cells: words without digits, long texts, figures of no date's length."""
    bare = text.strip()
    if len(bare) > LONGEST or not any(character.isdigit() for character in bare):
        return False
    return not PLAIN_FIGURE.fullmatch(bare) or (bare.isdigit() and len(bare) in (4, 6, 8))


def in_heading(text: str) -> tuple[str, str] | None:
    """A heading such as `CHN9 2020-21` or `2013 Number` as (words, period text); None when no period stands in it."""
    text = SPACE.sub(" ", text).strip()
    if len(text) > 4 * LONGEST or not any(character.isdigit() for character in text):
        return None
    if recognise(text):
        return "", text
    tokens = text.split(" ")
    for length in range(min(len(tokens) - 1, 6), 0, -1):
        for start in range(len(tokens) - length + 1):
            piece = " ".join(tokens[start : start + length]).strip("(),;:")
            # A bare number is a year only when it could be one; "Age 15" and "SIMD 2020v2" are not.
            if (
                len(piece) >= 4
                and piece[-1].isalnum()
                and (piece[0].isalnum())
                and recognise(piece)
                and not _only_a_code(piece)
            ):
                rest = " ".join([*tokens[:start], *tokens[start + length :]])
                return rest.strip(), piece
    return None


def _only_a_code(piece: str) -> bool:
    """Six or eight digits in a heading are more often a code than a month or a day."""
    return piece.isdigit() and (len(piece) != 4 or not 1900 <= int(piece) <= 2100)


def _bare(text: str) -> str:
    """The text without flags and footnotes behind it."""
    return FLAGS.sub("", SPACE.sub(" ", text).strip())


def _read(form: Form, text: str) -> Period | str | None:
    return _match(form, _bare(text), text)


def _match(form: Form, bare: str, text: str) -> Period | str | None:
    """The period; why it is impossible; or None when the text has another form."""
    texts = form.match(bare) if bare.isascii() or "–" in bare else None
    if texts is None:
        return None
    try:
        start, end = form.bounds(texts)
    except Impossible as reason:
        return str(reason)
    return Period(start, end, form.kind, form.id, text)


@functools.cache
def _form(form_id: str) -> Form:
    return next(form for form in vocabulary().forms if form.id == form_id)
