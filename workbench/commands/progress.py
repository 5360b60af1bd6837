"""Showing a pass while it runs: a live table on a terminal, a line for each thing that ends elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from orchestration import names
from orchestration.client import RunState, TaskState

MARKS = {"success": "[green]✓[/]", "failed": "[red]✗[/]", "skipped": "[dim]·[/]", "running": "[cyan]▶[/]"}
RAN = ("success", "failed", "skipped")
# Airflow lists tasks by name; people think of them in this order.
ORDER = (
    "land",
    "wait_for_quiet",
    "arrival_gate",
    "dbt_build",
    "publication_gate",
    "release",
)
BLINK = 0.05  # seconds; a task that was skipped because an earlier one was takes none, and says nothing new


class Progress(Protocol):
    """What a pass tells while it runs."""

    def say(self, text: str) -> None:
        """A step that is not Airflow's."""

    def show(self, runs: Sequence[RunState]) -> None:
        """The runs as they are now."""


@contextlib.contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """The kind of progress that suits the console."""
    if not console.is_terminal:
        yield Lines(console)
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        yield Board(console, live)


class Lines:
    """One line for each thing that began or ended, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._told: set[tuple[str, str, str, str | None]] = set()

    def say(self, text: str) -> None:
        self._console.print(f"[{time.monotonic() - self._started:5.1f} s] {text}", highlight=False, markup=False)

    def show(self, runs: Sequence[RunState]) -> None:
        for run in runs:
            for task in run.tasks:
                key = (run.run_id, run.dag_id, task.task_id, task.square)
                if task.state in RAN and _seconds(task) > BLINK and key not in self._told:
                    self._told.add(key)
                    of = f" of {task.square}" if task.square else ""
                    self.say(f"{run.dag_id}.{task.task_id}{of}: {task.state}, {_seconds(task):.1f} s")


class Board:
    """A table that is redrawn in place."""

    def __init__(self, console: Console, live: Live) -> None:
        self._console = console
        self._live = live
        self._started = time.monotonic()
        self._said = ""

    def say(self, text: str) -> None:
        self._said = escape(text)
        self._live.update(f"[cyan]▶[/] {self._said} …")

    def show(self, runs: Sequence[RunState]) -> None:
        table = Table(box=None, show_header=False, pad_edge=False)
        for run in runs:
            if run.dag_id == names.WAREHOUSE and run.skipped:
                continue  # another arrival of the same burst
            steps = " ".join(f"{MARKS.get(task.state or '', '[dim]○[/]')} {task.task_id}" for task in _in_order(run))
            table.add_row(MARKS.get(run.state, "[dim]○[/]"), run.dag_id, steps)
        table.add_row("", "[dim]elapsed[/]", f"[dim]{time.monotonic() - self._started:.0f} s; {self._said}[/]")
        self._live.update(table)


def _in_order(run: RunState) -> list[TaskState]:
    return sorted(run.tasks, key=lambda task: ORDER.index(task.task_id) if task.task_id in ORDER else len(ORDER))


def _seconds(task: TaskState) -> float:
    return (task.ended - task.started).total_seconds() if task.started and task.ended else 0.0
