"""How figures are said on the site: units, signs, rounding, dates, and the reason for every absence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

import pytest

from bi.site import words
from promise.catalogue.framework_indicators import Absence
from promise.catalogue.framework_measures import Population, Unit
from promise.catalogue.framework_statements import GapAbout
from promise.catalogue.framework_words import Direction, PublicationState
from promise.errors import PromiseError


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "said"),
    [
        ("83.7", "percent", 1, "83.7%"),
        ("89", "percent", 1, "89.0%"),
        ("91.27725856697819", "percent", 1, "91.3%"),
        ("0.25", "percent", 1, "0.3%"),
        ("14262", "count", 0, "14,262"),
        ("97", "per_1000", 0, "97 per 1,000"),
        ("7.9", "per_10000", 1, "7.9 per 10,000"),
        ("3498.6", "per_week_gbp", 0, "£3,499 a week"),
        ("76.8", "average_count", 1, "76.8"),
        ("0", "count", 0, "0"),
        ("100", "percent", None, "100%"),
        ("1884.15", "count", None, "1,884.15"),
    ],
)
def test_a_figure_has_its_unit_and_its_publishers_precision(
    value: str, unit: str, decimals: int | None, said: str
) -> None:
    assert words.figure(Decimal(value), unit, decimals) == said


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "said"),
    [
        ("-1.1", "percent", 1, "−1.1 percentage points"),
        ("2.7", "percent", 1, "+2.7 percentage points"),
        ("1", "percent", 0, "+1 percentage point"),
        ("-2614", "count", 0, "−2,614"),
        ("19", "per_1000", 0, "+19 per 1,000"),
        ("0", "percent", 1, "no change"),
        ("-0.04", "percent", 1, "less than 0.1 percentage points either way"),
    ],
)
def test_a_change_has_a_sign_and_is_never_rounded_to_nothing(value: str, unit: str, decimals: int, said: str) -> None:
    assert words.difference(Decimal(value), unit, decimals) == said


@pytest.mark.parametrize(
    ("obs_status", "conf_status", "said"),
    [
        ("final", "suppressed_by_publisher", "suppressed by the publisher"),
        ("missing", "suppressed_by_us", "suppressed by this project"),
        ("missing", "free", "missing, the publisher gives no reason"),
        ("not_available", "free", "not available"),
        ("not_applicable", "free", "not applicable"),
        ("not_collected", "free", "not collected"),
        ("low", "free", "too low to show after rounding, not zero"),
    ],
)
def test_an_absent_figure_says_why(obs_status: str, conf_status: str, said: str) -> None:
    assert words.absence(obs_status, conf_status) == said


@pytest.mark.parametrize(
    ("value", "said"), [("1.44", "+1.4"), ("-80.93", "−80.9"), ("0", "the same"), ("0.04", "about the same")]
)
def test_a_change_in_little_room_keeps_its_sign_and_is_never_rounded_to_nothing(value: str, said: str) -> None:
    assert words.step(Decimal(value), 1) == said


def test_a_final_figure_needs_no_remark_and_a_provisional_one_does() -> None:
    assert words.remark("final") == ""
    assert words.remark("provisional") == "provisional"


def test_a_code_without_words_stops_the_build_and_names_itself() -> None:
    with pytest.raises(PromiseError, match="'final'"):
        words.absence("final", "free")  # null although nothing says why
    with pytest.raises(PromiseError, match=r"furlongs.*bi/site/words\.py"):
        words.figure(Decimal(1), "furlongs", 0)


@pytest.mark.parametrize(
    ("when", "precision", "said"),
    [
        (date(2025, 8, 26), "day", "26 August 2025"),
        (date(2025, 12, 1), "month", "December 2025"),
        (date(2020, 1, 1), "year", "2020"),
        (None, "unknown", "date of publication not known"),
        (date(2020, 1, 1), "unknown", "date of publication not known"),
    ],
)
def test_a_date_of_publication_is_no_more_exact_than_it_is_known(when: date | None, precision: str, said: str) -> None:
    assert words.published(when, precision) == said


@pytest.mark.parametrize(
    ("period_end", "said"),
    [
        (date(2010, 3, 31), "ended 16 years before this release"),
        (date(2023, 11, 21), "ended 3 years before this release"),
        (date(2023, 11, 22), ""),
        (date(2026, 3, 31), ""),
    ],
)
def test_a_figure_of_long_ago_does_not_stand_as_current_without_saying_so(period_end: date, said: str) -> None:
    assert words.age(period_end, date(2026, 11, 21)) == said


def test_the_time_of_a_release_does_not_depend_on_where_the_site_is_built() -> None:
    assert words.moment(datetime(2026, 11, 21, 20, 14, tzinfo=UTC)) == "21 November 2026, 20:14 UTC"


def test_the_catalogues_vocabularies_all_have_words() -> None:
    assert set(get_args(Population)) <= set(words.POPULATIONS)
    assert set(get_args(Unit)) <= set(words.UNITS)
    assert set(get_args(Direction)) <= set(words.DIRECTIONS)
    assert set(get_args(PublicationState)) <= set(words.STATES)
    assert set(get_args(Absence)) == set(words.ABSENCES)
    assert set(get_args(GapAbout)) <= set(words.GAPS)
    assert set(words.POPULATIONS) >= words.EVERYONE and not words.EVERYONE & {"looked_after", "care_experienced"}
    assert set(words.JUDGEMENTS) >= words.JUDGED and set(words.UNITS) >= words.NUMBERS


def test_looked_after_and_care_experienced_are_never_said_for_one_another() -> None:
    assert "care experienced" not in words.POPULATIONS["looked_after"].lower()
    assert "looked after" not in words.POPULATIONS["care_experienced"].lower()
    assert len(set(words.POPULATIONS.values())) == len(words.POPULATIONS)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("2019/20", "in 2019/20"),
        ("31 July 2020", "on 31 July 2020"),
        ("1 April 2020", "on 1 April 2020"),
        ("2020", "in 2020"),
    ],
)
def test_a_day_is_on_and_a_year_is_in(label: str, said: str) -> None:
    assert words.at(label) == said
    assert words.at(label, first=True) == said[0].upper() + said[1:]
