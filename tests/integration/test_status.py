"""`promise status` passes on what people have to look at."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from promise import ledger
from workbench.commands import status


@pytest.mark.parametrize("said", ["the dashboard [of 1 May] differs", None], ids=["differs", "nothing to say"])
def test_the_status_says_when_there_is_something_to_review(
    said: str | None,
    database: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(status, "to_review", lambda: said)
    status.show_status()
    assert ("to review: the dashboard [of 1 May] differs" in capsys.readouterr().out) == bool(said)
    status.show_status(as_json=True)
    assert json.loads(capsys.readouterr().out)["to_review"] == said


def test_what_stopped_a_source_is_told_to_the_letter(
    database: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, the source once, and nothing of it taken for markup."""
    said = "lgbf: LGBF 2024.xlsx, Raw Data!B2: found '[c]', a marker that nobody described; expected a number. " * 2
    ledger.record_attempt(database, "lgbf", "changed", started_at=datetime.now(UTC), message=said.strip())
    status.show_status()
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("lgbf: "))
    assert line == said.strip()


def test_figures_that_no_series_names_are_no_secret(
    landed: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A source may be loaded before it is used: a notice, which reference data and what feeds a measure are not in."""
    status.show_status()
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "no series in framework/ names" in line)
    assert "reconvictions" in line
    assert not [word for word in ("lgbf", "children_in_relative_poverty", "phs_geography") if f" {word}," in line]
    status.show_status(as_json=True)
    assert "reconvictions" in json.loads(capsys.readouterr().out)["feeds_no_measure"]
