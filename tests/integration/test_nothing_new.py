"""A run that finds nothing new ends without Airflow, and says and writes down what it would have with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from orchestration import platform
from orchestration.platform import Standing
from promise.catalogue.sources import asked
from promise.settings import settings
from workbench.commands import run

LAST = "select coalesce(max(attempt_id), 0) from ops.ingest_attempt"


class Started(Exception):
    """Airflow would have been started."""


@pytest.fixture
def released(
    copy_of_warehouse: psycopg.Connection[Any], bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[psycopg.Connection[Any]]:
    """A warehouse that is released and drawn, and the bundle that it was built from."""

    def start(_say: object) -> bool:
        raise Started

    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(platform, "standing", lambda: Standing(last_drawing="success"))
    monkeypatch.setattr(platform, "start", start)
    (settings().site).mkdir(parents=True)
    (settings().site / "index.html").touch()
    copy_of_warehouse.execute("insert into ops.drawn select 'site', release_id from ops.release")
    yield copy_of_warehouse


def passing() -> tuple[int, str]:
    console = Console(file=StringIO(), width=160, no_color=True)
    return run.run(console), console.file.getvalue()  # type: ignore[attr-defined]


def test_where_nothing_is_new_every_source_is_asked_and_airflow_is_not_started(
    released: psycopg.Connection[Any],
) -> None:
    ((last,),) = released.execute(LAST).fetchall()
    code, said = passing()
    assert code == 0 and re.search(r"Nothing new: rebuilt nothing; readers see release \d+\. \d+ s\n", said), said
    for source_id in asked():
        assert re.search(rf"\] {source_id}: nothing new, ", said), "while it runs"
        assert re.search(rf"{source_id} +│ unchanged +│ +\d+ │ +[\d,]+ │ +\d+\.\d │", said), "and in the summary"
    attempts = released.execute(
        f"select source_id, outcome, snapshot_id is not null, started_at < clock_timestamp()"
        f" from ops.ingest_attempt where attempt_id > {last}".encode()
    ).fetchall()
    assert sorted(attempts) == sorted((source_id, "unchanged", True, True) for source_id in asked())
    assert (settings().checks / "index.html").exists()


def test_what_is_late_is_written_down_though_airflow_does_not_look(
    released: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where people are to be told, it is Airflow that looks, and tells them."""
    late = "select source_id from ops.late_source where ended_at is null"
    released.execute("delete from ops.late_source")
    monkeypatch.setenv("PROMISE_NOTIFY", "https://hooks.example.org/x")
    with pytest.raises(Started):
        passing()
    assert released.execute(late).fetchall() == []
    monkeypatch.delenv("PROMISE_NOTIFY")
    assert passing()[0] == 0 and released.execute(late).fetchall()
    monkeypatch.setenv("PROMISE_NOTIFY", "https://hooks.example.org/x")
    assert passing()[0] == 0, "it is news once"


@pytest.mark.parametrize(
    "doubt", ["a new file", "a file that is gone", "another framework", "no site", "a lost drawing", "no calendar"]
)
def test_whatever_is_in_doubt_is_airflows(
    released: psycopg.Connection[Any], bundle: Path, monkeypatch: pytest.MonkeyPatch, doubt: str
) -> None:
    source_id = "published_series"
    (name,) = {each.file for each in asked()[source_id].bundle[-1:]}
    if doubt == "a new file":
        heading, *rows = (bundle / source_id / name).read_text().splitlines(keepends=True)
        (bundle / source_id / name).write_text("".join([heading, *reversed(rows)]))
    elif doubt == "a file that is gone":
        (bundle / source_id / name).unlink()
    elif doubt == "another framework":
        released.execute("update ops.warehouse_run set fingerprint = 'another'")
    elif doubt == "no site":
        (settings().site / "index.html").unlink()
    elif doubt == "a lost drawing":
        released.execute("delete from ops.drawn")
    else:
        released.execute("drop function intermediate.publication_calendar cascade")
    with pytest.raises(Started):
        passing()
