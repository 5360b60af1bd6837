"""`promise diff`: what changed from one landed file to another, or since a day, and what that does to the figures.

Two questions. Between two vintages of a source, cell by cell, by the source's own key: what the publisher changed.
Since a day, figure by figure: what is believed now and was not known then. Both end with the judgements that come out
otherwise. Everything is one statement over sets of rows, so a million of them take seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ingestion.load import partition_name
from promise import database, ledger
from promise.catalogue.sources import Source, sources
from promise.errors import PromiseError
from promise.vocabulary import sql as values
from promise.vocabulary.quoting import WITHHELD
from warehouse import as_seen, methods, releases

Row = dict[str, Any]
SCOTLAND = "S92000003"
FIGURE = "measure_id, area_code, period_start, period_end, breakdown, breakdown_value"
COUNTS = ("numerator", "denominator", "lci_95", "uci_95")  # by which a change is told from chance
PUBLICATION = "publication_id"  # part of a key where a file quotes many publications; else it only names the file


@dataclass(frozen=True)
class Sides:
    """Two vintages of one source, and by what their rows are matched."""

    source: Source
    before: ledger.Vintage
    after: ledger.Vintage
    key: tuple[str, ...]
    compared: tuple[str, ...]


def between(conn: Connection[Any], before: int, after: int, limit: int = 20) -> Row:
    """What changed from one vintage to another of the same source. Raises PromiseError for two that cannot be compared.

    {"cells": {"added", "removed", "revised", "rewritten"}, "changes": [...], "effect": {...}, "flips": [...]}
    """
    with conn.transaction():
        _match_by_hash(conn)
        sides = _sides(conn, before, after)
        conn.execute(_cells(sides))
        _withheld_figures(conn, sides)
        _hide_withheld(conn, sides)
        counts = _rows(conn, "select kind, count(*) as cells from changed group by kind")
        changes = _rows(conn, "select * from changed order by place limit %s", limit)
        told: Row = {
            "source_id": sides.source.id,
            "before": _vintage(sides.before),
            "after": _vintage(sides.after),
            "matched_by": list(sides.key),
            "cells": dict.fromkeys(("added", "removed", "revised", "rewritten"), 0)
            | {row["kind"]: row["cells"] for row in counts},
            "changes": changes,
        }
        told |= _effect_of_vintages(conn, sides, limit)
        conn.execute("drop table if exists changed, withheld")
    return told


def since(conn: Connection[Any], day: date, limit: int = 20) -> Row:
    """What is believed now that was not known at the end of that day, by the publications that are loaded."""
    if releases.current(conn) is None:
        raise PromiseError("nothing has been released yet, so there is nothing to compare: run `make run`")
    with conn.transaction():
        _match_by_hash(conn)
        conn.execute(
            sql.SQL(
                "create temporary table then_known on commit drop as select * from methods.observation_as_of({})"
            ).format(day)
        )
        conn.execute("analyze then_known")
        landed = [_vintage(each) for each in ledger.vintages(conn) if each.loaded_at.date() > day]
        told: Row = {"since": day, "landed_since": landed}
        told |= effect(conn, "then_known", "marts.fct_observation", limit)
        told["flips"] = flips(
            conn, f"select * from methods.progress_as_of('{day.isoformat()}')", "select * from marts.fct_progress"
        )
    return told


def _match_by_hash(conn: Connection[Any]) -> None:
    """For this transaction: a million keys of text are sorted three times as slowly as they are hashed (measured), and
    with the usual memory either goes through the disk."""
    conn.execute("select set_config('work_mem', '256MB', true), set_config('enable_mergejoin', 'off', true)")


# --------------------------------------------------------------------------------------------------- cells of two files


def _sides(conn: Connection[Any], before: int, after: int) -> Sides:
    known = {vintage.vintage: vintage for vintage in ledger.vintages(conn)}
    for number in (before, after):
        if number not in known:
            held = ", ".join(f"{each.vintage} ({each.source_id})" for each in known.values()) or "none"
            raise PromiseError(f"there is no vintage {number}; the ledger has {held}")
    one, other = known[before], known[after]
    if one.source_id != other.source_id:
        raise PromiseError(
            f"vintage {before} is of {one.source_id} and vintage {after} of {other.source_id}; compare two of"
            f" one source"
        )
    source = sources().get(one.source_id)
    if source is None:
        raise PromiseError(
            f"{one.source_id} is no longer described in ingestion/sources/, so nothing says how its rows match"
        )
    columns = list(source.table.columns)
    key = _key(conn, source, (before, after))
    compared = tuple(source.table.checks.numbers) or tuple(name for name in columns if name not in key)
    return Sides(source, one, other, key, tuple(name for name in compared if name not in key))


def _key(conn: Connection[Any], source: Source, vintages: Sequence[int]) -> tuple[str, ...]:
    """The source's key. A publication named in each row says which file it is, so it is left out where it can be."""
    key = source.table.checks.key
    without = tuple(name for name in key if name != PUBLICATION)
    if without == key or not without:
        return key
    for number in vintages:
        doubled = conn.execute(
            sql.SQL("select 1 from {} group by {} having count(*) > 1 limit 1").format(
                sql.Identifier("raw", partition_name(source, number)), sql.SQL(", ").join(map(sql.Identifier, without))
            )
        ).fetchone()
        if doubled:
            return key
    return without


def _cells(sides: Sides) -> sql.Composed:
    """A table of the cells that differ: one row a cell, whose kind says how.

    `rewritten` is another text of the same number ("87.9", "87.90%"): no revision, but somebody may wonder.
    """
    one = sql.Identifier("raw", partition_name(sides.source, sides.before.vintage))
    other = sql.Identifier("raw", partition_name(sides.source, sides.after.vintage))
    match = sql.SQL(" and ").join(sql.SQL("one.{0} = other.{0}").format(sql.Identifier(name)) for name in sides.key)
    differ = sql.SQL("(one._row is null or other._row is null or {})").format(
        sql.SQL(" or ").join(
            sql.SQL("one.{0} is distinct from other.{0}").format(sql.Identifier(name)) for name in sides.compared
        )
    )
    place = _place(sql.SQL("coalesce(other.{0}, one.{0})").format(sql.Identifier(name)) for name in sides.key)
    cells = sql.SQL(", ").join(
        sql.SQL("({}, one.{}, other.{})").format(sql.Literal(name), sql.Identifier(name), sql.Identifier(name))
        for name in sides.compared
    )
    return sql.SQL(
        "create temporary table changed on commit drop as select place, before_row, after_row, column_name,"
        " before, after,"
        " case when before_row is null then 'added' when after_row is null then 'removed'"
        " when {before_number} = {after_number} then 'rewritten' else 'revised' end as kind"
        # Only rows that differ are unfolded into cells: in most files most rows are as they were.
        " from (select {place} as place, one._row as before_row, other._row as after_row, cell.column_name,"
        " left(cell.before, 200) as before, left(cell.after, 200) as after"
        " from {one} as one full join {other} as other on {match}"
        " cross join lateral (values {cells}) as cell (column_name, before, after)"
        " where {differ} and cell.before is distinct from cell.after) as differing"
    ).format(
        place=place,
        one=one,
        other=other,
        match=match,
        cells=cells,
        differ=differ,
        before_number=sql.SQL(values.number("before")),
        after_number=sql.SQL(values.number("after")),
    )


def _withheld_figures(conn: Connection[Any], sides: Sides) -> None:
    """A table of the figures that the source withholds by now, where the warehouse has been built."""
    if _is_built(conn):
        conn.execute(
            f"create temporary table withheld on commit drop as select distinct {FIGURE}"
            " from intermediate.int_observation_history where source_id = %s"
            " and (withheld_from is not null or (is_latest and conf_status <> 'free'))".encode(),
            (sides.source.id,),
        )


def _hide_withheld(conn: Connection[Any], sides: Sides) -> None:
    """Say "withheld" of each cell of a row that the source has suppressed since it last gave it, whether or not a
    measure is made of it; and of the others what readers see of their figures (`warehouse.as_seen`).
    """
    markers = [marker for marker, meant in sides.source.markers.items() if meant.conf_status != "free"]
    cells = sql.SQL(", ").join(sql.SQL("trim({})").format(sql.Identifier(name)) for name in sides.compared)
    numbers = sql.SQL(", ").join(sql.SQL(values.number(f'"{name}"')) for name in sides.compared)
    hidden = sql.SQL(
        "place in (select {place} from {table} group by {key}"
        " having max(_vintage) filter (where array[{cells}] && {markers})"
        " >= coalesce(max(_vintage) filter (where num_nonnulls({numbers}) > 0"
        " and not array[{cells}] && {markers}), 0))"
    ).format(
        place=_place(sql.Identifier(name) for name in sides.key),
        table=sql.Identifier("raw", sides.source.raw_table),
        key=sql.SQL(", ").join(map(sql.Identifier, sides.key)),
        cells=cells,
        numbers=numbers,
        markers=sql.Literal(markers),
    )
    conn.execute("create temporary table seen (place text, is_withheld boolean, decimals integer) on commit drop")
    seen = as_seen.relation(conn, sides.source, sides.key)
    if seen is not None:
        place = _place(sql.Identifier(name) for name in sides.key)
        conn.execute(sql.SQL("insert into seen select {}, is_withheld, decimals from {} as seen").format(place, seen))
    hidden = sql.SQL("({} or place in (select place from seen where is_withheld))").format(hidden)
    if sides.source.figures and sides.source.figures.suppression:
        # Its publisher suppresses what is small, so that a number which is given no more is one, also before a build.
        hidden = sql.SQL("({} or ({} is not null and {} is null))").format(
            hidden, sql.SQL(values.number("before")), sql.SQL(values.number("after"))
        )
    conn.execute(
        sql.SQL(
            "update changed set before = case when trim(before) <> all({markers}) then {withheld} else before end,"
            " after = case when trim(after) <> all({markers}) then {withheld} else after end where {hidden}"
        ).format(markers=sql.Literal(markers), withheld=sql.Literal(WITHHELD), hidden=hidden)
    )
    unknown = as_seen.decimals_of_unknown(sides.source)
    for cell in ("before", "after"):
        conn.execute(
            sql.SQL(
                "update changed set {cell} = round({number}, served.decimals)::text"
                " from (select place, decimals from seen union all"
                "   select distinct place, {unknown}::integer from changed where place not in (select place from seen)"
                " ) as served where served.place = changed.place and scale(trim_scale({number})) > served.decimals"
            ).format(cell=sql.Identifier(cell), number=sql.SQL(values.number(cell)), unknown=sql.Literal(unknown))
        )
    conn.execute("drop table seen")


def _is_built(conn: Connection[Any]) -> bool:
    """Whether the warehouse has been built, by a revision that says what is withheld."""
    row = conn.execute(
        "select exists (select from pg_attribute where attname = 'withheld_from'"
        " and attrelid = to_regclass('intermediate.int_observation_history'))"
    ).fetchone()
    return bool(row and row[0])


def _place(columns: Iterable[sql.Composable]) -> sql.Composable:
    """The words for where a row is: what its source's key holds."""
    return sql.SQL("concat_ws(' · ', {})").format(
        sql.SQL(", ").join(sql.SQL("nullif(trim({}), '')").format(column) for column in columns)
    )


# ------------------------------------------------------------------------------------------------ figures and
# judgements


def _effect_of_vintages(conn: Connection[Any], sides: Sides, limit: int) -> Row:
    """What the one file and the other make of the figures that readers see, everything else as it stands."""
    unusable = [
        f"vintage {each.vintage} is {'under embargo' if each.arrival == 'accepted' else each.arrival}"
        for each in (sides.before, sides.after)
        if not conn.execute("select 1 from ops.vintage where vintage = %s and arrival = 'accepted'"
                            " and (not_before is null or not_before <= now())", (each.vintage,)).fetchone()
    ]  # fmt: skip
    if unusable or not _is_built(conn):
        why = "; ".join(unusable) or "the warehouse has not been built yet"
        return {"effect": None, "flips": [], "no_effect_because": why}
    shown = f"indicator_id, {FIGURE}, period_label, obs_value, {', '.join(COUNTS)}"
    told_of_counts = ", ".join(
        f"case when ({FIGURE}) not in (select * from withheld) then {each} end as {each}" for each in COUNTS
    )
    numbers = {"one": sql.Literal(sides.before.vintage), "other": sql.Literal(sides.after.vintage)}
    # Only what one of the two gives otherwise than the other is followed further.
    conn.execute(
        sql.SQL(
            f"create temporary table touched on commit drop as select distinct {FIGURE} from"
            f" (select {FIGURE}, obs_value, vintage from intermediate.int_figures where vintage = {{one}}) as one"
            f" full join (select {FIGURE}, obs_value, vintage from intermediate.int_figures where vintage = {{other}})"
            " as other"
            f" using ({FIGURE}) where one.obs_value is distinct from other.obs_value"
            " or one.vintage is null or other.vintage is null"
        ).format(**numbers)
    )
    conn.execute("analyze touched")
    for name, mine in (("with_before", sides.before), ("with_after", sides.after)):
        conn.execute(
            sql.SQL(
                "create temporary table {name} on commit drop as"
                f" with standing as (select {shown} from intermediate.int_observation_current join touched using"
                f" ({FIGURE})"
                " where choice = 1 and vintage not in ({one}, {other})),"
                f" given as (select distinct on ({FIGURE}) indicator_id, {FIGURE}, period_label,"
                f" case when ({FIGURE}) not in (select * from withheld)"
                "  then round(obs_value, coalesce(served_decimals, scale(obs_value))) end as obs_value,"
                f" {told_of_counts}"
                f" from intermediate.int_figures join touched"
                f" using ({FIGURE}) where vintage = {{mine}} order by {FIGURE}, source_row desc),"
                f" without as (select distinct on ({FIGURE}) {shown} from intermediate.int_observation_history"
                f" join touched"
                f" using ({FIGURE}) where vintage not in ({{one}}, {{other}}) and has_stood"
                f" order by {FIGURE}, line_preference, known_from desc, publication_rank desc, publication_id)"
                f" select {shown} from standing"
                # A figure that a better source gives is not this file's to change, and one that this file does not
                # give stands as published before it.
                f" union all select {shown} from given where {_absent_from('standing', 'given')}"
                f" union all select {shown} from without where {_absent_from('standing', 'without')}"
                f" and {_absent_from('given', 'without')}"
            ).format(name=sql.Identifier(name), mine=sql.Literal(mine.vintage), **numbers)
        )
    told = effect(conn, "with_before", "with_after", limit)
    told["flips"] = []
    if releases.current(conn):
        # A judgement is of all the figures of a measure and an area, and of the counts that they are made of, so those
        # that stay as they are belong to it.
        conn.execute(
            f"create temporary table untouched on commit drop as"
            " with judged as (select * from marts.dim_measure where exists (select 1 from touched where"
            " touched.measure_id in (dim_measure.measure_id, numerator_measure_id, denominator_measure_id))),"
            " needed as (select measure_id from judged union select numerator_measure_id from judged"
            " union select denominator_measure_id from judged)"
            f" select {shown} from intermediate.int_observation_current as figure"
            " where choice = 1 and breakdown = 'total' and measure_id in (select measure_id from needed)"
            " and area_code in (select area_code from touched where breakdown = 'total')"
            f" and {_absent_from('touched', 'figure')}".encode()
        )
        told["flips"] = flips(
            conn,
            *(
                methods.progress_of(conn, f"(select {shown} from {name} union all select {shown} from untouched)")
                for name in ("with_before", "with_after")
            ),
        )
    return told


def _absent_from(others: str, ours: str) -> str:
    match = " and ".join(f"{others}.{column} = {ours}.{column}" for column in FIGURE.split(", "))
    return f"not exists (select 1 from {others} where {match})"


def effect(conn: Connection[Any], before: str, after: str, limit: int) -> Row:
    """Figures added, removed and changed, for Scotland and for councils, and the largest of the changes."""
    match = " and ".join(f"one.{column} = other.{column}" for column in FIGURE.split(", "))
    key = ", ".join(f"coalesce(other.{column}, one.{column}) as {column}" for column in FIGURE.split(", "))
    conn.execute(
        f"create temporary table moved on commit drop as select coalesce(other.indicator_id, one.indicator_id)"
        f" as indicator_id, {key}, coalesce(other.period_label, one.period_label) as period_label,"
        " one.obs_value as before, other.obs_value as after, other.obs_value - one.obs_value as difference,"
        " case when one.measure_id is null then 'added' when other.measure_id is null then 'removed' else 'revised' end"
        f" as kind from {before} as one full join {after} as other on {match}"
        " where one.measure_id is null or other.measure_id is null or one.obs_value is distinct from"
        " other.obs_value".encode()
    )
    effect = {}
    for name, condition in (("national", f"area_code = '{SCOTLAND}'"), ("council", "starts_with(area_code, 'S12')")):
        counts = _rows(
            conn,
            f"select kind, count(*) as figures, count(distinct measure_id) as measures, count(distinct"
            f" area_code) as areas"
            f" from moved where {condition} group by kind order by kind",
        )
        largest = _rows(
            conn,
            "select indicator_id, measure_id, area_code, period_label, breakdown, breakdown_value, before,"
            " after, difference"
            f" from moved where {condition} and kind = 'revised'"
            " order by abs(difference / nullif(before, 0)) desc nulls last, measure_id, area_code limit %s",
            limit,
        )
        effect[name] = {row["kind"]: {k: row[k] for k in ("figures", "measures", "areas")} for row in counts} | {
            "largest": largest
        }
    conn.execute("drop table moved")
    return {"effect": effect}


def flips(conn: Connection[Any], before: str, after: str) -> list[Row]:
    """Measures and areas whose judgement comes out otherwise. From one reason why there is none to another is none."""
    return _rows(
        conn,
        f"with one as ({before}), other as ({after})"
        " select coalesce(other.indicator_id, one.indicator_id) as indicator_id,"
        " coalesce(other.measure_id, one.measure_id) as measure_id, coalesce(other.area_code, one.area_code) as"
        " area_code,"
        " one.judgement as before, other.judgement as after, one.reason as reason_before, other.reason as reason_after"
        " from one full join other on one.measure_id = other.measure_id and one.area_code = other.area_code"
        " where one.judgement is distinct from other.judgement and"
        " (one.judgement in ('improving', 'no_clear_change', 'worsening', 'rose', 'fell')"
        "  or other.judgement in ('improving', 'no_clear_change', 'worsening', 'rose', 'fell')) order by 2, 3",
    )


def _rows(conn: Connection[Any], statement: str, *parameters: object) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement.encode(), parameters or None).fetchall()


# --------------------------------------------------------------------------------------------------------- in words


def show(before: int | None, after: int | None, day: date | None, limit: int = 20, as_json: bool = False) -> None:
    """Print what changed between two vintages, or since a day."""
    if not database.is_running():
        raise PromiseError("the database is not running; start it with `promise db url`, or everything with `make run`")
    with database.connect(autocommit=True) as conn:
        if day is not None and before is None:
            told = since(conn, day, limit)
        elif before is not None and after is not None and day is None:
            told = between(conn, before, after, limit)
        else:
            raise PromiseError("give two vintages (`promise diff 5 6`) or a day (`promise diff --since 2025-06-01`)")
    if as_json:
        print(json.dumps(told, indent=2, default=str, ensure_ascii=False))  # noqa: T201
        return
    _print(Console(emoji=False, highlight=False, soft_wrap=True), told)


def _vintage(vintage: ledger.Vintage) -> Row:
    return {
        "vintage": vintage.vintage,
        "source_id": vintage.source_id,
        "file_name": vintage.file_name,
        "snapshot_id": vintage.snapshot_id,
        "retrieved_at": vintage.retrieved_at,
        "rows": vintage.row_count,
        "arrival": vintage.arrival,
    }


def _print(console: Console, told: Row) -> None:
    if "cells" in told:
        console.print(
            f"[bold]{told['source_id']}[/], vintage {told['before']['vintage']} to {told['after']['vintage']},"
            f" rows matched by {', '.join(told['matched_by'])}"
        )
        console.print("cells: " + ", ".join(f"{number:,} {kind}" for kind, number in told["cells"].items()))
        for each in told["changes"]:
            console.print(f"  {each['kind']} {escape(each['place'])}: {each['before'] or '-'} → {each['after'] or '-'}")
    else:
        console.print(f"[bold]Since the end of {told['since']:%d %B %Y}[/], by the publications that are loaded")
    if told["effect"] is None:
        console.print(f"effect on figures: not known, because {told['no_effect_because']}")
        return
    for name, effect in told["effect"].items():
        counts = ", ".join(f"{row['figures']:,} {kind}" for kind, row in effect.items() if kind != "largest")
        console.print(f"{name} figures: {counts or 'none changed'}")
        for each in effect["largest"]:
            cut = "" if each["breakdown"] == "total" else f" {each['breakdown']}={each['breakdown_value']}"
            console.print(
                f"  {each['measure_id']} {each['area_code']} {each['period_label']}{cut}: {each['before']} →"
                f" {each['after']}"
            )
    if not told["flips"]:
        console.print("no judgement comes out otherwise")
        return
    table = Table(
        "measure", "area", "before", "after", title="Judgements that come out otherwise", title_justify="left"
    )
    for each in told["flips"]:
        table.add_row(each["measure_id"], each["area_code"], each["before"] or "none", each["after"] or "none")
    console.print(table)
