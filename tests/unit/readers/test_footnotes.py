"""Footnote marks are taken apart from the words and kept; what only looks like one stays."""

from __future__ import annotations

import pytest

from ingestion.readers.footnotes import split_headings, split_label


@pytest.mark.parametrize(
    ("published", "text", "marks"),
    [
        ("Rate [note 2]", "Rate", ("note 2",)),
        ("Year.[note.19][note.20]", "Year", ("note 19", "note 20")),
        (
            "Percentage of children \nFYE 2023\n(%)\n[p] [note 3]",
            "Percentage of children FYE 2023 (%)",
            ("p", "note 3"),
        ),
        ("2022 [r]", "2022", ("r",)),
        ("Total (note 4)", "Total", ("note 4",)),
        ("Rate¹", "Rate", ("1",)),
        ("Households2", "Households", ("2",)),
        ("[notes 1, 2] Rate", "Rate", ("notes 1, 2",)),
    ],
)
def test_marks_are_split_from_headings(published: str, text: str, marks: tuple[str, ...]) -> None:
    (found,) = split_headings([published])
    assert (found.text, found.marks, found.published) == (text, marks, published)


@pytest.mark.parametrize(
    "heading", ["CHN9 2020-21", "Q1", "Rate (%)", "Area (km²)", "Table 3", "(3)", "[c]", "Age 5", "2019"]
)
def test_other_digits_and_brackets_stay(heading: str) -> None:
    assert split_headings([heading])[0].text == heading


def test_digits_that_tell_neighbours_apart_stay() -> None:
    assert [each.text for each in split_headings(["quintile1", "quintile2"])] == ["quintile1", "quintile2"]


@pytest.mark.parametrize(
    ("published", "text", "marks"),
    [
        ("Fife1", "Fife", ("1",)),
        ("Scotland2,3", "Scotland", ("2", "3")),
        ("Glasgow City [note 5]", "Glasgow City", ("note 5",)),
        ("Orkney Islands*", "Orkney Islands", ("*",)),
        ("Moray 2", "Moray", ("2",)),
        ("Ward 4", "Ward 4", ()),
        ("Fife", "Fife", ()),
        ("5-9", "5-9", ()),
    ],
)
def test_digits_behind_a_label_are_a_mark_only_behind_an_area(
    published: str, text: str, marks: tuple[str, ...]
) -> None:
    found = split_label(published)
    assert (found.text, found.marks) == (text, marks)
