"""When the next of each source is expected, and what is late: one rule for the mart, the command and the alert."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.rows import dict_row
from scratch import Scratch
from stand_ins.post import posting

from orchestration import notify
from promise import database as db
from promise.catalogue.sources import sources
from promise.settings import ROOT
from warehouse.calendar import Entry, NotBuilt, calendar, record
from workbench.cli import main

# What reports call by one name, the calendar splits, and the other way round.
SAME = {"on_time": {"expected"}, "due": {"due"}, "overdue": {"late", "overdue"}, "unknown": {"unknown"}}


@pytest.fixture
def built(warehouse: Any) -> Iterator[psycopg.Connection[Any]]:
    """The built warehouse in a transaction that is rolled back."""
    with db.connect() as conn:
        yield conn
        conn.rollback()


@pytest.fixture
def dated(built: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """As if it were known when the newest extract of LGBF came out: no annual file that ships says its day."""
    built.execute(
        "update intermediate.int_publications set published_on = '2022-01-12', precision = 'day'"
        " where publication_id = 'lgbf_2020_21_extract'"
    )
    return built


def on(conn: psycopg.Connection[Any], source_id: str, day: date) -> Entry:
    (found,) = (each for each in calendar(conn, noon(day)) if each.source_id == source_id)
    return found


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def test_the_mart_and_the_command_say_the_same_of_every_source(built: psycopg.Connection[Any]) -> None:
    with built.cursor(row_factory=dict_row) as cursor:
        mart = cursor.execute("select * from marts.fct_publication_calendar order by source_id").fetchall()
    assert [row["source_id"] for row in mart] == list(sources())
    assert mart == [asdict(entry) for entry in calendar(built, noon(mart[0]["as_at"]))]


DAYS = [
    # Its pages print April 2026, July 2026 and August 2026, and 150 days lie between its two days of freshness.
    ("promise_dashboard", date(2026, 3, 31), "expected", "expected in April 2026, as its pages print."),
    ("promise_dashboard", date(2026, 4, 1), "due", "published in December 2025"),
    ("promise_dashboard", date(2026, 4, 30), "due", "in April 2026"),
    ("promise_dashboard", date(2026, 5, 1), "late", "it may be out, but none is held here."),
    ("promise_dashboard", date(2026, 9, 27), "late", "April 2026"),
    ("promise_dashboard", date(2026, 9, 28), "overdue", "Overdue since 28 September 2026."),
    ("promise_dashboard", date(2029, 1, 1), "overdue", "April 2026"),
    # Annual, published on 12 January 2022; the file came with the project, so nobody asked since.
    ("lgbf", date(2022, 12, 31), "expected", "expected in January 2023, if it is annual."),
    ("lgbf", date(2023, 1, 31), "due", "published on 12 January 2022"),
    ("lgbf", date(2023, 2, 1), "late", "was expected in January 2023"),
    ("lgbf", date(2023, 7, 1), "overdue", "Overdue since 1 July 2023."),
    ("lgbf", date(2023, 12, 31), "overdue", "none is held here"),
    ("lgbf", date(2024, 1, 1), "unknown", "too old to say what is out"),
    # Held since 21 November 2026, when published nobody knows: 400 and 550 days of freshness.
    ("scotpho_profiles", date(2027, 12, 25), "expected", "expected by 25 December 2027, so many days after landing"),
    ("scotpho_profiles", date(2027, 12, 26), "late", "when published is not known"),
    ("scotpho_profiles", date(2028, 5, 23), "late", "expected by 25 December 2027"),
    ("scotpho_profiles", date(2028, 5, 24), "overdue", "Overdue since 24 May 2028."),
    ("scotpho_profiles", date(2028, 12, 25), "unknown", "too old to say what is out"),
    ("data_zone_councils", date(2040, 1, 1), "none_expected", "It came out once."),
    ("phs_geography", date(2040, 1, 1), "unknown", "Its entry gives no date by which to expect the next."),
]


@pytest.mark.parametrize(("source_id", "day", "state", "words"), DAYS, ids=[f"{one[0]} on {one[1]}" for one in DAYS])
def test_the_state_of_a_source_is_that_of_the_day(
    dated: psycopg.Connection[Any], source_id: str, day: date, state: str, words: str
) -> None:
    entry = on(dated, source_id, day)
    assert (entry.state, entry.as_at) == (state, day)
    assert words in entry.basis


def test_a_file_taken_from_its_publisher_stays_overdue(dated: psycopg.Connection[Any]) -> None:
    """Somebody asks for it and gets nothing new: then it is known not to have come."""
    dated.execute("update ops.vintage set requested_url = 'https://example.org/lgbf.csv' where source_id = 'lgbf'")
    assert on(dated, "lgbf", date(2024, 1, 1)).state == "overdue"


def test_a_date_known_to_the_year_alone_leaves_the_whole_next_year(dated: psycopg.Connection[Any]) -> None:
    dated.execute(
        "update intermediate.int_publications set precision = 'year' where publication_id = 'lgbf_2020_21_extract'"
    )
    entry = on(dated, "lgbf", date(2023, 12, 31))
    assert (entry.expected_from, entry.expected_until, entry.state) == (date(2023, 1, 1), date(2023, 12, 31), "due")


def test_without_freshness_it_is_overdue_when_the_issue_after_is_expected(dated: psycopg.Connection[Any]) -> None:
    dated.execute(
        "update staging.catalogue__source set warn_after_days = null, error_after_days = null where source_id = 'lgbf'"
    )
    dated.execute("update ops.vintage set requested_url = 'https://example.org/lgbf.csv' where source_id = 'lgbf'")
    assert on(dated, "lgbf", date(2023, 12, 31)).state == "late"
    assert on(dated, "lgbf", date(2024, 1, 1)).state == "overdue"


def test_a_later_publication_moves_what_is_expected_next(built: psycopg.Connection[Any]) -> None:
    built.execute(
        "update intermediate.int_publications set published_on = '2026-07-01'"
        " where publication_id = 'ppf_dashboard_capture_b'"
    )
    entry = on(built, "promise_dashboard", date(2026, 7, 31))
    assert (entry.state, entry.expected_from) == ("expected", date(2026, 8, 1))


@pytest.mark.parametrize("day", [date(2022, 12, 31), date(2023, 1, 31), date(2023, 2, 1), date(2024, 1, 1)])
def test_the_calendar_and_the_status_of_reports_do_not_contradict_each_other(
    dated: psycopg.Connection[Any], day: date
) -> None:
    """Where a source's latest publication is a report's latest issue, and the framework prints nothing of either."""
    scratch = Scratch(dated, "candidate")
    scratch.execute(
        "delete from SCHEMA.dim_publication where series = 'Local Government Benchmarking Framework' and rank > 7"
    )
    scratch.execute(
        "update SCHEMA.dim_publication set published_on = '2022-01-12', precision = 'day'"
        " where publication_id = 'lgbf_2020_21_extract'"
    )
    scratch.at(day)
    (report,) = scratch.ask(
        "fct_reporting_status", "expected_from, expected_until, state from MODEL where report_id = 'rep_lgbf'"
    )
    entry = on(dated, "lgbf", day)
    assert (entry.expected_from, entry.expected_until) == report[:2]
    assert entry.state in SAME[report[2]]


def attempts(conn: psycopg.Connection[Any], source_id: str, *told: tuple[str, date]) -> None:
    for outcome, day in told:
        conn.execute(
            "insert into ops.ingest_attempt (source_id, started_at, outcome) values (%s, %s, %s)",
            (source_id, noon(day), outcome),
        )


def test_it_has_been_failing_since_the_first_failure_after_the_last_success(built: psycopg.Connection[Any]) -> None:
    attempts(
        *(built, "lgbf", ("failed", date(2026, 12, 1)), ("unchanged", date(2026, 12, 2))),
        *(("unavailable", date(2026, 12, 3)), ("changed", date(2026, 12, 8))),
    )
    entry = on(built, "lgbf", date(2026, 12, 10))
    assert (entry.failing_since, entry.failed_attempts, entry.failing_days) == (noon(date(2026, 12, 3)), 2, 7)
    assert entry.basis.endswith("Asking has failed 2 times, since 3 December 2026.")
    attempts(built, "lgbf", ("new", date(2026, 12, 11)))
    assert on(built, "lgbf", date(2026, 12, 12)).failing_since is None


@pytest.mark.parametrize("arrival", ["held", "rejected"])
def test_what_is_kept_out_is_nothing_new(built: psycopg.Connection[Any], arrival: str) -> None:
    built.execute("update ops.vintage set arrival = %s where source_id = 'lgbf'", (arrival,))
    entry = on(built, "lgbf", date(2023, 12, 31))
    assert (entry.latest_vintage, entry.state, entry.basis) == (None, "unknown", "Nothing of it was landed.")


def test_before_anything_was_built_there_is_no_calendar_and_that_says_what_to_do(
    database: psycopg.Connection[Any],
) -> None:
    with pytest.raises(NotBuilt, match="make run"):
        calendar(database)


def test_what_is_built_and_refused_is_in_the_calendar(landed: psycopg.Connection[Any]) -> None:
    """A file is held or it is not: whether readers see its figures yet is no matter of its publisher."""
    entry = on(landed, "promise_dashboard", date(2026, 4, 30))
    assert (entry.state, entry.expected_basis) == ("due", "printed")


def test_what_is_late_is_news_once_and_again_when_it_is_overdue(built: psycopg.Connection[Any]) -> None:
    def news(day: date) -> list[tuple[str, str]]:
        only = [entry for entry in calendar(built, noon(day)) if entry.source_id == "promise_dashboard"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(built, "commit", lambda: None, raising=False)
            return [(entry.source_id, entry.state) for entry in record(built, only)]

    assert news(date(2026, 4, 30)) == []
    assert news(date(2026, 5, 1)) == [("promise_dashboard", "late")]
    assert news(date(2026, 5, 2)) == []
    assert news(date(2026, 9, 28)) == [("promise_dashboard", "overdue")]
    kept = "select state, ended_at is null from ops.late_source"
    assert built.execute(kept).fetchall() == [("overdue", True)]
    assert news(date(2026, 4, 1)) == [], "it came, or the entry was corrected"
    assert built.execute(kept).fetchall() == [("overdue", False)]
    assert news(date(2026, 9, 29)) == [("promise_dashboard", "overdue")], "late anew is news"


def test_the_command_names_what_is_late_and_why(warehouse: Any) -> None:
    said = CliRunner().invoke(main, ["calendar"])
    assert said.exit_code == 0, said.output
    (dashboard,) = (line for line in said.output.splitlines() if "│ promise_dashboard" in line)
    assert ("Dec 2025" in dashboard, "30 Apr 2026" in dashboard) == (True, True)
    assert "promise_dashboard: Landed on" in said.output
    assert f"of {len(sources())} sources late." in said.output
    told = json.loads(CliRunner().invoke(main, ["calendar", "--json"]).output)
    assert [entry["source_id"] for entry in told] == list(sources())
    assert set(told[0]) == set(Entry.__dataclass_fields__)


def test_where_the_database_is_down_the_command_says_so_and_starts_nothing(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    said = CliRunner().invoke(main, ["calendar"])
    assert said.exit_code == 1
    assert "the database is not running" in said.output
    assert not (tmp_path / "postgres").exists()


LOOKS = """
import functools, json, sys
from datetime import datetime
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowSkipException
from warehouse import calendar
calendar.calendar = functools.partial(calendar.calendar, moment=datetime.fromisoformat(sys.argv[2]))
look = DagBag(dag_folder=sys.argv[1]).dags["calendar"].get_task("look").python_callable
told = [metadata.extra for metadata in look()]
try:
    list(look())
except AirflowSkipException as skipped:
    told.append(str(skipped))
print(json.dumps(told))
"""


def test_each_morning_what_is_newly_late_is_announced_and_told_and_the_next_morning_nothing(
    copy_of_warehouse: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """What the task of the DAG does, run outside Airflow's scheduler but as Airflow reads it, on a day of its own."""
    day = noon(date(2026, 11, 28))
    late = {entry.source_id: entry for entry in calendar(copy_of_warehouse, day) if entry.is_late}
    assert late, "otherwise nothing is tested"
    with posting() as post, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_NOTIFY", post.setting)
        done = subprocess.run(
            [sys.executable, "-c", LOOKS, str(ROOT / "dags" / "publication_calendar.py"), day.isoformat()],
            env=os.environ
            | notify.connections()
            | {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    announced, skipped = json.loads(done.stdout.splitlines()[-1])
    assert announced == {"sources": {source_id: entry.state for source_id, entry in late.items()}}
    assert skipped == f"{len(late)} of {len(sources())} sources late, none of them newly"
    kept = copy_of_warehouse.execute("select source_id, state from ops.late_source where ended_at is null").fetchall()
    assert dict(kept) == announced["sources"]
    ((_, hook),), (mail,) = post.hooks, post.mails
    assert mail.subject == f"Promise: late: {', '.join(late)}"
    for said in (hook, mail.text):
        assert all(f"{source_id} is {entry.state}. {entry.basis}" in said for source_id, entry in late.items())
        assert "Where: `promise calendar`" in said and "What to do: look at the publisher's page" in said
