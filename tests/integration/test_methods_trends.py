"""Trends, progress, change and projections of `methods`, beside statsmodels and the published rules read in Python."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import psycopg
import pytest
from methods_asked import Shape, answers
from psycopg import Connection
from scipy import stats
from statsmodels.regression.linear_model import OLS, WLS
from statsmodels.tools import add_constant

Reader = Connection[Any]
Answer = tuple[Any, ...]
CLOSE = {"rel": 1e-6, "abs": 1e-9}
SIGNIFICANT = stats.chi2.ppf(0.998, 1)
NOT_CALCULATED = "Cannot be calculated"

# ------------------------------------------------------------------------------------------------- recent trends

COUNTED: Shape = {"periods": "int[]", "counts": "numeric[]", "denominators": "numeric[]"}
VALUED: Shape = {"periods": "int[]", "vals": "numeric[]", "lower": "numeric[]", "upper": "numeric[]"}
OF_COUNTS = "methods.recent_trend(periods, counts, denominators)"
OF_VALUES = "methods.recent_trend_values(periods, vals, lower, upper)"


def slope(years: Sequence[int], values: Sequence[float], weights: Sequence[float]) -> Any:
    """Weighted least squares by statsmodels: its fit, as of an interval that is known."""
    centred = np.asarray(years, dtype=float) - years[0]
    return WLS(np.asarray(values), add_constant(centred), weights=np.asarray(weights)).fit()


def trend(chi2: float, years: Sequence[int], values: Sequence[float], weights: Sequence[float]) -> str:
    """Fingertips' rule: significant, and of one direction whichever point is left out."""
    without = [[place for place in range(5) if place != left_out] for left_out in (None, *range(5))]
    signs = {
        np.sign(slope([years[i] for i in kept], [values[i] for i in kept], [weights[i] for i in kept]).params[1])
        for kept in without
    }
    if chi2 <= SIGNIFICANT or len(signs) > 1:
        return "No significant change"
    return "Increasing" if signs == {1.0} else "Decreasing"


def some_years(chance: random.Random, points: int) -> list[int]:
    return sorted(chance.sample(range(2008, 2026), points))


def test_the_trend_of_a_proportion_is_that_of_its_five_latest_points(methods: Reader) -> None:
    chance = random.Random(10)
    cases = []
    for _ in range(1000):
        years = some_years(chance, chance.randint(5, 8))
        size, drift = 10 ** chance.uniform(1.5, 9), chance.uniform(-0.5, 0.5)
        denominators = [round(size * chance.uniform(0.8, 1.2)) for _ in years]
        shares = [1 / (1 + math.exp(-chance.gauss(0, 1) / 10 - drift * place)) for place, _ in enumerate(years)]
        counts = [min(max(1, round(n * p)), n - 1) for n, p in zip(denominators, shares, strict=True)]
        cases.append((years, counts, denominators))
    found = set()
    for (years, counts, denominators), answer in zip(cases, answers(methods, OF_COUNTS, COUNTED, cases), strict=True):
        t, c, n = years[-5:], np.array(counts[-5:], dtype=float), np.array(denominators[-5:], dtype=float)
        # χ² for trend is the part of the variance that the line through the proportions explains, times N.
        pooled = c.sum() / n.sum()
        centred = np.array(t, dtype=float) - np.average(t, weights=n)
        chi2 = slope(t, list(c / n), list(n)).params[1] ** 2 * (n * centred**2).sum() / (pooled * (1 - pooled))
        expected = trend(chi2, t, list(np.log(c / (n - c))), [1.0] * 5)
        assert (answer[0], float(answer[2])) == (expected, pytest.approx(chi2, **CLOSE)), (years, counts)
        found.add(answer[0])
    assert found == {"Increasing", "Decreasing", "No significant change"}


def test_the_trend_of_values_is_that_of_a_weighted_line(methods: Reader) -> None:
    chance = random.Random(11)
    z = stats.norm.ppf(0.975)
    cases = []
    for _ in range(1000):
        years = some_years(chance, chance.randint(5, 8))
        level, drift = 10 ** chance.uniform(-2, 6), chance.uniform(-0.1, 0.1)
        values = [level * (1 + drift * place + chance.gauss(0, 0.05)) for place, _ in enumerate(years)]
        reach = [level * chance.uniform(0.01, 0.2) for _ in years]
        lower = [value - each * chance.uniform(0.5, 1) for value, each in zip(values, reach, strict=True)]
        cases.append((years, values, lower, [value + each for value, each in zip(values, reach, strict=True)]))
    found = set()
    for (years, values, lower, upper), answer in zip(cases, answers(methods, OF_VALUES, VALUED, cases), strict=True):
        weights = [(2 * z / (u - low)) ** 2 for u, low in zip(upper[-5:], lower[-5:], strict=True)]
        fitted = slope(years[-5:], values[-5:], weights)
        chi2 = fitted.params[1] ** 2 / fitted.normalized_cov_params[1, 1]
        expected = trend(chi2, years[-5:], values[-5:], weights)
        assert (answer[0], float(answer[2])) == (expected, pytest.approx(chi2, **CLOSE)), years
        found.add(answer[0])
    assert found == {"Increasing", "Decreasing", "No significant change"}


def test_a_missing_year_leaves_its_gap(methods: Reader) -> None:
    counts, denominators = [10, 17, 27, 49, 67], [125, 142, 117, 204, 172]
    with_gap, without = answers(
        methods, OF_COUNTS, COUNTED,
        [([2012, 2013, 2014, 2016, 2017], counts, denominators), ([1, 2, 3, 4, 5], counts, denominators)],
    )  # fmt: skip
    assert with_gap[0] == without[0] == "Increasing"
    assert round(with_gap[2], 1) != round(without[2], 1)
    ((of_known_points,),) = (
        answers(methods, OF_COUNTS, COUNTED, [([2012, 2013, 2014, 2015, 2016, 2017],
        [*counts[:3], None, *counts[3:]], [*denominators[:3], 180, *denominators[3:]])]),
    )  # fmt: skip
    assert of_known_points == with_gap


def test_a_change_that_hangs_on_one_point_is_no_trend(methods: Reader) -> None:
    answer = answers(methods, OF_COUNTS, COUNTED, [([1, 2, 3, 4, 5], [50, 49, 48, 47, 900], [1000] * 5)])[0]
    assert answer[:2] == ("No significant change", "significant trend whose direction depends on one point")
    assert answer[2] > SIGNIFICANT


FIVE = [2019, 2020, 2021, 2022, 2023]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ((FIVE[:4], [1, 2, 3, 4], [9] * 4), "fewer than five points"),
        ((FIVE, [1, 2, None, 4, 5], [9] * 5), "fewer than five points"),
        ((None, None, None), "not as many"),
        (([], [], []), "fewer than five points"),
        ((FIVE, [1, 2, 3, 4], [9] * 5), "not as many"),
        ((FIVE, [1, 2, 3, 4, 5], None), "not as many"),
        ((FIVE[::-1], [1, 2, 3, 4, 5], [9] * 5), "do not ascend"),
        (([2019, 2020, 2020, 2021, 2022], [1, 2, 3, 4, 5], [9] * 5), "do not ascend"),
        (([2019, None, 2020, 2021, 2022], [1, 2, 3, 4, 5], [9] * 5), "do not ascend"),
        (([7] * 5, [1, 2, 3, 4, 5], [9] * 5), "do not ascend"),
        ((FIVE, [1, 2, 3, 4, 5], [9, 9, 9, 9, 0]), "not above 0"),
        ((FIVE, [-1, 2, 3, 4, 5], [9] * 5), "negative"),
        ((FIVE, [1, 2, 3, 4, 10], [9] * 5), "above its denominator"),
        ((FIVE, [1, 2, 3, 4, 9], [9] * 5), "all of its denominator"),
        ((FIVE, [0, 2, 3, 4, 5], [9] * 5), "a count of 0"),
        ((FIVE, [1, 2, 3, 4, "NaN"], [9] * 5), "above its denominator"),
        ((FIVE, [1, 2, 3, 4, 5], [9, 9, 9, 9, "Infinity"]), "not above 0"),
    ],
)
def test_what_has_no_trend_of_proportions_says_why(methods: Reader, case: Answer, reason: str) -> None:
    ((said, why, chi2),) = answers(methods, OF_COUNTS, COUNTED, [case])
    assert (said, chi2) == (NOT_CALCULATED, None)
    assert reason in why


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ((FIVE, [1, 2, 3, 4, 5], [0, 1, None, 3, 4], [2, 3, 4, 5, 6]), "fewer than five points"),
        ((FIVE, [1, 2, 3, 4, 5], [0, 1, 2, 3], [2, 3, 4, 5, 6]), "not as many"),
        ((FIVE, [1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [0, 1, 2, 3, 4]), "outside its interval"),
        ((FIVE, [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]), "no width"),
        ((FIVE, [1, 2, 3, 4, 5], [0, 1, 2, 3, 4], [2, 3, 4, 5, "Infinity"]), "without end"),
    ],
)
def test_what_has_no_trend_of_values_says_why(methods: Reader, case: Answer, reason: str) -> None:
    ((said, why, chi2),) = answers(methods, OF_VALUES, VALUED, [case])
    assert (said, chi2) == (NOT_CALCULATED, None)
    assert reason in why


# ----------------------------------------------------------------------------------------- progress to a target

PROGRESS: Shape = {
    "y0": "numeric", "t0": "int", "y1": "numeric", "t1": "int", "direction": "text", "furthest": "numeric",
    "yt": "numeric", "tt": "int",
}  # fmt: skip
OF_PROGRESS = "methods.progress_to_target(y0, t0, y1, t1, direction, furthest, yt, tt)"


def progress(case: tuple[Any, ...]) -> tuple[float | None, float | None, str]:  # noqa: PLR0911
    """Open SDG's docs/progress-methodology.md, read in Python."""
    y0, t0, y1, t1, direction, furthest, yt, tt = case
    better = 1 if direction == "increase" else -1
    nothing = (None, None, "not_available")
    if t1 - t0 < 1:
        return nothing
    growth = None
    if y0 != 0 and y1 / y0 >= 0:
        growth = math.copysign(1, y0) * better * ((y1 / y0) ** (1 / (t1 - t0)) - 1)
    if yt is not None:
        ratio = None
        needed = yt or math.copysign(0.001, y0)
        if growth is not None and needed / y0 > 0 and needed != y0:
            ratio = growth / abs((needed / y0) ** (1 / (tt - t0)) - 1)
        if better * (y1 - yt) >= 0 and y0 != 0:
            return ratio, 5, "target_achieved"
        if ratio is None:
            return nothing
        score = min(7.1429 * ratio - 4.2857, 5) if ratio >= 0.6 else max(4.1667 * ratio - 2.5, -5)
        if ratio < 0:
            return ratio, score, "deterioration"
        status = "substantial" if ratio >= 0.95 else "moderate" if ratio >= 0.6 else "limited"
        return ratio, score, f"{status}_progress"
    if growth is None:
        return nothing
    room = 1.0
    if furthest:
        share = abs(y0) / abs(furthest)
        room = 1 if share >= 2 else 1 - share**4.44 if share <= 1 else 1 - (2 - share) ** 4.44
    if growth < 0:
        return growth, max(125 * growth - 2.5, -5), "deterioration"
    if room == 0 or growth >= 0.015 * room:
        return growth, 5 if room == 0 else min(500 * growth / room - 5, 5), "substantial_progress"
    if growth >= 0.005 * room:
        return growth, 250 * growth / room - 1.25, "moderate_progress"
    return growth, 500 * growth / room - 2.5, "limited_progress"


def test_progress_is_that_of_open_sdg(methods: Reader) -> None:
    chance = random.Random(12)
    cases = []
    for _ in range(3000):
        y0 = chance.choice([1, -1, 1, 1]) * round(10 ** chance.uniform(-2, 9), 4)
        y1 = round(y0 * chance.choice([1, 0, -1, 1 + chance.gauss(0, 0.01), chance.uniform(0.2, 3)]), 6)
        yt = chance.choice([None, None, y0, 0, -y0, round(y0 * chance.uniform(0.3, 2), 4)])
        furthest = chance.choice([None, 100, 0, y0, round(y0 * chance.uniform(0.4, 3), 4)])
        t0 = chance.randint(2015, 2022)
        direction = chance.choice(["increase", "decrease"])
        cases.append((y0, t0, y1, t0 + chance.randint(0, 6), direction, furthest, yt, 2030))
    found = set()
    for case, answer in zip(cases, answers(methods, OF_PROGRESS, PROGRESS, cases), strict=True):
        value, score, status = progress(case)
        assert answer[2] == status, case
        close = [each if each is None else pytest.approx(each, **CLOSE) for each in (value, score)]
        assert [each if each is None else float(each) for each in answer[:2]] == close, case
        found.add(status)
    assert len(found) == 6


def test_the_published_results_of_canada(methods: Reader) -> None:
    """Poverty to a target, and participation under a limit of 100 without one: Statistics Canada's indicators 1-1-1 and
    1-2-1 in sdg-data-canada-odd-donnees/cif-data-donnees-cic."""
    poverty = answers(methods, OF_PROGRESS, PROGRESS, [(14.5, 2015, 10.2, 2023, "decrease", None, 7.25, 2030)])[0]
    assert [round(float(each), 5) for each in poverty[:2]] == [0.95259, 2.51856]
    assert poverty[2] == "substantial_progress"
    limited = answers(methods, OF_PROGRESS, PROGRESS, [(66.6, 2016, 71.4, 2023, "increase", 100, None, 2030)])[0]
    assert [round(float(each), 5) for each in limited[:2]] == [0.00999, 1.73975]
    assert limited[2] == "moderate_progress"


@pytest.mark.parametrize(
    "case",
    [
        (None, 2020, 5, 2024, "increase", None, None, 2030),
        (5, None, 5, 2024, "increase", None, None, 2030),
        (5, 2020, None, 2024, "increase", None, None, 2030),
        (5, 2024, 6, 2020, "increase", None, None, 2030),
        (5, 2020, 6, 2024, None, None, None, 2030),
        (5, 2020, 6, 2024, None, None, 10, 2030),
        (0, 2020, 0.0005, 2024, "increase", None, None, 2030),
        (0, 2020, 5, 2024, "increase", None, 1, 2030),
        (-5, 2020, 5, 2024, "increase", None, None, 2030),
        (10, 2020, 12, 2024, "decrease", None, 10, 2030),
        (10, 2020, 12, 2024, "increase", None, 20, 2020),
        (10, 2020, 12, 2024, "increase", None, 20, 2010),
        (10, 2020, 12, 2024, "increase", None, 20, None),
        ("NaN", 2020, 12, 2024, "increase", None, None, 2030),
        (10, 2020, "NaN", 2024, "increase", None, None, 2030),
        (10, 2020, "NaN", 2024, "increase", None, 20, 2030),
        (10, 2020, 12, 2024, "increase", None, "NaN", 2030),
    ],
)
def test_progress_that_cannot_be_reckoned_is_not_available(methods: Reader, case: Answer) -> None:
    assert answers(methods, OF_PROGRESS, PROGRESS, [case]) == [(None, None, "not_available")]


def test_a_target_met_at_the_base_and_lost_since_is_deterioration(methods: Reader) -> None:
    case = (8, 2020, 12, 2024, "decrease", None, 10, 2030)
    assert answers(methods, OF_PROGRESS, PROGRESS, [case])[0][2] == "deterioration"


def test_another_direction_is_an_error_that_names_the_two(methods: Reader) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="increase, decrease"):
        answers(methods, OF_PROGRESS, PROGRESS, [(5, 2020, 6, 2024, "up", None, None, 2030)])


# -------------------------------------------------------------------------------------- change and projections

CHANGE: Shape = {"a": "numeric", "from_year": "int", "b": "numeric", "to_year": "int"}


def test_annual_change_leads_from_one_value_to_the_other(methods: Reader) -> None:
    chance = random.Random(13)
    cases = [
        (
            round(10 ** chance.uniform(-3, 9), 5),
            2020,
            round(10 ** chance.uniform(-3, 9), 5),
            2020 + chance.randint(1, 20),
        )
        for _ in range(1000)
    ]
    for call in (
        "observed_annual_change(a, from_year, b, to_year)",
        "required_annual_change(a, from_year, b, to_year)",
    ):
        for (a, start, b, end), (linear, compound) in zip(
            cases, answers(methods, f"methods.{call}", CHANGE, cases), strict=True
        ):
            assert a + float(linear) * (end - start) == pytest.approx(b, rel=1e-6, abs=1e-6 * a)
            assert float(compound) == pytest.approx((b / a) ** (1 / (end - start)) - 1, **CLOSE)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ((0, 2020, 5, 2025), (Decimal(1), None)),
        ((-5, 2020, 5, 2025), (Decimal(2), None)),
        ((5, 2020, -5, 2025), (Decimal(-2), None)),
        ((5, 2025, 6, 2020), (None, None)),
        ((5, 2020, 6, 2020), (None, None)),
        ((None, 2020, 6, 2025), (None, None)),
        ((5, 2020, None, 2025), (None, None)),
        ((5, None, 6, 2025), (None, None)),
        (("NaN", 2020, 6, 2025), (None, None)),
        ((5, 2020, "Infinity", 2025), (None, None)),
    ],
)
def test_change_that_has_no_rate_has_none(methods: Reader, case: Answer, expected: Answer) -> None:
    assert answers(methods, "methods.observed_annual_change(a, from_year, b, to_year)", CHANGE, [case]) == [expected]


SERIES: Shape = {"periods": "int[]", "vals": "numeric[]", "year": "int", "confidence": "numeric"}
PROJECTED = "methods.projection(periods, vals, year, confidence)"


def test_a_projection_is_the_prediction_of_statsmodels(methods: Reader) -> None:
    chance = random.Random(14)
    cases = []
    for _ in range(1000):
        years = some_years(chance, chance.randint(5, 12))
        level = 10 ** chance.uniform(-2, 9)
        values = [level * (1 + chance.gauss(0, 0.1) + 0.05 * place) for place, _ in enumerate(years)]
        cases.append((years, values, 2030, chance.choice([0.8, 0.95, 0.998])))
    for (years, values, year, confidence), answer in zip(
        cases, answers(methods, PROJECTED, SERIES, cases), strict=True
    ):
        centred = np.array(years, dtype=float) - 2015
        fitted = OLS(np.array(values), add_constant(centred)).fit()
        predicted = fitted.get_prediction([[1, year - 2015]]).summary_frame(alpha=1 - confidence).iloc[0]
        expected = [predicted["mean"], predicted["obs_ci_lower"], predicted["obs_ci_upper"]]
        assert [float(each) for each in answer[:3]] == pytest.approx(expected, **CLOSE)
        assert answer[3] is None


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ((FIVE[:4], [1, 2, 4, 3], 2030, 0.95), "fewer than five points"),
        ((FIVE, [1, 2, None, 3, 5], 2030, 0.95), "fewer than five points"),
        ((FIVE, [1, 2, 3, 4], 2030, 0.95), "not as many"),
        ((None, [1, 2, 3, 4, 5], 2030, 0.95), "not as many"),
        (([2019, 2019, 2020, 2021, 2022], [1, 2, 4, 3, 5], 2030, 0.95), "twice"),
        (([2019, None, 2020, 2021, 2022], [1, 2, 4, 3, 5], 2030, 0.95), "missing"),
        (([7] * 5, [1, 2, 4, 3, 5], 2030, 0.95), "twice"),
        ((FIVE, [1, 2, 4, 3, 5], 2023, 0.95), "not after"),
        ((FIVE, [1, 2, 4, 3, 5], None, 0.95), "not after"),
        ((FIVE, [1, 2, 4, 3, 5], 2030, None), "no confidence"),
        ((FIVE, [1, 2, 3, 4, 5], 2030, 0.95), "without any scatter"),
        ((FIVE, [3, 3, 3, 3, 3], 2030, 0.95), "without any scatter"),
        ((FIVE, [0.1, 0.2, 0.3, 0.4, 0.5], 2030, 0.95), "without any scatter"),
        ((FIVE, [123456.7, 123456.8, 123456.9, 123457.0, 123457.1], 2030, 0.95), "without any scatter"),
    ],
)
def test_there_is_no_line_without_its_range(methods: Reader, case: Answer, reason: str) -> None:
    (answer,) = answers(methods, PROJECTED, SERIES, [case])
    assert answer[:3] == (None, None, None)
    assert reason in answer[3]


def test_students_t_is_that_of_scipy(methods: Reader) -> None:
    chance = random.Random(15)
    shape = {"confidence": "numeric", "freedom": "int"}
    cases = [
        (chance.choice([0.1, 0.5, 0.8, 0.95, 0.998, 0.9999]), freedom)
        for freedom in (*range(1, 60), 200, 201, 999, 1000, 1001, 5000, 10**6)
        for _ in range(3)
    ]
    call = "lateral (select methods.critical_value_of_t(confidence, freedom))"
    for (confidence, freedom), (value,) in zip(cases, answers(methods, call, shape, cases), strict=True):
        assert value == pytest.approx(stats.t.ppf((1 + confidence) / 2, freedom), rel=1e-8), (confidence, freedom)
