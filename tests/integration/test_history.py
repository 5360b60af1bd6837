"""What was published, and when: every real revision, the kinds of events, and what was known on any day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from asked import Query

from promise import database
from promise.catalogue.framework import framework
from warehouse import transform

FIGURE = "measure_id, area_code, period_start, period_end, breakdown, breakdown_value"


# From the publications themselves; the last is not among the seven known cases, but the dashboard shows it.
REVISIONS = [
    ("Looked after children (snapshot)", "31 July 2019", "14015", "14262"),
    ("Looked after children (snapshot)", "31 July 2023", "12206", "12084"),
    ("Children on the child protection register", "31 July 2023", "2094", "2077"),
    ("Child protection registrations in the year", "2022/23", "3231", "3234"),
    ("Approved foster care households", "31 December 2021", "3415", "3426"),
    (
        "School leavers who experienced care in last school year: positive destination 9 months after leaving",
        *("2019/20", "75.3", "75.0"),
    ),
    ("Looked after leavers leaving in S4 or earlier", "2022/23", "34.4", "34.3"),
    ("Children living in residential care", "31 July 2023", "1320", "1285"),
    # Found with the release of 2020-21 and others; the dashboard shows what became of the first two.
    ("Children in the care system living in the community", "31 July 2021", "11969", "11933"),
    ("Children living in residential care", "31 July 2021", "1286", "1267"),
    ("Children on the child protection register", "31 March 2000", "2050", "2049"),
    ("Children on the child protection register", "31 July 2014", "2882", "2877"),
    ("Children on the child protection register", "31 July 2018", "2668", "2530"),
    ("Children on the child protection register", "31 July 2019", "2599", "2580"),
    ("Children on the child protection register", "31 July 2020", "2654", "2641"),
    ("Children on the child protection register", "31 July 2022", "2031", "2019"),
]
LGBF = {
    measure.id for _, measure, series in framework().series() if series.source in ("lgbf", "lgbf_app", "lgbf_children")
}


def test_exactly_the_published_revisions_are_found(query: Query) -> None:
    found = query(
        "select series_label, period_label, value_before::text, value_after::text from marts.fct_history_event"
        " where kind = 'revision' and source_id in ('published_series', 'promise_dashboard')"
    )
    assert sorted(found) == sorted(REVISIONS)


def test_revision_correction_conflict_and_break_are_different_things(query: Query) -> None:
    kinds = dict(query("select kind, count(*) from marts.fct_history_event group by 1"))
    assert kinds.keys() == {"revision", "withheld", "conflict", "break"}, "nothing is corrected by us"
    conflicts = query(
        "select value_before::integer, value_after::integer from marts.fct_history_event where kind = 'conflict'"
        " order by 1"
    )
    assert conflicts == [(1246, 1518), (1758, 2131)]


def test_a_revision_has_a_size_a_direction_and_a_time(query: Query) -> None:
    found = query(
        "select size::integer, direction, days_between, days_are_exact, times_revised from marts.fct_revision"
        " where measure_id = 'in_care__count' order by period_start"
    )
    # The day of the first republication is not known, so neither is the time that it took.
    assert found == [(247, "up", 728, False, 1), (-122, "down", 357, True, 1)]


def test_it_is_told_how_often_and_how_far_a_measure_is_revised(query: Query) -> None:
    assert query(
        "select figures, published_again, revised, mean_revision::float, mean_absolute_revision::float,"
        " largest_revision::integer,"
        " judgement_flips from marts.fct_revision_summary where measure_id = 'in_care__count'"
    ) == [(13, 3, 2, 62.5, 184.5, 247, False)]
    assert query("select count(*) from marts.fct_revision_summary where revised = 0")[0][0] > 10
    # No revision of national statistics was large enough to turn a judgement; LGBF replaced whole series.
    flipped = query("select measure_id from marts.fct_revision_summary where judgement_flips or areas_flipped > 0")
    assert flipped
    assert {measure_id for (measure_id,) in flipped} <= LGBF


def test_nothing_is_calculated_across_a_break(query: Query) -> None:
    assert query(
        "select baseline_value::integer, latest_value::integer, change_since_baseline, change_since_previous,"
        " judgement,"
        " break_id from marts.fct_progress where measure_id = 'child_poverty__three_years' and area_code = 'S92000003'"
    ) == [(24, 21, None, None, "not_comparable", "break_poverty_method_2022_25")]
    # What is only possible is said, and calculates.
    assert query(
        "select change_since_baseline::integer, judgement, break_id, possible_break_id,"
        " reason like '%%; there may be a break between them: %%'"
        " from marts.fct_progress where measure_id = 'seclusion__school_care'"
    ) == [(47, "worsening", None, "break_restraint_notification_form", True)]
    # The break of 2010 lies before the baseline of 2020, so the change since then is there.
    assert query(
        "select change_since_baseline is not null, break_id from marts.fct_progress where measure_id = 'in_care__count'"
    ) == [(True, None)]
    assert query(
        "select measure_id, continued_by_measure_id from marts.fct_break where break_id = 'break_cp_rate_denominator'"
    ) == [("cp_registration__per_1000_0_15", "cp_registration__per_1000_0_17")]


# ------------------------------------------------------------------------------------------------- as known on a day


@pytest.mark.parametrize(
    ("day", "value", "revised"),
    [
        pytest.param("2020-03-30", None, None, id="the day before it came out"),
        pytest.param("2020-03-31", 14015, False, id="the day it came out"),
        pytest.param("2022-03-28", 14015, False, id="republished by now, perhaps: the day is not known"),
        pytest.param("2022-03-29", 14262, True, id="the day by which it certainly was"),
        pytest.param("2026-11-21", 14262, True, id="now"),
    ],
)
def test_what_was_believed_of_31_july_2019(query: Query, day: str, value: int | None, revised: bool | None) -> None:
    found = query(
        "select obs_value::integer, is_revised from methods.observation_as_of(%s)"
        " where measure_id = 'in_care__count' and period_start = '2019-07-31'",
        day,
    )
    assert found == ([] if value is None else [(value, revised)])


def test_as_known_today_is_what_stands_today_row_for_row(query: Query) -> None:
    now, then = "select * from marts.fct_observation", "select * from methods.observation_as_of(current_date)"
    assert query(f"select count(*) from ({now} except all {then}) as missing") == [(0,)]
    assert query(f"select count(*) from ({then} except all {now}) as invented") == [(0,)]
    judged, judged_then = "select * from marts.fct_progress", "select * from methods.progress_as_of(current_date)"
    assert query(f"select count(*) from ({judged} except all {judged_then}) as missing") == [(0,)]
    assert query(f"select count(*) from ({judged_then} except all {judged}) as invented") == [(0,)]


def test_what_is_known_on_a_day_has_the_columns_of_what_stands(query: Query) -> None:
    shown = query(
        "select column_name, data_type from information_schema.columns where table_schema = 'marts'"
        " and table_name = 'fct_observation' order by ordinal_position"
    )
    known = query("select pg_get_function_result('methods.observation_as_of(date)'::regprocedure)")
    assert known == [(f"TABLE({', '.join(f'{name} {kind}' for name, kind in shown)})",)]


def test_on_every_day_on_which_anything_came_out_each_figure_stands_once_and_none_disappears(query: Query) -> None:
    days = [day for (day,) in query("select distinct known_from from marts.fct_observation_vintage order by 1")]
    assert len(days) > 10
    before = 0
    for day in (moment for each in days for moment in (each - timedelta(days=1), each)):
        rows, figures, foreseen = query(
            f"select count(*), count(distinct ({FIGURE})), count(*) filter (where not exists (select 1"
            " from marts.dim_publication as publication where publication.publication_id = known.publication_id"
            " and publication.known_from <= %s)) from methods.observation_as_of(%s) as known",
            *(day, day),
        )[0]
        assert rows == figures, f"a figure stands twice on {day}"
        assert foreseen == 0, f"a publication is used on {day}, before it was out"
        assert rows >= before, f"a figure is lost on {day}"
        before = rows
    assert before == query("select count(*) from marts.fct_observation")[0][0]


def test_the_times_of_a_figure_meet_without_gap_or_overlap(query: Query) -> None:
    faults = query(
        f"select * from (select {FIGURE}, published_from, published_to, lead(published_from) over figure as next_from,"
        " known_from, row_number() over figure as place from marts.fct_observation_vintage where published_from"
        " is not null"
        f" window figure as (partition by {FIGURE} order by published_from)) as stretch"
        " where published_to is distinct from next_from or published_from >= published_to"
    )
    assert faults == []
    assert query("select count(*) from marts.fct_observation_vintage where published_from is not null")[0][0] > 1400


def test_the_judgement_of_an_earlier_day_is_of_what_was_known_then(query: Query) -> None:
    then = query(
        "select judgement, latest_period_label from methods.progress_as_of('2025-10-01')"
        " where measure_id = 'scqf6_leavers__looked_after'"
    )
    now = query(
        "select judgement, latest_period_label from marts.fct_progress where measure_id = 'scqf6_leavers__looked_after'"
    )
    # The copy of that day had no figure of 2018/19.
    assert then == [("no_baseline_in_our_copy", "2022/23")]
    assert now == [("no_clear_change", "2023/24")]


def test_every_publication_says_how_its_day_is_known(query: Query) -> None:
    bases = dict(query("select date_basis, count(*) from marts.dim_publication group by 1"))
    assert {"day", "month", "inferred", "bounded", "held"} <= set(bases)
    assert (
        query(
            "select publication_id from marts.dim_publication where (date_basis in ('bounded', 'held')) !="
            " (published_on is null)"
            " or known_from < published_on or known_from > %s",
            date.today(),
        )
        == []
    )


# ---------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param("published_to = published_from", psycopg.errors.CheckViolation, id="it ends when it begins"),
        pytest.param(
            "published_from = '2022-03-29', published_to = null",
            psycopg.errors.UniqueViolation,
            id="two begin on one day",
        ),
    ],
)
def test_a_figure_cannot_stand_twice_at_a_time(
    copy_of_warehouse: psycopg.Connection[Any], change: str, refusal: type[psycopg.Error]
) -> None:
    with pytest.raises(refusal):
        copy_of_warehouse.execute(
            f"update candidate.fct_observation_vintage set {change} where measure_id = 'in_care__count'"
            " and period_start = '2019-07-31' and position = 1".encode()
        )


def dbt(*selected: str) -> list[str]:
    """Run nodes by name on what is in the database; returns the problems that tests found, in their words."""
    with transform.environment():
        outcome = transform.invoke(["build", "--select", *selected, "--exclude-resource-type", "unit_test", "seed"])
    found = []
    for result in outcome.result.results:
        if str(result.status) == "fail":
            with database.connect() as conn:
                found += [row[0] for row in conn.execute(result.node.compiled_code.encode()).fetchall()]
        else:
            assert str(result.status) in ("success", "pass", "skipped"), (result.node.name, result.message)
    return found


REGISTER = "raw.publication_register__publication"
CHECKS = (
    "publications_are_not_dated_in_the_future",
    "publications_come_out_in_the_order_of_their_ranks",
    "one_rank_gives_a_figure_once",
    "every_figure_is_of_a_publication_that_is_listed",
)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        pytest.param(
            f"update {REGISTER} set published_on = '2999-01-31' where publication_id = 'csws_2024_25_secure_care'",
            "csws_2024_25_secure_care is dated 2999-01-31, which is in the future; correct its date",
            id="dated in the future",
        ),
        pytest.param(
            f"update {REGISTER} set rank = '7' where publication_id = 'csws_2019_20'",
            "csws_2018_19 and csws_2019_20 both have rank 7 in Children's Social Work Statistics and both give"
            " in_care__count",
            id="two with one rank",
        ),
        pytest.param(
            f"update {REGISTER} set published_on = '2025-04-01' where publication_id = 'csws_2024_25_secure_care'",
            "csws_2023_24_looked_after (rank 14) is dated 2025-04-22, after csws_2024_25_secure_care (rank 15),"
            " 2025-04-01",
            id="a rank that the dates contradict",
        ),
        pytest.param(
            f"delete from {REGISTER} where publication_id = 'csws_2019_20'",
            "name a publication that is in no list; add it to publication_register with its rank, or correct the row",
            id="a figure of a publication that is not listed",
        ),
    ],
)
def test_a_register_that_contradicts_itself_is_refused_in_words(
    copy_of_warehouse: psycopg.Connection[Any], fault: str, says: str
) -> None:
    copy_of_warehouse.execute(fault.encode())
    found = dbt("int_publications", "int_observation_history", *CHECKS)
    assert any(says in problem for problem in found), found
    assert len(found) < 3, found
