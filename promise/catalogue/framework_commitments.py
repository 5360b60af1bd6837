"""What organisations must deliver: plans and reports, and answers to recommendations.

`framework/reports.yml` and `framework/recommendations.yml` look like this. A date that is known to the month or year is
written as its first day, with its precision.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_organisations import Precision
from promise.catalogue.framework_words import Identifier, Text, Url
from promise.catalogue.strict import Strict

ReportKind = Literal["plan", "report", "statistics", "route_map", "return"]
Frequency = Literal["quarterly", "annual", "biennial", "rolling", "irregular", "once"]


class PublicationsOf(Strict):
    """By which loaded publications a report is known to have come out."""

    series: Text = Field(
        description="The series, as the register of publications or a source names it.",
        examples=["Children's Social Work Statistics"],
        json_schema_extra={"bad": "CSWS"},
    )
    title_contains: Text | None = Field(
        description="Words of the title, where one series holds several reports; null for all of the series.",
        examples=["Child Protection"],
        json_schema_extra={"bad": "%protection%"},
    )


class Report(Strict):
    """A plan, report, statistics, route map or return: who must make it, for whom, how often."""

    id: Identifier = Field(
        description="Begins with rep_, for a return with ret_.",
        examples=["rep_eolac"],
        json_schema_extra={"bad": "EOLAC"},
    )
    title: Text = Field(
        description="Its title without a year; for a return, what is sent.",
        examples=["Education Outcomes for Looked After Children"],
        json_schema_extra={"bad": "Education Outcomes 2023/24"},
    )
    kind: ReportKind = Field(
        description="A return is data that one organisation sends another.",
        examples=["statistics"],
        json_schema_extra={"bad": "bulletin"},
    )
    made_by: tuple[Identifier, ...] | None = Field(
        description="Who must make it; `councils` and `health_boards` stand for all of them; null when those who make"
        " it are not organisations that we list.",
        examples=[["scottish_government"]],
        json_schema_extra={"bad": []},
    )
    made_by_words: Text | None = Field(
        description="Who makes it in words, exactly when made_by is null.",
        examples=["secure care accommodation services"],
        json_schema_extra={"bad": "somebody"},
    )
    sent_to: tuple[Identifier, ...] = Field(
        description="Who must be sent it; an empty list when it is published for everyone or no source says.",
        examples=[["care_inspectorate"]],
        json_schema_extra={"bad": "null"},
    )
    frequency: Frequency | None = Field(
        description="How often; null when no source says.", examples=["annual"], json_schema_extra={"bad": "yearly"}
    )
    when: Text | None = Field(
        description="When in the year, as the source puts it.",
        examples=["August"],
        json_schema_extra={"bad": 8},
    )
    subject: Identifier | None = Field(
        description="What it is about. Reports about the same thing carry the same word, so that duplicates show.",
        examples=["looked_after_children"],
        json_schema_extra={"bad": "children, mostly"},
    )
    vision_statements: tuple[Identifier, ...] | None = Field(
        description="The statements that it speaks to; an empty list for all of them; null when no source says.",
        examples=[["vs03"]],
        json_schema_extra={"bad": "vs03"},
    )
    indicators: tuple[Identifier, ...] = Field(
        description="The indicators whose next update, as printed by the framework, is this report's next issue.",
        examples=[["attendance_rate"]],
        json_schema_extra={"bad": ["attendance"]},
    )
    made_from: tuple[Identifier, ...] = Field(
        description="The returns and reports from which it is made.",
        examples=[["ret_looked_after"]],
        json_schema_extra={"bad": ["councils"]},
    )
    publications: PublicationsOf | None = Field(
        description="By which loaded publications it is known; null when none is loaded.",
        examples=["series, title_contains"],
        json_schema_extra={"bad": "eolac_2023_24"},
    )
    published_on: date | None = Field(
        description="When the latest known issue came out, where no loaded publication says so; otherwise null.",
        examples=["2025-10-08"],
        json_schema_extra={"bad": "last autumn"},
    )
    published_precision: Precision | None = Field(
        description="How exactly that is known; null exactly when published_on is.",
        examples=["day"],
        json_schema_extra={"bad": "unknown"},
    )
    url: Url | None = Field(
        description="Where it is.", examples=["https://www.plan2430.scot"], json_schema_extra={"bad": "plan2430.scot"}
    )
    source_url: Url | None = Field(
        description="The page that says who must make it, and when; null when it follows from the bundled sources.",
        examples=["https://gov.scot/publications/childrens-social-work-statistics-data-consultation-findings/pages/3"],
        json_schema_extra={"bad": "the annex"},
    )
    note: Text | None = Field(
        description="What a reader should know.", examples=["It has come out in three parts since 2024."],
        json_schema_extra={"bad": ""},
    )  # fmt: skip

    @model_validator(mode="after")
    def somebody_makes_it(self) -> Self:
        if (self.made_by is None) != (self.made_by_words is not None) or self.made_by == ():
            raise ValueError("name who makes it in made_by, or write made_by: null and say in made_by_words who does")
        if not self.id.startswith("ret_" if self.kind == "return" else "rep_"):
            raise ValueError(
                f"the id {self.id!r} must begin with ret_ for a return and with rep_ for all else; rename it"
            )
        if (self.published_on is None) != (self.published_precision is None):
            raise ValueError("published_on and published_precision are both given or both null; correct one of the two")
        if self.published_on is not None and self.publications is not None:
            raise ValueError("published_on is given beside publications, which say when it came out; write it as null")
        return self


class Reports(Strict):
    """`framework/reports.yml`."""

    reports: tuple[Report, ...] = Field(
        description="Plans, reports, statistics, route maps and returns.",
        examples=["a list of reports"],
        json_schema_extra={"bad": "null"},
    )


class Response(Strict):
    """What an organisation has said about a recommendation."""

    by: Identifier = Field(
        description="Who answered.", examples=["the_promise_scotland"], json_schema_extra={"bad": "they"}
    )
    text: Text = Field(
        description="What it said, in our words.", examples=["Will support the work."], json_schema_extra={"bad": "ok"}
    )
    answered_on: date = Field(
        description="When; the first day of the month or year when answered_precision says so.",
        examples=["2025-10-01"],
        json_schema_extra={"bad": "autumn"},
    )
    answered_precision: Precision = Field(
        description="How exactly that is known.", examples=["month"], json_schema_extra={"bad": "roughly"}
    )
    source_url: Url = Field(
        description="Where it was said.",
        examples=["https://thepromise.scot/news/audit-scotland-recommendations"],
        json_schema_extra={"bad": "in a letter"},
    )


class Recommendation(Strict):
    """Something that a scrutiny body asked somebody to do, by when, and what they answered."""

    id: Identifier = Field(
        description="Begins with rec_.", examples=["rec_streamline_governance"], json_schema_extra={"bad": "rec1"}
    )
    text: Text = Field(
        description="What is recommended: in our words, or the exact words when is_quotation.",
        examples=["Find opportunities to streamline governance."],
        json_schema_extra={"bad": ""},
    )
    is_quotation: bool = Field(
        description="Whether text is word for word.", examples=[False], json_schema_extra={"bad": "partly"}
    )
    made_by: Identifier = Field(
        description="Who recommended it.", examples=["audit_scotland"], json_schema_extra={"bad": "the auditors"}
    )
    made_on: date = Field(
        description="When; the first day of the month or year when made_precision says so. Never null: a recommendation"
        " without a date cannot be followed up.",
        examples=["2025-10-08"],
        json_schema_extra={"bad": "null"},
    )
    made_precision: Precision = Field(
        description="How exactly that is known.", examples=["day"], json_schema_extra={"bad": "unknown"}
    )
    report: Identifier | None = Field(
        description="The report that it stands in, where reports.yml has it.",
        examples=["rep_audit_promise"],
        json_schema_extra={"bad": "page 7"},
    )
    addressed_to: tuple[Identifier, ...] | None = Field(
        description="Who is to act; null when the source that we have does not say.",
        examples=[["scottish_government", "cosla"]],
        json_schema_extra={"bad": []},
    )
    supported_by: tuple[Identifier, ...] = Field(
        description="Who is to support them.", examples=[["the_promise_scotland"]], json_schema_extra={"bad": "null"}
    )
    due_on: date | None = Field(
        description="By when; the first day of the month or year when due_precision says so; null when not stated.",
        examples=["2026-04-08"],
        json_schema_extra={"bad": "in six months"},
    )
    due_precision: Precision | None = Field(
        description="How exactly that is known; null exactly when due_on is.",
        examples=["month"],
        json_schema_extra={"bad": "about"},
    )
    due_words: Text | None = Field(
        description="The deadline as the source puts it, in our words.",
        examples=["within six months of the report"],
        json_schema_extra={"bad": ""},
    )
    responses: tuple[Response, ...] = Field(
        description="What has been answered; an empty list when nothing is known.",
        examples=["a list of responses"],
        json_schema_extra={"bad": "null"},
    )
    status: Text | None = Field(
        description="What a source says of whether it was done; null when none does. Never our own judgement.",
        examples=["Implemented in part, says the follow-up audit of 2027."],
        json_schema_extra={"bad": "looks done"},
    )
    status_source_url: Url | None = Field(
        description="The page that says so; needed with status.",
        examples=["https://audit.scot"],
        json_schema_extra={"bad": "hearsay"},
    )
    source_url: Url = Field(
        description="The page from which the recommendation is taken.",
        examples=["https://thepromise.scot/news/audit-scotland-recommendations"],
        json_schema_extra={"bad": "the audit"},
    )
    note: Text | None = Field(
        description="What a reader should know.", examples=["The date due is ours."], json_schema_extra={"bad": ""}
    )

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

    recommendations: tuple[Recommendation, ...] = Field(
        description="Recommendations of scrutiny bodies.",
        examples=["a list of recommendations"],
        json_schema_extra={"bad": "null"},
    )
