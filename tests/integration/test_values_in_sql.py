"""One grammar, two engines: PostgreSQL reads numbers and periods as Python does, for every example there is."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from promise.vocabulary import UnknownValue, sql
from promise.vocabulary.numbers import find_number, grammar
from promise.vocabulary.period_forms import vocabulary
from promise.vocabulary.periods import read_period

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
STYLES = sorted(vocabulary().styles)


def test_a_number_is_the_same_number_in_sql(database: Connection[Any]) -> None:
    value, status = sql.number("published"), sql.number_status("published")
    for text in [*grammar().examples, *grammar().refused, *ODD_NUMBERS]:
        asked = f"select {value}, {status} from (select {sql.quoted(text)}::text as published) as cell"
        found = find_number(text)
        expected = (found.value, found.flag) if found else (None, None)
        assert database.execute(asked.encode()).fetchone() == expected, text


def test_a_period_is_the_same_two_days_in_sql(database: Connection[Any]) -> None:
    assert len(STYLES) > 10
    texts = [str(text) for form in vocabulary().forms for text in form.examples] + ODD_PERIODS
    for style in STYLES:
        edges = f"{sql.period(style, 'printed', 'start')}, {sql.period(style, 'printed', 'end')}"
        for text in texts:
            asked = f"select {edges} from (select {sql.quoted(text)}::text as printed) as cell"
            try:
                read = read_period(text, style)
                expected = (read.start, read.end)
            except UnknownValue:
                expected = (None, None)
            assert database.execute(asked.encode()).fetchone() == expected, (style, text)
