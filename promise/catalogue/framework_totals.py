"""Totals known beside our figures, with which one that is withheld could be had: `framework/totals.yml`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_measures import PeriodStyle
from promise.catalogue.framework_words import Identifier, Text, Url, key
from promise.strict import Strict
from promise.vocabulary import UnknownValue
from promise.vocabulary.periods import read_period

Counts = Literal["value", "numerator"]


class OutsideTotal(Strict):
    """A total that is published somewhere and is none of our figures: what the councils' counts add up to."""

    id: Identifier = key("Begins with total_.", good="total_cp_register_2021", bad="total 1")
    measure: Identifier = key(
        "The measure whose councils it is the total of.", good="cp_on_register__per_1000_council", bad="Register"
    )
    counts: Counts = key(
        "What is counted: the measure's figures, or the numbers that stand above the line of its ratios.",
        good="numerator", bad="rate",
    )  # fmt: skip
    area_code: Annotated[str, Field(pattern=r"^S92\d{6}$")] = key(
        "The area it is the total of: Scotland.", good="S92000003", bad="Scotland"
    )
    period: Text = key("The period, as period_style writes it.", good="2021-07-31", bad="last year")
    period_style: PeriodStyle = key("How period is written.", good="snapshot_iso", bad="day")
    total: int = key("The total as published.", good=2104, bad="2,104", ge=0)
    title: Text = key("The publication and the place in it.", good="Table 2.1, column 2021", bad="")
    source_url: Url = key("Where it stands.", good="https://www.gov.scot/publications/", bad="gov.scot")

    @model_validator(mode="after")
    def the_period_looks_like_its_style(self) -> Self:
        try:
            read_period(self.period, self.period_style)
        except UnknownValue as error:
            raise ValueError(f"period {self.period!r} is no {self.period_style}; {error}") from error
        return self


class AddedUp(Strict):
    """Two measures of ours of which one is the total of the other's councils."""

    measure: Identifier = key(
        "The measure that councils have.", good="cp_on_register__per_1000_council", bad="Register"
    )
    counts: Counts = key("What is counted of it, as in outside.", good="numerator", bad="rate")
    total_measure: Identifier = key(
        "The count that they add up to for Scotland.", good="on_cp_register__count", bad="Register"
    )
    reason: Text = key("Why they do.", good="Both count children who are on the register on 31 July.", bad="")


class Totals(Strict):
    """`framework/totals.yml`."""

    outside: tuple[OutsideTotal, ...] = Field(description="Totals that are published elsewhere.")
    added_up: tuple[AddedUp, ...] = Field(description="Measures of ours that are totals of others.")

    @property
    def measures(self) -> list[tuple[str, str]]:
        """Every measure that is named, with the key that names it."""
        return [
            *((f"outside[{each.id}].measure", each.measure) for each in self.outside),
            *((f"added_up[{place}].measure", each.measure) for place, each in enumerate(self.added_up)),
            *((f"added_up[{place}].total_measure", each.total_measure) for place, each in enumerate(self.added_up)),
        ]
