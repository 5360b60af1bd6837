"""The part of `promise bench` that is about how long Airflow reads our DAG files, of the sources that there are and of
many: it does so every half minute, and before each task."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from orchestration import config, platform
from promise.settings import settings
from workbench.bench import connectors
from workbench.bench.figure import Figure, Sizes, timed

ALONE = "import airflow.sdk"


def parsing(sizes: Sizes) -> list[Figure]:
    """All DAG files in a fresh process, beside `import airflow.sdk` alone. Raises RuntimeError where the DAGs that they
    make are not as many as there should be."""
    files = sorted((settings().root / "dags").glob("*.py"))
    name = f"parse {len(files)} DAG files"
    here = _parsed(name, files, 1, sizes)
    source_ids = [f"bench_{number}" for number in range(sizes.parsed_sources)]
    with tempfile.TemporaryDirectory() as folder, connectors.described(Path(folder), source_ids, [config.HOST], [9]):
        return [here, _parsed(f"{name}, {len(source_ids)} sources", files, 3, sizes)]


def _parsed(name: str, files: Sequence[Path], wanted: int, sizes: Sizes) -> Figure:
    every = f"{ALONE}\nimport runpy\n" + "\n".join(f"runpy.run_path({str(path)!r})" for path in files)
    counted = "print(sum(type(each) is airflow.sdk.DAG for each in gc.get_objects()))"
    made, expected = int(_python(f"import gc\ngc.disable()\n{every}\n{counted}")), len(platform.dag_ids())
    if made != expected:
        raise RuntimeError(f"{name}: {made} DAGs were made and not {expected}; the time would be of something else")
    ours, limit = [], []
    for _ in range(sizes.rounds):
        limit.append(timed(lambda: _python(ALONE)))
        ours.append(timed(lambda: _python(every)))
    note = f"{made} DAGs; limit: import airflow.sdk; wanted: under {wanted} s more"
    return Figure(name, statistics.median(ours), statistics.median(limit), "s", note)


def _python(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
