"""Nomis and ArcGIS: tables and layers that come in pages, as one file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stand_ins.publisher import Exchange, Publisher, status

from ingestion.errors import SourceChanged, SourceUnavailable

NOMIS = {
    "transport": "nomis", "dataset": "NM_2002_1", "page_rows": 3,
    "parameters": {"geography": "2013265931TYPE432", "select": "date,geography_code,obs_value"},
}  # fmt: skip
HEADING = '"DATE","GEOGRAPHY_CODE","OBS_VALUE"\n'


def nomis(rows: int, limit: int = 25_000) -> Any:
    lines = [f'"2022","S120000{number:02}",{number}\n' for number in range(rows)]

    def play(exchange: Exchange) -> None:
        query = exchange.asked.query
        start, count = int(query["recordoffset"]), min(int(query["recordlimit"]), limit)
        page = lines[start : start + count]
        exchange.answer(200, (HEADING + "".join(page)).encode() if page else b"", Content_Type="text/csv")

    return play


@pytest.mark.parametrize(("rows", "pages"), [(2, 1), (3, 2), (7, 3)])
def test_nomis_pages_become_one_table(publisher: Publisher, take: Any, rows: int, pages: int) -> None:
    publisher.page("/dataset/NM_2002_1.data.csv", behaviour=nomis(rows))
    (snapshot,) = take("", **NOMIS)
    lines = snapshot.content.read_text().splitlines()
    assert lines[0] + "\n" == HEADING
    assert len(lines) == rows + 1 == len(set(lines))
    assert [each.query["recordoffset"] for each in publisher.requests] == [str(3 * n) for n in range(pages)]
    assert "recordoffset" not in snapshot.requested_url


def test_nomis_never_asks_for_more_than_the_publisher_gives(take: Any) -> None:
    with pytest.raises(ValueError, match="25000"):
        take("", **NOMIS | {"page_rows": 25_001})


def test_nomis_without_a_row_is_for_a_person(publisher: Publisher, take: Any) -> None:
    publisher.page("/dataset/NM_2002_1.data.csv", behaviour=nomis(0))
    with pytest.raises(SourceChanged, match="has no rows"):
        take("", **NOMIS)


def test_nomis_table_exchanged_between_pages_is_not_mixed(publisher: Publisher, take: Any, home: Any) -> None:
    def play(exchange: Exchange) -> None:
        nomis(7)(exchange) if exchange.nth == 1 else exchange.answer(200, b'"YEAR"\n1\n')

    publisher.page("/dataset/NM_2002_1.data.csv", behaviour=play)
    with pytest.raises(SourceChanged, match="headings differ"):
        take("", **NOMIS)
    assert not list((home / "landing" / "figures" / ".incoming").iterdir())


def test_the_nomis_key_goes_out_and_is_nowhere_kept(
    publisher: Publisher, take: Any, kept: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PROMISE_CREDENTIAL_NOMIS", "0xsecretkey/+=")
    caplog.set_level("DEBUG")
    publisher.page("/dataset/NM_2002_1.data.csv", behaviour=nomis(7))
    (snapshot,) = take("", **NOMIS, credential="nomis")
    assert {each.query["uid"] for each in publisher.requests} == {"0xsecretkey/+="}
    publisher.page("/dataset/NM_2002_1.data.csv", behaviour=status(500))
    with pytest.raises(SourceUnavailable) as failed:
        take("", **NOMIS, credential="nomis")
    publisher.page("/dataset/NM_2002_1.data.csv", behaviour=status(404))
    with pytest.raises(SourceChanged) as moved:
        take("", **NOMIS, credential="nomis")
    for place in (str(failed.value), str(moved.value), caplog.text, repr(snapshot), kept()):
        assert "secretkey" not in place


# ------------------------------------------------------------------------------------------------------------- ArcGIS

ARCGIS = {"transport": "arcgis", "fields": ["LAD24CD", "LAD24NM"], "order_by": "LAD24CD", "page_rows": 2}
LAYER = "/arcgis/rest/services/Districts/FeatureServer/0"


def feature(number: int) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [[[number, 0], [number, 1], [0, 1], [number, 0]]]}
    return {
        "type": "Feature",
        "properties": {"LAD24CD": f"S1200000{number}", "LAD24NM": "Argyll"},
        "geometry": geometry,
    }


def layer(features: int, at_most: int = 1000, flag: str = "properties") -> Any:
    """A layer that gives no more than so many at once, and says in one of two places that there are more."""

    def play(exchange: Exchange) -> None:
        query = exchange.asked.query
        start, count = int(query["resultOffset"]), min(int(query["resultRecordCount"]), at_most)
        page = [feature(number) for number in range(features)][start : start + count]
        body: dict[str, Any] = {"type": "FeatureCollection", "features": page}
        if start + count < features:
            body |= (
                {"properties": {"exceededTransferLimit": True}}
                if flag == "properties"
                else {"exceededTransferLimit": True}
            )
        exchange.answer(200, json.dumps(body).encode(), Content_Type="application/geo+json")

    return play


@pytest.mark.parametrize("flag", ["properties", "top"])
@pytest.mark.parametrize(("features", "at_most"), [(1, 1000), (2, 1000), (5, 1000), (5, 1)])
def test_the_pages_of_a_layer_become_one_collection(
    publisher: Publisher, take: Any, features: int, at_most: int, flag: str
) -> None:
    publisher.page(f"{LAYER}/query", behaviour=layer(features, at_most, flag))
    (snapshot,) = take(LAYER, **ARCGIS)
    content = json.loads(snapshot.content.read_text())
    assert content["type"] == "FeatureCollection"
    assert content["features"] == [feature(number) for number in range(features)]
    asked = publisher.requests[0].query
    assert (asked["outFields"], asked["orderByFields"], asked["outSR"]) == ("LAD24CD,LAD24NM", "LAD24CD", "4326")


def test_an_error_that_comes_as_success_is_told_in_its_words(publisher: Publisher, take: Any) -> None:
    error = {"error": {"code": 400, "message": "Invalid query", "details": ["'LAD24CD' is unknown"]}}
    publisher.page(f"{LAYER}/query", json.dumps(error), media_type="application/json")
    with pytest.raises(SourceChanged, match="error 400, Invalid query; 'LAD24CD' is unknown"):
        take(LAYER, **ARCGIS)


def test_a_layer_that_is_down_is_tried_later(publisher: Publisher, take: Any) -> None:
    publisher.page(f"{LAYER}/query", json.dumps({"error": {"code": 504, "message": "Timed out", "details": None}}))
    with pytest.raises(SourceUnavailable, match="Timed out"):
        take(LAYER, **ARCGIS)


def test_a_layer_that_repeats_itself_is_not_landed(publisher: Publisher, take: Any) -> None:
    page = json.dumps({"type": "FeatureCollection", "features": [feature(1), feature(2)]})
    publisher.page(f"{LAYER}/query", page, etag="")
    with pytest.raises(SourceUnavailable, match="of an earlier page again"):
        take(LAYER, **ARCGIS)
