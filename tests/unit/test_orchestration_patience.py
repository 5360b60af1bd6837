"""An Airflow that is slow, busy or gone for a moment is waited for; one that stays away is told in a sentence."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest
from stand_ins.airflow import serving

from orchestration import client
from orchestration.client import Airflow, AirflowRefused
from orchestration.processes import free_port
from workbench.bench.faults.throttle import throttled

HEALTH = "/api/v2/monitor/health"
RUNS = "/api/v2/dags/ingest_lgbf/dagRuns"
Question = Callable[[Airflow], object]

# Every question that is put to Airflow, and where it arrives.
QUESTIONS: dict[str, tuple[Question, str]] = {
    "health": (lambda airflow: airflow.health(), HEALTH),
    "warm": (lambda airflow: airflow.warm(), "/execution/health/ping"),
    "log in": (lambda airflow: airflow.runs(["ingest_lgbf"]), "/auth/token"),
    "trigger": (lambda airflow: airflow.trigger("ingest_lgbf", "why"), RUNS),
    "runs": (lambda airflow: airflow.runs(["ingest_lgbf"]), "/api/v2/dags/~/dagRuns/list"),
}


@pytest.fixture
def airflow_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Airflow]]:
    """Clients of short patience, so that a test of impatience is short."""
    monkeypatch.setattr(client, "FIRST", 0.2)
    monkeypatch.setattr(client, "PAUSE", 0.02)
    with contextlib.ExitStack() as opened:

        def make(url: str, patience: float = 10) -> Airflow:
            return opened.enter_context(contextlib.closing(Airflow(url, "admin", "secret", patience=patience)))

        yield make


@pytest.mark.parametrize("trouble", ["hang up", "500", "503", 0.5], ids=str)
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_outlives_a_slow_or_a_busy_moment(
    airflow_at: Callable[..., Airflow], name: str, trouble: str | float
) -> None:
    ask, path = QUESTIONS[name]
    with serving() as (url, desk):
        desk.troubles[path] = [trouble, trouble]
        ask(airflow_at(url))
        assert desk.times(path) >= 3


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_silence_that_does_not_end_is_told_in_a_sentence(airflow_at: Callable[..., Airflow], name: str) -> None:
    ask, path = QUESTIONS[name]
    with serving() as (url, desk):
        desk.troubles[path] = [60.0] * 20
        with pytest.raises(AirflowRefused, match=rf"Airflow does not answer at {url}.*`promise status`"):
            ask(airflow_at(url, patience=0.6))


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("answer", ["a page", "a list"])
def test_another_server_at_its_address_is_named_as_such(
    airflow_at: Callable[..., Airflow], name: str, answer: str
) -> None:
    ask, path = QUESTIONS[name]
    with serving() as (url, desk):
        desk.troubles[path] = [answer]
        if name == "warm":
            ask(airflow_at(url))  # its answer is not read
        else:
            with pytest.raises(AirflowRefused, match=rf"what answers at {url}.* is not the Airflow of this project"):
                ask(airflow_at(url))


def test_one_that_is_not_there_yet_is_waited_for(airflow_at: Callable[..., Airflow]) -> None:
    port, there, done = free_port(), threading.Event(), threading.Event()

    def late() -> None:
        time.sleep(0.5)
        with serving(port):
            there.set()
            done.wait(20)

    thread = threading.Thread(target=late)
    thread.start()
    assert airflow_at(f"http://127.0.0.1:{port}").health().metadatabase
    assert there.is_set()
    done.set()
    thread.join()


@pytest.mark.parametrize("trouble", [0.5, "500", "hang up"], ids=str)
def test_asking_for_a_run_again_after_a_slow_answer_makes_one_run(
    airflow_at: Callable[..., Airflow], trouble: str | float
) -> None:
    """Airflow may have made the run whose confirmation did not arrive in time."""
    with serving() as (url, desk):
        desk.troubles[RUNS] = [trouble]
        run_id = airflow_at(url).trigger("ingest_lgbf", "why")
        assert list(desk.runs) == [run_id] and desk.times(RUNS) == 2


def test_two_runs_of_one_dag_are_two(airflow_at: Callable[..., Airflow]) -> None:
    with serving() as (url, desk):
        airflow = airflow_at(url)
        assert len({airflow.trigger("ingest_lgbf", "why") for _ in range(2)}) == len(desk.runs) == 2


def test_whoever_waits_may_look_after_things_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as an api server that has ended, which no patience brings back."""
    monkeypatch.setattr(client, "PAUSE", 0.02)
    port = free_port()
    with contextlib.ExitStack() as opened:

        def start_it() -> None:
            opened.enter_context(serving(port))

        airflow = Airflow(f"http://127.0.0.1:{port}", "admin", "secret", meanwhile=start_it)
        opened.callback(airflow.close)
        assert airflow.health().metadatabase


def test_one_that_gets_a_fifth_of_its_time_is_followed(airflow_at: Callable[..., Airflow]) -> None:
    tests = Path(__file__).parents[1]
    command = (sys.executable, "-m", "stand_ins.airflow", str(free_port()))
    with subprocess.Popen(command, cwd=tests, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout
        airflow = airflow_at(served.stdout.readline().strip(), patience=30)
        with throttled(lambda: [psutil.Process(served.pid)], share=0.2):
            asked = [airflow.trigger("ingest_lgbf", "why") for _ in range(5)]
            assert sorted(run.run_id for run in airflow.runs(["ingest_lgbf"])) == sorted(asked)
            assert airflow.health().metadatabase
        served.kill()
