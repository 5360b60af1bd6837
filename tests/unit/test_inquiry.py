"""Asking sources before Airflow: what is handed on, what is asked again, and when nothing is asked here at all."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion import pipeline
from ingestion.errors import PersonalData, SourceChanged, SourceUnavailable
from orchestration import config, inquiry, names, platform
from orchestration.inquiry import Answer, Beforehand, Inquiry, Outcome
from orchestration.platform import Standing
from promise.catalogue.live import FileDrop
from promise.catalogue.sources import asked

DRAWN = Standing(last_drawing="success")
NOBODY: Any = None  # the connection, which nothing asks here


def raising(error: Exception) -> Callable[[str], list[str]]:
    def take(_source_id: str) -> list[str]:
        raise error

    return take


@pytest.mark.parametrize(
    ("take", "outcome", "message"),
    [
        pytest.param(lambda _: [], "unchanged", None, id="nothing is new"),
        pytest.param(lambda _: ["1f"], "new", None, id="something is"),
        pytest.param(raising(SourceUnavailable("503")), "unavailable", "503", id="the publisher is down"),
        pytest.param(raising(SourceChanged("404")), "changed", "404", id="a person must look"),
        pytest.param(raising(PersonalData("row 7")), "changed", "row 7", id="something may be about a person"),
        pytest.param(raising(KeyError("x")), "failed", "'x'", id="a fault of ours"),
    ],
)
def test_what_asking_comes_to_is_an_answer_and_never_an_error(
    take: Callable[[str], list[str]], outcome: Outcome, message: str | None
) -> None:
    answer = inquiry.ask("lgbf", take)
    assert (answer.source_id, answer.outcome, answer.message) == ("lgbf", outcome, message)


def test_sources_are_asked_side_by_side_and_each_once() -> None:
    together = threading.Barrier(2)

    def take(_source_id: str) -> list[str]:
        together.wait(timeout=10)
        return []

    asking = Inquiry(["a", "b", "c", "d"], take)
    first = next(asking.answers())
    rest = list(asking.answers())
    assert sorted(answer.source_id for answer in [first, *rest]) == ["a", "b", "c", "d"]
    assert list(Inquiry([], take).answers()) == []


def test_a_publisher_that_is_slow_keeps_no_process_from_ending() -> None:
    def slowly(_source_id: str) -> list[str]:
        time.sleep(60)
        return []

    Inquiry(["slow"], slowly)
    assert [thread.daemon for thread in threading.enumerate() if thread.name.startswith("asking")] == [True]


def conf(answer: Answer) -> Any:
    return answer.conf


def test_a_run_of_an_ingest_loads_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "still_new", lambda source_id, ids: [f"{source_id} {one}" for one in ids])
    assert inquiry.found("lgbf", conf(Answer("lgbf", "new", 0.1, new=("1f", "2e"))), 1) == ["lgbf 1f", "lgbf 2e"]


@pytest.mark.parametrize(("outcome", "kind"), [("unavailable", SourceUnavailable), ("changed", SourceChanged)])
def test_a_failure_that_was_found_is_that_of_the_first_try_and_the_second_asks(
    outcome: Outcome, kind: type[Exception]
) -> None:
    given = conf(Answer("lgbf", outcome, 0.1, message="it says why"))
    with pytest.raises(kind, match="it says why"):
        inquiry.found("lgbf", given, 1)
    assert inquiry.found("lgbf", given, 2) is None


@pytest.mark.parametrize("given", [None, {}, Answer("lgbf", "failed", 0.1, message="x").conf])
def test_a_run_that_nobody_asked_for_asks_its_source(given: Any) -> None:
    assert inquiry.found("lgbf", given, 1) is None


# --- when nothing is asked here, or Airflow is needed whatever the sources say ---


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Beforehand]:
    """What is known beforehand, where all is well but for what the test changes."""

    def known(
        standing: Standing = DRAWN, *, behind: str | None = None, up: bool = False, own: tuple[str, ...] = ()
    ) -> Beforehand:
        monkeypatch.setattr(platform, "standing", lambda: standing)
        monkeypatch.setattr(platform, "is_at_work", lambda: up)
        monkeypatch.setenv("PROMISE_DAGS", str(tmp_path))
        for name in (*names.FILES, *own):
            (tmp_path / name).write_text("from airflow.sdk import dag")
        monkeypatch.setattr(inquiry, "behind", lambda *_: behind)
        return inquiry.beforehand(NOBODY)

    return known


def test_where_all_is_done_every_source_is_asked_and_airflow_is_not_needed(world: Callable[..., Beforehand]) -> None:
    known = world()
    assert len(asked()) > 9 and known == Beforehand(tuple(asked()), (), None, "success")


def test_a_source_that_somebody_paused_is_not_asked(world: Callable[..., Beforehand]) -> None:
    known = world(replace(DRAWN, paused=frozenset({"ingest_lgbf", "of_somebody"})))
    assert "lgbf" not in known.source_ids and known.paused == ("ingest_lgbf",) and known.doubt is None


@pytest.mark.parametrize(
    "standing",
    [
        pytest.param(replace(DRAWN, doubt="Airflow is at work"), id="airflow is at work"),
        pytest.param(replace(DRAWN, paused=frozenset({"warehouse"})), id="the warehouse is paused"),
        pytest.param(replace(DRAWN, paused=frozenset({"bi"})), id="the drawing is paused"),
    ],
)
def test_where_airflow_has_to_decide_nothing_is_asked_here(
    world: Callable[..., Beforehand], standing: Standing
) -> None:
    known = world(standing)
    assert known.source_ids == () and known.doubt


def test_what_is_to_be_built_or_drawn_needs_airflow_and_the_sources_are_asked_meanwhile(
    world: Callable[..., Beforehand],
) -> None:
    known = world(behind="the models changed")
    assert known.doubt == "the models changed" and known.source_ids == tuple(asked())


def test_somebodys_own_dags_need_airflow_unless_it_knows_that_they_bring_nothing(
    world: Callable[..., Beforehand],
) -> None:
    own = ("partner_copy.py",)
    soon, before = datetime.fromtimestamp(time.time() + 60, UTC), datetime(2020, 1, 1, tzinfo=UTC)
    assert "may have something to do" in (world(own=own).doubt or "")
    assert "has not read partner_copy.py yet" in (world(own=own, up=True).doubt or "")
    outdated = replace(DRAWN, read={"partner_copy.py": before})
    assert "has not read" in (world(outdated, own=own, up=True).doubt or "")
    read = replace(DRAWN, read={"partner_copy.py": soon})
    assert world(read, own=own, up=True).doubt is None
    brings = replace(read, bringing=frozenset({"by_sftp"}))
    assert "by_sftp may bring something" in (world(brings, own=own, up=True).doubt or "")


def test_a_source_whose_key_may_be_kept_in_airflow_is_left_to_it(
    world: Callable[..., Beforehand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_MODE", "live")
    with_keys = {
        source_id: str(source.live.credential)
        for source_id, source in asked().items()
        if source.live and not isinstance(source.live, FileDrop) and source.live.credential
    }
    assert with_keys
    known = world()
    assert not set(with_keys) & set(known.source_ids) and "only Airflow has the connection" in (known.doubt or "")
    for name in with_keys.values():
        monkeypatch.setenv(f"PROMISE_CREDENTIAL_{name.upper()}", "k")
    assert set(with_keys) <= set(world().source_ids)


def test_an_airflow_that_was_started_with_other_settings_is_known_by_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    monkeypatch.setattr(platform, "is_at_work", lambda: True)
    monkeypatch.setattr(platform, "is_running", lambda: True)
    config.airflow_home().mkdir(parents=True)
    platform.note_settings()
    assert platform._is_as_here()
    assert os.environ["PROMISE_HOME"] not in (config.airflow_home() / platform.STARTED_WITH).read_text()
    monkeypatch.setenv("PROMISE_MODE", "live")
    assert "other settings" in (platform.standing().doubt or "")
