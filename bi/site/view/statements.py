"""A statement's own page: its outcomes with their indicators, what was heard, what organisations did, what is missing,
who answers for it. And the page of directions: which way the indicators of all ten go, by each of four rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bi.site import rows, words
from bi.site.view.answers import Answered, answered
from bi.site.view.baskets import SCOTLAND, Basket, basket, by_rule, depends
from bi.site.view.cards import Card, card, disagreements
from bi.site.view.common import Content, GapGroup


@dataclass(frozen=True)
class Outcome:
    """An outcome with its indicators."""

    id: str
    title: str
    text: str | None
    earlier_text: str | None
    source_url: str | None
    note: str | None
    proposed: bool
    proposed_because: str
    cards: tuple[Card, ...]
    gaps: tuple[GapGroup, ...]


@dataclass(frozen=True)
class Piece:
    """Evidence or a milestone: listed with its source, never scored."""

    title: str
    about: str
    summary: str
    url: str | None


@dataclass(frozen=True)
class Across:
    """What concerns all ten statements."""

    gaps: tuple[GapGroup, ...]
    evidence: tuple[Piece, ...]
    milestones: tuple[Piece, ...]


@dataclass(frozen=True)
class Statement:
    """A vision statement in its official wording, with everything known under it."""

    id: str
    number: int
    name: str
    earlier_name: str | None
    text: str
    source_url: str | None
    earlier_text: str | None
    earlier_source_url: str | None
    wording_note: str | None
    report_page: int | None
    is_gap: bool
    gap_statement: str | None
    basket: Basket
    outcomes: tuple[Outcome, ...]
    proposed_outcomes: tuple[Outcome, ...]
    gaps: tuple[GapGroup, ...]
    heard: tuple[Piece, ...]
    done: tuple[Piece, ...]
    evidence: tuple[Piece, ...]  # of neither strand
    milestones: tuple[Piece, ...]
    answers: tuple[Answered, ...]
    before: tuple[str, str] | None  # the statement before this one: its page and its name
    after: tuple[str, str] | None


def statements(content: Content) -> list[Statement]:
    """The ten statements in their order."""
    every = content.marts.vision_statements
    return [_statement(content, row, *_beside(every, n)) for n, row in enumerate(every)]


def _beside(
    every: list[rows.VisionStatement], n: int
) -> tuple[rows.VisionStatement | None, rows.VisionStatement | None]:
    return every[n - 1] if n else None, every[n + 1] if n + 1 < len(every) else None


def directions(content: Content) -> dict[str, Any]:
    """All indicators by judgement, and what other rules would say of them."""
    return {
        "national": basket(content, SCOTLAND),
        "rules": by_rule(content),
        "depends": depends(content),
        "parted": _parted(content),
        "across": _across(content),
    }


def _parted(content: Content) -> list[str]:
    """Where share and number of an indicator of the framework went opposite ways."""
    return [
        sentence
        for indicator in content.marts.indicators
        if indicator.publication_state == "published"
        for sentence in disagreements(content, content.measures_of.get(indicator.indicator_id, []))
    ]


def _statement(
    content: Content,
    row: rows.VisionStatement,
    before: rows.VisionStatement | None,
    after: rows.VisionStatement | None,
) -> Statement:
    mine = row.vision_statement_id
    counts = basket(content, mine)
    outcomes = [_outcome(content, o) for o in content.marts.outcomes if o.vision_statement_id == mine]
    return Statement(
        id=mine,
        number=row.number,
        name=row.name,
        earlier_name=row.earlier_name,
        text=row.statement,
        source_url=row.statement_source_url,
        earlier_text=row.earlier_statement,
        earlier_source_url=row.earlier_statement_source_url,
        wording_note=row.wording_note,
        report_page=row.promise_report_page,
        # What this project proposes fills no gap of the framework.
        is_gap=not any(
            i.has_figures
            for some in (*(pile.indicators for pile in counts.published), counts.same_fact, counts.background)
            for i in some
        ),
        gap_statement=row.gap_statement,
        basket=counts,
        outcomes=tuple(o for o in outcomes if not o.proposed),
        proposed_outcomes=tuple(o for o in outcomes if o.proposed),
        gaps=content.gaps(lambda g: g.vision_statement_id == mine and g.outcome_id is None and g.indicator_id is None),
        heard=evidence(content, mine, "experience"),
        done=evidence(content, mine, "organisational"),
        evidence=evidence(content, mine, "national"),
        milestones=milestones(content, mine),
        answers=tuple(a for a in answered(content) if a.statement_id == mine and not a.indicator.proposed),
        before=_link(before),
        after=_link(after),
    )


def _link(row: rows.VisionStatement | None) -> tuple[str, str] | None:
    return (f"{row.vision_statement_id}.html", f"{row.number}. {row.name}") if row is not None else None


def proposals(content: Content) -> list[tuple[str, str, str]]:
    """Id, name and reason of every indicator that this project proposes."""
    return [
        (i.indicator_id, i.name, i.proposed_because or "")
        for i in content.marts.indicators
        if i.publication_state == "proposed"
    ]


def _across(content: Content) -> Across:
    """Gaps, evidence and milestones that name no statement."""
    return Across(
        gaps=content.gaps(lambda g: g.vision_statement_id is None),
        evidence=evidence(content, None),
        milestones=milestones(content, None),
    )


def evidence(content: Content, statement_id: str | None, strand: str | None = None) -> tuple[Piece, ...]:
    """The evidence under a statement, or under none, of one strand or of all."""
    return tuple(
        Piece(
            title=e.title,
            about=", ".join(filter(None, [words.plain(e.strand), words.plain(e.kind).lower(), e.published_on])),
            summary=e.summary or "",
            url=e.url,
        )
        for e in content.marts.evidence
        if (statement_id in e.vision_statement_ids if statement_id else not e.vision_statement_ids)
        and strand in (None, e.strand)
    )


def milestones(content: Content, statement_id: str | None) -> tuple[Piece, ...]:
    """The milestones under a statement, or under none."""
    return tuple(_milestone(content, m) for m in content.marts.milestones if m.vision_statement_id == statement_id)


def _outcome(content: Content, row: rows.Outcome) -> Outcome:
    mine = [i for i in content.marts.indicators if i.outcome_id == row.outcome_id]
    return Outcome(
        id=row.outcome_id,
        title=outcome_title(row),
        text=row.outcome_text,
        earlier_text=row.earlier_text if row.earlier_text != row.outcome_text else None,
        source_url=row.source_url,
        note=row.note,
        proposed=row.publication_state == "proposed",
        proposed_because=row.proposed_because or "",
        # The framework's own first, so that a proposal never stands between them.
        cards=tuple(card(content, i) for i in sorted(mine, key=lambda i: i.publication_state == "proposed")),
        gaps=content.gaps(lambda g: g.outcome_id == row.outcome_id and g.indicator_id is None),
    )


def outcome_title(row: rows.Outcome) -> str:
    """`Outcome 2`. A proposed outcome has no number of the framework's, and must not look as if it had."""
    if row.publication_state == "proposed":
        return "Proposed outcome"
    return f"Outcome {row.number}" if row.number is not None else "Outcome"


def _milestone(content: Content, row: rows.Milestone) -> Piece:
    due = f"due {words.published(row.due_on, row.due_precision)}" if row.due_on else "no date given"
    who = content.organisation(row.organisation_id)
    return Piece(
        title=row.title,
        about=", ".join(filter(None, [who, due, words.plain(row.status).lower()])),
        summary="",
        url=row.source_url,
    )
