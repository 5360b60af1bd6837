"""The Airflow DAG that turns whatever has arrived into one checked release.

Any new vintage starts it, and it begins by waiting until no ingest is at work: one build for a burst of arrivals. The
runs that the other arrivals of the burst asked for find everything built, and skip.

Beside the line that ends with the release, `judged` has one square for each new vintage: red is one that is kept out,
with the reason in its log. The run itself is as the release is.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Metadata, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from orchestration import limits, names
from orchestration.assets import REJECTED, RELEASE, raw_asset
from orchestration.failures import mark, watched
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


# Beside the line. Mapped, and not the last of its branch, so that a red square fails no run.
@task(
    task_id=names.JUDGED,
    trigger_rule="all_done",
    map_index_template="{{ task.op_kwargs['new']['title'] }}, vintage {{ task.op_kwargs['new']['vintage'] }}",
    on_failure_callback=mark,  # whoever is to know is told once, by the gate or by what follows
    **limits.VERDICT.arguments,
)
def judged(new: dict[str, Any]) -> None:
    """What became of one new vintage. Fails, with the reason, when it is kept out."""
    import logging

    from promise import database, ledger

    with database.connect("transformer") as conn:
        (vintage,) = (each for each in ledger.vintages(conn) if each.vintage == new["vintage"])
    if vintage.arrival != "accepted":
        words = f"Vintage {vintage.vintage} of {vintage.source_id} is {vintage.arrival}: {vintage.arrival_reason}"
        logging.getLogger("warehouse.judged").error(words)
        raise AirflowFailException(words)


@task(task_id=names.ANNOUNCE, outlets=[REJECTED], trigger_rule="one_failed", **limits.VERDICT.arguments)
def announce_rejected(ti: Any = None) -> Any:
    """Announce the new vintages that are kept out, and tell of those that the build found wrong."""
    from orchestration import notify
    from promise import database
    from warehouse import attempts, runs

    with database.connect("transformer") as conn:
        kept_out = [each for each in runs.kept_out_or_new(conn) if each.arrival == "rejected"]
        anew = attempts.rejected_anew(conn, ti.xcom_pull(task_ids=WAIT_FOR))
    if not kept_out:
        raise AirflowSkipException("nothing new is rejected")
    notify.quarantined(
        {
            "source_id": each.source_id,
            "vintage": each.vintage,
            "arrival": each.arrival,
            "reason": each.arrival_reason,
        }
        for each in kept_out
        if each.vintage in anew
    )
    names_of = [{"source": each.source_id, "vintage": each.vintage} for each in kept_out]
    yield Metadata(REJECTED, {"rejected": names_of})


@dag(
    dag_id=names.WAREHOUSE,
    dag_display_name="Warehouse: judge, build, release",
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
            reason = quiet.reason_to_rest(conn, asked_by_a_person=dag_run.run_type == "manual")
            if reason is None:
                return quiet.open_run(conn, since=dag_run.start_date)
        quiet.rest(ti, reason)

    @task(**limits.GATE.arguments)
    def arrival_gate(number: int) -> list[dict[str, Any]]:
        """Judge what arrived. A rejected vintage stays out of this run; the other sources go on. Gives what is new."""
        from expectations import arrival
        from orchestration import notify
        from promise import database
        from warehouse import parsing, runs

        with parsing.beside():
            _read_again()
            notify.quarantined(arrival.judge(number)["quarantined"])
        with database.connect("transformer") as conn:
            new = runs.kept_out_or_new(conn)
        return [{"vintage": each.vintage, "title": _title(each.source_id)} for each in new]

    @task(task_id=names.BUILD, **limits.BUILD.arguments)
    def dbt_build(ti: Any = None) -> int:
        """Type and conform what was accepted; build and test the candidate, where nobody reads. One dbt does both."""
        from warehouse import attempts, transform

        number: int = ti.xcom_pull(task_ids=WAIT_FOR)
        for stage in transform.SELECT:
            attempts.build(number, stage)
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

    arrived = arrival_gate(wait_for_quiet())
    built = dbt_build()
    gate = publication_gate(built)
    verdicts = judged.expand(new=arrived)
    arrived >> built
    gate >> [release(gate), verdicts]
    verdicts >> announce_rejected()


def _read_again() -> None:
    """What an older revision of a reader read: where its texts are others now, it is judged again."""
    from ingestion.load import ensure_tables
    from promise import database

    with database.connect("loader") as conn:
        ensure_tables(conn)


def _title(source_id: str) -> str:
    """A source as people call it; one whose entry is gone has its id alone."""
    return sources()[source_id].title if source_id in sources() else source_id


warehouse_dag()
