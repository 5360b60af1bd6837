"""What organisations must deliver: plans and reports, and answers to recommendations.

`framework/reports.yml` and `framework/recommendations.yml` look like this. A date that is known to the month or year is
written as its first day, with its precision.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_organisations import Precision
from promise.catalogue.framework_words import Identifier, Text, Url, key
from promise.strict import Strict

ReportKind = Literal["plan", "report", "statistics", "route_map", "return"]
Frequency = Literal["quarterly", "annual", "biennial", "triennial", "rolling", "irregular", "once"]


class PublicationsOf(Strict):
    """By which loaded publications a report is known to have come out."""

    series: Text = key(
        "The series, as the register of publications or a source names it.",
        good="Children's Social Work Statistics", bad="",
    )  # fmt: skip
    title_contains: Text | None = key(
        "Words of the title, where one series holds several reports; null for all of the series.",
        good="Child Protection", bad="",
    )  # fmt: skip


class Report(Strict):
    """A plan, report, statistics, route map or return: who must make it, for whom, how often."""

    id: Identifier = key("Begins with rep_, for a return with ret_.", good="rep_eolac", bad="eolac")
    title: Text = key(
        "Its title without a year; for a return, what is sent.",
        good="Education Outcomes for Looked After Children", bad="",
    )  # fmt: skip
    kind: ReportKind = key("A return is data that one organisation sends another.", good="statistics", bad="bulletin")
    made_by: tuple[Identifier, ...] | None = key(
        "Who must make it; `councils` and `health_boards` stand for all of them; null when those who make it are not "
        "organisations that we list.",
        good=["scottish_government"], bad=[],
    )  # fmt: skip
    made_by_words: Text | None = key("Who makes it in words, exactly when made_by is null.", good=None, bad="somebody")
    sent_to: tuple[Identifier, ...] = key(
        "Who must be sent it; an empty list when it is published for everyone or no source says.", good=[], bad=None
    )
    frequency: Frequency | None = key("How often; null when no source says.", good="annual", bad="yearly")
    when: Text | None = key("When in the year, as the source puts it.", good="August", bad=8)
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = key(
        "The months in which it is due, as numbers, where the source gives them; left out when it does not.",
        good=[8], bad=["August"], default=(), when="the source gives them",
    )  # fmt: skip
    duty: Text | None = key(
        "Under which duty it must be made, as a page names it; left out when no page does.",
        good="Children and Young People (Scotland) Act 2014, section 13", bad="", default=None, when="a page names it",
    )  # fmt: skip
    duty_url: Url | None = key(
        "The page that names the duty; exactly when duty is given.",
        good="https://www.gov.scot/Publications/2016/12/8683/11", bad="the Act", default=None, when="duty is given",
    )  # fmt: skip
    subject: Identifier | None = key(
        "What it is about. Reports about the same thing carry the same word, so that duplicates show.",
        good="education_of_looked_after_children", bad="education, mostly",
    )  # fmt: skip
    vision_statements: tuple[Identifier, ...] | None = key(
        "The statements that it speaks to; an empty list for all of them; null when no source says.",
        good=["vs03"], bad="vs03",
    )  # fmt: skip
    indicators: tuple[Identifier, ...] = key(
        "The indicators whose next update, as printed by the framework, is this report's next issue.",
        good=["attendance_rate", "exclusion_rate"], bad=["Attendance rate"],
    )  # fmt: skip
    made_from: tuple[Identifier, ...] = key(
        "The returns and reports from which it is made.", good=["ret_looked_after"], bad=["councils' returns"]
    )
    publications: PublicationsOf | None = Field(
        description="By which loaded publications it is known; null when none is loaded."
    )
    published_on: date | None = key(
        "When the latest known issue came out, where no loaded publication says so; otherwise null.",
        good=None, bad="last autumn",
    )  # fmt: skip
    published_precision: Precision | None = key(
        "How exactly that is known; null exactly when published_on is.", good=None, bad="day"
    )
    url: Url | None = key(
        "Where it is.", good="https://www.gov.scot/collections/childrens-social-work/", bad="gov.scot"
    )
    source_url: Url | None = key(
        "The page that says who must make it, and when; null when it follows from the bundled sources.",
        good="https://gov.scot/publications/"
        "promise-story-progress-scotland-doing-progress-towards-keeping-promise/pages/8",
        bad="the annex",
    )
    note: Text | None = key("What a reader should know.", good=None, bad="")

    @model_validator(mode="after")
    def somebody_makes_it(self) -> Self:
        if (self.made_by is None) != (self.made_by_words is not None) or self.made_by == ():
            raise ValueError("name who makes it in made_by, or write made_by: null and say in made_by_words who does")
        if not self.id.startswith("ret_" if self.kind == "return" else "rep_"):
            raise ValueError(
                f"the id {self.id!r} must begin with ret_ for a return and with rep_ for all else; rename it"
            )
        if (self.duty is None) != (self.duty_url is None):
            raise ValueError("duty and duty_url are both given or both left out; add the page that names the duty")
        if (self.published_on is None) != (self.published_precision is None):
            raise ValueError("published_on and published_precision are both given or both null; correct one of the two")
        if self.published_on is not None and self.publications is not None:
            raise ValueError("published_on is given beside publications, which say when it came out; write it as null")
        return self


class Reports(Strict):
    """`framework/reports.yml`."""

    reports: tuple[Report, ...] = Field(description="Plans, reports, statistics, route maps and returns.")


class Response(Strict):
    """What an organisation has said about a recommendation."""

    by: Identifier = key("Who answered.", good="the_promise_scotland", bad="The Promise Scotland")
    text: Text = key("What it said, in our words.", good="Will go on to support and advise.", bad="")
    answered_on: date = key(
        "When; the first day of the month or year when answered_precision says so.",
        good=date(2025, 10, 1), bad="autumn",
    )  # fmt: skip
    answered_precision: Precision = key("How exactly that is known.", good="month", bad="roughly")
    source_url: Url = key(
        "Where it was said.",
        good="https://thepromise.scot/news/audit-scotland-recommendations", bad="in a letter",
    )  # fmt: skip


class Recommendation(Strict):
    """Something that a scrutiny body asked somebody to do, by when, and what they answered."""

    id: Identifier = key("Begins with rec_.", good="rec_streamline_governance", bad="Governance")
    text: Text = key(
        "What is recommended: in our words, or the exact words when is_quotation.",
        good="Find opportunities to streamline governance.", bad="",
    )  # fmt: skip
    is_quotation: bool = key("Whether text is word for word.", good=False, bad="partly")
    made_by: Identifier = key("Who recommended it.", good="audit_scotland", bad="the auditors")
    made_on: date = key(
        "When; the first day of the month or year when made_precision says so. Never null: a recommendation without a "
        "date cannot be followed up.",
        good=date(2025, 10, 8), bad=None,
    )  # fmt: skip
    made_precision: Precision = key("How exactly that is known.", good="day", bad="unknown")
    report: Identifier | None = key(
        "The report that it stands in, where reports.yml has it.", good="rep_audit_promise", bad="page 7"
    )
    addressed_to: tuple[Identifier, ...] | None = key(
        "Who is to act; null when the source that we have does not say.",
        good=["scottish_government", "cosla"], bad=[],
    )  # fmt: skip
    supported_by: tuple[Identifier, ...] = key("Who is to support them.", good=["the_promise_scotland"], bad=None)
    due_on: date | None = key(
        "By when; the first day of the month or year when due_precision says so; null when not stated.",
        good=date(2026, 4, 1), bad="in six months",
    )  # fmt: skip
    due_precision: Precision | None = key(
        "How exactly that is known; null exactly when due_on is.", good="month", bad=None
    )
    due_words: Text | None = key(
        "The deadline as the source puts it, in our words.", good="within six months of the report", bad=""
    )
    responses: tuple[Response, ...] = Field(description="What has been answered; an empty list when nothing is known.")
    status: Text | None = key(
        "What a source says of whether it was done; null when none does. Never our own judgement.",
        good=None, bad="looks done",
    )  # fmt: skip
    status_source_url: Url | None = key("The page that says so; needed with status.", good=None, bad="hearsay")
    source_url: Url = key(
        "The page from which the recommendation is taken.",
        good="https://thepromise.scot/news/audit-scotland-recommendations", bad="the audit",
    )  # fmt: skip
    note: Text | None = key(
        "What a reader should know.",
        good="The source gives six months and no day; April 2026 is our reading of it.", bad="",
    )  # fmt: skip

    @model_validator(mode="after")
    def what_is_said_is_whole(self) -> Self:
        if self.addressed_to == ():
            raise ValueError("addressed_to is an empty list; name who is to act, or write null when no source says")
        if (self.due_on is None) != (self.due_precision is None):
            raise ValueError("due_on and due_precision are both given or both null; correct one of the two")
        if self.due_on is not None and self.due_on < self.made_on:
            raise ValueError(f"due_on {self.due_on} is before made_on {self.made_on}; correct one of the two")
        if (self.status is None) != (self.status_source_url is None):
            raise ValueError("status and status_source_url are both given or both null; a status needs its source")
        return self


class Recommendations(Strict):
    """`framework/recommendations.yml`."""

    recommendations: tuple[Recommendation, ...] = Field(description="Recommendations of scrutiny bodies.")
