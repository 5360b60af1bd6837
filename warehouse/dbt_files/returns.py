"""The models of staging/returns/: what organisations handed in, one model a kind, made of `framework/returns/`.

Of each organisation its last accepted return is read, whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from promise.catalogue.returns import SEPARATOR, ReturnField, ReturnKind, return_kind
from promise.catalogue.sources import Source, sources

BESIDE = {
    "returned_by": (
        "text",
        "The organisation that handed it in, by its id; this_project where we transcribed public pages.",
    ),
    "return_row": ("integer", "The row of the sender's file in which it stood."),
    "vintage": ("integer", "The vintage of the return; see ops.vintage."),
    "snapshot_id": ("text", "The SHA-256 of what was kept of the return."),
    "held_on": ("date", "Since when we certainly held it."),
}


def files(project: Path) -> Iterator[tuple[Path, str | dict[str, Any]]]:
    """A model for each kind that has a source, and the contract of all."""
    folder = project / "models" / "staging" / "returns" / "generated"
    described = [(each, return_kind(each.returns)) for each in sources().values() if each.returns]
    yield folder / "_returns.yml", {"version": 2, "models": [_properties(each, kind) for each, kind in described]}
    for each, kind in described:
        yield folder / f"{each.staging_model}.sql", model(each, kind)


def model(source: Source, kind: ReturnKind) -> str:
    """The SQL that reads a kind of return."""
    columns = ",\n".join(f"    {_read(each)} as {each.id}" for each in kind.fields)
    return (
        f"-- One row for {kind.row}, of the last accepted return of each organisation. Made of\n"
        f"-- framework/returns/{kind.id}.yml. Do not edit.\n"
        "with source as (\n\n"
        f"    {{{{ raw_rows({source.id!r}, {source.raw_table!r}, latest_only=true, each_file=true) }}}}\n\n"
        ")\n\n"
        f"select\n{columns},\n\n"
        "    returned_by,\n    return_row::integer as return_row,\n    vintage,\n    snapshot_id,\n    held_on\n"
        "from source\n"
    )


def _read(field: ReturnField) -> str:
    match _type(field):
        case "numeric":
            return f"nullif({field.id}, '')::numeric"
        case "date":
            return f"to_date(nullif({field.id}, ''), 'YYYY-MM-DD')"
        case "boolean":
            return f"nullif({field.id}, '') = 'yes'"
        case "text[]":
            return f"string_to_array(nullif({field.id}, ''), '{SEPARATOR}')"
        case _:
            return f"nullif({field.id}, '')"


def _type(field: ReturnField) -> str:
    if field.is_list:
        return "text[]"
    return {"number": "numeric", "date": "date", "yes_no": "boolean"}.get(field.type, "text")


def _properties(source: Source, kind: ReturnKind) -> dict[str, Any]:
    not_null = [{"type": "not_null"}]
    fields = [
        {
            "name": each.id,
            "data_type": _type(each),
            "description": f"{each.title}. {each.guidance}",
            **({"constraints": not_null} if each.required else {}),
        }
        for each in kind.fields
    ]
    beside = [{"name": name, "data_type": kind_, "description": words} for name, (kind_, words) in BESIDE.items()]
    return {
        "name": source.staging_model,
        "description": source.description.strip(),
        "config": {"contract": {"enforced": True}},
        "columns": fields + beside,
    }
