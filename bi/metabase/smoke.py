"""Running what was provisioned, as a page of Metabase does: each place through its dashboard, filters with a choice.

What is drawn is what is looked at here: the columns, the rows, and whether the map has a region for each. After an
`apply` each dashboard is looked at as it opens and with nothing chosen; `promise bi smoke` tries everything that is on
offer, and a choice that nothing has.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bi.metabase.bodies import Json, Offers, opening, short_id
from bi.metabase.client import Client, MetabaseError
from bi.metabase.model import Card, Dashboard, PlacedCard, RegionMap
from bi.metabase.spec import Spec

NOBODY = "promise: no such choice"
Answer = tuple[list[str], list[list[object]]]  # column names, rows


@dataclass
class Smoke:
    """One look at everything. Raises MetabaseError at the first question that would not be what it should be."""

    client: Client
    spec: Spec
    cards: dict[str, int]
    boards: dict[str, int]
    regions: set[str] | None  # the codes that the map has; None when there is no map
    offers: Offers
    every_choice: bool = False
    questions_run: int = 0
    slowest: tuple[float, str] = (0.0, "")
    notes: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Every place of every dashboard, by each set of choices that is to be tried."""
        for board in self.spec.dashboards.values():
            self._choices_differ(board)
            self._board(board)

    def _board(self, board: Dashboard) -> None:
        number = self.boards[board.id]
        theirs = self.client.get(f"/api/dashboard/{number}")
        keys = {card_id: key for key, card_id in self.cards.items()}
        for parameter in theirs["parameters"]:
            self._is_offered(board, number, parameter)
        placed = {place.card: place for place in board.cards}
        for place in theirs["dashcards"]:
            key = keys.get(place.get("card_id"))
            if key not in placed:
                continue  # a heading, or somebody's own question, which the next apply takes away
            card = self.spec.cards[key]
            path = f"/api/dashboard/{number}/dashcard/{place['id']}/card/{place['card_id']}/query"
            for chosen in self._choices(board, placed[key]):
                ids = {short_id(board.id, name): value for name, value in chosen.items()}
                columns, rows = self._answer(card, path, ids)
                if not rows and not self._may_be_empty(card, placed[key], chosen):
                    raise MetabaseError(_empty(card, chosen))
                self._regions_exist(card, columns, rows)

    def _may_be_empty(self, card: Card, place: PlacedCard, chosen: dict[str, str]) -> bool:
        if NOBODY in chosen.values():
            return True
        if isinstance(card.may_be_empty, bool):
            return card.may_be_empty
        return any(place.filters[taken] in chosen for taken in card.may_be_empty)

    def _choices(self, board: Dashboard, place: PlacedCard) -> Iterator[dict[str, str]]:
        """The sets of choices to try for a place, by the dashboard's filters that it takes; one without any first."""
        yield {}
        taken = [item for item in board.filters if item.id in place.filters.values()]
        opened = {item.id: value for item in taken if (value := opening(item, self.offers)) is not None}
        if opened:
            yield opened
        for item in taken:
            offered = [value for value, _ in self.offers[item.choices]]
            others = [value for value in offered if value != opened.get(item.id)]
            for value in others if self.every_choice else others[:1] if not opened else []:
                yield {**opened, item.id: value}
            if self.every_choice:
                yield {**opened, item.id: NOBODY}

    def _is_offered(self, board: Dashboard, number: int, parameter: Json) -> None:
        """Metabase offers what it was given, in the order in which it was given."""
        listed = self.client.get(f"/api/dashboard/{number}/params/{parameter['id']}/values")["values"]
        ours = {short_id(board.id, item.id): item for item in board.filters}.get(parameter["id"])
        if ours is not None and [row[0] for row in listed] != [value for value, _ in self.offers[ours.choices]]:
            self.notes.append(
                f"the filter {parameter['name']!r} of {board.name!r} does not offer what the release has; apply again"
            )

    def _answer(self, card: Card, path: str, values: dict[str, str]) -> Answer:
        parameters = [{"id": name, "type": "string/=", "value": [value]} for name, value in values.items()]
        begun = time.monotonic()
        answer = self.client.post(path, {"parameters": parameters})
        self.slowest = max(self.slowest, (time.monotonic() - begun, card.name))
        self.questions_run += 1
        with_values = f" with {list(values.values())}" if values else ""
        if answer.get("status") != "completed":
            words = self.client.clean(str(answer.get("error") or answer.get("status")))
            raise MetabaseError(
                f"question {card.name!r}{with_values} (bi/metabase/specs/cards/{card.id}.yml) fails in Metabase: "
                f"{words}\nMay promise_reader read the release (`promise db url --reader` and psql), and are the "
                "columns those of marts? Then apply again."
            )
        columns = [column["name"] for column in answer["data"]["cols"]]
        if lost := sorted(card.display.needs - set(columns)):
            raise MetabaseError(
                f"question {card.name!r} is drawn from {', '.join(lost)}, but returns {', '.join(columns)}; "
                f"correct bi/metabase/specs/cards/{card.id}.yml"
            )
        rows = answer["data"]["rows"]
        if answer["data"].get("rows_truncated"):
            self.notes.append(
                f"question {card.name!r}{with_values} has more rows than the {len(rows)} that Metabase shows; "
                "the others are seen with a filter"
            )
        return columns, rows

    def _choices_differ(self, board: Dashboard) -> None:
        for item in board.filters:
            labels = [label for _, label in self.offers[item.choices]]
            if twice := sorted({label for label in labels if labels.count(label) > 1}):
                raise MetabaseError(
                    f"the filter {item.id!r} of {board.name!r} offers {', '.join(twice)} more than once, so a "
                    "choice would not say which is meant; give them different names in framework/."
                )
            if not labels:
                self.notes.append(f"the filter {item.id!r} of {board.name!r} has nothing to offer in this release")

    def _regions_exist(self, card: Card, columns: list[str], rows: list[list[object]]) -> None:
        if self.regions is None or not isinstance(card.display, RegionMap):
            return
        at = columns.index(card.display.region)
        if lost := sorted({str(row[at]) for row in rows} - self.regions):
            raise MetabaseError(
                f"question {card.name!r}: the map file has no region for {', '.join(lost)}, and Metabase drops "
                "such rows without a word. Give it a council_areas.json of the release that is shown: "
                "`promise bi apply` writes it below METABASE_MAPS, `promise site build` for an address."
            )


def _empty(card: Card, chosen: dict[str, str]) -> str:
    with_choices = f" with {', '.join(f'{name} {value}' for name, value in chosen.items())}" if chosen else ""
    return (
        f"question {card.name!r}{with_choices} returns no row. Has a release been published (`promise status`)? If "
        f"there may be nothing, say so as may_be_empty of {card.id!r} in bi/metabase/specs/: true, or by which filters"
    )
