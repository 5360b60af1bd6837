"""The rows of the site's queries: each field is a column of its query, with the type that dbt's contract promises.

A column is written here and nowhere else: `bi.site.queries` selects the fields of the row. Nullable in the contract is
optional here, so that a page which forgets that a figure can be missing does not pass the type checker.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple


class Release(NamedTuple):
    release_id: int
    released_at: datetime


class ReleaseChange(NamedTuple):
    """What is another in this release than in the one before, of a measure of an area."""

    since_release_id: int
    indicator_id: str
    measure_id: str
    area_code: str
    figures_added: int
    figures_gone: int
    figures_changed: int
    judgement_before: str | None
    judgement_now: str | None
    is_flipped: bool


class VisionStatement(NamedTuple):
    vision_statement_id: str
    number: int
    name: str
    earlier_name: str | None
    statement: str
    statement_source_url: str | None
    earlier_statement: str | None
    earlier_statement_source_url: str | None
    wording_note: str | None
    promise_report_page: int | None
    gap_statement: str | None


class Outcome(NamedTuple):
    outcome_id: str
    vision_statement_id: str
    number: int | None
    outcome_text: str | None
    earlier_text: str | None
    source_url: str | None
    publication_state: str
    proposed_because: str | None
    note: str | None


class Indicator(NamedTuple):
    indicator_id: str
    outcome_id: str
    vision_statement_id: str
    name: str
    short_name: str | None
    kind: str | None
    definition: str | None
    source_publication: str | None
    producer_organisation_id: str | None
    frequency: str | None
    publication_month: str | None
    population_marker: str
    population_marker_words: str | None
    direction: str | None
    direction_basis: str | None
    publication_state: str
    proposed_because: str | None
    baseline_period_start: date | None
    baseline_note: str | None
    baseline_absence: str | None
    baseline_filled_by: str | None
    baseline_look_at: str | None
    same_fact_as_indicator_id: str | None
    standing: str
    headline_measure_id: str | None
    minimum_periods: int | None
    method: str
    last_updated: str | None
    next_update_due: str | None
    source_url: str | None
    has_figures: bool


class Measure(NamedTuple):
    measure_id: str
    indicator_id: str
    title: str
    unit: str
    population: str
    decimals: int
    polarity: str
    role: str
    comparator_measure_id: str | None
    definition: str | None
    threshold_value: Decimal | None
    threshold_unit: str | None
    threshold_author: str | None
    threshold_reason: str | None
    caveat: str | None


class Council(NamedTuple):
    area_code: str
    area_name: str
    family_group: int | None


class Boundary(NamedTuple):
    area_code: str
    geometry: dict[str, Any]  # GeoJSON


class Source(NamedTuple):
    source_id: str
    title: str
    publisher: str
    landing_page: str | None
    licence: str
    licence_url: str | None
    attribution: str
    cadence: str
    source_kind: str
    description: str
    latest_retrieved_at: datetime | None
    feeds_indicators: list[str]


class Publication(NamedTuple):
    publication_id: str
    title: str
    publisher: str
    url: str | None
    published_on: date | None
    precision: str


class Organisation(NamedTuple):
    organisation_id: str
    name: str
    kind: str
    answers_for: str | None
    url: str | None
    datasets: int
    indicators: list[str]
    area_code: str | None


class Dataset(NamedTuple):
    dataset_id: str
    entry: str
    title: str
    description: str | None
    publisher: str | None
    organisation_id: str | None
    organisation_ids: list[str]
    url: str | None
    held_by: str | None
    catalogue: str
    source_id: str | None
    vision_statement_ids: list[str]
    indicator_ids: list[str]
    question_ids: list[str]
    in_warehouse: bool
    licence: str | None
    kind: str | None
    kind_words: str | None
    themes: list[str]
    population: list[str]
    population_words: str | None
    care_experience_marker: str | None
    care_experience_words: str | None
    unit_of_record: str | None
    size: str | None
    breakdowns: list[str]
    geography: str | None
    geography_words: str | None
    period_from: date | None
    period_to: date | None
    period_words: str | None
    frequency: str | None
    frequency_words: str | None
    access_rights: str | None
    access_route: str | None
    contact_role: str | None
    identifiers: list[str]
    identifiers_words: str | None
    quality: str | None
    quality_words: str | None
    lawful_basis: list[str]
    sharing_agreements: str | None
    how_used: str | None
    cannot_tell: str | None
    note: str | None
    figures: int | None
    councils_covered: int | None
    missing_share: Decimal | None
    figures_revised: int | None
    last_landed_at: datetime | None
    is_in_front: bool


class Observation(NamedTuple):
    """The figure that stands now."""

    measure_id: str
    area_code: str
    period_start: date
    period_end: date
    period_label: str
    breakdown: str
    breakdown_value: str
    obs_value: Decimal | None
    obs_status: str
    conf_status: str
    lci_95: Decimal | None
    uci_95: Decimal | None
    publication_id: str
    snapshot_id: str
    source_cell: str
    is_revised: bool
    read_from: str | None
    seen_through: str | None


class Edition(NamedTuple):
    """A figure as one publication gave it."""

    measure_id: str
    area_code: str
    period_start: date
    period_end: date
    period_label: str
    breakdown: str
    breakdown_value: str
    obs_value: Decimal | None
    obs_status: str
    conf_status: str
    publication_id: str
    publication_series: str
    snapshot_id: str
    source_cell: str
    is_revised: bool
    read_from: str | None
    seen_through: str | None


class Conflict(NamedTuple):
    measure_id: str
    area_code: str
    period_start: date
    chosen_publication_id: str
    chosen_value: Decimal | None
    other_publication_id: str
    other_value: Decimal | None


class Standing(NamedTuple):
    """Where a national measure stood and where it stands, as the mart of its outcome says."""

    measure_id: str
    baseline_period_start: date | None
    baseline_period_label: str | None
    latest_period_start: date | None
    latest_period_label: str | None
    change_since_baseline: Decimal | None
    moves: str | None
    previous_period_label: str | None
    change_since_previous: Decimal | None
    judgement: str
    reason: str
    judgement_since_previous: str


class Progress(NamedTuple):
    measure_id: str
    baseline_period_start: date | None
    baseline_period_label: str | None
    baseline_value: Decimal | None
    latest_period_start: date
    latest_period_label: str
    latest_value: Decimal
    previous_period_label: str | None
    previous_value: Decimal | None
    change_since_baseline: Decimal | None
    change_since_previous: Decimal | None
    judgement: str
    reason: str
    judgement_since_previous: str
    reason_since_previous: str
    judgement_since_2018_19: str
    reason_since_2018_19: str
    judgement_by_trend: str
    reason_by_trend: str | None
    possible_break_id: str | None


class ComparatorGap(NamedTuple):
    measure_id: str
    comparator_measure_id: str
    period_start: date
    period_label: str
    care_value: Decimal
    comparator_value: Decimal
    absolute_gap: Decimal


class Benchmark(NamedTuple):
    measure_id: str
    area_code: str
    period_start: date
    period_label: str
    rank: int | None
    councils_ranked: int
    quartile: int | None
    family_median: Decimal | None
    rank_reason: str | None
    tied_with: int | None
    place_from: int | None
    place_to: int | None
    people: Decimal | None
    scotland_value: Decimal | None
    lci_95: Decimal | None
    uci_95: Decimal | None
    compared_with_scotland: str | None


class DataGap(NamedTuple):
    data_gap_id: str
    vision_statement_id: str | None
    outcome_id: str | None
    indicator_id: str | None
    kind: str
    about: str
    description: str
    since: str | None
    could_be_filled_by: list[str]
    source_url: str | None


class Change(NamedTuple):
    measure_id: str
    from_period_label: str
    from_value: Decimal
    change: Decimal | None
    is_baseline: bool
    break_reason: str | None


class Check(NamedTuple):
    """A published figure beside what other published figures give."""

    measure_id: str
    area_code: str
    period_start: date
    period_end: date
    breakdown: str
    breakdown_value: str
    kind: str
    published_value: Decimal | None
    calculated_value: Decimal | None
    difference: Decimal | None
    verdict: str
    reason: str
    numerator: Decimal | None
    denominator: Decimal | None
    superseded_by: Decimal | None


class MatrixCell(NamedTuple):
    area_code: str
    measure_id: str
    period_label: str | None
    obs_value: Decimal | None
    status: str
    rank: int | None
    councils_ranked: int | None
    quartile: int | None
    scotland_value: Decimal | None
    rank_reason: str | None
    tied_with: int | None
    place_from: int | None
    place_to: int | None
    people: Decimal | None
    previous_period_label: str | None
    change_since_previous: Decimal | None


class BasketList(NamedTuple):
    """The indicators of a scope that share a judgement by a rule."""

    rule: str
    scope: str
    publication_state: str
    counted_as: str
    judgement: str
    indicator_ids: list[str]


class Disagreement(NamedTuple):
    """An indicator of which the rules say different things."""

    indicator_id: str
    publication_state: str
    counted_as: str
    since_baseline: str | None
    since_2018_19: str | None
    last_two: str | None
    trend: str | None


class Evidence(NamedTuple):
    vision_statement_ids: list[str]  # none: it is of all ten
    strand: str
    kind: str | None
    title: str
    summary: str | None
    url: str | None
    published_on: str | None


class Milestone(NamedTuple):
    vision_statement_id: str | None
    title: str
    organisation_id: str | None
    due_on: date | None
    due_precision: str | None
    status: str | None
    source_url: str | None


class Break(NamedTuple):
    """A day across which figures do not compare, until they do again where they do."""

    break_id: str
    measure_id: str | None
    continued_by_measure_id: str | None
    new_from: date
    rejoined_from: date | None
    certainty: str
    reason: str
    source_url: str


class Provenance(NamedTuple):
    """The way of a figure back to the cell of the file that this project holds."""

    measure_id: str
    area_code: str
    period_start: date
    period_end: date
    breakdown: str
    breakdown_value: str
    value_published: str | None
    area_published: str
    period_published: str
    series_label: str
    series_heading: str | None
    what_was_done: str
    source_id: str
    source_title: str
    file_name: str
    snapshot_id: str
    retrieved_at: datetime
    source_kind: str
    read_note: str | None


class Responsibility(NamedTuple):
    indicator_id: str
    produced_by: list[str]
    reported_by: list[str]
    can_change: list[str]
    basis: str | None
    reason: str | None
    about: str
    source_url: str | None


class Role(NamedTuple):
    """A part that an organisation plays in a question of the Story of Progress, or in the whole."""

    organisation_id: str
    strand: str | None
    role: str
    what: str
    stated_on: date
    stated_precision: str
    source_url: str


class Report(NamedTuple):
    report_id: str
    title: str
    kind: str
    made_by: list[str]
    made_by_words: str | None
    sent_to: list[str]
    frequency: str | None
    vision_statement_ids: list[str] | None
    indicator_ids: list[str]
    url: str | None


class Owed(NamedTuple):
    """A report that an organisation makes, and where it stands on the day of the build."""

    organisation_id: str
    report_id: str
    title: str
    kind: str
    frequency: str | None
    last_published_on: date | None
    last_published_precision: str | None
    expected_from: date | None
    expected_until: date | None
    expected_basis: str | None
    state: str
    basis: str
    as_at: date


class Expected(NamedTuple):
    """A source, and when its next figures are expected."""

    source_id: str
    title: str
    publisher_organisation_id: str
    cadence: str
    last_published_on: date | None
    last_published_precision: str | None
    expected_from: date | None
    expected_until: date | None
    expected_basis: str | None
    state: str
    basis: str
    as_at: date


class Event(NamedTuple):
    """What happened to a published figure after it was first published, and how many of its day, kind and measure."""

    event_id: str
    kind: str
    certainty: str
    indicator_id: str | None
    measure_id: str | None
    area_code: str | None
    period_label: str | None
    breakdown: str | None
    breakdown_value: str | None
    value_before: Decimal | None
    value_after: Decimal | None
    known_from: date | None
    date_basis: str | None
    description: str
    source_url: str | None
    many: int


class RevisionSummary(NamedTuple):
    """How often the figures of a measure are revised, and what would have been said of the first ones."""

    measure_id: str
    figures: int
    published_again: int
    revised: int
    judgement_at_first: str | None
    judgement_now: str | None
    judgement_flips: bool
    areas_judged: int
    areas_flipped: int


class Recommendation(NamedTuple):
    recommendation_id: str
    text: str
    is_quotation: bool
    made_by_organisation_id: str
    made_on: date
    made_precision: str
    addressed_to: list[str]
    due_on: date | None
    due_precision: str | None
    due_words: str | None
    deadline_has_passed: bool | None
    response_text: str | None
    status: str | None
    source_url: str
