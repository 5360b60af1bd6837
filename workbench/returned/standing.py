"""What a return would change of what is held of its sender, and how its sender stands."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from ingestion import landing
from promise import ledger
from promise.catalogue.returns import ReturnKind
from promise.catalogue.sources import Source

Row = dict[str, str]


@dataclass(frozen=True)
class Change:
    """One row that is new, changed or gone, by its key; `cells` are (heading, before, now) of what changed."""

    key: str
    title: str
    cells: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Changes:
    """All of them, beside the return that is held."""

    held: int  # rows
    new: tuple[Change, ...]
    changed: tuple[Change, ...]
    gone: tuple[Change, ...]
    same: int
    asks_a_person: bool  # so much is gone that a person decides before it is used


@dataclass(frozen=True)
class Filled:
    """How often a field is filled: here, and by all others who handed in the same kind."""

    title: str
    here: int
    rows: int
    others: int
    rows_of_others: int


@dataclass(frozen=True)
class Figure:
    """A figure of the sender's own, and those published for the same indicator, area and a period that overlaps."""

    title: str
    area: str
    period: str
    value: str
    published: tuple[tuple[str, str, str], ...]  # (measure, period, figure)


def last_returns(conn: Connection[Any], source: Source) -> dict[str, list[Row]]:
    """The rows of the last return of each organisation that nobody rejected or forgot."""
    found: dict[str, list[Row]] = {}
    for vintage in ledger.vintages(conn, source.id):
        if vintage.arrival in ("forgotten", "rejected"):
            continue
        content = landing.folder(source.id, vintage.snapshot_id) / "content"
        if content.exists():
            with content.open(encoding="utf-8", newline="") as handle:
                found[vintage.file_name.removesuffix(".csv")] = list(csv.DictReader(handle))
    return found


def changes(kind: ReturnKind, held: Sequence[Row], now: Sequence[Row], *, limit: float) -> Changes:
    """`limit`: which share of the rows held may be gone without a person being asked."""
    before = {_key(kind, row): row for row in held}
    after = {_key(kind, row): row for row in now}
    new = [_change(kind, row) for key, row in after.items() if key not in before]
    gone = [_change(kind, row) for key, row in before.items() if key not in after]
    both = [(before[key], row) for key, row in after.items() if key in before]
    changed = [
        _change(kind, row, cells)
        for was, row in both
        if (
            cells := tuple(
                (each.title, was.get(each.id) or "", row.get(each.id) or "")
                for each in kind.fields
                if (was.get(each.id) or "") != (row.get(each.id) or "")
            )
        )
    ]
    return Changes(
        held=len(held),
        new=tuple(new),
        changed=tuple(changed),
        gone=tuple(gone),
        same=len(both) - len(changed),
        asks_a_person=len(gone) > limit * len(held),
    )


def _key(kind: ReturnKind, row: Row) -> tuple[str, ...]:
    return tuple(row.get(each) or "" for each in kind.key)


def _change(kind: ReturnKind, row: Row, cells: tuple[tuple[str, str, str], ...] = ()) -> Change:
    title = next((row[each.id] for each in kind.fields if each.id == "title" and row.get(each.id)), "")
    return Change(" · ".join(filter(None, _key(kind, row))), title, cells)


def filled(kind: ReturnKind, now: Sequence[Row], others: Sequence[Row]) -> tuple[Filled, ...]:
    """Every field that is filled anywhere."""
    counted = [
        Filled(
            each.title,
            sum(bool(row.get(each.id)) for row in now),
            len(now),
            sum(bool(row.get(each.id)) for row in others),
            len(others),
        )
        for each in kind.fields
        if not each.key
    ]
    return tuple(each for each in counted if each.here or each.others)


def beside_published(conn: Connection[Any], kind: ReturnKind, now: Sequence[Row]) -> tuple[Figure, ...]:
    """The figures of a return beside those published, from the release that readers see."""
    by = kind.compared
    if by is None:
        return ()
    found = []
    for row in now:
        if not row.get(by.indicator) or row.get(by.only_where_empty):
            continue
        published = conn.execute(
            "select measure.title, observation.period_start, observation.period_end, observation.obs_value,"
            " observation.unit from marts.fct_observation as observation"
            " inner join marts.dim_measure as measure using (measure_id)"
            " where observation.indicator_id = %s and observation.area_code = %s and observation.breakdown = 'total'"
            " and observation.obs_value is not null"
            " and observation.period_start <= %s::date and observation.period_end >= %s::date"
            " order by measure.title, observation.period_start",
            (row[by.indicator], row[by.area], row[by.period_to], row[by.period_from]),
        ).fetchall()
        found.append(
            Figure(
                title=_change(kind, row).title or row[by.indicator],
                area=row[by.area],
                period=f"{row[by.period_from]} to {row[by.period_to]}",
                value=row.get(by.value) or "none",
                published=tuple(
                    (title, f"{start} to {end}", f"{value.normalize():f} {unit}")
                    for title, start, end, value, unit in published
                ),
            )
        )
    return tuple(found)
