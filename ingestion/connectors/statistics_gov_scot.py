"""statistics.gov.scot: a whole cube, a slice of one, or a query, which is asked in parts when the answer is too large.

The service says that something is wrong in the body, with whatever status; so the body is looked at first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from urllib.parse import quote

from ingestion.connectors.http import Answer, Made, Session, download
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.landing import Fetched
from promise.catalogue.live import Split, StatisticsGovScot
from promise.catalogue.sources import Source
from promise.vocabulary.quoting import quoted

DATASET = "http://statistics.gov.scot/data/"
TOO_LARGE, TIMED_OUT = "response too large", "request timeout"


class TooLarge(Exception):
    """The service would have to say more than it is willing to."""


def fetch(source: Source, live: StatisticsGovScot, session: Session) -> list[Fetched]:
    if live.how == "sparql":
        return [_query(source, live, session)]
    address = locate(live)
    try:
        return [
            download(
                session, address, file_name=f"{live.dataset}.csv", judge=lambda said: _refuse(session, said),
                origin={"dataset": live.dataset},
            )
        ]  # fmt: skip
    except TooLarge as error:
        raise SourceChanged(
            f"{source.id}: {session.shown(address)} answers {str(error)!r}. Take the cube with how: cube_table, a "
            f"smaller slice, or a query that can be split; correct `live:` in ingestion/sources/{source.id}/source.yml"
        ) from error


def locate(live: StatisticsGovScot) -> str:
    """The address of the cube, or of the slice."""
    root, dataset = live.address.rstrip("/"), quote(f"{DATASET}{live.dataset}", safe="")
    if live.how == "cube_table":
        return f"{root}/downloads/cube-table?uri={dataset}"
    fixed = "".join(f"&{quote(name, safe='')}={quote(value, safe='')}" for name, value in live.fixed.items())
    return f"{root}/slice/observations.csv?&dataset={dataset}{fixed}"


def _query(source: Source, live: StatisticsGovScot, session: Session) -> Fetched:
    address = f"{live.address.rstrip('/')}/sparql"
    with Made(session, address, f"{live.dataset}.csv", "text/csv") as made:
        heading: bytes | None = None
        parts = 0
        for part in _parts(source, live, session, {}):
            first, _, rows = part.partition(b"\n")
            if heading is None:
                heading = first
                made.write(first.rstrip(b"\r") + b"\n")
            elif first != heading:
                raise SourceChanged(
                    f"{source.id}: {address}, part {parts + 1}: the headings differ from those of the first part. Look "
                    f"at `live: query` in ingestion/sources/{source.id}/source.yml"
                )
            made.write(rows if rows.endswith(b"\n") or not rows else rows + b"\n")
            parts += 1
        return made.fetched({"dataset": live.dataset, "parts": parts})


def _parts(source: Source, live: StatisticsGovScot, session: Session, chosen: dict[str, str]) -> Iterator[bytes]:
    """The answers that together are the answer: one where that works, else by year, else by year and area."""
    try:
        yield _ask(session, live, _filled(live.query or "", live.split, chosen))
        return
    except TooLarge as error:
        if len(chosen) == len(live.split) and str(error).lower().startswith(TIMED_OUT):
            raise _slow(source, session, live, error) from error
        if len(chosen) == len(live.split):
            tried = " and ".join(f"{by} {quoted(value)}" for by, value in chosen.items())
            raise SourceChanged(
                f"{source.id}: the query service answers "
                f"{str(error)!r}{f', also for {tried} alone' if tried else ''}. Split the query further, or take the "
                f"cube with how: cube_table; correct `live:` in ingestion/sources/{source.id}/source.yml"
            ) from error
    split = live.split[len(chosen)]
    for value in _values(source, session, live, split):
        held = False
        for part in _parts(source, live, session, {**chosen, split.by: value}):
            held = held or bool(part.partition(b"\n")[2].strip())
            yield part
        # Of an area not every year need be there; of a year that the service lists itself, something must be.
        if not held and not chosen:
            raise SourceUnavailable(
                f"{source.id}: the query service of {session.shown(live.address)} lists the {split.by} {quoted(value)} "
                "and gave 0 rows of it; expected some. Nothing to do unless it lasts: then look at `live: query` in "
                f"ingestion/sources/{source.id}/source.yml"
            )


def _values(source: Source, session: Session, live: StatisticsGovScot, split: Split) -> list[str]:
    """Every year or area that the cube has now, in an order that does not change."""
    try:
        text = _ask(session, live, split.values_query).decode("utf-8", "replace")
    except TooLarge as error:
        raise _slow(source, session, live, error) from error
    found = sorted({row[0] for row in list(csv.reader(io.StringIO(text)))[1:] if row and row[0]})
    if not found:
        raise SourceChanged(
            f"{source.id}: the query for every {split.by} found none. Correct `live: split: values_query` in "
            f"ingestion/sources/{source.id}/source.yml"
        )
    return found


def _slow(source: Source, session: Session, live: StatisticsGovScot, error: TooLarge) -> SourceUnavailable:
    return SourceUnavailable(
        f"{source.id}: the query service of {session.shown(live.address)} answers {str(error)!r}, also to the "
        "smallest question. Nothing to do unless it lasts: then take the cube with how: cube_table"
    )


def _filled(query: str, splits: tuple[Split, ...], chosen: dict[str, str]) -> str:
    for split in splits:
        value = chosen.get(split.by)
        query = query.replace("{" + split.by + "}", split.filter.replace("{}", value) if value is not None else "")
    return query


def _ask(session: Session, live: StatisticsGovScot, query: str) -> bytes:
    return session.ask(
        f"{live.address.rstrip('/')}/sparql",
        method="POST",
        headers={"Accept": "text/csv"},
        data={"query": query},
        judge=lambda said: _refuse(session, said),
    ).body


def _refuse(session: Session, answer: Answer) -> None:
    said = answer.text[:200].strip()
    if said.lower().startswith((TOO_LARGE, TIMED_OUT)):
        raise TooLarge(said)
    if answer.status == 400:
        raise SourceChanged(
            f"{session.source_id}: {answer.shown} refuses the request: {session.redacted.text(said)}. Correct `live:` "
            f"in ingestion/sources/{session.source_id}/source.yml"
        )
    session.judge_status(answer.status, answer.headers, answer.shown)
    if said.startswith("<"):
        raise SourceUnavailable(
            f"{session.source_id}: {answer.shown} answers with a page where a table was expected. Nothing to do "
            "unless it lasts: then look whether the portal was replaced"
        )
