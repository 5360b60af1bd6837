-- One row per figure and line of publications that changed it after it was first published: first and latest, how far
-- apart and how long. A correction of ours is no revision, and nothing is compared across a break: both are of one period.
with published as (

    select
        *,
        max(position) filter (where is_changed) over (partition by {{ figure_key() }}, publication_series) as last_change
    from {{ ref('int_observation_history') }}
    where is_revised and entry = 'published'

),

-- In one pass: joined to itself it would be gone through again for each figure, as soon as the planner expects few of them.
line as (

    select
        {{ figure_key() }},
        publication_series,
        min(indicator_id) as indicator_id,
        min(period_label) as period_label,
        min(unit) as unit,
        min(obs_value) filter (where position = 1) as first_obs_value,
        min(publication_id) filter (where position = 1) as first_publication_id,
        min(known_from) filter (where position = 1) as first_known_from,
        min(date_basis) filter (where position = 1) as first_date_basis,
        min(obs_value) filter (where position = last_change) as latest_obs_value,
        min(publication_id) filter (where position = last_change) as latest_publication_id,
        min(known_from) filter (where position = last_change) as latest_known_from,
        min(date_basis) filter (where position = last_change) as latest_date_basis,
        min(conf_status) filter (where position = last_change) as latest_conf_status,
        count(*) as times_published,
        count(*) filter (where is_changed) as times_revised
    from published
    group by {{ figure_key() }}, publication_series

)

select
    indicator_id,
    measure_id,
    area_code,
    period_start,
    period_end,
    period_label,
    breakdown,
    breakdown_value,
    unit,
    publication_series,
    first_obs_value as first_value,
    first_publication_id,
    first_known_from,
    first_date_basis,
    latest_obs_value as latest_value,
    latest_publication_id,
    latest_known_from,
    latest_date_basis,
    latest_obs_value - first_obs_value as size,
    (latest_obs_value - first_obs_value) / nullif(first_obs_value, 0) as relative_size,
    latest_known_from - first_known_from as days_between,
    first_date_basis = 'day' and latest_date_basis = 'day' as days_are_exact,
    case
        when latest_conf_status != 'free' then 'withheld'
        when first_obs_value is null then 'given_later'
        when latest_obs_value is null then 'withdrawn'
        when latest_obs_value > first_obs_value then 'up'
        when latest_obs_value < first_obs_value then 'down'
        else 'back_to_first'
    end as direction,
    times_published::integer as times_published,
    times_revised::integer as times_revised
from line
