"""What of staging is made again in a run: all that files make, unless it stands."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promise.settings import ROOT
from warehouse import staged, transform


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what dbt reads, to be changed."""
    shutil.copytree(ROOT / "dbt", tmp_path / "dbt", copy_function=shutil.copy2)
    shutil.copy2(ROOT / staged.LIBRARIES, tmp_path)
    return tmp_path


def files(checkout: Path) -> str:
    return staged.files(checkout / "dbt", checkout / staged.LIBRARIES)


def another_text(file: Path) -> None:
    with file.open("a") as text:
        text.write("\n")


def changed_and_changed_back(file: Path) -> None:
    before, when = file.read_bytes(), file.stat().st_mtime_ns
    another_text(file)
    file.write_bytes(before)
    os.utime(file, ns=(when + 1, when + 1))


@pytest.mark.parametrize("change", [another_text, changed_and_changed_back, Path.unlink])
@pytest.mark.parametrize("file", ["dbt/macros/raw_rows.sql", "dbt/dbt_project.yml", "dbt/contracts/figure.yml"])
def test_a_file_that_changed_is_another(checkout: Path, change: Callable[[Path], None], file: str) -> None:
    before = files(checkout)
    assert files(checkout) == before
    change(checkout / file)
    assert files(checkout) != before


def test_another_release_of_dbt_is_another(checkout: Path) -> None:
    before = files(checkout)
    another_text(checkout / staged.LIBRARIES)
    assert files(checkout) != before


def test_the_same_files_in_another_place_are_another_project(checkout: Path, tmp_path: Path) -> None:
    """As of a catalogue that is described elsewhere, which builds from a copy."""
    shutil.copytree(checkout / "dbt", tmp_path / "elsewhere", copy_function=shutil.copy2)
    assert staged.files(tmp_path / "elsewhere", checkout / staged.LIBRARIES) != files(checkout)


class Database:
    """No database, but what is known of what it has."""

    def __init__(self, stands: bool) -> None:
        self.stands = stands
        self.calls: list[Any] = []

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], Database]:
    """What a build asks and notes, and what it has dbt make, in their order."""

    def of(stands: bool) -> Database:
        conn = Database(stands)
        monkeypatch.setattr(transform.database, "connect", lambda role: conn)
        monkeypatch.setattr(staged, "files", lambda project, libraries: "files")
        monkeypatch.setattr(staged, "why_again", lambda _, files: None if conn.stands else "another file")
        monkeypatch.setattr(staged, "forget", lambda _: conn.calls.append("forget"))
        monkeypatch.setattr(staged, "note", lambda _, made_of, now: conn.calls.append("note"))
        monkeypatch.setattr(
            transform, "_results_of", lambda run_id, stage, select, known: conn.calls.append(tuple(select))
        )
        return conn

    return of


WHOLE = transform.SELECT["staging"]


def test_what_does_not_stand_is_forgotten_made_and_noted_and_it_is_said_why(
    known: Callable[[bool], Database], caplog: pytest.LogCaptureFixture
) -> None:
    conn = known(False)
    with caplog.at_level(logging.INFO):
        transform._staged(1, None)
    assert conn.calls == ["forget", WHOLE, "note"]
    assert "views of staging are made: another file" in caplog.text


def test_where_it_stands_what_follows_is_made_and_all_is_tested(known: Callable[[bool], Database]) -> None:
    conn = known(True)
    transform._staged(1, None)
    assert conn.calls == [("path:models/intermediate", "path:models/staging,resource_type:test")]


def test_no_test_is_lost_where_staging_stands(manifest: dict[str, Any]) -> None:
    """A test that reads nothing but what stands is found by where it is written, and not by what it is a test of."""
    nodes = manifest["nodes"]
    looked_at = 0
    for name, test in nodes.items():
        if test["resource_type"] != "test":
            continue
        layers = {nodes[each]["fqn"][1] for each in test["depends_on"]["nodes"] if each in nodes}
        if not layers & {"intermediate", "marts", "restricted"}:
            assert test["original_file_path"].startswith("models/staging/"), name
            looked_at += 1
    assert looked_at > 9


def test_what_dbt_could_not_make_is_not_noted(
    known: Callable[[bool], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    conn = known(False)

    def fails(*_: object) -> None:
        raise transform.BuildFailed("a seed")

    monkeypatch.setattr(transform, "_results_of", fails)
    with pytest.raises(transform.BuildFailed):
        transform._staged(1, None)
    assert conn.calls == ["forget"]


def test_a_part_of_staging_is_made_as_it_is_asked_for_and_nothing_is_known_then(
    known: Callable[[bool], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    conn = known(True)
    monkeypatch.setitem(transform.SELECT, "staging", ("int_publications",))
    transform._staged(1, None)
    assert conn.calls == ["forget", ("int_publications",)]
