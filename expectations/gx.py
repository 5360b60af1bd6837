"""Great Expectations, kept behind one door: a context that leaves no trace, and checkpoints that write into `ops`.

The import takes 3 seconds and cannot be narrowed (its `__init__` loads everything), so it happens inside functions,
and the gates open a session only when there is something to judge.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from psycopg import sql

from expectations.verdicts import SAMPLE, Entry, Verdict
from promise import database

if TYPE_CHECKING:
    from great_expectations.data_context import EphemeralDataContext
    from great_expectations.datasource.fluent import PostgresDatasource
    from great_expectations.expectations.expectation import Expectation

SCHEMA = "staging"  # where the rows stand that are being judged: whoever builds it may judge it


class Session:
    """One ephemeral context over the warehouse, for as many suites as a gate has."""

    def __init__(self, context: EphemeralDataContext, datasource: PostgresDatasource) -> None:
        self._context = context
        self._datasource = datasource
        self._tables = 0

    def run(
        self,
        suite: str,
        query: str,
        expectations: Sequence[Expectation],
        address: Sequence[str],
        entry: Entry,
    ) -> list[Verdict]:
        """Judge the rows of a query, in the order of the expectations, and write the verdicts down where `entry` says.

        `address` names the columns by which an offending row can be found; they are part of every sample. A suite's
        name is used once in a session.
        """
        import great_expectations as gx

        from expectations.results import WriteDown, verdicts

        # Results come back in an order of GX's own; the number in meta restores ours.
        for number, expectation in enumerate(expectations):
            expectation.meta = {**(expectation.meta or {}), "number": number}
        with self._table(query) as table:
            rows = self._datasource.add_table_asset(suite, table_name=table).add_batch_definition_whole_table("all")
            asked = self._context.suites.add(gx.ExpectationSuite(suite, expectations=list(expectations)))
            definition = gx.ValidationDefinition(name=suite, data=rows, suite=asked)
            checkpoint = gx.Checkpoint(
                name=suite,
                validation_definitions=[self._context.validation_definitions.add(definition)],
                actions=[WriteDown.into(entry)],
                result_format={
                    "result_format": "SUMMARY",
                    "unexpected_index_column_names": list(address),
                    "return_unexpected_index_query": False,
                    "partial_unexpected_count": SAMPLE,
                },
            )
            outcome = self._context.checkpoints.add(checkpoint).run()
        return [verdict for result in outcome.run_results.values() for verdict in verdicts(result)]

    @contextlib.contextmanager
    def _table(self, query: str) -> Iterator[str]:
        """The rows of the query as a table of our own while the block runs.

        A query asset would be computed anew for every metric, and GX fetches all of it to learn its columns. A
        temporary table would be seen by one of GX's connections alone.
        """
        self._tables += 1  # a name each, because what is known about a table may be remembered by its name
        name = f"rows_being_judged_{self._tables}"
        with database.connect("transformer", autocommit=True) as conn:
            table = sql.Identifier(SCHEMA, name)
            drop = sql.SQL("drop table if exists {}").format(table)
            conn.execute(drop)  # what a killed process left
            conn.execute(sql.SQL("create unlogged table {} as {}").format(table, sql.SQL(query)))  # type: ignore[arg-type]
            try:
                yield name
            finally:
                conn.execute(drop)


@contextlib.contextmanager
def session() -> Iterator[Session]:
    """A context that writes no files, shows no progress bars, phones nobody, and leaves no connection open."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when the package is imported
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),  # type: ignore[arg-type]
        ),
    )
    if context.config.analytics_enabled is not False:
        raise RuntimeError("Great Expectations would send analytics; refusing to run it")
    with _connections() as connect:
        yield Session(
            context,
            context.data_sources.add_postgres(
                "warehouse",
                # Not where it connects to: `creator` does. GX wants the form, and a socket's folder has no place in it.
                connection_string="postgresql+psycopg2://promise_transformer@localhost/warehouse",
                kwargs={"creator": connect},
            ),
        )


@contextlib.contextmanager
def _connections() -> Iterator[Callable[[], Any]]:
    """What opens connections for GX, which keeps them in pools that nothing of its public API closes.

    An idle one would hold up whoever drops or renames a schema next, so those that were opened are closed here.
    """
    import psycopg2

    with contextlib.ExitStack() as opened:

        def connect() -> Any:
            conn = psycopg2.connect(database.url("transformer"))
            opened.callback(conn.close)
            with conn, conn.cursor() as cursor:
                cursor.execute(f"set search_path to {SCHEMA}")
            return conn

        yield connect


def say(
    why: str, expected: str, remedy: str, *, column: str | None = None, heading: str | None = None
) -> dict[str, Any]:
    """The words that travel with an expectation: why it is there, what is right, what to do when it is not.

    `column` is the column meant, where the expectation looks at one derived from it; `heading` is its published name.
    """
    return {"why": why, "expected": expected, "remedy": remedy, "column": column, "heading": heading}
