"""`promise bi apply` and `promise bi plan`: the configuration, and one run over the Metabase it names."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from bi.marts import release_shown
from bi.metabase.client import Client, MetabaseError, NotConfigured
from bi.metabase.provision import Outcome, Patience, Provisioner
from bi.metabase.spec import Spec, spec
from promise.settings import settings

__all__ = ["MetabaseError", "NotConfigured", "apply", "plan"]


def apply(*, patience: Patience | None = None) -> dict[str, Any]:
    """Make Metabase what `specs/` says and run every question once. A second call writes nothing.

    Raises NotConfigured when no Metabase is named, MetabaseError when it cannot be made so. Returns `writes`, the
    lists `created`, `updated` and `archived`, `unchanged`, `questions_run`, `map` ("regions" or "bars"), `version`,
    `notes` for people, and the addresses of the `dashboards`.
    """
    from warehouse.releases import reading

    run = provisioner(patience=patience)
    with reading() as conn:  # nothing released yet is said now, not after waiting for Metabase to find tables
        release_id = release_shown(conn)
    # No transaction of ours waits for Metabase: what it asks, it asks in transactions of its own.
    return {"release_id": release_id, **_as_dict(run.run())}


def plan(*, patience: Patience | None = None) -> dict[str, Any]:
    """What `apply` would write, in the same form. Looks and compares, writes nothing, runs no question."""
    return _as_dict(provisioner(patience=patience, dry=True).run())


def provisioner(
    *,
    of: Spec | None = None,
    patience: Patience | None = None,
    dry: bool = False,
) -> Provisioner:
    """A run over the configured Metabase. Raises NotConfigured when there is none."""
    current = settings()
    missing = [
        name
        for name, value in (("METABASE_URL", current.metabase_url), ("METABASE_API_KEY", current.metabase_api_key))
        if not value
    ]
    if missing or not current.metabase_url or not current.metabase_api_key:
        raise NotConfigured(
            f"no Metabase is configured ({' and '.join(missing)} not set), so there is nothing to provision. "
            "Set METABASE_URL, and METABASE_API_KEY to a key of the group Administrators; docs/metabase.md says how."
        )
    connection = warehouse()
    client = Client(current.metabase_url, current.metabase_api_key, secrets=[str(connection["password"])])
    return Provisioner(
        client,
        of or spec(),
        connection=connection,
        geojson_url=os.environ.get("PROMISE_GEOJSON_URL") or None,
        public_url=current.metabase_public_url,
        patience=patience,
        dry=dry,
    )


def warehouse() -> dict[str, Any]:
    """Where Metabase finds the warehouse, as the reader. Metabase may see it under another name than we do."""
    from warehouse.releases import reader_address

    known = reader_address()
    port = os.environ.get("METABASE_WAREHOUSE_PORT") or str(known["port"])
    ssl = os.environ.get("METABASE_WAREHOUSE_SSL") or "false"
    if not port.isdecimal():
        raise MetabaseError(f"METABASE_WAREHOUSE_PORT is {port!r}; write a port number")
    if ssl not in ("true", "false"):
        raise MetabaseError(f"METABASE_WAREHOUSE_SSL is {ssl!r}; write true or false")
    return {
        "host": os.environ.get("METABASE_WAREHOUSE_HOST") or known["host"],
        "port": int(port),
        "dbname": os.environ.get("METABASE_WAREHOUSE_DBNAME") or known["dbname"],
        "user": known["user"],
        "password": known["password"],
        "ssl": ssl == "true",
    }


def _as_dict(outcome: Outcome) -> dict[str, Any]:
    return {"writes": outcome.writes, **dataclasses.asdict(outcome)}
