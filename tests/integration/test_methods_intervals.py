"""The limits that `methods` gives, beside those of statsmodels and scipy."""

from __future__ import annotations

import math
import random
from typing import Any

import psycopg
import pytest
from methods_asked import Shape, answers
from psycopg import Connection
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

Reader = Connection[Any]
Case = tuple[object, ...]
CONFIDENCES = (0.5, 0.8, 0.9, 0.95, 0.99, 0.998, 0.9999)
MANY = 3000
COUNTED: Shape = {"x": "numeric", "n": "numeric", "confidence": "numeric"}
# The relative error allowed, and the absolute one where a limit is nearly nothing.
CLOSE = {"rel": 1e-6, "abs": 1e-9}


def some_proportions(seed: int) -> list[tuple[int, int, float]]:
    """Random ones of every size, and the edges of each size."""
    chance = random.Random(seed)
    found = []
    for _ in range(MANY):
        n = int(10 ** chance.uniform(0, 9))
        x = chance.choice([0, n, min(1, n), max(0, n - 1), chance.randint(0, n), int(n * chance.random() ** 6)])
        found.append((x, n, chance.choice(CONFIDENCES)))
    return found


def test_wilson_limits_are_those_of_statsmodels(methods: Reader) -> None:
    cases = some_proportions(seed=1)
    given = answers(methods, "methods.wilson_interval(x, n, confidence)", COUNTED, cases)
    for (x, n, confidence), limits in zip(cases, given, strict=True):
        expected = proportion_confint(x, n, alpha=1 - confidence, method="wilson")
        assert [float(limit) for limit in limits] == pytest.approx(expected, **CLOSE), (x, n, confidence)
        assert 0 <= limits[0] <= x / n <= limits[1] <= 1 or limits == pytest.approx((x / n, x / n), **CLOSE)


def test_none_or_all_of_them_have_that_for_a_limit(methods: Reader) -> None:
    for n in (1, 31, 10**9):
        assert answers(methods, "methods.wilson_interval(x, n)", COUNTED, [(0, n, None)])[0][0] == 0
        assert answers(methods, "methods.wilson_interval(x, n)", COUNTED, [(n, n, None)])[0][1] == 1


def test_limits_of_a_count_are_exact_under_ten_and_byars_from_there(methods: Reader) -> None:
    chance = random.Random(2)
    cases = [(count, None, confidence) for count in range(12) for confidence in CONFIDENCES]
    cases += [(int(10 ** chance.uniform(0, 9)), None, chance.choice(CONFIDENCES)) for _ in range(MANY)]
    given = answers(methods, "methods.poisson_interval(x, confidence)", COUNTED, cases)
    for (x, _, confidence), limits in zip(cases, given, strict=True):
        assert [float(limit) for limit in limits] == pytest.approx(limits_of_a_count(x, confidence), **CLOSE), x


def limits_of_a_count(x: int, confidence: float) -> tuple[float, float]:
    """By the quantiles of chi-squared, and by Byar's formula as Breslow and Day print it."""
    tail = (1 - confidence) / 2
    if x < 10:
        return (
            stats.chi2.ppf(tail, 2 * x) / 2 if x else 0.0,
            stats.chi2.ppf(1 - tail, 2 * x + 2) / 2,
        )
    z = stats.norm.ppf(1 - tail)
    return (
        x * (1 - 1 / (9 * x) - z / (3 * math.sqrt(x))) ** 3,
        (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * math.sqrt(x + 1))) ** 3,
    )


def test_limits_of_a_rate_are_those_of_its_count_per_so_many(methods: Reader) -> None:
    chance = random.Random(3)
    shape = {**COUNTED, "multiplier": "numeric"}
    cases = [
        (int(10 ** chance.uniform(0, 5)), int(10 ** chance.uniform(0, 9)), chance.choice(CONFIDENCES), multiplier)
        for multiplier in (1, 100, 1000, 100_000)
        for _ in range(500)
    ]
    given = answers(methods, "methods.rate_interval(x, n, multiplier, confidence)", shape, cases)
    for (x, n, confidence, multiplier), limits in zip(cases, given, strict=True):
        expected = [limit / n * multiplier for limit in limits_of_a_count(x, confidence)]
        assert [float(limit) for limit in limits] == pytest.approx(expected, **CLOSE), (x, n)


def test_a_difference_of_proportions_is_that_of_statsmodels(methods: Reader) -> None:
    shape = {"x1": "numeric", "n1": "numeric", "x2": "numeric", "n2": "numeric", "confidence": "numeric"}
    pairs = zip(some_proportions(seed=4), some_proportions(seed=5), strict=True)
    cases = [(x1, n1, x2, n2, confidence) for (x1, n1, confidence), (x2, n2, _) in pairs]
    given = answers(methods, "methods.newcombe_difference(x1, n1, x2, n2, confidence)", shape, cases)
    for (x1, n1, x2, n2, confidence), answer in zip(cases, given, strict=True):
        expected = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb", compare="diff", alpha=1 - confidence)
        assert [float(each) for each in answer] == pytest.approx([x1 / n1 - x2 / n2, *expected], **CLOSE)


def test_newcombes_own_example(methods: Reader) -> None:
    """56/70 − 48/80: method 10 of table II (a) in Newcombe 1998, Statistics in Medicine 17, 873–890."""
    ((difference, lower, upper),) = methods.execute("select * from methods.newcombe_difference(56, 70, 48, 80)")
    assert [round(float(each), 4) for each in (difference, lower, upper)] == [0.2, 0.0524, 0.3339]


NOT_COUNTED: list[Case] = [
    (1, 0, 0.95), (0, 0, 0.95), (5, 4, 0.95), (-1, 4, 0.95), (1, -4, 0.95),
    (None, 4, 0.95), (1, None, 0.95), (1, 4, None), ("NaN", 4, 0.95), (1, "NaN", 0.95), (1, "Infinity", 0.95),
]  # fmt: skip


@pytest.mark.parametrize("case", NOT_COUNTED)
def test_what_is_no_count_of_a_whole_has_no_limits(methods: Reader, case: Case) -> None:
    assert answers(methods, "methods.wilson_interval(x, n, confidence)", COUNTED, [case]) == [(None, None)]
    difference = "methods.newcombe_difference(x, n, 1, 2, confidence)"
    assert answers(methods, difference, COUNTED, [case])[0][1:] == (None, None)


@pytest.mark.parametrize("case", [case for case in NOT_COUNTED if case != (5, 4, 0.95)])
def test_what_is_no_rate_has_no_limits(methods: Reader, case: Case) -> None:
    assert answers(methods, "methods.rate_interval(x, n, 1000, confidence)", COUNTED, [case]) == [(None, None)]


@pytest.mark.parametrize("count", [-1, None, "NaN", "Infinity", "-Infinity"])
def test_what_is_no_count_has_no_limits(methods: Reader, count: object) -> None:
    assert answers(methods, "methods.poisson_interval(x)", COUNTED, [(count, None, None)]) == [(None, None)]


@pytest.mark.parametrize(
    "call",
    [
        "methods.wilson_interval(1, 2, %s::numeric)",
        "methods.poisson_interval(1, %s::numeric)",
        "methods.rate_interval(1, 2, 100, %s::numeric)",
        "methods.newcombe_difference(1, 2, 1, 3, %s::numeric)",
    ],
)
@pytest.mark.parametrize("confidence", [95, 0, 1, -0.5, "NaN"])
def test_a_confidence_in_per_cent_is_an_error_that_says_so(methods: Reader, call: str, confidence: object) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="between 0 and 1, such as 0"):
        methods.execute(f"select * from {call}".encode(), (confidence,))


def test_quantiles_are_those_of_scipy(methods: Reader) -> None:
    chance = random.Random(6)
    shape = {"shape": "double precision", "probability": "double precision"}
    cases = [
        (
            chance.choice([chance.randint(1, 12), chance.randint(1, 1200), 10 ** chance.uniform(-3, 7)]),
            chance.choice([0.001, 0.025, 0.5, 0.975, 0.999, chance.uniform(1e-5, 1 - 1e-5)]),
        )
        for _ in range(MANY)
    ]
    call = "lateral (select methods.gamma_quantile(shape, probability), methods.normal_quantile(probability))"
    for (a, probability), (gamma, normal) in zip(cases, answers(methods, call, shape, cases), strict=True):
        assert gamma == pytest.approx(stats.gamma.ppf(probability, a), rel=1e-9), (a, probability)
        assert normal == pytest.approx(stats.norm.ppf(probability), rel=1e-13, abs=1e-15)
