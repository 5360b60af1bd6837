"""The SQL of an indicator is its definition: it and the catalogue name the same measures, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from promise.catalogue.framework import framework
from promise.settings import ROOT

FOLDER = ROOT / "dbt" / "models" / "marts" / "indicators"
SAYS = {"numerator", "denominator", "per", "parts", "parts_by"}
INDICATORS = [indicator.id for _, _, indicator in framework().indicators()]
MOST_LINES = 20  # what an analyst reads at a glance, and what adding an indicator may cost


def test_there_are_indicators_to_define() -> None:
    assert len(INDICATORS) >= 16


@pytest.mark.parametrize("indicator_id", INDICATORS)
def test_a_definition_has_each_measure_of_its_indicator_once(models: dict[str, Any], indicator_id: str) -> None:
    defined = definition(models, indicator_id)
    assert set(defined) == {measure.id for measure in framework().by_id[indicator_id].measures}


@pytest.mark.parametrize("indicator_id", INDICATORS)
def test_a_definition_is_made_of_measures_that_exist(models: dict[str, Any], indicator_id: str) -> None:
    units = {measure.id: measure.unit for _, measure in framework().measures()}
    breakdowns = {each.breakdown for _, _, each in framework().series()} - {"total"}
    for measure, made in definition(models, indicator_id).items():
        assert set(made) <= SAYS, f"{measure}: {sorted(set(made) - SAYS)}"
        counts = [made[key] for key in ("numerator", "denominator") if key in made] + made.get("parts", [])
        for count in counts:
            assert units[count] in ("count", "average_count"), f"{measure} is made of {count}, which counts nothing"
        assert made.get("parts_by", "total") in breakdowns | {"total"}, measure
        assert ("numerator" in made) == ("per" in made), f"{measure}: a ratio says what it is multiplied by"
        if units[measure] == "percent" and "per" in made:
            assert made["per"] == 100


@pytest.mark.parametrize("indicator_id", INDICATORS)
def test_a_definition_is_short_and_begins_with_its_words(indicator_id: str) -> None:
    lines = (FOLDER / f"indicator__{indicator_id}.sql").read_text().splitlines()
    assert lines[0].startswith("-- "), "say in words what is counted"
    assert len(lines) <= MOST_LINES, f"{len(lines)} lines"


def definition(models: dict[str, Any], indicator_id: str) -> dict[str, Any]:
    meta = models[f"indicator__{indicator_id}"]["config"]["meta"]
    assert meta["indicator"] == indicator_id
    measures: dict[str, Any] = meta["measures"]
    return measures
