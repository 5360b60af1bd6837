"""A backup put back elsewhere is the same warehouse; one that is not whole changes nothing."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql

from promise import database, ledger
from promise.settings import settings
from warehouse import releases
from workbench.cli import main
from workbench.commands.backup import LOCK, BackupError, backup, restore, work_folder
from workbench.commands.explain import explain
from workbench.commands.verify import verify

OURS = (
    "nspname = any(array['raw', 'ops', 'staging', 'intermediate', 'published', 'marts', 'methods'])"
    " or nspname ~ '^release_[0-9]+$'"
)


def contents(conn: psycopg.Connection[Any], look_through_views: bool = True) -> dict[str, Any]:
    """Rows and a hash of them for everything that is ours, where sequences stand, and the text of every function.

    To look through the views of staging takes longer than a backup. Where none can have been made afresh, their text
    says as much; one that was restored has the same meaning in other words.
    """
    found: dict[str, Any] = {}
    for schema, table, kind in conn.execute(
        "select nspname, relname, relkind::text from pg_class join pg_namespace as namespace on namespace.oid ="
        " relnamespace"
        f" where ({OURS}) and relkind in ('r', 'v', 'p', 'S') order by 1, 2".encode()
    ).fetchall():
        if kind == "v" and not look_through_views:
            found[f"{schema}.{table}"] = conn.execute(
                "select pg_get_viewdef(%s::regclass)", (f"{schema}.{table}",)
            ).fetchone()
            continue
        row = "concat(last_value, is_called)" if kind == "S" else "each::text"
        found[f"{schema}.{table}"] = conn.execute(
            sql.SQL(
                "select count(*), md5(string_agg(line, chr(10) order by line))"
                f" from (select {row} as line from {{}} as each) as lines"
            ).format(sql.Identifier(schema, table))
        ).fetchone()
    for name, words in conn.execute(
        "select proname, prosrc from pg_proc join pg_namespace as namespace on namespace.oid = pronamespace"
        f" where {OURS}".encode()
    ).fetchall():
        found[f"{name}()"] = words
    return found


def without_statistics(conn: psycopg.Connection[Any]) -> list[str]:
    """Tables of ours of which the planner knows nothing, not even how many rows they have."""
    found = conn.execute(
        "select nspname || '.' || relname from pg_class join pg_namespace as namespace on namespace.oid = relnamespace"
        f" where ({OURS}) and reltuples < 0"
        " and (relkind = 'r' or relkind = 'p' and exists (select from pg_inherits where inhparent = pg_class.oid))"
        " order by 1".encode()
    ).fetchall()
    return [name for (name,) in found]


@pytest.fixture(scope="module")
def as_made(warehouse: Any) -> dict[bool, dict[str, Any]]:
    """The contents of every copy of the warehouse, by whether views were looked through."""
    kept = database.administrator() | database.Parts(dbname="kept")  # type: ignore[typeddict-item]
    with psycopg.connect(database.url_of(kept)) as conn:
        return {look_through: contents(conn, look_through) for look_through in (True, False)}


@pytest.fixture(scope="module")
def whole(warehouse: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the warehouse, to be copied and spoilt."""
    file = tmp_path_factory.mktemp("whole") / "all.tar"
    backup(file)
    return file


@pytest.fixture
def elsewhere(copy_of_warehouse: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes another, empty installation the one in force: its own home, its own database on the same server."""
    passwords = database.passwords()
    server = database.url_of(database.administrator()).rsplit("/", 1)[0]

    def move() -> None:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as conn:
            conn.execute("drop database if exists elsewhere with (force)")
            conn.execute("create database elsewhere template template0")
        for name, value in passwords.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "elsewhere"))
        monkeypatch.setenv("PROMISE_DATABASE_URL", f"{server}/elsewhere")

    return move


def test_a_backup_put_back_elsewhere_is_the_same_warehouse(
    copy_of_warehouse: psycopg.Connection[Any], as_made: dict[bool, dict[str, Any]], elsewhere: Any, tmp_path: Path
) -> None:
    copy_of_warehouse.execute("drop schema candidate cascade")
    before = as_made[True]
    assert len(before) > 100
    landed = {
        path.relative_to(settings().landing): path.read_bytes()
        for path in settings().landing.rglob("*")
        if path.is_file()
    }
    made = backup(tmp_path / "kept" / "all.tar")
    elsewhere()
    assert restore(tmp_path / "kept" / "all.tar") == made
    with database.connect() as conn:
        assert without_statistics(conn) == []
        assert contents(conn) == before
        assert verify(conn).is_good
        assert explain(conn, "attendance_rate")["figures"][0]["agrees"]
    assert {
        path.relative_to(settings().landing): path.read_bytes()
        for path in settings().landing.rglob("*")
        if path.is_file()
    } == landed
    with database.connect("reader") as conn:
        assert conn.execute("select count(*) > 1000 from methods.observation_as_of('2026-01-01')").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("select 1 from raw.lgbf__cell")


def test_what_holds_something_is_replaced_only_when_asked(
    copy_of_warehouse: psycopg.Connection[Any], as_made: dict[bool, dict[str, Any]], tmp_path: Path
) -> None:
    copy_of_warehouse.execute("drop schema candidate cascade")
    before = as_made[True]
    backup(tmp_path / "all.tar")
    copy_of_warehouse.execute("update ops.vintage set file_name = 'spoilt'")
    copy_of_warehouse.execute("create schema release_99")
    with pytest.raises(BackupError, match=r"holds \d+ vintages; `promise restore --replace"):
        restore(tmp_path / "all.tar")
    restore(tmp_path / "all.tar", replace=True)
    assert contents(copy_of_warehouse) == before
    assert copy_of_warehouse.execute("select 1 from pg_namespace where nspname = 'release_99'").fetchone() is None


def test_a_backup_never_replaces_a_file(copy_of_warehouse: psycopg.Connection[Any], tmp_path: Path) -> None:
    (tmp_path / "all.tar").write_text("something of yours")
    with pytest.raises(BackupError, match="exists already"):
        backup(tmp_path / "all.tar")
    assert (tmp_path / "all.tar").read_text() == "something of yours"


@pytest.mark.parametrize("fault", ["cut short", "no archive", "a landed file is missing", "another dump"])
def test_a_backup_that_is_not_whole_is_refused_and_changes_nothing(
    whole: Path,
    copy_of_warehouse: psycopg.Connection[Any],
    as_made: dict[bool, dict[str, Any]],
    tmp_path: Path,
    fault: str,
) -> None:
    file = shutil.copy(whole, tmp_path / "all.tar")
    before = as_made[False]
    if fault == "cut short":
        file.write_bytes(file.read_bytes()[:400_000])
    elif fault == "no archive":
        file.write_bytes(b"not a backup at all")
    else:
        with tarfile.open(file) as archive:
            archive.extractall(tmp_path / "open", filter="data")
        if fault == "another dump":
            (tmp_path / "open" / "database.dump").write_bytes(b"PGDMP")
        else:
            shutil.rmtree(next((tmp_path / "open" / "landing" / "lgbf").iterdir()))
        file.unlink()
        with tarfile.open(file, "w") as archive:
            for path in sorted((tmp_path / "open").iterdir()):
                archive.add(path, path.name)
    with pytest.raises(BackupError, match=r"all\.tar"):
        restore(file, replace=True)
    assert contents(copy_of_warehouse, look_through_views=False) == before
    assert not list(settings().home.glob(".restore-*")), "nothing is left behind"


def test_a_backup_is_of_one_moment_whatever_is_released_meanwhile(
    copy_of_warehouse: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.commands import backup as module

    before = releases.current(copy_of_warehouse)
    run = module._run

    def watched(program: str, *arguments: str, connects: bool = True) -> None:
        if program == "pg_dump":
            copy_of_warehouse.execute("update ops.release set state = 'superseded' where state = 'current'")
            copy_of_warehouse.execute("delete from ops.vintage where vintage = (select max(vintage) from ops.vintage)")
        run(program, *arguments, connects=connects)

    vintages = len(ledger.vintages(copy_of_warehouse))
    monkeypatch.setattr(module, "_run", watched)
    made = backup(tmp_path / "all.tar")
    assert before is not None
    assert (made["release_id"], made["vintages"]) == (before.release_id, vintages)
    monkeypatch.setattr(module, "_run", run)
    restore(tmp_path / "all.tar", replace=True)
    assert releases.current(copy_of_warehouse) == before
    assert len(ledger.vintages(copy_of_warehouse)) == vintages


@pytest.mark.parametrize("kind", [".promise-backup-", ".restore-"])
def test_what_a_killed_backup_or_restore_left_is_swept_by_the_next_and_one_at_work_is_let_alone(
    tmp_path: Path, kind: str
) -> None:
    killed = tmp_path / f"{kind}killed"
    killed.mkdir()
    (killed / LOCK).touch()
    (killed / "half.tar").write_text("the first bytes of a backup")
    yours = tmp_path / "half.tar"
    yours.touch()
    with work_folder(tmp_path, kind) as at_work:
        assert not killed.exists()
        with work_folder(tmp_path, kind) as beside:
            assert at_work.exists() and beside.exists() and at_work != beside
        assert at_work.exists() and not beside.exists()
    assert list(tmp_path.iterdir()) == [yours]


def test_a_restore_says_that_it_runs_the_sql_of_the_file_before_it_does(
    database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    (tmp_path / "all.tar").write_text("not a backup at all")
    done = CliRunner().invoke(main, ["restore", str(tmp_path / "all.tar")])
    warning, refusal = done.output.splitlines()[:2]
    assert "runs the SQL that is in" in warning and "trust" in warning
    assert "is damaged or no backup" in refusal
    assert "runs the SQL that is in" in CliRunner().invoke(main, ["restore", "--help"]).output
