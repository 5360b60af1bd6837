"""A template that is filled in, corrected and handed in with LibreOffice, which writes workbooks in its own way.

Without LibreOffice the tests are skipped, loudly; with PROMISE_REQUIRE_LIBREOFFICE=1, as in CI, they fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import returned
from click.testing import CliRunner
from psycopg import Connection

from expectations import arrival
from ingestion.returns import template
from ingestion.returns.accepted import accepted
from ingestion.returns.judged import judge
from ingestion.returns.layout import TABLE
from ingestion.returns.report import in_words
from promise.catalogue.returns import return_kind, return_kinds
from warehouse import runs, transform
from workbench.cli import main

Convert = Callable[[Path, str], Path]


@pytest.fixture(scope="module")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Open a file and save it in another format, in a folder of its own."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        message = "NOT TESTED IN LIBREOFFICE: it is not installed (apt-get install libreoffice-calc-nogui)"
        if os.environ.get("PROMISE_REQUIRE_LIBREOFFICE") == "1":
            pytest.fail(message)
        pytest.skip(message)
    profile = tmp_path_factory.mktemp("profile")

    def saved(path: Path, ending: str) -> Path:
        folder = tmp_path_factory.mktemp("saved")
        command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", ending]
        subprocess.run([*command, "--outdir", str(folder), str(path)], check=True, capture_output=True, timeout=180)
        return folder / f"{path.stem}.{ending}"

    return saved


def there_and_back(convert: Convert, path: Path) -> Path:
    return convert(convert(path, "ods"), "xlsx")


def test_a_return_is_the_same_after_xlsx_ods_xlsx(tmp_path: Path, convert: Convert) -> None:
    path = returned.as_xlsx(tmp_path / "return.xlsx")
    before = accepted(judge(path))
    ods = convert(path, "ods")
    assert accepted(judge(ods)) == before
    assert accepted(judge(convert(ods, "xlsx"))) == before


@pytest.mark.parametrize("kind", sorted(return_kinds()))
def test_every_template_keeps_its_lists_and_its_protection(tmp_path: Path, convert: Convert, kind: str) -> None:
    template.write(return_kind(kind), tmp_path / "template.xlsx", "xlsx", "fife")
    saved = there_and_back(convert, tmp_path / "template.xlsx")
    told = in_words(judge(saved))
    assert told.startswith("the return is empty"), told
    before, after = (openpyxl.load_workbook(path)[TABLE] for path in (tmp_path / "template.xlsx", saved))
    assert after.protection.sheet and after["A1"].protection.locked
    lists = [
        {
            each.formula1.replace("$", "").replace("'", "")
            for each in table.data_validations.dataValidation
            if each.type == "list"
        }
        for table in (before, after)
    ]
    assert lists[0] and lists[1] == lists[0]


def test_a_formula_that_was_typed_there_is_told_with_its_cell(tmp_path: Path, convert: Convert) -> None:
    saved = convert(returned.a_formula(tmp_path), "ods")
    assert any("C2: holds a formula" in str(each) for each in judge(saved).faults)


def test_a_person_fills_it_in_gets_it_back_corrects_it_and_it_is_in_the_warehouse(
    database: Connection[Any], tmp_path: Path, convert: Convert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_INBOX", str(tmp_path / "inbox"))
    first = convert(returned.with_cell("kind", "Spreadsheet")(tmp_path), "ods")
    marked = tmp_path / "marked.xlsx"
    told = CliRunner().invoke(main, ["return", "check", str(first), "--out", str(marked)])
    assert told.exit_code == 1 and "'Spreadsheet' is not a choice" in told.output
    back = there_and_back(convert, marked)
    book = openpyxl.load_workbook(back)
    wrong = [cell for row in book[TABLE] for cell in row if cell.comment]
    assert len(wrong) == 1 and wrong[0].value == "Spreadsheet", "the mark survives, too"
    wrong[0].value = "Administrative records"
    book.save(back)
    taken = CliRunner().invoke(main, ["return", "hand-in", str(convert(back, "ods"))])
    assert taken.exit_code == 0, taken.output
    run = runs.open_run(database)
    arrival.judge(run)
    runs.close_run(database, run, "released")
    transform.write_generated()
    with transform.environment():
        transform.invoke(["run", "--select", "stg_returns__holding"])
    rows = database.execute(
        "select dataset_id, kind, returned_by from staging.stg_returns__holding order by 1"
    ).fetchall()
    assert rows == [("family_support", "administrative", "fife"), ("siblings", None, "fife")]
