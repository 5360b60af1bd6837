"""dbt does for us what it does for anybody, for less: connections stay, what no log has is not put into words, and no
command works off what those before it left."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest

from promise import database
from warehouse import transform
from warehouse.frugal import frugally

pytestmark = pytest.mark.usefixtures("warehouse")


@pytest.fixture
def connections() -> Iterator[Any]:
    """dbt's own class, while it is frugal."""
    from dbt.adapters.postgres.connections import PostgresConnectionManager

    with frugally():
        yield PostgresConnectionManager


class Used(SimpleNamespace):
    """A thread's connection as dbt knows it, which is all that `release` asks of a manager of them."""

    def __init__(self) -> None:
        here = database.parts("transformer")
        names = ("host", "port", "user", "password", "dbname")
        super().__init__(
            state="open", transaction_open=True, handle=psycopg2.connect(**{each: here[each] for each in names})
        )
        self.lock = contextlib.nullcontext()

    def get_if_exists(self) -> Used:
        return self

    def close(self, connection: Used) -> None:
        connection.state = "closed"

    def ask(self, query: str) -> Any:
        with self.handle.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()


def test_each_thread_connects_once_however_many_nodes_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt.adapters.postgres.connections import PostgresConnectionManager

    opened = []
    connect = PostgresConnectionManager.open.__func__

    def watched(kind: Any, connection: Any) -> Any:
        opened.append(connection.name)
        return connect(kind, connection)

    monkeypatch.setattr(PostgresConnectionManager, "open", classmethod(watched))
    with transform.environment():
        outcome = transform.invoke(["test", "--select", "path:models/marts/data_map,test_type:data"])
    assert outcome.success
    assert len(outcome.result.results) > 12
    threads = {each.thread_id for each in outcome.result.results}
    assert 1 <= len(opened) <= len(threads) + 2, "and dbt itself, before and after"


def test_a_connection_that_stays_keeps_nothing_of_what_a_node_did(connections: Any) -> None:
    used = Used()
    used.ask("set enable_nestloop = off; create temporary table of_a_node (); select 1")
    process = used.ask("select pg_backend_pid()")
    connections.release(used)
    assert (used.state, used.transaction_open) == ("open", False)
    assert used.ask("select current_setting('enable_nestloop'), to_regclass('of_a_node')") == ("on", None)
    assert used.ask("select pg_backend_pid()") == process
    used.handle.close()


def test_a_connection_that_is_gone_is_let_go(connections: Any) -> None:
    used = Used()
    (process,) = used.ask("select pg_backend_pid()")
    with database.connect() as conn:
        assert conn.execute("select pg_terminate_backend(%s, 10000)", (process,)).fetchone() == (True,)
    connections.release(used)
    assert used.state == "closed"


@pytest.mark.parametrize("level", ["debug", "info"])
def test_a_log_has_what_it_has_the_level_for(level: str) -> None:
    # Taken back before dbt's environment is: else it would be left to the tests that follow.
    with transform.environment(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_LOG_LEVEL_FILE", level)
        log = Path(transform.variables("prod", database.parts("transformer"), "staging")["DBT_LOG_PATH"]) / "dbt.log"
        before = len(log.read_text()) if log.exists() else 0
        assert transform.invoke(["run", "--select", "int_dataset_stem"]).success
        written = log.read_text()[before:]
    assert "Completed successfully" in written
    assert ("[debug]" in written) == (level == "debug")


def test_no_command_leaves_flags_to_the_next() -> None:
    from dbt.adapters.base import impl

    made = []
    for _ in range(2):
        with transform.environment():
            assert transform.invoke(["ls", "--select", "int_dataset_stem"]).success
        made.append([flag["name"] for flag in impl.DEFAULT_BASE_BEHAVIOR_FLAGS])
    assert made[0] == made[1] == [*dict.fromkeys(made[1])] != []


def test_a_flag_says_who_made_it_as_it_does_by_itself() -> None:
    from dbt_common.behavior_flags import Behavior

    class Watched(Behavior):
        def __init__(self) -> None:
            super().__init__([{"name": "ours", "default": False, "docs_url": "https://example.org/"}], {})

    def source() -> str:
        return str(Watched().ours._behavior_change_event.flag_source)

    by_itself = source()
    with frugally():
        assert source() == by_itself == __name__


def test_models_that_read_each_other_in_a_circle_are_named_as_ever() -> None:
    from dbt.compilation import Linker

    line, circle = Linker(), Linker()
    line.dependency("model.b", "model.a")
    for model, read in (("model.b", "model.a"), ("model.a", "model.b"), ("model.c", "model.b")):
        circle.dependency(model, read)
    by_itself = circle.find_cycles()
    assert by_itself and "model.a" in by_itself
    with frugally():
        assert (line.find_cycles(), circle.find_cycles()) == (None, by_itself)


def test_what_is_selected_is_what_dbt_selects_by_itself_and_is_found_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt.cli.main import dbtRunner
    from dbt.graph.selector import NodeSelector

    asked = []
    select = NodeSelector.get_nodes_from_criteria

    def counted(self: Any, spec: Any) -> Any:
        asked.append(spec.value)
        return select(self, spec)

    monkeypatch.setattr(NodeSelector, "get_nodes_from_criteria", counted)
    command = ["build", "--select", "int_dataset_stem", "int_synonym_stem", "--indirect-selection", "buildable"]
    with transform.environment(), frugally():
        frugal = dbtRunner(manifest=transform.read()).invoke(command)
    assert sorted(asked) == ["int_dataset_stem", "int_synonym_stem"]
    with transform.environment():
        by_itself = dbtRunner(manifest=transform.read()).invoke(command)
    assert len(asked) == 2 + 3 * 2
    names = [sorted(each.node.name for each in outcome.result.results) for outcome in (frugal, by_itself)]
    assert names[0] == names[1]
    assert len(names[0]) >= 2


WRITTEN = ("manifest.json", "graph.gpickle")


def test_a_command_that_was_given_the_project_does_not_write_it_and_leaves_what_a_retry_needs() -> None:
    with transform.environment():
        folder = Path(os.environ["DBT_TARGET_PATH"])
        for name in (*WRITTEN, transform.RUN_RESULTS):
            (folder / name).unlink(missing_ok=True)
        assert transform.invoke(["run", "--select", "int_dataset_stem"], transform.read()).success
        assert [name for name in WRITTEN if (folder / name).exists()] == []
        assert (folder / transform.RUN_RESULTS).exists()


def test_what_a_run_keeps_of_the_project_is_what_dbt_would_write(warehouse: Any) -> None:
    from dbt.cli.main import dbtRunner

    with transform.environment(), frugally():
        known = transform.read()
        assert dbtRunner(manifest=known).invoke(["run", "--select", "int_dataset_stem"]).success
        written = json.loads((Path(os.environ["DBT_TARGET_PATH"]) / "manifest.json").read_text())
    for node in written["nodes"].values():
        node.pop("compiled_code", None)
    with database.connect("transformer") as conn, conn.transaction(force_rollback=True):
        transform._keep_manifest(warehouse.run_id, known)
        kept = transform.kept_manifest(conn, warehouse.run_id)
    assert kept
    assert {part for part in written if written[part] != kept[part]} <= {"metadata"}
    assert len(kept["nodes"]) > 400


def test_dbt_is_as_it_was_afterwards() -> None:
    from dbt.adapters.postgres.connections import PostgresConnectionManager
    from dbt.compilation import Linker
    from dbt.graph.selector import NodeSelector
    from dbt.task import runnable
    from dbt_common.behavior_flags import BehaviorFlagRendered
    from dbt_common.events.event_manager import EventManager

    def found() -> tuple[Any, ...]:
        return (
            PostgresConnectionManager.release,
            EventManager.fire_event,
            vars(BehaviorFlagRendered)["_default_source"],
            Linker.find_cycles,
            Linker.write_graph,
            runnable.write_manifest,
            NodeSelector.get_nodes_from_criteria,
        )

    before = found()
    with frugally(is_known=True):
        assert not {*before} & {*found()}
    assert found() == before
