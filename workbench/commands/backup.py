"""`promise backup` and `promise restore`: landing and database in one file, and back.

The file is a tar archive: a manifest, a dump of our schemas by the pg_dump that came with the server, and the landed
files as they are. Passwords and Airflow's own database are not in it. A restore is one transaction for the database;
the landed files are addressed by their content, so putting them back cannot mix two states up.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from promise import database, ledger
from promise.database.embedded import binaries
from promise.errors import PromiseError
from promise.settings import settings
from warehouse import candidate, releases, runs
from workbench.commands.verify import landed_files, no_airflow_is_at_work, verify

FORMAT = 1
MANIFEST, DUMP, LANDING = "manifest.json", "database.dump", "landing"
LOCK = "lock"
RELEASES = "release_[0-9]*"  # a pattern of pg_dump: the schemas of releases of before there were slots


class BackupError(PromiseError):
    """A backup could not be made or put back."""


def backup(file: Path) -> dict[str, Any]:
    """Write landing and database to the file; returns the manifest. The file appears whole or not at all.

    All of it is as of one moment, whatever is released meanwhile.
    """
    if file.exists():
        raise BackupError(f"{file} exists already; name another file, a backup never replaces one")
    file.parent.mkdir(parents=True, exist_ok=True)
    database.ensure_running()
    with work_folder(file.parent, ".promise-backup-") as work, _snapshot() as (conn, snapshot):
        dump = work / DUMP
        _run(
            *("pg_dump", "--format=custom", "--compress=gzip:1", "--no-owner", f"--snapshot={snapshot}"),
            *(f"--file={dump}", *_of_ours()),
        )
        # The landed files only ever become more, so those of the dump's ledger are all there.
        current = releases.current(conn)
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "server_version": conn.info.server_version,
            "vintages": len(ledger.vintages(conn)),
            "release_id": current.release_id if current else None,
            "dump_sha256": _sha256(dump),
            "landed": [f"{place.parent.name}/{place.name}" for place in landed_files()],
        }
        described = work / MANIFEST
        described.write_text(json.dumps(manifest, indent=2) + "\n")
        half = work / "half.tar"
        # Landed files are what they are, often compressed already, and the dump is: another pass would only take time.
        with tarfile.open(half, "w") as archive:
            archive.add(described, MANIFEST)
            archive.add(dump, DUMP)
            for place in landed_files():
                archive.add(place, f"{LANDING}/{place.parent.name}/{place.name}")
        half.rename(file)
    return manifest


def restore(file: Path, replace: bool = False) -> dict[str, Any]:
    """Put landing and database back as they were when the backup was made, analysed; returns its manifest.

    The dump is SQL, which runs as the owner of the database: who wrote the file can do here whatever the owner can.
    Raises BackupError, having changed nothing, for a file that is no whole backup, and for a warehouse that holds
    something unless `replace` says that it may go.
    """
    database.ensure_running()
    home = settings().home
    home.mkdir(parents=True, exist_ok=True)
    with work_folder(home, ".restore-") as work:
        manifest = _unpack(file, work)
        with database.connect() as conn:
            held = len(ledger.vintages(conn))
            if held and not replace:
                raise BackupError(
                    f"this warehouse holds {held} vintages; `promise restore --replace {file}` puts the backup"
                    f" in their place"
                )
            server = conn.info.server_version
            if server // 10000 < int(manifest["server_version"]) // 10000:
                raise BackupError(
                    f"{file} was made by PostgreSQL {int(manifest['server_version']) // 10000} and this server is "
                    f"{server // 10000}; restore it to a server that is not older"
                )
            runs.close_dead(conn, airflow_is_gone=no_airflow_is_at_work())
            _refuse_forgotten(conn, file, manifest)
            kept = _forgotten_of(conn)
            drops = work / "drops.sql"
            drops.write_text(_drops(conn))
        script, rights = work / "restore.sql", work / "rights.sql"
        rights.write_text(database.script() + kept)  # also what this version of the code keeps beyond the backup's
        # Owners and rights are this installation's, whose roles need not be those of the backup.
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(work / DUMP), connects=False)
        _run(
            *("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"),
            *(f"--file={file}" for file in (drops, script, rights)),
            # A dump has no statistics, and until autovacuum comes round, models of history ran for minutes without.
            "--command=analyze",
        )
        _put_back(work / LANDING)
    with database.connect() as conn:
        found = verify(conn)
    if found.problems:
        words = "\n".join(problem.what for problem in found.problems)
        raise BackupError(f"{file} was put back, but what is landed is not what its ledger says:\n{words}")
    return manifest


@contextlib.contextmanager
def _snapshot() -> Iterator[tuple[Connection[Any], str]]:
    """A connection that sees one moment, and the name by which pg_dump sees the same."""
    with database.connect() as conn:
        conn.execute("set transaction isolation level repeatable read, read only")
        row = conn.execute("select pg_export_snapshot()").fetchone()
        assert row is not None
        yield conn, row[0]


@contextlib.contextmanager
def work_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder beside what is made in it, for the length of the block; those that killed processes left go first.

    A folder that is at work is known by a lock, which the kernel lets go of with the process.
    """
    for left in parent.glob(f"{prefix}*/{LOCK}"):
        with left.open("a") as lock, contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.parent)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as name:
        work = Path(name)
        # Locked under another name: before it has its own, nobody else looks at the folder.
        making = work / f"{LOCK}.making"
        with making.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            making.rename(work / LOCK)
            yield work


def _of_ours() -> list[str]:
    return [f"--schema={schema}" for schema in (*database.SCHEMAS, RELEASES)]


def _drops(conn: Connection[Any]) -> str:
    """SQL that empties the database of what is ours. psql runs it in the transaction of the restore."""
    found = conn.execute(
        "select nspname from pg_namespace where nspname = any(%s) or nspname ~ '^release_[0-9]+$'",
        ([*database.SCHEMAS, candidate.SCHEMA],),
    ).fetchall()
    lines = [sql.SQL("drop schema {} cascade;").format(sql.Identifier(name)).as_string(conn) for (name,) in found]
    # Whoever reads is waited for, but not for ever; and no run begins meanwhile.
    alone = "lock table ops.warehouse_run in access exclusive mode;"
    settled = ["set role promise_owner;", "set lock_timeout = '30s';", "set client_min_messages = 'warning';"]
    return "\n".join([*settled, alone, *lines, ""])


def _refuse_forgotten(conn: Connection[Any], file: Path, manifest: dict[str, Any]) -> None:
    """A backup of before something was forgotten would bring it back."""
    gone = sorted({name.rpartition("/")[2] for name in manifest["landed"]} & ledger.forgotten(conn))
    if gone:
        raise BackupError(
            f"{file} holds {len(gone)} landed files that were forgotten here since ({', '.join(s[:12] for s in gone)}):"
            " delete it and use a later backup. If a file may be used after all: promise forget --allow … Nothing was"
            " changed"
        )


def _forgotten_of(conn: Connection[Any]) -> str:
    """SQL that writes down again what was forgotten here, where the backup does not know of it."""
    columns = (
        "snapshot_id",
        "forgotten_by",
        "forgotten_at",
        "why",
        "removed",
        "allowed_by",
        "allowed_at",
        "allowed_why",
    )
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    rows = conn.execute(
        sql.SQL("select {} from ops.forgotten order by forgotten_id").format(
            sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns)
        )
    ).fetchall()
    again = sql.SQL(
        "insert into ops.forgotten ({names}) select {values} where not exists (select from ops.forgotten"
        " where snapshot_id is not distinct from {snapshot} and forgotten_at = {at});\n"
    )
    return "".join(
        again.format(
            names=names,
            values=sql.SQL(", ").join(
                sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(_TYPES.get(name, "text")))
                for name, value in zip(columns, row, strict=True)
            ),
            snapshot=sql.Literal(row[0]),
            at=sql.Literal(row[2]),
        ).as_string(conn)
        for row in rows
    )


_TYPES = {"forgotten_at": "timestamptz", "allowed_at": "timestamptz", "removed": "jsonb"}


def _unpack(file: Path, work: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file) as archive:
            archive.extractall(work, filter="data")
        manifest: dict[str, Any] = json.loads((work / MANIFEST).read_text())
        whole = manifest["format"] == FORMAT and _sha256(work / DUMP) == manifest["dump_sha256"]
        missing = [name for name in manifest["landed"] if not (work / LANDING / name / "content").is_file()]
    except FileNotFoundError as error:
        raise BackupError(f"{file}: there is no such file, or it is no backup of this project ({error})") from error
    except (tarfile.TarError, EOFError, ValueError, KeyError) as error:
        raise BackupError(f"{file} is damaged or no backup of this project ({error}); use another backup") from error
    if not whole or missing:
        what = f"{missing[0]} is not in it" if missing else "its dump is not the one that its manifest describes"
        raise BackupError(f"{file} is not whole: {what}; use another backup. Nothing was changed")
    return manifest


def _put_back(landed: Path) -> None:
    """Each snapshot's folder in its place. One that is there already is replaced: it may be the damaged one."""
    for place in sorted(landed.glob("*/*/")):
        target = settings().landing / place.parent.name / place.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            shutil.rmtree(target)
        place.rename(target)


def _run(program: str, *arguments: str, connects: bool = True) -> None:
    """A program of the server's wheel. The password goes by the environment: command lines are for all to see."""
    environment = dict(os.environ)
    if connects:
        here = database.parts()
        environment |= {
            "PGHOST": here["host"], "PGPORT": str(here["port"]), "PGDATABASE": here["dbname"],
            "PGUSER": here["user"], "PGPASSWORD": here["password"],
        }  # fmt: skip
        given = conninfo_to_dict(settings().database_url or "")
        environment |= {f"PG{name.upper()}": str(given[name]) for name in ("sslmode", "sslrootcert") if name in given}
    done = subprocess.run(
        [str(binaries() / program), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program} failed (exit {done.returncode}); nothing was changed.\n{done.stderr.strip()}")


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
