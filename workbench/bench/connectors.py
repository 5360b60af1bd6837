"""How fast publishers are asked and files fetched, beside a server on loopback that is a process of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import yaml

from orchestration import platform
from orchestration.follow import ask_for
from promise.catalogue.sources import ENTRY
from promise.errors import PromiseError
from workbench.bench.figure import Figure, Sizes, timed


def measure(folder: Path, sizes: Sizes, scheduler: bool = False) -> list[Figure]:
    """What asking and downloading cost, in a PROMISE_HOME and a database that the caller made for it.

    Needs curl for the limit of downloads. `scheduler`: also what asking costs through an Airflow that is started for it
    and stopped.
    """
    return [*_unchanged(folder, sizes, scheduler), *_download(folder, sizes)]


def _unchanged(folder: Path, sizes: Sizes, scheduler: bool) -> list[Figure]:
    """Many sources with nothing new: one after the other in this process, then as a run each of the real DAGs."""
    from ingestion import pipeline

    www = folder / "www"
    www.mkdir()
    source_ids = [f"bench_{number}" for number in range(sizes.sources)]
    for number, source_id in enumerate(source_ids):
        (www / f"{source_id}.csv").write_text(f"year,value\n2023,{number}\n")
    addresses = [f"127.0.0.{number + 1}" for number in range(sizes.publishers)]
    with _serving(www, addresses) as ports, described(folder, source_ids, addresses, ports):
        for source_id in source_ids:
            pipeline.load(source_id, pipeline.take(source_id))
        seconds = timed(lambda: [pipeline.take(source_id) for source_id in source_ids])
        scheduled = _scheduled() if scheduler else None
    where = f"{sizes.publishers} hosts on loopback, at the default rate"
    figures = [Figure(f"check {sizes.sources} unchanged sources", seconds, None, "s", f"{where}; wanted: under 15 s")]
    if scheduled is not None:
        name = f"check {sizes.sources} unchanged sources through the scheduler"
        each = f"{scheduled / sizes.sources:.2f} s a source"
        note = f"from the first trigger to the last run's end, {each}; limit: in process"
        figures.append(Figure(name, scheduled, seconds, "s", note))
    return figures


def _scheduled() -> float:
    """Seconds that Airflow takes for one run of each ingest, all asked for at once. Its start is not counted."""
    dag_ids = platform.ingest_ids()
    try:
        platform.start()
        with contextlib.closing(platform.client()) as airflow:
            since = datetime.now(UTC)
            runs = ask_for(airflow, dag_ids, lambda: airflow.runs(dag_ids, since=since))
    finally:
        platform.stop()
    ended = [run.ended for run in runs if run.skipped and run.ended]
    if len(ended) < len(dag_ids):
        others = sorted(run.dag_id for run in runs if not run.skipped)
        raise PromiseError(f"{', '.join(others)}: expected to find nothing new; the time would be of something else")
    return (max(ended) - since).total_seconds()


def _download(folder: Path, sizes: Sizes) -> list[Figure]:
    """A large file from the server to its place in the landing area, beside curl to the same disk, both synced."""
    www = folder / "large"
    www.mkdir()
    megabyte = b"S12000047,2023,17.5\n" * 50_000  # figures: what is none is looked at for what it may be of people
    with (www / "large.csv").open("wb") as handle:
        for _ in range(sizes.download_megabytes):
            handle.write(megabyte)
    ours, limit, memory = [], [], 0.0
    with _serving(www, ["127.0.0.1"]) as (port,):
        url = f"http://127.0.0.1:{port}/large.csv"
        for number in range(sizes.rounds):
            copy = folder / "curl.csv"
            os.sync()  # what the one left to be written is not charged to the other
            limit.append(timed(lambda copy=copy: _curl(url, copy)))  # type: ignore[misc]
            copy.unlink()
            os.sync()
            home = folder / f"home-{number}"
            seconds, peak = _one_download(url, home)
            ours.append(seconds)
            memory = max(memory, peak)
            shutil.rmtree(home)
    return [
        Figure(
            f"download {sizes.download_megabytes} MB", statistics.median(ours), statistics.median(limit), "s",
            "limit: curl to the same disk, synced like ours; wanted: within 1.2 times",
        ),
        Figure(
            f"memory for {sizes.download_megabytes} MB", memory, None, "MB",
            "peak of the whole process; wanted: under 100",
        ),
    ]  # fmt: skip


def _curl(url: str, copy: Path) -> None:
    program = shutil.which("curl")
    if program is None:
        raise PromiseError("curl is not installed; it is what the download is measured against: apt-get install curl")
    subprocess.run([program, "--silent", "--fail", "--output", str(copy), url], check=True)
    with copy.open("rb") as handle:
        os.fsync(handle.fileno())


# The imports are paid before the clock starts: curl's are not Python's.
CHILD = """
import pathlib, re, resource, sys, time
from ingestion.connectors.http import Session, download
from ingestion.landing import land
from promise.catalogue.live import File
from promise.catalogue.sources import ENTRY
url, host = sys.argv[1:]
live = File(transport="file", address=url, hosts=(host,), tried_on=None)
began = time.perf_counter()
with Session("bench", live) as session:
    land("bench", download(session, url))
seconds = time.perf_counter() - began
# The kernel's own count of this program; getrusage also counts what the parent had before.
status = pathlib.Path("/proc/self/status")
peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else None
print(seconds, (int(peak[1]) if peak else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024)
"""


def _one_download(url: str, home: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of a process that does nothing else."""
    host = url.split("/")[2]
    environment = {**os.environ, "PROMISE_HOME": str(home)}
    said = subprocess.run(
        [sys.executable, "-c", CHILD, url, host], check=True, capture_output=True, text=True, env=environment
    ).stdout.split()
    return float(said[0]), float(said[1])


@contextlib.contextmanager
def _serving(folder: Path, addresses: list[str]) -> Iterator[list[int]]:
    """Python's own file server on each address; it knows If-Modified-Since. Gives the ports."""
    servers, ports = [], []
    try:
        for address in addresses:
            ports.append(_free_port(address))
            servers.append(subprocess.Popen(
                [sys.executable, "-m", "http.server", str(ports[-1]), "--bind", address, "--directory", str(folder)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ))  # fmt: skip
        for address, port in zip(addresses, ports, strict=True):
            _wait_until_it_answers(address, port)
        yield ports
    finally:
        for server in servers:
            server.terminate()
            server.wait()


def _free_port(address: str) -> int:
    with socket.socket() as found:
        found.bind((address, 0))
        return int(found.getsockname()[1])


def _wait_until_it_answers(address: str, port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection((address, port), 0.2):
            return
        time.sleep(0.05)
    raise TimeoutError(f"the file server on {address}:{port} does not answer")


@contextlib.contextmanager
def described(folder: Path, source_ids: list[str], addresses: list[str], ports: list[int]) -> Iterator[None]:
    """The sources in live mode, spread over the publishers."""
    described = folder / "sources"
    described.mkdir()
    for number, source_id in enumerate(source_ids):
        host = f"{addresses[number % len(addresses)]}:{ports[number % len(ports)]}"
        (described / source_id).mkdir()
        (described / source_id / ENTRY).write_text(yaml.safe_dump(_source(source_id, host)))
    kept = {name: os.environ.get(name) for name in ("PROMISE_MODE", "PROMISE_SOURCES")}
    os.environ |= {"PROMISE_MODE": "live", "PROMISE_SOURCES": str(described)}
    try:
        yield
    finally:
        for name, content in kept.items():
            os.environ.pop(name) if content is None else os.environ.update({name: content})


def _source(source_id: str, host: str) -> dict[str, object]:
    return {
        "id": source_id, "title": source_id, "description": "Exists only in the bench.", "publisher": "nobody",
        "landing_page": f"http://{host}/", "cadence": "irregular", "check_cron": "0 6 1 * *", "freshness": None,
        "licence": {"name": "none", "url": None, "attribution": "nobody"}, "personal_data": "none",
        "bundle": [],
        "live": {
            "transport": "file", "address": f"http://{host}/{source_id}.csv", "hosts": [host], "tried_on": None,
        },
        "table": {
            "name": "figure", "reader": {"shape": "delimited"}, "columns": {"year": "year", "value": "value"},
            "checks": {"at_least_rows": 1, "key": ["year"]},
        },
        "figures": None,
        "markers": {},
    }  # fmt: skip
