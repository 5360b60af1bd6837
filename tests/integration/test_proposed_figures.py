"""What this project proposes has figures, each in its own place: no series is dead, no definition joined to another."""

from __future__ import annotations

import pytest
from asked import Query

from promise.catalogue.framework import framework
from promise.catalogue.sources import sources


def test_every_series_of_a_measure_arrives_as_figures(query: Query) -> None:
    arrived = set(
        query("select distinct measure_id, source_id, breakdown, breakdown_value from marts.fct_observation_vintage")
    )
    declared = {
        (measure.id, each.source, each.breakdown, each.breakdown_value)
        for _, measure, each in framework().series()
        # What exists only at its publisher is not here; of populations there is a figure of each age, and none of all.
        if sources()[each.source].bundle and each.source != "council_populations"
    }
    assert len(declared) > 100
    assert declared - arrived == set()
    assert len({source_id for _, source_id, _, _ in arrived}) >= 15, "sources that feed figures"
    ages = {value for measure, _, by, value in arrived if measure == "children__by_age_mid_2022" and by == "age"}
    assert len(ages) == 18


def test_every_proposal_has_a_figure_of_its_headline(query: Query) -> None:
    with_figures = {measure for (measure,) in query("select distinct measure_id from marts.fct_observation")}
    headlines = {each.headline for _, _, each in framework().indicators() if each.publication_state == "proposed"}
    assert headlines
    assert headlines <= with_figures


@pytest.mark.parametrize(
    ("measure", "start", "end", "value"),
    [
        ("child_poverty__three_years", "2021-04-01", "2024-03-31", "23"),
        ("camhs_waits__within_18_weeks", "2025-10-01", "2025-12-31", "90"),
        ("compulsory_supervision__count", "2020-03-31", "2020-03-31", "8875"),
        ("secure_care_beds__count", "2024-08-01", "2025-07-31", "70"),
        ("participation__all_16_19", "2019-04-01", "2020-03-31", "92.1"),
        ("living_in_community__count_lgbf", "2020-07-31", "2020-07-31", "12849"),
        ("placement_moves__percent", "2019-04-01", "2020-03-31", None),
    ],
)
def test_a_period_is_the_days_that_its_label_means(
    query: Query, measure: str, start: str, end: str, value: str | None
) -> None:
    found = query(
        "select obs_value::text from marts.fct_observation where measure_id = %s and area_code = 'S92000003'"
        " and breakdown = 'total' and period_start = %s and period_end = %s",
        measure, start, end,
    )  # fmt: skip
    assert len(found) == 1
    assert value is None or found == [(value,)]


def test_no_change_is_calculated_across_the_changed_ages_of_offence_referrals(query: Query) -> None:
    found = query("select judgement, break_id from marts.fct_progress where measure_id = 'offence_referrals__count'")
    assert {judgement for judgement, _ in found} <= {"no_baseline_in_our_copy", "not_comparable"}
    assert query(
        "select change_since_previous from marts.fct_progress where measure_id = 'offence_referrals__count'"
    ) == [(None,)]


def test_a_share_of_two_populations_is_two_measures(query: Query) -> None:
    rows = query(
        "select measure_id, obs_value::integer from marts.fct_observation where indicator_id = 'developmental_concern'"
        " and period_start = '2019-04-01' and area_code = 'S92000003' and breakdown = 'total'"
        " and measure_id in ('developmental_concern__looked_after', 'developmental_concern__not_looked_after')"
    )
    assert dict(rows) == {"developmental_concern__looked_after": 34, "developmental_concern__not_looked_after": 14}
