"""The figures of a state beside those of the bundle, and the state as a further edition of it.

The landed file becomes the edition to the letter, so that a figure can be followed to the file that came, and is the
same file whether it comes from the publisher or from the bundle.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from promise.catalogue.sources import Source
from promise.vocabulary.numbers import find_number
from workbench.propose.desk import Change, Desk
from workbench.propose.state import SOURCE, State, below
from workbench.yaml_text import Value, mapping

ENTRY = f"ingestion/sources/{SOURCE}/source.yml"
BUNDLE = f"ingestion/sources/{SOURCE}"
REGISTER = "ingestion/sources/publication_register/publications.csv"
SERIES = re.compile(r"Series: ([^.]+)\.")  # as staging reads it from a note of the register
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
class Held:
    """The bundled editions, a later one over an earlier one; pages by their address below the dashboard."""

    labels: dict[str, set[str]] = field(default_factory=dict)
    values: dict[tuple[str, str, str], tuple[str, str]] = field(
        default_factory=dict
    )  # page, heading, period: label, value
    hashes: set[str] = field(default_factory=set)


def held(root: Path, source: Source) -> Held:
    """What the bundle has of the dashboard."""
    found = Held()
    for edition in source.bundle:
        content = (root / BUNDLE / edition.file).read_bytes()
        found.hashes.add(hashlib.sha256(content).hexdigest())
        for row in csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")):
            page, label = below(row["page_url"], edition.origin_url), row["indicator_short_label"]
            found.labels.setdefault(page, set()).add(label)
            found.values[page, row["column_heading"], row["period_as_published"]] = label, row["value_as_published"]
    return found


def differences(state: State, known: Held) -> Iterator[Figure]:
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


def edition(desk: Desk, known: Held) -> None:
    """Draft the state as an edition of the bundle, which is a publication as a whole."""
    state = desk.state
    if state.figures.snapshot_id in known.hashes:
        return
    publication = f"ppf_dashboard_{state.figures.snapshot_id[:8]}"
    file = f"{publication}.csv"
    title = f"{desk.source.title}, state taken on {state.taken_on.isoformat()}"
    series = desk.source.live.publication_series if desk.source.live else None
    ranks = [
        *_ranks(desk.root, series),
        *(each.publication.rank for each in desk.source.bundle if each.publication),
    ]
    desk.draft.write(f"{BUNDLE}/{file}", state.figures.content.read_bytes().decode("utf-8"))
    about: dict[str, Value] = {
        "file": file,
        "held_since": state.taken_on,
        "origin_url": state.address,
        "publication": {
            "id": publication,
            "title": title,
            "publisher": "The Promise Scotland",
            "url": state.address,
            "published_on": None,
            "precision": "unknown",
            "series": series or desk.source.title,
            "rank": max(ranks, default=0) + 1,
            "note": f"Taken by an ingest on {state.taken_on.isoformat()}; since when it was shown is not known.",
        },
    }
    desk.draft.yaml(ENTRY).insert(["bundle"], len(desk.source.bundle), mapping(about), apart=False)
    desk.changes.append(Change(
        ENTRY, f"bundle: a further edition, {file}", state.address, None, title,
        "The file is the landed one to the letter. May it be carried along, by the licence that stands there? Is it a "
        "state later than the others, as its rank says? Does a page say when it was published? Then write "
        "`published_on` and `precision`.",
    ))  # fmt: skip


def _ranks(root: Path, series: str | None) -> list[int]:
    """The ranks that the register gives in a series."""
    with (root / REGISTER).open(encoding="utf-8", newline="") as lines:
        return [
            int(row["rank"])
            for row in csv.DictReader(lines)
            if (found := SERIES.match(row["note"])) and found[1] == series
        ]
