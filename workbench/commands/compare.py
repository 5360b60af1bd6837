"""`promise compare`: what the working tree makes of figures and judgements, beside the current release.

What differs from the release's own models, seeds and macros, and everything below it, is built in schemas of one's own;
the facts there are then compared with those that readers see. For a review: as tables in the terminal, or as Markdown.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click
from psycopg import Connection, sql
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from promise.errors import PromiseError
from warehouse import state, transform
from workbench.commands.dbt import Session, build, inside, session
from workbench.commands.diff import effect, flips

CHANGES = ("--exclude-resource-type", "test", "unit_test")
LARGEST = 20
NONE = "–"


@dataclass(frozen=True)
class Grid:
    """A small table with a title, for a terminal or for a review."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]

    def as_rich(self) -> Table:
        table = Table(*self.columns, title=self.title, title_justify="left")
        for row in self.rows:
            table.add_row(*(escape(_words(cell)) for cell in row))
        return table

    def as_markdown(self) -> str:
        cells = [[_words(cell).replace("|", "\\|") for cell in row] for row in self.rows]
        lines = [list(self.columns), ["---"] * len(self.columns), *cells]
        return "\n".join([f"**{self.title}**", "", *(f"| {' | '.join(line)} |" for line in lines)])


@dataclass(frozen=True)
class Comparison:
    """What was changed, what was built of it, and how the facts come out."""

    release_id: int
    changed: tuple[str, ...]
    built: int
    grids: tuple[Grid, ...]
    notes: tuple[str, ...]

    @property
    def heading(self) -> str:
        if not self.changed:
            return f"No model, seed or function differs from release {self.release_id}."
        return (
            f"Beside release {self.release_id}: {len(self.changed)} changed ({', '.join(self.changed)}),"
            f" {self.built} built."
        )


def show(as_markdown: bool) -> None:
    """Print what the working tree does to figures and judgements."""
    found = compare(session())
    if as_markdown:
        click.echo("\n\n".join([found.heading, *found.notes, *(grid.as_markdown() for grid in found.grids)]))
        return
    console = Console(emoji=False, highlight=False, soft_wrap=True)
    for line in (found.heading, *found.notes):
        console.print(escape(line))
    for grid in found.grids:
        console.print(grid.as_rich())


def compare(mine: Session) -> Comparison:
    """Build what the working tree changes in schemas of one's own, and compare it with the release.

    Raises PromiseError when there is no release that says what it was built from.
    """
    release_id = mine.state.release_id
    if release_id is None or not mine.state.is_the_releases:
        raise PromiseError(
            "there is nothing to compare with: no release says what it was built from; `make run` makes one that does"
        )
    changed = _changed(mine)
    gone = _gone(mine)
    if not changed and not gone:
        return Comparison(release_id, changed=(), built=0, grids=(), notes=mine.state.notes)
    built = build(mine, "--select", "state:modified+", *CHANGES) if changed else []
    marts = sorted(result.node.alias for result in built if result.node.schema == f"{mine.analyst.schema}_marts")
    with mine.analyst.connect(autocommit=True) as conn:
        grids = tuple(_grids(conn, own=f"{mine.analyst.schema}_marts", built=marts, gone=gone))
    return Comparison(release_id, changed=(*changed, *gone), built=len(built), grids=grids, notes=mine.state.notes)


def _changed(mine: Session) -> tuple[str, ...]:
    with inside(mine.environment | {"DBT_QUIET": "true"}), contextlib.redirect_stdout(io.StringIO()):
        listed = transform.invoke(["ls", "--select", "state:modified", *CHANGES, "--output", "name"])
    if not listed.success:
        raise transform.BuildFailed(f"dbt cannot read the project: {listed.exception}")
    return tuple(sorted(set(listed.result or ())))


def _gone(mine: Session) -> tuple[str, ...]:
    """Marts that the release has and the working tree does not."""
    here, released = (
        json.loads((folder / "manifest.json").read_text())["nodes"] for folder in (mine.target_path, state.folder())
    )
    return tuple(
        sorted(node["alias"] for key, node in released.items() if node["schema"] == "marts" and key not in here)
    )


def _grids(conn: Connection[Any], *, own: str, built: Sequence[str], gone: Sequence[str]) -> Iterator[Grid]:
    counts = [(mart, _count(conn, "marts", mart), _count(conn, own, mart)) for mart in built]
    counts += [(mart, _count(conn, "marts", mart), None) for mart in gone]
    moved = [row for row in counts if row[1] != row[2]]
    if moved:
        yield Grid("Rows of marts", ("mart", "release", "working tree"), moved)
    with conn.transaction():
        if "fct_observation" in built:
            yield from _figures(effect(conn, "marts.fct_observation", f"{own}.fct_observation", LARGEST)["effect"])
        if "fct_progress" in built:
            judged = flips(conn, "select * from marts.fct_progress", f"select * from {own}.fct_progress")
            yield Grid(
                "Judgements that come out otherwise" if judged else "No judgement comes out otherwise",
                ("measure", "area", "release", "working tree", "because"),
                [
                    (row["measure_id"], row["area_code"], row["before"], row["after"], row["reason_after"])
                    for row in judged
                ],
            )


def _figures(places: dict[str, Any]) -> Iterator[Grid]:
    kinds = ("added", "removed", "revised")
    yield Grid(
        "Figures",
        ("of", *kinds),
        [
            (place, *(found[kind]["figures"] if kind in found else 0 for kind in kinds))
            for place, found in places.items()
        ],
    )
    largest = [row for found in places.values() for row in found["largest"]]
    if largest:
        yield Grid(
            "The largest revisions",
            ("measure", "area", "period", "of", "release", "working tree"),
            [
                (
                    row["measure_id"],
                    row["area_code"],
                    row["period_label"],
                    "all" if row["breakdown"] == "total" else f"{row['breakdown']}={row['breakdown_value']}",
                    row["before"],
                    row["after"],
                )
                for row in largest
            ],
        )


def _count(conn: Connection[Any], schema: str, table: str) -> int | None:
    row = conn.execute("select to_regclass(%s) is not null", (f"{schema}.{table}",)).fetchone()
    if not row or not row[0]:
        return None
    row = conn.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))).fetchone()
    return int(row[0]) if row else None


def _words(cell: object) -> str:
    return NONE if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)
