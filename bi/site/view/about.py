"""The pages of methods and of the data, made from what the release itself says of measures and sources."""

from __future__ import annotations

from dataclasses import dataclass

from bi.site import words
from bi.site.view.common import Content, Named


@dataclass(frozen=True)
class Rule:
    """A rule by which changes are judged, and the measures that it is of."""

    text: str
    reason: str
    measures: tuple[tuple[Named, str], ...]


@dataclass(frozen=True)
class Methods:
    """The page of methods."""

    rules: tuple[Rule, ...]
    populations: tuple[str, ...]
    judgements: tuple[str, ...]
    names: tuple[str, ...]  # of the four rules of change


def methods(content: Content) -> Methods:
    """How the measures of this release are judged, the measures that share a rule together."""
    rules: dict[tuple[str, str], list[tuple[Named, str]]] = {}
    for measure in content.marts.measures:
        if text := content.threshold(measure):
            rules.setdefault((text, measure.threshold_reason or ""), []).append(
                (content.named(measure.indicator_id), measure.title)
            )
    used = {measure.population for measure in content.marts.measures}
    return Methods(
        rules=tuple(Rule(text, reason, tuple(measures)) for (text, reason), measures in rules.items()),
        populations=tuple(text for code, text in words.POPULATIONS.items() if code in used),
        judgements=tuple(words.JUDGEMENTS.values()),
        names=tuple(words.RULES.values()),
    )


@dataclass(frozen=True)
class Source:
    """A source, as the page tells of it."""

    id: str
    title: str
    publisher: str
    url: str | None
    what: str
    how: str
    often: str
    taken: str
    licence: str
    licence_url: str | None
    attribution: str
    feeds: tuple[Named, ...]


@dataclass(frozen=True)
class About:
    """The page of sources: those whose files are held, and those that this release has nothing of."""

    held: tuple[Source, ...]
    waiting: tuple[Source, ...]
    typed: int


def about(content: Content) -> About:
    """Every source of this release."""
    sources = [
        Source(
            id=row.source_id,
            title=row.title,
            publisher=row.publisher,
            url=row.landing_page,
            what=row.description,
            how=words.say(words.KINDS_OF_SOURCE, row.source_kind, "kind of source"),
            often=words.plain(row.cadence),
            taken=words.moment(row.latest_retrieved_at) if row.latest_retrieved_at else "",
            licence=row.licence,
            licence_url=row.licence_url,
            attribution=row.attribution,
            feeds=tuple(content.named(i) for i in row.feeds_indicators if i in content.indicators),
        )
        for row in content.marts.sources
    ]
    return About(
        held=tuple(source for source in sources if source.taken),
        waiting=tuple(source for source in sources if not source.taken),
        typed=sum(row.source_kind in ("transcription", "quoted_elsewhere") for row in content.marts.sources),
    )
