"""A publisher renames a heading: in every shape of file, editions of before and after are read as the same column."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import openpyxl
import pytest
from fault_cases import source

from ingestion.errors import SourceChanged
from ingestion.readers import reading
from ingestion.readers.headings import Reading
from promise.catalogue.shapes import Delimited, GeoJson, Published, Searched
from promise.catalogue.sources import Source

FIXTURES = Path(__file__).parents[2] / "fixtures" / "readers"
Columns = dict[str, str | list[str]]
Write = Callable[[Path], object]


def made(text: str) -> Write:
    return lambda path: path.write_text(text)


def fixture(name: str, old: str = "", new: str = "") -> Write:
    """A hand-made file of another test, as it is or with a word that was replaced."""
    return lambda path: path.write_text((FIXTURES / name).read_text().replace(old, new))


def workbook_fixture(name: str, old: str = "", new: str = "") -> Write:
    return fixture(f"../workbooks/{name}", old, new)


def book(*rows: Sequence[Any]) -> Write:
    def write(path: Path) -> None:
        made = openpyxl.Workbook()
        for row in rows:
            made.active.append(list(row))  # type: ignore[union-attr]
        made.save(path)

    return write


def features(*properties: dict[str, str]) -> Write:
    return made(json.dumps({"features": [{"properties": each, "geometry": None} for each in properties]}))


ONS = (FIXTURES / "ons.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")[1:]
FOUND = {"headings": ["^Council$"]}
LONG = FOUND | {"layout": "long", "take": "^CHN"}
OF_CELLS: Columns = {"council": ["Local authority", "Council"], "heading": "@heading", "text": "@text"}
# What a file was headed by before and after, how it is described, and by what it is read in each of the two.
RENAMED: dict[str, tuple[dict[str, Any], Columns, Write, Write, tuple[str, str]]] = {
    "delimited": (
        {"shape": "delimited"}, {"council": "council", "rate": ["Rate per 1,000", "rate"]},
        made("council,rate\nFife,1\n"), made('"Rate per 1,000",council\n1,Fife\n'), ("rate", "Rate per 1,000"),
    ),
    "geojson": (
        {"shape": "geojson"}, {"code": ["LAD25CD", "LAD24CD"], "geometry": "geometry"},
        features({"LAD24CD": "S12000047"}), features({"LAD25CD": "S12000047"}), ("LAD24CD", "LAD25CD"),
    ),
    "cube_csv": (
        {"shape": "cube_csv"},
        {"area": "FeatureCode", "date": "DateCode", "of": "Measurement", "units": "Units", "value": "Value",
         "sex": ["Gender", "Sex"]},
        fixture("cube.csv"), fixture("cube.csv", ",Sex", ",Gender"), ("Sex", "Gender"),
    ),
    "slice_csv": (
        {"shape": "slice_csv"},
        {"area": ["Area", "Reference Area"], "sex": "@Sex", "year": "@heading", "text": "@text"},
        fixture("slice.csv"), fixture("slice.csv", "Reference Area", "Area"), ("Reference Area", "Area"),
    ),
    "slice_csv, a locked dimension": (
        {"shape": "slice_csv"},
        {"area": "Reference Area", "sex": ["@Gender", "@Sex"], "year": "@heading", "text": "@text"},
        fixture("slice.csv"), fixture("slice.csv", "Sex,", "Gender,"), ("@Sex", "@Gender"),
    ),
    "data_cart": (
        {"shape": "data_cart"},
        {"area": "Feature Identifier", "name": "Feature Name", "dataset": "Dataset", "age": ["Age group", "Age"],
         "period": "Reference Period", "measure": "measure type", "value": "Value"},
        workbook_fixture("data_cart.csv"), workbook_fixture("data_cart.csv", "Age = All", "Age group = All"),
        ("Age", "Age group"),
    ),
    "sparql": (
        {"shape": "sparql"},
        {"area": "refArea", "period": "refPeriod", "measure": "measureType", "value": ["percentage", "value"]},
        fixture("query.csv"), fixture("query.csv", "value", "percentage"), ("value", "percentage"),
    ),
    "statxplore": (
        {"shape": "statxplore"},
        {"area": ["Local authority", "Council"], "area_address": ["Local authority URI", "Council URI"],
         "year": "Year", "year_address": "Year URI", "annotations": "annotations", "value": "@value"},
        fixture("statxplore.json"), fixture("statxplore.json", '"Council"', '"Local authority"'),
        ("Council", "Local authority"),
    ),
    "jsonstat": (
        {"shape": "jsonstat"},
        {"area": ["Council", "Area"], "area_code": "area code", "year": "year", "year_code": "year code",
         "status": "status", "value": "value"},
        fixture("jsonstat.json"), fixture("jsonstat.json", '"label": "Area"', '"label": "Council"'),
        ("Area", "Council"),
    ),
    "ckan": (
        {"shape": "ckan"}, {"ca": ["CouncilArea", "CA"], "number": "Number", "number_qf": "NumberQF"},
        fixture("ckan.json"), fixture("ckan.json", '"CA"', '"CouncilArea"'), ("CA", "CouncilArea"),
    ),
    "ons_csv": (
        {"shape": "ons_csv"},
        {"code": ["area_code", "areacd"]} | {name: name for name in ONS},
        fixture("ons.csv"), fixture("ons.csv", "areacd", "area_code"), ("areacd", "area_code"),
    ),
    "workbook": (
        {"shape": "workbook"} | FOUND, {"council": ["Local authority", "Council"], "number": "Number"},
        book(["Council", "Number"], ["Fife", 1], ["Moray", 2]),
        book(["Local authority", "Number"], ["Fife", 1], ["Moray", 2]), ("Council", "Local authority"),
    ),
    "workbook, long": (
        {"shape": "workbook"} | LONG, OF_CELLS,
        book(["Council", "CHN9 2021-22"], ["Fife", 1], ["Moray", 2]),
        book(["Local authority", "CHN9 2021-22"], ["Fife", 1], ["Moray", 2]), ("Council", "Local authority"),
    ),
    "text_table": (
        {"shape": "text_table"} | FOUND, {"council": ["Local authority", "Council"], "number": "Number"},
        made("Children, by council\n\nCouncil,Number\nFife,1\nMoray,2\n"),
        made("Children, by council\n\nLocal authority,Number\nFife,1\nMoray,2\n"), ("Council", "Local authority"),
    ),
    "text_table, long": (
        {"shape": "text_table"} | LONG, OF_CELLS,
        made("Children, by council\n\nCouncil,CHN9 2021-22\nFife,1\nMoray,2\n"),
        made("Children, by council\n\nLocal authority,CHN9 2021-22\nFife,1\nMoray,2\n"), ("Council", "Local authority"),
    ),
}  # fmt: skip


def test_every_shape_is_tried() -> None:
    shapes = {
        shape
        for model in (Delimited, GeoJson, Published, Searched)
        for shape in get_args(model.model_fields["shape"].annotation)
    }
    assert {name.partition(",")[0] for name in RENAMED} == shapes


def described(reader: dict[str, Any], columns: Columns) -> Source:
    entry = source("trial", {"address": "https://publisher.example/", "hosts": ["publisher.example"]})
    entry["table"] |= {"reader": reader, "columns": columns}
    entry["table"]["checks"]["key"] = [next(iter(columns))]
    return Source.model_validate(entry)


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., Reading]:
    numbers = itertools.count(1)

    def read(source: Source, write: Write) -> Reading:
        path = tmp_path / f"trial {next(numbers)}"
        write(path)
        landed: Any = SimpleNamespace(content=path, file_name=path.name, requested_url="https://publisher.example/")
        return reading(source, landed)

    return read


@pytest.mark.parametrize("name", RENAMED)
def test_editions_of_before_and_after_a_renaming_are_the_same_column(look: Any, name: str) -> None:
    reader, columns, before, after, (old, new) = RENAMED[name]
    trial = described(reader, columns)
    earlier, later = look(trial, before), look(trial, after)
    rows = list(earlier.rows)
    assert rows
    assert all(len(texts) == len(columns) for _, texts in rows)
    assert list(later.rows) == rows
    assert list(earlier.headings) == list(later.headings) == list(columns)
    renamed = trial.table.column_of(new)
    assert renamed
    assert (earlier.headings[renamed], later.headings[renamed]) == (old, new)


@pytest.mark.parametrize("name", RENAMED)
def test_a_heading_that_nobody_wrote_down_stops_the_file_and_the_remedy_is_its_column_s_list(
    look: Any, name: str
) -> None:
    reader, columns, before, after, (old, _) = RENAMED[name]
    known: Columns = {
        column: headings if isinstance(headings, str) else headings[-1] for column, headings in columns.items()
    }
    list(look(described(reader, known), before).rows)
    with pytest.raises(SourceChanged) as refused:
        list(look(described(reader, known), after).rows)
    message = str(refused.value)
    assert message.startswith("trial: trial")
    assert old in message
    assert (
        "put the new one at the front of its column's list under `columns` in ingestion/sources/trial/source.yml"
        in message
    )


BOTH: dict[str, tuple[str, Write, str]] = {
    "delimited": (
        "delimited", made('rate,council,"Rate per 1,000"\n1,Fife,1\n'),
        "line 1: the headings 'rate' and 'Rate per 1,000' are both there, and both are of the column rate",
    ),
    "geojson": (
        "geojson", features({"LAD24CD": "a", "LAD25CD": "a"}),
        "features[0]: the headings 'LAD24CD' and 'LAD25CD' are both there",
    ),
    "geojson, one after the other": (
        "geojson", features({"LAD24CD": "a"}, {"LAD25CD": "a"}),
        "features[1]: the heading 'LAD25CD' where the features before have 'LAD24CD', both of the column code",
    ),
    "a locked dimension": (
        "slice_csv, a locked dimension", fixture("slice.csv", "Sex,Female", "Sex,Female\nGender,Female"),
        "the headings '@Sex' and '@Gender' are both there",
    ),
    "workbook": (
        "workbook", book(["Council", "Number", "Local authority"], ["Fife", 1, "Fife"], ["Moray", 2, "Moray"]),
        "the headings 'Council' (Sheet!A1) and 'Local authority' (Sheet!C1) are both there",
    ),
    "workbook, long": (
        "workbook, long", book(["Council", "Local authority", "CHN9 1"], ["Fife", "Fife", 1], ["Moray", "Moray", 2]),
        "'Council' (Sheet!A1) and 'Local authority' (Sheet!B1) are both there",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOTH)
def test_two_headings_of_one_column_in_one_file_are_refused_by_both_names(look: Any, name: str) -> None:
    case, write, words = BOTH[name]
    reader, columns, *_ = RENAMED[case]
    with pytest.raises(SourceChanged) as refused:
        list(look(described(reader, columns), write).rows)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_none_of_the_headings_that_a_column_has_had_is_told_with_all_of_them(look: Any) -> None:
    trial = described({"shape": "delimited"}, {"council": "council", "rate": ["Share", "Percentage", "Rate"]})
    with pytest.raises(SourceChanged) as refused:
        look(trial, made("council,Ratio\nFife,1\n"))
    assert str(refused.value) == (
        "trial: trial 1, line 1: the heading 'Share', before 'Percentage', before 'Rate', is missing; the heading "
        "'Ratio' is not described. Expected exactly: council, Share. If the publisher renamed a heading, put the new "
        "one at the front of its column's list under `columns` in ingestion/sources/trial/source.yml; "
        "earlier ones stay behind it"
    )


@pytest.mark.parametrize("name", RENAMED)
def test_the_headings_that_the_ledger_has_of_a_file_come_first_and_it_is_read_as_before(look: Any, name: str) -> None:
    reader, columns, before, after, (old, new) = RENAMED[name]
    trial = described(reader, columns)
    renamed = trial.table.column_of(new)
    for write, heading in ((before, old), (after, new)):
        headings = look(trial, write).headings
        known = trial.as_landed("https://publisher.example/", headings)
        assert known.table.newest == headings
        assert known.table.newest[renamed] == heading
        assert list(look(known, write).rows) == list(look(trial, write).rows)
