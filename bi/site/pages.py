"""The kinds of pages of the site: where each is, what it answers, what it reads and what fills its template."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bi.site.queries import Marts, Query
from bi.site.view.common import Content
from bi.site.view.councils import map_page
from bi.site.view.data_map import data_map
from bi.site.view.indicator import pages
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
        description="Datasets, organisations and gaps in the evidence.",
        reads=(Marts.data_gaps, Marts.datasets, Marts.indicators, Marts.organisations, Marts.vision_statements),
        pages=lambda content: [("data-map.html", {"page": data_map(content)})],
    ),
)
OPEN_DATA = ("data/index.html", "Open data")
NAVIGATION = (*((kind.path, kind.title) for kind in PAGES if "<" not in kind.path), OPEN_DATA)
