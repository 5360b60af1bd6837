"""Which fraction a printed rate is: 461.538461538462 per 1,000 can only be 6 of 13, where an area has fewer than 1,000.

A rate as printed stands for the interval of half its last decimal either way. Two different fractions with
denominators up to Q lie at least 1/Q² apart, so a narrow enough interval holds one at most: the nearest is found by
continued fractions (`limit_denominator`), and its neighbours among the fractions up to Q (the Farey sequence) say
whether it is the only one.

In lowest terms, that is: 6/13 may stand for 12 of 26. What is answered is therefore whether the numerator *could be*
small and is one of few. A rate of 0 is no fraction to be found out: whether zeros are shown is another rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

SMALL = 10  # the issue's own limit: "numerator could be under 10"
# A rate that a program printed with all the digits of a binary number is wrong in the last of them.
BINARY = Fraction(1, 2**51)

Printed = str | Decimal


def interval(value: Printed, multiplier: int) -> tuple[Fraction, Fraction]:
    """The fractions between which a printed rate (with as many decimals as it is given) stands for."""
    printed = Decimal(value)
    exponent = printed.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"a rate is a number, and {printed} is none")
    exact = Fraction(printed)
    half = max(Fraction(10) ** exponent / 2, abs(exact) * BINARY)
    return (exact - half) / multiplier, (exact + half) / multiplier


def only_fraction(value: Printed, multiplier: int, largest_denominator: int) -> Fraction | None:
    """The one fraction in lowest terms, of denominators up to this, that is printed so; None: none is, or several."""
    low, high = interval(value, multiplier)
    found = ((low + high) / 2).limit_denominator(largest_denominator)
    if not low <= found <= high:
        return None
    return None if any(low <= other <= high for other in _neighbours(found, largest_denominator)) else found


def _neighbours(fraction: Fraction, largest_denominator: int) -> tuple[Fraction, Fraction]:
    """The fractions next below and above it among all with denominators up to this."""
    numerator, denominator = fraction.numerator, fraction.denominator
    inverse = pow(numerator, -1, denominator) if denominator > 1 else 0
    below, above = (
        largest_denominator - (largest_denominator - remainder) % denominator for remainder in (inverse, -inverse)
    )
    return (
        Fraction((numerator * below - 1) // denominator, below),
        Fraction((numerator * above + 1) // denominator, above),
    )


def reveals_small_numerator(
    value: Printed, multiplier: int, largest_denominator: int, below: int = SMALL
) -> Fraction | None:
    """The fraction that a printed rate gives back, where its numerator could be under this; None: it gives none."""
    found = only_fraction(value, multiplier, largest_denominator)
    return found if found is not None and 0 < abs(found.numerator) < below else None


def small_numerators(
    values: Sequence[Printed], multiplier: int, largest_denominators: Sequence[int], below: int = SMALL
) -> list[Fraction | None]:
    """The same of many rates, each with the largest denominator of its area: few are looked at exactly."""
    rates = np.abs(np.array([float(value) for value in values])) / multiplier
    exponents = np.array([-len(str(value).partition(".")[2]) for value in values], dtype=float)
    exact_only = np.array(["e" in str(value).lower() for value in values], dtype=bool)
    largest = np.array(largest_denominators, dtype=float)
    # A little wider than the exact interval: what is let through is looked at again.
    half = np.maximum(10.0**exponents / 2 / multiplier, rates * float(BINARY)) * (1 + 1e-6) + rates * 1e-15
    candidates = exact_only.copy()
    lowest = np.maximum(rates - half, 1e-300)
    for numerator in range(1, below):
        first = np.ceil(numerator / (rates + half) * (1 - 1e-12))
        candidates |= (first <= numerator / lowest * (1 + 1e-12)) & (first <= largest)
    found: list[Fraction | None] = [None] * len(values)
    for position in np.flatnonzero(candidates).tolist():
        found[position] = reveals_small_numerator(values[position], multiplier, largest_denominators[position], below)
    return found
