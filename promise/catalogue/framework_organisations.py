"""Who answers for what: organisations with their roles, and who can change what an indicator shows.

`framework/organisations.yml` and `framework/responsibilities.yml` look like this. Only what a public page says stands
in them; what is not known is null.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_words import Identifier, Text, Url, key
from promise.catalogue.live import Host
from promise.strict import Strict

OrganisationKind = Literal[
    "government", "local_government", "council", "health_board", "public_body", "partnership", "scrutiny_body",
    "oversight", "third_sector", "academic", "uk_body",
]  # fmt: skip
Strand = Literal["national", "organisational", "experience"]
StrandRole = Literal["lead", "advise", "support", "report"]
Precision = Literal["day", "month", "year"]  # a date known to the month or year is written as its first day
COUNCILS, HEALTH_BOARDS = "councils", "health_boards"


class Role(Strict):
    """A part that an organisation plays in one of the three questions of the Promise Story of Progress."""

    strand: Strand | None = key(
        "The question: national (how is Scotland doing), organisational (how are organisations doing), experience "
        "(does the care community feel it); null for a role in the whole.",
        good="national", bad="strand one",
    )  # fmt: skip
    role: StrandRole = key("What the organisation does there.", good="lead", bad="leads")
    what: Text = key("What that means, in our words.", good="Updates the Promise Progress Framework.", bad="")
    since: date | None = key(
        "The day from which it has had the role; null where no source says.", good=None, bad="March 2021"
    )
    until: date | None = key("The day on which the role ended; null while it lasts.", good=None, bad="now")
    stated_on: date = key(
        "When the source said so; the first day of the month or year when stated_precision says so.",
        good=date(2025, 10, 1), bad="October 2025",
    )  # fmt: skip
    stated_precision: Precision = key("How exactly stated_on is known.", good="month", bad="about")
    source_url: Url = key(
        "The page that says so.",
        good="https://thepromise.scot/news/audit-scotland-recommendations", bad="the response to the audit",
    )  # fmt: skip

    @model_validator(mode="after")
    def dates_are_in_order(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"until {self.until} is before since {self.since}; correct one of the two")
        return self


class Organisation(Strict):
    """An organisation and what it answers for, in our words."""

    id: Identifier = key("Never renamed, never reused.", good="south_ayrshire_hscp", bad="South-Ayrshire")
    name: Text = key("The name it uses itself.", good="South Ayrshire Health and Social Care Partnership", bad="")
    kind: OrganisationKind = key(
        "What kind of body it is; councils and health boards are listed in their own groups.",
        good="partnership", bad="hscp",
    )  # fmt: skip
    area_code: Annotated[str, Field(pattern=r"^S(12|08)\d{6}$")] | None = key(
        "The area it works in, where that is one council or health board; left out otherwise.",
        good="S12000028", bad="South Ayrshire", default=None, when="it works in one such area",
    )  # fmt: skip
    answers_for: Text = key(
        "What it answers for, in our words, from public pages.",
        good="One of two case studies of how the What Matters questions are used.", bad=None,
    )  # fmt: skip
    roles: tuple[Role, ...] = Field(
        default=(),
        description="Its part in the three questions of the Story of Progress; left out when no source names one.",
        json_schema_extra={"when": "a source names one"},
    )
    url: Url | None = key(
        "Its site; null when it has none of its own or none is known.", good=None, bad="on the council's site"
    )
    sites: tuple[Host, ...] = key(
        "Its other sites, by host, where its own words stand too; left out when there is none.",
        good=("plan2430.scot",), bad=("https://plan2430.scot",), default=(), when="it has sites under other hosts",
    )  # fmt: skip
    source_url: Url | None = key(
        "The page from which answers_for is taken; null when it follows from the bundled sources.",
        good="https://www.plan2430.scot/the-promise-story-of-progress/what-matters-questions", bad="their website",
    )  # fmt: skip


class Council(Strict):
    """One of the 32 councils."""

    id: Identifier = key("The name in lower snake case.", good="fife", bad="Fife Council")
    name: Text = key("The name it uses itself.", good="Fife Council", bad="")
    area_code: Annotated[str, Field(pattern=r"^S12\d{6}$")] = key(
        "The code in force of its area.", good="S12000047", bad="S92000003"
    )


class HealthBoard(Strict):
    """One of the 14 territorial NHS boards."""

    id: Identifier = key("The name in lower snake case.", good="nhs_fife", bad="NHS Fife")
    name: Text = key("The name it uses itself.", good="NHS Fife", bad="")
    area_code: Annotated[str, Field(pattern=r"^S08\d{6}$")] = key(
        "The code in force of its area.", good="S08000029", bad="S12000047"
    )


class Councils(Strict):
    """The 32 councils, which answer for the same things. Elsewhere `councils` stands for all of them."""

    answers_for: Text = key(
        "What each of them answers for, in our words.", good="Runs schools and social work.", bad=""
    )
    source_url: Url | None = key(
        "The page that says so.",
        good="https://gov.scot/publications/childrens-social-work-statistics-data-consultation-findings/pages/3",
        bad="the consultation",
    )
    members: tuple[Council, ...] = Field(description="The councils.")


class HealthBoards(Strict):
    """The 14 territorial NHS boards. Elsewhere `health_boards` stands for all of them."""

    answers_for: Text = key(
        "What each of them answers for, in our words.", good="Provides health services in its area.", bad=""
    )
    source_url: Url | None = key(
        "The page that says so.",
        good="https://www.opendata.nhs.scot/dataset/child-and-adolescent-mental-health-waiting-times",
        bad="NHS open data",
    )
    members: tuple[HealthBoard, ...] = Field(description="The boards.")


class Organisations(Strict):
    """`framework/organisations.yml`."""

    organisations: tuple[Organisation, ...] = Field(description="Everyone but councils and health boards.")
    councils: Councils = Field(description="The councils.")
    health_boards: HealthBoards = Field(description="The territorial NHS boards.")

    @property
    def groups(self) -> dict[str, Councils | HealthBoards]:
        """By the id that stands for all of a group's members."""
        return {COUNCILS: self.councils, HEALTH_BOARDS: self.health_boards}

    def everyone(self) -> tuple[Organisation, ...]:
        """Every organisation by itself, the members of groups among them, in the order of the file."""
        return self.organisations + tuple(
            Organisation(
                id=member.id,
                name=member.name,
                kind="council" if isinstance(member, Council) else "health_board",
                area_code=member.area_code,
                answers_for=group.answers_for,
                url=None,
                source_url=group.source_url,
            )
            for group in self.groups.values()
            for member in group.members
        )

    def members(self, identifier: str) -> tuple[str, ...]:
        """The organisations that an id stands for: those of the group, or itself."""
        group = self.groups.get(identifier)
        return tuple(each.id for each in group.members) if group else (identifier,)

    def ids(self) -> Iterator[tuple[str, str]]:
        """Every id that is given in the file, with its key."""
        yield from ((each.id, f"organisations[{each.id}].id") for each in self.organisations)
        for name, group in self.groups.items():
            yield name, name
            yield from ((each.id, f"{name}.members[{each.id}].id") for each in group.members)


class Responsibility(Strict):
    """Who can change what the indicators of a statement or an outcome, or one indicator, show. The nearest counts."""

    about: Identifier = key(
        "A vision statement, an outcome or an indicator. What is said of an indicator counts before what is said of "
        "its outcome, and that before what is said of its statement.",
        good="vs09_o1", bad="Aftercare",
    )  # fmt: skip
    can_change: tuple[Identifier, ...] | None = key(
        "The organisations that provide the service; `councils` and `health_boards` stand for all of them; null when "
        "no source says.",
        good=["councils"], bad=[],
    )  # fmt: skip
    basis: Text | None = key(
        "What the source says of them, in our words; null exactly when can_change is null.",
        good="Councils have a legal duty to provide aftercare.", bad=None,
    )  # fmt: skip
    reason: Text | None = key("Why nobody is named; null exactly when can_change is given.", good=None, bad="unknown")
    source_url: Url | None = key(
        "The page on which basis or reason rests; needed with can_change.",
        good="https://www.gov.scot/policies/looked-after-children/children-leaving-care/", bad="gov.scot",
    )  # fmt: skip

    @model_validator(mode="after")
    def somebody_or_a_reason(self) -> Self:
        if self.can_change is None and (self.reason is None or self.basis is not None):
            raise ValueError("can_change is null; say why in reason, and write basis: null")
        if self.can_change is not None and (not self.can_change or self.reason is not None):
            raise ValueError(
                "can_change is given; name somebody in it and write reason: null, or write can_change: null"
            )
        if self.can_change is not None and (self.basis is None or self.source_url is None):
            raise ValueError("can_change is given without basis and source_url; give both, or write can_change: null")
        return self


class Responsibilities(Strict):
    """`framework/responsibilities.yml`."""

    responsibilities: tuple[Responsibility, ...] = Field(
        description="One for each vision statement, more where outcomes or indicators differ."
    )
