"""Targets that somebody has agreed: `framework/targets.yml`. Empty until somebody does; no proposal stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ingestion.values import UnknownValue
from ingestion.values.periods import read_period
from promise.catalogue.framework_commitments import Recommendations, Reports
from promise.catalogue.framework_measures import PeriodStyle, Unit
from promise.catalogue.framework_organisations import Responsibilities
from promise.catalogue.framework_words import Identifier, Text, Url
from promise.catalogue.strict import Strict

TargetKind = Literal["statutory", "stretch", "illustrative"]


class Target(Strict):
    """A value that somebody has agreed to reach for an area. Nobody's proposal stands here."""

    id: Identifier = Field(
        description="Begins with tgt_.", examples=["tgt_fife_attendance"], json_schema_extra={"bad": "target 1"}
    )
    indicator: Identifier = Field(
        description="The indicator.", examples=["attendance_rate"], json_schema_extra={"bad": "attendance"}
    )
    measure: Identifier = Field(
        description="The indicator's measure that the value is of.",
        examples=["attendance_rate__looked_after"],
        json_schema_extra={"bad": "attendance_rate"},
    )
    area_code: Annotated[str, Field(pattern=r"^S(92|12|08)\d{6}$")] = Field(
        description="The area it was agreed for: Scotland, a council or a health board.",
        examples=["S12000047"],
        json_schema_extra={"bad": "Fife"},
    )
    value: float = Field(description="The value to reach.", examples=[90], json_schema_extra={"bad": "90%"})
    unit: Unit = Field(
        description="The unit of the value, which is the measure's.",
        examples=["percent"],
        json_schema_extra={"bad": "%"},
    )
    due_period: Text = Field(
        description="The period for which the value is to be reached, as period_style writes it.",
        examples=["2029/30"],
        json_schema_extra={"bad": "by 2030"},
    )
    period_style: PeriodStyle = Field(
        description="How due_period and baseline_period are written.",
        examples=["academic_year"],
        json_schema_extra={"bad": "year"},
    )
    kind: TargetKind = Field(
        description="Required by law; agreed as a stretch; or shown as an illustration only.",
        examples=["stretch"],
        json_schema_extra={"bad": "aim"},
    )
    agreed_by: Identifier = Field(
        description="The organisation that agreed it, its owner.", examples=["fife"], json_schema_extra={"bad": "us"}
    )
    agreed_on: date = Field(
        description="The day on which it was agreed.", examples=["2026-06-25"], json_schema_extra={"bad": "2026"}
    )
    baseline_period: Text | None = Field(
        description="The period from which it is measured; its figure is looked up. Null when none was agreed.",
        examples=["2023/24"],
        json_schema_extra={"bad": "83.7"},
    )
    what_good_looks_like: Text | None = Field(
        description="What good looks like in the words that were agreed; null when none were.",
        examples=["Every child is in school as much as any other."],
        json_schema_extra={"bad": ""},
    )
    source_url: Url = Field(
        description="Where it is recorded that it was agreed.",
        examples=["https://www.fife.gov.uk"],
        json_schema_extra={"bad": "minutes"},
    )

    @model_validator(mode="after")
    def periods_look_like_their_style(self) -> Self:
        for key, label in (("due_period", self.due_period), ("baseline_period", self.baseline_period)):
            try:
                if label is not None:
                    read_period(label, self.period_style)
            except UnknownValue as error:
                raise ValueError(f"{key} {label!r} is no {self.period_style}; {error}") from error
        return self


class Targets(Strict):
    """`framework/targets.yml`."""

    targets: tuple[Target, ...] = Field(
        description="Targets that somebody has agreed; an empty list until then.",
        examples=[[]],
        json_schema_extra={"bad": "null"},
    )


@dataclass(frozen=True)
class Answers:
    """Who must deliver what: everything in these files, read."""

    responsibilities: Responsibilities
    reports: Reports
    recommendations: Recommendations
    targets: Targets

    def ids(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """By file, every id that is given in it, with its key."""
        yield "reports.yml", [(each.id, f"reports[{each.id}].id") for each in self.reports.reports]
        asked = self.recommendations.recommendations
        yield "recommendations.yml", [(each.id, f"recommendations[{each.id}].id") for each in asked]
        yield "targets.yml", [(each.id, f"targets[{each.id}].id") for each in self.targets.targets]
