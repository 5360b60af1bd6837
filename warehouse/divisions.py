"""How areas are divided: Scotland into councils and into health boards, these into councils, councils into zones.

The lists are the publishers', as staging has them. Which figures there are for a kind of area is another matter: a
division of which no part has a figure says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from promise.vocabulary.area_list import areas

SCOTLAND = "S92000003"
_INTO_SMALLER = (
    (
        "councils",
        "select health_board_code, area_code from staging.stg_phs_geography__council_area"
        " where valid_to is null and health_board_valid_to is null",
    ),
    (
        "intermediate zones",
        "select council_code, intermediate_zone_code from staging.stg_data_zone_councils__data_zone",
    ),
    ("data zones", "select council_code, data_zone_code from staging.stg_data_zone_councils__data_zone"),
    ("data zones", "select intermediate_zone_code, data_zone_code from staging.stg_data_zone_councils__data_zone"),
)


@dataclass(frozen=True)
class Division:
    """An area, and areas of one kind that make it up without overlap."""

    whole: str
    by: str
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.whole} of its {self.by}"


def divisions(conn: Connection[Any]) -> list[Division]:
    """Every way in which an area is divided into smaller ones."""
    found = [
        Division(SCOTLAND, by, tuple(sorted(area.code for each, area in areas() if each == kind)))
        for kind, by in (("council", "councils"), ("health_board", "health boards"))
    ]
    for by, query in _INTO_SMALLER:
        parts: dict[str, set[str]] = defaultdict(set)
        for whole, part in conn.execute(query.encode()):
            parts[whole].add(part)
        found += [Division(whole, by, tuple(sorted(codes))) for whole, codes in sorted(parts.items())]
    return found
