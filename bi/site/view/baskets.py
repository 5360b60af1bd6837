"""Which way indicators go: how many improve, hold or worsen, each count with its list, never one score."""

from __future__ import annotations

from dataclasses import dataclass

from bi.site import words
from bi.site.view.common import Content, Named

SCOTLAND = "scotland"
BASELINE = "since_baseline"  # the rule by which an indicator is judged; the others stand beside it
OF_AN_INDICATOR = {judgement: word for judgement, word in words.JUDGEMENTS.items() if judgement != "level"}


@dataclass(frozen=True)
class Pile:
    """The indicators that share a judgement."""

    judgement: str
    word: str
    indicators: tuple[Named, ...]
    doubtful: frozenset[str]  # those between whose figures there may be a break


@dataclass(frozen=True)
class Basket:
    """The framework's indicators by judgement, and apart from them those that this project proposes.

    In no count of directions are those that say a counted fact from its other side, and those that are about everyone.
    """

    published: tuple[Pile, ...]
    proposed: tuple[Pile, ...]
    same_fact: tuple[Named, ...]
    background: tuple[Named, ...]
    proposed_background: tuple[Named, ...]

    @property
    def counted(self) -> int:
        """How many indicators of the framework are counted by their direction."""
        return sum(len(pile.indicators) for pile in self.published)

    @property
    def size(self) -> int:
        """How many indicators the framework has here."""
        return self.counted + len(self.same_fact) + len(self.background)

    @property
    def proposed_size(self) -> int:
        """How many this project proposes."""
        return sum(len(pile.indicators) for pile in self.proposed) + len(self.proposed_background)


@dataclass(frozen=True)
class ByRule:
    """What the framework's indicators would be by a rule."""

    rule: str
    word: str
    improving: int
    no_clear_change: int
    worsening: int
    rose_or_fell: int
    not_judged: int


@dataclass(frozen=True)
class Depends:
    """An indicator of which the rules say different things, in the order of the rules."""

    indicator: Named
    judgements: tuple[str, ...]


def basket(content: Content, scope: str) -> Basket:
    """The basket of a vision statement, or of Scotland. Every judgement is in it, also one with an empty list."""
    for row in content.marts.basket:
        words.say(words.STATES, row.publication_state, "publication_state")  # one of neither kind would not be counted
    return Basket(
        published=_piles(content, scope, "published"),
        proposed=_piles(content, scope, "proposed"),
        same_fact=_apart(content, scope, "published", "same_fact"),
        background=_apart(content, scope, "published", "background"),
        proposed_background=(
            *_apart(content, scope, "proposed", "background"),
            *_apart(content, scope, "proposed", "same_fact"),
        ),
    )


def by_rule(content: Content) -> list[ByRule]:
    """The framework's indicators for Scotland by each rule, the one by which they are judged first."""
    found = []
    for rule, word in words.RULES.items():
        sizes = {pile.judgement: len(pile.indicators) for pile in _piles(content, SCOTLAND, "published", rule)}
        found.append(
            ByRule(
                rule=rule,
                word=word,
                improving=sizes["improving"],
                no_clear_change=sizes["no_clear_change"],
                worsening=sizes["worsening"],
                rose_or_fell=sizes["rose"] + sizes["fell"],
                not_judged=sum(size for judgement, size in sizes.items() if judgement not in words.JUDGED),
            )
        )
    return found


def depends(content: Content) -> list[Depends]:
    """The framework's indicators of which the rules say different things."""
    return [
        Depends(
            content.named(row.indicator_id),
            tuple(
                words.say(words.JUDGEMENTS, getattr(row, rule) or "cannot_be_calculated", "judgement")
                for rule in words.RULES
            ),
        )
        for row in content.marts.disagreements
        if (row.publication_state, row.counted_as) == ("published", "direction")
    ]


def _piles(content: Content, scope: str, state: str, rule: str = BASELINE) -> tuple[Pile, ...]:
    lists = {
        row.judgement: row.indicator_ids
        for row in content.marts.basket
        if (row.rule, row.scope, row.publication_state, row.counted_as) == (rule, scope, state, "direction")
    }
    if rule != BASELINE and "level" in lists:  # one figure has no change by any rule
        lists["cannot_be_calculated"] = [*lists.get("cannot_be_calculated", []), *lists.pop("level")]
    for judgement in lists:
        words.say(OF_AN_INDICATOR, judgement, "judgement")  # one without words would fall out of the count
    return tuple(
        Pile(
            judgement,
            word,
            indicators=tuple(content.named(i) for i in lists.get(judgement, ())),
            doubtful=frozenset(i for i in lists.get(judgement, ()) if _is_doubtful(content, i)),
        )
        for judgement, word in OF_AN_INDICATOR.items()
    )


def _is_doubtful(content: Content, indicator_id: str) -> bool:
    progress = content.progress.get(content.indicators[indicator_id].headline_measure_id or "")
    return progress is not None and progress.possible_break_id is not None


def _apart(content: Content, scope: str, state: str, part: str) -> tuple[Named, ...]:
    return tuple(
        content.named(identifier)
        for row in content.marts.basket
        if (row.rule, row.scope, row.publication_state, row.counted_as) == (BASELINE, scope, state, part)
        for identifier in row.indicator_ids
    )


def tally(counts: Basket) -> str:
    """The basket in a line, for a list of contents: what is proposed is counted apart."""
    proposed = f"; {counts.proposed_size} proposed by this project" if counts.proposed_size else ""
    if not counts.size:
        return f"No indicator of the framework known{proposed}"
    known = [*(i for pile in counts.published for i in pile.indicators), *counts.same_fact, *counts.background]
    with_figures = sum(i.has_figures for i in known)
    if not with_figures:
        return f"{words.counted(counts.size, 'indicator')} named, no figures{proposed}"
    parts = [f"{len(pile.indicators)} {pile.word.lower()}" for pile in counts.published if pile.indicators]
    if apart := len(counts.same_fact):
        parts.append(f"{apart} the other side of one of these")
    if about_everyone := len(counts.background):
        parts.append(f"{about_everyone} about everyone")
    shown = "" if with_figures == counts.size else f", {with_figures} with figures"
    return f"{words.counted(counts.size, 'indicator')}{shown}: {', '.join(parts)}{proposed}"
