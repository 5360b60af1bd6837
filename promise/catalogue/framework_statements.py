"""The vision statements and their outcomes in words, one file a statement, and what is missing under each."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_words import (
    Identifier,
    PublicationState,
    Text,
    Url,
    a_proposal_has_a_reason,
    key,
)
from promise.strict import Strict

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

    @model_validator(mode="after")
    def only_ours_has_no_page(self) -> Self:
        if (self.source_url is None) != (self.publication_state == "proposed"):
            raise ValueError(
                "source_url is null exactly when publication_state is proposed, for ours has no page; correct one"
            )
        if self.publication_state == "proposed" and self.text is None:
            raise ValueError("text is null, though the outcome is proposed; write what we propose")
        return a_proposal_has_a_reason(self)


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
