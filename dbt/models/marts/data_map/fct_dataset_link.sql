-- One row per pair of datasets with records of people that could be joined: what they share, and what stands in the way as far as
-- descriptions say. `unknown` means that nobody has said what identifies their records or on what basis they may be shared.
with dataset as (

    select
        *,
        -- Records of people, not figures of areas.
        entry = 'holding' and kind not in ('open_data', 'official_statistics', 'compiled_indicators', 'catalogue', 'plan_or_report', 'survey')
            as has_records,
        population && array['looked_after', 'care_experienced'] and coalesce(care_experience_marker, '') != 'no_marker' as is_of_care
    from {{ ref('dim_dataset') }}

),

pair as (

    {{ joinable_pairs('dataset') }}

)

select
    dataset_id,
    other_dataset_id,
    shared_identifiers,
    shared_population,
    geography,
    period_from,
    period_to,
    blocked_by
from pair
