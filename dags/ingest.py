"""One Airflow DAG per source: copy what the publisher shows, load what is new, tell who waits for it.

A `snapshot` that finds nothing new skips, and a skipped task announces nothing: a month without news rebuilds nothing.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Metadata, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from orchestration import names
from orchestration.assets import raw_asset
from promise.catalogue.sources import Source, sources
from promise.settings import settings

# A publisher that is down may be up in five minutes, or in an hour. A file in the bundle is there or it is not.
LIVE = {
    "retries": 3,
    "retry_delay": timedelta(minutes=5),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(hours=1),
}
BUNDLE = {"retries": 0}


def build(source: Source) -> None:
    """Define the DAG `ingest_<source id>`."""

    @dag(
        dag_id=names.ingest(source.id),
        # The first look is at the next due time: without run_immediately Airflow may look at once, or may not.
        schedule=CronTriggerTimetable(source.check_cron, timezone="Europe/London", run_immediately=timedelta(0)),
        catchup=False,  # a publisher shows only what is current
        max_active_runs=1,
        default_args={"owner": source.publisher, **(LIVE if settings().mode == "live" else BUNDLE)},
        tags=["ingest"],
        doc_md=f"**{source.title}** ({source.publisher}). {source.description}\n\n"
        f"[Publisher's page]({source.landing_page})",
    )
    def ingest() -> None:
        @task
        def snapshot() -> list[str]:
            """Copy the published files; stop quietly if they are what the warehouse holds."""
            from ingestion.errors import SourceChanged
            from ingestion.pipeline import take

            try:
                new = take(source.id)
            except SourceChanged as error:
                raise AirflowFailException(str(error)) from error  # a retry cannot help
            if not new:
                raise AirflowSkipException(f"{source.id}: there is nothing that the warehouse does not hold")
            return new

        @task(outlets=[raw_asset(source.id)], retries=0)
        def land(snapshot_ids: list[str]) -> Any:
            """Load each snapshot and its ledger row in one transaction, then announce them."""
            from ingestion.pipeline import load

            yield Metadata(raw_asset(source.id), {"vintages": load(source.id, snapshot_ids)})

        land(snapshot())

    ingest()


for _source in sources().values():
    build(_source)
