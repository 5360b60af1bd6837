"""A stand-in for Metabase: the part of its REST API that provisioning uses, over real HTTP, on loopback.

It is not Metabase. It was written from Metabase's source and documentation by people who had no server to compare it
with, and it is stricter where Metabase is silent: undeclared keys, a filter mapping without its card and a write under
an entity id are refused. What it does for real: it answers over sockets, tests the connection it is given, fetches map
files, and runs the SQL of questions in PostgreSQL through the connection that was provisioned.
"""

from __future__ import annotations

import copy
import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import yaml
from jsonschema import Draft202012Validator
from stand_ins.metabase_backend import Refused, connect, fetch_map, map_allowed, rows, shown, tables

SCHEMAS = yaml.safe_load((Path(__file__).parent / "metabase_bodies.yml").read_text())
BUILTIN = {"name": "World", "url": "app/assets/geojson/world.json", "region_key": "ISO_A2", "region_name": "NAME"}
REDACTED = "**MetabasePass**"
Json = dict[str, Any]
# A question's answer without a database: column names and rows for a query and the values of its filters.
Answers = Callable[[str, Json], tuple[list[str], list[list[Any]]]]
ROUTES: list[tuple[str, re.Pattern[str], str, Callable[..., Any]]] = []


def route(method: str, path: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    pattern = re.compile("^" + re.sub(r":\w+", r"([^/]+)", path) + "$")

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        ROUTES.append((method, pattern, f"{method} {path}", function))
        return function

    return register


class StandIn:
    """One server with its state. `running()` serves it; tests look into the state and change it as a person would."""

    def __init__(
        self, *, answers: Answers | None = None, api_key: str = "mb_secret_key", tag: str = "v0.58.28"
    ) -> None:
        self.answers = answers  # None: questions run in PostgreSQL
        self.api_key, self.tag = api_key, tag
        self.superuser = True
        self.external_only = False  # newer versions refuse map files at private addresses
        self.healthy_after = 0  # how many health checks fail first
        self.polls_until_synced = 2
        self.known_tables: list[Json] = []  # with `answers`: what a sync finds, and the password that connects
        self.known_password: str | None = None
        self.databases: dict[int, Json] = {}
        self.maps: Json = {}
        self.collections: dict[int, Json] = {}
        self.cards: dict[int, Json] = {}
        self.dashboards: dict[int, Json] = {}
        self.calls: list[tuple[str, str, Any]] = []
        self.faults: list[
            tuple[str, str, int, str, int]
        ] = []  # method, path pattern, status, body, calls to let through
        self.keeps: Callable[[Json], Json] = dict  # a version that stores something else than it was sent
        self.redirect_to: str | None = None
        self.delay = 0.0
        self._next = 0
        self._lock = threading.RLock()
        self.url = ""

    @contextmanager
    def running(self) -> Any:
        """Serve on a free port of loopback for as long as the block lasts."""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                status, body = stand_in.handle(self.command, self.path, self.headers.get("X-API-KEY"), raw)
                data = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                if status in (301, 302):
                    self.send_header("Location", str(stand_in.redirect_to))
                kind = "text/plain" if isinstance(body, str) else "application/json"
                self.send_header("Content-Type", f"{kind};charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = _serve

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()

    # --- what tests ask -----------------------------------------------------------------------------------------

    def writes(self) -> list[tuple[str, str]]:
        """The calls that changed something, in order."""
        free = re.compile(r"/query$|/sync_schema$")
        return [(method, path) for method, path, _ in self.calls if method != "GET" and not free.search(path)]

    def forget_calls(self) -> None:
        self.calls.clear()

    def fail(self, method: str, path: str, status: int, body: str, after: int = 0) -> None:
        """Answer calls whose path matches with an error, once `after` of them went through."""
        self.faults.append((method, path, status, body, after))

    def named(self, kind: Json | dict[int, Json], name: str) -> Json:
        (found,) = [item for item in kind.values() if item["name"] == name and not item.get("archived")]
        return found

    # --- serving ------------------------------------------------------------------------------------------------

    def handle(self, method: str, target: str, key: str | None, raw: bytes) -> tuple[int, Any]:
        if self.delay:
            time.sleep(self.delay)
        if self.redirect_to:
            return 302, ""
        with self._lock:
            path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
            body = json.loads(raw) if raw else None
            self.calls.append((method, path, copy.deepcopy(body)))
            try:
                self._inject(method, path)
                if path not in ("/api/health", "/api/session/properties") and key != self.api_key:
                    raise Refused(401, "Unauthenticated")
                for verb, pattern, name, function in ROUTES:
                    if verb == method and (match := pattern.match(path)):
                        if name in SCHEMAS:
                            self._validate(name, body)
                        answer = function(self, *match.groups(), **_arguments(function, query, body))
                        return answer if isinstance(answer, tuple) else (200, answer)
                raise Refused(404, "API endpoint does not exist.")
            except Refused as refused:
                return refused.status, refused.body

    def _inject(self, method: str, path: str) -> None:
        for index, (verb, pattern, status, body, after) in enumerate(self.faults):
            if verb == method and re.search(pattern, path):
                if after:
                    self.faults[index] = (verb, pattern, status, body, after - 1)
                else:
                    raise Refused(status, body)

    def _validate(self, name: str, body: Any) -> None:
        schema = {**SCHEMAS[name], "$defs": SCHEMAS["$defs"]}
        faults = sorted(Draft202012Validator(schema).iter_errors(body), key=lambda fault: list(map(str, fault.path)))
        if faults:
            where = {"/".join(map(str, fault.path)) or "body": fault.message for fault in faults}
            raise Refused(400, {"errors": where, "specific-errors": where})

    def new_id(self) -> int:
        self._next += 1
        return self._next

    def _get(self, kind: dict[int, Json], number: str) -> Json:
        if not number.isdecimal() or int(number) not in kind:
            raise Refused(404, "Not found.")
        return kind[int(number)]

    # --- the server itself --------------------------------------------------------------------------------------

    @route("GET", "/api/health")
    def health(self) -> Any:
        if self.healthy_after > 0:
            self.healthy_after -= 1
            return 503, {"status": "initializing", "progress": 0.5}
        return {"status": "ok"}

    @route("GET", "/api/session/properties")
    def properties(self) -> Any:
        return {"version": {"tag": self.tag, "hash": "0"}, "has-user-setup": True, "setup-token": None}

    @route("GET", "/api/user/current")
    def who(self) -> Any:
        return {"id": 13, "common_name": "promise", "is_superuser": self.superuser}

    # --- databases ----------------------------------------------------------------------------------------------

    @route("GET", "/api/database")
    def list_databases(self) -> Any:
        listed = [{key: item[key] for key in ("id", "name", "engine")} for item in self.databases.values()]
        return {"data": listed, "total": len(listed)}

    @route("POST", "/api/database")
    def create_database(self, body: Json) -> Any:
        self._connect(body["details"])
        number = self.new_id()
        self.databases[number] = {"id": number, **body, "polls": None}
        return self.read_database(str(number))

    @route("GET", "/api/database/:id")
    def read_database(self, number: str) -> Any:
        item = self._get(self.databases, number)
        return {**item, "details": {**item["details"], "password": REDACTED}, "is_full_sync": True}

    @route("PUT", "/api/database/:id")
    def update_database(self, number: str, body: Json) -> Any:
        item = self._get(self.databases, number)
        details = dict(body.get("details") or item["details"])
        if details.get("password") == REDACTED:
            details["password"] = item["details"]["password"]
        self._connect(details)
        item.update({**body, "details": details})
        return self.read_database(number)

    @route("GET", "/api/database/:id/healthcheck")
    def check_database(self, number: str) -> Any:
        try:
            self._connect(self._get(self.databases, number)["details"])
        except Refused as refused:
            return {"status": "error", "message": str(refused.body)}
        return {"status": "ok"}

    @route("POST", "/api/database/:id/sync_schema")
    def sync(self, number: str) -> Any:
        self._get(self.databases, number)["polls"] = self.polls_until_synced
        return {"status": "ok"}

    @route("GET", "/api/database/:id/metadata")
    def metadata(self, number: str) -> Any:
        item = self._get(self.databases, number)
        if item["polls"] is None:
            return {"id": item["id"], "tables": []}
        if item["polls"] > 0:
            item["polls"] -= 1
            return {"id": item["id"], "tables": []}
        found = tables(item["details"]) if self.answers is None else self.known_tables
        return {"id": item["id"], "tables": found}

    def _connect(self, details: Json) -> None:
        if self.answers is None:
            connect(details).close()
        elif self.known_password not in (None, details["password"]):
            raise Refused(400, {"errors": {"password": "Looks like the username or password is incorrect."}})

    # --- maps ---------------------------------------------------------------------------------------------------

    @route("GET", "/api/setting/custom-geojson")
    def read_maps(self) -> Any:
        return {**self.maps, "world_countries": {**BUILTIN, "builtin": True}}

    @route("PUT", "/api/setting/custom-geojson")
    def write_maps(self, body: Json) -> Any:
        for key, item in body["value"].items():
            if self.maps.get(key, {}).get("url") != item["url"]:
                map_allowed(item["url"], self.external_only)
        self.maps = body["value"]  # the whole map of maps: what is left out is gone
        return 204, None

    @route("GET", "/api/geojson/:key")
    def read_map(self, key: str) -> Any:
        if key not in self.maps:
            raise Refused(400, f"Invalid custom GeoJSON key: {key}")
        map_allowed(self.maps[key]["url"], self.external_only)
        return fetch_map(self.maps[key]["url"])

    # --- collections --------------------------------------------------------------------------------------------

    @route("GET", "/api/collection")
    def list_collections(self) -> Any:
        alive = [item for item in self.collections.values() if not item["archived"]]
        return [{"id": "root", "name": "Our analytics"}, *alive]

    @route("POST", "/api/collection")
    def create_collection(self, body: Json) -> Any:
        number, parent = self.new_id(), body.get("parent_id")
        above = self._get(self.collections, str(parent))["location"] + f"{parent}/" if parent else "/"
        item = {"id": number, "description": None, **body, "location": above, "archived": False}
        item.pop("parent_id", None)
        self.collections[number] = item
        return item

    @route("PUT", "/api/collection/:id")
    def update_collection(self, number: str, body: Json) -> Any:
        item = self._get(self.collections, number)
        item.update({"archived": False, **body})
        return item

    @route("GET", "/api/collection/:id/items")
    def items(self, number: str, limit: str = "50", offset: str = "0") -> Any:
        here = self._get(self.collections, number)
        inside = [
            {"id": item["id"], "name": item["name"], "model": model, "entity_id": item.get("entity_id")}
            for model, kind in (("card", self.cards), ("dashboard", self.dashboards))
            for item in kind.values()
            if item["collection_id"] == here["id"] and not item["archived"]
        ]
        inside += [
            {"id": item["id"], "name": item["name"], "model": "collection"}
            for item in self.collections.values()
            if item["location"] == f"{here['location']}{number}/" and not item["archived"]
        ]
        page = inside[int(offset) : int(offset) + int(limit)]
        return {"data": page, "total": len(inside), "limit": int(limit), "offset": int(offset)}

    # --- questions ----------------------------------------------------------------------------------------------

    def _card(self, number: str) -> Json:
        for item in self.cards.values():
            if str(item["id"]) == number or item["entity_id"] == number:
                return item
        raise Refused(404, "Not found.")

    def _placed(self, body: Json) -> None:
        if body.get("collection_id") is not None:
            self._get(self.collections, str(body["collection_id"]))
        if "dataset_query" in body:
            self._get(self.databases, str(body["dataset_query"]["database"]))

    @route("POST", "/api/card")
    def create_card(self, body: Json) -> Any:
        self._placed(body)
        if any(item["entity_id"] == body.get("entity_id") for item in self.cards.values()):
            raise Refused(400, {"message": "duplicate key value violates unique constraint idx_card_entity_id"})
        number = self.new_id()
        blank = {
            "description": None,
            "collection_id": None,
            "type": "question",
            "entity_id": f"made_by_hand_{number:08d}",
        }
        self.cards[number] = {
            "id": number,
            **blank,
            **body,
            "archived": False,
            "parameters": [],
            "result_metadata": None,
        }
        return self.read_card(str(number))

    @route("GET", "/api/card/:id")
    def read_card(self, number: str, **query: str) -> Any:
        item = copy.deepcopy(self._card(number))
        native = item["dataset_query"]["native"]
        for tag in native.get("template-tags", {}).values():
            tag.setdefault("default", None)
        if query.get("legacy-mbql") != "true":
            stage = {"lib/type": "mbql.stage/native", "native": native["query"]}
            stage["template-tags"] = native.get("template-tags", {})
            database = item["dataset_query"]["database"]
            item["dataset_query"] = {"lib/type": "mbql/query", "database": database, "stages": [stage]}
        return item

    @route("PUT", "/api/card/:id")
    def update_card(self, number: str, body: Json) -> Any:
        self._placed(body)
        item = self._get(self.cards, number)  # not under its entity id
        item.update(self.keeps(body))
        return self.read_card(number)

    @route("POST", "/api/card/:id/query")
    def run(self, number: str, body: Json) -> Any:
        item = self._get(self.cards, number)
        native = item["dataset_query"]["native"]
        tags = native.get("template-tags", {})
        values = {}
        for parameter in body.get("parameters", []):
            name = parameter["target"][1][1]
            if name not in tags:
                raise Refused(400, f"Invalid parameter: Card {number} does not have a template tag named {name!r}.")
            values[name] = parameter["value"]
        try:
            if self.answers is not None:
                columns, found = self.answers(native["query"], values)
            else:
                database = self._get(self.databases, str(item["dataset_query"]["database"]))
                columns, found = rows(database["details"], native["query"], values)
        except psycopg.Error as error:
            return 202, {"status": "failed", "error": str(error), "row_count": 0, "data": {"rows": [], "cols": []}}
        cells = [[shown(value) for value in row] for row in found]
        cols = [{"name": name, "display_name": name} for name in columns]
        return 202, {"status": "completed", "row_count": len(found), "data": {"rows": cells, "cols": cols}}

    # --- dashboards ---------------------------------------------------------------------------------------------

    @route("POST", "/api/dashboard")
    def create_dashboard(self, body: Json) -> Any:
        self._placed(body)
        number = self.new_id()
        blank: Json = {"description": None, "collection_id": None, "parameters": [], "width": "fixed"}
        self.dashboards[number] = {"id": number, **blank, **body, "tabs": [], "dashcards": [], "archived": False}
        return self.dashboards[number]

    @route("GET", "/api/dashboard/:id")
    def read_dashboard(self, number: str) -> Any:
        item = copy.deepcopy(self._get(self.dashboards, number))
        for parameter in item["parameters"]:
            parameter["filteringParameters"] = []
        for dashcard in item["dashcards"]:
            dashcard |= {"series": [], "action_id": None, "created_at": "2026-11-01T00:00:00Z"}
        return item

    @route("PUT", "/api/dashboard/:id")
    def update_dashboard(self, number: str, body: Json) -> Any:
        item = self._get(self.dashboards, number)
        if "dashcards" in body or "tabs" in body:
            whole = {**item, **body}
            body = {**body, **self._canvas(item, whole["tabs"], whole["dashcards"])}
        item.update(body)
        return self.read_dashboard(number)

    def _canvas(self, item: Json, tabs: list[Json], dashcards: list[Json]) -> Json:
        """Ids below zero are new; the canvas is whole: what is not in it is deleted."""
        ids = [dashcard["id"] for dashcard in dashcards]
        if len(set(ids)) != len(ids):
            raise Refused(400, {"errors": {"dashcards": "ids must be unique"}})
        known = {dashcard["id"] for dashcard in item["dashcards"]}
        if unknown := {number for number in ids if number > 0} - known:
            raise Refused(404, f"Dashcards {sorted(unknown)} are not on this dashboard.")
        renamed = {tab["id"]: tab["id"] if tab["id"] > 0 else self.new_id() for tab in tabs}
        kept = []
        for dashcard in dashcards:
            tab = dashcard.get("dashboard_tab_id")
            if tabs and tab not in renamed:
                raise Refused(
                    400, {"errors": {"dashcards": "with tabs, every dashcard needs dashboard_tab_id of a tab"}}
                )
            if not tabs and tab is not None:
                raise Refused(400, {"errors": {"dashcards": "there are no tabs"}})
            for used in [dashcard.get("card_id"), *(m["card_id"] for m in dashcard.get("parameter_mappings", []))]:
                if used is not None:
                    self._get(self.cards, str(used))
            number = dashcard["id"] if dashcard["id"] > 0 else self.new_id()
            kept.append({**dashcard, "id": number, "dashboard_tab_id": renamed.get(tab)})
        return {
            "tabs": [{**tab, "id": renamed[tab["id"]], "position": at} for at, tab in enumerate(tabs)],
            "dashcards": kept,
        }


def _arguments(function: Callable[..., Any], query: dict[str, list[str]], body: Any) -> Json:
    accepted = function.__code__.co_varnames[: function.__code__.co_argcount]
    takes_any = bool(function.__code__.co_flags & 0x08)
    found = {key: values[-1] for key, values in query.items() if takes_any or key in accepted}
    return {**found, "body": body} if "body" in accepted else found
