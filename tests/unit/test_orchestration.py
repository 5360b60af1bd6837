"""What Airflow is told, how it is asked, when the warehouse builds: without Airflow, database or network."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import stat
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from airflow.sdk.exceptions import AirflowRescheduleException, AirflowSkipException
from stand_ins.airflow import serving

from orchestration import config, names, platform, quiet
from orchestration.client import ACTIVE, Airflow, AirflowRefused, RunState, TaskState, own_message
from warehouse import runs


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    monkeypatch.setenv("PROMISE_AIRFLOW_DATABASE_URL", "postgresql+psycopg2://somebody@127.0.0.1:1/airflow")
    return tmp_path


# --- what Airflow is told ---


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False"),
        ("SCARF_NO_ANALYTICS", "true"),
        ("DO_NOT_TRACK", "1"),
        ("DBT_SEND_ANONYMOUS_USAGE_STATS", "false"),
        ("DBT_VERSION_CHECK", "false"),
        ("GX_ANALYTICS_ENABLED", "false"),
        ("OTEL_SDK_DISABLED", "true"),
        ("AIRFLOW__METRICS__STATSD_ON", "False"),
        ("AIRFLOW__METRICS__OTEL_ON", "False"),
        ("AIRFLOW__TRACES__OTEL_ON", "False"),
    ],
)
def test_nothing_phones_home(home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, "True")  # also when the person's own shell says otherwise
    assert config.environment(8080)[name] == value


def test_servers_listen_on_loopback_only(home: Path) -> None:
    told = config.environment(8123)
    assert told["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert "--skip-serve-logs" in platform.COMMANDS["scheduler"], "the log server would listen on every interface"
    assert not any("HEALTH_CHECK" in name for name in told), "so would the scheduler's health server"


def test_our_way_to_airflows_command_leads_to_it(home: Path) -> None:
    done = subprocess.run(
        [*platform.AIRFLOW, "version"],
        env=config.environment(8080),
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == importlib.metadata.version("apache-airflow-core")


def test_the_settings_of_another_airflow_are_not_inherited(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", "postgres://elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/somewhere/else")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    told = config.environment(8080)
    assert told["AIRFLOW__CORE__EXECUTOR"] == "orchestration.executor.WarmExecutor"
    assert not {"AIRFLOW_CONN_WAREHOUSE", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"} & set(told)


def test_tasks_see_the_home_and_mode_of_whoever_started_airflow(home: Path) -> None:
    told = config.environment(8080)
    assert (told["PROMISE_HOME"], told["PROMISE_MODE"]) == (str(home), "bundle")
    assert told["AIRFLOW_HOME"].startswith(str(home)), "two checkouts never meet"


def test_secrets_are_made_once_kept_private_and_differ_between_homes(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = config.ensure_secrets()
    assert config.ensure_secrets() == first
    assert config.password() == first.password != config.USER
    for kept in (config.password_file(), config.airflow_home() / "secrets.json"):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path_factory.mktemp("other")))
    other = config.ensure_secrets()
    assert not {other.password, other.jwt, other.fernet, other.api} & {
        first.password,
        first.jwt,
        first.fernet,
        first.api,
    }


def test_a_password_that_a_person_chose_is_kept(home: Path) -> None:
    config.ensure_secrets()
    config.password_file().write_text(json.dumps({config.USER: "chosen"}))
    config.ensure_secrets()
    assert config.password() == "chosen"


def test_waiting_for_quiet_leaves_room_for_those_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert config.parallelism() >= 3


# --- how it is asked ---


def answering(*answers: httpx.Response) -> tuple[Airflow, list[httpx.Request]]:
    """A client of an Airflow that gives these answers in turn, and what it was asked."""
    asked: list[httpx.Request] = []
    waiting = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return waiting.pop(0)

    return Airflow("http://airflow", "admin", "secret", transport=httpx.MockTransport(handle)), asked


TOKEN = httpx.Response(201, json={"access_token": "t"})


def test_the_client_logs_in_first_and_again_when_its_token_is_too_old() -> None:
    airflow, asked = answering(TOKEN, httpx.Response(401), TOKEN, httpx.Response(200, json={"dag_run_id": "manual_1"}))
    assert airflow.trigger("ingest_lgbf", "why") == "manual_1"
    assert [request.url.path for request in asked] == [
        "/auth/token",
        "/api/v2/dags/ingest_lgbf/dagRuns",
        "/auth/token",
        "/api/v2/dags/ingest_lgbf/dagRuns",
    ]


def test_the_client_reads_every_page() -> None:
    def page(*ids: str) -> httpx.Response:
        dags = [{"dag_id": dag_id, "is_paused": False, "last_parsed_time": None} for dag_id in ids]
        return httpx.Response(200, json={"dags": dags, "total_entries": 3})

    airflow, asked = answering(TOKEN, page("a", "b"), page("c"))
    assert list(airflow.dags()) == ["a", "b", "c"]
    assert asked[-1].url.params["offset"] == "2"


def test_a_refusal_says_what_airflow_said() -> None:
    airflow, _ = answering(TOKEN, httpx.Response(404, text="no such dag"))
    with pytest.raises(AirflowRefused, match=r"404 to POST /api/v2/dags/x/dagRuns: no such dag"):
        airflow.trigger("x", "why")


def test_a_wrong_password_is_named() -> None:
    airflow, _ = answering(httpx.Response(401, text="Invalid credentials"))
    with pytest.raises(AirflowRefused, match="refused the password of admin"):
        airflow.dags()


@pytest.mark.parametrize(
    ("log", "said"),
    [
        pytest.param(
            [
                {"event": "Task failed with exception", "level": "error", "error_detail": [
                    {"exc_type": "AirflowFailException", "exc_value": "lgbf: heading 'Real' is gone"},
                    {"exc_type": "SourceChanged", "exc_value": "lgbf: heading 'Real' is gone"},
                ]},
                {"event": "::endgroup::", "level": "info"},
            ],
            "lgbf: heading 'Real' is gone",
            id="the exception's own words, not Airflow's",
        ),
        pytest.param(
            [{"event": "Process terminated by signal.", "level": "critical"}],
            "Process terminated by signal.",
            id="the last error, for a task that was killed",
        ),
        pytest.param([{"event": "fine", "level": "info"}], "the task left no message; its log says no more", id="none"),
        pytest.param(
            '{"event": "x", "level": "error", "error_detail": [{"exc_type": "E", "exc_value": "as lines"}]}',
            "as lines",
            id="a log that comes as lines",
        ),
        pytest.param(
            ["half a li", '{"event": "Killed", "level": "critical"}', "7"], "Killed", id="a log that was cut off"
        ),
    ],
)  # fmt: skip
def test_a_failed_tasks_own_message_is_found_in_its_log(log: Any, said: str) -> None:
    assert own_message(log) == said


def test_a_log_that_is_gone_hides_nothing_else() -> None:
    airflow, _ = answering(TOKEN, httpx.Response(404, text="TaskInstance not found"))
    failed = run_of("failed", state="failed")
    assert airflow.failure(failed, failed.tasks[0]).startswith("its log cannot be read: Airflow answered 404")


def run_of(*states: str | None, state: str = "success") -> RunState:
    tasks = tuple(TaskState(f"task_{place}", each, None, None, 1) for place, each in enumerate(states))
    return RunState("ingest_lgbf", "manual_1", state, None, None, None, tasks)


def test_a_run_that_waits_for_its_next_attempt_is_told_from_one_at_work() -> None:
    assert run_of("up_for_retry", None, state="running").waits_for_publisher
    assert not run_of("running", None, state="running").waits_for_publisher
    assert not run_of("up_for_retry", None, state="failed").waits_for_publisher


@pytest.mark.parametrize(("said", "waits"), [({"value": "true"}, True), (None, False)])
def test_an_ingest_says_of_itself_that_it_waits_for_its_publisher(said: dict[str, str] | None, waits: bool) -> None:
    """Otherwise it was killed, or its database was away: it begins again within seconds, and is waited for."""
    run = {
        "dag_id": "ingest_a", "dag_run_id": "1", "state": "running",
        "queued_at": None, "start_date": None, "end_date": None,
    }  # fmt: skip
    task = run | {"task_id": "land", "state": "up_for_retry", "try_number": 1}
    said_at = f"/api/v2/dags/ingest_a/dagRuns/1/taskInstances/land/xcomEntries/{names.WAITS}"

    def answer(request: httpx.Request) -> httpx.Response:
        answers: dict[str, Any] = {
            "/auth/token": {"access_token": "t"},
            "/api/v2/dags/~/dagRuns/list": {"dag_runs": [run], "total_entries": 1},
            "/api/v2/dags/~/dagRuns/~/taskInstances/list": {"task_instances": [task], "total_entries": 1},
            said_at: said,
        }
        found = answers[request.url.path]
        return httpx.Response(404 if found is None else 200, json=found)

    with contextlib.closing(Airflow("http://airflow", "admin", "x", transport=httpx.MockTransport(answer))) as airflow:
        assert [each.waits_for_publisher for each in airflow.runs()] == [waits]


def test_a_run_that_found_nothing_to_do_is_told_from_one_that_worked() -> None:
    assert run_of("skipped", "skipped").skipped
    assert not run_of("success", "success").skipped
    assert not run_of("skipped", "failed", state="failed").skipped


def test_a_run_without_anything_beside_its_line_is_one_that_worked() -> None:
    """No new vintage, or none that is kept out: Airflow skips the squares, and the release went out."""
    line = TaskState("release", "success", None, None, 1)
    beside = [TaskState(name, "skipped", None, None, 1) for name in names.BESIDE_THE_LINE]
    assert not RunState("warehouse", "1", "success", None, None, None, (line, *beside)).skipped


# --- when the warehouse builds ---


class FakeTaskInstance:
    """Answers a task's two questions: how many runs are active, how many wait for their next attempt."""

    def __init__(self, *looks: dict[str, int], retrying: tuple[tuple[str, bool], ...] = ()) -> None:
        self.looks, self.retrying, self.asked = list(looks), retrying, 0

    def get_dr_count(self, dag_id: str, *, states: list[str]) -> int:
        assert states == ["queued", "running"]
        self.asked += 1
        look = self.looks[0]
        if len(self.looks) > 1 and (dag_id == "c" or look.get(dag_id)):
            self.looks.pop(0)
        return look.get(dag_id, 0)

    def get_ti_count(self, dag_id: str, *, states: list[str]) -> int:
        assert states == ["up_for_retry"]
        return [retried for retried, _ in self.retrying].count(dag_id)

    def runs(self, dag_ids: list[str], *, states: tuple[str, ...]) -> list[RunState]:
        """What Airflow's public API says of them."""
        assert states == ACTIVE
        return [
            RunState(
                retried,
                "1",
                "running",
                None,
                None,
                None,
                (TaskState("land", "up_for_retry", None, None, 1, waits=waits),),
            )
            for retried, waits in self.retrying
            if retried in dag_ids
        ]


@pytest.fixture
def retrying(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeTaskInstance]:
    """A task instance whose Airflow has one ingest that is to be tried again."""

    def made(*, waits: bool) -> FakeTaskInstance:
        ti = FakeTaskInstance({"b": 1}, retrying=(("b", waits),))
        monkeypatch.setattr(quiet, "_airflow", lambda: contextlib.nullcontext(ti))
        return ti

    return made


def test_it_waits_until_no_ingest_is_at_work() -> None:
    ti = FakeTaskInstance({"b": 1}, {"a": 1}, {"c": 2}, {})
    quiet.wait_until_quiet(ti, ["a", "b", "c"], since=datetime.now(UTC), pause=0)
    assert ti.looks == [{}] and ti.asked > 5


def test_a_publisher_that_is_asked_again_in_an_hour_holds_nothing_up(
    retrying: Callable[..., FakeTaskInstance],
) -> None:
    quiet.wait_until_quiet(retrying(waits=True), ["a", "b"], since=datetime.now(UTC), pause=0)


def test_what_is_landed_and_tried_again_within_seconds_is_waited_for(
    retrying: Callable[..., FakeTaskInstance],
) -> None:
    assert quiet.at_work(retrying(waits=False), "b")
    assert not quiet.at_work(retrying(waits=True), "b")


def test_a_long_wait_gives_its_place_to_others_and_comes_back() -> None:
    since = datetime.now(UTC) - quiet.ATTENTIVE
    with pytest.raises(AirflowRescheduleException) as left:
        quiet.wait_until_quiet(FakeTaskInstance({"b": 1}), ["a", "b"], since=since, pause=0)
    away = left.value.reschedule_date - datetime.now(UTC)
    assert timedelta(0) < away <= quiet.AWAY
    quiet.wait_until_quiet(FakeTaskInstance({}), ["a", "b"], since=since, pause=0)


def test_while_a_person_replaces_a_release_the_warehouse_comes_back_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_run(_: object) -> int:
        raise runs.AtWork("run 7 (rebuild) is at work")

    monkeypatch.setattr(runs, "open_run", open_run)
    conn: Any = None
    with pytest.raises(AirflowRescheduleException):
        quiet.open_run(conn, since=datetime.now(UTC))
    with pytest.raises(runs.AtWork):
        quiet.open_run(conn, since=datetime.now(UTC) - quiet.PATIENCE)


def test_it_gives_up_and_names_who_kept_it_waiting() -> None:
    since = datetime.now(UTC) - quiet.PATIENCE
    with pytest.raises(quiet.StillBusy, match=r"still at work after 30 minutes: b\. Nothing was built; .* run again"):
        quiet.wait_until_quiet(FakeTaskInstance({"b": 1}), ["a", "b"], since=since, pause=0)


@pytest.mark.parametrize(
    ("built", "last", "by_a_person", "rests"),
    [
        pytest.param(True, ("f1", "released"), False, "current release", id="all is built"),
        pytest.param(True, ("f1", "released"), True, "current release", id="all is built, also for a person"),
        pytest.param(False, None, False, None, id="the first run"),
        pytest.param(False, ("f0", "failed"), False, None, id="something arrived since the failure"),
        pytest.param(False, ("f1", "failed"), False, "was failed", id="another arrival of a burst that failed"),
        pytest.param(False, ("f1", "refused"), False, "was refused", id="another arrival of a burst that was refused"),
        pytest.param(False, ("f1", "failed"), True, None, id="a person tries again"),
    ],
)
def test_the_warehouse_rests_when_a_build_would_change_nothing(
    monkeypatch: pytest.MonkeyPatch, built: bool, last: Any, by_a_person: bool, rests: str | None
) -> None:
    monkeypatch.setattr(runs, "plan", lambda _: runs.Plan(needed=not built, reasons=()))
    monkeypatch.setattr(runs, "fingerprint", lambda _: SimpleNamespace(digest="f1"))
    conn: Any = SimpleNamespace(execute=lambda _: SimpleNamespace(fetchone=lambda: last))
    reason = quiet.reason_to_rest(conn, asked_by_a_person=by_a_person)
    assert (reason is None) if rests is None else (reason is not None and rests in reason)


def test_the_warehouse_rests_while_a_rollback_holds_also_when_a_person_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        runs, "plan", lambda _: runs.Plan(needed=False, reasons=(), held="release 2 was rolled back from")
    )
    conn: Any = SimpleNamespace()
    assert quiet.reason_to_rest(conn, asked_by_a_person=True) == "release 2 was rolled back from"


def test_a_run_with_nothing_to_do_says_so_in_its_note_and_keeps_what_was_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow calls it a success; whoever looks at the list of runs is to see that nothing was done."""
    monkeypatch.setattr(config, "password", lambda: "secret")
    ti: Any = SimpleNamespace(dag_id="ingest_lgbf", run_id="manual__1")
    with serving() as (url, desk):
        monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"{url}/execution/")
        desk.runs["manual__1"] = {
            "dag_id": "ingest_lgbf",
            "dag_run_id": "manual__1",
            "note": "asked for by promise run",
        }
        with pytest.raises(AirflowSkipException, match="nothing new"):
            quiet.rest(ti, "nothing new")
        assert desk.runs["manual__1"]["note"] == "asked for by promise run; nothing to do: nothing new"


def test_a_note_that_cannot_be_written_keeps_no_run_from_resting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(config, "password", lambda: "secret")
    ti: Any = SimpleNamespace(dag_id="ingest_lgbf", run_id="manual__gone")
    with serving() as (url, _):
        monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"{url}/execution/")
        with pytest.raises(AirflowSkipException, match="nothing new"):
            quiet.rest(ti, "nothing new")
    assert "the run has no note that it did nothing: Airflow answered 404" in caplog.text
