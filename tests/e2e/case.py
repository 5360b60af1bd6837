"""What a test of an ingest DAG says of a source and its publisher, once for all transports."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fault_cases import LIMITS, source
from stand_ins.publisher import Asked, Publisher

# As in the campaign of faults, but patient: beside a scheduler on two cores a short silence is no fault.
PATIENT = LIMITS | {"connect_seconds": 10, "read_seconds": 60, "progress_seconds": 60, "total_seconds": 60}
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Desk:
    """Where a source is made: its publisher, a site that it must not be asked, and the folders of an installation."""

    source_id: str
    publisher: Publisher
    elsewhere: str
    inbox: Path
    bundle: Path


@dataclass(frozen=True)
class Fault:
    """How a publisher fails, what it is, and words of what a person is told."""

    begin: Callable[[], None]
    outcome: Literal["changed", "unavailable"]
    says: str
    holds: bool = False  # the host asks for a pause that we do not sit through
    at: str = "snapshot"  # the task that fails


@dataclass(frozen=True)
class Case:
    """A source and what is expected of it and its publisher. Requests are told in one line each."""

    entry: dict[str, Any]
    rows: Rows
    asks: list[str]  # of the first attempt
    asks_again: list[str]  # of the next one, that finds nothing new
    tell: Callable[[Asked], str] = lambda asked: f"{asked.method} {asked.target}"
    says_again: str | None = None  # what the attempt says that found nothing new
    news: Callable[[], Rows] | None = None  # the publisher is well and shows something else; gives what raw then holds
    fault: Fault | None = None

    def told(self, publisher: Publisher) -> list[str]:
        """What was asked since this was last looked at, in order."""
        asked = list(publisher.requests)
        del publisher.requests[: len(asked)]
        return [self.tell(each) + (" unless known" if "if-none-match" in each.headers else "") for each in asked]


def described(desk: Desk, columns: list[str], reader: dict[str, Any], *, path: str = "", **live: Any) -> dict[str, Any]:
    """The source's entry. Its columns are called as the headings are, in small letters."""
    address = {"address": desk.publisher.url(path), "hosts": [desk.publisher.host], "limits": PATIENT}
    entry = source(desk.source_id, address | live)
    entry["table"] |= {"reader": reader, "columns": {re.sub(r"\W+", "_", each.lower()): each for each in columns}}
    entry["table"]["checks"]["key"] = [next(iter(entry["table"]["columns"]))]
    return entry
