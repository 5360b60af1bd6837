"""What keeps Metabase in containers: set up first, then provisioned after the site, and tried again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from bi.metabase.client import NotReady
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
