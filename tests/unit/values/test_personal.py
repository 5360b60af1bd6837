"""What is known for personal, and what looks like it and is not. All people here are made up."""

from __future__ import annotations

import pytest

from ingestion.personal.suspects import BLOCK, suspects
from promise.vocabulary import personal
from promise.vocabulary.personal import find_personal, is_the_publishers, personal_under, rules

CHI = "0101101007"
KNOWN = [
    ("chi_number", CHI, CHI),
    ("chi_number", f"CHI {CHI}.", CHI),
    ("chi_number", "010110 1007", "010110 1007"),
    ("candidate_number", "SCN: 123456789", "123456789"),
    ("candidate_number", "Scottish Candidate Number 123456789", "123456789"),
    ("unit_postcode", "EH1 1AA", "EH1 1AA"),
    ("unit_postcode", "1 Test Street, Edinburgh EH99 1SP", "EH99 1SP"),
    ("unit_postcode", "EH11AA", "EH11AA"),
    ("unit_postcode", "eh1 1aa", "eh1 1aa"),
    ("email_address", "write to zzyzx.testchild@mail.example", "zzyzx.testchild@mail.example"),
    ("phone_number", "0131 496 0000", "0131 496 0000"),
    ("phone_number", "(0131) 496 0000", "(0131) 496 0000"),
    ("phone_number", "01632 960000", "01632 960000"),
    ("phone_number", "020 7946 0000", "020 7946 0000"),
    ("phone_number", "07700900123", "07700900123"),
    ("phone_number", "+44 7700 900123", "+44 7700 900123"),
    ("phone_number", "+44 (0)131 496 0000", "+44 (0)131 496 0000"),
    ("date_of_birth", "DOB: 01/02/2010", "01/02/2010"),
    ("date_of_birth", "date of birth 1 February 2010", "1 February 2010"),
    ("name_of_a_person", "child: Zzyzx Testchild", "Zzyzx Testchild"),
    ("name_of_a_person", "Name of parent: Zzyzx O'Testchild-Test", "Zzyzx O'Testchild-Test"),
    ("name_of_a_person", "Name of the child Zzyzx Testchild", "Zzyzx Testchild"),
    ("name_of_a_person", "Social worker's name: Zzyzx Testworker", "Zzyzx Testworker"),
]
NEAR = [
    pytest.param("0101101006", id="the check digit is another"),
    pytest.param("3202101005", id="no day has that number"),
    pytest.param(f"1{CHI}", id="eleven digits"),
    pytest.param(f"0.{CHI}", id="decimals"),
    pytest.param(f"{CHI}.5", id="a figure with decimals"),
    pytest.param("123456789", id="nine digits alone are a figure"),
    pytest.param("EH1", id="a district"),
    pytest.param("EH1 1", id="a sector"),
    pytest.param("QX1 1AA", id="no such postal area"),
    pytest.param("EH1 1CI", id="letters that no postcode ends with"),
    pytest.param("code XEH11AAX", id="inside a code"),
    pytest.param("EH11AA in a sentence", id="without its blank in other text"),
    pytest.param("3 @ 5", id="no address"),
    pytest.param("01-02-2003 04:05", id="a day and a time"),
    pytest.param("2019-01-01T00:00:00Z", id="a time"),
    pytest.param("0.0131496000", id="a small number"),
    pytest.param("0131 49", id="too short a number"),
    pytest.param("1310496000000", id="a long number"),
    pytest.param("01/02/2010", id="a day alone"),
    pytest.param("Children born between 1 April 2010 and 31 March 2011", id="a cohort"),
    pytest.param("Child: Poverty Rate", id="words of statistics"),
    pytest.param("Pupil: Teacher Ratio", id="a ratio"),
    pytest.param("Name of Child Protection Committee", id="a body"),
    pytest.param("Zzyzx Testchild", id="a name alone"),
    pytest.param("child: fostered", id="no capitals"),
]


def test_each_rule_is_tried_and_says_why_and_what_it_does_not_see() -> None:
    assert {kind for kind, _, _ in KNOWN} == set(rules())
    assert all(rule.why and rule.limits for rule in rules().values())
    assert NEAR


@pytest.mark.parametrize(("kind", "text", "value"), KNOWN, ids=[text for _, text, _ in KNOWN])
def test_a_value_about_a_person_is_known(kind: str, text: str, value: str) -> None:
    assert [(each.kind, each.text) for each in find_personal(text)] == [(kind, value)]


@pytest.mark.parametrize("text", NEAR)
def test_what_only_looks_like_one_passes(text: str) -> None:
    assert find_personal(text) == []


@pytest.mark.parametrize("text", [text for _, text, _ in KNOWN])
@pytest.mark.parametrize("before", ["", "a,b\n", "A" * 37 + ",12.5\n", "12.25,\n" * (BLOCK // 7 - 3)])
def test_the_fast_look_passes_over_nothing_that_a_rule_knows(text: str, before: str) -> None:
    """Also where a block ends inside it."""
    for shift in range(0, 40, 3) if len(before) > BLOCK // 2 else (0,):
        content = f"{before}{'9,' * (shift // 2)}{text}\nafter,1\n".encode()
        begin = content.index(text.encode())
        assert any(begin <= place < begin + len(text) for place in suspects(content)), shift


def test_the_fast_look_finds_nothing_in_plain_figures() -> None:
    line = (
        b'"Area 3, Scotland","SYN4 2019-20","A1",37.123456789012\n2019-01-01,S12000036,4:30,http://a.example/b,0.012\n'
    )
    assert suspects(line * 2000) == []


@pytest.mark.parametrize(
    ("heading", "text", "kind"),
    [
        ("Scottish Candidate Number", "123456789", "candidate_number"),
        ("scn", "123456789", "candidate_number"),
        ("Date of birth", "2010-02-01", "date_of_birth"),
        ("DOB", "1/2/2010", "date_of_birth"),
        ("Child name", "Zzyzx", "name_of_a_person"),
        ("First name", "Zzyzx", "name_of_a_person"),
        ("Surname:", "Testchild", "name_of_a_person"),
    ],
)
def test_a_heading_tells_what_stands_under_it(heading: str, text: str, kind: str) -> None:
    found = personal_under(heading, text)
    assert found is not None and found.kind == kind
    assert find_personal(text) == [], "by itself it tells nothing"
    assert personal_under("Rate", text) is None


@pytest.mark.parametrize("text", ["2010", "June 2010", "12"])
def test_years_and_figures_under_a_day_of_birth_pass(text: str) -> None:
    assert personal_under("Date of birth", text) is None


@pytest.mark.parametrize(
    ("text", "beside", "is_theirs"),
    [
        ("tests@gov.scot", "", True),
        ("tests@publisher.example", "", True),
        ("zzyzx@mail.example", "Contact", False),
        ("zzyzx@notgov.scot", "Contact", False),
        ("0131 496 0000", "Telephone: 0131 496 0000", True),
        ("0131 496 0000", "Zzyzx Testchild", False),
        ("EH6 6QQ", "Victoria Quay", True),
        ("EH99 1SP", "Contact", False),
        (CHI, "Contact", False),
    ],
)
def test_what_is_the_publishers_own_is_known_by_declared_words(text: str, beside: str, is_theirs: bool) -> None:
    (found,) = find_personal(text)
    assert is_the_publishers(found, beside, ["www.publisher.example"]) is is_theirs


def test_what_was_found_is_shown_by_its_kind_and_its_length() -> None:
    (found,) = find_personal(CHI)
    assert (str(found), repr(found)) == ("a CHI number, 10 characters long", "<a CHI number, 10 characters long>")


@pytest.mark.parametrize(("number", "is_one"), [("2902001002", True), ("2902011008", False)])
def test_a_day_of_birth_may_be_the_29th_of_february_of_a_leap_year(number: str, is_one: bool) -> None:
    """Both check digits are right; 1901 and 2001 had no such day."""
    assert personal.is_chi(number) is is_one
