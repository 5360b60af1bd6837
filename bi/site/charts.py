"""The geometry of charts over time: numbers only, so that templates draw and escape.

What a chart may not do stands here and is held by tests: no line over a period that is not held or over a break, no
axis on which a step of rounding looks like a cliff, no label printed over another, no text that a phone makes too small
to read (each chart is laid out twice, and the style sheet shows one).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

LABEL_ROOM = 62  # the width of "2023/24" as drawn, and a little
LINE_HEIGHT = 17  # of text of 14 px
LETTER = 8.2  # the width of a letter of it, as wide as common typefaces have it
SHOWN_UNITS = 10  # the least that an axis spans, so that a step of rounding is at most a tenth of its height
YEAR = 366


@dataclass(frozen=True)
class Size:
    """A layout: what is left free around the lines, and whether their names stand at their ends."""

    width: int
    height: int
    left: int
    right: int
    names: bool


WIDE = Size(680, 330, left=60, right=180, names=True)
NARROW = Size(320, 270, left=50, right=86, names=False)
SPARK = (112.0, 34.0)


@dataclass(frozen=True)
class Point:
    """A period and its figure; `value` is None where none is published, the limits where there is no interval."""

    start: date
    label: str
    value: Decimal | None
    text: str
    short: str
    low: Decimal | None = None
    high: Decimal | None = None
    end: date | None = None  # the period's last day; its first where it is of one day

    @property
    def last(self) -> date:
        """The last day that the figure is of: a break within a period parts it from the figure before."""
        return self.end or self.start


@dataclass(frozen=True)
class Series:
    """What one line shows."""

    name: str
    points: tuple[Point, ...]
    cuts: tuple[date, ...] = ()  # first days of another definition: no line is drawn over them


@dataclass(frozen=True)
class Event:
    """A day to mark: the baseline, 2020, or a break; with `until`, a stretch of time that does not compare."""

    on: date
    label: str
    kind: str  # baseline, year or break
    until: date | None = None


@dataclass(frozen=True)
class Dot:
    """A figure on the chart."""

    x: float
    y: float
    label: str
    text: str
    short: str


@dataclass(frozen=True)
class Line:
    """One series, as unbroken runs, with the band of its intervals and the words at its end."""

    name: str
    runs: tuple[str, ...]
    bands: tuple[str, ...]
    dots: tuple[Dot, ...]
    end_y: float
    end: tuple[str, ...]


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Mark:
    """A marked day, or a stretch of time that is `width` wide."""

    x: float
    width: float
    label: str
    kind: str
    label_x: float
    label_y: float


@dataclass(frozen=True)
class Drawing:
    """One layout of a chart, ready to be drawn."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class LineChart:
    """A chart in both layouts, with what it says in words."""

    title: str
    summary: str
    from_zero: bool
    holes: bool  # whether a line is interrupted
    intervals: bool
    wide: Drawing
    narrow: Drawing


@dataclass(frozen=True)
class Spark:
    """A chart of the size of a word, which stands beside the words that it repeats."""

    width: float
    height: float
    runs: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


def line_chart(
    title: str,
    series: Sequence[Series],
    tick: Callable[[Decimal], str],
    decimals: int | None = None,
    events: Sequence[Event] = (),
) -> LineChart | None:
    """The chart of these series, or None when not one of them has two figures.

    The axis spans no fewer than ten steps of `decimals`, and the intervals where there are any.
    """
    drawn = [s for s in series if _known(s.points)]
    if not drawn or all(len(_known(s.points)) < 2 for s in drawn):
        return None
    values = [v for s in drawn for p in s.points for v in (p.value, p.low, p.high) if v is not None]
    marks = scale(min(values), max(values), decimals)
    runs = [run for s in drawn for run in joined(s)]
    return LineChart(
        title=title,
        summary=" ".join(_summary(s) for s in drawn),
        from_zero=marks[0] == 0,
        holes=len(runs) > len(drawn),
        intervals=any(p.low is not None and p.high is not None for s in drawn for p in s.points),
        wide=_draw(WIDE, drawn, marks, tick=tick, events=events),
        narrow=_draw(NARROW, drawn, marks, tick=tick, events=events),
    )


def sparkline(series: Series, decimals: int | None = None) -> Spark | None:
    """The same line in the size of a word; None with fewer than two figures."""
    known = _known(series.points)
    if len(known) < 2:
        return None
    width, height = SPARK
    low, *_, high = scale(min(v for _, v in known), max(v for _, v in known), decimals)
    first, days = known[0][0].start, max((known[-1][0].start - known[0][0].start).days, 1)

    def at(point: Point, value: Decimal) -> tuple[float, float]:
        x = 4 + (width - 8) * (point.start - first).days / days
        return round(x, 1), round(height - 4 - (height - 8) * float((value - low) / (high - low)), 1)

    places = {point.start: at(point, value) for point, value in known}
    runs = [run for run in joined(series) if len(run) > 1]
    alone = [run[0] for run in joined(series) if len(run) == 1 and run[0] != known[-1][0]]
    return Spark(
        width=width,
        height=height,
        runs=tuple(" ".join(f"{x},{y}" for x, y in (places[p.start] for p in run)) for run in runs),
        dots=(*(places[p.start] for p in alone), places[known[-1][0].start]),
    )


def scale(low: Decimal, high: Decimal, decimals: int | None = None) -> list[Decimal]:
    """Round axis marks around the data, two to seven of them. Zero is kept when the data come near, never forced.

    With `decimals`, the marks span ten units of the last place or more, and are no finer than one.
    """
    if decimals is not None:
        least = SHOWN_UNITS * Decimal(1).scaleb(-decimals)
        if high - low < least:
            middle = (low + high) / 2
            positive = low >= 0
            low, high = min(low, middle - least / 2), max(high, middle + least / 2)
            if positive and low < 0:
                low, high = Decimal(0), max(high, least)
    if low == high:
        low, high = low - 1 if low != 0 else low, high + 1
    if low > 0 and low < (high - low):
        low = Decimal(0)
    step = Decimal(1).scaleb((high - low).adjusted() - 1)
    if decimals is not None:
        step = max(step, Decimal(1).scaleb(-decimals))
    for factor in (1, 2, 5, 10, 20, 50):
        size = step * factor
        bottom = (low / size).to_integral_value(ROUND_FLOOR) * size
        top = (high / size).to_integral_value(ROUND_CEILING) * size
        if (top - bottom) / size <= 5:
            break
    count = int((top - bottom) / size)
    return [bottom + size * n for n in range(count + 1)]


def joined(series: Series) -> list[list[Point]]:
    """The figures in runs that a line may join: periods in the series' own step, with nothing missing and no break.

    The step is the commonest time between two figures, so that what is published every second year is joined. Of a
    series of two figures nobody knows the step, and they are joined if they are of two years in a row.
    """
    known = [point for point, _ in _known(series.points)]
    gaps = Counter((b.start - a.start).days // 30 for a, b in pairwise(known))
    step = 12 if len(known) < 3 else min(gaps, key=lambda months: (-gaps[months], months))
    absent = {p.start for p in series.points if p.value is None}
    runs: list[list[Point]] = []
    for point in known:
        before = runs[-1][-1] if runs else None
        if (
            before is None
            or (point.start - before.start).days // 30 > 1.5 * max(step, 1)
            or any(before.start < day < point.start for day in absent)
            or any(before.last < day <= point.last for day in series.cuts)
        ):
            runs.append([])
        runs[-1].append(point)
    return runs


def _known(points: Iterable[Point]) -> list[tuple[Point, Decimal]]:
    return [(p, p.value) for p in points if p.value is not None]


def _draw(
    size: Size,
    drawn: Sequence[Series],
    marks: list[Decimal],
    *,
    tick: Callable[[Decimal], str],
    events: Sequence[Event],
) -> Drawing:
    known = [point for point, _ in _known(drawn[0].points)]
    starts = sorted({(p.start, p.label) for s in drawn for p in s.points})
    first, last = starts[0][0], starts[-1][0]
    days = max((last - first).days, 1)
    low, high = marks[0], marks[-1]
    right, bottom = size.width - size.right, size.height - 34

    def x(start: date) -> float:
        return round(size.left + (right - size.left) * (start - first).days / days, 1)

    def between(day: date) -> float | None:
        """Halfway between the two figures that the day parts; None where it parts none."""
        for before, after in pairwise(known):
            if before.last < day <= after.last:
                return round((x(before.start) + x(after.start)) / 2, 1)
        return None

    placed = _marks(_spans(events, between, x, ends=(first, last)), size)
    top = 14 + LINE_HEIGHT * len({m.label_y for m in placed if m.label})

    def y(value: Decimal) -> float:
        return round(bottom - (bottom - top) * float((value - low) / (high - low)), 1)

    lines = []
    for s in drawn:
        dots = tuple(Dot(x(p.start), y(v), p.label, p.text, p.short) for p, v in _known(s.points))
        runs = joined(s)
        lines.append(
            Line(
                name=s.name,
                runs=tuple(" ".join(f"{x(p.start)},{y(v)}" for p, v in _known(run)) for run in runs if len(run) > 1),
                bands=tuple(_band(run, x, y) for run in runs if any(p.low is not None for p in run)),
                dots=dots,
                end_y=dots[-1].y + 5,
                end=(dots[-1].short, *(wrapped(s.name, 21) if size.names else ())),
            )
        )
    return Drawing(
        width=size.width,
        height=size.height,
        left=size.left,
        right=right,
        top=top,
        bottom=bottom,
        lines=tuple(_apart(lines, top, bottom)),
        x_ticks=tuple(_periods(starts, x)),
        y_ticks=tuple(Tick(y(m), tick(m)) for m in marks),
        marks=tuple(placed),
    )


def _band(run: Sequence[Point], x: Callable[[date], float], y: Callable[[Decimal], float]) -> str:
    """The intervals of a run as one outline; of a lone figure, an upright stroke of no width."""
    limits = [(x(p.start), y(p.low), y(p.high)) for p in run if p.low is not None and p.high is not None]
    above = [f"{at},{high}" for at, _, high in limits]
    below = [f"{at},{low}" for at, low, _ in reversed(limits)]
    return " ".join(above + below)


def _spans(
    events: Sequence[Event],
    between: Callable[[date], float | None],
    x: Callable[[date], float],
    ends: tuple[date, date],
) -> list[tuple[float, float, Event]]:
    """Where each event begins and how wide it is; those that the chart does not reach are left out."""
    spans: list[tuple[float, float, Event]] = []
    for event in events:
        reached = ends[0] <= event.on <= ends[1]
        at = between(event.on) if event.kind == "break" else x(event.on) if reached else None
        until = between(event.until) if event.until is not None else None
        if at is not None:
            spans.append((at, 0.0 if until is None else round(until - at, 1), event))
    return spans


def _marks(spans: Sequence[tuple[float, float, Event]], size: Size) -> list[Mark]:
    """The marks with their labels, each on the first line on which it is printed over no other."""
    marks: list[Mark] = []
    taken: list[list[tuple[float, float]]] = []
    for left, width, event in sorted(spans, key=lambda span: (span[0], span[2].label)):
        room = len(event.label) * LETTER
        start = min(max(left + width / 2 - room / 2, 2.0), size.width - room - 2)
        row = next(
            (n for n, line in enumerate(taken) if all(start > b + 6 or start + room < a - 6 for a, b in line)),
            len(taken),
        )
        if row == len(taken):
            taken.append([])
        taken[row].append((start, start + room))
        marks.append(Mark(left, width, event.label, event.kind, round(start, 1), float(14 + LINE_HEIGHT * row)))
    return marks


def wrapped(text: str, letters: int) -> tuple[str, ...]:
    """The text in lines of so many letters at most, broken between words."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)


def _apart(lines: list[Line], top: int, bottom: int) -> list[Line]:
    """Moves the words at the ends of lines apart, from the highest down, and keeps them on the drawing."""
    placed: dict[int, float] = {}
    free = float(top)
    for n in sorted(range(len(lines)), key=lambda n: lines[n].end_y):
        placed[n] = max(lines[n].end_y, free)
        free = placed[n] + LINE_HEIGHT * len(lines[n].end)
    over = max(0.0, free - LINE_HEIGHT - bottom - 10)
    return [
        Line(line.name, line.runs, line.bands, line.dots, round(placed[n] - over, 1), line.end)
        for n, line in enumerate(lines)
    ]


def _periods(starts: list[tuple[date, str]], x: Callable[[date], float]) -> list[Tick]:
    """Labels under the axis, the latest always among them and none printed over another."""
    ticks: list[Tick] = []
    for start, label in reversed(starts):
        at = x(start)
        if not ticks or ticks[-1].at - at >= LABEL_ROOM:
            ticks.append(Tick(at, label if len(label) <= 7 else str(start.year)))
    return ticks[::-1]


def _summary(s: Series) -> str:
    known = [p for p, _ in _known(s.points)]
    if len(known) == 1:
        return f"{s.name}: {known[0].text} in {known[0].label}."
    return f"{s.name}: from {known[0].text} in {known[0].label} to {known[-1].text} in {known[-1].label}."
