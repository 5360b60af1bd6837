"""The assets by which DAGs wait for one another. DAG files never import each other."""

from __future__ import annotations

from airflow.sdk import Asset

from orchestration import names

# A checked release that readers see.
RELEASE = Asset(name=names.RELEASE_ASSET, uri="promise://warehouse/release")
# A publication that should be out is not held here. Events say which: {"sources": {"lgbf": "late"}}.
LATE = Asset(name=names.LATE_ASSET, uri="promise://calendar/late")

# A new vintage is kept out of the release. Events say which: {"rejected": [{"source": "lgbf", "vintage": 41}]}.
REJECTED = Asset(name=names.REJECTED_ASSET, uri="promise://warehouse/rejected")


def raw_asset(source_id: str) -> Asset:
    """New vintages of a source in `raw`."""
    return Asset(name=names.raw_asset(source_id), uri=f"promise://raw/{source_id}")
