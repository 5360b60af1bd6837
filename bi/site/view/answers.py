"""Who answers for what: the three questions, each indicator, what was recommended, and where nothing is measured."""

from __future__ import annotations

from dataclasses import dataclass

from bi.site import words
from bi.site.view.common import Content, GapGroup, Named


@dataclass(frozen=True)
class Part:
    """A part that an organisation plays."""

    who: str
    what: str
    stated: str
    source_url: str


@dataclass(frozen=True)
class Question:
    """One of the three questions, or the whole, with who does what in it."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Answers:
    """Who produces an indicator, who reports it, who can change it."""

    produced_by: str
    reported_by: str
    can_change: str
    basis: str
    source_url: str | None


@dataclass(frozen=True)
class Answered:
    """An indicator and who answers for it."""

    indicator: Named
    statement: str
    statement_id: str
    answers: Answers


@dataclass(frozen=True)
class Recommended:
    """A recommendation: to whom, by when, what was answered."""

    text: str
    is_quotation: bool
    by: str
    made: str
    to: str
    due: str
    passed: bool
    response: str
    source_url: str


@dataclass(frozen=True)
class Page:
    """The page."""

    questions: tuple[Question, ...]
    indicators: tuple[Answered, ...]
    recommendations: tuple[Recommended, ...]


def page(content: Content) -> Page:
    """Who answers for what, as the registers of this release have it."""
    strands: list[str | None] = [*words.STRANDS, None]
    return Page(
        questions=tuple(
            Question(
                words.STRANDS[strand] if strand is not None else "The whole",
                tuple(
                    Part(
                        content.organisation(row.organisation_id),
                        row.what,
                        words.published(row.stated_on, row.stated_precision),
                        row.source_url,
                    )
                    for row in content.marts.roles
                    if row.strand == strand
                ),
            )
            for strand in strands
        ),
        indicators=tuple(answered(content)),
        recommendations=tuple(
            Recommended(
                text=row.text,
                is_quotation=row.is_quotation,
                by=content.organisation(row.made_by_organisation_id),
                made=words.published(row.made_on, row.made_precision),
                to=content.who(row.addressed_to) or "the source does not say",
                due=row.due_words or (words.published(row.due_on, row.due_precision) if row.due_on else "none stated"),
                passed=bool(row.deadline_has_passed),
                response=row.response_text or "no answer known here",
                source_url=row.source_url,
            )
            for row in content.marts.recommendations
        ),
    )


def answered(content: Content) -> list[Answered]:
    """Every indicator of the register with who answers for it, in the order of the indicators."""
    return [
        Answered(
            content.named(i.indicator_id), _statement(content, i.vision_statement_id), i.vision_statement_id, found
        )
        for i in content.marts.indicators
        if (found := answers(content, i.indicator_id)) is not None
    ]


def answers(content: Content, indicator_id: str) -> Answers | None:
    """Who answers for an indicator; None where the register does not have it."""
    row = content.responsibilities.get(indicator_id)
    if row is None:
        return None
    return Answers(
        produced_by=content.who(row.produced_by),
        reported_by=content.who(row.reported_by),
        can_change=content.who(row.can_change),
        basis=row.basis or row.reason or "",
        source_url=row.source_url,
    )


def _statement(content: Content, statement_id: str) -> str:
    row = content.statements[statement_id]
    return f"{row.number}. {row.name}"


@dataclass(frozen=True)
class Square:
    """What is known of a statement in one way of knowing."""

    text: str
    href: str
    nothing: bool


@dataclass(frozen=True)
class Known:
    """A statement, and what is known of it in each way."""

    id: str
    title: str
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class Unmeasured:
    """The grid of statements and ways of knowing, and the register of gaps behind it."""

    columns: tuple[str, ...]
    known: tuple[Known, ...]
    across: tuple[GapGroup, ...]
    by_statement: tuple[tuple[str, tuple[GapGroup, ...]], ...]


def unmeasured(content: Content) -> Unmeasured:
    """Where nothing is measured, by statement and kind of knowledge. What this project proposes fills no square."""
    councils = {m.indicator_id for m in content.council_measures}
    found = []
    for row in content.marts.vision_statements:
        mine = row.vision_statement_id
        of_framework = [
            i for i in content.marts.indicators if i.vision_statement_id == mine and i.publication_state == "published"
        ]
        here = f"statements/{mine}.html"
        heard = sum(mine in e.vision_statement_ids and e.strand == "experience" for e in content.marts.evidence)
        did = sum(mine in e.vision_statement_ids and e.strand == "organisational" for e in content.marts.evidence)
        counts = [
            len(of_framework),
            sum(i.has_figures for i in of_framework),
            sum(i.baseline_period_start is not None for i in of_framework),
            sum(i.indicator_id in councils for i in of_framework),
            heard,
            did,
        ]
        found.append(
            Known(
                mine,
                f"{row.number}. {row.name}",
                tuple(Square(str(n) if n else "none", here, not n) for n in counts),
            )
        )
    return Unmeasured(
        columns=(
            "Indicators of the framework",
            "with a figure for Scotland",
            "with a baseline",
            "by council",
            "What was heard",
            "What organisations did",
        ),
        known=tuple(found),
        across=content.gaps(lambda g: g.vision_statement_id is None),
        by_statement=tuple(
            (_statement(content, s.vision_statement_id), groups)
            for s in content.marts.vision_statements
            if (groups := _gaps_of(content, s.vision_statement_id))
        ),
    )


def _gaps_of(content: Content, statement_id: str) -> tuple[GapGroup, ...]:
    return content.gaps(lambda gap: gap.vision_statement_id == statement_id)
