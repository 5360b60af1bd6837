"""Words that stand where a number would, known by sight. What a word means is the source's to say, never ours."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from pydantic import Field

from promise.settings import ROOT
from promise.strict import Strict, load_yaml

FILE = ROOT / "ingestion" / "vocabulary" / "markers.yml"


class KnownMarker(Strict):
    text: str
    usually: str


class Qualifier(Strict):
    """A word beside a figure. The statuses are those that a source's entry may give it."""

    text: str
    usually: str
    obs_status: str
    conf_status: str


class KnownMarkers(Strict):
    markers: tuple[KnownMarker, ...] = Field(min_length=1)
    qualifiers: tuple[Qualifier, ...] = Field(min_length=1)


def find_qualifier(text: str) -> Qualifier | None:
    """What a text of one qualifier or several says: its kind by the weightiest, its words by all. Else None."""
    known = _qualifiers()
    words = text.split()
    if not words or not set(words) <= known.keys():
        return None
    first, *_ = found = [each for each in known.values() if each.text in words]
    said = [known[word].usually for word in words]
    return first if len(found) == 1 else first.model_copy(update={"text": text.strip(), "usually": "; ".join(said)})


@functools.cache
def _qualifiers() -> Mapping[str, Qualifier]:
    return {each.text: each for each in load_yaml(FILE, KnownMarkers).qualifiers}


@functools.cache
def known_markers() -> Mapping[str, str]:
    """Words seen in place of a number, with what they usually mean: for looking at files, not for reading them."""
    return {each.text: each.usually for each in load_yaml(FILE, KnownMarkers).markers}
