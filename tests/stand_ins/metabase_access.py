"""Who may do what in the stand-in: first run, sessions, keys, settings, groups, collections and their graphs."""

from __future__ import annotations

import copy
import time
import uuid
from collections.abc import Callable
from typing import Any

from stand_ins.metabase_backend import Json, Refused, route

ALL_USERS, ADMINISTRATORS = 1, 2
ATTEMPTS, HOUR = 10, 3600  # refused sign-ins of one user within an hour, after which each has to wait for the next
OPEN = ("/api/health", "/api/session/properties", "/api/session", "/api/setup")  # to whoever asks
STALE = (
    "Looks like someone else edited the permissions and your data is out of date. Please fetch new data and try again."
)


class Access:
    """A server that somebody has set up and made a key on, unless `forget_setup` was called."""

    def __init__(self, api_key: str) -> None:
        self.keys: dict[int, Json] = {3: {"id": 3, "name": "made by hand", "group_id": ADMINISTRATORS, "key": api_key}}
        self.sessions: set[str] = set()
        self.users: dict[str, str] = {"admin@example.org": "made by hand"}
        self.refused: dict[str, list[float]] = {}  # when somebody was last not let in, by the name that was given
        self.clock: Callable[[], float] = time.monotonic
        self.setup_token: str | None = None
        self.superuser = True  # whether the keys' group may manage the server
        self.settings: Json = {"anon-tracking-enabled": False, "enable-public-sharing": False}
        self.groups: dict[int, str] = {ALL_USERS: "All Users", ADMINISTRATORS: "Administrators"}
        self.collections: dict[int, Json] = {}
        open_to_all = {str(group): {"root": "write"} for group in self.groups}
        self.collection_graph: Json = {"revision": 0, "groups": open_to_all}
        self.data_graph: Json = {"revision": 0, "groups": {str(group): {} for group in self.groups}}
        self.races = 0  # how often somebody else changes a graph in the moment before we do
        self._next = 10

    def new_id(self) -> int:
        self._next += 1
        return self._next

    def new_identity(self) -> str:
        """As Metabase's nano id: no two servers give the same, whatever a body says."""
        return uuid.uuid4().hex[:21]

    def _get(self, kind: dict[int, Json], number: str) -> Json:
        if not number.isdecimal() or int(number) not in kind:
            raise Refused(404, "Not found.")
        return kind[int(number)]

    # --- who asks -----------------------------------------------------------------------------------------------

    def forget_setup(self) -> None:
        """As after the very first start: nobody has an account, and whoever has the token makes the first."""
        self.keys, self.users, self.setup_token = {}, {}, "first-run-token"

    def first_run(self) -> Json:
        return {"has-user-setup": bool(self.users), "setup-token": self.setup_token}

    def admit(self, path: str, key: str | None) -> None:
        if path not in OPEN and key not in self.sessions | {item["key"] for item in self.keys.values()}:
            raise Refused(401, "Unauthenticated")

    @route("POST", "/api/setup")
    def first_account(self, body: Json) -> Any:
        if self.users:
            raise Refused(403, "The /api/setup route can only be used to create the first user.")
        if body["token"] != self.setup_token:
            raise Refused(400, {"errors": {"token": "Token does not match the setup token."}})
        if len(body["user"]["password"]) < 8:
            raise Refused(400, {"errors": {"password": "password is too common."}})
        self.users[body["user"]["email"]] = body["user"]["password"]
        self.setup_token = None
        self.settings["anon-tracking-enabled"] = True  # whatever was sent
        return self._session()

    @route("POST", "/api/session")
    def sign_in(self, body: Json) -> Any:
        recent = [then for then in self.refused.get(body["username"], []) if self.clock() - then < HOUR]
        self.refused[body["username"]] = recent
        wait = 15 * max(0, len(recent) - ATTEMPTS + 1) ** 1.5
        if wait and (left := recent[-1] + wait - self.clock()) > 0:
            recent.append(self.clock())
            words = f"Too many attempts! You must wait {left:.0f} seconds before trying again."
            raise Refused(400, {"errors": {"username": words}})
        if self.users.get(body["username"]) != body["password"]:
            recent.append(self.clock())
            raise Refused(401, {"errors": {"password": "did not match stored password"}})
        return self._session()

    def _session(self) -> Json:
        session = f"session-{self.new_id()}"
        self.sessions.add(session)
        return {"id": session}

    @route("GET", "/api/user/current")
    def who(self) -> Any:
        return {"id": 13, "common_name": "promise", "is_superuser": self.superuser}

    @route("GET", "/api/api-key")
    def list_keys(self) -> Any:
        return [{**item, "key": None, "masked_key": "mb_****"} for item in self.keys.values()]

    @route("POST", "/api/api-key")
    def create_key(self, body: Json) -> Any:
        if any(item["name"] == body["name"] for item in self.keys.values()):
            raise Refused(400, {"errors": {"name": "An API key with this name already exists."}})
        number = self.new_id()
        self.keys[number] = {"id": number, **body, "key": f"mb_made_{number}"}
        return {**self.keys[number], "key": None, "unmasked_key": self.keys[number]["key"]}

    @route("PUT", "/api/api-key/:id/regenerate")
    def regenerate_key(self, number: str) -> Any:
        item = self._get(self.keys, number)
        item["key"] = f"mb_made_again_{self.new_id()}"
        return {"unmasked_key": item["key"]}

    @route("GET", "/api/setting/:key")
    def read_setting(self, key: str) -> Any:
        return self.settings[key]

    @route("PUT", "/api/setting/:key")
    def write_setting(self, key: str, body: Json) -> Any:
        self.settings[key] = body["value"]
        return 204, None

    # --- groups and what they may do ----------------------------------------------------------------------------

    @route("GET", "/api/permissions/group")
    def list_groups(self) -> Any:
        return [{"id": number, "name": name, "member_count": 1} for number, name in self.groups.items()]

    @route("POST", "/api/permissions/group")
    def create_group(self, body: Json) -> Any:
        number = self.new_id()
        self.groups[number] = body["name"]
        self.collection_graph["groups"][str(number)] = {}
        self.data_graph["groups"][str(number)] = {}
        return {"id": number, "name": body["name"]}

    @route("GET", "/api/collection/graph")
    def read_collection_graph(self) -> Any:
        return copy.deepcopy(self.collection_graph)

    @route("PUT", "/api/collection/graph")
    def write_collection_graph(self, body: Json) -> Any:
        self._change(self.collection_graph, body)
        for rights in self.collection_graph["groups"].values():  # "none" is said by leaving it out
            for thing in [thing for thing, right in rights.items() if right == "none"]:
                del rights[thing]
        return self.collection_graph

    @route("GET", "/api/permissions/graph")
    def read_data_graph(self) -> Any:
        return copy.deepcopy(self.data_graph)

    @route("PUT", "/api/permissions/graph")
    def write_data_graph(self, body: Json) -> Any:
        self._change(self.data_graph, body)
        return self.data_graph

    def _change(self, graph: Json, body: Json) -> None:
        if self.races:
            self.races -= 1
            graph["revision"] += 1
        if body["revision"] != graph["revision"]:
            raise Refused(409, STALE)
        graph["revision"] += 1
        for group, rights in body["groups"].items():
            graph["groups"].setdefault(group, {}).update(rights)

    def may_query(self, database_id: int) -> None:
        """What a new database may be used for, until somebody says otherwise: everybody writes SQL."""
        everything = {"view-data": "unrestricted", "create-queries": "query-builder-and-native", "download": "full"}
        for group in (ALL_USERS, ADMINISTRATORS):
            self.data_graph["groups"][str(group)][str(database_id)] = dict(everything)

    # --- collections --------------------------------------------------------------------------------------------

    @route("GET", "/api/collection")
    def list_collections(self) -> Any:
        alive = [item for item in self.collections.values() if not item["archived"]]
        return [{"id": "root", "name": "Our analytics"}, *alive]

    @route("GET", "/api/collection/:id")
    def read_collection(self, number: str) -> Any:
        return {**self._get(self.collections, number), "can_write": True, "effective_ancestors": []}

    @route("POST", "/api/collection")
    def create_collection(self, body: Json) -> Any:
        number, parent = self.new_id(), body.get("parent_id")
        above = self._get(self.collections, str(parent))["location"] + f"{parent}/" if parent else "/"
        own = {"id": number, "entity_id": self.new_identity(), "location": above, "archived": False}
        item = {"description": None, **body, **own}
        item.pop("parent_id", None)
        self.collections[number] = item
        for rights in self.collection_graph["groups"].values():  # as the collection above it is open
            if above_is := rights.get(str(parent or "root")):
                rights[str(number)] = above_is
        return item
