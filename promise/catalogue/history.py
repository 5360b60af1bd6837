"""What is declared about the history of figures: which publications restate others, which figures we correct, which are
shown though they are withheld by now, where definitions break, which disagreements no loaded file shows, and which
tables are no longer loaded.

What the warehouse can see by itself, such as a revision, is not declared here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from promise.catalogue.framework_words import Text, Url, key
from promise.catalogue.sources import CORRECTIONS
from promise.catalogue.sources import FOLDER as SOURCES
from promise.settings import ROOT
from promise.strict import CatalogueError, Strict, load_yaml, shown
from promise.vocabulary.personal import Found, find_personal
from promise.vocabulary.quoting import masked

INGESTION = ROOT / "ingestion"
EVER_LOADED = INGESTION / "ever_loaded.txt"

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,62}$")]


class PublicationSeries(Strict):
    """A series of publications that shows figures of others."""

    name: Text
    restates: tuple[Text, ...] = Field(min_length=1)
    reason: Text
    source_url: Url

    @model_validator(mode="after")
    def it_does_not_restate_itself(self) -> Self:
        if self.name in self.restates:
            raise ValueError(f"{self.name!r} cannot restate itself; remove it from restates")
        return self


class PublicationSeriesFile(Strict):
    series: tuple[PublicationSeries, ...]


def _refuse_the_future(declared_on: date) -> None:
    if declared_on > date.today():
        raise ValueError(f"declared_on is {declared_on}, which is in the future; write the day it was declared")


class Correction(Strict):
    """One cell that a publisher printed wrongly, in the publisher's words, and what we read instead."""

    id: Identifier
    publication: Identifier
    label: Text
    heading: str
    area: Text
    period: Text
    printed: Text
    corrected: Text
    reason: Text
    declared_by: Text
    declared_on: date
    source_url: Url | None

    @model_validator(mode="after")
    def it_changes_something(self) -> Self:
        if self.printed.strip() == self.corrected.strip():
            raise ValueError(f"printed and corrected are both {self.printed!r}; a correction changes something")
        _refuse_the_future(self.declared_on)
        return self


class Disclosure(Strict):
    """A figure that may be shown though its publisher withholds it by now, in the words of who gave it."""

    id: Identifier
    publication: Identifier
    label: Text
    heading: str
    area: Text
    period: Text
    breakdown_value: Text | None  # the part, as fct_observation_vintage calls it; null: of everyone
    reason: Text
    declared_by: Text
    declared_on: date
    source_url: Url | None

    @model_validator(mode="after")
    def it_was_declared(self) -> Self:
        _refuse_the_future(self.declared_on)
        return self


class Corrections(Strict):
    corrections: tuple[Correction, ...] = ()
    disclosed: tuple[Disclosure, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def nobody_stands_in_it(cls, content: object) -> object:
        """Looked at before anything else of the file is said, which would quote it."""
        for place, found in _persons(content):
            raise ValueError(f"{place} holds {found}; say it without, because this file is kept for ever")
        return content


def _persons(content: object, place: str = "") -> Iterator[tuple[str, Found]]:
    """What a person writes of a cell is published with the project, so nothing about anybody may stand in it."""
    match content:
        case dict():
            for key, value in content.items():
                yield from _persons(key, f"a key of {place or 'the file'}")
                yield from _persons(value, f"{place}.{masked(str(key))}".lstrip("."))
        case list():
            for number, value in enumerate(content):
                yield from _persons(value, f"{place}[{number}]")
        case str() | int():
            yield from ((place, each) for each in find_personal(str(content)))


class BrokenSeries(Strict):
    """A published series that feeds no measure, by its source's words."""

    source: Identifier = key("A file of ingestion/sources/.", good="lgbf", bad="Benchmarking Framework")
    label: Text = key("What the source calls it.", good="CHN8a", bad="")
    heading: str = key(
        "The unit, column heading or type of definition that tells two series of one label apart.",
        good="Real", bad=None, default="", when="the source gives one",
    )  # fmt: skip


class Break(Strict):
    """A point in time across which figures do not compare."""

    id: Identifier = key("Begins with `break_`.", good="break_cp_rate_denominator", bad="New denominator")
    measure: Identifier | None = key(
        "The measure whose figures do not compare; null exactly when series is given.",
        good="cp_registration__per_1000_0_15", bad="Per 1,000 aged 0 to 15",
    )  # fmt: skip
    continued_by: Identifier | None = key(
        "The measure that the figures after the break are of; null when they are still of the same one.",
        good="cp_registration__per_1000_0_17", bad="Per 1,000 aged 0 to 17",
    )  # fmt: skip
    series: BrokenSeries | None = Field(
        description="The series that breaks, when it feeds no measure; null exactly when measure is given.",
        examples=[None],  # of the two, the good examples give the measure
    )
    old_until: date | None = key(
        "The last day for which the old way certainly held, before new_from; null when that is not known.",
        good=None, bad=date(2023, 8, 1),
    )  # fmt: skip
    new_from: date = key("The first day for which the new way certainly holds.", good=date(2023, 8, 1), bad="2023-24")
    rejoined_from: date | None = key(
        "The first day from which figures compare with those before the break again.",
        good=None, bad=date(2023, 8, 1), default=None, when="what changed lasted for a time",
    )  # fmt: skip
    certainty: Literal["established", "possible"] = key(
        "`established` when figures before and after do not compare, `possible` when something changed and it is not "
        "known whether they do.",
        good="established", bad="likely",
    )  # fmt: skip
    reason: Text = key(
        "What changed, in our words.",
        good="The rate was per 1,000 children aged 0 to 15 and is now per 1,000 aged 0 to 17.", bad=None,
    )  # fmt: skip
    source_url: Url = key(
        "The page that says so.",
        good="https://www.gov.scot/publications/childrens-social-work-statistics-child-protection-2023-24/pages/"
        "child-protection-planning-meetings/",
        bad="the release",
    )

    @model_validator(mode="after")
    def it_is_of_one_thing(self) -> Self:
        if (self.measure is None) == (self.series is None):
            raise ValueError("a break is of a measure or of a series; give one of the two and write null for the other")
        if self.continued_by is not None and self.measure is None:
            raise ValueError("continued_by is given without a measure; name the measure that it continues")
        if self.old_until is not None and self.old_until >= self.new_from:
            raise ValueError(
                f"old_until is {self.old_until}, which is not before {self.new_from}; correct one of the two"
            )
        if self.rejoined_from is not None and self.rejoined_from <= self.new_from:
            raise ValueError(f"rejoined_from is {self.rejoined_from}, which is not after {self.new_from}; correct one")
        return self


class Breaks(Strict):
    """`framework/breaks.yml`."""

    breaks: tuple[Break, ...] = Field(description="The breaks that are known.")


class QuotedFigure(Strict):
    publisher: Text
    value: float


class KnownConflict(Strict):
    """A disagreement between publishers that no loaded file shows."""

    id: Identifier
    subject: Text
    area_code: Annotated[str, Field(pattern=r"^S\d{8}$")]
    period_label: Text
    unit: Text
    figures: tuple[QuotedFigure, ...] = Field(min_length=2, max_length=2)
    note: Text
    source_url: Url | None


class KnownConflicts(Strict):
    known_conflicts: tuple[KnownConflict, ...]


class Retirement(Strict):
    """A raw table that is no longer loaded."""

    table: Identifier
    since: date
    reason: Annotated[str, Field(min_length=20)]


class Retired(Strict):
    retired: tuple[Retirement, ...]


Item = TypeVar("Item", bound=Strict)
Cell = TypeVar("Cell", Correction, Disclosure)


@functools.cache
def publication_series(file: Path = INGESTION / "publication_series.yml") -> tuple[PublicationSeries, ...]:
    """The series that restate others. Raises CatalogueError for one that is named twice or restates a restater."""
    found = _unique(file, load_yaml(file, PublicationSeriesFile).series, lambda each: each.name)
    restaters = {each.name for each in found}
    for each in found:
        if both := sorted(restaters & set(each.restates)):
            raise CatalogueError(
                f"{shown(file)}: series[{each.name}].restates: {both[0]!r} restates others itself; name those instead"
            )
    return found


def _cell(each: Correction | Disclosure) -> str:
    part = [each.breakdown_value or ""] if isinstance(each, Disclosure) else []
    return " · ".join([each.publication, each.label, each.heading, each.area, each.period, *part])


@functools.cache
def corrections(folder: Path = SOURCES) -> tuple[tuple[str, Correction], ...]:
    """The corrections that are declared, each with its source, in whose folder they stand in corrections.yml.

    Whether one still matches a figure is for the build to say.
    """
    return _declared(folder, lambda file: file.corrections)


@functools.cache
def disclosures(folder: Path = SOURCES) -> tuple[tuple[str, Disclosure], ...]:
    """What may be shown though it is withheld by now, each with its source, in whose corrections.yml it stands."""
    return _declared(folder, lambda file: file.disclosed)


def _declared(folder: Path, of: Callable[[Corrections], tuple[Cell, ...]]) -> tuple[tuple[str, Cell], ...]:
    found: dict[str, tuple[str, Cell]] = {}
    for file in sorted(folder.glob(f"*/{CORRECTIONS}")):
        source, declared = file.parent.name, of(load_yaml(file, Corrections))
        _unique(file, declared, _cell)
        for each in declared:
            if each.id in found:
                other = shown(folder / found[each.id][0] / CORRECTIONS)
                raise CatalogueError(f"{shown(file)}: {each.id!r} is given twice, also in {other}; choose another id")
            found[each.id] = (source, each)
    return tuple(found.values())


@functools.cache
def breaks(file: Path = ROOT / "framework" / "breaks.yml") -> tuple[Break, ...]:
    """The breaks that are declared. Raises CatalogueError for one of a measure that does not exist."""
    from promise.catalogue.framework import framework

    known = {measure.id for _, measure in framework().measures()}
    found = _unique(file, load_yaml(file, Breaks).breaks, lambda each: each.id)
    for each in found:
        for name, measure in (("measure", each.measure), ("continued_by", each.continued_by)):
            if measure is not None and measure not in known:
                raise CatalogueError(
                    f"{shown(file)}: breaks[{each.id}].{name}: no measure {measure!r} in indicators/; correct it"
                )
    return found


@functools.cache
def known_conflicts(file: Path = INGESTION / "known_conflicts.yml") -> tuple[KnownConflict, ...]:
    """Disagreements that no loaded file shows."""
    return _unique(file, load_yaml(file, KnownConflicts).known_conflicts, lambda each: each.id)


@functools.cache
def retired(file: Path = INGESTION / "retired.yml") -> tuple[Retirement, ...]:
    """The raw tables that are no longer loaded, with date and reason."""
    return _unique(file, load_yaml(file, Retired).retired, lambda each: each.table)


def retirement(source_id: str) -> Retirement | None:
    """Since when and why a source is no longer loaded, where that is written down."""
    return next((each for each in retired() if each.table.partition("__")[0] == source_id), None)


def ever_loaded(file: Path = EVER_LOADED) -> tuple[str, ...]:
    """Every raw table that this project has ever loaded, in the order in which they came."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return tuple(line for line in lines if line and not line.startswith("#"))


def unaccounted(
    described: Iterable[str], ever: Iterable[str], retirements: Iterable[Retirement], loaded: Iterable[str] = ()
) -> list[str]:
    """What is wrong with the list of tables, in words: none vanishes without a retirement that says why.

    `loaded` is what a ledger knows of, where there is one.
    """
    here, listed, gone = set(described), list(ever), {each.table for each in retirements}
    found = [f"{table} stands twice in ingestion/ever_loaded.txt; keep the first" for table in _doubled(listed)]
    found += [
        f"{table} was loaded once and is neither described in ingestion/sources/ nor retired; restore its source, or "
        "say in ingestion/retired.yml since when and why it is no longer loaded"
        for table in sorted({*listed, *loaded} - here - gone)
    ]
    found += [
        f"{table} is described but is not in ingestion/ever_loaded.txt; add it there as a new last line"
        for table in sorted(here - set(listed))
    ]
    found += [
        f"{table} is retired in ingestion/retired.yml but described in ingestion/sources/; remove one of the two"
        for table in sorted(here & gone)
    ]
    found += [
        f"{table} is retired in ingestion/retired.yml but was never loaded; correct its name"
        for table in sorted(gone - set(listed))
    ]
    return found


def _unique(file: Path, items: tuple[Item, ...], key: Callable[[Item], str]) -> tuple[Item, ...]:
    if doubled := _doubled([key(each) for each in items]):
        raise CatalogueError(f"{shown(file)}: {doubled[0]!r} is given twice; keep one of them")
    return items


def _doubled(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
