"""The reference of the framework's keys: it is up to date, its good examples are accepted, its bad ones refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from promise.catalogue import field_reference as reference
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure, PeriodException, Series
from promise.catalogue.framework_statements import DataGap, Outcome, VisionStatement
from promise.catalogue.strict import Strict, as_model
from promise.settings import ROOT

OURS = (VisionStatement, Outcome, Indicator, DataGap, Measure, Series, PeriodException)
DESCRIBED = list(
    dict.fromkeys(
        model for _, top in reference.FILES for model in reference.models(top) if reference.is_described(model)
    )
)
KEYS = [
    pytest.param(model, name, id=f"{model.__name__}.{name}")
    for model in OURS
    for name in model.model_fields
    if not reference.is_mapping(model, name)
]


def test_there_are_keys_to_hold_to_their_examples() -> None:
    assert set(OURS) <= set(DESCRIBED)
    assert len(KEYS) > 70


def test_the_page_is_what_the_models_say() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.text(), (
        "docs/framework_fields.md is not up to date; run `python -m promise.catalogue.field_reference`"
    )


def test_the_page_is_written_only_when_it_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "PAGE", tmp_path / "page.md")
    assert reference.write()
    assert not reference.write()
    assert reference.PAGE.read_text(encoding="utf-8") == reference.text()


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_the_good_examples_are_accepted_together_and_one_by_one(model: type[Strict]) -> None:
    path, whole = ROOT / "framework" / "file.yml", reference.example(model)
    assert as_model(path, whole, model)
    for name, field in model.model_fields.items():
        if reference.is_mapping(model, name):
            continue
        assert all(as_model(path, whole | {name: good}, model) for good in field.examples or [])


@pytest.mark.parametrize("model", DESCRIBED, ids=lambda model: model.__name__)
def test_every_key_of_a_model_that_takes_part_has_a_meaning(model: type[Strict]) -> None:
    assert not [name for name, field in model.model_fields.items() if not field.description]
    assert model.__doc__


@pytest.mark.parametrize(("model", "name"), KEYS)
def test_a_bad_example_is_refused_with_a_message_that_names_the_key(model: type[Strict], name: str) -> None:
    field = model.model_fields[name]
    assert field.examples, "give a good example"
    bad = reference.bad_example(field)
    told = reference.refusal(model, name, bad)
    assert told, f"{bad!r} is accepted"
    assert name in told


def test_a_key_without_an_example_or_a_meaning_would_be_noticed() -> None:
    class Bare(Strict):
        name: str

    assert not reference.is_described(Bare)
    with pytest.raises(KeyError):
        reference.bad_example(Bare.model_fields["name"])
    assert reference.refusal(Bare, "name", 1) is not None
    accepted: Any = reference.refusal(Bare, "name", "a")
    assert accepted is None
