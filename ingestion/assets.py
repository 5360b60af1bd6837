"""The names by which DAGs wait for one another. Each is written here once; DAG files never import each other."""

from __future__ import annotations

from airflow.sdk import Asset

# A checked release that readers see.
RELEASE = Asset(name="release", uri="promise://warehouse/release")
# A publication that should be out is not held here. Events say which: {"sources": {"lgbf": "late"}}.
LATE = Asset(name="late", uri="promise://calendar/late")


def raw_asset(source_id: str) -> Asset:
    """New vintages of a source in `raw`."""
    return Asset(name=f"raw_{source_id}", uri=f"promise://raw/{source_id}")
