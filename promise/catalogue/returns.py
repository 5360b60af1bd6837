"""What organisations hand in: one file a kind in `framework/returns/`, with its fields, and the lists to choose from.

The template that people fill in, its checks, the columns of the raw table and the staging model are made of these. No
mechanism knows a kind by name.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from promise.catalogue.framework_words import Identifier, Text, Url, key
from promise.settings import ROOT
from promise.strict import CatalogueError, Strict, load_yaml, say, shown

FOLDER = ROOT / "framework" / "returns"
VOCABULARIES = ROOT / "framework" / "return_vocabularies.yml"
SEPARATOR = "; "  # between several values of one cell

FieldType = Literal[
    "id", "ids", "text", "number", "yes_no", "url", "date", "partial_date", "choice", "choices", "area", "areas",
    "organisation", "organisations", "statements", "outcomes", "indicator", "indicators", "questions", "theme",
]  # fmt: skip
described = key  # where a field of that name hides the function
MANY = frozenset(
    {"ids", "choices", "areas", "organisations", "statements", "outcomes", "indicators", "questions"}
)  # several values in one cell
# What stands before the fields in a row that was taken in: of which kind and edition of the template it is, who handed
# it in, in which row of the file it stood, and whether the sender confirmed that nothing in it is about a person.
ABOUT = ("return_of", "template_edition", "returned_by", "return_row", "confirmed")


class Choice(Strict):
    """One of a list."""

    id: Identifier = key("What is kept of it; never renamed.", good="annual", bad="Once a year")
    title: Text = key("What people see and choose.", good="Once a year", bad="")
    uri: Url | None = key(
        "The same thing in a vocabulary that DCAT-AP names.",
        good="http://publications.europa.eu/resource/authority/frequency/ANNUAL", bad="ANNUAL",
        default=None, when="there is one",
    )  # fmt: skip


class Vocabulary(Strict):
    """A list to choose from."""

    id: Identifier = key("What fields call it.", good="frequency", bad="How often")
    title: Text = key("What it is a list of.", good="How often", bad="")
    choices: tuple[Choice, ...] = Field(min_length=1, description="In the order in which they are offered.")

    @model_validator(mode="after")
    def choices_can_be_told_apart(self) -> Self:
        for words in ([each.id for each in self.choices], [each.title.casefold() for each in self.choices]):
            if twice := sorted({each for each in words if words.count(each) > 1}):
                raise ValueError(f"{', '.join(twice)} is there twice; keep one of them")
        if split := next((each.title for each in self.choices if ";" in each.title), None):
            raise ValueError(f"{split!r} has a semicolon, which stands between choices; write it without")
        return self


class Vocabularies(Strict):
    """`framework/return_vocabularies.yml`."""

    vocabularies: tuple[Vocabulary, ...] = Field(description="Each list once, for every kind of return that uses it.")


class Limits(Strict):
    """How long a text, how large a number may be."""

    longest: int | None = key(
        "The most characters of a text.", good=200, bad=0, default=None, when="it is a text", ge=1
    )
    smallest: float | None = key(
        "The smallest number.", good=0, bad="none", default=None, when="it is a number with one"
    )
    largest: float | None = key("The largest number.", good=100, bad="all", default=None, when="as above")


class ReturnField(Strict):
    """One column of a template."""

    id: Identifier = described("What its column is called in the warehouse.", good="how_often", bad="How often")
    title: Text = described("Its heading in the template.", good="How often", bad="")
    type: FieldType = described(
        "What its cells take; the plural takes several, with ; between them.", good="choice", bad="list"
    )
    vocabulary: Identifier | None = described(
        "The list to choose from.",
        good="frequency",
        bad="How often",
        default=None,
        when="the type is choice or choices",
    )
    key: bool = described(
        "Whether it is one of those that together tell one row from another.", good=True, bad="perhaps",
        default=False, when="it is",
    )  # fmt: skip
    required: bool = described("Whether it must be filled in.", good=True, bad="mostly", default=False, when="it must")
    free_text: bool = described(
        "Whether people write sentences of their own in it.", good=False, bad="some", default=False, when="they do"
    )
    group: Text = described("Under which heading of the guidance it stands.", good="Where and when", bad="")
    guidance: Text = described(
        "What to write, in a sentence or two.", good="How often it is brought up to date.", bad=""
    )
    example: str = described("What the example row has; empty where none is needed.", good="Once a year", bad=None)
    limits: Limits = Field(
        default=Limits(),
        description="How long a text, how large a number may be.",
        json_schema_extra={"when": "there are any"},
    )
    not_before: Identifier | None = described(
        "A field of dates that this one cannot lie before.", good=None, bad="From", default=None, when="there is one"
    )

    @model_validator(mode="after")
    def it_hangs_together(self) -> Self:
        if (self.vocabulary is not None) != (self.type in ("choice", "choices")):
            raise ValueError("vocabulary is for the types choice and choices, which need it; correct one of the two")
        if self.id in ABOUT:
            raise ValueError(f"id: {self.id} is written into every row that is taken in; call it otherwise")
        return self

    @property
    def is_list(self) -> bool:
        return self.type in MANY


class Compared(Strict):
    """The fields by which the figures of a return stand beside published ones, in the preview of its sender."""

    indicator: Identifier = key("The field that names the indicator.", good="how_often", bad="The indicator")
    area: Identifier = key("The field that names the area.", good="how_often", bad="The area")
    value: Identifier = key("The field with the figure.", good="how_often", bad="The figure")
    period_from: Identifier = key("The field with the first day.", good="how_often", bad="First day")
    period_to: Identifier = key("The field with the last day.", good="how_often", bad="Last day")
    only_where_empty: Identifier = key(
        "The field that names a part: a figure of a part has nothing published to stand beside.",
        good="how_often", bad="The part",
    )  # fmt: skip


class ReturnKind(Strict):
    """A kind of return: `framework/returns/<id>.yml`."""

    id: Identifier = described("The kind, which is also the file's name.", good="holdings", bad="Data holdings")
    title: Text = described("What it is called on the template.", good="Data holdings", bad="")
    edition: Text = described(
        "Of the template; raised when a column is added, renamed or taken away.", good="2026", bad=2026
    )
    table: Identifier = described("What one row is called in the warehouse.", good="holding", bad="One holding")
    most_rows: int = described("The most rows of one return; a larger file is something else.", good=5000, bad=0, ge=1)
    row: Text = described("What one row is, in words.", good="one dataset that you hold", bad="")
    purpose: Text = described("What it is for, to whoever fills it in.", good="What data you collect and hold.", bad="")
    shown: Literal["public", "restricted"] = described(
        "To whom; what is restricted is shown to staff alone.", good="public", bad="some"
    )
    compared: Compared | None = Field(
        default=None,
        description="By what its figures stand beside published ones in the sender's preview.",
        json_schema_extra={"when": "it holds figures"},
    )
    fields: tuple[ReturnField, ...] = Field(min_length=1, description="Its columns, in their order.")

    @model_validator(mode="after")
    def what_is_named_is_there(self) -> Self:
        known = {each.id for each in self.fields}
        named = {each.not_before for each in self.fields if each.not_before}
        named |= set(self.compared.model_dump().values()) if self.compared else set()
        if unknown := sorted(named - known):
            raise ValueError(f"names {', '.join(unknown)}, and no field is called so; correct it")
        return self

    @model_validator(mode="after")
    def fields_can_be_told_apart(self) -> Self:
        for words in ([each.id for each in self.fields], [each.title.casefold() for each in self.fields]):
            if twice := sorted({each for each in words if words.count(each) > 1}):
                raise ValueError(f"fields: {', '.join(twice)} is there twice; keep one of them")
        if not self.key:
            raise ValueError("fields: none has key: true; mark those that tell one row from another")
        if not self.fields[0].required:
            raise ValueError(f"fields: {self.fields[0].id} is first and not required; begin with one that is")
        return self

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(each.id for each in self.fields if each.key)

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of a row that was taken in."""
        return (*ABOUT, *(each.id for each in self.fields))

    def field(self, field_id: str) -> ReturnField:
        return next(each for each in self.fields if each.id == field_id)


@functools.cache
def vocabularies(path: Path = VOCABULARIES) -> dict[str, Vocabulary]:
    """The lists by id. Raises CatalogueError."""
    found = load_yaml(path, Vocabularies).vocabularies
    if twice := sorted({each.id for each in found if [other.id for other in found].count(each.id) > 1}):
        raise CatalogueError(say(path, "vocabularies", f"{', '.join(twice)} is there twice; keep one of them"))
    return {each.id: each for each in found}


@functools.cache
def return_kinds(folder: Path = FOLDER, lists: Path = VOCABULARIES) -> dict[str, ReturnKind]:
    """Every kind by id. Raises CatalogueError listing every fault: file, key, remedy."""
    known, found, faults = vocabularies(lists), {}, []
    for path in sorted(folder.glob("*.yml")):
        kind = load_yaml(path, ReturnKind)
        if kind.id != path.stem:
            faults.append(say(path, "id", f"is {kind.id!r}; name the file {kind.id}.yml or correct the id"))
        for field in kind.fields:
            if field.vocabulary is not None and field.vocabulary not in known:
                faults.append(
                    say(
                        path,
                        f"fields[{field.id}].vocabulary",
                        f"{field.vocabulary!r} is none of {', '.join(known)}; add it to {shown(lists)} or correct it",
                    )
                )
        found[kind.id] = kind
    if not found and not faults:
        raise CatalogueError(f"{shown(folder)}: no *.yml file in it; the checkout is incomplete, restore them")
    if faults:
        raise CatalogueError("\n".join(faults))
    return found


def return_kind(kind_id: str) -> ReturnKind:
    """One kind. Raises CatalogueError with the known ids when there is none of that name."""
    known = return_kinds()
    if kind_id not in known:
        raise CatalogueError(f"no kind of return {kind_id!r}; known: {', '.join(known)}")
    return known[kind_id]
