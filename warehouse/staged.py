"""What of staging is made of files alone: its seeds, functions and views, which no file of a publisher changes.

They stand as long as the files do that dbt makes them of, and nobody touched what it made. `ops.staged` keeps what both
were when dbt had last made all of it; where either is another by now, all of it is made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psycopg import Connection, sql

LIBRARIES = "uv.lock"  # dbt is one of them


def files(project: Path, libraries: Path) -> str:
    """What dbt makes them of, as one text: each file with its content and when it was written, and the libraries."""
    digest = hashlib.sha256()
    for path in (*_of_the_project(project), libraries):
        # Also when it was written: a text that was changed and changed back may have been read in between.
        digest.update(f"{path}\0{path.stat().st_mtime_ns}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def why_again(conn: Connection[Any], made_of: str) -> str | None:
    """Why it has to be made again, in words; None as long as all of it stands as dbt would make it of these files."""
    known = conn.execute("select files, made from ops.staged").fetchone()
    if known is None:
        return "of which files they were made is not known"
    if known[0] != made_of:
        return "dbt's files are not those of which they were made"
    return None if known[1] == _made(conn) else "what is in the database is not what dbt left there"


def forget(conn: Connection[Any]) -> None:
    """Before any of it is made again: what stops halfway stands for nothing. The caller commits."""
    conn.execute("delete from ops.staged")


def note(conn: Connection[Any], made_of: str, *, now: str) -> None:
    """That dbt made all of it of these files, if they are the same now. The caller commits."""
    if now == made_of:
        conn.execute("insert into ops.staged (files, made) values (%s, %s)", (made_of, _made(conn)))


def _of_the_project(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _made(conn: Connection[Any]) -> str:
    """What there is in the database: the texts of views and functions, and which transactions wrote the seeds."""
    tables = [
        name
        for (name,) in conn.execute(
            "select relname from pg_class where relnamespace = to_regnamespace('staging') and relkind = 'r' order by 1"
        )
    ]
    digest = hashlib.sha256()
    for name in tables:
        row = conn.execute(
            sql.SQL("select min(tableoid), count(*), sum(xmin::text::bigint) from {}").format(
                sql.Identifier("staging", name)
            )
        ).fetchone()
        digest.update(f"{name} {row}\0".encode())
    texts = conn.execute(
        "select pg_get_functiondef(oid) from pg_proc where pronamespace = to_regnamespace('staging') and prokind = 'f'"
        " union all select pg_get_functiondef(oid) from pg_proc"
        "  where pronamespace = to_regnamespace('intermediate') and proname = 'publication_calendar'"
        " union all select relname || pg_get_viewdef(oid) from pg_class"
        "  where relnamespace = to_regnamespace('staging') and relkind = 'v' order by 1"
    ).fetchall()
    for (text,) in texts:
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()
