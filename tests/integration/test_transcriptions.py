"""What this project typed from pages itself says so wherever it is shown, and through whose page it was seen."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from asked import Query
from click.testing import CliRunner

from promise.catalogue.framework import framework
from promise.catalogue.sources import sources
from workbench.cli import main

TYPED = {source_id for source_id, each in sources().items() if each.kind == "transcription"}


def test_some_sources_are_this_projects_own_transcription() -> None:
    assert {"published_series", "promise_dashboard"} <= TYPED
    assert {each.kind for each in sources().values()} == {"transcription", "published_file", "publishers_api"}


def test_every_typed_figure_and_no_other_has_the_page_that_it_was_read_from(query: Query) -> None:
    found = query("select source_id, source_kind, read_from is not null from marts.fct_observation")
    assert {source_id for source_id, _, _ in found} >= TYPED
    for source_id, kind, is_read in found:
        assert (kind in ("transcription", "quoted_elsewhere")) == is_read == (source_id in TYPED), source_id


def test_a_page_of_somebody_else_is_named_and_one_of_the_publishers_own_is_not(query: Query) -> None:
    own = {each.name: [urlsplit(each.url or "").hostname, *each.sites] for each in framework().organisations}
    rows = query("select publisher, read_from, source_kind, seen_through from marts.provenance where read_from <> ''")
    assert {kind for _, _, kind, _ in rows} == {"transcription", "quoted_elsewhere"}
    for publisher, page, kind, through in rows:
        host = (urlsplit(page).hostname or "").removeprefix("www.")
        sites = [site.removeprefix("www.") for site in own[publisher] if site]
        is_own = any(host == site or host.endswith(f".{site}") for site in sites)
        assert (kind, through) == (("transcription", None) if is_own else ("quoted_elsewhere", host)), page


def test_a_reposted_release_is_quoted_and_the_publishers_page_is_not(query: Query) -> None:
    """Two rows of the list, by their pages."""
    pages = query("select distinct read_from, source_kind from marts.provenance where read_from is not null")
    kinds = {(urlsplit(page).hostname, kind) for page, kind in pages}
    of = {host: {kind for each, kind in kinds if each == host} for host, _ in kinds}
    assert of["www.wired-gov.net"] == {"quoted_elsewhere"}
    assert of["www.gov.scot"] == of["www.plan2430.scot"] == {"transcription"}


def test_the_data_map_has_what_was_typed_as_a_collection_of_ours(query: Query) -> None:
    rows = query("select source_id, publisher, organisation_id, held_by from marts.dim_dataset where source_id <> ''")
    assert {source_id for source_id, publisher, _, _ in rows if publisher == "this project"} == TYPED
    assert all(held_by == "this project" and who is None for id_, _, who, held_by in rows if id_ in TYPED)


@pytest.mark.usefixtures("warehouse")
def test_explain_and_status_say_what_was_typed_and_from_where(query: Query) -> None:
    said = CliRunner().invoke(main, ["explain", "care_costs", "--area", "Scotland"])
    assert said.exit_code in (0, 1)
    assert "typed by us" not in said.output
    said = CliRunner().invoke(main, ["explain", "secure_care_average", "--area", "Scotland"])
    assert "typed by us" in said.output
    told = json.loads(CliRunner().invoke(main, ["status", "--transcribed", "--json"]).output)
    ((typed,),) = query("select count(*) from marts.provenance where read_from is not null")
    assert sum(row["figures"] for row in told["transcribed"]) == typed
    shown = CliRunner().invoke(main, ["status", "--transcribed"])
    assert shown.exit_code == 0
    assert f"{typed:,} of " in shown.output
