"""`promise new indicator`: one file, a question at every key that only a person can answer, nothing overwritten."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from promise.catalogue.framework import FOLDER, MODELS, SOURCES, framework
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure, Series
from promise.catalogue.sources import Source, sources
from promise.errors import PromiseError
from promise.strict import QUESTION, CatalogueError, load_yaml
from workbench.pages import field_reference
from workbench.scaffolds import idle
from workbench.scaffolds.indicator import Fed, entry_text, known_series, new_indicator, what_is_missing
from workbench.scaffolds.series import Shown

FED = Fed("published_series", "Care and risk management meetings", "count")
KNOWN = {("Care and risk management meetings", "count"): Shown({"2023-24"}, 0, {"national"}),
         ("Children's hearings", "count"): Shown({"2023-24"}, 0, {"national"})}  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The folder that an indicator's file stands in, as it is."""
    shutil.copytree(FOLDER, tmp_path / "framework")
    return tmp_path


def read(checkout: Path) -> object:
    return framework(checkout / "framework", SOURCES, MODELS)


def test_a_new_indicator_is_refused_while_a_question_is_open(checkout: Path) -> None:
    entry = new_indicator("risk_meetings", "vs01_o2", FED, checkout, KNOWN)
    with pytest.raises(CatalogueError) as told:
        read(checkout)
    lines = str(told.value).splitlines()
    assert len(lines) == entry.read_text().count(QUESTION)
    assert any("risk_meetings.yml: direction: still to be written: The change that is asked for." in x for x in lines)


def test_one_yaml_is_an_indicator_once_the_questions_are_answered(checkout: Path) -> None:
    entry = new_indicator("risk_meetings", "vs01_o2", FED, checkout, KNOWN)
    content = yaml.safe_load(entry.read_text())
    measure = content["measures"][0]
    for part, of in ((content, Indicator), (measure, Measure), (measure["series"][0], Series)):
        answers = field_reference.example(of)
        part |= {key: answers[key] for key, said in part.items() if str(said).startswith(QUESTION)}
    content |= {"direction": "neutral", "geography": ["national"]}
    measure |= {"unit": "count", "polarity": "neutral", "threshold": None}
    entry.write_text(json.dumps(content, default=str))
    before, after = framework(), read(checkout)
    assert set(after.by_id) - set(before.by_id) == {"risk_meetings"}  # type: ignore[attr-defined]


TEXTS = [
    "plain", "a: b", "# x", "- y", "null", "~", "yes", "2026-04-01", "12", "1e3", '"q"', "it's", "`", " spaced ", "=",
    "{a}", "[x", "@at", "%x", "!tag", "&a", "*a", "\x07", "\x80", "\ufeff", "\u2028", "\u202e", "é", "😀", "long " * 60,
]  # fmt: skip


@pytest.mark.parametrize("label", TEXTS, ids=ascii)
def test_a_label_is_read_back_to_the_letter(label: str) -> None:
    content = yaml.safe_load(entry_text("risk_meetings", "vs01_o2", 1, Fed("published_series", label, label)))
    (series,) = content["measures"][0]["series"]
    assert (series["label"], series["heading"]) == (label, label)


def test_the_file_is_written_as_people_write_it() -> None:
    text = entry_text("risk_meetings", "vs01_o2", 1, FED)
    assert max(map(len, text.splitlines())) <= 120
    assert "\nsource_preference: [published_series]\n" in text and "\n    bounds: [0, null]\n" in text
    assert "\ndirection: >-\n  WRITE: The change that is asked for." in text


def test_every_source_of_figures_that_ships_can_be_begun_from(checkout: Path) -> None:
    """By the series in its files, with what they show of it; of those taken apart by hand, by what a person says."""
    seen = 0
    for source in sources().values():
        if not source.figures:
            continue
        taken = {each.key for _, _, each in framework().series()}
        known = known_series(source.id)
        seen += bool(known)
        free = [name for name in known or [("any", "")] if (source.id, *name) not in taken]
        if not free:
            continue
        begun = new_indicator(f"of_{source.id}"[:30].rstrip("_"), "vs01_o2", Fed(source.id, *free[0]), checkout, known)
        content = yaml.safe_load(begun.read_text())
        assert content["producer"] == source.publisher
        (measure,) = content["measures"]
        # Of those taken apart by hand a warehouse that is at work knows the names, and no more.
        shown = known.get(free[0])
        assert not (shown and shown.geography) or measure["geography"] in ("national", "council")
        assert not (shown and shown.periods) or 0 <= measure["decimals"] <= 4
        checks = source.table.checks
        assert checks.period is None or measure["series"][0]["period_style"] == checks.period.style
    assert seen > 8


@pytest.mark.parametrize("source", [each for each in sources().values() if not each.figures], ids=lambda each: each.id)
def test_of_reference_data_it_says_what_is_missing(source: Source) -> None:
    told = what_is_missing(source)
    assert told.startswith(f"{source.id} holds no figures: ingestion/sources/{source.id}/source.yml says figures: null")
    assert "\nfigures:" in told or "no series can be made of it" in told or "no file of it is here" in told


def test_some_sources_are_reference_data_of_which_figures_could_be_made() -> None:
    assert [each.id for each in sources().values() if not each.figures and "\nfigures:" in what_is_missing(each)]


def test_what_a_series_feeds_is_no_longer_without_a_reader(checkout: Path) -> None:
    model = sources()["published_series"].staging_model
    (checkout / "tests").mkdir()
    (checkout / idle.LIST).write_text("stg_other__figure: for some reason\n")
    idle.put_on(checkout, model)
    assert set(yaml.safe_load((checkout / idle.LIST).read_text())) == {"stg_other__figure", model}
    new_indicator("risk_meetings", "vs01_o2", FED, checkout, KNOWN)
    assert (checkout / idle.LIST).read_text() == "stg_other__figure: for some reason\n"


def test_its_file_alone_says_which_keys_are_open(checkout: Path) -> None:
    entry = new_indicator("risk_meetings", "vs01_o2", FED, checkout, KNOWN)
    with pytest.raises(CatalogueError, match=re.escape("measures[risk_meetings__headline].unit: still to be written")):
        load_yaml(entry, Indicator)


def test_of_reference_data_of_which_nothing_ships_it_is_told_that_no_file_can_be_looked_at() -> None:
    told = what_is_missing(sources()["phs_geography"].model_copy(update={"bundle": ()}))
    assert "phs_geography holds no figures" in told and "no file of it is here that could be looked at" in told


@pytest.mark.parametrize(
    ("identifier", "outcome", "fed", "told"),
    [
        pytest.param("Risk", "vs01_o2", FED, "lower snake case", id="no id"),
        pytest.param("r" * 35, "vs01_o2", FED, "leave room", id="an id too long for its measures"),
        pytest.param("risk", "vs01_o9", FED, "no outcome 'vs01_o9'", id="an outcome nobody described"),
        pytest.param(
            "risk", "vs01_o2", Fed("elsewhere", "x", ""), "choose one: camhs_patients_seen",
            id="a source nobody described",
        ),
        pytest.param(
            "risk", "vs01_o2", Fed("published_series", "Care and risk meetings", ""),
            "choose one:\n  --label 'Care and risk management meetings' --heading count",
            id="a label that is nearly one",
        ),
        pytest.param(
            "risk", "vs01_o2", Fed("published_series", "", ""),
            "has several series; choose one:\n  --label 'Care and risk management meetings' --heading count",
            id="no label",
        ),
        pytest.param(
            "risk", "vs01_o2", Fed("council_boundaries", "x", ""), "no series can be made of it", id="shapes of places",
        ),
        pytest.param("risk", "vs01_o2", Fed("lgbf", "CHN9", ""), "already feeds", id="a series that feeds another"),
        pytest.param("attendance_rate", "vs03_o1", FED, "is there already", id="an indicator that is there"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_nothing_is_written(
    checkout: Path, identifier: str, outcome: str, fed: Fed, told: str
) -> None:
    before = {path: path.read_bytes() for path in sorted(checkout.rglob("*")) if path.is_file()}
    with pytest.raises(PromiseError, match=re.escape(told)):
        new_indicator(identifier, outcome, fed, checkout, KNOWN)
    assert {path: path.read_bytes() for path in sorted(checkout.rglob("*")) if path.is_file()} == before
