"""The `figures:` section of a source's YAML: which columns of its table make up a published figure.

What is said here becomes the source's model in `dbt/models/staging/figures/`, in the one shape of
`dbt/contracts/figure.yml`. Where a figure is and when stands in `checks: area` and `checks: period`, once.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.shapes import ColumnName
from promise.strict import Strict

Breakdown = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class PublishersRule(Strict):
    """Where the publisher says below which count it gives no figure: another of its sources, which has a row for each
    label, and in it the column of the labels and that of the rule."""

    source: str
    label: ColumnName
    rule: ColumnName


class Figures(Strict):
    """The columns of a figure. Only what the source has is named; the rest is null in the model."""

    # The model is written by hand, because a column has to be taken apart first: see its file. Beside it only
    # `publication` is said here.
    by_hand: bool = False
    # The cells. Where several stand in a row, each is a figure, and its published heading tells it from the others.
    value: tuple[ColumnName, ...] = ()
    # Beside which cell a column says what kind of figure it is, or why it is blank, in words of `markers`.
    qualifiers: dict[ColumnName, ColumnName] = Field(default_factory=dict)
    label: ColumnName | None = None  # what the figure is of; null: `called`, or the published heading of its cell
    called: str | None = Field(None, min_length=1)  # what all of them are of, where no column says it
    heading: ColumnName | None = None  # unit or kind, which tells two series of one label apart
    period: ColumnName | None = None  # where series write periods in styles of their own, so that `checks` names none
    numerator: ColumnName | None = None
    denominator: ColumnName | None = None
    lci_95: ColumnName | None = None
    uci_95: ColumnName | None = None
    breakdowns: dict[Breakdown, ColumnName] = Field(
        default_factory=dict
    )  # what a part is of -> the column that names it
    total: str | None = None  # the word in those columns for everyone together; null: no row is of everyone
    publication: ColumnName | None = None  # each row names its own; null: it is of its file's
    # The bundled file is this project's own transcription of pages and their tables: the address that each row was read
    # from, and what was noted of it. Null: the file is the publisher's.
    read_from: ColumnName | None = None
    read_note: ColumnName | None = None
    # What the publisher says of all of them, away from the cells.
    status: Literal["provisional", "revised", "estimated"] | None = None
    # A figure that is missing where this rule holds is suppressed: its file does not tell the two apart.
    suppression: PublishersRule | None = None

    @model_validator(mode="after")
    def it_is_whole(self) -> Self:
        if self.by_hand:
            if self.model_fields_set - {"by_hand", *BESIDE_THE_MODEL}:
                raise ValueError(
                    "by_hand is given, so the model names the columns; remove all other keys but"
                    f" {', '.join(BESIDE_THE_MODEL)}, or it"
                )
        elif not self.value:
            raise ValueError("no value; name the columns that hold the figures, or write by_hand: true")
        if strangers := sorted(set(self.qualifiers) - set(self.value)):
            raise ValueError(f"qualifiers stand beside cells, and {', '.join(strangers)} is not named under value")
        several = len(self.value) > 1
        if self.label and self.called:
            raise ValueError("label is a column that says what a figure is of, and called says it of all; keep one")
        if self.heading and (several or not self.label):
            raise ValueError(
                "heading is for one value with a label; the published headings tell these apart, remove it"
            )
        if several and (beside := [name for name in BESIDE if getattr(self, name)]):
            raise ValueError(f"{', '.join(beside)} can stand beside one value only; name one column under value")
        if "total" in self.breakdowns:
            raise ValueError("breakdowns: total is what everyone together is called; call the part something else")
        if self.total is not None and not self.breakdowns:
            raise ValueError(
                "total is the word for everyone in the columns of breakdowns, and there are none; remove it"
            )
        if self.read_from and not self.publication:
            raise ValueError(
                "read_from is for a transcription, of which each row is of a publication; name the column under "
                "publication"
            )
        if self.read_note and not self.read_from:
            raise ValueError("read_note is what was noted of a page that was read; name its address under read_from")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named."""
        named = ("label", "heading", "period", *BESIDE, *BESIDE_THE_MODEL)
        single = (getattr(self, name) for name in named)
        beside = (*self.qualifiers.values(), *self.breakdowns.values())
        return (*self.value, *beside, *(each for each in single if each))


BESIDE = ("numerator", "denominator", "lci_95", "uci_95")
# What is said here of a model that is written by hand, too.
BESIDE_THE_MODEL = ("publication", "read_from", "read_note")
