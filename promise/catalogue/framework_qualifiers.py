"""What people agreed to say of a change, over what is computed: `framework/qualifiers.yml`. Empty until they do."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_measures import PeriodStyle
from promise.catalogue.framework_words import Identifier, Text, Url, key
from promise.strict import Strict
from promise.vocabulary import UnknownValue
from promise.vocabulary.periods import read_period


class Qualifier(Strict):
    """A judgement that somebody has agreed for the figure of one period. It lapses when a later figure is published.

    The examples are made up.
    """

    id: Identifier = key("Begins with qual_.", good="qual_example", bad="qualifier 1")
    indicator: Identifier = key("The indicator.", good="attendance_rate", bad="Attendance")
    measure: Identifier = key(
        "The indicator's measure that it is of.", good="attendance_rate__looked_after", bad="looked after"
    )
    area_code: Annotated[str, Field(pattern=r"^S(92|12|08)\d{6}$")] = key(
        "The area it is of: Scotland, a council or a health board.", good="S92000003", bad="Scotland"
    )
    period: Text = key("The latest period when it was agreed, as period_style writes it.", good="2023/24", bad="now")
    period_style: PeriodStyle = key("How period is written.", good="academic_year", bad="year")
    judgement: Literal["improving", "no_clear_change", "worsening"] = key(
        "What is to be said of the change.", good="no_clear_change", bad="better"
    )
    agreed_by: Identifier = key("The organisation that agreed it.", good="example_body", bad="Example Body")
    agreed_on: date = key("The day on which it was agreed.", good=date(2026, 6, 25), bad="summer 2026")
    reason: Text = key(
        "Why, in the words that were agreed; shown with the judgement.",
        good="The collection was changed in that year.",
        bad="",
    )
    source_url: Url = key("Where it is recorded.", good="https://example.org/minutes", bad="minutes")

    @model_validator(mode="after")
    def the_period_looks_like_its_style(self) -> Self:
        try:
            read_period(self.period, self.period_style)
        except UnknownValue as error:
            raise ValueError(f"period {self.period!r} is no {self.period_style}; {error}") from error
        return self


class Qualifiers(Strict):
    """`framework/qualifiers.yml`."""

    qualifiers: tuple[Qualifier, ...] = Field(description="Judgements that somebody has agreed; empty until then.")
