"""A publisher of the test's own, and a way to fetch and land as an ingest does, without a database."""

from __future__ import annotations

from collections.abc import Callable
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
