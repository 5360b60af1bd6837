"""How long each function of `methods` takes over many input points, beside numpy and scipy in memory.

What both give is summed and compared, so that nothing is timed that is not right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection
from scipy import stats

from promise import database
from warehouse import candidate
from workbench.bench import builds
from workbench.bench.figure import Figure, Sizes, timed

Numbers = NDArray[np.float64]
YEARS, COUNCILS, MONTHS = 5, 32, 20  # points of a series, a comparison and a control chart
Z = float(stats.norm.ppf(0.975))
AGREED = 1e-9  # relative


@dataclass(frozen=True)
class Points:
    """Made-up points: how many of how many, twice; and counts for which limits are exact."""

    x: Numbers
    n: Numbers
    other: Numbers
    few: Numbers

    def of(self, numbers: Numbers, size: int) -> Numbers:
        """The same in rows of so many, as the database has them in arrays."""
        return numbers[: len(numbers) // size * size].reshape(-1, size)


@dataclass(frozen=True)
class Method:
    """A function: the columns that are asked of it for each row, and the same of all points by numpy."""

    name: str
    rows: str
    asked: Sequence[str]
    call: str
    others: Callable[[Points], Sequence[Numbers]]

    @property
    def query(self) -> str:
        sums = ", ".join(f"sum({column})" for column in self.asked)
        return f"select {sums} from bench.{self.rows} cross join {candidate.SCHEMA}.{self.call}"


def measure(sizes: Sizes) -> list[Figure]:
    """Every method over so many points, each in one query. Raises if an answer is not numpy's."""
    with database.connect("transformer") as conn:
        candidate.clear(conn)
    builds.make_functions()
    points = made_up(sizes.judged)
    with database.connect(autocommit=True) as conn:
        _land(conn, points)
        return [_figure(conn, method, points) for method in METHODS]


def made_up(size: int) -> Points:
    random = np.random.default_rng(17)
    n = random.integers(1_000, 10_000, size).astype(float)
    x = random.integers(10, 900, size).astype(float)
    return Points(x, n, random.integers(10, 900, size).astype(float), random.integers(0, 10, size).astype(float))


def _land(conn: Connection[object], points: Points) -> None:
    conn.execute("drop schema if exists bench cascade")
    conn.execute("create schema bench")
    conn.execute("create unlogged table bench.point (place int, x numeric, n numeric, other numeric, few numeric)")
    rows = zip(points.x, points.n, points.other, points.few, strict=True)
    with conn.cursor().copy("copy bench.point from stdin") as copy:
        for place, row in enumerate(rows):
            copy.write_row((place, *(int(each) for each in row)))
    for table, size in (("series", YEARS), ("councils", COUNCILS), ("chart", MONTHS)):
        conn.execute(
            f"create unlogged table bench.{table} as select array_agg(2018 + place % {size} order by place) as years,"
            " array_agg(x order by place) as xs, array_agg(n order by place) as ns,"
            " array_agg(x - 9 order by place) as lows, array_agg(x + other order by place) as highs"
            f" from bench.point group by place / {size} having count(*) = {size}".encode()
        )
    conn.execute("analyze")


def _figure(conn: Connection[object], method: Method, points: Points) -> Figure:
    sums: list[Sequence[object]] = []
    ours = timed(lambda: sums.extend(conn.execute(method.query.encode()).fetchall()))  # type: ignore[arg-type]
    expected: list[float] = []
    limit = timed(lambda: expected.extend(float(each.sum()) for each in method.others(points)))
    given = [float(str(each)) for each in sums[0]]
    if not np.allclose(given, expected, rtol=AGREED):
        raise RuntimeError(f"{method.name} gives {given} in all, and numpy {expected}")
    wanted = "wanted: under 10 s for a million points, more only where exact"
    note = f"limit: numpy and scipy, in memory; answers agree to {AGREED:g}; {wanted}"
    return Figure(f"{method.name}: {len(points.x):,} points", ours, limit, "s", note)


# ------------------------------------------------------------------------------------------------ the same by numpy


def _wilson(x: Numbers, n: Numbers) -> tuple[Numbers, Numbers]:
    spread = Z * np.sqrt(Z**2 + 4 * x * (1 - x / n))
    return (2 * x + Z**2 - spread) / (2 * (n + Z**2)), (2 * x + Z**2 + spread) / (2 * (n + Z**2))


def _byar(x: Numbers) -> tuple[Numbers, Numbers]:
    after = x + 1
    return (
        x * (1 - 1 / (9 * x) - Z / (3 * np.sqrt(x))) ** 3,
        after * (1 - 1 / (9 * after) + Z / (3 * np.sqrt(after))) ** 3,
    )


def _exact(expected: Numbers) -> tuple[Numbers, Numbers]:
    lower = np.where(expected > 0, stats.chi2.ppf(0.025, 2 * np.maximum(expected, 1e-300)), 0) / 2
    return lower, stats.chi2.ppf(0.975, 2 * expected + 2) / 2


def _newcombe(points: Points) -> tuple[Numbers, Numbers, Numbers]:
    one, two = points.x / points.n, points.other / points.n
    (low1, high1), (low2, high2) = _wilson(points.x, points.n), _wilson(points.other, points.n)
    difference = one - two
    below, above = np.hypot(one - low1, high2 - two), np.hypot(high1 - one, two - low2)
    return difference, difference - below, difference + above


def _trend(points: Points) -> list[Numbers]:
    c, n = points.of(points.x, YEARS), points.of(points.n, YEARS)
    t = np.arange(YEARS)
    total, of_all = n.sum(axis=1), c.sum(axis=1)
    part = total * (c * t).sum(axis=1) - of_all * (n * t).sum(axis=1)
    whole = of_all * (total - of_all) * (total * (n * t**2).sum(axis=1) - (n * t).sum(axis=1) ** 2)
    return [total * part**2 / whole]


def _trend_of_values(points: Points) -> list[Numbers]:
    v, above = points.of(points.x, YEARS), points.of(points.other, YEARS)
    t, w = np.arange(YEARS), (2 * Z / (9 + above)) ** 2
    part = w.sum(axis=1) * (w * t * v).sum(axis=1) - (w * t).sum(axis=1) * (w * v).sum(axis=1)
    whole = w.sum(axis=1) * (w.sum(axis=1) * (w * t**2).sum(axis=1) - (w * t).sum(axis=1) ** 2)
    return [part**2 / whole]


def _progress(points: Points) -> list[Numbers]:
    ratio = ((points.x / points.n) ** (1 / 4) - 1) / np.abs(2 ** (1 / 10) - 1)
    return [ratio]


def _comparison(is_lower: NDArray[np.bool_], is_higher: NDArray[np.bool_]) -> list[Numbers]:
    return [is_lower.astype(float), is_higher.astype(float)]


def _spc(points: Points) -> list[Numbers]:
    lower, upper = _wilson(0.1 * points.n, points.n)
    return _comparison(points.x / points.n < lower, points.x / points.n > upper)


def _bands(points: Points) -> list[Numbers]:
    values = points.of(points.x, COUNCILS)
    edges = np.quantile(values, [0.25, 0.5, 0.75], axis=1)
    return [1 + (edges[:, :, None] < values).sum(axis=0).astype(float)]


def _chart(points: Points) -> list[Numbers]:
    values = points.of(points.x, MONTHS)
    moving = np.abs(np.diff(values, axis=1))
    kept = moving < 3.267 * moving.mean(axis=1, keepdims=True)
    reach = 2.66 * (moving * kept).sum(axis=1) / kept.sum(axis=1)
    return [values.mean(axis=1) - reach, values.mean(axis=1) + reach]


def _projection(points: Points) -> list[Numbers]:
    values, t = points.of(points.x, YEARS), np.arange(YEARS) - (YEARS - 1) / 2
    slope = values @ t / (t @ t)
    left = values - values.mean(axis=1, keepdims=True) - np.outer(slope, t)
    ahead = 2030 - 2018 - (YEARS - 1) / 2
    error = np.sqrt((left**2).sum(axis=1) / (YEARS - 2) * (1 + 1 / YEARS + ahead**2 / (t @ t)))
    expected = values.mean(axis=1) + slope * ahead
    reach = stats.t.ppf(0.975, YEARS - 2) * error
    return [expected, expected - reach, expected + reach]


BOTH = ("lower", "upper")
EACH = "councils cross join unnest(xs) as council (val)"
WORDS = ("(comparison = 'lower')::int", "(comparison = 'higher')::int")
METHODS = (
    Method("wilson_interval", "point", BOTH, "wilson_interval(x, n)", lambda p: _wilson(p.x, p.n)),
    Method("poisson_interval, Byar's", "point", BOTH, "poisson_interval(x)", lambda p: _byar(p.x)),
    Method("poisson_interval, exact", "point", BOTH, "poisson_interval(few)", lambda p: _exact(p.few)),
    Method("rate_interval", "point", BOTH, "rate_interval(x, n, 1)", lambda p: [each / p.n for each in _byar(p.x)]),
    Method("newcombe_difference", "point", ("difference", *BOTH), "newcombe_difference(x, n, other, n)", _newcombe),
    Method("recent_trend", "series", ("chi2",), "recent_trend(years, xs, ns)", _trend),
    Method("recent_trend_values", "series", ("chi2",), "recent_trend_values(years, xs, lows, highs)", _trend_of_values),
    Method(
        "progress_to_target", "point", ("value",),
        "progress_to_target(n, 2020, x, 2024, 'increase', null, 2 * n, 2030)", _progress,
    ),
    Method(
        "compare_value", "point", WORDS, "compare_value(x, x - 9, x + 9, other, 'neutral') as answer (comparison)",
        lambda p: _comparison(p.x + 9 < p.other, p.x - 9 > p.other),
    ),
    Method(
        "compare_intervals", "point", WORDS,
        "compare_intervals(x - 9, x + 9, other - 9, other + 9, 'neutral') as answer (comparison)",
        lambda p: _comparison(p.x + 9 < p.other - 9, p.x - 9 > p.other + 9),
    ),
    Method("compare_proportion_spc", "point", WORDS, "compare_proportion_spc(x, n, 0.1, 0.95, 'neutral')", _spc),
    Method(
        "rank_with_ties", EACH, ("rank",), "rank_with_ties(val, xs, 'lower_is_better')",
        lambda p: [stats.rankdata(p.of(p.x, COUNCILS), method="min", axis=1)],
    ),
    Method("quantile_band", EACH, ("band",), "quantile_band(val, xs, 'lower_is_better')", _bands),
    Method(
        "funnel_limits_of_proportion", "point", BOTH, "funnel_limits_of_proportion(0.1, n)",
        lambda p: [0.1 - Z * np.sqrt(0.09 / p.n), 0.1 + Z * np.sqrt(0.09 / p.n)],
    ),
    Method(
        "funnel_limits_of_rate, exact", "point", BOTH, "funnel_limits_of_rate(5, n, 1000)",
        lambda p: [each / (p.n / 1000) for each in _exact(p.n * 5 / 1000)],
    ),
    Method("xmr_limits", "chart", BOTH, "xmr_limits(xs)", _chart),
    Method(
        "xmr_points", "chart", ("val",), "xmr_points(xs)", lambda p: [p.of(p.x, MONTHS)],
    ),
    Method(
        "observed_annual_change", "point", ("linear", "compound"), "observed_annual_change(n, 2020, x, 2024)",
        lambda p: [(p.x - p.n) / 4, (p.x / p.n) ** (1 / 4) - 1],
    ),
    Method(
        "required_annual_change", "point", ("linear", "compound"), "required_annual_change(n, 2024, x, 2030)",
        lambda p: [(p.x - p.n) / 6, (p.x / p.n) ** (1 / 6) - 1],
    ),
    Method("projection", "series", ("value", *BOTH), "projection(years, xs)", _projection),
)  # fmt: skip
