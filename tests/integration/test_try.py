"""`promise try`: the judgement of the run on a file that is not loaded, and nothing is other afterwards."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import faults
import pytest
from click.testing import CliRunner, Result
from psycopg import Connection

from promise.catalogue.sources import asked
from promise.settings import ROOT, settings
from workbench.cli import main

BUNDLE = ROOT / "ingestion" / "sources"
LGBF = "lgbf/lgbf_children_cells.csv.gz"
EVERYTHING = """
    select 'vintages', (select array_agg(vintage::text || arrival order by vintage) from ops.vintage)::text
    union all select 'attempts', (select count(*) from ops.ingest_attempt)::text
    union all select 'numbers', (select last_value from ops.vintage_number)::text
    union all select 'results', (select count(*) from ops.expectation_result)::text
    union all select 'tables', (select string_agg(oid::regclass || ' ' || relnatts, ', ' order by oid) from pg_class
        where relnamespace in ('raw'::regnamespace, 'staging'::regnamespace))
"""


def tried(source_id: str, file: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["try", source_id, str(file), *options])


def landed_files() -> list[Path]:
    return sorted(settings().landing.rglob("*"))


@pytest.fixture
def lgbf(tmp_path: Path) -> Path:
    return Path(shutil.copy(BUNDLE / LGBF, tmp_path))


def test_a_file_that_is_in_use_would_be_accepted_and_nothing_differs(landed: Connection[Any], lgbf: Path) -> None:
    before, files = landed.execute(EVERYTHING.encode()).fetchall(), landed_files()
    done = tried("lgbf", lgbf, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    assert (said["arrival"], said["rows"], said["areas"], said["findings"]) == ("accepted", 13_728, 33, [])
    assert said["markers"]["dna"] == 1452
    assert said["difference"] == {
        "rows_added": 0, "rows_gone": 0, "figures_revised": 0, "figures_compared": 12_122,
    }  # fmt: skip
    assert landed.execute(EVERYTHING.encode()).fetchall() == before
    assert landed_files() == files


def test_a_file_that_is_wrong_says_which_cell_and_ends_with_1(landed: Connection[Any], lgbf: Path) -> None:
    before = landed.execute(EVERYTHING.encode()).fetchall()
    faults.unknown_marker(lgbf, 40, "text", "[c]")
    faults.changed_cell(lgbf, 50, "text", "99999999")
    done = tried("lgbf", lgbf)
    assert done.exit_code == 1
    assert "line 40:text: found '[c]'; expected a number or one of the declared markers" in done.output
    assert "line 50:text: found 99999999 where it was" in done.output
    assert "1 figures revised" in done.output
    assert "It would be rejected; nothing was changed." in done.output
    assert landed.execute(EVERYTHING.encode()).fetchall() == before


def test_a_file_of_another_shape_is_refused_as_loading_would_refuse_it(landed: Connection[Any], lgbf: Path) -> None:
    faults.renamed_heading(lgbf, "council", "Local Authority")
    done = tried("lgbf", lgbf)
    assert done.exit_code == 1
    assert "Local Authority" in done.output


def test_a_web_page_and_a_missing_file_are_said_in_words(landed: Connection[Any], lgbf: Path, tmp_path: Path) -> None:
    faults.html_page_instead_of_csv(lgbf)
    done = tried("lgbf", lgbf)
    assert (done.exit_code, "HTML page" in done.output) == (1, True)
    done = tried("lgbf", tmp_path / "not_there.csv")
    assert (done.exit_code, "is no file" in done.output) == (1, True)


FILES = [(source.id, edition.file) for source in asked().values() for edition in source.bundle]


def test_there_are_files_to_try() -> None:
    assert len(FILES) >= 25


@pytest.mark.parametrize(("source_id", "file"), FILES, ids=lambda value: value.split(".")[0])
def test_every_file_that_ships_would_be_accepted(landed: Connection[Any], source_id: str, file: str) -> None:
    done = tried(source_id, BUNDLE / source_id / file)
    assert done.exit_code == 0, done.output
