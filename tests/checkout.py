"""A copy of the project's folders, for tests that change what is in them, and commands that run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from promise.settings import ROOT

FOLDERS = ("promise", "ingestion", "warehouse", "expectations", "bi", "orchestration", "workbench", "framework", "dbt")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "generated", "*.gz", "*.geojson")


def copied(to: Path) -> Path:
    """The folders without what is generated and without the larger bundled files, below `to`, which is returned."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, to / folder, ignore=LEFT_OUT)
    shutil.copy(ROOT / "uv.lock", to)  # what dbt has made stands for these libraries
    return to


def command(checkout: Path, *words: str) -> str:
    """Run Python with these words in the copy; returns what it printed."""
    done = attempt(checkout, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def attempt(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The same for what may fail."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
