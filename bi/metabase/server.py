"""What is of the whole of Metabase: the connection to the warehouse, our map among the maps, what readers may do."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from bi.metabase import bodies
from bi.metabase.bodies import Json
from bi.metabase.client import Conflict, MetabaseError
from bi.metabase.spec import Spec
from bi.metabase.writing import Writing, listed

ALL_USERS = 1  # Metabase's number for the group that everybody who signs in is in
GRAPH_ATTEMPTS = 3  # at a graph that somebody else changes at the same moment


@dataclass(frozen=True)
class Patience:
    """How many seconds to wait: for Metabase to come up, and for it to have read the warehouse's tables."""

    start: float = 60.0
    sync: float = 180.0


class Server:
    """One Metabase, as far as it is not the managed collection. Each step looks, compares, and writes what differs."""

    def __init__(
        self, writing: Writing, spec: Spec, *, connection: Json, geojson_url: str | None, patience: Patience
    ) -> None:
        self.writing = writing
        self.client = writing.client
        self.spec = spec
        self.connection = connection
        self.geojson_url = geojson_url
        self.patience = patience

    def preflight(self) -> None:
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
        self.writing.outcome.version = tag
        who = self.client.get("/api/user/current")
        if not who.get("is_superuser"):
            raise MetabaseError(
                "The API key belongs to a group that may not manage the server; "
                "make a key for the group Administrators, or `promise bi setup`."
            )

    def database(self) -> int:
        general = self.spec.general
        ours = bodies.database(general, self.connection)
        here = f"{self.connection['host']}:{self.connection['port']}"
        remedy = (
            f"Metabase must reach the warehouse at {here} as {self.connection['user']}. When it runs in a container or "
            "on another machine, set METABASE_WAREHOUSE_HOST (and _PORT, _DBNAME, _SSL) to what it sees from there."
        )
        found = self.client.get("/api/database")
        rows = found["data"] if isinstance(found, dict) else found
        same = [row for row in rows if row["name"] == general.database.name] or self._renamed_database(rows)
        if len(same) > 1:
            raise MetabaseError(
                f"Metabase has {len(same)} databases called {general.database.name!r}; rename all but one."
            )
        what = f"database {general.database.name}"
        if not same:
            number = self.writing.create("database", what, "/api/database", ours, remedy)
        else:
            number = int(same[0]["id"])
            theirs = self.client.get(f"/api/database/{number}")
            ours["details"]["ssl"] |= (theirs.get("details") or {}).get("ssl") is True  # what is encrypted stays so
            # The password is never shown, so whether it still works is the only way to compare it.
            health = self.client.get(f"/api/database/{number}/healthcheck")
            if bodies.same_database(ours, theirs) and health.get("status") == "ok":
                self.writing.outcome.unchanged += 1
                return number
            self.writing.update(what, f"/api/database/{number}", ours, remedy)
        if not self.writing.dry and not bodies.same_database(ours, self.client.get(f"/api/database/{number}")):
            self.writing.unkept(what, ["connection"])
        return number

    def _renamed_database(self, rows: list[Json]) -> list[Json]:
        """The connection that was made as ours, whatever it is called now; not another server's of that number."""
        kept = self.writing.state.get("database")
        found = [row for row in rows if kept is not None and row["id"] == kept.number]
        for row in found:
            details = self.client.get(f"/api/database/{row['id']}").get("details") or {}
            if (details.get("user"), details.get("dbname")) == (self.connection["user"], self.connection["dbname"]):
                return [row]
        return []

    def tables(self, database_id: int) -> None:
        missing = self._missing_tables(database_id)
        if not missing:
            return
        if self.writing.dry:
            self.writing.outcome.notes.append(f"Metabase has yet to read {len(missing)} tables of marts")
            return
        self.client.post(f"/api/database/{database_id}/sync_schema", {})
        deadline = time.monotonic() + self.patience.sync
        while missing := self._missing_tables(database_id):
            if time.monotonic() >= deadline:
                raise MetabaseError(
                    f"Metabase did not find {listed([f'marts.{name}' for name in missing])} within "
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

    def map(self) -> set[str] | None:
        """Our map among the others; returns the region codes it has, None when questions are drawn without it."""
        place = self.spec.general.map
        if not self.geojson_url:
            self.writing.outcome.notes.append(
                "neither METABASE_MAPS nor PROMISE_GEOJSON_URL is set: maps are drawn as bars. Set the folder on "
                "Metabase's class path, or an address of council_areas.json that it can fetch, then apply again; "
                "docs/metabase.md lists the ways."
            )
            return None
        self.writing.outcome.map = "regions"
        ours = bodies.region(self.spec.general, self.geojson_url)
        maps = self.client.get("/api/setting/custom-geojson") or {}
        others = {key: value for key, value in maps.items() if not value.get("builtin")}
        remedy = (
            f"Metabase must be able to get {self.geojson_url} itself: from its class path, or over http or https, with "
            "no redirect and as JSON; newer versions refuse private addresses. docs/metabase.md lists the ways; with "
            "neither METABASE_MAPS nor PROMISE_GEOJSON_URL maps become bars."
        )
        if others.get(place.key) == ours:
            self.writing.outcome.unchanged += 1
        else:
            # The setting is one value: whatever is left out of it is gone, so everybody else's maps go back in.
            body = {"value": {**others, place.key: ours}}
            done = self.writing.outcome.updated if place.key in others else self.writing.outcome.created
            self.writing.write(done, f"map {place.name}", self.client.put, "/api/setting/custom-geojson", body, remedy)
        return None if self.writing.dry else self.regions(remedy)

    def regions(self, remedy: str | None = None) -> set[str]:
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

    def readers(self, database_id: int, collection_id: int) -> None:
        """Everybody who signs in may open the collection, and neither change it nor query the database.

        Metabase adds up what a person's groups may: what the group of everybody may, nobody can be kept from.
        """
        name = self.spec.general.readers.name
        named = [row for row in self.client.get("/api/permissions/group") if row["name"] == name]
        path = "/api/permissions/group"
        number = named[0]["id"] if named else self.writing.create(None, f"group {name}", path, {"name": name})
        looks = {str(collection_id): "read"}
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
                self.writing.outcome.unchanged += attempt == 0
                return
            try:
                self.writing.update(f"permissions: {what}", path, {"revision": graph["revision"], "groups": differing})
            except Conflict:
                if attempt == GRAPH_ATTEMPTS - 1:
                    raise
                continue
            return


def _within(ours: Any, theirs: Any) -> bool:
    """Whether a right is given: as a word, or as each of several."""
    if isinstance(ours, dict):
        return all((theirs or {}).get(key) == value for key, value in ours.items())
    return bool(ours == theirs)
