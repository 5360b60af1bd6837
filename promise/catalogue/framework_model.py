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
from promise.catalogue.framework_measures import Measure, Series, Unit
from promise.catalogue.framework_organisations import Organisation, Organisations
from promise.catalogue.framework_qualifiers import Qualifier
from promise.catalogue.framework_signals import Signal
from promise.catalogue.framework_small_numbers import People, SmallNumbers
from promise.catalogue.framework_statements import DataGap, Outcome, VisionStatement
from promise.catalogue.framework_targets import Answers
from promise.catalogue.framework_totals import Totals
from promise.catalogue.framework_words import Identifier, Text, Url, key
from promise.strict import Strict

ThresholdUnit = Literal["percentage_point", "percent_a_year", "people"]


class Threshold(Strict):
    """How large a change must be to be called one, where no counts and no intervals are published: by whom, and why."""

    id: Identifier = key("What measures call it.", good="one_percentage_point", bad="1 point")
    value: float = key("The smallest change that is called one; of `people`, how many.", good=1, bad=0, gt=0)
    unit: ThresholdUnit = key(
        "What the value is one of. `people`: a share has changed when it would have if it were of so many people, by "
        "the interval of the difference of two shares.",
        good="percentage_point", bad="percent",
    )  # fmt: skip
    units: tuple[Unit, ...] = key(
        "The units whose measures it is the rule of, unless they name another.", good=["percent"], bad=["%"],
        default=(), when="it is the rule of any",
    )  # fmt: skip
    author: Text = key("Whose judgement it is.", good="this project", bad="")
    reason: Text = key("Why this value.", good="No Promise threshold has been published.", bad=None)


class Thresholds(Strict):
    """`framework/thresholds.yml`."""

    thresholds: tuple[Threshold, ...] = Field(description="How large a change must be, one for each use.")


class Question(Strict):
    """A What Matters question, or the statement that is printed in its place."""

    id: Identifier = key("Begins with `wm_`.", good="wm_big_decisions", bad="Big decisions")
    text: Text = key(
        "The wording, letter by letter.",
        good="The people making big decisions that impact my family care most about what matters to us.", bad="",
    )  # fmt: skip
    source_url: Url = key(
        "Where that wording stands.",
        good="https://www.plan2430.scot/the-five-foundations/people/leadership", bad="the Leadership page",
    )  # fmt: skip


class WhatMatters(Strict):
    """The What Matters questions, by which data are asked whether they can answer what matters."""

    questions: tuple[Question, ...] = Field(description="Those whose wording is known.")
    data_gaps: tuple[DataGap, ...] = Field(description="What is missing about the questions.")


class ThemeOutcome(Strict):
    """An outcome that a route map names, in our own words: the publisher's sentence is on its page."""

    id: Identifier = key("Its theme, two underscores, o and a number.", good="care__stability__o1", bad="Stability 1")
    summary: Text = key(
        "In our own words, at most 25 of them.", good="Children who cannot live at home stay with the same carers.",
        bad="word " * 26,
    )  # fmt: skip
    whole_text_known: bool = key(
        "Whether the whole of the publisher's sentence was found; false where only its beginning was.",
        good=False, bad="mostly",
    )  # fmt: skip
    source_url: Url = key(
        "Where the sentence stands.",
        good="https://www.plan2430.scot/the-route-maps/care-route-maps/stability", bad="care route map",
    )  # fmt: skip

    @model_validator(mode="after")
    def it_is_short(self) -> Self:
        if (words := len(self.summary.split())) > 25:
            raise ValueError(f"summary has {words} words; say it in 25, and in our own")
        return self


class Theme(Strict):
    """A theme of a foundation's route map."""

    id: Identifier = key("Its foundation, two underscores, and its name.", good="care__stability", bad="Stability")
    name: Text = key("Its name on the site of Plan 24-30.", good="Stability", bad="")
    url: Url | None = key(
        "Its page; null when that is not known.",
        good="https://www.plan2430.scot/the-route-maps/care-route-maps/stability", bad="care route map",
    )  # fmt: skip
    vision_statements: tuple[Identifier, ...] = key(
        "The statements whose pages link it, and no others.", good=["vs02"], bad=["VS2"]
    )
    outcomes: tuple[ThemeOutcome, ...] = Field(
        default=(), description="The outcomes that its page names.", json_schema_extra={"when": "some are known"}
    )


class RouteMap(Strict):
    """A foundation of Plan 24-30 with the themes whose names are known."""

    id: Identifier = key("The foundation, which is also the file's name.", good="care", bad="Care")
    name: Text = key("Its name on the site of Plan 24-30.", good="Care", bad="")
    complete: bool = key(
        "Whether all its themes are here; false when it has more than are known.", good=True, bad="nearly"
    )
    source_url: Url = key(
        "The page that lists its themes.", good="https://www.plan2430.scot/the-five-foundations/", bad="Plan 24-30"
    )
    themes: tuple[Theme, ...] = Field(description="The themes whose names are known.")


class Evidence(Strict):
    """A piece of qualitative evidence. Never scored."""

    id: Identifier = key("Begins with `ev_`.", good="ev_story_of_progress_part_three", bad="Part three")
    vision_statement: Identifier | None = key(
        "The statement that it concerns; null when it concerns all ten.", good=None, bad="all ten"
    )
    strand: Literal["organisational", "experience"] = key(
        "The question of the Promise Story of Progress: how organisations are doing, or whether the care community "
        "feels it. The national question is answered by indicators.",
        good="organisational", bad="national",
    )  # fmt: skip
    kind: Literal["page", "report"] = key("What it is.", good="report", bad="interview")
    title: Text = key("Its title, or what it is about.", good="The Promise Story of Progress, part three", bad="")
    summary: Text = key(
        "In our words, what it is.",
        good="Why three strands are needed and none is enough.", bad=None,
    )  # fmt: skip
    url: Url | None = key(
        "Where it is; null when that is not known.",
        good="https://gov.scot/publications/promise-story-progress-scotland-doing-progress-towards-keeping-promise",
        bad="gov.scot",
    )
    published_on: date | None = key(
        "The day on which it came out; null when the day is not known.", good=date(2024, 12, 18), bad="December 2024"
    )
    question: Identifier | None = key(
        "The What Matters question that it speaks to, by its id; null when none.", good=None, bad="Big decisions?"
    )


class EvidenceFile(Strict):
    """`framework/evidence.yml`."""

    evidence: tuple[Evidence, ...] = Field(description="The pieces of evidence.")


class DataGaps(Strict):
    """Gaps that concern the framework as a whole; those of one statement stand in its file."""

    data_gaps: tuple[DataGap, ...] = Field(description="What is missing.")


@dataclass(frozen=True)
class Framework:
    """Everything in `framework/`, read and checked. The order is that of the files and of the lists in them."""

    vision_statements: tuple[VisionStatement, ...]
    by_id: dict[str, Indicator]  # in the framework's order
    thresholds: dict[str, Threshold]
    qualifiers: tuple[Qualifier, ...]
    totals: Totals
    small_numbers: SmallNumbers
    signals: tuple[Signal, ...]
    organisations: tuple[Organisation, ...]  # the members of groups among them
    groups: Organisations  # who `councils` and `health_boards` stand for
    answers: Answers
    what_matters: WhatMatters
    route_maps: tuple[RouteMap, ...]
    evidence: tuple[Evidence, ...]
    general_gaps: tuple[DataGap, ...]

    def threshold(self, measure: Measure) -> Threshold:
        """The rule that a measure is judged by where nothing is published to tell a change by."""
        if measure.threshold:
            return self.thresholds[measure.threshold]
        return next(each for each in self.thresholds.values() if measure.unit in each.units)

    def people(self, measure: Measure) -> People | None:
        """Who is counted in place of the people whom a measure's figures are of: by its name, or by its population."""
        named = {each: people for people in self.small_numbers.people for each in people.measures}
        of = {each: people for people in self.small_numbers.people for each in people.populations}
        return named.get(measure.id) or of.get(measure.population)

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
