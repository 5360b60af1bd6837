"""Provisioning against the stand-in over HTTP: fresh, again, after drift, and beside what others made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from stand_ins.metabase import StandIn
from stand_ins.metabase_runs import (
    COUNCILS,
    KEY,
    PASSWORD,
    Run,
    State,
    add,
    dashcards,
    offers,
    published,
    runner,
    serving,
    shapes,
    spec,
)

from bi.metabase import bodies
from bi.metabase.apply import apply, plan
from bi.metabase.client import MetabaseError
from bi.metabase.model import RegionMap
from bi.metabase.writing import Outcome


@pytest.fixture
def metabase() -> Iterator[StandIn]:
    with serving() as running:
        yield running


@pytest.fixture
def run(metabase: StandIn) -> Run:
    return runner(metabase)


@pytest.fixture
def map_file() -> Iterator[str]:
    with published(shapes(*COUNCILS)) as url:
        yield url


# --- fresh, and again ---------------------------------------------------------------------------------------------


def test_a_fresh_metabase_gets_everything(metabase: StandIn, run: Run) -> None:
    outcome = run()
    assert {card["name"] for card in metabase.cards.values()} == {card.name for card in spec().cards.values()}
    assert {board["name"] for board in metabase.dashboards.values()} == {
        "National picture",
        "National map",
        "Council matrix",
        "Council profile",
    }
    (database,) = metabase.databases.values()
    assert database["details"]["user"] == "promise_reader"
    assert database["details"]["schema-filters-patterns"] == "marts"
    assert len(outcome.created) == 3 + len(spec().cards) + len(spec().dashboards), "with the group of readers"
    assert [what.partition(":")[0] for what in outcome.updated] == ["permissions"] * 2
    assert outcome.questions_run >= len(spec().cards)
    assert outcome.dashboards["National picture"].startswith(f"{metabase.url}/dashboard/")
    collection = metabase.named(metabase.collections, "Scotland's promise")["id"]
    assert {card["collection_id"] for card in metabase.cards.values()} == {collection}


def test_a_second_apply_writes_nothing_and_so_does_a_third(metabase: StandIn, run: Run, map_file: str) -> None:
    run(geojson=map_file)
    metabase.forget_calls()
    for _ in range(2):
        outcome = run(geojson=map_file)
        assert metabase.writes() == []
        assert outcome.writes == 0
        assert outcome.notes == []
        assert outcome.unchanged == 5 + len(spec().cards) + len(spec().dashboards)


def test_plan_says_what_apply_would_do_and_writes_nothing(metabase: StandIn, run: Run, map_file: str) -> None:
    planned = run(dry=True, geojson=map_file)
    assert [method for method, _, _ in metabase.calls if method != "GET"] == []
    assert planned.created == run(geojson=map_file).created
    assert run(dry=True, geojson=map_file).writes == 0


def test_tabs_filters_and_the_whole_canvas_arrive(metabase: StandIn, run: Run) -> None:
    run()
    national = metabase.named(metabase.dashboards, "National picture")
    assert [tab["name"] for tab in national["tabs"]] == [
        "Ten statements",
        "Indicators",
        "What is missing",
    ]
    trend = metabase.named(metabase.cards, "The indicator over time")
    (shown,) = [item for item in national["dashcards"] if item["card_id"] == trend["id"]]
    assert shown["parameter_mappings"] == [
        {
            "parameter_id": national["parameters"][0]["id"],
            "card_id": trend["id"],
            "target": ["variable", ["template-tag", "indicator"]],
        }
    ]
    assert national["parameters"][0]["isMultiSelect"] is False, "the questions compare with ="
    offered = [["indicators 0", "indicators number 0"], ["indicators 1", "indicators number 1"]]
    assert national["parameters"][0]["values_source_config"] == {"values": offered}
    assert national["parameters"][0]["default"] == ["indicators 0"], "it opens on the first"
    assert metabase.named(metabase.dashboards, "National map")["tabs"] == []


def test_a_click_on_a_council_leads_to_its_profile(metabase: StandIn, run: Run) -> None:
    run()
    question = metabase.named(metabase.cards, "Council map")["id"]
    (shown,) = [item for item in dashcards(metabase, "National map") if item["card_id"] == question]
    profile = metabase.named(metabase.dashboards, "Council profile")
    click = shown["visualization_settings"]["click_behavior"]
    assert (click["linkType"], click["targetId"]) == ("dashboard", profile["id"])
    ((parameter, passed),) = click["parameterMapping"].items()
    assert parameter == passed["target"]["id"] == profile["parameters"][0]["id"]
    assert passed["source"]["name"] == "area_code"


def test_a_filter_opens_on_nothing_where_what_it_should_open_on_is_not_offered(metabase: StandIn, run: Run) -> None:
    run(offered={key: [] for key in spec().choices})
    assert [each["default"] for each in metabase.named(metabase.dashboards, "Council matrix")["parameters"]] == [
        None
    ] * 2


def test_what_a_later_release_offers_is_written_and_nothing_else(metabase: StandIn, run: Run) -> None:
    run()
    more = {**offers(spec()), "council_years": [("2025", "2025")]}
    assert run(offered=more).updated == ["dashboard National map (parameters)"]
    assert run(offered=more).writes == 0


# --- drift --------------------------------------------------------------------------------------------------------


def by_hand_query(metabase: StandIn) -> None:
    metabase.named(metabase.cards, "What is missing")["dataset_query"]["native"]["query"] = "select 1"


def by_hand_moved(metabase: StandIn) -> None:
    metabase.named(metabase.cards, "What is missing")["collection_id"] = None


def by_hand_binned(metabase: StandIn) -> None:
    metabase.named(metabase.cards, "What is missing")["archived"] = True


def by_hand_renamed(metabase: StandIn) -> None:
    metabase.named(metabase.cards, "What is missing")["name"] = "Stuff"


def by_hand_colours(metabase: StandIn) -> None:
    metabase.named(metabase.cards, "What is missing")["visualization_settings"]["table.pivot"] = True


def by_hand_dragged(metabase: StandIn) -> None:
    dashcards(metabase, "National picture")[0]["row"] = 90


def by_hand_unmapped(metabase: StandIn) -> None:
    dashcards(metabase, "National map")[0]["parameter_mappings"] = []


def by_hand_added(metabase: StandIn) -> None:
    board = metabase.named(metabase.dashboards, "National map")
    board["dashcards"].append({**board["dashcards"][0], "id": 999, "row": 40})


def by_hand_tab(metabase: StandIn) -> None:
    metabase.named(metabase.dashboards, "National picture")["tabs"][1]["name"] = "Figures"


def by_hand_default(metabase: StandIn) -> None:
    metabase.named(metabase.dashboards, "National map")["parameters"][0]["default"] = "x"


def by_hand_database(metabase: StandIn) -> None:
    metabase.named(metabase.databases, "Scotland's promise warehouse")["details"]["schema-filters-patterns"] = "raw"


def by_hand_described(metabase: StandIn) -> None:
    metabase.named(metabase.collections, "Scotland's promise")["description"] = "Mine now"


@pytest.mark.parametrize(
    "meddle",
    [value for name, value in sorted(globals().items()) if name.startswith("by_hand_")],
    ids=lambda f: f.__name__,
)
def test_what_was_changed_by_hand_is_put_back_in_one_write(
    metabase: StandIn, run: Run, meddle: Callable[[StandIn], None]
) -> None:
    def state() -> str:
        found_out = {"reads": 0, "result_metadata": None, "archived_directly": False}  # by Metabase, in its own time
        cards = [{**card, **found_out} for card in metabase.cards.values()]
        kept = [metabase.databases, metabase.collections, cards]
        boards = [
            {**board, "tabs": [tab["name"] for tab in board["tabs"]], "dashcards": sorted(
                [{**item, "id": 0, "dashboard_tab_id": 0} for item in board["dashcards"]], key=json.dumps
            )}
            for board in metabase.dashboards.values()
        ]  # fmt: skip
        return json.dumps([kept, boards], sort_keys=True)

    run()
    before = state()
    meddle(metabase)
    assert state() != before, "something was changed"
    metabase.forget_calls()
    outcome = run()
    assert len(metabase.writes()) == outcome.writes == len(outcome.updated) == 1
    assert state() == before
    assert run().writes == 0


def test_what_this_metabase_keeps_differently_is_reported(metabase: StandIn, run: Run) -> None:
    run()
    by_hand_query(metabase)
    metabase.keeps = lambda body: {**body, "display": "bar"}
    assert any("keeps display differently" in note for note in run().notes)


def test_what_was_dragged_away_comes_back_under_its_own_id(metabase: StandIn, run: Run) -> None:
    run()
    before = {item["id"] for item in dashcards(metabase, "National picture")}
    tabs = [tab["id"] for tab in metabase.named(metabase.dashboards, "National picture")["tabs"]]
    by_hand_dragged(metabase)
    run()
    assert {item["id"] for item in dashcards(metabase, "National picture")} == before
    assert [tab["id"] for tab in metabase.named(metabase.dashboards, "National picture")["tabs"]] == tabs


def test_a_changed_password_is_noticed_though_metabase_never_shows_it(metabase: StandIn, run: Run) -> None:
    run()
    metabase.known_password = "rotated"
    assert [change for change in run(password="rotated").updated if "database" in change]
    assert run(password="rotated").writes == 0


def test_a_run_that_broke_off_is_finished_by_the_next(metabase: StandIn, run: Run) -> None:
    metabase.fail("PUT", r"/api/dashboard/\d+", 500, "Out of memory")
    with pytest.raises(MetabaseError, match="Out of memory"):
        run()
    metabase.faults.clear()
    run()
    assert len(dashcards(metabase, "National picture")) == len(
        [item for tab in spec().dashboards["national_picture"].tabs for item in tab.items]
    )
    assert run().writes == 0


# --- smoke --------------------------------------------------------------------------------------------------------


def test_smoke_runs_every_question_and_writes_nothing(metabase: StandIn, run: Run, map_file: str) -> None:
    applied = run(geojson=map_file)
    metabase.forget_calls()
    looked = run(what="smoke", geojson=map_file)
    assert metabase.writes() == []
    assert looked.questions_run > applied.questions_run and looked.notes == []


def test_smoke_says_what_was_changed_by_hand(metabase: StandIn, run: Run) -> None:
    run()
    by_hand_renamed(metabase)
    notes = run(what="smoke").notes
    assert [note for note in notes if "since the last apply: question What is missing (name)" in note]


def test_smoke_of_what_is_not_there_says_to_apply_first(metabase: StandIn, run: Run) -> None:
    with pytest.raises(MetabaseError, match=r"not in http://(.|\n)*nothing was run\. Apply first: promise bi apply"):
        run(what="smoke")
    assert metabase.writes() == []


# --- what is ours and what is not ---------------------------------------------------------------------------------


def test_what_stands_in_the_managed_collection_and_in_no_file_is_named_and_pruned_when_asked(
    metabase: StandIn, run: Run
) -> None:
    run()
    ours = metabase.named(metabase.collections, "Scotland's promise")
    card = add(metabase, metabase.cards, next(iter(metabase.cards.values())), name="Old question")
    board = add(metabase, metabase.dashboards, next(iter(metabase.dashboards.values())), name="Old dashboard")
    inner = add(metabase, metabase.collections, ours, name="Drawer", location=f"/{ours['id']}/")
    outcome = run()
    assert outcome.writes == 0 and not card["archived"]
    assert [note for note in outcome.notes if "Old question, Old dashboard; `promise bi prune`" in note]
    outcome = run(what="prune")
    assert card["archived"] and board["archived"]
    assert len(outcome.archived) == outcome.writes == 2
    assert not inner["archived"], "nobody has looked at what somebody keeps in there"
    assert [note for note in outcome.notes if "holds collection 'Drawer'; left alone" in note]
    assert run(what="prune").writes == run().writes == 0


def test_what_somebody_put_on_a_dashboard_of_ours_is_named_before_it_is_taken_off(metabase: StandIn, run: Run) -> None:
    run()
    board = metabase.named(metabase.dashboards, "National map")
    like = next(iter(metabase.cards.values()))
    saved = add(metabase, metabase.cards, like, name="Saved in it", collection_id=None, dashboard_id=board["id"])
    elsewhere = add(metabase, metabase.cards, like, name="Elsewhere", collection_id=None)
    shape = {"row": 90, "size_x": 4, "size_y": 3, "dashboard_tab_id": None, "parameter_mappings": []}
    for at, (card_id, settings) in enumerate([(saved["id"], {}), (elsewhere["id"], {}), (None, {"text": "Mine"})]):
        place = {**shape, "id": metabase.new_id(), "col": 4 * at, "card_id": card_id}
        board["dashcards"].append({**place, "visualization_settings": settings})
    words = "dashboard National map: put there by hand, and taken off: Elsewhere, Saved in it, 1 without a question."
    planned = run(dry=True)
    assert [note for note in planned.notes if note.startswith(words) and "bin" in note]
    assert not saved["archived"]
    assert run().notes == planned.notes
    assert saved["archived"] and not elsewhere["archived"]
    assert [note for note in run().notes if "by hand" in note] == []


def test_a_place_of_ours_that_a_file_no_longer_has_is_not_called_somebody_elses(metabase: StandIn, run: Run) -> None:
    run()
    board = metabase.named(metabase.dashboards, "National map")
    board["dashcards"].append({**board["dashcards"][0], "id": metabase.new_id(), "row": 90})
    changed = run()
    assert changed.updated == ["dashboard National map (dashcards)"]
    assert [note for note in changed.notes if "by hand" in note] == []


def test_nothing_of_ours_is_pruned_though_what_was_kept_of_it_is_lost(metabase: StandIn, run: Run) -> None:
    run()
    assert runner(metabase, {})(what="prune").writes == 0


def test_what_others_made_elsewhere_is_never_touched(metabase: StandIn, run: Run, map_file: str) -> None:
    run(geojson=map_file)
    theirs = add(
        metabase, metabase.collections, {}, name="Council team", description=None, location="/", archived=False
    )
    nested = {"name": "Scotland's promise", "description": None, "location": f"/{theirs['id']}/", "archived": False}
    same_name_elsewhere = add(metabase, metabase.collections, nested)
    place = {"collection_id": theirs["id"]}
    mine = [
        add(metabase, metabase.cards, next(iter(metabase.cards.values())), name="What is missing", **place),
        add(metabase, metabase.dashboards, next(iter(metabase.dashboards.values())), **place),
        add(metabase, metabase.databases, next(iter(metabase.databases.values())), name="Theirs"),
        theirs,
        same_name_elsewhere,
    ]
    metabase.maps["wards"] = {
        "name": "Wards",
        "url": "https://example.org/w.json",
        "region_key": "w",
        "region_name": "w",
    }
    before = json.dumps(mine)
    outcome = run()  # without a map file now: ours are drawn as bars again, and the setting is not touched
    assert outcome.updated
    assert json.dumps(mine) == before
    assert set(metabase.maps) == {"wards", "scotland_council_areas"}


# --- the map ------------------------------------------------------------------------------------------------------


def test_without_a_map_file_the_map_is_drawn_as_bars_and_the_result_says_so(metabase: StandIn, run: Run) -> None:
    outcome = run()
    assert metabase.named(metabase.cards, "Council map")["display"] == "row"
    assert outcome.map == "bars"
    assert any("PROMISE_GEOJSON_URL" in note for note in outcome.notes)
    assert metabase.maps == {}


def test_with_a_map_file_the_councils_are_regions_and_other_maps_stay(
    metabase: StandIn, run: Run, map_file: str
) -> None:
    wards = {"name": "Wards", "url": "https://example.org/w.json", "region_key": "w", "region_name": "w"}
    metabase.maps["wards"] = wards
    outcome = run(geojson=map_file)
    card = metabase.named(metabase.cards, "Council map")
    assert card["display"] == "map"
    assert card["visualization_settings"]["map.region"] in metabase.maps
    assert metabase.maps["wards"] == wards
    assert outcome.map == "regions"


def test_a_council_that_the_map_lacks_is_an_error_because_metabase_would_drop_it(run: Run) -> None:
    with published(shapes(COUNCILS[0])) as url, pytest.raises(MetabaseError, match=COUNCILS[1]):
        run(geojson=url)


def test_a_map_file_that_metabase_will_not_fetch_is_an_error_with_its_words(
    metabase: StandIn, run: Run, map_file: str
) -> None:
    metabase.map_rules.external_only = True
    with pytest.raises(MetabaseError, match="prohibited") as caught:
        run(geojson=map_file)
    assert "docs/metabase.md" in str(caught.value)


@pytest.mark.parametrize("body", [shapes(*COUNCILS, key="code"), {"type": "Topology"}])
def test_a_file_that_is_not_our_map_is_an_error(run: Run, body: dict[str, Any]) -> None:
    with published(body) as url, pytest.raises(MetabaseError, match="no feature with the property 'area_code'"):
        run(geojson=url)


def test_a_map_file_that_is_not_there_is_an_error(run: Run) -> None:
    with pytest.raises(MetabaseError, match="failed to load"):
        run(geojson="http://127.0.0.1:9/council_areas.json")


# --- one release --------------------------------------------------------------------------------------------------


def configured(metabase: StandIn, monkeypatch: pytest.MonkeyPatch, reading: Callable[[], Any]) -> None:
    """Settings for `apply` over that Metabase, beside a warehouse that is read so and keeps what it is given."""
    kept: State = {}
    monkeypatch.setattr("warehouse.releases.reading", reading)
    monkeypatch.setattr("bi.metabase.apply.alone", lambda _server: nullcontext(kept))
    monkeypatch.setattr("bi.metabase.apply.Provisioned", lambda _server: kept)
    monkeypatch.setenv("METABASE_URL", metabase.url)
    monkeypatch.setenv("METABASE_API_KEY", KEY)
    monkeypatch.setenv("PROMISE_DATABASE_URL", "postgresql://owner:secret@127.0.0.1:5999/promise")
    monkeypatch.setenv("PROMISE_READER_PASSWORD", PASSWORD)
    monkeypatch.delenv("PROMISE_GEOJSON_URL", raising=False)


def test_no_transaction_of_ours_waits_for_metabase(metabase: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_meanwhile: list[int] = []

    class Connection:
        def execute(self, _query: str) -> Connection:
            return self

        def fetchone(self) -> tuple[int]:
            return (7,)

        def __iter__(self) -> Iterator[tuple[str, str]]:
            return iter([("a", "A"), ("b", "B")])

    @contextmanager
    def reading() -> Iterator[Connection]:
        before = len(metabase.calls)
        yield Connection()
        asked_meanwhile.append(len(metabase.calls) - before)

    configured(metabase, monkeypatch, reading)
    drawn: list[tuple[str, int]] = []
    monkeypatch.setattr("warehouse.releases.note_drawn", lambda *noted: drawn.append(noted))
    done = apply()
    assert asked_meanwhile == [0]
    assert done["questions_run"] > 0
    assert done["release_id"] == 7
    assert drawn == [("metabase", 7)]
    assert done["writes"] == len(done["created"]) + len(done["updated"])
    assert json.loads(json.dumps(done)) == done, "an Airflow task can return it"
    assert plan()["writes"] == 0


def test_two_that_apply_at_once_write_the_map_one_after_the_other(
    metabase: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The DAG and the keeper may; each would find the other's half-written file."""
    steps: list[str] = []

    @contextmanager
    def alone(_server: str) -> Iterator[State]:
        steps.append("alone")
        yield {}
        steps.append("no longer alone")

    def release_shown(_conn: object) -> int:
        steps.append("release")
        return 7

    configured(metabase, monkeypatch, nullcontext)
    monkeypatch.setattr("bi.metabase.apply.alone", alone)
    monkeypatch.setattr("bi.metabase.apply.release_shown", release_shown)
    monkeypatch.setattr("bi.metabase.apply.offers", lambda _conn: {})
    monkeypatch.setattr("bi.metabase.boundaries.write", lambda _conn, _folder: steps.append("map"))
    monkeypatch.setattr("bi.metabase.apply.provisioner", lambda *_, **__: SimpleNamespace(run=Outcome))
    monkeypatch.setattr("warehouse.releases.note_drawn", lambda *_: steps.append("drawn"))
    monkeypatch.setenv("METABASE_MAPS", str(tmp_path))
    apply()
    assert steps == ["alone", "release", "map", "no longer alone", "drawn"]


# --- identities ---------------------------------------------------------------------------------------------------


def test_identities_are_stable_across_versions_of_this_project() -> None:
    assert bodies.short_id("national_picture", "indicator") == "445fb46c"


def test_a_question_keeps_its_identity_when_it_is_renamed_in_its_file(metabase: StandIn, run: Run) -> None:
    run()
    card = spec().cards["data_gaps"]
    renamed = spec().model_copy(
        update={"cards": {**spec().cards, "data_gaps": card.model_copy(update={"name": "Not known"})}}
    )
    before = metabase.named(metabase.cards, "What is missing")["entity_id"]
    assert run(of=renamed).updated == ["question Not known (name)"]
    assert metabase.named(metabase.cards, "Not known")["entity_id"] == before


def test_regions_are_what_the_map_names() -> None:
    display = spec().cards["council_map"].display
    assert isinstance(display, RegionMap)
    assert display.region == spec().general.map.region_key == "area_code"
