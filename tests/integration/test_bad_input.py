"""A faulty file stops its own source with one clear message; everything before it and beside it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faults
import pytest
from psycopg import Connection, sql

from expectations import arrival
from ingestion import pipeline
from ingestion.errors import SourceChanged
from promise import ledger
from promise.catalogue.sources import asked, sources
from warehouse import runs
from workbench.commands.status import source_states

LGBF = "lgbf_children_cells.csv.gz"
SERIES = "published_series.csv"
BOUNDARIES = "scotland_council_areas_2024_simplified.geojson"
REGISTER = "publications.csv"
POVERTY = "children-in-relative-poverty.csv"


@dataclass(frozen=True)
class Case:
    """A fault, the source it is done to, and what the one message must hold besides source and file."""

    name: str
    source_id: str
    file: str
    fault: Callable[[Path], object]
    where: str
    found: str
    expected: str
    remedy: str
    readable: bool = True  # whether it reads as a table at all, and so is for the arrival gate to judge


CASES = [
    Case(
        "a renamed heading", "published_series", SERIES,
        lambda path: faults.renamed_heading(path, "value", "figure"),
        "line 1", "the heading 'value' is missing; the heading 'figure' is not described",
        "Expected exactly: indicator, geography",
        "`columns` in ingestion/sources/published_series/source.yml", readable=False,
    ),
    Case(
        "a heading that nobody described", "lgbf", LGBF,
        faults.extra_undeclared_heading,
        "line 1", "the heading 'date_of_birth' is not described",
        "Expected exactly: council, heading", "`columns` in ingestion/sources/lgbf/source.yml", readable=False,
    ),
    Case(
        "a truncated file", "published_series", SERIES,
        faults.truncated_file,
        "line 328", "8 cells where the header has 9", "the file is truncated there", "Fetch it again", readable=False,
    ),
    Case(
        "a truncated file without quotes", "phs_geography", "council_area_codes.csv",
        faults.truncated_file,
        "line 2", "cells where the header has 13", "truncated", "Fetch it again", readable=False,
    ),
    Case(
        "a truncated gzip file", "lgbf", LGBF,
        faults.truncated_file,
        LGBF, "truncated or damaged", "expected a whole gzip file", "Fetch it again", readable=False,
    ),
    Case(
        "a truncated GeoJSON file", "council_boundaries", BOUNDARIES,
        faults.truncated_file,
        BOUNDARIES, "truncated", "not a GeoJSON FeatureCollection", "Fetch it again", readable=False,
    ),
    Case(
        "a file that ends early on the end of a line", "lgbf", LGBF,
        lambda path: faults.truncated_between_two_lines(path, 10_000),
        LGBF, "found 9999 rows", "expected at least 12738 rows", "fetch it again",
    ),
    Case(
        "a web page in place of a CSV", "published_series", SERIES,
        faults.html_page_instead_of_csv,
        "line 1", "is an HTML page", "text/csv file was expected", "correct the address", readable=False,
    ),
    Case(
        "a web page in place of a gzipped CSV", "lgbf", LGBF,
        faults.html_page_instead_of_csv,
        "line 1", "is an HTML page", "file was expected", "correct the address", readable=False,
    ),
    Case(
        "an unknown marker", "lgbf", LGBF,
        lambda path: faults.unknown_marker(path, 40, "text", "[low]"),
        "line 40:text", "found '[low]'", "expected a number or one of the declared markers: '*', 'dna'",
        "declare it under `markers` in ingestion/sources/lgbf/source.yml",
    ),
    Case(
        "an unknown area name", "lgbf", LGBF,
        lambda path: faults.unknown_area(path, 40, "council", "Glasgow & Clyde"),
        "line 40:council", "found a text of 15 characters", "expected the name of a known area",
        "add it to `aliases` in ingestion/vocabulary/areas.yml",
    ),
    Case(
        "an area neither known nor declared to be outside", "children_in_relative_poverty", POVERTY,
        lambda path: faults.unknown_area(path, 40, "\ufeffareacd", "X12000001"),
        "line 40:areacd", "found 'X12000001'", "expected the code of a known area",
        "under `area: outside` in ingestion/sources/children_in_relative_poverty/source.yml",
    ),
    Case(
        "an unknown area code in a GeoJSON file", "council_boundaries", BOUNDARIES,
        lambda path: faults.unknown_code_in_geojson(path, 3, "S12000099"),
        "features[3]:area_code", "found 'S12000099'", "expected the code of a known area",
        "under `earlier_codes`",
    ),
    Case(
        "a key given twice with different values", "lgbf", LGBF,
        lambda path: faults.duplicate_key_with_different_values(path, 40, "text", "12345"),
        "line 13730", "a second time, with text '12345' where it is", "on line 40",
        "`key` in ingestion/sources/lgbf/source.yml",
    ),
    Case(
        "an empty cell where one must be filled", "published_series", SERIES,
        lambda path: faults.changed_cell(path, 12, "period", "  "),
        "line 12:period", "found an empty cell", "expected a cell that is filled",
        "`not_null` in ingestion/sources/published_series/source.yml",
    ),
]  # fmt: skip


def test_every_fault_of_the_promise_is_tried() -> None:
    tried = " ".join(case.name for case in CASES)
    for fault in (
        "renamed heading",
        "unknown marker",
        "unknown area name",
        "different values",
        "truncated",
        "web page",
    ):
        assert fault in tried


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_it_stops_that_source_with_one_message_and_nothing_else(
    landed: Connection[Any], bundle: Path, case: Case
) -> None:
    held = {vintage.vintage for vintage in ledger.vintages(landed)}
    before = state(landed, case.source_id)
    case.fault(bundle / case.source_id / case.file)
    faults.added_row(bundle / "publication_register" / REGISTER, NEW_PUBLICATION)

    stopped = ingest_each_on_its_own()
    run_id = runs.open_run(landed)
    judged = arrival.judge(run_id)

    # One message, with all that a person needs.
    stopped |= judged["rejected"]
    assert set(stopped) == {case.source_id}
    message = stopped[case.source_id]
    for part in (f"{case.source_id}: {case.file}", case.where, case.found, case.expected, case.remedy):
        assert part in message
    assert "\n" not in message

    # The vintage before stays in place, to the row, in raw and in staging.
    assert {each.vintage for each in ledger.vintages(landed, case.source_id) if each.arrival == "accepted"} <= held
    assert state(landed, case.source_id) == before

    # The source beside it had news, and they are in.
    fresh = ledger.latest(landed, "publication_register")
    assert fresh is not None
    assert fresh.vintage not in held
    assert (fresh.arrival, fresh.row_count) == ("accepted", 74)
    listed = "select count(*) from staging.stg_publication_register__publication where is_latest"
    assert landed.execute(listed.encode()).fetchone() == (74,)

    # What happened is on record, and `promise status` shows it.
    attempt = landed.execute(
        "select outcome, vintage, message from ops.ingest_attempt where source_id = %s"
        " order by attempt_id desc limit 1",
        (case.source_id,),
    ).fetchone()
    shown = {each.source_id: each for each in source_states(landed)}
    if case.readable:
        latest = ledger.latest(landed, case.source_id)
        assert latest is not None
        assert (latest.arrival, latest.arrival_reason) == ("rejected", message)
        assert attempt == ("new", latest.vintage, None)
        assert refusals(landed, run_id) == {(case.source_id, latest.vintage)}
    else:
        assert attempt == ("changed", None, message)
        assert {each.vintage for each in ledger.vintages(landed, case.source_id)} <= held, "nothing of it is in raw"
    assert shown[case.source_id].status == ("rejected" if case.readable else "failing")
    assert shown[case.source_id].message == message
    assert shown[case.source_id].vintage in held
    assert {shown[source_id].status for source_id in asked() if source_id != case.source_id} == {"in use"}


NEW_PUBLICATION = [
    "a_new_release", "A release that came out today", "Scottish Government", "https://www.gov.scot/", "2026-03",
    "month", "99", "Series: Something new.",
]  # fmt: skip


def ingest_each_on_its_own() -> dict[str, str]:
    """What the ingest DAGs do: each source by itself. Returns the message of each that was stopped."""
    stopped = {}
    for source_id in asked():
        try:
            pipeline.load(source_id, pipeline.take(source_id))
        except SourceChanged as error:
            stopped[source_id] = str(error)
    return stopped


def state(conn: Connection[Any], source_id: str) -> tuple[Any, ...]:
    """What the accepted vintages hold in raw, and what staging makes of the source: counts and a hash of all rows."""
    raw = sources()[source_id].raw_table
    rows = conn.execute(
        sql.SQL(
            "select (select jsonb_agg(each order by each) from (select jsonb_build_array(_vintage, count(*),"
            "   md5(string_agg(line::text, '' order by _row))) as each from {} as line"
            "   where _vintage in (select vintage from ops.vintage where arrival = 'accepted')"
            "   group by _vintage) as raw),"
            " (select jsonb_build_array(count(*), md5(string_agg(line::text, '' order by line::text))) from {} as line)"
        ).format(sql.Identifier("raw", raw), sql.Identifier("staging", f"stg_{raw}"))
    ).fetchone()
    assert rows is not None
    assert rows[1][0] > 0, "staging has something to lose"
    return rows


def refusals(conn: Connection[Any], run_id: int) -> set[tuple[str, int]]:
    return set(
        conn.execute(
            "select suite, vintage from ops.expectation_result"
            " where run_id = %s and severity = 'critical' and not success and sample is not null",
            (run_id,),
        ).fetchall()
    )
