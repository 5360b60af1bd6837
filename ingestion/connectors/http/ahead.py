"""The disk writes while more is on its way, so that at the end there is little left to wait for.

A landed file must be on disk before the ledger says so. Waiting for 200 MB at the end took as long as fetching them.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO

EVERY = 16 << 20


class Ahead:
    """For one open file. What the disk refuses is raised in `wrote` or `close`, as if writing had failed."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle = handle
        self._since = 0
        self._pool: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None

    def wrote(self, size: int) -> None:
        self._since += size
        if self._since < EVERY or (self._last is not None and not self._last.done()):
            return
        self._since = 0
        self._handle.flush()
        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="sync")
        self._raise()
        self._last = self._pool.submit(os.fdatasync, self._handle.fileno())

    def close(self) -> None:
        """Before the file is closed."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None
            self._raise()

    def _raise(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            last.result()
