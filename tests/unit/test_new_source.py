"""`promise new source`: what a file tells is filled in, what it cannot tell is refused until a person has said it."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bad_books
import jinja2
import openpyxl
import pytest
import yaml
from scaffolds import ANSWERS, asked

from ingestion.readers import read
from promise.catalogue.shapes import OF_THE_EDITION
from promise.catalogue.sources import ENTRY, Freshness, PeriodColumn, Source, read_folder, sources
from promise.errors import PromiseError
from promise.strict import CatalogueError
from workbench.peek.proposal import column_name, propose
from workbench.scaffolds import idle
from workbench.scaffolds.indicator import Fed
from workbench.scaffolds.indicator import entry_text as entry_text_of_an_indicator
from workbench.scaffolds.questions import BY_NAME, Case
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
    "workbook": ("workbook", 12, ["Fife", "Number", "2022", "Table 3.2!B5", "1210"]),
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
    new_source("open", published(name), root=root)
    asks = r"(?s)title: still to be written: What the publisher calls it.*freshness: still to be written"
    with pytest.raises(CatalogueError, match=asks):
        sources(root / "ingestion" / "sources")
    shutil.rmtree(root / "ingestion" / "sources" / "open")
    read_folder.cache_clear()
    made = new_source("trial", published(name), root=root, given=ANSWERS, ask=asked())
    assert "look whether it is right" in made.to_do[0]
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
    assert "may be about a person" not in " ".join(made.to_do)


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
    text = entry_text(Case("trial", said), "whole.csv", {})
    asked_for = 'period: {column: year, style: "WRITE: In which style its periods are written (academic_year'
    assert asked_for in text, "only the publisher can say which"


OF_ONE_YEAR = [["Local authority", "Number"], *([name, 10 + place] for place, name in enumerate(("Fife", "Moray")))]


def a_workbook(path: Path, year: str, *, sheet: str, title: str, rows: list[list[Any]]) -> Path:
    """A workbook with its year wherever publishers write it, and beside it another table of the same headings."""
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = sheet.format(year)
    second = book.create_sheet(f"Other {year}")
    for page, over in ((first, title.format(year)), (second, f"Table 9: Something else, {year}")):
        page.append([over])
        page.append([])
        for row in rows:
            page.append([str(cell).format(year) if isinstance(cell, str) else cell for cell in row])
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("title", "rows"),
    [
        pytest.param("Table 1: Children, by council, {}", OF_ONE_YEAR, id="in the title"),
        pytest.param("Table 1: Children, by council, {}(1)", OF_ONE_YEAR, id="in the title, with a note's mark"),
        pytest.param(
            "Table 1: Children, by council, 2019 to {}(1)",
            [["Local authority", "2019", "{}"], ["Fife", 1, 2], ["Moray", 3, 4]],
            id="in headings and title",
        ),
        pytest.param(
            "Table 1: Children, 31 July {}",
            [["Local authority", "2019 Number", "{} Number"], ["Fife", 1, 2], ["Moray", 3, 4]],
            id="in headings, beside words",
        ),
        pytest.param("Children", [["Local authority", "{}"], ["Fife", 1], ["Moray", 3]], id="in the sheet's name"),
    ],
)
def test_next_years_file_is_read_by_the_entry_of_this_years(
    root: Path, tmp_path: Path, title: str, rows: list[list[Any]]
) -> None:
    sheet = "Children in {}"
    if title == "Children":  # nothing over the two tables tells them apart
        this = a_workbook(tmp_path / "2023.xlsx", "2023", sheet=sheet, title="", rows=rows)
        following = a_workbook(tmp_path / "2024.xlsx", "2024", sheet=sheet, title="", rows=rows)
    else:
        this = a_workbook(tmp_path / "2023.xlsx", "2023", sheet=sheet, title=title, rows=rows)
        following = a_workbook(tmp_path / "2024.xlsx", "2024", sheet=sheet, title=title, rows=rows)
    new_source("trial", this, 1, root=root, given=ANSWERS, ask=asked("calendar_year"))
    described = sources(root / "ingestion" / "sources")["trial"]
    assert described.figures is not None and not described.figures.by_hand, "no SQL is written for it"
    assert "2023" not in str(described.table)
    found: dict[str, set[str | None]] = {}
    for path in (this, following):
        landed = SimpleNamespace(content=path, file_name=path.name, requested_url="bundle:trial/x")
        texts = [dict(zip(described.table.columns, row, strict=True)) for _, row in read(described, landed)]
        found[path.stem] = {row["period"] for row in texts}
        assert {row["local_authority"] for row in texts} == {"Fife", "Moray"}
    assert {year for year in found if year in found[year]} == {"2023", "2024"}


def test_of_a_file_without_a_period_its_edition_is_asked_for_one(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "boards.csv"
    path.write_text("Council,Children\nFife,12\nMoray,7\n")
    new_source("trial", path, root=root, given=ANSWERS, ask=asked("financial_year", period="2022/23"))
    described = sources(root / "ingestion" / "sources")["trial"]
    assert described.bundle[0].period == "2022/23"
    assert described.table.checks.period == PeriodColumn(column="period", style="financial_year")
    assert rows(described, root) == [["Fife", "12", "2022/23"], ["Moray", "7", "2022/23"]]
    assert not list((root / "dbt").rglob("*.sql"))


def test_figures_of_which_only_the_title_says_what_they_are_are_called_so(root: Path, tmp_path: Path) -> None:
    rows = [["Local authority", "2022", "2023"], ["Fife", 1, 2], ["Moray", 3, 4]]
    path = a_workbook(tmp_path / "a.xlsx", "2023", sheet="1", title="Table 2.2: Teachers, by council, {}(1)", rows=rows)
    new_source("trial", path, 1, root=root, given=ANSWERS, ask=asked("calendar_year"))
    figures = sources(root / "ingestion" / "sources")["trial"].figures
    assert figures is not None and (figures.called, figures.label) == ("Teachers, by council", None)


def test_the_word_for_everyone_is_found_in_the_columns_of_parts(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "parts.csv"
    lines = [f"Fife,2023/24,{kind},{sex},{number}" for kind, sex, number in
             [("a", "All", 3), ("a", "Boys", 1), ("b", "All", 4), ("b", "Boys", 2)]]  # fmt: skip
    path.write_text("\n".join(["Council,Year,Kind,Sex,Number", *lines, ""]))
    new_source("trial", path, root=root, given=ANSWERS, ask=asked("financial_year"))
    figures = sources(root / "ingestion" / "sources")["trial"].figures
    assert figures is not None
    assert (figures.label, figures.breakdowns, figures.total) == ("kind", {"sex": "sex"}, "All")


def test_what_is_usual_for_sources_that_come_out_as_often_is_proposed(root: Path, published: Any) -> None:
    proposals: dict[str, str | None] = {}

    def ask(question: str, usual: str | None) -> str:
        proposals[question.split(":", maxsplit=1)[0].split(",", maxsplit=1)[0]] = usual
        return asked()(question, usual)

    given = {name: text for name, text in ANSWERS.items() if name != "attribution"} | {"cadence": "annual"}
    new_source("trial", published("bad_input/whole.csv"), root=root, given=given, ask=ask)
    assert proposals["After how many days without a newer file it is late"] == "400/550"
    assert proposals["The words that the publisher asks to be quoted"] == "Scottish Government, Trial"
    described = sources(root / "ingestion" / "sources")["trial"]
    assert described.freshness == Freshness(warn_after_days=400, error_after_days=550)
    (publication,) = [each.publication for each in described.bundle]
    assert publication is not None
    assert (publication.id, publication.publisher, publication.series) == ("trial_1", "Scottish Government", "Trial")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("publisher", "Scotish Government", "near it: scottish_government"),
        ("publisher", "Nobody's Bureau", "described there first: id: nobody_s_bureau"),
        ("page", "gov.scot", "begins with https://"),
        ("cadence", "yearly", "none of annual, biennial"),
        ("freshness", "400", "such as 400/550"),
        ("freshness", "550/400", "such as 400/550"),
        ("personal-data", "dropped", "is not taken in"),
        ("published-on", "27 March 2025", "write it as 2025-03-27"),
        ("published-on", "2025-13", "write it as 2025-03-27"),
        ("values", "children, age", "age: no column of numbers; there are children, rate"),
        ("style", "lunar_year", "is none of academic_year"),
        ("title", " ", "--title is empty"),
        ("period", "2022/23", "--period is said by this file itself"),
    ],
)
def test_an_answer_that_is_none_is_told_and_nothing_is_written(
    root: Path, published: Any, name: str, text: str, words: str
) -> None:
    with pytest.raises(PromiseError, match=re.escape(words)):
        new_source("trial", published("bad_input/whole.csv"), root=root, given=ANSWERS | {name: text})
    assert not list((root / "ingestion" / "sources").iterdir())


def test_the_open_licence_is_called_by_three_letters_and_its_address_may_be_another(root: Path, published: Any) -> None:
    given = ANSWERS | {"licence": "OGL"}
    new_source("trial", published("bad_input/whole.csv"), root=root, given=given, ask=asked())
    other = given | {"licence-url": "https://example.invalid/ogl"}
    new_source("second", published("bad_input/whole.csv"), root=root, given=other | {"rank": "2"}, ask=asked())
    found = sources(root / "ingestion" / "sources")
    assert found["trial"].licence.name == found["second"].licence.name == "Open Government Licence v3.0"
    assert (found["trial"].licence.url or "").endswith("version/3/")
    assert found["second"].licence.url == "https://example.invalid/ogl"


def test_what_is_typed_and_is_no_answer_is_asked_again(root: Path, published: Any) -> None:
    typed = iter(["lunar_year", "academic_year"])
    heard: list[str] = []

    def ask(question: str, usual: str | None) -> str:
        heard.append(question)
        return next(typed) if question.startswith(("In which style", "'lunar_year'")) else asked()(question, usual)

    new_source("trial", published("bad_input/whole.csv"), root=root, given=ANSWERS, ask=ask)
    assert "'lunar_year' is none of academic_year" in " ".join(heard)
    checks = sources(root / "ingestion" / "sources")["trial"].table.checks
    assert checks.period is not None and checks.period.style == "academic_year"


@pytest.mark.parametrize(
    ("known", "day", "precision"),
    [
        ("2025-03-27", date(2025, 3, 27), "day"),
        ("2025-03", date(2025, 3, 1), "month"),
        ("2025", date(2025, 1, 1), "year"),
        ("unknown", None, "unknown"),
    ],
)
def test_as_much_of_a_day_as_is_known_is_written(
    root: Path, published: Any, known: str, day: date | None, precision: str
) -> None:
    given = ANSWERS | {"published-on": known, "date-known-by": "Printed on the page."}
    new_source("trial", published("bad_input/whole.csv"), root=root, given=given, ask=asked())
    (edition,) = sources(root / "ingestion" / "sources")["trial"].bundle
    assert edition.publication is not None
    assert (edition.publication.published_on, edition.publication.precision) == (day, precision)


@pytest.mark.parametrize(
    ("kind", "obs_status", "conf_status"),
    [("suppressed", "final", "suppressed_by_publisher"), ("not_available", "not_available", "free")],
)
def test_what_a_word_among_the_figures_means_is_said_in_one_word(
    root: Path, published: Any, kind: str, obs_status: str, conf_status: str
) -> None:
    new_source("trial", published("bad_input/whole.csv"), root=root, given=ANSWERS, meanings={"[c]": kind}, ask=asked())
    marker = sources(root / "ingestion" / "sources")["trial"].markers["[c]"]
    assert (marker.obs_status, marker.conf_status) == (obs_status, conf_status)
    assert marker.meaning.startswith("confidential")


def test_a_word_that_stands_nowhere_has_no_meaning(root: Path, published: Any) -> None:
    with pytest.raises(PromiseError, match=r"'\[x\]' stands nowhere among its figures"):
        new_source("trial", published("bad_input/whole.csv"), root=root, meanings={"[x]": "missing"})


def test_no_list_is_edited_by_hand(root: Path, published: Any) -> None:
    (root / "tests").mkdir()
    (root / idle.LIST).write_text("stg_other__figure: for some reason\n")
    made = new_source("trial", published("bad_input/whole.csv"), root=root)
    assert idle.LIST in made.files
    listed = yaml.safe_load((root / idle.LIST).read_text())
    assert set(listed) == {"stg_other__figure", "stg_trial__figure"}
    assert len(listed["stg_trial__figure"].split()) > 3


COMMANDS = ("promise new source", "promise try", "promise new indicator", "python -m workbench.pages", "promise run")


@pytest.mark.parametrize("name", ["bad_input/whole.csv", "readers/cube.csv", "workbook"])
def test_from_a_file_to_a_page_takes_fewer_than_sixty_typed_lines(root: Path, published: Any, name: str) -> None:
    """Whoever answers every question with a line of its own, and each key of the indicator that is left open."""
    typed: list[str] = []

    def ask(question: str, usual: str | None) -> str:
        typed.append(question)
        known = {BY_NAME[each].asks: text for each, text in ANSWERS.items()}
        return next((text for asks, text in known.items() if question.startswith(asks)), None) or asked()(
            question, usual
        )

    new_source("trial", published(name), root=root, ask=ask)
    assert sources(root / "ingestion" / "sources")["trial"].figures is not None
    # Of a source that ships, since the indicator's own catalogue is that.
    indicator = entry_text_of_an_indicator("trial", "vs01_o2", 1, Fed("reconvictions", "x", ""))
    lines = [*COMMANDS, *typed, *re.findall("WRITE: .*", indicator)]
    assert 20 < len(lines) < 60, lines


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
    assert "find out what else tells them apart" in entry_text(Case("trial", said), "twice.csv", {})


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
    "figures by hand": "_id,Council,{}\n1,Fife,1\n2,Moray,2\n3,Angus,3\n",  # of a portal, whose rows take no more
    "figures of an edition": "Council,{}\nFife,1\nMoray,2\nAngus,3\n",
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
    printed = [each for each in entry["table"]["columns"].values() if each != OF_THE_EDITION]
    assert printed[-1] == heading
    assert entry["bundle"][0]["file"] == "file.csv"
    models = list((root / "dbt").rglob("*.sql"))
    assert bool(models) == (kind in ("figures by hand", "reference"))
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
