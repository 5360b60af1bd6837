"""One file at an address that does not change."""

from __future__ import annotations

from ingestion.connectors.http import Session, download
from ingestion.landing import Fetched
from promise.catalogue.live import File
from promise.catalogue.sources import Source


def fetch(source: Source, live: File, session: Session) -> list[Fetched]:
    return [download(session, live.address)]
