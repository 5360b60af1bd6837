"""Nomis and ArcGIS: tables and layers that come in pages, as one file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from stand_ins.dialects import arcgis, nomis
from stand_ins.publisher import Publisher, first, status

from ingestion.errors import SourceChanged, SourceUnavailable

NOMIS = {
    "transport": "nomis", "dataset": "NM_2002_1", "page_rows": 3,
    "parameters": {"geography": "2013265931TYPE432", "select": "date,geography_code,obs_value"},
}  # fmt: skip
HEADING = '"DATE","GEOGRAPHY_CODE","OBS_VALUE"\n'
TABLE = f"{nomis.ROOT}/dataset/NM_2002_1.data.csv"


def speak_nomis(publisher: Publisher, rows: int) -> None:
    given = [{"date": "2022", "geography_code": f"S120000{n:02}", "obs_value": str(n)} for n in range(rows)]
    nomis.speak(publisher, "NM_2002_1", given)


@pytest.mark.parametrize(("rows", "pages"), [(2, 1), (3, 2), (7, 3)])
def test_nomis_pages_become_one_table(publisher: Publisher, take: Any, rows: int, pages: int) -> None:
    speak_nomis(publisher, rows)
    (snapshot,) = take(nomis.ROOT, **NOMIS)
    lines = snapshot.content.read_text().splitlines()
    assert lines[0] + "\n" == HEADING
    assert len(lines) == rows + 1 == len(set(lines))
    *asked, counting = publisher.requests
    assert [each.query["recordoffset"] for each in asked] == [str(3 * n) for n in range(pages)]
    assert (counting.query["select"], counting.query["geography"]) == ("record_count", "2013265931TYPE432")
    assert "recordoffset" not in snapshot.requested_url


def test_nomis_never_asks_for_more_than_the_publisher_gives(take: Any) -> None:
    with pytest.raises(ValueError, match="25000"):
        take(nomis.ROOT, **NOMIS | {"page_rows": 25_001})


def test_nomis_without_a_row_is_for_a_person(publisher: Publisher, take: Any) -> None:
    speak_nomis(publisher, 0)
    with pytest.raises(SourceChanged, match="has no rows"):
        take(nomis.ROOT, **NOMIS)


def test_nomis_that_stops_without_a_word_is_not_landed(publisher: Publisher, take: Any, home: Any) -> None:
    given = [{"date": "2022", "geography_code": f"S120000{n:02}", "obs_value": str(n)} for n in range(7)]
    nomis.speak(publisher, "NM_2002_1", given, at_most=2)
    with pytest.raises(SourceUnavailable, match="counts 7 rows and gave 2; expected all of them"):
        take(nomis.ROOT, **NOMIS)
    assert not list((home / "landing" / "figures").glob("[!.]*"))
    assert not list((home / "landing" / "figures" / ".incoming").iterdir())


def test_nomis_table_exchanged_between_pages_is_not_mixed(publisher: Publisher, take: Any, home: Any) -> None:
    speak_nomis(publisher, 7)
    first_page = publisher.pages[TABLE].behaviour
    assert first_page
    another = status(200, b'"YEAR"\n1\n')
    publisher.page(TABLE, behaviour=first(1, first_page, another))
    with pytest.raises(SourceChanged, match="headings differ"):
        take(nomis.ROOT, **NOMIS)
    assert not list((home / "landing" / "figures" / ".incoming").iterdir())


def test_the_nomis_key_goes_out_and_is_nowhere_kept(
    publisher: Publisher, take: Any, kept: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PROMISE_CREDENTIAL_NOMIS", "0xsecretkey/+=")
    caplog.set_level("DEBUG")
    speak_nomis(publisher, 7)
    (snapshot,) = take(nomis.ROOT, **NOMIS, credential="nomis")
    assert {each.query["uid"] for each in publisher.requests} == {"0xsecretkey/+="}
    publisher.page(TABLE, behaviour=status(500))
    with pytest.raises(SourceUnavailable) as failed:
        take(nomis.ROOT, **NOMIS, credential="nomis")
    publisher.page(TABLE, behaviour=status(404))
    with pytest.raises(SourceChanged) as moved:
        take(nomis.ROOT, **NOMIS, credential="nomis")
    for place in (str(failed.value), str(moved.value), caplog.text, repr(snapshot), kept()):
        assert "secretkey" not in place


# ------------------------------------------------------------------------------------------------------------- ArcGIS

ARCGIS = {"transport": "arcgis", "fields": ["LAD24CD", "LAD24NM"], "order_by": "LAD24CD", "page_rows": 2}


def feature(number: int) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [[[number, 0], [number, 1], [0, 1], [number, 0]]]}
    return {
        "type": "Feature",
        "properties": {"LAD24CD": f"S1200000{number}", "LAD24NM": "Argyll"},
        "geometry": geometry,
    }


@pytest.mark.parametrize("flag", ["properties", "top"])
@pytest.mark.parametrize(("features", "at_most"), [(1, 1000), (2, 1000), (5, 1000), (5, 1)])
def test_the_pages_of_a_layer_become_one_collection(
    publisher: Publisher, take: Any, features: int, at_most: int, flag: Any
) -> None:
    arcgis.speak(publisher, [feature(number) for number in range(features)], at_most, flag)
    (snapshot,) = take(arcgis.LAYER, **ARCGIS)
    content = json.loads(snapshot.content.read_text())
    assert content["type"] == "FeatureCollection"
    assert content["features"] == [feature(number) for number in range(features)]
    asked = publisher.requests[0].query
    assert (asked["outFields"], asked["orderByFields"], asked["outSR"]) == ("LAD24CD,LAD24NM", "LAD24CD", "4326")


def test_a_layer_that_gives_fewer_features_than_it_counts_is_not_landed(
    publisher: Publisher, take: Any, home: Any
) -> None:
    arcgis.speak(publisher, [feature(1), feature(2), feature(3)], lost=39_997)
    with pytest.raises(SourceUnavailable, match="counts 40,000 features and gave 3; expected all of them"):
        take(arcgis.LAYER, **ARCGIS)
    assert not list((home / "landing" / "figures").glob("[!.]*"))
    assert not list((home / "landing" / "figures" / ".incoming").iterdir())


def test_an_error_that_comes_as_success_is_told_in_its_words(publisher: Publisher, take: Any) -> None:
    arcgis.speak(publisher, [feature(1)])
    with pytest.raises(SourceChanged, match="error 400, Invalid query; 'Invalid field: LAD23CD' parameter is invalid"):
        take(arcgis.LAYER, **ARCGIS | {"fields": ["LAD23CD"]})


def test_a_layer_that_is_down_is_tried_later(publisher: Publisher, take: Any) -> None:
    publisher.page(f"{arcgis.LAYER}/query", behaviour=lambda exchange: arcgis.error(exchange, 504, "Timed out"))
    with pytest.raises(SourceUnavailable, match="Timed out"):
        take(arcgis.LAYER, **ARCGIS)


def test_a_layer_that_repeats_itself_is_not_landed(publisher: Publisher, take: Any) -> None:
    page = json.dumps({"type": "FeatureCollection", "features": [feature(1), feature(2)]})
    publisher.page(f"{arcgis.LAYER}/query", page, etag="")
    with pytest.raises(SourceUnavailable, match="of an earlier page again"):
        take(arcgis.LAYER, **ARCGIS)


def test_a_layer_that_promises_more_and_gives_none_is_tried_later(publisher: Publisher, take: Any) -> None:
    page = json.dumps({"type": "FeatureCollection", "features": [], "exceededTransferLimit": True})
    publisher.page(f"{arcgis.LAYER}/query", page, etag="")
    with pytest.raises(SourceUnavailable, match="says that there is more and gives none"):
        take(arcgis.LAYER, **ARCGIS)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("<html>moved</html>", "is no feature collection"),
        ("[1, 2]", "is no feature collection"),
        ('{"features": "none"}', "is no feature collection"),
        ('{"type": "FeatureCollection", "features": []}', "has no feature where 1=1"),
    ],
)
def test_a_layer_without_features_is_for_a_person_and_leaves_nothing(
    publisher: Publisher, take: Any, home: Any, answer: str, words: str
) -> None:
    publisher.page(f"{arcgis.LAYER}/query", answer, etag="")
    with pytest.raises(SourceChanged, match=words):
        take(arcgis.LAYER, **ARCGIS)
    assert not list((home / "landing" / "figures").glob("[!.]*"))
    assert not list((home / "landing" / "figures" / ".incoming").iterdir())
