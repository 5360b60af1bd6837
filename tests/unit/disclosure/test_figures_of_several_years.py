"""The years of which a sum or an average of several is made."""

from __future__ import annotations

from datetime import date

import pytest

from warehouse.several_years import years_of


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        pytest.param(
            date(2019, 4, 1),
            date(2021, 3, 31),
            [((date(2019, 4, 1), date(2020, 3, 31)),), ((date(2020, 4, 1), date(2021, 3, 31)),)],
            id="financial years",
        ),
        pytest.param(
            date(2019, 2, 1),
            date(2020, 2, 29),
            [
                ((date(2019, 2, 1), date(2019, 2, 28)), (date(2019, 2, 28), date(2019, 2, 28))),
                ((date(2020, 2, 1), date(2020, 2, 29)), (date(2020, 2, 29), date(2020, 2, 29))),
            ],
            id="one month of each year, or its last day",
        ),
    ],
)
def test_a_span_is_taken_apart_into_its_years(start: date, end: date, years: list[object]) -> None:
    assert years_of(start, end) == years
