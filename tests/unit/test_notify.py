"""Who is told of what, over real SMTP and HTTP on loopback."""

from __future__ import annotations

import inspect
import json
import logging
import socket
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk import task as airflow_task
from stand_ins.post import SECRET, Mail, Post, posting

from orchestration import config, failures, names, notify
from promise.errors import PromiseError


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with posting() as made:
        tell_to(monkeypatch, made.setting)
        yield made


def tell_to(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """As a task finds it: the setting, and the connections that Airflow was started with."""
    monkeypatch.setenv("PROMISE_NOTIFY", setting)
    for name, value in notify.connections().items():
        monkeypatch.setenv(name, value)


class Task:
    """A task instance, as far as a callback asks it."""

    dag_id, task_id, log_url = "warehouse", "release", "http://airflow/log"

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.kept[key] = value

    def xcom_pull(self, task_ids: str, key: str) -> Any:
        return self.kept.get(key) if task_ids == self.task_id else None


def call(watched: dict[str, Any], context: dict[str, Any], *, of_task: bool) -> None:
    for callback in (watched["default_args"] if of_task else watched)["on_failure_callback"]:
        callback(context)


def test_a_failure_is_told_by_mail_and_webhook_with_where_and_what_to_do(post: Post) -> None:
    context = {"ti": Task(), "exception": PromiseError("readers hold <it> for 60 s {{ ti }}"), "task": None}
    call(failures.watched(), context, of_task=True)
    text = "release of warehouse failed: readers hold <it> for 60 s {{ ti }}\n\nWhere: http://airflow/log\nWhat to do: "
    ((path, said),) = post.hooks
    (mail,) = post.mails
    assert path == SECRET and said.startswith(f"Promise: warehouse failed\n\n{text}")
    expected = Mail("promise@example.org", ["a@example.org", "b@example.org"], "Promise: warehouse failed", mail.text)
    assert mail == expected and mail.text.startswith(text)


def test_a_task_that_spoke_for_itself_is_not_told_of_again_when_its_run_ends(post: Post) -> None:
    recorded: list[str] = []
    watched = failures.watched(record=lambda _, message: recorded.append(message))
    context = {"ti": Task(), "exception": PromiseError("no room")}
    call(watched, context, of_task=True)
    call(watched, {"ti": context["ti"]}, of_task=False)
    assert len(post.hooks) == 1
    assert recorded[0] == "no room", "whoever records keeps the first word"


def test_a_task_that_was_killed_is_told_of_when_its_run_ends(post: Post) -> None:
    recorded: list[str] = []
    watched = failures.watched(record=lambda _, message: recorded.append(message))
    context: dict[str, Any] = {"ti": Task()}
    call(watched, context, of_task=True)  # Airflow's DAG processor, for a task that it lost
    assert (recorded, post.hooks) == ([], [])
    call(watched, context, of_task=False)
    assert recorded == [failures.KILLED] and "its process was killed" in post.hooks[0][1]


@pytest.mark.parametrize("spoke", [True, False])
def test_a_red_square_that_is_the_last_to_fail_does_not_hide_a_task_that_was_killed(post: Post, spoke: bool) -> None:
    """Airflow names the task of a failed run that failed last, which is one that has no part in it."""
    square = Task()
    square.task_id = names.JUDGED
    marks = {"dbt_marts": True} if spoke else {}
    square.xcom_pull = lambda task_ids, key: marks.get(task_ids)  # type: ignore[method-assign]
    dag = SimpleNamespace(task_ids=["dbt_staging", "dbt_marts", names.JUDGED])
    call(failures.watched(), {"ti": square, "dag": dag}, of_task=False)
    told = [text.split("\n\n")[1] for _, text in post.hooks]
    assert told == ([] if spoke else [f"a task of warehouse failed: {failures.KILLED}"])


def test_a_task_that_reached_its_limit_says_which(post: Post) -> None:
    from airflow.sdk.exceptions import AirflowTaskTimeout

    task = SimpleNamespace(execution_timeout="1:00:00")
    call(failures.watched(), {"ti": Task(), "exception": AirflowTaskTimeout("PID: 1"), "task": task}, of_task=True)
    assert "it was ended after 1:00:00, its limit in orchestration/limits.py" in post.hooks[0][1]


def test_a_run_without_a_task_to_blame_is_passed_over(post: Post) -> None:
    call(failures.watched(record=lambda *_: None), {"reason": "all_tasks_deadlocked"}, of_task=False)
    assert post.hooks == []


def test_a_quarantine_is_told_with_its_reason(post: Post) -> None:
    notify.quarantined(
        [{"source_id": "lgbf", "vintage": 7, "arrival": "rejected", "reason": "lgbf: 3 rows have no area"}]
    )
    notify.quarantined([])
    assert [mail.subject for mail in post.mails] == ["Promise: lgbf is in quarantine"]
    assert "Vintage 7 of lgbf was rejected: lgbf: 3 rows have no area" in post.mails[0].text
    assert "`promise status`" in post.mails[0].text


def test_a_person_who_has_to_decide_is_told_how(post: Post) -> None:
    notify.quarantined([{"source_id": "lgbf", "vintage": 7, "arrival": "held", "reason": "lgbf: a hundred times"}])
    assert [mail.subject for mail in post.mails] == ["Promise: lgbf waits for a person"]
    assert "Vintage 7 of lgbf was held: lgbf: a hundred times" in post.mails[0].text
    assert 'promise quarantine accept 7 --why "…"' in post.mails[0].text
    assert "judged again" not in post.mails[0].text


def test_late_publications_are_told_in_one_message(post: Post) -> None:
    notify.late({"lgbf": "late. Expected by 1 May", "cpop": "overdue. Expected by 1 March"})
    assert [mail.subject for mail in post.mails] == ["Promise: late: lgbf, cpop"]
    assert "lgbf is late. Expected by 1 May\ncpop is overdue." in post.mails[0].text


def test_a_password_in_an_address_is_not_sent_on(post: Post) -> None:
    notify.failed("warehouse", "release", "cannot reach postgresql://promise:hunter2@db:5432/promise", "http://airflow")
    told = f"{post.mails} {post.hooks}"
    assert "hunter2" not in told and "postgresql://db:5432/promise" in told


def test_nobody_is_told_when_nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMISE_NOTIFY", raising=False)
    assert notify.addressees() == [] and notify.connections() == {}
    notify.failed("warehouse", "release", "x", "y")


def test_who_cannot_be_told_is_a_line_in_the_log_without_its_address(
    monkeypatch: pytest.MonkeyPatch, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """The mail server is gone, one webhook says no, another is gone; the last one is told."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        gone = probe.getsockname()[1]
    hook = post.setting.split()[1]
    nobody = f"smtp://u:hunter2@127.0.0.1:{gone}?from=a@b&to=c@d http://127.0.0.1:{gone}{SECRET}"
    tell_to(monkeypatch, f"{nobody} {hook}")
    with caplog.at_level(logging.WARNING, logger="orchestration.notify"):
        notify.failed("warehouse", "release", "x", "y")
        post.status = 500
        notify.failed("warehouse", "release", "again", "y")
    ours = [record.getMessage() for record in caplog.records if record.name == "orchestration.notify"]
    assert len(ours) == 5 and all("could not be told of 'Promise: warehouse failed'" in line for line in ours)
    assert "hunter2" not in caplog.text and "s3cret" not in caplog.text
    assert len(post.hooks) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_message_does_not_follow_a_redirect_and_is_said_not_to_have_arrived(
    post: Post, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    with posting() as elsewhere:
        post.status, post.moved_to = status, elsewhere.setting.split()[1]
        with caplog.at_level(logging.WARNING, logger="orchestration.notify"):
            notify.failed("warehouse", "release", "x", "y")
        assert elsewhere.hooks == []
    assert [path for path, _ in post.hooks] == [SECRET], "asked once, where it was named"
    (line,) = [record.getMessage() for record in caplog.records if record.name == "orchestration.notify"]
    assert "could not be told of 'Promise: warehouse failed'" in line and "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        pytest.param("data@example.org", "is no address of a mail server or webhook", id="an address of a person"),
        pytest.param("ftp://u:hunter2@h/x", "ftp://h is no address", id="another scheme"),
        pytest.param("https:///x", "is no address", id="no host"),
        pytest.param("smtp://u:hunter2@h:abc?from=a@b&to=c@d", "no possible port", id="a port of letters"),
        pytest.param("smtp://u:hunter2@h", "from whom and to whom", id="nobody"),
        pytest.param("smtp://h?from=a@b", "from whom and to whom", id="to nobody"),
        pytest.param("smtp://h?from=a@b&to=c@d&tls=no", "says tls; expected from, to and starttls", id="another key"),
        pytest.param("smtp://h?from=a@b&to=c@d&starttls=maybe", "expected yes or no", id="neither yes nor no"),
    ],
)
def test_a_setting_that_names_nobody_is_refused_in_a_sentence_before_airflow_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str, says: str
) -> None:
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    monkeypatch.setenv("PROMISE_AIRFLOW_DATABASE_URL", "postgresql+psycopg2://somebody@127.0.0.1:1/airflow")
    monkeypatch.setenv("PROMISE_NOTIFY", setting)
    with pytest.raises(PromiseError, match="PROMISE_NOTIFY") as refused:
        config.environment(8080)
    assert says in str(refused.value) and "hunter2" not in str(refused.value)


def test_airflow_is_given_the_connections(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    monkeypatch.setenv("PROMISE_AIRFLOW_DATABASE_URL", "postgresql+psycopg2://somebody@127.0.0.1:1/airflow")
    monkeypatch.setenv("PROMISE_NOTIFY", "smtps://u%40x:p%2Fw@mail.example.org?from=a@b&to=c@d https://h.example/x?y=z")
    told = config.environment(8080)
    mail, hook = (json.loads(told[f"AIRFLOW_CONN_PROMISE_NOTIFY_{number}"]) for number in (1, 2))
    assert (mail["host"], mail["port"], mail["login"], mail["password"]) == ("mail.example.org", 465, "u@x", "p/w")
    assert (mail["extra"]["disable_ssl"], mail["extra"]["disable_tls"]) == (False, True)
    assert (hook["conn_type"], hook["host"]) == ("http", "https://h.example/x?y=z")


def test_a_mail_server_is_asked_for_encryption_unless_the_setting_says_no() -> None:
    (usual,) = notify.addressees("smtp://h?from=a@b&to=c@d")
    (open_,) = notify.addressees("smtp://h:25?from=a@b&to=c@d&starttls=no")
    assert (usual.connection["port"], usual.connection["extra"]["disable_tls"]) == (587, False)
    assert (open_.connection["port"], open_.connection["extra"]["disable_tls"]) == (25, True)
    assert usual.connection["extra"]["disable_ssl"], "the encryption is asked for, it is not there from the start"


SOMEBODY = "Qqvist Wwoodbird"


def returns(text: str) -> float:
    return float(text)


def announces(text: str) -> Iterator[float]:
    yield float(text)


def test_what_a_task_raises_comes_out_without_what_it_quotes() -> None:
    """Airflow writes the traceback into a log before it asks any callback."""
    hook = failures.watched()["default_args"]["pre_execute"]
    for work in (returns, announces):
        task = SimpleNamespace(python_callable=work)
        hook({"task": task})
        assert inspect.isgeneratorfunction(task.python_callable) == inspect.isgeneratorfunction(work)
        assert inspect.signature(task.python_callable) == inspect.signature(work)
        done = task.python_callable("1.5")
        assert (done if work is returns else list(done)) in (1.5, [1.5])
        with pytest.raises(ValueError, match="a text of 16 characters") as failed:
            list(task.python_callable(SOMEBODY))
        assert SOMEBODY not in "".join(traceback.format_exception(failed.value))


def test_each_task_of_ours_asks_for_that() -> None:
    with DAG("one", **failures.watched()):
        asked = airflow_task(returns)("1")
    assert asked.operator._pre_execute_hook is failures.keep_values_out_of_logs
