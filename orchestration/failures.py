"""What becomes of a failure: it is written down, and told to whoever is to know.

A task that ends with an exception is asked in its own process, before Airflow knows that it failed (`of_task`). Of a
process that was killed Airflow 3.3 asks nothing, however many callbacks its task has: the end of its run is all that is
noticed, in the DAG processor, some seconds later (`of_run`). A mark says which of the two it was.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from orchestration import names, notify
from promise.vocabulary.quoting import without_values

Context = Mapping[str, Any]
Record = Callable[[Context, str], None]
MARK = "failure_told"
KILLED = (
    "its process was killed, or the machine stopped, before it could say anything; if it happens again, look for "
    "memory that ran out"
)


def watched(*, record: Record | None = None, **default_args: Any) -> dict[str, Any]:
    """Arguments for `@dag`: a run that fails is told of, and written down by `record(context, message)` if given.

    Other keywords become the default arguments of the DAG's tasks.
    """

    # One callback for each deed: Airflow goes on with the next when one fails.
    def record_of_task(context: Context) -> None:
        if record and context.get("exception") is not None:
            record(context, _words(context))

    def record_of_run(context: Context) -> None:
        if record and "ti" in context:
            record(context, KILLED)  # the first word counts

    return {
        "default_args": {
            "pre_execute": keep_values_out_of_logs,
            "on_failure_callback": [mark, record_of_task, tell_of_task],
            **default_args,
        },
        "on_failure_callback": [record_of_run, tell_of_run],
    }


def keep_values_out_of_logs(context: Context) -> None:
    """Let what the task raises come out without the values that it quotes: Airflow writes its traceback into a log.

    For `pre_execute`, which is the one thing that Airflow 3.3 asks of each task before it runs.
    """
    task = context["task"]
    if callable(work := getattr(task, "python_callable", None)):
        task.python_callable = _discreet(work)


def _discreet(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same, also where it announces something with `yield`."""

    @functools.wraps(work)
    def generating(*given: Any, **named: Any) -> Any:
        with _without_values():
            return (yield from work(*given, **named))

    @functools.wraps(work)
    def returning(*given: Any, **named: Any) -> Any:
        with _without_values():
            return work(*given, **named)

    return generating if inspect.isgeneratorfunction(work) else returning


@contextlib.contextmanager
def _without_values() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        without_values(error)
        raise


def mark(context: Context) -> None:
    """Say to `of_run` that the task speaks for itself."""
    if context.get("exception") is not None:
        context["ti"].xcom_push(key=MARK, value=True)


def tell_of_task(context: Context) -> None:
    if context.get("exception") is not None:
        ti = context["ti"]
        notify.failed(ti.dag_id, ti.task_id, _words(context), ti.log_url)


def tell_of_run(context: Context) -> None:
    ti = context.get("ti")
    if ti is None:
        return
    # Airflow names the task that failed last. Beside the line of the warehouse one fails for each vintage that is kept
    # out, which ends no run: then it was another, and of a line only one fails.
    is_beside = ti.task_id in names.BESIDE_THE_LINE
    asked = [each for each in context["dag"].task_ids if each != ti.task_id] if is_beside else [ti.task_id]
    if not any(ti.xcom_pull(task_ids=each, key=MARK) for each in asked):
        notify.failed(ti.dag_id, "a task" if is_beside else ti.task_id, KILLED, ti.log_url)


def _words(context: Context) -> str:
    from airflow.sdk.exceptions import AirflowTaskTimeout

    error = context["exception"]
    if isinstance(error, AirflowTaskTimeout):
        return f"it was ended after {context['task'].execution_timeout}, its limit in orchestration/limits.py"
    return str(error) or type(error).__name__
