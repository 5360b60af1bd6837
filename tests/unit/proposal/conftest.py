"""A whole small dashboard over real HTTP, an ingest of it without a database, and a checkout to compare it with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_cases import LIMITS
from stand_ins.dashboard import Dashboard, as_we_hold_it
from stand_ins.publisher import Publisher

from ingestion import connectors
from ingestion.landing import Snapshot, land
from promise.catalogue.live import PromiseDashboard
from promise.catalogue.sources import source
from promise.settings import ROOT

PARTS = ("framework", "ingestion/sources")
Ingest = Callable[..., Snapshot]


@pytest.fixture
def dashboard() -> Dashboard:
    return as_we_hold_it()


@pytest.fixture
def ingest(publisher: Publisher, dashboard: Dashboard) -> Ingest:
    """Publish the dashboard as it is now, and land it as an ingest does. Gives the snapshot of its figures."""

    def ingest() -> Snapshot:
        live = PromiseDashboard.model_validate({
            "transport": "promise_dashboard", "address": publisher.url(dashboard.publish(publisher)),
            "hosts": [publisher.host], "limits": LIMITS, "tried_on": None,
        })  # fmt: skip
        described = source("promise_dashboard").model_copy(update={"live": live})
        return [land(described.id, each) for each in connectors.fetch(described)][-1]

    return ingest


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files of the checkout that a proposal reads or changes, as they are."""
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / "checkout" / part)
    return tmp_path / "checkout"
