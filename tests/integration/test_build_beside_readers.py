"""A build of the warehouse beside somebody who reads, in an open transaction, what it is to replace."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from promise import database
from warehouse import runs, transform

TABLE, VIEW_ON_IT = "int_publications", "int_published_history"


@pytest.fixture
def run_id(landed: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch) -> int:
    """A run of two models, of which the second needs the first."""
    monkeypatch.setitem(transform.SELECT, "staging", (TABLE, VIEW_ON_IT))
    monkeypatch.setattr(transform, "PAUSE", 0.1)
    with database.connect() as conn:
        return runs.open_run(conn)


@contextlib.contextmanager
def somebody_reads(conn: psycopg.Connection[Any]) -> Iterator[int]:
    """An open transaction that has read the table; gives its process."""
    with conn.transaction():
        conn.execute(f"select from intermediate.{TABLE} limit 1".encode())
        yield conn.info.backend_pid


def status_of(run_id: int, node: str) -> str:
    with database.connect() as conn:
        row = conn.execute(
            "select status from ops.dbt_result where run_id = %s and unique_id = %s", (run_id, f"model.promise.{node}")
        ).fetchone()
    assert row is not None, f"dbt did not run {node}"
    return str(row[0])


def test_a_build_that_a_reader_holds_up_says_who_it_is_and_leaves_the_table_as_it_was(
    run_id: int, landed: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transform, "PATIENCE", 0.0)
    before = landed.execute(f"select 'intermediate.{TABLE}'::regclass::oid".encode()).fetchone()
    with (
        somebody_reads(landed) as process,
        pytest.raises(
            transform.BuildBlocked, match=rf"could not replace {TABLE}: .*process {process} of \w+ \(promise\)"
        ),
    ):
        transform.build(run_id, "staging")
    assert landed.execute(f"select 'intermediate.{TABLE}'::regclass::oid".encode()).fetchone() == before
    assert (status_of(run_id, TABLE), status_of(run_id, VIEW_ON_IT)) == ("error", "skipped")


def test_a_build_goes_on_with_what_was_held_up_and_what_needs_it_once_the_reader_is_done(
    run_id: int, landed: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts, done = [], threading.Event()
    invoke = transform.invoke

    def counted(arguments: list[str], project: Any = None) -> Any:
        if attempts:
            done.set()
        if arguments[0] != "parse":
            attempts.append(arguments[0])
        return invoke(arguments, project)

    monkeypatch.setattr(transform, "invoke", counted)
    with somebody_reads(landed):
        ended: list[dict[str, int]] = []
        build = threading.Thread(target=lambda: ended.append(transform.build(run_id, "staging")))
        build.start()
        assert done.wait(300), "the first attempt ended while the reader was still there"
    build.join()
    assert attempts[:2] == ["build", "retry"]
    assert ended and ended[0]["skipped"] == 0
    assert (status_of(run_id, TABLE), status_of(run_id, VIEW_ON_IT)) == ("success", "success")


def test_a_model_that_is_wrong_is_not_tried_again(
    run_id: int, landed: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []
    invoke = transform.invoke

    def counted(arguments: list[str], project: Any = None) -> Any:
        attempts.append(arguments[0])
        return invoke(arguments, project)

    monkeypatch.setattr(transform, "invoke", counted)
    landed.execute("drop schema staging cascade")
    with pytest.raises(transform.BuildFailed, match="does not exist") as failure:
        transform.build(run_id, "staging")
    assert not isinstance(failure.value, transform.BuildBlocked)
    assert [each for each in attempts if each != "parse"] == ["build"]
