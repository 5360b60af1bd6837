"""Comparisons, ranks, funnels and control charts of `methods`, beside scipy, numpy, pandas and the rules in Python."""

from __future__ import annotations

import json
import math
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest
from methods_asked import Shape, answers, plan
from psycopg import Connection
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

Reader = Connection[Any]
Answer = tuple[Any, ...]
CLOSE = {"rel": 1e-6, "abs": 1e-9}
POLARITIES = ("higher_is_better", "lower_is_better", "neutral")
WORDS = {
    "higher_is_better": ("worse", "better"),
    "lower_is_better": ("better", "worse"),
    "neutral": ("lower", "higher"),
}


def word(is_lower: bool, is_higher: bool, polarity: str) -> str:
    lower, higher = WORDS[polarity]
    return lower if is_lower else higher if is_higher else "similar"


# -------------------------------------------------------------------------------------------------- comparisons

BESIDE: Shape = {
    "value": "numeric", "low": "numeric", "high": "numeric", "benchmark": "numeric", "other": "numeric",
    "polarity": "text",
}  # fmt: skip
OF_VALUE = "lateral (select methods.compare_value(value, low, high, benchmark, polarity))"
OF_INTERVALS = "lateral (select methods.compare_intervals(low, high, benchmark, other, polarity))"


def test_a_benchmark_in_the_interval_or_on_its_edge_is_similar(methods: Reader) -> None:
    cases = [
        (2, 1, 3, benchmark, benchmark + 1, polarity) for benchmark in (-1, 0, 1, 2, 3, 4) for polarity in POLARITIES
    ]
    of_value, of_intervals = (answers(methods, call, BESIDE, cases) for call in (OF_VALUE, OF_INTERVALS))
    for (_, low, high, benchmark, other, polarity), (one,), (both,) in zip(cases, of_value, of_intervals, strict=True):
        assert one == word(high < benchmark, low > benchmark, polarity)
        assert both == word(high < benchmark, low > other, polarity)


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("nothing", [None, "NaN", "Infinity", "-Infinity"])
def test_what_is_compared_with_nothing_has_no_word(methods: Reader, place: int, nothing: object) -> None:
    case: list[object] = [2, 1, 3, 5, 6, "higher_is_better"]
    case[place] = nothing
    if place < 4:
        assert answers(methods, OF_VALUE, BESIDE, [case]) == [(None,)]
    if place > 0:
        assert answers(methods, OF_INTERVALS, BESIDE, [case]) == [(None,)]


def test_limits_the_wrong_way_round_have_no_word(methods: Reader) -> None:
    assert answers(methods, OF_VALUE, BESIDE, [(2, 3, 1, 9, 9, "neutral")]) == [(None,)]
    assert answers(methods, OF_VALUE, BESIDE, [(2, 1, 3, 9, 9, None)]) == [(None,)]


SPC: Shape = {"x": "numeric", "n": "numeric", "benchmark": "numeric", "confidence": "numeric", "polarity": "text"}
OF_PROPORTION = "methods.compare_proportion_spc(x, n, benchmark, confidence, polarity)"


def test_a_proportion_is_judged_by_wilson_limits_of_the_benchmark(methods: Reader) -> None:
    chance = random.Random(20)
    cases = []
    for _ in range(2000):
        n, benchmark = int(10 ** chance.uniform(0, 9)), round(chance.random(), 4)
        x = min(n, max(0, round(n * (benchmark + chance.gauss(0, 0.6) / math.sqrt(n)))))
        cases.append((x, n, benchmark, chance.choice([0.95, 0.998]), chance.choice(POLARITIES)))
    found = set()
    for case, (answer,) in zip(cases, answers(methods, OF_PROPORTION, SPC, cases), strict=True):
        x, n, benchmark, confidence, polarity = case
        lower, upper = proportion_confint(benchmark * n, n, alpha=1 - confidence, method="wilson")
        assert answer == word(x / n < lower, x / n > upper, polarity), case
        found.add(answer)
    assert len(found) == 5


@pytest.mark.parametrize(
    "case", [(1, 0, 0.5), (5, 4, 0.5), (-1, 4, 0.5), (1, 4, 1.5), (1, 4, -0.1), (None, 4, 0.5), (1, 4, None)]
)
def test_what_is_no_proportion_has_no_word(methods: Reader, case: Answer) -> None:
    assert answers(methods, OF_PROPORTION, SPC, [(*case, 0.95, "neutral")]) == [(None,)]


# ------------------------------------------------------------------------------------------------------- ranks

AMONG: Shape = {"val": "numeric", "vals": "numeric[]", "polarity": "text", "bands": "int"}


def test_ranks_are_those_of_pandas_and_bands_go_by_quantiles_of_numpy(methods: Reader) -> None:
    chance = random.Random(21)
    checked = 0
    for size in (1, 3, 8, 32, 32, 32, 100):
        values: list[float | None] = [
            chance.choice([round(chance.gauss(50, 20), chance.choice([0, 2])), None, 50]) for _ in range(size)
        ]
        known = [value for value in values if value is not None]
        for polarity in POLARITIES:
            bands = chance.choice([2, 4, 5, 10])
            cases = [(value, values, polarity, bands) for value in values]
            ranks = answers(methods, "methods.rank_with_ties(val, vals, polarity)", AMONG, cases)
            banded = answers(methods, "methods.quantile_band(val, vals, polarity, bands)", AMONG, cases)
            series = pd.Series(values, dtype=float)
            expected = series.rank(method="min", ascending=polarity != "higher_is_better")
            for value, rank, (band,), place in zip(values, ranks, banded, expected, strict=True):
                assert rank[1] == len(known)
                if value is None or polarity == "neutral":
                    assert (rank[0], band) == (None, None)
                    continue
                assert rank[0] == place
                if len(known) < bands:
                    assert band is None
                    continue
                edges = np.quantile(known, [k / bands for k in range(1, bands)])
                below = sum(edge < value for edge in edges)
                assert band == (bands - below if polarity == "higher_is_better" else 1 + below)
                checked += 1
    assert checked > 300


def test_what_is_not_among_the_values_has_no_band(methods: Reader) -> None:
    call, polarity = "methods.quantile_band(val, vals, polarity, bands)", "lower_is_better"
    cases = [
        (-10, [0, 25, 50], polarity, 3), (110, [0, 25, 50], polarity, 3), (25, [0, 25, 50], polarity, 0),
        (25, None, polarity, 4), (25, [], polarity, 4), ("NaN", [0, 25, 50], polarity, 3), (25, [25], polarity, None),
    ]  # fmt: skip
    assert answers(methods, call, AMONG, cases) == [(None,)] * len(cases)


@pytest.mark.parametrize(
    "call",
    [
        "compare_value(2, 1, 3, 5, %s)",
        "compare_intervals(1, 2, 3, 4, %s)",
        "compare_proportion_spc(1, 2, 0.5, 0.95, %s)",
        "rank_with_ties(1, array[1, 2], %s)",
        "quantile_band(1, array[1, 2], %s, 2)",
    ],
)
def test_another_polarity_is_an_error_that_names_those_there_are(methods: Reader, call: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="higher_is_better, lower_is_better, neutral"):
        methods.execute(f"select * from methods.{call}".encode(), ("higher",))


# ----------------------------------------------------------------------------------------------------- funnels

FUNNEL: Shape = {"benchmark": "numeric", "n": "numeric", "multiplier": "numeric", "confidence": "numeric"}


def test_a_wilson_interval_of_a_funnel_limit_touches_the_benchmark(methods: Reader) -> None:
    chance = random.Random(22)
    cases = [
        (round(chance.random(), 4), int(10 ** chance.uniform(0, 6)), None, chance.choice([0.95, 0.998]))
        for _ in range(1000)
    ]
    call = "methods.funnel_limits_of_proportion(benchmark, n, confidence)"
    touched = 0
    for (benchmark, n, _, confidence), (lower, upper) in zip(cases, answers(methods, call, FUNNEL, cases), strict=True):
        assert 0 <= lower <= benchmark <= upper <= 1
        for limit, edge in ((lower, 1), (upper, 0)):
            if 0 < limit < 1:
                interval = proportion_confint(float(limit) * n, n, alpha=1 - confidence, method="wilson")
                assert interval[edge] == pytest.approx(benchmark, **CLOSE)
                touched += 1
    assert touched > 1000


def test_funnel_limits_of_rates_and_ratios_are_poissons(methods: Reader) -> None:
    chance = random.Random(23)
    cases = [(1, int(10 ** chance.uniform(0, 6)), 1, chance.choice([0.95, 0.998])) for _ in range(500)]
    cases += [
        (round(10 ** chance.uniform(-2, 3), 3), int(10 ** chance.uniform(1, 7)), 1000, chance.choice([0.95, 0.998]))
        for _ in range(500)
    ]
    call = "methods.funnel_limits_of_rate(benchmark, n, multiplier, confidence)"
    for case, limits in zip(cases, answers(methods, call, FUNNEL, cases), strict=True):
        benchmark, n, multiplier, confidence = case
        expected, tail = benchmark * n / multiplier, (1 - confidence) / 2
        counts = stats.chi2.ppf(tail, 2 * expected) / 2, stats.chi2.ppf(1 - tail, 2 * expected + 2) / 2
        wanted = [count / expected * benchmark for count in counts]
        assert [float(limit) for limit in limits] == pytest.approx(wanted, **CLOSE), case


@pytest.mark.parametrize(
    "case", [(0.5, 0), (0.5, -1), (-0.5, 9), (None, 9), (0.5, None), ("NaN", 9), (0.5, "Infinity")]
)
def test_a_funnel_around_nothing_has_no_limits(methods: Reader, case: Answer) -> None:
    for call in ("proportion(benchmark, n)", "rate(benchmark, n, multiplier)"):
        given = answers(methods, f"methods.funnel_limits_of_{call}", FUNNEL, [(*case, 1, None)])
        assert given == [(None, None)]


# ---------------------------------------------------------------------------------------------- control charts

SERIES: Shape = {"vals": "numeric[]"}


def limits(values: list[float]) -> tuple[float, float]:
    """The mean, and how far the limits are from it."""
    moving = np.abs(np.diff(values))
    kept = moving[moving < 3.267 * moving.mean()] if moving.mean() else moving
    return float(np.mean(values)), 2.66 * float(kept.mean())


def signals(values: list[float]) -> list[str | None]:
    """The four rules, run by run, in the order in which the later ones give way."""
    mean, reach = limits(values)
    side = [int(np.sign(value - mean)) for value in values]
    near = [int(np.sign(v - mean)) if reach * 2 / 3 < abs(v - mean) <= reach else 0 for v in values]
    found: list[str | None] = [None] * len(values)
    for end in range(7, len(values) + 1):
        if abs(sum(side[end - 7 : end])) == 7:
            found[end - 7 : end] = ["seven on one side of the mean"] * 7
    for end in range(3, len(values) + 1):
        if abs(sum(near[end - 3 : end])) >= 2 and abs(sum(side[end - 3 : end])) == 3:
            for place in range(end - 3, end):
                if near[place]:
                    found[place] = "two of three near a limit"
    for end in range(7, len(values) + 1):
        steps = {int(np.sign(after - before)) for before, after in pairwise(values[end - 7 : end])}
        if steps in ({1}, {-1}):
            found[end - 7 : end] = ["trend of seven"] * 7
    return ["outside the limits" if abs(v - mean) > reach else each for v, each in zip(values, found, strict=True)]


def some_series(chance: random.Random) -> list[float]:
    drift, level = chance.choice([0, 0, 0.3]), 10 ** chance.uniform(-1, 6)
    values = [level * (10 + chance.gauss(0, 1) + drift * place) for place in range(chance.randint(12, 40))]
    if chance.random() < 0.3:
        values[chance.randrange(len(values))] *= 3
    return values


def test_control_limits_and_the_four_rules(methods: Reader) -> None:
    chance = random.Random(24)
    series = [some_series(chance) for _ in range(500)]
    found = set()
    for values, (mean, lower, upper, near_lower, near_upper, points) in zip(
        series, answers(methods, "methods.xmr_limits(vals)", SERIES, [(values,) for values in series]), strict=True
    ):
        centre, reach = limits(values)
        wanted = [centre, centre - reach, centre + reach, centre - reach * 2 / 3, centre + reach * 2 / 3]
        assert [float(each) for each in (mean, lower, upper, near_lower, near_upper)] == pytest.approx(wanted, rel=1e-9)
        assert points == len(values)
        marked = methods.execute(
            "select signal from methods.xmr_points(%s::numeric[]) order by place", (values,)
        ).fetchall()
        assert [signal for (signal,) in marked] == signals(values)
        found |= {signal for (signal,) in marked}
    assert len(found) == 5


def test_control_charts_are_offered_only_from_twelve_points(methods: Reader) -> None:
    eleven = [*range(11)]
    assert answers(methods, "methods.xmr_limits(vals)", SERIES, [(eleven,), ([*eleven, None],), ([],), (None,)]) == [
        (None, None, None, None, None, points) for points in (11, 11, 0, 0)
    ]
    assert methods.execute(
        "select count(*), count(signal), count(side) from methods.xmr_points(%s::numeric[])", (eleven,)
    ).fetchone() == (11, 0, 0)
    assert methods.execute(
        "select count(*), count(signal) from methods.xmr_points(%s::numeric[])", ([*eleven, 11],)
    ).fetchone() == (12, 12)


# ------------------------------------------------------------------------------------------------------- plans

CALLS = {
    "wilson_interval": "(x, n)",
    "poisson_interval": "(x)",
    "rate_interval": "(x, n, 1000)",
    "newcombe_difference": "(x, n, x, n)",
    "recent_trend": "(years, vals, vals)",
    "recent_trend_values": "(years, vals, vals, vals)",
    "progress_to_target": "(x, 2020, n, 2024, 'increase')",
    "compare_value": "(x, x, n, n, 'neutral')",
    "compare_intervals": "(x, n, x, n, 'neutral')",
    "compare_proportion_spc": "(x, n, 0.5, 0.95, 'neutral')",
    "rank_with_ties": "(x, vals, 'lower_is_better')",
    "quantile_band": "(x, vals, 'lower_is_better')",
    "funnel_limits_of_proportion": "(x, n)",
    "funnel_limits_of_rate": "(x, n, 1000)",
    "xmr_limits": "(vals)",
    "xmr_points": "(vals)",
    "observed_annual_change": "(x, 2020, n, 2024)",
    "required_annual_change": "(x, 2020, n)",
    "projection": "(years, vals)",
    "figure_interval": "('percent', x, x, n, x, n, n)",
    "judged_change": "('neutral', x, x, x, n, n, n, x, 'percentage_point', x, x)",
}


def test_every_function_is_planned_here(methods: Reader) -> None:
    made = methods.execute(
        "select proname from pg_proc join pg_language on pg_language.oid = prolang"
        " where pronamespace = 'methods'::regnamespace and lanname = 'sql' and provolatile = 'i'"
    ).fetchall()
    assert {name for (name,) in made} == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_planned_as_part_of_the_query_that_makes_it(methods: Reader, name: str) -> None:
    given = json.dumps([{"x": 1, "n": 2, "vals": [1, 2, 3], "years": [1, 2, 3]}])
    made = plan(
        methods,
        f"select answer.* from json_to_recordset('{given}') as row (x numeric, n numeric, vals numeric[], years int[])"
        f" cross join lateral (select answer.* from methods.{name}{CALLS[name]} as answer offset 0) as answer",
    )
    assert f"methods.{name}" not in made
    assert "critical_value(" not in made, "a confidence that is written out is looked up once"
