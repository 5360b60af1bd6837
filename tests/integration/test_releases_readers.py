"""A release beside its readers: nobody waits, nobody sees half, and what they held is cleared away when they let go."""

from __future__ import annotations

import threading

import psycopg
import pytest
from small_releases import judged, made_by_both, query, release, transaction

from promise import database
from promise.database.patience import Blocked
from warehouse import candidate, clearing, pointer, published, releases, runs

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    "changing", ["", ", 'new'::text as added"], ids=["one shape", "a shape that changes each time"]
)
def test_readers_at_work_never_fail_and_never_see_two_releases(changing: str) -> None:
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


@pytest.mark.parametrize("columns", ["", ", 'new'::text as added"], ids=["same shape", "another shape, one not read"])
def test_a_reader_that_idles_in_its_transaction_holds_no_release_up(columns: str) -> None:
    release(1)
    with transaction() as idle:
        assert idle.execute("select made from marts.two").fetchone() == (1,)
        release(2, columns)
        assert made_by_both(idle) == (2, 2), "read committed sees the new one, whole"


def test_a_snapshot_goes_on_seeing_its_release_whole_also_after_its_slots_were_filled_again() -> None:
    release(1)
    with transaction("repeatable read") as old:
        old.execute("select 1")  # a transaction gets its snapshot at its first statement
        for number in range(2, 7):
            release(number)
            assert made_by_both(old) == (1, 1)
    assert query("select made from marts.one") == [(6,)]


def test_a_snapshot_of_before_the_first_release_gets_an_error_not_an_empty_mart() -> None:
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
def test_a_snapshot_goes_on_seeing_a_mart_whose_shape_changes(before: str, after: str, seen: tuple[int, int]) -> None:
    release(1, before)
    with transaction("repeatable read") as old:
        assert old.execute("select made from marts.two").fetchone() == (1,)
        release(2, after)
        assert made_by_both(old) == seen
    assert query("select (select made from marts.one), (select made from marts.two)") == [(2, 2)]


def test_a_release_that_changes_a_shape_waits_for_who_reads_it_says_who_and_goes_on_when_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release(1)
    monkeypatch.setattr(pointer, "SWAP_PATIENCE", 0.2)
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
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release(1)
    monkeypatch.setattr(pointer, "SWAP_PATIENCE", 0.2)
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


def test_a_view_that_somebody_dropped_is_there_again_with_the_next_release() -> None:
    release(1)
    with database.connect("releaser") as conn:
        conn.execute("drop view marts.two")
    release(2)
    assert query("select (select made from marts.one), (select made from marts.two)") == [(2, 2)]


def test_what_an_analyst_built_on_a_mart_outlives_a_release_and_says_when_it_is_out_of_date() -> None:
    release(1, ", 1 as gone")
    with database.connect() as conn:
        conn.execute("create schema dev_ada_marts; create view dev_ada_marts.mine as select made, gone from marts.one")
    release(2, ", 2 as gone")
    assert query("select * from dev_ada_marts.mine", "owner") == [(2, 2)]
    release(3)
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match=r"marts\.one"):
        query("select * from dev_ada_marts.mine", "owner")
    assert query("select * from marts.one") == [(3,)]


def test_nothing_is_left_of_shapes_that_no_kept_release_has() -> None:
    for number in range(1, 4):
        release(number, f", 1 as only_{number}")
    release(4)
    release(5)
    assert query("select count(*) from pg_class where relnamespace = 'published'::regnamespace and relkind = 'p'") == [
        (3,)
    ]
    assert query("select parent from ops.published_table where mart = 'one'", "owner") == [("one",)]


def test_a_slot_that_an_old_snapshot_kept_from_being_cleaned_is_emptied_when_it_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clearing, "SMALL", 0)
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


def test_a_slot_has_its_indexes_whenever_it_is_shown_and_they_alone_can_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "SMALL", 0)
    for number in range(1, 6):
        release(number)
        found = query(
            "select indexdef from pg_indexes join ops.shown on tablename = parent || '__s' || slot where mart = 'two'",
            "owner",
        )
        assert len(found) == 1
        assert "UNIQUE" in found[0][0] and found[0][0].endswith("(made) INCLUDE (slot)")


def test_what_an_old_snapshot_kept_vacuum_from_is_done_when_it_is_gone() -> None:
    release(1)
    with transaction("repeatable read") as old:
        old.execute("select 1")
        release(2)
    with database.connect(autocommit=True) as conn:
        assert published.half_vacuumed(conn)
        releases.tidy(conn)
        assert not published.half_vacuumed(conn)
