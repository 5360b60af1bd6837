"""How a measure has changed for Scotland: since the chosen baseline, the figure before, or any earlier period."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bi.site import rows, words
from bi.site.view.common import Content


@dataclass(frozen=True)
class Step:
    """One change and how it is judged."""

    since: str
    period: str
    then: str
    change: str
    judgement: str
    judgement_word: str
    reason: str


@dataclass(frozen=True)
class Earlier:
    """A period that could be the baseline, and what the change since it would be."""

    period: str
    then: str
    change: str
    why_none: str
    chosen: bool


@dataclass(frozen=True)
class Changes:
    """Where a measure stands, and against what."""

    latest: str
    period: str
    steps: tuple[Step, ...]
    earlier: tuple[Earlier, ...]
    chosen: str  # the baseline in words, with why it is the one, or why there is none
    is_chosen: bool  # whether there is one
    threshold: str
    others: tuple[Step, ...]  # what other rules say of the same figures


def changes(content: Content, measure: rows.Measure) -> Changes | None:
    """The changes of a measure for Scotland; nothing where no figure is judged."""
    progress = content.progress.get(measure.measure_id)
    if progress is None:
        return None
    indicator = content.indicators[measure.indicator_id]
    earlier = tuple(
        Earlier(
            period=row.from_period_label,
            then=words.figure(row.from_value, measure.unit, measure.decimals),
            change="" if row.change is None else words.difference(row.change, measure.unit, measure.decimals),
            why_none=f"Not calculated across a break: {row.break_reason}" if row.change is None else "",
            chosen=row.is_baseline,
        )
        for row in content.changes.get(measure.measure_id, [])
    )
    return Changes(
        latest=words.figure(progress.latest_value, measure.unit, measure.decimals),
        period=progress.latest_period_label,
        steps=(_since_baseline(measure, progress), _since_previous(measure, progress)),
        others=(
            _step(
                measure,
                since="2018/19, the last year before the pandemic",
                judgement=progress.judgement_since_2018_19,
                reason=progress.reason_since_2018_19,
            ),
            _step(
                measure,
                since="trend of the last five figures",
                judgement=progress.judgement_by_trend,
                reason=progress.reason_by_trend or "",
            ),
        ),
        earlier=earlier,
        chosen=indicator.baseline_note or "",
        is_chosen=indicator.baseline_period_start is not None,
        threshold=content.threshold(measure),
    )


def _since_baseline(measure: rows.Measure, progress: rows.Progress) -> Step:
    # The latest figure is not compared with itself.
    compared = progress.baseline_period_start != progress.latest_period_start
    return _step(
        measure,
        since="the baseline",
        period=progress.baseline_period_label,
        value=progress.baseline_value,
        change=progress.change_since_baseline if compared else None,
        judgement=progress.judgement,
        reason=progress.reason,
    )


def _since_previous(measure: rows.Measure, progress: rows.Progress) -> Step:
    return _step(
        measure,
        since="the figure before",
        period=progress.previous_period_label,
        value=progress.previous_value,
        change=progress.change_since_previous,
        judgement=progress.judgement_since_previous,
        reason=progress.reason_since_previous,
    )


def _step(
    measure: rows.Measure,
    *,
    since: str,
    judgement: str,
    reason: str,
    period: str | None = None,
    value: Decimal | None = None,
    change: Decimal | None = None,
) -> Step:
    return Step(
        since=since,
        period=period or "",
        then="" if value is None else words.figure(value, measure.unit, measure.decimals),
        change="" if change is None else words.difference(change, measure.unit, measure.decimals),
        judgement=judgement,
        judgement_word=words.say(words.JUDGEMENTS, judgement, "judgement"),
        reason=reason,
    )
