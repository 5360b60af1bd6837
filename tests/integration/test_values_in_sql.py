"""One grammar, two engines: PostgreSQL reads numbers and periods as Python does, for every example there is, by dbt's
functions and by the expressions of the arrival checks."""

from __future__ import annotations

import itertools
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from promise import database as db
from promise.vocabulary import UnknownValue, sql
from promise.vocabulary.numbers import find_number, grammar
from promise.vocabulary.period_forms import vocabulary
from promise.vocabulary.periods import read_period
from warehouse import transform

ODD_NUMBERS = ["12r", "1,234 [p]", "45(r)", "-5", "0", "1e5", "dna", "*", "1 234 567", "+5", "5.", "..", "-%", "1,234%"]
ODD_PERIODS = [
    "2022/24",
    "31 June 2020",
    "2020-02-30",
    "9999",
    "2021 Foo snapshot",
    "2019 to 2022 calendar years; 3-year",
    "2024-01-31/P1M",
    "2024-02-30/P1Y",
    "2024-04-01/P99999999999Y",
    "2024-04-01/P0D",
    "2024-04-01/P45D",
    "2024-04-01/P200Y",
    "http://reference.data.gov.uk/id/quarter/2019-Q5",
    "http://reference.data.gov.uk/id/gregorian-interval/2015-13-01T00:00:00/P3Y",
]
MAKE = ["build", "--select", "path:functions/values", "--exclude-resource-type", "test"]
STYLES = sorted(vocabulary().styles)


@pytest.fixture
def functions(database: Connection[Any]) -> Connection[Any]:
    """An empty warehouse in which dbt has made the functions, as it does before all else."""
    make()
    return database


def make() -> None:
    transform.write_generated()
    with transform.environment():
        assert transform.invoke(MAKE).success


def read_all(conn: Connection[Any], read_by: str, texts: list[str]) -> list[tuple[Any, ...]]:
    """Each text with what it is read as."""
    cells = ", ".join(f"({sql.quoted(text)})" for text in texts)
    rows = conn.execute(f"select published, {read_by} from (values {cells}) as cell (published)".encode()).fetchall()
    assert len(rows) == len(texts)
    return rows


def test_a_number_is_the_same_number_in_sql(functions: Connection[Any]) -> None:
    value, status = sql.number("published"), sql.number_status("published")
    texts = [*grammar().examples, *grammar().refused, *ODD_NUMBERS]
    read_by = f"{value}, {status}, staging.published_number(published), staging.published_status(published)"
    for text, *read in read_all(functions, read_by, texts):
        found = find_number(text)
        expected = [found.value, found.flag] if found else [None, None]
        assert read == expected * 2, text


def test_a_period_is_the_same_two_days_in_sql(functions: Connection[Any]) -> None:
    assert len(STYLES) > 10
    texts = [str(text) for form in vocabulary().forms for text in form.examples] + ODD_PERIODS
    for style in STYLES:
        read_by = (
            f"{sql.period(style, 'published', 'start')}, {sql.period(style, 'published', 'end')},"
            f" staging.period_start('{style}', published), staging.period_end('{style}', published)"
        )
        for text, *read in read_all(functions, read_by, texts):
            try:
                period = read_period(text, style)
                expected = [period.start, period.end]
            except UnknownValue:
                expected = [None, None]
            assert read == expected * 2, (style, text)


def test_what_is_declared_immutable_is(functions: Connection[Any]) -> None:
    """PostgreSQL takes a function's word for it, but not an expression's by which it fills a column."""
    columns = {"number": ("numeric", sql.number("published")), "status": ("text", sql.number_status("published"))}
    edges: tuple[sql.Edge, ...] = ("start", "end")
    for style, edge in itertools.product(STYLES, edges):
        columns[f"{style}_{edge}"] = ("date", sql.period(style, "published", edge))
    functions.execute("create table staging.cell (published text)")
    for name, (kind, expression) in columns.items():
        functions.execute(
            f"alter table staging.cell add {name} {kind} generated always as ({expression}) stored".encode()
        )
    declared = functions.execute(
        "select proname, provolatile, proparallel from pg_proc where pronamespace = 'staging'::regnamespace order by 1"
    ).fetchall()
    assert declared == [(name, "i", "s") for name in sorted(sql.functions())]


def test_a_reader_executes_none_of_them(functions: Connection[Any]) -> None:
    with db.connect("reader") as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("select staging.published_number('1')")


def test_they_are_made_anew_under_the_views_that_use_them(functions: Connection[Any]) -> None:
    functions.execute(
        "create view staging.user_of_all as select staging.published_number(cell), staging.published_status(cell),"
        " staging.period_start('month', cell), staging.period_end('month', cell) from (values ('1')) as one (cell)"
    )
    make()
    assert functions.execute("select published_number from staging.user_of_all").fetchall() == [(1,)]
