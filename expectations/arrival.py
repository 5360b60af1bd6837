"""The arrival gate: whether a landed file may be used. It stops one source at a time and says why in one message.

Staging reads accepted vintages only, so while a file is refused the vintage before it stays in use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from psycopg import Connection, sql

from expectations import rules
from expectations.arrival_rows import AREA, CONFLICT, ENDED, REPEAT, ROW, TABLES, lay_out
from expectations.arrival_rules import rules as rules_of
from expectations.arrival_words import Words
from expectations.verdicts import Verdict, record
from ingestion.load import partition_name
from promise import database, ledger
from promise.catalogue import check, history
from promise.catalogue.sources import Source, sources
from promise.ledger import Vintage

Arrival = Literal["accepted", "held", "rejected"]


@dataclass(frozen=True)
class Judgement:
    """What a file came to: whether it may be used, why not, and what is only said."""

    arrival: Arrival
    reason: str | None
    notes: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    findings: tuple[str, ...] = ()  # each rule that failed, in words; the reason is made of the first


def judge(run_id: int) -> dict[str, Any]:
    """Judge every vintage that nobody accepted or rejected, oldest first; one that a rule rejected may pass later.

    Returns {"accepted": [vintage…], "rejected": {source_id: reason}, "held": {source_id: reason}, "quarantined":
    [{source_id, vintage, arrival, reason}…], "warnings": [words…]}. Held are those on which a person decides.
    Quarantined are the rejected and held that were judged for the first time, with reasons that may leave this house. A
    vintage that is rejected again after a later one of the same file was accepted is recorded but no longer news. Never
    raises for a bad source; raises CatalogueError, having touched nothing, when a file of the catalogue is wrong.
    """
    check.everything()
    accepted: list[int] = []
    refused: list[tuple[Vintage, Judgement]] = []
    notes: list[str] = []
    with database.connect("transformer") as conn:
        decided = ledger.decisions(conn)
        for vintage in ledger.vintages(conn):
            # What a person rejected stays so, whatever the rules say of it now.
            by_a_person = vintage.arrival == "rejected" and vintage.vintage in decided
            if vintage.arrival in ("accepted", "forgotten") or (
                by_a_person and decided[vintage.vintage].decision == "reject"
            ):
                continue
            judgement = _judge_one(conn, run_id, vintage)
            notes += judgement.notes
            if judgement.arrival == "accepted":
                accepted.append(vintage.vintage)
            else:
                refused.append((vintage, judgement))
        kept_out: dict[Arrival, dict[str, str]] = {"rejected": {}, "held": {}}
        for vintage, judgement in refused:
            if all(each.vintage < vintage.vintage for each in _accepted(conn, vintage)):
                reasons = kept_out[judgement.arrival]
                known = [reasons[vintage.source_id]] if vintage.source_id in reasons else []
                reasons[vintage.source_id] = "\n".join([*known, judgement.reason or ""])
    quarantined = [
        {
            "source_id": vintage.source_id,
            "vintage": vintage.vintage,
            "arrival": judgement.arrival,
            "reason": _sayable(vintage, judgement.reason),
        }
        for vintage, judgement in refused
        if vintage.arrival == "pending"
    ]
    return {
        "accepted": accepted,
        "rejected": kept_out["rejected"],
        "held": kept_out["held"],
        "quarantined": quarantined,
        "warnings": notes,
    }


def _judge_one(conn: Connection[Any], run_id: int, vintage: Vintage) -> Judgement:
    """Judge a vintage and write down what was found."""
    in_use = _accepted(conn, vintage)
    described = sources().get(vintage.source_id)
    in_use_before = [
        each
        for each in ledger.vintages(conn, vintage.source_id)
        if each.arrival == "accepted" and each.vintage < vintage.vintage
    ]
    later = later_editions(described, in_use_before, vintage.publication_id) if described else []
    comparable = [each for each in in_use_before if each not in later]
    if described and described.returns:  # another organisation's is no earlier edition
        comparable = [each for each in comparable if each.file_name == vintage.file_name]
    before = edition_before(comparable, vintage.file_name)
    source = described.as_landed(vintage.requested_url, vintage.headings) if described else None
    wrong = _not_as_described(conn, source, vintage)
    if source is None or wrong is not None:
        judgement = Judgement("rejected", wrong, notes=(), verdicts=())
    else:
        judgement = examine(
            conn,
            source,
            vintage,
            partition=partition_name(source, vintage.vintage),
            before=partition_name(source, before.vintage) if before else None,
            shares=_shares(conn, source, in_use),
        )
    reason = judgement.reason
    if reason:
        reason += (
            f". Vintage {in_use[-1].vintage} of this file stays in use."
            if in_use
            else ". No vintage of this file is in use yet."
        )
    record(conn, run_id, "arrival", vintage.source_id, judgement.verdicts, vintage=vintage.vintage)
    # What a person decided while this judged stands.
    conn.execute(
        "update ops.vintage set arrival = %s, arrival_reason = %s, judged_at = clock_timestamp()"
        " where vintage = %s and arrival = %s",
        (judgement.arrival, reason, vintage.vintage, vintage.arrival),
    )
    conn.commit()
    notes = (*of_an_older_edition(vintage.source_id, vintage.file_name, later), *judgement.notes)
    return Judgement(judgement.arrival, reason, notes, judgement.verdicts)


def edition_before(in_use: Sequence[Vintage], file_name: str) -> Vintage | None:
    """Of the vintages of a source in use, the one that a file is compared with: the last of the same name.

    Where the source has had one file only, under whatever name, it is the last one.
    """
    named = [each for each in in_use if each.file_name == file_name]
    if not named and len({each.file_name for each in in_use}) == 1:
        named = list(in_use)
    return named[-1] if named else None


def later_editions(source: Source, in_use: Sequence[Vintage], publication_id: str | None) -> list[Vintage]:
    """The vintages in use that are later editions of its series than the publication: none to compare it with."""
    ranked = {each.publication.id: each.publication for each in source.bundle if each.publication}
    own = ranked.get(publication_id or "")
    if own is None:
        return []
    return [
        each
        for each in in_use
        if (other := ranked.get(each.publication_id or "")) and other.series == own.series and other.rank > own.rank
    ]


def of_an_older_edition(source_id: str, file_name: str, later: Sequence[Vintage]) -> tuple[str, ...]:
    """What is said of a file of which later editions are in use, if there are any."""
    if not later:
        return ()
    return (
        f"{source_id}: {file_name} is an older edition than {later[-1].file_name}, which is in use; it takes its place "
        "in the history, and the place of none. Where that is wrong, correct its rank under bundle",
    )


def examine(
    conn: Connection[Any],
    source: Source,
    vintage: Vintage,
    *,
    partition: str,
    before: str | None,
    shares: Sequence[float] = (),
    content: Path | None = None,
) -> Judgement:
    """Judge the rows of a partition of `raw`, beside those of the edition before; changes nothing.

    `content` is the file, where it is not landed.
    """
    lay_out(conn, source, partition, before)
    asked = rules_of(source, tuple(shares))
    found: dict[int, Verdict] = {}
    for relation in TABLES:
        those = [(number, rule) for number, rule in enumerate(asked) if rule.relation == relation]
        answers = rules.judge(
            conn, relation, [rule for _, rule in those], _address(source, relation), _ORDER.get(relation)
        )
        found |= dict(zip((number for number, _ in those), answers, strict=True))
    words = Words(conn, source, vintage, content)
    verdicts = [found[number] for number in range(len(asked))]
    refusing = [each for each in verdicts if each.refuses]
    holding = [each for each in verdicts if not each.success and each.severity == "hold"]
    return Judgement(
        arrival="rejected" if refusing else "held" if holding else "accepted",
        reason=words.refusal(refusing or holding),
        notes=tuple(words.message(each) for each in verdicts if not each.success and each.severity == "warning"),
        # One that was asked of nothing has nothing to say: there is no edition before, or no such figure.
        verdicts=tuple(words.addressed(each) for each in verdicts if each.checked or not each.success),
        findings=tuple(words.message(each) for each in verdicts if not each.success),
    )


_ORDER = {"judged": ROW, "pair": ROW, "series": "label", "place": "area_name"}


def _address(source: Source, relation: str) -> list[str]:
    """The columns that a sample of a relation shows; of a row, where it stands, and what it is about."""
    if relation == "series":
        return ["label", "heading", "heading_now"]
    if relation == "place":
        return ["area_code", "area_name", "period"]
    if relation == "file":
        return []
    checks = source.table.checks
    area = [checks.area.column, AREA] if checks.area else []
    period = [checks.period.column] if checks.period else []
    cell = filter(None, [source.table.column_of("@cell")])
    row = [ROW, *cell, *checks.key, *area, *period]
    if relation == "pair":
        return list(dict.fromkeys([*row, "column_name", "now", "earlier"]))
    figures = source.figures.columns if source.figures and not source.figures.by_hand else ()
    return list(dict.fromkeys([*row, *checks.not_null, *checks.numbers, *figures, ENDED, CONFLICT, REPEAT]))


def _shares(conn: Connection[Any], source: Source, in_use: Sequence[Vintage]) -> list[float]:
    """Which share of its figures each edition in use changed of the one before it."""
    rows = conn.execute(
        "select distinct on (vintage) unexpected_count::float / element_count from ops.expectation_result"
        " where gate = 'arrival' and suite = %s and expectation = 'revised' and element_count > 0"
        " and vintage = any(%s) order by vintage, result_id desc",
        (source.id, [each.vintage for each in in_use]),
    ).fetchall()
    return [share for (share,) in rows]


def _sayable(vintage: Vintage, reason: str | None) -> str | None:
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
        gone = history.retirement(vintage.source_id)
        why = (
            f"it is no longer loaded since {gone.since:%d %B %Y} (ingestion/retired.yml). It stays landed"
            if gone
            else f"no source of that id is described. To do: restore ingestion/sources/{vintage.source_id}/source.yml"
        )
        return f"{vintage.source_id}: {vintage.file_name} was landed, and {why}"
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
