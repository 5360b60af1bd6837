"""What a warehouse run is of: one head of the ledger and one state of the code. Decides whether there is work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from psycopg import Connection

from promise import database, ledger
from promise.errors import PromiseError
from promise.settings import settings
from warehouse import releases

# What can change a mart. Generated files are left out: they derive from these. So are the readers: what raw holds stays
# as it was read until it is read again, for which its shape's revision is raised (promise/catalogue/shapes.py). A test
# follows the imports of the warehouse's DAG, and fails for a file that is neither here nor among its exceptions.
CODE = (
    ("framework", "**/*.yml"),
    ("ingestion", "*.yml"),
    ("ingestion/sources", "*/*.yml"),
    ("ingestion/vocabulary", "*.yml"),
    ("promise/vocabulary", "*.py"),
    ("promise/catalogue", "*.py"),
    ("promise/disclosure", "*.py"),
    ("promise", "strict.py"),
    ("promise", "ledger.py"),
    ("promise/database", "ops.sql"),
    ("warehouse", "transform.py"),
    ("warehouse", "at_fault.py"),
    ("warehouse", "attempts.py"),
    ("warehouse", "candidate.py"),
    ("warehouse", "changes.py"),
    ("warehouse", "clearing.py"),
    ("warehouse", "divisions.py"),
    ("warehouse", "frugal.py"),
    ("warehouse", "kept.py"),
    ("warehouse", "methods.py"),
    ("warehouse", "outsider.py"),
    ("warehouse", "pointer.py"),
    ("warehouse", "protection.py"),
    ("warehouse", "published.py"),
    ("warehouse", "releases.py"),
    ("warehouse", "several_years.py"),
    ("warehouse", "staged.py"),
    ("warehouse", "withdrawn.py"),
    ("warehouse", "withholding.py"),
    ("warehouse", "writing.py"),
    ("warehouse/dbt_files", "*.py"),
    ("dbt", "*.yml"),
    ("dbt/contracts", "*.yml"),
    ("dbt/functions", "**/*"),
    ("dbt/models", "**/*"),
    ("dbt/macros", "**/*.sql"),
    ("dbt/tests", "**/*.sql"),
    ("expectations", "*.py"),
    (".", "uv.lock"),  # dbt and the other libraries
)
GENERATED = "generated"
Maker = Literal["airflow", "rebuild", "forget"]


class AtWork(PromiseError):
    """Somebody else makes or replaces a release: there is one at a time."""


@dataclass(frozen=True)
class Fingerprint:
    """The identity of a build: equal fingerprints build equal marts."""

    vintages: tuple[int, ...]
    accepted_by_people: tuple[int, ...]  # of these: they were held, and a person decided that they are used
    code: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.code} {self.vintages} {self.accepted_by_people}".encode()).hexdigest()


@dataclass(frozen=True)
class Plan:
    """What a run would do now, and why; and which vintages wait for their publication time or for a person."""

    needed: bool
    reasons: tuple[str, ...]
    waiting: tuple[str, ...] = ()
    held: str | None = None  # that a rollback holds: nothing is built until somebody lifts it


def fingerprint(conn: Connection[Any], moment: datetime | None = None) -> Fingerprint:
    """The fingerprint of what would be built now, or at that moment: a vintage under embargo is in no build before it
    ends, and its end makes another build of the same files."""
    moment = moment or datetime.now(UTC)
    held = tuple(vintage.vintage for vintage in ledger.vintages(conn) if vintage.is_due(moment))
    decided = ledger.decisions(conn)
    accepted = tuple(number for number in held if number in decided and decided[number].decision == "accept")
    return Fingerprint(vintages=held, accepted_by_people=accepted, code=_code_digest(settings().root))


def is_built(conn: Connection[Any]) -> bool:
    """Whether there is nothing to build: the current release is of this head and this code, or a rollback holds."""
    return not plan(conn).needed


def plan(conn: Connection[Any] | None = None) -> Plan:
    """Whether the warehouse would be built, and the reasons in words."""
    if conn is None:
        with database.connect() as fresh:
            return plan(fresh)
    if held := releases.words_of_hold(conn):
        return Plan(needed=False, reasons=(), held=held)
    moment = datetime.now(UTC)
    now = fingerprint(conn, moment)
    known = {vintage.vintage: vintage for vintage in ledger.vintages(conn)}
    waiting = tuple(
        f"vintage {each.vintage} of {each.source_id} is held back until {each.not_before:%d %B %Y %H:%M} UTC"
        for each in known.values()
        if not each.is_due(moment)
    ) + tuple(
        f"vintage {each.vintage} of {each.source_id} waits for a person: `promise quarantine show {each.vintage}`"
        for each in known.values()
        if each.arrival == "held"
    )
    current = conn.execute(
        "select run.fingerprint, run.vintages, run.accepted_by_people from ops.release"
        " join ops.warehouse_run as run using (run_id) where release.state = 'current'"
    ).fetchone()
    if current is None:
        reason = "nothing has been released yet" if now.vintages else "nothing has been landed yet"
        return Plan(needed=bool(now.vintages), reasons=(reason,), waiting=waiting)
    if current[0] == now.digest:
        return Plan(needed=False, reasons=(), waiting=waiting)
    reasons = []
    if new := sorted(set(now.vintages) - set(current[1])):
        reasons += [f"vintage {number} of {known[number].source_id} {_why(known[number])}" for number in new]
    if gone := sorted(set(current[1]) - set(now.vintages)):
        reasons.append(
            f"vintages {', '.join(map(str, gone))} of the current release are gone from the ledger or held back again"
        )
    decided = ledger.decisions(conn)
    for number in sorted(set(now.accepted_by_people) ^ set(current[2])):
        if number in current[1] and number in decided:  # of another, it was said that it is new
            each = decided[number]
            reasons.append(f"vintage {number} of {known[number].source_id} was {each.decision}ed by {each.decided_by}")
    if not reasons:
        reasons.append("the framework, the models or the checks changed since the current release was built")
    return Plan(needed=True, reasons=tuple(reasons), waiting=waiting)


def kept_out_or_new(conn: Connection[Any]) -> list[ledger.Vintage]:
    """The vintages that the release of now does not hold, and that no accepted one of the same file has replaced.

    While nothing has been released everything is new, and of it only what is kept out is given.
    """
    numbers = {
        number
        for (number,) in conn.execute(
            "select vintage from ops.vintage as ledger left join (select coalesce(run.built_of, run.vintages) as held"
            "   from ops.release join ops.warehouse_run as run using (run_id) where release.state = 'current') as shown"
            "   on true"
            " where case when held is null then arrival <> 'accepted' else vintage <> all (held) end"
            " and arrival <> 'forgotten'"
            " and not exists (select from ops.vintage as later where later.arrival = 'accepted'"
            "   and later.source_id = ledger.source_id and later.file_name = ledger.file_name"
            "   and later.vintage > ledger.vintage)"
        )
    }
    return [vintage for vintage in ledger.vintages(conn) if vintage.vintage in numbers]


def open_run(conn: Connection[Any], maker: Maker = "airflow", *, airflow_is_gone: bool | None = None) -> int:
    """Start a run over what is there now; returns its id. Commits.

    There is one at a time. Airflow itself has one at work, so the one that it opened before is dead when it opens the
    next; any other lives as long as the connection by which it was opened. Raises AtWork while another is.
    """
    moment = datetime.now(UTC)  # what is due is decided once, here; the models ask ops.as_at()
    conn.commit()
    with conn.transaction():
        conn.execute("lock table ops.warehouse_run in share row exclusive mode")
        close_dead(conn, airflow_is_gone=maker == "airflow" if airflow_is_gone is None else airflow_is_gone)
        now = fingerprint(conn, moment)
        row = conn.execute(
            "insert into ops.warehouse_run"
            " (fingerprint, vintages, accepted_by_people, started_at, maker, backend_pid, backend_start)"
            " select %s, %s, %s, %s, %s, pid, backend_start from pg_stat_activity where pid = pg_backend_pid()"
            " returning run_id",
            (now.digest, list(now.vintages), list(now.accepted_by_people), moment, maker),
        ).fetchone()
    assert row is not None
    return int(row[0])


def close_dead(conn: Connection[Any], *, airflow_is_gone: bool = False) -> None:
    """Close what says that it runs and does not. Raises AtWork when it does. Commits nothing.

    What Airflow opened is taken for dead by whoever knows that no Airflow is at work on it, and after six hours.
    """
    row = conn.execute(
        "select run_id, maker, started_at, case when maker = 'airflow'"
        " then not %s and started_at > clock_timestamp() - interval '6 hours' else exists"
        " (select from pg_stat_activity as live where live.pid = backend_pid"
        "  and live.backend_start = warehouse_run.backend_start) end"
        " from ops.warehouse_run where state = 'running'",
        (airflow_is_gone,),
    ).fetchone()
    if row is None:
        return
    run_id, maker, since, is_alive = row
    if is_alive:
        raise AtWork(
            f"run {run_id} ({maker}) is at work since {since:%d %B %Y %H:%M} UTC; wait until it has ended"
            " (`promise status`), or end it with `make down`"
        )
    conn.execute(
        "update ops.warehouse_run set state = 'failed', ended_at = clock_timestamp(), message = 'did not end'"
        " where run_id = %s",
        (run_id,),
    )


def close_run(
    conn: Connection[Any], run_id: int, state: Literal["released", "refused", "failed"], message: str | None = None
) -> None:
    """Record how a run ended. The first ending counts: a failure callback after a refusal changes nothing."""
    conn.execute(
        "update ops.warehouse_run set state = %s, message = %s, ended_at = clock_timestamp()"
        " where run_id = %s and state = 'running'",
        (state, message, run_id),
    )
    conn.commit()


def _why(vintage: ledger.Vintage) -> str:
    if vintage.not_before and vintage.not_before > vintage.loaded_at:
        return f"was held back until {vintage.not_before:%d %B %Y %H:%M} UTC, which has passed"
    return "is not in the current release"


def _code_digest(root: Path) -> str:
    digest = hashlib.sha256()
    for path in _code_files(root):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _code_files(root: Path) -> Iterator[Path]:
    for folder, pattern in CODE:
        for path in sorted((root / folder).glob(pattern)):
            if path.is_file() and GENERATED not in path.relative_to(root).parts:
                yield path
