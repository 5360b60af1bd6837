"""The part of `promise bench` that is about history: what was known on a day, what two files changed, explaining.

One million synthetic figures, whose numbers mean nothing, in the bench's own database.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from psycopg import Connection

from ingestion.landing import Fetched, land
from ingestion.load import load_vintage
from promise import database
from promise.catalogue.sources import BUNDLE, Source, source
from promise.settings import settings
from warehouse import candidate, methods, transform
from workbench.bench.figure import Figure, Sizes, median
from workbench.commands.diff import between

DAY = "2025-06-01"
# What a history of a million figures looks like to the functions: the columns that they read, in the widths of the
# real.
VINTAGES = """
    create schema release_1;
    create table release_1.fct_observation_vintage as
    select 'indicator_' || lpad((measure % 16)::text, 2, '0') as indicator_id,
        'measure_number_' || lpad(measure::text, 3, '0') as measure_id,
        case when area = 0 then 'S92000003' else 'S120000' || lpad(area::text, 2, '0') end as area_code,
        make_date(2004 + period, 8, 1) as period_start, make_date(2005 + period, 7, 31) as period_end,
        (2004 + period) || '/' || lpad(((2005 + period) % 100)::text, 2, '0') as period_label,
        case when part = 0 then 'total' else 'sex|age' end as breakdown,
        case when part = 0 then 'total' else 'female|' || part end as breakdown_value,
        round((random() * 100)::numeric, 1) as obs_value, 'percent'::text as unit, 'final'::text as obs_status,
        'free'::text as conf_status, null::numeric as numerator, null::numeric as denominator, null::numeric as lci_95,
        null::numeric as uci_95, 'publication_' || (2005 + period + again) as publication_id,
        'synthetic_source'::text as source_id, repeat('ab', 32) as snapshot_id,
        'line ' || (measure * 10000 + period) || ':value_as_published' as source_cell,
        make_date(2006 + period + again, 3, 1) as published_on, again = 1 as is_revised, again = 1 as has_been_revised,
        'published_file'::text as source_kind, null::text as read_from, null::text as seen_through,
        make_date(2006 + period + again, 3, 1) as published_from,
        case when again = 0 and (measure + period) % 10 = 0 then make_date(2007 + period, 3, 1) end as published_to
    from generate_series(0, %(measures)s - 1) as measure, generate_series(0, %(areas)s - 1) as area,
        generate_series(0, %(periods)s - 1) as period, generate_series(0, %(parts)s - 1) as part,
        generate_series(0, 1) as again
    where again = 0 or (measure + period) % 10 = 0;
    create index on release_1.fct_observation_vintage (breakdown, area_code, measure_id);
    create index on release_1.fct_observation_vintage (published_from, published_to);
    create view marts.fct_observation_vintage as select * from release_1.fct_observation_vintage;
    create table marts.dim_indicator as select distinct indicator_id, date '2019-08-01' as baseline_period_start,
        2 as minimum_periods, null::text as baseline_departure,
        null::text as baseline_absence, null::text as baseline_filled_by from release_1.fct_observation_vintage;
    create table marts.dim_measure as select distinct measure_id, 'higher_is_better' as polarity, 'headline' as role,
        1.0 as threshold_value, 'percentage_point' as threshold_unit, 'nobody' as threshold_author,
        null::boolean as small_numbers, 1 as decimals,
        'percent' as unit, 'all_people' as population, 'national' as geography,
        null::text as numerator_measure_id, null::text as denominator_measure_id
        from release_1.fct_observation_vintage;
    create table marts.fct_break (
        break_id text, measure_id text, old_until date, new_from date, rejoined_from date, certainty text, reason text
    );
    create table marts.fct_benchmark (
        measure_id text, area_code text, period_start date, period_end date, rank_reason text
    );
    create table marts.fct_qualifier (
        qualifier_id text, measure_id text, area_code text, period_start date, judgement text, agreed_by text,
        agreed_on date, reason text
    );
"""
# Judgements as they are stored: one for each measure, area and time between two days on which anything was published.
JUDGEMENTS = """
    create table marts.fct_progress_vintage as
    select judged.*, turn.day as published_from, turn.next_day as published_to
    from (select day, lead(day) over (order by day) as next_day
        from (select distinct published_from as day from release_1.fct_observation_vintage) as days) as turn
    cross join lateral intermediate.progress_of_observed(turn.day) as judged;
    create index on marts.fct_progress_vintage (published_from, published_to);
    analyze marts.fct_progress_vintage;
"""
# The same million as two files gave it, so that the difference is followed to figures and judgements.
TWO_FILES = """
    create table intermediate.int_figures as
    select indicator_id, measure_id, area_code, period_start, period_end, period_label, breakdown, breakdown_value,
        obs_value + (vintage - {one}) * (row_number() over () % 100 = 0)::integer as obs_value, unit, vintage,
        row_number() over () as source_row, 'lgbf'::text as source_id, null::integer as served_decimals,
        null::numeric as numerator, null::numeric as denominator, null::numeric as lci_95, null::numeric as uci_95
    from release_1.fct_observation_vintage, unnest(array[{one}, {other}]) as vintage where published_to is null;
    create table intermediate.int_observation_history as
    select *, 1 as line_preference, vintage as publication_rank, date '2025-01-01' + vintage as known_from,
        vintage::text as publication_id, null::date as line_to, true as has_stood, true as is_latest,
        null::date as withheld_from, 'free'::text as conf_status from intermediate.int_figures;
    create table intermediate.int_observation_current as
    select *, 1 as choice from intermediate.int_observation_history where vintage = {other};
    analyze intermediate.int_figures;
    analyze intermediate.int_observation_history;
    analyze intermediate.int_observation_current;
    update ops.vintage set arrival = 'accepted';
    insert into ops.warehouse_run (fingerprint, vintages) values ('bench', '{{}}');
    insert into ops.release (release_id, run_id, schema_name, state) select 1, max(run_id), 'release_1', 'current'
    from ops.warehouse_run;
"""
KNOWN = (
    ("every measure, Scotland", "select * from methods.observation_as_of('{day}') where area_code = 'S92000003'"
     " and breakdown = 'total'"),
    ("every measure, every area", "select * from methods.observation_as_of('{day}') where breakdown = 'total'"),
    ("every figure, counted", "select count(*) from methods.observation_as_of('{day}')"),
    ("every judgement", "select * from methods.progress_as_of('{day}')"),
)  # fmt: skip


def measure(folder: Path, sizes: Sizes) -> list[Figure]:
    """Everything that needs a million figures, in the database in force."""
    with database.connect() as conn:
        # A server that was given rather than made for this may be careful; this data need not survive.
        conn.execute("set synchronous_commit = off")
        conn.execute(_sized(sizes).encode())
        conn.commit()
        transform.write_generated()
        with transform.environment():
            transform.invoke(["build", "--select", "path:functions/methods", "path:functions/judging"])
        methods.show(conn, methods.of(conn, candidate.SCHEMA))
        conn.execute(JUDGEMENTS.encode())
        conn.commit()
        conn.autocommit = True
        conn.execute("vacuum analyze release_1.fct_observation_vintage")
        return [*_known(conn, sizes), _difference(conn, folder, sizes)]


def explaining(sizes: Sizes) -> list[Figure]:
    """`promise explain` of the warehouse that is there, as a whole process; nothing when there is no release."""
    command = [sys.executable, "-m", "workbench.cli", "explain", "attendance_rate", "--json"]
    environment = {**os.environ, "PROMISE_HOME": str(settings().home)}
    if subprocess.run(command, check=False, capture_output=True, env=environment).returncode:
        return []
    seconds = median(lambda: subprocess.run(command, check=True, capture_output=True, env=environment), sizes.rounds)
    return [Figure("promise explain", seconds, None, "s", "whole process; wanted: under 1 s")]


def _known(conn: Connection[Any], sizes: Sizes) -> list[Figure]:
    def seconds(statement: str) -> float:
        return median(lambda: conn.execute(statement.encode()).fetchall(), sizes.rounds)

    limit = seconds("select count(*) from release_1.fct_observation_vintage")
    figures = sizes.measures * sizes.areas * sizes.periods * sizes.parts
    return [
        Figure(
            f"as known on a day, {figures:,} figures: {name}",
            ours=seconds(statement.format(day=DAY)),
            limit=limit,
            unit="s",
            note="limit: reading the table once; wanted: under 0.2 s",
        )
        for name, statement in KNOWN
    ]


def _difference(conn: Connection[Any], folder: Path, sizes: Sizes) -> Figure:
    """Two files of which one row in a hundred changed, beside joining them and no more."""
    lgbf = source("lgbf")
    vintages = [_vintage(conn, lgbf, folder / f"{edition}.csv", edition, sizes) for edition in (1, 2)]
    one, other = (f"raw.{lgbf.raw_table}__v{number}" for number in vintages)
    bare = (
        f"select count(*) from {one} as one full join {other} as other using (council, heading)"
        " where one.cell_text is distinct from other.cell_text"
    )
    conn.execute(TWO_FILES.format(one=vintages[0], other=vintages[1]).encode())
    conn.execute("set work_mem = '256MB'")
    return Figure(
        f"diff of two vintages of {sizes.councils * sizes.headings:,} rows",
        ours=median(lambda: between(conn, *vintages), sizes.rounds),
        limit=median(lambda: conn.execute(bare.encode()).fetchall(), sizes.rounds),
        unit="s",
        note="cells, figures and judgements; limit: the join alone; wanted: under 10 s",
    )


def _vintage(conn: Connection[Any], lgbf: Source, path: Path, edition: int, sizes: Sizes) -> int:
    with path.open("w") as file:
        file.write(",".join(lgbf.table.newest.values()) + "\n")
        for heading in range(sizes.headings):
            file.writelines(
                f"Area {council},SYN{heading}"
                f" 2019-20,A1,{(heading * 7 + council) % 1000 / 10 + _change(heading, edition)}\n"
                for council in range(sizes.councils)
            )
    snapshot = land(lgbf.id, Fetched(path, path.name, BUNDLE, BUNDLE, "text/csv", None))  # in the layout of the bundle
    with conn.transaction():
        return load_vintage(conn, lgbf, snapshot)[0]


def _change(heading: int, edition: int) -> int:
    return edition if heading % 100 == 0 else 0


def _sized(sizes: Sizes) -> str:
    statement = VINTAGES
    for name in ("measures", "areas", "periods", "parts"):
        statement = statement.replace(f"%({name})s", str(getattr(sizes, name)))
    return statement
