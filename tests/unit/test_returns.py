"""A return goes back to its sender with each cell named that is wrong, and what to write instead; a good one is kept as
the same bytes however it was saved."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import openpyxl
import pytest
import returned
from click.testing import CliRunner

from ingestion.errors import PersonalData, ReturnRefused, SourceChanged
from ingestion.returns import template
from ingestion.returns.accepted import accepted
from ingestion.returns.judged import judge
from ingestion.returns.layout import COVER, TABLE
from ingestion.returns.lists import items, list_of
from ingestion.returns.report import in_words, write_marked
from promise.catalogue.returns import ReturnKind, return_kind, return_kinds, vocabularies
from promise.catalogue.sources import FOLDER, Source, sources
from promise.strict import CatalogueError
from workbench.cli import main

KINDS = [*return_kinds().values()]
BUNDLED = [
    (each, FOLDER / each.id / edition.file) for each in sources().values() if each.returns for edition in each.bundle
]
Make = Callable[[Path], Path]


def test_there_are_kinds_and_returns_to_test() -> None:
    assert {each.id for each in KINDS} >= {"holdings", "measures", "milestones", "evidence", "case_studies", "support"}
    assert len(BUNDLED) >= 2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_the_example_of_each_kind_is_a_good_return(tmp_path: Path, kind: ReturnKind) -> None:
    """But for the row of the example itself, which is not read: so its key is another here."""
    example = {each.id: each.example for each in kind.fields} | {kind.key[0]: "another_key"}
    judged = judge(returned.as_xlsx(tmp_path / "return.xlsx", [example], kind.id))
    assert judged.is_good, in_words(judged)
    assert len(judged.rows) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_the_template_by_itself_is_an_empty_return(tmp_path: Path, kind: ReturnKind) -> None:
    template.write(kind, tmp_path / "template.xlsx", "xlsx", "fife")
    assert "the return is empty" in in_words(judge(tmp_path / "template.xlsx"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_the_workbook_offers_every_list_and_computes_nothing(tmp_path: Path, kind: ReturnKind) -> None:
    template.write(kind, tmp_path / "template.xlsx", "xlsx")
    book = openpyxl.load_workbook(tmp_path / "template.xlsx")
    table = book[TABLE]
    assert [cell.value for cell in table[1]] == [*(each.title for each in kind.fields), "Confirmed"]
    assert table.protection.sheet and all(cell.protection.locked for cell in table[1])
    assert not table.column_dimensions["A"].protection.locked, "what is to be filled in"
    offered = {str(each.sqref).split(":")[0]: each for each in table.data_validations.dataValidation}
    for column, field in enumerate(kind.fields, start=1):
        validation = offered[table.cell(3, column).coordinate]
        is_one_of_a_list = (list_of(field) and not field.is_list) or field.type == "yes_no"
        assert (validation.type == "list") == bool(is_one_of_a_list), field.id
    for sheet in book:
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_the_json_schema_knows_the_same_fields_and_choices(kind: ReturnKind) -> None:
    schema = template.json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    properties = schema["properties"]["rows"]["items"]["properties"]
    assert [*properties] == [*(each.id for each in kind.fields), "confirmed"]
    for field in kind.fields:
        one = properties[field.id].get("items", properties[field.id])
        if list_of(field):
            assert one["enum"] == [each.id for each in items(field)]
    about = {"return_of": kind.id, "template_edition": kind.edition, "returned_by": "fife"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**about, "rows": [{"no_such": "field"}]}, schema)


@pytest.mark.parametrize(("source", "path"), BUNDLED, ids=lambda each: getattr(each, "id", ""))
def test_what_ships_is_a_good_return_of_this_projects_own(source: Source, path: Path) -> None:
    assert source.returns is not None
    judged = judge(path, return_kind(source.returns), shipped=True)
    assert judged.is_good, in_words(judged)
    assert accepted(judged) == path.read_bytes(), "it is kept as it ships"


def test_a_return_is_kept_as_the_same_bytes_however_it_was_saved(tmp_path: Path) -> None:
    one = accepted(judge(returned.as_xlsx(tmp_path / "a.xlsx")))
    kept = tmp_path / "kept.csv"
    kept.write_bytes(one)
    assert accepted(judge(kept)) == one
    rows = [*csv.DictReader(one.decode().splitlines())]
    assert rows[0]["population"] == "families; edge_of_care" and rows[0]["areas"] == "S12000047"
    assert rows[0]["supplied_to"] == "scottish_government" and rows[0]["period_from"] == "2018-04"
    assert rows[1]["title"] == "Brothers and sisters placed apart" and rows[1]["kind"] == ""


def test_reordered_columns_are_read_by_their_headings(tmp_path: Path) -> None:
    path = returned.as_csv(tmp_path / "return.csv")
    rows = [*csv.reader(path.read_text().splitlines())]
    with path.open("w", newline="") as handle:
        csv.writer(handle).writerows(row[::-1] for row in rows)
    assert accepted(judge(path)) == accepted(judge(returned.as_csv(tmp_path / "other.csv")))


FAULTS: dict[str, tuple[Make, str, str]] = {
    "a renamed column": (returned.a_renamed_column, "“Titles” is none of the template's", "“Title”, if that is"),
    "a column taken out": (returned.a_column_taken_out, "the column “Title” is missing", "as the template has it"),
    "a column twice": (returned.a_column_twice, "“Title” stands there twice", "one column"),
    "a formula": (returned.a_formula, "C2: holds a formula", "the value itself"),
    "another kind": (returned.another_kind, "the column “Themes” is missing", "as the template has it"),
    "last year's template": (returned.last_years_template, "edition 2025, and the one in force is 2026", "new temp"),
    "two organisations": (returned.two_organisations, "it is of 2 organisations: fife, angus", "one return an organ"),
    "an unknown organisation": (returned.an_unknown_organisation, "'Fiefe Council' is not an org", "Fife Council?"),
    "nobody's": (returned.nobodys, "does not say whose return it is", "your organisation"),
    "this project's": (returned.this_projects, "that it is this project's own", "your organisation"),
    "empty": (returned.empty, "the return is empty", "one row for one dataset that you hold"),
    "of fifty thousand rows": (returned.of_fifty_thousand_rows, "has 50,000 rows, and one", "the right file"),
    "a circle": (returned.a_circle, "goes round in a circle: guide → train → guide", "nothing at one of these"),
    "a key twice": (returned.a_key_twice, "A3, “Your key”: family_support stands in row 2 already", "another key"),
    "a key that is none": (returned.with_cell("dataset_id", "Family Support"), "is not an id", "family_support"),
    "a reference to no row": (
        returned.with_cell("made_from", "family_suport", row=1), "is the key of no row", "family_support, if you meant"
    ),
    "an unknown question": (returned.with_cell("questions", "wm_know_mee"), "is not the id of a What", "wm_know_me?"),
    "an owner who does not exist": (
        returned.with_cell("owners", "Fife Concil", kind="milestones"), "G2, “Owners”: 'Fife Concil'", "Fife Council?"
    ),
    "a choice that is none": (returned.with_cell("kind", "Spreadsheet"), "is not a choice of the list", "one of Admin"),
    "a date before 1900": (returned.with_cell("period_from", "1066-10-14"), "lies before 1900", "four digits"),
    "a day of no calendar": (returned.with_cell("period_from", "2021-02-30"), "no day of the calendar", "2025-06-30"),
    "a day first": (returned.with_cell("period_from", "03/04/2021"), "one way only", "2021-04-03 if the day"),
    "an end before its begin": (returned.with_cell("period_to", "2017"), "2017 lies before 2018-04", "a later one"),
    "a number that is none": (returned.with_cell("value", "about 80", kind="measures"), "is no number", "digits alone"),
    "a title that is missing": (returned.with_cell("title", ""), "B2, “Title”: is empty", "What you call it."),
    "a text that is too long": (returned.with_cell("title", "x" * 201), "has 201 characters", "at most 200"),
    "an area that is none": (returned.with_cell("areas", "Fyfe"), "'Fyfe' is not the name or code", "Fife?"),
    "personal data": (returned.personal_data, "C2, “Description”: may be about a person: a CHI number", "yes under"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_names_its_place_and_what_to_write_instead(tmp_path: Path, fault: str) -> None:
    make, says, instead = FAULTS[fault]
    judged = judge(make(tmp_path))
    told = [str(each) for each in judged.faults]
    assert any(says in each and instead in each.split("Write instead:")[1] for each in told), told
    with pytest.raises(PersonalData if fault == "personal data" else ReturnRefused):
        accepted(judged)
    if judged.kind and judged.opened.lines and len(judged.opened.lines) < 100:
        assert write_marked(judged, tmp_path / "marked.xlsx")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(returned.macros, "holds macros", id="macros"),
        pytest.param(returned.no_bytes, "is empty; fill in the template", id="no bytes"),
    ],
)
def test_what_is_no_return_at_all_is_refused_whole(tmp_path: Path, make: Make, words: str) -> None:
    with pytest.raises(SourceChanged, match=words):
        judge(make(tmp_path))


def test_a_return_of_another_kind_than_was_asked_for_is_refused(tmp_path: Path) -> None:
    path = returned.as_xlsx(tmp_path / "return.xlsx", returned.MILESTONES, "milestones")
    assert "it is a return of another kind: milestones" in in_words(judge(path, return_kind("holdings")))


def test_what_may_be_about_a_person_is_quoted_nowhere_and_passes_once_confirmed(tmp_path: Path) -> None:
    judged = judge(returned.personal_data(tmp_path))
    assert len(judged.doubts) == 1 and "0101101007" not in in_words(judged)
    rows = [{**returned.HOLDINGS[0], "description": "Form 0101101007.", "confirmed": "yes"}, returned.HOLDINGS[1]]
    again = judge(returned.as_xlsx(tmp_path / "again.xlsx", rows))
    assert again.is_good, in_words(again)
    assert [row["confirmed"] for row in again.rows] == ["yes", ""]


def test_the_marked_workbook_has_every_row_and_a_comment_at_each_wrong_cell(tmp_path: Path) -> None:
    judged = judge(returned.with_cell("kind", "Spreadsheet", row=1)(tmp_path))
    assert write_marked(judged, tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    commented = {cell.coordinate: cell.comment.text for row in book[TABLE] for cell in row if cell.comment}
    column = next(cell.column_letter for cell in book[TABLE][1] if cell.value == "Kind")
    assert [*commented] == [f"{column}3"] and "choice of the list" in commented[f"{column}3"]
    assert book[TABLE]["B3"].value == "Brothers and sisters placed apart"
    again = judge(tmp_path / "marked.xlsx")
    assert [each.address for each in again.faults] == [f"{column}3"], "what goes back can be corrected and handed in"


def test_a_text_like_a_formula_is_written_as_text(tmp_path: Path) -> None:
    path = returned.with_cell("note", '=HYPERLINK("http://example.org")')(tmp_path)
    book = openpyxl.load_workbook(path)
    column = next(cell.column_letter for cell in book[TABLE][1] if cell.value == "Note")
    assert book[TABLE][f"{column}2"].data_type == "s"
    assert judge(path).is_good


def test_five_hundred_datasets_are_judged_well_within_their_time(tmp_path: Path) -> None:
    """Half a second when measured; the whole way into the warehouse has thirty."""
    rows = [{**returned.HOLDINGS[0], "dataset_id": f"d{number}"} for number in range(500)]
    path = returned.as_xlsx(tmp_path / "return.xlsx", rows)
    began = time.monotonic()
    judged = judge(path)
    accepted(judged)
    assert len(judged.rows) == 500
    assert time.monotonic() - began < 15


def test_a_long_chain_is_no_circle_and_takes_no_recursion(tmp_path: Path) -> None:
    rows = [
        {"item_id": f"m{n}", "kind": "milestone", "title": "x", "depends_on": f"m{n + 1}" if n < 2999 else ""}
        for n in range(3000)
    ]
    assert judge(returned.as_csv(tmp_path / "return.csv", rows, "milestones")).is_good


@pytest.mark.parametrize("form", ["xlsx", "csv", "json-schema"])
def test_the_command_writes_each_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(
        main, ["return", "template", "evidence", "--format", form, "--organisation", "Fife Council"]
    )
    assert result.exit_code == 0, result.output
    written = next(tmp_path.iterdir())
    assert written.name in result.output
    if form == "json-schema":
        assert json.loads(written.read_text())["title"] == "Qualitative evidence"
    else:
        assert "the return is empty" in in_words(judge(written))


def test_the_check_tells_in_words_and_its_exit_code(tmp_path: Path) -> None:
    good = CliRunner().invoke(main, ["return", "check", str(returned.as_xlsx(tmp_path / "good.xlsx"))])
    assert good.exit_code == 0 and "2 rows of holdings, by fife; nothing is wrong" in good.output
    bad = returned.an_unknown_organisation(tmp_path)
    told = CliRunner().invoke(main, ["return", "check", str(bad), "--out", str(tmp_path / "marked.xlsx")])
    assert told.exit_code == 1 and "Nothing was taken in" in told.output
    cover = openpyxl.load_workbook(tmp_path / "marked.xlsx")[COVER]
    assert any("Fiefe Council" in str(cell.value) for row in cover for cell in row)


def test_a_faulty_kind_is_refused_by_file_and_key(tmp_path: Path) -> None:
    good = (Path("framework") / "returns" / "support.yml").read_text()
    (tmp_path / "support.yml").write_text(good.replace("vocabulary: support_kind", "vocabulary: kinds_of_support"))
    with pytest.raises(CatalogueError, match=r"fields\[kind\].vocabulary: 'kinds_of_support' is none of"):
        return_kinds(tmp_path)


def test_every_vocabulary_is_used() -> None:
    used = {field.vocabulary for kind in KINDS for field in kind.fields}
    assert {*vocabularies()} <= used
