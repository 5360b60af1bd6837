"""The shared HTTP layer: where it goes, how often, what it shows, and when it asks again."""

from __future__ import annotations

import email.utils
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import trustme
from fault_cases import LIMITS
from stand_ins.publisher import Exchange, Publisher, first, publishing, redirect, status

from ingestion import landing
from ingestion.connectors.http import Session, download, hosts, polite, session
from ingestion.connectors.http.secret import Redacted
from ingestion.errors import SourceChanged, SourceUnavailable
from promise.catalogue.live import File, Limits

PATH = "/files/figures.csv"


def opened(publisher: Publisher, address: str | None = None, *more: str, **limits: Any) -> Session:
    address = address or publisher.url(PATH)
    live = File(
        transport="file",
        address=address,
        hosts=(publisher.host, *more),
        tried_on=None,
        limits=Limits(**LIMITS | limits),
    )
    return Session("figures", live)


# ----------------------------------------------------------------------------------------------------- where it goes

ADDRESSES = [
    ("151.101.2.217", True), ("2a04:4e42::347", True), ("::ffff:151.101.2.217", True),
    ("127.0.0.1", False), ("127.9.9.9", False), ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False),
    ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
    ("255.255.255.255", False),
    ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:127.0.0.1", False),
    ("::ffff:10.0.0.1", False), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("2001:db8::1", False),
]  # fmt: skip


@pytest.mark.parametrize(("address", "public"), ADDRESSES)
def test_public_addresses_are_told_from_all_others(address: str, public: bool) -> None:
    assert hosts.is_public(address) is public


def test_the_connection_goes_to_the_address_that_was_judged(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers differently the second time gains nothing: it is asked once for each connection."""
    publisher.page(PATH, "year,value\n")
    answers = iter([["127.0.0.1"]])
    monkeypatch.setattr(hosts, "resolve", lambda host, port: next(answers))
    port = publisher.host.partition(":")[2]
    with opened(publisher, f"http://localhost:{port}{PATH}", f"localhost:{port}") as talk:
        assert talk.ask(f"http://localhost:{port}{PATH}").body == b"year,value\n"


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "resolve", lambda host, port: ["151.101.2.217", "192.168.1.1"])
    with (
        opened(publisher, "https://publisher.example/", "publisher.example") as talk,
        pytest.raises(SourceChanged, match=r"leads to 192\.168\.1\.1"),
    ):
        talk.ask("https://publisher.example/")


@pytest.mark.parametrize(
    ("to", "words"),
    [
        pytest.param("//elsewhere.example/x", "elsewhere.example is not among", id="another host"),
        pytest.param("http://127.0.0.1:1/x", "127.0.0.1:1 is not among", id="another port"),
        pytest.param("http://allowed.example/x", "not encrypted", id="without encryption"),
        pytest.param(
            "http://user:word@elsewhere.example/x", "sends us to http://elsewhere.example/x", id="with a user"
        ),
        pytest.param("file:///etc/passwd", "is not among", id="a file"),
    ],
)
def test_a_redirect_leads_nowhere_else(publisher: Publisher, to: str, words: str) -> None:
    publisher.page(PATH, behaviour=redirect(to))
    with opened(publisher, None, "allowed.example") as talk, pytest.raises(SourceChanged, match=words):
        talk.ask(publisher.url(PATH))


def test_a_redirect_within_the_list_is_followed_and_told(publisher: Publisher) -> None:
    publisher.page("/old", behaviour=redirect(PATH, 301))
    publisher.page(PATH, "year,value\n2023,1\n")
    with opened(publisher, publisher.url("/old")) as talk:
        fetched = download(talk, publisher.url("/old"))
    snapshot = landing.land("figures", fetched)
    assert (snapshot.requested_url, snapshot.final_url) == (publisher.url("/old"), publisher.url(PATH))


def secure(name: str) -> tuple[ssl.SSLContext, trustme.CA]:
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return context, ca


@pytest.mark.parametrize(("name", "good"), [("localhost", True), ("another.example", False)])
def test_the_certificate_is_held_against_the_name_although_we_chose_the_address(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, good: bool
) -> None:
    context, ca = secure(name)
    trust = ssl.create_default_context()
    ca.configure_trust(trust)
    monkeypatch.setattr(session, "_trust", lambda: trust)
    with publishing(certificate=context) as publisher:
        publisher.page(PATH, "year,value\n")
        host = f"localhost:{publisher.host.partition(':')[2]}"
        with opened(publisher, f"https://{host}{PATH}", host) as talk:
            if good:
                assert talk.ask(f"https://{host}{PATH}").status == 200
            else:
                with pytest.raises(SourceChanged, match="certificate of localhost is not valid"):
                    talk.ask(f"https://{host}{PATH}")


# ------------------------------------------------------------------------------------------------------- how often


def test_a_burst_is_free_and_then_the_rate_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(requests_per_second=0.1, burst=3)
    slept: list[float] = []
    monkeypatch.setattr(polite.time, "sleep", slept.append)
    for _ in range(3):
        polite.wait_for_turn("publisher.example", limits)
    assert slept == []
    for _ in range(2):
        polite.wait_for_turn("publisher.example", limits)
    assert [round(seconds, -1) for seconds in slept] == [10, 20], "nobody slept, so the second has two turns to wait"
    polite.wait_for_turn("another.example", limits)
    assert len(slept) == 2


def test_the_rate_counts_for_all_processes_together(home: Path) -> None:
    code = (
        "from ingestion.connectors.http import polite\nfrom promise.catalogue.live import Limits\n"
        "for _ in range(5): polite.wait_for_turn('publisher.example', Limits(requests_per_second=10, burst=1))"
    )
    began = time.time()
    children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0]
    assert time.time() - began >= 0.9, "ten requests at ten a second, however they are divided"


# Times are written when a test begins: {date}, {seconds} and {milliseconds} are a thousand seconds from then.
RETRY_AFTER = [
    pytest.param("7", 7, id="seconds"),
    pytest.param("{date}", 1000, id="a date"),
    pytest.param("soon", None, id="words"),
    pytest.param("", None, id="nothing"),
]
ALLOWANCES = [
    pytest.param({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "{seconds}"}, 1000, id="seconds"),
    pytest.param({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "{milliseconds}"}, 1000, id="milliseconds"),
    pytest.param({"ratelimit-remaining": "0", "ratelimit-reset": "900"}, 900, id="from now"),
    pytest.param({"x-ratelimit-remaining": "12", "x-ratelimit-reset": "900"}, None, id="some left"),
    pytest.param({"x-ratelimit-remaining": "0"}, None, id="no reset"),
]


def written(text: str) -> str:
    then = time.time() + 1000
    date = email.utils.formatdate(then, usegmt=True)
    return text.format(date=date, seconds=int(then), milliseconds=int(then * 1000))


def is_in(until: float | None, seconds: float | None) -> bool:
    return until is None if seconds is None else until is not None and abs(until - time.time() - seconds) < 30


@pytest.mark.parametrize(("said", "seconds"), RETRY_AFTER)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: float | None) -> None:
    assert is_in(polite.retry_after({"retry-after": written(said)}), seconds)


@pytest.mark.parametrize(("headers", "seconds"), ALLOWANCES)
def test_a_used_up_allowance_says_until_when(headers: dict[str, str], seconds: float | None) -> None:
    assert is_in(polite.used_up_until({name: written(said) for name, said in headers.items()}), seconds)


def test_pauses_grow_and_end(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    publisher.page(PATH, behaviour=status(500))
    with opened(publisher, attempts=5, first_wait_seconds=4) as talk, pytest.raises(SourceUnavailable, match="5 times"):
        talk.ask(publisher.url(PATH))
    assert [lower <= pause <= 60 for pause, lower in zip(slept, [2, 4, 8, 16], strict=True)] == [True] * 4


# --------------------------------------------------------------------------------------------------- what it shows


def test_we_say_who_we_are(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMISE_CONTACT", "data@promise.example")
    publisher.page(PATH, "x")
    with opened(publisher) as talk:
        talk.ask(publisher.url(PATH))
    said = publisher.requests[0].headers["user-agent"]
    assert said.startswith("promise-data-warehouse/") and said.endswith(" (data@promise.example)")
    assert "Mozilla" not in said


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?uid=0x12&time=2022", "https://a.example/x?uid=***&time=2022"),
        ("https://user:word@a.example/x", "https://a.example/x"),
        ("https://a.example/s3cr%2Ft/x", "https://a.example/***/x"),
        ("https://a.example/File%2BName.xlsx?a=%2F", "https://a.example/File%2BName.xlsx?a=%2F"),
    ],
)
def test_an_address_is_shown_without_what_is_secret_and_otherwise_to_the_letter(url: str, shown: str) -> None:
    assert Redacted("s3cr/t").url(url) == shown


def test_a_text_is_shown_without_what_is_secret() -> None:
    said = "GET https://a.example/?token=abc failed: key s3cr/t is not known"
    assert Redacted("s3cr/t").text(said) == "GET https://a.example/?token=*** failed: key *** is not known"
    assert Redacted().text("nothing to hide") == "nothing to hide"


def test_a_long_download_tells_how_far_it_is(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = sys.modules["ingestion.connectors.http.download"]
    monkeypatch.setattr(module, "TELL_EVERY", 0)
    caplog.set_level("INFO", logger="ingestion")
    publisher.page(PATH, b"year,value\n" * 200_000)
    with opened(publisher, max_bytes=10_000_000) as talk:
        download(talk, publisher.url(PATH))
    assert " of 2 MB, " in caplog.text and "MB/s" in caplog.text


# -------------------------------------------------------------------------------------------------- what it keeps


@pytest.mark.parametrize(
    ("header", "name"),
    [
        pytest.param({}, "figures.csv", id="the address"),
        pytest.param(
            {"Content_Disposition": 'attachment; filename="Table 3.2.xlsx"'}, "Table 3.2.xlsx", id="the header"
        ),
        pytest.param({"Content_Disposition": 'attachment; filename="../../etc/passwd"'}, "_.._etc_passwd", id="a path"),
    ],
)
def test_a_file_is_called_as_the_publisher_calls_it(publisher: Publisher, header: dict[str, str], name: str) -> None:
    publisher.page(PATH, behaviour=status(200, b"year,value\n2023,1\n", **header))
    with opened(publisher) as talk:
        assert download(talk, publisher.url(PATH)).file_name == name


def test_what_the_server_said_is_in_the_sidecar(publisher: Publisher) -> None:
    page = publisher.page(PATH, "year,value\n2023,1\n", last_modified=1_700_000_000)
    with opened(publisher) as talk:
        snapshot = landing.land("figures", download(talk, publisher.url(PATH)))
    assert (snapshot.etag, snapshot.last_modified) == (page.tag, "Tue, 14 Nov 2023 22:13:20 GMT")
    assert snapshot.media_type == "text/csv"


def test_a_server_that_only_knows_dates_is_asked_by_date(publisher: Publisher) -> None:
    publisher.page(PATH, "year,value\n2023,1\n", etag="", last_modified=1_700_000_000)
    for _ in range(2):
        with opened(publisher) as talk:
            landing.land("figures", download(talk, publisher.url(PATH)))
    assert publisher.requests[1].headers["if-modified-since"] == "Tue, 14 Nov 2023 22:13:20 GMT"


def test_an_older_file_that_comes_back_is_the_one_that_is_remembered(publisher: Publisher) -> None:
    pages = ["year,value\n2023,1\n", "year,value\n2023,2\n", "year,value\n2023,1\n"]
    for content in pages:
        publisher.page(PATH, content)
        with opened(publisher) as talk:
            landing.land("figures", download(talk, publisher.url(PATH)))
    with opened(publisher) as talk:
        again = download(talk, publisher.url(PATH))
    assert again.path.read_text() == pages[-1]
    assert not again.owned


def test_a_part_without_a_validator_is_not_gone_on_with(publisher: Publisher, home: Path) -> None:
    def broken(exchange: Exchange) -> None:
        exchange.head(200, Content_Length="20000")
        exchange.raw(b"x" * 10_000)
        exchange.hang_up()

    publisher.page(PATH, b"y" * 20_000, behaviour=first(1, broken))
    with opened(publisher) as talk:
        assert download(talk, publisher.url(PATH)).path.read_bytes() == b"y" * 20_000
    assert "range" not in publisher.requests[1].headers


def test_two_attempts_at_one_source_do_not_mix(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "WAIT_FOR_THE_OTHER", 0)
    killed: list[str] = []
    with (
        landing.one_at_a_time("figures", killed.append),
        pytest.raises(SourceUnavailable, match="another process"),
        landing.one_at_a_time("figures", killed.append),
    ):
        pass
    with landing.one_at_a_time("figures", killed.append):
        assert killed == [], "both ended well"


def test_an_attempt_that_was_killed_is_known_to_the_next(home: Path) -> None:
    with pytest.raises(KeyboardInterrupt), landing.one_at_a_time("figures"):
        raise KeyboardInterrupt
    killed: list[str] = []
    with pytest.raises(KeyboardInterrupt), landing.one_at_a_time("figures", killed.append):
        assert len(killed) == 1
        raise KeyboardInterrupt
    with landing.one_at_a_time("figures", killed.append):
        assert killed[0] < killed[1], "each once"


def test_an_attempt_that_is_killed_while_it_writes_an_earlier_one_down_leaves_that_to_the_next(home: Path) -> None:
    def die(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), landing.one_at_a_time("figures"):
        begun = (home / "fetching" / "figures.attempt").read_text()
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt), landing.one_at_a_time("figures", die):
        pass
    killed: list[str] = []
    with landing.one_at_a_time("figures", killed.append):
        assert killed == [begun]


def test_what_a_killed_attempt_left_is_swept_by_the_next_and_what_can_be_gone_on_with_stays(home: Path) -> None:
    place = landing.incoming("figures").parent
    half, landed = place / ".half-a1b2c3", place / ("ab" * 32)
    for folder in (half, landed):
        folder.mkdir()
        (folder / "content").write_text("year,value\n")
    names = ("0f.part", "0f.json", "1e.part", "0f.made", "drop-figures.csv")
    part, note, nobody_looked, made, drop = files = [landing.incoming("figures") / name for name in names]
    for file in files:
        file.write_text("year,val")
    beside = landing.incoming("beside").parent / ".half-d4e5f6"
    beside.mkdir()
    with landing.one_at_a_time("figures"):
        assert not half.exists() and not made.exists() and not drop.exists()
        assert not nobody_looked.exists(), "whole, and the attempt was killed before it could be looked into"
        assert (landed / "content").exists() and part.exists() and note.exists()
    assert beside.exists(), "whoever is at another source may be making it now"


PAGES = [
    b"<!DOCTYPE html><title>Sorry", b"\xef\xbb\xbf\n <html lang='en'>", b"<?xml version='1.0'?>\n<!DOCTYPE  HTML>",
    b"<!-- served by a proxy --><HTML>",
]  # fmt: skip


@pytest.mark.parametrize("content", PAGES)
def test_a_web_page_is_known_however_it_begins(publisher: Publisher, content: bytes) -> None:
    publisher.page(PATH, content)
    with opened(publisher) as talk, pytest.raises(SourceChanged, match="is an HTML page"):
        landing.land("figures", download(talk, publisher.url(PATH)))


def test_a_pause_that_is_over_is_no_reason_to_hurry(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    publisher.page(PATH, behaviour=status(503, Retry_After=email.utils.formatdate(time.time() - 100, usegmt=True)))
    with opened(publisher, first_wait_seconds=4) as talk, pytest.raises(SourceUnavailable):
        talk.ask(publisher.url(PATH))
    assert min(slept) >= 2


def test_a_host_keeps_us_away_for_a_day_at_most(home: Path) -> None:
    polite.hold("publisher.example", time.time() + 10**9)
    with pytest.raises(polite.Hold) as held:
        polite.wait_for_turn("publisher.example", Limits())
    assert held.value.until <= time.time() + 86_400
