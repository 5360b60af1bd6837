"""`promise bi plan`, `apply`, `prune` and `smoke`: the configuration, and one run over the Metabase that it names."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import psycopg

from bi.marts import release_shown
from bi.metabase import boundaries, keys
from bi.metabase.bodies import Offer, Offers
from bi.metabase.client import Client, MetabaseError, NotConfigured
from bi.metabase.provision import Provisioner
from bi.metabase.server import Patience
from bi.metabase.spec import spec
from bi.metabase.writing import Outcome
from promise.settings import settings
from warehouse.provisioned import Item, Provisioned, alone

__all__ = ["MetabaseError", "NotConfigured", "apply", "plan", "prune", "smoke"]

# Below the folder that Metabase has on its class path, and from nowhere else does it take one.
CUSTOM = "geojson/custom"


def apply(*, patience: Patience | None = None) -> dict[str, Any]:
    """Make Metabase what `specs/` says and run every question once. A second call writes nothing.

    Raises NotConfigured when no Metabase is named, MetabaseError when it cannot be made so. Returns `writes`, the
    lists `created`, `updated` and `archived`, `unchanged`, `questions_run`, `map` ("regions" or "bars"), `version`,
    `notes` for people, the addresses of the `dashboards`, and of those that are `public`.
    """
    from warehouse import releases

    url, key = address()
    with alone(url) as state:
        with releases.reading() as conn:  # nothing released yet is said now, not after waiting for Metabase's tables
            release_id = release_shown(conn)
            offered = offers(conn)
            if folder := _maps():
                boundaries.write(conn, folder / CUSTOM)
        # No reader's transaction of ours waits for Metabase: what it asks, it asks in transactions of its own.
        applied = _as_dict(provisioner(url, key, state, offered, patience=patience).run())
    releases.note_drawn("metabase", release_id)
    return {"release_id": release_id, **applied}


def plan(*, patience: Patience | None = None) -> dict[str, Any]:
    """What `apply` would write, in the same form. Looks and compares, writes nothing, runs no question."""
    url, key = address()
    return _as_dict(provisioner(url, key, Provisioned(url), _offers(), patience=patience, dry=True).run())


def smoke(*, patience: Patience | None = None) -> dict[str, Any]:
    """Run every question of what is there, as its dashboard does, and write nothing."""
    url, key = address()
    return _as_dict(provisioner(url, key, Provisioned(url), _offers(), patience=patience, dry=True).smoke())


def prune(*, patience: Patience | None = None) -> dict[str, Any]:
    """Put into the bin what stands in the managed collection and in no file."""
    url, key = address()
    with alone(url) as state:
        return _as_dict(provisioner(url, key, state, _offers(), patience=patience).prune())


def address() -> tuple[str, str]:
    """Where Metabase is, and the key to it. Raises NotConfigured when there is none."""
    url = settings().metabase_url
    if not url:
        raise NotConfigured(
            "no Metabase is configured (METABASE_URL is not set), so there is nothing to provision; "
            "docs/metabase.md says how"
        )
    key = settings().metabase_api_key or keys.kept(url)
    if not key:
        raise NotConfigured(
            f"there is no key to {Client(url, '').url}, so there is nothing to provision: METABASE_API_KEY is not set, "
            "and `promise bi setup` has made none. docs/metabase.md says how."
        )
    return url.rstrip("/"), key


def offers(conn: psycopg.Connection[Any]) -> dict[str, list[Offer]]:
    """What each filter offers in the release that this connection sees, in the order of its query."""
    return {
        key: [(str(value), str(label)) for value, label in conn.execute(item.sql)]
        for key, item in spec().choices.items()
    }


def _offers() -> dict[str, list[Offer]]:
    from warehouse import releases

    with releases.reading() as conn:
        return offers(conn)


def provisioner(
    url: str,
    key: str,
    state: MutableMapping[str, Item],
    offered: Offers,
    *,
    patience: Patience | None = None,
    dry: bool = False,
) -> Provisioner:
    """A run over the configured Metabase. Raises MetabaseError for a setting that cannot be meant."""
    connection = warehouse()
    return Provisioner(
        Client(url, key, secrets=[str(connection["password"])]),
        spec(),
        connection=connection,
        state=state,
        offers=offered,
        geojson_url=f"{CUSTOM}/{boundaries.FILE_NAME}" if _maps() else os.environ.get("PROMISE_GEOJSON_URL") or None,
        public_url=settings().metabase_public_url,
        public_links=_yes("METABASE_PUBLIC_LINKS"),
        patience=patience,
        dry=dry,
    )


def warehouse() -> dict[str, Any]:
    """Where Metabase finds the warehouse, as the reader. Metabase may see it under another name than we do."""
    from warehouse.releases import reader_address

    known = reader_address()
    port = os.environ.get("METABASE_WAREHOUSE_PORT") or str(known["port"])
    if not port.isdecimal():
        raise MetabaseError(f"METABASE_WAREHOUSE_PORT is {port!r}; write a port number")
    return {
        "host": os.environ.get("METABASE_WAREHOUSE_HOST") or known["host"],
        "port": int(port),
        "dbname": os.environ.get("METABASE_WAREHOUSE_DBNAME") or known["dbname"],
        "user": known["user"],
        "password": known["password"],
        "ssl": _yes("METABASE_WAREHOUSE_SSL"),
    }


def _maps() -> Path | None:
    """The folder on Metabase's class path into which the map is written, where there is one."""
    folder = os.environ.get("METABASE_MAPS")
    if folder and os.environ.get("PROMISE_GEOJSON_URL"):
        raise MetabaseError(
            "METABASE_MAPS and PROMISE_GEOJSON_URL are both set, and Metabase gets the map from one place: unset the "
            "address to have it from the class path, or the folder to have it from the address"
        )
    return Path(folder) if folder else None


def _yes(name: str) -> bool:
    value = os.environ.get(name) or "false"
    if value not in ("true", "false"):
        raise MetabaseError(f"{name} is {value!r}; write true or false")
    return value == "true"


def _as_dict(outcome: Outcome) -> dict[str, Any]:
    return {"writes": outcome.writes, **dataclasses.asdict(outcome)}
