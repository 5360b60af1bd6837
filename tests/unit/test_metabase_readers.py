"""Who may do what in Metabase: those who look may look, and nothing else; and where the map comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from stand_ins.metabase import StandIn
from stand_ins.metabase_access import ALL_USERS
from stand_ins.metabase_runs import COUNCILS, KEY, Run, add, published, runner, serving, shapes, spec

from bi.metabase.apply import provisioner
from bi.metabase.client import MetabaseError

READERS = "Readers of Scotland's promise"


@pytest.fixture
def metabase() -> Iterator[StandIn]:
    with serving() as running:
        yield running


@pytest.fixture
def run(metabase: StandIn) -> Run:
    return runner(metabase)


def groups(metabase: StandIn) -> list[str]:
    (readers,) = [number for number, name in metabase.groups.items() if name == READERS]
    return [str(ALL_USERS), str(readers)]


def test_whoever_signs_in_may_open_the_collection_and_neither_change_it_nor_write_sql(
    metabase: StandIn, run: Run
) -> None:
    run()
    collection = str(metabase.named(metabase.collections, "Scotland's promise")["id"])
    database = str(metabase.named(metabase.databases, "Scotland's promise warehouse")["id"])
    for group in groups(metabase):
        assert metabase.collection_graph["groups"][group][collection] == "read"
        assert metabase.data_graph["groups"][group][database]["create-queries"] == "no"
        assert metabase.data_graph["groups"][group][database]["view-data"] == "unrestricted"


def test_rights_are_taken_before_a_question_is_made_that_may_fail(metabase: StandIn, run: Run) -> None:
    metabase.fail("POST", "/api/card$", 500, "Out of memory")
    with pytest.raises(MetabaseError, match="Out of memory"):
        run()
    (database,) = metabase.databases
    for group in groups(metabase):
        assert metabase.data_graph["groups"][group][str(database)]["create-queries"] == "no"


def test_what_else_a_group_may_is_left_as_it_was(metabase: StandIn, run: Run) -> None:
    theirs = metabase.create_collection({"name": "Council team"})["id"]
    metabase.data_graph["groups"][str(ALL_USERS)]["99"] = {"create-queries": "query-builder"}
    run()
    assert metabase.collection_graph["groups"][str(ALL_USERS)][str(theirs)] == "write"
    assert metabase.data_graph["groups"][str(ALL_USERS)]["99"] == {"create-queries": "query-builder"}
    assert "2" in metabase.data_graph["groups"], "administrators stay what they are"


@pytest.mark.parametrize("graph", ["collection_graph", "data_graph"])
def test_a_right_that_was_given_by_hand_is_taken_back_in_one_write(metabase: StandIn, run: Run, graph: str) -> None:
    run()
    thing = metabase.named(
        metabase.collections if graph == "collection_graph" else metabase.databases,
        "Scotland's promise" if graph == "collection_graph" else "Scotland's promise warehouse",
    )["id"]
    given = "write" if graph == "collection_graph" else {"create-queries": "query-builder-and-native"}
    getattr(metabase, graph)["groups"][str(ALL_USERS)][str(thing)] = given
    metabase.forget_calls()
    assert len(run().updated) == len(metabase.writes()) == 1
    assert run().writes == 0


def test_somebody_who_changes_permissions_at_the_same_moment_is_not_overwritten(metabase: StandIn, run: Run) -> None:
    metabase.races = 2
    assert len(run().updated) == 2
    assert run().writes == 0


def test_dashboards_are_public_where_that_is_set_and_nowhere_else(metabase: StandIn, run: Run) -> None:
    assert run().public == {}
    assert metabase.settings["enable-public-sharing"] is False
    outcome = run(public_links=True)
    assert outcome.public.keys() == {board.name for board in spec().dashboards.values()}
    assert all(link.startswith(f"{metabase.url}/public/dashboard/") for link in outcome.public.values())
    metabase.forget_calls()
    again = run(public_links=True)
    assert (again.public, again.writes, metabase.writes()) == (outcome.public, 0, [])


def test_public_links_are_taken_back_where_they_are_no_longer_wanted_and_other_peoples_stay(
    metabase: StandIn, run: Run
) -> None:
    run(public_links=True)
    theirs = add(metabase, metabase.dashboards, next(iter(metabase.dashboards.values())), name="Theirs")
    theirs.update(public_uuid="theirs", collection_id=None)
    names = [f"link to {board.name} (taken back)" for board in spec().in_order]
    assert run(dry=True).updated == names
    changed = run()
    assert (changed.updated, changed.public) == (names, {})
    assert {board.get("public_uuid") for board in metabase.dashboards.values()} == {None, "theirs"}
    assert metabase.settings["enable-public-sharing"] is True, "which other people's links need"
    assert run().writes == 0


# --- where the map comes from -------------------------------------------------------------------------------------

ON_CLASS_PATH = "geojson/custom/council_areas.json"


def put_on_class_path(metabase: StandIn, folder: Path, *, allowed: bool = True) -> None:
    file = folder / ON_CLASS_PATH
    file.parent.mkdir(parents=True)
    metabase.map_rules.class_path, metabase.map_rules.allow_class_path = folder, allowed
    file.write_text(json.dumps(shapes(*COUNCILS)))


def test_the_map_is_taken_from_the_class_path_by_a_version_that_refuses_private_addresses(
    metabase: StandIn, run: Run, tmp_path: Path
) -> None:
    put_on_class_path(metabase, tmp_path)
    metabase.map_rules.external_only = True
    assert run(geojson=ON_CLASS_PATH).map == "regions"
    assert metabase.maps["scotland_council_areas"]["url"] == ON_CLASS_PATH
    assert run(geojson=ON_CLASS_PATH).writes == 0


def test_a_class_path_that_metabase_does_not_allow_is_an_error_with_its_words(
    metabase: StandIn, run: Run, tmp_path: Path
) -> None:
    put_on_class_path(metabase, tmp_path, allowed=False)
    with pytest.raises(
        MetabaseError, match=r"Invalid GeoJSON file location(.|\n)*docs/metabase.md(.|\n)*was not written"
    ):
        run(geojson=ON_CLASS_PATH)
    assert metabase.maps == {}


@pytest.mark.parametrize("address", ["172.18.0.5", "10.0.0.7", "192.168.1.9", "127.0.0.1", "::1"])
def test_a_name_for_a_private_address_is_refused_by_newer_versions(metabase: StandIn, run: Run, address: str) -> None:
    metabase.map_rules.external_only = True
    metabase.map_rules.addresses["site"] = address
    with pytest.raises(MetabaseError, match="newer versions refuse private addresses"):
        run(geojson="http://site:8000/data/council_areas.json")


def test_an_older_version_fetches_the_map_from_a_neighbour(metabase: StandIn, run: Run) -> None:
    with published(shapes(*COUNCILS)) as url:
        assert run(geojson=url).map == "regions"


def test_moving_from_the_address_to_the_class_path_is_one_write(metabase: StandIn, run: Run, tmp_path: Path) -> None:
    put_on_class_path(metabase, tmp_path)
    with published(shapes(*COUNCILS)) as url:
        run(geojson=url)
    assert run(geojson=ON_CLASS_PATH).updated == ["map Council areas of Scotland"]


@pytest.mark.parametrize("setting", ["METABASE_PUBLIC_LINKS", "METABASE_WAREHOUSE_SSL"])
def test_a_setting_that_is_neither_true_nor_false_is_refused(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMISE_DATABASE_URL", "postgresql://owner:secret@127.0.0.1:5999/promise")
    monkeypatch.setenv("PROMISE_READER_PASSWORD", "reader")
    monkeypatch.setenv(setting, "yes")
    with pytest.raises(MetabaseError, match=f"{setting} is 'yes'; write true or false"):
        provisioner("http://127.0.0.1:9", KEY, {}, {})


def test_the_map_from_two_places_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROMISE_DATABASE_URL", "postgresql://owner:secret@127.0.0.1:5999/promise")
    monkeypatch.setenv("PROMISE_READER_PASSWORD", "reader")
    monkeypatch.setenv("METABASE_MAPS", str(tmp_path))
    assert provisioner("http://127.0.0.1:9", KEY, {}, {}).geojson_url == ON_CLASS_PATH
    monkeypatch.setenv("PROMISE_GEOJSON_URL", "https://figures.example.org/data/council_areas.json")
    with pytest.raises(MetabaseError, match="are both set"):
        provisioner("http://127.0.0.1:9", KEY, {}, {})
