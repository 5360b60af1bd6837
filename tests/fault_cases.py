"""Every way in which a publisher fails, as a case: what it does, what that comes to, and what a person is told.

`test_connectors_faults` plays each over real HTTP; `docs/faults.md` is made of them, and of the parts that
`promise bench faults` breaks, by `python tests/fault_cases.py`.
"""

from __future__ import annotations

import contextlib
import email.utils
import itertools
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
import trustme
from entries import write_entry
from stand_ins import publisher as stand_in
from stand_ins.publisher import Exchange, Publisher

from ingestion.connectors.http import hosts
from promise.settings import ROOT
from workbench.bench.faults.parts import PARTS

PAGE = ROOT / "docs" / "faults.md"
HEADER = "year,value\n"
OLD = HEADER + "".join(f"{year},{year * 3}\n" for year in range(1000, 6000))
NEW = HEADER + "".join(f"{year},{year * 7}\n" for year in range(1000, 6000))
BESIDE = HEADER + "2023,17\n"
PATH = "/files/figures.csv"
KILLED_IN_RUNS = (("loader", "scheduler", "dbt"), ("postmaster",))  # by tests/e2e/test_breakages.py, in each run
# A release takes too short a time to be hit from outside: tests/integration/test_release_killed.py ends its process.
KILLED_IN_TESTS = (*itertools.chain(*KILLED_IN_RUNS), "release")
Kind = Literal["try again later", "a person must look", "it passes"]
# What a campaign may take is seconds, not what a publisher may take: the same rules with smaller numbers.
LIMITS: dict[str, Any] = {
    "connect_seconds": 0.5, "read_seconds": 0.8, "progress_seconds": 0.6, "progress_bytes": 1000, "total_seconds": 10,
    "max_bytes": 300_000, "attempts": 3, "first_wait_seconds": 0.01, "patience_seconds": 5, "hops": 3,
    "requests_per_second": 1000, "burst": 100,
}  # fmt: skip


@dataclass
class Desk:
    """What a case may move: the publisher's page, the description of the source, names. `during` ends with it."""

    publisher: Publisher
    folder: Path
    patch: pytest.MonkeyPatch
    during: contextlib.ExitStack
    beside: Publisher
    described: int = 0
    child: subprocess.Popen[str] | None = None
    limits: dict[str, Any] = field(default_factory=dict)

    @property
    def page(self) -> stand_in.Page:
        return self.publisher.pages[PATH]

    def describe(self, *, address: str | None = None, hosts: list[str] | None = None, **limits: Any) -> None:
        """Describe the two sources anew, the first with other limits or another address."""
        self.limits |= limits
        self.described += 1
        folder = self.folder / f"sources-{self.described}"
        folder.mkdir()
        address = address or self.publisher.url(PATH)
        here = {"address": address, "hosts": hosts or [self.publisher.host], "limits": LIMITS | self.limits}
        there = {"address": self.beside.url(PATH), "hosts": [self.beside.host], "limits": LIMITS}
        for source_id, live in (("figures", here), ("beside", there)):
            write_entry(folder, source_id, source(source_id, live))
        self.patch.setenv("PROMISE_SOURCES", str(folder))

    def plays(self, behaviour: stand_in.Behaviour, content: bytes | str = NEW) -> None:
        self.page.content = content.encode() if isinstance(content, str) else content
        self.page.behaviour = behaviour

    def in_a_child(self, before: str = "") -> subprocess.Popen[str]:
        """Another process that takes the source. It writes what it came to on one line."""
        code = f"import sys\nfrom ingestion import pipeline\n{before}\n" + (
            "try:\n    print(pipeline.take('figures'))\n"
            "except Exception as error:\n    print(type(error).__name__, error, sep='|')\n"
        )
        self.child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        return self.child


@dataclass(frozen=True)
class Case:
    """A fault, and everything that is expected of it. `says` is the whole message, with addresses made general."""

    name: str
    does: str
    kind: Kind
    asked: int  # how often the publisher's page is asked in that attempt
    play: Callable[[Desk], None]
    says: str | None = None
    then: Callable[[Desk], None] = lambda desk: None  # looks once more, after the attempt


def source(source_id: str, live: dict[str, Any]) -> dict[str, Any]:
    """A source of two columns for tests."""
    return {
        "id": source_id, "title": source_id, "description": "For tests.", "publisher": "nobody",
        "landing_page": "https://publisher.example/", "cadence": "irregular", "check_cron": "0 6 1 * *",
        "licence": {"name": "none", "url": None, "attribution": "nobody"}, "freshness": None, "personal_data": "none",
        "bundle": [],
        "live": {"transport": "file", "tried_on": None} | live,
        "table": {
            "name": "figure", "reader": {"shape": "delimited"}, "columns": {"year": "year", "value": "value"},
            "checks": {"at_least_rows": 1, "key": ["year"]},
        },
        "figures": None,
        "markers": {},
    }  # fmt: skip


def _deaf(desk: Desk) -> None:
    host = desk.during.enter_context(stand_in.deaf())
    desk.describe(address=f"http://{host}{PATH}", hosts=[host])


def _refused(desk: Desk) -> None:
    closed = Publisher()
    closed.close()
    desk.describe(address=closed.url(PATH), hosts=[closed.host])


def _certificate(desk: Desk) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    secure = desk.during.enter_context(stand_in.publishing(certificate=context))
    secure.page(PATH, NEW)
    desk.describe(address=secure.url(PATH), hosts=[secure.host])


def _no_such_name(desk: Desk) -> None:
    desk.describe(address=f"https://no-such-publisher.invalid{PATH}", hosts=["no-such-publisher.invalid"])


def _private_name(desk: Desk) -> None:
    patch = desk.during.enter_context(pytest.MonkeyPatch.context())
    real = hosts.resolve
    patch.setattr(hosts, "resolve", lambda host, port: ["10.1.2.3"] if "publisher" in host else real(host, port))
    desk.describe(address=f"https://publisher.example{PATH}", hosts=["publisher.example"])


def _disk_full(desk: Desk) -> None:
    desk.plays(Exchange.file)
    desk.in_a_child("import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))")


def _killed(desk: Desk) -> None:
    def half_and_wait(exchange: Exchange) -> None:
        content = exchange.page.content
        exchange.head(200, Content_Length=str(len(content)), ETag=exchange.page.tag)
        exchange.raw(content[: len(content) // 2])
        exchange.wait(30)

    desk.describe(read_seconds=30, progress_seconds=30, total_seconds=60)
    desk.plays(stand_in.first(desk.page.asked + 1, half_and_wait))
    child = desk.in_a_child()
    incoming = Path(os.environ["PROMISE_HOME"]) / "landing" / "figures" / ".incoming"
    until = time.monotonic() + 30
    while sum(path.stat().st_size for path in incoming.glob("*.part")) < len(NEW) // 4:
        assert time.monotonic() < until, "the child never began"
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()


def _went_on(desk: Desk) -> None:
    assert "range" in desk.publisher.asked(PATH)[-1].headers, "what was there is not fetched again"


def _began_again(desk: Desk) -> None:
    assert "range" in desk.publisher.asked(PATH)[-2].headers or "range" in desk.publisher.asked(PATH)[-1].headers


def _revised(honest: bool, same_tag: bool = False) -> Callable[[Desk], None]:
    """Half of one file comes; when we ask for the rest, another one stands there."""

    def play(desk: Desk) -> None:
        def first_half_of_another(exchange: Exchange) -> None:
            # Of the same length as what comes after it. Under its own ETag it differs in the first row only, which
            # nothing but the ETag tells; under the same ETag it differs throughout, which only the bytes tell.
            exchange.page.content = (
                NEW.replace("7", "8") if same_tag else NEW.replace("1000,7000", "1000,7001")
            ).encode()
            assert len(exchange.page.content) == len(NEW)
            if same_tag:
                exchange.page.etag = '"always the same"'
            stand_in.broken_off()(exchange)
            exchange.page.content = NEW.encode()

        def the_rest_of_this(exchange: Exchange) -> None:
            start = int(exchange.asked.headers["range"].removeprefix("bytes=").removesuffix("-"))
            content = exchange.page.content
            exchange.answer(
                206,
                content[start:],
                ETag=exchange.page.tag,
                Content_Range=f"bytes {start}-{len(content) - 1}/{len(content)}",
            )

        seen = desk.page.asked
        then = Exchange.file if honest else stand_in.first(seen + 2, the_rest_of_this)
        desk.plays(stand_in.first(seen + 1, first_half_of_another, then))

    return play


def _retry_as_date(exchange: Exchange) -> None:
    exchange.answer(429, Retry_After=email.utils.formatdate(time.time() + 2, usegmt=True))


def _stale_tag(desk: Desk) -> None:
    """The ETag is the old one, and the server believes it; only the date has moved."""

    def believes_its_tag(exchange: Exchange) -> None:
        if "if-none-match" in exchange.asked.headers:
            return exchange.answer(304, Last_Modified="Tue, 03 Feb 2026 10:00:00 GMT")
        return exchange.file()

    desk.plays(believes_its_tag)


def _new_tag_each_time(desk: Desk) -> None:
    def play(exchange: Exchange) -> None:
        exchange.page.etag = f'"{time.monotonic()}"'
        exchange.file()

    desk.plays(play, OLD)


URL = f"http://publisher.example{PATH}"
LATER = "Nothing to do unless it lasts: then look whether the publisher is down or has moved"
TRIED = " (tried 3 times in N s)"
WRONG_ADDRESS = "Look at the publisher's page and correct the address"
YML = "ingestion/sources/figures/source.yml"


def _plays(behaviour: stand_in.Behaviour, content: bytes | str = NEW, **limits: Any) -> Callable[[Desk], None]:
    def play(desk: Desk) -> None:
        if limits:
            desk.describe(**limits)
        desk.plays(behaviour, content)

    return play


def _first(behaviour: stand_in.Behaviour) -> Callable[[Desk], None]:
    """Once so, then as a good server."""
    return lambda desk: desk.plays(stand_in.first(desk.page.asked + 1, behaviour))


CASES = [
    Case(
        "time-out while connecting", "takes no connection", "try again later", 0, _deaf,
        f"figures: no connection to publisher.example within 0.5 s, for {URL}. {LATER}{TRIED}",
    ),
    Case(
        "connection refused", "is not there", "try again later", 0, _refused,
        f"figures: no connection to publisher.example (…), for {URL}. {LATER}{TRIED}",
    ),
    Case(
        "time-out while reading", "takes the request and says nothing", "try again later", 3, _plays(stand_in.silent),
        f"figures: {URL} was too slow: silent for 0.8 s. {LATER}{TRIED}",
    ),
    Case(
        "slow trickle", "sends a byte now and then", "try again later", 3, _plays(stand_in.trickle),
        f"figures: {URL} was too slow: only N bytes came in 0.6 s, expected at least 1,000. {LATER}{TRIED}",
    ),
    Case(
        "429 with Retry-After in seconds", "asks for a pause of a second", "it passes", 2,
        _first(stand_in.status(429, Retry_After="1")),
    ),
    Case(
        "429 with Retry-After as a date", "asks for a pause until a time", "it passes", 2, _first(_retry_as_date),
    ),
    Case(
        "429 with a long pause", "asks for a pause of an hour", "try again later", 1,
        _plays(stand_in.status(429, Retry_After="3600")),
        f"figures: HTTP 429 from {URL} and asks to come back at TIME; the publisher cannot answer now. Nothing to do "
        "unless it lasts: then look at the publisher's page",
    ),
    Case("500, then fine", "fails once", "it passes", 2, _first(stand_in.status(500))),
    Case(
        "500 for ever", "fails always", "try again later", 3, _plays(stand_in.status(500)),
        f"figures: HTTP 500 from {URL}; the publisher cannot answer now. Nothing to do unless it lasts: then look at "
        f"the publisher's page{TRIED}",
    ),
    Case(
        "403", "refuses us", "a person must look", 1, _plays(stand_in.status(403)),
        f"figures: HTTP 403 from {URL}; the publisher refuses us. Ask for access, or fetch the file by hand "
        "(docs/connectors.md); we do not pretend to be a browser",
    ),
    Case(
        "404", "has no such file", "a person must look", 1, _plays(stand_in.status(404)),
        f"figures: HTTP 404 from {URL}; has the file moved? {WRONG_ADDRESS}",
    ),
    Case(
        "redirect off the allow-list", "sends us to another host", "a person must look", 1,
        _plays(stand_in.redirect("https://elsewhere.example/figures.csv")),
        f"figures: {URL} sends us to https://elsewhere.example/figures.csv, and elsewhere.example is not among the "
        f"hosts of this source (publisher.example). If the publisher moved there, add it to `live: hosts` in {YML} "
        "and correct the address",
    ),
    Case(
        "redirect to a private address", "sends us into our own network", "a person must look", 1,
        _plays(stand_in.redirect("http://169.254.169.254/latest/meta-data/")),
        f"figures: {URL} sends us to http://169.254.169.254/latest/meta-data/, and 169.254.169.254 is not among the "
        f"hosts of this source (publisher.example). If the publisher moved there, add it to `live: hosts` in {YML} "
        "and correct the address",
    ),
    Case(
        "name that leads to a private address", "has a name that leads into our own network", "a person must look",
        0, _private_name,
        "figures: the name publisher.example leads to 10.1.2.3, an address inside a private network or this machine; "
        "expected a public one. Nothing was asked there. Find out who answers for that name on this network",
    ),
    Case(
        "redirect in a loop", "sends us to itself", "a person must look", 4, _plays(stand_in.redirect(PATH)),
        f"figures: {URL} is the 4th redirect in a row, a loop; expected at most 3. {WRONG_ADDRESS}",
    ),
    Case(
        "HTML for CSV", "gives an error page as success", "a person must look", 1,
        _plays(Exchange.file, "\n<!DOCTYPE html>\n<html><body><h1>Sorry</h1></body></html>\n"),
        f"figures: figures.csv from {URL} is an HTML page, line 1, where a text/csv file was expected; has the file "
        f"moved? {WRONG_ADDRESS}",
    ),
    Case("truncated body", "breaks off once", "it passes", 2, _first(stand_in.broken_off()), then=_went_on),
    Case(
        "truncated body, always", "breaks off every time, at the same place", "try again later", 3,
        _plays(stand_in.broken_off(0.01)),
        f"figures: {URL} broke off (peer closed connection without sending complete message body (received N bytes, "
        f"expected N)). {LATER}{TRIED}",
    ),
    Case(
        "Content-Length too large", "announces more than it sends", "try again later", 3,
        _plays(stand_in.miscounted(5)),
        f"figures: {URL} broke off (peer closed connection without sending complete message body (received N bytes, "
        f"expected N)). {LATER}{TRIED}",
    ),
    Case(
        "Content-Length too small", "announces less than it sends", "try again later", 3,
        _plays(stand_in.miscounted(-5)),
        f"figures: {URL} announced N bytes and sent at least N more; the file would have been cut short. Nothing to do "
        f"unless it lasts: then tell the publisher that Content-Length is wrong{TRIED}",
    ),
    Case("gzip that was not asked for", "packs the answer all the same", "it passes", 1, _plays(stand_in.packed)),
    Case(
        "gzip bomb on the way", "packs zeros a thousandfold", "a person must look", 1,
        _plays(
            lambda exchange: exchange.answer(200, exchange.page.content, Content_Encoding="gzip"),
            stand_in.gzip_bomb(60), max_bytes=200_000_000,
        ),
        f"figures: {URL} unpacks from N to more than N bytes, over 200 times its size; it is made to fill the "
        "machine, or not a table. Nothing was kept. Look at it with care",
    ),
    Case(
        "gzip bomb as a file", "gives a packed file of zeros", "a person must look", 1,
        _plays(Exchange.file, stand_in.gzip_bomb(60), max_bytes=200_000_000),
        "figures: figures.csv would unpack from N to N bytes; expected at most 1,000,000,000 and at most 200 times its "
        "size. It is made to fill the machine, or not a workbook: do not open it",
    ),
    Case(
        "oversize, announced", "gives a file larger than the limit", "a person must look", 1,
        _plays(Exchange.file, NEW * 10),
        f"figures: {URL} has N bytes, expected at most 300,000. Nothing was kept. If the file has grown so far, raise "
        f"`live: limits: max_bytes` in {YML}",
    ),
    Case(
        "oversize, unannounced", "goes on without end", "a person must look", 1, _plays(stand_in.endless),
        f"figures: {URL} goes on after that many bytes, expected at most 300,000. Nothing was kept. If the file has "
        f"grown so far, raise `live: limits: max_bytes` in {YML}",
    ),
    Case(
        "zero bytes", "gives an empty file", "a person must look", 1, _plays(Exchange.file, ""),
        f"figures: figures.csv from {URL} is empty; expected a table",
    ),
    Case(
        "wrong charset", "gives another encoding than described", "a person must look", 1,
        _plays(Exchange.file, HEADER.encode() + "2020,£5\n".encode("cp1252")),
        "figures: figures.csv, line 2: not UTF-8; read as Windows-1252 it says '£'. Look whether that is right; "
        "expected utf-8 throughout. Fetch it again; if the publisher changed the encoding, correct `encoding` in "
        f"{YML}",
    ),
    Case(
        "file revised between two ranges", "breaks off, and has another file when asked for the rest", "it passes", 2,
        _revised(honest=True), then=_began_again,
    ),
    Case(
        "file revised, If-Range ignored", "the same, and gives the rest of the other file as if it fitted", "it passes",
        3, _revised(honest=False), then=_began_again,
    ),
    Case(
        "ETag that lies about a range", "the same, under the ETag of the first file", "it passes", 3,
        _revised(honest=False, same_tag=True), then=_began_again,
    ),
    Case("ETag that lies about news", "says not modified, with another date", "it passes", 2, _stale_tag),
    Case("ETag that lies about no news", "has another ETag for the same file", "it passes", 1, _new_tag_each_time),
    Case(
        "certificate error", "has a certificate that nobody vouches for", "a person must look", 0, _certificate,
        f"figures: the certificate of publisher.example is not valid (unable to get local issuer certificate), for "
        f"{URL.replace('http:', 'https:')}; nothing was fetched. Ask the publisher; do not switch the check off",
    ),
    Case(
        "DNS failure", "has a name that leads nowhere", "try again later", 0, _no_such_name,
        "figures: the name no-such-publisher.invalid could not be resolved (…). Is this machine connected, and is the "
        f"name still right?{TRIED}",
    ),
    Case(
        "disk full at landing", "gives a good file, for which there is no room", "try again later", 1, _disk_full,
        "figures: the disk with HOME/landing/figures/.incoming takes no more (File too large), while fetching "
        f"{URL}. Make room there; the next attempt goes on by itself",
    ),
    Case(
        "killed mid-download", "gives half a file; then our process is killed", "try again later", 1, _killed,
        "figures: the attempt begun at TIME was killed, or the machine stopped, before it could say how it went. "
        "Nothing to do: what it left is taken up or thrown away by the next attempt",
    ),
]  # fmt: skip


def page() -> str:
    """docs/faults.md."""
    rows = [
        f"| {case.name} | {case.does} | {case.kind} | {case.asked or ''} | {(case.says or '').replace('|', '/')} |"
        for case in CASES
    ]
    parts = [
        f"| {part.name} | {part.broken} | {part.moment} | {part.then} | "
        f"{'tests, bench' if part.name in KILLED_IN_TESTS else 'bench'} |"
        for part in PARTS
    ]
    return "\n".join([
        "# What can break, and what then happens",
        "",
        "Generated from `tests/fault_cases.py` and `workbench/bench/faults/parts.py` by `python tests/fault_cases.py`;",
        "do not edit.",
        "",
        "## A publisher",
        "",
        "Each line is a test that plays the fault over real HTTP, through the same steps that the ingest DAGs take,",
        "and holds the message to the letter (`publisher.example` stands for the test's own server, N and TIME for",
        "what differs each time).",
        "",
        "In every case: nothing half-landed, the vintage before is untouched, the attempt is on record, the source "
        "beside",
        "it goes on, and once the publisher is well again the new file arrives without anybody's help.",
        "",
        "* **try again later**: tried again with growing pauses, then reported; the DAG tries again after minutes.",
        "* **a person must look**: reported at once, not tried again.",
        "* **it passes**: the file arrives within the same attempt.",
        "",
        "| fault | the publisher … | what it is | times asked | the message |",
        "| --- | --- | --- | --- | --- |",
        *rows,
        "",
        "## The machine, and the parts of ours",
        "",
        "Each line is broken at seeded moments while a real `promise run` is at work, of a new file of two sources, by",
        "`promise bench faults [--part NAME] [--moments 20] [--seed 1]`. `make test` does some of them, once.",
        "",
        "In every case, whatever the run that was struck came to:",
        "",
        "* the ledger has a row for each partition of `raw` and none without, with as many rows; every landed file is",
        "  whole and has its sidecar;",
        "* each mart of each kept release has the rows and the hash that the release says, and `marts` shows those of "
        "the",
        "  current one;",
        "* readers at READ COMMITTED, REPEATABLE READ and SERIALIZABLE, at work all the time, saw whole releases",
        "  only: no error, no mixture, nothing empty. Where the server itself goes they lose their connection, and",
        "  nothing else;",
        "* the next `promise run` finishes by itself: everything that arrived is released, the site is drawn, and "
        "nothing",
        "  says that it is at work.",
        "",
        "| part | what breaks | when | the run that was struck … | broken by |",
        "| --- | --- | --- | --- | --- |",
        *parts,
        "",
    ])  # fmt: skip


if __name__ == "__main__":
    PAGE.write_text(page())
