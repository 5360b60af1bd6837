"""What dbt calls the state: where a release has the models that an analyst does not build, and how they were defined.

Each run keeps dbt's manifest of what it built. For an analyst it is written out with the names by which a release is
read: marts by those of `marts`, everything below where it was built last. dbt's `--defer` leads refs there, and its
`state:modified` compares with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection

from promise.settings import settings
from warehouse import candidate, methods, published, releases, transform

Manifest = dict[str, Any]
SHOWN = {"nodes": "marts", "functions": methods.SCHEMA}  # where readers find what is built in `candidate`
BUILT = ("model", "seed", "snapshot", "function")  # what a ref or a call can lead to


@dataclass(frozen=True)
class State:
    """The state that a dbt command of an analyst is given."""

    release_id: int | None  # None: nothing has been released yet
    is_the_releases: bool  # whether it says how the release's models were defined
    notes: tuple[str, ...]  # what a person should know of it, a line each

    @property
    def folder(self) -> Path | None:
        return folder() if self.release_id else None


def folder() -> Path:
    """Where dbt finds the state, always the same, so that a shell that was told of it stays right after a release."""
    return settings().home / "dbt" / "state"


def prepare(conn: Connection[Any]) -> State:
    """Write the state of the current release to its folder. Nothing is written before the first release."""
    release = releases.current(conn)
    if release is None:
        return State(
            None, False, ("nothing has been released yet, so refs lead to your own schemas: `make run` releases",)
        )
    notes = []
    kept = transform.kept_manifest(conn, release.run_id)
    manifest = _of_todays_code(conn) if kept is None else kept
    if kept is None:
        notes.append(
            f"release {release.release_id} was made before releases kept what they were built from: refs go by today's"
            " code to what is in the database; `make run` makes a release that knows"
        )
    if later := _later_build(conn, release):
        notes.append(later)
    _write(_by_names_of_readers(manifest, conn.info.dbname))
    return State(release.release_id, kept is not None, tuple(notes))


def _later_build(conn: Connection[Any], release: releases.Release) -> str | None:
    """Marts are the release's; what is below them is there once, as it was built last."""
    row = conn.execute(
        "select run_id, state from ops.warehouse_run as run where run_id > %s and (state = 'running' or exists"
        " (select from ops.dbt_result where dbt_result.run_id = run.run_id and stage = 'staging'))"
        " order by run_id desc limit 1",
        (release.run_id,),
    ).fetchone()
    return row and (
        f"staging and intermediate are those of run {row[0]} ({row[1]}), which is later than release"
        f" {release.release_id} (run {release.run_id}): what you build of them may differ from what readers see"
    )


def _of_todays_code(conn: Connection[Any]) -> Manifest:
    """The manifest that dbt makes of the code as it is, without what the database does not have."""
    with transform.environment("release"):
        parsed = transform.invoke(["parse"])
    if not parsed.success:
        raise transform.BuildFailed(f"dbt cannot read the project: {parsed.exception}")
    manifest: Manifest = json.loads((transform.target_path("release") / "manifest.json").read_text())
    there = set(
        conn.execute(
            "select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
            " union select nspname, proname from pg_proc join pg_namespace on pg_namespace.oid = pronamespace"
        ).fetchall()
    )
    for kind in ("nodes", "functions"):
        manifest[kind] = {
            key: node
            for key, node in manifest.get(kind, {}).items()
            if node["resource_type"] not in BUILT or (node["schema"], node["alias"]) in there
        }
    return manifest


def _by_names_of_readers(manifest: Manifest, dbname: str) -> Manifest:
    for kind in ("nodes", "functions", "sources"):
        for node in manifest.get(kind, {}).values():
            schema = node["schema"]
            if schema == candidate.SCHEMA:
                schema = published.RESTRICTED if published.RESTRICTED in node["fqn"] else SHOWN[kind]
            node |= {"database": dbname, "schema": schema}
            if node.get("relation_name"):
                name = node.get("alias") or node["identifier"]
                node["relation_name"] = f'"{dbname}"."{node["schema"]}"."{name}"'
    return manifest


def _write(manifest: Manifest) -> None:
    folder().mkdir(parents=True, exist_ok=True)
    half = folder() / "manifest.json.half"
    half.write_text(json.dumps(manifest))
    half.replace(folder() / "manifest.json")
