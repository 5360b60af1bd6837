"""The areas: which codes and spellings name which area, as `ingestion/vocabulary/areas.yml` says."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from promise.catalogue.strict import Strict, load_yaml
from promise.settings import ROOT

FILE = ROOT / "ingestion" / "vocabulary" / "areas.yml"
Code = Annotated[str, Field(pattern=r"^S\d{8}$")]


class Area(Strict):
    """An area under its current code."""

    code: Code
    name: str
    earlier_codes: tuple[Code, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.code, *self.earlier_codes)


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
