"""The examples of docs/dags.md as files, and a folder of DAGs read as Airflow reads it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from promise.settings import ROOT

PARSER = ROOT / "tests" / "unit" / "parse_dags.py"
EXAMPLES = dict(
    re.findall(r"```python\n# dags/(\w+\.py)\n(.*?)```", (ROOT / "docs" / "dags.md").read_text(), flags=re.DOTALL)
)


def add_examples(folder: Path, *names: str) -> None:
    """Make a folder of DAGs: ours, and beside them the examples of these names, or all."""
    shutil.copytree(ROOT / "dags", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in names or EXAMPLES:
        (folder / name).write_text(EXAMPLES[name])


def parse(folder: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    """What Airflow makes of a folder; see parse_dags.py."""
    home = folder.parent / f"{folder.name}_home"
    home.mkdir()
    environment = os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": os.devnull,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/nothing",
        **variables,
    }
    command = [sys.executable, str(PARSER), str(folder), str(home / "parsed.json")]
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((home / "parsed.json").read_text())
    return found
