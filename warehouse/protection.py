"""Which figures we withhold, because one that its publisher withholds could be had from them (docs/disclosure.md).

Decided anew of whatever staging holds, and kept in `ops.protection`, which int_observation_history asks. What was
withheld before for the same reason stays withheld: another choice each time would show all of them, one after another.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from psycopg import Connection, sql

from promise import disclosure
from warehouse import outsider
from warehouse.at_fault import CheckFailed, Finding, at_fault
from warehouse.outsider import Figure, Key, Knowledge

log = logging.getLogger(__name__)
FIGURE = sql.SQL(", ").join(map(sql.Identifier, Figure._fields))
REASON = "with it a figure that its publisher withholds could be worked out"
REMEDY = (
    "withhold a total that gives it away, or ask the publisher; docs/disclosure.md says how the choice is made and what"
    " may be withheld"
)

# What stands now, and each edition: as their publisher gave it, also where we withhold it. What is withheld since an
# edition gave it is withheld there too, unless somebody declared that it may stand.
_PUBLISHED = sql.SQL(
    "(select {figure}, null::text as edition, figures.obs_value, figures.numerator, figures.denominator,"
    " figures.suppressed_below, case when figures.conf_status <> 'free'"
    "   or standing.conf_status = 'suppressed_by_publisher' then 'publisher' end as withheld_by,"
    " null::date as known_from"
    " from intermediate.int_observation_current as standing"
    " join intermediate.int_figures as figures using ({figure}, source_id, publication_id, vintage, source_row)"
    " where standing.choice = 1"
    " union all select {figure}, publication_id, figures.obs_value, figures.numerator, figures.denominator,"
    " figures.suppressed_below, case when history.conf_status = 'suppressed_by_publisher' then 'publisher' end,"
    " history.known_from"
    " from intermediate.int_observation_history as history"
    " join intermediate.int_figures as figures using ({figure}, source_id, publication_id, vintage, source_row)"
    " where history.entry = 'published')"
).format(figure=FIGURE)


def knowledge(conn: Connection[Any]) -> list[Knowledge]:
    """What is known of what stands and of the editions, where something is withheld by now."""
    return outsider.of(conn, _PUBLISHED)


def decide(conn: Connection[Any], run_id: int) -> bool:
    """Decide what is withheld of what the run has staged; whether that is other than before. Commits.

    Raises CheckFailed, with the new vintages at fault, where something withheld can be worked out whatever we withhold.
    """
    before = {Figure(*row) for row in conn.execute(sql.SQL("select {} from ops.protection").format(FIGURE)).fetchall()}
    wanted = _chosen(conn, knowledge(conn), before)
    if wanted == before:
        return False
    for figure in before - wanted:
        conn.execute(
            sql.SQL("delete from ops.protection where ({}) = ({})").format(
                FIGURE, sql.SQL(", ").join(map(sql.Literal, figure))
            )
        )
    for figure in sorted(wanted - before):
        conn.execute(
            sql.SQL("insert into ops.protection ({}, reason, run_id) values ({}, %s, %s)").format(
                FIGURE, sql.SQL(", ").join(map(sql.Literal, figure))
            ),
            (REASON, run_id),
        )
        log.info("withheld by us: %s of %s, %s: %s", figure.measure_id, figure.area_code, figure.period_end, REASON)
    conn.commit()
    return True


def _chosen(conn: Connection[Any], problems: Sequence[Knowledge], before: Collection[Figure]) -> set[Figure]:
    """The figures to withhold: what is in the way of attacks on all problems together."""
    exposed = [(problem, each) for problem in problems for each in disclosure.attack(problem.cells, problem.equations)]
    around = {figure for problem, each in exposed for figure in problem.figures_in(each.equations)}
    chosen = {figure for figure in before if figure in around}
    # What is withheld for one edition is something to be worked out from the others.
    while True:
        more = {figure for problem in problems for figure in _protected(conn, problem, chosen)}
        if not more:
            return chosen
        chosen |= more


def _protected(conn: Connection[Any], problem: Knowledge, chosen: Collection[Figure]) -> set[Figure]:
    """Which figures to withhold beside those that are chosen, so that no attack on this problem succeeds."""
    cells = [
        replace(cell, is_shown=False, known_width=None) if cell.is_shown and _of(cell.key) in chosen else cell
        for cell in problem.cells
    ]
    try:
        return {_of(key) for key in disclosure.protect(cells, problem.equations)}
    except disclosure.CannotProtect as trouble:
        names = sorted({name for each in trouble.exposed for name in each.equations})
        raise CheckFailed(
            f"figures that their publishers withhold can be worked out: {'; '.join(names)}. To do: {REMEDY}",
            at_fault(conn, [finding(conn, problem.figures_in(names), names)]),
        ) from None


def finding(conn: Connection[Any], figures: Iterable[Figure], equations: Sequence[str] = ()) -> Finding:
    """That these figures give one away that is withheld, by which equations, with the vintages that they are of."""
    rows = conn.execute(
        sql.SQL(
            "select distinct {figure}, vintage, source_id, source_cell from intermediate.int_observation_history"
            " join unnest(%s::text[], %s::text[], %s::date[], %s::date[], %s::text[], %s::text[]) as known ({figure})"
            " using ({figure})"
        ).format(figure=FIGURE),
        [list(column) for column in zip(*sorted(figures), strict=True)] or [[]] * len(Figure._fields),
    ).fetchall()
    names = (*Figure._fields, "vintage", "source_id", "source_cell")
    return Finding(
        check="the check that nothing withheld can be worked out" + "".join(f", by {each}" for each in equations),
        rows=[dict(zip(names, row, strict=True)) for row in rows],
        reads=(),
        remedy=REMEDY,
    )


def _of(key: object) -> Figure:
    assert isinstance(key, Key)
    return key.figure
