"""What a source's entry could say of a file: its shape, every heading under a name of ours, and what its cells show.

Only what can be seen is proposed. Who publishes the file, what it may be used for and what its words mean cannot be
seen; those are for a person, and `promise new source` leaves them open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

from ingestion.errors import SourceChanged
from ingestion.landing import Snapshot
from ingestion.readers import ckan, read
from ingestion.readers.described import Asked, choose, title_period
from ingestion.readers.footnotes import split_brackets, split_label
from ingestion.readers.headings import period_apart
from ingestion.readers.opened import open_tables
from ingestion.readers.tables import Table, listed
from ingestion.readers.text_tables import read_text
from promise.catalogue.shapes import OF_THE_EDITION, Searched
from promise.catalogue.sources import BUNDLE, Source
from promise.errors import PromiseError
from promise.vocabulary import UnknownValue
from promise.vocabulary.areas import find_area, other_kind
from promise.vocabulary.markers import find_qualifier, known_markers
from promise.vocabulary.numbers import find_number
from promise.vocabulary.period_forms import vocabulary
from promise.vocabulary.periods import read_period
from promise.vocabulary.personal import may_be_personal
from workbench.peek.columns import judge
from workbench.peek.look import look
from workbench.peek.model import TablePeek, Tally

Layout = Literal["wide", "long"]
OWN_FORMAT = {
    **{"cube_csv": "cube_csv", "slice_csv": "slice_csv", "sparql_csv": "sparql", "sparql_json": "sparql"},
    **{"statxplore": "statxplore", "jsonstat": "jsonstat", "ckan_json": "ckan", "ckan_dump": "ckan"},
    **{"ons_csv": "ons_csv", "geojson": "geojson", "data_cart": "data_cart"},
}
# What a name with @ holds, whatever its texts look like.
ROLES = {
    **{"@cell": "empty", "@heading marks": "empty", "@text": "figures", "@heading words": "words"},
    **{"@heading period": "period", "@title period": "period"},
}
TABLE_NUMBER = re.compile(r"^(?:Table|Chart|Figure) [0-9.]+[a-z]?(?:\([0-9]+\))?\s*[:.]?\s*")
NOTE = re.compile(r"\\\([0-9]{1,2}\\\)$")
MARK = r"(?:\([0-9]+\))?"
OURS = {
    "@heading words": "heading",
    "@heading period": "period",
    "@title period": "period",
    OF_THE_EDITION: "period",
    "@text": "cell_text",
}
STREAMED = ("utf-8", "cp1252")
MOST_ROWS_FOR_A_KEY = 300_000
LASTING = ("area", "period")
ADDRESSES = ("@heading", "@heading address")
TOTALS = frozenset({"all", "total", "both", "everyone", "all people", "all persons", "persons"})
# What will be another in the next edition: a year, with what is written of its second half, its month and its day.
YEAR = re.compile(
    rf"(?:(?:[0-9]{{1,2}}(?:st|nd|rd|th)? )?(?:{'|'.join(f'{each}|{each[:3]}' for each in vocabulary().months)}) )?"
    r"(?<![0-9])(?:19|20)[0-9]{2}(?:[-/](?:[0-9]{4}|[0-9]{2}))?(?![0-9])"
)
# Words that PostgreSQL does not take for a column's name without quotes.
RESERVED = frozenset(
    """
    all and any array as asc both case cast check collate column constraint create default desc distinct do else end
    except false fetch for foreign from grant group having in initially intersect into leading limit not null offset on
    only or order primary references returning select some table then to trailing true union unique user using when
    where window with
    """.split()  # noqa: SIM905 - a list of words reads better than sixty quoted ones
)


@dataclass(frozen=True)
class Proposal:
    """The part of an entry that the file itself tells, and what in it needs a person."""

    table_name: str
    reader: dict[str, Any]
    columns: dict[str, str]  # our column, published heading
    rows: int
    key: tuple[str, ...]
    key_is_unique: bool
    not_null: tuple[str, ...]
    numbers: tuple[str, ...]
    area: tuple[str, Literal["name", "code"], int] | None  # column, by, how many there are
    period: tuple[str, tuple[str, ...]] | None  # column, the styles that read all of it
    markers: dict[str, str]  # word, what it usually means
    personal: tuple[str, ...]  # headings that may be about a person
    qualifiers: dict[str, str] = field(default_factory=dict)  # column of figures, the column that qualifies them
    outside: tuple[str, ...] = ()  # what stands among the areas and is none that is kept, for a person to look at
    total: str | None = None  # the word for everyone together, where one stands in all columns that name a part
    called: str | None = None  # words over the table, for figures of which no column says what they are

    @property
    def has_figures(self) -> bool:
        return bool(self.numbers and self.area)

    @property
    def apart(self) -> tuple[str, ...]:
        """What tells two rows apart besides where and when. A heading that is a period has its address beside it."""
        known = {place[0] for place in (self.area, self.period) if place}
        across = any(self.columns[name].startswith("@heading") for name in known)
        return tuple(
            name for name in self.key if name not in known and not (across and self.columns[name] in ADDRESSES)
        )


def propose(path: Path, source_id: str, number: int | None = None, layout: Layout | None = None) -> Proposal:
    """Look at a file and say how it could be described. Raises PromiseError for one that is not understood.

    `number` chooses among several tables, counted from 1 as `promise peek` lists them.
    """
    peek = look(path, rows=1)
    if not peek.understood and not peek.partly:
        raise PromiseError(f"{peek.message}. No source was made of it")
    if len(peek.candidates) > 1:
        raise PromiseError(f"{path.name} could be {' or '.join(peek.candidates)}; describe it by hand")
    place = _place(peek.tables, path, number)
    seen, table = peek.tables[place], open_tables(path, path.name).tables[place]
    if seen.doubts:
        raise PromiseError(f"{path.name}, {seen.place}: {'; '.join(seen.doubts)}. No source was made of it")
    if peek.shape in OWN_FORMAT:
        shape = OWN_FORMAT[peek.shape]
        reader: dict[str, Any] = {"shape": shape}
        long = shape == "slice_csv"
        columns = _slice_columns(table) if long else _wide_columns(table, shape)
        return _judged(path, source_id, "cell" if long else "figure", reader, _by_name(columns))
    if peek.shape not in ("delimited", "workbook"):
        raise PromiseError(f"{path.name}: no reader is described for the shape {peek.shape}; see docs/readers.md")
    long = (layout or _layout(seen)) == "long"
    name = "cell" if long else "figure"
    if peek.shape == "delimited" and not long and _is_plain(table, seen, peek.encoding):
        said = _judged(path, source_id, name, _delimited(path, peek.encoding), _by_name(_wide_columns(table)))
        if said.period or not said.has_figures:
            return said
    reader = _searched(path, source_id, table, "workbook" if peek.shape == "workbook" else "text_table", long)
    said = _found(path, source_id, table, reader)
    return replace(said, called=_title(table)) if long and not said.apart else said


def _found(path: Path, source_id: str, table: Table, reader: dict[str, Any]) -> Proposal:
    """A table that is found by what it says. When, where no column says it, is in its title or in nothing."""
    long = "layout" in reader
    name = "cell" if long else "figure"
    columns = _long_columns(table) if long else _wide_columns(table)
    columns |= _of_rows(table, set(columns.values()))
    said = _judged(path, source_id, name, reader, _by_name(columns))
    if said.period or not said.has_figures:
        return said
    if title_period(table):
        dated = columns | _named(["@title period"], set(columns.values()))
        return _judged(path, source_id, name, reader, _by_name(dated))
    return _of_the_edition(said, columns | _named([OF_THE_EDITION], set(columns.values())))


def _title(table: Table) -> str:
    """The words over a table without their number, their period and the marks of notes."""
    words = split_brackets(table.titles[0].text).text if table.titles else table.name
    return TABLE_NUMBER.sub("", YEAR.sub("", words)).strip(" ,;:-–")


def _by_name(columns: dict[str, str]) -> dict[str, str]:
    return {ours: heading for heading, ours in columns.items()}


def _of_the_edition(said: Proposal, columns: dict[str, str]) -> Proposal:
    """The same where nothing in the file says when, so that the entry must."""
    period = columns[OF_THE_EDITION]
    return replace(
        said,
        columns=_by_name(columns),
        key=(*said.key, period),
        not_null=(*said.not_null, period),
        period=(period, ()),
    )


def _place(tables: Sequence[TablePeek], path: Path, number: int | None) -> int:
    if number is None and len(tables) == 1:
        return 0
    if number is not None and 1 <= number <= len(tables):
        return number - 1
    found = "; ".join(f"{place}: {table.place}" for place, table in enumerate(tables, start=1))
    raise PromiseError(f"{path.name} has {len(tables)} tables: {found}. Say which with --table NUMBER")


# -- its shape ---------------------------------------------------------------------------------------------------------


def _is_plain(table: Table, seen: TablePeek, encoding: str) -> bool:
    """Headings on line 1, rows to the end, and nothing around them."""
    one_row = all(len(heading.published) == 1 and heading.address.startswith("line 1") for heading in table.headings)
    return one_row and not table.notes and not seen.notes and encoding.partition(" ")[0] in STREAMED


def _delimited(path: Path, encoding: str) -> dict[str, Any]:
    said = "utf-8-sig" if "byte order mark" in encoding else encoding.partition(" ")[0]
    found: dict[str, Any] = {"shape": "delimited", "encoding": said}
    delimiter = read_text(path, path.name).dialect.delimiter
    return found | ({} if delimiter == "," else {"delimiter": delimiter})


def _layout(seen: TablePeek) -> Layout:
    """Long for a cross-tab: periods side by side, or one that no column gives, which will be others next year."""
    across = sum(1 for column in seen.columns if column.heading_period and column.role == "figures")
    dated = any(column.role == "period" for column in seen.columns)
    return "long" if across > 1 or (across and not dated) else "wide"


def _searched(path: Path, source_id: str, table: Table, shape: str, long: bool) -> dict[str, Any]:
    """The headings that tell the table, and its title or sheet where they are not enough."""
    labels = [heading.text for heading in table.headings[: table.labels] if heading.text]
    figures = [heading.text for heading in table.headings[table.labels :] if heading.text]
    reader: dict[str, Any] = {"shape": shape, "headings": [_pattern(text) for text in labels or figures[:1]]}
    tables = open_tables(path, path.name).tables
    asked = Asked(source_id, path.name, {})
    for more in (
        {},
        {"title": _pattern(table.titles[0].text)} if table.titles else {},
        {"sheet": _pattern(table.name)},
    ):
        attempt = reader | more
        among = [each for each in tables if "sheet" not in more or each.name == table.name]
        try:
            choose(among, asked, Searched.model_validate(attempt))
        except SourceChanged:
            continue
        return attempt | ({"layout": "long"} if long else {})
    raise PromiseError(f"{path.name}: nothing tells {table.place} from the other tables; describe it by hand")


def _pattern(text: str) -> str:
    """A pattern that fits the text, and the same text of another year."""
    written, end = "", 0
    for found in YEAR.finditer(text):
        form = re.sub(r"[0-9]+", "[0-9]+", re.sub(r"[A-Z][a-z]+", "[A-Z][a-z]+", _escaped(found[0])))
        written, end = written + _escaped(text[end : found.start()]) + form, found.end()
    # The mark of a note behind a title is another next year, or none.
    return f"^{written}{NOTE.sub('', _escaped(text[end:]))}{MARK if NOTE.search(_escaped(text)) else ''}$"


def _escaped(text: str) -> str:
    return re.escape(text).replace("\\ ", " ").replace("\\-", "-")


# -- its columns -------------------------------------------------------------------------------------------------------


def _wide_columns(table: Table, shape: str = "") -> dict[str, str]:
    """Every printed heading; what CKAN adds of its own is known to its reader and no column."""
    said = [heading.text for heading in table.headings if heading.text]
    return _named([text for text in said if shape != "ckan" or not ckan.is_noise(text)])


def _long_columns(table: Table) -> dict[str, str]:
    """A row for each cell. The period in a heading stands apart from its words, so that a series is one every year."""
    found = _named([heading.text for heading in table.headings[: table.labels] if heading.text])
    apart = [period_apart(heading.parts) for heading in table.headings[table.labels :] if heading.text]
    if any(period for period, _ in apart):
        wanted = ["@heading words"] * any(words for _, words in apart) + ["@heading period"]
    else:
        wanted = ["@heading"]
    wanted += ["@cell", "@text"] + ["@heading marks"] * any(heading.marks for heading in table.headings)
    return found | _named(wanted, set(found.values()))


def _of_rows(table: Table, taken: set[str]) -> dict[str, str]:
    """What stands beside the cells of a row: a label without a heading, the line over it, what it is indented under."""
    rows = list(table.rows())
    names = ["@label"] * (table.labels > 0 and not table.headings[0].text)
    names += ["@section"] * any(row.section for row in rows) + ["@parent"] * any(row.parent for row in rows)
    return _named(names, taken)


def _slice_columns(table: Table) -> dict[str, str]:
    labels = _named([heading.text for heading in table.headings[: table.labels]])
    cells = {"@heading": "heading", "@heading address": "heading_address", "@cell": "cell", "@text": "cell_text"}
    return labels | cells | _named([f"@{name}" for name, _ in table.context], {*labels.values(), *cells.values()})


def _named(headings: Sequence[str], taken: set[str] | None = None) -> dict[str, str]:
    """A name of ours for each heading, no two alike."""
    used = set(taken or ())
    found: dict[str, str] = {}
    for heading in dict.fromkeys(headings):
        name = stem = OURS.get(heading) or column_name(heading)
        count = 1
        while name in used:
            count += 1
            name = f"{stem[:58]}_{count}"
        used.add(name)
        found[heading] = name
    return found


def column_name(heading: str) -> str:
    """`CADateEnacted` as ca_date_enacted; of an address its last part. Never empty, never a word of SQL."""
    text = re.split(r"[/#]", heading)[-1] if re.match(r"https?://", heading) else heading
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text.replace("%", " percent "))
    name = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")
    name = name if name[:1].isalpha() else f"c_{name}".rstrip("_")
    return f"{name}_" if name in RESERVED else name[:60]


# -- what its cells show -----------------------------------------------------------------------------------------------


@dataclass
class _Column:
    name: str
    heading: str
    tally: Tally = field(default_factory=Tally)
    role: str = "words"


def stub(source_id: str, file_name: str, table: dict[str, Any]) -> Source:
    """A source that is good for reading a file and nothing else; none of its facts is written anywhere."""
    licence = {"name": "unknown", "url": None, "attribution": "unknown"}
    checks = {"at_least_rows": 1, "key": [next(iter(table["columns"]))]}
    return Source.model_validate(
        {
            **{"id": source_id, "title": "", "description": "", "publisher": "unknown", "landing_page": ""},
            **{"licence": licence, "cadence": "once", "check_cron": "", "freshness": None, "personal_data": "none"},
            "bundle": [{"file": file_name, "origin_url": "", "publication": None}],
            **{"table": {**table, "checks": checks}, "figures": None, "markers": {}},
        }
    )


def judged(path: Path, source: Source) -> Proposal:
    """What the cells of a file show under the columns that its source's entry has given it already.

    Where it could hold figures and nothing in it says when, the edition does: with another reader, if that one takes
    nothing but printed headings.
    """
    reader = source.table.reader.model_dump(mode="json", exclude_unset=True)
    said = _judged(path, source.id, source.table.name, reader, source.table.newest)
    if said.period or not said.has_figures or reader["shape"] not in ("delimited", "text_table", "workbook"):
        return said
    if reader["shape"] == "delimited":
        said = replace(said, reader={"shape": "text_table", "headings": [_pattern(said.columns[said.key[0]])]})
    columns = {heading: ours for ours, heading in said.columns.items()}
    return _of_the_edition(said, columns | _named([OF_THE_EDITION], set(columns.values())))


def _judged(path: Path, source_id: str, name: str, reader: dict[str, Any], columns: dict[str, str]) -> Proposal:
    if len(f"{source_id}__{name}") > 50:
        raise PromiseError(f"{source_id}: the table would be called {source_id}__{name}; choose a shorter id")
    source = stub(source_id, path.name, {"name": name, "reader": reader, "columns": columns})

    def rows() -> Iterator[list[str | None]]:
        landed = cast(Snapshot, SimpleNamespace(content=path, file_name=path.name, requested_url=BUNDLE))
        return (texts for _, texts in read(source, landed))

    held = [_Column(ours, heading) for ours, heading in columns.items()]
    count = 0
    for count, texts in enumerate(rows(), start=1):
        for position, text in enumerate(texts):
            held[position].tally.add(text or "", count, position)
    for each in held:
        each.role = _role(each)
    key, unique = _key(held, rows)
    figures = [each for each in held if each.role == "figures"]
    area = max(filter(None, map(_area, held)), key=lambda found: found[2], default=None)
    by_heading = {each.heading: each for each in held if each.role == "qualifier"}
    beside = {each.name: found for each in figures if (found := by_heading.get(f"{each.heading}{ckan.QUALIFIER}"))}
    said = Proposal(
        table_name=name,
        reader=reader,
        columns=columns,
        rows=count,
        key=key,
        key_is_unique=unique,
        not_null=tuple(each.name for each in held if each.name in key and not each.tally.blank),
        numbers=tuple(each.name for each in figures),
        area=area,
        period=min(filter(None, map(_period, held)), key=lambda found: len(found[1]), default=None),
        markers=_markers([*figures, *beside.values()]),
        personal=tuple(each.heading for each in held if may_be_personal(each.heading) and each.heading[0] != "@"),
        qualifiers={name: each.name for name, each in beside.items()},
        outside=next((_outside(each) for each in held if area and each.name == area[0]), ()),
    )
    parts = [each for each in held if each.name in said.apart[1:]]
    shared = set.intersection(*(set(each.tally.times) for each in parts)) if parts else set()
    return replace(said, total=next((text for text in sorted(shared) if text.casefold() in TOTALS), None))


def _role(column: _Column) -> str:
    if column.heading in ROLES:
        return ROLES[column.heading]
    if column.heading.startswith("@heading"):
        return "series"
    if column.heading in ("@label", "@section", "@parent"):
        return judge("", column.tally, _nowhere).role
    return "empty" if column.heading.startswith("@") else judge(column.heading, column.tally, _nowhere).role


def _nowhere(row: int, position: int) -> str:
    return f"row {row}, column {position}"


def _key(held: Sequence[_Column], rows: Callable[[], Iterator[list[str | None]]]) -> tuple[tuple[str, ...], bool]:
    """The fewest columns found that tell the rows apart, and whether they do.

    One that says where and one that says when always stay: the next file may hold more of them than this one. In a
    file of very many rows none is given up.
    """
    places = [
        place
        for place, each in enumerate(held)
        if each.role in LASTING or (each.role not in ("figures", "qualifier", "empty") and len(each.tally.times) > 1)
    ] or [0]
    known = [tuple(texts[place] for place in places) for texts in rows()]
    unique = len(set(known)) == len(known)
    kept = list(range(len(places)))
    if unique and len(known) <= MOST_ROWS_FOR_A_KEY:
        for place in sorted(kept, key=lambda each: (held[places[each]].role in LASTING, -each)):
            fewer = [each for each in kept if each != place]
            role = held[places[place]].role
            last = role in LASTING and role not in {held[places[each]].role for each in fewer}
            if fewer and not last and len({tuple(row[each] for each in fewer) for row in known}) == len(known):
                kept = fewer
    return tuple(held[places[each]].name for each in kept), unique


def _area(column: _Column) -> tuple[str, Literal["name", "code"], int] | None:
    """Only a column in which every text is a known area, or may be declared as none that is kept."""
    if column.role != "area" or column.tally.beyond:
        return None
    outside = _outside(column)
    areas = [find_area(text) for text in column.tally.times if text not in outside]
    known = [area for area in areas if area]
    if not known or len(known) < len(areas) or len(known) <= len(outside):
        return None
    by: Literal["name", "code"] = "code" if all("code" in area.how for area in known) else "name"
    exact = by == "code" or all(area.how in ("name", "alias") for area in known)
    return (column.name, by, len({area.code for area in known})) if exact else None


def _outside(column: _Column) -> tuple[str, ...]:
    """Names among those of areas that are of none, such as `Grant aided`, or another spelling beside an area's name."""
    names = {text for text in column.tally.times if (area := find_area(text)) and area.name == text}
    kept = {area.code for name in names if (area := find_area(name))}
    return tuple(
        text
        for text in column.tally.times
        if names and ((area.code in kept and text not in names) if (area := find_area(text)) else _may_be_outside(text))
    )


def _may_be_outside(text: str) -> bool:
    """Whether an entry can declare it: no code, and no area that only has the mark of a note."""
    return bool(re.match(r"[A-Z][^%_\\]*$", text)) and not other_kind(text) and not find_area(split_label(text).text)


def _period(column: _Column) -> tuple[str, tuple[str, ...]] | None:
    if column.role not in ("period", "series") or column.heading in ("@heading marks",) or not column.tally.times:
        return None
    fits = tuple(style for style in vocabulary().styles if all(_reads(text, style) for text in column.tally.times))
    return (column.name, fits) if fits else None


def _reads(text: str, style: str) -> bool:
    try:
        read_period(text, style)
    except UnknownValue:
        return False
    return True


def _usually(text: str, *, qualifies: bool) -> str:
    if qualifies and (found := find_qualifier(text)):
        return found.usually
    return known_markers().get(text, "not known by sight")


def _markers(figures: Sequence[_Column]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in figures:
        if column.tally.blank:
            found[""] = "an empty cell"
        strange = [text for text in column.tally.times if find_number(text) is None]
        found |= {text: _usually(text, qualifies=column.role == "qualifier") for text in strange}
    if len(found) > 30:
        raise PromiseError(f"{len(found)} different words stand among the figures: {listed(list(found))}. Look at them")
    return found
