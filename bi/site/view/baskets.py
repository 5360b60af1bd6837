"""Which way indicators go: how many improve, hold or worsen, each count with its list, never one score."""

from __future__ import annotations

from dataclasses import dataclass

from bi.site import words
from bi.site.view.common import Content, Named

SCOTLAND = "scotland"


@dataclass(frozen=True)
class Pile:
    """The indicators that share a judgement."""

    judgement: str
    word: str
    indicators: tuple[Named, ...]


@dataclass(frozen=True)
class Basket:
    """The framework's indicators by judgement, and apart from them those that this project proposes."""

    published: tuple[Pile, ...]
    proposed: tuple[Pile, ...]

    @property
    def size(self) -> int:
        """How many indicators the framework has here."""
        return sum(len(pile.indicators) for pile in self.published)

    @property
    def proposed_size(self) -> int:
        """How many this project proposes."""
        return sum(len(pile.indicators) for pile in self.proposed)


def basket(content: Content, scope: str) -> Basket:
    """The basket of a vision statement, or of Scotland. Every judgement is in it, also one with an empty list."""
    for row in content.marts.basket:
        words.say(words.STATES, row.publication_state, "publication_state")  # one of neither kind would not be counted
    return Basket(_piles(content, scope, "published"), _piles(content, scope, "proposed"))


def _piles(content: Content, scope: str, state: str) -> tuple[Pile, ...]:
    lists = {
        row.judgement: row.indicator_ids
        for row in content.marts.basket
        if row.scope == scope and row.publication_state == state
    }
    for judgement in lists:
        words.say(words.JUDGEMENTS, judgement, "judgement")  # one without words would fall out of the count
    return tuple(
        Pile(judgement, word, tuple(content.named(i) for i in lists.get(judgement, ())))
        for judgement, word in words.JUDGEMENTS.items()
    )


def tally(counts: Basket) -> str:
    """The basket in a line, for a list of contents: what is proposed is counted apart."""
    proposed = f"; {counts.proposed_size} proposed by this project" if counts.proposed_size else ""
    if not counts.size:
        return f"No indicator of the framework known{proposed}"
    with_figures = sum(i.has_figures for pile in counts.published for i in pile.indicators)
    if not with_figures:
        return f"{words.counted(counts.size, 'indicator')} named, no figures{proposed}"
    parts = [f"{len(pile.indicators)} {pile.word.lower()}" for pile in counts.published if pile.indicators]
    known = "" if with_figures == counts.size else f", {with_figures} with figures"
    return f"{words.counted(counts.size, 'indicator')}{known}: {', '.join(parts)}{proposed}"
