"""What was read of a vintage stands until a reading would be another, and only then is it read again.

Beside what stands is always what reading everything gives: the query of the model, without anything left out.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.in_proportion.histories import (
    EVENTS,
    KEPT,
    SEED,
    Warehouse,
    arrives,
    build,
    comes_late,
    differences,
    stamps,
)

from promise.catalogue.sources import sources
from promise.settings import ROOT
from warehouse import transform


def test_a_vintage_says_the_same_whatever_others_there_are(small: Warehouse) -> None:
    """On which everything here rests."""
    looked_at = 0
    for source in sources().values():
        held = small.execute("select count(*) from ops.vintage where source_id = %s", (source.id,)).fetchone()
        if not source.figures or held == (0,):
            continue
        with small.transaction(force_rollback=True):
            number = arrives(small, source, random.Random(SEED))
            rows = f"select each::text from staging.{source.staging_model} as each where vintage = {number} order by 1"
            beside_others = small.execute(rows.encode()).fetchall()
            small.execute("update ops.vintage set arrival = 'rejected' where vintage <> %s", (number,))
            assert small.execute(rows.encode()).fetchall() == beside_others, source.id
            looked_at += bool(beside_others)
    assert looked_at > 9


# -- what is read, and why -------------------------------------------------------------------------------------------


@pytest.fixture
def standing(small: Warehouse) -> Iterator[dict[int, str]]:
    """By which transactions the rows that stand were written, of each vintage."""
    assert build().success
    yield stamps(small)


def test_only_a_vintage_that_is_new_is_read(
    small: Warehouse, standing: dict[int, str], capfd: pytest.CaptureFixture[str]
) -> None:
    number = arrives(small, sources()["scotpho_profiles"], random.Random(SEED))
    assert differences(small, build()) == []
    now = stamps(small)
    assert now.pop(number)
    assert now == standing
    assert f"int_figures: vintages {number} read: new" in capfd.readouterr().out


def test_where_nothing_is_new_nothing_is_read(small: Warehouse, standing: dict[int, str]) -> None:
    published = stamps(small, "int_published_figures")
    outcome = build()
    assert {result.adapter_response["rows_affected"] for result in outcome.result.results} == {0}
    assert (stamps(small), stamps(small, "int_published_figures")) == (standing, published)


def test_how_often_what_is_read_is_gone_through_does_not_depend_on_how_many_vintages_there_are(
    small: Warehouse, standing: dict[int, str]
) -> None:
    """To see that nothing is new it was once counted for each vintage by itself: 9 s of 17 at a million figures."""

    def times() -> int:
        small.execute("select pg_stat_clear_snapshot()")
        (scans,) = (
            small.execute(
                "select seq_scan from pg_stat_user_tables where relid = 'intermediate.int_published_figures'::regclass"
            ).fetchone()
            or ()
        )
        return int(scans)

    before = times()
    assert build(KEPT[1]).success
    assert 0 < times() - before <= 3 < len(standing)


def test_rows_of_no_vintage_that_is_known_leave(small: Warehouse, standing: dict[int, str]) -> None:
    small.execute("insert into intermediate.int_figures (vintage, obs_value) values (-1, 1), (null, 2)")
    assert differences(small, build()) == []
    assert stamps(small) == standing


def test_a_vintage_that_leaves_takes_its_rows_and_no_others(
    small: Warehouse, standing: dict[int, str], capfd: pytest.CaptureFixture[str]
) -> None:
    number = max(standing)
    small.execute("update ops.vintage set arrival = 'rejected' where vintage = %s", (number,))
    assert differences(small, build()) == []
    assert stamps(small) == {vintage: stamp for vintage, stamp in standing.items() if vintage != number}
    assert f"int_figures: vintages {number} taken away: in use no more" in capfd.readouterr().out


OF_ONE = [
    *("a file arrives", "a file restates another", "a file leaves figures out", "an older edition is found"),
    *(
        "a vintage is rejected",
        "a vintage comes under embargo",
        "its publication is found out",
        "a vintage is read again",
    ),
    "a vintage is forgotten",
]


@pytest.mark.parametrize("event", OF_ONE)
def test_what_happens_to_one_vintage_after_all_were_built_in_moves_no_row_of_another(
    small: Warehouse, event: str
) -> None:
    source, chance = sources()["scotpho_profiles"], random.Random(SEED)
    arrives(small, source, chance)
    assert build().success
    standing = stamps(small)
    with small.transaction():
        EVENTS[event](small, source, chance)
    assert differences(small, build()) == []
    now = stamps(small)
    assert len({vintage for vintage in {*now, *standing} if now.get(vintage) != standing.get(vintage)}) == 1


def test_of_two_vintages_that_come_out_of_order_the_older_is_read_by_itself(
    small: Warehouse, standing: dict[int, str], capfd: pytest.CaptureFixture[str]
) -> None:
    newer = arrives(small, sources()["scotpho_profiles"], random.Random(SEED))
    assert build().success
    between = stamps(small)
    capfd.readouterr()
    comes_late(small, sources()["scotpho_profiles"], random.Random(SEED))
    assert differences(small, build()) == []
    assert {vintage: stamp for vintage, stamp in stamps(small).items() if vintage <= newer} == between
    assert {*between} == {*standing, newer}
    assert f"int_figures: vintages {newer + 1} read: new" in capfd.readouterr().out


def test_a_source_that_is_described_no_more_leaves_no_row_and_it_is_said(
    small: Warehouse,
    standing: dict[int, str],
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = shutil.copytree(ROOT / "dbt", tmp_path / "dbt")
    members = project / "macros" / "generated" / "figures.sql"
    text = members.read_text()
    assert "'stg_scotpho_profiles__indicator', " in text
    members.write_text(text.replace("'stg_scotpho_profiles__indicator', ", ""))
    left = "select count(*) from intermediate.int_figures where source_id = 'scotpho_profiles'"
    assert small.execute(left.encode()).fetchone() != (0,)
    with monkeypatch.context() as patch:
        patch.setattr(transform, "project", lambda: project)
        outcome = build()
        assert differences(small, outcome) == []
    assert small.execute(left.encode()).fetchone() == (0,)
    assert "int_published_figures: every vintage read: other code, functions or lists" in capfd.readouterr().out
    assert differences(small, build()) == [], "and comes back with it"
    assert {*stamps(small)} == {*standing}


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("before delete on intermediate.int_figures", id="before the new vintage is read"),
        pytest.param("after insert on ops.reading", id="when it was read"),
    ],
)
def test_a_list_that_changes_while_a_vintage_is_read_has_all_read_again_and_is_said(
    small: Warehouse, standing: dict[int, str], moment: str, capfd: pytest.CaptureFixture[str]
) -> None:
    small.execute(
        "create or replace function ops.another_list() returns trigger language plpgsql as"
        " $$begin update staging.framework__measure set unit = unit || ', changed'; return null; end$$"
    )
    number = arrives(small, sources()["scotpho_profiles"], random.Random(SEED))
    assert build(KEPT[0]).success  # so that only the other is made while the list changes
    # Rows that are not as they were written, so that some are deleted too.
    small.execute(
        "update intermediate.int_figures set obs_value = obs_value"
        " where vintage = (select min(vintage) from intermediate.int_figures)"
    )
    small.execute(
        f"create trigger another_list {moment} for each statement execute function ops.another_list()".encode()
    )
    table = moment.rpartition(" ")[2]
    try:
        assert build(KEPT[1]).success
    finally:
        small.execute(f"drop trigger another_list on {table}".encode())
    assert number in stamps(small)
    capfd.readouterr()
    try:
        assert differences(small, build()) == []
        assert "int_figures: every vintage read: other code, functions or lists" in capfd.readouterr().out
        assert not set(stamps(small).values()) & set(standing.values())
        units = small.execute("select distinct unit ~ ', changed$' from intermediate.int_figures").fetchall()
        assert units == [(True,)]
    finally:
        small.execute("update staging.framework__measure set unit = replace(unit, ', changed', '')")
        small.execute("drop function ops.another_list")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            "update ops.vintage set held_since = '2018-01-01' where vintage = {vintage}",
            "another file or entry in the ledger",
            id="its entry in the ledger is another",
        ),
        pytest.param(
            "update intermediate.int_figures set obs_value = 7 where vintage = {vintage}",
            "not as it was written",
            id="its rows were changed since",
        ),
        pytest.param(
            "delete from intermediate.int_figures where vintage = {vintage}",
            "not as it was written",
            id="its rows are gone",
        ),
    ],
)
def test_what_cannot_be_told_of_one_vintage_has_it_read_again_and_is_said(
    small: Warehouse, standing: dict[int, str], change: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    number = max(standing)
    small.execute(change.format(vintage=number).encode())
    assert differences(small, build()) == []
    now = stamps(small)
    assert now.pop(number) != standing.pop(number)
    assert now == standing
    assert f"int_figures: vintages {number} read: {words}" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            "update staging.vocabulary__cell_marker set conf_status = 'free'",
            "other code, functions or lists",
            id="a list is another",
        ),
        pytest.param(
            "create or replace function staging.published_status(cell text) returns text language sql as"
            " $$select 'provisional'$$",
            "other code, functions or lists",
            id="a function is another",
        ),
        pytest.param(
            "update ops.reading set read_by = 'of an older model'",
            "other code, functions or lists",
            id="the code is another",
        ),
        pytest.param("delete from ops.reading", "read: new", id="nothing is known of what stands"),
        pytest.param("drop table intermediate.int_figures cascade", "no such table", id="nothing stands"),
        pytest.param(
            "alter table intermediate.int_figures drop column obs_value cascade",
            "not as it was written",
            id="a column is gone",
        ),
        pytest.param(
            "alter table staging.framework__series rename column breakdown to other;"
            " alter table staging.framework__series rename column breakdown_value to breakdown;"
            " alter table staging.framework__series rename column other to breakdown_value",
            "other code, functions or lists",
            id="the columns of a list have each other's names",
        ),
    ],
)
def test_what_cannot_be_told_of_any_vintage_has_all_read_again_and_is_said(
    small: Warehouse, standing: dict[int, str], change: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    signature = small.execute(
        "select pg_get_function_arguments(oid), pg_get_functiondef(oid) from pg_proc where proname = 'published_status'"
    ).fetchone()
    assert signature is not None
    arguments, definition = signature
    with small.transaction():
        small.execute(change.replace("cell text", arguments).encode())
    try:
        assert differences(small, build()) == []
        now = stamps(small)
        assert not set(now.values()) & set(standing.values())
        assert re.search(f"int_figures: every vintage.*{words}", capfd.readouterr().out)
    finally:
        small.execute(definition.encode())


def test_a_crash_between_the_rows_and_what_is_noted_of_them_leaves_both_as_they_were(
    small: Warehouse, standing: dict[int, str]
) -> None:
    number = arrives(small, sources()["scotpho_profiles"], random.Random(SEED))
    small.execute("alter table ops.reading add constraint nothing_more check (relation <> 'int_figures') not valid")
    assert not build().success
    assert stamps(small) == standing
    small.execute("alter table ops.reading drop constraint nothing_more")
    assert differences(small, build()) == []
    assert number in stamps(small)
