"""A warehouse that is small enough for histories of many vintages."""

from __future__ import annotations

import pytest
from integration.in_proportion.histories import Warehouse, build
from psycopg import sql

from promise.catalogue.sources import sources


@pytest.fixture(scope="module")
def small(landed_for_module: Warehouse) -> Warehouse:
    """The bundle, landed and staged, with every twelfth row of what is landed: histories are of many vintages."""
    for source in sources().values():
        landed_for_module.execute(
            sql.SQL("delete from {} where _row % 12 <> 0 and _row > 40").format(sql.Identifier("raw", source.raw_table))
        )
    build()
    return landed_for_module
