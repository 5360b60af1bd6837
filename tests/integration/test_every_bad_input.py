"""Every way in which a published file goes wrong, one small file each: what stops it says so once, and nothing is lost.

`test_bad_input` does faults to real files. Here each fault of the list has a file of its own, text or workbook, that
takes the place of a whole one. Most must be refused with one message; a few are habits, which must change nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bad_books
import pytest
from psycopg import Connection

from expectations import arrival
from ingestion import pipeline
from ingestion.errors import PersonalData, SourceChanged
from ingestion.landing import Fetched
from promise import ledger
from promise.catalogue import sources as catalogue
from promise.catalogue.sources import Source
from promise.settings import settings
from warehouse import runs

FIXTURES = Path(__file__).parents[1] / "fixtures" / "bad_input"
# What published files were seen, or must be expected, to do. Each has at least one case below, and no case has another.
LIST = [
    *("heading renamed", "heading missing", "heading doubled", "sheet renamed", "header row moved"),
    *("merged header shifted", "notes row inside the table", "unknown marker", "unknown area", "archived code"),
    *("council missing", "impossible period", "duplicate key, equal values", "duplicate key, different values"),
    *("NUL bytes", "invalid UTF-8", "mixed encodings", "thousands and decimal commas mixed"),
    *("formula injection", "formula without a cached value", "a million empty formatted rows"),
    *("a personal-data heading", "an encrypted workbook", "a corrupt workbook", "a zip bomb"),
]
LICENCE = {"name": "made by hand", "url": None, "attribution": "this test"}
COMMON = {
    **{"title": "Trial", "description": "Made by hand.", "publisher": "nobody", "licence": LICENCE},
    **{"landing_page": "https://example.invalid", "cadence": "once", "check_cron": "0 6 * * 1", "freshness": None},
    "personal_data": "none",
    "figures": None,
    "markers": {"[c]": {"obs_status": "final", "conf_status": "suppressed_by_publisher", "meaning": "withheld"}},
}
TEXT = Source.model_validate(
    {
        **COMMON,
        "id": "trial_text",
        "bundle": [{"file": "trial.csv", "origin_url": "https://example.invalid", "publication": None}],
        "table": {
            "name": "figure",
            "reader": {"shape": "delimited"},
            "columns": {name: name for name in ("area_code", "council", "year", "children", "rate")},
            "checks": {
                **{"at_least_rows": 1, "key": ["area_code", "year"], "not_null": ["area_code", "year", "children"]},
                **{"numbers": ["children", "rate"], "area": {"column": "area_code", "by": "code"}},
                **{"distinct_areas": 3, "period": {"column": "year", "style": "financial_year"}},
            },
        },
    }
)
PRINTED = [f"{year} | {what}" for year in (2022, 2023) for what in ("Number", "Rate")]
BOOK = Source.model_validate(
    {
        **COMMON,
        "id": "trial_book",
        "bundle": [{"file": "trial.xlsx", "origin_url": "https://example.invalid", "publication": None}],
        "table": {
            "name": "figure",
            "reader": {"shape": "workbook", "headings": ["^Local authority$", "Number$"], "sheet": "^Table 3"},
            "columns": {"council": "Local authority", **{f"c{n}": each for n, each in enumerate(PRINTED)}},
            "checks": {
                **{"at_least_rows": 1, "key": ["council"], "not_null": ["council"]},
                **{"numbers": [f"c{n}" for n in range(4)], "area": {"column": "council", "by": "name"}},
                "distinct_areas": 3,
            },
        },
    }
)


@dataclass(frozen=True)
class Case:
    """A fault of the list, its file, and what the message must hold: place, what was found, expected, what to do.

    `reader` is whether it stops the load; else the arrival gate judges what was loaded.
    """

    fault: str
    file: str | Callable[[Path], None]
    where: str
    found: str
    expected: str
    remedy: str
    reader: bool = False

    @property
    def source(self) -> Source:
        return TEXT if isinstance(self.file, str) else BOOK

    @property
    def name(self) -> str:
        return self.file if isinstance(self.file, str) else f"workbook {self.file.__name__}"


COLUMNS = "`columns` in ingestion/sources/trial_text/source.yml"
REFUSED = [
    Case("heading renamed", "heading_renamed", "line 1",
         "the heading 'rate' is missing; the heading 'rate_per_1000' is not described", "Expected exactly: area_code",
         COLUMNS, reader=True),
    Case("heading missing", "heading_missing", "line 1", "the heading 'rate' is missing", "Expected exactly: area_code",
         COLUMNS, reader=True),
    Case("heading doubled", "heading_doubled", "line 1", "the heading 'year' stands there more than once",
         "Expected exactly: area_code", COLUMNS, reader=True),
    Case("sheet renamed", bad_books.sheet_renamed, "trial.xlsx", "found 'Children, councils'",
         "no sheet like '^Table 3'", "Correct `sheet` in ingestion/sources/trial_book/source.yml", reader=True),
    Case("merged header shifted", bad_books.merged_header_shifted, "Table 3.2!A3", "'2023 | Number' is missing",
         "Expected: 'Local authority', '2022 | Number'", "its column's list under `columns`", reader=True),
    Case("unknown marker", "unknown_marker", "line 5:children", "found '[low]'",
         "expected a number or one of the declared markers: '[c]'",
         "`markers` in ingestion/sources/trial_text/source.yml"),
    Case("unknown marker", bad_books.unknown_marker, "Table 3.2!C6", "found '[low]'",
         "expected a number or one of the declared markers: '[c]'",
         "`markers` in ingestion/sources/trial_book/source.yml"),
    Case("unknown area", "unknown_area", "line 4:area_code", "found 'S12000099'", "expected the code of a known area",
         "ingestion/vocabulary/areas.yml"),
    Case("archived code", "archived_code", "line 4:area_code",
         "found 'S12000046' for '2021/22', a code that ended on 2019-03-31; its area is S12000049 since",
         "expected a code that was in force when the row's period began", "ask the publisher which area is meant"),
    Case("council missing", "council_missing", "trial.csv", "found 2 different areas under 'area_code'",
         "expected 3 areas", "`distinct_areas` in ingestion/sources/trial_text/source.yml"),
    Case("impossible period", "impossible_period", "line 7:year", "found '2022/24'",
         "expected a period in the style financial_year, such as 2022/23", "look at the cell and ask the publisher"),
    Case("duplicate key, different values", "duplicate_key_with_different_values", "line 8",
         "a second time, with children '1211' where it is '1,210' on line 2", "expected one row for each area_code",
         "`key` in ingestion/sources/trial_text/source.yml"),
    Case("NUL bytes", "nul_bytes", "line 4", "a NUL byte inside a cell", "expected text", "Fetch it again",
         reader=True),
    Case("invalid UTF-8", "invalid_utf8", "line 6", "neither UTF-8 nor Windows-1252", "expected utf-8 throughout",
         "Fetch it again; if the publisher changed the encoding, correct `encoding`", reader=True),
    Case("mixed encodings", "mixed_encodings", "line 2", "mixed encodings", "expected utf-8 throughout",
         "Fetch it again; if the publisher changed the encoding, correct `encoding`", reader=True),
    Case("thousands and decimal commas mixed", "thousands_and_decimal_commas", "line 6:rate", "found '7,5'",
         "expected a number or one of the declared markers", "teach ingestion/vocabulary/numbers.yml"),
    Case("formula injection", "formula_injection", "line 6:children", "found a text of 14 characters",
         "expected a number or one of the declared markers", "declare it under `markers`"),
    Case("formula without a cached value", bad_books.formula_without_a_result, "Table 3.2!B6",
         "without a stored result", "expected", "Open", reader=True),
    Case("a personal-data heading", "personal_heading", "line 1",
         "the heading 'indicator_author' is not described and may be about a person", "Expected exactly: area_code",
         "find out before anything of it is kept", reader=True),
    Case("a personal-data heading", bad_books.personal_heading, "Table 3.2!F",
         "'Social worker name' (Table 3.2!F3) is not described and may be about a person",
         "Expected: 'Local authority'", "find out before anything of it is kept", reader=True),
    Case("an encrypted workbook", bad_books.encrypted, "trial.xlsx", "locked with a password",
         "expected a workbook that opens for anybody", "Ask the publisher for an open copy", reader=True),
    Case("a corrupt workbook", bad_books.corrupt, "trial.xlsx", "is damaged (it begins like a zip file",
         "expected a whole file", "Fetch it again", reader=True),
    Case("a zip bomb", bad_books.zip_bomb, "trial.xlsx", "would unpack from",
         "expected at most 1,000,000,000", "made to fill the machine, or not a workbook: do not open it", reader=True),
]  # fmt: skip
# What a reader takes in its stride: the rows are those of the whole file.
READ = [
    ("header row moved", bad_books.header_row_moved),
    ("notes row inside the table", bad_books.notes_row_inside),
    ("a million empty formatted rows", bad_books.a_million_empty_rows),
]


def test_each_fault_of_the_list_is_tried_and_no_other() -> None:
    tried = {case.fault for case in REFUSED} | {fault for fault, _ in READ}
    alone = {"duplicate key, equal values"}  # it is used, with a warning: a test of its own
    assert tried | alone == set(LIST)


def test_each_file_of_the_folder_is_tried() -> None:
    elsewhere = {"whole", "duplicate_key_with_equal_values", "formula_injection_in_a_name"}
    tried = {case.file for case in REFUSED if isinstance(case.file, str)}
    assert {path.stem for path in FIXTURES.iterdir()} == tried | elsewhere


@pytest.fixture
def put(database: Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a file where a source's connector finds it."""
    described = {TEXT.id: TEXT, BOOK.id: BOOK}
    monkeypatch.setattr(catalogue, "sources", lambda: described)
    monkeypatch.setattr(arrival, "sources", lambda: described)
    monkeypatch.setenv("PROMISE_BUNDLE", str(tmp_path))

    def into(source: Source, file: str | Callable[[Path], None]) -> None:
        path = tmp_path / source.id / source.bundle[0].file
        path.parent.mkdir(exist_ok=True)
        if isinstance(file, str):
            shutil.copyfile(FIXTURES / f"{file}.csv", path)
        else:
            file(path)

    return into


def ingest(source: Source) -> int:
    return int(pipeline.load(source.id, pipeline.take(source.id))[-1]["vintage"])


def judge(conn: Connection[Any]) -> dict[str, Any]:
    return arrival.judge(runs.open_run(conn))


def accepted(conn: Connection[Any], source: Source) -> list[tuple[Any, ...]]:
    """The rows of what may be used, without the machinery's own columns."""
    columns = ", ".join(source.table.columns)
    return conn.execute(
        f"select _vintage, _row, {columns} from raw.{source.raw_table} where _vintage in"
        " (select vintage from ops.vintage where arrival = 'accepted') order by 1, 2".encode()
    ).fetchall()


def begin(conn: Connection[Any], put: Callable[..., None], source: Source) -> None:
    """A whole file, in use. That it would be accepted is tested once."""
    put(source, "whole" if source is TEXT else bad_books.whole)
    ingest(source)
    conn.execute("update ops.vintage set arrival = 'accepted'")


@pytest.mark.parametrize("source", [TEXT, BOOK], ids=lambda source: source.id)
def test_the_whole_file_is_accepted(database: Connection[Any], put: Any, source: Source) -> None:
    put(source, "whole" if source is TEXT else bad_books.whole)
    vintage = ingest(source)
    assert judge(database) == {"accepted": [vintage], "rejected": {}, "held": {}, "quarantined": [], "warnings": []}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name.replace(" ", "_"))
def test_it_is_refused_with_one_message_and_the_vintage_before_stays(
    database: Connection[Any], put: Any, case: Case
) -> None:
    begin(database, put, case.source)
    before = accepted(database, case.source)
    put(case.source, case.file)
    if case.reader:
        with pytest.raises(SourceChanged) as stopped:
            ingest(case.source)
        message = str(stopped.value)
        assert len(ledger.vintages(database)) == 1, "nothing of it is in raw"
    else:
        ingest(case.source)
        message = judge(database)["rejected"][case.source.id]
    assert message.startswith(f"{case.source.id}: {case.source.bundle[0].file}")
    for part in (case.where, case.found, case.expected, case.remedy):
        assert part in message
    assert "\n" not in message
    assert "more check" not in message, "one fault, one check"
    assert accepted(database, case.source) == before
    assert before


@pytest.mark.parametrize(("fault", "file"), READ, ids=[fault.replace(" ", "_") for fault, _ in READ])
def test_it_is_a_habit_that_changes_nothing(
    database: Connection[Any], put: Any, fault: str, file: Callable[[Path], None]
) -> None:
    begin(database, put, BOOK)
    whole = [row[2:] for row in accepted(database, BOOK)]
    put(BOOK, file)
    vintage = ingest(BOOK)
    assert judge(database) == {"accepted": [vintage], "rejected": {}, "held": {}, "quarantined": [], "warnings": []}
    assert [row[2:] for row in accepted(database, BOOK) if row[0] == vintage] == whole


def test_a_row_given_twice_is_used_with_one_warning(database: Connection[Any], put: Any) -> None:
    begin(database, put, TEXT)
    put(TEXT, "duplicate_key_with_equal_values")
    vintage = ingest(TEXT)
    judged = judge(database)
    assert (judged["accepted"], judged["rejected"]) == ([vintage], {})
    (warning,) = judged["warnings"]
    for part in ("trial_text: trial.csv, line 8", "a second time, the same as line 2", "expected one row", "To do: "):
        assert part in warning


def test_an_archived_code_is_used_for_a_period_in_which_it_was_in_force(
    database: Connection[Any], put: Any, tmp_path: Path
) -> None:
    put(TEXT, "archived_code")
    path = tmp_path / TEXT.id / "trial.csv"
    path.write_text(path.read_text().replace("2021/22", "2018/19").replace("2022/23", "2017/18"))
    vintage = ingest(TEXT)
    assert judge(database) == {"accepted": [vintage], "rejected": {}, "held": {}, "quarantined": [], "warnings": []}


def test_a_text_that_a_spreadsheet_would_run_stays_a_text(database: Connection[Any], put: Any) -> None:
    put(TEXT, "formula_injection_in_a_name")
    ingest(TEXT)
    assert database.execute("select council from raw.trial_text__figure where _row = 6").fetchone() == (
        "=HYPERLINK(A1)",
    )


PERSON = "0101101007"  # a CHI number that nobody has


def test_a_file_with_something_personal_is_written_down_stops_no_other_and_leaves_nothing(
    database: Connection[Any], put: Any, tmp_path: Path
) -> None:
    put(TEXT, "whole")
    whole = tmp_path / TEXT.id / "trial.csv"
    other = whole.with_name("other.csv")
    other.write_text(whole.read_text().replace("1,198", PERSON))
    assert PERSON in other.read_text()

    def shown(*paths: Path) -> list[Fetched]:
        return [Fetched(path, path.name, TEXT.address(TEXT.bundle[0]), "", "text/csv", None) for path in paths]

    new = pipeline.take(TEXT.id, lambda _: shown(other, whole))
    assert [each["rows"] for each in pipeline.load(TEXT.id, new)] == [6]
    with pytest.raises(PersonalData, match=r"other\.csv, line 3:children: a CHI number, 10 characters long"):
        pipeline.take(TEXT.id, lambda _: shown(whole, other))
    attempts = database.execute(
        "select outcome, message from ops.ingest_attempt where source_id = %s order by attempt_id", (TEXT.id,)
    ).fetchall()
    assert [outcome for outcome, _ in attempts] == ["changed", "new", "changed"]
    assert all("a CHI number, 10 characters long" in message for _, message in attempts[::2])
    assert PERSON not in str(attempts)
    left = [path for path in settings().home.rglob("*") if path.is_file() and PERSON.encode() in path.read_bytes()]
    assert left == []


def test_an_older_file_is_not_new_again_because_the_newest_is_refused(
    database: Connection[Any], put: Any, tmp_path: Path
) -> None:
    put(TEXT, "whole")
    older = tmp_path / TEXT.id / "trial.csv"
    newest = older.with_name("newest.csv")
    newest.write_text(older.read_text().replace("1,198", "1,199"))

    def shown(_: object) -> list[Fetched]:
        asked = TEXT.address(TEXT.bundle[0])
        return [Fetched(path, path.name, asked, "", "text/csv", None) for path in (older, newest)]

    assert len(pipeline.load(TEXT.id, pipeline.take(TEXT.id, shown))) == 2
    newest.write_text(newest.read_text().replace("1,199", PERSON))
    with pytest.raises(PersonalData):
        pipeline.take(TEXT.id, shown)
