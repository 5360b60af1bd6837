"""A built release in which a test changes a row or the day, and asks a model again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from promise.settings import settings


@dataclass(frozen=True)
class Scratch:
    """The built release in a transaction that is rolled back: to change a row or the day, and ask a model again."""

    conn: psycopg.Connection[Any]
    schema: str

    def execute(self, statement: str, *parameters: object) -> None:
        self.conn.execute(statement.replace("SCHEMA", self.schema).encode(), parameters)

    def at(self, day: date) -> None:
        """Let `ops.as_at()` be noon of that day."""
        self.execute("update ops.warehouse_run set state = 'failed' where state = 'running'")
        self.execute(
            "insert into ops.warehouse_run (fingerprint, vintages, started_at) values ('a day', '{}', %s)",
            f"{day} 12:00",
        )

    def ask(self, name: str, rest: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What the SQL that dbt compiled for the model or test gives now; `rest` selects from MODEL."""
        folder = settings().home / "dbt" / "target" / "compiled"
        (path,) = (each for each in folder.rglob("*.sql") if each.stem.startswith(name))
        # Another test may have compiled it for another database.
        compiled = re.sub(r'"\w+"\.("\w+")\.', r"\1.", path.read_text())
        return self.conn.execute(
            f"select {rest}".replace("MODEL", f"({compiled}) as model").encode(), parameters
        ).fetchall()
