"""Making Metabase what the specs say: look, compare, write only what differs, prove every question by running it.

The steps run in an order in which each finds what it needs in place; a run that broke off is finished by the next one.
Only what stands in the managed collection is ever changed or looked into; beside it there are three things of the whole
server: the connection to the warehouse, our own entry among the custom maps, and what those who only look may do.

What is ours there is known by the number and identity that the server gave it, kept by our key (`state`). Where those
are lost, it is what stands in the managed collection with our key among its settings, or else under our name.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bi.metabase import bodies
from bi.metabase.bodies import Json
from bi.metabase.client import Client, Conflict, MetabaseError, NotReady
from bi.metabase.smoke import Smoke
from bi.metabase.spec import Card, Dashboard, Spec
from warehouse.provisioned import Item

ITEMS = 500  # one page of a collection's items
ALL_USERS = 1  # Metabase's number for the group that everybody who signs in is in
GRAPH_ATTEMPTS = 3  # at a graph that somebody else changes at the same moment
KINDS = {"card": "card", "dataset": "card", "metric": "card", "dashboard": "dashboard", "collection": "collection"}
NAMES = {"card": "question", "dashboard": "dashboard", "collection": "collection"}
# How a thing is asked for: questions in the shape that all versions share.
READ: dict[str, dict[str, str]] = {"card": {"legacy-mbql": "true"}, "dashboard": {}, "collection": {}}


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
    public: dict[str, str] = field(default_factory=dict)  # addresses that nobody signs in for

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
        state: MutableMapping[str, Item],
        geojson_url: str | None = None,
        public_url: str | None = None,
        public_links: bool = False,
        patience: Patience | None = None,
        dry: bool = False,
    ) -> None:
        self.client = client
        self.spec = spec
        self.connection = connection
        self.state = state
        self.geojson_url = geojson_url
        self.public_url = (public_url or client.url).rstrip("/")
        self.public_links = public_links
        self.patience = patience or Patience()
        self.dry = dry
        self.outcome = Outcome()
        self._collection_id = 0
        self._planned = 0
        self._writing: str | None = None
        self._gone: list[str] = []
        self._strangers: list[tuple[str, Json]] | None = None

    def run(self) -> Outcome:
        """All steps, then every question. Raises MetabaseError at the first thing that is not as it must be.

        The words of the error also say what was written before it.
        """
        with self._accounted():
            cards, boards, regions = self._provision()
            if not self.dry:
                self._smoke(cards, boards, regions)
        return self.outcome

    def smoke(self) -> Outcome:
        """Run every question of what is there, and write nothing. What `apply` would write is noted."""
        self.dry = True
        cards, boards, _ = self._provision()
        if missing := self.outcome.created:
            raise MetabaseError(
                f"{', '.join(missing)}: not in {self.client.url} yet, so nothing was run. Apply first: promise bi apply"
            )
        if changed := self.outcome.updated:
            self.outcome.notes.append(f"changed by hand, or since the last apply: {', '.join(changed)}")
        self._smoke(cards, boards, self._regions() if self.geojson_url else None)
        return self.outcome

    def prune(self) -> Outcome:
        """Put into the bin what stands in the managed collection and in no file. A person can take it out again."""
        with self._accounted():
            self.dry = True
            cards, boards, _ = self._provision()
            self.dry, self.outcome = False, Outcome(version=self.outcome.version, dashboards=self.outcome.dashboards)
            for kind, number, name in self._orphans(set(cards.values()), set(boards.values())):
                path = f"/api/{kind}/{number}"
                self._write(self.outcome.archived, f"{NAMES[kind]} {name}", self.client.put, path, {"archived": True})
        for key in self.state.keys() - self._keys():
            del self.state[key]
        return self.outcome

    def _provision(self) -> tuple[dict[str, int], dict[str, int], set[str] | None]:
        """The numbers of questions and dashboards by their keys, and the regions of the map."""
        self._preflight()
        database_id = self._database()
        self._tables(database_id)
        regions = self._map()
        self._collection_id = self._collection()
        cards = {item.id: self._card(item, database_id) for item in self.spec.cards.values()}
        boards = {item.id: self._dashboard(item, cards) for item in self.spec.dashboards.values()}
        self._readers(database_id)
        if self.public_links:
            self._links(boards)
        if self._gone:
            self.outcome.notes.append(
                "deleted in Metabase since the last run, or this is another server at its address: "
                f"{', '.join(self._gone)}; looked for by our key and name, else made anew. Links, bookmarks and alerts "
                "of what was deleted are gone."
            )
        if orphans := self._orphans(set(cards.values()), set(boards.values())):
            self.outcome.notes.append(
                f"in the managed collection and in no file: {', '.join(name for _, _, name in orphans)}; "
                "`promise bi prune` puts what is there into the bin, with its alerts"
            )
        return cards, boards, regions

    def _keys(self) -> set[str]:
        questions = {f"card/{key}" for key in self.spec.cards}
        return {"database", "collection/managed"} | questions | {f"dashboard/{key}" for key in self.spec.dashboards}

    def _smoke(self, cards: dict[str, int], boards: dict[str, int], regions: set[str] | None) -> None:
        smoke = Smoke(self.client, self.spec, cards, boards, regions)
        smoke.run()
        self.outcome.questions_run = smoke.questions_run
        self.outcome.notes += smoke.notes

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
                "`supported` in bi/metabase/specs/metabase.yml."
            )
        self.outcome.version = tag
        who = self.client.get("/api/user/current")
        if not who.get("is_superuser"):
            raise MetabaseError(
                "The API key belongs to a group that may not manage the server; "
                "make a key for the group Administrators, or `promise bi setup`."
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
        same = [row for row in rows if row["name"] == general.database.name] or self._renamed_database(rows)
        if len(same) > 1:
            raise MetabaseError(
                f"Metabase has {len(same)} databases called {general.database.name!r}; rename all but one."
            )
        what = f"database {general.database.name}"
        if not same:
            number = self._create("database", what, "/api/database", ours, remedy)
        else:
            number = int(same[0]["id"])
            theirs = self.client.get(f"/api/database/{number}")
            ours["details"]["ssl"] |= (theirs.get("details") or {}).get("ssl") is True  # what is encrypted stays so
            # The password is never shown, so whether it still works is the only way to compare it.
            health = self.client.get(f"/api/database/{number}/healthcheck")
            if bodies.same_database(ours, theirs) and health.get("status") == "ok":
                self.outcome.unchanged += 1
                return number
            self._update(what, f"/api/database/{number}", ours, remedy)
        if not self.dry and not bodies.same_database(ours, self.client.get(f"/api/database/{number}")):
            self._unkept(what, ["connection"])
        return number

    def _renamed_database(self, rows: list[Json]) -> list[Json]:
        """The connection that was made as ours, whatever it is called now; not another server's of that number."""
        kept = self.state.get("database")
        found = [row for row in rows if kept is not None and row["id"] == kept.number]
        for row in found:
            details = self.client.get(f"/api/database/{row['id']}").get("details") or {}
            if (details.get("user"), details.get("dbname")) == (self.connection["user"], self.connection["dbname"]):
                return [row]
        return []

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
                "neither METABASE_MAPS nor PROMISE_GEOJSON_URL is set: maps are drawn as bars. Set the folder on "
                "Metabase's class path, or an address of council_areas.json that it can fetch, then apply again; "
                "docs/metabase.md lists the ways."
            )
            return None
        self.outcome.map = "regions"
        ours = bodies.region(self.spec.general, self.geojson_url)
        maps = self.client.get("/api/setting/custom-geojson") or {}
        others = {key: value for key, value in maps.items() if not value.get("builtin")}
        remedy = (
            f"Metabase must be able to get {self.geojson_url} itself: from its class path, or over http or https, with "
            "no redirect and as JSON; newer versions refuse private addresses. docs/metabase.md lists the ways; with "
            "neither METABASE_MAPS nor PROMISE_GEOJSON_URL maps become bars."
        )
        if others.get(place.key) == ours:
            self.outcome.unchanged += 1
        else:
            # The setting is one value: whatever is left out of it is gone, so everybody else's maps go back in.
            body = {"value": {**others, place.key: ours}}
            done = self.outcome.updated if place.key in others else self.outcome.created
            self._write(done, f"map {place.name}", self.client.put, "/api/setting/custom-geojson", body, remedy)
        return None if self.dry else self._regions(remedy)

    def _regions(self, remedy: str | None = None) -> set[str]:
        """The codes of the regions that Metabase would draw."""
        place = self.spec.general.map
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
        key, ours = "collection/managed", bodies.collection(self.spec.general)
        what = f"collection {ours['name']}"
        theirs = self._kept(key) or self._adopted_collection(ours)
        if theirs is None:
            return self._create(key, what, "/api/collection", ours)
        number = self._note(key, theirs)
        if differing := bodies.same_collection(ours, theirs):
            back = {**ours, "archived": False, **({"parent_id": None} if "parent_id" in differing else {})}
            self._update(f"{what} ({', '.join(differing)})", f"/api/collection/{number}", back)
        else:
            self.outcome.unchanged += 1
        return number

    def _adopted_collection(self, ours: Json) -> Json | None:
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

    def _card(self, item: Card, database_id: int) -> int:
        key, what = f"card/{item.id}", f"question {item.name}"
        ours = bodies.card(
            item,
            self.spec.general,
            database_id=database_id,
            collection_id=self._collection_id,
            with_map=self.outcome.map == "regions",
        )
        theirs = self._found(key, item.name)
        if theirs is None:
            number = self._create(key, what, "/api/card", ours)
        else:
            number = self._note(key, theirs)
            differing = bodies.same_card(ours, theirs)
            if not differing:
                self.outcome.unchanged += 1
                return number
            self._update(f"{what} ({', '.join(differing)})", f"/api/card/{number}", {**ours, "archived": False})
        if not self.dry:
            self._unkept(what, bodies.same_card(ours, self.client.get(f"/api/card/{number}", **READ["card"])))
        return number

    def _dashboard(self, item: Dashboard, cards: dict[str, int]) -> int:
        key, what = f"dashboard/{item.id}", f"dashboard {item.name}"
        theirs = self._found(key, item.name)
        ours = bodies.canvas(item, cards, self._collection_id, theirs)
        if theirs is None:
            empty = {name: ours[name] for name in ("name", "description", "collection_id")}
            number = self._create(key, what, "/api/dashboard", empty)
            self._write([], f"canvas of {what}", self.client.put, f"/api/dashboard/{number}", ours)
        else:
            number = self._note(key, theirs)
            differing = bodies.same_dashboard(ours, theirs)
            if differing:
                body = {**ours, "archived": False}
                self._update(f"{what} ({', '.join(differing)})", f"/api/dashboard/{number}", body)
        self.outcome.dashboards[item.name] = f"{self.public_url}/dashboard/{number}"
        if theirs is not None and not differing:
            self.outcome.unchanged += 1
        elif not self.dry:
            kept = self.client.get(f"/api/dashboard/{number}")
            self._unkept(what, bodies.same_dashboard(bodies.canvas(item, cards, self._collection_id, kept), kept))
        return number

    def _links(self, boards: dict[str, int]) -> None:
        """An address of each dashboard that nobody has to sign in for."""
        setting = "/api/setting/enable-public-sharing"
        if self.client.get(setting) is not True:
            self._update("setting: public links", setting, {"value": True})
        for key, number in boards.items():
            name, path = self.spec.dashboards[key].name, f"/api/dashboard/{number}"
            uuid = self.client.get(path).get("public_uuid") if number > 0 else None
            if uuid is None:
                link = self._write(
                    self.outcome.created, f"link to {name}", self.client.post, f"{path}/public_link", None
                )
                uuid = (link or {}).get("uuid", "to-be-made")
            self.outcome.public[name] = f"{self.public_url}/public/dashboard/{uuid}"

    # --- who may do what --------------------------------------------------------------------------------------------

    def _readers(self, database_id: int) -> None:
        """Everybody who signs in may open the collection, and neither change it nor query the database.

        Metabase adds up what a person's groups may: what the group of everybody may, nobody can be kept from.
        """
        name = self.spec.general.readers.name
        named = [row for row in self.client.get("/api/permissions/group") if row["name"] == name]
        number = (
            named[0]["id"] if named else self._create(None, f"group {name}", "/api/permissions/group", {"name": name})
        )
        looks = {str(self._collection_id): "read"}
        asks = {str(database_id): {"view-data": "unrestricted", "create-queries": "no"}}
        groups = (str(ALL_USERS), str(number))
        self._graph("who may open the collection", "/api/collection/graph", dict.fromkeys(groups, looks))
        self._graph("who may query the database", "/api/permissions/graph", dict.fromkeys(groups, asks))

    def _graph(self, what: str, path: str, wanted: dict[str, Json]) -> None:
        """Have the rights in a graph, of which Metabase takes a change only by whoever has seen its last revision."""
        for attempt in range(GRAPH_ATTEMPTS):
            graph = self.client.get(path)
            differing = {
                group: rights
                for group, rights in wanted.items()
                if not all(_within(right, graph["groups"].get(group, {}).get(thing)) for thing, right in rights.items())
            }
            if not differing:
                self.outcome.unchanged += attempt == 0
                return
            try:
                self._update(f"permissions: {what}", path, {"revision": graph["revision"], "groups": differing})
            except Conflict:
                if attempt == GRAPH_ATTEMPTS - 1:
                    raise
                continue
            return

    # --- which is ours ----------------------------------------------------------------------------------------------

    def _kept(self, key: str) -> Json | None:
        """What we kept the number of. None when it is gone, and when the number is of something else by now."""
        item = self.state.get(key)
        if item is None:
            return None
        kind = key.partition("/")[0]
        theirs: Json | None = self.client.find(f"/api/{kind}/{item.number}", **READ[kind])
        if theirs is None:
            self._gone.append(key)
        return theirs if theirs is not None and item == _item(theirs) else None

    def _found(self, key: str, name: str) -> Json | None:
        """The question or dashboard of that key: by its number, wherever somebody moved it, else by key and name."""
        kind, _, ours = key.partition("/")
        if (theirs := self._kept(key)) is not None:
            return theirs
        known = {(other.partition("/")[0], item.number) for other, item in self.state.items() if other != key}
        if self._strangers is None:
            self._strangers = self._read(self._items(self._collection_id), known)
        candidates = [
            thing
            for model, thing in self._strangers
            if model == kind
            and (kind, thing["id"]) not in known
            and (bodies.mark(thing) == ours or (bodies.mark(thing) is None and thing["name"] == name))
        ]
        # A copy that somebody made in Metabase has our key too, and another name.
        return min(candidates, key=lambda thing: (thing["name"] != name, thing["id"]), default=None)

    def _note(self, key: str, theirs: Json) -> int:
        item = _item(theirs)
        if not self.dry and self.state.get(key) != item:
            self.state[key] = item
        return item.number

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
            if kind in ("card", "dashboard") and (kind, number) not in known
        ]

    def _orphans(self, cards: set[int], boards: set[int]) -> list[tuple[str, int, str]]:
        """What stands in the managed collection and in no file: kind, number and name."""
        found = []
        for row in self._items(self._collection_id):
            kind, number, name = KINDS.get(row["model"]), int(row["id"]), str(row["name"])
            if kind is None:
                self.outcome.notes.append(f"the managed collection holds {row['model']} {name!r}; left alone")
            elif number not in {"card": cards, "dashboard": boards}.get(kind, set()):
                found.append((kind, number, name))
        return found

    # --- writing ----------------------------------------------------------------------------------------------------

    def _create(self, key: str | None, what: str, path: str, body: Json, remedy: str | None = None) -> int:
        """The number of the new thing, kept by our key; with `dry` a negative one that nothing else has."""
        answer = self._write(self.outcome.created, what, self.client.post, path, body, remedy)
        if self.dry:
            self._planned -= 1
            return self._planned
        return self._note(key, answer) if key else int(answer["id"])

    def _update(self, what: str, path: str, body: Json, remedy: str | None = None) -> None:
        self._write(self.outcome.updated, what, self.client.put, path, body, remedy)

    def _write(self, done: list[str], what: str, send: Callable[..., Any], *call: Any) -> Any:
        answer = None
        if not self.dry:
            self._writing = what
            answer = send(*call)
            self._writing = None
        done.append(what)
        return answer

    def _unkept(self, what: str, differing: list[str]) -> None:
        if differing:
            self.outcome.notes.append(
                f"{what}: this Metabase keeps {', '.join(differing)} differently from what was sent, so every apply "
                "writes it again. Please report it with the version."
            )

    @contextmanager
    def _accounted(self) -> Iterator[None]:
        """Add to an error what was written before it: what is in place stays, and the next run goes on from there."""
        try:
            yield
        except MetabaseError as error:
            if self.dry and not self.outcome.archived:
                raise
            done = [*self.outcome.created, *self.outcome.updated, *self.outcome.archived]
            words = f"Written before that, and kept: {', '.join(done)}." if done else "Nothing was written before that."
            if self._writing:
                doubt = isinstance(error, NotReady)
                words += f" {self._writing} {'may or may not have been' if doubt else 'was not'} written."
            raise type(error)(f"{error}\n{words} Another run goes on from there.") from None


def _item(theirs: Json) -> Item:
    return Item(int(theirs["id"]), str(theirs.get("entity_id") or ""))


def _within(ours: Any, theirs: Any) -> bool:
    """Whether a right is given: as a word, or as each of several."""
    if isinstance(ours, dict):
        return all((theirs or {}).get(key) == value for key, value in ours.items())
    return bool(ours == theirs)
