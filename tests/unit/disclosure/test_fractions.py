"""What a printed ratio gives back."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from promise.disclosure.fractions import fraction_of, reveals_small_numerator

FINE = [
    ("461.538461538462", 1000, Fraction(6, 13)),
    ("10.6382978723404", 100, Fraction(5, 47)),
    ("40.26845637583892", 1000, Fraction(6, 149)),
]
COARSE = [("461.5", 1000), ("10.6", 100), ("40.3", 1000), ("12.5", 100)]


@pytest.mark.parametrize(("printed", "multiplier", "fraction"), FINE)
def test_a_finely_printed_ratio_is_its_fraction(printed: str, multiplier: int, fraction: Fraction) -> None:
    assert fraction_of(Decimal(printed), multiplier, 20_000) == fraction
    assert reveals_small_numerator(Decimal(printed), multiplier, 20_000) == fraction


@pytest.mark.parametrize(("printed", "multiplier"), COARSE)
def test_of_a_coarsely_printed_one_there_are_many(printed: str, multiplier: int) -> None:
    assert fraction_of(Decimal(printed), multiplier, 20_000) is None


def test_who_knows_that_the_group_is_small_needs_fewer_decimals() -> None:
    assert fraction_of(Decimal("461.5"), 1000, 20) == Fraction(6, 13)


def test_what_is_left_of_the_group_is_a_count_too_and_large_ones_are_nobodys_secret() -> None:
    assert reveals_small_numerator(Decimal("98.2456140350877"), 100, 20_000) == Fraction(56, 57)
    assert reveals_small_numerator(Decimal("53.9735099337748"), 100, 20_000) is None
    assert reveals_small_numerator(Decimal("982.456140350877"), 1000, 20_000) is None


def test_neither_nobody_nor_everybody_is_a_small_number() -> None:
    assert reveals_small_numerator(Decimal("0.00000000"), 100, 2_000) is None
    assert reveals_small_numerator(Decimal("100.00000000"), 100, 2_000) is None
