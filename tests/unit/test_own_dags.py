"""A DAG that an engineer puts into dags/: the examples of docs/dags.md, read as Airflow reads them beside ours."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from entries import write_entry
from fault_cases import source
from own_dags import EXAMPLES, add_examples, parse

from orchestration import platform
from orchestration.client import DagState
from promise.catalogue.sources import Source, sources
from promise.settings import ROOT

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("dags")
    described = tmp_path_factory.mktemp("sources")
    write_entry(described, "letters", source("letters", {}) | {"live": None, "own_dag": True})
    write_entry(
        described, "other", source("other", {"address": "https://publisher.example/a", "hosts": ["publisher.example"]})
    )
    add_examples(folder)
    return parse(folder, {"PROMISE_SOURCES": str(described)})


def test_the_page_has_examples() -> None:
    assert sorted(EXAMPLES) == ["letters.py", "partner_copy.py"]


def test_the_examples_are_as_tidy_as_our_own(tmp_path: Path) -> None:
    for name, text in EXAMPLES.items():
        (tmp_path / name).write_text(text)
    for deed in ("check", "format --check"):
        command = [sys.executable, "-m", "ruff", *deed.split(), "--config", ROOT / "pyproject.toml", tmp_path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_airflow_reads_the_examples_beside_ours(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    assert sorted(parsed["dags"]) == [
        "bi", "calendar", "ingest_other", "letters_from_the_folder", "partner_copy", "warehouse",
    ]  # fmt: skip


def test_a_source_with_a_dag_of_its_own_starts_the_warehouse_and_has_no_other(parsed: dict[str, Any]) -> None:
    letters = parsed["dags"]["letters_from_the_folder"]
    assert [task["outlets"] for task in letters["tasks"].values()] == [[], ["raw_letters"]]
    assert "raw_letters" in parsed["dags"]["warehouse"]["waits_for"]


def test_whether_an_example_looks_at_once_does_not_depend_on_the_day(parsed: dict[str, Any]) -> None:
    assert not parsed["dags"]["letters_from_the_folder"]["looks_at_once"]


def test_the_examples_have_limits_and_tell_of_their_failures(parsed: dict[str, Any]) -> None:
    for name in ("letters_from_the_folder", "partner_copy"):
        example = parsed["dags"][name]
        assert example["tells"] and all(task["limit"] and task["on_failure"] for task in example["tasks"].values())
    assert parsed["dags"]["partner_copy"]["waits_for"] == ["release"]


def test_a_source_says_where_its_files_are_or_that_a_dag_brings_them() -> None:
    nowhere = source("letters", {}) | {"live": None}
    with pytest.raises(ValueError, match="own_dag: true where a DAG of its own brings them"):
        Source.model_validate(nowhere)
    own = Source.model_validate(nowhere | {"own_dag": True})
    assert [own.is_asked(mode) for mode in ("bundle", "live")] == [False, False]


def test_a_file_of_ones_own_is_waited_for_until_airflow_has_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_DAGS", str(tmp_path))
    add_examples(tmp_path)
    (tmp_path / "helper.py").write_text("from airflow.sdk import task\n")
    (tmp_path / "broken.py").write_text("from airflow.sdk import dag\ndef (\n")
    ours = {name: DagState(name, is_paused=False, parsed_at=START, file=path) for name, path in OURS.items()}
    assert platform.unread(ours) == ([], ["broken.py", "letters.py", "partner_copy.py"])
    ours["letters"] = DagState("letters", is_paused=False, parsed_at=START, file="letters.py")
    assert platform.unread(ours, START)[1] == ["broken.py", "partner_copy.py"]
    assert "letters.py" in platform.unread(ours, START + timedelta(seconds=1))[1], "it may have changed since"


FILES = {"warehouse": "warehouse.py", "bi": "bi.py", "calendar": "publication_calendar.py"}
OURS = {f"ingest_{source_id}": "ingest.py" for source_id in sources()} | FILES
