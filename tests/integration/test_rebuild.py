"""From landing and ledger alone everything comes back, row for row; and what is wrong with landing is named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from days import day_of, hold
from psycopg import sql

from ingestion.landing import folder
from promise import database
from promise.database import roles
from promise.errors import PromiseError
from warehouse import releases, transform
from workbench.cli import main
from workbench.commands.verify import read_otherwise, rebuild, verify

DERIVED = ("raw", "staging", "intermediate", "marts")


def fingerprints(conn: psycopg.Connection[Any]) -> dict[str, tuple[int, str | None]]:
    """Rows and a hash of them for every table of every derived schema; what says when it was made is left out."""
    found: dict[str, tuple[int, str | None]] = {}
    for schema, table, kind in conn.execute(
        "select nspname, relname, relkind::text from pg_class join pg_namespace as namespace on namespace.oid ="
        " relnamespace"
        " where nspname = any(%s) and relkind in ('r', 'p', 'v')"
        " and relname not in ('release_info', 'release_change') order by 1, 2",
        (list(DERIVED),),
    ).fetchall():
        row = conn.execute(
            sql.SQL(
                "select count(*), md5(string_agg(line, chr(10) order by line)) from (select {t}::text as line"
                " from {f} as {t}) as lines"
            ).format(t=sql.Identifier("each"), f=sql.Identifier(schema, table))
        ).fetchone()
        assert row is not None
        found[f"{schema}.{table} {kind}"] = row
    return found


def without_statistics(conn: psycopg.Connection[Any], *schemas: str) -> list[str]:
    """Tables with rows of their own of which the planner knows nothing, not even how many they are."""
    found = conn.execute(
        "select relname from pg_class where relnamespace::regnamespace::text = any(%s) and relkind = 'r'"
        " and reltuples < 0 order by 1",
        (list(schemas),),
    ).fetchall()
    return [name for (name,) in found]


@pytest.fixture
def no_administrator(copy_of_warehouse: psycopg.Connection[Any]) -> Iterator[None]:
    """Nobody can sign in as the server's superuser while the block runs."""
    here = database.administrator()
    with psycopg.connect(database.url_of(here), autocommit=True) as administrator:
        roles.set_password(administrator, here["user"], "of nobody")
        yield
        roles.set_password(administrator, here["user"], here["password"])


@pytest.mark.usefixtures("no_administrator")
def test_everything_derived_comes_back_row_for_row_without_a_superuser(
    warehouse: Any, copy_of_warehouse: psycopg.Connection[Any]
) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(database.url_of(database.administrator()))
    conn = copy_of_warehouse
    before = fingerprints(conn)
    day = day_of(conn, warehouse.run_id)
    hold(conn, day)
    assert sum(rows for rows, _ in before.values()) > 50_000
    conn.execute("drop schema candidate cascade")
    for schema in DERIVED:
        conn.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
    told = rebuild()
    current = releases.current(conn)
    assert current is not None
    assert day_of(conn, current.run_id) == day
    assert fingerprints(conn) == before
    assert current.release_id == told["release_id"]
    assert [(release.state, release.is_kept) for release in releases.listing(conn)][1:] == [("superseded", True)]
    assert without_statistics(conn, "raw", "intermediate") == [], "what reads them next would be planned blindly"


def test_readers_keep_what_they_see_while_everything_is_made_afresh(
    copy_of_warehouse: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    build = transform.build

    def watched(run_id: int, stage: transform.Stage) -> dict[str, int]:
        with database.connect("reader") as conn:
            row = conn.execute("select count(*) from marts.fct_observation").fetchone()
            seen.append(row[0] if row else 0)
        return build(run_id, stage)

    monkeypatch.setattr(transform, "build", watched)
    copy_of_warehouse.execute("delete from raw.lgbf__cell where _row = 2")
    rebuild()
    assert len(seen) == 2
    assert min(seen) > 1000
    assert copy_of_warehouse.execute("select count(*) from raw.lgbf__cell where _row = 2").fetchone() == (2,)


def test_what_stands_is_compared_with_what_reading_every_vintage_gives(
    copy_of_warehouse: psycopg.Connection[Any],
) -> None:
    said = CliRunner().invoke(main, ["verify", "--rebuild"])
    assert said.exit_code == 0, said.output
    copy_of_warehouse.execute(
        "update intermediate.int_figures set obs_value = obs_value + 1 where source_id = 'lgbf_children'"
    )
    said = CliRunner().invoke(main, ["verify", "--rebuild"])
    assert said.exit_code == 1
    assert re.search(r"intermediate\.int_figures, vintage \d+: [\d,]+ rows are not what reading it gives", said.output)


def test_what_stands_is_not_compared_while_there_is_something_to_build(
    copy_of_warehouse: psycopg.Connection[Any],
) -> None:
    copy_of_warehouse.execute(
        "update ops.vintage set not_before = now() + interval '1 day' where source_id = 'lgbf_children'"
    )
    with pytest.raises(PromiseError, match=r"held back again.*Run `promise run`"):
        list(read_otherwise())


def test_what_stands_is_not_compared_while_a_rollback_holds_what_is_new(
    copy_of_warehouse: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "words_of_hold", lambda _: "A rollback holds.")
    with pytest.raises(PromiseError, match=r"may be of something else.*A rollback holds"):
        list(read_otherwise())


@pytest.fixture
def damaged(copy_of_warehouse: psycopg.Connection[Any]) -> Any:
    """A landed file, to be damaged; put right afterwards, because the built warehouse is shared."""
    row = copy_of_warehouse.execute(
        "select snapshot_id from ops.vintage where source_id = 'lgbf_family_groups'"
    ).fetchone()
    assert row is not None
    place = folder("lgbf_family_groups", row[0])
    kept = {path: path.read_bytes() for path in place.iterdir()}
    yield place
    place.mkdir(exist_ok=True)
    for path, content in kept.items():
        path.write_bytes(content)


def test_good_landing_is_called_good(copy_of_warehouse: psycopg.Connection[Any]) -> None:
    found = verify(copy_of_warehouse)
    assert found.is_good
    assert (
        found.files
        == copy_of_warehouse.execute("select count(distinct snapshot_id) from ops.vintage").fetchone()[0]
        >= 10
    )  # type: ignore[index]
    done = CliRunner().invoke(main, ["verify", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.output)["problems"] == []


def test_an_altered_file_is_found_and_named_and_nothing_is_rebuilt_of_it(damaged: Path) -> None:
    with (damaged / "content").open("ab") as handle:
        handle.write(b"Nowhere,9,9,,\n")
    done = CliRunner().invoke(main, ["verify"])
    assert done.exit_code == 1
    assert "lgbf_family_groups" in done.output
    assert "was altered" in done.output
    assert str(damaged / "content") in done.output.replace("\n", "")
    with pytest.raises(PromiseError, match=r"(?s)not rebuilt.*was altered"):
        rebuild()


def test_a_missing_file_and_a_missing_sidecar_are_found_and_named(damaged: Path) -> None:
    (damaged / "snapshot.json").unlink()
    assert "snapshot.json is missing or damaged" in CliRunner().invoke(main, ["verify"]).output
    (damaged / "content").unlink()
    assert "content is missing; restore it from a backup" in CliRunner().invoke(main, ["verify"]).output


def test_a_source_that_was_taken_away_without_a_word_is_named(copy_of_warehouse: psycopg.Connection[Any]) -> None:
    copy_of_warehouse.execute("create table raw.ghost__thing (_vintage integer) partition by list (_vintage)")
    found = verify(copy_of_warehouse)
    assert not found.is_good
    assert found.tables[0].startswith("ghost__thing was loaded once and is neither described")


def test_a_file_that_is_read_otherwise_now_changes_nothing(copy_of_warehouse: psycopg.Connection[Any]) -> None:
    copy_of_warehouse.execute("update ops.vintage set row_count = row_count + 1 where source_id = 'lgbf_family_groups'")
    rows = copy_of_warehouse.execute("select count(*) from staging.stg_lgbf__cell").fetchone()
    with pytest.raises(PromiseError, match=r"gives 32 rows where the ledger has 33"):
        rebuild()
    assert copy_of_warehouse.execute("select count(*) from staging.stg_lgbf__cell").fetchone() == rows
