"""Every judgement again, by another reading of the same rules: pandas, scipy and statsmodels over what readers see."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
from asked import Query
from scipy.stats import chi2, norm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from bi.site.build import render
from promise import database

SCOTLAND = "S92000003"
PER = {"percent": 100, "per_1000": 1000, "per_10000": 10000}
OF_2019 = (date(2018, 8, 1), date(2019, 7, 31))
PROMISE = date(2020, 2, 5)
NO_FIGURE = pd.DataFrame({"period_start": [], "period_end": [], "obs_value": []})


@dataclass
class Told:
    """A figure, by what it is told from chance."""

    value: float
    lower: float | None
    upper: float | None


@pytest.fixture(scope="module")
def frames(warehouse: Any) -> dict[str, Any]:
    """What readers see, table by table."""

    def read(statement: str) -> pd.DataFrame:
        with database.connect("reader") as conn:
            cursor = conn.execute(statement.encode())
            return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description or ()])

    figures = read("select * from marts.fct_observation where breakdown = 'total' and obs_value is not null")
    return {
        # Of each measure and area, oldest first.
        "figures": {
            of: group.sort_values("period_start") for of, group in figures.groupby(["measure_id", "area_code"])
        },
        "measures": read("select * from marts.dim_measure").set_index("measure_id", drop=False),
        "indicators": read("select * from marts.dim_indicator").set_index("indicator_id", drop=False),
        "breaks": read("select * from marts.fct_break where measure_id is not null"),
        "progress": read("select * from marts.fct_progress"),
        "few": {
            (row.measure_id, row.area_code, row.period_start, row.period_end)
            for row in read(
                "select * from marts.fct_benchmark where rank_reason in ('small_numbers', 'people_not_known')"
            ).itertuples()
        },
    }


def decimals(value: Any) -> int:
    return max(0, -value.as_tuple().exponent)


def told(figure: dict[str, Any], measure: Any) -> Told:
    """The interval of a figure: of its counts, of itself as a count, as published, or as of so many people."""
    value = None if figure["obs_value"] is None else float(figure["obs_value"])
    unit, x, n = measure.unit, figure["numerator"], figure["denominator"]
    if measure.population == "services":  # a register is no chance
        assert value is not None
        return Told(value, None, None)
    if unit in ("count", "average_count"):
        assert value is not None
        return Told(value, *poisson(value))
    if unit in PER and x is not None and n is not None and n > 0 and (unit != "percent" or 0 <= x <= n):
        x, n = float(x), float(n)
        limits = proportion_confint(x, n, method="wilson") if unit == "percent" else [end / n for end in poisson(x)]
        return Told(x / n * PER[unit], limits[0] * PER[unit], limits[1] * PER[unit])
    if figure["lci_95"] is not None and figure["uci_95"] is not None and figure["lci_95"] < figure["uci_95"]:
        assert value is not None
        return Told(value, float(figure["lci_95"]), float(figure["uci_95"]))
    if measure.threshold_unit == "people" and value is not None:
        lower, upper = proportion_confint(
            value / 100 * float(measure.threshold_value), float(measure.threshold_value), method="wilson"
        )
        return Told(value, lower * 100, upper * 100)
    assert value is not None
    return Told(value, None, None)


def poisson(count: float) -> tuple[float, float]:
    """Exact under 10, by Byar from there."""
    if count < 10:
        return (chi2.ppf(0.025, 2 * count) / 2 if count else 0.0, chi2.ppf(0.975, 2 * count + 2) / 2)
    z = norm.ppf(0.975)
    upper = count + 1
    return (
        count * (1 - 1 / (9 * count) - z / (3 * math.sqrt(count))) ** 3,
        upper * (1 - 1 / (9 * upper) + z / (3 * math.sqrt(upper))) ** 3,
    )


def way(change: float, measure: Any) -> str:
    polarity = "neutral" if measure.role == "comparator" else measure.polarity
    if polarity == "neutral":
        return "rose" if change > 0 else "fell"
    return "improving" if (change > 0) == (polarity == "higher_is_better") else "worsening"


def judged(frames: dict[str, Any], before: dict[str, Any], after: dict[str, Any], measure: Any) -> str:
    """Whether the one is another than the other, and which way that is."""
    one, other = told(before, measure), told(after, measure)
    change = other.value - one.value
    of_counts = measure.unit in PER and all(each["denominator"] is not None for each in (before, after))
    rounding = 0.0
    if measure.unit != "count" and not of_counts:
        rounding = sum(
            0.5 * 10.0 ** -decimals(each["obs_value"]) for each in (before, after) if each["obs_value"] is not None
        )
    if None not in (one.lower, one.upper, other.lower, other.upper):
        assert one.lower is not None and one.upper is not None and other.lower is not None and other.upper is not None
        lower = change - math.hypot(other.value - other.lower, one.upper - one.value)
        upper = change + math.hypot(other.upper - other.value, one.value - one.lower)
        return way(change, measure) if lower > rounding or upper < -rounding else "no_clear_change"
    if (measure.measure_id, after["area_code"], after["period_start"], after["period_end"]) in frames["few"]:
        return "cannot_be_calculated"
    if measure.threshold_unit == "percent_a_year" and one.value == 0:
        return "cannot_be_calculated"
    size, rule = abs(change) - rounding, float(measure.threshold_value)
    if measure.threshold_unit == "percentage_point":
        is_one = size >= rule - 1e-12
    else:
        years = (after["period_start"] - before["period_start"]).days / 365.25
        growth = 1 + math.copysign(rule / 100, change)
        is_one = size >= abs(one.value) * abs(growth**years - 1)
    return way(change, measure) if is_one and change else "no_clear_change"


def is_broken(frames: dict[str, Any], measure_id: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether an established break lies between."""
    found = frames["breaks"].query("measure_id == @measure_id and certainty == 'established'")
    for each in found.to_dict("records"):
        if each["rejoined_from"] is not None:
            inside = [
                p["period_start"] < each["rejoined_from"] and p["period_end"] >= each["new_from"]
                for p in (before, after)
            ]
            if any(inside):
                return True
            continue
        held_until = each["old_until"] or date.fromordinal(each["new_from"].toordinal() - 1)
        if before["period_start"] < each["new_from"] and after["period_end"] > held_until:
            return True
    return False


def series_of(frames: dict[str, Any], measure: Any, area: str) -> list[dict[str, Any]]:
    """The figures of a measure and area, oldest first, each with its counts where those are published as well."""
    own = frames["figures"][measure.measure_id, area].to_dict("records")
    for part in ("numerator", "denominator"):
        beside = frames["figures"].get((getattr(measure, f"{part}_measure_id"), area), NO_FIGURE)
        values = {(row.period_start, row.period_end): row.obs_value for row in beside.itertuples()}
        for each in own:
            each[part] = (
                each[part] if each[part] is not None else values.get((each["period_start"], each["period_end"]))
            )
    return [{key: None if pd.isna(value) else value for key, value in each.items()} for each in own]


def counted_baseline(frames: dict[str, Any], measure: Any, area: str, start: date | None) -> dict[str, Any] | None:
    """A baseline whose share was not printed and whose counts were."""
    named = (measure.numerator_measure_id, measure.denominator_measure_id)
    figures = [frames["figures"].get((each, area), NO_FIGURE) for each in named]
    parts = [found[found.period_start == start] for found in figures]
    if any(part.empty for part in parts):
        return None
    over, under = (part.iloc[0] for part in parts)
    return {
        "period_start": over.period_start, "period_end": over.period_end, "obs_value": None,
        "numerator": over.obs_value, "denominator": under.obs_value, "lci_95": None, "uci_95": None,
    }  # fmt: skip


def without(absence: str | None) -> str:
    """Whose gap it is that there is nothing to measure from, as the indicator's file says."""
    if absence == "not_comparable":
        return "not_comparable"
    ours = absence not in ("not_published", "not_collected", "suppressed")
    return "no_baseline_in_our_copy" if ours else "no_baseline_published"


def since_baseline(frames: dict[str, Any], measure: Any, indicator: Any, area: str) -> str:
    series = series_of(frames, measure, area)
    latest, declared = series[-1], indicator.baseline_period_start
    if measure.geography == "council":
        if len(series) == 1:
            return "level"
        near = declared or PROMISE
        baseline = min(series[:-1], key=lambda each: (abs((each["period_start"] - near).days), each["period_start"]))
    else:
        baseline = next((each for each in series if each["period_start"] == declared), None)
        baseline = baseline or counted_baseline(frames, measure, area, declared)
    if baseline is None:
        return without(indicator.baseline_absence)
    not_before = baseline["period_start"]
    if measure.geography == "council":
        not_before = max(not_before, declared or PROMISE)
    if len(series) < indicator.minimum_periods or latest["period_start"] <= not_before:
        return "cannot_be_calculated"
    if is_broken(frames, measure.measure_id, baseline, latest):
        return "not_comparable"
    return judged(frames, baseline, latest, measure)


def since_2019(frames: dict[str, Any], measure: Any, indicator: Any, area: str) -> str:
    series = series_of(frames, measure, area)
    then = [each for each in series if OF_2019[0] <= each["period_end"] <= OF_2019[1]]
    if not then:
        return without(indicator.baseline_absence)
    before, latest = max(then, key=lambda each: each["period_end"]), series[-1]
    if latest["period_start"] <= before["period_start"]:
        return "cannot_be_calculated"
    return (
        "not_comparable"
        if is_broken(frames, measure.measure_id, before, latest)
        else judged(frames, before, latest, measure)
    )


def last_two(frames: dict[str, Any], measure: Any, _: Any, area: str) -> str:
    series = series_of(frames, measure, area)
    if len(series) == 1:
        return "level"
    before, latest = series[-2:]
    return (
        "not_comparable"
        if is_broken(frames, measure.measure_id, before, latest)
        else judged(frames, before, latest, measure)
    )


VIEWS = {"judgement": since_baseline, "judgement_since_2018_19": since_2019, "judgement_since_previous": last_two}


@pytest.mark.parametrize("view", VIEWS)
def test_each_judgement_is_what_the_rule_gives_read_another_way(frames: dict[str, Any], view: str) -> None:
    # Of small numbers readers see the rounded figure; what is judged is the one before rounding.
    progress = frames["progress"][
        ~frames["progress"].measure_id.map(frames["measures"].small_numbers.eq(True).to_dict()).astype(bool)
    ]
    assert len(progress) > 1300
    otherwise = []
    for row in progress.itertuples():
        measure, indicator = frames["measures"].loc[row.measure_id], frames["indicators"].loc[row.indicator_id]
        expected = VIEWS[view](frames, measure, indicator, row.area_code)
        if getattr(row, view) != expected:
            otherwise.append((row.measure_id, row.area_code, getattr(row, view), expected))
    assert otherwise == []


def test_the_interval_of_a_share_of_counts_is_newcombes(frames: dict[str, Any]) -> None:
    row = frames["progress"].query("measure_id == 'living_in_community__percent' and area_code == @SCOTLAND").iloc[0]
    lower, upper = confint_proportions_2indep(10518, 11844, 13022, 14458, compare="diff", method="newcomb")
    assert (row.evidence, row.judgement) == ("share_of_counts", "worsening")
    assert float(row.change_lci_95) == pytest.approx(lower * 100, abs=0.006)
    assert float(row.change_uci_95) == pytest.approx(upper * 100, abs=0.006)


@pytest.mark.parametrize(
    ("measure", "judgement", "since_2019", "says"),
    [
        ("in_care__count", "improving", "improving", "fell by 2,614 (18.1 per cent)"),
        ("entering_care__count", "improving", "improving", "fell by 385 (11.0 per cent)"),
        ("secure_care__average", "no_clear_change", "no_baseline_in_our_copy", "fell by 24 (29.3 per cent)"),
        ("exclusion_rate__looked_after", "worsening", "improving", "rose by 19 per 1,000 (24.4 per cent)"),
        ("scqf6_leavers__looked_after", "no_clear_change", "no_clear_change", "rose by 1.1 percentage points"),
        (
            "residential_care__percent",
            "worsening",
            "worsening",
            "from 9.9 (31 July 2020; 10.0 in print) to 11.2 (31 July 2024; 11.0 in print)",
        ),
    ],
)
def test_what_was_left_unjudged_or_judged_by_print_is_judged_by_its_counts_or_a_rule(
    query: Query, measure: str, judgement: str, since_2019: str, says: str
) -> None:
    ((found, since, reason),) = query(
        "select judgement, judgement_since_2018_19, reason from marts.fct_progress"
        " where measure_id = %s and area_code = %s",
        measure, SCOTLAND,
    )  # fmt: skip
    assert (found, since) == (judgement, since_2019)
    assert says in reason


def test_every_judged_change_says_its_size_and_what_tells_it_in_a_sentence(query: Query) -> None:
    silent = query(
        "select measure_id, area_code, reason from marts.fct_progress where judgement in"
        " ('improving', 'no_clear_change', 'worsening', 'rose', 'fell')"
        " and not (reason ~ '^(rose by|fell by|did not change by as much as is printed)'"
        " and (reason like '%%95 per cent interval of the change%%'"
        " or reason like '%%the rule of this project asks for%%'))"
    )
    assert silent == []


def test_no_measure_is_unjudged_for_want_of_a_rule(query: Query) -> None:
    ((pairs,),) = query(
        "select count(*) from marts.fct_progress where judgement = 'cannot_be_calculated' and points > 1"
        " and baseline_period_start < latest_period_start and reason not like 'of too few people%%'"
        " and reason != 'our copy has no figure after the baseline period' and baseline_value != 0"
    )
    assert pairs == 0


def test_the_picture_depends_on_the_rule_and_each_indicator_is_counted_once(query: Query) -> None:
    published = "scope = 'scotland' and publication_state = 'published'"
    sums = query(
        f"select rule, sum(indicators)::integer from marts.direction_by_rule where {published} group by 1 order by 1"
    )
    assert sums == [("last_two", 16), ("since_2018_19", 16), ("since_baseline", 16), ("trend", 16)]
    assert query(
        f"select indicator_ids from marts.direction_by_rule where {published} and rule = 'since_baseline'"
        " and counted_as = 'same_fact'"
    ) == [(["residential_care"],)]
    flips = dict(query("select indicator_id, since_baseline || ' ' || since_2018_19 from marts.judgement_disagreement"))
    assert flips["exclusion_rate"] == "worsening improving"


def test_each_rule_says_of_how_many_pairs_it_could_judge(query: Query) -> None:
    found = query("select area_type, rule, sum(pairs)::integer from marts.judgement_coverage group by 1, 2")
    assert len({rule for _, rule, _ in found}) == 4
    assert len({(area, pairs) for area, _, pairs in found}) == len({area for area, _, _ in found}), (
        "the same pairs by each"
    )
    ((councils_judged,),) = query(
        "select sum(pairs)::integer from marts.judgement_coverage"
        " where rule = 'since_baseline' and area_type = 'council' and is_judged"
    )
    assert councils_judged > 500


def test_a_qualifier_that_people_agreed_stands_over_what_is_computed_until_a_later_figure(
    copy_of_warehouse: psycopg.Connection[Any],
) -> None:
    copy_of_warehouse.execute(
        "insert into published.fct_qualifier (slot, qualifier_id, indicator_id, measure_id, area_code, period_start,"
        " period_label, judgement, agreed_by, agreed_on, reason, source_url)"
        " select slot, 'qual_one', indicator_id, measure_id, area_code, latest_period_start, latest_period_label,"
        " 'no_clear_change', 'cosla', '2026-06-25', 'The collection was changed.', 'https://example.org'"
        " from published.fct_progress where measure_id = 'attendance_rate__looked_after' and area_code = %s",
        [SCOTLAND],
    )
    asked = (
        "select judgement, computed_judgement, qualifier_id, reason from intermediate.progress_of_observed(%s)"
        " where measure_id = 'attendance_rate__looked_after' and area_code = %s"
    )
    now = copy_of_warehouse.execute(asked, [date(2026, 11, 1), SCOTLAND]).fetchall()
    assert [row[:3] for row in now] == [("no_clear_change", "worsening", "qual_one")]
    assert now[0][3] == "The collection was changed. (agreed by cosla on 2026-06-25; computed: worsening)"
    before = copy_of_warehouse.execute(asked, [date(2025, 3, 1), SCOTLAND]).fetchall()
    assert [row[2] for row in before] == [None]


def test_no_page_says_of_a_baseline_both_that_it_is_not_published_and_that_our_copy_lacks_it(
    warehouse: Any, tmp_path: Path
) -> None:
    with database.connect("reader") as conn:
        render(conn, tmp_path / "site")
    said = {}
    for page in sorted((tmp_path / "site" / "indicators").glob("*.html")):
        words = page.read_text()
        said[page.stem] = (
            "No baseline published" in words or "no baseline of 2020, not published" in words,
            "No baseline in our copy" in words or "no baseline of 2020, not in our copy" in words,
        )
    assert [identifier for identifier, (published, ours) in said.items() if published and ours] == []
    assert said["seclusion_in_school_care"] == (True, False)
    assert said["cp_registration_rate"] == (False, True)


POINT = "1, 'percentage_point', 4"


def by_rule(polarity: str, before: str, after: str, rule: str, rounding: str) -> str:
    return f"judged_change('{polarity}', {before}, null, null, {after}, null, null, {rule}, {rounding})"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        # A published interval of no width tells nothing from chance.
        ("figure_interval('percent', 10, null, null, 10, 10, null)", (10, None, None, None)),
        ("figure_interval('percent', 50, 0, 0, null, null, null)", (50, None, None, None)),
        ("figure_interval(null, 50, 5, 10, null, null, null)", (50, None, None, None)),
        # By a rule, however the figures were rounded; nothing of it from nothing.
        (by_rule("lower_is_better", "10", "11", POINT, "0"), (1, None, None, "worsening")),
        (by_rule("lower_is_better", "10", "11", POINT, "0.1"), (1, None, None, "no_clear_change")),
        (by_rule("neutral", "0", "11", "1.5, 'percent_a_year', 4", "0"), (11, None, None, None)),
        (by_rule("neutral", "10", "11", "1.5, 'percent_a_year', 0", "0"), (1, None, None, None)),
        (by_rule("neutral", "null", "11", POINT, "0"), (None, None, None, None)),
        # By the interval, widened by what rounding can have done.
        (f"judged_change('neutral', 10, 9, 11, 13, 12, 14, {POINT}, 0)", (3, 1.5858, 4.4142, "rose")),
        (f"judged_change('neutral', 10, 9, 11, 13, 12, 14, {POINT}, 2)", (3, 1.5858, 4.4142, "no_clear_change")),
        (f"judged_change('neutral', 'NaN', 9, 11, 13, 12, 14, {POINT}, 0)", None),
    ],
)  # fmt: skip
def test_a_change_is_judged_by_limits_or_a_rule_and_never_by_nothing(query: Query, asked: str, answer: Any) -> None:
    ((*numbers, word),) = query(f"select * from methods.{asked}")
    if answer is None:
        assert word is None
        return
    assert word == answer[-1]
    assert [None if each is None else float(each) for each in numbers] == [
        None if each is None else pytest.approx(each, abs=1e-4) for each in answer[:-1]
    ]


def test_every_indicator_that_is_said_to_come_out_otherwise_is_one_of_those_that_are_counted(query: Query) -> None:
    assert (
        query(
            "select indicator_id from marts.judgement_disagreement where publication_state = 'published'"
            " and counted_as = 'direction' except select unnest(indicator_ids) from marts.direction_basket"
            " where scope = 'scotland' and publication_state = 'published' and counted_as = 'direction'"
        )
        == []
    )


def test_no_attainment_of_leavers_or_pupils_is_compared_with_a_year_without_exams(query: Query) -> None:
    measures = query(
        "select measure_id from marts.dim_measure where measure_id ~ '^(no_)?scqf[0-9]_leavers__'"
        " except select measure_id from marts.fct_break where break_id like 'break_exams_%%'"
    )
    assert measures == []
