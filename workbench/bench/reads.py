"""The part of `promise bench` that is about reading: the slowest query of the site, the slowest question of Metabase.

Over the current release, as the role that readers have. People wait for these, so each is wanted under 0.1 s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psycopg import Connection

from workbench.bench.figure import Figure, Sizes, median

Work = Callable[[], object]


def reads(sizes: Sizes) -> list[Figure]:
    """One figure for the slowest query of the site, one for the slowest question; nothing while nothing is released."""
    from warehouse.releases import reading

    with reading() as conn:
        if not _is_released(conn):
            return []
        return [
            _slowest("site query", site_queries(conn, sizes)),
            _slowest("Metabase question", metabase_questions(conn, sizes)),
        ]


def _is_released(conn: Connection[Any]) -> bool:
    return conn.execute("select to_regclass('marts.release_info')").fetchone() != (None,)


def site_queries(conn: Connection[Any], sizes: Sizes) -> dict[str, float]:
    """Seconds of every query that the site is made of, fetched whole."""
    from bi.marts import expanded, released
    from bi.site.queries import QUERIES

    marts = released(conn)
    queries = {name: _fetch(conn, expanded(query.sql, marts)) for name, query in QUERIES.items()}
    return {name: median(query, sizes.rounds) for name, query in queries.items()}


def metabase_questions(conn: Connection[Any], sizes: Sizes) -> dict[str, float]:
    """Seconds of every question as it opens, and again with a value chosen in each of its filters."""
    from bi.metabase import sql
    from bi.metabase.spec import spec

    choices = {
        (place.card, own): board_filter.choices
        for board in spec().dashboards.values()
        for place in board.cards
        for own, offered in place.filters.items()
        for board_filter in board.filters
        if board_filter.id == offered
    }
    work: dict[str, Work] = {}
    for card in spec().cards.values():
        work[card.id] = _fetch(conn, sql.parametrised(card.sql, {}), {})
        chosen: dict[str, Any] = {}
        for item in card.filters:
            offered = spec().choices[choices[card.id, item.id]]
            if row := conn.execute(offered.sql.encode()).fetchone():
                chosen[item.id] = row[0]
        if chosen:
            work[f"{card.id}, chosen"] = _fetch(conn, sql.parametrised(card.sql, chosen), chosen)
    return {name: median(question, sizes.rounds) for name, question in work.items()}


def _fetch(conn: Connection[Any], query: str, values: dict[str, Any] | None = None) -> Work:
    return lambda: conn.execute(query.encode(), values).fetchall()


def _slowest(what: str, seconds: dict[str, float]) -> Figure:
    name = max(seconds, key=lambda each: seconds[each])
    return Figure(f"slowest {what} of {len(seconds)}: {name}", seconds[name], None, "s", "wanted: under 0.1 s")
