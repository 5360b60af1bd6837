"""The inbox: what people put there is landed in order, whole, and never passed over in silence."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from fault_cases import source as described

from ingestion import connectors
from ingestion.errors import SourceChanged, SourceUnavailable
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


def test_an_inbox_in_object_storage_is_used(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bucket" / "figures").mkdir(parents=True)
    put(tmp_path / "bucket" / "figures", "LGBF-2024.csv")
    monkeypatch.setenv("PROMISE_INBOX", f"file://{tmp_path}/bucket")
    (snapshot,) = take()
    assert snapshot.content.read_text() == "year,value\n2023,1\n"
