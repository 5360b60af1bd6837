"""Who answers for what in the built warehouse: roles, reports and their state on a day, recommendations, aims."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from statistics import quantiles
from typing import Any

import pytest
from asked import Query
from scratch import Scratch

from promise import database


@pytest.fixture
def scratch(warehouse: Any) -> Iterator[Scratch]:
    with database.connect() as conn:
        yield Scratch(conn, "candidate")
        conn.rollback()


# ---------------------------------------------------------------------------------------------------------- roles


def test_each_question_of_the_story_of_progress_has_the_lead_that_is_named(query: Query) -> None:
    roles = query(
        "select strand, role, organisation_id from marts.bridge_organisation_role order by 1 nulls last, 2, 3"
    )
    assert roles == [
        ("experience", "lead", "the_promise_scotland"),
        ("national", "lead", "scottish_government"),
        ("organisational", "lead", "cosla"),
        (None, "advise", "independent_strategic_advisor"),
        (None, "report", "oversight_board"),
        (None, "support", "the_promise_scotland"),
    ]


def test_every_indicator_has_a_producer_and_reporters_and_somebody_who_can_change_it_or_a_reason(query: Query) -> None:
    found = query("select indicator_id, produced_by, reported_by, can_change, reason from marts.fct_responsibility")
    assert {row[0] for row in found} == {row[0] for row in query("select indicator_id from marts.dim_indicator")}
    for indicator, produced_by, reported_by, can_change, reason in found:
        assert produced_by, indicator
        assert reported_by, indicator
        assert bool(can_change) != bool(reason), indicator


def test_what_councils_provide_is_each_councils_to_change(query: Query) -> None:
    named = query(
        "select distinct kind, count(*) over () from marts.bridge_indicator_organisation as bridge"
        " join marts.dim_organisation as organisation using (organisation_id)"
        " where indicator_id = 'aftercare_eligible_receiving' and role = 'can_change' and via = 'councils'"
    )
    assert named == [("council", 32)]
    (own,) = query("select can_change from marts.dim_organisation where organisation_id = 'fife'")
    assert "attendance_rate" in own[0]
    assert "seclusion_in_school_care" not in own[0], "its providers are not known"


def test_reports_about_the_same_thing_name_each_other(query: Query) -> None:
    pairs = {
        (report, other)
        for report, others in query("select report_id, same_subject from marts.dim_report")
        for other in others
    }
    assert ("ret_looked_after", "rep_csws_looked_after") in pairs
    assert {(other, report) for report, other in pairs} == pairs


def test_every_area_of_an_organisation_is_one_of_ours(query: Query) -> None:
    kinds = query(
        "select organisation.kind, area.area_type, area.is_current, count(*)"
        " from marts.dim_organisation as organisation left join marts.dim_area as area using (area_code)"
        " where area_code is not null group by 1, 2, 3 order by 1"
    )
    assert kinds == [
        ("council", "council", True, 32),
        ("health_board", "health_board", True, 14),
        ("partnership", "council", True, 1),
    ]


# --------------------------------------------------------------------------------------------------------- status


DAYS = [
    # The framework's page prints April 2026.
    ("rep_csws_looked_after", date(2026, 3, 31), "on_time", "expected in April 2026, as the framework's page says."),
    ("rep_csws_looked_after", date(2026, 4, 30), "due", "expected in April 2026"),
    ("rep_csws_looked_after", date(2026, 5, 1), "overdue", "it may be out, but none is known here"),
    ("rep_csws_looked_after", date(2029, 1, 1), "overdue", "it may be out, but none is known here"),
    # Known by its cadence only: 16 September 2025, and annual.
    ("rep_homelessness", date(2026, 8, 31), "on_time", "expected in September 2026, if it stays annual."),
    ("rep_homelessness", date(2026, 9, 1), "due", "if it stays annual"),
    ("rep_homelessness", date(2027, 8, 31), "overdue", "it may be out"),
    ("rep_homelessness", date(2027, 9, 1), "unknown", "too old to say"),
    # 29 October 2025, and annual.
    ("rep_fostering", date(2026, 10, 31), "due", "if it stays annual"),
    ("rep_fostering", date(2026, 11, 1), "overdue", "expected in October 2026, if it stays annual; it may be out"),
    # Dates that nobody knows.
    ("rep_camhs_workforce", date(2026, 11, 1), "unknown", "When the next is expected is not known."),
    ("ret_looked_after", date(2026, 11, 1), "unknown", "Whether and when it is sent is not published"),
    ("rep_audit_promise", date(2036, 1, 1), "on_time", "It comes out once."),
]


@pytest.mark.parametrize(("report", "day", "state", "words"), DAYS, ids=[f"{one[0]} on {one[1]}" for one in DAYS])
def test_the_state_of_a_report_is_that_of_the_day_of_the_build(
    scratch: Scratch, report: str, day: date, state: str, words: str
) -> None:
    scratch.at(day)
    found = scratch.ask(
        "fct_reporting_status",
        "distinct state, basis, as_at from MODEL where report_id = %s",
        report,
    )
    assert [(row[0], row[2]) for row in found] == [(state, day)]
    assert words in found[0][1]


def test_a_later_issue_moves_what_is_expected_next(scratch: Scratch) -> None:
    scratch.execute(
        "insert into SCHEMA.dim_publication (publication_id, title, publisher, published_on, precision, rank,"
        " series, source_id, known_from, date_basis) values ('csws_next', 'Looked After Children 2024/25', 'SG',"
        " '2026-04-21', 'day', 99, 'Children''s Social Work Statistics', 'publication_register', '2026-04-21', 'day')"
    )
    scratch.at(date(2026, 11, 1))
    columns = "state, latest_publication_id, expected_from, expected_basis from MODEL where report_id = %s"
    assert scratch.ask("fct_reporting_status", columns, "rep_csws_looked_after") == [
        ("on_time", "csws_next", date(2027, 4, 1), "cadence")
    ]
    assert scratch.ask("fct_reporting_status", columns, "rep_csws_child_protection")[0][:2] == (
        "overdue",
        "csws_2023_24_child_protection",
    ), "another report of the same series is not out with it"


def test_a_latest_issue_without_a_date_leaves_the_state_of_its_report_unknown(scratch: Scratch) -> None:
    scratch.execute(
        "update SCHEMA.dim_publication set published_on = null where publication_id = %s", "ci_fostering_2024_25"
    )
    scratch.at(date(2026, 11, 1))
    ((state, words),) = scratch.ask(
        "fct_reporting_status", "state, basis from MODEL where report_id = %s", "rep_fostering"
    )
    assert state == "unknown"
    assert 'known here is "Fostering and adoption statistical bulletin 2024-2025", whose date' in words


def test_the_report_of_a_return_is_every_councils(query: Query) -> None:
    states = query(
        "select state, count(*) from marts.fct_reporting_status join marts.dim_organisation using (organisation_id)"
        " where report_id = 'ret_looked_after' and dim_organisation.kind = 'council' group by 1"
    )
    assert states == [("unknown", 32)]


# ------------------------------------------------------------------------------------------------ recommendations


def test_recommendations_of_the_audit_are_dated_and_say_who_answered(query: Query) -> None:
    found = query(
        "select recommendation_id, made_on, addressed_to, due_on, responses, response_by, status"
        " from marts.fct_recommendation order by display_order"
    )
    assert len(found) == 8
    assert {row[1] for row in found} == {date(2025, 10, 8)}
    assert [(row[2], row[3]) for row in found[:4]] == [(["scottish_government", "cosla"], date(2026, 4, 1))] * 4
    assert all(row[2] == [] and row[3] is None for row in found[4:]), "to whom and by when is not known"
    assert {row[5] for row in found if row[4]} == {"the_promise_scotland"}
    assert {row[6] for row in found} == {None}, "no source says whether any was done"


@pytest.mark.parametrize(("day", "passed"), [(date(2026, 4, 30), False), (date(2026, 5, 1), True)])
def test_a_deadline_known_to_the_month_passes_with_the_month(scratch: Scratch, day: date, passed: bool) -> None:
    scratch.at(day)
    found = scratch.ask("fct_recommendation", "deadline_has_passed, count(*) from MODEL group by 1")
    assert dict(found) == {passed: 4, None: 4}


# ----------------------------------------------------------------------------------------- what good looks like


def test_nobody_has_agreed_a_target_and_every_row_says_so(query: Query) -> None:
    assert query("select count(*) from marts.fct_target") == [(0,)]
    labels = query("select distinct target_label, target_value, words from marts.what_good_looks_like")
    assert labels == [("no agreed target", None, None)]
    headlines = query("select count(*) from marts.what_good_looks_like where is_headline and area_code = 'S92000003'")
    assert headlines == query("select count(*) from marts.dim_indicator")


def test_the_best_quartile_of_a_family_is_that_of_the_published_figures(query: Query) -> None:
    """Attendance of looked after pupils in 2020/21: higher is better, so three quarters of a family lie below."""
    rows = query(
        "select distinct good.family_group, good.best_quartile_value::float8, array_agg(area.area_name)"
        " from marts.what_good_looks_like as good join marts.dim_area as area using (area_code)"
        " where measure_id = 'attendance_rate__looked_after_lgbf' group by 1, 2 order by 1"
    )
    known = dict(
        query(
            "select area_name, obs_value::float8 from marts.fct_observation join marts.dim_area using (area_code)"
            " where measure_id = 'attendance_rate__looked_after_lgbf' and period_label = '2020/21'"
        )
    )
    assert len(rows) == 4
    for _, shown, members in rows:
        assert len(members) == 8
        expected = quantiles([known[each] for each in members], n=4, method="inclusive")[2]
        assert shown == pytest.approx(expected)


def test_where_lower_is_better_the_best_quartile_is_the_low_one(query: Query) -> None:
    (found,) = query(
        "select good.best_quartile_value < min(benchmark.family_median) from marts.what_good_looks_like as good"
        " join marts.fct_benchmark as benchmark using (measure_id, area_code)"
        " where measure_id = 'exclusion_rate__looked_after_lgbf' and best_quartile_state = 'shown'"
        " and benchmark.period_label = good.family_period_label group by good.best_quartile_value limit 1"
    )
    assert found == (True,)


def test_a_family_with_a_suppressed_council_shows_no_best_quartile(query: Query, scratch: Scratch) -> None:
    """As if nothing were known after 2018/19: a later year is not given of some councils, and withheld of none."""
    measure = "exclusion_rate__looked_after_lgbf"
    suppressed = query(
        "select distinct area.family_group from marts.fct_observation as observation"
        " join marts.dim_area as area using (area_code) where measure_id = %s and conf_status <> 'free'"
        " and period_label = '2018/19'",
        measure,
    )
    assert suppressed
    scratch.execute("delete from SCHEMA.fct_benchmark where measure_id = %s and period_label > '2018/19'", measure)
    shown = scratch.ask(
        "what_good_looks_like",
        "distinct family_group, best_quartile_state, best_quartile_value is null from MODEL where measure_id = %s"
        " and area_code like 'S12%%'",
        measure,
    )
    assert {(group, state) for group, state, _ in shown if (group,) in suppressed} == {
        (group, "suppressed") for (group,) in suppressed
    }
    assert all(empty == (state == "suppressed") for _, state, empty in shown)


def test_a_target_once_agreed_is_shown_with_its_owner(scratch: Scratch) -> None:
    for number, (kind, agreed_on) in enumerate([("illustrative", "2026-07-01"), ("stretch", "2026-06-25")]):
        scratch.execute(
            "insert into SCHEMA.fct_target (target_id, indicator_id, measure_id, area_code, value, unit, due_period,"
            " due_period_start, due_period_end, kind, agreed_by_organisation_id, agreed_on, what_good_looks_like,"
            " source_url, progress_status) values (%s, 'attendance_rate', 'attendance_rate__looked_after',"
            " 'S92000003', 90, 'percent', '2029/30', '2029-08-01', '2030-07-31', %s, 'cosla', %s,"
            " 'In school as much as any other.', 'https://example.org/minutes', 'not_available')",
            f"tgt_{number}",
            kind,
            agreed_on,
        )
    found = scratch.ask(
        "what_good_looks_like",
        "target_label, target_agreed_by, words from MODEL where indicator_id = 'attendance_rate' and is_headline",
    )
    assert found == [("stretch target for 2029/30", "cosla", "In school as much as any other.")]


def test_what_is_named_but_not_there_is_found_by_dbts_test(scratch: Scratch) -> None:
    assert scratch.ask("refers_to_bridge_organisation", "count(*) from MODEL") == [(0,)]
    scratch.execute("delete from SCHEMA.dim_organisation where organisation_id = 'cosla'")
    found = scratch.ask("refers_to_bridge_organisation", "* from MODEL")
    assert {row[:2] for row in found} == {("organisation_id", "cosla")}
