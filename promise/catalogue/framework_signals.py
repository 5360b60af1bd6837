"""When a council's figures are worth a conversation: `framework/signals.yml`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_words import Identifier, Text, key
from promise.strict import Strict

Kind = Literal["worsening", "outside_family", "lost_quartile", "return_missing"]
PARAMETER: dict[Kind, str] = {
    "worsening": "since",
    "outside_family": "confidence",
    "lost_quartile": "quartiles",
    "return_missing": "councils",
}


class Signal(Strict):
    """A rule by which a figure of a council is worth a conversation, with the one parameter that its kind has."""

    id: Identifier = key("What the rule is called.", good="worse_than_before", bad="Worse")
    kind: Kind = key("What it looks at.", good="worsening", bad="bad")
    title: Text = key("The rule in a few words.", good="Worse than its own figure before", bad="")
    since: Literal["previous", "baseline"] | None = key(
        "From which of the council's own figures the change is measured.",
        good="previous", bad="2020", default=None, when="the kind is worsening",
    )  # fmt: skip
    confidence: float | None = key(
        "How much of what chance does lies within the limits of the family's funnel, such as 0.998.",
        good=None, bad=99.8, default=None, when="the kind is outside_family", gt=0.5, lt=1,
    )  # fmt: skip
    quartiles: int | None = key(
        "How many quarters of the places must be lost since the period before, such as 1.",
        good=None, bad=4, default=None, when="the kind is lost_quartile", ge=1, le=3,
    )  # fmt: skip
    councils: int | None = key(
        "How many councils must have a figure for the others' to be missing, such as 28.",
        good=None, bad=33, default=None, when="the kind is return_missing", ge=2, le=31,
    )  # fmt: skip
    author: Text = key("Whose rule it is.", good="this project", bad="")
    reason: Text = key("Why it is asked, and so.", good="The National Performance Framework does.", bad="")

    @model_validator(mode="after")
    def it_has_the_parameter_of_its_kind_and_no_other(self) -> Self:
        given = [name for name in PARAMETER.values() if getattr(self, name) is not None]
        if given != [PARAMETER[self.kind]]:
            raise ValueError(
                f"{self.kind} has {PARAMETER[self.kind]} and no other parameter, and given are"
                f" {', '.join(given) or 'none'}; correct it"
            )
        return self


class Signals(Strict):
    """`framework/signals.yml`."""

    signals: tuple[Signal, ...] = Field(description="The rules, one for each question that is asked.")
