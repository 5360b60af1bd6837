"""Looking at a file: everything that can be told of it without being told anything about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ingestion.errors import SourceChanged
from ingestion.readers import damage
from ingestion.readers.ckan import strays
from ingestion.readers.footnotes import split_label
from ingestion.readers.grid import TITLE
from ingestion.readers.opened import Opened, open_tables
from ingestion.readers.sniff import Sniffed, sniff
from ingestion.readers.tables import Row, Table, cell_position
from promise.vocabulary.area_list import areas
from promise.vocabulary.areas import find_area, other_kind
from promise.vocabulary.markers import find_qualifier, known_markers
from promise.vocabulary.numbers import find_number
from promise.vocabulary.periods import in_heading, recognise
from promise.vocabulary.personal import may_be_personal
from promise.vocabulary.units import find_unit
from workbench.peek.columns import area_meaning, is_area, is_qualifier, judge, period_meaning
from workbench.peek.model import ColumnPeek, Peek, RowPeek, Seen, TablePeek, Tally
from workbench.peek.personal import without_personal

MOST_JUDGED = 4_000_000  # cells of a table that are looked at; the rows after them are counted only
MOST_SEEN = 2_000


def look(path: Path, rows: int = 5) -> Peek:
    """What a file holds. Never raises: what cannot be read is said in `message`."""
    try:
        if not path.is_file():
            return _no_file(path)
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        words = f"{path}: {error}; correct the name or its rights"
        return Peek(str(path), False, "unreadable", (str(error),), message=words)
    found: Sniffed | None = None
    try:
        found = sniff(path, path.name)
        return without_personal(_peek(path, size, open_tables(path, path.name, found), rows), path)
    except Exception as error:
        return without_personal(_refused(path, size, found, _words(path.name, error)), path)


def _no_file(path: Path) -> Peek:
    if not path.exists():
        return Peek(
            str(path), False, "missing", ("no such file",), message=f"{path}: there is no such file; correct the name"
        )
    kind = "a folder" if path.is_dir() else "no ordinary file"
    return Peek(str(path), False, "no file", (f"it is {kind}",), message=f"{path}: is {kind}; name one file")


def _words(name: str, error: Exception) -> str:
    match error:
        case SourceChanged():
            return str(error)
        case OSError():
            return f"{name}: {error}; is it readable?"
        case MemoryError() | RecursionError():
            return f"{name}: too much for this machine ({type(error).__name__}); ask for it in parts"
        case _:
            # A fault of ours. Whoever looks at a strange file still gets its shape, and words for a report.
            return f"{name}: our reader failed on it ({type(error).__name__}: {error}). Please report it with the file"


def _refused(path: Path, size: int, found: Sniffed | None, message: str) -> Peek:
    text = found.text if found else None
    return Peek(
        file=str(path),
        understood=False,
        shape=found.shape if found else "unknown",
        why=found.why if found else (),
        candidates=found.candidates if found else (),
        size_bytes=size,
        encoding=text.encoding if text else "",
        encoding_evidence=text.evidence if text else (),
        findings=tuple(map(str, text.findings)) if text else (),
        message=message,
    )


def _peek(path: Path, size: int, opened: Opened, rows: int) -> Peek:
    shape = opened.sniffed.shape
    tables = tuple(
        _table(table, rows, number, searched=shape in ("workbook", "data_cart") or bool(table.notes))
        for number, table in enumerate(opened.tables, start=1)
    )
    tables = _overlapping(tables)
    doubtful = [table for table in tables if table.doubts]
    faults = [fault for table in tables for fault in table.faults]
    faults += [str(finding) for finding in opened.findings if finding.weight == "fault"]
    message = ""
    if not tables:
        message = f"{path.name}: no table was found in it; expected headings over rows"
    elif faults:
        message = f"{path.name}, {faults[0]}" + (f" (and {len(faults) - 1} more faults)" if len(faults) > 1 else "")
    elif doubtful:
        first = doubtful[0]
        more = f" (and {len(doubtful) - 1} more tables are in doubt)" if len(doubtful) > 1 else ""
        message = f"{path.name}, table {first.number} of {len(tables)}, {first.place}: {first.doubts[0]}{more}"
    text = opened.text
    return Peek(
        file=str(path),
        understood=not message,
        partly=bool(doubtful) and not faults,
        shape=shape,
        why=opened.sniffed.why,
        candidates=opened.sniffed.candidates,
        size_bytes=size,
        encoding=f"{text.encoding}{' with a byte order mark' if text.bom else ''}" if text else "",
        encoding_evidence=text.evidence if text else (),
        sheets=opened.sheets,
        tables=tables,
        notes=tuple(f"{note.address}: {note.text}" for note in opened.notes),
        findings=tuple(dict.fromkeys(map(str, opened.findings))),
        message=message,
    )


def _doubts(table: Table, rows: int, *, searched: bool) -> Iterator[str]:
    """Why a table that was found is not what a person sees."""
    if not any(heading.text for heading in table.headings):
        yield "no row of headings was found over it"
    if searched and not rows:
        yield "there is no row under its headings"
    for heading in table.headings:
        if searched and TITLE.match(heading.text):
            yield f"{heading.address}: a title stands among its headings"
            return
    over_labels = {heading.parts[0] for heading in table.headings[: table.labels] if len(heading.parts) > 1}
    for heading in table.headings[table.labels :]:
        if searched and len(heading.parts) > 1 and heading.parts[0] in over_labels:
            yield f"{heading.address}: words over its labels stand over its figures too, as a title does"
            return


def _overlapping(tables: tuple[TablePeek, ...]) -> tuple[TablePeek, ...]:
    """The tables, with a doubt for those that share cells with another."""
    found = []
    for table in tables:
        others = [each.number for each in tables if each is not table and share_cells(table.place, each.place)]
        said = (f"it shares cells with table {', '.join(map(str, others))}",) if others else ()
        found.append(replace(table, doubts=(*table.doubts, *said)))
    return tuple(found)


def share_cells(one: str, other: str) -> bool:
    """Whether two places in a workbook have cells in common."""
    first, second = _corners(one), _corners(other)
    if not first or not second or first[0] != second[0]:
        return False
    (_, top, left, bottom, right), (_, top_2, left_2, bottom_2, right_2) = first, second
    return top <= bottom_2 and top_2 <= bottom and left <= right_2 and left_2 <= right


def _corners(place: str) -> tuple[str, int, int, int, int] | None:
    """The sheet and the corners of `Table 3.2!A5:F40`; none for a place that is no part of a sheet."""
    sheet, _, cells = place.rpartition("!")
    first, _, last = cells.partition(":")
    try:
        return (sheet, *cell_position(first), *cell_position(last))
    except ValueError:
        return None


def _table(table: Table, wanted: int, number: int, *, searched: bool) -> TablePeek:
    tallies = [Tally() for _ in table.headings]
    first: list[RowPeek] = []
    duplicates = _Duplicates(table)
    count = judged = 0
    ragged = ""
    most_rows = max(1, MOST_JUDGED // max(1, len(table.headings)))
    for row in table.rows():
        count += 1
        if len(first) < wanted:
            addresses = tuple(table.address(row.number, position) for position in range(len(row.texts)))
            first.append(RowPeek(row.number, row.texts, addresses, row.section, row.parent))
        if len(row.texts) != len(table.headings) and not ragged:
            ragged = (
                f"row {row.number}: {len(row.texts)} cells where the headings are {len(table.headings)}; the file was "
                "cut short there, or a cell holds an unquoted delimiter"
            )
        if count > most_rows:
            continue
        judged += 1
        for position, (tally, text) in enumerate(zip(tallies, row.texts, strict=False)):
            tally.add(text, row.number, position)
        duplicates.add(row)
    columns = tuple(_column(table, position, tally) for position, tally in enumerate(tallies))
    return TablePeek(
        name=table.name,
        place=table.place,
        hidden=table.hidden,
        titles=tuple(note.text for note in table.titles),
        notes=tuple(f"{note.where}, {note.address}: {note.text}" for note in table.notes if note.where != "above"),
        context=table.context,
        rows=count,
        columns=columns,
        label_columns=table.labels,
        tidy=table.tidy,
        judged_rows=judged,
        first_rows=tuple(first),
        figures=_counted(tallies, columns, lambda text: find_number(text) is not None and text not in known_markers()),
        blanks=sum(tally.blank for tally in tallies),
        markers=(
            *_seen(
                table,
                _of(("figures",), tallies, columns),
                lambda text: text in known_markers(),
                known_markers().__getitem__,
            ),
            *_seen(table, _of(("qualifier",), tallies, columns), is_qualifier, _qualifier_meaning),
        ),
        periods=_periods(table, tallies, columns),
        areas=_seen(table, _of(("area",), tallies, columns), is_area, area_meaning),
        area_summary=_area_summary(tallies, columns),
        measures=_measures(table, tallies, columns),
        not_recognised=tuple(seen for column in columns for seen in column.not_recognised)[:MOST_SEEN],
        findings=(
            *(str(each) for each in table.findings if each.weight == "notice"),
            *_heading_notices(columns),
            *_damages(table, tallies),
            *_doubled(columns),
            *duplicates.said(),
        ),
        faults=(*map(str, table.faults), *([ragged] if ragged else [])),
        number=number,
        doubts=tuple(_doubts(table, count, searched=searched)),
    )


def _column(table: Table, position: int, tally: Tally) -> ColumnPeek:
    heading = table.headings[position]
    judged = judge(heading.text, tally, table.address)
    words, period = in_heading(" ".join(heading.parts)) or (heading.text, "")
    return ColumnPeek(
        heading=heading.text,
        published=heading.published,
        marks=heading.marks,
        address=heading.address,
        role=judged.role,
        filled=tally.filled,
        blank=tally.blank,
        heading_period=period,
        heading_words=words,
        may_be_personal=may_be_personal(heading.text) and judged.role in ("words", "period", "figures", "empty"),
        not_recognised=judged.not_recognised,
    )


def _qualifier_meaning(text: str) -> str:
    found = find_qualifier(text)
    return f"qualifier: {found.usually}" if found else ""


def _counted(tallies: Sequence[Tally], columns: Sequence[ColumnPeek], fits: Callable[[str], bool]) -> int:
    return sum(
        times
        for tally, column in zip(tallies, columns, strict=True)
        if column.role == "figures"
        for text, times in tally.times.items()
        if fits(text)
    )


def _seen(
    table: Table,
    held: Sequence[tuple[Tally, ColumnPeek]],
    fits: Callable[[str], bool],
    meaning: Callable[[str], str],
) -> tuple[Seen, ...]:
    """The texts that fit, over all the columns given, most frequent first."""
    times: Counter[str] = Counter()
    places: dict[str, tuple[int, int]] = {}
    for tally, _ in held:
        for text, count in tally.times.items():
            if fits(text):
                times[text] += count
                places.setdefault(text, tally.first[text])
    return tuple(
        Seen(text, count, table.address(*places[text]), meaning(text)) for text, count in times.most_common(MOST_SEEN)
    )


def _of(
    roles: Sequence[str], tallies: Sequence[Tally], columns: Sequence[ColumnPeek]
) -> list[tuple[Tally, ColumnPeek]]:
    return [(tally, column) for tally, column in zip(tallies, columns, strict=True) if column.role in roles]


def _periods(table: Table, tallies: Sequence[Tally], columns: Sequence[ColumnPeek]) -> tuple[Seen, ...]:
    """Periods in columns, and those that stand in headings."""
    held = _of(("period",), tallies, columns)
    found = list(_seen(table, held, lambda text: bool(recognise(text)), period_meaning))
    headed = Counter(column.heading_period for column in columns if column.heading_period)
    first = {column.heading_period: column.address for column in reversed(columns)}
    found += [Seen(text, times, first[text], f"in headings; {period_meaning(text)}") for text, times in headed.items()]
    found += _in_series(table, tallies, columns, 1, lambda text: f"within texts; {period_meaning(text)}")
    return tuple(found[:MOST_SEEN])


def _in_series(
    table: Table, tallies: Sequence[Tally], columns: Sequence[ColumnPeek], part: int, meaning: Callable[[str], str]
) -> list[Seen]:
    """The words (0) or the periods (1) of a column whose texts hold both, such as `CHN9 2020-21`."""
    times: Counter[str] = Counter()
    places: dict[str, tuple[int, int]] = {}
    for tally, column in zip(tallies, columns, strict=True):
        for text, count in tally.times.items() if column.role == "series" else ():
            if split := in_heading(text):
                times[split[part]] += count
                places.setdefault(split[part], tally.first[text])
    return [
        Seen(text, count, table.address(*places[text]), meaning(text)) for text, count in times.most_common(MOST_SEEN)
    ]


def _measures(table: Table, tallies: Sequence[Tally], columns: Sequence[ColumnPeek]) -> tuple[Seen, ...]:
    """Units and measures in columns; and the words of headings over figures, without their periods."""
    held = _of(("measure",), tallies, columns)
    found = list(_seen(table, held, lambda text: find_unit(text) is not None, lambda text: find_unit(text) or ""))
    over = [column for column in columns if column.role == "figures" and column.heading_words]
    words = Counter(column.heading_words for column in over)
    first = {column.heading_words: column.address for column in reversed(over)}
    found += [
        Seen(text, times, first[text], f"heading; {find_unit(text) or 'no unit said'}") for text, times in words.items()
    ]
    found += _in_series(table, tallies, columns, 0, lambda text: f"within texts; {find_unit(text) or 'no unit said'}")
    return tuple(found[:MOST_SEEN])


def _area_summary(tallies: Sequence[Tally], columns: Sequence[ColumnPeek]) -> tuple[str, ...]:
    """How many areas of each kind, which councils are missing, which codes are old ones."""
    kinds: dict[str, set[str]] = {}
    old: set[str] = set()
    for tally, column in zip(tallies, columns, strict=True):
        if column.role != "area":
            continue
        for text in tally.times:
            area = find_area(split_label(text).text)
            if area:
                kinds.setdefault(area.kind, set()).add(area.code)
                if area.how == "earlier code":
                    old.add(f"{text} (until {area.until})" if area.until else text)
            elif kind := other_kind(text):
                kinds.setdefault(kind, set()).add(text)
    said = [f"{len(codes):,} {_plural(kind.replace('_', ' '), len(codes))}" for kind, codes in kinds.items()]
    councils = kinds.get("council", set())
    if len(councils) > 16:
        missing = [area.name for area in areas().councils if area.code not in councils]
        if missing:
            said.append(f"councils that are missing: {', '.join(missing)}")
    if old:
        said.append(f"earlier codes: {', '.join(sorted(old))}")
    return tuple(said)


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _heading_notices(columns: Sequence[ColumnPeek]) -> list[str]:
    said = [
        f"{column.address}: what stands in this column has no heading ({column.filled} filled)"
        for column in columns
        if not column.heading and column.filled
    ]
    said += [
        f"{column.address}: the heading {column.heading!r} may be about a person"
        for column in columns
        if column.may_be_personal
    ]
    headings = [column.heading for column in columns]
    said += [f"the qualifier column {each!r} has no column of its name" for each in strays(headings)]
    return said


def _doubled(columns: Sequence[ColumnPeek]) -> list[str]:
    """Headings that stand more than once: a mapping could not say which is meant; each cell still has its address."""
    times = Counter(column.heading for column in columns if column.heading)
    first = {column.heading: column.address for column in reversed(columns)}
    return [
        f"{first[heading]}: the heading {heading!r} stands there {count} times; which one is meant, a source "
        f"must be able to say"
        for heading, count in times.items()
        if count > 1
    ]


def _damages(table: Table, tallies: Sequence[Tally]) -> list[str]:
    """Columns, and the row of headings, in which a spreadsheet program has left its traces."""
    said = []
    for heading, tally in zip(table.headings, tallies, strict=True):
        if found := damage.find(heading.text, tally.times):
            cells = [table.address(*tally.first[text]) for text in found.texts[:3]]
            said.append(f"{', '.join(cells)}: {found.words}. {damage.REMEDY}")
    headed = {heading.text: heading.address for heading in table.headings}
    if found := damage.find("", Counter(headed)):
        said.append(f"{headed[found.texts[0]]}: among the headings, {found.words}. {damage.REMEDY}")
    return said


class _Duplicates:
    """Rows of a cross-tab that are labelled alike."""

    def __init__(self, table: Table) -> None:
        self._labels = table.labels if not table.tidy and 0 < table.labels < len(table.headings) else 0
        self._seen: dict[tuple[str | None, ...], tuple[int, tuple[str, ...]]] = {}
        self._equal: list[tuple[int, int]] = []
        self._other: list[tuple[int, int]] = []

    def add(self, row: Row) -> None:
        if not self._labels or len(self._seen) > 200_000:
            return
        key = (row.section, row.parent, *row.texts[: self._labels])
        if key not in self._seen:
            self._seen[key] = (row.number, row.texts)
            return
        before, figures = self._seen[key]
        (self._equal if figures == row.texts else self._other).append((before, row.number))

    def said(self) -> list[str]:
        # Labels that repeat throughout are no keys: more columns than the leading ones say what a row is about.
        if len(self._equal) + len(self._other) > max(5, len(self._seen) // 20):
            return []
        return [f"rows {a} and {b} are labelled alike, with equal figures" for a, b in self._equal] + [
            f"rows {a} and {b} are labelled alike, with different figures" for a, b in self._other
        ]
