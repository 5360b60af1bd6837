"""The template of a kind: a workbook that people fill in, and the same as CSV and as JSON Schema.

The workbook has no macro and no formula. Its lists stand on a sheet of their own, where cells of several values can be
put together from; a cell of one value offers them itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.returns.layout import CONFIRMED, COVER, EDITION, GUIDANCE, KIND, LISTS, SENDER, TABLE
from ingestion.returns.lists import items, list_of
from ingestion.returns.values import SENDER_FIELD
from promise.catalogue.framework import framework
from promise.catalogue.returns import ABOUT, SEPARATOR, ReturnField, ReturnKind

ROWS = 500  # below those that are filled in get their lists to choose from; a longer return is as good
HEADING = PatternFill("solid", start_color="1D3557")
GROUPED = PatternFill("solid", start_color="E8EEF4")
EXAMPLE = PatternFill("solid", start_color="F3F3F3")
MARKED = PatternFill("solid", start_color="F8C9C4")
WRAPPED = Alignment(wrap_text=True, vertical="top")
A_TEXT = "@"  # no spreadsheet program makes a date or a formula of what is typed
YES_NO = ("yes", "no")


def workbook(
    kind: ReturnKind,
    organisation: str | None = None,
    rows: Sequence[Mapping[str, str]] | None = None,
    marks: Mapping[tuple[int, str], str] | None = None,
    general: Sequence[str] = (),
) -> Workbook:
    """The template of a kind; with `rows`, what somebody filled in, in place of the example.

    A row has texts by field, and under `confirmed`. `marks` are comments by place among the rows and field; `general`
    are those about the return as a whole.
    """
    book = Workbook()
    guidance = book.active
    assert guidance is not None
    guidance.title = GUIDANCE
    _guidance(guidance, kind)
    lists = book.create_sheet(LISTS)
    ranges = _lists(lists, kind)
    cover = book.create_sheet(COVER, 1)
    _cover(cover, kind, organisation, ranges["organisation"], general)
    table = book.create_sheet(TABLE, 2)
    _table(table, kind, ranges, rows, marks or {})
    for sheet in (guidance, lists, cover, table):
        sheet.sheet_view.showGridLines = sheet is table
        sheet.protection.sheet = True  # without a password: against slips, not against people
        sheet.protection.formatColumns = False
        sheet.protection.formatRows = False
    book.active = book.index(table) if rows is not None else 0
    # The same template has the same bytes but for these.
    book.properties.creator = "Promise data warehouse"
    book.properties.created = book.properties.modified = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    return book


def csv_text(kind: ReturnKind, organisation: str | None = None) -> str:
    """The headings, and the example as its first row."""
    text = io.StringIO()
    beside = [each for each in ABOUT if each != "return_row"]
    columns = [*(each for each in beside if each != "confirmed"), *(each.id for each in kind.fields), "confirmed"]
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    about = {"return_of": kind.id, "template_edition": kind.edition, "returned_by": organisation or ""}
    writer.writerow(about | {each.id: each.example for each in kind.fields})
    return text.getvalue()


def json_schema(kind: ReturnKind) -> dict[str, Any]:
    """What a return is, for programs: who hands it in, and its rows."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.title,
        "description": kind.purpose,
        "type": "object",
        "additionalProperties": False,
        "required": ["return_of", "template_edition", "returned_by", "rows"],
        "properties": {
            "return_of": {"const": kind.id},
            "template_edition": {"const": kind.edition},
            "returned_by": {"type": "string", "enum": [each.id for each in framework().organisations]},
            "rows": {
                "type": "array",
                "minItems": 1,
                "maxItems": kind.most_rows,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": [each.id for each in kind.fields if each.required],
                    "properties": {each.id: _property(each) for each in kind.fields}
                    | {"confirmed": {"title": CONFIRMED, "type": "string", "enum": [*YES_NO, ""]}},
                },
            },
        },
    }


def _property(field: ReturnField) -> dict[str, Any]:
    one: dict[str, Any] = {"type": "number" if field.type == "number" else "string"}
    if choices := items(field):
        one["enum"] = [each.id for each in choices]
    match field.type:
        case "yes_no":
            one["enum"] = [*YES_NO]
        case "date":
            one["format"] = "date"
        case "partial_date":
            one["pattern"] = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
        case "url":
            one["pattern"] = r"^https?://\S+$"
        case "id" | "ids":
            one["pattern"] = r"^[a-z][a-z0-9]*(_{1,2}[a-z0-9]+)*$"
        case "text":
            one |= {"maxLength": field.limits.longest} if field.limits.longest else {}
        case "number":
            one |= {"minimum": field.limits.smallest} if field.limits.smallest is not None else {}
            one |= {"maximum": field.limits.largest} if field.limits.largest is not None else {}
        case _:
            pass
    about = {"title": field.title, "description": field.guidance}
    return about | ({"type": "array", "items": one} if field.is_list else one)


def _lists(sheet: Worksheet, kind: ReturnKind) -> dict[str, str]:
    """Each list in two columns, what is written and what it is; returns where the first of them stands."""
    ranges: dict[str, str] = {}
    column = 1
    for field in (SENDER_FIELD, *kind.fields):
        name = list_of(field)
        if name is None or name in ranges:
            continue
        _heading(sheet.cell(1, column, _spoken(name)))
        _heading(sheet.cell(1, column + 1, ""))
        for row, each in enumerate(items(field), start=2):
            _put(sheet.cell(row, column), each.written)
            _put(sheet.cell(row, column + 1), each.title if each.title != each.written else "")
        letter = get_column_letter(column)
        ranges[name] = f"'{LISTS}'!${letter}$2:${letter}${len(items(field)) + 1}"
        sheet.column_dimensions[letter].width = 36
        sheet.column_dimensions[get_column_letter(column + 1)].width = 30
        column += 2
    sheet.freeze_panes = "A2"
    return ranges


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _guidance(sheet: Worksheet, kind: ReturnKind) -> None:
    _put(sheet["A1"], f"{kind.title}: what you hand in")
    sheet["A1"].font = Font(bold=True, size=14)
    _put(sheet["A2"], kind.purpose)
    steps = (
        f"On the sheet “{COVER}”, choose your organisation.",
        f"On the sheet “{TABLE}”, fill in one row for {kind.row}. The grey row is an example and is not read.",
        "Leave empty what you do not know. Empty means unknown, never zero and never no.",
        f"Several values stand in one cell with “{SEPARATOR.strip()}” between them; the lists are under “{LISTS}”.",
        "Nothing about a person belongs here: no name, no address, no number, no story by which somebody is known.",
        f"Where the check asks about a row and nothing in it is about a person, write yes under “{CONFIRMED}”.",
    )
    for row, text in enumerate(steps, start=3):
        _put(sheet.cell(row, 1), f"{row - 2}. {text}")
    for row in range(1, len(steps) + 3):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=5)
        sheet.cell(row, 1).alignment = WRAPPED
    sheet.row_dimensions[2].height = 48
    row = len(steps) + 4
    for column, heading in enumerate(("Column", "What it says", "Needed", "What it takes", "Example"), start=1):
        _heading(sheet.cell(row, column, heading))
    group = None
    for field in kind.fields:
        if field.group != group:
            row += 1
            group = field.group
            for column in range(1, 6):
                sheet.cell(row, column).fill = GROUPED
            _put(sheet.cell(row, 1), group)
            sheet.cell(row, 1).font = Font(bold=True)
        row += 1
        needed = "yes" if field.required else ""
        for column, text in enumerate((field.title, field.guidance, needed, takes(field), field.example), start=1):
            _put(sheet.cell(row, column), text)
            sheet.cell(row, column).alignment = WRAPPED
    for letter, width in zip("ABCDE", (30, 70, 9, 40, 40), strict=True):
        sheet.column_dimensions[letter].width = width


def takes(field: ReturnField) -> str:
    """What a field takes, in words."""
    words = {
        "id": "a key in small letters, digits and _",
        "ids": "keys of this return",
        "number": "a number",
        "yes_no": "yes or no",
        "url": "an address",
        "date": "a day, as in 2025-06-30",
        "partial_date": "a day, month or year: 2025-06-30, 2025-06 or 2025",
        "text": f"text, at most {field.limits.longest:,} characters" if field.limits.longest else "text",
    }
    if field.type in words:
        return words[field.type]
    return f"{'any' if field.is_list else 'one'} of the list “{_spoken(list_of(field) or '')}”"


def _cover(sheet: Worksheet, kind: ReturnKind, organisation: str | None, choices: str, general: Sequence[str]) -> None:
    named = {each.id: each.name for each in framework().organisations}
    said = ((KIND, kind.id), (EDITION, kind.edition), (SENDER, named.get(organisation or "", organisation or "")))
    for row, (label, text) in enumerate(said, start=1):
        _heading(sheet.cell(row, 1, label))
        _put(sheet.cell(row, 2), text)
    open_cell = sheet.cell(len(said), 2)
    open_cell.protection = Protection(locked=False)
    open_cell.fill = EXAMPLE
    one = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=True)
    one.error, one.errorTitle = "Choose an organisation of the list", SENDER
    one.add(open_cell)
    sheet.add_data_validation(one)
    for row, text in enumerate(general, start=len(said) + 2):
        _put(sheet.cell(row, 1), text)
        sheet.cell(row, 1).fill = MARKED
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["B"].width = 60


def _table(
    sheet: Worksheet,
    kind: ReturnKind,
    ranges: Mapping[str, str],
    rows: Sequence[Mapping[str, str]] | None,
    marks: Mapping[tuple[int, str], str],
) -> None:
    columns = [*((each.id, each.title) for each in kind.fields), ("confirmed", CONFIRMED)]
    fields = {each.id: each for each in kind.fields}
    shown = [{each.id: each.example for each in kind.fields}] if rows is None else rows
    last = 1 + len(shown) + ROWS
    for column, (identifier, title) in enumerate(columns, start=1):
        _heading(sheet.cell(1, column, title))
        letter = get_column_letter(column)
        # Of the whole column, so that no empty cell need be written: texts, which are nobody's to lock.
        whole = sheet.column_dimensions[letter]
        whole.width, whole.number_format = 26, A_TEXT
        whole.alignment, whole.protection = WRAPPED, Protection(locked=False)
        offered = _validation(fields.get(identifier), ranges)
        offered.add(f"{letter}{2 if rows is not None else 3}:{letter}{last}")
        sheet.add_data_validation(offered)
    for place, texts in enumerate(shown):
        for column, (identifier, _) in enumerate(columns, start=1):
            cell = sheet.cell(place + 2, column)
            cell.number_format, cell.alignment = A_TEXT, WRAPPED
            cell.protection = Protection(locked=rows is None)
            if rows is None:
                cell.fill = EXAMPLE
            _put(cell, texts.get(identifier, ""))
            if comment := marks.get((place, identifier)):
                cell.fill = MARKED
                cell.comment = Comment(comment, "check", width=320, height=140)
    sheet.freeze_panes = "B2"


def _validation(field: ReturnField | None, ranges: Mapping[str, str]) -> DataValidation:
    """What a spreadsheet program offers and says in a cell. Whether it is right is for the check."""
    if field is None or field.type == "yes_no":
        offered = DataValidation(type="list", formula1=f'"{",".join(YES_NO)}"', allow_blank=True)
        offered.promptTitle, offered.prompt = CONFIRMED if field is None else field.title[:32], "yes, or nothing"
    elif not field.is_list and (name := list_of(field)):
        offered = DataValidation(type="list", formula1=ranges[name], allow_blank=True, showErrorMessage=True)
        offered.error, offered.errorTitle = "Choose one of the list", field.title[:32]
    else:
        offered = DataValidation(allow_blank=True)
    if field is not None:
        offered.promptTitle, offered.prompt = field.title[:32], f"{field.guidance} {takes(field).capitalize()}."[:255]
    offered.showInputMessage = True
    return offered


def _heading(cell: Cell | Any) -> None:
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = HEADING
    cell.alignment = WRAPPED


def _put(cell: Cell | Any, text: str) -> None:
    """The text as text: a cell that begins with = computes nothing."""
    if text:
        cell.value = text
        cell.data_type = "s"


def write(kind: ReturnKind, path: Path, form: str, organisation: str | None = None) -> None:
    """Write the template of a kind as `xlsx`, `csv` or `json-schema`."""
    import json

    if form == "xlsx":
        workbook(kind, organisation).save(path)
    elif form == "csv":
        path.write_text(csv_text(kind, organisation), encoding="utf-8")
    else:
        path.write_text(json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def filled(lines: Sequence[Any]) -> Iterator[dict[str, str]]:
    """Rows as somebody filled them in, for `workbook`."""
    for line in lines:
        yield {**line.cells, "confirmed": line.confirmed}
