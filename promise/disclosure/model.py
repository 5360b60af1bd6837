"""What an outsider can put together: numbers that are shown or not, and the equations between them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from promise.errors import PromiseError

# A range of two or less is as good as the number: the issue's own limit, for counts.
WIDEST_KNOWN_COUNT = 2
# Of other numbers, what is known to within a tenth either way is known. The limit is ours: the p% rule of statistical
# disclosure control leaves its p to the office that applies it.
KNOWN_WITHIN = 0.1


@dataclass(frozen=True)
class Cell:
    """A number that somebody could want to know: the children of one council in one year.

    `low` and `high` are what an outsider knows of it while it is not shown, before any equation: 0 to 4 where "values
    less than 5 are suppressed", 5 to infinity where the publisher gave it and we withhold it.
    """

    key: Hashable
    value: float | None  # None: its publisher withholds it, and we do not know it either
    is_shown: bool
    low: float = 0
    high: float = math.inf
    cost: float | None = None  # of withholding it; None or infinite: it may not be withheld
    is_integral: bool = True
    known_width: float | None = (
        None  # a range as wide as this, or narrower, is as good as the number; None: by the rule
    )

    def is_known(self, low: float, high: float) -> bool:
        """Whether somebody who knows that it lies in this range knows it, and knows more than before.

        A range that its publisher's own rule leaves narrow ("1 or 2") is not found out by narrowing nothing.
        """
        width = high - low
        if width >= self.high - self.low:
            return False
        if self.known_width is not None:
            return width <= self.known_width
        if self.is_integral:
            return width <= WIDEST_KNOWN_COUNT
        return width <= KNOWN_WITHIN * abs(high + low)


@dataclass(frozen=True)
class Equation:
    """What is known of some numbers together: sum(coefficient * number) lies in [low, high].

    Both are equal for an exact sum; the rounding of a printed rate gives them their distance; either may be infinite.
    """

    name: str  # in words, for people: "Scotland's total, 31 July 2021"
    terms: Mapping[Hashable, float]
    low: float
    high: float
    shown_with: frozenset[Hashable] = frozenset()  # it is known only while all of these are shown


@dataclass(frozen=True)
class Exposed:
    """A number that is not shown and can be worked out: its range, and the equations that give it."""

    key: Hashable
    low: float
    high: float
    equations: tuple[str, ...]

    def __str__(self) -> str:
        found = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
        return f"{self.key} is {found}, by {'; '.join(self.equations)}"


class CannotProtect(PromiseError):
    """Some numbers stay exposed whatever may be withheld. `withheld` is what protects all the others."""

    def __init__(self, exposed: Sequence[Exposed], withheld: Sequence[Hashable]) -> None:
        self.exposed = tuple(exposed)
        self.withheld = tuple(withheld)
        super().__init__(
            "Nothing more may be withheld, and these can still be worked out; withhold a number that stands in these"
            " equations, or do not publish one of them:\n" + "\n".join(f"  {one}" for one in self.exposed)
        )
