"""The rows of the site have the types that dbt's contracts promise, so that the type checker checks what is true."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_type_hints

import pytest
from contract_tables import contracts, never_null

from bi.marts import expanded
from bi.site.queries import QUERIES
from warehouse.changes import Change

TYPES = {
    "text": str,
    "integer": int,
    "bigint": int,
    "numeric": Decimal,
    "boolean": bool,
    "date": date,
    "timestamp with time zone": datetime,
    "text[]": list[str],
    "integer[]": list[int],
    "jsonb": dict[str, Any],
}
MARTS = contracts()
OF_A_RELEASE = {"releases", "release_changes"}  # which dbt does not make
OF_A_MART = sorted(QUERIES.keys() - OF_A_RELEASE)


def test_there_are_queries_to_hold_to_the_contracts() -> None:
    assert len(OF_A_MART) > 20


def test_what_a_release_changed_is_read_as_the_release_writes_it() -> None:
    assert get_type_hints(QUERIES["release_changes"].row) == get_type_hints(Change)


@pytest.mark.parametrize("name", OF_A_MART)
def test_each_field_has_the_type_and_the_nullability_of_its_column(name: str) -> None:
    query = QUERIES[name]
    tables = re.findall(r"\bmarts\.(\w+)", expanded(query.sql, MARTS))
    for field, hint in get_type_hints(query.row).items():
        if re.search(rf"\bcount\(\*\) over .* as {field}\b", query.sql):
            assert hint is int, f"{name}.{field}"
            continue
        # A column of a joined table is renamed, so that it says of what it is.
        column = match[1] if (match := re.search(rf"\b(\w+) as {field}\b", query.sql)) else field
        mart = next(MARTS[table] for table in tables if column in {each["name"] for each in MARTS[table]["columns"]})
        promised = TYPES[{each["name"]: each["data_type"] for each in mart["columns"]}[column]]
        may_be_null = column not in never_null(mart) or column != field
        assert hint == (promised | None if may_be_null else promised), f"{name}.{field}"
