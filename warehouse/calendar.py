"""The publication calendar at any moment, by the rule that builds `fct_publication_calendar`, and what is late by it.

The rule is the dbt macro `publication_calendar`. It is rendered here with the sources as the catalogue describes them
now, the ledger and the attempts as they are now, and the publications of the release that readers see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from jinja2 import Environment, StrictUndefined
from psycopg import Connection, sql
from psycopg.rows import class_row

from promise.settings import ROOT
from warehouse.dbt_files import source_seeds  # noqa: F401  (it registers the seeds that are read here)
from warehouse.dbt_files.seeds import SEEDS

MACROS = ("publication_calendar", "raw_rows", "month_and_year")
LATE = ("late", "overdue")


@dataclass(frozen=True)
class Entry:
    """One source on one day. The fields are the columns of fct_publication_calendar."""

    source_id: str
    title: str
    publisher_organisation_id: str
    cadence: str
    latest_vintage: int | None
    last_landed_on: date | None
    latest_publication_id: str | None
    last_published_on: date | None
    last_published_precision: str | None
    expected_from: date | None
    expected_until: date | None
    overdue_from: date | None
    expected_basis: str | None
    state: str
    last_asked_at: datetime | None
    failing_since: datetime | None
    failed_attempts: int
    failing_days: int | None
    basis: str
    as_at: date

    @property
    def is_late(self) -> bool:
        return self.state in LATE


def calendar(conn: Connection[Any], moment: datetime | None = None) -> list[Entry]:
    """Every source of the catalogue, by id, as at the moment: now unless given."""
    released = conn.execute(
        "select to_regclass('marts.dim_publication') is not null"
        " and to_regclass('marts.fct_observation_vintage') is not null"
    ).fetchone()
    # Before the first release nobody knows here when anything was published, so that no printed month can be told from
    # one that an issue has overtaken; landing is all there is to go by.
    publications, figures, printed = (
        ("marts.dim_publication", "marts.fct_observation_vintage", _rows(conn, "catalogue__printed_update"))
        if released and released[0]
        else (
            "(select null::text as publication_id, null::date as published_on, null::text as precision,"
            " null::integer as rank where false)",
            "(select null::text as source_id, null::text as publication_id where false) as figure",
            "(select null::text as source_id, null::text as next_update_due where false)",
        )
    )
    text = rendered(
        sources=_rows(conn, "catalogue__source"),
        printed=printed,
        ledger="ops.vintage",
        attempts="ops.ingest_attempt",
        publications=publications,
        figures=figures,
        moment=sql.Literal((moment or datetime.now(UTC)).isoformat()).as_string(conn) + "::timestamptz",
    )
    with conn.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(f"select * from ({text}) as entry order by source_id".encode()).fetchall()


def rendered(**relations: str) -> str:
    """The SQL of the macro, over these relations."""
    macros = "".join((ROOT / "dbt" / "macros" / f"{name}.sql").read_text() for name in MACROS)
    module = Environment(undefined=StrictUndefined, autoescape=False).from_string(macros).module
    return str(module.publication_calendar(**relations))  # type: ignore[attr-defined]


def record(conn: Connection[Any], entries: Sequence[Entry]) -> list[Entry]:
    """Write down what is late, and since when; what is late no more is closed. Returns what was not late before, or has
    become overdue: the news. Commits."""
    late = [entry for entry in entries if entry.is_late]
    news = []
    for entry in late:
        row = conn.execute(
            "select state from ops.late_source where source_id = %s and expected_until = %s and ended_at is null",
            (entry.source_id, entry.expected_until),
        ).fetchone()
        if row is None or row[0] != entry.state:
            news.append(entry)
        conn.execute(
            "insert into ops.late_source (source_id, expected_until, state, basis) values (%s, %s, %s, %s)"
            " on conflict (source_id, expected_until) do update set state = excluded.state, basis = excluded.basis,"
            " seen_at = clock_timestamp(), ended_at = null",
            (entry.source_id, entry.expected_until, entry.state, entry.basis),
        )
    conn.execute(
        "update ops.late_source as was set ended_at = clock_timestamp() where ended_at is null and not exists ("
        " select 1 from unnest(%s::text[], %s::date[]) as late (source_id, expected_until)"
        " where late.source_id = was.source_id and late.expected_until = was.expected_until)",
        ([entry.source_id for entry in late], [entry.expected_until for entry in late]),
    )
    conn.commit()
    return news


def _rows(conn: Connection[Any], name: str) -> str:
    """A seed's rows as a relation, read from the catalogue and not from the last build; all text, as dbt loads it."""
    seed = SEEDS[name]
    columns = sql.SQL(", ").join(map(sql.Identifier, seed.columns))
    nothing = sql.SQL(", ").join(sql.SQL("null::text") for _ in seed.columns)
    rows = [
        sql.SQL("select {}").format(
            sql.SQL(", ").join(
                sql.SQL("{}::text").format(sql.Literal(None if cell is None else str(cell))) for cell in row
            )
        )
        for row in seed.rows()
    ]
    body = sql.SQL(" union all ").join([sql.SQL("select {} where false").format(nothing), *rows])
    return sql.SQL("(select * from ({}) as line ({}))").format(body, columns).as_string(conn)
