"""`promise forget`: what slipped through and must not be here goes from every place, and that it went is written down.

A file is forgotten as a whole: its bytes are its name, and what remained of an altered one would be no vintage. A value
is forgotten with every file that holds it. The ledger keeps the vintage's number and hash, so that the file is not
landed again; what it said, and what the value was, is written down nowhere.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bi.site.build import remove
from ingestion import pipeline
from ingestion.landing import one_at_a_time
from orchestration import config, names, platform
from promise import database, ledger
from promise.database.analysts import name_of_person
from promise.database.patience import in_short_attempts
from promise.errors import PromiseError
from promise.settings import settings
from warehouse import clearing, kept, pointer, published, runs
from workbench import traces
from workbench.commands import release as shown
from workbench.commands.verify import build_and_show, landed_files, make_empty, no_airflow_is_at_work

SHORTEST = 4  # signs; what is shorter stands in figures that are about nobody
PREFIX = 8  # signs of a snapshot's hash, as messages have at least
PATIENCE = 60.0  # seconds that readers may hold up the emptying of what they read
REBUILT = ("staging", "intermediate", "candidate")
MASK = "[forgotten]"
Say = Callable[[str], None]


@dataclass
class Found:
    """What is to be forgotten, and where it was found: how much, by place."""

    value: str | None = None
    snapshots: set[str] = field(default_factory=set)
    vintages: list[ledger.Vintage] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)  # of landing
    releases: list[int] = field(default_factory=list)  # kept ones that show something of it
    places: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)  # what could not be done
    for_a_person: list[str] = field(default_factory=list)  # what nobody here can do

    @property
    def numbers(self) -> list[int]:
        return [each.vintage for each in self.vintages]


def show(what: str | None, value: str | None, why: str, dry_run: bool = False) -> int:
    """Forget a file, or a value, and print what was removed where. Returns 1 where something is left to do."""
    console = Console(emoji=False, highlight=False, soft_wrap=True)
    found = forget(what, value, why, dry_run=dry_run, say=console.print)
    table = Table("place", title="Would be removed" if dry_run else "Removed", title_justify="left")
    table.add_column("how much", justify="right")
    for place, count in sorted(found.places.items()):
        table.add_row(place, f"{count:,}")
    console.print(table if found.places else "Nothing of it is in any place that was searched.")
    for words in found.left:
        console.print(f"[red]not done[/]: {escape(words)}")
    for words in found.for_a_person:
        console.print(f"[yellow]for you to do[/]: {escape(words)}")
    return 1 if found.left else 0


def allow(what: str, why: str) -> None:
    """Let a forgotten file be landed again."""
    if not why.strip():
        raise PromiseError("--why is empty: say why, for whoever asks in a year")
    database.ensure_running()
    with database.connect() as conn:
        snapshots = {each for each in ledger.forgotten(conn) if each.startswith(what)}
        if len(snapshots) != 1:
            raise PromiseError(f"{what} is the beginning of {len(snapshots)} forgotten files; name one by its hash")
        conn.execute(
            "update ops.forgotten set allowed_by = %s, allowed_at = clock_timestamp(), allowed_why = %s"
            " where snapshot_id = any(%s) and allowed_at is null",
            (name_of_person(), why.strip(), [*snapshots]),
        )
    print(f"file {what[:12]} may be landed again: the next run looks for it")  # noqa: T201


def forget(what: str | None, value: str | None, why: str, *, dry_run: bool = False, say: Say = lambda _: None) -> Found:
    """Remove a landed file by its hash, or a value with every file that holds it, from every place.

    When it returns, readers see nothing of it. Raises PromiseError, having changed nothing, for what is not there or
    cannot be meant, and AtWork while a run is at work. `dry_run` only counts.
    """
    _refuse_nonsense(what, value, why)
    database.ensure_running()
    with database.connect() as conn:
        say("searching")
        found = _search(conn, what, value)
        conn.commit()
        if dry_run:
            return found
        with database.connect("releaser") as at_work, contextlib.ExitStack() as alone:
            run_id = runs.open_run(at_work, maker="forget", airflow_is_gone=no_airflow_is_at_work())
            alone.callback(_end, run_id)
            for source_id in sorted(
                {each.parent.name for each in found.folders} | {v.source_id for v in found.vintages}
            ):
                pipeline.record_killed(source_id, "was killed")
                alone.enter_context(one_at_a_time(source_id))
            was_built = _was_built(conn, found)
            _from_database(conn, found, why, was_built=was_built)
            conn.commit()  # before anything is built: whoever builds needs these schemas for itself
            _from_files(found)
            _from_airflow(found)
            if was_built:
                _from_readers(run_id, found, say)
            _empty_slots(found)
    return found


# ------------------------------------------------------------------------------------------------------- searching


def _refuse_nonsense(what: str | None, value: str | None, why: str) -> None:
    if not why.strip():
        raise PromiseError("--why is empty: say why, for whoever asks in a year")
    if (what is None) == (value is None):
        raise PromiseError("name a landed file by its hash, or a value with --value, and not both")
    if what is not None and len(what) < PREFIX:
        raise PromiseError(
            f"a file is named by at least {PREFIX} signs of its hash; `promise status` and landing have it"
        )
    if value is not None and len(value.strip()) < SHORTEST:
        raise PromiseError(
            f"a value of fewer than {SHORTEST} signs stands in many figures; forget the file by its hash"
        )
    if value is not None and value.strip().casefold() in why.casefold():
        raise PromiseError("--why holds the value: say why without it, because it is kept")


def _search(conn: Connection[Any], what: str | None, value: str | None) -> Found:
    found = Found(value=value.strip() if value else None)
    known = ledger.vintages(conn)
    if found.value is None:
        assert what is not None
        found.snapshots = {
            each for each in {v.snapshot_id for v in known} | {place.name for place in landed_files()}
            if each.startswith(what.lower())
        }  # fmt: skip
        if len(found.snapshots) != 1:
            raise PromiseError(
                f"{what} is the beginning of the hash of {len(found.snapshots)} landed files; name one by more of it"
            )
    else:
        _search_value(conn, found)
        found.snapshots |= {
            place.name for place in landed_files() if any(traces.in_folder(place, [found.value]))
        }  # fmt: skip
    found.vintages = [each for each in known if each.snapshot_id in found.snapshots]
    found.folders = [place for place in landed_files() if place.name in found.snapshots]
    if found.folders:
        found.places["landing, files"] += len(found.folders)
    for table, rows in _raw(conn, found):
        found.places[f"raw.{table}, rows"] += rows
    found.releases = _showing(conn, found)
    if found.releases:
        found.places["kept releases"] += len(found.releases)
    _name_what_people_must_do(conn, found)
    return found


def _search_value(conn: Connection[Any], found: Found) -> None:
    assert found.value is not None
    hits = traces.in_tables(conn, [found.value], "^(raw|ops)$")
    for column in (each for each in hits if each.schema == "raw"):
        numbers = conn.execute(
            sql.SQL("select distinct _vintage from {} where {}::text ~* %s").format(
                column.relation, sql.Identifier(column.name)
            ),
            (traces.pattern_of(found.value),),
        ).fetchall()
        found.snapshots |= {
            each.snapshot_id for each in ledger.vintages(conn) if each.vintage in {number for (number,) in numbers}
        }


def _raw(conn: Connection[Any], found: Found) -> list[tuple[str, int]]:
    """The partitions of raw that hold a vintage that is to be forgotten, with their rows."""
    partitions = conn.execute(
        "select relname from pg_class where relnamespace = 'raw'::regnamespace and relispartition"
        " and substring(relname from '__v([0-9]+)$')::integer = any(%s)",
        (found.numbers,),
    ).fetchall()
    counted = []
    for (name,) in partitions:
        row = conn.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("raw", name))).fetchone()
        counted.append((name, int(row[0]) if row else 0))
    return counted


def _showing(conn: Connection[Any], found: Found) -> list[int]:
    """The kept releases that were built of a file that is to be forgotten, or show the value."""
    numbers = {
        number
        for (number,) in conn.execute(
            "select release.release_id from ops.release join ops.warehouse_run as run using (run_id)"
            " where coalesce(run.built_of, run.vintages) && %s::integer[]"
            " and release.state in ('candidate', 'current', 'superseded', 'refused')",
            (found.numbers,),
        )
    }
    if found.value is not None:
        shown = {each.table for each in traces.in_tables(conn, [found.value], "^(published|release_[0-9]+)$")}
        numbers |= {
            release.release_id
            for release in kept.listing(conn)
            if any(published.partition_of(p.parent, p.slot) in shown for p in kept.places_of(conn, release).values())
        }
    return sorted(each.release_id for each in kept.listing(conn) if each.release_id in numbers and each.is_kept)


def _was_built(conn: Connection[Any], found: Found) -> bool:
    """Whether the warehouse was ever built of it, so that what was built has to be made anew."""
    seen = conn.execute(
        "select exists (select from ops.warehouse_run where built_of && %(those)s::integer[]"
        " or rejected && %(those)s::integer[] or (built_of is null and vintages && %(those)s::integer[]))",
        {"those": [each.vintage for each in found.vintages if each.arrival in ("accepted", "rejected", "forgotten")]},
    ).fetchone()
    built = "^(staging|intermediate|candidate)$"
    return bool(
        found.releases or seen == (True,) or (found.value is not None and traces.in_tables(conn, [found.value], built))
    )


def _name_what_people_must_do(conn: Connection[Any], found: Found) -> None:
    """Places that are somebody's own, or of which nobody here knows."""
    inbox = os.environ.get("PROMISE_INBOX") or str(settings().home / "inbox")
    if "://" in inbox and not inbox.startswith("file:"):
        found.for_a_person.append(
            f"{inbox} is a bucket, in which nothing was looked for and nothing removed: take the file away there, with "
            "the earlier versions that the bucket keeps, or it is shown to the next run again"
        )
    elif any("://" not in each.requested_url or each.requested_url.startswith("file:") for each in found.vintages):
        found.for_a_person.append(f"what lies in the inbox is whoever's put it there: look in {inbox} and take it away")
    schemas = conn.execute("select nspname from pg_namespace where nspname ~ '^dev_' order by 1").fetchall()
    if schemas:
        found.for_a_person.append(
            f"analysts' own schemas may have copies ({', '.join(name for (name,) in schemas)}): `promise dev drop`"
        )
    found.for_a_person.append(
        "backups that were made before hold it, wherever they were written, and so may what people downloaded and what "
        "DAGs of your own wrote elsewhere: delete those backups, and make a new one (`promise backup`)"
    )


# ---------------------------------------------------------------------------------------------------- the database


def _from_database(conn: Connection[Any], found: Found, why: str, *, was_built: bool) -> None:
    """Everything of it in raw, ops and what is built, and the note that it went. In the caller's transaction."""
    for table, _ in _raw(conn, found):
        conn.execute(sql.SQL("drop table {}").format(sql.Identifier("raw", table)))
    _from_ops(conn, found)
    if found.value is not None:
        _mask(conn, found.value, "^ops$", found.places)
    if was_built:
        make_empty(conn, *REBUILT)
        found.places["schemas that are built anew"] += len(REBUILT)
    files: list[str | None] = [*sorted(found.snapshots)] or [None]
    conn.cursor().executemany(
        "insert into ops.forgotten (snapshot_id, forgotten_by, why, removed) values (%s, %s, %s, %s)",
        [(each, name_of_person(), why.strip(), Jsonb(found.places)) for each in files],
    )


def _from_ops(conn: Connection[Any], found: Found) -> None:
    """What is kept about a vintage, by whatever table has a column that names it; the ledger keeps number and hash."""
    held = {(each.table, each.name) for each in traces.columns(conn, "^ops$")}
    those = {"vintages": found.numbers, "snapshots": sorted(found.snapshots)}
    for table in sorted({table for table, _ in held} - {"vintage", "forgotten", "decision"}):
        by = [("vintage", "vintages"), ("snapshot_id", "snapshots")]
        conditions = [f"{column} = any(%({name})s)" for column, name in by if (table, column) in held]
        if conditions:
            statement = sql.SQL("delete from {} where ").format(sql.Identifier("ops", table))
            count = conn.execute(statement + sql.SQL(" or ".join(conditions)), those).rowcount  # type: ignore[arg-type]
        elif {(table, "run_id"), (table, "message")} <= held:
            # Of a run that used the file, what failed may quote it.
            count = conn.execute(
                sql.SQL(
                    "update {} set message = null where message is not null and run_id in"
                    " (select run_id from ops.warehouse_run where vintages && %(vintages)s::integer[])"
                ).format(sql.Identifier("ops", table)),
                those,
            ).rowcount
        else:
            continue
        if count:
            found.places[f"ops.{table}, rows"] += count
    if found.vintages:
        conn.execute("update ops.decision set why = %s where vintage = any(%s)", (MASK, found.numbers))
        found.places["ops.vintage, rows"] += conn.execute(
            "update ops.vintage set arrival = 'forgotten', arrival_reason = %(words)s, judged_at = clock_timestamp(),"
            " file_name = %(mask)s, requested_url = %(mask)s, final_url = %(mask)s, headings = null, cells_hash = null,"
            " row_count = 0, size_bytes = 0 where vintage = any(%(vintages)s)",
            those | {"words": "forgotten because of something personal in it", "mask": MASK},
        ).rowcount


def _mask(conn: Connection[Any], value: str, schemas: str, places: Counter[str]) -> None:
    """Write the mask in place of the value in every text of these schemas; a packed one goes with its row."""
    for column, times in traces.in_tables(conn, [value], schemas).items():
        names = {"relation": column.relation, "column": sql.Identifier(column.name)}
        if column.type == "bytea":
            conn.execute(
                sql.SQL("delete from {relation} where ctid = any(%s::tid[])").format(**names),
                (traces.packed(conn, column, [value]),),
            )
        else:
            conn.execute(
                sql.SQL(
                    "update {relation} set {column} = regexp_replace({column}::text, %(pattern)s, %(mask)s, 'gi')"
                    "::{type} where {column}::text ~* %(pattern)s"
                ).format(**names, type=sql.SQL(column.type)),  # type: ignore[arg-type]  # PostgreSQL's own words
                {"pattern": traces.pattern_of(value), "mask": MASK},
            )
        places[f"{column.schema}.{column.table}, rows"] += times


def _from_airflow(found: Found) -> None:
    """What tasks told each other and were given, in Airflow's own database, where there is one."""
    try:
        with platform.airflows_database() as conn:
            there: Counter[str] = Counter()
            if found.value is not None:
                _mask(conn, found.value, ".", there)
            else:
                columns = {(each.table, each.name) for each in traces.columns(conn)}
                for table in ("xcom", "rendered_task_instance_fields"):
                    if (table, "dag_id") in columns:
                        there[f"public.{table}, rows"] += conn.execute(
                            sql.SQL("delete from {} where dag_id = any(%s)").format(sql.Identifier(table)),
                            (_dags_of(found),),
                        ).rowcount
            found.places.update({f"Airflow: {place}": count for place, count in there.items() if count})
    except platform.PlatformError as error:
        found.left.append(f"nothing was looked for in Airflow's database: {error}")


def _dags_of(found: Found) -> list[str]:
    return [*{names.ingest(each.source_id) for each in found.vintages}, names.WAREHOUSE]


# ------------------------------------------------------------------------------------------------------ the files


def _from_files(found: Found) -> None:
    """Landed files, what attempts left, logs and what dbt wrote."""
    home = settings().home
    for folder in found.folders:
        shutil.rmtree(folder)
    if found.value is None:
        gone = [home / "dbt" / "logs", home / "dbt" / "target"]
        gone += [config.airflow_home() / "logs" / f"dag_id={dag_id}" for dag_id in _dags_of(found)]
        gone += [home / "fetching" / f"{each.parent.name}.seen.json" for each in found.folders]
        gone += [each.parent / ".incoming" for each in found.folders]
        for place in gone:
            _remove(place, found)
        return
    inbox = home / "inbox"
    sites = (home / f".{site.name}-versions" for site in (settings().site, settings().staff_site))
    of_the_server = home / "postgres"
    for path, _ in [*traces.in_folder(home, [found.value], leave_out=(inbox, of_the_server, *sites))]:
        if path.suffix == ".tar":
            found.for_a_person.append(f"{path} may be a backup and holds it: delete it")
        else:
            _remove(path, found)
    if of_the_server.is_dir():
        for path in of_the_server.glob("*.log"):
            if traces.in_file(path, [found.value]):
                _remove(path, found)
    if inbox.is_dir():
        found.for_a_person += [f"{path} is whoever's put it there, and holds it: take it away"
                               for path, _ in traces.in_folder(inbox, [found.value])]  # fmt: skip


def _remove(path: Path, found: Found) -> None:
    """A log that is being written is emptied: whoever writes it goes on with the same file."""
    place = f"{path.relative_to(settings().home).parts[0]}/, files"
    if path.is_dir():
        if files := sum(1 for each in path.rglob("*") if each.is_file()):
            found.places[place] += files
        shutil.rmtree(path)
    elif path.is_file():
        found.places[place] += 1
        if path.suffix == ".log":
            os.truncate(path, 0)
        else:
            path.unlink()


# ----------------------------------------------------------------------------------------------------- the readers


def _from_readers(run_id: int, found: Found, say: Say) -> None:
    """Show a release without it. Where none can be made or gone back to, show none: `marts` answers with an error."""
    with database.connect("releaser") as conn:
        before = kept.current(conn)
    if before is None:
        return
    try:
        say("building and checking a release without it")
        release_id = build_and_show(run_id)
        say(f"readers see release {release_id}")
    except BaseException as error:
        if before.release_id in found.releases:
            say(_without_a_new_one(found))
        found.left.append(f"no new release could be made: {error}")
        if not isinstance(error, PromiseError):
            raise
    _take_away(found.releases)
    with database.connect("releaser") as conn:
        is_shown = kept.current(conn) is not None
    if is_shown:
        for words in shown.drawn():
            say(words)
    else:
        _remove_site(found)


def _without_a_new_one(found: Found) -> str:
    """Go back to a kept release that shows nothing of it, if there is one; in words, what readers see."""
    with database.connect("releaser", autocommit=True) as conn:
        others = [each for each in kept.listing(conn) if each.is_kept and each.release_id not in found.releases]
        others = [each for each in others if each.state == "superseded"]
        if not others:
            return "no kept release is without it: readers see none until the next run makes one (`promise run`)"
        target = others[0].release_id

        def exchange() -> None:
            kept.alone(conn)
            pointer.point(conn, target)

        pointer.swap(conn, exchange, target, limit=pointer.SWAP_PATIENCE, what="the release was not exchanged")
    return f"readers see release {target} again, which was made without it"


def _take_away(releases: Collection[int]) -> None:
    with database.connect("releaser", autocommit=True) as conn:
        reason = "emptied, because something in it was forgotten"
        there = [each.release_id for each in kept.listing(conn) if each.release_id in releases and each.is_kept]

        def deed() -> None:
            clearing.take_away(conn, there, reason)

        in_short_attempts(conn, deed, limit=PATIENCE, schemas=published.VIEWS, what="no release was taken away")


def _remove_site(found: Found) -> None:
    for site in (settings().site, settings().staff_site):
        found.places["site, pages"] += remove(site)


def _empty_slots(found: Found) -> None:
    """Empty what no kept release needs, also what an earlier one left there, as soon as nobody reads it."""
    give_up = time.monotonic() + PATIENCE
    with database.connect("releaser", autocommit=True) as conn:
        clearing.empty_what_is_free(conn)
        clearing.tidy(conn)
        while (left := clearing.not_yet_empty(conn)) and time.monotonic() < give_up:
            time.sleep(1)
            clearing.tidy(conn)
    if left:
        found.left.append(
            f"{len(left)} tables of earlier releases still hold it, because somebody reads them; nobody who "
            "begins now sees them. End that reader and run this again (`promise status`)"
        )


def _end(run_id: int) -> None:
    """The run that stood for this is none of the warehouse's, unless it came to a release."""
    with database.connect() as conn:
        conn.execute(
            "delete from ops.warehouse_run where run_id = %s and state = 'running'"
            " and not exists (select from ops.dbt_result where dbt_result.run_id = warehouse_run.run_id)"
            " and not exists (select from ops.expectation_result as result where result.run_id = warehouse_run.run_id)",
            (run_id,),
        )
        runs.close_run(conn, run_id, "failed", "what was forgotten is gone; no release could be made without it")
    from expectations import page

    page.write()
