"""dbt in this process, without what it does in vain: a quarter and more of what a build computes.

Each part takes the place of something of dbt's while a command runs, and changes nothing that can be seen of it.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def frugally() -> Iterator[None]:
    """For the length of one dbt command."""
    with _collecting_seldom(), _keeping_connections(), _leaving_unsaid(), _forgetting_flags(), _seeing_no_cycle():
        yield


@contextlib.contextmanager
def _collecting_seldom() -> Iterator[None]:
    """What dbt knows of a project stays as long as the command runs: to look through it for garbage over and over is a
    fifth of what it computes."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextlib.contextmanager
def _keeping_connections() -> Iterator[None]:
    """A thread of dbt's has one connection. By itself it opens another for every node: 8 ms of signing in, and a
    process of PostgreSQL's that has yet to learn what tables there are."""
    import psycopg2
    from dbt.adapters.postgres.connections import PostgresConnectionManager

    close = PostgresConnectionManager.release

    def release(self: Any) -> None:
        used = self.get_if_exists()
        if used is None or used.state != "open":
            return
        try:
            used.handle.reset()  # as a new one is: what a node began is rolled back, what it set is unset
        except psycopg2.Error:  # it is gone, and the next node opens another
            close(self)
        else:
            used.transaction_open = False

    PostgresConnectionManager.release = release
    try:
        yield
    finally:
        PostgresConnectionManager.release = close


@contextlib.contextmanager
def _leaving_unsaid() -> Iterator[None]:
    """What no log has the level for is not put into words: of each query that is three lines for either of two logs.
    Who else is told, dbt itself, waits for warnings."""
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager

    details = (EventLevel.TEST, EventLevel.DEBUG)
    fire = EventManager.fire_event

    def fire_what_is_written(self: Any, e: Any, level: Any = None, *others: Any, **named: Any) -> None:
        is_written = any(each.level in details for each in self.loggers)
        if is_written or (level or e.level_tag()) not in details:
            fire(self, e, level, *others, **named)

    EventManager.fire_event = fire_what_is_written  # type: ignore[method-assign]
    try:
        yield
    finally:
        EventManager.fire_event = fire  # type: ignore[method-assign]


@contextlib.contextmanager
def _seeing_no_cycle() -> Iterator[None]:
    """Whether models read each other in a circle is asked at every command by going through all edges, half a second of
    a core. To put the models in an order takes a hundredth of that; only where there is none, dbt names the circle."""
    from dbt.compilation import Linker
    from networkx import is_directed_acyclic_graph

    find = Linker.find_cycles

    def find_where_there_is_one(self: Any) -> str | None:
        return None if is_directed_acyclic_graph(self.graph) else find(self)

    Linker.find_cycles = find_where_there_is_one
    try:
        yield
    finally:
        Linker.find_cycles = find


@contextlib.contextmanager
def _forgetting_flags() -> Iterator[None]:
    """An adapter's flags end with its command. By itself dbt leaves one more of them to each command that comes after
    in the same process, and asks of each who made it by reading the sources of all that is on the stack: a twentieth of
    a second under Airflow or pytest, and after eighty commands five seconds for each."""
    from dbt.adapters.base import impl
    from dbt_common import behavior_flags

    flags, ask = [*impl.DEFAULT_BASE_BEHAVIOR_FLAGS], vars(behavior_flags.BehaviorFlagRendered)["_default_source"]

    def made_by() -> str:
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_globals["__name__"] == behavior_flags.__name__:
            frame = frame.f_back
        return str(frame.f_globals["__name__"])

    behavior_flags.BehaviorFlagRendered._default_source = staticmethod(made_by)  # type: ignore[method-assign]
    try:
        yield
    finally:
        behavior_flags.BehaviorFlagRendered._default_source = ask  # type: ignore[method-assign]
        impl.DEFAULT_BASE_BEHAVIOR_FLAGS[:] = flags
