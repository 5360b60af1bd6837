"""How a source's file is read: its shape, and, where a file holds several tables, how the right one is recognised.

These are parts of a source's YAML: of its `table`, and of `live: reads` where the publisher's own file is another.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from promise.strict import Strict

ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
# What a column may take besides a printed heading; written with @ so that no heading can be meant by chance.
FROM_THE_CELL = ("@heading", "@heading address", "@heading marks", "@cell", "@text", "@label marks")
FROM_THE_TABLE = ("@sheet", "@title", "@section", "@value")


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

    shape: Literal["cube_csv", "slice_csv", "sparql", "statxplore", "jsonstat", "ckan", "ons_csv"]
    # Heading as it came to be -> heading as `columns` has it: a publisher's renaming is data, and both stay readable.
    also_called: dict[str, str] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()  # patterns of headings that are known and not taken


class Searched(Strict):
    """A workbook, or text with a story around its table: the table is found by what it says, not by where it stands."""

    shape: Literal["workbook", "text_table"]
    headings: tuple[str, ...] = Field(min_length=1)  # patterns; the table has a heading for each of them
    title: str | None = None  # a pattern that a line above the table must have
    sheet: str | None = None  # a pattern of the sheet's name; leave it out where names move
    layout: Literal["wide", "long"] = "wide"  # long: one row a cell, for cross-tabs
    take: str | None = None  # long: a pattern of the headings whose cells are taken
    also_called: dict[str, str] = Field(default_factory=dict)
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


Reader = Annotated[Delimited | GeoJson | Published | Searched, Field(discriminator="shape")]
