"""Which thing in Metabase is which of ours: by what the server gave it, else by our key in it, else by its name.

Metabase lets nobody choose an identity. What it gives is kept by our key (`Writing.state`); where that is lost, a thing
is ours if it stands in the managed collection and has our key among its settings, or else our name.
"""

from __future__ import annotations

from collections.abc import Collection

from bi.metabase import bodies
from bi.metabase.bodies import Json
from bi.metabase.client import MetabaseError
from bi.metabase.writing import Writing, item_of
from warehouse.provisioned import Item

ITEMS = 500  # one page of a collection's items
KINDS = {"card": "card", "dataset": "card", "metric": "card", "dashboard": "dashboard"}
# How a thing is asked for: questions in the shape that all versions share.
READ: dict[str, dict[str, str]] = {"card": {"legacy-mbql": "true"}, "dashboard": {}, "collection": {}}


class Ours:
    """What stands in the managed collection, and what of it is ours."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self.client = writing.client
        self.collection_id = -1  # until it is there
        self.gone: dict[str, Item] = {}  # what was kept, and is not there any more or is something else by now
        self._strangers: list[tuple[str, Json]] | None = None

    def kept(self, key: str) -> Json | None:
        """What we kept the number of. None when it is gone, and when the number is of something else by now."""
        item = self.writing.state.get(key)
        if item is None or self.gone.get(key) == item:
            return None
        kind = key.partition("/")[0]
        theirs: Json | None = self.client.find(f"/api/{kind}/{item.number}", **READ[kind])
        if theirs is not None and item == item_of(theirs):
            return theirs
        self.gone[key] = item  # and is kept until another is: a run that breaks off here leaves it to the next to say
        return None

    def found(self, key: str, name: str) -> Json | None:
        """The question or dashboard of that key: by its number, wherever somebody moved it, else by key and name."""
        kind, _, ours = key.partition("/")
        if (theirs := self.kept(key)) is not None:
            return theirs
        if self._strangers is None:  # what else was kept may be gone too, and its number another thing's of ours
            for other in [other for other in self.writing.state if other.partition("/")[0] in READ]:
                self.kept(other)
            self._strangers = self._read(self._items(self.collection_id), self._known(key))
        known = self._known(key)
        candidates = [
            thing
            for model, thing in self._strangers
            if model == kind
            and (kind, thing["id"]) not in known
            and (bodies.mark(thing) == ours or (bodies.mark(thing) is None and thing["name"] == name))
        ]
        # A copy that somebody made in Metabase has our key too, and another name.
        return min(candidates, key=lambda thing: (thing["name"] != name, thing["id"]), default=None)

    def _known(self, key: str) -> set[tuple[str, int]]:
        """Kind and number of what is another's than that key's."""
        return {
            (other.partition("/")[0], item.number)
            for other, item in self.writing.state.items()
            if other != key and self.gone.get(other) != item
        }

    def adopted_collection(self, ours: Json) -> Json | None:
        """The collection of our name, if its description or what stands in it says that we made it, or it is empty."""
        same: list[Json] = [
            row
            for row in self.client.get("/api/collection")
            if row["name"] == ours["name"] and row.get("location") == "/" and not row.get("archived")
        ]
        mine = [row for row in same if row.get("description") == ours["description"]]
        if len(same) > 1 and len(mine) != 1:
            raise MetabaseError(f"Metabase has {len(same)} collections called {ours['name']!r}; rename all but one.")
        for row in mine or same:
            items = self._items(int(row["id"]))
            if not mine and items and not any(bodies.mark(thing) for _, thing in self._read(items)):
                raise MetabaseError(
                    f"Metabase has a collection called {ours['name']!r} that was made by hand, and {len(items)} things "
                    "in it, which provisioning would take for its own. Rename that collection, then apply again: a new "
                    "one is made beside it."
                )
            return row
        return None

    def _items(self, collection_id: int) -> list[Json]:
        if collection_id < 0:
            return []
        items: list[Json] = []
        while True:
            page = self.client.get(f"/api/collection/{collection_id}/items", limit=ITEMS, offset=len(items))
            items += page["data"]
            if not page["data"] or len(items) >= int(page.get("total") or 0):
                return items

    def _read(self, items: list[Json], known: Collection[tuple[str, int]] = ()) -> list[tuple[str, Json]]:
        """Questions and dashboards among the items, with what is in them, but for those that are known."""
        kinds = [(KINDS.get(row["model"], ""), int(row["id"])) for row in items]
        return [
            (kind, self.client.get(f"/api/{kind}/{number}", **READ[kind]))
            for kind, number in kinds
            if kind and (kind, number) not in known
        ]

    def orphans(self, cards: set[int], boards: set[int]) -> list[tuple[str, int, str]]:
        """Questions and dashboards in the managed collection and in no file: kind, number and name.

        A collection in it is left alone: what somebody keeps there was not looked at.
        """
        found = []
        for row in self._items(self.collection_id):
            kind, number, name = KINDS.get(row["model"]), int(row["id"]), str(row["name"])
            if kind is None:
                self.writing.outcome.notes.append(f"the managed collection holds {row['model']} {name!r}; left alone")
            elif number not in {"card": cards, "dashboard": boards}[kind]:
                found.append((kind, number, name))
        return found
