"""Reading YAML strictly: what a person is told when a file is not what its model describes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from promise.errors import PromiseError
from promise.settings import ROOT
from promise.strict import CatalogueError, Strict, load_yaml, shown


class Inner(Strict):
    id: str
    size: int


class Outer(Strict):
    name: str
    inner: tuple[Inner, ...] = ()
    named: dict[str, Inner] = Field(default_factory=dict)


def told(tmp_path: Path, content: str | bytes) -> str:
    path = tmp_path / "file.yml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CatalogueError) as error:
        load_yaml(path, Outer)
    assert isinstance(error.value, PromiseError)
    assert str(path) in str(error.value)
    return str(error.value)


def test_a_good_file_is_read_and_cannot_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "file.yml"
    path.write_text("name: Café – one\ninner:\n  - {id: a, size: 1}\n", encoding="utf-8")
    outer = load_yaml(path, Outer)
    assert (outer.name, outer.inner[0].size) == ("Café – one", 1)
    with pytest.raises(ValueError, match="frozen"):
        outer.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("", ["holds nothing", "name, inner"], id="an empty file"),
        pytest.param("- a\n", ["holds list", "expected a mapping"], id="a list"),
        pytest.param("name: [a\n", ["line 2", "correct the YAML"], id="not YAML"),
        pytest.param("name: a\nname: b\n", ["line 2", "'name' is given twice", "keep one"], id="a key twice"),
        pytest.param("name: a\ninner:\n  - {id: a, size: 1, size: 2}\n", ["line 3", "'size'"], id="twice further down"),
        pytest.param("name: 2020-02-30\n", ["correct the YAML"], id="a day that does not exist"),
        pytest.param(b"name: caf\xe9\n", ["not UTF-8", "save it as UTF-8"], id="another encoding"),
        pytest.param("nam: a\nname: b\n", ["nam:", "did you mean 'name'?"], id="a mistyped key"),
        pytest.param("name: b\ninner: [{id: x, size: 1, sise: 1}]\n", ["inner[x].sise", "'size'"], id="in a list"),
        pytest.param("name: b\nnamed: {k: {id: x, size: 1, sise: 1}}\n", ["named.k.sise", "'size'"], id="in a mapping"),
        pytest.param("name: b\ninner: [{size: 1}]\n", ["inner[0].id", "missing", "add it"], id="a key missing"),
        pytest.param("name: 2024\n", ["name: is 2024, expected text", "quotes"], id="a number for text"),
        pytest.param("name: 2024-07-31\n", ["is 2024-07-31, expected text", "quotes"], id="a date for text"),
        pytest.param("name: b\ninner: [{id: x, size: big}]\n", ["inner[x].size", "'big'", "integer"], id="no number"),
    ],
)
def test_a_fault_names_the_place_and_the_remedy(tmp_path: Path, content: str | bytes, words: list[str]) -> None:
    message = told(tmp_path, content)
    assert all(word in message for word in words), message


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    assert len(told(tmp_path, "nam: a\ninner: [{id: x}]\n").splitlines()) == 3


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"gone\.yml: there is no such file"):
        load_yaml(tmp_path / "gone.yml", Outer)


def test_a_file_of_the_checkout_is_shown_as_one_would_type_it() -> None:
    assert shown(ROOT / "framework" / "evidence.yml") == "framework/evidence.yml"
