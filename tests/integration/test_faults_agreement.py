"""What the campaign of faults holds to agree: it does in a warehouse that is well, and each disagreement is named."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from promise import database as db
from promise.settings import settings
from workbench.bench.faults import agreement

DISORDERS = {
    "a row of a vintage is gone": (
        "do $$ declare name text := (select format('raw.%I', relname) from pg_class where relname ~ '^lgbf__.*__v'"
        " limit 1); begin execute format('delete from %s where _row = (select max(_row) from %s)', name, name); end $$",
        "rows, the ledger says",
    ),
    "a vintage has no partition": (
        "do $$ begin execute (select format('drop table raw.%I', relname) from pg_class where relname ~ '^lgbf__.*__v'"
        " limit 1); end $$",
        "has no partition",
    ),
    "a partition is of no vintage": ("create table raw.left_over (i integer)", "raw.left_over is of no vintage"),
    "a figure of a release was changed": (
        "do $$ begin execute (select format('update published.%I__s%s set method = ''wrong''', parent, slot)"
        " from ops.shown where mart = 'dim_indicator'); end $$",
        "published.dim_indicator__s",
    ),
    "no release is current": ("update ops.release set state = 'superseded'", "no release is current"),
    "a run says that it runs": (
        "insert into ops.warehouse_run (fingerprint, vintages) values ('', '{}')",
        "says that it runs",
    ),
    "a vintage was not judged": ("update ops.vintage set arrival = 'pending' where vintage = 1", "is pending"),
}  # fmt: skip


def found(conn: Connection[Any]) -> list[str]:
    """As at rest. The site of these tests is drawn of no release, which is not what they are about."""
    conn.execute("insert into ops.drawn select 'site', release_id from ops.release on conflict do nothing")
    with db.connect() as fresh:
        return agreement.faults(fresh, at_rest=True)


def test_in_a_warehouse_that_is_well_everything_agrees(copy_of_warehouse: Connection[Any]) -> None:
    assert found(copy_of_warehouse) == []


@pytest.mark.parametrize("disorder", DISORDERS)
def test_what_does_not_agree_is_named(copy_of_warehouse: Connection[Any], disorder: str) -> None:
    statement, says = DISORDERS[disorder]
    copy_of_warehouse.execute(statement.encode())
    assert any(says in fault for fault in found(copy_of_warehouse))


def test_a_landed_file_that_is_not_whole_is_named(copy_of_warehouse: Connection[Any]) -> None:
    place = settings().landing / "lgbf" / ("0" * 64)
    place.mkdir()
    try:
        (place / "content").write_bytes(b"half of a fi")
        names = found(copy_of_warehouse)
    finally:
        (place / "content").unlink()
        place.rmdir()
    assert any("is not what its name says" in name for name in names)
    assert any("has no sidecar" in name for name in names)
