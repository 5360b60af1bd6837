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

from ingestion.values.numbers import find_number
from promise.catalogue.sources import Source
from promise.catalogue.strict import load_yaml
from promise.catalogue.yaml_text import Value, mapping
from promise.proposal.desk import Change, Desk, code
from promise.proposal.state import SOURCE, State, below

ENTRY = f"ingestion/sources/{SOURCE}.yml"
BUNDLE = f"ingestion/bundle/{SOURCE}"
REGISTER = "ingestion/bundle/publication_register/publications.csv"
REGISTER_ENTRY = "ingestion/sources/publication_register.yml"
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
    publications: set[str] = field(default_factory=set)
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
            found.publications.add(row["publication_id"])
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


def edition(desk: Desk, known: Held) -> bool:
    """Draft the state as an edition of the bundle and its publication. Says whether its figures are bundled then."""
    state = desk.state
    if state.figures.snapshot_id in known.hashes:
        return True
    named = {row["publication_id"] for rows in state.rows.values() for row in rows}
    publication = named.pop() if len(named) == 1 else ""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", publication) or publication in known.publications:
        desk.ask(
            state.address,
            f"gave figures under the publication {code(publication)}, which an edition of the bundle has already. The "
            "file is not proposed as a further edition: give this state an id of its own (`live: publication_id` in "
            f"{ENTRY}), let the ingest run, and propose again.",
        )
        return False
    file = f"{publication}.csv"
    desk.draft.write(f"{BUNDLE}/{file}", state.figures.content.read_bytes().decode("utf-8"))
    about: dict[str, Value] = {
        "file": file,
        "held_since": state.taken_on,
        "origin_url": state.address,
        "publication": None,
    }
    desk.draft.yaml(ENTRY).insert(["bundle"], len(desk.source.bundle), mapping(about), apart=False)
    desk.changes.append(Change(
        ENTRY, f"bundle: a further edition, {file}", state.address, None, file,
        "The file is the landed one to the letter. May it be carried along, by the licence that stands there?",
    ))  # fmt: skip
    _register(desk, known, publication)
    return True


def _register(desk: Desk, known: Held, publication: str) -> None:
    text = (desk.root / REGISTER).read_bytes().decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if any(row["publication_id"] == publication for row in rows):
        return
    earlier = [row for row in rows if row["publication_id"] in known.publications]
    series = SERIES.match(earlier[-1]["note"]) if earlier else None
    name = series[1] if series else desk.source.title
    day = desk.state.taken_on
    row = {
        "publication_id": publication,
        "title": f"{desk.source.title}, state taken on {day.isoformat()}",
        "publisher": earlier[-1]["publisher"] if earlier else "",
        "url": desk.state.address,
        "published_on": "",
        "precision": "unknown",
        "rank": str(max((int(row["rank"]) for row in earlier), default=0) + 1),
        "note": f"Series: {name}. Taken by an ingest on {day.isoformat()}; since when it was shown is not known.",
    }
    line = io.StringIO(newline="")
    csv.DictWriter(line, list(rows[0]), lineterminator="\n").writerow(row)
    desk.draft.write(REGISTER, text + line.getvalue())
    desk.changes.append(Change(
        REGISTER, f"publication {publication}", desk.state.address, None, row["title"],
        "Is it a state later than the others, as its rank says? Does a page say when it was published? Then write "
        "`published_on` and `precision`.",
    ))  # fmt: skip
    _held_since(desk)


def _held_since(desk: Desk) -> None:
    """The register's day is that of its youngest row: a publication without a date counts as out from then on."""
    register = load_yaml(desk.root / REGISTER_ENTRY, Source).bundle[-1]
    day = desk.state.taken_on
    if register.held_since is None or register.held_since >= day:
        return
    desk.draft.yaml(REGISTER_ENTRY).set(["bundle", -1, "held_since"], day)
    desk.changes.append(
        Change(
            REGISTER_ENTRY, "held_since of the register", desk.state.address,
            register.held_since.isoformat(), day.isoformat(),
            "Else the new publication would count as out before it was seen. A new installation counts each "
            "publication whose date nobody knows from this day on.",
        )
    )  # fmt: skip
