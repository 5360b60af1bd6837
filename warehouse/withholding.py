"""The kept releases that show a figure which the one to be shown withholds: they are given up, with what they hold."""

from __future__ import annotations

from typing import Any

from psycopg import Connection, sql

from warehouse import published
from warehouse.kept import listing, places_of
from warehouse.published import Place

HISTORY, EVENTS = "fct_observation_vintage", "fct_history_event"
FIGURE = ("measure_id", "area_code", "period_start", "period_end", "breakdown", "breakdown_value")


def revealing(conn: Connection[Any], release_id: int) -> dict[int, str]:
    """The earlier kept releases that show what this one withholds, each with why it cannot be gone back to."""
    now = places_of(conn, release_id)
    earlier = [each.release_id for each in listing(conn) if each.is_kept and each.release_id < release_id]
    counts = {number: _revealed(conn, places_of(conn, number), now) for number in earlier}
    return {
        number: f"emptied, because of {count} of the figures that it shows release {release_id} says that they are"
        " withheld by now"
        for number, count in counts.items()
        if count
    }


def _revealed(conn: Connection[Any], before: dict[str, Place], now: dict[str, Place]) -> int:
    """How many figures one release shows that the other withholds: a value, or what was published beside it."""
    counts = []
    if HISTORY in before and HISTORY in now and before[HISTORY] != now[HISTORY]:
        # Few are withheld, and only those are looked for. One that is still shown, because it was declared that it may
        # be, gives nothing away.
        counts.append(
            sql.SQL(
                "with withheld as materialized (select distinct {named} from {now} as now where conf_status <> 'free')"
                " select count(distinct ({figure})) from {before} as before join withheld as now on {same_figure}"
                " where num_nonnulls(obs_value, numerator, denominator, lci_95, uci_95) > 0"
                " and not exists (select from {now} as now where now.obs_value is not null and {same_row})"
            ).format(
                named=sql.SQL(", ").join(map(sql.Identifier, FIGURE)),
                figure=sql.SQL(", ").join(sql.Identifier("before", name) for name in FIGURE),
                before=_table(before[HISTORY]),
                now=_table(now[HISTORY]),
                same_figure=_same(*FIGURE),
                same_row=_same(*FIGURE, "source_id", "publication_id", "entry"),
            )
        )
    if EVENTS in before and EVENTS in now and before[EVENTS] != now[EVENTS]:
        # Also of what no measure is made of.
        counts.append(
            sql.SQL(
                "select count(distinct (before.source_id, before.series_label, before.series_heading,"
                " before.area_code, before.period_label, before.breakdown, before.breakdown_value))"
                " from {} as before join {} as now using (event_id)"
                " where num_nonnulls(before.value_before, before.value_after)"
                " > num_nonnulls(now.value_before, now.value_after) and before.measure_id is null"
            ).format(_table(before[EVENTS]), _table(now[EVENTS]))
        )
    return sum(row[0] for row in (conn.execute(count).fetchone() for count in counts) if row)


def _same(*columns: str) -> sql.Composable:
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier("now", name), sql.Identifier("before", name)) for name in columns
    )


def _table(place: Place) -> sql.Composable:
    return sql.Identifier(published.SCHEMA, published.partition_of(place.parent, place.slot))
