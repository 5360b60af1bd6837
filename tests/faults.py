"""How published files go wrong. Each fault is done to a file of a copied bundle, plain or gzipped, in place."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path


def renamed_heading(path: Path, heading: str, name: str) -> None:
    """The publisher calls a column something else."""
    rows = read(path)
    rows[0][rows[0].index(heading)] = name
    write(path, rows)


def extra_undeclared_heading(path: Path, name: str = "date_of_birth") -> None:
    """A column appears that nobody described; it may be about a person."""
    header, *rows = read(path)
    write(path, [[*header, name], *([*row, "2009-05-06"] for row in rows)])


def unknown_marker(path: Path, line: int, heading: str, marker: str = "[low]") -> str:
    """A word stands where a number would, and nobody said what it means. Returns what stood there."""
    return changed_cell(path, line, heading, marker)


def unknown_area(path: Path, line: int, heading: str, area: str = "Glasgow & Clyde") -> str:
    """An area is written in a way that is not known. Returns what stood there."""
    return changed_cell(path, line, heading, area)


def duplicate_key_with_different_values(path: Path, line: int, heading: str, value: str) -> int:
    """A row is given again at the end with another value. Returns the line of the second."""
    rows = read(path)
    again = list(rows[line - 1])
    again[rows[0].index(heading)] = value
    write(path, [*rows, again])
    return len(rows) + 1


def repeated_row(path: Path, line: int) -> int:
    """A row is given again at the end, the same. Returns the line of the second."""
    rows = read(path)
    write(path, [*rows, rows[line - 1]])
    return len(rows) + 1


def truncated_file(path: Path, keep: float = 0.6) -> None:
    """The download broke off, somewhere in the middle of a line."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])


def truncated_between_two_lines(path: Path, lines: int) -> None:
    """The file ends early, but on the end of a line, so that it still reads well."""
    write(path, read(path)[:lines])


def html_page_instead_of_csv(path: Path) -> None:
    """An error page dressed as success."""
    path.write_bytes(b"\n<!DOCTYPE html>\n<html><body><h1>Page not found</h1></body></html>\n")


def unknown_code_in_geojson(path: Path, position: int, code: str) -> str:
    """A feature carries a code that is not known. Returns the code that it had."""
    collection = json.loads(path.read_text(encoding="utf-8"))
    properties = collection["features"][position]["properties"]
    before, properties["area_code"] = properties["area_code"], code
    path.write_text(json.dumps(collection), encoding="utf-8")
    return str(before)


def changed_cell(path: Path, line: int, heading: str, value: str) -> str:
    """Another text stands in one cell. Returns what stood there."""
    rows = read(path)
    column = rows[0].index(heading)
    before, rows[line - 1][column] = rows[line - 1][column], value
    write(path, rows)
    return before


def added_row(path: Path, row: list[str]) -> None:
    """No fault: the publisher added a row."""
    write(path, [*read(path), row])


def read(path: Path) -> list[list[str]]:
    """The rows of a delimited file. The files that faults are done to have one line a row, so index + 1 is the line."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == text.count("\n"), f"{path.name} has cells over several lines; its faults need another way"
    return rows


def write(path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
