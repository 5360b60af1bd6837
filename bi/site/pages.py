"""The kinds of pages of the site: where each is, what it answers, what it reads and what fills its template."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bi.site.queries import Marts, Query
from bi.site.view.common import Content
from bi.site.view.councils import map_page
from bi.site.view.data_map import dataset_pages, front, rest, slug
from bi.site.view.indicator import pages
from bi.site.view.map_findings import burden, findings, links, organisation_pages
from bi.site.view.matrix import matrix
from bi.site.view.statements import index


@dataclass(frozen=True)
class PageKind:
    """The pages of one template: where they are, what they answer, the queries they are made of and what fills them."""

    name: str
    path: str
    title: str
    description: str
    reads: tuple[Query[Any], ...]
    pages: Callable[[Content], Iterable[tuple[str, dict[str, Any]]]]  # path and what the template gets
    inner: bool = False  # whether it is reached from another page and has no link at the head


# What every page with figures reads; and what one with cards of indicators reads besides.
FIGURES = (
    Marts.vision_statements,
    Marts.indicators,
    Marts.measures,
    Marts.councils,
    Marts.observations,
    Marts.publications,
    Marts.checks,
    Marts.releases,
)
CARDS = (
    *FIGURES,
    Marts.outcomes,
    Marts.standings,
    Marts.gaps_to_comparator,
    Marts.data_gaps,
    Marts.organisations,
)
DATASETS = (
    Marts.datasets,
    Marts.indicators,
    Marts.organisations,
    Marts.question_answers,
    Marts.search_words,
    Marts.vision_statements,
)
PAGES = (
    PageKind(
        name="index",
        path="index.html",
        title="Ten statements",
        description="The ten vision statements with their outcomes and indicators: baseline, now, change, judgement.",
        reads=(*CARDS, Marts.basket, Marts.disagreements, Marts.evidence, Marts.milestones, Marts.progress),
        pages=lambda content: [("index.html", index(content))],
    ),
    PageKind(
        name="indicator",
        path="indicators/<indicator_id>.html",
        title="Indicators",
        description="One indicator: definition, changes, every figure with its place in the published file, councils.",
        reads=(*CARDS, Marts.benchmarks, Marts.changes, Marts.conflicts, Marts.editions, Marts.progress),
        pages=lambda content: [(f"indicators/{one.card.id}.html", {"page": one}) for one in pages(content)],
    ),
    PageKind(
        name="councils",
        path="councils.html",
        title="Councils",
        description="The 32 councils by every council measure: figure, quarter and place, or why there is no figure.",
        reads=(Marts.councils, Marts.indicators, Marts.matrix, Marts.measures, Marts.observations, Marts.releases),
        pages=lambda content: [("councils.html", {"page": matrix(content)})],
    ),
    PageKind(
        name="map",
        path="map.html",
        title="Council map",
        description="The 32 councils on a map, for every measure that has council figures, by period.",
        reads=(*FIGURES, Marts.boundaries, Marts.sources),
        pages=lambda content: [("map.html", {"page": map_page(content)})],
    ),
    PageKind(
        name="data-map",
        path="data-map.html",
        title="Data Map",
        description="Datasets that speak to a statement, a question or a child: search, filters, organisations.",
        reads=DATASETS,
        pages=lambda content: [
            (
                "data-map.html",
                {
                    "page": front(content),
                    "is_rest": False,
                    "organisations": [(o.organisation_id, o.name) for o in content.marts.organisations],
                },
            )
        ],
    ),
    PageKind(
        name="data-map-catalogue",
        path="data-map-catalogue.html",
        title="What a catalogue lists besides",
        description="Datasets that speak to no statement, question or child, as far as anybody knows.",
        reads=(
            *(Marts.datasets, Marts.organisations, Marts.question_answers, Marts.search_words),
            Marts.vision_statements,
        ),
        pages=lambda content: [("data-map-catalogue.html", {"page": rest(content), "is_rest": True})],
        inner=True,
    ),
    PageKind(
        name="dataset",
        path="datasets/<dataset_id>.html",
        title="Datasets",
        description="One dataset: who holds it, who is in it, what it could answer, what nobody has said of it.",
        reads=(
            *(Marts.datasets, Marts.indicators, Marts.organisations, Marts.question_answers, Marts.vision_statements),
            *(Marts.dataset_links, Marts.duplicates, Marts.joinable),
        ),
        pages=lambda content: [(f"datasets/{slug(one.id)}.html", {"page": one}) for one in dataset_pages(content)],
    ),
    PageKind(
        name="organisation",
        path="organisations/<organisation_id>.html",
        title="Organisations",
        description="One organisation: what it holds, what it must report and when, gaps that it could fill.",
        reads=(
            *(Marts.datasets, Marts.indicators, Marts.organisations, Marts.vision_statements),
            *(Marts.map_gaps, Marts.requirements),
        ),
        pages=lambda content: [(f"organisations/{one.id}.html", {"page": one}) for one in organisation_pages(content)],
    ),
    PageKind(
        name="data-map-gaps",
        path="data-map-gaps.html",
        title="Gaps and questions",
        description="What Matters questions, the three strands beside each outcome, what no dataset reaches.",
        reads=(
            *(Marts.datasets, Marts.indicators, Marts.organisations, Marts.question_answers, Marts.vision_statements),
            *(Marts.data_gaps, Marts.map_gaps, Marts.outcomes, Marts.strands),
        ),
        pages=lambda content: [("data-map-gaps.html", {"page": findings(content)})],
        inner=True,
    ),
    PageKind(
        name="data-map-links",
        path="data-map-links.html",
        title="Joins and duplicates",
        description="Datasets that could be joined and what stands in the way; pairs that may be the same thing twice.",
        reads=(Marts.datasets, Marts.organisations, Marts.duplicates, Marts.joinable),
        pages=lambda content: [("data-map-links.html", {"page": links(content)})],
        inner=True,
    ),
    PageKind(
        name="data-map-reporting",
        path="data-map-reporting.html",
        title="Who must report what",
        description="Requirements with their duty and time, what is asked twice, a calendar for each organisation.",
        reads=(Marts.organisations, Marts.requirements),
        pages=lambda content: [("data-map-reporting.html", {"page": burden(content)})],
        inner=True,
    ),
)
OPEN_DATA = ("data/index.html", "Open data")
NAVIGATION = (*((kind.path, kind.title) for kind in PAGES if "<" not in kind.path and not kind.inner), OPEN_DATA)
