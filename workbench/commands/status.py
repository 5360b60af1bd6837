"""Where things stand and what a run would do: `promise status`, `promise plan`, `promise release list`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration import platform
from promise import database, ledger
from promise.catalogue.framework import framework
from promise.catalogue.sources import sources
from promise.errors import PromiseError
from promise.settings import settings
from warehouse import releases, runs, withdrawn
from workbench.commands.propose import to_review
from workbench.commands.run import address

COLOURS = {
    "in use": "green", "pending": "yellow", "held": "yellow", "rejected": "red", "failing": "red",
    "never landed": "yellow", "live only": "dim",
}  # fmt: skip


@dataclass(frozen=True)
class SourceState:
    """A source as a person wants to see it."""

    source_id: str
    status: str  # in use, pending, held, rejected, failing, never landed, live only
    vintage: int | None
    rows: int
    landed: datetime | None
    message: str | None


def source_states(conn: Connection[Any]) -> list[SourceState]:
    """Every described source: the vintage in use, and what is wrong if something is."""
    last = {
        source_id: (outcome, message)
        for source_id, outcome, message in conn.execute(
            "select distinct on (source_id) source_id, outcome, message from ops.ingest_attempt"
            " order by source_id, attempt_id desc"
        )
    }
    states = []
    for source_id, source in sources().items():
        held = [vintage for vintage in ledger.vintages(conn, source_id) if vintage.arrival != "forgotten"]
        in_use = next((vintage for vintage in reversed(held) if vintage.arrival == "accepted"), None)
        outcome, message = last.get(source_id, (None, None))
        is_looked_for = source.own_dag or source.is_asked(settings().mode)
        status = "in use" if in_use else "never landed" if is_looked_for else "live only"
        if outcome in ("unavailable", "changed", "failed"):
            status = "failing"
        elif held and held[-1].arrival in ("held", "rejected"):
            status, message = held[-1].arrival, held[-1].arrival_reason
        elif held and held[-1].arrival == "pending":
            status = "pending"
        states.append(
            SourceState(
                source_id=source_id,
                status=status,
                vintage=in_use.vintage if in_use else None,
                rows=in_use.row_count if in_use else 0,
                landed=in_use.loaded_at if in_use else None,
                message=message if status in ("failing", "held", "rejected") else None,
            )
        )
    return states


@dataclass(frozen=True)
class LastRun:
    """The warehouse run that was opened last."""

    run_id: int
    state: str  # running, released, refused, failed, did not end
    started_at: datetime
    ended_at: datetime | None
    message: str | None


def last_run(conn: Connection[Any]) -> LastRun | None:
    """The last run as it is. One that says it runs, and on which nothing is at work, did not end."""
    row = conn.execute(
        "select run_id, state, started_at, ended_at, message, maker = 'airflow', exists (select from pg_stat_activity"
        " as live where live.pid = backend_pid and live.backend_start = run.backend_start)"
        " from ops.warehouse_run as run order by run_id desc limit 1"
    ).fetchone()
    if row is None:
        return None
    *fields, is_airflows, is_connected = row
    found = LastRun(*fields)
    if found.state != "running":
        return found
    # Airflow's own is several processes; any other lives as long as the connection by which it was opened.
    is_gone = platform.is_building() is False if is_airflows else not is_connected
    words = "Nothing is at work on it; `promise run` builds again."
    return replace(found, state="did not end", message=words) if is_gone else found


def unused(states: Iterable[SourceState]) -> list[str]:
    """The sources in use whose figures no series of framework/ names. A source may be loaded before it is used."""
    named = {series.source for _, _, series in framework().series()}
    return [
        each.source_id
        for each in states
        if each.vintage and sources()[each.source_id].figures and each.source_id not in named
    ]


def show_status(as_json: bool = False) -> None:
    """Print where things stand; says so when the database is down, without starting it."""
    with open_database() as conn:
        states = source_states(conn)
        current = releases.current(conn)
        run = last_run(conn)
        todo = runs.plan(conn)
        gone = withdrawn.words(conn)
        given_up = sorted({vintage.source_id for vintage in ledger.vintages(conn)} - sources().keys())
    review = to_review()
    checks = _checks()
    if as_json:
        told = {
            "sources": [asdict(state) for state in states],
            "last_run": asdict(run) if run else None,
            "release": asdict(current) if current else None,
            "plan": asdict(todo),
            "to_review": review,
            "feeds_no_measure": unused(states),
            "withdrawn": gone,
            "no_longer_described": given_up,
            "checks": checks,
        }
        print(json.dumps(told, indent=2, default=str))  # noqa: T201
        return
    console = Console(emoji=False)
    console.print(source_table(states))
    for state in states:
        if state.message:
            said = state.message.removeprefix(f"{state.source_id}: ")
            console.print(
                f"[bold {COLOURS[state.status]}]{state.source_id}[/]: {escape(said)}", highlight=False, soft_wrap=True
            )
    for words in gone:
        console.print(f"[yellow]withdrawn[/]: {escape(words)}", highlight=False, soft_wrap=True)
    if idle := unused(states):
        console.print(
            f"[dim]loaded, and no series in framework/ names their figures: {', '.join(idle)}; docs/framework.md says "
            "how a source joins an indicator[/]",
            highlight=False,
            soft_wrap=True,
        )
    if given_up:
        console.print(
            f"[dim]no longer described in ingestion/sources/, and kept as it was landed: {', '.join(given_up)}; "
            "ingestion/retired.yml says why[/]",
            highlight=False,
            soft_wrap=True,
        )
    if run:
        when = f"started {run.started_at:%d %b %Y %H:%M} UTC"
        line = f"Last warehouse run: {run.run_id}, {run.state}, {when}. {escape(run.message or '')}"
        console.print(line.strip(), highlight=False, soft_wrap=True)
    if current and current.released_at:
        console.print(
            f"Readers see release {current.release_id}, shown since {current.released_at:%d %b %Y %H:%M} UTC."
        )
    else:
        console.print("Nothing has been released yet.")
    if review:
        console.print(f"[yellow]to review[/]: {escape(review)}", highlight=False, soft_wrap=True)
    if checks:
        console.print(f"Checks over time: {checks}", highlight=False, soft_wrap=True)
    _print_plan(console, todo)


def _checks() -> str | None:
    """Where the page of the checks is: its address while it is served, else the file, if there is one."""
    page = settings().checks / "index.html"
    return address("checks") or (str(page) if page.exists() else None)


def source_table(states: list[SourceState]) -> Table:
    """The sources as a table for people."""
    table = Table("source", "status", "vintage", "rows", "landed", title="Sources", title_justify="left")
    for state in states:
        table.add_row(
            state.source_id,
            f"[{COLOURS[state.status]}]{state.status}[/]",
            str(state.vintage or ""),
            f"{state.rows:,}",
            f"{state.landed:%d %b %Y %H:%M}" if state.landed else "",
        )
    return table


def show_plan(as_json: bool = False) -> None:
    """Print what a run would do, and why: sources with something new, and whether the warehouse would be built."""
    with open_database() as conn:
        new = _would_land(conn)
        todo = runs.plan(conn)
    reasons = [f"{source_id}: {words}" for source_id, words in new.items()] + list(todo.reasons)
    if as_json:
        told = {
            "build": not todo.held and (bool(reasons) or todo.needed),
            "sources": new,
            "reasons": reasons,
            "waiting": todo.waiting,
            "held": todo.held,
        }
        print(json.dumps(told, indent=2))  # noqa: T201
        return
    console = Console(emoji=False)
    for source_id, words in new.items():
        console.print(f"would ingest [bold]{source_id}[/]: {words}", highlight=False)
    _print_plan(console, todo, also=bool(new))


def _would_land(conn: Connection[Any]) -> dict[str, str]:
    """Which bundled files the ledger does not hold as latest; live publishers are asked only by a run."""
    from ingestion.connectors import fetch
    from ingestion.identity import identities, not_landed
    from ingestion.pipeline import not_held

    new = {}
    for source_id, source in sources().items():
        if source.live is not None and settings().mode == "live":
            continue
        held = ledger.vintages(conn, source_id)
        try:
            shown = identities(source, [not_landed(source_id, fetched) for fetched in fetch(source)], held)
        except PromiseError as error:
            new[source_id] = f"cannot be fetched: {error}"
            continue
        if waiting := not_held(shown, [vintage.identity for vintage in held]):
            new[source_id] = f"{len(waiting)} new file{'s' if len(waiting) > 1 else ''}" + (
                "" if held else ", never landed"
            )
    return new


def _print_plan(console: Console, todo: runs.Plan, also: bool = False) -> None:
    if todo.held:
        console.print(f"[yellow]held[/]: nothing is built: {todo.held}", highlight=False, soft_wrap=True)
    elif todo.needed or also:
        console.print("would build, check and release the warehouse:" if todo.reasons else "would build the warehouse")
        for reason in todo.reasons:
            console.print(f"  · {reason}", highlight=False)
    else:
        console.print("Nothing to do: the current release is of everything that was landed and of the code as it is.")
    for words in todo.waiting:
        console.print(f"[yellow]waiting[/]: {words}", highlight=False, soft_wrap=True)


def open_database() -> Connection[Any]:
    """The owner's connection. Raises PromiseError where the database is down: a look at it does not start it."""
    if not database.is_running():
        raise PromiseError("the database is not running; start it with `promise db url`, or everything with `make run`")
    return database.connect()
