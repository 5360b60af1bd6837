"""The attack on a candidate: whether anything withheld can be worked out from all that would be shown together.

`warehouse.protection` has withheld what it had to before the marts were built. Here the candidate is asked itself, as
somebody would who has every mart and download of it: by linear and integer programs over the figures, by fractions on
ratios that are printed too finely, and by looking in each mart for what should not be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection, sql

from promise import disclosure
from promise.catalogue.framework_measures import PER
from promise.disclosure.fractions import small_numerators
from warehouse import outsider, protection, published
from warehouse.at_fault import Finding
from warehouse.candidate import SCHEMA
from warehouse.outsider import Figure

# What a council's ratio can be of at most, for an outsider who wants its fraction back: more children than any of the
# groups that we show have. A larger number would find fewer.
LARGEST_GROUP = 20_000
# Of which figure the numbers of a mart are, where `withheld` is one and `mart` the row.
OF_ITS_OWN = "withheld.measure_id = mart.measure_id and withheld.area_code = mart.area_code"
# Numbers beside a figure that are of another figure, or made of it.
OF_ANOTHER = {
    "scotland_value": "withheld.measure_id = mart.measure_id and withheld.area_code = 'S92000003'",
    "comparator_value": "withheld.area_code = mart.area_code and withheld.measure_id = (select comparator_measure_id"
    " from {schema}.dim_measure as measure where measure.measure_id = mart.measure_id)",
    "family_median": "withheld.measure_id = mart.measure_id and exists (select from {schema}.dim_area as one"
    " join {schema}.dim_area as other using (family_group)"
    " where one.area_code = mart.area_code and other.area_code = withheld.area_code)",
    "group_median": "withheld.measure_id = mart.measure_id and exists (select from {schema}.dim_area as area"
    " where area.area_code = withheld.area_code and area.area_type = 'council')",
}
OF_NOBODY = ("per", "tolerance", "lower_bound", "upper_bound")
KEY = sql.SQL(", ").join(map(sql.Identifier, Figure._fields))
_WITHHELD_BY = sql.SQL(
    "case figure.conf_status when 'suppressed_by_publisher' then 'publisher' when 'suppressed_by_us' then 'us' end"
)


def attack(conn: Connection[Any]) -> Iterator[tuple[str, Finding]]:
    """What can be worked out from the candidate, in words, with the rows to blame. Says never what it is."""
    yield from _worked_out(conn)
    yield from _shown(conn)
    yield from _fractions(conn)


def _worked_out(conn: Connection[Any]) -> Iterator[tuple[str, Finding]]:
    def shown(table: str, edition: str, known_from: str) -> sql.Composed:
        return sql.SQL(
            "select {key}, {edition} as edition, figure.obs_value, figure.numerator, figure.denominator,"
            " rule.suppressed_below, {withheld_by} as withheld_by, {known_from} as known_from"
            " from {table} as figure left join {provenance} as provenance using ({key})"
            " left join intermediate.int_suppression_rule as rule"
            "   on rule.source_id = figure.source_id and rule.series_label = provenance.series_label"
        ).format(
            key=KEY,
            edition=sql.SQL(edition),  # type: ignore[arg-type]
            withheld_by=_WITHHELD_BY,
            known_from=sql.SQL(known_from),  # type: ignore[arg-type]
            table=sql.Identifier(SCHEMA, table),
            provenance=sql.Identifier(SCHEMA, "provenance"),
        )

    relation = sql.SQL("({} union all {} where figure.entry = 'published')").format(
        shown("fct_observation", "null::text", "null::date"),
        shown("fct_observation_vintage", "figure.publication_id", "figure.known_from"),
    )
    found: dict[str, Finding] = {}
    for known in outsider.of(conn, relation):
        for exposed in disclosure.attack(known.cells, known.equations):
            words = f"a figure that is withheld can be worked out: {'; '.join(exposed.equations)}"
            if words not in found:
                figures = known.figures_in(exposed.equations)
                found[words] = protection.finding(conn, figures, exposed.equations)
    yield from found.items()


def _shown(conn: Connection[Any]) -> Iterator[tuple[str, Finding]]:
    """Marts that have a number of a figure that is withheld."""
    withheld = sql.SQL(
        "(select {key} from {table} where conf_status <> 'free'"
        # What a declaration lets stand is shown in the history.
        " except select {declared} from intermediate.int_figures as figure join staging.catalogue__disclosure"
        "   using (source_id, publication_id, series_label, area_published, period_published))"
    ).format(
        key=KEY,
        table=sql.Identifier(SCHEMA, "fct_observation"),
        declared=sql.SQL(", ").join(sql.Identifier("figure", name) for name in Figure._fields),
    )
    for mart in published.relations(conn, SCHEMA):
        columns = {name: kind for name, kind, _ in published.shape(conn, SCHEMA, mart).columns}
        if not {*Figure._fields[:4]} <= columns.keys():
            continue
        numbers = [name for name, kind in columns.items() if kind == "numeric" and name not in OF_NOBODY]
        asked = [(OF_ITS_OWN, [name for name in numbers if name not in OF_ANOTHER])]
        asked += [(whose, [name]) for name, whose in OF_ANOTHER.items() if name in numbers]
        same_part = (
            "withheld.breakdown = mart.breakdown and withheld.breakdown_value = mart.breakdown_value"
            if "breakdown" in columns
            else "withheld.breakdown = 'total'"
        )
        for whose, names in asked:
            rows = conn.execute(
                sql.SQL(
                    "select distinct {withheld_key} from {mart} as mart join {withheld} as withheld"
                    " on withheld.period_start = mart.period_start and withheld.period_end = mart.period_end"
                    " and {same_part} where {whose} and num_nonnulls({numbers}) > 0"
                ).format(
                    withheld_key=sql.SQL(", ").join(sql.Identifier("withheld", name) for name in Figure._fields),
                    mart=sql.Identifier(SCHEMA, mart),
                    withheld=withheld,
                    same_part=sql.SQL(same_part),  # type: ignore[arg-type]
                    whose=sql.SQL(whose).format(schema=sql.Identifier(SCHEMA)),  # type: ignore[arg-type]
                    numbers=sql.SQL(", ").join(sql.Identifier("mart", name) for name in names) if names else sql.NULL,
                )
            ).fetchall()
            if rows:
                about = protection.finding(conn, [Figure(*row) for row in rows])
                yield f"{mart} has numbers of {len(rows)} figures that are withheld", about


def _fractions(conn: Connection[Any]) -> Iterator[tuple[str, Finding]]:
    """Ratios that are printed so finely that they give a small count back, of measures that nobody has judged."""
    rows = conn.execute(
        sql.SQL(
            "select {key}, figure.obs_value, figure.unit from {figures} as figure join {measures} as measure"
            " using (measure_id) where measure.small_numbers is null and figure.numerator is null"
            " and figure.unit = any(%s) and figure.measure_id <> all(%s)"
            " and scale(trim_scale(figure.obs_value)) > measure.decimals"
        ).format(
            key=KEY,
            figures=sql.Identifier(SCHEMA, "fct_observation_vintage"),
            measures=sql.Identifier(SCHEMA, "dim_measure"),
        ),
        ([*PER], [*outsider.with_a_numerator()]),
    ).fetchall()
    found: list[Figure] = []
    for unit, multiplier in PER.items():
        own = [row for row in rows if row[7] == unit]
        # Of a share, what is left of the group is a count as well.
        sides = [[row[6] for row in own]] + ([[100 - row[6] for row in own]] if unit == "percent" else [])
        for side in sides:
            revealed = small_numerators(side, multiplier, [LARGEST_GROUP] * len(own))
            found += [Figure(*row[:6]) for row, fraction in zip(own, revealed, strict=True) if fraction is not None]
    for measure_id in sorted({figure.measure_id for figure in found}):
        figures = {figure for figure in found if figure.measure_id == measure_id}
        yield (
            f"{len(figures)} figures of {measure_id} are printed so finely that they give a count under 10 back. Say"
            " `small_numbers: true` of the measure in framework/indicators/, so that they leave with its decimals, or"
            " `false` with the reason, where the count is no secret",
            protection.finding(conn, figures),
        )
