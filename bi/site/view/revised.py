"""What changed after it was published: revisions, figures withheld or withdrawn, judgements that came out otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from bi.site import rows, words
from bi.site.view.common import Content, Named


@dataclass(frozen=True)
class Cell:
    """One figure that changed."""

    place: str
    period: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """What happened to the figures of one measure on one day."""

    kind: str
    word: str
    known_from: date | None
    on: str  # the same in words
    measure: str
    indicator: Named | None
    many: int
    what: str
    cells: tuple[Cell, ...]
    more: int  # that are counted, and stand in the file
    source_url: str | None


@dataclass(frozen=True)
class Flip:
    """A measure that would have been judged otherwise by its figures as first published."""

    measure: str
    indicator: Named
    first: str
    now: str


@dataclass(frozen=True)
class Revised:
    """A measure, and how many of its figures that were published again were changed."""

    measure: str
    indicator: Named
    published_again: int
    revised: int
    share: str


@dataclass(frozen=True)
class Page:
    """The page."""

    changes: tuple[Change, ...]
    flips: tuple[Flip, ...]
    summary: tuple[Revised, ...]
    revised: int


def revised(content: Content) -> Page:
    """What this release knows of earlier figures."""
    summaries = [row for row in content.marts.revision_summaries if row.revised or row.judgement_flips]
    return Page(
        changes=tuple(changes(content)),
        flips=tuple(_flips(content, summaries)),
        summary=tuple(
            Revised(
                measure=content.measures[row.measure_id].title,
                indicator=content.named(content.measures[row.measure_id].indicator_id),
                published_again=row.published_again,
                revised=row.revised,
                share=f"{words.number(Decimal(100 * row.revised) / row.published_again, 0)}%",
            )
            for row in summaries
            if row.revised
        ),
        revised=sum(row.revised for row in summaries),
    )


def _flips(content: Content, summaries: list[rows.RevisionSummary]) -> Iterator[Flip]:
    for row in summaries:
        if row.judgement_flips and row.judgement_at_first and row.judgement_now:
            measure = content.measures[row.measure_id]
            yield Flip(
                measure.title,
                content.named(measure.indicator_id),
                words.say(words.JUDGEMENTS, row.judgement_at_first, "judgement"),
                words.say(words.JUDGEMENTS, row.judgement_now, "judgement"),
            )


def changes(content: Content) -> list[Change]:
    """What happened to figures, by day, kind and measure, the latest first."""
    return [_change(content, list(some)) for _, some in groupby(content.marts.events, key=_together)]


def _together(event: rows.Event) -> tuple[object, ...]:
    return (event.known_from, event.kind, event.measure_id)


def _change(content: Content, events: list[rows.Event]) -> Change:
    first = events[0]
    measure = content.measures.get(first.measure_id or "")
    cells = [_cell(content, measure, event) for event in events] if measure is not None else []
    return Change(
        kind=first.kind,
        word=words.say(words.EVENTS, first.kind, "kind of event"),
        known_from=first.known_from,
        on=words.day(first.known_from) if first.known_from else "date not known",
        measure=measure.title if measure is not None else "Published series that feed no measure here",
        indicator=content.named(measure.indicator_id) if measure is not None else None,
        many=first.many,
        what=first.description if first.many == 1 and measure is None else "",
        cells=tuple(cells),
        more=first.many - len(cells) if cells else 0,
        source_url=first.source_url,
    )


def _cell(content: Content, measure: rows.Measure, event: rows.Event) -> Cell:
    def value(given: Decimal | None) -> str:
        return words.NO_FIGURE if given is None else words.figure(given, measure.unit, measure.decimals)

    group = "" if event.breakdown in (None, "total") else f", {event.breakdown_value}"
    return Cell(
        place=content.place(event.area_code) + group,
        period=event.period_label or "",
        before=value(event.value_before) if event.kind != "withheld" else "a figure",
        after=value(event.value_after) if event.kind != "withheld" else "withheld",
    )
