"""The map page: every council measure and period, put into words and bands before it reaches the browser."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bi.site import choropleth, rows, words
from bi.site.queries import NATION
from bi.site.view.common import Content, Source, unique
from bi.site.view.matrix import MISSING, SUPPRESSED


@dataclass(frozen=True)
class Cell:
    """A council on the map: what is said, and how it is drawn."""

    area: str
    name: str
    text: str
    style: str


@dataclass(frozen=True)
class Legend:
    """A band and what it means."""

    style: str
    text: str


@dataclass(frozen=True)
class Period:
    """One period of a measure."""

    start: str
    label: str
    cells: tuple[Cell, ...]
    scotland: str
    with_figures: int
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Measure:
    """A measure that the map can show."""

    id: str
    title: str
    indicator_name: str
    indicator_href: str
    statement: str
    proposed: bool
    population: str
    everyone: str
    unit: str
    polarity: str
    caveat: str
    legend: tuple[Legend, ...]
    periods: tuple[Period, ...]

    @property
    def latest(self) -> Period:
        """The latest period in which a council has a figure; the one that is shown first."""
        return next((p for p in reversed(self.periods) if p.with_figures), self.periods[-1])


@dataclass(frozen=True)
class MapPage:
    """The map, its choices and the first of them."""

    shapes: choropleth.Shapes
    without_boundary: tuple[str, ...]
    measures: tuple[Measure, ...]
    attribution: str

    @property
    def opening(self) -> Measure:
        """The one that is shown first: the framework's, of care experienced people, with a figure for Scotland to read
        the councils by, if there is one like that."""
        return max(self.measures, key=lambda m: (not m.proposed, not m.everyone, m.latest.scotland != words.NO_FIGURE))

    @property
    def data(self) -> dict[str, Any]:
        """What the script needs to change the picture: words and styles, no arithmetic left to do."""
        return {
            "areas": [cell.area for cell in self.measures[0].latest.cells] if self.measures else [],
            "opening": self.opening.id if self.measures else "",
            "measures": [
                {
                    "id": m.id,
                    "title": m.title,
                    "indicator": m.indicator_name,
                    "href": m.indicator_href,
                    "proposed": m.proposed,
                    "population": m.population,
                    "everyone": m.everyone,
                    "polarity": m.polarity,
                    "caveat": m.caveat,
                    "legend": [[entry.style, entry.text] for entry in m.legend],
                    "shown": m.latest.start,
                    "periods": [
                        {
                            "start": p.start,
                            "label": p.label,
                            "scotland": p.scotland,
                            "figures": p.with_figures,
                            "sources": [[s.title, s.url or "", s.published] for s in p.sources],
                            "cells": [[c.text, c.style] for c in p.cells],
                        }
                        for p in m.periods
                    ],
                }
                for m in self.measures
            ],
        }


def map_page(content: Content) -> MapPage:
    """The council map of this release."""
    known = set(content.council_names)
    boundaries = {b.area_code: b.geometry for b in content.marts.boundaries if b.area_code in known}
    source = next((s for s in content.marts.sources if s.source_id == "council_boundaries"), None)
    return MapPage(
        shapes=choropleth.shapes(boundaries),
        without_boundary=tuple(name for code, name in content.council_names.items() if code not in boundaries),
        measures=tuple(_measure(content, m) for m in content.council_measures),
        attribution=(source.attribution or source.title) if source is not None else "",
    )


def _measure(content: Content, measure: rows.Measure) -> Measure:
    indicator = content.indicators[measure.indicator_id]
    statement = content.statements[indicator.vision_statement_id]
    by_period = content.council_figures(measure.measure_id)
    # Bands are the same in every period, so that a colour means the same figure when the period changes. They are cut
    # from figures as printed: a band that splits two councils with the same printed figure would look like a fault.
    printed = [
        words.rounded(row.obs_value, measure.decimals)
        for by_council in by_period.values()
        for row in by_council.values()
        if row.obs_value is not None
    ]
    edges = choropleth.edges(printed)
    return Measure(
        id=measure.measure_id,
        title=measure.title,
        indicator_name=indicator.name,
        indicator_href=f"indicators/{indicator.indicator_id}.html",
        statement=f"{statement.number}. {statement.name}",
        proposed=indicator.publication_state == "proposed",
        population=content.population(measure),
        everyone=content.everyone(measure),
        unit=words.unit(measure.unit).name,
        polarity=words.say(words.POLARITIES, measure.polarity, "polarity"),
        caveat=measure.caveat or "",
        legend=tuple(_legend(measure, edges, printed)),
        periods=tuple(_period(content, measure, by_council=by_period[p], edges=edges) for p in sorted(by_period)),
    )


def _legend(measure: rows.Measure, edges: list[Decimal], printed: list[Decimal]) -> list[Legend]:
    def say(value: Decimal) -> str:
        return words.figure(value, measure.unit, measure.decimals)

    if not printed:
        return []
    if not edges:
        return [Legend(_style(0, 1), say(printed[0]) if len(set(printed)) == 1 else "all figures")]
    count = len(edges) + 1
    texts = [f"under {say(edges[0])}"]
    texts += [f"{say(low)} to under {say(high)}" for low, high in pairwise(edges)]
    texts += [f"{say(edges[-1])} or more"]
    return [Legend(_style(n, count), text) for n, text in enumerate(texts)]


def _style(number: int, of: int) -> str:
    return f"band-{choropleth.shade(number, of)}"


def _period(
    content: Content, measure: rows.Measure, *, by_council: dict[str, rows.Observation], edges: list[Decimal]
) -> Period:
    any_row = next(iter(by_council.values()))
    cells = tuple(
        Cell(area=code, name=name, text=text, style=style)
        for code, name in content.council_names.items()
        for text, style in [_figure(content, measure, row=by_council.get(code), edges=edges)]
    )
    scotland = content.at(measure.measure_id, NATION, any_row.period_start)
    return Period(
        start=any_row.period_start.isoformat(),
        label=any_row.period_label,
        cells=cells,
        scotland=content.figure(scotland).text if scotland is not None else words.NO_FIGURE,
        with_figures=sum(row.obs_value is not None for row in by_council.values()),
        sources=tuple(unique([content.source(row.publication_id) for row in by_council.values()])),
    )


def _figure(
    content: Content, measure: rows.Measure, *, row: rows.Observation | None, edges: list[Decimal]
) -> tuple[str, str]:
    """What is said of a council, and the style that it is drawn in."""
    if row is None:
        return words.NO_FIGURE, MISSING
    figure = content.figure(row)
    if row.obs_value is None:
        return figure.text, MISSING if row.conf_status == "free" else SUPPRESSED
    text = f"{figure.text} ({figure.remark})" if figure.remark else figure.text
    value = words.rounded(row.obs_value, measure.decimals)
    return text, _style(choropleth.band(value, edges), len(edges) + 1)
