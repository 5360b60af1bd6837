"""How long an attack on many figures takes: tables of councils by ages with the totals of both, a few withheld."""

from __future__ import annotations

import math
from collections.abc import Hashable

import numpy as np

from promise.disclosure import Cell, Equation, attack
from workbench.bench.figure import Figure, Sizes, timed

COUNCILS, AGES = 32, 4
IN_A_TABLE = (COUNCILS + 1) * (AGES + 1)


def measure(sizes: Sizes) -> Figure:
    cells, equations = synthetic(tables=max(1, sizes.attacked // IN_A_TABLE))
    withheld = sum(not cell.is_shown for cell in cells)
    return Figure(
        f"attack {len(cells):,} figures",
        timed(lambda: attack(cells, equations)),
        None,
        "s",
        f"{len(equations):,} equations, {withheld:,} withheld; wanted: under 5 minutes for a million",
    )


def synthetic(tables: int) -> tuple[list[Cell], list[Equation]]:
    """Counts of which those under 5 are withheld, and with each three more that close a rectangle with it."""
    random = np.random.default_rng(14)
    # Councils differ about fiftyfold in size.
    size = np.geomspace(40, 2_000, COUNCILS)
    cells: list[Cell] = []
    equations: list[Equation] = []
    for table in range(tables):
        counts = np.zeros((COUNCILS + 1, AGES + 1))
        counts[:COUNCILS, :AGES] = random.poisson(np.outer(size, random.dirichlet(np.full(AGES, 4.0))))
        counts[COUNCILS] = counts.sum(axis=0)
        counts[:, AGES] = counts.sum(axis=1)
        withheld = {(int(council), int(age)) for council, age in np.argwhere(counts < 5)}
        partners = {(council, age) for council, one in withheld for age in (one, (one + 1) % AGES)}
        partners |= {((council + 1) % COUNCILS, age) for council, age in partners}
        for (council, age), count in np.ndenumerate(counts):
            is_small = (council, age) in withheld
            cells.append(
                Cell(
                    (table, council, age),
                    float(count),
                    (council, age) not in withheld | partners,
                    0 if is_small else 5,
                    4 if is_small else math.inf,
                )
            )
        for age in range(AGES + 1):
            terms: dict[Hashable, float] = {(table, council, age): 1.0 for council in range(COUNCILS)}
            equations.append(Equation(f"column {age} of {table}", {**terms, (table, COUNCILS, age): -1.0}, 0, 0))
        for council in range(COUNCILS + 1):
            terms = {(table, council, age): 1.0 for age in range(AGES)}
            equations.append(Equation(f"row {council} of {table}", {**terms, (table, council, AGES): -1.0}, 0, 0))
    return cells, equations
