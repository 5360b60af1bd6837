"""One pass of the whole pipeline through Airflow: ask for every ingest, then see what follows from it to its end.

Assets decide what runs. This module only notices when a run that should have followed did not, and asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from psycopg import Connection

from orchestration import inquiry, names, platform
from orchestration.client import ACTIVE, Airflow, DagState, RunState
from orchestration.inquiry import Answer
from promise.catalogue.sources import sources
from promise.errors import PromiseError
from promise.settings import settings
from warehouse import releases, runs

PAUSE = 1.0  # seconds between two looks; each costs Airflow some 60 ms of a core that the tasks could use
APPEAR = 15.0  # seconds within which a run that an asset caused has shown up; it takes one or two
READ = 90.0  # seconds within which Airflow has read a DAG file that changed; it looks every 30
KNOWN = 300.0  # seconds within which it has also written down what is in it, beside whatever else the machine does
NOTE = "asked for by promise run"


class Watcher(Protocol):
    """Somebody who wants to see the runs as they go."""

    def say(self, text: str) -> None: ...

    def show(self, runs: Sequence[RunState]) -> None: ...


@dataclass(frozen=True)
class Pass:
    """What one pass came to."""

    ingests: tuple[RunState, ...]  # ours, and those of people's own that bring vintages
    warehouse: tuple[RunState, ...]
    bi: tuple[RunState, ...]
    paused: tuple[str, ...]  # ingest DAGs that somebody has paused in Airflow
    own: tuple[RunState, ...] = ()  # of people's own DAGs that bring nothing: what follows from a release, mostly
    brought_by: Mapping[str, str] = field(
        default_factory=dict
    )  # the source of an ingest DAG, where its name is its own
    unchanged: Mapping[str, Answer] = field(default_factory=dict)  # sources that were asked, and needed no ingest
    calendar: tuple[RunState, ...] = ()

    @property
    def runs(self) -> tuple[RunState, ...]:
        return self.ingests + self.warehouse + self.bi + self.own + self.calendar

    def source_id(self, ingest: RunState) -> str:
        """The source that an ingest looks for."""
        return self.brought_by.get(ingest.dag_id, ingest.dag_id.removeprefix(names.ingest("")))

    @property
    def failed(self) -> tuple[RunState, ...]:
        return tuple(run for run in self.runs if run.state == "failed")


def ask_for(
    airflow: Airflow,
    dag_ids: Sequence[str],
    look: Callable[[], Sequence[RunState]],
    pause: float = PAUSE,
    confs: Mapping[str, Mapping[str, Any] | None] | None = None,
) -> list[RunState]:
    """Ask for one run of each DAG, all at once, and return these runs when all have ended, well or badly.

    `look` gives the runs of now, `confs` the configuration of each run that has one. A run that waits for its next
    attempt at a publisher is left to Airflow; one that waited before is ended, because Airflow would hold the new one
    back until that is through, for up to an hour.
    """
    if not dag_ids:  # of which Airflow would make all
        return []
    for waiting in airflow.runs(dag_ids, states=ACTIVE):
        if waiting.waits_for_publisher:
            airflow.end(waiting)
    asked = {airflow.trigger(dag_id, NOTE, (confs or {}).get(dag_id)): dag_id for dag_id in dag_ids}
    while True:
        mine = [run for run in look() if asked.get(run.run_id) == run.dag_id]
        if len(mine) == len(asked) and not any(run.is_active and not run.waits_for_publisher for run in mine):
            return mine
        time.sleep(pause)


@dataclass
class Follower:
    """Follows one pass. `conn` is the owner's connection to the warehouse, in autocommit.

    `upkeep` is called at each look: without it a pass would wait for ever for a scheduler that is gone.
    """

    airflow: Airflow
    conn: Connection[Any]
    watcher: Watcher
    upkeep: Callable[[], None]
    pause: float = PAUSE
    appear: float = APPEAR

    def __post_init__(self) -> None:
        self._since = datetime.now(UTC)

    def follow(self, answers: Mapping[str, Answer] | None = None, look_at_calendar: bool = False) -> Pass:
        """Run everything once and return when all of it has ended, well or badly.

        `answers` are of sources that were asked already: their ingests load what is new, and where nothing is, none is
        needed.
        """
        answers = {names.ingest(source_id): answer for source_id, answer in (answers or {}).items()}
        unchanged = {dag_id for dag_id, answer in answers.items() if answer.outcome == "unchanged"}
        shown_before = releases.current(self.conn)
        site_is_behind = self._site_is_behind()
        known = self._known()
        brought_by = self._brought_by(known)
        ingest_ids = [*platform.ingest_ids(), *brought_by]
        paused = tuple(dag_id for dag_id in ingest_ids if known[dag_id].is_paused)
        self._refuse_paused([dag_id for dag_id in (names.WAREHOUSE, names.BI) if known[dag_id].is_paused])

        if look_at_calendar:
            self.airflow.trigger(names.CALENDAR, NOTE)
        asked = [dag_id for dag_id in ingest_ids if dag_id not in paused and dag_id not in unchanged]
        confs = {dag_id: answer.conf for dag_id, answer in answers.items()}
        ingests = ask_for(self.airflow, asked, self._look, self.pause, confs)
        self._see_through(names.WAREHOUSE, lambda: "; ".join(runs.plan(self.conn).reasons), soon=_landed(ingests))
        shown_now = releases.current(self.conn)
        released = shown_now is not None and shown_now != shown_before
        behind = "the last release was not drawn" if released or site_is_behind else ""
        self._see_through(names.BI, lambda: "" if self._runs(names.BI) else behind, soon=released)
        return Pass(
            ingests=tuple(ingests),
            warehouse=tuple(self._drained(names.WAREHOUSE)),
            bi=tuple(self._drained(names.BI)),
            paused=paused,
            own=tuple(self._own_ended(set(known) - {*platform.dag_ids(), *ingest_ids})),
            brought_by=brought_by,
            unchanged={answers[dag_id].source_id: answers[dag_id] for dag_id in unchanged},
            calendar=tuple(self._drained(names.CALENDAR)) if look_at_calendar else (),
        )

    def _known(self) -> dict[str, DagState]:
        """Every DAG of ours. One for a source that was described a moment ago is read within half a minute."""
        deadline = time.monotonic() + KNOWN
        while True:
            missing, files = platform.unread(known := self.airflow.dags())
            if (not missing and not any(map(_is_new, files))) or time.monotonic() >= deadline:
                break
            time.sleep(self.pause)
        if missing:
            raise PromiseError(
                f"Airflow does not know {', '.join(missing)}; see its import errors at {platform.url()}, "
                "or start it afresh: make down, make up"
            )
        if files:
            self.watcher.say(f"Airflow knows no DAG of {', '.join(files)}; see its import errors at {platform.url()}")
        return known

    def _brought_by(self, known: Mapping[str, DagState]) -> dict[str, str]:
        """People's own DAGs that announce vintages of a source, and which source that is."""
        ours, announcing = set(platform.dag_ids()), self.airflow.announcing()
        return {
            dag_id: source_id
            for source_id in sources()
            for dag_id in announcing.get(names.raw_asset(source_id), ())
            if dag_id in known and dag_id not in ours
        }

    def _see_through(self, dag_id: str, why: Callable[[], str], soon: bool) -> None:
        """Wait for the runs of a DAG that follow from what happened; ask for one if there is a reason and none comes.

        `why` gives the reason, or nothing when all is done. `soon`: an asset was announced, so a run should appear.
        """
        deadline = time.monotonic() + (self.appear if soon else 0)
        asked = False
        while True:
            runs = self._runs(dag_id)
            if any(run.is_active for run in runs):
                # A run that an arrival caused while this one was at work is there soon after it.
                deadline = max(deadline, time.monotonic() + 2)
            elif any(run.state == "failed" for run in runs) or asked or not why():
                return  # it went wrong and says so itself, or it is done
            elif time.monotonic() >= deadline:
                self.watcher.say(f"asking for {dag_id}: {why()}")
                self.airflow.trigger(dag_id, NOTE)
                asked = True  # the next look sees it as queued
            time.sleep(self.pause)

    def _drained(self, dag_id: str) -> list[RunState]:
        """The runs of a DAG once none is active: later arrivals of a burst ask for runs that find nothing to do."""
        while True:
            runs = self._runs(dag_id)
            if not any(run.is_active for run in runs):
                return runs
            time.sleep(self.pause)

    def _own_ended(self, dag_ids: Collection[str]) -> list[RunState]:
        """The runs of people's own DAGs once none is at work. A wait for a next attempt is left to Airflow."""
        while True:
            runs = [run for run in self._look() if run.dag_id in dag_ids]
            if not any(run.is_active and not run.waits_for_publisher for run in runs):
                return runs
            time.sleep(self.pause)

    def _runs(self, dag_id: str) -> list[RunState]:
        return [run for run in self._look() if run.dag_id == dag_id]

    def _look(self) -> list[RunState]:
        self.upkeep()
        runs = self.airflow.runs(since=self._since)
        self.watcher.show(runs)
        return runs

    def _site_is_behind(self) -> bool:
        """Whether the site is of another release than the one that is shown, or the last attempt to draw failed."""
        if releases.current(self.conn) is None:
            return False
        last = self.airflow.last_run(names.BI)
        return not inquiry.is_drawn(self.conn, last.state if last else None)

    @staticmethod
    def _refuse_paused(dag_ids: Sequence[str]) -> None:
        if dag_ids:
            raise PromiseError(
                f"paused in Airflow: {', '.join(dag_ids)}. Nothing can be built until somebody unpauses "
                f"{'it' if len(dag_ids) == 1 else 'them'} at {platform.url()}"
            )


def _is_new(dag_file: str) -> bool:
    """Whether Airflow may not have looked at a DAG file yet. One that is older has been read, and holds no DAG."""
    return time.time() - (settings().dags / dag_file).stat().st_mtime < READ


def _landed(ingests: Sequence[RunState]) -> bool:
    return any(run.state == "success" and not run.skipped for run in ingests)
