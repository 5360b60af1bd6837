"""Fractions from printed ratios: 461.538461538462 per 1,000 is 6 of 13, and nothing else that a small group can be.

A ratio that is printed with many decimals is its fraction, by the theory of continued fractions: of all fractions with
a denominator up to Q at most one lies in an interval narrower than 1/Q² (Hardy and Wright, *An Introduction to the
Theory of Numbers*, chapter X). Printed with few decimals, many fractions fit, and none is given away.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

# Spreadsheets keep some fifteen digits; what they print beyond is their own.
DIGITS_OF_A_SPREADSHEET = 14


def fraction_of(printed: Decimal, multiplier: int, largest_denominator: int) -> Fraction | None:
    """The only fraction with a denominator up to the largest that is printed so, as a multiple; None: several are."""
    exponent = printed.as_tuple().exponent
    assert isinstance(exponent, int)  # neither infinite nor no number
    half = Fraction(1, 2) * Fraction(10) ** exponent / multiplier
    value = Fraction(printed) / multiplier
    half = max(half, abs(value) / 10**DIGITS_OF_A_SPREADSHEET)
    nearest = value.limit_denominator(largest_denominator)
    # Two fractions with these denominators are apart by at least this much.
    apart = Fraction(1, nearest.denominator * largest_denominator)
    return nearest if abs(nearest - value) <= half and 2 * half < apart else None


def reveals_small_numerator(
    printed: Decimal, multiplier: int, largest_denominator: int, below: int = 10
) -> Fraction | None:
    """The fraction that a printed ratio gives back, where what is counted, or what is left of the group, is few.

    Nobody and everybody are no fractions of any group: a publisher who prints 0 or 100 % knows what that says.
    """
    found = fraction_of(printed, multiplier, largest_denominator)
    if found is None or found in (0, 1):
        return None
    counted, rest = found.numerator, found.denominator - found.numerator
    return found if 0 < counted < below or (multiplier == 100 and 0 < rest < below) else None
