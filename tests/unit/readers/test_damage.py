"""What a spreadsheet program leaves of bands and codes, and what only looks like it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.connectors import bundle
from ingestion.landing import land
from ingestion.readers import damage, reading
from promise.catalogue.sources import sources
from workbench.peek import look

BUNDLED = [source_id for source_id, each in sources().items() if each.bundle]
DAMAGED = [
    pytest.param("Age band", ["0-4", "05-Sep", "Oct-14", "15-17"], ["05-Sep", "Oct-14"], id="days among bands"),
    pytest.param("group", ["0-4", "2014-10-01", "15-17"], ["2014-10-01"], id="a day with its year"),
    pytest.param("group", ["0-4", "05/09/2024", "15-17"], ["05/09/2024"], id="a day as it is printed"),
    pytest.param("group", ["0 to 4", "5-Sep"], ["5-Sep"], id="one band is left"),
    pytest.param("AgeGroup", ["01-Apr", "05-Sep", "85+"], ["01-Apr", "05-Sep"], id="no band is left"),
    pytest.param("age_band", ["05-Sep"], ["05-Sep"], id="nothing else is left"),
    pytest.param("@heading", ["Number | 0-4", "Number | 05-Sep"], ["Number | 05-Sep"], id="in headings over others"),
    pytest.param(
        "Seed code", ["0123456", "0234567", "345678", "1345678"], ["345678"], id="one code without its nought"
    ),
    pytest.param("code", ["0012", "0123", "45", "*"], ["45"], id="two noughts, and a marker"),
]
WHOLE = [
    pytest.param("Month", ["Sep-05", "Oct-05", "Nov-05"], id="months"),
    pytest.param("Period", ["Sep-05", "2019-20", "2024-09-05"], id="periods"),
    pytest.param("Date", ["2024-09-05", "05/09/2024"], id="days"),
    pytest.param("Age band", ["0-4", "5-9", "10-14", "85+"], id="bands"),
    pytest.param("Age at date of birth", ["2024-09-05"], id="a date that has to do with age"),
    pytest.param("Average", ["05-Sep"], id="a word that holds another"),
    pytest.param("Code", ["0123", "1234"], id="codes of one width"),
    pytest.param("Code", ["1", "12", "123"], id="numbers"),
    pytest.param("Code", ["0", "1", "10"], id="nought itself"),
    pytest.param("Code", ["0123", "01234", "123"], id="codes of several widths"),
    pytest.param("Code", ["01", "1234567", "9"], id="longer ones"),
    pytest.param("Code", ["0123", "S12000005", "123"], id="not all of digits"),
]


@pytest.mark.parametrize(("heading", "texts", "shown"), DAMAGED)
def test_damage_is_seen_by_the_texts_that_show_it(heading: str, texts: Sequence[str], shown: Sequence[str]) -> None:
    found = damage.find(heading, Counter(texts))
    assert found is not None
    assert sorted(found.texts) == sorted(shown)
    assert any(re.search(damage.SUSPECT, text) for text in texts)


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~", "^"])
@pytest.mark.parametrize("texts", [case.values[1] for case in DAMAGED])
def test_text_that_holds_damage_is_looked_at_again(texts: Sequence[str], delimiter: str, quote: str) -> None:
    for first in (True, False):
        cells = [f"{quote}{text}{quote}" for text in texts]
        lines = "".join((f"{cell}{delimiter}x\n" if first else f"x{delimiter}{cell}\r\n") for cell in cells)
        assert damage.in_text(delimiter)(lines.encode())


@given(
    st.lists(st.lists(st.text('01259-/ "|SepOct', max_size=12), min_size=2, max_size=4), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|", "~", "^"]),
)
def test_looking_quickly_over_lines_finds_what_looking_at_each_cell_finds(
    lines: list[list[str]], delimiter: str
) -> None:
    text = "".join(delimiter.join(line) + "\n" for line in lines)
    parts = re.split(rf'["\n |]|{re.escape(delimiter)}', text)
    assert damage.in_text(delimiter)(text.encode()) == any(
        re.fullmatch(f"{damage.DAY}|{damage.ZEROS}", part) for part in parts
    )


@pytest.mark.parametrize(("heading", "texts"), WHOLE)
def test_what_only_looks_like_damage_is_left_alone(heading: str, texts: Sequence[str]) -> None:
    assert damage.find(heading, Counter(texts)) is None


@pytest.mark.parametrize("source_id", BUNDLED)
def test_no_bundled_file_is_taken_for_damaged(source_id: str, home: Path) -> None:
    source = sources()[source_id]
    for fetched in bundle.fetch(source):
        found = reading(source, land(source_id, fetched))
        texts: list[Counter[str]] = [Counter() for _ in source.table.columns]
        for _, row in found.rows:
            for counter, text in zip(texts, row, strict=True):
                if text:
                    counter[text] += 1
        for column, counter in zip(source.table.columns, texts, strict=True):
            assert damage.find(found.headings[column], counter) is None, column


def test_there_are_bundled_files() -> None:
    assert BUNDLED


@pytest.mark.parametrize("shape", ["csv", "xlsx", "ods", "json"])
def test_peek_points_it_out_with_its_cells(tmp_path: Path, workbook: Any, ods: Any, shape: str) -> None:
    rows = [["Age band", "Children"], ["0-4", 12], ["05-Sep", 31], ["10-14", 20]]
    if shape == "xlsx":
        path, cell = workbook({"S": rows}), "S!A3"
    elif shape == "ods":
        path, cell = ods(rows), "Sheet 8!A3"
    elif shape == "csv":
        path, cell = tmp_path / "made.csv", "line 3:Age band"
        path.write_text("".join(f"{band},{count}\n" for band, count in rows))
    else:
        path, cell = tmp_path / "made.json", "[1].Age band"
        listed = ", ".join(f'{{"Age band": "{band}", "Children": {count}}}' for band, count in rows[1:])
        path.write_text(f"[{listed}]")
    (table,) = look(path).tables
    assert [each for each in table.findings if each.startswith(f"{cell}: days stand in a column of bands")]


def test_peek_points_out_headings_that_became_days(workbook: Any) -> None:
    rows = [["Local authority", "0-4", "05-Sep", "Oct-14"], ["Fife", 1, 2, 3], ["Moray", 4, 5, 6]]
    (table,) = look(workbook({"S": rows})).tables
    assert [each for each in table.findings if each.startswith("S!C1: among the headings, days stand")]
