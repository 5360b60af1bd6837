"""Landing to raw: vintages, the ledger, and what a crash leaves behind. A real PostgreSQL."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import load as loading
from ingestion import pipeline
from ingestion.errors import SourceChanged, SourceUnavailable
from ingestion.landing import Fetched, folder, land, read_sidecar
from ingestion.readers.delimited import Stream
from ingestion.readers.headings import Reading
from promise import database, ledger
from promise.catalogue.sources import Source, asked, source

pytestmark = pytest.mark.usefixtures("database")
BOUNDARIES = "council_boundaries"
DASHBOARD = "promise_dashboard"


def no_stream(*_: object) -> None:
    """In place of the quick way: it never is one."""


def query(statement: str) -> list[tuple[Any, ...]]:
    with database.connect() as conn:
        return conn.execute(statement.encode()).fetchall()


def take_and_load(source_id: str) -> list[dict[str, Any]]:
    return pipeline.load(source_id, pipeline.take(source_id))


def test_two_captures_become_two_vintages_and_a_second_look_finds_nothing() -> None:
    loaded = take_and_load(DASHBOARD)
    assert [each["rows"] for each in loaded] == [8, 60]
    assert pipeline.take(DASHBOARD) == []
    assert query("select _vintage, count(*) from raw.promise_dashboard__figure group by 1 order by 1") == [
        (loaded[0]["vintage"], 8),
        (loaded[1]["vintage"], 60),
    ]
    outcomes = query("select outcome from ops.ingest_attempt order by attempt_id")
    assert outcomes == [("new",), ("new",), ("unchanged",)]


def test_raw_is_text_as_published_with_the_line_it_stands_on() -> None:
    take_and_load(DASHBOARD)
    found = query(
        "select value_as_published, _row, snapshot_id from raw.promise_dashboard__figure"
        " join ops.vintage on vintage = _vintage where value_as_published = '10, 518'"
    )
    assert len(found) == 1
    text, line, snapshot_id = found[0]
    landed = read_sidecar(DASHBOARD, snapshot_id).content.read_text().splitlines()
    assert text in landed[line - 1]


def test_a_load_that_breaks_leaves_nothing_and_is_still_new(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = pipeline.take(BOUNDARIES)

    def breaks() -> Any:
        yield 1, ["S12000047", "Fife", "{}"]
        raise RuntimeError("the machine went away")

    with monkeypatch.context() as broken:
        broken.setattr(loading, "reading", lambda *_: Reading({}, breaks()))
        with pytest.raises(RuntimeError):
            pipeline.load(BOUNDARIES, waiting)
    assert query("select count(*) from ops.vintage") == [(0,)]
    partitions = "select count(*) from pg_class where relname ~ '^council_boundaries__feature__v'"
    assert query(partitions) == [(0,)]
    assert query("select outcome, message from ops.ingest_attempt") == [("failed", "the machine went away")]
    assert pipeline.take(BOUNDARIES) == waiting, "a file on disk proves a download, not a load"


def test_a_publisher_that_goes_back_to_an_old_file_has_published_again(bundle: Path) -> None:
    path = bundle / BOUNDARIES / source(BOUNDARIES).bundle[0].file
    original = path.read_bytes()
    first = take_and_load(BOUNDARIES)
    path.write_bytes(original + b"\n")
    second = take_and_load(BOUNDARIES)
    path.write_bytes(original)
    third = take_and_load(BOUNDARIES)
    assert third[0]["snapshot_id"] == first[0]["snapshot_id"] != second[0]["snapshot_id"]
    with database.connect() as conn:
        assert [each.vintage for each in ledger.vintages(conn, BOUNDARIES)] == [
            each[0]["vintage"] for each in (first, second, third)
        ]


def test_a_missing_bundle_file_says_which_and_what_to_do(bundle: Path) -> None:
    (bundle / BOUNDARIES / source(BOUNDARIES).bundle[0].file).unlink()
    with pytest.raises(SourceUnavailable, match="restore it from version control"):
        pipeline.take(BOUNDARIES)
    assert query("select outcome from ops.ingest_attempt") == [("unavailable",)]


def test_a_landed_file_that_was_removed_is_named() -> None:
    (waiting,) = pipeline.take(BOUNDARIES)
    (folder(BOUNDARIES, waiting) / "snapshot.json").unlink()
    with pytest.raises(SourceChanged, match="missing from"):
        pipeline.load(BOUNDARIES, [waiting])


def test_a_source_that_never_arrived_has_an_empty_table() -> None:
    with database.connect() as conn:
        loading.ensure_tables(conn)
    assert query("select count(*) from raw.lgbf__cell") == [(0,)]


DELIMITED = [each.id for each in asked().values() if each.table.reader.shape == "delimited"]


@pytest.mark.parametrize("source_id", DELIMITED)
def test_the_quick_way_and_the_careful_way_load_the_same(source_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = ", ".join(source(source_id).table.columns)
    rows = f"select {columns}, _row from raw.{source(source_id).raw_table} order by _vintage, _row"
    take_and_load(source_id)
    quick = query(rows)
    assert quick
    with database.connect() as conn:
        conn.execute("truncate ops.vintage cascade")
        conn.execute(f"drop table raw.{source(source_id).raw_table}".encode())
    monkeypatch.setattr(loading, "_copy_stream", no_stream)
    take_and_load(source_id)
    assert query(rows) == quick


def test_a_partition_keeps_nothing_of_how_it_was_filled() -> None:
    take_and_load(DASHBOARD)
    of_the_vintage = query(
        "select attname, atthasdef, attidentity, attnotnull from pg_attribute"
        " where attnum > 0 and attname ~ '^_' and attrelid = (select max(inhrelid) from pg_inherits"
        " where inhparent = 'raw.promise_dashboard__figure'::regclass) order by attname"
    )
    assert of_the_vintage == [("_row", False, "", True), ("_vintage", True, "", True)]
    assert query("select conname from pg_constraint where connamespace = 'raw'::regnamespace and contype = 'c'") == []
    assert query("select relname from pg_class where relnamespace = 'raw'::regnamespace and relkind = 'S'") == []


@pytest.fixture
def trial(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], tuple[str, Any]]]:
    """Load a file of the columns code and name: which way it went, and its rows or the refusal. Nothing stays."""
    described = source(BOUNDARIES).model_dump(mode="json")
    described["table"] |= {"reader": {"shape": "delimited"}, "columns": {"area_code": "code", "area_name": "name"}}
    described["table"]["checks"] = {"at_least_rows": 1, "key": ["area_code"]}
    made = Source.model_validate(described)
    file = bundle / BOUNDARIES / "made.csv"
    quick = loading._copy_stream
    taken = []

    def watched(conn: Any, source: Source, vintage: int, stream: Stream) -> int | None:
        rows = quick(conn, source, vintage, stream)
        taken.extend([] if rows is None else ["plain" if stream.plain else "quoted"])
        return rows

    def load(content: bytes) -> tuple[str, Any]:
        taken.clear()
        file.write_bytes(content)
        with database.connect() as conn:
            try:
                snapshot = land(BOUNDARIES, Fetched(file, file.name, "bundle:", "bundle:", "text/csv", None))
                loading.load_vintage(conn, made, snapshot)
                found: Any = conn.execute(
                    "select _row, area_code, area_name from raw.council_boundaries__feature order by _row"
                ).fetchall()
            except SourceChanged as refusal:
                found = str(refusal)
            conn.rollback()
        return "".join(taken) or "by row", found

    with monkeypatch.context() as watching:
        watching.setattr(loading, "_copy_stream", watched)
        yield load


CELLS = [
    pytest.param("Fife,Moray\n", "plain", [(2, "Fife", "Moray")], id="plain"),
    pytest.param("Fife,\r\n,x\r\n", "plain", [(2, "Fife", ""), (3, "", "x")], id="lines of Windows"),
    pytest.param('"Fife, Kingdom of",\n', "quoted", [(2, "Fife, Kingdom of", "")], id="empty is not null"),
    pytest.param('"""a"" b",""\n"",c\n', "quoted", [(2, '"a" b', ""), (3, "", "c")], id="quotes inside quotes"),
    pytest.param('a,"b"\r\n"c",d\r\n', "quoted", [(2, "a", "b"), (3, "c", "d")], id="quotes and lines of Windows"),
    pytest.param("\\.,\\N\n", "quoted", [(2, "\\.", "\\N")], id="what COPY could take for a mark"),
    pytest.param(
        'a,"two\nlines"\nb,c\n', "by row", [(2, "a", "two\nlines"), (4, "b", "c")], id="a line break in a cell"
    ),
    pytest.param(
        'a,"two\rlines"\nb,c\n', "by row", [(2, "a", "two\rlines"), (4, "b", "c")], id="a Mac line break in one"
    ),
    pytest.param("a,b\r\nc,d\n", "by row", [(2, "a", "b"), (3, "c", "d")], id="lines of Windows and Unix"),
    pytest.param("a,b\rc,d\r", "by row", [(2, "a", "b"), (3, "c", "d")], id="lines of an old Mac"),
    pytest.param('a,5" pipe\nb,6" pipe\n', "by row", [(2, "a", '5" pipe'), (3, "b", '6" pipe')], id="an inch"),
    pytest.param('a,5""\n', "by row", [(2, "a", '5""')], id="two quotes inside a cell"),
    pytest.param('a;"b",c\n', "by row", [(2, 'a;"b"', "c")], id="a quote after another delimiter"),
]
NO_CELLS = [
    pytest.param("a,b\nc,d", "line 3: the last line has no end", id="a file cut short"),
    pytest.param('a,5",6"\n', "3 cells where the header has 2", id="a delimiter between two inches"),
    pytest.param('a,"b"c\n', "not readable as delimited text", id="text after a closing quote"),
    pytest.param("a,b\n\nc,d\n", "line 3: 0 cells", id="an empty line"),
    pytest.param("a,b\n\\.\nc,d\n", "line 3: 1 cells", id="COPY's mark for the end"),
    pytest.param(f"a,{'b' * 131_073}\n", "field larger than field limit", id="a cell that never ends"),
    pytest.param(f"a,{'b' * 600_000}", "field larger than field limit", id="nor the file"),
]


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["bare", "byte order mark"])
@pytest.mark.parametrize(("content", "way", "cells"), CELLS)
def test_a_cell_is_loaded_as_it_stands_in_the_file(
    trial: Any, content: str, way: str, cells: list[tuple[Any, ...]], start: bytes
) -> None:
    assert trial(start + b"code,name\n" + content.encode()) == (way, cells)
    zipped = gzip.compress(start + b"code,name\n" + content.encode())
    assert trial(zipped) == ("quoted" if way == "plain" else way, cells)


@pytest.mark.parametrize(("content", "words"), NO_CELLS)
def test_what_copy_would_accept_and_the_reader_not_is_refused(trial: Any, content: str, words: str) -> None:
    way, refusal = trial(b"code,name\n" + content.encode())
    assert way == "by row"
    assert words in refusal


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(b'"co\nde",name\na,b\n', "'code' is missing", id="a line break in a heading"),
        pytest.param(b'code,"na', "not readable", id="cut in the header"),
        pytest.param(b"code,name", "the last line has no end", id="a header without an end"),
        pytest.param(b"code,name\rFife,Moray\r", [(2, "Fife", "Moray")], id="lines of an old Mac"),
        pytest.param("code,name,año\n".encode("cp1252"), "expected utf-8 throughout", id="another encoding"),
        pytest.param(gzip.compress(b"code,name\na,b\n")[:12], "truncated or damaged", id="a cut archive"),
        pytest.param(b"\x1f\x8b\x00\x00", "truncated or damaged", id="no archive"),
    ],
)
def test_an_odd_header_is_left_to_the_reader(trial: Any, content: bytes, found: Any) -> None:
    way, outcome = trial(content)
    assert way == "by row"
    assert found in outcome if isinstance(found, str) else found == outcome


@pytest.mark.parametrize("mark", ["Äß", '"', "\\"], ids=["plain", "quote", "backslash"])
def test_no_line_is_lost_where_one_piece_of_the_file_ends(trial: Any, mark: str) -> None:
    rows = [(2 + place, f"{place}", "x" * (place % 97) + "é") for place in range(20_000)]
    cells = {"Äß": rows, '"': [*rows, (20_002, '"', "")], "\\": [*rows, (20_002, "\\", "")]}[mark]
    last = {"Äß": "", '"': '"""",\n', "\\": "\\,\n"}[mark]
    text = "code,name\n" + "".join(f"{code},{name}\n" for _, code, name in rows) + last
    assert trial(text.encode()) == ("quoted" if last else "plain", cells)


odd = st.text(
    st.sampled_from(["a", "é", '"', '"', ",", ";", "\n", "\r", "\\", ".", "N", " ", "\0", "\ufeff"]), max_size=6
)
inner = st.lists(st.sampled_from(["a", "é", '""', ",", "\\", "\r", " "]), max_size=4).map("".join)
cell = st.one_of(st.sampled_from(["", "a", "Fife", "\\.", "5"]), inner.map(lambda text: f'"{text}"'), odd)
line = st.one_of(st.tuples(cell, cell).map(",".join), odd)


@given(st.lists(line, max_size=4), st.sampled_from(["\n", "\n", "\r\n", "\r"]), st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_agree_on_any_text(trial: Any, lines: list[str], end: str, ended: bool) -> None:
    content = ("code,name\n" + end.join(lines) + (end if ended else "")).encode()
    _, outcome = trial(content)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "_copy_stream", no_stream)
        assert trial(content) == ("by row", outcome)


@pytest.mark.parametrize("content", ["Fife\n", "a,b\nc,d", 'a,"b\n', "a,b\x00\n"], ids=["ragged", "cut", "open", "NUL"])
def test_what_the_quick_way_refuses_is_refused_by_the_reader_with_its_place(bundle: Path, content: str) -> None:
    file = bundle / "lgbf_family_groups" / "lgbf_family_groups.csv"
    file.write_text(file.read_text().splitlines()[0] + "\n" + content)
    waiting = pipeline.take("lgbf_family_groups")
    with pytest.raises(SourceChanged, match="line 2"):
        pipeline.load("lgbf_family_groups", waiting)
    assert query("select count(*) from ops.vintage") == [(0,)]
