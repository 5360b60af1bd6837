"""Running what was provisioned, as a page of Metabase does: each place through its dashboard, filters with a choice.

What no dashboard shows, such as the questions that fill the lists of filters, is run by itself. What is drawn is what
is looked at here: the columns, the rows, and whether the map has a region for each.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bi.metabase.bodies import Json
from bi.metabase.client import Client, MetabaseError
from bi.metabase.spec import Card, Dashboard, RegionMap, Spec

Answer = tuple[list[str], list[list[object]]]  # column names, rows


@dataclass
class Smoke:
    """One look at everything. Raises MetabaseError at the first question that would not be what it should be."""

    client: Client
    spec: Spec
    cards: dict[str, int]
    boards: dict[str, int]
    regions: set[str] | None  # the codes that the map has; None when there is no map
    questions_run: int = 0
    notes: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Every question without a choice, and each that takes one also with the first of its list."""
        shown = {place.card for board in self.spec.dashboards.values() for place in board.cards}
        answers = {
            key: self._answer(card, f"/api/card/{self.cards[key]}/query", {})
            for key, card in self.spec.cards.items()
            if key not in shown
        }
        for board in self.spec.dashboards.values():
            answers |= self._board(board)
        for board in self.spec.dashboards.values():
            self._choices_differ(board, answers)
        for card in self.spec.cards.values():
            self._regions_exist(card, *answers[card.id])

    def _board(self, board: Dashboard) -> dict[str, Answer]:
        number = self.boards[board.id]
        theirs = self.client.get(f"/api/dashboard/{number}")
        keys = {card_id: key for key, card_id in self.cards.items()}
        first = {parameter["id"]: self._first_choice(board, number, parameter) for parameter in theirs["parameters"]}
        answers = {}
        for place in theirs["dashcards"]:
            if place.get("card_id") not in keys:
                continue  # a heading, or somebody's own question, which the next apply takes away
            card = self.spec.cards[keys[place["card_id"]]]
            path = f"/api/dashboard/{number}/dashcard/{place['id']}/card/{place['card_id']}/query"
            answers[card.id] = self._answer(card, path, {})
            taken = {mapping["parameter_id"] for mapping in place.get("parameter_mappings") or []}
            chosen = {name: choice for name, choice in first.items() if name in taken and choice is not None}
            if chosen:
                self._answer(card, path, chosen)
        return answers

    def _first_choice(self, board: Dashboard, number: int, parameter: Json) -> object:
        """As Metabase lists them: distinct, sorted, and no more than a thousand."""
        listed = self.client.get(f"/api/dashboard/{number}/params/{parameter['id']}/values")
        if listed.get("has_more_values"):
            self.notes.append(
                f"the filter {parameter['name']!r} of {board.name!r} has more choices than Metabase lists "
                f"({len(listed['values'])}); the others must be typed"
            )
        return listed["values"][0][0] if listed["values"] else None

    def _answer(self, card: Card, path: str, values: dict[str, object]) -> Answer:
        parameters = [{"id": name, "type": "string/=", "value": [value]} for name, value in values.items()]
        answer = self.client.post(path, {"parameters": parameters})
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
        if not rows and not card.may_be_empty:
            raise MetabaseError(
                f"question {card.name!r}{with_values} returns no row. Has a release been published (`promise status`)? "
                f"If there may be nothing, say may_be_empty: true in bi/metabase/specs/cards/{card.id}.yml"
            )
        if answer["data"].get("rows_truncated"):
            self.notes.append(
                f"question {card.name!r}{with_values} has more rows than the {len(rows)} that Metabase shows; "
                "the others are seen with a filter"
            )
        return columns, rows

    def _choices_differ(self, board: Dashboard, answers: dict[str, Answer]) -> None:
        for item in board.filters:
            columns, rows = answers[item.choices.card]
            at = columns.index(item.choices.column)
            choices = [row[at] for row in rows]
            if twice := sorted({str(one) for one in choices if choices.count(one) > 1}):
                raise MetabaseError(
                    f"the filter {item.id!r} of {board.name!r} offers {', '.join(twice)} more than once, so a "
                    "choice would not say which is meant; give them different names in framework/."
                )

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
