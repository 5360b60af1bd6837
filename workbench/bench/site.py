"""The part of `promise bench` that is about drawing the site: of far more indicators than there are.

Made of the current release, copied into a database of its own: what its marts hold of one measure, again for each
indicator that is made up, area by area, and back through the years. No number in it means anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from bi.marts import released
from bi.site import words
from bi.site.build import render
from bi.site.queries import NATION
from promise import database
from promise.errors import PromiseError
from workbench.bench.figure import Figure, Sizes, timed

NAME = "synthetic_"
OUTCOME, OF_AN_INDICATOR = "outcome__", "indicator__"
# A measure that councils have figures of, and one to compare it with where there is such a measure.
PATTERN = f"""
    select indicator_id, measure_id, period_start
    from marts.fct_observation join marts.dim_measure using (indicator_id, measure_id)
    where role = 'headline' and breakdown = 'total' and obs_value is not null
    group by indicator_id, measure_id, period_start, comparator_measure_id
    having bool_or(area_code = '{NATION}') and count(*) > 1
    order by comparator_measure_id is null, count(*) desc, period_start desc, measure_id
    limit 1"""
# What of a row is another in each copy, and in each year of it, where its table has such a column.
COPIED = {
    "indicator_id": "made.id",
    "measure_id": "made.measure_id",
    "headline_measure_id": "made.measure_id",
    "outcome_id": "made.outcome_id",
    "vision_statement_id": "made.vision_statement_id",
    "name": "'Made up ' || made.number",
    "short_name": "'Made up ' || made.number",
    "title": "'Made up, ' || made.number",
    "display_order": "made.number",
    # So that a line goes up and down, and two indicators have two figures.
    "obs_value": "round(pattern.obs_value * (100 - (made.number + 7 * aged.years) % 10) / 100, 1)",
}
AGED = {
    "period_start": "pattern.period_start - aged.years * interval '1 year'",
    "period_end": "pattern.period_end - aged.years * interval '1 year'",
    "period_label": "extract(year from pattern.period_start) - aged.years",
    "from_period_start": "pattern.from_period_start - aged.years * interval '1 year'",
    "from_period_label": "extract(year from pattern.from_period_start) - aged.years",
}
DATES = ("period_start", "period_end", "from_period_start")


@dataclass(frozen=True)
class Pattern:
    """The measure of which the others are copies, and the period of which their years are."""

    indicator_id: str
    measure_id: str
    period_start: Any


def measure(conn: Connection[Any], folder: Path, sizes: Sizes) -> list[Figure]:
    """How long the site takes, at half of the indicators and at all. `conn` reads the release that is copied into the
    database in force. Raises PromiseError where a page or a figure is not on the site."""
    columns = _copy(conn)
    found = conn.execute(PATTERN.encode()).fetchone()
    if found is None:
        raise PromiseError("bench: no measure of the release has a figure for Scotland and for a council")
    pattern = Pattern(*found)
    figures = []
    made = 0
    for indicators in (max(1, sizes.site_indicators // 2), sizes.site_indicators):
        with database.connect() as own:
            _multiply(own, columns, pattern, range(made + 1, indicators + 1), sizes.site_years)
        with database.connect(autocommit=True) as own:
            own.execute("analyze")
            made = indicators
            figures.append(_drawn(own, folder / f"site-{made}", made, sizes.site_years))
    return figures


def _drawn(conn: Connection[Any], out: Path, indicators: int, years: int) -> Figure:
    built: dict[str, Any] = {}
    seconds = timed(lambda: built.update(render(conn, out)))
    _check(conn, out, built["pages"], indicators, years)
    (areas,) = _row(conn, "select count(*) from marts.dim_area where area_type = 'council' and is_current")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Figure(
        f"site of {indicators} indicators × {areas} councils × {years} years, beside those that there are",
        seconds,
        None,
        "s",
        f"{built['pages']:,} pages, {size / 1_000_000:,.0f} MB with the data; wanted: under 120 s",
    )


def _check(conn: Connection[Any], out: Path, pages: int, indicators: int, years: int) -> None:
    """Every page is there, and the last figure that was made stands where people look for it."""
    there = [path.relative_to(out) for path in out.rglob("*.html")]
    copies = [path for path in there if path.match(f"indicators/{NAME}*.html")]
    if (len(there), len(copies)) != (pages, indicators):
        raise PromiseError(f"bench: {len(there)} pages stand, {len(copies)} of copies, of {pages} and {indicators}")
    last = f"{NAME}{indicators:04}"
    value, unit, decimals, area, figures = _row(
        conn,
        f"""select obs_value, dim_measure.unit, decimals, area_code,
            (select count(*) from marts.fct_observation as every where every.indicator_id = '{last}')
        from marts.fct_observation join marts.dim_measure using (measure_id)
        where measure_id = '{last}' and obs_value is not null and area_code != '{NATION}'
        order by period_start desc, obs_value desc, area_code limit 1""",
    )
    said = words.short(value, unit, decimals)
    for page in (f"indicators/{last}.html", f"councils/{area}.html"):
        text = (out / page).read_text(encoding="utf-8")
        if said not in text or f"Made up, {indicators}" not in text:
            raise PromiseError(f"bench: {page} does not say {said!r} of {last}")
    read = json.loads((out / "data" / "indicators" / f"{last}.json").read_text(encoding="utf-8"))["figures"]
    if len(read) != figures or len({row["period_start"] for row in read}) != years:
        raise PromiseError(f"bench: the file of {last} has {len(read)} figures of {figures}, or other years")


def _copy(conn: Connection[Any]) -> dict[str, list[str]]:
    """The marts of the release as tables of the database in force; the columns of each."""
    columns: dict[str, list[str]] = {}
    with database.connect() as own:
        for name in released(conn):
            described = conn.execute(
                "select attname, format_type(atttypid, atttypmod) from pg_attribute"
                " where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
                (f"marts.{name}",),
            ).fetchall()
            columns[name] = [column for column, _ in described]
            table = sql.Identifier("marts", name)
            shape = sql.SQL(", ").join(sql.Identifier(each) + sql.SQL(f" {kind}") for each, kind in described)
            own.execute(sql.SQL("create table {} ({})").format(table, shape))
            with (
                conn.cursor().copy(sql.SQL("copy (select * from {}) to stdout").format(table)) as given,
                own.cursor().copy(sql.SQL("copy {} from stdin").format(table)) as taken,
            ):
                for block in given:
                    taken.write(block)
    return columns


def _multiply(
    conn: Connection[Any], columns: Mapping[str, list[str]], pattern: Pattern, numbers: range, years: int
) -> None:
    """Make indicators of these numbers, spread over the statements, with a measure each."""
    conn.execute(
        f"""create temporary table made on commit drop as
        select copy.number, id, id as measure_id, outcome_id, vision_statement_id
        from generate_series({numbers.start}, {numbers.stop - 1}) as copy(number)
        cross join lateral (select '{NAME}' || lpad(copy.number::text, 4, '0') as id) as named
        join (select *, row_number() over (order by outcome_id) as place, count(*) over () as all_of_them
              from marts.dim_outcome) as outcome on place = 1 + copy.number % all_of_them""".encode()
    )
    for name, names in columns.items():
        if name.startswith(OF_AN_INDICATOR) or not {"indicator_id", "measure_id"} & {*names}:
            continue
        conn.execute(_copies(name, name, names, pattern, years))
    name = f"{OF_AN_INDICATOR}{pattern.indicator_id}"
    for number in numbers:
        copy = f"{OF_AN_INDICATOR}{NAME}{number:04}"
        tables = {"copy": sql.Identifier("marts", copy), "name": sql.Identifier("marts", name)}
        conn.execute(sql.SQL("create table {copy} (like {name})").format(**tables))
        conn.execute(_copies(name, copy, columns[name], pattern, years) + sql.SQL(f" where made.number = {number}"))


def _copies(name: str, target: str, names: list[str], pattern: Pattern, years: int) -> sql.Composed:
    """The INSERT of what a mart has of the pattern, once for each indicator that is made; of each year, where it has
    periods."""
    told = ", ".join(f"'{column}', {value}" for column, value in COPIED.items() if column in names)
    of = {"measure_id": pattern.measure_id} if "measure_id" in names else {"indicator_id": pattern.indicator_id}
    wanted = [sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value)) for column, value in of.items()]
    ages = "select 0 as years"
    period = next((column for column in ("period_start", "from_period_start") if column in names), None)
    if period is not None:
        ages = f"select years from generate_series(0, {years - 1}) as years"
        told += ", " + ", ".join(
            f"'{column}', ({value}){'::date' if column in DATES else ''}"
            for column, value in AGED.items()
            if column in names
        )
        latest = sql.Literal(pattern.period_start) if period == "period_start" else sql.SQL(
            "(select max(from_period_start) from {} where measure_id = {})"
        ).format(sql.Identifier("marts", name), sql.Literal(pattern.measure_id))  # fmt: skip
        wanted.append(sql.SQL("{} = {}").format(sql.Identifier(period), latest))
    return sql.SQL(
        "insert into {target} select copied.* from (select * from {name} where {wanted}) as pattern"
        " cross join ({ages}) as aged cross join made cross join lateral"
        " jsonb_populate_record(null::{target}, to_jsonb(pattern) || jsonb_build_object({told})) as copied"
    ).format(
        target=sql.Identifier("marts", target),
        name=sql.Identifier("marts", name),
        told=sql.SQL(told),  # type: ignore[arg-type]  # of constants of this module
        wanted=sql.SQL(" and ").join(wanted),
        ages=sql.SQL(ages),  # type: ignore[arg-type]
    )


def _row(conn: Connection[Any], query: str) -> tuple[Any, ...]:
    row = conn.execute(query.encode()).fetchone()
    if row is None:
        raise PromiseError("bench: nothing was made")
    return tuple(row)
