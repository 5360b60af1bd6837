"""Units: what a published word for a unit or a measure is called here."""

from __future__ import annotations

import functools
import re
from typing import Self

from pydantic import model_validator

from promise.settings import ROOT
from promise.strict import Strict, load_yaml

FILE = ROOT / "ingestion" / "vocabulary" / "units.yml"
URI = re.compile(r"^https?://statistics\.gov\.scot/def/(?:measure-properties|concept/measure-units)/(\S+)$")


class Unit(Strict):
    id: str
    spellings: tuple[str, ...]
    begins: tuple[str, ...]


class Units(Strict):
    units: tuple[Unit, ...]

    @model_validator(mode="after")
    def a_spelling_means_one_unit(self) -> Self:
        seen: dict[str, str] = {}
        for unit in self.units:
            for spelling in (*unit.spellings, *unit.begins):
                if seen.setdefault(spelling.casefold(), unit.id) != unit.id:
                    raise ValueError(
                        f"{spelling!r} is both {seen[spelling.casefold()]} and {unit.id}; keep it in one place"
                    )
        return self


def find_unit(text: str) -> str | None:
    """The unit's id, or None. An exact spelling goes before a beginning, a longer beginning before a shorter one."""
    found = URI.match(text.strip())
    folded = re.sub(r"[\s\u00a0]+", " ", found.group(1).replace("-", " ") if found else text).strip().casefold()
    exact, beginnings = _index()
    if folded in exact:
        return exact[folded]
    return next((unit for beginning, unit in beginnings if folded.startswith(beginning)), None)


@functools.cache
def _index() -> tuple[dict[str, str], list[tuple[str, str]]]:
    told = load_yaml(FILE, Units)
    exact = {spelling.casefold(): unit.id for unit in told.units for spelling in unit.spellings}
    beginnings = [(beginning.casefold(), unit.id) for unit in told.units for beginning in unit.begins]
    return exact, sorted(beginnings, key=lambda pair: -len(pair[0]))
