"""What is wrong with a return: each fault with its row, its column, and what to write instead.

A *doubt* is a cell in which something may be about a person. A return with a doubt stays with its sender, and nothing
of it is kept, until the row is confirmed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.returns.layout import CONFIRMED
from ingestion.returns.opened import Line, Opened, column_of, missing, opened
from ingestion.returns.values import THIS_PROJECT, Wrong, kept, organisation
from promise.catalogue.returns import SEPARATOR, ReturnField, ReturnKind, return_kinds
from promise.vocabulary.personal import find_personal
from promise.vocabulary.quoting import masked

MOST_FAULTS = 500  # are told; who has more begins with these


@dataclass(frozen=True)
class Fault:
    """One thing that somebody must put right, or confirm."""

    says: str
    instead: str
    row: int | None = None
    field: str | None = None
    column: str | None = None  # its heading
    address: str | None = None
    is_doubt: bool = False

    def __str__(self) -> str:
        where = ", ".join(each for each in (self.address, f"“{self.column}”" if self.column else None) if each)
        return f"{where + ': ' if where else ''}{self.says}. Write instead: {self.instead}"


@dataclass(frozen=True)
class Judged:
    """A return with what is wrong with it, and what would be kept of it."""

    opened: Opened
    kind: ReturnKind | None
    returned_by: str | None
    faults: tuple[Fault, ...]
    rows: tuple[dict[str, str], ...]  # what was readable of each row, as it is kept
    untold: int = 0  # faults beyond those

    @property
    def is_good(self) -> bool:
        return not self.faults

    @property
    def doubts(self) -> tuple[Fault, ...]:
        return tuple(each for each in self.faults if each.is_doubt)


def judge(path: Path, kind: ReturnKind | None = None, *, shipped: bool = False, name: str | None = None) -> Judged:
    """Judge a file. `kind`: which it must be of; else the one that it says. `shipped`: it is of this project's own.
    `name`: what its sender calls it, where that is not how it is called here.

    Raises SourceChanged for what cannot be opened as a return at all.
    """
    found = opened(path, kind, name)
    returned_by, faults = None, list(_whole(found, kind))
    try:
        returned_by = _sender(found, shipped=shipped)
    except Wrong as wrong:
        faults.append(Fault(wrong.says, wrong.instead))
    if found.kind is None or found.heading_row is None:
        return Judged(found, found.kind, returned_by, tuple(faults), ())
    of_kind = found.kind
    faults += [
        Fault(
            "holds a formula", "the value itself (copy the cell and paste it as a value)", address=cell,
        )
        for cell in found.formulas
    ]  # fmt: skip
    if len(found.lines) > of_kind.most_rows:
        faults.append(
            Fault(
                f"the return has {len(found.lines):,} rows, and one of {of_kind.title.lower()} has at most "
                f"{of_kind.most_rows:,}: each is {of_kind.row}",
                "the right file; its rows were not looked at",
            )
        )
        return Judged(found, of_kind, returned_by, tuple(faults), ())
    rows: list[dict[str, str]] = []
    for line in found.lines:
        values, wrong_cells = _row(of_kind, found, line)
        rows.append(values)
        faults += wrong_cells
    faults += _between_rows(of_kind, found, rows)
    faults.sort(key=lambda each: (each.row is not None, each.row or 0))
    return Judged(
        found, of_kind, returned_by, tuple(faults[:MOST_FAULTS]), tuple(rows), max(0, len(faults) - MOST_FAULTS)
    )


def _whole(found: Opened, wanted: ReturnKind | None) -> Iterator[Fault]:
    """Faults of the return as a whole: what it says that it is, and its headings."""
    said_kinds = found.said["return_of"]
    names = ", ".join(return_kinds())
    if len(said_kinds) > 1:
        yield Fault(f"it says that it is of several kinds: {', '.join(said_kinds)}", "one return a kind")
    elif found.kind is None:
        yield Fault(
            f"it does not say which kind of return it is{': ' + said_kinds[0] if said_kinds else ''}",
            f"one of {names}, on the sheet About this return; `promise return template` writes one",
        )
        return
    elif wanted and said_kinds and said_kinds[0].casefold() not in (wanted.id, wanted.title.casefold()):
        yield Fault(f"it is a return of another kind: {said_kinds[0]}", f"a return of {wanted.id}")
        return
    assert found.kind is not None
    editions = found.said["template_edition"]
    if editions != (found.kind.edition,):
        yield Fault(
            f"it is of the template of edition {', '.join(editions) or 'unknown'}, and the one in force is "
            f"{found.kind.edition}",
            f"what you have into a new template: promise return template {found.kind.id}",
        )
    if found.heading_row is None:
        yield Fault("no row holds the headings of the template", "your rows under the headings of the sheet Return")
        return
    absent = missing(found)
    free = {each.title: each for each in absent}
    for place, heading in found.strange:
        close = difflib.get_close_matches(heading, free, n=1, cutoff=0.5)
        yield Fault(
            f"the heading “{masked(heading)}” is none of the template's",
            f"“{close[0]}”, if that is what it is" if close else "the template's heading, or take the column out",
            row=found.heading_row, address=column_of(found, place),
        )  # fmt: skip
    for heading in found.twice:
        yield Fault(f"the heading “{heading}” stands there twice", "one column", row=found.heading_row)
    for each in absent:
        yield Fault(
            f"the column “{each.title}” is missing", "its heading as the template has it; it may be empty below",
            row=found.heading_row, field=each.id, column=each.title,
        )  # fmt: skip
    if not found.lines:
        yield Fault("the return is empty: no row below the headings is filled in", f"one row for {found.kind.row}")


def _sender(found: Opened, *, shipped: bool) -> str:
    """The id of who hands it in. Raises Wrong."""
    said = [part.strip() for each in found.said["returned_by"] for part in each.split(";") if part.strip()]
    if not said:
        raise Wrong("it does not say whose return it is", "your organisation, on the sheet About this return")
    if len(said) > 1:
        raise Wrong(f"it is of {len(said)} organisations: {', '.join(said[:3])}", "one return an organisation")
    if said[0] == THIS_PROJECT:
        if shipped:
            return THIS_PROJECT
        raise Wrong("it says that it is this project's own", "your organisation, on the sheet About this return")
    return organisation(said[0])


def _row(kind: ReturnKind, found: Opened, line: Line) -> tuple[dict[str, str], list[Fault]]:
    values: dict[str, str] = {}
    faults: list[Fault] = []

    def fault(field: ReturnField, says: str, instead: str, *, is_doubt: bool = False) -> None:
        address = found.address(line.number, field.id)
        faults.append(Fault(says, instead, line.number, field.id, field.title, address, is_doubt))

    confirmed = line.confirmed.casefold() == "yes"
    if line.confirmed and line.confirmed.casefold() not in ("yes", "no"):
        faults.append(
            Fault(
                f"“{CONFIRMED}” is neither yes nor no",
                "yes, or nothing",
                line.number,
                column=CONFIRMED,
                address=found.address(line.number, None),
            )
        )
    for field in kind.fields:
        text = line.cells.get(field.id, "")
        if not text:
            if field.required and field.id in found.columns:
                fault(field, "is empty", field.guidance)
            continue
        if not confirmed and (personal := find_personal(text)):
            fault(
                field,
                f"may be about a person: {personal[0]}. Nothing of the return was kept",
                f"it without that; where it is about nobody, yes under “{CONFIRMED}” in this row",
                is_doubt=True,
            )
            continue
        try:
            values[field.id] = kept(field, text)
        except Wrong as wrong:
            fault(field, masked(wrong.says), wrong.instead)
    for field in kind.fields:
        earlier = values.get(field.not_before or "")
        if earlier and field.id in values and values[field.id] < earlier[: len(values[field.id])]:
            fault(field, f"{values[field.id]} lies before {earlier}", "a later one, or correct the other")
    return {"return_row": str(line.number), "confirmed": "yes" if confirmed else "", **values}, faults


def _between_rows(kind: ReturnKind, found: Opened, rows: Sequence[dict[str, str]]) -> Iterator[Fault]:
    """Keys that are there twice, references to no row, and circles."""
    seen: dict[tuple[str, ...], str] = {}
    first = kind.field(kind.key[0])
    for values in rows:
        key = tuple(values.get(each, "") for each in kind.key)
        if not key[0]:
            continue
        if before := seen.get(key):
            number = int(values["return_row"])
            yield Fault(
                f"{' · '.join(filter(None, key))} stands in row {before} already", "one row, or another key",
                number, first.id, first.title, found.address(number, first.id),
            )  # fmt: skip
        seen.setdefault(key, values["return_row"])
    if len(kind.key) == 1:
        for field in kind.fields:
            if field.type == "ids":
                yield from _references(field, found, rows, kind.key[0])


def _references(field: ReturnField, found: Opened, rows: Sequence[dict[str, str]], key: str) -> Iterator[Fault]:
    needs = {
        values[key]: [each for each in values.get(field.id, "").split(SEPARATOR) if each]
        for values in rows
        if key in values
    }
    numbers = {values[key]: int(values["return_row"]) for values in rows if key in values}

    def fault(of: str, says: str, instead: str) -> Fault:
        return Fault(says, instead, numbers[of], field.id, field.title, found.address(numbers[of], field.id))

    for each, named in needs.items():
        for other in named:
            if other not in needs:
                close = difflib.get_close_matches(other, needs, n=1)
                yield fault(
                    each,
                    f"{other!r} is the key of no row",
                    f"{close[0]}, if you meant that" if close else "a key of this return",
                )
    for circle in _circles(needs):
        yield fault(circle[0], f"goes round in a circle: {' → '.join([*circle, circle[0]])}", "nothing at one of these")


def _circles(needs: dict[str, list[str]]) -> Iterator[list[str]]:
    """Each circle once, from its first member in the order of the rows; no recursion, however long the chain."""
    done: set[str] = set()
    for start, first in needs.items():
        if start in done:
            continue
        way, stack = [start], [(start, iter(first))]
        while stack:
            at, others = stack[-1]
            other = next(others, None)
            if other is None:
                done.add(at)
                way.pop()
                stack.pop()
            elif other in way:
                yield way[way.index(other) :]
            elif other in needs and other not in done:
                way.append(other)
                stack.append((other, iter(needs[other])))
