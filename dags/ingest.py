"""One Airflow DAG per source: copy what the publisher shows, load what is new, tell who waits for it.

A source that says `own_dag` has a file of its own beside this one (docs/dags.md). Where nothing is new the task skips,
and a skipped task announces nothing: a month without news rebuilds nothing.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Metadata, dag, get_parsing_context, task
from airflow.sdk.exceptions import AirflowFailException

from orchestration import limits, names
from orchestration.assets import raw_asset
from orchestration.failures import watched
from promise.catalogue.sources import Source, sources
from promise.settings import settings


def build(source: Source) -> None:
    """Define the DAG `ingest_<source id>`."""
    limit = limits.INGEST_LIVE if settings().mode == "live" else limits.INGEST_BUNDLE

    def record_killed(_context: Mapping[str, Any], message: str) -> None:
        """One that ended with an error has written that down itself."""
        from ingestion import pipeline

        pipeline.record_killed(source.id, f"came to nothing: {message}")

    @dag(
        dag_id=names.ingest(source.id),
        # The first look is at the next due time: without run_immediately Airflow may look at once, or may not.
        schedule=CronTriggerTimetable(source.check_cron, timezone="Europe/London", run_immediately=timedelta(0)),
        catchup=False,  # a publisher shows only what is current
        max_active_runs=1,
        dag_display_name=source.title,
        tags=[source.publisher, source.cadence, settings().mode if source.live else "bundle"],
        doc_md=f"**{source.title}** ({source.publisher}). {source.description}\n\n"
        f"[Publisher's page]({source.landing_page})",
        **watched(record=record_killed, owner=source.publisher),
    )
    def ingest() -> None:
        # One task, because each costs half a second of a core before it does anything.
        @task(task_id=names.LAND, outlets=[raw_asset(source.id)], **limit.arguments)
        def land(ti: Any = None, dag_run: Any = None) -> Any:
            """Copy the published files, unless `promise run` has; load each that is new and its ledger row in one
            transaction, then announce them. Stop quietly where the warehouse holds them."""
            from ingestion.errors import SourceChanged
            from ingestion.pipeline import load, take
            from orchestration import inquiry, quiet

            try:
                new = inquiry.found(source.id, dag_run.conf, ti.try_number)
                if new is None:
                    new = take(source.id)
            except SourceChanged as error:
                raise AirflowFailException(str(error)) from error  # a retry cannot help
            except Exception as error:
                error.add_note(limits.ASKING)
                raise
            if not new:
                quiet.rest(ti, f"{source.id}: there is nothing that the warehouse does not hold")
            yield Metadata(raw_asset(source.id), {"vintages": load(source.id, new)})

        land()

    ingest()


_asked_for = get_parsing_context().dag_id  # by a task, which needs its own DAG alone
for _source in sources().values():
    if not _source.own_dag and _asked_for in (None, names.ingest(_source.id)):
        build(_source)
