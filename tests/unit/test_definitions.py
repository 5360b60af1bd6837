"""What an indicator's figures are made of reaches its mart's SQL; SQL that is written by hand stands in its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from promise.catalogue.framework import framework
from promise.settings import ROOT
from warehouse.dbt_files import marts

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
