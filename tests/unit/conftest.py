"""What several folders of unit tests need: the dbt project's manifest, parsed once, and a publisher that is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stand_ins.publisher import Publisher, publishing

from promise.settings import ROOT


def read_manifest(folder: Path) -> dict[str, Any]:
    """Parse the project in a process of its own: no server is asked, so a wrong address must not matter."""
    script = (
        "from warehouse import transform\n"
        "transform.write_generated()\n"
        "with transform.environment():\n"
        "    outcome = transform.invoke(['parse'])\n"
        "raise SystemExit(0 if outcome.success else str(outcome.exception))\n"
    )
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "PROMISE_HOME": str(folder),
        "PROMISE_DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:1/none",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads((folder / "dbt" / "target" / "manifest.json").read_text())


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_manifest(tmp_path_factory.mktemp("manifest"))


@pytest.fixture
def models(manifest: dict[str, Any]) -> dict[str, Any]:
    found = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    assert len(found) > 40, "an empty manifest would make every test here pass"
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PROMISE_HOME of the test's own, in live mode."""
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PROMISE_MODE", "live")
    return tmp_path / "home"


@pytest.fixture
def publisher(home: Path) -> Iterator[Publisher]:
    """A publisher of the test's own."""
    with publishing() as made:
        yield made


@pytest.fixture
def kept(home: Path) -> Callable[[], str]:
    """All bytes of all files of the test's PROMISE_HOME, to look for what must not be there."""
    return lambda: "\n".join(path.read_bytes().decode("latin-1") for path in home.rglob("*") if path.is_file())
