"""What the Data Map finds: gaps, unanswered questions, datasets to join or that are twice, who must report what."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from bi.site import map_rows, rows, words
from bi.site.view.common import Content, GapGroup, Named, grouped
from bi.site.view.data_map import BLOCKS, GROUPS, SECTORS, holders, in_the_way, page_of, statement_names

GAP_TITLES = {
    "question_not_answered": "Questions that no dataset answers",
    "question_in_part": "Questions that are answered in part",
    "statement_in_part": "Statements that no dataset can answer for by itself",
    "outcome_not_reached": "Outcomes that no dataset reaches",
    "whole_population_proxy": "Indicators that only figures of everyone stand in for",
    "equality_group": "Equality groups without figures here",
    "no_council_figures": "Indicators without council figures here",
    "old_figures": "Figures that have grown old",
    "ended_dataset": "Datasets that have ended",
}
ANSWERS = {"answered": "Answered", "partly": "Answered in part", "not": "Not answered"}
NUMBERS = {
    "improving": "Improving",
    "worsening": "Worsening",
    "both_ways": "Both ways",
    "neither": "No clear change",
    "cannot_be_calculated": "Cannot be calculated",
    "no_figures": "No figures",
}
STRANDS = {"numbers": "numbers", "heard": "what was heard", "done": "what organisations do"}


@dataclass(frozen=True)
class Gap:
    """Something that is missing, in words."""

    id: str
    statement: str
    indicator: Named | None
    dataset: tuple[str, str | None] | None
    description: str
    why: str
    since: str
    by: str
    source_url: str | None


@dataclass(frozen=True)
class Question:
    """A What Matters question and what answers it."""

    id: str
    text: str
    source_url: str
    answered: str
    datasets: tuple[tuple[str, str | None], ...]
    by_what: str


@dataclass(frozen=True)
class Strand:
    """The three strands beside an outcome."""

    outcome: str
    statement: str
    numbers: str
    indicators: str
    heard: str
    done: str
    missing: str
    different_ways: str


@dataclass(frozen=True)
class Findings:
    """The page of gaps."""

    questions: tuple[Question, ...]
    strands: tuple[Strand, ...]
    gaps: tuple[tuple[str, str, tuple[Gap, ...]], ...]  # kind, title, gaps
    recorded: tuple[GapGroup, ...]  # what people wrote down
    count: int


@dataclass(frozen=True)
class Pair:
    """Two datasets and what is said of them."""

    one: tuple[str, str | None, str]  # title, page, holder
    other: tuple[str, str | None, str]
    says: str


@dataclass(frozen=True)
class Links:
    """The page of joins and duplicates."""

    joins: tuple[tuple[str, tuple[Pair, ...]], ...]  # what is in the way, pairs
    twins: tuple[Pair, ...]


@dataclass(frozen=True)
class Duty:
    """A requirement in words."""

    title: str
    kind: str
    makers: str
    sent_to: str
    duty: str
    duty_url: str | None
    when: str
    months: tuple[bool, ...]  # January to December
    same_again: str
    could_align: str
    not_known: str
    source_url: str | None


@dataclass(frozen=True)
class Burden:
    """The page of who must report what."""

    duties: tuple[Duty, ...]
    twice: tuple[Duty, ...]
    align: tuple[Duty, ...]
    organisations: tuple[tuple[str, str, int], ...]  # page, name, requirements


@dataclass(frozen=True)
class OrganisationPage:
    """One organisation: what it holds, must make, and could fill."""

    id: str
    name: str
    kind: str
    answers_for: str
    url: str | None
    datasets: tuple[tuple[str, str | None, str], ...]  # title, page, what it is about
    duties: tuple[Duty, ...]
    gaps: tuple[Gap, ...]


def findings(content: Content) -> Findings:
    """Gaps, questions and strands."""
    gaps = [(row.kind, _gap(content, row)) for row in content.marts.map_gaps]
    by_kind = grouped(gaps, lambda pair: pair[0])
    names = statement_names(content)
    outcomes = {row.outcome_id: row for row in content.marts.outcomes}
    for kind in by_kind:
        words.say(GAP_TITLES, kind, "kind of gap")
    return Findings(
        questions=tuple(_question(content, row) for row in content.marts.question_answers),
        strands=tuple(
            Strand(
                outcome=outcomes[row.outcome_id].outcome_text or words.plain(row.outcome_id),
                statement=names.get(row.vision_statement_id, row.vision_statement_id),
                numbers=NUMBERS[row.numbers_show],
                indicators=f"{words.counted(row.indicators, 'indicator')}, {row.indicators_with_figures} with figures",
                heard=words.counted(row.pieces_heard, "piece", "pieces"),
                done=_done(row),
                missing=words.listed([STRANDS[each] for each in row.missing]),
                different_ways=row.different_ways or "",
            )
            for row in content.marts.strands
            if row.outcome_id in outcomes
        ),
        gaps=tuple(
            (kind, title, tuple(gap for _, gap in by_kind[kind]))
            for kind, title in GAP_TITLES.items()
            if kind in by_kind
        ),
        recorded=content.gaps(lambda _: True),
        count=len(gaps),
    )


def _done(row: map_rows.Strands) -> str:
    """What organisations set themselves, in words."""
    parts = [
        words.counted(row.commitments, "commitment"),
        f"{row.commitments_reached} said to be done" if row.commitments_reached else "",
        f"{row.commitments_past_due} past their date" if row.commitments_past_due else "",
        f"{row.commitments_without_owner} without an owner" if row.commitments_without_owner else "",
        f"{row.commitments_without_date} without a date" if row.commitments_without_date else "",
    ]
    return ", ".join(each for each in parts if each)


def _question(content: Content, row: map_rows.QuestionAnswer) -> Question:
    by_id = {each.dataset_id: each for each in content.marts.datasets}
    datasets = tuple((by_id[each].title, page_of(by_id[each])) for each in row.dataset_ids if each in by_id)
    return Question(
        row.question_id, row.question_text, row.source_url, ANSWERS[row.answered], datasets, row.by_what or ""
    )


def _gap(content: Content, row: map_rows.MapGap) -> Gap:
    dataset = next((each for each in content.marts.datasets if each.dataset_id == row.dataset_id), None)
    names = statement_names(content)
    return Gap(
        id=row.data_gap_id.replace(":", "-"),
        statement=names.get(row.vision_statement_id, "") if row.vision_statement_id else "",
        indicator=content.named(row.indicator_id) if row.indicator_id in content.indicators else None,
        dataset=(dataset.title, page_of(dataset)) if dataset else None,
        description=row.description,
        why=row.why or "",
        since=row.since or "",
        by=_who(content, row.could_be_filled_by),
        source_url=row.source_url,
    )


def _who(content: Content, ids: list[str]) -> str:
    return words.listed([GROUPS.get(each) or content.organisation(each) for each in ids])


def links(content: Content) -> Links:
    """Pairs that could be joined, by what is in the way, and pairs that may be one thing."""
    by_id = {each.dataset_id: each for each in content.marts.datasets}

    def side(dataset_id: str) -> tuple[str, str | None, str]:
        row = by_id[dataset_id]
        return row.title, page_of(row), "; ".join(holders(content, row))

    return Links(
        joins=tuple(
            (
                BLOCKS[blocked_by],
                tuple(
                    Pair(side(join.dataset_id), side(join.other_dataset_id), in_the_way(join).split("; in the way")[0])
                    for join in joins
                ),
            )
            for blocked_by, joins in groupby(content.marts.joinable, key=lambda join: join.blocked_by)
        ),
        twins=tuple(
            Pair(side(twin.dataset_id), side(twin.other_dataset_id), "; ".join(twin.reasons))
            for twin in content.marts.duplicates
        ),
    )


def burden(content: Content) -> Burden:
    """Every requirement once, whoever must meet it, and what is asked twice."""
    by_report = grouped(content.marts.requirements, lambda row: row.report_id)
    duties = tuple(_duty(content, of) for of in by_report.values())
    count = grouped(
        [row for row in content.marts.requirements if row.organisation_id], lambda row: str(row.organisation_id)
    )
    return Burden(
        duties=duties,
        twice=tuple(duty for duty in duties if duty.same_again),
        align=tuple(duty for duty in duties if duty.could_align),
        organisations=tuple(
            sorted(
                (
                    (f"organisations/{identifier}.html", content.organisation(identifier), len(of))
                    for identifier, of in count.items()
                ),
                key=lambda each: each[1],
            )
        ),
    )


def _duty(content: Content, of: list[map_rows.Requirement]) -> Duty:
    row = of[0]
    titles = {each.report_id: each.title for each in content.marts.requirements}
    makers = list(dict.fromkeys(each.via or each.organisation_id or "" for each in of))
    same = sorted({other for each in of for other in each.same_again})
    align = sorted({other for each in of for other in each.could_align})
    when = [words.plain(row.frequency) if row.frequency else "", row.when_words or ""]
    return Duty(
        title=row.title,
        kind=words.plain(row.kind),
        makers=row.organisation_words or _who(content, [each for each in makers if each]),
        sent_to=_who(content, row.sent_to) or ("" if "to whom" in row.not_known else "published, or not said"),
        duty=row.duty or "",
        duty_url=row.duty_url,
        when=": ".join(each for each in when if each),
        months=tuple(month in row.months for month in range(1, 13)),
        same_again=words.listed([titles[each] for each in same if each in titles]),
        could_align=words.listed([titles[each] for each in align if each in titles]),
        not_known=words.listed(row.not_known),
        source_url=row.source_url,
    )


MONTHS = tuple(month_name[month][:3] for month in range(1, 13))


def organisation_pages(content: Content) -> Iterator[OrganisationPage]:
    """A page for each organisation that holds a dataset, must make something or could fill a gap."""
    gaps = [(row, _gap(content, row)) for row in content.marts.map_gaps]
    for row in content.marts.organisations:
        yield _organisation(content, row, gaps)


def _organisation(
    content: Content, row: rows.Organisation, gaps: list[tuple[map_rows.MapGap, Gap]]
) -> OrganisationPage:
    group = {"council": "councils", "health_board": "health_boards"}.get(row.kind, row.organisation_id)
    mine = {row.organisation_id, group}
    return OrganisationPage(
        id=row.organisation_id,
        name=row.name,
        kind=SECTORS.get(row.kind, words.plain(row.kind)),
        answers_for=row.answers_for or "",
        url=row.url,
        datasets=tuple(
            (each.title, page_of(each), each.population_words or "")
            for each in content.marts.datasets
            if each.is_in_front and mine & set(each.organisation_ids)
        ),
        duties=tuple(
            _duty(content, [each]) for each in content.marts.requirements if each.organisation_id == row.organisation_id
        ),
        gaps=tuple(gap for each, gap in gaps if mine & set(each.could_be_filled_by)),
    )
