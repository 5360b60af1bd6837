"""The part of `promise bench` that is about loading: a landed file into a vintage, beside a bare COPY of its bytes.

Synthetic rows, whose numbers mean nothing, in the bench's own database.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

from ingestion.landing import Fetched, Snapshot, land, read_sidecar
from ingestion.load import Seconds, load_vintage
from ingestion.personal import Unlanded, refuse_personal
from promise import database
from promise.catalogue.sources import BUNDLE, Source, source
from workbench.bench.figure import Figure, Sizes, timed

LGBF = "lgbf"  # whose columns the synthetic files have
KINDS = {  # one line each
    "plain": "Area {area},SYN{heading} 2019-20,A1,{number}\n",
    "quoted": '"Area {area}, Scotland","SYN{heading} 2019-20","A1",{number}\n',
}
LOOK = 0.15  # of the load: what looking for personal data may cost
APART = "not in the load's figure; wanted: under a tenth of it"


def measure(folder: Path, sizes: Sizes) -> list[Figure]:
    """The load of either kind of text with its parts, and the memory it takes at two sizes."""
    figures = []
    for kind in KINDS:
        figures += _loading(kind, sizes, folder)
    return [*figures, *(_memory(size, folder) for size in (sizes.text_megabytes / 10, sizes.text_megabytes))]


def tell_memory(snapshot_id: str) -> None:
    """Load a landed file in this process and write the most memory that it took, in MB."""
    with database.connect("loader") as conn:
        load_vintage(conn, source(LGBF), read_sidecar(LGBF, snapshot_id))
        conn.rollback()
    sys.stdout.write(f"{_peak()}\n")


def _loading(kind: str, sizes: Sizes, folder: Path) -> list[Figure]:
    path = _synthetic(kind, sizes.text_megabytes, folder)
    snapshot = _landed(path)
    looked = statistics.median(timed(lambda: _look(path)) for _ in range(sizes.rounds))
    limits, ours = [], {"load": [], "scan": [], "analyze": []}  # type: tuple[list[float], dict[str, list[float]]]
    for _ in range(sizes.rounds):
        with database.connect("loader") as conn:
            limits.append(_bare_copy(conn, path, list(source(LGBF).table.columns)))
            conn.rollback()
            for part, seconds in _load(conn, source(LGBF), snapshot).items():
                ours[part].append(seconds)
            conn.rollback()
    load, scan, analyze = (statistics.median(each) for each in ours.values())
    name = f"load {sizes.text_megabytes:g} MB of {kind} text"
    beside = f"limit: bare COPY FREEZE of the same bytes; load average {os.getloadavg()[0]:.1f}"
    return [
        Figure(f"{name} (COPY into the vintage)", load, statistics.median(limits), "s", beside),
        Figure(f"{name}: its scan", scan, None, "s", f"bytes looked at before COPY; {APART}"),
        Figure(
            f"{name}: the look for personal data before it is landed",
            looked,
            LOOK * (load + scan + analyze),
            "s",
            f"limit: {LOOK:.0%} of scan, load and ANALYZE together",
        ),
        Figure(f"{name}: its ANALYZE", analyze, None, "s", APART),
    ]


def _load(conn: Connection[Any], described: Source, snapshot: Snapshot) -> dict[str, float]:
    """All of a load but its scan and its ANALYZE, and these two."""
    parts: Seconds = {}
    started = time.perf_counter()
    load_vintage(conn, described, snapshot, parts)
    whole = time.perf_counter() - started
    return {"load": whole - parts["scan"] - parts["analyze"], "scan": parts["scan"], "analyze": parts["analyze"]}


def _look(path: Path) -> None:
    refuse_personal(LGBF, Unlanded(path, path.name, BUNDLE), source(LGBF))


def _bare_copy(conn: Connection[Any], path: Path, columns: list[str]) -> float:
    names = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in columns)
    started = time.perf_counter()
    conn.execute(sql.SQL("create table raw.bare ({})").format(names))
    statement = "copy raw.bare from stdin (format csv, header true, freeze)"
    with path.open("rb") as handle, conn.cursor() as cursor, cursor.copy(statement) as copy:
        while chunk := handle.read(1 << 18):
            copy.write(chunk)
    return time.perf_counter() - started


def _memory(megabytes: float, folder: Path) -> Figure:
    """A process of its own loads the file, so that nothing else counts."""
    snapshot = _landed(_synthetic("quoted", megabytes, folder))
    command = f"from workbench.bench.load import tell_memory; tell_memory({snapshot.snapshot_id!r})"
    told = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True)
    return Figure(f"memory to load {megabytes:g} MB of text", float(told.stdout), None, "MB", "wanted: under 300 MB")


def _peak() -> float:
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts what the parent had when it started us into the other figure
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024 / 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def _landed(path: Path) -> Snapshot:
    return land(LGBF, Fetched(path, path.name, BUNDLE, BUNDLE, "text/csv", None))  # in the layout of the bundle


def _synthetic(kind: str, megabytes: float, folder: Path) -> Path:
    """Rows of the shape of LGBF's cells. The numbers mean nothing and never leave the bench."""
    path = folder / f"{kind}_{megabytes:g}.csv"
    if path.exists():
        return path
    dice = random.Random(2030)
    with path.open("w") as handle:
        handle.write(",".join(source(LGBF).table.newest.values()) + "\n")
        while handle.tell() < megabytes * 1_000_000:
            handle.writelines(
                KINDS[kind].format(area=dice.randrange(32), heading=dice.randrange(99), number=dice.random() * 100)
                for _ in range(5000)
            )
    return path
