"""What the marts say of change is what a careful person would say: both sides shown, nothing bridged or averaged."""

from __future__ import annotations

from decimal import Decimal

from asked import Query

from promise.catalogue.framework import framework

SCOTLAND = "S92000003"


def test_aftercare_falls_as_a_share_and_rises_as_a_number_and_both_are_shown(query: Query) -> None:
    found = query(
        "select measure_id, moves from marts.outcome__vs09_o1"
        " where measure_id in ('aftercare__receiving_percent', 'aftercare__receiving_count') order by 1"
    )
    assert found == [("aftercare__receiving_count", "up"), ("aftercare__receiving_percent", "down")]


def test_every_earlier_period_can_be_the_baseline_and_the_chosen_one_is_marked(query: Query) -> None:
    found = query(
        "select from_period_label, change, is_baseline from marts.fct_change"
        " where measure_id = 'scqf6_leavers__looked_after' and from_period_label in ('2018/19', '2019/20') order by 1"
    )
    # 2019/20 was certificated without exams, so nothing is calculated from it.
    assert found == [("2018/19", Decimal("1.1"), True), ("2019/20", None, False)]


def test_no_change_crosses_a_break(query: Query) -> None:
    crossed = query("select distinct measure_id, change from marts.fct_change where break_id is not null")
    assert crossed, "a break that lies between two figures is needed to show this"
    assert all(change is None for _, change in crossed)


def test_a_share_that_is_not_what_its_counts_give_is_told_and_stands(query: Query) -> None:
    found = query(
        "select published_value::text, round(calculated_value, 1)::text, verdict from marts.fct_reconciliation"
        " where measure_id = 'living_in_community__percent' and period_label = '31 July 2024'"
    )
    assert found == [("89.0", "88.8", "differs")]
    where = "measure_id = 'living_in_community__percent' and period_label = '31 July 2024'"
    assert query(f"select obs_value::text from marts.fct_observation where {where}") == [("89.0",)]


def test_parts_that_do_not_sum_show_their_remainder(query: Query) -> None:
    found = query(
        "select period_label, parts_sum::integer, remainder::integer from marts.indicator__in_care_rate"
        " where measure_id = 'in_care__count' and parts_sum is not null and area_code = %s order by period_start",
        SCOTLAND,
    )
    remainders = {period: (total, rest) for period, total, rest in found}
    assert remainders["31 July 2019"] == (14262, 0)
    assert remainders["31 July 2020"] == (14458, 0)
    assert remainders["31 July 2023"] == (12083, 1)
    assert remainders["31 July 2024"] == (11842, 2)


def test_no_suppressed_figure_stands_beside_counts_that_give_it_away(query: Query) -> None:
    suppressed = 0
    for _, _, indicator in framework().indicators():
        told, total = query(
            "select count(*) filter (where num_nonnulls(obs_value, numerator, denominator, parts_sum, remainder) > 0),"
            f" count(*) from marts.indicator__{indicator.id} where conf_status != 'free'"
        )[0]
        assert told == 0, indicator.id
        suppressed += total
    assert suppressed >= 10, "the bundle has suppressed figures to show this with"


def test_a_summary_lists_its_parts_and_has_no_score(query: Query) -> None:
    published = sum(indicator.publication_state == "published" for _, _, indicator in framework().indicators())
    columns = query(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = 'marts' and table_name in ('national_summary', 'statement_summary')"
    )
    assert {kind for _, kind in columns} == {"text", "integer", "ARRAY"}, "a list and its length, nothing averaged"
    lists = " || ".join(
        f"{name}_indicators"
        for name in (
            "improving", "no_clear_change", "worsening", "rose", "fell", "not_comparable", "no_baseline_published",
            "no_baseline_in_our_copy", "cannot_be_calculated", "same_fact", "background",
        )
    )  # fmt: skip
    national = query(f"select published_indicators, cardinality({lists}) from marts.national_summary")
    assert national == [(published, published)]
    statements = query(f"select cardinality({lists}) from marts.statement_summary")
    assert len(statements) == 10
    assert sum(length for (length,) in statements) == published


def test_the_council_matrix_has_every_cell_and_says_why_one_is_empty(query: Query) -> None:
    cells = query("select measure_id, count(*), count(distinct period_label) from marts.council_matrix group by 1")
    assert len(cells) >= 6
    assert {(councils, periods) for _, councils, periods in cells} == {(32, 1)}
    empty = query(
        "select count(*) from marts.council_matrix where (obs_value is null) != (status != 'shown') or"
        " (obs_value is null and num_nonnulls(rank, quartile, change_since_previous) > 0)"
        " or (obs_value is not null and (rank is null) != (rank_reason is not null))"
    )
    assert empty == [(0,)]
    assert query("select count(*) > 0 from marts.council_matrix where status = 'suppressed'") == [(True,)]
