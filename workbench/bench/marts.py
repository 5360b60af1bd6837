"""Synthetic marts for `promise bench`, whose numbers mean nothing: a large one, and small ones that are joined to it.

Every row carries the version of its mart, so that whoever reads can tell which release it is of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from psycopg import Connection, sql

from promise import database
from warehouse import candidate, runs
from workbench.bench.figure import Sizes

LARGE = "figures"
MEASURES, AREAS = 50, 33
ASIDE = "bench"  # where what is built stays, so that it is built again only when it has another version
LARGE_ROWS = """
    select 'measure_' || lpad((i % {measures})::text, 3, '0') as measure_id,
        'S120000' || lpad((i / {measures} % {areas})::text, 2, '0') as area_code,
        date '2000-01-01' + (i / {series})::integer as period_start,
        round((i * 7919 % 1000)::numeric / 10, 1) as obs_value,
        'final'::text as obs_status, 'line ' || i as source_cell, {version}::integer as made
    from generate_series(0, {rows} - 1::bigint) as i
"""
LARGE_INDEXES = ("unique index on {} (measure_id, area_code, period_start)", "index on {} (period_start)")
SMALL_INDEXES = ("unique index on {} (measure_id)",)
Shape = Literal["as it was", "a column more at the end", "a column less", "a column of another type",
                "a column more in the middle", "an index more"]  # fmt: skip
COLUMNS: dict[Shape, str] = {
    "as it was": "measure_id, title, made",
    "a column more at the end": "measure_id, title, made, 'new'::text as note",
    "a column less": "measure_id, made",
    "a column of another type": "measure_id, title::varchar(40) as title, made",
    "a column more in the middle": "measure_id, 'new'::text as note, title, made",
    "an index more": "measure_id, title, made",
}


@dataclass(frozen=True)
class Marts:
    """A candidate: the version of each mart, and the shape of those that have another than before."""

    versions: Mapping[str, int]
    shapes: Mapping[str, Shape] = field(default_factory=dict)


def names(sizes: Sizes) -> list[str]:
    """The small marts."""
    return [f"dim_{number:02}" for number in range(1, sizes.small_marts + 1)]


def candidate_of(marts: Marts, sizes: Sizes) -> int:
    """Build and pass a candidate as a run does; returns the run."""
    with database.connect() as conn:
        run_id = runs.open_run(conn, airflow_is_gone=True)
        _set_aside(conn)
        candidate.clear(conn)
        for mart, version in marts.versions.items():
            if mart == LARGE and _is_aside(conn, version):
                conn.execute(f"alter table {ASIDE}.{LARGE} set schema {candidate.SCHEMA}".encode())
            else:
                make(
                    conn,
                    candidate.SCHEMA,
                    mart,
                    version=version,
                    sizes=sizes,
                    shape=marts.shapes.get(mart, "as it was"),
                )
        conn.commit()
        candidate.seal(conn, run_id)
        candidate.pass_gate(conn, run_id)
    return run_id


def make(
    conn: Connection[Any], schema: str, mart: str, *, version: int, sizes: Sizes, shape: Shape = "as it was"
) -> None:
    """One mart with its indexes, as dbt would make it."""
    table = sql.Identifier(schema, mart)
    if mart == LARGE:
        rows = LARGE_ROWS.format(
            measures=MEASURES, areas=AREAS, series=MEASURES * AREAS, rows=sizes.mart_rows, version=version
        )
    else:
        rows = (
            f"select {COLUMNS[shape]} from (select 'measure_' || lpad(i::text, 3, '0') as measure_id,"
            f" 'group ' || i % 7 as title, {version} as made from generate_series(0, {MEASURES - 1}) as i) as made"
        )
    conn.execute(sql.SQL("drop table if exists {}").format(table))
    conn.execute(sql.SQL("create table {} as ").format(table) + sql.SQL(rows))  # type: ignore[arg-type]
    more = ("index on {} (title)",) if shape == "an index more" else ()
    for index in (*(LARGE_INDEXES if mart == LARGE else SMALL_INDEXES), *more):
        conn.execute(sql.SQL("create " + index).format(table))  # type: ignore[arg-type]


def _set_aside(conn: Connection[Any]) -> None:
    """Keep the large mart of the candidate before: a million rows take longer to make than all the rest."""
    conn.execute(f"create schema if not exists {ASIDE}".encode())
    if conn.execute("select to_regclass(%s)", (f"{candidate.SCHEMA}.{LARGE}",)).fetchone() != (None,):
        conn.execute(f"drop table if exists {ASIDE}.{LARGE}".encode())
        conn.execute(f"alter table {candidate.SCHEMA}.{LARGE} set schema {ASIDE}".encode())


def _is_aside(conn: Connection[Any], version: int) -> bool:
    if conn.execute("select to_regclass(%s)", (f"{ASIDE}.{LARGE}",)).fetchone() == (None,):
        return False
    return conn.execute(f"select made from {ASIDE}.{LARGE} limit 1".encode()).fetchone() == (version,)
