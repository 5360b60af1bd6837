"""An indicator, one file each: the framework's words or our proposal, and the published series that feed it."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_measures import Measure
from promise.catalogue.framework_words import (
    Direction,
    Geography,
    Identifier,
    Text,
    Url,
    a_proposal_has_a_reason,
    key,
)
from promise.strict import Strict

# The Promise was made in February 2020: a period that begins after that year is no baseline of it.
FIRST_BASELINES_END = date(2020, 12, 31)
Absence = Literal["not_in_our_copy", "not_published", "not_collected", "suppressed", "not_comparable"]
PopulationMarker = Literal["care_marker", "whole_population", "care_setting"]


class Indicator(Strict):
    """An indicator: what the framework says of it, or what we propose, and how it is measured here."""

    id: Identifier = key(
        "What the marts, pages and other files call it. Never renamed, never used again.",
        good="placement_moves", bad="Placement moves",
    )  # fmt: skip
    outcome: Identifier = key("The outcome that it stands under.", good="vs02_p1", bad="VS2 outcome one")
    place: int = key("Its place among the indicators of that outcome, from 1.", good=1, bad=0, ge=1)
    name: Text = key(
        "The framework's wording when published, ours when proposed.",
        good="Percentage of looked after children with more than one placement in the last year", bad="",
    )  # fmt: skip
    short_name: Text = key("Ours, for headings and menus.", good="More than one placement", bad=None)
    kind: Literal["core", "contextual"] | None = key(
        "Core, or contextual (read beside others, for unintended consequences), as the framework says or we propose.",
        good="core", bad="process",
    )  # fmt: skip
    definition: Text | None = key("What the framework's page says is counted.", good=None, bad="")
    source_publication: Text = key(
        "The publication that the figures come from.", good="Local Government Benchmarking Framework", bad=None
    )
    producer: Identifier = key(
        "Who produces the figures, by its id in organisations.yml.",
        good="improvement_service",
        bad="Improvement Service",
    )
    reported_by: tuple[Identifier, ...] = key(
        "Who reports them to the public.", good=["improvement_service"], bad=[], min_length=1
    )
    frequency: Text = key("How often the figures are published.", good="annual", bad=1)
    publication_month: Text | None = key("The month in which they come out.", good="April", bad=4)
    population_marker: PopulationMarker = key(
        "Whether the figures know who is care experienced: `care_marker` (a record says so), `care_setting` (they "
        "count a kind of care service), `whole_population` (they do not know).",
        good="care_marker", bad="looked_after",
    )  # fmt: skip
    population_marker_words: Text = key(
        "The same in words: whose record, which service, or who is counted instead.",
        good="Care-experience marker (looked after, from the council's return)", bad="",
    )  # fmt: skip
    geography: tuple[Geography, ...] = key(
        "The areas for which figures are published.", good=["national", "council"], bad=["Fife"], min_length=1
    )
    direction: Direction = key(
        "The change that is asked for. `in_proportion` means in proportion to something else, `neutral` that neither "
        "way is better; both leave the headline unjudged.",
        good="decrease", bad="down",
    )  # fmt: skip
    direction_basis: Text = key(
        "Where that direction is taken from, since the framework's pages print none.",
        good="Derived from the statement's wording (limit the number of moves).", bad="",
    )  # fmt: skip
    publication_state: Literal["published", "proposed"] = key(
        "`published` by the framework, or `proposed` by this project. What nobody publishes is a data gap.",
        good="proposed", bad="gap",
    )  # fmt: skip
    proposed_because: Text | None = key(
        "Why this published series speaks for the statement, in our words, and what it does not say.",
        good="The statement asks for fewer moves, and this counts children who moved. It does not say why they moved.",
        bad=None, default=None, when="publication_state is proposed, and only then",
    )  # fmt: skip
    baseline_period_start: date | None = key(
        "First day of the period from which change is measured.", good=date(2019, 4, 1), bad="2019/20"
    )
    baseline_note: Text | None = key(
        "Which baseline it is and why; needed when there is none.", good="2019-20.", bad=2020
    )
    page_baseline: date | None = key(
        "First day of the period that the framework's page itself calls the baseline.",
        good=date(2019, 4, 1), bad="2019/20", default=None, when="its page names one",
    )  # fmt: skip
    baseline_departure: Text | None = key(
        "Why change is measured from another period than the page's own. Shown wherever the judgement is.",
        good=None, bad="", default=None, when="baseline_period_start is not the page's own, and only then",
    )  # fmt: skip
    same_fact_as: Identifier | None = key(
        "The indicator whose headline is the same fact from its other side, so that one is known from the other. It is "
        "the one that is counted; this one stands beside it.",
        good=None, bad="the other one", default=None, when="there is one",
    )  # fmt: skip
    baseline_absence: Absence | None = key(
        "Why there is no baseline of 2020. `not_in_our_copy` says only that what is loaded here has none, whether "
        "or not it is published; the others are said where the publisher says so.",
        good=None, bad="not found",
        default=None, when="the baseline is null or begins after 2020, and only then",
    )  # fmt: skip
    baseline_filled_by: Text | None = key(
        "What would fill it, in our words: begins in small letters, for it is read after the reason.",
        good=None, bad="",
        default=None, when="baseline_absence is given, and only then",
    )  # fmt: skip
    baseline_look_at: Url | None = key(
        "The page to look at first: the edition of that year, where one is known.",
        good=None, bad="the 2019-20 bulletin",
        default=None, when="baseline_absence is given and such a page is known",
    )  # fmt: skip
    last_updated: Text | None = key("As the framework's page prints it.", good=None, bad=2025)
    next_update_due: Text | None = key("As the framework's page prints it.", good=None, bad=2026)
    source_url: Url = key(
        "The page of the indicator, or of the publication that is proposed.",
        good="https://www.improvementservice.org.uk/benchmarking/explore-the-data", bad="improvementservice.org.uk",
    )  # fmt: skip
    headline: Identifier = key(
        "The measure that is shown first and that carries the direction.",
        good="placement_moves__more_than_one", bad="looked after",
    )  # fmt: skip
    source_preference: tuple[Identifier, ...] = key(
        "The sources that feed its measures, the one that is believed first at the front; what this project typed "
        "comes last.",
        good=["published_series"],
        bad="lgbf",
    )
    minimum_periods: int = key("Fewer figures than this, and no judgement is given.", good=2, bad=1, ge=2)
    measures: tuple[Measure, ...] = Field(
        min_length=1, description="Its measures, in the order in which they are shown."
    )

    @model_validator(mode="after")
    def no_baseline_without_a_reason(self) -> Self:
        if self.baseline_period_start is None and self.baseline_note is None:
            raise ValueError("baseline_period_start is null; say in baseline_note why there is none")
        return self

    @model_validator(mode="after")
    def a_baseline_after_2020_says_what_would_fill_it(self) -> Self:
        start, after = self.baseline_period_start, FIRST_BASELINES_END
        if (start is None or start > after) != (self.baseline_absence is not None):
            raise ValueError(
                "baseline_absence says why there is no baseline of 2020: write it where baseline_period_start is null "
                "or after 2020, and nowhere else"
            )
        if (self.baseline_filled_by is not None) != (self.baseline_absence is not None):
            raise ValueError("baseline_filled_by and baseline_absence belong together; write both or neither")
        if self.baseline_look_at is not None and self.baseline_absence is None:
            raise ValueError("baseline_look_at is where to look for what baseline_absence says is not here; write both")
        return self

    @model_validator(mode="after")
    def another_baseline_than_the_pages_has_a_reason(self) -> Self:
        departs = self.page_baseline is not None and self.page_baseline != self.baseline_period_start
        if departs != (self.baseline_departure is not None):
            raise ValueError(
                f"the page's own baseline begins on {self.page_baseline} and baseline_period_start is "
                f"{self.baseline_period_start}: say in baseline_departure why, or measure from the page's own"
                if departs
                else "baseline_departure says why another baseline is taken than the page's own; there is no other"
            )
        return self

    @model_validator(mode="after")
    def a_proposal_says_why(self) -> Self:
        return a_proposal_has_a_reason(self)
