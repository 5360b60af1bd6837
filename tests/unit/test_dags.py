"""The DAGs' shape, read as Airflow reads it: one ingest a source, assets in between, nothing touched while parsing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestration import names, platform
from promise.catalogue.sources import sources
from promise.settings import ROOT

DAGS = ROOT / "dags"
PARSER = Path(__file__).with_name("parse_dags.py")
REACHES_OUT = """
from airflow.sdk import DAG
import socket
socket.create_connection(("127.0.0.1", 1))
dag = DAG("reaches_out")
"""
HEAVY = {"great_expectations", "dbt", "pandas", "psycopg", "httpx", "sqlalchemy", "metabase_api", "bi", "expectations"}
FILES = ("ingest.py", "warehouse.py", "bi.py", "publication_calendar.py")
INGESTED = [source.id for source in sources().values() if not source.own_dag]
STAGES = ["wait_for_quiet", "arrival_gate", "dbt_build", "publication_gate", "release"]


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Airflow makes of our folder in both modes, and of a file that misbehaves; each costs 3 s, so at once."""
    home = tmp_path_factory.mktemp("airflow")
    faulty = tmp_path_factory.mktemp("faulty")
    (faulty / "reaches_out.py").write_text(REACHES_OUT)
    running = {}
    for name, folder, mode in (("bundle", DAGS, "bundle"), ("live", DAGS, "live"), ("faulty", faulty, "bundle")):
        environment = os.environ | {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW_CONFIG": os.devnull,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/nothing",
            "PROMISE_MODE": mode,
        }
        command = [sys.executable, str(PARSER), str(folder), str(home / f"{name}.json")]
        running[name] = subprocess.Popen(
            command, env=environment, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    for name, process in running.items():
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, f"{name}: {said}"
    return {name: json.loads((home / f"{name}.json").read_text()) for name in running}


def ours(parsed: dict[str, Any], mode: str) -> dict[str, Any]:
    """The DAGs that the project brings. Others may stand beside them, as their authors like."""
    return {dag_id: dag for dag_id, dag in parsed[mode]["dags"].items() if dag["file"] in FILES}


@pytest.fixture(scope="module")
def dags(parsed: dict[str, Any]) -> dict[str, Any]:
    return ours(parsed, "bundle")


def test_airflow_reads_every_file(parsed: dict[str, Any]) -> None:
    assert parsed["bundle"]["errors"] == {} and parsed["live"]["errors"] == {}


def test_there_is_exactly_one_ingest_a_source(dags: dict[str, Any]) -> None:
    assert len(INGESTED) >= 9
    ingests = [dag_id for dag_id, dag in dags.items() if dag["file"] == "ingest.py"]
    assert sorted(ingests) == sorted(f"ingest_{source_id}" for source_id in INGESTED)


def test_the_platform_waits_for_exactly_the_dags_there_are(dags: dict[str, Any]) -> None:
    assert sorted(dags) == sorted(platform.dag_ids())


def test_every_dag_looks_at_the_present_only_and_never_at_itself_twice(dags: dict[str, Any]) -> None:
    assert {(dag["catchup"], dag["max_active_runs"]) for dag in dags.values()} == {(False, 1)}


@pytest.mark.parametrize("source_id", INGESTED)
def test_an_ingest_looks_when_its_source_says_and_announces_its_source_alone(
    dags: dict[str, Any], source_id: str
) -> None:
    ingest = dags[f"ingest_{source_id}"]
    assert (ingest["how"], ingest["cron"]) == ("CronTriggerTimetable", sources()[source_id].check_cron)
    assert {name: task["outlets"] for name, task in ingest["tasks"].items()} == {"land": [f"raw_{source_id}"]}


def test_a_publisher_that_is_down_is_asked_again_later_and_a_missing_file_is_not(parsed: dict[str, Any]) -> None:
    live, bundle = (parsed[mode]["dags"]["ingest_lgbf"]["tasks"]["land"] for mode in ("live", "bundle"))
    assert (live["retries"], live["exponential"], live["policy"]) == (3, True, "WhatPassesOrIsAsked")
    assert bundle["policy"] == "OnlyWhatPasses"


def test_every_task_has_an_end_and_what_may_pass_by_itself_is_tried_again(parsed: dict[str, Any]) -> None:
    tasks = {
        (mode, dag_id, name): task
        for mode in ("bundle", "live")
        for dag_id, dag in ours(parsed, mode).items()
        for name, task in dag["tasks"].items()
    }
    assert len(tasks) > 50 and [key for key, task in tasks.items() if not task["limit"]] == []
    assert [key for key, task in tasks.items() if not task["retries"]] == [], "any process may be killed"
    asks = {(mode, name) for (mode, _, name), task in tasks.items() if task["policy"] != "OnlyWhatPasses"}
    assert asks == {("live", "land")}, "whatever is wrong at a publisher may be well in an hour"
    assert tasks["bundle", "warehouse", "release"]["retries"] > tasks["bundle", "warehouse", "dbt_build"]["retries"]


def test_any_arrival_starts_the_warehouse(dags: dict[str, Any]) -> None:
    assert dags["warehouse"]["how"] == "AssetAny"
    assert dags["warehouse"]["waits_for"] == sorted(f"raw_{source_id}" for source_id in sources())


def test_the_warehouse_is_one_straight_line_that_ends_with_the_release(dags: dict[str, Any]) -> None:
    tasks = dags["warehouse"]["tasks"]
    assert {*tasks} == {*STAGES, *names.BESIDE_THE_LINE}
    line = [[each for each in tasks[name]["downstream"] if each in STAGES] for name in STAGES]
    assert line == [[name] for name in STAGES[1:]] + [[]]
    assert [name for name in STAGES if tasks[name]["outlets"]] == ["release"], "published means checked"


def test_each_new_vintage_has_a_square_beside_the_line_that_fails_no_run(dags: dict[str, Any]) -> None:
    """Airflow calls a run as its last tasks are: those are the release and, beside it, what a red square asks for."""
    tasks = dags["warehouse"]["tasks"]
    last = [name for name, task in tasks.items() if not task["downstream"]]
    assert sorted(last) == sorted([names.ANNOUNCE, "release"])
    judged, announce = (tasks[name] for name in names.BESIDE_THE_LINE)
    assert judged["downstream"] == [names.ANNOUNCE]
    above = {name for name, task in tasks.items() if names.JUDGED in task["downstream"]}
    assert above == {"arrival_gate", "publication_gate"}, "by then every verdict is known"
    assert judged["rule"] == "all_done" and "title" in judged["square"] and "vintage" in judged["square"]
    assert announce["rule"] == "one_failed" and announce["outlets"] == ["rejected"]


@pytest.mark.parametrize("mode", ["bundle", "live"])
def test_people_read_a_source_s_title_and_find_it_by_publisher_cadence_and_mode(
    parsed: dict[str, Any], mode: str
) -> None:
    for source_id in INGESTED:
        source, shown = sources()[source_id], parsed[mode]["dags"][f"ingest_{source_id}"]
        comes = mode if source.live else "bundle"
        assert (shown["shown_as"], shown["tags"]) == (source.title, sorted([source.publisher, source.cadence, comes]))
    assert len({dag["shown_as"] for dag in ours(parsed, mode).values()}) == len(ours(parsed, mode))


def test_every_task_and_every_run_that_fails_is_told_of(dags: dict[str, Any]) -> None:
    """The task while it lives; the run for a task that was killed."""
    assert [name for name, dag in dags.items() if not dag["tells"]] == []
    assert [name for dag in dags.values() for name, task in dag["tasks"].items() if not task["on_failure"]] == []


def test_what_people_see_is_drawn_after_a_release(dags: dict[str, Any]) -> None:
    assert dags["bi"]["waits_for"] == ["release"] == dags["warehouse"]["tasks"]["release"]["outlets"]
    assert sorted(dags["bi"]["tasks"]) == ["apply_metabase", "build_site"]
    assert {name: task["downstream"] for name, task in dags["bi"]["tasks"].items()} == {
        "build_site": ["apply_metabase"],  # which may fetch the map from it
        "apply_metabase": [],
    }


def test_the_calendar_looks_each_morning_and_announces_what_is_late_alone(dags: dict[str, Any]) -> None:
    looks = dags["calendar"]
    assert (looks["how"], looks["cron"], looks["waits_for"]) == ("CronTriggerTimetable", "30 8 * * *", [])
    assert {name: task["outlets"] for name, task in looks["tasks"].items()} == {"look": ["late"]}


def test_no_dag_with_a_clock_looks_as_soon_as_it_is_first_seen(dags: dict[str, Any]) -> None:
    """Airflow's own habit looks at once on the day of a look, and not on another."""
    by_the_clock = {name: dag["looks_at_once"] for name, dag in dags.items() if dag["cron"]}
    assert len(by_the_clock) > 10 and not any(by_the_clock.values())


def test_no_task_defers_because_there_is_no_triggerer(dags: dict[str, Any]) -> None:
    assert not any(task["defers"] for dag in dags.values() for task in dag["tasks"].values())


def test_parsing_reaches_neither_network_nor_database(parsed: dict[str, Any]) -> None:
    """The ban that the other parses passed does catch a file that breaks it."""
    assert "reached out of its process" in "".join(parsed["faulty"]["errors"].values())


def test_parsing_imports_nothing_heavy(parsed: dict[str, Any]) -> None:
    imported = set(parsed["bundle"]["imported"])
    assert {"promise", "orchestration"} <= imported
    assert not imported & HEAVY


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_is_seen_by_airflow_and_imports_no_other(path: Path) -> None:
    text = path.read_text().lower()
    assert "airflow" in text and "dag" in text, "Airflow passes over files without these two words"
    others = {other.stem for other in DAGS.glob("*.py")}
    for line in path.read_text().splitlines():
        if line.startswith(("import ", "from ")):
            assert line.split()[1].split(".")[0] not in others | {"dags"}, f"{path.name}: {line}"


def test_a_dag_file_does_not_hide_the_package_of_the_same_name() -> None:
    """Airflow appends the dags folder to the module path, and dags/bi.py stands beside the package bi."""
    code = f"import sys; sys.path.append({str(DAGS)!r}); import bi; print(bi.__path__[0])"
    environment = os.environ | {"PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd="/", capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()) == ROOT / "bi"
