"""What keeps Metabase in containers: set up first, then provisioned after the site, and tried again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from stand_ins.metabase_access import HOUR
from stand_ins.metabase_runs import serving

from bi.metabase.client import MetabaseError, NotReady, NotYet
from workbench.commands import keep_metabase

Look = Callable[[set[str]], list[str]]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    """One look while those are drawn of the release that is shown; in words, what was done."""

    def go(drawn: set[str]) -> list[str]:
        monkeypatch.setattr(keep_metabase, "setup", lambda: {"done": ["key made"]})
        monkeypatch.setattr(keep_metabase.database, "connect", lambda _role: nullcontext())
        monkeypatch.setattr(keep_metabase.releases, "is_drawn", lambda _conn, consumer: consumer in drawn)
        monkeypatch.setattr(keep_metabase, "apply", lambda: {"release_id": 7, "writes": 28, "notes": ["a note"]})
        return list(keep_metabase.once())

    return go


def test_what_the_dag_could_not_is_provisioned_after_the_site(look: Look) -> None:
    assert look({"site"}) == ["Metabase: key made", "Metabase is of release 7: 28 writes", "a note"]


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param(set(), id="the site is being built, and the DAG goes on to Metabase"),
        pytest.param({"site", "metabase"}, id="all is done, or nothing was released yet"),
    ],
)
def test_otherwise_it_is_set_up_and_no_more(look: Look, drawn: set[str]) -> None:
    assert look(drawn) == ["Metabase: key made"]


def test_what_went_wrong_is_said_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks: list[Any] = []

    def once() -> list[str]:
        looks.append(None)
        if len(looks) == 1:
            raise NotReady("GET http://metabase:3000/api/health: HTTP 503")
        return ["Metabase: key made"]

    def pause(seconds: float) -> None:
        if len(looks) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(keep_metabase, "once", once)
    monkeypatch.setattr("time.sleep", pause)
    with pytest.raises(KeyboardInterrupt):
        keep_metabase.keep()
    assert capsys.readouterr().out.splitlines() == [
        "GET http://metabase:3000/api/health: HTTP 503",
        "Metabase: key made",
    ]


def pauses(monkeypatch: pytest.MonkeyPatch, looks: Sequence[Exception | None]) -> list[float]:
    """How long it is waited after each look; None is a look at which all went well."""
    waited: list[float] = []

    def once() -> list[str]:
        error = looks[len(waited)]
        if error:
            raise error
        return []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == len(looks):
            raise KeyboardInterrupt

    monkeypatch.setattr(keep_metabase, "once", once)
    monkeypatch.setattr(keep_metabase, "time", SimpleNamespace(sleep=pause))
    with pytest.raises(KeyboardInterrupt):
        keep_metabase.keep()
    return waited


def test_what_goes_on_failing_is_tried_less_and_less_often_down_to_once_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = [*[MetabaseError("a question returned nothing")] * 8, None, MetabaseError("again"), NotReady("HTTP 500")]
    assert pauses(monkeypatch, looks) == [120, 240, 480, 960, 1920, 3600, 3600, 3600, 60, 120, 240]


def test_a_metabase_that_is_not_there_yet_is_looked_for_every_minute_for_whoever_comes_first_is_administrator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert pauses(monkeypatch, [NotYet("no answer")] * 4) == [60] * 4


def test_an_administrator_whose_password_was_changed_is_not_locked_out_by_the_keeper(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Metabase lets somebody wait longer after each refused sign-in, whoever it was that tried."""
    now = 0.0

    def pause(seconds: float) -> None:
        nonlocal now
        now += seconds
        if now > 12 * HOUR:
            raise KeyboardInterrupt

    with serving() as metabase:
        metabase.users["promise@example.org"] = "the new one"
        metabase.clock = lambda: now
        monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
        monkeypatch.setenv("METABASE_URL", metabase.url)
        monkeypatch.setenv("METABASE_ADMIN_EMAIL", "promise@example.org")
        monkeypatch.setenv("METABASE_ADMIN_PASSWORD", "the old one")
        monkeypatch.setattr(keep_metabase, "time", SimpleNamespace(sleep=pause))
        with pytest.raises(KeyboardInterrupt):
            keep_metabase.keep()
        assert metabase.writes() == [("POST", "/api/session")] * 13
        assert metabase.sign_in({"username": "promise@example.org", "password": "the new one"})
