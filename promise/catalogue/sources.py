"""The sources: where we look, what the files look like, and which words in them mean that there is no number.

One folder per source in `ingestion/sources/`: its entry (`source.yml`), read strictly, the files that ship, and its
corrections. Connectors, readers, DAGs, arrival checks, freshness and the dimension of sources all derive from it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from promise.catalogue.changes import Kind, OfSource
from promise.catalogue.figures import Figures
from promise.catalogue.live import APIS, CareInspectorate, Transport
from promise.catalogue.returns import return_kinds
from promise.catalogue.shapes import OF_THE_EDITION, ColumnName, Columns, Reader
from promise.settings import ROOT, settings
from promise.strict import CatalogueError, Strict, load_yaml, shown
from promise.vocabulary import personal

FOLDER = ROOT / "ingestion" / "sources"
ENTRY = "source.yml"
CORRECTIONS = "corrections.yml"  # of what the source printed wrongly, where there is any

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
# SDMX keeps "why is there no figure" apart from "may it be shown"; so do we. See ARCHITECTURE, three things.
ObsStatus = Literal[
    "final", "provisional", "revised", "estimated", "low", "low_reliability",
    "missing", "not_applicable", "not_collected", "not_available",
]  # fmt: skip
ConfStatus = Literal["free", "suppressed_by_publisher"]


OR_A_COLUMN = "or name the column that says it of each row in figures: publication (docs/sources.md)"

BUNDLE = "bundle:"  # what stands where an address would, for a file that ships with the project


def is_bundled(requested_url: str) -> bool:
    """Whether a landed file came out of the bundle, by what its sidecar and the ledger say was asked for."""
    return requested_url.startswith(BUNDLE)


class Licence(Strict):
    """What we may do with the figures, and the words the publisher asks for."""

    name: str
    url: str | None
    attribution: str


class Freshness(Strict):
    """How many days after a vintage was landed a newer one is expected (warn) and overdue (error)."""

    warn_after_days: int = Field(ge=1)
    error_after_days: int = Field(ge=1)


class Publication(Strict):
    """What the publisher issued, for a file that is one publication as a whole."""

    id: Identifier
    title: str
    publisher: str
    url: str
    published_on: date | None
    precision: Literal["day", "month", "year", "unknown"]
    series: str
    rank: int
    note: str

    @model_validator(mode="after")
    def a_date_has_a_precision(self) -> Self:
        if (self.published_on is None) != (self.precision == "unknown"):
            raise ValueError("published_on is null exactly when precision is unknown")
        return self


class Edition(Strict):
    """One file in the bundle, in the order in which the publisher showed them."""

    file: str
    origin_url: str
    publication: Publication | None  # null: each row of the file names its own, or it holds no figures
    not_before: AwareDatetime | None = None  # the publisher's embargo: landed and checked, in no release before
    held_since: date | None = None  # in version control since; bounds publications whose own date nobody knows
    period: str | None = None  # of which its figures are, where no cell, heading or title says: for @edition period


OF_A_FIGURE = ("final", "provisional", "revised", "estimated", "low", "low_reliability")


class Marker(Strict):
    """A published word that stands where a number would."""

    obs_status: ObsStatus
    conf_status: ConfStatus
    meaning: str

    @property
    def is_of_a_figure(self) -> bool:
        """Whether it says of what kind a figure is, and not why there is none."""
        return self.conf_status == "free" and self.obs_status in OF_A_FIGURE


class AreaColumn(Strict):
    """A column that names areas, and how."""

    column: ColumnName
    by: Literal["name", "code"]
    # What begins so is known and no area that we keep: E for England's codes, S01 for data zones, `Grant aided` for the
    # schools that no council runs.
    outside: tuple[Annotated[str, Field(pattern=r"^[A-Z][^%_\\]*$")], ...] = ()

    @model_validator(mode="after")
    def what_is_outside_is_not_kept(self) -> Self:
        from promise.vocabulary.area_list import areas

        for prefix in self.outside:
            if self.by == "code" and not re.fullmatch(r"[A-Z][0-9]{0,2}", prefix):
                raise ValueError(f"outside: {prefix!r} is not how a code begins; write such as E or S01")
            kept = next(
                (
                    area
                    for _, area in areas()
                    # Another spelling may mean something else in one source: "All local authorities" beside "Scotland".
                    for word in (area.codes if self.by == "code" else (area.name,))
                    if word.casefold().startswith(prefix.casefold())
                ),
                None,
            )
            if kept:
                raise ValueError(
                    f"outside: {prefix} is how {kept.code} ({kept.name}) begins, which is kept; say more of it"
                )
        return self


class PeriodColumn(Strict):
    """A column that says when, and in which style of `ingestion/vocabulary/periods.yml`."""

    column: ColumnName
    style: str

    @model_validator(mode="after")
    def the_style_can_be_read(self) -> Self:
        from promise.vocabulary.period_forms import vocabulary

        if self.style not in vocabulary().styles:
            raise ValueError(
                f"{self.style!r} is no period style; known: {', '.join(vocabulary().styles)}. "
                "Correct it, or describe it in ingestion/vocabulary/periods.yml"
            )
        return self


class Checks(Strict):
    """What must hold on arrival, besides the headings. Each becomes an expectation of the arrival gate."""

    at_least_rows: int = Field(ge=1)
    key: tuple[ColumnName, ...]
    not_null: tuple[ColumnName, ...] = ()
    numbers: tuple[ColumnName, ...] = ()  # a number as published, or one of the markers
    area: AreaColumn | None = None
    distinct_areas: int | None = None
    period: PeriodColumn | None = None  # a period as published; a code that had ended by then is refused
    # Areas that the newest period need not have, each with why: code -> reason.
    absent: dict[Annotated[str, Field(pattern=r"^S\d{8}$")], str] = Field(default_factory=dict)
    # What is not remarkable in this source, against ingestion/changes.yml, and why.
    changes: dict[Kind, OfSource] = Field(default_factory=dict)


class NotPersonal(Strict):
    """Values of a column that look as if they were about a person, and are not."""

    kind: personal.Kind
    column: ColumnName
    why: str = Field(min_length=10)


class Table(Strict):
    """One raw table: which columns, in the publisher's order, and which headings each has had."""

    name: ColumnName
    reader: Reader
    columns: Columns
    checks: Checks

    @model_validator(mode="after")
    def checks_name_columns(self) -> Self:
        named = {*self.checks.key, *self.checks.not_null, *self.checks.numbers}
        if self.checks.area:
            named.add(self.checks.area.column)
        if self.checks.period:
            named.add(self.checks.period.column)
        if unknown := sorted(named - set(self.columns)):
            raise ValueError(f"checks name columns that are not mapped: {', '.join(unknown)}")
        return self

    @property
    def newest(self) -> dict[str, str]:
        """Our column -> the heading that it has now, or in the file of which this speaks."""
        return {column: headings[0] for column, headings in self.columns.items()}

    def column_of(self, heading: str) -> str | None:
        """The column that has this heading, or had it once."""
        return next((column for column, headings in self.columns.items() if heading in headings), None)


SourceKind = Literal["published_file", "publishers_api", "transcription"]


class Source(Strict):
    """A place where we look. Its id never changes and is never reused."""

    id: Identifier
    title: str
    description: str
    publisher: Identifier  # an organisation of framework/organisations.yml
    landing_page: str
    licence: Licence
    cadence: Literal["annual", "biennial", "quarterly", "monthly", "irregular", "once"]
    check_cron: str
    freshness: Freshness | None  # null: reference data that does not age on a calendar
    # What of the files before it a newer one takes the place of: all that they have; what they have of a series and
    # period that it has figures of itself; or nothing, so that a figure stands until another is given for it. What it
    # should have by that and has not is withdrawn. Of reference data the newest file alone is read: whole.
    replaces: Literal["whole", "its_periods", "nothing"] = "its_periods"
    identity: Literal["bytes", "cells"] = "bytes"  # cells: the publisher regenerates the file on every request
    # none: no heading is about a person; dropped: the publisher's file names persons, and no row of it is taken
    personal_data: Literal["none", "dropped"]
    not_personal: tuple[NotPersonal, ...] = ()  # what the rules about values must let pass, and why
    bundle: tuple[Edition, ...]  # none: there is nothing that may ship with the project, or nobody has fetched it yet
    live: Transport | None = None  # where the publisher is asked; null: the bundle is all there is
    own_dag: bool = False  # a DAG of its own in dags/ brings its files, whatever bundle and live say (docs/dags.md)
    returns: Identifier | None = None  # the kind of return that its files are; it says what `table` would
    table: Table
    figures: Figures | None  # null: it describes places, codes, definitions or boundaries
    markers: dict[str, Marker]

    @model_validator(mode="before")
    @classmethod
    def the_table_of_a_return_is_its_kinds(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("returns") is None:
            return given
        if "table" in given:
            raise ValueError("table stands beside returns, and the kind of return says it; take one of the two out")
        known = return_kinds()
        if given["returns"] not in known:
            raise ValueError(f"returns: {given['returns']!r} is no kind of return; known: {', '.join(known)}")
        kind = known[given["returns"]]
        required = [each.id for each in kind.fields if each.required]
        return given | {
            "table": {
                "name": kind.table,
                "reader": {"shape": "delimited"},
                "columns": {column: column for column in kind.columns},
                "checks": {"at_least_rows": 1, "key": list(kind.key), "not_null": ["returned_by", *required]},
            }
        }

    @model_validator(mode="after")
    def it_is_somewhere_and_is_one_table(self) -> Self:
        if not self.bundle and self.live is None and not self.own_dag:
            raise ValueError(
                "neither bundle nor live says where its files are; describe one of them, or say own_dag: true where a "
                "DAG of its own brings them"
            )
        if self.personal_data == "dropped" and not isinstance(self.live, CareInspectorate):
            raise ValueError("personal_data: dropped is for live: transport: care_inspectorate, which drops it")
        if unknown := sorted({each.column for each in self.not_personal} - set(self.table.columns)):
            raise ValueError(f"not_personal names columns that are not mapped: {', '.join(unknown)}")
        if self.live is not None and self.live.reads is not None:
            ours, theirs = sorted(self.table.columns), sorted(self.live.reads.columns)
            if theirs != ours:
                raise ValueError(
                    f"live: reads: columns gives {', '.join(theirs)}; expected what table: columns gives: "
                    f"{', '.join(ours)}"
                )
        return self

    @model_validator(mode="after")
    def the_period_of_an_edition_is_asked_for_and_given(self) -> Self:
        is_asked = (OF_THE_EDITION,) in self.table.columns.values()
        for place, edition in enumerate(self.bundle):
            if is_asked and edition.period is None:
                raise ValueError(
                    f"bundle[{place}].period: is missing, and a column takes {OF_THE_EDITION!r}; write of which period "
                    "the figures are, as the column's style has it"
                )
            if not is_asked and edition.period is not None:
                raise ValueError(
                    f"bundle[{place}].period: is given, and no column takes it; write one under table: columns with "
                    f'the heading "{OF_THE_EDITION}", or remove it'
                )
        if is_asked and (self.live or self.own_dag):
            raise ValueError(
                f"a column takes {OF_THE_EDITION!r}, which is said of bundled files only, and others may come; take "
                "the period out of the file"
            )
        return self

    @model_validator(mode="after")
    def it_replaces_what_it_is_said_to(self) -> Self:
        if self.figures is None and "replaces" in self.model_fields_set and self.replaces != "whole":
            raise ValueError(
                f"replaces: {self.replaces} is for figures, and of what holds none the newest file alone is read; write"
                " replaces: whole"
            )
        return self

    @model_validator(mode="after")
    def its_figures_can_be_found(self) -> Self:
        if self.figures is None:
            return self
        if unknown := sorted(set(self.figures.columns) - set(self.table.columns)):
            raise ValueError(f"figures names columns that table: columns does not map: {', '.join(unknown)}; map them")
        if self.figures.by_hand:
            return self
        checks = self.table.checks
        if checks.area is None:
            raise ValueError("figures are of areas, and table: checks: area names no column; add it")
        if (checks.period is None) == (self.figures.period is None):
            raise ValueError(
                "the column of periods is named in table: checks: period or in figures: period; name it in one"
            )
        return self

    @model_validator(mode="after")
    def its_figures_are_of_a_publication(self) -> Self:
        if not self.is_of_publications_as_a_whole:
            return self
        for place, edition in enumerate(self.bundle):
            if edition.publication is None:
                raise ValueError(
                    f"bundle[{place}].publication: is null, and there are figures in {edition.file}; write id, title, "
                    f"publisher and so on of the publication that it is, {OR_A_COLUMN}"
                )
        if self.live is not None and self.live.publication_series is None:
            raise ValueError(
                f"live.publication_series: is missing, and there are figures; name the series of which each file is a "
                f"publication, {OR_A_COLUMN}"
            )
        return self

    @property
    def kind(self) -> SourceKind:
        """How its figures came here: typed by this project, or in the publisher's own file or answer."""
        if self.figures is not None and self.figures.read_from:
            return "transcription"
        return "publishers_api" if isinstance(self.live, APIS) else "published_file"

    @property
    def is_of_publications_as_a_whole(self) -> bool:
        """Whether each of its files is one publication, because it holds figures and no row names its own."""
        return self.figures is not None and self.figures.publication is None

    @property
    def reasons(self) -> tuple[str, ...]:
        """The qualifiers that say why a cell is blank. Beside a blank, that is what is published."""
        qualifies = self.figures is not None and self.figures.qualifiers
        return tuple(text for text, each in self.markers.items() if qualifies and text and not each.is_of_a_figure)

    @property
    def raw_table(self) -> str:
        """The table in schema `raw`; the part after the two underscores says what a row is."""
        return f"{self.id}__{self.table.name}"

    @property
    def staging_model(self) -> str:
        """The dbt model that stages it, in `figures/`, `reference/` or `returns/`."""
        return f"stg_returns__{self.table.name}" if self.returns else f"stg_{self.raw_table}"

    def edition(self, requested_url: str) -> Edition | None:
        """The bundled file that was asked for there."""
        return next((each for each in self.bundle if requested_url == self.address(each)), None)

    def address(self, edition: Edition) -> str:
        """What stands where an address would, for a bundled file."""
        return f"{BUNDLE}{self.id}/{edition.file}"

    def is_asked(self, mode: str) -> bool:
        """Whether we know where to look in this mode: what exists only at its publisher is in no bundle, and what a DAG
        of its own brings is that DAG's business."""
        return not self.own_dag and (bool(self.bundle) or mode == "live")

    def as_landed(self, requested_url: str, headings: Mapping[str, str] | None = None) -> Source:
        """The source as it describes the file that was asked for there: the bundled one, or the publisher's own.

        `headings` are those of that very file, as the ledger has them; they come to the front. Only shape and headings
        differ; columns and their order are those of `table`.
        """
        reads = None if self.live is None or is_bundled(requested_url) else self.live.reads
        if reads is None and headings is None:
            return self
        layout, of_file = reads or self.table, headings or {}
        # Not in place of the others: a table is found by what its headings are called in any edition.
        columns = {
            ours: tuple(dict.fromkeys([of_file.get(ours, layout.columns[ours][0]), *layout.columns[ours]]))
            for ours in self.table.columns
        }
        table = self.table.model_copy(update={"reader": layout.reader, "columns": columns})
        # What `reads` says has gone into the table; it is not asked again.
        live = self.live.model_copy(update={"reads": None}) if self.live else None
        return self.model_copy(update={"table": table, "live": live})


def sources(folder: Path | None = None) -> dict[str, Source]:
    """Every source by id, in the order of their ids. Raises CatalogueError naming file, key and remedy."""
    return read_folder(folder or settings().sources)


def asked() -> dict[str, Source]:
    """The sources for which there is somewhere to look in the mode in force."""
    mode = settings().mode
    return {source_id: source for source_id, source in sources().items() if source.is_asked(mode)}


@functools.cache
def read_folder(folder: Path) -> dict[str, Source]:
    """The sources that a folder describes, read once; `sources` says which folder."""
    found: dict[str, Source] = {}
    named: dict[str, str] = {}  # publication -> where
    ranked: dict[tuple[str, int], str] = {}  # series and rank -> where
    for path in sorted(folder.glob(f"*/{ENTRY}")):
        source = load_yaml(path, Source)
        if source.id != path.parent.name:
            raise CatalogueError(f"{shown(path)}: id is {source.id!r}; name the folder {source.id} or correct the id")
        for place, edition in enumerate(source.bundle):
            if edition.publication is None:
                continue
            here = f"{shown(path)}: bundle[{place}].publication"
            if (before := named.setdefault(edition.publication.id, here)) != here:
                raise CatalogueError(
                    f"{here}: id {edition.publication.id} is that of {before}, too; call one otherwise"
                )
            place_in_series = edition.publication.series, edition.publication.rank
            if (before := ranked.setdefault(place_in_series, here)) != here:
                raise CatalogueError(
                    f"{here}: rank {edition.publication.rank} of {edition.publication.series} is that of {before}, "
                    "too; give the later of the two a higher one"
                )
        found[source.id] = source
    if not found:
        raise CatalogueError(f"{folder}: no source described; a checkout without source folders is incomplete")
    return found


def source(source_id: str) -> Source:
    """One source. Raises CatalogueError with the known ids when there is none of that name."""
    known = sources()
    if source_id not in known:
        raise CatalogueError(f"no source {source_id!r}; known: {', '.join(known)}")
    return known[source_id]
