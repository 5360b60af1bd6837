"""The council areas as one GeoJSON file, for Metabase's map and for anyone who wants to draw the figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg

FILE_NAME = "council_areas.json"  # .json: servers send it as application/json, which Metabase accepts
QUERY = """
    select b.area_code, a.area_name, b.geometry
    from marts.dim_area_boundary as b
    join marts.dim_area as a on a.area_code = b.area_code and a.area_type = 'council' and a.is_current
    order by b.area_code"""
COORDINATES = 5  # decimals of a degree: about a metre


def write(conn: psycopg.Connection[Any], folder: Path) -> Path:
    """Write `council_areas.json` from the boundaries in `marts`, one feature for each current council area.

    The same boundaries give the same bytes. The properties are what the map in specs/metabase.yml names. Metabase
    fetches files of less than 5 MB within 8 seconds.
    """
    features = [
        {
            "type": "Feature",
            "properties": {"area_code": code, "area_name": name},
            "geometry": {**geometry, "coordinates": _rounded(geometry["coordinates"])},
        }
        for code, name, geometry in conn.execute(QUERY)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"), ensure_ascii=False)
    half = path.with_suffix(".half")
    half.write_text(text, encoding="utf-8")
    half.replace(path)  # Metabase may be reading it
    return path


def _rounded(value: Any) -> Any:
    return round(value, COORDINATES) if isinstance(value, int | float) else [_rounded(item) for item in value]
