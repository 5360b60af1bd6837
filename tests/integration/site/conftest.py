"""The site, built from tables of the contract's shape with a few rows made up for these tests (see site_rows.sql)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import contract_tables
import psycopg
import pytest

from bi.site.build import render
from promise import database

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The project's own server, with nothing released."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMISE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("PROMISE_DATABASE_URL", raising=False)
        database.ensure_running()
        yield
        database.stop()


@pytest.fixture(scope="module")
def filled(empty: None) -> None:
    with database.connect() as conn:
        contract_tables.create(conn)
        conn.execute((HERE / "site_rows.sql").read_text().encode())


@pytest.fixture
def conn(filled: None) -> Iterator[psycopg.Connection[Any]]:
    """A reader's connection. Nothing that a test does through `owner` stays."""
    with database.connect("reader") as connection:
        yield connection


@pytest.fixture
def owner(filled: None) -> Iterator[psycopg.Connection[Any]]:
    with database.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def site(filled: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "site"
    with database.connect("reader") as connection:
        built = render(connection, out)
    assert built.pop("changed") == len([path for path in out.rglob("*") if path.is_file()]), "all of it is new"
    assert built == {"pages": 32, "release_id": 7, "folder": str(out)}
    return out
