"""The preview of a return: one HTML file that loads nothing from elsewhere. It is for its sender, and kept nowhere."""

from __future__ import annotations

from pathlib import Path

import jinja2

from ingestion.returns.judged import Judged
from ingestion.returns.report import summary
from promise import database
from promise.catalogue.changes import changes as known_changes
from promise.catalogue.framework import framework
from promise.catalogue.sources import Source
from warehouse import releases
from workbench.returned import standing

TEMPLATES = Path(__file__).parent / "templates"


def write(judged: Judged, source: Source, path: Path) -> standing.Changes:
    """Write the page, and give what the return would change. A wrong return is shown with what could be read of it."""
    assert judged.kind is not None
    kind, now = judged.kind, list(judged.rows)
    with database.connect("loader") as conn:
        returns = standing.last_returns(conn, source)
    held = returns.pop(judged.returned_by or "", [])
    found = standing.changes(kind, held, now, limit=known_changes().mostly_gone.limit)
    published: tuple[standing.Figure, ...] = ()
    unreleased = None
    if kind.compared:
        try:
            with releases.reading() as conn:
                published = standing.beside_published(conn, kind, now)
        except releases.ReleaseError as error:
            unreleased = str(error)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    names = {each.id: each.name for each in framework().organisations}
    page = environment.get_template("preview.html.j2").render(
        kind=kind,
        sender=names.get(judged.returned_by or "", judged.returned_by or "an organisation that it does not name"),
        summary=summary(judged),
        faults=judged.faults,
        changes=found,
        filled=standing.filled(kind, now, [row for rows in returns.values() for row in rows]),
        others=len(returns),
        published=published,
        unreleased=unreleased,
    )
    path.write_text(page, encoding="utf-8")
    return found
