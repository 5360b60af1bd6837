"""`promise status` passes on what people have to look at."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from promise.commands import status


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
