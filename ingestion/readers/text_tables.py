"""Tables in delimited text: a clean file streams at any size, one with a story around it is searched like a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ingestion.errors import SourceChanged
from ingestion.readers.footnotes import split_headings
from ingestion.readers.grid import Grid, is_value
from ingestion.readers.sheet_tables import find_tables
from ingestion.readers.tables import Finding, Heading, Note, Row, Table, column_letters
from ingestion.readers.text import Dialect, TextFacts, examine, find_delimiter, records, sample_lines

MOST_SEARCHED = 64_000_000  # bytes of a file that is not clean; searching holds it whole
HEAD = 60


@dataclass(frozen=True)
class TextFile:
    """A delimited file, read for its tables."""

    facts: TextFacts
    dialect: Dialect
    tables: tuple[Table, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Widths:
    """What one pass over the records says: are all alike?"""

    records: int
    width: int
    odd: tuple[tuple[int, int], ...]  # (line, cells) of records of another width; the first ones
    lonely: int  # records with at most one filled cell of several
    blank: int


@dataclass(frozen=True)
class _Source:
    """A file that is being read."""

    path: Path
    facts: TextFacts
    dialect: Dialect
    where: str

    @property
    def name(self) -> str:
        return self.path.name.removesuffix(".gz")

    def records(self) -> Iterator[tuple[int, list[str]]]:
        return records(self.path, self.facts, self.dialect.delimiter, self.where)


def read_text(path: Path, where: str, delimiter: str | None = None) -> TextFile:
    """The tables of a text file. Raises SourceChanged where the quoting or the bytes do not hold together."""
    facts = examine(path, where)
    if delimiter:
        dialect = Dialect(delimiter, "as described", (delimiter,))
    else:
        dialect = find_delimiter(sample_lines(path, facts, where))
    tables, notes = _find(_Source(path, facts, dialect, where))
    return TextFile(facts, dialect, tuple(tables), tuple(notes))


def _find(source: _Source) -> tuple[list[Table], list[Note]]:
    head = list(islice(source.records(), HEAD))
    if not head:
        return [], []
    widths = _measure(source)
    uniform = not widths.odd and not widths.blank and (not widths.lonely or widths.width <= 2)
    if uniform and (widths.records == 1 or widths.width == 1 or _begins_at_once(source, head)):
        return [_stream(source, head)], []
    if source.facts.size > MOST_SEARCHED:
        if widths.odd:
            line, cells = widths.odd[0]
            raise SourceChanged(
                f"{source.where}, line {line}: {cells} cells where most records have {widths.width}; expected a clean "
                f"file, as {source.facts.size:,} bytes are too many to search for tables. Cut the story off or split it"
            )
        return [_stream(source, head)], []
    return _search(source)


def _begins_at_once(source: _Source, head: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether the first record is the one row of headings of the one table."""
    grid = Grid(source.name, [record for _, record in head], (), lambda row, _: f"line {head[row][0]}")
    found, _ = find_tables(grid)
    return len(found) == 1 and found[0].first_row == 2 and bool(found[0].headings[0].published)


def _measure(source: _Source) -> _Widths:
    seen: dict[int, int] = {}
    firsts: dict[int, list[int]] = {}
    lonely = blank = total = 0
    for line, record in source.records():
        total += 1
        width = len(record)
        seen[width] = seen.get(width, 0) + 1
        if len(places := firsts.setdefault(width, [])) < 3:
            places.append(line)
        if not any(record):
            blank += 1
        elif width > 1 and not any(record[1:]):
            lonely += 1
    usual = max(seen, key=lambda width: (seen[width], width), default=0)
    odd = sorted((line, width) for width, places in firsts.items() if width != usual for line in places)
    return _Widths(total, usual, tuple(odd), lonely, blank)


def _stream(source: _Source, head: Sequence[tuple[int, list[str]]]) -> Table:
    """One row of headings, then rows of the same width to the end."""
    first = head[0][0]
    headings = tuple(
        Heading((each.text,) * bool(each.text), each.marks, (each.published,), f"line {first}, {column_letters(place)}")
        for place, each in enumerate(split_headings(head[0][1]))
    )

    def rows() -> Iterator[Row]:
        for line, record in islice(source.records(), 1, None):
            yield Row(line, tuple(record))

    return Table(
        name=source.name,
        place=f"lines {first} to the end",
        headings=headings,
        labels=_labels([record for _, record in head[1:]], len(headings)),
        rows=rows,
        address=_address(headings),
        findings=source.facts.findings + _ambiguity(source.dialect),
        first_row=head[1][0] if len(head) > 1 else first + 1,
    )


def _address(headings: Sequence[Heading]) -> Callable[[int, int], str]:
    def address(line: int, position: int) -> str:
        return f"line {line}:{headings[position].text or column_letters(position)}"

    return address


def _labels(rows: Sequence[Sequence[str]], width: int) -> int:
    """Leading columns of words; a column of figures ends them."""
    for position in range(width):
        texts = [row[position] for row in rows if position < len(row) and row[position].strip()]
        years = all(text.isdigit() and len(text) == 4 and text[:2] in ("19", "20") for text in texts)
        if texts and not years and 2 * sum(map(is_value, texts)) > len(texts):
            return max(position, 1) if width > 1 else 0
    return width


def _ambiguity(dialect: Dialect) -> tuple[Finding, ...]:
    if len(dialect.candidates) == 1:
        return ()
    return (
        Finding("fault", f"the delimiter cannot be told, {dialect.why}; say it in the source's description", "line 1"),
    )


def _search(source: _Source) -> tuple[list[Table], list[Note]]:
    """The whole file as a grid. Rows that are shorter or longer than the others are faults with their line."""
    found = _without_prose(list(source.records()), source.dialect.delimiter)
    grid = Grid(
        source.name,
        [record for _, record in found],
        (),
        lambda row, column: f"line {found[row][0]}, {column_letters(column)}",
    )
    tables, notes = find_tables(grid)
    return [_in_text(table, found, source) for table in tables], notes


def _without_prose(found: list[tuple[int, list[str]]], delimiter: str) -> list[tuple[int, list[str]]]:
    """Lines of words that a comma in them has cut become one cell again: `Table 2: Children looked after, by council`.

    Such a line has a width that none of its neighbours has, or a space behind its comma where the file has none.
    """
    lengths = [len(record) for _, record in found]
    usual = Counter(lengths).most_common(1)[0][0]
    spaced = [any(cell[:1] == " " and cell[1:2].isalpha() for cell in record[1:]) for _, record in found]
    by_habit = 5 * sum(spaced) > len(found)
    kept = []
    for place, (line, record) in enumerate(found):
        beside = (*lengths[max(0, place - 1) : place], *lengths[place + 1 : place + 2])
        alone = lengths[place] != usual and lengths[place] not in beside
        inside = len(beside) == 2 and beside[0] == beside[1] == usual
        prose = spaced[place] and not by_habit
        words = record and (prose or alone) and not inside and not any(map(is_value, record))
        kept.append((line, [delimiter.join(record)] if words else record))
    return kept


def _in_text(table: Table, found: Sequence[tuple[int, list[str]]], source: _Source) -> Table:
    """A table found in a grid of records, with the lines of the file in place of the rows of the grid."""

    def rows() -> Iterator[Row]:
        for row in table.rows():
            yield replace(row, number=found[row.number - 1][0])

    first = table.first_row
    return replace(
        table,
        rows=rows,
        address=_address(table.headings),
        findings=(
            *table.findings,
            *_ragged([found[row.number - 1] for row in table.rows()]),
            *source.facts.findings,
            *_ambiguity(source.dialect),
        ),
        first_row=found[first - 1][0] if first <= len(found) else found[-1][0] + 1,
    )


def _ragged(rows: Sequence[tuple[int, list[str]]]) -> list[Finding]:
    lengths = Counter(len(record) for _, record in rows)
    usual = max(lengths, key=lambda length: lengths[length], default=0)
    return [
        Finding(
            "fault",
            f"{len(record)} cells where the other rows have {usual}; the file was cut short there, or a cell holds an "
            "unquoted delimiter. Look at that line",
            f"line {line}",
        )
        for line, record in rows
        if len(record) != usual
    ]
