"""The reference of the framework's keys: it is up to date, its good examples are accepted, its bad ones refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from promise.settings import ROOT
from promise.strict import Strict, as_model
from workbench.pages import field_reference as reference

FOLDER = ROOT / "framework"
MODELS = list(dict.fromkeys(model for _, top in reference.FILES for model in reference.models(top)))
KEYS = [
    pytest.param(model, name, id=f"{model.__name__}.{name}")
    for model in MODELS
    for name in model.model_fields
    if not reference.is_mapping(model, name)
]


def kind(file: str) -> str:
    """Files of one folder are of one kind, every other file is of its own."""
    folder, slash, _ = file.rpartition("/")
    return folder + slash or file


def test_there_are_keys_to_hold_to_their_examples() -> None:
    assert len(KEYS) > 150


def test_every_kind_of_file_in_the_framework_is_on_the_page() -> None:
    found = {kind(path.relative_to(FOLDER).as_posix()) for path in FOLDER.rglob("*.yml")}
    page = reference.PAGE.read_text(encoding="utf-8")
    headings = re.findall(r"^## `(.+)`$", page, flags=re.MULTILINE)
    assert {"indicators/", "targets.yml"} <= found
    assert {kind(heading) for heading in headings} == found


def test_every_key_in_the_framework_is_on_the_page() -> None:
    page = reference.PAGE.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|^\[|\Z)", page, flags=re.MULTILINE | re.DOTALL))
    for model in MODELS:
        assert re.findall(r"^\* \*\*`(\w+)`\*\*", sections[model.__name__], flags=re.MULTILINE) == list(
            model.model_fields
        )


def test_the_page_is_what_the_models_say() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.text(), (
        "docs/framework_fields.md is not up to date; run `python -m workbench.pages`"
    )


def test_the_page_is_written_only_when_it_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "PAGE", tmp_path / "page.md")
    assert reference.write()
    assert not reference.write()
    assert reference.PAGE.read_text(encoding="utf-8") == reference.text()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_good_examples_together_are_accepted_and_every_key_has_a_meaning(model: type[Strict]) -> None:
    path, whole = FOLDER / "file.yml", reference.example(model)
    assert as_model(path, whole, model)
    for name, field in model.model_fields.items():
        assert all(as_model(path, whole | {name: good}, model) for good in field.examples or [])
    assert not [name for name, field in model.model_fields.items() if not field.description]
    assert model.__doc__


@pytest.mark.parametrize(("model", "name"), KEYS)
def test_a_bad_example_is_refused_with_a_message_that_names_the_key(model: type[Strict], name: str) -> None:
    field = model.model_fields[name]
    assert field.examples, "give a good example"
    bad = reference.bad_example(field)
    told = reference.refusal(model, name, bad)
    assert told, f"{bad!r} is accepted"
    assert re.search(rf"\b{name}\b", told), told


def test_a_key_without_an_example_would_be_noticed() -> None:
    class Bare(Strict):
        name: str

    with pytest.raises(KeyError):
        reference.bad_example(Bare.model_fields["name"])
    assert reference.refusal(Bare, "name", 1) is not None
    assert reference.refusal(Bare, "name", "a") is None
