"""Releases: readers see one release whole, the one before when a new one is refused, and can be taken back."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from small_releases import judged, made_by_both, query, release, transaction

from promise import database
from promise.database.patience import LONGEST
from warehouse import candidate, pointer, published, releases, runs, withholding

pytestmark = pytest.mark.usefixtures("database")


def test_before_the_first_release_readers_are_told_what_to_do() -> None:
    with pytest.raises(releases.ReleaseError, match="make run"), releases.reading():
        pass


def test_a_release_is_shown_with_its_words_and_readers_may_read_it() -> None:
    number = release(1)
    assert query("select made from marts.one") == [(1,)]
    assert query("select release_id from marts.release_info") == [(number,)]
    assert query("select col_description('marts.one'::regclass, 1)") == [("Which release made it.",)]


def test_a_candidate_that_was_not_published_is_not_seen() -> None:
    release(1)
    with database.connect() as conn:
        candidate.clear(conn)
        conn.execute("create table candidate.one as select 2 as made")
    assert query("select made from marts.one") == [(1,)]


def test_nothing_to_publish_is_an_error_that_says_so() -> None:
    release(1)
    with database.connect() as conn:
        run_id = runs.open_run(conn)
    with pytest.raises(releases.ReleaseError, match="no candidate that was judged"):
        releases.publish(run_id)
    assert query("select made from marts.one") == [(1,)]


def test_columns_may_change_between_releases() -> None:
    release(1)
    release(2, ", 'new'::text as added")
    assert query("select made, added from marts.one") == [(2, "new")]
    release(3)
    assert query("select * from marts.one") == [(3,)]


def test_rolling_back_shows_the_release_before_and_keeps_the_reason() -> None:
    first = release(1)
    second = release(2)
    assert releases.rollback("a wrong figure for Fife").release_id == first
    assert query("select made from marts.one") == [(1,)]
    with database.connect() as conn:
        states = {each.release_id: (each.state, each.reason) for each in releases.listing(conn)}
    assert states == {first: ("current", None), second: ("refused", "a wrong figure for Fife")}
    with pytest.raises(releases.ReleaseError, match="no earlier release"):
        releases.rollback("once more")


HISTORY = """
    create table candidate.fct_observation_vintage as
    select 'm' as measure_id, area_code, date '2024-07-31' as period_start, date '2024-07-31' as period_end,
        'total' as breakdown, 'total' as breakdown_value, 's' as source_id, 'p' as publication_id,
        'published' as entry, {value}::numeric as obs_value, {conf_status} as conf_status,
        {count}::numeric as numerator, null::numeric as denominator, null::numeric as lci_95,
        null::numeric as uci_95
    from unnest(array['S12000041', 'S12000015']) as area (area_code);
"""
ONE_OF_THEM = "case when area_code = 'S12000015' then 27 end"


def history(value: str, count: str = "null") -> str:
    conf_status = f"case when {value} is null then 'suppressed_by_publisher' else 'free' end"
    return HISTORY.format(value=value, conf_status=conf_status, count=count)


@pytest.mark.parametrize(
    ("before", "now", "figures"),
    [
        pytest.param(history("27"), history(ONE_OF_THEM), 1, id="a value"),
        pytest.param(history("null", count="3"), history("null"), 2, id="what stands beside it"),
        pytest.param(history(ONE_OF_THEM), history(ONE_OF_THEM), 0, id="what was withheld before"),
        pytest.param(history(ONE_OF_THEM), history("27"), 0, id="what is given again"),
    ],
)
def test_a_release_is_emptied_when_the_next_withholds_what_it_shows(before: str, now: str, figures: int) -> None:
    first = release(1, function=before)
    second = release(2, function=now)
    with database.connect() as conn:
        kept = {each.release_id: each for each in releases.listing(conn) if each.is_kept}
        held = conn.execute(
            "select count(*), sum(pg_relation_size(inhrelid)) from pg_inherits"
            " where inhparent = 'published.fct_observation_vintage'::regclass and pg_relation_size(inhrelid) > 0"
        ).fetchone()
    assert [*kept] == ([second] if figures else [second, first])
    assert held is not None
    assert held[0] == (1 if figures or before == now else 2), "nothing of it is left, however small"
    if figures:
        told = f"release {first}: emptied, because of {figures} of the figures that it shows release {second} says"
        with pytest.raises(releases.ReleaseError, match=told):
            releases.rollback("a wrong figure for Fife")
    else:
        assert releases.rollback("a wrong figure for Fife").release_id == first


def test_a_release_is_shown_however_long_it_takes_to_find_out_what_it_withholds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 115,000 figures that took two seconds, and an attempt has less: no release after the first was ever shown, and
    each said that somebody was reading."""
    find_out = withholding.revealing

    def slowly(conn: psycopg.Connection[Any], release_id: int) -> dict[int, str]:
        conn.execute("select pg_sleep(%s)", (LONGEST + 0.2,))
        return find_out(conn, release_id)

    release(1)
    monkeypatch.setattr(withholding, "revealing", slowly)
    monkeypatch.setattr(pointer, "SWAP_PATIENCE", 2.0)
    release(2)
    assert query("select made from marts.one") == [(2,)]


def test_what_an_old_snapshot_still_sees_is_emptied_when_it_has_gone() -> None:
    release(1, function=history("27"))
    with transaction("repeatable read") as reader:
        seen = "select count(*) from marts.fct_observation_vintage where obs_value = 27"
        assert reader.execute(seen.encode()).fetchone() == (2,)
        release(2, function=history("null"))
        assert reader.execute(seen.encode()).fetchone() == (2,), "its snapshot is of before"
    with database.connect("releaser", autocommit=True) as conn:
        releases.tidy(conn)
        assert conn.execute(
            "select count(*) from published.fct_observation_vintage where obs_value = 27"
        ).fetchone() == (0,)
        assert conn.execute(
            "select count(*) from ops.slot_to_empty join ops.release_mart using (parent, slot)"
        ).fetchone() == (0,)


def made(answer: str) -> str:
    return f"""
        create function candidate.made_by() returns table ({answer}) language sql stable
            as 'select one.made from marts.one';
        comment on function candidate.made_by() is 'Which release answers.'
    """


def test_the_functions_of_a_release_are_shown_and_taken_back_with_it() -> None:
    release(1, function=made("release integer"))
    assert query("select release from methods.made_by()") == [(1,)]
    assert query("select obj_description('methods.made_by()'::regprocedure)") == [("Which release answers.",)]
    release(2, function=made("release integer, of_all integer").replace("one.made", "one.made, 2"))
    assert query("select release, of_all from methods.made_by()") == [(2, 2)]
    releases.rollback("a wrong function")
    assert query("select * from methods.made_by()") == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query("select * from candidate.made_by()")


def test_functions_of_a_release_call_those_of_the_same_release() -> None:
    calling = """
        ; create function candidate.asked() returns bigint language sql stable
            as 'select max(release) from "candidate"."made_by"()';
    """
    release(1, function=made("release bigint") + calling)
    assert query("select methods.asked()") == [(1,)]
    release(2, function=made("release bigint").replace("one.made", "one.made + 40") + calling)
    assert query("select methods.asked()") == [(42,)]


def test_a_function_that_stays_as_it_is_keeps_what_was_made_of_it() -> None:
    release(1, function=made("release integer"))
    with database.connect() as conn:
        conn.execute("create view methods.made_of_it as select * from methods.made_by()")
    other = "; create function candidate.other() returns integer language sql immutable as 'select 7'"
    release(2, function=made("release integer") + other)
    assert query("select other from methods.other()") == [(7,)]
    with database.connect() as conn:
        assert conn.execute("select release from methods.made_of_it").fetchall() == [(2,)]


def test_a_function_that_a_later_release_has_not_is_no_longer_shown() -> None:
    release(1, function=made("release integer"))
    release(2, function=made("release integer").replace("made_by", "made_in"))
    assert query("select release from methods.made_in()") == [(2,)]
    with pytest.raises(psycopg.errors.UndefinedFunction):
        query("select release from methods.made_by()")


def test_a_release_from_before_dbt_made_functions_is_shown_with_those_there_are() -> None:
    release(1)
    release(2, function=made("release integer"))
    releases.rollback("a wrong figure for Fife")
    assert query("select release from methods.made_by()") == [(1,)]


# ------------------------------------------------------------------------------------------------ only what was judged


def test_a_candidate_that_was_changed_since_it_was_judged_is_not_shown() -> None:
    release(1)
    run_id = judged(2)
    with database.connect() as conn:
        conn.execute("update candidate.one set made = 999999")
    with pytest.raises(releases.NotAsJudged, match="other rows in one"):
        releases.publish(run_id)
    assert query("select made from marts.one") == [(1,)]


def test_a_candidate_whose_function_was_changed_since_it_was_judged_is_not_shown() -> None:
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


def test_a_candidate_that_a_second_builder_cleared_is_not_shown() -> None:
    release(1)
    run_id = judged(2)
    with database.connect() as conn:
        candidate.clear(conn)
        conn.execute("create table candidate.one as select 2 as made")
    with pytest.raises(releases.NotAsJudged, match="other tables"):
        releases.publish(run_id)
    assert query("select (select made from marts.one), (select made from marts.two)") == [(1, 1)]


def test_the_candidate_of_a_run_that_was_not_judged_is_not_shown() -> None:
    release(1)
    run_id = judged(2)
    with database.connect() as conn:
        conn.execute("update ops.warehouse_run set gate_passed_at = null where run_id = %s", (run_id,))
    with pytest.raises(releases.ReleaseError, match="no candidate that was judged fit"):
        releases.publish(run_id)


@pytest.mark.parametrize("ending", ["failed", "refused"])
def test_the_candidate_of_a_run_that_ended_is_not_shown(ending: str) -> None:
    release(1)
    run_id = judged(2)
    with database.connect() as conn:
        runs.close_run(conn, run_id, ending, "a model")  # type: ignore[arg-type]
    with pytest.raises(releases.ReleaseError, match=f"run {run_id} was {ending}"):
        releases.publish(run_id)
    assert query("select made from marts.one") == [(1,)]


def test_a_run_that_is_published_twice_is_released_once() -> None:
    run_id = judged(1)
    number = releases.publish(run_id)
    release(2)
    assert releases.publish(run_id) == number
    assert query("select made from marts.one") == [(2,)]


def test_what_did_not_change_is_not_written_again() -> None:
    release(1)
    before = query("select slot from ops.shown where mart = 'one'", "owner")
    release(1)
    assert query("select slot from ops.shown where mart = 'one'", "owner") == before
    release(2)
    assert query("select slot from ops.shown where mart = 'one'", "owner") != before


# ------------------------------------------------------------------------------------------------- a rollback holds


def test_a_rollback_holds_until_somebody_allows_another_release() -> None:
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


def test_a_rollback_across_a_change_of_shape_shows_the_shape_of_before() -> None:
    release(1)
    release(2, ", 'new'::text as added")
    with transaction("repeatable read") as old:
        assert old.execute("select made from marts.two").fetchone() == (2,)
        releases.rollback("a wrong column")
        assert query("select * from marts.one") == [(1,)]
        assert made_by_both(old) == (2, 2)


def test_a_release_beside_the_current_one_can_be_dropped_and_no_other() -> None:
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


def test_the_release_of_before_is_offered_again_where_its_shapes_agree() -> None:
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


def test_a_release_of_before_of_another_shape_is_named_as_no_longer_offered() -> None:
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


def test_a_database_is_prepared_beside_readers_who_idle() -> None:
    release(1)
    with database.connect("owner") as conn:
        conn.execute("comment on schema ops is 'Prepared by another revision'")
    with transaction() as idle:
        assert idle.execute("select made from marts.one").fetchone() == (1,)
        database.ensure_running()
    assert query("select obj_description('ops'::regnamespace, 'pg_namespace') ~ '^Prepared by [0-9a-f]{64}'") == [
        (True,)
    ]


@pytest.mark.parametrize("later", ["", "drop table candidate.one"], ids=["shown to everybody", "removed"])
def test_what_was_restricted_stays_so_when_it_is_gone_back_to_with_code_that_knows_it_so_no_more(
    later: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_staff = "select made from restricted.one"
    monkeypatch.setattr(published, "_of_staff", lambda: frozenset({"one"}))
    release(1)
    assert query(of_staff, "staff") == [(1,)]
    monkeypatch.setattr(published, "_of_staff", frozenset)
    releases.publish(judged(2, function=later))
    public = [] if later else [("one",)]
    views = "select viewname::text from pg_views where schemaname = '{}' and viewname = 'one'"
    assert query(views.format("marts")) == public and query(views.format("restricted")) == []
    releases.rollback("a wrong figure for Fife")
    assert query(views.format("marts")) == [] and query(of_staff, "staff") == [(1,)]


def test_a_mart_of_which_it_is_not_known_who_may_see_it_is_shown_to_no_reader() -> None:
    release(1)
    release(2, ", 'new'::text as added")
    with database.connect() as conn:
        conn.execute("alter table ops.published_table drop column shown_in")  # as the revision before had it
        conn.execute("drop view marts.two")
        conn.execute("comment on schema ops is 'Prepared by another revision'")
        conn.commit()
        database.ensure_running()
        assert conn.execute("select mart, shown_in from ops.published_table order by 1, 2").fetchall() == [
            ("one", "marts"), ("one", "marts"), ("release_info", "marts"), ("two", "restricted"),
        ]  # fmt: skip
    releases.rollback("a wrong figure for Fife")
    assert query("select made from marts.one") == [(1,)]
    with pytest.raises(psycopg.errors.UndefinedTable):
        query("select made from marts.two")
