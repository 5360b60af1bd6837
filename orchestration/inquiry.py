"""Asking every source in this process, before Airflow is: where nothing is new, it need not be started.

What asking came to is written down as an ingest writes it, and handed to the run of the ingest that follows, so that no
publisher is asked twice: what is new is loaded from where it was landed, and a failure is that of the run's first try,
with the retries of any other. Where anything is in doubt, nothing is asked here and Airflow does all of it.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from psycopg import Connection

from ingestion import pipeline
from ingestion.errors import SourceChanged, SourceUnavailable
from orchestration import config, names, platform
from promise.catalogue.live import FileDrop
from promise.catalogue.sources import Source, asked
from promise.settings import settings
from warehouse import calendar, releases, runs

FOUND = "found"  # where the configuration of an ingest's run says what asking came to
SITE = "index.html"
Outcome = Literal["unchanged", "new", "unavailable", "changed", "failed"]
Take = Callable[[str], list[str]]


@dataclass(frozen=True)
class Answer:
    """What asking one source came to."""

    source_id: str
    outcome: Outcome
    seconds: float
    new: tuple[str, ...] = ()  # snapshots that are landed, and not loaded yet
    message: str | None = None

    @property
    def conf(self) -> dict[str, Any] | None:
        """The configuration of the ingest's run; None where it has to ask for itself."""
        if self.outcome == "failed":  # nobody knows what that was: our database, or a fault of ours
            return None
        return {FOUND: {"outcome": self.outcome, "new": [*self.new], "message": self.message}}


def found(source_id: str, conf: Mapping[str, Any] | None, try_number: int) -> list[str] | None:
    """What whoever asked for this run of an ingest has found and the warehouse does not hold; None: ask the source.

    Raises what asking has raised. A second try asks.
    """
    known = (conf or {}).get(FOUND)
    if known is None or try_number > 1:
        return None
    if known["outcome"] == "unavailable":
        raise SourceUnavailable(known["message"])
    if known["outcome"] == "changed":
        raise SourceChanged(known["message"])
    return pipeline.still_new(source_id, known["new"])


class Inquiry:
    """Sources that are being asked, as many at once as Airflow would ask.

    In threads that end with the process: a person who interrupts does not wait for a publisher. What they leave is
    taken up by the next attempt, as after any that was killed.
    """

    def __init__(self, source_ids: Sequence[str], take: Take = pipeline.take) -> None:
        self._take = take
        self._left = len(source_ids)
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._answered: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        threads = min(len(source_ids), config.parallelism())
        for each in [*source_ids, *[None] * threads]:
            self._waiting.put(each)
        for number in range(threads):
            threading.Thread(target=self._work, name=f"asking {number}", daemon=True).start()

    def answers(self) -> Iterator[Answer]:
        """Each answer when it is there."""
        while self._left:
            self._left -= 1
            yield self._answered.get()

    def _work(self) -> None:
        while (source_id := self._waiting.get()) is not None:
            self._answered.put(ask(source_id, self._take))


def ask(source_id: str, take: Take = pipeline.take) -> Answer:
    """Ask one source, as its ingest would."""
    began = time.monotonic()
    new: list[str] = []
    message: str | None = None
    outcome: Outcome = "failed"
    try:
        new = take(source_id)
        outcome = "new" if new else "unchanged"
    except SourceUnavailable as error:
        outcome, message = "unavailable", str(error)
    except SourceChanged as error:
        outcome, message = "changed", str(error)
    except Exception as error:  # whatever it was, Airflow asks again, and tells of it
        message = str(error)
    return Answer(source_id, outcome, time.monotonic() - began, new=tuple(new), message=message)


@dataclass(frozen=True)
class Beforehand:
    """What is known before anybody is asked."""

    source_ids: tuple[str, ...]  # that can be asked here
    paused: tuple[str, ...]  # ingest DAGs that somebody has paused in Airflow: their sources are not asked
    doubt: str | None  # why Airflow has to be there, whatever the sources say
    last_drawing: str | None = None


UNKNOWN = Beforehand((), (), "it is not known how things stand")


def beforehand(conn: Connection[Any]) -> Beforehand:
    """Which sources can be asked here, and whether Airflow is needed in any case."""
    standing = platform.standing()
    if standing.doubt or standing.paused & {names.WAREHOUSE, names.BI}:
        return Beforehand((), (), standing.doubt or "the warehouse is paused in Airflow")
    paused = tuple(name for name in platform.ingest_ids() if name in standing.paused)
    here: list[str] = []
    elsewhere: list[str] = []
    for source_id, source in asked().items():
        if names.ingest(source_id) not in paused:
            (elsewhere if _needs_connection(source) else here).append(source_id)
    doubt = (
        (f"only Airflow has the connection of {', '.join(elsewhere)}" if elsewhere else None)
        or _own_dags_in_doubt(standing)
        or behind(conn, standing.last_drawing)
    )
    return Beforehand(tuple(here), paused, doubt, standing.last_drawing)


def behind(conn: Connection[Any], last_drawing: str | None) -> str | None:
    """What is to be done though nothing is new: there is something to build, or what readers see was not drawn."""
    if releases.current(conn) is None:
        return "nothing has been released yet"
    if reasons := runs.plan(conn).reasons:
        return "; ".join(reasons)
    return None if is_drawn(conn, last_drawing) else "the last release was not drawn"


def is_drawn(conn: Connection[Any], last_drawing: str | None) -> bool:
    """Whether the site stands, is of the release that is shown, and the last attempt to draw went well."""
    return last_drawing == "success" and releases.is_drawn(conn, "site") and (settings().site / SITE).is_file()


def late_to_tell(conn: Connection[Any]) -> bool:
    """Write down what is late, as the calendar does each morning; whether there are people to be told of news.

    Then nothing is written down: it is the calendar's to tell them. While Airflow is up, or DAGs of people's own wait
    for what the calendar announces, that is its own business altogether.
    """
    if platform.is_at_work() or platform.own_files():
        return False
    entries = calendar.calendar(conn)
    if settings().notify and calendar.news(conn, entries):
        return True
    calendar.record(conn, entries)
    return False


def _needs_connection(source: Source) -> bool:
    """Whether the source's credential may be kept in Airflow, where only a task can ask for it."""
    if settings().mode != "live" or source.live is None:
        return False
    if isinstance(source.live, FileDrop):
        return "://" in os.environ.get("PROMISE_INBOX", "")
    name = source.live.credential
    return name is not None and f"PROMISE_CREDENTIAL_{name.upper()}" not in os.environ


def _own_dags_in_doubt(standing: platform.Standing) -> str | None:
    """People's own DAGs may bring vintages, or wait for what we cannot see from here, unless Airflow knows them."""
    files = platform.own_files()
    if not files:
        return None
    if not platform.is_at_work():
        return f"{', '.join(files)} may have something to do"
    folder = settings().dags
    if unread := [name for name in files if not standing.has_read(name, _changed(folder / name))]:
        return f"Airflow has not read {', '.join(unread)} yet"
    return f"{', '.join(sorted(standing.bringing))} may bring something" if standing.bringing else None


def _changed(path: Path) -> float:
    return path.stat().st_mtime
