"""dbt reads the project beside the arrival gate, when something of it changed."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from promise.settings import settings
from warehouse import parsing, transform


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What dbt has kept of a project that nobody changed since."""
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    monkeypatch.setattr(transform, "write_generated", list)
    path = transform.target_path("prod") / parsing.KEPT
    path.parent.mkdir(parents=True)
    path.touch()
    yield path


def reads(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(parsing, "READING", (sys.executable, "-c", code))


def test_a_project_that_dbt_has_read_is_not_read_again(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, f"open({str(kept)!r} + '.read', 'w')")
    with parsing.beside():
        pass
    assert not Path(f"{kept}.read").exists()


@pytest.mark.parametrize("why", ["nothing is kept", "a file is younger"])
def test_it_is_read_meanwhile_and_waited_for(kept: Path, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    if why == "nothing is kept":
        kept.unlink()
    else:
        youngest = max(path.stat().st_mtime for path in (settings().root / "dbt").rglob("*"))
        os.utime(kept, (youngest - 1, youngest - 1))
    reads(monkeypatch, f"import time; time.sleep(0.2); open({str(kept)!r} + '.read', 'w')")
    with parsing.beside():
        assert not Path(f"{kept}.read").exists()
    assert Path(f"{kept}.read").exists()


def test_a_project_that_cannot_be_read_stops_the_build_and_not_what_is_beside_it(
    kept: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept.unlink()
    reads(monkeypatch, "import sys; print('model x: no such source'); sys.exit(1)")
    with caplog.at_level(logging.WARNING), parsing.beside():
        pass
    assert "no such source" in caplog.text
