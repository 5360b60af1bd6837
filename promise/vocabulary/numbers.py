"""Numbers as published: which texts are one, and which number it is.

The grammar is `ingestion/vocabulary/numbers.yml`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from promise.settings import ROOT
from promise.strict import Strict, load_yaml

FILE = ROOT / "ingestion" / "vocabulary" / "numbers.yml"
Flag = Literal["revised", "provisional", "estimated"]
LONGEST = 64
PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class Grammar(Strict):
    """The patterns, in the syntax that Python and PostgreSQL share."""

    space: str
    number: str
    noise: str
    minus: str
    digit: str
    flag: str
    flags: dict[str, Flag]
    examples: dict[str, str]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A published number. `percent` says that a percent sign stood behind it; the value is as printed, not divided."""

    value: Decimal
    percent: bool
    flag: Flag | None
    published: str


@dataclass(frozen=True)
class _Compiled:
    space: re.Pattern[str]
    number: re.Pattern[str]
    noise: re.Pattern[str]
    digit: re.Pattern[str]
    flag: re.Pattern[str]


@functools.cache
def grammar() -> Grammar:
    """The grammar as described. Raises CatalogueError naming file, key and remedy."""
    return load_yaml(FILE, Grammar)


@functools.cache
def _compiled() -> _Compiled:
    told = grammar()
    return _Compiled(
        space=re.compile(f"^{told.space}|{told.space}$"),
        number=re.compile(told.number, re.ASCII),
        noise=re.compile(told.noise),
        digit=re.compile(told.digit, re.ASCII),
        flag=re.compile(told.flag),
    )


def find_number(text: str) -> Number | None:
    """The number, or None when the text is none. Never raises."""
    if len(text) > LONGEST:
        return None
    # Most cells are plain; the full grammar costs several times as much.
    if PLAIN.fullmatch(text):
        return Number(Decimal(text), False, None, text)
    patterns = _compiled()
    bare = patterns.space.sub("", text)
    flag: Flag | None = None
    if found := patterns.flag.search(bare):
        flag = grammar().flags[found.group(1).strip("[]()")]
        bare = bare[: found.start()]
    if "\n" in bare or not patterns.number.match(bare) or not patterns.digit.match(bare):
        return None
    try:
        value = Decimal(patterns.noise.sub("", bare).replace(grammar().minus, "-"))
    except InvalidOperation:  # the grammar and Decimal disagree: then it is no number that we can vouch for
        return None
    return Number(value, bare.endswith("%"), flag, text)
