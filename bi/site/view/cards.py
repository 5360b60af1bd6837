"""An indicator as a card: each measure then and now, the change, its judgement, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bi.site import rows, words
from bi.site.charts import Point, Series, Spark, sparkline
from bi.site.queries import NATION
from bi.site.view.common import Content, Figure, GapGroup, Source, unique


@dataclass(frozen=True)
class Line:
    """One measure in an indicator's table: then, now, the change and how it is judged."""

    measure_id: str
    title: str
    population: str
    everyone: str
    role: str
    baseline: Figure | None
    no_baseline: str  # why there is none
    latest: Figure | None
    change: str
    since_previous: str
    judgement: str
    judgement_word: str
    reason: str


@dataclass(frozen=True)
class Hero:
    """The one large figure of an indicator: what it is of, how it has changed in a sentence, how that is judged."""

    title: str
    population: str
    everyone: str
    figure: Figure
    sentence: str
    judgement: str
    judgement_word: str
    spark: Spark | None
    provenance: str  # where the figure's way back stands


@dataclass(frozen=True)
class Card:
    """An indicator under its outcome."""

    id: str
    name: str
    href: str
    facts: tuple[str, ...]
    proposed: bool
    proposed_because: str
    hero: Hero | None
    lines: tuple[Line, ...]
    comparison: str
    disagreements: tuple[str, ...]
    sources: tuple[Source, ...]
    council_href: str | None
    gaps: tuple[GapGroup, ...]


def card(content: Content, indicator: rows.Indicator) -> Card:
    """An indicator as the page of its statement shows it."""
    measures = [m for m in content.measures_of.get(indicator.indicator_id, []) if m.role != "local"]
    lines = [
        line
        for m in measures
        if m.role != "comparator" and (line := _line(content, m)) and (line.baseline or line.latest)
    ]
    headline = content.measures.get(indicator.headline_measure_id or "")
    if headline is not None and (compared := _comparator(content, headline)):
        lines.insert(1, compared)
    figures = [f for line in lines for f in (line.baseline, line.latest) if f]
    return Card(
        id=indicator.indicator_id,
        name=indicator.name,
        href=f"indicators/{indicator.indicator_id}.html",
        facts=tuple(facts(content, indicator, headline)),
        proposed=indicator.publication_state == "proposed",
        proposed_because=indicator.proposed_because or "",
        hero=hero(content, indicator),
        lines=tuple(lines),
        comparison=comparison(content, headline) if headline is not None else "",
        disagreements=tuple(disagreements(content, measures)),
        sources=tuple(unique([f.source for f in figures])),
        council_href=council_href(content, indicator.indicator_id),
        gaps=content.gaps(lambda g: g.indicator_id == indicator.indicator_id),
    )


def hero(content: Content, indicator: rows.Indicator) -> Hero | None:
    """The latest figure for Scotland of the indicator's headline; of another measure where that has none."""
    measures = [m for m in content.measures_of.get(indicator.indicator_id, []) if m.role not in ("comparator", "local")]
    for measure in measures:
        standing = content.standings.get(measure.measure_id)
        series = content.series.get((measure.measure_id, NATION), [])
        known = [row for row in series if row.obs_value is not None]
        if not known:
            continue
        latest = (standing and content.at(measure.measure_id, NATION, standing.latest_period_start)) or known[-1]
        judgement = standing.judgement if standing is not None else "no_baseline_in_our_copy"
        return Hero(
            title=measure.title,
            population=content.population(measure),
            everyone=content.everyone(measure),
            figure=content.figure(latest),
            sentence=_sentence(content, measure, standing),
            judgement=judgement,
            judgement_word=words.say(words.JUDGEMENTS, judgement, "judgement"),
            spark=sparkline(drawn(content, measure, series), measure.decimals),
            provenance=f"figures/{indicator.indicator_id}.html#{anchor(latest)}",
        )
    return None


def anchor(row: rows.Observation) -> str:
    """The id of a figure on the page of its indicator's figures."""
    text = f"{row.measure_id}-{row.period_start}-{row.period_end}-{row.breakdown}-{row.breakdown_value}"
    return "".join(c if c.isalnum() or c in "-_" else f".{ord(c):x}" for c in text).removesuffix("-total-total")


def drawn(content: Content, measure: rows.Measure, observations: list[rows.Observation]) -> Series:
    """The figures of a measure as a line."""

    def text(row: rows.Observation, how: Callable[..., str]) -> str:
        return "" if row.obs_value is None else how(row.obs_value, measure.unit, measure.decimals)

    return Series(
        content.population(measure),
        tuple(
            Point(
                start=row.period_start,
                label=row.period_label,
                value=row.obs_value,
                text=text(row, words.figure),
                short=text(row, words.short),
                low=row.lci_95 if row.uci_95 is not None else None,
                high=row.uci_95 if row.lci_95 is not None else None,
                end=row.period_end,
            )
            for row in observations
        ),
        tuple(
            day
            for each in content.breaks.get(measure.measure_id, [])
            if each.certainty == "established"
            for day in (each.new_from, each.rejoined_from)
            if day is not None
        ),
    )


def _sentence(content: Content, measure: rows.Measure, standing: rows.Standing | None) -> str:
    """How the figure has changed since the baseline and since the figure before, as far as that is known."""
    if standing is None:
        return "There is no baseline in our copies, so no change can be given."
    parts = []
    lone = standing.baseline_period_start == standing.latest_period_start
    if standing.change_since_baseline is not None and standing.baseline_period_label is not None and not lone:
        change = words.moved(standing.change_since_baseline, measure.unit, measure.decimals)
        parts.append(f"{change} {words.at(standing.baseline_period_label)}, the baseline")
    previous = standing.previous_period_label
    is_said = bool(parts) and previous == standing.baseline_period_label
    if standing.change_since_previous is not None and previous is not None and not is_said:
        change = words.moved(standing.change_since_previous, measure.unit, measure.decimals)
        parts.append(f"{change} {words.at(previous)}, the figure before")
    if not parts:
        return f"No change can be given: {standing.reason}." if standing.reason else "No change can be given."
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def disagreements(content: Content, measures: list[rows.Measure]) -> list[str]:
    """Where, over the same time, a number of people went one way and a share of them the other."""
    moved = [
        (m, p)
        for m in measures
        if m.role != "comparator"
        and (p := content.standings.get(m.measure_id)) is not None
        and p.moves in ("up", "down")
        and p.change_since_baseline is not None
    ]
    sentences = []
    for share, of_share in moved:
        for number, of_number in moved:
            if share.unit in words.NUMBERS or number.unit not in words.NUMBERS or of_share.moves == of_number.moves:
                continue
            if (of_share.baseline_period_start, of_share.latest_period_start) != (
                of_number.baseline_period_start,
                of_number.latest_period_start,
            ):
                continue
            sentences.append(
                f"Share and number go opposite ways: from {of_share.baseline_period_label} to "
                f"{of_share.latest_period_label}, \u201c{share.title}\u201d went {of_share.moves} and "
                f"\u201c{number.title}\u201d went {of_number.moves}. Both are published; neither alone tells the whole."
            )
    return sentences


def facts(content: Content, indicator: rows.Indicator, headline: rows.Measure | None) -> list[str]:
    """Short facts under an indicator's name: whom it counts, its kind, the direction that the framework wants."""
    texts = []
    if headline is not None:
        texts.append(content.population(headline))
    if indicator.kind:
        texts.append(f"{words.plain(indicator.kind)} indicator")
    if indicator.direction:
        # An outcome that we propose asks for nothing in anybody's name.
        who = "As we read it, wanted is" if indicator.publication_state == "proposed" else "The outcome asks for"
        texts.append(f"{who} {words.say(words.DIRECTIONS, indicator.direction, 'direction')}")
    if indicator.standing in words.STANDINGS:
        texts.append(f"Proposed as {words.STANDINGS[indicator.standing]}")
    if (other := indicator.same_fact_as_indicator_id) is not None:
        texts.append(f"Counted once, as “{content.named(other).name}”, whose other side it is")
    return texts


def council_href(content: Content, indicator_id: str) -> str | None:
    """Where the map shows this indicator, when councils have figures for it."""
    for measure in content.council_measures:
        if measure.indicator_id == indicator_id:
            return f"map.html#measure={measure.measure_id}"
    return None


def _line(content: Content, measure: rows.Measure) -> Line | None:
    standing = content.standings.get(measure.measure_id)
    series = content.series.get((measure.measure_id, NATION), [])
    if standing is None and not series:
        return None
    if standing is None:
        return _row(content, measure, baseline=None, latest=series[-1], judgement="no_baseline_in_our_copy")
    latest = content.at(measure.measure_id, NATION, standing.latest_period_start) or (series[-1] if series else None)
    baseline, change, since_previous = None, "", ""
    if standing.baseline_period_start != standing.latest_period_start:  # a lone figure is not its own baseline
        baseline = content.at(measure.measure_id, NATION, standing.baseline_period_start)
        if standing.change_since_baseline is not None:
            change = words.difference(standing.change_since_baseline, measure.unit, measure.decimals)
        # Beside the change since the baseline, because each of the two can mislead alone.
        if (
            standing.change_since_previous is not None
            and standing.previous_period_label != standing.baseline_period_label
        ):
            step = words.difference(standing.change_since_previous, measure.unit, measure.decimals)
            since_previous = f"{step} since {standing.previous_period_label}"
            if standing.judgement_since_previous in words.JUDGED:
                since_previous += f": {words.JUDGEMENTS[standing.judgement_since_previous].lower()}"
    lone = standing.baseline_period_start == standing.latest_period_start
    absence = content.indicators[measure.indicator_id].baseline_absence
    return _row(
        content,
        measure,
        baseline=baseline,
        latest=latest,
        no_baseline=(
            "the latest figure is the baseline"
            if lone
            else words.say(words.ABSENCES, absence, "the absence of a baseline")
            if absence
            else ""
        ),
        change=change,
        since_previous=since_previous,
        judgement=standing.judgement,
        reason=standing.reason,
    )


def _row(
    content: Content,
    measure: rows.Measure,
    *,
    baseline: rows.Observation | None,
    latest: rows.Observation | None,
    no_baseline: str = "",
    change: str = "",
    since_previous: str = "",
    judgement: str,
    reason: str = "",
) -> Line:
    return Line(
        measure_id=measure.measure_id,
        title=measure.title,
        population=content.population(measure),
        everyone=content.everyone(measure),
        role=measure.role,
        baseline=content.figure(baseline) if baseline else None,
        no_baseline=no_baseline or words.NO_FIGURE,
        latest=content.figure(latest) if latest else None,
        change=change,
        since_previous=since_previous,
        judgement=judgement,
        judgement_word=words.say(words.JUDGEMENTS, judgement, "judgement"),
        reason=reason,
    )


def _comparator(content: Content, headline: rows.Measure) -> Line | None:
    """The comparator at the headline's own two periods, so that like stands beside like."""
    comparator = content.measures.get(headline.comparator_measure_id or "")
    standing = content.standings.get(headline.measure_id)
    if comparator is None or standing is None:
        return None
    baseline = content.at(comparator.measure_id, NATION, standing.baseline_period_start)
    latest = content.at(comparator.measure_id, NATION, standing.latest_period_start)
    if baseline is None and latest is None:
        return None
    return _row(content, comparator, baseline=baseline, latest=latest, judgement="cannot_be_calculated")


def comparison(content: Content, headline: rows.Measure) -> str:
    """How the headline stands beside its comparator: latest period of both, and the first since the baseline."""
    standing = content.standings.get(headline.measure_id)
    since = standing.baseline_period_start if standing is not None else None
    gaps = [
        g
        for g in content.gaps_to_comparator.get(headline.measure_id, [])
        if g.comparator_measure_id in content.measures and (since is None or g.period_start >= since)
    ]
    if not gaps:
        return ""
    latest = gaps[-1]
    comparator = content.measures[latest.comparator_measure_id]
    group = content.population(comparator).lower()

    def gap(row: rows.ComparatorGap) -> str:
        if row.absolute_gap == 0:
            return "the same"
        way = "below" if row.care_value < row.comparator_value else "above"
        return f"{words.size(row.absolute_gap, headline.unit, headline.decimals)} {way} the figure for {group}"

    text = f"{words.at(latest.period_label, first=True)} this was {gap(latest)}"
    if len(gaps) > 1:
        first = gaps[0]
        text += f"; {words.at(first.period_label)}, {gap(first)}"
    return text + "."
