"""Making Metabase what the specs say: look, compare, write only what differs, prove every question by running it.

The steps run in an order in which each finds what it needs in place; a run that broke off is finished by the next one.
Only what stands in the managed collection is ever changed, archived or looked into; beside it there are two things of
the whole server, the connection to the warehouse and our own entry among the custom maps.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from bi.metabase import bodies
from bi.metabase.bodies import Json
from bi.metabase.client import Client, MetabaseError
from bi.metabase.spec import Card, Dashboard, RegionMap, Spec

ITEMS = 500  # one page of a collection's items


@dataclass(frozen=True)
class Patience:
    """How many seconds to wait: for Metabase to come up, and for it to have read the warehouse's tables."""

    start: float = 60.0
    sync: float = 180.0


@dataclass
class Outcome:
    """What was done, or with `plan` what would be."""

    version: str = ""
    map: str = "bars"
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    archived: list[str] = field(default_factory=list)
    unchanged: int = 0
    questions_run: int = 0
    notes: list[str] = field(default_factory=list)
    dashboards: dict[str, str] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        return len(self.created) + len(self.updated) + len(self.archived)


class Provisioner:
    """One run over one Metabase. `dry` looks and compares, and writes nothing."""

    def __init__(
        self,
        client: Client,
        spec: Spec,
        *,
        connection: Json,
        geojson_url: str | None = None,
        public_url: str | None = None,
        patience: Patience | None = None,
        dry: bool = False,
    ) -> None:
        self.client = client
        self.spec = spec
        self.connection = connection
        self.geojson_url = geojson_url
        self.public_url = (public_url or client.url).rstrip("/")
        self.patience = patience or Patience()
        self.dry = dry
        self.outcome = Outcome()
        self._planned = 0

    def run(self) -> Outcome:
        """All steps. Raises MetabaseError at the first thing that is not as it must be."""
        self._preflight()
        database_id = self._database()
        self._tables(database_id)
        codes = self._map()
        collection_id = self._collection()
        card_ids = {item.id: self._card(item, database_id, collection_id) for item in self.spec.cards.values()}
        board_ids = {item.id: self._dashboard(item, card_ids, collection_id) for item in self.spec.dashboards.values()}
        self._orphans(collection_id, set(card_ids.values()), set(board_ids.values()))
        if not self.dry:
            self._prove(card_ids, codes)
        return self.outcome

    # --- the server -------------------------------------------------------------------------------------------------

    def _preflight(self) -> None:
        properties = self.client.wait_until_ready(self.patience.start)
        tag = str(properties["version"].get("tag"))
        supported = self.spec.general.supported
        version = re.match(r"v\d+\.(\d+)", tag)
        if version is None or not supported.oldest <= int(version[1]) <= supported.newest:
            raise MetabaseError(
                f"{self.client.url} is Metabase {tag}; this project writes to v0.{supported.oldest} to "
                f"v0.{supported.newest}. Use an image in that range, or read Metabase's API changelog and widen "
                "`supported` in bi/metabase/specs/metabase.yml. Nothing was written."
            )
        self.outcome.version = tag
        who = self.client.get("/api/user/current")
        if not who.get("is_superuser"):
            raise MetabaseError(
                "METABASE_API_KEY belongs to a group that may not manage the server; "
                "make a key for the group Administrators. Nothing was written."
            )

    def _database(self) -> int:
        general = self.spec.general
        ours = bodies.database(general, self.connection)
        here = f"{self.connection['host']}:{self.connection['port']}"
        remedy = (
            f"Metabase must reach the warehouse at {here} as {self.connection['user']}. When it runs in a container or "
            "on another machine, set METABASE_WAREHOUSE_HOST (and _PORT, _DBNAME, _SSL) to what it sees from there."
        )
        listed = self.client.get("/api/database")
        rows = listed["data"] if isinstance(listed, dict) else listed
        same = [row for row in rows if row["name"] == general.database.name]
        if len(same) > 1:
            raise MetabaseError(
                f"Metabase has {len(same)} databases called {general.database.name!r}; rename all but one."
            )
        what = f"database {general.database.name}"
        if not same:
            return self._create(what, "/api/database", ours, remedy)
        number = int(same[0]["id"])
        differing = not bodies.same_database(ours, self.client.get(f"/api/database/{number}"))
        # The password is never shown, so whether it still works is the only way to compare it.
        health = self.client.get(f"/api/database/{number}/healthcheck")
        if differing or health.get("status") != "ok":
            self._update(what, f"/api/database/{number}", ours, remedy)
        else:
            self.outcome.unchanged += 1
        return number

    def _tables(self, database_id: int) -> None:
        missing = self._missing_tables(database_id)
        if not missing:
            return
        if self.dry:
            self.outcome.notes.append(f"Metabase has yet to read {len(missing)} tables of marts")
            return
        self.client.post(f"/api/database/{database_id}/sync_schema", {})
        deadline = time.monotonic() + self.patience.sync
        while missing := self._missing_tables(database_id):
            if time.monotonic() >= deadline:
                raise MetabaseError(
                    f"Metabase did not find {', '.join(f'marts.{name}' for name in missing)} within "
                    f"{self.patience.sync:g} s. Has a release been published (`promise status`), and may "
                    f"{self.connection['user']} read it? Otherwise look at the database's sync in Metabase's log."
                )
            time.sleep(min(1.0, self.patience.sync / 20))

    def _missing_tables(self, database_id: int) -> list[str]:
        if database_id < 0:
            return sorted(self.spec.tables)
        schema = self.spec.general.database.schema_
        known = self.client.get(f"/api/database/{database_id}/metadata")["tables"]
        return sorted(self.spec.tables - {table["name"] for table in known if table.get("schema") == schema})

    def _map(self) -> set[str] | None:
        """Our map among the others; returns the region codes it has, None when questions are drawn without it."""
        place = self.spec.general.map
        if not self.geojson_url:
            self.outcome.notes.append(
                "PROMISE_GEOJSON_URL is not set: maps are drawn as bars. Set it to an address of council_areas.json "
                "that Metabase can fetch, then apply again; docs/metabase.md lists the ways."
            )
            return None
        self.outcome.map = "regions"
        ours = bodies.region(self.spec.general, self.geojson_url)
        maps = self.client.get("/api/setting/custom-geojson") or {}
        others = {key: value for key, value in maps.items() if not value.get("builtin")}
        remedy = (
            f"Metabase must be able to fetch {self.geojson_url} itself: http or https, no redirect, JSON; newer "
            "versions refuse private addresses. docs/metabase.md lists the ways; without PROMISE_GEOJSON_URL "
            "maps become bars."
        )
        if others.get(place.key) == ours:
            self.outcome.unchanged += 1
        else:
            # The setting is one value: whatever is left out of it is gone, so everybody else's maps go back in.
            body = {"value": {**others, place.key: ours}}
            write = self._update if place.key in others else self._put_new
            write(f"map {place.name}", "/api/setting/custom-geojson", body, remedy)
        if self.dry:
            return None
        drawn = self.client.get(f"/api/geojson/{place.key}", remedy)
        codes = {shape.get("properties", {}).get(place.region_key) for shape in drawn.get("features", [])} - {None}
        if not codes:
            raise MetabaseError(
                f"{self.geojson_url} has no feature with the property {place.region_key!r}; "
                "is it the council_areas.json that this project writes?"
            )
        return codes

    # --- the collection ---------------------------------------------------------------------------------------------

    def _collection(self) -> int:
        ours = {
            "name": self.spec.general.collection.name,
            "description": bodies.one_line(self.spec.general.collection.description),
        }
        same = [
            row
            for row in self.client.get("/api/collection")
            if row["name"] == ours["name"] and row.get("location") == "/" and not row.get("archived")
        ]
        if len(same) > 1:
            raise MetabaseError(f"Metabase has {len(same)} collections called {ours['name']!r}; rename all but one.")
        what = f"collection {ours['name']}"
        if not same:
            return self._create(what, "/api/collection", ours)
        number = int(same[0]["id"])
        if same[0].get("description") == ours["description"]:
            self.outcome.unchanged += 1
        else:
            self._update(what, f"/api/collection/{number}", ours)
        return number

    def _card(self, item: Card, database_id: int, collection_id: int) -> int:
        ours = bodies.card(
            item,
            self.spec.general,
            database_id=database_id,
            collection_id=collection_id,
            with_map=self.outcome.map == "regions",
        )
        identity = bodies.entity_id("card", item.id)
        what = f"question {item.name}"
        # Also finds it where somebody has moved it to, and in the bin.
        theirs = self.client.find(f"/api/card/{identity}", **{"legacy-mbql": "true"})
        if theirs is None:
            return self._create(what, "/api/card", {**ours, "entity_id": identity})
        number = int(theirs["id"])
        differing = bodies.same_card(ours, theirs)
        if not differing:
            self.outcome.unchanged += 1
            return number
        self._update(f"{what} ({', '.join(differing)})", f"/api/card/{number}", {**ours, "archived": False})
        if not self.dry:
            kept = self.client.get(f"/api/card/{number}", **{"legacy-mbql": "true"})
            self._report_unkept(what, bodies.same_card(ours, kept))
        return number

    def _dashboard(self, item: Dashboard, card_ids: dict[str, int], collection_id: int) -> int:
        same = [row for row in self._items(collection_id) if row["model"] == "dashboard" and row["name"] == item.name]
        if len(same) > 1:
            raise MetabaseError(
                f"The managed collection has {len(same)} dashboards called {item.name!r}; archive all but one."
            )
        what = f"dashboard {item.name}"
        if same:
            number = int(same[0]["id"])
            theirs = self.client.get(f"/api/dashboard/{number}")
        else:
            empty = {
                "name": item.name,
                "description": bodies.one_line(item.description),
                "collection_id": collection_id,
            }
            number, theirs = self._create(what, "/api/dashboard", empty), None
        self.outcome.dashboards[item.name] = f"{self.public_url}/dashboard/{number}"
        ours = bodies.canvas(item, card_ids, theirs)
        if theirs is None:
            if not self.dry:
                self.client.put(f"/api/dashboard/{number}", ours)
        elif differing := bodies.same_dashboard(ours, theirs):
            self._update(f"{what} ({', '.join(differing)})", f"/api/dashboard/{number}", ours)
        else:
            self.outcome.unchanged += 1
            return number
        if not self.dry:
            kept = self.client.get(f"/api/dashboard/{number}")
            self._report_unkept(what, bodies.same_dashboard(bodies.canvas(item, card_ids, kept), kept))
        return number

    def _report_unkept(self, what: str, differing: list[str]) -> None:
        if differing:
            self.outcome.notes.append(
                f"{what}: this Metabase keeps {', '.join(differing)} differently from what was sent, so every apply "
                "writes it again. Please report it with the version."
            )

    def _orphans(self, collection_id: int, cards: set[int], dashboards: set[int]) -> None:
        """Put away what stands in the managed collection and in no file. A person can take it out of the bin again."""
        for row in self._items(collection_id):
            number, model, name = int(row["id"]), row["model"], row["name"]
            if model in ("card", "dataset", "metric"):
                if number not in cards:
                    self._archive(f"question {name}", f"/api/card/{number}")
            elif model == "dashboard":
                if number not in dashboards:
                    self._archive(f"dashboard {name}", f"/api/dashboard/{number}")
            elif model == "collection":
                self._archive(f"collection {name}", f"/api/collection/{number}")
            else:
                self.outcome.notes.append(
                    f"the managed collection holds {model} {name!r}, which is not ours; left alone"
                )

    def _items(self, collection_id: int) -> list[Json]:
        if collection_id < 0:
            return []
        items: list[Json] = []
        while True:
            page = self.client.get(f"/api/collection/{collection_id}/items", limit=ITEMS, offset=len(items))
            items += page["data"]
            if not page["data"] or len(items) >= int(page.get("total") or 0):
                return items

    # --- proof ------------------------------------------------------------------------------------------------------

    def _prove(self, card_ids: dict[str, int], codes: set[str] | None) -> None:
        """Run every question, also with the first choice of each of its filters. What is drawn is what was checked."""
        results = {key: self._answer(card, card_ids[key], {}) for key, card in self.spec.cards.items()}
        for card in self.spec.cards.values():
            columns, rows = results[card.id]
            if codes is not None and isinstance(card.display, RegionMap):
                at = columns.index(card.display.region)
                if lost := sorted({str(row[at]) for row in rows} - codes):
                    raise MetabaseError(
                        f"question {card.name!r}: the map file has no region for {', '.join(lost)}, and Metabase drops "
                        f"such rows without a word. Publish a current council_areas.json at {self.geojson_url}."
                    )
        for board in self.spec.dashboards.values():
            offered = {item.id: item.choices for item in board.filters}
            for place in board.cards:
                chosen: dict[str, str] = {}
                for taken, name in place.filters.items():
                    columns, rows = results[offered[name].card]
                    at = columns.index(offered[name].column)
                    choices = [row[at] for row in rows]
                    if twice := sorted({str(one) for one in choices if choices.count(one) > 1}):
                        raise MetabaseError(
                            f"the filter {name!r} of {board.name!r} offers {', '.join(twice)} more than once, so a "
                            "choice would not say which is meant; give them different names in framework/."
                        )
                    if choices:
                        chosen[taken] = str(choices[0])
                if chosen:
                    self._answer(self.spec.cards[place.card], card_ids[place.card], chosen)

    def _answer(self, card: Card, number: int, values: dict[str, str]) -> tuple[list[str], list[list[object]]]:
        parameters = [
            {
                "id": bodies.short_id(card.id, name),
                "type": "category",
                "target": ["variable", ["template-tag", name]],
                "value": value,
            }
            for name, value in values.items()
        ]
        answer = self.client.post(f"/api/card/{number}/query", {"parameters": parameters})
        self.outcome.questions_run += 1
        with_values = f" with {values}" if values else ""
        if answer.get("status") != "completed":
            words = self.client.clean(str(answer.get("error") or answer.get("status")))
            raise MetabaseError(
                f"question {card.name!r}{with_values} (bi/metabase/specs/cards/{card.id}.yml) fails in Metabase: "
                f"{words}\nCompare its SQL with the columns of marts (`promise db url` and psql), then apply again."
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
        return columns, rows

    # --- writing ----------------------------------------------------------------------------------------------------

    def _create(self, what: str, path: str, body: Json, remedy: str | None = None) -> int:
        """The number of the new thing; with `dry` a negative one that nothing else has."""
        self.outcome.created.append(what)
        if self.dry:
            self._planned -= 1
            return self._planned
        return int(self.client.post(path, body, remedy)["id"])

    def _put_new(self, what: str, path: str, body: Json, remedy: str | None = None) -> None:
        self.outcome.created.append(what)
        if not self.dry:
            self.client.put(path, body, remedy)

    def _update(self, what: str, path: str, body: Json, remedy: str | None = None) -> None:
        self.outcome.updated.append(what)
        if not self.dry:
            self.client.put(path, body, remedy)

    def _archive(self, what: str, path: str) -> None:
        self.outcome.archived.append(what)
        if not self.dry:
            self.client.put(path, {"archived": True})
