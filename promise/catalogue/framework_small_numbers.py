"""Of too few people for a place among councils: `framework/small_numbers.yml`."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from promise.catalogue.framework_measures import Population
from promise.catalogue.framework_totals import Counts
from promise.catalogue.framework_words import Identifier, Text, key
from promise.strict import Strict


class People(Strict):
    """Who is counted in place of the people whom a council's figure is of, where that is not published."""

    populations: tuple[Population, ...] = key(
        "The populations of whose measures it is so.", good=["looked_after"], bad=["children in care"]
    )
    measures: tuple[Identifier, ...] = key(
        "Measures of which it is so, whatever their population.",
        good=["cp_re_registration__percent"], bad=["Re-registrations"],
    )  # fmt: skip
    counted_by: tuple[Identifier, ...] = key(
        "The measures whose counts for the council add up to them, on the nearest day for which all are published.",
        good=["living_in_community__count_lgbf", "residential_care__count_lgbf"], bad=["Children looked after"],
        min_length=1,
    )  # fmt: skip
    counts: Counts = key(
        "What is counted of those: their figures, or the numbers that stand above the line of their ratios.",
        good="value", bad="rate",
    )  # fmt: skip
    reason: Text = key("Why they stand for them.", good="Together they are all children looked after.", bad="")

    @model_validator(mode="after")
    def it_is_said_of_something(self) -> Self:
        if not self.populations and not self.measures:
            raise ValueError("populations and measures are both empty; say of which figures these are the people")
        return self


class SmallNumbers(Strict):
    """`framework/small_numbers.yml`."""

    fewer_than: int = key("A figure of fewer people than this has no place.", good=100, bad=1, ge=2)
    author: Text = key("Whose rule it is.", good="this project", bad="")
    reason: Text = key(
        "Why it is this number.", good="Among fewer, one person is more than one percentage point.", bad=""
    )
    people: tuple[People, ...] = Field(description="Who is counted where a figure's own denominator is not published.")
