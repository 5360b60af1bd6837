"""Stat-Xplore: the key goes where it belongs and nowhere else; a table that has not changed costs nothing."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from fault_cases import LIMITS
from stand_ins.dialects import statxplore
from stand_ins.publisher import Publisher, publishing, redirect, status

from ingestion.errors import SourceChanged, SourceUnavailable

KEY = "65794a30655841694f69"
BODY = {"database": "str:database:CILIF_REL", "measures": ["str:count:CILIF_REL:V_F_CILIF_REL"], "dimensions": [["x"]]}
LIVE = {"transport": "statxplore", "credential": "stat_xplore", "body": BODY}
CUBE = statxplore.cube(BODY, "Children", {"Year": ["2024", statxplore.TOTAL]}, [1, 1])
TABLE = statxplore.TABLE


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMISE_CREDENTIAL_STAT_XPLORE", KEY)


@pytest.fixture
def account(publisher: Publisher) -> statxplore.Account:
    """Our account with a publisher that has the table."""
    account = statxplore.Account(KEY)
    statxplore.speak(publisher, account, BODY, CUBE)
    return account


def test_the_table_lands_as_it_came(account: statxplore.Account, take: Any) -> None:
    (snapshot,) = take(TABLE, **LIVE)
    assert json.loads(snapshot.content.read_bytes()) == CUBE
    assert snapshot.origin["database"] == "str:database:CILIF_REL"


def test_a_table_that_has_not_changed_is_not_sent_again_and_costs_no_allowance(
    publisher: Publisher, account: statxplore.Account, take: Any
) -> None:
    assert take(TABLE, **LIVE) == take(TABLE, **LIVE)
    assert publisher.requests[1].headers["if-none-match"] == publisher.pages[TABLE].tag
    assert account.left == statxplore.ALLOWANCE - 1


def test_a_table_with_fewer_items_than_were_asked_for_is_not_landed(publisher: Publisher, take: Any, home: Any) -> None:
    publisher.page(TABLE, json.dumps(CUBE), media_type="application/json")
    recodes = {"str:field:Year": {"map": [["a"], ["b"], ["c"]], "total": True}}
    with pytest.raises(SourceChanged, match="was asked for 4 items of 'Year' and holds 2"):
        take(TABLE, **LIVE | {"body": BODY | {"recodes": recodes}})
    assert not [path for path in (home / "landing" / "figures").rglob("*") if path.is_file()]


def test_another_question_to_the_same_address_is_another_file(publisher: Publisher, take: Any) -> None:
    publisher.page(TABLE, json.dumps(CUBE), media_type="application/json")
    take(TABLE, **LIVE)
    take(TABLE, **LIVE | {"body": BODY | {"recodes": {}}})
    assert "if-none-match" not in publisher.requests[1].headers


def test_the_key_is_nowhere_but_in_the_request(
    publisher: Publisher, account: statxplore.Account, take: Any, kept: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    (snapshot,) = take(TABLE, **LIVE)
    # A server that repeats our key in its error.
    publisher.page(TABLE, behaviour=status(400, f"the key {KEY} may not use this database".encode()))
    with pytest.raises(SourceChanged, match=r"the key \*\*\* may not") as refused:
        take(TABLE, **LIVE)
    publisher.page(TABLE, behaviour=status(500))
    with pytest.raises(SourceUnavailable) as failed:
        take(TABLE, **LIVE)
    for place in (str(refused.value), str(failed.value), caplog.text, repr(snapshot), kept()):
        assert KEY not in place


def test_the_key_does_not_follow_a_redirect_to_another_host(publisher: Publisher, take: Any) -> None:
    with publishing() as other:
        other.page(TABLE, json.dumps(CUBE), media_type="application/json")
        publisher.page(TABLE, behaviour=redirect(other.url(TABLE), 307))
        take(TABLE, **LIVE, hosts=[publisher.host, other.host])
        assert "apikey" in publisher.requests[0].headers
        assert "apikey" not in other.requests[0].headers


@pytest.mark.parametrize("code", [401, 403])
def test_a_key_that_is_not_accepted_is_for_a_person(publisher: Publisher, take: Any, code: int) -> None:
    publisher.page(TABLE, behaviour=status(code))
    with pytest.raises(SourceChanged, match="set the connection 'stat_xplore' anew"):
        take(TABLE, **LIVE)


def test_without_a_key_the_message_says_where_it_goes(
    publisher: Publisher, take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMISE_CREDENTIAL_STAT_XPLORE")
    with pytest.raises(SourceChanged, match=r"connection 'stat_xplore' .* PROMISE_CREDENTIAL_STAT_XPLORE"):
        take(TABLE, **LIVE)
    assert publisher.requests == []


def test_an_airflow_connection_in_the_environment_is_used(
    account: statxplore.Account, take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMISE_CREDENTIAL_STAT_XPLORE")
    monkeypatch.setenv("AIRFLOW_CONN_STAT_XPLORE", json.dumps({"conn_type": "http", "password": KEY}))
    assert len(take(TABLE, **LIVE)) == 1


def test_an_allowance_that_is_used_up_is_waited_for(account: statxplore.Account, take: Any) -> None:
    account.left, account.resets_at = 1, time.time() + 1
    began = time.monotonic()
    take(TABLE, **LIVE)
    take(TABLE, **LIVE | {"limits": LIMITS | {"trust_days": 0}})
    assert account.left == statxplore.ALLOWANCE - 1, "asked for anew, of the new allowance"
    assert time.monotonic() - began > 0.5


def test_an_allowance_that_is_used_up_for_long_stops_us_without_a_request(
    publisher: Publisher, account: statxplore.Account, take: Any
) -> None:
    account.left = 1
    take(TABLE, **LIVE)
    with pytest.raises(SourceUnavailable, match="was not asked"):
        take(TABLE, **LIVE)
    assert len(publisher.requests) == 1


def test_a_key_without_allowance_is_told_so_once(publisher: Publisher, account: statxplore.Account, take: Any) -> None:
    account.left = 0
    with pytest.raises(SourceUnavailable, match="asked us not to come back before"):
        take(TABLE, **LIVE)
    assert len(publisher.requests) == 1


def test_an_answer_that_is_no_table_is_not_landed(publisher: Publisher, take: Any, home: Any) -> None:
    publisher.page(TABLE, json.dumps({"message": "maintenance " + "x" * 3000}), media_type="application/json")
    with pytest.raises(SourceChanged, match="gave no table"):
        take(TABLE, **LIVE)
    assert not list((home / "landing" / "figures" / ".incoming").iterdir())
