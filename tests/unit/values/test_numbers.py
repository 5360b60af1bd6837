"""Numbers as published: every spelling seen, and what is none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promise.vocabulary.numbers import LONGEST, Number, find_number, grammar


def test_the_grammar_has_examples_of_both_kinds() -> None:
    assert len(grammar().examples) > 10
    assert len(grammar().refused) > 10


@pytest.mark.parametrize(("published", "value"), grammar().examples.items())
def test_a_published_number_is_read_as_it_was_meant(published: str, value: str) -> None:
    assert number(published).value == Decimal(value)


@pytest.mark.parametrize("text", grammar().refused)
def test_what_could_mean_two_things_or_nothing_is_refused(text: str) -> None:
    assert find_number(text) is None


@pytest.mark.parametrize("text", ["1,5", "1.884,15", "1,23,456"])
def test_a_comma_that_may_be_either_makes_no_number(text: str) -> None:
    assert find_number(text) is None


def number(text: str) -> Number:
    found = find_number(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    ("published", "flag"),
    [("12r", "revised"), ("12.5 [p]", "provisional"), ("12(r)", "revised"), ("1,234 [e]", "estimated"), ("12", None)],
)
def test_a_letter_behind_a_number_says_how_final_it_is(published: str, flag: str | None) -> None:
    assert number(published).flag == flag


def test_a_percent_sign_is_remembered_and_the_value_stays_as_printed() -> None:
    found = number("89.0%")
    assert (found.value, found.percent) == (Decimal("89.0"), True)


def test_a_plain_number_carries_neither_percent_sign_nor_flag() -> None:
    assert number("12.50") == Number(Decimal("12.50"), percent=False, flag=None, published="12.50")


def test_a_text_is_a_number_up_to_a_length_that_no_number_has() -> None:
    assert number("1" * LONGEST).value == Decimal("1" * LONGEST)
    assert find_number("1" * (LONGEST + 1)) is None


def test_a_line_break_before_a_flag_is_no_space() -> None:
    assert find_number("12\n[r]") is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_whatever_is_printed_with_thousands_commas_is_read_back(value: Decimal) -> None:
    assert number(f"{value:,}").value == value
    assert number(f"{value:,}".replace("-", "−")).value == value


@given(st.text(max_size=80))
def test_no_text_makes_the_parser_fail(text: str) -> None:
    found = find_number(text)
    assert found is None or found.value.is_finite()
