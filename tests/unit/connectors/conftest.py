"""A publisher of the test's own, and a way to fetch and land as an ingest does, without a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_cases import LIMITS
from fault_cases import source as described
from stand_ins.publisher import Publisher

from ingestion import connectors
from ingestion.landing import Snapshot, land
from promise.catalogue.sources import Source

Take = Callable[..., list[Snapshot]]


@pytest.fixture
def take(publisher: Publisher) -> Take:
    """Fetch by a `live:` section whose address is a path on the stand-in, and land what came."""

    def take(path: str = "", limits: dict[str, Any] | None = None, **live: Any) -> list[Snapshot]:
        given = {"hosts": [publisher.host], "limits": LIMITS | (limits or {}), "address": publisher.url(path)} | live
        source = Source.model_validate(described("figures", given))
        return [land(source.id, each) for each in connectors.fetch(source)]

    return take


@pytest.fixture
def kept(home: Path) -> Callable[[], str]:
    """All bytes of all files of the test's PROMISE_HOME, to look for what must not be there."""
    return lambda: "\n".join(path.read_bytes().decode("latin-1") for path in home.rglob("*") if path.is_file())
