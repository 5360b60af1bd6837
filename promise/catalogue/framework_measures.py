"""The measures of an indicator, and the published series that feed them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from promise.catalogue.framework_words import Identifier, Polarity, Text, key
from promise.strict import Strict
from promise.vocabulary import UnknownValue
from promise.vocabulary.period_forms import vocabulary
from promise.vocabulary.periods import read_period

# As in ingestion/vocabulary/units.yml; bi/site/words.py has the words for each.
Unit = Literal[
    "count", "average_count", "full_time_equivalent", "percent", "percentage_points", "per_1000", "per_10000",
    "per_place", "per_week_gbp",
]  # fmt: skip
Population = Literal[
    "looked_after", "not_looked_after", "care_experienced", "aftercare_eligible", "continuing_care_eligible",
    "children_in_services",
    "all_children", "all_pupils", "all_school_leavers", "young_people", "all_people", "households", "foster_households",
    "services", "staff",
]  # fmt: skip
# Of everyone in a place: a council has more than a few of them. Of any other population there may be few.
EVERYONE: frozenset[Population] = frozenset(
    {"all_children", "all_pupils", "all_school_leavers", "young_people", "all_people", "households"}
)
Role = Literal["headline", "companion", "comparator", "local"]
# What a ratio is multiplied by to be in its unit.
PER: dict[Unit, int] = {"percent": 100, "per_1000": 1000, "per_10000": 10000, "per_place": 1}


def _is_a_style(style: str) -> str:
    """Styles have their one home in ingestion/vocabulary/periods.yml: how a label looks, and the two dates it means."""
    if style not in vocabulary().styles:
        raise ValueError(f"{style!r} is no style of periods; choose one of {', '.join(sorted(vocabulary().styles))}")
    return style


PeriodStyle = Annotated[str, AfterValidator(_is_a_style)]


class PeriodException(Strict):
    """A printed period that means something else than its series' style says."""

    label: Text = key("The period as printed.", good="2023", bad=2023)
    means: Text = key("The same in a style of periods.", good="2022/23", bad="")
    period_style: PeriodStyle = key("The style in which `means` is written.", good="academic_year", bad="school_year")
    reason: Text = key(
        "How we know.", good="The page's note gives the reporting period 1 August 2022 to 31 July 2023.", bad=""
    )


class Series(Strict):
    """A published series: the words by which a source's rows are recognised, and how it writes periods."""

    source: Identifier = key("A file of ingestion/sources/.", good="published_series", bad="Published series")
    label: Text = key(
        "What the source calls it; which column that is differs by source (see docs/framework.md).",
        good="Looked after leavers with 1+ SCQF level 4 or better", bad="",
    )  # fmt: skip
    heading: str = key(
        "The unit, column heading or type of definition that tells two series of one label apart.",
        good="percent", bad=None, default="", when="the source gives one",
    )  # fmt: skip
    period_style: PeriodStyle = key("How the source writes periods.", good="academic_year", bad="yearly")
    times: Literal[100, 1000] | None = key(
        "What its numbers are multiplied by to be in the measure's unit: 100 where shares are printed as fractions.",
        good=100, bad=10, default=None, when="they are in another unit",
    )  # fmt: skip
    decimals: int | None = key(
        "To how many decimals, in the measure's unit, its numbers are good: 0.9 may be 90 per cent or 90.00.",
        good=2, bad=12, default=None, ge=0, le=9,
        when="the file has lost the zeros at their ends, or their last digits are a computer's",
    )  # fmt: skip
    breakdown: Identifier = key(
        "By what a part is taken, such as `age`.", good="school_sector", bad="School sector", default="total",
        when="the series is of a part",
    )  # fmt: skip
    breakdown_value: Identifier = key(
        "Which part.", good="secondary", bad="total", default="total", when="the series is of a part"
    )
    period_exceptions: tuple[PeriodException, ...] = Field(
        (), description="Printed labels that mean something else than the style says, each with its reason."
    )

    @model_validator(mode="after")
    def a_breakdown_has_a_value(self) -> Self:
        if (self.breakdown == "total") != (self.breakdown_value == "total"):
            raise ValueError("breakdown and breakdown_value are both total or both something else; give both")
        return self

    @model_validator(mode="after")
    def what_is_multiplied_has_decimals(self) -> Self:
        if self.times is not None and self.decimals is None:
            raise ValueError(
                f"times is {self.times} without decimals; say to how many, in the measure's unit, the numbers are good"
            )
        return self

    @model_validator(mode="after")
    def an_exception_looks_like_its_style(self) -> Self:
        for item in self.period_exceptions:
            try:
                read_period(item.means, item.period_style)
            except UnknownValue as error:
                raise ValueError(
                    f"the exception for {item.label!r} means {item.means!r}, which is no {item.period_style}; {error}"
                ) from error
        return self

    @property
    def key(self) -> tuple[str, str, str]:
        return self.source, self.label, self.heading


class Measure(Strict):
    """One way of measuring an indicator. Another population or definition is another measure, never stitched."""

    id: Identifier = key(
        "Begins with what it is about, then two underscores. Never renamed, never used again.",
        good="scqf4_leavers__looked_after", bad="SCQF 4",
    )  # fmt: skip
    title: Text = key(
        "What is measured and of whom, in a few words.", good="Leavers with SCQF level 4, looked after leavers", bad=""
    )
    unit: Unit = key("What one is one of.", good="percent", bad="%")
    population: Population = key(
        "Who is counted. `looked_after` is not `care_experienced`.", good="looked_after", bad="children_in_care"
    )
    decimals: int = key("Decimals to show: those that the publisher prints.", good=1, bad=5, ge=0, le=4)
    small_numbers: bool | None = key(
        "Whether the count above the line of the ratio, or what is left of the one below, is not published and can be "
        "under 10 somewhere: the figure then leaves with `decimals`, because more of them would give that count back.",
        good=True, bad="often", default=None, when="the publisher prints more decimals",
    )  # fmt: skip
    polarity: Polarity = key(
        "Whether higher or lower is better; `neutral` when neither is. The headline's follows from the direction.",
        good="higher_is_better", bad="increase",
    )  # fmt: skip
    role: Role = key(
        "`headline` for the one shown first, `companion` beside it, `comparator` for everybody else, `local` for "
        "another publisher's figures by council.",
        good="headline", bad="main",
    )  # fmt: skip
    comparator: Identifier | None = key(
        "The measure of everybody, of the same unit and geography, to be shown beside.",
        good="scqf4_leavers__all_leavers", bad="All leavers", default=None, when="there is one",
    )  # fmt: skip
    geography: Literal["national", "council"] = key(
        "`council` when the source gives all councils; `national` else, also when it names a few of them.",
        good="national", bad="scotland",
    )  # fmt: skip
    definition: Text = key(
        "What exactly is counted, in our words, and how it differs from its neighbours.",
        good="Of looked after leavers, the percentage with a qualification at SCQF level 4 or better.", bad="",
    )  # fmt: skip
    numerator: Identifier | None = key(
        "The measure of those who are counted, looked up for the same place, time and breakdown. A count that the "
        "source prints beside the figure comes first.",
        good="living_in_community__count", bad="Children in the community", default=None,
        when="the figure is a ratio and that count is published",
    )  # fmt: skip
    denominator: Identifier | None = key(
        "The measure of those among whom they are counted, looked up in the same way.",
        good="in_care__count", bad="All children in care", default=None, when="it is published too",
    )  # fmt: skip
    per: Literal[1, 100, 1000, 10000] | None = key(
        "What numerator divided by denominator is multiplied by.",
        good=100, bad=10, default=None, when="numerator is given, and only then",
    )  # fmt: skip
    parts: tuple[Identifier, ...] = key(
        "The measures that together make up this one, of its unit.",
        good=["living_in_community__count", "residential_care__count"], bad=["Community", "Residential care"],
        default=(), when="there are any",
    )  # fmt: skip
    parts_by: Identifier | None = key(
        "The breakdown of its own series whose values together make up the figure, such as `age`.",
        good=None, bad="By age", default=None, when="its parts are no measures of their own",
    )  # fmt: skip
    bounds: tuple[float | None, float | None] = key(
        "The lowest and highest value that can be; null where there is none.", good=[0, 100], bad=[100, 0]
    )
    threshold: Identifier | None = key(
        "The rule of thresholds.yml by which a change is told from none where nothing is published to tell it by.",
        good="one_percentage_point", bad="1 point", default=None, when="it is another than the rule of its unit",
    )  # fmt: skip
    caveat: Text | None = key(
        "What a reader could get wrong.", good="Looked after young people tend to leave earlier.", bad="", default=None,
        when="there is something to get wrong",
    )  # fmt: skip
    series: tuple[Series, ...] = Field(description="What feeds it. Empty when its figures were not found.")

    @model_validator(mode="after")
    def bounds_are_in_order(self) -> Self:
        lower, upper = self.bounds
        if lower is not None and upper is not None and lower >= upper:
            raise ValueError(f"bounds are {lower:g} and {upper:g}; write the lower one first")
        return self

    @model_validator(mode="after")
    def a_ratio_is_whole_and_in_its_unit(self) -> Self:
        if (self.numerator is None) != (self.per is None):
            raise ValueError("numerator and per are given together; add the other one or remove both")
        if self.denominator is not None and self.numerator is None:
            raise ValueError("denominator is given without a numerator; add numerator and per, or remove it")
        if self.per is not None and self.per != PER.get(self.unit):
            raise ValueError(f"per is {self.per}, which does not give a figure in {self.unit}; correct per or unit")
        return self

    @model_validator(mode="after")
    def parts_are_given_in_one_way(self) -> Self:
        if self.parts and self.parts_by is not None:
            raise ValueError("parts and parts_by are both given; keep the one by which the figure is published")
        if len(self.parts) == 1:
            raise ValueError(f"parts are {self.parts[0]!r} alone; name the others, or remove parts")
        return self

    @property
    def made_of(self) -> dict[str, Any]:
        """How the figure hangs together with others, as far as it does: these keys with their values."""
        return self.model_dump(
            mode="json", include={"numerator", "denominator", "per", "parts", "parts_by"}, exclude_defaults=True
        )
