"""The figures of a state beside those of the bundle."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from promise.catalogue.sources import Source
from promise.vocabulary.numbers import find_number
from workbench.propose.state import SOURCE, State, below

FOLDER = f"ingestion/sources/{SOURCE}"
ENTRY = f"{FOLDER}/source.yml"
Kind = Literal["new", "revised", "written otherwise", "no longer printed"]


@dataclass(frozen=True)
class Figure:
    """A cell that is not as we hold it."""

    kind: Kind
    page: str
    label: str
    heading: str
    period: str
    before: str
    after: str


@dataclass
class Bundled:
    """The bundled editions, a later one over an earlier one; pages by their address below the dashboard."""

    labels: dict[str, set[str]] = field(default_factory=dict)
    # By page, heading and period: label and value.
    values: dict[tuple[str, str, str], tuple[str, str]] = field(default_factory=dict)


def bundled(root: Path, source: Source) -> Bundled:
    """What the bundle has of the dashboard."""
    found = Bundled()
    for edition in source.bundle:
        content = (root / FOLDER / edition.file).read_bytes()
        for row in csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")):
            page, label = below(row["page_url"], edition.origin_url), row["indicator_short_label"]
            found.labels.setdefault(page, set()).add(label)
            found.values[page, row["column_heading"], row["period_as_published"]] = label, row["value_as_published"]
    return found


def differences(state: State, known: Bundled) -> Iterator[Figure]:
    """Every figure that is new, revised, written otherwise, or no longer printed on a page that is still there."""
    printed = set()
    for page, rows in sorted(state.rows.items()):
        for row in rows:
            key = page, row["column_heading"], row["period_as_published"]
            printed.add(key)
            before, after = known.values.get(key, ("", ""))[1], row["value_as_published"]
            if before != after:
                about = row["page_url"], row["indicator_short_label"], row["column_heading"], row["period_as_published"]
                yield Figure(_kind(before, after), *about, before, after)
    for key, (label, before) in sorted(known.values.items()):
        if key not in printed and key[0] in state.rows:
            yield Figure("no longer printed", state.pages[key[0]].url, label, *key[1:], before, "")


def _kind(before: str, after: str) -> Kind:
    if not before:
        return "new"
    numbers = find_number(before), find_number(after)
    return "written otherwise" if numbers[0] is not None and numbers[0] == numbers[1] else "revised"
