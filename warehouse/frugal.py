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
def frugally(*, is_known: bool = False) -> Iterator[None]:
    """For the length of one dbt command. `is_known`: dbt was given the project, which whoever gave it has."""
    parts = [
        _collecting_seldom,
        _keeping_connections,
        _leaving_unsaid,
        _forgetting_flags,
        _seeing_no_cycle,
        _selecting_once,
    ]
    with contextlib.ExitStack() as all_of_them:
        for part in (*parts, *([_writing_nothing_known] if is_known else [])):
            all_of_them.enter_context(part())
        yield


@contextlib.contextmanager
def _in_its_place(owner: Any, name: str, other: Any) -> Iterator[None]:
    """`other` under that name of a class or module, and afterwards what was there or is inherited."""
    before = vars(owner).get(name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        if before is None:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


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

    with _in_its_place(PostgresConnectionManager, "release", release):
        yield


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

    with _in_its_place(EventManager, "fire_event", fire_what_is_written):
        yield


@contextlib.contextmanager
def _seeing_no_cycle() -> Iterator[None]:
    """Whether models read each other in a circle is asked at every command by going through all edges, half a second of
    a core. To put the models in an order takes a hundredth of that; only where there is none, dbt names the circle."""
    from dbt.compilation import Linker
    from networkx import is_directed_acyclic_graph

    find = Linker.find_cycles

    def find_where_there_is_one(self: Any) -> str | None:
        return None if is_directed_acyclic_graph(self.graph) else find(self)

    with _in_its_place(Linker, "find_cycles", find_where_there_is_one):
        yield


@contextlib.contextmanager
def _forgetting_flags() -> Iterator[None]:
    """An adapter's flags end with its command. By itself dbt leaves one more of them to each command that comes after
    in the same process, and asks of each who made it by reading the sources of all that is on the stack: a twentieth of
    a second under Airflow or pytest, and after eighty commands five seconds for each."""
    from dbt.adapters.base import impl
    from dbt_common.behavior_flags import BehaviorFlagRendered

    flags = [*impl.DEFAULT_BASE_BEHAVIOR_FLAGS]

    def made_by() -> str:
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_globals["__name__"] == BehaviorFlagRendered.__module__:
            frame = frame.f_back
        return str(frame.f_globals["__name__"])

    with _in_its_place(BehaviorFlagRendered, "_default_source", staticmethod(made_by)):
        try:
            yield
        finally:
            impl.DEFAULT_BASE_BEHAVIOR_FLAGS[:] = flags


@contextlib.contextmanager
def _selecting_once() -> Iterator[None]:
    """What a command's selection leads to is found out once. By itself dbt does it three times over: with unit tests,
    without them, and for the order of what it does."""
    from dbt.graph.selector import NodeSelector

    select = NodeSelector.get_nodes_from_criteria
    found: dict[int, tuple[set[str], set[str]]] = {}
    criteria = []  # kept, because the number of one that is gone is given to another

    def selected(self: Any, spec: Any) -> tuple[set[str], set[str]]:
        if id(spec) not in found:
            criteria.append(spec)
            found[id(spec)] = select(self, spec)
        direct, indirect = found[id(spec)]
        return {*direct}, {*indirect}

    with _in_its_place(NodeSelector, "get_nodes_from_criteria", selected):
        yield


@contextlib.contextmanager
def _writing_nothing_known() -> Iterator[None]:
    """All that dbt knows of a project is not written into files by each command: 16 MB of JSON, and as much of a graph,
    take a core a second and a half, while nothing else goes on."""
    from dbt.compilation import Linker
    from dbt.task import runnable

    def write_nothing(*_: Any) -> None:
        return

    with _in_its_place(runnable, "write_manifest", write_nothing), _in_its_place(Linker, "write_graph", write_nothing):
        yield
