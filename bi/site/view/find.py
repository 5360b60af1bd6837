"""Everything that has a page or a place on one, for people who search and, without scripts, for people who browse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bi.site.map_rows import SearchWord
from bi.site.view.common import Content, grouped
from bi.site.view.data_map import page_of

Groups = Sequence[Sequence[str]]  # words that people say for the same thing


@dataclass(frozen=True)
class Entry:
    """Something to be found: its name, where it is, and the words by which it is looked for."""

    title: str
    href: str
    words: str
    about: str = ""  # who holds it, for what is held
    proposed: bool = False


@dataclass(frozen=True)
class Kind:
    """Entries of one kind."""

    title: str
    entries: tuple[Entry, ...]


def find(content: Content) -> list[Kind]:
    """Everything, by kind, in the order in which the site has it."""
    groups = [[each.word for each in group] for group in grouped(content.marts.search_words, _group).values()]
    said = partial(_said, groups)
    statements = [
        Entry(
            f"{s.number}. {s.name}",
            f"statements/{s.vision_statement_id}.html",
            said(s.name, s.earlier_name, s.statement),
        )
        for s in content.marts.vision_statements
    ]
    indicators = []
    for i in content.marts.indicators:
        measures = content.measures_of.get(i.indicator_id, [])
        sought = said(
            i.name, i.short_name, i.definition, i.source_publication, *(m.title for m in measures),
            *(content.population(m) for m in measures),
        )  # fmt: skip
        indicators.append(
            Entry(i.name, f"indicators/{i.indicator_id}.html", sought, proposed=i.publication_state == "proposed")
        )
    councils = [Entry(c.area_name, f"councils/{c.area_code}.html", said(c.area_name)) for c in content.marts.councils]
    organisations = [
        Entry(o.name, f"organisations/{o.organisation_id}.html", said(o.name, o.answers_for))
        for o in content.marts.organisations
        if o.area_code is None
    ]
    datasets = [
        Entry(
            d.title,
            page_of(d) or d.url or "data-map-catalogue.html",
            said(d.title, d.publisher, d.held_by, d.population_words),
            d.held_by or d.publisher or "",
        )
        for d in content.marts.datasets
    ]
    evidence = [Entry(e.title, e.url or "index.html", said(e.title, e.summary)) for e in content.marts.evidence]
    kinds = [
        Kind("Statements", tuple(statements)),
        Kind("Indicators", tuple(indicators)),
        Kind("Councils", tuple(councils)),
        Kind("Organisations", tuple(organisations)),
        Kind("What was said and done", tuple(evidence)),
        Kind("Datasets, and who holds them", tuple(datasets)),
    ]
    return [kind for kind in kinds if kind.entries]


def _group(word: SearchWord) -> str:
    return word.synonym_group


def _said(groups: Groups, *texts: str | None) -> str:
    """The words of the texts in small letters, with those that people say for the same thing."""
    text = " ".join(filter(None, texts)).lower()
    more = [group for group in groups if any(re.search(rf"\b{re.escape(word)}", text) for word in group)]
    return " ".join(dict.fromkeys((text + " " + " ".join(" ".join(group) for group in more)).split()))
