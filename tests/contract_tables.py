"""Empty tables of `marts` as dbt's contracts promise them, for tests of what reads them: no column is written here.

A column that is never null has a default, so that a test's rows name only what the test is about; a key has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql

from promise.settings import ROOT
from warehouse import transform

MARTS = ROOT / "dbt" / "models" / "marts"
DEFAULTS = {
    "text": "''",
    "integer": "0",
    "bigint": "0",
    "numeric": "0",
    "boolean": "false",
    "date": "'epoch'",
    "timestamp with time zone": "'epoch'",
    "timestamptz": "'epoch'",
    "text[]": "'{}'",
    "integer[]": "'{}'",
    "jsonb": "'{}'",
}
# Made by the release, not by dbt.
OF_THE_RELEASE = (
    "release_info (release_id integer, released_at timestamptz, run_id bigint, fingerprint text)",
    "release_change (since_release_id integer, indicator_id text, measure_id text, area_code text,"
    " figures_added integer default 0, figures_gone integer default 0, figures_changed integer default 0,"
    " judgement_before text, judgement_now text, is_flipped boolean default false)",
)


def contracts() -> dict[str, dict[str, Any]]:
    """The properties of every mart, as its YAML has them, by name."""
    transform.write_generated()
    files: Iterator[Path] = iter(sorted(MARTS.rglob("*.yml")))
    models = [model for path in files for model in (yaml.safe_load(path.read_text()) or {}).get("models", [])]
    assert len(models) > 40, "without contracts there would be nothing to test on"
    return {model["name"]: model for model in models}


def never_null(model: dict[str, Any]) -> set[str]:
    """The columns in which the contract allows no null."""
    stated = {column["name"] for column in model["columns"] if _constraints(column, "not_null")}
    return stated | _keys(model)


def create(conn: psycopg.Connection[Any]) -> None:
    """Make every mart, empty, in the schema `marts`, which is there."""
    script: list[sql.Composable] = [sql.SQL("create table marts." + each) for each in OF_THE_RELEASE]
    for name, model in contracts().items():
        table, description = sql.Identifier("marts", name), sql.Literal(model["description"].strip())
        script.append(sql.SQL("create table {} ({})").format(table, sql.SQL(", ".join(_lines(model)))))
        script.append(sql.SQL("comment on table {} is {}").format(table, description))
    conn.execute(sql.SQL("; ").join(script))


def _lines(model: dict[str, Any]) -> Iterator[str]:
    keys, required = _keys(model), never_null(model)
    for column in model["columns"]:
        name, kind = column["name"], column["data_type"]
        default = f" default {DEFAULTS[kind]}" if name in required - keys else ""
        yield f"{name} {kind}{' not null' if name in required else ''}{default}"
    yield f"primary key ({', '.join(sorted(keys))})"
    yield from (f"unique ({', '.join(each['columns'])})" for each in _constraints(model, "unique"))
    yield from (f"check ({each['expression']})" for each in _constraints(model, "check"))


def _keys(model: dict[str, Any]) -> set[str]:
    of_the_model = [column for each in _constraints(model, "primary_key") for column in each["columns"]]
    return {*of_the_model, *(column["name"] for column in model["columns"] if _constraints(column, "primary_key"))}


def _constraints(owner: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [constraint for constraint in owner.get("constraints", []) if constraint["type"] == kind]
