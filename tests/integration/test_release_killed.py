"""A release whose process is killed: before each of its statements in turn, readers have one release whole."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from small_releases import judged, made_by_both, transaction

from promise import database as db
from warehouse import releases
from workbench.bench.faults import agreement

MOMENTS = 20
SHAPES = ("", ", 'new'::text as added")


def before_statement(number: int, deed: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> bool:
    """Do it in a process that is killed before its statement of that number; whether it came so far."""
    execute, done = Connection.execute, iter(range(10_000))

    def counted(self: Connection[Any], *given: Any, **named: Any) -> Any:
        if next(done) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", counted)
        child = os.fork()
        if not child:
            deed()
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def seen() -> tuple[Any, ...] | None:
    with transaction() as conn:
        return made_by_both(conn)


@pytest.mark.parametrize("other", SHAPES, ids=["of one shape", "that changes a shape"])
def test_a_release_that_is_killed_anywhere_is_shown_whole_or_not_and_goes_on_when_asked_again(
    database: Connection[Any], monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    releases.publish(judged(0, ""))
    statements = 0
    with monkeypatch.context() as patch:
        execute = Connection.execute

        def counted(self: Connection[Any], *given: Any, **named: Any) -> Any:
            nonlocal statements
            statements += 1
            return execute(self, *given, **named)

        run_id = judged(1, other)
        patch.setattr(psycopg.Connection, "execute", counted)
        releases.publish(run_id)
    assert statements > MOMENTS
    for number, moment in enumerate(sorted(random.Random(12).sample(range(statements), MOMENTS)), start=2):
        run_id = judged(number, other if number % 2 else "")
        was_killed = before_statement(moment, lambda run_id=run_id: releases.publish(run_id), monkeypatch)  # type: ignore[misc]
        assert was_killed or moment > statements / 2, f"statement {moment} of about {statements}"
        assert seen() in {(number - 1, number - 1), (number, number)}, f"before statement {moment}"
        with db.connect() as conn:
            assert agreement.faults(conn, at_rest=False) == [], f"before statement {moment}"
        releases.publish(run_id)
        assert seen() == (number, number)
        with db.connect() as conn:
            assert agreement.faults(conn, at_rest=False) == [], f"before statement {moment}, and asked again"
