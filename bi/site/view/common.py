"""The pieces that several pages share, and the look-ups behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from bi.site import words
from bi.site.queries import NATION, Marts, Row
from promise.errors import PromiseError

Key = tuple[str, str, date, date, str, str]
TOTAL = ("total", "total")


@dataclass(frozen=True)
class Source:
    """A publication, as a reader meets it."""

    title: str
    publisher: str
    url: str | None
    published: str


@dataclass(frozen=True)
class Figure:
    """One cell: either a value or the reason there is none, always with its period and where it came from."""

    text: str
    number: str  # the part of the text that is printed large
    missing: bool
    remark: str
    period: str
    period_start: str
    source: Source
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


def key_of(row: Row) -> Key:
    """The cell that an observation fills, whichever edition of it this is."""
    return (
        row.measure_id,
        row.area_code,
        row.period_start,
        row.period_end,
        row.breakdown,
        row.breakdown_value,
    )


def is_total(row: Row) -> bool:
    """Whether the row is about everyone, not a breakdown."""
    return (row.breakdown, row.breakdown_value) == TOTAL


class Content:
    """One release, indexed by the questions that the pages ask. Built once, read by every page."""

    def __init__(self, marts: Marts) -> None:
        self.marts = marts
        self.measures: dict[str, Row] = {m.measure_id: m for m in marts.measures}
        self.indicators: dict[str, Row] = {i.indicator_id: i for i in marts.indicators}
        self.progress: dict[str, Row] = {p.measure_id: p for p in marts.progress}  # of Scotland
        self.organisations: dict[str, Row] = {o.organisation_id: o for o in marts.organisations}
        self.council_names: dict[str, str] = {c.area_code: c.area_name for c in marts.councils}
        self._publications: dict[str, Row] = {p.publication_id: p for p in marts.publications}

    @cached_property
    def series(self) -> dict[tuple[str, str], list[Row]]:
        """Current figures for everyone, by measure and area, oldest first."""
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.marts.observations:
            if is_total(row):
                found[row.measure_id, row.area_code].append(row)
        return dict(found)

    @cached_property
    def breakdowns(self) -> dict[str, list[Row]]:
        """Current national figures for groups, by measure."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.marts.observations:
            if not is_total(row) and row.area_code == NATION:
                found[row.measure_id].append(row)
        return dict(found)

    @cached_property
    def measures_of(self) -> dict[str, list[Row]]:
        """Measures by indicator, the headline first."""
        found: dict[str, list[Row]] = defaultdict(list)
        for measure in self.marts.measures:
            found[measure.indicator_id].append(measure)
        return dict(found)

    @cached_property
    def gaps_to_comparator(self) -> dict[str, list[Row]]:
        """Scotland's gaps by measure, oldest first."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.marts.gaps_to_comparator:
            found[row.measure_id].append(row)
        return dict(found)

    @cached_property
    def reconciled(self) -> dict[Key, list[Row]]:
        """What does not agree with other published figures, or cannot be checked, by cell."""
        found: dict[Key, list[Row]] = defaultdict(list)
        for row in self.marts.reconciliation:
            found[key_of(row)].append(row)
        return dict(found)

    @cached_property
    def why_not(self) -> dict[str, list[str]]:
        """What can be behind figures that do not add up, by measure, each reason once."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self.marts.reconciliation:
            if row.verdict == "differs" and row.reason not in found[row.measure_id]:
                found[row.measure_id].append(row.reason)
        return dict(found)

    @cached_property
    def changes(self) -> dict[str, list[Row]]:
        """Scotland's change since every earlier period, by measure, oldest first."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.marts.changes:
            found[row.measure_id].append(row)
        return dict(found)

    @cached_property
    def council_measures(self) -> list[Row]:
        """Measures that have a figure, or a reason for having none, for at least one council, as the indicators go."""
        with_figures = {m for m, area in self.series if area in self.council_names}
        order = {i.indicator_id: n for n, i in enumerate(self.marts.indicators)}
        measures = [m for m in self.marts.measures if m.measure_id in with_figures]
        return sorted(measures, key=lambda m: order[m.indicator_id])

    def at(self, measure_id: str, area_code: str, period_start: date | None) -> Row | None:
        """The current figure for everyone in the period that starts then, if one is published."""
        for row in self.series.get((measure_id, area_code), []):
            if row.period_start == period_start:
                return row
        return None

    def source(self, publication_id: str | None) -> Source:
        """The publication with this id."""
        if publication_id is None:
            return Source("publication not recorded", "", None, words.published(None, None))
        if publication_id not in self._publications:
            raise PromiseError(
                f"site: fct_observation names publication {publication_id!r}, which dim_publication lacks"
            )
        row = self._publications[publication_id]
        return Source(row.title, row.publisher or "", row.url, words.published(row.published_on, row.precision))

    def figure(self, row: Row) -> Figure:
        """An observation, current or earlier, as a page shows it."""
        measure = self.measures[row.measure_id]
        missing = row.obs_value is None
        interval = ""
        # An earlier edition of a figure is not what was checked.
        checks = [c for c in self.reconciled.get(key_of(row), []) if c.published_value == row.obs_value]
        if not missing and getattr(row, "lci_95", None) is not None and row.uci_95 is not None:
            low, high = (words.figure(v, measure.unit, measure.decimals) for v in (row.lci_95, row.uci_95))
            interval = f"{low} to {high}"
        if missing:
            text = number = words.absence(row.obs_status, row.conf_status)
        else:
            text = words.figure(row.obs_value, measure.unit, measure.decimals)
            number = words.short(row.obs_value, measure.unit, measure.decimals)
        return Figure(
            text=text,
            number=number,
            missing=missing,
            remark="" if missing else words.remark(row.obs_status),
            period=row.period_label,
            period_start=row.period_start.isoformat(),
            source=self.source(row.publication_id),
            cell=row.source_cell,
            snapshot=row.snapshot_id,
            revised=bool(getattr(row, "is_revised", False)),
            interval=interval,
            doubts=tuple(_doubt(check, measure) for check in checks if _contradicts(check)),
            parts=tuple(_remainder(c, measure) for c in checks if c.kind == "parts" and not _contradicts(c)),
        )

    def population(self, measure: Row) -> str:
        """Whom the measure counts, in the exact words."""
        return words.say(words.POPULATIONS, measure.population, f"population of measure {measure.measure_id}")

    def organisation(self, organisation_id: str | None) -> str:
        """The organisation's name, or nothing when none is named."""
        if organisation_id is None:
            return ""
        row = self.organisations.get(organisation_id)
        return row.name if row else words.plain(organisation_id)

    def gap(self, row: Row) -> Gap:
        """A gap of the register, in words."""
        return Gap(
            id=row.data_gap_id,
            kind=words.plain(row.kind),
            about=row.about,
            description=row.description,
            since=words.day(row.since) if isinstance(row.since, date) else (row.since or ""),
            could_be_filled_by=words.listed([self.organisation(o) for o in row.could_be_filled_by]),
            source_url=row.source_url,
            statement=row.vision_statement_id,
            indicator=self.named(row.indicator_id) if row.indicator_id in self.indicators else None,
        )

    def gaps(self, wanted: Callable[[Row], bool]) -> tuple[GapGroup, ...]:
        """The gaps of the register that are wanted, Scotland's apart from those of our copies."""
        found = [self.gap(row) for row in self.marts.data_gaps if wanted(row)]
        groups = [
            GapGroup(about, title, tuple(g for g in found if g.about == about)) for about, title in words.GAPS.items()
        ]
        for gap in found:
            words.say(words.GAPS, gap.about, "about of a data gap")  # one that no group takes would be left out
        return tuple(group for group in groups if group.gaps)

    def named(self, indicator_id: str) -> Named:
        """The indicator, as lists and menus name it."""
        row = self.indicators[indicator_id]
        return Named(row.indicator_id, row.short_name or row.name, row.publication_state == "proposed", row.has_figures)

    def everyone(self, measure: Row) -> str:
        """A warning beside figures that know nothing of who is care experienced; empty for all others."""
        marker = self.indicators[measure.indicator_id].population_marker
        if measure.role == "comparator":
            return ""  # it is meant to be about everyone
        # The marker is about the headline; a measure beside it can count others.
        beside = measure.role != "headline" and measure.population in words.EVERYONE
        return words.NOT_ONLY_CARE if marker == "whole_population" or beside else ""

    def threshold(self, measure: Row) -> str:
        """Who decided how much change counts, and how much that is. Empty when the measure has no threshold."""
        if measure.threshold_value is None:
            return ""
        step = words.number(measure.threshold_value, None)
        unit = (measure.threshold_unit or measure.unit).replace("_", " ") + ("" if step == "1" else "s")
        author = measure.threshold_author or "an author who is not recorded"
        return f"A change of {step} {unit} or more counts as a change. Threshold set by {author}."


def _contradicts(check: Row) -> bool:
    """Whether two publications cannot both be right. Parts that leave something over contradict nothing."""
    return bool(check.verdict == "differs" and (check.kind == "ratio" or check.difference < 0))


def _doubt(check: Row, measure: Row) -> str:
    """What other published figures give instead."""
    if check.kind == "ratio":
        counts = f"{words.number(check.numerator, None)} of {words.number(check.denominator, None)}"
        exact = words.figure(check.calculated_value, measure.unit, measure.decimals + 1)
        return f"Does not add up: the published counts, {counts}, give {exact}."
    total = words.number(check.calculated_value, measure.decimals)
    rest = words.number(abs(check.difference), measure.decimals)
    return f"Does not add up: its published parts sum to {total}, {rest} more than this."


def _remainder(check: Row, measure: Row) -> str:
    """What is in none of the published parts, or why that is not given."""
    if check.verdict == "cannot_be_checked":
        return f"What is in none of its parts is not given: {check.reason}."
    total = words.number(check.calculated_value, measure.decimals)
    rest = words.number(check.difference, measure.decimals)
    return f"Its published parts sum to {total}, which leaves {rest}."


def unique(items: list[Any]) -> list[Any]:
    """The items in their order, each once."""
    return list(dict.fromkeys(items))
