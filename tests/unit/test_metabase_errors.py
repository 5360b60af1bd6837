"""What provisioning says when something is wrong: the call, Metabase's words, a remedy, and never a secret."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from stand_ins.metabase import StandIn
from stand_ins.metabase_runs import CONNECTION, KEY, PASSWORD, QUICK, Run, add, canned, offers, runner, serving, spec

from bi.metabase.apply import address, provisioner
from bi.metabase.client import Client, MetabaseError, NotConfigured
from bi.metabase.provision import Provisioner
from bi.metabase.spec import spec as whole
from promise.errors import PromiseError


@pytest.fixture
def metabase() -> Iterator[StandIn]:
    with serving() as running:
        yield running


@pytest.fixture
def run(metabase: StandIn) -> Run:
    return runner(metabase)


# --- errors are loud ----------------------------------------------------------------------------------------------


def not_up_yet(metabase: StandIn) -> None:
    metabase.healthy_after = 10_000


def something_else(metabase: StandIn) -> None:
    metabase.handle = lambda *_: (200, "<html>Please log in</html>")  # type: ignore[method-assign]


def moved(metabase: StandIn) -> None:
    metabase.redirect_to = "https://elsewhere.example.org/api/health"


def key_revoked(metabase: StandIn) -> None:
    metabase.keys.clear()


def key_revoked_halfway(metabase: StandIn) -> None:
    metabase.fail("POST", "/api/card$", 401, "Unauthenticated", after=2)


def key_of_a_reader(metabase: StandIn) -> None:
    metabase.superuser = False


def too_old(metabase: StandIn) -> None:
    metabase.tag = "v0.49.7"


def too_new(metabase: StandIn) -> None:
    metabase.tag = "v0.99.0"


def warehouse_out_of_reach(metabase: StandIn) -> None:
    metabase.known_password = "another"


def collection_by_hand(metabase: StandIn) -> None:
    made = metabase.create_collection({"name": "Scotland's promise"})
    add(metabase, metabase.collections, made, name="Drawer", location=f"/{made['id']}/")


def gone_halfway(metabase: StandIn) -> None:
    metabase.fail("PUT", r"/api/dashboard/\d+$", 500, "Out of memory", done=True)


def permissions_changed_meanwhile(metabase: StandIn) -> None:
    metabase.races = 100


def reader_without_rights(metabase: StandIn) -> None:
    def refuse(*_: object) -> tuple[list[str], list[list[object]]]:
        raise psycopg.errors.InsufficientPrivilege("permission denied for view fct_observation")

    metabase.answers = refuse


Fault = Callable[[StandIn], None]
# What happened, what was written, what to do.
FAULTS: dict[Fault, tuple[str, str, str]] = {
    not_up_yet: ("/api/health: HTTP 503", "Nothing was written", "Look at Metabase's log"),
    something_else: ("not JSON", "Nothing was written", "something else than Metabase behind METABASE_URL"),
    moved: ("redirected to https://elsewhere", "Nothing was written", "Set METABASE_URL to the final address"),
    key_revoked: ("HTTP 401: Unauthenticated", "Nothing was written", "`promise bi setup` makes a new one"),
    key_revoked_halfway: (
        "HTTP 401",
        "kept: database .*, question .* was not written",
        "`promise bi setup` makes a new",
    ),
    key_of_a_reader: ("may not manage the server", "Nothing was written", "key for the group Administrators"),
    too_old: ("is Metabase v0.49.7", "Nothing was written", "Use an image in that range"),
    too_new: ("is Metabase v0.99.0", "Nothing was written", "widen `supported`"),
    warehouse_out_of_reach: ("password is incorrect", "database .* was not written", "set METABASE_WAREHOUSE_HOST"),
    collection_by_hand: ("made by hand", "kept: database [^,]*\\.", "Rename that collection"),
    gone_halfway: ("HTTP 500: Out of memory", "canvas of dashboard .* may or may not have been", "apply again"),
    permissions_changed_meanwhile: ("HTTP 409", "permissions: .* was not written", "apply again"),
    reader_without_rights: ("permission denied for view", "kept: database", "promise db url --reader"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_says_what_happened_what_was_written_and_what_to_do(
    metabase: StandIn, run: Run, fault: Fault
) -> None:
    fault(metabase)
    with pytest.raises(MetabaseError) as caught:
        run()
    words = str(caught.value).replace("\n", " ")
    for part in FAULTS[fault]:
        assert re.search(part, words), words
    nothing_written = "Nothing was written" in words
    assert nothing_written == (not [call for call in metabase.writes() if fault is not warehouse_out_of_reach])


@pytest.mark.parametrize("tag", ["v0.49.7", "v0.99.0", "v1.49.2", "vLOCAL_DEV"])
def test_a_version_that_was_not_read_about_is_refused_before_anything_is_written(
    metabase: StandIn, run: Run, tag: str
) -> None:
    metabase.tag = tag
    with pytest.raises(MetabaseError, match=re.escape(tag)):
        run()
    assert metabase.writes() == []


@pytest.mark.parametrize("tag", ["v0.57.0", "v0.65.1.2", "v1.58.28"])
def test_a_supported_version_is_used(metabase: StandIn, run: Run, tag: str) -> None:
    metabase.tag = tag
    assert run().version == tag


def test_a_question_that_fails_in_metabase_is_named_with_its_file(metabase: StandIn, run: Run) -> None:
    metabase.fail("POST", "/query$", 202, json.dumps({"status": "failed", "error": "relation does not exist"}))
    metabase.handle = _reply_json(metabase.handle)  # type: ignore[method-assign]
    with pytest.raises(MetabaseError, match=r"specs/cards/\w+\.yml.*relation does not exist"):
        run()


def _reply_json(handle: Callable[..., Any]) -> Callable[..., Any]:
    def reply(*arguments: Any) -> Any:
        status, body = handle(*arguments)
        return status, json.loads(body) if isinstance(body, str) and body.startswith("{") else body

    return reply


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param((["other"], [[1]]), "is drawn from", id="without the columns that it is drawn from"),
        pytest.param(None, "returns no row", id="nothing at all"),
    ],
)
def test_a_question_that_answers_nothing_useful_is_an_error(
    metabase: StandIn, run: Run, answer: Any, words: str
) -> None:
    metabase.answers = lambda query, values: answer or (canned(query, values)[0], [])
    with pytest.raises(MetabaseError, match=words):
        run()


def test_two_choices_of_one_name_are_an_error(metabase: StandIn, run: Run) -> None:
    twins = {key: [("one", "The same"), ("other", "The same")] for key in spec().choices}
    with pytest.raises(MetabaseError, match="more than once"):
        run(offered=twins)


def test_every_filter_is_tried_with_a_choice(metabase: StandIn, run: Run) -> None:
    run()
    tried = {
        (path, *parameter["value"])
        for _, path, body in metabase.calls
        if path.endswith("/query")
        for parameter in body["parameters"]
    }
    trend = metabase.named(metabase.cards, "The indicator over time")["id"]
    assert [path for path, value in tried if path.endswith(f"/card/{trend}/query") and value == "indicators 0"]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 503])
@pytest.mark.parametrize("place", ["/api/database$", "/api/collection$", "/api/card$", "/api/dashboard$"])
def test_every_refused_write_is_an_error_with_call_status_words_and_remedy(
    metabase: StandIn, run: Run, status: int, place: str
) -> None:
    metabase.fail("POST", place, status, "These are Metabase's words")
    with pytest.raises(MetabaseError) as caught:
        run()
    text = str(caught.value)
    assert f"POST {metabase.url}{place.rstrip('$')}: HTTP {status}: These are Metabase's words" in text
    assert len(text.splitlines()) > 1, "a remedy follows"


def test_tables_that_never_appear_are_an_error_that_names_them(metabase: StandIn, run: Run) -> None:
    metabase.known_tables = [table for table in metabase.known_tables if table["name"] != "dim_area"]
    with pytest.raises(MetabaseError, match=r"marts\.dim_area .*promise status"):
        run()


def test_metabase_may_take_its_time_to_start(metabase: StandIn, run: Run) -> None:
    metabase.healthy_after = 2
    assert run().writes


def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(metabase: StandIn, run: Run) -> None:
    metabase.delay = 30
    with pytest.raises(MetabaseError, match=r"no answer within 0\.1 s"):
        run(timeout=0.1)


def test_a_server_that_is_not_there_is_an_error(metabase: StandIn) -> None:
    client = Client("http://127.0.0.1:9", KEY, timeout=1)
    with pytest.raises(MetabaseError, match="refused"):
        Provisioner(client, spec(), offers=offers(spec()), connection=CONNECTION, state={}, patience=QUICK).run()


def test_a_redirect_is_an_error_because_the_key_would_follow_it(metabase: StandIn, run: Run) -> None:
    with StandIn(answers=canned).running() as elsewhere:
        metabase.redirect_to = f"{elsewhere.url}/api/health"
        with pytest.raises(MetabaseError, match="redirected to"):
            run()
        assert elsewhere.calls == []


@pytest.mark.parametrize("url", ["metabase:3000", "https://user:hidden@metabase.example.org"])
def test_an_address_that_cannot_be_right_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(MetabaseError) as caught:
        Client(url, KEY)
    assert "hidden" not in str(caught.value)


def test_neither_key_nor_password_gets_into_an_error(metabase: StandIn, run: Run) -> None:
    metabase.fail("POST", "/api/database$", 400, f"cannot connect with {PASSWORD}; your key was {KEY}")
    with pytest.raises(MetabaseError) as caught:
        run()
    text = "".join(traceback.format_exception(caught.value))
    assert KEY not in text and PASSWORD not in text
    assert "***" in text


def test_neither_key_nor_password_is_in_what_apply_returns(metabase: StandIn, run: Run) -> None:
    assert not re.search(f"{KEY}|{PASSWORD}", str(run()) + str(run(dry=True)))


# --- the configuration --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["METABASE_URL", "METABASE_API_KEY"])
def test_without_a_metabase_there_is_nothing_to_do_and_that_is_said(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METABASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("METABASE_API_KEY", KEY)
    monkeypatch.delenv(missing)
    with pytest.raises(NotConfigured, match=missing) as caught:
        address()
    assert isinstance(caught.value, PromiseError)


def test_metabase_may_see_the_warehouse_under_another_name(metabase: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "METABASE_URL": metabase.url,
        "METABASE_API_KEY": KEY,
        "METABASE_PUBLIC_URL": "https://figures.example.org/",
        "PROMISE_DATABASE_URL": "postgresql://owner:secret@127.0.0.1:5999/promise",
        "PROMISE_READER_PASSWORD": PASSWORD,
        "METABASE_WAREHOUSE_HOST": "postgres",
        "METABASE_WAREHOUSE_PORT": "5432",
        "METABASE_WAREHOUSE_SSL": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PROMISE_GEOJSON_URL", raising=False)
    outcome = provisioner(metabase.url, KEY, {}, offers(whole()), patience=QUICK).run()
    (database,) = metabase.databases.values()
    details = database["details"]
    assert (details["host"], details["port"], details["dbname"], details["user"], details["ssl"]) == (
        "postgres", 5432, "promise", "promise_reader", True,
    )  # fmt: skip
    assert details["password"] == PASSWORD
    assert outcome.dashboards["National map"].startswith("https://figures.example.org/dashboard/")


def test_the_reader_is_what_metabase_gets_never_the_owner(metabase: StandIn, run: Run) -> None:
    run()
    assert "owner" not in json.dumps(metabase.databases)
