"""The Airflow DAG that turns whatever has arrived into one checked release.

Any new vintage starts it, and it begins by waiting until no ingest is at work: one build for a burst of arrivals. The
runs that the other arrivals of the burst asked for find everything built, and skip.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Any

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from orchestration import limits, names
from orchestration.assets import RELEASE, raw_asset
from orchestration.failures import watched
from promise.catalogue.sources import sources

WAIT_FOR = "wait_for_quiet"


def close_run(context: Mapping[str, Any], message: str) -> None:
    """Write down that the run failed and what the task said, or that it was killed."""
    from promise import database
    from warehouse import runs

    number = context["ti"].xcom_pull(task_ids=WAIT_FOR)
    if number is None:
        return  # it failed before there was a run
    with database.connect("releaser") as conn:
        runs.close_run(conn, number, "failed", f"{context['ti'].task_id}: {message}")


@dag(
    dag_id=names.WAREHOUSE,
    schedule=functools.reduce(operator.or_, [raw_asset(source_id) for source_id in sources()]),
    catchup=False,
    max_active_runs=1,
    tags=["warehouse"],
    doc_md=__doc__,
    **watched(record=close_run, owner="promise"),
)
def warehouse_dag() -> None:
    # The number of the warehouse run goes from task to task: Airflow keeps the name run_id for itself.
    @task(task_id=WAIT_FOR, **limits.WAIT.arguments)
    def wait_for_quiet(ti: Any = None, dag_run: Any = None) -> int:
        """Wait until no ingest is at work, then open a run; stop quietly if there is nothing to build.

        A long wait gives its place to other tasks, and this one is begun again to look.
        """
        from orchestration import quiet
        from promise import database

        quiet.wait_until_quiet(ti, quiet.ingests(), since=dag_run.start_date)
        with database.connect("releaser") as conn:
            if reason := quiet.reason_to_rest(conn, asked_by_a_person=dag_run.run_type == "manual"):
                raise AirflowSkipException(reason)
            return quiet.open_run(conn, since=dag_run.start_date)

    @task(**limits.GATE.arguments)
    def arrival_gate(number: int) -> int:
        """Judge what arrived. A rejected vintage stays out of this run; the other sources go on."""
        from expectations import arrival
        from ingestion.load import ensure_tables
        from orchestration import notify
        from promise import database

        with database.connect("loader") as conn:
            ensure_tables(conn)  # what is read again is judged again
        notify.quarantined(arrival.judge(number)["quarantined"])
        return number

    @task(**limits.BUILD.arguments)
    def dbt_staging(number: int) -> int:
        """Type and conform what was accepted."""
        from warehouse import transform

        transform.build(number, "staging")
        return number

    @task(**limits.BUILD.arguments)
    def dbt_marts(number: int) -> int:
        """Build and test the candidate, where nobody reads."""
        from warehouse import transform

        transform.build(number, "marts")
        return number

    @task(**limits.GATE.arguments)
    def publication_gate(number: int) -> int:
        """Judge the candidate as a whole. A refusal ends the run; readers keep the release they have."""
        from expectations import publication
        from promise import database
        from warehouse import runs

        try:
            publication.judge(number)
        except publication.GateRefused as refused:
            with database.connect("releaser") as conn:
                runs.close_run(conn, number, "refused", str(refused))
            raise AirflowFailException(str(refused)) from refused
        return number

    @task(outlets=[RELEASE], **limits.RELEASE.arguments)
    def release(number: int) -> int:
        """Show the candidate to readers, waiting for none of them, and tell who waits for it."""
        from warehouse import releases

        return releases.publish(number)

    release(publication_gate(dbt_marts(dbt_staging(arrival_gate(wait_for_quiet())))))


warehouse_dag()
