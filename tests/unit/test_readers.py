"""Readers: what they give, and how they refuse. Every file here is made by hand in the test."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import SourceChanged
from ingestion.landing import Fetched, Snapshot, land
from ingestion.readers import read
from ingestion.readers.delimited import Stream
from promise.catalogue.shapes import Delimited
from promise.catalogue.sources import Source

HEADER = "council,heading,text\n"
GOOD = HEADER + 'Fife,CHN9 2019-20,"1,884.15"\nMoray,CHN9 2019-20,*\n'


@pytest.fixture
def source() -> Source:
    return describe({"shape": "delimited"}, {"council": "council", "heading": "heading", "cell_text": "text"})


def describe(reader: dict[str, Any], columns: dict[str, Any]) -> Source:
    licence = {"name": "made by hand", "url": None, "attribution": "this test"}
    checks = {"at_least_rows": 1, "key": [next(iter(columns))]}
    return Source.model_validate(
        {
            **{"id": "trial", "title": "Trial", "description": "Made by hand.", "publisher": "nobody"},
            **{"landing_page": "https://example.invalid", "licence": licence, "cadence": "once"},
            **{"check_cron": "0 6 * * 1", "freshness": None, "personal_data": "none", "figures": None, "markers": {}},
            "bundle": [{"file": "trial.csv", "origin_url": "https://example.invalid", "publication": None}],
            "table": {"name": "cell", "reader": reader, "columns": columns, "checks": checks},
        }
    )


@pytest.fixture
def landed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Snapshot]:
    monkeypatch.setenv("PROMISE_HOME", str(tmp_path / "home"))

    def put(content: bytes) -> Snapshot:
        path = tmp_path / "trial.csv"
        path.write_bytes(content)
        return land("trial", Fetched(path, "trial.csv", "bundle:trial", "https://example.invalid", "text/csv", None))

    return put


def rows(source: Source, snapshot: Snapshot) -> list[tuple[int, list[str | None]]]:
    return list(read(source, snapshot))


def test_rows_come_as_text_with_the_line_they_stand_on(source: Source, landed: Any) -> None:
    assert rows(source, landed(GOOD.encode())) == [
        (2, ["Fife", "CHN9 2019-20", "1,884.15"]),
        (3, ["Moray", "CHN9 2019-20", "*"]),
    ]


def test_a_gzipped_file_reads_the_same(source: Source, landed: Any) -> None:
    assert rows(source, landed(gzip.compress(GOOD.encode()))) == rows(source, landed(GOOD.encode()))


def test_headings_may_change_their_order(source: Source, landed: Any) -> None:
    text = "text,council,heading\n7,Fife,CHN9 2019-20\n"
    assert rows(source, landed(text.encode())) == [(2, ["Fife", "CHN9 2019-20", "7"])]


def test_a_cell_with_a_line_break_does_not_shift_the_lines_after_it(source: Source, landed: Any) -> None:
    text = HEADER + 'Fife,"two\nlines",1\nMoray,one,2\n'
    assert [line for line, _ in rows(source, landed(text.encode()))] == [2, 4]


def test_a_file_of_one_column_is_not_streamed_for_copy_takes_an_empty_line_for_a_cell(landed: Any) -> None:
    shape = Delimited(shape="delimited")
    for headings in (["council"], ["council", "heading"]):
        described = describe({"shape": "delimited"}, {each: each for each in headings})
        stream = Stream.of(described, landed((",".join(headings) + "\n").encode()), shape)
        assert (stream is None) == (len(headings) == 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("council,title,text\nFife,a,1\n", ["line 1", "'heading' is missing", "columns"], id="renamed"),
        pytest.param("council,text\nFife,1\n", ["'heading' is missing"], id="missing"),
        pytest.param("council,heading,text,text\nFife,a,1,1\n", ["'text' stands there more than once"], id="doubled"),
        pytest.param("council,heading,text,name\nFife,a,1,x\n", ["'name' is not described"], id="undeclared"),
        pytest.param(HEADER + "Fife,a\n", ["line 2", "2 cells where the header has 3"], id="ragged"),
        pytest.param(HEADER + "Fife,a,1\nMoray,b,12", ["line 3", "cut short"], id="cut inside the last cell"),
        pytest.param(HEADER + 'Fife,"a,1\n', ["not readable", "quoted"], id="cut inside quotes"),
        pytest.param(HEADER + "Fife,a\x00b,1\n", ["line 2", "NUL"], id="NUL byte"),
    ],
)
def test_a_faulty_text_file_is_refused_with_place_and_remedy(
    source: Source, landed: Any, content: str, words: list[str]
) -> None:
    with pytest.raises(SourceChanged) as refused:
        rows(source, landed(content.encode()))
    for word in ["trial", "trial.csv", *words]:
        assert word in str(refused.value)


def test_a_truncated_gzip_is_refused(source: Source, landed: Any) -> None:
    whole = gzip.compress(GOOD.encode() * 200)
    with pytest.raises(SourceChanged, match="truncated or damaged"):
        rows(source, landed(whole[: len(whole) // 2]))


def test_another_encoding_is_refused_not_guessed(source: Source, landed: Any) -> None:
    with pytest.raises(SourceChanged, match=r"line 2: not UTF-8.*expected utf-8 throughout"):
        rows(source, landed((HEADER + "Comhairle nan Eilean Siàr,a,1\n").encode("cp1252")))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param(b"<!DOCTYPE html><h1>Sorry", "HTML page", id="an error page dressed as success"),
        pytest.param(b"\xef\xbb\xbf\n <HTML>", "HTML page", id="with a byte order mark"),
    ],
)
def test_what_is_no_data_is_not_landed(tmp_path: Path, landed: Any, content: bytes, error: str) -> None:
    with pytest.raises(SourceChanged, match=error):
        landed(content)
    assert not list((tmp_path / "home").rglob("content")), "a refused file leaves nothing behind"


def test_landing_the_same_bytes_again_changes_nothing(landed: Any) -> None:
    first, second = landed(GOOD.encode()), landed(GOOD.encode())
    assert first == second
    assert first.content.read_bytes() == GOOD.encode()


def test_features_come_one_a_row_with_their_geometry_as_text(landed: Any) -> None:
    source = describe({"shape": "geojson"}, {"area_code": "area_code", "geometry": "geometry"})
    feature = {"properties": {"area_code": "S12000047"}, "geometry": {"type": "Point", "coordinates": [-3.1, 56.2]}}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    assert rows(source, landed(content)) == [(1, ["S12000047", '{"type":"Point","coordinates":[-3.1,56.2]}'])]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"features": [{"properties": {}, "geometry": null}]}', id="a property is missing"),
        pytest.param(b'{"features": [{"prop', id="cut short"),
        pytest.param(b"[1, 2]", id="another kind of JSON"),
    ],
)
def test_a_faulty_feature_collection_is_refused(landed: Any, content: bytes) -> None:
    source = describe({"shape": "geojson"}, {"area_code": "area_code", "geometry": "geometry"})
    with pytest.raises(SourceChanged, match="trial"):
        rows(source, landed(content))


CLAIMS = [
    pytest.param({"shape": "geojson"}, {"type": "FeatureCollection", "numberMatched": 40_000, "features": [
        {"properties": {"code": "S12000047"}, "geometry": None},
    ]}, "says 40,000 features and holds 1", id="features"),
    pytest.param({"shape": "geojson"}, {"type": "FeatureCollection", "exceededTransferLimit": True, "features": [
        {"properties": {"code": "S12000047"}, "geometry": None},
    ]}, "says that there are more features than the 1", id="features over the limit"),
    pytest.param({"shape": "ckan"}, {"success": True, "result": {"total": 40_000, "records": [
        {"code": "S12000047"}, {"code": "S12000015"}, {"code": "S12000005"},
    ]}}, "says 40,000 records and holds 3", id="records"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "content", "words"), CLAIMS)
def test_a_file_that_holds_less_than_it_says_is_not_read(
    landed: Any, shape: dict[str, Any], content: dict[str, Any], words: str
) -> None:
    columns = {"code": "code"} | ({"geometry": "geometry"} if shape["shape"] == "geojson" else {})
    with pytest.raises(SourceChanged, match=words) as refused:
        rows(describe(shape, columns), landed(json.dumps(content).encode()))
    assert "ask for all of it" in str(refused.value)
