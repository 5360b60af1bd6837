"""What ends of a running Airflow is started again, a few times; what somebody stopped is not."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest

from orchestration import config, platform
from orchestration.platform import PlatformError, Upkeep
from orchestration.processes import Detached, free_port
from promise import database

STAND_IN = Path(__file__).parents[1] / "stand_ins" / "airflow.py"
WAITS = "import time; time.sleep(600)"
# As a scheduler does: a worker in a process group of its own, which outlives it.
WITH_A_WORKER = "import os, time\nif os.fork() == 0: os.setpgid(0, 0)\ntime.sleep(600)"


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Detached]]:
    """Small processes in the place of Airflow's components, of which the api server answers."""
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    monkeypatch.setenv("PROMISE_AIRFLOW_DATABASE_URL", "postgresql+psycopg2://somebody@127.0.0.1:1/airflow")
    monkeypatch.setattr(database, "is_running", lambda: True)
    config.ensure_secrets()
    port = free_port()
    (config.airflow_home() / "port").write_text(str(port))
    commands = {
        "api-server": (sys.executable, str(STAND_IN), str(port)),
        "scheduler": (sys.executable, "-c", WITH_A_WORKER),
        "dag-processor": (sys.executable, "-c", WAITS),
    }
    monkeypatch.setattr(platform, "_command", commands.__getitem__)
    children = {child.name: child for child in platform._children()}
    assert set(children) == set(commands)
    for child in children.values():
        platform._launch(child, dict(os.environ))
    eventually(lambda: len(children["scheduler"].members()) == 2)
    yield children
    platform.stop(grace=0)


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kill(child: Detached) -> psutil.Process:
    leader = next(member for member in child.members() if os.getpgid(member.pid) == os.getsid(member.pid))
    leader.send_signal(signal.SIGKILL)
    eventually(lambda: not child.is_running())
    return leader


def test_all_is_left_alone_while_all_runs(running: dict[str, Detached]) -> None:
    before = {name: child.members() for name, child in running.items()}
    Upkeep(pytest.fail)()
    assert {name: child.members() for name, child in running.items()} == before


@pytest.mark.parametrize("name", platform.COMMANDS)
def test_a_component_that_was_killed_is_started_again_and_named(running: dict[str, Detached], name: str) -> None:
    said: list[str] = []
    others = {child.name: child.members() for child in running.values() if child.name != name}
    kill(running[name])
    Upkeep(said.append)()
    assert all(child.is_running() for child in running.values())
    assert said == [f"Airflow's {name} has ended; starting it again"]
    assert {other: running[other].members() for other in others} == others


def test_tasks_of_a_scheduler_that_is_gone_are_not_at_work_beside_those_of_the_new_one(
    running: dict[str, Detached],
) -> None:
    kill(running["scheduler"])
    (orphan,) = running["scheduler"].members()
    Upkeep()()
    eventually(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)


def test_a_question_to_a_killed_api_server_is_answered_by_the_next_one(running: dict[str, Detached]) -> None:
    with contextlib.closing(platform.client(meanwhile=Upkeep())) as airflow:
        assert airflow.health().metadatabase
        kill(running["api-server"])
        assert airflow.health().metadatabase and airflow.trigger("bi", "why")


def test_one_that_does_not_stay_is_given_up_with_the_end_of_its_log(
    running: dict[str, Detached], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = (sys.executable, "-c", "raise OSError('no room on the device')")
    monkeypatch.setattr(platform, "_command", lambda _: broken)
    said: list[str] = []
    upkeep = Upkeep(said.append)
    kill(running["dag-processor"])
    words = r"(?s)dag-processor has ended, .* 3 times before.*no room on the device"
    with pytest.raises(PlatformError, match=words) as given_up:
        for _ in range(100):
            upkeep()
            eventually(lambda: not running["dag-processor"].is_running())
    assert len(said) == platform.RESTARTS
    assert "Traceback" not in str(given_up.value) and ".py" not in str(given_up.value)


def test_what_somebody_stopped_is_not_started_again(running: dict[str, Detached]) -> None:
    platform.stop(grace=0)
    with pytest.raises(PlatformError, match="somebody stopped Airflow"):
        Upkeep()()
    assert not any(child.is_running() for child in running.values())


def test_a_database_that_took_airflow_with_it_is_named_instead(
    running: dict[str, Detached], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "is_running", lambda: False)
    kill(running["scheduler"])
    with pytest.raises(PlatformError, match="the database stopped while this was at work, and Airflow with it"):
        Upkeep()()
