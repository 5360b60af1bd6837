"""Whatever goes wrong, whoever typed a command reads sentences: what happened, where, what to do. Never a traceback."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from canaries import CANARIES, UNKNOWN

from workbench import troubles


def promise(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The real command, with these settings and none of a developer's own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PROMISE_")}
    command = (sys.executable, "-m", "workbench.cli", *arguments)
    return subprocess.run(command, env=own | settings, capture_output=True, text=True, check=False)


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What was said, on one line, after the checks that hold for every error."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("promise: ")
    return " ".join(done.stderr.split())


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgres//user:hidden@host/base", id="a colon is missing"),
        pytest.param("mysql://user:hidden@host/base", id="another kind of server"),
        pytest.param("postgresql+psycopg2://user:hidden@host/base", id="SQLAlchemy's spelling"),
        pytest.param("postgresql://user:hidden@host:port/base", id="no number for a port"),
        pytest.param("postgresql://user:hidden%zz@host/base", id="a per cent sign that stands for nothing"),
        pytest.param("postgresql://user:hidden@host/base?colour=blue", id="an option that there is not"),
        pytest.param("postgresql://user:hidden@one:5432,two:5432/base", id="two servers"),
    ],
)
@pytest.mark.parametrize("command", [("status",), ("db", "url")], ids=" ".join)
def test_an_address_that_is_none_is_told_without_its_password(
    url: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    said = sentence(promise(*command, PROMISE_HOME=str(tmp_path), PROMISE_DATABASE_URL=url))
    assert "PROMISE_DATABASE_URL is not the address" in said and "postgresql://user:password@host:5432/database" in said
    assert "hidden" not in said


@pytest.mark.parametrize("command", [("status",), ("db", "url"), ("run",), ("down",)], ids=" ".join)
def test_a_home_that_is_a_file_is_named(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "home of mine"
    file.touch()
    for home in (file, file / "in it"):
        said = sentence(promise(*command, PROMISE_HOME=str(home)))
        assert f"PROMISE_HOME is {home}, but {file} is a file" in said and "set it to a folder" in said


@pytest.mark.parametrize("command", [("db", "url"), ("run",), ("down",)], ids=" ".join)
def test_a_home_that_may_not_be_written_is_named(command: tuple[str, ...]) -> None:
    said = sentence(promise(*command, PROMISE_HOME="/sys/promise"))  # where root may not write either
    assert "/sys/promise: this user may not read or write there" in said and "PROMISE_HOME" in said


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "password").symlink_to("/dev/full")
    said = sentence(promise("db", "url", PROMISE_HOME=str(tmp_path)))
    assert "the disk is full. Free some space and run again" in said


def test_help_to_a_full_disk_is_a_sentence_too() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            (sys.executable, "-m", "workbench.cli", "--help"),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1 and "the disk is full" in done.stderr and "Traceback" not in done.stderr


def test_a_second_run_is_told_which_process_is_at_work(tmp_path: Path) -> None:
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        assert "another run is at work" in (said := sentence(promise("run", PROMISE_HOME=str(tmp_path))))
    assert "process 4711" in said and "wait for it, or end it" in said


def test_a_server_that_hangs_up_is_told_with_what_to_look_at(tmp_path: Path) -> None:
    url = "postgresql://somebody@127.0.0.1:1/promise"
    said = sentence(promise("db", "url", PROMISE_HOME=str(tmp_path), PROMISE_DATABASE_URL=url))
    assert "does not answer: connection failed" in said and "PROMISE_DATABASE_URL" in said


def test_what_nobody_foresaw_is_told_in_a_sentence_and_its_traceback_kept(tmp_path: Path) -> None:
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "secrets.json").write_text('["a power cut"]')
    said = sentence(promise("down", PROMISE_HOME=str(tmp_path)))
    assert "something that nobody foresaw: TypeError" in said and str(tmp_path / "fault.txt") in said
    kept = (tmp_path / "fault.txt").read_text()
    assert "promise down" in kept and "Traceback" in kept and "ensure_secrets" in kept


@pytest.mark.parametrize(
    ("error", "says"),
    [
        pytest.param(OSError(errno.ENOSPC, "No space left"), "the disk is full", id="disk"),
        pytest.param(OSError(errno.EDQUOT, "Quota exceeded", "/x"), "/x: the disk is full", id="quota"),
        pytest.param(PermissionError(errno.EACCES, "Denied", "/x"), "/x: this user may not", id="permission"),
        pytest.param(
            FileExistsError(errno.EEXIST, "Exists", "/x"), "/x: a file stands where a folder", id="in the way"
        ),
        pytest.param(psycopg.errors.DiskFull("could not extend file"), "Its disk is full", id="database's disk"),
        pytest.param(psycopg.errors.TooManyConnections("sorry"), "no room for more", id="connections"),
        pytest.param(psycopg.errors.AdminShutdown("terminating"), "it is being stopped", id="stopped"),
        pytest.param(psycopg.OperationalError("the connection is lost"), "it went away", id="gone"),
        pytest.param(psycopg.errors.SerializationFailure("x"), "another command was at work", id="lost race"),
        pytest.param(psycopg.errors.DeadlockDetected("x"), "another command was at work", id="deadlock"),
        pytest.param(psycopg.errors.LockNotAvailable("x"), "another command holds what", id="lock"),
        pytest.param(psycopg.errors.InsufficientPrivilege("x"), "must own the database", id="role"),
        pytest.param(psycopg.errors.ReadOnlySqlTransaction("x"), "it takes no writing", id="standby"),
        pytest.param(psycopg.errors.UndefinedTable("x"), "not as this revision", id="never prepared"),
    ],
)
def test_each_kind_of_trouble_says_what_to_do(error: Exception, says: str) -> None:
    assert says.lower() in troubles.in_words(error).lower()


@pytest.mark.parametrize(
    "error", [psycopg.errors.SyntaxError("at or near"), OSError(errno.ENOENT, "No such file", "/x"), KeyError("x")]
)
def test_a_fault_of_ours_is_not_taken_for_trouble_of_the_machine(error: Exception) -> None:
    assert troubles.in_words(error).startswith("something that nobody foresaw")


def test_neither_the_sentence_nor_the_traceback_that_is_kept_says_who_stands_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    chi = CANARIES[1].text
    errors: list[Exception] = [
        ValueError(f"could not convert string to float: '{UNKNOWN.text}'"),
        KeyError(UNKNOWN.text),
        psycopg.DataError(f'value "{UNKNOWN.text}" is out of range for type integer'),
        RuntimeError(f"the file {chi}.csv"),
        OSError(errno.EACCES, "Permission denied", f"{chi}.csv"),
    ]
    for error in errors:
        said = troubles.in_words(error)
        kept = (tmp_path / "fault.txt").read_text()
        for text in (UNKNOWN.text, chi):
            assert text not in said
            assert text not in kept
        assert "characters" in said
