"""Releases: readers see one release whole, the one before when a new one is refused, and can be taken back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from promise import database
from promise.database.patience import Blocked
from warehouse import candidate, published, releases, runs

pytestmark = pytest.mark.usefixtures("database")


def query(statement: str, role: database.Role = "reader") -> list[tuple[Any, ...]]:
    with database.connect(role) as conn:
        return conn.execute(statement.encode()).fetchall()


@pytest.fixture
def release() -> Callable[..., int]:
    """Make and show a release of two small tables that carry its number; `columns` and the `function` can differ."""

    def make(number: int, columns: str = "", function: str = "") -> int:
        return releases.publish(judged(number, columns, function))

    return make


def judged(number: int, columns: str = "", function: str = "", of_both: str = "") -> int:
    """Build a candidate and let it pass; returns its run."""
    with database.connect() as conn:
        run_id = runs.open_run(conn)
        candidate.clear(conn)
        conn.execute(f"create table candidate.one as select {number} as made {columns} {of_both}".encode())
        conn.execute(f"create table candidate.two as select {number} as made {of_both}".encode())
        conn.execute("create unique index on candidate.two (made)")
        conn.execute("comment on column candidate.one.made is 'Which release made it.'")
        conn.execute("set local check_function_bodies = off")
        conn.execute(function.encode())
        conn.commit()
        candidate.seal(conn, run_id)
        candidate.pass_gate(conn, run_id)
    return run_id


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
        candidate.clear(conn)
        conn.execute("create table candidate.one as select 2 as made")
    assert query("select made from marts.one") == [(1,)]


def test_nothing_to_publish_is_an_error_that_says_so(release: Callable[..., int]) -> None:
    release(1)
    with database.connect() as conn:
        run_id = runs.open_run(conn)
    with pytest.raises(releases.ReleaseError, match="no candidate that was judged"):
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
    release(1, function=made("release integer"))
    assert query("select release from methods.made_by()") == [(1,)]
    assert query("select obj_description('methods.made_by()'::regprocedure)") == [("Which release answers.",)]
    release(2, function=made("release integer, of_all integer").replace("one.made", "one.made, 2"))
    assert query("select release, of_all from methods.made_by()") == [(2, 2)]
    releases.rollback("a wrong function")
    assert query("select * from methods.made_by()") == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query("select * from candidate.made_by()")


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


@pytest.mark.parametrize(
    "changing", ["", ", 'new'::text as added"], ids=["one shape", "a shape that changes each time"]
)
def test_readers_at_work_never_fail_and_never_see_two_releases(release: Callable[..., int], changing: str) -> None:
    release(0)
    stop, failures, seen = threading.Event(), [], set()
    # Each order of names locks the two views in that order.
    joins = (b"marts.one cross join marts.two", b"marts.two cross join marts.one")

    def read(level: str) -> None:
        with database.connect("reader") as conn:
            while not stop.is_set():
                try:
                    conn.execute(f"set transaction isolation level {level}".encode())
                    rows = [conn.execute(b"select one.made, two.made from " + join).fetchone() for join in joins * 2]
                    conn.rollback()
                except psycopg.Error as error:
                    failures.append(str(error))
                    return
                if any(row is None or row[0] != row[1] for row in rows):
                    failures.append(f"one statement saw releases {rows}")
                if level == "repeatable read" and len({*rows}) > 1:
                    failures.append(f"one snapshot saw releases {rows}")
                seen.update(row[0] for row in rows if row)

    levels = ("read committed", "repeatable read") * 2
    readers = [threading.Thread(target=read, args=(level,)) for level in levels]
    with transaction("repeatable read") as idle:
        if not changing:  # who has read a mart holds up only what changes its shape
            idle.execute("select made from marts.one")
        idle.execute("select made from marts.two")
        for reader in readers:
            reader.start()
        for number in range(1, 9):
            release(number, changing if number % 2 else "")
        stop.set()
        for reader in readers:
            reader.join()
        assert made_by_both(idle) == (0, 0)
    assert not failures
    assert len(seen) > 1, "the readers were at work while the releases changed"


# ------------------------------------------------------------------------------------------------ only what was judged


def test_a_candidate_that_was_changed_since_it_was_judged_is_not_shown(release: Callable[..., int]) -> None:
    release(1)
    run_id = judged(2)
    with database.connect() as conn:
        conn.execute("update candidate.one set made = 999999")
    with pytest.raises(releases.NotAsJudged, match="other rows in one"):
        releases.publish(run_id)
    assert query("select made from marts.one") == [(1,)]


def test_a_candidate_whose_function_was_changed_since_it_was_judged_is_not_shown(release: Callable[..., int]) -> None:
    release(1, function=made("release integer"))
    run_id = judged(2, function=made("release integer"))
    with database.connect() as conn:
        conn.execute(
            "create or replace function candidate.made_by() returns table (release integer) language sql stable"
            " as 'select 999999'"
        )
    with pytest.raises(releases.NotAsJudged, match="other functions"):
        releases.publish(run_id)
    assert query("select release from methods.made_by()") == [(1,)]


def test_a_candidate_that_a_second_builder_cleared_is_not_shown(release: Callable[..., int]) -> None:
    release(1)
    run_id = judged(2)
    with database.connect() as conn:
        candidate.clear(conn)
        conn.execute("create table candidate.one as select 2 as made")
    with pytest.raises(releases.NotAsJudged, match="other tables"):
        releases.publish(run_id)
    assert query("select (select made from marts.one), (select made from marts.two)") == [(1, 1)]


def test_the_candidate_of_a_run_that_was_not_judged_is_not_shown(release: Callable[..., int]) -> None:
    release(1)
    run_id = judged(2)
    with database.connect() as conn:
        conn.execute("update ops.warehouse_run set gate_passed_at = null where run_id = %s", (run_id,))
    with pytest.raises(releases.ReleaseError, match="no candidate that was judged fit"):
        releases.publish(run_id)


@pytest.mark.parametrize("ending", ["failed", "refused"])
def test_the_candidate_of_a_run_that_ended_is_not_shown(ending: str, release: Callable[..., int]) -> None:
    release(1)
    run_id = judged(2)
    with database.connect() as conn:
        runs.close_run(conn, run_id, ending, "a model")  # type: ignore[arg-type]
    with pytest.raises(releases.ReleaseError, match=f"run {run_id} was {ending}"):
        releases.publish(run_id)
    assert query("select made from marts.one") == [(1,)]


def test_a_run_that_is_published_twice_is_released_once(release: Callable[..., int]) -> None:
    run_id = judged(1)
    number = releases.publish(run_id)
    release(2)
    assert releases.publish(run_id) == number
    assert query("select made from marts.one") == [(2,)]


def test_what_did_not_change_is_not_written_again(release: Callable[..., int]) -> None:
    release(1)
    before = query("select slot from ops.shown where mart = 'one'", "owner")
    release(1)
    assert query("select slot from ops.shown where mart = 'one'", "owner") == before
    release(2)
    assert query("select slot from ops.shown where mart = 'one'", "owner") != before


# ------------------------------------------------------------------------------------------- a swap waits for nobody


@contextlib.contextmanager
def transaction(level: str = "read committed") -> Iterator[psycopg.Connection[Any]]:
    """A reader's open transaction."""
    with database.connect("reader") as conn:
        conn.execute(f"set transaction isolation level {level}".encode())
        yield conn


def made_by_both(conn: psycopg.Connection[Any]) -> tuple[Any, ...] | None:
    return conn.execute("select (select made from marts.one), (select made from marts.two)").fetchone()


@pytest.mark.parametrize("columns", ["", ", 'new'::text as added"], ids=["same shape", "another shape, one not read"])
def test_a_reader_that_idles_in_its_transaction_holds_no_release_up(release: Callable[..., int], columns: str) -> None:
    release(1)
    with transaction() as idle:
        assert idle.execute("select made from marts.two").fetchone() == (1,)
        release(2, columns)
        assert made_by_both(idle) == (2, 2), "read committed sees the new one, whole"


def test_a_snapshot_goes_on_seeing_its_release_whole_also_after_its_slots_were_filled_again(
    release: Callable[..., int],
) -> None:
    release(1)
    with transaction("repeatable read") as old:
        old.execute("select 1")  # a transaction gets its snapshot at its first statement
        for number in range(2, 7):
            release(number)
            assert made_by_both(old) == (1, 1)
    assert query("select made from marts.one") == [(6,)]


def test_a_snapshot_of_before_the_first_release_gets_an_error_not_an_empty_mart(release: Callable[..., int]) -> None:
    with transaction("repeatable read") as old:
        old.execute("select 1")
        release(1)
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=r"marts\.one .* in no release"):
            old.execute("select made from marts.one")


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        pytest.param("", ", 'new'::text as added", (1, 1), id="gains a column at the end"),
        pytest.param(", 1 as middle, 2 as last", ", 2 as last", (1, 1), id="loses a column in the middle"),
        pytest.param(", 1 as one", ", '1'::text as one", (1, 1), id="changes a type"),
    ],
)
def test_a_snapshot_goes_on_seeing_a_mart_whose_shape_changes(
    release: Callable[..., int], before: str, after: str, seen: tuple[int, int]
) -> None:
    release(1, before)
    with transaction("repeatable read") as old:
        assert old.execute("select made from marts.two").fetchone() == (1,)
        release(2, after)
        assert made_by_both(old) == seen
    assert query("select (select made from marts.one), (select made from marts.two)") == [(2, 2)]


def test_a_release_that_changes_a_shape_waits_for_who_reads_it_says_who_and_goes_on_when_asked_again(
    release: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    release(1)
    monkeypatch.setattr(releases, "SWAP_PATIENCE", 0.2)
    run_id = judged(2, ", 'new'::text as added")
    with transaction() as idle:
        assert idle.execute("select made from marts.one").fetchone() == (1,)
        pid = idle.info.backend_pid
        with pytest.raises(Blocked, match=rf"readers see the one before.*process {pid} of promise_reader \(promise\)"):
            releases.publish(run_id)
        assert made_by_both(idle) == (1, 1)
    with database.connect() as conn:
        candidate.clear(conn)  # what was written stays
    releases.publish(run_id)
    assert query("select made, added from marts.one") == [(2, "new")]


def test_what_a_release_that_was_not_shown_has_prepared_shows_the_one_before_and_goes_with_the_next(
    release: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    release(1)
    monkeypatch.setattr(releases, "SWAP_PATIENCE", 0.2)
    run_id = judged(2, of_both=", 'new'::text as added")
    with transaction() as idle:
        assert idle.execute("select made from marts.two").fetchone() == (1,)
        with pytest.raises(Blocked):
            releases.publish(run_id)
        assert query("select one.made, one.added, two.made from marts.one cross join marts.two") == [(1, None, 1)]
    with database.connect(autocommit=True) as conn:
        releases.tidy(conn)
        runs.close_run(conn, run_id, "failed", "given up")
        conn.commit()
    assert query("select made from marts.one") == [(1,)]
    release(3)
    assert query("select one.*, two.* from marts.one cross join marts.two") == [(3, 3)]


def test_a_view_that_somebody_dropped_is_there_again_with_the_next_release(release: Callable[..., int]) -> None:
    release(1)
    with database.connect("releaser") as conn:
        conn.execute("drop view marts.two")
    release(2)
    assert query("select (select made from marts.one), (select made from marts.two)") == [(2, 2)]


def test_what_an_analyst_built_on_a_mart_outlives_a_release_and_says_when_it_is_out_of_date(
    release: Callable[..., int],
) -> None:
    release(1, ", 1 as gone")
    with database.connect() as conn:
        conn.execute("create schema dev_ada_marts; create view dev_ada_marts.mine as select made, gone from marts.one")
    release(2, ", 2 as gone")
    assert query("select * from dev_ada_marts.mine", "owner") == [(2, 2)]
    release(3)
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=r"marts\.one"):
        query("select * from dev_ada_marts.mine", "owner")
    assert query("select * from marts.one") == [(3,)]


def test_nothing_is_left_of_shapes_that_no_kept_release_has(release: Callable[..., int]) -> None:
    for number in range(1, 4):
        release(number, f", 1 as only_{number}")
    release(4)
    release(5)
    assert query("select count(*) from pg_class where relnamespace = 'published'::regnamespace and relkind = 'p'") == [
        (3,)
    ]
    assert query("select parent from ops.published_table where mart = 'one'", "owner") == [("one",)]


def test_a_slot_that_an_old_snapshot_kept_from_being_cleaned_is_emptied_when_it_is_gone(
    release: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "SMALL", 0)
    many = ", array(select generate_series(1, 3000)) as ballast"
    release(1, many)
    with transaction("repeatable read") as old:
        old.execute("select made from marts.two")
        for number in range(2, 12):
            release(number, many)
        assert old.execute("select made from marts.one").fetchone() == (1,)
    for number in range(12, 15):
        release(number, many)
    sizes = query(
        "select pg_relation_size(oid) from pg_class where relname ~ '^one__s' and relkind = 'r' order by 1", "owner"
    )
    assert sizes[-1][0] <= 2 * max(sizes[0][0], 8192), sizes


def test_a_slot_has_its_indexes_whenever_it_is_shown_and_they_alone_can_answer(
    release: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "SMALL", 0)
    for number in range(1, 6):
        release(number)
        found = query(
            "select indexdef from pg_indexes join ops.shown on tablename = parent || '__s' || slot where mart = 'two'",
            "owner",
        )
        assert len(found) == 1
        assert "UNIQUE" in found[0][0] and found[0][0].endswith("(made) INCLUDE (slot)")


def test_what_an_old_snapshot_kept_vacuum_from_is_done_when_it_is_gone(release: Callable[..., int]) -> None:
    release(1)
    with transaction("repeatable read") as old:
        old.execute("select 1")
        release(2)
    with database.connect(autocommit=True) as conn:
        assert published.half_vacuumed(conn)
        releases.tidy(conn)
        assert not published.half_vacuumed(conn)


# ------------------------------------------------------------------------------------------------- a rollback holds


def test_a_rollback_holds_until_somebody_allows_another_release(release: Callable[..., int]) -> None:
    first, second = release(1), release(2)
    releases.rollback("a wrong figure for Fife")
    with database.connect() as conn:
        held = runs.plan(conn).held
    assert held is not None
    assert f"release {second} was rolled back from" in held
    assert "a wrong figure for Fife" in held
    assert f"readers see release {first}" in held
    assert "promise release allow" in held
    with pytest.raises(releases.Held, match="a wrong figure for Fife"):
        release(3)
    assert query("select made from marts.one") == [(1,)]
    allowed = releases.allow()
    assert allowed is not None and allowed.release_id == second
    assert releases.allow() is None
    release(3)
    assert query("select made from marts.one") == [(3,)]


def test_a_rollback_across_a_change_of_shape_shows_the_shape_of_before(release: Callable[..., int]) -> None:
    release(1)
    release(2, ", 'new'::text as added")
    with transaction("repeatable read") as old:
        assert old.execute("select made from marts.two").fetchone() == (2,)
        releases.rollback("a wrong column")
        assert query("select * from marts.one") == [(1,)]
        assert made_by_both(old) == (2, 2)


def test_a_release_beside_the_current_one_can_be_dropped_and_no_other(release: Callable[..., int]) -> None:
    first, second = release(1), release(2)
    with pytest.raises(releases.ReleaseError, match=f"release {second} is what readers see"):
        releases.drop(second)
    releases.drop(first)
    with pytest.raises(releases.ReleaseError, match=f"release {first} is not kept"):
        releases.drop(first)
    with pytest.raises(releases.ReleaseError, match="no earlier release"):
        releases.rollback("too late")


# ----------------------------------------------------------------------------- a home of before releases had slots


def of_before(columns: str = "") -> None:
    """What a revision without slots left: two releases in schemas of their own, of which the second is shown."""
    with database.connect() as conn:
        conn.execute("insert into ops.warehouse_run (fingerprint, vintages, state) values ('f', '{}', 'released')")
        for number, state in ((1, "superseded"), (2, "current")):
            conn.execute(
                f"create schema release_{number};"
                f" create table release_{number}.one as select {number} as made {columns};"
                f" create table release_{number}.two as select {number} as made;"
                f" create unique index on release_{number}.two (made);"
                f" create table release_{number}.release_info as select {number} as release_id, now() as released_at,"
                "  1::bigint as run_id, 'f' as fingerprint;"
                "insert into ops.release (release_id, run_id, schema_name, state, released_at)"
                f" select {number}, max(run_id), 'release_{number}', '{state}', now() from ops.warehouse_run".encode()
            )
        for table in ("one", "two", "release_info"):
            conn.execute(f"create view marts.{table} as select * from release_2.{table}".encode())
        conn.execute("select setval('ops.release_number', 2)")
    database.ensure_running()  # gives each role what is its own now


def schemas_of_before() -> list[tuple[Any, ...]]:
    return query("select nspname from pg_namespace where nspname ~ '^release_'")


def test_the_release_of_before_is_offered_again_where_its_shapes_agree(release: Callable[..., int]) -> None:
    of_before()
    assert query("select made from marts.one") == [(2,)]
    assert release(3) == 3
    assert query("select made from marts.one") == [(3,)]
    assert schemas_of_before() == []
    assert releases.rollback("a wrong figure for Fife").release_id == 2
    assert query("select made from marts.one") == [(2,)]
    with database.connect() as conn:
        first = releases.listing(conn)[-1]
    assert (first.state, first.reason) == ("dropped", "no longer offered: it was made before releases had slots")


def test_a_release_of_before_of_another_shape_is_named_as_no_longer_offered(release: Callable[..., int]) -> None:
    of_before(", 'old' as gone")
    release(3)
    assert query("select * from marts.one") == [(3,)]
    assert schemas_of_before() == []
    with database.connect() as conn:
        states = {each.release_id: (each.state, each.reason) for each in releases.listing(conn)}
    gone = ("dropped", "no longer offered: it was made before releases had slots")
    assert states == {3: ("current", None), 2: gone, 1: gone}
    with pytest.raises(releases.ReleaseError, match="no earlier release"):
        releases.rollback("too late")


def test_a_database_is_prepared_beside_readers_who_idle(release: Callable[..., int]) -> None:
    release(1)
    with database.connect("owner") as conn:
        conn.execute("comment on schema ops is 'Prepared by another revision'")
    with transaction() as idle:
        assert idle.execute("select made from marts.one").fetchone() == (1,)
        database.ensure_running()
    assert query("select obj_description('ops'::regnamespace, 'pg_namespace') ~ '^Prepared by [0-9a-f]{64}'") == [
        (True,)
    ]
