"""`promise new source`: what a file tells is filled in, what it cannot tell is refused until a person has said it."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bad_books
import jinja2
import pytest
import yaml
from scaffolds import complete

from ingestion.readers import read
from promise.catalogue.sources import ENTRY, Source, read_folder, sources
from promise.errors import PromiseError
from promise.strict import CatalogueError
from workbench.peek.proposal import column_name, propose
from workbench.scaffolds.source import entry_text, new_source

FIXTURES = Path(__file__).parents[1] / "fixtures"
# One file of each shape: what it must come to be, how many rows it gives, and one of them.
SHAPES = {
    "bad_input/whole.csv": ("delimited", 6, ["S12000047", "Fife", "2021/22", "1,210", "12.5"]),
    "readers/cube.csv": ("cube_csv", 2, ["S12000047", "2012/2013", "Ratio", "Percent reconvicted", "30.4", "Male"]),
    "readers/slice.csv": ("slice_csv", 4, None),
    "readers/query.csv": ("sparql", 1, None),
    "readers/query.json": ("sparql", 2, ["http://statistics.gov.scot/id/statistical-geography/S12000005", "2.29E0"]),
    "readers/statxplore.json": ("statxplore", 4, None),
    "readers/jsonstat.json": ("jsonstat", 4, None),
    "readers/ckan.json": ("ckan", 2, ["S12000047", "12", ""]),
    "readers/ckan_dump.tsv": ("ckan", 2, None),
    "readers/ons.csv": ("ons_csv", 1, None),
    "readers/preamble_and_footnotes.csv": ("text_table", 6, ["Fife", "2022", "line 5:2022", "1,210", ""]),
    "workbook": ("workbook", 12, ["Fife", "2022 | Number", "Table 3.2!B5", "1210"]),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folders that a source is made of, empty."""
    for folder in ("ingestion/sources", "dbt/models/staging/figures", "dbt/models/staging/reference"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "ingestion" / "ever_loaded.txt").write_text("gone_source__figure\n")
    return tmp_path


@pytest.fixture
def published(tmp_path: Path) -> Any:
    def file(name: str) -> Path:
        if name != "workbook":
            return FIXTURES / name
        bad_books.whole(tmp_path / "tables.xlsx")
        return tmp_path / "tables.xlsx"

    return file


def rows(source: Source, root: Path) -> list[list[str | None]]:
    path = root / "ingestion" / "sources" / source.id / source.bundle[0].file
    landed = SimpleNamespace(content=path, file_name=path.name, requested_url=f"bundle:{source.id}/{path.name}")
    return [texts for _, texts in read(source, landed)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SHAPES)
def test_a_file_of_each_shape_is_read_once_a_person_has_filled_in_the_rest(
    root: Path, published: Any, name: str
) -> None:
    shape, count, row = SHAPES[name]
    new_source("trial", published(name), root=root)
    entry = root / "ingestion" / "sources" / "trial" / ENTRY
    with pytest.raises(CatalogueError, match=r"(?s)title: is null.*licence\.url: missing"):
        sources(root / "ingestion" / "sources")
    entry.write_text(complete(entry.read_text()))
    read_folder.cache_clear()
    described = sources(root / "ingestion" / "sources")["trial"]
    found = rows(described, root)
    assert described.table.reader.shape == shape
    assert len(found) == count == described.table.checks.at_least_rows
    assert all(len(texts) == len(described.table.columns) for texts in found)
    assert row is None or row in found


@pytest.fixture(autouse=True)
def forget() -> Any:
    """The catalogue remembers a folder that it has read; here its files change."""
    yield
    read_folder.cache_clear()


def test_every_part_of_a_source_is_written_and_named(root: Path, published: Any) -> None:
    made = new_source("trial", published("bad_input/whole.csv"), root=root)
    assert [str(path) for path in made.files] == [
        *("ingestion/sources/trial/source.yml", "ingestion/sources/trial/whole.csv"),
        "ingestion/ever_loaded.txt",
    ]
    assert not list((root / "dbt").rglob("*.*")), "figures are staged by what the entry says"
    assert all((root / path).is_file() for path in made.files)
    assert (root / "ingestion/ever_loaded.txt").read_text() == "gone_source__figure\ntrial__figure\n"
    assert (root / "ingestion/sources/trial/whole.csv").read_bytes() == (FIXTURES / "bad_input/whole.csv").read_bytes()
    assert "personal" not in " ".join(made.to_do)


def test_each_column_of_reference_data_is_described_by_its_heading(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("Code,Meaning\na,first\nb,second\n")
    new_source("trial", path, root=root)
    (words,) = (root / "dbt" / "models" / "staging" / "reference").glob("*.yml")
    (model,) = yaml.safe_load(words.read_text())["models"]
    assert {each["name"]: each["description"] for each in model["columns"]} == {
        "code": '{{ doc("trial__code") }}',
        "meaning": '{{ doc("trial__meaning") }}',
        "snapshot_id": '{{ doc("landed_file") }}',
    }


def test_what_the_file_tells_is_filled_in(published: Any) -> None:
    said = propose(published("bad_input/whole.csv"), "trial")
    assert said.key == ("area_code", "year")
    assert said.numbers == ("children", "rate")
    assert said.area == ("area_code", "code", 3)
    assert said.period is not None
    assert said.period[0] == "year"
    assert {"academic_year", "financial_year"} <= set(said.period[1])
    assert said.markers == {"[c]": "confidential: withheld so that nobody can be identified"}
    text = entry_text("trial", "whole.csv", said)
    assert "period: {column: year, style: null}  # one of academic_year" in text, "only the publisher can say which"


def test_a_heading_that_may_be_about_a_person_is_pointed_out(root: Path, published: Any) -> None:
    made = new_source("trial", published("bad_input/personal_heading.csv"), root=root)
    assert "may be about a person: indicator_author" in made.to_do[0]
    assert "look hard at indicator_author" in (root / "ingestion/sources/trial/source.yml").read_text()


def test_a_file_of_several_tables_is_not_chosen_from(root: Path) -> None:
    path = FIXTURES / "readers" / "old_workbook.xls"
    with pytest.raises(PromiseError, match=r"2 tables: 1: Table 1\.2.*--table NUMBER"):
        new_source("trial", path, root=root)
    new_source("trial", path, table=1, root=root)


def test_rows_that_share_a_key_are_said_to(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("council,sex,number\nFife,All,1\nFife,All,2\nMoray,All,3\n")
    said = propose(path, "trial")
    assert not said.key_is_unique
    assert "find out what else tells them apart" in entry_text("trial", "twice.csv", said)


@pytest.mark.parametrize(
    ("source_id", "words"),
    [
        pytest.param("Trial-Source", "lower snake case", id="no id"),
        pytest.param("gone_source", "used before", id="an id that was retired"),
        pytest.param("trial", "already", id="one that is there"),
    ],
)
def test_nothing_is_written_over_or_under_a_name_that_is_taken(
    root: Path, published: Any, source_id: str, words: str
) -> None:
    new_source("trial", published("bad_input/whole.csv"), root=root)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(PromiseError, match=words):
        new_source(source_id, published("readers/cube.csv"), root=root)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["readers/error_page.csv", "readers/nul_bytes.csv", "readers/bulletin.pdf"])
def test_of_a_file_that_is_not_understood_nothing_is_made(root: Path, published: Any, name: str) -> None:
    with pytest.raises(PromiseError, match="No source was made of it"):
        new_source("trial", published(name), root=root)
    assert not list((root / "ingestion" / "sources").iterdir())
    assert not list((root / "dbt").rglob("*.*"))


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Local authority", "local_authority"),
        ("CADateEnacted", "ca_date_enacted"),
        ("2022 | Number", "c_2022_number"),
        ("http://purl.org/linked-data/sdmx/2009/dimension#refArea", "ref_area"),
        ("% of children", "percent_of_children"),
        ("Order", "order_"),
        ("†", "c"),
    ],
)
def test_a_heading_becomes_a_name_that_the_database_takes(heading: str, name: str) -> None:
    assert column_name(heading) == name
    assert re.match(r"^[a-z][a-z0-9_]{0,62}$", name)


HEADINGS = [
    "{{ env_var('PROMISE_OWNER_PASSWORD') }}",
    "{% set x = 1 %}",
    "{# hidden",
    "a }} {{ 1 / 0 }} b",
    'it\'s "so" \\ }}',
    "Child name: x # y",
    "-- drop table raw.x; */",
]
FILES = {
    "figures by hand": "Council,{}\nFife,1\nMoray,2\nAngus,3\n",
    "figures": "Council,Year,{}\nFife,2021,1\nMoray,2021,2\nAngus,2021,3\n",
    "reference": "Code,{}\nabc,def\nghi,jkl\nmno,pqr\n",
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_of_the_file_stays_a_heading_in_all_that_is_written(root: Path, kind: str, heading: str) -> None:
    """dbt would render it, YAML would take it for a key, SQL for the end of a comment."""
    quoted = '"' + heading.replace('"', '""') + '"'
    path = root / "file.csv"
    path.write_text(FILES[kind].format(quoted))
    made = new_source("trial", path, root=root)
    entry = yaml.safe_load((root / "ingestion" / "sources" / "trial" / ENTRY).read_text())
    assert list(entry["table"]["columns"].values())[-1] == heading
    assert entry["bundle"][0]["file"] == "file.csv"
    models = list((root / "dbt").rglob("*.sql"))
    assert bool(models) == (kind != "figures")
    said: list[Any] = []
    for model in models:
        names = {"figures": lambda *_, **given: said.append(given) or "", "raw_rows": lambda *_, **__: "rows",
                 "function": lambda name: name}  # fmt: skip
        rendered = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(model.read_text()).render(names)
        assert heading not in rendered
    assert [[*given["values"]][-1] for given in said] == [heading] * (kind == "figures by hand")
    for words in (root / "dbt").rglob("*.yml"):
        yaml.safe_load(words.read_text())
    assert made.files


def test_there_are_headings_that_would_do_harm() -> None:
    with pytest.raises(jinja2.exceptions.UndefinedError):
        jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(HEADINGS[0]).render()
    assert len(HEADINGS) > 5
