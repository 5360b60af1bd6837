"""What the site gives away to be counted with: its files, what describes them, and the ways to read them."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from integration.site.page import Page
from psycopg import sql

from bi.site import files, open_data, transcriptions
from bi.site.build import render
from bi.site.queries import Marts
from promise import spreadsheets


def test_open_data_is_the_table_with_its_columns_described(site: Path, conn: psycopg.Connection[Any]) -> None:
    with (site / "data/fct_observation.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counted = conn.execute("select count(*) from marts.fct_observation").fetchone()
    assert counted == (len(rows),)
    assert {row["is_revised"] for row in rows} == {"true", "false"}
    missing = [row for row in rows if row["conf_status"] == "suppressed_by_publisher"]
    assert [row["obs_value"] for row in missing] == [""]
    readme = (site / "data/README.md").read_text()
    assert "| `obs_value` | numeric | The figure \\| in its unit. |" in readme
    package = json.loads((site / "data/datapackage.json").read_text())
    fields = {f["name"]: f["type"] for f in package["resources"][0]["schema"]["fields"]}
    assert fields["obs_value"] == "number" and fields["period_start"] == "date"
    assert all((site / "data" / r["path"]).is_file() for r in package["resources"])


def test_a_text_that_a_spreadsheet_would_compute_is_written_as_text_and_numbers_as_they_are(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    texts = ["=1+1", "+44", "-2.5%", "-", "@SUM(A1)", "\t=1", "\r=1", "'=1", "＝1", "'plain", "a=b", "- none"]
    owner.execute("delete from marts.dim_dataset")
    for number, text in enumerate(texts):
        owner.execute(
            "insert into marts.dim_dataset (dataset_id, entry, title, catalogue, vision_statement_ids, indicator_ids,"
            " in_warehouse) values (%s, 'catalogue', %s, 'made up', '{}', %s, false)",
            (f"d{number:02}", text, [text]),
        )
    owner.execute("update marts.fct_observation set lci_95 = -1.5")
    files = open_data.write(Marts(owner), tmp_path / "data")
    assert "dim_dataset" in {file.table.name for file in files}

    with (tmp_path / "data/dim_dataset.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    written = [row["title"] for row in rows]
    assert written == [row["indicator_ids"] for row in rows]
    assert written == [
        "'=1+1", "+44", "-2.5%", "'-", "'@SUM(A1)", "'\t=1", "'\r=1", "''=1", "'＝1", "'plain", "a=b", "'- none",
    ]  # fmt: skip
    assert [re.sub(spreadsheets.BACK, r"\1", text) for text in written] == texts
    with (tmp_path / "data/fct_observation.csv").open(encoding="utf-8", newline="") as file:
        assert {row["lci_95"] for row in csv.DictReader(file)} == {"-1.5"}


TEXTS = hypothesis.strategies.text(hypothesis.strategies.sampled_from("'=+-@\t\r\n＝1.,% aé"), max_size=8)


@hypothesis.given(hypothesis.strategies.lists(TEXTS, max_size=100))
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture], max_examples=50)
def test_no_text_is_a_formula_in_a_file_and_every_text_can_be_had_back(
    conn: psycopg.Connection[Any], texts: list[str]
) -> None:
    query = sql.SQL("select {} from unnest({}::text[]) with ordinality as t (cell, n) order by n").format(
        spreadsheets.text_cell(sql.Identifier("cell")), sql.Literal(texts)
    )
    written = [cell for (cell,) in conn.execute(query)]
    assert written == [spreadsheets.as_text(text) for text in texts]
    assert [re.sub(spreadsheets.BACK, r"\1", cell) for cell in written] == texts
    for cell in written:
        assert (
            cell[:1] not in tuple("=+-@\t\r\n＝") or not cell or re.fullmatch(r"[-+]\d[\d,]*(\.\d+)?%?", cell, re.ASCII)
        )


def test_an_indicators_mart_is_its_open_data_file_and_its_page_leads_there(
    site: Path, conn: psycopg.Connection[Any]
) -> None:
    with (site / "data/indicator__in_school.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert conn.execute("select count(*) from marts.indicator__in_school").fetchone() == (len(rows),)
    assert "../data/indicator__in_school.csv" in Page(site / "indicators/in_school.html").links
    assert {"indicator__in_school.csv", "../indicators/in_school.html"} <= set(Page(site / "data/index.html").links)
    package = json.loads((site / "data/datapackage.json").read_text())
    assert "indicator__in_school.csv" in [resource["path"] for resource in package["resources"]]
    assert f"- `indicator__in_school.csv`: Time in school, {len(rows)} rows" in (site / "data/README.md").read_text()


def test_an_indicator_without_a_mart_offers_no_file(site: Path) -> None:
    assert not [link for link in Page(site / "indicators/unheard.html").links if link.endswith(".csv")]
    assert not list(site.glob("data/indicator__unheard*"))


def test_lists_are_exported_as_people_write_them(site: Path, owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    owner.execute("update marts.direction_basket set indicator_ids = '{in_school,unheard}' where scope = 'scotland'")
    render(owner, tmp_path / "site")
    with (tmp_path / "site/data/direction_basket.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["indicator_ids"] for row in rows if row["scope"] == "scotland"} == {"in_school; unheard"}
    for table in ("fct_change", "fct_reconciliation", "council_matrix"):
        assert (site / f"data/{table}.csv").read_text().count("\n") > 1


def test_the_files_of_an_indicator_and_of_a_council_have_names_in_them(site: Path) -> None:
    with (site / "data/councils/S12000901.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["area"], row["measure"]) for row in rows} == {("Council of A & B", "Share in school by council")}
    assert [row["figure"] for row in rows] == ["70.0", "80.0", ""]
    held = json.loads((site / "data/indicators/in_school.json").read_text())
    assert held["areas"]["S12000901"] == "Council of A & B" and held["release"] == 7
    assert held["measures"]["in_school__share"] == {
        "title": "Share in school",
        "unit": "percent",
        "counts": "care_experienced",
    }
    assert {"figure": "83.7", "period": "2023/24"}.items() <= next(
        each
        for each in held["figures"]
        if (each["measure_id"], each["period"], each["breakdown"]) == ("in_school__share", "2023/24", "total")
    ).items()


def test_every_csv_file_is_described_for_programs_in_its_folder(site: Path) -> None:
    """As CSV on the Web: each file by its name, with its columns in their order."""
    folders = [site / "data", site / "data/indicators", site / "data/councils"]
    for folder in folders:
        described = json.loads((folder / "csv-metadata.json").read_text())
        assert described["@context"][0] == "http://www.w3.org/ns/csvw"
        columns = {table["url"]: table["tableSchema"]["columns"] for table in described["tables"]}
        files = {path.name for path in folder.glob("*.csv")}
        assert files == {*columns} != set()
        for name in files:
            with (folder / name).open(encoding="utf-8", newline="") as file:
                assert next(csv.reader(file)) == [column["name"] for column in columns[name]], name
    kinds = {column["name"]: column["datatype"] for column in columns["S12000901.csv"]}
    assert (kinds["figure"], kinds["period_start"], kinds["area"]) == ("decimal", "date", "string")
    said = {column["name"]: column.get("dc:description") for column in columns["S12000901.csv"]}
    assert said["figure"] == "The figure | in its unit."


def test_all_csv_files_are_in_one_that_is_the_same_each_time(site: Path, tmp_path: Path) -> None:
    folder = site / "data"
    with zipfile.ZipFile(folder / "promise-data.zip") as archive:
        held = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {"README.md", "csv-metadata.json", "fct_observation.csv", "indicators/in_school.csv"} <= {*held}
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.csv")} <= {*held}
    assert all(content == (folder / name).read_bytes() for name, content in held.items())
    assert "indicators/in_school.json" not in held, "it says the same once more"


def readers(site: Path, language: str) -> str:
    """The only example in that language of the README."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", (site / "data/README.md").read_text(), re.S)
    return str(code)


def test_the_reader_that_the_readme_shows_reads_an_indicator(site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", readers(site, "python")], cwd=site / "data", capture_output=True, text=True, check=True
    )
    assert re.search(r"2023/24 .*83\.7", done.stdout), done.stdout


def test_the_reader_in_r_reads_the_same(site: Path) -> None:
    program = shutil.which("Rscript")
    if program is None:
        message = "NOT TESTED IN R: it is not installed (apt-get install r-base-core)"
        if os.environ.get("PROMISE_REQUIRE_R") == "1":
            pytest.fail(message)
        pytest.skip(message)
    done = subprocess.run(
        [program, "--vanilla", "-e", readers(site, "r")], cwd=site / "data", capture_output=True, text=True, check=True
    )
    assert re.search(r"2023/24 .*83\.7", done.stdout), done.stdout


def test_what_a_spreadsheet_would_compute_is_a_text_in_csv_and_itself_in_json(
    owner: psycopg.Connection[Any], tmp_path: Path
) -> None:
    owner.execute("update marts.fct_observation set source_cell = '=1+1' where indicator_id = 'in_school'")
    files.write(Marts(owner), tmp_path)
    with (tmp_path / "indicators/in_school.csv").open(encoding="utf-8", newline="") as file:
        assert {row["source_cell"] for row in csv.DictReader(file)} == {"'=1+1"}
    held = json.loads((tmp_path / "indicators/in_school.json").read_text())
    assert {figure["source_cell"] for figure in held["figures"]} == {"=1+1"}


def test_a_typed_file_lies_beside_the_figures_unless_one_of_its_source_is_suppressed(
    owner: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMISE_BUNDLE", str(tmp_path / "bundle"))
    typed = tmp_path / "bundle" / "made_up" / "typed.csv"
    typed.parent.mkdir(parents=True)
    typed.write_text("year,value\n2020,4\n")
    owner.execute(
        "update marts.provenance set source_kind = 'transcription', source_id = 'made_up', file_name = 'typed.csv',"
        " snapshot_id = %s",
        (hashlib.sha256(typed.read_bytes()).hexdigest(),),
    )
    changed = owner.execute("update marts.fct_observation_vintage set source_id = 'made_up', conf_status = 'free'")
    assert changed.rowcount > 1
    assert transcriptions.write(Marts(owner), tmp_path / "shown") == {"sources/made_up/typed.csv"}
    owner.execute(
        "update marts.fct_observation_vintage set obs_value = null, conf_status = 'suppressed_by_us'"
        " where ctid = (select min(ctid) from marts.fct_observation_vintage)"
    )
    assert transcriptions.write(Marts(owner), tmp_path / "silent") == frozenset()
    assert not (tmp_path / "silent").exists()
