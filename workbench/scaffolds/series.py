"""The series that a source publishes, named as staging names them, and what its bundled files show of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

from ingestion.landing import Snapshot
from ingestion.readers import read
from promise.catalogue.figures import Figures
from promise.catalogue.framework_words import Geography
from promise.catalogue.sources import Source
from promise.settings import settings
from promise.vocabulary.areas import find_area
from promise.vocabulary.numbers import find_number

Name = tuple[str, str]  # label and heading
ADDRESS = re.compile(r"^https?://.*/")
GEOGRAPHY: dict[str, Geography] = {"country": "national", "council": "council", "health_board": "health_board"}
MOST_DECIMALS = 4  # that a measure may show


@dataclass
class Shown:
    """What the figures of a series look like."""

    periods: set[str] = field(default_factory=set)
    decimals: int = 0
    geography: set[Geography] = field(default_factory=set)


def rows(source: Source) -> Iterator[dict[str, str]]:
    """The bundled files of a source, as they are read."""
    for edition in source.bundle:
        path = settings().bundle / source.id / edition.file
        landed = SimpleNamespace(content=path, file_name=path.name, requested_url=source.address(edition))
        for _, texts in read(source, cast(Snapshot, landed)):
            yield dict(zip(source.table.columns, [(text or "").strip() for text in texts], strict=True))


def published(source: Source) -> dict[Name, Shown]:
    """Every series in the bundled files; none of a source whose figures are taken apart by hand."""
    found: dict[Name, Shown] = {}
    figures, checks = source.figures, source.table.checks
    if figures is None or figures.by_hand or checks.area is None:
        return found
    period = figures.period or (checks.period.column if checks.period else "")
    for row in rows(source):
        area = find_area(ADDRESS.sub("", row[checks.area.column]))
        for column in figures.value:
            shown = found.setdefault(_name(source, figures, row, column), Shown())
            shown.periods |= {row[period]} - {""}
            if area:
                shown.geography.add(GEOGRAPHY[area.kind])
            if (number := find_number(row[column])) is not None:
                places = -int(number.value.as_tuple().exponent)
                shown.decimals = max(shown.decimals, min(places, MOST_DECIMALS))
    return found


def _name(source: Source, figures: Figures, row: dict[str, str], column: str) -> Name:
    """As the macro `figures` has it: the published heading stands where no column says more."""
    printed = source.table.newest[column]
    label = ADDRESS.sub("", row[figures.label]) if figures.label else figures.called or printed
    if figures.heading:
        return label, ADDRESS.sub("", row[figures.heading])
    return label, printed if len(figures.value) > 1 and (figures.label or figures.called) else ""
