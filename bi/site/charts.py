"""The geometry of the line charts: numbers only, so that templates draw and escape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

WIDTH, HEIGHT = 480, 250
LEFT, RIGHT, TOP, BOTTOM = 58, 74, 18, 34
LABEL_ROOM = 62  # the width of "2023/24" as drawn, and a little


@dataclass(frozen=True)
class Point:
    """A period and its figure; `value` is None where none is published."""

    start: date
    label: str
    value: Decimal | None
    text: str
    short: str


@dataclass(frozen=True)
class Series:
    """What one line shows."""

    name: str
    points: tuple[Point, ...]


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
    """One series, as unbroken runs: a missing period breaks the line, it is never bridged."""

    name: str
    runs: tuple[str, ...]
    dots: tuple[Dot, ...]
    end_y: float


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class LineChart:
    """A chart ready to be drawn."""

    title: str
    summary: str
    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    from_zero: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def line_chart(
    title: str, series: Sequence[Series], tick: Callable[[Decimal], str], decimals: int | None = None
) -> LineChart | None:
    """The chart of these series, or None when no line of two points can be drawn.

    Axis marks are no finer than `decimals`, so that a tenth of a point does not look like a cliff.
    """
    drawn = [s for s in series if sum(p.value is not None for p in s.points) > 0]
    if not drawn or all(sum(p.value is not None for p in s.points) < 2 for s in drawn):
        return None
    values = [p.value for s in drawn for p in s.points if p.value is not None]
    starts = sorted({(p.start, p.label) for s in drawn for p in s.points})
    marks = scale(min(values), max(values), decimals)
    low, high = marks[0], marks[-1]
    first, last = starts[0][0], starts[-1][0]
    days = max((last - first).days, 1)

    def x(start: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (start - first).days / days, 1)

    def y(value: Decimal) -> float:
        share = float((value - low) / (high - low))
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    lines = []
    for s in drawn:
        dots = tuple(
            Dot(x=x(p.start), y=y(p.value), label=p.label, text=p.text, short=p.short)
            for p in s.points
            if p.value is not None
        )
        lines.append(Line(name=s.name, runs=tuple(_runs(s.points, x, y)), dots=dots, end_y=dots[-1].y + 5))
    return LineChart(
        title=title,
        summary=" ".join(_summary(s) for s in drawn),
        lines=tuple(_apart(lines)),
        x_ticks=tuple(_periods(starts, x)),
        y_ticks=tuple(Tick(y(m), tick(m)) for m in marks),
        from_zero=low == 0,
    )


def scale(low: Decimal, high: Decimal, decimals: int | None = None) -> list[Decimal]:
    """Round axis marks around the data, three to six of them. Zero is kept when the data come near, never forced."""
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


def _runs(points: Sequence[Point], x: Callable[[date], float], y: Callable[[Decimal], float]) -> list[str]:
    runs: list[list[str]] = [[]]
    for point in points:
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append(f"{x(point.start)},{y(point.value)}")
    return [" ".join(run) for run in runs if len(run) > 1]


def _apart(lines: list[Line]) -> list[Line]:
    """Moves the end labels of two lines apart when they would be printed over one another."""
    if len(lines) != 2 or abs(lines[0].end_y - lines[1].end_y) >= 16:
        return lines
    upper, lower = sorted(lines, key=lambda line: line.end_y)
    middle = (upper.end_y + lower.end_y) / 2
    moved = {upper.name: middle - 8, lower.name: middle + 8}
    return [replace(line, end_y=moved[line.name]) for line in lines]


def _periods(starts: list[tuple[date, str]], x: Callable[[date], float]) -> list[Tick]:
    """Labels under the axis, the latest always among them and none printed over another."""
    ticks: list[Tick] = []
    for start, label in reversed(starts):
        at = x(start)
        if not ticks or ticks[-1].at - at >= LABEL_ROOM:
            ticks.append(Tick(at, label if len(label) <= 7 else str(start.year)))
    return ticks[::-1]


def _summary(s: Series) -> str:
    known = [p for p in s.points if p.value is not None]
    if len(known) == 1:
        return f"{s.name}: {known[0].text} in {known[0].label}."
    return f"{s.name}: from {known[0].text} in {known[0].label} to {known[-1].text} in {known[-1].label}."
