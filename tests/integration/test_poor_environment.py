"""What an ordinary reader's machine may lack: a HOME, a locale, an open umask, a free port, a path without spaces."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from promise.database.embedded import DatabaseUnavailable, Server

Promise = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "a home of mine"
    yield made
    Server(made).stop()


@pytest.fixture
def promise(home: Path) -> Promise:
    """The real command with next to nothing around it. Gives what it printed."""
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C",
        "TZ": "Pacific/Auckland",
        "PROMISE_HOME": str(home),
    }

    def run(*arguments: str) -> str:
        command = (sys.executable, "-m", "workbench.cli", *arguments)
        done = subprocess.run(command, env=environment, umask=0o077, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    return run


def test_the_database_is_made_found_again_and_moved_from_a_port_that_somebody_took(promise: Promise) -> None:
    url = promise("db", "url")
    assert "Nothing has been released yet" in promise("status")
    promise("db", "stop")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was connected a moment ago lingers
        taken.bind(("127.0.0.1", urlsplit(url).port or 0))
        taken.listen()
        moved = promise("db", "url")
        assert urlsplit(moved).port != urlsplit(url).port
        with psycopg.connect(moved) as conn:
            assert conn.execute("select count(*) from ops.vintage").fetchone() == (0,)
        assert "Nothing has been released yet" in promise("status")


def test_a_user_without_a_name_is_told_what_to_do_and_leaves_nothing_half_made(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that was started with a bare number: initdb would say that it could not look it up."""

    def nobody(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises(
        DatabaseUnavailable, match=r"user id \d+, which has no name .* in /etc/passwd .* PROMISE_DATABASE"
    ):
        Server(home).ensure_running()
    assert [path.name for path in (home / "postgres").iterdir()] == ["lock"]
