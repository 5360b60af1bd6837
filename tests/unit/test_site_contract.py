"""The tables that the site's tests make for themselves have the columns that dbt promises, so neither drifts away."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHAPE = (ROOT / "tests/integration/site_marts.sql").read_text()
MADE_BY_THE_RELEASE = {"release_info"}


def promised() -> dict[str, dict[str, str]]:
    """Column types by table, from the contracts in dbt."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted((ROOT / "dbt/models/marts").rglob("*.yml")):
        document: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
        for model in document.get("models", []):
            found[model["name"]] = {c["name"]: c["data_type"] for c in model.get("columns", [])}
    return found


def made() -> dict[str, dict[str, str]]:
    """Column types by table, from the shape that the tests create."""
    found: dict[str, dict[str, str]] = {}
    for table, body in re.findall(r"create table marts\.(\w+) \((.*?)\n\);", SHAPE, re.S):
        columns = re.findall(r"(\w+) (text\[\]|text|integer|bigint|numeric|date|boolean|jsonb|timestamptz)\b", body)
        found[table] = {name: kind.replace("timestamptz", "timestamp with time zone") for name, kind in columns}
        found[table] |= dict.fromkeys(re.findall(r"(\w+) text\[\]", body), "text[]")
    return found


TABLES = sorted(set(made()) - MADE_BY_THE_RELEASE)


def test_there_are_tables_to_compare() -> None:
    assert len(TABLES) >= 18


@pytest.mark.parametrize("table", TABLES)
def test_a_table_made_for_tests_keeps_to_the_contract(table: str) -> None:
    contract = promised()
    assert table in contract
    assert made()[table].items() <= contract[table].items()
