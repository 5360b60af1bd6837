"""Returns as people fill them in, and the ways in which they go wrong: one function a fault, named for it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from ingestion.returns.layout import COVER, TABLE
from ingestion.returns.template import csv_text, workbook
from promise.catalogue.returns import return_kind

# All organisations here are real, what they are said to hold is made up.
HOLDINGS: list[dict[str, str]] = [
    {
        "dataset_id": "family_support",
        "title": "Family support cases",
        "kind": "Administrative records",
        "population": "Families; Children on the edge of care",
        "areas": "Fife",
        "period_from": "2018-04",
        "supplied_to": "Scottish Government",
        "questions": "wm_know_me",
        "description": "Families who were offered support.",
    },
    {
        "dataset_id": "siblings",
        "title": "Brothers and sisters placed apart",
        "statements": "vs04",
        "made_from": "family_support",
    },
]
MILESTONES: list[dict[str, str]] = [
    {
        "item_id": "guide",
        "kind": "Milestone",
        "title": "Publish the guide",
        "owners": "Fife Council",
        "by_when": "2026-06",
    },
    {"item_id": "train", "kind": "Milestone", "title": "Train teams", "depends_on": "guide"},
]
MEASURES: list[dict[str, str]] = [
    {
        "measure_id": "attendance_own",
        "title": "Attendance, our own",
        "indicator": "attendance_rate",
        "unit": "Percent",
        "area": "Fife",
        "period_from": "2022-08-01",
        "period_to": "2023-07-31",
        "value": "84.5",
    }
]
ROWS = {"holdings": HOLDINGS, "milestones": MILESTONES, "measures": MEASURES}
Rows = Sequence[Mapping[str, str]]


def as_xlsx(path: Path, rows: Rows = HOLDINGS, kind: str = "holdings", by: str = "fife") -> Path:
    """The template, filled in."""
    workbook(return_kind(kind), by, rows).save(path)
    return path


def as_csv(path: Path, rows: Rows = HOLDINGS, kind: str = "holdings", by: str = "fife", **about: str) -> Path:
    headings = next(csv.reader(io.StringIO(csv_text(return_kind(kind)))))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, headings, restval="")
        writer.writeheader()
        said = {"return_of": kind, "template_edition": return_kind(kind).edition, "returned_by": by} | about
        writer.writerows({**said, **row} for row in rows)
    return path


def _edited(path: Path, edit: Callable[[Any], object], **given: Any) -> Path:
    book = openpyxl.load_workbook(as_xlsx(path, **given))
    edit(book)
    book.save(path)
    return path


def with_cell(field: str, text: str, *, row: int = 0, kind: str = "holdings") -> Callable[[Path], Path]:
    """A good return but for one cell."""
    rows = [dict(each) for each in ROWS[kind]]
    rows[row][field] = text
    return lambda folder: as_xlsx(folder / "return.xlsx", rows, kind)


def a_renamed_column(folder: Path) -> Path:
    def rename(book: Any) -> None:
        book[TABLE]["B1"] = "Titles"

    return _edited(folder / "return.xlsx", rename)


def a_column_taken_out(folder: Path) -> Path:
    return _edited(folder / "return.xlsx", lambda book: book[TABLE].delete_cols(2))


def a_column_twice(folder: Path) -> Path:
    def twice(book: Any) -> None:
        book[TABLE].cell(1, 60, "Title")

    return _edited(folder / "return.xlsx", twice)


def a_formula(folder: Path) -> Path:
    def compute(book: Any) -> None:
        book[TABLE]["C2"] = '=CONCATENATE("a","b")'

    return _edited(folder / "return.xlsx", compute)


def macros(folder: Path) -> Path:
    path = as_xlsx(folder / "return.xlsm")
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("xl/vbaProject.bin", b"Sub AutoOpen()")
    return path


def another_kind(folder: Path) -> Path:
    """The cover of holdings over the rows of milestones."""
    path = as_xlsx(folder / "return.xlsx", MILESTONES, "milestones")
    book = openpyxl.load_workbook(path)
    book[COVER]["B1"] = "holdings"
    book.save(path)
    return path


def last_years_template(folder: Path) -> Path:
    def age(book: Any) -> None:
        book[COVER]["B2"] = "2025"

    return _edited(folder / "return.xlsx", age)


def two_organisations(folder: Path) -> Path:
    path = as_csv(folder / "return.csv")
    text = path.read_text().replace("holdings,2026,fife,siblings", "holdings,2026,angus,siblings")
    path.write_text(text)
    return path


def an_unknown_organisation(folder: Path) -> Path:
    return as_csv(folder / "return.csv", by="Fiefe Council")


def nobodys(folder: Path) -> Path:
    return as_csv(folder / "return.csv", by="")


def this_projects(folder: Path) -> Path:
    return as_csv(folder / "return.csv", by="this_project")


def empty(folder: Path) -> Path:
    return as_xlsx(folder / "return.xlsx", [])


def no_bytes(folder: Path) -> Path:
    path = folder / "return.xlsx"
    path.write_bytes(b"")
    return path


def of_fifty_thousand_rows(folder: Path) -> Path:
    rows = [{"dataset_id": f"d{number}", "title": "One of many"} for number in range(50_000)]
    return as_csv(folder / "return.csv", rows)


def a_circle(folder: Path) -> Path:
    rows = [{**MILESTONES[0], "depends_on": "train"}, MILESTONES[1]]
    return as_xlsx(folder / "return.xlsx", rows, "milestones")


def a_key_twice(folder: Path) -> Path:
    return as_xlsx(folder / "return.xlsx", [HOLDINGS[0], {**HOLDINGS[1], "dataset_id": "family_support"}])


def personal_data(folder: Path) -> Path:
    """A number like a CHI number, made up, in free text."""
    return with_cell("description", "One family, number 0101101007.")(folder)
