"""Synthetic vintages of real sources, whose numbers mean nothing: as many published figures as somebody asks for.

They stand in `raw` and in the ledger as the loader would have put them there, so that staging and every model after it
has real work: several editions, each with figures that are new, revised, withdrawn, given again, suppressed, cited from
two publications, or measured by nothing. Only for a database of their own, of a test or of `promise bench`: beside the
editions that are there, these are the newer ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from ingestion.load import ensure_tables, partition_name
from promise.catalogue.framework import framework
from promise.catalogue.sources import Source, sources
from promise.vocabulary.area_list import areas

REGISTER = "publication_register"
# Two series of which the second gives some of the same figures by itself, and a third that only restates the first.
SERIES = {
    "first": "Children's Social Work Statistics",
    "other": "Annual Participation Measure",
    "restating": "Promise Progress Framework dashboard",
}
FIRST_EDITION = date(
    2026, 1, 5
)  # after every publication of the bundle, so that the ranks of a series keep their order
APART = timedelta(days=5)
LAST_YEAR = 2024
UNMEASURED = 12  # series of which no indicator is made
# How each style writes a year; a series of another style has no synthetic figures.
PERIODS = {
    "academic_year": "{year}-{next_year:02}",
    "csws_year": "{year}-{next_year:02}",
    "financial_year": "{year}-{next_year:02}",
    "lgbf_year": "{year}-{next_year:02}",
    "lgbf_july_snapshot": "{year}-{next_year:02}",
    "calendar_year": "{year}",
    "financial_year_end": "{year}",
    "snapshot_iso": "{year}-07-31",
    "scotpho_text": "{year}/{next_year:02} school year",
}
# One row per figure that an edition gives. `h` is the same for a figure in every edition.
CELLS = """
    create temporary view synthetic_cell as
    select
        edition.edition,
        cell.*,
        round((abs(hashint8(h + 1)) % 9000)::numeric / 100 + 5, 1)
        -- Each figure is revised in some editions, a thirtieth of them in any one.
        + 0.3 * ((edition.edition + h % 30) / 30) as value
    from synthetic_edition as edition
    cross join lateral (
        select series.*, area.*, period.year, period.text as period, period.place,
            abs(hashint8(series.number * 1000003::bigint + area.place * 1009 + period.place)::bigint) as h
        from synthetic_series as series
        cross join synthetic_area as area
        inner join synthetic_period as period using (period_style)
    ) as cell (
        source_id, label, heading, period_style, number, area_place, area_name, area_code, year, period, place, h
    )
    where
        -- The latest half of the periods comes little by little,
        cell.place <= %(periods)s / 2 + edition.edition * (%(periods)s - %(periods)s / 2) / %(editions)s
        -- some figures are in one edition missing, and some after it for good.
        and not (h %% 211 = 7 and edition.edition = 2)
        and not (h %% 223 = 7 and edition.edition > 2)
"""
ROWS = {
    "published_series": """
        select label, area_name, period, value + by, heading, 'Synthetic', '', 'https://example.org/', cited || edition
        from synthetic_cell
        cross join lateral (values
            ('synthetic_first_', 0, true),
            -- What another publication says: mostly the same.
            ('synthetic_other_', (h % 40 = 1)::integer, h % 7 = 1),
            ('synthetic_restating_', (h % 45 = 1)::integer, h % 5 = 1)
        ) as citation (cited, by, is_cited)
        where source_id = 'published_series' and edition = %(edition)s and is_cited
    """,
    "lgbf": """
        select area_name, label || ' ' || period || case heading when 'Real' then ' Real' else '' end,
            'A' || h, case when h % 97 = 3 and (h + edition) % 3 > 0 then '*' else value::text end
        from synthetic_cell where source_id = 'lgbf' and edition = %(edition)s
    """,
    "scotpho_profiles": """
        select area_code, 'Council area', area_name, year, period, heading, label, round(value * 7),
            value, value + 2, value - 2
        from synthetic_cell
        where source_id = 'scotpho_profiles' and edition = %(edition)s and area_code <> 'S92000003'
    """,
}


@dataclass(frozen=True)
class Shape:
    """How many periods there are in the end, and how many editions of each source bring them."""

    periods: int
    editions: int


SHAPES = {100_000: Shape(5, 4), 1_000_000: Shape(20, 10), 10_000_000: Shape(50, 39)}


def land(conn: Connection[Any], shape: Shape) -> int:
    """Land the editions of all sources, accepted and with statistics; returns how many cells with figures they have."""
    ensure_tables(conn)
    _describe(conn, shape)
    _register(conn, shape)
    cells = 0
    for edition in range(1, shape.editions + 1):
        for source_id, rows in ROWS.items():
            cells += vintage(conn, sources()[source_id], edition, rows.replace("%(edition)s", str(edition)))
    conn.commit()
    return cells


def _describe(conn: Connection[Any], shape: Shape) -> None:
    """What the cells are of, as temporary tables."""
    # Of two series that give the same figure one is enough: one edition gives a figure one value.
    measured = {
        (each.source, measure.id, each.breakdown, each.breakdown_value): each
        for _, measure, each in framework().series()
        # A label that means another period than its style says is not read as it is written here.
        if each.source in ROWS and each.period_style in PERIODS and not each.period_exceptions
    }
    series = [(each.source, each.label, each.heading or "", each.period_style) for each in measured.values()]
    series += [
        ("published_series", f"Synthetic series {number}", "percent", "calendar_year") for number in range(UNMEASURED)
    ]
    places = [*areas().country, *areas().councils]
    years = range(LAST_YEAR - shape.periods + 1, LAST_YEAR + 1)
    with conn.cursor() as cursor:
        conn.execute(
            "create temporary table synthetic_series"
            " (source_id text, label text, heading text, period_style text, number integer)"
        )
        cursor.executemany(
            "insert into synthetic_series values (%s, %s, %s, %s, %s)",
            [(*each, number) for number, each in enumerate(sorted(series))],
        )
        conn.execute("create temporary table synthetic_area (place integer, name text, code text)")
        cursor.executemany(
            "insert into synthetic_area values (%s, %s, %s)",
            [(place, each.name, each.code) for place, each in enumerate(places)],
        )
        conn.execute(
            "create temporary table synthetic_period (period_style text, year integer, text text, place integer)"
        )
        cursor.executemany(
            "insert into synthetic_period values (%s, %s, %s, %s)",
            [
                (style, year, text.format(year=year, next_year=(year + 1) % 100), place)
                for style, text in PERIODS.items()
                for place, year in enumerate(years, start=1)
            ],
        )
        conn.execute(
            "create temporary table synthetic_edition as select edition from generate_series(1, %s) as edition",
            (shape.editions,),
        )
    cells = CELLS.replace("%(periods)s", str(shape.periods)).replace("%(editions)s", str(shape.editions))
    conn.execute(cells.replace("%%", "%").encode())


def _register(conn: Connection[Any], shape: Shape) -> None:
    """A newer register of publications: what the one before had, and a publication of each series an edition."""
    more = [
        f"select 'synthetic_{word}_{edition}', 'Synthetic edition {edition} of ' || {series}, 'Nobody', '',"
        f" '{FIRST_EDITION + edition * APART}', 'day', '{1000 + edition}', 'Series: ' || {series} || '.'"
        for word, name in SERIES.items()
        for series in [sql.Literal(name).as_string(conn)]
        for edition in range(1, shape.editions + 1)
    ]
    before = (
        "select publication_id, title, publisher, url, published_on, precision, rank, note"
        " from raw.publication_register__publication"
        " where _vintage = (select max(vintage) from ops.vintage where source_id = 'publication_register')"
    )
    vintage(conn, sources()[REGISTER], shape.editions, " union all ".join([before, *more]))


def vintage(conn: Connection[Any], source: Source, edition: int, rows: str) -> int:
    """A vintage of the rows that the query gives, in the order of the source's columns."""
    number = _one(conn, "select nextval('ops.vintage_number')::integer")
    partition = sql.Identifier("raw", partition_name(source, number))
    columns = [*source.table.columns]
    conn.execute(
        sql.SQL("create table {} partition of {} for values in ({})").format(
            partition, sql.Identifier("raw", source.raw_table), sql.Literal(number)
        )
    )
    inserted = conn.execute(
        sql.SQL(
            "insert into {} (_vintage, _row, {}) select {}, 1 + row_number() over (), {} from ({}) as cell ({})"
        ).format(
            partition,
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.Literal(number),
            sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in columns),
            sql.SQL(rows),  # type: ignore[arg-type]
            sql.SQL(", ").join(map(sql.Identifier, columns)),
        )
    ).rowcount
    conn.execute(sql.SQL("analyze {}").format(partition))
    published_on = FIRST_EDITION + edition * APART
    by_file = source.live is not None and source.live.publication_series is not None
    conn.execute(
        "insert into ops.vintage (vintage, source_id, snapshot_id, publication_id, file_name, requested_url, final_url,"
        " retrieved_at, media_type, size_bytes, row_count, headings, arrival)"
        " values (%s, %s, encode(sha256(%s), 'hex'), %s, %s, %s, %s, %s, 'text/csv', 0, %s, %s, 'accepted')",
        (
            *(number, source.id, f"synthetic {number}".encode(), f"{source.id}_v{number}" if by_file else None),
            *(f"synthetic_{edition}.csv", "https://example.org/", "https://example.org/", published_on, inserted),
            Jsonb(source.table.newest),
        ),
    )
    return inserted


def _one(conn: Connection[Any], statement: str) -> int:
    row = conn.execute(statement.encode()).fetchone()
    assert row is not None
    return int(row[0])
