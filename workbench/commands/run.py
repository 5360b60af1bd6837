"""`promise run`, `promise up` and `promise down`: the whole pipeline, by the real Airflow, from one command."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import psycopg
from rich.console import Console

from expectations import page
from orchestration import config, inquiry, platform
from orchestration.client import ACTIVE
from orchestration.follow import Follower, Pass
from orchestration.processes import Detached, free_port
from orchestration.processes import stop as stop_processes
from promise import database
from promise.errors import PromiseError
from promise.settings import settings
from warehouse import documentation, runs
from workbench.commands.outcome import Before, Told, report
from workbench.commands.progress import Progress, progress

T = TypeVar("T")
INTERRUPTED = 130  # what a shell expects of a command that was ended by Ctrl-C
SERVED = ("site", "staff-site", "docs", "checks")
IMPATIENT = 10.0  # seconds for each question after a Ctrl-C; what stays open then is ended by the next start


def run(console: Console | None = None) -> int:
    """Land, build, check and release everything, and build the site. Returns the exit code.

    Airflow is stopped at the end if this started it; the database stays up. After Ctrl-C nothing is half-started.
    """
    return _run(console or Console(emoji=False), keep=False)


def up(console: Console | None = None) -> int:
    """The same, and leave Airflow, the database and whatever serves pages running. Prints where they are."""
    console = console or Console(emoji=False)
    code = _run(console, keep=True)
    if code == INTERRUPTED:
        return code
    site = serve("site", settings().site)
    console.print("writing dbt's documentation", highlight=False)
    docs = serve("docs", documentation.write())
    checks = serve("checks", settings().checks)
    console.print(
        f"Airflow   {platform.url()}  (user {config.USER}, password in {config.password_file()})", highlight=False
    )
    console.print(f"Site      {site}", highlight=False)
    if settings().site_for == "staff":
        console.print(f"Staff     {serve('staff-site', settings().staff_site)}", highlight=False)
    console.print(f"dbt docs  {docs}", highlight=False)
    console.print(f"Checks    {checks}", highlight=False)
    console.print('Database  psql "$(promise db url)"', highlight=False)
    console.print("Stop it all with `make down`.", highlight=False)
    return code


def down(console: Console | None = None) -> int:
    """Stop what serves pages, Airflow and the embedded database, as far as they are ours and running."""
    console = console or Console(emoji=False)
    stopped = stop_processes([_server(name) for name in SERVED], grace=1) + platform.stop()
    if database.stop():
        stopped.append("database")
    console.print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running", highlight=False)
    return 0


def serve(name: str, folder: Path) -> str:
    """Serve a folder of pages on loopback, unless it is served already; returns its address."""
    server, kept = _server(name), settings().home / "processes" / f"{name}.port"
    if not server.is_running():
        kept.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port(int(kept.read_text()) if kept.exists() else None)
        kept.write_text(str(port))
        command = (
            sys.executable,
            "-m",
            "workbench.serving",
            str(port),
            "--bind",
            config.HOST,
            "--directory",
            str(folder),
        )
        server.start(command, dict(os.environ), settings().home)
    return f"http://{config.HOST}:{kept.read_text()}/"


def address(name: str) -> str | None:
    """Where a folder of pages is served; None while it is not."""
    kept = settings().home / "processes" / f"{name}.port"
    return f"http://{config.HOST}:{kept.read_text()}/" if _server(name).is_running() and kept.exists() else None


def start_database(shown: Progress) -> None:
    """Start and prepare it, and say what was added to one that an earlier revision left."""
    shown.say("starting the database")
    if added := database.ensure_running():
        shown.say(f"carried over from the revision before; its ledger was given {', '.join(added)}")


def _run(console: Console, keep: bool) -> int:
    began = datetime.now(UTC)
    with _alone(), _signals_interrupt(), progress(console) as shown:
        start_database(shown)
        started = False
        try:
            first = _First(shown)
            told = first.told_if_nothing_new(airflow_is_to_be_there=keep)
            if told is None:
                started = platform.start(shown.say)
                told = _pass(shown, first)
        except KeyboardInterrupt:
            with _undisturbed():
                shown.say("interrupted; ending what is at work")
                _cut_off(began)
                if started:  # one that was up before goes on
                    platform.stop(grace=2)
                    started = False
            console.print("Interrupted: nothing of this run is at work any more; readers see what they saw before.")
            return INTERRUPTED
        finally:
            if started and not keep:
                with _undisturbed():
                    shown.say("stopping Airflow")
                    platform.stop()
    return report(console, told, (datetime.now(UTC) - began).total_seconds())


WORDS = {
    "unchanged": "nothing new",
    "new": "something new",
    "unavailable": "no answer",
    "changed": "a person must look",
    "failed": "not asked",
}


class _First:
    """What is asked in this process: often all there is to do."""

    def __init__(self, shown: Progress) -> None:
        shown.say("asking every source what is new")
        self._shown = shown
        self.answers: dict[str, inquiry.Answer] = {}
        self.is_late_news = False
        with database.connect(autocommit=True) as conn:
            self.before = Before.now(conn)
            self._known = _unless_in_doubt(shown, lambda: inquiry.beforehand(conn)) or inquiry.UNKNOWN
        self._inquiry = inquiry.Inquiry(self._known.source_ids)

    def told_if_nothing_new(self, *, airflow_is_to_be_there: bool) -> Told | None:
        """What a pass came to for which Airflow is not needed; None as soon as something asks for it."""
        if self._known.doubt or (airflow_is_to_be_there and not platform.is_running()):
            return None
        if any(answer.outcome != "unchanged" for answer in self._answered()):
            return None
        return _unless_in_doubt(self._shown, self._told)

    def all_answers(self) -> dict[str, inquiry.Answer]:
        """By source, when everybody has answered."""
        for _ in self._answered():
            pass
        return self.answers

    def _told(self) -> Told | None:
        with database.connect(autocommit=True) as conn:
            # A publisher may have moved an embargo, which asking writes down.
            if inquiry.behind(conn, self._known.last_drawing):
                return None
            self.is_late_news = inquiry.late_to_tell(conn)
            if self.is_late_news:
                return None
            page.write()
            return Told.of(conn, self.before, Pass((), (), (), self._known.paused, unchanged=self.answers))

    def _answered(self) -> Iterator[inquiry.Answer]:
        for answer in self._inquiry.answers():
            self.answers[answer.source_id] = answer
            self._shown.say(f"{answer.source_id}: {WORDS[answer.outcome]}, {answer.seconds:.1f} s")
            yield answer


def _unless_in_doubt(shown: Progress, work: Callable[[], T]) -> T | None:
    """What the work gives; None, having said why, where something is not as it should be: a whole pass sees to it."""
    try:
        return work()
    except (PromiseError, psycopg.Error) as error:
        shown.say(f"a whole pass is needed: {str(error).strip()}")
        return None


def _pass(shown: Progress, first: _First) -> Told:
    upkeep = platform.Upkeep(shown.say)
    with (
        contextlib.closing(platform.client(meanwhile=upkeep)) as airflow,
        database.connect(autocommit=True) as conn,
    ):
        answers = first.all_answers()
        shown.say("letting Airflow do what is to be done")
        done = Follower(airflow, conn, shown, upkeep).follow(answers, look_at_calendar=first.is_late_news)
        page.write()  # also where no gate came to its end
        return Told.of(conn, first.before, done, airflow.failure)


def _cut_off(began: datetime) -> None:
    """End the runs that began with this pass, so that the next one starts afresh."""
    if not platform.is_at_work():
        return
    with contextlib.suppress(PromiseError), contextlib.closing(platform.client(patience=IMPATIENT)) as airflow:
        for active in airflow.runs(since=began, states=ACTIVE):
            airflow.end(active)
    with contextlib.suppress(PromiseError), database.connect("releaser") as conn:
        for (run_id,) in conn.execute("select run_id from ops.warehouse_run where state = 'running'").fetchall():
            runs.close_run(conn, run_id, "failed", "interrupted")


@contextlib.contextmanager
def _signals_interrupt() -> Iterator[None]:
    """A request to end, and a terminal that closes, clean up as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled(interrupt, signal.SIGTERM, signal.SIGHUP):
        yield


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Cleaning up takes a few seconds, and an impatient second Ctrl-C must not leave half of it undone."""
    with _handled(signal.SIG_IGN, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        yield


@contextlib.contextmanager
def _handled(handler: Any, *numbers: int) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there may handlers be changed
        yield
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _server(name: str) -> Detached:
    return Detached(name, settings().home / "processes")


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two runs of one checkout would each stop the other's Airflow."""
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise PromiseError(
                f"another run is at work on {home} (process {lock.read().strip() or 'unknown'}); wait for it, or end it"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
