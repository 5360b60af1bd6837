"""What dbt reads of the catalogue, written before each dbt command: seeds, raw tables, values, and marts of one shape.

The files are generated and git-ignored: each fact in them has its one home in the catalogue.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml

from promise.catalogue.sources import Source, sources
from warehouse.dbt_files import (  # noqa: F401  (they register their seeds)
    framework_seeds,
    history_seeds,
    organisation_seeds,
    source_seeds,
)
from warehouse.dbt_files.figures import files as figure_files
from warehouse.dbt_files.marts import files as mart_files
from warehouse.dbt_files.seeds import SEEDS, write

HEADER = "# Generated from ingestion/sources/ and framework/ by warehouse.dbt_files. Do not edit.\n"


def write_all(project: Path) -> list[Path]:
    """Write every generated file of the dbt project; returns those whose content changed."""
    seeds_folder = project / "seeds" / "generated"
    made = [*figure_files(project), *mart_files(project)]
    wanted: dict[Path, str] = {
        seeds_folder / "_seeds.yml": _as_yaml(seed_properties()),
        project / "models" / "staging" / "generated" / "_sources.yml": _as_yaml(source_properties()),
        project / "models" / "staging" / "generated" / "headings.md": headings(),
        project / "macros" / "generated" / "values.sql": value_macros(),
    } | {path: content if isinstance(content, str) else _as_yaml(content) for path, content in made}
    changed = write(seeds_folder)
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            changed.append(path)
    # A mart of an outcome that is gone would be built for ever, and so would the figures of a source.
    for folder in sorted({path.parent for path, _ in made}):
        for path in sorted(folder.iterdir()):
            if path not in wanted:
                path.unlink()
                changed.append(path)
    return changed


def value_macros() -> str:
    """Numbers and periods as published, in SQL, from the vocabularies by which `promise.vocabulary` reads them."""
    from promise.vocabulary import sql

    edges: tuple[sql.Edge, ...] = ("start", "end")
    macros = [
        _macro("published_number(text_column)", sql.number("{{ text_column }}")),
        _macro("published_status(text_column)", sql.number_status("{{ text_column }}")),
        *(_macro(f"period_{edge}(style, text_column)", _periods(edge)) for edge in edges),
    ]
    return "{#- Generated from ingestion/vocabulary/ by warehouse.dbt_files. Do not edit. -#}\n" + "\n".join(macros)


def _periods(edge: Literal["start", "end"]) -> str:
    from promise.vocabulary import sql
    from promise.vocabulary.period_forms import vocabulary

    cases = "\n".join(
        f"        when {sql.quoted(style)} then {sql.period(style, '{{ text_column }}', edge)}"
        for style in vocabulary().styles
    )
    return f"case {{{{ style }}}}\n{cases}\n    end"


def _macro(signature: str, body: str) -> str:
    return f"{{% macro {signature} -%}}\n    {body}\n{{%- endmacro %}}\n"


def _as_yaml(content: dict[str, Any]) -> str:
    return HEADER + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


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


def _source(each: Source) -> dict[str, Any]:
    columns = [
        {"name": name, "description": f"Published under the heading {heading!r}."}
        for heading, name in each.table.columns.items()
    ]
    provenance = [
        {"name": "_vintage", "description": "The vintage that the row belongs to; see ops.vintage."},
        {"name": "_row", "description": "The line of the landed text file, or the position of the feature."},
    ]
    table: dict[str, Any] = {"name": each.raw_table, "description": each.title, "columns": columns + provenance}
    if each.freshness:
        table["config"] = {
            "loaded_at_query": f"select max(retrieved_at) from ops.vintage where source_id = '{each.id}'",
            "freshness": {
                "warn_after": {"count": each.freshness.warn_after_days, "period": "day"},
                "error_after": {"count": each.freshness.error_after_days, "period": "day"},
            },
        }
    return {"name": each.id, "schema": "raw", "description": each.description.strip(), "tables": [table]}
