"""The one door out of staging: every figure in one shape, and nothing staged that nobody reads without a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from promise.catalogue.framework import framework
from promise.catalogue.sources import Source, sources
from promise.settings import ROOT
from promise.strict import CatalogueError
from warehouse.dbt_files import figures

LIST = ROOT / "tests" / "staging_without_a_child.yml"
CONTRACT = yaml.safe_load((ROOT / "dbt" / "contracts" / "figure.yml").read_text())


def staged(models: Mapping[str, Any], folder: str) -> dict[str, Any]:
    return {name: model for name, model in models.items() if model["fqn"][1:3] == ["staging", folder]}


def test_every_model_of_figures_keeps_the_contract(models: dict[str, Any]) -> None:
    found = staged(models, "figures")
    assert set(found) == {each.staging_model for each in sources().values() if each.figures}
    columns = {column["name"]: column["data_type"] for column in CONTRACT["columns"]}
    for name, model in found.items():
        assert model["contract"]["enforced"], name
        assert {key: column["data_type"] for key, column in model["columns"].items()} == columns, name
        assert all(column["description"] for column in model["columns"].values()), name


def test_what_is_staged_is_figures_or_reference_data_as_its_source_says(models: dict[str, Any]) -> None:
    described = {each.staging_model: each for each in sources().values()}
    reference = staged(models, "reference")
    assert reference
    returned = staged(models, "returns")
    assert set(returned) == {each.staging_model for each in sources().values() if each.returns}
    others = staged(models, "figures").keys() | returned.keys()
    assert reference.keys() | others == {name for name in models if name.startswith("stg_")}
    assert [name for name in reference if described[name].figures] == []


def test_the_union_takes_whom_the_framework_names_and_no_list(models: dict[str, Any]) -> None:
    named = {sources()[series.source].staging_model for _, _, series in framework().series()}
    read = {parent.split(".")[-1] for parent in models["int_published_figures"]["depends_on"]["nodes"]}
    assert named == read
    assert "stg_children_in_relative_poverty__figure" in named


def test_a_figure_is_read_of_its_own_vintage_alone(models: dict[str, Any]) -> None:
    """What was read of a vintage is kept while others come and go (dbt/macros/by_vintage.sql)."""
    found = staged(models, "figures")
    assert found
    for name, model in found.items():
        assert (
            len([each for each in model["depends_on"]["nodes"] if each.startswith("source.") and ".ops." not in each])
            == 1
        )
        for part in re.findall(r"(?:partition|group)\s+by\s+([^)]*)", model["raw_code"]):
            assert re.search(r"\bvintage\b", part), f"{name} looks at several vintages: {part}"
        assert not re.search(r"\b(latest_only|is_latest)\b", model["raw_code"]), name


def qualified(**changes: object) -> Source:
    """A source of one column of figures with a qualifier beside it."""
    known = sources()["camhs_referrals"].model_dump(mode="json")
    known["figures"] = {"value": ["received"]} | changes
    known["markers"] = {
        "": {"obs_status": "missing", "conf_status": "free", "meaning": "nothing"},
        "c": {"obs_status": "final", "conf_status": "suppressed_by_publisher", "meaning": "confidential"},
        ":": {"obs_status": "not_available", "conf_status": "free", "meaning": "not available"},
        "d": {"obs_status": "final", "conf_status": "free", "meaning": "derived"},
        "d u": {"obs_status": "low_reliability", "conf_status": "free", "meaning": "derived; low reliability"},
    }
    return Source.model_validate(known)


def test_a_qualifier_says_of_what_kind_a_figure_is_or_why_it_is_blank() -> None:
    made = figures.model(qualified(qualifiers={"received": "received_qf"}))
    assert "qualifiers={'received': 'received_qf'}" in made
    assert "reasons=['c', ':']" in made
    assert "\"case figure_cell.qualifier_published when 'd u' then 'low_reliability' else null end\"" in made


def test_without_a_column_of_qualifiers_markers_say_nothing_of_figures() -> None:
    made = figures.model(qualified(status="provisional"))
    assert "qualifiers" not in made
    assert "reasons" not in made
    assert "status=\"'provisional'\"" in made


# -- staged, and read by nobody ----------------------------------------------------------------------------------------


def faults(names: Iterable[str], read: Mapping[str, str], listed: Iterable[str]) -> list[str]:
    """What is wrong with the list of staging models without a child. `read` is a child of each model that has one."""
    names = set(names)
    found = [f"{name}: {LIST.name} lists it, and there is no such model; take it off" for name in {*listed} - names]
    found += [
        f"{name}: {LIST.name} lists it, and {read[name]} reads it; take it off the list"
        for name in {*listed} & names & read.keys()
    ]
    found += [
        f"{name}: no model reads it; name its source in a series of framework/ (docs/framework.md), or write into "
        f"tests/{LIST.name} why it is staged all the same"
        for name in names - {*listed} - read.keys()
    ]
    return sorted(found)


def test_every_staging_model_has_a_child_or_stands_with_its_reason(
    manifest: dict[str, Any], models: dict[str, Any]
) -> None:
    names = [name for name in models if name.startswith("stg_")]
    assert names
    children = manifest["child_map"]
    read = {
        name: child.split(".")[-1]
        for name in names
        for child in children[models[name]["unique_id"]]
        if child.startswith(("model.", "exposure."))
    }
    listed = yaml.safe_load(LIST.read_text())
    assert faults(names, read, listed) == []
    assert all(isinstance(reason, str) and len(reason.split()) > 3 for reason in listed.values())


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        pytest.param(["stg_gone"], "stg_gone: .* no such model; take it off", id="listed and gone"),
        pytest.param(["stg_read"], "stg_read: .* int_x reads it; take it off the list", id="listed and read"),
        pytest.param([], "stg_idle: no model reads it; name its source in a series", id="not read and not listed"),
    ],
)
def test_the_list_only_gets_shorter(listed: list[str], words: str) -> None:
    idle = [] if words.startswith("stg_idle") else ["stg_idle"]
    (found,) = faults(["stg_read", "stg_idle"], {"stg_read": "int_x"}, [*listed, *idle])
    assert re.search(words, found)


# -- a model that stands where its source does not say -----------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project with the contract and the models of figures that are written by hand."""
    for folder in ("contracts", "models/staging/figures", "models/staging/reference"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "contracts" / "figure.yml").write_text("columns: []\n")
    for each in by_hand():
        (tmp_path / "models" / "staging" / "figures" / f"{each.staging_model}.sql").write_text("")
    return tmp_path


def by_hand() -> list[Source]:
    return [each for each in sources().values() if each.figures and each.figures.by_hand]


def test_a_source_whose_entry_names_the_columns_has_its_model_made(project: Path) -> None:
    made = {path.stem: content for path, content in figures.files(project)}
    assert made.keys() - {"_figures", "figures"} == {
        each.staging_model for each in sources().values() if each.figures and not each.figures.by_hand
    }
    assert "label='indicator'" in made["stg_scotpho_profiles__indicator"]
    assert "numerator='numerator'" in made["stg_scotpho_profiles__indicator"]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param("stg_lgbf__cell", "stands in figures/, .* or reference/; move it", id="in neither room"),
        pytest.param("figures/stg_nobody__figure", "no source's entry says `figures: {by_hand", id="of no source"),
        pytest.param("figures/stg_reconvictions__figure", "let it be made of the entry", id="by hand and described"),
        pytest.param("figures/stg_phs_geography__council_area", "no source's entry says", id="reference among figures"),
        pytest.param(
            "reference/stg_reconvictions__figure",
            "the entry of reconvictions says that it holds figures",
            id="another door",
        ),
    ],
)
def test_a_staging_model_outside_the_contract_is_refused_by_name(project: Path, place: str, words: str) -> None:
    (project / "models" / "staging" / f"{place}.sql").write_text("select 1")
    with pytest.raises(CatalogueError, match=words) as refused:
        list(figures.files(project))
    (line,) = str(refused.value).splitlines()
    assert f"models/staging/{place}.sql" in line


def test_a_model_that_the_entry_promises_and_nobody_wrote_is_named(project: Path) -> None:
    (project / "models" / "staging" / "figures" / "stg_lgbf__cell.sql").unlink()
    with pytest.raises(CatalogueError, match=r"figures/stg_lgbf__cell\.sql: there is no such file.*name the columns"):
        list(figures.files(project))


def test_what_no_column_says_is_said_of_all_figures() -> None:
    known = sources()["child_populations"].model_dump(mode="json")
    known["figures"] = {"value": ["value"], "called": "Children's ages"}
    assert '''label="'Children\'\'s ages'"''' in figures.model(Source.model_validate(known))
