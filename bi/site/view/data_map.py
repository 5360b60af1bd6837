"""The Data Map: the list of datasets to look through, and what each of its pages says of one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bi.site import map_rows, rows, words
from bi.site.view.common import Content, Named, grouped
from promise.catalogue.returns import vocabularies

# A group of organisations that a page names as one.
GROUPS = {"councils": "All councils", "health_boards": "All NHS boards"}
SECTORS = {
    "government": "Government",
    "local_government": "Local government",
    "council": "Councils",
    "health_board": "NHS boards",
    "public_body": "Public bodies",
    "partnership": "Partnerships",
    "scrutiny_body": "Scrutiny",
    "oversight": "Oversight",
    "third_sector": "Third sector",
    "academic": "Research",
    "uk_body": "United Kingdom",
}
HOW = {"answers": "can answer", "partly": "can answer in part", "speaks_to": "speaks to"}
TARGETS = {
    "statement": "Statement",
    "outcome": "Outcome",
    "indicator": "Indicator",
    "question": "What Matters question",
}
# What blocks a join, in words.
BLOCKS = {
    "nothing": "nothing that is known",
    "identifier": "they share no identifier",
    "agreement": "there is no agreement on sharing",
    "lawful_basis": "they are held on different lawful bases",
    "unknown": "nobody has said what identifies their records, or on what basis and agreement they may be shared",
}


@dataclass(frozen=True)
class Entry:
    """A dataset in the list."""

    id: str
    title: str
    page: str | None  # its own page, from the root; what a catalogue lists has none
    url: str | None
    holder: str
    sectors: str
    kind: str
    geography: str
    about: str
    statements: tuple[tuple[str, str], ...]
    indicators: tuple[Named, ...]
    questions: str
    in_warehouse: bool
    catalogue: str
    search: str


@dataclass(frozen=True)
class DataMap:
    """The list, the choices of its filters and the words that find the same."""

    entries: tuple[Entry, ...]
    organisations: tuple[tuple[str, int], ...]
    sectors: tuple[tuple[str, int], ...]
    statements: tuple[tuple[str, str, int], ...]
    questions: tuple[tuple[str, str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    geographies: tuple[tuple[str, int], ...]
    synonyms: str  # groups between |, words between commas
    in_warehouse: int
    elsewhere: int  # datasets on the other of the two pages


@dataclass(frozen=True)
class Fact:
    """A field of a dataset that somebody has filled in."""

    name: str
    value: str


@dataclass(frozen=True)
class Target:
    """Something that a dataset speaks to."""

    kind: str
    name: str
    href: str | None
    how: str
    reason: str
    author: str


@dataclass(frozen=True)
class Neighbour:
    """Another dataset, beside one."""

    title: str
    page: str | None
    says: str


@dataclass(frozen=True)
class DatasetPage:
    """Everything that is known of one dataset, and what nobody has said."""

    id: str
    title: str
    description: str
    holders: tuple[tuple[str, str | None], ...]
    url: str | None
    is_reading: bool
    groups: tuple[tuple[str, tuple[Fact, ...]], ...]
    not_said: str
    targets: tuple[Target, ...]
    joins: tuple[Neighbour, ...]
    twins: tuple[Neighbour, ...]


def slug(dataset_id: str) -> str:
    """The name of a dataset's page."""
    return re.sub(r"[^a-z0-9]+", "-", dataset_id.lower()).strip("-")


def page_of(row: rows.Dataset) -> str | None:
    """The page of a dataset, from the root of the site, where it has one."""
    return f"datasets/{slug(row.dataset_id)}.html" if row.is_in_front else None


def title_in(vocabulary: str, code: str | None) -> str:
    """A choice of a return in words, or the code in plain letters where the list does not have it."""
    if code is None:
        return ""
    return next((each.title for each in vocabularies()[vocabulary].choices if each.id == code), words.plain(code))


def statement_names(content: Content) -> dict[str, str]:
    """Each statement with its number."""
    return {s.vision_statement_id: f"{s.number}. {s.name}" for s in content.marts.vision_statements}


def front(content: Content) -> DataMap:
    """What speaks to a statement, a question or a child."""
    return _list(content, [row for row in content.marts.datasets if row.is_in_front])


def rest(content: Content) -> DataMap:
    """What a catalogue lists besides."""
    return _list(content, [row for row in content.marts.datasets if not row.is_in_front])


def holders(content: Content, row: rows.Dataset) -> tuple[str, ...]:
    """Who holds a dataset, each by its name; the words of the catalogue where nobody of them is listed."""
    names = tuple(GROUPS.get(each) or content.organisation(each) for each in row.organisation_ids)
    return names or ((row.publisher,) if row.publisher else ())


def _list(content: Content, of: list[rows.Dataset]) -> DataMap:
    names = statement_names(content)
    questions = {each.question_id: each.question_text for each in content.marts.question_answers}
    entries = tuple(_entry(content, row, names, questions) for row in of)
    by_group = grouped(content.marts.search_words, lambda word: word.synonym_group)
    return DataMap(
        entries=entries,
        organisations=_counted(name for entry in entries for name in entry.holder.split("; ")),
        sectors=_counted(sector for entry in entries for sector in entry.sectors.split("; ")),
        statements=tuple((c, name, sum(c in dict(e.statements) for e in entries)) for c, name in names.items()),
        questions=tuple((c, text, sum(c in e.questions.split() for e in entries)) for c, text in questions.items()),
        kinds=_counted(entry.kind for entry in entries),
        geographies=_counted(entry.geography for entry in entries),
        synonyms="|".join(",".join(each.word for each in group) for group in by_group.values()),
        in_warehouse=sum(entry.in_warehouse for entry in entries),
        elsewhere=len(content.marts.datasets) - len(entries),
    )


def _counted(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    count: dict[str, int] = {}
    for value in values:
        if value:
            count[value] = count.get(value, 0) + 1
    return tuple(sorted(count.items(), key=lambda item: item[0].lower()))


def _entry(content: Content, row: rows.Dataset, names: dict[str, str], questions: dict[str, str]) -> Entry:
    statements = tuple((code, names.get(code, code)) for code in row.vision_statement_ids)
    indicators = tuple(content.named(code) for code in row.indicator_ids if code in content.indicators)
    held_by = holders(content, row)
    kinds = {content.organisations[o].kind for o in row.organisation_ids if o in content.organisations}
    kinds |= {{"councils": "council", "health_boards": "health_board"}[o] for o in row.organisation_ids if o in GROUPS}
    known = [title_in("population", each) for each in row.population if each != "other"]
    about = row.population_words or "; ".join(known)
    searched = [row.title, *held_by, row.catalogue, about, title_in("dataset_kind", row.kind), row.kind_words]
    searched += [*dict(statements).values(), *(content.indicators[i.id].name for i in indicators)]
    searched += [questions[each] for each in row.question_ids if each in questions]
    searched += [title_in("theme", each) for each in row.themes]
    searched += [title_in("breakdown", each) for each in row.breakdowns]
    return Entry(
        id=row.dataset_id,
        title=row.title,
        page=page_of(row),
        url=row.url,
        holder="; ".join(held_by) or "Holder not known",
        sectors="; ".join(sorted(SECTORS.get(each, words.plain(each)) for each in kinds)),
        kind=title_in("dataset_kind", row.kind),
        geography=title_in("geography", row.geography),
        about=about,
        statements=statements,
        indicators=indicators,
        questions=" ".join(row.question_ids),
        in_warehouse=row.in_warehouse,
        catalogue=row.catalogue,
        search=" ".join(each for each in searched if each).lower(),
    )


def dataset_pages(content: Content) -> Iterator[DatasetPage]:
    """A page for each dataset of the list."""
    links = grouped(content.marts.dataset_links, lambda link: link.dataset_id)
    by_id = {row.dataset_id: row for row in content.marts.datasets}
    joins: dict[str, list[Neighbour]] = {}
    twins: dict[str, list[Neighbour]] = {}
    for join in content.marts.joinable:
        for one, other in ((join.dataset_id, join.other_dataset_id), (join.other_dataset_id, join.dataset_id)):
            joins.setdefault(one, []).append(_neighbour(by_id[other], in_the_way(join)))
    for twin in content.marts.duplicates:
        for one, other in ((twin.dataset_id, twin.other_dataset_id), (twin.other_dataset_id, twin.dataset_id)):
            twins.setdefault(one, []).append(_neighbour(by_id[other], "; ".join(twin.reasons)))
    for row in by_id.values():
        if row.is_in_front:
            of = links.get(row.dataset_id, [])
            yield _page(content, row, of, tuple(joins.get(row.dataset_id, ())), tuple(twins.get(row.dataset_id, ())))


def in_the_way(join: map_rows.Joinable) -> str:
    """What two datasets share and what blocks joining them, in words."""
    shared = [title_in("identifier", each) for each in join.shared_identifiers]
    people = [title_in("population", each).lower() for each in join.shared_population]
    return (
        (f"both have {words.listed(shared)}; " if shared else "")
        + (f"both are about {words.listed(people)}; " if people else "")
        + f"in the way: {BLOCKS[join.blocked_by]}"
    )


def _neighbour(row: rows.Dataset, says: str) -> Neighbour:
    return Neighbour(title=row.title, page=page_of(row), says=says)


def _page(
    content: Content,
    row: rows.Dataset,
    links: list[map_rows.DatasetLink],
    joins: tuple[Neighbour, ...],
    twins: tuple[Neighbour, ...],
) -> DatasetPage:
    groups = [(name, tuple(facts)) for name, facts in _facts(row).items()]
    said = tuple((name, tuple(f for f in facts if f.value)) for name, facts in groups)
    return DatasetPage(
        id=row.dataset_id,
        title=row.title,
        description=row.description or "",
        holders=_holder_pages(content, row),
        url=row.url,
        is_reading=row.entry == "holding",
        groups=tuple((name, facts) for name, facts in said if facts),
        not_said=words.listed([f.name.lower() for _, facts in groups for f in facts if not f.value]),
        targets=tuple(_target(content, link) for link in links),
        joins=joins,
        twins=twins,
    )


def _holder_pages(content: Content, row: rows.Dataset) -> tuple[tuple[str, str | None], ...]:
    if not row.organisation_ids:
        return tuple((name, None) for name in holders(content, row))
    pages = [f"organisations/{each}.html" if each in content.organisations else None for each in row.organisation_ids]
    return tuple(zip(holders(content, row), pages, strict=True))


def _both(category: str, said: str | None) -> str:
    """Our category and the words of the page, where they are not the same."""
    return (
        f"{category} (“{said}”)" if category and said and said.lower() != category.lower() else category or said or ""
    )


def _facts(row: rows.Dataset) -> dict[str, list[Fact]]:
    def several(vocabulary: str, codes: list[str]) -> str:
        return "; ".join(title_in(vocabulary, each) for each in codes)

    period = " to ".join(
        each
        for each in (
            words.day(row.period_from) if row.period_from else "",
            words.day(row.period_to) if row.period_to else "",
        )
        if each
    )
    return {
        "What it is": [
            Fact("Kind", _both(title_in("dataset_kind", row.kind), row.kind_words)),
            Fact("Themes", several("theme", row.themes)),
            Fact("One record is", row.unit_of_record or ""),
            Fact("Size", row.size or ""),
            Fact("Licence", row.licence or ""),
            Fact("Note", row.note or ""),
        ],
        "Who is in it": [
            Fact("Who it is about", _both(several("population", row.population), row.population_words)),
            Fact(
                "Care experience",
                _both(title_in("care_experience_marker", row.care_experience_marker), row.care_experience_words),
            ),
            Fact("Can be broken down by", several("breakdown", row.breakdowns)),
        ],
        "Where and when": [
            Fact("Areas", _both(title_in("geography", row.geography), row.geography_words)),
            Fact("Period", _both(period, row.period_words)),
            Fact("How often", _both(title_in("frequency", row.frequency), row.frequency_words)),
        ],
        "Getting at it": [
            Fact("Who may have it", title_in("access_rights", row.access_rights)),
            Fact("How to get it", row.access_route or ""),
            Fact("Contact", row.contact_role or ""),
        ],
        "Joining and sharing": [
            Fact("What tells records apart", _both(several("identifier", row.identifiers), row.identifiers_words)),
            Fact("Lawful basis", several("lawful_basis", row.lawful_basis)),
            Fact("Agreements on sharing", title_in("sharing", row.sharing_agreements)),
        ],
        "What it can tell": [
            Fact("How good its holder finds it", _both(title_in("quality", row.quality), row.quality_words)),
            Fact("How it is used", row.how_used or ""),
            Fact("What it cannot tell", row.cannot_tell or ""),
        ],
        **({"Measured here": _measured(row)} if row.figures is not None else {}),
    }


def _measured(row: rows.Dataset) -> list[Fact]:
    """What this warehouse counted in a source that it loads."""
    share = "" if row.missing_share is None else f"{words.number(row.missing_share * 100, 1)}% of its cells"
    return [
        Fact("Figures that stand", f"{row.figures:,}"),
        Fact("Councils covered", str(row.councils_covered)),
        Fact("Without a figure", share),
        Fact("Revised since they came out", words.counted(row.figures_revised or 0, "figure")),
        Fact("Last landed", words.moment(row.last_landed_at) if row.last_landed_at else ""),
    ]


def _target(content: Content, link: map_rows.DatasetLink) -> Target:
    href: str | None = f"index.html#{link.vision_statement_id}" if link.vision_statement_id else None
    match link.target_kind:
        case "indicator":
            name = content.indicators[link.target_id].name if link.target_id in content.indicators else link.target_id
            href = f"indicators/{link.target_id}.html" if link.target_id in content.indicators else None
        case "statement":
            name = statement_names(content).get(link.target_id, link.target_id)
        case "question":
            known = {each.question_id: each.question_text for each in content.marts.question_answers}
            name = known.get(link.target_id, link.target_id)
            href = f"data-map-gaps.html#{link.target_id}"
        case _:
            name = words.plain(link.target_id)
    author = f"{link.author}, {words.day(link.decided_on)}" if link.author and link.decided_on else ""
    return Target(TARGETS[link.target_kind], name, href, HOW[link.how], link.reason, author)
