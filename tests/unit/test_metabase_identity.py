"""Which thing in Metabase is which of ours, whatever was lost, deleted, renamed, copied or broken off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from stand_ins.metabase import StandIn
from stand_ins.metabase_runs import COUNCILS, Run, State, add, published, runner, serving, shapes, small, spec

from bi.metabase import bodies
from bi.metabase.client import MetabaseError
from bi.metabase.model import Card
from bi.metabase.spec import spec as whole


@pytest.fixture
def metabase() -> Iterator[StandIn]:
    with serving() as running:
        yield running


@pytest.fixture
def state() -> State:
    return {}


@pytest.fixture
def run(metabase: StandIn, state: State) -> Run:
    return runner(metabase, state)


def things(metabase: StandIn) -> list[int]:
    """The numbers of all that there is, in the bin or not."""
    return [*metabase.databases, *metabase.collections, *metabase.cards, *metabase.dashboards]


# --- what Metabase gives ------------------------------------------------------------------------------------------


def test_what_is_made_is_kept_by_our_key_with_what_the_server_gave_it(
    metabase: StandIn, run: Run, state: State
) -> None:
    run()
    questions = {f"card/{key}" for key in spec().cards}
    boards = {f"dashboard/{key}" for key in spec().dashboards}
    assert state.keys() == {"database", "collection/managed", *questions, *boards}
    kept = state["card/council_map"]
    assert metabase.cards[kept.number]["entity_id"] == kept.identity


def test_an_identity_that_a_body_names_is_thrown_away_by_the_stand_in_as_by_metabase(metabase: StandIn) -> None:
    query = {"type": "native", "database": 1, "native": {"query": "select 1"}}
    metabase.databases[1] = {}
    named = "PQXkioEfXJx3qILEwyc8q"
    given = {"name": "Q", "display": "table", "visualization_settings": {}, "dataset_query": query, "entity_id": named}
    assert metabase.create_card(given)["entity_id"] != named


# --- lost, and another --------------------------------------------------------------------------------------------


def test_when_what_was_kept_is_lost_all_is_found_again_and_nothing_is_written(metabase: StandIn, run: Run) -> None:
    run()
    before, again = things(metabase), State()
    metabase.forget_calls()
    assert runner(metabase, again)().writes == 0
    assert metabase.writes() == [] and things(metabase) == before
    assert "card/council_map" in again


def test_what_was_renamed_by_hand_is_found_by_our_key_though_what_was_kept_is_lost(metabase: StandIn, run: Run) -> None:
    run()
    before = things(metabase)
    metabase.named(metabase.cards, "What is missing")["name"] = "Stuff"
    metabase.named(metabase.dashboards, "National map")["name"] = "Map"
    changed = runner(metabase, {})()
    assert sorted(changed.updated) == ["dashboard National map (name)", "question What is missing (name)"]
    assert things(metabase) == before


def test_what_has_our_name_and_no_key_is_taken_for_ours_when_what_was_kept_is_lost(metabase: StandIn, run: Run) -> None:
    run()
    before = things(metabase)
    del metabase.named(metabase.cards, "What is missing")["visualization_settings"][bodies.MARK]
    assert runner(metabase, {})().updated == ["question What is missing (visualization_settings)"]
    assert things(metabase) == before


def test_a_copy_that_somebody_made_is_not_taken_for_the_original(metabase: StandIn, run: Run) -> None:
    run()
    original = metabase.named(metabase.cards, "What is missing")
    copy = add(metabase, metabase.cards, original, name="What is missing - Duplicate")
    metabase.cards = {copy["id"]: copy, **metabase.cards}
    again = State()
    assert runner(metabase, again)().writes == 0
    assert again["card/data_gaps"].number == original["id"]


def test_a_renamed_dashboard_keeps_its_number_and_its_address(metabase: StandIn, run: Run) -> None:
    before = run().dashboards["National map"]
    metabase.named(metabase.dashboards, "National map")["name"] = "Map"
    changed = run()
    assert changed.updated == ["dashboard National map (name)"]
    assert changed.dashboards["National map"] == before


def test_a_dashboard_and_a_collection_that_were_moved_or_binned_come_back(metabase: StandIn, run: Run) -> None:
    run()
    before = things(metabase)
    metabase.named(metabase.dashboards, "National map")["collection_id"] = None
    metabase.update_dashboard(str(metabase.named(metabase.dashboards, "National picture")["id"]), {"archived": True})
    ours = metabase.named(metabase.collections, "Scotland's promise")
    metabase.update_collection(str(ours["id"]), {"archived": True})
    changed = run()
    assert changed.created == []
    assert "collection Scotland's promise (archived)" in changed.updated
    assert [what for what in changed.updated if what.startswith("dashboard National map (collection_id")]
    assert things(metabase) == before
    assert run().writes == 0


def test_a_deleted_question_is_made_anew_in_its_places_and_that_is_said(metabase: StandIn, run: Run) -> None:
    run()
    gone = metabase.named(metabase.cards, "Council map")["id"]
    del metabase.cards[gone]
    changed = run()
    assert changed.created == ["question Council map"]
    assert [what.partition(" (")[0] for what in changed.updated] == ["dashboard National map"]
    assert [
        note
        for note in changed.notes
        if "another server at its address: card/council_map;" in note and "alerts" in note
    ]
    assert run().writes == 0


def test_a_renamed_connection_is_the_same_connection(metabase: StandIn, run: Run) -> None:
    run()
    metabase.named(metabase.databases, "Scotland's promise warehouse")["name"] = "Warehouse"
    assert run().updated == ["database Scotland's promise warehouse"]
    assert len(metabase.databases) == 1


def test_two_servers_are_kept_apart(metabase: StandIn, run: Run) -> None:
    with serving() as other:
        elsewhere = runner(other)
        run()
        elsewhere()
        assert run().writes == elsewhere().writes == 0


def test_another_server_at_the_same_address_is_not_written_to_by_the_numbers_of_the_first(
    metabase: StandIn, run: Run, state: State
) -> None:
    run()
    with serving() as newer:
        newer.new_id()
        theirs = [add(newer, newer.cards, {}, name=f"Theirs {at}", archived=False) for at in range(90)]
        for card in theirs:
            card.update(collection_id=None, reads=0, result_metadata=None, visualization_settings={})
            card["dataset_query"] = {"type": "native", "database": 1, "native": {"query": "select 1"}}
        before = json.dumps(theirs)
        assert {item.number for item in state.values()} & set(newer.cards), "numbers that mean another thing there"
        again = runner(newer, state)
        assert len(again().created) == 3 + len(spec().cards) + len(spec().dashboards)
        assert again().writes == 0
        found = [{**card, "reads": 0} for card in theirs]
        assert json.dumps(found) == before


def test_when_all_that_was_kept_is_of_another_server_all_is_found_again_and_that_is_said(
    metabase: StandIn, run: Run, state: State
) -> None:
    """As after Metabase or the warehouse was restored: each number is there, and means something else of ours."""
    run()
    with serving() as restored:
        restored.new_id()
        runner(restored)()
        before = things(restored)
        assert {item.number for key, item in state.items() if key.startswith("card/")} & set(restored.cards)
        planned, plan_of = runner(restored, dict(state))(dry=True), dict(state)
        again = runner(restored, state)()
        assert (planned.created, planned.updated) == ([], [])
        assert planned.notes == again.notes
        assert plan_of != state, "what apply found is kept"
        assert (again.writes, things(restored)) == (0, before)
        (said,) = [note for note in again.notes if "another server at its address" in note]
        assert all(key in said for key in state if key != "database")
        assert runner(restored, state)().notes == [note for note in again.notes if note != said]


# --- a collection that somebody made ------------------------------------------------------------------------------


def by_hand(metabase: StandIn, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = metabase.create_collection({"name": "Scotland's promise"})
    made.update(changes)
    return made


def test_a_collection_of_our_name_that_somebody_filled_is_left_alone_and_the_words_say_what_to_do(
    metabase: StandIn, run: Run
) -> None:
    made = by_hand(metabase)
    board = add(metabase, metabase.dashboards, {}, name="Mine", collection_id=made["id"], archived=False)
    board.update(parameters=[], dashcards=[], tabs=[])
    with pytest.raises(MetabaseError, match=r"made by hand, and 1 things(.|\n)*Rename that collection") as caught:
        run()
    assert "Written before that, and kept: database Scotland's promise warehouse." in str(caught.value)
    assert metabase.collections == {made["id"]: made} and metabase.dashboards == {board["id"]: board}


def test_a_collection_of_our_name_with_nothing_in_it_is_used(metabase: StandIn, run: Run) -> None:
    made = by_hand(metabase)
    assert "collection Scotland's promise (description)" in run().updated
    assert set(metabase.collections) == {made["id"]}


def test_of_two_collections_of_our_name_none_is_guessed(metabase: StandIn, run: Run) -> None:
    by_hand(metabase)
    by_hand(metabase)
    with pytest.raises(MetabaseError, match=r"2 collections called .* rename all but one"):
        run()


# --- broken off ---------------------------------------------------------------------------------------------------


def test_a_run_that_is_broken_off_after_any_write_is_finished_by_the_next() -> None:
    """Each write in turn is done, and its answer lost with the server: the worst moment, for nothing was kept of it."""
    with published(shapes(*COUNCILS)) as url, serving() as whole:
        runner(whole)(of=small(), geojson=url)
        writes = len(whole.writes())
        expected = _made(whole)
    assert writes > len(small().cards) + 5
    for broken in range(1, writes + 1):
        with published(shapes(*COUNCILS)) as url, serving() as metabase:
            again = runner(metabase)
            metabase.lost_after = broken
            with pytest.raises(MetabaseError, match="HTTP 503: the server is gone"):
                again(of=small(), geojson=url)
            metabase.lost_after = None
            again(of=small(), geojson=url)
            assert _made(metabase) == expected, f"broken off after write {broken}"
            assert again(of=small(), geojson=url).writes == 0


def _made(metabase: StandIn) -> dict[str, list[str]]:
    kinds = {"databases": metabase.databases, "collections": metabase.collections, "cards": metabase.cards}
    named = {kind: sorted(item["name"] for item in found.values()) for kind, found in kinds.items()}
    places = sorted(f"{board['name']} {len(board['dashcards'])}" for board in metabase.dashboards.values())
    return {**named, "dashboards": places, "groups": sorted(metabase.groups.values()), "maps": sorted(metabase.maps)}


def test_an_error_says_what_was_written_before_it_and_what_may_have_been(metabase: StandIn, run: Run) -> None:
    metabase.fail("POST", "/api/card$", 500, "Out of memory", after=1, done=True)
    with pytest.raises(MetabaseError) as caught:
        run()
    words = str(caught.value)
    first, second = [card.name for card in spec().cards.values()][:2]
    assert f"collection Scotland's promise, group Readers of Scotland's promise, question {first}, permissions" in words
    assert f"question {second} may or may not have been written. Another run goes on from there." in words
    metabase.faults.clear()
    run()
    assert len(metabase.cards) == len(spec().cards)


def test_a_key_that_is_revoked_halfway_leaves_what_was_written_and_says_so(metabase: StandIn, run: Run) -> None:
    metabase.fail("POST", "/api/dashboard$", 401, "Unauthenticated")
    with pytest.raises(
        MetabaseError, match=r"promise bi setup(.|\n)*Written before that, and kept: database"
    ) as caught:
        run()
    assert f"dashboard {spec().in_order[0].name} was not written" in str(caught.value)
    metabase.faults.clear()
    run()
    assert run().writes == 0


def test_an_answer_that_is_too_late_is_not_done_twice(metabase: StandIn, run: Run) -> None:
    """Metabase goes on working when nobody waits any longer."""
    metabase.delays["POST /api/collection"] = 0.4
    with pytest.raises(MetabaseError, match=r"no answer within 0\.2 s"):
        run(timeout=0.2)
    metabase.delays.clear()
    run()
    assert len(metabase.collections) == 1


# --- what Metabase does by itself ---------------------------------------------------------------------------------


def test_the_bin_empties_a_place_and_the_place_is_the_same_afterwards(metabase: StandIn, run: Run) -> None:
    run()
    board = metabase.named(metabase.dashboards, "National map")
    card = metabase.named(metabase.cards, "Council map")
    metabase.alerts[1] = card["id"]
    places = {item["id"] for item in board["dashcards"]}
    metabase.update_card(str(card["id"]), {"archived": True})
    assert metabase.alerts == {}, "which is why nothing is binned but when asked"
    assert len(metabase.read_dashboard(str(board["id"]))["dashcards"]) == len(places) - 1
    assert run().updated == ["question Council map (archived)"]
    assert {item["id"] for item in board["dashcards"]} == places


def test_what_is_encrypted_stays_encrypted_whatever_else_is_put_back(metabase: StandIn, run: Run) -> None:
    run()
    (database,) = metabase.databases.values()
    assert database["details"]["ssl"] is True, "Metabase tries TLS by itself, and keeps that it worked"
    metabase.forget_calls()
    assert run().writes == 0
    database["details"]["schema-filters-patterns"] = "raw"
    metabase.offers_tls = False
    run()
    ((_, _, body),) = [call for call in metabase.calls if call[0] == "PUT"]
    assert body["details"]["ssl"] is True


def test_tls_that_is_demanded_is_sent(metabase: StandIn, run: Run) -> None:
    metabase.offers_tls = False
    run()
    assert run(ssl=True).updated == ["database Scotland's promise warehouse"]
    assert [database["details"]["ssl"] for database in metabase.databases.values()] == [True]


def test_columns_that_metabase_finds_out_later_are_no_drift(metabase: StandIn, run: Run) -> None:
    run()
    assert {card["result_metadata"] for card in metabase.cards.values()} == {None}
    for _ in range(metabase.columns_after):
        assert run().writes == 0
    assert all(card["result_metadata"] for card in metabase.cards.values())


def test_what_this_metabase_keeps_differently_is_said_at_once_after_the_first_write(
    metabase: StandIn, run: Run
) -> None:
    metabase.keeps = lambda body: {**body, "display": "bar"}
    notes = run().notes
    assert [note for note in notes if "question Council map: this Metabase keeps display differently" in note]


def test_more_rows_than_metabase_shows_are_noted(metabase: StandIn, run: Run) -> None:
    def many(query: str, _values: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
        columns = sorted(_of(query).display.needs)
        return columns, [[f"{name} {at:05d}" for name in columns] for at in range(2_001)]

    metabase.answers = many
    notes = run().notes
    assert [note for note in notes if "'Council matrix' has more rows than the 2000" in note]


def test_what_a_filter_offers_stays_in_our_order_with_what_people_read(metabase: StandIn, run: Run) -> None:
    backwards = {key: [("b", "Last"), ("a", "First")] for key in spec().choices}
    assert run(offered=backwards).notes == run(offered=backwards).notes
    board = metabase.named(metabase.dashboards, "National map")
    for parameter in board["parameters"]:
        listed = metabase.choices(str(board["id"]), parameter["id"])["values"]
        assert listed == [["b", "Last"], ["a", "First"]]


def test_a_filter_that_does_not_offer_what_the_release_has_is_noted(metabase: StandIn, run: Run) -> None:
    run()
    newer = {key: [("new", "New")] for key in spec().choices}
    assert any(
        "does not offer what the release has; apply again" in note for note in run(what="smoke", offered=newer).notes
    )


def test_smoke_tries_every_choice_and_one_that_nothing_has(metabase: StandIn, run: Run) -> None:
    run()
    metabase.forget_calls()
    run(what="smoke")
    question = metabase.named(metabase.cards, "Council map")["id"]
    tried = {
        tuple(parameter["value"][0] for parameter in body["parameters"])
        for _, path, body in metabase.calls
        if path.endswith(f"/card/{question}/query")
    }
    first, other, nobody = "council_measures 0", "council_measures 1", "promise: no such choice"
    years = ["council_years 0", "council_years 1", nobody]
    assert tried == {(), (first,), (other,), (nobody,), *((first, year) for year in years)}


def _of(query: str) -> Card:
    (card,) = [item for item in whole().cards.values() if item.sql.strip() == query]
    return card
