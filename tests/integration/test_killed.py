"""An attempt whose process was killed is on record once, whoever notices it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from entries import write_entry
from fault_cases import source as described
from psycopg import Connection

from ingestion import landing, pipeline
from promise import ledger
from promise.settings import settings


@pytest.fixture
def figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    entry = described("figures", {}) | {
        "live": None,
        "bundle": [{"file": "a.csv", "origin_url": "https://publisher.example/", "publication": None}],
    }
    write_entry(tmp_path / "sources", "figures", entry)
    (tmp_path / "sources" / "figures" / "a.csv").write_text("year,value\n2023,17\n")
    monkeypatch.setenv("PROMISE_SOURCES", str(tmp_path / "sources"))
    monkeypatch.setenv("PROMISE_BUNDLE", str(tmp_path / "sources"))
    return "figures"


def killed(deed: Callable[[], object]) -> None:
    """Do it in a process that is killed at it."""
    child = os.fork()
    if not child:
        deed()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def attempts(conn: Connection[Any]) -> list[tuple[str, str]]:
    return conn.execute("select outcome, message from ops.ingest_attempt order by attempt_id").fetchall()


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_whoever_sees_an_attempt_end_writes_it_down_once(database: Connection[Any], figures: str) -> None:
    killed(lambda: pipeline.take(figures, die))  # type: ignore[arg-type]
    assert attempts(database) == []
    pipeline.record_killed(figures, "came to nothing: its process was killed")
    ((outcome, message),) = attempts(database)
    assert outcome == "failed"
    assert message.startswith("figures: the attempt begun at ") and "came to nothing: its process was killed" in message
    pipeline.record_killed(figures, "again")
    assert pipeline.take(figures) and len(attempts(database)) == 1, "the next attempt does not say it again"


@pytest.mark.parametrize("killed_at", ["before", "after"])
def test_whoever_is_killed_at_writing_it_down_leaves_that_to_the_next_and_it_is_written_once(
    database: Connection[Any], figures: str, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    killed(lambda: pipeline.take(figures, die))  # type: ignore[arg-type]
    begun = datetime(2026, 1, 1, tzinfo=UTC)  # not now: the next attempt begins a moment later
    (settings().home / "fetching" / "figures.attempt").write_text(begun.isoformat())
    with monkeypatch.context() as patch:
        if killed_at == "before":
            patch.setattr(ledger, "record_attempt", die)
        else:
            patch.setattr(landing, "_sweep", die)
        killed(lambda: pipeline.take(figures))
    pipeline.record_killed(figures, "came to nothing: its process was killed")
    assert database.execute("select started_at, outcome from ops.ingest_attempt").fetchall() == [(begun, "failed")]


def test_an_attempt_that_said_how_it_went_was_not_killed(database: Connection[Any], figures: str) -> None:
    def gone(_: object) -> Any:
        raise OSError("no such folder")

    with pytest.raises(OSError, match="no such folder"):
        pipeline.take(figures, gone)
    pipeline.record_killed(figures, "came to nothing: its process was killed")
    assert attempts(database) == [("failed", "no such folder")]


def test_a_load_that_was_killed_is_written_down_by_the_next_which_loads_the_same(
    database: Connection[Any], figures: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = pipeline.take(figures)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "load_vintage", die)
        killed(lambda: pipeline.load(figures, new))
    (loaded,) = pipeline.load(figures, new)
    assert loaded["rows"] == 1
    assert [outcome for outcome, _ in attempts(database)] == ["failed", "new"]
    assert "was killed" in attempts(database)[0][1]


def test_a_file_from_a_way_of_ones_own_lands_like_any_other(
    database: Connection[Any], figures: str, tmp_path: Path
) -> None:
    path = tmp_path / "letter.csv"
    path.write_text("year,value\n2024,18\n")

    def shown(_: object) -> list[landing.Fetched]:
        return [
            landing.Fetched(
                path=path,
                file_name=path.name,
                requested_url=path.as_uri(),
                final_url=path.as_uri(),
                media_type="text/csv",
                publication_id=None,
            )
        ]

    new = pipeline.take(figures, shown)
    pipeline.load(figures, new)
    assert database.execute("select year, value from raw.figures__figure").fetchall() == [("2024", "18")]
    assert pipeline.take(figures, shown) == []
