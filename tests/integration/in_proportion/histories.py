"""What happens to vintages, and whether what stands of them then is what reading everything gives."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from psycopg import Connection, sql

from promise.catalogue.sources import Source
from warehouse import readings, transform
from workbench.bench import synthetic

KEPT = ("int_published_figures", "int_figures")
SEED = 20  # of one series of histories: a failure can be looked at again
IN_USE = "arrival = 'accepted' and (not_before is null or not_before <= now())"
Warehouse = Connection[Any]


def build(*models: str) -> Any:
    """What dbt made of the models; whether it could."""
    with transform.environment():
        # Without what dbt writes of all it knows, which takes as long as the two models.
        return transform.invoke(["run", "--no-write-json", "--select", *(models or KEPT)])


def differences(conn: Warehouse, outcome: Any) -> list[readings.Difference]:
    """Where what stands is not what reading everything gives."""
    assert outcome.success, [result.message for result in outcome.result.results]
    nodes = [result.node for result in outcome.result.results]
    assert sorted(node.name for node in nodes) == sorted(KEPT)
    for node in nodes:
        assert conn.execute(f"select from {node.relation_name} limit 1".encode()).fetchone() is not None, node.name
    return [*readings.differences(conn, nodes)]


def stamps(conn: Warehouse, model: str = "int_figures") -> dict[int, str]:
    """Which transactions wrote the rows of each vintage."""
    return dict(
        conn.execute(
            f"select vintage, string_agg(distinct xmin::text, ' ') from intermediate.{model} group by vintage".encode()
        ).fetchall()
    )


def in_use(conn: Warehouse, source_id: str) -> list[int]:
    rows = conn.execute(
        f"select vintage from ops.vintage where source_id = %s and {IN_USE} order by vintage".encode(), (source_id,)
    )
    return [vintage for (vintage,) in rows]


# -- what happens to a source ------------------------------------------------------------------------------------------


def arrives(conn: Warehouse, source: Source, chance: random.Random, *, gone: int = 0, other: int = 3) -> int:
    """A newer file, with most of the figures of one before it, and some of them others."""
    before = conn.execute(
        "select vintage from ops.vintage where source_id = %s and arrival <> 'forgotten'", (source.id,)
    ).fetchall()
    numbers = {*source.table.checks.numbers, *(source.figures.value if source.figures else ())}
    cells = ", ".join(
        f'case when _row % {other + 2} = 1 and "{name}" ~ \'^[0-9]+$\' then ("{name}"::bigint + 1)::text'
        f' else "{name}" end'
        if name in numbers
        else f'"{name}"'
        for name in source.table.columns
    )
    synthetic.vintage(
        conn,
        source,
        edition=chance.randrange(1, 40),
        rows=f"select {cells} from raw.{source.raw_table} where _vintage = {chance.choice(before)[0]}"
        f" and (_row % 7 <> {chance.randrange(7)} or not {gone > 0})",
    )
    (number,) = conn.execute("select max(vintage) from ops.vintage").fetchone() or ()
    return int(number)


def restates(conn: Warehouse, source: Source, chance: random.Random) -> None:
    """A newer file of the same publication."""
    before = in_use(conn, source.id)
    number = arrives(conn, source, chance, other=chance.randrange(2, 9))
    if before:
        conn.execute(
            "update ops.vintage as one set publication_id = other.publication_id, headings = other.headings,"
            " requested_url = other.requested_url from ops.vintage as other"
            " where one.vintage = %s and other.vintage = %s",
            (number, chance.choice(before)),
        )


def withdraws(conn: Warehouse, source: Source, chance: random.Random) -> None:
    arrives(conn, source, chance, gone=1)


def comes_late(conn: Warehouse, source: Source, chance: random.Random) -> None:
    """An older edition that is found after newer ones."""
    number = arrives(conn, source, chance)
    conn.execute(
        "update ops.vintage set retrieved_at = '2019-01-01', held_since = '2019-02-01' where vintage = %s", (number,)
    )


def set_of_one(assignment: str, which: str = IN_USE) -> Callable[[Warehouse, Source, random.Random], None]:
    def happens(conn: Warehouse, source: Source, chance: random.Random) -> None:
        found = conn.execute(
            f"select vintage from ops.vintage where source_id = %s and arrival <> 'forgotten' and {which}".encode(),
            (source.id,),
        ).fetchall()
        if found:
            conn.execute(f"update ops.vintage set {assignment} where vintage = %s".encode(), chance.choice(found))

    return happens


def is_read_again(conn: Warehouse, source: Source, chance: random.Random) -> None:
    """By a newer reader, row by row, under its own number."""
    vintage = chance.choice(in_use(conn, source.id) or [0])
    table = sql.Identifier("raw", source.raw_table)
    conn.execute(
        sql.SQL("create temporary table again on commit drop as select * from {} where _vintage = {}").format(
            table, vintage
        )
    )
    conn.execute(sql.SQL("delete from {} where _vintage = {}").format(table, vintage))
    conn.execute(sql.SQL("insert into {} select * from again where _row % 11 <> 3").format(table))
    conn.execute(
        "update ops.vintage set reader_revision = coalesce(reader_revision, 1) + 1 where vintage = %s", (vintage,)
    )


def is_forgotten(conn: Warehouse, source: Source, chance: random.Random) -> None:
    """One of several, with its rows: as `promise forget` leaves raw and ledger."""
    if len(found := in_use(conn, source.id)) > 1:
        number = chance.choice(found)
        conn.execute(
            sql.SQL("delete from {} where _vintage = {}").format(sql.Identifier("raw", source.raw_table), number)
        )
        conn.execute("update ops.vintage set arrival = 'forgotten' where vintage = %s", (number,))


def is_changed_by_hand(conn: Warehouse, source: Source, chance: random.Random) -> None:
    column = sql.Identifier(
        source.table.checks.area.column if source.table.checks.area else next(iter(source.table.columns))
    )
    conn.execute(
        sql.SQL("update {} set {column} = 'Fife' where _row % 13 = {}").format(
            sql.Identifier("raw", source.raw_table), chance.randrange(13), column=column
        )
    )


EVENTS: dict[str, Callable[[Warehouse, Source, random.Random], object]] = {
    "a file arrives": arrives,
    "a file restates another": restates,
    "a file leaves figures out": withdraws,
    "an older edition is found": comes_late,
    "a vintage is rejected": set_of_one("arrival = 'rejected'"),
    "a rejected vintage is accepted": set_of_one("arrival = 'accepted'", "arrival = 'rejected'"),
    "a vintage comes under embargo": set_of_one("not_before = now() + interval '1 day'"),
    "an embargo ends": set_of_one("not_before = now() - interval '1 day'", "not_before > now()"),
    "its publication is found out": set_of_one("publication_id = 'somebody_found_out'"),
    "a vintage is read again": is_read_again,
    "a vintage is forgotten": is_forgotten,
    "its rows are changed by hand": is_changed_by_hand,
    "a release is rolled back": lambda conn, source, chance: None,  # which is of no vintage
}
# What happens to everything at once, before some of the builds.
OF_ALL = (
    "delete from staging.framework__series where ctid = (select ctid from staging.framework__series limit 1)",
    "delete from staging.framework__series where source_id = 'poverty_children'",  # no figure of it is a measure's
    "update staging.vocabulary__cell_marker set obs_status = 'not_available' where ctid ="
    " (select ctid from staging.vocabulary__cell_marker where obs_status = 'missing' limit 1)",
    "update intermediate.int_figures set obs_value = 1 where vintage % 4 = 1",
    "delete from intermediate.int_published_figures where source_row % 5 = 0",
    "delete from ops.reading where vintage % 3 = 0",
    "drop table intermediate.int_figures cascade",
)
