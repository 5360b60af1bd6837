"""Is each publisher still where its entry says? A look at every live address that lands nothing and loads nothing.

The same polite session as an ingest, the same hosts, one try. Of a file only its head is asked, or its first bytes
where the publisher answers no such question; of a page or a query service one small answer. Publications that are found
by way of a page or a list are looked for in the same way as an ingest does, because it is there that names change.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from urllib.parse import quote

import httpx

from ingestion import landing
from ingestion.connectors import care_inspectorate as register
from ingestion.connectors import ckan, govscot_publication, statistics_gov_scot
from ingestion.connectors.http import Session
from ingestion.errors import SourceChanged, SourceUnavailable
from promise.catalogue import live as how
from promise.catalogue.sources import Source

# reachable: it answers; same: it says that nothing changed since we fetched it; the others are for a person, except
# unavailable, which may pass by itself, and inbox, where there is no address.
Finding = Literal["same", "reachable", "inbox", "unavailable", "moved", "gone", "refused", "changed", "no_credential"]
FOR_A_PERSON: tuple[Finding, ...] = ("moved", "gone", "refused", "changed", "no_credential")
PERMANENT = {301, 308}
NO_HEAD = {400, 403, 404, 405, 500, 501}  # what servers say to HEAD that they do not say to GET
FIRST_BYTES = 1024


@dataclass
class Look:
    """What a look at one source came to."""

    source_id: str
    address: str | None
    finding: Finding
    says: str
    leads_to: str | None = None  # where redirects ended, or where one was refused
    media_type: str | None = None
    size_bytes: int | None = None
    last_modified: str | None = None
    tried_on: date | None = None

    @property
    def needs_a_person(self) -> bool:
        return self.finding in FOR_A_PERSON


@dataclass
class Ask:
    """One small question. `file`: the answer is what an ingest would land; `page`: it is a web page."""

    url: httpx.URL | str
    file: bool = False
    page: bool = False
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    content: dict[str, Any] = field(default_factory=dict)


def look(source: Source) -> Look:
    """Ask the publisher of a source with a `live:` section. Never raises for what a publisher, or the network, does."""
    live = source.live
    assert live is not None
    if isinstance(live, how.FileDrop):
        return Look(source.id, None, "inbox", "people put its files into the inbox; there is no address to ask")
    once = live.model_copy(update={"limits": live.limits.model_copy(update={"attempts": 1})})
    found = Look(source.id, live.address, "reachable", "", tried_on=live.tried_on)
    try:
        session = Session(source.id, once)
    except SourceChanged as error:  # the one thing that it refuses by itself
        found.finding, found.says = "no_credential", str(error)
        return found
    with session:
        try:
            _judge(source, session, found)
        except SourceUnavailable as error:
            found.finding, found.says = "unavailable", str(error)
        except SourceChanged as error:
            found.finding, found.says = _kind(session, str(error)), str(error)
        if session.redirects:
            found.leads_to = session.redirects[-1][1]
    return found


def _judge(source: Source, session: Session, found: Look) -> None:
    ask = QUESTIONS[type(source.live)](source, source.live, session)
    found.address = session.shown(ask.url)
    known = landing.last_seen(source.id, found.address, float("inf")) if ask.file else None
    with _answer(session, ask, known) as response:
        if response.status_code == 304:
            found.finding, found.says = "same", "not modified since it was last fetched"
            found.last_modified = response.headers.get("last-modified")
            return
        session.judge_status(response.status_code, response.headers, session.shown(response.url))
        found.media_type = response.headers.get("content-type", "").partition(";")[0].strip() or None
        found.last_modified = response.headers.get("last-modified")
        found.size_bytes = _size(response)
        head = b"" if response.request.method == "HEAD" else _beginning(response)
        if not ask.page and (
            found.media_type == "text/html" or landing.A_PAGE.match(head.removeprefix(b"\xef\xbb\xbf"))
        ):
            found.finding = "changed"
            found.says = (
                f"a web page stands where {'the file' if ask.file else 'the service'} was. Look at the publisher's "
                f"page and correct `live:` in ingestion/sources/{source.id}/source.yml"
            )
        elif ask.file:
            _compare(source, response, known, found)
        else:
            found.says = "it answers"
    permanent = [to for status, to in session.redirects if status in PERMANENT]
    if found.finding in ("reachable", "same") and permanent:
        found.finding = "moved"
        found.says = (
            f"the publisher says that it has moved for good, to {permanent[-1]}. Correct `live: address` in "
            f"ingestion/sources/{source.id}/source.yml"
        )


@contextlib.contextmanager
def _answer(session: Session, ask: Ask, known: landing.Seen | None) -> Iterator[httpx.Response]:
    """The answer to HEAD for a file, to GET where HEAD is not answered; the body is still to be read."""
    headers = dict(ask.headers)
    if known:
        headers |= {"If-None-Match": known.etag} if known.etag else {}
        headers |= {"If-Modified-Since": known.last_modified} if known.last_modified else {}
    if ask.file and ask.method == "GET":
        with session.exchange(ask.url, method="HEAD", headers=headers) as response:
            if response.status_code not in NO_HEAD:
                yield response
                return
        session.redirects.clear()
        headers |= {"Range": f"bytes=0-{FIRST_BYTES - 1}"}
    with session.exchange(ask.url, method=ask.method, headers=headers, **ask.content) as response:
        yield response


def _beginning(response: httpx.Response) -> bytes:
    """The first bytes, whether or not the server keeps to the range; the rest is not fetched."""
    if response.headers.get("content-encoding", "identity") not in ("identity", ""):
        return b""
    head = b""
    for piece in response.iter_raw():
        head += piece
        if len(head) >= FIRST_BYTES:
            break
    return head[:FIRST_BYTES]


def _size(response: httpx.Response) -> int | None:
    said = response.headers.get("content-range", "").rpartition("/")[2] or response.headers.get("content-length", "")
    return int(said) if said.isdigit() else None


def _compare(source: Source, response: httpx.Response, known: landing.Seen | None, found: Look) -> None:
    """Another kind of file than before is for a person; another edition is not."""
    if known is None:
        found.says = "it answers; nothing of it was fetched from there before, so there is nothing to compare"
        return
    before = landing.read_sidecar(source.id, known.snapshot_id).media_type
    if found.media_type and found.media_type != before:
        found.finding = "changed"
        found.says = f"it is {found.media_type} now and was {before} when it was last fetched. Look at the file"
        return
    etag = response.headers.get("etag")
    if (etag and etag == known.etag) or (
        not etag and found.last_modified and found.last_modified == known.last_modified
    ):
        found.finding, found.says = "same", "the publisher calls it what we hold"
    else:
        found.says = "another than the one we hold; the next ingest takes it"


def _kind(session: Session, said: str) -> Finding:
    """Which of the reasons for a person it is, by how the session words it."""
    if "is not among the hosts" in said and session.redirects:
        return "moved"
    by_status: dict[int, Finding] = {404: "gone", 410: "gone", 401: "refused", 403: "refused", 451: "refused"}
    return next((finding for status, finding in by_status.items() if f": HTTP {status} from" in said), "changed")


def _ckan(source: Source, live: how.Ckan, session: Session) -> Ask:
    return Ask(ckan.locate(source, live, session)[0], file=True)


def _govscot(source: Source, live: how.GovscotPublication, session: Session) -> Ask:
    return Ask(govscot_publication.locate(source, live, session)[0], file=True)


def _register(source: Source, live: how.CareInspectorate, session: Session) -> Ask:
    return Ask(register.locate(source, live, session)[0], file=True)


def _portal(source: Source, live: how.StatisticsGovScot, session: Session) -> Ask:
    """A cube is made when it is asked for, so only its head is; of a query service, whether it answers at all."""
    if live.how != "sparql":
        return Ask(statistics_gov_scot.locate(live), file=True)
    return Ask(
        f"{live.address.rstrip('/')}/sparql",
        method="POST",
        headers={"Accept": "text/csv"},
        content={"data": {"query": "SELECT ?s WHERE { ?s ?p ?o } LIMIT 1"}},
    )


def _nomis(source: Source, live: how.Nomis, session: Session) -> Ask:
    key = {"uid": session.key} if session.key else {}
    asked = {**live.parameters, "recordoffset": "0", "recordlimit": "1", **key}
    return Ask(session.url(f"{live.address.rstrip('/')}/dataset/{live.dataset}.data.csv", asked))


def _arcgis(source: Source, live: how.ArcGis, session: Session) -> Ask:
    """The layer's own description: it says which fields there are."""
    url = session.url(live.address, {"f": "json"})
    answer = session.ask(url)
    try:
        content = json.loads(answer.body)
        names = {each["name"] for each in content["fields"]}
    except (ValueError, KeyError, TypeError):
        raise SourceChanged(
            f"{source.id}: {answer.shown} describes no layer; expected its fields. Look whether the layer moved and "
            f"correct `live: address` in ingestion/sources/{source.id}/source.yml"
        ) from None
    if missing := [name for name in live.fields if name != "*" and name not in names]:
        raise SourceChanged(
            f"{source.id}: the layer {answer.shown} has no field {', '.join(missing)}; it has "
            f"{', '.join(sorted(names))}. Correct `live: fields` in ingestion/sources/{source.id}/source.yml"
        )
    return Ask(url)


def _statxplore(source: Source, live: how.StatXplore, session: Session) -> Ask:
    """The description of the database: a table costs allowance, this does not."""
    database = quote(str(live.body.get("database", "")), safe=":")
    address = f"{live.address.rstrip('/').removesuffix('/table')}/schema/{database}"
    return Ask(address, headers={"APIKey": session.key or "", "Accept": "application/json"})


QUESTIONS: dict[type, Callable[[Source, Any, Session], Ask]] = {
    how.File: lambda source, live, session: Ask(live.address, file=True),
    how.PromiseDashboard: lambda source, live, session: Ask(live.address, page=True),
    how.Ckan: _ckan,
    how.GovscotPublication: _govscot,
    how.CareInspectorate: _register,
    how.StatisticsGovScot: _portal,
    how.Nomis: _nomis,
    how.ArcGis: _arcgis,
    how.StatXplore: _statxplore,
}
