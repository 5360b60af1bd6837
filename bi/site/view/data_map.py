"""The Data Map: who holds which data, what it could answer, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from bi.site import rows, words
from bi.site.view.common import Content, Gap, Named


@dataclass(frozen=True)
class Dataset:
    """A dataset that somebody holds."""

    id: str
    title: str
    publisher: str
    holder: str
    url: str | None
    catalogue: str
    in_warehouse: bool
    licence: str
    statements: tuple[tuple[str, str], ...]
    indicators: tuple[Named, ...]
    search: str


@dataclass(frozen=True)
class Organisation:
    """An organisation and what it answers for."""

    name: str
    kind: str
    answers_for: str
    url: str | None
    datasets: int
    indicators: int
    proposed: int  # counted apart
    publisher: str  # the name under which its datasets can be filtered; empty when it has none


@dataclass(frozen=True)
class GapList:
    """Gaps of one kind by statement: what Scotland lacks must not be mistaken for what our copies lack."""

    about: str
    title: str
    statements: tuple[tuple[str, str | None, tuple[Gap, ...]], ...]  # heading, statement, gaps
    count: int


@dataclass(frozen=True)
class DataMap:
    """The page."""

    datasets: tuple[Dataset, ...]
    publishers: tuple[tuple[str, int], ...]
    statements: tuple[tuple[str, str, int], ...]
    in_warehouse: int
    organisations: tuple[Organisation, ...]
    gaps: tuple[GapList, ...]


def data_map(content: Content) -> DataMap:
    """The Data Map of this release."""
    names = {s.vision_statement_id: f"{s.number}. {s.name}" for s in content.marts.vision_statements}
    datasets = tuple(_dataset(content, d, names) for d in content.marts.datasets)
    by_publisher: dict[str, int] = {}
    for dataset in datasets:
        by_publisher[dataset.publisher] = by_publisher.get(dataset.publisher, 0) + 1
    published_as: dict[str, str] = {}
    for row, dataset in zip(content.marts.datasets, datasets, strict=True):
        if row.organisation_id:
            published_as.setdefault(row.organisation_id, dataset.publisher)

    def answered(row: rows.Organisation) -> list[Named]:
        return [content.named(i) for i in row.indicators if i in content.indicators]

    return DataMap(
        datasets=datasets,
        publishers=tuple(sorted(by_publisher.items(), key=lambda item: item[0].lower())),
        statements=tuple(
            (code, name, sum(code in dict(d.statements) for d in datasets)) for code, name in names.items()
        ),
        in_warehouse=sum(d.in_warehouse for d in datasets),
        organisations=tuple(
            Organisation(
                name=o.name,
                kind=words.plain(o.kind),
                answers_for=o.answers_for or "",
                url=o.url,
                datasets=o.datasets,
                indicators=sum(not i.proposed for i in answered(o)),
                proposed=sum(i.proposed for i in answered(o)),
                publisher=published_as.get(o.organisation_id, ""),
            )
            for o in content.marts.organisations
        ),
        gaps=tuple(
            GapList(
                about=group.about,
                title=group.title,
                statements=tuple(
                    (names[code] if code else "All statements", code, tuple(gaps))
                    for code, gaps in groupby(group.gaps, key=lambda g: g.statement)
                ),
                count=len(group.gaps),
            )
            for group in content.gaps(lambda _: True)
        ),
    )


def _dataset(content: Content, row: rows.Dataset, names: dict[str, str]) -> Dataset:
    statements = tuple((code, names.get(code, code)) for code in row.vision_statement_ids)
    indicators = tuple(content.named(code) for code in row.indicator_ids if code in content.indicators)
    holder = row.held_by if row.held_by and row.held_by != row.publisher else ""
    words_of = [row.title, row.publisher, holder, row.catalogue, *dict(statements).values()]
    words_of += [content.indicators[i.id].name for i in indicators]
    return Dataset(
        id=row.dataset_id,
        title=row.title,
        publisher=row.publisher or "Publisher not known",
        holder=holder,
        url=row.url,
        catalogue=row.catalogue,
        in_warehouse=row.in_warehouse,
        licence=row.licence or "",
        statements=statements,
        indicators=indicators,
        search=" ".join(w for w in words_of if w).lower(),
    )
