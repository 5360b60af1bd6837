"""Which shape a file has, by what is in it. Names and endings are not looked at: publishers get them wrong.

A shape is named only with its evidence. Where two fit, both are given and none is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ingestion.errors import SourceChanged
from ingestion.readers import ckan, formats, json_cube, json_records, ons
from ingestion.readers import statistics_gov_scot as sgs
from ingestion.readers.archive import chunks
from ingestion.readers.data_cart import is_cart
from ingestion.readers.json_text import load_json
from ingestion.readers.text import DELIMITERS, SAMPLE, TextFacts, cut, examine, find_delimiter, sample_lines

Shape = Literal[
    "workbook", "delimited", "cube_csv", "slice_csv", "data_cart", "sparql_csv", "sparql_json", "statxplore",
    "jsonstat",
    "ckan_dump", "ckan_json", "ons_csv", "ons_metadata", "geojson", "json_records", "json_document",
    "html", "pdf", "not_read", "binary", "empty", "text",
]  # fmt: skip
NO_TABLE: frozenset[Shape] = frozenset({"html", "pdf", "binary", "empty", "text"})
HTML = re.compile(
    rb"^(?:<!--.*?-->|<\?xml[^>]*>|\s)*<(?:!doctype html|html|head|body|script|title|table)\b",
    re.IGNORECASE | re.DOTALL,
)
WORKBOOKS = (
    (b"PK\x03\x04", "a zip file, as xlsx and ods workbooks are"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file, as xls workbooks are"),
)
URI_CELL = re.compile(r"^https?://\S+$")


@dataclass(frozen=True)
class Sniffed:
    """A shape and why. With candidates, these are what it could be and `shape` is only the first of them."""

    shape: Shape
    why: tuple[str, ...]
    candidates: tuple[str, ...] = ()
    text: TextFacts | None = None
    content: Any = None  # JSON, read already
    known: formats.Format | None = None  # what it is, where that is known and not read


def sniff(path: Path, where: str) -> Sniffed:
    """The shape of a file. Raises SourceChanged only where the file is damaged so that nothing can be told."""
    head = next(chunks(path, where), b"")[:65536]
    with path.open("rb") as raw:
        first = raw.read(8)
    if known := _by_first_bytes(first, head):
        return known
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return _json(path, where)
    facts = examine(path, where)
    if _is_binary(head, facts):
        return Sniffed("binary", ("bytes that no text has: control characters throughout",), text=facts)
    return _text(path, facts, where)


def _by_first_bytes(first: bytes, head: bytes) -> Sniffed | None:
    """What the first bytes give away. `first` are those of the file itself, `head` those inside a gzip."""
    if not head.strip(b"\x00\xef\xbb\xbf\xfe\xff \t\r\n"):
        return Sniffed("empty", ("the file is empty" if not head else "nothing but blanks",))
    for magic, kind in WORKBOOKS:
        if first.startswith(magic):
            return Sniffed("workbook", (f"it begins like {kind}",))
    if first.startswith(b"%PDF"):
        return Sniffed("pdf", ("it begins %PDF",))
    if HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return Sniffed("html", ("it begins like a web page; was a file expected? Look at the address",))
    known = formats.by_beginning(head)
    return Sniffed("not_read", (f"it begins like {known.name}",), known=known) if known else None


def _is_binary(head: bytes, facts: TextFacts) -> bool:
    if facts.encoding.startswith("utf-16"):
        return False
    control = sum(byte < 9 or 13 < byte < 32 for byte in head)
    return control * 10 > len(head) or (facts.encoding == "cp1252" and bool(facts.faults) and control > 0)


def _json(path: Path, where: str) -> Sniffed:
    content = load_json(path, where)
    known: list[tuple[Shape, bool, str]] = [
        ("statxplore", json_cube.is_statxplore(content), "it has fields, measures and cubes, as Stat-Xplore answers"),
        ("jsonstat", json_cube.is_jsonstat(content), "it has dimension and value, as JSON-stat has"),
        ("geojson", json_records.is_geojson(content), "its type is FeatureCollection"),
        ("ckan_json", ckan.is_ckan(content), "it has success and result, as CKAN answers"),
        (
            "sparql_json",
            isinstance(content, dict) and {"head", "results"} <= content.keys(),
            "it has head and results, as SPARQL answers",
        ),
        ("ons_metadata", ons.is_metadata(content), f"it has {ons.METADATA}, as ONS's metadata have"),
    ]
    fits = [(shape, why) for shape, fit, why in known if fit]
    if fits:
        names = tuple(shape for shape, _ in fits)
        return Sniffed(fits[0][0], tuple(why for _, why in fits), names if len(fits) > 1 else (), content=content)
    if json_records.lists_of_objects(content, ""):
        return Sniffed("json_records", ("it is JSON with a list of objects",), content=content)
    if isinstance(content, dict) and {"database", "measures", "dimensions"} <= content.keys():
        return Sniffed(
            "json_document", ("it is a request to Stat-Xplore; the figures are in the answer",), content=content
        )
    return Sniffed(
        "json_document", ("it is JSON of no shape that is known; shown as paths and values",), content=content
    )


def _text(path: Path, facts: TextFacts, where: str) -> Sniffed:
    sample = sample_lines(path, facts, where)
    stripped = [line.rstrip("\r\n") for line in sample] or [""]
    sgs.refuse_a_sentence(stripped[0], where)
    if sgs.is_slice(stripped):
        return Sniffed("slice_csv", (f"line 1 begins {sgs.GENERATED!r}", f"a line says {sgs.MEASURE!r}"), text=facts)
    if is_cart(next((record for _, record in cut(iter(sample[:1]), ",", where)), [])):
        return Sniffed("data_cart", ("its headings name a dataset, and each dimension with its value",), text=facts)
    dialect = find_delimiter(sample)
    # A long sample may end inside quotes.
    whole = sample if len(sample) < SAMPLE else sample[: SAMPLE * 2 // 3]
    try:
        rows = [record for _, record in cut(iter(whole), dialect.delimiter, where)]
    except SourceChanged:
        rows = [record for _, record in cut(iter(sample[:1]), dialect.delimiter, where)]
    headings = [cell.strip() for cell in rows[0]] if rows else []
    wide = max((len(row) for row in rows), default=0)
    if wide < 2 and not _one_column(stripped):
        return Sniffed("text", (f"text of {len(sample)} lines or more that no delimiter cuts",), text=facts)
    found = _by_headings(headings, rows)
    why = (*found[1], dialect.why)
    if len(dialect.candidates) > 1:
        return Sniffed(
            found[0], why, tuple(f"text cut by {DELIMITERS[each]}" for each in dialect.candidates), text=facts
        )
    return Sniffed(found[0], why, text=facts)


def _one_column(lines: Sequence[str]) -> bool:
    """A list: short lines of one cell, more than one of them."""
    return (
        len(lines) > 1
        and all(len(line) <= 120 for line in lines)
        and not any(line.endswith((".", ":", ";")) for line in lines)
    )


def _by_headings(headings: list[str], rows: list[list[str]]) -> tuple[Shape, tuple[str, ...]]:
    if sgs.is_cube(headings):
        return "cube_csv", ("its headings are those of a statistics.gov.scot cube",)
    if ons.is_ons(headings):
        return "ons_csv", (f"its headings hold {', '.join(ons.COLUMNS)}, as ONS's do",)
    if ckan.qualified(headings) or "_id" in headings:
        return "ckan_dump", ("it has CKAN's _id or columns with a QF companion",)
    body = [cell for row in rows[1:] for cell in row if cell]
    if (
        body
        and 2 * sum(bool(URI_CELL.match(cell)) for cell in body) > len(body)
        and all(re.fullmatch(r"\w+", each) for each in headings)
    ):
        return "sparql_csv", ("its headings are variables and most cells are addresses, as SPARQL answers",)
    if len(rows) == 1 and all(re.fullmatch(r"[a-z]+(?:[A-Z][a-z]*)*", each) for each in headings):
        return "delimited", ("headings only, no rows: an empty table, or a query that found nothing",)
    return "delimited", ("text in cells",)
