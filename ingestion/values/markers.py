"""Cells: a number, or a word that stands where one would. What a word means is the source's to say, never ours."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import Field

from ingestion.values.errors import UnknownValue
from ingestion.values.numbers import find_number, read_number
from promise.catalogue.sources import ConfStatus, ObsStatus, Source
from promise.catalogue.strict import Strict, load_yaml
from promise.settings import ROOT

FILE = ROOT / "ingestion" / "vocabulary" / "markers.yml"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a marker means in one source, from and until a publication date where the meaning changed."""

    marker: str
    obs_status: ObsStatus
    conf_status: ConfStatus
    meaning: str
    since: date | None = None
    until: date | None = None

    def holds(self, published_on: date | None) -> bool:
        """Without a date only a rule without limits holds: guessing between two meanings is not for us."""
        if published_on is None:
            return self.since is None and self.until is None
        return (self.since or date.min) <= published_on <= (self.until or date.max)


@dataclass(frozen=True, slots=True)
class CellValue:
    """A cell, read. `value` is None exactly when a marker says why."""

    value: Decimal | None
    obs_status: ObsStatus
    conf_status: ConfStatus
    percent: bool
    published: str


@dataclass(frozen=True)
class Markers:
    """The markers of one source."""

    source_id: str
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, source: Source) -> Self:
        return cls(source.id, tuple(_rules(source)))

    def read(self, text: str, published_on: date | None = None) -> CellValue:
        """The cell's value or the reason for its absence. Raises UnknownValue for a word that the source does "
        "not explain.

        A marker goes before a number: a source may declare `0` or `999` to be one.
        """
        bare = text.strip()
        meant = [rule for rule in self.rules if rule.marker == bare and rule.holds(published_on)]
        if len(meant) == 1:
            return CellValue(None, meant[0].obs_status, meant[0].conf_status, False, text)
        if found := find_number(text):
            return CellValue(found.value, found.flag or "final", "free", found.percent, text)
        if any(character.isdigit() for character in bare):
            read_number(text)  # raises, saying what is wrong with it as a number
        known = ", ".join(sorted({rule.marker for rule in self.rules})) or "none"
        raise UnknownValue(
            "number and no marker",
            text,
            f"a number or one of the markers of {self.source_id}: {known}",
            f"Find out what it means and add it under `markers` in ingestion/sources/{self.source_id}.yml",
        )


def _rules(source: Source) -> Iterable[Rule]:
    for text, marker in source.markers.items():
        yield Rule(
            text,
            marker.obs_status,
            marker.conf_status,
            marker.meaning,
            marker.since,
            marker.until,
        )


class KnownMarker(Strict):
    text: str
    usually: str


class KnownMarkers(Strict):
    markers: tuple[KnownMarker, ...] = Field(min_length=1)


@functools.cache
def known_markers() -> Mapping[str, str]:
    """Words seen in place of a number, with what they usually mean: for looking at files, not for reading them."""
    return {each.text: each.usually for each in load_yaml(FILE, KnownMarkers).markers}
