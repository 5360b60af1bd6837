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


class KnownMarkers(Strict):
    markers: tuple[KnownMarker, ...] = Field(min_length=1)


@functools.cache
def known_markers() -> Mapping[str, str]:
    """Words seen in place of a number, with what they usually mean: for looking at files, not for reading them."""
    return {each.text: each.usually for each in load_yaml(FILE, KnownMarkers).markers}
