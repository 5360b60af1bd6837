"""What must hold of a candidate release as a whole, against the catalogue and against the release before.

What one model must hold by itself is tested by dbt and not asked again here. One question is: that nothing withheld
is shown. For figures about children it is worth two answers from two tools.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from expectations.gx import say
from promise.catalogue.framework import framework
from promise.catalogue.framework_measures import Measure
from promise.vocabulary.area_list import areas
from warehouse.candidate import SCHEMA as CANDIDATE

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

LGBF = "lgbf"  # published as a grid, every council in every year: a hole in it is ours
FIGURE = (
    "measure_id", "area_code", "period_start", "period_end", "breakdown", "breakdown_value",
    "publication_id", "source_id", "snapshot_id", "source_cell",
)  # fmt: skip


@dataclass(frozen=True)
class Suite:
    """Expectations over the rows of one query; `address` are the columns by which a row is found again."""

    name: str
    query: str
    address: tuple[str, ...]
    expectations: list[Expectation]


def suites(loaded: frozenset[str], rows_before: int | None) -> list[Suite]:
    """Every suite of the gate.

    `loaded` are the sources with an accepted vintage: one that was stopped before it ever arrived has had its message
    from the arrival gate and does not hold up the others. `rows_before` is the size of the release that readers see.
    """
    found = [
        Suite("fct_observation", _figures("fct_observation"), FIGURE, _whole(loaded, rows_before) + _sound(loaded)),
        Suite("fct_observation_vintage", _figures("fct_observation_vintage"), FIGURE, _sound(loaded)),
        Suite(
            "dim_vision_statement",
            _format("select vision_statement_id from {}", "dim_vision_statement"),
            (),
            _statements(),
        ),
        Suite("dim_area_boundary", _boundaries(), ("area_code",), _mapped()),
    ]
    if LGBF in loaded:
        found.append(Suite("council_coverage", _grid(), ("measure_id", "period_start", "area_code"), _complete()))
    return found


def measures_of(loaded: Iterable[str]) -> list[Measure]:
    """The measures that have a published series in one of the sources."""
    known = set(loaded)
    return [measure for _, measure in framework().measures() if any(each.source in known for each in measure.series)]


def _figures(table: str) -> str:
    """Each figure with what the ledger says of the file, and the heading that it claims and that file does not have.

    Where a row of the raw table is a cell, cells have names of their own, and no heading is claimed.
    """
    return _format(
        "select figure.indicator_id, {columns}, figure.obs_value, figure.conf_status,"
        " case when not exists (select from ops.vintage as ledger, jsonb_each_text(ledger.headings) as heading"
        "   where ledger.source_id = figure.source_id and ledger.snapshot_id = figure.snapshot_id and heading.value"
        "   = coalesce(substring(figure.source_cell from '^line [1-9][0-9]*:(.+)$'), '@cell'))"
        "   then concat(figure.source_id, ' ', coalesce(substring(figure.source_cell from '^line [1-9][0-9]*:(.+)$'),"
        "   'cell ' || figure.source_cell)) end as unknown_heading,"
        " (select max(ledger.vintage) from ops.vintage as ledger where ledger.arrival = 'accepted'"
        "   and ledger.source_id = figure.source_id and ledger.snapshot_id = figure.snapshot_id) as ledger_vintage"
        " from {} as figure",
        table,
        columns=sql.SQL(", ").join(sql.Identifier("figure", column) for column in FIGURE),
    )


def _whole(loaded: frozenset[str], rows_before: int | None) -> list[Expectation]:
    """Everything that the catalogue maps is there, and nothing else; nothing got lost since the last release."""
    import great_expectations.expectations as gxe

    # One that a source feeds which never arrived is not expected: the arrival gate has said why.
    fed = {measure.id for measure in measures_of(loaded)}
    indicators = sorted({indicator.id for indicator, measure in framework().measures() if measure.id in fed})
    found: list[Expectation] = [
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="indicator_id",
            value_set=indicators,
            severity="critical",
            meta=say(
                "a missing indicator fails as loudly as an unknown one",
                f"figures for the {len(indicators)} indicators that have a series in a loaded source",
                "see whether a source was stopped (`promise status`) or a `label` in framework/indicators/ no "
                "longer matches what is published",
            ),
        ),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="measure_id",
            value_set=sorted(measure.id for measure in measures_of(loaded)),
            severity="critical",
            meta=say(
                "a measure whose series match no published row would disappear without a word",
                "figures for every measure that has a series in a loaded source",
                "correct `label`, `heading` or `period_style` of its series in framework/indicators/",
            ),
        ),
    ]
    if rows_before is not None:
        found.append(
            gxe.ExpectTableRowCountToBeBetween(
                min_value=rows_before,
                severity="warning",
                meta=say(
                    "coverage may grow, it does not shrink without a reason",
                    f"at least the {rows_before} figures of the current release",
                    "find out which measure lost figures before readers ask",
                ),
            )
        )
    return found


def _sound(loaded: frozenset[str]) -> list[Expectation]:
    """Every figure is possible, may be shown, and can be followed to a cell of a landed file."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    by_bounds: dict[tuple[float | None, float | None], list[str]] = defaultdict(list)
    for measure in measures_of(loaded):
        if measure.bounds != (None, None):
            by_bounds[measure.bounds].append(measure.id)
    found: list[Expectation] = [
        gxe.ExpectColumnValuesToBeBetween(
            column="obs_value",
            min_value=lower,
            max_value=upper,
            row_condition=Column("measure_id").is_in(ids),
            severity="critical",
            meta=say(
                "a figure outside the bounds of its measure was read wrongly or published wrongly",
                _between(lower, upper),
                "look at the published cell; if it is right, correct `bounds` of the measure in framework/indicators/",
            ),
        )
        for (lower, upper), ids in sorted(by_bounds.items(), key=str)
    ]
    found.append(
        gxe.ExpectColumnValuesToBeInSet(
            column="conf_status",
            value_set=["free"],
            row_condition=Column("obs_value").is_not_null(),
            severity="critical",
            meta=say(
                "a figure that is withheld so that no child can be recognised must not have a value",
                "no value where conf_status is not 'free'",
                "release nothing before it is understood; look at `markers` of the source and at int_figures",
            ),
        )
    )
    found.append(
        gxe.ExpectColumnValuesToNotBeNull(
            column="ledger_vintage",
            severity="critical",
            meta=say(
                "a figure that leads to no accepted file cannot be explained",
                "a snapshot_id that the ledger holds as an accepted vintage of the same source",
                "rebuild; if it stays, a model mixes up the provenance of its rows",
                column="snapshot_id",
            ),
        )
    )
    found.append(
        gxe.ExpectColumnValuesToBeNull(
            column="unknown_heading",
            severity="critical",
            meta=say(
                "a reader must be able to find the cell in the published file",
                "`line N:heading`, with a heading of that very file",
                "correct source_cell in the staging model of the source",
                column="source_cell",
            ),
        )
    )
    return found


def _statements() -> list[Expectation]:
    import great_expectations.expectations as gxe

    return [
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="vision_statement_id",
            value_set=[statement.id for statement in framework().vision_statements],
            severity="critical",
            meta=say(
                "a vision statement is shown also when nothing is published under it",
                f"all {len(framework().vision_statements)} vision statements",
                "see which file of framework/vision_statements/ did not reach dim_vision_statement",
            ),
        )
    ]


def _boundaries() -> str:
    return _format(
        "select coalesce(figure.area_code, boundary.area_code) as area_code, figure.area_code as figure_area_code,"
        " boundary.area_code as boundary_area_code"
        " from (select distinct area_code from {observation} inner join {area} using (area_code)"
        "   where area_type = 'council') as figure"
        " full join (select area_code from {} inner join {area} using (area_code)"
        "   where area_type = 'council') as boundary on boundary.area_code = figure.area_code",
        "dim_area_boundary",
        observation=sql.Identifier(CANDIDATE, "fct_observation"),
        area=sql.Identifier(CANDIDATE, "dim_area"),
    )


def _mapped() -> list[Expectation]:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    councils = sorted(area.code for area in areas().councils)
    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="boundary_area_code",
            row_condition=Column("figure_area_code").is_not_null(),
            severity="critical",
            meta=say(
                "a council with figures and no polygon would be a hole in the map",
                "a boundary for every council that has figures",
                "see whether its code changed: ingestion/vocabulary/areas.yml, and the file of council_boundaries",
                column="area_code",
            ),
        ),
        gxe.ExpectColumnDistinctValuesToEqualSet(
            column="boundary_area_code",
            value_set=councils,
            severity="critical",
            meta=say(
                "the map and the tables must mean the same councils",
                f"the boundaries of the {len(councils)} councils of ingestion/vocabulary/areas.yml",
                "compare the codes in the file of council_boundaries with that list",
                column="area_code",
            ),
        ),
    ]


def _grid() -> str:
    """Every council in every year of every LGBF measure, beside the figure that should be there, or was withdrawn."""
    measures = [measure.id for measure in measures_of([LGBF]) if measure.geography == "council"]
    return _format(
        "select cell.measure_id, cell.period_start, council.area_code,"
        " coalesce(figure.area_code, withdrawn.area_code) as figure_area_code from"
        " (select distinct measure_id, period_start, period_end from {} where measure_id = any({measures})) as cell"
        " cross join unnest({councils}::text[]) as council (area_code)"
        " left join {} as figure on figure.measure_id = cell.measure_id and figure.area_code = council.area_code"
        "   and figure.period_start = cell.period_start and figure.period_end = cell.period_end"
        "   and figure.breakdown = 'total'"
        " left join (select distinct measure_id, area_code, period_start from {} where withdrawn_from is not null)"
        " as withdrawn on withdrawn.measure_id = cell.measure_id and withdrawn.area_code = council.area_code"
        "   and withdrawn.period_start = cell.period_start",
        *("fct_observation", "fct_observation", "fct_observation_vintage"),
        measures=sql.Literal(measures),
        councils=sql.Literal([area.code for area in areas().councils]),
    )


def _complete() -> list[Expectation]:
    import great_expectations.expectations as gxe

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column="figure_area_code",
            severity="critical",
            meta=say(
                "a council whose figure is withheld, missing or withdrawn still has a row that says so",
                f"all {len(areas().councils)} councils in every year of every LGBF measure",
                "compare with the landed file of lgbf; a row that is there and not here was lost by a model",
                column="area_code",
            ),
        )
    ]


def _between(lower: float | None, upper: float | None) -> str:
    if upper is None:
        return f"{lower:g} or more"
    return f"{upper:g} or less" if lower is None else f"between {lower:g} and {upper:g}"


def _format(text: str, *tables: str, **parts: sql.Composable) -> str:
    names = [sql.Identifier(CANDIDATE, table) for table in tables]
    return sql.SQL(text).format(*names, **parts).as_string()  # type: ignore[arg-type]
