"""A database that goes away under dbt is told from a model that is wrong: the first is worth another try."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from psycopg import Connection

from promise import database
from warehouse import runs, transform


def test_a_build_whose_connections_are_cut_says_that_the_database_was_lost(landed: Connection[Any]) -> None:
    landed.execute("delete from ops.staged")  # so that all of staging is made
    run_id = runs.open_run(landed)
    over = threading.Event()

    def cut() -> None:
        """As a server that restarts: every connection of dbt's that is at work, once it has begun with models."""
        with database.connect("transformer", autocommit=True) as conn:
            while not over.is_set():
                conn.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name = 'dbt' and state = 'active' and query ilike '%create%staging%stg_%'"
                )
                time.sleep(0.02)

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        with pytest.raises(transform.DatabaseLost, match="dbt stage 'staging' failed"):
            transform.build(run_id, "staging")
    finally:
        over.set()
        cutter.join()
        runs.close_run(landed, run_id, "failed", "a test")
