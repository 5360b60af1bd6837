"""Workbooks: xlsx, ods and xls to sheets of text. Where tables stand in a sheet is for `sheet_tables` to find.

A number is written as it is stored: no decimals on a whole one, none lost on another, never rounded. One that is shown
as a percentage is written as one: 0.8944 as `89.44%`. Dates are ISO. A formula gives its stored result; one that was
never calculated is a fault with its cell's name.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingestion.errors import SourceChanged, damaged, locked
from ingestion.readers import archive, formats
from ingestion.readers.grid import Grid
from ingestion.readers.tables import Finding, cell_name, column_letters
from ingestion.readers.workbook_facts import (
    Area,
    Facts,
    cell_styles,
    refuse_too_much,
    shared_lengths,
    xlsx_facts,
    xlsx_sheets,
)
from ingestion.readers.workbook_ods import ods_facts, refuse_locked
from ingestion.readers.workbook_xls import MAGIC, xls_facts

ZIP = b"PK\x03\x04"
MOST_OLD_BYTES = 200_000_000
EXACT = 1e15  # beyond it a stored number is no longer exact to the unit, and is written as it is stored


@dataclass(frozen=True)
class Sheet:
    """A sheet as texts. Row and column 0 are A1's, whatever is empty before the first filled cell."""

    name: str
    visible: bool
    rows: list[tuple[str, ...]]
    merged: tuple[Area, ...]
    facts: Facts

    def address(self, row: int, column: int) -> str:
        return f"{self.name}!{cell_name(row, column)}"

    @property
    def grid(self) -> Grid:
        """The sheet for searching."""
        return Grid(
            name=self.name,
            rows=self.rows,
            merged=self.merged,
            address=self.address,
            findings=self.findings,
            visible=self.visible,
            percents=frozenset(self.facts.percents),
            links=frozenset((top, left) for top, left, _, _ in self.facts.links),
            indents=self.facts.indents,
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a person should know about the sheet."""
        found = [
            Finding(
                "fault",
                "a formula without a stored result; expected a value. Open the workbook in a spreadsheet program, "
                "save it, or ask the publisher for one that was calculated",
                self.address(*place),
            )
            for place in self.facts.uncached
        ]
        for column, runs in sorted(self.facts.percents.items()):
            times = sum(last - first + 1 for first, last in runs)
            found.append(
                Finding(
                    "notice",
                    f"column {column_letters(column)}: {times} numbers are shown as percentages and read so, a stored "
                    "0.5 as 50%",
                    self.address(runs[0][0], column),
                )
            )
        if not self.visible:
            found.append(Finding("notice", "the sheet is hidden", self.name))
        if self.facts.hidden_rows:
            found.append(
                Finding("notice", f"{self.facts.hidden_rows} rows are hidden; they are read all the same", self.name)
            )
        if self.facts.hidden_columns:
            letters = ", ".join(column_letters(column) for column in self.facts.hidden_columns[:10])
            found.append(Finding("notice", f"columns {letters} are hidden; they are read all the same", self.name))
        return tuple(found)


def read_workbook(path: Path, where: str) -> list[Sheet]:
    """Every sheet of a workbook, hidden ones too.

    Raises SourceChanged for one that is locked, damaged or made to harm.
    """
    with path.open("rb") as handle:
        head = handle.read(8)
    if head.startswith(ZIP):
        told = _facts_in_zip(path, where)
    elif head == MAGIC:
        if path.stat().st_size > MOST_OLD_BYTES:
            raise SourceChanged(
                f"{where}: {path.stat().st_size:,} bytes, more than an old workbook can need. Look at it"
            )
        told = {name: (True, facts) for name, facts in xls_facts(path.read_bytes(), where)}
    else:
        raise SourceChanged(f"{where} is no workbook: it begins like no file that is one. Fetch it again")
    refuse_too_much((facts for _, facts in told.values()), where)
    return _values(path, where, told)


def _facts_in_zip(path: Path, where: str) -> dict[str, tuple[bool, Facts]]:
    with archive.open_zip(path, where) as opened:
        names = set(opened.namelist())
        if "xl/workbook.xml" in names:
            archive.verify(opened, where)
            return _xlsx(opened, where)
        mimetype = b"".join(archive.pieces(opened, "mimetype", where)) if "mimetype" in names else b""
        if known := formats.by_parts(names, mimetype.decode("ascii", "replace")):
            raise known.refusal(where)
        if "content.xml" in names:
            refuse_locked(opened, where)
            archive.verify(opened, where)
            return {name: (visible, facts) for name, visible, facts in ods_facts(opened, where)}
        held = ", ".join(sorted(names)[:5])
        raise SourceChanged(f"{where} is a zip file of {len(names)} parts ({held}), no workbook. Unpack it first")


def _xlsx(opened: zipfile.ZipFile, where: str) -> dict[str, tuple[bool, Facts]]:
    styles, shared = cell_styles(opened, where), shared_lengths(opened, where)
    told: dict[str, tuple[bool, Facts]] = {}
    for sheet in xlsx_sheets(opened, where):
        if sheet.name in told:
            raise damaged(where, f"two sheets are called {sheet.name}")
        if sheet.part and "chartsheets/" not in sheet.part:
            title = f"{where}, {sheet.name}"
            told[sheet.name] = (sheet.visible, xlsx_facts(opened, sheet.part, title, styles=styles, shared=shared))
        refuse_too_much((each for _, each in told.values()), where)  # before the next is read
    return told


def _values(path: Path, where: str, told: dict[str, tuple[bool, Facts]]) -> list[Sheet]:
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as workbook:
            sheets = []
            for meta in workbook.sheets_metadata:
                if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                if meta.name not in told:  # nobody has held it against the limits
                    raise damaged(where, f"the sheet {meta.name} stands in no part that it is listed with")
                visible, facts = told[meta.name]
                found = workbook.get_sheet_by_name(meta.name)
                shown = visible and meta.visible == python_calamine.SheetVisibleEnum.Visible
                merged = facts.merged or [(*a, *b) for a, b in (found.merged_cell_ranges or [])]
                rows = _rows(found.to_python(), found.start or (0, 0), facts)
                sheets.append(Sheet(meta.name, shown, rows, tuple(merged), facts))
            return sheets
    except python_calamine.PasswordError:
        raise locked(where) from None
    except (python_calamine.CalamineError, OSError) as error:
        raise damaged(where, error) from error
    except BaseException as error:
        # calamine's own panics are no Exceptions; anything else that is none is a wish to stop.
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(where, f"reading it fails: {error}") from error


def _rows(values: list[list[Any]], start: tuple[int, int], facts: Facts) -> list[tuple[str, ...]]:
    texts = [[text_of(value) for value in line] for line in values]
    for column, runs in facts.percents.items():
        for first, last in runs:
            for row in range(max(first, start[0]), min(last + 1, start[0] + len(values))):
                _show_percent(values[row - start[0]], texts[row - start[0]], column - start[1])
    before = ("",) * start[1]
    rows: list[tuple[str, ...]] = [()] * start[0]
    rows.extend(before + tuple(line) for line in texts)
    for (row, column), error in facts.errors.items():
        _put(rows, row, column, error)
    for row, column in facts.uncached:
        _put(rows, row, column, "")
    return rows


def _show_percent(values: list[Any], texts: list[str], place: int) -> None:
    """Write a number as the percentage that it is shown as. What is no number keeps its text, whatever its format."""
    if 0 <= place < len(values) and isinstance(values[place], int | float) and not isinstance(values[place], bool):
        texts[place] = percentage(values[place])


def _put(rows: list[tuple[str, ...]], row: int, column: int, text: str) -> None:
    """Set one cell; calamine may have ended the sheet before it."""
    rows.extend([()] * (row + 1 - len(rows)))
    line = list(rows[row]) + [""] * (column + 1 - len(rows[row]))
    line[column] = text
    rows[row] = tuple(line)


def text_of(value: Any) -> str:
    """A stored value as text, exactly: `7` for 7.0, `4960.336134453782` for that, `2024-07-31` for a day."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return _number(value)
        case datetime():
            return str(value.date() if value.time() == time(0) else value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return _duration(value)
    return str(value)


def percentage(value: float) -> str:
    """A stored fraction as the percentage it stands for, exactly: `89.44%` for 0.8944, where a product of floats is
    89.44000000000001."""
    return f"{Decimal(repr(value)).scaleb(2):f}%" if math.isfinite(value) else str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return format(Decimal(repr(value)), "f") if math.isfinite(value) else str(value)


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
