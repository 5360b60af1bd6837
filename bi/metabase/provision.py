"""Making Metabase what the specs say: look, compare, write only what differs, prove every question by running it.

The steps run in an order in which each finds what it needs in place; a run that broke off is finished by the next one.
Only what stands in the managed collection is ever changed or looked into, and of the whole server what `Server` names.
"""

from __future__ import annotations

from collections.abc import MutableMapping

from bi.metabase import bodies
from bi.metabase.bodies import Json
from bi.metabase.client import Client, MetabaseError
from bi.metabase.identity import READ, Ours
from bi.metabase.model import Card, Dashboard
from bi.metabase.server import Patience, Server
from bi.metabase.smoke import Smoke
from bi.metabase.spec import Spec
from bi.metabase.writing import Outcome, Writing
from warehouse.provisioned import Item

NAMES = {"card": "question", "dashboard": "dashboard"}


class Provisioner:
    """One run over one Metabase. `dry` looks and compares, and writes nothing."""

    def __init__(
        self,
        client: Client,
        spec: Spec,
        *,
        connection: Json,
        state: MutableMapping[str, Item],
        offers: bodies.Offers,
        geojson_url: str | None = None,
        public_url: str | None = None,
        public_links: bool = False,
        patience: Patience | None = None,
        dry: bool = False,
    ) -> None:
        self.client = client
        self.spec = spec
        self.offers = offers
        self.geojson_url = geojson_url
        self.public_url = (public_url or client.url).rstrip("/")
        self.public_links = public_links
        self.writing = Writing(client, state, dry=dry)
        self.ours = Ours(self.writing)
        self.server = Server(
            self.writing,
            spec,
            connection=connection,
            geojson_url=geojson_url,
            patience=patience or Patience(),
        )

    @property
    def outcome(self) -> Outcome:
        return self.writing.outcome

    def run(self) -> Outcome:
        """All steps, then every question. Raises MetabaseError at the first thing that is not as it must be.

        The words of the error also say what was written before it.
        """
        with self.writing.accounted():
            cards, boards, regions = self._provision()
            if not self.writing.dry:
                self._smoke(cards, boards, regions)
        return self.outcome

    def smoke(self) -> Outcome:
        """Run every question of what is there, and write nothing. What `apply` would write is noted."""
        self.writing.dry = True
        cards, boards, _ = self._provision()
        if missing := self.outcome.created:
            raise MetabaseError(
                f"{', '.join(missing)}: not in {self.client.url} yet, so nothing was run. Apply first: promise bi apply"
            )
        if changed := self.outcome.updated:
            self.outcome.notes.append(f"changed by hand, or since the last apply: {', '.join(changed)}")
        self._smoke(cards, boards, self.server.regions() if self.geojson_url else None, every_choice=True)
        return self.outcome

    def prune(self) -> Outcome:
        """Put into the bin what stands in the managed collection and in no file. A person can take it out again."""
        with self.writing.accounted():
            self.writing.dry = True
            cards, boards, _ = self._provision()
            self.writing.dry = False
            self.writing.outcome = Outcome(version=self.outcome.version, dashboards=self.outcome.dashboards)
            for kind, number, name in self.ours.orphans(set(cards.values()), set(boards.values())):
                self.writing.archive(f"{NAMES[kind]} {name}", f"/api/{kind}/{number}")
        for key in self.writing.state.keys() - self._keys():
            del self.writing.state[key]
        return self.outcome

    def _provision(self) -> tuple[dict[str, int], dict[str, int], set[str] | None]:
        """The numbers of questions and dashboards by their keys, and the regions of the map."""
        self.server.preflight()
        database_id = self.server.database()
        self.server.tables(database_id)
        regions = self.server.map()
        self.ours.collection_id = self._collection()
        self.server.readers(database_id, self.ours.collection_id)  # not after what may go on failing for days
        cards = {item.id: self._card(item, database_id) for item in self.spec.cards.values()}
        boards: dict[str, int] = {}
        for item in self.spec.in_order:
            boards[item.id] = self._dashboard(item, cards, boards)
        if self.public_links:
            self._links(boards)
        else:
            self._no_links(boards)
        if gone := [key for key in self.ours.gone if key in self._keys()]:
            self.outcome.notes.append(
                "deleted in Metabase since the last run, or this is another server at its address: "
                f"{', '.join(sorted(gone))}; looked for by our key and name, else made anew. Links, bookmarks and "
                "alerts of what was deleted are gone."
            )
        if orphans := self.ours.orphans(set(cards.values()), set(boards.values())):
            self.outcome.notes.append(
                f"in the managed collection and in no file: {', '.join(name for _, _, name in orphans)}; "
                "`promise bi prune` puts what is there into the bin, with its alerts"
            )
        return cards, boards, regions

    def _keys(self) -> set[str]:
        questions = {f"card/{key}" for key in self.spec.cards}
        return {"database", "collection/managed"} | questions | {f"dashboard/{key}" for key in self.spec.dashboards}

    def _smoke(
        self, cards: dict[str, int], boards: dict[str, int], regions: set[str] | None, *, every_choice: bool = False
    ) -> None:
        smoke = Smoke(self.client, self.spec, cards, boards, regions, self.offers, every_choice)
        smoke.run()
        self.outcome.questions_run = smoke.questions_run
        self.outcome.slowest = "{1}, {0:.2f} s".format(*smoke.slowest)
        self.outcome.notes += smoke.notes

    def _collection(self) -> int:
        key, ours = "collection/managed", bodies.collection(self.spec.general)
        what = f"collection {ours['name']}"
        theirs = self.ours.kept(key) or self.ours.adopted_collection(ours)
        if theirs is None:
            return self.writing.create(key, what, "/api/collection", ours)
        number = self.writing.note(key, theirs)
        if differing := bodies.same_collection(ours, theirs):
            back = {**ours, "archived": False, **({"parent_id": None} if "parent_id" in differing else {})}
            self.writing.update(f"{what} ({', '.join(differing)})", f"/api/collection/{number}", back)
        else:
            self.outcome.unchanged += 1
        return number

    def _card(self, item: Card, database_id: int) -> int:
        key, what = f"card/{item.id}", f"question {item.name}"
        ours = bodies.card(
            item,
            self.spec.general,
            database_id=database_id,
            collection_id=self.ours.collection_id,
            with_map=self.outcome.map == "regions",
        )
        theirs = self.ours.found(key, item.name)
        if theirs is None:
            number = self.writing.create(key, what, "/api/card", ours)
        else:
            number = self.writing.note(key, theirs)
            differing = bodies.same_card(ours, theirs)
            if not differing:
                self.outcome.unchanged += 1
                return number
            self.writing.update(f"{what} ({', '.join(differing)})", f"/api/card/{number}", {**ours, "archived": False})
        if not self.writing.dry:
            self.writing.unkept(what, bodies.same_card(ours, self.client.get(f"/api/card/{number}", **READ["card"])))
        return number

    def _dashboard(self, item: Dashboard, cards: dict[str, int], boards: dict[str, int]) -> int:
        key, what = f"dashboard/{item.id}", f"dashboard {item.name}"
        theirs = self.ours.found(key, item.name)

        def canvas(theirs: Json | None) -> Json:
            collection_id = self.ours.collection_id
            return bodies.canvas(item, cards, collection_id, theirs, offers=self.offers, board_ids=boards)

        ours = canvas(theirs)
        if theirs is None:
            empty = {name: ours[name] for name in ("name", "description", "collection_id")}
            number = self.writing.create(key, what, "/api/dashboard", empty)
            self.writing.write([], f"canvas of {what}", self.client.put, f"/api/dashboard/{number}", ours)
        else:
            number = self.writing.note(key, theirs)
            differing = bodies.same_dashboard(ours, theirs)
            if lost := bodies.taken_off(ours, theirs):
                self.outcome.notes.append(
                    f"{what}: put there by hand, and taken off: {', '.join(lost)}. A question that was saved in this "
                    "dashboard goes into the bin with that, where its owner finds it; elsewhere it stays."
                )
            if differing:
                body = {**ours, "archived": False}
                self.writing.update(f"{what} ({', '.join(differing)})", f"/api/dashboard/{number}", body)
        self.outcome.dashboards[item.name] = f"{self.public_url}/dashboard/{number}"
        if theirs is not None and not differing:
            self.outcome.unchanged += 1
        elif not self.writing.dry:
            kept = self.client.get(f"/api/dashboard/{number}")
            ours = canvas(kept)
            self.writing.unkept(what, bodies.same_dashboard(ours, kept))
        return number

    def _links(self, boards: dict[str, int]) -> None:
        """An address of each dashboard that nobody has to sign in for."""
        setting = "/api/setting/enable-public-sharing"
        if self.client.get(setting) is not True:
            self.writing.update("setting: public links", setting, {"value": True})
        for key, number in boards.items():
            name, path = self.spec.dashboards[key].name, f"/api/dashboard/{number}"
            uuid = self.client.get(path).get("public_uuid") if number > 0 else None
            if uuid is None:
                link = self.writing.write(
                    self.outcome.created, f"link to {name}", self.client.post, f"{path}/public_link", None
                )
                uuid = (link or {}).get("uuid", "to-be-made")
            self.outcome.public[name] = f"{self.public_url}/public/dashboard/{uuid}"

    def _no_links(self, boards: dict[str, int]) -> None:
        """Take back what addresses there are. The setting stays as it is: other people's links need it."""
        for key, number in boards.items():
            path = f"/api/dashboard/{number}"
            if number > 0 and self.client.get(path).get("public_uuid"):
                what = f"link to {self.spec.dashboards[key].name} (taken back)"
                self.writing.write(self.outcome.updated, what, self.client.delete, f"{path}/public_link")
