"""The bench of connectors measures what it says; a source of each kind becomes a vintage like any other."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from entries import write_entry
from fault_cases import LIMITS
from fault_cases import source as described
from psycopg import Connection
from stand_ins.dialects import arcgis
from stand_ins.publisher import publishing

from ingestion import pipeline
from orchestration import platform
from orchestration.client import RunState, TaskState
from promise import ledger
from promise.errors import PromiseError
from workbench.bench import connectors as bench_connectors
from workbench.bench.figure import Sizes


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is what the download is measured against")
def test_the_bench_measures_questions_downloads_and_memory(database: Connection[Any], tmp_path: Path) -> None:
    sizes = Sizes(rounds=1, sources=3, publishers=2, download_megabytes=2)
    asked, download, memory = bench_connectors.measure(tmp_path, sizes)
    assert asked.name == "check 3 unchanged sources"
    outcomes = database.execute("select outcome, count(*) from ops.ingest_attempt group by 1 order by 1").fetchall()
    assert outcomes == [("new", 3), ("unchanged", 3)]
    assert download.limit is not None
    assert 0 < memory.ours < 150


class Stopwatch:
    """An Airflow whose runs all end after a minute, with the tasks as given; and a platform that is up or down."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, snapshot: str) -> None:
        self.up, self.snapshot, self.asked = False, snapshot, []  # type: ignore[var-annotated]
        monkeypatch.setattr(platform, "start", lambda: setattr(self, "up", True))
        monkeypatch.setattr(platform, "stop", lambda: setattr(self, "up", False))
        monkeypatch.setattr(platform, "client", lambda: self)

    def trigger(self, dag_id: str, note: str, conf: object = None) -> str:
        assert self.up
        self.asked.append(dag_id)
        return f"manual_{len(self.asked)}"

    def runs(self, dag_ids: Any, since: datetime | None = None, states: Any = ()) -> list[RunState]:
        if since is None:
            return []
        end = since + timedelta(minutes=1)
        task = TaskState("snapshot", self.snapshot, since, end, 1)
        return [
            RunState(dag_id, f"manual_{n}", "success", since, since, end, (task,))
            for n, dag_id in enumerate(self.asked, 1)
        ]

    def close(self) -> None: ...


def test_asking_through_the_scheduler_counts_from_the_first_trigger_to_the_last_end_and_stops_airflow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    airflow = Stopwatch(monkeypatch, snapshot="skipped")
    assert bench_connectors._scheduled() == 60
    assert airflow.asked == platform.ingest_ids()
    assert not airflow.up


def test_a_run_that_found_something_new_is_no_measure_of_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = Stopwatch(monkeypatch, snapshot="success")
    with pytest.raises(PromiseError, match=r"ingest_.* expected to find nothing new"):
        bench_connectors._scheduled()
    assert not airflow.up


def test_a_layer_in_pages_becomes_a_vintage_and_the_same_layer_none(
    database: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an API's answers to rows in raw: what connectors put together, readers read."""
    features = [
        {"type": "Feature", "properties": {"LAD24CD": f"S1200000{number}", "LAD24NM": "Name"},
         "geometry": {"type": "Point", "coordinates": [number, 0]}}
        for number in range(3)
    ]  # fmt: skip

    with publishing() as publisher:
        arcgis.speak(publisher, features)
        live = {
            "transport": "arcgis", "address": publisher.url(arcgis.LAYER), "hosts": [publisher.host], "limits": LIMITS,
            "fields": ["LAD24CD", "LAD24NM"], "order_by": "LAD24CD", "page_rows": 2,
        }  # fmt: skip
        layer = described("areas", live)
        layer["table"]["reader"] = {"shape": "geojson"}
        layer["table"]["columns"] = {"code": "LAD24CD", "name": "LAD24NM", "geometry": "geometry"}
        layer["table"]["checks"]["key"] = ["code"]
        write_entry(tmp_path, "areas", layer)
        monkeypatch.setenv("PROMISE_SOURCES", str(tmp_path))
        monkeypatch.setenv("PROMISE_MODE", "live")
        pipeline.load("areas", pipeline.take("areas"))
        assert pipeline.take("areas") == []
    (vintage,) = ledger.vintages(database, "areas")
    assert (vintage.row_count, vintage.media_type) == (3, "application/geo+json")
    rows = database.execute("select code from raw.areas__figure order by _row").fetchall()
    assert rows == [("S12000000",), ("S12000001",), ("S12000002",)]
