"""What the tests of provisioning share: answers without a database, map files, one run over the stand-in."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from stand_ins.metabase import StandIn

from bi.metabase.client import Client
from bi.metabase.provision import Provisioner
from bi.metabase.server import Patience
from bi.metabase.spec import Spec, spec
from bi.metabase.writing import Outcome
from warehouse.provisioned import Item

KEY = "mb_secret_key"
PASSWORD = "reader-secret-password"
CONNECTION = {
    **{"host": "warehouse", "port": 5432, "dbname": "promise"},
    **{"user": "promise_reader", "password": PASSWORD, "ssl": False},
}
QUICK = Patience(start=0.2, sync=0.5)
COUNCILS = ("S12000033", "S12000034")
Run = Callable[..., Outcome]
State = dict[str, Item]


def canned(query: str, values: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Two rows with the columns that the question is drawn from."""
    (card,) = [item for item in spec().cards.values() if item.sql.strip() == query]
    columns = sorted(card.display.needs)
    return columns, [[COUNCILS[at] if name == "area_code" else f"{name} {at}" for name in columns] for at in range(2)]


@contextmanager
def serving() -> Iterator[StandIn]:
    """A Metabase that knows nothing yet, beside a warehouse with all tables."""
    with StandIn(answers=canned, api_key=KEY).running() as metabase:
        metabase.known_tables = [{"schema": "marts", "name": name, "fields": []} for name in sorted(spec().tables)]
        yield metabase


def runner(metabase: StandIn, state: State | None = None) -> Run:
    """Runs over one Metabase that remember, as those of one warehouse do, what they made."""
    remembered: State = {} if state is None else state

    def go(
        *,
        what: Literal["run", "smoke", "prune"] = "run",
        of: Spec | None = None,
        key: str = KEY,
        dry: bool = False,
        geojson: str | None = None,
        timeout: float = 5.0,
        public_links: bool = False,
        **connection: Any,
    ) -> Outcome:
        run = Provisioner(
            Client(metabase.url, key, secrets=[PASSWORD], timeout=timeout),
            of or spec(),
            connection={**CONNECTION, **connection},
            state=remembered,
            geojson_url=geojson,
            public_links=public_links,
            patience=QUICK,
            dry=dry,
        )
        outcome: Outcome = getattr(run, what)()
        return outcome

    return go


def small() -> Spec:
    """One dashboard with its questions: enough to break off after each write in turn."""
    whole = spec()
    board = whole.dashboards["council_map"]
    cards = {place.card for place in board.cards} | {item.choices.card for item in board.filters}
    return whole.model_copy(
        update={"dashboards": {board.id: board}, "cards": {key: whole.cards[key] for key in sorted(cards)}}
    )


@contextmanager
def published(body: Any) -> Iterator[str]:
    """The address of a JSON file on a second loopback server."""
    with StandIn(answers=canned).running() as files:
        files.handle = lambda *_: (200, body)  # type: ignore[method-assign]
        yield f"{files.url}/council_areas.json"


def shapes(*codes: str, key: str = "area_code") -> dict[str, Any]:
    features = [{"type": "Feature", "properties": {key: code}, "geometry": None} for code in codes]
    return {"type": "FeatureCollection", "features": features}


def dashcards(metabase: StandIn, name: str) -> list[dict[str, Any]]:
    return list(metabase.named(metabase.dashboards, name)["dashcards"])


def add(metabase: StandIn, kind: dict[int, Any], like: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Something that a person made by hand."""
    number = metabase.new_id()
    kind[number] = {**copy.deepcopy(like), "id": number, "entity_id": f"somebody_elses_{number:06d}", **changes}
    found: dict[str, Any] = kind[number]
    return found
