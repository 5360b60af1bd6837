"""`promise preview`: what an indicator's mart and page would say of the working tree, without a release.

Its mart, and whatever else the working tree changes, is built in schemas of one's own. The figures are shown in the
terminal, and the site is written beside the real one, from the built marts and, for the rest, from the release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.rows import dict_row
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bi.site.build import render
from promise.catalogue.framework import framework
from promise.errors import PromiseError
from promise.settings import settings
from workbench.commands.dbt import Session, build, session

Row = dict[str, Any]
NATION = "S92000003"
FIGURES = """
    select measure.title, measure.decimals, progress.baseline_period_label, progress.baseline_value,
           progress.latest_period_label, progress.latest_value, progress.judgement, progress.reason
    from {marts}.dim_measure as measure
    left join {marts}.fct_progress as progress
      on progress.measure_id = measure.measure_id and progress.area_code = {nation}
    where measure.indicator_id = {indicator} order by measure.display_order, measure.measure_id"""
COUNTS = """
    select measure_title, count(distinct area_code) as areas, count(obs_value) as figures,
           count(*) filter (where obs_value is null) as missing,
           string_agg(distinct case when conf_status = 'free' then obs_status else conf_status end, ', ')
               filter (where obs_value is null) as reasons
    from {marts}.{mart} group by measure_id, measure_title order by measure_title"""


def show(indicator_id: str) -> None:
    """Print what an indicator's mart says, and where its page is. Raises PromiseError for one that is not known."""
    known = {indicator.id for _, _, indicator in framework().indicators()}
    if indicator_id not in known:
        near = sorted(each for each in known if set(indicator_id.split("_")) & set(each.split("_")))
        raise PromiseError(
            f"framework/ has no indicator {indicator_id!r}" + (f"; did you mean {', '.join(near[:3])}?" if near else "")
        )
    mine = session()
    if mine.state.release_id is None:
        raise PromiseError("nothing has been released yet, so there is nothing to show the rest of: run `make run`")
    console = Console(emoji=False, highlight=False, soft_wrap=True)
    for note in mine.state.notes:
        console.print(escape(note))
    # Without the release's own manifest nobody can say what the working tree changes; then the mart alone is built.
    changed = ["state:modified+"] if mine.state.is_the_releases else []
    results = build(
        mine, "--select", f"indicator__{indicator_id}", *changed, "--exclude-resource-type", "test", "unit_test"
    )
    own = f"{mine.analyst.schema}_marts"
    marts = [result.node.alias for result in results if result.node.schema == own]
    with _overlaid(mine, own=own, marts=marts) as (conn, overlay):
        _print(console, conn, overlay, indicator_id)
        written = render(conn, settings().home / "preview")
    console.print(f"{len(marts)} marts built in {own}, the rest is release {mine.state.release_id}'s")
    console.print(f"Page  {Path(written['folder']) / 'indicators' / f'{indicator_id}.html'}")


@contextmanager
def _overlaid(mine: Session, *, own: str, marts: list[str]) -> Iterator[tuple[Connection[Any], str]]:
    """A connection to which `marts` is the release with the built marts in its place, and the name of what stands in.

    The site asks for `marts` by name, and a person without the scheduler's rights cannot put another there: views in a
    schema of one's own stand in for it, in a transaction that is taken back.
    """
    overlay = f"{mine.analyst.schema}_preview"

    class Overlaid(psycopg.Cursor[Any]):
        """Statements of this cursor read the overlay where they say `marts`."""

        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            return super().execute(self._elsewhere(query), params, **options)

        def copy(self, statement: Any, params: Any = None, **options: Any) -> Any:
            return super().copy(self._elsewhere(statement), params, **options)

        def _elsewhere(self, query: Any) -> bytes:
            if isinstance(query, sql.Composable):
                query = query.as_bytes(self)
            text = query.encode() if isinstance(query, str) else query
            return re.sub(rb'\bmarts("?)\.', overlay.encode() + rb"\1.", text)

    with mine.analyst.connect() as conn:
        conn.execute("select ops.create_dev_schema(%s)", (overlay,))
        released = {name for (name,) in conn.execute("select viewname from pg_views where schemaname = 'marts'")}
        for name in sorted(released | set(marts)):
            conn.execute(
                sql.SQL("create view {} as select * from {}").format(
                    sql.Identifier(overlay, name), sql.Identifier(own if name in marts else "marts", name)
                )
            )
        conn.cursor_factory = Overlaid
        try:
            yield conn, overlay
        finally:
            conn.rollback()


def _print(console: Console, conn: Connection[Any], overlay: str, indicator_id: str) -> None:
    names = {
        "marts": sql.Identifier(overlay),
        "mart": sql.Identifier(f"indicator__{indicator_id}"),
        "nation": sql.Literal(NATION),
        "indicator": sql.Literal(indicator_id),
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        figures: list[Row] = cursor.execute(sql.SQL(FIGURES).format(**names)).fetchall()
        counts: list[Row] = cursor.execute(sql.SQL(COUNTS).format(**names)).fetchall()
    table = Table("measure", "baseline", "latest", "judgement", title=f"{indicator_id}, Scotland", title_justify="left")
    for row in figures:
        judged = ": ".join(filter(None, (row["judgement"], row["reason"]))) or "no figure for Scotland"
        table.add_row(escape(row["title"]), _figure(row, "baseline"), _figure(row, "latest"), escape(judged))
    console.print(table)
    table = Table("measure", title="Figures, of all places, periods and parts", title_justify="left")
    for heading in ("places", "figures", "missing"):
        table.add_column(heading, justify="right")
    table.add_column("because")
    for row in counts:
        table.add_row(
            escape(row["measure_title"]),
            f"{row['areas']:,}",
            f"{row['figures']:,}",
            f"{row['missing']:,}",
            row["reasons"],
        )
    console.print(table)


def _figure(row: Row, which: str) -> str:
    value = row[f"{which}_value"]
    return "–" if value is None else f"{value:,.{row['decimals']}f} ({row[f'{which}_period_label']})"
