"""A printed rate gives its numerator back, or it does not."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promise.disclosure.fractions import interval, only_fraction, reveals_small_numerator, small_numerators


@pytest.mark.parametrize(
    ("printed", "multiplier", "largest", "fraction"),
    [
        pytest.param("461.538461538462", 1000, 1000, Fraction(6, 13), id="sixteen digits per 1,000"),
        pytest.param("461.53846153846155", 1000, 1000, Fraction(6, 13), id="a binary number printed whole"),
        pytest.param("46.1538", 100, 100, Fraction(6, 13), id="four decimals of a small area"),
        pytest.param("46.2", 100, 1000, None, id="one decimal stands for many fractions"),
        pytest.param("461.5385", 1000, 10_000_000, None, id="a denominator that may be anything"),
        pytest.param("923.0769230769231", 1000, 1000, None, id="12 of 13 is no small number"),
        pytest.param("0", 100, 10, None, id="zero is another rule's"),
    ],
)
def test_a_rate_gives_a_small_numerator_back_or_does_not(
    printed: str, multiplier: int, largest: int, fraction: Fraction | None
) -> None:
    assert reveals_small_numerator(printed, multiplier, largest) == fraction
    assert small_numerators([printed], multiplier, [largest]) == [fraction]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 6), st.integers(40, 60))
def test_the_only_fraction_is_the_only_one_of_all(
    numerator: int, denominator: int, decimals: int, largest: int
) -> None:
    printed = f"{Decimal(100 * numerator) / denominator:.{decimals}f}"
    low, high = interval(printed, 100)
    every = {Fraction(n, d) for d in range(1, largest + 1) for n in range(int(low * d), int(high * d) + 2)}
    fitting = {fraction for fraction in every if low <= fraction <= high}
    assert only_fraction(printed, 100, largest) == (next(iter(fitting)) if len(fitting) == 1 else None)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5000), st.integers(0, 16)), min_size=1))
def test_many_at_once_are_what_each_is(rates: list[tuple[int, int, int]]) -> None:
    printed = [f"{Decimal(1000 * numerator) / denominator:.{decimals}f}" for numerator, denominator, decimals in rates]
    largest = [denominator * 2 for _, denominator, _ in rates]
    assert small_numerators(printed, 1000, largest) == [
        reveals_small_numerator(value, 1000, most) for value, most in zip(printed, largest, strict=True)
    ]
