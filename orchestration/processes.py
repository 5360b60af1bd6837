"""Processes that outlive the command that started them: found again by a file, stopped only if they are the same."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]


def birth(pid: int) -> float:
    """When a process began, on a scale that only grows. Raises psutil.NoSuchProcess.

    Linux counts ticks since the machine started, so setting the clock does not make a process look like another.
    """
    try:
        # The second field is the name in brackets, which may hold spaces and brackets; the 22nd is the start.
        return float(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (FileNotFoundError, ProcessLookupError):
        return float(psutil.Process(pid).create_time())


def boot() -> str:
    """Which start of this machine we live in: processes are numbered, and their births counted, afresh in each."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""  # elsewhere a birth is a time of day, which no other start of the machine has


@dataclass(frozen=True)
class Detached:
    """One process of ours, in a session of its own, with its log. Knows whether the process it recorded still runs."""

    name: str
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def _record(self) -> Path:
        return self.folder / f"{self.name}.pid.json"

    def start(self, command: Sequence[str], environment: dict[str, str], cwd: Path) -> subprocess.Popen[bytes]:
        """Start the command, detached from our terminal and our input. The last log is kept as <name>.log.1."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("wb") as log:
            started = subprocess.Popen(
                command,
                env=environment,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have failed at once; whoever waits will notice
            record = {
                "pid": started.pid,
                "birth": birth(started.pid),
                "boot": boot(),
                "folder": str(self.folder.resolve()),
            }
            self._record.write_text(json.dumps(record))
        return started

    def is_recorded(self) -> bool:
        """Whether it was started and not stopped since: one that is recorded and does not run has ended by itself."""
        return self._record.exists()

    def is_running(self) -> bool:
        """Whether the very process that was recorded is alive; another one with its number is not it."""
        leader = self._leader()
        with contextlib.suppress(psutil.Error):
            return leader is not None and leader.status() != psutil.STATUS_ZOMBIE
        return False

    def members(self) -> list[psutil.Process]:
        """Everything in the session that we opened: the process, its workers and their tasks.

        A session's number is not given out again while a member lives, so what is found is ours also when the process
        that opened it is gone.
        """
        recorded = self._recorded()
        if recorded is None or self._number_is_another():
            return []
        pid, since = recorded
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
                ours = os.getsid(process.pid) == pid and birth(process.pid) >= since
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def forget(self) -> None:
        """Drop the record of a process that is gone."""
        self._record.unlink(missing_ok=True)

    def ask_to_end(self) -> None:
        """Send it, and not its workers, the signal to end in good order."""
        leader = self._leader()
        if leader is not None:
            with contextlib.suppress(psutil.Error):
                leader.send_signal(signal.SIGTERM)

    def tail(self) -> str:
        """The end of its log, for a person."""
        return last_words(self.log)

    def _recorded(self) -> tuple[int, float] | None:
        """Number and birth, if the record is of this start of the machine and of this folder, not of one it copies."""
        here = (boot(), str(self.folder.resolve()))
        try:
            kept = json.loads(self._record.read_text())
            if (kept.get("boot", here[0]), kept.get("folder", here[1])) != here:
                return None
            return int(kept["pid"]), float(kept["birth"])
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _leader(self) -> psutil.Process | None:
        recorded = self._recorded()
        if recorded is None:
            return None
        try:
            return psutil.Process(recorded[0]) if birth(recorded[0]) == recorded[1] else None
        except psutil.Error:
            return None

    def _number_is_another(self) -> bool:
        recorded = self._recorded()
        return recorded is not None and psutil.pid_exists(recorded[0]) and self._leader() is None


def stop(children: Iterable[Detached], grace: float) -> list[str]:
    """Ask each to end, and end by force what has not ended after the grace. Returns the names of those that ran."""
    children = list(children)
    ran = [child.name for child in children if child.members()]
    for child in children:
        child.ask_to_end()
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(child.members() for child in children):
        time.sleep(0.1)
    for child in children:
        for member in child.members():
            with contextlib.suppress(psutil.Error):
                member.kill()
        child.forget()
    return ran


def last_words(log: Path, lines: int = 15) -> str:
    """The last lines of a log, without the places in the code of which Python's tracebacks are made."""
    if not log.exists():
        return ""
    written = log.read_text(errors="replace").splitlines()
    return "\n".join([line for line in written if not line.startswith((" ", "Traceback (most recent"))][-lines:])


def free_port(preferred: int | None = None) -> int:
    """A port of the loopback interface that nobody listens on: the preferred one if it is free."""
    for candidate in (preferred or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")
