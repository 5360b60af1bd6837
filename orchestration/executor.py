"""Airflow's LocalExecutor, whose workers have in memory what each task of ours would import of other people's packages.

A task is a fork of a worker, and those are forks of the scheduler: what this has imported costs a task nothing. Of the
0.53 s that a task took of a core before its own work, 0.2 s went to the first four of these; a gate took three more
seconds for Great Expectations, and a build two for dbt. Our own modules are imported by each task, so that what
somebody corrects holds for the next one.
"""

from __future__ import annotations

import importlib

from airflow.executors.local_executor import LocalExecutor

IMPORTED = ("numpy", "psycopg", "python_calamine", "httpx", "great_expectations", "dbt.cli.main")


class WarmExecutor(LocalExecutor):  # type: ignore[misc,unused-ignore]
    """The same, and warm."""

    def start(self) -> None:
        """Import, and begin the workers."""
        for name in IMPORTED:
            importlib.import_module(name)
        super().start()
