"""Nothing withheld can be worked out: what is withheld beside it, and the attack that each candidate withstands."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection, sql

from bi.site.build import build
from expectations import disclosure as gate
from promise import disclosure
from promise.vocabulary.area_list import areas
from warehouse import outsider, protection
from warehouse.outsider import SCOTLAND, Figure, Key

ORKNEY, EAST_RENFREWSHIRE = "S12000023", "S12000011"
REGISTER = "cp_on_register__per_1000_council"
DAY = date(2021, 7, 31)
A_FIGURE = f"measure_id = '{REGISTER}' and area_code = '{{}}'"


# ------------------------------------------------------------------------------------------------- Orkney's children


def test_a_cell_that_the_publishers_rule_leaves_out_is_suppressed_and_no_figure_of_another_rule_is(query: Any) -> None:
    assert query(
        "select obs_value, obs_status, conf_status, numerator from marts.fct_observation"
        f" where {A_FIGURE.format(ORKNEY)}"
    ) == [(None, "missing", "suppressed_by_publisher", None)]


def test_one_more_council_is_withheld_because_the_total_is_published(query: Any) -> None:
    assert query(
        "select area_code, obs_value, numerator, lci_95, uci_95 from marts.fct_observation"
        " where conf_status = 'suppressed_by_us'"
    ) == [(EAST_RENFREWSHIRE, None, None, None, None)]
    assert query(f"select value_published from marts.provenance where {A_FIGURE.format(EAST_RENFREWSHIRE)}") == [
        (None,)
    ]


def test_with_what_is_shown_and_the_published_total_orkney_is_anything_under_five(query: Any) -> None:
    ((shown, withheld),) = query(
        f"select sum(numerator), count(*) filter (where numerator is null) from marts.fct_observation"
        f" where measure_id = '{REGISTER}'"
    )
    assert withheld == 2
    both = 2104 - int(shown)
    # The other one was given by the publisher, who suppresses under five.
    assert both - 5 >= 4, "Orkney's could be pinned from above"


def test_no_page_and_no_download_has_a_number_of_what_is_withheld_by_us(query: Any, drawn: Path) -> None:
    files = [path for path in drawn.rglob("*.csv") if REGISTER in path.read_text()]
    assert files
    rows = [
        line.split(",")
        for path in files
        for line in path.read_text().splitlines()
        if REGISTER in line and EAST_RENFREWSHIRE in line
    ]
    assert rows
    assert not [row for row in rows if {"8", "0.4", "8.0"} & {cell.strip('"') for cell in row}]


@pytest.fixture(scope="module")
def drawn(warehouse: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site and its downloads."""
    out = tmp_path_factory.mktemp("drawn") / "site"
    build(out)
    return out


# ---------------------------------------------------------------------- an attack catches a planted case of each kind


def test_the_candidate_of_the_bundle_withstands_the_attack(copy_of_warehouse: Connection[Any]) -> None:
    assert [words for words, _ in gate.attack(copy_of_warehouse)] == []


PLANTED = {
    "a total of somebody else": (
        "update candidate.fct_observation set obs_value = 0.4, numerator = 8, conf_status = 'free' where"
        f" {A_FIGURE.format(EAST_RENFREWSHIRE)}",
        "a total that is published elsewhere",
    ),
    "a total and its parts": (
        "update candidate.fct_observation set obs_value = null, conf_status = 'suppressed_by_publisher'"
        " where measure_id = 'on_cp_register__count' and breakdown_value = 'age_16_plus'",
        "a total is the sum of its parts",
    ),
    "a number in another mart": (
        "update candidate.indicator__cp_registration_rate set numerator = 2 where " + A_FIGURE.format(ORKNEY),
        "indicator__cp_registration_rate has numbers of 1 figures that are withheld",
    ),
    "an earlier value in the history": (
        "update candidate.fct_observation_vintage set obs_value = 0.4, numerator = 8, conf_status = 'free' where"
        f" {A_FIGURE.format(EAST_RENFREWSHIRE)}",
        "fct_observation_vintage has numbers of 1 figures that are withheld",
    ),
    "a ratio that is printed too finely": (
        "update candidate.dim_measure set small_numbers = null where measure_id = 'exclusion_rate__looked_after_lgbf';"
        " update candidate.fct_observation_vintage set obs_value = 461.538461538462 where measure_id ="
        f" 'exclusion_rate__looked_after_lgbf' and area_code = '{ORKNEY}' and period_label = '2012/13'",
        "figures of exclusion_rate__looked_after_lgbf are printed so finely",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_case_is_caught(copy_of_warehouse: Connection[Any], planted: str) -> None:
    statements, expected = PLANTED[planted]
    for statement in statements.split(";"):
        assert copy_of_warehouse.execute(statement.encode()).rowcount > 0, "the plant must be there to be found"
    found = list(gate.attack(copy_of_warehouse))
    assert any(expected in words for words, _ in found), found
    assert all(finding.rows for _, finding in found)


def test_the_words_of_an_attack_do_not_say_what_was_worked_out(copy_of_warehouse: Connection[Any]) -> None:
    copy_of_warehouse.execute(PLANTED["a total of somebody else"][0].encode())
    ((words, finding),) = gate.attack(copy_of_warehouse)
    assert " 2" not in words.replace(" 2021", "")
    assert not any("numerator" in row or "obs_value" in row for row in finding.rows)


# ------------------------------------------------------------------------------------ kinds of equations, by themselves


def relation(*rows: tuple[Figure, float | None, float | None, float | None, str | None, int | None]) -> sql.Composable:
    """Figures with value, numerator, denominator, who withholds them, and the publisher's rule."""
    cells = sql.SQL(", ").join(
        sql.SQL("({})").format(
            sql.SQL(", ").join(
                [
                    *map(sql.Literal, figure),
                    *(sql.SQL("{}::numeric").format(sql.Literal(each)) for each in numbers[:3]),
                    sql.SQL("{}::text").format(sql.Literal(numbers[3])),
                    sql.SQL("{}::integer").format(sql.Literal(numbers[4])),
                ]
            )
        )
        for figure, *numbers in rows
    )
    return sql.SQL(
        "(select * from (values {}) as given ({}, obs_value, numerator, denominator, withheld_by, suppressed_below))"
    ).format(cells, protection.FIGURE)


def exposed(database: Connection[Any], *rows: Any) -> dict[str, tuple[float, float]]:
    known = outsider.of(database, relation(*rows))
    found = disclosure.attack(known.cells, known.equations)
    return {each.key.figure.area_code: (each.low, each.high) for each in found if isinstance(each.key, Key)}


def of_scotland(value: float | None, by: str | None = None, measure_id: str = "in_care__count") -> Any:
    return (Figure(measure_id, SCOTLAND, DAY, DAY), value, None, None, by, None)


def test_scotlands_count_gives_one_council_back_and_not_two(database: Connection[Any]) -> None:
    codes = [area.code for kind, area in areas() if kind == "council"]
    assert len(codes) == 32

    def rows(withheld: int) -> list[Any]:
        return [
            (Figure("in_care__count", code, DAY, DAY), *values)
            for place, code in enumerate(codes)
            for values in [(None, None, None, "publisher", None) if place < withheld else (10, None, None, None, None)]
        ]

    assert exposed(database, of_scotland(314), *rows(1)) == {codes[0]: (4, 4)}
    assert exposed(database, of_scotland(314), *rows(2)) == {}


def test_a_ratio_times_what_it_is_of_gives_its_count_back(database: Connection[Any]) -> None:
    ratio, count = "living_in_community__percent_lgbf", "living_in_community__count_lgbf"
    place = (ORKNEY, DAY, DAY)
    shown = (Figure(ratio, *place), 46.2, None, 13, None, None)
    withheld = (Figure(count, *place), None, None, None, "publisher", None)
    assert exposed(database, shown, withheld) == {ORKNEY: (6, 6)}
    assert exposed(database, (shown[0], None, None, None, "publisher", None), withheld) == {}


def test_of_figures_of_which_none_is_withheld_nothing_is_asked(database: Connection[Any]) -> None:
    assert outsider.of(database, relation(of_scotland(3))).cells == []
