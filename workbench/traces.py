"""Where a text still stands: in the files of a folder, also inside archives and workbooks, and in a database's tables.

Case does not matter. A text is also found as HTML, JSON and addresses write it, in UTF-8, UTF-16 and Latin-1. One that
a file splits, such as a cell of a workbook with a word in bold, and one in a compressed database dump are not.
"""

from __future__ import annotations

import gzip
import html
import io
import json
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from psycopg import Connection, sql

PIECE = 8 << 20  # bytes
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
DEEPEST = 4  # an archive in an archive; what is nested deeper is searched as it stands
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, RuntimeError, NotImplementedError)


@dataclass(frozen=True)
class Column:
    """A column in which a text can stand."""

    schema: str
    table: str
    name: str
    type: str

    @property
    def relation(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.table)


def forms(text: str) -> frozenset[bytes]:
    """How the text may be written in a file."""
    written = {
        text, html.escape(text), html.escape(text, quote=False), quote(text),
        json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1],
    }  # fmt: skip
    encoded = {each.encode(encoding) for each in written for encoding in ("utf-8", "utf-16-le", "utf-16-be")}
    return frozenset(each.lower() for each in encoded | {text.encode("latin-1", "ignore")} if each)


def in_file(path: Path, texts: Sequence[str]) -> set[str]:
    """Which of the texts stand in a file, or in what is packed in it."""
    with path.open("rb") as handle:
        return _in_stream(handle, {text: forms(text) for text in texts}, DEEPEST)


def in_folder(folder: Path, texts: Sequence[str], leave_out: Sequence[Path] = ()) -> Iterator[tuple[Path, set[str]]]:
    """Every file below a folder in which a text stands, or whose name says it; links are not followed."""
    named = {text: text.casefold() for text in texts}
    for here, folders, names in os.walk(folder):
        place = Path(here)
        folders[:] = [name for name in folders if place / name not in leave_out]
        for path in (place / name for name in names):
            if path.is_symlink() or not path.is_file():
                continue
            inside = str(path.relative_to(folder)).casefold()
            found = in_file(path, texts) | {text for text, name in named.items() if name in inside}
            if found:
                yield path, found


def columns(conn: Connection[Any], schemas: str = ".") -> list[Column]:
    """Every column of every table that holds rows, in the schemas that fit a pattern, PostgreSQL's own left out."""
    rows = conn.execute(
        "select nspname, relname, attname, format_type(atttypid, null) from pg_attribute"
        " join pg_class on pg_class.oid = attrelid join pg_namespace as namespace on namespace.oid = relnamespace"
        " where relkind in ('r', 'm') and attnum > 0 and not attisdropped and attgenerated = ''"
        " and nspname !~ '^(pg_|information_schema$)' and nspname ~ %s order by nspname, relname, attnum",
        (schemas,),
    ).fetchall()
    return [Column(*row) for row in rows]


def in_tables(conn: Connection[Any], texts: Sequence[str], schemas: str = ".") -> dict[Column, int]:
    """In how many rows of each column one of the texts stands; of columns in which none does, nothing.

    Numbers are searched too, as they are written.
    """
    found: dict[Column, int] = {}
    tables: dict[tuple[str, str], list[Column]] = {}
    for column in columns(conn, schemas):
        tables.setdefault((column.schema, column.table), []).append(column)
    patterns = [pattern_of(text) for text in texts]
    for those in tables.values():
        plain = [each for each in those if each.type != "bytea"]
        counts = conn.execute(
            sql.SQL("select {} from {}").format(
                sql.SQL(", ").join(
                    sql.SQL("count(*) filter (where {}::text ~* any(%(patterns)s))").format(sql.Identifier(each.name))
                    for each in plain
                )
                or sql.SQL("1"),
                those[0].relation,
            ),
            {"patterns": patterns},
        ).fetchone()
        found |= {each: count for each, count in zip(plain, counts or (), strict=bool(plain)) if count}
        for each in (each for each in those if each.type == "bytea"):
            if times := len(packed(conn, each, texts)):
                found[each] = times
    return found


def packed(conn: Connection[Any], column: Column, texts: Sequence[str]) -> list[str]:
    """The rows, by `ctid`, in whose packed column one of the texts stands."""
    rows = conn.execute(
        sql.SQL("select ctid::text, {0} from {1} where {0} is not null").format(
            sql.Identifier(column.name), column.relation
        )
    )
    written = {text: forms(text) for text in texts}
    return [place for place, content in rows if _in_stream(io.BytesIO(_unzipped(content)), written, DEEPEST)]


def pattern_of(text: str) -> str:
    """The text as a pattern of PostgreSQL's, plain or as JSON writes it."""
    return "|".join(
        "".join(sign if sign.isalnum() else f"\\{sign}" for sign in each)
        for each in dict.fromkeys([text, json.dumps(text, ensure_ascii=False)[1:-1]])
    )


def _unzipped(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content


def _in_stream(handle: IO[bytes], texts: dict[str, frozenset[bytes]], deepest: int) -> set[str]:
    head = handle.read(512)
    handle.seek(0)
    found = _in_bytes(handle, texts)
    handle.seek(0)
    if deepest and found != {*texts}:
        try:
            for member in _members(handle, head):
                found |= _in_stream(member, texts, deepest - 1)
        except DAMAGED:
            return found  # cut off or locked: as far as it can be read
    return found


def _members(handle: IO[bytes], head: bytes) -> Iterator[IO[bytes]]:
    if head.startswith(GZIP):
        yield io.BytesIO(gzip.GzipFile(fileobj=handle).read())
    elif head.startswith(ZIP):
        with zipfile.ZipFile(handle) as archive:
            for name in archive.namelist():
                yield io.BytesIO(name.encode() + b"\n" + archive.read(name))
    elif head[257:262] == b"ustar":
        with tarfile.open(fileobj=handle) as archive:
            for entry in archive:
                if content := archive.extractfile(entry):
                    yield io.BytesIO(content.read())


def _in_bytes(handle: IO[bytes], texts: dict[str, frozenset[bytes]]) -> set[str]:
    longest = max(len(form) for written in texts.values() for form in written)
    found: set[str] = set()
    rest = b""
    while piece := handle.read(PIECE):
        here = (rest + piece).lower()
        found |= {
            text for text, written in texts.items() if text not in found and any(form in here for form in written)
        }
        rest = here[-longest:]
    return found
