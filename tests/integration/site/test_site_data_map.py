"""Who holds what, on the site: datasets, organisations, questions, and the catalogue for programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pyshacl
import pytest
import rdflib
from integration.site.page import Page, text_of

from bi.site.build import render


def test_the_data_map_begins_with_what_speaks_to_a_statement_and_lists_the_rest_apart(site: Path) -> None:
    front, rest = (text_of(site / f"{name}.html") for name in ("data-map", "data-map-catalogue"))
    assert 'Attendance "and" <more>' in front and "Where brothers live" in front and "Bus stops" not in front
    assert "Figures for In school" in front and "Nobody; All councils" in front
    assert "Bus stops" in rest and "Where brothers live" not in rest


def test_the_search_of_the_map_knows_words_that_mean_the_same_and_what_a_dataset_speaks_to(site: Path) -> None:
    html = (site / "data-map.html").read_text()
    assert 'data-synonyms="brother,sibling,sister"' in html
    (entry,) = re.findall(r'data-search="([^"]*where brothers live[^"]*)"', html)
    assert "synthetic learning" in entry and "am i with my family?" in entry
    assert 'data-question="wm_asked"' in html and 'data-geography="Scotland"' in html


def test_a_datasets_page_says_what_is_known_and_names_what_nobody_has_said(site: Path) -> None:
    words = text_of(site / "datasets/holding-two.html")
    assert "Held by Nobody and All councils." in words
    assert "It can answer in part 1. Synthetic learning (statement). It says who lives where." in words
    assert "Judged by somebody, 1 January 2026." in words
    assert "Looked after children (“children & young people”)" in words
    assert "Not known here:" in words and "lawful basis" in words and "agreements on sharing" in words
    assert "nobody has said what identifies their records" in words
    measured = text_of(site / "datasets/warehouse-one.html")
    assert "Without a figure 25.0% of its cells" in measured and "Councils covered 3" in measured


def test_an_organisations_page_has_what_it_holds_must_report_and_could_fill(site: Path) -> None:
    words = text_of(site / "organisations/nobody.html")
    assert "Where brothers live: children & young people" in words
    assert "A return & more" in words and "An Act, section 1" in words
    unknown = Page(site / "organisations/nobody.html").rows["A reportReport"]
    assert unknown[:3] == ["published, or not said", "unknown", "unknown"]
    assert "No figure by age." in words


def test_what_is_asked_of_organisations_says_unknown_where_no_page_says(site: Path) -> None:
    words = text_of(site / "data-map-reporting.html")
    assert "Requirements (2)" in words and "duty, how often and when" in words
    assert "A return & more (Nobody) and A report" in words, "two dates about one thing"


def test_a_question_shows_what_answers_it_and_strands_show_which_is_missing(site: Path) -> None:
    words = text_of(site / "data-map-gaps.html")
    assert "Am I with my family? Answered in part." in words
    assert "More time in school." in words and "what was heard and what organisations do" in words


def of_the_map(site: Path) -> rdflib.Graph:
    text = (site / "data/dcat-ap.jsonld").read_text()
    return rdflib.Graph().parse(data=text, format="json-ld", publicID="https://data.example/data/dcat-ap.jsonld")


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    """SEMIC's shapes of DCAT-AP 3.0.0, without what they import by address."""
    held = Path(__file__).parents[2] / "fixtures" / "dcat_ap" / "dcat-ap-3.0.0-shacl.jsonld"
    return rdflib.Graph().parse(held, format="json-ld")


def test_the_map_is_valid_dcat_ap_3(site: Path, shapes: rdflib.Graph) -> None:
    graph = of_the_map(site)
    assert len(list(graph.subjects(rdflib.RDF.type, rdflib.DCAT.Dataset))) == 2, "what the map begins with"
    conforms, _, report = pyshacl.validate(graph, shacl_graph=shapes, do_owl_imports=False)
    assert conforms, report


@pytest.mark.parametrize(
    ("kind", "prop"),
    [
        pytest.param(rdflib.DCAT.Dataset, rdflib.DCTERMS.title, id="a dataset without a title"),
        pytest.param(rdflib.DCAT.Dataset, rdflib.DCTERMS.description, id="a dataset without a description"),
        pytest.param(rdflib.DCAT.Catalog, rdflib.DCTERMS.publisher, id="a catalogue without a publisher"),
    ],
)
def test_what_dcat_ap_demands_is_really_looked_at(
    site: Path, shapes: rdflib.Graph, kind: rdflib.URIRef, prop: rdflib.URIRef
) -> None:
    graph = of_the_map(site)
    one = next(iter(graph.subjects(rdflib.RDF.type, kind)))
    graph.remove((one, prop, None))
    assert not pyshacl.validate(graph, shacl_graph=shapes, do_owl_imports=False)[0]


def test_the_calendar_says_overdue_and_the_first_page_too(site: Path) -> None:
    for page in ("calendar.html", "index.html"):
        assert "Overdue The yearbook, expected June 2025" in text_of(site / page), page
    words = text_of(site / "calendar.html")
    assert words.index("Due next") < words.index("A made-up source") < words.index("No date known")
    assert "The return" in words[words.index("No date known") :]


def test_who_answers_and_where_nothing_is_measured(site: Path) -> None:
    words = text_of(site / "answers.html")
    assert "How is Scotland doing? Nobody leads nothing." in words
    assert "within six months, which has passed. Answer: no answer known here" in words
    assert "No page says." in words
    rows = Page(site / "unmeasured.html").rows
    assert rows["1. Synthetic learning"] == ["1", "1", "1", "1", "1", "none"]
    assert rows["2. Synthetic silence"] == ["none", "none", "none", "none", "1", "1"], "a proposal fills no square"


def test_what_is_searched_for_is_found_by_another_word_for_it(owner: psycopg.Connection[Any], tmp_path: Path) -> None:
    title = "Brothers and sisters placed apart"
    owner.execute("update marts.dim_dataset set title = %s where dataset_id = 'holding:two'", (title,))
    render(owner, tmp_path / "site")
    found = re.findall(r'data-words="([^"]*)"><a [^>]*>Brothers and sisters', (tmp_path / "site/find.html").read_text())
    assert len(found) == 1 and "sibling" in found[0]
