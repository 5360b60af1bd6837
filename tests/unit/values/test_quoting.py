"""Of a cell, numbers, markers, areas and periods are quoted, and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promise.vocabulary.area_list import areas
from promise.vocabulary.markers import known_markers
from promise.vocabulary.period_forms import vocabulary
from promise.vocabulary.quoting import quoted


@pytest.mark.parametrize(
    "text",
    [
        "11.1", "1,884.15", "83.7%", "−68", " 12 ", "[c]", "*", "dna", "Glasgow City", "S12000015", "S01006506",
        "http://statistics.gov.scot/id/statistical-geography/S12000049", "2022/23", "31 July 2024", "2022/24",
        "31 June 2020", "",
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
