"""ONS Explore Local Statistics: a CSV of observations, and the JSON beside it that says how to read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingestion.errors import SourceChanged
from ingestion.readers.json_text import leaves, load_json, text_of_json
from ingestion.readers.tables import Finding, Note, Table
from ingestion.readers.text_tables import read_text
from promise.vocabulary.quoting import found as quoted

COLUMNS = ("areacd", "areanm", "period", "observation")
METADATA = "ess-beta-metadata"


def is_ons(headings: Sequence[str]) -> bool:
    return set(COLUMNS) <= set(headings)


def is_metadata(content: Any) -> bool:
    return isinstance(content, dict) and METADATA in content


def read_observations(path: Path, where: str, metadata: Path | None = None) -> Table:
    """The observations. With the JSON, caveats come as notes, and an indicator that it does not describe is named."""
    tables = read_text(path, where, ",").tables
    if len(tables) != 1:
        raise SourceChanged(f"{where}: {len(tables)} tables, expected one. Look at it with promise peek")
    table = replace(tables[0], tidy=True)
    return with_metadata(table, load_json(metadata, f"{where} ({metadata.name})"), where) if metadata else table


def with_metadata(table: Table, content: Any, where: str) -> Table:
    """The table with what its metadata say."""
    if not is_metadata(content):
        raise SourceChanged(
            f"{where}: its metadata hold no {METADATA!r}; expected the JSON that is published with the CSV"
        )
    told = content[METADATA]
    notes = tuple(
        Note(f"{place}: {text}", f"{METADATA}.{place}", "beside")
        for place, value in leaves(told)
        if (text := text_of_json(value))
    )
    names = [heading.text for heading in table.headings]
    findings = table.findings
    if "indicator" in names:
        position = names.index("indicator")
        first: dict[str, int] = {}
        for row in table.rows():
            first.setdefault(row.texts[position], row.number)
        findings += tuple(
            Finding(
                "notice",
                f"the indicator is not described in the metadata: {quoted(each)}",
                table.address(line, position),
            )
            for each, line in first.items()
            if each not in told
        )
    return replace(table, notes=(*table.notes, *notes), findings=findings)
