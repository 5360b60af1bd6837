"""Boundaries to SVG paths, and figures to bands. Numbers and strings only; templates draw."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from promise.errors import PromiseError

WIDTH = 520.0
MARGIN = 6.0
BANDS = 5

# The belt of small councils between the Clyde and the Forth, drawn again, larger: west, south, east, north.
CENTRAL_BELT = (-4.95, 55.62, -2.85, 56.20)

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Shapes:
    """Paths by area code in one drawing, and the part of it that is worth enlarging."""

    width: float
    height: float
    paths: dict[str, str]
    inset: str  # a viewBox
    inset_width: float
    inset_height: float
    inset_areas: frozenset[str]


@dataclass(frozen=True)
class Projection:
    """Longitude and latitude to the drawing: equirectangular, true to scale at the middle latitude.

    Good to a few per cent over Scotland, and a reader of a choropleth measures nothing.
    """

    west: float
    north: float
    squeeze: float
    scale: float

    def __call__(self, longitude: float, latitude: float) -> tuple[float, float]:
        x = MARGIN + (longitude - self.west) * self.squeeze * self.scale
        y = MARGIN + (self.north - latitude) * self.scale
        return round(x, 1), round(y, 1)


def shapes(boundaries: Mapping[str, Mapping[str, Any]]) -> Shapes:
    """Every boundary as one path. Holes are left to `fill-rule: evenodd`, so their winding does not matter."""
    if not boundaries:
        raise PromiseError(
            "site: dim_area_boundary is empty, so there is no map to draw; was council_boundaries loaded?"
        )
    rings = {code: list(_rings(code, geometry)) for code, geometry in boundaries.items()}
    points = [point for area in rings.values() for ring in area for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / max((east - west) * squeeze, 1e-9)
    project = Projection(west=west, north=north, squeeze=squeeze, scale=scale)
    left, top = project(CENTRAL_BELT[0], CENTRAL_BELT[3])
    right, bottom = project(CENTRAL_BELT[2], CENTRAL_BELT[1])
    return Shapes(
        width=WIDTH,
        height=round(2 * MARGIN + (north - south) * scale, 1),
        paths={code: "".join(_path(ring, project) for ring in area) for code, area in rings.items()},
        inset=f"{left} {top} {round(right - left, 1)} {round(bottom - top, 1)}",
        inset_width=round(right - left, 1),
        inset_height=round(bottom - top, 1),
        inset_areas=frozenset(
            code
            for code, area in rings.items()
            if any(
                CENTRAL_BELT[0] <= p[0] <= CENTRAL_BELT[2] and CENTRAL_BELT[1] <= p[1] <= CENTRAL_BELT[3]
                for ring in area
                for p in ring
            )
        ),
    )


def _rings(code: str, geometry: Mapping[str, Any]) -> Iterable[Ring]:
    kind = geometry.get("type")
    if kind == "Polygon":
        yield from geometry["coordinates"]
    elif kind == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon
    else:
        raise PromiseError(f"site: the boundary of {code} is a {kind!r}; the map draws Polygon and MultiPolygon only")


def _path(ring: Ring, project: Projection) -> str:
    """A closed ring in relative steps, in tenths of a unit: a third of the bytes of absolute coordinates."""
    corners = [project(p[0], p[1]) for p in ring[:-1]]
    x, y = corners[0]
    parts = [f"M{x:g} {y:g}l"]
    steps = []
    for to_x, to_y in corners[1:]:
        dx, dy = round(to_x - x, 1), round(to_y - y, 1)
        if dx or dy:
            steps.append(f"{dx:g} {dy:g}")
            x, y = to_x, to_y
    if len(steps) < 2:
        return ""  # an islet smaller than a tenth of a unit
    return parts[0] + " ".join(steps) + "z"


def edges(values: Iterable[Decimal], bands: int = BANDS) -> list[Decimal]:
    """Where one band ends and the next begins: round numbers, so that each band holds about as many figures.

    Fewer bands when figures repeat. Where the nearest round numbers would leave a band empty, the limits are figures.
    """
    ordered = sorted(values)
    if not ordered:
        return []
    candidates = [ordered[min(len(ordered) * n // bands, len(ordered) - 1)] for n in range(1, bands)]
    exact = [e for e in dict.fromkeys(candidates) if e > ordered[0]]
    if len(exact) < 2:
        return exact
    # Half of the narrowest band at most, so that no two limits become one and none goes far.
    step = _round_step(min(after - before for before, after in pairwise(exact)) / 2)
    at = [(e / step).quantize(Decimal(1), ROUND_HALF_UP) * step for e in exact]
    return at if {band(value, at) for value in ordered} == {*range(len(at) + 1)} else exact


def _round_step(width: Decimal) -> Decimal:
    """The largest of 1, 2 and 5, and of their tenths and tens and so on, that is no larger than the width."""
    unit = Decimal(1).scaleb(width.adjusted())
    return next(unit * digit for digit in (5, 2, 1) if unit * digit <= width)


def band(value: Decimal, at: Sequence[Decimal]) -> int:
    """The band of a value, 0 for the lowest; a value on an edge is in the higher band."""
    return bisect_right(at, value)


def shade(number: int, of: int) -> int:
    """Which of the five shades a band takes when there are fewer bands than shades: the ends stay light and dark."""
    if of <= 1:
        return BANDS // 2
    return round(number * (BANDS - 1) / (of - 1))
