"""Headings that may be about a person, as `ingestion/vocabulary/personal_data.yml` lists them."""

from __future__ import annotations

import functools
import re

from pydantic import Field

from promise.settings import ROOT
from promise.strict import Strict, load_yaml

FILE = ROOT / "ingestion" / "vocabulary" / "personal_data.yml"


class PersonalHeadings(Strict):
    patterns: tuple[str, ...] = Field(min_length=1)
    exceptions: tuple[str, ...] = Field(alias="except")


def may_be_personal(heading: str) -> bool:
    """Whether a heading reads as if its column were about persons. A suspicion, never a proof of the contrary."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading.replace("_", " ")).casefold().strip()
    suspects, harmless = _compiled()
    return any(each.search(words) for each in suspects) and not any(each.search(words) for each in harmless)


def suspicion(heading: str) -> str:
    """The words for a message about a heading that nobody declared; none for a heading that is not suspected."""
    return " and may be about a person: find out before anything of it is kept" if may_be_personal(heading) else ""


@functools.cache
def _compiled() -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    told = load_yaml(FILE, PersonalHeadings)
    return [re.compile(each) for each in told.patterns], [re.compile(each) for each in told.exceptions]
