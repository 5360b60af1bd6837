"""`ingestion/changes.yml`: what of a new edition is not believed unseen, beside the edition before."""

from __future__ import annotations

import functools
from typing import Literal

from pydantic import Field

from promise.settings import ROOT
from promise.strict import Strict, load_yaml

FILE = ROOT / "ingestion" / "changes.yml"
Weight = Literal["stop", "hold", "note"]


class Change(Strict):
    """What happens when an edition changes so, and the words for it."""

    severity: Weight
    why: str
    expected: str
    remedy: str


class Measured(Change):
    """A change that counts from a limit on."""

    limit: float = Field(gt=0)


class Revised(Measured):
    """How much may change: `limit` is a share, until there are so many `editions` that they say it themselves."""

    editions: int = Field(ge=2)


class Changes(Strict):
    """Every kind of change that is looked for."""

    hundredfold: Measured
    sign: Change
    unit: Change
    series_gone: Change
    revised: Revised
    fewer_rows: Change
    mostly_gone: Measured


class OfSource(Strict):
    """What a source says of a kind of change that is in its nature."""

    severity: Weight
    reason: str


Kind = Literal["hundredfold", "sign", "unit", "series_gone", "revised", "fewer_rows", "mostly_gone"]


@functools.cache
def changes() -> Changes:
    """As described in the file. Raises CatalogueError naming file, key and remedy."""
    return load_yaml(FILE, Changes)
