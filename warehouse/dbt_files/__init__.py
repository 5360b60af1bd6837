"""What dbt reads of the catalogue, written before each dbt command: seeds, raw tables, functions, marts of one shape.

The files are generated and git-ignored: each fact in them has its one home in the catalogue.
"""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import yaml

from promise.catalogue.sources import Source, sources
from warehouse.dbt_files import (  # noqa: F401  (they register their seeds)
    data_map_seeds,
    framework_seeds,
    history_seeds,
    organisation_seeds,
    source_seeds,
)
from warehouse.dbt_files.figures import files as figure_files
from warehouse.dbt_files.marts import files as mart_files
from warehouse.dbt_files.returns import files as return_files
from warehouse.dbt_files.seeds import SEEDS, write

HEADER = "# Generated from ingestion/sources/ and framework/ by warehouse.dbt_files. Do not edit.\n"
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # which takes an eighth of the time, where there is one


def write_all(project: Path) -> list[Path]:
    """Write every generated file of the dbt project; returns those whose content changed."""
    seeds_folder, functions = project / "seeds" / "generated", project / "functions" / "values" / "generated"
    made = [*figure_files(project), *mart_files(project), *return_files(project)]
    wanted: dict[Path, str] = {
        seeds_folder / "_seeds.yml": _as_yaml(seed_properties()),
        project / "models" / "staging" / "generated" / "_sources.yml": _as_yaml(source_properties()),
        **{functions / f"{name}.sql": body for name, body in value_functions().items()},
        project / "models" / "staging" / "generated" / "headings.md": headings(),
    } | {path: content if isinstance(content, str) else _as_yaml(content) for path, content in made}
    # Rooms above have files for dbt too, and are not known here: they say so in pyproject.toml.
    for room in entry_points(group="promise.dbt_files"):
        wanted |= dict(room.load()(project))
    changed = write(seeds_folder)
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            changed.append(path)
    # A mart of an outcome that is gone would be built for ever, and so would the figures of a source.
    folders = {path.parent for path in wanted} - {seeds_folder}
    for path in sorted(path for folder in folders for path in folder.iterdir()):
        if path not in wanted:
            path.unlink()
            changed.append(path)
    return changed


def value_functions() -> dict[str, str]:
    """The functions that read numbers and periods as published, from the vocabularies by which Python reads them."""
    from promise.vocabulary import sql

    header = "-- Generated from ingestion/vocabulary/ by warehouse.dbt_files. Do not edit.\n"
    return {name: f"{header}{body}\n" for name, body in sql.functions().items()}


def _as_yaml(content: dict[str, Any]) -> str:
    return HEADER + yaml.dump(content, Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=110)


def seed_properties() -> dict[str, Any]:
    """Every column of every seed is text: models cast what they use, and an all-blank column guesses no type."""
    return {
        "version": 2,
        "seeds": [
            {
                "name": name,
                "description": f"Generated from the catalogue: {name.replace('__', ', ').replace('_', ' ')}.",
                "config": {"column_types": dict.fromkeys(each.columns, "text")},
                "columns": [
                    {"name": column, "description": info.description}
                    for column, info in each.keys.items()
                    if info.description
                ],
            }
            for name, each in sorted(SEEDS.items())
        ],
    }


def source_properties() -> dict[str, Any]:
    """The raw tables, with what the catalogue says of each, and the machinery's own tables."""
    own = {
        "name": "ops",
        "schema": "ops",
        "description": "What the machinery knows about itself.",
        "tables": [
            {"name": "vintage", "description": "The ledger: one row per landed file that is loaded in raw."},
            {"name": "protection", "description": "The figures that we withhold: another could be had from them."},
            {"name": "ingest_attempt", "description": "Every attempt to get something, also those that failed."},
        ],
    }
    return {"version": 2, "sources": [own, *(_source(each) for each in sources().values())]}


def headings() -> str:
    """The words for each column of a raw table as a docs block, for the columns of staging that are the same."""
    return "\n".join(
        f"{{% docs {each.id}__{column['name']} %}}\n{column['description']}\n{{% enddocs %}}\n"
        for each in sources().values()
        for column in _source(each)["tables"][0]["columns"]
    )


def plain(text: str) -> str:
    """The text as dbt shows it: what stands in a publisher's headings is no template, which could read our settings."""
    return re.sub(r"\{(?=[{%#])", "{{ '{' }}", text)


def _source(each: Source) -> dict[str, Any]:
    columns = [
        {"name": name, "description": plain(f"Published under the heading {', before '.join(map(repr, headings))}.")}
        for name, headings in each.table.columns.items()
    ]
    provenance = [
        {"name": "_vintage", "description": "The vintage that the row belongs to; see ops.vintage."},
        {"name": "_row", "description": "The line of the landed text file, or the position of the feature."},
    ]
    table: dict[str, Any] = {"name": each.raw_table, "description": plain(each.title), "columns": columns + provenance}
    if each.freshness:
        table["config"] = {
            "loaded_at_query": f"select max(retrieved_at) from ops.vintage where source_id = '{each.id}'",
            "freshness": {
                "warn_after": {"count": each.freshness.warn_after_days, "period": "day"},
                "error_after": {"count": each.freshness.error_after_days, "period": "day"},
            },
        }
    return {"name": each.id, "schema": "raw", "description": plain(each.description.strip()), "tables": [table]}
