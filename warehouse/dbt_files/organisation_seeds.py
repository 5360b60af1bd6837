"""Who answers for what, as seeds. A group is spelled out into its members; `via` keeps the group's id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from promise.catalogue.framework import framework
from promise.catalogue.framework_commitments import Recommendation, Report, Response
from promise.catalogue.framework_organisations import Organisation, Responsibility, Role
from promise.catalogue.framework_qualifiers import Qualifier
from promise.catalogue.framework_targets import Target
from promise.vocabulary.periods import read_period
from warehouse.dbt_files.seeds import Cell, Records, Rows, seed, seed_of


def _everyone(identifiers: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Each organisation once, with the group by which it is named."""
    groups = framework().groups
    seen: set[str] = set()
    for identifier in identifiers:
        for member in groups.members(identifier):
            if member not in seen:
                seen.add(member)
                yield member, None if member == identifier else identifier


@seed_of(Organisation, "framework__organisation", key="organisation_id", leave_out="roles sites")
def organisations() -> Records:
    return [(each, {}) for each in framework().organisations]


@seed("framework__organisation_site", "organisation_name site")
def sites() -> Rows:
    """The hosts under which an organisation's own words stand."""
    for each in framework().organisations:
        host = urlsplit(each.url or "").hostname
        for site in (*([host.removeprefix("www.")] if host else []), *each.sites):
            yield each.name, site


@seed_of(Role, "framework__organisation_role", also="organisation_role_id organisation_id")
def roles() -> Records:
    for organisation in framework().organisations:
        for position, each in enumerate(organisation.roles, start=1):
            yield each, {"organisation_role_id": f"{organisation.id}__{position}", "organisation_id": organisation.id}


def _nearest() -> Iterator[tuple[str, Responsibility]]:
    """For each indicator what is said of it, or else of its outcome, or else of its statement."""
    said = {each.about: each for each in framework().answers.responsibilities.responsibilities}
    for statement, outcome, indicator in framework().indicators():
        yield indicator.id, said.get(indicator.id) or said.get(outcome.id) or said[statement.id]


@seed_of(Responsibility, "framework__responsibility", also="indicator_id")
def responsibilities() -> Records:
    return [(said, {"indicator_id": indicator}) for indicator, said in _nearest()]


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


@seed_of(
    Report,
    "framework__report",
    key="report_id",
    named={
        "when": "when_words",
        "publications_series": "publication_series",
        "publications_title_contains": "title_contains",
    },
    leave_out="made_by sent_to indicators months",
    also="months covers_all display_order",
)
def reports() -> Records:
    for position, each in enumerate(framework().answers.reports.reports, start=1):
        months = tuple(str(month) for month in each.months)
        yield each, {"months": months, "covers_all": each.vision_statements == (), "display_order": position}


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


@seed_of(
    Recommendation,
    "framework__recommendation",
    key="recommendation_id",
    leave_out="responses",
    also="display_order",
)
def recommendations() -> Records:
    for position, each in enumerate(framework().answers.recommendations.recommendations, start=1):
        yield each, {"display_order": position}


@seed_of(
    Response,
    "framework__recommendation_response",
    named={"by": "organisation_id"},
    also="response_id recommendation_id position",
)
def responses() -> Records:
    for asked in framework().answers.recommendations.recommendations:
        for position, each in enumerate(asked.responses, start=1):
            place: dict[str, Cell] = {"recommendation_id": asked.id, "position": position}
            yield each, place | {"response_id": f"{asked.id}__{position}"}


@seed_of(
    Target,
    "framework__target",
    key="target_id",
    leave_out="period_style",
    also="due_period_start due_period_end baseline_period_start",
)
def targets() -> Records:
    for each in framework().answers.targets.targets:
        due = read_period(each.due_period, each.period_style)
        baseline = read_period(each.baseline_period, each.period_style) if each.baseline_period else None
        yield (
            each,
            {
                "due_period_start": due.start,
                "due_period_end": due.end,
                "baseline_period_start": baseline.start if baseline else None,
            },
        )


@seed_of(Qualifier, "framework__qualifier", key="qualifier_id", leave_out="period_style", also="period_start")
def qualifiers() -> Records:
    for each in framework().qualifiers:
        yield each, {"period_start": read_period(each.period, each.period_style).start}
