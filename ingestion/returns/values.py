"""What a cell of each type may say, and how it is kept: a choice by its id, a date as ISO, a list with `; ` between.

Each function gives the text that is kept, or raises Wrong with what is wrong and what to write instead.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from ingestion.returns.layout import SENDER
from ingestion.returns.lists import called, items, list_of, words
from promise.catalogue.framework_words import it_is_an_identifier
from promise.catalogue.returns import SEPARATOR, ReturnField

FIRST_YEAR, LAST_YEAR = 1900, 2100
THIS_PROJECT = "this_project"  # whose transcriptions of public pages are returns, too; nobody can hand one in as it
SHOWN = 8  # of a long list, how many are named
TRUE, FALSE = ("yes", "y", "true", "1"), ("no", "n", "false", "0")


# What the cover sheet asks.
SENDER_FIELD = ReturnField(
    id="organisation", title=SENDER, type="organisation", group=SENDER, guidance="Who hands it in.", example=""
)


class Wrong(Exception):
    """What is wrong with a cell, and what to write instead. Neither quotes more of it than sixty characters."""

    def __init__(self, says: str, instead: str) -> None:
        super().__init__(says)
        self.says = says
        self.instead = instead


def kept(field: ReturnField, text: str) -> str:
    """The cell's text as it is kept. Raises Wrong."""
    if field.limits.longest is not None and len(text) > field.limits.longest:
        raise Wrong(f"has {len(text):,} characters", f"at most {field.limits.longest:,}")
    if field.is_list:
        parts = [each.strip() for each in re.split(r"[;\n]", text) if each.strip()]
        return SEPARATOR.join(dict.fromkeys(one for each in parts for one in _one(field, each).split(SEPARATOR)))
    return _one(field, text)


def _one(field: ReturnField, text: str) -> str:
    return _of(field, text) if list_of(field) else FORMS[field.type](field, text)


def organisation(text: str) -> str:
    """The id of one organisation, by its id or name. Raises Wrong."""
    return _of(SENDER_FIELD, text)


def _of(field: ReturnField, text: str) -> str:
    known = words(field)
    found = known.get(text.casefold())
    if found is not None:
        return found
    close = difflib.get_close_matches(text.casefold(), known, n=1, cutoff=0.75)
    named = [each.written for each in items(field)]
    listed = ", ".join(named[:SHOWN]) + (f" and {len(named) - SHOWN} more, under Lists" if len(named) > SHOWN else "")
    written = {each.id: each.written for each in items(field)}
    raise Wrong(
        f"{_quoted(text)} is not {called(field)}",
        f"did you mean {written[known[close[0]]]}?" if close else f"one of {listed}",
    )


def _id(_: ReturnField, text: str) -> str:
    try:
        return it_is_an_identifier(text)
    except ValueError as error:
        close = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")[:40].strip("_")
        raise Wrong(
            str(error).split(";")[0], f"such as {close}" if close and close[0].isalpha() else "such as my_key_1"
        ) from None


def _number(field: ReturnField, text: str) -> str:
    bare = text.replace(",", "").replace(" ", "").removesuffix("%")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        raise Wrong(
            f"{_quoted(text)} is no number", "digits alone, such as 12 or 88.4; nothing where none is known"
        ) from None
    if not number.is_finite():
        raise Wrong(f"{_quoted(text)} is no number", "digits alone, such as 12 or 88.4")
    smallest, largest = field.limits.smallest, field.limits.largest
    if smallest is not None and number < Decimal(str(smallest)):
        raise Wrong(f"is {bare}", f"at least {smallest:g}")
    if largest is not None and number > Decimal(str(largest)):
        raise Wrong(f"is {bare}", f"at most {largest:g}")
    return bare


def _yes_no(_: ReturnField, text: str) -> str:
    if text.casefold() in TRUE:
        return "yes"
    if text.casefold() in FALSE:
        return "no"
    raise Wrong(f"{_quoted(text)} is neither yes nor no", "yes or no")


def _url(_: ReturnField, text: str) -> str:
    if re.fullmatch(r"https?://\S+", text):
        return text
    raise Wrong(f"{_quoted(text)} is no address", "the whole address, beginning with https://")


def _date(field: ReturnField, text: str) -> str:
    partial = field.type == "partial_date"
    bare = re.sub(r"[T ]00:00(:00)?(\.0+)?$", "", text)
    forms = "2025-06-30, 2025-06 or 2025" if partial else "the day as in 2025-06-30"
    match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", bare)
    if match is None or (not partial and match[3] is None):
        day_first = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", bare)
        instead = (
            f"{day_first[3]}-{day_first[2]:0>2}-{day_first[1]:0>2} if the day stands first" if day_first else forms
        )
        raise Wrong(f"{_quoted(text)} is no date that can be read one way only", instead)
    if not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise Wrong(f"{_quoted(text)} lies before {FIRST_YEAR} or after {LAST_YEAR}", "the year with its four digits")
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        raise Wrong(f"{_quoted(text)} is no day of the calendar", forms) from None
    return bare


def _text(_: ReturnField, text: str) -> str:
    return text


FORMS: dict[str, Callable[[ReturnField, str], str]] = {
    "text": _text,
    "id": _id,
    "ids": _id,
    "number": _number,
    "yes_no": _yes_no,
    "url": _url,
    "date": _date,
    "partial_date": _date,
}


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")
