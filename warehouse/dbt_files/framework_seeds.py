"""The Promise Progress Framework as seeds: statements, outcomes, indicators with what feeds them, what is missing."""

from __future__ import annotations

from promise.catalogue.framework import framework
from promise.catalogue.framework_indicators import Indicator
from promise.catalogue.framework_measures import Measure, PeriodException, Series
from promise.catalogue.framework_model import Evidence, Question, Theme, ThemeOutcome
from promise.catalogue.framework_signals import Signal
from promise.catalogue.framework_small_numbers import SmallNumbers
from promise.catalogue.framework_statements import DataGap, Outcome, VisionStatement
from warehouse.dbt_files.seeds import Records, Rows, seed, seed_of


@seed_of(VisionStatement, "framework__vision_statement", key="vision_statement_id", leave_out="outcomes data_gaps")
def vision_statements() -> Records:
    return [(each, {}) for each in framework().vision_statements]


@seed_of(Outcome, "framework__outcome", key="outcome_id", also="vision_statement_id")
def outcomes() -> Records:
    return [(each, {"vision_statement_id": statement.id}) for statement, each in framework().outcomes()]


@seed_of(
    Indicator,
    "framework__indicator",
    key="indicator_id",
    leave_out="place reported_by measures",
    also="vision_statement_id display_order",
)
def indicators() -> Records:
    for position, (statement, _, each) in enumerate(framework().indicators(), start=1):
        yield each, {"vision_statement_id": statement.id, "display_order": position}


@seed_of(
    Measure,
    "framework__measure",
    key="measure_id",
    leave_out="parts parts_by bounds threshold series",
    also="indicator_id lower_bound upper_bound threshold_value threshold_unit threshold_author threshold_reason"
    " display_order",
)
def measures() -> Records:
    for indicator in framework().by_id.values():
        for position, each in enumerate(indicator.measures, start=1):
            threshold = framework().threshold(each)
            yield (
                each,
                {
                    "indicator_id": indicator.id,
                    "lower_bound": each.bounds[0],
                    "upper_bound": each.bounds[1],
                    "threshold_value": threshold.value,
                    "threshold_unit": threshold.unit,
                    "threshold_author": threshold.author,
                    "threshold_reason": threshold.reason,
                    "display_order": position,
                },
            )


@seed_of(SmallNumbers, "framework__small_numbers", leave_out="people")
def small_numbers() -> Records:
    return [(framework().small_numbers, {})]


@seed_of(Signal, "framework__signal", key="signal_rule_id")
def signals() -> Records:
    return [(each, {}) for each in framework().signals]


@seed("framework__people", "measure_id counted_by_measure_id counts")
def people() -> Rows:
    """Whose counts add up to the people whom a council's figure is of, one row per measure of councils and count."""
    for _, measure in framework().measures():
        counted = framework().people(measure) if measure.geography == "council" else None
        yield from ((measure.id, each, counted.counts) for each in counted.counted_by) if counted else ()


@seed_of(Series, "framework__series", leave_out="period_exceptions", also="measure_id")
def series() -> Records:
    return [(each, {"measure_id": measure.id}) for _, measure, each in framework().series()]


@seed_of(
    PeriodException,
    "framework__period_exception",
    named={"label": "period_as_published", "means": "period_label"},
    also="source_id series_label series_heading",
)
def period_exceptions() -> Records:
    for _, _, each in framework().series():
        of = {"source_id": each.source, "series_label": each.label, "series_heading": each.heading}
        yield from ((item, of) for item in each.period_exceptions)


@seed_of(DataGap, "framework__data_gap", key="data_gap_id", also="vision_statement_id about")
def data_gaps() -> Records:
    for statement, each in framework().data_gaps():
        yield each, {"vision_statement_id": statement.id if statement else None, "about": each.about}


@seed_of(Evidence, "framework__evidence", key="evidence_id")
def evidence() -> Records:
    return [(each, {}) for each in framework().evidence]


@seed_of(Question, "framework__question", key="question_id")
def questions() -> Records:
    return [(each, {}) for each in framework().what_matters.questions]


@seed_of(
    Theme,
    "framework__route_map",
    key="theme_id",
    named={"name": "theme"},
    leave_out="outcomes",
    also="foundation",
)
def route_maps() -> Records:
    return [(theme, {"foundation": foundation.name}) for foundation, theme in framework().themes()]


@seed_of(ThemeOutcome, "framework__route_map_outcome", key="route_map_outcome_id", also="theme_id")
def route_map_outcomes() -> Records:
    for _, theme in framework().themes():
        yield from ((each, {"theme_id": theme.id}) for each in theme.outcomes)
