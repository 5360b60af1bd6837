"""Tables found by what they look like. Each sheet is made by hand with a habit of published ones."""

from __future__ import annotations

from typing import Any

from sheets import _, body, found, grid, headings

from ingestion.readers.sheet_tables import find_tables

COUNCILS = [["Aberdeen City", "10", "1.5"], ["Fife", "20", "[c]"], ["Scotland", "30", "1.25"]]


def test_a_table_stands_under_its_title_and_over_its_notes() -> None:
    (table,) = found(
        [
            ["Table 3.2: Children looked after"],
            ["This worksheet contains one table."],
            [],
            ["Local authority", "Number", "Rate"],
            *COUNCILS,
            [],
            ["[note 1] Provisional."],
            ["Source: Scottish Government"],
        ]
    )
    assert table.place == "S!A4:C7"
    assert headings(table) == ["Local authority", "Number", "Rate"]
    assert body(table) == [tuple(row) for row in COUNCILS]
    assert [(note.where, note.address) for note in table.notes] == [
        *(("above", "S!A1"), ("above", "S!A2"), ("below", "S!A9"), ("below", "S!A10")),
    ]


def test_the_header_row_may_move() -> None:
    rows = [["Local authority", "Number", "Rate"], *COUNCILS]
    for lead in (0, 1, 7):
        (table,) = found([[]] * lead + rows)
        assert headings(table) == ["Local authority", "Number", "Rate"]
        assert next(table.rows()).number == lead + 2


def test_merged_headings_are_spread_over_what_they_cover() -> None:
    (table,) = found(
        [
            ["Local authority", "2022 [r]", _, "2023", _],
            [_, "Number", "Rate [note 2]", "Number", "Rate [note 2]"],
            ["Fife", "1", "2", "3", "4"],
        ],
        ["A1:A2", "B1:C1", "D1:E1"],
    )
    assert headings(table) == ["Local authority", "2022 | Number", "2022 | Rate", "2023 | Number", "2023 | Rate"]
    assert table.headings[2].marks == ("r", "note 2")
    assert table.headings[2].published == ("2022 [r]", "Rate [note 2]")
    assert not table.findings


def test_a_group_heading_that_is_not_merged_covers_the_blanks_right_of_it_and_that_is_said() -> None:
    (table,) = found(
        [
            ["Area", "2013", _, "2014", _],
            [_, "Number", "Rate", "Number", "Rate"],
            ["Fife", "1", "2", "3", "4"],
            ["Moray", "1", "2", "3", "4"],
        ]
    )
    assert headings(table) == ["Area", "2013 | Number", "2013 | Rate", "2014 | Number", "2014 | Rate"]
    assert [finding.address for finding in table.findings] == ["S!B1", "S!D1"]


def test_three_rows_of_headings() -> None:
    (table,) = found(
        [
            ["Area", "Looked after", _, _, _],
            [_, "Boys", _, "Girls", _],
            [_, "2022", "2023", "2022", "2023"],
            ["Fife", "11", "22", "33", "44"],
            ["Moray", "12", "24", "31", "43"],
        ],
        ["A1:A3", "B1:E1", "B2:C2", "D2:E2"],
    )
    assert headings(table)[1:] == [
        *("Looked after | Boys | 2022", "Looked after | Boys | 2023"),
        *("Looked after | Girls | 2022", "Looked after | Girls | 2023"),
    ]
    assert len(body(table)) == 2


def test_a_heading_over_all_figures_is_no_title() -> None:
    (table,) = found(
        [[_, "Number of children", _, _], ["Area", "2019", "2020", "2021"], ["Fife", "1", "2", "3"]], ["B1:D1"]
    )
    assert headings(table)[1:] == [f"Number of children | {year}" for year in (2019, 2020, 2021)]


def test_years_and_ages_are_headings_although_they_are_numbers() -> None:
    (ages,) = found([["Area name", "All ages", "0", "1", "2", "90 and over"], ["Fife", "11", "12", "13", "14", "15"]])
    assert headings(ages) == ["Area name", "All ages", "0", "1", "2", "90 and over"]
    (years,) = found([["Area", "2019", "2020"], ["Fife", "1950", "2003"], ["Moray", "1951", "1999"]])
    assert headings(years) == ["Area", "2019", "2020"]
    assert years.labels == 1


def test_figures_that_happen_to_count_up_are_figures() -> None:
    (table,) = found([["Area", "Number", "Rate", "Change"], ["Fife", "1", "2", "3"], ["Moray", "4", "5", "6"]])
    assert len(body(table)) == 2


def test_tables_side_by_side_are_two_tables_with_their_own_titles() -> None:
    left, right = found(
        [
            ["Table 1: Left", _, _, _, "Table 2: Right"],
            [],
            ["Area", "2019", "2020", _, "Area", "2019", "2020"],
            ["Angus", "1", "2", _, "Angus", "5", "6"],
            ["Moray", "3", "4", _, "Moray", "7", "8"],
        ]
    )
    assert [(table.place, table.titles[0].text) for table in (left, right)] == [
        ("S!A3:C5", "Table 1: Left"),
        ("S!E3:G5", "Table 2: Right"),
    ]


def test_an_empty_column_between_figures_does_not_cut_the_table() -> None:
    (table,) = found(
        [
            ["Council", "CHN10 2010-14", _, "CHN10 2010-11", "CHN10 2011-12"],
            ["Angus", "1", _, "2", "3"],
            ["Moray", "4", _, "5", "6"],
        ]
    )
    assert headings(table) == ["Council", "CHN10 2010-14", "", "CHN10 2010-11", "CHN10 2011-12"]


def test_tables_one_under_another_are_two_tables() -> None:
    first, second = found(
        [
            ["Table 1"],
            ["Area", "Number", "Rate"],
            *COUNCILS,
            [],
            ["Table 2"],
            ["Area", "Boys", "Girls"],
            ["Fife", "1", "2"],
            ["Moray", "3", "4"],
            ["Notes"],
            ["1. Made by hand."],
        ]
    )
    assert headings(first) == ["Area", "Number", "Rate"]
    assert headings(second) == ["Area", "Boys", "Girls"]
    assert [note.text for note in first.titles + second.titles] == ["Table 1", "Table 2"]
    assert [note.text for note in second.notes if note.where == "below"] == ["Notes", "1. Made by hand."]


def test_lines_inside_a_table_become_its_sections() -> None:
    (table,) = found(
        [["Age", "Number", "Rate"], ["Boys"], ["0-4", "1", "2"], ["Girls"], ["0-4", "3", "4"], [], ["5-9", "5", "6"]]
    )
    assert [(row.section, row.texts[0]) for row in table.rows()] == [
        ("Boys", "0-4"),
        ("Girls", "0-4"),
        ("Girls", "5-9"),
    ]
    assert [finding.address for finding in table.findings] == ["S!A2", "S!A4", "S!A7"]


def test_merged_labels_are_given_to_each_row_they_cover() -> None:
    (table,) = found(
        [["Area", "Sex", "Number"], ["Fife", "Boys", "1"], [_, "Girls", "2"], ["Moray", "Boys", "3"]], ["A2:A3"]
    )
    assert [row[:2] for row in body(table)] == [("Fife", "Boys"), ("Fife", "Girls"), ("Moray", "Boys")]
    assert table.labels == 2


def test_footnotes_in_two_columns_are_notes_and_no_table() -> None:
    (table,) = found(
        [["Area", "Number", "Rate"], *COUNCILS, [], ["[note 1]", "Provisional."], ["[note 2]", "Rounded."]]
    )
    assert [note.text for note in table.notes] == ["[note 1]", "Provisional.", "[note 2]", "Rounded."]


def test_a_table_of_words_has_its_first_row_as_headings() -> None:
    (table,) = found(
        [["Code", "Meaning"], ["a", "first thing"], ["b", "second thing"], ["e", "third"], ["f", "fourth"]]
    )
    assert headings(table) == ["Code", "Meaning"]
    assert len(body(table)) == 4


def test_figures_without_headings_are_shown_and_that_is_said() -> None:
    (table,) = found([["1", "2"], ["3", "4"]])
    assert headings(table) == ["", ""]
    assert "no row of headings" in str(table.findings[0])


def test_words_without_a_table_are_kept() -> None:
    tables, notes = find_tables(grid([["About this workbook"], [], ["Contact the publisher."]]))
    assert not tables
    assert [note.text for note in notes] == ["About this workbook", "Contact the publisher."]


def test_a_cross_tab_lands_long_with_labels_marks_and_addresses() -> None:
    (table,) = found([["Area", "2022", "2023"], ["Fife1", "1", "[c]"], ["Moray", _, "4"]])
    assert [
        (cell.labels[0].text, cell.labels[0].marks, cell.heading.text, cell.text, cell.address)
        for cell in table.cells()
    ] == [
        ("Fife", ("1",), "2022", "1", "S!B2"),
        ("Fife", ("1",), "2023", "[c]", "S!C2"),
        ("Moray", (), "2022", "", "S!B3"),
        ("Moray", (), "2023", "4", "S!C3"),
    ]


def test_an_empty_sheet_has_no_table(workbook: Any) -> None:
    assert find_tables(grid([])) == ([], [])
    assert find_tables(grid([[], [_, _]])) == ([], [])
