"""Who answers for what, as seeds. A group is spelled out into its members; `via` keeps the group's id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from promise.catalogue.framework import framework
from promise.catalogue.framework_organisations import Responsibility
from promise.vocabulary.periods import read_period
from warehouse.dbt_files.seeds import Rows, seed


def _everyone(identifiers: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Each organisation once, with the group by which it is named."""
    groups = framework().groups
    seen: set[str] = set()
    for identifier in identifiers:
        for member in groups.members(identifier):
            if member not in seen:
                seen.add(member)
                yield member, None if member == identifier else identifier


def _words(identifiers: Iterable[str] | None) -> str | None:
    return " ".join(identifiers or ()) or None


@seed("framework__organisation", "organisation_id name kind area_code answers_for url source_url")
def organisations() -> Rows:
    for each in framework().organisations:
        yield each.id, each.name, each.kind, each.area_code, each.answers_for, each.url, each.source_url


@seed(
    "framework__organisation_role",
    "organisation_role_id organisation_id strand role what since until stated_on stated_precision source_url",
)
def roles() -> Rows:
    for organisation in framework().organisations:
        for position, each in enumerate(organisation.roles, start=1):
            yield (
                *(f"{organisation.id}__{position}", organisation.id, each.strand, each.role, each.what),
                *(each.since, each.until, each.stated_on, each.stated_precision, each.source_url),
            )


def _nearest() -> Iterator[tuple[str, Responsibility]]:
    """For each indicator what is said of it, or else of its outcome, or else of its statement."""
    said = {each.about: each for each in framework().answers.responsibilities.responsibilities}
    for statement, outcome, indicator in framework().indicators():
        yield indicator.id, said.get(indicator.id) or said.get(outcome.id) or said[statement.id]


@seed("framework__responsibility", "indicator_id about can_change basis reason source_url")
def responsibilities() -> Rows:
    for indicator, each in _nearest():
        yield indicator, each.about, _words(each.can_change), each.basis, each.reason, each.source_url


@seed("framework__indicator_organisation", "indicator_id organisation_id role via basis source_url")
def indicator_organisations() -> Rows:
    framework_says = "Named by the framework, or by the publication that it names."
    for _, _, each in framework().indicators():
        yield each.id, each.producer, "produces", None, framework_says, each.source_url
        for organisation in each.reported_by:
            yield each.id, organisation, "reports", None, framework_says, each.source_url
    for indicator, said in _nearest():
        for organisation, via in _everyone(said.can_change or ()):
            yield indicator, organisation, "can_change", via, said.basis, said.source_url


@seed(
    "framework__report",
    "report_id title kind made_by_words frequency when_words subject covers_all vision_statement_ids made_from"
    " publication_series title_contains published_on published_precision url source_url note display_order",
)
def reports() -> Rows:
    for position, each in enumerate(framework().answers.reports.reports, start=1):
        known = each.publications
        yield (
            *(each.id, each.title, each.kind, each.made_by_words, each.frequency, each.when, each.subject),
            *(each.vision_statements == (), _words(each.vision_statements), _words(each.made_from)),
            *(known.series if known else None, known.title_contains if known else None),
            *(each.published_on, each.published_precision, each.url, each.source_url, each.note, position),
        )


@seed("framework__report_organisation", "report_id organisation_id role via")
def report_organisations() -> Rows:
    for each in framework().answers.reports.reports:
        for organisation, via in _everyone(each.made_by or ()):
            yield each.id, organisation, "makes", via
        for organisation, via in _everyone(each.sent_to):
            yield each.id, organisation, "is_sent", via


@seed("framework__report_indicator", "indicator_id report_id")
def report_indicators() -> Rows:
    for each in framework().answers.reports.reports:
        for indicator in each.indicators:
            yield indicator, each.id


@seed(
    "framework__recommendation",
    "recommendation_id text is_quotation made_by made_on made_precision report_id addressed_to supported_by due_on"
    " due_precision due_words status status_source_url source_url note display_order",
)
def recommendations() -> Rows:
    for position, each in enumerate(framework().answers.recommendations.recommendations, start=1):
        yield (
            *(each.id, each.text, each.is_quotation, each.made_by, each.made_on, each.made_precision, each.report),
            *(_words(each.addressed_to), _words(each.supported_by)),
            *(each.due_on, each.due_precision, each.due_words, each.status, each.status_source_url),
            *(each.source_url, each.note, position),
        )


@seed(
    "framework__recommendation_response",
    "response_id recommendation_id position organisation_id text answered_on answered_precision source_url",
)
def responses() -> Rows:
    for each in framework().answers.recommendations.recommendations:
        for position, said in enumerate(each.responses, start=1):
            yield (
                *(f"{each.id}__{position}", each.id, position, said.by, said.text),
                *(said.answered_on, said.answered_precision, said.source_url),
            )


@seed(
    "framework__target",
    "target_id indicator_id measure_id area_code value unit due_period due_period_start due_period_end kind agreed_by"
    " agreed_on baseline_period baseline_period_start what_good_looks_like source_url",
)
def targets() -> Rows:
    for each in framework().answers.targets.targets:
        due = read_period(each.due_period, each.period_style)
        baseline = read_period(each.baseline_period, each.period_style) if each.baseline_period else None
        yield (
            *(each.id, each.indicator, each.measure, each.area_code, repr(each.value), each.unit),
            *(each.due_period, due.start, due.end, each.kind, each.agreed_by, each.agreed_on),
            *(each.baseline_period, baseline.start if baseline else None, each.what_good_looks_like, each.source_url),
        )
