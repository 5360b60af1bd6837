"""Of a cell, numbers, markers, areas and periods are quoted, and nothing else."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from canaries import CANARIES, Canary
from hypothesis import given
from hypothesis import strategies as st

from promise.vocabulary.area_list import areas
from promise.vocabulary.markers import known_markers
from promise.vocabulary.period_forms import vocabulary
from promise.vocabulary.quoting import found, masked, of_database, quoted, without_values


@pytest.mark.parametrize(
    "text",
    [
        "11.1", "1,884.15", "83.7%", "−68", " 12 ", "[c]", "*", "dna", "Glasgow City", "S12000015", "S01006506",
        "http://statistics.gov.scot/id/statistical-geography/S12000049", "2022/23", "31 July 2024", "2022/24",
        "31 June 2020", "7,5", "1.2.3", "X12000001", "",
    ],
)  # fmt: skip
def test_a_number_a_marker_an_area_and_a_period_are_quoted(text: str) -> None:
    assert quoted(text) == text


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("Jamie lives with an aunt", "a text of 24 characters"),
        ("Glasgow City: Jamie", "a text of 19 characters"),
        ("3 children of one family", "a text of 24 characters"),
        ("2022/23 Jamie", "a text of 13 characters"),
        ("Q", "a text of 1 character"),
        ("<script>alert(1)</script>", "a text of 25 characters"),
        ("x" * 5000, "a text of 5,000 characters"),
    ],
)
def test_any_other_text_is_said_by_its_length(text: str, instead: str) -> None:
    assert quoted(text) == instead
    assert quoted(instead) == instead, "what was quoted before is quoted the same again"


def test_a_marker_is_quoted_where_its_source_declares_it() -> None:
    assert quoted("too few to say") == "a text of 14 characters"
    assert quoted("too few to say", {"too few to say": "withheld"}) == "too few to say"


@pytest.mark.parametrize("value", [None, 3, 2.5, Decimal("11.10"), date(2024, 7, 31), True])
def test_what_is_no_text_is_given_as_it_is(value: object) -> None:
    assert quoted(value) is value


def test_every_word_of_the_vocabularies_is_quoted() -> None:
    words = {*known_markers(), *areas().names, *areas().codes}
    words |= {str(example) for form in vocabulary().forms for example in form.examples}
    assert len(words) > 200
    assert [word for word in words if quoted(word) != word] == []


@given(st.text(alphabet=st.characters(categories=["Ll", "Lu"]), min_size=1).map(lambda letters: f"Jamie {letters}"))
def test_a_name_is_never_quoted(text: str) -> None:
    assert "Jamie" not in str(quoted(text))


@pytest.mark.parametrize("value", ["0101101007", 1001101006, Decimal("1001101006"), "EH99 1SP"])
def test_a_number_that_is_a_persons_is_never_quoted(value: object) -> None:
    assert str(quoted(value)).startswith("a text of ")


def test_within_a_sentence_what_may_be_quoted_stands_between_quotes() -> None:
    assert (found("2022/24"), found("Jamie"), found(3)) == ("'2022/24'", "a text of 5 characters", "3")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            'invalid input syntax for type numeric: "Jamie lives here"',
            "invalid input syntax for type numeric: a text of 16 characters",
        ),
        (
            'extra data after last expected column\nCONTEXT:  COPY t, line 3: "Jamie "Jay",0101101007"',
            "extra data after last expected column\nCONTEXT:  COPY t, line 3: a text of 22 characters",
        ),
        (
            "duplicate key\nDETAIL:  Key (child, year)=(Jamie, 2022) already exists.",
            "duplicate key\nDETAIL:  Key (child, year)=(a text of 11 characters) already exists.",
        ),
        ("Failing row contains (1, Jamie, null).", "Failing row contains (a text of 14 characters)."),
        (
            'value "99999999999" is out of range for type integer',
            "value '99999999999' is out of range for type integer",
        ),
        ('relation "marts.x" does not exist', 'relation "marts.x" does not exist'),
        ('column "a" of relation "b" is of type text', 'column "a" of relation "b" is of type text'),
    ],
)
def test_what_a_database_quotes_is_said_by_its_length(said: str, shown: str) -> None:
    assert of_database(said) == shown
    assert of_database(shown) == shown, "what was said before is said the same again"


# ----------------------------------------------------------------------------------------------- what errors quote

SOMEBODY = "Qqvist Wwoodbird"


def of_a_number() -> None:
    float(SOMEBODY)


def of_a_key() -> None:
    {"children": 1}[SOMEBODY]


def of_a_database() -> None:
    raise psycopg.DataError(f'value "{SOMEBODY}" is out of range for type integer')


def of_a_row() -> None:
    raise psycopg.errors.UniqueViolation(f"it is there twice\nDETAIL:  Key (name)=({SOMEBODY}) already exists.")


def behind_another() -> None:
    try:
        of_a_number()
    except ValueError as error:
        raise RuntimeError("the file could not be read") from error


def beside_another() -> None:
    try:
        of_a_key()
    finally:
        raise RuntimeError("nor could it be closed")


@pytest.mark.parametrize(
    "fails", [of_a_number, of_a_key, of_a_database, of_a_row, behind_another, beside_another],
    ids=lambda fails: fails.__name__,
)  # fmt: skip
def test_no_traceback_quotes_what_an_error_was_given(fails: Callable[[], None]) -> None:
    with pytest.raises(Exception) as failed:
        fails()
    assert SOMEBODY in "".join(traceback.format_exception(failed.value)), "there must be something to take out"
    without_values(failed.value)
    trace = "".join(traceback.format_exception(failed.value))
    assert SOMEBODY not in trace
    assert "a text of 16 characters" in trace
    assert "in of_a" in trace, "where it came from is still told"


def test_names_of_code_and_what_may_be_quoted_stay() -> None:
    errors = [KeyError("row_count"), ValueError("could not convert string to float: '1.2.3'"), KeyError(3)]
    before = list(map(str, errors))
    for error in errors:
        without_values(error)
    assert list(map(str, errors)) == before


def test_errors_of_each_other_come_to_an_end() -> None:
    one, other = ValueError("'A Person'"), ValueError("'Another Person'")
    one.__cause__, other.__cause__ = other, one
    without_values(one)
    assert "Person" not in f"{one}{other}"


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.kind)
def test_words_that_are_no_cells_are_said_without_what_a_rule_knows(canary: Canary) -> None:
    for words in (f"figures: {canary.in_a_cell}.csv is empty", f"the heading '{canary.in_a_cell}' is not described"):
        assert canary.text not in masked(words)
        assert "characters long" in masked(words)
        assert masked(canary.in_a_cell, permitted={canary.text}) == canary.in_a_cell


def test_an_address_may_hold_a_number_too() -> None:
    chi = CANARIES[1].text
    for address in (f"line 3:{chi}", f"result.records[0].{chi}", f"{chi}!B7"):
        assert chi not in masked(address)
    assert masked("line 3:value, HTTP 404 from https://publisher.example/a/b.csv") == (
        "line 3:value, HTTP 404 from https://publisher.example/a/b.csv"
    )
