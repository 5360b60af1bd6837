"""The Airflow DAG that draws what was released: the public site, and Metabase where there is one."""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from orchestration import limits, names
from orchestration.assets import RELEASE
from orchestration.failures import watched


@dag(
    dag_id=names.BI,
    schedule=RELEASE,
    dag_display_name="What readers see: site and Metabase",
    catchup=False,
    max_active_runs=1,
    tags=["bi"],
    doc_md=__doc__,
    **watched(owner="promise", **limits.DRAW.arguments),
)
def bi_dag() -> None:
    @task
    def build_site() -> dict[str, Any]:
        """Build the static site from the current release."""
        from bi.site.build import build
        from warehouse import releases

        built = build()
        releases.note_drawn("site", built["release_id"])
        return built

    @task(**limits.METABASE.arguments)
    def apply_metabase() -> dict[str, Any]:
        """Make Metabase what bi/metabase/ says; stop quietly where no Metabase is configured."""
        from bi.metabase.apply import NotConfigured, apply

        try:
            return apply()
        except NotConfigured as error:
            raise AirflowSkipException(str(error)) from error

    # Where Metabase fetches the map from an address, it is the site's, and is to be of this release.
    build_site() >> apply_metabase()


bi_dag()
