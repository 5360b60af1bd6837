"""The kinds of pages of the site: where each is, what it answers, what it reads and what fills its template."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bi.site.queries import Marts, Query
from bi.site.view import about, answers, compare, council, due, figures, find, home, revised, since, statements
from bi.site.view.common import Content
from bi.site.view.councils import map_page
from bi.site.view.data_map import dataset_pages, front, rest, slug
from bi.site.view.indicator import pages
from bi.site.view.map_findings import burden, findings, links, organisation_pages
from bi.site.view.matrix import matrix


@dataclass(frozen=True)
class PageKind:
    """The pages of one template: where they are, what they answer, the queries they are made of and what fills them."""

    name: str
    path: str
    title: str
    description: str
    reads: tuple[Query[Any], ...]
    pages: Callable[[Content], Iterable[tuple[str, dict[str, Any]]]]  # path and what the template gets
    foot: bool = False  # whether its link stands at the foot of every page, and not at the head
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
    Marts.breaks,
)
MATRIX = (Marts.councils, Marts.indicators, Marts.matrix, Marts.measures, Marts.observations, Marts.releases)
DUES = (Marts.owed, Marts.expected, Marts.reports, Marts.sources, Marts.organisations)
CHANGES = (Marts.events, Marts.measures, Marts.indicators, Marts.councils)
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
        description="What is known under each of the ten vision statements, what is new, what is due.",
        reads=(
            *DUES,
            *CHANGES,
            Marts.vision_statements,
            Marts.basket,
            Marts.data_gaps,
            Marts.evidence,
            Marts.progress,
        ),
        pages=lambda content: [("index.html", {"page": home.home(content)})],
    ),
    PageKind(
        name="statement",
        path="statements/<vision_statement_id>.html",
        title="Statements",
        description="One statement: outcomes, indicators as cards, what was heard and done, gaps, who answers for it.",
        reads=(*CARDS, Marts.basket, Marts.evidence, Marts.milestones, Marts.progress, Marts.responsibilities),
        pages=lambda content: [(f"statements/{s.id}.html", {"s": s}) for s in statements.statements(content)],
    ),
    PageKind(
        name="indicator",
        path="indicators/<indicator_id>.html",
        title="Indicators",
        description="One indicator: the figure and its change, chart, councils, groups, tables, method, revisions.",
        reads=(
            *CARDS,
            Marts.benchmarks,
            Marts.changes,
            Marts.conflicts,
            Marts.editions,
            Marts.progress,
            Marts.responsibilities,
            Marts.owed,
            Marts.reports,
        ),
        pages=lambda content: [(f"indicators/{one.card.id}.html", {"page": one}) for one in pages(content)],
    ),
    PageKind(
        name="figures",
        path="figures/<indicator_id>.html",
        title="Where figures come from",
        description="Every figure for Scotland: what was written, how it was read, in which file, what came before.",
        reads=(
            Marts.checks,
            Marts.editions,
            Marts.indicators,
            Marts.measures,
            Marts.observations,
            Marts.provenance,
            Marts.publications,
            Marts.releases,
        ),
        pages=lambda content: [(f"figures/{one.id}.html", {"page": one}) for one in figures.pages(content)],
    ),
    PageKind(
        name="directions",
        path="directions.html",
        title="Which way indicators go",
        description="How many indicators improve, hold or worsen, each count with its list, by each of four rules.",
        reads=(
            Marts.indicators,
            Marts.measures,
            Marts.basket,
            Marts.disagreements,
            Marts.progress,
            Marts.standings,
            Marts.data_gaps,
            Marts.evidence,
            Marts.milestones,
            Marts.organisations,
        ),
        pages=lambda content: [("directions.html", statements.directions(content))],
        foot=True,
    ),
    PageKind(
        name="council",
        path="councils/<area_code>.html",
        title="A council",
        description="One council: all that is measured of it beside its family and Scotland, gaps, what it owes.",
        reads=(*FIGURES, Marts.matrix, Marts.benchmarks, Marts.breaks, Marts.organisations, Marts.owed, Marts.reports),
        pages=lambda content: [(f"councils/{c.code}.html", {"c": c}) for c in council.councils(content)],
    ),
    PageKind(
        name="councils",
        path="councils.html",
        title="Councils",
        description="The 32 councils by every council measure: figure, quarter and place, or why there is no figure.",
        reads=MATRIX,
        pages=lambda content: [
            ("councils.html", {"page": matrix(content), "by_name": [*content.council_names.items()]})
        ],
    ),
    PageKind(
        name="map",
        path="map.html",
        title="Council map",
        description="The 32 councils on a map, for every measure that has council figures, by period.",
        reads=(*FIGURES, Marts.boundaries, Marts.sources),
        pages=lambda content: [("map.html", {"page": map_page(content)})],
        foot=True,
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
    PageKind(
        name="compare",
        path="compare.html",
        title="Compare",
        description="Up to four councils, or two indicators, side by side; the address says which.",
        reads=MATRIX,
        pages=lambda content: [("compare.html", {"page": compare.compare(content)})],
        inner=True,
    ),
    PageKind(
        name="calendar",
        path="calendar.html",
        title="Calendar",
        description="What was due before the release and is not known here, what is due next, what has no date.",
        reads=DUES,
        pages=lambda content: [("calendar.html", {"page": due.calendar(content)})],
    ),
    PageKind(
        name="changed",
        path="changed.html",
        title="What changed",
        description="What this release changed; figures revised, withheld or withdrawn; judgements that flipped.",
        reads=(*CHANGES, Marts.release_changes, Marts.revision_summaries),
        pages=lambda content: [
            ("changed.html", {"page": revised.revised(content), "since": since.since(content)}),
        ],
    ),
    PageKind(
        name="answers",
        path="answers.html",
        title="Who answers for what",
        description="The three questions and every indicator with who produces, reports and can change it.",
        reads=(
            Marts.indicators,
            Marts.organisations,
            Marts.recommendations,
            Marts.responsibilities,
            Marts.roles,
            Marts.vision_statements,
        ),
        pages=lambda content: [("answers.html", {"page": answers.page(content)})],
        foot=True,
    ),
    PageKind(
        name="unmeasured",
        path="unmeasured.html",
        title="Where nothing is measured",
        description="Statements by kind of knowledge, and every gap of the register.",
        reads=(
            Marts.councils,
            Marts.data_gaps,
            Marts.evidence,
            Marts.indicators,
            Marts.measures,
            Marts.observations,
            Marts.organisations,
            Marts.vision_statements,
        ),
        pages=lambda content: [("unmeasured.html", {"page": answers.unmeasured(content)})],
        foot=True,
    ),
    PageKind(
        name="methods",
        path="methods.html",
        title="Methods",
        description="How figures are read, judged and compared, and what each measure's own rule is.",
        reads=(Marts.indicators, Marts.measures),
        pages=lambda content: [("methods.html", {"page": about.methods(content)})],
        foot=True,
    ),
    PageKind(
        name="about",
        path="about.html",
        title="About the data",
        description="Every source: who publishes it, how it is read, how often it comes out, when it was last taken.",
        reads=(Marts.indicators, Marts.sources),
        pages=lambda content: [("about.html", {"page": about.about(content)})],
        foot=True,
    ),
    PageKind(
        name="find",
        path="find.html",
        title="Search",
        description="Everything that has a page, and every dataset with who holds it, to search and to browse.",
        reads=(
            Marts.councils,
            Marts.datasets,
            Marts.evidence,
            Marts.indicators,
            Marts.measures,
            Marts.organisations,
            Marts.search_words,
            Marts.vision_statements,
        ),
        pages=lambda content: [("find.html", {"kinds": find.find(content)})],
    ),
)
OPEN_DATA = ("data/index.html", "Open data")
FEET = (*((kind.path, kind.title) for kind in PAGES if kind.foot), OPEN_DATA)
NAVIGATION = tuple(
    (kind.path, kind.title) for kind in PAGES if "<" not in kind.path and not kind.foot and not kind.inner
)
