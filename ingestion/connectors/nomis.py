"""Nomis: a table in pages of at most 25,000 rows; without a key the service silently stops there.

So it is asked how many rows there are, and all of them must have come.
"""

from __future__ import annotations

import csv
import io

from ingestion.connectors.http import Answer, Made, Session
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.landing import Fetched
from ingestion.readers import claims
from promise.catalogue.live import Nomis
from promise.catalogue.sources import Source

COUNT = "record_count"  # a column of every table: how many rows the whole has


def fetch(source: Source, live: Nomis, session: Session) -> list[Fetched]:
    address = f"{live.address.rstrip('/')}/dataset/{live.dataset}.data.csv"
    plain = session.url(address, live.parameters)
    key = {"uid": session.key} if session.key else {}
    with Made(session, str(plain), f"{live.dataset}.csv", "text/csv") as made:
        offset, heading = 0, None
        while True:
            page = {"recordoffset": str(offset), "recordlimit": str(live.page_rows)}
            answer = session.ask(session.url(address, {**live.parameters, **page, **key}))
            first, rows, count = _page(source, answer)
            if heading is None:
                heading = first
                made.write(first)
            elif count and first != heading:
                raise SourceChanged(
                    f"{source.id}: {answer.shown}: the headings differ from those of the first page; the table was "
                    "exchanged meanwhile. Run the ingest again, and look at the publisher's page if it happens again"
                )
            made.write(rows)
            offset += count
            if count < live.page_rows:
                break
        if not offset:
            raise SourceChanged(
                f"{source.id}: {session.shown(plain)} has no rows; expected some. The codes may have been retired: "
                f"correct `live: parameters` in ingestion/sources/{source.id}/source.yml"
            )
        counting = {**live.parameters, "select": COUNT, "recordlimit": "1", **key}
        claimed = _count(session.ask(session.url(address, counting)))
        if claimed is not None and claimed != offset:
            raise SourceUnavailable(
                f"{source.id}: {session.shown(plain)} counts {claimed:,} rows and gave {offset:,}; expected all of "
                "them. Nothing to do unless it lasts, as the table may have changed meanwhile: then ask for fewer rows "
                f"at once, with `live: page_rows` in ingestion/sources/{source.id}/source.yml"
            )
        return [made.fetched({"dataset": live.dataset, "rows": offset})]


def _count(answer: Answer) -> int | None:
    """How many rows the table says that it has; None where it does not say."""
    row = next(csv.DictReader(io.StringIO(answer.text, newline="")), {})
    return claims.number(row.get(COUNT.upper()))


def _page(source: Source, answer: Answer) -> tuple[bytes, bytes, int]:
    """Heading, rows and their number. A page beyond the end may have no heading either."""
    if answer.body[:100].lstrip().startswith((b"<", b"{")):
        raise SourceChanged(
            f"{source.id}: {answer.shown} is no table; expected CSV. Look at the request on the publisher's page and "
            f"correct `live: parameters` in ingestion/sources/{source.id}/source.yml"
        )
    first, _, rows = answer.body.partition(b"\n")
    if rows and not rows.endswith(b"\n"):
        rows += b"\n"
    count = sum(1 for row in csv.reader(io.StringIO(rows.decode("utf-8", "replace"), newline="")) if row)
    return (first + b"\n" if first else b""), rows, count
