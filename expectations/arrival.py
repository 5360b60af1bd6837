"""The arrival gate: whether a landed file may be used. It stops one source at a time and says why in one message.

Staging reads accepted vintages only, so while a file is refused the vintage before it stays in use.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection, sql

from expectations import arrival_suite, gx
from expectations.arrival_words import Words
from expectations.verdicts import Verdict, record
from ingestion.load import partition_name
from promise import database, ledger
from promise.catalogue import check
from promise.catalogue.sources import Source, sources
from promise.ledger import Vintage


def judge(run_id: int) -> dict[str, Any]:
    """Judge every vintage that is not accepted, oldest first; one that was rejected may pass after a correction.

    Returns {"accepted": [vintage…], "rejected": {source_id: reason}, "quarantined": [{source_id, vintage, reason}…],
    "warnings": [words…]}. Quarantined are the rejected that were judged for the first time, with reasons that may leave
    this house. A vintage that is rejected again after a later one of the same file was accepted is recorded but no
    longer news. Never raises for a bad source; raises CatalogueError, having touched nothing, when a file of the
    catalogue is wrong.
    """
    check.everything()
    accepted: list[int] = []
    refused: list[tuple[Vintage, str]] = []
    warnings: list[str] = []
    with database.connect("transformer") as conn:
        waiting = [vintage for vintage in ledger.vintages(conn) if vintage.arrival != "accepted"]
        if waiting:
            with gx.session() as session:
                for vintage in waiting:
                    reason, noticed = _judge_one(conn, session, run_id, vintage)
                    warnings += noticed
                    if reason is None:
                        accepted.append(vintage.vintage)
                    else:
                        refused.append((vintage, reason))
        rejected: dict[str, str] = {}
        for vintage, reason in refused:
            if all(each.vintage < vintage.vintage for each in _accepted(conn, vintage)):
                rejected[vintage.source_id] = "\n".join([*filter(None, [rejected.get(vintage.source_id)]), reason])
    quarantined = [
        {"source_id": vintage.source_id, "vintage": vintage.vintage, "reason": _sayable(vintage, reason)}
        for vintage, reason in refused
        if vintage.arrival == "pending"
    ]
    return {"accepted": accepted, "rejected": rejected, "quarantined": quarantined, "warnings": warnings}


def _judge_one(
    conn: Connection[Any], session: gx.Session, run_id: int, vintage: Vintage
) -> tuple[str | None, list[str]]:
    """Judge a vintage and write down what was found; returns the reason for refusing it, if any, and warnings."""
    in_use = _accepted(conn, vintage)
    before = [each.row_count for each in in_use if each.vintage < vintage.vintage]
    verdicts: list[Verdict] = []
    noticed: list[str] = []
    described = sources().get(vintage.source_id)
    source = described.as_landed(vintage.requested_url, vintage.headings) if described else None
    reason = _not_as_described(conn, source, vintage)
    conn.commit()  # what follows can take a while and needs no transaction
    if source is not None and reason is None:
        words = Words(conn, source, vintage)
        found = session.run(
            f"vintage {vintage.vintage} of {source.id}",
            arrival_suite.query(source, vintage.vintage),
            arrival_suite.suite(source, before[-1] if before else None),
            arrival_suite.address(source),
        )
        reason = words.refusal(found)
        noticed = [words.message(each) for each in found if not each.success and not each.refuses]
        verdicts = [words.addressed(each) for each in found]
    if reason:
        reason += (
            f". Vintage {in_use[-1].vintage} of this file stays in use."
            if in_use
            else ". No vintage of this file is in use yet."
        )
    record(conn, run_id, "arrival", vintage.source_id, verdicts, vintage=vintage.vintage)
    conn.execute(
        "update ops.vintage set arrival = %s, arrival_reason = %s, judged_at = clock_timestamp() where vintage = %s",
        ("rejected" if reason else "accepted", reason, vintage.vintage),
    )
    conn.commit()
    return reason, noticed


def _sayable(vintage: Vintage, reason: str) -> str:
    """The reason as it may leave this house: it quotes cells, and those of a file under embargo are nobody's yet."""
    if vintage.is_due(datetime.now(UTC)):
        return reason
    return "its figures are under embargo, so the reason stands in `promise status` only"


def _accepted(conn: Connection[Any], vintage: Vintage) -> list[Vintage]:
    """The accepted vintages of the same file; a source can have several files that are no versions of each other."""
    return [
        each
        for each in ledger.vintages(conn, vintage.source_id)
        if each.arrival == "accepted" and each.file_name == vintage.file_name
    ]


def _not_as_described(conn: Connection[Any], source: Source | None, vintage: Vintage) -> str | None:
    """Why a vintage cannot be judged at all: the catalogue changed under it."""
    if source is None:
        return (
            f"{vintage.source_id}: {vintage.file_name} was landed, but no source of that id is described. "
            f"To do: restore ingestion/sources/{vintage.source_id}/source.yml"
        )
    loaded = conn.execute(
        "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
        (sql.Identifier("raw", partition_name(source, vintage.vintage)).as_string(),),
    ).fetchall()
    absent = [column for column in source.table.columns if (column,) not in loaded]
    if not absent:
        return None
    return (
        f"{source.id}: {vintage.file_name} was loaded before {', '.join(absent)} stood under `columns` in "
        f"ingestion/sources/{source.id}/source.yml; expected every column. To do: correct that, or wait "
        f"for the next file"
    )
