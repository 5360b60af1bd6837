"""A peek without persons: what may be about one is said first, and shown by its kind and its length alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from ingestion.errors import SourceChanged
from ingestion.personal import Unlanded, hits
from promise.vocabulary.quoting import masked, quoted
from workbench.peek.model import Peek, RowPeek, Seen, TablePeek

MOST_TOLD = 10  # places; the rest is counted


def without_personal(peek: Peek, path: Path) -> Peek:
    """The same, with the places of what may be about a person, and without it.

    What is the publisher's own stays. Of a column whose heading is suspected, only what may be quoted is shown.
    """
    permitted: set[str] = set()
    instead: dict[str, str] = {}
    places: list[str] = []
    try:
        for hit in hits(path.name, Unlanded(path, path.name, ""), None):
            if hit.is_permitted(None):
                permitted.add(hit.found.text)
            else:
                instead[hit.found.text] = f"({hit.found})"
                places.append(f"{hit.place}: {hit.found}")
    except (SourceChanged, OSError):
        permitted.clear()  # nobody could look at all of it, so nothing is known to be theirs
    for table in peek.tables:
        instead |= _under_suspicion(table)

    def shown(value: Any) -> Any:
        match value:
            case str():
                return _masked(value, instead, permitted)
            case tuple():
                return tuple(map(shown, value))
            case Seen() | RowPeek() | TablePeek() | Peek():
                given = {field.name: shown(getattr(value, field.name)) for field in dataclasses.fields(value)}
                return dataclasses.replace(value, **given)
        return shown_column(value) if dataclasses.is_dataclass(value) else value

    def shown_column(column: Any) -> Any:
        said = {name: shown(getattr(column, name)) for name in ("heading", "published", "address", "not_recognised")}
        words = {name: masked(getattr(column, name), permitted) for name in ("heading_words", "heading_period")}
        return dataclasses.replace(column, **said, **words)

    more = [f"and {len(places) - MOST_TOLD} more"] if len(places) > MOST_TOLD else []
    clean: Peek = shown(dataclasses.replace(peek, file=""))
    return dataclasses.replace(clean, file=peek.file, personal=(*places[:MOST_TOLD], *more))


def _under_suspicion(table: TablePeek) -> dict[str, str]:
    """What of a column with a suspected heading may not be quoted, and what is shown instead."""
    suspected = [place for place, column in enumerate(table.columns) if column.may_be_personal]
    texts = [seen.text for place in suspected for seen in table.columns[place].not_recognised]
    texts += [row.texts[place] for row in table.first_rows for place in suspected if place < len(row.texts)]
    return {text: str(quoted(text)) for text in texts if quoted(text) != text}


def _masked(text: str, instead: dict[str, str], permitted: set[str]) -> str:
    if text in instead or text.strip() in instead:
        return instead.get(text) or instead[text.strip()]
    return masked(text, permitted)
