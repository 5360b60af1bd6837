"""What there should be in Metabase: everything in `specs/`, and the rules between the files.

A card that no file describes, a click that leads nowhere or a list that nobody offers stops here, before Metabase is
asked anything.
"""

from __future__ import annotations

import functools
import graphlib
from pathlib import Path

from bi.marts import tables
from bi.metabase.families import made
from bi.metabase.model import Card, Choices, Click, Dashboard, General, Key, Model, Table
from promise.strict import CatalogueError, Strict, load_yaml

FOLDER = Path(__file__).parent / "specs"


class Spec(Strict):
    """Everything that is managed, complete and consistent."""

    general: General
    choices: dict[Key, Choices]
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
        for card in self.cards.values():
            painted = card.display.columns if isinstance(card.display, Table) else ()
            faults += [
                f"question {card.id!r} paints {column.name} with {column.palette!r}, a palette that metabase.yml has "
                "not"
                for column in painted
                if column.palette is not None and column.palette not in self.general.palettes
            ]
        for board in self.dashboards.values():
            faults += [f"dashboards/{board.id}.yml: {words}" for words in self._faults(board)]
        if not faults:
            try:
                _ = self.in_order
            except graphlib.CycleError as error:
                faults.append(
                    f"clicks lead round in a circle, so neither could be made first: {' → '.join(error.args[1])}"
                )
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
            if place.click is not None:
                faults += self._faults_of_click(card, place.click)
        if idle := sorted(offered - mapped):
            faults.append(f"offers the filter {', '.join(idle)}, which no question on it takes; Metabase would hide it")
        faults += [
            f"filter {item.id!r} offers {item.choices!r}, which no file in choices/ describes"
            for item in board.filters
            if item.choices not in self.choices
        ]
        return faults

    def _faults_of_click(self, card: Card, click: Click) -> list[str]:
        target = self.dashboards.get(click.dashboard)
        if target is None:
            return [f"a click on {card.id!r} leads to {click.dashboard!r}, which no file in dashboards/ describes"]
        offered = {item.id for item in target.filters}
        return [
            f"a click on {card.id!r} passes {column} to {taken}, "
            f"which {'the dashboard ' + target.id if column in card.display.needs else 'the question'} does not have"
            for column, taken in click.passes.items()
            if column not in card.display.needs or taken not in offered
        ]

    @property
    def in_order(self) -> list[Dashboard]:
        """The dashboards, those to which a click leads before those on which it is made."""
        order = graphlib.TopologicalSorter(
            {
                key: {place.click.dashboard for place in board.cards if place.click}
                for key, board in self.dashboards.items()
            }
        )
        return [self.dashboards[key] for key in order.static_order()]

    @property
    def tables(self) -> set[str]:
        """Every table of marts that some question reads; what filters offer is asked by ourselves."""
        return set().union(*(tables(card.sql) for card in self.cards.values()))


def load(folder: Path = FOLDER) -> Spec:
    """The specs in `folder`, those that families make among them. Raises CatalogueError naming file, key and remedy."""
    families = [made(path) for path in sorted((folder / "families").glob("*.yml"))]
    whole = Spec(
        general=load_yaml(folder / "metabase.yml", General),
        choices=_together(_each(folder / "choices", Choices), *(family.choices for family in families)),
        cards=_together(_each(folder / "cards", Card), *(family.cards for family in families)),
        dashboards=_together(_each(folder / "dashboards", Dashboard), *(family.dashboards for family in families)),
    )
    if faults := whole.faults():
        raise CatalogueError("\n".join(f"{folder.name}: {words}" for words in faults))
    return whole


@functools.cache
def spec() -> Spec:
    """The specs of this project, read once."""
    return load()


def _together(written: dict[str, Model], *families: dict[str, Model]) -> dict[str, Model]:
    whole = dict(written)
    for family in families:
        if twice := sorted(whole.keys() & family):
            raise CatalogueError(f"{', '.join(twice)}: described by a file and by a family in families/; rename one")
        whole |= family
    return whole


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
