"""Whether each publisher is still where its entry says: `promise check-live`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ingestion.check_live import Look, look
from promise.catalogue.sources import source, sources
from promise.errors import PromiseError

COLOURS = {"same": "green", "reachable": "green", "inbox": "", "unavailable": "yellow"}
NOT_NOW = 3  # click keeps 2 for a command that was typed wrongly


def show(named: Sequence[str], as_json: bool = False) -> int:
    """Look at these sources, or at all that have an address, one after another; a line for each while it goes.

    Returns 1 when a person must look, else 3 when somebody could not be asked, else 0. Raises PromiseError for a source
    that is not described, or has no address. Lands and loads nothing.
    """
    asked = [source(each) for each in named] or [each for each in sources().values() if each.live is not None]
    if without := [each.id for each in asked if each.live is None]:
        raise PromiseError(
            f"{', '.join(without)}: no `live:` section in ingestion/sources/, so there is no address to look at"
        )
    looks = []
    for place, each in enumerate(asked, 1):
        click.echo(f"{place}/{len(asked)} {each.id} ...", err=True, nl=False)
        looks.append(look(each))
        click.echo(f" {looks[-1].finding.replace('_', ' ')}", err=True)
    if as_json:
        told = [asdict(each) | {"needs_a_person": each.needs_a_person} for each in looks]
        print(json.dumps(told, indent=2, default=str))  # noqa: T201
    else:
        _print(Console(emoji=False), looks)
    if any(each.needs_a_person for each in looks):
        return 1
    return NOT_NOW if any(each.finding == "unavailable" for each in looks) else 0


def _print(console: Console, looks: list[Look]) -> None:
    table = Table(title="Live addresses", title_justify="left")
    table.add_column("source", no_wrap=True)
    table.add_column("found", no_wrap=True)
    table.add_column("address", overflow="fold")
    for each in looks:
        colour = COLOURS.get(each.finding, "red")
        finding = each.finding.replace("_", " ")
        table.add_row(
            each.source_id,
            f"[{colour}]{finding}[/]" if colour else finding,
            escape((each.address or "") + (f"\nleads to {each.leads_to}" if each.leads_to else "")),
        )
    console.print(table)
    for each in looks:
        if each.says and each.finding not in ("same", "reachable"):
            says = each.says.removeprefix(f"{each.source_id}: ")
            console.print(f"[bold]{each.source_id}[/]: ", end="")
            console.print(says, highlight=False, markup=False, soft_wrap=True)
    count = sum(each.needs_a_person for each in looks)
    down = sum(each.finding == "unavailable" for each in looks)
    said = [f"{len(looks)} asked", f"{count} for a person to look at"] + (
        [f"{down} could not be asked now"] if down else []
    )
    console.print(", ".join(said) + ". Nothing was landed.", highlight=False)
