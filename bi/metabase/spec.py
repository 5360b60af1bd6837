"""What there should be in Metabase: the strict models of the YAML in `specs/`, and the rules between the files.

A mistyped key, a card that no file describes, overlapping places or a query that reads outside `marts` stops here,
before Metabase is asked anything.
"""

from __future__ import annotations

import functools
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Discriminator, Field, Tag, model_validator

from bi.marts import tables
from bi.metabase import sql
from promise.strict import CatalogueError, Strict, load_yaml

FOLDER = Path(__file__).parent / "specs"
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


class TableColumn(Strict):
    name: Column
    title: Words


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
    """One question. `description` is the only place where it is explained; dashboards show it from there."""

    id: Key
    name: Words
    description: Words
    display: Display
    may_be_empty: bool
    filters: tuple[Filter, ...]
    sql: Words

    @model_validator(mode="after")
    def the_query_is_one_of_ours(self) -> Self:
        faults = sql.faults(self.sql)
        declared = {item.id for item in self.filters}
        if declared != sql.tags(self.sql):
            faults.append(f"declares the filters {sorted(declared)} and uses {sorted(sql.tags(self.sql))}")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class Choices(Strict):
    """Where a filter's list comes from: a column of another question."""

    card: Key
    column: Column


class DashboardFilter(Strict):
    id: Key
    name: Words
    choices: Choices


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


class PlacedCard(Place):
    """A question on the canvas. `filters` maps its own filters to those of the dashboard."""

    card: Key
    filters: dict[Key, Key]


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


class Spec(Strict):
    """Everything that is managed, complete and consistent."""

    general: General
    cards: dict[Key, Card]
    dashboards: dict[Key, Dashboard]

    def faults(self) -> list[str]:
        """What does not fit between the files, in words."""
        faults: list[str] = []
        for kind, names in (
            ("questions", [card.name for card in self.cards.values()]),
            ("dashboards", [board.name for board in self.dashboards.values()]),
        ):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                faults.append(f"two {kind} are called {', '.join(twice)}; Metabase's lists would show them as one")
        for board in self.dashboards.values():
            faults += [f"dashboards/{board.id}.yml: {words}" for words in self._faults(board)]
        return faults

    def _faults(self, board: Dashboard) -> list[str]:
        faults = []
        offered = {item.id for item in board.filters}
        mapped: set[str] = set()
        for place in board.cards:
            card = self.cards.get(place.card)
            if card is None:
                faults.append(f"places the question {place.card!r}, which no file in cards/ describes")
                continue
            takes = {item.id for item in card.filters}
            if set(place.filters) != takes:
                faults.append(
                    f"question {card.id!r} takes the filters {sorted(takes)}, mapped are {sorted(place.filters)}"
                )
            if unknown := sorted(set(place.filters.values()) - offered):
                faults.append(
                    f"question {card.id!r} is mapped to {', '.join(unknown)}, which the dashboard does not offer"
                )
            mapped |= set(place.filters.values())
        if idle := sorted(offered - mapped):
            faults.append(f"offers the filter {', '.join(idle)}, which no question on it takes; Metabase would hide it")
        for item in board.filters:
            source = self.cards.get(item.choices.card)
            if source is None or item.choices.column not in source.display.needs:
                faults.append(f"filter {item.id!r} takes its list from {item.choices.card}.{item.choices.column}, "
                             "which no question shows")  # fmt: skip
        return faults

    @property
    def tables(self) -> set[str]:
        """Every table of marts that some question reads."""
        return set().union(*(tables(card.sql) for card in self.cards.values()))


def load(folder: Path = FOLDER) -> Spec:
    """The specs in `folder`. Raises CatalogueError naming file, key and remedy."""
    whole = Spec(
        general=load_yaml(folder / "metabase.yml", General),
        cards=_each(folder / "cards", Card),
        dashboards=_each(folder / "dashboards", Dashboard),
    )
    if faults := whole.faults():
        raise CatalogueError("\n".join(f"{folder.name}: {words}" for words in faults))
    return whole


@functools.cache
def spec() -> Spec:
    """The specs of this project, read once."""
    return load()


Model = TypeVar("Model", Card, Dashboard)


def _each(folder: Path, model: type[Model]) -> dict[str, Model]:
    models: dict[str, Model] = {}
    for path in sorted(folder.glob("*.yml")):
        item = load_yaml(path, model)
        if item.id != path.stem:
            raise CatalogueError(f"{path}: id is {item.id!r}; the file name and the id must agree")
        models[item.id] = item
    if not models:
        raise CatalogueError(f"{folder} has no *.yml; was the checkout complete?")
    return models
