"""Whatever a source asks for, and whichever of its questions is answered so: nobody sends us to another host."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from fault_cases import LIMITS
from fault_cases import source as described
from speakers import KEY, SPEAKERS, Speak
from stand_ins import bucket
from stand_ins.publisher import Publisher, publishing, redirect, status

from ingestion import connectors
from ingestion.check_live import look
from ingestion.errors import SourceChanged, SourceUnavailable
from promise.catalogue.sources import Source
from promise.settings import settings


@pytest.fixture
def elsewhere() -> Iterator[Publisher]:
    """A site that is on nobody's list."""
    with publishing(address="127.0.0.2") as made:
        yield made


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMISE_CREDENTIAL_STAT_XPLORE", KEY)


def asked_in_turn(publisher: Publisher, ask: Any) -> list[str]:
    """The paths that a source's questions go to."""
    del publisher.requests[:]
    ask()
    return list(dict.fromkeys(each.path for each in publisher.requests))


@pytest.mark.parametrize("code", [301, 302, 307])
@pytest.mark.parametrize("speak", SPEAKERS, ids=lambda speak: speak.__name__)
def test_no_question_of_a_source_follows_to_another_host(
    publisher: Publisher, elsewhere: Publisher, take: Any, speak: Speak, code: int
) -> None:
    path, live = speak(publisher, "12")
    paths = asked_in_turn(publisher, lambda: take(path, **live))
    assert paths
    for each in paths:
        shutil.rmtree(settings().home)  # what is known is asked for otherwise
        before = publisher.pages.get(each)
        publisher.page(each, behaviour=redirect(f"{elsewhere.url(each)}?{KEY}", code))
        with pytest.raises(SourceChanged, match=r"sends us to .* and 127\.0\.0\.2:\d+ is not among the hosts"):
            take(path, **live)
        publisher.pages.pop(each)
        if before:
            publisher.pages[each] = before
    assert elsewhere.requests == []


@pytest.mark.parametrize("speak", SPEAKERS, ids=lambda speak: speak.__name__)
def test_nor_does_a_look_whether_it_is_still_there(publisher: Publisher, elsewhere: Publisher, speak: Speak) -> None:
    path, live = speak(publisher, "12")
    given = {"address": publisher.url(path), "hosts": [publisher.host], "limits": LIMITS} | live
    source = Source.model_validate(described("figures", given))
    paths = asked_in_turn(publisher, lambda: look(source))
    assert paths
    for each in paths:
        before = publisher.pages.get(each)
        publisher.page(each, behaviour=redirect(elsewhere.url(each)))
        seen = look(source)
        assert (seen.finding, seen.leads_to) == ("moved", elsewhere.url(each))
        publisher.pages.pop(each)
        if before:
            publisher.pages[each] = before
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"code": 301}, "HTTP 301 sends us elsewhere"),
        ({"code": 307}, "HTTP 307 sends us elsewhere"),
        ({"code": 301, "x_amz_bucket_region": "eu-north-1"}, "could not be read"),
    ],
)
def test_an_inbox_in_a_bucket_leads_nowhere_else(
    publisher: Publisher, elsewhere: Publisher, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], says: str
) -> None:
    """S3 answers so, with the region, where a bucket is of another one."""
    names: list[str] = []
    resolve = socket.getaddrinfo

    def asked(host: Any, *given: Any, **named: Any) -> Any:
        names.append(host)
        return resolve(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    body = b"<?xml version='1.0'?><Error><Code>PermanentRedirect</Code><Endpoint>127.0.0.2</Endpoint></Error>"
    publisher.route("/.*", status(body=body, Location=elsewhere.url("/returns"), **answer))
    for name, value in bucket.settings(publisher.url()).items():
        monkeypatch.setenv(name, value)
    live = {"transport": "file_drop", "pattern": r"(.*)\.csv", "settled_seconds": 0}
    with pytest.raises((SourceChanged, SourceUnavailable), match=says):
        connectors.fetch(Source.model_validate(described("figures", {}) | {"live": live}))
    assert publisher.requests
    assert elsewhere.requests == []
    assert {str(name) for name in names} <= {"127.0.0.1", "None"}
