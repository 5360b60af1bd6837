"""What an outsider can work out: every number that is not shown, against every equation that is known of it.

Shown numbers are taken out of the equations; what remains falls into systems that share no unknown, and each is asked
how narrow it pins its unknowns (`ranges`, which says what is promised).

**Where equations contradict each other** (publishers do), few are set aside so that the rest can be true, and each of
those is then tried alone: first with what is known of its numbers, then without their upper limits, since a total that
leaves 7 for a cell "under 5" gives 7 away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from promise.disclosure.model import Cell, Equation, Exposed
from promise.disclosure.ranges import Contradiction, Propagated, Range, Row, contradicted, fewest, narrow_ranges


def attack(cells: Sequence[Cell], equations: Sequence[Equation]) -> list[Exposed]:
    """The numbers that are not shown and are pinned to one value, or to a range as good as one, in the cells' order."""
    outsider = Outsider(cells, equations)
    found = {}
    for system in outsider.systems(outsider.unknown()):
        for finding in outsider.findings(system):
            low, high = finding.range
            names = outsider.names(outsider.explanation(finding))
            found[finding.place] = Exposed(outsider.cells[finding.place].key, low, high, names)
    return [found[place] for place in sorted(found)]


@dataclass(frozen=True)
class Finding:
    """An unknown that is pinned, and equations that are enough to pin it; `is_open`: whatever its upper limit says."""

    place: int
    range: Range
    numbers: tuple[int, ...]
    is_open: bool = False


class Outsider:
    """Cells and equations, indexed; which cells are shown may change."""

    def __init__(self, cells: Sequence[Cell], equations: Sequence[Equation]) -> None:
        self.cells = list(cells)
        self.equations = equations
        self.shown = [cell.is_shown for cell in cells]
        self.place: dict[Hashable, int] = {cell.key: place for place, cell in enumerate(cells)}
        if len(self.place) < len(cells):
            raise ValueError("Two cells have the same key")
        without = next((cell.key for cell in cells if cell.is_shown and cell.value is None), None)
        if without is not None:
            raise ValueError(f"{without!r} is shown and has no value")
        self.terms: list[list[tuple[int, float]]] = [
            [(self.place[key], coefficient) for key, coefficient in equation.terms.items() if coefficient]
            for equation in equations
        ]
        self.equations_of: list[list[int]] = [[] for _ in cells]
        self.equations_shown_with: dict[int, list[int]] = {}
        for number, equation in enumerate(equations):
            for place, _ in self.terms[number]:
                self.equations_of[place].append(number)
            for key in equation.shown_with:
                self.equations_shown_with.setdefault(self.place[key], []).append(number)

    def unknown(self) -> list[int]:
        return [place for place, is_shown in enumerate(self.shown) if not is_shown]

    def names(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.equations[number].name for number in numbers)

    def is_known(self, number: int) -> bool:
        return all(self.shown[self.place[key]] for key in self.equations[number].shown_with)

    def systems(self, unknown: Iterable[int]) -> Iterator[list[int]]:
        """The known equations over these unknowns and whatever they are tied to, as systems that share no unknown."""
        done: set[int] = set()
        for first in unknown:
            if first in done:
                continue
            done.add(first)
            reached, numbers = [first], set[int]()
            for place in reached:
                for number in self.equations_of[place]:
                    if number in numbers or not self.is_known(number):
                        continue
                    numbers.add(number)
                    for other, _ in self.terms[number]:
                        if not self.shown[other] and other not in done:
                            done.add(other)
                            reached.append(other)
            if numbers:
                yield sorted(numbers)

    def unknowns_of(self, numbers: Iterable[int]) -> list[int]:
        return list(dict.fromkeys(p for number in numbers for p, _ in self.terms[number] if not self.shown[p]))

    def findings(self, numbers: Sequence[int], wanted: Collection[int] | None = None) -> list[Finding]:
        """The unknowns that one system pins, of those that are wanted: all of them, if none are named."""
        try:
            return self._pinned(numbers, wanted)
        except Contradiction:
            pass
        cells, rows, _ = self._program(numbers)
        aside = {numbers[position] for position in contradicted(cells, rows)}
        findings = self._pinned([number for number in numbers if number not in aside], wanted)
        for number in sorted(aside):
            findings += self._pinned_alone(number, wanted)
        first = {finding.place: finding for finding in reversed(findings)}
        return list(first.values())

    def _pinned_alone(self, number: int, wanted: Collection[int] | None) -> list[Finding]:
        for is_open in (False, True):
            try:
                return self._pinned([number], wanted, is_open=is_open)
            except Contradiction:
                continue
        return []  # it cannot be true of any numbers, and so says nothing of them

    def _pinned(
        self, numbers: Sequence[int], wanted: Collection[int] | None = None, is_open: bool = False
    ) -> list[Finding]:
        if not numbers:
            return []
        cells, rows, places = self._program(numbers, is_open=is_open)
        sought = set(places if wanted is None else wanted)
        asked = [local for local, place in enumerate(places) if place in sought]
        ranges = narrow_ranges(cells, rows, asked)
        return [Finding(places[local], found, tuple(numbers), is_open) for local, found in ranges.items()]

    def _program(self, numbers: Sequence[int], is_open: bool = False) -> tuple[list[Cell], list[Row], list[int]]:
        places = self.unknowns_of(numbers)
        local = {place: position for position, place in enumerate(places)}
        rows = []
        for number in numbers:
            unknown = tuple((local[place], factor) for place, factor in self.terms[number] if place in local)
            shown = math.fsum(
                factor * (self.cells[place].value or 0) for place, factor in self.terms[number] if place not in local
            )
            equation = self.equations[number]
            rows.append(Row(unknown, equation.low - shown, equation.high - shown))
        cells = [self.cells[place] for place in places]
        if is_open:
            cells = [replace(cell, low=min(cell.low, 0), high=math.inf) for cell in cells]
        return cells, rows, places

    def explanation(self, finding: Finding) -> list[int]:
        """Few of the equations, enough to make it known: outwards until they do, then one after another left out."""

        def explains(numbers: Sequence[int]) -> bool:
            places = self.unknowns_of(numbers)
            if finding.place not in places:
                return False
            cells, rows, _ = self._program(numbers, is_open=finding.is_open)
            position = places.index(finding.place)
            return position in narrow_ranges(cells, rows, [position])

        by_arithmetic = self.explanations_by_arithmetic([finding]).get(finding)
        if by_arithmetic is not None:
            return by_arithmetic
        around: list[int] = []
        places = [finding.place]
        while len(around) < len(finding.numbers):
            tied = {number for place in places for number in self.equations_of[place]}
            around = [number for number in finding.numbers if number in tied]
            if explains(around):
                return fewest(around, explains)
            places = self.unknowns_of(around)
        return around

    def explanations_by_arithmetic(self, findings: Iterable[Finding]) -> dict[Finding, list[int]]:
        """The same of those that one equation after another gives, which spares a program for each that is left out."""
        found: dict[Finding, list[int]] = {}
        systems: dict[tuple[tuple[int, ...], bool], list[Finding]] = {}
        for finding in findings:
            systems.setdefault((finding.numbers, finding.is_open), []).append(finding)
        for (numbers, is_open), own in systems.items():
            enough = self._by_arithmetic(numbers, is_open, [finding.place for finding in own])
            for finding in own:
                if finding.place in enough:
                    found[finding] = fewest(enough[finding.place], self._is_enough(finding))
        return found

    def _is_enough(self, finding: Finding) -> Callable[[Sequence[int]], bool]:
        return lambda numbers: bool(self._by_arithmetic(numbers, finding.is_open, [finding.place]))

    def _by_arithmetic(self, numbers: Sequence[int], is_open: bool, wanted: Sequence[int]) -> dict[int, list[int]]:
        """Of the wanted unknowns that these equations give one after another, the equations that do."""
        cells, rows, places = self._program(numbers, is_open=is_open)
        local = {place: position for position, place in enumerate(places)}
        propagated = Propagated(cells, rows)
        return {
            place: [numbers[row] for row in propagated.rows_of(local[place])]
            for place in wanted
            if place in local and cells[local[place]].is_known(*propagated.range(local[place]))
        }
