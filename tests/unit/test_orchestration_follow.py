"""Following a pass: what is waited for, what is asked for when nothing comes by itself, and what people are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from orchestration import follow, platform
from orchestration.client import DagState, RunState, TaskState
from orchestration.follow import Follower
from orchestration.inquiry import Answer
from promise.errors import PromiseError
from warehouse import releases, runs
from workbench.commands.outcome import SourceLine, Told, WarehouseLine, report
from workbench.commands.progress import Board, Lines, progress

DAGS = ["ingest_a", "ingest_b", "warehouse", "bi"]
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def task(task_id: str, state: str | None, seconds: float = 1.0) -> TaskState:
    ran = state in ("success", "failed", "skipped")
    return TaskState(task_id, state, START if ran else None, START + timedelta(seconds=seconds) if ran else None, 1)


def run(dag_id: str, run_id: str, state: str, *tasks: TaskState) -> RunState:
    return RunState(dag_id, run_id, state, START, START, None, tasks)


class World:
    """An Airflow and a warehouse that obey a script: each look at the runs moves time on by one step."""

    def __init__(self, script: Callable[[World], None] = lambda _: None) -> None:
        self.script, self.step = script, 0
        self.found: dict[str, RunState] = {}
        self.asked: list[str] = []
        self.confs: dict[str, Mapping[str, Any] | None] = {}
        self.answers: list[Answer] = []  # of sources that were asked before
        self.is_late_news = False
        self.earlier: list[RunState] = []  # from before the pass
        self.ended: list[str] = []
        self.reasons: tuple[str, ...] = ()
        self.release: int | None = 1
        self.last_bi: str | None = "success"
        self.paused: set[str] = set()
        self.own: dict[str, list[str]] = {}  # people's own DAGs, and the assets that they announce
        self.said: list[str] = []
        self.crashed = False

    # what the follower asks of Airflow
    def dags(self) -> dict[str, DagState]:
        return {dag_id: DagState(dag_id, dag_id in self.paused, START) for dag_id in [*DAGS, *self.own]}

    def announcing(self) -> dict[str, list[str]]:
        assets = {name for names in self.own.values() for name in names}
        return {asset: [dag_id for dag_id, names in self.own.items() if asset in names] for asset in assets}

    def trigger(self, dag_id: str, note: str, conf: Mapping[str, Any] | None = None) -> str:
        self.asked.append(dag_id)
        self.confs[dag_id] = conf
        run_id = f"manual_{len(self.asked)}"
        self.put(run(dag_id, run_id, "queued"))
        return run_id

    def end(self, ended: RunState) -> None:
        self.ended.append(ended.run_id)

    def runs(
        self, dag_ids: Sequence[str] = (), since: datetime | None = None, states: Sequence[str] = ()
    ) -> list[RunState]:
        if since is None:
            assert dag_ids, "Airflow takes no DAG for every DAG"
            return [each for each in self.earlier if each.dag_id in dag_ids and each.state in states]
        self.step += 1
        assert self.step < 200, "the follower waits for something that never comes"
        self.script(self)
        return list(self.found.values())

    def last_run(self, dag_id: str) -> RunState | None:
        return run("bi", "before", self.last_bi) if self.last_bi else None

    def upkeep(self) -> None:
        if self.crashed:
            raise platform.PlatformError("Airflow's scheduler has ended")

    # what it shows
    def say(self, text: str) -> None:
        self.said.append(text)

    def show(self, runs: Sequence[RunState]) -> None: ...

    # what the script does
    def put(self, state: RunState) -> None:
        self.found[state.run_id] = state

    def ends(self, dag_id: str, state: str, *tasks: TaskState) -> None:
        for each in list(self.found.values()):
            if each.dag_id == dag_id and each.is_active:
                self.put(run(dag_id, each.run_id, state, *tasks))


@pytest.fixture
def following(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[World], follow.Pass]:
    def go(world: World) -> follow.Pass:
        monkeypatch.setenv("PROMISE_DAGS", str(tmp_path))
        monkeypatch.setattr(platform, "dag_ids", lambda: DAGS)
        monkeypatch.setattr(platform, "ingest_ids", lambda: DAGS[:2])
        monkeypatch.setattr(platform, "url", lambda: "http://airflow")
        monkeypatch.setattr(runs, "plan", lambda _: SimpleNamespace(reasons=world.reasons))
        current = lambda _: SimpleNamespace(release_id=world.release) if world.release else None  # noqa: E731
        monkeypatch.setattr(releases, "current", current)
        monkeypatch.setattr(releases, "is_drawn", lambda *_: True)
        monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "index.html").touch()
        pretend: Any = world
        follower = Follower(pretend, pretend, pretend, world.upkeep, pause=0, appear=0.2)
        return follower.follow({each.source_id: each for each in world.answers}, world.is_late_news)

    return go


def nothing_arrives(world: World) -> None:
    for dag_id in DAGS[:2]:
        world.ends(dag_id, "success", task("land", "skipped"))


def all_is_built(world: World) -> None:
    world.reasons, world.release = (), 2
    world.ends("warehouse", "success", task("wait_for_quiet", "success"), task("release", "success"))
    world.put(run("bi", "asset_bi", "success", task("build_site", "success")))


def test_when_nothing_arrives_nothing_else_runs(following: Callable[[World], follow.Pass]) -> None:
    world = World(nothing_arrives)
    done = following(world)
    assert world.asked == ["ingest_a", "ingest_b"] and done.warehouse == () and done.bi == ()


def test_the_run_that_an_arrival_caused_is_waited_for_and_not_asked_for_again(
    following: Callable[[World], follow.Pass],
) -> None:
    def script(world: World) -> None:
        if world.step == 1:
            world.reasons = ("vintage 1",)
            world.ends("ingest_a", "success", task("land", "success"))
            nothing_arrives(world)
        elif world.step == 5:  # it takes the scheduler a moment
            world.put(run("warehouse", "asset_1", "running", task("wait_for_quiet", "running")))
        elif world.step == 9:
            all_is_built(world)

    world = World(script)
    done = following(world)
    assert world.asked == ["ingest_a", "ingest_b"]
    assert [each.run_id for each in done.warehouse + done.bi] == ["asset_1", "asset_bi"]


def test_a_run_that_no_arrival_causes_is_asked_for_with_its_reason(following: Callable[[World], follow.Pass]) -> None:
    def script(world: World) -> None:
        nothing_arrives(world)
        if "warehouse" in world.asked:
            all_is_built(world)

    world = World(script)
    world.reasons = ("the models changed",)
    following(world)
    assert world.asked == ["ingest_a", "ingest_b", "warehouse"]
    assert world.said == ["asking for warehouse: the models changed"]


def test_a_warehouse_run_that_failed_is_not_tried_again(following: Callable[[World], follow.Pass]) -> None:
    def script(world: World) -> None:
        nothing_arrives(world)
        world.ends("warehouse", "failed", task("dbt_build", "failed"))

    world = World(script)
    world.reasons = ("vintage 1",)
    done = following(world)
    assert world.asked.count("warehouse") == 1 and [each.dag_id for each in done.failed] == ["warehouse"]


def test_one_source_that_fails_does_not_keep_the_others_from_being_built(
    following: Callable[[World], follow.Pass],
) -> None:
    def script(world: World) -> None:
        world.ends("ingest_a", "failed", task("land", "failed"))
        if world.step == 1:
            world.ends("ingest_b", "success", task("land", "success"))
            world.reasons = ("vintage 1",)
            world.put(run("warehouse", "asset_1", "running"))
        if world.step == 4:
            all_is_built(world)

    done = following(World(script))
    assert [each.run_id for each in done.warehouse] == ["asset_1"] and [each.dag_id for each in done.failed] == [
        "ingest_a"
    ]


def test_a_publisher_that_is_asked_again_in_an_hour_is_not_waited_for(
    following: Callable[[World], follow.Pass],
) -> None:
    def script(world: World) -> None:
        world.put(run("ingest_a", "manual_1", "running", task("land", "up_for_retry")))
        world.ends("ingest_b", "success", task("land", "skipped"))

    done = following(World(script))
    assert [each.waits_for_publisher for each in done.ingests] == [True, False]


def test_an_earlier_run_that_waits_for_its_publisher_gives_way_to_the_new_one(
    following: Callable[[World], follow.Pass],
) -> None:
    """Airflow runs one at a time of each ingest: behind that one the pass would wait for up to an hour."""
    world = World(nothing_arrives)
    world.earlier = [
        run("ingest_a", "waits", "running", task("land", "up_for_retry")),
        run("ingest_b", "works", "running", task("land", "running")),
    ]
    following(world)
    assert world.ended == ["waits"]


def test_a_source_in_which_nothing_was_found_needs_no_ingest(following: Callable[[World], follow.Pass]) -> None:
    world = World(nothing_arrives)
    world.answers = [Answer("a", "unchanged", 0.2)]
    done = following(world)
    assert world.asked == ["ingest_b"] and world.confs == {"ingest_b": None}
    assert {source_id: answer.seconds for source_id, answer in done.unchanged.items()} == {"a": 0.2}


def test_where_no_source_has_anything_new_no_ingest_is_asked_for_and_what_is_behind_is_built(
    following: Callable[[World], follow.Pass],
) -> None:
    world = World(lambda world: all_is_built(world) if "warehouse" in world.asked else None)
    world.answers = [Answer("a", "unchanged", 0.2), Answer("b", "unchanged", 0.3)]
    world.reasons = ("the models changed",)
    done = following(world)
    assert world.asked == ["warehouse"] and done.ingests == () and [each.state for each in done.bi] == ["success"]


def test_what_was_found_is_handed_to_the_ingest_that_loads_it(following: Callable[[World], follow.Pass]) -> None:
    world = World(nothing_arrives)
    world.answers = [
        Answer("a", "new", 0.2, new=("1f", "2e")),
        Answer("b", "failed", 0.2, message="the database was away"),
    ]
    following(world)
    assert world.confs == {
        "ingest_a": {"found": {"outcome": "new", "new": ["1f", "2e"], "message": None}},
        "ingest_b": None,
    }, "what nobody understands is asked again by its ingest"


def test_a_calendar_with_news_to_tell_is_looked_at_by_airflow(following: Callable[[World], follow.Pass]) -> None:
    def script(world: World) -> None:
        nothing_arrives(world)
        if world.step == 9:
            world.ends("calendar", "failed", task("look", "failed"))

    world = World(script)
    world.is_late_news = True
    done = following(world)
    assert "calendar" in world.asked and [each.dag_id for each in done.failed] == ["calendar"]


@pytest.mark.parametrize("last", ["failed", None])
def test_a_release_that_was_not_drawn_is_drawn_now(following: Callable[[World], follow.Pass], last: str | None) -> None:
    def script(world: World) -> None:
        nothing_arrives(world)
        world.ends("bi", "success", task("build_site", "success"))

    world = World(script)
    world.last_bi = last
    following(world)
    assert world.asked == ["ingest_a", "ingest_b", "bi"]


def test_a_source_that_somebody_paused_is_left_alone_and_named(following: Callable[[World], follow.Pass]) -> None:
    world = World(nothing_arrives)
    world.paused = {"ingest_b"}
    assert following(world).paused == ("ingest_b",) and world.asked == ["ingest_a"]


def test_somebodys_own_ingest_is_asked_for_and_counts_as_its_source(
    following: Callable[[World], follow.Pass],
) -> None:
    def script(world: World) -> None:
        nothing_arrives(world)
        if world.step == 3:
            world.ends("by_sftp", "success", task("fetch", "skipped"))

    world = World(script)
    world.own = {"by_sftp": ["raw_lgbf"], "elsewhere": ["raw_of_nobody"]}
    done = following(world)
    assert world.asked == ["ingest_a", "ingest_b", "by_sftp"]
    assert {run.dag_id: done.source_id(run) for run in done.ingests} == {
        "ingest_a": "a", "ingest_b": "b", "by_sftp": "lgbf",
    }  # fmt: skip


def test_what_somebodys_own_dag_brings_is_waited_for_and_built(following: Callable[[World], follow.Pass]) -> None:
    def script(world: World) -> None:
        nothing_arrives(world)
        if world.step == 3:
            world.reasons = ("vintage 1",)
            world.ends("by_sftp", "success", task("bring", "success"))
        elif world.step == 6:
            world.put(run("warehouse", "asset_warehouse", "running"))
        elif world.step == 9:
            all_is_built(world)

    world = World(script)
    world.own = {"by_sftp": ["raw_lgbf"]}
    assert [each.state for each in following(world).warehouse] == ["success"]
    assert world.asked == ["ingest_a", "ingest_b", "by_sftp"], "the arrival asked for the warehouse"


def test_what_follows_from_a_release_is_waited_for_and_its_failure_is_one(
    following: Callable[[World], follow.Pass],
) -> None:
    def script(world: World) -> None:
        nothing_arrives(world)
        if world.step == 1:
            world.put(run("export", "asset_export", "running", task("send", "running")))
        elif world.step == 20:
            world.ends("export", "failed", task("send", "failed"))

    world = World(script)
    world.own = {"export": []}
    done = following(world)
    assert [each.state for each in done.own] == ["failed"] and done.own == done.failed
    assert world.asked == ["ingest_a", "ingest_b"]


def test_a_paused_warehouse_is_an_error_that_says_where_to_unpause_it(
    following: Callable[[World], follow.Pass],
) -> None:
    world = World(nothing_arrives)
    world.paused = {"warehouse"}
    with pytest.raises(PromiseError, match=r"paused in Airflow: warehouse.*http://airflow"):
        following(world)
    assert world.asked == []


def test_a_scheduler_that_will_not_stay_is_reported_and_not_waited_for(
    following: Callable[[World], follow.Pass],
) -> None:
    world = World(lambda world: setattr(world, "crashed", world.step > 3))
    with pytest.raises(platform.PlatformError, match="scheduler has ended"):
        following(world)


# --- what people are told ---


def told(*sources: SourceLine, **changes: Any) -> Told:
    return Told(**{"sources": sources, "warehouse": None, "bi": (), "failures": (), "release_id": 3} | changes)


def printed(what: Told) -> tuple[int, str]:
    out = StringIO()
    code = report(Console(file=out, width=200), what, 12.3)
    return code, out.getvalue()


UNCHANGED = SourceLine("lgbf", "unchanged", 2, 13728, 1.2)


def test_a_pass_without_news_says_that_it_rebuilt_nothing() -> None:
    code, text = printed(told(UNCHANGED))
    assert code == 0 and "Nothing new: rebuilt nothing; readers see release 3" in text and "13,728" in text


def test_a_pass_that_released_says_what_was_built_and_checked() -> None:
    line = WarehouseLine(
        run_id=7,
        state="released",
        release_id=3,
        built=[("model", "success", 56, 20.24)],
        checked=[("publication", "critical", 18, 0), ("publication", "warning", 4, 1)],
        stages=[("dbt_build", 10.3)],
    )
    code, text = printed(
        told(SourceLine("lgbf", "landed", 11, 13728, 2.0), warehouse=line, bi=(("build_site", "success"),))
    )
    assert code == 0 and "Done: readers see release 3" in text
    for words in ("Warehouse run 7: released, release 3", "dbt model", "56", "20.2", "1 failed", "build_site: success"):
        assert words in text


@pytest.mark.parametrize("status", ["failed", "held", "rejected", "unavailable"])
def test_a_source_in_trouble_is_shown_with_its_reason_once_and_fails_the_command(status: str) -> None:
    reason = "lgbf: heading [Real] is gone"  # brackets are markup to the console, and text to the publisher
    line = SourceLine("lgbf", status, 2, 13728, 1.2, reason)
    code, text = printed(told(line, failures=(("ingest_lgbf.land", reason),)))
    assert code == 1 and text.count(reason) == 1 and "Not everything went well; readers see release 3" in text


def test_a_failed_stage_is_shown_with_its_own_message() -> None:
    code, text = printed(told(UNCHANGED, failures=(("warehouse.dbt_build", "fct_progress: column x"),)))
    assert code == 1 and "warehouse.dbt_build failed: fct_progress: column x" in text and "Nothing new" not in text


def test_without_a_terminal_each_thing_that_ran_is_one_line() -> None:
    out = StringIO()
    states = [run("ingest_a", "1", "success", task("land", "skipped"), task("more", "skipped", seconds=0))]
    with progress(Console(file=out, width=200)) as shown:
        assert isinstance(shown, Lines)
        shown.show(states)
        shown.show(states)
    assert out.getvalue().count("\n") == 1 and "ingest_a.land: skipped, 1.0 s" in out.getvalue()


def test_on_a_terminal_there_is_one_board() -> None:
    out = StringIO()
    with progress(Console(file=out, force_terminal=True, width=200)) as shown:
        assert isinstance(shown, Board)
        shown.say("starting Airflow")
        shown.say("Airflow's scheduler has ended; starting it again")
        shown.show([run("warehouse", "1", "running", task("dbt_build", None), task("wait_for_quiet", "success"))])
    assert "s; Airflow's scheduler has ended; starting it again" in out.getvalue(), "it stays in sight"
