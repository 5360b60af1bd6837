"""How narrow the numbers of one system of equations can be pinned: linear and integer programs by HiGHS.

**What is promised.** A range that is found here always contains the number. Up to `LARGEST_INTEGER_SYSTEM` unknowns
whole numbers are taken as whole: 2x + 3y = 7 gives x = 2, which a linear program does not see. That a number is *not*
narrowly pinned is then proved by two solutions in which it differs by more. In larger systems whole numbers count as
fractions, which misses only what follows from wholeness alone; sums with coefficients of 1 and -1 in one table of two
dimensions lose nothing by it. A search that reaches `MOST_NODES` ends with the range proved so far, which may be too
wide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from promise.disclosure.model import Cell

LARGEST_INTEGER_SYSTEM = 1_000
MOST_NODES = 10_000
MOST_STEPS = 20  # of arithmetic, for each equation
# HiGHS keeps to its constraints within 1e-7 and to whole numbers within 1e-6; ours stands above both.
TOLERANCE = 1e-5
OPTIMAL, LIMIT_REACHED, INFEASIBLE = 0, 1, 2


class Contradiction(Exception):
    """No numbers at all fit these equations."""


@dataclass(frozen=True)
class Row:
    """One equation with what is shown taken out of it; its unknowns by their place in the system."""

    terms: tuple[tuple[int, float], ...]
    low: float
    high: float


Range = tuple[float, float]


def narrow_ranges(cells: Sequence[Cell], rows: Sequence[Row], wanted: Sequence[int]) -> dict[int, Range]:
    """The ranges of those unknowns, among the wanted, that these equations make known. Contradiction: nothing fits."""
    ranges = _of_one_sum(cells, rows[0]) if len(rows) == 1 else None
    if ranges is None:
        return _Program(cells, rows).narrow_ranges(wanted)
    return {place: ranges[place] for place in wanted if place in ranges and cells[place].is_known(*ranges[place])}


def contradicted(cells: Sequence[Cell], rows: Sequence[Row]) -> list[int]:
    """Of equations that cannot all be true, few that have to be set aside for the rest to fit."""
    return _Program(cells, rows).rows_to_set_aside()


def _of_one_sum(cells: Sequence[Cell], row: Row) -> dict[int, Range] | None:
    """The exact ranges of one equation's unknowns, where arithmetic gives them: all count alike and are of one kind."""
    size = abs(row.terms[0][1])
    kinds = {cells[place].is_integral for place, _ in row.terms}
    if len(kinds) > 1 or any(abs(abs(coefficient) - size) > TOLERANCE * size for _, coefficient in row.terms):
        return None
    low, high = row.low / size, row.high / size
    if kinds == {True}:
        low, high = _whole(low, high)
    ends = [_signed(cells[place], coefficient) for place, coefficient in row.terms]
    least, most = _Sum([end[0] for end in ends]), _Sum([end[1] for end in ends])
    if low > high + TOLERANCE or low > most.total + TOLERANCE or high < least.total - TOLERANCE:
        raise Contradiction
    ranges = {}
    for (place, coefficient), (own_low, own_high) in zip(row.terms, ends, strict=True):
        found = max(own_low, low - most.without(own_high)), min(own_high, high - least.without(own_low))
        ranges[place] = found if coefficient > 0 else (-found[1], -found[0])
    return ranges


def _signed(cell: Cell, coefficient: float) -> Range:
    return (cell.low, cell.high) if coefficient > 0 else (-cell.high, -cell.low)


class _Sum:
    """A sum of which some members may be infinite, and what it is without one of them."""

    def __init__(self, members: Sequence[float]) -> None:
        self.infinite = sum(1 for member in members if math.isinf(member))
        self.finite = math.fsum(member for member in members if not math.isinf(member))
        self.sign = next((member for member in members if math.isinf(member)), 0.0)

    @property
    def total(self) -> float:
        return self.sign if self.infinite else self.finite

    def without(self, member: float) -> float:
        if math.isinf(member):
            return self.sign if self.infinite > 1 else self.finite
        return self.sign if self.infinite else self.finite - member


def _whole(low: float, high: float) -> Range:
    """The whole numbers of a range, forgiving what arithmetic with fractions leaves."""
    return (
        math.ceil(low - TOLERANCE) if math.isfinite(low) else low,
        math.floor(high + TOLERANCE) if math.isfinite(high) else high,
    )


class Propagated:
    """What follows for each unknown from one equation after another, and from which: never narrower than the truth.

    Most of what can be worked out in a table falls to this arithmetic, which is what a person with a pencil does.
    """

    def __init__(self, cells: Sequence[Cell], rows: Sequence[Row]) -> None:
        self.cells = cells
        self.low = [float(cell.low) for cell in cells]
        self.high = [float(cell.high) for cell in cells]
        self.rows_of_low: list[frozenset[int]] = [frozenset()] * len(cells)
        self.rows_of_high: list[frozenset[int]] = [frozenset()] * len(cells)
        rows_of: list[list[int]] = [[] for _ in cells]
        for number, row in enumerate(rows):
            for place, _ in row.terms:
                rows_of[place].append(number)
        # Bounds may approach each other for ever; what was found by then is true all the same.
        left = MOST_STEPS * len(rows)
        waiting = dict.fromkeys(range(len(rows)))
        while waiting and left:
            left -= 1
            number = next(iter(waiting))
            del waiting[number]
            for place in self._tightened(number, rows[number]):
                waiting |= dict.fromkeys(other for other in rows_of[place] if other != number)

    def range(self, place: int) -> Range:
        return self.low[place], self.high[place]

    def rows_of(self, place: int) -> list[int]:
        return sorted(self.rows_of_low[place] | self.rows_of_high[place])

    def _tightened(self, number: int, row: Row) -> list[int]:
        ends = [
            (factor * self.low[place], factor * self.high[place])
            if factor > 0
            else (factor * self.high[place], factor * self.low[place])
            for place, factor in row.terms
        ]
        least, most = _Sum([end[0] for end in ends]), _Sum([end[1] for end in ends])
        size = max(abs(factor) for _, factor in row.terms)
        if row.low > most.total + TOLERANCE * size or row.high < least.total - TOLERANCE * size:
            raise Contradiction
        tightened = []
        for (place, factor), (own_least, own_most) in zip(row.terms, ends, strict=True):
            least_left, most_left = row.low - most.without(own_most), row.high - least.without(own_least)
            low, high = sorted((least_left / factor, most_left / factor))
            if self.cells[place].is_integral:
                low, high = _whole(low, high)
            is_higher, is_lower = low > self.low[place] + TOLERANCE, high < self.high[place] - TOLERANCE
            if is_higher or is_lower:
                # A sum's lower end is held up by the upper ends of the others, and the other way round.
                by_most = self._because(number, [other for other in row.terms if other[0] != place], is_most=True)
                by_least = self._because(number, [other for other in row.terms if other[0] != place], is_most=False)
                if is_higher:
                    self.low[place], self.rows_of_low[place] = low, by_most if factor > 0 else by_least
                if is_lower:
                    self.high[place], self.rows_of_high[place] = high, by_least if factor > 0 else by_most
                if self.low[place] > self.high[place] + TOLERANCE:
                    raise Contradiction
                tightened.append(place)
        return tightened

    def _because(self, number: int, others: Sequence[tuple[int, float]], is_most: bool) -> frozenset[int]:
        sides = ((self.rows_of_high if (factor > 0) == is_most else self.rows_of_low)[p] for p, factor in others)
        return frozenset({number}).union(*sides)


class _Program:
    def __init__(self, cells: Sequence[Cell], rows: Sequence[Row]) -> None:
        from scipy.sparse import csr_array

        self.cells = cells
        self.rows = rows
        self.is_whole = len(cells) <= LARGEST_INTEGER_SYSTEM
        self.integrality = np.array([int(self.is_whole and cell.is_integral) for cell in cells])
        # Each row is measured by its largest coefficient, so that one tolerance means the same in all of them.
        scales = [max(abs(coefficient) for _, coefficient in row.terms) for row in rows]
        self.low = np.array([row.low / scale for row, scale in zip(rows, scales, strict=True)])
        self.high = np.array([row.high / scale for row, scale in zip(rows, scales, strict=True)])
        self.matrix = csr_array(
            (
                [coefficient / scale for row, scale in zip(rows, scales, strict=True) for _, coefficient in row.terms],
                (
                    [number for number, row in enumerate(rows) for _ in row.terms],
                    [place for row in rows for place, _ in row.terms],
                ),
            ),
            shape=(len(rows), len(cells)),
        )
        self.lower = np.array([float(cell.low) for cell in cells])
        self.upper = np.array([float(cell.high) for cell in cells])
        self.seen_low = np.full(len(cells), math.inf)
        self.seen_high = np.full(len(cells), -math.inf)

    def narrow_ranges(self, wanted: Sequence[int]) -> dict[int, Range]:
        """Solutions that differ clear a number for good, and one may clear many: all at once first, then one by one."""
        propagated = Propagated(self.cells, self.rows)
        known = {p: propagated.range(p) for p in wanted if self.cells[p].is_known(*propagated.range(p))}
        self.lower, self.upper = np.array(propagated.low), np.array(propagated.high)
        if self._least(np.zeros(len(self.cells))) == math.inf:
            raise Contradiction
        unclear = [place for place in wanted if place not in known and self._is_unclear(place)]
        random = np.random.default_rng(len(self.cells))
        while len(unclear) > 1:
            objective = np.zeros(len(self.cells))
            objective[unclear] = random.choice([-1.0, 1.0], len(unclear))
            self._least(objective, is_boxed=True)
            self._least(-objective, is_boxed=True)
            before, unclear = len(unclear), [place for place in unclear if self._is_unclear(place)]
            if len(unclear) > before * 3 / 4:
                break
        ranges = known | {place: self._range(place) for place in unclear if self._is_unclear(place)}
        return {place: found for place, found in ranges.items() if self.cells[place].is_known(*found)}

    def _is_unclear(self, place: int) -> bool:
        low, high = float(self.seen_low[place]), float(self.seen_high[place])
        return low > high or self.cells[place].is_known(low, high)

    def _range(self, place: int) -> Range:
        objective = np.zeros(len(self.cells))
        objective[place] = 1
        low = self._least(objective)
        if self._is_unclear(place):
            high = -self._least(-objective)
            return _whole(low, high) if self.cells[place].is_integral else (low, high)
        return low, math.inf

    def _least(self, objective: NDArray[np.float64], is_boxed: bool = False) -> float:
        """What the objective cannot go below: reached, or proved as far as the search came. Infinite: nothing fits.

        A box makes sure that there is a solution at an end of it, where the system itself may have no end. Whole
        numbers that solve the linear program are the best of the whole ones: so most tables need no search.
        """
        found = self._solved(objective, is_boxed, np.zeros_like(self.integrality))
        if self.integrality.any() and found.status != INFEASIBLE and not self._is_whole_solution(found.x):
            found = self._solved(objective, is_boxed, self.integrality)
        if found.x is not None:
            solution = np.where(self.integrality == 1, np.round(found.x), found.x)
            self.seen_low = np.minimum(self.seen_low, solution)
            self.seen_high = np.maximum(self.seen_high, solution)
        if found.status == INFEASIBLE:
            return math.inf
        if found.status == OPTIMAL:
            return float(found.fun)
        if found.status == LIMIT_REACHED and found.mip_dual_bound is not None:
            return float(found.mip_dual_bound)
        return -math.inf

    def _solved(self, objective: NDArray[np.float64], is_boxed: bool, integrality: NDArray[np.int_]) -> Any:
        from scipy.optimize import Bounds, LinearConstraint, milp

        return milp(
            objective,
            integrality=integrality,
            bounds=Bounds(*(self._box() if is_boxed else (self.lower, self.upper))),
            constraints=LinearConstraint(self.matrix, self.low, self.high),
            options={"node_limit": MOST_NODES, "mip_rel_gap": 0},
        )

    def _is_whole_solution(self, solution: NDArray[np.float64] | None) -> bool:
        if solution is None:
            return False
        whole = solution[self.integrality == 1]
        return bool((np.abs(whole - np.round(whole)) <= TOLERANCE).all())

    def _box(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        numbers = np.abs(np.concatenate([self.lower, self.upper, self.low, self.high]))
        far = 10 * max(100.0, float(numbers[np.isfinite(numbers)].max(initial=0)))
        return np.maximum(self.lower, -far), np.minimum(self.upper, far)

    def rows_to_set_aside(self) -> list[int]:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import eye_array, hstack

        count = self.matrix.shape[0]
        slack = eye_array(count)
        found = milp(
            np.concatenate([np.zeros(len(self.cells)), np.ones(2 * count)]),
            integrality=np.concatenate([self.integrality, np.zeros(2 * count)]),
            bounds=Bounds(
                np.concatenate([self.lower, np.zeros(2 * count)]),
                np.concatenate([self.upper, np.full(2 * count, math.inf)]),
            ),
            constraints=LinearConstraint(hstack([self.matrix, slack, -slack]).tocsr(), self.low, self.high),
            options={"node_limit": MOST_NODES},
        )
        if found.x is None:
            return list(range(count))
        moved = found.x[len(self.cells) :].reshape(2, count).sum(axis=0)
        return [int(number) for number in np.flatnonzero(moved > TOLERANCE)]


def fewest(rows: Sequence[int], is_enough: Callable[[Sequence[int]], bool]) -> list[int]:
    """Of equations that are enough together, some that are and of which none can be left out."""
    kept = list(rows)
    size = len(kept) // 2
    while size >= 1:
        start = 0
        while start < len(kept) and len(kept) > 1:
            rest = kept[:start] + kept[start + size :]
            if rest and is_enough(rest):
                kept = rest
            else:
                start += size
        size //= 2
    return kept
