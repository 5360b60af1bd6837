"""What the tests of provisioning share: answers without a database, map files, one run over the stand-in."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from stand_ins.metabase import StandIn

from bi.metabase.bodies import Offers
from bi.metabase.client import Client
from bi.metabase.model import Dashboard
from bi.metabase.provision import Provisioner
from bi.metabase.server import Patience
from bi.metabase.spec import Spec
from bi.metabase.spec import spec as whole
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


SOME = ("national_picture", "council_map", "council_matrix", "council_profile")


@functools.cache
def spec() -> Spec:
    """Some of the dashboards: enough for what provisioning does to any of them."""
    return cut({key: whole().dashboards[key] for key in SOME})


def cut(boards: Mapping[str, Dashboard]) -> Spec:
    cards = {place.card for board in boards.values() for place in board.cards}
    choices = {item.choices for board in boards.values() for item in board.filters}
    return whole().model_copy(
        update={
            "dashboards": dict(boards),
            "cards": {key: whole().cards[key] for key in sorted(cards)},
            "choices": {key: whole().choices[key] for key in sorted(choices)},
        }
    )


def offers(of: Spec) -> Offers:
    """Two things to choose from in each filter."""
    return {key: [(f"{key} {at}", f"{key} number {at}") for at in range(2)] for key in of.choices}


def canned(query: str, values: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Two rows with the columns that the question is drawn from."""
    (card,) = [item for item in whole().cards.values() if item.sql.strip() == query]
    columns = sorted(card.display.needs)
    return columns, [[COUNCILS[at] if name == "area_code" else f"{name} {at}" for name in columns] for at in range(2)]


@contextmanager
def serving() -> Iterator[StandIn]:
    """A Metabase that knows nothing yet, beside a warehouse with all tables."""
    with StandIn(answers=canned, api_key=KEY).running() as metabase:
        metabase.known_tables = [{"schema": "marts", "name": name, "fields": []} for name in sorted(whole().tables)]
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
        offered: Offers | None = None,
        **connection: Any,
    ) -> Outcome:
        run = Provisioner(
            Client(metabase.url, key, secrets=[PASSWORD], timeout=timeout),
            of or spec(),
            offers=offered or offers(of or spec()),
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
    """A dashboard, and the one to which a click on it leads: enough to break off after each write in turn."""
    return cut({key: whole().dashboards[key] for key in ("council_map", "council_profile")})


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
