"""The words that several files of `framework/` share: ids, texts, addresses, and lists of what a key may say."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticUndefined

LONGEST_ID = 40  # `indicator__<id>` and what is derived from it must fit PostgreSQL's 63 bytes


def it_is_an_identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_{1,2}[a-z0-9]+)*", value):
        raise ValueError(f"{value!r} is not an id; write it in lower snake case, beginning with a letter")
    if len(value) > LONGEST_ID:
        raise ValueError(f"{value!r} is {len(value)} characters long; shorten it to {LONGEST_ID} or fewer")
    return value


Identifier = Annotated[str, AfterValidator(it_is_an_identifier)]
Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(pattern=r"^https?://\S+$")]

PublicationState = Literal["published", "proposed", "gap"]
Direction = Literal["increase", "decrease", "neutral", "in_proportion"]
Polarity = Literal["higher_is_better", "lower_is_better", "neutral"]
POLARITY_OF: dict[Direction, Polarity] = {
    "increase": "higher_is_better",
    "decrease": "lower_is_better",
    "neutral": "neutral",
    "in_proportion": "neutral",  # to demand, say: of the figure alone, neither up nor down is better
}
Geography = Literal["national", "council", "health_board"]


def key(
    meaning: str, *, good: Any, bad: Any, default: Any = PydanticUndefined, when: str | None = None, **limits: Any
) -> Any:
    """A key with its meaning, an example that is accepted and one that is refused: what docs/framework_fields.md shows.

    Together the good examples of a model's keys are one valid instance of it. `when`: when an optional key is given.
    """
    extra = {"bad": bad} | ({"when": when} if when else {})
    return Field(default, description=meaning, examples=[good], json_schema_extra=extra, **limits)


class Proposable(Protocol):
    @property
    def publication_state(self) -> PublicationState: ...
    @property
    def proposed_because(self) -> str | None: ...


It = TypeVar("It", bound=Proposable)


def a_proposal_has_a_reason(it: It) -> It:
    """What this project proposes says why; nothing else does. Raises ValueError."""
    if (it.publication_state == "proposed") != (it.proposed_because is not None):
        raise ValueError(
            "proposed_because is given exactly when publication_state is proposed: say why and what it does not say, "
            "or remove it"
        )
    return it
