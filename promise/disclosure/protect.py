"""Which further numbers to withhold so that nothing withheld can be worked out.

**The rule.** While an attack pins a number, the cheapest shown number that stands in the equations that pin it is
withheld (of two as cheap, the one given first), for all that are pinned whose equations have nothing to do with each
other before the next attack. When no attack succeeds any more, each number so chosen is shown
again, dearest first, and stays shown where the attacks still fail: so of what is withheld nothing could be shown by
itself. That is minimal, and need not be the cheapest of all choices, which is a program of two levels that no table of
ours is worth.

Where no number in the equations that pin a number may be withheld, no choice at all protects it: those equations stay
known whatever else goes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence

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
        self.chosen: dict[int, Finding] = {}  # what was withheld, and which finding it was against
        self.hopeless: dict[int, Exposed] = {}
        # What was not pinned. Withholding more widens every range, so nothing of it need be asked again meanwhile.
        self.safe: set[int] = set()

    def cost(self, place: int) -> float:
        cost = self.outsider.cells[place].cost
        return math.inf if cost is None else cost

    def withhold_until_safe(self) -> None:
        while True:
            self._withhold_more()
            # Of equations that contradict each other others may be set aside than before, and that is no widening.
            self.safe.clear()
            if not any(self._pinned(numbers) for numbers in self.outsider.systems(self.outsider.unknown())):
                return

    def _withhold_more(self) -> None:
        open_places = dict.fromkeys(self.outsider.unknown())
        while open_places:
            numbers = next(self.outsider.systems(open_places), None)
            if numbers is None:
                return
            system = self.outsider.unknowns_of(numbers)
            asked = [place for place in system if place not in self.safe]
            pinned = self._pinned(numbers, asked)
            self.safe |= {*asked} - {finding.place for finding in pinned}
            if not pinned:
                for place in system:
                    open_places.pop(place, None)
                continue
            open_places |= dict.fromkeys(system)
            for withheld in self._withhold_for(pinned):
                open_places |= dict.fromkeys(self._touched(withheld))

    def show_what_may_be(self) -> None:
        for place in sorted(self.chosen, key=self.cost, reverse=True):
            self.outsider.shown[place] = True
            if self._is_needed(place):
                self.outsider.shown[place] = False
            else:
                del self.chosen[place]

    def _is_needed(self, place: int) -> bool:
        """Whether something is pinned now that this is shown. What it was withheld against is the likeliest."""
        against = self.chosen[place].place
        systems = [*self.outsider.systems(self._touched(place))]
        own = [numbers for numbers in systems if against in self.outsider.unknowns_of(numbers)]
        return any(self._pinned(numbers, [against]) for numbers in own) or any(map(self._pinned, systems))

    def _pinned(self, numbers: Sequence[int], wanted: Collection[int] | None = None) -> list[Finding]:
        return [finding for finding in self.outsider.findings(numbers, wanted) if finding.place not in self.hopeless]

    def _touched(self, place: int) -> Iterable[int]:
        """The unknowns of which more or less is known once this number is withheld or shown."""
        numbers = [*self.outsider.equations_of[place], *self.outsider.equations_shown_with.get(place, [])]
        own = [] if self.outsider.shown[place] else [place]
        return [*own, *self.outsider.unknowns_of(numbers)]

    def _withhold_for(self, pinned: Sequence[Finding]) -> Iterator[int]:
        """Withhold against each of these, as far as what is withheld against one cannot have helped another."""
        explanations = self.outsider.explanations_by_arithmetic(pinned)
        changed: set[int] = set()
        for finding in pinned:
            if finding not in explanations and changed:
                continue
            numbers = explanations.get(finding) or self.outsider.explanation(finding)
            if not changed.isdisjoint(numbers):
                continue
            withheld = self._cheapest(finding, numbers)
            if withheld is not None:
                self.outsider.shown[withheld] = False
                self.chosen[withheld] = finding
                changed |= {
                    *self.outsider.equations_of[withheld],
                    *self.outsider.equations_shown_with.get(withheld, []),
                }
                yield withheld

    def _cheapest(self, finding: Finding, numbers: Sequence[int]) -> int | None:
        """The cheapest number of the equations that pin it; None: there is none, and it is hopeless."""
        outsider = self.outsider
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
            key = outsider.cells[finding.place].key
            self.hopeless[finding.place] = Exposed(key, *finding.range, outsider.names(numbers))
            return None
        cheapest = min(candidates, key=lambda place: (self.cost(place), place))
        chosen = outsider.cells[cheapest]
        if not chosen.low <= (chosen.value or 0) <= chosen.high:
            raise ValueError(f"{chosen.key!r}: its value is not in the range that an outsider would know of it")
        return cheapest
