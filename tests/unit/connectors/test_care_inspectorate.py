"""The register: what it says of persons never reaches the disk, and a heading that nobody judged stops everything."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from stand_ins.dialects import care_inspectorate
from stand_ins.publisher import Publisher

from ingestion.errors import SourceChanged

# Nobody of this name exists here: the register's habits, with made-up rows.
ROWS = [
    ["CSNumber", "CareService", "ServiceName", "Manager_Name", "Service_Phone_Number", "Eforms_SU_Email", "TotalBeds",
     "Complaints_upheld_2223"],
    ["CS1", "Care Home Service", "Café “House”", "A. Manager", "01234 567890", "manager@home.example", "6", "."],
    ["CS2", "Child Minding", "B. Minder", "B. Minder", "09876 543210", "minder@home.example", ".", "0"],
    ["CS3", "Care Home Service", "Another", "C. Manager", "05555 555555", "other@home.example", "4", "1"],
]  # fmt: skip
REGISTER = care_inspectorate.Register(ROWS).content
PAGE = care_inspectorate.STATISTICS
LIVE = {
    "transport": "care_inspectorate",
    "link": r"MDSF_data|DatastoreExternal",
    "keep": ["CSNumber", "CareService", "ServiceName", "TotalBeds", r"Complaints_upheld_\d{4}"],
    "drop": ["Manager_?Name", ".*Phone.*", ".*Email.*"],
    "drop_rows": {"CareService": "^Child Minding$"},
}
PERSONAL = ["Manager", "Minder", "home.example", "01234 567890", "09876 543210"]


@pytest.fixture(autouse=True)
def register(publisher: Publisher) -> care_inspectorate.Register:
    register = care_inspectorate.Register(ROWS)
    care_inspectorate.speak(publisher, register)
    return register


def test_what_it_says_of_persons_never_reaches_the_disk(publisher: Publisher, take: Any, kept: Any) -> None:
    (snapshot,) = take(PAGE, **LIVE)
    assert snapshot.content.read_text(encoding="utf-8") == (
        "CSNumber,CareService,ServiceName,TotalBeds,Complaints_upheld_2223\n"
        "CS1,Care Home Service,Café “House”,6,.\n"
        "CS3,Care Home Service,Another,4,1\n"
    )
    for words in PERSONAL:
        assert words not in kept()


def test_the_sidecar_has_the_hash_of_both_files(take: Any) -> None:
    (snapshot,) = take(PAGE, **LIVE)
    assert snapshot.publisher_sha256 == hashlib.sha256(REGISTER).hexdigest()
    assert (
        snapshot.snapshot_id == hashlib.sha256(snapshot.content.read_bytes()).hexdigest() != snapshot.publisher_sha256
    )
    assert snapshot.origin == {"link": "Datastore as at 30 June 2024", "columns_left_out": 3, "rows_left_out": 1}


def test_a_file_with_a_byte_order_mark_is_utf_8(register: care_inspectorate.Register, take: Any) -> None:
    register.encoding = "utf-8-sig"
    assert "Café “House”" in take(PAGE, **LIVE)[0].content.read_text(encoding="utf-8")


FAULTS = [
    pytest.param(
        REGISTER.replace(b"TotalBeds", b"Home_Address"), r"whether 'Home_Address' may be kept", id="a new heading"
    ),
    pytest.param(REGISTER.replace(b"CareService,", b"Kind,"), r"nobody said whether 'Kind'", id="rows cannot be told"),
    pytest.param(REGISTER.replace(b",6,.\r\n", b",6\r\n"), "row 2: another number of cells", id="columns that slipped"),
    pytest.param(REGISTER.replace(b"Another", b"\x81"), "not readable, near byte", id="another encoding"),
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
    for personal in PERSONAL:
        assert personal not in str(refused.value)
        assert personal not in kept()
    assert "CS1" not in kept()


def test_a_register_without_the_heading_for_personal_rows_is_refused(take: Any) -> None:
    with pytest.raises(SourceChanged, match="'Kind', by which rows about persons are known, is missing"):
        take(PAGE, **LIVE | {"drop_rows": {"Kind": "^Child Minding$"}})


def test_the_file_of_the_month_is_found_by_its_link(
    publisher: Publisher, register: care_inspectorate.Register, take: Any
) -> None:
    register.month, register.number = "31 July 2024", 7700
    (snapshot,) = take(PAGE, **LIVE)
    assert publisher.requests[-1].target == "/images/documents/7700/MDSF_data_31%20July%202024.csv"
    assert snapshot.origin["link"] == "Datastore as at 31 July 2024"
    publisher.page(PAGE, "<a href='/about'>About</a>", media_type="text/html")
    with pytest.raises(SourceChanged, match="0 of the 1 links"):
        take(PAGE, **LIVE)
