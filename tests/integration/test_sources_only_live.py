"""Sources that exist only at their publishers: the entries that ship, answered in the publisher's dialect on loopback.

From the address to the rows of staging; nothing but the host in the entry is another. Content is made up.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from checkout import command, copied
from psycopg import Connection
from rehosted import Catalogue, Speak
from stand_ins.dialects import care_inspectorate, ckan, govscot, nomis, statxplore
from stand_ins.publisher import Publisher, publishing

from expectations import arrival
from ingestion import pipeline
from ingestion.load import ensure_tables
from promise.catalogue.sources import sources
from promise.settings import settings
from promise.vocabulary.area_list import areas
from warehouse import runs, transform

COUNCILS = {area.code: area.name for kind, area in areas() if kind == "council"}
FIFE = "S12000047"


def open_data(publisher: Publisher, live: dict[str, Any]) -> str:
    rows = [
        [code, "Council Areas", "2022", measurement, units, value, status]
        for code in COUNCILS
        for measurement, units in (("Count", "Children"), ("Ratio", "Rate Per 1,000"))
        for status, value in (("All", "12"), ("At home with parents", "5"))
    ]
    header = ["GeographyCode", "GeographyType", "DateCode", "Measurement", "Units", "Value", "Residential Status"]
    resource = ckan.Resource("1-1", "Looked after children", [header, *rows], last_modified="2023-05-01")
    ckan.speak(publisher, {live["dataset"]: [resource]})
    return ""


def tables(publisher: Publisher, live: dict[str, Any]) -> str:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Table 23"
    sheet.append(["Table 23: Children looked after on 31 July 2025, by local authority"])
    sheet.append([])
    sheet.append(["Local authority", "Total number of children looked after", "Kinship care"])
    for name in ["Scotland", *COUNCILS.values()]:
        sheet.append([name, 40, "[c]" if name == "Orkney Islands" else 11])
    content = io.BytesIO()
    book.save(content)
    document = govscot.Document("Additional tables", "Looked After Children.xlsx", content.getvalue())
    other = govscot.Document("Additional tables", "Child protection.xlsx", b"another publication")
    slug = "childrens-social-work-statistics-looked-after-children-2024-25"
    govscot.speak(publisher, {slug: [document], "childrens-social-work-statistics-child-protection-2024-25": [other]})
    return govscot.COLLECTION


def low_income(publisher: Publisher, live: dict[str, Any]) -> str:
    (geography,) = live["body"]["recodes"].values()
    codes = [uri.rpartition(":")[2] for (uri,) in geography["map"]]
    assert sorted(codes) == sorted(COUNCILS)
    fields = {"National - Regional - LA - OAs": codes, "Year": ["2022/23", "2023/24 [p]"]}
    answer = statxplore.cube(live["body"], "Children", fields, [[1200, ".."] for _ in codes])
    statxplore.speak(publisher, statxplore.Account("a-key"), live["body"], answer)
    return statxplore.TABLE


def populations(publisher: Publisher, live: dict[str, Any]) -> str:
    rows = [
        {"date": "2024", "geography_name": name, "geography_code": code, "c_age_name": f"Age {age}",
         "obs_value": str(100 + age), "obs_status": "A"}
        for code, name in COUNCILS.items() for age in range(18)
    ]  # fmt: skip
    nomis.speak(publisher, live["dataset"], rows, at_most=500)
    live["page_rows"] = 500
    return nomis.ROOT


def register(publisher: Publisher, live: dict[str, Any]) -> str:
    header = [
        "CSNumber", "CareService", "Subtype", "ServiceName", "Manager_Name", "Service_Phone_Number", "Service_Postcode",
        "Address_line_1", "Council_Area_Name", "Registered_Places",
    ]  # fmt: skip

    def service(kind: str, council: str, places: str) -> list[str]:
        care, _, subtype = kind.partition(", ")
        return ["CS1", care, subtype or ".", "Wanda House", "Wanda", "01234 567890", "KY1 1XX", "1 Wanda Street",
                council, places]  # fmt: skip

    rows = [service(kind, name, "6") for kind in live["kinds"] for name in COUNCILS.values() for _ in range(2)]
    others = [service("Child Minding", "Fife", "6"), service("Adoption Service", "outside Scotland", ".")]
    care_inspectorate.speak(publisher, care_inspectorate.Register([header, *rows, *others], "30 June 2026"))
    return care_inspectorate.STATISTICS


SHOWN: dict[str, Speak] = {
    "looked_after_children_open_data": open_data,
    "looked_after_children_tables": tables,
    "low_income_families": low_income,
    "child_populations": populations,
    "registered_services": register,
}


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalogue as it ships, with the publishers of these sources on loopback."""
    catalogue = Catalogue(tmp_path / "sources")
    monkeypatch.setenv("PROMISE_MODE", "live")
    monkeypatch.setenv("PROMISE_CREDENTIAL_STATXPLORE", "a-key")
    with ExitStack() as stack:
        for source_id, speak in SHOWN.items():
            catalogue.host(source_id, stack.enter_context(publishing()), speak)
        monkeypatch.setenv("PROMISE_SOURCES", str(catalogue.folder))
        yield


def test_every_source_that_exists_only_at_its_publisher_is_played() -> None:
    """But for what organisations hand in, which has no publisher (test_returns_taken_in)."""
    assert SHOWN.keys() >= {each.id for each in sources().values() if not each.bundle and not each.returns}


def test_each_goes_from_its_publisher_through_the_gate_to_staging(database: Connection[Any], shown: None) -> None:
    for source_id in SHOWN:
        assert pipeline.load(source_id, pipeline.take(source_id)), source_id
        assert pipeline.take(source_id) == [], f"{source_id} is new only once"
    ensure_tables(database)
    judged = arrival.judge(runs.open_run(database))
    shipped = sum(len(sources()[source_id].bundle) for source_id in SHOWN)
    assert judged["rejected"] == {} and len(judged["accepted"]) == len(SHOWN) + shipped
    models = [sources()[source_id].staging_model for source_id in SHOWN]
    transform.write_generated()
    with transform.environment():
        built = ["build", "--select", "path:functions/values", *models, "--indirect-selection", "buildable"]
        assert transform.invoke([*built, "--exclude-resource-type", "unit_test"]).success

    def ask(columns: str, model: str, where: str) -> list[tuple[Any, ...]]:
        return database.execute(
            f"select {columns} from staging.stg_{model} where {where} order by 1".encode()
        ).fetchall()

    said = "series_label, breakdown_value, period_published, obs_value::integer"
    assert sorted(ask(said, "looked_after_children_open_data__figure", f"area_published = '{FIFE}'"), key=str) == [
        *(("Count", "At home with parents", "2022", 5), ("Count", None, "2022", 12)),
        *(("Ratio", "At home with parents", "2022", 5), ("Ratio", None, "2022", 12)),
    ]
    said = "source_cell, series_label, value_published, obs_value::integer, period_published"
    where = "area_published = 'Orkney Islands'"
    assert ask(said, "looked_after_children_tables__cell", where) == [
        ("Table 23!B27", "Total number of children looked after", "40", 40, "2025"),
        ("Table 23!C27", "Kinship care", "[c]", None, "2025"),
    ]
    said = "period_published, obs_value::integer, value_published, obs_status"
    assert ask(said, "low_income_families__figure", f"area_published = '{FIFE}'") == [
        ("2022/23", 1200, "1200", None),
        ("2023/24", None, "..", "provisional"),
    ]
    where = f"area_published = '{FIFE}' and period_published = '2024' and breakdown = 'age'"
    assert ask("sum(obs_value)::integer, count(*)", "child_populations__council_age", where) == [(1953, 18)]
    said = "series_label, series_heading, obs_value::integer"
    where = "area_published = 'Fife' and period_published = '2026-06-30' and series_label ~ '^Care Home'"
    homes = "Care Home Service, Children & Young People"
    assert sorted(ask(said, "registered_services__count", where)) == [
        (homes, "registered places", 12), (homes, "services", 2),
    ]  # fmt: skip
    where = "area_published = 'Scotland' and period_published = '2026-06-30' and series_label = 'Adoption Service'"
    assert ask(said, "registered_services__count", where) == [("Adoption Service", "services", 64)], "in Scotland"


def test_what_the_register_says_of_persons_is_nowhere(database: Connection[Any], shown: None) -> None:
    pipeline.load("registered_services", pipeline.take("registered_services"))
    files = [path.read_bytes().decode("latin-1") for path in settings().landing.rglob("*") if path.is_file()]
    (row,) = database.execute(
        "select string_agg(line::text, ' ') from raw.registered_services__count as line"
    ).fetchall()
    assert any("2026-06-30,Fife" in text for text in files) and "2026-06-30,Fife" in row[0]
    for text in [*files, row[0]]:
        assert not [word for word in ("Wanda", "CS1", "01234", "KY1 1XX") if word in text]


RUN = """
import sys
from expectations import arrival
from ingestion.load import ensure_tables
from promise import database
from warehouse import runs, transform
with database.connect() as conn:
    ensure_tables(conn)
    assert not arrival.judge(runs.open_run(conn))["rejected"]
transform.write_generated()
with transform.environment():
    outcome = transform.invoke(
        ["build", "--select", "+fct_observation", "--indirect-selection", "cautious"]
        + ["--exclude-resource-type", "unit_test"]
    )
sys.exit(0 if outcome.success else 1)
"""


def test_the_day_a_publisher_first_answers_its_figures_are_observations(
    database: Connection[Any], shown: None, tmp_path: Path
) -> None:
    """In the framework that ships, with nothing but what these publishers show."""
    for source_id in SHOWN:
        pipeline.load(source_id, pipeline.take(source_id))
    command(copied(tmp_path / "tree"), "-c", RUN)
    found = database.execute(
        b"select measure_id, period_end::text, breakdown, breakdown_value, obs_value::integer, obs_status, conf_status,"
        b" source_id from candidate.fct_observation where area_code = %s and breakdown != 'age' order by 1, 2, 3, 4",
        [FIFE],
    ).fetchall()
    tables, open_data = "looked_after_children_tables", "looked_after_children_open_data"
    dwp, register = "low_income_families", "registered_services"
    count, rate, low_income = (
        "in_care__count_council",
        "in_care__per_1000_open_data",
        "low_income__before_housing_council",
    )
    assert [row for row in found if row[-1] != register] == [
        (count, "2022-07-31", "placement", "At home with parents", 5, "final", "free", open_data),
        (count, "2022-07-31", "total", "total", 12, "final", "free", open_data),
        (count, "2025-07-31", "total", "total", 40, "final", "free", tables),
        (rate, "2022-07-31", "placement", "At home with parents", 5, "final", "free", open_data),
        (rate, "2022-07-31", "total", "total", 12, "final", "free", open_data),
        (low_income, "2023-03-31", "total", "total", 1200, "final", "free", dwp),
        (low_income, "2024-03-31", "total", "total", None, "low", "free", dwp),
    ]  # fmt: skip
    assert [(row[0], row[4]) for row in found if row[-1] == register and row[1] == "2026-06-30"] == [
        (f"{what}__{counted}", number)
        for what in ("care_homes", "special_schools")
        for counted, number in (("places", 12), ("services", 2))
    ]
    ages = database.execute(
        b"select count(*), sum(obs_value)::integer from candidate.fct_observation where area_code = %s"
        b" and measure_id = 'children__by_age_nomis' and period_end = '2024-12-31'",
        [FIFE],
    ).fetchone()
    assert ages == (18, 1953)
