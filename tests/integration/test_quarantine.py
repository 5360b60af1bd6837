"""What is kept out waits with the cells that failed: a person decides on one that is held, nobody on a rejected one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import Connection

from expectations import arrival as arrival_gate
from expectations.verdicts import Verdict, record
from promise import database as db
from promise import ledger
from warehouse import runs
from workbench.cli import main
from workbench.commands.backup import backup, restore

HELD, STOPPED, USED, FRESH = 3, 4, 5, 6
ARRIVED = {1: "accepted", 2: "rejected", HELD: "held", STOPPED: "rejected", USED: "accepted", FRESH: "pending"}
FILES = {1: "a.csv", 2: "a.csv", HELD: "b.csv", STOPPED: "c.csv", USED: "a.csv", FRESH: "d.csv"}
REASON = "lgbf: c.csv, line 7:text: found '[low]'; expected a number. To do: declare it."
CELLS = (
    {"address": "line 7:text", "council": "Aberdeen City", "cell_text": "[c]", "heading": "Jamie [b]lives[/] there"},
    {"address": "line 9:text", "council": "Atlantis", "cell_text": "11.1", "period": "2022/24"},
)


def verdict(severity: str, rows: tuple[dict[str, Any], ...]) -> Verdict:
    return Verdict(
        expectation="changed_a_hundredfold", column="cell_text", severity=severity, success=not rows, checked=57,
        unexpected=len(rows), rows=rows, observed=None, why="a figure does not become a hundred times as large",
        expected="less than a hundredfold of the vintage before", remedy="ask the publisher", heading="text",
        vacuous=False, error=None,
    )  # fmt: skip


@pytest.fixture
def house(database: Connection[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection[Any]]:
    """A ledger with a vintage of each kind, released as far as it is accepted."""
    monkeypatch.setenv("PROMISE_USER", "ann")
    for number, arrival in ARRIVED.items():
        database.execute(
            "insert into ops.vintage (vintage, source_id, snapshot_id, file_name, requested_url, final_url,"
            " retrieved_at, media_type, size_bytes, row_count, arrival, arrival_reason)"
            " values (%s, 'lgbf', %s, %s, 'bundle:a', 'bundle:a', now(), 'text/csv', 1, 57, %s, %s)",
            (number, f"{number:064}", FILES[number], arrival, REASON if arrival in ("held", "rejected") else None),
        )
    with db.connect() as conn:
        run_id = runs.open_run(conn)
        for number, severity in ((HELD, "hold"), (STOPPED, "critical"), (USED, "warning")):
            found = [verdict(severity, CELLS), verdict("warning", ())]
            record(conn, run_id, "arrival", "lgbf", found, vintage=number)
        runs.close_run(conn, run_id, "released")
    database.execute("insert into ops.release (release_id, run_id, state) values (1, %s, 'current')", (run_id,))
    yield database


def promise(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def arrival(number: int) -> tuple[str, str | None]:
    with db.connect() as conn:
        (found,) = (each for each in ledger.vintages(conn) if each.vintage == number)
    return found.arrival, found.arrival_reason


def words_of(line: str) -> set[str]:
    """What a line of a cell says beside its address."""
    return set(line.rpartition(": ")[2].split(", "))


def plan() -> dict[str, Any]:
    """As `promise plan` has it, without the files that ship, of which this ledger holds none."""
    with db.connect() as conn:
        found = runs.plan(conn)
    return {"needed": found.needed, "reasons": found.reasons, "waiting": found.waiting}


@pytest.mark.usefixtures("house")
def test_what_is_kept_out_is_listed_until_a_later_file_took_its_place() -> None:
    listed = json.loads(promise("quarantine", "list", "--json").output)
    assert [(each["vintage"], each["arrival"], len(each["failed"])) for each in listed] == [
        (HELD, "held", 1), (STOPPED, "rejected", 1),
    ]  # fmt: skip
    said = promise("quarantine", "list").output
    assert "b.csv" in said
    assert "held" in said


@pytest.mark.usefixtures("database")
def test_a_quarantine_with_nothing_in_it_says_so() -> None:
    assert "Nothing is in quarantine" in promise("quarantine", "list").output


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("what", ["lgbf", str(HELD)])
def test_the_cells_that_failed_are_shown_by_address_and_rule_and_what_may_be_quoted(what: str) -> None:
    said = promise("quarantine", "show", what).output
    assert "cell_text: less than a hundredfold of the vintage before: 2 of 57 failed" in said
    first, second, *_ = (line for line in said.splitlines() if line.startswith("  · "))
    assert first.startswith("  · line 7:text: ")
    assert {"council Aberdeen City", "cell_text [c]", "heading a text of 23 characters"} == words_of(first)
    assert {"council a text of 8 characters", "cell_text 11.1", "period 2022/24"} == words_of(second)
    assert "to do: ask the publisher" in said
    assert f'promise quarantine accept {HELD} --why "…"' in said
    assert "Jamie" not in said
    (first, *_) = json.loads(promise("quarantine", "show", what, "--json").output)
    (failed,) = first["failed"]
    assert (failed["kind"], failed["checked"], failed["unexpected"]) == ("hold", 57, 2)
    assert failed["rows"][1] == {**CELLS[1], "council": "a text of 8 characters"}


def test_no_table_keeps_what_may_not_be_quoted(house: Connection[Any]) -> None:
    kept = house.execute("select string_agg(sample::text, ' ') from ops.expectation_result").fetchone()
    assert kept is not None
    assert "Aberdeen City" in kept[0]
    assert "Jamie" not in kept[0]
    assert "Atlantis" not in kept[0]


def test_what_an_earlier_revision_wrote_down_is_not_quoted_either(house: Connection[Any]) -> None:
    house.execute("""update ops.expectation_result set sample = '[{"address": "line 7", "name": "Jamie"}]'""")
    assert "line 7: name a text of 5 characters" in promise("quarantine", "show", str(HELD)).output


def test_an_accepted_vintage_is_used_by_the_next_run_and_the_decision_is_kept(house: Connection[Any]) -> None:
    waits = f"vintage {HELD} of lgbf waits for a person: `promise quarantine show {HELD}`"
    assert plan() == {"needed": False, "reasons": (), "waiting": (waits,)}
    said = promise("quarantine", "accept", str(HELD), "--why", " the publisher confirmed it ")
    assert said.exit_code == 0, said.output
    assert said.output == f"ann accepted vintage {HELD} of lgbf: the next run uses it: `promise run`\n"
    assert arrival(HELD) == ("accepted", None)
    assert house.execute("select vintage, decision, decided_by, why from ops.decision").fetchall() == [
        (HELD, "accept", "ann", "the publisher confirmed it")
    ]
    assert plan() == {"needed": True, "reasons": (f"vintage {HELD} of lgbf was accepted by ann",), "waiting": ()}
    with db.connect() as conn:
        run_id = runs.open_run(conn)
        runs.close_run(conn, run_id, "released")
    house.execute("update ops.release set run_id = %s", (run_id,))
    assert not plan()["needed"], "a release of what was decided is up to date"


def test_a_rejected_vintage_stays_out_and_asks_for_no_build(house: Connection[Any]) -> None:
    said = promise("quarantine", "reject", str(HELD), "--why", "the publisher withdrew it")
    assert said.exit_code == 0, said.output
    assert arrival(HELD) == ("rejected", "rejected by ann: the publisher withdrew it")
    assert plan() == {"needed": False, "reasons": (), "waiting": ()}
    assert "rejected by ann on" in promise("quarantine", "show", str(HELD)).output


def test_who_decided_may_come_to_think_otherwise_and_both_decisions_are_kept(house: Connection[Any]) -> None:
    assert promise("quarantine", "accept", str(HELD), "--why", "it looks right").exit_code == 0
    again = promise("quarantine", "accept", str(HELD), "--why", "it looks right")
    assert again.exit_code == 1
    assert "was accepted by ann already" in again.output
    assert promise("quarantine", "reject", str(HELD), "--why", "it is not").exit_code == 0
    assert arrival(HELD)[0] == "rejected"
    assert not plan()["needed"]
    assert promise("quarantine", "accept", str(HELD), "--why", "it is after all").exit_code == 0
    assert arrival(HELD)[0] == "accepted"
    kept = house.execute("select decision from ops.decision order by decision_id").fetchall()
    assert kept == [("accept",), ("reject",), ("accept",)]


def test_what_a_check_rejected_after_a_person_accepted_it_is_nobodys_to_accept(house: Connection[Any]) -> None:
    promise("quarantine", "accept", str(HELD), "--why", "it looks right")
    house.execute(
        "update ops.vintage set arrival = 'rejected', arrival_reason = 'two values' where vintage = %s", (HELD,)
    )
    refused = promise("quarantine", "accept", str(HELD), "--why", "it looks right")
    assert refused.exit_code == 1
    assert "rejected by a check that nobody can accept" in refused.output
    assert "two values" in refused.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("accept", str(STOPPED), "--why", "I like it"), "rejected by a check that nobody can accept"),
        (("reject", str(STOPPED), "--why", "I do not"), "rejected by a check that nobody can decide on"),
        (("accept", str(USED), "--why", "I like it"), "passed every check and is in use"),
        (("accept", str(FRESH), "--why", "I like it"), "was not judged yet"),
        (("accept", "99", "--why", "I like it"), "there is no vintage 99"),
        (("accept", str(HELD), "--why", "  "), "--why is empty"),
        (("show", "99"), "there is no vintage 99"),
        (("show", "reconvictions"), "nothing of reconvictions is in quarantine"),
        (("show", "atlantis"), "is no source and no number of a vintage"),
    ],
)
def test_what_nobody_can_decide_is_refused_with_the_reason(
    house: Connection[Any], words: tuple[str, ...], said: str
) -> None:
    before = house.execute("select vintage, arrival, arrival_reason from ops.vintage").fetchall()
    refused = promise("quarantine", *words)
    assert refused.exit_code == 1
    assert said in refused.output
    assert house.execute("select vintage, arrival, arrival_reason from ops.vintage").fetchall() == before
    assert house.execute("select * from ops.decision").fetchall() == []


@pytest.mark.usefixtures("house")
def test_a_decision_without_a_reason_is_no_decision() -> None:
    assert promise("quarantine", "accept", str(HELD)).exit_code == 2


def test_the_status_says_what_is_held_and_why(house: Connection[Any]) -> None:
    house.execute("update ops.vintage set arrival = 'held' where vintage = %s", (FRESH,))
    house.execute("update ops.vintage set arrival_reason = 'lgbf: d.csv: is odd' where vintage = %s", (FRESH,))
    (state,) = (
        each for each in json.loads(promise("status", "--json").output)["sources"] if each["source_id"] == "lgbf"
    )
    assert (state["status"], state["vintage"], state["message"]) == ("held", USED, "lgbf: d.csv: is odd")
    said = promise("status").output
    assert "lgbf: d.csv: is odd" in said
    assert f"waiting: vintage {FRESH} of lgbf waits for a person" in said


def test_decisions_come_back_with_a_backup(house: Connection[Any], tmp_path: Path) -> None:
    promise("quarantine", "accept", str(HELD), "--why", "the publisher confirmed it")
    decided = house.execute("select * from ops.decision").fetchall()
    house.execute("delete from ops.vintage where vintage not in (select vintage from ops.decision)")
    house.execute("update ops.vintage set snapshot_id = 'gone'")
    file = tmp_path / "all.tar"
    backup(file)
    house.execute("delete from ops.decision")
    with pytest.raises(Exception, match="gone"):  # the file that was never landed, once all else is put back
        restore(file, replace=True)
    assert house.execute("select * from ops.decision").fetchall() == decided
    assert len(decided) == 1


def test_what_a_person_decides_while_the_gate_judges_stands(
    house: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate looks at what is held again in every run; here its source is described no more, so that it is quick."""
    house.execute("delete from ops.vintage where vintage != %s", (HELD,))
    monkeypatch.setattr(arrival_gate, "sources", dict)

    def meanwhile(*_: Any) -> str:
        promise("quarantine", "accept", str(HELD), "--why", "the publisher confirmed it")
        return "it is not described"

    monkeypatch.setattr(arrival_gate, "_not_as_described", meanwhile)
    with db.connect() as conn:
        run_id = runs.open_run(conn)
    arrival_gate.judge(run_id)
    assert arrival(HELD) == ("accepted", None)


@pytest.mark.parametrize("role", ["loader", "transformer", "releaser", "reader"])
def test_only_a_persons_tools_decide(house: Connection[Any], role: db.Role) -> None:
    with db.connect(role) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        ledger.decide(conn, HELD, "accept", decided_by="a program", why="because")


def test_a_home_of_the_revision_before_can_hold(house: Connection[Any]) -> None:
    """Its constraints know neither what is held nor a check that holds, and its tables no decision."""
    house.execute("update ops.vintage set arrival = 'rejected' where arrival = 'held'")
    house.execute("delete from ops.expectation_result where severity = 'hold'")
    for table, constraint, words in (
        ("vintage", "vintage_arrival_check", "arrival in ('pending', 'accepted', 'rejected')"),
        ("expectation_result", "expectation_result_severity_check", "severity in ('critical', 'warning', 'info')"),
    ):
        house.execute(f"alter table ops.{table} drop constraint {constraint}".encode())
        house.execute(f"alter table ops.{table} add constraint {constraint} check ({words})".encode())
    house.execute("drop table ops.decision")
    house.execute("alter table ops.warehouse_run drop column accepted_by_people")
    house.execute("comment on schema ops is null")
    assert db.ensure_running() == ["decision", "warehouse_run.accepted_by_people"]
    house.execute("update ops.vintage set arrival = 'held' where vintage = %s", (HELD,))
    house.execute("update ops.expectation_result set severity = 'hold'")
    with pytest.raises(psycopg.errors.CheckViolation):
        house.execute("update ops.vintage set arrival = 'liked'")
    oids = "select oid from pg_constraint where conrelid = 'ops.vintage'::regclass order by oid"
    before = house.execute(oids.encode()).fetchall()
    house.execute("comment on schema ops is null")
    db.ensure_running()
    assert house.execute(oids.encode()).fetchall() == before, "a constraint is made anew only where it is needed"
