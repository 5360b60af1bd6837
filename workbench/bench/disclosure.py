"""How long an attack on many figures takes, and how long it takes to choose what is withheld of dense tables."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable

import numpy as np
from numpy.typing import NDArray

from promise.disclosure import CannotProtect, Cell, Equation, attack, protect
from workbench.bench.figure import Figure, Sizes, timed

COUNCILS, AGES, MORE_AGES = 32, 4, 9
SMALL = 5
Place = tuple[int, int]


def measure(sizes: Sizes) -> Figure:
    cells, equations = sparse(tables=_tables(sizes.attacked, AGES))
    withheld = sum(not cell.is_shown for cell in cells)
    return Figure(
        f"attack {len(cells):,} figures",
        timed(lambda: attack(cells, equations)),
        None,
        "s",
        f"{len(equations):,} equations, {withheld:,} withheld; wanted: under 5 minutes for a million",
    )


def measure_protection(sizes: Sizes) -> Figure:
    cells, equations = dense(tables=_tables(sizes.protected, MORE_AGES))
    withheld = sum(not cell.is_shown for cell in cells)
    chosen: list[Hashable] = []

    def work() -> None:
        try:
            chosen.extend(protect(cells, equations))
        except CannotProtect as trouble:  # a row of one, beside zeros that are shown
            chosen.extend(trouble.withheld)

    seconds = timed(work)
    return Figure(
        f"protect {len(cells):,} figures",
        seconds,
        None,
        "s",
        f"{withheld / len(cells):.0%} withheld, and {len(chosen):,} more by us; wanted: under a minute for 10,000",
    )


def _tables(figures: int, ages: int) -> int:
    return max(1, figures // ((COUNCILS + 1) * (ages + 1)))


def sparse(tables: int) -> tuple[list[Cell], list[Equation]]:
    """Tables of councils by ages with the totals of both. What is under 5 is withheld, and with each three more that
    close a rectangle with it."""
    random = np.random.default_rng(14)
    # Councils differ about fiftyfold in size.
    size = np.geomspace(40, 2_000, COUNCILS)
    cells: list[Cell] = []
    equations: list[Equation] = []
    for table in range(tables):
        counts = _counts(random, size, AGES)
        small = {(int(council), int(age)) for council, age in np.argwhere(counts < SMALL)}
        partners = {(council, age) for council, one in small for age in (one, (one + 1) % AGES)}
        partners |= {((council + 1) % COUNCILS, age) for council, age in partners}
        cells += _cells(table, counts, small, partners)
        equations += _equations(table, AGES)
    return cells, equations


def dense(tables: int) -> tuple[list[Cell], list[Equation]]:
    """The same of more ages and fewer children, with nothing withheld but what is under 5: a quarter of all."""
    random = np.random.default_rng(5)
    size = np.geomspace(8, 540, COUNCILS)
    cells: list[Cell] = []
    equations: list[Equation] = []
    for table in range(tables):
        counts = _counts(random, size, MORE_AGES)
        small = {(int(council), int(age)) for council, age in np.argwhere((counts > 0) & (counts < SMALL))}
        cells += _cells(table, counts, small, ())
        equations += _equations(table, MORE_AGES)
    return cells, equations


def _counts(random: np.random.Generator, size: NDArray[np.float64], ages: int) -> NDArray[np.float64]:
    counts = np.zeros((COUNCILS + 1, ages + 1))
    counts[:COUNCILS, :ages] = random.poisson(np.outer(size, random.dirichlet(np.full(ages, 4.0))))
    counts[COUNCILS] = counts.sum(axis=0)
    counts[:, ages] = counts.sum(axis=1)
    return counts


def _cells(
    table: int, counts: NDArray[np.float64], small: Collection[Place], partners: Collection[Place]
) -> list[Cell]:
    """A zero is shown, and stays so."""
    return [
        Cell(
            (table, *place),
            float(count),
            is_shown=place not in small and place not in partners,
            low=0 if place in small else min(float(count), SMALL),
            high=SMALL - 1 if place in small else math.inf,
            cost=float(count) or None,
        )
        for place, count in np.ndenumerate(counts)
    ]


def _equations(table: int, ages: int) -> list[Equation]:
    equations = []
    for age in range(ages + 1):
        terms: dict[Hashable, float] = {(table, council, age): 1.0 for council in range(COUNCILS)}
        equations.append(Equation(f"column {age} of {table}", {**terms, (table, COUNCILS, age): -1.0}, 0, 0))
    for council in range(COUNCILS + 1):
        terms = {(table, council, age): 1.0 for age in range(ages)}
        equations.append(Equation(f"row {council} of {table}", {**terms, (table, council, ages): -1.0}, 0, 0))
    return equations
