"""The data cart of statistics.gov.scot. Its heading line is a real one, the two rows of the fixture are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.errors import SourceChanged
from ingestion.readers.data_cart import is_cart, read_cart
from workbench.peek import look
from workbench.peek.proposal import propose

CART = Path(__file__).parents[2] / "fixtures" / "workbooks" / "data_cart.csv"


def test_a_cart_is_one_row_a_figure_with_a_column_for_each_dimension() -> None:
    table = read_cart(CART, "trial")
    assert [heading.text for heading in table.headings] == [
        "Feature Identifier", "Feature Name", "Dataset", "Age", "Reference Period", "measure type", "Value",
    ]  # fmt: skip
    rows = list(table.rows())
    assert (len(rows), table.tidy) == (2 * 18, True)
    assert rows[0].texts == (
        *("S12000036", "City of Edinburgh", "Age of First Time Mothers"),
        *("All", "1999/00-2001/02", "Count", "1"),
    )
    assert rows[20].texts[4:] == ("2001/02-2003/04", "Count", "*")
    period = "Age of First Time Mothers: Age = All; Reference Period = 2001/02-2003/04; measure type = Count"
    assert table.address(rows[20].number, 6) == f"line 3:{period}"
    assert table.address(rows[20].number, 0) == "line 3:Feature Identifier"
    assert table.address(rows[20].number, 4) == f"line 1:{period}"


def test_two_datasets_in_one_cart_leave_what_only_one_of_them_has_blank(tmp_path: Path) -> None:
    path = tmp_path / "cart.csv"
    headings = 'Feature Identifier,Feature Name,"Births: Sex = Male; Year = 2020",Homes: Kind = All; a = b; Year = 2021'
    path.write_text(f"{headings}\nS12000036,Edinburgh,5,6\n\n")
    table = read_cart(path, "trial")
    assert [heading.text for heading in table.headings][2:] == ["Dataset", "Sex", "Year", "Kind", "a", "Value"]
    assert [row.texts[2:] for row in table.rows()] == [
        ("Births", "Male", "2020", "", "", "5"),
        ("Homes", "", "2021", "All", "b", "6"),
    ]


def test_peek_understands_it_and_an_entry_is_proposed() -> None:
    peek = look(CART)
    assert (peek.shape, peek.verdict, peek.candidates) == ("data_cart", "understood", ())
    assert [row.addresses[0] for row in peek.tables[0].first_rows][:1] == ["line 2:Feature Identifier"]
    proposed = propose(CART, "trial")
    assert proposed.reader == {"shape": "data_cart"}
    assert (proposed.area, proposed.numbers) == (("feature_identifier", "code", 2), ("value",))


def test_a_cart_of_headings_alone_is_understood_partly(tmp_path: Path) -> None:
    path = tmp_path / "cart.csv"
    path.write_text(CART.read_text().splitlines()[0])
    peek = look(path)
    assert (peek.shape, peek.verdict) == ("data_cart", "partly understood")
    assert "there is no row under its headings" in peek.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Feature Identifier,Feature Name,2020\n", "line 1: expected 'Feature Identifier', 'Feature Name'"),
        ("", "line 1: expected"),
        ("Feature Identifier,Feature Name,A: b = c,A: b = d\nS12000036,Edinburgh,5\n", "line 2: 3 cells where"),
    ],
)
def test_what_is_no_cart_or_was_cut_short_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "cart.csv"
    path.write_text(text)
    with pytest.raises(SourceChanged, match=words):
        read_cart(path, "trial")


def test_headings_without_a_dimension_are_no_cart() -> None:
    assert not is_cart(["Feature Identifier", "Feature Name"])
    assert not is_cart(["Feature Identifier", "Feature Name", "A: b"])
    assert is_cart(["Feature Identifier", "Feature Name", "A: b = c"])
