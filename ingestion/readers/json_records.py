"""JSON that is no cube: lists of objects as tables, features as rows, and any other document as paths and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ingestion.readers import claims
from ingestion.readers.json_text import leaves, text_of_json
from ingestion.readers.tables import Finding, Heading, Row, Table

MOST_COLUMNS = 2_000


def is_geojson(content: Any) -> bool:
    return isinstance(content, dict) and content.get("type") == "FeatureCollection"


def features(content: Any, name: str, where: str) -> Table:
    """One row a feature: its properties, and its geometry as JSON."""
    found = content.get("features")
    found = found if isinstance(found, list) else []
    bad = [
        number
        for number, each in enumerate(found)
        if not isinstance(each, dict) or not isinstance(each.get("properties"), dict)
    ]
    kept = [(number, each) for number, each in enumerate(found) if number not in set(bad)]
    names = list(dict.fromkeys(key for _, each in kept for key in each["properties"]))[:MOST_COLUMNS]
    headings = tuple(Heading((text,), (), (text,), "features") for text in (*names, "geometry"))
    findings = [Finding("fault", "a feature without properties", f"features[{number}]") for number in bad[:20]]
    if wrong := claims.of_features(content, len(found)):
        findings.append(Finding("fault", f"the answer {wrong}. {claims.REMEDY}", "features"))
    if not found:
        findings.append(Finding("notice", "no features", "features"))

    def rows() -> Iterator[Row]:
        for number, each in kept:
            yield Row(
                number + 1,
                (*(text_of_json(each["properties"].get(key)) for key in names), text_of_json(each.get("geometry"))),
            )

    return Table(
        name=name,
        place="features",
        headings=headings,
        labels=len(headings),
        rows=rows,
        address=lambda row, position: f"features[{row - 1}].{headings[position].text}",
        findings=tuple(findings),
        tidy=True,
    )


def lists_of_objects(content: Any, name: str) -> list[Table]:
    """A table for each list of objects at the top or directly under it."""
    if isinstance(content, list):
        places = [("", content)]
    elif isinstance(content, dict):
        places = [(key, each) for key, each in content.items() if isinstance(each, list)]
    else:
        return []
    tables = [_objects(each, key, name) for key, each in places if each and all(isinstance(row, dict) for row in each)]
    if len(tables) == 1 and isinstance(content, dict):
        came = len(content[tables[0].place])
        if more := claims.beside(content, came):
            words = f"the document says {more[0]}: {more[1]:,}, and the list holds {came:,}; is it a page?"
            tables[0] = replace(tables[0], findings=(Finding("notice", words, more[0]),))
    if tables and isinstance(content, dict):
        taken = {table.place for table in tables}
        rest = {key: each for key, each in content.items() if key not in taken}
        if rest:
            tables.append(document(rest, "the rest of the document"))
    return tables


def _objects(objects: list[dict[str, Any]], key: str, name: str) -> Table:
    names = list(dict.fromkeys(column for each in objects for column in each))[:MOST_COLUMNS]

    def rows() -> Iterator[Row]:
        for number, each in enumerate(objects, start=1):
            yield Row(number, tuple(text_of_json(each.get(column)) for column in names))

    return Table(
        name=key or name,
        place=key or "the list",
        headings=tuple(Heading((column,), (), (column,), f"{key}[]") for column in names),
        labels=len(names),
        rows=rows,
        address=lambda row, position: f"{key}[{row - 1}].{names[position]}",
        tidy=True,
    )


def document(content: Any, name: str) -> Table:
    """Every value of a document with its path."""
    found = list(leaves(content))

    def rows() -> Iterator[Row]:
        for number, (path, value) in enumerate(found, start=1):
            yield Row(number, (path, text_of_json(value)))

    return Table(
        name=name,
        place="the document",
        headings=(Heading(("path",), (), ("path",), ""), Heading(("value",), (), ("value",), "")),
        labels=2,
        rows=rows,
        address=lambda row, _: found[row - 1][0],
        tidy=True,
    )
