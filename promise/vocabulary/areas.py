"""Areas: which one a code, a name or a statistics.gov.scot address names.

The vocabulary is `promise.vocabulary.area_list`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from promise.vocabulary.area_list import areas

LONGEST = 150  # an address of statistics.gov.scot has 70
How = Literal["code", "earlier code", "name", "alias", "spelling"]
AREA_ADDRESS = r"^https?://statistics\.gov\.scot/id/statistical-geography/"  # as Python and PostgreSQL both read it
URI = re.compile(AREA_ADDRESS + r"(\S+)$")
GSS = re.compile(r"^[ENSWK]\d{8}$")
# Geographies that this warehouse holds no vocabulary for, by the first three characters of their codes
# (Register of Geographic Codes, and Public Health Scotland's own RA codes).
OTHER_KINDS = {
    "S00": "output area",
    "S01": "data zone",
    "S02": "intermediate zone",
    "S03": "community health partnership",
    "S08": "health board",
    "S11": "alcohol and drug partnership",
    "S12": "council",
    "S13": "electoral ward",
    "S14": "UK parliamentary constituency",
    "S16": "Scottish parliamentary constituency",
    "S17": "Scottish parliamentary region",
    "S20": "settlement",
    "S22": "travel to work area",
    "S27": "special code",
    "S37": "integration authority",
    "S40": "region",
    "S92": "Scotland",
    "S99": "HSC locality",
    "K02": "United Kingdom",
    "K03": "Great Britain",
    "K04": "England and Wales",
    "E92": "England",
    "W92": "Wales",
    "N92": "Northern Ireland",
    "E12": "English region",
    "E06": "English unitary authority",
    "E07": "English district",
    "E08": "English metropolitan district",
    "E09": "London borough",
    "E10": "English county",
    "E47": "English combined authority",
    "W06": "Welsh unitary authority",
    "N09": "Northern Ireland district",
}


@dataclass(frozen=True, slots=True)
class FoundArea:
    """An area under its current code, and how it was recognised."""

    code: str
    name: str
    kind: str
    how: How
    until: date | None = None  # the last day of an earlier code, where a list gives it


def bare_code(text: str) -> str:
    """A code out of its statistics.gov.scot address; any other text as it is, without space at its ends."""
    text = text.strip()
    found = URI.match(text)
    return found.group(1) if found else text


def find_area(text: str) -> FoundArea | None:
    """The area, or None. Case, `&`, commas and doubled spaces make no difference; a missing word does."""
    if len(text) > LONGEST:
        return None
    return _index().get(bare_code(text)) or _folded().get(fold(text))


def other_kind(text: str) -> str | None:
    """The kind of area that a code outside the vocabulary stands for, by its first characters."""
    if len(text) > LONGEST:
        return None
    code = bare_code(text)
    if re.match(r"^RA\d{4}$", code):
        return "residential category of Public Health Scotland"
    return OTHER_KINDS.get(code[:3], "unknown kind of area") if GSS.match(code) else None


def fold(text: str) -> str:
    """A spelling without what publishers vary at will."""
    text = text.casefold().replace("&", " and ").replace("\u2013", "-")
    return re.sub(r"[\s\u00a0,.\-]+", " ", text).strip()


@functools.cache
def _index() -> dict[str, FoundArea]:
    found: dict[str, FoundArea] = {}
    for kind, area in areas():
        entries: list[tuple[str, How]] = [(area.code, "code"), (area.name, "name")]
        entries += [(each.code, "earlier code") for each in area.earlier_codes]
        entries += [(alias, "alias") for alias in area.aliases]
        for text, how in entries:
            found[text] = FoundArea(area.code, area.name, kind, how, area.ended(text))
    return found


def spellings() -> dict[str, str]:
    """Each folded spelling, of names and of codes, with the current code of the one area that it names."""
    return {spelling: found.code for spelling, found in _folded().items()}


@functools.cache
def _folded() -> dict[str, FoundArea]:
    """Folded spellings; one that would name two areas names none."""
    spelled: dict[str, set[str]] = {}
    for text, area in _index().items():
        spelled.setdefault(fold(text), set()).add(area.code)
    return {
        fold(text): FoundArea(area.code, area.name, area.kind, "spelling")
        for text, area in _index().items()
        if len(spelled[fold(text)]) == 1
    }
