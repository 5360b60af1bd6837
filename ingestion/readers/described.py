"""A file read as its source describes it: the right table, its headings mapped, each row with its number.

This is where looking ends and contracts begin. A heading that is missing, doubled or undeclared stops the file, as do a
fault inside the table and a table that cannot be told from another; the message says what was found and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import PersonalData, SourceChanged, SourceFaulty
from ingestion.readers import ckan, ons
from ingestion.readers import statistics_gov_scot as sgs
from ingestion.readers.data_cart import read_cart
from ingestion.readers.footnotes import split_brackets, split_label
from ingestion.readers.headings import Columns, Match, Printed, Reading, Row, match, named, period_apart, renamed
from ingestion.readers.json_cube import is_jsonstat, is_statxplore, jsonstat, statxplore
from ingestion.readers.json_text import load_json
from ingestion.readers.sheet_tables import find_tables
from ingestion.readers.tables import Cell, Table, listed
from ingestion.readers.tables import Row as TableRow
from ingestion.readers.text_tables import read_text
from ingestion.readers.workbook import read_workbook
from promise.catalogue.shapes import OF_THE_EDITION, Published, Searched
from promise.vocabulary.personal import may_be_personal, suspicion
from promise.vocabulary.quoting import found as quoted

VALUE = "@value"  # of a table with one column of figures: that column, which is headed by what is measured


@dataclass(frozen=True)
class Asked:
    """Whose file is read, for messages, and what is wanted of it."""

    source_id: str
    file_name: str
    columns: Columns  # our column -> the headings that it has had, or one of the @ names
    period: str | None = None  # of which the file is, where its source's entry says so

    @property
    def where(self) -> str:
        return f"{self.source_id}: {self.file_name}"

    @property
    def yaml(self) -> str:
        return f"ingestion/sources/{self.source_id}/source.yml"

    @property
    def newest(self) -> str:
        """The headings that are expected now, for messages."""
        return listed([headings[0] for headings in self.columns.values() if not headings[0].startswith("@")])


def read_described(path: Path, asked: Asked, shape: Published | Searched) -> Reading:
    """The file's headings, and its rows as (row number, texts in the order of `columns`).

    Raises SourceChanged naming source, file, place and remedy.
    """
    table = _table(path, asked, shape)
    _refuse_faults(table, asked, taken=())
    if isinstance(shape, Searched) and shape.layout == "long":
        return _long(table, asked, shape.take)
    if isinstance(shape, Published) and shape.shape == "slice_csv":
        return _long(table, asked, None)
    return _wide(table, asked, shape)


def address_of(path: Path, asked: Asked, shape: Published | Searched, row: int, heading: str) -> str | None:
    """Where the cell of a row under a heading stands in the file; None when that is no printed heading."""
    table = _table(path, asked, shape)
    texts = [each.text for each in table.headings]
    return table.address(row, texts.index(heading)) if heading in texts else None


# -- the table ---------------------------------------------------------------------------------------------------------


def _table(path: Path, asked: Asked, shape: Published | Searched) -> Table:
    if isinstance(shape, Searched):
        return choose(_tables(path, asked, shape), asked, shape)
    return _published(path, asked, shape)


def _tables(path: Path, asked: Asked, shape: Searched) -> list[Table]:
    if shape.shape == "text_table":
        return list(read_text(path, asked.where).tables)
    found: list[Table] = []
    for sheet in read_workbook(path, asked.where):
        if shape.sheet is None or re.search(shape.sheet, sheet.name):
            found += find_tables(sheet.grid)[0]
    if not found and shape.sheet:
        names = [sheet.name for sheet in read_workbook(path, asked.where)]
        raise SourceChanged(
            f"{asked.where}: no sheet like {shape.sheet!r}, found {listed(names)}. Correct `sheet` in {asked.yaml}, "
            "or leave it out: the table is found by its headings"
        )
    return found


def choose(tables: Sequence[Table], asked: Asked, shape: Searched) -> Table:
    """The one table with all the headings and the title asked for.

    Raises SourceChanged saying what is there instead.
    """
    named = [(table, _names(table, asked)) for table in tables]
    fits = [table for table, names in named if _hits(names, shape) == len(shape.headings) and _titled(table, shape)]
    if len(fits) == 1:
        return fits[0]
    wanted = f"headings like {listed(shape.headings)}" + (f" under a title like {shape.title!r}" if shape.title else "")
    if fits:
        places = listed([table.place for table in fits])
        raise SourceChanged(
            f"{asked.where}: {len(fits)} tables have {wanted}: {places}. Say more under `headings`, `title` or "
            f"`sheet` in {asked.yaml}, so that only one fits"
        )
    if not named:
        raise SourceChanged(f"{asked.where}: no table at all, expected one with {wanted}. Look at it with promise peek")
    best, names = max(named, key=lambda each: _hits(each[1], shape))
    lacking = [each for each in shape.headings if not _has(names, each)]
    reason = f"it has no heading like {listed(lacking)}" if lacking else f"no line above it is like {shape.title!r}"
    raise SourceChanged(
        f"{asked.where}, {best.place}: the table nearest to what is described, and {reason}; expected {wanted}, found "
        f"{_named([heading.text for heading in best.headings], beside_ours=_hits(names, shape) > 0)}. "
        f"{renamed(asked.yaml)}. If it was changed otherwise, correct `reader` there"
    )


def _named(headings: Sequence[str], *, beside_ours: bool, most: int = 8) -> str:
    """The first headings of a table, the rest counted."""
    words = ", ".join(named(each, beside_ours=beside_ours) for each in headings[:most])
    return f"{words} and {len(headings) - most} more" if len(headings) > most else words or "nothing"


def _names(table: Table, asked: Asked) -> set[str]:
    """What the table's columns are called, and what they were or came to be called in other editions."""
    history = {heading: headings for headings in asked.columns.values() for heading in headings}
    return {name for heading in table.headings for name in history.get(heading.text, (heading.text,))}


def _titled(table: Table, shape: Searched) -> bool:
    return shape.title is None or any(re.search(shape.title, note.text) for note in table.titles)


def _hits(names: Iterable[str], shape: Searched) -> int:
    return sum(_has(names, each) for each in shape.headings)


def _has(names: Iterable[str], pattern: str) -> bool:
    return any(re.search(pattern, name) for name in names)


def _published(path: Path, asked: Asked, shape: Published) -> Table:
    readers: dict[str, Callable[[Path, str], Table]] = {
        "cube_csv": sgs.read_cube,
        "slice_csv": sgs.read_slice,
        "sparql": sgs.read_query,
        "data_cart": read_cart,
        "ons_csv": ons.read_observations,
        "ckan": _ckan,
        "statxplore": _statxplore,
        "jsonstat": _jsonstat,
    }
    return readers[shape.shape](path, asked.where)


def _statxplore(path: Path, where: str) -> Table:
    content = load_json(path, where)
    if not is_statxplore(content):
        raise SourceChanged(f"{where}: not a Stat-Xplore response; expected fields, measures and cubes. Look at it")
    tables = statxplore(content, where)
    if len(tables) != 1:
        raise SourceChanged(f"{where}: {len(tables)} measures in one response, expected one. Ask for them one by one")
    return tables[0]


def _jsonstat(path: Path, where: str) -> Table:
    content = load_json(path, where)
    if not is_jsonstat(content):
        raise SourceChanged(f"{where}: not a JSON-stat dataset; expected dimension and value. Look at it")
    return jsonstat(content, where)


def _ckan(path: Path, where: str) -> Table:
    """A datastore answer, or a dump of it as CSV or TSV."""
    with path.open("rb") as raw:
        answer = raw.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    if answer:
        content = load_json(path, where)
        if not ckan.is_ckan(content):
            raise SourceChanged(f"{where}: not an answer of CKAN; expected success and result")
        return ckan.read_answer(content, path.name, where)
    tables = read_text(path, where).tables
    if len(tables) != 1:
        raise SourceChanged(f"{where}: {len(tables)} tables, expected one. Look at it with promise peek")
    return tables[0]


def _refuse_faults(table: Table, asked: Asked, taken: Collection[int]) -> None:
    """Stop at what is wrong with the table, and with the columns at those places."""
    faults = [each for each in table.faults if each.position is None or each.position in taken]
    if faults:
        more = f" There are {len(faults) - 1} more such faults." if len(faults) > 1 else ""
        raise SourceFaulty(f"{asked.where}, {faults[0]}.{more}".replace("..", "."))


# -- its headings ------------------------------------------------------------------------------------------------------


def _said(table: Table, asked: Asked) -> dict[str, str | None]:
    """What is the same for each row of the table, by its @ name."""
    if (OF_THE_EDITION,) in asked.columns.values() and asked.period is None:
        raise SourceChanged(
            f"{asked.where}: nothing says of which period its figures are; name the file under `bundle` in "
            f"{asked.yaml}, with its `period`"
        )
    said: dict[str, str | None] = {"@title": "", "@title period": None, "@sheet": table.name}
    said |= {OF_THE_EDITION: asked.period} if asked.period else {}
    said |= {f"@{key}": text for key, text in table.context}
    if not table.titles:
        return said
    return said | {"@title": " ".join(note.text for note in table.titles), "@title period": title_period(table)}


def title_period(table: Table) -> str | None:
    """The first period in the lines above a table, without the mark of a note that may hang on it."""
    return period_apart([split_brackets(note.text, table.listed).text for note in table.titles])[0]


def _match(asked: Asked, printed: Sequence[Printed], beside: Sequence[str]) -> Match:
    """Find the columns among the printed headings and, behind them, the @ names that this table has."""
    found = match(asked.columns, [*printed, *map(Printed, beside)])
    for column, (name, *_) in asked.columns.items():
        if column not in found.places and name.startswith("@"):
            raise SourceChanged(
                f"{asked.where}: the table has no {name!r}; expected one of {listed(beside, 20)}. {renamed(asked.yaml)}"
            )
    return found


def _refuse(table: Table, asked: Asked, shape: Published | Searched, found: Match) -> None:
    """Stop at a heading that is missing or doubled, and at one that is neither described nor to be ignored."""
    unknown = [
        heading
        for position, heading in enumerate(table.headings)
        if position in found.unknown
        and not any(re.search(pattern, heading.text) for pattern in shape.ignore)
        and not (shape.shape == "ckan" and ckan.is_noise(heading.text))
        and not _is_blank(table, position)
        and not (position == 0 and not heading.text and "@label" in found.headings.values())
    ]
    faults = [
        *found.faults,
        *(
            f"the heading {named(heading.text, beside_ours=bool(found.places))} ({heading.address}) is not described"
            f"{suspicion(heading.text)}"
            for heading in unknown[:5]
        ),
        *([f"{len(unknown) - 5} more headings are not described"] if len(unknown) > 5 else []),
    ]
    if faults:
        raise (PersonalData if any(may_be_personal(each.text) for each in unknown) else SourceChanged)(
            f"{asked.where}, {table.place}: {'; '.join(faults)}. Expected: {asked.newest}. {renamed(asked.yaml)}. What "
            "is not wanted is named under `ignore`"
        )


def _is_blank(table: Table, position: int) -> bool:
    """A spacer between groups: no heading and nothing below."""
    return not table.headings[position].text and not any(row.texts[position].strip() for row in table.rows())


# -- its rows ----------------------------------------------------------------------------------------------------------


def _wide(table: Table, asked: Asked, shape: Published | Searched) -> Reading:
    with_value = (VALUE,) in asked.columns.values()
    printed = [
        Printed(VALUE if with_value and position == table.labels else heading.text, heading.address)
        for position, heading in enumerate(table.headings)
    ]
    said, of_row = _said(table, asked), _of_row(table)
    found = _match(asked, printed, [*of_row, *said])
    _refuse(table, asked, shape, found)
    _refuse_faults(table, asked, taken=found.places.values())

    def getter(column: str) -> Callable[[TableRow], str | None]:
        position, name = found.places[column], found.headings[column]
        if position < len(printed):
            return lambda row: row.texts[position]
        return of_row[name] if name in of_row else (lambda _: said[name])

    def rows() -> Iterator[Row]:
        getters = [getter(column) for column in asked.columns]
        for row in table.rows():
            if len(row.texts) != len(table.headings):
                raise SourceChanged(
                    f"{asked.where}, row {row.number}: {len(row.texts)} cells where the headings are "
                    f"{len(table.headings)}; the file was cut short there, or a cell holds an unquoted delimiter. Look "
                    "at that line"
                )
            yield row.number, [get(row) for get in getters]

    return Reading(found.headings, rows())


def _of_row(table: Table) -> dict[str, Callable[[TableRow], str | None]]:
    """What a row of this table has besides its cells; its first label stands under no heading in many tables."""
    return {
        "@section": lambda row: row.section,
        "@parent": lambda row: row.parent,
        "@label": lambda row: split_label(row.texts[0], table.listed).text,
        "@label marks": lambda row: ", ".join(split_label(row.texts[0], table.listed).marks),
    }


OF_CELL: dict[str, Callable[[Cell], str | None]] = {
    "@heading": lambda cell: cell.heading.text,
    "@heading period": lambda cell: period_apart(cell.heading.parts)[0],
    "@heading words": lambda cell: period_apart(cell.heading.parts)[1],
    "@heading address": lambda cell: cell.heading.published[0],
    "@heading marks": lambda cell: ", ".join(cell.heading.marks),
    "@cell": lambda cell: cell.address,
    "@text": lambda cell: cell.text,
    "@label": lambda cell: cell.labels[0].text if cell.labels else None,
    "@label marks": lambda cell: ", ".join(mark for label in cell.labels for mark in label.marks),
    "@section": lambda cell: cell.section,
    "@parent": lambda cell: cell.parent,
}


def _long(table: Table, asked: Asked, take: str | None) -> Reading:
    labels = [Printed(heading.text, heading.address) for heading in table.headings[: table.labels]]
    said = _said(table, asked)
    found = _match(asked, labels, [*OF_CELL, *said])
    if found.faults:
        beside_ours = any(position < len(labels) for position in found.places.values())
        raise SourceChanged(
            f"{asked.where}, {table.place}: {'; '.join(found.faults)}. Expected left of the figures: {asked.newest}; "
            f"found {_named([label.text for label in labels], beside_ours=beside_ours)}. {renamed(asked.yaml)}"
        )
    wanted = {heading for heading in table.headings[table.labels :] if take is None or re.search(take, heading.text)}
    if not wanted:
        raise SourceChanged(f"{asked.where}, {table.place}: no heading like {take!r}; correct `take` in {asked.yaml}")
    _refuse_faults(table, asked, taken={place for place, each in enumerate(table.headings) if each in wanted})

    def getter(column: str) -> Callable[[Cell], str | None]:
        position, name = found.places[column], found.headings[column]
        if position < len(labels):
            return lambda cell: cell.labels[position].text
        return OF_CELL[name] if name in OF_CELL else (lambda _: said[name])

    def rows() -> Iterator[Row]:
        getters = [getter(column) for column in asked.columns]
        for cell in table.cells():
            # A column without a heading is a spacer; if something stands in it, nobody can say what it is.
            if cell.heading not in wanted:
                continue
            if not cell.heading.text:
                if cell.text.strip():
                    raise SourceChanged(
                        f"{asked.where}, {cell.address}: {quoted(cell.text)} stands under no heading; expected one. "
                        "Look at it"
                    )
                continue
            yield cell.row, [get(cell) for get in getters]

    return Reading(found.headings, rows())
