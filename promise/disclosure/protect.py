"""Which further numbers to withhold so that nothing withheld can be worked out.

**The rule.** While an attack pins a number, the cheapest shown number that stands in the equations that pin it is
withheld (of two as cheap, the one given first). When no attack succeeds any more, each number so chosen is shown
again, dearest first, and stays shown where the attacks still fail: so of what is withheld nothing could be shown by
itself. That is minimal, and need not be the cheapest of all choices, which is a program of two levels that no table of
ours is worth.

Where no number in the equations that pin a number may be withheld, no choice at all protects it: those equations stay
known whatever else goes.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence

from promise.disclosure.attack import Finding, Outsider
from promise.disclosure.model import CannotProtect, Cell, Equation, Exposed


def protect(cells: Sequence[Cell], equations: Sequence[Equation]) -> list[Hashable]:
    """Further shown cells to withhold, cheapest first, none of which could be shown again by itself.

    CannotProtect: some number stays exposed whatever is withheld; the exception knows what protects the others.
    """
    planner = _Planner(cells, equations)
    planner.withhold_until_safe()
    planner.show_what_may_be()
    chosen = [planner.outsider.cells[place].key for place in sorted(planner.chosen, key=planner.cost)]
    if planner.hopeless:
        raise CannotProtect([planner.hopeless[place] for place in sorted(planner.hopeless)], chosen)
    return chosen


class _Planner:
    def __init__(self, cells: Sequence[Cell], equations: Sequence[Equation]) -> None:
        self.outsider = Outsider(cells, equations)
        self.chosen: list[int] = []
        self.hopeless: dict[int, Exposed] = {}

    def cost(self, place: int) -> float:
        cost = self.outsider.cells[place].cost
        return math.inf if cost is None else cost

    def withhold_until_safe(self) -> None:
        open_places = dict.fromkeys(self.outsider.unknown())
        while open_places:
            numbers = next(self.outsider.systems(open_places), None)
            if numbers is None:
                return
            system = self.outsider.unknowns_of(numbers)
            pinned = self._pinned(numbers)
            if not pinned:
                for place in system:
                    open_places.pop(place, None)
                continue
            withheld = self._withhold_for(pinned[0])
            if withheld is not None:
                open_places |= dict.fromkeys([*system, *self._touched(withheld)])

    def show_what_may_be(self) -> None:
        for place in sorted(self.chosen, key=self.cost, reverse=True):
            self.outsider.shown[place] = True
            if any(self._pinned(numbers) for numbers in self.outsider.systems(self._touched(place))):
                self.outsider.shown[place] = False
            else:
                self.chosen.remove(place)

    def _pinned(self, numbers: Sequence[int]) -> list[Finding]:
        return [finding for finding in self.outsider.findings(numbers) if finding.place not in self.hopeless]

    def _touched(self, place: int) -> Iterable[int]:
        """The unknowns of which more or less is known once this number is withheld or shown."""
        numbers = [*self.outsider.equations_of[place], *self.outsider.equations_shown_with.get(place, [])]
        own = [] if self.outsider.shown[place] else [place]
        return [*own, *self.outsider.unknowns_of(numbers)]

    def _withhold_for(self, finding: Finding) -> int | None:
        """Withhold the cheapest number of the equations that pin it; None: there is none, and it is hopeless."""
        outsider = self.outsider
        cell = outsider.cells[finding.place]
        numbers = outsider.explanation(finding)
        candidates = {
            place
            for number in numbers
            for place in (
                *(place for place, _ in outsider.terms[number]),
                *(outsider.place[key] for key in outsider.equations[number].shown_with),
            )
            if outsider.shown[place] and math.isfinite(self.cost(place))
        }
        if not candidates:
            self.hopeless[finding.place] = Exposed(cell.key, *finding.range, outsider.names(numbers))
            return None
        cheapest = min(candidates, key=lambda place: (self.cost(place), place))
        chosen = outsider.cells[cheapest]
        if not chosen.low <= (chosen.value or 0) <= chosen.high:
            raise ValueError(f"{chosen.key!r}: its value is not in the range that an outsider would know of it")
        outsider.shown[cheapest] = False
        self.chosen.append(cheapest)
        return cheapest
