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

from bi.site import choropleth
from bi.site.charts import Point, Series, line_chart, scale
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
