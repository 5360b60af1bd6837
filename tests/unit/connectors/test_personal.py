"""However a publisher is asked: a file that holds something personal is refused, and nothing of it stays on disk.

The person whose number this is was made up.
"""

from __future__ import annotations

import io
import typing
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from stand_ins.dialects import (
    arcgis,
    care_inspectorate,
    ckan,
    govscot,
    nomis,
    promise_dashboard,
    statistics_gov_scot,
    statxplore,
)
from stand_ins.publisher import Publisher

from ingestion.errors import PersonalData
from promise.catalogue.live import Transport
from promise.settings import settings

CHI = "0101101007"
Asked = tuple[str, dict[str, Any]]  # the path, and the rest of the source's `live:`


def file(publisher: Publisher, value: str) -> Asked:
    publisher.page("/figures.csv", f"year,value\n2023,{value}\n".encode())
    return "/figures.csv", {"transport": "file"}


def workbook(publisher: Publisher, value: str) -> Asked:
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["year", "value"])
    book.active["A1"].comment = Comment(f"see {value}", "nobody")
    book.save(content)
    document = govscot.Document("Looked after", "Looked After.xlsx", content.getvalue())
    govscot.speak(publisher, {"figures-2023-24": [document]})
    live = {"edition": r"figures-(20\d\d-\d\d)", "document": "(?i)looked.after"}
    return govscot.COLLECTION, {"transport": "govscot_publication"} | live


def dump(publisher: Publisher, value: str) -> Asked:
    rows = [["CA", "Number"], ["S12000005", value]]
    resource = ckan.Resource("0000-1", "Council", rows, "2020-01-01T00:00:00", "2020-01-01T00:00:00", "reviews.csv")
    ckan.speak(publisher, {"reviews": [resource]})
    return "", {"transport": "ckan", "dataset": "reviews", "resource": "Council"}


def cube(publisher: Publisher, value: str) -> Asked:
    statistics_gov_scot.cube(publisher, "size", [{"FeatureCode": "S12000005", "DateCode": "2019", "Value": value}])
    return "", {"transport": "statistics_gov_scot", "dataset": "size"}


def table(publisher: Publisher, value: str) -> Asked:
    nomis.speak(publisher, "NM_1_1", [{"date": "2022", "geography_code": "S12000005", "obs_value": value}])
    parameters = {"geography": "1", "select": "date,geography_code,obs_value"}
    return nomis.ROOT, {"transport": "nomis", "dataset": "NM_1_1", "parameters": parameters}


def layer(publisher: Publisher, value: str) -> Asked:
    properties = {"code": "S12000005", "number": value}
    arcgis.speak(publisher, [{"type": "Feature", "properties": properties, "geometry": None}])
    return arcgis.LAYER, {"transport": "arcgis", "fields": ["code", "number"], "order_by": "code"}


def query(publisher: Publisher, value: str) -> Asked:
    body = {"database": "str:database:A", "measures": ["str:count:A:B"], "dimensions": [["x"]]}
    answer = statxplore.cube(body, "Children", {"Year": [value, statxplore.TOTAL]}, [1, 1])
    statxplore.speak(publisher, statxplore.Account("key"), body, answer)
    return statxplore.TABLE, {"transport": "statxplore", "credential": "stat_xplore", "body": body}


def dashboard(publisher: Publisher, value: str) -> Asked:
    indicator = promise_dashboard.Indicator(
        slug="attendance", title="Attendance", table=[["Year", "Number"], ["2023/24", value]], notes={}
    )
    promise_dashboard.speak(publisher, [indicator], {})
    return promise_dashboard.BASE, {"transport": "promise_dashboard"}


def register(publisher: Publisher, value: str) -> Asked:
    rows = [["CSNumber", "CareService", "TotalBeds"], ["CS1", "Care Home Service", value]]
    care_inspectorate.speak(publisher, care_inspectorate.Register(rows))
    live = {"link": "MDSF_data", "keep": [".*"], "drop": ["Phone"], "drop_rows": {"CareService": "^Child Minding$"}}
    return care_inspectorate.STATISTICS, {"transport": "care_inspectorate"} | live


PUBLISHERS = [file, workbook, dump, cube, table, layer, query, dashboard, register]


def transports() -> set[str]:
    (union, *_) = typing.get_args(Transport)
    kinds = typing.get_args(union) or typing.get_args(Transport)
    return {kind.model_fields["transport"].annotation.__args__[0] for kind in kinds}


def test_each_transport_that_asks_a_publisher_is_tried(publisher: Publisher) -> None:
    tried = {speak(publisher, "1")[1]["transport"] for speak in PUBLISHERS}
    assert tried == transports() - {"file_drop"}, "file_drop is in test_file_drop"


@pytest.mark.parametrize("speak", PUBLISHERS)
def test_a_file_with_a_chi_number_is_refused_and_nothing_of_it_stays(
    publisher: Publisher,
    take: Any,
    kept: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    speak: Callable[[Publisher, str], Asked],
) -> None:
    monkeypatch.setenv("PROMISE_CREDENTIAL_STAT_XPLORE", "key")
    path, live = speak(publisher, CHI)
    with pytest.raises(PersonalData, match="a CHI number, 10 characters long") as refused:
        take(path, **live)
    assert CHI not in f"{refused.value}{kept()}"
    assert [each for each in (settings().landing / "figures").rglob("*") if each.is_file()] == []


@pytest.mark.parametrize("speak", PUBLISHERS)
def test_the_same_file_without_one_is_landed(
    publisher: Publisher,
    take: Any,
    monkeypatch: pytest.MonkeyPatch,
    speak: Callable[[Publisher, str], Asked],
) -> None:
    monkeypatch.setenv("PROMISE_CREDENTIAL_STAT_XPLORE", "key")
    path, live = speak(publisher, "12")
    assert take(path, **live)
