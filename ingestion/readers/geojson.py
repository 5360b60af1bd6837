"""A GeoJSON FeatureCollection: one row a feature."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ingestion.errors import PersonalData, SourceChanged, SourceFaulty
from ingestion.readers import claims
from ingestion.readers.headings import File, Printed, Reading, Row, match, renamed
from promise.catalogue.sources import Source
from promise.vocabulary.personal import may_be_personal, suspicion

GEOMETRY = "geometry"


def reading(source: Source, snapshot: File) -> Reading:
    """Rows as (position of the feature, from 1; its properties and its geometry as JSON text)."""
    where = f"{source.id}: {snapshot.file_name}"
    try:
        content = json.loads(snapshot.content.read_bytes())
        features = content["features"]
        named = [_named(feature) for feature in features]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceChanged(
            f"{where} is not a GeoJSON FeatureCollection ({error}); the file is truncated or another file was put in "
            "its place. Fetch it again"
        ) from error
    if wrong := claims.of_features(content, len(named)):
        raise SourceFaulty(f"{where}: the answer {wrong}. {claims.REMEDY}")
    headings = _headings(source, f"{where}, features[0]", named[0]) if named else source.table.newest

    def rows() -> Iterator[Row]:
        for position, feature in enumerate(named):
            place = f"{where}, features[{position}]"
            for ours, heading in _headings(source, place, feature).items():
                if heading != headings[ours]:
                    raise SourceChanged(
                        f"{place}: the heading {heading!r} where the features before have {headings[ours]!r}, both of "
                        f"the column {ours}; expected one of them throughout. Ask the publisher which is right"
                    )
            yield position + 1, [_text(feature[heading]) for heading in headings.values()]

    return Reading(headings, rows())


def _named(feature: Mapping[str, Any]) -> dict[str, Any]:
    """What a feature says, by name: its properties, and its geometry where it has one."""
    return {**(feature.get("properties") or {}), **({GEOMETRY: feature[GEOMETRY]} if GEOMETRY in feature else {})}


def _headings(source: Source, place: str, feature: Mapping[str, Any]) -> dict[str, str]:
    found = match(source.table.columns, [Printed(name) for name in feature])
    suspected = [heading for position, heading in enumerate(feature) if position in found.unknown]
    if suspected := [heading for heading in suspected if may_be_personal(heading)]:
        raise PersonalData(
            f"{place}: the heading {suspected[0]!r} is not described{suspicion(suspected[0])}. "
            f"{renamed(f'ingestion/sources/{source.id}/source.yml')}"
        )
    if found.faults:
        raise SourceChanged(
            f"{place}: {'; '.join(found.faults)}. Expected: {', '.join(source.table.newest.values())}. "
            f"{renamed(f'ingestion/sources/{source.id}/source.yml')}"
        )
    return found.headings


def _text(content: object) -> str:
    return json.dumps(content, separators=(",", ":")) if isinstance(content, dict | list) else str(content)
