"""An indicator's own page: what it means, every figure of every measure, what was revised, councils beside peers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from bi.site import rows, words
from bi.site.charts import LineChart, Point, Series, line_chart
from bi.site.queries import NATION
from bi.site.view.cards import Card, card
from bi.site.view.changes import Changes, changes
from bi.site.view.common import Content, Figure, key_of, unique
from bi.site.view.statements import outcome_title


@dataclass(frozen=True)
class SeriesRow:
    """One period of a measure, with the comparator beside it where there is one."""

    figure: Figure
    comparator: Figure | None
    gap: str
    group: str


@dataclass(frozen=True)
class Revision:
    """A cell that was published more than once with different figures, oldest first."""

    place: str
    period: str
    editions: tuple[Figure, ...]


@dataclass(frozen=True)
class Conflict:
    """A cell for which two sources give different figures. Not a revision."""

    place: str
    period: str
    chosen: str
    chosen_source: str
    other: str
    other_source: str


@dataclass(frozen=True)
class CouncilRow:
    """A council in the latest period that has figures."""

    name: str
    text: str
    missing: bool
    remark: str
    notes: tuple[str, ...]
    interval: str
    comparator: str
    comparator_missing: bool
    rank: str
    quartile: str
    family_group: str
    family_median: str


@dataclass(frozen=True)
class CouncilTable:
    """All councils for one measure and period."""

    period: str
    age: str
    rows: tuple[CouncilRow, ...]
    scotland: str
    comparator: str  # whom the column beside counts; empty where nobody is published beside
    scotland_comparator: str
    ranking: str
    ranked: bool
    has_intervals: bool
    later: tuple[str, ...]
    sources: tuple[str, ...]
    href: str


@dataclass(frozen=True)
class Section:
    """One measure on the page."""

    id: str
    title: str
    population: str
    everyone: str
    unit: str
    definition: str | None
    caveat: str | None
    polarity: str
    threshold: str
    threshold_reason: str | None
    comparator: str
    gap_unit: str
    rows: tuple[SeriesRow, ...]
    groups: tuple[SeriesRow, ...]
    chart: LineChart | None
    changes: Changes | None
    why_not: tuple[str, ...]
    revisions: tuple[Revision, ...]
    conflicts: tuple[Conflict, ...]
    councils: CouncilTable | None


@dataclass(frozen=True)
class Page:
    """An indicator page."""

    card: Card
    statement: rows.VisionStatement
    outcome: rows.Outcome | None
    outcome_title: str
    facts: tuple[tuple[str, str], ...]
    source_url: str | None
    data_href: str | None  # its figures as a file
    sections: tuple[Section, ...]


def pages(content: Content) -> list[Page]:
    """A page for every indicator, also for those without a figure, so that no link leads nowhere."""
    return [page(content, row) for row in content.marts.indicators]


def page(content: Content, indicator: rows.Indicator) -> Page:
    """The page of one indicator."""
    outcome = next((o for o in content.marts.outcomes if o.outcome_id == indicator.outcome_id), None)
    sections = [
        section
        for m in content.measures_of.get(indicator.indicator_id, [])
        if (section := _section(content, m)) is not None
    ]
    mart = f"indicator__{indicator.indicator_id}"
    return Page(
        card=card(content, indicator),
        statement=content.statements[indicator.vision_statement_id],
        outcome=outcome,
        outcome_title=outcome_title(outcome) if outcome is not None else "",
        facts=tuple((name, text) for name, text in _facts(content, indicator) if text),
        source_url=indicator.source_url,
        data_href=f"../data/{mart}.csv" if mart in content.marts.released else None,
        sections=tuple(sections),
    )


def _facts(content: Content, i: rows.Indicator) -> list[tuple[str, str | None]]:
    ours = i.publication_state == "proposed"  # then each measure carries its definition
    producer = content.organisation(i.producer_organisation_id)
    updates = [
        f"last updated {i.last_updated}" if i.last_updated else "",
        f"next update due {i.next_update_due}" if i.next_update_due else "",
    ]
    return [
        ("Definition", i.definition or ("" if ours else "The framework's pages give no definition beyond the name.")),
        ("Whose experience it marks", i.population_marker_words),
        ("Published in", ", ".join(filter(None, [i.source_publication, producer]))),
        ("How often", ", usually in ".join(filter(None, [words.plain(i.frequency), i.publication_month]))),
        ("On the publisher's page", ", ".join(filter(None, updates))),
        ("Direction", i.direction_basis and f"{words.plain(i.direction)}. {i.direction_basis}"),
        ("Baseline", i.baseline_note),
        ("A baseline of 2020", _absence(i)),
        ("Method", words.plain(i.method)),
        (
            "Periods needed to judge a change",
            str(i.minimum_periods) if i.minimum_periods is not None else None,
        ),
    ]


def _absence(i: rows.Indicator) -> str | None:
    """Why there is no baseline of 2020, what would fill it, and where to look first."""
    if i.baseline_absence is None:
        return None
    why = words.say(words.ABSENCES, i.baseline_absence, "the absence of a baseline")
    where = f" To look at first: {i.baseline_look_at}" if i.baseline_look_at else ""
    return f"{words.plain(why)}. It would be filled by {i.baseline_filled_by}.{where}"


def _section(content: Content, measure: rows.Measure) -> Section | None:
    national = content.series.get((measure.measure_id, NATION), [])
    councils = council_table(content, measure)
    if not national and councils is None:
        return None
    comparator = content.measures.get(measure.comparator_measure_id or "")
    return Section(
        id=measure.measure_id,
        title=measure.title,
        population=content.population(measure),
        everyone=content.everyone(measure),
        unit=words.unit(measure.unit).name,
        definition=measure.definition,
        caveat=measure.caveat,
        polarity=words.say(words.POLARITIES, measure.polarity, "polarity"),
        threshold=content.threshold(measure),
        threshold_reason=measure.threshold_reason,
        comparator=content.population(comparator) if comparator is not None else "",
        gap_unit=words.unit(measure.unit).difference.strip(),
        rows=tuple(_series_row(content, measure, row, comparator=comparator) for row in national),
        groups=tuple(_series_row(content, measure, row) for row in content.breakdowns.get(measure.measure_id, [])),
        # A comparator is drawn beside its headline, where it means something.
        chart=_chart(content, measure, comparator=comparator, national=national)
        if measure.role != "comparator"
        else None,
        changes=changes(content, measure) if measure.role != "comparator" else None,
        why_not=tuple(content.why_not.get(measure.measure_id, ())),
        revisions=tuple(_revisions(content, measure)),
        conflicts=tuple(_conflicts(content, measure)),
        councils=councils,
    )


def _series_row(
    content: Content, measure: rows.Measure, row: rows.Observation, *, comparator: rows.Measure | None = None
) -> SeriesRow:
    beside = content.at(comparator.measure_id, NATION, row.period_start) if comparator is not None else None
    gaps = content.gaps_to_comparator.get(measure.measure_id, [])
    gap = next((g for g in gaps if g.period_start == row.period_start), None)
    return SeriesRow(
        figure=content.figure(row),
        comparator=content.figure(beside) if beside is not None else None,
        gap=words.number(abs(gap.absolute_gap), measure.decimals) if gap is not None and comparator is not None else "",
        group="" if row.breakdown == "total" else f"{words.plain(row.breakdown)}: {row.breakdown_value}",
    )


def _chart(
    content: Content, measure: rows.Measure, *, comparator: rows.Measure | None, national: list[rows.Observation]
) -> LineChart | None:
    def points(m: rows.Measure, observations: list[rows.Observation]) -> tuple[Point, ...]:
        return tuple(
            Point(
                start=row.period_start,
                label=row.period_label,
                value=row.obs_value,
                text="" if row.obs_value is None else words.figure(row.obs_value, m.unit, m.decimals),
                short="" if row.obs_value is None else words.short(row.obs_value, m.unit, m.decimals),
            )
            for row in observations
        )

    lines = [Series(content.population(measure), points(measure, national))]
    if comparator is not None and (beside := content.series.get((comparator.measure_id, NATION))):
        lines.append(Series(content.population(comparator), points(comparator, beside)))

    def tick(value: Decimal) -> str:
        return words.short(value, measure.unit, None)

    return line_chart(f"{measure.title}: {content.population(measure)}", lines, tick, measure.decimals)


def _place(content: Content, area_code: str) -> str:
    return "Scotland" if area_code == NATION else content.council_names.get(area_code, area_code)


def _revisions(content: Content, measure: rows.Measure) -> list[Revision]:
    """Cells whose figure or status changed between editions; an unchanged republication is not a revision."""
    mine = [v for v in content.marts.editions if v.measure_id == measure.measure_id]
    revisions = []
    for _, group in groupby(mine, key=lambda v: (*key_of(v), v.publication_series)):
        editions = list(group)
        if len({(e.obs_value, e.obs_status if e.obs_value is None else "") for e in editions}) > 1:
            place = _place(content, editions[0].area_code)
            revisions.append(Revision(place, editions[0].period_label, tuple(content.figure(e) for e in editions)))
    return revisions


def _conflicts(content: Content, measure: rows.Measure) -> list[Conflict]:
    def value(v: Decimal | None) -> str:
        return words.NO_FIGURE if v is None else words.figure(v, measure.unit, measure.decimals)

    conflicts = []
    for c in content.marts.conflicts:
        if c.measure_id != measure.measure_id:
            continue
        row = content.at(c.measure_id, c.area_code, c.period_start)
        conflicts.append(
            Conflict(
                place=_place(content, c.area_code),
                period=row.period_label if row is not None else words.day(c.period_start),
                chosen=value(c.chosen_value),
                chosen_source=content.source(c.chosen_publication_id).title,
                other=value(c.other_value),
                other_source=content.source(c.other_publication_id).title,
            )
        )
    return conflicts


def council_table(content: Content, measure: rows.Measure) -> CouncilTable | None:
    """The latest period in which any council has a figure, every council listed, each absence explained."""
    by_period = content.council_figures(measure.measure_id)
    with_values = [
        p for p, by_council in by_period.items() if any(r.obs_value is not None for r in by_council.values())
    ]
    if not with_values:
        return None
    period = max(with_values)
    cells = by_period[period]
    ranks = {
        b.area_code: b
        for b in content.marts.benchmarks
        if b.measure_id == measure.measure_id and b.period_start == period
    }
    comparator = content.measures.get(measure.comparator_measure_id or "")
    beside = {
        area: row
        for area in (NATION, *content.council_names)
        if comparator is not None and (row := content.at(comparator.measure_id, area, period)) is not None
    }
    councils = tuple(
        _council(
            content,
            measure,
            council,
            row=cells.get(council.area_code),
            ranked=ranks.get(council.area_code),
            beside=beside.get(council.area_code),
        )
        for council in content.marts.councils
    )
    scotland = content.at(measure.measure_id, NATION, period)
    return CouncilTable(
        period=next(iter(cells.values())).period_label,
        age=content.age(next(iter(cells.values()))),
        rows=councils,
        scotland=content.figure(scotland).text if scotland is not None else words.NO_FIGURE,
        comparator=content.population(comparator) if comparator is not None and beside else "",
        scotland_comparator=content.figure(beside[NATION]).text if NATION in beside else words.NO_FIGURE,
        ranking=words.say(words.RANKS, measure.polarity, "polarity"),
        ranked=measure.polarity != "neutral",
        has_intervals=any(r.interval for r in councils),
        later=tuple(next(iter(by_period[p].values())).period_label for p in sorted(by_period) if p > period),
        sources=tuple(unique([content.source(r.publication_id).title for r in cells.values()])),
        href=f"map.html#measure={measure.measure_id}",
    )


def _council(
    content: Content,
    measure: rows.Measure,
    council: rows.Council,
    *,
    row: rows.Observation | None,
    ranked: rows.Benchmark | None,
    beside: rows.Observation | None,
) -> CouncilRow:
    compared = content.figure(beside) if beside is not None else None
    figure = content.figure(row) if row is not None else None
    median = ranked.family_median if ranked is not None else None
    return CouncilRow(
        name=council.area_name,
        text=figure.text if figure else words.NO_FIGURE,
        missing=figure.missing if figure else True,
        remark=figure.remark if figure else "",
        notes=(*figure.doubts, *figure.parts) if figure else (),
        interval=figure.interval if figure else "",
        comparator=compared.text if compared else words.NO_FIGURE,
        comparator_missing=compared is None or compared.missing,
        rank=words.place(ranked) if ranked is not None else "",
        quartile=str(ranked.quartile) if ranked is not None and ranked.quartile is not None else "",
        family_group=str(council.family_group or ""),
        family_median=words.figure(median, measure.unit, measure.decimals) if median is not None else "",
    )
