"""What was built fails a check because of one source's new file: that is rejected, and the release goes out without it.

The files are accepted here whatever arrival would say of them: this is about what only the build, or the whole, shows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faults
import pytest
from psycopg import Connection

from expectations import publication
from ingestion import pipeline
from promise import database, ledger
from promise.catalogue.sources import source
from warehouse import attempts, releases, runs, transform

REGISTER, FAMILIES, ZONES = "publication_register", "lgbf_family_groups", "data_zone_councils"
INTERVALS, DASHBOARD = "children_in_relative_poverty", "promise_dashboard"
FUTURE = [
    "from_the_future", "One that is not out yet", "Scottish Government", "https://www.gov.scot/", "2999-03", "month",
    "99", "Series: Something new.",
]  # fmt: skip


# Kind of check -> the source, its file, and what its publisher does to it.
AT_STAGING = {
    "a generic test of a staging model": (
        ZONES, "dz11_iz11_council.csv.gz", lambda path: faults.repeated_row(path, 3),
        "grain_stg_data_zone_councils__data_zone",
    ),
    "a singular test": (
        REGISTER, "publications.csv", lambda path: faults.added_row(path, FUTURE),
        "publications_are_not_dated_in_the_future",
    ),
}  # fmt: skip


@pytest.fixture
def few_marts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the marts those with what the gate asks, and no summary of them: they are built four times here."""
    needed = ",".join(("+path:models/marts/facts", "path:models/marts"))
    kept = (needed, "path:models/marts/dimensions", "path:functions/methods", "path:functions/judging")
    monkeypatch.setitem(transform.SELECT, "marts", kept)


def land(bundle: Path, source_id: str) -> int:
    """Land and load what the bundle shows now, and accept it."""
    vintage = int(pipeline.load(source_id, pipeline.take(source_id))[-1]["vintage"])
    with database.connect() as conn:
        conn.execute("update ops.vintage set arrival = 'accepted', judged_at = now() where vintage = %s", (vintage,))
    return vintage


def open_run() -> int:
    with database.connect() as conn:
        return runs.open_run(conn)


def arrivals(conn: Connection[Any], *vintages: int) -> dict[int, tuple[str, str | None]]:
    return {
        each.vintage: (each.arrival, each.arrival_reason) for each in ledger.vintages(conn) if each.vintage in vintages
    }


@pytest.mark.usefixtures("few_marts")
def test_what_fails_while_staging_is_built_stops_its_source_alone(
    copy_of_warehouse: Connection[Any], bundle: Path
) -> None:
    held = {each.vintage for each in ledger.vintages(copy_of_warehouse)}
    new = {}
    for kind, (source_id, file, fault, _) in AT_STAGING.items():
        fault(bundle / source_id / file)
        new[kind] = land(bundle, source_id)
    run_id = open_run()

    attempts.build(run_id, "staging")

    judged = arrivals(copy_of_warehouse, *new.values())
    for kind, vintage in new.items():
        source_id, file, _, check = AT_STAGING[kind]
        arrival, reason = judged[vintage]
        assert arrival == "rejected", kind
        assert reason and reason.startswith(f"{source_id}: {file}") and check in reason and "To do: " in reason, reason
        assert "stays in use" in reason and "first" not in reason, "no text of the file is quoted"
    (built_of,) = copy_of_warehouse.execute(
        "select built_of from ops.warehouse_run where run_id = %s", (run_id,)
    ).fetchone() or (None,)
    assert built_of is not None and set(built_of) == held, "the vintages before stay in use"
    assert attempts.rejected_anew(copy_of_warehouse, run_id) == {*new.values()}

    attempts.build(run_id, "marts")
    publication.judge(run_id)
    release_id = releases.publish(run_id)
    assert copy_of_warehouse.execute("select release_id from marts.release_info").fetchall() == [(release_id,)]


@pytest.mark.usefixtures("few_marts")
def test_a_fact_and_the_whole_stop_their_source_alone_one_in_a_run(
    copy_of_warehouse: Connection[Any], bundle: Path
) -> None:
    (before,) = copy_of_warehouse.execute("select release_id from marts.release_info").fetchone() or (0,)
    # Edinburgh's 8.76 % of 2023/24, with an upper limit of 0.1 %.
    faults.changed_cell(bundle / INTERVALS / "children-in-relative-poverty.csv", 1492, "uci_95", "0.1")
    dashboard = bundle / DASHBOARD / "ppf_dashboard_capture_b.csv"
    dashboard.write_text(dashboard.read_text().replace("83.7%", "183.7%"))
    of_fact, of_whole = land(bundle, INTERVALS), land(bundle, DASHBOARD)

    # Two that fail in different places are more than one run bears: the second refuses it, as it always did.
    run_id = open_run()
    attempts.build(run_id, "staging")
    attempts.build(run_id, "marts")
    arrival, reason = arrivals(copy_of_warehouse, of_fact)[of_fact]
    assert arrival == "rejected" and reason
    assert "children-in-relative-poverty.csv, line 1492:observation: found " in reason, "the cell"
    assert "interval_holds_value" in reason and "S12000036" in reason and "8.758187058" in reason
    found = copy_of_warehouse.execute(
        "select success, unexpected_count, sample from ops.expectation_result where vintage = %s", (of_fact,)
    ).fetchall()
    ((success, unexpected, sample),) = found
    assert (success, unexpected) == (False, 1) and sample[0]["area_code"] == "S12000036", "what quarantine shows"
    with pytest.raises(publication.GateRefused, match=r"obs_value 183\.7"):
        publication.judge(run_id)
    assert arrivals(copy_of_warehouse, of_whole)[of_whole] == ("accepted", None)
    with database.connect("releaser") as conn:
        runs.close_run(conn, run_id, "refused", "the second")

    # The next run knows the first of them, and bears the second.
    copy_of_warehouse.execute("update ops.vintage set arrival = 'accepted' where vintage = %s", (of_fact,))
    run_id = open_run()
    attempts.build(run_id, "staging")
    attempts.build(run_id, "marts")
    publication.judge(run_id)
    judged = arrivals(copy_of_warehouse, of_fact, of_whole)
    assert {arrival for arrival, _ in judged.values()} == {"rejected"}
    reason = str(judged[of_whole][1])
    for part in ("ppf_dashboard_capture_b.csv, line 20:", "obs_value 183.7", "expected between 0 and 100", "To do: "):
        assert part in reason, reason
    assert attempts.rejected_anew(copy_of_warehouse, run_id) == {of_whole}
    release_id = releases.publish(run_id)
    assert release_id > before
    shown = "select obs_value from marts.fct_observation where obs_value in (83.7, 183.7) and source_id = %s"
    assert {float(value) for (value,) in copy_of_warehouse.execute(shown, (DASHBOARD,))} == {83.7}


@pytest.mark.usefixtures("few_marts")
def test_a_staging_model_that_cannot_be_read_stops_its_source_alone(
    copy_of_warehouse: Connection[Any], bundle: Path
) -> None:
    """A view computes what it is asked for, so that the model fails which asks, and that one reads several sources.
    Another of them has something new too, and nothing wrong."""
    heading = "family_group_children_social_work_housing"
    faults.changed_cell(bundle / FAMILIES / "lgbf_family_groups.csv", 2, heading, "first")
    path = bundle / "phs_geography" / source("phs_geography").bundle[-1].file
    faults.write(path, [faults.read(path)[0], *reversed(faults.read(path)[1:])])
    faulty, sound = land(bundle, FAMILIES), land(bundle, "phs_geography")
    run_id = open_run()
    attempts.build(run_id, "staging")
    attempts.build(run_id, "marts")
    assert arrivals(copy_of_warehouse, sound)[sound][0] == "accepted"
    arrival, reason = arrivals(copy_of_warehouse, faulty)[faulty]
    assert arrival == "rejected" and reason
    assert reason.startswith(f"{FAMILIES}: lgbf_family_groups.csv: it fails the building of ") and "To do: " in reason
    assert "first" not in reason, "no text of the file is quoted"


def test_what_no_new_file_is_to_blame_for_fails_as_ever(copy_of_warehouse: Connection[Any]) -> None:
    """The file was checked and released before: whatever changed, it is not the file."""
    copy_of_warehouse.execute(
        "update raw.publication_register__publication set published_on = '2999-03' where rank = '2'"
    )
    before = arrivals(copy_of_warehouse, *(each.vintage for each in ledger.vintages(copy_of_warehouse)))
    with pytest.raises(transform.BuildFailed, match="publications_are_not_dated_in_the_future"):
        attempts.build(open_run(), "staging")
    assert arrivals(copy_of_warehouse, *before) == before


# A test that asks about the whole has no rows of anybody, and a row that is made of the catalogue names no file: what
# they find is traced when one source has something new.
OF_THE_WHOLE = {
    "not_empty",
    "areas_of_the_catalogue_agree_with_the_published_codes",
    "disclosures_match_a_figure",
}
OF_THE_CATALOGUE = {
    *("dim_area", "dim_outcome", "fct_evidence", "fct_reporting_status"),
    *("bridge_organisation_role", "bridge_report_organisation", "fct_recommendation"),
}
# A row of the Data Map is of a dataset as anybody describes it: the catalogue, a return, or a source with what is held.
OF_THE_MAP = {
    *(
        "int_dataset",
        "int_dataset_stem",
        "int_framework_stem",
        "int_synonym_stem",
        "dim_dataset",
        "dim_route_map_outcome",
    ),
    *("dim_search_word", "bridge_dataset_link", "fct_dataset_link", "fct_dataset_duplicate", "fct_dataset_suggestion"),
    *("fct_question_answer", "fct_reporting_requirement", "outcome_strands", "fct_data_gap"),
}


def test_every_dbt_test_of_figures_gives_rows_that_lead_to_a_source(warehouse: Any) -> None:
    """By what the rows say themselves, by the figure that they are of, or because the model reads one source alone."""
    with transform.environment():
        compiled = transform.invoke(["compile", "--select", "resource_type:test"]).result.results
    ways: dict[str, str | None] = {}
    with database.connect("transformer") as conn:
        known = transform.kept_manifest(conn, warehouse.run_id)
        assert known
        for node in (result.node for result in compiled):
            if not (reads := transform.sources_read(node.name, known)):
                continue  # what is made of the catalogue alone is in no file
            query = f"select * from ({node.compiled_code}) as offending limit 0"
            columns = {column.name for column in conn.execute(query.encode()).description or ()}
            says = {"source_id", "snapshot_id", "vintage"} & columns
            traced = {"indicator_id", "measure_id"} & columns
            kind = node.test_metadata.name if getattr(node, "test_metadata", None) else node.name
            way = "says" if says else "traced" if traced else "reads one" if len(reads) == 1 else None
            about = (node.attached_node or "").split(".")[-1] if hasattr(node, "attached_node") else ""
            ways[node.name] = way or ("new" if kind in OF_THE_WHOLE or about in OF_THE_CATALOGUE | OF_THE_MAP else None)
    assert [name for name, way in ways.items() if way is None] == []
    assert {"says", "traced", "reads one"} <= {*ways.values()} and len(ways) > 50, ways
