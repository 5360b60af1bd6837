"""What is broken, part by part: the table in docs/faults.md, `promise bench faults` and the test of it are of these."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import psycopg
from psycopg import sql

from orchestration import platform
from promise import database
from promise.settings import settings
from workbench.bench.faults import house as here
from workbench.bench.faults import publisher
from workbench.bench.faults.house import ASKED, House
from workbench.bench.faults.throttle import throttled

HTML = "<!DOCTYPE html><html><h1>We have moved</h1></html>"
LANDS = ("ingest_published_series.land", "ingest_promise_dashboard.land")
BUILDS = ("warehouse.dbt_build",)


class Missed(Exception):
    """What was to be broken had ended before."""


class Broken(Exception):
    """Something beside the run went wrong, which should not have."""


@dataclass
class Moment:
    """The moment at which something is broken in a house whose run is at work."""

    house: House
    part: Part
    chance: random.Random
    folder: Path  # for what is said meanwhile
    afterwards: contextlib.ExitStack  # what is done when the next run has ended
    healing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)  # when the one that is struck has
    client: subprocess.Popen[bytes] | None = None
    task_id: str = ""  # `<dag>.<task>`, where it is while one is at work

    def task(self) -> psutil.Process:
        process = here.task_at_work(self.task_id)
        if process is None:
            raise Missed
        return process


@dataclass(frozen=True)
class Part:
    """One thing that breaks. The texts are for docs/faults.md."""

    name: str
    broken: str
    then: str  # what comes of the run that was struck
    strike: Callable[[Moment], None]
    during: tuple[str, ...] = ()  # tasks, `<dag>.<task>`; none: at any time of the run
    first: bool = False  # before the run begins
    server_goes: bool = False  # readers lose their connections, and get new ones
    exits: tuple[int, ...] = (0, 1)  # what the struck run may end with
    needs_root: bool = False
    another_house: Callable[[House], House] | None = None  # in other circumstances, from an empty home

    @property
    def moment(self) -> str:
        """When it breaks, in words."""
        if self.first:
            return "before the run"
        tasks = ", ".join(dict.fromkeys(f"`{task.rpartition('.')[2]}`" for task in self.during))
        return f"during {tasks}" if tasks else "at any time of the run"


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


def _task(moment: Moment) -> None:
    _kill(moment.task())


def _worker(moment: Moment) -> None:
    parent = moment.task().parent()
    if parent is None:
        raise Missed
    _kill(parent)


def _component(name: str) -> Callable[[Moment], None]:
    def strike(_: Moment) -> None:
        """The process that was started, which leaves its workers behind."""
        members = here.component(name).members()
        if not members:
            raise Missed
        _kill(min(members, key=lambda member: member.create_time()))

    return strike


def _busy(moment: Moment) -> None:
    moment.healing.enter_context(throttled(here.component("api-server").members))


def _client(number: int) -> Callable[[Moment], None]:
    def strike(moment: Moment) -> None:
        if moment.client is None or moment.client.poll() is not None:
            raise Missed
        os.killpg(moment.client.pid, number)

    return strike


def _down(moment: Moment) -> None:
    stopping = moment.house.begin("down", moment.folder / "down.log")
    if stopping.wait(timeout=120):
        raise Broken(f"`promise down` ended with {stopping.returncode}: {moment.folder / 'down.log'}")


def _postmaster(_: Moment) -> None:
    _kill(here.postmaster())


def _stop_server(_: Moment) -> None:
    database.stop()


def _reboot(moment: Moment) -> None:
    """Nothing of the house is left alive, and the numbers of its processes are given to others."""
    _client(signal.SIGKILL)(moment)
    for child in here.components():
        for member in child.members():
            _kill(member)
    server = here.postmaster()
    everybody = [server, *server.children(recursive=True)]
    owner = server.uids().real
    for each in everybody:
        _kill(each)
    psutil.wait_procs(everybody, timeout=30)
    others = subprocess.Popen(["sleep", "3600"], user=owner if os.geteuid() == 0 else None)
    moment.afterwards.callback(others.wait)
    moment.afterwards.callback(others.kill)
    for child in here.components():
        (child.folder / f"{child.name}.pid.json").write_text(json.dumps({"pid": others.pid, "birth": 1.0}))
    _reused(settings().home / "postgres" / "data" / "postmaster.pid", others.pid)


def _reused(pid_file: Path, pid: int) -> None:
    _, *rest = pid_file.read_text().splitlines(keepends=True)
    pid_file.write_text("".join([f"{pid}\n", *rest]))


def _connections(moment: Moment) -> None:
    """Somebody's program takes every connection that there is, for some seconds."""
    with contextlib.ExitStack() as taken:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(contextlib.closing(psycopg.connect(database.url(), connect_timeout=5)))
        time.sleep(moment.chance.uniform(1, 15))


def _second_run(moment: Moment) -> None:
    log = moment.folder / "second.log"
    second = moment.house.begin("run", log)
    if second.wait(timeout=60) != 1 or "another run is at work" not in log.read_text():
        raise Broken(f"the second run was not refused in words: {log}")


def _rebuild(moment: Moment) -> None:
    """Whichever of the two comes second is told so, or waits; both end."""
    log = moment.folder / "rebuild.log"
    beside = moment.house.begin("rebuild", log)
    moment.healing.callback(beside.wait, timeout=300)
    moment.healing.callback(_without_traceback, log)


def _without_traceback(log: Path) -> None:
    if "Traceback" in log.read_text():
        raise Broken(f"a traceback: {log}")


def _poisoned(moment: Moment) -> None:
    path = moment.house.file(ASKED[1])
    moment.healing.callback(path.write_text, path.read_text())
    path.write_text(HTML)


def _silent(moment: Moment) -> None:
    """Both are asked at their publishers, and the first of them is silent. All others are paused, so not asked."""
    here.end_all()
    files = {source_id: moment.house.file(source_id) for source_id in ASKED}
    host = moment.healing.enter_context(publisher.silent(files, ASKED[0]))
    folder = Path(moment.afterwards.enter_context(tempfile.TemporaryDirectory(dir=moment.folder))) / "sources"
    publisher.rehosted(folder, ASKED, host)
    moment.house = replace(moment.house, given={"PROMISE_MODE": "live", "PROMISE_SOURCES": str(folder)})


def _ports_taken(moment: Moment) -> None:
    """Everything is down, and others listen where it listened."""
    port = database.parts()["port"]
    here.end_all()
    for taken in (port, platform.recorded_port()):
        listener = moment.afterwards.enter_context(contextlib.closing(socket.socket()))
        # Connections of what was ended linger there for a minute.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", taken))
        listener.listen()


@contextlib.contextmanager
def _small_disk(place: Path, size: int) -> Iterator[None]:
    """A file system of a few bytes in that place, with what is there now."""
    aside = place.parent / f".{place.name}.aside"
    shutil.copytree(place, aside)
    owner = place.stat()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(place)], check=True)
    try:
        shutil.copytree(aside, place, dirs_exist_ok=True)
        os.chown(place, owner.st_uid, owner.st_gid)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        shutil.rmtree(aside)


def _landing_full(moment: Moment) -> None:
    place = settings().landing / ASKED[0]
    used = sum(each.stat().st_blocks * 512 for each in place.rglob("*") if each.is_file())
    moment.healing.enter_context(_small_disk(place, used + 65_536))


def _database_full(moment: Moment) -> None:
    """What is made from now on is put on a disk that takes a part of it."""
    place = settings().home / "postgres" / "small"
    place.mkdir(mode=0o700, exist_ok=True)
    server = here.postmaster().uids().real
    os.chown(place, server, server)
    size = moment.chance.randrange(2_000_000, 12_000_000)
    moment.healing.enter_context(_small_disk(place, size))
    (name,) = here.ask("select current_database()")[0]
    here.order("create tablespace small location {}", sql.Literal(str(place)))
    here.order("grant create on tablespace small to public")
    here.order("alter database {} set default_tablespace = small", sql.Identifier(name))
    moment.healing.callback(_database_has_room, name)


def _database_has_room(name: str) -> None:
    here.order("alter database {} reset default_tablespace", sql.Identifier(name))
    for kind in ("table", "index"):
        here.order("alter " + kind + " all in tablespace small set tablespace pg_default")
    here.order("drop tablespace small")


def _odd_circumstances(house: House) -> House:
    return House(
        house.home, house.bundle, {"LC_ALL": "C", "TZ": "Pacific/Auckland"}, without=("HOME", "LANG"), umask=0o077
    )


def _ordinary_user(house: House) -> House:
    nobody = 65534
    for place in (house.home, house.bundle):
        place.mkdir(exist_ok=True)
        subprocess.run(["chown", "--recursive", f"{nobody}:{nobody}", str(place)], check=True)
    return House(house.home, house.bundle, {"HOME": str(house.home), "USER": "nobody"}, user=nobody)


PARTS = (
    Part("loader", "the process that loads a file is killed", "tries the task again; the others go on", _task, LANDS),
    Part(
        "worker", "the process that watches over a task is killed", "tries the task again", _worker, LANDS + BUILDS
    ),
    Part(
        "scheduler", "Airflow's scheduler is killed", "starts it again; the tasks that were at work begin again",
        _component("scheduler"),
    ),
    Part(
        "api-server", "Airflow's API server is killed", "starts it again and goes on", _component("api-server"),
        exits=(0,),
    ),
    Part(
        "dag-processor", "the reader of DAG files is killed", "starts it again and goes on",
        _component("dag-processor"),
        exits=(0,),
    ),
    Part(
        "busy machine", "Airflow's API server gets a fifth of its time", "waits for its answers", _busy, first=True,
        exits=(0,),
    ),
    Part("dbt", "the process in which dbt builds is killed", "tries the task again", _task, BUILDS),
    Part(
        "release",
        "the process that writes the release into its slots and shows it is killed",
        "tries the task again, unless it had just released",
        _task,
        ("warehouse.release",),
    ),
    Part("site", "the process that draws the site is killed", "tries the task again", _task, ("bi.build_site",)),
    Part(
        "client", "`promise run` itself is killed", "Airflow goes on with it", _client(signal.SIGKILL), exits=(-9,)
    ),
    Part("Ctrl-C", "somebody presses Ctrl-C", "ends what is at work", _client(signal.SIGINT), exits=(130,)),
    Part("down", "`make down` from another terminal", "says that Airflow was stopped", _down, server_goes=True),
    Part(
        "reboot",
        "everything is killed at once, and the numbers of the processes are given to others",
        "is gone",
        _reboot,
        server_goes=True,
        exits=(-9,),
    ),
    Part("postmaster", "PostgreSQL's first process is killed", "says what failed", _postmaster, server_goes=True),
    Part("stopped", "PostgreSQL is stopped in good order", "says what failed", _stop_server, server_goes=True),
    Part(
        "connections",
        "somebody takes every connection that PostgreSQL gives, for some seconds",
        "waits, or says so",
        _connections,
        server_goes=True,
    ),
    Part("two runs", "a second `promise run`", "goes on; the second is refused", _second_run, exits=(0,)),
    Part("rebuild", "`promise rebuild` beside the run", "one of the two is told that the other is at work", _rebuild),
    Part(
        "ports", "other programs have the ports of Airflow and the database", "takes others", _ports_taken, first=True,
        server_goes=True,
        exits=(0,),
    ),
    Part(
        "silent",
        "one source's publisher takes the request and says nothing",
        "does not wait for it beyond its limits; the other source is released",
        _silent,
        first=True,
        server_goes=True,
        exits=(1,),
    ),
    Part(
        "poisoned", "one source shows a web page for its file", "the other source is released", _poisoned, first=True,
        exits=(1,),
    ),
    Part(
        "landing full",
        "there is no room for a file that is landed",
        "its source is to be tried again, the other is released",
        _landing_full,
        first=True,
        exits=(1,),
        needs_root=True,
    ),
    Part(
        "database full",
        "the database's disk takes a part of what is built",
        "the run failed, and says so",
        _database_full,
        first=True,
        needs_root=True,
    ),
    Part(
        "circumstances",
        "HOME is unset, umask 077, LC_ALL=C, TZ=Pacific/Auckland, an empty home, and `promise run` killed",
        "Airflow goes on with it",
        _client(signal.SIGKILL),
        exits=(-9, 0),
        another_house=_odd_circumstances,
    ),
    Part(
        "ordinary user",
        "whoever runs it is nobody in particular, the home is empty, and `promise run` is killed",
        "Airflow goes on with it",
        _client(signal.SIGKILL),
        exits=(-9, 0),
        another_house=_ordinary_user,
        needs_root=True,
    ),
)  # fmt: skip
