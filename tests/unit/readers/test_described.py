"""Files read as their source describes them; each fault is refused with source, file, place and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import ValidationError

from ingestion.errors import SourceChanged
from ingestion.readers.described import Asked, read_described
from ingestion.readers.headings import Columns
from promise.catalogue.shapes import Published, Searched

HEADER = ["Local authority", "Number", "Rate"]
ROWS = [HEADER, ["Aberdeen City", 10, 1.5], ["Fife", 20, "[c]"], ["Scotland", 30, 1.25]]
COLUMNS: Columns = {"council": ("Local authority",), "children": ("Number",), "rate": ("Rate",)}
TABLE = Searched(shape="workbook", headings=("^Local authority$", "^Number$"))


def of(**headings: str) -> Columns:
    """Columns that never had another heading."""
    return {column: (heading,) for column, heading in headings.items()}


def read(path: Path, shape: Published | Searched, columns: Columns) -> list[tuple[int, list[str | None]]]:
    return list(read_described(path, Asked("trial", path.name, columns), shape).rows)


def refusal(path: Path, shape: Published | Searched, columns: Columns) -> str:
    with pytest.raises(SourceChanged) as refused:
        read(path, shape, columns)
    words = str(refused.value)
    assert words.startswith(f"trial: {path.name}")
    return words


def test_a_wide_table_gives_its_rows_in_the_order_of_the_columns(workbook: Any) -> None:
    found = read(workbook({"Table 3.2": ROWS}), TABLE, of(rate="Rate", council="Local authority", n="Number"))
    assert found == [(2, ["1.5", "Aberdeen City", "10"]), (3, ["[c]", "Fife", "20"]), (4, ["1.25", "Scotland", "30"])]


def test_a_renamed_sheet_and_a_moved_header_row_change_nothing(workbook: Any) -> None:
    here = [texts for _, texts in read(workbook({"Table 3.2": ROWS}), TABLE, COLUMNS)]
    moved = workbook(
        {"Contents": [["Table 23", "Children looked after"]], "Table 23": [["Table 23: title"], [], *ROWS]}
    )
    assert [texts for _, texts in read(moved, TABLE, COLUMNS)] == here


def test_a_sheet_that_is_described_by_name_must_be_there(workbook: Any) -> None:
    shape = Searched(shape="workbook", sheet=r"^Table 3\.2$", headings=("^Number$",))
    words = refusal(workbook({"Table 23": ROWS}), shape, COLUMNS)
    assert "no sheet like" in words and "'Table 23'" in words and "ingestion/sources/trial/source.yml" in words


def test_the_one_column_of_figures_is_taken_whatever_is_measured_is_called() -> None:
    path = Path(__file__).parents[2] / "fixtures" / "readers" / "statxplore.json"
    shape = Published(shape="statxplore", ignore=(".",))
    found = read(path, shape, of(value="@value", measure="@measure"))
    plain = read(path, shape, of(value="Children"))
    assert found
    assert [texts[0] for _, texts in found] == [texts[0] for _, texts in plain]
    assert {texts[1] for _, texts in found} == {"Children"}


def test_a_cross_tab_lands_long_one_row_a_cell(workbook: Any) -> None:
    rows = [
        ["Table 1 Attendance"],
        [],
        ["Council", "CHN9 2019-20", "CHN9 2020-21 [r]", "Note"],
        ["Fife1", 1, "dna", "x"],
    ]
    shape = Searched(shape="workbook", headings=("^Council$", "^CHN9 "), layout="long", take="^CHN")
    columns = of(
        council="Council", council_marks="@label marks", heading="@heading", marks="@heading marks", cell="@cell",
        cell_text="@text", sheet="@sheet", title="@title",
    )  # fmt: skip
    assert read(workbook({"Raw Data": rows}), shape, columns) == [
        (4, ["Fife", "1", "CHN9 2019-20", "", "Raw Data!B4", "1", "Raw Data", "Table 1 Attendance"]),
        (4, ["Fife", "1", "CHN9 2020-21", "r", "Raw Data!C4", "dna", "Raw Data", "Table 1 Attendance"]),
    ]


def test_a_notes_row_inside_the_table_is_kept_as_a_section(workbook: Any) -> None:
    rows = [HEADER, ROWS[1], ["Figures below are provisional"], ROWS[2], ROWS[3]]
    found = read(workbook({"T": rows}), TABLE, {**COLUMNS, **of(section="@section")})
    assert [texts[0] for _, texts in found] == ["Aberdeen City", "Fife", "Scotland"]
    assert [texts[3] for _, texts in found] == [None, "Figures below are provisional", "Figures below are provisional"]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        pytest.param(
            ["Local authority", "Number", "Percentage"],
            ["T!A1:C4", "'Rate' is missing", "'Percentage' (T!C1) is not described", "at the front"],
            id="renamed",
        ),
        pytest.param(["Local authority", "Number", None], ["'Rate' is missing"], id="missing"),
        pytest.param(
            ["Local authority", "Number", "Number"], ["'Number' (T!C1) stands there more than once"], id="doubled"
        ),
        pytest.param(
            ["Local authority", "Number", "Rate", "Manager_Name"],
            ["'Manager_Name' (T!D1) is not described and may be about a person"],
            id="a personal-data heading nobody declared",
        ),
    ],
)
def test_a_faulty_heading_is_refused(workbook: Any, header: Sequence[Any], words: Sequence[str]) -> None:
    rows = [header, *[[*row, "A Person"][: max(3, len(header))] for row in ROWS[1:]]]
    told = refusal(workbook({"T": rows}), TABLE, COLUMNS)
    for word in [*words, "Expected: 'Local authority', 'Number', 'Rate'", "ingestion/sources/trial/source.yml"]:
        assert word in told


def test_a_merged_header_that_shifted_is_refused_with_what_was_found(workbook: Any) -> None:
    rows = [["Area", "2022", None, "2023", None], [None, "Number", "Rate", "Number", "Rate"], ["Fife", 1, 2, 3, 4]]
    shape = Searched(shape="workbook", headings=("^Area$", r"^2022 \| Rate$"))
    columns = {
        "a": ("Area",),
        **{f"{what}_{year}": (f"{year} | {what}",) for year in (2022, 2023) for what in ("Number", "Rate")},
    }
    whole = workbook({"T": rows}, {"T": ["A1:A2", "B1:C1", "D1:E1"]})
    assert read(whole, shape, columns) == [(3, ["Fife", "1", "2", "3", "4"])]
    shifted = [["Area", None, "2022", None, "2023"], *rows[1:]]
    told = refusal(workbook({"T": shifted}, {"T": ["A1:A2", "C1:D1"]}), shape, columns)
    assert "'2022 | Number'" in told or "2022" in told


def test_a_formula_without_a_result_inside_the_table_is_refused_by_its_cell(workbook: Any) -> None:
    told = refusal(workbook({"T": [HEADER, ["Fife", "=1+1", 2], ["Moray", 3, 4]]}), TABLE, COLUMNS)
    assert "T!B2" in told and "without a stored result" in told


def test_such_a_formula_outside_the_table_does_no_harm(workbook: Any) -> None:
    assert len(read(workbook({"T": ROWS, "Working": [["x", "=1+1"], ["y", 2]]}), TABLE, COLUMNS)) == 3


def test_two_tables_that_fit_are_not_chosen_between(workbook: Any) -> None:
    told = refusal(workbook({"2023": ROWS, "2024": ROWS}), TABLE, COLUMNS)
    assert "2 tables have" in told and "2023!A1:C4" in told and "so that only one fits" in told
    one = Searched(shape="workbook", headings=("^Number$",), sheet="^2024$")
    assert len(read(workbook({"2023": ROWS, "2024": ROWS}), one, COLUMNS)) == 3


def test_no_table_that_fits_says_which_is_nearest_and_what_it_lacks(workbook: Any) -> None:
    told = refusal(workbook({"T": [["Area", "Number", "Rate"], *ROWS[1:]]}), TABLE, COLUMNS)
    assert "no heading like '^Local authority$'" in told and "found 'Area', 'Number', 'Rate'" in told


def test_a_title_may_tell_tables_apart(workbook: Any) -> None:
    sheet = [["Table 1: boys"], *ROWS, [], ["Table 2: girls"], *ROWS]
    shape = Searched(shape="workbook", headings=("^Number$",), title="girls")
    assert [number for number, _ in read(workbook({"T": sheet}), shape, COLUMNS)] == [9, 10, 11]


def test_a_figure_under_no_heading_is_refused_by_its_cell(workbook: Any) -> None:
    rows = [["Council", "CHN9 2019-20", None], ["Fife", 1, 2], ["Moray", 3, 4]]
    shape = Searched(shape="workbook", headings=("^Council$",), layout="long")
    told = refusal(workbook({"T": rows}), shape, of(council="Council", heading="@heading", cell_text="@text"))
    assert "T!C2" in told and "under no heading" in told


def test_the_period_in_a_heading_stands_apart_from_its_words(workbook: Any) -> None:
    """So a series is one in every year, whatever its headings are called by then."""
    rows = [
        ["Table 7: Pupils by council, 2019 to 2023(1)"],
        ["Council", "2022/23 Number", "Rate, 2022/23", "2023/24", "Both"],
        ["Fife", 1, 2, 3, 4],
        ["Moray", 5, 6, 7, 8],
    ]
    shape = Searched(shape="workbook", headings=("^Council$",), layout="long")
    columns = of(words="@heading words", period="@heading period", text="@text", over="@title period")
    assert [texts for _, texts in read(workbook({"T": rows}), shape, columns)][:4] == [
        ["Number", "2022/23", "1", "2019 to 2023"],
        ["Rate", "2022/23", "2", "2019 to 2023"],
        ["", "2023/24", "3", "2019 to 2023"],
        ["Both", None, "4", "2019 to 2023"],
    ]


def test_a_period_over_parts_of_a_heading_is_found_in_its_part(workbook: Any) -> None:
    rows = [["Council", "2022", None], [None, "Number", "Rate"], ["Fife", 1, 2], ["Moray", 3, 4]]
    path = workbook({"T": rows})
    book = load_workbook(path)
    for merged in ("A1:A2", "B1:C1"):
        book["T"].merge_cells(merged)
    book.save(path)
    shape = Searched(shape="workbook", headings=("^Council$",), layout="long")
    found = read(path, shape, of(words="@heading words", period="@heading period"))
    assert [texts for _, texts in found] == [["Number", "2022"], ["Rate", "2022"]] * 2


def test_of_a_file_that_says_no_period_its_edition_does(workbook: Any) -> None:
    columns = {**COLUMNS, "period": ("@edition period",)}
    path = workbook({"T": ROWS})
    found = list(read_described(path, Asked("trial", path.name, columns, "2022/23"), TABLE).rows)
    assert [texts[-1] for _, texts in found] == ["2022/23"] * 3
    assert "name the file under `bundle` in ingestion/sources/trial/source.yml" in refusal(path, TABLE, columns)


def test_text_with_a_story_is_searched_like_a_sheet(fixture: Any) -> None:
    shape = Searched(shape="text_table", headings=("^Local authority$",), layout="long", take="^20")
    columns = of(council="Local authority", period="@heading", value="@text", cell="@cell")
    assert read(fixture("preamble_and_footnotes.csv"), shape, columns)[3] == (
        6,
        ["Moray", "2023", "[c]", "line 6:2023"],
    )


def test_a_slice_lands_long_with_what_was_locked(fixture: Any) -> None:
    columns = of(area="Reference Area", period="@heading address", value="@text", sex="@Sex", title="@title")
    found = read(fixture("slice.csv"), Published(shape="slice_csv"), columns)
    title = "Made up, by hand <http://statistics.gov.scot/data/made-up>"
    assert found[-1] == (11, ["Fife", "http://reference.data.gov.uk/id/year/2002", "*", "Female", title])


@pytest.mark.parametrize(
    ("name", "shape", "columns", "row"),
    [
        (
            "cube.csv",
            "cube_csv",
            ["FeatureCode", "DateCode", "Measurement", "Units", "Value", "Sex"],
            ["S12000047", "2012/2013"],
        ),
        (
            "query.json",
            "sparql",
            ["refArea", "value"],
            ["http://statistics.gov.scot/id/statistical-geography/S12000005"],
        ),
        ("jsonstat.json", "jsonstat", ["Area", "area code", "year", "year code", "status", "value"], ["Scotland"]),
        ("ckan.json", "ckan", ["CA", "Number", "NumberQF"], ["S12000047", "12", ""]),
        ("ckan_dump.tsv", "ckan", ["FinancialYear", "CA", "CAQF", "Number", "NumberQF"], ["2006/07", "S92000003", "d"]),
        (
            "statxplore.json",
            "statxplore",
            ["Council", "Council URI", "Year", "Year URI", "annotations", "Children"],
            ["Fife"],
        ),
    ],
)
def test_a_published_format_gives_its_rows(
    fixture: Any, name: str, shape: Any, columns: list[str], row: list[str]
) -> None:
    mapped = of(**{f"c{place}": heading for place, heading in enumerate(columns)})
    _, texts = read(fixture(name), Published(shape=shape), mapped)[0]
    assert texts[: len(row)] == row


@pytest.mark.parametrize("name", ["nul_bytes.csv", "mixed_encodings.csv", "invalid_utf8.csv"])
def test_damaged_text_is_refused_with_its_line(fixture: Any, name: str) -> None:
    shape = Searched(shape="text_table", headings=("^council$",))
    assert ", line " in refusal(fixture(name), shape, of(council="council", text="text"))


def test_what_is_known_and_not_wanted_is_named_once(workbook: Any) -> None:
    rows = [[*row, "x"] for row in ROWS]
    shape = Searched(shape="workbook", headings=("^Number$",), ignore=("^x$",))
    assert len(read(workbook({"T": rows}), shape, COLUMNS)) == 3


def test_a_description_with_a_faulty_pattern_is_refused() -> None:
    with pytest.raises(ValidationError, match="no pattern"):
        Searched(shape="workbook", headings=("(",))
    with pytest.raises(ValidationError, match="layout long"):
        Searched(shape="workbook", headings=("x",), take="y")


# -- percentages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_percent(workbook: Any) -> Any:
    """A workbook of one sheet in which the named cells show their numbers as percentages."""

    def make(rows: Sequence[Sequence[Any]], *cells: str) -> Path:
        path: Path = workbook({"Table 1": rows})
        book = load_workbook(path)
        for cell in cells:
            book["Table 1"][cell].number_format = "0.0%"
        book.save(path)
        return path

    return make


SHARES = [HEADER, ["Aberdeen City", 10, 0.8944], ["Fife", 20, 0.57], ["Moray", 5, "[c]"], ["Scotland", 30, 1]]


def test_a_column_that_is_shown_as_percentages_is_read_so(as_percent: Any) -> None:
    found = read(as_percent(SHARES, "C2", "C3", "C4", "C5"), TABLE, COLUMNS)
    assert [texts[1:] for _, texts in found] == [["10", "89.44%"], ["20", "57%"], ["5", "[c]"], ["30", "100%"]]


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_a_column_that_mixes_percentages_with_plain_numbers_stops_with_the_cells_of_both(
    as_percent: Any, layout: str
) -> None:
    shape = TABLE.model_copy(update={"layout": layout})
    columns = COLUMNS if layout == "wide" else of(council="Local authority", heading="@heading", text="@text")
    words = refusal(as_percent(SHARES, "C3", "C5"), shape, columns)
    assert (
        "Table 1!C2: the column mixes plain numbers (C2) with numbers that are shown as percentages (C3, C5)" in words
    )
    assert "Ask the publisher which is meant" in words


def test_what_nobody_takes_may_be_mixed(as_percent: Any) -> None:
    path = as_percent(SHARES, "C3", "C5")
    ignoring = TABLE.model_copy(update={"ignore": ("^Rate$",)})
    assert len(read(path, ignoring, of(council="Local authority", n="Number"))) == 4
    taking = TABLE.model_copy(update={"layout": "long", "take": "^Number$"})
    assert len(read(path, taking, of(council="Local authority", text="@text"))) == 4


def test_nought_is_nought_in_either_format(as_percent: Any) -> None:
    rows = [*SHARES[:3], ["Moray", 5, 0], SHARES[4]]
    assert read(as_percent(rows, "C2", "C3", "C5"), TABLE, COLUMNS)[2] == (4, ["Moray", "5", "0"])


def test_rows_of_another_unit_may_have_another_format(as_percent: Any) -> None:
    header = ["Local authority", "Measure", "2022", "2023"]
    rows = [["Fife", "Number", 20, 21], ["Fife", "Percentage of children", 0.5, 0.6], ["Moray", "Number", 7, 8]]
    shape = Searched(shape="workbook", headings=("^Measure$",))
    columns = of(council="Local authority", measure="Measure", before="2022", now="2023")
    found = read(as_percent([header, *rows], "C3", "D3"), shape, columns)
    assert [texts[2:] for _, texts in found] == [["20", "21"], ["50%", "60%"], ["7", "8"]]


def test_tables_one_under_another_may_differ(as_percent: Any) -> None:
    rows = [["Table a"], HEADER, *SHARES[1:3], [], ["Table b"], ["Council", "Cases", "Each"], ["Fife", 3, 2.5]]
    assert len(read(as_percent(rows, "C3", "C4"), TABLE, COLUMNS)) == 2


INDENTED = [
    ["Teachers"], [None, "2013", "2014"], ["Schools (1)"], ["Total(2)", 9, 8], ["    Primary", 5, 4], ["PTR"],
    ["Total(2)", 1, 2], ["(1) All of them."],
]  # fmt: skip


def test_a_label_under_no_heading_its_section_and_what_it_is_indented_under_are_taken_by_name(workbook: Any) -> None:
    beside = of(label="@label", marks="@label marks", section="@section", parent="@parent")
    wide = Searched(shape="workbook", headings=("^2013$",))
    path = workbook({"T": INDENTED})
    assert read(path, wide, of(first="2013", second="2014") | beside) == [
        (4, ["9", "8", "Total", "2", "Schools", None]),
        (5, ["5", "4", "Primary", "", "Schools", "Total"]),
        (7, ["1", "2", "Total", "2", "PTR", None]),
    ]
    long = Searched(shape="workbook", headings=("^2013$",), layout="long", take="^2014$")
    assert read(path, long, of(cell="@cell", text="@text") | beside) == [
        (4, ["T!C4", "8", "Total", "2", "Schools", None]),
        (5, ["T!C5", "4", "Primary", "", "Schools", "Total"]),
        (7, ["T!C7", "2", "Total", "2", "PTR", None]),
    ]


def test_a_label_under_no_heading_that_nobody_takes_is_refused(workbook: Any) -> None:
    wide = Searched(shape="workbook", headings=("^2013$",))
    assert "the heading '' (T!A2) is not described" in refusal(
        workbook({"T": INDENTED}), wide, of(first="2013", second="2014")
    )
