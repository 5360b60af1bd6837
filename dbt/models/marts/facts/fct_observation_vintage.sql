{{
    config(indexes=[
        {'columns': ['breakdown', 'area_code', 'measure_id']},
        {'columns': ['published_from', 'published_to']},
    ])
}}
-- One row per figure and publication, and one more where we correct what was printed: every figure ever published. One
-- that its publisher gave and withholds by now keeps its row, without its value. `published_from` and `published_to` say when
-- the figure was the one that stood, without overlap, and without a gap unless it was withdrawn; null for one that never was.
-- "What did we believe on that day?" is methods.observation_as_of(day).
select
    history.indicator_id,
    history.measure_id,
    history.area_code,
    history.period_start,
    history.period_end,
    history.period_label,
    history.breakdown,
    history.breakdown_value,
    history.obs_value,
    history.unit,
    history.obs_status,
    history.conf_status,
    history.numerator,
    history.denominator,
    history.lci_95,
    history.uci_95,
    history.publication_id,
    history.source_id,
    history.snapshot_id,
    history.source_cell,
    history.published_on,
    history.is_changed as is_revised,
    history.publication_series,
    history.position::integer as position,
    {{ shown_from() }} as published_from,
    {{ shown_to() }} as published_to,
    history.superseded_by,
    history.is_latest,
    history.entry,
    history.correction_id,
    history.known_from,
    history.date_basis,
    history.has_been_revised,
    history.withheld_from,
    history.withdrawn_from,
    {{ source_kind() }} as source_kind,
    transcription.read_from,
    transcription.seen_through
from {{ ref('int_observation_history') }} as history
left join {{ ref('int_observation_contest') }} as contest
    on {{ contested_by() }}
{{ join_transcription('history') }}
