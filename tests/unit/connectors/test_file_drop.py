"""The inbox: what people put there is landed in order, whole, and never passed over in silence."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_cases import source as described
from stand_ins.bucket import SECRET, keeping, settings
from stand_ins.publisher import Publisher, status

from ingestion import connectors
from ingestion.errors import PersonalData, SourceChanged, SourceUnavailable
from ingestion.landing import Snapshot, land
from promise.catalogue.sources import Source


@pytest.fixture
def inbox(home: Path) -> Path:
    folder = home / "inbox" / "figures"
    folder.mkdir(parents=True)
    return folder


def put(inbox: Path, name: str, content: str = "year,value\n2023,1\n", age: float = 3600) -> None:
    (inbox / name).write_text(content)
    os.utime(inbox / name, (time.time() - age,) * 2)


def take(**live: Any) -> list[Snapshot]:
    given = described("figures", {})
    given["live"] = {"transport": "file_drop", "pattern": r"LGBF-(20\d\d)\.csv"} | live
    source = Source.model_validate(given)
    return [land(source.id, each) for each in connectors.fetch(source)]


def test_files_come_in_the_order_of_their_names_and_stay_where_they_are(inbox: Path) -> None:
    put(inbox, "LGBF-2024.csv", "year,value\n2024,2\n")
    put(inbox, "LGBF-2023.csv")
    put(inbox, ".LGBF-2025.csv.swp")
    snapshots = take()
    assert [each.file_name for each in snapshots] == ["LGBF-2023.csv", "LGBF-2024.csv"]
    assert snapshots[0].requested_url == "inbox:figures/LGBF-2023.csv"
    assert len(list(inbox.iterdir())) == 3
    assert take() == snapshots


def test_a_name_that_does_not_fit_is_for_a_person(inbox: Path) -> None:
    put(inbox, "LGBF-2024.csv")
    put(inbox, "LGBF 2024 final (2).csv")
    with pytest.raises(SourceChanged, match=r"holds LGBF 2024 final \(2\).csv; expected names that fit"):
        take()


def test_an_empty_inbox_is_tried_later(home: Path) -> None:
    with pytest.raises(SourceUnavailable, match="is empty"):
        take()


def test_a_file_that_may_still_be_on_its_way_waits(inbox: Path) -> None:
    put(inbox, "LGBF-2024.csv", age=5)
    with pytest.raises(SourceUnavailable, match="may still be on its way"):
        take()


def test_a_file_over_the_limit_is_for_a_person(inbox: Path) -> None:
    put(inbox, "LGBF-2024.csv")
    with pytest.raises(SourceChanged, match="expected at most 5"):
        take(max_bytes=5)


def test_an_inbox_elsewhere_is_used(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere" / "figures").mkdir(parents=True)
    put(tmp_path / "elsewhere" / "figures", "LGBF-2024.csv")
    monkeypatch.setenv("PROMISE_INBOX", str(tmp_path / "elsewhere"))
    assert len(take()) == 1


def test_a_folder_by_its_address_is_an_inbox(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bucket" / "figures").mkdir(parents=True)
    put(tmp_path / "bucket" / "figures", "LGBF-2024.csv")
    monkeypatch.setenv("PROMISE_INBOX", f"file://{tmp_path}/bucket")
    (snapshot,) = take()
    assert snapshot.content.read_text() == "year,value\n2023,1\n"


# ------------------------------------------------------------------------------------------------------- in a bucket


def connect(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    for name, value in settings(endpoint).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """A real protocol on loopback. Gives a way to put a file into the inbox, which was there for a while."""
    with keeping() as (endpoint, put):
        connect(monkeypatch, endpoint)
        yield lambda name, content: put(f"figures/{name}", content.encode())


def test_an_inbox_in_a_bucket_is_used_and_its_secret_kept(bucket: Callable[[str, str], None], kept: Any) -> None:
    bucket("LGBF-2024.csv", "year,value\n2024,2\n")
    bucket("LGBF-2023.csv", "year,value\n2023,1\n")
    snapshots = take(settled_seconds=0)
    assert [each.content.read_text() for each in snapshots] == ["year,value\n2023,1\n", "year,value\n2024,2\n"]
    assert snapshots[0].requested_url == "inbox:figures/LGBF-2023.csv"
    bucket("LGBF-2025.csv", "year,value\n2025,3\n")
    assert [each.file_name for each in take(settled_seconds=0)][2:] == ["LGBF-2025.csv"], "seen without a restart"
    assert SECRET not in kept()


PERSON = "0101101007"  # a CHI number that nobody has


def test_a_file_with_something_personal_is_refused_and_the_copy_of_it_is_gone(inbox: Path, home: Path) -> None:
    put(inbox, "LGBF-2024.csv", f"year,value\n2024,{PERSON}\n")
    with pytest.raises(PersonalData, match=r"LGBF-2024\.csv, line 2:value: a CHI number, 10 characters long"):
        take()
    assert [path for path in (home / "landing").rglob("*") if path.is_file()] == []


def test_one_in_a_bucket_too(bucket: Callable[[str, str], None], kept: Callable[[], str]) -> None:
    bucket("LGBF-2024.csv", f"year,value\n2024,{PERSON}\n")
    with pytest.raises(PersonalData, match="a CHI number, 10 characters long"):
        take(settled_seconds=0)
    assert PERSON not in kept()


def test_in_a_bucket_the_same_rules_hold(bucket: Callable[[str, str], None]) -> None:
    with pytest.raises(SourceUnavailable, match="is empty"):
        take()
    bucket("LGBF-2024.csv", "year,value\n2024,2\n")
    with pytest.raises(SourceUnavailable, match="may still be on its way"):
        take()
    bucket("notes.txt", "hello")
    with pytest.raises(SourceChanged, match=r"holds notes\.txt; expected names that fit"):
        take()


def test_a_bucket_that_is_down_is_tried_later(
    home: Path, monkeypatch: pytest.MonkeyPatch, publisher: Publisher, kept: Any
) -> None:
    address = publisher.url()
    publisher.close()
    connect(monkeypatch, address)
    with pytest.raises(SourceUnavailable, match="could not be read") as told:
        take()
    assert SECRET not in f"{told.value}{kept()}"


def test_a_bucket_that_refuses_us_is_for_a_person(
    home: Path, monkeypatch: pytest.MonkeyPatch, publisher: Publisher
) -> None:
    refusal = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    publisher.route("/.*", status(403, refusal, Content_Type="application/xml"))
    connect(monkeypatch, publisher.url())
    with pytest.raises(SourceChanged, match=r"refuses us .* what it may read"):
        take()


def test_a_connection_that_is_not_there_is_for_a_person(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMISE_INBOX", "s3://drops@returns/inbox")
    with pytest.raises(SourceChanged, match="names the Airflow connection 'drops', which is not there"):
        take()
