"""What a column holds, judged by its texts: areas, periods, figures, measures, addresses or words.

A role is given to a column when at least half of what fills it fits; everything in it that does not is then listed as
not recognised. A bare year in a column is a period only where the heading says so or all of the column are years.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ingestion.readers.footnotes import split_label
from promise.vocabulary.areas import find_area, other_kind
from promise.vocabulary.markers import find_qualifier, known_markers
from promise.vocabulary.numbers import find_number
from promise.vocabulary.periods import in_heading, looks_impossible, recognise
from promise.vocabulary.units import find_unit
from workbench.peek.model import Role, Seen, Tally

PERIOD_HEADING = re.compile(r"year|date|period|month|quarter|time|season|enacted|archived", re.IGNORECASE)
MEASURE_HEADING = re.compile(
    r"^(?:measure|measurement|measure ?type|units?|type_definition|column_heading|status)$", re.IGNORECASE
)
AREA_HEADING = re.compile(
    r"(?:^|[ _])(?:area|council|authority|geography|board|region|hb|ca|hscp|country)", re.IGNORECASE
)
NUMERIC = re.compile(r"^[-+−£]?[0-9][0-9., ]*%?$")  # a number, or an attempt at one
URI = re.compile(r"^https?://\S+$")
MOST_LISTED = 200
LONGEST_UNIT = 60  # a definition may begin like a unit
MOST_SERIES = 5_000


Where = Callable[[int, int], str]


@dataclass(frozen=True)
class Judged:
    role: Role
    not_recognised: tuple[Seen, ...]


def judge(heading: str, tally: Tally, where: Where) -> Judged:
    """The role of a column, and the texts in it that do not fit that role."""
    if not tally.times:
        return Judged("empty", ())
    for attempt in (_qualifier, _area_or_period, _figures, _measure, _address_or_series):
        if found := attempt(heading, tally, where):
            return found
    return Judged("words", ())


def _qualifier(heading: str, tally: Tally, where: Where) -> Judged | None:
    if heading == "annotations" and max(map(len, tally.times)) <= 10:
        return Judged("qualifier", ())
    if not heading.endswith("QF"):
        return None
    return Judged("qualifier", _strays(tally, where, is_qualifier, lambda _: "a qualifier that is not known"))


def _figures(heading: str, tally: Tally, where: Where) -> Judged | None:
    numbers, markers = (
        _share(tally, lambda text: bool(NUMERIC.match(text)) or _is_number(text)),
        _share(tally, _is_marker),
    )
    if numbers and numbers + markers >= 0.5:
        fits = lambda text: _is_number(text) or _is_marker(text)  # noqa: E731
        return Judged("figures", _strays(tally, where, fits, _why_no_number))
    return Judged("figures", ()) if markers >= 0.9 and max(map(len, tally.times)) <= 6 else None


def _measure(heading: str, tally: Tally, where: Where) -> Judged | None:
    units = _share(tally, lambda text: len(text) <= LONGEST_UNIT and _is_unit(text))
    if units < 0.5 and not MEASURE_HEADING.match(heading):
        return None
    return Judged("measure", _strays(tally, where, _is_unit, lambda _: "no unit or measure that is known"))


def _address_or_series(heading: str, tally: Tally, where: Where) -> Judged | None:
    if _share(tally, lambda text: bool(URI.match(text))) >= 0.5:
        return Judged("address", ())
    few = len(tally.times) <= MOST_SERIES
    return Judged("series", ()) if few and _share(tally, _holds_a_period) >= 0.8 else None


def _is_number(text: str) -> bool:
    return find_number(text) is not None


def is_qualifier(text: str) -> bool:
    return find_qualifier(text) is not None


def _is_marker(text: str) -> bool:
    return text in known_markers()


def _is_unit(text: str) -> bool:
    return find_unit(text) is not None


def _holds_a_period(text: str) -> bool:
    """Words and a period in one text, such as `CHN9 2020-21`."""
    found = in_heading(text)
    return bool(found and found[0])


def _area_or_period(heading: str, tally: Tally, where: Where) -> Judged | None:
    # A column of figures is neither, unless its heading speaks of time; looking costs more than all the rest.
    if (
        heading
        and not PERIOD_HEADING.search(heading)
        and _share(tally, lambda t: _is_number(t) or _is_marker(t)) >= 0.9
    ):
        return None
    areas = _share(tally, is_area)
    if areas >= 0.5 or (areas >= 0.2 and AREA_HEADING.search(heading)):
        return Judged("area", _strays(tally, where, is_area, lambda _: "no area that is known"))
    if _share(tally, lambda text: bool(recognise(text))) >= 0.5 and _are_periods(heading, tally):
        return Judged("period", _strays(tally, where, lambda text: bool(recognise(text)), _why_no_period))
    return None


def is_area(text: str) -> bool:
    return find_area(split_label(text).text) is not None or other_kind(text) is not None


def _share(tally: Tally, fits: Callable[[str], bool]) -> float:
    return sum(times for text, times in tally.times.items() if fits(text)) / sum(tally.times.values())


def _are_periods(heading: str, tally: Tally) -> bool:
    """Digits alone are a period only by the heading's word, or when the whole column are years."""
    digits = [text for text in tally.times if text.isdigit()]
    if 2 * len(digits) < len(tally.times):
        return True
    if PERIOD_HEADING.search(heading):
        return True
    return not heading and all(len(text) == 4 and 1900 <= int(text) <= 2100 for text in digits)


def _strays(tally: Tally, where: Where, fits: Callable[[str], bool], why: Callable[[str], str]) -> tuple[Seen, ...]:
    found = [
        Seen(text, times, where(*tally.first[text]), why(text)) for text, times in tally.times.items() if not fits(text)
    ]
    return tuple(sorted(found, key=lambda seen: -seen.times)[:MOST_LISTED])


def _why_no_period(text: str) -> str:
    impossible = looks_impossible(text)
    return f"an impossible period: {impossible}" if impossible else "no period that is known"


def _why_no_number(text: str) -> str:
    if "," in text and any(character.isdigit() for character in text):
        return "neither a number nor a marker: the comma may be thousands or decimals"
    if text[:1] in "=+@" and len(text) > 1:
        return "text that a spreadsheet would run as a formula; it is kept as text"
    return "neither a number nor a marker that is known"


def period_meaning(text: str) -> str:
    """The readings of a period, in words; several when a style must decide."""
    readings = recognise(text)
    if len(readings) == 1:
        one = readings[0]
        return (
            f"{one.kind.replace('_', ' ')}, {one.start} to {one.end}"
            if one.start != one.end
            else f"the day {one.start}"
        )
    return "or ".join(f"{each.form.replace('_', ' ')} " for each in readings).strip() + ": the source must say"


def area_meaning(text: str) -> str:
    """The area a text names and how it was recognised; the kind of a code outside the vocabulary."""
    marked = split_label(text)
    found = find_area(marked.text)
    if found:
        kind = found.kind.replace("_", " ")
        marks = f", with the mark {', '.join(marked.marks)}" if marked.marks else ""
        return f"{found.name} ({kind}, by {found.how}){marks}"
    return f"code of a {other_kind(text)}"
