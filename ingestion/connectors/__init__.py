"""One module a transport. Each has `fetch(source) -> list[Fetched]`, oldest first, and knows nothing of tables."""

from ingestion.connectors import bundle
from ingestion.landing import Fetched
from promise.catalogue.sources import Source
from promise.errors import PromiseError
from promise.settings import settings


def fetch(source: Source) -> list[Fetched]:
    """Everything the publisher shows now, by the transport that the mode and the source call for."""
    if settings().mode == "live":
        raise PromiseError(
            f"{source.id}: no live connector is described for this source yet; run with PROMISE_MODE=bundle"
        )
    return bundle.fetch(source)
