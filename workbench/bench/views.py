"""The part of `promise bench` that is about releases alone: writing them, and reading through the views of `marts`.

Beside it the same marts as plain tables. What is wanted is wanted at a million rows.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from promise import database
from warehouse import releases
from workbench.bench.figure import Figure, Sizes, timed
from workbench.bench.marts import LARGE, Marts, candidate_of, make, names

BARE = "bare"
JOINED = 5  # small marts beside the large one: a join of six
TIMES = 5  # as many rounds as elsewhere; the quickest counts, because what else the machine does is not ours
_JOIN = f"select count(*), min(figures.made), max(d5.made) from {{0}}.{LARGE} " + " ".join(
    f"join {{0}}.dim_{number:02} as d{number} on d{number}.measure_id = figures.measure_id"
    for number in range(1, JOINED + 1)
)
_OF_ONE = "measure_id = 'measure_007' and area_code = 'S12000011'"
QUERIES = {
    "one figure": f"select obs_value from {{0}}.{LARGE} where {_OF_ONE} and period_start = '2000-02-01'",
    "a join of six over one series": f"{_JOIN} where figures.{_OF_ONE.replace('area', 'figures.area')}",
    "a join of six over a tenth": f"{_JOIN} where figures.period_start < '2000-03-01'",
    "a sum over two days": f"select sum(obs_value) from {{0}}.{LARGE}"
    " where period_start between '2000-03-01' and '2000-03-02'",
    "a sum over two months": f"select sum(obs_value) from {{0}}.{LARGE}"
    " where period_start between '2000-03-01' and '2000-05-01'",
    "a count from the index alone": f"select measure_id, area_code, count(period_start) from {{0}}.{LARGE}"
    " where measure_id between 'measure_005' and 'measure_008' group by measure_id, area_code",
    "a full scan of the large one": f"select sum(obs_value) from {{0}}.{LARGE}",
    "a full scan of a small one": "select count(title) from {0}.dim_03",
}
WANTED = "limit: the plain tables; wanted: within 1.2 times from 10 ms up, else 1 ms more; full scans within 2 times"


def measure(sizes: Sizes) -> list[Figure]:
    """What it costs to write releases, and to read them from one of one, two and three full slots."""
    small = names(sizes)
    plain = _plain(sizes)
    everything = sum(plain.values())
    versions = dict.fromkeys(plain, 1)
    figures = [_written("everything, the first time", versions, sizes, everything), *_read(1, sizes)]
    versions = dict.fromkeys(plain, 2)
    figures += [_written("everything, the second time", versions, sizes, everything), *_read(2, sizes)]
    with _an_old_snapshot():  # what it might see stays in its slot
        versions = dict.fromkeys(plain, 3)
        figures += [_written("everything, the third time", versions, sizes, everything), *_read(3, sizes)]
    ten = small[:10]
    versions |= dict.fromkeys(ten, 4)
    figures.append(_written("ten small marts", versions, sizes, sum(plain[name] for name in ten)))
    versions |= {LARGE: 5}
    figures.append(_written("the large mart", versions, sizes, plain[LARGE]))
    return figures


def _plain(sizes: Sizes) -> dict[str, float]:
    """Seconds that each mart takes as a plain table with its indexes and statistics; they stay, to be read."""
    seconds = {}
    with database.connect(autocommit=True) as conn:
        conn.execute(f"create schema {BARE}".encode())
        for mart in (LARGE, *names(sizes)):

            def table(mart: str = mart) -> None:
                make(conn, BARE, mart, version=1, sizes=sizes)
                conn.execute(f"vacuum analyze {BARE}.{mart}".encode())

            seconds[mart] = timed(table)
    return seconds


def _written(what: str, versions: dict[str, int], sizes: Sizes, limit: float) -> Figure:
    run_id = candidate_of(Marts(versions), sizes)
    started = time.perf_counter()
    release_id = releases.write(run_id)
    seconds = time.perf_counter() - started
    with database.connect("releaser", autocommit=True) as conn:
        releases.show(conn, run_id, release_id)
        releases.tidy(conn)
    return Figure(
        f"write a release: {what}", seconds, limit, "s",
        f"{sizes.mart_rows} rows in the large mart; limit: the same as plain tables, with indexes and statistics",
    )  # fmt: skip


def _read(slots: int, sizes: Sizes) -> list[Figure]:
    with database.connect(autocommit=True) as conn:
        filled = _filled(conn)
        assert filled == slots, f"{filled} slots of {LARGE} are filled, not {slots}"
        found = []
        for name, query in QUERIES.items():
            through, bare = [], []
            for _ in range(TIMES * sizes.rounds):
                bare.append(_fetch(conn, query.format(BARE)))
                through.append(_fetch(conn, query.format("marts")))
            unit = f"{name}, through the view, {slots} of 3 slots filled"
            found.append(Figure(unit, 1000 * min(through), 1000 * min(bare), "ms", WANTED))
        return found


def _fetch(conn: Connection[Any], query: str) -> float:
    return timed(lambda: conn.execute(query.encode(), prepare=False).fetchall())


def _filled(conn: Connection[Any]) -> int:
    row = conn.execute(
        "select count(*) from pg_partition_tree(%s) where isleaf and pg_relation_size(relid) > 0",
        (f"published.{LARGE}",),
    ).fetchone()
    assert row is not None
    return int(row[0])


@contextlib.contextmanager
def _an_old_snapshot() -> Iterator[None]:
    with database.connect("reader") as conn:
        conn.execute("set transaction isolation level repeatable read")
        conn.execute("select 1")
        yield
