"""What each file in `framework/` looks like, and what one of them must hold by itself.

No figure lives there. A vision statement's file has its wording and its outcomes (`framework_statements`), an
indicator's what is known of it and which published series feed its measures (`framework_indicators`,
`framework_measures`). Here is the rest, and the whole put together. What is not known is null.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure, Series
from promise.catalogue.framework_organisations import Organisation, Organisations
from promise.catalogue.framework_statements import DataGap, Outcome, VisionStatement
from promise.catalogue.framework_targets import Answers
from promise.catalogue.framework_words import Identifier, Text, Url
from promise.catalogue.strict import Strict


class Threshold(Strict):
    """How large a change must be to be called one: whose judgement, and why."""

    id: Identifier
    value: float = Field(gt=0)
    unit: Literal["percentage_point"]
    author: Text
    reason: Text


class Thresholds(Strict):
    thresholds: tuple[Threshold, ...]


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
    """Gaps that concern the framework as a whole; those of one statement stand in its file."""

    data_gaps: tuple[DataGap, ...] = Field(description="What is missing.")


@dataclass(frozen=True)
class Framework:
    """Everything in `framework/`, read and checked. The order is that of the files and of the lists in them."""

    vision_statements: tuple[VisionStatement, ...]
    by_id: dict[str, Indicator]  # in the framework's order
    thresholds: dict[str, Threshold]
    organisations: tuple[Organisation, ...]  # the members of groups among them
    groups: Organisations  # who `councils` and `health_boards` stand for
    answers: Answers
    what_matters: WhatMatters
    route_maps: tuple[RouteMap, ...]
    evidence: tuple[Evidence, ...]
    general_gaps: tuple[DataGap, ...]

    def outcomes(self) -> Iterator[tuple[VisionStatement, Outcome]]:
        return ((statement, outcome) for statement in self.vision_statements for outcome in statement.outcomes)

    def indicators(self) -> Iterator[tuple[VisionStatement, Outcome, Indicator]]:
        above = {outcome.id: (statement, outcome) for statement, outcome in self.outcomes()}
        return ((*above[each.outcome], each) for each in self.by_id.values())

    def measures(self) -> Iterator[tuple[Indicator, Measure]]:
        return ((indicator, measure) for indicator in self.by_id.values() for measure in indicator.measures)

    def series(self) -> Iterator[tuple[Indicator, Measure, Series]]:
        return ((indicator, measure, each) for indicator, measure in self.measures() for each in measure.series)

    def data_gaps(self) -> Iterator[tuple[VisionStatement | None, DataGap]]:
        yield from ((statement, gap) for statement in self.vision_statements for gap in statement.data_gaps)
        yield from ((None, gap) for gap in (*self.what_matters.data_gaps, *self.general_gaps))

    def themes(self) -> Iterator[tuple[RouteMap, Theme]]:
        return ((route_map, theme) for route_map in self.route_maps for theme in route_map.themes)
