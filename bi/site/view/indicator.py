"""An indicator's own page, in the order in which people ask: the figure and how it has changed, the picture with what
stands beside it, the councils, the groups, the tables, and last what it means and where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from bi.site import rows, words
from bi.site.charts import Event, LineChart, line_chart
from bi.site.queries import NATION
from bi.site.strips import Group, Peer, Strip, strip
from bi.site.view.answers import Answers, answers
from bi.site.view.cards import Card, anchor, card, drawn
from bi.site.view.changes import Changes, changes
from bi.site.view.common import Content, Figure, given, key_of, unique
from bi.site.view.statements import outcome_title

PROMISE_MADE = date(2020, 2, 5)  # the Independent Care Review reported, and all parties in Parliament accepted it

LISTED = 40  # revisions of a measure on its indicator's page


@dataclass(frozen=True)
class SeriesRow:
    """One period of a measure, with the comparator beside it where there is one."""

    id: str
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

    href: str
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
    strip: Strip | None


@dataclass(frozen=True)
class Section:
    """One measure on the page."""

    id: str
    title: str
    role: str
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
    by_group: Strip | None
    chart: LineChart | None
    breaks: tuple[tuple[str, str, str], ...]  # since when, what changed, and where it is said
    changes: Changes | None
    why_not: tuple[str, ...]
    revisions: tuple[Revision, ...]
    more_revisions: int  # that are not listed: they stand in the file of every figure ever published
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
    overdue: tuple[str, ...]  # what would bring it up to date, and was due before the release
    data_href: str | None  # its figures as a file
    sections: tuple[Section, ...]
    answers: Answers | None

    @property
    def first(self) -> Section | None:
        """The measure that the large figure is of: the first with figures for Scotland."""
        return next((s for s in self.sections if s.rows and s.role not in ("comparator", "local")), None)

    @property
    def with_councils(self) -> list[Section]:
        """The measures with figures for councils, those of care experienced people before those of everyone."""
        return sorted((s for s in self.sections if s.councils), key=lambda s: bool(s.everyone))

    @property
    def has_revisions(self) -> bool:
        """Whether a figure was published again with another value, or two publications differ."""
        return any(s.revisions or s.conflicts for s in self.sections)


def pages(content: Content) -> list[Page]:
    """A page for every indicator, also for those without a figure, so that no link leads nowhere."""
    return [page(content, row) for row in content.marts.indicators]


def page(content: Content, indicator: rows.Indicator) -> Page:
    """The page of one indicator."""
    outcome = next((o for o in content.marts.outcomes if o.outcome_id == indicator.outcome_id), None)
    # Measures of everybody come after those of the children whom the promise is about.
    measures = sorted(
        content.measures_of.get(indicator.indicator_id, []),
        key=lambda m: (m.role == "comparator", m.population in words.EVERYONE and m.role != "headline"),
    )
    sections = [section for m in measures if (section := _section(content, m)) is not None]
    mart = f"indicator__{indicator.indicator_id}"
    return Page(
        card=card(content, indicator),
        statement=content.statements[indicator.vision_statement_id],
        outcome=outcome,
        outcome_title=outcome_title(outcome) if outcome is not None else "",
        facts=tuple((name, text) for name, text in _facts(content, indicator) if text),
        source_url=indicator.source_url,
        overdue=tuple(
            f"{row.title}: overdue, expected by {words.day(given(row.expected_until, 'expected_until', row.title))}"
            for row in content.overdue_of.get(indicator.indicator_id, [])
        ),
        data_href=f"../data/{mart}.csv" if mart in content.marts.released else None,
        sections=tuple(sections),
        answers=answers(content, indicator.indicator_id),
    )


def _facts(content: Content, i: rows.Indicator) -> list[tuple[str, str | None]]:
    ours = i.publication_state == "proposed"  # then each measure carries its definition
    producer = content.organisation(i.producer_organisation_id)
    updates = [
        f"last updated {i.last_updated}" if i.last_updated else "",
        f"next update due {i.next_update_due}" + (", overdue" if i.indicator_id in content.overdue_of else "")
        if i.next_update_due
        else "",
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
    # Scotland's first: it is what most people look for, and 32 councils can have hundreds.
    revisions = sorted(_revisions(content, measure), key=lambda revision: revision.place != "Scotland")
    return Section(
        id=measure.measure_id,
        title=measure.title,
        role=measure.role,
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
        by_group=_by_group(content, measure),
        breaks=tuple(
            (words.day(each.new_from), each.reason, each.source_url)
            for each in content.breaks.get(measure.measure_id, [])
        ),
        # A comparator is drawn beside its headline, where it means something.
        chart=_chart(content, measure, comparator=comparator, national=national)
        if measure.role != "comparator"
        else None,
        changes=changes(content, measure) if measure.role != "comparator" else None,
        why_not=tuple(content.why_not.get(measure.measure_id, ())),
        revisions=tuple(revisions[:LISTED]),
        more_revisions=max(0, len(revisions) - LISTED),
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
        id=anchor(row),
        figure=content.figure(row),
        comparator=content.figure(beside) if beside is not None else None,
        gap=words.number(abs(gap.absolute_gap), measure.decimals) if gap is not None and comparator is not None else "",
        group="" if row.breakdown == "total" else f"{words.plain(row.breakdown)}: {row.breakdown_value}",
    )


def _chart(
    content: Content, measure: rows.Measure, *, comparator: rows.Measure | None, national: list[rows.Observation]
) -> LineChart | None:
    lines = [drawn(content, measure, national)]
    if comparator is not None and (beside := content.series.get((comparator.measure_id, NATION))):
        lines.append(drawn(content, comparator, beside))
    title = f"{measure.title}: {content.population(measure)}, {words.unit(measure.unit).name}"
    return line_chart(title, lines, _tick(measure), measure.decimals, _events(content, measure))


def _tick(measure: rows.Measure) -> Any:
    return lambda value: words.short(value, measure.unit, None)


def _events(content: Content, measure: rows.Measure) -> list[Event]:
    """The days that a chart marks: the baseline, or 2020 where there is none, and breaks."""
    progress = content.progress.get(measure.measure_id)
    events = [
        Event(
            on=each.new_from,
            label="break" if each.certainty == "established" else "possible break",
            kind="break",
            until=each.rejoined_from,
        )
        for each in content.breaks.get(measure.measure_id, [])
    ]
    if progress is not None and progress.baseline_period_start is not None:
        label = f"baseline {progress.baseline_period_label}"
        return [Event(progress.baseline_period_start, label, "baseline"), *events]
    return [Event(PROMISE_MADE, "February 2020", "year"), *events]


def _by_group(content: Content, measure: rows.Measure) -> Strip | None:
    """The groups in the latest period that has one, each beside everyone."""
    every = [row for row in content.breakdowns.get(measure.measure_id, []) if "|" not in row.breakdown]
    known = [row.period_start for row in every if row.obs_value is not None]
    latest = [row for row in every if known and row.period_start == max(known)]
    if sum(row.obs_value is not None for row in latest) < 2:
        return None
    groups = [
        Group(
            words.plain(kind),
            None,
            tuple(
                Peer(
                    row.breakdown_value,
                    "",
                    row.obs_value,
                    row.lci_95,
                    row.uci_95,
                    content.figure(row).text,
                )
                for row in some
            ),
        )
        for kind, some in groupby(latest, key=lambda row: row.breakdown)
    ]
    total = content.at(measure.measure_id, NATION, max(known))
    # Where a number is split, everyone stands so far from the groups that nothing could be told between them.
    beside = total is not None and total.obs_value is not None and measure.unit not in words.NUMBERS
    return strip(
        f"{measure.title} by group, {latest[0].period_label}",
        groups,
        (given(total.obs_value, "obs_value", measure.measure_id), "everyone") if total is not None and beside else None,
        tick=_tick(measure),
        decimals=measure.decimals,
        what="groups",
    )


def _revisions(content: Content, measure: rows.Measure) -> list[Revision]:
    """Cells whose figure or status changed between editions.

    No revision is what was given again, or printed with other decimals; nor is a change that rounding does not show.
    """
    mine = content.editions_of.get(measure.measure_id, [])
    revisions = []
    for _, group in groupby(mine, key=lambda v: (*key_of(v), v.publication_series)):
        editions = list(group)
        shown = {(e.obs_value, e.obs_status if e.obs_value is None else "") for e in editions}
        if len(shown) > 1 and any(e.is_revised for e in editions):
            place = content.place(editions[0].area_code)
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
                place=content.place(c.area_code),
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
        council.area_code: b
        for council in content.marts.councils
        for b in content.benchmarks.get((measure.measure_id, council.area_code), [])
        if b.period_start == period
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
        strip=_strip(content, measure, cells=cells, ranks=ranks, scotland=scotland),
    )


def _strip(
    content: Content,
    measure: rows.Measure,
    *,
    cells: dict[str, rows.Observation],
    ranks: dict[str, rows.Benchmark],
    scotland: rows.Observation | None,
) -> Strip | None:
    """The councils by family, each with its interval; a family's median where nobody in it is suppressed."""
    groups = []
    ordered = sorted(content.marts.councils, key=lambda c: (c.family_group is None, c.family_group or 0, c.area_name))
    for number, members in groupby(ordered, key=lambda c: c.family_group):
        some = list(members)
        medians = [ranks[c.area_code].family_median for c in some if c.area_code in ranks]
        groups.append(
            Group(
                f"Family group {number}" if number is not None else "Family group not known",
                next((m for m in medians if m is not None), None) if number is not None else None,
                tuple(_peer(content, c, cells.get(c.area_code), ranks.get(c.area_code)) for c in some),
            )
        )
    label = (scotland.obs_value, f"Scotland {content.figure(scotland).number}") if scotland is not None else None
    return strip(
        f"{measure.title}, by council, {next(iter(cells.values())).period_label}",
        groups,
        (label[0], label[1]) if label is not None and label[0] is not None else None,
        tick=_tick(measure),
        decimals=measure.decimals,
    )


def _peer(content: Content, council: rows.Council, row: rows.Observation | None, ranked: rows.Benchmark | None) -> Peer:
    low, high = (ranked.lci_95, ranked.uci_95) if ranked is not None else (None, None)
    if row is not None and (low is None or high is None):
        low, high = row.lci_95, row.uci_95
    known = row is not None and row.obs_value is not None
    return Peer(
        name=council.area_name,
        href=f"councils/{council.area_code}.html",
        value=row.obs_value if row is not None else None,
        low=low if known and high is not None else None,
        high=high if known and low is not None else None,
        text=content.figure(row).text if row is not None else words.NO_FIGURE,
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
        href=f"councils/{council.area_code}.html",
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
