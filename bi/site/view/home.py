"""The first page: the promise in a sentence, the three questions, ten tiles, what is new, what is due."""

from __future__ import annotations

from dataclasses import dataclass

from bi.site import words
from bi.site.view.baskets import SCOTLAND, Basket, basket
from bi.site.view.common import Content
from bi.site.view.due import Due, dues
from bi.site.view.revised import Change, changes

FEW = 3  # of what is new and of what is due; the rest is a click away
WAYS = ("improving", "no_clear_change", "worsening")


@dataclass(frozen=True)
class Tile:
    """A statement: what is known, which way it goes, what is missing."""

    id: str
    number: int
    name: str
    known: str
    ways: tuple[tuple[str, str], ...]  # judgement and how many
    missing: str
    is_gap: bool


@dataclass(frozen=True)
class Home:
    """The first page."""

    tiles: tuple[Tile, ...]
    national: Basket
    changed: tuple[Change, ...]
    changed_in_all: int
    overdue: tuple[Due, ...]
    overdue_in_all: int
    next: tuple[Due, ...]
    pieces: dict[str, int]


def home(content: Content) -> Home:
    """The first page of this release."""
    calendar = dues(content)
    late = [each for each in calendar if each.overdue]
    coming = [each for each in calendar if each.coming]
    changed = changes(content)
    return Home(
        tiles=tuple(_tile(content, s.vision_statement_id) for s in content.marts.vision_statements),
        national=basket(content, SCOTLAND),
        changed=tuple(changed[:FEW]),
        changed_in_all=len(changed),
        overdue=tuple(late[:FEW]),
        overdue_in_all=len(late),
        next=tuple(coming[:FEW]),
        pieces={strand: sum(e.strand == strand for e in content.marts.evidence) for strand in words.STRANDS},
    )


def _tile(content: Content, statement_id: str) -> Tile:
    row = content.statements[statement_id]
    counts = basket(content, statement_id)
    with_figures = sum(
        i.has_figures
        for some in (*(pile.indicators for pile in counts.published), counts.same_fact, counts.background)
        for i in some
    )
    many = {pile.judgement: len(pile.indicators) for pile in counts.published}
    ways = [(way, f"{many[way]} {words.JUDGEMENTS[way].lower()}") for way in WAYS if many.get(way)]
    others = counts.counted - sum(many.get(way, 0) for way in WAYS)
    if others:
        ways.append(("cannot_be_calculated", f"{others} not judged"))
    gaps = sum(g.vision_statement_id == statement_id and g.about == "evidence" for g in content.marts.data_gaps)
    return Tile(
        id=statement_id,
        number=row.number,
        name=row.name,
        known=f"{with_figures} of {words.counted(counts.size, 'indicator')} of the framework known here "
        f"{'has' if with_figures == 1 else 'have'} figures"
        if counts.size
        else "No indicator of the framework known here",
        ways=tuple(ways),
        missing=words.counted(gaps, "gap") + " in the evidence" if gaps else "",
        is_gap=not with_figures,
    )
