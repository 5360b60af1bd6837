"""Every column of every layer says in the database what it is, so that an analyst need not read the SQL to know."""

from __future__ import annotations

import pytest

from promise import database
from warehouse import transform

LAYERS = ("staging", "intermediate")


def columns(schema: str) -> dict[tuple[str, str], str | None]:
    """The models' columns in the database, each with what the database says of it."""
    with database.connect() as conn:
        return {
            (table, column): words
            for table, column, words in conn.execute(
                "select relname, attname, col_description(attrelid, attnum) from pg_attribute"
                " join pg_class on pg_class.oid = attrelid"
                " where relnamespace = %s::regnamespace and relkind in ('r', 'v') and relname ~ '^(stg|int)_'"
                " and attnum > 0 and not attisdropped",
                (schema,),
            )
        }


@pytest.mark.parametrize("schema", LAYERS)
@pytest.mark.usefixtures("warehouse")
def test_every_column_is_described(schema: str) -> None:
    found = columns(schema)
    assert len(found) > 100
    assert not [f"{table}.{column}" for (table, column), words in found.items() if not words]


@pytest.mark.parametrize("schema", LAYERS)
@pytest.mark.usefixtures("warehouse")
def test_no_column_is_described_that_is_not_there(schema: str) -> None:
    with transform.environment():
        nodes = transform.read().nodes.values()
    described = {
        (node.name, column)
        for node in nodes
        if node.resource_type == "model" and node.schema == schema
        for column in node.columns
    }
    assert described
    assert described <= set(columns(schema))
