"""What may be about a person, as `ingestion/vocabulary/personal_data.yml` says: headings, and values.

A suspicion is never a proof of the contrary. What a rule does not see stands beside it, under `limits`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from promise.settings import ROOT
from promise.strict import Strict, load_yaml

FILE = ROOT / "ingestion" / "vocabulary" / "personal_data.yml"
Kind = Literal[
    "chi_number", "candidate_number", "unit_postcode", "email_address", "phone_number", "date_of_birth",
    "name_of_a_person",
]  # fmt: skip
SHORTEST = 6  # characters of a value that some rule knows without a heading: eh1 1aa without its blank


class Headings(Strict):
    patterns: tuple[str, ...] = Field(min_length=1)
    exceptions: tuple[str, ...] = Field(alias="except")


class Rule(Strict):
    """What a value is known by."""

    called: str
    pattern: str
    check: Literal["chi", "phone", "name"] | None = None
    under: str | None = None
    value_under: str | None = None
    why: str
    limits: str

    @model_validator(mode="after")
    def a_heading_says_what_stands_below(self) -> Self:
        if (self.under is None) != (self.value_under is None):
            raise ValueError("under and value_under belong together: write both or neither")
        return self


class Publishers(Strict):
    """What stands around tables and is no person's."""

    domains: tuple[str, ...]
    contact_words: str
    postcodes: tuple[str, ...]


class PersonalData(Strict):
    headings: Headings
    values: dict[Kind, Rule]
    parts: dict[str, str]
    not_names: tuple[str, ...]
    publishers: Publishers


@dataclass(frozen=True)
class Found:
    """A value that may be about a person: what it is and how long, and, for judging it, the text. Never for showing."""

    kind: Kind
    text: str

    @property
    def length(self) -> int:
        return len(self.text)

    def __str__(self) -> str:
        return f"{rules()[self.kind].called}, {self.length} characters long"

    def __repr__(self) -> str:  # what a traceback or a log would quote
        return f"<{self}>"


def may_be_personal(heading: str) -> bool:
    """Whether a heading reads as if its column were about persons."""
    words = _words(heading)
    suspects, harmless = _headings()
    return any(each.search(words) for each in suspects) and not any(each.search(words) for each in harmless)


def suspicion(heading: str) -> str:
    """The words for a message about a heading that nobody declared; none for a heading that is not suspected."""
    return " and may be about a person: find out before anything of it is kept" if may_be_personal(heading) else ""


def find_personal(text: str) -> list[Found]:
    """What of a text is known for personal by itself, in the order of the rules."""
    if len(text) < SHORTEST:
        return []
    found = []
    for kind, rule in _rules().items():
        for match in rule.pattern.finditer(text):
            value = next((each for each in match.groupdict().values() if each), match[0])
            if rule.check is None or rule.check(value):
                found.append(Found(kind, value.strip()))
    return found


def personal_under(heading: str, text: str) -> Found | None:
    """What a text is known for by the heading above it, or the label left of it."""
    bare = text.strip()
    words = _words(heading).rstrip(" :")
    for kind, rule in _rules().items():
        if rule.under and rule.under.search(words) and rule.value_under and rule.value_under.search(bare):
            return Found(kind, bare)
    return None


def names_personal_values(heading: str) -> bool:
    """Whether values are known for personal by standing under this heading."""
    words = _words(heading).rstrip(" :")
    return len(words) < LONGEST_HEADING and any(
        rule.under is not None and rule.under.search(words) for rule in _rules().values()
    )


def tells_what_follows(label: str) -> bool:
    """Whether values are known for personal by standing under this text or, where it ends with a colon, beside it."""
    return names_personal_values(label) or (label.endswith(":") and bool(find_personal(f"{label} Jo Doe")))


LONGEST_HEADING = 60  # characters; what is longer is a sentence, which heads no column


def is_the_publishers(found: Found, beside: str, hosts: Collection[str]) -> bool:
    """Whether what was found around a table is the publisher's own: by its domain, its office, or the words beside it.

    `hosts` are those of the source's pages.
    """
    publishers = _read().publishers
    match found.kind:
        case "email_address":
            domain = found.text.rpartition("@")[2].lower()
            known = (*publishers.domains, *(host.removeprefix("www.") for host in hosts))
            return any(domain == each or domain.endswith(f".{each}") for each in known)
        case "unit_postcode":
            return found.text.upper().replace(" ", "") in {each.replace(" ", "") for each in publishers.postcodes}
        case "phone_number":
            return bool(re.search(publishers.contact_words, beside, re.IGNORECASE))
    return False


def is_chi(text: str) -> bool:
    """Whether ten digits are a CHI number: a day of birth (DDMMYY), three digits, and the check digit of modulus 11."""
    digits = [int(each) for each in text if each.isdigit()]
    if len(digits) != 10:
        return False
    rest = sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return digits[9] == (11 - rest) % 11 and _is_a_day(digits)


def rules() -> dict[Kind, Rule]:
    """The rules about values, as they are written."""
    return _read().values


def _is_a_day(digits: list[int]) -> bool:
    day, month, year = (10 * digits[place] + digits[place + 1] for place in (0, 2, 4))
    for century in (1900, 2000):  # 29 February may be of either
        try:
            date(century + year, month, day)
        except ValueError:
            continue
        return True
    return False


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    national = re.sub(r"^(?:0044|44|0)", "", digits)
    return len(national) in (9, 10)


def _is_name(text: str) -> bool:
    return not any(_not_names().fullmatch(word) for word in text.split())


_CHECKS: dict[str, Callable[[str], bool]] = {"chi": is_chi, "phone": _is_phone, "name": _is_name}


@dataclass(frozen=True)
class _Compiled:
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None
    under: re.Pattern[str] | None
    value_under: re.Pattern[str] | None


def _words(heading: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading.replace("_", " ")).casefold().strip()


@functools.cache
def _read() -> PersonalData:
    return load_yaml(FILE, PersonalData)


@functools.cache
def _headings() -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    headings = _read().headings
    return [re.compile(each) for each in headings.patterns], [re.compile(each) for each in headings.exceptions]


@functools.cache
def _not_names() -> re.Pattern[str]:
    return re.compile("|".join(_read().not_names), re.IGNORECASE)


@functools.cache
def _rules() -> dict[Kind, _Compiled]:
    parts = _read().parts

    def compiled(pattern: str | None, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str] | None:
        if pattern is None:
            return None
        for name, part in parts.items():
            pattern = pattern.replace(f"{{{name}}}", f"(?:{part})")
        return re.compile(pattern, flags)

    found = {}
    for kind, rule in rules().items():
        pattern = compiled(rule.pattern)
        assert pattern is not None
        check = _CHECKS[rule.check] if rule.check else None
        found[kind] = _Compiled(pattern, check, compiled(rule.under), compiled(rule.value_under, re.IGNORECASE))
    return found
