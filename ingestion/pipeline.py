"""What an ingest DAG does, in two steps: take what is new, load it. Both write down every attempt."""

from __future__ import annotations

import contextlib
import itertools
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from ingestion.connectors import fetch
from ingestion.errors import PersonalData, ReturnRefused, SourceChanged, SourceUnavailable
from ingestion.identity import identities
from ingestion.landing import Fetched, Snapshot, land, one_at_a_time, read_sidecar
from ingestion.load import load_vintage
from ingestion.returns.accepted import as_kept
from promise import database, ledger
from promise.catalogue.sources import BUNDLE, OR_A_COLUMN, Source, is_bundled
from promise.catalogue.sources import source as described
from promise.vocabulary.quoting import without_values

log = logging.getLogger(__name__)


def take(source_id: str, shown: Callable[[Source], list[Fetched]] = fetch) -> list[str]:
    """Land what the publisher shows and return the snapshot ids that the warehouse does not hold, oldest first.

    `shown` gives it, oldest first: the source's own connector, unless somebody has a way of their own. Empty means
    nothing new, or that nobody was asked: the mode is `bundle`, and nothing of the source is in it. A file in which
    something may be about a person is written down and stops no other; where nothing else is new it is raised. Raises
    SourceUnavailable (try again later) or SourceChanged (a person must look); whatever it comes to is written down,
    also when an earlier attempt was killed and could not do so itself.
    """
    source = described(source_id)
    started = datetime.now(UTC)
    with _attempt(source_id):
        with database.connect("loader") as conn:
            held, forgotten = _held(conn, source_id), ledger.forgotten(conn)
        try:
            landed, refused = _land_all(source, shown(source), forgotten)
            snapshots = [snapshot for _, snapshot in landed]
            offered = [
                (one, snapshot.snapshot_id)
                for one, snapshot in zip(identities(source, snapshots, held), snapshots, strict=True)
            ]
        except Exception as error:
            without_values(error)
            with database.connect("loader") as conn:
                ledger.record_attempt(conn, source_id, _outcome(error), started_at=started, message=_words(error))
            raise
    with database.connect("loader") as conn:
        for fetched, snapshot in landed:
            if not is_bundled(fetched.requested_url):
                continue  # a publisher says neither; what an edition says of the same file holds
            ledger.describe_again(
                conn,
                source_id,
                snapshot.snapshot_id,
                not_before=fetched.not_before,
                held_since=fetched.held_since,
                publication_id=fetched.publication_id,
            )
        if source.live is not None and source.live.publication_series is not None:
            ledger.name_publications(conn, source_id, BUNDLE)
        held = _held(conn, source_id)
        known = [vintage.identity for vintage in held]
        new = _new_returns(landed, held) if source.returns else not_held([one for one, _ in offered], known)
        if refused:  # what stands beside it may look like a return to an older state, and is none
            new = [one for one in new if one not in known]
        for refusal in refused:
            ledger.record_attempt(conn, source_id, "changed", started_at=started, message=str(refusal))
        if refused and not new:
            conn.commit()
            raise refused[0]
        if offered and not new:
            last = offered[-1][1]
            afresh = last not in {vintage.snapshot_id for vintage in held}
            ledger.record_attempt(
                *(conn, source_id, "unchanged"),
                started_at=started,
                snapshot_id=last,
                message=f"made afresh, with the cells of vintage {held[-1].vintage}" if afresh and held else None,
            )
        return [dict(offered)[one] for one in new]


def still_new(source_id: str, snapshot_ids: Sequence[str]) -> list[str]:
    """Of landed snapshots that were new (oldest first), those that the warehouse does not hold by now."""
    source = described(source_id)
    snapshots = [read_sidecar(source_id, snapshot_id) for snapshot_id in snapshot_ids]
    with database.connect("loader") as conn:
        held = _held(conn, source_id)
    known = identities(source, snapshots, held)
    if source.returns:
        return _new_returns([(None, snapshot) for snapshot in snapshots], held)
    new = not_held(known, [vintage.identity for vintage in held])
    return [dict(zip(known, snapshot_ids, strict=True))[one] for one in new]


def _held(conn: Connection[Any], source_id: str) -> list[ledger.Vintage]:
    """What a file is compared with, oldest edition first. One that was forgotten is no longer here to be the same.

    An edition that ships and was found when a later one was held stands before that one: it is not what is held last.
    """
    places = {described(source_id).address(each): place for place, each in enumerate(described(source_id).bundle)}
    held: list[ledger.Vintage] = []
    for vintage in ledger.vintages(conn, source_id):
        if vintage.arrival == "forgotten":
            continue
        place, at = places.get(vintage.requested_url), len(held)
        if place is not None and vintage.identity not in {each.identity for each in held}:
            later = (n for n, each in enumerate(held) if places.get(each.requested_url, -1) > place)
            at = next(later, len(held))
        held.insert(at, vintage)
    return held


def _land_all(
    source: Source, shown: Sequence[Fetched], forgotten: Collection[str]
) -> tuple[list[tuple[Fetched, Snapshot]], list[SourceChanged]]:
    """What could be landed, and why the rest was not: a file that may be about a person stops no other, nor does a
    return in which something is wrong."""
    landed: list[tuple[Fetched, Snapshot]] = []
    refused: list[SourceChanged] = []
    for fetched in shown:
        try:
            if source.returns and not is_bundled(fetched.requested_url):
                fetched = as_kept(source, fetched)  # noqa: PLW2901
                if any(
                    fetched.file_name == other.file_name for other, _ in landed if not is_bundled(other.requested_url)
                ):
                    fetched.path.unlink()
                    raise ReturnRefused(
                        f"{source.id}: there are two returns of {Path(fetched.file_name).stem}; take the older one away"
                    )
            landed.append((fetched, land(source.id, fetched, forgotten)))
        except (PersonalData, ReturnRefused) as error:
            log.error("%s", error)
            refused.append(error)
    return landed, refused


def load(source_id: str, snapshot_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Load snapshots as vintages, each in a transaction of its own.

    Returns one {"vintage", "rows", "snapshot_id"} each. Raises SourceChanged for a file that cannot be read; the
    vintages before it stay loaded, and nothing of the faulty one is visible. An earlier attempt that was killed is
    written down here too.
    """
    loaded = []
    with _attempt(source_id):
        for snapshot_id in snapshot_ids:
            started = datetime.now(UTC)
            with database.connect("loader") as conn:
                try:
                    loaded.append(_load_one(conn, source_id, snapshot_id, started))
                except Exception as error:
                    without_values(error)
                    conn.rollback()
                    ledger.record_attempt(
                        *(conn, source_id, _outcome(error)),
                        started_at=started,
                        snapshot_id=snapshot_id,
                        message=_words(error),
                    )
                    conn.commit()
                    raise
    return loaded


def record_killed(source_id: str, how: str) -> None:
    """Write down that an attempt ended without saying how it went, if the last one did. For whoever sees it end."""
    with _attempt(source_id, how):
        pass


@contextlib.contextmanager
def _attempt(
    source_id: str, how: str = "was killed, or the machine stopped, before it could say how it went"
) -> Iterator[None]:
    """For the length of one attempt; the one before it is written down where it was killed and could not do so."""

    def write_down(begun: str) -> None:
        with database.connect("loader") as conn:
            started = datetime.fromisoformat(begun)
            if ledger.is_on_record(conn, source_id, started):  # and whoever wrote it was killed before it said so
                return
            ledger.record_attempt(
                *(conn, source_id, "failed"),
                started_at=started,
                message=f"{source_id}: the attempt begun at {started.isoformat(timespec='seconds')} {how}. Nothing to "
                "do: what it left is taken up or thrown away by the next attempt",
            )
            conn.commit()

    with one_at_a_time(source_id, write_down):
        yield


def not_held(shown: Sequence[str], held: Sequence[str]) -> list[str]:
    """Which of the snapshots shown (oldest first) are new against the vintages held (oldest first).

    *New* is decided against the ledger, never the disk: a file whose load failed is still new, and so is an older
    edition that is found when a later one is held. A publisher that puts an old file back has published again, so what
    is shown last is new whenever it is not what is held last. A file that ships and that the publisher still shows is
    shown twice running, and is one.
    """
    shown = [snapshot for snapshot, _ in itertools.groupby(shown)]
    known = set(held)
    after = max((place for place, snapshot in enumerate(shown) if snapshot in known), default=-1) + 1
    found = [snapshot for snapshot in shown[:after] if snapshot not in known]
    if not shown or (held and held[-1] == shown[-1]):
        return found
    return [*found, *(shown[after:] or [shown[-1]])]


def _new_returns(landed: Sequence[tuple[Any, Snapshot]], held: Sequence[ledger.Vintage]) -> list[str]:
    """Which of the returns are not what is held last of the same sender, whose file is called by it."""
    last = {vintage.file_name: vintage.snapshot_id for vintage in held}
    return [one.snapshot_id for _, one in landed if last.get(one.file_name) != one.snapshot_id]


def _load_one(conn: Connection[Any], source_id: str, snapshot_id: str, started: datetime) -> dict[str, Any]:
    source, snapshot = described(source_id), read_sidecar(source_id, snapshot_id)
    vintage, rows = load_vintage(conn, source, snapshot)
    if edition := source.edition(snapshot.requested_url):
        # The sidecar has what the entry said when the file was landed; perhaps an earlier attempt failed since.
        ledger.describe_again(
            conn,
            source_id,
            snapshot_id,
            not_before=edition.not_before.isoformat() if edition.not_before else None,
            held_since=edition.held_since.isoformat() if edition.held_since else None,
            publication_id=edition.publication.id if edition.publication else None,
        )
    if source.is_of_publications_as_a_whole:
        _refuse_the_nameless(ledger.vintages(conn, source_id)[-1])
    ledger.record_attempt(conn, source_id, "new", started_at=started, snapshot_id=snapshot_id, vintage=vintage)
    conn.commit()
    return {"vintage": vintage, "rows": rows, "snapshot_id": snapshot_id}


def _refuse_the_nameless(vintage: ledger.Vintage) -> None:
    """Of what ships and of what a publisher gives the catalogue knows; a way of one's own names it with the file."""
    if vintage.publication_id is None:
        raise SourceChanged(
            f"{vintage.source_id}: {vintage.file_name} holds figures, and nothing says which publication it is: "
            f"publication_id is None where it was brought. Name it there (docs/dags.md), {OR_A_COLUMN}"
        )


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


def _outcome(error: Exception) -> ledger.Outcome:
    if isinstance(error, SourceUnavailable):
        return "unavailable"
    return "changed" if isinstance(error, SourceChanged) else "failed"
