"""Councils beside each other: a place only where it can be told, recomputed here from the figures alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import psycopg
import pytest
from asked import Query
from scipy.stats import binomtest

from promise.catalogue.framework import framework

SMALL = framework().small_numbers.fewer_than
COMMUNITY = "living_in_community__percent_lgbf"
COUNTS = ("living_in_community__count_lgbf", "residential_care__count_lgbf")
ORKNEY, GLASGOW, DUNDEE, FIFE = "S12000023", "S12000049", "S12000042", "S12000047"


def frame(query: Query, columns: str, source: str, *parameters: object) -> pd.DataFrame:
    names = [name.strip().split()[-1] for name in columns.split(",")]
    found = pd.DataFrame(query(f"select {columns} from {source}", *parameters), columns=names)
    assert len(found), "there is something to recompute"
    texts = found.select_dtypes("str").columns
    return found.assign(**{name: found[name].astype(object).where(found[name].notna(), None) for name in texts})


def looked_after(query: Query) -> pd.Series[Any]:
    """Children looked after by council and day, where both of their counts are published."""
    counted = frame(
        query,
        "area_code, period_end, obs_value::float8 counted",
        "marts.fct_observation where measure_id = any(%s) and breakdown = 'total' and area_code like 'S12%%'"
        " and obs_value is not null",
        [*COUNTS],
    )
    both = counted.groupby(["area_code", "period_end"]).counted.agg(["sum", "size"])
    return both[both["size"] == 2]["sum"]


def test_few_children_have_no_place(query: Query) -> None:
    """32 of 32 for the 31 children of Orkney told what befell one or two of them."""
    people = looked_after(query)
    of_looked_after = [
        measure.id
        for _, measure in framework().measures()
        if measure.population == "looked_after" and measure.geography == "council" and measure.polarity != "neutral"
    ]
    rows = frame(
        query,
        "measure_id, area_code, period_end, rank, quartile, rank_reason, people::float8 people",
        "marts.fct_benchmark where measure_id = any(%s)",
        of_looked_after,
    )
    assert set(rows.measure_id) >= {
        "attendance_rate__looked_after_lgbf",
        "exclusion_rate__looked_after_lgbf",
        COMMUNITY,
    }
    for row in rows.itertuples():
        own = people[row.area_code]
        nearest = own[min((abs((day - row.period_end).days), day) for day in own.index)[1]]
        assert row.people == nearest, row
        if nearest < SMALL:
            assert (pd.isna(row.rank), pd.isna(row.quartile), row.rank_reason) == (True, True, "small_numbers"), row
    orkney = rows[rows.area_code == ORKNEY]
    assert len(orkney) > 20 and orkney["rank"].isna().all() and (orkney.people < 50).all()
    assert rows["rank"].notna().sum() > 300


def test_a_place_and_what_the_intervals_leave_open_are_those_of_the_figures(query: Query) -> None:
    higher = {m.id: m.polarity == "higher_is_better" for _, m in framework().measures() if m.polarity != "neutral"}
    rows = frame(
        query,
        "measure_id, area_code, period_start, obs_value::float8 figure, rank, councils_ranked, quartile, rank_reason,"
        " tied_with, place_from, place_to, lci_95::float8 lower, uci_95::float8 upper, scotland_value::float8 scotland,"
        " compared_with_scotland compared",
        "marts.fct_benchmark",
    )
    rows = rows[rows.measure_id.isin(list(higher))]
    reasons = set()
    for (measure_id, _), together in rows.groupby(["measure_id", "period_start"]):
        sign = -1 if higher[str(measure_id)] else 1
        taking_part = together[~together.rank_reason.isin(["small_numbers", "people_not_known"])]
        places = (sign * taking_part.figure).rank(method="min")
        ends = pd.DataFrame({"a": sign * taking_part.lower, "b": sign * taking_part.upper})
        best = ends.min(axis=1).fillna(sign * taking_part.figure)
        worst = ends.max(axis=1).fillna(sign * taking_part.figure)
        for at, row in together.iterrows():
            reasons.add(row.rank_reason)
            within = pd.notna(row.lower) and pd.notna(row.scotland) and row.lower <= row.scotland <= row.upper
            if pd.notna(row.lower) and pd.notna(row.scotland):
                above = (row.scotland < row.figure) == (sign == -1)
                assert row.compared == ("not_clearly_different" if within else "better" if above else "worse"), row
            assert row.councils_ranked == len(taking_part)
            if at not in taking_part.index:
                assert pd.isna(row["rank"]) and pd.isna(row.tied_with) and pd.isna(row.place_from)
                continue
            assert row.tied_with == (taking_part.figure == row.figure).sum() - 1
            if pd.notna(row.lower):
                first, last = 1 + (worst < best[at]).sum(), len(taking_part) - (best > worst[at]).sum()
                assert (row.place_from, row.place_to) == (first, last), row
            if row.rank_reason is None:
                assert not within
                assert row["rank"] == places[at] and row.quartile == -(-places[at] * 4 // len(taking_part)), row
            else:
                everywhere = pd.isna(row.scotland) and (row.place_from, row.place_to) == (1, len(taking_part))
                assert row.rank_reason == "not_clearly_different" and pd.isna(row["rank"]), row
                assert within or everywhere, row
    assert reasons >= {None, "small_numbers", "not_clearly_different"}


def test_an_interval_is_that_of_the_published_counts(query: Query) -> None:
    rows = frame(
        query,
        "area_code, period_end, obs_value::float8 figure, lci_95::float8 lower, uci_95::float8 upper, evidence",
        "marts.fct_benchmark where measure_id = %s",
        COMMUNITY,
    )
    counted = {
        tuple(row[:2]): row[2]
        for row in query(
            "select area_code, period_end, obs_value::int from marts.fct_observation where measure_id = %s", COUNTS[0]
        )
    }
    people = looked_after(query)
    assert set(rows.evidence) == {"share_of_counts"}
    for row in rows.itertuples():
        key = (row.area_code, row.period_end)
        limits = binomtest(counted[key], int(people[key])).proportion_ci(method="wilson")
        assert (row.lower, row.upper) == pytest.approx((limits.low * 100, limits.high * 100), abs=0.0051), row
        assert row.figure == pytest.approx(counted[key] / people[key] * 100, abs=0.0051), row


def test_councils_of_ones_own_choice_are_placed_among_each_other(query: Query) -> None:
    chosen = [GLASGOW, DUNDEE, FIFE, ORKNEY]
    columns = "measure_id, area_code, period_start, rank, councils_ranked, rank_reason, group_median::float8 median"
    where = "where measure_id in ('attendance_rate__looked_after_lgbf', 'immunisation__mmr')"
    rows = frame(query, columns, f"methods.benchmark_among(%s) {where}", chosen)
    alone = frame(
        query, "measure_id, area_code, period_start, obs_value::float8 figure", f"marts.fct_benchmark {where}"
    )
    both = rows.merge(alone, on=["measure_id", "area_code", "period_start"])
    assert len(both) == len(rows) and set(rows.area_code) == set(chosen)
    for (measure_id, _), together in both.groupby(["measure_id", "period_start"]):
        assert (together["median"] == together.figure.median()).all()
        small = (
            together.area_code == ORKNEY if measure_id == "attendance_rate__looked_after_lgbf" else together.figure < 0
        )
        assert (together.councils_ranked == (~small).sum()).all()
        ranked = together[together.rank_reason.isna()]
        assert (ranked["rank"] == (-together[~small].figure).rank(method="min")[ranked.index]).all()
        assert (together[small].rank_reason == "small_numbers").all()


def test_all_councils_chosen_are_all_councils(query: Query) -> None:
    """The two differ in what a figure with an interval must part from, and in nothing else."""
    differing = query(
        "select count(*), count(*) filter (where (a.rank, a.rank_reason) is distinct from (b.rank, b.rank_reason)"
        " and b.lci_95 is null), count(*) filter (where (a.place_from, a.place_to, a.tied_with, a.group_median,"
        " a.councils_ranked, a.people) is distinct from (b.place_from, b.place_to, b.tied_with, b.group_median,"
        " b.councils_ranked, b.people))"
        " from methods.benchmark_among((select array_agg(area_code) from marts.dim_area where area_type = 'council'))"
        " as a join marts.fct_benchmark as b using (measure_id, area_code, period_start, period_end)"
    )
    assert differing == query("select count(*), 0::bigint, 0::bigint from marts.fct_benchmark")


@pytest.mark.parametrize(
    ("chosen", "named"), [(["S12000049", "Glasgow"], "Glasgow"), (["S92000003"], "S92000003"), ([], "an empty list")]
)
def test_what_is_no_council_is_named_and_not_left_out(query: Query, chosen: list[str], named: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=f"these are none: {named}"):
        query("select * from methods.benchmark_among(%s)", chosen)


def test_a_group_with_a_withheld_council_has_no_middle(query: Query) -> None:
    found = query(
        "select count(*) filter (where group_median is not null), count(*) from marts.fct_benchmark as benchmark"
        " where exists (select from marts.fct_observation as figure where figure.measure_id = benchmark.measure_id"
        "  and figure.period_start = benchmark.period_start and figure.breakdown = 'total'"
        "  and figure.conf_status <> 'free' and figure.area_code like 'S12%%')"
    )
    assert found[0][0] == 0 and found[0][1] > 0


def test_a_gap_and_what_became_of_it_are_those_of_the_figures(query: Query) -> None:
    figures = {
        tuple(row[:4]): row[4]
        for row in query(
            "select measure_id, area_code, period_start, breakdown_value, obs_value from marts.fct_observation"
            " where obs_value is not null"
        )
    }
    indicator = {measure.id: each for each, measure in framework().measures()}
    rows = frame(
        query,
        "measure_id, comparator_measure_id, area_code, period_start, breakdown_value, absolute_gap, relative_gap,"
        " includes_group, gap_lci_95 lower, gap_uci_95 upper, from_period_start since, break_id, absolute_change,"
        " absolute_moved, relative_moved, disagree",
        "marts.fct_gap",
    )
    moved = {-1: "narrowed", 0: "unchanged", 1: "widened"}
    compared = 0
    for row in rows.itertuples():
        own = (row.measure_id, row.area_code, row.period_start, row.breakdown_value)
        care, everyone = figures[own], figures[(row.comparator_measure_id, *own[1:])]
        assert row.absolute_gap == care - everyone and row.relative_gap == pytest.approx(care / everyone)
        if row.lower is not None:
            assert row.lower < row.absolute_gap < row.upper, row
        starts = sorted(
            start
            for measure_id, area, start, part in figures
            if (measure_id, area, part) == (own[0], own[1], own[3])
            and (row.comparator_measure_id, area, start, part) in figures
            and start >= indicator[row.measure_id].baseline_period_start
        )
        if not starts or row.period_start <= starts[0]:
            assert row.since is None and row.absolute_moved is None, row
            continue
        assert row.since == starts[0]
        if row.break_id is not None:
            assert row.absolute_change is None and row.absolute_moved is None and row.disagree is None
            continue
        compared += 1
        before = (row.measure_id, row.area_code, row.since, row.breakdown_value)
        care_then, everyone_then = figures[before], figures[(row.comparator_measure_id, *before[1:])]
        absolute = abs(care - everyone) - abs(care_then - everyone_then)
        ratio = max(care / everyone, everyone / care) - max(care_then / everyone_then, everyone_then / care_then)
        assert row.absolute_change == absolute
        signs = [(value > 0) - (value < 0) for value in (absolute, ratio)]
        assert [row.absolute_moved, row.relative_moved] == [moved[sign] for sign in signs], row
        assert row.disagree == (signs[0] * signs[1] == -1)
    assert compared >= 10


def test_everyone_includes_the_group_unless_they_are_the_others(query: Query) -> None:
    found = query(
        "select distinct measure.population, gap.includes_group from marts.fct_gap as gap join marts.dim_measure as"
        " measure on measure.measure_id = gap.comparator_measure_id"
    )
    assert ("not_looked_after", False) in found and ("all_pupils", True) in found
    assert all(includes == (population != "not_looked_after") for population, includes in found)
