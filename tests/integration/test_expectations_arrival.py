"""The arrival gate on the real bundle and on files that are odd rather than broken, with a real PostgreSQL."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import faults
import pytest
from psycopg import Connection
from psycopg.rows import dict_row

from expectations import arrival
from ingestion import pipeline
from promise import database, ledger
from promise.catalogue.sources import Marker, asked, sources
from promise.settings import ROOT
from promise.vocabulary.quoting import found
from warehouse import runs

LGBF_FILE = "lgbf/lgbf_children_cells.csv.gz"
DASHBOARD_FILE = "promise_dashboard/ppf_dashboard_capture_b.csv"


def judge() -> tuple[int, dict[str, Any]]:
    with database.connect() as conn:
        run_id = runs.open_run(conn)
    return run_id, arrival.judge(run_id)


def ingest(source_id: str) -> int:
    """Take and load what is new; returns the vintage."""
    return int(pipeline.load(source_id, pipeline.take(source_id))[-1]["vintage"])


def results(conn: Connection[Any], condition: str) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(f"select * from ops.expectation_result where {condition}".encode()).fetchall()


def test_the_bundled_files_are_accepted_and_every_expectation_had_something_to_check(
    landed: Connection[Any],
) -> None:
    vintages = ledger.vintages(landed)
    assert {vintage.source_id for vintage in vintages} == set(asked())
    assert [vintage.arrival for vintage in vintages] == ["accepted"] * len(vintages)
    assert all(vintage.judged_at for vintage in vintages)
    recorded = results(landed, "gate = 'arrival'")
    assert {(each["suite"], each["vintage"]) for each in recorded} == {(v.source_id, v.vintage) for v in vintages}
    assert all(each["element_count"] > 0 and each["why"] for each in recorded)
    # LGBF's costs adjusted for inflation are of another size in each edition, which its entry says.
    noted = {(each["suite"], each["expectation"], each["severity"]) for each in recorded if not each["success"]}
    assert noted == {("lgbf", "revised", "warning")}
    assert {each["severity"] for each in recorded} == {"critical", "hold", "warning"}


def test_every_check_of_the_catalogue_became_an_expectation(landed: Connection[Any]) -> None:
    found = {
        (each["suite"], each["expectation"], each["column_name"])
        for each in results(landed, "gate = 'arrival'")
    }  # fmt: skip
    for source in asked().values():
        checks = source.table.checks
        assert (source.id, "enough_rows", None) in found
        assert (source.id, "one_row_for_one_thing", ", ".join(checks.key)) in found
        assert {(source.id, "filled", column) for column in checks.not_null} <= found
        assert {(source.id, "number_or_marker", column) for column in checks.numbers} <= found
        if checks.area:
            assert (source.id, "known_area", checks.area.column) in found
        if checks.period:
            assert (source.id, "readable_period", checks.period.column) in found
        if checks.period and checks.area:
            assert (source.id, "code_in_force", checks.area.column) in found
        if checks.area and checks.distinct_areas:
            assert (source.id, "number_of_areas", checks.area.column) in found


def test_what_was_accepted_is_not_judged_again(landed: Connection[Any]) -> None:
    run_id, judged = judge()
    assert judged == {"accepted": [], "rejected": {}, "held": {}, "warnings": [], "quarantined": []}
    assert results(landed, f"run_id = {run_id}") == []


def test_it_leaves_no_table_no_connection_and_no_file_behind(
    landed: Connection[Any], bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(bundle)
    before = sorted(bundle.rglob("*"))
    faults.added_row(bundle / DASHBOARD_FILE, _row("2012/13"))
    ingest("promise_dashboard")
    judge()
    assert landed.execute("select relname from pg_class where relname ~ 'judged|earlier'").fetchall() == []
    for _ in range(50):  # a server process outlives its closed connection by a moment
        others = landed.execute(
            "select application_name, state, query from pg_stat_activity where datname = current_database()"
            " and backend_type = 'client backend' and pid != pg_backend_pid()"
        ).fetchall()
        if not others:
            break
        time.sleep(0.1)
    assert others == []
    assert sorted(bundle.rglob("*")) == before
    assert not (tmp_path / "home").exists()


def _row(period: str, value: str = "61%") -> list[str]:
    """A row of the dashboard's second capture, for another period."""
    header, row, *_ = faults.read(ROOT / "ingestion" / "sources" / DASHBOARD_FILE)
    row[header.index("period_as_published")] = period
    row[header.index("value_as_published")] = value
    return row


def test_a_file_that_shrank_is_used_with_a_warning(landed: Connection[Any], bundle: Path) -> None:
    before = ledger.latest(landed, "promise_dashboard")
    assert before is not None
    faults.truncated_between_two_lines(bundle / DASHBOARD_FILE, before.row_count)
    vintage = ingest("promise_dashboard")
    _, judged = judge()
    assert judged["accepted"] == [vintage]
    (warning,) = judged["warnings"]
    assert "promise_dashboard: ppf_dashboard_capture_b.csv" in warning
    assert f"found {before.row_count - 1} rows; expected at least the rows of the edition before" in warning
    (failed,) = results(landed, f"vintage = {vintage} and not success")
    assert (failed["severity"], failed["sample"]) == ("warning", [{"observed": f"{before.row_count - 1} rows"}])


def test_a_shorter_file_of_another_name_has_not_shrunk(landed: Connection[Any]) -> None:
    """The dashboard's first capture has 8 rows and its second 60; landed in any order, neither shrank."""
    assert results(landed, "suite = 'promise_dashboard' and severity = 'warning' and not success") == []


def test_a_row_given_twice_is_used_with_a_warning_that_names_both_lines(landed: Connection[Any], bundle: Path) -> None:
    again = faults.repeated_row(bundle / LGBF_FILE, 7)
    vintage = ingest("lgbf")
    _, judged = judge()
    assert judged["accepted"] == [vintage]
    (warning,) = judged["warnings"]
    assert f"line {again}: found council 'Aberdeen City', heading" in warning
    assert "a second time, the same as line 7" in warning


def test_spaces_around_a_cell_are_no_fault(landed: Connection[Any], bundle: Path) -> None:
    council = faults.read(bundle / LGBF_FILE)[8][0]
    faults.changed_cell(bundle / LGBF_FILE, 9, "council", f" {council}  ")
    vintage = ingest("lgbf")
    assert judge()[1]["accepted"] == [vintage]


def test_numbers_are_read_as_staging_reads_them(landed: Connection[Any], bundle: Path) -> None:
    """Thousands, percent signs, exponents and the unicode minus are habits of publishers, not faults."""
    for number, text in enumerate(["10, 518", "83.7%", "1,884.15", "2.29E0", "−68", "-5e-1"]):
        faults.added_row(bundle / DASHBOARD_FILE, _row(f"200{number}/1{number}", text))
    vintage = ingest("promise_dashboard")
    assert judge()[1]["accepted"] == [vintage]


@pytest.mark.parametrize("text", ["1,5", "about 5", "1.2.3", "5%%x", "0x10", "NaN", "Infinity", "1 000", "."])
def test_what_staging_could_not_read_is_refused(landed: Connection[Any], bundle: Path, text: str) -> None:
    faults.added_row(bundle / DASHBOARD_FILE, _row("2001/02", text))
    ingest("promise_dashboard")
    reason = judge()[1]["rejected"]["promise_dashboard"]
    assert f"line 62:value_as_published: found {found(text)}; expected a number" in reason


def test_a_rejected_file_passes_once_its_word_is_declared(
    landed: Connection[Any], bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults.unknown_marker(bundle / LGBF_FILE, 40, "text", "[c]")
    vintage = ingest("lgbf")
    first_run, judged = judge()
    assert "found '[c]'" in judged["rejected"]["lgbf"]
    said = Marker(obs_status="final", conf_status="suppressed_by_publisher", meaning="withheld")
    lgbf = sources()["lgbf"]
    corrected = {**sources(), "lgbf": lgbf.model_copy(update={"markers": {**lgbf.markers, "[c]": said}})}
    monkeypatch.setattr(arrival, "sources", lambda: corrected)
    second_run, judged = judge()
    assert judged["accepted"] == [vintage]
    latest = ledger.latest(landed, "lgbf")
    assert latest is not None
    assert (latest.arrival, latest.arrival_reason) == ("accepted", None)
    assert results(landed, f"run_id = {first_run} and vintage = {vintage} and not success"), (
        "the first judgement is kept"
    )
    assert not results(landed, f"run_id = {second_run} and not success")


def test_a_rejected_file_is_no_longer_news_when_the_publisher_has_corrected_it(
    landed: Connection[Any], bundle: Path
) -> None:
    right = faults.unknown_marker(bundle / LGBF_FILE, 40, "text", "[c]")
    wrong_vintage = ingest("lgbf")
    assert "lgbf" in judge()[1]["rejected"]
    faults.changed_cell(bundle / LGBF_FILE, 40, "text", right)
    faults.repeated_row(bundle / LGBF_FILE, 40)  # so that it is not the file from before
    vintage = ingest("lgbf")
    _, judged = judge()
    assert judged["accepted"] == [vintage]
    assert judged["rejected"] == {}
    assert [each.arrival for each in ledger.vintages(landed, "lgbf")][-3:] == ["accepted", "rejected", "accepted"]
    assert ledger.vintages(landed, "lgbf")[-2].vintage == wrong_vintage


def test_judging_a_run_again_replaces_what_it_wrote(landed: Connection[Any], bundle: Path) -> None:
    faults.unknown_marker(bundle / LGBF_FILE, 40, "text", "[c]")
    ingest("lgbf")
    run_id, _ = judge()
    before = len(results(landed, f"run_id = {run_id}"))
    arrival.judge(run_id)
    assert len(results(landed, f"run_id = {run_id}")) == before > 0


def test_a_column_in_which_nothing_stands_any_more_is_refused(landed: Connection[Any], bundle: Path) -> None:
    """Every cell a declared marker: each is allowed, and yet there is no figure left."""
    path = bundle / LGBF_FILE
    rows = faults.read(path)
    faults.write(path, [rows[0], *([*row[:3], "dna"] for row in rows[1:])])
    ingest("lgbf")
    reason = judge()[1]["rejected"]["lgbf"]
    assert "under 'text', there was nothing to check" in reason


def test_more_than_one_fault_is_one_message_that_counts_the_rest(landed: Connection[Any], bundle: Path) -> None:
    path = bundle / LGBF_FILE
    for line in (30, 31, 32):
        faults.unknown_marker(path, line, "text")
    faults.unknown_area(path, 50, "council")
    vintage = ingest("lgbf")
    reason = judge()[1]["rejected"]["lgbf"]
    assert "line 30:text: found '[low]' (and 2 more)" in reason
    assert "(1 more check failed)" in reason
    sample = results(landed, f"vintage = {vintage} and column_name = 'cell_text' and not success")[0]["sample"]
    assert [row["address"] for row in sample] == ["line 30:text", "line 31:text", "line 32:text"]
    assert sample[0]["council"] == "Aberdeen City"


def test_a_vintage_whose_source_is_no_longer_described_is_refused_with_a_remedy(
    landed: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    landed.execute("update ops.vintage set arrival = 'pending' where source_id = 'lgbf'")
    monkeypatch.setattr(arrival, "sources", lambda: {k: v for k, v in sources().items() if k != "lgbf"})
    assert "restore ingestion/sources/lgbf/source.yml" in judge()[1]["rejected"]["lgbf"]


def test_a_vintage_loaded_before_a_column_was_described_is_refused_not_misread(
    landed: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    landed.execute("update ops.vintage set arrival = 'pending' where source_id = 'lgbf'")
    lgbf = sources()["lgbf"]
    table = lgbf.table.model_copy(update={"columns": {**lgbf.table.columns, "sheet": ("Sheet",)}})
    monkeypatch.setattr(arrival, "sources", lambda: {"lgbf": lgbf.model_copy(update={"table": table})})
    assert "was loaded before sheet stood under `columns`" in judge()[1]["rejected"]["lgbf"]
