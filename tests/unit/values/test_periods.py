"""Periods: two dates and a kind, for every way of writing one that was seen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promise.vocabulary import UnknownValue
from promise.vocabulary.period_forms import vocabulary
from promise.vocabulary.periods import combination, in_heading, looks_impossible, read_period, recognise

EXAMPLES = [(form, str(text), bounds) for form in vocabulary().forms for text, bounds in form.examples.items()]
# ScotPHO's free text of 2024, one of each kind of its 49 spellings.
SCOTPHO = {
    "2012 to 2014 March snapshot; 3-year average": (date(2012, 3, 1), date(2014, 3, 31), "several_years"),
    "2019/20 to 2021/22 financial years; 3-year aggregates": (date(2019, 4, 1), date(2022, 3, 31), "several_years"),
    "2020/21 to 2022/23 school years; 3-year aggregates": (date(2020, 8, 1), date(2023, 7, 31), "several_years"),
    "2018 to 2022 calendar years; 5-year aggregates": (date(2018, 1, 1), date(2022, 12, 31), "several_years"),
    "2014 to 2016 survey years; 3-year aggregates": (date(2014, 1, 1), date(2016, 12, 31), "survey_years"),
    "2010-2013 combined survey years": (date(2010, 1, 1), date(2013, 12, 31), "survey_years"),
    "4-year aggregate (2014 - 2017)": (date(2014, 1, 1), date(2017, 12, 31), "several_years"),
    "4-year aggregate (2018-2022)": (date(2018, 1, 1), date(2022, 12, 31), "several_years"),
    "2019-2021 (3 year aggregate)": (date(2019, 1, 1), date(2021, 12, 31), "several_years"),
    "2020 to 2022 (3 year aggregate)": (date(2020, 1, 1), date(2022, 12, 31), "several_years"),
    "2021/22 financial year": (date(2021, 4, 1), date(2022, 3, 31), "financial_year"),
    "Financial year (2021/22)": (date(2021, 4, 1), date(2022, 3, 31), "financial_year"),
    "2022/23 school year": (date(2022, 8, 1), date(2023, 7, 31), "academic_year"),
    "2021 calendar year": (date(2021, 1, 1), date(2021, 12, 31), "calendar_year"),
    "Calendar year (2022)": (date(2022, 1, 1), date(2022, 12, 31), "calendar_year"),
    "2022 survey year": (date(2022, 1, 1), date(2022, 12, 31), "survey_years"),
    "Survey year (2017-2019)": (date(2017, 1, 1), date(2019, 12, 31), "survey_years"),
    "Survey year (2020)": (date(2020, 1, 1), date(2020, 12, 31), "survey_years"),
    "2021 July snapshot": (date(2021, 7, 31), date(2021, 7, 31), "snapshot"),
    "2016 August snapshot": (date(2016, 8, 1), date(2016, 8, 31), "snapshot"),
    "31st March 2014 snapshot": (date(2014, 3, 31), date(2014, 3, 31), "snapshot"),
    "2021 mid-year estimate": (date(2021, 6, 30), date(2021, 6, 30), "snapshot"),
}


def test_there_are_forms_to_hold_to_their_examples() -> None:
    assert len(EXAMPLES) > 60


@pytest.mark.parametrize(("form", "text", "bounds"), EXAMPLES, ids=lambda value: getattr(value, "id", None))
def test_each_form_reads_its_examples(form, text, bounds) -> None:
    texts = form.match(text)
    assert texts is not None
    assert form.bounds(texts) == bounds


@pytest.mark.parametrize("form", [form for form in vocabulary().forms if form.self_evident], ids=lambda form: form.id)
def test_what_says_what_it_is_has_one_reading(form) -> None:
    for text in form.examples:
        assert len(recognise(str(text))) == 1


@pytest.mark.parametrize(("text", "meant"), SCOTPHO.items())
def test_scotphos_words_are_two_dates_and_a_kind(text: str, meant: tuple[date, date, str]) -> None:
    found = read_period(text, "scotpho_text")
    assert (found.start, found.end, found.kind) == meant


def test_a_bare_year_pair_has_several_readings_and_none_is_chosen() -> None:
    assert {each.kind for each in recognise("2022/23")} == {"financial_year", "academic_year"}


@pytest.mark.parametrize(
    ("text", "style", "why"),
    [
        ("2022/24", "financial_year", "not the year after 2022"),
        ("2022/22", "academic_year", "not the year after 2022"),
        ("31 June 2020", "scotpho_text", "no day 31"),
        ("2022-13", "month", "no month"),
        ("2019 to 2022 calendar years; 3-year aggregates", "scotpho_text", "4 years, not 3"),
        ("2022-13", "lgbf_several_years", "91 years after"),
        ("9999", "calendar_year", "no year between"),
    ],
)
def test_an_impossible_period_says_why(text: str, style: str, why: str) -> None:
    with pytest.raises(UnknownValue, match=why):
        read_period(text, style)
    assert looks_impossible("2022/24")


def test_another_style_is_refused_with_an_example_of_the_expected_one() -> None:
    with pytest.raises(UnknownValue, match="something like 2024-07-31"):
        read_period("2022/23", "snapshot_iso")
    with pytest.raises(UnknownValue, match="no period style"):
        read_period("2022/23", "lunar_year")


@pytest.mark.parametrize("text", ["FYE 2023 [p]", "FYE 2023 [note 3]", " FYE  2023", "FYE\u00a02023", "FYE 2023¹"])
def test_flags_footnotes_and_spaces_do_not_change_a_period(text: str) -> None:
    assert recognise(text)[0].end == date(2023, 3, 31)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2014–2017", date(2014, 1, 1), date(2017, 12, 31)),
        ("202208", date(2022, 8, 1), date(2022, 8, 31)),
        ("12 Sept 2024", date(2024, 9, 12), date(2024, 9, 12)),
        ("20240731", date(2024, 7, 31), date(2024, 7, 31)),
    ],
)
def test_a_dash_of_print_digits_alone_and_the_longer_short_month_are_read(text: str, first: date, last: date) -> None:
    assert [(found.start, found.end) for found in recognise(text)] == [(first, last)]


def test_what_is_a_period_in_one_form_is_not_impossible_because_it_is_none_in_another() -> None:
    assert recognise("2022-12")
    assert looks_impossible("2022-12") is None
    assert looks_impossible("31 June 2020") == "there is no day 31 in 2020-06"
    assert looks_impossible("furlongs") is None


@pytest.mark.parametrize(
    ("text", "style", "first", "last"),
    [
        ("1850", "calendar_year", date(1850, 1, 1), date(1850, 12, 31)),
        ("2150", "calendar_year", date(2150, 1, 1), date(2150, 12, 31)),
        ("2002-22", "lgbf_several_years", date(2002, 4, 1), date(2022, 3, 31)),
        ("2012 to 2013 March snapshot; 2-year average", "scotpho_text", date(2012, 3, 1), date(2013, 3, 31)),
        ("2-year aggregate (2018-2022)", "scotpho_text", date(2018, 1, 1), date(2022, 12, 31)),
        ("2024-04-01/P1D", "iso_interval", date(2024, 4, 1), date(2024, 4, 1)),
        ("2024-04-01/P45D", "iso_interval", date(2024, 4, 1), date(2024, 5, 15)),
        ("1850-01-01/P40000D", "iso_interval", date(1850, 1, 1), date(1850, 1, 1) + timedelta(days=39_999)),
        ("2023-12-15/P1M", "iso_interval", date(2023, 12, 15), date(2024, 1, 14)),
        ("2150-06-01/P6M", "iso_interval", date(2150, 6, 1), date(2150, 11, 30)),
        ("2024-04-01/P3Y", "iso_interval", date(2024, 4, 1), date(2027, 3, 31)),
    ],
)
def test_the_ends_of_what_is_possible_are(text: str, style: str, first: date, last: date) -> None:
    found = read_period(text, style)
    assert (found.start, found.end, found.published) == (first, last, text)


@pytest.mark.parametrize(
    ("text", "style", "why"),
    [
        ("1849", "calendar_year", "1849 is no year between 1850 and 2150"),
        ("2151", "calendar_year", "2151 is no year between"),
        ("2002-23", "lgbf_several_years", "21 years after 2002"),
        ("2024-04-01/P0D", "iso_interval", "a duration of 0"),
        ("2024-04-01/P40001D", "iso_interval", "a duration of 40001"),
        ("1849-12-31/P1D", "iso_interval", "a duration of 1 from 1849"),
        ("2151-01-01/P1D", "iso_interval", "a duration of 1 from 2151"),
        ("2150-06-01/P7M", "iso_interval", "after 2150"),
        ("2024-01-31/P1M", "iso_interval", "no day 31 in 2024-02"),
        ("2024-13-01/P1M", "iso_interval", "month must be in"),
        ("2025-07..10 quarter", "quarter_of_months", "are not three months"),
        ("2015-15", "lgbf_several_years", "2015 does not come after 2015"),
        ("2015-16", "lgbf_several_years", "one year, not several"),
        ("2021 Foo snapshot", "scotpho_text", "'Foo' is no month"),
        ("2012 to 2015 March snapshot; 3-year average", "scotpho_text", "2012 to 2015 are 4 years, not 3"),
        ("2012 to 2012 March snapshot; 1-year average", "scotpho_text", "2012 to 2012 are 1 years, not 1"),
        ("1-year aggregate (2018-2022)", "scotpho_text", "2018 to 2022 are 5 years, not 1"),
    ],
)
def test_beyond_the_ends_of_what_is_possible_it_says_why(text: str, style: str, why: str) -> None:
    with pytest.raises(UnknownValue, match=why):
        read_period(text, style)


@pytest.mark.parametrize(
    ("heading", "words", "period"),
    [
        ("CHN9 2020-21", "CHN9", "2020-21"),
        ("CHN1 2010-11 Real", "CHN1 Real", "2010-11"),
        ("2013 Number", "Number", "2013"),
        ("Gross Costs (£000s) 2010-11", "Gross Costs (£000s)", "2010-11"),
        ("Percentage of children FYE 2023 (%)", "Percentage of children (%)", "FYE 2023"),
        ("2014-2017", "", "2014-2017"),
        ("Rate 2014–2017", "Rate", "2014–2017"),
        ("Rate 2013 [p]", "Rate [p]", "2013"),
        ("Rate 1900", "Rate", "1900"),
        ("Rate 2100", "Rate", "2100"),
    ],
)
def test_a_period_is_found_inside_a_heading(heading: str, words: str, period: str) -> None:
    assert in_heading(heading) == (words, period)


# Digits that could be a month, a day or a year, and in a heading are more often a code.
CODES = ["Code 202208", "Code 20240731", "Code 1899", "Code 2101", "Index X2013"]


@pytest.mark.parametrize("heading", ["SIMD2020", "Age 15", "CHN9", "Local authority", "Table 3", "90 and over", *CODES])
def test_other_digits_in_a_heading_are_no_period(heading: str) -> None:
    assert in_heading(heading) is None


@given(st.integers(min_value=1900, max_value=2098))
def test_years_of_each_kind_begin_and_end_where_they_should(year: int) -> None:
    text = f"{year}/{(year + 1) % 100:02}"
    for style, month in (("financial_year", 4), ("academic_year", 8)):
        found = read_period(text, style)
        assert found.start == date(year, month, 1)
        assert found.end + timedelta(days=1) == date(year + 1, month, 1)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_a_day_is_read_back_however_it_is_printed(day: date) -> None:
    for text in (day.isoformat(), f"{day.day} {day:%B} {day.year}", f"{day:%d/%m/%Y}", f"{day:%d-%b-%Y}"):
        assert {(each.start, each.end) for each in recognise(text)} == {(day, day)}


@given(
    st.one_of(st.text(max_size=60), st.from_regex(r"[0-9]{4}[/ -][0-9]{2,4}( to [0-9]{4}| Q[0-9])?", fullmatch=True))
)
def test_no_text_makes_the_parser_fail_and_no_period_ends_before_it_begins(text: str) -> None:
    assert all(each.start <= each.end for each in recognise(text))
    looks_impossible(text)
    in_heading(text)


@pytest.mark.parametrize(
    ("text", "style", "how"),
    [
        ("2019/20 to 2021/22 financial years; 3-year aggregates", "scotpho_text", "sum"),
        ("2019/20 to 2021/22 financial years; 3-year average", "scotpho_text", "average"),
        ("2012 to 2014 March snapshot; 3-year average", "scotpho_text", "average"),
        ("2021-24", "three_financial_years", "average"),
        ("4-year aggregate (2014 - 2017)", "scotpho_text", "sum"),
        ("4-year aggregate (2018-2022)", "scotpho_text", None),  # of which four years, it does not say
        ("2010-14", "lgbf_several_years", None),
        ("2021/22 financial year", "scotpho_text", None),
    ],
)
def test_how_years_are_put_together_is_known_where_the_text_or_its_style_says_so(
    text: str, style: str, how: str | None
) -> None:
    assert combination(text, style) == how
