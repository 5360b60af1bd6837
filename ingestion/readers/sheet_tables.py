"""Tables in a grid, found by what they look like: headings over figures, wherever they begin.

Tables made for print stand under titles and over notes, side by side or one under another, with one to three rows of
headings of which the upper ones span several columns. The search cuts the grid at empty rows and columns, tells lines
of words from rows of a table, and puts together again what a blank row or a note inside only interrupted. Every line
of words is kept as a note. Where the search decides between two readings it says so in the table's findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingestion.readers.footnotes import split_headings, tidy
from ingestion.readers.grid import NOTE, Box, Grid, filled, is_note_rows, is_value, looks_like_headings
from ingestion.readers.tables import Finding, Heading, Note, Place, Row, Table, cell_position
from promise.vocabulary.areas import find_area
from promise.vocabulary.numbers import find_number
from promise.vocabulary.periods import recognise
from promise.vocabulary.quoting import found as quoted
from promise.vocabulary.units import find_unit

MOST_HEADER_ROWS = 3


@dataclass
class Block:
    """A run of rows in a box that belong together, while tables are being put together."""

    box: Box
    header: list[int]
    body: list[int]
    inside: list[tuple[int, Note]] = field(default_factory=list)  # (row, what stands there)
    findings: list[Finding] = field(default_factory=list)


def find_tables(grid: Grid) -> tuple[list[Table], list[Note]]:
    """The tables of a grid in reading order, and the notes of a grid that holds no table."""
    width = max((len(row) for row in grid.rows), default=0)
    whole = Box(0, 0, len(grid.rows), width)
    blocks: list[Block] = []
    notes: list[tuple[int, int, Note]] = []
    for box in _cut_columns(grid, whole):
        _find_in(grid, box, blocks, notes)
    blocks.sort(key=lambda block: (block.box.left, block.box.top))
    blocks = _joined(grid, blocks, notes)
    blocks.sort(key=lambda block: (block.box.top, block.box.left))
    if not blocks:
        return [], [note for _, _, note in sorted(notes, key=lambda each: each[:2])]
    beside = _notes_of(blocks, notes)
    return [_table(grid, block, beside[place]) for place, block in enumerate(blocks)], []


# -- cutting ---------------------------------------------------------------------------------------------------------


def _bands(grid: Grid, box: Box) -> Iterator[Box]:
    """Runs of rows that hold something."""
    start: int | None = None
    for row in range(box.top, box.bottom):
        if filled(grid, row, box):
            start = row if start is None else start
        elif start is not None:
            yield Box(start, box.left, row, box.right)
            start = None
    if start is not None:
        yield Box(start, box.left, box.bottom, box.right)


def _cut_columns(grid: Grid, box: Box) -> list[Box]:
    """Blocks side by side: cut at columns that rows of more than one cell leave empty, where labels begin anew."""
    used: set[int] = set()
    for row in range(box.top, box.bottom):
        columns = filled(grid, row, box)
        if len(columns) > 1:
            used.update(columns)
        if len(used) == box.right - box.left:
            return [box]
    if not used:
        return [box]
    cuts, last = [box.left], min(used)
    for column in sorted(used):
        if column > last + 1 and _labels_begin(grid, Box(box.top, column, box.bottom, box.right)):
            cuts.append(last + 1)
        last = column
    edges = [*cuts, box.right]
    return [Box(box.top, left, box.bottom, right) for left, right in pairwise(edges)]


def _labels_begin(grid: Grid, box: Box) -> bool:
    """Whether a block has labels of its own in its first column: words, areas or periods, not figures."""
    words = figures = 0
    for row in range(box.top, box.bottom):
        text = grid.text(row, box.left).strip()
        # A title over the block is a line of its own and says nothing about the column.
        if not text or len(filled(grid, row, box)) < 2:
            continue
        if is_value(text) and not _is_year_label(text):
            figures += 1
        else:
            words += 1
    return words > 1 and words > 2 * figures


def _is_year_label(text: str) -> bool:
    return text.isdigit() and len(text) == 4 and bool(recognise(text))


# -- rows ------------------------------------------------------------------------------------------------------------


def _find_in(grid: Grid, box: Box, blocks: list[Block], notes: list[tuple[int, int, Note]]) -> None:
    spans = _wide_merges(grid)
    for band in _bands(grid, box):
        run: list[int] = []
        listing = _is_list(grid, band)
        for row in range(band.top, band.bottom):
            if not listing and _is_line(grid, row, band, spans):
                _close(grid, band, run, blocks, notes)
                run = []
                notes += [(row, column, _note(grid, row, column)) for column in filled(grid, row, band)]
            else:
                run.append(row)
        _close(grid, band, run, blocks, notes)


def _is_list(grid: Grid, band: Box) -> bool:
    """One column of areas, periods or figures under a heading; one column of anything else is prose."""
    if band.right - band.left != 1:
        return False
    texts = [grid.text(row, band.left).strip() for row in range(band.top + 1, band.bottom)]
    known = sum(is_value(text) or find_area(text) is not None or bool(recognise(text)) for text in texts)
    return len(texts) > 1 and 2 * known > len(texts)


def _wide_merges(grid: Grid) -> dict[tuple[int, int], int]:
    """The last column of each merged cell that spans several, by its place."""
    return {(top, left): right for top, left, _, right in grid.merged if right > left}


def _is_line(grid: Grid, row: int, band: Box, spans: dict[tuple[int, int], int]) -> bool:
    """One text alone in its row is a title, a note or the name of a section; over several columns it is a heading."""
    columns = filled(grid, row, band)
    if len(columns) != 1:
        return False
    column = columns[0]
    if is_value(grid.text(row, column)):
        return False
    # A merged cell that starts right of the labels is a heading over its group; one from the left edge is a title.
    spans_group = (row, column) in spans and column > _first_column(grid, band)
    return not (spans_group and row + 1 < band.bottom)


def _first_column(grid: Grid, band: Box) -> int:
    return min((columns[0] for row in range(band.top, band.bottom) if (columns := filled(grid, row, band))), default=0)


def _note(grid: Grid, row: int, column: int) -> Note:
    return Note(tidy(grid.text(row, column)), grid.address(row, column), "above")


def _close(grid: Grid, band: Box, run: Sequence[int], blocks: list[Block], notes: list[tuple[int, int, Note]]) -> None:
    """A run of rows becomes a block, unless it is footnotes set in two columns."""
    if not run:
        return
    if is_note_rows(grid, run, band):
        notes += [(row, column, _note(grid, row, column)) for row in run for column in filled(grid, row, band)]
        return
    used = sorted({column for row in run for column in filled(grid, row, band)})
    box = Box(run[0], used[0], run[-1] + 1, used[-1] + 1)
    header, findings = _header(grid, run, box)
    blocks.append(Block(box, list(run[:header]), list(run[header:]), findings=findings))


def _header(grid: Grid, run: Sequence[int], box: Box) -> tuple[int, list[Finding]]:
    """How many of a run's first rows are headings, and what had to be decided for that."""
    rows = 0
    while rows < len(run) and rows <= MOST_HEADER_ROWS:
        if not looks_like_headings(grid, run[rows], box, run[:rows], run[rows + 1 :]):
            break
        rows += 1
    if rows <= 1:
        return rows, []
    if rows > MOST_HEADER_ROWS or rows == len(run):
        # Words all the way down: a table of words, whose first row names its columns.
        spanning = any(top == run[0] and right > left for top, left, _, right in grid.merged)
        return (2 if spanning and rows > 2 else 1), []
    for place in range(rows - 1):
        # An upper row of headings leaves cells blank, repeats or spans; one that names every column is the last.
        texts = [grid.text(run[place], column) for column in filled(grid, run[place], box)]
        spanning = any(
            top <= run[place] <= bottom and (right, bottom) > (left, top) for top, left, bottom, right in grid.merged
        )
        if not spanning and len(set(texts)) == len(texts) and 5 * len(texts) >= 4 * (box.right - box.left):
            where = grid.address(run[place + 1], box.left)
            return place + 1, [
                Finding("notice", "a row of words under the headings is taken for a row of the table", where)
            ]
    return rows, []


# -- putting together ------------------------------------------------------------------------------------------------


def _joined(grid: Grid, blocks: list[Block], notes: list[tuple[int, int, Note]]) -> list[Block]:
    """Blocks that a blank row or a line only interrupted become one again."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before and _continues(grid, before, block):
            _swallow(grid, before, block, notes)
        else:
            joined.append(block)
    for block in joined:
        if not block.header:
            block.findings.append(
                Finding("notice", "no row of headings was found over it", grid.address(block.box.top, block.box.left))
            )
    return joined


def _continues(grid: Grid, before: Block, block: Block) -> bool:
    """A block without headings of its own, within the columns of the one above it, goes on with that one."""
    inside = before.box.left <= block.box.left and block.box.right <= before.box.right
    if not inside or block.box.top < before.box.bottom or not before.header:
        return False
    if not block.header:
        # Without rows yet, the block above is headings over a blank row.
        return block.box.left == before.box.left or not before.body or block.box.right == before.box.right
    # Words only, under headings only: the rest of the headings below a blank row.
    if not before.body and len(before.header) + len(block.header) <= MOST_HEADER_ROWS:
        return bool(block.body) and len(filled(grid, before.header[-1], before.box)) < block.box.right - block.box.left
    return False


def _swallow(grid: Grid, before: Block, block: Block, notes: list[tuple[int, int, Note]]) -> None:
    between = [
        each
        for each in notes
        if before.box.bottom <= each[0] < block.box.top and before.box.left <= each[1] < before.box.right
    ]
    for each in between:
        notes.remove(each)
        row, _, note = each
        before.inside.append((row, Note(note.text, note.address, "inside")))
        before.findings.append(Finding("notice", f"a line inside the table: {quoted(note.text)}", note.address))
    if not between:
        before.findings.append(
            Finding("notice", "the table goes on below blank rows", grid.address(block.box.top, block.box.left))
        )
    before.header += block.header
    before.body += block.body
    before.findings += block.findings
    before.inside += block.inside
    left, right = min(before.box.left, block.box.left), max(before.box.right, block.box.right)
    before.box = Box(before.box.top, left, block.box.bottom, right)


def _notes_of(blocks: Sequence[Block], notes: Sequence[tuple[int, int, Note]]) -> list[list[Note]]:
    """Each note to one table: the one whose columns it stands in, the next below it, or else the last above it."""
    found: list[list[Note]] = [[] for _ in blocks]
    for row, column, note in sorted(notes, key=lambda each: each[:2]):
        places = [p for p, block in enumerate(blocks) if block.box.left <= column < block.box.right] or list(
            range(len(blocks))
        )
        below = [place for place in places if blocks[place].box.top > row]
        above = [place for place in places if blocks[place].box.bottom <= row]
        within = [place for place in places if place not in below and place not in above]
        where: Place
        if within:
            place, where = within[0], "inside"
        elif below and (not above or not _belongs_above(blocks[above[-1]], row, note, blocks[below[0]])):
            place, where = below[0], "above"
        elif above:
            place, where = above[-1], "below"
        else:
            place, where = places[0], "beside"
        found[place].append(Note(note.text, note.address, where))
    return found


def _belongs_above(before: Block, row: int, note: Note, after: Block) -> bool:
    """Between two tables: a footnote, or a line nearer to the table above, belongs to that one."""
    if note.text.casefold().startswith("table"):
        return False
    return bool(NOTE.match(note.text)) or row - before.box.bottom < after.box.top - row - 1


# -- what was found, as a table --------------------------------------------------------------------------------------


def _table(grid: Grid, block: Block, notes: Sequence[Note]) -> Table:
    box = block.box
    headings, findings = _headings(grid, block)
    findings += _mixed_percentages(grid, block)
    labels = _label_columns(grid, block)
    spread = _vertical_merges(grid, block, labels)
    sections = sorted(block.inside)

    def rows() -> Iterator[Row]:
        section, coming = None, 0
        for row in block.body:
            while coming < len(sections) and sections[coming][0] < row:
                section, coming = sections[coming][1].text, coming + 1
            texts = tuple(spread.get((row, column)) or grid.text(row, column) for column in range(box.left, box.right))
            yield Row(row + 1, texts, section)

    def address(row: int, position: int) -> str:
        return grid.address(row - 1, box.left + position)

    first, last = grid.address(box.top, box.left), grid.address(box.bottom - 1, box.right - 1)
    return Table(
        name=grid.name,
        place=f"{first}:{last.rpartition('!')[2]}" if "!" in last else f"{first} to {last}",
        headings=headings,
        labels=labels,
        rows=rows,
        address=address,
        notes=(*notes, *(note for _, note in sections)),
        findings=(*block.findings, *findings, *_in_box(grid, box)),
        first_row=(block.body[0] if block.body else box.bottom) + 1,
        hidden=not grid.visible,
    )


def _in_box(grid: Grid, box: Box) -> list[Finding]:
    """The sheet's findings that concern cells of the box, and those that concern no cell."""
    kept = []
    for finding in grid.findings:
        _, cell, name = (finding.address or "").rpartition("!")
        if not cell:
            kept.append(finding)
            continue
        row, column = cell_position(name)
        if box.top <= row < box.bottom and box.left <= column < box.right:
            kept.append(finding)
    return kept


def _headings(grid: Grid, block: Block) -> tuple[tuple[Heading, ...], list[Finding]]:
    """One heading a column: merged ones spread over what they cover, groups carried to the right."""
    box, findings = block.box, []
    covers = _covers(grid, block.header)
    lines: list[list[str]] = []
    for row in block.header:
        line = [covers.get((row, column), grid.text(row, column)) for column in range(box.left, box.right)]
        if row != block.header[-1]:
            line, carried = _carry(grid, row, line, block, covers)
            findings += carried
        lines.append(line)
    marked = [split_headings(line) for line in lines]
    headings = []
    for position in range(box.right - box.left):
        parts: list[str] = []
        marks: list[str] = []
        for texts in marked:
            each = texts[position]
            if each.text and (not parts or parts[-1] != each.text):
                parts.append(each.text)
                marks += each.marks
        published = tuple(line[position] for line in lines)
        last = next((row for row in reversed(block.header) if grid.text(row, box.left + position).strip()), None)
        row = last if last is not None else (block.header[-1] if block.header else box.top)
        headings.append(Heading(tuple(parts), tuple(marks), published, grid.address(row, box.left + position)))
    return tuple(headings), findings


def _mixed_percentages(grid: Grid, block: Block) -> Iterator[Finding]:
    """Columns of which some numbers are shown as percentages and some are not: 0.8944 beside 89.4% may be either.

    Nought is nought in both. Rows that name another unit are another measure, which may have another format.
    """
    box = block.box
    for column in sorted(set(grid.percents) & set(range(box.left, box.right))):
        numbers = {row: find_number(grid.text(row, column)) for row in block.body}
        kinds: dict[frozenset[str | None], tuple[list[str], list[str]]] = {}
        for row, number in numbers.items():
            if number and (number.percent or number.value):
                plain_and_percent = kinds.setdefault(_units_of_row(grid, block, row), ([], []))
                plain_and_percent[number.percent].append(grid.address(row, column))
        for plain, percent in kinds.values():
            if plain and percent:
                yield Finding(
                    "fault",
                    f"the column mixes plain numbers ({_first(plain)}) with numbers that are shown as percentages "
                    f"({_first(percent)}), so that which is a hundred times as large cannot be told; expected one "
                    "format. Ask the publisher which is meant, and for a workbook that shows the whole column alike",
                    plain[0],
                    column - box.left,
                )


def _units_of_row(grid: Grid, block: Block, row: int) -> frozenset[str | None]:
    """The units that stand in a row's cells, or in the line over its section."""
    over = [note.text for place, note in sorted(block.inside) if place < row][-1:]
    texts = [*over, *(grid.text(row, column) for column in filled(grid, row, block.box))]
    return frozenset(find_unit(text) for text in texts) - {None}


def _first(addresses: Sequence[str], most: int = 3) -> str:
    """The first cells, without their sheet."""
    names = ", ".join(address.rpartition("!")[2] for address in addresses[:most])
    return f"{names} and {len(addresses) - most} more" if len(addresses) > most else names


def _covers(grid: Grid, rows: Sequence[int]) -> dict[tuple[int, int], str]:
    """The text of each merged cell, for every place of the header that it covers."""
    wanted, covers = set(rows), {}
    for top, left, bottom, right in grid.merged:
        if top >= len(grid.rows) or bottom - top > 1000 or right - left > 20_000:
            continue
        text = grid.text(top, left)
        for row in range(top, bottom + 1):
            if row in wanted and text.strip():
                covers.update({(row, column): text for column in range(left, right + 1)})
    return covers


def _carry(
    grid: Grid, row: int, line: list[str], block: Block, covers: dict[tuple[int, int], str]
) -> tuple[list[str], list[Finding]]:
    """An upper heading that is not merged but stands over blanks covers these, as far as the next one; that is said."""
    below = block.header[block.header.index(row) + 1 :]
    carried, findings = list(line), []
    current, start = "", 0
    for position, text in enumerate(line):
        column = block.box.left + position
        if text.strip():
            current, start = ("", 0) if (row, column) in covers else (text, position)
        elif current and any(grid.text(lower, column).strip() for lower in below):
            carried[position] = current
            if position == start + 1:
                where = grid.address(row, block.box.left + start)
                findings.append(
                    Finding(
                        "notice",
                        f"the heading is taken to cover the blank cells right of it: {quoted(tidy(current))}",
                        where,
                    )
                )
        else:
            current = ""
    return carried, findings


def _label_columns(grid: Grid, block: Block) -> int:
    """How many columns on the left hold words, areas or periods; at least one where there are two columns."""
    box = block.box
    count = 0
    for column in range(box.left, box.right):
        texts = [text for row in block.body[:500] if (text := grid.text(row, column).strip())]
        heading = grid.text(block.header[-1], column) if block.header else ""
        years_are_figures = is_value(heading) or bool(recognise(tidy(heading)))
        figures = sum(is_value(text) and (years_are_figures or not _is_year_label(text)) for text in texts)
        if texts and 2 * figures > len(texts):
            break
        count += 1
    if count == box.right - box.left:
        return count
    return max(count, 1) if box.right - box.left > 1 else 0


def _vertical_merges(grid: Grid, block: Block, labels: int) -> dict[tuple[int, int], str]:
    """The text of labels that are merged over several rows, for each row they cover."""
    spread: dict[tuple[int, int], str] = {}
    first = block.body[0] if block.body else block.box.bottom
    for top, left, bottom, right in grid.merged:
        if bottom > top >= first and block.box.left <= left < block.box.left + labels and bottom < block.box.bottom + 1:
            text = grid.text(top, left)
            spread.update({(row, column): text for row in range(top, bottom + 1) for column in range(left, right + 1)})
    return spread
