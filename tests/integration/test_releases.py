"""Releases: readers see one release whole, the one before when a new one is refused, and can be taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from promise import database
from warehouse import releases, runs

pytestmark = pytest.mark.usefixtures("database")


def query(statement: str, role: database.Role = "reader") -> list[tuple[Any, ...]]:
    with database.connect(role) as conn:
        return conn.execute(statement.encode()).fetchall()


@pytest.fixture
def release() -> Callable[..., int]:
    """Make and show a release of two small tables that carry its number; `columns` and the `function` can differ."""

    def make(number: int, columns: str = "", function: str = "") -> int:
        with database.connect() as conn:
            run_id = runs.open_run(conn)
            releases.clear_candidate(conn)
            conn.execute(f"create table candidate.one as select {number} as made {columns}".encode())
            conn.execute(f"create table candidate.two as select {number} as made".encode())
            conn.execute("comment on column candidate.one.made is 'Which release made it.'")
            conn.execute("set local check_function_bodies = off")
            conn.execute(function.encode())
            conn.commit()
        return releases.publish(run_id)

    return make


def test_before_the_first_release_readers_are_told_what_to_do() -> None:
    with pytest.raises(releases.ReleaseError, match="make run"), releases.reading():
        pass


def test_a_release_is_shown_with_its_words_and_readers_may_read_it(release: Callable[..., int]) -> None:
    number = release(1)
    assert query("select made from marts.one") == [(1,)]
    assert query("select release_id from marts.release_info") == [(number,)]
    assert query("select col_description('marts.one'::regclass, 1)") == [("Which release made it.",)]


def test_a_candidate_that_was_not_published_is_not_seen(release: Callable[..., int]) -> None:
    release(1)
    with database.connect() as conn:
        releases.clear_candidate(conn)
        conn.execute("create table candidate.one as select 2 as made")
    assert query("select made from marts.one") == [(1,)]


def test_nothing_to_publish_is_an_error_that_says_so(release: Callable[..., int]) -> None:
    release(1)
    with database.connect() as conn:
        run_id = runs.open_run(conn)
    with pytest.raises(releases.ReleaseError, match="no candidate"):
        releases.publish(run_id)
    assert query("select made from marts.one") == [(1,)]


def test_columns_may_change_between_releases(release: Callable[..., int]) -> None:
    release(1)
    release(2, ", 'new'::text as added")
    assert query("select made, added from marts.one") == [(2, "new")]
    release(3)
    assert query("select * from marts.one") == [(3,)]


def test_rolling_back_shows_the_release_before_and_keeps_the_reason(release: Callable[..., int]) -> None:
    first = release(1)
    second = release(2)
    assert releases.rollback("a wrong figure for Fife").release_id == first
    assert query("select made from marts.one") == [(1,)]
    with database.connect() as conn:
        states = {each.release_id: (each.state, each.reason) for each in releases.listing(conn)}
    assert states == {first: ("current", None), second: ("refused", "a wrong figure for Fife")}
    with pytest.raises(releases.ReleaseError, match="no earlier release"):
        releases.rollback("once more")


def made(answer: str) -> str:
    return f"""
        create function candidate.made_by() returns table ({answer}) language sql stable
            as 'select one.made from marts.one';
        comment on function candidate.made_by() is 'Which release answers.'
    """


def test_the_functions_of_a_release_are_shown_and_taken_back_with_it(release: Callable[..., int]) -> None:
    first = release(1, function=made("release integer"))
    assert query("select release from methods.made_by()") == [(1,)]
    assert query("select obj_description('methods.made_by()'::regprocedure)") == [("Which release answers.",)]
    release(2, function=made("release integer, of_all integer").replace("one.made", "one.made, 2"))
    assert query("select release, of_all from methods.made_by()") == [(2, 2)]
    releases.rollback("a wrong function")
    assert query("select * from methods.made_by()") == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(f"select * from release_{first}.made_by()")


def test_a_function_that_a_later_release_has_not_is_no_longer_shown(release: Callable[..., int]) -> None:
    release(1, function=made("release integer"))
    release(2, function=made("release integer").replace("made_by", "made_in"))
    assert query("select release from methods.made_in()") == [(2,)]
    with pytest.raises(psycopg.errors.UndefinedFunction):
        query("select release from methods.made_by()")


def test_a_release_from_before_dbt_made_functions_is_shown_with_those_there_are(release: Callable[..., int]) -> None:
    release(1)
    release(2, function=made("release integer"))
    releases.rollback("a wrong figure for Fife")
    assert query("select release from methods.made_by()") == [(1,)]


def test_old_releases_stay_readable_under_their_own_name_until_dropped(release: Callable[..., int]) -> None:
    numbers = [release(each) for each in range(1, 6)]
    kept = query("select nspname from pg_namespace where nspname ~ '^release_' order by 1")
    assert kept == [(f"release_{number}",) for number in numbers[-releases.KEPT :]]


def test_a_reader_of_several_statements_holds_the_swap_back(
    release: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    release(1)
    monkeypatch.setattr(releases, "SWAP_TIMEOUT", 0.2)
    with releases.reading() as conn:
        assert conn.execute("select made from marts.one").fetchone() == (1,)
        with pytest.raises(releases.ReleaseError, match="Readers still see the release before"):
            release(2)
        assert conn.execute("select made from marts.two").fetchone() == (1,)


def test_readers_at_work_never_fail_and_never_see_two_releases_in_one_statement(release: Callable[..., int]) -> None:
    release(0)
    stop, failures, seen = threading.Event(), [], set()

    def read(join: bytes) -> None:
        with database.connect("reader", autocommit=True) as conn:
            while not stop.is_set():
                try:
                    row = conn.execute(b"select one.made, two.made from " + join).fetchone()
                except psycopg.Error as error:
                    failures.append(str(error))
                    return
                assert row is not None
                if row[0] != row[1]:
                    failures.append(f"one statement saw releases {row}")
                seen.add(row[0])

    # Each order of names locks the two views in that order.
    joins = (b"marts.one cross join marts.two", b"marts.two cross join marts.one", b"marts.one cross join marts.two")
    readers = [threading.Thread(target=read, args=(join,)) for join in joins]
    for reader in readers:
        reader.start()
    for number in range(1, 9):
        release(number)
    stop.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert len(seen) > 1, "the readers were at work while the releases changed"
