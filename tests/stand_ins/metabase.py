"""A stand-in for Metabase: the part of its REST API that provisioning uses, over real HTTP, on loopback.

It is not Metabase. It was written from Metabase's source and documentation by people who had no server to compare it
with, and it is stricter where Metabase is silent: undeclared keys, a filter mapping without its card and a write under
an entity id are refused. What it does for real: it answers over sockets, tests the connection it is given, fetches map
files, and runs the SQL of questions in PostgreSQL through the connection that was provisioned.

What it does because Metabase does, though it is in nobody's way to wish for it: it gives each thing an `entity_id` of
its own and throws away what a body says of it; tries TLS where a connection does not ask for it, and keeps that it
worked; adds keys to its answers, and the columns of a question later; sorts the choices of a filter, and stops at
1,000 of them and at 2,000 rows; and with a question that is binned go its alerts, its places on dashboards, and the
lists that filters take from it.
"""

from __future__ import annotations

import copy
import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import yaml
from jsonschema import Draft202012Validator
from stand_ins.metabase_access import Access
from stand_ins.metabase_backend import ROUTES, Json, MapRules, Refused, connect, route, rows, shown, tables

SCHEMAS = yaml.safe_load((Path(__file__).parent / "metabase_bodies.yml").read_text())
BUILTIN = {"name": "World", "url": "app/assets/geojson/world.json", "region_key": "ISO_A2", "region_name": "NAME"}
REDACTED = "**MetabasePass**"
CHOICES, ROWS = 1000, 2000  # as far as Metabase lists the values of a filter, and shows the rows of native SQL
# A question's answer without a database: column names and rows for a query and the values of its filters.
Answers = Callable[[str, Json], tuple[list[str], list[list[Any]]]]


@dataclass
class Fault:
    """An answer that goes wrong, once `after` of such calls went well; `done`: the work was done all the same."""

    method: str
    path: str
    status: int
    body: str
    after: int = 0
    done: bool = False


class StandIn(Access):
    """One server with its state. `running()` serves it; tests look into the state and change it as a person would."""

    def __init__(
        self, *, answers: Answers | None = None, api_key: str = "mb_secret_key", tag: str = "v0.58.28"
    ) -> None:
        super().__init__(api_key)
        self.answers = answers  # None: questions run in PostgreSQL
        self.tag = tag
        self.map_rules = MapRules()
        self.offers_tls = answers is not None  # whether the warehouse would take an encrypted connection
        self.healthy_after = 0  # how many health checks fail first
        self.polls_until_synced = 2
        self.columns_after = 3  # how often a question is read before its columns are known
        self.known_tables: list[Json] = []  # with `answers`: what a sync finds, and the password that connects
        self.known_password: str | None = None
        self.databases: dict[int, Json] = {}
        self.maps: Json = {}
        self.cards: dict[int, Json] = {}
        self.dashboards: dict[int, Json] = {}
        self.alerts: dict[int, int] = {}  # of which question each is
        self.calls: list[tuple[str, str, Any]] = []
        self.faults: list[Fault] = []
        self.lost_after: int | None = None  # after so many writes the server is gone, with the answer to the last
        self.keeps: Callable[[Json], Json] = dict  # a version that stores something else than it was sent
        self.redirect_to: str | None = None
        self.delay = 0.0
        self.delays: dict[str, float] = {}  # of one call, such as "POST /api/card": it is done, and answered late
        self._lock = threading.RLock()
        self.url = ""

    @contextmanager
    def running(self, port: int = 0) -> Any:
        """Serve on that port of loopback, or a free one, for as long as the block lasts."""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                key = self.headers.get("X-API-KEY") or self.headers.get("X-Metabase-Session")
                status, body = stand_in.handle(self.command, self.path, key, raw)
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

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
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

    def fail(self, method: str, path: str, status: int, body: str, *, after: int = 0, done: bool = False) -> None:
        """Answer calls whose path matches with an error, once `after` of them went through."""
        self.faults.append(Fault(method, path, status, body, after, done))

    def named(self, kind: Json | dict[int, Json], name: str) -> Json:
        (found,) = [item for item in kind.values() if item["name"] == name and not item.get("archived")]
        return found

    # --- serving ------------------------------------------------------------------------------------------------

    def handle(self, method: str, target: str, key: str | None, raw: bytes) -> tuple[int, Any]:
        answer = self._handled(method, target, key, raw)
        time.sleep(self.delays.get(f"{method} {urlsplit(target).path}", 0))
        return answer

    def _handled(self, method: str, target: str, key: str | None, raw: bytes) -> tuple[int, Any]:
        if self.delay:
            time.sleep(self.delay)
        if self.redirect_to:
            return 302, ""
        with self._lock:
            path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
            body = json.loads(raw) if raw else None
            lost = self.lost_after is not None and len(self.writes()) >= self.lost_after
            self.calls.append((method, path, copy.deepcopy(body)))
            try:
                if lost:
                    raise Refused(503, "the server is gone")
                fault = self._fault(method, path)
                if fault and not fault.done:
                    raise Refused(fault.status, fault.body)
                self.admit(path, key)
                answer = self._work(method, path, query, body)
                if fault:
                    raise Refused(fault.status, fault.body)
                if self.lost_after is not None and len(self.writes()) >= self.lost_after:
                    raise Refused(503, "the server is gone")
                return answer if isinstance(answer, tuple) else (200, answer)
            except Refused as refused:
                return refused.status, refused.body

    def _work(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
        for verb, pattern, name, function in sorted(ROUTES, key=lambda each: ":" in each[2]):
            if verb == method and (match := pattern.match(path)):
                if name in SCHEMAS:
                    self._validate(name, body)
                return function(self, *match.groups(), **_arguments(function, query, body))
        raise Refused(404, "API endpoint does not exist.")

    def _fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and re.search(fault.path, path):
                if fault.after == 0:
                    return fault
                fault.after -= 1
        return None

    def _validate(self, name: str, body: Any) -> None:
        schema = {**SCHEMAS[name], "$defs": SCHEMAS["$defs"]}
        faults = sorted(Draft202012Validator(schema).iter_errors(body), key=lambda fault: list(map(str, fault.path)))
        if faults:
            where = {"/".join(map(str, fault.path)) or "body": fault.message for fault in faults}
            raise Refused(400, {"errors": where, "specific-errors": where})

    # --- the server itself --------------------------------------------------------------------------------------

    @route("GET", "/api/health")
    def health(self) -> Any:
        if self.healthy_after > 0:
            self.healthy_after -= 1
            return 503, {"status": "initializing", "progress": 0.5}
        return {"status": "ok"}

    @route("GET", "/api/session/properties")
    def properties(self) -> Any:
        return {"version": {"tag": self.tag, "hash": "0"}, **self.first_run()}

    # --- databases ----------------------------------------------------------------------------------------------

    @route("GET", "/api/database")
    def list_databases(self) -> Any:
        listed = [{key: item[key] for key in ("id", "name", "engine")} for item in self.databases.values()]
        return {"data": listed, "total": len(listed)}

    @route("POST", "/api/database")
    def create_database(self, body: Json) -> Any:
        number = self.new_id()
        self.databases[number] = {"id": number, **body, "details": self._connected(body["details"]), "polls": None}
        self.may_query(number)
        return self.read_database(str(number))

    @route("GET", "/api/database/:id")
    def read_database(self, number: str) -> Any:
        item = self._get(self.databases, number)
        added = {"advanced-options": False, "tunnel-enabled": False, "let-user-control-scheduling": False}
        return {**item, "details": {**added, **item["details"], "password": REDACTED}, "is_full_sync": True}

    @route("PUT", "/api/database/:id")
    def update_database(self, number: str, body: Json) -> Any:
        item = self._get(self.databases, number)
        details = dict(body.get("details") or item["details"])
        if details.get("password") == REDACTED:
            details["password"] = item["details"]["password"]
        item.update({**body, "details": self._connected(details)})
        return self.read_database(number)

    @route("GET", "/api/database/:id/healthcheck")
    def check_database(self, number: str) -> Any:
        try:
            self._connected(self._get(self.databases, number)["details"])
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

    def _connected(self, details: Json) -> Json:
        """What is kept of a connection that works: TLS too where nobody asked for it, if it can be had."""
        if self.answers is None:
            connect(details).close()
        elif self.known_password not in (None, details["password"]):
            raise Refused(400, {"errors": {"password": "Looks like the username or password is incorrect."}})
        return {**details, "ssl": bool(details.get("ssl") or self.offers_tls)}

    # --- maps ---------------------------------------------------------------------------------------------------

    @route("GET", "/api/setting/custom-geojson")
    def read_maps(self) -> Any:
        return {**self.maps, "world_countries": {**BUILTIN, "builtin": True}}

    @route("PUT", "/api/setting/custom-geojson")
    def write_maps(self, body: Json) -> Any:
        for key, item in body["value"].items():
            if self.maps.get(key, {}).get("url") != item["url"]:
                self.map_rules.check(item["url"])
        self.maps = body["value"]  # the whole map of maps: what is left out is gone
        return 204, None

    @route("GET", "/api/geojson/:key")
    def read_map(self, key: str) -> Any:
        if key not in self.maps:
            raise Refused(400, f"Invalid custom GeoJSON key: {key}")
        return self.map_rules.fetch(self.maps[key]["url"])

    # --- what is in a collection --------------------------------------------------------------------------------

    @route("GET", "/api/collection/:id/items")
    def items(self, number: str, limit: str = "50", offset: str = "0") -> Any:
        here = self._get(self.collections, number)
        inside = [
            {"id": item["id"], "name": item["name"], "model": model, "entity_id": item["entity_id"]}
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

    @route("PUT", "/api/collection/:id")
    def update_collection(self, number: str, body: Json) -> Any:
        item = self._get(self.collections, number)
        parent = body.pop("parent_id", None)
        if parent is not None:
            item["location"] = self._get(self.collections, str(parent))["location"] + f"{parent}/"
        was = item["archived"]
        item.update({"archived": False, **body})
        if item["archived"] != was:  # what stands in it goes into the bin with it, and comes back with it
            for kind in (self.cards, self.dashboards):
                for inner in list(kind.values()):
                    if inner["collection_id"] == item["id"] and not inner["archived_directly"]:
                        self._bin(inner, item["archived"], directly=False)
        return item

    def _bin(self, item: Json, archived: bool, *, directly: bool = True) -> None:
        item.update(archived=archived, archived_directly=archived and directly)
        if archived and "dataset_query" in item:
            self.alerts = {alert: of for alert, of in self.alerts.items() if of != item["id"]}
            self._unlist(item["id"], columns=None)

    def _unlist(self, card_id: int, columns: list[str] | None) -> None:
        """Filters lose a list that comes from a question which is binned, or no longer has the column."""
        for board in self.dashboards.values():
            for parameter in board["parameters"]:
                source = parameter.get("values_source_config") or {}
                if source.get("card_id") == card_id and (columns is None or source["value_field"][1] not in columns):
                    parameter["values_source_type"] = None
                    del parameter["values_source_config"]

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
        number = self.new_id()
        blank = {"description": None, "collection_id": None, "type": "question", "collection_position": None}
        own = {"id": number, "entity_id": self.new_identity(), "archived": False, "archived_directly": False}
        self.cards[number] = {**blank, **self.keeps(body), **own, "result_metadata": None, "reads": 0}
        return self.read_card(str(number))

    @route("GET", "/api/card/:id")
    def read_card(self, number: str, **query: str) -> Any:
        self._look(self._card(number))
        item = copy.deepcopy(self._card(number))
        del item["reads"]
        native = item["dataset_query"]["native"]
        tags = native.get("template-tags", {})
        for tag in tags.values():
            tag.setdefault("default", None)
        item |= {
            "creator_id": 13, "database_id": item["dataset_query"]["database"],
            "creator": {"id": 13, "common_name": "promise"}, "can_write": True, "can_restore": False, "table_id": None,
            "query_type": "native", "dashboard_count": 1, "created_at": "2026-11-01T00:00:00Z", "cache_ttl": None,
            "parameters": [{"id": tag["id"], "slug": tag["name"], "type": "category"} for tag in tags.values()],
        }  # fmt: skip
        if query.get("legacy-mbql") != "true":
            stage = {"lib/type": "mbql.stage/native", "native": native["query"], "template-tags": tags}
            database = item["dataset_query"]["database"]
            item["dataset_query"] = {"lib/type": "mbql/query", "database": database, "stages": [stage]}
        return item

    def _look(self, item: Json) -> None:
        """A question's columns are found out beside the answer that made or changed it, and there a little later."""
        item["reads"] += 1
        if item["result_metadata"] is None and item["reads"] > self.columns_after and self.answers is not None:
            columns, _ = self.answers(item["dataset_query"]["native"]["query"], {})
            item["result_metadata"] = [{"name": name, "base_type": "type/Text"} for name in columns]
            self._unlist(item["id"], columns)

    @route("PUT", "/api/card/:id")
    def update_card(self, number: str, body: Json) -> Any:
        self._placed(body)
        item = self._get(self.cards, number)  # not under its entity id
        kept = self.keeps(body)
        if kept.get("archived", item["archived"]) != item["archived"]:
            self._bin(item, kept["archived"])
        if kept.get("dataset_query", item["dataset_query"]) != item["dataset_query"]:
            item.update(result_metadata=None, reads=0)
        item.update(kept)
        return self.read_card(number)

    @route("POST", "/api/card/:id/query")
    def run(self, number: str, body: Json) -> Any:
        item = self._get(self.cards, number)
        tags = item["dataset_query"]["native"].get("template-tags", {})
        values = {}
        for parameter in body.get("parameters", []):
            name = parameter["target"][1][1]
            if name not in tags:
                raise Refused(400, f"Invalid parameter: Card {number} does not have a template tag named {name!r}.")
            values[name] = _single(parameter["value"])
        return self._answered(item, values)

    def _answered(self, item: Json, values: Json) -> Any:
        try:
            columns, found = self._rows(item, values)
        except psycopg.Error as error:
            return 202, {"status": "failed", "error": str(error), "row_count": 0, "data": {"rows": [], "cols": []}}
        cells = [[shown(value) for value in row] for row in found[:ROWS]]
        cols = [{"name": name, "display_name": name} for name in columns]
        data = {"rows": cells, "cols": cols, **({"rows_truncated": ROWS} if len(found) > ROWS else {})}
        return 202, {"status": "completed", "row_count": len(cells), "data": data}

    def _rows(self, item: Json, values: Json) -> tuple[list[str], list[Any]]:
        native = item["dataset_query"]["native"]
        if self.answers is not None:
            return self.answers(native["query"], values)
        database = self._get(self.databases, str(item["dataset_query"]["database"]))
        return rows(database["details"], native["query"], values)

    # --- dashboards ---------------------------------------------------------------------------------------------

    @route("POST", "/api/dashboard")
    def create_dashboard(self, body: Json) -> Any:
        self._placed(body)
        number = self.new_id()
        blank: Json = {"description": None, "collection_id": None, "parameters": [], "width": "fixed"}
        own = {"id": number, "entity_id": self.new_identity(), "archived": False, "archived_directly": False}
        self.dashboards[number] = {**blank, **body, **own, "tabs": [], "dashcards": []}
        return self.dashboards[number]

    @route("GET", "/api/dashboard/:id")
    def read_dashboard(self, number: str) -> Any:
        item = copy.deepcopy(self._get(self.dashboards, number))
        for parameter in item["parameters"]:
            parameter["filteringParameters"] = []
        item["dashcards"] = [dashcard for dashcard in item["dashcards"] if not self._hidden(dashcard)]
        for dashcard in item["dashcards"]:
            dashcard |= {"series": [], "action_id": None, "created_at": "2026-11-01T00:00:00Z", "inline_parameters": []}
            dashcard |= {"dashboard_id": item["id"], "entity_id": self.new_identity()}
            dashcard["card"] = {"name": self.cards[dashcard["card_id"]]["name"]} if dashcard.get("card_id") else None
        for tab in item["tabs"]:
            tab |= {"dashboard_id": item["id"], "created_at": "2026-11-01T00:00:00Z"}
        item |= {"creator_id": 13, "cache_ttl": None, "enable_embedding": False, "auto_apply_filters": True}
        public = item.pop("public_uuid", None) if self.settings["enable-public-sharing"] else None
        return {**item, "public_uuid": public, "can_write": True, "last-edit-info": {"id": 13}}

    def _hidden(self, dashcard: Json) -> bool:
        """The place of a question that is in the bin is kept, and not shown."""
        card_id = dashcard.get("card_id")
        return card_id is not None and (card_id not in self.cards or bool(self.cards[card_id]["archived"]))

    @route("PUT", "/api/dashboard/:id")
    def update_dashboard(self, number: str, body: Json) -> Any:
        item = self._get(self.dashboards, number)
        self._placed(body)
        if body.get("archived", item["archived"]) != item["archived"]:
            self._bin(item, body["archived"])
        if "dashcards" in body or "tabs" in body:
            whole = {**item, **body}
            before = {dashcard.get("card_id") for dashcard in item["dashcards"] if not self._hidden(dashcard)}
            body = {**body, **self._canvas(item, whole["tabs"], whole["dashcards"])}
            for card_id in before - {dashcard.get("card_id") for dashcard in body["dashcards"]} - {None}:
                if self.cards[card_id].get("dashboard_id") == item["id"]:  # it was saved nowhere else
                    self._bin(self.cards[card_id], archived=True)
        item.update(body)
        return self.read_dashboard(number)

    @route("POST", "/api/dashboard/:id/dashcard/:dashcard/card/:card/query")
    def run_on_dashboard(self, number: str, dashcard_id: str, card_id: str, body: Json) -> Any:
        board = self._get(self.dashboards, number)
        (place,) = [item for item in board["dashcards"] if str(item["id"]) == dashcard_id] or [None]
        if place is None or str(place["card_id"]) != card_id or self._hidden(place):
            raise Refused(404, "Not found.")
        mapped = {mapping["parameter_id"]: mapping["target"][1][1] for mapping in place["parameter_mappings"]}
        known = {parameter["id"] for parameter in board["parameters"]}
        values = {}
        for parameter in body.get("parameters", []):
            if parameter["id"] not in known:
                raise Refused(400, f"Dashboard does not have a parameter with ID {parameter['id']!r}.")
            if parameter["id"] in mapped:  # another question's filter changes nothing here, and that is not an error
                values[mapped[parameter["id"]]] = _single(parameter["value"])
        return self._answered(self._get(self.cards, card_id), values)

    @route("GET", "/api/dashboard/:id/params/:parameter/values")
    def choices(self, number: str, parameter_id: str) -> Any:
        """A list that was given, as it was given; of a question the column's distinct values, in its own order."""
        board = self._get(self.dashboards, number)
        found = [item for item in board["parameters"] if item["id"] == parameter_id]
        if found and found[0].get("values_source_type") == "static-list":
            return {"values": found[0]["values_source_config"]["values"], "has_more_values": False}
        if not found or found[0].get("values_source_type") != "card":
            return {"values": [], "has_more_values": False}
        source = found[0]["values_source_config"]
        columns, given = self._rows(self._get(self.cards, str(source["card_id"])), {})
        at = columns.index(source["value_field"][1])
        values = sorted({row[at] for row in given if row[at] is not None})
        return {"values": [[value] for value in values[:CHOICES]], "has_more_values": len(values) > CHOICES}

    @route("POST", "/api/dashboard/:id/public_link")
    def public_link(self, number: str) -> Any:
        if not self.settings["enable-public-sharing"]:
            raise Refused(400, "Public sharing is not enabled.")
        return {"uuid": self._get(self.dashboards, number).setdefault("public_uuid", f"public-{number}")}

    @route("DELETE", "/api/dashboard/:id/public_link")
    def end_public_link(self, number: str) -> Any:
        if not self.settings["enable-public-sharing"]:
            raise Refused(400, "Public sharing is not enabled.")
        if self._get(self.dashboards, number).pop("public_uuid", None) is None:
            raise Refused(404, "Not found.")
        return 204, None

    def _canvas(self, item: Json, tabs: list[Json], dashcards: list[Json]) -> Json:
        """Ids below zero are new; the canvas is whole: what is not in it is deleted."""
        ids = [dashcard["id"] for dashcard in dashcards]
        if len(set(ids)) != len(ids):
            raise Refused(400, {"errors": {"dashcards": "ids must be unique"}})
        known = {dashcard["id"] for dashcard in item["dashcards"]}
        if unknown := {number for number in ids if number > 0} - known:
            raise Refused(404, f"Dashcards {sorted(unknown)} are not on this dashboard.")
        renamed = {tab["id"]: tab["id"] if tab["id"] > 0 else self.new_id() for tab in tabs}
        kept = [dashcard for dashcard in item["dashcards"] if self._hidden(dashcard) and dashcard["id"] not in ids]
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


def _single(value: Any) -> Any:
    """Pages send the choice of a filter as a list, of one where one may be chosen."""
    if isinstance(value, list):
        (value,) = value
    return value


def _arguments(function: Callable[..., Any], query: dict[str, list[str]], body: Any) -> Json:
    accepted = function.__code__.co_varnames[: function.__code__.co_argcount]
    takes_any = bool(function.__code__.co_flags & 0x08)
    found = {key: values[-1] for key, values in query.items() if takes_any or key in accepted}
    return {**found, "body": body} if "body" in accepted else found
