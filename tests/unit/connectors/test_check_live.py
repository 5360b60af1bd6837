"""What a look at each kind of address finds, over real HTTP, and that it lands nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from entries import write_entry
from fault_cases import LIMITS
from fault_cases import source as described
from stand_ins.dialects import arcgis, care_inspectorate, ckan, govscot, nomis, promise_dashboard, statistics_gov_scot
from stand_ins.publisher import Publisher, deaf, publishing, redirect, silent, status

from ingestion import connectors
from ingestion.check_live import FOR_A_PERSON, Finding, Look, look
from ingestion.connectors.http import hosts
from ingestion.landing import land
from promise.catalogue.sources import Source
from workbench.cli import main

PATH = "/files/figures.csv"
CONTENT = b"year,value\n2023,17\n" + b"2022,16\n" * 1000
KEY = "sesame-0123456789"
Describe = Callable[..., Source]


@pytest.fixture
def describe(publisher: Publisher) -> Describe:
    def describe(path: str = PATH, **live: Any) -> Source:
        given = {"hosts": [publisher.host], "limits": LIMITS, "address": publisher.url(path)} | live
        return Source.model_validate(described("figures", given))

    return describe


@pytest.fixture
def landed_files(home: Path) -> Callable[[], list[str]]:
    return lambda: sorted(str(path.relative_to(home)) for path in (home / "landing").rglob("*") if path.is_file())


def take(source: Source) -> None:
    for each in connectors.fetch(source):
        land(source.id, each)


def test_a_file_that_is_there_is_asked_for_its_head_alone(
    publisher: Publisher, describe: Describe, landed_files: Callable[[], list[str]]
) -> None:
    publisher.page(PATH, CONTENT)
    seen = look(describe())
    assert (seen.finding, seen.media_type, seen.size_bytes) == ("reachable", "text/csv", len(CONTENT))
    assert "nothing to compare" in seen.says
    assert [each.method for each in publisher.requests] == ["HEAD"]
    assert landed_files() == []


def test_what_we_hold_is_known_again_and_another_edition_is_no_alarm(
    publisher: Publisher, describe: Describe, landed_files: Callable[[], list[str]]
) -> None:
    page = publisher.page(PATH, CONTENT)
    take(describe())
    before = landed_files()
    assert look(describe()).finding == "same"
    page.content = b"year,value\n2024,18\n"
    seen = look(describe())
    assert (seen.finding, seen.needs_a_person) == ("reachable", False)
    assert "the next ingest takes it" in seen.says
    assert landed_files() == before, "the new edition is seen and not taken"


def test_a_server_that_does_not_know_head_is_asked_for_the_first_bytes(
    publisher: Publisher, describe: Describe
) -> None:
    def no_head(exchange: Any) -> None:
        exchange.answer(405) if exchange.asked.method == "HEAD" else exchange.file()

    publisher.page(PATH, CONTENT, behaviour=no_head)
    assert look(describe()).finding == "reachable"
    assert [each.method for each in publisher.requests] == ["HEAD", "GET"]
    assert publisher.requests[1].headers["range"] == "bytes=0-1023"


def test_a_redirect_for_good_is_a_move_and_one_for_now_is_not(publisher: Publisher, describe: Describe) -> None:
    publisher.page("/new.csv", CONTENT)
    publisher.page(PATH, behaviour=redirect("/new.csv", 302))
    now = look(describe())
    assert (now.finding, now.leads_to) == ("reachable", publisher.url("/new.csv"))
    publisher.page(PATH, behaviour=redirect("/new.csv", 301))
    moved = look(describe())
    assert (moved.finding, moved.leads_to) == ("moved", publisher.url("/new.csv"))
    assert "Correct `live: address` in ingestion/sources/figures/source.yml" in moved.says


def test_a_move_to_another_host_is_told_and_not_followed(publisher: Publisher, describe: Describe) -> None:
    with publishing() as elsewhere:
        elsewhere.page(PATH, CONTENT)
        publisher.page(PATH, behaviour=redirect(elsewhere.url(PATH), 301))
        seen = look(describe())
        assert (seen.finding, seen.leads_to) == ("moved", elsewhere.url(PATH))
        assert elsewhere.requests == []


def test_the_same_address_that_gives_another_kind_of_file_is_changed(publisher: Publisher, describe: Describe) -> None:
    page = publisher.page(PATH, CONTENT)
    take(describe())
    page.content, page.media_type = b"PK\x03\x04", "application/vnd.ms-excel"
    seen = look(describe())
    assert seen.finding == "changed"
    assert seen.says.startswith("it is application/vnd.ms-excel now and was text/csv")


def in_disguise(exchange: Any) -> None:
    """An error page that calls itself a table. HEAD shows no body, so only who reads the first bytes can tell."""
    if exchange.asked.method == "HEAD":
        exchange.answer(405)
    else:
        exchange.answer(200, b"<html>", Content_Type="text/csv")


FAULTS: list[Any] = [
    pytest.param(status(404), "gone", "has the file moved?", id="404"),
    pytest.param(status(410), "gone", "took it away", id="410"),
    pytest.param(status(401), "refused", "wants a credential", id="401"),
    pytest.param(status(403), "refused", "refuses us", id="403"),
    pytest.param(status(503, Retry_After="1"), "unavailable", "cannot answer now", id="503"),
    pytest.param(silent, "unavailable", "too slow", id="silent"),
    pytest.param(status(200, Content_Type="text/html"), "changed", "a web page stands", id="a page for a file"),
    pytest.param(in_disguise, "changed", "a web page stands", id="a page in disguise"),
    pytest.param(redirect(PATH), "changed", "a loop", id="a redirect to itself"),
]


@pytest.mark.parametrize(("behaviour", "finding", "words"), FAULTS)
def test_each_fault_is_found_in_one_look(
    publisher: Publisher, describe: Describe, *, behaviour: Any, finding: Finding, words: str
) -> None:
    publisher.page(PATH, behaviour=behaviour)
    seen = look(describe())
    assert (seen.finding, seen.needs_a_person) == (finding, finding in FOR_A_PERSON)
    assert words in seen.says
    assert len(publisher.requests) <= 2 + LIMITS["hops"], "nothing is tried again"


def test_without_a_network_each_source_says_so(describe: Describe, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(host: str, port: int) -> list[str]:
        raise OSError(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(hosts, "resolve", no_network)
    seen = look(describe(address="https://publisher.example/a.csv", hosts=["publisher.example"]))
    assert (seen.finding, seen.needs_a_person) == ("unavailable", False)
    assert "publisher.example could not be resolved" in seen.says
    assert "Is this machine connected" in seen.says


def test_a_host_that_takes_no_connection_is_unavailable(describe: Describe) -> None:
    with deaf() as host:
        assert look(describe(address=f"http://{host}/a.csv", hosts=[host])).finding == "unavailable"


def test_an_inbox_has_no_address_to_ask() -> None:
    entry = described("figures", {}) | {"live": {"transport": "file_drop", "pattern": r"figures_(\d+)\.csv"}}
    assert look(Source.model_validate(entry)).finding == "inbox"


# ----------------------------------------------------------------------------------------------- by way of a list


def test_a_portals_newest_file_is_found_and_a_renamed_one_is_for_a_person(
    publisher: Publisher, describe: Describe
) -> None:
    older, newer = (ckan.Resource(f"id-{n}", f"figures_{n}", [["year"]], f"2026-01-0{n}") for n in (1, 2))
    datasets = {"d": [newer, older]}
    ckan.speak(publisher, datasets)
    portal = {"transport": "ckan", "dataset": "d", "resource": "figures_", "take": "file"}
    seen = look(describe("", **portal))
    assert (seen.finding, seen.address) == ("reachable", publisher.url(newer.upload))
    assert [each.method for each in publisher.asked(newer.upload)] == ["HEAD"]
    datasets["d"] = [ckan.Resource("id-3", "numbers", file_name="numbers.csv")]
    seen = look(describe("", **portal))
    assert seen.finding == "changed"
    assert "it has numbers" in seen.says


def test_a_publications_newest_edition_is_found_by_its_pages(publisher: Publisher, describe: Describe) -> None:
    tables = govscot.Document("Tables", "stats 2025.xlsx", b"PK")
    govscot.speak(publisher, {"stats-2025": [tables]})
    live = {"transport": "govscot_publication", "edition": r"stats-(\d+)", "document": "Tables"}
    seen = look(describe(govscot.COLLECTION, **live))
    assert (seen.finding, seen.address) == ("reachable", publisher.url(tables.address("stats-2025")))


def test_a_register_is_found_by_its_link_and_not_read(publisher: Publisher, describe: Describe, kept: Any) -> None:
    register = care_inspectorate.Register([["Manager"], ["A Person"]])
    care_inspectorate.speak(publisher, register)
    live = {"transport": "care_inspectorate", "link": "June", "kinds": {"Home": {"places": False, "by_council": False}}}
    assert look(describe(care_inspectorate.STATISTICS, **live)).finding == "reachable"
    assert [each.method for each in publisher.asked(register.address)] == ["HEAD"]
    assert "A Person" not in kept()


def test_a_cube_is_asked_for_its_head_and_a_query_service_one_row(publisher: Publisher, describe: Describe) -> None:
    statistics_gov_scot.cube(publisher, "d", [{"FeatureCode": "S12000005", "Value": "1"}])
    portal = {"transport": "statistics_gov_scot", "dataset": "d"}
    assert look(describe("", **portal)).finding == "reachable"
    publisher.page("/sparql", behaviour=status(200, b"s\nhttp://x\n", Content_Type="text/csv"))
    assert look(describe("", **portal, how="sparql", query="SELECT * WHERE { ?s ?p ?o }")).finding == "reachable"
    (asked,) = publisher.asked("/sparql")
    assert b"LIMIT+1" in asked.body
    publisher.page("/sparql", behaviour=status(200, b"<!DOCTYPE html>", Content_Type="text/html"))
    seen = look(describe("", **portal, how="sparql", query="SELECT * WHERE { ?s ?p ?o }"))
    assert (seen.finding, "where the service was" in seen.says) == ("changed", True)


def test_a_table_service_is_asked_for_one_row(publisher: Publisher, describe: Describe) -> None:
    nomis.speak(publisher, "NM_1_1", [{"date": "2022"}, {"date": "2023"}])
    live = {"transport": "nomis", "dataset": "NM_1_1", "parameters": {"select": "date"}}
    assert look(describe(nomis.ROOT, **live)).finding == "reachable"
    assert publisher.requests[0].query["recordlimit"] == "1"


def test_a_layer_is_asked_which_fields_it_has(publisher: Publisher, describe: Describe) -> None:
    arcgis.speak(publisher, [{"type": "Feature", "properties": {"LAD25CD": "S12000005"}, "geometry": None}])
    layer = {"transport": "arcgis", "order_by": "LAD25CD"}
    assert look(describe(arcgis.LAYER, **layer, fields=["LAD25CD"])).finding == "reachable"
    seen = look(describe(arcgis.LAYER, **layer, fields=["LAD24CD"]))
    assert seen.finding == "changed"
    assert "has no field LAD24CD; it has LAD25CD" in seen.says


def test_a_dashboard_is_a_page_and_may_be_one(publisher: Publisher, describe: Describe) -> None:
    promise_dashboard.speak(publisher, [])
    seen = look(describe(promise_dashboard.BASE, transport="promise_dashboard"))
    assert seen.finding == "reachable"


# --------------------------------------------------------------------------------------------------- credentials


def test_a_missing_credential_is_told_and_nobody_is_asked(
    publisher: Publisher, describe: Describe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMISE_CREDENTIAL_STATXPLORE", raising=False)
    seen = look(describe("/v1/table", **TABLE))
    assert (seen.finding, seen.needs_a_person) == ("no_credential", True)
    assert "PROMISE_CREDENTIAL_STATXPLORE" in seen.says
    assert publisher.requests == []


def test_a_key_goes_to_the_publisher_and_into_nothing_that_is_shown(
    publisher: Publisher, describe: Describe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_CREDENTIAL_STATXPLORE", KEY)
    publisher.page("/v1/schema/str:database:X", "{}", media_type="application/json")
    seen = look(describe("/v1/table", **TABLE))
    assert seen.finding == "reachable"
    assert publisher.requests[0].headers["apikey"] == KEY
    publisher.page("/v1/schema/str:database:X", behaviour=redirect(f"/elsewhere?key={KEY}", 301))
    assert KEY not in repr(look(describe("/v1/table", **TABLE)))


BUNDLED = {"live": None, "bundle": [{"file": "a.csv", "origin_url": "https://a.example", "publication": None}]}
TABLE = {"transport": "statxplore", "credential": "statxplore", "body": {"database": "str:database:X"}}


# ------------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def two(publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    """Two sources at one publisher, and one that is nowhere but in the bundle."""
    monkeypatch.setenv("PROMISE_SOURCES", str(tmp_path))
    for source_id in ("here", "there", "nowhere"):
        live = {"hosts": [publisher.host], "limits": LIMITS, "address": publisher.url(f"/{source_id}.csv")}
        entry = described(source_id, live) | (BUNDLED if source_id == "nowhere" else {})
        write_entry(tmp_path, source_id, entry)
    for source_id in ("here", "there"):
        publisher.page(f"/{source_id}.csv", CONTENT)
    return publisher


def test_the_command_goes_through_all_addresses_and_tells_how_far_it_is(two: Publisher) -> None:
    done = CliRunner().invoke(main, ["check-live"])
    assert done.exit_code == 0, done.output
    assert "1/2 here ... reachable\n2/2 there ... reachable\n" in done.stderr
    assert "2 asked, 0 for a person to look at. Nothing was landed." in done.stdout


def test_the_command_ends_with_1_when_a_person_must_look(two: Publisher) -> None:
    two.page("/there.csv", behaviour=status(404))
    done = CliRunner().invoke(main, ["check-live", "--json"])
    assert done.exit_code == 1
    told = {each["source_id"]: each for each in json.loads(done.stdout)}
    assert {source_id: each["needs_a_person"] for source_id, each in told.items()} == {"here": False, "there": True}
    assert set(told["here"]) == {*Look.__dataclass_fields__, "needs_a_person"}
    assert CliRunner().invoke(main, ["check-live", "here"]).exit_code == 0, "only what is named is asked"


def test_the_command_ends_with_3_when_somebody_could_not_be_asked(two: Publisher) -> None:
    two.page("/there.csv", behaviour=status(503))
    done = CliRunner().invoke(main, ["check-live"])
    assert done.exit_code == 3
    assert "there: HTTP 503 from" in done.stdout


@pytest.mark.parametrize(("name", "words"), [("nowhere", "no `live:` section"), ("what", "no source 'what'")])
def test_the_command_refuses_a_source_without_an_address(two: Publisher, name: str, words: str) -> None:
    done = CliRunner().invoke(main, ["check-live", name])
    assert done.exit_code == 1
    assert words in done.stderr
    assert two.requests == []
