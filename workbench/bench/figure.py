"""One measurement of `promise bench`, and how it is timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 3


@dataclass(frozen=True)
class Figure:
    """One measurement: ours, the limit where there is one, and their ratio (1 is as good as the limit)."""

    name: str
    ours: float
    limit: float | None
    unit: str
    note: str

    @property
    def ratio(self) -> float | None:
        return self.limit / self.ours if self.limit is not None else None


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
