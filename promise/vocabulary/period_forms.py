"""The forms in which periods are written, described in `ingestion/vocabulary/periods.yml`, and how each is read."""

from __future__ import annotations

import calendar
import functools
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from promise.settings import ROOT
from promise.strict import Strict, load_yaml

FILE = ROOT / "ingestion" / "vocabulary" / "periods.yml"
Kind = Literal[
    "calendar_year", "financial_year", "academic_year", "several_years", "survey_years",
    "snapshot", "month", "quarter", "interval",
]  # fmt: skip
YearType = Literal["calendar", "financial", "school"]
Combination = Literal["sum", "average"]
SUM: Combination = "sum"
AVERAGE: Combination = "average"
FIRST_MONTH: dict[YearType, int] = {"calendar": 1, "financial": 4, "school": 8}
Group = Annotated[int, Field(ge=1)]
Texts = tuple[str | None, ...]  # the groups of a match, from 1; place 0 is not used
LONGEST = 20  # years that two digits may span: 2022-13 is a slip, not ninety-one years
EARLIEST, LATEST = 1850, 2150  # outside these a number of four digits is no year that a table about people would print


class Impossible(ValueError):
    """The text has the form, and cannot be: month 13, 2022/24. The message says which rule it breaks."""


def _number(texts: Texts, group: int) -> int:
    text = texts[group]
    if text is None:
        raise Impossible("a part is missing")
    return int(text)


def _year(texts: Texts, group: int) -> int:
    text = texts[group] or ""
    year = int(text) + (0 if len(text) == 4 else 2000)
    if not EARLIEST <= year <= LATEST:
        raise Impossible(f"{year} is no year between {EARLIEST} and {LATEST}")
    return year


def _after(texts: Texts, group: int, year: int) -> int:
    """The year that two or four digits mean when they stand behind a year."""
    text = texts[group] or ""
    if len(text) == 4:
        return int(text)
    end = year - year % 100 + int(text)
    end = end if end >= year else end + 100
    if end - year > LONGEST:
        raise Impossible(f"{text!r} would be {end - year} years after {year}")
    return end


def _month(text: str | None) -> int:
    """A month by number or by name, of which three letters are enough."""
    text = text or ""
    if text.isdigit():
        month = int(text)
    else:
        names = [number for number, name in enumerate(vocabulary().months, start=1) if _begins(name, text)]
        month = names[0] if len(names) == 1 else 0
    if not 1 <= month <= 12:
        raise Impossible(f"{text!r} is no month")
    return month


def _begins(name: str, text: str) -> bool:
    return text in (name, name[:3]) or (name == "September" and text == "Sept")


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Impossible(f"there is no day {day} in {year}-{month:02}") from None


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


class Years(Strict):
    first: Group
    last: Group | None = None
    first_end: Group | None = None
    last_end: Group | None = None
    count: Group | None = None
    may_skip: bool = False  # fewer years were counted than lie between the first and the last
    year: YearType = "calendar"
    labelled_by: Literal["start", "end", "bounds"] = "start"

    def read(self, texts: Texts) -> tuple[date, date]:
        first = _year(texts, self.first)
        _check_pair(texts, first, self.first_end)
        last = _after(texts, self.last, first) if self.last else first
        if self.last and last <= first:
            raise Impossible(f"{last} does not come after {first}")
        _check_pair(texts, last, self.last_end)
        if self.labelled_by == "end":
            first, last = first - 1, last - 1
        elif self.labelled_by == "bounds":  # "2010-14" runs from the beginning of 2010-11 to the end of 2013-14
            last -= 1
            if last == first:
                raise Impossible("that is one year, not several")
        if self.count:
            _check_count(first, last, _number(texts, self.count), self.may_skip)
        month = FIRST_MONTH[self.year]
        return date(first, month, 1), date(last + 1, month, 1) - timedelta(days=1)


def _check_pair(texts: Texts, year: int, end: Group | None) -> None:
    if end and _after(texts, end, year) != year + 1:
        raise Impossible(f"{texts[end]!r} is not the year after {year}")


def _check_count(first: int, last: int, counted: int, may_skip: bool = False) -> None:
    years = last - first + 1
    if counted > years or counted < 2 or (counted < years and not may_skip):
        raise Impossible(f"{first} to {last} are {years} years, not {counted}")


class Day(Strict):
    """Parts are groups, or text for a part that the form does not print."""

    day: Group | str
    month: Group | str
    year: Group
    year_end: Group | None = None  # the day lies in this second year

    def read(self, texts: Texts) -> tuple[date, date]:
        year = _year(texts, self.year)
        if self.year_end:
            _check_pair(texts, year, self.year_end)
            year += 1
        day = int(self.day) if isinstance(self.day, str) else _number(texts, self.day)
        found = _day(year, _month(self.month if isinstance(self.month, str) else texts[self.month]), day)
        return found, found


class Month(Strict):
    month: Group
    year: Group

    def read(self, texts: Texts) -> tuple[date, date]:
        year, month = _year(texts, self.year), _month(texts[self.month])
        return date(year, month, 1), _month_end(year, month)


class Quarter(Strict):
    year: Group
    year_end: Group | None = None
    quarter: Group | None = None
    first_month: Group | None = None
    last_month: Group | None = None
    year_type: YearType = "calendar"

    def read(self, texts: Texts) -> tuple[date, date]:
        year = _year(texts, self.year)
        _check_pair(texts, year, self.year_end)
        if self.quarter:
            months = FIRST_MONTH[self.year_type] + 3 * (_number(texts, self.quarter) - 1)
            year, first = year + (months - 1) // 12, (months - 1) % 12 + 1
        else:
            assert self.first_month is not None and self.last_month is not None
            first = _month(texts[self.first_month])
            if _month(texts[self.last_month]) != first + 2:
                raise Impossible(f"{texts[self.first_month]}..{texts[self.last_month]} are not three months")
        return date(year, first, 1), _month_end(year, first + 2)


class Interval(Strict):
    start: Group
    duration: Group

    def read(self, texts: Texts) -> tuple[date, date]:
        try:
            start = date.fromisoformat(texts[self.start] or "")
        except ValueError as error:
            raise Impossible(str(error)) from None
        duration = texts[self.duration] or ""
        length, unit = int(duration[1:-1]), duration[-1]
        if not 1 <= length <= 40_000 or not EARLIEST <= start.year <= LATEST:
            raise Impossible(f"a duration of {length} from {start}")
        if unit == "D":
            return start, start + timedelta(days=length - 1)
        months = start.year * 12 + start.month - 1 + length * (12 if unit == "Y" else 1)
        if months // 12 > LATEST:
            raise Impossible(f"it would end after {LATEST}")
        return start, _day(months // 12, months % 12 + 1, start.day) - timedelta(days=1)


class Days(Strict):
    day1: Group
    month1: Group
    year1: Group
    day2: Group
    month2: Group
    year2: Group

    def read(self, texts: Texts) -> tuple[date, date]:
        last_year = _year(texts, self.year2)
        first_year = _year(texts, self.year1) if texts[self.year1] else last_year
        first = _day(first_year, _month(texts[self.month1]), _number(texts, self.day1))
        last = _day(last_year, _month(texts[self.month2]), _number(texts, self.day2))
        if last < first:
            raise Impossible("it ends before it begins")
        return first, last


class Snapshots(Strict):
    """The average of counts taken in one month of several years: from the first count to the last."""

    first: Group
    last: Group
    month: Group
    count: Group

    def read(self, texts: Texts) -> tuple[date, date]:
        first, last, month = _year(texts, self.first), _year(texts, self.last), _month(texts[self.month])
        _check_count(first, last, _number(texts, self.count))
        return date(first, month, 1), _month_end(last, month)


class Form(Strict):
    """A way of writing a period. Exactly one of the meanings is given."""

    id: str
    pattern: str
    kind: Kind
    self_evident: bool = False
    years: Years | None = None
    day: Day | None = None
    month: Month | None = None
    quarter: Quarter | None = None
    interval: Interval | None = None
    days: Days | None = None
    snapshots: Snapshots | None = None
    combined: Literal["average", "by_word"] | None = None
    examples: dict[str | date, tuple[date, date]] = Field(min_length=1)  # YAML takes 2024-07-31 for a date

    @model_validator(mode="after")
    def it_means_one_thing(self) -> Self:
        if len(self._meanings()) != 1:
            raise ValueError(
                f"the form {self.id} needs exactly one of years, day, month, quarter, interval, days, snapshots"
            )
        return self

    def _meanings(self) -> list[Callable[[Texts], tuple[date, date]]]:
        given = (self.years, self.day, self.month, self.quarter, self.interval, self.days, self.snapshots)
        return [meaning.read for meaning in given if meaning is not None]

    def match(self, text: str) -> Texts | None:
        found = _pattern(self.pattern).fullmatch(text)
        return (None, *found.groups()) if found else None

    def bounds(self, texts: Texts) -> tuple[date, date]:
        """First and last day. Raises Impossible."""
        return self._meanings()[0](texts)

    def combination(self, text: str) -> Combination | None:
        """How the figure of several years is made of theirs; None where the form does not say, or not of which."""
        texts = self.match(text)
        if self.combined is None or texts is None:
            return None
        if self.years and self.years.count and self.years.may_skip:
            first, last = self.bounds(texts)
            if _number(texts, self.years.count) < last.year - first.year + 1:
                return None
        return SUM if self.combined == "by_word" and "average" not in text else AVERAGE


class Vocabulary(Strict):
    forms: tuple[Form, ...] = Field(min_length=1)
    styles: dict[str, tuple[str, ...]]
    months: tuple[str, ...] = Field(min_length=12, max_length=12)

    @model_validator(mode="after")
    def styles_name_forms(self) -> Self:
        known = [form.id for form in self.forms]
        if doubled := {each for each in known if known.count(each) > 1}:
            raise ValueError(f"two forms are called {', '.join(sorted(doubled))}; give each its own id")
        for style, forms in self.styles.items():
            if unknown := [each for each in forms if each not in known]:
                raise ValueError(f"the style {style} names {', '.join(unknown)}, which is no form; correct it")
        return self

    def of_style(self, style: str) -> tuple[Form, ...]:
        by_id = {form.id: form for form in self.forms}
        return tuple(by_id[each] for each in self.styles[style])


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


@functools.cache
def vocabulary() -> Vocabulary:
    """The forms and styles as described. Raises CatalogueError naming file, key and remedy."""
    return load_yaml(FILE, Vocabulary)
