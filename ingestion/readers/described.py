"""A file read as its source describes it: the right table, its headings mapped, each row with its number.

This is where looking ends and contracts begin. A heading that is missing, doubled or undeclared stops the file, as do a
fault inside the table and a table that cannot be told from another; the message says what was found and what to do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion.errors import SourceChanged
from ingestion.readers import ckan, ons
from ingestion.readers import statistics_gov_scot as sgs
from ingestion.readers.grid import Grid
from ingestion.readers.json_cube import is_jsonstat, is_statxplore, jsonstat, statxplore
from ingestion.readers.json_text import load_json
from ingestion.readers.sheet_tables import find_tables
from ingestion.readers.tables import Cell, Heading, Row, Table, listed
from ingestion.readers.text_tables import read_text
from ingestion.readers.workbook import read_workbook
from promise.catalogue.shapes import FROM_THE_CELL, FROM_THE_TABLE, Published, Searched
from promise.vocabulary.personal import suspicion

Texts = list[str | None]
VALUE = "@value"  # of a table with one column of figures: that column, which is headed by what is measured


@dataclass(frozen=True)
class Asked:
    """Whose file is read, for messages, and what is wanted of it."""

    source_id: str
    file_name: str
    columns: Mapping[str, str]  # published heading, or one of the @ names -> our column

    @property
    def where(self) -> str:
        return f"{self.source_id}: {self.file_name}"

    @property
    def yaml(self) -> str:
        return f"ingestion/sources/{self.source_id}/source.yml"


def read_described(path: Path, asked: Asked, shape: Published | Searched) -> Iterator[tuple[int, Texts]]:
    """(row number, texts in the order of `columns`). Raises SourceChanged naming source, file, place and remedy."""
    table = _table(path, asked, shape)
    if table.faults:
        more = f" There are {len(table.faults) - 1} more such faults." if len(table.faults) > 1 else ""
        raise SourceChanged(f"{asked.where}, {table.faults[0]}.{more}".replace("..", "."))
    if isinstance(shape, Searched) and shape.layout == "long":
        return _long(table, asked, shape, shape.take)
    if isinstance(shape, Published) and shape.shape == "slice_csv":
        return _long(table, asked, shape, None)
    return _wide(table, asked, shape)


def address_of(path: Path, asked: Asked, shape: Published | Searched, row: int, heading: str) -> str | None:
    """Where the cell of a row under a heading of `columns` stands in the file; None when that is no printed heading."""
    table = _table(path, asked, shape)
    names = [shape.also_called.get(each.text, each.text) for each in table.headings]
    return table.address(row, names.index(heading)) if heading in names else None


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
            found += find_tables(
                Grid(sheet.name, sheet.rows, sheet.merged, sheet.address, sheet.findings, sheet.visible)
            )[0]
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
    fits = [table for table in tables if _fits(table, shape)]
    if len(fits) == 1:
        return fits[0]
    wanted = f"headings like {listed(shape.headings)}" + (f" under a title like {shape.title!r}" if shape.title else "")
    if fits:
        places = listed([table.place for table in fits])
        raise SourceChanged(
            f"{asked.where}: {len(fits)} tables have {wanted}: {places}. Say more under `headings`, `title` or "
            f"`sheet` in {asked.yaml}, so that only one fits"
        )
    best = max(tables, key=lambda table: _hits(table, shape), default=None)
    if best is None:
        raise SourceChanged(f"{asked.where}: no table at all, expected one with {wanted}. Look at it with promise peek")
    lacking = [each for each in shape.headings if not _has(best, each)]
    reason = f"it has no heading like {listed(lacking)}" if lacking else f"no line above it is like {shape.title!r}"
    raise SourceChanged(
        f"{asked.where}, {best.place}: the table nearest to what is described, and {reason}; expected {wanted}, found "
        f"{listed([heading.text for heading in best.headings])}. If the publisher changed it, correct {asked.yaml}"
    )


def _fits(table: Table, shape: Searched) -> bool:
    return _hits(table, shape) == len(shape.headings) and _titled(table, shape.title)


def _titled(table: Table, title: str | None) -> bool:
    return title is None or any(re.search(title, note.text) for note in table.titles)


def _hits(table: Table, shape: Searched) -> int:
    return sum(_has(table, each) for each in shape.headings)


def _has(table: Table, pattern: str) -> bool:
    return any(re.search(pattern, heading.text) for heading in table.headings)


def _published(path: Path, asked: Asked, shape: Published) -> Table:
    readers: dict[str, Callable[[Path, str], Table]] = {
        "cube_csv": sgs.read_cube,
        "slice_csv": sgs.read_slice,
        "sparql": sgs.read_query,
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


# -- its headings ------------------------------------------------------------------------------------------------------


def _described(table: Table, asked: Asked, shape: Published | Searched) -> list[str | None]:
    """For each heading of the table the name under which `columns` has it; None for one that is not taken."""
    known = set(asked.columns)
    names: list[str | None] = []
    unknown: list[Heading] = []
    for position, heading in enumerate(table.headings):
        name = shape.also_called.get(heading.text, heading.text)
        if VALUE in known and position == table.labels:
            name = VALUE
        if name in known:
            names.append(name)
            continue
        names.append(None)
        ignored = any(re.search(pattern, heading.text) for pattern in shape.ignore)
        noise = isinstance(shape, Published) and shape.shape == "ckan" and ckan.is_noise(heading.text)
        if not ignored and not noise and not _is_blank(table, position):
            unknown.append(heading)
    _refuse(table, asked, names, unknown)
    return names


def _is_blank(table: Table, position: int) -> bool:
    """A spacer between groups: no heading and nothing below."""
    return not table.headings[position].text and not any(row.texts[position].strip() for row in table.rows())


def _refuse(table: Table, asked: Asked, names: Sequence[str | None], unknown: Sequence[Heading]) -> None:
    times = Counter(name for name in names if name)
    wanted = [name for name in asked.columns if not name.startswith("@")]
    missing = [name for name in wanted if name not in times]
    doubled = [name for name, count in times.items() if count > 1]
    if not (missing or doubled or unknown):
        return
    by_name = {name: heading for name, heading in zip(names, table.headings, strict=True) if name}
    found = [
        *(f"the heading {name!r} is missing" for name in missing),
        *(f"the heading {name!r} stands there more than once ({by_name[name].address})" for name in doubled),
        *(
            f"the heading {heading.text!r} ({heading.address}) is not described{suspicion(heading.text)}"
            for heading in unknown[:5]
        ),
        *([f"{len(unknown) - 5} more headings are not described"] if len(unknown) > 5 else []),
    ]
    raise SourceChanged(
        f"{asked.where}, {table.place}: {'; '.join(found)}. Expected: {listed(wanted)}. If the publisher changed its "
        f"headings, map them under `columns` or `also_called` in {asked.yaml}, or name what is not wanted under "
        "`ignore`"
    )


# -- its rows ----------------------------------------------------------------------------------------------------------


def _wide(table: Table, asked: Asked, shape: Published | Searched) -> Iterator[tuple[int, Texts]]:
    names = _described(table, asked, shape)
    places = {name: position for position, name in enumerate(names) if name}
    order: list[int | str] = [places[name] if name in places else _fixed(name, table, asked) for name in asked.columns]
    for row in table.rows():
        if len(row.texts) != len(table.headings):
            raise SourceChanged(
                f"{asked.where}, row {row.number}: {len(row.texts)} cells where the headings are "
                f"{len(table.headings)}; the file was cut short there, or a cell holds an unquoted delimiter. Look at "
                "that line"
            )
        yield row.number, [_taken(row, each) for each in order]


def _taken(row: Row, each: int | str) -> str | None:
    return row.texts[each] if isinstance(each, int) else (row.section if each == "@section" else each)


def _fixed(name: str, table: Table, asked: Asked) -> str:
    """What is the same for each row of the table; `@section` is looked up row by row."""
    if name == "@section":
        return name
    if name == "@sheet":
        return table.name
    if name == "@title" and table.titles:
        return " ".join(note.text for note in table.titles)
    context = dict(table.context) if name != "@title" else {"title": "", **dict(table.context)}
    if name.startswith("@") and name[1:] in context:
        return context[name[1:]]
    known = [*FROM_THE_TABLE, *FROM_THE_CELL, *(f"@{key}" for key in context)]
    raise SourceChanged(
        f"{asked.where}: the table has no {name!r}; expected one of {listed(known, 20)}. Correct `columns` in "
        f"{asked.yaml}"
    )


def _long(table: Table, asked: Asked, shape: Published | Searched, take: str | None) -> Iterator[tuple[int, Texts]]:
    labels = [heading.text for heading in table.headings[: table.labels]]
    labels = [shape.also_called.get(label, label) for label in labels]
    missing = [name for name in asked.columns if not name.startswith("@") and name not in labels]
    if missing:
        raise SourceChanged(
            f"{asked.where}, {table.place}: no labels under {listed(missing)}, expected them left of the figures; "
            f"found {listed(labels)}. Correct `columns` in {asked.yaml}"
        )
    take_of = [_getter(name, labels, table, asked) for name in asked.columns]
    wanted = {heading for heading in table.headings[table.labels :] if take is None or re.search(take, heading.text)}
    if not wanted:
        raise SourceChanged(f"{asked.where}, {table.place}: no heading like {take!r}; correct `take` in {asked.yaml}")
    for cell in table.cells():
        # A column without a heading is a spacer; if something stands in it, nobody can say what it is.
        if cell.heading not in wanted:
            continue
        if not cell.heading.text:
            if cell.text.strip():
                raise SourceChanged(
                    f"{asked.where}, {cell.address}: {cell.text!r} stands under no heading; expected one. Look at it"
                )
            continue
        yield cell.row, [getter(cell) for getter in take_of]


def _getter(name: str, labels: Sequence[str], table: Table, asked: Asked) -> Callable[[Cell], str | None]:
    if name in labels:
        position = labels.index(name)
        return lambda cell: cell.labels[position].text
    of_cell: dict[str, Callable[[Cell], str | None]] = {
        "@heading": lambda cell: cell.heading.text,
        "@heading address": lambda cell: cell.heading.published[0],
        "@heading marks": lambda cell: ", ".join(cell.heading.marks),
        "@cell": lambda cell: cell.address,
        "@text": lambda cell: cell.text,
        "@label marks": lambda cell: ", ".join(mark for label in cell.labels for mark in label.marks),
        "@section": lambda cell: cell.section,
    }
    if name in of_cell:
        return of_cell[name]
    fixed = _fixed(name, table, asked)
    return lambda _: fixed
