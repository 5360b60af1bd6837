"""One module a transport. Each gives what the publisher shows, oldest first, and knows nothing of tables.

In both modes a source's `bundle:` is what was published first: history begins with it. With `PROMISE_MODE=live` its
`live:` section says what the publisher shows now, which comes after.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from ingestion.connectors import bundle, file_drop
from ingestion.landing import Fetched
from promise.catalogue.live import FileDrop
from promise.catalogue.sources import Source
from promise.settings import settings


def fetch(source: Source) -> list[Fetched]:
    """What ships with the project, and in live mode what the publisher shows now, by the source's transport.

    Raises SourceUnavailable (try again later) or SourceChanged (a person must look).
    """
    shipped = bundle.fetch(source)
    return [*shipped, *_shown_now(source)] if settings().mode == "live" else shipped


def _shown_now(source: Source) -> list[Fetched]:
    if source.live is None:
        return []
    if isinstance(source.live, FileDrop):
        return file_drop.fetch(source, source.live)
    from ingestion.connectors.http import Session

    connector = importlib.import_module(f"ingestion.connectors.{source.live.transport}")
    shown: Callable[[Source, Any, Session], list[Fetched]] = connector.fetch
    with Session(source.id, source.live) as session:
        found = shown(source, source.live, session)
    return found
