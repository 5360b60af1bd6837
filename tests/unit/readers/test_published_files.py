"""Real files of publishers, read as a person sees them. Where each comes from: tests/fixtures/workbooks/README.md."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ingestion.readers.opened import Opened, open_tables
from ingestion.readers.tables import Cell
from promise.catalogue.sources import AreaColumn
from workbench.peek import look, render
from workbench.peek.proposal import propose
from workbench.scaffolds.questions import Case
from workbench.scaffolds.source import entry_text

FOLDER = Path(__file__).parents[2] / "fixtures" / "workbooks"
# Each table: where it stands, how many rows it has, its first heading, the one after it and its last.
TABLES: dict[str, dict[str, tuple[int, str, str, str]]] = {
    "title_beside_link_and_years_over_blocks.xlsx": {
        "Table 5.1!A2:D4": (2, "Local Authority", "2021", "2023"),
        "Table 1.1!A2:C9": (4, "", "2013", "2014"),
    },
    "support_staff_2022.xlsx": {
        "Categories of support staff!A20:C25": (
            5, "Support staff category", "Categorisation", "Funding and employment status",
        ),
        "1.1!A2:F37": (35, "hours per week", "Pupil Support Assistant", "Educational Psychologist"),
        "1.4!A2:E37": (35, "hours per week", "Pupil Support Assistant", "Library staff"),
        "2.1!A3:F38": (35, "FTE", "Pupil Support Assistant", "Educational Psychologist"),
        "2.2!A3:F8": (5, "FTE", "Pupil Support Assistant", "Educational Psychologist"),
        "2.3!A2:F5": (3, "hours per week", "Pupil Support Assistant", "Educational Psychologist"),
    },
    "pupil_census_2023.xlsx": {
        "Buletin tables!A4:H7": (3, "Sector", "2017", "2023"),
        "Buletin tables!A9:H13": (4, "Sector", "2017", "2023"),
        "Buletin tables!A15:H20": (5, "Sector", "2017", "2023"),
        "Buletin tables!A22:H32": (10, "Stage", "2017", "2023"),
        "Buletin tables!A34:H39": (5, "Class Size", "2017", "2023"),
        "Buletin tables!A41:H44": (3, "Class size", "2017", "2023"),
        "Buletin tables!A46:H79": (33, "Local Authority", "2017", "2023"),
        "Buletin tables!A81:D102": (21, "Ethnicity", "Female", "Total"),
        "Buletin tables!A104:D112": (8, "Additional Support Need", "Female", "Total"),
        "Table 1.1!A4:E30": (26, "Year", "Primary", "Total"),
        "Table 1.1!A32:E58": (26, "Year", "Primary", "Total"),
        # Of these the headings alone were published by then, of the next ones the labels.
        "Table 1.2!A4:C4": (0, "School roll", "Schools", "Pupils"),
        "Table 1.2!A17:C17": (0, "School roll", "Schools", "Pupils"),
        "Table 1.2!A30:C30": (0, "School roll", "Schools", "Pupils"),
        "Table 1.9!A4:D7": (3, "Assessed and/or declared as having a disability", "Female", "Total"),
        "Table 1.9!A9:D12": (3, "Assessed and/or declared as having a disability", "Female", "Total"),
        "Table 1.9!A14:D18": (4, "Assessed requirement of adaptation to school provision", "Female", "Total"),
        "Table 1.9!A20:D24": (4, "Assessed requirement of adaptation to school provision", "Female", "Total"),
        "Table 2.13!A4:D10": (6, "Class size", "Single stage classes", "% of pupils in classes of this size"),
        "Table 4.8!A4:E25": (21, "Year", "Total", "Not Known"),
        "Table 4.8!A27:E48": (21, "Year", "Total", "Not Known"),
        "Table 4.8!A50:E71": (21, "Year", "Total", "Not Known"),
        "Table 5.1!A2:X37": (35, "Local Authority", "2001", "2023"),
        "Table 6.8!A2:S37": (35, "Local Authority", "2006", "2023"),
        # A stray backslash in U34 cuts this one in two.
        "Table 8.3!A4:E33": (29, "Local Authority", "Non-denominational Schools", "Pupil roll - Roman Catholic"),
        "Table 8.3!A34:U34": (1, "", "", ""),
        "Table 8.11!A4:O37": (
            33, "Local Authority of residence", "Total pupils with known LA of residence 2023", "2023",
        ),
        "Table 8.11!A39:N72": (33, "Local Authority of residence", "2011", "2023"),
        "Table 8.13!A4:M37": (33, "Local Authority", "2018", "2023%"),
    },
    "schools_summary_2014.xlsx": {
        "Table 1.1!A2:I31": (22, "", "2007", "2014"),
        "Table 2.1!A2:I47": (35, "", "ELC", "Total"),
        "Table 2.2 !A2:I46": (35, "", "2007", "2014"),
        "Chart 1!A28:E77": (49, "Age", "2004", "2014"),
        "Table 2.3!A2:I46": (31, "", "ELC", "Total excluding ELC"),
        "Table 2.4!A2:F9": (
            5, "", "2009/10 to | 2010-09-01 | (n=3,044)", "2013/14 to | 2014-09-01 | (n=2,215 )",
        ),
        "Table 3.4!A2:J42": (33, "", "2006", "2014"),
        "Table 3.5!A2:D35": (22, "", "Female", "Total"),
        "Table 4.1!A2:F44": (34, "", "Under 3 year olds", "Total"),
        "Table 4.2!A2:F43": (
            33, "", "As a percentage of all children at ELC centres | Centres under a regular arrangement",
            "Total access as a percentage of 3 and 4 year old children",
        ),
        "Table 5.2!A2:I17": (10, "", "2007", "2014"),
        "Table 5.3!A2:G17": (10, "", "", "2014"),
    },
}  # fmt: skip
# Cells as a person reads them: row, column, the line over them, what the row is indented under, the figure.
CELLS: dict[str, dict[str, tuple[str, str, str | None, str | None, str]]] = {
    "title_beside_link_and_years_over_blocks.xlsx": {
        "Table 5.1!B3": ("Aberdeen City", "2021", None, None, "81"),
        "Table 1.1!B4": ("Primary", "2013", "Schools", None, "2056"),
        "Table 1.1!C9": ("Secondary", "2014", "Pupils", None, "284762"),
    },
    "support_staff_2022.xlsx": {
        "1.1!B3": ("Aberdeen City", "Pupil Support Assistant", None, None, "15750"),
        "1.1!B36": ("Grant-aided", "Pupil Support Assistant", None, None, "200"),
        "1.4!B5": ("Angus", "Pupil Support Assistant", None, None, "z"),
        "1.4!B12": ("East Dunbartonshire", "Pupil Support Assistant", None, None, "1650"),
        "2.3!F5": ("2022", "Educational Psychologist", None, None, "13950"),
    },
    "pupil_census_2023.xlsx": {
        "Buletin tables!D18": ("Primary", "2019", None, "Total based in schools", "15.9"),
        "Table 2.13!B6": ("1 – 18", "Single stage classes", None, None, ""),
        "Table 4.8!C28": ("2003", "Day", None, None, "2422"),
        "Table 5.1!B36": ("Grant aided", "2001", None, None, "9"),
        "Table 6.8!C23": ("North Ayrshire", "2007", None, None, "9.3"),
        "Table 8.11!C6": ("Aberdeenshire", "2011", None, None, "9"),
        "Table 8.13!K37": ("All local authorities", "2022%", None, None, "100"),
    },
    "schools_summary_2014.xlsx": {
        "Table 1.1!I17": ("ELC", "2014", "Teachers", None, "1212"),
        "Table 1.1!C20": ("Primary", "2008", "Teachers", "Total schools | School based", "23615"),
        "Table 2.1!D45": ("Grant aided", "School | Primary", None, None, "15"),
        "Table 2.3!D32": ("Percentage female", "Primary", "Grade", "Head teacher", "87"),
        "Table 2.3!G43": ("Full-time", "Centrally | Employed", "Mode of working", None, "68"),
        "Table 2.4!F9": ("Other", "2013/14 to | 2014-09-01 | (n=2,215 )", None, None, "20"),
        "Table 3.4!J42": ("Scotland", "2014", None, None, "12.9"),
        "Table 5.3!G17": ("D: Bad", "2014", "Pupils on school roll", None, "11581"),
    },
}
OF_WORDS = {"Categories of support staff!A20:C25": 3, "Table 8.3!A34:U34": 21}  # all their columns are labels
WORKBOOKS = pytest.mark.parametrize("name", TABLES)


def opened(name: str) -> Opened:
    return open_tables(FOLDER / name, name)


def cells(name: str) -> dict[str, Cell]:
    return {cell.address: cell for table in opened(name).tables for cell in table.cells()}


def test_every_workbook_of_the_folder_is_read_here() -> None:
    assert TABLES.keys() == CELLS.keys() == {path.name for path in FOLDER.glob("*.xlsx")}


@WORKBOOKS
def test_tables_stand_where_a_person_sees_them_and_nowhere_else(name: str) -> None:
    found = {}
    for table in opened(name).tables:
        headings = [heading.text for heading in table.headings]
        found[table.place] = (len(list(table.rows())), *headings[:2], headings[-1])
        assert table.labels == OF_WORDS.get(table.place, 1), table.place
        assert not table.faults
    assert found == TABLES[name]


@WORKBOOKS
def test_a_cell_is_read_with_everything_that_says_what_it_is(name: str) -> None:
    read = cells(name)
    found = {
        address: (cell.labels[0].text, cell.heading.text, cell.section, cell.parent, cell.text)
        for address in CELLS[name]
        if (cell := read[address])
    }
    assert found == CELLS[name]


@WORKBOOKS
def test_no_title_no_link_and_no_mark_of_a_note_is_left_in_what_a_cell_is_called(name: str) -> None:
    for cell in cells(name).values():
        for text in (cell.heading.text, *(label.text for label in cell.labels), cell.section or "", cell.parent or ""):
            assert "contents" not in text.casefold()
            assert "Table " not in text
            assert not text.endswith(("(1)", "(2)", "(3)", "(4)", "]"))


def test_marks_are_kept_beside_the_words_and_their_notes_below_the_table() -> None:
    read = cells("schools_summary_2014.xlsx")
    assert read["Table 1.1!I17"].labels[0].marks == ("1", "2")
    assert read["Table 2.2 !I3"].heading.marks == ("2",)
    assert read["Table 2.1!D45"].labels[0].marks == ("4",)
    table = next(each for each in opened("schools_summary_2014.xlsx").tables if each.name == "Table 2.1")
    assert [note.text[:4] for note in table.notes if note.where == "below"] == [f"({n}) " for n in range(1, 6)]


def test_a_sheet_that_lists_the_others_and_one_of_words_are_no_tables() -> None:
    found = opened("support_staff_2022.xlsx")
    without = [name for name, _, tables in found.sheets if not tables]
    assert without == ["Contents", "How to use these statistics", "Background notes"]
    assert "School Support Staff 2022" in [note.text for note in found.notes]
    assert [tables for name, _, tables in opened("pupil_census_2023.xlsx").sheets if name == "Contents"] == [0]


@pytest.mark.parametrize(
    ("name", "verdict", "doubts"),
    [
        ("title_beside_link_and_years_over_blocks.xlsx", "understood", {}),
        ("support_staff_2022.xlsx", "understood", {}),
        ("schools_summary_2014.xlsx", "understood", {}),
        (
            "pupil_census_2023.xlsx",
            "partly understood",
            {
                12: "there is no row under its headings",
                13: "there is no row under its headings",
                14: "there is no row under its headings",
                26: "no row of headings was found over it",
            },
        ),
        ("phs_camhs_referrals.csv", "understood", {}),
        ("phs_qualifiers.csv", "understood", {}),
    ],
)
def test_peek_says_how_far_a_file_is_understood(name: str, verdict: str, doubts: dict[int, str]) -> None:
    peek = look(FOLDER / name)
    assert (peek.verdict, peek.exit_code) == (verdict, 0 if verdict == "understood" else 1), peek.message
    assert {table.number: table.doubts[0] for table in peek.tables if table.doubts} == doubts
    assert [table.number for table in peek.tables] == list(range(1, len(peek.tables) + 1))


def test_the_screen_shows_what_a_row_stands_under() -> None:
    out = io.StringIO()
    render(look(FOLDER / "schools_summary_2014.xlsx", rows=16), Console(file=out, width=200))
    shown = " ".join(out.getvalue().split())
    assert "1. Table 1.1!A2:I31 22 rows, 9 columns, 1 label column" in shown
    assert "Table 1.1!A20 Teachers | Total schools | … Primary 23829" in shown


def test_what_stands_among_councils_and_is_none_that_is_kept_is_proposed_as_outside() -> None:
    proposed = propose(FOLDER / "support_staff_2022.xlsx", "trial", 2)
    assert proposed.area == ("hours_per_week", "name", 33)
    assert proposed.outside == ("All local authorities", "Grant-aided")
    assert AreaColumn(column="hours_per_week", by="name", outside=proposed.outside)
    assert "area: {column: hours_per_week, by: name, outside: [All local authorities, Grant-aided]}" in entry_text(
        Case("trial", proposed), "support_staff_2022.xlsx", {}
    )


def test_an_area_with_the_mark_of_a_note_is_not_proposed_as_outside(workbook: Any) -> None:
    rows = [["Council", "Number", "Rate"], ["Fife", 1, 2.5], ["Moray", 3, 4.5], ["Scotland(2)", 4, 7.5]]
    proposed = propose(workbook({"T": rows}), "trial")
    assert (proposed.area, proposed.outside) == (None, ())
