"""The ids of DAGs and the names of assets, each written here once. Without Airflow, which takes seconds to import."""

from __future__ import annotations

WAREHOUSE = "warehouse"
BI = "bi"
CALENDAR = "calendar"
FILES = ("ingest.py", "warehouse.py", "bi.py", "publication_calendar.py")  # in which ours are; others are people's own

RELEASE_ASSET = "release"
LATE_ASSET = "late"
REJECTED_ASSET = "rejected"

LAND = "land"  # the task of an ingest
WAITS = "waits_for_publisher"  # what it says of itself while it waits for its next attempt at a publisher
BUILD = "dbt_build"  # the task of the warehouse in which dbt works
# The tasks beside the line of the warehouse: one for each new vintage, which fails where that is kept out, and the one
# that announces those.
JUDGED = "judged"
ANNOUNCE = "announce_rejected"
BESIDE_THE_LINE = (JUDGED, ANNOUNCE)


def ingest(source_id: str) -> str:
    """The DAG that looks whether a source has something new."""
    return f"ingest_{source_id}"


def raw_asset(source_id: str) -> str:
    """The asset that announces new vintages of a source."""
    return f"raw_{source_id}"
