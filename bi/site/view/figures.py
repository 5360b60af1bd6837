"""The way back of every figure for Scotland: what was written, how it was read, in which file, and what came before."""

from __future__ import annotations

from dataclasses import dataclass

from bi.site import rows, words
from bi.site.queries import NATION
from bi.site.view.cards import anchor
from bi.site.view.common import Content, Figure, Key


@dataclass(frozen=True)
class Way:
    """A figure and its way back."""

    id: str
    figure: Figure
    group: str
    written: str
    under: str
    done: str
    source: str
    source_id: str
    file: str
    taken: str
    how: str
    note: str
    typed: bool
    earlier: tuple[Figure, ...]
    citation: str


@dataclass(frozen=True)
class OfMeasure:
    """The figures of one measure, the latest first."""

    id: str
    title: str
    population: str
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Page:
    """The figures of an indicator."""

    id: str
    name: str
    measures: tuple[OfMeasure, ...]
    typed: int
    many: int


def pages(content: Content) -> list[Page]:
    """A page for every indicator with figures for Scotland."""
    ways: dict[Key, rows.Provenance] = {
        (p.measure_id, p.area_code, p.period_start, p.period_end, p.breakdown, p.breakdown_value): p
        for p in content.marts.provenance
    }
    found = []
    for indicator in content.marts.indicators:
        measures = []
        for measure in content.measures_of.get(indicator.indicator_id, []):
            figures = content.series.get((measure.measure_id, NATION), []) + content.breakdowns.get(
                measure.measure_id, []
            )
            if figures:
                figures = sorted(figures, key=lambda row: row.period_start, reverse=True)
                measures.append(
                    OfMeasure(
                        measure.measure_id,
                        measure.title,
                        content.population(measure),
                        tuple(_way(content, indicator, row, ways) for row in figures),
                    )
                )
        every = [way for measure in measures for way in measure.ways]
        if every:
            found.append(
                Page(
                    indicator.indicator_id,
                    indicator.name,
                    tuple(measures),
                    typed=sum(way.typed for way in every),
                    many=len(every),
                )
            )
    return found


def _way(content: Content, indicator: rows.Indicator, row: rows.Observation, ways: dict[Key, rows.Provenance]) -> Way:
    key = (row.measure_id, row.area_code, row.period_start, row.period_end, row.breakdown, row.breakdown_value)
    way, figure = ways.get(key), content.figure(row)
    measure = content.measures[row.measure_id]
    group = "" if row.breakdown == "total" else f"{words.plain(row.breakdown)}: {row.breakdown_value}"
    taken = words.moment(way.retrieved_at) if way is not None else "not recorded"
    citation = (
        f"{figure.source.publisher}: {figure.source.title} ({figure.source.published}). {measure.title}, Scotland, "
        f"{figure.period}{f', {group}' if group else ''}: {figure.text}. {row.source_cell}"
        + (f" of {way.file_name}, taken {taken}" if way is not None else "")
        + f". Through Scotland's promise in figures, release {content.marts.release.release_id}, {row.measure_id}."
    )
    return Way(
        id=anchor(row),
        figure=figure,
        group=group,
        written=(way.value_published or "not shown") if way is not None else "not recorded",
        under=", ".join(filter(None, [way.series_label, way.series_heading, way.period_published, way.area_published]))
        if way is not None
        else "",
        done=way.what_was_done if way is not None else "",
        source=way.source_title if way is not None else "",
        source_id=way.source_id if way is not None else "",
        file=way.file_name if way is not None else "",
        taken=taken,
        how=words.say(words.KINDS_OF_SOURCE, way.source_kind, "kind of source") if way is not None else "",
        note=(way.read_note or "") if way is not None else "",
        typed=figure.read is not None,
        earlier=tuple(
            content.figure(edition)
            for edition in content.editions.get(key, [])
            if edition.publication_id != row.publication_id
        ),
        citation=citation,
    )
