"""Each transport with a publisher that speaks its dialect and shows one figure, which may be something else.

A speaker makes a publisher show a value in the place of a figure, and gives what a source's `live:` section says.
"""

from __future__ import annotations

import io
import typing
from collections.abc import Callable
from typing import Any

import openpyxl
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

from promise.catalogue.live import Transport

KEY = "key-of-stat-xplore-65794a30655841694f69"
Asked = tuple[str, dict[str, Any]]  # the path, and the rest of the source's `live:`
Speak = Callable[[Publisher, str], Asked]


def file(publisher: Publisher, value: str) -> Asked:
    publisher.page("/figures.csv", f"year,value\n2023,{value}\n".encode())
    return "/figures.csv", {"transport": "file"}


def workbook(publisher: Publisher, value: str) -> Asked:
    """In a comment on a cell."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["year", "value"])
    book.active["A1"].comment = Comment(value, "nobody")
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


def slice_of(publisher: Publisher, value: str) -> Asked:
    locked = {"http://statistics.gov.scot/def/dimension/age": "http://statistics.gov.scot/def/concept/age/all"}
    statistics_gov_scot.slice_of(publisher, "size", locked, {"S12000005": {"2019": value}})
    return "", {"transport": "statistics_gov_scot", "dataset": "size", "how": "slice", "fixed": locked}


def answer(publisher: Publisher, value: str) -> Asked:
    """Of a query, which is asked in parts."""
    rows = [{"year": "2019", "value": value}, {"year": "2020", "value": "12"}]
    statistics_gov_scot.queries(publisher, rows, at_most=1)
    split = {"by": "year", "values_query": "SELECT DISTINCT ?year WHERE {}", "filter": 'FILTER(?year = "{}")'}
    query = "SELECT ?year ?value WHERE { {year} } ORDER BY ?year"
    live = {"dataset": "size", "how": "sparql", "query": query, "split": [split]}
    return "", {"transport": "statistics_gov_scot"} | live


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
    content = statxplore.cube(body, "Children", {"Year": [value, statxplore.TOTAL]}, [1, 1])
    statxplore.speak(publisher, statxplore.Account(KEY), body, content)
    return statxplore.TABLE, {"transport": "statxplore", "credential": "stat_xplore", "body": body}


def dashboard(publisher: Publisher, value: str) -> Asked:
    indicator = promise_dashboard.Indicator(
        slug="attendance", title="Attendance", table=[["Year", "Number"], ["2023/24", value]], notes={}
    )
    promise_dashboard.speak(publisher, [indicator], {})
    return promise_dashboard.BASE, {"transport": "promise_dashboard"}


def words_of_the_dashboard(publisher: Publisher, value: str) -> Asked:
    """Beside its figures."""
    indicator = promise_dashboard.Indicator("attendance", "Attendance", [["Year", "Number"], ["2023/24", "12"]])
    gap = f"{promise_dashboard.BASE}/health/outcome-two"
    promise_dashboard.speak(publisher, [indicator], {gap: f"There is an evidence gap: {value}"})
    return promise_dashboard.BASE, {"transport": "promise_dashboard"}


def register(publisher: Publisher, value: str) -> Asked:
    header = ["CSNumber", "CareService", "Subtype", "Council_Area_Name", "Registered_Places"]
    rows = [header, ["CS1", "Care Home Service", ".", value, "6"]]
    care_inspectorate.speak(publisher, care_inspectorate.Register(rows))
    live = {"link": "MDSF_data", "kinds": {"Care Home Service": {"places": True, "by_council": True}}}
    return care_inspectorate.STATISTICS, {"transport": "care_inspectorate"} | live


SPEAKERS: list[Speak] = [
    file, workbook, dump, cube, slice_of, answer, table, layer, query, dashboard, words_of_the_dashboard, register,
]  # fmt: skip


def transports() -> set[str]:
    """Those that ask a publisher; for files that people put somewhere there is an inbox."""
    (union, *_) = typing.get_args(Transport)
    kinds = typing.get_args(union) or typing.get_args(Transport)
    return {kind.model_fields["transport"].annotation.__args__[0] for kind in kinds} - {"file_drop"}


def spoken(publisher: Publisher) -> set[str]:
    """The transports that have a speaker here."""
    return {speak(publisher, "1")[1]["transport"] for speak in SPEAKERS}
