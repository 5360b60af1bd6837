"""What may be printed of the cells of a landed file: what readers see of their figures (docs/disclosure.md).

Whoever works with the files sees them whole in `raw` and in landing. What a command or a gate prints is pasted into
mails, and so says no more than a page does: of a figure that is withheld nothing, of a rounded one what is served.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from psycopg import Connection, sql

from promise.catalogue.framework import framework
from promise.catalogue.sources import Source
from promise.vocabulary.numbers import find_number
from promise.vocabulary.quoting import WITHHELD

PUBLICATION = "publication_id"  # a row that names its own is in another edition the same figure
FIGURE = sql.SQL("measure_id, area_code, period_start, period_end, breakdown, breakdown_value")


@dataclass(frozen=True)
class AsSeen:
    """How readers see what stands in a row of a file."""

    is_withheld: bool = False
    decimals: int | None = None

    def cell(self, value: object) -> object:
        """A cell of the row as it may be printed; what is no number is printed as it is."""
        number = find_number(str(value)) if value is not None else None
        if number is None:
            return value
        if self.is_withheld:
            return WITHHELD
        if self.decimals is None:
            return value
        served = number.value.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)
        return value if served == number.value else str(served)


def key_of(source: Source) -> tuple[str, ...]:
    """The columns that say of which figure a row is, in whichever edition."""
    return tuple(name for name in source.table.checks.key if name != PUBLICATION)


def decimals_of_unknown(source: Source) -> int | None:
    """The decimals of a number that no figure is known of: it may be one of a measure of the source that is rounded."""
    return min(
        (
            measure.decimals
            for indicator in framework().by_id.values()
            for measure in indicator.measures
            if measure.small_numbers and any(series.source == source.id for series in measure.series)
        ),
        default=None,
    )


def relation(conn: Connection[Any], source: Source, key: Sequence[str]) -> sql.Composed | None:
    """The rows of the source that figures are made of, by these columns: the columns, `is_withheld` and `decimals`.

    Those that readers see as they are are left out, unless the others are rounded. None where nothing has been built.
    """
    # What an older revision built knows of neither column, and who loads files may not look there at all.
    row = conn.execute(
        "select count(*) = 2 from pg_attribute join pg_class on pg_class.oid = attrelid"
        " join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname = 'intermediate' and (relname, attname) in"
        " (('int_figures', 'served_decimals'), ('int_observation_history', 'withheld_from'))"
        " and has_schema_privilege(pg_namespace.oid, 'usage') and has_table_privilege(pg_class.oid, 'select')"
    ).fetchone()
    if not row or not row[0] or not key:
        return None
    return sql.SQL(
        "(select {columns}, bool_or(withheld.measure_id is not null) as is_withheld,"
        " min(figure.served_decimals) as decimals"
        " from intermediate.int_figures as figure"
        " left join (select distinct {figure} from intermediate.int_observation_history"
        "   where withheld_from is not null or (is_latest and conf_status <> 'free')) as withheld using ({figure})"
        " join {table} as raw on raw._vintage = figure.vintage and raw._row = figure.source_row"
        " where figure.source_id = {source}"
        " and ({all} or withheld.measure_id is not null or figure.served_decimals is not null)"
        " group by {places})"
    ).format(
        columns=sql.SQL(", ").join(sql.SQL("trim(raw.{0}) as {0}").format(sql.Identifier(name)) for name in key),
        table=sql.Identifier("raw", source.raw_table),
        figure=FIGURE,
        source=sql.Literal(source.id),
        all=sql.Literal(decimals_of_unknown(source) is not None),
        places=sql.SQL(", ").join(sql.Literal(place + 1) for place in range(len(key))),
    )


def as_seen(conn: Connection[Any], source: Source) -> Callable[[Sequence[str | None]], AsSeen]:
    """How readers see a row of the source, by the cells of the key that says of which figure it is."""
    rows = relation(conn, source, key_of(source))
    known = (
        {}
        if rows is None
        else {
            tuple(row[:-2]): AsSeen(is_withheld=row[-2], decimals=row[-1])
            for row in conn.execute(sql.SQL("select * from {} as seen").format(rows))
        }
    )
    unknown = AsSeen(decimals=decimals_of_unknown(source))
    return lambda cells: known.get(tuple(cells), unknown)
