"""Cubes in JSON: Stat-Xplore's tables and JSON-stat. The nested numbers land long, one row a cell, with its path.

Stat-Xplore's total of a dimension is an item without an address; its annotations explain `..` and `r`, and stay with
the table. A cube whose numbers do not fit its dimensions is refused: which number belongs where could not be told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ingestion.errors import SourceChanged, SourceFaulty
from ingestion.readers import claims
from ingestion.readers.json_text import text_of_json
from ingestion.readers.tables import Finding, Heading, Note, Row, Table

MOST_CELLS = 6_000_000


@dataclass(frozen=True)
class Item:
    """One place on a dimension. A total has no address."""

    label: str
    uri: str
    marks: str


@dataclass(frozen=True)
class Dimension:
    label: str
    items: tuple[Item, ...]


def is_statxplore(content: Any) -> bool:
    return isinstance(content, dict) and {"fields", "cubes", "measures"} <= content.keys()


def is_jsonstat(content: Any) -> bool:
    if not isinstance(content, dict):
        return False
    inner = _jsonstat_dataset(content)
    return isinstance(inner, dict) and "dimension" in inner and "value" in inner


@dataclass(frozen=True)
class _Database:
    """What all cubes of a response share."""

    name: str
    dimensions: tuple[Dimension, ...]
    measures: dict[str, str]
    annotations: dict[str, str]
    where: str


def statxplore(content: Any, where: str) -> list[Table]:
    """One table a measure. Columns: each field, its address, the annotations of the row, the value."""
    try:
        database = _Database(
            name=content.get("database", {}).get("label", "Stat-Xplore table"),
            dimensions=tuple(_field(field) for field in content["fields"]),
            measures={measure["uri"]: measure["label"] for measure in content["measures"]},
            annotations=dict(content.get("annotationMap") or {}),
            where=where,
        )
        cubes = [(uri, cube["values"]) for uri, cube in content["cubes"].items()]
        wrong = claims.of_items(content.get("query"), content["fields"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise SourceChanged(
            f"{where}: not a Stat-Xplore response, of which a part is missing or of another kind; expected fields, "
            "measures and cubes. Fetch it again"
        ) from None
    if wrong:
        raise SourceFaulty(f"{where}, fields: the answer {wrong}. Fetch it again")
    return [_cube(database, uri, values) for uri, values in cubes]


def _field(field: Any) -> Dimension:
    items = tuple(
        Item(" / ".join(item["labels"]), " ".join(item.get("uris", ())), " ".join(item.get("annotationKeys", ())))
        for item in field["items"]
    )
    return Dimension(field["label"], items)


def _cube(database: _Database, uri: str, values: Any) -> Table:
    dimensions, measure = database.dimensions, database.measures.get(uri, uri)
    sizes = [len(dimension.items) for dimension in dimensions]
    path = f"cubes.{uri}.values"
    _check_nesting(values, sizes, f"{database.where}, {path}")
    _refuse_too_many(math.prod(sizes), database.where)
    places = list(product(*(range(size) for size in sizes)))
    marks = {mark for dimension in dimensions for item in dimension.items for mark in item.marks.split()}
    unexplained = len(marks - set(database.annotations))

    def rows() -> Iterator[Row]:
        for number, place in enumerate(places, start=1):
            value = values
            for step in place:
                value = value[step]
            items = [dimension.items[step] for dimension, step in zip(dimensions, place, strict=True)]
            texts = [text for item in items for text in (item.label, item.uri)]
            marks = " ".join(item.marks for item in items if item.marks)
            yield Row(number, (*texts, marks, text_of_json(value)))

    names = [text for dimension in dimensions for text in (dimension.label, f"{dimension.label} URI")]
    headings = [Heading((text,), (), (text,), "fields") for text in (*names, "annotations", measure)]
    return Table(
        name=database.name,
        place=path,
        headings=tuple(headings),
        labels=len(headings) - 1,
        rows=rows,
        address=lambda row, _: path + "".join(f"[{step}]" for step in places[row - 1]),
        notes=tuple(
            Note(f"{key}: {text}", f"annotationMap.{key}", "beside") for key, text in database.annotations.items()
        ),
        context=(("measure", measure), ("measure URI", uri)),
        findings=(Finding("notice", f"{unexplained} marks are not explained in annotationMap", "fields"),)
        * bool(unexplained),
        tidy=True,
    )


def _check_nesting(values: Any, sizes: Sequence[int], path: str) -> None:
    stack = [(values, 0, path)]
    while stack:
        value, depth, place = stack.pop()
        if depth == len(sizes):
            if isinstance(value, list | dict):
                raise SourceChanged(
                    f"{place}: nested deeper than the {len(sizes)} dimensions of the table. Fetch it again"
                )
            continue
        if not isinstance(value, list) or len(value) != sizes[depth]:
            came = f"{len(value)} values" if isinstance(value, list) else "a single value"
            raise SourceChanged(
                f"{place}: {came}, expected {sizes[depth]}, one for each item of dimension {depth + 1}. Fetch it again"
            )
        stack += [(each, depth + 1, f"{place}[{number}]") for number, each in enumerate(value)]


def _refuse_too_many(cells: int, where: str) -> None:
    if cells > MOST_CELLS:
        raise SourceChanged(f"{where}: a cube of {cells:,} cells, expected at most {MOST_CELLS:,}. Ask for it in parts")


# -- JSON-stat ---------------------------------------------------------------------------------------------------------


def _jsonstat_dataset(content: dict[str, Any]) -> Any:
    """Version 2 is the dataset itself; version 1 holds it under a name."""
    if "dimension" in content:
        return content
    inner = [each for each in content.values() if isinstance(each, dict) and "dimension" in each]
    return inner[0] if len(inner) == 1 else None


def jsonstat(content: Any, where: str) -> Table:
    """A JSON-stat dataset, version 1 or 2, dense or sparse, with the status of each cell."""
    dataset = _jsonstat_dataset(content)
    try:
        described = dataset["dimension"]
        ids: list[str] = dataset.get("id") or described["id"]
        sizes = [int(size) for size in dataset.get("size") or described["size"]]
        dimensions = [
            _category(described[each], place, key=each, size=size)
            for place, (each, size) in enumerate(zip(ids, sizes, strict=True), start=1)
        ]
        values, status = dataset["value"], dataset.get("status")
    except _Unequal as error:
        raise SourceChanged(f"{where}, dimension: {error}. Fetch it again") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SourceChanged(
            f"{where}: not a JSON-stat dataset, of which a part is missing or of another kind; expected id, size, "
            "dimension and value. Fetch it again"
        ) from None
    total = math.prod(sizes)
    _refuse_too_many(total, where)
    for part, given in (("value", values), ("status", status)):
        # In an object a cell may be left out; a cell that the sizes do not have is too many in both.
        last = max((claims.number(place) or 0 for place in given), default=0) if isinstance(given, dict) else 0
        if (isinstance(given, list) and len(given) != total) or last >= max(total, 1):
            came = f"{len(given)} values" if isinstance(given, list) else f"a value at place {last}"
            raise SourceChanged(f"{where}, {part}: {came}, expected {total} for the sizes {sizes}. Fetch it again")
    places = list(product(*(range(size) for size in sizes)))

    def rows() -> Iterator[Row]:
        for number, place in enumerate(places):
            items = [dimension.items[step] for dimension, step in zip(dimensions, place, strict=True)]
            texts = [text for item in items for text in (item.label, item.uri)]
            yield Row(number + 1, (*texts, _at(status, number), _at(values, number)))

    names = [text for dimension, key in zip(dimensions, ids, strict=True) for text in (dimension.label, f"{key} code")]
    headings = tuple(Heading((text,), (), (text,), "dimension") for text in (*names, "status", "value"))
    notes = dataset.get("note") or []
    return Table(
        name=str(dataset.get("label") or "JSON-stat dataset"),
        place="value",
        headings=headings,
        labels=len(headings) - 1,
        rows=rows,
        address=lambda row, _: f"value[{row - 1}]",
        notes=tuple(
            Note(str(note), f"note[{n}]", "beside")
            for n, note in enumerate(notes if isinstance(notes, list) else [notes])
        ),
        context=tuple((key, str(dataset[key])) for key in ("source", "updated", "href") if dataset.get(key)),
        tidy=True,
    )


class _Unequal(Exception):
    """A dimension has another number of categories than it says."""


def _category(described: Any, place: int, *, key: str, size: int) -> Dimension:
    category = described["category"]
    labels = category.get("label") or {}
    index = category.get("index") or list(labels)
    codes = (
        index if isinstance(index, list) else [code for code, _ in sorted(index.items(), key=lambda item: int(item[1]))]
    )
    if len(codes) != size:
        raise _Unequal(f"number {place} has {len(codes)} categories and the size {size}")
    return Dimension(
        str(described.get("label") or key), tuple(Item(str(labels.get(code, code)), str(code), "") for code in codes)
    )


def _at(values: Any, number: int) -> str:
    """The value of a cell, from a list, from an object by place, or one for all."""
    if isinstance(values, list):
        return text_of_json(values[number]) if number < len(values) else ""
    if isinstance(values, dict):
        return text_of_json(values.get(str(number)))
    return text_of_json(values)
