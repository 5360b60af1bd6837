"""dbt, as a few stages, with every node's result kept in `ops.dbt_result`."""

from __future__ import annotations

import contextlib
import functools
import gzip
import hashlib
import json
import logging
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import Connection, sql
from psycopg.rows import dict_row

from ingestion.load import ensure_tables
from promise import database
from promise.catalogue.sources import sources
from promise.database.patience import LONGEST, who_holds_locks
from promise.settings import settings
from promise.vocabulary.quoting import of_database, quoted
from warehouse import candidate, dbt_files, protection, staged, withdrawn
from warehouse.at_fault import ASKED, QUOTED, CheckFailed, Finding, Row, at_fault
from warehouse.frugal import frugally

log = logging.getLogger(__name__)
RUN_RESULTS = "run_results.json"
PARTIAL_PARSE = "partial_parse.msgpack"
READ_BY = ("DBT_PROJECT_DIR", "DBT_TARGET", "PROMISE_DB_NAME", "PROMISE_DB_USER", "PROMISE_DB_SCHEMA")
# dbt's commands that go on from a project as it was read.
OF_A_PROJECT = ("build", "run", "test", "compile", "ls")
READ_KEPT = 4  # projects as dbt has read them, of 5 MB each: of another state of the files, or another database
Stage = Literal["staging", "marts"]
# prod is what the scheduler builds, dev is a person's own schemas, release is the names by which readers see a release.
Target = Literal["prod", "dev", "release"]
# What of staging is made of files alone, and stands as long as they do; its tests are of what arrived, too.
OF_FILES = ("resource_type:seed", "path:functions/values", "path:functions/intermediate", "path:models/staging")
THEIR_TESTS = ("path:models/staging,resource_type:test",)
SELECT: dict[Stage, tuple[str, ...]] = {
    "staging": (*OF_FILES, "path:models/intermediate"),
    "marts": ("path:models/marts", "path:models/restricted", "path:functions/methods", "path:functions/judging"),
}
# What says whether a figure is shown, and what is made of it before the marts.
SHOWN = ("int_observation_history+,path:models/intermediate",)
FAILED = ("error", "fail", "runtime error")
# PostgreSQL's and libpq's words for a connection that is gone or cannot be had now; dbt keeps no more than the words.
LOST = re.compile(
    r"server closed the connection|terminating connection|connection to server at|connection already closed"
    r"|the database system is |remaining connection slots|too many (clients|connections)"
)
# The same of somebody who reads what is to be exchanged.
LOCKED = "canceling statement due to lock timeout"
# What plans depend on, whatever the server is set to. A build sorts and hashes more at once than readers do. To compile
# a plan takes longer than most models. Figures are told apart by six columns, and where the planner expects few of them
# it merges by one and goes through the others: fct_progress took 251 million comparisons for 91,000 figures.
PLANNING = {"work_mem": "128MB", "jit": "off", "enable_mergejoin": "off"}
BUILT_IN: dict[Stage, tuple[str, ...]] = {"staging": ("staging", "intermediate"), "marts": (candidate.SCHEMA,)}
PATIENCE = 360.0  # seconds; the database ends an analyst's idle transaction after 300
PAUSE = 2.0  # seconds between attempts, of which each reads the project again and so takes a few itself


class BuildFailed(CheckFailed):
    """A model did not build or a test found rows. The message names each node and gives dbt's own words."""


class DatabaseLost(BuildFailed):
    """The database went away under dbt, or took no more connections: the same build may do when it is back."""


class BuildBlocked(BuildFailed):
    """Somebody read what a model has to replace for longer than we wait. The message names who."""


def build(run_id: int, stage: Stage) -> dict[str, int]:
    """Build and test one stage; returns how many nodes passed, warned and were skipped.

    Raises BuildFailed naming the failing nodes. Results are recorded either way.
    """
    write_generated()
    with environment():
        known = read()
    if stage == "staging":
        with database.connect("loader") as conn:
            ensure_tables(conn)
    else:
        with database.connect("transformer") as conn:
            candidate.clear(conn)
    if stage == "marts":
        nodes = _results_of(run_id, stage, SELECT[stage], known)
        _keep_manifest(run_id, known)
        return _counts(nodes)
    nodes = _staged(run_id, known)
    with database.connect("transformer") as conn:
        others = protection.decide(conn, run_id)
        for words in withdrawn.words(conn):
            log.warning(words)
    if others:
        nodes |= _results_of(run_id, stage, SHOWN, known)
    return _counts(nodes)


def _staged(run_id: int, known: Any) -> dict[str, Any]:
    """Build and test staging; the results by node. What files alone make is made again where it does not stand."""
    select, made_of = SELECT["staging"], _files()
    is_all = {*OF_FILES} <= {*select}
    with database.connect("transformer") as conn:
        why = staged.why_again(conn, made_of) if is_all else "a part of them is asked for"
        if why:
            staged.forget(conn)
    if why:
        log.info("seeds, functions and views of staging are made: %s", why)
    else:
        select = (*(each for each in select if each not in OF_FILES), *THEIR_TESTS)
    nodes = _results_of(run_id, "staging", select, known)
    if is_all and why:
        with database.connect("transformer") as conn:
            staged.note(conn, made_of, now=_files())
    return nodes


def _files() -> str:
    return staged.files(project(), settings().root / staged.LIBRARIES)


def _counts(nodes: Mapping[str, Any]) -> dict[str, int]:
    statuses = [str(result.status) for result in nodes.values()]
    return {"nodes": len(statuses), "warned": statuses.count("warn"), "skipped": statuses.count("skipped")}


def _results_of(run_id: int, stage: Stage, select: Sequence[str], known: Any) -> dict[str, Any]:
    """Build and test what is selected; the results by node. Raises BuildFailed naming the failing nodes."""
    with environment():
        outcome, results = _built(select, known)
    _record(run_id, stage, results)
    failed = [result for result in results if str(result.status) in FAILED]
    if not failed and outcome.success:
        return {result.node.unique_id: result for result in results}
    if _are_blocked(failed):
        with database.connect("transformer") as conn:
            who = who_holds_locks(conn, BUILT_IN[stage])
        raise BuildBlocked(
            f"dbt stage {stage!r} could not replace {', '.join(result.node.name for result in failed)}: for"
            f" {PATIENCE:g} s somebody was reading what was there. {who}"
            " Readers still see the previous release. Run again"
        )
    words = "\n".join(
        f"{result.node.name}: {of_database(result.message or '').strip()}{_rows(result)}" for result in failed
    )
    message = (
        f"dbt stage {stage!r} failed:\n{words or of_database(str(outcome.exception))}\n"
        "Readers still see the previous release. Fix the model or the data and run again"
    )
    if LOST.search(words or str(outcome.exception)):
        raise DatabaseLost(message)
    with database.connect("transformer") as conn:
        raise BuildFailed(message, at_fault(conn, [*_findings(failed, stage, known)]))


def _built(select: Sequence[str], known: Any) -> tuple[Any, list[Any]]:
    """dbt's last outcome, and the last result of each node.

    dbt puts a new table in place of the old one by renaming, for which nobody may be reading the old one. Each attempt
    is short, because whoever comes to read it meanwhile waits too; what it left undone is tried again for a while.
    """
    give_up = time.monotonic() + PATIENCE
    # Unit tests are about SQL, not about this data: they run in the test suite, not on every build.
    # A test that also reads a later stage waits for it.
    outcome = invoke(
        [
            "build",
            "--select",
            *select,
            "--indirect-selection",
            "buildable",
            "--exclude-resource-type",
            "unit_test",
        ],
        known,
    )
    latest = {result.node.unique_id: result for result in _results(outcome)}
    while (
        _are_blocked([result for result in latest.values() if str(result.status) in FAILED])
        and time.monotonic() < give_up
    ):
        time.sleep(random.uniform(0.5, 1.5) * PAUSE)
        outcome = invoke(["retry"])
        latest |= {result.node.unique_id: result for result in _results(outcome)}
    return outcome, [*latest.values()]


def _results(outcome: Any) -> list[Any]:
    return outcome.result.results if outcome.result is not None and hasattr(outcome.result, "results") else []


def _are_blocked(failed: Sequence[Any]) -> bool:
    """Whether all that failed did so because of somebody's locks."""
    return bool(failed) and all(LOCKED in (result.message or "") for result in failed)


def write_generated() -> list[Path]:
    """Write what dbt reads of the catalogue: seeds, and the raw tables as sources. Returns what changed."""
    if _is_elsewhere():
        left_out = shutil.ignore_patterns("generated", "__pycache__")
        shutil.copytree(settings().root / "dbt", project(), ignore=left_out, dirs_exist_ok=True)
    return dbt_files.write_all(project())


def project() -> Path:
    """Where dbt finds its project. Of a catalogue that is described elsewhere it is a copy in the home: what is written
    into the project of one would be read by whoever builds of the other."""
    return settings().home / "dbt" / "elsewhere" / "project" if _is_elsewhere() else settings().root / "dbt"


def _is_elsewhere() -> bool:
    return settings().sources != settings().root / "ingestion" / "sources"


def is_read() -> bool:
    """Whether a process has read the project as it is now, in this environment of dbt."""
    return any(kept.exists() for kept in _kept(_files(), _place()))


def read() -> Any:
    """The project as dbt reads it in this environment; None where dbt cannot, which whoever uses it then says."""
    return _project(_files(), _place())


def read_for_every_home() -> bool:
    """Read the project once for whoever builds of this installation in a home of its own, where `promise` starts the
    database; whether dbt could. What it read stands with the libraries. Needs no database, and leaves nothing else."""
    write_generated()
    nowhere = database.Parts(host="", port=0, dbname=database.WAREHOUSE, user="promise_transformer", password="")
    with tempfile.TemporaryDirectory() as scratch, environment(here=nowhere):
        os.environ |= {"DBT_TARGET_PATH": scratch, "DBT_LOG_PATH": scratch}
        _, installed = _kept(_files(), _place())
        return installed.exists() or _read_afresh(installed) is not None


@functools.lru_cache(maxsize=READ_KEPT)
def _project(files: str, place: str) -> Any:
    """Read once, and kept in the home for other processes. dbt keeps it too, and reads all of it again, ten seconds of
    a core, for a server that listens on another port."""
    from dbt.contracts.graph.manifest import Manifest

    own, installed = _kept(files, place)
    for kept in (own, installed):
        try:
            project = Manifest.from_msgpack(kept.read_bytes())
            project.build_flat_graph()  # what SQL sees of it as `graph`, as dbt adds when it has read a project
        except FileNotFoundError:
            continue
        except Exception as error:  # whatever is wrong with what is kept, dbt can read the files
            log.warning("%s cannot be used, and is made again: %s", kept, error)
            continue
        if kept == own:
            kept.touch()
        return project
    return _read_afresh(own)


def _read_afresh(kept: Path) -> Any:
    """The project as dbt reads it of the files, which is kept too; None where dbt cannot."""
    outcome = invoke(["parse"])
    if not outcome.success:
        return None
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = kept.with_suffix(f".{os.getpid()}")
    shutil.copyfile(Path(os.environ["DBT_TARGET_PATH"]) / PARTIAL_PARSE, half)
    half.rename(kept)
    for old in sorted(kept.parent.glob("*.msgpack"), key=lambda path: path.stat().st_mtime)[:-READ_KEPT]:
        old.unlink(missing_ok=True)
    return outcome.result


def _kept(files: str, place: str) -> tuple[Path, Path]:
    """Where a project is kept as it was read: in the home, and with the libraries, where installing leaves it."""
    name = hashlib.sha256(f"{files} {place}".encode()).hexdigest() + ".msgpack"
    return settings().home / "dbt" / "read" / name, Path(sys.prefix) / "share" / "promise" / name


def _place() -> str:
    """What of the environment the project is read by: the names under which it builds, and no address."""
    return json.dumps([os.environ.get(name) for name in READ_BY])


def invoke(arguments: Sequence[str], project: Any = None) -> Any:
    """Run one dbt command in this process; returns dbt's own result object. `project`: as it was read already."""
    from dbt.cli.main import dbtRunner  # 3 s of imports, paid only where dbt runs

    _quote_nothing()
    if project is None and arguments[0] in OF_A_PROJECT and os.environ.get("DBT_TARGET") == "prod":
        project = read()
    with frugally(is_known=project is not None):
        outcome = dbtRunner(manifest=project).invoke([*arguments])
    # dbt has written it by now, with what PostgreSQL quoted.
    if outcome.result is not None and (told := Path(os.environ.get("DBT_TARGET_PATH", "")) / RUN_RESULTS).is_file():
        content = json.loads(told.read_text())
        for result in content["results"]:
            result["message"] = of_database(result["message"] or "") or None
        told.write_text(json.dumps(content))
    return outcome


def _quote_nothing() -> None:
    """Let dbt's log and what it prints quote no value: by the function with which it takes its secrets out of both."""
    from dbt_common.events import functions
    from dbt_common.exceptions import scrub_secrets

    vars(functions)["scrub_secrets"] = lambda message, secrets: of_database(scrub_secrets(message, secrets))


@contextlib.contextmanager
def environment(target: Target = "prod", here: database.Parts | None = None) -> Iterator[None]:
    """The variables under which dbt finds its project, its profile and the database, while the block runs.

    `here`: where the database is, if not where the transformer connects.
    """
    before = dict(os.environ)
    # A person's shell may say how dbt is to work for them: that is no business of the scheduler's.
    for name in [name for name in os.environ if name.startswith("DBT_")]:
        del os.environ[name]
    # A sixth of what dbt computes are the 7,000 lines at the level below; of each node `ops.dbt_result` has the result.
    quiet = {
        "DBT_QUIET": "true", "DBT_USE_COLORS": "false", "DBT_PRINTER_WIDTH": "160", "DBT_LOG_LEVEL_FILE": "info",
    }  # fmt: skip
    os.environ.update(variables(target, here or database.parts("transformer"), "staging") | quiet)
    if target == "prod":
        # dbt's profile has no place for it; libpq, through which dbt connects, reads it from here.
        planning = " ".join(f"-c {name}={value}" for name, value in PLANNING.items())
        own = f"{os.environ.get('PGOPTIONS', '')} -c lock_timeout={LONGEST * 1000:.0f}ms {planning}"
        os.environ["PGOPTIONS"] = own.strip()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def variables(target: Target, here: database.Parts, schema: str) -> dict[str, str]:
    """dbt's environment: where it is, where it writes, how and as whom it connects; nothing phones home.

    A target has a folder of its own, because dbt parses everything afresh when the target changes.
    """
    return {
        "DBT_PROJECT_DIR": str(project()),
        "DBT_PROFILES_DIR": str(project()),
        "DBT_TARGET": target,
        "DBT_TARGET_PATH": str(target_path(target, schema)),
        "DBT_LOG_PATH": str(settings().home / "dbt" / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        "DO_NOT_TRACK": "1",
        "PROMISE_DB_HOST": here["host"],
        "PROMISE_DB_PORT": str(here["port"]),
        "PROMISE_DB_NAME": here["dbname"],
        "PROMISE_DB_USER": here["user"],
        "PROMISE_DB_SCHEMA": schema,
        # The prefix keeps dbt from writing the value to its logs.
        "DBT_ENV_SECRET_PROMISE_DB_PASSWORD": here["password"],
    }


def target_path(target: Target, schema: str = "") -> Path:
    """Where dbt keeps what it knows of the project as this target sees it."""
    folder = settings().home / "dbt" / ("elsewhere" if _is_elsewhere() else "")
    return folder / {"prod": "target", "dev": schema, "release": "release"}[target]


def _keep_manifest(run_id: int, known: Any) -> None:
    """What dbt knew when it built this run, for `warehouse.state`; those of releases that are gone go."""
    with database.connect("transformer") as conn:
        conn.execute(
            "delete from ops.dbt_manifest where run_id not in (select run_id from ops.release where state <> 'dropped')"
        )
        conn.execute(
            "insert into ops.dbt_manifest values (%s, %s)"
            " on conflict (run_id) do update set manifest = excluded.manifest",
            (run_id, gzip.compress(json.dumps(_manifest(known)).encode(), compresslevel=1)),
        )


def kept_manifest(conn: Connection[Any], run_id: int) -> dict[str, Any] | None:
    """What dbt knew when it built that run, as in a manifest.json; None where nothing was built, or it is not kept."""
    row = conn.execute("select manifest from ops.dbt_manifest where run_id = %s", (run_id,)).fetchone()
    return None if row is None else json.loads(gzip.decompress(row[0]))


def _manifest(known: Any) -> dict[str, Any]:
    """What dbt knows, as it writes it to a manifest.json; nothing where it could not read the project."""
    if known is None:
        return {}
    manifest: dict[str, Any] = known.writable_manifest().to_dict(omit_none=False, context={"artifact": True})
    for node in manifest["nodes"].values():
        node.pop("compiled_code", None)  # half of it, and nothing asks for it
    return manifest


def _rows(result: Any, most: int = 5) -> str:
    """The first rows that a failing test found, because dbt itself only counts them."""
    compiled = getattr(result.node, "compiled_code", None)
    if str(result.node.resource_type) != "test" or str(result.status) != "fail" or not compiled:
        return ""
    with database.connect("transformer") as conn, conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(f"select * from ({compiled}) as offending limit {most}".encode()).fetchall()
    shown = [{name: value if _is_ours(name) else quoted(value) for name, value in row.items()} for row in rows]
    return "".join(f"\n  {json.dumps(row, default=str)}" for row in shown)


def _is_ours(column: str) -> bool:
    """Whether what stands in a column is a name of ours or a place, and no text of a file."""
    return column.endswith(("_id", "_status")) or column in (*ASKED, *QUOTED)


def sources_read(name: str, manifest: Mapping[str, Any]) -> set[str]:
    """The sources whose raw tables a model, or a test, reads, itself or through others."""
    nodes, raw = manifest.get("nodes", {}) | manifest.get("functions", {}), manifest.get("sources", {})
    todo = [unique_id for unique_id, node in nodes.items() if node["name"] == name]
    seen: set[str] = set()
    while todo:
        unique_id = todo.pop()
        if unique_id not in seen:
            seen.add(unique_id)
            todo += nodes.get(unique_id, {}).get("depends_on", {}).get("nodes", [])
    return {raw[unique_id]["source_name"] for unique_id in seen & {*raw} if raw[unique_id]["schema"] == "raw"}


def _findings(failed: Sequence[Any], stage: Stage, known: Any) -> Iterator[Finding]:
    """What failed, as it is traced to a source. What somebody's locks made fail is nobody's.

    Before the marts a row holds more of a figure than readers see, so that of it only the place is kept.
    """
    asked = [name for name in ASKED if stage == "marts" or name != "obs_value"]
    manifest = _manifest(known)
    for result in failed:
        if LOCKED in (result.message or ""):
            continue
        node = result.node
        is_test = str(node.resource_type) == "test"
        has_rows = is_test and str(result.status) == "fail"
        reads = sources_read(node.name, manifest)
        yield Finding(
            check=f"the check {node.name}" if is_test else f"the building of {node.name}",
            rows=_places(node.compiled_code, asked) if has_rows else (),
            reads=reads if has_rows else _unreadable(reads) or reads,
            remedy="look at it in the file and ask the publisher, or correct the source's entry in ingestion/sources/ "
            "or the model; `promise run` judges the file again",
        )


def _unreadable(source_ids: Collection[str]) -> set[str]:
    """Those of the sources whose staging model cannot be read. A view computes no more than it is asked for, and so
    what a cast cannot read fails the model that asks."""
    found = set()
    for source_id in source_ids:
        with database.connect("transformer") as conn:
            model = sql.Identifier("staging", sources()[source_id].staging_model)
            try:
                conn.execute(sql.SQL("select count(line::text) from {} as line").format(model))
            except psycopg.DataError:
                found.add(source_id)
            except psycopg.errors.UndefinedTable:
                continue  # it was not built, so nobody read it
    return found


def _places(compiled: str, asked: Collection[str]) -> list[Row]:
    """What the failing rows of a test say of where they come from."""
    with database.connect("transformer") as conn, conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(f"select * from ({compiled}) as offending limit 0".encode())
        there = [sql.Identifier(column.name) for column in cursor.description or () if column.name in asked]
        if not there:
            return []
        return [
            *cursor.execute(
                sql.SQL("select distinct {} from ({}) as offending").format(
                    sql.SQL(", ").join(there),
                    sql.SQL(compiled),  # type: ignore[arg-type]
                )
            )
        ]


def _record(run_id: int, stage: Stage, results: Sequence[Any]) -> None:
    rows = [
        (
            *(run_id, stage, result.node.unique_id, str(result.node.resource_type), str(result.status)),
            *(result.execution_time, (result.adapter_response or {}).get("rows_affected"), result.failures),
            of_database(result.message or "") or None,
        )
        for result in results
    ]
    with database.connect("transformer") as conn, conn.cursor() as cursor:
        cursor.executemany(
            "insert into ops.dbt_result (run_id, stage, unique_id, resource_type, status, seconds, rows_affected,"
            " failures, message) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (run_id, unique_id) do update"
            " set status = excluded.status, seconds = excluded.seconds, failures = excluded.failures,"
            " message = excluded.message",
            rows,
        )
