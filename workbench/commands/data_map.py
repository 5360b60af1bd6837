"""`promise map review`: links that likeness of words suggests, for a person to judge; one accepted becomes YAML."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from promise.catalogue.data_map import FILES, LINKS_FILE, Link, data_map, targets
from promise.errors import PromiseError
from warehouse.releases import reading

SUGGESTIONS = """
    select suggestion.dataset_id, dataset.title, suggestion.target_kind, suggestion.target_id, suggestion.score,
           suggestion.shared_stems
    from marts.fct_dataset_suggestion as suggestion
    inner join marts.dim_dataset as dataset on suggestion.dataset_id = dataset.dataset_id
    where suggestion.score >= %(at_least)s
      and (%(dataset)s::text is null or suggestion.dataset_id = %(dataset)s)
      and (%(about)s::text is null or suggestion.target_id = %(about)s)
    order by suggestion.score desc, suggestion.dataset_id, suggestion.target_id"""


def review(dataset: str | None, about: str | None, at_least: float) -> None:
    """Show the suggestions of the current release that nobody has accepted since."""
    accepted = {(link.dataset, link.about) for link in data_map().links}
    found = [row for row in _suggested(dataset, about, at_least) if (row[0], row[3]) not in accepted]
    console = Console(emoji=False)
    table = Table(title="Suggested by likeness of words; none of these is a link")
    for heading in ("score", "dataset", "might speak to", "because both say"):
        table.add_column(heading)
    for dataset_id, title, kind, target, score, stems in found:
        table.add_row(f"{score:.2f}", f"{dataset_id}\n{title}", f"{target}\n({kind})", ", ".join(stems))
    if found:
        console.print(table)
    console.print(
        f'{len(found)} to judge. Accept one: promise map accept DATASET ABOUT --how partly --author "…" --reason "…"',
        markup=False,
        highlight=False,
    )


def accept(
    dataset: str, about: str, *, how: Literal["answers", "partly", "speaks_to"], author: str, reason: str
) -> None:
    """Write a suggestion into links.yml. Raises PromiseError where it is none or is there already."""
    if about not in targets():
        raise PromiseError(f"map accept: there is no {about!r} in the framework; take the id from `promise map review`")
    if any((link.dataset, link.about) == (dataset, about) for link in data_map().links):
        raise PromiseError(f"map accept: {dataset} is linked to {about} already, in {LINKS_FILE}; edit it there")
    suggested = _suggested(dataset, about, 0)
    if not suggested:
        raise PromiseError(
            f"map accept: nothing suggests {dataset} for {about} in the current release; a link of your own is written "
            f"into {LINKS_FILE} by hand"
        )
    link = Link(
        dataset=dataset,
        about=about,
        how=how,
        author=author,
        decided_on=datetime.now(UTC).date(),
        reason=reason,
        score=float(suggested[0][4]),
    )
    path = FILES / "links.yml"
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + "\n\n" + as_yaml(link), encoding="utf-8")
    data_map.cache_clear()
    data_map()
    Console(emoji=False).print(
        f"{dataset} {how} {about}: written into {LINKS_FILE}. The next run shows it: promise run"
    )


def as_yaml(link: Link) -> str:
    """The link as links.yml has it; texts in a block, so that nothing in them means anything to YAML."""

    def block(text: str) -> str:
        return textwrap.fill(" ".join(text.split()), 118, initial_indent="      ", subsequent_indent="      ")

    return (
        f"  - dataset: {link.dataset}\n    about: {link.about}\n    how: {link.how}\n"
        f"    author: >-\n{block(link.author)}\n"
        f"    decided_on: {link.decided_on}\n    reason: >-\n{block(link.reason)}\n    score: {link.score}\n"
    )


def _suggested(dataset: str | None, about: str | None, at_least: float) -> list[tuple[Any, ...]]:
    with reading() as conn:
        return conn.execute(SUGGESTIONS, {"dataset": dataset, "about": about, "at_least": at_least}).fetchall()
