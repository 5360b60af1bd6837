"""One module a transport. Each gives what the publisher shows, oldest first, and knows nothing of tables.

`PROMISE_MODE` chooses between a source's `bundle:` and its `live:` section. A source without the second keeps to the
first in both modes: there is nowhere else to look.
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
    """Everything the publisher shows now, by the transport that the mode and the source call for.

    Raises SourceUnavailable (try again later) or SourceChanged (a person must look).
    """
    if settings().mode != "live" or source.live is None:
        return bundle.fetch(source)
    if isinstance(source.live, FileDrop):
        return file_drop.fetch(source, source.live)
    from ingestion.connectors.http import Session

    connector = importlib.import_module(f"ingestion.connectors.{source.live.transport}")
    shown: Callable[[Source, Any, Session], list[Fetched]] = connector.fetch
    with Session(source.id, source.live) as session:
        found = shown(source, source.live, session)
    return found
