"""What a pass came to, told to people: which sources, what was built, checked and released, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration import names
from orchestration.client import RunState, TaskState
from orchestration.follow import Pass
from promise import ledger
from promise.catalogue.sources import sources
from promise.settings import settings
from warehouse import releases

Message = Callable[[RunState, TaskState], str]
COLOURS = {"landed": "green", "unchanged": "dim", "paused": "yellow", "live only": "dim"}  # everything else is trouble


@dataclass(frozen=True)
class Before:
    """Where the ledger and the runs stood when the pass began."""

    vintage: int
    run_id: int

    @classmethod
    def now(cls, conn: Connection[Any]) -> Before:
        row = conn.execute(
            "select coalesce((select max(vintage) from ops.vintage), 0),"
            " coalesce((select max(run_id) from ops.warehouse_run), 0)"
        ).fetchone()
        assert row is not None
        return cls(vintage=row[0], run_id=row[1])


@dataclass(frozen=True)
class SourceLine:
    """One source in the table that a person reads."""

    source_id: str
    status: str  # landed, unchanged, paused, held, rejected, unavailable, failed
    vintage: int | None
    rows: int
    seconds: float | None
    message: str | None = None

    @property
    def is_trouble(self) -> bool:
        return self.status not in COLOURS


@dataclass(frozen=True)
class WarehouseLine:
    """The warehouse run of a pass: how it ended, and what was built and checked."""

    run_id: int
    state: str
    release_id: int | None
    built: Sequence[tuple[str, str, int, float]]  # kind of node, status, how many, seconds
    checked: Sequence[tuple[str, str, int, int]]  # gate, severity, how many, how many failed
    stages: Sequence[tuple[str, float]]  # task, seconds


@dataclass(frozen=True)
class Told:
    """Everything that is said about a pass, and whether it went well."""

    sources: tuple[SourceLine, ...]
    warehouse: WarehouseLine | None
    bi: tuple[tuple[str, str], ...]  # task and state
    failures: tuple[tuple[str, str], ...]  # task and its own message
    release_id: int | None
    own: tuple[tuple[str, str], ...] = ()  # people's own DAGs and how their runs ended
    held: str | None = None  # that a rollback holds, so that nothing was built

    @property
    def nothing_new(self) -> bool:
        return self.warehouse is None and not any(line.status == "landed" for line in self.sources)

    @property
    def exit_code(self) -> int:
        return 1 if self.failures or any(line.is_trouble for line in self.sources) else 0

    @classmethod
    def of(cls, conn: Connection[Any], before: Before, done: Pass, message: Message | None = None) -> Told:
        """Put together what the ledger and `ops` say of a pass, and Airflow where it was there: a failed task's own
        `message`."""
        messages = {
            (run.dag_id, task.task_id): message(run, task)
            for run in done.failed
            for task in run.tasks
            if message
            if task.state == "failed" and task.task_id != names.JUDGED  # the line of its source says so
        }
        current = releases.current(conn)
        return cls(
            sources=tuple(_source_lines(conn, before, done, messages)),
            warehouse=_warehouse_line(conn, before, done),
            bi=tuple((task.task_id, task.state or "none") for run in done.bi[-1:] for task in run.tasks),
            failures=tuple((f"{dag_id}.{task_id}", said) for (dag_id, task_id), said in messages.items()),
            release_id=current.release_id if current else None,
            own=tuple((run.dag_id, run.state) for run in done.own),
            held=releases.words_of_hold(conn),
        )


def report(console: Console, told: Told, seconds: float) -> int:
    """Print what a pass came to; returns the exit code of the command."""
    console.print(_sources_table(told.sources))
    if told.warehouse:
        console.print(_warehouse_table(told.warehouse))
    for name, state in told.bi + told.own:
        console.print(f"{name}: {state}", highlight=False)
    _print_trouble(console, told)
    if told.held:
        console.print(f"[yellow]held[/]: nothing is built: {escape(told.held)}", highlight=False, soft_wrap=True)
    kept = f"readers see release {told.release_id}" if told.release_id else "nothing has been released yet"
    if told.nothing_new and not told.failures:
        console.print(f"[bold]Nothing new[/]: rebuilt nothing; {kept}. {seconds:.0f} s", highlight=False)
    elif told.exit_code:
        console.print(f"[bold red]Not everything went well[/]; {kept}. {seconds:.0f} s", highlight=False)
    else:
        console.print(f"[bold green]Done[/]: {kept}. {seconds:.0f} s", highlight=False)
    if (settings().site / "index.html").exists():
        console.print(f"Site      {settings().site / 'index.html'}", highlight=False, soft_wrap=True)
    console.print('Database  psql "$(promise db url)"', highlight=False)
    return told.exit_code


def _source_lines(
    conn: Connection[Any], before: Before, done: Pass, messages: dict[tuple[str, str], str]
) -> Iterable[SourceLine]:
    runs = {done.source_id(run): run for run in done.ingests}
    for source_id, source in sources().items():
        run = runs.get(source_id)
        held = ledger.vintages(conn, source_id)
        new = [vintage for vintage in held if vintage.vintage > before.vintage]
        last = held[-1] if held else None
        said = next((text for (failed, _), text in messages.items() if run and failed == run.dag_id), None)
        answer = done.unchanged.get(source_id)
        status, message = _status(run, new, last, said, was_asked=run is not None or answer is not None)
        if status == "paused" and not source.is_asked(settings().mode) and not source.own_dag:
            status = "live only"
        yield SourceLine(
            source_id=source_id,
            status=status,
            vintage=last.vintage if last else None,
            rows=sum(vintage.row_count for vintage in new) if new else last.row_count if last else 0,
            seconds=run.seconds if run else answer.seconds if answer else None,
            message=message,
        )


def _status(
    run: RunState | None,
    new: Sequence[ledger.Vintage],
    last: ledger.Vintage | None,
    said: str | None,
    *,
    was_asked: bool,
) -> tuple[str, str | None]:
    if run is not None and run.state == "failed":
        return "failed", said
    if run is not None and run.waits_for_publisher:
        return (
            "unavailable",
            "the publisher did not answer; Airflow tries again while it is up (`promise status` says more)",
        )
    if last is not None and last.arrival in ("held", "rejected"):
        return last.arrival, last.arrival_reason
    if new:
        return "landed", None
    return ("unchanged", None) if was_asked else ("paused", None)


def _warehouse_line(conn: Connection[Any], before: Before, done: Pass) -> WarehouseLine | None:
    row = conn.execute(
        "select run_id, state, release_id from ops.warehouse_run where run_id > %s order by run_id desc limit 1",
        (before.run_id,),
    ).fetchone()
    if row is None:
        return None
    run_id, state, release_id = row
    # Of the runs of a burst, one opened a run of the warehouse: the one whose second task ran.
    at_work = [run for run in done.warehouse if not run.skipped]
    stages = [
        (task.task_id, (task.ended - task.started).total_seconds())
        for task in (sorted(at_work[-1].tasks, key=lambda task: str(task.started)) if at_work else ())
        if task.started and task.ended and task.state in ("success", "failed")
        if task.task_id not in names.BESIDE_THE_LINE
    ]
    return WarehouseLine(
        run_id=run_id,
        state=state,
        release_id=release_id,
        built=conn.execute(
            "select resource_type, status, count(*), sum(seconds)::float8 from ops.dbt_result where run_id = %s"
            " group by 1, 2 order by 1, 2",
            (run_id,),
        ).fetchall(),
        checked=conn.execute(
            "select gate, severity, count(*), count(*) filter (where not success) from ops.expectation_result"
            " where run_id = %s group by 1, 2 order by 1, 2",
            (run_id,),
        ).fetchall(),
        stages=stages,
    )


def _sources_table(lines: Sequence[SourceLine]) -> Table:
    table = Table("source", "status", title="Sources", title_justify="left")
    for heading in ("vintage", "rows", "seconds"):
        table.add_column(heading, justify="right")
    for line in lines:
        table.add_row(
            line.source_id,
            f"[{COLOURS.get(line.status, 'bold red')}]{line.status}[/]",
            str(line.vintage or ""),
            f"{line.rows:,}" if line.vintage else "",
            f"{line.seconds:.1f}" if line.seconds is not None else "",
        )
    return table


def _warehouse_table(line: WarehouseLine) -> Table:
    shown = f"release {line.release_id}" if line.release_id else "nothing released"
    table = Table("what", "result", title=f"Warehouse run {line.run_id}: {line.state}, {shown}", title_justify="left")
    table.add_column("number", justify="right")
    table.add_column("seconds", justify="right")
    for kind, status, number, seconds in line.built:
        table.add_row(f"dbt {kind}", status, str(number), f"{seconds:.1f}")
    for gate, severity, number, failed in line.checked:
        table.add_row(f"{gate} expectations, {severity}", f"{failed} failed" if failed else "pass", str(number), "")
    for task_id, seconds in line.stages:
        table.add_row(f"task {task_id}", "", "", f"{seconds:.1f}")
    return table


def _print_trouble(console: Console, told: Told) -> None:
    of_sources = {line.message for line in told.sources}
    for line in told.sources:
        if line.message:
            console.print(
                f"[bold red]{line.source_id}[/] {line.status}: {escape(line.message)}", highlight=False, soft_wrap=True
            )
    for task, message in told.failures:
        if message not in of_sources:
            console.print(f"[bold red]{task}[/] failed: {escape(message)}", highlight=False, soft_wrap=True)
