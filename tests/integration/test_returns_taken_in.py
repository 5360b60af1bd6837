"""Returns in the warehouse: those of several organisations stand side by side, a second one replaces its first, and one
that would take most of it away waits for a person. Of a wrong one nothing is kept."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import returned
from click.testing import CliRunner, Result
from psycopg import Connection

from expectations import arrival
from ingestion import pipeline
from ingestion.errors import ReturnRefused
from ingestion.returns.layout import TABLE
from promise.catalogue.returns import return_kind
from promise.catalogue.sources import sources
from promise.settings import ROOT, settings
from warehouse import runs, transform
from workbench.cli import main

HOLDINGS = "returns_holdings"
MANY = [{"dataset_id": f"d{number}", "title": f"Dataset {number}"} for number in range(10)]


def promise(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def hand_in(path: Path) -> str:
    result = promise("return", "hand-in", str(path))
    assert result.exit_code == 0, result.output
    return result.output


def judge(database: Connection[Any]) -> dict[str, Any]:
    run = runs.open_run(database)
    judged = arrival.judge(run)
    runs.close_run(database, run, "released")
    return judged


def staged(database: Connection[Any], columns: str = "returned_by, dataset_id") -> list[tuple[Any, ...]]:
    transform.write_generated()
    with transform.environment():
        transform.invoke(["run", "--select", "stg_returns__holding"])
    return database.execute(f"select {columns} from staging.stg_returns__holding order by 1, 2".encode()).fetchall()


def landed_files() -> list[Path]:
    place = settings().landing / HOLDINGS
    return [each for each in place.rglob("*") if each.is_file()] if place.exists() else []


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROMISE_INBOX", str(tmp_path / "inbox"))
    return tmp_path / "inbox" / HOLDINGS


def test_returns_stand_side_by_side_and_a_second_one_replaces_its_senders_first(
    database: Connection[Any], tmp_path: Path, inbox: Path
) -> None:
    hand_in(returned.as_xlsx(tmp_path / "a.xlsx"))
    hand_in(returned.as_csv(tmp_path / "b.csv", MANY[:2], by="angus"))
    assert judge(database)["held"] == {}
    assert staged(database) == [("angus", "d0"), ("angus", "d1"), ("fife", "family_support"), ("fife", "siblings")]
    again = hand_in(returned.as_csv(tmp_path / "c.csv", [returned.HOLDINGS[1] | {"made_from": ""}, MANY[3]]))
    assert "in place of vintage" in again
    assert judge(database)["held"] == {}
    assert staged(database) == [("angus", "d0"), ("angus", "d1"), ("fife", "d3"), ("fife", "siblings")]
    assert "says what is held already" in hand_in(tmp_path / "c.csv")
    assert "in place of vintage" in hand_in(tmp_path / "a.xlsx"), "an older state, handed in again, is the newest"
    typed = "population, areas, period_from, supplied_to, questions, made_from, return_row"
    judge(database)
    assert staged(database, f"dataset_id, returned_by, {typed}")[2][2:] == (
        ["families", "edge_of_care"], ["S12000047"], "2018-04", ["scottish_government"], ["wm_know_me"], None, 2
    )  # fmt: skip


def test_a_return_that_would_take_most_away_waits_for_a_person(
    database: Connection[Any], tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_USER", "ann")
    hand_in(returned.as_csv(tmp_path / "all.csv", MANY))
    hand_in(returned.as_csv(tmp_path / "other.csv", MANY[:1], by="angus"))
    assert judge(database)["held"] == {}, "another organisation's is no earlier edition of it"
    hand_in(returned.as_csv(tmp_path / "few.csv", MANY[:4]))
    held = judge(database)["held"]
    assert "4 of 10 rows are there still" in held[HOLDINGS]
    assert len(staged(database)) == 11, "what was in use stays"
    vintage = database.execute("select max(vintage) from ops.vintage").fetchone()
    accepted = promise("quarantine", "accept", str(vintage[0] if vintage else 0), "--why", "They were merged.")
    assert accepted.exit_code == 0, accepted.output
    assert len(staged(database)) == 5


def test_other_keys_for_as_many_rows_are_gone_all_the_same(
    database: Connection[Any], tmp_path: Path, inbox: Path
) -> None:
    hand_in(returned.as_csv(tmp_path / "all.csv", MANY[:5]))
    judge(database)
    hand_in(returned.as_csv(tmp_path / "others.csv", MANY[5:]))
    assert "0 of 5 rows are there still" in judge(database)["held"][HOLDINGS]


@pytest.mark.parametrize("make", [returned.a_renamed_column, returned.personal_data, returned.two_organisations])
def test_of_a_wrong_return_nothing_is_kept(
    database: Connection[Any], tmp_path: Path, inbox: Path, make: Callable[[Path], Path]
) -> None:
    result = promise("return", "hand-in", str(make(tmp_path)))
    assert result.exit_code == 1 and "Nothing was taken in" in result.output
    assert not landed_files() and not inbox.exists()
    assert database.execute("select count(*) from ops.vintage").fetchone() == (0,)


def test_files_in_the_inbox_are_taken_as_they_are_handed_in_and_a_doubtful_one_stops_no_other(
    database: Connection[Any], tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_MODE", "live")
    inbox.mkdir(parents=True)
    returned.as_xlsx(inbox / "from Angus.xlsx", MANY, by="angus")
    returned.personal_data(inbox)
    (inbox / "empty.xlsx").write_bytes(b"")
    for path in inbox.iterdir():
        os.utime(path, (time.time() - 3600, time.time() - 3600))
    new = pipeline.take(HOLDINGS)
    pipeline.load(HOLDINGS, new)
    files = database.execute("select file_name, row_count from ops.vintage order by vintage").fetchall()
    assert [name for name, _ in files[:-1]] == [each.file for each in sources()[HOLDINGS].bundle], "what is in the copy"
    assert files[-1] == ("angus.csv", 10)
    assert {path.name for path in landed_files()} == {"content", "snapshot.json"}, (
        "of one return, and no copy beside it"
    )
    assert not any(b"0101101007" in path.read_bytes() for path in landed_files())
    with pytest.raises(ReturnRefused, match="is empty"):
        pipeline.take(HOLDINGS)
    told = " ".join(text for (text,) in database.execute("select message from ops.ingest_attempt").fetchall() if text)
    assert "empty.xlsx is empty" in told and "may be about a person" in told and "0101101007" not in told


def test_where_nobody_handed_anything_in_there_is_nothing_new(
    database: Connection[Any], inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_MODE", "live")
    assert pipeline.take("returns_support") == []


def test_two_files_of_one_organisation_in_the_inbox_are_for_a_person(
    database: Connection[Any], tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_MODE", "live")
    inbox.mkdir(parents=True)
    for name in ("a.csv", "b.csv"):
        path = returned.as_csv(inbox / name, MANY)
        os.utime(path, (time.time() - 3600, time.time() - 3600))
    pipeline.take(HOLDINGS)
    told = database.execute("select message from ops.ingest_attempt where outcome = 'changed'").fetchall()
    assert "two returns of fife" in told[0][0]


def test_what_was_confirmed_is_landed_and_found_again_by_nobody(
    database: Connection[Any], tmp_path: Path, inbox: Path
) -> None:
    row = {**returned.HOLDINGS[0], "description": "Form 0101101007.", "confirmed": "yes"}
    hand_in(returned.as_xlsx(tmp_path / "confirmed.xlsx", [row]))
    assert judge(database)["held"] == {}
    assert staged(database, "dataset_id, description") == [("family_support", "Form 0101101007.")]


def test_the_commands_of_the_page_lead_from_a_template_to_the_warehouse(
    database: Connection[Any], tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "returns.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    lines = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert [words[2] for words in lines if words[1] == "return"] == ["template", "check", "preview", "hand-in"]
    monkeypatch.chdir(tmp_path)
    for words in lines:
        if words == ["promise", "run"]:
            continue  # which judges it and builds, as below
        result = promise(*words[1:])
        assert result.exit_code == 0, (words, result.output)
        if words[2] == "template":
            book = openpyxl.load_workbook("holdings.xlsx")
            fields = [each.id for each in return_kind("holdings").fields]
            for column, field in enumerate(fields, start=1):
                book[TABLE].cell(3, column, returned.HOLDINGS[0].get(field))
            book.save("holdings.xlsx")
    assert judge(database)["held"] == {}
    assert staged(database) == [("fife", "family_support")]


def test_five_hundred_datasets_are_taken_whole(database: Connection[Any], tmp_path: Path, inbox: Path) -> None:
    rows = [{**returned.HOLDINGS[0], "dataset_id": f"d{number}"} for number in range(500)]
    hand_in(returned.as_xlsx(tmp_path / "return.xlsx", rows))
    judge(database)
    assert len(staged(database)) == 500
