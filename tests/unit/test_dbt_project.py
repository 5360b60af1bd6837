"""The shape of the dbt project, read from its manifest without a database: layers, contracts, words, completeness."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rehosted import Catalogue

from promise.catalogue.framework import framework
from promise.catalogue.sources import sources
from promise.settings import ROOT
from promise.vocabulary import sql as values
from warehouse import published, transform

MAY_READ = {
    "staging": {"raw", "ops", "values"},
    # The ledger says since when a file, and what it names, is known.
    "intermediate": {"staging", "intermediate", "seed", "ops", "values"},
    # Marts describe the ledger's state (dim_source), so that table is theirs to read.
    # They judge by the build's own copies of the methods.
    "marts": {"intermediate", "marts", "seed", "staging", "ops", "values", "methods"},
    # What is shown to staff alone is made of what everybody may read, and read by nothing.
    "restricted": {"intermediate", "marts", "seed", "methods"},
    # Functions: what reads a text reads nothing else; what readers ask is answered from what they may read.
    "values": set(),
    "methods": {"marts", "methods"},
    # A text for people's commands, about what a release shows.
    "judging": {"marts", "methods"},
}
# Reference data that needs no conforming goes from staging to its dimension; figures never do.
STAGING_THAT_MARTS_MAY_READ = {
    "stg_phs_geography__council_area",
    "stg_lgbf_family_groups__council",
    "stg_council_boundaries__feature",
    "stg_health_board_boundaries__feature",
    "stg_statistics_gov_scot_catalogue__dataset",
    # What organisations hand in is in the words of its template already; figures of theirs go the longer way.
    "stg_returns__evidence",
    "stg_returns__milestone",
    "stg_returns__case_study",
    "stg_returns__support",
}
CONTRACT_TABLES = [
    "dim_vision_statement",
    "dim_outcome",
    "dim_indicator",
    "dim_area",
    "dim_source",
    "dim_publication",
    "dim_measure",
    "dim_organisation",
    "dim_dataset",
    "fct_observation",
    "fct_observation_vintage",
    "fct_source_conflict",
    "fct_progress",
    "fct_gap",
    "fct_benchmark",
    "fct_data_gap",
    "fct_evidence",
    "fct_milestone",
    "fct_commitment",
    "fct_case_study",
    "fct_support",
    "fct_revision",
    "fct_revision_summary",
    "fct_history_event",
    "fct_break",
    "provenance",
    "bridge_indicator_organisation",
    "bridge_organisation_role",
    "bridge_report_organisation",
    "dim_report",
    "fct_responsibility",
    "fct_reporting_status",
    "fct_publication_calendar",
    "fct_recommendation",
    "fct_target",
    "what_good_looks_like",
    "bridge_dataset_link",
    "fct_dataset_duplicate",
    "fct_dataset_link",
    "fct_dataset_suggestion",
    "fct_question_answer",
    "fct_reporting_requirement",
    "outcome_strands",
    "dim_route_map_outcome",
]
CONTRACT_COLUMNS = [
    "indicator_id",
    "measure_id",
    "area_code",
    "period_start",
    "period_end",
    "breakdown",
    "breakdown_value",
    "obs_value",
    "unit",
    "obs_status",
    "conf_status",
    "numerator",
    "denominator",
    "lci_95",
    "uci_95",
    "publication_id",
    "snapshot_id",
    "source_cell",
    "published_on",
    "is_revised",
]


def layer(unique_id: str, manifest: dict[str, Any]) -> str:
    kind = unique_id.split(".", maxsplit=1)[0]
    if kind == "seed":
        return "seed"
    if kind == "source":
        return "ops" if manifest["sources"][unique_id]["schema"] == "ops" else "raw"
    return manifest["functions" if kind == "function" else "nodes"][unique_id]["fqn"][1]


def test_each_layer_reads_only_what_is_below_it(manifest: dict[str, Any], models: dict[str, Any]) -> None:
    for node in [*models.values(), *manifest["functions"].values()]:
        here = layer(node["unique_id"], manifest)
        reads = {layer(parent, manifest) for parent in node["depends_on"]["nodes"]}
        assert reads <= MAY_READ[here], f"{node['name']} ({here}) reads {sorted(reads - MAY_READ[here])}"


def test_what_readers_execute_is_made_by_a_release_and_by_no_build(manifest: dict[str, Any]) -> None:
    made = {function["schema"] for function in manifest["functions"].values()}
    assert made == {"staging", "intermediate", "candidate"}


def test_marts_read_figures_only_after_they_were_conformed(manifest: dict[str, Any], models: dict[str, Any]) -> None:
    for model in models.values():
        if layer(model["unique_id"], manifest) != "marts":
            continue
        staged = {parent.split(".")[-1] for parent in model["depends_on"]["nodes"] if ".stg_" in parent}
        assert staged <= STAGING_THAT_MARTS_MAY_READ, model["name"]


def test_staging_is_one_model_a_raw_table(manifest: dict[str, Any], models: dict[str, Any]) -> None:
    staged = {name for name in models if name.startswith("stg_")}
    raw = {node["name"] for node in manifest["sources"].values() if node["schema"] == "raw"}
    assert raw == {each.raw_table for each in sources().values()}
    assert staged == {each.staging_model for each in sources().values()} and len(staged) == len(raw)


def test_every_model_and_every_public_column_says_what_it_is(models: dict[str, Any]) -> None:
    for model in models.values():
        assert model["description"].strip(), f"{model['name']} has no description"
        if model["access"] == "public":
            silent = [name for name, column in model["columns"].items() if not column["description"].strip()]
            assert not silent, f"{model['name']}: {silent} have no description"


def test_every_function_and_every_argument_says_what_it_is(manifest: dict[str, Any]) -> None:
    assert {each["name"] for each in manifest["functions"].values()} >= set(values.functions())
    for function in manifest["functions"].values():
        assert function["description"].strip(), f"{function['name']} has no description"
        silent = [each["name"] for each in function["arguments"] if not each["description"].strip()]
        assert not silent, f"{function['name']}: {silent} have no description"
        assert function["config"]["volatility"], f"{function['name']}: PostgreSQL would take it for volatile"


def test_every_mart_keeps_a_contract_with_a_primary_key(models: dict[str, Any]) -> None:
    marts = [model for model in models.values() if model["fqn"][1] in ("marts", "restricted")]
    assert len(marts) >= len(CONTRACT_TABLES)
    for model in marts:
        assert model["contract"]["enforced"], model["name"]
        keys = [*model["constraints"], *(c for column in model["columns"].values() for c in column["constraints"])]
        assert any(constraint["type"] == "primary_key" for constraint in keys), f"{model['name']} has no primary key"


def test_what_is_for_staff_is_known_by_its_folder_and_read_by_no_page(
    manifest: dict[str, Any], models: dict[str, Any]
) -> None:
    restricted = {name for name, model in models.items() if model["fqn"][1] == published.RESTRICTED}
    assert restricted and {name for name in models if published.schema_of(name) == published.RESTRICTED} == restricted
    for exposure in manifest["exposures"].values():
        assert not {node.split(".")[-1] for node in exposure["depends_on"]["nodes"]} & restricted, exposure["name"]


@pytest.mark.parametrize("table", CONTRACT_TABLES)
def test_the_contract_has_its_table(models: dict[str, Any], table: str) -> None:
    assert table in models


def test_the_contract_columns_of_observations_are_there(models: dict[str, Any]) -> None:
    assert set(CONTRACT_COLUMNS) <= set(models["fct_observation"]["columns"])
    assert set(CONTRACT_COLUMNS) <= set(models["fct_observation_vintage"]["columns"])


def test_every_indicator_and_outcome_has_its_mart_and_every_such_mart_its_indicator(models: dict[str, Any]) -> None:
    indicators = {f"indicator__{indicator.id}" for _, _, indicator in framework().indicators()}
    outcomes = {f"outcome__{outcome.id}" for _, outcome in framework().outcomes()}
    assert indicators
    assert outcomes
    assert {name for name in models if name.startswith("indicator__")} == indicators
    assert {name for name in models if name.startswith("outcome__")} == outcomes


def test_nothing_has_a_year_in_its_name_or_names_a_release(manifest: dict[str, Any], models: dict[str, Any]) -> None:
    for node in [*models.values(), *manifest["functions"].values()]:
        assert not re.search(r"(19|20)\d\d", node["name"])
        assert not re.search(r"\brelease_\d|\bcandidate\.|\bmarts\.", node["raw_code"]), node["name"]


def test_nothing_of_the_project_comes_from_elsewhere(manifest: dict[str, Any]) -> None:
    packages = {node["package_name"] for node in manifest["nodes"].values()}
    assert packages == {"promise"}, "no packages from the hub"
    assert manifest["metadata"]["send_anonymous_usage_stats"] is False


def test_what_dbt_reads_of_a_catalogue_elsewhere_is_not_written_into_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes may work with two catalogues, and each builds of its own."""
    catalogue = Catalogue(tmp_path / "sources")
    catalogue.change("reconvictions", lambda entry: entry.update(title="Described elsewhere"))
    transform.write_generated()
    seed = Path("seeds", "generated", "catalogue__source.csv")
    before = (transform.project() / seed).read_text()
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PROMISE_SOURCES", str(catalogue.folder))
    transform.write_generated()
    assert "Described elsewhere" in (transform.project() / seed).read_text()
    assert (ROOT / "dbt" / seed).read_text() == before
