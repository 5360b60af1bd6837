"""`promise verify` and `promise rebuild`: landed files are what the ledger says, and all else follows from the two.

`verify` also looks into each landed file again: rules about persons came after some of them, and may still come. With
`--rebuild` it reads every vintage again too: a build reads only those that are new to it, and keeps the rest.

Landing and ledger are what cannot be made again: a publisher shows only what is current. Everything else, from `raw`
to the releases, is derived, and `rebuild` derives it afresh.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from rich.console import Console
from rich.markup import escape

from ingestion.errors import SourceChanged
from ingestion.landing import folder, read_sidecar
from ingestion.load import load_again
from ingestion.personal import found_in
from orchestration import platform
from promise import database, ledger
from promise.catalogue import check, history
from promise.catalogue.sources import sources
from promise.errors import PromiseError
from promise.settings import settings
from promise.vocabulary.quoting import masked
from warehouse import attempts, candidate, readings, releases, runs, transform

# Each with the role that makes what is in it.
DERIVED = {
    "raw": "promise_loader",
    "staging": "promise_transformer",
    "intermediate": "promise_transformer",
    candidate.SCHEMA: "promise_transformer",
}


@dataclass(frozen=True)
class Problem:
    """Something that is not as the ledger says."""

    source_id: str
    snapshot_id: str
    vintages: tuple[int, ...]
    what: str


@dataclass(frozen=True)
class Verified:
    """What was looked at and what was found."""

    files: int
    bytes: int
    problems: tuple[Problem, ...]
    tables: tuple[str, ...]  # raw tables that nobody describes or retired, in words
    not_loaded: tuple[str, ...]  # landed, in no vintage: the load failed, the cells were the same, or words of pages
    personal: tuple[str, ...] = ()  # what may be about a person in files of before a rule knew it, and what to do
    readings: tuple[str, ...] = ()  # what was kept of vintages and is not what reading them gives

    @property
    def is_good(self) -> bool:
        return not self.problems and not self.tables and not self.personal and not self.readings


def verify(conn: Connection[Any]) -> Verified:
    """Hash every landed file that the ledger names, and look for tables that were given up without a word."""
    named: dict[tuple[str, str], list[ledger.Vintage]] = {}
    for vintage in ledger.vintages(conn):
        if vintage.arrival == "forgotten":
            continue  # its file is gone, and meant to be
        named.setdefault((vintage.source_id, vintage.snapshot_id), []).append(vintage)
    problems = [
        Problem(source_id, snapshot_id, tuple(each.vintage for each in held), what)
        for (source_id, snapshot_id), held in named.items()
        for what in _faults(held[0])
    ]
    loaded = [
        name
        for (name,) in conn.execute(
            "select relname from pg_class where relnamespace = 'raw'::regnamespace and relkind = 'p' order by 1"
        )
    ]
    return Verified(
        files=len(named),
        bytes=sum(held[0].size_bytes for held in named.values()),
        problems=tuple(problems),
        tables=tuple(
            history.unaccounted(
                [each.raw_table for each in sources().values()], history.ever_loaded(), history.retired(), loaded
            )
        ),
        not_loaded=tuple(
            f"{place.parent.name}/{place.name}"
            for place in landed_files()
            if (place.parent.name, place.name) not in named
        ),
    )


def personal() -> Iterator[str]:
    """Where a landed file may be about a person, by the rules of today; what is landed now was looked at before."""
    for place in landed_files():
        source_id, digest = place.parent.name, place.name
        try:
            landed = read_sidecar(source_id, digest)
            hit = found_in(source_id, landed, sources().get(source_id))
        except (SourceChanged, OSError, ValueError, TypeError) as error:
            yield f"{source_id}: {place} could not be looked into: {masked(str(error))}"
            continue
        if hit:
            yield (
                f"{source_id}: {masked(landed.file_name)}, {hit.place}: {hit.found}, landed on "
                f"{landed.retrieved_at[:10]}. If it is about a person: promise forget {digest[:12]} --why …; if it is "
                f"not, say so under `not_personal` in ingestion/sources/{source_id}/source.yml"
            )


def read_otherwise() -> Iterator[str]:
    """Where the warehouse, as it was built last, is not what reading every vintage gives.

    Raises PromiseError where there is something to build, or would be if no rollback held: then it need not be.
    """
    with database.connect("transformer") as conn:
        plan = runs.plan(conn)
        if plan.held:
            raise PromiseError(f"what stands may be of something else than there is now. {plan.held}")
        if plan.needed:
            raise PromiseError(
                f"what stands is of something else than there is now: {'; '.join(plan.reasons)}."
                " Run `promise run`, then verify again"
            )
        for each in readings.differences(conn, readings.kept()):
            yield (
                f"intermediate.{each.table}, vintage {each.vintage}: {each.rows:,} rows are not what reading it gives."
                " Make everything afresh with `promise rebuild`, and report it: a build has to notice by itself"
            )


def rebuild(console: Console | None = None) -> dict[str, Any]:
    """Make `raw`, `staging`, `intermediate` and a release afresh from landing and ledger.

    Readers keep what they see until the new release is shown, and the release before is kept to be gone back to.
    Raises PromiseError, having changed nothing, when a landed file is missing or altered, or holds another number of
    rows than the ledger says, or when a file of the catalogue is wrong.
    """
    check.everything()

    say = (console or Console(emoji=False, highlight=False)).print
    database.ensure_running()  # also when there is nothing left but the ledger
    with database.connect() as conn, database.connect("releaser") as at_work:
        found = verify(conn)
        if found.problems:
            raise PromiseError("not rebuilt, because what is landed is not what was landed:\n" + _listed(found))
        held = ledger.vintages(conn)
        if not held:
            raise PromiseError("there is nothing to rebuild: the ledger is empty; run `make run`")
        # That connection stands for the run as long as it is at work.
        run_id = runs.open_run(at_work, maker="rebuild", airflow_is_gone=no_airflow_is_at_work())
        try:
            rows = _reload(conn, held)
            conn.commit()
            say(f"loaded {rows:,} rows of {len(held)} vintages again")
            release_id = build_and_show(run_id)
        except PromiseError as error:
            conn.rollback()
            runs.close_run(at_work, run_id, "refused", str(error))
            raise
    say(f"readers see release {release_id}")
    return {"vintages": len(held), "rows": rows, "release_id": release_id}


def build_and_show(run_id: int) -> int:
    """What a run does with what `raw` holds; returns the release that readers see then."""
    from expectations import arrival, publication

    arrival.judge(run_id)
    for stage in transform.SELECT:
        attempts.build(run_id, stage)
    publication.judge(run_id)
    return releases.publish(run_id)


def show(as_json: bool = False, *, with_readings: bool = False) -> int:
    """Print what was found; returns 1 when something is not as the ledger says.

    `with_readings`: what is kept of vintages too, which takes as long as reading all of them.
    """
    if not database.is_running():
        raise PromiseError("the database is not running; start it with `promise db url`, or everything with `make run`")
    with database.connect() as conn:
        found = replace(verify(conn), personal=tuple(personal()))
    if with_readings:
        found = replace(found, readings=tuple(read_otherwise()))
    if as_json:
        print(json.dumps(asdict(found) | {"is_good": found.is_good}, indent=2))  # noqa: T201
        return 0 if found.is_good else 1
    console = Console(emoji=False, highlight=False, soft_wrap=True)
    if found.problems or found.tables:
        console.print(escape(_listed(found)), style="red")
    for words in (*found.personal, *found.readings):
        console.print(escape(words), style="red")
    for place in found.not_loaded:
        console.print(f"landed but in no vintage: {place}")
    good = "as the ledger says" if not found.problems else f"{len(found.problems)} faults"
    console.print(f"{found.files} landed files, {found.bytes:,} bytes: {good}")
    return 0 if found.is_good else 1


def _faults(vintage: ledger.Vintage) -> list[str]:
    """What is wrong with one landed file, in words; empty when it is as it was landed."""
    place = folder(vintage.source_id, vintage.snapshot_id)
    content = place / "content"
    if not content.is_file():
        return [f"{content} is missing; restore it from a backup (`promise restore`)"]
    with content.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    found = []
    if digest != vintage.snapshot_id:
        found.append(
            f"{content} was altered: its sha256 is {digest} and its size {content.stat().st_size:,} bytes, where "
            f"{vintage.size_bytes:,} were landed; restore it from a backup (`promise restore`)"
        )
    try:
        said = read_sidecar(vintage.source_id, vintage.snapshot_id)
    except (SourceChanged, ValueError, TypeError) as error:
        return [*found, f"{place / 'snapshot.json'} is missing or damaged ({error}); restore it from a backup"]
    if (said.source_id, said.snapshot_id) != (vintage.source_id, vintage.snapshot_id):
        found.append(f"{place / 'snapshot.json'} speaks of {said.source_id} {said.snapshot_id[:12]}; restore it")
    return found


def _listed(found: Verified) -> str:
    lines = [f"{each.source_id}, vintage {', '.join(map(str, each.vintages))}: {each.what}" for each in found.problems]
    return "\n".join([*lines, *found.tables])


def no_airflow_is_at_work() -> bool:
    """Whether it is known that no Airflow is at work on a run of the warehouse."""
    return platform.is_building() is False


def _reload(conn: Connection[Any], held: list[ledger.Vintage]) -> int:
    """Every vintage again under its own number, in the caller's transaction: a fault leaves everything as it was."""
    make_empty(conn, *DERIVED)
    conn.execute("set local role promise_loader")
    rows = 0
    for vintage in held:
        source = sources().get(vintage.source_id)
        if vintage.arrival == "forgotten":
            continue
        if source is None:
            continue  # retired: its files stay landed, and no model reads it
        landed = read_sidecar(vintage.source_id, vintage.snapshot_id)
        loaded = load_again(conn, source, landed, vintage)
        noted = conn.execute("select row_count from ops.vintage where vintage = %s", (vintage.vintage,)).fetchone()
        if noted != (loaded,):
            raise PromiseError(
                f"vintage {vintage.vintage} of {vintage.source_id} gives {loaded:,} rows where the ledger has "
                f"{vintage.row_count:,}: it is read in another way than when it was landed. Nothing was changed; look "
                f"at what changed in ingestion/sources/{vintage.source_id}/source.yml or in the readers"
            )
        rows += loaded
    conn.execute("reset role")
    return rows


def make_empty(conn: Connection[Any], *schemas: str) -> None:
    """Derived schemas as before the first run. In the caller's transaction."""
    for schema in schemas:
        maker = sql.Identifier(DERIVED[schema])
        conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
        conn.execute(sql.SQL("create schema {} authorization {}").format(sql.Identifier(schema), maker))


def landed_files() -> list[Path]:
    """Every landed snapshot, as folders that appear whole or not at all."""
    return [place for place in sorted(settings().landing.glob("*/*/")) if not place.name.startswith(".")]
