"""The door to Great Expectations: a checkpoint writes down what it came to, says nothing else and leaves nothing."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from psycopg import Connection

from expectations import gx
from expectations.verdicts import Entry, Verdict
from promise import database as db
from warehouse import runs

ROWS = "select n as line, n * 10 as cell from generate_series(1, 100) as n"


def asked() -> list[Any]:
    """One that passes, one that fails, one that cannot be judged."""
    import great_expectations.expectations as gxe

    words = gx.say("it matters", "something", "do that")
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=100, severity="warning", meta=words),
        gxe.ExpectColumnValuesToBeBetween(column="cell", max_value=970, severity="critical", meta=words),
        gxe.ExpectColumnValuesToNotBeNull(column="gone", severity="critical", meta=words),
    ]


def entry() -> Entry:
    with db.connect() as conn:
        return Entry(run_id=runs.open_run(conn), gate="publication", suite="a_table")


def judged(place: Entry) -> Sequence[Verdict]:
    with gx.session() as session:
        return session.run("hundred", ROWS, asked(), ["line"], place)


def written(conn: Connection[Any]) -> list[tuple[Any, ...]]:
    return conn.execute(
        "select gate, suite, vintage, expectation, severity, success, element_count, unexpected_count, sample"
        " from ops.expectation_result order by result_id"
    ).fetchall()


def test_a_checkpoint_writes_what_it_came_to_into_ops(database: Connection[Any]) -> None:
    place = entry()
    found = judged(place)
    assert [each.success for each in found] == [True, False, False]
    failed = [{"line": line, "cell": line * 10} for line in (98, 99, 100)]
    assert written(database) == [
        ("publication", "a_table", None, "expect_table_row_count_to_be_between", "warning", True, 100, 0,
         [{"observed": 100}]),
        ("publication", "a_table", None, "expect_column_values_to_be_between", "critical", False, 100, 3, failed),
        ("publication", "a_table", None, "expect_column_values_to_not_be_null", "critical", False, None, 1, None),
    ]  # fmt: skip
    before = written(database)
    judged(place)
    assert written(database) == before, "judging again replaces what was written"


@pytest.mark.usefixtures("database")
def test_it_says_nothing_and_warns_of_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    place = entry()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        judged(place)
    assert [str(each.message) for each in heard] == []
    assert capfd.readouterr() == ("", "")


def test_it_leaves_no_connection_and_no_table(database: Connection[Any]) -> None:
    judged(entry())
    assert database.execute("select relname from pg_class where relname ~ 'judged'").fetchall() == []
    for _ in range(50):  # a server process outlives its closed connection by a moment
        others = database.execute(
            "select query from pg_stat_activity where datname = current_database() and pid != pg_backend_pid()"
            " and backend_type = 'client backend'"
        ).fetchall()
        if not others:
            break
        time.sleep(0.1)
    assert others == []
