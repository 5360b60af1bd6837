"""A source added from scratch as docs/sources.md says, four times over: one entry each, and no SQL.

In a copy of the project's folders: the command, a person's answers, then landing, gate and dbt as for any other source.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bad_books
import pytest
from checkout import attempt, command, copied
from psycopg import Connection
from scaffolds import AS_OPTIONS

FIXTURES = Path(__file__).parents[1] / "fixtures"
RUN = """
import sys
from expectations import arrival
from ingestion import pipeline
from ingestion.load import ensure_tables
from pathlib import Path
from promise import database
from warehouse import runs, transform
from workbench.commands.try_file import attempt
tried = attempt("trial_edition", Path("ingestion/sources/trial_edition/edition.csv"))
assert tried.is_accepted and tried.periods == ("2022/23",), tried
for source_id in ("trial_text", "trial_cube", "trial_book", "trial_edition"):
    pipeline.load(source_id, pipeline.take(source_id))
with database.connect() as conn:
    ensure_tables(conn)
    judged = arrival.judge(runs.open_run(conn))
assert not judged["rejected"], judged
models = "stg_trial_text__figure stg_trial_cube__figure stg_trial_book__cell stg_trial_edition__figure"
transform.write_generated()
with transform.environment():
    outcome = transform.invoke(
        ["build", "--select", "path:functions/values", models, "--indirect-selection", "buildable"]
    )
sys.exit(0 if outcome.success else 1)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The project's folders without the larger bundled files, and the page that lists them, to be added to."""
    tree = copied(tmp_path / "tree")
    (tree / "ingestion" / "sources" / "SOURCES.md").unlink()
    return tree


def test_a_source_is_added_by_its_entry_and_its_figures_leave_in_the_one_shape(
    database: Connection[Any], tree: Path
) -> None:
    bad_books.whole(tree.parent / "tables.xlsx")
    edition = tree.parent / "edition.csv"
    edition.write_text("Council,Children\nFife,12\nMoray,7\n")
    files = {
        "trial_text": (FIXTURES / "bad_input" / "whole.csv", "--style=financial_year", "--marker=[c]=suppressed"),
        "trial_cube": (FIXTURES / "readers" / "cube.csv", "--style=financial_year"),
        "trial_book": (tree.parent / "tables.xlsx", "--style=calendar_year", "--marker=[c]=suppressed"),
        "trial_edition": (edition, "--period=2022/23", "--style=financial_year"),
    }
    for source_id, (file, *answers) in files.items():
        options = ["--id", source_id, *answers, *AS_OPTIONS]
        said = command(tree, "-m", "workbench.cli", "new", "source", str(file), *options)
        assert "look whether it is right, too" in said, said
    assert not list((tree / "dbt" / "models").rglob("*trial*")), "no SQL was written"

    command(tree, "-c", RUN)

    staged = "select {} from staging.stg_{} order by source_row, 1, 2, 3"
    text = database.execute(
        staged.format("area_published, period_published, series_label, obs_value::text", "trial_text__figure").encode()
    ).fetchall()
    assert text[:2] == [("S12000047", "2021/22", "children", "1210"), ("S12000047", "2021/22", "rate", "12.5")]
    assert len(text) == 12
    assert [each for each in text if each[3] is None] == [("S12000049", "2022/23", "children", None)]
    cube = database.execute(staged.format("series_label, obs_value, 1", "trial_cube__figure").encode()).fetchall()
    assert [(label, float(value)) for label, value, _ in cube] == [
        ("Ratio", 30.4),
        ("95% Lower Confidence Limit, Percent", 28.0),
    ]
    book = database.execute(
        b"select source_cell, series_label, period_published, value_published from staging.stg_trial_book__cell"
        b" where area_published = 'Glasgow City' order by 1"
    ).fetchall()
    assert book == [
        ("Table 3.2!B6", "Number", "2022", "3012"),
        ("Table 3.2!C6", "Rate", "2022", "14.5"),
        ("Table 3.2!D6", "Number", "2023", "[c]"),
        ("Table 3.2!E6", "Rate", "2023", "13.5"),
    ]
    edition = database.execute(
        staged.format(
            "area_published, series_label, period_published, obs_value::integer", "trial_edition__figure"
        ).encode()
    ).fetchall()
    assert edition == [("Fife", "Children", "2022/23", 12), ("Moray", "Children", "2022/23", 7)]


OUTSIDE_THE_CONTRACT = """
import os
import sys
from ingestion.load import ensure_tables
from promise import database
from warehouse import transform
with database.connect() as conn:
    ensure_tables(conn)
transform.write_generated()
with transform.environment():
    os.environ["DBT_QUIET"] = "false"
    outcome = transform.invoke(["build", "--select", "path:functions/values", "stg_lgbf__cell"])
sys.exit(0 if outcome.success else 1)
"""


def test_a_model_of_figures_in_another_shape_is_not_built_and_dbt_says_what_it_lacks(
    database: Connection[Any], tree: Path
) -> None:
    model = tree / "dbt" / "models" / "staging" / "figures" / "stg_lgbf__cell.sql"
    text = model.read_text()
    model.write_text(f"select source_id, obs_value::text from (\n{text}\n) as figure")
    done = attempt(tree, "-c", OUTSIDE_THE_CONTRACT)
    assert done.returncode != 0
    assert "models/staging/figures/stg_lgbf__cell.sql" in done.stdout
    assert "enforced contract that failed" in done.stdout
    reasons = {line.split("|")[1].strip(): line for line in done.stdout.splitlines() if line.count("|") > 3}
    assert "missing in definition" in reasons["series_label"]
    assert "data type mismatch" in reasons["obs_value"]
    assert database.execute(b"select to_regclass('staging.stg_lgbf__cell')").fetchone() == (None,)
