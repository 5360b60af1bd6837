"""`promise quarantine …`: files that arrived and are not used, the cells that failed, and what people decide of them.

A file that a rule stopped is nobody's to accept: the file or its description must become right. One that is held waits
for a person, and what that person decides is kept with a name and a reason.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from psycopg import Connection
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from expectations.recorded import Result, failures, in_words
from promise import database, ledger
from promise.catalogue.sources import sources
from promise.database.analysts import name_of_person
from promise.errors import PromiseError
from promise.ledger import Decided, Decision, Vintage
from workbench.commands.status import open_database

COLOURS = {"held": "yellow", "rejected": "red"}


@dataclass(frozen=True)
class Waiting:
    """A vintage that is not used: why, what in it failed, and what a person decided of it, if anybody did."""

    vintage: Vintage
    decision: Decision | None
    failed: list[Result]

    def as_dict(self) -> dict[str, Any]:
        return {
            "vintage": self.vintage.vintage,
            "source_id": self.vintage.source_id,
            "file_name": self.vintage.file_name,
            "loaded_at": self.vintage.loaded_at,
            "rows": self.vintage.row_count,
            "arrival": self.vintage.arrival,
            "reason": self.vintage.arrival_reason,
            "decision": asdict(self.decision) if self.decision else None,
            "failed": [asdict(each) | {"kind": each.kind, "rule": each.rule} for each in self.failed],
        }


def show_waiting(as_json: bool = False) -> None:
    """Print every vintage that is not used and that no later one of the same file has taken the place of."""
    with open_database() as conn:
        found = [_waiting(conn, each) for each in in_quarantine(conn)]
    if as_json:
        _print_json(found)
        return
    console = Console(emoji=False, highlight=False, soft_wrap=True)
    if not found:
        console.print("Nothing is in quarantine: every file that was judged is used.")
        return
    table = Table("vintage", "source", "file", "arrived", "state", title="Quarantine", title_justify="left")
    table.add_column("checks failed", justify="right")
    for each in found:
        vintage = each.vintage
        table.add_row(
            str(vintage.vintage),
            vintage.source_id,
            escape(vintage.file_name),
            f"{vintage.loaded_at:%d %b %Y %H:%M}",
            f"[{COLOURS[vintage.arrival]}]{vintage.arrival}[/]",
            str(len(each.failed)),
        )
    console.print(table)
    console.print(
        "`promise quarantine show VINTAGE` names the cells. What is held waits for a person: accept or reject."
    )


def show(what: str, as_json: bool = False) -> None:
    """Print a vintage by its number, or all that is in quarantine of a source, with the cells that failed."""
    with open_database() as conn:
        found = [_waiting(conn, each) for each in _asked(conn, what)]
    if as_json:
        _print_json(found)
        return
    console = Console(emoji=False, highlight=False, soft_wrap=True)
    for each in found:
        _print(console, each)


def decide(number: int, decision: Decided, why: str) -> None:
    """Write down that a person accepts or rejects a held vintage, and why. Raises PromiseError where nobody may."""
    if not why.strip():
        raise PromiseError("--why is empty: say why, for whoever asks in a year")
    database.ensure_running()
    person = name_of_person()
    with database.connect() as conn:
        conn.execute("select from ops.vintage where vintage = %s for update", (number,))  # no gate judges it meanwhile
        vintage = _known(conn, number)
        if refusal := _undecidable(vintage, ledger.decisions(conn).get(number), decision):
            raise PromiseError(refusal)
        ledger.decide(conn, number, decision, decided_by=person, why=why.strip())
    words = {
        "accept": "the next run uses it: `promise run`",
        "reject": "it stays out, and what was in use stays in use",
    }
    print(f"{person} {decision}ed vintage {number} of {vintage.source_id}: {words[decision]}")  # noqa: T201


def in_quarantine(conn: Connection[Any]) -> list[Vintage]:
    """What is held, and what is rejected as long as no later vintage of the same file was accepted, oldest first."""
    known = ledger.vintages(conn)
    newest = {(each.source_id, each.file_name): each.vintage for each in known if each.arrival == "accepted"}
    return [
        each
        for each in known
        if each.arrival == "held"
        or (each.arrival == "rejected" and newest.get((each.source_id, each.file_name), 0) < each.vintage)
    ]


def _undecidable(vintage: Vintage, last: Decision | None, decision: Decided) -> str | None:
    """Why nobody can decide so, or None. Whoever decided may come to think otherwise."""
    name = f"vintage {vintage.vintage} of {vintage.source_id}"
    # What a person accepted may have been rejected since, by a check of what was built of it.
    stands = last is not None and vintage.arrival == ("accepted" if last.decision == "accept" else "rejected")
    if vintage.arrival == "held" or (last is not None and stands and last.decision != decision):
        return None
    if last is not None and stands:
        return f"{name} was {last.decision}ed by {last.decided_by} already, on {last.decided_at:%d %B %Y}: {last.why}"
    if vintage.arrival == "pending":
        return f"{name} was not judged yet, so there is nothing to decide; `promise run` judges it"
    if vintage.arrival == "forgotten":
        return f"{name} was forgotten because of something personal in it: nothing of it is there to decide on"
    if vintage.arrival == "accepted":
        return f"{name} passed every check and is in use, so there is nothing to decide"
    return (
        f"{name} is rejected by a check that nobody can {'accept' if decision == 'accept' else 'decide on'}: what it "
        f"says is wrong whoever looks at it. {vintage.arrival_reason or ''} When the file, or what describes it, has "
        "become right, the next `promise run` accepts it by itself"
    )


def _asked(conn: Connection[Any], what: str) -> Sequence[Vintage]:
    if what.isdigit():
        return [_known(conn, int(what))]
    found = [each for each in in_quarantine(conn) if each.source_id == what]
    if found:
        return found
    if what in sources() or ledger.latest(conn, what):
        raise PromiseError(f"nothing of {what} is in quarantine; `promise quarantine list` shows what is")
    raise PromiseError(f"{what} is no source and no number of a vintage; `promise quarantine list` shows both")


def _known(conn: Connection[Any], number: int) -> Vintage:
    found = next((each for each in ledger.vintages(conn) if each.vintage == number), None)
    if found is None:
        raise PromiseError(f"there is no vintage {number}; `promise quarantine list` shows what waits")
    return found


def _waiting(conn: Connection[Any], vintage: Vintage) -> Waiting:
    return Waiting(
        vintage=vintage,
        decision=ledger.decisions(conn).get(vintage.vintage),
        failed=failures(conn, vintage.vintage),
    )


def _print_json(found: Sequence[Waiting]) -> None:
    print(json.dumps([each.as_dict() for each in found], indent=2, default=str, ensure_ascii=False))  # noqa: T201


def _print(console: Console, each: Waiting) -> None:
    vintage = each.vintage
    colour = COLOURS.get(vintage.arrival, "green")
    console.print(
        f"[bold]Vintage {vintage.vintage} of {vintage.source_id}[/]: {escape(vintage.file_name)}, "
        f"{vintage.row_count:,} rows, arrived {vintage.loaded_at:%d %b %Y %H:%M} UTC, [{colour}]{vintage.arrival}[/]"
    )
    if vintage.arrival_reason:
        console.print(escape(vintage.arrival_reason))
    if each.decision:
        made = each.decision
        console.print(
            f"{made.decision}ed by {escape(made.decided_by)} on {made.decided_at:%d %b %Y %H:%M} UTC: "
            f"{escape(made.why)}"
        )
    for result in each.failed:
        of = "" if result.checked is None else f" of {result.checked:,}"
        console.print(f"[bold]{result.kind}[/] {escape(result.rule)}: {result.unexpected or 0:,}{of} failed")
        console.print(f"  why it is checked: {escape(result.trouble or result.why)}")
        if result.remedy:
            console.print(f"  to do: {escape(result.remedy)}")
        for row in result.rows:
            console.print(f"  · {escape(in_words(row))}")
    if vintage.arrival == "held":
        console.print(
            f'To decide: promise quarantine accept {vintage.vintage} --why "…", or reject {vintage.vintage} --why "…"'
        )
