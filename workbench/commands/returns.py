"""`promise return …`: the door for those who fill in a return, and for those who take it in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from psycopg import Connection

from ingestion import load
from ingestion.returns.judged import Judged, judge
from ingestion.returns.values import Wrong
from ingestion.returns.values import organisation as known_organisation
from promise import database, ledger
from promise.catalogue.returns import return_kind, return_kinds
from promise.catalogue.sources import Source, sources
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


def hand_in(file: Path) -> int:
    """Take a return in, at once; 1 where something must be put right first, and nothing was kept."""
    from ingestion import pipeline
    from ingestion.connectors.file_drop import put
    from ingestion.returns import report
    from ingestion.returns.accepted import accepted

    judged = judge(file)
    if not judged.is_good:
        click.echo(report.in_words(judged))
        return 1
    source = of_kind(judged)
    file_name, content = f"{judged.returned_by}.csv", accepted(judged)
    database.ensure_running()
    with database.connect("loader") as conn:
        load.ensure_table(conn, source)
        before = _held(conn, source.id, file_name)
        conn.commit()
    # What is kept goes by way of the inbox, where whoever looks later finds the last return of each.
    new = pipeline.take(source.id, shown=lambda of: [put(of, file_name, content)])
    if not new:
        click.echo(
            f"{file.name} says what is held already: vintage {before.vintage if before else '?'}. Nothing to do."
        )
        return 0
    taken = pipeline.load(source.id, new)[0]
    click.echo(
        f"{file.name}: {taken['rows']:,} rows of {source.returns} by {judged.returned_by}, vintage {taken['vintage']}"
        + (f", in place of vintage {before.vintage}" if before else "")
        + ". `promise run` judges it and, unless a person must decide first, uses it."
    )
    return 0


def preview(file: Path, out: Path | None) -> int:
    """Write the page for the sender and say in a line what the return would change; 1 where something is wrong."""
    from workbench.returned.preview import write

    judged = judge(file)
    if judged.kind is None:
        check(file, None, None)
        return 1
    database.ensure_running()
    path = out or file.with_suffix(".html")
    found = write(judged, of_kind(judged), path)
    click.echo(
        f"{path}: {len(found.new)} new, {len(found.changed)} changed, {len(found.gone)} gone, {found.same} unchanged; "
        f"{len(judged.faults)} things to put right first. It is for the sender alone"
    )
    return 0 if judged.is_good else 1


def of_kind(judged: Judged) -> Source:
    """The source that a return is a file of."""
    assert judged.kind is not None
    return next(each for each in sources().values() if each.returns == judged.kind.id)


def _held(conn: Connection[Any], source_id: str, file_name: str) -> ledger.Vintage | None:
    """The last return of a sender that is held, whatever it was judged to be."""
    of_sender = [each for each in ledger.vintages(conn, source_id) if each.file_name == file_name]
    return next((each for each in reversed(of_sender) if each.arrival != "forgotten"), None)
