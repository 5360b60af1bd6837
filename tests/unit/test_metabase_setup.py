"""From a Metabase that nobody has touched to a key in a file, and what is said when that cannot be."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from stand_ins.metabase import StandIn
from stand_ins.metabase_runs import KEY, QUICK, serving

from bi.metabase import keys
from bi.metabase.apply import address
from bi.metabase.client import MetabaseError, NotConfigured
from bi.metabase.setup import key_name, setup

PASSWORD = "long enough and not common"


@pytest.fixture
def metabase(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    """One that nobody has set up, named in the settings with whom to make administrator."""
    with serving() as running:
        running.forget_setup()
        monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("METABASE_URL", running.url)
        monkeypatch.setenv("METABASE_ADMIN_EMAIL", "promise@example.org")
        monkeypatch.setenv("METABASE_ADMIN_PASSWORD", PASSWORD)
        yield running


def file_of_keys(tmp_path: Path) -> Path:
    return tmp_path / "home" / "metabase_keys.json"


def test_a_new_metabase_gets_an_administrator_no_tracking_and_gives_a_key(metabase: StandIn, tmp_path: Path) -> None:
    done = setup(patience=QUICK)
    assert done["done"] == ["administrator made", "tracking switched off", "key made"]
    assert metabase.users == {"promise@example.org": PASSWORD}
    assert metabase.settings["anon-tracking-enabled"] is False
    assert address() == (metabase.url, keys.kept(metabase.url))
    assert stat.S_IMODE(file_of_keys(tmp_path).stat().st_mode) == 0o600
    assert PASSWORD not in json.dumps(done) and str(keys.kept(metabase.url)) not in json.dumps(done)


def test_a_second_setup_does_nothing(metabase: StandIn) -> None:
    setup(patience=QUICK)
    metabase.forget_calls()
    assert setup(patience=QUICK)["done"] == []
    assert metabase.writes() == []


def test_metabase_may_take_its_time_to_start(metabase: StandIn) -> None:
    metabase.healthy_after = 2
    assert setup(patience=QUICK)["done"]


def test_a_metabase_that_people_have_set_up_is_signed_in_to(metabase: StandIn) -> None:
    metabase.users["promise@example.org"] = PASSWORD
    assert setup(patience=QUICK)["done"] == ["key made"]


def test_a_key_that_was_lost_or_revoked_is_made_anew_and_not_beside_the_old_one(
    metabase: StandIn, tmp_path: Path
) -> None:
    setup(patience=QUICK)
    first = keys.kept(metabase.url)
    file_of_keys(tmp_path).unlink()
    assert setup(patience=QUICK)["done"] == ["key made"]
    assert keys.kept(metabase.url) != first
    assert [item["name"] for item in metabase.keys.values()] == [key_name()]
    metabase.keys.clear()
    assert setup(patience=QUICK)["done"] == ["key made"]


def test_each_address_has_its_own_key(metabase: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    setup(patience=QUICK)
    first = keys.kept(metabase.url)
    with serving() as other:
        other.forget_setup()
        monkeypatch.setenv("METABASE_URL", other.url)
        with pytest.raises(NotConfigured, match="no key"):
            address()
        setup(patience=QUICK)
        assert address() == (other.url, keys.kept(other.url))
    assert keys.kept(metabase.url) == first


def test_two_homes_each_have_a_key_of_their_own_to_one_metabase(
    metabase: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setup(patience=QUICK)
    first = keys.kept(metabase.url)
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "another home"))
    assert setup(patience=QUICK)["done"] == ["key made"]
    assert first != keys.kept(metabase.url)
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "home"))
    assert setup(patience=QUICK)["done"] == [], "the first opens as before"
    assert {item["name"] for item in metabase.keys.values()} > {key_name()}


def test_the_name_of_a_key_says_which_machine_and_which_home_it_is_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path))
    monkeypatch.setattr("platform.node", lambda: "one")
    name = key_name()
    assert "one" in name and str(tmp_path) in name
    monkeypatch.setattr("platform.node", lambda: "another")
    assert key_name() != name


def test_a_key_in_the_environment_is_enough(metabase: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    metabase.keys[3] = {"id": 3, "name": "made by hand", "group_id": 2, "key": KEY}
    monkeypatch.setenv("METABASE_API_KEY", KEY)
    assert setup(patience=QUICK)["done"] == []


# --- what is said when it cannot be -------------------------------------------------------------------------------


def test_without_an_address_there_is_nothing_to_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotConfigured, match="METABASE_URL"):
        setup()


def test_without_somebody_to_sign_in_as_the_settings_are_named_and_nothing_is_written(
    metabase: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("METABASE_ADMIN_PASSWORD")
    with pytest.raises(NotConfigured, match=r"METABASE_ADMIN_EMAIL and METABASE_ADMIN_PASSWORD(.|\n)*Nothing was"):
        setup(patience=QUICK)
    assert metabase.writes() == []


def test_somebody_was_faster_and_is_administrator(metabase: StandIn) -> None:
    metabase.users["somebody@example.org"] = "theirs"
    with pytest.raises(MetabaseError, match=r"has its accounts already(.|\n)*METABASE_API_KEY(.|\n)*Nothing was"):
        setup(patience=QUICK)


def test_a_password_that_metabase_refuses_is_not_repeated(metabase: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METABASE_ADMIN_PASSWORD", "secret")
    with pytest.raises(MetabaseError, match="password is too common") as caught:
        setup(patience=QUICK)
    assert "The first account was not made" in str(caught.value) and "secret" not in str(caught.value)
    assert metabase.users == {}


def test_a_key_in_the_environment_that_opens_nothing_is_named(
    metabase: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METABASE_API_KEY", "mb_wrong")
    with pytest.raises(MetabaseError, match=r"METABASE_API_KEY does not manage(.|\n)*unset it") as caught:
        setup(patience=QUICK)
    assert "mb_wrong" not in str(caught.value)


def test_a_file_of_keys_that_is_something_else_is_named(metabase: StandIn, tmp_path: Path) -> None:
    file_of_keys(tmp_path).parent.mkdir()
    file_of_keys(tmp_path).write_text("mb_key")
    with pytest.raises(MetabaseError, match=r"metabase_keys\.json is not what `promise bi setup` writes; delete it"):
        setup(patience=QUICK)


def test_a_setup_that_broke_off_before_the_key_was_written_down_is_finished_by_the_next(metabase: StandIn) -> None:
    metabase.fail("POST", "/api/api-key$", 500, "Out of memory", done=True)
    with pytest.raises(MetabaseError, match="Out of memory"):
        setup(patience=QUICK)
    metabase.faults.clear()
    assert setup(patience=QUICK)["done"] == ["key made"]
    assert len(metabase.keys) == 1
