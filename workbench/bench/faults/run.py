"""`promise bench faults`: break, see whether everything agrees, let the next run finish, and see again."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from promise import database
from promise.errors import PromiseError
from workbench.bench.faults import agreement, house
from workbench.bench.faults.house import ASKED, House
from workbench.bench.faults.parts import PARTS, Broken, Missed, Moment, Part

PATIENCE = 600.0  # seconds; a run that nothing breaks takes one or two minutes on two busy cores
TRIES = 4  # for one moment: what was to be broken may have ended just before
Say = Callable[[str], None]
Lengths = dict[str, float]  # seconds of each task, and under an empty name of a whole run


@dataclass(frozen=True)
class Outcome:
    """What one moment came to."""

    hit: bool  # whether there was something to break
    faults: tuple[str, ...]
    seconds: float  # from the beginning of the next run to its end


@dataclass
class Line:
    """One line of the table."""

    part: str
    skipped: str | None
    tried: int = 0
    slowest: float = 0.0
    lost: list[str] = field(default_factory=list)


def show(names: Sequence[str], moments: int, seed: int) -> int:
    """Break these parts (all, if none is named), each at so many moments, and print a table. 1: something is lost."""
    console = Console(emoji=False, highlight=False)
    table = Table("part", title=f"Faults, seed {seed}", title_justify="left")
    for heading in ("tried", "survived", "lost", "slowest recovery"):
        table.add_column(heading, justify="right")
    lines = bench(names, moments=moments, seed=seed, say=console.print)
    for line in lines:
        if line.skipped:
            table.add_row(line.part, "skipped", "", "", line.skipped)
        else:
            survived, lost = line.tried - len(line.lost), len(line.lost)
            table.add_row(line.part, str(line.tried), str(survived), str(lost), f"{line.slowest:.0f} s")
    console.print(table)
    for line in lines:
        for fault in line.lost:
            console.print(f"{line.part}: {fault}", markup=False)
    return 1 if any(line.lost for line in lines) else 0


def bench(names: Sequence[str], *, moments: int, seed: int, say: Say) -> list[Line]:
    """The same without a terminal. Leaves nothing running, and no files."""
    if unknown := sorted(set(names) - {part.name for part in PARTS}):
        raise PromiseError(f"no part {', '.join(unknown)}; known: {', '.join(part.name for part in PARTS)}")
    chosen = [part for part in PARTS if part.name in names or not names]
    lines = [Line(part.name, _reason_to_skip(part)) for part in chosen]
    with _folder() as folder:
        say("making a house")
        original = house.make(folder / "original")
        with original.lived_in():
            lengths = rehearsed(original, folder)
            house.end_all()
        say(f"a run that nothing breaks takes {lengths['']:.0f} s")
        houses = _Houses(original, folder)
        for part, line in zip(chosen, lines, strict=True):
            for number in range(0 if line.skipped else moments):
                outcome = houses.strike(part, random.Random(f"{seed} {part.name} {number}"), lengths)
                line.tried += outcome.hit
                line.slowest = max(line.slowest, outcome.seconds)
                if outcome.faults:
                    line.lost.append(f"moment {number + 1}: " + "; ".join(outcome.faults))
                came = "lost: " + "; ".join(outcome.faults) if outcome.faults else "survived"
                say(
                    f"{part.name} {number + 1}: {came if outcome.hit else 'nothing to break'} ({outcome.seconds:.0f} s)"
                )
        houses.close()
    return lines


def rehearsed(lived: House, folder: Path) -> Lengths:
    """How long a run takes here that nothing breaks, and each task of it. In the house that is lived in."""
    house.start()
    chance = random.Random("rehearsal")
    for source_id in ASKED:
        lived.republish(source_id, chance)
    began = time.monotonic()
    code, said = _ended(lived.begin("run", folder / "rehearsal.log"), folder / "rehearsal.log")
    if code != 0:
        raise PromiseError(f"a run that nothing was to break ended with {code}:\n{said}")
    return {"": time.monotonic() - began, **house.seconds_of_tasks()}


def strike(lived: House, part: Part, chance: random.Random, folder: Path, lengths: Lengths) -> Outcome:
    """Break it once while a run is at work, and let the next run finish. In the house that is lived in."""
    with contextlib.ExitStack() as afterwards:
        readers = None
        if part.another_house is None:
            house.start()
            readers = afterwards.enter_context(agreement.Readers(may_lose_the_server=part.server_goes))
        for source_id in ASKED:
            lived.republish(source_id, chance)
        moment = Moment(lived, part, chance, folder, afterwards)
        hit, faults = struck(moment, lengths)
        seconds, more = recovered(moment.house, folder)
    return Outcome(hit, (*faults, *more, *(readers.found() if readers else ())), seconds)


def struck(moment: Moment, lengths: Lengths) -> tuple[bool, list[str]]:
    """Break it while a run is at work: whether there was something to break, and what is wrong when that has ended."""
    faults: list[str] = []
    part, log = moment.part, moment.folder / "struck.log"
    hit, code, said = True, None, ""
    try:
        with moment.healing:
            if part.first:
                part.strike(moment)
            moment.client = moment.house.begin("run", log)
            hit = part.first or _struck_in_time(moment, lengths)
            code, said = _ended(moment.client, log)
    except Broken as broken:
        faults.append(str(broken))
    if hit and code not in part.exits:
        faults.append(f"the run that was struck ended with {code}: {said}")
    if "Traceback" in log.read_text(errors="replace"):
        faults.append(f"the run that was struck ended in a traceback: {said}")
    if part.another_house is None and database.is_running():  # in an empty home there is nothing yet to agree
        faults += _disagreements(at_rest=False)
    return hit, faults


def recovered(lived: House, folder: Path) -> tuple[float, list[str]]:
    """Let the next run finish by itself: how long it took, and what is wrong then."""
    began, log = time.monotonic(), folder / "next.log"
    code, said = _ended(lived.begin("run", log), log)
    seconds = time.monotonic() - began
    ending = [] if code == 0 else [f"the next run ended with {code}: {said}"]
    return seconds, ending or _disagreements(at_rest=True)


class _Houses:
    """One house for all moments; another one after a moment that was lost, or that began in an empty home."""

    def __init__(self, original: House, folder: Path) -> None:
        self._original, self._folder = original, folder
        self._numbers = itertools.count(1)
        self._shared: House | None = None

    def strike(self, part: Part, chance: random.Random, lengths: Lengths) -> Outcome:
        for _ in range(TRIES):
            lived = self._house(part)
            with lived.lived_in():
                outcome = strike(lived, part, chance, self._folder, lengths)
            if outcome.faults or part.another_house:
                self._give_up(lived)
            if outcome.hit or outcome.faults:
                break
        return outcome

    def close(self) -> None:
        if self._shared:
            self._give_up(self._shared)

    def _house(self, part: Part) -> House:
        home = self._folder / f"house {next(self._numbers)}"  # a path with a space
        if part.another_house:
            self.close()
            home.mkdir()
            bundle = home.parent / f"{home.name}.bundle"
            shutil.copytree(self._original.bundle, bundle)
            return part.another_house(House(home, bundle))
        if self._shared is None:
            self._shared = house.copied(self._original, home)
        return self._shared

    def _give_up(self, lived: House) -> None:
        with lived.lived_in():
            house.end_all()
        shutil.rmtree(lived.home)
        shutil.rmtree(lived.bundle)
        self._shared = None


def _struck_in_time(moment: Moment, lengths: Lengths) -> bool:
    """Wait for the moment and break it then; whether there was something to break."""
    client, part, chance = moment.client, moment.part, moment.chance
    assert client is not None
    if part.during:
        moment.task_id = chance.choice(part.during)
        length = lengths.get(moment.task_id, 1.0)
        house.until(lambda: client.poll() is not None or house.task_at_work(moment.task_id), PATIENCE)
    else:
        length = lengths[""]
    with contextlib.suppress(subprocess.TimeoutExpired):
        client.wait(chance.uniform(0, length))
    if client.returncode is not None:
        return False
    try:
        part.strike(moment)
    except Missed:
        return False
    return True


def _ended(running: subprocess.Popen[bytes], log: Path) -> tuple[int | str, str]:
    """The exit code, and what it said last; a word instead of the code for one that did not end."""
    try:
        code: int | str = running.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
        code = f"no end within {PATIENCE:.0f} s"
    return code, " / ".join(log.read_text(errors="replace").split("\n")[-12:])


def _disagreements(*, at_rest: bool) -> list[str]:
    with database.connect() as conn:
        return agreement.faults(conn, at_rest=at_rest)


def _reason_to_skip(part: Part) -> str | None:
    return "needs root" if part.needs_root and os.geteuid() != 0 else None


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="promise-faults-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)  # also for an ordinary user, and for PostgreSQL's
        yield Path(place)
