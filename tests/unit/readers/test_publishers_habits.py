"""Habits of publishers that were read wrongly, each in a sheet made by hand; and what holds whatever stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl.styles import Alignment
from openpyxl.worksheet.hyperlink import Hyperlink
from sheets import _, body, found, grid, headings

from ingestion.readers.footnotes import listed_notes, split_headings, split_label
from ingestion.readers.grid import counts_up
from ingestion.readers.opened import open_tables
from ingestion.readers.sheet_tables import find_tables
from ingestion.readers.tables import Table, cell_name
from workbench.peek import look

Rows = Sequence[Sequence[str]]
HEADED = [["Local Authority", "2021", "2022", "2023"], ["Aberdeen City", "81", "78", "79"], ["Angus", "68", "68", "67"]]
NAVIGATION = [
    "Return to contents", "Back to Contents", "return to the table of contents", "Back to top", "Go to notes",
    "Return to cover sheet", "Back to index page",
]  # fmt: skip
BLOCKS = [
    ["Table 1.1: Schools and pupils"], [_, "2013", "2014"], ["Schools"], ["Primary", "2056", "2048"],
    ["Secondary", "364", "362"], [], ["Pupils"], ["Primary", "377382", "385212"], ["Secondary", "289164", "284762"],
]  # fmt: skip


def named(table: Table) -> dict[str, tuple[str, str, str | None, str | None]]:
    """By their address, the cells beside the labels: row, column, section and parent."""
    return {cell.address: (cell.labels[0].text, cell.heading.text, cell.section, cell.parent) for cell in table.cells()}


# -- navigation and titles ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", NAVIGATION)
def test_a_link_beside_a_title_is_no_heading(link: str) -> None:
    for rows in ([["Table 5.1: Schools", _, _, link], *HEADED], [[link], *HEADED], [["Schools", _, _, link], *HEADED]):
        (table,) = found(rows)
        assert headings(table) == HEADED[0]
        assert link not in [note.text for note in table.notes]


@pytest.mark.parametrize("word", ["Return to work", "Back to school grant", "Returned to parents"])
def test_words_that_only_begin_like_a_link_are_kept(word: str) -> None:
    (table,) = found([["Area", word, "Other"], ["Fife", "1", "2"], ["Moray", "3", "4"]])
    assert headings(table)[1] == word


def test_a_linked_cell_is_navigation_only_where_it_stands_beside_a_title_and_over_nothing(workbook: Any) -> None:
    rows = [
        ["Schools by area", None, None, "Contents"], [None], ["Area", "Number", "Rate"], ["Fife", 1, 2.5],
        ["Moray", 3, 4.5],
    ]  # fmt: skip
    path = workbook({"T": rows, "Contents": [["About"]]})
    book = openpyxl.load_workbook(path)
    for cell in ("D1", "B3", "A4"):
        book["T"][cell].hyperlink = Hyperlink(ref=cell, location="'Contents'!A1")
    book.save(path)
    (table,) = open_tables(path, "trial").tables
    assert headings(table) == ["Area", "Number", "Rate"]
    assert [note.text for note in table.titles] == ["Schools by area"]
    assert body(table)[0][0] == "Fife"


def test_a_title_with_the_number_of_its_table_is_none_of_the_headings_whatever_stands_right_of_it() -> None:
    (table,) = found([["Table 5.1: Schools", _, _, "Thousands"], *HEADED])
    assert headings(table) == HEADED[0]
    assert [note.text for note in table.titles] == ["Table 5.1: Schools", "Thousands"]


# -- years over blocks -------------------------------------------------------------------------------------------------


def test_years_head_every_block_below_and_the_word_over_a_block_is_its_section() -> None:
    (table,) = found(BLOCKS)
    assert headings(table) == [_, "2013", "2014"]
    assert named(table)["S!B4"] == ("Primary", "2013", "Schools", None)
    assert named(table)["S!C9"] == ("Secondary", "2014", "Pupils", None)
    assert len(named(table)) == 8


def test_years_that_span_their_columns_head_every_block_below() -> None:
    (table,) = found(
        [
            [_, "2013", _, "2014", _], [_, "Boys", "Girls", "Boys", "Girls"], ["Schools"],
            ["Primary", "3", "1", "4", "1"], ["Pupils"], ["Primary", "5", "9", "2", "6"],
        ],
        ["B1:C1", "D1:E1"],
    )  # fmt: skip
    assert headings(table)[1:] == ["2013 | Boys", "2013 | Girls", "2014 | Boys", "2014 | Girls"]
    assert named(table)["S!E6"] == ("Primary", "2014 | Girls", "Pupils", None)


def test_headings_that_are_merged_over_two_rows_are_headings_as_far_as_they_reach() -> None:
    (table,) = found(
        [
            [_, "ELC", "Primary", "Centrally"], [_, _, _, "employed (3)"], ["Gender"], ["Female", "94", "91", "84"],
            ["Age"], ["Under 25", "1", "8", "1"], ["(3) Of all sectors."],
        ],
        ["A1:A2", "B1:B2", "C1:C2"],
    )  # fmt: skip
    assert headings(table) == [_, "ELC", "Primary", "Centrally | employed"]
    assert table.headings[3].marks == ("3",)
    assert [row.section for row in table.rows()] == ["Gender", "Age"]


@pytest.mark.parametrize(
    "texts", [["2056", "2048"], ["2019", "2012", "2004", "2005"], ["1990", "2041"], ["2168", "2153", "2128"]]
)
def test_numbers_that_look_like_years_and_do_not_count_on_are_figures_under_years(texts: list[str]) -> None:
    years = [str(2013 + place) for place, _text in enumerate(texts)]
    (table,) = found([[_, *years], ["Schools"], ["Primary", *texts], ["Secondary", *("7" for _text in texts)]])
    assert headings(table) == [_, *years]
    assert len(body(table)) == 2


@pytest.mark.parametrize(
    ("texts", "certain"),
    [
        (["2001", "2002", "2003"], True), (["2023", "2022", "2021"], True), (["0", "1", "2"], True),
        (["2019", "2020"], False), (["2004", "2007", "2010"], False), (["2019", "2020", "2019", "2020"], False),
        (["2022", "2022", "2023", "2023"], False), (["2023", "2023"], False),
        (["2019", "2012", "2004", "2005"], None), (["1990", "2041"], None), (["1", "2"], None), (["5", "7", "9"], None),
    ],
)  # fmt: skip
def test_numbers_are_headings_for_certain_where_they_count_on_by_one(texts: list[str], certain: bool | None) -> None:
    counted = counts_up(texts)
    assert (counted.certain if counted else None) is certain


def test_a_table_below_another_has_its_own_years() -> None:
    first, second = found(
        [
            ["Number of schools"], ["Sector", "2017", "2018", "2019"], ["Primary", "2019", "2012", "2004"], [],
            ["Number of pupils"], ["Sector", "2017", "2018", "2019"], ["Primary", "400312", "400276", "398794"],
        ]
    )  # fmt: skip
    assert headings(first) == headings(second) == ["Sector", "2017", "2018", "2019"]
    assert (len(body(first)), len(body(second))) == (1, 1)


def test_a_column_of_figures_that_look_like_years_is_no_label() -> None:
    (table,) = found([["Year", "Schools", "Roll"], ["2001", "2271", "9"], ["2002", "1994", "8"], ["2003", "1988", "7"]])
    assert table.labels == 1
    (tidy,) = found([["Area", "Year", "Rate"], ["Fife", "2001", "9"], ["Fife", "2002", "8"]])
    assert tidy.labels == 2
    (unnamed,) = found([["Area", _, "Rate"], ["Fife", "2001", "9"], ["Fife", "2002", "8"], ["Moray", "2001", "7"]])
    assert unnamed.labels == 2


# -- indentation -------------------------------------------------------------------------------------------------------


def test_indentation_names_the_labels_above_that_are_less_indented() -> None:
    (table,) = found(
        [
            ["Teachers", "2013", "2014"], ["Total schools", "9", "8"], ["    School based", "7", "6"],
            ["        Primary", "5", "4"], ["    Centrally employed", "2", "2"], ["PTR", "1", "1"],
            [" Other", "1", "1"],
        ]
    )  # fmt: skip
    assert [(row.texts[0].strip(), row.parent) for row in table.rows()] == [
        ("Total schools", None),
        ("School based", "Total schools"),
        ("Primary", "Total schools | School based"),
        ("Centrally employed", "Total schools"),
        ("PTR", None),
        ("Other", None),
    ]


def test_indentation_by_a_cell_s_format_counts_like_blanks_and_a_section_ends_it(workbook: Any) -> None:
    rows = [["Grade", "2013", "2014"], ["Head", 8, 9], ["Female", 87, 88], ["Mode"], ["Female", 1, 2]]
    path = workbook({"T": rows})
    book = openpyxl.load_workbook(path)
    for cell in ("A3", "A5"):
        book["T"][cell].alignment = Alignment(indent=1)
    book.save(path)
    (table,) = open_tables(path, "trial").tables
    assert [(row.section, row.parent) for row in table.rows()] == [(None, None), (None, "Head"), ("Mode", None)]
    assert "rows 3 and 5 are labelled alike" not in " ".join(look(path).tables[0].findings)


# -- marks of notes ----------------------------------------------------------------------------------------------------


def test_digits_in_round_brackets_are_a_mark_where_they_hang_on_a_word_or_a_note_has_their_number() -> None:
    marked = split_headings(["2019(3)", "Other(2)", "ELC (2)", "Age (5)", "Rate (%)", "Item (a)", "(3)"], {"2"})
    assert [(each.text, each.marks) for each in marked] == [
        ("2019", ("3",)),
        ("Other", ("2",)),
        ("ELC", ("2",)),
        ("Age (5)", ()),
        ("Rate (%)", ()),
        ("Item (a)", ()),
        ("(3)", ()),
    ]
    assert split_label("Grant aided (4)", {"4"}) == ("Grant aided", ("4",), "Grant aided (4)")
    assert listed_notes(["(1) Revised.", "(12)of schools", "1 - 18", "2 (3)"]) == {"1", "12"}


@pytest.mark.parametrize(
    ("text", "bare", "marks"),
    [
        ("2011 [Note]", "2011", ("note",)),
        ("Minority ethnic[ Note 1]", "Minority ethnic", ("note 1",)),
        ("Special [note2 ]", "Special", ("note2",)),
    ],
)
def test_a_note_in_square_brackets_may_have_blanks_or_no_number(text: str, bare: str, marks: tuple[str, ...]) -> None:
    (marked,) = split_headings([text])
    assert (marked.text, marked.marks) == (bare, marks)


def test_the_mark_leaves_heading_label_and_section_and_the_note_stays_below_the_table() -> None:
    (table,) = found(
        [
            [_, "2010(3)", "2011"], ["Schools (2)"], ["Other(2)", "1", "2"], ["Good", "3", "4"], ["(2) Of both."],
            ["(3) Corrected."],
        ]
    )  # fmt: skip
    assert named(table)["S!B3"] == ("Other", "2010", "Schools", None)
    assert table.headings[1].marks == ("3",)
    assert [note.text for note in table.notes if note.where == "below"] == ["(2) Of both.", "(3) Corrected."]


# -- what is no table --------------------------------------------------------------------------------------------------


def test_rows_of_a_table_whose_figures_are_still_to_come_are_rows() -> None:
    (first, second) = found(
        [
            ["Table 1: Class sizes"], ["Class size", "Number", "Rate"], ["1 - 18"], ["19 - 20"], ["31 or more"],
            ["By sex"], ["Sex", "Number", "Rate"], ["Female"], ["[note 1] Still to come."],
        ]
    )  # fmt: skip
    assert [row[0] for row in body(first)] == ["1 - 18", "19 - 20", "31 or more"]
    assert [row[0] for row in body(second)] == ["Female"]
    assert (first.labels, second.labels) == (1, 1)
    assert [note.text for note in second.titles] == ["By sex"]
    assert "no cell beside its labels is filled" in str(first.findings[0])


def test_a_front_page_and_a_log_of_changes_are_no_tables() -> None:
    front = [["Children looked after"], ["Publication date:", "12 March 2024"], ["Contact:", "The statistics office"]]
    log = [
        ["Date", "Change"],
        ["2024-03-12", "First published in this form"],
        ["2024-05-02", "Table 3 was corrected for one council"],
    ]
    for rows in (front, log):
        tables, notes = find_tables(grid(rows))
        assert not tables
        assert {text for row in rows for text in row} == {note.text for note in notes}
    (changes,) = found([["Area", "Change", "Date"], ["Fife", "-5", "2023"], ["Moray", "7", "2023"]])
    assert len(body(changes)) == 2


def test_a_list_of_areas_whose_names_lead_to_their_sheets_is_a_table(workbook: Any) -> None:
    rows = [["Area", "Number", "Rate"], ["Fife", 1, 2.5], ["Moray", 3, 4.5], ["Angus", 5, 6.5]]
    path = workbook({"T": rows, "Fife": [["About"]]})
    book = openpyxl.load_workbook(path)
    for cell in ("A2", "A3", "A4"):
        book["T"][cell].hyperlink = Hyperlink(ref=cell, location="'Fife'!A1")
    book.save(path)
    (table,) = open_tables(path, "trial").tables
    assert [row[0] for row in body(table)] == ["Fife", "Moray", "Angus"]


# -- whatever stands in it ---------------------------------------------------------------------------------------------

WORDS = st.text("abcdefgh", min_size=4, max_size=9).map(str.capitalize)
FIGURES = st.integers(0, 2100).map(str)


@st.composite
def blocks_under_years(draw: st.DrawFn) -> tuple[Rows, dict[str, tuple[str, str, str | None, str | None]]]:
    """Sections of rows under one row of years, and what each figure is: row, year, section."""
    first, width = draw(st.integers(1990, 2015)), draw(st.integers(2, 5))
    years = [str(first + place) for place in range(width)]
    rows: list[list[str]] = [draw(st.sampled_from([["Table 1.1: Schools"], ["Table 2: Pupils", _, _, NAVIGATION[0]]]))]
    rows.append([_, *years])
    expected = {}
    for section in draw(st.lists(WORDS, min_size=1, max_size=3, unique=True)):
        rows.append([section])
        for label in draw(st.lists(WORDS, min_size=1, max_size=4, unique=True)):
            figures = draw(st.lists(FIGURES, min_size=width, max_size=width))
            counted = counts_up(figures)
            assume(not (counted and counted.years and counted.certain))  # "1999, 2000, 2001" are years to a person too
            rows.append([label, *figures])
            for place, year in enumerate(years):
                expected[f"S!{'BCDEF'[place]}{len(rows)}"] = (label, year, section, None)
        if draw(st.booleans()):
            rows.append([])
    return rows, expected


@given(blocks_under_years())
def test_no_figure_under_years_is_lost_or_named_wrongly(
    made: tuple[Rows, dict[str, tuple[str, str, str | None, str | None]]],
) -> None:
    rows, expected = made
    (table,) = found(rows)
    assert named(table) == expected


@given(
    rows=st.lists(st.tuples(WORDS, FIGURES, FIGURES), min_size=1, max_size=6),
    title=st.sampled_from(["Table 3.1: Children", "Children, by area", "Chart 2 Children"]),
    link=st.sampled_from(NAVIGATION),
    right=st.integers(3, 6),
)
def test_a_title_and_a_link_over_a_table_change_nothing_in_it(
    rows: list[tuple[str, str, str]], title: str, link: str, right: int
) -> None:
    plain = [["Area", "Number", "Rate"], *map(list, rows)]
    bare = found(plain)[0]
    headed = found([[title, *([_] * (right - 1)), link], *plain])[0]
    assert headings(headed) == headings(bare)
    assert body(headed) == body(bare)


TEXTS = st.sampled_from(
    [
        *(_, _, _, "Fife", "Scotland", "2013", "2014", "5", "7.5", "[c]", "Schools", "Table 1: x", "(1) Note.", "Area"),
        *("Rate (1)", "Year", "  Primary", "Contact:", "Date", "Change", NAVIGATION[0]),
    ]
)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[list[list[str]], list[str]]:
    """Any texts in any places, some of them merged."""
    width = draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(TEXTS, min_size=width, max_size=width), min_size=1, max_size=9))
    merged = []
    for _merge in range(draw(st.integers(0, 2))):
        top, left = draw(st.integers(0, len(rows) - 1)), draw(st.integers(0, width - 1))
        bottom, right = draw(st.integers(top, min(top + 2, len(rows) - 1))), draw(st.integers(left, width - 1))
        merged.append(f"{cell_name(top, left)}:{cell_name(bottom, right)}")
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                rows[row][column] = rows[row][column] if (row, column) == (top, left) else _
    return rows, merged


@given(sheets())
def test_nothing_that_stands_in_a_sheet_vanishes_but_links(made: tuple[list[list[str]], list[str]]) -> None:
    rows, merged = made
    tables, notes = find_tables(grid(rows, merged))
    places = {note.address for note in (*notes, *(note for table in tables for note in table.notes))}
    places |= {
        table.address(row.number, position)
        for table in tables
        for row in table.rows()
        for position in range(len(row.texts))
    }
    headed = {text for table in tables for heading in table.headings for text in heading.published}
    for row, line in enumerate(rows):
        for column, text in enumerate(line):
            here = f"S!{cell_name(row, column)}"
            assert not text or text == NAVIGATION[0] or here in places or text in headed, here


def test_two_lines_in_one_row_inside_a_table_are_kept() -> None:
    (table,) = found(
        [["Area", "2013", "2014"], ["Table 1: x", _, "Thousands"], ["Fife", "7", "8"], ["Moray", "9", "9"]]
    )
    assert [note.text for note in table.notes] == ["Table 1: x", "Thousands"]
