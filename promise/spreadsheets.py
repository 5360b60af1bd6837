"""CSV files for people, in which a spreadsheet shows a text and computes nothing of it.

For a spreadsheet a cell that begins with = + - @, a tab or a line's end is a formula, or the beginning of one, wherever
the text came from. Where a text begins so, perhaps after apostrophes, one apostrophe goes in front; whoever takes one
apostrophe off each text that has one there gets the texts back. Numbers stay as they are, also where a text is one.

Files for programs of ours, such as what dbt seeds and what is landed, are not written here: they hold what they hold.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

# The wide ones are what some of them take for the same.
BEGINS_A_FORMULA = r"^'*[=+@\t\r\n＝＋－＠-]"
NUMBER = r"^[-+][0-9][0-9,]*([.][0-9]+)?%?$"
BACK = r"^'('*[=+@\t\r\n＝＋－＠-])"  # and what to put in its place: \1
# Types whose values are never a formula. COPY would write booleans as t and f, which most readers take for text.
PLAIN = {"int2", "int4", "int8", "float4", "float8", "numeric", "date", "timestamp", "timestamptz"}


def write_csv(conn: psycopg.Connection[Any], relation: sql.Composable, path: Path, *, order: sql.Composable) -> int:
    """Writes a table or view with headings, in this order; returns how many rows it has. A list's entries stand with
    `; ` between them, and not in PostgreSQL's own braces."""
    columns = conn.execute(sql.SQL("select * from {} limit 0").format(relation)).description or []
    cells = [_cell(conn, column) for column in columns]
    query = sql.SQL("copy (select {} from {} order by {}) to stdout (format csv, header true)").format(
        sql.SQL(", ").join(cells), relation, order
    )
    with path.open("wb") as out, conn.cursor() as cursor:
        with cursor.copy(query) as copy:
            for piece in copy:
                out.write(piece)
        return cursor.rowcount


def text_cell(text: sql.Composable) -> sql.Composed:
    """An SQL expression for a text as it goes into a file."""
    return sql.SQL("case when {0} ~ {1} and {0} !~ {2} then '''' || {0} else {0} end").format(
        text, sql.Literal(BEGINS_A_FORMULA), sql.Literal(NUMBER)
    )


def as_text(text: str) -> str:
    """The same of a text that is here."""
    is_number = re.fullmatch(NUMBER.strip("^$"), text, re.ASCII)
    return f"'{text}" if re.match(BEGINS_A_FORMULA, text) and not is_number else text


def _cell(conn: psycopg.Connection[Any], column: psycopg.Column) -> sql.Composed:
    name, known = sql.Identifier(column.name), conn.adapters.types.get(column.type_code)
    value: sql.Composable = sql.SQL("{}::text").format(name)
    if known and known.array_oid == column.type_code:
        value = text_cell(sql.SQL("array_to_string({}, '; ')").format(name))
    elif known and known.name in PLAIN:
        value = name
    elif not known or known.name != "bool":
        value = text_cell(value)
    return sql.SQL("{} as {}").format(value, name)
