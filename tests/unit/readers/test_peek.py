"""`promise peek`: what is recognised, what is not, and an answer for any file at all."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from promise.errors import PromiseError
from workbench.peek import look, render
from workbench.peek.look import share_cells
from workbench.peek.model import Peek, TablePeek
from workbench.peek.proposal import propose


def only(path: Path) -> TablePeek:
    peek = look(path)
    (table,) = peek.tables
    return table


def screen(peek: Peek) -> str:
    out = io.StringIO()
    render(peek, Console(file=out, width=200))
    return out.getvalue()


def test_a_cross_tab_is_shown_with_everything_recognised_in_it(fixture: Any) -> None:
    peek = look(fixture("preamble_and_footnotes.csv"))
    (table,) = peek.tables
    assert peek.understood
    assert table.titles == ("Table 2: Children looked after, by council", "Scottish Government")
    assert [(row.texts[0], row.addresses[1]) for row in table.first_rows] == [
        *(("Fife", "line 5:2022"), ("Moray", "line 6:2022"), ("Scotland", "line 7:2022")),
    ]
    assert [(seen.text, seen.first) for seen in table.markers] == [("[c]", "line 6:2023")]
    assert {seen.text for seen in table.periods} == {"2022", "2023"}
    assert {seen.meaning.split(" (")[0] for seen in table.areas} == {"Fife", "Moray", "Scotland"}
    assert (table.figures, table.blanks) == (5, 0)
    assert not table.not_recognised


def test_json_and_screen_tell_the_same(fixture: Any) -> None:
    peek = look(fixture("preamble_and_footnotes.csv"))
    assert json.loads(json.dumps(peek.as_dict()))["tables"][0]["figures"] == 5
    shown = screen(peek)
    for word in ("understood", "Table 2: Children looked after, by council", "line 5", "[c]", "[note 1] Provisional."):
        assert word in shown


def test_what_is_not_recognised_is_listed_with_its_place(fixture: Any) -> None:
    table = only(fixture("unknown_area_unknown_marker_duplicate_keys.csv"))
    assert {(seen.text, seen.times, seen.first) for seen in table.not_recognised} == {
        ("Five", 1, "line 3:council"),
        ("~", 2, "line 5:2023"),
    }
    assert "rows 2 and 6 are labelled alike, with different figures" in table.findings
    assert "rows 5 and 7 are labelled alike, with equal figures" in table.findings


def test_an_impossible_period_is_listed_with_the_reason(fixture: Any) -> None:
    (seen,) = only(fixture("impossible_period.csv")).not_recognised
    assert (seen.text, seen.first) == ("2022/24", "line 3:year")
    assert "not the year after 2022" in seen.meaning


def test_an_archived_code_is_said_to_be_one(fixture: Any) -> None:
    assert "earlier codes: S12000015 (until 2018-02-01)" in only(fixture("archived_code.csv")).area_summary


def test_a_missing_council_is_named(tmp_path: Path) -> None:
    from promise.vocabulary.area_list import areas

    path = tmp_path / "councils.csv"
    lines = [f"{area.name},7" for area in areas().councils if area.name != "Moray"]
    path.write_text("\n".join(["council,number", *lines, ""]))
    assert "councils that are missing: Moray" in only(path).area_summary


def test_commas_that_may_be_either_are_not_read(fixture: Any) -> None:
    peek = look(fixture("decimal_and_thousands_commas.csv"))
    texts = {seen.text: seen.meaning for table in peek.tables for seen in table.not_recognised}
    assert "12,5" in texts and "comma may be thousands or decimals" in texts["12,5"]


def test_texts_that_a_spreadsheet_would_run_stay_texts_and_are_pointed_out(fixture: Any) -> None:
    table = only(fixture("formula_injection.csv"))
    assert table.first_rows[0].texts[1] == "=cmd|' /C calc'!A0"
    assert any("run as a formula" in seen.meaning for seen in table.not_recognised)


def test_a_heading_that_may_be_about_a_person_is_pointed_out(fixture: Any) -> None:
    assert any(
        "'Manager_Name' may be about a person" in each for each in only(fixture("personal_heading.csv")).findings
    )


def test_what_is_about_a_person_is_said_first_and_shown_by_kind_and_length(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "Council,Number,Child name,Contact\nFife,0101101007,Zzyzx Testchild,zzyzx@mail.example\nMoray,5,Zzyzx,none\n"
    )
    peek = look(path)
    assert peek.personal[0] == "line 2:Child name: a name beside a role, 15 characters long"
    assert "line 2:Number: a CHI number, 10 characters long" in peek.personal
    for shown in (screen(peek), json.dumps(peek.as_dict())):
        assert "a CHI number, 10 characters long" in shown
        for personal in ("0101101007", "Zzyzx", "Testchild", "zzyzx", "mail.example"):
            assert personal not in shown
    assert screen(peek).splitlines()[1].startswith("It may hold what is about persons")


def test_figures_are_shown_and_nothing_is_said_of_persons(fixture: Any) -> None:
    assert look(fixture("preamble_and_footnotes.csv")).personal == ()


def test_a_doubled_heading_is_pointed_out(fixture: Any) -> None:
    assert any("'text' stands there 2 times" in each for each in only(fixture("heading_doubled.csv")).findings)


def test_series_with_their_period_in_one_text_are_taken_apart(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text("council,heading,text\nFife,CHN9 2019-20,12.5\nFife,CHN9 2020-21,dna\nFife,CHN1 2019-20,4.25\n")
    table = only(path)
    assert {seen.text for seen in table.periods} == {"2019-20", "2020-21"}
    assert {"CHN9", "CHN1"} <= {seen.text for seen in table.measures}


def test_a_workbook_shows_its_sheets_hidden_ones_too(workbook: Any) -> None:
    rows = [["Area", "Number", "Rate"], ["Fife", 1, 2.5], ["Moray", 3, 4.5]]
    peek = look(workbook({"Table 1": rows, "Working": rows, "Cover": [["About"]]}, hidden=["Working"]))
    assert peek.sheets == (("Table 1", True, 1), ("Working", False, 1), ("Cover", True, 0))
    assert [table.hidden for table in peek.tables] == [False, True]
    assert "Working: 1 table, hidden" in screen(peek)


def test_a_formula_without_a_result_is_a_fault(workbook: Any) -> None:
    peek = look(workbook({"T": [["Area", "Number"], ["Fife", "=1+1"], ["Moray", 2]]}))
    assert (peek.understood, peek.exit_code) == (False, 1)
    assert "T!B2" in peek.message


def test_a_query_that_found_nothing_is_understood(fixture: Any) -> None:
    peek = look(fixture("query_empty.csv"))
    assert peek.exit_code == 0
    assert only(fixture("query_empty.csv")).rows == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("error_page.csv", "web page"),
        ("bulletin.pdf", "%PDF"),
        ("empty.csv", "empty"),
        ("query_too_large.csv", "Response too large"),
        ("ckan_refused.json", "Not Found Error"),
        ("slice_cut_short.csv", "line 11"),
        ("mixed_encodings.csv", "mixed encodings"),
        ("nul_bytes.csv", "NUL byte"),
        ("invalid_utf8.csv", "neither UTF-8 nor Windows-1252"),
        ("cut_inside_quotes.csv", "quoted cells to be closed"),
        ("ragged.csv", "line 3"),
        # Found by fuzzing.
        ("old_workbook_cut_short.xls", "is not whole"),
        ("old_workbook_with_impossible_sectors.xls", "damaged"),
        ("only_a_byte_order_mark.csv", "blanks"),
        ("no such file.csv", "there is no such file"),
        ("", "is a folder"),
    ],
)
def test_what_cannot_be_read_has_a_clear_answer(fixture: Any, name: str, words: str) -> None:
    peek = look(fixture(name))
    assert peek.exit_code == 1
    assert words in peek.message
    assert words in screen(peek).replace("\n", " ")


def test_control_characters_and_markup_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("council,text\nFife,\x1b[31m[red]7[/red]\nMoray,8\n")
    shown = screen(look(path))
    assert "\x1b" not in shown
    assert "[red]7" in shown


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.text(max_size=400).map(str.encode),
        st.from_regex(rb"([a-z0-9 ,;\"\n\t]{0,40}\n){0,8}"),
    )
)
def test_no_bytes_make_it_fail(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    peek = look(path)
    assert "our reader failed" not in peek.message
    assert peek.understood or peek.message
    screen(peek)


JSON = {
    "a list of objects": ('[{"area": "Fife", "number": 1}, {"area": "Moray", "note": "x"}]', ["records.json"], 2),
    "lists of objects beside other keys": (
        '{"title": "Table", "rows": [{"area": "Fife"}], "empty": []}', ["rows", "the rest of the document"], 1
    ),
    "any other document": ('{"title": {"en": "Table"}, "numbers": [1, 2]}', ["records.json"], 3),
    "features": (
        '{"type": "FeatureCollection", "features": [{"properties": {"name": "Fife"}, "geometry": null}, {"id": 7}]}',
        ["records.json"], 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", JSON)
def test_json_that_is_no_cube_is_looked_at_as_tables(tmp_path: Path, kind: str) -> None:
    text, names, rows = JSON[kind]
    path = tmp_path / "records.json"
    path.write_text(text)
    peek = look(path)
    assert [table.name for table in peek.tables] == names
    assert peek.tables[0].rows == rows
    assert ("a feature without properties" in screen(peek)) == (kind == "features")


def test_tables_are_numbered_as_the_proposal_of_a_source_wants_them(workbook: Any) -> None:
    rows = [["Area", "Number", "Rate"], ["Fife", 1, 2.5], ["Moray", 3, 4.5]]
    path = workbook({"A": [["Table 1"], *rows], "B": [["Table 2"], *rows]})
    assert [(table.number, table.place) for table in look(path).tables] == [(1, "A!A2:C4"), (2, "B!A2:C4")]
    assert "2. B!A2:C4  2 rows" in screen(look(path))
    assert propose(path, "trial", 2).reader["title"] == "^Table 2$"


DOUBTFUL = {
    "no headings": ([["1", "2"], ["3", "4"]], "no row of headings was found over it"),
    "no rows": ([["Area", "Number", "Rate"], [None], ["These figures come later."]], "there is no row under its head"),
    "a title among headings": (
        [["Table 5.1: Schools", "Schools"], ["Area", "Number"], ["Fife", 1], ["Moray", 2]],
        "T!A1: a title stands among its headings",
    ),
    "a title over all columns": (
        [["Schools by area", None, "2023"], ["Area", "Number", "Rate"], ["Fife", 1, 2.5], ["Moray", 3, 4.5]],
        "words over its labels stand over its figures too, as a title does",
    ),
}


@pytest.mark.parametrize("case", DOUBTFUL)
def test_a_workbook_with_a_table_in_doubt_is_understood_partly(workbook: Any, case: str) -> None:
    rows, doubt = DOUBTFUL[case]
    good = [["Council", "Boys", "Girls"], ["Fife", 1, 2], ["Moray", 3, 4]]
    path = workbook({"Good": good, "T": rows})
    peek = look(path)
    assert (peek.verdict, peek.exit_code, peek.as_dict()["partly"]) == ("partly understood", 1, True), peek.tables
    assert [table.number for table in peek.tables if table.doubts] == [2]
    assert doubt in peek.message
    assert peek.message.startswith("made.xlsx, table 2 of 2, T!")
    assert "partly understood" in screen(peek)
    assert "in doubt" in screen(peek)
    assert propose(path, "trial", 1).columns
    with pytest.raises(PromiseError, match="No source was made of it"):
        propose(path, "trial", 2)


def test_tables_that_share_cells_are_in_doubt() -> None:
    assert share_cells("T!A1:C4", "T!C4:D9")
    assert not share_cells("T!A1:C4", "T!D1:E4")
    assert not share_cells("T!A1:C4", "U!A1:C4")
    assert not share_cells("lines 1 to the end", "lines 1 to the end")


def test_a_fault_weighs_more_than_a_doubt(workbook: Any) -> None:
    rows = [["Area", "Number"], ["Fife", "=1+1"], ["Moray", 2]]
    assert look(workbook({"A": rows, "B": [["1", "2"], ["3", "4"]]})).verdict == "not understood"
