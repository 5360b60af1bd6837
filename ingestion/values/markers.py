"""Words that publishers print in place of a number. What one means in a source is the source's to say, in its entry."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from pydantic import Field

from promise.catalogue.strict import Strict, load_yaml
from promise.settings import ROOT

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
