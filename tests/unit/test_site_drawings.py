"""The line charts and the council map as geometry."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi.site import choropleth
from bi.site.charts import Event, Point, Series, joined, line_chart, scale, sparkline
from bi.site.strips import Group, Peer, strip
from promise.errors import PromiseError

BOUNDARIES = Path(__file__).parents[2] / "ingestion/sources/council_boundaries"


def series(name: str, *values: str | None) -> Series:
    return Series(
        name,
        tuple(
            Point(date(2018 + n, 7, 31), f"31 July {2018 + n}", v if v is None else Decimal(v), v or "", v or "")
            for n, v in enumerate(values)
        ),
    )


def test_a_missing_period_breaks_the_line_and_is_never_bridged() -> None:
    chart = line_chart("t", [series("a", "1", "2", None, "3", "4")], str)
    assert chart is not None
    assert [len(run.split()) for run in chart.wide.lines[0].runs] == [2, 2]
    assert len(chart.wide.lines[0].dots) == 4


@pytest.mark.parametrize("values", [(), (None, None), ("5",), ("5", None)])
def test_fewer_than_two_figures_are_not_drawn(values: tuple[str | None, ...]) -> None:
    assert line_chart("t", [series("a", *values)], str) is None


def test_the_higher_figure_is_higher_on_the_page_and_the_axis_says_when_it_leaves_zero_out() -> None:
    chart = line_chart("t", [series("a", "83.7", "84.4"), series("b", "90.3", "90.2")], str, 1)
    assert chart is not None
    care, everyone = chart.wide.lines
    assert care.dots[1].y < care.dots[0].y
    assert everyone.dots[0].y < care.dots[0].y
    assert not chart.from_zero


def test_the_end_labels_of_two_close_lines_are_moved_apart() -> None:
    chart = line_chart("t", [series("a", "10", "50.0"), series("b", "90", "50.1")], str)
    assert chart is not None
    assert abs(chart.wide.lines[0].end_y - chart.wide.lines[1].end_y) >= 16


def test_labels_under_the_axis_are_never_printed_over_one_another_and_the_latest_is_there() -> None:
    chart = line_chart("t", [series("a", *(str(n) for n in range(30)))], str)
    assert chart is not None
    places = [tick.at for tick in chart.wide.x_ticks]
    assert all(b - a >= 52 for a, b in itertools.pairwise(places))
    assert chart.wide.x_ticks[-1].text == "2047"


@pytest.mark.parametrize(
    ("low", "high"),
    [("83.7", "90.3"), ("0", "1"), ("14", "61"), ("5", "5"), ("-3", "4"), ("0", "0"), ("10518", "13022")],
)
def test_axis_marks_enclose_the_data_and_are_few(low: str, high: str) -> None:
    marks = scale(Decimal(low), Decimal(high))
    assert marks[0] <= Decimal(low) <= Decimal(high) <= marks[-1]
    assert 2 <= len(marks) <= 7


def test_axis_marks_are_no_finer_than_the_figures() -> None:
    steps = {b - a for a, b in itertools.pairwise(scale(Decimal("90.2"), Decimal("90.3"), 1))}
    assert min(steps) >= Decimal("0.1")


def years(*starts: int, cuts: tuple[date, ...] = (), length: int = 1) -> Series:
    points = (Point(date(y, 4, 1), str(y), Decimal(y), "", "", end=date(y + length, 3, 31)) for y in starts)
    return Series("a", tuple(points), cuts)


@pytest.mark.parametrize(
    ("drawn", "lengths"),
    [
        pytest.param(years(2018, 2019, 2020, 2023, 2024), [3, 2], id="a period that is not held"),
        pytest.param(years(2012, 2014, 2016, 2018), [4], id="what is published every second year is joined"),
        pytest.param(years(2012, 2014, 2016, 2017), [4], id="and goes on when it is published every year"),
        pytest.param(years(2012, 2014, 2016, 2020), [3, 1], id="every second year, with a hole"),
        pytest.param(years(2018, 2023), [1, 1], id="two figures years apart, of which nobody knows the step"),
        pytest.param(years(2018, 2019), [2], id="two of two years in a row"),
        pytest.param(years(2018, 2019, 2020, 2021, cuts=(date(2020, 4, 1),)), [2, 2], id="a break on a first day"),
        pytest.param(years(2018, 2019, 2020, 2021, cuts=(date(2020, 9, 24),)), [2, 2], id="a break within a year"),
        pytest.param(
            years(2018, 2019, 2020, 2021, 2022, cuts=(date(2019, 4, 1), date(2021, 4, 1))), [1, 2, 2],
            id="years that do not compare, and those after",
        ),
        pytest.param(years(2019, 2020, 2021, cuts=(date(2023, 4, 1),), length=3), [2, 1], id="three-year averages"),
    ],
)  # fmt: skip
def test_a_line_joins_only_what_may_be_joined(drawn: Series, lengths: list[int]) -> None:
    assert [len(run) for run in joined(drawn)] == lengths
    chart = line_chart("t", [drawn], str)
    assert chart is not None
    for drawing in (chart.wide, chart.narrow):
        assert [len(run.split()) for run in drawing.lines[0].runs] == [n for n in lengths if n > 1]
        assert len(drawing.lines[0].dots) == sum(lengths), "each figure is there, joined or not"
    assert chart.holes == (len(lengths) > 1)


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_a_step_of_rounding_is_at_most_a_tenth_of_the_axis(decimals: int) -> None:
    step = Decimal(1).scaleb(-decimals)
    for low in (Decimal(0), Decimal("90.2"), Decimal(-3)):
        marks = scale(low, low + step, decimals)
        assert marks[-1] - marks[0] >= 10 * step and marks[0] <= low < low + step <= marks[-1]


def test_the_axis_holds_the_intervals_and_the_band_follows_them() -> None:
    points = [
        Point(date(y, 1, 1), str(y), Decimal(50), "", "", Decimal(low), Decimal(high))
        for y, low, high in ((2020, 20, 60), (2021, 45, 90))
    ]
    chart = line_chart("t", [Series("a", tuple(points))], str, 0)
    assert chart is not None and chart.intervals
    (band,) = chart.wide.lines[0].bands
    heights = [float(each.split(",")[1]) for each in band.split()]
    assert len(heights) == 4 and all(chart.wide.top <= y <= chart.wide.bottom for y in heights)
    assert min(heights) < chart.wide.lines[0].dots[0].y < max(heights)


def test_a_break_stands_between_the_figures_that_it_parts_and_what_is_outside_is_not_marked() -> None:
    events = [
        Event(date(2019, 4, 1), "baseline 2019", "baseline"),
        Event(date(2020, 9, 1), "break", "break"),
        Event(date(2030, 1, 1), "break", "break"),
    ]
    chart = line_chart("t", [years(2018, 2019, 2020, 2021)], str, None, events)
    assert chart is not None
    baseline, parted = chart.wide.marks
    xs = [dot.x for dot in chart.wide.lines[0].dots]
    assert baseline.x == xs[1] and xs[1] < parted.x < xs[2]


def test_labels_of_marks_are_never_printed_over_one_another_nor_outside() -> None:
    events = [Event(date(2018 + n % 3, 4, 1), f"a label of some length {n}", "baseline") for n in range(6)]
    chart = line_chart("t", [years(2018, 2019, 2020)], str, None, events)
    assert chart is not None
    for drawing in (chart.wide, chart.narrow):
        for one, other in itertools.combinations(drawing.marks, 2):
            apart = abs(one.label_x - other.label_x) > len(one.label) * 7 or one.label_y != other.label_y
            assert apart, (one, other)
        assert all(m.label_x >= 0 and m.label_y < drawing.top for m in drawing.marks)


def test_a_sparkline_breaks_where_the_chart_does_and_needs_two_figures() -> None:
    assert sparkline(years(2018)) is None
    spark = sparkline(years(2018, 2019, 2022, 2023))
    assert spark is not None and [len(run.split()) for run in spark.runs] == [2, 2]
    assert spark.dots[-1][0] == spark.width - 4


def peer(name: str, value: str | None, low: str | None = None, high: str | None = None) -> Peer:
    return Peer(
        name, "x.html", *(None if v is None else Decimal(v) for v in (value, low, high)), text=value or "suppressed"
    )


def test_in_a_strip_the_higher_is_further_right_within_its_interval_and_who_has_none_says_why() -> None:
    groups = [
        Group("one", Decimal(60), (peer("A", "50", "45", "55"), peer("B", "70", "60", "80"))),
        Group("two", None, (peer("Comhairle nan Eilean Siar agus a h-uile eilean eile", None),)),
    ]
    drawn = strip("t", groups, (Decimal(65), "Scotland 65"), tick=str, decimals=0)
    assert drawn is not None and drawn.intervals and drawn.medians
    for drawing in (drawn.wide, drawn.narrow):
        (high, low), (none,) = (family.rows for family in drawing.families)
        assert high.name == "B" and low.name == "A", "the highest first"
        for row in (high, low):
            assert row.x is not None and row.low is not None and row.high is not None
            assert drawing.left <= row.low < row.x < row.high <= drawing.right
        assert drawing.scotland is not None and (low.x or 0) < drawing.scotland < (high.x or 0)
        assert none.x is None and none.text == "suppressed" and none.name.endswith("…")
        assert none.y > high.y and drawing.height > none.y
    assert strip("t", [groups[1]], None, tick=str) is None, "nobody has a figure"


@pytest.fixture(scope="module")
def councils() -> dict[str, Any]:
    (path,) = BOUNDARIES.glob("*.geojson")
    features = json.loads(path.read_text())["features"]
    return {f["properties"]["area_code"]: f["geometry"] for f in features}


def test_every_council_is_drawn_inside_the_frame(councils: dict[str, Any]) -> None:
    assert len(councils) == 32
    shapes = choropleth.shapes(councils)
    assert set(shapes.paths) == set(councils)
    for code, path in shapes.paths.items():
        xs, ys = zip(*corners(path), strict=True)
        assert min(xs) >= 0 and max(xs) <= shapes.width, code
        assert min(ys) >= 0 and max(ys) <= shapes.height, code


def test_the_map_has_the_shape_of_scotland(councils: dict[str, Any]) -> None:
    shapes = choropleth.shapes(councils)
    assert 1.2 < shapes.height / shapes.width < 1.7
    middle = {code: centre(path) for code, path in shapes.paths.items()}
    shetland, borders, eilean_siar, aberdeen = (middle[f"S120000{n}"] for n in ("27", "26", "13", "33"))
    assert shetland[1] < aberdeen[1] < borders[1], "north is up"
    assert eilean_siar[0] < aberdeen[0], "west is left"
    assert {"S12000049", "S12000038"} <= shapes.inset_areas, "Glasgow and Renfrewshire are in the enlarged part"
    assert "S12000027" not in shapes.inset_areas


def test_a_boundary_of_another_kind_is_refused_with_its_code() -> None:
    with pytest.raises(PromiseError, match=r"S12000005.*Point"):
        choropleth.shapes({"S12000005": {"type": "Point", "coordinates": [0, 0]}})


def test_no_boundaries_at_all_is_an_error_not_an_empty_map() -> None:
    with pytest.raises(PromiseError, match="dim_area_boundary"):
        choropleth.shapes({})


def test_bands_hold_about_as_many_figures_each() -> None:
    values = [Decimal(n) for n in range(100)]
    edges = choropleth.edges(values)
    counts = [sum(choropleth.band(v, edges) == n for v in values) for n in range(5)]
    assert counts == [20] * 5


def test_bands_end_at_round_numbers_near_those_limits() -> None:
    values = [Decimal(n) / 10 for n in (700, 778, 851, 860, 870, 883, 890, 904, 910, 926, 930, 950)]
    assert choropleth.edges(values) == [85, 87, Decimal("90.5"), Decimal("92.5")]


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        pytest.param((1, 1, 1, 51, 51, 88, 88, 101, 101, 101), (51, 88, 101), id="a round limit would leave one empty"),
        pytest.param((-30, -20, -10, 0, 10, 20, 30, 40, 50, 60), (-10, 10, 30, 50), id="below zero"),
        pytest.param(
            (3, 604_000, 1_204_000, 1_800_000, 2_409_000, 3_000_000, 3_600_000, 4_200_000, 4_805_000, 9_000_000),
            (1_000_000, 2_500_000, 3_500_000, 5_000_000),
            id="huge",
        ),
    ],
)
def test_limits_of_bands(values: tuple[int, ...], edges: tuple[int, ...]) -> None:
    assert choropleth.edges(map(Decimal, values)) == [*map(Decimal, edges)]


@given(st.lists(st.decimals(-10_000, 10_000, places=1), max_size=60))
def test_no_band_is_empty_and_every_limit_lies_among_the_figures(values: list[Decimal]) -> None:
    edges = choropleth.edges(values)
    assert edges == sorted({*edges}) and len(edges) < choropleth.BANDS
    assert {choropleth.band(value, edges) for value in values} == set(range(len(edges) + 1 if values else 0))


def test_a_figure_on_an_edge_is_in_the_higher_band() -> None:
    assert choropleth.band(Decimal("8.6"), [Decimal("8.6")]) == 1


@pytest.mark.parametrize(("values", "bands"), [((), 1), ((5, 5, 5), 1), ((0, 0, 0, 0, 9), 2)])
def test_repeated_figures_make_fewer_bands(values: tuple[int, ...], bands: int) -> None:
    assert len(choropleth.edges(map(Decimal, values))) + 1 == bands


@pytest.mark.parametrize("of", [2, 3, 4, 5])
def test_fewer_bands_still_run_from_the_lightest_to_the_darkest(of: int) -> None:
    shades = [choropleth.shade(n, of) for n in range(of)]
    assert shades[0] == 0 and shades[-1] == 4
    assert len(set(shades)) == of


def corners(path: str) -> list[tuple[float, float]]:
    """The corners of a path written by this project: M x y, then relative steps."""
    found = []
    for ring in re.findall(r"M([^z]+)z", path):
        start, _, steps = ring.partition("l")
        x, y = map(float, start.split())
        found.append((x, y))
        numbers = list(map(float, steps.split()))
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


def centre(path: str) -> tuple[float, float]:
    points = corners(path)
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)
