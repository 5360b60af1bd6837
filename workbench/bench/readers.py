"""The part of `promise bench` that is about releases beside readers: nobody fails, and nobody sees two releases as one.

Readers have transactions of either isolation level and of up to some seconds, and one session without time-outs idles
in a transaction all the while.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from promise import database
from promise.database.patience import Blocked
from warehouse import releases
from workbench.bench.figure import Figure, Sizes
from workbench.bench.marts import COLUMNS, LARGE, Marts, Shape, candidate_of, names

EVERY = 5  # releases that share the large mart; each has its own small ones
RESHAPED = 5  # marts whose shape changes with each release of the second part
SAID_AFTER = 2.0  # seconds, for the one release that is to give up


@dataclass
class Tally:
    """What the readers met."""

    statements: int = 0
    failed: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    empty: int = 0
    longest: float = 0.0  # seconds that a statement took
    lock: threading.Lock = field(default_factory=threading.Lock)

    def figures(self, during: str) -> list[Figure]:
        note = f"of {self.statements} during {during}; wanted: none"
        return [
            Figure("statements that failed", len(self.failed), None, "", _with_first(note, self.failed)),
            Figure("statements or snapshots of two releases", len(self.mixed), None, "", _with_first(note, self.mixed)),
            Figure("statements that found a mart empty", self.empty, None, "", note),
            Figure("slowest statement", self.longest, None, "s", f"{note.partition(';')[0]}; wanted: under 1 s"),
        ]


def measure(sizes: Sizes) -> list[Figure]:
    """Releases of one shape, then of others, under readers who are to notice none, in the database in force."""
    small = names(sizes)
    _release(_of(0, small), sizes)
    one_shape = f"{sizes.releases} releases of one shape under {sizes.readers} readers"
    with _idle([LARGE, *small], "repeatable read") as idle, _at_work(small, sizes) as tally:
        seconds = [_release(_of(number, small), sizes) for number in range(1, sizes.releases + 1)]
        seen = idle.execute(_statement(small[:5], with_large=True).encode()).fetchone()
    figures = tally.figures(one_shape)
    if seen is None or _numbers(seen) != {0}:
        raise AssertionError(f"the idle session began with release 0 and ended with {seen}")
    figures += _waits(f"a swap, {one_shape}", seconds, "wanted: within 50 ms")
    kinds = itertools.cycle(kind for kind in COLUMNS if kind != "as it was")
    shapes = f"{sizes.reshaped} releases that change shapes under {sizes.readers} readers"
    with _idle([LARGE, *small[RESHAPED:]], "read committed"), _at_work(small, sizes) as tally:
        seconds = [
            _release(_of(sizes.releases + number, small, next(kinds)), sizes) for number in range(1, sizes.reshaped + 1)
        ]
    figures += tally.figures(shapes)
    figures += _waits(
        f"a swap, {shapes}",
        seconds,
        f"its wait for readers included; wanted: within {sizes.longest:g} s, as long as one takes",
    )
    return [*figures, _named(_of(sizes.releases + sizes.reshaped + 1, small, next(kinds)), small[0], sizes)]


def _of(number: int, small: Sequence[str], shape: Shape = "as it was") -> Marts:
    """A release in which every small mart has its number, and the large one that of the release that wrote it."""
    return Marts(
        {LARGE: number - number % EVERY} | dict.fromkeys(small, number), dict.fromkeys(small[:RESHAPED], shape)
    )


def _release(marts: Marts, sizes: Sizes) -> float:
    """Make it and show it; returns the seconds that showing it took, with what it waited."""
    run_id = candidate_of(marts, sizes)
    release_id = releases.write(run_id)
    with database.connect("releaser", autocommit=True) as conn:
        started = time.perf_counter()
        while True:
            with contextlib.suppress(Blocked):  # as Airflow does, again with what was written
                releases.show(conn, run_id, release_id)
                break
        seconds = time.perf_counter() - started
        releases.tidy(conn)
    return seconds


def _named(marts: Marts, read: str, sizes: Sizes) -> Figure:
    """A session that idles over a mart whose shape changes is named by the release that it holds up."""
    with _idle([read], "read committed") as idle:
        run_id = candidate_of(marts, sizes)
        release_id = releases.write(run_id)
        started = time.perf_counter()
        with database.connect("releaser", autocommit=True) as conn:
            try:
                releases.show(conn, run_id, release_id, patience=SAID_AFTER)
            except Blocked as blocked:
                words = str(blocked)
            else:
                words = "nobody was waited for"
        seconds = time.perf_counter() - started
        if f"process {idle.info.backend_pid} " not in words:
            raise AssertionError(f"process {idle.info.backend_pid} idles over {read}, and the release says: {words}")
    with database.connect("releaser", autocommit=True) as conn:
        releases.show(conn, run_id, release_id)
    return Figure(
        "a session idle over a changed shape is named", seconds, SAID_AFTER, "s", f"limit: how long one waits; {words}"
    )


def _waits(what: str, seconds: Sequence[float], wanted: str) -> list[Figure]:
    return [
        Figure(f"{what}: median", 1000 * statistics.median(seconds), None, "ms", wanted),
        Figure(f"{what}: longest", 1000 * max(seconds), None, "ms", wanted),
    ]


# -------------------------------------------------------------------------------------------------------- readers


@contextlib.contextmanager
def _idle(marts: Sequence[str], level: str) -> Iterator[psycopg.Connection[Any]]:
    """A session without time-outs that has read these marts and idles in its transaction."""
    with database.connect("reader") as conn:
        conn.execute(f"set transaction isolation level {level}".encode())
        conn.execute("set statement_timeout = 0")
        conn.execute("set idle_in_transaction_session_timeout = 0")
        for mart in marts:
            conn.execute(f"select made from marts.{mart} limit 1".encode())
        yield conn


@contextlib.contextmanager
def _at_work(small: Sequence[str], sizes: Sizes) -> Iterator[Tally]:
    """Readers at work for as long as the block runs."""
    tally, done = Tally(), threading.Event()
    readers = [
        threading.Thread(target=_read, args=(number, small, sizes.longest, done, tally))
        for number in range(sizes.readers)
    ]
    for reader in readers:
        reader.start()
    try:
        yield tally
    finally:
        done.set()
        for reader in readers:
            reader.join()


def _read(number: int, small: Sequence[str], longest: float, done: threading.Event, tally: Tally) -> None:
    """One reader: transactions of several statements, each of which joins marts."""
    dice = random.Random(number)
    level = ("read committed", "repeatable read")[number % 2]
    with database.connect("reader") as conn:
        while not done.is_set():
            until = time.monotonic() + dice.uniform(0, longest)
            try:
                conn.execute(f"set transaction isolation level {level}".encode())
                seen: set[int] = set()
                while True:
                    seen |= _one_statement(
                        conn, _statement(dice.sample(small, 5), with_large=dice.random() < 0.5), tally
                    )
                    if time.monotonic() > until:
                        break
                    time.sleep(dice.uniform(0, min(0.3, longest)))
                if level == "repeatable read" and len(seen) > 1:
                    tally.mixed.append(f"one snapshot saw releases {sorted(seen)}")
            except psycopg.Error as error:
                tally.failed.append(str(error).strip())
                if conn.broken:
                    return
            conn.rollback()


def _statement(small: Sequence[str], *, with_large: bool) -> str:
    """A join of marts: how many rows it has, the least and greatest number in the small ones and in the large one."""
    first, *others = small
    made = ", ".join(f"{mart}.made" for mart in small)
    joins = " ".join(f"join marts.{mart} using (measure_id)" for mart in others)
    large = (
        f" join marts.{LARGE} using (measure_id) where area_code = 'S12000011' and measure_id = 'measure_007'"
        if with_large
        else ""
    )
    of_large = f"min({LARGE}.made), max({LARGE}.made)" if with_large else "null, null"
    return f"select count(*), min(least({made})), max(greatest({made})), {of_large} from marts.{first} {joins}{large}"


def _one_statement(conn: psycopg.Connection[Any], statement: str, tally: Tally) -> set[int]:
    """Ask, and count what was found; returns the releases that were seen."""
    started = time.perf_counter()
    row = conn.execute(statement.encode()).fetchone()
    seconds = time.perf_counter() - started
    assert row is not None
    with tally.lock:
        tally.statements += 1
        tally.longest = max(tally.longest, seconds)
        if not row[0]:
            tally.empty += 1
            return set()
        if len(_numbers(row)) > 1:
            tally.mixed.append(f"one statement saw {row}")
    return _numbers(row)


def _numbers(row: Sequence[int | None]) -> set[int]:
    """The releases that an answer is of: the large mart says only of which five."""
    _, least, greatest, *large = row
    assert least is not None and greatest is not None
    fives = {number for number in large if number is not None}
    return {least, greatest} | {number for number in fives if number != least - least % EVERY}


def _with_first(note: str, troubles: Sequence[str]) -> str:
    return f"{note}; the first: {troubles[0]}" if troubles else note
