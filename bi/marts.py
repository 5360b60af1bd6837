"""Which marts a query reads, from its SQL; a family of marts of one shape is named with a star, `marts.outcome__*`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import psycopg

from promise.errors import PromiseError

_TABLE = re.compile(r"\bmarts\.(\w+)")
_FAMILY = re.compile(r"\bmarts\.(\w+__)\*")


def tables(query: str) -> set[str]:
    """The marts that the query names, without the schema."""
    return set(_TABLE.findall(query))


def released(conn: psycopg.Connection[Any]) -> list[str]:
    """Every mart of the release that this connection sees."""
    relations = conn.execute(
        "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v') order by 1"
    )
    return [name for (name,) in relations]


def release_shown(conn: psycopg.Connection[Any]) -> int:
    """The number of the release that this connection sees."""
    row = conn.execute("select release_id from marts.release_info").fetchone()
    assert row is not None
    return int(row[0])


def expanded(query: str, marts: Iterable[str]) -> str:
    """The query with each family as the union of those of its members that are among `marts`."""

    def union(family: re.Match[str]) -> str:
        members = [f"select * from marts.{name}" for name in sorted(marts) if name.startswith(family[1])]
        if not members:
            raise PromiseError(f"the release has no mart {family[1]}<id>; build a new one: make run")
        return f"({' union all '.join(members)}) as {family[1].rstrip('_')}"

    return _FAMILY.sub(union, query)
