"""How a source's file is read: its shape, its headings, and, where it holds several tables, which is the right one.

These are parts of a source's YAML: of its `table`, and of `live: reads` where the publisher's own file is another.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from promise.strict import Strict

COLUMN_NAME = r"^[a-z][a-z0-9_]{0,62}$"
ColumnName = Annotated[str, Field(pattern=COLUMN_NAME)]
# What a column may take besides a printed heading; written with @ so that no heading can be meant by chance.
FROM_THE_CELL = (
    *("@heading", "@heading address", "@heading marks", "@heading period", "@heading words"),
    *("@cell", "@text", "@label", "@label marks"),
)
OF_THE_EDITION = "@edition period"  # what the entry says of the file as a whole
FROM_THE_TABLE = ("@sheet", "@title", "@title period", "@section", "@parent", "@value", OF_THE_EDITION)


def _history(headings: object) -> object:
    """The headings that a column has had; one alone need not stand in a list."""
    listed = [headings] if isinstance(headings, str) else headings
    if not isinstance(listed, list | tuple) or not listed or not all(isinstance(each, str) for each in listed):
        given = "null" if headings is None else repr(headings)
        raise ValueError(
            f"is {given}, expected the published heading, or all that the column has had, newest first, such as "
            "[new, old]; write each between quotes if it looks like a number or a date"
        )
    for heading, times in Counter(listed).items():
        if times > 1:
            raise ValueError(
                f"the heading {heading!r} stands there {times} times; keep one, in its place: newest first"
            )
        if len(listed) > 1 and heading in FROM_THE_CELL + FROM_THE_TABLE:
            raise ValueError(f"{heading!r} is no printed heading, so it is never renamed; write it alone")
    return listed


def _of_one_column(columns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    owner: dict[str, str] = {}
    for column, headings in columns.items():
        if not re.fullmatch(COLUMN_NAME, column):
            raise ValueError(
                f"{column!r} is no name of a column, expected text like {COLUMN_NAME}; our column stands first, and "
                "behind it the headings that it has had"
            )
        for heading in headings:
            if heading in owner:
                raise ValueError(
                    f"the heading {heading!r} is given to {owner[heading]} and to {column}, and a heading is of one "
                    "column; take it out of the other"
                )
            owner[heading] = column
    return columns


# Our column -> the headings that it has had, newest first. Exactly one of them is in a file: a publisher's renaming is
# data, and every edition stays readable.
Columns = Annotated[dict[str, Annotated[tuple[str, ...], BeforeValidator(_history)]], AfterValidator(_of_one_column)]


# Which revision of a shape's reader gives its texts; of the shapes that are not here it is the first. It is raised
# where the same file comes out otherwise than before: what an earlier revision read is then read again from landing.
# workbook 2: a number that is shown as a percentage is read as one. workbook 3, text_table 2: links that only lead
# elsewhere, titles, years over several blocks, and note marks in round brackets are read as a person reads them.
REVISIONS = {"workbook": 3, "text_table": 2}


class Delimited(Strict):
    """Text with one header row and a fixed delimiter, perhaps gzipped."""

    shape: Literal["delimited"]
    encoding: Literal["utf-8", "utf-8-sig", "cp1252"] = "utf-8"
    delimiter: str = ","


class GeoJson(Strict):
    """A FeatureCollection: one row a feature, its properties and its geometry as text."""

    shape: Literal["geojson"]


class Published(Strict):
    """A file that is one table in a format of its own."""

    shape: Literal["cube_csv", "slice_csv", "data_cart", "sparql", "statxplore", "jsonstat", "ckan", "ons_csv"]
    ignore: tuple[str, ...] = ()  # patterns of headings that are known and not taken


class Searched(Strict):
    """A workbook, or text with a story around its table: the table is found by what it says, not by where it stands."""

    shape: Literal["workbook", "text_table"]
    # Patterns; the table has a heading for each of them, as it is called now or was called before.
    headings: tuple[str, ...] = Field(min_length=1)
    title: str | None = None  # a pattern that a line above the table must have
    sheet: str | None = None  # a pattern of the sheet's name; leave it out where names move
    layout: Literal["wide", "long"] = "wide"  # long: one row a cell, for cross-tabs
    take: str | None = None  # long: a pattern of the headings whose cells are taken
    ignore: tuple[str, ...] = ()

    @model_validator(mode="after")
    def patterns_are_patterns(self) -> Self:
        given = [*self.headings, *self.ignore, *(each for each in (self.title, self.sheet, self.take) if each)]
        for pattern in given:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no pattern ({error}); write it as a regular expression") from None
        if self.take and self.layout == "wide":
            raise ValueError("take is for the layout long; map the headings you want under columns instead")
        return self


def revision(shape: str) -> int:
    """Of the reader of that shape, as it is now."""
    return REVISIONS.get(shape, 1)


Reader = Annotated[Delimited | GeoJson | Published | Searched, Field(discriminator="shape")]
