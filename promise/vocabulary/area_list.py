"""The areas: which codes and spellings name which area, as `ingestion/vocabulary/areas.yml` says."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from promise.settings import ROOT
from promise.strict import Strict, load_yaml

FILE = ROOT / "ingestion" / "vocabulary" / "areas.yml"
Code = Annotated[str, Field(pattern=r"^S\d{8}$")]


class EarlierCode(Strict):
    """A code that the area had before, and its last day as published; null for one that no list dates."""

    code: Code
    until: date | None


class Area(Strict):
    """An area under its current code."""

    code: Code
    name: str
    earlier_codes: tuple[EarlierCode, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.code, *(each.code for each in self.earlier_codes))

    def ended(self, word: str) -> date | None:
        """The last day of one of its codes; None for a code in force, for a name, and where no list dates it."""
        return next((each.until for each in self.earlier_codes if each.code == word), None)


class Areas(Strict):
    """All areas, by kind."""

    country: tuple[Area, ...] = Field(min_length=1, max_length=1)
    councils: tuple[Area, ...]
    health_boards: tuple[Area, ...]

    @model_validator(mode="after")
    def nothing_names_two_areas(self) -> Self:
        seen: dict[str, str] = {}
        for _kind, area in self:
            for word in (*area.codes, *area.names):
                if word in seen and seen[word] != area.code:
                    raise ValueError(f"{word!r} names both {seen[word]} and {area.code}; keep it in one place")
                seen[word] = area.code
        return self

    def __iter__(self) -> Iterator[tuple[str, Area]]:  # type: ignore[override]
        for kind, group in (
            ("country", self.country),
            ("council", self.councils),
            ("health_board", self.health_boards),
        ):
            for area in group:
                yield kind, area

    @property
    def names(self) -> set[str]:
        """Every spelling that is understood."""
        return {name for _, area in self for name in area.names}

    @property
    def codes(self) -> set[str]:
        """Every code that is understood, current or earlier."""
        return {code for _, area in self for code in area.codes}


@functools.cache
def areas(file: Path = FILE) -> Areas:
    """The areas as described in the file. Raises CatalogueError naming file, key and remedy."""
    return load_yaml(file, Areas)
