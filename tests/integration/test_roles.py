"""Each part of the work has a role of its own: what it may do, and what nobody but the others may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from promise import database as db
from promise.database import analysts
from promise.database.embedded import Server
from promise.database.roles import ROLES

MADE_BY: dict[db.Role, tuple[str, ...]] = {
    "loader": (
        "create table raw.figure (cell text)",
        "insert into raw.figure values ('1')",
        "insert into ops.vintage (vintage, source_id, snapshot_id, file_name, requested_url, final_url, retrieved_at,"
        " media_type, size_bytes, row_count) values (1, 'a', 'a', 'a', 'a', 'a', now(), 'a', 1, 1)",
    ),
    "transformer": (
        "create table staging.figure as select * from raw.figure",
        "create schema candidate",
        "create table candidate.mart as select * from staging.figure",
    ),
    "releaser": (
        "insert into ops.warehouse_run (fingerprint, vintages) values ('a', '{1}')",
        "insert into ops.release (release_id, run_id) select 1, run_id from ops.warehouse_run",
        "create table published.mart as select * from candidate.mart",
        "create view marts.mart as select * from published.mart",
        "create view restricted.mart as select * from published.mart",
        "create function methods.answer() returns bigint language sql as 'select count(*) from marts.mart'",
    ),
}

WORKS: list[tuple[db.Role, str]] = [
    ("loader", "create table raw.more partition of raw.parted for values in (2)"),
    ("loader", "alter table raw.figure add column another text"),
    ("loader", "select nextval('ops.vintage_number')"),
    ("loader", "update ops.vintage set headings = '{}', not_before = null, held_since = null, publication_id = 'a'"),
    ("loader", "update ops.vintage set reader_revision = 2, read_as = 'a'"),
    ("loader", "select ops.judge_anew(1, 1, null)"),
    ("loader", "insert into ops.ingest_attempt (source_id, started_at, outcome) values ('a', now(), 'new')"),
    ("loader", "insert into ops.lock values ('a') on conflict (name) do update set name = excluded.name"),
    ("transformer", "select * from raw.figure, ops.vintage, marts.mart"),
    ("transformer", "alter table staging.figure rename to figure__before"),
    ("transformer", "create function intermediate.one() returns integer language sql as 'select 1'"),
    ("transformer", "create temporary table a_unit_test (one integer)"),
    ("transformer", "drop schema candidate cascade"),
    ("transformer", "update ops.vintage set arrival = 'accepted', arrival_reason = null, judged_at = now()"),
    ("transformer", "update ops.warehouse_run set built_of = '{1}', rejected = '{1}'"),
    ("transformer", "insert into ops.dbt_result values (1, 'a', 'a', 'model', 'success', 1)"),
    ("transformer", "insert into ops.dbt_manifest values (1, '')"),
    ("transformer", "insert into ops.reading values ('a', 1, 'a', 'a', 'a')"),
    ("transformer", "delete from ops.reading"),
    ("transformer", "insert into ops.staged values ('a', 'a')"),
    ("transformer", "delete from ops.staged"),
    ("transformer", "delete from ops.expectation_result"),
    ("transformer", "insert into ops.late_source values ('a', now(), 'late', 'a')"),
    ("releaser", "select * from candidate.mart, ops.vintage, ops.dbt_result"),
    ("releaser", "delete from published.mart"),
    ("releaser", "create or replace view marts.mart as select * from published.mart"),
    ("releaser", "drop function methods.answer()"),
    ("releaser", "update ops.warehouse_run set gate_passed_at = now(), state = 'released'"),
    ("releaser", "update ops.release set state = 'current'"),
    ("releaser", "insert into ops.sealed_mart values (1, 'a', 1, 'a')"),
    ("releaser", "select nextval('ops.release_number')"),
    ("releaser", "insert into ops.lock values ('b') on conflict (name) do update set name = excluded.name"),
    ("releaser", "insert into ops.provisioned values ('https://example.org', 'card/a', 1, 'a')"),
    ("owner", "select * from raw.figure, staging.figure, candidate.mart, published.mart, marts.mart, ops.vintage"),
    ("owner", "update ops.vintage set arrival = 'accepted'"),
    ("owner", "drop schema raw cascade"),
    ("owner", "create schema raw2 authorization promise_loader"),
    ("owner", "set role promise_loader"),
    ("reader", "select * from marts.mart"),
    ("reader", "select methods.answer()"),
    ("reader", "lock table marts.mart in access share mode"),
    ("staff", "select * from restricted.mart, marts.mart"),
    ("staff", "select methods.answer()"),
    ("releaser", "create or replace view restricted.mart as select * from published.mart"),
    ("owner", "select * from restricted.mart"),
]

NOT_A_SUPERUSER = (
    "create role more",
    "create database more",
    "alter role promise_owner superuser",
    "alter system set fsync = off",
    "set role promise",
    "copy ops.vintage to program 'cat'",
    "select pg_read_file('postgresql.conf')",
)
DENIED: list[tuple[db.Role, str]] = [
    *(("owner", statement) for statement in NOT_A_SUPERUSER),
    ("loader", "update ops.vintage set arrival = 'accepted'"),
    ("loader", "insert into ops.vintage (vintage, arrival) values (2, 'accepted')"),
    ("loader", "update ops.vintage set row_count = 2"),
    ("loader", "delete from ops.vintage"),
    ("loader", "update ops.warehouse_run set state = 'released'"),
    ("loader", "insert into ops.release (release_id, run_id) values (2, 1)"),
    ("loader", "insert into ops.reading values ('a', 2, 'a', 'a', 'a')"),
    ("loader", "create table ops.more (one integer)"),
    ("loader", "create table staging.more (one integer)"),
    ("loader", "select * from staging.figure"),
    ("loader", "select * from marts.mart"),
    ("loader", "drop table staging.figure"),
    ("loader", "create schema more"),
    ("loader", "set role promise_owner"),
    ("transformer", "insert into raw.figure values ('2')"),
    ("transformer", "drop table raw.figure"),
    ("transformer", "create table raw.more (one integer)"),
    ("transformer", "update ops.vintage set row_count = 2"),
    ("transformer", "insert into ops.vintage (vintage) values (2)"),
    ("transformer", "delete from ops.vintage"),
    ("transformer", "update ops.warehouse_run set gate_passed_at = now()"),
    ("transformer", "insert into ops.sealed_mart values (1, 'a', 1, 'a')"),
    ("transformer", "update ops.release set state = 'current'"),
    ("transformer", "create table ops.more (one integer)"),
    ("transformer", "update published.mart set cell = '2'"),
    ("transformer", "create view marts.more as select 1 as one"),
    ("transformer", "drop view marts.mart"),
    ("transformer", "set role promise_releaser"),
    ("releaser", "delete from raw.figure"),
    ("releaser", "select * from raw.figure"),
    ("releaser", "update candidate.mart set cell = '2'"),
    ("releaser", "drop schema candidate cascade"),
    ("releaser", "delete from staging.figure"),
    ("releaser", "update ops.vintage set arrival = 'accepted'"),
    ("releaser", "select ops.judge_anew(1, 1, null)"),
    ("releaser", "insert into ops.expectation_result (run_id, gate, suite) values (1, 'arrival', 'a')"),
    ("releaser", "create table ops.more (one integer)"),
    ("releaser", "set role promise_transformer"),
    ("airflow", "select * from ops.vintage"),
    ("airflow", "select * from raw.figure"),
    ("airflow", "select * from marts.mart"),
    ("airflow", "create schema more"),
    ("airflow", "create table public.more (one integer)"),
    ("airflow", "create temporary table more (one integer)"),
    ("airflow", "set role promise_owner"),
    ("reader", "select * from ops.vintage"),
    ("reader", "select * from raw.figure"),
    ("reader", "select * from staging.figure"),
    ("reader", "select * from candidate.mart"),
    ("reader", "select * from published.mart"),
    ("reader", "select * from marts.mart for update"),
    ("reader", "delete from marts.mart"),
    ("reader", "create table marts.more (one integer)"),
    ("reader", "create table public.more (one integer)"),
    ("reader", "create temporary table more (one integer)"),
    ("reader", "create schema more"),
    ("reader", "do $$ begin lock table marts.mart in row share mode; end $$"),
    ("reader", "do $$ begin lock table marts.mart in access exclusive mode; end $$"),
    ("reader", "do $$ begin lock table ops.lock in access share mode; end $$"),
    ("reader", "select pg_advisory_lock(1)"),
    ("reader", "select pg_try_advisory_lock_shared(1, 1)"),
    ("reader", "select pg_advisory_xact_lock(1)"),
    ("reader", "select lo_create(0)"),
    ("reader", "select lo_from_bytea(0, '')"),
    ("reader", "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'promise_owner'"),
    ("reader", "alter role promise_reader connection limit -1"),
    ("reader", "set role promise_analyst"),
    ("reader", "set role promise_owner"),
    ("reader", "set role promise_staff"),
    *((role, "select * from restricted.mart") for role in ("loader", "transformer", "reader", "airflow")),
    *(
        ("staff", statement)
        for statement in (
            "select * from published.mart",
            "select * from candidate.mart",
            "select * from staging.figure",
            "select * from raw.figure",
            "select * from ops.vintage",
            "delete from restricted.mart",
            "create table restricted.more (one integer)",
            "create temporary table more (one integer)",
            "set role promise_owner",
        )
    ),
]


@pytest.fixture(scope="module")
def house(empty_state: Any) -> Iterator[Connection[Any]]:
    """A database of this module's own, in which each role has made what is its own. Gives the owner's connection."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(empty_state.home))
        administration = db.administrator() | db.Parts(dbname="postgres")  # type: ignore[typeddict-item]
        its_own = db.url_of(administration | db.Parts(dbname="roles"))  # type: ignore[typeddict-item]
        with psycopg.connect(db.url_of(administration), autocommit=True) as server:
            server.execute("drop database if exists roles with (force)")
            server.execute("create database roles template kept")
            for name, value in {**db.passwords(), "PROMISE_DATABASE_URL": its_own}.items():
                patch.setenv(name, value)
            db.ensure_running()
            for role, statements in MADE_BY.items():
                with db.connect(role) as conn:
                    for statement in statements:
                        conn.execute(statement.encode())
            with db.connect("loader") as conn:
                conn.execute("create table raw.parted (_vintage integer) partition by list (_vintage)")
            with db.connect() as conn:
                yield conn
            server.execute("drop database roles with (force)")


@pytest.mark.parametrize(("role", "statement"), WORKS)
@pytest.mark.usefixtures("house")
def test_a_role_does_its_own_work(role: db.Role, statement: str) -> None:
    with db.connect(role) as conn:
        conn.execute(statement.encode())
        conn.rollback()


@pytest.mark.parametrize(("role", "statement"), DENIED)
@pytest.mark.usefixtures("house")
def test_a_role_is_denied_what_is_another_s(role: db.Role, statement: str) -> None:
    with db.connect(role, autocommit=True) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement.encode())


def test_every_role_has_something_that_it_may_and_something_that_it_may_not() -> None:
    assert {role for role, _ in DENIED} == {*ROLES}
    assert {role for role, _ in WORKS} == {*ROLES} - {"airflow"}


def test_none_of_our_roles_is_a_superuser_or_makes_roles_or_databases(house: Connection[Any]) -> None:
    found = house.execute(
        "select rolname, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls from pg_roles"
        " where rolname ~ '^promise_'"
    ).fetchall()
    assert {f"promise_{role}" for role in ROLES} < {name for name, _ in found}
    assert not any(is_mighty for _, is_mighty in found)


def test_no_analyst_reads_what_is_for_staff(house: Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMISE_USER", "ann")
    with (
        analysts.ensure().connect(autocommit=True) as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for schema restricted"),
    ):
        conn.execute("select * from restricted.mart")


def test_a_reader_is_bounded(house: Connection[Any]) -> None:
    assert house.execute("select rolconnlimit from pg_roles where rolname = 'promise_reader'").fetchone() == (50,)
    with db.connect("reader") as conn:
        assert conn.execute("show statement_timeout").fetchone() == ("5min",)
        assert conn.execute("show idle_in_transaction_session_timeout").fetchone() == ("5min",)


@pytest.mark.parametrize("role", ["transformer", "releaser", "owner"])
@pytest.mark.usefixtures("house")
def test_who_may_have_to_wait_sees_for_whom(role: db.Role) -> None:
    with db.connect("reader") as reader, db.connect(role) as conn:
        reader.execute("select 'a reader at work'")
        asked = "select query, xact_start is not null from pg_stat_activity where pid = %s"
        assert conn.execute(asked, (reader.info.backend_pid,)).fetchone() == ("select 'a reader at work'", True)


@pytest.mark.parametrize("role", sorted({*ROLES} - {"airflow"}))
@pytest.mark.usefixtures("house")
def test_nobody_but_airflow_comes_into_its_database(role: db.Role) -> None:
    here = db.parts(role) | db.Parts(dbname="roles_airflow")  # type: ignore[typeddict-item]
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(db.url_of(here))


@pytest.mark.usefixtures("house")
def test_airflow_does_as_it_likes_in_its_own_database_and_an_analyst_does_not_come_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with psycopg.connect(db.airflow_url().replace("+psycopg2", "")) as conn:
        conn.execute("create table its_own (one integer)")
        conn.rollback()
    monkeypatch.setenv("PROMISE_USER", "ann")
    here = analysts.ensure().here | db.Parts(dbname="roles_airflow")  # type: ignore[typeddict-item]
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(db.url_of(here))


# ---------------------------------------------------------------------------------------------- a server from outside


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A server that is none of ours, with a database `given` for us. Runs statements as its superuser.

    The URL is that of `admin`, who is no superuser; the PROMISE_HOME knows nothing yet.
    """
    server = Server(tmp_path / "another")
    server.ensure_running()
    address = f"127.0.0.1:{server.port}"

    def administer(*statements: str) -> None:
        with psycopg.connect(f"postgresql://promise:{server.password}@{address}/postgres", autocommit=True) as conn:
            for statement in statements:
                conn.execute(statement.encode())

    administer("create role admin login createdb password 'admin'", "create database given")
    for role in ROLES:  # the house's
        monkeypatch.delenv(f"PROMISE_{role.upper()}_PASSWORD", raising=False)
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PROMISE_DATABASE_URL", f"postgresql://admin:admin@{address}/given")
    yield administer
    server.stop()


def signed_in(role: db.Role) -> str:
    with db.connect(role) as conn:
        return conn.info.user


def test_an_administrator_who_lacks_a_right_is_told_what_to_say(outside: Callable[..., None]) -> None:
    said = "admin, who signs in by .* says: alter role admin createrole; alter database given owner to admin"
    with pytest.raises(db.DatabaseUnavailable, match=said):
        db.ensure_running()
    outside("alter role admin createrole", "alter database given owner to admin")
    db.ensure_running()
    assert {signed_in(role) for role in ROLES} == {f"promise_{role}" for role in ROLES}
    with psycopg.connect(db.airflow_url().replace("+psycopg2", "")) as conn:
        assert (conn.info.user, conn.info.dbname) == ("promise_airflow", "given_airflow")


def test_another_home_works_as_its_urls_user_until_it_is_told_the_passwords(
    outside: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside("alter role admin createrole", "alter database given owner to admin")
    db.ensure_running()
    passwords = db.passwords()
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "second"))
    db.ensure_running()
    working: set[db.Role] = {*ROLES} - {"reader", "staff", "airflow"}
    assert {signed_in(role) for role in working} == {"admin"}
    with pytest.raises(db.DatabaseUnavailable, match="set PROMISE_READER_PASSWORD, or copy reader_password"):
        db.parts("reader")
    with pytest.raises(db.DatabaseUnavailable, match="set PROMISE_STAFF_PASSWORD, or copy staff_password"):
        db.parts("staff")
    with db.connect("loader") as conn:
        conn.execute("create table raw.theirs (one text)")
    db.ensure_running()
    with db.connect() as conn:
        owner = conn.execute("select tableowner from pg_tables where tablename = 'theirs'").fetchone()
    assert owner == ("promise_loader",), "the first home can go on with it"
    for name, value in passwords.items():
        monkeypatch.setenv(name, value)
    assert {signed_in(role) for role in ROLES} == {f"promise_{role}" for role in ROLES}


def test_what_knows_no_administrator_works_with_the_kept_passwords(
    outside: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the containers do that run the tasks."""
    outside("alter role admin createrole", "alter database given owner to admin")
    db.ensure_running()
    here = db.parts()
    monkeypatch.setenv(
        "PROMISE_DATABASE_URL", f"postgresql://promise_owner@{here['host']}:{here['port']}/{here['dbname']}"
    )
    assert db.is_running()
    assert db.ensure_running() == []
    assert signed_in("transformer") == "promise_transformer"


def test_who_knows_no_administrator_is_told_how_a_new_role_comes_to_be(
    outside: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an upgrade that brings a role, where the URL is of the owner alone."""
    outside("alter role admin createrole", "alter database given owner to admin")
    db.ensure_running()
    here = db.parts()
    monkeypatch.setenv(
        "PROMISE_DATABASE_URL", f"postgresql://promise_owner@{here['host']}:{here['port']}/{here['dbname']}"
    )
    with db.connect() as conn:
        conn.execute("comment on table ops.lock is 'Prepared by the version before'")
    outside("alter role promise_staff rename to another")
    with pytest.raises(db.DatabaseUnavailable, match=r"does not let promise_staff in: .*\n.*URL of an administrator"):
        db.connect("staff")
    with pytest.raises(db.DatabaseUnavailable, match="URL of an administrator"):
        db.ensure_running()


def test_no_password_gets_into_the_servers_log(outside: Callable[..., None], tmp_path: Path) -> None:
    outside("alter role admin createrole", "alter database given owner to admin")
    outside("alter system set log_statement = 'all'")
    outside("select pg_reload_conf()")
    db.ensure_running()
    log = (tmp_path / "another" / "postgres" / "server.log").read_text()
    assert "alter role" in log
    assert not [name for name, password in db.passwords().items() if password in log]
