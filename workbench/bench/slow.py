"""A machine that is too busy: the whole pipeline on one core, last in line, with an api server that is mostly away."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from orchestration.processes import Detached

PERIOD = 0.5  # seconds of stillness and work together
SHARE = 0.2  # of its time that a throttled process gets


@dataclass(frozen=True)
class Slow:
    """What a run on such a machine came to."""

    exit_code: int
    output: str
    seconds: float


def run_slowly(home: Path, share: float = SHARE) -> Slow:
    """`promise run` in that PROMISE_HOME. Ctrl-C ends it as it ends any run."""
    command = ("taskset", "--cpu-list", "0", "nice", "-n", "19", sys.executable, "-m", "workbench.cli", "run")
    began = time.monotonic()
    api = Detached("api-server", home / "airflow" / "processes")
    with throttled(api.members, share):
        done = subprocess.run(
            command,
            env=os.environ | {"PROMISE_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return Slow(exit_code=done.returncode, output=done.stdout, seconds=time.monotonic() - began)


@contextlib.contextmanager
def throttled(processes: Callable[[], Iterable[psutil.Process]], share: float = SHARE) -> Iterator[None]:
    """For the length of a block, let whatever `processes` names at the time work for that share of each half second."""
    enough = threading.Event()

    def throttle() -> None:
        while not enough.is_set():
            still = list(processes())
            _send(still, signal.SIGSTOP)
            enough.wait(PERIOD * (1 - share))
            _send(still, signal.SIGCONT)
            enough.wait(PERIOD * share)

    thread = threading.Thread(target=throttle)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def _send(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            process.send_signal(number)
