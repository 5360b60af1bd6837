"""Every query of the site, the downloads and Metabase, planned on empty tables made from dbt's contracts.

An exposure knows which marts a query reads, not which columns: a column that no mart has fails here, by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import contract_tables
import psycopg
import pytest

from bi.exposures import exposures
from bi.marts import expanded, released
from bi.metabase import sql
from promise import database

QUERIES = {(exposure.name, name): query for exposure in exposures() for name, query in exposure.queries.items()}


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("PROMISE_DATABASE_URL", raising=False)
        database.ensure_running()
        with database.connect(autocommit=True) as connection:
            contract_tables.create(connection)
            yield connection
        database.stop()


def plan(conn: psycopg.Connection[Any], exposure: str, name: str, query: str) -> None:
    """Plan the query as it is asked first and, if it takes filters, with a value in each. Fails with all names."""
    query = expanded(query, released(conn))
    for values in ({}, dict.fromkeys(sql.tags(query), "a value")):
        try:
            conn.execute(f"explain {sql.parametrised(query, values)}".encode(), values)
        except psycopg.ProgrammingError as error:
            pytest.fail(
                f"{exposure}, query {name!r}: {error.diag.message_primary}; see the contracts in dbt/models/marts"
            )


def test_there_are_queries_of_every_kind() -> None:
    kinds = {exposure.split("_")[0] for exposure, _ in QUERIES}
    assert kinds == {"site", "open", "metabase"}
    assert len(QUERIES) > 60


@pytest.mark.parametrize(("exposure", "name"), QUERIES, ids=lambda part: part)
def test_a_query_names_only_columns_that_the_contracts_have(
    conn: psycopg.Connection[Any], exposure: str, name: str
) -> None:
    plan(conn, exposure, name, QUERIES[exposure, name])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("select obs_valeu from marts.fct_observation", 'column "obs_valeu" does not exist'),
        ("select * from marts.fct_observations", 'relation "marts.fct_observations" does not exist'),
        ("select outcome_name from marts.outcome__*", 'column "outcome_name" does not exist'),
    ],
)
def test_a_column_or_table_that_no_mart_has_is_named_with_its_query(
    conn: psycopg.Connection[Any], query: str, words: str
) -> None:
    with pytest.raises(pytest.fail.Exception, match=f"open_data, query 'figures.csv': {words}"):
        plan(conn, "open_data", "figures.csv", query)
