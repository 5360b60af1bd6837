"""What changed from the release before to this one: figures, by indicator, and judgements that are others."""

from __future__ import annotations

from dataclasses import dataclass

from bi.site import rows, words
from bi.site.queries import NATION
from bi.site.view.common import Content, Named, grouped

NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Flip:
    """A measure that is judged otherwise for Scotland than in the release before."""

    measure: str
    indicator: Named | None
    before: str
    now: str


@dataclass(frozen=True)
class OfIndicator:
    """How many figures of an indicator changed, where, and for how many other areas a judgement is another."""

    name: str
    indicator: Named | None  # nothing where this release has it no more
    figures: str
    where: str
    flips: int


@dataclass(frozen=True)
class Since:
    """Everything that changed with this release."""

    before: int  # the number of the release before
    answer: str
    flips: tuple[Flip, ...]
    indicators: tuple[OfIndicator, ...]


def since(content: Content) -> Since | None:
    """What this release changed; nothing where it changed nothing, as the first one does."""
    changed = content.marts.release_changes
    if not changed:
        return None
    indicators = grouped(changed, lambda row: row.indicator_id)
    flips = tuple(_flip(content, row) for row in changed if row.is_flipped and row.area_code == NATION)
    figures = sum(row.figures_added + row.figures_gone + row.figures_changed for row in changed)
    return Since(
        before=changed[0].since_release_id,
        answer=f"{_figures(figures, 'new, changed or gone')} in {_counted(len(indicators), 'indicator')};"
        f" {_counted(len(flips), 'judgement') if flips else 'no judgement'} of Scotland came out otherwise.",
        flips=flips,
        indicators=tuple(_of_indicator(content, each, some) for each, some in indicators.items()),
    )


def _flip(content: Content, row: rows.ReleaseChange) -> Flip:
    measure = content.measures.get(row.measure_id)
    return Flip(
        measure=measure.title if measure is not None else words.plain(row.measure_id),
        indicator=_named(content, row.indicator_id),
        before=_judgement(row.judgement_before),
        now=_judgement(row.judgement_now),
    )


def _of_indicator(content: Content, indicator_id: str, changed: list[rows.ReleaseChange]) -> OfIndicator:
    indicator = _named(content, indicator_id)
    counts = (
        (sum(row.figures_added for row in changed), "new"),
        (sum(row.figures_changed for row in changed), "with another value or status"),
        (sum(row.figures_gone for row in changed), "gone"),
    )
    # Areas, not rows: an indicator has several measures.
    areas = {row.area_code for row in changed if row.figures_added or row.figures_gone or row.figures_changed}
    return OfIndicator(
        name=indicator.name if indicator is not None else words.plain(indicator_id),
        indicator=indicator,
        figures=words.listed([_figures(count, what) for count, what in counts if count]),
        where=_where(areas),
        flips=sum(row.is_flipped for row in changed if row.area_code != NATION),
    )


def _where(areas: set[str]) -> str:
    others = len(areas - {NATION})
    if NATION not in areas:
        return _counted(others, "area") if others else ""
    return f"Scotland and {_counted(others, 'other area')}" if others else "Scotland"


def _named(content: Content, indicator_id: str) -> Named | None:
    return content.named(indicator_id) if indicator_id in content.indicators else None


def _judgement(code: str | None) -> str:
    """In words; one that only an earlier revision of this project knew, as well as its code says it."""
    return NOT_JUDGED if code is None else words.JUDGEMENTS.get(code, words.plain(code))


def _figures(count: int, what: str) -> str:
    return f"{_counted(count, 'figure')} {what}"


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
