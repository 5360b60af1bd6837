"""Markers, areas, units and headings about persons."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from promise.vocabulary import areas as area_finder
from promise.vocabulary import units
from promise.vocabulary.area_list import Areas, areas
from promise.vocabulary.areas import LONGEST as AREAS_LONGEST
from promise.vocabulary.areas import OTHER_KINDS, FoundArea, find_area, fold, other_kind
from promise.vocabulary.markers import known_markers
from promise.vocabulary.personal import may_be_personal
from promise.vocabulary.units import Units, find_unit


def test_markers_known_by_sight_say_what_they_usually_mean() -> None:
    assert {"*", "[c]", "..", "dna", "#N/A", "<5"} <= set(known_markers())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Edinburgh City", "S12000036"),
        ("Edinburgh, City of", "S12000036"),
        ("City of Edinburgh", "S12000036"),
        ("Eilean Siar", "S12000013"),
        ("Comhairle nan Eilean Siar", "S12000013"),
        ("Na h-Eileanan Siar", "S12000013"),
        ("Argyll & Bute", "S12000035"),
        ("PERTH & KINROSS", "S12000048"),
        ("Dumfries  and\u00a0Galloway", "S12000006"),
        ("S12000046", "S12000049"),
        ("S00000001", "S92000003"),
        ("All Local Authorities", "S92000003"),
        ("http://statistics.gov.scot/id/statistical-geography/S12000005", "S12000005"),
    ],
)
def test_an_area_is_known_by_its_spellings_and_earlier_codes(text: str, code: str) -> None:
    assert known(text).code == code


def known(text: str) -> FoundArea:
    found = find_area(text)
    assert found is not None, text
    return found


def test_every_spelling_of_the_vocabulary_is_found() -> None:
    for _, area in areas():
        for text in (*area.names, *area.codes):
            found = find_area(text)
            assert found is not None and found.code == area.code


def test_an_earlier_code_says_that_it_is_one_and_until_when() -> None:
    fife = known("S12000015")
    assert (fife.code, fife.how, fife.until) == ("S12000047", "earlier code", date(2018, 2, 1))
    assert known("S12000047").until is None
    assert known("S00000001").until is None, "ScotPHO's own code, which no list dates"


@pytest.mark.parametrize("text", ["Five", "Fife Council Area", "", "S12", "Dumfries"])
def test_an_unknown_area_is_not_guessed(text: str) -> None:
    assert find_area(text) is None


def test_a_code_of_another_kind_of_area_is_named_for_what_it_is() -> None:
    assert other_kind("S01006506") == "data zone"
    assert find_area("S01006506") is None


def test_a_code_of_each_kind_that_is_not_kept_is_named_for_it_and_one_of_none_is_unknown() -> None:
    assert OTHER_KINDS
    assert {prefix: other_kind(f"{prefix}000001") for prefix in OTHER_KINDS} == OTHER_KINDS
    assert other_kind("S98000001") == "unknown kind of area"
    assert other_kind("RA2701") == "residential category of Public Health Scotland"
    for text in ("S1200004", "S120000470", "RA27011", "Fife", "L12000047"):
        assert other_kind(text) is None, text


def test_what_is_longer_than_any_name_or_address_is_no_area() -> None:
    assert known("Fife".rjust(AREAS_LONGEST)).code == "S12000047"
    assert other_kind("S01006506".rjust(AREAS_LONGEST)) == "data zone"
    assert find_area("Fife".rjust(AREAS_LONGEST + 1)) is None
    assert other_kind("S01006506".rjust(AREAS_LONGEST + 1)) is None


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("S12000047", "code"),
        ("S12000015", "earlier code"),
        ("Fife", "name"),
        ("Edinburgh City", "alias"),
        ("FIFE", "spelling"),
    ],
)
def test_an_area_says_how_it_was_recognised(text: str, how: str) -> None:
    assert known(text).how == how


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Argyll & Bute", "argyll and bute"),
        ("Na h-Eileanan\u2013Siar", "na h eileanan siar"),
        ("  Edinburgh,\u00a0City  of. ", "edinburgh city of"),
    ],
)
def test_a_spelling_is_compared_without_what_publishers_vary(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_spelling_that_could_be_two_areas_is_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {
        "The Isles": FoundArea("S12000013", "The Isles", "council", "name"),
        "The  Isles": FoundArea("S08000028", "The  Isles", "health_board", "name"),
        "Fife": FoundArea("S12000047", "Fife", "council", "name"),
    }
    monkeypatch.setattr(area_finder, "_index", lambda: both)
    monkeypatch.setattr(area_finder, "_folded", area_finder._folded.__wrapped__)
    assert known("The Isles").code == "S12000013", "as it is spelled it is one"
    assert find_area("the isles") is None
    assert known("FIFE").code == "S12000047"


def described(**groups: list[dict[str, object]]) -> Areas:
    scotland: list[dict[str, object]] = [{"code": "S92000003", "name": "Scotland"}]
    return Areas.model_validate({"country": scotland, "councils": [], "health_boards": []} | groups)


def test_codes_and_names_of_the_vocabulary_are_all_of_them() -> None:
    fife = {"code": "S12000047", "name": "Fife", "aliases": ["Kingdom of Fife"]}
    found = described(councils=[fife | {"earlier_codes": [{"code": "S12000015", "until": "2018-02-01"}]}])
    assert found.names == {"Scotland", "Fife", "Kingdom of Fife"}
    assert found.codes == {"S92000003", "S12000047", "S12000015"}


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (
            {"councils": [{"code": "S12000047", "name": "Fife"}, {"code": "S12000020", "name": "Fife"}]},
            "'Fife' names both S12000047 and S12000020",
        ),
        (
            {"country": [{"code": "S92000003", "name": "Scotland"}, {"code": "S92000004", "name": "Orkney"}]},
            "at most 1",
        ),
        ({"country": []}, "at least 1"),
    ],
)
def test_a_vocabulary_of_areas_that_says_two_things_is_refused(groups: dict[str, list[Any]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        described(**groups)


def test_an_area_says_what_kind_it_is() -> None:
    kinds = {known(text).kind for text in ("Scotland", "scotland")}, known("Fife").kind, known("NHS Fife").kind
    assert kinds == ({"country"}, "council", "health_board")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("%", "percent"),
        ("Percentage", "percent"),
        ("Percent reconvicted", "percent"),
        ("Crude rate per 1,000 children aged 0-17 years", "per_1000"),
        ("Crude rate per 10,000 population", "per_10000"),
        ("per 1,000 pupils", "per_1000"),
        ("Number", "count"),
        ("average count", "average_count"),
        ("percentage points", "percentage_points"),
        ("http://statistics.gov.scot/def/measure-properties/count", "count"),
        ("95% Lower Confidence Limit, Percent", "confidence_limit_95"),
    ],
)
def test_units_are_known_by_their_spellings(text: str, unit: str) -> None:
    assert find_unit(text) == unit


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("percentage\u00a0 points", "percentage_points"),
        ("http://statistics.gov.scot/def/measure-properties/average-count", "average_count"),
    ],
)
def test_spaces_and_dashes_of_addresses_make_no_difference_to_a_unit(text: str, unit: str) -> None:
    assert find_unit(text) == unit


def test_a_longer_beginning_goes_before_a_shorter_one(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Units.model_validate({
        "units": [
            {"id": "the_rate_of_anything_else", "spellings": [], "begins": ["rate"]},
            {"id": "children", "spellings": [], "begins": ["rate of children"]},
        ]
    })  # fmt: skip
    monkeypatch.setattr(units, "load_yaml", lambda file, model: told)
    monkeypatch.setattr(units, "_index", units._index.__wrapped__)
    assert find_unit("Rate of children in care") == "children"
    assert find_unit("Rate of change") == "the_rate_of_anything_else"


def test_a_spelling_of_two_units_is_refused() -> None:
    both = [{"id": name, "spellings": [text], "begins": []} for name, text in (("count", "Number"), ("sum", "number"))]
    with pytest.raises(ValueError, match="'number' is both count and sum"):
        Units.model_validate({"units": both})


def test_an_unknown_unit_is_not_guessed() -> None:
    assert find_unit("furlongs") is None


@pytest.mark.parametrize(
    "heading",
    [
        *("Manager_Name", "ManagerName", "Date of birth", "E-mail", "Service_Postcode", "CHI number", "pupil id"),
        *("indicator_author", "Author", "Compiled by", "Contact", "Lead analyst", "analyst_notes", "Initials"),
    ],
)
def test_a_heading_about_a_person_is_suspected(heading: str) -> None:
    assert may_be_personal(heading)


@pytest.mark.parametrize(
    "heading",
    [
        *("area_name", "Number of children", "IndicatorFullName", "CAName", "Council", "Rate", "Local authority"),
        *("Contact rate", "Initial destination", "Compiled rate"),
    ],
)
def test_other_headings_are_not(heading: str) -> None:
    assert not may_be_personal(heading)
