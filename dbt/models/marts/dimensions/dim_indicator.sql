-- One row per indicator, and whether the loaded sources give figures for it, for Scotland or for councils.
with figures as (

    select
        indicator_id,
        bool_or(obs_value is not null) as has_figures,
        bool_or(obs_value is not null and area_code like 'S12%') as has_council_figures
    from {{ ref('int_observation_current') }}
    where choice = 1
    group by indicator_id

)

select
    indicator.indicator_id,
    indicator.outcome_id,
    indicator.vision_statement_id,
    indicator.name,
    indicator.short_name,
    indicator.kind,
    indicator.definition,
    indicator.source_publication,
    indicator.producer_organisation_id,
    indicator.frequency,
    indicator.publication_month,
    indicator.population_marker,
    indicator.population_marker_words,
    string_to_array(indicator.geography, ' ') as geography,
    indicator.direction,
    indicator.direction_basis,
    indicator.publication_state,
    indicator.proposed_because,
    indicator.baseline_period_start::date as baseline_period_start,
    indicator.baseline_note,
    indicator.headline_measure_id,
    indicator.source_preference,
    indicator.minimum_periods::integer as minimum_periods,
    'Change from the baseline period to the latest, judged by the measure''s own threshold' as method,
    indicator.last_updated,
    indicator.next_update_due,
    indicator.source_url,
    indicator.display_order::integer as display_order,
    coalesce(figures.has_figures, false) as has_figures,
    coalesce(figures.has_council_figures, false) as has_council_figures
from {{ ref('framework__indicator') }} as indicator
left join figures on indicator.indicator_id = figures.indicator_id
