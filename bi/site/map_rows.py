"""The rows of the Data Map's queries, as `bi.site.rows` has those of all others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple


class DatasetLink(NamedTuple):
    """What a dataset speaks to, by somebody's judgement or as a fact."""

    dataset_id: str
    target_kind: str
    target_id: str
    vision_statement_id: str | None
    how: str
    basis: str
    author: str | None
    decided_on: date | None
    reason: str


class Duplicate(NamedTuple):
    """Two datasets that may be the same thing twice."""

    dataset_id: str
    other_dataset_id: str
    score: Decimal
    reasons: list[str]


class Joinable(NamedTuple):
    """Two datasets that could be joined, and what stands in the way."""

    dataset_id: str
    other_dataset_id: str
    shared_identifiers: list[str]
    shared_population: list[str]
    geography: str | None
    period_from: date | None
    period_to: date | None
    blocked_by: str


class QuestionAnswer(NamedTuple):
    question_id: str
    question_text: str
    source_url: str
    answered: str
    dataset_ids: list[str]
    by_what: str | None


class SearchWord(NamedTuple):
    word: str
    synonym_group: str


class Requirement(NamedTuple):
    """What an organisation must make, for whom, under which duty and when."""

    requirement_id: str
    report_id: str
    organisation_id: str | None
    organisation_words: str | None
    via: str | None
    title: str
    kind: str
    sent_to: list[str]
    duty: str | None
    duty_url: str | None
    frequency: str | None
    when_words: str | None
    months: list[int]
    expected_from: date | None
    subject: str | None
    same_again: list[str]
    could_align: list[str]
    not_known: list[str]
    source_url: str | None
    note: str | None


class Strands(NamedTuple):
    """What the numbers show, what was heard and what organisations do, beside one outcome."""

    outcome_id: str
    vision_statement_id: str
    publication_state: str
    indicators: int
    indicators_with_figures: int
    improving: int
    worsening: int
    numbers_show: str
    pieces_heard: int
    commitments: int
    commitments_reached: int
    commitments_past_due: int
    commitments_without_owner: int
    commitments_without_date: int
    missing: list[str]
    different_ways: str | None


class MapGap(NamedTuple):
    """What the map finds missing by itself."""

    data_gap_id: str
    vision_statement_id: str | None
    outcome_id: str | None
    indicator_id: str | None
    question_id: str | None
    dataset_id: str | None
    kind: str
    description: str
    why: str | None
    since: str | None
    could_be_filled_by: list[str]
    source_url: str | None
