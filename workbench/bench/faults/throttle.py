"""A machine that is too busy: processes that get a fifth of their time."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Iterator

import psutil

PERIOD = 0.5  # seconds of stillness and work together
SHARE = 0.2


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
