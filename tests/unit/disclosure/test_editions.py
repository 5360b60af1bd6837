"""How an outsider puts editions together: what one leaves out another gives."""

from __future__ import annotations

from datetime import date

from warehouse.divisions import SCOTLAND, Division
from warehouse.outsider import Figure, Key, Published, _Reasoning, _views

ANGUS, FIFE = "S12000041", "S12000047"
COUNCILS = Division(SCOTLAND, "councils", (ANGUS, FIFE))


def figure(area_code: str, year: int = 2020) -> Figure:
    return Figure("in_care__count", area_code, date(year, 7, 31), date(year, 7, 31))


def row(
    area_code: str, value: float | None, edition: str | None = None, by: str | None = None, year: int = 2020
) -> Published:
    return Published(figure(area_code, year), edition, value, None, None, 0, None, by, None)


def views(*rows: Published) -> list[dict[str, float | None]]:
    systems = {each.figure: each.figure.period_end.year for each in rows}
    return [
        {f"{each.figure.area_code} {each.figure.period_end.year}": each.obs_value for each in view}
        for view in _views(rows, systems)
    ]


def test_what_only_an_earlier_edition_gives_is_known_beside_what_stands() -> None:
    assert views(row(SCOTLAND, 30, "first"), row(ANGUS, 10), row(FIFE, None, by="publisher")) == [
        {f"{SCOTLAND} 2020": 30, f"{ANGUS} 2020": 10, f"{FIFE} 2020": None}
    ]


def test_of_two_editions_that_are_gone_the_last_is_taken_and_the_first_is_asked_by_itself() -> None:
    first, second = row(SCOTLAND, 30, "first"), row(SCOTLAND, 31, "second")
    standing = row(FIFE, None, by="publisher")
    assert views(first, second, standing) == [
        {f"{FIFE} 2020": None, f"{SCOTLAND} 2020": 31},
        {f"{FIFE} 2020": None, f"{SCOTLAND} 2020": 30},
    ]


def test_an_edition_that_gives_what_stands_is_not_asked_again_nor_are_other_years_with_one_that_does_not() -> None:
    rows = [
        row(ANGUS, 10, "first"), row(ANGUS, 11, "first", year=2021), row(ANGUS, 10), row(ANGUS, 12, year=2021),
        row(FIFE, None, by="publisher"), row(FIFE, None, by="publisher", year=2021),
    ]  # fmt: skip
    assert views(*rows[:1], *rows[2:3], rows[4]) == [{f"{ANGUS} 2020": 10, f"{FIFE} 2020": None}]
    assert views(*rows)[1:] == [{f"{ANGUS} 2021": 11, f"{FIFE} 2021": None}]


def test_what_was_declared_to_stand_is_known_and_cannot_be_withheld_again() -> None:
    rows = [row(ANGUS, 10, "first"), row(ANGUS, None, by="publisher"), row(FIFE, 20), row(SCOTLAND, 30)]
    (view,) = _views(rows, {each.figure: 1 for each in rows})
    cells = {cell.key: cell for cell in _Reasoning(view, [COUNCILS], {}).knowledge().cells}
    angus, fife, scotland = (cells[Key(figure(code))] for code in (ANGUS, FIFE, SCOTLAND))
    assert (angus.is_shown, angus.value, angus.cost) == (True, 10, None)
    assert (scotland.cost, fife.cost) == (None, 20)
