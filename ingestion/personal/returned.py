"""A return as it is kept: every cell is looked at, but for the rows that their sender confirmed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from ingestion.personal.hits import Hit
from promise.vocabulary.personal import find_personal


def in_return(path: Path) -> Iterator[Hit]:
    """Every value that a rule knows in a row that nobody confirmed."""
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row.get("confirmed") == "yes":
                continue
            for column, text in row.items():
                if isinstance(text, str):
                    yield from (Hit(found, f"row {row.get('return_row')}:{column}") for found in find_personal(text))
