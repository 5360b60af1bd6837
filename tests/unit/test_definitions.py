"""The marts that are made from the catalogue: an indicator's SQL unless it has its own, and the keys of a dimension."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from promise.catalogue.framework import framework
from promise.settings import ROOT
from warehouse.dbt_files import marts
from warehouse.dbt_files.seeds import SEEDS, Seed

INDICATORS = list(framework().by_id.values())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """As much of a dbt project as the marts are made from."""
    (tmp_path / "contracts").symlink_to(ROOT / "dbt" / "contracts")
    (tmp_path / "models" / "marts" / "indicators").mkdir(parents=True)
    return tmp_path


def generated(project: Path) -> dict[str, str | dict[str, Any]]:
    return {path.name: content for path, content in marts.files(project)}


def test_there_are_indicators_to_define() -> None:
    assert len(INDICATORS) >= 16
    assert any(measure.made_of for indicator in INDICATORS for measure in indicator.measures)


def test_an_indicators_sql_names_each_of_its_measures_with_what_it_is_made_of(project: Path) -> None:
    sql = generated(project)
    for indicator in INDICATORS:
        text = str(sql[f"indicator__{indicator.id}.sql"])
        for measure in indicator.measures:
            assert re.findall(rf"^ *'{measure.id}': (.*),$", text, flags=re.MULTILINE) == [repr(measure.made_of)]


def test_ratios_and_parts_are_written_as_the_macro_reads_them(project: Path) -> None:
    sql = generated(project)
    assert "'in_care__count': {'parts': ['living_in_community__count', 'residential_care__count']}" in str(
        sql["indicator__in_care_rate.sql"]
    )
    assert "'in_care__per_1000_children': {'numerator': 'in_care__count', 'per': 1000}" in str(
        sql["indicator__in_care_rate.sql"]
    )
    assert "'secure_care__average': {'parts_by': 'placed_from'}" in str(sql["indicator__secure_care_average.sql"])


def test_none_is_generated_where_it_is_written_by_hand(project: Path) -> None:
    before = generated(project)
    (project / "models" / "marts" / "indicators" / "indicator__attendance_rate.sql").write_text("select 1")
    assert before.keys() - generated(project).keys() == {"indicator__attendance_rate.sql"}


def test_a_key_that_the_contract_does_not_name_is_its_last_column() -> None:
    """So that a new key of an indicator reaches readers without a second file."""
    keys = {
        "place": FieldInfo(annotation=int, description="Where."),
        "words": FieldInfo(annotation=tuple[str, ...] | None, description="Which words."),
        "since": FieldInfo(annotation=date | None, description="Since when."),
    }
    stated = {"description": "d", "columns": [{"name": "more", "data_type": "text"}, {"name": "place", "tests": []}]}
    made = marts.dimension(stated, Seed(("place", "words", "since"), lambda: [], keys))
    assert made == {
        "description": "d",
        "columns": [
            {"name": "more", "data_type": "text"},
            {"name": "place", "data_type": "integer", "description": "Where.", "tests": []},
            {"name": "words", "data_type": "text[]", "description": "Which words."},
            {"name": "since", "data_type": "date", "description": "Since when."},
        ],
    }


def test_a_dimension_has_every_key_of_its_model(models: dict[str, Any]) -> None:
    for mart, seed in marts.DIMENSIONS.items():
        assert SEEDS[seed].keys
        assert set(SEEDS[seed].columns) <= set(models[mart]["columns"])
