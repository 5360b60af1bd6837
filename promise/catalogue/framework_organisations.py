"""Who answers for what: organisations with their roles, and who can change what an indicator shows.

`framework/organisations.yml` and `framework/responsibilities.yml` look like this. Only what a public page says stands
in them; what is not known is null.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_words import Identifier, Text, Url
from promise.catalogue.strict import Strict

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

    strand: Strand | None = Field(
        description="The question: national (how is Scotland doing), organisational (how are organisations doing),"
        " experience (does the care community feel it); null for a role in the whole.",
        examples=["national"],
        json_schema_extra={"bad": "strand one"},
    )
    role: StrandRole = Field(
        description="What the organisation does there.", examples=["lead"], json_schema_extra={"bad": "leads"}
    )
    what: Text = Field(
        description="What that means, in our words.",
        examples=["Updates the Promise Progress Framework."],
        json_schema_extra={"bad": ""},
    )
    since: date | None = Field(
        description="The day from which it has had the role; null where no source says.",
        examples=["2021-03-01"],
        json_schema_extra={"bad": "2021"},
    )
    until: date | None = Field(
        description="The day on which the role ended; null while it lasts.",
        examples=["2025-12-31"],
        json_schema_extra={"bad": "now"},
    )
    stated_on: date = Field(
        description="When the source said so; the first day of the month or year when stated_precision says so.",
        examples=["2025-10-01"],
        json_schema_extra={"bad": "October 2025"},
    )
    stated_precision: Precision = Field(
        description="How exactly stated_on is known.", examples=["month"], json_schema_extra={"bad": "about"}
    )
    source_url: Url = Field(
        description="The page that says so.",
        examples=["https://thepromise.scot/news/audit-scotland-recommendations"],
        json_schema_extra={"bad": "the response to the audit"},
    )

    @model_validator(mode="after")
    def dates_are_in_order(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"until {self.until} is before since {self.since}; correct one of the two")
        return self


class Organisation(Strict):
    """An organisation and what it answers for, in our words."""

    id: Identifier = Field(
        description="Never renamed, never reused.",
        examples=["audit_scotland"],
        json_schema_extra={"bad": "Audit-Scotland"},
    )
    name: Text = Field(
        description="The name it uses itself.", examples=["Audit Scotland"], json_schema_extra={"bad": ""}
    )
    kind: OrganisationKind = Field(
        description="What kind of body it is; councils and health boards are listed in their own groups.",
        examples=["scrutiny_body"],
        json_schema_extra={"bad": "auditor"},
    )
    area_code: Annotated[str, Field(pattern=r"^S(12|08)\d{6}$")] | None = Field(
        default=None,
        description="The area it works in, where that is one council or health board; left out otherwise.",
        examples=["S12000028"],
        json_schema_extra={"bad": "South Ayrshire"},
    )
    answers_for: Text = Field(
        description="What it answers for, in our words, from public pages.",
        examples=["Publishes workforce statistics of Child and Adolescent Mental Health Services."],
        json_schema_extra={"bad": "null"},
    )
    roles: tuple[Role, ...] = Field(
        default=(),
        description="Its part in the three questions of the Story of Progress; left out when no source names one.",
        examples=["a list of roles, see below"],
        json_schema_extra={"bad": "lead"},
    )
    url: Url | None = Field(
        description="Its site; null when it has none of its own or none is known.",
        examples=["https://audit.scot"],
        json_schema_extra={"bad": "audit.scot"},
    )
    source_url: Url | None = Field(
        description="The page from which answers_for is taken; null when it follows from the bundled sources.",
        examples=["https://thepromise.scot/news/audit-scotland-recommendations"],
        json_schema_extra={"bad": "their website"},
    )


class _Member(Strict):
    id: Identifier = Field(
        description="The name in lower snake case.", examples=["fife"], json_schema_extra={"bad": "Fife Council"}
    )
    name: Text = Field(description="The name it uses itself.", examples=["Fife Council"], json_schema_extra={"bad": ""})


class Council(_Member):
    """One of the 32 councils."""

    area_code: Annotated[str, Field(pattern=r"^S12\d{6}$")] = Field(
        description="The code in force of its area.", examples=["S12000047"], json_schema_extra={"bad": "S92000003"}
    )


class HealthBoard(_Member):
    """One of the 14 territorial NHS boards."""

    area_code: Annotated[str, Field(pattern=r"^S08\d{6}$")] = Field(
        description="The code in force of its area.", examples=["S08000029"], json_schema_extra={"bad": "S12000047"}
    )


class _Group(Strict):
    answers_for: Text = Field(
        description="What each of them answers for, in our words.",
        examples=["Runs schools and social work."],
        json_schema_extra={"bad": ""},
    )
    source_url: Url | None = Field(
        description="The page that says so.",
        examples=["https://www.gov.scot/policies/looked-after-children/children-leaving-care/"],
        json_schema_extra={"bad": "the Act"},
    )


class Councils(_Group):
    """The 32 councils, which answer for the same things. Elsewhere `councils` stands for all of them."""

    members: tuple[Council, ...] = Field(
        description="The councils.", examples=["a list of councils"], json_schema_extra={"bad": "32"}
    )


class HealthBoards(_Group):
    """The 14 territorial NHS boards. Elsewhere `health_boards` stands for all of them."""

    members: tuple[HealthBoard, ...] = Field(
        description="The boards.", examples=["a list of health boards"], json_schema_extra={"bad": "14"}
    )


class Organisations(Strict):
    """`framework/organisations.yml`."""

    organisations: tuple[Organisation, ...] = Field(
        description="Everyone but councils and health boards.",
        examples=["a list of organisations"],
        json_schema_extra={"bad": "null"},
    )
    councils: Councils = Field(
        description="The councils.", examples=["answers_for, source_url, members"], json_schema_extra={"bad": "null"}
    )
    health_boards: HealthBoards = Field(
        description="The territorial NHS boards.",
        examples=["answers_for, source_url, members"],
        json_schema_extra={"bad": "null"},
    )

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

    about: Identifier = Field(
        description="A vision statement, an outcome or an indicator. What is said of an indicator counts before what is"
        " said of its outcome, and that before what is said of its statement.",
        examples=["vs09"],
        json_schema_extra={"bad": "Aftercare"},
    )
    can_change: tuple[Identifier, ...] | None = Field(
        description="The organisations that provide the service; `councils` and `health_boards` stand for all of them;"
        " null when no source says.",
        examples=[["councils"]],
        json_schema_extra={"bad": "everyone"},
    )
    basis: Text | None = Field(
        description="What the source says of them, in our words; null exactly when can_change is null.",
        examples=["Councils have a legal duty to provide aftercare."],
        json_schema_extra={"bad": "it is obvious"},
    )
    reason: Text | None = Field(
        description="Why nobody is named; null exactly when can_change is given.",
        examples=["No list of the services is loaded."],
        json_schema_extra={"bad": "unknown"},
    )
    source_url: Url | None = Field(
        description="The page on which basis or reason rests; needed with can_change.",
        examples=["https://www.gov.scot/policies/looked-after-children/children-leaving-care/"],
        json_schema_extra={"bad": "gov.scot"},
    )

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
        description="One for each vision statement, more where outcomes or indicators differ.",
        examples=["a list of responsibilities"],
        json_schema_extra={"bad": "null"},
    )
