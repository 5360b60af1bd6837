"""Which printed heading is which of our columns: in one file each column has exactly one of those it has had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from promise.vocabulary.periods import in_heading
from promise.vocabulary.quoting import found as quoted

Columns = Mapping[str, tuple[str, ...]]  # our column -> its headings, newest first
Row = tuple[int, list[str | None]]


class File(Protocol):
    """A file that is read: landed, or looked at before."""

    @property
    def content(self) -> Path: ...

    @property
    def file_name(self) -> str: ...

    @property
    def requested_url(self) -> str: ...


def named(heading: str, *, beside_ours: bool) -> str:
    """A heading that nobody described, for a message.

    Where none of ours stands in its row, the row may be one of the table, and what stands in it is cells.
    """
    return repr(heading) if beside_ours else quoted(heading)


def period_apart(parts: Sequence[str]) -> tuple[str | None, str]:
    """The first period in the parts of a heading or title, and the rest: of `2022/23` over `Number`, both.

    None where no period stands there.
    """
    for place, part in enumerate(parts):
        if found := in_heading(part):
            words, period = found
            return period, " | ".join(filter(None, [*parts[:place], words.strip(" ,;:-–"), *parts[place + 1 :]]))
    return None, " | ".join(parts)


class Printed(NamedTuple):
    """A heading as it stands in the file; an address where the line alone does not say where."""

    text: str
    address: str = ""

    def __str__(self) -> str:
        return f"{self.text!r} ({self.address})" if self.address else repr(self.text)


@dataclass(frozen=True)
class Reading:
    """A file that is being read: what each column is headed by in it, and its rows in the order of the columns."""

    headings: dict[str, str]
    rows: Iterator[Row]


@dataclass(frozen=True)
class Match:
    """By which heading, and at which place, each column stands in a file; what is wrong; places of headings unknown.

    In the order of the columns, and whole where there are no faults.
    """

    headings: dict[str, str]
    places: dict[str, int]
    faults: tuple[str, ...]
    unknown: tuple[int, ...]


def match(columns: Columns, printed: Sequence[Printed]) -> Match:
    """Find every column by the one of its headings that is there."""
    column_of = {heading: column for column, headings in columns.items() for heading in headings}
    found: dict[str, list[int]] = {column: [] for column in columns}
    unknown = []
    for place, each in enumerate(printed):
        if each.text in column_of:
            found[column_of[each.text]].append(place)
        else:
            unknown.append(place)
    faults = [
        _fault(column, columns[column], [printed[place] for place in places])
        for column, places in found.items()
        if len(places) != 1
    ]
    places = {column: places[0] for column, places in found.items() if places}
    return Match(
        headings={column: printed[place].text for column, place in places.items()},
        places=places,
        faults=tuple(faults),
        unknown=tuple(unknown),
    )


def _fault(column: str, headings: Sequence[str], there: Sequence[Printed]) -> str:
    newest, *earlier = headings
    if not there:
        before = "".join(f", before {each!r}" for each in earlier)
        return f"the heading {newest!r}{before}{',' if before else ''} is missing"
    if len({each.text for each in there}) == 1:
        return f"the heading {there[-1]} stands there more than once"
    both = " and ".join(map(str, there))
    return f"the headings {both} are both there, and both are of the column {column}; one must be something else by now"


def renamed(yaml: str) -> str:
    """What to do about a heading that is missing and one that nobody knows."""
    return (
        "If the publisher renamed a heading, put the new one at the front of its column's list under `columns` in "
        f"{yaml}; earlier ones stay behind it"
    )
