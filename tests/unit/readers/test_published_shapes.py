"""Shapes of their own: statistics.gov.scot, Stat-Xplore, JSON-stat, CKAN, ONS, GeoJSON. The files are made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import SourceChanged
from ingestion.readers import ckan, json_cube, json_records, ons
from ingestion.readers import statistics_gov_scot as sgs
from ingestion.readers.json_text import load_json, text_of_json
from ingestion.readers.opened import open_tables
from ingestion.readers.sniff import sniff
from ingestion.readers.tables import Table


def rows(table: Table) -> list[tuple[str, ...]]:
    return [row.texts for row in table.rows()]


def test_a_cube_is_tidy_and_keeps_confidence_limits_as_rows(fixture: Any) -> None:
    table = sgs.read_cube(fixture("cube.csv"), "trial")
    assert table.tidy
    assert [row[2] for row in rows(table)] == ["Ratio", "95% Lower Confidence Limit, Percent"]


def test_a_slice_tells_what_is_locked_and_has_two_rows_of_headings(fixture: Any) -> None:
    table = sgs.read_slice(fixture("slice.csv"), "trial")
    assert dict(table.context) == {
        "generated": "2024-02-11T14:07:58+00:00",
        "title": "Made up, by hand <http://statistics.gov.scot/data/made-up>",
        "measure type": "Count",
        "Age": "All",
        "Sex": "Female",
        "Measure (cell values)": "Count(People)",
    }
    assert [heading.text for heading in table.headings[1:]] == ["Reference Area", "2001", "2002"]
    assert table.headings[2].published[0] == "http://reference.data.gov.uk/id/year/2001"
    cells = list(table.cells())
    assert [(cell.labels[1].text, cell.heading.text, cell.text, cell.address) for cell in cells[2:]] == [
        ("Fife", "2001", "2", "line 11:2001"),
        ("Fife", "2002", "*", "line 11:2002"),
    ]


def test_a_slice_that_was_cut_short_is_refused_with_its_line(fixture: Any) -> None:
    with pytest.raises(SourceChanged, match="line 11: 3 cells where the headings are 4"):
        rows(sgs.read_slice(fixture("slice_cut_short.csv"), "trial"))


def test_a_query_keeps_scientific_notation_as_text(fixture: Any) -> None:
    assert rows(sgs.read_query(fixture("query.csv"), "trial"))[0][3] == "2.29E0"
    table = sgs.read_query(fixture("query.json"), "trial")
    assert rows(table) == [
        ("http://statistics.gov.scot/id/statistical-geography/S12000005", "2.29E0"),
        ("http://statistics.gov.scot/id/statistical-geography/S12000006", ""),
    ]
    assert table.address(2, 0) == "results.bindings[1].refArea.value"


def test_a_query_that_found_nothing_is_a_result(fixture: Any) -> None:
    assert rows(sgs.read_query(fixture("query_empty.csv"), "trial")) == []


def test_an_answer_that_was_too_large_says_so_and_what_to_do(fixture: Any) -> None:
    for read in (sgs.read_query, sniff):
        with pytest.raises(SourceChanged, match=r"Response too large.*split the query"):
            read(fixture("query_too_large.csv"), "trial")


def test_stat_xplore_lands_long_with_totals_annotations_and_paths(fixture: Any) -> None:
    (table,) = json_cube.statxplore(load_json(fixture("statxplore.json"), "trial"), "trial")
    assert rows(table) == [
        ("Fife", "v:S12000047", "2023", "v:2023", "", "495837"),
        ("Fife", "v:S12000047", "2024", "v:2024", "p", "12.50"),
        ("Total", "", "2023", "v:2023", "", "7"),
        ("Total", "", "2024", "v:2024", "p", ""),
    ]
    assert table.address(4, 5) == "cubes.str:count:CILIF.values[1][1]"
    assert [note.text for note in table.notes] == ["p: Provisional"]


def test_a_cube_whose_numbers_do_not_fit_its_dimensions_is_refused(fixture: Any) -> None:
    content = load_json(fixture("statxplore_values_missing.json"), "trial")
    with pytest.raises(SourceChanged, match=r"values\[1\]: 1 values, expected 2"):
        json_cube.statxplore(content, "trial")


def test_json_stat_may_be_sparse_and_has_a_status_for_each_cell(fixture: Any) -> None:
    table = json_cube.jsonstat(load_json(fixture("jsonstat.json"), "trial"), "trial")
    assert [(row[0], row[2], row[4], row[5]) for row in rows(table)] == [
        ("Scotland", "2023", "", "10"),
        ("Scotland", "2024", "", "11.50"),
        ("Fife", "2023", "x", ""),
        ("Fife", "2024", "", "2"),
    ]


def test_json_stat_with_too_few_values_is_refused(fixture: Any) -> None:
    content = load_json(fixture("jsonstat.json"), "trial") | {"value": ["1"]}
    with pytest.raises(SourceChanged, match="1 values, expected 4"):
        json_cube.jsonstat(content, "trial")


def test_json_stat_with_too_many_values_or_statuses_is_refused(fixture: Any) -> None:
    content = load_json(fixture("jsonstat.json"), "trial")
    with pytest.raises(SourceChanged, match="value: a value at place 4, expected 4"):
        json_cube.jsonstat(content | {"value": {"0": "1", "4": "2"}}, "trial")
    with pytest.raises(SourceChanged, match="status: 1 values, expected 4"):
        json_cube.jsonstat(content | {"status": ["p"]}, "trial")
    assert len(rows(json_cube.jsonstat(content | {"value": {"3": "2"}}, "trial"))) == 4, "cells may be left out"


def test_stat_xplore_gives_every_item_that_was_asked_for(fixture: Any) -> None:
    content = load_json(fixture("statxplore.json"), "trial")
    uri = content["fields"][0]["uri"]
    there = len(content["fields"][0]["items"])
    whole = content | {"query": {"recodes": {uri: {"map": [["a"]] * (there - 1), "total": True}}}}
    assert json_cube.statxplore(whole, "trial")
    part = content | {"query": {"recodes": {uri: {"map": [["a"]] * 32, "total": False}}}}
    with pytest.raises(SourceChanged, match=f"asked for 32 items of 'Council' and holds {there}"):
        json_cube.statxplore(part, "trial")


def test_a_ckan_answer_gives_its_records(fixture: Any) -> None:
    table = ckan.read_answer(load_json(fixture("ckan.json"), "trial"), "x", "trial")
    assert rows(table) == [("1", "S12000047", "12", ""), ("2", "S12000020", "", "z")]
    assert ckan.qualified([heading.text for heading in table.headings]) == {"Number": "NumberQF"}
    assert not table.findings


def test_a_ckan_answer_that_holds_fewer_records_than_it_says_is_a_fault_with_both_numbers(fixture: Any) -> None:
    content = load_json(fixture("ckan.json"), "trial")
    content["result"]["total"] = 40_000
    (fault,) = ckan.read_answer(content, "x", "trial").faults
    assert str(fault).startswith("result.total: the answer says 40,000 records and holds 2")
    content["result"]["total_was_estimated"] = True
    assert not ckan.read_answer(content, "x", "trial").findings, "an estimate is no claim"


CUT = [
    pytest.param({"exceededTransferLimit": True}, "more features than the 1 that it holds", id="ArcGIS"),
    pytest.param({"properties": {"exceededTransferLimit": True}}, "more features than the 1", id="ArcGIS, elsewhere"),
    pytest.param({"numberMatched": 40_000, "numberReturned": 1}, "says 40,000 features and holds 1", id="OGC"),
    pytest.param({"totalFeatures": 3, "numberMatched": "unknown"}, "says 3 features and holds 1", id="WFS"),
]
WHOLE = [{}, {"numberMatched": 1}, {"exceededTransferLimit": False}, {"totalFeatures": "unknown"}, {"properties": None}]
COLLECTION = {"type": "FeatureCollection", "features": [{"properties": {"code": "S12000047"}, "geometry": None}]}


@pytest.mark.parametrize(("more", "words"), CUT)
def test_a_feature_collection_that_says_it_was_cut_is_a_fault(more: dict[str, Any], words: str) -> None:
    (fault,) = json_records.features(COLLECTION | more, "x", "trial").faults
    assert words in str(fault)


@pytest.mark.parametrize("more", WHOLE)
def test_a_feature_collection_that_claims_no_more_than_it_holds_is_whole(more: dict[str, Any]) -> None:
    assert not json_records.features(COLLECTION | more, "x", "trial").findings


def test_a_count_beside_a_list_that_is_larger_is_pointed_out() -> None:
    (table, _) = json_records.lists_of_objects({"total_count": 40_000, "items": [{"a": 1}]}, "x")
    assert "says total_count: 40,000, and the list holds 1" in str(table.findings[0])
    (table, _) = json_records.lists_of_objects({"count": 1, "items": [{"a": 1}]}, "x")
    assert not table.findings


def test_a_ckan_refusal_is_given_in_its_own_words(fixture: Any) -> None:
    with pytest.raises(SourceChanged, match=r"Not Found Error.*Resource was not found"):
        ckan.read_answer(load_json(fixture("ckan_refused.json"), "trial"), "x", "trial")


def test_a_ckan_answer_that_was_cut_is_a_fault(fixture: Any) -> None:
    content = load_json(fixture("ckan.json"), "trial")
    content["result"]["records_truncated"] = True
    assert ckan.read_answer(content, "x", "trial").faults


def test_a_ckan_dump_is_recognised_by_its_qualifiers(fixture: Any) -> None:
    opened = open_tables(fixture("ckan_dump.tsv"), "trial")
    assert opened.sniffed.shape == "ckan_dump"
    assert rows(opened.tables[0])[1] == ("2", "2013/14", "S12000047", "", "", ":")


def test_ons_observations_carry_their_caveats(fixture: Any) -> None:
    table = ons.read_observations(fixture("ons.csv"), "trial", fixture("ons.json"))
    assert rows(table)[0][:2] == ("S12000047", "Fife")
    assert "shared.caveats: Figures are provisional." in [note.text for note in table.notes]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        *(
            ("cube.csv", "cube_csv"),
            ("slice.csv", "slice_csv"),
            ("query.csv", "sparql_csv"),
            ("query.json", "sparql_json"),
        ),
        *(("statxplore.json", "statxplore"), ("jsonstat.json", "jsonstat"), ("ckan.json", "ckan_json")),
        *(("ons.csv", "ons_csv"), ("ons.json", "ons_metadata"), ("old_workbook.xls", "workbook")),
        *(("error_page.csv", "html"), ("bulletin.pdf", "pdf"), ("empty.csv", "empty"), ("nul_bytes.csv", "delimited")),
    ],
)
def test_a_shape_is_known_by_its_content_with_evidence(fixture: Any, tmp_path: Path, name: str, shape: str) -> None:
    unnamed = tmp_path / "download"
    unnamed.write_bytes(fixture(name).read_bytes())
    found = sniff(unnamed, "trial")
    assert found.shape == shape
    assert found.why


def test_numbers_in_json_stay_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('[1.0, 12.50, 1E3, 12345678901234567890, true, null, {"a": 1.50}]')
    assert [text_of_json(each) for each in load_json(path, "trial")] == [
        *("1", "12.50", "1E3", "12345678901234567890", "true", "", '{"a":1.50}'),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        ('{"a": [1, 2', "line 1, column 12: not JSON"),
        ("[" * 100_000, "nested deeper"),
    ],
)
def test_faulty_json_is_refused_with_its_place(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(SourceChanged, match=words):
        load_json(path, "trial")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"records": None}, "result: no records"),
        ({"fields": [{"name": "CA"}]}, "result: something else; expected fields with ids"),
        ({"records": ["text"], "fields": []}, "expected fields with ids and records with keys"),
        ({"fields": [{"id": "CA"}]}, r"result.records\[0\]: has a key that result.fields does not name"),
    ],
)
def test_an_answer_of_ckan_that_is_no_table_is_refused_with_its_place(
    fixture: Any, change: dict[str, Any], words: str
) -> None:
    content = load_json(fixture("ckan.json"), "trial")
    content["result"] |= change
    with pytest.raises(SourceChanged, match=words):
        ckan.read_answer(content, "x", "trial")


def test_an_answer_of_ckan_that_was_cut_is_a_fault(fixture: Any) -> None:
    content = load_json(fixture("ckan.json"), "trial")
    content["result"]["records_truncated"] = True
    faults = [each.text for each in ckan.read_answer(content, "x", "trial").findings if each.weight == "fault"]
    assert faults == ["the answer was cut after 2 records; ask for it in parts"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "without a reason"),
        ({"info": {"orig": ["column does not exist"]}}, "column does not exist"),
        ({"__type": "Validation Error", "limit": ["too large"]}, "Validation Error .limit: "),
    ],
)
def test_a_refusal_of_ckan_is_told_in_its_words(error: Any, words: str) -> None:
    with pytest.raises(SourceChanged, match=words):
        ckan.read_answer({"success": False, "error": error}, "x", "trial")
