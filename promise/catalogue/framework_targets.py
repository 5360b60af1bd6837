"""Targets that somebody has agreed: `framework/targets.yml`. Empty until somebody does; no proposal stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_commitments import Recommendations, Reports
from promise.catalogue.framework_measures import PeriodStyle, Unit
from promise.catalogue.framework_organisations import Responsibilities
from promise.catalogue.framework_words import Identifier, Text, Url, key
from promise.strict import Strict
from promise.vocabulary import UnknownValue
from promise.vocabulary.periods import read_period

TargetKind = Literal["statutory", "stretch", "illustrative"]


class Target(Strict):
    """A value that somebody has agreed to reach for an area. Nobody's proposal stands here.

    The examples are made up.
    """

    id: Identifier = key("Begins with tgt_.", good="tgt_example", bad="target 1")
    indicator: Identifier = key("The indicator.", good="attendance_rate", bad="Attendance")
    measure: Identifier = key(
        "The indicator's measure that the value is of.", good="attendance_rate__looked_after", bad="looked after"
    )
    area_code: Annotated[str, Field(pattern=r"^S(92|12|08)\d{6}$")] = key(
        "The area it was agreed for: Scotland, a council or a health board.", good="S92000003", bad="Scotland"
    )
    value: float = key("The value to reach.", good=90, bad="90%")
    unit: Unit = key("The unit of the value, which is the measure's.", good="percent", bad="%")
    due_period: Text = key(
        "The period for which the value is to be reached, as period_style writes it.", good="2029/30", bad="by 2030"
    )
    period_style: PeriodStyle = key("How due_period and baseline_period are written.", good="academic_year", bad="year")
    kind: TargetKind = key(
        "Required by law; agreed as a stretch; or shown as an illustration only.", good="illustrative", bad="aim"
    )
    agreed_by: Identifier = key("The organisation that agreed it, its owner.", good="example_body", bad="Example Body")
    agreed_on: date = key("The day on which it was agreed.", good=date(2026, 6, 25), bad="summer 2026")
    baseline_period: Text | None = key(
        "The period from which it is measured; its figure is looked up. Null when none was agreed.",
        good="2023/24", bad="83.7",
    )  # fmt: skip
    what_good_looks_like: Text | None = key(
        "What good looks like in the words that were agreed; null when none were.",
        good="Every child is in school as much as any other.", bad="",
    )  # fmt: skip
    source_url: Url = key("Where it is recorded that it was agreed.", good="https://example.org/minutes", bad="minutes")

    @model_validator(mode="after")
    def periods_look_like_their_style(self) -> Self:
        for name, label in (("due_period", self.due_period), ("baseline_period", self.baseline_period)):
            try:
                if label is not None:
                    read_period(label, self.period_style)
            except UnknownValue as error:
                raise ValueError(f"{name} {label!r} is no {self.period_style}; {error}") from error
        return self


class Targets(Strict):
    """`framework/targets.yml`."""

    targets: tuple[Target, ...] = Field(description="Targets that somebody has agreed; an empty list until then.")


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
