"""What can be worked out from numbers that are shown, and what is withheld against it."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from promise.disclosure import CannotProtect, Cell, Equation, attack, protect

# Children on the child protection register, 31 July 2021: the publisher withholds Orkney ("values less than 5 are
# suppressed"), the national total of 2,104 is public elsewhere. The councils that matter are by their names.
SMALLEST = {"Na h-Eileanan Siar": 5, "Shetland Islands": 8, "East Renfrewshire": 8}
OTHERS = {f"council {number}": 74 for number in range(27)} | {"council 27": 83}
SHOWN = {**SMALLEST, **OTHERS}


def orkney(total_may_go: bool = False) -> tuple[list[Cell], list[Equation]]:
    cells = [Cell("Orkney Islands", None, False, 0, 4)]
    cells += [Cell(name, value, True, 5, math.inf, cost=value) for name, value in SHOWN.items()]
    cells.append(Cell("Scotland", 2104, True, 5, math.inf, cost=5000 if total_may_go else None))
    terms = {cell.key: 1.0 for cell in cells} | {"Scotland": -1.0}
    return cells, [Equation("Scotland's total, 31 July 2021", terms, 0, 0)]


def withhold(cells: list[Cell], keys: list[object]) -> list[Cell]:
    return [replace(cell, is_shown=cell.is_shown and cell.key not in keys) for cell in cells]


def test_the_reference_case_adds_up() -> None:
    assert len(SHOWN) == 31
    assert sum(SHOWN.values()) == 2102


def test_the_only_withheld_council_is_what_the_total_leaves() -> None:
    [exposed] = attack(*orkney())
    assert (exposed.key, exposed.low, exposed.high) == ("Orkney Islands", 2, 2)
    assert exposed.equations == ("Scotland's total, 31 July 2021",)


def test_a_range_of_two_is_as_good_as_the_number() -> None:
    cells, equations = orkney()
    [orkney_found, siar_found] = attack(withhold(cells, ["Na h-Eileanan Siar"]), equations)
    assert (orkney_found.low, orkney_found.high) == (0, 2)
    assert (siar_found.low, siar_found.high) == (5, 7)


def test_more_is_withheld_until_the_attack_fails_and_no_more_than_that() -> None:
    cells, equations = orkney()
    chosen = protect(cells, equations)
    assert chosen == ["Shetland Islands"]  # beside which Na h-Eileanan Siar can be shown again
    assert attack(withhold(cells, list(chosen)), equations) == []


def brute(cells: list[Cell], equations: list[Equation]) -> dict[object, tuple[float, float]] | None:
    """The range of each unknown over every assignment that fits; None where none does."""
    unknown = [cell for cell in cells if not cell.is_shown]
    shown = {cell.key: cell.value or 0 for cell in cells if cell.is_shown}
    fitting = []
    for numbers in itertools.product(*(range(int(cell.low), int(cell.high) + 1) for cell in unknown)):
        world = {**shown, **{cell.key: number for cell, number in zip(unknown, numbers, strict=True)}}
        if all(
            equation.low - 1e-9
            <= sum(factor * world[key] for key, factor in equation.terms.items())
            <= equation.high + 1e-9
            for equation in equations
            if equation.shown_with <= shown.keys()
        ):
            fitting.append(numbers)
    if not fitting:
        return None
    return {
        cell.key: (min(column), max(column)) for cell, column in zip(unknown, zip(*fitting, strict=True), strict=True)
    }


@st.composite
def small_worlds(draw: st.DrawFn) -> tuple[list[Cell], list[Equation]]:
    """Up to five numbers, three of them withheld at most with up to seven values each, and equations true of them."""
    count = draw(st.integers(2, 5))
    cells = []
    for number in range(count):
        low = draw(st.integers(0, 4))
        high = low + draw(st.integers(0, 6))
        value = draw(st.integers(low, high))
        is_shown = draw(st.booleans()) if number < 3 else True
        cells.append(Cell(number, value, is_shown, low, high, cost=draw(st.sampled_from([None, value + 1.0]))))
    equations = []
    for number in range(draw(st.integers(1, 4))):
        terms = {cell.key: float(draw(st.sampled_from([0, 0, 1, 1, -1, 2, 3]))) for cell in cells}
        exact = sum(factor * (cells[key].value or 0) for key, factor in terms.items())
        slack = draw(st.sampled_from([0, 0, 0.5, 2]))
        shown_with = frozenset(draw(st.sets(st.integers(0, count - 1), max_size=1)))
        equations.append(Equation(f"equation {number}", terms, exact - slack, exact + slack, shown_with))
    return cells, equations


@settings(max_examples=400, deadline=None, derandomize=True)
@given(small_worlds())
def test_the_attack_finds_what_trying_every_number_finds(world: tuple[list[Cell], list[Equation]]) -> None:
    cells, equations = world
    ranges = brute(cells, equations)
    assert ranges is not None
    by_key = {cell.key: cell for cell in cells}
    expected = {key for key, found in ranges.items() if by_key[key].is_known(*found)}
    found = attack(cells, equations)
    assert {one.key for one in found} == expected
    for one in found:
        low, high = ranges[one.key]
        assert one.low <= low <= high <= one.high, "a range that is found contains the number"
        named = [equation for equation in equations if equation.name in one.equations]
        alone = brute(cells, named)
        assert alone is not None
        assert by_key[one.key].is_known(*alone[one.key]), "the equations that are named are enough"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(small_worlds())
def test_after_protection_nothing_is_found_and_nothing_was_withheld_needlessly(
    world: tuple[list[Cell], list[Equation]],
) -> None:
    cells, equations = world
    hopeless: set[object] = set()
    try:
        chosen = protect(cells, equations)
    except CannotProtect as error:
        chosen, hopeless = list(error.withheld), {one.key for one in error.exposed}
    left = {one.key for one in attack(withhold(cells, chosen), equations)}
    assert left <= hopeless
    for key in chosen:
        without = [other for other in chosen if other != key]
        assert {one.key for one in attack(withhold(cells, without), equations)} - hopeless, f"{key} could be shown"
    everything = [cell.key for cell in cells if cell.cost is not None]
    assert {one.key for one in attack(withhold(cells, everything), equations)} >= hopeless


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(1, 14), min_size=4, max_size=4), min_size=5, max_size=5))
def test_of_a_dense_table_many_are_withheld_at_once_and_none_of_them_needlessly(counts: list[list[int]]) -> None:
    """Against what is pinned in different rows and columns more is withheld before the next attack."""
    places = list(itertools.product(range(6), range(5)))
    full = [[*row, sum(row)] for row in counts]
    full.append([sum(column) for column in zip(*full, strict=True)])
    cells = []
    for row, column in places:
        count = full[row][column]
        is_small = count < 5
        cells.append(Cell((row, column), count, not is_small, 1 if is_small else 5, 4 if is_small else math.inf, count))
    equations = [
        Equation(f"row {row}", {(row, column): 1.0 for column in range(4)} | {(row, 4): -1.0}, 0, 0) for row in range(6)
    ] + [
        Equation(f"column {column}", {(row, column): 1.0 for row in range(5)} | {(5, column): -1.0}, 0, 0)
        for column in range(5)
    ]
    hopeless: set[object] = set()
    try:
        chosen = protect(cells, equations)
    except CannotProtect as error:
        chosen, hopeless = list(error.withheld), {one.key for one in error.exposed}
    assert {one.key for one in attack(withhold(cells, chosen), equations)} <= hopeless
    for key in chosen:
        without = [other for other in chosen if other != key]
        left = {one.key for one in attack(withhold(cells, without), equations)}
        assert left - hopeless, f"{key} could be shown"


def test_whole_numbers_are_taken_as_whole_where_arithmetic_and_fractions_see_nothing() -> None:
    cells = [Cell(name, None, False, 0, math.inf) for name in "abc"]
    equations = [Equation("weights", {"a": 35, "b": 55, "c": 77}, 698, 698)]
    assert brute([replace(cell, high=20) for cell in cells], equations) == {"a": (8, 8), "b": (2, 2), "c": (4, 4)}
    found = attack(cells, equations)
    assert [(one.key, one.low, one.high) for one in found] == [("a", 8, 8), ("b", 2, 2), ("c", 4, 4)]
