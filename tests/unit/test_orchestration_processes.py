"""Processes that outlive their command: found again, stopped with everything they started, never mistaken."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestration.processes import Detached, birth, free_port, stop

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
# A leader that ends at once, with a worker in a process group of its own, as Airflow's tasks are.
ORPHANING = """
import os, time
if os.fork() == 0:
    os.setpgid(0, 0)
    print("worker", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Detached]:
    made = Detached("thing", tmp_path)
    yield made
    stop([made], grace=0)


def start(child: Detached, code: str = "import time; time.sleep(60)") -> subprocess.Popen[bytes]:
    return child.start((sys.executable, "-c", code), dict(os.environ), child.folder)


def eventually(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_it_is_found_again_by_another_process(child: Detached) -> None:
    started = start(child)
    assert Detached("thing", child.folder).is_running()
    assert os.getsid(started.pid) == started.pid, "a closed terminal must not take it along"


def test_it_is_stopped_and_forgotten(child: Detached) -> None:
    started = start(child)
    assert stop([child], grace=10) == ["thing"]
    assert started.wait(timeout=10) is not None
    assert not child.is_running() and stop([child], grace=0) == []


def test_one_that_does_not_listen_is_ended_by_force(child: Detached) -> None:
    started = start(child, STUBBORN)
    assert eventually(lambda: "deaf" in child.tail())
    stop([child], grace=0.2)
    assert started.wait(timeout=10) == -9


def test_what_it_started_goes_too_even_when_it_has_gone_itself(child: Detached) -> None:
    started = start(child, ORPHANING)
    assert eventually(lambda: "worker" in child.tail())
    started.wait(timeout=10)
    assert not child.is_running()
    (worker,) = child.members()
    assert os.getpgid(worker.pid) != started.pid
    stop([child], grace=0.1)
    assert eventually(lambda: not child.members() and not worker.is_running())


def test_another_process_with_its_number_is_left_alone(child: Detached) -> None:
    other = subprocess.Popen((sys.executable, "-c", "import time; time.sleep(60)"), start_new_session=True)
    try:
        (child.folder / "thing.pid.json").write_text(json.dumps({"pid": other.pid, "birth": birth(other.pid) - 100}))
        assert not child.is_running() and child.members() == []
        assert stop([child], grace=0) == []
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("other", [{"boot": "another"}, {"folder": "/another/home"}], ids=["restarted", "copied"])
def test_a_record_of_another_start_of_the_machine_or_of_a_copied_home_is_no_process_of_ours(
    child: Detached, other: dict[str, str]
) -> None:
    """After a restart numbers and births may meet again; a copied home has the records of what the first one runs."""
    started = start(child)
    record = child.folder / "thing.pid.json"
    true = record.read_text()
    record.write_text(json.dumps(json.loads(true) | other))
    assert not child.is_running() and child.members() == [] and started.poll() is None
    record.write_text(true)
    assert child.is_running()


@pytest.mark.parametrize("record", ["", "{", '{"pid": "x"}', "[]"])
def test_a_damaged_record_is_no_process(child: Detached, record: str) -> None:
    (child.folder / "thing.pid.json").write_text(record)
    assert not child.is_running() and child.members() == []


def test_its_log_is_kept_and_the_one_before(child: Detached) -> None:
    for word in ("first", "second"):
        start(child, f"print({word!r})").wait(timeout=10)
    assert child.tail() == "second"
    assert child.log.with_suffix(".log.1").read_text() == "first\n"


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert free_port(number) not in (0, number)
    free = free_port()
    assert free_port(free) == free
