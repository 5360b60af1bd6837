"""Great Expectations, kept behind one door: a context that leaves no trace, and its results in our words.

The import takes 3 seconds and cannot be narrowed (its `__init__` loads everything), so it happens inside functions,
and the gates open a session only when there is something to judge.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from psycopg import sql

from expectations.verdicts import SAMPLE, Verdict
from promise import database

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.datasource.fluent import PostgresDatasource
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation

SCHEMA = "staging"  # where the rows stand that are being judged: whoever builds it may judge it


class Session:
    """One ephemeral context over the warehouse, for as many suites as a gate has."""

    def __init__(self, datasource: PostgresDatasource) -> None:
        self._datasource = datasource
        self._tables = 0

    def run(self, suite: str, query: str, expectations: Sequence[Expectation], address: Sequence[str]) -> list[Verdict]:
        """Judge the rows of a query, in the order of the expectations.

        `address` names the columns by which an offending row can be found; they are part of every sample.
        """
        import great_expectations as gx

        # Results come back in an order of GX's own; the number in meta restores ours.
        for number, expectation in enumerate(expectations):
            expectation.meta = {**(expectation.meta or {}), "number": number}
        with self._table(query) as table:
            outcome = self._batch(suite, table).validate(
                gx.ExpectationSuite(suite, expectations=list(expectations)),
                result_format={
                    "result_format": "SUMMARY",
                    "unexpected_index_column_names": list(address),
                    "return_unexpected_index_query": False,
                    "partial_unexpected_count": SAMPLE,
                },
            )
        verdicts = dict(map(_verdict, outcome.results))
        return [verdicts[number] for number in range(len(expectations))]

    @contextlib.contextmanager
    def _table(self, query: str) -> Iterator[str]:
        """The rows of the query as a table of our own while the block runs.

        A query asset would be computed anew for every metric, and GX fetches all of it to learn its columns. A
        temporary table would tie all of GX's statements to one connection, which a pooler does not promise.
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

    def _batch(self, suite: str, table: str) -> Batch:
        with warnings.catch_warnings():
            # Deprecated in favour of a setting that GX's PostgreSQL datasource does not have (1.24).
            warnings.filterwarnings("ignore", message="`?schema_name", category=DeprecationWarning)
            asset = self._datasource.add_table_asset(suite, table_name=table, schema_name=SCHEMA)
        return asset.add_batch_definition_whole_table("all").get_batch()


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
    datasource = context.data_sources.add_postgres("warehouse", connection_string=_url())
    try:
        yield Session(datasource)
    finally:
        # It keeps two pools; an idle one would hold up whoever drops or renames a schema next.
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()


def say(
    why: str, expected: str, remedy: str, *, column: str | None = None, heading: str | None = None
) -> dict[str, Any]:
    """The words that travel with an expectation: why it is there, what is right, what to do when it is not.

    `column` is the column meant, where the expectation looks at one derived from it; `heading` is its published name.
    """
    return {"why": why, "expected": expected, "remedy": remedy, "column": column, "heading": heading}


def _url() -> str:
    from sqlalchemy.engine import URL

    here = database.parts("transformer")
    # GX refuses a URL without a host, and a socket is a folder.
    socket = here["host"].startswith("/")
    url = URL.create(
        "postgresql+psycopg2",
        username=here["user"],
        password=here["password"],
        host="localhost" if socket else here["host"],
        port=here["port"],
        database=here["dbname"],
        query={"host": here["host"]} if socket else {},
    )
    return str(url.render_as_string(hide_password=False))


def _verdict(item: ExpectationValidationResult) -> tuple[int, Verdict]:
    """One result of GX as a numbered verdict; one that had nothing to check has failed."""
    config = item.expectation_config
    assert config is not None
    words: dict[str, Any] = dict(config.meta or {})
    result: dict[str, Any] = dict(item.result or {})
    error = (item.exception_info or {}).get("exception_message")
    if error is None and (item.exception_info or {}).get("raised_exception") is not False:
        # With several failing metrics the information is a mapping of them.
        each_metric = [info for info in (item.exception_info or {}).values() if isinstance(info, dict)]
        error = "; ".join(sorted({str(info.get("exception_message")) for info in each_metric})) or "no reason given"
    checked = _checked(config.kwargs, result)
    vacuous = not error and not checked
    return int(words["number"]), Verdict(
        expectation=config.type,
        column=words.get("column") or config.kwargs.get("column"),
        severity=str(getattr(config.severity, "value", config.severity)),
        success=bool(item.success) and not vacuous and not error,
        checked=checked,
        unexpected=_unexpected(bool(item.success), result),
        rows=tuple(_rows(result)),
        observed=result.get("observed_value"),
        why=words["why"],
        expected=words["expected"],
        remedy=words["remedy"],
        heading=words.get("heading"),
        vacuous=vacuous,
        error=error or None,
    )


def _checked(kwargs: dict[str, Any], result: dict[str, Any]) -> int | None:
    """How much there was to check. Most expectations pass on nothing at all, so this is asked of every one."""
    if "element_count" in result:  # rows; a null was passed over except where null was the question
        return int(result["element_count"]) - int(result.get("missing_count") or 0)
    if "value_set" in kwargs and "missing_count" in result:  # distinct values that were there
        return len(kwargs["value_set"]) - int(result["missing_count"]) + int(result["unexpected_count"])
    observed = result.get("observed_value")  # a number of rows or of distinct values
    return int(observed) if isinstance(observed, int | float) else None


def _unexpected(success: bool, result: dict[str, Any]) -> int:
    """How much was wrong: rows, values that are missing from a set or unknown to it, or one count."""
    if result.get("unexpected_count") is None:  # nor is there a count where there was nothing to count
        return 0 if success else 1
    missing = 0 if "element_count" in result else result.get("missing_count") or 0
    return int(result["unexpected_count"]) + int(missing)


def _rows(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The offending rows, at most SAMPLE; for a set, the values that are missing from it or unknown to it."""
    found = result.get("partial_unexpected_index_list")
    if found is not None:
        yield from found[:SAMPLE]
    elif "partial_missing_list" in result:
        yield from ({"missing": value} for value in result["partial_missing_list"][:SAMPLE])
        yield from ({"unknown": value} for value in result["partial_unexpected_list"][:SAMPLE])
    elif result.get("observed_value") is not None:
        yield {"observed": result["observed_value"]}
