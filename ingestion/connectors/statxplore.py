"""DWP Stat-Xplore: a posted table query, with a key. 304 for a table that has not changed costs no allowance."""

from __future__ import annotations

import hashlib
import json

from ingestion.connectors.http import Answer, Session, download
from ingestion.errors import SourceChanged
from ingestion.landing import Fetched
from ingestion.readers import claims
from promise.catalogue.live import StatXplore
from promise.catalogue.sources import Source


def fetch(source: Source, live: StatXplore, session: Session) -> list[Fetched]:
    body = json.dumps(live.body, sort_keys=True).encode()
    query = hashlib.sha256(body).hexdigest()[:16]
    fetched = download(
        session,
        live.address,
        file_name=f"{source.id}.json",
        key=f"{live.address} {query}",
        judge=lambda said: _refuse(session, said),
        origin={"database": live.body.get("database"), "query_sha256": query},
        method="POST",
        headers={"APIKey": session.key or "", "Content-Type": "application/json", "Accept": "application/json"},
        content=body,
    )
    if fetched.owned:
        _refuse_no_cube(source, live, fetched)
    return [fetched]


def _refuse_no_cube(source: Source, live: StatXplore, fetched: Fetched) -> None:
    """What arrived is read once, so that a page or a notice is not landed as a table."""
    try:
        content = json.loads(fetched.path.read_bytes())
    except ValueError:
        content = None
    if not isinstance(content, dict) or not content.get("cubes") or not content.get("fields"):
        fetched.path.unlink()
        raise SourceChanged(
            f"{source.id}: {fetched.final_url} gave no table; expected JSON with fields and cubes. Try the query on "
            f"the publisher's site and correct `live: body` in ingestion/sources/{source.id}/source.yml"
        )
    if wrong := claims.of_items(live.body, content["fields"]):
        fetched.path.unlink()
        raise SourceChanged(
            f"{source.id}: {fetched.final_url} {wrong}. A code may have been retired: try the query on the publisher's "
            f"site and correct `live: body` in ingestion/sources/{source.id}/source.yml"
        )


def _refuse(session: Session, answer: Answer) -> None:
    if answer.status in (401, 403):
        raise SourceChanged(
            f"{session.source_id}: HTTP {answer.status} from {answer.shown}; the key is not accepted. Look at the "
            f"account on the publisher's site and set the connection {session.live.credential!r} anew"
        )
    if answer.status in (400, 404, 422):
        said = session.redacted.text(answer.text[:300].strip())
        raise SourceChanged(
            f"{session.source_id}: HTTP {answer.status} from {answer.shown}, {said or 'no reason given'}. The "
            "database or a code in the query is not known there: correct `live: body` in "
            f"ingestion/sources/{session.source_id}/source.yml"
        )
