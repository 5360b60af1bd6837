"""The real Airflow, the real pipeline, the bundled figures. One platform for the module: it is slow to start."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from e2e.house import House, runs, trigger, until
from own_dags import add_examples

from orchestration import config, names, platform
from orchestration.client import ACTIVE
from promise import database
from promise.catalogue.sources import asked, sources
from promise.settings import ROOT

pytestmark = pytest.mark.e2e

HTML = b"<!DOCTYPE html><html><h1>We have moved</h1></html>"


class Bundled(House):
    """A house with a bundle that tests may change."""

    @property
    def bundle(self) -> Path:
        return Path(self.given["PROMISE_BUNDLE"])

    def file(self, source_id: str) -> Path:
        """What the publisher of the source shows last."""
        return self.bundle / source_id / sources()[source_id].bundle[-1].file

    def restore(self, source_id: str) -> None:
        shutil.copy(ROOT / "ingestion" / "sources" / source_id / self.file(source_id).name, self.file(source_id))

    def undo_drawing(self) -> None:
        """Something is to be done, though no source has anything new."""
        (self.home / "site" / "index.html").unlink(missing_ok=True)

    def republish(self, source_id: str) -> None:
        """The publisher shows the same figures in another order: new bytes, nothing to object to."""
        path = self.file(source_id)
        heading, *rows = path.read_text().splitlines(keepends=True)
        path.write_text("".join([heading, *reversed(rows)]))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundled]:
    bundle = tmp_path_factory.mktemp("bundle") / "bundle"
    shutil.copytree(ROOT / "ingestion" / "sources", bundle)
    dags = bundle.parent / "dags"
    add_examples(dags, "partner_copy.py")
    made = Bundled(tmp_path_factory.mktemp("home"), {"PROMISE_BUNDLE": str(bundle), "PROMISE_DAGS": str(dags)})
    yield made
    made.promise("down")


@pytest.fixture(scope="module")
def first(house: Bundled) -> subprocess.CompletedProcess[str]:
    """`promise up` in a fresh home: everything lands, is built, checked, released and drawn."""
    return house.promise("up")


@pytest.fixture(autouse=True)
def here(house: Bundled, first: object) -> Iterator[None]:
    with house.lived_in():
        yield


def landed(source_id: str, since: datetime) -> bool:
    return [run.state for run in runs(since, f"ingest_{source_id}")] == ["success"]


def test_the_first_run_lands_builds_checks_releases_and_draws_everything(
    house: Bundled, first: subprocess.CompletedProcess[str]
) -> None:
    assert first.returncode == 0, first.stdout + first.stderr
    assert {source_id for (source_id,) in house.ask("select source_id from ops.vintage")} == set(asked())
    assert house.ask("select state, release_id from ops.warehouse_run") == [("released", 1)]
    assert "readers see release 1" in first.stdout and "build_site: success" in first.stdout
    assert (house.home / "site" / "index.html").exists()
    assert not [run for run in runs() if run.state != "success"]


def test_whoever_is_connected_is_no_superuser(house: Bundled) -> None:
    connected = house.ask(
        "select distinct usename, rolsuper from pg_stat_activity join pg_roles on rolname = usename"
        " where backend_type = 'client backend'"
    )
    assert ("promise_airflow", False) in connected
    assert not [role for role, is_superuser in connected if is_superuser]


def test_somebodys_own_dag_follows_the_release_and_is_waited_for_and_shown(
    house: Bundled, first: subprocess.CompletedProcess[str]
) -> None:
    assert "partner_copy.copy: success" in first.stdout and "\npartner_copy: success\n" in first.stdout
    assert (house.home / "partner.csv").read_text().splitlines()[0].startswith("release_id")


def test_a_burst_of_arrivals_is_one_build(house: Bundled) -> None:
    """All sources arrived within seconds of one another; the run that the later ones asked for found nothing to do."""
    assert len(house.ask("select 1 from ops.warehouse_run")) == 1
    assert len([run for run in runs(dag_id="warehouse") if not run.skipped]) == 1


def test_the_addresses_that_up_prints_answer_there_and_nowhere_else(
    first: subprocess.CompletedProcess[str],
) -> None:
    import psutil  # type: ignore[import-untyped,unused-ignore]

    assert platform.url() in first.stdout and str(config.password_file()) in first.stdout
    site = next(line.split()[1] for line in first.stdout.splitlines() if line.startswith("Site      http"))
    docs = next(line.split()[2] for line in first.stdout.splitlines() if line.startswith("dbt docs  http"))
    assert httpx.get(site).status_code == 200
    assert "model.promise.fct_progress" in httpx.get(docs).text
    listening = {
        connection.laddr.ip
        for child in platform._children()
        for member in child.members()
        for connection in psutil.Process(member.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_airflows_own_command_speaks_to_this_airflow(house: Bundled) -> None:
    command = [*house.command("airflow"), "dags", "list", "--output", "plain"]
    done = subprocess.run(command, env=house.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {line.split()[0] for line in done.stdout.splitlines() if line.split()[0] in platform.dag_ids()} == set(
        platform.dag_ids()
    )


def test_airflow_lets_in_only_who_has_the_password() -> None:
    assert httpx.get(f"{platform.url()}/api/v2/dags").status_code == 401
    guess = {"username": "admin", "password": "admin"}
    assert httpx.post(f"{platform.url()}/auth/token", json=guess).status_code == 401


def test_a_second_run_finds_nothing_new_and_rebuilds_nothing(house: Bundled) -> None:
    """And, where Airflow does not look for itself, without a run of it."""
    before = house.ask("select max(run_id), (select max(vintage) from ops.vintage) from ops.warehouse_run")
    since = datetime.now(UTC)
    again = house.promise("run")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Nothing new: rebuilt nothing; readers see release 1" in again.stdout
    assert house.ask("select max(run_id), (select max(vintage) from ops.vintage) from ops.warehouse_run") == before
    assert platform.is_up(), "it was up before, so the run leaves it up"
    assert runs(since) == []
    trigger("lgbf")
    until(lambda: [run.state for run in runs(since, "ingest_lgbf")] == ["success"], "Airflow to look for itself")
    notes = house.ask_airflow(
        "select content from dag_run_note join dag_run on dag_run.id = dag_run_id"
        " where dag_id = 'ingest_lgbf' order by dag_run.id"
    )
    assert [("nothing to do: lgbf: there is nothing" in note) for (note,) in notes][-1:] == [True], notes


def test_a_staggered_burst_waits_for_the_slowest_and_is_one_build(house: Bundled) -> None:
    """One source is held up while others arrive and ask for runs of the warehouse; one shows a web page for a file."""
    since = datetime.now(UTC)
    house.file("lgbf_family_groups").write_bytes(HTML)
    (known,) = house.ask("select max(run_id) from ops.warehouse_run")[0]
    for source_id in ("scotpho_profiles", "published_series", "promise_dashboard"):
        house.republish(source_id)
    with database.connect() as conn:
        conn.execute("lock table raw.published_series__figure in access exclusive mode")
        for source_id in ("published_series", "scotpho_profiles", "lgbf_family_groups"):
            trigger(source_id)
        until(lambda: landed("scotpho_profiles", since), "the first arrival")
        until(
            lambda: (
                [t.state for r in runs(since, "warehouse") for t in r.tasks if t.task_id == "wait_for_quiet"]
                == ["running"]
            ),
            "the warehouse to wait",
        )
        trigger("promise_dashboard")
        until(lambda: landed("promise_dashboard", since), "the second arrival")
        assert house.ask(f"select 1 from ops.warehouse_run where run_id > {known}") == [], "nothing is built meanwhile"
        conn.rollback()  # the slowest may go on
    until(lambda: landed("published_series", since), "the slowest arrival")
    until(lambda: runs(since, "bi") and not runs(since, states=ACTIVE), "everything to end", 300)
    (built,) = house.ask(f"select state, vintages from ops.warehouse_run where run_id > {known}")
    assert built[0] == "released"
    assert {vintage for (vintage,) in house.ask("select vintage from ops.vintage")} == set(built[1])
    assert [run.skipped for run in runs(since, "warehouse")].count(False) == 1
    assert [run.state for run in runs(since, "bi")] == ["success"], "one release, drawn once"
    assert [run.state for run in runs(since, "ingest_lgbf_family_groups")] == ["failed"]


def test_a_run_goes_on_when_every_part_of_airflow_is_killed_under_it(house: Bundled, one_source: str) -> None:
    house.undo_drawing()
    running = subprocess.Popen(
        house.command("run"), env=house.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert running.stdout
    said = ""
    for line in running.stdout:
        said += line
        if "letting Airflow" in line:
            for child in platform._children():
                for member in child.members():
                    member.kill()
    assert running.wait() == 0 and "Traceback" not in said, said
    again = re.findall(r"Airflow's (\S+) has ended; starting it again", said)
    assert sorted(again) == sorted(platform.COMMANDS), said
    assert re.search(rf"{one_source} +│ (unchanged|landed)", said), said
    assert platform.is_up(), "it was up before, so the run leaves it up"


def test_a_faulty_file_stops_its_source_alone_and_says_what_to_do(house: Bundled) -> None:
    """The burst before had the same web page in it, and was released without it."""
    (before,) = house.ask("select max(vintage) from ops.vintage where source_id = 'lgbf_family_groups'")[0]
    done = house.promise("run")
    house.restore("lgbf_family_groups")
    assert done.returncode == 1 and "Traceback" not in done.stdout
    assert "lgbf_family_groups failed: lgbf_family_groups: " in done.stdout and "is an HTML page" in done.stdout
    assert len([line for line in done.stdout.splitlines() if "unchanged" in line]) == len(asked()) - 1
    held = house.ask("select max(vintage), max(arrival) from ops.vintage where source_id = 'lgbf_family_groups'")
    assert held == [(before, "accepted")], "the earlier vintage stays in place"


def test_a_candidate_that_fails_a_critical_check_is_never_shown(house: Bundled) -> None:
    """Two at once, which only what is built of them shows: a digit too many, and a publication of a time to come. A run
    bears one such file."""
    path, register = house.file("promise_dashboard"), house.file("publication_register")
    (shown,) = house.ask("select release_id from marts.release_info")[0]
    path.write_text(path.read_text().replace("83.7", "183.7"))
    with register.open("a") as rows:
        rows.write(
            "from_the_future,Not out yet,Scottish Government,https://www.gov.scot/,2999-03,month,99,Series: X.\n"
        )
    done = house.promise("run")
    assert done.returncode == 1
    assert "warehouse.publication_gate failed: the publication gate refused the candidate" in done.stdout
    assert "obs_value 183.7" in done.stdout, "the message quotes the row"
    assert f"readers see release {shown}" in done.stdout
    assert house.ask("select release_id from marts.release_info") == [(shown,)]
    assert house.ask("select state from ops.warehouse_run order by run_id desc limit 1") == [("refused",)]


def test_a_new_file_that_fails_a_check_is_red_in_airflow_and_the_release_goes_out(house: Bundled) -> None:
    """The next run knows one of the two, and goes on without both."""
    (shown,) = house.ask("select release_id from marts.release_info")[0]
    since = datetime.now(UTC)
    done = house.promise("run")
    for source_id in ("promise_dashboard", "publication_register"):
        assert re.search(rf"{source_id} rejected: {source_id}: .+ To do: ", done.stdout), done.stdout
    assert house.ask("select state from ops.warehouse_run order by run_id desc limit 1") == [("released",)]
    assert f"readers see release {shown + 1}" in done.stdout
    (at_work,) = (run for run in runs(since, "warehouse") if not run.skipped)
    assert at_work.state == "success", "the run is as the release is"
    squares = {str(task.square): task for task in at_work.tasks if task.task_id == names.JUDGED}
    red = {square.split(", vintage ")[0] for square, task in squares.items() if task.state == "failed"}
    assert red == {sources()[source_id].title for source_id in ("promise_dashboard", "publication_register")}
    announced = house.ask_airflow(
        "select asset_event.extra from asset_event join asset on asset.id = asset_id where asset.name = 'rejected'"
        " order by asset_event.id desc"
    )[0][0]
    rejected = house.ask("select source_id, vintage from ops.vintage where arrival = 'rejected' order by vintage")
    assert announced["rejected"] == [{"source": source_id, "vintage": vintage} for source_id, vintage in rejected]


def test_a_crash_leaves_nothing_that_blocks_the_next_start(house: Bundled) -> None:
    house.republish("published_series")
    since = datetime.now(UTC)
    with database.connect() as conn:
        conn.execute("lock table raw.published_series__figure in access exclusive mode")
        trigger("published_series")
        until(lambda: any(t.task_id == "land" and t.state == "running" for r in runs(since) for t in r.tasks), "a task")
        for child in platform._children():
            for member in child.members():
                member.kill()
        conn.rollback()
    assert not platform.is_up()
    assert platform.start() and platform.is_up()
    assert [run.state for run in runs(since, "ingest_published_series")] == ["failed"]
    assert not runs(states=ACTIVE)


@pytest.fixture
def one_source(house: Bundled) -> Iterator[str]:
    """All ingests but one are paused, so that a pass is short."""

    def pause(is_paused: bool) -> None:
        with contextlib.closing(platform.client()) as airflow:
            for dag_id in sorted({*platform.ingest_ids()} - {"ingest_published_series"}):
                airflow._ask("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": is_paused})

    pause(True)
    yield "published_series"
    pause(False)


def test_an_interrupted_run_leaves_nothing_half_started(house: Bundled) -> None:
    platform.stop()
    house.undo_drawing()
    running = subprocess.Popen(
        # Where the tests themselves run in the background, a shell has them ignore it, and children inherit that.
        ["env", "--default-signal=INT", *house.command("run")],
        env=house.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert running.stdout
    said = ""
    for line in running.stdout:
        said += line
        # An impatient person presses twice, and the second must not leave half of the cleaning undone.
        if "letting Airflow" in line or "ending what is at work" in line:
            running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) == 130, said
    assert "Interrupted" in said and "Traceback" not in said
    assert not any(child.members() for child in platform._children())
    assert house.ask("select 1 from ops.warehouse_run where state = 'running'") == []
    assert house.ask_airflow("select dag_id from dag_run where state in ('queued', 'running')") == []


def test_down_stops_everything(house: Bundled) -> None:
    done = house.promise("down")
    assert done.returncode == 0 and {"database", "site", "docs", "checks"} <= set(re.findall(r"\w+", done.stdout))
    assert not database.is_running()
    kept = json.loads((house.home / "airflow" / "migrated.json").read_text())
    assert kept["airflow"], "the state stays for the next start"
