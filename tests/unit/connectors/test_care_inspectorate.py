"""The register: counts of services land and no row of it, so that no column about a person can come in."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from stand_ins.dialects import care_inspectorate
from stand_ins.publisher import Publisher

from ingestion.errors import SourceChanged

# Nobody of this name exists here: the register's habits, with made-up rows.
HEADINGS = [
    "CSNumber", "CareService", "Subtype", "ServiceName", "Manager_Name", "ManagerName", "Service_Phone_Number",
    "Eforms_SU_Email", "Inspector", "Address_line_1", "Service_Postcode", "UPRN", "Case_Number", "A new column",
    "Council_Area_Name", "Registered_Places",
]  # fmt: skip
WHO = [
    "Wanda House", "Wanda Manager", "Wanda Manager", "01234 567890", "wanda@home.example", "Ida Inspector",
    "1 Wanda Street", "KY1 1XX", "000906700000", "C123456", "Wanda again",
]  # fmt: skip
PERSONAL = ["Wanda", "Inspector", "home.example", "01234 567890", "KY1 1XX", "000906700000", "C123456", "CS1", "House"]


def service(kind: str, subtype: str, council: str, places: str) -> list[str]:
    return ["CS1", kind, subtype, *WHO, council, places]


HOME, CHILDREN, FOSTERING = "Care Home Service", "Children & Young People", "Fostering Service"
ROWS = [
    HEADINGS,
    service(HOME, CHILDREN, "Fife", "6"),
    service(HOME, CHILDREN, "Fife", "4"),
    service(HOME, CHILDREN, "outside Scotland", "9"),
    service(HOME, "Older People", "Moray", "60"),
    service(FOSTERING, ".", "Moray", "."),
    service("Child Minding", ".", "Fife", "6"),
]
REGISTER = care_inspectorate.Register(ROWS).content
PAGE = care_inspectorate.STATISTICS
KINDS = {
    f"{HOME}, {CHILDREN}": {"places": True, "by_council": True},
    FOSTERING: {"places": False, "by_council": False},
}
LIVE = {"transport": "care_inspectorate", "link": r"MDSF_data|DatastoreExternal", "kinds": KINDS}
LANDED = """\
day,area,kind,counted,number
2024-06-30,Scotland,"Care Home Service, Children & Young People",services,2
2024-06-30,Fife,"Care Home Service, Children & Young People",services,2
2024-06-30,Moray,"Care Home Service, Children & Young People",services,0
2024-06-30,Scotland,"Care Home Service, Children & Young People",registered places,10
2024-06-30,Fife,"Care Home Service, Children & Young People",registered places,10
2024-06-30,Moray,"Care Home Service, Children & Young People",registered places,0
2024-06-30,Scotland,Fostering Service,services,1
"""


@pytest.fixture(autouse=True)
def register(publisher: Publisher) -> care_inspectorate.Register:
    register = care_inspectorate.Register(ROWS)
    care_inspectorate.speak(publisher, register)
    return register


def test_services_are_counted_and_nothing_else_of_the_register_reaches_the_disk(take: Any, kept: Any) -> None:
    (snapshot,) = take(PAGE, **LIVE)
    assert snapshot.content.read_text(encoding="utf-8") == LANDED
    assert [words for words in PERSONAL if words in kept()] == []


@pytest.mark.parametrize("heading", HEADINGS)
def test_no_column_comes_in_by_whatever_name(
    register: care_inspectorate.Register, take: Any, kept: Any, heading: str
) -> None:
    """Each column of the register, with somebody in every cell of it that is not counted by."""
    counted_by = {"CareService", "Subtype", "Council_Area_Name", "Registered_Places"}
    place = HEADINGS.index(heading)
    register.rows = [
        [*row[:place], row[place] if not number or heading in counted_by else "Zoe Ztranger", *row[place + 1 :]]
        for number, row in enumerate(ROWS)
    ]
    (snapshot,) = take(PAGE, **LIVE)
    assert snapshot.content.read_text(encoding="utf-8") == LANDED
    assert "Ztranger" not in kept()


def test_the_sidecar_has_the_hash_of_both_files(take: Any) -> None:
    (snapshot,) = take(PAGE, **LIVE)
    assert snapshot.publisher_sha256 == hashlib.sha256(REGISTER).hexdigest()
    assert (
        snapshot.snapshot_id == hashlib.sha256(snapshot.content.read_bytes()).hexdigest() != snapshot.publisher_sha256
    )
    assert snapshot.origin == {"link": "Datastore as at 30 June 2024"}


def test_a_file_with_a_byte_order_mark_is_utf_8(register: care_inspectorate.Register, take: Any) -> None:
    register.encoding = "utf-8-sig"
    register.rows = [[cell.replace("Moray", "Café") for cell in row] for row in ROWS]
    assert ",Café," in take(PAGE, **LIVE)[0].content.read_text(encoding="utf-8")


FAULTS = [
    pytest.param(
        REGISTER.replace(b"Registered_Places", b"Places"),
        "the heading 'Registered_Places' .* is missing",
        id="a heading",
    ),
    pytest.param(REGISTER.replace(b"Fostering", b"Foster"), "no service of the kind 'Fostering Service'", id="a kind"),
    pytest.param(REGISTER.replace(b",Fife,4", b",Fife,four"), "Registered_Places .* no whole number", id="places"),
    pytest.param(
        REGISTER.replace(b",Fife,4\r\n", b",4\r\n"), "row 3: another number of cells", id="columns that slipped"
    ),
    pytest.param(REGISTER.replace(b"Wanda again", b"\x81"), "not readable, near byte", id="another encoding"),
    pytest.param(REGISTER.splitlines()[0] + b"\r\n", "has no rows", id="no rows"),
    pytest.param(b"<!DOCTYPE html><html>", "is a web page", id="a page"),
]


@pytest.mark.parametrize(("content", "words"), FAULTS)
def test_a_fault_is_told_without_quoting_a_cell_and_nothing_is_kept(
    publisher: Publisher, register: care_inspectorate.Register, take: Any, kept: Any, *, content: bytes, words: str
) -> None:
    publisher.page(register.address, content)
    with pytest.raises(SourceChanged, match=words) as refused:
        take(PAGE, **LIVE)
    for personal in [*PERSONAL, "four"]:
        assert personal not in str(refused.value)
        assert personal not in kept()


@pytest.mark.parametrize("month", ["June 2024", "31 June 2024", "30 Juni 2024"])
def test_a_register_of_no_day_is_refused(
    publisher: Publisher, register: care_inspectorate.Register, take: Any, month: str
) -> None:
    register.month = month
    with pytest.raises(SourceChanged, match="has a day such as 31 May 2026"):
        take(PAGE, **LIVE)


def test_the_file_of_the_month_is_found_by_its_link(
    publisher: Publisher, register: care_inspectorate.Register, take: Any
) -> None:
    register.month, register.number = "31 July 2024", 7700
    (snapshot,) = take(PAGE, **LIVE)
    assert publisher.requests[-1].target == "/images/documents/7700/MDSF_data_31%20July%202024.csv"
    assert snapshot.content.read_text(encoding="utf-8") == LANDED.replace("2024-06-30", "2024-07-31")
    publisher.page(PAGE, "<a href='/about'>About</a>", media_type="text/html")
    with pytest.raises(SourceChanged, match="0 of the 1 links"):
        take(PAGE, **LIVE)
