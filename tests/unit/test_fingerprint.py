"""Every file that can change a mart is in the fingerprint of a build, or stands here with the reason why it is not."""

from __future__ import annotations

import functools
import shutil
from fnmatch import fnmatch
from importlib.metadata import entry_points
from pathlib import Path

import grimp
import pytest

from promise.settings import ROOT
from warehouse import runs

PACKAGES = ("promise", "ingestion", "warehouse", "expectations", "bi", "orchestration", "dags")
# Where data lies that a build reads. What is in `generated` derives from the rest.
DATA = ("promise", "ingestion", "warehouse", "expectations", "framework", "dbt")
NOT_OURS = ("generated", "__pycache__", "target", "logs")

AGAIN = "raw stays as it was read: a changed reader counts once the revision of its shape is raised, in shapes.py"
# A path, or a pattern of fnmatch whose * also goes through folders -> why it changes no mart.
EXCEPTIONS = {
    "ingestion/readers/*.py": AGAIN,
    "ingestion/load.py": AGAIN,
    "ingestion/landing.py": AGAIN,
    "ingestion/personal/*.py": "what may be about a person is looked for before it is landed; it changes no text",
    "ingestion/identity.py": "whether a file is new is decided when it is landed",
    "ingestion/errors.py": "words for people",
    "ingestion/__init__.py": "holds nothing",
    "ingestion/ever_loaded.txt": "compared with the entries by `promise verify`, and read by nothing else",
    "ingestion/sources/*.[!y]*": "the bundled files: they are in the fingerprint as vintages, once they are landed",
    "promise/settings.py": "where things are",
    "promise/errors.py": "words for people",
    "promise/spreadsheets.py": "how what was released is written into files for people",
    "promise/__init__.py": "holds nothing",
    "promise/database/*.py": "how the database is reached, and who may do what in it",
    "promise/database/[!o]*.sql": "who may do what in the database",
    "promise/database/ownership.sql": "whose what is in the database is",
    "warehouse/runs.py": "says whether there is work, and does none",
    "warehouse/__init__.py": "holds nothing",
    "warehouse/as_seen.py": "what is printed of cells, for people",
    "orchestration/*.py": "when the tasks of a run begin; each does the same at any time",
    "dags/__init__.py": "holds nothing",
    "dags/warehouse.py": "the order of the tasks; each does the same in any",
    "expectations/templates/*": "a page about what was checked, which changes no verdict",
    "bi/*.py": "who reads a mart, which dbt keeps beside it",
}


@functools.cache
def in_the_fingerprint() -> frozenset[str]:
    return frozenset(path.relative_to(ROOT).as_posix() for path in runs._code_files(ROOT))


@functools.cache
def modules_of_a_build() -> frozenset[str]:
    """Files of whatever the warehouse's DAG imports, at whatever depth, and of the rooms that write files for dbt."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    roots = {"dags.warehouse", *(room.value.split(":")[0] for room in entry_points(group="promise.dbt_files"))}
    reached = roots.union(*(graph.find_upstream_modules(root) for root in roots))
    packages = {package for module in reached for package in _packages(module)}
    files = [ROOT / f"{module.replace('.', '/')}.py" for module in reached]
    files += [ROOT / package.replace(".", "/") / "__init__.py" for package in packages | reached]
    return frozenset(path.relative_to(ROOT).as_posix() for path in files if path.is_file())


@functools.cache
def data_of_a_build() -> frozenset[str]:
    """Everything that is no Python in the folders that a build reads, and the versions of the libraries."""
    found = [
        path.relative_to(ROOT)
        for folder in DATA
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".py"
    ]
    read = [path for path in found if not any(part in NOT_OURS or part.startswith(".") for part in path.parts)]
    return frozenset({"uv.lock", *(path.as_posix() for path in read)})


def _packages(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def excepted(path: str) -> list[str]:
    return [pattern for pattern in EXCEPTIONS if fnmatch(path, pattern)]


def test_every_file_that_can_change_a_mart_is_in_the_fingerprint() -> None:
    reached = modules_of_a_build() | data_of_a_build()
    assert {"warehouse/transform.py", "expectations/arrival.py", "ingestion/load.py"} <= modules_of_a_build()
    assert {"promise/database/ops.sql", "dbt/dbt_project.yml"} <= data_of_a_build()
    unaccounted = sorted(path for path in reached - in_the_fingerprint() if not excepted(path))
    assert not unaccounted, "add them to warehouse.runs.CODE, or say in EXCEPTIONS why they change no mart"


@pytest.mark.parametrize("pattern", EXCEPTIONS)
def test_an_exception_is_of_a_file_that_a_build_reaches_and_that_is_not_in_the_fingerprint(pattern: str) -> None:
    matching = {path for path in modules_of_a_build() | data_of_a_build() if fnmatch(path, pattern)}
    assert matching, f"{pattern} is of nothing that a build reads; remove it"
    assert not matching & in_the_fingerprint(), f"{pattern} is of files that are in the fingerprint; remove it"


@pytest.mark.parametrize(("folder", "pattern"), runs.CODE)
def test_every_pattern_of_the_fingerprint_finds_files(folder: str, pattern: str) -> None:
    files = [path for path in (ROOT / folder).glob(pattern) if path.is_file()]
    assert files, f"{folder}/{pattern} matches nothing; has what it was for moved?"


@pytest.mark.parametrize("file", ["warehouse/transform.py", "promise/database/ops.sql", "uv.lock"])
def test_another_text_in_a_file_is_another_fingerprint(tmp_path: Path, file: str) -> None:
    for path in in_the_fingerprint():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tmp_path / path)
    before = runs._code_digest(tmp_path)
    assert before == runs._code_digest(ROOT)
    with (tmp_path / file).open("a") as handle:
        handle.write("\n")
    assert runs._code_digest(tmp_path) != before
