"""The strict models of the YAML in `specs/`: a mistyped key or a question that is not one of ours stops at its file."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Discriminator, Field, Tag, model_validator

from bi.metabase import sql
from promise.strict import Strict

CANVAS = 24  # columns of a Metabase dashboard

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Words = Annotated[str, Field(min_length=1, pattern=r"\S")]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]


class Supported(Strict):
    """Majors of Metabase (57 is v0.57) that may be written to."""

    oldest: int
    newest: int


class Database(Strict):
    name: Words
    schema_: str = Field(alias="schema")


class Collection(Strict):
    name: Words
    description: Words


class Readers(Strict):
    """The group of those who look and do not change: they, and everybody who signs in."""

    name: Words


class Map(Strict):
    """The entry in Metabase's custom GeoJSON; the file's address is configuration, not part of it."""

    key: Key
    name: Words
    region_key: str
    region_name: str


class General(Strict):
    supported: Supported
    database: Database
    collection: Collection
    readers: Readers
    map: Map
    palettes: dict[Key, dict[Words, Colour]]


class TableColumn(Strict):
    """`palette` colours the cell by its words, and never says anything that the words do not."""

    name: Column
    title: Words
    palette: Key | None = None
    decimals: int | None = Field(default=None, ge=0, le=4)


class Table(Strict):
    kind: Literal["table"]
    columns: tuple[TableColumn, ...] = Field(min_length=1)

    @property
    def needs(self) -> set[str]:
        return {column.name for column in self.columns}


class Scalar(Strict):
    kind: Literal["scalar"]
    value: Column

    @property
    def needs(self) -> set[str]:
        return {self.value}


class Row(Strict):
    """Horizontal bars."""

    kind: Literal["row"]
    label: Column
    value: Column

    @property
    def needs(self) -> set[str]:
        return {self.label, self.value}


class Line(Strict):
    kind: Literal["line"]
    x: Column
    y: Column
    series: Column

    @property
    def needs(self) -> set[str]:
        return {self.x, self.y, self.series}


class RegionMap(Strict):
    """A choropleth over the custom map. Without a map file it is drawn as bars: `label` against `value`."""

    kind: Literal["region_map"]
    region: Column
    label: Column
    value: Column
    colours: tuple[Colour, ...] = Field(min_length=3)

    @property
    def needs(self) -> set[str]:
        return {self.region, self.label, self.value}


Display = Annotated[Table | Scalar | Row | Line | RegionMap, Field(discriminator="kind")]


class Filter(Strict):
    """A value that a question takes, written as `{{id}}` in its SQL."""

    id: Key
    name: Words


class Card(Strict):
    """One question. `description` is the only place where it is explained; dashboards show it from there.

    `may_be_empty`: whether it may have nothing to show, or the filters by a choice of which it may come to that.
    """

    id: Key
    name: Words
    description: Words
    display: Display
    may_be_empty: bool | tuple[Key, ...]
    filters: tuple[Filter, ...]
    sql: Words

    @model_validator(mode="after")
    def the_query_is_one_of_ours(self) -> Self:
        faults = sql.faults(self.sql)
        declared = {item.id for item in self.filters}
        if declared != sql.tags(self.sql):
            faults.append(f"declares the filters {sorted(declared)} and uses {sorted(sql.tags(self.sql))}")
        if isinstance(self.may_be_empty, tuple) and (strange := sorted(set(self.may_be_empty) - declared)):
            faults.append(f"may be empty by a choice of {', '.join(strange)}, which it does not take")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class Choices(Strict):
    """What a filter offers, in this order: `value`, which is compared with, and `label`, which people read.

    It is asked of the marts when Metabase is provisioned, and handed over as a list: a list that Metabase takes from a
    question has no labels, is sorted anew and ends at a thousand.
    """

    id: Key
    sql: Words

    @model_validator(mode="after")
    def the_query_is_one_of_ours(self) -> Self:
        faults = sql.faults(self.sql)
        if taken := sql.tags(self.sql):
            faults.append(f"uses the filters {sorted(taken)}; what a filter offers depends on no other")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class DashboardFilter(Strict):
    """`opens_on`: what is chosen when the dashboard is opened, where that is on offer; else nothing is."""

    id: Key
    name: Words
    choices: Key
    opens_on: Literal["the first"] | Words | None


class Place(Strict):
    row: int = Field(ge=0)
    column: int = Field(ge=0, lt=CANVAS)
    width: int = Field(ge=1, le=CANVAS)
    height: int = Field(ge=1)

    @model_validator(mode="after")
    def it_fits(self) -> Self:
        if self.column + self.width > CANVAS:
            raise ValueError(f"column {self.column} and width {self.width} go beyond the {CANVAS} columns")
        return self

    def overlaps(self, other: Place) -> bool:
        return (
            self.column < other.column + other.width
            and other.column < self.column + self.width
            and self.row < other.row + other.height
            and other.row < self.row + self.height
        )


class Heading(Place):
    heading: Words


class Click(Strict):
    """Where a click leads: to another dashboard, whose filters take what stands in columns of what was clicked on."""

    dashboard: Key
    passes: dict[Column, Key] = Field(min_length=1)


class PlacedCard(Place):
    """A question on the canvas. `filters` maps its own filters to those of the dashboard."""

    card: Key
    filters: dict[Key, Key]
    click: Click | None = None


def _kind_of_item(given: Any) -> str:
    return "heading" if isinstance(given, Heading) or (isinstance(given, dict) and "heading" in given) else "card"


Item = Annotated[Annotated[Heading, Tag("heading")] | Annotated[PlacedCard, Tag("card")], Discriminator(_kind_of_item)]


class Tab(Strict):
    name: Words
    items: tuple[Item, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def nothing_overlaps(self) -> Self:
        for one, other in combinations(self.items, 2):
            if one.overlaps(other):
                raise ValueError(
                    f"tab {self.name!r}: what stands at row {one.row}, column {one.column} overlaps "
                    f"what stands at row {other.row}, column {other.column}"
                )
        return self

    @property
    def cards(self) -> list[PlacedCard]:
        return [item for item in self.items if isinstance(item, PlacedCard)]


class Dashboard(Strict):
    """One dashboard, its whole canvas. With a single tab Metabase shows no tabs."""

    id: Key
    name: Words
    description: Words
    filters: tuple[DashboardFilter, ...]
    tabs: tuple[Tab, ...] = Field(min_length=1)

    @property
    def cards(self) -> list[PlacedCard]:
        return [card for tab in self.tabs for card in tab.cards]


Model = TypeVar("Model", Choices, Card, Dashboard)  # what stands in files of its own, each with an id
