"""What is expected of each publisher and when, and what is late: `promise calendar`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

from rich.console import Console
from rich.table import Table

from warehouse.calendar import Entry, calendar
from workbench.commands.status import open_database

COLOURS = {"expected": "green", "due": "cyan", "late": "yellow", "overdue": "red"}


def show(as_json: bool = False) -> None:
    """Print the calendar as at now. Raises PromiseError where the database is down."""
    with open_database() as conn:
        entries = calendar(conn)
    if as_json:
        print(json.dumps([asdict(entry) for entry in entries], indent=2, default=str))  # noqa: T201
        return
    console = Console(emoji=False)
    console.print(table(entries))
    for entry in entries:
        if entry.is_late or entry.failed_attempts:
            colour = COLOURS.get(entry.state, "red")
            console.print(f"[bold {colour}]{entry.source_id}[/]: {entry.basis}", highlight=False, soft_wrap=True)
    late = sum(entry.is_late for entry in entries)
    console.print(f"{late} of {len(entries)} sources late." if late else "Nothing is late.", highlight=False)


def table(entries: list[Entry]) -> Table:
    """The calendar for people: what is late first, then what comes next."""
    shown = Table(title="Publication calendar", title_justify="left")
    failing = any(entry.failed_attempts for entry in entries)
    shown.add_column("source", overflow="fold")
    for heading in ("state", "published", "landed", "next by", *(["failing"] if failing else [])):
        shown.add_column(heading, no_wrap=True)
    rank = {state: place for place, state in enumerate(("overdue", "late", "due", "expected", "unknown"))}
    for entry in sorted(entries, key=lambda each: (rank.get(each.state, len(rank)), str(each.expected_until))):
        colour = COLOURS.get(entry.state)
        state = entry.state.replace("_", " ")
        shown.add_row(
            entry.source_id,
            f"[{colour}]{state}[/]" if colour else state,
            _day(entry.last_published_on, entry.last_published_precision),
            *(_day(day) for day in (entry.last_landed_on, entry.expected_until)),
            *([f"{entry.failing_days} days" if entry.failed_attempts else ""] if failing else []),
        )
    return shown


def _day(day: date | None, precision: str | None = "day") -> str:
    """As exactly as it is known."""
    shapes = {"month": "%b %Y", "year": "%Y"}
    return day.strftime(shapes.get(precision or "day", "%d %b %Y")) if day else ""
