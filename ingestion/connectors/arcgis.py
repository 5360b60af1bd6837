"""A layer of an ArcGIS feature service (ONS Open Geography), page by page, as one GeoJSON file."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from ingestion.connectors.http import Answer, Made, Session
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.landing import Fetched
from ingestion.readers import claims
from promise.catalogue.live import ArcGis
from promise.catalogue.sources import Source


def fetch(source: Source, live: ArcGis, session: Session) -> list[Fetched]:
    address = f"{live.address.rstrip('/')}/query"
    asked = {
        "where": live.where,
        "outFields": ",".join(live.fields),
        "orderByFields": live.order_by,
        "outSR": "4326",
        "returnGeometry": "true",
        "f": "geojson",
    }
    with Made(session, str(session.url(address, asked)), f"{source.id}.geojson", "application/geo+json") as made:
        made.write(b'{"type": "FeatureCollection", "features": [')
        offset = 0
        seen: set[str] = set()
        while True:
            page = {"resultOffset": str(offset), "resultRecordCount": str(live.page_rows)}
            answer = session.ask(session.url(address, asked | page))
            features, more = _page(source, answer)
            for feature in features:
                text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
                if text in seen:
                    raise SourceUnavailable(
                        f"{source.id}: {answer.shown} gives a feature of an earlier page again; the layer changed "
                        "meanwhile. Nothing to do: it is fetched again"
                    )
                seen.add(text)
                made.write((",\n" if offset or len(seen) > 1 else "\n").encode() + text.encode())
            offset += len(features)
            if not more and len(features) < live.page_rows:
                break
            if not features:
                if more:
                    raise SourceUnavailable(
                        f"{source.id}: {answer.shown} says that there is more and gives none. Nothing to do unless it "
                        "lasts: then look at the layer's page"
                    )
                break
        made.write(b"\n]}\n")
        if not offset:
            raise SourceChanged(
                f"{source.id}: {session.shown(address)} has no feature where {live.where}; expected some. Correct "
                f"`live: where` in ingestion/sources/{source.id}/source.yml"
            )
        claimed = _count(
            session.ask(session.url(address, {"where": live.where, "returnCountOnly": "true", "f": "json"}))
        )
        if claimed is not None and claimed != offset:
            raise SourceUnavailable(
                f"{source.id}: {session.shown(address)} counts {claimed:,} features and gave {offset:,}; expected all "
                "of them. Nothing to do unless it lasts, as the layer may have changed meanwhile: then look at its page"
            )
        return [made.fetched({"features": offset})]


def _count(answer: Answer) -> int | None:
    """How many features the layer says that it has; None where it does not count."""
    with contextlib.suppress(ValueError):
        content = json.loads(answer.body)
        return claims.number(content.get("count")) if isinstance(content, dict) else None
    return None


def _page(source: Source, answer: Answer) -> tuple[list[Any], bool]:
    """Features, and whether there are more. Errors come with status 200, in the body."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        content = None
    if not isinstance(content, dict) or ("error" not in content and not isinstance(content.get("features"), list)):
        raise SourceChanged(
            f"{source.id}: {answer.shown} is no feature collection; expected GeoJSON. Look whether the layer moved "
            f"and correct `live: address` in ingestion/sources/{source.id}/source.yml"
        )
    if error := content.get("error"):
        code, said = error.get("code", 0), "; ".join([str(error.get("message")), *map(str, error.get("details") or [])])
        if code in (429, 504) or code >= 500:
            raise SourceUnavailable(
                f"{source.id}: {answer.shown} answers with error {code}, {said}. Nothing to do unless it lasts"
            )
        raise SourceChanged(
            f"{source.id}: {answer.shown} answers with error {code}, {said}. Layer and field names carry their year: "
            f"correct `live:` in ingestion/sources/{source.id}/source.yml"
        )
    properties = content.get("properties") or {}
    return content["features"], bool(content.get("exceededTransferLimit") or properties.get("exceededTransferLimit"))
