"""Public Health Scotland's qualifiers: known by sight, one or several in a cell, and proposed for a source's entry."""

from __future__ import annotations

import csv
from itertools import permutations
from pathlib import Path
from typing import get_args

import pytest

from promise.catalogue.sources import ConfStatus, ObsStatus
from promise.strict import load_yaml
from promise.vocabulary.markers import FILE, KnownMarkers, find_qualifier
from workbench.peek import look
from workbench.peek.proposal import propose

FOLDER = Path(__file__).parents[2] / "fixtures" / "workbooks"
KNOWN = load_yaml(FILE, KnownMarkers).qualifiers


def published() -> dict[str, str]:
    with (FOLDER / "phs_qualifiers.csv").open(encoding="utf-8-sig", newline="") as lines:
        return {row["Qualifier"]: row["QualifierName"] for row in csv.DictReader(lines)}


def test_every_qualifier_of_the_publisher_s_list_is_known_and_no_other() -> None:
    listed = published()
    assert len(listed) == 18
    assert listed["\x86"] == "earliest revision"  # a dagger in Windows-1252
    assert {each.text for each in KNOWN} == {*listed, "†"}


def test_what_is_proposed_for_each_can_stand_in_an_entry() -> None:
    assert {known.obs_status for known in KNOWN} <= set(get_args(ObsStatus))
    assert {known.conf_status for known in KNOWN} <= set(get_args(ConfStatus))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("u", "low_reliability"), ("d y", "final"), ("d y ", "final"), ("d r", "revised"), ("u b", "low_reliability"),
        ("d u r", "low_reliability"), ("d y u", "low_reliability"), ("c", "final"), (":", "not_available"),
        ("z", "not_applicable"), ("p", "provisional"), ("f", "estimated"), ("~", "low"),
    ],
)  # fmt: skip
def test_the_weightiest_of_several_says_what_kind_of_figure_it_is(text: str, status: str) -> None:
    for order in permutations(text.split()):
        found = find_qualifier(" ".join(order))
        assert found
        assert found.obs_status == status
        assert len(found.usually.split("; ")) == len(order)


@pytest.mark.parametrize("text", ["", " ", "k", "d k", "du", "97"])
def test_a_text_that_is_no_qualifier_is_none(text: str) -> None:
    assert find_qualifier(text) is None


def test_peek_knows_them_all_and_an_entry_is_proposed_with_each_text_that_the_file_has(tmp_path: Path) -> None:
    path = FOLDER / "phs_camhs_referrals.csv"
    (table,) = look(path).tables
    assert not table.not_recognised
    meanings = {seen.text: seen.meaning for seen in table.markers}
    assert meanings["u"] == "qualifier: low reliability"
    assert meanings["d y"].startswith("qualifier: derived, for a custom group or a total; incomplete")
    proposed = propose(path, "trial")
    assert proposed.qualifiers == {
        "referrals_accepted": "referrals_accepted_qf",
        "referrals_received": "referrals_received_qf",
    }
    assert {"u", ":", "r", "d", "d y", "d r", ""} == set(proposed.markers)
    strange = tmp_path / "strange.csv"
    strange.write_text("HB,Month,Seen,SeenQF\nS08000015,202503,5,k\nS08000016,202503,6,d k\nS08000017,202503,7,d\n")
    (table,) = look(strange).tables
    assert {seen.text for seen in table.not_recognised} == {"k", "d k"}
