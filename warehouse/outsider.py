"""What an outsider knows of our figures: what is shown of them, and how published figures hang together.

Asked are only those that have to do with a withheld one: the same period, and measures that are tied to each other by
their ratios, their parts or a total. Of each figure the count matters: the figure itself, or what stands above the line
of a ratio. What is published beside what (`framework/`) gives the equations:

* Scotland is the sum of the councils, and so is a total that somebody else publishes (`framework/totals.yml`);
* a measure is the sum of its parts, and one of its breakdowns the sum of its values;
* a ratio times what it is of is its count, as exactly as it is printed; a count that two measures share is one count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from psycopg import Connection, sql

from promise.catalogue.framework import framework
from promise.catalogue.framework_measures import PER, Measure
from promise.disclosure.model import Cell, Equation
from promise.vocabulary.area_list import areas
from promise.vocabulary.periods import read_period

SCOTLAND = "S92000003"
TOTAL = ("total", "total")
NEVER = -1.0  # no range is as narrow: what it is of is nobody's secret


class Figure(NamedTuple):
    """What a figure is of."""

    measure_id: str
    area_code: str
    period_start: date
    period_end: date
    breakdown: str = "total"
    breakdown_value: str = "total"


class Key(NamedTuple):
    """A number of a figure: its count, or whether the figure is shown at all."""

    figure: Figure
    what: Literal["count", "figure"] = "count"


class Published(NamedTuple):
    """A figure as somebody sees it; a column of COLUMNS each."""

    figure: Figure
    obs_value: float | None
    numerator: float | None
    denominator: float | None
    decimals_printed: int | None
    withheld_by: str | None  # the publisher or us; None: it is shown, or missing
    suppressed_below: int | None


COLUMNS = (
    "obs_value::float8, numerator::float8, denominator::float8, scale(obs_value) as decimals_printed, withheld_by,"
    " suppressed_below"
)


@dataclass(frozen=True)
class Knowledge:
    """Cells and equations, and which figures an equation is about."""

    cells: list[Cell]
    equations: list[Equation]

    def figures_in(self, names: Collection[str]) -> set[Figure]:
        """The figures of the equations with these names."""
        return {key.figure for each in self.equations if each.name in names for key in _keys(each.terms)}


def of(conn: Connection[Any], figures: sql.Composable) -> Knowledge:
    """What can be known of the figures of a relation that has the columns of a `Figure` and COLUMNS."""
    places = conn.execute(
        sql.SQL(
            "select distinct measure_id, period_start, period_end from {} as figure where withheld_by is not null"
        ).format(figures)
    ).fetchall()
    tied = _tied()
    wanted = {(other, start, end) for measure_id, start, end in places for other in tied[measure_id]}
    if not wanted:
        return Knowledge([], [])
    rows = conn.execute(
        sql.SQL(
            "select measure_id, area_code, period_start, period_end, breakdown, breakdown_value, {columns}"
            " from {figures} as figure join unnest(%s::text[], %s::date[], %s::date[])"
            "   as wanted (measure_id, period_start, period_end) using (measure_id, period_start, period_end)"
            " order by measure_id, period_end, breakdown, breakdown_value, area_code"
        ).format(columns=sql.SQL(COLUMNS), figures=figures),
        [list(column) for column in zip(*sorted(wanted), strict=True)],
    ).fetchall()
    return _Reasoning(Published(Figure(*row[:6]), *row[6:]) for row in rows).knowledge()


def _keys(terms: Mapping[Any, float]) -> Iterable[Key]:
    return terms.keys()


def _measures() -> dict[str, Measure]:
    return {each.id: each for indicator in framework().by_id.values() for each in indicator.measures}


def with_a_numerator() -> set[str]:
    """The measures whose counts are published: they are no secret."""
    return {each.id for each in _measures().values() if each.numerator}


def _tied() -> dict[str, set[str]]:
    """Each measure with those that are tied to it, however far."""
    tied = {measure_id: {measure_id} for measure_id in _measures()}
    pairs = [(each.measure, each.total_measure) for each in framework().totals.added_up]
    for each in _measures().values():
        pairs += [(each.id, other) for other in (each.numerator, each.denominator, *each.parts) if other]
    for one, other in pairs:
        together = tied[one] | tied[other]
        for measure_id in together:
            tied[measure_id] = together
    return tied


class _Reasoning:
    """Cells and equations of the figures that are tied to withheld ones."""

    def __init__(self, published: Iterable[Published]) -> None:
        self._measures = _measures()
        self._figures = {each.figure: each for each in published}
        self._councils = sorted(area.code for kind, area in areas() if kind == "council")
        self._cells: dict[Key, Cell] = {}
        self._equations: list[Equation] = []

    def knowledge(self) -> Knowledge:
        for each in self._figures.values():
            self._count(each)
        by_place: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
        for figure in self._figures:
            by_place[figure._replace(area_code="")].append(figure)
        for place in by_place:
            self._councils_and_scotland(Figure(*place))
        for figure in self._figures:
            self._parts(figure)
            self._ratio(figure)
        return Knowledge([*self._cells.values()], self._equations)

    def _count(self, each: Published) -> None:
        """The cells of one figure."""
        is_count = self._measures[each.figure.measure_id].unit == "count"
        count = each.obs_value if is_count else each.numerator
        is_withheld = each.withheld_by is not None
        below = each.suppressed_below or 0
        least = min(below, count) if count is not None else below
        # What is public for Scotland stands in other places too, so that withholding it here would protect nobody.
        may_be_withheld = each.figure.area_code != SCOTLAND
        by_publisher = each.withheld_by == "publisher"
        # An edition before gave what is withheld by now, and may have given more than the rule leaves out.
        is_under_the_rule = by_publisher and below > 0 and (count is None or count < below)
        key = Key(each.figure)
        self._cells[key] = Cell(
            key=key,
            value=count,
            is_shown=count is not None and not is_withheld,
            low=0 if by_publisher else least,
            high=below - 1 if is_under_the_rule else float("inf"),
            cost=count if may_be_withheld and count is not None else None,
            is_integral=count is None or float(count).is_integer(),
            # A ratio that is shown gives its count away to whoever knows what it is of, as its publisher decided.
            known_width=None if is_withheld else NEVER,
        )
        if not is_count and count is None and each.obs_value is not None and not is_withheld:
            shown = Key(each.figure, "figure")
            self._cells[shown] = Cell(
                key=shown, value=1, is_shown=True, cost=each.obs_value if may_be_withheld else None, known_width=NEVER
            )

    def _unknown(self, figure: Figure) -> Key:
        """A number of which no row says anything."""
        key = Key(figure)
        self._cells.setdefault(key, Cell(key=key, value=None, is_shown=False, known_width=NEVER))
        return key

    def _councils_and_scotland(self, place: Figure) -> None:
        places = [place._replace(area_code=code) for code in self._councils]
        if not any(each in self._figures for each in places):
            return
        councils: dict[Hashable, float] = {self._unknown(each): 1.0 for each in places}
        where = f"{place.measure_id}, {place.period_end:%d %B %Y}" + _part(place)
        scotland = place._replace(area_code=SCOTLAND)
        if scotland in self._figures:
            self._add(f"Scotland's count is that of its councils: {where}", {**councils, Key(scotland): -1.0})
        if place[4:] != TOTAL:
            return
        totals = framework().totals
        for total in totals.outside:
            period = read_period(total.period, total.period_style)
            if (total.measure, period.start, period.end) == place[:1] + place[2:4]:
                self._add(f"a total that is published elsewhere, {total.id}: {where}", councils, equals=total.total)
        for added in totals.added_up:
            sum_of_them = scotland._replace(measure_id=added.total_measure)
            if added.measure == place.measure_id and sum_of_them in self._figures:
                self._add(f"{added.total_measure} is that of the councils: {where}", {**councils, Key(sum_of_them): -1})

    def _parts(self, figure: Figure) -> None:
        measure = self._measures[figure.measure_id]
        if figure[4:] != TOTAL:
            return
        parts = [figure._replace(measure_id=each) for each in measure.parts]
        if measure.parts_by:
            parts = [
                each
                for each in self._figures
                if each.breakdown == measure.parts_by
                and each._replace(breakdown="total", breakdown_value="total") == figure
            ]
        if parts:
            where = f"{figure.measure_id}, {figure.area_code}, {figure.period_end:%d %B %Y}"
            terms: dict[Hashable, float] = {self._unknown(each): 1.0 for each in parts}
            self._add(f"a total is the sum of its parts: {where}", {**terms, Key(figure): -1.0})

    def _ratio(self, figure: Figure) -> None:
        """What a ratio says of its count, and which other measure is that count."""
        measure, each = self._measures[figure.measure_id], self._figures[figure]
        if measure.unit == "count":
            return
        where = f"{figure.measure_id}, {figure.area_code}, {figure.period_end:%d %B %Y}" + _part(figure)
        beside = figure._replace(measure_id=measure.numerator or "")
        if beside in self._figures:
            self._add(f"one count of two measures: {where}", {Key(figure): 1.0, Key(beside): -1.0})
        among = self._figures.get(figure._replace(measure_id=measure.denominator or ""))
        denominator = each.denominator if each.denominator is not None else among.obs_value if among else None
        if each.obs_value is None or each.withheld_by is not None or not denominator or measure.unit not in PER:
            return
        half = 0.5 * 10 ** -(each.decimals_printed or 0)
        scale = denominator / PER[measure.unit]
        shown = Key(figure) if each.numerator is not None else Key(figure, "figure")
        self._equations.append(
            Equation(
                name=f"a ratio times what it is of: {where}",
                terms={Key(figure): 1.0},
                low=(each.obs_value - half) * scale,
                high=(each.obs_value + half) * scale,
                shown_with=frozenset({shown} | ({Key(among.figure)} if among and each.denominator is None else set())),
            )
        )

    def _add(self, name: str, terms: Mapping[Hashable, float], equals: float = 0) -> None:
        self._equations.append(Equation(name=name, terms=terms, low=equals, high=equals))


def _part(figure: Figure) -> str:
    return "" if figure[4:] == TOTAL else f", {figure.breakdown} {figure.breakdown_value}"
