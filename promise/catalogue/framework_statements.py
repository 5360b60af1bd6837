"""What has been published of the framework in words, one file a vision statement, and what this project proposes."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self, TypeVar

from pydantic import Field, model_validator

from promise.catalogue.framework_words import Direction, Geography, Identifier, PublicationState, Text, Url, key
from promise.catalogue.strict import Strict

GapKind = Literal[
    "wording_unknown",  # exists in the framework, but not in the copies of public pages that this project has
    "figures_unknown",  # published, or said to be, but not in the copies that this project has
    "no_baseline",  # no figure for 2020 exists
    "definition_break",  # figures before and after cannot be joined
    "no_care_marker",  # measured, but not for care experienced people
    "not_measured",  # the thing that matters is not measured, or not well
    "uneven_reporting",  # measured, but not in the same way by everybody
    "partial_coverage",  # measured for some of those concerned
]
GapAbout = Literal["our_copy", "evidence"]
# These say what this project has not got hold of; the others what Scotland has no evidence of. A reader who is shown
# both alike would think that Scotland knows less than it does.
ABOUT_OUR_COPY: frozenset[GapKind] = frozenset({"wording_unknown", "figures_unknown"})
PopulationMarker = Literal["care_marker", "whole_population", "care_setting"]


class DataGap(Strict):
    """Something that is missing, why, since when if that is known, and who could fill it."""

    id: Identifier = key("What other things call it. Begins with `gap_`.", good="gap_vs05_2020", bad="VS5 baseline")
    outcome: Identifier | None = key(
        "The outcome that it concerns, of the same file.", good="vs05_o1", bad="", default=None, when="it concerns one"
    )
    indicator: Identifier | None = key(
        "The indicator that it concerns, under that outcome.",
        good="seclusion_in_school_care", bad="Seclusion", default=None, when="it concerns one",
    )  # fmt: skip
    kind: GapKind = key(
        "What is missing. `wording_unknown` and `figures_unknown` are gaps in our copies of pages, the others in "
        "Scotland's evidence; `about` is derived from it.",
        good="no_baseline", bad="lost",
    )  # fmt: skip
    description: Text = key(
        "What is missing, in our words.", good="No figure for 2020: the series starts in 2023.", bad=""
    )
    since: date | None = key("Since when, if that is known.", good=date(2020, 1, 1), bad="since 2020")
    could_be_filled_by: tuple[Identifier, ...] = key(
        "The organisations that could fill it, by their ids.", good=["care_inspectorate"], bad=["Care Inspectorate"]
    )
    source_url: Url | None = key("The page that says so.", good="https://www.plan2430.scot/", bad="the dashboard")

    @property
    def about(self) -> GapAbout:
        """Whether our copy of what is published is incomplete, or the evidence itself."""
        return "our_copy" if self.kind in ABOUT_OUR_COPY else "evidence"


class Indicator(Strict):
    """What the framework says about an indicator, in its words, or what we propose, in ours.

    How it is measured stands in `measures/<id>.yml`.
    """

    id: Identifier = key(
        "What the marts, pages and other files call it. Never renamed, never used again.",
        good="placement_moves", bad="Placement moves",
    )  # fmt: skip
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
    publication_state: PublicationState = key(
        "`published` by the framework, or `proposed` by this project. An indicator is never a `gap`.",
        good="proposed", bad="draft",
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
    last_updated: Text | None = key("As the framework's page prints it.", good=None, bad=2025)
    next_update_due: Text | None = key("As the framework's page prints it.", good=None, bad=2026)
    source_url: Url = key(
        "The page of the indicator, or of the publication that is proposed.",
        good="https://www.improvementservice.org.uk/benchmarking/explore-the-data", bad="improvementservice.org.uk",
    )  # fmt: skip

    @model_validator(mode="after")
    def no_baseline_without_a_reason(self) -> Self:
        if self.baseline_period_start is None and self.baseline_note is None:
            raise ValueError("baseline_period_start is null; say in baseline_note why there is none")
        return self

    @model_validator(mode="after")
    def it_is_published_or_proposed(self) -> Self:
        if self.publication_state == "gap":
            raise ValueError("publication_state is 'gap'; what nobody publishes belongs under data_gaps, move it there")
        return _a_proposal_has_a_reason(self)


class Outcome(Strict):
    """An outcome. `gap` means that no indicator is published under it, also when we propose one."""

    id: Identifier = key(
        "`vsNN_oM` for an outcome of the framework, `vsNN_pM` for one that we propose.", good="vs02_p1", bad="VS2 P1"
    )
    number: int = key("M: its number among the framework's outcomes here, or among ours.", good=1, bad=0, ge=1)
    text: Text | None = key(
        "The framework's wording, null when it is not known; ours when proposed.",
        good="Children move less often from one place to live to another.", bad="",
    )  # fmt: skip
    earlier_text: Text | None = key("The wording of the December 2024 report, where it differs.", good=None, bad="")
    source_url: Url | None = key(
        "The page of the outcome; null when we propose it, for then there is none.", good=None, bad="dashboard"
    )
    publication_state: PublicationState = key(
        "`published` when an indicator is published under it, `proposed` when the outcome is ours, else `gap`.",
        good="proposed", bad="known",
    )  # fmt: skip
    proposed_because: Text | None = key(
        "Why we propose it, in our words.",
        good="The first half of the statement speaks of moves, and no outcome of the framework is known for it.",
        bad=None, default=None, when="publication_state is proposed, and only then",
    )  # fmt: skip
    note: Text | None = key("What a reader should know.", good=None, bad="")
    indicators: tuple[Indicator, ...] = Field(description="Its indicators, in the order in which they are shown.")

    @model_validator(mode="after")
    def only_ours_has_no_page(self) -> Self:
        if (self.source_url is None) != (self.publication_state == "proposed"):
            raise ValueError(
                "source_url is null exactly when publication_state is proposed, for ours has no page; correct one"
            )
        if self.publication_state == "proposed" and self.text is None:
            raise ValueError("text is null, though the outcome is proposed; write what we propose")
        return _a_proposal_has_a_reason(self)


class VisionStatement(Strict):
    """A vision statement as worded now and in the 2024 report. One with nothing published shows as a gap."""

    id: Identifier = key("`vsNN`, with the number of the statement.", good="vs02", bad="VS2")
    number: int = key("Its number in the framework.", good=2, bad=0, ge=1)
    name: Text = key("Its short name on the dashboard.", good="Carers and stability", bad="")
    earlier_name: Text | None = key(
        "Its short name in the December 2024 report, where it differs.",
        good="Supporting carers and providing stability", bad="",
    )  # fmt: skip
    statement: Text = key(
        "The dashboard's wording, letter by letter.",
        good="Scotland must limit the number of moves that children experience and support carers to continue to care",
        bad=None,
    )  # fmt: skip
    statement_source_url: Url = key("Where that wording stands.", good="https://www.plan2430.scot/", bad="dashboard")
    earlier_statement: Text | None = key(
        "The wording of the December 2024 report.",
        good="Scotland must limit the number of moves that children experience and support carers to continue to care.",
        bad="",
    )  # fmt: skip
    earlier_statement_source_url: Url | None = key(
        "Where that wording stands.", good="https://gov.scot/publications/", bad="report p3"
    )
    wording_note: Text | None = key(
        "What a reader who compares wordings should know, such as a publisher's printing fault.",
        good="The dashboard leaves out the final stop.", bad="", default=None, when="the wordings need a word",
    )  # fmt: skip
    promise_report_page: int | None = key("The page of the Promise report that is named.", good=67, bad="p67")
    dashboard_slug: Text | None = key("Its part of the dashboard's addresses.", good=None, bad="")
    publication_state: Literal["published", "gap"] = key(
        "`published` when an outcome under it is; `gap` else, also when we propose something. It is never proposed: "
        "the ten statements are given.",
        good="gap", bad="proposed",
    )  # fmt: skip
    gap_statement: Text | None = key(
        "What is missing, in our words; exactly when publication_state is gap.",
        good="Outcomes and indicators exist, but none of their text was found on a public page.", bad=None,
    )  # fmt: skip
    outcomes: tuple[Outcome, ...] = Field(description="The framework's outcomes, then those that we propose.")
    data_gaps: tuple[DataGap, ...] = Field(description="What is missing under this statement.")

    @model_validator(mode="after")
    def a_gap_is_explained(self) -> Self:
        if (self.publication_state == "gap") != (self.gap_statement is not None):
            raise ValueError("gap_statement is given exactly when publication_state is gap; correct one of the two")
        return self


Proposable = TypeVar("Proposable", Indicator, Outcome)


def _a_proposal_has_a_reason(it: Proposable) -> Proposable:
    if (it.publication_state == "proposed") != (it.proposed_because is not None):
        raise ValueError(
            "proposed_because is given exactly when publication_state is proposed: say why and what it does not say, "
            "or remove it"
        )
    return it
