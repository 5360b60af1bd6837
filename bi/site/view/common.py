"""The pieces that several pages share, and the look-ups behind them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias, TypeVar

from bi.site import rows, words
from bi.site.queries import NATION, Marts
from promise.errors import PromiseError

Key: TypeAlias = tuple[str, str, date, date, str, str]
Published: TypeAlias = rows.Observation | rows.Edition
TOTAL = ("total", "total")

R = TypeVar("R")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Source:
    """A publication, as a reader meets it."""

    title: str
    publisher: str
    url: str | None
    published: str


@dataclass(frozen=True)
class Reading:
    """From which page this project typed a figure, and who quotes it there if that is not its publisher."""

    url: str
    quoted_by: str


@dataclass(frozen=True)
class Figure:
    """One cell: either a value or the reason there is none, always with its period and where it came from."""

    text: str
    number: str  # the part of the text that is printed large
    missing: bool
    remark: str
    period: str
    period_start: str
    age: str  # how long the period had ended; empty where it is of these years
    source: Source
    read: Reading | None
    cell: str
    snapshot: str
    revised: bool
    interval: str
    doubts: tuple[str, ...]  # where other published figures give something else
    parts: tuple[str, ...]  # what its parts leave over


@dataclass(frozen=True)
class Named:
    """An indicator by its short name, and whether it is only a proposal of this project."""

    id: str
    name: str
    proposed: bool
    has_figures: bool


@dataclass(frozen=True)
class Gap:
    """Something that is missing from the published evidence, and who could supply it."""

    kind: str
    about: str  # whether the evidence is missing, or only our copy of what is published
    description: str
    since: str
    could_be_filled_by: str
    source_url: str | None
    statement: str | None
    indicator: Named | None
    id: str


@dataclass(frozen=True)
class GapGroup:
    """Gaps of one kind under a heading that says whose gaps they are."""

    about: str
    title: str
    gaps: tuple[Gap, ...]


def grouped(items: Iterable[R], key: Callable[[R], K]) -> dict[K, list[R]]:
    """The items by their key, each group in the order in which they came."""
    groups: dict[K, list[R]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def key_of(row: Published | rows.Check) -> Key:
    """The cell that an observation fills, whichever edition of it this is."""
    return (
        row.measure_id,
        row.area_code,
        row.period_start,
        row.period_end,
        row.breakdown,
        row.breakdown_value,
    )


def is_total(row: Published) -> bool:
    """Whether the row is about everyone, not a breakdown."""
    return (row.breakdown, row.breakdown_value) == TOTAL


class Content:
    """One release, indexed by the questions that the pages ask. Built once, read by every page."""

    def __init__(self, marts: Marts) -> None:
        self.marts = marts

    @cached_property
    def statements(self) -> dict[str, rows.VisionStatement]:
        """Vision statements by id."""
        return {s.vision_statement_id: s for s in self.marts.vision_statements}

    @cached_property
    def measures(self) -> dict[str, rows.Measure]:
        """Measures by id."""
        return {m.measure_id: m for m in self.marts.measures}

    @cached_property
    def indicators(self) -> dict[str, rows.Indicator]:
        """Indicators by id."""
        return {i.indicator_id: i for i in self.marts.indicators}

    @cached_property
    def standings(self) -> dict[str, rows.Standing]:
        """Where Scotland stands, by headline and companion measure; a measure without a figure stands nowhere."""
        return {s.measure_id: s for s in self.marts.standings if s.latest_period_start is not None}

    @cached_property
    def progress(self) -> dict[str, rows.Progress]:
        """Scotland's progress by measure."""
        return {p.measure_id: p for p in self.marts.progress}

    @cached_property
    def organisations(self) -> dict[str, rows.Organisation]:
        """Organisations by id."""
        return {o.organisation_id: o for o in self.marts.organisations}

    @cached_property
    def council_names(self) -> dict[str, str]:
        """The names of the councils by their codes."""
        return {c.area_code: c.area_name for c in self.marts.councils}

    @cached_property
    def publications(self) -> dict[str, Source]:
        """Publications by id, as a reader meets them."""
        return {
            p.publication_id: Source(
                title=p.title,
                publisher=p.publisher,
                url=p.url,
                published=words.published(p.published_on, p.precision),
            )
            for p in self.marts.publications
        }

    @cached_property
    def series(self) -> dict[tuple[str, str], list[rows.Observation]]:
        """Current figures for everyone, by measure and area, oldest first."""
        return grouped(filter(is_total, self.marts.observations), lambda row: (row.measure_id, row.area_code))

    @cached_property
    def breakdowns(self) -> dict[str, list[rows.Observation]]:
        """Current national figures for groups, by measure."""
        of_groups = (row for row in self.marts.observations if not is_total(row) and row.area_code == NATION)
        return grouped(of_groups, lambda row: row.measure_id)

    @cached_property
    def measures_of(self) -> dict[str, list[rows.Measure]]:
        """Measures by indicator, the headline first."""
        return grouped(self.marts.measures, lambda measure: measure.indicator_id)

    @cached_property
    def gaps_to_comparator(self) -> dict[str, list[rows.ComparatorGap]]:
        """Scotland's gaps by measure, oldest first."""
        return grouped(self.marts.gaps_to_comparator, lambda row: row.measure_id)

    @cached_property
    def checks(self) -> dict[Key, list[rows.Check]]:
        """What does not agree with other published figures, or cannot be checked, by cell."""
        return grouped(self.marts.checks, key_of)

    @cached_property
    def why_not(self) -> dict[str, list[str]]:
        """What can be behind figures that do not add up, by measure, each reason once."""
        differing = (check for check in self.marts.checks if check.verdict in ("differs", "total_superseded"))
        by_measure = grouped(differing, lambda check: check.measure_id)
        return {measure_id: unique(check.reason for check in checks) for measure_id, checks in by_measure.items()}

    @cached_property
    def changes(self) -> dict[str, list[rows.Change]]:
        """Scotland's change since every earlier period, by measure, oldest first."""
        return grouped(self.marts.changes, lambda row: row.measure_id)

    @cached_property
    def editions_of(self) -> dict[str, list[rows.Edition]]:
        """Figures with what was published before, by measure."""
        return grouped(self.marts.editions, lambda row: row.measure_id)

    @cached_property
    def editions(self) -> dict[Key, list[rows.Edition]]:
        """What each publication gave for a cell, oldest first, where more than one did."""
        return grouped(self.marts.editions, key_of)

    @cached_property
    def responsibilities(self) -> dict[str, rows.Responsibility]:
        """Who answers for an indicator, by its id."""
        return {row.indicator_id: row for row in self.marts.responsibilities}

    @cached_property
    def breaks(self) -> dict[str, list[rows.Break]]:
        """Days across which the figures of a measure do not compare, by measure."""
        of_measures = (each for each in self.marts.breaks if each.measure_id is not None)
        return grouped(of_measures, lambda each: str(each.measure_id))

    @cached_property
    def benchmarks(self) -> dict[tuple[str, str], list[rows.Benchmark]]:
        """Places and intervals of councils by measure and council, oldest first."""
        return grouped(self.marts.benchmarks, lambda row: (row.measure_id, row.area_code))

    @cached_property
    def overdue_of(self) -> dict[str, list[rows.Owed]]:
        """What is due or overdue by the indicator that it would bring up to date."""
        of_report = {report.report_id: report.indicator_ids for report in self.marts.reports}
        late = [(i, row) for row in self.marts.owed if row.state == "overdue" for i in of_report.get(row.report_id, ())]
        return {i: [row for _, row in found] for i, found in grouped(late, lambda pair: pair[0]).items()}

    @cached_property
    def council_measures(self) -> list[rows.Measure]:
        """Measures that have a figure, or a reason for having none, for at least one council, as the indicators go."""
        with_figures = {m for m, area in self.series if area in self.council_names}
        order = {i.indicator_id: n for n, i in enumerate(self.marts.indicators)}
        measures = [m for m in self.marts.measures if m.measure_id in with_figures]
        return sorted(measures, key=lambda m: order[m.indicator_id])

    def council_figures(self, measure_id: str) -> dict[date, dict[str, rows.Observation]]:
        """Current figures for everyone, by the first day of the period and by council."""
        by_period: dict[date, dict[str, rows.Observation]] = {}
        for area in self.council_names:
            for row in self.series.get((measure_id, area), []):
                by_period.setdefault(row.period_start, {})[area] = row
        return by_period

    def at(self, measure_id: str, area_code: str, period_start: date | None) -> rows.Observation | None:
        """The current figure for everyone in the period that starts then, if one is published."""
        for row in self.series.get((measure_id, area_code), []):
            if row.period_start == period_start:
                return row
        return None

    def source(self, publication_id: str) -> Source:
        """The publication with this id."""
        if publication_id not in self.publications:
            raise PromiseError(
                f"site: fct_observation names publication {publication_id!r}, which dim_publication lacks"
            )
        return self.publications[publication_id]

    def figure(self, row: Published) -> Figure:
        """An observation, current or earlier, as a page shows it."""
        measure = self.measures[row.measure_id]
        # An earlier edition of a figure is not what was checked.
        checks = [c for c in self.checks.get(key_of(row), []) if c.published_value == row.obs_value]
        if row.obs_value is None:
            text = number = words.absence(row.obs_status, row.conf_status)
        else:
            text = words.figure(row.obs_value, measure.unit, measure.decimals)
            number = words.short(row.obs_value, measure.unit, measure.decimals)
        return Figure(
            text=text,
            number=number,
            missing=row.obs_value is None,
            remark="" if row.obs_value is None else words.remark(row.obs_status),
            period=row.period_label,
            period_start=row.period_start.isoformat(),
            age=self.age(row),
            source=self.source(row.publication_id),
            read=_reading(row),
            cell=row.source_cell,
            snapshot=row.snapshot_id,
            revised=isinstance(row, rows.Observation) and row.is_revised,
            interval=_interval(row, measure),
            doubts=tuple(_doubt(check, measure) for check in checks if _contradicts(check)),
            parts=tuple(_remainder(c, measure) for c in checks if c.kind == "parts" and not _contradicts(c)),
        )

    def age(self, row: Published) -> str:
        """How long the period of a figure had ended when the release was made."""
        return words.age(row.period_end, self.marts.release.released_at.date())

    def population(self, measure: rows.Measure) -> str:
        """Whom the measure counts, in the exact words."""
        return words.say(words.POPULATIONS, measure.population, f"population of measure {measure.measure_id}")

    def organisation(self, organisation_id: str | None) -> str:
        """The organisation's name, or nothing when none is named."""
        if organisation_id is None:
            return ""
        row = self.organisations.get(organisation_id)
        return row.name if row else words.plain(organisation_id)

    def gap(self, row: rows.DataGap) -> Gap:
        """A gap of the register, in words."""
        return Gap(
            id=row.data_gap_id,
            kind=words.plain(row.kind),
            about=row.about,
            description=row.description,
            since=row.since or "",
            could_be_filled_by=words.listed([self.organisation(o) for o in row.could_be_filled_by]),
            source_url=row.source_url,
            statement=row.vision_statement_id,
            indicator=self.named(row.indicator_id) if row.indicator_id in self.indicators else None,
        )

    def gaps(self, wanted: Callable[[rows.DataGap], bool]) -> tuple[GapGroup, ...]:
        """The gaps of the register that are wanted, Scotland's apart from those of our copies."""
        gaps = [self.gap(row) for row in self.marts.data_gaps if wanted(row)]
        groups = [
            GapGroup(about, title, tuple(g for g in gaps if g.about == about)) for about, title in words.GAPS.items()
        ]
        for gap in gaps:
            words.say(words.GAPS, gap.about, "about of a data gap")  # one that no group takes would be left out
        return tuple(group for group in groups if group.gaps)

    def named(self, indicator_id: str) -> Named:
        """The indicator, as lists and menus name it."""
        row = self.indicators[indicator_id]
        return Named(
            id=row.indicator_id,
            name=row.short_name or row.name,
            proposed=row.publication_state == "proposed",
            has_figures=row.has_figures,
        )

    def who(self, ids: Iterable[str]) -> str:
        """Organisations by their names, in a list; the groups that stand for all of their kind in words."""
        return words.listed([words.GROUPS.get(each) or self.organisation(each) for each in ids])

    def place(self, area_code: str | None) -> str:
        """An area by its name."""
        if area_code is None:
            return ""
        return "Scotland" if area_code == NATION else self.council_names.get(area_code, area_code)

    def everyone(self, measure: rows.Measure) -> str:
        """A warning beside figures that know nothing of who is care experienced; empty for all others."""
        marker = self.indicators[measure.indicator_id].population_marker
        if measure.role == "comparator":
            return ""  # it is meant to be about everyone
        # The marker is about the headline; a measure beside it can count others.
        beside = measure.role != "headline" and measure.population in words.EVERYONE
        return words.NOT_ONLY_CARE if marker == "whole_population" or beside else ""

    def threshold(self, measure: rows.Measure) -> str:
        """Who decided how much change counts, and how much that is. Empty when the measure has no threshold."""
        if measure.threshold_value is None:
            return ""
        step = words.number(measure.threshold_value, None)
        author = measure.threshold_author or "an author who is not recorded"
        return (
            "Where counts or intervals are held, a change counts if the 95% interval of the change leaves out zero. "
            f"Elsewhere {words.rule(measure.threshold_unit or '', step)}. Rule of {author}."
        )


def _interval(row: Published, measure: rows.Measure) -> str:
    """The interval that is published with a figure; earlier editions are shown without theirs."""
    if isinstance(row, rows.Edition) or row.obs_value is None or row.lci_95 is None or row.uci_95 is None:
        return ""
    low, high = (words.figure(value, measure.unit, measure.decimals) for value in (row.lci_95, row.uci_95))
    return f"{low} to {high}"


def _reading(row: Published) -> Reading | None:
    return Reading(row.read_from, row.seen_through or "") if row.read_from else None


def _contradicts(check: rows.Check) -> bool:
    """Whether two publications cannot both be right. Parts that leave something over do not say so by themselves."""
    if check.verdict == "differs":
        return check.kind == "ratio" or _difference(check) < 0
    return check.superseded_by is not None


def _doubt(check: rows.Check, measure: rows.Measure) -> str:
    """What other published figures give instead."""
    if check.superseded_by is not None:
        newer = words.number(check.superseded_by, None)
        if check.kind == "parts":
            return f"Total superseded? Its published parts sum to {newer}, and a published share is of that."
        total = words.number(given(check.denominator, "fct_reconciliation.denominator", check.measure_id), None)
        return f"Total superseded? It is a share of {newer}, the sum of published parts, not of the published {total}."
    if check.kind == "ratio":
        numerator = words.number(given(check.numerator, "fct_reconciliation.numerator", check.measure_id), None)
        denominator = words.number(given(check.denominator, "fct_reconciliation.denominator", check.measure_id), None)
        exact = words.figure(_calculated(check), measure.unit, measure.decimals + 1)
        return f"Does not add up: the published counts, {numerator} of {denominator}, give {exact}."
    total = words.number(_calculated(check), measure.decimals)
    rest = words.number(abs(_difference(check)), measure.decimals)
    return f"Does not add up: its published parts sum to {total}, {rest} more than this."


def _remainder(check: rows.Check, measure: rows.Measure) -> str:
    """What is in none of the published parts, or why that is not given."""
    if check.verdict == "cannot_be_checked":
        return f"What is in none of its parts is not given: {check.reason}."
    total = words.number(_calculated(check), measure.decimals)
    rest = words.number(_difference(check), measure.decimals)
    return f"Its published parts sum to {total}, which leaves {rest}."


def _calculated(check: rows.Check) -> Decimal:
    return given(check.calculated_value, "fct_reconciliation.calculated_value", check.measure_id)


def _difference(check: rows.Check) -> Decimal:
    return given(check.difference, "fct_reconciliation.difference", check.measure_id)


def given(value: R | None, column: str, about: str) -> R:
    """The value, where the row cannot be of its kind without it."""
    if value is None:
        raise PromiseError(f"site: {column} is null for {about}, where the page needs it; correct the model in dbt")
    return value


def unique(items: Iterable[K]) -> list[K]:
    """The items in their order, each once."""
    return list(dict.fromkeys(items))
