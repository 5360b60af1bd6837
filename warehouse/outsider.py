"""What an outsider knows of our figures: what is shown of them, and how published figures hang together.

Asked are only those that have to do with a withheld one: the same period or years that it is made of, and measures that
are tied to each other by their ratios, their parts or a total. Of each figure the count matters: the figure itself, or
what stands above the line of a ratio; where that is not published, the figure all the same. `Kind` says which equations
there are.

**Editions.** What an edition leaves out somebody takes from another. So it is asked of what stands, completed with the
last that any edition gave; and of each edition that gives other figures, completed with what stands.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from psycopg import Connection, sql

from promise.catalogue.framework import framework
from promise.catalogue.framework_measures import PER, Measure
from promise.disclosure.model import Cell, Equation
from promise.vocabulary.periods import read_period
from warehouse import several_years
from warehouse.divisions import SCOTLAND, Division, divisions
from warehouse.several_years import Span

TOTAL = ("total", "total")
NEVER = -1.0  # no range is as narrow: what it is of is nobody's secret


class Kind(StrEnum):
    """The equations between published figures; the words with which the name of each begins."""

    AREAS = "an area is the sum of the areas in it"
    ELSEWHERE = "a total that is published elsewhere"
    ADDED_UP = "one measure is the total of another's councils"
    PARTS = "a total is the sum of its parts"
    ONE_COUNT = "one count of two measures"
    RATIO = "a ratio times what it is of"
    YEARS = "several years are made of each of them"


class Figure(NamedTuple):
    """What a figure is of."""

    measure_id: str
    area_code: str
    period_start: date
    period_end: date
    breakdown: str = "total"
    breakdown_value: str = "total"


class Key(NamedTuple):
    """A number of a figure: its count, or the figure itself, where that is none and is published without one."""

    figure: Figure
    what: Literal["count", "value"] = "count"


class Published(NamedTuple):
    """A figure as somebody sees it; after `figure` a column of COLUMNS each."""

    figure: Figure
    edition: str | None  # None: it stands
    obs_value: float | None
    numerator: float | None
    denominator: float | None
    value_decimals: int | None
    numerator_decimals: int | None
    withheld_by: str | None  # the publisher or us; None: it is shown, or missing
    suppressed_below: int | None
    is_declared: bool = False  # withheld by now, and somebody declared that what was printed may stand

    @property
    def is_shown(self) -> bool:
        return self.withheld_by is None and (self.obs_value is not None or self.numerator is not None)

    @property
    def numbers(self) -> tuple[float | None, ...]:
        return self.obs_value, self.numerator, self.denominator


COLUMNS = (
    "edition, obs_value::float8, numerator::float8, denominator::float8, scale(obs_value), scale(numerator),"
    " withheld_by, suppressed_below"
)
Place = tuple[str, date, date]  # of measures that are tied to each other: the first of them, and a period


@dataclass(frozen=True)
class Knowledge:
    """Cells and equations, and which figures an equation is about."""

    cells: list[Cell]
    equations: list[Equation]

    def figures_in(self, names: Collection[str]) -> set[Figure]:
        """The figures of the equations with these names."""
        return {key.figure for each in self.equations if each.name in names for key in _keys(each.terms)}


def of(conn: Connection[Any], figures: sql.Composable) -> list[Knowledge]:
    """What can be known of the figures of a relation: the columns of a `Figure`, those of COLUMNS, and `known_from`."""
    places = conn.execute(
        sql.SQL(
            "select measure_id, period_start, period_end, bool_or(withheld_by is not null) from {} as figure"
            " group by measure_id, period_start, period_end order by measure_id, period_start, period_end"
        ).format(figures)
    ).fetchall()
    if not any(is_withheld for *_, is_withheld in places):
        return []
    spans, first = several_years.spans(conn), _first_of_tied()
    systems = _systems(places, spans, first)
    wanted = [place[:3] for place in places if (first[place[0]], *place[1:3]) in systems]
    rows = conn.execute(
        sql.SQL(
            "select {key}, {columns} from {figures} as figure"
            " join unnest(%s::text[], %s::date[], %s::date[])"
            "   as wanted (measure_id, period_start, period_end) using (measure_id, period_start, period_end)"
            " order by known_from nulls last, measure_id, period_end, breakdown, breakdown_value, area_code"
        ).format(
            key=sql.SQL(", ").join(map(sql.Identifier, Figure._fields)), columns=sql.SQL(COLUMNS), figures=figures
        ),
        [list(column) for column in zip(*wanted, strict=True)],
    ).fetchall()
    areas = divisions(conn)
    published = [Published(Figure(*row[:6]), *row[6:]) for row in rows]
    system_of = {each.figure: systems[first[each.figure.measure_id], *each.figure[2:4]] for each in published}
    return [_Reasoning(view, areas, spans).knowledge() for view in _views(published, system_of)]


def _keys(terms: Mapping[Any, float]) -> Iterable[Key]:
    return terms.keys()


def _measures() -> dict[str, Measure]:
    return {each.id: each for indicator in framework().by_id.values() for each in indicator.measures}


def with_a_numerator() -> set[str]:
    """The measures whose counts are published: they are no secret."""
    return {each.id for each in _measures().values() if each.numerator}


def _first_of_tied() -> dict[str, str]:
    """Of each measure the first of those that are tied to it, however far: the same for all of them."""
    tied = {measure_id: {measure_id} for measure_id in _measures()}
    pairs = [(each.measure, each.total_measure) for each in framework().totals.added_up]
    for each in _measures().values():
        pairs += [(each.id, other) for other in (each.numerator, each.denominator, *each.parts) if other]
    for one, other in pairs:
        together = tied[one] | tied[other]
        for measure_id in together:
            tied[measure_id] = together
    return {measure_id: min(others) for measure_id, others in tied.items()}


def _systems(
    places: Iterable[tuple[str, date, date, bool]], spans: Iterable[Span], first: Mapping[str, str]
) -> dict[Place, int]:
    """The places that have to do with a withheld figure, each with a number that all have that are tied to it."""
    beside: dict[Place, set[Place]] = defaultdict(set)
    for measure_id, start, end in spans:
        whole = (first[measure_id], start, end)
        for years in several_years.years_of(start, end):
            for year in years:
                beside[whole].add((first[measure_id], *year))
                beside[first[measure_id], *year].add(whole)
    numbers: dict[Place, int] = {}
    for measure_id, start, end, is_withheld in places:
        place = (first[measure_id], start, end)
        if not is_withheld or place in numbers:
            continue
        numbers[place] = number = len(numbers)
        reached = [place]
        for each in reached:
            for other in beside[each] - numbers.keys():
                numbers[other] = number
                reached.append(other)
    return numbers


def _views(rows: Iterable[Published], system_of: Mapping[Figure, int]) -> Iterator[list[Published]]:
    """The ways to put editions together: what stands, and each edition where it gives something else."""
    standing: dict[Figure, Published] = {}
    editions: dict[str, dict[Figure, Published]] = defaultdict(dict)
    last_shown: dict[Figure, Published] = {}
    rest: dict[Figure, Published] = {}
    for each in rows:
        if each.edition is None:
            standing[each.figure] = each
        else:
            editions[each.edition][each.figure] = each
            (last_shown if each.is_shown else rest)[each.figure] = each
    for figure, each in last_shown.items():
        if figure in standing and standing[figure].withheld_by is not None:
            last_shown[figure] = each._replace(is_declared=True)
    base = rest | standing | last_shown | {figure: each for figure, each in standing.items() if each.is_shown}
    yield [*base.values()]
    for edition in editions.values():
        own = {f: each for f, each in edition.items() if each.is_shown and each.numbers != base[f].numbers}
        touched = {system_of[figure] for figure in own}
        if touched:
            yield [own.get(figure, each) for figure, each in base.items() if system_of[figure] in touched]


class _Reasoning:
    """Cells and equations of the figures that are tied to withheld ones."""

    def __init__(
        self, published: Iterable[Published], areas: Sequence[Division], spans: Mapping[Span, Collection[str]]
    ) -> None:
        self._measures = _measures()
        self._figures = {each.figure: each for each in published}
        self._broken_down: dict[tuple[Figure, str], list[Figure]] = defaultdict(list)
        for figure in self._figures:
            if figure[4:] != TOTAL:
                total = figure._replace(breakdown="total", breakdown_value="total")
                self._broken_down[total, figure.breakdown].append(figure)
        self._spans = spans
        self._divided_into: dict[str, list[Division]] = defaultdict(list)
        for division in areas:
            for code in division.parts:
                self._divided_into[code].append(division)
        self._councils = next(each for each in areas if each.whole == SCOTLAND and each.by == "councils")
        self._cells: dict[Key, Cell] = {}
        self._equations: list[Equation] = []

    def knowledge(self) -> Knowledge:
        for each in self._figures.values():
            self._numbers(each)
        by_place: dict[Figure, set[str]] = defaultdict(set)
        for figure in self._figures:
            by_place[figure._replace(area_code="")].add(figure.area_code)
        for place, codes in by_place.items():
            self._areas(place, codes)
            if place[4:] == TOTAL and not codes.isdisjoint(self._councils.parts):
                self._totals_of_councils(place)
        for figure in self._figures:
            self._parts(figure)
            self._ratio(figure)
            self._years(figure)
        return Knowledge([*self._cells.values()], self._equations)

    def _numbers(self, each: Published) -> None:
        """The cells of one figure."""
        is_count = self._measures[each.figure.measure_id].unit == "count"
        count = each.obs_value if is_count else each.numerator
        is_withheld = each.withheld_by is not None
        below = each.suppressed_below or 0
        least = min(below, count) if count is not None else below
        # What is public for Scotland stands in other places too, so that withholding it here would protect nobody.
        may_be_withheld = each.figure.area_code != SCOTLAND and not each.is_declared
        by_publisher = each.withheld_by == "publisher"
        # An edition before gave what is withheld by now, and may have given more than the rule leaves out.
        is_under_the_rule = by_publisher and below > 0 and (count is None or count < below)
        key = Key(each.figure)
        self._cells[key] = Cell(
            key=key,
            value=count,
            is_shown=count is not None and not is_withheld,
            low=0 if by_publisher else least,
            high=below - 1 if is_under_the_rule else math.inf,
            cost=count if may_be_withheld and count is not None else None,
            is_integral=self._is_whole(each.figure) if count is None else float(count).is_integer(),
            # A ratio that is shown gives its count away to whoever knows what it is of, as its publisher decided.
            known_width=None if is_withheld else NEVER,
        )
        if not is_count and count is None and (each.obs_value is not None or is_withheld):
            value = Key(each.figure, "value")
            self._cells[value] = Cell(
                key=value,
                value=each.obs_value,
                is_shown=not is_withheld,
                low=-math.inf,
                cost=abs(each.obs_value) if may_be_withheld and each.obs_value is not None else None,
                is_integral=False,
            )

    def _is_whole(self, figure: Figure) -> bool:
        return several_years.AVERAGE not in self._spans.get((figure.measure_id, *figure[2:4]), ())

    def _unknown(self, figure: Figure) -> Key:
        """A number of which no row says anything."""
        key = Key(figure)
        self._cells.setdefault(
            key, Cell(key=key, value=None, is_shown=False, is_integral=self._is_whole(figure), known_width=NEVER)
        )
        return key

    def _counts(self, figures: Iterable[Figure]) -> dict[Hashable, float]:
        return {self._unknown(each): 1.0 for each in figures}

    def _areas(self, place: Figure, codes: Collection[str]) -> None:
        """Areas of which parts are published. An area that is not says something where two equations are of it."""
        divided = list(dict.fromkeys(each for code in sorted(codes) for each in self._divided_into.get(code, ())))
        uses: dict[str, int] = defaultdict(int)
        for division in divided:
            for code in (division.whole, *division.parts):
                uses[code] += 1
        for division in divided:
            if division.whole in codes or uses[division.whole] > 1:
                parts = self._counts(place._replace(area_code=code) for code in division.parts)
                whole = self._unknown(place._replace(area_code=division.whole))
                self._add(Kind.AREAS, f"{division.name}, {_where(place)}", {**parts, whole: -1.0})

    def _totals_of_councils(self, place: Figure) -> None:
        councils = [place._replace(area_code=code) for code in self._councils.parts]
        totals = framework().totals
        for total in totals.outside:
            period = read_period(total.period, total.period_style)
            if (total.measure, period.start, period.end) == (place.measure_id, *place[2:4]):
                name = f"{total.id}, {_where(place)}"
                self._add(Kind.ELSEWHERE, name, self._counts(councils), equals=total.total)
        for added in totals.added_up:
            sum_of_them = place._replace(area_code=SCOTLAND, measure_id=added.total_measure)
            if added.measure == place.measure_id and sum_of_them in self._figures:
                name = f"{added.total_measure} of {_where(place)}"
                self._add(Kind.ADDED_UP, name, {**self._counts(councils), Key(sum_of_them): -1.0})

    def _parts(self, figure: Figure) -> None:
        measure = self._measures[figure.measure_id]
        if figure[4:] != TOTAL:
            return
        parts = [figure._replace(measure_id=each) for each in measure.parts]
        if measure.parts_by:
            parts = self._broken_down.get((figure, measure.parts_by), [])
        if not parts:
            return
        where = f"{figure.measure_id}, {figure.area_code}, {_day(figure)}"
        values = [Key(each, "value") for each in (figure, *parts)]
        if all(key in self._cells for key in values):
            slack = sum(_half(self._figures[key.figure].value_decimals) for key in values)
            self._add(Kind.PARTS, where, {**dict.fromkeys(values[1:], 1.0), values[0]: -1.0}, slack=slack)
        else:
            self._add(Kind.PARTS, where, {**self._counts(parts), Key(figure): -1.0})

    def _ratio(self, figure: Figure) -> None:
        """What a ratio says of its count, and which other measure is that count."""
        measure, each = self._measures[figure.measure_id], self._figures[figure]
        if measure.unit == "count":
            return
        where = f"{figure.measure_id}, {figure.area_code}, {_day(figure)}{_part(figure)}"
        beside = figure._replace(measure_id=measure.numerator or "")
        if beside in self._figures:
            self._add(Kind.ONE_COUNT, where, {Key(figure): 1.0, Key(beside): -1.0})
        among = self._figures.get(figure._replace(measure_id=measure.denominator or ""))
        denominator = each.denominator if each.denominator is not None else among.obs_value if among else None
        if each.obs_value is None or each.withheld_by is not None or not denominator or measure.unit not in PER:
            return
        scale = denominator / PER[measure.unit]
        shown = Key(figure) if each.numerator is not None else Key(figure, "value")
        self._equations.append(
            Equation(
                name=f"{Kind.RATIO}: {where}",
                terms={Key(figure): 1.0},
                low=(each.obs_value - _half(each.value_decimals)) * scale,
                high=(each.obs_value + _half(each.value_decimals)) * scale,
                shown_with=frozenset({shown} | ({Key(among.figure)} if among and each.denominator is None else set())),
            )
        )

    def _years(self, figure: Figure) -> None:
        """A sum or an average over years beside the figures of the years."""
        each = self._figures[figure]
        for how in sorted(self._spans.get((figure.measure_id, *figure[2:4]), ())):
            years = []
            for periods in several_years.years_of(*figure[2:4]):
                known = [figure._replace(period_start=start, period_end=end) for start, end in periods]
                years.append(next((one for one in known if one in self._figures), known[0]))
            if not any(one in self._figures for one in years):
                continue
            factor = len(years) if how == several_years.AVERAGE else 1
            is_count = self._measures[figure.measure_id].unit == "count"
            decimals = each.value_decimals if is_count else each.numerator_decimals
            self._add(
                Kind.YEARS,
                f"the {how} of {len(years)}, {figure.area_code}, {_where(figure)}",
                {**self._counts(years), Key(figure): -float(factor)},
                slack=factor * _half(decimals) if how == several_years.AVERAGE else 0,
            )

    def _add(
        self, kind: Kind, name: str, terms: Mapping[Hashable, float], *, equals: float = 0, slack: float = 0
    ) -> None:
        self._equations.append(Equation(name=f"{kind}: {name}", terms=terms, low=equals - slack, high=equals + slack))


def _half(decimals: int | None) -> float:
    """Half of the last decimal: as far as what is printed may be from what it stands for."""
    return 0.5 * 10.0 ** -(decimals or 0)


def _where(figure: Figure) -> str:
    return f"{figure.measure_id}, {_day(figure)}{_part(figure)}"


def _day(figure: Figure) -> str:
    return f"{figure.period_end:%d %B %Y}"


def _part(figure: Figure) -> str:
    return "" if figure[4:] == TOTAL else f", {figure.breakdown} {figure.breakdown_value}"
