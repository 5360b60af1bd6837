"""A table that dbt made in its place, without one to replace, has all that its model asks for.

Its macros of tables, contracts and descriptions are ours (dbt/macros/table.sql); no model misses what they leave out.
"""

from __future__ import annotations

from typing import Any

import pytest
from asked import Query

from warehouse import candidate, transform

pytestmark = pytest.mark.usefixtures("warehouse")
OF_A_TABLE = (
    f" from pg_class where relnamespace = '{candidate.SCHEMA}'::regnamespace and relname = %s and relkind = 'r'"
)


@pytest.fixture(scope="module")
def models(warehouse: Any) -> list[Any]:
    with transform.environment():
        nodes = transform.read().nodes.values()
    found = [each for each in nodes if each.resource_type == "model" and each.schema == candidate.SCHEMA]
    assert len(found) > 100
    return found


def test_it_has_its_indexes(models: list[Any], query: Query) -> None:
    def found(name: str) -> list[list[str]]:
        rows = query(
            "select (select array_agg(attname::text order by position) from unnest(indkey::smallint[])"
            " with ordinality as key (number, position) join pg_attribute on attrelid = indrelid and attnum = number)"
            " as columns from pg_index join pg_class on pg_class.oid = indrelid"
            f" where relnamespace = '{candidate.SCHEMA}'::regnamespace and relname = %s order by 1",
            name,
        )
        return [columns for (columns,) in rows]

    asked = [(each.name, index["columns"]) for each in models for index in each.config.get("indexes") or []]
    assert len(asked) >= 3
    assert [(name, columns) for name, columns in asked if columns not in found(name)] == []


def test_it_has_statistics_where_it_is_to_be_analysed(models: list[Any], query: Query) -> None:
    analysed = [each.name for each in models if any("analyze" in hook.sql for hook in each.config.post_hook)]
    assert len(analysed) > 20
    assert [name for name in analysed if query(f"select reltuples < 0{OF_A_TABLE}", name) != [(False,)]] == []


def test_it_and_its_columns_say_what_they_are(models: list[Any], query: Query) -> None:
    for each in models:
        ((words,),) = query(f"select obj_description(oid){OF_A_TABLE}", each.name)
        assert words == each.description, each.name
        described = query(
            "select attname::text, col_description(attrelid, attnum) from pg_attribute where attnum > 0"
            f" and not attisdropped and attrelid = (select oid{OF_A_TABLE})",
            each.name,
        )
        assert dict(described) == {name: column.description for name, column in each.columns.items()}, each.name
