"""Delimited text: encodings and delimiters found from the bytes, tables with a story around them."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import SourceChanged
from ingestion.readers.text import examine, find_delimiter
from ingestion.readers.text_tables import read_text

PLAIN = "council,text\nFife,1\nNa h-Eileanan Siàr,2\n"


def put(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "made.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "encoding", "bom"),
    [
        pytest.param(PLAIN.encode(), "utf-8", False, id="UTF-8"),
        pytest.param(PLAIN.encode("utf-8-sig"), "utf-8", True, id="UTF-8 with a mark"),
        pytest.param(PLAIN.encode("utf-16"), "utf-16-le", True, id="UTF-16 with a mark"),
        pytest.param(b"\xfe\xff" + PLAIN.encode("utf-16-be"), "utf-16-be", True, id="UTF-16, the other way round"),
        pytest.param(PLAIN.encode("utf-16-le"), "utf-16-le", False, id="UTF-16 without a mark"),
        pytest.param(PLAIN.encode("cp1252"), "cp1252", False, id="Windows-1252"),
        pytest.param(gzip.compress(PLAIN.encode()), "utf-8", False, id="gzip"),
    ],
)
def test_the_encoding_is_found_and_the_text_is_the_same(
    tmp_path: Path, content: bytes, encoding: str, bom: bool
) -> None:
    found = read_text(put(tmp_path, content), "trial")
    assert (found.facts.encoding, found.facts.bom) == (encoding, bom)
    assert not found.facts.faults
    (table,) = found.tables
    assert [heading.text for heading in table.headings] == ["council", "text"]
    assert [row.texts for row in table.rows()] == [("Fife", "1"), ("Na h-Eileanan Siàr", "2")]


def test_windows_1252_is_said_with_the_letters_it_gives_and_no_word(fixture: Any) -> None:
    (finding,) = examine(fixture("windows_1252.csv"), "trial").findings
    assert (finding.weight, finding.address) == ("notice", "line 2")
    assert "it says 'à'" in finding.text
    assert "Si" not in finding.text, "a word may be a name"


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("mixed_encodings.csv", "line 2", "mixed encodings: line 3 is UTF-8 and line 2 is not"),
        ("nul_bytes.csv", "line 3", "NUL byte"),
        ("invalid_utf8.csv", "line 2", "neither UTF-8 nor Windows-1252"),
    ],
)
def test_bytes_that_are_no_text_are_faults_with_their_line(fixture: Any, name: str, line: str, words: str) -> None:
    (fault,) = examine(fixture(name), "trial").faults
    assert fault.address == line
    assert words in fault.text


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_the_one_that_cuts_alike(tmp_path: Path, delimiter: str) -> None:
    text = "a,b,c\n1,x y,3\n4,z,6\n".replace(",", delimiter)
    found = read_text(put(tmp_path, text.encode()), "trial")
    assert found.dialect.candidates == (delimiter,)


def test_two_delimiters_that_cut_equally_well_are_both_named() -> None:
    dialect = find_delimiter(["a;b,c\n", "d;e,f\n"])
    assert set(dialect.candidates) == {",", ";"}


def test_decimal_commas_do_not_make_the_comma_a_delimiter() -> None:
    assert find_delimiter(["council;rate\n", "Fife;12,5\n", "Moray;3,5\n"]).candidates == (";",)


def test_a_story_above_and_footnotes_below_are_kept_apart_from_the_table(fixture: Any) -> None:
    (table,) = read_text(fixture("preamble_and_footnotes.csv"), "trial").tables
    assert [heading.text for heading in table.headings] == ["Local authority", "2022", "2023"]
    assert table.headings[2].marks == ("note 1",)
    assert [(row.number, row.texts) for row in table.rows()] == [
        (5, ("Fife", "1,210", "1198")),
        (6, ("Moray", "231", "[c]")),
        (7, ("Scotland", "12,596", "12,206")),
    ]
    assert table.address(6, 2) == "line 6:2023"
    assert [note.where for note in table.notes] == ["above", "above", "below", "below"]


def test_lines_padded_with_delimiters_are_still_a_story(fixture: Any) -> None:
    (table,) = read_text(fixture("padded_by_a_spreadsheet.csv"), "trial").tables
    assert [row.texts[0] for row in table.rows()] == ["Fife", "Moray"]
    assert [note.text for note in table.notes] == ["Table 2: Children looked after", "Source: made by hand"]


def test_a_row_of_another_width_is_a_fault_with_its_line(fixture: Any) -> None:
    (table,) = read_text(fixture("ragged.csv"), "trial").tables
    (fault,) = table.faults
    assert fault.address == "line 3"
    assert "2 cells where the other rows have 3" in fault.text


def test_a_quote_that_is_never_closed_is_refused_with_its_line(fixture: Any) -> None:
    with pytest.raises(SourceChanged, match="line 2: not readable as delimited text"):
        read_text(fixture("cut_inside_quotes.csv"), "trial")


def test_a_cell_over_two_lines_does_not_shift_the_addresses_after_it(tmp_path: Path) -> None:
    (table,) = read_text(put(tmp_path, b'a,b\n"two\nlines",1\nx,2\n'), "trial").tables
    assert [row.number for row in table.rows()] == [2, 4]


def test_headings_without_rows_are_an_empty_table(fixture: Any) -> None:
    (table,) = read_text(fixture("query_empty.csv"), "trial").tables
    assert len(table.headings) == 3
    assert list(table.rows()) == []


def test_a_truncated_gzip_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(PLAIN.encode() * 500)
    with pytest.raises(SourceChanged, match="truncated or damaged"):
        read_text(put(tmp_path, whole[: len(whole) // 2]), "trial")


def test_a_gzip_that_unpacks_without_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(SourceChanged, match="made to fill the machine"):
        read_text(put(tmp_path, gzip.compress(b"a,b\n" * 6_000_000)), "trial")


def test_a_clean_file_is_never_held_whole(tmp_path: Path) -> None:
    path = put(tmp_path, b"council,text\n" + b"".join(b"Fife,%d\n" % number for number in range(100_000)))
    tracemalloc.start()
    (table,) = read_text(path, "trial").tables
    assert sum(1 for _ in table.rows()) == 100_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Chunks are 1 MB and are held as bytes, as text and as lines; held whole, 200,000 cells would be 20 MB.
    assert peak < 12_000_000
