"""Whose new file a failed check is about: what its rows, or the tables that it reads, name of one source alone.

A vintage is new while it is in no release that readers see. One that is not new passed these checks before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from promise.errors import PromiseError

Row = Mapping[str, Any]
KEY = ("indicator_id", "measure_id", "area_code", "period_start", "period_end", "breakdown", "breakdown_value")
QUOTED = ("measure_id", "area_code", "period_start", "period_label", "obs_value")  # no text that a file holds
# What a failing row can say of where it comes from.
ASKED = ("source_id", "snapshot_id", "vintage", "source_cell", *KEY, "period_label", "obs_value")


@dataclass(frozen=True)
class Finding:
    """A check that failed, in words, with its failing rows and the sources whose raw tables it reads."""

    check: str
    rows: Sequence[Row]
    reads: Collection[str]
    remedy: str


@dataclass(frozen=True)
class AtFault:
    """A new vintage that a check found wrong: why it is rejected, by which check, and for which rows."""

    source_id: str
    vintage: int
    reason: str
    check: str
    rows: Sequence[Row] = ()


class CheckFailed(PromiseError):
    """A check of what was built failed. `at_fault`: the new vintages that are to blame; none where nobody can say."""

    def __init__(self, message: str, at_fault: Sequence[AtFault] = ()) -> None:
        super().__init__(message)
        self.at_fault = tuple(at_fault)


@dataclass(frozen=True)
class _New:
    """A vintage in use that is not in the current release, and the one of the same file that is used without it."""

    vintage: int
    source_id: str
    snapshot_id: str
    file_name: str
    before: int | None


def at_fault(conn: Connection[Any], findings: Sequence[Finding]) -> tuple[AtFault, ...]:
    """The new vintages that the findings are about: of each finding those of one source, or none."""
    new: dict[str, list[_New]] = defaultdict(list)
    for vintage in _new(conn):
        new[vintage.source_id].append(vintage)
    found: dict[int, AtFault] = {}
    for finding in findings:
        rows = _placed(conn, finding)
        named = {str(row["source_id"]) for row in rows if row.get("source_id")} or {*finding.reads}
        blamed = [source_id for source_id in named if source_id in new]
        if len(blamed) != 1:
            continue
        of_source = new[blamed[0]]
        exactly = [each for each in of_source if any(_is_of(row, each) for row in rows)]
        for each in exactly or of_source[-1:]:
            own = [row for row in rows if _is_of(row, each)] or rows
            reason = _reason(each, finding, own)
            found.setdefault(each.vintage, AtFault(each.source_id, each.vintage, reason, finding.check, own))
    return tuple(found.values())


def _new(conn: Connection[Any]) -> list[_New]:
    return [
        _New(*row)
        for row in conn.execute(
            "select vintage, source_id, snapshot_id, file_name, (select max(before.vintage) from ops.vintage as before"
            "   where before.arrival = 'accepted' and before.source_id = ledger.source_id"
            "   and before.file_name = ledger.file_name and before.vintage < ledger.vintage)"
            " from ops.vintage as ledger"
            " where arrival = 'accepted' and (not_before is null or not_before <= ops.as_at())"
            " and vintage <> all (coalesce((select coalesce(run.built_of, run.vintages) from ops.release"
            "   join ops.warehouse_run as run using (run_id) where release.state = 'current'), '{}'))"
            " order by vintage"
        )
    ]


def _placed(conn: Connection[Any], finding: Finding) -> Sequence[Row]:
    """The rows with the source that each is of, as far as anybody knows it."""
    rows = finding.rows
    if any(row.get("source_id") for row in rows):
        return rows
    if any(row.get("snapshot_id") or row.get("vintage") for row in rows):
        ledger = conn.execute("select vintage, snapshot_id, source_id from ops.vintage").fetchall()
        by_number = {vintage: source_id for vintage, _, source_id in ledger}
        by_hash = {snapshot_id: source_id for _, snapshot_id, source_id in ledger}
        return [
            {**row, "source_id": by_number.get(row.get("vintage")) or by_hash.get(row.get("snapshot_id"))}
            for row in rows
        ]
    if len({*finding.reads}) == 1:
        return rows
    return _traced(conn, rows) or rows


def _traced(conn: Connection[Any], rows: Sequence[Row]) -> Sequence[Row]:
    """The published figures behind rows that are of a figure; where there are none, whose they should be."""
    shared = [column for column in KEY if rows and all(row.get(column) is not None for row in rows)]
    if not {"indicator_id", "measure_id"} & {*shared} or not _are_there(conn):
        return []
    wanted = Jsonb([{column: str(row[column]) for column in shared} for row in rows])
    with conn.cursor(row_factory=dict_row) as cursor:
        figures = cursor.execute(
            sql.SQL(
                "select distinct {} from jsonb_array_elements(%s) as wanted (failing)"
                " inner join intermediate.int_figures as figure on {}"
            ).format(
                sql.SQL(", ").join(sql.Identifier("figure", column) for column in ASKED),
                sql.SQL(" and ").join(
                    sql.SQL("{}::text = failing ->> {}").format(sql.Identifier("figure", column), sql.Literal(column))
                    for column in shared
                ),
            ),
            (wanted,),
        ).fetchall()
        return (
            figures
            or cursor.execute(
                "select distinct source_id from jsonb_array_elements(%s) as wanted (failing)"
                " inner join staging.framework__measure as measure on measure.measure_id = failing ->> 'measure_id'"
                "   or measure.indicator_id = failing ->> 'indicator_id'"
                " inner join staging.framework__series using (measure_id)",
                (wanted,),
            ).fetchall()
        )


def _are_there(conn: Connection[Any]) -> bool:
    tables = ("intermediate.int_figures", "staging.framework__measure", "staging.framework__series")
    row = conn.execute("select bool_and(to_regclass(name) is not null) from unnest(%s::text[]) as name", ([*tables],))
    return bool((row.fetchone() or (False,))[0])


def _is_of(row: Row, vintage: _New) -> bool:
    return row.get("vintage") == vintage.vintage or row.get("snapshot_id") == vintage.snapshot_id


def _reason(vintage: _New, finding: Finding, own: Sequence[Row]) -> str:
    """Source, file, cell, what was found, which check, what to do. No text of the file itself is quoted."""
    first = own[0] if own else {}
    cell = f", {first['source_cell']}" if first.get("source_cell") else ""
    quoted = {name: first[name] for name in QUOTED if first.get(name) is not None}
    if "period_label" in quoted:
        quoted.pop("period_start", None)
    more = f" (and {len(own) - 1} more)" if len(own) > 1 else ""
    found = f"found {', '.join(f'{name} {value}' for name, value in quoted.items())}{more}, which" if quoted else "it"
    stays = (
        f"Vintage {vintage.before} of this file stays in use."
        if vintage.before
        else "No vintage of this file is in use yet."
    )
    what = f"{vintage.file_name}{cell}: {found} fails {finding.check}"
    return f"{vintage.source_id}: {what}. To do: {finding.remedy}. {stays}"
