"""The Airflow DAG that looks each morning whether a publication is late, and says so once.

What is newly late is told to whom PROMISE_NOTIFY names, and goes out as an event of the asset `late` for DAGs that wait
for it. When nothing is news the task skips, and a skipped task announces nothing.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Metadata, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from orchestration import limits, names
from orchestration.assets import LATE
from orchestration.failures import watched


@dag(
    dag_id=names.CALENDAR,
    # After the ingests of the morning, whose hours are in ingestion/sources/.
    schedule=CronTriggerTimetable("30 8 * * *", timezone="Europe/London", run_immediately=timedelta(0)),
    dag_display_name="Publication calendar: what is late",
    catchup=False,
    max_active_runs=1,
    tags=["calendar"],
    doc_md=__doc__,
    **watched(owner="promise", **limits.CALENDAR.arguments),
)
def calendar_dag() -> None:
    @task(outlets=[LATE])
    def look() -> Any:
        """Write down what is late; announce what is newly so."""
        import logging

        from orchestration import notify
        from promise import database
        from warehouse import calendar

        with database.connect("transformer") as conn:
            try:
                entries = calendar.calendar(conn)
            except calendar.NotBuilt as error:
                raise AirflowSkipException(str(error)) from error
            news = calendar.record(conn, entries)
        late = [entry for entry in entries if entry.is_late]
        for entry in late:
            logging.getLogger("warehouse.calendar").warning("%s is %s. %s", entry.source_id, entry.state, entry.basis)
        if not news:
            raise AirflowSkipException(f"{len(late)} of {len(entries)} sources late, none of them newly")
        notify.late({entry.source_id: f"{entry.state}. {entry.basis}" for entry in news})
        yield Metadata(LATE, {"sources": {entry.source_id: entry.state for entry in news}})

    look()


calendar_dag()
