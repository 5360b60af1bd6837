"""A peek on the screen: what a person wants first, the rest counted. `--json` has everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from workbench.peek.model import ColumnPeek, Peek, Seen, TablePeek

MOST_COLUMNS = 8
MOST_LISTED = 12
WIDEST = 28


def render(peek: Peek, console: Console) -> None:
    """Print a peek.

    Texts of the file are shown as they are: brackets in them are no markup, control characters are not sent.
    """
    colour = "green" if peek.understood else "yellow" if peek.partly else "red"
    console.print(f"[bold]{_text(peek.file)}[/bold]  [{colour}]{peek.verdict}[/{colour}]  {peek.size_bytes:,} bytes")
    if peek.personal:
        console.print(
            "[red]It may hold what is about persons, and would not be landed. Of that, no text is shown.[/red]"
        )
        for place in peek.personal:
            console.print(f"[red]          {_text(place)}[/red]")
    console.print(f"shape     {peek.shape}: {_text('; '.join(peek.why))}")
    if peek.candidates:
        console.print(f"          [yellow]cannot be told apart: {_text(', '.join(peek.candidates))}[/yellow]")
    if peek.encoding:
        console.print(f"encoding  {peek.encoding}: {_text('; '.join(peek.encoding_evidence))}")
    if peek.message:
        console.print(f"[red]{_text(peek.message)}[/red]")
    for name, shown, tables in peek.sheets:
        hidden = "" if shown else ", hidden"
        console.print(f"sheet     {_text(name)}: {tables} table{'' if tables == 1 else 's'}{hidden}")
    for finding in peek.findings[:MOST_LISTED]:
        console.print(f"[yellow]note      {_text(finding)}[/yellow]")
    for table in peek.tables:
        _table(table, console)
    _lines(console, "words without a table", peek.notes)


def _table(table: TablePeek, console: Console) -> None:
    console.print()
    kind = "tidy" if table.tidy else f"{table.label_columns} label column{'' if table.label_columns == 1 else 's'}"
    hidden = ", on a hidden sheet" if table.hidden else ""
    console.print(
        f"{table.number}. [bold]{_text(table.place)}[/bold]  {table.rows:,} rows, "
        f"{len(table.columns):,} columns, {kind}{hidden}"
    )
    for doubt in table.doubts:
        console.print(f"  [yellow]in doubt {_text(doubt)}[/yellow]")
    for title in table.titles:
        console.print(f"  title   {_text(title)}")
    for key, value in table.context:
        console.print(f"  {_text(key)} = {_text(value)}")
    _first_rows(table, console)
    _columns(table.columns, console)
    judged = "" if table.judged_rows == table.rows else f" (of the first {table.judged_rows:,} rows)"
    console.print(f"  figures {table.figures:,}, blank {table.blanks:,}{judged}")
    _seen(console, "markers", table.markers)
    _seen(console, "periods", table.periods)
    if table.area_summary:
        console.print(f"  areas   {_text('; '.join(table.area_summary))}")
    _seen(console, "measures", table.measures)
    _lines(console, "notes", table.notes)
    for finding in table.findings[:MOST_LISTED]:
        console.print(f"  [yellow]note    {_text(finding)}[/yellow]")
    for fault in table.faults[:MOST_LISTED]:
        console.print(f"  [red]fault   {_text(fault)}[/red]")
    if table.not_recognised:
        _seen(console, "[red]not recognised[/red]", table.not_recognised)


def _first_rows(table: TablePeek, console: Console) -> None:
    if not table.columns:
        return
    shown = table.columns[:MOST_COLUMNS]
    grid = Grid(box=None, padding=(0, 2, 0, 0), show_edge=False)
    grid.add_column("", style="dim", no_wrap=True)
    under = [" | ".join(filter(None, (row.section, row.parent))) for row in table.first_rows]
    if any(under):
        grid.add_column("(under)", style="dim", overflow="fold")
    for column in shown:
        marks = f" ^{','.join(column.marks)}" if column.marks else ""
        grid.add_column(_text(_cut(column.heading or "(no heading)") + marks), overflow="fold")
    if len(table.columns) > MOST_COLUMNS:
        grid.add_column(f"and {len(table.columns) - MOST_COLUMNS:,} more")
    for row, upper in zip(table.first_rows, under, strict=True):
        where = row.addresses[0] if row.addresses else str(row.number)
        cells = [_text(_cut(text)) for text in ([upper] if any(under) else []) + list(row.texts[:MOST_COLUMNS])]
        grid.add_row(
            _text(where if "!" in where else where.partition(":")[0] if "line" in where else _cut(where)), *cells
        )
    console.print(grid)


def _columns(columns: Sequence[ColumnPeek], console: Console) -> None:
    roles = Counter(column.role for column in columns)
    names = {
        role: [_cut(column.heading or column.address) for column in columns if column.role == role] for role in roles
    }
    for role, count in roles.items():
        listed = ", ".join(names[role][:6]) + (f" and {count - 6:,} more" if count > 6 else "")
        console.print(f"  {role:<8}{_text(listed)}")


def _seen(console: Console, name: str, seen: Sequence[Seen]) -> None:
    if not seen:
        return
    plain = name if "[" in name else escape(name)
    console.print(f"  {plain}: {len(seen):,} different")
    for each in seen[:MOST_LISTED]:
        meaning = f"  {_cut(each.meaning, 70)}" if each.meaning else ""
        console.print(
            f"      {_text(_cut(repr(each.text), 60))} × {each.times:,}, first {_text(each.first)}{_text(meaning)}",
            highlight=False,
        )
    if len(seen) > MOST_LISTED:
        console.print(f"      and {len(seen) - MOST_LISTED:,} more; --json has them all")


def _lines(console: Console, name: str, lines: Sequence[str]) -> None:
    for line in lines[:MOST_LISTED]:
        console.print(f"  {name:<8}{_text(line)}")
    if len(lines) > MOST_LISTED:
        console.print(f"  {name:<8}and {len(lines) - MOST_LISTED:,} more")


def _cut(text: str, longest: int = WIDEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _text(text: str) -> str:
    """A file's words, safe for a terminal."""
    return escape("".join(character if character.isprintable() else " " for character in text))
