"""A CKAN portal (opendata.nhs.scot): the dataset's list of resources, the newest that fits, its dump or its file.

The rule for *newest* is the source's `newest_by`; the resource's id decides between equals, so that the choice does not
change from one day to the next.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ingestion.connectors.http import Answer, Session, download
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.landing import Fetched
from ingestion.readers import claims
from promise.catalogue.live import Ckan
from promise.catalogue.sources import Source

TOLD = ("id", "name", "created", "last_modified", "size")


def fetch(source: Source, live: Ckan, session: Session) -> list[Fetched]:
    address, name, resource = locate(source, live, session)
    fetched = download(
        session,
        address,
        file_name=name,
        judge=lambda said: _refuse(session, said),
        origin={"dataset": live.dataset, **{f"resource_{each}": resource.get(each) for each in TOLD}},
    )
    if live.take == "dump" and fetched.owned:
        _refuse_a_part(session, live, fetched, str(resource["id"]))
    return [fetched]


def _refuse_a_part(session: Session, live: Ckan, fetched: Fetched, resource_id: str) -> None:
    """A dump holds as many records as the portal says that the table has; what it does not count is not compared."""
    url = session.url(
        f"{live.address.rstrip('/')}/api/3/action/datastore_search", {"resource_id": resource_id, "limit": "0"}
    )
    answer = session.ask(url, judge=lambda said: _refuse_what_may_pass(session, said))
    claimed = _count(answer)
    came = _records(fetched)
    if claimed is not None and claimed != came:
        fetched.path.unlink()
        raise SourceUnavailable(
            f"{session.source_id}: {answer.shown} counts {claimed:,} records and {fetched.final_url} gave {came:,}; "
            "expected all of them. Nothing to do unless it lasts, as the table may be in the making: then look at the "
            "dataset's page"
        )


def _count(answer: Answer) -> int | None:
    """How many records the portal says that there are; None where it does not count them."""
    try:
        result = json.loads(answer.body)["result"]
    except (ValueError, KeyError, TypeError):
        return None
    return claims.of_records(result) if isinstance(result, dict) else None


def _refuse_what_may_pass(session: Session, answer: Answer) -> None:
    """Raises for an answer that another time is another one; a portal that does not count says so in its own way."""
    if answer.status >= 500 or answer.status == 429:
        session.judge_status(answer.status, answer.headers, answer.shown)


def _records(fetched: Fetched) -> int:
    with fetched.path.open(encoding="utf-8", errors="replace", newline="") as text:
        return sum(1 for record in csv.reader(text) if record) - 1


def locate(source: Source, live: Ckan, session: Session) -> tuple[str, str, dict[str, Any]]:
    """The address of the newest resource's dump or file, the name it lands under, and the resource."""
    root = live.address.rstrip("/")
    url = session.url(f"{root}/api/3/action/package_show", {"id": live.dataset})
    answer = session.ask(url, judge=lambda said: _refuse(session, said))
    resource = _newest(source, live, _result(session, answer), answer.shown)
    if live.take == "dump":
        return f"{root}/datastore/dump/{resource['id']}", PurePosixPath(_file_name(resource)).stem + ".csv", resource
    return str(resource["url"]), _file_name(resource), resource


def _result(session: Session, answer: Answer) -> dict[str, Any]:
    try:
        result = json.loads(answer.body)["result"]
    except (ValueError, KeyError, TypeError):
        raise SourceChanged(
            f"{session.source_id}: {answer.shown} is no CKAN answer; expected JSON with `result`. Look whether the "
            "portal moved"
        ) from None
    if not isinstance(result, dict):
        raise SourceChanged(f"{session.source_id}: {answer.shown} holds no dataset; expected one. Look at the portal")
    return result


def _newest(source: Source, live: Ckan, package: dict[str, Any], shown: str) -> dict[str, Any]:
    resources: list[dict[str, Any]] = package.get("resources") or []
    fitting = [
        each for each in resources
        if re.search(live.resource, str(each.get("name") or "")) or re.search(live.resource, _file_name(each))
    ]  # fmt: skip
    if not fitting:
        names = ", ".join(sorted(str(each.get("name")) for each in resources)) or "none at all"
        raise SourceChanged(
            f"{source.id}: no resource of {shown} fits {live.resource!r}; it has {names}. If it was renamed, correct "
            f"`live: resource` in ingestion/sources/{source.id}/source.yml"
        )
    # A resource that was never modified since says null; then it is as new as it was made.
    return max(fitting, key=lambda each: (str(each.get(live.newest_by) or each.get("created") or ""), str(each["id"])))


def _file_name(resource: dict[str, Any]) -> str:
    return unquote(PurePosixPath(urlsplit(str(resource.get("url") or "")).path).name) or "resource"


def _refuse(session: Session, answer: Answer) -> None:
    """Raises for CKAN's own kind of refusal, which may come with any status; nothing in it gets better by repeating."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        content = None
    if isinstance(content, dict) and content.get("success") is False:
        raise SourceChanged(
            f"{session.source_id}: {answer.shown} answers with success: false, {_reason(content.get('error'))}. Look "
            f"at the dataset's page and correct `live:` in ingestion/sources/{session.source_id}/source.yml"
        )
    session.judge_status(answer.status, answer.headers, answer.shown)


def _reason(error: Any) -> str:
    """CKAN's words: a message, the fields that are wrong, or PostgreSQL's own words."""
    if not isinstance(error, dict):
        return str(error)
    info = error.get("info")
    if isinstance(info, dict) and info.get("orig"):
        return str(info["orig"][0])
    if "message" in error:
        return f"{error.get('__type', 'Error')}: {error['message']}"
    return "; ".join(f"{name}: {said}" for name, said in error.items() if name != "__type") or "no reason given"
