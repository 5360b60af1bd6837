"""A source of each transport beside a publisher of its own that speaks its dialect. Content is made up and small."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import openpyxl
from canaries import CANARIES, UNKNOWN
from e2e.case import Case, Desk, Fault, Rows, described
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
from stand_ins.publisher import Asked, status

from ingestion.connectors.care_inspectorate import HEADINGS

KEYS = {"nomis": "0xkey-of-nomis/+=", "stat_xplore": "65794a30655841694f69"}


def a_file(desk: Desk) -> Case:
    page = desk.publisher.page("/files/figures.csv", "year,value\n2023,17\n", last_modified=1_700_000_000)

    def gone() -> None:
        page.behaviour = status(404)

    def news() -> Rows:
        page.behaviour, page.last_modified = None, 1_710_000_000
        page.content = b"year,value\n2023,17\n2024,18\n"
        return [("2023", "17"), ("2024", "18")]

    entry = described(desk, ["year", "value"], {"shape": "delimited"}, path="/files/figures.csv")
    asks = "GET /files/figures.csv"
    fault = Fault(gone, "changed", "HTTP 404 from .*; has the file moved?")
    return Case(entry, [("2023", "17")], [asks], [f"{asks} unless known"], news=news, fault=fault)


def a_portal(desk: Desk) -> Case:
    older = ckan.Resource("1-1", "Council Area", [["CA", "Number"], ["S12000005", "11"]], last_modified="2023-05-01")
    newest = ckan.Resource("2-2", "Council area", [["CA", "Number"], ["S12000005", "12"]], last_modified="2024-05-01")
    datasets = {"reviews": [newest, older, ckan.Resource("3-3", "Health Board", last_modified="2025-05-01")]}
    ckan.speak(desk.publisher, datasets)

    def renamed() -> None:
        datasets["review"] = datasets.pop("reviews")

    def news() -> Rows:
        latest = ckan.Resource("4-4", "Council area", [["CA", "Number"], ["S12000005", "13"]], created="2025-05-01")
        datasets["reviews"] = [*datasets.pop("review"), latest]
        return [("S12000005", "13")]

    live = {"transport": "ckan", "dataset": "reviews", "resource": "(?i)council area"}
    entry = described(desk, ["CA", "Number"], {"shape": "ckan"}, **live)
    asks = [
        "GET /api/3/action/package_show?id=reviews", "GET /datastore/dump/2-2",
        "GET /api/3/action/datastore_search?resource_id=2-2&limit=0",
    ]  # fmt: skip
    fault = Fault(renamed, "changed", "success: false, Not Found Error: Not found")
    again = [asks[0], f"{asks[1]} unless known"]
    return Case(entry, [("S12000005", "12")], asks, again, news=news, fault=fault)


def a_publication(desk: Desk) -> Case:
    slug = "childrens-social-work-statistics-looked-after-children-{}"
    tables, methods = "Looked after", govscot.Document("Methods", "Methods.pdf", b"%PDF")

    def document(*rows: tuple[str, str]) -> govscot.Document:
        return govscot.Document(tables, "Looked After Children.xlsx", workbook([("Council", "Children"), *rows]))

    editions = {
        slug.format("2022-23"): [document(("Fife", "10")), methods],
        slug.format("2023-24"): [document(("Fife", "12"), ("Moray", "3")), methods],
        "another-matter-2025-26": [methods],
    }
    govscot.speak(desk.publisher, editions, desk.elsewhere)

    def busy() -> None:
        desk.publisher.page(govscot.COLLECTION, behaviour=status(429, Retry_After="3600"))

    def news() -> Rows:
        del desk.publisher.pages[govscot.COLLECTION]
        editions[slug.format("2024-25")] = [document(("Fife", "14"))]
        return [("Fife", "14")]

    live = {"transport": "govscot_publication", "document": "(?i)looked.after"}
    live["edition"] = r"childrens-social-work-statistics-looked-after-children-(20\d\d-\d\d)"
    shape = {"shape": "workbook", "headings": ["^Council$", "^Children$"]}
    entry = described(desk, ["Council", "Children"], shape, path=govscot.COLLECTION, **live)
    newest = slug.format("2023-24")
    file = f"GET {editions[newest][0].address(newest)}"
    pages = [f"GET {govscot.COLLECTION}", f"GET /publications/{newest}/documents/"]
    assert "%3A" in file and "%2B" in file, "what must be asked for to the letter"
    rows, again = [("Fife", "12"), ("Moray", "3")], [*pages, f"{file} unless known"]
    fault = Fault(busy, "unavailable", "HTTP 429 from .* asks to come back at", holds=True)
    return Case(entry, rows, [*pages, file], again, news=news, fault=fault)


def a_cube(desk: Desk) -> Case:
    rows = [
        {"FeatureCode": "S12000005", "DateCode": "2019", "Measurement": "Ratio", "Units": "People", "Value": "2.29"}
    ]
    statistics_gov_scot.cube(desk.publisher, "average-household-size", rows)

    def news() -> Rows:
        rows.append(rows[0] | {"DateCode": "2020", "Value": "2.3"})
        return [tuple(row.values()) for row in rows]

    live = {"transport": "statistics_gov_scot", "dataset": "average-household-size"}
    entry = described(desk, list(rows[0]), {"shape": "cube_csv"}, **live)
    asks = "GET /downloads/cube-table?uri=http%3A%2F%2Fstatistics.gov.scot%2Fdata%2Faverage-household-size"
    return Case(entry, [tuple(rows[0].values())], [asks], [asks], news=news)


def a_slice(desk: Desk) -> Case:
    """Generated afresh on each request: other bytes, the same cells."""
    locked = {"http://statistics.gov.scot/def/dimension/age": "http://statistics.gov.scot/def/concept/age/all"}
    statistics_gov_scot.slice_of(desk.publisher, "a-cube", locked, {"S12000005": {"2019": "7", "2020": "8"}})
    live = {"transport": "statistics_gov_scot", "dataset": "a-cube", "how": "slice", "fixed": locked}
    entry = described(desk, ["Reference Area"], {"shape": "slice_csv"}, **live) | {"identity": "cells"}
    entry["table"]["columns"] |= {"year": "@heading", "value": "@text", "age": "@age"}
    return Case(
        entry,
        [("S12000005", "2019", "7", "all"), ("S12000005", "2020", "8", "all")],
        *([f"slice of a-cube where {next(iter(locked.values()))}"],) * 2,
        tell=lambda asked: f"slice of {asked.query['dataset'].split('/')[-1]} where {asked.query[next(iter(locked))]}",
        says_again="made afresh, with the cells of vintage",
    )


def a_query(desk: Desk) -> Case:
    """At most two rows at once: the year of which there are three is asked for area by area."""
    given = [("S12000005", "2019", "1"), ("S12000005", "2020", "2"), ("S12000006", "2020", "3"),
             ("S12000047", "2020", "4")]  # fmt: skip
    rows = [dict(zip(("area", "year", "value"), row, strict=True)) for row in given]
    statistics_gov_scot.queries(desk.publisher, rows, at_most=2)
    live = {
        "transport": "statistics_gov_scot", "dataset": "looked-after-children", "how": "sparql",
        "query": "SELECT ?area ?year ?value WHERE { {year} {area} } ORDER BY ?year ?area",
        "split": [
            {"by": by, "values_query": f"SELECT DISTINCT ?{by} WHERE {{}}", "filter": f'FILTER(?{by} = "{{}}")'}
            for by in ("year", "area")
        ],
    }  # fmt: skip

    def tell(asked: Asked) -> str:
        assert (asked.method, asked.target, asked.headers["accept"]) == ("POST", "/sparql", "text/csv")
        query = parse_qs(asked.body.decode())["query"][0]
        every = re.findall(r"DISTINCT \?(\w+)", query)
        return f"every {every[0]}" if every else " ".join(re.findall(r'"([^"]*)"', query)) or "all"

    entry = described(desk, ["area", "year", "value"], {"shape": "sparql"}, **live)
    entry["table"]["checks"]["key"] = ["area", "year"]
    asks = [
        "all", "every year", "2019", "2020", "every area", "2020 S12000005", "2020 S12000006", "2020 S12000047",
    ]  # fmt: skip
    return Case(entry, given, asks, asks, tell=tell)


def a_table_in_pages(desk: Desk) -> Case:
    """The publisher's limit of 25,000 rows scaled down to two, and a key that stands in the address."""
    rows = [{"date": "2022", "geography_code": f"S1200000{n}", "obs_value": str(n)} for n in range(5)]
    nomis.speak(desk.publisher, "NM_2002_1", rows, at_most=2)

    page = desk.publisher.pages[f"{nomis.ROOT}/dataset/NM_2002_1.data.csv"]
    well = page.behaviour

    def down() -> None:
        page.behaviour = status(503, f"no table for {KEYS['nomis']}".encode())

    def news() -> Rows:
        page.behaviour = well
        rows.append({"date": "2022", "geography_code": "S12000005", "obs_value": "5"})
        return [tuple(row.values()) for row in rows]

    live = {
        "transport": "nomis", "dataset": "NM_2002_1", "page_rows": 2, "credential": "nomis",
        "parameters": {"geography": "2013265931TYPE432", "select": "date,geography_code,obs_value"},
    }  # fmt: skip
    columns = ["DATE", "GEOGRAPHY_CODE", "OBS_VALUE"]
    entry = described(desk, columns, {"shape": "delimited"}, path=nomis.ROOT, **live)
    asks = [f"2 rows from {offset} for {KEYS['nomis']}" for offset in (0, 2, 4)]
    asks.append(f"1 rows from the first for {KEYS['nomis']}")  # which says how many there are
    return Case(
        entry, [tuple(row.values()) for row in rows], asks, asks, news=news,
        fault=Fault(down, "unavailable", r"HTTP 503 from .*uid=\*\*\*.* \(tried 3 times"),
        tell=lambda asked: "{recordlimit} rows from {recordoffset} for {uid}".format(
            **{"recordoffset": "the first"} | asked.query
        ),
    )  # fmt: skip


def a_layer(desk: Desk) -> Case:
    """The service gives one feature less at once than we ask for, and says that there are more."""
    features = [feature(n) for n in range(5)]
    arcgis.speak(desk.publisher, features, at_most=2)

    def news() -> Rows:
        features.append(feature(5))
        return row_of(features)

    def row_of(given: list[dict[str, Any]]) -> Rows:
        return [(each["properties"]["LAD24CD"], f'{{"type":"Point","coordinates":[{n},0]}}') for n, each in
                enumerate(given)]  # fmt: skip

    live = {"transport": "arcgis", "fields": ["LAD24CD"], "order_by": "LAD24CD", "page_rows": 3}
    entry = described(desk, ["LAD24CD", "geometry"], {"shape": "geojson"}, path=arcgis.LAYER, **live)
    asks = [*(f"3 from {offset} by LAD24CD as geojson" for offset in (0, 2, 4)), "the count"]
    return Case(
        entry, row_of(features), asks, asks, news=news,
        tell=lambda asked: "the count" if "returnCountOnly" in asked.query else (
            "{resultRecordCount} from {resultOffset} by {orderByFields} as {f}".format(**asked.query)
        ),
    )  # fmt: skip


def a_posted_question(desk: Desk) -> Case:
    body = {"database": "str:database:MADE_UP", "measures": ["str:count:MADE_UP:V_F"], "dimensions": [["area", "year"]]}
    fields = {"Council": ["Fife", statxplore.TOTAL], "Year": ["2023", "2024"]}
    table = statxplore.cube(body, "Children", fields, [[1, 2], [3, 4]])
    account = statxplore.Account(KEYS["stat_xplore"])
    statxplore.speak(desk.publisher, account, body, table)

    def rows(last: str) -> Rows:
        return [("Fife", "2023", "1"), ("Fife", "2024", "2"), ("Total", "2023", "3"), ("Total", "2024", last)]

    def used_up() -> None:
        """There are news, and no allowance to ask for them; that there are none would be free to hear."""
        table["cubes"][body["measures"][0]]["values"][1][1] = 5
        account.left = 0

    def news() -> Rows:
        account.left = statxplore.ALLOWANCE
        return rows("5")

    live = {"transport": "statxplore", "credential": "stat_xplore", "body": body}
    shape = {"shape": "statxplore", "ignore": [" URI$", "^annotations$"]}
    entry = described(desk, ["Council", "Year", "Children"], shape, path=statxplore.TABLE, **live)
    asks = f"POST {statxplore.TABLE} for {account.key}"
    return Case(
        entry, rows("4"), [asks], [f"{asks} unless known"], news=news,
        fault=Fault(used_up, "unavailable", "asked us not to come back before", holds=True),
        tell=lambda asked: f"{asked.method} {asked.target} for {asked.headers['apikey']}",
    )  # fmt: skip


def a_dashboard(desk: Desk) -> Case:
    table = [["Year", "Percentage"], ["2022/23", "84.0%"], ["2023/24", "84.4%"]]
    indicator = promise_dashboard.Indicator("attendance", "Attendance", table)
    gap = f"{promise_dashboard.BASE}/health/outcome-two"
    promise_dashboard.speak(desk.publisher, [indicator], {gap: "There is an evidence gap here."}, desk.elsewhere)
    live = {"transport": "promise_dashboard"}
    columns = [
        "vision_statement", "outcome", "indicator_short_label", "column_heading", "period_as_published",
        "value_as_published", "reporting_period_note", "last_updated", "next_update_due", "page_url", "publication_id",
    ]  # fmt: skip
    entry = described(desk, columns, {"shape": "delimited"}, path=promise_dashboard.BASE, **live)
    asks = [
        f"GET {promise_dashboard.BASE}{path}" for path in
        ("", "/education/", "/health/", "/education/outcome-one", "/health/outcome-two",
         "/education/outcome-one/attendance")
    ]  # fmt: skip
    rows = [
        ("3", "1", "Attendance", "Percentage", *row, "", "", "", desk.publisher.url(indicator.path), "")
        for row in table[1:]
    ]
    return Case(entry, rows, asks, asks)


DROPPED = ("Ggreel Mmanager", "Bbirk Mminder")  # whom the register names, and we do not take


def a_register(desk: Desk) -> Case:
    """Where an area should be that is counted by, somebody stands for once."""
    rows = [["CSNumber", "CareService", "Subtype", "Council_Area_Name", "Registered_Places", "Manager_Name"],
            ["CS1", "Care Home Service", ".", "Fife", "6", DROPPED[0]],
            ["CS2", "Child Minding", ".", "Fife", ".", DROPPED[1]]]  # fmt: skip
    register = care_inspectorate.Register(rows)
    care_inspectorate.speak(desk.publisher, register, desk.elsewhere)
    live = {
        "transport": "care_inspectorate", "link": "MDSF_data",
        "kinds": {"Care Home Service": {"places": True, "by_council": True}},
    }  # fmt: skip
    columns = [*HEADINGS]
    entry = described(desk, columns, {"shape": "delimited"}, path=care_inspectorate.STATISTICS, **live)
    entry["table"]["checks"]["key"] = columns[:-1]
    asks = [f"GET {care_inspectorate.STATISTICS}", f"GET {register.address}"]

    def somebody() -> None:
        rows[1][3] = " / ".join(each.in_a_cell for each in CANARIES)

    def counts(places: str) -> Rows:
        day, kind = "2024-06-30", "Care Home Service"
        return [
            (day, area, kind, what, number)
            for what, number in (("services", "1"), ("registered places", places))
            for area in ("Scotland", "Fife")
        ]

    def news() -> Rows:
        rows[1][3:5] = ["Fife", "7"]
        return counts("7")

    fault = Fault(somebody, "changed", "line 3:area: .* characters long")
    return Case(entry, counts("6"), asks, asks, news=news, fault=fault)


def an_inbox(desk: Desk) -> Case:
    """Nobody is asked: people put files there, one a year."""
    folder = desk.inbox / desk.source_id

    def put(year: str, value: str) -> Rows:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"figures-{year}.csv").write_text(f"year,value\n{year},{value}\n")
        return [(year, value)]

    entry = described(desk, ["year", "value"], {"shape": "delimited"})
    entry["live"] = {"transport": "file_drop", "pattern": r"figures-(20\d\d)\.csv", "settled_seconds": 0}
    return Case(entry, put("2023", "21"), [], [], news=lambda: put("2024", "22"))


def a_bundled_file(desk: Desk) -> Case:
    """No address: also in live mode the bundle is all there is."""
    edition = {"file": "figures.csv", "origin_url": "https://publisher.example/", "publication": None}
    entry = described(desk, ["year", "value"], {"shape": "delimited"}) | {"live": None, "bundle": [edition]}
    folder = desk.bundle / desk.source_id
    folder.mkdir(parents=True)
    (folder / "figures.csv").write_text("year,value\n2023,31\n")

    def without_headings() -> None:
        """What no rule knows for a name stands where the headings were. It is landed, and cannot be read."""
        (folder / "figures.csv").write_text(f"{UNKNOWN.text},31\n")

    fault = Fault(without_headings, "changed", "a text of 16 characters is not described")
    return Case(entry, [("2023", "31")], [], [], fault=fault)


CASES: dict[str, Callable[[Desk], Case]] = {
    "file": a_file,
    "ckan": a_portal,
    "govscot_publication": a_publication,
    "statistics_gov_scot_cube": a_cube,
    "statistics_gov_scot_slice": a_slice,
    "statistics_gov_scot_query": a_query,
    "nomis": a_table_in_pages,
    "arcgis": a_layer,
    "statxplore": a_posted_question,
    "promise_dashboard": a_dashboard,
    "care_inspectorate": a_register,
    "file_drop": an_inbox,
    "bundle": a_bundled_file,
}


def feature(number: int) -> dict[str, Any]:
    """A district as a point."""
    return {
        "type": "Feature", "properties": {"LAD24CD": f"S1200000{number}", "LAD24NM": "A council"},
        "geometry": {"type": "Point", "coordinates": [number, 0]},
    }  # fmt: skip


def workbook(rows: list[tuple[str, str]]) -> bytes:
    """A workbook of one sheet."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in row])
    book.save(out)
    return out.getvalue()
