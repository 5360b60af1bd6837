"""Reading everything that people edit, before anything is done with it."""

from __future__ import annotations

from promise.catalogue import framework, history, sources


def everything() -> None:
    """Read the whole catalogue. Raises CatalogueError with file, key and remedy for whatever is wrong in it."""
    sources.sources()
    framework.framework()
    history.publication_series()
    history.corrections()
    history.disclosures()
    history.breaks()
    history.known_conflicts()
    history.retired()
