"""`promise return …`: the door for those who fill in a return, and for those who take it in."""

from __future__ import annotations

from pathlib import Path

import click

from ingestion.returns import judge
from ingestion.returns.values import Wrong
from ingestion.returns.values import organisation as known_organisation
from promise.catalogue.returns import return_kind, return_kinds
from promise.errors import PromiseError

ENDINGS = {"xlsx": "xlsx", "csv": "csv", "json-schema": "schema.json"}


def show_kinds() -> None:
    """Print each kind with what it is for."""
    for each in return_kinds().values():
        click.echo(
            f"{each.id}  {each.title} (edition {each.edition}; one row is {each.row})\n    {each.purpose.strip()}"
        )


def template(kind_id: str, form: str, organisation: str | None, out: Path | None) -> None:
    """Write a template and say where it is. Raises PromiseError for an unknown kind or organisation."""
    from ingestion.returns.template import write

    kind = return_kind(kind_id)
    path = out or Path(f"{kind.id}.{ENDINGS[form]}")
    write(kind, path, form, _organisation(organisation))
    click.echo(f"{path}: fill it in, then `promise return check {path}`" if form != "json-schema" else str(path))


def check(file: Path, kind_id: str | None, out: Path | None) -> int:
    """Print what is wrong, and write the marked workbook where one is asked for; 1 where anything is."""
    from ingestion.returns import report

    judged = judge(file, return_kind(kind_id) if kind_id else None)
    click.echo(report.in_words(judged))
    if out is not None and not judged.is_good:
        written = report.write_marked(judged, out)
        click.echo(
            f"{out}: your rows, with the cells marked" if written else f"{out} was not written: no kind is known"
        )
    return 0 if judged.is_good else 1


def _organisation(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return known_organisation(text)
    except Wrong as wrong:
        raise PromiseError(f"--organisation: {wrong.says}; {wrong.instead}") from None
