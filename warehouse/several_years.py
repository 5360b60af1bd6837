"""Which figures are sums or averages of several years, as the words of their periods declare it, and of which years."""

from __future__ import annotations

import calendar
import itertools
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from psycopg import Connection

from promise.catalogue.framework import framework
from promise.vocabulary.period_forms import AVERAGE, SUM, Combination
from promise.vocabulary.periods import combination

__all__ = ["AVERAGE", "SUM", "Span", "spans", "years_of"]

Span = tuple[str, date, date]  # a measure and a period of several years
Period = tuple[date, date]
MORE_THAN_A_YEAR = 366  # days


def spans(conn: Connection[Any]) -> Mapping[Span, set[Combination]]:
    """The spans of which a published period says how the years are put together."""
    series = {
        each.key: each
        for indicator in framework().by_id.values()
        for measure in indicator.measures
        for each in measure.series
    }
    found: dict[Span, set[Combination]] = defaultdict(set)
    for measure_id, start, end, source_id, label, heading, published in conn.execute(
        "select distinct measure_id, period_start, period_end, source_id, series_label, series_heading,"
        " period_published"
        " from intermediate.int_figures where period_end - period_start > %s",
        (MORE_THAN_A_YEAR,),
    ):
        one = series.get((source_id, label, heading or ""))
        exception = next((each for each in one.period_exceptions if each.label == published), None) if one else None
        style = exception.period_style if exception else one.period_style if one else None
        how = combination(exception.means if exception else published, style) if style else None
        if how:
            found[measure_id, start, end].add(how)
    return found


def years_of(start: date, end: date) -> list[tuple[Period, ...]]:
    """The years of a span, each as the periods by which it may be published: a year, or one month or day of each year.

    >>> [first.year for ((first, _),) in years_of(date(2020, 4, 1), date(2023, 3, 31))]
    [2020, 2021, 2022]
    """
    after = end + timedelta(days=1)
    if (after.month, after.day) == (start.month, start.day):
        firsts = [start.replace(year=year) for year in range(start.year, after.year + 1)]
        return [((one, other - timedelta(days=1)),) for one, other in itertools.pairwise(firsts)]
    years: list[tuple[Period, ...]] = []
    for year in range(start.year, end.year + 1):
        last = date(year, end.month, calendar.monthrange(year, end.month)[1])
        years.append(((start.replace(year=year), last), (last, last)))
    return years
