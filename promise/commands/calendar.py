"""What is expected of each publisher and when, and what is late: `promise calendar`."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from promise.calendar import Entry, calendar
from promise.commands.status import open_database

COLOURS = {"expected": "green", "due": "cyan", "late": "yellow", "overdue": "red"}


def show(as_json: bool = False) -> None:
    """Print the calendar as at now. Raises PromiseError where the database is down."""
    with open_database() as conn:
        entries = calendar(conn)
    if as_json:
        print(json.dumps([asdict(entry) for entry in entries], indent=2, default=str))  # noqa: T201
        return
    console = Console()
    console.print(table(entries))
    for entry in entries:
        if entry.is_late or entry.failed_attempts:
            colour = COLOURS.get(entry.state, "red")
            console.print(f"[bold {colour}]{entry.source_id}[/]: {entry.basis}", highlight=False, soft_wrap=True)
    late = sum(entry.is_late for entry in entries)
    console.print(f"{late} of {len(entries)} sources late." if late else "Nothing is late.", highlight=False)


def table(entries: list[Entry]) -> Table:
    """The calendar for people: what is late first, then what comes next."""
    shown = Table(
        *("source", "state", "last new", "published", "next", "by", "failing"),
        title="Publication calendar",
        title_justify="left",
    )
    rank = {state: place for place, state in enumerate(("overdue", "late", "due", "expected", "unknown"))}
    for entry in sorted(entries, key=lambda each: (rank.get(each.state, len(rank)), str(each.expected_until))):
        colour = COLOURS.get(entry.state)
        state = entry.state.replace("_", " ")
        shown.add_row(
            entry.source_id,
            f"[{colour}]{state}[/]" if colour else state,
            f"{entry.last_landed_on:%d %b %Y}" if entry.last_landed_on else "",
            _published(entry),
            f"{entry.expected_until:%d %b %Y}" if entry.expected_until else "",
            entry.expected_basis or "",
            f"{entry.failing_days} days" if entry.failing_days is not None else "",
        )
    return shown


def _published(entry: Entry) -> str:
    shapes = {"day": "%d %b %Y", "month": "%b %Y", "year": "%Y"}
    if entry.last_published_on is None:
        return ""
    return entry.last_published_on.strftime(shapes.get(entry.last_published_precision or "", "%d %b %Y"))
