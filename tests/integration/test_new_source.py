"""A source added from scratch as docs/sources.md says, three times over: one entry and one staging model each.

In a copy of the project's folders: the command, a person's answers, then landing, gate and dbt as for any other source.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import bad_books
import pytest
from psycopg import Connection
from scaffolds import complete

from promise.catalogue.sources import ENTRY
from promise.settings import ROOT

FIXTURES = Path(__file__).parents[1] / "fixtures"
FOLDERS = ("promise", "ingestion", "warehouse", "expectations", "framework", "bi", "orchestration", "workbench", "dbt")
RUN = """
import sys
from expectations import arrival
from ingestion import pipeline
from ingestion.load import ensure_tables
from promise import database
from warehouse import runs, transform
for source_id in ("trial_text", "trial_cube", "trial_book"):
    pipeline.load(source_id, pipeline.take(source_id))
with database.connect() as conn:
    ensure_tables(conn)
    judged = arrival.judge(runs.open_run(conn))
assert not judged["rejected"], judged
models = "stg_trial_text__figure stg_trial_cube__figure stg_trial_book__cell"
transform.write_generated()
with transform.environment():
    outcome = transform.invoke(
        ["build", "--select", "path:functions/values", models, "--indirect-selection", "buildable"]
    )
sys.exit(0 if outcome.success else 1)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The project's folders without the bundled files, to be added to."""
    for folder in FOLDERS:
        shutil.copytree(
            ROOT / folder,
            tmp_path / "tree" / folder,
            ignore=shutil.ignore_patterns("__pycache__", "generated", "*.gz", "*.geojson"),
        )
    return tmp_path / "tree"


def command(tree: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_source_is_added_by_one_entry_and_one_staging_model(database: Connection[Any], tree: Path) -> None:
    bad_books.whole(tree.parent / "tables.xlsx")
    files = {
        "trial_text": FIXTURES / "bad_input" / "whole.csv",
        "trial_cube": FIXTURES / "readers" / "cube.csv",
        "trial_book": tree.parent / "tables.xlsx",
    }
    for source_id, file in files.items():
        said = command(tree, "-m", "workbench.cli", "new", "source", source_id, "--file", str(file))
        assert f"ingestion/sources/{source_id}/source.yml: replace every null" in said
        entry = tree / "ingestion" / "sources" / source_id / ENTRY
        entry.write_text(complete(entry.read_text(), "financial_year"))

    command(tree, "-c", RUN)

    staged = "select {} from staging.stg_{} order by source_row, 1, 2"
    text = database.execute(staged.format("area_code, year, children_value", "trial_text__figure").encode()).fetchall()
    assert [(code, year, value if value is None else int(value)) for code, year, value in text] == [
        *(("S12000047", "2021/22", 1210), ("S12000047", "2022/23", 1198), ("S12000049", "2021/22", 3012)),
        *(("S12000049", "2022/23", None), ("S12000020", "2021/22", 231), ("S12000020", "2022/23", 228)),
    ]
    cube = database.execute(staged.format("measurement, obs_value", "trial_cube__figure").encode()).fetchall()
    assert [(measurement, float(value)) for measurement, value in cube] == [
        ("Ratio", 30.4),
        ("95% Lower Confidence Limit, Percent", 28.0),
    ]
    book = database.execute(
        b"select source_cell, heading, value_published from staging.stg_trial_book__cell"
        b" where local_authority = 'Glasgow City' order by 1"
    ).fetchall()
    assert book == [
        ("Table 3.2!B6", "2022 | Number", "3012"),
        ("Table 3.2!C6", "2022 | Rate", "14.5"),
        ("Table 3.2!D6", "2023 | Number", "[c]"),
        ("Table 3.2!E6", "2023 | Rate", "13.5"),
    ]
