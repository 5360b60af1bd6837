"""dbt reads the project beside the arrival gate, when something of it changed."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from dbt.contracts.graph.manifest import Manifest

from promise import database
from promise.settings import ROOT
from promise.strict import CatalogueError
from warehouse import parsing, transform


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is kept of a project that nobody changed since."""
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    monkeypatch.setattr(transform, "write_generated", list)
    monkeypatch.setattr(transform, "environment", contextlib.nullcontext)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "libraries"))
    path, _ = transform._kept(transform._files(), transform._place())
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def reads(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(parsing, "READING", (sys.executable, "-c", code))


def test_a_project_that_dbt_has_read_is_not_read_again(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, f"open({str(kept)!r} + '.read', 'w')")
    with parsing.beside():
        pass
    assert not Path(f"{kept}.read").exists()


@pytest.mark.parametrize("why", ["nothing is kept", "other files were read", "another database was meant"])
def test_it_is_read_meanwhile_and_waited_for(kept: Path, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    if why == "nothing is kept":
        kept.unlink()
    elif why == "other files were read":
        monkeypatch.setattr(transform, "_files", lambda: "others")
    else:
        monkeypatch.setenv("PROMISE_DB_NAME", "copy")
    reads(monkeypatch, f"import time; time.sleep(0.2); open({str(kept)!r} + '.read', 'w')")
    with parsing.beside():
        assert not Path(f"{kept}.read").exists()
    assert Path(f"{kept}.read").exists()


def test_a_project_that_cannot_be_read_stops_the_build_and_not_what_is_beside_it(
    kept: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kept.unlink()
    reads(monkeypatch, "import sys; print('model x: no such source'); sys.exit(1)")
    with caplog.at_level(logging.WARNING), parsing.beside():
        pass
    assert "no such source" in caplog.text


@pytest.mark.usefixtures("kept")
def test_a_catalogue_that_cannot_be_read_stops_the_build_and_not_what_is_beside_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> list[Path]:
        raise CatalogueError("framework/indicators/x.yml names a source that is not described")

    monkeypatch.setattr(transform, "write_generated", refuse)
    judged = False
    with caplog.at_level(logging.WARNING), parsing.beside():
        judged = True
    assert judged and "a source that is not described" in caplog.text


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, object]]]:
    """What dbt was asked for, and with which project; it reads another each time."""
    seen: list[tuple[str, object]] = []
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "libraries"))

    def invoke(arguments: list[str], project: object = None) -> SimpleNamespace:
        seen.append((arguments[0], project))
        if arguments == ["parse"]:
            (Path(os.environ["DBT_TARGET_PATH"]) / transform.PARTIAL_PARSE).write_bytes(Manifest().to_msgpack())
        made = f"project {len(seen)}" if arguments == ["parse"] else SimpleNamespace(results=[])
        return SimpleNamespace(success=True, exception=None, result=made)

    monkeypatch.setattr(transform, "invoke", invoke)
    transform._project.cache_clear()
    yield seen
    transform._project.cache_clear()


def test_builds_of_one_process_read_the_project_once(asked: list[tuple[str, object]]) -> None:
    transform._built(("path:models/staging",), transform.read())
    transform._built(("path:models/marts",), transform.read())
    assert asked == [("parse", None), ("build", "project 1"), ("build", "project 1")]


def test_another_database_is_another_project(asked: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    transform._built(("path:models/staging",), transform.read())
    monkeypatch.setenv("PROMISE_DB_NAME", "copy")
    transform._built(("path:models/staging",), transform.read())
    assert [name for name, _ in asked] == ["parse", "build", "parse", "build"]


def test_a_server_on_another_port_is_the_same_project(
    asked: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    transform._built(("path:models/staging",), transform.read())
    monkeypatch.setenv("PROMISE_DB_PORT", "1")
    transform._built(("path:models/staging",), transform.read())
    assert [name for name, _ in asked] == ["parse", "build", "build"]


def test_another_process_goes_on_from_what_one_has_read(asked: list[tuple[str, object]]) -> None:
    transform._built(("path:models/staging",), transform.read())
    transform._project.cache_clear()
    transform._built(("path:models/staging",), transform.read())
    assert [name for name, _ in asked] == ["parse", "build", "build"]
    assert isinstance(asked[-1][1], Manifest)


def test_what_is_kept_and_cannot_be_read_is_read_anew(
    asked: list[tuple[str, object]], caplog: pytest.LogCaptureFixture
) -> None:
    kept, _ = transform._kept(transform._files(), transform._place())
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"half of it")
    transform._built(("path:models/staging",), transform.read())
    assert [name for name, _ in asked] == ["parse", "build"]
    assert "is made again" in caplog.text and str(kept) in caplog.text


@pytest.fixture
def installed(asked: list[tuple[str, object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What installing left of the project beside the libraries, and no home yet."""
    monkeypatch.setattr(transform, "write_generated", list)
    assert transform.read_for_every_home() and transform.read_for_every_home(), "the second finds it"
    assert asked == [("parse", None)]
    asked.clear()
    (kept,) = (tmp_path / "libraries").rglob("*.msgpack")
    assert not (tmp_path / "home").exists()
    return kept


def test_installing_has_it_read_and_a_project_that_cannot_be_read_stops_no_installation() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert ".venv/.read" in makefile.split("\ninstall:")[1].splitlines()[0]
    rule = makefile.split("\n.venv/.read:")[1].split("\n\n")[0]
    assert "-m warehouse.parsing installed" in rule and "|| true" in rule, "a run says what is wrong with it"
    image = (ROOT / "Dockerfile").read_text()
    assert image.index("-m warehouse.parsing installed") < image.index("chown"), "what it writes is the user's"


def whose_database_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a home whose server `promise` starts."""
    here = database.Parts(host="127.0.0.1", port=1, dbname="promise", user="promise_transformer", password="x")
    for name, value in transform.variables("prod", here, "staging").items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("installed")
def test_a_new_home_goes_on_from_what_was_read_when_all_was_installed(
    asked: list[tuple[str, object]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whose_database_is_ours(monkeypatch)
    transform._built(("path:models/staging",), transform.read())
    assert [name for name, _ in asked] == ["build"]
    assert isinstance(asked[0][1], Manifest)
    reads(monkeypatch, f"open({str(tmp_path / 'read')!r}, 'w')")
    monkeypatch.setattr(transform, "environment", contextlib.nullcontext)
    with parsing.beside():
        pass
    assert not (tmp_path / "read").exists()


@pytest.mark.parametrize("why", ["half of it is there", "the files are others by now", "the database is another"])
def test_what_was_read_then_and_is_not_what_is_there_is_read_anew_and_left_as_it_is(
    asked: list[tuple[str, object]], installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    whose_database_is_ours(monkeypatch)
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    if why == "half of it is there":
        installed.write_bytes(b"half")
    elif why == "the files are others by now":
        monkeypatch.setattr(transform, "_files", lambda: "others")
    else:
        monkeypatch.setenv("PROMISE_DB_NAME", "copy")
    left = installed.read_bytes()
    transform._built(("path:models/staging",), transform.read())
    assert [name for name, _ in asked] == ["parse", "build"]
    assert installed.read_bytes() == left and len([*(tmp_path / "home").rglob("*.msgpack")]) == 1


def test_what_is_written_for_dbt_anew_is_read_anew(
    asked: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for files in ("as they were", "as they were", "another text"):
        monkeypatch.setattr(transform, "_files", lambda: files)  # noqa: B023
        transform._built(("path:models/marts",), transform.read())
    assert [name for name, _ in asked] == ["parse", "build", "build", "parse", "build"]
