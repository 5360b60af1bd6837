"""The catalogue as CSV files that dbt can seed: how decisions written in YAML reach SQL.

`SEEDS` says which files there are. Columns of most are the keys of a model, so that a new key reaches SQL by itself:

    @seed_of(Colour, "vocabulary__colour", key="colour_id", leave_out="shades", also="display_order")
    def colours() -> Records:
        return [(each, {"display_order": place}) for place, each in enumerate(palette(), start=1)]

Others name their columns and give rows of as many cells: `@seed("vocabulary__colour", "colour meaning")`.

A blank cell is null, and several words are one cell. Files are rewritten only when their content changes, so that dbt's
and our own fingerprints of the folder change exactly when a decision changed.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from promise.strict import Strict

ABANDONED = 3600  # seconds; a seed is written in a few thousandths of one
Cell = str | int | float | bool | date | tuple[str, ...] | None
Rows = Iterable[tuple[Cell, ...]]
# An instance of a model, and what its place in the catalogue says of it.
Records = Iterable[tuple[Strict, Mapping[str, Cell]]]

# A key that names another thing is called in SQL as that thing's own id is; so are the words that a source is read by.
IN_SQL = {
    "outcome": "outcome_id",
    "indicator": "indicator_id",
    "measure": "measure_id",
    "comparator": "comparator_measure_id",
    "numerator": "numerator_measure_id",
    "denominator": "denominator_measure_id",
    "same_fact_as": "same_fact_as_indicator_id",
    "headline": "headline_measure_id",
    "producer": "producer_organisation_id",
    "organisation": "organisation_id",
    "vision_statement": "vision_statement_id",
    "vision_statements": "vision_statement_ids",
    "question": "question_id",
    "report": "report_id",
    "source": "source_id",
    "publication": "publication_id",
    "label": "series_label",
    "heading": "series_heading",
}


@dataclass(frozen=True)
class Seed:
    """A CSV file: its columns, and a function that gives its rows in an order that does not vary."""

    columns: tuple[str, ...]
    rows: Callable[[], Rows]
    keys: Mapping[str, FieldInfo] = field(default_factory=dict)  # the columns that are keys of a model


SEEDS: dict[str, Seed] = {}


def seed(name: str, columns: str) -> Callable[[Callable[[], Rows]], Callable[[], Rows]]:
    """Make the function's rows the seed `name`, with the columns given as words. A name can be taken once only."""

    def register(rows: Callable[[], Rows]) -> Callable[[], Rows]:
        _add(name, Seed(tuple(columns.split()), rows))
        return rows

    return register


def seed_of(
    model: type[Strict],
    name: str,
    *,
    key: str = "",
    named: Mapping[str, str] | None = None,
    leave_out: str = "",
    also: str = "",
) -> Callable[[Callable[[], Records]], Callable[[], Records]]:
    """Make instances of the model the rows of the seed `name`: a column for each of its keys, then those in `also`.

    The id is called `key`, others as `named` or `IN_SQL` says or as in the model; the keys of a mapping inside begin
    with its own. What is left out has a seed of its own, or is nothing that SQL needs.
    """
    keys = {"_".join(path): (path, info) for path, info in _keys(model)}
    without, more = leave_out.split(), also.split()
    if unknown := [each for each in (*without, *(named or {})) if each not in keys]:
        raise ValueError(f"the seed {name} names {', '.join(unknown)}, which {model.__name__} has not; correct it")
    called = IN_SQL | {"id": key} | dict(named or {})
    columns = {called.get(each, each): at for each, at in keys.items() if each not in without}

    def register(records: Callable[[], Records]) -> Callable[[], Records]:
        def rows() -> Rows:
            for record, place in records():
                yield (*(_at(record, path) for path, _ in columns.values()), *(place[column] for column in more))

        _add(name, Seed((*columns, *more), rows, {column: info for column, (_, info) in columns.items()}))
        return records

    return register


def _add(name: str, made: Seed) -> None:
    if name in SEEDS:
        raise ValueError(f"the seed {name} is defined twice; give one of them another name")
    SEEDS[name] = made


def _keys(model: type[Strict]) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Each key of the model, and those of a mapping in it."""
    for name, info in model.model_fields.items():
        inner = [kind for kind in kinds(info) if isinstance(kind, type) and issubclass(kind, Strict)]
        yield from (((name, *path), each) for path, each in _keys(inner[0])) if inner else [((name,), info)]


def kinds(info: FieldInfo) -> tuple[Any, ...]:
    """What a key holds, and the alternatives where it may be one thing or another."""
    hint = info.annotation
    return (hint, *get_args(hint)) if get_origin(hint) in (Union, UnionType) else (hint,)


def _at(record: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        record = getattr(record, name) if record is not None else None
    return record


def write(folder: Path) -> list[Path]:
    """Write every seed to the folder and return what was changed; a file that is as it should be is not touched.

    A CSV file of a known family (`framework__…`) that is no longer a seed is removed, or dbt would still load it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    changed: list[Path] = []
    for unfinished in folder.glob("*.tmp"):
        with contextlib.suppress(FileNotFoundError):  # another process finished it
            if time.time() - unfinished.stat().st_mtime > ABANDONED:
                unfinished.unlink()
    for name, each in sorted(SEEDS.items()):
        path = folder / f"{name}.csv"
        content = as_csv(name, each)
        if path.exists() and path.read_bytes() == content:
            continue
        # Renamed into place: another process that reads the folder sees the old file or the new one, not half of it.
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_bytes(content)
        unfinished.replace(path)
        changed.append(path)
    families = {name.split("__")[0] for name in SEEDS}
    for path in sorted(folder.glob("*__*.csv")):
        if path.stem not in SEEDS and path.stem.split("__")[0] in families:
            path.unlink()
            changed.append(path)
    return changed


def as_csv(name: str, each: Seed) -> bytes:
    """The seed as the bytes of its file. Raises ValueError for a row that does not fit its columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(each.columns)
    for row in each.rows():
        if len(row) != len(each.columns):
            raise ValueError(f"seed {name}: a row has {len(row)} cells for {len(each.columns)} columns: {row!r}")
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.15g}"
        case date():
            return value.isoformat()
        case tuple() if all(isinstance(word, str) for word in value):
            return " ".join(value)
        case str() | int():
            return str(value).strip()
        case _:
            raise ValueError(f"{value!r} fits no cell; leave it out, or give it a seed of its own")
