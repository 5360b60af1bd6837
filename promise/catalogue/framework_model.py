"""What each file in `framework/` looks like, and what one of them must hold by itself.

No figure lives there. A vision statement's file says what has been published in words; `framework/measures/` says how
this project measures each indicator and which published series feed it. What is not known is null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ingestion.values import UnknownValue
from ingestion.values.period_forms import vocabulary
from ingestion.values.periods import read_period
from promise.catalogue.strict import Strict

LONGEST_ID = 40  # `indicator__<id>` and what is derived from it must fit PostgreSQL's 63 bytes


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_{1,2}[a-z0-9]+)*", value):
        raise ValueError(f"{value!r} is not an id; write it in lower snake case, beginning with a letter")
    if len(value) > LONGEST_ID:
        raise ValueError(f"{value!r} is {len(value)} characters long; shorten it to {LONGEST_ID} or fewer")
    return value


Identifier = Annotated[str, AfterValidator(_identifier)]
Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(pattern=r"^https?://\S+$")]

PublicationState = Literal["published", "proposed", "gap"]
Direction = Literal["increase", "decrease", "neutral"]
Polarity = Literal["higher_is_better", "lower_is_better", "neutral"]
POLARITY_OF: dict[Direction, Polarity] = {
    "increase": "higher_is_better",
    "decrease": "lower_is_better",
    "neutral": "neutral",
}
Unit = Literal["count", "average_count", "percent", "per_1000", "per_10000", "per_week_gbp"]
Population = Literal[
    "looked_after", "care_experienced", "aftercare_eligible", "children_in_services",
    "all_children", "all_pupils", "all_school_leavers", "all_people",
]  # fmt: skip
Role = Literal["headline", "companion", "comparator", "local"]


def _is_a_style(style: str) -> str:
    """Styles have their one home in ingestion/vocabulary/periods.yml: how a label looks, and the two dates it means."""
    if style not in vocabulary().styles:
        raise ValueError(f"{style!r} is no style of periods; choose one of {', '.join(sorted(vocabulary().styles))}")
    return style


PeriodStyle = Annotated[str, AfterValidator(_is_a_style)]
GapKind = Literal[
    "wording_unknown",  # exists in the framework, but not in the copies of public pages that this project has
    "figures_unknown",  # named, but no figure in its own definition was found
    "no_baseline",  # no figure for 2020
    "definition_break",  # figures before and after cannot be joined
    "no_care_marker",  # measured, but not for care experienced people
    "not_measured",  # the thing that matters is not measured, or not well
    "uneven_reporting",  # measured, but not in the same way by everybody
    "partial_coverage",  # measured for some of those concerned
]
OrganisationKind = Literal[
    "government", "local_government", "council", "public_body", "scrutiny_body", "oversight",
    "third_sector", "academic", "uk_body",
]  # fmt: skip


class DataGap(Strict):
    """Something that is missing, why, since when if that is known, and who could fill it."""

    id: Identifier
    outcome: Identifier | None = None
    indicator: Identifier | None = None
    kind: GapKind
    description: Text
    since: date | None
    could_be_filled_by: tuple[Identifier, ...]
    source_url: Url | None


class Indicator(Strict):
    """What the framework says about an indicator, in its words; how it is measured stands in `measures/<id>.yml`."""

    id: Identifier
    name: Text
    short_name: Text  # ours, for headings and menus
    kind: Literal["core", "contextual"] | None
    definition: Text | None
    source_publication: Text
    producer: Identifier
    reported_by: tuple[Identifier, ...] = Field(min_length=1)
    frequency: Text
    publication_month: Text | None
    population_marker: Text
    direction: Direction
    direction_basis: Text
    publication_state: PublicationState
    baseline_period_start: date | None
    baseline_note: Text | None
    last_updated: Text | None
    next_update_due: Text | None
    source_url: Url

    @model_validator(mode="after")
    def no_baseline_without_a_reason(self) -> Self:
        if self.baseline_period_start is None and self.baseline_note is None:
            raise ValueError("baseline_period_start is null; say in baseline_note why there is none")
        return self


class Outcome(Strict):
    """An outcome. `publication_state: gap` means that no indicator is published under it."""

    id: Identifier
    number: int = Field(ge=1)
    text: Text | None
    earlier_text: Text | None
    source_url: Url
    publication_state: PublicationState
    note: Text | None
    indicators: tuple[Indicator, ...]


class VisionStatement(Strict):
    """A vision statement as worded now and in the 2024 report. One with nothing published shows as a gap."""

    id: Identifier
    number: int = Field(ge=1)
    name: Text
    earlier_name: Text | None
    statement: Text
    statement_source_url: Url
    earlier_statement: Text | None
    earlier_statement_source_url: Url | None
    promise_report_page: int | None
    dashboard_slug: Text | None
    publication_state: PublicationState
    gap_statement: Text | None
    outcomes: tuple[Outcome, ...]
    data_gaps: tuple[DataGap, ...]

    @model_validator(mode="after")
    def a_gap_is_explained(self) -> Self:
        if (self.publication_state == "gap") != (self.gap_statement is not None):
            raise ValueError("gap_statement is given exactly when publication_state is gap; correct one of the two")
        return self


class PeriodException(Strict):
    """A printed period that means something else than its series' style says."""

    label: Text
    means: Text
    period_style: PeriodStyle
    reason: Text


class Series(Strict):
    """A published series: the words by which a source's rows are recognised, and how it writes periods."""

    source: Identifier
    label: Text
    heading: str = ""
    period_style: PeriodStyle
    breakdown: Identifier = "total"
    breakdown_value: Identifier = "total"
    period_exceptions: tuple[PeriodException, ...] = ()

    @model_validator(mode="after")
    def a_breakdown_has_a_value(self) -> Self:
        if (self.breakdown == "total") != (self.breakdown_value == "total"):
            raise ValueError("breakdown and breakdown_value are both total or both something else; give both")
        return self

    @model_validator(mode="after")
    def an_exception_looks_like_its_style(self) -> Self:
        for item in self.period_exceptions:
            try:
                read_period(item.means, item.period_style)
            except UnknownValue as error:
                raise ValueError(
                    f"the exception for {item.label!r} means {item.means!r}, which is no {item.period_style}; {error}"
                ) from error
        return self

    @property
    def key(self) -> tuple[str, str, str]:
        return self.source, self.label, self.heading


class Measure(Strict):
    """One way of measuring an indicator. Another population or definition is another measure, never stitched."""

    id: Identifier
    title: Text
    unit: Unit
    population: Population
    decimals: int = Field(ge=0, le=4)
    polarity: Polarity
    role: Role
    comparator: Identifier | None = None
    geography: Literal["national", "council"]
    definition: Text
    bounds: tuple[float | None, float | None]
    threshold: Identifier | None
    caveat: Text | None = None
    series: tuple[Series, ...]

    @model_validator(mode="after")
    def bounds_are_in_order(self) -> Self:
        lower, upper = self.bounds
        if lower is not None and upper is not None and lower >= upper:
            raise ValueError(f"bounds are {lower:g} and {upper:g}; write the lower one first")
        return self


class Measures(Strict):
    """How an indicator is measured. `headline` is the measure that the outcome's wording points at."""

    indicator: Identifier
    headline: Identifier
    source_preference: tuple[Identifier, ...]
    minimum_periods: int = Field(ge=2)
    measures: tuple[Measure, ...] = Field(min_length=1)


class Threshold(Strict):
    """How large a change must be to be called one: whose judgement, and why."""

    id: Identifier
    value: float = Field(gt=0)
    unit: Literal["percentage_point"]
    author: Text
    reason: Text


class Thresholds(Strict):
    thresholds: tuple[Threshold, ...]


class Organisation(Strict):
    """An organisation and what it answers for, in our words."""

    id: Identifier
    name: Text
    kind: OrganisationKind
    area_code: Annotated[str, Field(pattern=r"^S12\d{6}$")] | None = None
    answers_for: Text
    url: Url | None
    source_url: Url | None


class Council(Strict):
    id: Identifier
    name: Text
    area_code: Annotated[str, Field(pattern=r"^S12\d{6}$")]


class Councils(Strict):
    """The 32 councils, which answer for the same things."""

    answers_for: Text
    source_url: Url | None
    members: tuple[Council, ...]


class Organisations(Strict):
    organisations: tuple[Organisation, ...]
    councils: Councils


class Question(Strict):
    id: Identifier
    text: Text
    source_url: Url


class WhatMatters(Strict):
    """The What Matters questions, by which data are asked whether they can answer what matters."""

    questions: tuple[Question, ...]
    data_gaps: tuple[DataGap, ...]


class Milestone(Strict):
    id: Identifier
    title: Text
    vision_statement: Identifier | None
    organisation: Identifier | None
    due_on: date | None  # the first day of the month or year when due_precision says so
    due_precision: Literal["day", "month", "year", "unknown"]
    status: Text | None
    source_url: Url

    @model_validator(mode="after")
    def a_date_has_a_precision(self) -> Self:
        if (self.due_on is None) != (self.due_precision == "unknown"):
            raise ValueError("due_on is null exactly when due_precision is unknown; correct one of the two")
        return self


class Theme(Strict):
    id: Identifier
    name: Text
    url: Url | None
    vision_statements: tuple[Identifier, ...]
    milestones: tuple[Milestone, ...] = ()


class RouteMap(Strict):
    """A foundation of Plan 24-30 with the themes whose names are known."""

    id: Identifier
    name: Text
    complete: bool  # false: the foundation has more themes than are known here
    source_url: Url
    themes: tuple[Theme, ...]


class Evidence(Strict):
    """A piece of qualitative evidence. Never scored."""

    id: Identifier
    vision_statement: Identifier | None
    strand: Literal["organisational", "experience"]
    kind: Literal["page", "report"]
    title: Text
    summary: Text
    url: Url | None
    published_on: date | None
    question: Identifier | None


class EvidenceFile(Strict):
    evidence: tuple[Evidence, ...]


class DataGaps(Strict):
    data_gaps: tuple[DataGap, ...]


@dataclass(frozen=True)
class Framework:
    """Everything in `framework/`, read and checked. The order is that of the files and of the lists in them."""

    vision_statements: tuple[VisionStatement, ...]
    measured: dict[str, Measures]  # by indicator, in the framework's order
    thresholds: dict[str, Threshold]
    organisations: tuple[Organisation, ...]
    what_matters: WhatMatters
    route_maps: tuple[RouteMap, ...]
    evidence: tuple[Evidence, ...]
    general_gaps: tuple[DataGap, ...]

    def outcomes(self) -> Iterator[tuple[VisionStatement, Outcome]]:
        return ((statement, outcome) for statement in self.vision_statements for outcome in statement.outcomes)

    def indicators(self) -> Iterator[tuple[VisionStatement, Outcome, Indicator]]:
        return ((statement, outcome, each) for statement, outcome in self.outcomes() for each in outcome.indicators)

    def measures(self) -> Iterator[tuple[Measures, Measure]]:
        return ((group, measure) for group in self.measured.values() for measure in group.measures)

    def series(self) -> Iterator[tuple[Measures, Measure, Series]]:
        return ((group, measure, each) for group, measure in self.measures() for each in measure.series)

    def data_gaps(self) -> Iterator[tuple[VisionStatement | None, DataGap]]:
        yield from ((statement, gap) for statement in self.vision_statements for gap in statement.data_gaps)
        yield from ((None, gap) for gap in (*self.what_matters.data_gaps, *self.general_gaps))

    def themes(self) -> Iterator[tuple[RouteMap, Theme]]:
        return ((route_map, theme) for route_map in self.route_maps for theme in route_map.themes)
