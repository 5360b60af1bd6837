"""Reads every DAG file as Airflow would, in a process of its own, and prints what it found as JSON.

Not a test: test_dags.py runs it. Any attempt of a file to reach the network or a database is an import error of it.
"""

from __future__ import annotations

import json
import socket
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import psycopg2
from airflow.dag_processing.dagbag import DagBag


def refuse(*_: Any, **__: Any) -> Any:
    raise AssertionError("parsing a DAG file reached out of its process")


def describe(dag: Any) -> dict[str, Any]:
    condition = getattr(dag.timetable, "asset_condition", None)
    return {
        "file": Path(dag.fileloc).name,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "waits_for": sorted(asset.name for asset in getattr(condition, "objects", [condition]) if asset),
        "how": type(condition).__name__ if condition else type(dag.timetable).__name__,
        "tells": bool(dag.on_failure_callback),
        "shown_as": dag.dag_display_name,
        "tags": sorted(dag.tags),
        "cron": getattr(dag.timetable, "expression", None),
        "looks_at_once": getattr(dag.timetable, "run_immediately", None) != timedelta(0),
        "tasks": {
            task.task_id: {
                "downstream": sorted(task.downstream_task_ids),
                "retries": task.retries,
                "exponential": bool(task.retry_exponential_backoff),
                "limit": task.execution_timeout and task.execution_timeout.total_seconds(),
                "policy": type(task.retry_policy).__name__,
                "outlets": [asset.name for asset in task.outlets],
                "on_failure": bool(task.on_failure_callback),
                "defers": bool(task.start_from_trigger),
                "rule": getattr(task.trigger_rule, "value", task.trigger_rule),
                "square": getattr(task, "partial_kwargs", {}).get("map_index_template"),
            }
            for task in dag.tasks
        },
    }


def main(folder: str) -> None:
    socket.socket.connect = socket.getaddrinfo = psycopg.connect = psycopg2.connect = refuse  # type: ignore
    before = set(sys.modules)
    bag = DagBag(dag_folder=folder)
    told = {
        "errors": bag.import_errors,
        "dags": {dag_id: describe(dag) for dag_id, dag in bag.dags.items()},
        "imported": sorted({name.split(".")[0] for name in set(sys.modules) - before}),
    }
    Path(sys.argv[2]).write_text(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
