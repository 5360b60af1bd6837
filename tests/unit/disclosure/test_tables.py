"""Tables of counts that come unsuppressed leave with nothing that could be worked out."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from promise.disclosure import CannotProtect, Cell, Equation, attack
from promise.disclosure.tables import Known, rounded, sums, suppress
from promise.errors import PromiseError

# Two levels of areas and one of ages: totals and subtotals.
AREAS = {"Scotland": None, "North": "Scotland", "South": "Scotland", "N1": "North", "N2": "North", "N3": "North",
         "S1": "South", "S2": "South", "S3": "South"}  # fmt: skip
AGES = {"all": None, "0 to 4": "all", "5 to 11": "all", "12 to 17": "all"}
DIMENSIONS = {"area": AREAS, "age": AGES}
LEAVES = [("N1", "N2", "N3", "S1", "S2", "S3"), ("0 to 4", "5 to 11", "12 to 17")]


def table(counts: dict[tuple[str, str], int]) -> pd.DataFrame:
    def inside(member: str, whole: str, parents: dict[str, str | None]) -> bool:
        return member == whole or (parents[member] is not None and inside(parents[member] or "", whole, parents))

    rows = [
        (area, age, sum(n for (a, g), n in counts.items() if inside(a, area, AREAS) and inside(g, age, AGES)))
        for area, age in itertools.product(AREAS, AGES)
    ]
    return pd.DataFrame(rows, columns=["area", "age", "children"])


def random_counts(seed: int) -> dict[tuple[str, str], int]:
    numbers = np.random.default_rng(seed).poisson(12, 18) * np.random.default_rng(seed + 1).choice([0, 1, 1, 1], 18)
    return dict(zip(itertools.product(*LEAVES), numbers.tolist(), strict=True))


def cells_of(published: pd.DataFrame) -> list[Cell]:
    bounds = {"suppressed_primary": (1, 4), "suppressed_secondary": (5, math.inf), "shown": (0, math.inf)}
    return [
        Cell((area, age), None if pd.isna(children) else children, status == "shown", *bounds[status])
        for area, age, children, status in published[["area", "age", "children", "status"]].itertuples(index=False)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_nothing_withheld_can_be_worked_out_from_totals_and_subtotals(seed: int) -> None:
    published = suppress(table({**random_counts(seed), ("N1", "0 to 4"): 3}), DIMENSIONS, "children")
    cells = cells_of(published)
    assert attack(cells, list(sums([cell.key for cell in cells], DIMENSIONS))) == []
    assert "suppressed_secondary" in set(published["status"])
    assert (published.loc[published["status"] != "shown", "reason"] != "").all()


def test_primary_suppression_alone_is_undone_by_a_total() -> None:
    counts = table(dict.fromkeys(itertools.product(*LEAVES), 20) | {("N1", "0 to 4"): 3})
    cells = [Cell((area, age), children, children >= 5, 1, 4) for area, age, children in counts.itertuples(index=False)]
    [exposed] = attack(cells, list(sums([cell.key for cell in cells], DIMENSIONS)))
    assert (exposed.key, exposed.low, exposed.high) == (("N1", "0 to 4"), 3, 3)


COUNTS = pd.DataFrame({"area": ["A", "B", "C"], "children": [3, 9, 12]})
A, B, C = ("A",), ("B",), ("C",)
OUTSIDE = {
    "A and B are one area of another geography": Equation("another geography", {A: 1, B: 1}, 12, 12),
    "an earlier vintage of A and B together": Equation("earlier vintage", {A: 1, B: 1}, 12, 12),
    "the rate of A with B, of 13 people": Equation("rate", {A: 1000 / 13, B: 1000 / 13}, 923.05, 923.15),
    "A is the complement of B in a known whole": Equation("known whole", {A: -1, B: -1}, -12, -12),
}


@pytest.mark.parametrize("equation", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_what_is_known_besides_is_answered_by_withholding_more(equation: Equation) -> None:
    primary = [Cell(A, None, False, 1, 4), Cell(B, 9, True), Cell(C, 12, True)]
    assert [found.key for found in attack(primary, [equation])] == [A]
    published = suppress(COUNTS, {"area": dict.fromkeys("ABC")}, "children", known=Known(equations=[equation]))
    assert published["status"].tolist() == ["suppressed_primary", "suppressed_secondary", "shown"]


def test_a_rate_that_others_publish_cannot_be_answered_and_one_of_ours_goes_with_its_count() -> None:
    areas = {"area": dict.fromkeys("ABC")}
    rate = Equation("A's rate", {A: 1000 / 13}, 230.76, 230.78)
    with pytest.raises(CannotProtect, match="A's rate"):
        suppress(COUNTS, areas, "children", known=Known(equations=[rate]))
    ours = Known(equations=[replace(rate, shown_with=frozenset({A}))])
    assert suppress(COUNTS, areas, "children", known=ours)["status"].tolist() == [
        "suppressed_primary",
        "shown",
        "shown",
    ]


def test_zeros_are_shown_unless_they_are_not() -> None:
    counts = pd.DataFrame({"area": ["A", "B"], "children": [0, 9]})
    areas = {"area": dict.fromkeys("AB")}
    assert suppress(counts, areas, "children")["status"].tolist() == ["shown", "shown"]
    hidden = suppress(counts, areas, "children", are_zeros_shown=False)
    assert hidden["status"].tolist() == ["suppressed_primary", "shown"]
    assert hidden["children"].isna().tolist() == [True, False]


def test_rounded_tables_stay_additive() -> None:
    published = rounded(table(random_counts(1)), DIMENSIONS, "children").set_index(["area", "age"])["children"]
    assert (published % 5 == 0).all()
    for equation in sums(list(published.index), DIMENSIONS):
        assert sum(factor * published[key] for key, factor in equation.terms.items()) == 0


def test_a_table_that_is_not_one_of_counts_is_refused() -> None:
    areas = {"area": dict.fromkeys("AB")}
    with pytest.raises(PromiseError, match="not a whole number"):
        suppress(pd.DataFrame({"area": ["A"], "children": [2.5]}), areas, "children")
    with pytest.raises(PromiseError, match="two counts"):
        suppress(pd.DataFrame({"area": ["A", "A"], "children": [2, 3]}), areas, "children")
    with pytest.raises(PromiseError, match="no such member"):
        suppress(pd.DataFrame({"area": ["C"], "children": [2]}), areas, "children")
