"""`promise map`: the Data Map for people who keep it, and for an organisation beside the framework."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click


@click.group("map")
def map_group() -> None:
    """The Data Map: suggested links to judge, and an organisation's own measures beside the framework."""


@map_group.command("review")
@click.option("--dataset", help="Only of this dataset, by its id in dim_dataset.")
@click.option("--about", help="Only of this statement, outcome, indicator or question.")
@click.option("--at-least", type=click.FloatRange(0, 1), default=0.3, show_default=True, help="The lowest score shown.")
def review(dataset: str | None, about: str | None, at_least: float) -> None:
    """List the links that likeness of words suggests. None is shown as a link before somebody has accepted it."""
    from workbench.commands import data_map as words

    words.review(dataset, about, at_least)


@map_group.command("accept")
@click.argument("dataset")
@click.argument("about")
@click.option(
    "--how", type=click.Choice(["answers", "partly", "speaks_to"]), default="speaks_to", show_default=True,
    help="How far the dataset can answer.",
)  # fmt: skip
@click.option("--author", required=True, help="Whose judgement it is.")
@click.option("--reason", required=True, help="Why, from what a public page says of the dataset.")
def accept(dataset: str, about: str, how: Literal["answers", "partly", "speaks_to"], author: str, reason: str) -> None:
    """Make a suggestion a link in framework/data_map/links.yml: DATASET and ABOUT as `promise map review` has them."""
    from workbench.commands import data_map as words

    words.accept(dataset, about, how=how, author=author, reason=reason)


@map_group.command("read-across")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def read_across(file: Path) -> None:
    """Hold the measures of an organisation's own plan beside the framework: aligned, complementary, missing.

    FILE is CSV with a column `measure` (or `title`), and `description` where there is one. It is read and not kept.
    """
    from workbench.commands import read_across as words

    words.show(file)
